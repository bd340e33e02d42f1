"""Matrix notation, lightly tidied: constructors that drop identities, zeros and double transposes.

Nothing here rewrites for looks only: derivatives are built from these, so that `I*W*I'` never appears. No function
walks into its arguments further than their factors or terms, whatever the depth of the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms import Basis, Commutation, Diag, Diagonal, Hadamard, Kron, ObjectiveHessian, Unvec, Vec
from cnnsym.sizes import same_size, size

# A longer product (or sum) keeps its parts nested: flattening a chain of n shared cotangents would cost n**2.
_FLAT = 8


def is_matrix(expr: Any) -> bool:
    """Whether the expression is a matrix, as against a scalar."""
    return bool(getattr(expr, "is_Matrix", False))


def is_column(expr: Any) -> bool:
    return same_size(expr.shape[1], 1)


def is_row(expr: Any) -> bool:
    return same_size(expr.shape[0], 1)


def numel(shape: tuple[Any, Any]) -> Any:
    """The number of entries of a matrix of that shape."""
    return size(shape[0] * shape[1])


def is_identity(expr: Any) -> bool:
    return isinstance(expr, sp.Identity) or (isinstance(expr, sp.OneMatrix) and expr.shape == (1, 1))


def is_zero(expr: Any) -> bool:
    return isinstance(expr, sp.ZeroMatrix) or expr == 0


def split(expr: Any) -> tuple[Any, tuple[Any, ...]]:
    """A matrix as its scalar coefficient and its matrix factors."""
    if not isinstance(expr, sp.MatMul):
        return sp.S.One, (expr,)
    scalars = [a for a in expr.args if not is_matrix(a)]
    return sp.Mul(*scalars), tuple(a for a in expr.args if is_matrix(a))


def product(*factors: Any) -> Any:
    """The product of scalars and matrices, of any number of each; `None` stands for an identity and is skipped."""
    coefficient: Any = sp.S.One
    parts: list[tuple[Any, ...]] = []
    for factor in factors:
        if factor is None:
            continue
        if not is_matrix(factor):
            coefficient = coefficient * factor
            continue
        scale, matrices = split(factor)
        coefficient = coefficient * scale
        parts.append(matrices)
    if not parts:
        return coefficient
    rows, cols = parts[0][0].shape[0], parts[-1][-1].shape[1]
    everything = [m for part in parts for m in part]
    if coefficient == 0 or any(isinstance(m, sp.ZeroMatrix) for m in everything):
        return sp.ZeroMatrix(rows, cols)
    kept = [part for part in (tuple(m for m in part if not is_identity(m)) for part in parts) if part]
    if not kept:
        return _scaled(coefficient, sp.Identity(rows))
    long = sum(map(len, kept)) > _FLAT and len(kept) > 1
    if long:  # nested on purpose
        flat = [part[0] if len(part) == 1 else sp.MatMul(*part, evaluate=False) for part in kept]
    else:
        flat = [m for part in kept for m in part]
    scale, flat = _diagonals(flat)
    coefficient = coefficient * scale
    if len(flat) == 1:
        return _scaled(coefficient, flat[0])
    return _multiplied(coefficient, flat)


def _scaled(coefficient: Any, matrix: Any) -> Any:
    if coefficient == 1:
        return matrix
    scale, factors = split(matrix)
    return _multiplied(coefficient * scale, factors)


def _multiplied(coefficient: Any, factors: Sequence[Any]) -> Any:
    if len(factors) > _FLAT or any(isinstance(f, sp.MatMul) for f in factors):  # doit would flatten the nested ones
        return sp.MatMul(*([] if coefficient == 1 else [coefficient]), *factors, evaluate=False)
    return sp.MatMul(coefficient, *factors).doit(deep=False)


def _diagonals(factors: list[Any]) -> tuple[Any, list[Any]]:
    """diag(a) diag(b) = diag(a ⊙ b), and diag(a) x = a ⊙ x for a column x; with the scalar that came out."""
    coefficient: Any = sp.S.One
    done: list[Any] = []
    for factor in reversed(factors):
        if done and isinstance(factor, Diag) and is_column(done[0]):
            scale, inner = split(entrywise(factor.args[0], done[0]))
            coefficient, done = coefficient * scale, [*inner, *done[1:]]
        elif done and isinstance(factor, Diag) and isinstance(done[0], Diag):
            scale, inner = split(diagonal_matrix(entrywise(factor.args[0], done[0].args[0])))
            coefficient, done = coefficient * scale, [*inner, *done[1:]]
        else:
            done.insert(0, factor)
    return coefficient, done


def plus(*terms: Any) -> Any:
    """The sum of matrices of one shape, or of scalars."""
    if not is_matrix(terms[0]):
        return sp.Add(*terms)
    kept = [t for t in terms if not isinstance(t, sp.ZeroMatrix)]
    if len(kept) <= 1:
        return (kept or terms)[0]
    length = sum(len(t.args) if isinstance(t, sp.MatAdd) else 1 for t in kept)
    if length > _FLAT or any(isinstance(a, sp.MatAdd) for t in kept if isinstance(t, sp.MatAdd) for a in t.args):
        return sp.MatAdd(*kept, evaluate=False)
    return sp.MatAdd(*kept).doit(deep=False)


def entrywise(*factors: Any) -> Any:
    """The Hadamard product, scalars in front; ones are dropped."""
    shape = factors[0].shape
    coefficient: Any = sp.S.One
    kept: list[Any] = []
    for factor in factors:
        scale, matrices = split(factor)
        coefficient = coefficient * scale
        rest = matrices[0] if len(matrices) == 1 else product(*matrices)
        if isinstance(rest, Hadamard) and len(kept) + len(rest.args) <= _FLAT:
            kept.extend(rest.args)
        elif not isinstance(rest, sp.OneMatrix):
            kept.append(rest)
    if coefficient == 0 or any(isinstance(f, sp.ZeroMatrix) for f in kept):
        return sp.ZeroMatrix(*shape)
    if not kept:
        return _scaled(coefficient, sp.OneMatrix(*shape))
    return _scaled(coefficient, kept[0] if len(kept) == 1 else Hadamard(*kept))


def transposed(matrix: Any) -> Any:
    """The transpose; symmetric constants stay as they are, and it goes into products and Kronecker products."""
    if isinstance(matrix, sp.Transpose):
        return matrix.arg
    if isinstance(matrix, (sp.Identity, Diag)) or matrix.shape == (1, 1):
        return matrix
    if isinstance(matrix, (sp.ZeroMatrix, sp.OneMatrix)):
        return matrix.func(matrix.shape[1], matrix.shape[0])
    if isinstance(matrix, sp.MatMul):
        scale, factors = split(matrix)
        return product(scale, *(transposed(f) for f in reversed(factors)))
    if isinstance(matrix, sp.MatAdd) and len(matrix.args) <= _FLAT and all(_is_short(t) for t in matrix.args):
        return plus(*(transposed(t) for t in matrix.args))
    if isinstance(matrix, sp.Inverse):
        return sp.Inverse(transposed(matrix.arg))
    if isinstance(matrix, sp.MatPow):
        return sp.MatPow(transposed(matrix.base), matrix.exp)
    if isinstance(matrix, Kron):
        return kronecker(*(transposed(f) for f in matrix.args))
    if isinstance(matrix, (Commutation, ObjectiveHessian, sp.MatrixBase)):
        return matrix.T
    return sp.Transpose(matrix)


def _is_short(term: Any) -> bool:
    return all(isinstance(f, (sp.MatrixSymbol, sp.Transpose, sp.Identity)) for f in split(term)[1])


def kronecker(*factors: Any) -> Any:
    """The Kronecker product, scalars in front, without factors of size one by one that are 1."""
    coefficient: Any = sp.S.One
    kept: list[Any] = []
    for factor in factors:
        scale, matrices = split(factor)
        coefficient = coefficient * scale
        rest = matrices[0] if len(matrices) == 1 else product(*matrices)
        if is_identity(rest) and kept and isinstance(kept[-1], sp.Identity):
            kept[-1] = sp.Identity(size(kept[-1].shape[0] * rest.shape[0]))
        elif isinstance(rest, Kron):
            kept.extend(rest.args)
        elif not (is_identity(rest) and rest.shape == (1, 1)):
            kept.append(rest)
    rows = size(sp.Mul(*(f.shape[0] for f in factors)))
    cols = size(sp.Mul(*(f.shape[1] for f in factors)))
    if coefficient == 0 or any(isinstance(f, sp.ZeroMatrix) for f in kept):
        return sp.ZeroMatrix(rows, cols)
    kept = _one_by_one(kept)
    if not kept:
        return _scaled(coefficient, sp.Identity(1))
    return _scaled(coefficient, kept[0] if len(kept) == 1 else Kron(*kept))


def _one_by_one(factors: list[Any]) -> list[Any]:
    """A 1 x 1 factor becomes a factor of a column or row beside it, where the product is defined."""
    if len(factors) != 2 or all(f.shape != (1, 1) for f in factors):
        return factors
    scalar, other = factors if factors[0].shape == (1, 1) else (factors[1], factors[0])
    if is_column(other):
        return [product(other, scalar)]
    return [product(scalar, other)] if is_row(other) else factors


def vectorised(matrix: Any) -> Any:
    """`vec`: a column is its own, a row its transpose; vec(a b') = b ⊗ a for columns."""
    if is_column(matrix):
        return matrix
    if is_row(matrix):
        return transposed(matrix)
    if isinstance(matrix, sp.ZeroMatrix | sp.OneMatrix):
        return matrix.func(numel(matrix.shape), 1)
    if isinstance(matrix, Unvec):
        return matrix.args[0]
    scale, factors = split(matrix)
    if scale != 1:
        return product(scale, vectorised(product(*factors)))
    for k in range(1, len(factors)):
        if is_row(factors[k]):
            return kronecker(transposed(product(*factors[k:])), product(*factors[:k]))
    return Vec(matrix)


def matricised(column: Any, rows: Any, cols: Any) -> Any:
    """`unvec` to shape `(rows, cols)`: the inverse of `vectorised`."""
    if same_size(cols, 1):
        return column
    if same_size(rows, 1):
        return transposed(column)
    if isinstance(column, sp.ZeroMatrix | sp.OneMatrix):
        return column.func(rows, cols)
    scale, factors = split(column)
    if scale != 1:
        return product(scale, matricised(product(*factors), rows, cols))
    if isinstance(column, Vec) and column.args[0].shape == (rows, cols):
        return column.args[0]
    if isinstance(column, Kron) and len(column.args) == 2 and same_size(column.args[1].shape[0], rows):
        return product(column.args[1], transposed(column.args[0]))
    return Unvec(column, rows, cols)


def diagonal_matrix(column: Any) -> Any:
    """`diag` of a column of shape `(n, 1)`: shape `(n, n)`."""
    if same_size(column.shape[0], 1):
        return column
    if isinstance(column, sp.ZeroMatrix):
        return sp.ZeroMatrix(column.shape[0], column.shape[0])
    scale, factors = split(column)
    inner = product(*factors)
    return product(scale, sp.Identity(column.shape[0]) if isinstance(inner, sp.OneMatrix) else Diag(inner))


def diagonal_column(matrix: Any) -> Any:
    """The diagonal, as a column, of a square matrix; diag(a b') = a ⊙ b for columns."""
    length = matrix.shape[0]
    if same_size(length, 1):
        return matrix
    if isinstance(matrix, sp.ZeroMatrix | sp.OneMatrix):
        return matrix.func(length, 1)
    scale, factors = split(matrix)
    inner = product(*factors)
    if isinstance(inner, sp.Identity):
        return product(scale, sp.OneMatrix(length, 1))
    if isinstance(inner, Diag):
        return product(scale, inner.args[0])
    for k in range(1, len(factors)):
        if is_row(factors[k]):
            return product(scale, entrywise(product(*factors[:k]), transposed(product(*factors[k:]))))
    return product(scale, Diagonal(inner))


def unit(i: Any, length: Any) -> Any:
    """The column of shape `(length, 1)` with 1 at index `i`, counted from 0 as SymPy counts entries."""
    return sp.Identity(1) if length == 1 else Basis(i + 1, length)


def commutes(rows: Any, cols: Any) -> Any:
    """`K_{rows,cols}`, the identity where one of them is 1."""
    if same_size(rows, 1) or same_size(cols, 1):
        return sp.Identity(numel((rows, cols)))
    return Commutation(rows, cols)


def traced(matrix: Any) -> Any:
    """The trace, scalars in front."""
    if is_zero(matrix):
        return sp.S.Zero
    scale, factors = split(matrix)
    inner = product(*factors)
    if isinstance(inner, sp.Identity):
        return scale * inner.shape[0]
    if isinstance(inner, sp.MatrixBase):
        return scale * inner.trace()
    return scale * sp.Trace(inner)


def inner_product(left: Any, right: Any) -> Any:
    """`tr(A'B)`, the sum of the products of the entries of two matrices of one shape."""
    return traced(product(transposed(left), right))
