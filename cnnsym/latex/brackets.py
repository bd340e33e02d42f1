"""What brackets and roots mean: parentheses, `| |`, norms, floors, derivatives at a point, square roots."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import elementwise
from cnnsym.latex.arithmetic import as_scalar, power
from cnnsym.latex.derivatives import evaluated_at
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.syntax import Group, Number, Root, Script
from cnnsym.sizes import same_size


def group_value(reading: Reading, group: Group, scripts: tuple[Script, ...]) -> Any:
    """The value of what stands in brackets, with its scripts."""
    if group.kind == "\\left.":
        value, rest = evaluated_at(reading, group, scripts)
        return reading.scripted(value, rest, group.at)
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
        case "\\{":
            raise reading.error("expected an expression, got a set", group.at)
    return reading.scripted(value, scripts, group.at)


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
