"""Statements about integers: the solver and plain enumeration agree, counterexamples fail, assumptions count."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnsym.integers
from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.integers import prove_integers
from cnnsym.sizes import dims
from cnnsym.verdict import Proved, Refuted, Unknown

n, s, p = dims("n s p")
k, l = sp.symbols("k l", integer=True)
q = sp.Symbol("q", integer=True, nonnegative=True)
i, j = sp.Idx("i", n), sp.Idx("j", n)
Mod = sp.Mod

TRUE: dict[str, tuple[list[Any], Any]] = {
    "range": ([k >= 0, k < n], k + 1 <= n),
    "an Idx lies in its range": ([], sp.And(sp.Ge(i, 0), sp.Lt(i, n))),
    "sum of two": ([], i + j <= 2 * n - 2),
    "parity": ([], sp.Eq(Mod(k * (k + 1), 2), 0)),
    "remainder": ([], sp.And(Mod(k, 3) >= 0, Mod(k, 3) < 3)),
    "output size": ([sp.Eq(n, s * q + p), p < s], s * q <= n),
    "cases": ([], sp.Or(k < 0, sp.Eq(k, 0), k > 0)),
    "nonnegative": ([], sp.Or(sp.Eq(q, 0), q >= 1)),
    "implication": ([], sp.Implies(k > 2, k > 1)),
}
FALSE: dict[str, tuple[list[Any], Any]] = {
    "range, off by one": ([k >= 0, k <= n], k + 1 <= n),
    "an Idx is not below its last": ([], sp.Lt(i, n - 1)),
    "sum of two, off by one": ([], i + j <= 2 * n - 3),
    "parity": ([], sp.Eq(Mod(k, 2), 0)),
    "remainder may be 0": ([], Mod(k, 3) > 0),
    "a case is missing": ([], sp.Or(k < 0, k > 0)),
    "nonnegative may be 0": ([], q >= 1),
    "without the hypothesis": ([], k + 1 <= n),
    "far away": ([], sp.Ne(k, 1000)),
    "far away, no small one": ([k > 500], sp.Ne(k * k, 501 * 501)),
}


@pytest.mark.parametrize(("given_", "conclusion"), TRUE.values(), ids=TRUE)
def test_true(given_: list[Any], conclusion: Any) -> None:
    verdict = prove_integers(given_, conclusion)
    assert isinstance(verdict, Proved)
    assert (verdict.scope, verdict.method) == ("all integers", "Z3")
    assert verdict.assumed == tuple(map(str, given_))


@pytest.mark.parametrize(("given_", "conclusion"), FALSE.values(), ids=FALSE)
def test_false_with_values_that_fail(given_: list[Any], conclusion: Any) -> None:
    verdict = prove_integers(given_, conclusion)
    assert isinstance(verdict, Refuted) and verdict.counterexample is not None
    values = {name: sp.Integer(value) for name, value in verdict.counterexample.values.items()}
    symbols = set().union(*(r.free_symbols for r in (*given_, conclusion)))
    plain = {x: values[x.name] for x in symbols | conclusion.atoms(sp.Idx) if x.name in values}
    assert all(r.xreplace(plain) == sp.true for r in given_)
    assert conclusion.xreplace(plain) == sp.false


LINEAR = st.builds(
    lambda a, b, c, relation: relation(a * k + b * l + c, 0),
    st.integers(-2, 2),
    st.integers(-2, 2),
    st.integers(-3, 3),
    st.sampled_from([sp.Le, sp.Lt, sp.Eq, sp.Ne, lambda e, z: sp.Eq(Mod(e, 3), z)]),
)


@settings(max_examples=60)
@given(LINEAR, LINEAR, LINEAR)
def test_the_solver_agrees_with_enumeration(first: Any, second: Any, conclusion: Any) -> None:
    verdict = prove_integers([first, second], conclusion)
    fails = [
        (a, b)
        for a, b in product(range(-6, 7), repeat=2)
        if all(r.xreplace({k: sp.Integer(a), l: sp.Integer(b)}) == sp.true for r in (first, second))
        and conclusion.xreplace({k: sp.Integer(a), l: sp.Integer(b)}) == sp.false
    ]
    if fails:
        assert isinstance(verdict, Refuted)
    if isinstance(verdict, Proved):
        assert not fails


def test_nothing_follows_from_hypotheses_that_cannot_hold() -> None:
    verdict = prove_integers([k > 0, k < 0], sp.Eq(k, 17))
    assert isinstance(verdict, Unknown)
    assert "contradict" in verdict.reason


def test_two_symbols_of_one_name_are_two() -> None:
    other = sp.Symbol("k", integer=True, nonnegative=True)
    assert isinstance(prove_integers([], sp.Eq(k, other)), Refuted)


@pytest.mark.parametrize(
    "conclusion",
    [
        sp.Eq(sp.Symbol("x", real=True), 0),
        sp.Eq(k / 2, 1),
        sp.Eq(sp.floor(sp.Symbol("y") / 2), 1),
        sp.Eq(2**k, 1),
        sp.Eq(Mod(n, k), 0),
        sp.Eq(sp.Symbol("e", integer=True, even=True), n),
        sp.Eq(sp.Symbol("e", integer=True, negative=True), -n),
        sp.Xor(k > 0, l > 0),
    ],
    ids=str,
)
def test_what_is_no_statement_about_integers(conclusion: Any) -> None:
    with pytest.raises(UnsupportedError):
        prove_integers([], conclusion)


def test_a_broken_solver_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.integers, "_boolean", lambda _relation, _names: cnnsym.integers.z3.BoolVal(True))
    with pytest.raises(InternalError, match="fails at"):
        prove_integers([], k > 0)


def test_the_time_of_the_solver_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.integers, "MILLISECONDS", 50)
    a, b, c = sp.symbols("a b c", integer=True)
    verdict = prove_integers([a > 3, b > 3, c > 3], sp.Ne(a**3 + b**3, c**3))
    assert verdict.name == "unknown"
    assert "Z3" in verdict.reason
