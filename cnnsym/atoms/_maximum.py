"""The maximum over index ranges, and Iverson's bracket."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from cnnsym.expression import expression


class Maximum(ExprWithLimits):
    """`Maximum(e, (a, first, last), ...)`: the largest `e` for integers `a` from `first` to `last`; undefined over none.

    >>> import cnnsym
    >>> p = cnnsym.dims("p")
    >>> a, n = sp.symbols("a n", integer=True)
    >>> x = sp.IndexedBase("x", shape=(p,))
    >>> sorted(map(str, Maximum(x[n + a], (a, 0, p - 1)).free_symbols & {a, n, p}))
    ['n', 'p']
    """

    is_commutative = True
    is_extended_real = True

    def __new__(cls, function: Any, *limits: Any) -> Any:
        return ExprWithLimits.__new__(cls, expression(function), *limits)

    def doit(self, **hints: Any) -> Any:  # never computed here
        return self


class Indicator(sp.Expr):
    """Iverson's bracket `[condition]`: 1 where the condition holds, else 0 (Knuth, Two notes on notation, 1992).

    Not a Piecewise: SymPy moves that out of an inner sum although its condition names the index of that sum.
    """

    is_commutative = True
    is_integer = True
    is_nonnegative = True

    def __new__(cls, condition: Any) -> Any:
        condition = expression(condition)
        if condition in (sp.true, sp.false):
            return sp.S.One if condition == sp.true else sp.S.Zero
        return sp.Expr.__new__(cls, condition)

    @property
    def condition(self) -> Any:
        return self.args[0]


def indicator(condition: Any) -> Any:
    """1 where the condition, a relation or And, Or, Not of relations, holds, else 0.

    >>> n = sp.Symbol("n", integer=True)
    >>> indicator(n >= 0).subs(n, -1)
    0
    """
    return Indicator(condition)
