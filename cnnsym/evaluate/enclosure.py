"""Rigorous enclosures of real numbers: between which bounds each lies, and how it was made.

An `Enclosure` remembers the operation and the operands it came from, so that it can be written exactly in the end, and so that
sines and cosines of rational multiples of pi turn into sums of roots of unity where they meet such sums.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp
from mpmath.libmp import mpf_le, mpf_lt, mpf_neg, mpf_sign, mpi_add, mpi_div, mpi_mul, mpi_sub

from cnnsym.errors import UnsupportedError
from cnnsym.evaluate.cyclotomic import COMPLEX, Cyclotomic, ImaginaryAngle, cosine, sine
from cnnsym.evaluate.interval import PRECISION, Bounds, cos_bounds, euler_bounds, pi_bounds, rational_bounds
from cnnsym.evaluate.undefined import Undefined


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
        if isinstance(other, Cyclotomic):
            return _mixed(operator.add, self, other)
        if not isinstance(other, (int, Fraction, Enclosure)):
            return NotImplemented
        if not isinstance(other, Enclosure) and not other:
            return self
        return Enclosure(mpi_add(self.bounds, bounds(other), PRECISION), sp.Add, (self, other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, Cyclotomic):
            return _mixed(operator.sub, self, other)
        if not isinstance(other, (int, Fraction, Enclosure)):
            return NotImplemented
        return Enclosure(mpi_sub(self.bounds, bounds(other), PRECISION), _difference, (self, other))

    def __rsub__(self, other: Any) -> Any:
        if isinstance(other, Cyclotomic):
            return _mixed(operator.add, -self, other)
        if not isinstance(other, (int, Fraction)):
            return NotImplemented
        return Enclosure(mpi_sub(bounds(other), self.bounds, PRECISION), _difference, (other, self))

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Cyclotomic):
            turn, half_turns = other.over_i, multiple_of_pi(self)
            if turn is not None and half_turns is not None:
                return ImaginaryAngle(turn * half_turns)
            return _mixed(operator.mul, self, other)
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
    """Outward rounded bounds of a real number; Undefined for a complex one."""
    if isinstance(x, Enclosure):
        return x.bounds
    if isinstance(x, Cyclotomic):
        return _real_part(x)
    if isinstance(x, ImaginaryAngle):
        raise Undefined("a real number was needed")
    return rational_bounds(x)


def _real_part(x: Cyclotomic) -> Bounds:
    if not x.is_real:
        raise Undefined("a real number was needed")
    total = rational_bounds(0)
    for k, c in enumerate(x.coefficients):
        if c:
            angle = mpi_mul(rational_bounds(Fraction(2 * k, x.order)), pi_bounds(), PRECISION)
            total = mpi_add(total, mpi_mul(rational_bounds(c), cos_bounds(angle), PRECISION), PRECISION)
    return total


def enclosed(x: Any) -> Enclosure:
    """An enclosure of a real sum of roots of unity; Undefined if it is not real."""
    return Enclosure(bounds(x), x.expression, ())


def _mixed(operation: Callable[[Any, Any], Any], x: Enclosure, z: Cyclotomic) -> Any:
    exact = as_roots_of_unity(x)
    if exact is not None:
        return operation(exact, z)
    if z.is_real:
        return operation(x, enclosed(z))
    raise UnsupportedError(COMPLEX)


def as_roots_of_unity(x: Enclosure) -> Any:
    """The exact number, where the enclosure was made of sines and cosines of rational multiples of pi; None elsewhere."""
    done: dict[int, Any] = {}
    stack: list[tuple[Any, bool]] = [(x, False)]
    while stack:
        item, ready = stack.pop()
        if id(item) in done:
            continue
        if not isinstance(item, Enclosure):
            done[id(item)] = item
        elif item.operation in (sp.cos, sp.sin):
            half_turns = multiple_of_pi(item.operands[0])
            if half_turns is None:
                return None
            done[id(item)] = (cosine if item.operation is sp.cos else sine)(Fraction(half_turns) / 2)
        elif item.operation not in _EXACTLY or (item.operation is sp.Pow and not _is_natural(item.operands[1])):
            return None
        elif ready:
            done[id(item)] = _EXACTLY[item.operation](*(done[id(o)] for o in item.operands))
        else:
            stack.append((item, True))
            stack.extend((o, False) for o in item.operands)
    return done[id(x)]


def multiple_of_pi(x: Any, depth: int = 8) -> Any:
    """The rational number `x/pi`, where `x` was made so that it is one; None elsewhere."""
    if not isinstance(x, Enclosure):
        return None if x else 0
    if x.operation is _pi:
        return 1
    if not depth or x.operation not in (sp.Mul, sp.Add, _difference):
        return None
    a, b = x.operands
    if x.operation is sp.Mul:
        if isinstance(a, Enclosure):
            a, b = b, a
        factor = multiple_of_pi(b, depth - 1)
        return None if factor is None or isinstance(a, Enclosure) else a * factor
    parts = multiple_of_pi(a, depth - 1), multiple_of_pi(b, depth - 1)
    return None if None in parts else _EXACTLY[x.operation](*parts)


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


def _is_natural(x: Any) -> bool:
    return isinstance(x, int) and 0 <= x < 1000


def _exact_quotient(a: Any, b: Any) -> Any:
    return a * (b.inverse() if isinstance(b, Cyclotomic) else 1 / Fraction(b))


def _exact_power(base: Any, exponent: int) -> Any:
    return reduce(operator.mul, [base] * exponent, 1)


_EXACTLY: Mapping[Any, Callable[[Any, Any], Any]] = {
    sp.Add: operator.add,
    sp.Mul: operator.mul,
    sp.Pow: _exact_power,  # natural ones only
    _difference: operator.sub,
    _quotient: _exact_quotient,
}


def _pi() -> sp.Expr:
    return sp.pi


def constant(number: sp.NumberSymbol) -> Enclosure:
    """pi or Euler's number."""
    if number is sp.pi:
        return Enclosure(pi_bounds(), _pi, ())
    return Enclosure(euler_bounds(), lambda: sp.E, ())


