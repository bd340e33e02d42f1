"""Judges claims: every link, step, near miss and numeric comparison of one claim, into one result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from cnnsym.claim import (
    Claim,
    ClaimResult,
    CosineSum,
    Entailment,
    IndexForm,
    Inequality,
    Integers,
    Limit,
    LinkResult,
    Method,
    NearMiss,
    NearMissResult,
    Step,
    StepResult,
    Telescoping,
    Trigonometric,
)
from cnnsym.entailment import prove_entailment
from cnnsym.errors import ClaimError, LimitError, ShapeError, UnsupportedError
from cnnsym.index_form import Lemma
from cnnsym.inequalities import prove_inequality
from cnnsym.integers import prove_integers
from cnnsym.limits import prove_limit
from cnnsym.prover import prove, prove_by_telescoping, prove_cosine_sum, prove_trigonometric
from cnnsym.verdict import Proved, Refuted, Unknown, Verdict

Lemmas = Mapping[str, Claim]  # claims that others may use, by id


def check_claim(claim: Claim, lemmas: Lemmas | None = None) -> ClaimResult:
    """Judge a claim. `lemmas` maps the ids that its `using` may name to claims; each that is used is judged as well.

    ClaimError where a name is no lemma, where a lemma is not proved, or where lemmas use each other in a circle.
    """
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


@lru_cache(maxsize=1024)  # a step often is a link of the chain once more
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
            return _or_unknown(prove_integers, (left, *assuming), right)
        case Entailment():
            return _or_unknown(prove_entailment, (left, *assuming), right)
        case Inequality():
            return _or_unknown(prove_inequality, (left, *assuming), right)
        case Limit(variable, to):
            return _or_unknown(prove_limit, left, right, variable, to, assuming)
        case IndexForm():
            return prove(left, right, assuming=assuming)


def _or_unknown(prove_: Callable[..., Verdict], *arguments: Any) -> Verdict:
    """The verdict; Unknown where the statement is none that the decider covers."""
    try:
        return prove_(*arguments)
    except (UnsupportedError, LimitError) as error:
        return Unknown((str(error),))


def check_near_miss(near: NearMiss, claim: Claim, lemmas: Lemmas | None = None) -> NearMissResult:
    """Judge a near miss; shapes that cannot be combined refute it."""
    try:
        left, right = near.build()
    except ShapeError as error:
        return NearMissResult(near, None, None, Refuted(None, why=str(error), method="shapes"))
    verdict = decide(claim.method, left, right, (*_given(claim, claim.using, lemmas or {}), *near.assuming))
    return NearMissResult(near, left, right, verdict)


def _given(claim: Claim, names: tuple[str, ...], lemmas: Lemmas) -> tuple[Any, ...]:
    return (*claim.hypotheses, *(_lemma(name, lemmas, (claim.id,)) for name in names))


def _lemma(name: str, lemmas: Lemmas, above: tuple[str, ...]) -> Lemma:
    """A lemma for the prover, made from the claim that proves it: nothing can be used that was not stated and proved."""
    if name not in lemmas:
        raise ClaimError(f"claim {above[-1]}: it uses {name}, which is not a lemma")
    if name in above:
        raise ClaimError(f"the lemmas {' -> '.join((*above, name))} use each other in a circle")
    claim = lemmas[name]
    if claim.lemma is None or len(claim.links) != 1 or claim.expected != "proved":
        raise ClaimError(f"claim {above[-1]}: it uses {name}, which has no lemma schema")
    if claim.hypotheses:
        raise ClaimError(f"claim {above[-1]}: it uses {name}, which holds only under hypotheses")
    inner = tuple(_lemma(used, lemmas, (*above, name)) for used in claim.using)
    verdict = _verdict_of(claim, inner)
    if not isinstance(verdict, Proved):
        raise ClaimError(f"claim {above[-1]}: it uses {name}, which is {verdict.name}: {verdict.reason}")
    left, right = claim.chain
    return Lemma(name, left, right, claim.lemma.size, claim.lemma.indices)


@cache
def _verdict_of(claim: Claim, inner: tuple[Lemma, ...]) -> Verdict:
    left, right = claim.chain
    return decide(claim.method, left, right, (*claim.hypotheses, *inner))
