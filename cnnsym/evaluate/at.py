"""The exact value of an expression at given sizes and values: to redo a counterexample, and for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.evaluate.arithmetic import Number, rational
from cnnsym.evaluate.array import Mat, Value
from cnnsym.evaluate.machine import Machine
from cnnsym.evaluate.matrix_rules import grids_of, shape_of
from cnnsym.evaluate.point import Point
from cnnsym.evaluate.program import Node, Program
from cnnsym.evaluate.question import as_expression
from cnnsym.evaluate.signal import Signal
from cnnsym.evaluate.table import Table
from cnnsym.evaluate.undefined import Undefined
from cnnsym.evaluate.written import simplest


def evaluate_at(
    expr: Any, sizes: Mapping[Any, int] | None = None, values: Mapping[Any, Any] | None = None, *, seed: int = 0
) -> Any:
    """The exact value: a SymPy number for a scalar, an immutable matrix for a matrix; None where it is undefined.

    `sizes` and `values` map symbols, or their names, to integers and to exact numbers or nested sequences of them (text such
    as "3/2" is read as a rational number), so the `sizes` and `values` of a counterexample can be given back. Abstract
    functions and infinite signals take the values given by name, such as `{"f'(2)": 3, "x[-1]": 2}`, others are drawn from
    `seed`.

    Raises UnsupportedError for what it does not cover or has no value, ShapeError where shapes disagree, LimitError beyond
    the limits on size.

    >>> import cnnsym, sympy
    >>> m, n = cnnsym.dims("m n")
    >>> evaluate_at(cnnsym.vec(cnnsym.matrix("A", m, n)), {m: 2, n: 2}, {"A": [[1, 2], [3, "4/3"]]}).T
    Matrix([[1, 3, 2, 4/3]])
    >>> evaluate_at(sympy.cos(sympy.pi / (2 * n)), {n: 2})
    sqrt(2)/2
    """
    program = Program()
    root = program.node(as_expression(expr))
    program.close()
    machine = Machine(program)
    given = {**(sizes or {}), **(values or {})}
    names = {key: value for key, value in given.items() if isinstance(key, str)}
    known: dict[Any, Value] = {}
    leaves = sorted(root.free, key=lambda n: isinstance(n.expr, (sp.MatrixSymbol, sp.IndexedBase)))
    try:
        for leaf in leaves:
            value = given.get(leaf.expr, names.get(str(leaf.expr)))
            if value is not None or _is_infinite(leaf):
                known[leaf.expr] = _value(leaf, value, machine, known)
        table = Table(f"at {seed}", given={name: _number(v) for name, v in names.items() if name.endswith((")", "]"))})
        found = machine.values(Point(known, table)).at(root, {})
    except Undefined:
        return None
    if isinstance(found, Mat):
        return sp.ImmutableDenseMatrix(found.rows, found.cols, [simplest(x) for x in found.entries])
    return sp.sympify(found) if isinstance(found, bool) else simplest(found)


def _value(leaf: Node, value: Any, machine: Machine, known: Mapping[Any, Value]) -> Value:
    if not isinstance(leaf.expr, (sp.MatrixSymbol, sp.IndexedBase)):
        return _number(value)
    sizes = machine.values(Point(known, Table("sizes")))
    shape = shape_of(leaf, lambda length: sizes.at(length, {}))
    grids = grids_of(leaf.expr)
    if None in shape:
        if value is not None:
            raise ShapeError(f"{leaf.expr}: an infinite signal takes its entries by name, such as '{leaf.expr}[-1]'")
        return Signal(shape, {}, grids)
    rows = value.tolist() if isinstance(value, sp.MatrixBase) else value
    lengths = [length for length in shape if length is not None]
    entries = {place: _number(_entry(leaf, rows, place, lengths)) for place in product(*map(range, lengths))}
    if isinstance(leaf.expr, sp.IndexedBase):
        return Signal(shape, entries, grids)
    return Mat(lengths[0], lengths[1], tuple(entries.values()))


def _is_infinite(leaf: Node) -> bool:
    return isinstance(leaf.expr, sp.IndexedBase) and sp.oo in (leaf.expr.shape or ())


def _entry(leaf: Node, rows: Any, place: Sequence[int], shape: Sequence[int]) -> Any:
    for k, length in zip(place, shape, strict=True):
        if isinstance(rows, str) or not isinstance(rows, Sequence) or len(rows) != length:
            raise ShapeError(f"{leaf.expr}: expected entries of shape {' x '.join(map(str, shape))}")
        rows = rows[k]
    return rows


def _number(value: Any) -> Number:
    if isinstance(value, (int, Fraction)):
        return rational(value)
    if isinstance(value, sp.Rational):
        return rational(int(value.p), int(value.q))
    if isinstance(value, str):
        try:
            return rational(Fraction(value))
        except ValueError:
            pass
    raise UnsupportedError(f"expected an exact rational number, got {value!r}")
