"""A convolution layer as one sparse matrix: a Toeplitz matrix of Toeplitz blocks, and what a stride leaves of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv2d

from .drawing.cells import DARKEST, grid, lattice
from .drawing.sheet import INK, Sheet, figure, number

SIZE, KERNEL = 4, 3

TITLE = {"zh": "卷积的稀疏矩阵", "en": "The sparse matrix of a convolution"}
ALT = {
    "zh": "{kernel}×{kernel} 的核，元素编号 1 到 {taps}，作用于 {size}×{size} 的图，每边补一个零。步幅 1 的矩阵有 "
    "{rows} 行 {columns} 列，分成 {size}×{size} 个块，{nonzero} 个元素不为零；每一块里、以及块与块之间，斜线"
    "上的数都相同。步幅 2 时只剩 {strided} 行，是其中第 {kept} 行。",
    "en": "A kernel of {kernel} by {kernel} whose taps are numbered 1 to {taps}, on an image of {size} by {size} "
    "with one zero on each side. The matrix for stride 1 has {rows} rows and {columns} columns in {size} by "
    "{size} blocks; {nonzero} entries are not zero. Along every diagonal of a block, and from block to "
    "block along the diagonal, the numbers are the same. With stride 2 only {strided} rows are left, rows "
    "{kept}.",
}
CAPTION = {
    "zh": "一行一个输出，一列一个像素；空格是零，数字是核的元素编号。{total} 个元素里只有 {nonzero} 个不为零，而且"
    "只有 {taps} 个不同的数。步幅 2 留下其中 {strided} 行（有标记的行）。",
    "en": "A row for each output, a column for each pixel; empty cells are zeros, numbers are taps of the kernel. "
    "Of {total} entries {nonzero} are not zero, and these are copies of {taps} numbers. Stride 2 keeps "
    "{strided} of the rows, those that are marked.",
}
_WORDS = {
    "zh": {"kernel": "核 *W*", "stride": "步幅 {s}：*A* 是 {n}×{m}"},
    "en": {"kernel": "kernel *W*", "stride": "stride {s}: *A* is {n}×{m}"},
}


def kernel() -> NDArray[np.float64]:
    """Each tap is its own number."""
    return np.arange(1.0, KERNEL**2 + 1).reshape(KERNEL, KERNEL)


def matrix(stride: int) -> NDArray[np.float64]:
    """The matrix of the layer: column `t` is the output at the image that is 1 at pixel `t` and 0 elsewhere."""
    images = np.eye(SIZE**2).reshape(SIZE**2, 1, SIZE, SIZE)
    return conv2d.forward(images, kernel()[None, None], stride=stride, padding=KERNEL // 2).reshape(SIZE**2, -1).T


def kept() -> list[int]:
    """The rows of the matrix for stride 1 that are those for stride 2, in their order."""
    whole = matrix(1)
    return [int(np.flatnonzero((whole == line).all(axis=1))[0]) for line in matrix(2)]


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    A = matrix(1)
    return {
        "kernel": KERNEL,
        "taps": len(np.unique(A[A != 0])),
        "size": SIZE,
        "rows": len(A),
        "columns": A.shape[1],
        "total": A.size,
        "nonzero": int(np.count_nonzero(A)),
        "strided": len(matrix(2)),
        "kept": ", ".join(str(u + 1) for u in kept()),
    }


def draw(lang: str) -> str:
    """The matrix for stride 1 on one sheet, the kernel and the matrix for stride 2 on the other."""
    side, left = 18.6, 14.0
    first, second = Sheet(328, 336), Sheet(328, 256)
    _matrix(first, left, 30, matrix(1), side, _WORDS[lang]["stride"].format(s=1, n=SIZE**2, m=SIZE**2))
    for u in kept():
        first.text(2, 30 + (u + 0.5) * side + 5, "▸", ink=INK[1])
    second.text(left, 18, _WORDS[lang]["kernel"], bold=True)
    grid(second, left, 30, kernel(), 28)
    strided = matrix(2)
    _matrix(second, left, 164, strided, side, _WORDS[lang]["stride"].format(s=2, n=len(strided), m=SIZE**2))
    for u in range(len(strided)):
        second.text(2, 164 + (u + 0.5) * side + 5, "▸", ink=INK[1])
    return figure("convolution-matrix", TITLE[lang], ALT[lang].format(**numbers()), first, second)


def _matrix(sheet: Sheet, x: float, y: float, A: NDArray[np.float64], side: float, name: str) -> None:
    """The entries that are not zero, with stronger lines between blocks."""
    sheet.text(x, y - 12, name, bold=True)
    most, rows, columns = float(A.max()), *A.shape
    sheet.add(f'<g text-anchor="middle" font-size="{number(11)}">')
    for i, j in zip(*np.nonzero(A), strict=True):
        sheet.rect(x + j * side, y + i * side, side, side, fill=INK[0], shade=round(DARKEST * float(A[i, j]) / most, 2))
        sheet.add(f'<text x="{number(x + (j + 0.5) * side)}" y="{number(y + (i + 0.5) * side + 4)}">{A[i, j]:g}</text>')
    sheet.add("</g>")
    lattice(sheet, x, y, rows, columns, side, opacity=0.12)
    high = math.isqrt(rows)  # outputs of one row of the image
    for u in range(0, rows + 1, high):
        sheet.line(x, y + u * side, x + columns * side, y + u * side, opacity=0.55)
    for v in range(0, columns + 1, SIZE):
        sheet.line(x + v * side, y, x + v * side, y + rows * side, opacity=0.55)
