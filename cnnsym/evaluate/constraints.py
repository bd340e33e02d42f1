"""Integers that satisfy conditions: found by a search that takes one name at a time, never by blind rejection.

A condition `Eq(t, s*tau)` defines `t`: its value is computed from the others. Every other condition is checked as soon as
all its names have values (backtracking; Russell and Norvig, Artificial Intelligence, chapter "Constraint Satisfaction
Problems"). All is counted in checks, not in seconds, so that the same search ends the same way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import sympy as sp

from cnnsym.evaluate.arithmetic import integer
from cnnsym.evaluate.array import Value
from cnnsym.evaluate.draw import allows
from cnnsym.evaluate.program import Node
from cnnsym.evaluate.undefined import Undefined

Known = Mapping[Node, int]
Evaluate = Callable[[Node, Known], Value]  # the value of a condition or definition that mentions known names only

_CHECKS_OF_A_TARGET = 150
_MOST_CHECKS = 4000
_ALL = 240  # combinations; more are not enumerated


class Constraints:
    """Conditions on integer names; those that mention other names are left out, for the caller to check at the sample."""

    def __init__(self, names: Sequence[Node], conditions: Sequence[Node], given: Sequence[Node] = ()) -> None:
        """`given` are names that have values before the search; `names` are those it gives values to."""
        self.names = tuple(names)
        known = {*names, *given}
        self.conditions = [c for c in conditions if c.free <= known and not c.free.isdisjoint(names)]
        self._definitions = self._defined()
        self._order = self._ordered()
        self._due: list[list[Node]] = []  # by step: the conditions whose names have values then
        left, seen = list(self.conditions), set(given)
        for name in self._order:
            seen.add(name)
            self._due.append([c for c in left if c.free <= seen])
            left = [c for c in left if not c.free <= seen]

    def _defined(self) -> dict[Node, Node]:
        found: dict[Node, Node] = {}
        for condition in self.conditions:
            if not isinstance(condition.expr, sp.Eq):
                continue
            for name, value in (condition.args, condition.args[::-1]):
                if name in self.names and name not in found and not self._leads_to(value, name, found):
                    found[name] = value
                    break
        return found

    def _leads_to(self, value: Node, name: Node, definitions: Mapping[Node, Node]) -> bool:
        """Whether a value rests on a name, directly or by definitions."""
        stack, seen = list(value.free), set()
        while stack:
            item = stack.pop()
            if item is name:
                return True
            if item in definitions and item not in seen:
                seen.add(item)
                stack.extend(definitions[item].free)
        return False

    def _ordered(self) -> list[Node]:
        """The free names as they come, each defined one as soon as its definition can be computed."""
        order: list[Node] = []
        waiting = [n for n in self.names if n in self._definitions]
        for name in (*(n for n in self.names if n not in self._definitions), None):
            order += [] if name is None else [name]
            while ready := [
                n for n in waiting if not any(m in self.names and m not in order for m in self._definitions[n].free)
            ]:
                order += ready
                waiting = [n for n in waiting if n not in ready]
        return order

    def near(
        self, target: Mapping[Node, int], domains: Mapping[Node, Sequence[int]], evaluate: Evaluate
    ) -> dict[Node, int] | None:
        """Values that satisfy everything, each as near to its target as the search finds; None where it finds none."""
        ranked = {n: sorted(domains[n], key=lambda k: (abs(k - target[n]), k)) for n in self._free()}
        return next(self._search(ranked, evaluate, [_CHECKS_OF_A_TARGET]), None)

    def _free(self) -> list[Node]:
        return [n for n in self._order if n not in self._definitions]

    def _search(
        self, domains: Mapping[Node, Sequence[int]], evaluate: Evaluate, checks: list[int]
    ) -> Iterator[dict[Node, int]]:
        """The solutions, the names' values in the order of their domains; ends when the checks are used up."""
        known: dict[Node, int] = {}

        def step(k: int) -> Iterator[dict[Node, int]]:
            if k == len(self._order):
                yield dict(known)
                return
            name = self._order[k]
            for value in self._candidates(name, domains, known, evaluate):
                if checks[0] <= 0:
                    break
                checks[0] -= len(self._due[k])
                known[name] = value
                if all(_holds(c, known, evaluate) for c in self._due[k]):
                    yield from step(k + 1)
                del known[name]

        return step(0)

    def _candidates(
        self, name: Node, domains: Mapping[Node, Sequence[int]], known: Known, evaluate: Evaluate
    ) -> Sequence[int]:
        if name not in self._definitions:
            return domains[name]
        try:
            value = integer(evaluate(self._definitions[name], known))
        except Undefined:
            return ()
        if isinstance(name.expr, sp.Idx):
            return (value,) if value in domains[name] else ()
        return (value,) if allows(name.expr, value) else ()

    def spread(
        self, domains: Mapping[Node, Sequence[int]], evaluate: Evaluate, most: int, key: str
    ) -> list[dict[Node, int]]:
        """Up to `most` solutions, all if they are few: equal values, corners, and random ones, in a random order."""
        generator = random.Random(f"spread {key}")
        free = self._free()
        if prod(len(domains[n]) for n in free) <= _ALL:
            found = list(self._search(domains, evaluate, [_MOST_CHECKS]))
            generator.shuffle(found)
            return found[:most]
        chosen: dict[tuple[int, ...], dict[Node, int]] = {}
        checks = _MOST_CHECKS
        for target in self._targets(free, domains, generator, 2 * most):
            if len(chosen) >= most or checks <= 0:
                break
            left = [_CHECKS_OF_A_TARGET]
            ranked = {n: sorted(domains[n], key=lambda k: (abs(k - target[n]), k)) for n in free}
            solution = next(self._search(ranked, evaluate, left), None)
            checks -= _CHECKS_OF_A_TARGET - left[0]
            if solution is not None:
                chosen.setdefault(tuple(solution[n] for n in self._order), solution)
        return list(chosen.values())

    def _targets(
        self, free: Sequence[Node], domains: Mapping[Node, Sequence[int]], generator: random.Random, count: int
    ) -> Iterator[dict[Node, int]]:
        for k in sorted({k for n in free for k in domains[n]}, key=lambda k: (abs(k), k))[:9]:
            yield dict.fromkeys(free, k)
        for low in product((True, False), repeat=min(len(free), 3)):
            yield {n: domains[n][0 if low[i % len(low)] else -1] for i, n in enumerate(free)}
        for _ in range(count):
            yield {n: generator.choice(domains[n]) for n in free}


def conjuncts(condition: Any) -> tuple[Any, ...]:
    """The conditions that a condition joins by "and"."""
    return tuple(c for a in condition.args for c in conjuncts(a)) if isinstance(condition, sp.And) else (condition,)


def _holds(condition: Node, known: Known, evaluate: Evaluate) -> bool:
    try:
        return bool(evaluate(condition, known))
    except Undefined:
        return False
