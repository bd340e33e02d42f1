"""Affine form: equality of sums over integer points, for all sizes, strides, dilations, paddings and shifts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.tensor.indexed import Idx

from cnnsym.affine_form.equality import vanishes
from cnnsym.affine_form.lower import Lowering
from cnnsym.affine_form.nested import Registry
from cnnsym.affine_form.solver import Solver
from cnnsym.affine_form.term import scaled
from cnnsym.atoms import apart
from cnnsym.errors import UnsupportedError
from cnnsym.expression import expression

__all__ = ["same_form"]


def same_form(lhs: Any, rhs: Any, facts: Iterable[Any] = ()) -> bool:
    """Whether two scalar expressions have the same affine form under facts about integers; False where that stays open.

    Raises UnsupportedError or LimitError where an expression has no affine form.

    >>> a, n, t = sp.symbols("a n t", integer=True)
    >>> K = sp.Symbol("K", integer=True, positive=True)
    >>> x, k = sp.IndexedBase("x", shape=(K,)), sp.IndexedBase("k", shape=(K,))
    >>> same_form(sp.Sum(k[a] * x[n - a], (a, 0, K - 1)), sp.Sum(x[t] * k[n - t], (t, 0, K - 1)))
    True
    """
    lhs, rhs = expression(lhs), expression(rhs)
    given = [expression(f) for f in facts]
    for e in (lhs, rhs):
        _refuse_captured(e)
    # A free index with a declared range is an integer with two facts; the range of a bound one is that of its sum.
    plain = {i: sp.Dummy(str(i.label), integer=True) for e in (lhs, rhs, *given) for i in sorted(e.atoms(Idx), key=str)}
    left, right, *given = (apart(e.xreplace(plain)) for e in (lhs, rhs, *given))
    free = set().union(*(e.free_symbols for e in (left, right, *given)))
    limited = [(p, i) for i, p in plain.items() if i.lower is not None and p in free]
    ranges = [r for p, i in limited for r in (sp.Ge(p, i.lower), sp.Le(p, i.upper))]
    given = [*given, *ranges]
    left, right, given = _solved(left, right, given)
    solver = Solver(given)
    if given and solver.contradicts(()):
        raise UnsupportedError("no integers satisfy the facts: everything would follow from them")
    lowering = Lowering(Registry(solver, frozenset(left.free_symbols | right.free_symbols)))
    return vanishes(lowering.scalar(left) + scaled(lowering.scalar(right), -1), solver)


def _refuse_captured(e: Any) -> None:
    """SymPy moves a Piecewise out of an inner sum even where it names the index of that sum, which is free afterwards."""
    if e.has(sp.Piecewise):
        bound = {limit[0] for total in e.atoms(sp.Sum) for limit in total.limits}
        for s in sorted(bound & e.free_symbols, key=str):
            raise UnsupportedError(f"{s} is both free and bound in an expression with a Piecewise; use cnnsym.indicator")


def _solved(left: Any, right: Any, facts: list[Any]) -> tuple[Any, Any, list[Any]]:
    """The statement with equations among its facts used: `t = e` puts e for t, `n mod s = 0` puts s q for n."""
    done: set[Any] = set()
    while True:
        found = next(((f, put) for f in facts if f not in done and (put := _value(f)) is not None), None)
        if found is None:
            return left, right, facts
        fact, (symbol, value) = found
        done.add(fact)
        # What the assumptions of the symbol said is a fact about its value.
        signs = [sp.Ge(symbol, 1)] if symbol.is_positive else [sp.Ge(symbol, 0)] if symbol.is_nonnegative else []
        swap = {symbol: value}
        facts = [e for f in (*facts, *signs) if (e := f.xreplace(swap)) != sp.true]
        left, right = left.xreplace(swap), right.xreplace(swap)


def _value(fact: Any) -> tuple[Any, Any] | None:
    """`(symbol, what it equals)` where a fact says so."""
    if not isinstance(fact, sp.Eq):
        return None
    for one, other in ((fact.lhs, fact.rhs), (fact.rhs, fact.lhs)):
        if one.is_Symbol and one.is_integer and one not in other.free_symbols and not other.has(sp.Mod, sp.floor):
            return one, other
        if isinstance(one, sp.Mod) and other == 0 and one.args[0].is_Symbol and one.args[0] not in one.args[1].free_symbols:
            n, s = one.args
            if n.is_integer and s.is_positive:
                return n, s * sp.Dummy("q", integer=True, positive=n.is_positive or None)
    return None
