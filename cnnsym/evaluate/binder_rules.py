"""Expressions that evaluate a part several times, or not at all: sums, lambdas, cases, derivatives.

A rule here is a generator. It yields `(node, scope)` to have a part evaluated under values for bound names and is sent the
result; it returns its own value. The machine keeps the generators on a stack of its own, so that depth costs no recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym import atoms
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate import array
from cnnsym.evaluate.arithmetic import Number, integer
from cnnsym.evaluate.array import Mat, Value, as_mat, as_scalar
from cnnsym.evaluate.dual import Dual, part
from cnnsym.evaluate.functions import UNARY, largest
from cnnsym.evaluate.matrix_rules import size
from cnnsym.evaluate.point import Point, Scope
from cnnsym.evaluate.program import LEAVES, Node
from cnnsym.evaluate.scalar_rules import apply_abstract, place_of, stored
from cnnsym.evaluate.signal import Signal
from cnnsym.evaluate.undefined import Undefined

LARGEST_RANGE = 10_000

Request = tuple[Node, Scope]
Steps = Generator[Request, Value, Value]
BinderRule = Callable[[Node, Scope, Point], Steps]


def _leaf(node: Node, scope: Scope, point: Point) -> Steps:
    if node in scope:
        return scope[node][0]
    value = point.of(node.expr)
    if value is None and not (isinstance(node.expr, sp.IndexedBase) and node.expr.shape is None):
        raise UnsupportedError(f"no value is given for {node.expr}")
    return value
    yield  # a generator, though it needs no other value


def _assignments(limits: tuple[Node, ...], scope: Scope, point: Point) -> Generator[Request, Value, list[Scope]]:
    """The scopes of a sum's terms; the last limits are the outermost, and a range that ends before it begins is empty."""
    scopes = [scope]
    for limit in reversed(limits):
        inner = []
        for outer in scopes:
            if len(limit.args) != 3:
                raise UnsupportedError(f"a sum, product or maximum over {limit.expr} without limits")
            first = integer((yield limit.args[1], outer))
            last = integer((yield limit.args[2], outer))
            if (last - first + 1) * len(scopes) > LARGEST_RANGE:
                raise LimitError(f"a sum, product or maximum of more than {LARGEST_RANGE} terms")
            inner += [point.bind(outer, limit.args[0], k) for k in range(first, last + 1)]
        scopes = inner
    return scopes


def _sum(node: Node, scope: Scope, point: Point) -> Steps:
    scopes = yield from _assignments(node.args[1:], scope, point)
    if not scopes and getattr(node.args[0].expr, "is_Matrix", False):
        raise Undefined("an empty sum of matrices")
    total: Value = 0
    for k, inner in enumerate(scopes):
        term = yield node.args[0], inner
        if isinstance(term, Mat) and k:
            total = array.add(total, term)
        else:
            total = total + term if k else term
    return total


def _product(node: Node, scope: Scope, point: Point) -> Steps:
    scopes = yield from _assignments(node.args[1:], scope, point)
    result: Number = 1
    for inner in scopes:
        result = result * as_scalar((yield node.args[0], inner))
    return result


def _maximum(node: Node, scope: Scope, point: Point) -> Steps:
    scopes = yield from _assignments(node.args[1:], scope, point)
    if not scopes:
        raise Undefined("the maximum over nothing")
    candidates = []
    for inner in scopes:
        candidates.append(as_scalar((yield node.args[0], inner)))
    return largest(candidates)


def _piecewise(node: Node, scope: Scope, _point: Point) -> Steps:
    for case in node.args:
        value, condition = case.args
        if (yield condition, scope):
            return (yield value, scope)
    raise Undefined("no case applies")


def _indicator(node: Node, scope: Scope, _point: Point) -> Steps:
    return int(bool((yield node.args[0], scope)))


def _and(node: Node, scope: Scope, _point: Point) -> Steps:
    for a in node.args:
        if not (yield a, scope):
            return False
    return True


def _or(node: Node, scope: Scope, _point: Point) -> Steps:
    for a in node.args:
        if (yield a, scope):
            return True
    return False


def _if_then_else(node: Node, scope: Scope, _point: Point) -> Steps:
    holds = yield node.args[0], scope
    return (yield node.args[1 if holds else 2], scope)


def _apply(function: Node, arguments: tuple[Value, ...], scope: Scope, point: Point) -> Steps:
    """A function of scalars at values: a Lambda, a SymPy function, or an abstract one."""
    expr = function.expr
    if isinstance(expr, atoms.EntryFunction):
        if expr.is_abstract:
            return apply_abstract(expr.label, expr.order, arguments[0], point)
        return (yield from _apply(function.args[0], arguments, scope, point))
    if isinstance(expr, sp.Lambda):
        names, body = function.args[0].args, function.args[1]
        for name, value in zip(names, arguments, strict=True):
            scope = point.bind(scope, name, value)
        return (yield body, scope)
    if expr in UNARY:
        return UNARY[expr](arguments[0])
    if isinstance(expr, sp.core.function.UndefinedFunction):
        return point.table.value(expr.__name__, (None,) * len(arguments), (), arguments)
    raise UnsupportedError(f"exact evaluation does not cover the function {expr}")


