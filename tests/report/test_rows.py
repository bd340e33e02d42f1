"""When a row is ok: the verdict as expected, and everything that must support it."""

import pytest
import sympy as sp

from cnnsym.claim import Claim, ClaimResult, LinkResult, Measurement, NearMiss, NearMissResult, Step, StepResult, Text
from cnnsym.report import document, line, page, rows, unjudged_rows
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown

x = sp.Symbol("x")
NAME = Text("名", "name")
CLAIM = Claim("1.1-x", "1.1", NAME, (x, x, x), file="f.py", line=7)
REFUTED = Refuted(Counterexample({"n": 1}, {"x": "2"}, "2", "3"))


def result(links=(Proved(), Proved()), step=Proved(), near=REFUTED, error=0.0, claim=CLAIM):
    return ClaimResult(
        claim=claim,
        links=tuple(
            LinkResult(i, left, right, verdict, claim.expected, 1.5)
            for (i, left, right), verdict in zip(claim.links, links, strict=True)
        ),
        steps=(StepResult(Step(x, x, NAME), step),),
        near_misses=(NearMissResult(NearMiss(NAME, lambda: (x, -x)), x, -x, near),),
        measurements=(Measurement("numpy", "3", "float64", 0, error, 1e-9),),
        milliseconds=3.0,
    )


def test_a_sound_claim():
    assert [(row["id"], row["verdict"], row["ok"]) for row in rows(result())] == [
        ("1.1-x.1", "proved", True),
        ("1.1-x.2", "proved", True),
    ]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"near": Proved()}, "near miss 'name'"),
        ({"near": Unknown(("stuck",))}, "near miss 'name'"),
        ({"step": REFUTED}, "step 1 (name)"),
        ({"error": 1e-3}, "numeric check 'numpy'"),
        ({"error": float("nan")}, "numeric check 'numpy'"),
    ],
)
def test_whatever_supports_the_claim_and_fails_makes_every_row_fail(fault, reason):
    for row in rows(result(**fault)):
        assert (row["verdict"], row["ok"]) == ("proved", False)
        assert reason in row["reason"]


def test_a_link_that_fails_leaves_the_other_link_alone():
    assert [row["ok"] for row in rows(result(links=(Proved(), REFUTED)))] == [True, False]


def test_a_counterexample_is_exact_text():
    row = rows(result(links=(REFUTED, Proved())))[0]
    assert row["counterexample"] == {"sizes": {"n": 1}, "values": {"x": "2"}, "lhs": "2", "rhs": "3", "place": []}


def test_an_erratum_must_be_refuted():
    erratum = Claim("1.2-y", "1.2", NAME, (x, -x), expected="refuted")
    assert [row["ok"] for row in rows(result(links=(REFUTED,), claim=erratum))] == [True]
    assert [row["ok"] for row in rows(result(links=(Proved(),), claim=erratum))] == [False]
    assert line(result(links=(Unknown(),), claim=erratum)).startswith("? unknown  1.2-y")


def test_names_of_near_misses_follow_the_language():
    assert rows(result(), "zh")[0]["near_misses"] == [{"name": "名", "verdict": "refuted"}]


def test_what_was_not_judged_is_never_ok():
    unjudged = unjudged_rows(CLAIM, "error", "reason")
    assert [row["id"] for row in unjudged] == ["1.1-x.1", "1.1-x.2"]
    assert set(unjudged[0]) == set(rows(result())[0])
    summary = document([*unjudged, *rows(result())])["summary"]
    assert summary == {"proved": 2, "refuted": 0, "unknown": 0, "skipped": 0, "error": 2, "measured": 0, "ok": 2}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_counts_near_misses_as_good_when_refuted(lang):
    lines = page(result(), lang=lang).splitlines()
    assert sum("✓" in text for text in lines) == 5
    assert not any("✗" in text for text in lines)
    assert any("✗" in text for text in page(result(near=Proved()), lang=lang).splitlines())
