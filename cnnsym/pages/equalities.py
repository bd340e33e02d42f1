"""Equalities on a page: each side must equal, for all sizes, the side that was derived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from cnnsym.atoms import alike
from cnnsym.claim import Claim, Limit
from cnnsym.errors import CnnsymError
from cnnsym.pages.displays import Display
from cnnsym.prover import prove


def compare_equalities(display: Display, label: str, claim: Claim, formula: Any) -> tuple[int, int, str, str]:
    """Line (counted from that of the display), column, verdict and problem."""
    links = [link for chain in formula.chains for link in _links(chain)]
    other = next((place for chain in formula.chains for place in _inequalities(chain)), None)
    if other is not None:
        return other[0] - 1, other[1], "error", "expected equalities, as they were derived, got another relation"
    if len(display.labels) > 1:
        nameless = next((link for link in links if link[2] is None), None)
        if nameless is not None:
            line, column = nameless[3]
            return line - 1, column, "error", "this equality has no label, so what it says would not be checked"
        links = [link for link in links if link[2] == label]
    derived = claim.links
    if len(links) != len(derived):
        count = f"the formula has {len(links)} equalities under this label, its derivation has {len(derived)}"
        return 0, 0, "error", count
    for (left, right, _, (line, column), _), (identifier, *sides) in zip(links, derived, strict=True):
        for side, read, wanted in (("left", left, sides[0]), ("right", right, sides[1])):
            verdict, reason = _equal(read, wanted, claim, side)
            if verdict != "proved":
                problem = f"{identifier}: the {side} side is not what was derived: {verdict}, {reason}"
                return line - 1, column, verdict, problem
    if any(link[4] for link in links):
        return 0, 0, "error", "both sides of an equality are written alike: it says nothing"
    return 0, 0, "proved", ""


Link = tuple[Any, Any, "str | None", tuple[int, int], bool]  # sides, label, place, whether both are written alike


def _links(chain: Any) -> list[Link]:
    return [
        (chain.members[k], chain.members[k + 1], chain.labels[k], chain.places[k], chain.alike[k])
        for k in range(len(chain.relations))
    ]


def _inequalities(chain: Any) -> Iterator[tuple[int, int]]:
    """The places of what is no equality."""
    if not chain.relations and chain.statements:
        yield chain.member_places[0]
    yield from (place for relation, place in zip(chain.relations, chain.places, strict=True) if relation != "=")


def _equal(read: Any, wanted: Any, claim: Claim, side: str) -> tuple[str, str]:
    if isinstance(claim.method, Limit) and side == "left":
        variable, to = claim.method.variable, claim.method.to
        if not isinstance(read, sp.Limit) or read.args[1:3] != (variable, to):
            return "error", f"expected a limit for {variable} to {to}, got {read}"
        read = read.args[0]
    if alike(read, wanted):  # what was derived is judged with its claim
        return "proved", ""
    try:
        verdict = prove(read, wanted, assuming=claim.hypotheses)
    except CnnsymError as error:
        return "error", str(error)
    return verdict.name, verdict.reason
