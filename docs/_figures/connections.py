"""Fully connected, locally connected, convolutional: the connections, and how many weights they need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv1d, linear

from .drawing.sheet import INK, Sheet, figure

INPUTS, TAPS = 7, 3
WIDE = 1000
# The connections of one tap share a colour and a dash.
DASHES = ("", "6 3", "1.5 2.5")

TITLE = {"zh": "连接与权重", "en": "Connections and weights"}
ALT = {
    "zh": "三张图，下面 {inputs} 个输入，上面 {outputs} 个输出。全连接：{fc} 条连接，{fc_weights} 个权重。局部连接"
    "：每个输出只连相邻的 {taps} 个输入，{local} 条连接，{local_weights} 个权重。卷积：同样的 {conv} 条连接，"
    "但只有 {conv_weights} 种线，对应 {conv_weights} 个权重。",
    "en": "Three drawings with {inputs} inputs below and {outputs} outputs above. Fully connected: {fc} "
    "connections, {fc_weights} weights. Locally connected: every output sees {taps} neighbouring inputs "
    "only, {local} connections and {local_weights} weights. Convolution: the same {conv} connections, but "
    "only {conv_weights} kinds of lines, for {conv_weights} weights.",
}
CAPTION = {
    "zh": "*m* = {inputs} 个输入，*k* = {taps}。稀疏减少的是连接，共享减少的是权重：线型相同的连接用同一个权重。输"
    "入有 {wide} 个时，权重依次是 {fc_wide}、{local_wide} 和 {conv_wide} 个。",
    "en": "*m* = {inputs} inputs, *k* = {taps}. Sparsity leaves fewer connections, sharing fewer weights: "
    "connections with the same line have the same weight. With {wide} inputs the numbers of weights are "
    "{fc_wide}, {local_wide} and {conv_wide}.",
}
_WORDS = {
    "zh": {"fc": "全连接", "local": "局部连接", "conv": "卷积", "lines": "{n} 条连接", "weights": "{n} 个权重"},
    "en": {
        "fc": "fully connected",
        "local": "locally connected",
        "conv": "convolution",
        "lines": "{n} connections",
        "weights": "{n} weights",
    },
}


def reads(m: int, k: int) -> NDArray[np.bool_]:
    """Which inputs each output of a convolution reads, `(m - k + 1, m)`: the columns are its answers to impulses."""
    return conv1d.forward(np.eye(m)[:, None, :], np.ones((1, 1, k)))[:, 0].T > 0


def counts(m: int, k: int) -> dict[str, tuple[int, int]]:
    """How many connections and how many weights each kind has."""
    local = reads(m, k)
    W, kernel = np.zeros(local.shape), np.zeros((1, 1, k))
    linear.forward(np.zeros((1, m)), W, np.zeros(len(W)))
    conv1d.forward(np.zeros((1, 1, m)), kernel)
    used = int(local.sum())
    return {"fc": (W.size, W.size), "local": (used, used), "conv": (used, kernel.size)}


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    found: dict[str, object] = {
        "inputs": INPUTS,
        "outputs": len(reads(INPUTS, TAPS)),
        "taps": TAPS,
        "wide": f"{WIDE:,}",
    }
    for kind, (lines, weights) in counts(INPUTS, TAPS).items():
        found |= {kind: lines, f"{kind}_weights": weights, f"{kind}_wide": f"{counts(WIDE, TAPS)[kind][1]:,}"}
    return found


def draw(lang: str) -> str:
    """A sheet for each kind."""
    local, sheets, words = reads(INPUTS, TAPS), [], _WORDS[lang]
    step, left, low, high = 30.0, 16.0, 128.0, 42.0
    shift = (INPUTS - len(local)) / 2
    for kind, (lines, weights) in counts(INPUTS, TAPS).items():
        sheet = Sheet(212, 184)
        sheet.text(106, 16, words[kind], anchor="middle", bold=True)
        joined = np.ones_like(local) if kind == "fc" else local
        for u, j in zip(*np.nonzero(joined), strict=True):
            tap = int(j - u)
            look = {"ink": INK[tap], "dash": DASHES[tap], "width": 1.8} if kind == "conv" else {"opacity": 0.5}
            sheet.line(left + step * j, low, left + step * (u + shift), high, **look)
        for count, y, lift in ((INPUTS, low, 0.0), (len(local), high, shift)):
            for e in range(count):
                sheet.circle(
                    left + step * (e + lift), y, 7, fill="var(--md-default-bg-color)", ink="currentColor", width=1.5
                )
        sheet.text(106, 158, words["lines"].format(n=lines), anchor="middle")
        sheet.text(106, 177, words["weights"].format(n=weights), anchor="middle", bold=True)
        sheets.append(sheet)
    return figure("connections", TITLE[lang], ALT[lang].format(**numbers()), *sheets)
