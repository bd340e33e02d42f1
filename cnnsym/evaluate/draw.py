"""Random exact values in several styles, from which each sample is drawn."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import sympy as sp

from cnnsym.evaluate.arithmetic import Number, rational
from cnnsym.evaluate.array import Mat
from cnnsym.evaluate.signal import Signal
from cnnsym.evaluate.undefined import Undefined

STYLES = ("integers", "sparse", "rationals", "positive", "dominant", "fractions")


def number(generator: random.Random, style: str) -> Number:
    """One rational number of a style."""
    if style == "sparse":
        return generator.choice((0, 0, 0, 1, 1, -1, 2))
    if style in ("integers", "dominant"):
        return generator.choice((-3, -2, -1, 1, 2, 3, 4, 5))
    if style == "positive":
        return generator.randint(1, 5)
    if style == "fractions":
        return rational(generator.randint(1, 5), 6)
    return rational(generator.randint(-9, 9), generator.randint(1, 5))


def matrix(generator: random.Random, style: str, rows: int, cols: int) -> Mat:
    """A matrix of a style; in the style "dominant" a square one has a positive dominant diagonal."""

    def entry(i: int, j: int) -> Number:
        value = number(generator, style)
        return 6 * cols + value if style == "dominant" and rows == cols and i == j else value

    return Mat.build(rows, cols, entry)


def signal(generator: random.Random, style: str, shape: tuple[int | None, ...], grids: tuple[str, ...] = ()) -> Signal:
    """A signal of a style; one with an infinite axis is left to the table that draws its entries when asked."""
    empty = Signal(shape, {}, grids)
    if empty.is_infinite:
        return empty
    return Signal(shape, {place: number(generator, style) for place in empty.places()}, grids)


def scalar(generator: random.Random, style: str, symbol: Any) -> Number:
    """A number that the symbol's own assumptions allow; Undefined if none was found."""
    for attempt in range(60):
        value = number(generator, style if attempt < 20 else "rationals")
        if attempt >= 40:
            value = rational(Fraction(value).numerator)
        value = -abs(value) if symbol.is_negative or symbol.is_nonpositive else value
        value = abs(value) if symbol.is_positive or symbol.is_nonnegative else value
        if allows(symbol, value):
            return value
    raise Undefined(f"no value was found that the assumptions of {symbol} allow")


def allows(symbol: Any, value: Number) -> bool:
    """False where an assumption of the symbol, such as `positive` or `nonzero`, excludes the rational value."""
    number_ = sp.Rational(value.numerator, value.denominator)
    return not any(
        known is not None and getattr(number_, f"is_{name}", None) not in (None, known)
        for name, known in symbol.assumptions0.items()
    )
