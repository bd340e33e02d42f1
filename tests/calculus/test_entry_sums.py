"""Sums of entries as matrix notation: the form, and the value entry by entry."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from oracles import Oracle

from cnnsym.atoms import diag, elementwise, hadamard, matrix, ones, trace, vector
from cnnsym.calculus.entry_sums import from_entry_sum
from cnnsym.errors import UnsupportedError
from cnnsym.sizes import dims

m, n = dims("m n")
A, B, C = (matrix(c, n, n) for c in "ABC")
W = matrix("W", m, n)
x, y, z, b = vector("x", n), vector("y", n), vector("z", n), vector("b", m)
f = elementwise("f")
i, j, k, l, p = (sp.Dummy(c, integer=True) for c in "ijklp")
N, M = (0, n - 1), (0, m - 1)


def total(summand: Any, *limits: Any) -> sp.Sum:
    return sp.Sum(summand, *limits)


SUMS: dict[str, tuple[sp.Sum, Any]] = {
    "x'Ax": ((x.T * A * x)[0, 0], trace(x.T * A * x)),
    "x'x": ((x.T * x)[0, 0], trace(x.T * x)),
    "1'x": ((ones(1, n) * x)[0, 0], trace(ones(1, n) * x)),
    "x'A'Ax": ((x.T * A.T * A * x)[0, 0], trace(x.T * A.T * A * x)),
    "tr AB": (total(A[i, j] * B[j, i], (i, *N), (j, *N)), None),
    "tr ABC": (total(A[i, j] * B[j, k] * C[k, i], (i, *N), (j, *N), (k, *N)), None),
    "tr A": (total(A[i, i], (i, *N)), None),
    "all entries": (total(W[i, j], (i, *M), (j, *N)), None),
    "squares of entries": (total(W[i, j] ** 2, (i, *M), (j, *N)), None),
    "b'Wx": (total(W[i, j] * b[i, 0] * x[j, 0], (i, *M), (j, *N)), None),
    "x'(A + A')x": ((x.T * (A + A.T) * x)[0, 0], None),
    "x'(A + A')^2 x": ((x.T * (A + A.T) ** 2 * x)[0, 0], None),  # a sum in a sum
    "weights on both": (total(A[i, j] * x[i, 0] * y[i, 0] * z[j, 0] ** 3, (i, *N), (j, *N)), None),
    "parallel": (total(A[i, j] * B[i, j] * x[i, 0], (i, *N), (j, *N)), None),
    "delta": (total(sp.KroneckerDelta(i, j) * A[i, j] * x[j, 0], (i, *N), (j, *N)), None),
    "diag": ((x.T * diag(y) * x)[0, 0], None),
    "functions": (total(sp.sin(x[i, 0]) * f(A[i, j]) / x[j, 0], (i, *N), (j, *N)), None),
    "sizes": (total(x[i, 0], (i, *N), (j, 0, m - 1)), None),
    "two separate": (total(x[i, 0] * y[j, 0], (i, *N), (j, *N)), None),
    "coefficient": (total(3 * y[1, 0] * x[i, 0] * A[0, i], (i, *N)), None),
    "a row": ((W * x)[1, 0], None),
    "terms": (total(x[i, 0] + y[i, 0] ** 2 + 1, (i, *N)), None),
    "three indices in a factor": (total((A[i, j] + B[j, k]) * C[i, k], (i, *N), (j, *N), (k, *N)), None),
    "nested": (total(x[i, 0] * sp.Sum(A[i, j] * y[j, 0], (j, *N)) ** 2, (i, *N)), None),
    "elementwise of product": ((x.T * f(A * x))[0, 0], None),
    "hadamard": ((ones(1, n) * hadamard(x, y))[0, 0], None),
}


@pytest.mark.parametrize("sizes", [{m: 3, n: 2}, {m: 2, n: 2}, {m: 3, n: 3}], ids=str)
@pytest.mark.parametrize("name", SUMS)
def test_value(name: str, sizes: dict[Any, int]) -> None:
    written, form = SUMS[name]
    found = from_entry_sum(written)
    if form is not None:
        assert found == form
    assert not found.has(sp.Sum)
    oracle = Oracle(sizes, seed=2)
    point = oracle.point(A, B, C, W, x, y, z, b)
    expected = oracle.explicit(written, point)
    assert oracle.agrees(found, expected, point)
    assert not oracle.agrees(found + 1, expected, point)


@pytest.mark.parametrize(
    "summand",
    [
        total(x[i, 0], (i, 0, n - 2)),  # a part of the range
        total(x[i, 0], (i, 1, n - 1)),
        total(W[i, j] * x[i, 0], (i, *N), (j, *N)),  # the range of another axis
        total(x[i, 0] * x[n - 1 - i, 0], (i, *N)),
        # the complete graph on four indices is not series-parallel
        total(A[i, j] * A[i, k] * A[i, l] * B[j, k] * B[j, l] * B[k, l], (i, *N), (j, *N), (k, *N), (l, *N)),
        total(x[i, 0] * sp.Sum(A[i, i], (i, *N)), (i, *N)),  # bound twice
        total(i * x[i, 0], (i, *N)),
    ],
    ids=str,
)
def test_not_covered(summand: sp.Sum) -> None:
    with pytest.raises(UnsupportedError):
        from_entry_sum(summand)
