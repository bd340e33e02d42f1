"""A term under names that do not depend on how it was written.

The slots are visited in a fixed order of the arrays. A slot that holds an unnamed variable with the coefficient 1 or -1
becomes the next variable itself: the change of variables that sends the old one to the value of the slot is unimodular, so a
bijection of the integer points (of the residues, on a circular axis). Two terms that differ by such a change come out alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, permutations, product
from typing import Any

import sympy as sp

from cnnsym.affine_form.term import Constraint, Factor, Name, Term, expanded, is_integer, linear, renamed
from cnnsym.errors import InternalError

MAX_ARRANGEMENTS = 720  # beyond it the first ones are taken (sound, less complete)
MOST_REFLECTED = 2  # variables whose two directions are tried

Skeleton = tuple[Any, ...]


@dataclass(frozen=True)
class Arranged:
    """A term under canonical names. `skeleton` is all of it but the coefficient and the guard.

    `alternatives` are the coefficients and guards of every arrangement with this skeleton: the term is each of them.
    """

    skeleton: Skeleton
    alternatives: tuple[tuple[Any, tuple[Constraint, ...]], ...]
    term: Term


def arranged(term: Term) -> Arranged:
    best: tuple[str, Skeleton] | None = None
    found: dict[tuple[Any, tuple[Constraint, ...]], Term] = {}
    for candidate in islice(_arrangements(term), MAX_ARRANGEMENTS):
        skeleton = (candidate.factors, candidate.phase, candidate.bound, candidate.circular)
        rank = str(skeleton)
        if best is None or rank < best[0]:
            best, found = (rank, skeleton), {}
        elif skeleton != best[1]:
            continue
        guard = tuple(sorted(candidate.guard, key=str))
        found.setdefault((candidate.coefficient, guard), candidate)
    if best is None:
        raise InternalError("a term without an arrangement")
    alternatives = tuple(sorted(found, key=str))
    return Arranged(best[1], alternatives, found[alternatives[0]])


def _arrangements(term: Term) -> Iterator[Term]:
    by_head: dict[str, list[Factor]] = {}
    for factor in term.factors:
        by_head.setdefault(str(factor.head), []).append(factor)
    groups = [by_head[name] for name in sorted(by_head)]
    for choice in product(*(permutations(group) for group in groups)):
        yield from _named(term, [f for group in choice for f in group])


def _named(term: Term, order: list[Factor]) -> Iterator[Term]:
    """Name variables slot by slot; where several could be the next one, each is tried."""
    waiting = [(replace(term, factors=tuple(order)), 0, 0)]
    while waiting:
        current, at, count = waiting.pop()
        places = [(s, n) for f in current.factors for s, n in zip(f.slots, f.periods, strict=True)]
        if at == len(places):
            yield from _leftovers(current, count)
            continue
        slot, period = places[at]
        options = list(_candidates(current, slot, period))
        if not options:
            waiting.append((current, at + 1, count))
        for v, a, rest in options:
            name = _name(count)
            waiting.append((_put(current, v, expanded(a * (name - rest)), name), at + 1, count + 1))


def _name(k: int) -> Any:
    return Name(f"_{k}", integer=True)


def _candidates(term: Term, slot: Any, period: Any) -> Iterator[tuple[Any, Any, Any]]:
    own = term.bound if period is None else tuple(v for v, n in term.circular if n == period)
    for v in own:
        parts = None if _is_name(v) else linear(slot, v)
        if parts is not None and parts[0] in (1, -1):
            yield v, parts[0], parts[1]


def _is_name(v: Any) -> bool:
    return isinstance(v, Name)


def _put(term: Term, v: Any, value: Any, name: Any) -> Term:
    made = renamed(term, {v: value})
    bound = tuple(name if b == v else b for b in term.bound)
    circular = tuple((name, n) if b == v else (b, n) for b, n in term.circular)
    return replace(made, bound=bound, circular=circular)


def _leftovers(term: Term, count: int) -> Iterator[Term]:
    """Variables that no slot gives are reflected and translated to where they are plainest; every order of names is tried."""
    left = [v for v in term.variables if not _is_name(v)]
    for signs in product((1, -1), repeat=len(left) if len(left) <= MOST_REFLECTED else 0):
        made = renamed(term, {v: -v for v, sign in zip(left, signs, strict=False) if sign < 0})
        for v in left:
            shift = _shift(made, v, set(left))
            if shift != 0:
                made = renamed(made, {v: expanded(v + shift)})
        for order in permutations(left):
            yield _with_names(made, order, count)


def _with_names(term: Term, order: tuple[Any, ...], count: int) -> Term:
    for k, v in enumerate(order, count):
        term = _put(term, v, _name(k), _name(k))
    bound, circular = tuple(sorted(term.bound, key=str)), tuple(sorted(term.circular, key=str))
    return replace(term, bound=bound, circular=circular)


def _shift(term: Term, v: Any, left: set[Any]) -> Any:
    """A translation of v: `a v + a b + c` in the first slot that has it becomes `a v + c`; else its least value becomes 0."""
    for f in term.factors:
        for slot in f.slots:
            parts = linear(slot, v)
            if parts is not None and parts[0] != 0 and not parts[1].free_symbols & left:
                return expanded(-sp.Add(*(q for t in sp.Add.make_args(parts[1]) if is_integer(q := sp.cancel(t / parts[0])))))
    lows = [
        expanded(-parts[1])
        for c in term.guard
        if not c.equal and (parts := linear(c.value, v)) is not None and parts[0] == 1
    ]
    return lows[0] if len(lows) == 1 and not lows[0].free_symbols & left else sp.S.Zero
