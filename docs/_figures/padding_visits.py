"""Valid, same and full padding: how many windows read each pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv2d

from .drawing.cells import grid, lattice
from .drawing.sheet import INK, Sheet, figure

IMAGE, KERNEL = 7, 3
PADDING = {"valid": 0, "same": (KERNEL - 1) // 2, "full": KERNEL - 1}

TITLE = {
    "zh": "三种补零，每个像素被读几次",
    "en": "Three kinds of padding, and how often each pixel is read",
}
ALT = {
    "zh": "三张 {image}×{image} 的图，核为 {kernel}×{kernel}，步幅 1，每个像素上写着读到它的窗口数。不补零：四角 "
    "{valid_corner}，正中 {middle}；每边补 {same} 个零：四角 {same_corner}，正中 {middle}；每边补 {full} 个零"
    "：处处 {middle}。",
    "en": "Three images of {image} by {image} pixels under a kernel of {kernel} by {kernel} with stride 1; each "
    "pixel bears the number of windows that read it. Valid: {valid_corner} in the corners, {middle} in the "
    "middle. Same, {same} row of zeros on each side: {same_corner} in the corners, {middle} in the middle. "
    "Full, {full} rows of zeros: {middle} everywhere.",
}
CAPTION = {
    "zh": "{kernel}×{kernel} 的核，步幅 1。方格里的数是读到这个像素的窗口数，虚线格是补的零。不补零时，四角的"
    "像素只读 {valid_corner} 次；补到大小相同，读 {same_corner} 次；只有全卷积对所有像素一视同仁。",
    "en": "A kernel of {kernel}×{kernel}, stride 1. In each cell stands the number of windows that read this "
    "pixel; dashed cells are zeros. A corner is read {valid_corner}× with valid and {same_corner}× with same "
    "padding; only full padding treats all pixels alike.",
}
_OUTPUT = {"zh": "输出 {n}×{n}", "en": "output {n}×{n}"}
_KIND = {
    "zh": {"valid": "有效：不补零", "same": "相同：每边补 {p}", "full": "全：每边补 {p}"},
    "en": {"valid": "valid: no zeros", "same": "same: {p} on each side", "full": "full: {p} on each side"},
}


def visits(padding: int) -> NDArray[np.float64]:
    """How many windows read each pixel `(H, W)`: the gradient of the sum of all outputs, with a kernel of ones."""
    x, W = np.zeros((1, 1, IMAGE, IMAGE)), np.ones((1, 1, KERNEL, KERNEL))
    grad_y = np.ones_like(conv2d.forward(x, W, padding=padding))
    return conv2d.backward(grad_y, x, W, padding=padding)[0][0, 0]


def width(padding: int) -> int:
    """The width of the output."""
    x, W = np.zeros((1, 1, IMAGE, IMAGE)), np.ones((1, 1, KERNEL, KERNEL))
    return conv2d.forward(x, W, padding=padding).shape[3]


def numbers() -> dict[str, int]:
    """What the texts speak of."""
    maps = {kind: visits(padding) for kind, padding in PADDING.items()}
    corners = {f"{kind}_corner": int(m[0, 0]) for kind, m in maps.items()}
    middle = int(maps["valid"][IMAGE // 2, IMAGE // 2])
    return {"image": IMAGE, "kernel": KERNEL, "middle": middle, **PADDING, **corners}


def draw(lang: str) -> str:
    """Three heat maps, each with its ring of zeros."""
    side, around = 18.0, max(PADDING.values())
    sheets = []
    for kind, padding in PADDING.items():
        whole = (IMAGE + 2 * around) * side
        sheet = Sheet(whole + 4, whole + 44)
        sheet.text(2 + whole / 2, 16, _KIND[lang][kind].format(p=padding), anchor="middle", bold=True)
        left, top = 2 + around * side, 26 + around * side
        if padding:
            lattice(
                sheet,
                left - padding * side,
                top - padding * side,
                *(IMAGE + 2 * padding,) * 2,
                side,
                dash="2 3",
                opacity=0.5,
            )
            sheet.rect(left, top, IMAGE * side, IMAGE * side, fill="var(--md-default-bg-color)")
        grid(sheet, left, top, visits(padding), side, ink=INK[0], most=KERNEL**2, size=11)
        sheet.text(2 + whole / 2, whole + 40, _OUTPUT[lang].format(n=width(padding)), anchor="middle")
        sheets.append(sheet)
    return figure("padding-visits", TITLE[lang], ALT[lang].format(**numbers()), *sheets)
