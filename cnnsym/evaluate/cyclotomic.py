"""Sums of roots of unity with rational coefficients, exactly.

The n-th cyclotomic polynomial is irreducible over the rational numbers, of degree phi(n), and zeta = exp(2 pi i/n) is one of
its roots (Lang, Algebra, chapter VI, section 3). So every such sum is a polynomial in zeta of degree below phi(n) in just one
way, and two of them are equal exactly where their coefficients are.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import sympy as sp

from cnnsym.errors import LimitError, UnsupportedError

LARGEST_ORDER = 420
COMPLEX = "exact evaluation covers complex numbers only as sums of roots of unity"

Rational = int | Fraction
Coefficients = tuple[Rational, ...]


class Cyclotomic:
    """`sum_k coefficients[k] zeta**k` with `zeta = exp(2 pi i/order)`; never a rational number, which is an int or Fraction."""

    __slots__ = ("order", "coefficients")
    __hash__ = None  # type: ignore[assignment]  # equal numbers may have different orders

    def __init__(self, order: int, coefficients: Coefficients) -> None:
        self.order, self.coefficients = order, coefficients

    def __repr__(self) -> str:
        return f"Cyclotomic({self.expression()})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cyclotomic):
            return False
        order = lcm(self.order, other.order)
        return _lifted(self, order) == _lifted(other, order)

    def __neg__(self) -> Cyclotomic:
        return Cyclotomic(self.order, tuple(-c for c in self.coefficients))

    def __add__(self, other: Any) -> Any:
        if isinstance(other, (int, Fraction)):
            first, *others = self.coefficients
            return Cyclotomic(self.order, (_short(first + other), *others))
        if not isinstance(other, Cyclotomic):
            return NotImplemented
        order = lcm(self.order, other.order)
        return number(order, tuple(a + b for a, b in zip(_lifted(self, order), _lifted(other, order), strict=True)))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + (-other) if isinstance(other, (int, Fraction, Cyclotomic)) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other if isinstance(other, (int, Fraction)) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, (int, Fraction)):
            return Cyclotomic(self.order, tuple(_short(c * other) for c in self.coefficients)) if other else 0
        if not isinstance(other, Cyclotomic):
            return NotImplemented
        order = lcm(self.order, other.order)
        powers: dict[int, Rational] = {}
        right = [(j, b) for j, b in enumerate(_lifted(other, order)) if b]
        for i, a in enumerate(_lifted(self, order)):
            if a:
                for j, b in right:
                    powers[(i + j) % order] = powers.get((i + j) % order, 0) + a * b
        return number(order, _reduced(order, powers))

    __rmul__ = __mul__

    def conjugate(self) -> Cyclotomic:
        """The complex conjugate."""
        powers = {-k % self.order: c for k, c in enumerate(self.coefficients)}
        return Cyclotomic(self.order, _reduced(self.order, powers))

    def inverse(self) -> Any:
        """`1/z`, which exists because z is not 0."""
        variable = sp.Dummy("z")
        terms = [sp.Rational(c.numerator, c.denominator) for c in reversed(self.coefficients)]
        modulus = sp.Poly(sp.cyclotomic_poly(self.order, variable), variable, domain=sp.QQ)
        inverse = sp.Poly(terms, variable, domain=sp.QQ).invert(modulus)
        found = [_short(Fraction(int(c.p), int(c.q))) for c in reversed(inverse.all_coeffs())]
        return number(self.order, (*found, *(0,) * (len(self.coefficients) - len(found))))

    @property
    def is_real(self) -> bool:
        """Whether it is its own conjugate."""
        return self.conjugate() == self

    @property
    def over_i(self) -> Rational | None:
        """`z/i` where that is rational."""
        found = self * IMAGINARY_UNIT
        return -found if isinstance(found, (int, Fraction)) else None

    def expression(self) -> sp.Expr:
        """The number as an exact SymPy expression."""
        return sp.Add(
            *(
                sp.Rational(c.numerator, c.denominator) * sp.exp(2 * sp.pi * sp.I * sp.Rational(k, self.order))
                for k, c in enumerate(self.coefficients)
            )
        )


class ImaginaryAngle:
    """`i pi` times a rational number other than 0: what the exponential function takes to a root of unity."""

    __slots__ = ("half_turns",)

    def __init__(self, half_turns: Rational) -> None:
        self.half_turns = half_turns

    def __neg__(self) -> ImaginaryAngle:
        return ImaginaryAngle(-self.half_turns)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, ImaginaryAngle):
            total = self.half_turns + other.half_turns
            return ImaginaryAngle(total) if total else 0
        if isinstance(other, int) and not other:
            return self
        raise UnsupportedError(COMPLEX)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, (int, Fraction)):
            return ImaginaryAngle(self.half_turns * other) if other else 0
        raise UnsupportedError(COMPLEX)

    __rmul__ = __mul__

    def conjugate(self) -> ImaginaryAngle:
        return -self

    def expression(self) -> sp.Expr:
        """The number as an exact SymPy expression."""
        return sp.I * sp.pi * sp.Rational(self.half_turns.numerator, self.half_turns.denominator)

    def exp(self) -> Any:
        """The root of unity that the exponential function gives."""
        return root(Fraction(self.half_turns) / 2)


IMAGINARY_UNIT = Cyclotomic(4, (0, 1))


def number(order: int, coefficients: Coefficients) -> Any:
    """The number with these coefficients; rational where it is."""
    if any(coefficients[1:]):
        return Cyclotomic(order, tuple(map(_short, coefficients)))
    return _short(coefficients[0])


def root(turns: Fraction) -> Any:
    """`exp(2 pi i turns)`; LimitError where its order is beyond `LARGEST_ORDER`."""
    order, k = turns.denominator, turns.numerator % turns.denominator
    if order % 4 == 2:  # zeta_2n = -zeta_n**((n + 1)/2) for odd n: the field is the same
        half = order // 2
        return -root(Fraction((k + half) // 2, half))
    return number(order, _reduced(order, {k: 1}))


def cosine(turns: Fraction) -> Any:
    """`cos(2 pi turns)`."""
    z = root(turns)
    return (z + z.conjugate()) * Fraction(1, 2)


def sine(turns: Fraction) -> Any:
    """`sin(2 pi turns)`."""
    z = root(turns)
    return (z.conjugate() - z) * IMAGINARY_UNIT * Fraction(1, 2)


def _short(x: Rational) -> Rational:
    return x.numerator if x.denominator == 1 else x


@lru_cache(maxsize=256)
def _powers(order: int) -> tuple[tuple[int, ...], ...]:
    """The coefficients of `zeta**k` for k from 0 to `order - 1`."""
    if order > LARGEST_ORDER:
        raise LimitError(f"a root of unity of an order beyond {LARGEST_ORDER}")
    monic = [int(c) for c in reversed(sp.Poly(sp.cyclotomic_poly(order, sp.Symbol("z"))).all_coeffs())]
    degree = len(monic) - 1
    row = [1] + [0] * (degree - 1)
    rows = []
    for _ in range(order):
        rows.append(tuple(row))
        top = row[-1]
        row = [c - top * m for c, m in zip([0, *row[:-1]], monic[:-1], strict=True)]
    return tuple(rows)


def _reduced(order: int, powers: Mapping[int, Rational]) -> Coefficients:
    """The coefficients of a sum of powers of zeta, given by exponent from 0 to `order - 1`."""
    rows = _powers(order)
    total: list[Rational] = [0] * len(rows[0])
    for k, c in powers.items():
        for place, entry in enumerate(rows[k]):
            if entry:
                total[place] += c * entry
    return tuple(map(_short, total))


def _lifted(z: Cyclotomic, order: int) -> Coefficients:
    """The coefficients of the same number among the roots of unity of a multiple of its order."""
    if order == z.order:
        return z.coefficients
    step = order // z.order
    return _reduced(order, {k * step: c for k, c in enumerate(z.coefficients)})
