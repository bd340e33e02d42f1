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


def indicator(condition: Any) -> Any:
    """Iverson's bracket: 1 where the condition holds, else 0 (Knuth, Two notes on notation, 1992).

    >>> n = sp.Symbol("n", integer=True)
    >>> indicator(n >= 0).subs(n, -1)
    0
    """
    return sp.Piecewise((sp.S.One, condition), (sp.S.Zero, True))
