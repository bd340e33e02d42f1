"""Matrices drawn under hypotheses meet them, exactly and in general position; scalars and sizes meet theirs."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsym import atoms
from cnnsym.errors import UnsupportedError
from cnnsym.evaluate import evaluate_at, find_counterexample
from cnnsym.evaluate.draw import STYLES, allows, scalar
from cnnsym.evaluate.hypotheses import draw_matrix
from cnnsym.sizes import dims

m, n = dims("m n")
S, T, A = atoms.matrix("S", n, n), atoms.matrix("T", n, n), atoms.matrix("A", m, n)
t = atoms.scalar("t")
k = sp.Symbol("k", integer=True)

CHECKS: dict[str, Any] = {
    "symmetric": lambda a: a == a.T,
    "diagonal": lambda a: a.is_diagonal(),
    "lower_triangular": lambda a: a.is_lower,
    "upper_triangular": lambda a: a.is_upper,
    "orthogonal": lambda a: a * a.T == sp.eye(a.rows),
    "invertible": lambda a: a.det() != 0,
    "positive_definite": lambda a: a == a.T and all(a[:k, :k].det() > 0 for k in range(1, a.rows + 1)),
}
SETS = [{name} for name in CHECKS] + [
    {"symmetric", "orthogonal"},
    {"symmetric", "invertible"},
    {"diagonal", "orthogonal"},
    {"diagonal", "positive_definite"},
    {"lower_triangular", "invertible"},
    {"lower_triangular", "upper_triangular"},
    {"orthogonal", "positive_definite"},
]


@pytest.mark.parametrize("predicates", SETS, ids=lambda s: "+".join(sorted(s)))
@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), style=st.sampled_from(STYLES), size=st.integers(1, 4))
def test_a_drawn_matrix_meets_its_hypotheses(predicates: set[str], seed: int, style: str, size: int) -> None:
    found = draw_matrix(random.Random(seed), style, size, size, frozenset(predicates))
    as_sympy = sp.Matrix(size, size, [sp.Rational(x.numerator, x.denominator) for x in found.entries])
    assert all(CHECKS[name](as_sympy) for name in predicates)


def test_orthogonal_matrices_are_not_only_permutations() -> None:
    drawn = [draw_matrix(random.Random(k), "integers", 3, 3, frozenset({"orthogonal"})) for k in range(10)]
    assert sum(any(x not in (-1, 0, 1) for x in d.entries) for d in drawn) > 5


TRUE_UNDER = [
    (S.T, S, sp.Q.symmetric(S)),
    (S * S.T, sp.Identity(n), sp.Q.orthogonal(S)),
    (S.I, S.T, sp.Q.orthogonal(S)),
    (S, atoms.diag(atoms.diag(S)), sp.Q.diagonal(S)),
    (sp.Determinant(S), sp.Product(S[k, k], (k, 0, n - 1)), sp.Q.lower_triangular(S)),
    (S * S.I, sp.Identity(n), sp.Q.invertible(S)),
    (sp.Abs(t), t, sp.Q.positive(t)),
    (sp.sqrt(t**2), t, sp.Ge(t, 0)),
    (sp.KroneckerDelta(m, n), 0, sp.Ne(m, n)),
    (sp.Max(m, n), m, sp.And(m >= n, m > 1)),
    (sp.sign(sp.Determinant(S)), 1, sp.Q.positive_definite(S)),
]


@pytest.mark.parametrize(("lhs", "rhs", "hypothesis"), TRUE_UNDER, ids=lambda e: str(e)[:40])
def test_what_holds_under_a_hypothesis_is_refuted_only_without_it(lhs: Any, rhs: Any, hypothesis: Any) -> None:
    found = find_counterexample(lhs, rhs, (hypothesis,), budget=20)
    assert found.counterexample is None, found.counterexample
    assert found.agreed or found.enclosed
    if hypothesis != sp.Q.invertible(S):  # where S is singular the left side is undefined anyway
        assert find_counterexample(lhs, rhs, budget=20).counterexample is not None


def test_a_counterexample_meets_the_hypotheses() -> None:
    example = find_counterexample(S * T, T * S, (sp.Q.symmetric(S), sp.Q.orthogonal(T)), budget=20).counterexample
    assert example is not None
    s, t_ = (evaluate_at(x, example.sizes, example.values) for x in (S, T))
    assert s == s.T and t_ * t_.T == sp.eye(2)
    example = find_counterexample(t**2, t, (sp.Gt(t, 1),)).counterexample
    assert example is not None and sp.Rational(str(example.values["t"])) > 1


def test_assumptions_of_symbols_are_kept() -> None:
    for assumption in ("positive", "negative", "nonnegative", "nonzero", "integer", "nonpositive"):
        symbol = sp.Symbol("s", real=True, **{assumption: True})
        for seed in range(20):
            value = scalar(random.Random(seed), STYLES[seed % len(STYLES)], symbol)
            assert getattr(sp.Rational(value.numerator, value.denominator), f"is_{assumption}")
            assert allows(symbol, value)
    positive = sp.Symbol("p", positive=True)
    assert find_counterexample(sp.Abs(positive, evaluate=False), positive).counterexample is None


def test_lemmas_constrain_nothing_and_other_things_are_refused() -> None:
    lemma = SimpleNamespace(is_lemma=True)
    assert find_counterexample(S.T, S, (lemma,)).counterexample is not None
    for unknown in (sp.Q.singular(S), sp.Q.symmetric(S * T), sp.Q.orthogonal(S + T), "symmetric", SimpleNamespace()):
        with pytest.raises(UnsupportedError):
            find_counterexample(S.T, S, (unknown,))


def test_hypotheses_that_cannot_be_met_leave_nothing_to_say() -> None:
    found = find_counterexample(t, t + 1, (sp.Lt(t**2, 0),))
    assert found.counterexample is None and not found.agreed
    found = find_counterexample(S, S.T, (sp.Lt(n, 1),))
    assert found.counterexample is None and not found.agreed


def test_a_counterexample_keeps_the_assumptions_of_its_symbols() -> None:
    positive, even = sp.Symbol("p", positive=True), sp.Symbol("e", even=True)
    negative, odd = sp.Symbol("g", integer=True, negative=True), sp.Symbol("o", odd=True, positive=True)
    found = find_counterexample(sp.sign(positive, evaluate=False), 2).counterexample
    assert found is not None and sp.Rational(str(found.values["p"])) > 0
    found = find_counterexample(sp.Mod(even, 2, evaluate=False), 1).counterexample
    assert found is not None and int(str(found.values["e"])) % 2 == 0
    found = find_counterexample(sp.sign(negative, evaluate=False), 1).counterexample
    assert found is not None and int(str(found.values["g"])) < 0
    found = find_counterexample(sp.Mod(odd, 2, evaluate=False), 0).counterexample
    assert found is not None and found.sizes["o"] % 2 == 1
