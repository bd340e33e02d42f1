"""Derivatives by entries of signals: the rules against dual numbers, which share no code with them."""

from __future__ import annotations

import pytest
import sympy as sp

from cnnsym import Maximum, dims, elementwise, indicator, prove, signal
from cnnsym.calculus import take_derivatives
from cnnsym.calculus.entrywise import partial
from cnnsym.errors import UnsupportedError
from cnnsym.evaluate import find_counterexample

m, K, P, N = dims("m K P N")
n, j, a, u = sp.symbols("n j a u", integer=True)
x, k, g = signal("x", m), signal("k", K), signal("g", P)
circle, line = signal("c", N, grid="circular"), signal("z", sp.oo)
f = elementwise("f")
inside = sp.Idx("i", m)

EXPRESSIONS = [
    (x[n] ** 3 * x[2 * n], x[inside]),
    (sp.Sum(g[u] * sp.Sum(k[a] * x[2 * u + a - 1], (a, 0, K - 1)), (u, 0, P - 1)), x[inside]),
    (sp.Sum(g[u] * f(sp.Sum(k[a] * x[u + a], (a, 0, K - 1))), (u, 0, P - 1)), x[inside]),
    (sp.Sum(circle[n + a] * circle[a], (a, 0, N - 1)), circle[j]),
    (f(f(x[n])) * indicator(sp.Ge(n, 1)), x[inside]),
    (sp.Sum(x[j], (j, 0, m - 1)) ** 2, x[sp.Idx("j", m)]),
]


@pytest.mark.parametrize(("e", "entry"), EXPRESSIONS, ids=str)
def test_the_rules_agree_with_dual_numbers(e, entry):
    search = find_counterexample(sp.Derivative(e, entry), partial(e, entry), budget=2.0)
    assert search.counterexample is None
    assert search.agreed or search.enclosed


def test_a_wrong_derivative_is_refuted():
    total = sp.Sum(g[u] * sp.Sum(k[a] * x[u + a], (a, 0, K - 1)), (u, 0, P - 1))
    right = sp.Sum(k[a] * g[inside - a], (a, 0, K - 1))
    wrong = sp.Sum(k[a] * g[inside + a], (a, 0, K - 1))
    assert prove(sp.Derivative(total, x[inside]), right).name == "proved"
    assert prove(sp.Derivative(total, x[inside]), wrong).name == "refuted"


def test_second_derivatives():
    assert prove(sp.Derivative(x[n] ** 2, x[inside], x[inside]), 2 * indicator(sp.Eq(n, inside))).name == "proved"


def test_a_bound_index_is_not_captured_by_the_entry():
    total = sp.Sum(x[a] * k[a], (a, 0, K - 1))
    derivative = partial(total, x[a])
    assert a in derivative.free_symbols
    assert take_derivatives(sp.Derivative(total, x[a])).free_symbols >= {a}


@pytest.mark.parametrize(
    "e", [Maximum(x[n + a], (a, 0, K - 1)), indicator(sp.Eq(x[n], 0)), 2 ** x[n], x[sp.floor(x[0])]], ids=str
)
def test_what_has_no_derivative_here_says_so(e):
    with pytest.raises(UnsupportedError):
        partial(e, x[j])
