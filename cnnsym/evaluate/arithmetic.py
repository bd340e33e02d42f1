"""Arithmetic on the numbers of an evaluation: exact rationals, rigorous enclosures, and dual numbers over both.

`+`, `-` and `*` are the numbers' own; here is what needs a decision: quotients, powers, signs, comparisons.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate.cyclotomic import COMPLEX, Cyclotomic, ImaginaryAngle
from cnnsym.evaluate.dual import Dual, is_constant, real
from cnnsym.evaluate.enclosure import Enclosure, as_roots_of_unity, bounds, enclosed, quotient
from cnnsym.evaluate.interval import exp_bounds, log_bounds, sqrt_bounds, square_bounds
from cnnsym.evaluate.undefined import Undefined

Number = Any  # int | Fraction | Cyclotomic | Enclosure | Dual; ImaginaryAngle on its way into exp

LARGEST_BITS = 20_000


def is_rational(x: Number) -> bool:
    """True for an exact rational number."""
    return isinstance(x, (int, Fraction))


def rational(p: int | Fraction, q: int | Fraction = 1) -> int | Fraction:
    """`p/q`, an `int` where it is one."""
    value = Fraction(p) / q
    return value.numerator if value.denominator == 1 else value


def divide(a: Number, b: Number) -> Number:
    """`a / b`; Undefined where b is, or cannot be told from, zero."""
    if is_rational(b):
        if not b:
            raise Undefined("division by zero")
        return rational(a, b) if is_rational(a) else a * Fraction(1, b)
    if isinstance(b, Dual) or isinstance(a, Dual):
        return a * _inverse(b)
    if isinstance(b, ImaginaryAngle):
        raise UnsupportedError(COMPLEX)
    if isinstance(b, Cyclotomic):
        return a * b.inverse()
    if isinstance(a, (Cyclotomic, ImaginaryAngle)):
        return a * quotient(1, b)
    return 0 if is_rational(a) and not a else quotient(a, b)


def _inverse(b: Number) -> Number:
    if not isinstance(b, Dual):
        return divide(1, b)
    value = _inverse(b.value)
    slope = -(value * value)
    return Dual(b.level, value, {k: slope * p for k, p in b.parts.items()})


def sign(x: Number) -> int:
    """-1, 0 or 1; Undefined where enclosures leave it open, where a perturbation of 0 would change it, and if not real."""
    if not is_real(x):
        raise Undefined("an order of complex numbers")
    base = real(x)
    if isinstance(base, Cyclotomic):
        base = enclosed(base)
    if isinstance(base, Enclosure):
        found = base.sign
        if found is None:
            raise Undefined("the sign of a number that cannot be told from 0")
        return found
    if not base and not is_constant(x):
        raise Undefined("a derivative across a jump or a kink")
    return (base > 0) - (base < 0)


def differ(a: Number, b: Number) -> bool | None:
    """True where two numbers certainly differ, False where they are certainly equal, None where enclosures overlap."""
    if isinstance(b, Enclosure) and not isinstance(a, Enclosure):
        a, b = b, a
    if isinstance(a, Enclosure):
        if not is_real(b):
            return True
        if isinstance(b, Cyclotomic) and (exact := as_roots_of_unity(a)) is not None:
            return bool(exact != b)
        return None if a.overlaps(b) else True
    if isinstance(a, ImaginaryAngle) and isinstance(b, ImaginaryAngle):
        return a.half_turns != b.half_turns
    return bool(a != b)


def is_real(x: Number) -> bool:
    """False where the number or a perturbation of it is a sum of roots of unity, or an imaginary angle, that is not real."""
    if isinstance(x, Dual):
        return is_real(x.value) and all(map(is_real, x.parts.values()))
    return x.is_real if isinstance(x, Cyclotomic) else not isinstance(x, ImaginaryAngle)


def integer(x: Number) -> int:
    """The number as an `int`; Undefined where it is none."""
    if is_rational(x) and x.denominator == 1:
        return int(x)
    raise Undefined("an integer was needed")


def check_magnitude(x: Number) -> None:
    """LimitError for a rational of more than `LARGEST_BITS` bits."""
    if isinstance(x, Cyclotomic):
        for c in x.coefficients:
            check_magnitude(c)
    if is_rational(x) and (x.numerator.bit_length() > LARGEST_BITS or x.denominator.bit_length() > LARGEST_BITS):
        raise LimitError(f"a number of more than {LARGEST_BITS} bits")


def power(base: Number, exponent: Number) -> Number:
    """`base ** exponent` over the real numbers; a negative or complex base has integer powers only."""
    if isinstance(base, ImaginaryAngle) or not is_real(exponent):
        raise UnsupportedError(COMPLEX)
    if isinstance(exponent, Dual):
        if is_constant(exponent):
            return power(base, real(exponent))
        return exp(exponent * log(base))
    if is_rational(exponent) and exponent.denominator == 1:
        return _integer_power(base, int(exponent))
    if isinstance(base, Dual):
        return base.lift(lambda v: power(v, exponent), lambda v: exponent * power(v, exponent - 1))
    if not is_real(base) or isinstance(exponent, Cyclotomic):
        raise UnsupportedError(COMPLEX)
    if is_rational(base) and is_rational(exponent):
        return _root(base, exponent)
    if is_rational(base) and not base:
        if sign(exponent) > 0:
            return 0
        raise Undefined("a power of 0")
    if is_rational(base) and base < 0:
        raise Undefined("a power of a negative number")
    if is_rational(exponent) and exponent == Fraction(1, 2):
        return Enclosure(sqrt_bounds(bounds(base)), sp.Pow, (base, exponent))
    logarithm = log(base)
    raised = exponent * logarithm
    return Enclosure(exp_bounds(bounds(raised)), sp.Pow, (base, exponent))


def _integer_power(base: Number, exponent: int) -> Number:
    if exponent < 0:
        return divide(1, _integer_power(base, -exponent))
    if is_rational(base):
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits > 1 and bits * exponent > LARGEST_BITS:
            raise LimitError(f"a number of more than {LARGEST_BITS} bits")
        return base**exponent
    if exponent == 0:
        return 1
    if isinstance(base, Dual):
        return base.lift(lambda v: _integer_power(v, exponent), lambda v: exponent * _integer_power(v, exponent - 1))
    if isinstance(base, Enclosure) and _is_square_root(base) and not exponent & 1:
        return _integer_power(base.operands[0], exponent >> 1)
    if isinstance(base, Cyclotomic):
        return _repeated(base, exponent)
    result: Number = 1
    square, left = base, exponent
    while left:
        if left & 1:
            result = square * result
        left >>= 1
        if left:
            square = Enclosure(square_bounds(square.bounds), sp.Pow, (square, 2))
    return Enclosure(result.bounds, sp.Pow, (base, exponent)) if exponent > 1 else result


def _is_square_root(x: Enclosure) -> bool:
    return x.operation is sp.Pow and is_rational(x.operands[1]) and x.operands[1] == Fraction(1, 2)


def _repeated(base: Cyclotomic, exponent: int) -> Number:
    result: Number = 1
    square: Number = base
    while exponent:
        if exponent & 1:
            result = square * result
        exponent >>= 1
        if exponent:
            square = square * square
            check_magnitude(square)
    return result


def _root(base: int | Fraction, exponent: int | Fraction) -> Number:
    if base < 0:
        raise Undefined("a root of a negative number")
    if not base:
        if exponent > 0:
            return 0
        raise Undefined("division by zero")
    raised = Fraction(_integer_power(base, exponent.numerator))
    above, exact_above = sp.integer_nthroot(raised.numerator, exponent.denominator)
    below, exact_below = sp.integer_nthroot(raised.denominator, exponent.denominator)
    if exact_above and exact_below:
        return rational(int(above), int(below))
    if exponent.denominator == 2:
        return Enclosure(sqrt_bounds(bounds(raised)), sp.Pow, (base, exponent))
    return Enclosure(exp_bounds(bounds(exponent * log(base))), sp.Pow, (base, exponent))


def exp(x: Number) -> Number:
    """The exponential function; exact at 0 and at rational multiples of i pi."""
    if isinstance(x, Dual):
        return x.lift(exp, exp)
    if isinstance(x, ImaginaryAngle):
        return x.exp()
    if isinstance(x, Cyclotomic) and not x.is_real:
        raise UnsupportedError(COMPLEX)
    if is_rational(x) and not x:
        return 1
    return Enclosure(exp_bounds(bounds(x)), sp.exp, (x,))


def log(x: Number) -> Number:
    """The natural logarithm; exact at 1, Undefined unless the argument is positive."""
    if isinstance(x, Dual):
        return x.lift(log, lambda v: divide(1, v))
    if is_rational(x):
        if x <= 0:
            raise Undefined("the logarithm of a number that is not positive")
        if x == 1:
            return 0
    return Enclosure(log_bounds(bounds(x)), sp.log, (x,))
