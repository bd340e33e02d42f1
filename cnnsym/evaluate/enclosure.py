"""Rigorous enclosures of real numbers: intervals with outward rounding, and how each number was made.

An `Enclosure` holds two bounds between which the number lies, and the operation and operands it came from, so that it can be
written exactly in the end. Sums, products, quotients and roots are rounded outward by mpmath; its elementary functions
are accurate to the last bits of 260, and their results are widened by a relative 2**-220, far beyond that error.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath.libmp import (
    fone,
    from_int,
    from_rational,
    mpf_abs,
    mpf_add,
    mpf_cos_sin,
    mpf_le,
    mpf_lt,
    mpf_neg,
    mpf_pi,
    mpf_shift,
    mpf_sign,
    mpf_sub,
    mpi_add,
    mpi_atan,
    mpi_div,
    mpi_exp,
    mpi_log,
    mpi_mul,
    mpi_sqrt,
    mpi_sub,
)

from cnnsym.errors import LimitError
from cnnsym.evaluate.undefined import Undefined

PRECISION = 260
_MARGIN = 220
_LARGEST_EXPONENT = from_int(1 << 14)
_LARGEST_ANGLE = from_int(1 << 64)

Bounds = tuple[Any, Any]


class Enclosure:
    """A real number between two bounds; `operation(*operands)` is the number itself."""

    __slots__ = ("bounds", "operation", "operands")

    def __init__(self, bounds: Bounds, operation: Callable[..., Any], operands: tuple[Any, ...]) -> None:
        self.bounds, self.operation, self.operands = bounds, operation, operands

    def __repr__(self) -> str:
        return f"Enclosure({exact_expression(self)})"

    def __neg__(self) -> Enclosure:
        low, high = self.bounds
        return Enclosure((mpf_neg(high), mpf_neg(low)), sp.Mul, (-1, self))

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, (int, Fraction, Enclosure)):
            return NotImplemented
        if not isinstance(other, Enclosure) and not other:
            return self
        return Enclosure(mpi_add(self.bounds, bounds(other), PRECISION), sp.Add, (self, other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if not isinstance(other, (int, Fraction, Enclosure)):
            return NotImplemented
        return Enclosure(mpi_sub(self.bounds, bounds(other), PRECISION), _difference, (self, other))

    def __rsub__(self, other: Any) -> Any:
        if not isinstance(other, (int, Fraction)):
            return NotImplemented
        return Enclosure(mpi_sub(bounds(other), self.bounds, PRECISION), _difference, (other, self))

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, (int, Fraction, Enclosure)):
            return NotImplemented
        if not isinstance(other, Enclosure):
            if not other:
                return 0
            if other == 1:
                return self
        return Enclosure(mpi_mul(self.bounds, bounds(other), PRECISION), sp.Mul, (self, other))

    __rmul__ = __mul__

    @property
    def sign(self) -> int | None:
        """1 or -1 where the bounds decide it, None where 0 lies between them."""
        low, high = self.bounds
        if mpf_sign(low) > 0:
            return 1
        return -1 if mpf_sign(high) < 0 else None

    def overlaps(self, other: Any) -> bool:
        """True unless the two enclosures are disjoint, that is, unless the numbers certainly differ."""
        (a, b), (c, d) = self.bounds, bounds(other)
        return not (mpf_lt(b, c) or mpf_lt(d, a))

    def hull(self, other: Any) -> Enclosure:
        """The least enclosure that holds both; it stands for `self`."""
        (a, b), (c, d) = self.bounds, bounds(other)
        return Enclosure((a if mpf_le(a, c) else c, d if mpf_le(b, d) else b), self.operation, self.operands)


def bounds(x: Any) -> Bounds:
    """Outward rounded bounds of a rational number or an enclosure."""
    if isinstance(x, Enclosure):
        return x.bounds
    if isinstance(x, int):
        exact = from_int(x)
        return exact, exact
    p, q = x.numerator, x.denominator
    return from_rational(p, q, PRECISION, "f"), from_rational(p, q, PRECISION, "c")


def quotient(a: Any, b: Any) -> Enclosure:
    """`a / b` of rational numbers or enclosures; Undefined where the enclosure of `b` contains 0."""
    low, high = bounds(b)
    if mpf_sign(low) <= 0 <= mpf_sign(high):
        raise Undefined("division by what may be zero")
    return Enclosure(mpi_div(bounds(a), (low, high), PRECISION), _quotient, (a, b))


def _difference(a: Any, b: Any) -> Any:
    return sp.Add(a, sp.Mul(-1, b))


def _quotient(a: Any, b: Any) -> Any:
    return sp.Mul(a, sp.Pow(b, -1))


def _widened(interval: Bounds) -> Bounds:
    low, high = interval
    return (
        mpf_sub(low, mpf_shift(mpf_abs(low), -_MARGIN), PRECISION, "f"),
        mpf_add(high, mpf_shift(mpf_abs(high), -_MARGIN), PRECISION, "c"),
    )


def exp_bounds(x: Bounds) -> Bounds:
    if mpf_lt(_LARGEST_EXPONENT, mpf_abs(x[0])) or mpf_lt(_LARGEST_EXPONENT, mpf_abs(x[1])):
        raise LimitError("exp of a number beyond 2**14")
    return _widened(mpi_exp(x, PRECISION))


def log_bounds(x: Bounds) -> Bounds:
    if mpf_sign(x[0]) <= 0:
        raise Undefined("logarithm of what may not be positive")
    return _widened(mpi_log(x, PRECISION))


def sqrt_bounds(x: Bounds) -> Bounds:
    if mpf_sign(x[0]) < 0:
        raise Undefined("root of what may be negative")
    return _widened(mpi_sqrt(x, PRECISION))


def atan_bounds(x: Bounds) -> Bounds:
    return _widened(mpi_atan(x, PRECISION))


def sin_bounds(x: Bounds) -> Bounds:
    return _circular(x, 1)


def cos_bounds(x: Bounds) -> Bounds:
    return _circular(x, 0)


def _circular(x: Bounds, which: int) -> Bounds:
    # Both functions change by at most the change of the argument, which spares all case analysis by quadrants.
    low, high = x
    if mpf_lt(_LARGEST_ANGLE, mpf_abs(low)) or mpf_lt(_LARGEST_ANGLE, mpf_abs(high)):
        raise LimitError("sine or cosine of a number beyond 2**64")
    middle = mpf_shift(mpf_add(low, high, PRECISION, "n"), -1)
    radius = mpf_add(
        mpf_abs(mpf_sub(middle, low, PRECISION, "c")), mpf_abs(mpf_sub(high, middle, PRECISION, "c")), PRECISION, "c"
    )
    value = mpf_cos_sin(middle, PRECISION, "n")[which]
    slack = mpf_add(radius, mpf_shift(fone, -_MARGIN), PRECISION, "c")
    return mpf_sub(value, slack, PRECISION, "f"), mpf_add(value, slack, PRECISION, "c")


def constant(number: sp.NumberSymbol) -> Enclosure:
    """pi or Euler's number."""
    if number is sp.pi:
        return Enclosure(_widened((mpf_pi(PRECISION, "f"), mpf_pi(PRECISION, "c"))), lambda: sp.pi, ())
    return Enclosure(exp_bounds((fone, fone)), lambda: sp.E, ())


