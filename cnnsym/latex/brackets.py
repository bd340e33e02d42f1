"""What brackets and roots mean: parentheses, `| |`, norms, floors, Iverson's bracket, derivatives at a point, square roots."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import elementwise
from cnnsym.latex.arithmetic import as_scalar, power
from cnnsym.latex.conditions import bracket, in_brackets
from cnnsym.latex.derivatives import evaluated_at
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.symbols import find, signal_entry, takes_brackets
from cnnsym.latex.syntax import (
    Command,
    Group,
    Name,
    Node,
    Number,
    Product,
    Root,
    Script,
    Sum,
    Term,
    split_scripts,
    walk,
)
from cnnsym.sizes import same_size

_EXTREMA: dict[str, Any] = {"\\max": sp.Max, "\\min": sp.Min}


def group_value(reading: Reading, group: Group, scripts: tuple[Script, ...]) -> Any:
    """The value of what stands in brackets, with its scripts."""
    if group.kind == "\\left.":
        value, rest = evaluated_at(reading, group, scripts)
        return reading.scripted(value, rest, group.at)
    if in_brackets(group):
        return reading.scripted(bracket(reading, group), scripts, group.at)
    if len(group.items) != 1:
        what = "a comma" if group.items else "nothing between the brackets"
        raise reading.error(f"expected one expression, got {what}", group.at)
    if group.kind == "\\|":
        return _norm(reading, group, scripts)
    value = reading.value(group.items[0])
    match group.kind:
        case "|":
            if is_matrix(value) and not reading.agree(*value.shape):
                raise reading.error("| |: expected a square matrix or a scalar", group.at)
            value = sp.Determinant(value) if is_matrix(value) else sp.Abs(value)
        case "\\lfloor":
            value = sp.floor(as_scalar(reading, value, group.at, "floor"))
        case "\\lceil":
            value = sp.ceiling(as_scalar(reading, value, group.at, "ceiling"))
        case "\\{":
            raise reading.error("expected an expression, got a set", group.at)
    return reading.scripted(value, scripts, group.at)


def with_brackets(reading: Reading, node: Node, after: Node) -> Any:
    """The value of a factor that takes the brackets after it: `\\mathbf{1}[n > 0]`, `\\max(a, b)`, `x[n]`; None for others."""
    (base, scripts), (group, trailing) = split_scripts(node), split_scripts(after)
    if not isinstance(group, Group):
        return None
    if isinstance(base, Name) and base.text == "\\mathbf1" and not scripts and in_brackets(group):
        return reading.scripted(bracket(reading, group), trailing, group.at)
    if isinstance(base, Command) and base.text in _EXTREMA and not scripts and group.kind in ("(", "{", "[", "\\{"):
        return reading.scripted(_extremum(reading, base.text, group), trailing, group.at)
    if group.kind != "[" or in_brackets(group):
        return None
    reference = find(reading, node)
    if reference is not None and takes_brackets(reference):
        value, rest = signal_entry(reading, reference, group)
        return reading.scripted(value, (*rest, *trailing), node.at)
    if reference is not None and isinstance(reference.meant, sp.IndexedBase):
        raise reading.error(f"ambiguous: the indices of {reference.name} stand in its subscript already", group.at)
    if reference is not None and is_matrix(reference.meant) and all(_is_index(reading, item) for item in group.items):
        raise reading.error(
            f"ambiguous: an entry of {reference.name} stands in a subscript, a product in parentheses", group.at
        )
    return None


def _is_index(reading: Reading, node: Node) -> bool:
    """True where all that stands there are integers."""
    for part in walk(node):
        if isinstance(part, Name):
            reference = find(reading, part)
            if reference is not None and getattr(reference.meant, "is_integer", None) is not True:
                return False
        elif not isinstance(part, (Number, Sum, Product, Term, Group)):
            return False
    return True


def _extremum(reading: Reading, name: str, group: Group) -> Any:
    """`\\max(a, b)` and `\\min\\{a, b\\}`: the largest and the smallest of finitely many numbers."""
    if not group.items:
        raise reading.error(f"{name}: expected numbers", group.at)
    return _EXTREMA[name](*(as_scalar(reading, reading.value(item), item.at, name) for item in group.items))


def _norm(reading: Reading, group: Group, scripts: tuple[Script, ...]) -> Any:
    value = reading.value(group.items[0])
    kind = next((s for s in scripts if s.kind == "_"), None)
    name = getattr(kind.items[0], "text", "?") if kind is not None and len(kind.items) == 1 else ""
    rest = [s for s in scripts if s is not kind]
    if kind is not None and name not in ("F", "2"):
        raise reading.error("expected the norm \\|x\\|, \\|x\\|_2 or \\|X\\|_F", kind.at)
    if not is_matrix(value):
        return reading.scripted(sp.Abs(value), rest, group.at)
    if name != "F" and not any(same_size(s, 1) for s in value.shape):
        raise reading.error("\\|X\\| of a matrix is ambiguous: write \\|X\\|_F for the Frobenius norm", group.at)
    squared = sp.Trace(value.T * value)
    if rest and rest[0].kind == "^" and rest[0].items == (Number(0, "2"),):
        return reading.scripted(squared, rest[1:], group.at)
    return reading.scripted(sp.sqrt(squared), rest, group.at)


def root_value(reading: Reading, node: Root) -> Any:
    """A root of a scalar, or of each entry of an array."""
    degree = reading.value(node.degree) if node.degree is not None else sp.Integer(2)
    value = reading.value(node.body)
    if not getattr(degree, "is_Integer", False) or not 1 <= degree <= 1000:
        raise reading.error("expected a root of degree 1 to 1000", node.at)
    if is_matrix(value) and not all(same_size(s, 1) for s in value.shape):
        variable = sp.Symbol("t", real=True)
        return elementwise(sp.Lambda(variable, sp.root(variable, degree)))(value)
    return power(reading, value, sp.Rational(1, degree), node.at)
