"""The entries of matrix operations: one rule for each, its definition."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct

from cnnsym import atoms
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.index_form.functions import abstract, power, reduced
from cnnsym.index_form.index import Index, Slot, fresh_slot, joined, split, substituted
from cnnsym.index_form.scalar_rules import argument_keys, exponent
from cnnsym.index_form.statement import Statement
from cnnsym.index_form.term import ONE, Env, Form, factor, over, scaled, times
from cnnsym.sizes import require_same_shape, same_size, shape_text, size

MAX_POWER = 2_000  # factors of one matrix power that are written out


def _symbol(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    if e in lowering.diagonal:
        return times(factor(("A", e), row, row), factor(("delta",), row, col))
    head = ("A", e, "symmetric") if e in lowering.symmetric else ("A", e)
    return factor(head, row, col)


def _function_matrix(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    i, j = e.lamda.variables
    zero = sp.S.Zero
    return lowering.scalar(e.lamda.expr, {**env, i: (row, zero), j: (col, zero)})


def _explicit(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    total: Form = []
    for i in range(e.rows):
        for j in range(e.cols):
            entry = lowering.scalar(e[i, j], env)
            for slot, k, length in ((row, i, e.rows), (col, j, e.cols)):
                entry = times(entry, ONE if length == 1 else factor(("delta",), slot, (sp.Integer(k),)))
            total += entry
    return total


def _sum(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    require_same_shape("sum", *((f"term {k} ({_short(a)})", a.shape) for k, a in enumerate(e.args, 1)))
    return [term for a in e.args for term in lowering.matrix(a, row, col, env)]


def _product(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    result = ONE
    chain = [a for a in e.args if getattr(a, "is_Matrix", False)]
    for a in e.args:
        if not getattr(a, "is_Matrix", False):
            result = times(result, lowering.scalar(a, env))
    return times(result, _chain(lowering, chain, row, col, env))


def _chain(lowering: Statement, chain: list[Any], row: Slot, col: Slot, env: Env) -> Form:
    for left, right in pairwise(chain):
        if not same_size(left.shape[1], right.shape[0]):
            raise ShapeError(
                f"matrix product: {_short(left)} is {shape_text(left.shape)}, {_short(right)} is {shape_text(right.shape)}; "
                f"expected {left.shape[1]} rows, got {right.shape[0]}"
            )
    product, at = ONE, row
    for k, a in enumerate(chain):
        following = col if k == len(chain) - 1 else fresh_slot(a.shape[1])
        product = times(product, lowering.matrix(a, at, following, env))
        if following is not col:
            product = over(product, following)
        at = following
        if len(product) > 64:  # collect while it grows, not after
            product = reduced(product)
    return product


def _matpow(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    base, exponent = e.base, e.exp
    if not same_size(*base.shape):
        raise ShapeError(f"matrix power: expected a square matrix, got shape {shape_text(base.shape)}")
    if exponent.is_Integer and abs(exponent) <= MAX_POWER:
        if exponent == 0:
            return factor(("delta",), row, col)
        return _chain(lowering, [base if exponent > 0 else sp.Inverse(base)] * abs(int(exponent)), row, col, env)
    lowering.independent("a matrix power", e.args, env)
    key, *_ = lowering.closed_matrix(base)
    return factor(("matpow", key, size(exponent)), row, col)


def _transpose(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return lowering.matrix(e.arg, col, row, env)


def _inverse(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    inner = e.arg
    if not same_size(*inner.shape):
        raise ShapeError(f"inverse: expected a square matrix, got shape {shape_text(inner.shape)}")
    if inner in lowering.orthogonal:
        return lowering.matrix(inner, col, row, env)
    if isinstance(inner, sp.Transpose):
        return _inverse(lowering, sp.Inverse(inner.arg), col, row, env)
    if isinstance(inner, sp.MatMul):
        scalars = [a for a in inner.args if not getattr(a, "is_Matrix", False)]
        matrices = [a for a in inner.args if getattr(a, "is_Matrix", False)]
        if (len(matrices) > 1 or scalars) and all(same_size(*a.shape) for a in matrices):
            chain = _chain(lowering, [sp.Inverse(a) for a in reversed(matrices)], row, col, env)
            return times(power(times(*(lowering.scalar(a, env) for a in scalars)), -1), chain)
    if isinstance(inner, (atoms.Kron, KroneckerProduct)) and all(same_size(*a.shape) for a in inner.args):
        return lowering.matrix(atoms.kron(*(sp.Inverse(a) for a in inner.args)), row, col, env)
    if isinstance(inner, (sp.Identity, sp.Inverse)):
        return lowering.matrix(inner.arg if isinstance(inner, sp.Inverse) else inner, row, col, env)
    if same_size(inner.shape[0], 1):
        return power(lowering.matrix(inner, (), (), env), -1)
    lowering.independent("an inverse", e.args, env)
    key, flipped, content = lowering.either_way(inner)
    if key.is_identity:
        return scaled(factor(("delta",), row, col), 1 / content)
    entry = factor(("inv", key), *((col, row) if flipped else (row, col)))
    return scaled(entry, 1 / content)


def _vec(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return _cut(lowering, row, e.args[0].shape[0], lambda i, j: lowering.matrix(e.args[0], i, j, env))


def _unvec(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return lowering.matrix(e.args[0], joined(((row, e.shape[0]), (col, e.shape[1]))), (), env)


def _kron(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    *first, last = e.args
    rest = atoms.kron(*first) if first else None
    if rest is None:
        return lowering.matrix(last, row, col, env)
    return _cut(
        lowering,
        row,
        last.shape[0],
        lambda r, p: _cut(
            lowering,
            col,
            last.shape[1],
            lambda c, q: times(lowering.matrix(rest, p, q, env), lowering.matrix(last, r, c, env)),
            rest.shape[1],
        ),
        rest.shape[0],
    )


def _cut(lowering: Statement, slot: Slot, fast_length: Any, build: Any, slow_length: Any = None) -> Form:
    """`build(fast, slow)` on the two parts of a slot; where its radices do not allow the cut, through a delta."""
    parts = split(slot, fast_length)
    if parts is not None:
        return build(*parts)
    whole = sp.Mul(*(c.size for c in slot)) if all(isinstance(c, Index) for c in slot) else None
    if slow_length is None:
        if whole is None:
            raise UnsupportedError("an entry of vec at a symbolic position")
        slow_length = sp.cancel(whole / fast_length)
    fast, slow = fresh_slot(fast_length), fresh_slot(slow_length)
    form = times(factor(("delta",), fast + slow, slot), build(fast, slow))
    return over(form, fast + slow)


def _hadamard(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return times(*(lowering.matrix(a, row, col, env) for a in e.args))


def _hadamard_power(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return power(lowering.matrix(e.base, row, col, env), exponent(e.exp, env))


def _diag(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    x = e.args[0]
    entry = lowering.matrix(x, row, (), env) if x.shape[1] == 1 else lowering.matrix(x, (), row, env)
    return times(entry, factor(("delta",), row, col))


def _diagonal_part(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return times(lowering.matrix(e.arg, row, col, env), factor(("delta",), row, col))


def _diagonal(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return lowering.matrix(e.args[0], row, row, env)


def _commutation(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    m, n = e.args
    # Row j + n i takes A[i, j], which stands at column i + m j.
    return _cut(
        lowering,
        row,
        n,
        lambda j, i: _cut(
            lowering,
            col,
            m,
            lambda k, l: times(factor(("delta",), i, k), factor(("delta",), j, l)),
            n,
        ),
        m,
    )


def _basis(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    if not row:
        return ONE
    return factor(("delta",), row, lowering.slot(e.args[0] - 1, e.shape[0], env))


def _elementwise(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    if not e.function.is_abstract:
        return _applied(lowering, e.function.scalar, e.argument, row, col, env)
    if env:
        return abstract(e.function.label, e.function.order, lowering.matrix(e.argument, row, col, env))
    key, slots, rows, cols = lowering.nested(e.argument)
    head = ("f", "abstract " + e.function.label, e.function.order, key)
    return lowering.aligned(row, col, rows, cols, lambda put: factor(head, *(substituted(s, put) for s in slots)))


def _applied(lowering: Statement, function: Any, x: Any, row: Slot, col: Slot, env: Env) -> Form:
    entry = lowering.matrix(x, row, col, env)
    variable = sp.Dummy("t")
    return lowering.scalar(function(variable), {**env, variable: reduced(entry)})


def _apply_function(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    return _applied(lowering, e.function, e.expr, row, col, env)


def _objective_gradient(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    lowering.independent("the gradient of an objective", e.arguments, env)
    arguments = [lowering.closed_matrix(a) for a in e.arguments]
    head = ("dJ", e.function.label, e.position, *argument_keys(lowering, e.arguments))
    _, rows, cols = arguments[e.position]
    return lowering.aligned(row, col, rows, cols, lambda put: factor(head, *(put[c] for c in rows + cols)))


def _objective_hessian(lowering: Statement, e: Any, row: Slot, col: Slot, env: Env) -> Form:
    k, l = e.positions
    if k > l:
        return _objective_hessian(lowering, atoms.ObjectiveHessian(e.function, l, k, *e.arguments), col, row, env)
    lowering.independent("the Hessian of an objective", e.arguments, env)
    arguments = [lowering.closed_matrix(a) for a in e.arguments]
    first = sum(arguments[k][1:], ())
    second = sum(arguments[l][1:], ())
    head = ("ddJ", e.function.label, k, l, *argument_keys(lowering, e.arguments))
    return lowering.aligned(
        row,
        (),
        first,
        (),
        lambda left: lowering.aligned(
            col, (), second, (), lambda right: factor(head, *(left[c] for c in first), *(right[c] for c in second))
        ),
    )


# --- nested matrices ---------------------------------------------------------------------------------------------


def _short(e: Any) -> str:
    written = str(e)
    return written if len(written) <= 60 else written[:57] + "..."


MATRIX: Mapping[type, Any] = {
    sp.MatrixSymbol: _symbol,
    sp.Identity: lambda self, e, row, col, env: factor(("delta",), row, col),
    sp.ZeroMatrix: lambda self, e, row, col, env: [],
    sp.OneMatrix: lambda self, e, row, col, env: ONE,
    sp.MatAdd: _sum,
    sp.MatMul: _product,
    sp.Transpose: _transpose,
    sp.Inverse: _inverse,
    sp.MatPow: _matpow,
    atoms.Vec: _vec,
    atoms.Unvec: _unvec,
    atoms.Kron: _kron,
    KroneckerProduct: _kron,
    atoms.Hadamard: _hadamard,
    HadamardProduct: _hadamard,
    HadamardPower: _hadamard_power,
    atoms.Diag: _diag,
    DiagMatrix: _diag,
    DiagonalMatrix: _diagonal_part,
    atoms.Diagonal: _diagonal,
    DiagonalOf: _diagonal,
    atoms.Commutation: _commutation,
    atoms.Basis: _basis,
    atoms.Elementwise: _elementwise,
    ElementwiseApplyFunction: _apply_function,
    atoms.ObjectiveGradient: _objective_gradient,
    atoms.ObjectiveHessian: _objective_hessian,
    sp.MatrixBase: _explicit,
    sp.FunctionMatrix: _function_matrix,
}
