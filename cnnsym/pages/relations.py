"""Relations on a page: they must be those that were derived, joined in the same way, no weaker and no stronger."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanFunction

from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Integers
from cnnsym.errors import CnnsymError
from cnnsym.integers import prove_integers
from cnnsym.pages.displays import Display
from cnnsym.prover import prove


def compare_relations(display: Display, label: str, claim: Claim, formula: Any) -> tuple[int, int, str, str]:
    """Line (counted from that of the display), column, verdict and problem."""
    found = [stated for chain in formula.chains for stated in _statements(chain)]
    if len(display.labels) > 1:
        nameless = next((stated for stated in found if stated[1] is None), None)
        if nameless is not None:
            line, column = nameless[2]
            return line - 1, column, "error", "this relation has no label, so what it says would not be checked"
        found = [stated for stated in found if stated[1] == label]
    derived = claim.links
    if not found or (len(derived) > 1 and len(found) != len(derived)):
        count = f"the formula has {len(found)} relations under this label, its derivation has {len(derived)}"
        return 0, 0, "error", count
    if len(found) > 1 and any(isinstance(stated[0], (sp.Implies, sp.Equivalent, ForAll)) for stated in found):
        return 0, 0, "error", "ambiguous: it may be meant to reach beyond the comma; expected \\land"
    if len(derived) == 1 and len(found) > 1:
        found = [(sp.And(*(stated[0] for stated in found)), label, found[0][2], any(stated[3] for stated in found))]
    for (read, _, (line, column), says_nothing), (identifier, given, wanted) in zip(found, derived, strict=True):
        verdict, reason = _states(read, given, wanted, claim)
        if verdict != "proved":
            return line - 1, column, verdict, f"{identifier}: this is not what was derived: {verdict}, {reason}"
        if says_nothing:
            return line - 1, column, "error", "both sides of a relation are written alike: it says nothing"
    return 0, 0, "proved", ""


Stated = tuple[Any, "str | None", tuple[int, int], bool]  # relation, label, place, whether both sides are written alike


def _statements(chain: Any) -> Iterator[Stated]:
    """What a chain states under each of its labels: `0 \\le a < k` is one statement."""
    if not chain.relations:
        yield from ((statement, chain.label, chain.member_places[0], False) for statement in chain.statements)
        return
    links = list(zip(chain.statements, chain.labels, chain.places, chain.alike, strict=True))
    own = chain.label  # a label at the end of the chain is that of the whole chain
    for name, group in groupby(links, key=lambda link: own or link[1]):
        (first, *others) = members = list(group)
        yield first[0] if not others else sp.And(*(m[0] for m in members)), name, first[2], any(m[3] for m in members)


def _states(read: Any, given: Any, wanted: Any, claim: Claim) -> tuple[str, str]:
    """Whether the page says that `wanted` follows from `given`, or `wanted` alone."""
    if read in (sp.true, sp.false):
        return "error", f"it is always {str(read).lower()}"
    if wanted in (sp.true, sp.false):
        return "error", "the derivation itself only says that it is true: write its relations with evaluate=False"
    hypotheses = (given, *(h for h in claim.hypotheses if isinstance(h, (Relational, BooleanFunction))))
    if isinstance(read, sp.Implies) and not isinstance(wanted, sp.Implies):
        premises, read = read.args
        verdict, reason = _same(_premises(premises), _premises(*hypotheses), (), claim)
        if verdict != "proved":
            return verdict, f"the hypotheses are others: {reason}"
    empty = next((r for r in read.atoms(Relational) if _alike(*r.args) and not wanted.has(r)), None)
    if empty is not None:
        return "error", f"both sides of {empty} are one and the same, so it says nothing"
    verdict, reason = _same(read, wanted, (), claim)
    if verdict == "proved" or not isinstance(claim.method, Integers):
        return verdict, reason
    # Within the bounds that the hypotheses set, sides may be equal that are not so in general: Max(0, m - k + 1) for k <= m.
    # Equations among the hypotheses do not count: by them 2 t mod s is t mod s where s divides t, and the page could say the
    # hypothesis itself. Nor must the page say what needs no hypotheses, where the claim needs them.
    bounds = [h for h in sp.And.make_args(sp.And(*hypotheses)) if isinstance(h, (sp.Lt, sp.Le, sp.Gt, sp.Ge))]
    verdict, reason = _same(read, wanted, tuple(bounds), claim)
    if verdict == "proved" and _integers((), read)[0] == "proved" and _integers((), wanted)[0] != "proved":
        return "error", "it holds without the hypotheses, so it says less"
    return verdict, reason


def _premises(*given: Any) -> Any:
    """Hypotheses without those that hold by what the symbols are."""
    return sp.And(*(part for part in sp.And.make_args(sp.And(*given)) if not _evident(part)))


def _evident(part: Any) -> bool:
    return isinstance(part, Relational) and part.func(*part.args) == sp.true


def _same(read: Any, wanted: Any, given: tuple[Any, ...], claim: Claim) -> tuple[str, str]:
    """Whether two conditions are the same relations, joined in the same way, between sides that are equal."""
    read, wanted = _oriented(read), _oriented(wanted)
    if read == wanted:
        return "proved", ""
    if type(read) is not type(wanted):
        return "error", f"it reads {read}, derived was {wanted}"
    if isinstance(read, (sp.Eq, sp.Ne)):
        if any(all(map(_alike, sides, wanted.args)) for sides in (read.args, read.args[::-1])):
            return "proved", ""
        straight = _same_sides(read.args, wanted.args, given, claim)
        if straight[0] == "proved" or _same_sides(read.args[::-1], wanted.args, given, claim)[0] == "proved":
            return "proved", ""
        return straight
    if isinstance(read, Relational):
        return _same_sides(read.args, wanted.args, given, claim)
    if isinstance(read, (sp.Not, sp.Implies)):
        pairs = zip(read.args, wanted.args, strict=True)
        return next((found for a, b in pairs if (found := _same(a, b, given, claim))[0] != "proved"), ("proved", ""))
    if isinstance(read, (sp.And, sp.Or, sp.Equivalent)):
        return _same_parts(read, wanted, given, claim)
    if isinstance(read, ForAll) and len(read.variables) == len(wanted.variables):
        common = {a: sp.Dummy(a.name, integer=a.is_integer, real=True) for a in read.variables}
        if all(a.is_integer == b.is_integer for a, b in zip(read.variables, wanted.variables, strict=True)):
            other = dict(zip(wanted.variables, common.values(), strict=True))
            return _same(read.at(common), wanted.at(other), given, claim)
    return "error", f"it reads {read}, derived was {wanted}"


def _oriented(e: Any) -> Any:
    """`a > b` as `b < a`, and the negation of a relation as a relation."""
    if isinstance(e, sp.Not) and isinstance(e.args[0], Relational):
        e = e.args[0].negated
    if isinstance(e, (sp.Gt, sp.Ge)):
        return (sp.Lt if isinstance(e, sp.Gt) else sp.Le)(*e.args[::-1], evaluate=False)
    return e


def _same_parts(read: Any, wanted: Any, given: tuple[Any, ...], claim: Claim) -> tuple[str, str]:
    """Each part of one has its counterpart in the other."""
    left, right = list(read.args), list(wanted.args)
    if len(left) != len(right):
        return "error", f"it has {len(left)} parts, {read}, derived were {len(right)}: {wanted}"
    problem = ""
    for part in left:
        for k, other in enumerate(right):
            verdict, problem = _same(part, other, given, claim)
            if verdict == "proved":
                del right[k]
                break
        else:
            return "error", f"{part} is none of what was derived, {wanted}" + (
                f": {problem}" if len(right) == 1 else ""
            )
    return "proved", ""


def _same_sides(read: Any, wanted: Any, given: tuple[Any, ...], claim: Claim) -> tuple[str, str]:
    for name, mine, other in zip(("left", "right"), read, wanted, strict=True):
        verdict, reason = _same_value(mine, other, given, claim)
        if verdict != "proved":
            return verdict, f"the {name} side {mine} is not {other}: {reason}"
    return "proved", ""


def _alike(mine: Any, other: Any) -> bool:
    """True where two sides are the same polynomial in the same parts."""
    both = isinstance(mine, sp.Expr) and isinstance(other, sp.Expr)
    return bool(mine == other or (both and sp.expand(mine - other) == 0))


def _same_value(mine: Any, other: Any, given: tuple[Any, ...], claim: Claim) -> tuple[str, str]:
    """Whether two sides are equal: as polynomials, as integers (under the hypotheses, where `given`), else by the prover."""
    if _alike(mine, other):
        return "proved", ""
    if all(getattr(side, "is_integer", None) for side in (mine, other)):
        found = _integers(given, sp.Eq(mine, other, evaluate=False))
        if found[0] in ("proved", "refuted"):
            return found
    try:
        verdict = prove(mine, other)
    except CnnsymError as error:
        return "error", str(error)
    return verdict.name, verdict.reason


def _integers(given: tuple[Any, ...], conclusion: Any) -> tuple[str, str]:
    try:
        verdict = prove_integers(given, conclusion)
    except CnnsymError as error:
        return "unknown", str(error)
    return verdict.name, verdict.reason
