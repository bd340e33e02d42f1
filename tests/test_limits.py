"""Limits of rational functions and power means, with parameters; limits that are wrong are refuted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnsym.limits
from cnnsym.check import decide
from cnnsym.claim import Limit
from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.limits import prove_limit
from cnnsym.verdict import Proved, Refuted, Unknown

t, A, B = sp.symbols("t A B", real=True)
s1, s2, a1, a2, q = sp.symbols("s1 s2 a1 a2 q", positive=True)
m, n = sp.symbols("m n", integer=True, positive=True)
i, minus = sp.Symbol("i", integer=True), sp.Symbol("minus", negative=True)
x, s = sp.IndexedBase("x"), sp.IndexedBase("s")
oo = sp.oo

PRIOR = (s1 * a1 + s2 * a2) / (s1 + s2 + t)  # the mean with a prior of precision t at 0
TIED = (t * (a1 + a2) + s1 * a1) / (2 * t + s1)
MANY = (sp.Sum(s[i] * x[i], (i, 0, n - 1)) + t * A) / (sp.Sum(s[i], (i, 0, n - 1)) + t)
MEAN = ((a1**q + a2**q) / 2) ** (1 / q)

# (function, limit, wrong limits, variable, to, assuming)
LIMITS: dict[str, tuple[Any, Any, list[Any], Any, Any, list[Any]]] = {
    "a strong prior": (PRIOR, 0, [1, a1, oo, (s1 * a1 + s2 * a2) / (s1 + s2)], t, oo, []),
    "no prior": (PRIOR, (s1 * a1 + s2 * a2) / (s1 + s2), [(a1 + a2) / 2, 0, a1], t, sp.S.Zero, []),
    "weights tied": (TIED, (a1 + a2) / 2, [a1, a1 + a2, (a1 - a2) / 2], t, oo, []),
    "sums as parameters": (MANY, A, [sp.Sum(x[i], (i, 0, n - 1)), -A], t, oo, []),
    "a hypothesis on parameters": ((A * t + 1) / (B * t + 1), A / B, [B / A, A], t, oo, [sp.Ne(B, 0), sp.Ne(A, 0)]),
    "parameters of a layer": (m**2 * a1 / (m**2 * a1 + a2), 1, [0, a1, a1 / a2], m, oo, []),
    "growth": ((m**2 + 1) / m, oo, [-oo, 0, 1], m, oo, []),
    "growth downwards": ((1 - a1 * m**2) / m, -oo, [oo, 0], m, oo, []),
    "to the left": ((t**2 + 1) / t, -oo, [oo, 1], t, -oo, []),
    "a gap": ((t**2 - 1) / (t - 1), 2, [0, 1, oo], t, sp.S.One, []),
    "a power mean": (MEAN, sp.Max(a1, a2), [a1, (a1 + a2) / 2, sp.Min(a1, a2), oo], q, oo, []),
    "a power mean, ordered": (MEAN, a1, [a2, a1 / 2], q, oo, [a1 > a2]),
}
WRONG = [(f"{name} {k}", f, e, v, to, h) for name, (f, _, no, v, to, h) in LIMITS.items() for k, e in enumerate(no)]


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str) -> None:
    function, limit, _, variable, to, assuming = LIMITS[name]
    verdict = prove_limit(function, limit, variable, to, assuming)
    assert isinstance(verdict, Proved), verdict.reason
    assert verdict.assumed == tuple(map(str, assuming))


@pytest.mark.parametrize(
    ("function", "limit", "variable", "to", "assuming"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_wrong_limits(function: Any, limit: Any, variable: Any, to: Any, assuming: list[Any]) -> None:
    verdict = prove_limit(function, limit, variable, to, assuming)
    assert isinstance(verdict, Refuted)
    assert "the limit is" in verdict.reason


@pytest.mark.parametrize(
    ("function", "variable", "to"),
    [
        (sp.sin(t) / t, t, oo),
        (1 / t, t, sp.S.Zero),
        ((A * t + 1) / (B * t + 1), t, oo),  # B may be 0
        (A * t, t, oo),  # the sign of A
        (sp.Sum(x[i], (i, 0, n - 1)) / n, n, oo),
        (sp.floor(t) / t, t, oo),
        (sp.Symbol("z") / t, t, oo),
        (((A**2 + 1) ** q + a1 ** (2 * q)) ** (1 / q), q, oo),
        ((a1**q - a2**q) ** (1 / q), q, oo),
        (1 / m, m, -oo),
        (1 / m, m, sp.S.One),
        (1 / t, sp.Symbol("z"), oo),
        (t, t, t),
        (a1, a1, -sp.S.One),  # a1 is positive
        (1 / minus, minus, oo),
    ],
    ids=str,
)
def test_limits_that_are_not_covered(function: Any, variable: Any, to: Any) -> None:
    with pytest.raises(UnsupportedError):
        prove_limit(function, sp.S.Zero, variable, to)


def test_assumptions_that_cannot_hold_prove_nothing() -> None:
    assert isinstance(prove_limit(A / t, sp.S.One, t, oo, [A > 0, A < 0]), Unknown)
    assert isinstance(prove_limit(MEAN, a1, q, oo, [a1 > a2, a2 > a1]), Unknown)


def test_a_wrong_degree_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.limits, "_rational_limit", lambda *_: sp.S.One)
    with pytest.raises(InternalError, match="far from 1"):
        prove_limit(PRIOR, 1, t, oo)


def test_a_wrong_mean_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.limits, "_power_mean", lambda *_: [a1])
    with pytest.raises(InternalError, match="far from"):
        prove_limit(MEAN, a1, q, oo)


def test_claims_are_decided_by_it() -> None:
    assert isinstance(decide(Limit(t, oo), TIED, (a1 + a2) / 2), Proved)
    assert isinstance(decide(Limit(t, oo), TIED, a1), Refuted)
    assert isinstance(decide(Limit(t, oo), (A * t + 1) / (B * t + 1), A / B), Unknown)
    assert isinstance(decide(Limit(t, oo), (A * t + 1) / (B * t + 1), A / B, (sp.Ne(B, 0),)), Proved)


COEFFICIENTS = st.lists(st.integers(-3, 3), min_size=1, max_size=4)


@settings(max_examples=60)
@given(COEFFICIENTS, COEFFICIENTS.filter(any), st.integers(-2, 2))
def test_agrees_with_sympy(top: list[int], bottom: list[int], guess: int) -> None:
    f = sum(c * t**k for k, c in enumerate(top)) / sum(c * t**k for k, c in enumerate(bottom))
    f = sp.sympify(f, strict=True)
    limit = sp.limit(f, t, oo)
    assert isinstance(prove_limit(f, limit, t, oo), Proved)
    other = sp.Rational(Fraction(guess, 3))
    if other != limit:
        assert isinstance(prove_limit(f, other, t, oo), Refuted)
