"""Integers under hypotheses: solutions are found, they satisfy everything, and there are enough of them."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsym.atoms import signal
from cnnsym.evaluate import evaluate_at, find_counterexample
from cnnsym.evaluate.question import Question
from cnnsym.sizes import dims

N, M, K, s, d, m = dims("N M K s d m")
p = sp.Symbol("p", integer=True, nonnegative=True)
n, t, tau, q, r = sp.symbols("n t tau q r", integer=True)
even = sp.Symbol("e", integer=True, even=True)


def scopes(assuming: Any, sizes: dict[Any, int], *free: Any) -> list[dict[str, int]]:
    question = Question(sum(free) + sum(sizes), 0, assuming)
    return [{str(k.expr): v[0] for k, v in scope.items()} for scope in question.scopes(sizes)]


CONDITIONS: list[tuple[Any, dict[Any, int], tuple[Any, ...]]] = [
    ((sp.Eq(t, s * tau),), {s: 3}, (t, tau)),
    ((sp.Eq(s * tau, t), sp.Ne(tau, 0)), {s: 3}, (t, tau)),
    ((sp.Eq(sp.Mod(t, s), 0),), {s: 3}, (t,)),
    ((sp.And(n >= 0, n < N),), {N: 5}, (n,)),
    ((n >= 0, n < N, sp.Ne(n, t), sp.Or(t < 0, t >= N)), {N: 3}, (n, t)),
    ((sp.Eq(q, sp.floor(n / s)), sp.Eq(r, n - s * q)), {s: 2}, (n, q, r)),
    ((sp.Eq(q, r + 1), sp.Eq(r, q - 1)), {}, (q, r)),
    ((sp.Eq(q + r, n), sp.Eq(q * r, 6)), {}, (q, r, n)),
    ((sp.Not(sp.Eq(n, 0)), n <= 1), {}, (n,)),
]


@pytest.mark.parametrize(("assuming", "sizes", "free"), CONDITIONS, ids=lambda e: str(e)[:60])
def test_the_indices_that_are_tried_satisfy_the_hypotheses(assuming: Any, sizes: Any, free: Any) -> None:
    found = scopes(assuming, sizes, *free)
    assert len(found) >= 3
    assert len({tuple(sorted(f.items())) for f in found}) == len(found)
    for each in found:
        assert all(evaluate_at(condition, {}, {**sizes, **each}) == sp.true for condition in assuming)


def test_free_integers_take_0_and_1_and_values_beyond_the_border() -> None:
    x = signal("x", N)
    question = Question(x[n], 0)
    taken = {scope[name][0] for scope in question.scopes({N: 7}) for name in scope}
    assert {-1, 0, 1, 6, 7, 8} <= taken
    many = Question(x[n] + x[t] + x[q] + x[r] + x[tau], 0).scopes({N: 3})
    assert 40 <= len(many) <= 100
    for k in range(5):
        assert {0, 1, 3, 4} <= {list(scope.values())[k][0] for scope in many}
    assert {tuple(k for k, _ in scope.values()) for scope in many} >= {(0,) * 5, (1,) * 5}


def test_symbols_keep_their_assumptions() -> None:
    assert {each["e"] % 2 for each in scopes((), {}, even)} == {0}
    assert {0, 1, 2, 3} <= {each["p"] for each in scopes((), {}, p)}
    assert min(each["p"] for each in scopes((), {}, p)) == 0


def test_a_padding_among_the_sizes_may_be_0() -> None:
    padded = signal("x", N + 2 * p)
    found = find_counterexample(padded[n], padded[n] + 0 * p)
    assert {sizes["p"] for sizes in found.agreed} >= {0, 1, 2}
    assert all(sizes["N"] >= 1 for sizes in found.agreed)
    refuted = find_counterexample(sp.Sum(padded[n], (n, 0, N - 1)), sp.Sum(padded[n], (n, 0, N + 2 * p - 1)))
    assert refuted.counterexample is not None and refuted.counterexample.sizes == {"N": 1, "p": 1}


width = sp.floor((m + 2 * p - d * (K - 1) - 1) / s) + 1


def test_sizes_satisfy_their_hypotheses_and_are_many() -> None:
    x, y = signal("x", m), signal("y", N)
    room = m + 2 * p >= d * (K - 1) + 1
    read = sp.Sum(x[s * n + d * tau - p] * y[n], (tau, 0, K - 1))
    for assuming in (
        (room,),
        (sp.Eq(N, width), room),
        (sp.Eq(sp.Mod(m, s), 0), sp.Eq(sp.Mod(N, s), 0), room),
        (sp.Eq(m, s * N), sp.Eq(d, 2), sp.Ne(s, 1)),
        (m > K * d, m < N),
    ):
        found = find_counterexample(read, sp.Sum(x[s * n + d * (K - 1 - tau) - p] * y[n], (tau, 0, K - 1)), assuming)
        assert found.counterexample is None, found.counterexample
        assert len(found.agreed) >= 8
        assert len({sizes["K"] for sizes in found.agreed}) >= 2
        for sizes in found.agreed:
            for condition in assuming:
                if not condition.has(p):
                    assert evaluate_at(condition, sizes) == sp.true


def test_hypotheses_decide_what_is_refuted() -> None:
    multiple = (sp.Eq(sp.Mod(N, s), 0),)
    assert find_counterexample(sp.floor(N / s) * s, N).counterexample is not None
    assert find_counterexample(sp.floor(N / s) * s, N, multiple).counterexample is None
    assert find_counterexample(width, sp.ceiling(m / s), (sp.Eq(2 * p, d * (K - 1)),)).counterexample is None
    assert find_counterexample(width, m, (sp.Eq(2 * p, d * (K - 1)),)).counterexample is not None
    assert find_counterexample(sp.Abs(n), n, (n >= 0,)).counterexample is None
    assert find_counterexample(sp.Abs(n), n, (n >= -1,)).counterexample is not None


def test_what_cannot_be_satisfied_says_nothing() -> None:
    for assuming in (
        (n > 0, n < 0),
        (sp.Eq(n, n + 1, evaluate=False),),
        (sp.Eq(sp.Mod(n, 2), 0), sp.Eq(sp.Mod(n, 2), 1)),
    ):
        found = find_counterexample(n, n + 1, assuming)
        assert found.counterexample is None and not found.agreed
        assert "both sides were defined at no sample" in found.notes


@settings(max_examples=25, deadline=None)
@given(modulus=st.integers(2, 5), rest=st.integers(0, 4), low=st.integers(-9, 5))
def test_a_residue_class_in_a_window_is_found(modulus: int, rest: int, low: int) -> None:
    rest %= modulus
    assuming = (sp.Eq(sp.Mod(n, modulus), rest), n >= low, n < low + modulus)
    expected = next(k for k in range(low, low + modulus) if k % modulus == rest)
    found = find_counterexample(n, expected, assuming)
    assert found.counterexample is None and found.agreed
    refuted = find_counterexample(n, expected + modulus, assuming).counterexample
    assert refuted is not None and refuted.values["n"] == str(expected)
