"""What a declaration makes of a name: the kinds, their arguments, the properties that may follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import sympy as sp
from lark import Token

from cnnsym.atoms import EntryFunction, ObjectiveFunction, matrix, scalar, signal, vector
from cnnsym.latex.display import body
from cnnsym.latex.reading import Facts, Reading, is_matrix
from cnnsym.latex.scope import Objective, Scope
from cnnsym.latex.settling import guarded, settled
from cnnsym.latex.syntax import Group, Name, Node, parse_tokens
from cnnsym.latex.tokens import Source, tokenize
from cnnsym.sizes import dims

MATRIX_PROPERTIES = {
    "symmetric": sp.Q.symmetric,
    "invertible": sp.Q.invertible,
    "orthogonal": sp.Q.orthogonal,
    "diagonal": sp.Q.diagonal,
}
SIGNS = ("positive", "nonnegative")
KINDS = ("size", "matrix", "vector", "scalar", "integer", "index", "signal", "elementwise", "objective", "imaginary")
_COUNTS = {"matrix": (2, 2), "vector": (1, 1), "index": (1, 1), "objective": (1, 99)}
_CIRCULAR = re.compile(r"circular\s*\((?P<length>.*)\)", re.DOTALL)
_MOST_AXES = 9

Arguments = tuple[Source, tuple[Node, ...]]


def arguments(source: Source, written: Token | None) -> Arguments:
    """What stands in the parentheses of a declaration, and where."""
    if written is None:
        return source, ()
    start = source.start + (written.start_pos or 0)
    part = Source(source.text, start, start + len(written))
    tree = parse_tokens(part, tokenize(part), part.end)
    return part, tree.items if isinstance(tree, Group) else (tree,)


def made(scope: Scope, source: Source, name: str, kind: str, given: Arguments, sign: str | None, at: int) -> Any:
    """The object that a name stands for; `sign` is what is said of a number. Not for signals."""
    part, nodes = given
    least, most = _COUNTS.get(kind, (0, 0))
    if not least <= len(nodes) <= most:
        raise source.error(f"{kind}: expected {least} arguments in parentheses, got {len(nodes)}", at)
    assumed: dict[str, bool] = {sign: True} if sign else {}

    def sizes(reading: Reading) -> tuple[Any, ...]:
        return tuple(reading.size_of(node) for node in nodes)

    match kind:
        case "size":
            return dims(name.replace(",", "\\,").replace(":", "\\:").replace(" ", "\\ "))
        case "scalar":
            return sp.Symbol(name, real=True, **assumed) if sign else scalar(name)
        case "integer":
            return sp.Symbol(name, integer=True, **assumed)
        case "elementwise":
            return EntryFunction(name)
        case "imaginary":
            return sp.I
        case "objective":
            for node in nodes:
                value = settled(scope, part, Facts(), partial(_value, node), outer=False)
                if not is_matrix(value):
                    raise part.error("objective: expected declared vectors or matrices as arguments", node.at)
            return Objective(ObjectiveFunction(name), nodes, part)
    lengths = settled(scope, part, Facts(), sizes, outer=False)
    match kind:
        case "matrix":
            return matrix(name, *lengths)
        case "vector":
            return vector(name, *lengths)
    return sp.Idx(name, lengths[0])


def made_signal(scope: Scope, source: Source, name: str, written: Token | None, at: int) -> Any:
    """`signal(C, circular(N), infinite)`: each axis has its length and its grid."""
    axes = [] if written is None else list(_axes(source, written))
    if not 1 <= len(axes) <= _MOST_AXES:
        raise source.error(f"signal: expected 1 to {_MOST_AXES} axes in parentheses, got {len(axes)}", at)
    lengths = [sp.oo if length is None else _length(scope, length) for _, length in axes]
    grids: Any = tuple(grid for grid, _ in axes)
    return guarded(source, lambda: signal(name, *lengths, grid=grids))


def _axes(source: Source, written: Token) -> Iterator[tuple[str, Source | None]]:
    start = source.start + (written.start_pos or 0) + 1
    text = str(written)[1:-1]
    depth = begin = 0
    for k, character in enumerate(text + ","):
        depth += (character == "(") - (character == ")")
        if character != "," or depth:
            continue
        part = body(Source(source.text, start + begin, start + k))
        words = part.formula
        circular = _CIRCULAR.fullmatch(words)
        begin = k + 1
        if words == "infinite":
            yield "infinite", None
        elif circular is not None:
            first, last = circular.span("length")
            yield "circular", Source(source.text, part.start + first, part.start + last)
        elif words:
            yield "zero", part
        elif text.strip():
            raise source.error("signal: expected the length of an axis", part.start)


def _length(scope: Scope, source: Source) -> Any:
    tree = parse_tokens(source, tokenize(source), source.end)
    return settled(scope, source, Facts(), lambda reading: reading.size_of(tree), outer=False)


def upright(name: Node) -> bool:
    """True for a letter in roman type without scripts, as the imaginary unit is written."""
    return isinstance(name, Name) and name.roman and len(name.text) == 1


def _value(node: Node, reading: Reading) -> Any:
    return reading.value(node)
