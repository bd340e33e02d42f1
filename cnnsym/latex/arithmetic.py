"""Sums, products, quotients and powers with their shapes checked; a 1 x 1 matrix may stand where a scalar is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms import elementwise, hadamard, kron
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.sizes import same_size, shape_text

_MAX_BITS = 100_000
_NOT_FINITE = frozenset({sp.zoo, sp.nan, sp.oo, -sp.oo})


def is_single(value: Any) -> bool:
    """True for a 1 x 1 matrix."""
    return is_matrix(value) and same_size(value.shape[0], 1) and same_size(value.shape[1], 1)


def as_scalar(reading: Reading, value: Any, at: int, what: str) -> Any:
    """A scalar; the trace of a 1 x 1 matrix is its entry."""
    if is_single(value):
        return sp.Trace(value)
    if is_matrix(value):
        reading.require_known(at, *value.shape)
        raise reading.error(f"{what}: expected a scalar, got a matrix {shape_text(value.shape)}", at)
    if not isinstance(value, sp.Expr):
        raise reading.error(f"{what}: expected a scalar, got {value}", at)
    return value


def as_square(reading: Reading, value: Any, at: int, what: str) -> Any:
    if not is_matrix(value):
        raise reading.error(f"{what}: expected a square matrix, got a scalar", at)
    if not reading.agree(*value.shape):
        raise reading.error(f"{what}: expected a square matrix, got shape {shape_text(value.shape)}", at)
    return value


def finite(reading: Reading, value: Any, at: int) -> Any:
    """The value, unless a division by zero made it meaningless; asked at every step, it need not look further down."""
    if (
        isinstance(value, sp.Expr)
        and not is_matrix(value)
        and not isinstance(value, sp.Limit)
        and any(part in _NOT_FINITE for part in (value, *value.args))
    ):
        raise reading.error("division by zero, or a value that is not finite", at)
    return value


def add(reading: Reading, signs: Sequence[str], values: Sequence[Any], places: Sequence[int]) -> Any:
    """`+-` of matrices of one shape, or of scalars and 1 x 1 matrices."""
    matrices = [k for k, value in enumerate(values) if is_matrix(value)]
    if matrices and len(matrices) < len(values):
        for k in matrices:
            if not is_single(values[k]):
                scalar = next(j for j in range(len(values)) if j not in matrices)
                if isinstance(values[k], sp.Identity):
                    raise reading.error(
                        f"expected a number beside {values[scalar]}, got the letter I (an identity matrix): "
                        "is the digit 1 meant?",
                        places[k],
                    )
                shape = _shape_or_unknown(reading, values[k])
                raise reading.error(f"a scalar ({values[scalar]}) and a matrix {shape} cannot be added", places[k])
        values = [as_scalar(reading, value, at, "sum") for value, at in zip(values, places, strict=True)]
    total: Any = None
    for sign, value, at in zip(signs, values, places, strict=True):
        if total is not None and is_matrix(value):
            for mine, other in zip(total.shape, value.shape, strict=True):
                if not reading.agree(mine, other):
                    raise reading.disagree("sum", total.shape, value.shape, at)
        signed = -value if sign == "-" else value
        total = signed if total is None else total + signed
    return total


def _shape_or_unknown(reading: Reading, value: Any) -> str:
    return "of unknown size" if reading.unknowns(*value.shape) else shape_text(value.shape)


def multiply(reading: Reading, left: Any, right: Any, at: int) -> Any:
    """The product of scalars and matrices in any combination; `at` is the place of the right factor."""
    if is_matrix(left) and is_matrix(right):
        unknown = bool(reading.unknowns(*left.shape, *right.shape))
        if unknown and is_single(left):
            return sp.Trace(left) * right
        if unknown and is_single(right):
            return left * sp.Trace(right)
        if not reading.agree(left.shape[1], right.shape[0]):
            if is_single(left):
                return sp.Trace(left) * right
            if is_single(right):
                return left * sp.Trace(right)
            raise reading.disagree("product", left.shape, right.shape, at)
    return left * right


def divide(reading: Reading, above: Any, below: Any, at: int) -> Any:
    below = as_scalar(reading, below, at, "denominator")
    if below == 0:
        raise reading.error("division by zero", at)
    return above / below if not is_matrix(above) else above * (1 / below)


def entrywise(reading: Reading, operators: Sequence[str], values: Sequence[Any], places: Sequence[int]) -> Any:
    """`⊙` and `⊘` of arrays of one shape; `operators[k]` stands before `values[k]`. Scalars multiply and divide as they are."""
    if not all(is_matrix(value) for value in values):
        scalars = [as_scalar(reading, v, at, "entrywise product") for v, at in zip(values, places, strict=True)]
        result = scalars[0]
        for operator, value, at in zip(operators[1:], scalars[1:], places[1:], strict=True):
            result = divide(reading, result, value, at) if operator == "\\oslash" else result * value
        return result
    variable = sp.Symbol("t", real=True)
    reciprocal = elementwise(sp.Lambda(variable, 1 / variable))
    for value, at in zip(values[1:], places[1:], strict=True):
        for mine, other in zip(values[0].shape, value.shape, strict=True):
            if not reading.agree(mine, other):
                raise reading.disagree("entrywise product", values[0].shape, value.shape, at)
    return hadamard(
        *(reciprocal(v) if operator == "\\oslash" else v for operator, v in zip(operators, values, strict=True))
    )


def kronecker(values: Sequence[Any]) -> Any:
    """`⊗` of matrices; a scalar factor multiplies."""
    result = kron(*(value for value in values if is_matrix(value))) if any(map(is_matrix, values)) else sp.S.One
    for value in values:
        result = result if is_matrix(value) else value * result
    return result


def transpose(value: Any) -> Any:
    return value.T if is_matrix(value) else value


def power(reading: Reading, base: Any, exponent: Any, at: int) -> Any:
    """A power of a scalar or of a square matrix; `-1` is the inverse."""
    exponent = as_scalar(reading, exponent, at, "exponent")
    if is_single(base):
        base = sp.Trace(base)
    if is_matrix(base):
        if exponent.is_integer is not True:
            raise reading.error(f"a matrix has integer powers only, got {exponent}", at)
        if not reading.agree(*base.shape):
            raise reading.error(
                f"power: expected a square matrix, got shape {shape_text(base.shape)}; entrywise it is X^{{\\circ {exponent}}}",
                at,
            )
        return sp.Inverse(base) if exponent == -1 else base**exponent
    _check_magnitude(reading, base, exponent, at)
    return finite(reading, base**exponent, at)


def _check_magnitude(reading: Reading, base: Any, exponent: Any, at: int) -> None:
    """Powers of numbers are carried out by SymPy at once; refuse those that would not fit into memory."""
    if exponent.is_Rational and abs(exponent) > 1000 and base.is_Symbol is not True:
        raise reading.error("an exponent beyond 1000, which is the limit", at)
    if base.is_Rational and exponent.is_Rational:
        bits = max(int(base.p).bit_length(), int(base.q).bit_length())
        if bits * (abs(int(exponent.p)) // int(exponent.q) + 1) > _MAX_BITS:
            raise reading.error("a number too large to be written out", at)
    if exponent.is_Rational and not exponent.is_Integer and base.is_Rational and exponent.q > 1000:
        raise reading.error("a root beyond 1000, which is the limit", at)
