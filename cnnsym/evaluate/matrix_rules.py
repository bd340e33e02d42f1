"""How each matrix expression gets its value from the values of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import mul
from typing import Any

import sympy as sp

from cnnsym import atoms
from cnnsym.errors import ShapeError
from cnnsym.evaluate import array, functions
from cnnsym.evaluate.arithmetic import integer, power
from cnnsym.evaluate.array import Mat, Value, as_mat, as_scalar
from cnnsym.evaluate.point import Point
from cnnsym.evaluate.program import Node
from cnnsym.evaluate.scalar_rules import Rule, objective
from cnnsym.evaluate.undefined import NoSize, Undefined


def size(value: Value) -> int:
    """A size as an `int`; NoSize unless it is a positive integer."""
    try:
        found = integer(value)
    except Undefined:
        raise NoSize("a size that is no integer") from None
    if found < 1:
        raise NoSize(f"a size of {found}")
    return found


def shape_of(leaf: Node, value: Callable[[Node], Value]) -> tuple[int | None, ...]:
    """The shape of a matrix or signal, None along infinite axes; `value` evaluates its lengths. NoSize where it has none."""
    lengths = iter(leaf.args)
    return tuple(None if length is sp.oo else size(value(next(lengths))) for length in leaf.expr.shape)


def grids_of(symbol: Any) -> tuple[str, ...]:
    """The grids of a signal's axes; empty where all are "zero"."""
    return symbol.grids if isinstance(symbol, atoms.Signal) else ()


def _matmul(_node: Node, values: list[Value], _point: Point) -> Value:
    scalars = [v for v in values if not isinstance(v, Mat)]
    mats = [v for v in values if isinstance(v, Mat)]
    result = reduce(array.multiply, mats) if mats else Mat(1, 1, (1,))
    factor = reduce(mul, scalars, 1)
    return result.map(lambda x: factor * x) if scalars else result


def _matadd(_node: Node, values: list[Value], _point: Point) -> Value:
    return reduce(array.add, map(as_mat, values))


def _matpow(_node: Node, values: list[Value], _point: Point) -> Value:
    return array.matrix_power(as_mat(values[0]), integer(values[1]))


def _hadamard(_node: Node, values: list[Value], _point: Point) -> Value:
    return reduce(array.entrywise, map(as_mat, values))


def _hadamard_power(_node: Node, values: list[Value], _point: Point) -> Value:
    base, exponent = as_mat(values[0]), values[1]
    if isinstance(exponent, Mat):
        array.require_shape("an entrywise power", base.shape, exponent.shape)
        return Mat(base.rows, base.cols, tuple(map(power, base.entries, exponent.entries)))
    return base.map(lambda x: power(x, exponent))


def _kron(_node: Node, values: list[Value], _point: Point) -> Value:
    return reduce(array.kron, map(as_mat, values))


def _one(function: Callable[[Mat], Value]) -> Rule:
    def rule(_node: Node, values: list[Value], _point: Point) -> Value:
        return function(as_mat(values[0]))

    return rule


def _vec(x: Mat) -> Mat:
    return Mat(x.rows * x.cols, 1, x.vec())


def _unvec(_node: Node, values: list[Value], _point: Point) -> Value:
    x, rows, cols = as_mat(values[0]), size(values[1]), size(values[2])
    array.require_shape("unvec", x.shape, (rows * cols, 1))
    return Mat.build(rows, cols, lambda i, j: x[i + rows * j, 0])


def _diag(x: Mat) -> Mat:
    if 1 not in x.shape:
        raise ShapeError(f"diag: expected a vector, got shape {x.rows} x {x.cols}")
    n = x.rows * x.cols
    return Mat.build(n, n, lambda i, j: x.entries[i] if i == j else 0)


def _diagonal(x: Mat) -> Mat:
    n = min(x.shape)
    return Mat.build(n, 1, lambda i, _j: x[i, i])


def _diagonal_matrix(x: Mat) -> Mat:
    return Mat.build(x.rows, x.cols, lambda i, j: x[i, j] if i == j else 0)


def _basis(_node: Node, values: list[Value], _point: Point) -> Value:
    place, length = integer(values[0]), size(values[1])
    if not 1 <= place <= length:
        raise Undefined(f"unit vector {place} of length {length}")
    return Mat.build(length, 1, lambda i, _j: int(i == place - 1))


def _commutation(_node: Node, values: list[Value], _point: Point) -> Value:
    return array.commutation(size(values[0]), size(values[1]))


def _identity(_node: Node, values: list[Value], _point: Point) -> Value:
    return array.identity(size(values[0]))


def _filled(entry: int) -> Rule:
    def rule(_node: Node, values: list[Value], _point: Point) -> Value:
        return Mat.build(size(values[0]), size(values[1]), lambda _i, _j: entry)

    return rule


def _explicit(_node: Node, values: list[Value], _point: Point) -> Value:
    return Mat(values[0], values[1], tuple(map(as_scalar, values[2])))


def _objective_gradient(node: Node, values: list[Value], point: Point) -> Value:
    label, k, arguments = node.expr.function.label, node.expr.position, values[2:]
    shape = as_mat(arguments[k])
    return Mat.build(shape.rows, shape.cols, lambda i, j: objective(label, arguments, ((k, i, j),), point))


def _objective_hessian(node: Node, values: list[Value], point: Point) -> Value:
    label, (k, l), arguments = node.expr.function.label, node.expr.positions, values[3:]
    first, second = as_mat(arguments[k]), as_mat(arguments[l])

    def entry(i: int, j: int) -> Any:
        row, column = (k, i % first.rows, i // first.rows), (l, j % second.rows, j // second.rows)
        return objective(label, arguments, (row, column), point)

    return Mat.build(first.rows * first.cols, second.rows * second.cols, entry)


RULES: Mapping[Any, Rule] = {
    sp.MatMul: _matmul,
    sp.MatAdd: _matadd,
    sp.MatPow: _matpow,
    sp.Inverse: _one(array.inverse),
    sp.Transpose: _one(array.transpose),
    sp.Adjoint: _one(lambda a: array.transpose(a).map(functions.conjugate)),
    sp.Identity: _identity,
    sp.ZeroMatrix: _filled(0),
    sp.OneMatrix: _filled(1),
    sp.KroneckerProduct: _kron,
    sp.HadamardProduct: _hadamard,
    sp.HadamardPower: _hadamard_power,
    sp.DiagMatrix: _one(_diag),
    sp.DiagonalMatrix: _one(_diagonal_matrix),
    sp.DiagonalOf: _one(_diagonal),
    sp.ImmutableDenseMatrix: _explicit,
    atoms.Hadamard: _hadamard,
    atoms.Kron: _kron,
    atoms.Vec: _one(_vec),
    atoms.Unvec: _unvec,
    atoms.Diag: _one(_diag),
    atoms.Diagonal: _one(_diagonal),
    atoms.Basis: _basis,
    atoms.Commutation: _commutation,
    atoms.ObjectiveGradient: _objective_gradient,
    atoms.ObjectiveHessian: _objective_hessian,
}
