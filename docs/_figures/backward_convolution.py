"""Forward and backward through a convolution layer, as products with the matrix of windows."""

from __future__ import annotations

import numpy as np

from cnnsym.reference import conv2d, im2col

from .drawing.blocks import Block, row
from .drawing.sheet import INK, Sheet, figure

HEIGHT, WIDTH, KERNEL, FILTERS = 3, 4, 2, 3

TITLE = {"zh": "卷积层的形状", "en": "The shapes of a convolution layer"}
ALT = {
    "zh": "图 x（{x}）经 im2col 成为 Z（{Z}）。前向：S（{S}）等于 W（{W}）乘 Z，再在每行加上偏置。反向：对 W 的梯度"
    "（{W}）是对 S 的梯度（{S}）乘 Z 的转置（{Zt}）；对 Z 的梯度（{Z}）是 W 的转置（{Wt}）乘对 S 的梯度（"
    "{S}）；再经 col2im 成为对 x 的梯度（{x}）。",
    "en": "The image x, {x}, becomes Z, {Z}, by im2col. Forward: S, {S}, is W, {W}, times Z, with a bias added to "
    "each row. Backward: the gradient by W, {W}, is the gradient by S, {S}, times the transpose of Z, {Zt}; "
    "the gradient by Z, {Z}, is the transpose of W, {Wt}, times the gradient by S, {S}; col2im makes of it "
    "the gradient by x, {x}.",
}
CAPTION = {
    "zh": "一张 {x} 的图，{d} 个 {k}×{k} 的核，共 {P} 个窗口。与全连接层相比，一列变成了 {P} 列，前后多了 im2col 与"
    " col2im 两步；乘积的样子没有变。偏置从略。",
    "en": "An image of {x}, {d} kernels of {k}×{k}, {P} windows. Compared with a fully connected layer there are "
    "{P} columns instead of one, and im2col and col2im at the ends; the products look the same. Biases are "
    "left out.",
}
_WORDS = {"zh": ("前向", "反向"), "en": ("forward", "backward")}


def shapes() -> dict[str, tuple[int, int]]:
    """The shapes as the layers have them, for one image of one channel."""
    x, W = np.ones((1, 1, HEIGHT, WIDTH)), np.ones((FILTERS, 1, KERNEL, KERNEL))
    Z, s = im2col.forward(x, KERNEL), conv2d.forward(x, W)
    grad_x, grad_W, _ = conv2d.backward(np.ones_like(s), x, W)
    matrices = {
        "x": x[0, 0],
        "Z": Z[0],
        "W": W.reshape(FILTERS, -1),
        "S": s[0].reshape(FILTERS, -1),
        "grad_x": grad_x[0, 0],
        "grad_W": grad_W.reshape(FILTERS, -1),
    }
    return {name: (int(array.shape[0]), int(array.shape[1])) for name, array in matrices.items()}


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    of = shapes()
    named = {name: f"{n}×{m}" for name, (n, m) in of.items()}
    turned = {f"{name}t": f"{of[name][1]}×{of[name][0]}" for name in ("W", "Z")}
    return named | turned | {"P": of["Z"][1], "d": FILTERS, "k": KERNEL}


def draw(lang: str) -> str:
    """The forward pass, then the gradients by the weights and by the image."""
    of, sheet, cell = shapes(), Sheet(328, 504), 11
    x, Z = Block("*x*", of["x"]), Block("*Z*", of["Z"])
    W, S, grad_S = Block("*W*", of["W"], 2), Block("*S*", of["S"]), Block("∇*S*", of["S"], 1)

    def turned(block: Block) -> Block:
        return Block(block.name + "ᵀ", block.shape[::-1], block.ink)

    def step(start: float, middle: float, name: str) -> None:
        sheet.arrow(start, middle, start + 58, middle, ink=INK[0] if name == "im2col" else INK[1])
        sheet.text(start + 29, middle - 8, name, anchor="middle", size=12)

    rows: list[tuple[float, float, list[Block | str]]] = [
        (82, 54, [x]),
        (204, 54, [Z]),
        (82, 148, [S, "=", W, Z]),
        (82, 260, [Block("∇*W*", of["grad_W"], 1), "=", grad_S, turned(Z)]),
        (82, 356, [Block("∇*Z*", of["Z"], 1), "=", turned(W), grad_S]),
        (82, 452, [Block("∇*Z*", of["Z"], 1)]),
        (226, 452, [Block("∇*x*", of["grad_x"], 1)]),
    ]
    for start, middle, parts in rows:
        row(sheet, start, middle, parts, cell)
    step(136, 54, "im2col")
    step(158, 452, "col2im")
    for word, middle in zip(_WORDS[lang], (54, 260), strict=True):
        sheet.text(2, middle + 5, word, bold=True)
    sheet.line(2, 198, 326, 198, opacity=0.25, dash="3 4")
    return figure("backward-convolution", TITLE[lang], ALT[lang].format(**numbers()), sheet)
