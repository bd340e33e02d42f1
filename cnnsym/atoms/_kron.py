"""The Kronecker product.

Source: Magnus and Neudecker, Matrix Differential Calculus, section 2.2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms._atom import Atom, as_matrix


class Kron(Atom):
    """`A ⊗ B` of shapes `(m, n)` and `(p, q)`: shape `(m*p, n*q)`, block `(i, j)` is `A[i, j]*B`. Takes any number of factors."""

    def __new__(cls, *factors: Any) -> Any:
        if not factors:
            raise TypeError("kron: expected at least one matrix")
        factors = tuple(as_matrix("kron", f, f"factor {k}") for k, f in enumerate(factors, 1))
        rows = sp.expand(sp.Mul(*(f.shape[0] for f in factors)))
        cols = sp.expand(sp.Mul(*(f.shape[1] for f in factors)))
        return cls._store((rows, cols), *factors)


def kron(*factors: Any) -> Any:
    """The Kronecker product of matrices; of `(m, n)` and `(p, q)` it has shape `(m*p, n*q)`.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> kron(cnnsym.vector("a", m), cnnsym.vector("b", n)).shape
    (m*n, 1)
    """
    return factors[0] if len(factors) == 1 else Kron(*factors)
