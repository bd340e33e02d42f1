"""A term under names that do not depend on how it was written.

The slots are visited in a fixed order of the arrays. A slot that holds an unnamed variable with the coefficient 1 or -1
becomes the next variable itself: the change of variables that sends the old one to the value of the slot is unimodular, so a
bijection of the integer points (of the residues, on a circular axis). Two terms that differ by such a change come out alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, permutations, product
from typing import Any

import sympy as sp

from cnnsym.affine_form.clock import Clock
from cnnsym.affine_form.term import (
    UNNAMED,
    Constraint,
    Factor,
    Name,
    Term,
    expanded,
    is_integer,
    linear,
    ratio,
    renamed,
)
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


def arranged(term: Term, clock: Clock) -> Arranged:
    best: tuple[str, Skeleton] | None = None
    found: dict[tuple[Any, tuple[Constraint, ...]], Term] = {}
    for arrangement in islice(_arrangements(term), MAX_ARRANGEMENTS):
        clock.look()
        candidate = arrangement.term
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


def _arrangements(term: Term) -> Iterator[_Partly]:
    """Every arrangement where the order of factors or the choice of variables is open.

    Which variable a slot defines makes no difference where in the end slots define them all: one choice will do then.
    """
    one = next(_named(term, every_choice=False))
    yield from (_named(term, every_choice=True) if len(one.names) < len(term.variables) else _named(term, every_choice=False))


@dataclass(frozen=True)
class _Partly:
    """A term on its way: the factors that are in place, those that are not, and the names given so far."""

    term: Term
    waiting: tuple[Factor, ...]
    names: tuple[Any, ...] = ()


def _named(term: Term, every_choice: bool) -> Iterator[_Partly]:
    stack = [_Partly(replace(term, factors=()), term.factors)]
    while stack:
        current = stack.pop()
        if not current.waiting:
            yield from _leftovers(current)
            continue
        for factor in _next_factors(current.waiting):
            rest = list(current.waiting)
            rest.remove(factor)
            placed = replace(current.term, factors=(*current.term.factors, factor))
            stack.extend(_with_slots(_Partly(placed, tuple(rest), current.names), 0, every_choice))


def _next_factors(waiting: tuple[Factor, ...]) -> list[Factor]:
    """The factors that may come next: those that look alike, of the look that is rarest, and first by its text."""
    looks: dict[str, list[Factor]] = {}
    for factor in waiting:
        looks.setdefault(str((factor.head, [_look(s) for s in factor.slots])), []).append(factor)
    look = min(looks, key=lambda name: (len(set(looks[name])), name))
    return list(dict.fromkeys(looks[look]))


def _look(slot: Any) -> str:
    """What of a slot stays the same when the variables without a name are changed."""
    terms = sp.Add.make_args(slot)
    if not any(isinstance(v, sp.Dummy) and v.name == UNNAMED for t in terms for v in t.free_symbols):
        return str(slot)
    return "?" + ",".join(sorted(str(t) for t in terms if any(_is_name(v) for v in t.free_symbols)))


def _with_slots(current: _Partly, at: int, every_choice: bool) -> Iterator[_Partly]:
    """The variables that the slots of the last factor define, named."""
    factor = current.term.factors[-1]
    if at == len(factor.slots):
        yield current
        return
    options = list(_candidates(current.term, factor.slots[at], factor.periods[at]))
    if not options:
        yield from _with_slots(current, at + 1, every_choice)
    for v, a, rest in options if every_choice else options[:1]:
        name = _name(len(current.names))
        put = {v: expanded(a * (name - rest))}
        # The factors that wait are renamed with the term.
        whole = _put(replace(current.term, factors=(*current.term.factors, *current.waiting)), put, {v: name})
        done = len(current.term.factors)
        made = _Partly(replace(whole, factors=whole.factors[:done]), whole.factors[done:], (*current.names, name))
        yield from _with_slots(made, at + 1, every_choice)


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


def _put(term: Term, swap: Mapping[Any, Any], names: Mapping[Any, Any]) -> Term:
    made = renamed(term, swap)
    bound = tuple(names.get(v, v) for v in term.bound)
    return replace(made, bound=bound, circular=tuple((names.get(v, v), n) for v, n in term.circular))


def _leftovers(current: _Partly) -> Iterator[_Partly]:
    """Variables that no slot gives are reflected and translated to where they are plainest; every order of names is tried."""
    term = current.term
    left = [v for v in term.variables if not _is_name(v)]
    for signs in product((1, -1), repeat=len(left) if len(left) <= MOST_REFLECTED else 0):
        made = renamed(term, {v: -v for v, sign in zip(left, signs, strict=False) if sign < 0})
        for v in left:
            shift = _shift(made, v, set(left))
            if shift != 0:
                made = renamed(made, {v: expanded(v + shift)})
        for order in permutations(left):
            names = {v: _name(k) for k, v in enumerate(order, len(current.names))}
            whole = _put(made, names, names)
            bound, circular = tuple(sorted(whole.bound, key=str)), tuple(sorted(whole.circular, key=str))
            yield _Partly(replace(whole, bound=bound, circular=circular), (), current.names)


def _shift(term: Term, v: Any, left: set[Any]) -> Any:
    """A translation of v: `a v + a b + c` in the first slot that has it becomes `a v + c`; else its least value becomes 0."""
    for f in term.factors:
        for slot in f.slots:
            parts = linear(slot, v)
            if parts is not None and parts[0] != 0 and not parts[1].free_symbols & left:
                return expanded(-sp.Add(*(q for t in sp.Add.make_args(parts[1]) if is_integer(q := ratio(t, parts[0])))))
    lows = [
        expanded(-parts[1])
        for c in term.guard
        if not c.equal and (parts := linear(c.value, v)) is not None and parts[0] == 1
    ]
    return lows[0] if len(lows) == 1 and not lows[0].free_symbols & left else sp.S.Zero
