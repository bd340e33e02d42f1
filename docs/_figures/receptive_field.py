"""Three layers of three taps, the second with stride 2: which inputs one output depends on."""

from __future__ import annotations

import numpy as np

from cnnsym.reference import conv1d

from .drawing.sheet import INK, Sheet, figure

KERNEL = 3
STRIDES = (1, 2, 1)
INPUTS = 15

TITLE = {"zh": "三层的感受野", "en": "The receptive field of three layers"}
ALT = {
    "zh": "四行圆点：输入和三层的输出，核长都是 {kernel}，步幅依次为 {strides}。从最上面的一个输出往下，它依赖的点"
    "依次是 {backwards} 个，其余的点是空心的。三层的感受野依次为 {fields}，相邻两个输出之间的距离依次为 "
    "{jumps} 个输入。",
    "en": "Four rows of dots, the input and the outputs of three layers with {kernel} taps each and strides "
    "{strides}. One output on top depends on {backwards} dots in the rows below it; all others are hollow. "
    "The receptive fields of the layers are {fields}, and their neighbouring outputs lie {jumps} inputs "
    "apart.",
}
CAPTION = {
    "zh": "每层 {kernel} 个元素，步幅 {strides}。实心点是最上面那个输出所依赖的。感受野 *r* 依次为 {fields}；第二层"
    "的步幅不改变它自己的 *r*，却使第三层的增量加倍。",
    "en": "Each layer has {kernel} taps; the strides are {strides}. Solid dots are those that the output on top "
    "depends on. The receptive field *r* grows to {fields}: the stride of the second layer leaves its own "
    "field as it is and doubles the growth in the third.",
}
_NAMES = {"zh": ("输入", "第 {l} 层"), "en": ("input", "layer {l}")}


def reached(layers: int) -> list[np.ndarray]:
    """For each row from the input to layer `layers`, which places the middle output of the last one depends on.

    A kernel of ones makes the gradient of an output positive exactly at the inputs that it reads.
    """
    rows = [np.zeros((1, 1, INPUTS))]
    W = np.ones((1, 1, KERNEL))
    for stride in STRIDES[:layers]:
        rows.append(conv1d.forward(rows[-1], W, stride=stride))
    grad = np.zeros_like(rows[-1])
    grad[..., grad.shape[2] // 2] = 1
    found = [grad]
    for below, stride in zip(rows[-2::-1], STRIDES[:layers][::-1], strict=True):
        grad = conv1d.backward(grad, below, W, stride=stride)[0]
        found.append(grad)
    return [row[0, 0] > 0 for row in found[::-1]]


def fields() -> list[int]:
    """The receptive field of each layer."""
    return [int(reached(layers)[0].sum()) for layers in range(1, len(STRIDES) + 1)]


def jumps() -> list[int]:
    """How many inputs neighbouring outputs of each layer lie apart: the strides so far, multiplied."""
    return [int(np.prod(STRIDES[:layers])) for layers in range(1, len(STRIDES) + 1)]


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    backwards = [int(row.sum()) for row in reached(len(STRIDES))[-2::-1]]
    named = {"strides": STRIDES, "fields": fields(), "jumps": jumps(), "backwards": backwards}
    return {"kernel": KERNEL} | {name: ", ".join(map(str, values)) for name, values in named.items()}


def draw(lang: str) -> str:
    """Rows of dots, the input at the bottom, with the connections of the output on top."""
    sheet = Sheet(328, 262)
    step, left, low, high = 16.6, 88.0, 240.0, 72.0
    rows = reached(len(STRIDES))
    places = [[left + step * e for e in range(INPUTS)]]
    for stride, row in zip(STRIDES, rows[1:], strict=True):
        below = places[-1]
        places.append([below[stride * u + KERNEL // 2] for u in range(len(row))])
    names, r, j = _NAMES[lang], [1, *fields()], [1, *jumps()]
    for k, row in enumerate(rows):
        y = low - k * high
        if k:
            for u, x in enumerate(places[k]):
                for a in range(KERNEL):
                    below = places[k - 1][STRIDES[k - 1] * u + a]
                    if row[u]:
                        sheet.line(x, y, below, y + high, ink=INK[0], width=1.5)
                    else:
                        sheet.line(x, y, below, y + high, opacity=0.13)
    for k, row in enumerate(rows):
        y = low - k * high
        for solid, x in zip(row, places[k], strict=True):
            fill = INK[0] if solid else "var(--md-default-bg-color)"
            sheet.circle(x, y, 5.5, fill=fill, ink=INK[0] if solid else "var(--cnnsym-muted)", width=1.3)
        sheet.text(2, y - 4, names[1].format(l=k) if k else names[0], bold=True)
        sheet.text(2, y + 13, f"*r* = {r[k]}, *j* = {j[k]}", size=12)
    return figure("receptive-field", TITLE[lang], ALT[lang].format(**numbers()), sheet)
