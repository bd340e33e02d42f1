"""Flattening against global average pooling: what the classifier is given, and what a shift changes in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv2d, flatten, gap, linear, relu

from .drawing.cells import DARKEST, grid
from .drawing.sheet import INK, Sheet, figure

CLASSES = 2
# Three filters: vertical edges, horizontal edges, brightness.
FILTERS = (((-1, 1), (-1, 1)), ((-1, -1), (1, 1)), ((1, 1), (1, 1)))

TITLE = {"zh": "拉平与全局平均池化", "en": "Flattening and global average pooling"}
ALT = {
    "zh": "左：{channels} 个 {side}×{side} 的特征图拉平成 {flat} 个数，再以 {flat_weights} 条连线接到 {classes} 个"
    "类；循环平移特征图，{flat} 个数里有 {flat_changed} 个变了。右：同样的特征图各取平均，得到 {channels} 个"
    "数，以 {gap_weights} 条连线接到 {classes} 个类；平移之后，{gap_changed} 个变了。",
    "en": "Left: {channels} feature maps of {side} by {side} are flattened into {flat} numbers, with "
    "{flat_weights} connections to {classes} classes; a circular shift of the maps changes {flat_changed} "
    "of the {flat} numbers. Right: of the same maps the means are taken, {channels} numbers with "
    "{gap_weights} connections to {classes} classes; the shift changes {gap_changed} of them.",
}
CAPTION = {
    "zh": "两边是同样的 {channels} 个特征图，颜色越浓数越大。拉平保留每个像素，也保留它的位置；全局平均只留下每个通"
    "道的平均值。把特征图循环平移一步，拉平的 {flat} 个数里变了 {flat_changed} 个，{gap} 个平均值变了 "
    "{gap_changed} 个。",
    "en": "The same {channels} feature maps twice; stronger colour is larger. Flattening keeps every pixel and "
    "its place, the global average one mean for each channel. Shift the maps around by one step: "
    "{flat_changed} of the {flat} flattened numbers change, and {gap_changed} of the {gap} means.",
}
_WORDS = {
    "zh": {
        "flat": "拉平",
        "gap": "全局平均",
        "kept": "{n} 个数",
        "weights": "{n} 个权重",
        "moved": "平移后变了 {n} 个",
    },
    "en": {
        "flat": "flatten",
        "gap": "global average",
        "kept": "{n} numbers",
        "weights": "{n} weights",
        "moved": "changed by a shift: {n}",
    },
}


def maps() -> NDArray[np.float64]:
    """The feature maps of a small drawing of a house, `(1, 3, 4, 4)`; whole numbers, so that sums are exact."""
    house = ((0, 0, 0, 0, 0), (0, 0, 2, 0, 0), (0, 2, 3, 2, 0), (0, 3, 1, 3, 0), (0, 3, 1, 3, 0))
    return relu.forward(conv2d.forward(np.array(house, float)[None, None], np.array(FILTERS, float)[:, None]))


def weights(features: NDArray[np.float64]) -> int:
    """How many weights a classifier on these features has, one for each pair of a class and a number."""
    W = np.zeros((CLASSES, features.shape[1]))
    linear.forward(features, W, np.zeros(CLASSES))
    return W.size


def numbers() -> dict[str, int]:
    """What the texts speak of."""
    x = maps()
    shifted = np.roll(x, (1, 1), axis=(2, 3))
    found = {"channels": x.shape[1], "side": x.shape[2], "classes": CLASSES}
    for name, layer in (("flat", flatten.forward), ("gap", gap.forward)):
        y = layer(x)
        found |= {name: y.size, f"{name}_weights": weights(y), f"{name}_changed": int((y != layer(shifted)).sum())}
    return found


def draw(lang: str) -> str:
    """Two sheets with the same maps: to the left each map, in the middle what is kept, to the right the scores."""
    sheets, texts = [], numbers()
    for kind, layer in (("flat", flatten.forward), ("gap", gap.forward)):
        x, kept = maps(), layer(maps())[0]
        sheet, side, most = Sheet(300, 398), 20.0, float(x.max())
        tall = 6.0 if kind == "flat" else 24.0
        sheet.text(150, 16, _WORDS[lang][kind], anchor="middle", bold=True)
        middle, column, scores = 32 + 144.0, 138.0, 262.0
        top = middle - tall * len(kept) / 2
        places = [middle - 44, middle + 44]
        for k in range(len(kept)):
            for y in places:
                faint = 0.28 if kind == "flat" else 0.8
                sheet.line(column + 14, top + (k + 0.5) * tall, scores - 9, y, ink=INK[1], opacity=faint)
        for c in range(x.shape[1]):
            y = 32 + c * 104.0
            grid(sheet, 8, y, x[0, c], side, shown=False, most=most)
            at, cells = (top + c * tall * x[0, c].size, x[0, c].size) if kind == "flat" else (top + c * tall, 1)
            for one, other in ((y, at), (y + 4 * side, at + cells * tall)):
                sheet.line(8 + 4 * side + 3, one, column - 3, other, opacity=0.4, dash="3 3")
        for k, value in enumerate(kept):
            sheet.rect(column, top + k * tall, 14, tall, fill=INK[0], shade=round(DARKEST * float(value) / most, 3))
        for c in range(x.shape[1]):
            cells = len(kept) // x.shape[1]
            sheet.rect(column, top + c * cells * tall, 14, cells * tall, ink="currentColor", opacity=0.5)
        for y in places:
            sheet.circle(scores, y, 9, fill="var(--md-default-bg-color)", ink="currentColor", width=1.5)
        for k, (word, count) in enumerate(
            (("kept", kind), ("weights", f"{kind}_weights"), ("moved", f"{kind}_changed"))
        ):
            sheet.text(8, 352 + 19 * k, _WORDS[lang][word].format(n=texts[count]))
        sheets.append(sheet)
    return figure("flatten-gap", TITLE[lang], ALT[lang].format(**texts), *sheets)
