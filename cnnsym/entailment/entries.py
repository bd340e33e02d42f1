"""Entries of signals and values of abstract functions as named reals: equal places have equal entries.

An entry outside the range of a "zero" axis is 0; on a circular axis of period n the entry at `e` is that at `e mod n`.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import sympy as sp

from cnnsym.atoms import EntryValue, Indicator, grids
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.purification import Purification

ENTRIES = 60  # of one signal


class Entries(Purification):
    """Names also for entries `x[e]` and values `f(t)`; `laws` says what is known of them.

    >>> i, j = sp.symbols("i j", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> entries = Entries()
    >>> entries.boolean(x[i] > x[j])
    _x - _x > 0
    >>> entries.laws()
    [Implies(Eq(i - j, 0), Eq(_x - _x, 0))]
    """

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[Any, dict[tuple[Any, ...], Any]] = {}

    def term(self, e: Any) -> Any:
        if isinstance(e, sp.Indexed):
            return self._entry(e)
        if isinstance(e, EntryValue):
            return self._at(e.args[0], (self._polynomial(e.args[1]),))
        if isinstance(e, Indicator):
            return super().term(sp.Piecewise((1, e.condition), (0, True)))
        if isinstance(e, (sp.cos, sp.sin)):
            return self._at(e.func, (self._polynomial(e.args[0]),))
        return super().term(e)

    def _entry(self, e: Any) -> Any:
        base, shape = e.base, e.base.shape
        kinds = ("infinite",) * len(e.indices) if shape is None else grids(base)
        places, inside = [], []
        for index, kind, length in zip(e.indices, kinds, shape or e.indices, strict=True):
            if not index.is_integer:
                raise UnsupportedError(f"{e}: {index} is not known to be an integer")
            places.append(self._polynomial(sp.Mod(index, length) if kind == "circular" else index))
            if kind == "zero":
                inside += [self.boolean(sp.Ge(index, 0)), self.boolean(sp.Lt(index, length))]
        value = self._at(base, tuple(places))
        law = sp.Or(sp.And(*inside), sp.Eq(value, 0))
        if law != sp.true and law not in self.definitions:
            self.definitions.append(law)
        return value

    def _polynomial(self, e: Any) -> Any:
        numerator, denominator = self._fraction(self.term(e))
        if not denominator.is_Rational:
            raise UnsupportedError(f"{e} as a place")
        return sp.expand(numerator / denominator)

    def _at(self, function: Any, places: tuple[Any, ...]) -> Any:
        known = self._places.setdefault(function, {})
        if places not in known:
            if len(known) >= ENTRIES:
                raise LimitError(f"more than {ENTRIES} entries of {function}")
            name = sp.Dummy(str(getattr(function, "label", function)), real=True)
            known[places] = name
            if function in (sp.cos, sp.sin):
                self.definitions += [sp.Le(name, 1), sp.Ge(name, -1)]
        return known[places]

    def laws(self) -> list[Any]:
        """Equal places, equal entries."""
        found = []
        for known in self._places.values():
            for (a, one), (b, other) in combinations(known.items(), 2):
                differences = [sp.expand(p - q) for p, q in zip(a, b, strict=True)]
                if any(d.is_Rational and d != 0 for d in differences):
                    continue
                found.append(sp.Implies(sp.And(*(sp.Eq(d, 0) for d in differences)), sp.Eq(one - other, 0)))
        return found
