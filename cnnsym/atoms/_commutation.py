"""The commutation matrix.

Source: Magnus and Neudecker, The commutation matrix, Annals of Statistics 7 (1979), definition 1.1.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms._atom import Atom
from cnnsym.expression import expression


class Commutation(Atom):
    """`K_{m,n}` of shape `(m*n, m*n)`, defined by `K_{m,n} vec(A) = vec(A')` for each `A` of shape `(m, n)`."""

    def __new__(cls, rows: Any, cols: Any) -> Any:
        rows, cols = expression(rows), expression(cols)
        length = sp.expand(rows * cols)
        return cls._store((length, length), rows, cols)

    def _eval_transpose(self) -> Any:
        return Commutation(self.args[1], self.args[0])


def commutation(rows: Any, cols: Any) -> Any:
    """The commutation matrix `K_{rows,cols}`: a permutation with `K vec(A) = vec(A')` for `A` of shape `(rows, cols)`."""
    return Commutation(rows, cols)
