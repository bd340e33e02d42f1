"""Enclosures hold the number they stand for, as mpmath finds it at twice the precision, and are narrow."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath.libmp import to_rational

from cnnsym.errors import LimitError
from cnnsym.evaluate.arithmetic import differ, divide, exp, log, power, sign
from cnnsym.evaluate.enclosure import Enclosure, bounds, constant, exact_expression
from cnnsym.evaluate.functions import atan, cos, cosh, floor, logistic, magnitude, sin, sinh, tan, tanh
from cnnsym.evaluate.undefined import Undefined

rationals = st.fractions(min_value=-20, max_value=20, max_denominator=1000)
FUNCTIONS = {
    "exp": (exp, mpmath.exp),
    "log": (log, mpmath.log),
    "sqrt": (lambda x: power(x, Fraction(1, 2)), mpmath.sqrt),
    "cube root": (lambda x: power(x, Fraction(1, 3)), mpmath.cbrt),
    "sin": (sin, mpmath.sin),
    "cos": (cos, mpmath.cos),
    "tan": (tan, mpmath.tan),
    "atan": (atan, mpmath.atan),
    "sinh": (sinh, mpmath.sinh),
    "cosh": (cosh, mpmath.cosh),
    "tanh": (tanh, mpmath.tanh),
    "sigmoid": (logistic, lambda x: 1 / (1 + mpmath.exp(-x))),
}


def holds(found: object, expected: mpmath.mpf) -> bool:
    """The enclosure contains the number, known to 150 digits, and is narrower than 1e-55 of its size."""
    if not isinstance(found, Enclosure):
        return bool(abs(mpmath.mpf(found.numerator) / found.denominator - expected) < mpmath.mpf(10) ** -140)
    low, high = (Fraction(*map(int, to_rational(b))) for b in found.bounds)
    number = Fraction(*map(int, to_rational(expected._mpf_)))
    slack = Fraction(1, 10**140)
    return low <= number + slack and number - slack <= high and high - low <= (abs(number) + 1) / 10**55


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=25)
@given(x=rationals)
def test_a_function_of_a_rational_is_enclosed(name: str, x: Fraction) -> None:
    ours, theirs = FUNCTIONS[name]
    if name in ("log", "sqrt", "cube root"):
        x = abs(x) + Fraction(1, 7)
    with mpmath.workdps(150):
        assert holds(ours(x), theirs(mpmath.mpf(x.numerator) / x.denominator))


@given(x=rationals, y=rationals)
def test_compositions_are_enclosed(x: Fraction, y: Fraction) -> None:
    found = divide(sin(exp(x) * y) - cos(y), exp(y) + 2) + magnitude(tanh(x))
    with mpmath.workdps(150):
        u, v = (mpmath.mpf(q.numerator) / q.denominator for q in (x, y))
        if isinstance(found, Enclosure) and abs(x) < 4:
            expected = (mpmath.sin(mpmath.exp(u) * v) - mpmath.cos(v)) / (mpmath.exp(v) + 2) + abs(mpmath.tanh(u))
            assert holds(found, expected)


@given(x=rationals, y=rationals)
def test_rational_arithmetic_with_an_enclosure_keeps_the_exact_expression(x: Fraction, y: Fraction) -> None:
    root = power(2, Fraction(1, 2))
    a, b = sp.Rational(x.numerator, x.denominator), sp.Rational(y.numerator, y.denominator)
    assert sp.expand(exact_expression(root * x - y) - (sp.sqrt(2) * a - b)) == 0


def test_equal_numbers_are_never_called_different() -> None:
    root = power(2, Fraction(1, 2))
    assert differ(root * root, 2) is None
    assert differ(exp(Fraction(1, 3)) * exp(Fraction(2, 3)), constant(sp.E)) is None
    assert differ(root, Fraction(14142135623730950488016887242097, 10**31)) is True
    assert differ(Fraction(2, 4), Fraction(1, 2)) is False


def test_well_known_values_are_exact() -> None:
    assert (exp(0), log(1), sin(0), cos(0), tanh(0), atan(0)) == (1, 0, 0, 1, 0, 0)
    assert power(Fraction(9, 4), Fraction(1, 2)) == Fraction(3, 2)
    assert power(8, Fraction(-2, 3)) == Fraction(1, 4)


@pytest.mark.parametrize(
    "operation",
    [
        lambda: divide(1, 0),
        lambda: log(0),
        lambda: log(-1),
        lambda: power(-2, Fraction(1, 2)),
        lambda: power(0, Fraction(-1, 2)),
        lambda: power(0, -1),
        lambda: divide(1, sin(constant(sp.pi))),
        lambda: sign(sin(constant(sp.pi))),
        lambda: floor(power(2, Fraction(1, 2)) * power(2, Fraction(1, 2))),
        lambda: power(-1, constant(sp.pi)),
    ],
)
def test_what_has_no_value_or_cannot_be_decided_is_undefined(operation: object) -> None:
    with pytest.raises(Undefined):
        operation()  # type: ignore[operator]


def test_overflow_is_a_limit() -> None:
    with pytest.raises(LimitError):
        exp(10**6)
    with pytest.raises(LimitError):
        power(3, 10**9)


def test_the_floor_of_an_irrational_number() -> None:
    pi = constant(sp.pi)
    assert [floor(pi * k) for k in (1, 7, 113, -1)] == [3, 21, 354, -4]
    assert floor(pi * (1 << 70)) == int(sp.floor(sp.pi * 2**70))


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=25)
@given(x=rationals, width=st.fractions(min_value=0, max_value=2, max_denominator=50), part=st.integers(0, 4))
def test_a_wide_enclosure_holds_the_values_at_all_its_points(
    name: str, x: Fraction, width: Fraction, part: int
) -> None:
    ours, theirs = FUNCTIONS[name]
    if name in ("log", "sqrt", "cube root"):
        x = abs(x) + Fraction(1, 7)
    wide = Enclosure((bounds(x)[0], bounds(x + width)[1]), lambda: sp.nan, ())
    try:
        found = ours(wide)
    except Undefined:  # the tangent across a pole
        assert name == "tan"
        return
    low, high = (Fraction(*map(int, to_rational(b))) for b in found.bounds)
    inside = x + width * Fraction(part, 4)
    with mpmath.workdps(150):
        number = Fraction(*map(int, to_rational(theirs(mpmath.mpf(inside.numerator) / inside.denominator)._mpf_)))
    assert low <= number + Fraction(1, 10**120) and number - Fraction(1, 10**120) <= high