def certainly_less(a: Any, b: Any) -> bool:
    """True where the bounds show that `a < b`."""
    return bool(mpf_lt(bounds(a)[1], bounds(b)[0]))


def highest(numbers: list[Any]) -> Any:
    """A number whose lower bound no other exceeds."""
    best = numbers[0]
    for x in numbers[1:]:
        best = x if mpf_lt(bounds(best)[0], bounds(x)[0]) else best
    return best


def maximum_of(numbers: list[Any]) -> Enclosure:
    """The maximum of rational numbers and enclosures, whichever of them it is."""
    low = bounds(highest(numbers))[0]
    high = bounds(numbers[0])[1]
    for x in numbers[1:]:
        high = bounds(x)[1] if mpf_lt(high, bounds(x)[1]) else high
    return Enclosure((low, high), sp.Max, tuple(numbers))


def exact_expression(x: Any) -> sp.Expr:
    """The number as an exact SymPy expression."""
    if not isinstance(x, Enclosure):
        return _leaf_expression(x)
    done: dict[int, sp.Expr] = {}
    stack: list[tuple[Any, bool]] = [(x, False)]
    while stack:
        item, ready = stack.pop()
        if id(item) in done:
            continue
        if not isinstance(item, Enclosure):
            done[id(item)] = _leaf_expression(item)
        elif ready:
            done[id(item)] = item.operation(*(done[id(o)] for o in item.operands))
        else:
            stack.append((item, True))
            stack.extend((o, False) for o in item.operands)
    return done[id(x)]


def _leaf_expression(x: Any) -> sp.Expr:
    return x.expression() if isinstance(x, (Cyclotomic, ImaginaryAngle)) else sp.Rational(x.numerator, x.denominator)
