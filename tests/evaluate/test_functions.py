"""Scalar expressions, their domains, and derivatives by dual numbers against SymPy's scalar calculus."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.atoms import relu, sigmoid, step
from cnnsym.errors import UnsupportedError
from cnnsym.evaluate import evaluate_at
from cnnsym.evaluate.arithmetic import differ
from cnnsym.evaluate.functions import largest, smallest
from cnnsym.evaluate.machine import Machine
from cnnsym.evaluate.point import Point
from cnnsym.evaluate.program import Program
from cnnsym.evaluate.table import Table
from cnnsym.evaluate.undefined import Undefined

x, y, z = sp.symbols("x y z", real=True)
k = sp.Symbol("k", integer=True)
rationals = st.fractions(min_value=-3, max_value=3, max_denominator=8)


def number(expr: Any, values: dict[Any, Any]) -> Any:
    program = Program()
    node = program.node(expr)
    program.close()
    return Machine(program).values(Point(values, Table("test"))).at(node, {})


EXACT = [
    (relu(x), {x: -2}, 0),
    (relu(x), {x: 3}, 3),
    (relu(x), {x: 0}, 0),
    (step(x), {x: 3}, 1),
    (step(x), {x: -3}, 0),
    (sp.sign(x), {x: 0}, 0),
    (sp.Abs(x), {x: "-3/2"}, sp.Rational(3, 2)),
    (sp.Max(x, y, 1), {x: -2, y: 4}, 4),
    (sp.Min(x, y, 1), {x: -2, y: 4}, -2),
    (sp.Mod(k, 3), {k: -2}, 1),
    (sp.floor(x), {x: "-3/2"}, -2),
    (sp.ceiling(x), {x: "-3/2"}, -1),
    (sp.Piecewise((sp.log(x), x > 0), (y, True)), {x: -1, y: 7}, 7),
    (sp.Piecewise((1 / x, sp.And(x > 0, x < 2)), (y, sp.Or(x < 0, y > 6))), {x: 0, y: 7}, 7),
    (sp.KroneckerDelta(k, 2), {k: 2}, 1),
    (sp.KroneckerDelta(k, 2), {k: 1}, 0),
    (sp.Sum(k**2, (k, 1, 4)), {}, 30),
    (sp.Product(k, (k, 1, 5)), {}, 120),
    (sp.Sum(k, (k, 3, 2)), {}, 0),
    (sp.Sum(k, (k, 5, 1)), {}, 0),
    (sp.binomial(k, 2), {k: 5}, 10),
    (x**k, {x: 2, k: -3}, sp.Rational(1, 8)),
    (sp.sqrt(x), {x: 4}, 2),
    (sp.cos(sp.pi / 4) * x, {x: 2}, sp.sqrt(2)),
    (sp.cos(sp.pi * x), {x: "1/6"}, sp.sqrt(3) / 2),
    (sigmoid(x), {x: 0}, sp.Rational(1, 2)),
]


@pytest.mark.parametrize(("expr", "values", "expected"), EXACT, ids=str)
def test_a_scalar_expression_has_its_exact_value(expr: Any, values: Any, expected: Any) -> None:
    assert evaluate_at(expr, {}, values) == expected


@pytest.mark.parametrize(
    ("expr", "values"),
    [
        (step(x), {x: 0}),
        (1 / x, {x: 0}),
        (sp.log(x), {x: 0}),
        (sp.log(x), {x: -1}),
        (sp.sqrt(x), {x: -1}),
        (sp.Derivative(relu(x), x), {x: 0}),
        (sp.Derivative(sp.Abs(x), x), {x: 0}),
        (sp.Derivative(sp.Max(x, y), x), {x: 1, y: 1}),
        (sp.Derivative(sp.floor(x), x), {x: 1}),
        (sp.Piecewise((x, x > 0)), {x: -1}),
        (sp.Piecewise((1, sp.Eq(sp.cos(x) ** 2 + sp.sin(x) ** 2, 1)), (2, True)), {x: 1}),
    ],
    ids=str,
)
def test_outside_its_domain_an_expression_is_undefined(expr: Any, values: Any) -> None:
    assert evaluate_at(expr, {}, values) is None


def test_floats_and_unknown_functions_are_refused() -> None:
    for expr in (x + sp.Float("0.5"), sp.gamma(x), sp.oo + x):
        with pytest.raises(UnsupportedError):
            evaluate_at(expr, {}, {x: 1})
    with pytest.raises(UnsupportedError):
        evaluate_at(x, {}, {x: 0.5})
    with pytest.raises(UnsupportedError):
        evaluate_at(x + y, {}, {x: 1})
    with pytest.raises(UnsupportedError):
        evaluate_at("x", {}, {x: 1})


DIFFERENTIABLE = [
    x**3 * y - 2 * x / (1 + y**2),
    sp.exp(x * y) * sp.sin(x),
    sp.log(1 + x**2) ** 2,
    sp.tanh(x) * sp.cos(y),
    sp.sqrt(2 + x**2),
    (1 + x**2) ** y,
    (x**2 + 1) ** sp.Rational(2, 3),
    sp.atan(x * y) + sp.sinh(x) - sp.cosh(y) * sp.tan(x / 4),
    sigmoid(x) * sigmoid(x * y),
    (x + 5) ** -2,
    sp.Sum(x**k * y, (k, 0, 3)),
    sp.pi ** (x / 3),
]


@pytest.mark.parametrize("expr", DIFFERENTIABLE, ids=str)
@pytest.mark.parametrize("variables", [(x,), (y,), (x, x), (x, y), (x, x, y)], ids=str)
def test_derivatives_by_dual_numbers_agree_with_scalar_calculus(expr: Any, variables: Any) -> None:
    ours, theirs = sp.Derivative(expr, *variables), sp.diff(expr.doit(), *variables)
    generator = random.Random(f"{expr} {variables}")
    for _ in range(4):
        values = {s: Fraction(generator.randint(-9, 9), generator.randint(1, 7)) for s in (x, y)}
        found, expected = number(ours, values), number(theirs, values)
        assert differ(found, expected) is not True
        assert differ(found + Fraction(1, 10**30), expected) is True  # and the enclosures are narrow enough to tell


def test_nested_derivatives_do_not_mix_their_perturbations() -> None:
    """d/dx (x * d/dy (x + y)) is 1, not 2."""
    expr = sp.Derivative(x * sp.Derivative(x + y, y, evaluate=False), x, evaluate=False)
    assert number(expr, {x: 3, y: 5}) == 1
    inner = sp.Subs(sp.Derivative(x * z, z), z, x)
    assert number(sp.Derivative(x * inner, x, evaluate=False), {x: 3, z: 1}) == 6


def test_derivatives_of_undefined_functions_are_their_own_values() -> None:
    f = sp.Function("f")
    g = sp.Function("g")
    values = {"f''(2)": 5, "f'(2)": 7, "f(2)": 11, "g(2)": 2, "g'(2)": 3}
    assert evaluate_at(sp.Derivative(f(x), x), {}, {x: 2, **values}) == 7
    assert evaluate_at(sp.Derivative(f(x), (x, 2)), {}, {x: 2, **values}) == 5
    assert evaluate_at(sp.Derivative(f(g(x)), x), {}, {x: 2, **values}) == 21
    assert evaluate_at(sp.Subs(sp.Derivative(f(y), y), y, 2 * x), {}, {x: 1, **values}) == 7
    with pytest.raises(UnsupportedError):
        evaluate_at(sp.Derivative(f(x) ** 2, f(x), evaluate=False), {}, {x: 2})


@given(st.lists(rationals, min_size=1, max_size=5))
def test_maximum_and_minimum(values: list[Fraction]) -> None:
    assert (largest(values), smallest(values)) == (max(values), min(values))


def test_indices_that_a_sum_binds_do_not_leak() -> None:
    i, j = sp.symbols("i j", integer=True)
    inner = sp.Sum(i * j, (i, 0, j))  # j(j+1)/2 * j
    expected = sum(j_ * i_ for j_ in range(4) for i_ in range(j_ + 1))
    assert evaluate_at(sp.Sum(inner, (j, 0, 3))) == expected
    assert evaluate_at(sp.Sum(i * sp.Sum(i, (i, 1, 2)), (i, 1, 3))) == 18  # one name, bound twice
    assert evaluate_at(i + sp.Sum(i, (i, 1, 3)), {}, {i: 10}) == 16  # and free besides
    assert evaluate_at(sp.Sum(i * j, (i, 0, j), (j, 0, 3))) == expected  # the last limits are the outermost


def test_a_number_that_is_undecided_does_not_choose_a_case() -> None:
    with pytest.raises(Undefined):
        number(sp.Piecewise((1, sp.cos(x) ** 2 + sp.sin(x) ** 2 > 1), (2, True)), {x: 1})
