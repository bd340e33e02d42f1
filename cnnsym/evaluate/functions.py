"""Real functions of one real variable on the numbers of an evaluation, with their derivatives.

Each is exact where it is rational by definition (relu, the step, floor ...) or by a well-known value (`cos 0 = 1`), and a
rigorous enclosure elsewhere. A point where a function jumps or has a kink is Undefined for its derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from cnnsym.atoms import relu, sigmoid, step
from cnnsym.evaluate.arithmetic import Number, divide, exp, integer, is_rational, is_real, log, power, sign
from cnnsym.evaluate.cyclotomic import IMAGINARY_UNIT, Cyclotomic, ImaginaryAngle
from cnnsym.evaluate.dual import Dual, is_constant, real
from cnnsym.evaluate.enclosure import Enclosure, bounds, certainly_less, highest, maximum_of
from cnnsym.evaluate.interval import abs_bounds, atan_bounds, cos_bounds, floor_of, sin_bounds
from cnnsym.evaluate.undefined import Undefined


def sin(x: Number) -> Number:
    if isinstance(x, Dual):
        return x.lift(sin, cos)
    return 0 if is_rational(x) and not x else Enclosure(sin_bounds(bounds(x)), sp.sin, (x,))


def cos(x: Number) -> Number:
    if isinstance(x, Dual):
        return x.lift(cos, lambda v: -sin(v))
    return 1 if is_rational(x) and not x else Enclosure(cos_bounds(bounds(x)), sp.cos, (x,))


def atan(x: Number) -> Number:
    if isinstance(x, Dual):
        return x.lift(atan, lambda v: divide(1, 1 + v * v))
    return 0 if is_rational(x) and not x else Enclosure(atan_bounds(bounds(x)), sp.atan, (x,))


def tan(x: Number) -> Number:
    return _named(divide(sin(x), cos(x)), sp.tan, x)


def sinh(x: Number) -> Number:
    return _named((exp(x) - exp(-x)) * Fraction(1, 2), sp.sinh, x)


def cosh(x: Number) -> Number:
    return _named((exp(x) + exp(-x)) * Fraction(1, 2), sp.cosh, x)


def tanh(x: Number) -> Number:
    if isinstance(x, Dual):
        return x.lift(tanh, lambda v: 1 - tanh(v) * tanh(v))
    return _named(1 - divide(2, exp(2 * x) + 1), sp.tanh, x)


def logistic(x: Number) -> Number:
    """`1/(1 + exp(-x))`."""
    return divide(1, 1 + exp(-x))


def _named(value: Number, function: Any, x: Number) -> Number:
    """The value, remembered as `function(x)` rather than by the formula it was computed with."""
    return Enclosure(value.bounds, function, (x,)) if isinstance(value, Enclosure) else value


def unit_step(x: Number) -> Number:
    """1 for positive, 0 for negative numbers, Undefined at 0."""
    found = sign(x)
    if not found:
        raise Undefined("the step at 0")
    return 1 if found > 0 else 0


def rectified(x: Number) -> Number:
    """`max(x, 0)`."""
    return x if sign(x) > 0 else 0


def magnitude(x: Number) -> Number:
    if isinstance(x, Enclosure):
        return Enclosure(abs_bounds(x.bounds), sp.Abs, (x,))
    if not is_real(x):
        return power(x * conjugate(x), Fraction(1, 2))
    return -x if sign(x) < 0 else x


def conjugate(x: Number) -> Number:
    """The complex conjugate; perturbations are real."""
    if isinstance(x, Dual):
        return Dual(x.level, conjugate(x.value), {k: conjugate(p) for k, p in x.parts.items()})
    return x.conjugate() if isinstance(x, (Cyclotomic, ImaginaryAngle)) else x


def real_part(x: Number) -> Number:
    return x if is_real(x) else (x + conjugate(x)) * Fraction(1, 2)


def imaginary_part(x: Number) -> Number:
    return 0 if is_real(x) else (conjugate(x) - x) * IMAGINARY_UNIT * Fraction(1, 2)


def floor(x: Number) -> Number:
    if not is_real(x):
        raise Undefined("the floor of a complex number")
    base = real(x)
    if not is_rational(base):
        return floor_of(bounds(base))
    if base.denominator == 1 and not is_constant(x):
        raise Undefined("the derivative of the floor at an integer")
    return base.numerator // base.denominator


def ceiling(x: Number) -> Number:
    return -floor(-x)


def impulse(x: Number) -> Number:
    """The derivative of the step: 0 away from 0."""
    if not sign(x):
        raise Undefined("the impulse at 0")
    return 0


def factorial(x: Number) -> Number:
    n = integer(x)
    if not 0 <= n <= 500:
        raise Undefined("the factorial of a negative or large number")
    return int(sp.factorial(n))


def modulo(a: Number, b: Number) -> Number:
    """`a - b*floor(a/b)`; Undefined unless the modulus is positive."""
    if sign(b) <= 0:
        raise Undefined("a modulus that is not positive")
    return a - b * floor(divide(a, b))


def largest(values: list[Number]) -> Number:
    """The maximum; Undefined for its derivative unless one of the values is certainly larger than all others."""
    if not all(map(is_real, values)):
        raise Undefined("an order of complex numbers")
    bases = [real(v) for v in values]
    if all(map(is_rational, bases)):
        top = max(bases)
        first = [v for v, base in zip(values, bases, strict=True) if base == top]
    else:
        leader = highest(bases)
        first = [v for v, base in zip(values, bases, strict=True) if not certainly_less(base, leader)]
    if len(first) == 1:
        return first[0]
    if not all(map(is_constant, first)):
        raise Undefined("the derivative of a maximum that is attained more than once")
    bases = [real(v) for v in first]
    return bases[0] if all(map(is_rational, bases)) else maximum_of(bases)


def smallest(values: list[Number]) -> Number:
    """The minimum; Undefined for its derivative where two values are, or may be, the smallest."""
    return -largest([-v for v in values])


UNARY: Mapping[Any, Callable[[Number], Number]] = {
    sp.exp: exp,
    sp.log: log,
    sp.sin: sin,
    sp.cos: cos,
    sp.tan: tan,
    sp.atan: atan,
    sp.sinh: sinh,
    sp.cosh: cosh,
    sp.tanh: tanh,
    sp.Abs: magnitude,
    sp.conjugate: conjugate,
    sp.re: real_part,
    sp.im: imaginary_part,
    sp.sign: sign,
    sp.floor: floor,
    sp.ceiling: ceiling,
    sp.factorial: factorial,
    sp.DiracDelta: impulse,
    sigmoid: logistic,
    step: unit_step,
    relu: rectified,
}
