"""`\\sum` and `\\prod`, with the range of an index taken from the limits, from its declaration, or from what it indexes.

While its body is read, an index is a `Dummy`; only then does it get its name, one that occurs nowhere in the body. So a
definition that is looked through can never be captured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from cnnsym.latex.arithmetic import as_scalar
from cnnsym.latex.names import joined, parts
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.symbols import candidates
from cnnsym.latex.syntax import Command, Group, Name, Node, Relation, factors_of, split_scripts
from cnnsym.sizes import same_size

Body = Callable[[Reading], Any]
_OPERATORS = {"\\sum": sp.Sum, "\\prod": sp.Product}


@dataclass(frozen=True)
class Index:
    """An index with its limits; None where they are to be found."""

    name: str
    at: int
    lower: Any = None
    upper: Any = None


def is_big(node: Node) -> bool:
    base, _ = split_scripts(node)
    return isinstance(base, Command) and base.text in _OPERATORS


def big(reading: Reading, node: Node, body: Body) -> Any:
    """The value of a sum or a product over what follows it."""
    base, scripts = split_scripts(node)
    assert isinstance(base, Command)
    below = next((s for s in scripts if s.kind == "_"), None)
    above = next((s for s in scripts if s.kind == "^"), None)
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
    indices = _indices(reading, below.items, above.items if above else (), below.at)
    return over(reading, indices, body, base.text, node.at)


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
    names = [_index_name(reading, item) for item in left.items]
    return names, [reading.value(item) for item in right.items]


def _index_name(reading: Reading, node: Node) -> str:
    base, _ = split_scripts(node)
    name, rest = next(candidates(node), ("", ()))
    if not isinstance(base, Name) or len(base.text) != 1 or not name or rest:
        raise reading.error("expected an index, a single letter", node.at)
    return name


def _indices(reading: Reading, below: Sequence[Node], above: Sequence[Node], at: int) -> list[Index]:
    if len(below) == 1 and isinstance(below[0], Relation):
        return [_limited(reading, below[0], above)]
    if above:
        raise reading.error("expected a lower limit for the index, as in i=1", at)
    if len(below) == 1:
        below = factors_of(below[0])[0]
    return [Index(_index_name(reading, item), item.at) for item in below]


def _limited(reading: Reading, relation: Relation, above: Sequence[Node]) -> Index:
    operators = [str(o) for o in relation.operators[1:]]
    members = relation.members
    at = relation.at
    if operators == ["="] and len(above) == 1:
        return Index(_index_name(reading, members[0]), at, _bound(reading, members[1]), _bound(reading, above[0]))
    if operators == ["\\in"] and not above:
        lower, upper = index_set(reading, members[1])
        return Index(_index_name(reading, members[0]), at, lower, upper)
    if len(operators) == 2 and set(operators) <= {"\\le", "\\leq", "<"} and not above:
        lower, upper = _bound(reading, members[0]), _bound(reading, members[2])
        lower, upper = lower + int(operators[0] == "<"), upper - int(operators[1] == "<")
        return Index(_index_name(reading, members[1]), at, lower, upper)
    raise reading.error("expected limits such as i=1 below and n above", at)


def _bound(reading: Reading, node: Node) -> Any:
    value = reading.value(node)
    if isinstance(node, Name) and node.roman and is_matrix(value):
        raise reading.error("expected a number, got the roman letter I: is the digit 1 meant?", node.at)
    if is_matrix(value) or value.is_integer is not True:
        raise reading.error(f"expected an integer limit, got {value}", node.at)
    return value


def index_set(reading: Reading, node: Node) -> tuple[Any, Any]:
    """First and last element of `\\{0, 1, \\cdots, H-1\\}`."""
    items = node.items if isinstance(node, Group) and node.kind == "\\{" else ()
    dots = [k for k, item in enumerate(items) if isinstance(item, Command) and item.text.endswith(("dots", "dotsc"))]
    if len(dots) != 1 or dots[0] != len(items) - 2 or dots[0] < 1:
        raise reading.error("expected a range such as \\{0, 1, \\cdots, n-1\\}", node.at)
    values = [_bound(reading, item) for k, item in enumerate(items) if k != dots[0]]
    if any(later - earlier != 1 for earlier, later in pairwise(values[:-1])):
        raise reading.error("expected consecutive integers before the dots", node.at)
    return values[0], values[-1]


def over(reading: Reading, indices: Sequence[Index], body: Body, operator: str, at: int) -> Any:
    """The sum or product of the body over indices; the last one runs fastest."""
    names = [index.name for index in indices]
    if len(set(names)) != len(names):
        raise reading.error("expected different indices", at)
    dummies = {index.name: sp.Dummy(index.name, integer=True) for index in indices}
    value = body(reading.binding(dummies))
    if is_matrix(value) and value.shape != (1, 1):
        raise reading.error(f"{operator} of matrices is not supported; write it for an entry", at)
    value = as_scalar(reading, value, at, operator)
    for index in reversed(indices):
        dummy = dummies[index.name]
        lower, upper = (index.lower, index.upper) if index.lower is not None else _range(reading, index, dummy)
        taken = {s.name for part in (value, lower, upper) for s in part.atoms(sp.Symbol) if s != dummy}
        symbol = sp.Symbol(_fresh(index.name.removeprefix("\\"), taken), integer=True)
        value = _OPERATORS[operator](value.xreplace({dummy: symbol}), (symbol, lower, upper))
    return value


def _fresh(name: str, taken: set[str]) -> str:
    """The name itself where it is free, else its letter with a number."""
    letter = parts(name)[0]
    return next(c for c in (name, *(joined(letter, str(k)) for k in range(1, len(taken) + 2))) if c not in taken)


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
