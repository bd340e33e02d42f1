"""A stride of 2 sees one phase only: a shift by one step shows it the other one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv1d

from .drawing.cells import grid
from .drawing.sheet import INK, Sheet, figure

SIGNAL = (0, 0, 0, 1, 4, 2, 0, 0, 0, 0, 0, 0, 0)
KERNEL = (1, 1)
STRIDE = 2
SHIFTS = (0, 1, 2)

TITLE = {"zh": "步幅 2 只看得见一个相位", "en": "A stride of 2 sees one phase"}
ALT = {
    "zh": "三组格子。每组上面是步幅 1 的输出，每隔一个有粗框，下面只留下有粗框的，就是步幅 {stride} 的输出。输入不"
    "动：{at0}；右移 1 步：{at1}，换成了另一批数；右移 2 步：{at2}，与第一组相同，只是右移一格。",
    "en": "Three groups of cells. In each, above, the output with stride 1, every other cell framed; below, only "
    "the framed ones are left, which is the output with stride {stride}. Input as it is: {at0}. Shifted by "
    "1: {at1}, other numbers. Shifted by 2: {at2}, those of the first group, one place further right.",
}
CAPTION = {
    "zh": "上行是步幅 1 的输出，粗框是步幅 {stride} 留下的。输入右移 2 步，下行右移 1 格，即 *t* = *sτ*；右移 1 步"
    "，留下的却是另外那些数，怎样移动都变不回来。",
    "en": "The upper rows are outputs with stride 1; the frames mark what stride {stride} keeps. A shift by 2 "
    "moves the lower row by 1, as *t* = *sτ* says. A shift by 1 brings out the numbers in between, and no "
    "shift of the output turns one into the other.",
}
_SHIFT = {"zh": ("输入不动", "输入右移 {t} 步"), "en": ("input as it is", "input shifted by {t}")}
_RESULT = {"zh": ("", "别的数", "同样的数，右移 1 格"), "en": ("", "other numbers", "the same, moved by 1")}


def output(shift: int, stride: int) -> NDArray[np.float64]:
    """The output of the layer at the signal moved to the right by `shift`."""
    x = np.roll(np.array(SIGNAL, float), shift)[None, None]
    return conv1d.forward(x, np.array(KERNEL, float)[None, None], stride=stride)[0, 0]


def moved(shift: int) -> int | None:
    """By how many places the strided output moves, if it does nothing else."""
    first, now = output(0, STRIDE), output(shift, STRIDE)
    return next((n for n in range(len(first)) if np.array_equal(np.roll(first, n), now)), None)


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    shown = {f"at{t}": ", ".join(f"{value:g}" for value in output(t, STRIDE)) for t in SHIFTS}
    return {"stride": STRIDE} | shown


def draw(lang: str) -> str:
    """A group for each shift."""
    side, left, group = 26.0, 4.0, 118.0
    sheet = Sheet(328, group * len(SHIFTS) - 14)
    for k, shift in enumerate(SHIFTS):
        whole, thinned = output(shift, 1), output(shift, STRIDE)
        y = 26 + group * k
        sheet.text(left, y - 9, _SHIFT[lang][bool(shift)].format(t=shift), bold=True)
        same = moved(shift)
        told = _RESULT[lang][0 if not shift else 1 if same is None else 2]
        sheet.text(left + side * len(whole), y - 9, told, anchor="end", ink=INK[1] if same is None else INK[0])
        grid(sheet, left, y, whole[None], side, size=13, most=6)
        for n in range(len(thinned)):
            x = left + side * STRIDE * n
            sheet.rect(x, y, side, side, ink=INK[0], stroke=2.5)
            sheet.arrow(x + side / 2, y + side + 3, x + side / 2, y + side + 22, ink="var(--cnnsym-muted)", width=1)
            grid(sheet, x, y + side + 25, thinned[None, n : n + 1], side, size=13, most=6)
    return figure("stride-phases", TITLE[lang], ALT[lang].format(**numbers()), sheet)
