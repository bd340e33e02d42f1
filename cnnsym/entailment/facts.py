"""A set of facts, which grows by instances of its universal statements until it contradicts itself, or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from cnnsym.atoms import ForAll, Maximum
from cnnsym.entailment.clauses import Universal, clauses
from cnnsym.entailment.entries import Entries
from cnnsym.entailment.instances import entries, instances
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.solver import satisfiable

ROUNDS = 3
INSTANCES = 150
MILLISECONDS = 1_500  # for one question to the solver


class Facts:
    """Ground facts and universal statements that hold together.

    >>> i, j, q = sp.symbols("i j q", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> facts = Facts([ForAll(i, sp.Eq(x[i + q], x[i])), sp.Ne(x[j], x[j - q])])
    >>> facts.contradictory()
    True
    """

    def __init__(self, statements: Iterable[Any] = ()) -> None:
        self._ground: dict[Any, None] = {}
        self._universal: dict[Universal, None] = {}
        self._maxima: dict[Any, Any] = {}
        self._indices: list[Any] = []
        for statement in statements:
            self.add(statement)

    def add(self, statement: Any) -> None:
        """Take a statement as a fact; UnsupportedError where it is none that is covered."""
        for clause in clauses(self._with_own_indices(statement)):
            if clause.variables:
                self._universal[clause] = None
            else:
                self._ground[self._without_maxima(clause.matrix)] = None

    def contradictory(self, rounds: int = ROUNDS) -> bool:
        """True where the facts are seen to contradict each other, after so many rounds of instances."""
        if not self._universal:
            return self._refuted()
        for _ in range(rounds):
            grown = self._grow()
            if grown and self._refuted():
                return True
            if not grown:
                break
        return False

    def _grow(self) -> bool:
        """Add instances; False where there are no new ones."""
        known = [e for fact in self._ground for e in entries(fact)]
        places = list(dict.fromkeys(known))
        before = len(self._ground) + len(self._universal)
        for universal in list(self._universal):
            for instance in instances(universal, places):
                if len(self._ground) >= INSTANCES:
                    return len(self._ground) + len(self._universal) > before
                self.add(instance)
        return len(self._ground) + len(self._universal) > before

    def _refuted(self) -> bool:
        names = Entries()
        try:
            relations, plain = names.known(self._ground)
        except LimitError:
            return False
        laws = names.laws()
        for condition, known in names.conditions:
            if (
                satisfiable([*plain, *laws, *names.definitions[:known], sp.Not(condition)], MILLISECONDS).kind
                != "unsat"
            ):
                return False
        return satisfiable([*relations, *laws, *names.definitions], MILLISECONDS).kind == "unsat"

    def _without_maxima(self, e: Any) -> Any:
        """The fact with a name for each maximum, which is one of the values and no smaller than any."""
        while e.has(Maximum):
            maximum = max(e.atoms(Maximum), key=lambda one: (len(one.atoms(Maximum)), str(one)))  # an outermost one
            if maximum not in self._maxima:
                self._maxima[maximum] = sp.Dummy("max", real=True)
                self._define(maximum)
            e = e.xreplace({maximum: self._maxima[maximum]})
        return e

    def _define(self, maximum: Any) -> None:
        name, indices = self._maxima[maximum], {a for a, *_ in maximum.limits}
        if any(bound.free_symbols & indices for _, *bounds in maximum.limits for bound in bounds):
            raise UnsupportedError(f"{maximum}: a range that depends on another index")
        inside = sp.And(*(sp.And(sp.Ge(a, first), sp.Le(a, last)) for a, first, last in maximum.limits))
        self.add(ForAll(tuple(indices), sp.Or(sp.Not(inside), sp.Ge(name, maximum.function))))
        empty = sp.Or(*(sp.Lt(last, first) for _, first, last in maximum.limits))  # then nothing is said of it
        somewhere = {a: sp.Dummy(str(a), integer=True) for a in indices}
        self.add(sp.Or(empty, sp.And(inside, sp.Eq(name, maximum.function)).xreplace(somewhere)))

    def _with_own_indices(self, e: Any) -> Any:
        """The statement with indices of maxima that stand for nothing else, so that nothing is captured by them."""
        return self._renamed(e)[0] if e.has(Maximum) else e

    def _renamed(self, e: Any) -> tuple[Any, int]:
        """The expression, and how many of the own indices it needs."""
        parts = [self._renamed(a) if a.has(Maximum) else (a, 0) for a in e.args]
        needed = max((n for _, n in parts), default=0)
        e = e.func(*(part for part, _ in parts)) if parts else e
        if not isinstance(e, Maximum):
            return e, needed
        fresh = {}
        for a, *_ in e.limits:
            if needed == len(self._indices):
                self._indices.append(sp.Dummy(f"a{needed}", integer=True))
            fresh[a] = self._indices[needed]
            needed += 1
        # Not by xreplace on the whole, which SymPy keeps from the indices it binds.
        limits = [(fresh[a], *(bound.xreplace(fresh) for bound in bounds)) for a, *bounds in e.limits]
        return Maximum(e.function.xreplace(fresh), *limits), needed
