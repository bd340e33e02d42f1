"""Statements about integers tried at small ones, by plain evaluation, which shares no code with the solver."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from math import prod
from typing import Any, NamedTuple

import sympy as sp

from cnnsym.integers.evaluation import Compiled, Compiler, Values

BUDGET = 6_000  # points, complete or not, and terms of sums
BOXES = (1, 2, 3, 4, 5, 7, 9, 12)
FAR = 60  # for values drawn at random


class Enumeration(NamedTuple):
    """A point at which the hypotheses hold and the conclusion fails, if one was found, and how many met the hypotheses."""

    counterexample: Mapping[Any, Any] | None
    met: int


class _Spent(Exception):
    """The budget is used up."""


def enumerate_integers(
    facts: Sequence[Any], conclusion: Any, least: Mapping[Any, int | None], budget: int = BUDGET, seed: int = 0
) -> Enumeration:
    """Look for small integers that meet the facts, but not the conclusion.

    `least` maps each symbol to the smallest value it may have, or None. Points are tried in boxes, the smallest first, then
    at random; where a side is undefined, as by a division by zero, a point does not count.

    >>> n, k = sp.symbols("n k", integer=True)
    >>> enumerate_integers([k <= n], k < n, {n: 1, k: 0}).counterexample
    {n: 1, k: 1}
    """
    return _Run(facts, conclusion, least, budget).search(random.Random(seed))


class _Run:
    def __init__(self, facts: Sequence[Any], conclusion: Any, least: Mapping[Any, int | None], budget: int) -> None:
        self.least, self.meter = least, [budget]
        facts = [part for f in facts for part in sp.And.make_args(f)]
        self.order, solved = _order(list(least), facts)
        self.place = {s: k for k, s in enumerate(self.order)}
        compiler = Compiler(self.meter)
        self.given = {s: compiler.compiled(e, self.place) for s, e in solved.items()}
        self.checks: list[list[Compiled]] = [[] for _ in range(len(self.order) + 1)]
        for fact in facts:  # each as soon as its symbols have values
            depth = max((self.place[s] + 1 for s in fact.free_symbols), default=0)
            self.checks[depth].append(compiler.compiled(fact, self.place))
        self.conclusion = compiler.compiled(conclusion, self.place)
        self.values: Values = [0] * len(self.order)
        self.met = 0

    def search(self, generator: random.Random) -> Enumeration:
        found = None
        with suppress(_Spent):
            found = self._boxes()  # no values at all refute a statement without symbols
            found = self._far(generator) if found is None else found
        return Enumeration(found, self.met)

    def _boxes(self) -> Mapping[Any, Any] | None:
        total = self.meter[0]
        for reach in BOXES:
            # The last quarter of the budget is for points far away.
            free = [s for s in self.order if s not in self.given]
            if prod(len(self._near(reach, s)) for s in free) > 4 * total or self.meter[0] < total // 4:
                break
            found = self._descend(0, partial(self._near, reach), keep=total // 4)
            if found is not None:
                return found
            if not self.order:
                break
        return None

    def _near(self, reach: int, symbol: Any) -> range:
        least = self.least[symbol]
        return range(-reach if least is None else least, reach + 1)

    def _far(self, generator: random.Random) -> Mapping[Any, Any] | None:
        def draw(symbol: Any) -> Sequence[int]:
            least = self.least[symbol]
            reach = generator.choice((3, 8, 20, FAR))
            return [generator.randint(-reach if least is None else least, reach) for _ in range(2)]

        while self.order:
            found = self._descend(0, draw)
            if found is not None:
                return found
        return None

    def _descend(self, depth: int, choices: Callable[[Any], Sequence[int]], keep: int = 0) -> Mapping[Any, Any] | None:
        if self.meter[0] <= keep:
            if keep:
                return None
            raise _Spent
        self.meter[0] -= 1
        try:
            if not all(check(self.values) for check in self.checks[depth]):
                return None
            if depth == len(self.order):
                self.met += 1
                failed = not self.conclusion(self.values)
                return {s: sp.Integer(v) for s, v in zip(self.order, self.values, strict=True)} if failed else None
            symbol = self.order[depth]
            options = self._solved(symbol) if symbol in self.given else choices(symbol)
        except ArithmeticError:
            return None
        for value in options:
            self.values[depth] = value
            found = self._descend(depth + 1, choices, keep)
            if found is not None:
                return found
        return None

    def _solved(self, symbol: Any) -> list[int]:
        value, least = self.given[symbol](self.values), self.least[symbol]
        return [int(value)] if value == int(value) and (least is None or value >= least) else []


def _order(symbols: list[Any], facts: Sequence[Any]) -> tuple[list[Any], dict[Any, Any]]:
    """The symbols in an order in which those that an equation among the facts gives come after those they need."""
    solved: dict[Any, Any] = {}
    for fact in facts:
        if isinstance(fact, sp.Eq):
            for s, e in ((fact.lhs, fact.rhs), (fact.rhs, fact.lhs)):
                if s in symbols and s not in solved and not _needs(e, solved) & {s}:
                    solved[s] = e
                    break
    order = [s for s in symbols if s not in solved]
    waiting = [s for s in symbols if s in solved]
    while waiting:
        ready = next(s for s in waiting if solved[s].free_symbols <= set(order))
        order.append(ready)
        waiting.remove(ready)
    return order, solved


def _needs(e: Any, solved: Mapping[Any, Any]) -> set[Any]:
    """The symbols of an expression, those of the expressions that give them, and so on."""
    found: set[Any] = set()
    stack = list(e.free_symbols)
    while stack:
        s = stack.pop()
        if s not in found:
            found.add(s)
            stack += solved[s].free_symbols if s in solved else []
    return found
