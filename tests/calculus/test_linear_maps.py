"""The three readings of each linear map agree with each other, at unequal sizes, equal sizes and size 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from oracles import Oracle

from cnnsym.atoms import Vec, matrix, scalar
from cnnsym.calculus import linear_maps as maps
from cnnsym.sizes import dims

m, n, p, q = dims("m n p q")
A, B, C, D = matrix("A", p, m), matrix("B", n, q), matrix("C", m, n), matrix("D", p, q)
H = matrix("H", p * q, m * n)
c = scalar("c")
MAPS: dict[str, tuple[Callable[[], Any], Any, Any]] = {  # the map, the shape it takes, the shape it gives
    "ScaledBy": (lambda: maps.ScaledBy(c), (m, n), (m, n)),
    "LeftRight": (lambda: maps.LeftRight(c, A, B, m, n), (m, n), (p, q)),
    "LeftRight, left": (lambda: maps.LeftRight(sp.S(-2), A, None, m, n), (m, n), (p, n)),
    "LeftRight, right": (lambda: maps.LeftRight(sp.S.One, None, B, m, n), (m, n), (m, q)),
    "LeftRight, column": (lambda: maps.LeftRight(sp.S.One, A, matrix("b", n, 1), m, n), (m, n), (p, 1)),
    "LeftRight, row": (lambda: maps.LeftRight(sp.S.One, matrix("a", 1, m), B, m, n), (m, n), (1, q)),
    "Transposed": (lambda: maps.Transposed(m, n), (m, n), (n, m)),
    "HadamardWith": (lambda: maps.HadamardWith(C), (m, n), (m, n)),
    "TraceWith": (lambda: maps.TraceWith(C), (m, n), None),
    "TimesMatrix": (lambda: maps.TimesMatrix(C), None, (m, n)),
    "DiagonalMatrixOf": (lambda: maps.DiagonalMatrixOf(n), (n, 1), (n, n)),
    "DiagonalColumnOf": (lambda: maps.DiagonalColumnOf(n), (n, n), (n, 1)),
    "Vectorised": (lambda: maps.Vectorised(m, n), (m, n), (m * n, 1)),
    "Matricised": (lambda: maps.Matricised(m, n), (m * n, 1), (m, n)),
    "ThroughVec": (lambda: maps.ThroughVec(H, m, n, p, q), (m, n), (p, q)),
    "KronLeft": (lambda: maps.KronLeft(D, m, n), (m, n), (m * p, n * q)),
    "KronRight": (lambda: maps.KronRight(C, p, q), (p, q), (m * p, n * q)),
}
SIZES = [(2, 3, 3, 2), (2, 2, 2, 2), (1, 2, 3, 1), (3, 1, 1, 2), (1, 1, 1, 1)]


def _variable(name: str, shape: Any) -> Any:
    return scalar(name) if shape is None else matrix(name, *shape)


def _column(value: sp.Matrix) -> sp.Matrix:
    return sp.Matrix([value[i, j] for j in range(value.cols) for i in range(value.rows)])


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", MAPS)
def test_apply_adjoint_and_matrix_agree(name: str, sizes: tuple[int, ...]) -> None:
    make, taken, given = MAPS[name]
    linear = make()
    oracle = Oracle(dict(zip((m, n, p, q), sizes, strict=True)), seed=3)
    dx, g = _variable("dX", taken), _variable("G", given)
    rows = 1 if given is None else given[0] * given[1]
    left = matrix("L", 2, rows)
    point = oracle.point(dx, g, left, A, B, C, D, H, c, matrix("a", 1, m), matrix("b", n, 1))
    applied = oracle.explicit(linear.apply(dx), point)
    pulled = oracle.explicit(linear.adjoint(g), point)
    pushed = oracle.explicit(linear.after(left), point)
    assert applied.shape == point[g].shape
    assert pulled.shape == point[dx].shape
    # <G, M dX> = <M* G, dX> and L (matrix of M) vec(dX) = L vec(M dX)
    inner = (_column(point[g]).T * _column(applied))[0]
    assert inner == (_column(pulled).T * _column(point[dx]))[0]
    assert pushed * _column(point[dx]) == point[left] * _column(applied)
    assert applied != sp.zeros(*applied.shape)


@pytest.mark.parametrize("name", MAPS)
def test_apply_is_the_map_named(name: str) -> None:
    """`apply` against the definition, since the other two are judged by it."""
    make, taken, _ = MAPS[name]
    oracle = Oracle({m: 2, n: 3, p: 3, q: 2}, seed=4)
    dx = _variable("dX", taken)
    a, b = matrix("a", 1, m), matrix("b", n, 1)
    point = oracle.point(dx, A, B, C, D, H, c, a, b)
    x, values = point[dx], {s: point[s] for s in (A, B, C, D, H, a, b)}
    scale = point[c][0]
    expected = {
        "ScaledBy": lambda: scale * x,
        "LeftRight": lambda: scale * values[A] * x * values[B],
        "LeftRight, left": lambda: -2 * values[A] * x,
        "LeftRight, right": lambda: x * values[B],
        "LeftRight, column": lambda: values[A] * x * values[b],
        "LeftRight, row": lambda: values[a] * x * values[B],
        "Transposed": lambda: x.T,
        "HadamardWith": lambda: values[C].multiply_elementwise(x),
        "TraceWith": lambda: sp.Matrix([[(values[C].T * x).trace()]]),
        "TimesMatrix": lambda: x[0] * values[C],
        "DiagonalMatrixOf": lambda: sp.diag(*x),
        "DiagonalColumnOf": lambda: sp.Matrix([x[i, i] for i in range(3)]),
        "Vectorised": lambda: _column(x),
        "Matricised": lambda: sp.Matrix(2, 3, lambda i, j: x[i + 2 * j]),
        "ThroughVec": lambda: sp.Matrix(3, 2, lambda i, j: (values[H] * _column(x))[i + 3 * j]),
        "KronLeft": lambda: sp.kronecker_product(x, values[D]),
        "KronRight": lambda: sp.kronecker_product(values[C], x),
    }[name]()
    assert oracle.explicit(make().apply(dx), point) == expected


def test_the_matrix_of_transposition_is_not_the_identity() -> None:
    x = matrix("X", m, n)
    oracle = Oracle({m: 2, n: 3})
    point = oracle.point(x)
    pushed = oracle.explicit(maps.Transposed(m, n).after(sp.Identity(m * n)), point)
    assert pushed * oracle.explicit(Vec(x), point) == oracle.explicit(Vec(x.T), point)
    assert pushed != sp.eye(6)
