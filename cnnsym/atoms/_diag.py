"""diag both ways: the diagonal matrix of a vector, and the vector on the diagonal of a matrix."""

from __future__ import annotations

from typing import Any

from cnnsym.atoms._atom import Atom, as_matrix
from cnnsym.errors import ShapeError
from cnnsym.sizes import same_size, shape_text


class Diag(Atom):
    """The matrix of shape `(n, n)` with the column `x` of shape `(n, 1)` on its diagonal and zeros elsewhere."""

    def __new__(cls, x: Any) -> Any:
        x = as_matrix("diag", x)
        if not same_size(x.shape[1], 1):
            raise ShapeError(f"diag: expected a column, got shape {shape_text(x.shape)}")
        return cls._store((x.shape[0], x.shape[0]), x)


class Diagonal(Atom):
    """The column of shape `(n, 1)` on the diagonal of a square matrix of shape `(n, n)`."""

    def __new__(cls, x: Any) -> Any:
        x = as_matrix("diag", x)
        if not same_size(x.shape[0], x.shape[1]):
            raise ShapeError(f"diag: expected a square matrix, got shape {shape_text(x.shape)}")
        return cls._store((x.shape[0], 1), x)


def diag(x: Any) -> Any:
    """The diagonal matrix of a column `(n, 1)`; the diagonal, as a column `(n, 1)`, of a square matrix `(n, n)`.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> diag(cnnsym.vector("a", n)).shape, diag(cnnsym.matrix("A", n, n)).shape
    ((n, n), (n, 1))
    """
    x = as_matrix("diag", x)
    if same_size(x.shape[1], 1):
        return Diag(x)
    if same_size(x.shape[0], x.shape[1]):
        return Diagonal(x)
    raise ShapeError(f"diag: expected a column or a square matrix, got shape {shape_text(x.shape)}")
