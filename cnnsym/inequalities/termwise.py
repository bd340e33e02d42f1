"""Sums compared term by term: a combination of sums is at least 0 where every combination of their terms is.

Sums over the same ranges are combined into one; a number is spread over the terms of a range; of two sums over overlapping
windows of one sequence what they share is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import Any

import sympy as sp

from cnnsym.entailment import Facts
from cnnsym.errors import UnsupportedError
from cnnsym.inequalities.sums import Sums, Total

ABSOLUTES = 4


def at_least_zero(e: Any, sums: Sums, given: Sequence[Any]) -> bool:
    """Whether `e >= 0`, an expression in the names of sums, is seen to follow from the hypotheses term by term.

    False says that it is not seen to, nothing more.
    """
    numerator, denominator = sp.fraction(sp.together(_without_quotients(e)))
    if not _positive(denominator, given):
        return False
    return all(_linear_at_least_zero(case, sums, given) for case in _without_absolutes(sp.expand(numerator), sums))


def _without_quotients(e: Any) -> Any:
    """Positive denominators taken out of absolute values."""

    def outside(one: Any) -> Any:
        numerator, denominator = sp.fraction(sp.together(_without_quotients(one.args[0])))
        return sp.Abs(numerator) / denominator if denominator.is_positive else one

    return e.replace(lambda n: isinstance(n, sp.Abs), outside)


def _without_absolutes(e: Any, sums: Sums) -> Iterator[Any]:
    """The expression with either sign for each absolute value of sums; one of these is its value."""
    names = {name for name, _ in sums.totals}
    absolutes = sorted((one for one in e.atoms(sp.Abs) if one.free_symbols & names), key=str)
    if len(absolutes) > ABSOLUTES:
        raise UnsupportedError(f"more than {ABSOLUTES} absolute values of sums")
    for signs in product((1, -1), repeat=len(absolutes)):
        yield sp.expand(e.xreplace({one: sign * one.args[0] for one, sign in zip(absolutes, signs, strict=True)}))


def _positive(e: Any, given: Sequence[Any]) -> bool:
    return bool(e.is_positive) or Facts([*given, sp.Le(e, 0)]).contradictory()


def _linear_at_least_zero(e: Any, sums: Sums, given: Sequence[Any]) -> bool:
    factors = _factors(e, sums)
    if factors is None:
        return False
    if _combined(factors, sums, given):
        return True
    shorter = _without_overlaps(factors, sums, given)
    return shorter is not None and _combined(shorter, sums, given)


Factors = dict[Any, Any]  # the factor of each name; of 1 the rest


def _factors(e: Any, sums: Sums) -> Factors | None:
    """None where the expression is not linear in the names."""
    names = [name for name, _ in sums.totals if name in e.free_symbols]
    found: Factors = {name: e.coeff(name, 1) for name in names}
    rest = sp.expand(e - sp.Add(*(c * name for name, c in found.items())))
    parts = [rest, *found.values()]
    if any(part.free_symbols & set(names) for part in parts):
        return None
    return {**found, sp.S.One: rest}


def _combined(factors: Factors, sums: Sums, given: Sequence[Any]) -> bool:
    """One sum for each choice of ranges; one of them, in turn, takes the rest with it."""
    rest = factors[sp.S.One]
    groups: dict[Any, tuple[Total, Any]] = {}
    for name, c in factors.items():
        total = sums.total(name)
        if total is not None:
            _, known = groups.get(total.lasts, (total, sp.S.Zero))
            groups[total.lasts] = (total, known + c * total.summand)
    if not groups:
        return Facts([*given, sp.Lt(rest, 0)]).contradictory()
    if all(_terms_at_least_zero(t, g, given) for t, g in groups.values()) and _holds(sp.Ge(rest, 0), given):
        return True
    for one in groups:
        total, summand = groups[one]
        share = sp.cancel(rest / total.number)
        counts = sp.And(*(sp.Ge(last + 1, 0) for last in total.lasts))
        if sp.fraction(share)[1] != 1 or not _holds(counts, given):
            continue  # else the rest is not its share, as often as there are terms
        others = [_terms_at_least_zero(t, g, given) for key, (t, g) in groups.items() if key != one]
        if all(others) and _terms_at_least_zero(total, summand + share, given):
            return True
    return False


def _holds(statement: Any, given: Sequence[Any]) -> bool:
    return statement == sp.true or (statement != sp.false and Facts([*given, sp.Not(statement)]).contradictory())


def _terms_at_least_zero(total: Total, summand: Any, given: Sequence[Any]) -> bool:
    return Facts([*given, *total.inside, sp.Lt(summand, 0)]).contradictory()


def _without_overlaps(factors: Factors, sums: Sums, given: Sequence[Any]) -> Factors | None:
    """`c*S - c*T` for windows of one sequence, T beginning later: what S has before T less what T has after S."""
    for early, late in permutations([name for name in factors if name != 1], 2):
        one, other = sums.total(early), sums.total(late)
        if one is None or other is None or len(one.indices) != 1 or len(other.indices) != 1:
            continue
        shift = _shift(one, other)
        if shift is None or sp.expand(factors[early] + factors[late]) != 0:
            continue
        (a,), (end,), (other_end,) = one.indices, one.lasts, other.lasts
        # Both begin and end in order, and nothing lies between them.
        ordered = sp.And(sp.Ge(shift, 0), sp.Le(shift, end + 1), sp.Ge(shift + other_end, end))
        if not _holds(ordered, given):
            continue
        before = Total(one.summand, (a,), (sp.expand(shift - 1),))
        summand = _with_plain(one.summand.xreplace({a: a + end + 1}))
        after = Total(summand, (a,), (sp.expand(shift + other_end - end - 1),))
        rest = {name: c for name, c in factors.items() if name not in (early, late)}
        for total, c in ((before, factors[early]), (after, factors[late])):
            name = sums.name(total)
            rest[name] = rest.get(name, sp.S.Zero) + c
        return rest
    return None


def _with_plain(e: Any) -> Any:
    return e.replace(lambda n: isinstance(n, sp.Indexed), lambda n: n.base[tuple(sp.expand(i) for i in n.indices)])


def _shift(one: Total, other: Total) -> Any | None:
    """`s` with the terms of the other at `a` those of the first at `a + s`."""
    (a,) = one.indices
    pairs = [sorted(t.summand.atoms(sp.Indexed), key=str) for t in (one, other)]
    for mine in pairs[0][:1]:
        for theirs in pairs[1]:
            if theirs.base == mine.base:
                differences = {sp.expand(i - j) for i, j in zip(theirs.indices, mine.indices, strict=True)} - {
                    sp.S.Zero
                }
                for s in differences:
                    if a not in s.free_symbols and _with_plain(one.summand.xreplace({a: a + s})) == other.summand:
                        return s
    return None