def absolute(x: Enclosure) -> Bounds:
    """Bounds of the absolute value."""
    low, high = x.bounds
    if mpf_sign(low) >= 0:
        return low, high
    if mpf_sign(high) <= 0:
        return mpf_neg(high), mpf_neg(low)
    return from_int(0), mpf_neg(low) if mpf_lt(high, mpf_neg(low)) else high


def integer_part(x: Enclosure) -> int:
    """The floor, where both bounds have the same; Undefined otherwise."""
    floors = [int((-1) ** b[0] * b[1] * (1 << b[2]) if b[2] >= 0 else ((-1) ** b[0] * b[1]) >> -b[2]) for b in x.bounds]
    if floors[0] != floors[1]:
        raise Undefined("the floor of a number that cannot be told from an integer")
    return floors[0]


def square_bounds(x: Bounds) -> Bounds:
    """Bounds of the square; never negative."""
    low, high = mpi_mul(x, x, PRECISION)
    return (from_int(0) if mpf_sign(low) < 0 else low), high


def exact_expression(x: Any) -> sp.Expr:
    """The number as an exact SymPy expression."""
    if not isinstance(x, Enclosure):
        return sp.Rational(x.numerator, x.denominator)
    done: dict[int, sp.Expr] = {}
    stack: list[tuple[Any, bool]] = [(x, False)]
    while stack:
        item, ready = stack.pop()
        if id(item) in done:
            continue
        if not isinstance(item, Enclosure):
            done[id(item)] = sp.Rational(item.numerator, item.denominator)
        elif ready:
            done[id(item)] = item.operation(*(done[id(o)] for o in item.operands))
        else:
            stack.append((item, True))
            stack.extend((o, False) for o in item.operands)
    return done[id(x)]
