"""Which pixels receive the gradient, and how much: average, maximum, and global pooling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import avg_pool2d, gap, global_max_pool, max_pool2d

from .drawing.cells import grid
from .drawing.sheet import INK, Sheet, figure

IMAGE = ((1, 3, 2, 0), (4, 2, 5, 7), (0, 6, 9, 1), (8, 5, 2, 3))
GRADIENT = ((4, 8), (12, 16))
WINDOW = 2

TITLE = {"zh": "梯度流回哪些像素", "en": "Where the gradient goes"}
ALT = {
    "zh": "六张格子图：输入各行为 {image}；输出的梯度 4、8、12、16。平均池化把每一份平分给窗口里的四个像素。最大池"
    "化把整份给最大的像素。窗口 3、步幅 1 的最大池化里，像素 {peak} 是 {times} 个窗口的最大值，收到 {sum} 之"
    "和。全局平均给每个像素 {share}，全局最大把 {whole} 全给了最大的像素。",
    "en": "Six grids. The input has the rows {image}; the gradients of the outputs are 4, 8, 12, 16. Average "
    "pooling shares each among the four pixels of its window. Max pooling gives it to the largest pixel. "
    "With windows of 3 and stride 1, pixel {peak} is the largest of {times} windows and receives {sum}. The "
    "global average gives {share} to every pixel, the global maximum all of {whole} to the largest.",
}
CAPTION = {
    "zh": "输出的梯度都是 4、8、12、16（全局池化是 {whole}）。平均池化平分，最大池化整份给最大的像素。窗口重叠时要"
    "相加：像素 {peak} 是 {times} 个窗口的最大值，收到 {sum}。每张梯度图里的数加起来，都等于输出的梯度之和。",
    "en": "The gradients of the outputs are 4, 8, 12, 16, for the global layers {whole}. Averages share them, "
    "maxima hand them on whole. Where windows overlap, gradients add up: pixel {peak} is the largest of "
    "{times} windows and receives {sum}. In each of these grids the numbers add up to the gradients of the "
    "outputs.",
}
_NAMES = {
    "zh": {
        "x": ("输入 *x*", ""),
        "average": ("平均", "2×2，步幅 2"),
        "maximum": ("最大", "2×2，步幅 2"),
        "overlap": ("最大", "3×3，步幅 1"),
        "gap": ("平均", "全局"),
        "global": ("最大", "全局"),
    },
    "en": {
        "x": ("input *x*", ""),
        "average": ("average", "2×2, stride 2"),
        "maximum": ("maximum", "2×2, stride 2"),
        "overlap": ("maximum", "3×3, stride 1"),
        "gap": ("average", "global"),
        "global": ("maximum", "global"),
    },
}


def image() -> NDArray[np.float64]:
    """The input, `(1, 1, 4, 4)`."""
    return np.array(IMAGE, float)[None, None]


def gradients() -> dict[str, NDArray[np.float64]]:
    """The gradient by the input, `(4, 4)`, for each layer."""
    x, g = image(), np.array(GRADIENT, float)[None, None]
    whole = np.array([[g.max()]])
    return {
        "average": avg_pool2d.backward(g, x.shape[2:], WINDOW)[0, 0],
        "maximum": max_pool2d.backward(g, x, WINDOW)[0, 0],
        "overlap": max_pool2d.backward(g, x, WINDOW + 1, stride=1)[0, 0],
        "gap": gap.backward(whole, x.shape[2:])[0, 0],
        "global": global_max_pool.backward(whole, x)[0, 0],
    }


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    x, found = image(), gradients()
    peak = int(x.max())
    times = int((max_pool2d.forward(x, WINDOW + 1, stride=1) == peak).sum())
    return {
        "image": "; ".join(", ".join(map(str, row)) for row in IMAGE),
        "peak": peak,
        "times": times,
        "sum": int(found["overlap"].max()),
        "share": int(found["gap"].max()),
        "whole": int(found["global"].max()),
    }


def draw(lang: str) -> str:
    """A small sheet for each layer, and one for the input."""
    side, sheets = 24.0, []
    for k, (name, values) in enumerate(({"x": image()[0, 0]} | gradients()).items()):
        sheet = Sheet(98, 146)
        left, top = 1.0, 42.0
        sheet.text(49, 15, _NAMES[lang][name][0], anchor="middle", bold=True)
        sheet.text(49, 33, _NAMES[lang][name][1], anchor="middle", size=12, ink="var(--cnnsym-muted)")
        grid(sheet, left, top, values, side, ink=INK[0 if k else 2], most=28 if k else 18, hide_zeros=bool(k), size=12)
        sheets.append(sheet)
    return figure("gradient-flow", TITLE[lang], ALT[lang].format(**numbers()), *sheets)
