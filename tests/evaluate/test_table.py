"""Abstract functions: one value for each argument and order, whatever the way the argument was computed."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.evaluate.arithmetic import exp, power
from cnnsym.evaluate.dual import Dual, part
from cnnsym.evaluate.enclosure import constant
from cnnsym.evaluate.table import Table
from cnnsym.evaluate.undefined import Undefined

ONE = ((0, 0, 0),)
numbers = st.fractions(max_denominator=50)


@given(
    seed=st.text(max_size=5),
    x=numbers,
    order=st.integers(0, 3),
    style=st.sampled_from(["integers", "positive", "rationals"]),
)
def test_a_value_depends_on_seed_name_order_and_argument_alone(seed: str, x: Fraction, order: int, style: str) -> None:
    first, second = Table(seed, style), Table(seed, style)
    second.value("g", (None,), (), (x + 1,))  # what was asked before does not matter
    assert first.value("f", (None,), ONE * order, (x,)) == second.value("f", (None,), ONE * order, (Fraction(x),))
    assert first.value("f", (None,), (), (2,)) == first.value("f", (None,), (), (Fraction(4, 2),))


def test_functions_orders_arguments_and_seeds_are_independent() -> None:
    def values(seed: str, label: str, order: int) -> list[object]:
        return [Table(seed).value(label, (None,), ONE * order, (k,)) for k in range(40)]

    series = [values("a", "f", 0), values("a", "f", 1), values("a", "f", 2), values("a", "g", 0), values("b", "f", 0)]
    assert all(len(set(s)) > 4 for s in series)
    assert all(series[k] != series[l] for k in range(5) for l in range(k))


def test_equal_irrational_arguments_have_one_value_and_different_ones_their_own() -> None:
    table = Table("seed")
    e = constant(sp.E)
    assert table.value("f", (None,), (), (e,)) == table.value(
        "f", (None,), (), (exp(Fraction(1, 2)) * exp(Fraction(1, 2)),)
    )
    assert table.by_overlap
    seen = {table.value("f", (None,), (), (power(k, Fraction(1, 2)),)) for k in range(2, 60)}
    assert len(seen) > 4
    root = power(2, Fraction(1, 2))
    for exact_first in (True, False):
        other = Table("seed")
        arguments = [2, root * root] if exact_first else [root * root, 2]
        first, second = (other.value("f", (None,), (), (a,)) for a in arguments)
        assert first == second


def test_an_argument_between_two_known_ones_is_undefined() -> None:
    table = Table("seed")
    close = [1 + Fraction(k, 10**90) for k in (0, 1)]
    root = power(2, Fraction(1, 2))
    for x in close:
        table.value("f", (None,), (), (x,))
    with pytest.raises(Undefined):
        table.value("f", (None,), (), (root * root * Fraction(1, 2),))


def test_given_values_are_taken_and_used_ones_are_named() -> None:
    table = Table("seed", given={"f'(1/2)": Fraction(7)})
    assert table.value("f", (None,), ONE, (Fraction(1, 2),)) == 7
    table.value("J", ((2, 1), (1, 1)), ((0, 1, 0), (1, 0, 0)), (1, 2, 3))
    table.value("x", (None, None), (), (0, -1))
    table.value("f", (None,), (), (power(2, Fraction(1, 2)),))
    assert set(table.used) == {"f'(1/2)", "J''[1;2,1][2;1,1]([[1], [2]], [[3]])", "x(0, -1)", "f(sqrt(2))"}


def test_mixed_second_derivatives_are_equal() -> None:
    table = Table("seed")
    one, two = (0, 0, 0), (0, 1, 0)
    assert table.value("J", ((2, 1),), (one, two), (3, 4)) == table.value("J", ((2, 1),), (two, one), (3, 4))


def test_dual_arguments_follow_the_chain_rule() -> None:
    table = Table("seed", given={"f(2)": 3, "f'(2)": 5, "f''(2)": 7})
    first = table.value("f", (None,), (), (Dual(1, 2, {0: 10, 1: 100}),))
    assert (first.value, part(first, 1, 0), part(first, 1, 1)) == (3, 50, 500)
    second = table.value("f", (None,), (), (Dual(2, Dual(1, 2, {0: 1}), {0: 1}),))
    assert part(part(second, 2, 0), 1, 0) == 7
