"""Forward and backward through a fully connected layer: which shapes meet."""

from __future__ import annotations

import numpy as np

from cnnsym.reference import linear

from .drawing.blocks import Block, row
from .drawing.sheet import Sheet, figure

INPUTS, OUTPUTS = 5, 3

TITLE = {"zh": "全连接层的形状", "en": "The shapes of a fully connected layer"}
ALT = {
    "zh": "四行矩阵乘积，画成大小相称的格子。前向：s（{s}）等于 W（{W}）乘 z（{z}）加 b（{s}）。反向：对 z 的梯度（"
    "{z}）是 W 的转置（{Wt}）乘对 s 的梯度（{s}）；对 W 的梯度（{W}）是对 s 的梯度（{s}）乘 z 的转置（{zt}）"
    "；对 b 的梯度就是对 s 的梯度。",
    "en": "Four products of matrices, drawn as cells. Forward: s, {s}, is W, {W}, times z, {z}, plus b, {s}. "
    "Backward: the gradient by z, {z}, is the transpose of W, {Wt}, times the gradient by s, {s}; the "
    "gradient by W, {W}, is the gradient by s times the transpose of z, {zt}; the gradient by b is that by "
    "s.",
}
CAPTION = {
    "zh": "第一行是前向，其余是反向。每个梯度的形状与它的变量相同；输入与输出的长度不同，所以谁要转置、放在哪一边，"
    "形状已经说定了。格子下面是行数×列数。",
    "en": "The first row is the forward pass, the others go back. Each gradient has the shape of its variable. "
    "Input and output differ in length, so the shapes say what is transposed and on which side it stands. "
    "Below each block, rows×columns.",
}
_WORDS = {"zh": ("前向", "反向"), "en": ("forward", "backward")}


def shapes() -> dict[str, tuple[int, int]]:
    """The shapes of the variables and of their gradients as the layer has them, one example as a column."""
    z, W, b = np.ones((1, INPUTS)), np.ones((OUTPUTS, INPUTS)), np.ones(OUTPUTS)
    s = linear.forward(z, W, b)
    grad_z, grad_W, grad_b = linear.backward(np.ones_like(s), z, W)
    columns = {"z": z.T, "s": s.T, "b": b[:, None], "grad_z": grad_z.T, "grad_b": grad_b[:, None]}
    found = {name: array.shape for name, array in columns.items()} | {"W": W.shape, "grad_W": grad_W.shape}
    return {name: (int(shape[0]), int(shape[1])) for name, shape in found.items()}


def numbers() -> dict[str, str]:
    """What the texts speak of."""
    named = {name: f"{n}×{m}" for name, (n, m) in shapes().items()}
    (d, n), m = shapes()["W"], shapes()["z"][0]
    return named | {"Wt": f"{n}×{d}", "zt": f"1×{m}"}


def draw(lang: str) -> str:
    """Four products below each other."""
    of, sheet = shapes(), Sheet(328, 426)

    def transposed(name: str) -> tuple[int, int]:
        return of[name][::-1]

    grad_s = Block("∇*s*", of["s"], 1)
    rows: list[tuple[float, list[Block | str]]] = [
        (
            60,
            [
                Block("*s*", of["s"]),
                "=",
                Block("*W*", of["W"], 2),
                Block("*z*", of["z"]),
                "+",
                Block("*b*", of["b"], 2),
            ],
        ),
        (180, [Block("∇*z*", of["grad_z"], 1), "=", Block("*W*ᵀ", transposed("W"), 2), grad_s]),
        (286, [Block("∇*W*", of["grad_W"], 1), "=", grad_s, Block("*z*ᵀ", transposed("z"))]),
        (374, [Block("∇*b*", of["grad_b"], 1), "=", grad_s]),
    ]
    for k, (middle, parts) in enumerate(rows):
        if k < 2:
            sheet.text(2, middle + 5, _WORDS[lang][k], bold=True)
        row(sheet, 74, middle, parts, 13)
    sheet.line(2, 118, 326, 118, opacity=0.25, dash="3 4")
    return figure("backward-linear", TITLE[lang], ALT[lang].format(**numbers()), sheet)
