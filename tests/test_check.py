"""Claims are judged in all their parts, and what is wrong is located."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from cnnsym.atoms import diag, hadamard, kron, matrix, trace, vec, vector
from cnnsym.check import check_claim
from cnnsym.claim import (
    Claim,
    CosineSum,
    Integers,
    Measurement,
    Method,
    NearMiss,
    Schema,
    Step,
    Telescoping,
    Text,
    Trigonometric,
)
from cnnsym.errors import ClaimError
from cnnsym.sizes import dims
from cnnsym.verdict import Proved, Refuted, Unknown

m, n = dims("m n")
A, B, C = (matrix(name, n, n) for name in "ABC")
R = matrix("R", m, n)
x = vector("x", n)
i, j = sp.Idx("i", n), sp.Idx("j", n)
h = sp.Symbol("h", integer=True)
t = sp.Symbol("t", real=True)
T = Text("题", "title")


def claim(*chain: Any, identifier: str = "1.1-x", **fields: Any) -> Claim:
    return Claim(identifier, "1.1", T, chain, **fields)


def near(left: Any, right: Any, **fields: Any) -> NearMiss:
    return NearMiss(Text("近", "near"), lambda: (left, right), **fields)


def test_a_good_claim() -> None:
    result = check_claim(
        claim(
            (A * B).T,
            B.T * A.T,
            steps=(Step((A * B).T, B.T * A.T, T),),
            near_misses=(near((A * B).T, A.T * B.T), NearMiss(T, lambda: (diag(R), A)), near(R, R.T)),
            numeric=lambda: (Measurement("w", "1", "float64", 0, 0.0, 0.0),),
        )
    )
    assert result.ok, result.faults
    assert [type(r.verdict) for r in result.near_misses] == [Refuted] * 3
    assert result.near_misses[1].left is None  # its shapes could not even be combined
    assert result.milliseconds > 0


def test_a_near_miss_that_survives_is_a_fault() -> None:
    result = check_claim(claim(trace(A * B), trace(B * A), near_misses=(near(trace(A * B), trace(B.T * A.T)),)))
    assert isinstance(result.links[0].verdict, Proved)
    assert not result.ok
    assert "near miss 'near': expected refuted, found proved" in result.faults[0]


def test_a_wrong_step_is_located() -> None:
    steps = (
        Step(trace(A * B * C), trace(C * A * B), Text("", "cyclic")),
        Step(trace(C * A * B), trace(C * B * A), Text("", "commuted by mistake")),
        Step(trace(C * B * A), trace(A * C * B), Text("", "cyclic")),
    )
    result = check_claim(claim(trace(A * B * C), trace(B * C * A), steps=steps))
    assert [r.ok for r in result.steps] == [True, False, True]
    (fault,) = result.faults
    assert "1.1-x, step 2 (commuted by mistake): refuted" in fault
    assert "left side" in fault


def test_the_wrong_link_of_a_chain_is_located() -> None:
    result = check_claim(claim(A * B, (B.T * A.T).T, B * A, also=((vec(A), vec(A)),)))
    assert [(r.id, r.ok) for r in result.links] == [("1.1-x.1", True), ("1.1-x.2", False), ("1.1-x.3", True)]


def test_an_erratum_must_be_refuted() -> None:
    assert check_claim(claim(kron(x, x.T * A), kron(x.T * A, x), expected="refuted")).ok is False
    assert check_claim(claim(A * B, B * A, expected="refuted")).ok


def test_a_numeric_error_is_a_fault() -> None:
    bad = Measurement("compiled against hand", "2 x 3", "float32", 7, 0.5, 1e-6)
    (fault,) = check_claim(claim(A, A, numeric=lambda: (bad,))).faults
    assert "'compiled against hand' at 2 x 3 float32, seed 7: error 0.5" in fault


def test_hypotheses_count() -> None:
    symmetric = sp.Q.symmetric(A)
    assert check_claim(claim(A, A.T, hypotheses=(symmetric,), near_misses=(near(B, B.T),))).ok
    assert not check_claim(claim(A, A.T)).ok
    assert not check_claim(claim(A, A, near_misses=(near(B, B.T, assuming=(sp.Q.symmetric(B),)),))).ok


cosines = sp.Sum(sp.cos(sp.pi * i * (h + sp.Rational(1, 2)) / n), (h, 0, n - 1))
METHODS: dict[str, tuple[Method, Any, Any, Any]] = {
    "trigonometric": (Trigonometric(), sp.sin(2 * t), 2 * sp.sin(t) * sp.cos(t), sp.sin(t) * sp.cos(t)),
    "telescoping": (Telescoping(n), sp.Sum(h, (h, 0, n - 1)), n * (n - 1) / 2, n * (n + 1) / 2),
    "cosine sum": (
        CosineSum((sp.Eq(i, 0), sp.Gt(i, 0))), cosines, n * sp.KroneckerDelta(i, 0), sp.KroneckerDelta(i, 0) * (n + 1)
    ),
    "integers": (Integers(), sp.And(h >= 0, h < n), h <= n - 1, h <= n - 2),
}  # fmt: skip


@pytest.mark.parametrize(("method", "left", "right", "wrong"), METHODS.values(), ids=METHODS)
def test_methods(method: Method, left: Any, right: Any, wrong: Any) -> None:
    result = check_claim(
        claim(
            left, right, method=method, steps=(Step(left, right, T, method=method),), near_misses=(near(left, wrong),)
        )
    )
    assert result.ok, result.faults
    assert not check_claim(claim(left, wrong, method=method)).ok


# --- lemmas ----------------------------------------------------------------------------------------------------------

wave = lambda k: sp.cos(sp.pi * k * (h + sp.Rational(1, 2)) / n)  # noqa: E731
CASES = CosineSum((sp.And(sp.Eq(i, j), sp.Eq(j, 0)), sp.And(sp.Eq(i, j), sp.Gt(j, 0)), sp.Ne(i, j)))
orthogonality = claim(
    sp.Sum(wave(i) * wave(j), (h, 0, n - 1)),
    n * sp.KroneckerDelta(i, j) * (1 + sp.KroneckerDelta(j, 0)) / 2,
    identifier="lemma",
    method=CASES,
    lemma=Schema(n, (i, j)),
)
p, r = dims("p r")
g, k = sp.symbols("g k", integer=True)
y = sp.IndexedBase("y", shape=(p,))
a = sp.Idx("a", p)


def cosine(frequency: Any, position: Any) -> Any:
    return sp.cos(sp.pi * frequency * (position + sp.Rational(1, 2)) / p)


def user(weight: Any, **fields: Any) -> Claim:
    """Analysis after synthesis, of length p: n of the lemma."""
    inner = sp.Sum(y[k] * cosine(k, g), (k, 0, p - 1))
    return claim(sp.Sum(inner * cosine(a, g), (g, 0, p - 1)), weight * y[a], using=("lemma",), **fields)


RIGHT = p * (1 + sp.KroneckerDelta(a, 0)) / 2


def test_a_lemma_is_used_at_another_size() -> None:
    result = check_claim(user(RIGHT, near_misses=(near(user(p).chain[0], p * y[a]),)), {"lemma": orthogonality})
    assert result.ok, result.faults
    verdict = result.links[0].verdict
    assert isinstance(verdict, Proved) and "lemma" in verdict.assumed
    assert not check_claim(user(p), {"lemma": orthogonality}).ok
    without = Claim("x", "1", T, user(RIGHT).chain)
    assert isinstance(check_claim(without).links[0].verdict, Unknown)


def _with(**fields: Any) -> Claim:
    given = {"method": CASES, "lemma": Schema(n, (i, j)), "identifier": "lemma", **fields}
    return claim(*given.pop("chain", orthogonality.chain), **given)


BAD_LEMMAS: dict[str, tuple[dict[str, Claim], str]] = {
    "unknown": ({}, "it uses lemma, which is not a lemma"),
    "without schema": ({"lemma": _with(lemma=None)}, "no lemma schema"),
    "false": ({"lemma": _with(chain=(orthogonality.chain[0], 2 * orthogonality.chain[1]))}, "refuted"),
    "cases missing": ({"lemma": _with(method=CosineSum(CASES.cases[:2]))}, "unknown"),
    "expected refuted": ({"lemma": _with(expected="refuted")}, "no lemma schema"),
    "uses itself": ({"lemma": _with(using=("lemma",))}, "circle"),
    "under a hypothesis": ({"lemma": _with(hypotheses=(sp.Q.symmetric(A),))}, "only under hypotheses"),
    "of two links": ({"lemma": _with(chain=(*orthogonality.chain, orthogonality.chain[1]))}, "no lemma schema"),
}


@pytest.mark.parametrize(("lemmas", "said"), BAD_LEMMAS.values(), ids=BAD_LEMMAS)
def test_a_lemma_that_is_none_is_refused(lemmas: dict[str, Claim], said: str) -> None:
    with pytest.raises(ClaimError, match=said):
        check_claim(user(RIGHT), lemmas)


def test_lemmas_in_a_circle() -> None:
    first, second = _with(identifier="lemma", using=("other",)), _with(identifier="other", using=("lemma",))
    with pytest.raises(ClaimError, match="lemma -> other -> lemma"):
        check_claim(user(RIGHT), {"lemma": first, "other": second})


def test_a_step_may_use_a_lemma_that_the_claim_does_not() -> None:
    left, right = user(RIGHT).chain
    result = check_claim(claim(hadamard(A, B), hadamard(B, A), steps=(Step(left, right, T, using=("lemma",)),)),
                         {"lemma": orthogonality})  # fmt: skip
    assert result.ok, result.faults
