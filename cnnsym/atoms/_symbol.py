"""Symbols: matrices, column vectors and real scalars."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.expression import expression


def matrix(name: str, rows: Any, cols: Any) -> sp.MatrixSymbol:
    """A matrix symbol of shape `(rows, cols)`.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> matrix("A", m, n).shape
    (m, n)
    """
    for label, length in (("rows", rows), ("columns", cols)):
        value = expression(length)
        if value.is_integer is False or value.is_positive is False:
            raise ShapeError(f"matrix {name}: expected a positive integer number of {label}, got {length}")
    return sp.MatrixSymbol(name, rows, cols)


def vector(name: str, length: Any) -> sp.MatrixSymbol:
    """A column vector: a matrix symbol of shape `(length, 1)`."""
    return matrix(name, length, 1)


def scalar(name: str) -> sp.Symbol:
    """A real scalar symbol."""
    return sp.Symbol(name, real=True)
