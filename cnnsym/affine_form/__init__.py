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
    # An index with a declared range is an integer with two facts.
    plain = {i: sp.Dummy(str(i.label), integer=True) for e in (lhs, rhs, *given) for i in sorted(e.atoms(Idx), key=str)}
    ranges = [r for i, p in plain.items() if i.lower is not None for r in (sp.Ge(p, i.lower), sp.Le(p, i.upper))]
    left, right, *given = (e.xreplace(plain) for e in (lhs, rhs, *given))
    solver = Solver([*given, *ranges])
    lowering = Lowering(Registry(solver, frozenset(left.free_symbols | right.free_symbols)))
    return vanishes(lowering.scalar(left) + scaled(lowering.scalar(right), -1), solver)


def _refuse_captured(e: Any) -> None:
    """SymPy moves a Piecewise out of an inner sum even where it names the index of that sum, which is free afterwards."""
    if e.has(sp.Piecewise):
        bound = {limit[0] for total in e.atoms(sp.Sum) for limit in total.limits}
        for s in sorted(bound & e.free_symbols, key=str):
            raise UnsupportedError(f"{s} is both free and bound in an expression with a Piecewise; use cnnsym.indicator")
