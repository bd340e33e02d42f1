"""Maxima over index ranges: exact, undefined over nothing, differentiable only where one candidate alone is the largest."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.atoms import Maximum, elementwise, indicator, signal
from cnnsym.evaluate import evaluate_at, find_counterexample
from cnnsym.evaluate.dual import Dual
from cnnsym.evaluate.functions import largest, modulo, smallest
from cnnsym.evaluate.undefined import Undefined
from cnnsym.sizes import dims

N, K, L, s = dims("N K L s")
a, b, j, n, t = sp.symbols("a b j n t", integer=True)
y = sp.Symbol("y", real=True)
x, xc, z = signal("x", N), signal("x", N, grid="circular"), signal("z", N)


@given(values=st.lists(st.fractions(-3, 3, max_denominator=5), min_size=1, max_size=5), first=st.integers(-2, 6))
def test_it_is_the_largest_in_its_range(values: list[Fraction], first: int) -> None:
    window = [values[k] if 0 <= k < len(values) else 0 for k in range(first, first + 3)]
    found = evaluate_at(Maximum(x[first + a], (a, 0, 2)), {N: len(values)}, {"x": values})
    assert found == sp.Rational(max(window))
    assert evaluate_at(Maximum(xc[a], (a, 0, N - 1)), {N: len(values)}, {"x": values}) == sp.Rational(max(values))


def test_the_maximum_over_nothing_is_undefined() -> None:
    assert evaluate_at(Maximum(a, (a, 0, -1))) is None
    assert evaluate_at(Maximum(a * b, (a, 0, b), (b, -1, 2))) == 4
    assert evaluate_at(Maximum(Maximum(a * b, (a, 0, b)), (b, 0, 2))) == 4
    assert evaluate_at(sp.Sum(Maximum(a, (a, 0, b)) ** 2, (b, 0, 3))) == 14
    assert evaluate_at(sp.floor(Maximum(a / 2, (a, 0, 3)))) == 1


def test_names_that_a_maximum_binds_do_not_leak() -> None:
    assert evaluate_at(a + Maximum(a, (a, 1, 3)), {}, {a: 10}) == 13
    assert evaluate_at(Maximum(a, (a, 1, a)), {}, {a: 4}) == 4
    assert find_counterexample(Maximum(a + n, (a, 0, K)), Maximum(b + n, (b, 0, K))).agreed


def test_irrational_candidates_are_compared_certainly() -> None:
    assert evaluate_at(Maximum(sp.sqrt(2) * a, (a, 0, 3))) == 3 * sp.sqrt(2)
    root = sp.sqrt(2) + sp.sqrt(3)
    same = sp.Max(root, sp.sqrt(5 + 2 * sp.sqrt(6)), evaluate=False)
    assert find_counterexample(same, root).enclosed
    assert find_counterexample(same, root + sp.Rational(1, 10**30)).counterexample is not None
    touching = sp.Max(sp.exp(y), sp.E * y)  # equal at 1, with equal slopes
    assert evaluate_at(sp.Derivative(touching, y), {}, {y: 1}) is None
    assert evaluate_at(sp.Derivative(sp.Max(sp.exp(y), sp.E * y - 1), y), {}, {y: 1}) == sp.E


def moving(value: int, slope: int) -> Dual:
    return Dual(1, value, {0: slope})


def test_the_derivative_needs_one_largest_candidate() -> None:
    assert largest([moving(1, 5), moving(1, 6), moving(2, 7)]).parts == {0: 7}  # a tie below the top does no harm
    assert largest([1, 1, moving(0, 3)]) == 1  # nor does one that nothing moves
    assert smallest([moving(1, 5), moving(1, 6), 0]) == 0
    for tied in ([moving(1, 5), moving(1, 6)], [moving(1, 5), 1], [moving(1, 5), moving(1, 5)]):
        with pytest.raises(Undefined):
            largest(tied)
    slope = sp.Derivative(Maximum(x[a], (a, 0, N - 1)), x[j])
    assert [evaluate_at(slope, {N: 3}, {"x": [1, 5, 3], "j": k}) for k in range(3)] == [0, 1, 0]
    assert [evaluate_at(slope, {N: 3}, {"x": [1, 5, 5], "j": k}) for k in range(3)] == [0, None, None]


def test_a_modulus_is_positive() -> None:
    assert [modulo(k, 3) for k in (-4, -3, -1, 0, 5)] == [2, 0, 2, 0, 2]
    assert modulo(Fraction(-1, 2), Fraction(1, 3)) == Fraction(1, 6)
    for modulus in (0, -3):
        with pytest.raises(Undefined):
            modulo(5, modulus)


def pool(signal_: Any, place: Any) -> Any:
    return Maximum(signal_[s * place + a], (a, 0, K - 1))


f = elementwise("f")
arg = sp.Sum(indicator(sp.Eq(x[a], Maximum(x[b], (b, 0, N - 1)))) * a, (a, 0, N - 1))
STATEMENTS: list[tuple[str, Any, Any, bool]] = [
    ("pooling and multiple shifts", Maximum(xc[s * n - s * t + a], (a, 0, K - 1)), pool(xc, n - t), True),
    ("pooling and other shifts", Maximum(xc[s * n - t + a], (a, 0, K - 1)), pool(xc, n - t), False),
    ("windows join", sp.Max(Maximum(xc[n + a], (a, 0, K - 1)), Maximum(xc[n + a], (a, K, K + L))),
     Maximum(xc[n + a], (a, 0, K + L)), True),
    ("windows with a gap", sp.Max(Maximum(xc[n + a], (a, 0, K - 1)), Maximum(xc[n + a], (a, K + 1, K + L))),
     Maximum(xc[n + a], (a, 0, K + L)), False),
    ("a constant added", Maximum(x[a] + y, (a, 0, N - 1)), y + Maximum(x[a], (a, 0, N - 1)), True),
    ("a factor of any sign", Maximum(x[a] * y, (a, 0, N - 1)), y * Maximum(x[a], (a, 0, N - 1)), False),
    ("the maximum of a sum", Maximum(x[a] + z[a], (a, 0, N - 1)),
     Maximum(x[a], (a, 0, N - 1)) + Maximum(z[a], (a, 0, N - 1)), False),
    ("maximum and minimum", Maximum(-x[a], (a, 0, N - 1)), -Maximum(x[a], (a, 0, N - 1)), False),
    ("the gradient goes to the largest", sp.Derivative(Maximum(x[a], (a, 0, N - 1)), x[j]),
     sp.KroneckerDelta(j, arg), True),
    ("the gradient is shared", sp.Derivative(Maximum(x[a], (a, 0, N - 1)), x[j]),
     indicator(sp.And(j >= 0, j < N)) / N, False),
    ("a function does not pass", Maximum(f(x[a]), (a, 0, N - 1)), f(Maximum(x[a], (a, 0, N - 1))), False),
    ("an increasing function passes", Maximum(sp.exp(x[a]), (a, 0, N - 1)), sp.exp(Maximum(x[a], (a, 0, N - 1))), True),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "rhs", "holds"), [e[1:] for e in STATEMENTS], ids=[e[0] for e in STATEMENTS])
def test_statements_about_pooling(lhs: Any, rhs: Any, holds: bool) -> None:
    found = find_counterexample(lhs, rhs, budget=20)
    assert (found.counterexample is None) is holds, found.counterexample
    if holds:
        assert found.agreed or found.enclosed
    else:
        example = found.counterexample
        assert example is not None
        assert [str(evaluate_at(e, example.sizes, example.values)) for e in (lhs, rhs)] == [example.lhs, example.rhs]
