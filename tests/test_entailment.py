"""Consequences of statements with quantifiers: what the note uses follows, what is nearly the same does not."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnsym.entailment.prove
from cnnsym.atoms import ForAll, Maximum, elementwise, signal
from cnnsym.check import decide
from cnnsym.claim import Entailment
from cnnsym.entailment import Facts, prove_entailment
from cnnsym.entailment.clauses import Universal
from cnnsym.entailment.instances import instances
from cnnsym.entailment.models import Model, Table
from cnnsym.entailment.search import Search, search_models
from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.sizes import dims
from cnnsym.verdict import Proved, Refuted, Unknown

i, j, n, q, r, t, a = sp.symbols("i j n q r t a", integer=True)
K, N, p = dims("K N p")
M, u, v = sp.symbols("M u v", real=True)
k, x, W = (sp.IndexedBase(name) for name in "kxW")
banded = signal("k", K)
y = signal("y", sp.oo)
C = signal("C", N, N, grid="circular")
f = elementwise("f")
Eq, Ne, Or, And, Not, Implies = sp.Eq, sp.Ne, sp.Or, sp.And, sp.Not, sp.Implies


def window(e: Any) -> Any:
    return Implies(And(a >= 0, a <= p - 1), e)


SUPPORT = ForAll(j, Or(And(j >= 0, j <= K - 1), Eq(k[j], 0)))
TOEPLITZ = ForAll((i, j), Eq(W[i + 1, j + 1], W[i, j]))
EQUAL_ROWS = ForAll((i, n, j), Implies(And(i >= 0, i < N, n >= 0, n < N), Eq(W[i, j], W[n, j])))
BAND = ForAll((i, j), Implies(And(i >= 0, i < N), Or(And(j - i >= 0, j - i < K), Eq(W[i, j], 0))))
NO_ROWS = ForAll((i, j), Implies(And(i >= 0, i < N), Eq(W[i, j], 0)))
CIRCULANT = ForAll((i, j), Eq(C[i + 1, j + 1], C[i, j]))
EQUIVARIANT = ForAll((i, j), Eq(C[i, j + 1], C[i - 1, j]))
LARGEST = Maximum(x[n + a], (a, 0, p - 1))
BOUNDED = ForAll(a, window(x[n + a] <= M))
ATTAINED = Not(ForAll(a, window(Ne(x[n + a], M))))
MONOTONE = ForAll((u, v), Implies(u <= v, f(u) <= f(v)))

# name: (hypotheses, conclusion, what is nearly the same and does not follow)
STATEMENTS: dict[str, tuple[list[Any], Any, list[tuple[list[Any], Any]]]] = {
    "periods add": (
        [ForAll(j, Eq(k[j + q], k[j])), ForAll(j, Eq(k[j + q * r], k[j]))],
        ForAll(j, Eq(k[j + q * (r + 1)], k[j])),
        [
            ([ForAll(j, Eq(k[j + q * r], k[j]))], ForAll(j, Eq(k[j + q * (r + 1)], k[j]))),
            ([ForAll(j, Eq(k[j + q], k[j])), ForAll(j, Eq(k[j + q * r], k[j]))], ForAll(j, Eq(k[j + r], k[j]))),
        ],
    ),
    "no kernel is invariant": (
        [ForAll(j, Eq(k[j + q * K], k[j])), Ne(q, 0), SUPPORT],
        ForAll(j, Eq(k[j], 0)),
        [
            ([ForAll(j, Eq(k[j + q * K], k[j])), SUPPORT], ForAll(j, Eq(k[j], 0))),
            ([ForAll(j, Eq(k[j + q * K], k[j])), Ne(q, 0)], ForAll(j, Eq(k[j], 0))),
            ([ForAll(j, Eq(k[j + q * (K - 1)], k[j])), Ne(q, 0), SUPPORT], ForAll(j, Eq(k[j], 0))),
            ([ForAll(j, Eq(k[j + q * K], k[j])), Ne(q, 0), SUPPORT], ForAll(j, Eq(k[j], 1))),
        ],
    ),
    "no kernel is invariant, on its grid": (
        [ForAll(j, Eq(banded[j + q * K], banded[j])), Ne(q, 0)],
        ForAll(j, Eq(banded[j], 0)),
        [([ForAll(j, Eq(banded[j + q * K], banded[j]))], ForAll(j, Eq(banded[j], 0)))],
    ),
    "diagonals": (
        [TOEPLITZ],
        ForAll((i, j), Eq(W[i + 2, j + 2], W[i, j])),
        [
            ([TOEPLITZ], ForAll((i, j), Eq(W[i + 2, j + 1], W[i, j]))),
            ([TOEPLITZ], ForAll((i, j), Eq(W[i + 1, j - 1], W[i, j]))),
            ([], ForAll((i, j), Eq(W[i + 2, j + 2], W[i, j]))),
        ],
    ),
    "equal rows in a band": (
        [EQUAL_ROWS, BAND, N > K],
        NO_ROWS,
        [([EQUAL_ROWS, BAND, N >= K], NO_ROWS), ([BAND, N > K], NO_ROWS), ([EQUAL_ROWS, N > K], NO_ROWS)],
    ),
    "circulant": (
        [],
        sp.Equivalent(CIRCULANT, EQUIVARIANT),
        [
            ([], CIRCULANT),
            ([], sp.Equivalent(CIRCULANT, ForAll((i, j), Eq(C[i, j + 1], C[i + 1, j])))),
            ([], sp.Equivalent(CIRCULANT, ForAll(i, Eq(C[i, 1], C[i - 1, 0])))),
        ],
    ),
    "circular": (
        [],
        ForAll((i, j), Eq(C[i + N, j - 2 * N], C[i, j])),
        [([], ForAll((i, j), Eq(C[i + N, j - 2], C[i, j]))), ([], ForAll((i, j), Eq(C[i + 1, j + 1], C[i, j])))],
    ),
    "zero outside": (
        [q >= 0],
        Eq(banded[K + q] + banded[-1 - q], 0),
        [([], Eq(banded[K + q], 0)), ([q >= 0], Eq(banded[K - 1 + q], 0)), ([q >= 0], Eq(banded[-q], 0))],
    ),
    "a maximum, characterised": (
        [],
        sp.Equivalent(Eq(LARGEST, M), And(BOUNDED, ATTAINED)),
        [
            ([], sp.Equivalent(Eq(LARGEST, M), BOUNDED)),
            ([], sp.Equivalent(Eq(LARGEST, M), ATTAINED)),
            ([BOUNDED], Eq(LARGEST, M)),
            ([BOUNDED], LARGEST < M),
        ],
    ),
    "a maximum of a shift": (
        [ForAll(n, Eq(y[n], x[n - t]))],
        ForAll(n, Eq(Maximum(y[n + a], (a, 0, p - 1)), Maximum(x[n - t + a], (a, 0, p - 1)))),
        [
            (
                [ForAll(n, Eq(y[n], x[n - t]))],
                ForAll(n, Eq(Maximum(y[n + a], (a, 0, p - 1)), Maximum(x[n + t + a], (a, 0, p - 1)))),
            ),
            (
                [ForAll(n, Eq(y[n], x[n - t]))],
                ForAll(n, Eq(Maximum(y[n + a], (a, 0, p - 1)), Maximum(x[n - t + a], (a, 0, p)))),
            ),
        ],
    ),
    "a maximum of more": (
        [],
        Maximum(x[n + a], (a, 0, p)) >= LARGEST,
        [([], Maximum(x[n + a], (a, 0, p)) > LARGEST), ([], Maximum(x[n + a], (a, 1, p)) >= LARGEST)],
    ),
    "monotone functions and maxima": (
        [MONOTONE],
        Eq(f(sp.Max(u, v)), sp.Max(f(u), f(v))),
        [([], Eq(f(sp.Max(u, v)), sp.Max(f(u), f(v)))), ([MONOTONE], Eq(f(sp.Max(u, v)), sp.Min(f(u), f(v))))],
    ),
    "entry by entry": (
        [ForAll(n, Eq(y[n], f(x[n])))],
        ForAll(n, Eq(y[n - t], f(x[n - t]))),
        [([ForAll(n, Eq(y[n], f(x[n])))], ForAll(n, Eq(y[n - t], f(x[n]))))],
    ),
    "an existence": ([x[q] > 0], Not(ForAll(j, x[j] <= 0)), [([x[q] >= 0], Not(ForAll(j, x[j] <= 0)))]),
}
WRONG = [(f"{name} {k}", *wrong) for name, (_, _, near) in STATEMENTS.items() for k, wrong in enumerate(near)]


@pytest.mark.parametrize(("given_", "conclusion"), [(h, e) for h, e, _ in STATEMENTS.values()], ids=STATEMENTS)
def test_what_follows(given_: list[Any], conclusion: Any) -> None:
    verdict = prove_entailment(given_, conclusion)
    assert isinstance(verdict, Proved), verdict.reason
    assert verdict.scope == "all integers, reals and signals"
    assert verdict.assumed == tuple(map(str, given_))


@pytest.mark.parametrize(("given_", "conclusion"), [(h, e) for _, h, e in WRONG], ids=[name for name, _, _ in WRONG])
def test_what_does_not_follow(given_: list[Any], conclusion: Any) -> None:
    verdict = prove_entailment(given_, conclusion)
    assert isinstance(verdict, Refuted), verdict.reason
    assert verdict.counterexample is not None and verdict.counterexample.values


def test_nothing_follows_from_hypotheses_that_cannot_hold() -> None:
    verdict = prove_entailment([ForAll(j, k[j] > 0), ForAll(j, k[j] < 0)], Eq(q, 17))
    assert isinstance(verdict, Unknown) and "no small model" in verdict.reason


def test_an_index_lies_in_its_range() -> None:
    here = sp.Idx("h", K)
    assert isinstance(prove_entailment([ForAll(j, Implies(And(j >= 0, j < K), x[j] > 0))], x[here] > 0), Proved)
    assert isinstance(prove_entailment([ForAll(j, Implies(And(j > 0, j < K), x[j] > 0))], x[here] > 0), Refuted)


@pytest.mark.parametrize(
    "conclusion",
    [
        Eq(sp.Symbol("z"), 0),
        Eq(sp.Sum(x[j], (j, 0, n)), 0),
        sp.exp(u) > v,
        sp.Xor(u > 0, v > 0),
        Eq(sp.Symbol("e", integer=True, even=True), 2 * n),
        Maximum(x[a + i], (a, 0, i), (i, 0, n)) > 0,
    ],
    ids=str,
)
def test_what_is_no_such_statement(conclusion: Any) -> None:
    with pytest.raises(UnsupportedError):
        prove_entailment([], conclusion)


def test_a_proof_that_a_model_refutes_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.entailment.prove.Facts, "contradictory", lambda *_: True)
    with pytest.raises(InternalError, match="fails where"):
        prove_entailment([], Eq(x[0], 0))


def test_a_proof_needs_a_model_of_its_hypotheses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.entailment.prove, "search_models", lambda *_, **__: Search(None, 0))
    verdict = prove_entailment([x[j] > 0], x[j] >= 0)
    assert isinstance(verdict, Unknown) and "no small model" in verdict.reason


def test_a_divisor_is_not_taken_for_positive() -> None:
    """A relation that is multiplied by its divisor must not show that the divisor is positive: 1/u < 0 would read 1 < 0."""
    assert isinstance(prove_entailment([], 1 / u >= 0), Refuted)
    assert isinstance(prove_entailment([1 / u < 0], v > 0), Refuted)
    assert isinstance(prove_entailment([u > 0], 1 / u >= 0), Proved)
    assert isinstance(prove_entailment([u > 0, v > 0], u / v + v / u >= 2), Proved)
    assert isinstance(prove_entailment([u > 0], u / v + v / u >= 2), Refuted)
    assert isinstance(prove_entailment([Ne(u, 0)], Eq((u * v) / u**2, v / u)), Proved)
    assert isinstance(prove_entailment([Ne(u, 0)], Eq((v + u) / u, v / u + 1)), Proved)


def test_claims_are_decided_by_it() -> None:
    several = And(ForAll(j, Eq(k[j + q * K], k[j])), Ne(q, 0))
    assert isinstance(decide(Entailment(), several, ForAll(j, Eq(k[j], 0)), (SUPPORT,)), Proved)
    assert isinstance(decide(Entailment(), several, ForAll(j, Eq(k[j], 0))), Refuted)
    assert isinstance(decide(Entailment(), sp.true, Eq(sp.Sum(x[j], (j, 0, n)), 0)), Unknown)


# --- the quantifier ------------------------------------------------------------------------------------------------------


def test_nothing_is_captured() -> None:
    statement = ForAll(i, Eq(x[i], x[j]))
    assert statement.free_symbols >= {j} and i not in statement.free_symbols and x[i] not in statement.free_symbols
    moved = statement.xreplace({j: i + 1})
    assert i in moved.free_symbols
    assert isinstance(prove_entailment([], sp.Equivalent(moved, ForAll(n, Eq(x[n], x[i + 1])))), Proved)
    assert statement.xreplace({i: sp.Integer(3)}) == statement
    assert statement.subs(j, i).free_symbols >= {i}
    assert statement.at({i: j}) == sp.true
    assert type(statement)(*statement.args) == statement


@pytest.mark.parametrize("variables", [K, (), (i, i), sp.Symbol("z"), x[i]])
def test_what_cannot_be_quantified(variables: Any) -> None:
    with pytest.raises(TypeError):
        ForAll(variables, Eq(x[i], 0))
    with pytest.raises(TypeError):
        ForAll(i, x[i])


def test_an_instance_does_not_reach_into_a_maximum() -> None:
    """The index of a maximum means nothing outside of it: `n = j - a` would turn max_a x[n + a] into x[j]."""
    universal = Universal((n,), Maximum(x[n + a], (a, 0, p - 1)) <= y[n])
    assert all(a not in value.free_symbols for value in instances(universal, [x[j], y[q]]))
    bounded = ForAll(n, Maximum(x[n + a], (a, 0, p - 1)) <= y[n])
    assert not Facts([bounded, x[j] > y[j - a]]).contradictory()
    assert Facts([bounded, x[q] > y[q]]).contradictory()


# --- the solver of instances and small models agree -----------------------------------------------------------------------

PLACES = st.builds(lambda c, d, e: c * i + d * j + e, st.integers(-1, 1), st.integers(-1, 1), st.integers(-1, 1))
LITERALS = st.builds(
    lambda relation, one, other, c: relation(x[one], x[other] + c),
    st.sampled_from([Eq, Ne, sp.Le, sp.Lt]), PLACES, PLACES, st.integers(-1, 1),
)  # fmt: skip
QUANTIFIED = st.builds(lambda e, d, both: ForAll((i, j) if both else i, Or(e, d)), LITERALS, LITERALS, st.booleans())


@settings(max_examples=10)
@given(QUANTIFIED, QUANTIFIED)
def test_no_proof_is_contradicted_by_another_search(hypothesis: Any, conclusion: Any) -> None:
    try:
        verdict = prove_entailment([hypothesis], conclusion)  # raises InternalError where the two disagree
    except UnsupportedError:
        return
    if isinstance(verdict, Proved) and isinstance(hypothesis, sp.logic.boolalg.Boolean):
        assert search_models([hypothesis], conclusion, draws=300, seed=17).counterexample is None


@settings(max_examples=30)
@given(st.integers(0, 3), st.sampled_from(["zero", "circular", "infinite"]), st.integers(-6, 6), st.booleans())
def test_the_two_readings_of_a_table_agree(period: int, grid: str, place: int, reversed_: bool) -> None:
    table = Table(((-1,) if reversed_ else (1,),), period, {(0,): 2, (1,): -1, (2,): 5}, 7, (grid,), (4,))
    assert table.term((j,)).subs(j, place) == table.at((place,))
    if grid == "circular":
        assert table.at((place,)) == table.at((place + 4,))
    if grid == "zero" and not 0 <= place < 4:
        assert table.at((place,)) == 0


def test_a_model_is_shown_by_its_entries() -> None:
    model = Model({K: 2}, {x: Table(((1,),), 0, {(0,): 3}, 0, ("infinite",), (0,))})
    assert model.as_dict() == {"K": "2", "x": "[0]: 3"}
    assert [place for place in product(range(-1, 2)) if model.tables[x].at(place)] == [(0,)]
