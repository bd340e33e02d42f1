"""A convolution of a photograph and of its shift: equal at stride 1, not at stride 2."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnsym.reference import conv2d

from .drawing.cells import gray
from .drawing.sheet import INK, Sheet, figure

SIZE = 48
# An edge filter with whole numbers: all sums are exact.
KERNEL = ((1, 0, -1), (2, 0, -2), (1, 0, -1))
SHIFTS = {1: 12, 2: 1}  # by how many pixels the image is moved, for each stride

TITLE = {"zh": "先平移还是先卷积", "en": "Shift first, or convolve first"}
ALT = {
    "zh": "一张人像照片和检测竖直边缘的核。左，步幅 1：先把照片右移 {shift1} 个像素再卷积，与先卷积再移动，相差 "
    "{difference1}。右，步幅 2：照片右移 {shift2} 个像素再卷积；原来的输出无论怎样移动，都与它至少相差 "
    "{difference2}。",
    "en": "A photograph of a person and a kernel for vertical edges. Left, stride 1: shifting the photograph by "
    "{shift1} pixels and then convolving differs from convolving and then shifting by {difference1}. Right, "
    "stride 2: the photograph is shifted by {shift2} pixel; however the former output is shifted, it "
    "differs from the new one by {difference2} at least.",
}
CAPTION = {
    "zh": "竖直边缘的核，图的边界首尾相接。每组最下面是两条路的结果之差，灰色是 0。步幅 1、移动 {shift1} 个像素：差"
    "处处为 {difference1}。步幅 2、移动 {shift2} 个像素：把原来的输出移到最接近的地方，最大的差仍有 "
    "{difference2}，而输出最大才 {most2}。",
    "en": "A kernel for vertical edges; the ends of the image meet. The lowest picture is the difference of the "
    "two ways; gray is 0. Stride 1, shifted by {shift1} pixels: the difference is {difference1} everywhere. "
    "Stride 2, shifted by {shift2} pixel: even where the former output is moved to match best, the largest "
    "difference is {difference2}; the largest output is {most2}.",
}
_WORDS = {
    "zh": {"stride": "步幅 {s}", "x": "*x*", "y": "卷积", "shift": "移 {t}", "difference": "差：最大 {d}"},
    "en": {
        "stride": "stride {s}",
        "x": "*x*",
        "y": "convolve",
        "shift": "shift {t}",
        "difference": "difference: at most {d}",
    },
}


def photograph() -> NDArray[np.float64]:
    """Rear Admiral Grace Hopper, in whole shades from 0 to 255, `(48, 48)`.

    A photograph of the US Navy, in the public domain; Matplotlib brings it along.
    """
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    with Image.open(path) as picture:
        small = picture.convert("L").crop((66, 20, 446, 400)).resize((SIZE, SIZE), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float64)


def convolved(x: NDArray[np.float64], stride: int) -> NDArray[np.float64]:
    """The layer on the torus: the image continues at its other end."""
    return conv2d.forward(np.pad(x, 1, mode="wrap")[None, None], np.array(KERNEL, float)[None, None], stride=stride)[
        0, 0
    ]


def compared(stride: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The output at the shifted image, and its difference from that shift of the former output which is nearest."""
    x = photograph()
    before, after = convolved(x, stride), convolved(np.roll(x, SHIFTS[stride], axis=1), stride)
    rows, columns = before.shape
    differences = [after - np.roll(before, (t, l), axis=(0, 1)) for t in range(rows) for l in range(columns)]
    return after, min(differences, key=lambda d: float(np.abs(d).max()))


def numbers() -> dict[str, int]:
    """What the texts speak of."""
    found = {}
    for stride, shift in SHIFTS.items():
        after, difference = compared(stride)
        found |= {f"shift{stride}": shift, f"difference{stride}": int(np.abs(difference).max())}
        found[f"most{stride}"] = int(np.abs(after).max())
    return found


def draw(lang: str) -> str:
    """For each stride the square of four pictures, and the difference below it."""
    x, texts, words, sheets = photograph(), numbers(), _WORDS[lang], []
    tile, right, low = 112.0, 192.0, 168.0
    for stride, shift in SHIFTS.items():
        sheet = Sheet(312, 438)
        after, difference = compared(stride)
        before, most = convolved(x, stride), float(np.abs(after).max())
        sheet.text(156, 15, words["stride"].format(s=stride), anchor="middle", bold=True)
        for left, top, values, ends in (
            (4, 26, x, (0, 255)),
            (right, 26, before, (-most, most)),
            (4, low, np.roll(x, shift, axis=1), (0, 255)),
            (right, low, after, (-most, most)),
            (right, low + 142, difference, (-most, most)),
        ):
            gray(sheet, left, top, values, tile, low=ends[0], high=ends[1])
            sheet.rect(left, top, tile, tile, ink="currentColor", opacity=0.35)
        for y in (26 + tile / 2, low + tile / 2):
            sheet.arrow(8 + tile, y, right - 4, y)
            sheet.text((4 + tile + right) / 2, y - 8, words["y"], anchor="middle", size=12)
        for k, left in enumerate((4.0, right)):
            sheet.arrow(left + tile / 2, 29 + tile, left + tile / 2, low - 3)
            name = words["shift"].format(t=shift) if stride == 1 or not k else "?"
            sheet.text(
                left + tile / 2 + 8,
                (26 + tile + low) / 2 + 5,
                name,
                size=12,
                ink=INK[1] if name == "?" else "",
                bold=name == "?",
            )
        told = words["difference"].format(d=texts[f"difference{stride}"])
        sheet.text(
            right - 12, low + 142 + tile / 2, told, anchor="end", bold=True, ink=INK[0] if stride == 1 else INK[1]
        )
        sheets.append(sheet)
    return figure("equivariance", TITLE[lang], ALT[lang].format(**texts), *sheets)
