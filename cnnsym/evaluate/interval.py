"""Intervals of real numbers with outward rounding: pairs of mpmath's numbers.

Sums, products, quotients and roots are rounded outward by mpmath; its elementary functions are accurate to the last bits of
260, and their results are widened by a relative 2**-220, far beyond that error.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath.libmp import (
    fone,
    from_int,
    from_rational,
    mpf_abs,
    mpf_add,
    mpf_cos_sin,
    mpf_lt,
    mpf_neg,
    mpf_pi,
    mpf_shift,
    mpf_sign,
    mpf_sub,
    mpi_atan,
    mpi_exp,
    mpi_log,
    mpi_mul,
    mpi_sqrt,
)

from cnnsym.errors import LimitError
from cnnsym.evaluate.undefined import Undefined

PRECISION = 260
_MARGIN = 220
_LARGEST_EXPONENT = from_int(1 << 14)
_LARGEST_ANGLE = from_int(1 << 64)

Bounds = tuple[Any, Any]


def rational_bounds(x: int | Fraction) -> Bounds:
    """Outward rounded bounds of a rational number; those of an integer are equal."""
    if isinstance(x, int):
        exact = from_int(x)
        return exact, exact
    p, q = x.numerator, x.denominator
    return from_rational(p, q, PRECISION, "f"), from_rational(p, q, PRECISION, "c")


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


def pi_bounds() -> Bounds:
    return _widened((mpf_pi(PRECISION, "f"), mpf_pi(PRECISION, "c")))


def euler_bounds() -> Bounds:
    return exp_bounds((fone, fone))


def square_bounds(x: Bounds) -> Bounds:
    """Bounds of the square; never negative."""
    low, high = mpi_mul(x, x, PRECISION)
    return (from_int(0) if mpf_sign(low) < 0 else low), high


def abs_bounds(x: Bounds) -> Bounds:
    """Bounds of the absolute value."""
    low, high = x
    if mpf_sign(low) >= 0:
        return low, high
    if mpf_sign(high) <= 0:
        return mpf_neg(high), mpf_neg(low)
    return from_int(0), mpf_neg(low) if mpf_lt(high, mpf_neg(low)) else high


def floor_of(x: Bounds) -> int:
    """The floor, where both bounds have the same; Undefined otherwise."""
    floors = [int((-1) ** b[0] * b[1] * (1 << b[2]) if b[2] >= 0 else ((-1) ** b[0] * b[1]) >> -b[2]) for b in x]
    if floors[0] != floors[1]:
        raise Undefined("the floor of a number that cannot be told from an integer")
    return floors[0]
