"""Constant matrices: all ones, and the unit vectors. Identity and zero are SymPy's own."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms._atom import Atom
from cnnsym.errors import ShapeError
from cnnsym.expression import expression


class Basis(Atom):
    """The unit column `e_i` of shape `(n, 1)`: 1 at entry `i`, counted from 1, and 0 elsewhere."""

    def __new__(cls, i: Any, length: Any) -> Any:
        i, length = expression(i), expression(length)
        if i.is_Integer and (i < 1 or (length.is_Integer and i > length)):
            raise ShapeError(f"basis: expected an index from 1 to {length}, got {i}")
        return cls._store((length, 1), i, length)


def ones(rows: Any, cols: Any = 1) -> Any:
    """The matrix of shape `(rows, cols)` whose entries are all 1; a column where `cols` is left out."""
    return sp.OneMatrix(rows, cols)


def basis(i: Any, length: Any) -> Any:
    """The unit column `e_i` of shape `(length, 1)`; entries count from 1."""
    return Basis(i, length)
