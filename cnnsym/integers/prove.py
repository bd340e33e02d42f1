"""Statements about integers, for all of them, by an SMT solver (Z3): index ranges, divisibility, output sizes, counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations
from typing import Any

import sympy as sp
from sympy.tensor.indexed import Idx

from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.integers.counting import counted
from cnnsym.integers.enumeration import enumerate_integers
from cnnsym.integers.evaluation import holds
from cnnsym.purification import Purification
from cnnsym.solver import MILLISECONDS, Answer, satisfiable
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown, Verdict

SHORT = 1_000  # milliseconds for a goal that need not be decided
FACTORS = 4
MANY = 60_000  # points, where there is no proof


def prove_integers(hypotheses: Iterable[Any], conclusion: Any) -> Verdict:
    """Whether the conclusion follows from the hypotheses, for all integers.

    Both are SymPy relations, or And, Or, Not, Implies, Equivalent, ITE of such, between sums, products, quotients and powers
    of integer symbols, with floor, ceiling, Mod, Max, Min, Abs, Piecewise; and sums over ranges that count, such as
    `Sum(indicator(s*n <= e), (n, 0, m))`, empty where a range ends before it begins. A divisor must be positive, by the
    hypotheses or by its assumptions. A symbol declared positive or nonnegative is so, an Idx lies in its range.

    A Proved is checked by enumeration of small integers, which shares no code with the solver. UnsupportedError for what is
    no such statement.

    >>> m, k, s = sp.symbols("m k s", integer=True, positive=True)
    >>> prove_integers([k <= m], sp.Eq(sp.floor((m - k) / s) + 1, sp.ceiling((m - k + 1) / s))).name
    'proved'
    >>> prove_integers([k <= m], sp.Eq(sp.floor((m - k) / s), sp.ceiling((m - k) / s))).name
    'refuted'
    """
    given = [expression(h) for h in hypotheses]
    assumed = tuple(str(h) for h in given if h != sp.true)
    statement = expression(conclusion)
    facts, conclusion, stated = _plain(given, statement)
    relations, goals = _relations(facts, conclusion)
    least = {s: _least(stated.get(s, s)) for s in _symbols([*facts, conclusion])}
    found = enumerate_integers(facts, conclusion, least)
    values = found.counterexample
    # The solver is asked in any case: where it proves what is refuted, one of the two is wrong.
    answer = _follows(relations, goals) if values is None else _follows_one(relations, goals[-1], SHORT)
    if answer.kind == "unsat":
        if values is not None:
            raise InternalError(f"the solver proves {conclusion}, but it fails at {values}")
        return Proved("all integers", "Z3", assumed) if found.met else _consistent(relations, assumed)
    if values is None and answer.values is not None:
        values = _checked(answer.values, facts, conclusion)
    if values is None:
        values = enumerate_integers(facts, conclusion, least, budget=MANY, seed=1).counterexample
    if values is not None:
        shown = {str(stated.get(s, s)): str(v) for s, v in sorted(values.items(), key=str)}
        return Refuted(Counterexample({}, shown, f"{statement} is false", "true"), method="exact evaluation")
    if satisfiable(relations).kind == "unsat":
        return Unknown(("the hypotheses contradict each other, so anything would follow",))
    said = "found no proof" if answer.kind == "unknown" else "found values, which exact evaluation does not confirm"
    return Unknown((f"Z3 {said} within its limit of time; no counterexample among small integers",), method="Z3")


def _consistent(relations: list[Any], assumed: tuple[str, ...]) -> Verdict:
    """The verdict of a proof whose hypotheses met no small integers: they must meet some."""
    kind = satisfiable(relations).kind
    if kind == "sat":
        return Proved("all integers", "Z3", assumed)
    if kind == "unsat":
        return Unknown(("the hypotheses contradict each other, so anything would follow",))
    return Unknown(("no integers were found that meet the hypotheses, so nothing may follow from them",))


def _plain(given: list[Any], conclusion: Any) -> tuple[list[Any], Any, Mapping[Any, Any]]:
    """Facts and conclusion in plain integers, with the ranges stated; and what each plain integer stands for.

    SymPy decides some relations of an Idx by its range, and of a nonnegative symbol by its sign.
    """
    swap = {}
    facts: list[Any] = []
    for s in _symbols([*given, conclusion]):
        if isinstance(s, Idx):
            swap[s] = sp.Dummy(str(s.label), integer=True)
            facts += [(sp.Ge, s, s.lower), (sp.Le, s, s.upper)]
        elif _least(s) == 0:
            swap[s] = sp.Dummy(str(s), integer=True)
            facts.append((sp.Ge, s, sp.S.Zero))
    ranges = [relation(left.xreplace(swap), right.xreplace(swap)) for relation, left, right in facts]
    return [*(h.xreplace(swap) for h in given), *ranges], conclusion.xreplace(swap), {p: s for s, p in swap.items()}


def _symbols(statements: Iterable[Any]) -> list[Any]:
    """The free symbols, with those of the ranges of indices."""
    found = set().union(*(e.free_symbols for e in statements))
    for i in [s for s in found if isinstance(s, Idx)]:
        if i.lower is None or i.upper is None:
            raise UnsupportedError(f"the index {i} has no range")
        found |= i.lower.free_symbols | i.upper.free_symbols
    return sorted(found, key=lambda s: (str(s), s.sort_key()))


def _least(s: Any) -> int | None:
    """The least value of an integer symbol by its assumptions; UnsupportedError where they say anything but its sign."""
    if isinstance(s, Idx):
        return None
    for least, sign in ((None, {}), (1, {"positive": True}), (0, {"nonnegative": True})):
        if s.assumptions0 == sp.Dummy(integer=True, **sign).assumptions0:
            return least
    raise UnsupportedError(
        f"{s} must be an integer, a positive or a nonnegative integer symbol, without other assumptions"
    )


def _relations(facts: list[Any], conclusion: Any) -> tuple[list[Any], list[Any]]:
    """The facts between polynomials, with the definitions of all names; and goals, each of which implies the conclusion."""
    purification = Purification()
    relations, plain = purification.known(map(counted, facts))
    conclusion = counted(conclusion)
    goals = [purification.boolean(goal) for goal in (*_factorwise(conclusion), conclusion)]
    for condition, known in purification.conditions:
        if satisfiable([*plain, *purification.definitions[:known], sp.Not(condition)]).kind != "unsat":
            raise UnsupportedError(f"it needs {condition}, which is not seen to follow from the hypotheses")
    return [*relations, *purification.definitions], goals


def _factorwise(e: Any) -> list[Any]:
    """For an equation of products: the equations of their factors, in every order."""
    if not isinstance(e, sp.Eq):
        return []
    left, right = ([f for f in sp.Mul.make_args(side) if f != 1] for side in e.args)
    if not len(left) == len(right) <= FACTORS or len(left) < 2 or not e.has(sp.Max, sp.Min, sp.floor, sp.ceiling):
        return []
    pairs = (zip(left, order, strict=True) for order in permutations(right))
    return [sp.And(*(sp.Eq(a, b) for a, b in each)) for each in pairs]


def _follows(relations: list[Any], goals: list[Any]) -> Answer:
    """Unsat where one of the goals follows; else the answer for the last."""
    answer = Answer("unknown")
    for k, goal in enumerate(goals, 1):
        answer = _follows_one(relations, goal, MILLISECONDS if k == len(goals) else SHORT)
        if answer.kind == "unsat":
            break
    return answer


def _follows_one(relations: list[Any], goal: Any, milliseconds: int) -> Answer:
    """Unsat where the goal follows, part by part; else the answer for the first part that was not seen to."""
    answer = Answer("unsat")
    for more, part in _parts(goal):
        answer = satisfiable([*relations, *more, sp.Not(part)], milliseconds)
        if answer.kind != "unsat":
            break
    return answer


def _parts(goal: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """`(facts, part)`: the goal says that each part follows from its facts."""
    if isinstance(goal, sp.And):
        for a in goal.args:
            yield from _parts(a)
    elif isinstance(goal, sp.Equivalent):
        first, *others = goal.args
        for other in others:
            yield from (((first, *more), part) for more, part in _parts(other))
            yield from (((other, *more), part) for more, part in _parts(first))
    else:
        yield (), goal


def _checked(candidate: Mapping[Any, Any], facts: list[Any], conclusion: Any) -> Mapping[Any, Any] | None:
    """The solver's counterexample, if plain evaluation confirms it."""
    values = {s: candidate.get(s, sp.S.Zero) for s in _symbols([*facts, conclusion])}
    met = all(v.is_Integer and (not s.is_positive or v > 0) for s, v in values.items())
    confirmed = met and all(holds(f, values) for f in facts) and holds(conclusion, values) is False
    return values if confirmed else None
