"""How each scalar expression gets its value from the values of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import EntryValue, ObjectiveValue
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate import array, functions
from cnnsym.evaluate.arithmetic import Number, differ, integer, power, rational, sign
from cnnsym.evaluate.array import Value, as_mat, as_scalar
from cnnsym.evaluate.cyclotomic import IMAGINARY_UNIT, Cyclotomic
from cnnsym.evaluate.dual import real
from cnnsym.evaluate.enclosure import constant
from cnnsym.evaluate.point import Point
from cnnsym.evaluate.program import Node
from cnnsym.evaluate.signal import Place, Signal
from cnnsym.evaluate.table import Shape
from cnnsym.evaluate.undefined import Undefined

Rule = Callable[[Node, list[Value], Point], Value]


def _rational(node: Node, _values: list[Value], _point: Point) -> Value:
    return rational(int(node.expr.p), int(node.expr.q))


def _add(_node: Node, values: list[Value], _point: Point) -> Value:
    return sum(map(as_scalar, values), 0)


def _mul(_node: Node, values: list[Value], _point: Point) -> Value:
    result: Number = 1
    for value in values:
        result = result * as_scalar(value)
    return result


def _power(_node: Node, values: list[Value], _point: Point) -> Value:
    return power(as_scalar(values[0]), as_scalar(values[1]))


def _constant(node: Node, _values: list[Value], _point: Point) -> Value:
    return constant(node.expr)


def _imaginary_unit(_node: Node, _values: list[Value], _point: Point) -> Value:
    return IMAGINARY_UNIT


def _delta(node: Node, values: list[Value], _point: Point) -> Value:
    if len(values) != 2:
        raise UnsupportedError(f"exact evaluation does not cover a Kronecker delta with a range: {node.expr}")
    return int(not sign(values[0] - values[1]))


def _modulo(_node: Node, values: list[Value], _point: Point) -> Value:
    return functions.modulo(*map(as_scalar, values))


def _max(_node: Node, values: list[Value], _point: Point) -> Value:
    return functions.largest([as_scalar(v) for v in values])


def _min(_node: Node, values: list[Value], _point: Point) -> Value:
    return functions.smallest([as_scalar(v) for v in values])


def _heaviside(_node: Node, values: list[Value], _point: Point) -> Value:
    return functions.unit_step(as_scalar(values[0]))


def _binomial(_node: Node, values: list[Value], _point: Point) -> Value:
    n, k = map(integer, values)
    if n > 500:
        raise LimitError("a binomial coefficient beyond 500")
    return int(sp.binomial(n, k))


def _trace(_node: Node, values: list[Value], _point: Point) -> Value:
    return array.trace(as_mat(values[0]))


def _determinant(_node: Node, values: list[Value], _point: Point) -> Value:
    return array.determinant(as_mat(values[0]))


def _element(_node: Node, values: list[Value], _point: Point) -> Value:
    parent, i, j = as_mat(values[0]), integer(values[1]), integer(values[2])
    if not (0 <= i < parent.rows and 0 <= j < parent.cols):
        raise Undefined(f"entry ({i}, {j}) of a matrix of shape {parent.rows} x {parent.cols}")
    return parent[i, j]


def _indexed(node: Node, values: list[Value], point: Point) -> Value:
    base, indices = values[0], tuple(map(integer, values[1:]))
    if base is None:  # an array on all integers is a function of its indices
        label = str(node.expr.base.label)
        return point.table.value(label, (None,) * len(indices), (), indices)
    place = place_of(node, base, indices)
    return 0 if place is None else stored(node, base, place, point)


def place_of(node: Node, base: Signal, indices: tuple[int, ...]) -> Place | None:
    """Where `base` stores the entry that the indices name; None where that entry is 0 because they leave the range."""
    if len(indices) != len(base.shape):
        raise UnsupportedError(f"{node.expr}: {len(indices)} indices for an array with {len(base.shape)} axes")
    return base.place(indices)


def stored(node: Node, base: Signal, place: Place, point: Point) -> Number:
    """The entry at a place, drawn now if the signal is infinite and it was not asked for before."""
    found = base.entries.get(place)
    return point.table.entry(str(node.expr.base.label), place) if found is None else found


def _entry_value(node: Node, values: list[Value], point: Point) -> Value:
    function = node.expr.args[0]
    return apply_abstract(function.label, function.order, as_scalar(values[1]), point)


def apply_abstract(label: str, order: int, x: Number, point: Point) -> Number:
    """The abstract function `label`, differentiated `order` times, at `x`."""
    return point.table.value(label, (None,), ((0, 0, 0),) * order, (x,))


def _undefined_function(node: Node, values: list[Value], point: Point) -> Value:
    arguments = tuple(map(as_scalar, values))
    return point.table.value(node.expr.func.__name__, (None,) * len(arguments), (), arguments)


def _objective_value(node: Node, values: list[Value], point: Point) -> Value:
    return objective(node.expr.function.label, values[1:], (), point)


def objective(label: str, arguments: list[Value], orders: tuple[tuple[int, int, int], ...], point: Point) -> Number:
    """The derivative of the abstract objective `label` by the entries `orders`."""
    mats = [as_mat(a) for a in arguments]
    shapes: tuple[Shape, ...] = tuple(m.shape for m in mats)
    return point.table.value(label, shapes, orders, tuple(x for m in mats for x in m.entries))


def _equal(_node: Node, values: list[Value], _point: Point) -> Value:
    left, right = (as_mat(v) for v in values)
    return left.shape == right.shape and not any(map(_apart, left.entries, right.entries))


def _apart(a: Number, b: Number) -> bool:
    if differ(a, b) is False:
        return False
    difference = a - b
    return isinstance(real(difference), Cyclotomic) or bool(sign(difference))


def _unequal(node: Node, values: list[Value], point: Point) -> Value:
    return not _equal(node, values, point)


def _order(accepted: tuple[int, ...]) -> Rule:
    def rule(_node: Node, values: list[Value], _point: Point) -> Value:
        return sign(as_scalar(values[0]) - as_scalar(values[1])) in accepted

    return rule


def _truth(node: Node, _values: list[Value], _point: Point) -> Value:
    return node.expr is sp.true


def _not(_node: Node, values: list[Value], _point: Point) -> Value:
    return not values[0]


def _unary(function: Callable[[Number], Number]) -> Rule:
    def rule(_node: Node, values: list[Value], _point: Point) -> Value:
        return function(as_scalar(values[0]))

    return rule


def _tuple(_node: Node, values: list[Value], _point: Point) -> Value:
    return tuple(values)


RULES: Mapping[Any, Rule] = {
    sp.Rational: _rational,
    sp.Add: _add,
    sp.Mul: _mul,
    sp.Pow: _power,
    type(sp.pi): _constant,
    type(sp.E): _constant,
    type(sp.I): _imaginary_unit,
    sp.KroneckerDelta: _delta,
    sp.Mod: _modulo,
    sp.Max: _max,
    sp.Min: _min,
    sp.Heaviside: _heaviside,
    sp.binomial: _binomial,
    sp.Trace: _trace,
    sp.Determinant: _determinant,
    MatrixElement: _element,
    sp.Indexed: _indexed,
    EntryValue: _entry_value,
    ObjectiveValue: _objective_value,
    sp.core.function.AppliedUndef: _undefined_function,
    sp.Eq: _equal,
    sp.Ne: _unequal,
    sp.Gt: _order((1,)),
    sp.Ge: _order((0, 1)),
    sp.Lt: _order((-1,)),
    sp.Le: _order((-1, 0)),
    type(sp.true): _truth,
    type(sp.false): _truth,
    sp.Not: _not,
    sp.Tuple: _tuple,
    **{function: _unary(rule) for function, rule in functions.UNARY.items()},
}
