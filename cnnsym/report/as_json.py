"""The JSON contract: one row for each equality of a claim, and the document around the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from cnnsym.claim import Claim, ClaimResult, LinkResult
from cnnsym.collect import Entry
from cnnsym.errors import UnsupportedError
from cnnsym.pages import PageFormula
from cnnsym.report.notation import equation
from cnnsym.report.plain import plain_statement
from cnnsym.verdict import Refuted

Row = dict[str, Any]

VERDICTS = ("proved", "refuted", "unknown", "skipped", "error", "measured")
MEASUREMENT = "measurement"  # the method of an experiment's row


def rows(result: ClaimResult, lang: str = "en") -> list[Row]:
    """One row for each link. Its `ok` also needs every step, near miss and numeric check of the claim to be sound."""
    result = result.as_written()
    parts: tuple[Any, ...] = (*result.steps, *result.near_misses, *result.measurements)
    sound = all(part.ok for part in parts)
    near_misses = [{"name": getattr(r.near_miss.name, lang), "verdict": r.verdict.name} for r in result.near_misses]
    faults = [] if sound else [fault for fault in result.faults if not _of_a_link(fault, result)]
    return [_row(result.claim, link, sound, near_misses, faults) for link in result.links]


def unjudged_rows(claim: Claim, verdict: Literal["unknown", "error"], reason: str) -> list[Row]:
    """The rows of a claim that could not be judged: it took too long, or something in it is not well formed."""
    return [
        {
            "id": identifier,
            "file": claim.file,
            "line": claim.line,
            "latex": "",
            "verdict": verdict,
            "expected": claim.expected,
            "ok": False,
            "scope": "undecided",
            "method": "none",
            "reason": reason,
            "counterexample": None,
            "milliseconds": 0.0,
            "near_misses": [],
        }
        for identifier, _, _ in claim.links
    ]


def page_row(formula: PageFormula) -> Row:
    """The row of a formula as it stands on a page: proved where it equals what was derived."""
    fine = formula.verdict == "proved"
    return {
        "id": formula.label,
        "file": formula.path,
        "line": formula.line,
        "latex": formula.latex.strip(),
        "verdict": formula.verdict,
        "expected": "proved",
        "ok": fine,
        "scope": "all sizes" if fine else "undecided",
        "method": "equality with the derivation",
        "reason": formula.problem or "the formula of the page equals the derived one",
        "counterexample": None,
        "milliseconds": 0.0,
        "near_misses": [],
    }


def experiment_row(entry: Entry, problem: str = "") -> Row:
    """The row of an experiment: measured where its results can be read, else an error. It is never called proved."""
    return {
        "id": entry.id,
        "file": entry.file,
        "line": entry.line,
        "latex": "",
        "verdict": "error" if problem else "measured",
        "expected": "measured",
        "ok": not problem,
        "scope": "an experiment",
        "method": MEASUREMENT,
        "reason": problem or "the results are there, with their seeds and versions",
        "counterexample": None,
        "milliseconds": 0.0,
        "near_misses": [],
    }


def document(all_rows: Iterable[Row]) -> dict[str, Any]:
    """The rows, and how many there are of each verdict; `ok` counts the rows that are as they should be."""
    all_rows = list(all_rows)
    counts = Counter(row["verdict"] for row in all_rows)
    summary = {verdict: counts[verdict] for verdict in VERDICTS} | {"ok": sum(row["ok"] for row in all_rows)}
    return {"version": 1, "claims": all_rows, "summary": summary}


def _row(claim: Claim, link: LinkResult, sound: bool, near_misses: list[Row], faults: list[str]) -> Row:
    verdict = link.verdict
    counterexample = verdict.counterexample if isinstance(verdict, Refuted) else None
    return {
        "id": link.id,
        "file": claim.file,
        "line": claim.line,
        "latex": _latex(link, claim),
        "verdict": verdict.name,
        "expected": link.expected,
        "ok": link.ok and sound,
        "scope": verdict.scope,
        "method": verdict.method,
        "reason": "; ".join([verdict.reason, *faults]),
        "counterexample": counterexample.as_dict() if counterexample else None,
        "milliseconds": round(link.milliseconds, 3),
        "near_misses": near_misses,
    }


def _latex(link: LinkResult, claim: Claim) -> str:
    try:
        return equation(link.left, link.right, claim.method, broken=False)
    except (UnsupportedError, RecursionError):  # no notation: the plain text of the terminal, then
        return plain_statement(link.left, link.right, claim.method)


def _of_a_link(fault: str, result: ClaimResult) -> bool:
    return any(fault.startswith(f"{link.id}: ") for link in result.links)
