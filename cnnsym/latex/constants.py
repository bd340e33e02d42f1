"""Names that mean something undeclared: `I`, `\\mathbf{1}`, `\\mathbf{0}`, `e_i`, `K_{m,n}`, `\\delta_{ij}`, `\\pi`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms import basis, commutation
from cnnsym.latex.arithmetic import as_scalar
from cnnsym.latex.reading import Reading
from cnnsym.latex.symbols import index_values
from cnnsym.latex.syntax import Group, Name, Node, Product, Script, split_scripts


def constant(reading: Reading, node: Node) -> tuple[Any, tuple[Script, ...]] | None:
    """The constant that a factor stands for, and the scripts left over; None where it is none."""
    base, scripts = split_scripts(node)
    if not isinstance(base, Name):
        return None
    below = next((s for s in scripts if s.kind == "_"), None)
    rest = tuple(s for s in scripts if s is not below)
    match base.text:
        case "I":
            sizes = _sizes(reading, below, 1)
            return sp.Identity(sizes[0] if sizes else reading.missing_size("I", node.at)), rest
        case "\\mathbf1":
            sizes = _sizes(reading, below, 2)
            length = sizes[0] if sizes else reading.missing_size("\\mathbf{1}", node.at)
            return sp.OneMatrix(length, sizes[1] if len(sizes) > 1 else 1), rest
        case "\\mathbf0":
            sizes = _sizes(reading, below, 2)
            if sizes:
                return sp.ZeroMatrix(sizes[0], sizes[1] if len(sizes) > 1 else 1), rest
            unknown = [reading.missing_size("\\mathbf{0}", place) for place in (node.at, node.at + 1)]
            return sp.ZeroMatrix(*unknown), rest
        case "e" if below is not None:
            return _unit(reading, below, rest, node.at)
        case "e" if rest and rest[0].kind == "^" and len(rest[0].items) == 1:
            exponent = reading.value(rest[0].items[0])
            return sp.exp(as_scalar(reading, exponent, node.at, "exponent")), rest[1:]
        case "K" if below is not None:
            sizes = _sizes(reading, below, 2)
            if len(sizes) != 2:
                raise reading.error("K: expected two sizes, as in K_{m,n}", below.at)
            return commutation(*sizes), rest
        case "delta" if below is not None:
            indices = index_values(reading, below.items, 2)
            if len(indices) != 2:
                raise reading.error("\\delta: expected two indices, as in \\delta_{ij}", below.at)
            return sp.KroneckerDelta(indices[0][0], indices[1][0]), rest
        case "pi" if below is None:
            return sp.pi, rest
    return None


def _sizes(reading: Reading, script: Script | None, most: int) -> list[Any]:
    if script is None:
        return []
    items: Sequence[Node] = script.items
    if len(items) == 1 and isinstance(items[0], Product) and items[0].operators == ("", "\\times"):
        items = items[0].factors
    if not 1 <= len(items) <= most:
        raise reading.error(f"expected at most {most} sizes in the subscript, got {len(items)}", script.at)
    return [reading.size_of(item) for item in items]


def _unit(reading: Reading, below: Script, rest: tuple[Script, ...], at: int) -> tuple[Any, tuple[Script, ...]]:
    """`e_i`, or `e_i^{(n)}` with its length."""
    ((index, node),) = index_values(reading, below.items, 1)[:1]
    if len(below.items) != 1:
        raise reading.error("e: expected one index", below.at)
    length = None
    for script in rest:
        if script.kind == "^" and len(script.items) == 1 and isinstance(script.items[0], Group):
            if script.items[0].kind == "(" and len(script.items[0].items) == 1:
                length = reading.size_of(script.items[0].items[0])
                rest = tuple(s for s in rest if s is not script)
                break
    length = reading.missing_size("e", at) if length is None else length
    if index.is_Integer and index < 1:
        raise reading.error(f"unit vectors count from 1, got {index}", node.at)
    if isinstance(index, sp.Idx):
        raise reading.error(f"the index {index} begins at 0, but unit vectors count from 1: write {index}+1", node.at)
    reading.used(index, "entry", length, node.at)
    return basis(index, length), rest
