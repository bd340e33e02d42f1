"""Sums over ranges as named reals: each range from 0, constants in front, the terms of a sum apart.

A range that ends before it begins is empty, and its sum 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from cnnsym.atoms import ForAll, Maximum
from cnnsym.errors import LimitError, UnsupportedError

TERMS = 60  # of one summand, multiplied out
NAMES = 40


@dataclass(frozen=True)
class Total:
    """The sum of `summand` for each of the `indices` from 0 to its last value, the first innermost."""

    summand: Any
    indices: tuple[Any, ...]
    lasts: tuple[Any, ...]

    @property
    def number(self) -> Any:
        """How many terms there are, where every range ends no more than one before it begins."""
        return sp.Mul(*(last + 1 for last in self.lasts))

    @property
    def inside(self) -> list[Any]:
        """That the indices lie in their ranges."""
        return [c for a, last in zip(self.indices, self.lasts, strict=True) for c in (sp.Ge(a, 0), sp.Le(a, last))]


@dataclass
class Sums:
    """Names for the sums of one question; equal sums have one name.

    >>> a, n, c = sp.Symbol("a", integer=True), sp.Symbol("n", integer=True), sp.Symbol("c", real=True)
    >>> x = sp.IndexedBase("x")
    >>> sums = Sums()
    >>> sums.named(sp.Sum(c * x[a] + 1, (a, 1, n)))
    _S*c + Max(0, n)
    >>> sums.totals[0][1].summand
    x[_a0 + 1]
    """

    totals: list[tuple[Any, Total]] = field(default_factory=list)
    _indices: list[Any] = field(default_factory=list)

    def named(self, e: Any) -> Any:
        """The expression or statement with a name for each sum."""
        if isinstance(e, sp.Sum):
            return self._sum(e)
        if not e.has(sp.Sum):
            return e
        if isinstance(e, (ForAll, Maximum)):
            raise UnsupportedError(f"a sum in {e}")
        return e.func(*(self.named(a) for a in e.args))

    def _sum(self, e: Any) -> Any:
        summand, limits = e.function, list(e.limits)
        while isinstance(summand, sp.Sum):
            limits, summand = [*summand.limits, *limits], summand.function
        if summand.has(sp.Sum):
            raise UnsupportedError(f"a sum within {summand}")
        if len({limit[0] for limit in limits}) < len(limits):
            raise UnsupportedError(f"{e}: one index for two ranges")
        inner = {limit[0] for one in summand.atoms(ExprWithLimits) for limit in one.limits}
        if any(inner & (a.free_symbols | first.free_symbols) for a, first, _ in limits):
            raise UnsupportedError(f"{e}: an index that is used twice")
        lasts = []
        for k, (a, first, last) in enumerate(limits):
            own = self._index(k)
            if any(a in bound.free_symbols for limit in limits for bound in limit[1:]):
                raise UnsupportedError(f"{e}: a range that depends on another index")
            if not (first.is_integer and last.is_integer):
                raise UnsupportedError(f"{e}: the range of {a} is not known to begin and end at integers")
            summand = summand.xreplace({a: own + first})
            lasts.append(sp.expand(last - first))
        indices = tuple(self._index(k) for k in range(len(limits)))
        return sp.Add(*(self._term(t, indices, tuple(lasts)) for t in _terms(summand)))

    def _index(self, k: int) -> Any:
        while len(self._indices) <= k:
            self._indices.append(sp.Dummy(f"a{len(self._indices)}", integer=True))
        return self._indices[k]

    def _term(self, term: Any, indices: tuple[Any, ...], lasts: tuple[Any, ...]) -> Any:
        constant, varying = term.as_independent(*indices, as_Add=False)
        if varying == 1:
            return constant * sp.Mul(*(sp.Max(0, last + 1) for last in lasts))
        return constant * self.name(Total(_with_plain_places(varying), indices, lasts))

    def name(self, total: Total) -> Any:
        """The name of a sum."""
        for known, one in self.totals:
            if one == total:
                return known
        if len(self.totals) >= NAMES:
            raise LimitError(f"more than {NAMES} sums in one statement")
        self.totals.append((sp.Dummy("S", real=True), total))
        return self.totals[-1][0]

    def total(self, name: Any) -> Total | None:
        """The sum of a name, or None where the symbol names none."""
        return dict(self.totals).get(name)


def _terms(summand: Any) -> Sequence[Any]:
    terms = sp.Add.make_args(sp.expand(summand))
    if len(terms) > TERMS:
        raise LimitError(f"a summand of more than {TERMS} terms")
    return terms


def _with_plain_places(e: Any) -> Any:
    """Places of entries multiplied out, so that equal ones are written alike."""
    return e.replace(lambda n: isinstance(n, sp.Indexed), lambda n: n.base[tuple(sp.expand(i) for i in n.indices)])
