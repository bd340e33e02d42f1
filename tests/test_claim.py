"""Claims are data: links are numbered, ids are unique, and a result is as good as the worst of its parts."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
import sympy as sp

from cnnsym.claim import (
    Claim,
    ClaimResult,
    Derivation,
    LinkResult,
    Measurement,
    NearMiss,
    NearMissResult,
    Step,
    StepResult,
    Text,
)
from cnnsym.errors import ClaimError
from cnnsym.verdict import Proved, Refuted, Unknown

a, b, c, d = sp.symbols("a b c d")
TITLE = Text("题", "title")


def claim(*chain: Any, **fields: Any) -> Claim:
    return Claim("1.1-x", "1.1", TITLE, chain, **fields)


def test_one_equality_has_the_id_of_the_claim() -> None:
    assert claim(a, b).links == (("1.1-x", a, b),)


def test_a_chain_is_numbered_and_goes_on_in_the_next() -> None:
    assert claim(a, b, c, also=((c, d), (a, d, b))).links == (
        ("1.1-x.1", a, b), ("1.1-x.2", b, c), ("1.1-x.3", c, d), ("1.1-x.4", a, d), ("1.1-x.5", d, b),
    )  # fmt: skip


@pytest.mark.parametrize(("chain", "also"), [((a,), ()), ((), ()), ((a, b), ((c,),))])
def test_a_chain_has_two_members(chain: Any, also: Any) -> None:
    with pytest.raises(ClaimError, match="1.1-x"):
        claim(*chain, also=also)


def test_ids_are_unique_and_found() -> None:
    one = claim(a, b)
    derivation = Derivation(TITLE, "", (one,), file="x.py")
    assert derivation.claim("1.1-x") is one
    with pytest.raises(ClaimError, match=r"x\.py: no claim 9"):
        derivation.claim("9")
    with pytest.raises(ClaimError, match=r"1\.1-x is used twice"):
        Derivation(TITLE, "", (one, one), file="x.py")


def measured(error: float) -> Measurement:
    return Measurement("values", "2 x 2", "float64", 0, error, 1e-9)


@pytest.mark.parametrize(("error", "ok"), [(0.0, True), (1e-9, True), (1e-8, False), (nan, False), (inf, False)])
def test_an_error_that_is_no_number_is_not_within_tolerance(error: float, ok: bool) -> None:
    assert measured(error).ok is ok


GOOD = ClaimResult(
    claim(a, a),
    links=(LinkResult("1.1-x", a, a, Proved(), "proved", 1.0),),
    steps=(StepResult(Step(a, a, TITLE), Proved()),),
    near_misses=(NearMissResult(NearMiss(TITLE, lambda: (a, b)), a, b, Refuted(None, why="no")),),
    measurements=(measured(0.0),),
    milliseconds=1.0,
)
BAD: dict[str, tuple[ClaimResult, str]] = {
    "a link unknown": (
        replace(GOOD, links=(replace(GOOD.links[0], verdict=Unknown(("tried this",))),)), "expected proved, found unknown"
    ),
    "a link refuted": (replace(GOOD, links=(replace(GOOD.links[0], verdict=Refuted(None, why="w")),)), "found refuted"),
    "an erratum proved": (replace(GOOD, links=(replace(GOOD.links[0], expected="refuted"),)), "expected refuted, found proved"),
    "a step": (replace(GOOD, steps=(replace(GOOD.steps[0], verdict=Unknown(("t",))),)), "step 1 (title): unknown"),
    "a near miss survives": (
        replace(GOOD, near_misses=(replace(GOOD.near_misses[0], verdict=Proved()),)), "near miss 'title': expected refuted"
    ),
    "a near miss undecided": (
        replace(GOOD, near_misses=(replace(GOOD.near_misses[0], verdict=Unknown()),)), "found unknown"
    ),
    "a number": (replace(GOOD, measurements=(measured(1.0),)), "error 1, tolerance 1e-09"),
}  # fmt: skip


def test_a_good_result() -> None:
    assert GOOD.ok
    assert GOOD.faults == ()


@pytest.mark.parametrize(("result", "said"), BAD.values(), ids=BAD)
def test_one_bad_part_makes_the_result_bad(result: ClaimResult, said: str) -> None:
    assert not result.ok
    assert len(result.faults) == 1
    assert "1.1-x" in result.faults[0] and said in result.faults[0]
