"""Signals that a hypothesis defines entry by entry, `y[n] = x[n - t]` for all n: in a model they are what they are defined as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from cnnsym.atoms import ForAll, grids


def without_definitions(hypotheses: Sequence[Any], conclusion: Any) -> tuple[list[Any], Any]:
    """The statements with every defined signal written out; a model of these is one of the given statements as well.

    >>> n, t = sp.symbols("n t", integer=True)
    >>> x, y = sp.IndexedBase("x"), sp.IndexedBase("y")
    >>> without_definitions([ForAll(n, sp.Eq(y[n], x[n - t]))], y[t] > 0)
    ([True], x[0] > 0)
    """
    statements = [*hypotheses, conclusion]
    for _ in hypotheses:
        found = next(filter(None, map(_definition, statements[:-1])), None)
        if found is None:
            break
        base, variables, value = found
        bound = {limit[0] for s in statements for e in s.atoms(ExprWithLimits) for limit in e.limits}
        if bound & value.free_symbols:
            break
        statements = [_written_out(s, base, variables, value) for s in statements]
    return statements[:-1], statements[-1]


def _definition(statement: Any) -> tuple[Any, tuple[Any, ...], Any] | None:
    """`(signal, indices, entry)` where the statement says what the entries at all indices are."""
    if not isinstance(statement, ForAll) or not isinstance(statement.statement, sp.Eq):
        return None
    left, right = statement.statement.args
    for entry, value in ((left, right), (right, left)):
        if isinstance(entry, sp.Indexed) and sorted(map(str, entry.indices)) == sorted(map(str, statement.variables)):
            kinds = set() if entry.base.shape is None else set(grids(entry.base))
            everywhere = set(entry.indices) == set(statement.variables) and kinds <= {"infinite"}
            own = entry.base in {e.base for e in value.atoms(sp.Indexed)}
            if everywhere and not own and not value.has(ExprWithLimits):
                return entry.base, tuple(entry.indices), value
    return None


def _written_out(e: Any, base: Any, variables: tuple[Any, ...], value: Any) -> Any:
    if not e.has(base):
        return e
    if isinstance(e, ForAll):
        e = e.renamed()  # so that it captures nothing of the value
        return ForAll(e.variables, _written_out(e.statement, base, variables, value))
    arguments = [_written_out(a, base, variables, value) for a in e.args]
    if isinstance(e, sp.Indexed) and e.base == base:
        fresh = {v: sp.Dummy(v.name, integer=True) for v in variables}
        places = dict(zip(fresh.values(), arguments[1:], strict=True))
        return value.xreplace(fresh).xreplace(places)
    return e.func(*arguments)
