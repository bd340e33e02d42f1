"""vec and unvec: a matrix as one column, its columns stacked (column-major), and back.

Source: Magnus and Neudecker, Matrix Differential Calculus, section 2.4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms._atom import Atom, as_matrix
from cnnsym.errors import ShapeError
from cnnsym.expression import expression
from cnnsym.sizes import same_size, shape_text


class Vec(Atom):
    """The columns of `X` of shape `(m, n)` stacked: shape `(m*n, 1)`; entry `i + m*j` is `X[i, j]` (counting from 0)."""

    def __new__(cls, x: Any) -> Any:
        x = as_matrix("vec", x)
        return cls._store((sp.expand(x.shape[0] * x.shape[1]), 1), x)


class Unvec(Atom):
    """The matrix of shape `(m, n)` whose vec is the column `x` of shape `(m*n, 1)`."""

    def __new__(cls, x: Any, rows: Any, cols: Any) -> Any:
        x = as_matrix("unvec", x)
        rows, cols = expression(rows), expression(cols)
        if not same_size(x.shape[1], 1) or not same_size(x.shape[0], rows * cols):
            raise ShapeError(
                f"unvec: expected a column of {sp.expand(rows * cols)} entries for a matrix {shape_text((rows, cols))}, "
                f"got shape {shape_text(x.shape)}"
            )
        return cls._store((rows, cols), x, rows, cols)


def vec(x: Any) -> Any:
    """`vec(X)`: column stacking of a matrix of shape `(m, n)` into a column of shape `(m*n, 1)`.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> vec(cnnsym.matrix("A", m, n)).shape
    (m*n, 1)
    """
    return Vec(x)


def unvec(x: Any, rows: Any, cols: Any) -> Any:
    """The matrix of shape `(rows, cols)` with `vec(unvec(x, rows, cols)) == x`; ShapeError if the lengths disagree."""
    return Unvec(x, rows, cols)
