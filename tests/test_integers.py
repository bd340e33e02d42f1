"""Statements about integers: the solver and plain enumeration agree, counterexamples fail, assumptions count."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnsym.integers.prove
from cnnsym.atoms import indicator
from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.integers import counted, enumerate_integers, prove_integers
from cnnsym.integers.evaluation import holds
from cnnsym.sizes import dims
from cnnsym.solver import Answer
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


# --- statements of the note, and what is nearly the same ---------------------------------------------------------------

m, d, o, w = dims("m d o w")  # width, dilation, outputs, kernel width
G, c, f, t = dims("G c f t")  # groups, channels, filters, a second stride
pad, r = sp.symbols("pad r", integer=True, nonnegative=True)
a, b = sp.symbols("a b", integer=True)
floor, ceiling, Sum = sp.floor, sp.ceiling, sp.Sum
SPARE = m + 2 * pad - d * (w - 1) - 1  # what is left beside one window
FITS = SPARE >= 0
LAST = floor(SPARE / s)
FULL = Sum(indicator((k - a >= 0) & (k - a <= m - 1)), (a, 0, w - 1))  # taps that meet the input at output k
TAP = Sum(indicator((k + a - r >= 0) & (k + a - r <= m - 1)), (k, 0, m - 1))
VISITS = Sum(indicator((k - r <= q) & (q <= k + r)), (k, 0, m - 1))
GRID = Sum(indicator((s * k <= m - 1) & (t * l <= n - 1)), (k, 0, m - 1), (l, 0, n - 1))


def starts(first: Any, last: Any, inside: Any = m + 2 * pad - 1) -> Any:
    return sp.Equivalent((s * k >= 0) & (s * k + d * (w - 1) <= inside), (first <= k) & (k <= last))


NOTE: dict[str, tuple[list[Any], Any, list[tuple[list[Any], Any]]]] = {
    "window starts": (
        [FITS],
        starts(0, LAST),
        [
            ([FITS], starts(0, LAST + 1)),
            ([FITS], starts(1, LAST)),
            ([FITS], starts(0, ceiling(SPARE / s))),
            ([FITS], starts(0, LAST, inside=m + 2 * pad)),
        ],
    ),
    "number of outputs": (
        [w <= m],
        sp.Eq(Sum(indicator(s * k <= m - w), (k, 0, m)), floor((m - w) / s) + 1),
        [
            ([w <= m], sp.Eq(Sum(indicator(s * k <= m - w), (k, 0, m)), ceiling((m - w) / s) + 1)),
            ([w <= m], sp.Eq(Sum(indicator(s * k <= m - w), (k, 1, m)), floor((m - w) / s) + 1)),
            ([w <= m], sp.Eq(Sum(indicator(s * k <= m - w), (k, 0, m)), floor((m - w) / (s + 1)) + 1)),
            ([], sp.Eq(Sum(indicator(s * k <= m - w), (k, 0, m)), floor((m - w) / s) + 1)),
        ],
    ),
    "same padding, stride": (
        [],
        sp.Eq(floor((m + (w - 1) - w) / s) + 1, ceiling(m / s)),
        [([], sp.Eq(floor((m + (w - 1) - w) / s) + 1, floor(m / s))), ([], sp.Eq(floor(m / s) + 1, ceiling(m / s)))],
    ),
    "same padding, even kernels": (
        [sp.Eq(Mod(w, 2), 0)],
        sp.Ne(2 * pad, w - 1),
        [([], sp.Ne(2 * pad, w - 1)), ([sp.Eq(Mod(w, 2), 1)], sp.Ne(2 * pad, w - 1))],
    ),
    "visits of an input": (
        [q <= m - 1],
        sp.Eq(VISITS, sp.Min(q + r, m - 1) - sp.Max(q - r, 0) + 1),
        [
            ([q <= m - 1], sp.Eq(VISITS, sp.Max(q + r, m - 1) - sp.Min(q - r, 0) + 1)),
            ([q <= m - 1], sp.Eq(VISITS, sp.Min(q + r, m - 1) - sp.Max(q - r, 0))),
            ([q <= m - 1], sp.Eq(VISITS, 2 * r + 1)),
            ([], sp.Eq(VISITS, sp.Min(q + r, m - 1) - sp.Max(q - r, 0) + 1)),
        ],
    ),
    "taps at the border": (
        [k >= 0, k <= m + w - 2],
        sp.Eq(FULL, sp.Min(k + 1, w, m, m + w - 1 - k)),
        [
            ([k >= 0, k <= m + w - 2], sp.Eq(FULL, sp.Min(k + 1, w, m + w - 1 - k))),
            ([k >= 0, k <= m + w - 2], sp.Eq(FULL, sp.Min(k, w, m, m + w - 1 - k))),
            ([k >= 0, k <= m + w - 2], sp.Eq(FULL, sp.Max(k + 1, w, m, m + w - 1 - k))),
            ([], sp.Eq(FULL, sp.Min(k + 1, w, m, m + w - 1 - k))),
        ],
    ),
    "positions of a tap": (
        [sp.Eq(w, 2 * r + 1), a >= 0, a < w, r < m],
        sp.Eq(TAP, m - sp.Abs(a - r)),
        [
            ([sp.Eq(w, 2 * r + 1), a >= 0, a < w], sp.Eq(TAP, m - sp.Abs(a - r))),
            ([sp.Eq(w, 2 * r + 1), a >= 0, a < w, r < m], sp.Eq(TAP, m)),
            ([sp.Eq(w, 2 * r + 1), a >= 0, a < w, r < m], sp.Eq(TAP, m - a + r)),
        ],
    ),
    "output padding": (
        [FITS, sp.Eq(o, LAST + 1)],
        sp.Eq(s * (o - 1) + d * (w - 1) + 1 + Mod(SPARE, s) - 2 * pad, m),
        [
            ([FITS, sp.Eq(o, LAST + 1)], sp.Eq(s * (o - 1) + d * (w - 1) + 1 - 2 * pad, m)),
            ([FITS, sp.Eq(o, LAST)], sp.Eq(s * (o - 1) + d * (w - 1) + 1 + Mod(SPARE, s) - 2 * pad, m)),
            ([FITS, sp.Eq(o, LAST + 1)], sp.Eq(s * (o - 1) + d * w + 1 + Mod(SPARE, s) - 2 * pad, m)),
        ],
    ),
    "receptive field": (
        [],  # s jumps of size d on r + 1 entries: where the window of w outputs at k, spaced d, ends
        sp.Eq(d * (s * k + (w - 1)) + r, d * s * k + (r + (w - 1) * d)),
        [([], sp.Eq(d * (s * k + (w - 1)) + r, d * s * k + (r + w * d))),
         ([], sp.Eq(d * (s * k + (w - 1)) + r, d * s * k + (r + (w - 1) * s)))],
    ),
    "parameters of groups": (
        [sp.Eq(Mod(c, G), 0), sp.Eq(Mod(f, G), 0)],
        sp.Eq(G * w**2 * floor(c / G) * floor(f / G), w**2 * c * f / G),
        [
            ([sp.Eq(Mod(c, G), 0)], sp.Eq(G * w**2 * floor(c / G) * floor(f / G), w**2 * c * f / G)),
            ([sp.Eq(Mod(c, G), 0), sp.Eq(Mod(f, G), 0)], sp.Eq(G * w**2 * floor(c / G) * floor(f / G), w**2 * c * f)),
        ],
    ),
    "parameters of two layers": ([], sp.Eq((sp.Integer(32) * 10 * 10) * 2, 6400), [([], sp.Eq(sp.Integer(32) * 10 * 2, 6400))]),
    "a grid in two directions": (
        [],
        sp.Eq(GRID, ceiling(m / s) * ceiling(n / t)),
        [
            ([], sp.Eq(GRID, floor(m / s) * ceiling(n / t))),
            ([], sp.Eq(GRID, ceiling(m / t) * ceiling(n / s))),
            ([], sp.Eq(GRID, ceiling(m * n / (s * t)))),
        ],
    ),
    "multiples": (
        [],
        sp.Eq(Sum(indicator(sp.Eq(Mod(k, s), 0)), (k, 0, m - 1)), ceiling(m / s)),
        [([], sp.Eq(Sum(indicator(sp.Eq(Mod(k, s), 0)), (k, 0, m)), ceiling(m / s)))],
    ),
    "strides multiply": (
        [],
        sp.Eq(ceiling(ceiling(m / s) / t), ceiling(m / (s * t))),
        [([], sp.Eq(ceiling(floor(m / s) / t), ceiling(m / (s * t))))],
    ),
}  # fmt: skip
WRONG = [
    (f"{name} {number}", *statement) for name, (_, _, near) in NOTE.items() for number, statement in enumerate(near)
]


@pytest.mark.parametrize(("given_", "conclusion"), [(h, e) for h, e, _ in NOTE.values()], ids=NOTE)
def test_the_note_states(given_: list[Any], conclusion: Any) -> None:
    assert isinstance(prove_integers(given_, conclusion), Proved)


@pytest.mark.parametrize(("given_", "conclusion"), [(h, e) for _, h, e in WRONG], ids=[name for name, _, _ in WRONG])
def test_what_is_nearly_the_same_is_false(given_: list[Any], conclusion: Any) -> None:
    verdict = prove_integers(given_, conclusion)
    assert isinstance(verdict, Refuted) and verdict.counterexample is not None
    if conclusion not in (sp.true, sp.false):  # SymPy's own arithmetic agrees that it fails there
        values = {x: sp.Integer(verdict.counterexample.values[x.name]) for x in conclusion.free_symbols}
        value = conclusion.subs(values)
        value = value.replace(lambda e: isinstance(e, Sum), lambda e: e.doit())
        assert value == sp.false


# --- counts ------------------------------------------------------------------------------------------------------------

BOUND = st.builds(
    lambda x, y, relation, e: relation(x * k, y * l + e) if x else relation(k, e),
    st.integers(-3, 3), st.integers(-2, 2), st.sampled_from([sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq]), st.integers(-4, 6),
)  # fmt: skip
DIVISIBLE = st.builds(lambda e, by: sp.Eq(Mod(k + e, by), 0), st.integers(-3, 3), st.integers(2, 4))


@settings(max_examples=60)
@given(st.lists(BOUND, max_size=2), st.lists(DIVISIBLE, max_size=1), st.integers(-4, 4), st.integers(-5, 5))
def test_a_closed_form_counts(bounds: list[Any], divisible: list[Any], first: int, more: int) -> None:
    condition = sp.And(*bounds, *divisible)
    closed = counted(Sum(indicator(condition), (k, first, l + more)))
    for value in range(-4, 5):
        at = condition.subs(l, value)
        number = sum(at.subs(k, each) == sp.true for each in range(first, value + more + 1))
        assert closed.subs(l, value) == number


def test_the_condition_may_say_nothing_of_the_index() -> None:
    assert isinstance(prove_integers([], sp.Eq(Sum(indicator(l > 0), (k, 0, n - 1)), n * indicator(l > 0))), Proved)
    assert isinstance(prove_integers([], sp.Eq(Sum(indicator(l > 0), (k, 0, n - 1)), n)), Refuted)
    assert isinstance(prove_integers([], sp.Eq(Sum(1, (k, l, n)), sp.Max(0, n - l + 1))), Proved)
    assert isinstance(prove_integers([], sp.Eq(Sum(1, (k, l, n)), n - l + 1)), Refuted)  # a range may be empty


# --- cases, divisors, enumeration ----------------------------------------------------------------------------------------


def test_a_divisor_may_be_positive_by_the_hypotheses() -> None:
    assert isinstance(prove_integers([k > 0], k * floor(l / k) <= l), Proved)
    assert isinstance(prove_integers([k > 0], k * floor(l / k) >= l), Refuted)
    with pytest.raises(UnsupportedError, match=r"needs"):
        prove_integers([k >= 0], k * floor(l / k) <= l)
    for hypotheses in ([n / k < 0], [k * n / l < 0, k < 0]):  # multiplied by its divisor, the first would read n < 0
        with pytest.raises(UnsupportedError, match=r"needs"):
            prove_integers(hypotheses, l > 3)
    assert isinstance(prove_integers([sp.And(k > 0, n / k < 2)], 2 * k > n), Proved)


def test_an_index_takes_every_value_of_its_range_whatever_its_assumptions_say() -> None:
    inner = Sum(1, (l, 0, s))  # s is positive, so that SymPy takes the number of terms, Max(0, s + 1), for s + 1
    statement = sp.Eq(Sum(indicator(inner >= 1), (s, -5, k)), k + 6, evaluate=False)
    with pytest.raises(UnsupportedError):
        prove_integers([k >= 0], statement)


def test_a_statement_without_symbols_may_be_false() -> None:
    statement = sp.Eq(Sum(indicator(2 * k <= 5), (k, 0, 5)), 4, evaluate=False)
    assert enumerate_integers([], statement, {}).counterexample == {}
    assert isinstance(prove_integers([], statement), Refuted)
    assert isinstance(prove_integers([], statement.xreplace({sp.Integer(4): sp.Integer(3)})), Proved)


def test_cases() -> None:
    sign = sp.Piecewise((1, k > 0), (-1, k < 0), (0, True))
    assert isinstance(prove_integers([], sp.Eq(sign * k, sp.Abs(k))), Proved)
    assert isinstance(prove_integers([], sp.Eq(sign * sp.Abs(k), sp.Abs(k))), Refuted)
    assert isinstance(prove_integers([], sp.ITE(k > 0, k >= 1, k <= 0)), Proved)
    assert isinstance(prove_integers([], sp.ITE(k > 0, k >= 1, k < 0)), Refuted)
    assert isinstance(prove_integers([], sp.Eq(sp.KroneckerDelta(k, l) * (k - l), 0)), Proved)
    assert isinstance(prove_integers([], sp.Eq(floor(k / 2 + sp.Rational(1, 2)), ceiling(k / 2))), Proved)
    assert isinstance(prove_integers([sp.Eq(k / 2, l)], sp.Eq(Mod(k, 2), 0)), Proved)


@settings(max_examples=40)
@given(st.integers(-9, 9), st.integers(1, 5), st.integers(-5, 5))
def test_plain_evaluation_agrees_with_sympy(x: int, y: int, z: int) -> None:
    statements = [
        sp.Eq(floor(a / n) + ceiling(a / n), Mod(a, n) + b),
        sp.Max(a, b, 0) + sp.Min(a, b) <= sp.Abs(a) * n**2 - sp.KroneckerDelta(a, b),
        sp.Equivalent(a > b, sp.Ne(a, n)),
        sp.ITE(a > b, a * n > 2, b < n),
        sp.Eq(sp.Piecewise((a / n, a > 0), (b, True)), b),
    ]
    at = {a: x, n: y, b: z}
    for statement in statements:
        assert holds(statement, at) == bool(statement.subs(at))


def test_enumeration_solves_equations_and_knows_undefined_points() -> None:
    found = enumerate_integers([sp.Eq(l, 7 * k + 40), k > 2], l < 61, {k: None, l: None})
    assert found.counterexample == {k: 3, l: 61}
    assert enumerate_integers([sp.Eq(k, l + 1), sp.Eq(l, k - 1)], k > l, {k: None, l: None}).counterexample is None
    assert enumerate_integers([], sp.Eq(Mod(k, l), 0), {k: None, l: 0}).counterexample == {k: -1, l: 2}
    assert enumerate_integers([k > l, l > k], k < l, {k: None, l: None}).met == 0


def test_hypotheses_far_from_zero_are_met_all_the_same() -> None:
    assert isinstance(prove_integers([k > 500], k > 499), Proved)


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
        sp.Eq(sp.floor(sp.Symbol("y") / 2), 1),
        sp.Eq(2**k, 1),
        sp.Eq(Mod(n, k), 0),
        sp.Eq(sp.floor(n / k), 0),
        sp.Eq(n / k, 2),
        sp.Eq(Mod(k, -3, evaluate=False), 0),
        sp.Eq(sp.Piecewise((1, k > 0), (2, k < 0)), 1),
        sp.Eq(sp.Sum(k, (k, 0, n)), 0),
        sp.Eq(sp.Sum(indicator(k * k <= n), (k, 0, n)), 0),
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
    monkeypatch.setattr(cnnsym.integers.prove, "satisfiable", lambda *_: Answer("unsat"))
    with pytest.raises(InternalError, match="fails at"):
        prove_integers([], k > 0)


def test_a_model_of_the_solver_that_is_none_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.integers.prove, "satisfiable", lambda *_: Answer("sat", {k: sp.Integer(5)}))
    verdict = prove_integers([k > 3], k > 2)
    assert isinstance(verdict, Unknown) and "does not confirm" in verdict.reason


def test_the_time_of_the_solver_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.integers.prove, "MILLISECONDS", 50)
    a, b, c = sp.symbols("a b c", integer=True)
    verdict = prove_integers([a > 3, b > 3, c > 3], sp.Ne(a**3 + b**3, c**3))
    assert verdict.name == "unknown"
    assert "Z3" in verdict.reason
