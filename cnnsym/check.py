"""Judges claims: every link, step, near miss and numeric comparison of one claim, into one result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cnnsym.claim import Claim, ClaimResult, LinkResult, NearMiss, NearMissResult, Step, StepResult
from cnnsym.errors import ClaimError, ShapeError
from cnnsym.prover import prove, prove_by_telescoping, prove_integers, prove_trigonometric
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
    """Judge the equality number `k` (from 0) of the claim's chain."""
    identifier, left, right = claim.links[k]
    start = time.perf_counter()
    verdict = prove(left, right, assuming=(*claim.hypotheses, *_named(claim.using, lemmas or {}, claim.id)))
    return LinkResult(identifier, left, right, verdict, claim.expected, 1000 * (time.perf_counter() - start))


def check_step(step: Step, claim: Claim, lemmas: Lemmas | None = None) -> Verdict:
    """Judge one step with the decider it names."""
    if step.method == "trigonometric":
        return prove_trigonometric(step.left, step.right)
    if step.method == "telescoping":
        return prove_by_telescoping(step.left, step.right, step.variable)
    if step.method == "integers":
        return prove_integers(step.left, step.right)
    using = (*claim.hypotheses, *_named(step.using, lemmas or {}, claim.id))
    return prove(step.left, step.right, assuming=using)


def check_near_miss(near: NearMiss, claim: Claim, lemmas: Lemmas | None = None) -> NearMissResult:
    """Judge a near miss; shapes that cannot be combined refute it."""
    try:
        left, right = near.build()
    except ShapeError as error:
        return NearMissResult(near, None, None, Refuted(None, why=str(error), method="shapes"))
    verdict = prove(left, right, assuming=(*claim.hypotheses, *near.assuming, *_named(claim.using, lemmas or {}, claim.id)))
    return NearMissResult(near, left, right, verdict)


def _named(names: tuple[str, ...], lemmas: Lemmas, claim: str) -> tuple[Any, ...]:
    missing = [name for name in names if name not in lemmas]
    if missing:
        raise ClaimError(f"claim {claim}: it uses {missing[0]}, which is not a lemma")
    return tuple(lemmas[name] for name in names)
