"""The linear maps of which differentials are made, each with its adjoint and its matrix.

A map `M` takes a matrix or scalar `dX` to a matrix or scalar. Each class says the same linear map in three ways:

- `apply(dX)`: the value, for `differential`;
- `adjoint(G)`: the map with `<G, M dX> = <adjoint(G), dX>`, `<A, B> = tr(A'B)`, for `gradient`;
- `after(L)`: `L` times the matrix of `vec(dX) -> vec(M dX)`, for `jacobian`.

Source: Magnus and Neudecker, Matrix Differential Calculus, chapters 2, 3 and 9 (vec, ⊗ and K in section 3.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import sympy as sp

from cnnsym.calculus.notation import (
    commutes,
    diagonal_column,
    diagonal_matrix,
    entrywise,
    inner_product,
    is_row,
    kronecker,
    matricised,
    numel,
    product,
    transposed,
    vectorised,
)


class LinearMap(Protocol):
    """A linear map between spaces of matrices (or scalars)."""

    def apply(self, dx: Any) -> Any: ...

    def adjoint(self, g: Any) -> Any: ...

    def after(self, left: Any) -> Any: ...


@dataclass(frozen=True)
class ScaledBy:
    """`dX -> c dX`, for a scalar `c`; `dX` may be a scalar."""

    scalar: Any

    def apply(self, dx: Any) -> Any:
        return product(self.scalar, dx)

    def adjoint(self, g: Any) -> Any:
        return product(self.scalar, g)

    def after(self, left: Any) -> Any:
        return product(self.scalar, left)


@dataclass(frozen=True)
class LeftRight:
    """`dX -> c A dX B` for `dX` of shape `(m, n)`; `A` or `B` may be None, an identity. Its matrix is `c (B' ⊗ A)`."""

    scalar: Any
    a: Any
    b: Any
    m: Any
    n: Any

    def apply(self, dx: Any) -> Any:
        return product(self.scalar, self.a, dx, self.b)

    def adjoint(self, g: Any) -> Any:
        a, b = (None if side is None else transposed(side) for side in (self.a, self.b))
        return product(self.scalar, a, g, b)

    def after(self, left: Any) -> Any:
        a = sp.Identity(self.m) if self.a is None else self.a
        bt = sp.Identity(self.n) if self.b is None else transposed(self.b)
        if is_row(bt):  # L (b' ⊗ A) = b' ⊗ L A
            return product(self.scalar, kronecker(bt, product(left, a)))
        if is_row(a):  # L (B' ⊗ a') = L B' ⊗ a'
            return product(self.scalar, kronecker(product(left, bt), a))
        return product(self.scalar, left, kronecker(bt, a))


@dataclass(frozen=True)
class Transposed:
    """`dX -> dX'` for `dX` of shape `(m, n)`. Its matrix is `K_{m,n}`."""

    m: Any
    n: Any

    def apply(self, dx: Any) -> Any:
        return transposed(dx)

    def adjoint(self, g: Any) -> Any:
        return transposed(g)

    def after(self, left: Any) -> Any:
        return product(left, commutes(self.m, self.n))


@dataclass(frozen=True)
class HadamardWith:
    """`dX -> B ⊙ dX`. Its matrix is `diag(vec B)`."""

    b: Any

    def apply(self, dx: Any) -> Any:
        return entrywise(self.b, dx)

    def adjoint(self, g: Any) -> Any:
        return entrywise(self.b, g)

    def after(self, left: Any) -> Any:
        return product(left, diagonal_matrix(vectorised(self.b)))


@dataclass(frozen=True)
class TraceWith:
    """`dX -> tr(A' dX)`, a scalar. Its matrix is the row `vec(A)'`."""

    a: Any

    def apply(self, dx: Any) -> Any:
        return inner_product(self.a, dx)

    def adjoint(self, g: Any) -> Any:
        return product(g, self.a)

    def after(self, left: Any) -> Any:
        return product(left, transposed(vectorised(self.a)))


@dataclass(frozen=True)
class TimesMatrix:
    """`dc -> dc A` for a scalar `dc`: the adjoint of `TraceWith`. Its matrix is the column `vec(A)`."""

    a: Any

    def apply(self, dx: Any) -> Any:
        return product(dx, self.a)

    def adjoint(self, g: Any) -> Any:
        return inner_product(self.a, g)

    def after(self, left: Any) -> Any:
        return product(left, vectorised(self.a))


@dataclass(frozen=True)
class DiagonalMatrixOf:
    """`dx -> diag(dx)` for a column of shape `(n, 1)`. Its matrix is `(I ⊗ 1) ⊙ (1 ⊗ I)`."""

    n: Any

    def apply(self, dx: Any) -> Any:
        return diagonal_matrix(dx)

    def adjoint(self, g: Any) -> Any:
        return diagonal_column(g)

    def after(self, left: Any) -> Any:
        return product(left, diagonal_places(self.n))


@dataclass(frozen=True)
class DiagonalColumnOf:
    """`dX -> diag(dX)`, the diagonal of a square matrix of shape `(n, n)`: the adjoint of `DiagonalMatrixOf`."""

    n: Any

    def apply(self, dx: Any) -> Any:
        return diagonal_column(dx)

    def adjoint(self, g: Any) -> Any:
        return diagonal_matrix(g)

    def after(self, left: Any) -> Any:
        return product(left, transposed(diagonal_places(self.n)))


def diagonal_places(n: Any) -> Any:
    """`D` of shape `(n*n, n)` with `vec(diag(x)) = D x`: 1 where both indices of the row are the column."""
    identity, one = sp.Identity(n), sp.OneMatrix(n, 1)
    return identity if n == 1 else entrywise(kronecker(identity, one), kronecker(one, identity))


@dataclass(frozen=True)
class Vectorised:
    """`dX -> vec(dX)` for `dX` of shape `(m, n)`. Its matrix is the identity."""

    m: Any
    n: Any

    def apply(self, dx: Any) -> Any:
        return vectorised(dx)

    def adjoint(self, g: Any) -> Any:
        return matricised(g, self.m, self.n)

    def after(self, left: Any) -> Any:
        return left


@dataclass(frozen=True)
class Matricised:
    """`dx -> unvec(dx)` of shape `(m, n)`. Its matrix is the identity."""

    m: Any
    n: Any

    def apply(self, dx: Any) -> Any:
        return matricised(dx, self.m, self.n)

    def adjoint(self, g: Any) -> Any:
        return vectorised(g)

    def after(self, left: Any) -> Any:
        return left


@dataclass(frozen=True)
class ThroughVec:
    """`dX -> unvec(H vec(dX))` from shape `(m, n)` to shape `(p, q)`. Its matrix is `H`."""

    h: Any
    m: Any
    n: Any
    p: Any
    q: Any

    def apply(self, dx: Any) -> Any:
        return matricised(product(self.h, vectorised(dx)), self.p, self.q)

    def adjoint(self, g: Any) -> Any:
        return matricised(product(transposed(self.h), vectorised(g)), self.m, self.n)

    def after(self, left: Any) -> Any:
        return product(left, self.h)


@dataclass(frozen=True)
class KronLeft:
    """`dA -> dA ⊗ B` for `dA` of shape `(m, n)`. Its matrix is `(I_n ⊗ K_{q,m} ⊗ I_p)(I_{mn} ⊗ vec B)`."""

    b: Any
    m: Any
    n: Any

    def apply(self, dx: Any) -> Any:
        return kronecker(dx, self.b)

    def adjoint(self, g: Any) -> Any:
        column = product(transposed(self._spread()), transposed(self._order()), vectorised(g))
        return matricised(column, self.m, self.n)

    def after(self, left: Any) -> Any:
        return product(left, self._order(), self._spread())

    def _spread(self) -> Any:
        return kronecker(sp.Identity(numel((self.m, self.n))), vectorised(self.b))

    def _order(self) -> Any:
        p, q = self.b.shape
        return kronecker(sp.Identity(self.n), commutes(q, self.m), sp.Identity(p))


@dataclass(frozen=True)
class KronRight:
    """`dB -> A ⊗ dB` for `dB` of shape `(p, q)`. Its matrix is `(I_n ⊗ K_{q,m} ⊗ I_p)(vec A ⊗ I_{pq})`."""

    a: Any
    p: Any
    q: Any

    def apply(self, dx: Any) -> Any:
        return kronecker(self.a, dx)

    def adjoint(self, g: Any) -> Any:
        column = product(transposed(self._spread()), transposed(self._order()), vectorised(g))
        return matricised(column, self.p, self.q)

    def after(self, left: Any) -> Any:
        return product(left, self._order(), self._spread())

    def _spread(self) -> Any:
        return kronecker(vectorised(self.a), sp.Identity(numel((self.p, self.q))))

    def _order(self) -> Any:
        m, n = self.a.shape
        return kronecker(sp.Identity(n), commutes(self.q, m), sp.Identity(self.p))
