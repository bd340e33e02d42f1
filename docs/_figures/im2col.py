"""im2col: the windows of an image as the columns of a matrix, and the layer as a product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv2d, im2col

from .drawing.cells import grid
from .drawing.sheet import INK, Sheet, figure

SIZE, WINDOW = 4, 2
MARKED = 4  # the window in the middle
KERNEL = ((1.0, 1.0), (0.0, -1.0))

TITLE = {"zh": "窗口变成矩阵的列", "en": "Windows become the columns of a matrix"}
ALT = {
    "zh": "上：{size}×{size} 的图，像素编号 0 到 {last}，一个 {window}×{window} 的窗口加了粗框。下：矩阵 Z，{n} 行"
    " {P} 列，每个窗口一列；加粗框的那一列正是上面的窗口。像素 {shared} 出现 {times} 次，都画了圈。再下面：核"
    "排成一行乘以 Z，得到 {P} 个输出。",
    "en": "Above: an image of {size} by {size} pixels, numbered 0 to {last}; one window of {window} by {window} "
    "has a thick frame. Below: the matrix Z with {n} rows and {P} columns, one for each window; the column "
    "with the thick frame is the window above. Pixel {shared} occurs {times} times and is circled. At the "
    "bottom the kernel, written as a row, times Z, which gives {P} outputs.",
}
CAPTION = {
    "zh": "有粗框的窗口就是 *Z* 中有粗框的那一列。像素 {shared} 在 {times} 个窗口里，抄了 {times} 次，所以反向时它"
    "收到 {times} 份梯度之和。核排成一行，*WZ* 就是卷积层的 {P} 个输出。",
    "en": "The window with the thick frame is the column with the thick frame. Pixel {shared} lies in {times} "
    "windows and is copied {times} times; on the way back it receives the sum of {times} gradients. With "
    "the kernel as a row, *WZ* holds the {P} outputs of the layer.",
}
_WORDS = {
    "zh": {"image": "图 *x*", "windows": "*Z*：{n}×{P}", "kernel": "核", "out": "*S* = *WZ*"},
    "en": {"image": "image *x*", "windows": "*Z*: {n}×{P}", "kernel": "kernel", "out": "*S* = *WZ*"},
}


def image() -> NDArray[np.float64]:
    """Each pixel is its own number."""
    return np.arange(float(SIZE**2)).reshape(1, 1, SIZE, SIZE)


def windows() -> NDArray[np.float64]:
    """The matrix `Z`, `(n, P)`."""
    return im2col.forward(image(), WINDOW)[0]


def outputs() -> NDArray[np.float64]:
    """The row `W Z`, `(1, P)`; the layer itself gives the same numbers, or there is no figure."""
    product = np.array(KERNEL).reshape(1, -1) @ windows()
    layer = conv2d.forward(image(), np.array(KERNEL)[None, None]).reshape(1, -1)
    if not np.array_equal(product, layer):
        raise ArithmeticError("W Z is not what the layer gives")
    return product


def numbers() -> dict[str, int]:
    """What the texts speak of."""
    n, P = windows().shape
    shared = SIZE + 1  # the second pixel of the second row
    times = int((windows() == shared).sum())
    return {"size": SIZE, "last": SIZE**2 - 1, "window": WINDOW, "n": n, "P": P, "shared": shared, "times": times}


def draw(lang: str) -> str:
    """The image, the matrix and the product below each other."""
    texts, words, Z = numbers(), _WORDS[lang], windows()
    shared, side = texts["shared"], 25.0
    sheet = Sheet(328, 350)
    left = 96.0
    top = 26.0
    sheet.text(left, 16, words["image"], bold=True)
    grid(sheet, left, top, image()[0, 0], side, most=1e9)
    per_row = SIZE - WINDOW + 1
    u, v = divmod(MARKED, per_row)
    sheet.rect(left + v * side, top + u * side, WINDOW * side, WINDOW * side, ink=INK[0], stroke=3)
    sheet.circle(left + (shared % SIZE + 0.5) * side, top + (shared // SIZE + 0.5) * side, 10.5, ink=INK[1], width=1.8)
    x, y, middle = left + (MARKED + 0.5) * side, 168.0, top + (u + WINDOW / 2) * side
    sheet.curve([(left + SIZE * side + 8, middle), (x, middle), (x, y - 12)], ink=INK[0], width=1.4)
    sheet.arrow(x, y - 13, x, y - 3, ink=INK[0])
    sheet.text(left, y - 10, words["windows"].format(**texts), bold=True)
    grid(sheet, left, y, Z, side, most=1e9)
    for t, q in zip(*np.nonzero(shared == Z), strict=True):
        sheet.circle(left + (q + 0.5) * side, y + (t + 0.5) * side, 10.5, ink=INK[1], width=1.8)
    sheet.rect(left + MARKED * side, y, side, len(Z) * side, ink=INK[0], stroke=3)
    below = y + len(Z) * side + 34
    sheet.text(2, below - 8, f"*W* ({words['kernel']})", bold=True)
    grid(sheet, 2, below, np.array(KERNEL).reshape(1, -1), 20, ink=INK[2], size=12)
    sheet.text(left, below - 8, words["out"], bold=True)
    grid(sheet, left, below, outputs(), side, most=1e9, size=12)
    return figure("im2col", TITLE[lang], ALT[lang].format(**texts), sheet)
