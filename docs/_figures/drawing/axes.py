"""Axes with curves, each axis linear or logarithmic."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .sheet import INK, Sheet, signed

# Curves differ in their dashes as well, so that nobody needs the colour.
DASHES = ("", "7 4", "2 3", "9 3 2 3")


@dataclass(frozen=True)
class Axis:
    """From where to where, and the places that bear a mark, with what is written at them."""

    low: float
    high: float
    marks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where on the axis a value lies: 0 at its low end, 1 at its high end."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def marks(*values: float) -> tuple[tuple[float, str], ...]:
    """Marks that bear their own value."""
    return tuple((value, signed(value)) for value in values)


@dataclass(frozen=True)
class Axes:
    """A rectangle of a sheet, with an axis below and one on the left."""

    sheet: Sheet
    left: float
    top: float
    right: float
    bottom: float
    across: Axis
    up: Axis

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where on the sheet the point lies."""
        along, above = self.across.share(x), self.up.share(y)
        return self.left + along * (self.right - self.left), self.bottom - above * (self.bottom - self.top)

    def frame(self, below: str, beside: str) -> None:
        """The axes with their marks and names; the name of the upright axis stands above it."""
        for value, name in self.up.marks:
            y = self.place(self.across.low, value)[1]
            self.sheet.line(self.left, y, self.right, y, opacity=0.16)
            self.sheet.text(self.left - 6, y + 4, name, anchor="end", size=12)
        for value, name in self.across.marks:
            x = self.place(value, self.up.low)[0]
            self.sheet.line(x, self.bottom, x, self.bottom + 4)
            self.sheet.text(x, self.bottom + 18, name, anchor="middle", size=12)
        self.sheet.line(self.left, self.bottom, self.right, self.bottom)
        self.sheet.line(self.left, self.top, self.left, self.bottom)
        self.sheet.text(self.right, self.bottom + 36, below, anchor="end")
        self.sheet.text(2, self.top - 12, beside)

    def curve(self, points: list[tuple[float, float]], k: int) -> None:
        """The curve number `k` through the points."""
        self.sheet.curve([self.place(x, y) for x, y in points], ink=INK[k % len(INK)], dash=DASHES[k % len(DASHES)])

    def key(self, x: float, y: float, k: int, words: str) -> None:
        """A piece of the curve number `k`, and what it is."""
        self.sheet.curve([(x, y - 4), (x + 30, y - 4)], ink=INK[k % len(INK)], dash=DASHES[k % len(DASHES)])
        self.sheet.text(x + 38, y, words)
