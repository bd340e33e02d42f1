"""The ranges of indices as formulas write them: `i=1` and `n`, `0 \\le a < k`, `a, b = 0`, `i \\in \\{0, \\dots, n-1\\}`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import sympy as sp

from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.symbols import candidates
from cnnsym.latex.syntax import Command, Group, Name, Node, Relation, Sum, factors_of, split_scripts, walk
from cnnsym.latex.vocabulary import DOTS

UPWARDS = {"\\le": 0, "\\leq": 0, "\\leqslant": 0, "<": 1, "\\lt": 1}


@dataclass(frozen=True)
class Index:
    """An index with its limits; None where they are to be found."""

    name: str
    at: int
    lower: Any = None
    upper: Any = None


@dataclass
class Ranges:
    """The indices under an operator, and the conditions that further restrict them."""

    indices: list[Index] = field(default_factory=list)
    filters: list[Node] = field(default_factory=list)


def index_name(reading: Reading, node: Node) -> str:
    """The letter that an index is."""
    base, _ = split_scripts(node)
    name, rest = next(candidates(node), ("", ()))
    single = isinstance(base, Name) and (len(base.text) == 1 or (base.command and not base.roman))
    if not single or not name or rest:
        raise reading.error("expected an index, a single letter", node.at)
    if isinstance(base, Name) and base.roman and f"\\mathrm{{{base.text}}}" in reading.scope.objects:
        raise reading.error("expected an index, got the imaginary unit", node.at)
    return name


def infinite(node: Node) -> Any:
    """`\\infty` or `-\\infty` as SymPy has it; None where something else stands there."""
    negative = isinstance(node, Sum) and node.signs == ("-",)
    inner = node.terms[0] if isinstance(node, Sum) and negative else node
    if isinstance(inner, Command) and inner.text == "\\infty":
        return -sp.oo if negative else sp.oo
    return None


def bound(reading: Reading, node: Node) -> Any:
    """An integer, or an infinite limit."""
    found = infinite(node)
    if found is not None:
        return found
    value = reading.value(node)
    if isinstance(node, Name) and node.roman and is_matrix(value):
        raise reading.error("expected a number, got the roman letter I: is the digit 1 meant?", node.at)
    if is_matrix(value) or value.is_integer is not True:
        raise reading.error(f"expected an integer limit, got {value}", node.at)
    return value


def index_set(reading: Reading, node: Node) -> tuple[Any, Any]:
    """First and last element of `\\{0, 1, \\cdots, H-1\\}` or of `\\mathbb{Z}`."""
    if isinstance(node, Name) and node.text == "\\mathbb{Z}":
        return -sp.oo, sp.oo
    items = node.items if isinstance(node, Group) and node.kind == "\\{" else ()
    found = _listed(reading, items, node.at)
    if found is None:
        raise reading.error("expected a range such as \\{0, 1, \\cdots, n-1\\}", node.at)
    return found


def _listed(reading: Reading, items: Sequence[Node], at: int) -> tuple[Any, Any] | None:
    """First and last of `0, 1, \\dots, n-1`."""
    dots = [k for k, item in enumerate(items) if isinstance(item, Command) and item.text in DOTS]
    if len(dots) != 1 or dots[0] != len(items) - 2 or dots[0] < 1:
        return None
    values = [bound(reading, item) for k, item in enumerate(items) if k != dots[0]]
    if any(later - earlier != 1 for earlier, later in pairwise(values[:-1])):
        raise reading.error("expected consecutive integers before the dots", at)
    return values[0], values[-1]


def ranges(reading: Reading, below: Sequence[Node], above: Sequence[Node], at: int) -> Ranges:
    """What stands under and over a sum. Raises LatexError where it is not clear what runs over what."""
    pieces, conditions = _at_colon(below)
    if len(pieces) == 1 and not isinstance(pieces[0], Relation):
        pieces = list(factors_of(pieces[0])[0])
    found = Ranges()
    names: list[Node] = []  # indices whose limits follow
    while pieces:
        piece = pieces.pop(0)
        if not isinstance(piece, Relation):
            names.append(piece)
            continue
        operators, members = [str(o) for o in piece.operators[1:]], piece.members
        if operators == ["="]:
            if above:
                _check_free(reading, found, [members[1], *above])
                limits = bound(reading, members[1]), bound(reading, above[0])
                above = ()
            else:
                limits = _counted(reading, members[1], pieces, piece.at)
            names.append(members[0])
        elif operators == ["\\in"]:
            limits = index_set(reading, members[1])
            names.append(members[0])
        elif len(operators) == 2 and set(operators) <= set(UPWARDS) and _new(found, members[1]) and not names:
            _check_free(reading, found, [members[0], members[2]])
            limits = _between(reading, members[0], members[2], operators)
            names = [members[1]]
        elif len(operators) == 1 and operators[0] in UPWARDS and pieces and _new(found, members[1]) and not names:
            names, last = _until_relation(reading, [members[1]], pieces, piece.at)
            limits = _between(reading, members[0], last.members[1], [operators[0], str(last.operators[1])])
        elif not names and found.indices and _known(reading, found, members):
            found.filters.append(piece)
            continue
        else:
            raise reading.error("expected limits such as i=1 below and n above, or 0 \\le i < n", piece.at)
        found.indices += [Index(index_name(reading, name), name.at, *limits) for name in names]
        names = []
    if above:
        raise reading.error("expected a lower limit for the index, as in i=1", at)
    found.indices += [Index(index_name(reading, name), name.at) for name in names]
    found.filters += conditions
    if not found.indices:
        raise reading.error("expected an index, a single letter", at)
    return found


def _at_colon(items: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """What stands before the first colon, and the conditions after it."""
    pieces: list[Node] = []
    conditions: list[Node] = []
    for item in items:
        if isinstance(item, Relation):
            colons = [k for k, o in enumerate(item.operators) if str(o) in (":", "\\colon")]
            if colons and not conditions:
                (k, *_) = colons
                pieces.append(_part(item, 0, k))
                conditions.append(_part(item, k, len(item.members)))
                continue
        (conditions if conditions else pieces).append(item)
    return pieces, conditions


def _part(relation: Relation, start: int, end: int) -> Node:
    members = relation.members[start:end]
    if len(members) == 1:
        return members[0]
    return Relation(members[0].at, members, (relation.operators[0], *relation.operators[start + 1 : end]))


def _new(found: Ranges, node: Node) -> bool:
    return isinstance(node, Name) and not any(index.name == node.text for index in found.indices)


def _known(reading: Reading, found: Ranges, members: Sequence[Node]) -> bool:
    """False where a bare letter might be meant as one more index."""
    letters = [m.text for m in members if isinstance(m, Name)]
    given = {index.name for index in found.indices} | set(reading.bound)
    return all(letter in given or reading.scope.knows(letter) for letter in letters)


def _check_free(reading: Reading, found: Ranges, limits: Sequence[Node]) -> None:
    """Limits are read outside of the sum: an index beside this one must not occur in them."""
    names = {index.name for index in found.indices}
    for node in (n for limit in limits for n in walk(limit)):
        if isinstance(node, Name) and node.text in names:
            raise reading.error(f"the limit depends on the index {node.text} beside it: write two sums", node.at)


def _between(reading: Reading, low: Node, high: Node, operators: Sequence[str]) -> tuple[Any, Any]:
    return bound(reading, low) + UPWARDS[operators[0]], bound(reading, high) - UPWARDS[operators[1]]


def _counted(reading: Reading, first: Node, pieces: list[Node], at: int) -> tuple[Any, Any]:
    """The limits in `a = 0, \\dots, p-1`; takes what it reads from `pieces`."""
    dots = next((k for k, piece in enumerate(pieces) if isinstance(piece, Command) and piece.text in DOTS), None)
    limits = None if dots is None else _listed(reading, [first, *pieces[: dots + 2]], at)
    if dots is None or limits is None:
        raise reading.error("expected limits such as i=1 below and n above", at)
    del pieces[: dots + 2]
    return limits


def _until_relation(reading: Reading, names: list[Node], pieces: list[Node], at: int) -> tuple[list[Node], Relation]:
    """The indices and the end of `0 \\le a, b < k`, of which `0 \\le a` has been read."""
    while pieces:
        piece = pieces.pop(0)
        if not isinstance(piece, Relation):
            names.append(piece)
            continue
        if len(piece.members) == 2 and str(piece.operators[1]) in UPWARDS:
            return [*names, piece.members[0]], piece
        break
    raise reading.error("expected limits such as 0 \\le a, b < k", at)
