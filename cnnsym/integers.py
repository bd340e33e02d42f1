"""Statements about integers, for all of them, by an SMT solver (Z3): index ranges, divisibility, output sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import sympy as sp
import z3
from sympy.tensor.indexed import Idx

from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown, Verdict

MILLISECONDS = 10_000  # for one question to the solver


def prove_integers(hypotheses: Iterable[Any], conclusion: Any) -> Verdict:
    """Whether the conclusion follows from the hypotheses, for all integers.

    Both are SymPy relations between integer polynomials, or And, Or, Not, Implies of such. A symbol declared positive or
    nonnegative is so, an Idx lies in its range. A Proved is checked by enumeration of small integers, which shares no code
    with the solver.

    >>> k, n = sp.symbols("k n", integer=True)
    >>> prove_integers([n > 0, k >= 0, k < n], k + 1 <= n).name
    'proved'
    """
    given = [expression(h) for h in hypotheses]
    conclusion = expression(conclusion)
    assumed = tuple(str(h) for h in given)
    # SymPy decides some relations of an Idx by its range; as plain integers they stay, and the range is stated.
    plain = {s: sp.Dummy(str(s.label), integer=True) for s in sorted(_ranged([*given, conclusion]), key=str)}
    for s in sorted(set().union(*(r.free_symbols for r in [*given, conclusion])), key=str):
        if s not in plain and not isinstance(s, Idx) and _declared(s) == sp.Ge:
            plain[s] = sp.Dummy(str(s), integer=True)
    facts = [h.xreplace(plain) for h in given]
    for s, p in plain.items():
        facts += [sp.Ge(p, s.lower), sp.Le(p, s.upper)] if isinstance(s, Idx) else [sp.Ge(p, 0)]
    conclusion = conclusion.xreplace(plain)
    symbols = sorted(set().union(*(r.free_symbols for r in [*facts, conclusion])), key=str)
    # The solver's variables are numbered, not named: two symbols of one name are two variables.
    names = {s: z3.Int(f"v{k}") for k, s in enumerate(symbols)}
    solver = z3.Solver()
    solver.set("timeout", MILLISECONDS)
    for fact in facts:
        solver.add(_boolean(fact, names))
    for s in symbols:
        if s.is_positive:
            solver.add(names[s] > 0)
    if solver.check() == z3.unsat:
        return Unknown(("the hypotheses contradict each other, so anything would follow",))
    solver.add(z3.Not(_boolean(conclusion, names)))
    answer = solver.check()
    values = _enumerate(facts, conclusion, symbols)
    if answer == z3.unsat:
        if values is not None:
            raise InternalError(f"the solver proves {conclusion}, but it fails at {values}")
        return Proved(scope="all integers", method="Z3", assumed=assumed)
    if values is None and answer == z3.sat:
        values = _checked(solver.model(), facts, conclusion, names)
    if values is not None:
        stated = {p: s.name for s, p in plain.items()}
        shown = {stated.get(s, str(s)): str(v) for s, v in values.items()}
        return Refuted(Counterexample({}, shown, f"{conclusion} is false", "true"), method="exact evaluation")
    return Unknown((f"Z3 answered {answer} within {MILLISECONDS / 1000:g} s",))


def _declared(s: Any) -> Any:
    """What the assumptions of an integer symbol say about its sign; UnsupportedError where they say anything else."""
    for relation, sign in ((None, {}), (sp.Gt, {"positive": True}), (sp.Ge, {"nonnegative": True})):
        if s.assumptions0 == sp.Dummy(integer=True, **sign).assumptions0:
            return relation
    raise UnsupportedError(
        f"{s} must be an integer, a positive or a nonnegative integer symbol, without other assumptions"
    )


def _ranged(relations: list[Any]) -> set[Any]:
    return {i for relation in relations for i in relation.atoms(Idx)}


Names = Mapping[Any, Any]


def _boolean(e: Any, names: Names) -> Any:
    if e in (sp.true, sp.false):
        return z3.BoolVal(e == sp.true)
    if isinstance(e, (sp.And, sp.Or, sp.Not, sp.Implies)):
        join = {sp.And: z3.And, sp.Or: z3.Or, sp.Not: z3.Not, sp.Implies: z3.Implies}[type(e)]
        return join(*(_boolean(a, names) for a in e.args))
    if isinstance(e, (sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge)):
        left, right = (_integer(a, names) for a in e.args)
        return {
            sp.Eq: left == right,
            sp.Ne: left != right,
            sp.Lt: left < right,
            sp.Le: left <= right,
            sp.Gt: left > right,
            sp.Ge: left >= right,
        }[type(e)]
    raise UnsupportedError(f"{type(e).__name__} in a statement about integers")


def _integer(e: Any, names: Names) -> Any:
    if e.is_Integer:
        return z3.IntVal(int(e))
    if e in names:
        if not e.is_integer:
            raise UnsupportedError(f"{e} is not declared an integer")
        return names[e]
    if isinstance(e, (sp.Add, sp.Mul)):
        return (z3.Sum if e.is_Add else z3.Product)(*(_integer(a, names) for a in e.args))
    if isinstance(e, sp.Pow) and e.exp.is_Integer and 0 < e.exp <= 8:
        return z3.Product(*[_integer(e.base, names)] * int(e.exp))
    if isinstance(e, sp.Mod) and e.args[1].is_positive:  # for other divisors the solver's remainder is not SymPy's
        return _integer(e.args[0], names) % _integer(e.args[1], names)
    raise UnsupportedError(f"{e} in a statement about integers")


def _checked(model: Any, facts: list[Any], conclusion: Any, names: Names) -> dict[Any, Any] | None:
    """The solver's counterexample, evaluated again by SymPy."""
    values = {s: sp.Integer(model.eval(v, model_completion=True).as_long()) for s, v in names.items()}
    holds = all(f.xreplace(values) == sp.true for f in facts)
    return values if holds and conclusion.xreplace(values) == sp.false else None


def _enumerate(facts: list[Any], conclusion: Any, symbols: list[Any]) -> dict[Any, Any] | None:
    """A counterexample among small integers, if there is one."""
    if len(symbols) > 5:
        return None
    reach = range(-7, 8) if len(symbols) <= 3 else range(-3, 5)
    plain = [sp.Dummy(integer=True) for _ in symbols]
    swap = dict(zip(symbols, plain, strict=True))
    test = sp.lambdify(plain, sp.And(*(f.xreplace(swap) for f in facts), sp.Not(conclusion.xreplace(swap))), "math")
    for values in product(reach, repeat=len(plain)):
        if any(s.is_positive and v <= 0 for s, v in zip(symbols, values, strict=True)):
            continue
        if test(*values):
            return {s: sp.Integer(v) for s, v in zip(symbols, values, strict=True)}
    return None
