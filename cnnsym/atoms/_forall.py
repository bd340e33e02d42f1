"""The universal quantifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from cnnsym.expression import expression


class ForAll(Boolean):
    """`ForAll((i, j), statement)`: the statement holds for all integers i, j, or all reals where the symbols are real.

    The variables are bound: they are not free symbols of the statement, nothing is put in their place, and what is put in
    for other symbols is never captured by them. TypeError where a variable is no plain integer or real symbol.

    >>> i, j = sp.symbols("i j", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> ForAll(i, sp.Eq(x[i], x[j])).xreplace({i: j, j: i + 1})
    ForAll((_i,), Eq(x[_i], x[i + 1]))
    """

    def __new__(cls, variables: Any, statement: Any) -> Any:
        names = tuple(variables) if isinstance(variables, (tuple, list, sp.Tuple)) else (variables,)
        for name in names:
            plain = isinstance(name, sp.Symbol) and any(
                name.assumptions0 == sp.Dummy(**kind).assumptions0 for kind in ({"integer": True}, {"real": True})
            )
            if not plain:
                raise TypeError(f"ForAll: expected integer or real symbols without other assumptions, got {name}")
        if len(set(names)) != len(names) or not names:
            raise TypeError(f"ForAll: expected one symbol or several that differ, got {names}")
        statement = expression(statement)
        if not isinstance(statement, Boolean):
            raise TypeError(f"ForAll: expected a statement, got {statement}")
        if statement in (sp.true, sp.false):
            return statement
        return sp.Basic.__new__(cls, sp.Tuple(*names), statement)

    @property
    def variables(self) -> tuple[Any, ...]:
        return tuple(self.args[0])

    @property
    def statement(self) -> Any:
        return self.args[1]

    @property
    def free_symbols(self) -> set[Any]:
        bound = set(self.variables)  # x[i] counts as a free symbol of itself, for SymPy
        return {s for s in self.statement.free_symbols if not s.free_symbols & bound}

    @property
    def bound_symbols(self) -> list[Any]:
        return list(self.variables)

    def at(self, values: Mapping[Any, Any]) -> Any:
        """The statement with values for the variables."""
        return self.statement.xreplace({v: values[v] for v in self.variables})

    def renamed(self) -> ForAll:
        """The same with fresh variables."""
        fresh = {v: sp.Dummy(v.name, **({"integer": True} if v.is_integer else {"real": True})) for v in self.variables}
        return ForAll(tuple(fresh.values()), self.statement.xreplace(fresh))

    def _xreplace(self, rule: Mapping[Any, Any]) -> tuple[Any, bool]:
        if self in rule:
            return rule[self], True
        rule = {old: new for old, new in rule.items() if not (old.free_symbols & set(self.variables))}
        if not rule:
            return self, False
        captured = set().union(*(new.free_symbols for new in rule.values())) & set(self.variables)
        quantified = self.renamed() if captured else self
        statement, changed = quantified.statement._xreplace(rule)
        return (ForAll(quantified.variables, statement), True) if changed else (self, False)

    def _eval_subs(self, old: Any, new: Any) -> Any:
        if old.free_symbols & set(self.variables):
            return self
        quantified = self.renamed() if new.free_symbols & set(self.variables) else self
        return ForAll(quantified.variables, quantified.statement.subs(old, new))
