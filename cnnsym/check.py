"""Judges claims: every link, step, near miss and numeric comparison of one claim, into one result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cnnsym.claim import (
    Claim,
    ClaimResult,
    CosineSum,
    IndexForm,
    Integers,
    LinkResult,
    Method,
    NearMiss,
    NearMissResult,
    Step,
    StepResult,
    Telescoping,
    Trigonometric,
)
from cnnsym.errors import ClaimError, ShapeError
from cnnsym.integers import prove_integers
from cnnsym.prover import prove, prove_by_telescoping, prove_cosine_sum, prove_trigonometric
from cnnsym.verdict import Refuted, Verdict

Lemmas = Mapping[str, Any]


def check_claim(claim: Claim, lemmas: Lemmas | None = None) -> ClaimResult:
    """Judge a claim. `lemmas` maps the ids that its `using` may name to lemmas of the prover."""
    lemmas = lemmas or {}
    start = time.perf_counter()
    return ClaimResult(
        claim=claim,
        links=tuple(check_link(claim, k, lemmas) for k in range(len(claim.links))),
        steps=tuple(StepResult(step, check_step(step, claim, lemmas)) for step in claim.steps),
        near_misses=tuple(check_near_miss(near, claim, lemmas) for near in claim.near_misses),
        measurements=claim.numeric() if claim.numeric else (),
        milliseconds=1000 * (time.perf_counter() - start),
    )


def check_link(claim: Claim, k: int, lemmas: Lemmas | None = None) -> LinkResult:
    """Judge the equality number `k` (from 0) of the claim."""
    identifier, left, right = claim.links[k]
    start = time.perf_counter()
    verdict = decide(claim.method, left, right, _given(claim, claim.using, lemmas or {}))
    return LinkResult(identifier, left, right, verdict, claim.expected, 1000 * (time.perf_counter() - start))


def check_step(step: Step, claim: Claim, lemmas: Lemmas | None = None) -> Verdict:
    """Judge one step with the decider it names."""
    return decide(step.method, step.left, step.right, _given(claim, step.using, lemmas or {}))


def decide(method: Method, left: Any, right: Any, assuming: tuple[Any, ...] = ()) -> Verdict:
    """Judge one equation by the named method."""
    match method:
        case Trigonometric():
            return prove_trigonometric(left, right)
        case Telescoping(variable):
            return prove_by_telescoping(left, right, variable)
        case CosineSum(cases):
            return prove_cosine_sum(left, right, cases)
        case Integers():
            return prove_integers((left,), right)
        case IndexForm():
            return prove(left, right, assuming=assuming)


def check_near_miss(near: NearMiss, claim: Claim, lemmas: Lemmas | None = None) -> NearMissResult:
    """Judge a near miss; shapes that cannot be combined refute it."""
    try:
        left, right = near.build()
    except ShapeError as error:
        return NearMissResult(near, None, None, Refuted(None, why=str(error), method="shapes"))
    verdict = decide(claim.method, left, right, (*_given(claim, claim.using, lemmas or {}), *near.assuming))
    return NearMissResult(near, left, right, verdict)


def _given(claim: Claim, names: tuple[str, ...], lemmas: Lemmas) -> tuple[Any, ...]:
    missing = [name for name in names if name not in lemmas]
    if missing:
        raise ClaimError(f"claim {claim.id}: it uses {missing[0]}, which is not a lemma")
    return (*claim.hypotheses, *(lemmas[name] for name in names))
