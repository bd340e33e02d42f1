"""What follows from constraints on integers, by an SMT solver (Z3). What it cannot decide in time it does not decide."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp
import z3

from cnnsym.affine_form.clock import Clock
from cnnsym.affine_form.term import Constraint
from cnnsym.errors import LimitError, UnsupportedError

MILLISECONDS = 4_000  # for one question
SECONDS = 60.0  # for all questions of one statement


class Solver:
    """Questions under fixed facts about the sizes and the free indices of one statement.

    `clock` is the time that the whole statement may take.
    """

    def __init__(self, facts: Sequence[Any], clock: Clock | None = None) -> None:
        self.clock = Clock() if clock is None else clock
        self._names: dict[Any, Any] = {}
        self._facts = [self.boolean(fact) for fact in facts]
        self._known: dict[Any, bool] = {}
        self._spent = 0.0

    def follows(self, given: Iterable[Constraint], wanted: Iterable[Constraint]) -> bool:
        """Whether every wanted constraint follows from the given ones; False also where that stays undecided."""
        given, wanted = frozenset(given), frozenset(wanted)
        missing = wanted - given
        if not missing:
            return True
        question = (given, missing)
        if question not in self._known:
            goal = z3.And(*(self._constraint(c) for c in missing))
            self._known[question] = self._impossible([*(self._constraint(c) for c in given), z3.Not(goal)])
        return self._known[question]

    def contradicts(self, given: Iterable[Constraint]) -> bool:
        """Whether no integers satisfy the constraints."""
        given = frozenset(given)
        question = (given, None)
        if question not in self._known:
            self._known[question] = self._impossible([self._constraint(c) for c in given])
        return self._known[question]

    def vanishes(self, summands: Sequence[tuple[Any, Any, tuple[Constraint, ...]]]) -> bool:
        """Whether the sum of `above/below` where its guard holds is zero at every integer point; both are polynomials.

        Points where a guard holds and what is below it is zero do not count: there the sum is not defined.
        """
        guards = [z3.And(*(self._constraint(c) for c in guard)) for *_, guard in summands]
        # The common denominator at a point is the product of those whose guards hold there.
        denominators = dict.fromkeys(below for _, below, _ in summands if below != 1)
        present = {
            b: z3.Or(*(g for g, (_, below, _) in zip(guards, summands, strict=True) if below == b)) for b in denominators
        }
        factors = {b: z3.If(present[b], self._real(b), z3.RealVal(1)) for b in denominators}
        total = z3.Sum(
            *(
                z3.If(g, z3.Product(self._real(above), *(factors[b] for b in denominators if b != below)), z3.RealVal(0))
                for g, (above, below, _) in zip(guards, summands, strict=True)
            )
        )
        defined = [z3.Implies(present[b], self._real(b) != 0) for b in denominators]
        return self._impossible([*defined, total != 0])

    def _impossible(self, conditions: list[Any]) -> bool:
        self.clock.look()
        solver = z3.Solver()
        solver.set("timeout", MILLISECONDS)
        solver.set("random_seed", 0)
        solver.add(*self._facts, *conditions, *self._signs())
        begun = time.monotonic()
        answer = solver.check()
        self._spent += time.monotonic() - begun
        if self._spent > SECONDS:
            raise LimitError(f"the questions about integers take over {SECONDS:.0f} seconds (the limit)")
        return bool(answer == z3.unsat)

    def _signs(self) -> list[Any]:
        """What the assumptions of the symbols say."""
        found = []
        for s, v in self._names.items():
            if s.is_positive:
                found.append(v > 0)
            elif s.is_nonnegative:
                found.append(v >= 0)
            elif s.is_negative or s.is_nonpositive:
                found.append(v <= 0)
        return found

    def _constraint(self, c: Constraint) -> Any:
        value = self._integer(c.value)
        return value == 0 if c.equal else value >= 0

    def boolean(self, e: Any) -> Any:
        """A fact: a relation between integer polynomials, or And, Or, Not of such."""
        if e in (sp.true, sp.false):
            return z3.BoolVal(e == sp.true)
        if isinstance(e, (sp.And, sp.Or, sp.Not, sp.Implies)):
            join = {sp.And: z3.And, sp.Or: z3.Or, sp.Not: z3.Not, sp.Implies: z3.Implies}[type(e)]
            return join(*(self.boolean(a) for a in e.args))
        if isinstance(e, (sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge)):
            left, right = (self._integer(a) for a in e.args)
            relations = {
                sp.Eq: left == right,
                sp.Ne: left != right,
                sp.Lt: left < right,
                sp.Le: left <= right,
                sp.Gt: left > right,
                sp.Ge: left >= right,
            }
            return relations[type(e)]
        raise UnsupportedError(f"{e} as an assumption about integers")

    def _name(self, e: Any) -> Any:
        if e not in self._names:
            number = len(self._names)
            self._names[e] = z3.Int(f"v{number}") if e.is_integer else z3.Real(f"v{number}")
        return self._names[e]

    def _integer(self, e: Any) -> Any:
        if e.is_Integer:
            return z3.IntVal(int(e))
        if e.is_Symbol and e.is_integer:
            return self._name(e)
        if e.is_Add:
            return z3.Sum(*(self._integer(a) for a in e.args))
        if e.is_Mul:
            return z3.Product(*(self._integer(a) for a in e.args))
        if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 8:
            return z3.Product(*[self._integer(e.base)] * int(e.exp))
        if isinstance(e, sp.Mod) and e.args[1].is_positive:  # for other divisors the solver's remainder is not SymPy's
            return self._integer(e.args[0]) % self._integer(e.args[1])
        raise UnsupportedError(f"{e} as an integer")

    def _real(self, e: Any) -> Any:
        if e.is_Rational:
            return z3.RealVal(f"{e.p}/{e.q}")
        if e.is_Symbol:
            name = self._name(e)
            return z3.ToReal(name) if e.is_integer else name
        if e.is_Add:
            return z3.Sum(*(self._real(a) for a in e.args))
        if e.is_Mul:
            return z3.Product(*(self._real(a) for a in e.args))
        if e.is_Pow and e.exp.is_Integer and 0 < e.exp <= 8:
            return z3.Product(*[self._real(e.base)] * int(e.exp))
        raise UnsupportedError(f"{e} as a coefficient")
