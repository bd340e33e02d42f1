"""Scalars as forms: one rule for each operation, its definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.matrices.expressions.kronecker import KroneckerProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Idx, Indexed

from cnnsym import atoms
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.index_form.functions import FUNCTIONS, abstract, power, reduced
from cnnsym.index_form.index import Index, fresh_slot
from cnnsym.index_form.statement import Statement
from cnnsym.index_form.term import ONE, Env, Form, factor, number, over, scaled, times
from cnnsym.sizes import same_size, shape_text, size


def _added(lowering: Statement, e: Any, env: Env) -> Form:
    return [term for a in e.args for term in lowering.scalar(a, env)]


def _multiplied(lowering: Statement, e: Any, env: Env) -> Form:
    product = ONE
    for a in e.args:
        product = times(product, lowering.scalar(a, env))
        if len(product) > 64:
            product = reduced(product)
    return product


def _power(lowering: Statement, e: Any, env: Env) -> Form:
    if e.base is sp.E:
        return FUNCTIONS["exp"](lowering.scalar(e.exp, env))
    return power(lowering.scalar(e.base, env), exponent(e.exp, env))


def _trace(lowering: Statement, e: Any, env: Env) -> Form:
    if not same_size(*e.arg.shape):
        raise ShapeError(f"trace: expected a square matrix, got shape {shape_text(e.arg.shape)}")
    slot = fresh_slot(e.arg.shape[0])
    return over(lowering.matrix(e.arg, slot, slot, env), slot)


def _determinant(lowering: Statement, e: Any, env: Env) -> Form:
    inner = e.arg
    if not same_size(*inner.shape):
        raise ShapeError(f"determinant: expected a square matrix, got shape {shape_text(inner.shape)}")
    length = inner.shape[0]
    if same_size(length, 1):
        return lowering.matrix(inner, (), (), env)
    if isinstance(inner, (sp.Transpose, sp.Inverse)):
        return power(lowering.scalar(sp.Determinant(inner.arg), env), 1 if isinstance(inner, sp.Transpose) else -1)
    if isinstance(inner, sp.Identity):
        return ONE
    if isinstance(inner, sp.MatMul):
        matrices = [a for a in inner.args if getattr(a, "is_Matrix", False)]
        if all(same_size(*a.shape) for a in matrices) and (len(matrices) > 1 or len(inner.args) > 1):
            scalars = times(*(lowering.scalar(a, env) for a in inner.args if not getattr(a, "is_Matrix", False)))
            scale = power(scalars, exponent(length)) if scalars != ONE else ONE
            return times(scale, *(lowering.scalar(sp.Determinant(a), env) for a in matrices))
    if isinstance(inner, (atoms.Kron, KroneckerProduct)) and all(same_size(*a.shape) for a in inner.args):
        return times(
            *(
                power(lowering.scalar(sp.Determinant(a), env), exponent(sp.cancel(length / a.shape[0])))
                for a in inner.args
            )
        )
    lowering.independent("a determinant", e.args, env)
    key, _, content = lowering.either_way(inner)
    scale = power(number(content), exponent(length)) if content != 1 else ONE
    return scale if key.is_identity else times(scale, factor(("det", key)))


def _entry(lowering: Statement, e: Any, env: Env) -> Form:
    row, col = (lowering.slot(k, length, env) for k, length in zip(e.indices, e.parent.shape, strict=True))
    return lowering.matrix(e.parent, row, col, env)


def _indexed(lowering: Statement, e: Any, env: Env) -> Form:
    return factor(("A", e.base), *(lowering.signal_slot(k, env) for k in e.indices))


def _kronecker_delta(lowering: Statement, e: Any, env: Env) -> Form:
    first, second = (lowering.signal_slot(k, env) for k in e.args[:2])
    ranges = [s[0].size for s in (first, second) if isinstance(s[0], Index)]
    constants = [s[0] for s in (first, second) if not isinstance(s[0], Index)]
    # Two numbers, two indices of one range, or an index and 0, which lies in every range: then the delta may be used.
    if not ranges or (len(ranges) == 2 and ranges[0] == ranges[1]) or constants == [sp.S.Zero]:
        return factor(("delta",), first, second)
    raise UnsupportedError(f"{e}: its two indices have different ranges")


def _summation(lowering: Statement, e: Any, env: Env) -> Form:
    *inner, (variable, low, high) = e.limits
    body = sp.Sum(e.function, *inner) if inner else e.function
    if any(s in env or isinstance(s, Idx) for s in (low.free_symbols | high.free_symbols)):
        raise UnsupportedError("a sum whose limits depend on another index")
    if low == 1 and sp.expand(high + 1).is_Symbol and (high + 1).is_positive:
        # sum_{1}^{N-1} g = sum_{0}^{N-1} g - g(0), true as N >= 1
        whole = _range(lowering, body, variable, sp.S.Zero, high, env)
        first = lowering.scalar(body, {**env, variable: ((), sp.S.Zero)})
        return whole + scaled(first, -1)
    return _range(lowering, body, variable, low, high, env)


def _range(lowering: Statement, body: Any, variable: Any, low: Any, high: Any, env: Env) -> Form:
    length = size(high - low + 1)
    if length == 1:
        return lowering.scalar(body, {**env, variable: ((), low)})
    if not length.is_positive:
        raise UnsupportedError(f"a sum from {low} to {high}, which may be empty")
    slot = fresh_slot(length)
    return over(lowering.scalar(body, {**env, variable: (slot, low)}), slot)


def _objective(lowering: Statement, e: Any, env: Env) -> Form:
    lowering.independent("an objective", e.arguments, env)
    return factor(("J", e.function.label, *argument_keys(lowering, e.arguments)))


def argument_keys(lowering: Statement, arguments: Iterable[Any]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The keys of matrices as a whole, and how many of the holes of each are parts of its row: J(A) is not J(vec(A))."""
    closed = [lowering.closed_matrix(a) for a in arguments]
    return tuple(key for key, *_ in closed), tuple(len(rows) for _, rows, _ in closed)


def _entry_value(lowering: Statement, e: Any, env: Env) -> Form:
    function, argument = e.args
    return abstract(function.label, function.order, lowering.scalar(argument, env))


def exponent(e: Any, env: Env | None = None) -> Any:
    e = expression(e)
    if e.is_Rational:
        value = Fraction(int(e.p), int(e.q))
        return int(value) if value.denominator == 1 else value
    if any(s in (env or {}) or isinstance(s, Idx) for s in e.free_symbols) or e.has(
        MatrixElement, Indexed, sp.MatrixSymbol
    ):
        raise UnsupportedError(f"the exponent {e}, which depends on an index or an array")
    if not e.is_real and not all(s.is_real for s in e.free_symbols):
        raise UnsupportedError(f"the exponent {e}, which is not known to be real")
    return sp.expand(e)


SCALAR: Mapping[type, Any] = {
    sp.Add: _added,
    sp.Mul: _multiplied,
    sp.Pow: _power,
    sp.Trace: _trace,
    sp.Determinant: _determinant,
    MatrixElement: _entry,
    Indexed: _indexed,
    sp.Sum: _summation,
    sp.KroneckerDelta: _kronecker_delta,
    atoms.ObjectiveValue: _objective,
    atoms.EntryValue: _entry_value,
}
