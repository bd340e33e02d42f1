"""Random expressions: the Jacobian, the differential and the gradient against the oracle."""

from __future__ import annotations

from typing import Any

import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracles import Oracle

from cnnsym.atoms import commutation, diag, elementwise, hadamard, kron, matrix, ones, trace, unvec, vec, vector
from cnnsym.calculus import differential, gradient, jacobian
from cnnsym.sizes import dims

n = dims("n")
X, A, x = matrix("X", n, n), matrix("A", n, n), vector("x", n)
f = elementwise("f")


def _columns(square: Any) -> Any:
    return st.one_of(
        square.map(lambda s: s * x),
        square.map(lambda s: diag(s)),
        st.tuples(square, square).map(lambda p: hadamard(diag(p[0]), p[1] * ones(n, 1))),
    )


def _squares(inner: Any) -> Any:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + 2 * p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.map(lambda p: hadamard(*p)),
        pairs.map(lambda p: trace(p[0]) * p[1]),
        inner.map(lambda s: s.T),
        inner.map(lambda s: -3 * s),
        inner.map(lambda s: f(s)),
        inner.map(lambda s: unvec(commutation(n, n) * vec(s), n, n)),
        _columns(inner).map(lambda c: diag(c)),
        _columns(inner).map(lambda c: c * x.T),
        _columns(inner).map(lambda c: unvec(kron(c, x), n, n)),
        st.tuples(_columns(inner), _columns(inner)).map(lambda p: kron(p[0], p[1].T)),
    )


squares = st.recursive(st.sampled_from([X, A, sp.Identity(n), x * x.T]), _squares, max_leaves=4)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(squares, st.integers(1, 2), st.integers(0, 99))
def test_random_expressions(expr: Any, size: int, seed: int) -> None:
    oracle = Oracle({n: size}, seed=seed)
    step = matrix("dX", n, n)
    point = oracle.point(X, A, x, step)
    expected = oracle.jacobian(expr, X, point)
    assert oracle.agrees(jacobian(expr, X), expected, point)
    column = oracle.explicit(vec(step), point)
    assert oracle.agrees(vec(differential(expr, X)), expected * column, point)
    value = trace(expr * A)
    assert oracle.agrees(gradient(value, X), oracle.gradient(value, X, point), point)