def _elementwise(node: Node, scope: Scope, point: Point) -> Steps:
    function, argument = node.args
    x = as_mat((yield argument, scope))
    entries = []
    for entry in x.entries:
        entries.append(as_scalar((yield from _apply(function, (entry,), scope, point))))
    return Mat(x.rows, x.cols, tuple(entries))


def _function_matrix(node: Node, scope: Scope, point: Point) -> Steps:
    rows, cols = size((yield node.args[0], scope)), size((yield node.args[1], scope))
    if rows * cols > array.LARGEST_ENTRIES:
        raise LimitError(f"a matrix of shape {rows} x {cols} has more than {array.LARGEST_ENTRIES} entries")
    entries = []
    for i in range(rows):
        for j in range(cols):
            entries.append(as_scalar((yield from _apply(node.args[2], (i, j), scope, point))))
    return Mat(rows, cols, tuple(entries))


def _perturbed(node: Node, scope: Scope, point: Point) -> Generator[Request, Value, tuple[Value, Mat, int]]:
    """The function with its variable moved from the point in all directions at once."""
    function, variable, place = node.args
    at = as_mat((yield place, scope))
    level = point.fresh()
    seeds = Mat(at.rows, at.cols, tuple(Dual(level, x, {k: 1}) for k, x in enumerate(at.entries)))
    value = yield function, point.bind(scope, variable, seeds)
    return value, at, level


def _gradient(node: Node, scope: Scope, point: Point) -> Steps:
    value, at, level = yield from _perturbed(node, scope, point)
    number = as_scalar(value)
    return Mat(at.rows, at.cols, tuple(part(number, level, k) for k in range(at.rows * at.cols)))


def _jacobian(node: Node, scope: Scope, point: Point) -> Steps:
    value, at, level = yield from _perturbed(node, scope, point)
    rows = as_mat(value).vec()
    columns = [i * at.cols + j for j in range(at.cols) for i in range(at.rows)]
    return Mat.build(len(rows), len(columns), lambda i, j: part(rows[i], level, columns[j]))


def _derivative(node: Node, scope: Scope, point: Point) -> Steps:
    """SymPy's derivative of a scalar, by symbols or by entries of matrices and signals."""
    levels = []
    for pair in node.args[1:]:
        variable, times = pair.args
        for _ in range(integer((yield times, scope))):
            level = point.fresh()
            levels.append(level)
            scope = yield from _move(variable, level, scope, point)
    value = as_scalar((yield node.args[0], scope))
    for level in reversed(levels):
        value = part(value, level, 0)
    return value


def _move(variable: Node, level: int, scope: Scope, point: Point) -> Generator[Request, Value, Scope]:
    if not isinstance(variable.expr, (sp.Indexed, MatrixElement)):
        _require_leaf(variable)
        value = yield variable, scope
        return point.bind(scope, variable, Dual(level, value, {0: 1}))
    base = variable.args[0]
    _require_leaf(base)
    whole = yield base, scope
    place = []
    for index in variable.args[1:]:
        place.append(integer((yield index, scope)))
    if isinstance(whole, Mat):
        i, j = place
        if not (0 <= i < whole.rows and 0 <= j < whole.cols):
            raise Undefined("the derivative by an entry outside its matrix")
        entries = list(whole.entries)
        entries[i * whole.cols + j] = Dual(level, whole[i, j], {0: 1})
        return point.bind(scope, base, Mat(whole.rows, whole.cols, tuple(entries)))
    if not isinstance(whole, Signal):
        raise UnsupportedError(f"a derivative by an entry of {base.expr}, which has no range")
    where = place_of(variable, whole, tuple(place))
    if where is None:  # an entry that is 0 by definition: nothing moves with it
        return scope
    return point.bind(scope, base, whole.with_entry(where, Dual(level, stored(variable, whole, where, point), {0: 1})))


def _require_leaf(variable: Node) -> None:
    if not isinstance(variable.expr, LEAVES):
        raise UnsupportedError(f"exact evaluation does not vary a {type(variable.expr).__name__}, which is no symbol")


def _subs(node: Node, scope: Scope, point: Point) -> Steps:
    inner = scope
    for name, value in zip(node.args[1].args, node.args[2].args, strict=True):
        _require_leaf(name)
        inner = point.bind(inner, name, (yield value, scope))
    return (yield node.args[0], inner)


RULES: Mapping[Any, BinderRule] = {
    sp.Symbol: _leaf,
    sp.MatrixSymbol: _leaf,
    sp.Idx: _leaf,
    sp.IndexedBase: _leaf,
    sp.Sum: _sum,
    sp.Product: _product,
    atoms.Maximum: _maximum,
    sp.Piecewise: _piecewise,
    atoms.Indicator: _indicator,
    sp.ITE: _if_then_else,
    sp.And: _and,
    sp.Or: _or,
    atoms.Elementwise: _elementwise,
    ElementwiseApplyFunction: _elementwise,
    sp.FunctionMatrix: _function_matrix,
    atoms.Gradient: _gradient,
    atoms.Jacobian: _jacobian,
    sp.Derivative: _derivative,
    sp.Subs: _subs,
}
