"""`\\sum`, `\\prod`, `\\max`, `\\min` over indices, and `\\lim`, with the range of an index taken from the limits, from its
declaration, or from what it indexes.

While its body is read, an index is a `Dummy`; only then does it get its name, one that occurs nowhere in the body. So a
definition that is looked through can never be captured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms import Maximum, indicator
from cnnsym.latex.arithmetic import as_scalar
from cnnsym.latex.conditions import condition, without_cases
from cnnsym.latex.names import fresh
from cnnsym.latex.ranges import Index, index_name, infinite, ranges
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.symbols import find
from cnnsym.latex.syntax import Command, Group, Node, Relation, split_scripts
from cnnsym.sizes import same_size

Body = Callable[[Reading], Any]


def _minimum(value: Any, limits: Any) -> Any:
    return -Maximum(-value, limits)


_OPERATORS: dict[str, Any] = {"\\sum": sp.Sum, "\\prod": sp.Product, "\\max": Maximum, "\\min": _minimum}
_EMPTY = {"\\sum": sp.S.Zero, "\\prod": sp.S.One}  # what a term counts that a condition leaves out


def is_big(node: Node) -> bool:
    """True for an operator that extends over the product after it; `\\max` without a subscript is a function."""
    base, scripts = split_scripts(node)
    if not isinstance(base, Command):
        return False
    if base.text in ("\\max", "\\min"):
        return any(s.kind == "_" for s in scripts)
    return base.text in _OPERATORS or base.text == "\\lim"


def big(reading: Reading, node: Node, body: Body) -> Any:
    """The value of a sum, a product, a maximum or a limit over what follows it."""
    base, scripts = split_scripts(node)
    assert isinstance(base, Command)
    below = next((s for s in scripts if s.kind == "_"), None)
    above = next((s for s in scripts if s.kind == "^"), None)
    if base.text == "\\lim":
        return _limit(reading, below.items if below and len(scripts) == 1 else (), body, node.at)
    if below is None or len(scripts) > 2 or not below.items:
        raise reading.error(f"expected an index under {base.text}, as in {base.text}_{{i=1}}^{{n}}", node.at)
    excluded = _excluded(reading, below.items)
    if excluded is not None:
        names, values = excluded
        whole = over(reading, [Index(name, below.at) for name in names], body, base.text, node.at)
        limits = list(whole.limits)
        if base.text != "\\sum" or any(limit[1] != v for limit, v in zip(reversed(limits), values, strict=True)):
            raise reading.error("expected the first pair of indices to be left out of a sum", below.at)
        return whole - as_scalar(reading, body(reading.binding(dict(zip(names, values, strict=True)))), node.at, "sum")
    found = ranges(reading, below.items, above.items if above else (), below.at)
    if found.filters:
        if base.text not in _EMPTY:
            raise reading.error(f"{base.text}: expected limits without further conditions", below.at)
        body = _filtered(body, found.filters, _EMPTY[base.text], node.at)
    return over(reading, found.indices, body, base.text, node.at)


def _filtered(body: Body, filters: Sequence[Node], empty: Any, at: int) -> Body:
    """The body where the conditions hold, else what does not count."""

    def read(reading: Reading) -> Any:
        value = as_scalar(reading, body(reading), at, "summand")
        holds = indicator(sp.And(*(condition(reading, node) for node in filters)))
        return value * holds if empty == 0 else value * holds + empty * (1 - holds)

    return read


def _limit(reading: Reading, items: Sequence[Node], body: Body, at: int) -> Any:
    """`\\lim_{\\lambda \\to \\infty}`, as SymPy's unevaluated limit."""
    relation = items[0] if len(items) == 1 else None
    if not isinstance(relation, Relation) or [str(o) for o in relation.operators[1:]] not in (
        ["\\to"],
        ["\\rightarrow"],
    ):
        raise reading.error("expected a limit such as \\lim_{\\lambda \\to \\infty}", at)
    variable, target = relation.members
    reference = find(reading, variable)
    if reference is None or reference.rest or not isinstance(reference.meant, sp.Symbol):
        raise reading.error("\\lim: expected a declared scalar or size as the variable", variable.at)
    to = infinite(target)
    if to is None:
        to = as_scalar(reading, reading.value(target), target.at, "limit")
    value = as_scalar(reading, body(reading.holding(reference.name)), at, "limit")
    return sp.Limit(value, reference.meant, to, "-" if to is sp.oo else "+" if to is -sp.oo else "+-")


def _excluded(reading: Reading, items: Sequence[Node]) -> tuple[list[str], list[Any]] | None:
    """`(h,w)\\ne(0,0)`."""
    if len(items) != 1 or not isinstance(items[0], Relation):
        return None
    relation = items[0]
    if len(relation.members) != 2 or relation.operators[1] not in ("\\ne", "\\neq"):
        return None
    left, right = relation.members
    if not isinstance(left, Group):
        left, right = (Group(m.at, "(", (m,)) for m in (left, right))
    if not (isinstance(left, Group) and isinstance(right, Group) and len(left.items) == len(right.items)):
        raise reading.error("expected as many numbers as indices", relation.at)
    names = [index_name(reading, item) for item in left.items]
    return names, [reading.value(item) for item in right.items]


def over(reading: Reading, indices: Sequence[Index], body: Body, operator: str, at: int) -> Any:
    """The sum or product of the body over indices; the last one runs fastest."""
    names = [index.name for index in indices]
    if len(set(names)) != len(names):
        raise reading.error("expected different indices", at)
    dummies = {index.name: sp.Dummy(index.name, integer=True) for index in indices}
    value = body(reading.binding(dummies))
    if is_matrix(value) and value.shape != (1, 1):
        raise reading.error(f"{operator} of matrices is not supported; write it for an entry", at)
    value = without_cases(reading, as_scalar(reading, value, at, operator), at)
    for index in reversed(indices):
        dummy = dummies[index.name]
        lower, upper = (index.lower, index.upper) if index.lower is not None else _range(reading, index, dummy)
        if sp.oo in (lower, -lower, upper, -upper) and operator != "\\sum":
            raise reading.error(f"{operator}: expected finite limits", index.at)
        taken = {s.name for part in (value, lower, upper) for s in part.atoms(sp.Symbol) if s != dummy}
        symbol = sp.Symbol(fresh(index.name.removeprefix("\\"), taken | reading.avoided), integer=True)
        value = _OPERATORS[operator](value.xreplace({dummy: symbol}), (symbol, lower, upper))
    return value


def _range(reading: Reading, index: Index, dummy: Any) -> tuple[Any, Any]:
    """The range of an index without limits: as declared, else that of the arrays it indexes."""
    declared = reading.facts.indices.get(index.name, reading.scope.objects.get(index.name))
    known = declared.atoms(sp.Idx) if isinstance(declared, sp.Expr) else set()
    if len(known) == 1:
        (idx,) = known
        shift = declared - idx
        if dummy in reading.facts.uses:
            counted = reading.range_of(dummy, index.name, index.at)
            if not (same_size(counted[0], idx.lower + shift) and same_size(counted[1], idx.upper + shift)):
                raise reading.error(
                    f"{index.name} is declared to run from {idx.lower + shift} to {idx.upper + shift}, but what it "
                    f"indexes here runs from {counted[0]} to {counted[1]}: write the limits",
                    index.at,
                )
        return idx.lower + shift, idx.upper + shift
    return reading.range_of(dummy, index.name, index.at)
