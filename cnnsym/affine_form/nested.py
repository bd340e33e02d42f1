"""Forms inside of forms: the argument of a function, the base of a power, what a maximum is taken of.

A nested form becomes a function of *holes*, the integers that it takes from outside: `f(sum_a k[a] x[n - t + a])` is a function
of the one integer `n - t`. Two nested forms are the same function when their difference vanishes for all values of the holes;
that is decided as for any other form, and the number of the function goes into the head of the factor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from cnnsym.affine_form.arrange import arranged
from cnnsym.affine_form.equality import vanishes
from cnnsym.affine_form.simplify import all_simplified, simplified
from cnnsym.affine_form.solver import Solver
from cnnsym.affine_form.term import (
    Factor,
    Form,
    Hole,
    Term,
    expanded,
    fresh,
    is_integer,
    linear,
    renamed,
    scaled,
    symbols,
)
from cnnsym.errors import UnsupportedError

Head = tuple[Any, ...]


class Registry:
    """The nested forms of one statement. `parameters` are the symbols that stand for the same throughout it."""

    def __init__(self, solver: Solver, parameters: frozenset[Any]) -> None:
        self._solver, self.clock = solver, solver.clock
        self._parameters = parameters
        self._forms: dict[Any, list[Form]] = {}
        self._domains: dict[Any, list[Term]] = {}

    def factor(self, head: Head, form: Form) -> Form:
        """The one factor that is the function `head` of a form, at what the form takes from outside."""
        terms = sorted((arranged(t, self.clock).term for t in all_simplified(form, self._solver)), key=_shape)
        terms, holes, periods = self._opened(terms)
        terms = [fresh(t) for t in terms]
        known = self._forms.setdefault((head, periods), [])
        for number, other in enumerate(known):  # noqa: B007 - the number is used after the loop
            if vanishes(terms + scaled(other, -1), self._solver):
                break
        else:
            number = len(known)
            known.append(terms)
        return [Term(factors=(Factor((*head, number), holes, periods),))]

    def maximum(self, body: Form, domain: Term) -> Form:
        """The largest value of the body over the points of the domain."""
        (inner,) = self.factor(("value",), body)
        points = simplified(replace(inner, bound=domain.bound, guard=domain.guard), self._solver, counting=False)
        if points is None:
            raise UnsupportedError("a maximum over nothing")
        one = arranged(points, self.clock)
        (term,), holes, periods = self._opened([one.term])
        known = self._domains.setdefault(periods, [])
        for number, other in enumerate(known):  # noqa: B007 - the number is used after the loop
            same = (term.factors, term.bound) == (other.factors, other.bound)
            if same and self._solver.follows(term.guard, other.guard) and self._solver.follows(other.guard, term.guard):
                break
        else:
            number = len(known)
            known.append(term)
        return [Term(factors=(Factor(("maximum", number), holes, periods),))]

    def _opened(self, terms: list[Term]) -> tuple[list[Term], tuple[Any, ...], tuple[Any, ...]]:
        """The terms as a function of holes, what fills these, and the period of each."""
        holes: list[Any] = []
        while True:
            self.clock.look()
            found = self._next_hole(terms, _hole(len(holes)))
            if found is None:
                break
            value, put = found
            holes.append(expanded(value.xreplace({_hole(k): filled for k, filled in enumerate(holes)})))
            terms = [renamed(t, put) for t in terms]
        return terms, tuple(holes), tuple(_period(terms, _hole(k)) for k in range(len(holes)))

    def _next_hole(self, terms: list[Term], hole: Any) -> tuple[Any, dict[Any, Any]] | None:
        """The first position `a v + b` that takes a variable v from outside, and what v is when that is a hole.

        The coefficient a is 1 or -1, or it divides every coefficient of v; else v itself is the hole.
        """
        fallback = None
        for term in terms:
            own = set(term.variables)
            positions = [s for f in term.factors for s in f.slots]
            positions += sorted((c.value for c in term.guard), key=str)
            for e in (*positions, term.phase, term.coefficient):
                outer = [s for s in sorted(e.free_symbols, key=str) if self._is_outer(s, own)]
                for v in outer:
                    parts = linear(e, v) if e in positions else None
                    if parts is None or parts[0] == 0:
                        continue
                    value = _without_own(e, own)
                    rest = expanded(value - parts[0] * v)
                    if v in rest.free_symbols:  # it is multiplied by a variable of the term
                        continue
                    put = {v: expanded((hole - rest) / parts[0])}
                    if parts[0] in (1, -1):
                        return value, put
                    if fallback is None and all(_stays_integer(t, put) for t in terms):
                        fallback = value, put
                if outer and fallback is None:
                    fallback = outer[0], {outer[0]: hole}
        return fallback

    def _is_outer(self, s: Any, own: set[Any]) -> bool:
        return s not in self._parameters and s not in own and not isinstance(s, Hole)


def _hole(k: int) -> Any:
    return Hole(f"_h{k}", integer=True)


def _without_own(e: Any, own: set[Any]) -> Any:
    """The part of a position that comes from outside."""
    return sp.Add(*(t for t in sp.Add.make_args(expanded(e)) if not t.free_symbols & own))


def _stays_integer(term: Term, put: dict[Any, Any]) -> bool:
    made = renamed(term, put)
    (v,) = put
    plain = v not in term.coefficient.free_symbols | term.phase.free_symbols
    values = [s for f in made.factors for s in f.slots] + [c.value for c in made.guard]
    return plain and all(is_integer(e) for e in values)


def _shape(term: Term) -> str:
    return str((tuple(f.head for f in term.factors), len(term.bound), len(term.guard)))


def _period(terms: list[Term], hole: Any) -> Any:
    """The period of a function in one of its holes: everything depends on it modulo that; None where there is none."""
    found: set[Any] = set()
    for term in terms:
        rest = replace(term, factors=(), phase=sp.S.Zero)
        if hole in symbols(rest) or hole in term.phase.free_symbols:
            return None
        for f in term.factors:
            found |= {n for s, n in zip(f.slots, f.periods, strict=True) if hole in s.free_symbols}
    return found.pop() if len(found) == 1 else None
