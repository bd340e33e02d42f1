"""Inequalities with sums for all sizes: the note's bounds are proved, bounds that are too small are not."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

import cnnsym.inequalities.prove
from cnnsym.atoms import ForAll, Maximum
from cnnsym.check import decide
from cnnsym.claim import Inequality
from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.inequalities import prove_inequality
from cnnsym.inequalities.sums import Sums
from cnnsym.sizes import dims
from cnnsym.verdict import Proved, Refuted, Unknown

a, b, i, j, n = sp.symbols("a b i j n", integer=True)
m, p = dims("m p")
t = sp.Symbol("t", integer=True, nonnegative=True)
M, osc, h, w = sp.symbols("M osc h w", real=True)
k, x, y, P, Q, r = (sp.IndexedBase(name) for name in ("k", "x", "y", "P", "Q", "r"))
Sum, Abs, And, Eq = sp.Sum, sp.Abs, sp.And, sp.Eq
R = (a, 0, m - 1)

CONVOLUTION = Sum(k[a] * x[n + a], R)
NORM = Sum(Abs(k[a]), R)
BOUNDED = ForAll(j, Abs(x[j]) <= M)
OSCILLATES = ForAll((i, j), Abs(x[i] - x[j]) <= osc)
CHANGE = (Sum(x[n + a - t], (a, 0, p - 1)) - Sum(x[n + a], (a, 0, p - 1))) / p
REWARD = Sum((P[a] - Q[a]) * r[a], R)
VARIATION = Sum(Abs(P[a] - Q[a]), R)
UNIT = ForAll(i, And(r[i] >= 0, r[i] <= 1))
COSINES = Sum(sp.cos(w * a), (a, 0, p - 1))
MEAN_ERROR = Sum(P[a] * (h - y[a]) ** 2, R)
VARIANCE = Sum(P[a] * y[a] ** 2, R) - Sum(P[a] * y[a], R) ** 2
BELOW = ForAll(j, sp.Implies(And(j >= 0, j < m), x[j] <= y[j]))

# name: (hypotheses, inequality, what is nearly the same and is false)
BOUNDS: dict[str, tuple[list[Any], Any, list[tuple[list[Any], Any]]]] = {
    "Young": (
        [BOUNDED],
        Abs(CONVOLUTION) <= M * NORM,
        [
            ([BOUNDED], Abs(CONVOLUTION) <= M * Abs(Sum(k[a], R))),
            ([BOUNDED], Abs(CONVOLUTION) <= M),
            ([BOUNDED], Abs(CONVOLUTION) <= M * Sum(Abs(k[a]), (a, 0, m - 2))),
            ([BOUNDED], Abs(CONVOLUTION) >= M * NORM),
            ([BOUNDED], Abs(CONVOLUTION) < M * NORM),
            ([ForAll(j, x[j] <= M)], Abs(CONVOLUTION) <= M * NORM),
            ([], Abs(CONVOLUTION) <= M * NORM),
        ],
    ),
    "Young, by the largest entry": (
        [],
        Abs(CONVOLUTION) <= Maximum(Abs(x[n + a]), R) * NORM,
        [([], Abs(CONVOLUTION) <= Maximum(x[n + a], R) * NORM), ([], Abs(CONVOLUTION) <= Maximum(Abs(x[a]), R) * NORM)],
    ),
    "two windows": (
        [BOUNDED],
        Abs(Sum(k[a] * (x[n + a - t] - x[n + a]), R)) <= 2 * M * NORM,
        [([BOUNDED], Abs(Sum(k[a] * (x[n + a - t] - x[n + a]), R)) <= M * NORM)],
    ),
    "average pooling": (
        [t <= p, OSCILLATES],
        Abs(CHANGE) <= t / p * osc,
        [
            ([t <= p, OSCILLATES], Abs(CHANGE) <= t / p**2 * osc),
            ([t <= p, OSCILLATES], Abs(CHANGE) <= (t - 1) / p * osc),
            ([t <= p], Abs(CHANGE) <= t / p * osc),
            ([t <= p, ForAll(j, Abs(x[j] - x[j + 1]) <= osc)], Abs(CHANGE) <= t / p * osc),
        ],
    ),
    "total variation": (
        [UNIT],
        Abs(REWARD) <= VARIATION,
        [
            ([], Abs(REWARD) <= VARIATION),
            ([ForAll(i, And(r[i] >= 0, r[i] <= 10))], Abs(REWARD) <= VARIATION),
            ([UNIT], Abs(REWARD) <= VARIATION / 2),
        ],
    ),
    "triangle": (
        [],
        Abs(Sum(x[a] + y[a], R)) <= Sum(Abs(x[a]) + Abs(y[a]), R),
        [([], Abs(Sum(x[a] + y[a], R)) <= Sum(Abs(x[a]), R)), ([], Sum(Abs(x[a] + y[a]), R) >= Sum(Abs(x[a]), R))],
    ),
    "gain": ([], p >= COSINES, [([], p - 1 >= COSINES), ([], COSINES >= 0), ([], sp.cos(w) >= COSINES)]),
    "gain, both signs": ([], Abs(COSINES) <= p, [([], Abs(COSINES) <= p - 1)]),
    "mean of squares": (
        [],
        (Sum(x[a], R) / m) ** 2 <= Sum(x[a] ** 2, R) / m,
        [([], Sum(x[a], R) ** 2 <= Sum(x[a] ** 2, R)), ([], (Sum(x[a], R) / m) ** 2 >= Sum(x[a] ** 2, R) / m)],
    ),
    "Cauchy and Schwarz": (
        [],
        Sum(x[a] * y[a], R) ** 2 <= Sum(x[a] ** 2, R) * Sum(y[a] ** 2, R),
        [([], Sum(x[a] * y[a], R) ** 2 <= Sum(x[a] ** 2, R)), ([], Sum(x[a] * y[a], R) <= Sum(x[a] ** 2, R))],
    ),
    "variance": (
        [Eq(Sum(P[a], R), 1)],
        MEAN_ERROR >= VARIANCE,
        [([], MEAN_ERROR >= VARIANCE), ([Eq(Sum(P[a], R), 1)], MEAN_ERROR <= VARIANCE)],
    ),
    "term by term": (
        [BELOW],
        Sum(x[a], R) <= Sum(y[a], R),
        [
            ([BELOW], Sum(x[a], (a, 0, m)) <= Sum(y[a], (a, 0, m))),
            ([BELOW], Sum(x[a], R) < Sum(y[a], R)),
            ([BELOW], Sum(y[a], R) <= Sum(x[a], R)),
        ],
    ),
    "two indices": (
        [ForAll((i, j), Abs(x[i, j]) <= M)],
        Abs(Sum(x[n + a, n + b], (a, 0, m - 1), (b, 0, p - 1))) <= M * m * p,
        [([ForAll((i, j), Abs(x[i, j]) <= M)], Abs(Sum(x[n + a, n + b], (a, 0, m - 1), (b, 0, p - 1))) <= M * m)],
    ),
}
WRONG = [(f"{name} {k}", *wrong) for name, (_, _, near) in BOUNDS.items() for k, wrong in enumerate(near)]


@pytest.mark.parametrize(("given_", "relation"), [(h, e) for h, e, _ in BOUNDS.values()], ids=BOUNDS)
def test_the_bounds_of_the_note(given_: list[Any], relation: Any) -> None:
    verdict = prove_inequality(given_, relation)
    assert isinstance(verdict, Proved), verdict.reason
    assert verdict.scope == "all sizes, reals and signals"
    assert verdict.assumed == tuple(map(str, given_))


@pytest.mark.parametrize(("given_", "relation"), [(h, e) for _, h, e in WRONG], ids=[name for name, _, _ in WRONG])
def test_bounds_that_are_wrong(given_: list[Any], relation: Any) -> None:
    verdict = prove_inequality(given_, relation)
    assert isinstance(verdict, Refuted), verdict.reason


def test_a_range_may_be_empty() -> None:
    """A number is spread over the terms of a range only where there are as many as it says."""
    assert isinstance(prove_inequality([BOUNDED], Sum(x[a], (a, 0, n - 1)) <= M * n), Refuted)
    assert isinstance(prove_inequality([BOUNDED, n >= 0], Sum(x[a], (a, 0, n - 1)) <= M * n), Proved)
    two = Sum(x[a], (a, 0, n - 1), (b, 0, n - 1))
    assert not isinstance(prove_inequality([BOUNDED], two <= M * n**2), Proved | Unknown) or n.is_negative is None
    assert isinstance(prove_inequality([ForAll(j, Abs(x[j]) <= M), M <= 0], Sum(x[a], R) >= -1), Proved)


def test_windows_that_do_not_overlap_in_order() -> None:
    """What two windows share is taken out only where they are known to overlap."""
    shifted = Abs(Sum(x[a + n], (a, 0, p - 1)) - Sum(x[a], (a, 0, p - 1)))
    assert isinstance(prove_inequality([OSCILLATES, n >= 0, n <= p], shifted <= n * osc), Proved)
    assert isinstance(prove_inequality([OSCILLATES, n <= p], shifted <= n * osc), Refuted)


def test_a_divisor_may_be_zero() -> None:
    squares = (Sum(x[a], R) / m) ** 2
    assert isinstance(prove_inequality([], squares <= Sum(x[a] ** 2, R) / (m - 1)), Unknown)
    assert isinstance(prove_inequality([m > 1], squares <= Sum(x[a] ** 2, R) / (m - 1)), Proved)
    assert isinstance(prove_inequality([], squares <= Sum(x[a] ** 2, R) / (m + 1)), Refuted)


def test_hypotheses_that_cannot_hold_prove_nothing() -> None:
    verdict = prove_inequality([ForAll(j, x[j] < 0), ForAll(j, x[j] > 0)], Sum(x[a], R) <= -5)
    assert isinstance(verdict, Unknown)


@pytest.mark.parametrize(
    "relation",
    [
        Eq(Sum(x[a], R), 0),
        sp.true,
        Sum(Sum(x[a], (a, 0, b)), (b, 0, m)) >= 0,
        Sum(x[a] * Sum(y[b], (b, 0, m)), R) >= M,
        ForAll(n, Sum(x[a + n], R) >= 0),
        Sum(sp.exp(x[a]), R) >= 0,
        Sum(x[a], (a, 0, sp.oo)) >= 0,
    ],
    ids=str,
)
def test_what_is_no_such_inequality(relation: Any) -> None:
    with pytest.raises(UnsupportedError):
        prove_inequality([], relation)


def test_a_proof_that_is_contradicted_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.inequalities.prove, "_follows", lambda *_: True)
    with pytest.raises(InternalError, match="but"):
        prove_inequality([], Sum(x[a], R) >= 0)


def test_claims_are_decided_by_it() -> None:
    bound = Abs(CONVOLUTION) <= M * NORM
    assert isinstance(decide(Inequality(), BOUNDED, bound), Proved)
    assert isinstance(decide(Inequality(), sp.true, bound, (BOUNDED,)), Proved)
    assert isinstance(decide(Inequality(), sp.true, bound), Refuted)
    assert isinstance(decide(Inequality(), sp.true, Sum(sp.exp(x[a]), R) >= 0), Unknown)


def test_equal_sums_have_one_name() -> None:
    sums = Sums()
    first = sums.named(Sum(2 * x[a + 1] + M * x[a + 1], (a, 0, m - 1)))
    again = sums.named(Sum(x[b], (b, 1, m)))
    assert sp.expand(first - (2 + M) * again) == 0
    assert sums.named(Sum(x[b], (b, 0, m - 1))) != again
    assert len(sums.totals) == 2
