"""Hypothesis strategies for valid expressions: every atom, and the classes of SymPy that may stand beside them.

`matrices(shape)` and `scalars()` draw expressions over the symbols below; `SYMBOLS` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from hypothesis import strategies as st
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import (
    Basis,
    Commutation,
    Diag,
    Diagonal,
    Gradient,
    Jacobian,
    ObjectiveGradient,
    ObjectiveHessian,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    relu,
    scalar,
    sigmoid,
    unvec,
    vec,
    vector,
)
from cnnsym.sizes import dims

M, N = dims("m n")
MN = M * N
A, B, X = matrix("A", M, N), matrix("W_{i+1}", M, N), matrix("X", M, N)
S, T = matrix("S", N, N), matrix("Q", N, N)
P = matrix("P", M, M)
LONG = vector("v", MN)
x, y = vector("x", N), vector("s_i", N)
b = vector("b_{i+1}", M)
alpha, beta = scalar("alpha"), scalar("beta_1")
i, k = sp.Idx("i", N), sp.Symbol("k", integer=True)
image = sp.IndexedBase("x^{2d}", shape=(M, N))
signal = sp.IndexedBase("h", shape=(N,))
f, g = elementwise("f"), elementwise("g")
cost, loss = objective("Cost"), objective("J")
t = sp.Symbol("t", real=True)

SYMBOLS: tuple[Any, ...] = (
    M, N, A, B, X, S, T, P, LONG, x, y, b, alpha, beta, i, k, image, signal, f, g, (cost, "s_i"), (loss, "x", "A")
)  # fmt: skip
SHAPES = ((M, N), (N, N), (N, 1), (M, 1), (MN, 1), (1, N), (N, M), (M, M))
LEAVES: dict[Any, list[Any]] = {
    (M, N): [A, B, X, sp.OneMatrix(M, N), sp.ZeroMatrix(M, N)],
    (N, N): [S, T, sp.Identity(N)],
    (M, M): [P, sp.Identity(M)],
    (N, 1): [x, y, sp.OneMatrix(N, 1), Basis(k, N), Basis(2, N)],
    (M, 1): [b, Basis(1, M), sp.OneMatrix(M, 1)],
    (MN, 1): [LONG],
    (1, N): [x.T, y.T],
    (N, M): [A.T, B.T],
}
FUNCTIONS = (
    f,
    f.diff(),
    g.diff(2),
    elementwise(sp.tanh),
    elementwise(sp.exp),
    elementwise(relu),
    elementwise(sigmoid),
    elementwise(sp.tanh).diff(),
    elementwise(sp.Lambda(t, t**2)),
)


def matrices(shape: tuple[Any, Any], depth: int = 3) -> st.SearchStrategy[Any]:
    """Matrix expressions of a shape out of `SHAPES`."""
    leaves = st.sampled_from(LEAVES[shape])
    if depth == 0:
        return leaves
    inner = matrices(shape, depth - 1)
    options = [
        leaves,
        st.builds(lambda a, c: a + c, inner, inner),
        st.builds(lambda a, c: a - c, inner, inner),
        st.builds(lambda a, c: a * c, scalars(depth - 1), inner),
        st.builds(lambda a, c: hadamard(a, c), inner, inner),
        st.builds(lambda a, c, d: hadamard(a, c, d), inner, inner, inner),
        st.builds(lambda function, a: function(a), st.sampled_from(FUNCTIONS), inner),
        *(option(depth - 1) for option in _SPECIAL.get(shape, ())),
    ]
    if (shape[1], shape[0]) in LEAVES:
        options.append(matrices((shape[1], shape[0]), depth - 1).map(lambda a: a.T))
    for length in (M, N):
        if (shape[0], length) in LEAVES and (length, shape[1]) in LEAVES:
            left, right = matrices((shape[0], length), depth - 1), matrices((length, shape[1]), depth - 1)
            options.append(st.builds(lambda a, c: a * c, left, right))
    if shape[0] == shape[1]:
        options.append(st.builds(lambda a, e: sp.Inverse(a) if e == -1 else a**e, inner, st.sampled_from([-1, 2, 3])))
        options.append(matrices((shape[0], 1), depth - 1).map(Diag))
    return st.one_of(options)


def _gradient(depth: int) -> st.SearchStrategy[Any]:
    return st.builds(Gradient, scalars(depth), st.just(X), st.one_of(st.none(), matrices((M, N), depth)))


def _column_gradient(depth: int) -> st.SearchStrategy[Any]:
    return st.builds(Gradient, scalars(depth), st.just(y), st.one_of(st.none(), matrices((N, 1), depth)))


def _jacobian(depth: int) -> st.SearchStrategy[Any]:
    return st.builds(Jacobian, matrices((M, 1), depth), st.just(y), st.one_of(st.none(), matrices((N, 1), depth)))


_SPECIAL: dict[Any, tuple[Callable[[int], st.SearchStrategy[Any]], ...]] = {
    (M, N): (
        _gradient,
        _jacobian,
        lambda d: matrices((MN, 1), d).map(lambda a: unvec(a, M, N)),
        lambda d: st.builds(lambda a, c: kron(a, c), matrices((M, 1), d), matrices((1, N), d)),
        lambda d: st.builds(lambda a, c: ObjectiveGradient(loss, 1, a, c), matrices((N, 1), d), matrices((M, N), d)),
    ),
    (N, 1): (
        _column_gradient,
        lambda d: matrices((N, N), d).map(Diagonal),
        lambda d: matrices((N, 1), d).map(lambda a: ObjectiveGradient(cost, 0, a)),
    ),
    (MN, 1): (
        lambda d: matrices((M, N), d).map(vec),
        lambda d: st.builds(lambda a, c: kron(a, c), matrices((N, 1), d), matrices((M, 1), d)),
        lambda d: matrices((M, N), d).map(lambda a: Commutation(N, M) * vec(a.T)),
        lambda d: st.builds(lambda a, c: Jacobian(vec(a), X) * vec(c), matrices((M, N), d), matrices((M, N), d)),
        lambda d: st.builds(lambda a, c: Jacobian(a, X) * vec(c), matrices((M, N), d), matrices((M, N), d)),
    ),
    (N, N): (
        lambda d: matrices((N, 1), d).map(lambda a: ObjectiveHessian(cost, 0, 0, a)),
        lambda d: matrices((N, 1), d).map(lambda a: Jacobian(a, y)),
    ),
    (1, N): (lambda d: scalars(d).map(lambda a: Jacobian(a, y)),),
}


def indices() -> st.SearchStrategy[Any]:
    """Integer expressions that may stand as an index."""
    return st.sampled_from([i, k, sp.Integer(1), i + 1, k - 1, 2 * k + 1])


def scalars(depth: int = 3) -> st.SearchStrategy[Any]:
    """Real scalar expressions."""
    leaves = st.one_of(
        st.sampled_from([alpha, beta, M, N, k, sp.pi]),
        st.integers(-3, 5).map(sp.Integer),
        st.sampled_from([sp.Rational(1, 2), sp.Rational(-2, 3)]),
        st.builds(lambda p, q: image[p, q], indices(), indices()),
        st.builds(lambda p: signal[p], indices()),
        st.builds(lambda p: MatrixElement(x, p, 0), st.sampled_from([i, k, sp.Integer(1)])),
        st.builds(lambda p, q: MatrixElement(A, p, q), st.sampled_from([i, k]), st.sampled_from([i, k])),
        st.builds(sp.KroneckerDelta, st.sampled_from([i, k]), st.sampled_from([k + 1, sp.Integer(0), i])),
    )
    if depth == 0:
        return leaves
    inner = scalars(depth - 1)
    square = matrices((N, N), depth - 1)
    return st.one_of(
        leaves,
        st.builds(lambda a, c: a + c, inner, inner),
        st.builds(lambda a, c: a * c, inner, inner),
        st.builds(lambda a, c: a / (1 + c**2), inner, inner),
        st.builds(lambda a, e: a**e, inner, st.integers(2, 3)),
        inner.map(lambda a: sp.sqrt(1 + a**2)),
        st.builds(lambda function, a: function(a), st.sampled_from([sp.exp, sp.cos, sp.tanh, relu, sigmoid]), inner),
        inner.map(lambda a: sp.log(2 + a**2)),
        st.builds(lambda function, a: function.value(a), st.sampled_from([f, f.diff(), g]), inner),
        square.map(sp.Trace),
        square.map(sp.Determinant),
        matrices((N, 1), depth - 1).map(lambda a: sp.Trace(a.T * a)),
        matrices((N, 1), depth - 1).map(cost),
        st.builds(loss, matrices((N, 1), depth - 1), matrices((M, N), depth - 1)),
        st.builds(lambda a, p: MatrixElement(a, p, 0), matrices((N, 1), depth - 1), st.sampled_from([i, k])),
        inner.map(_summed),
        inner.map(lambda a: _summed(a, sp.Product)),
    )


def _summed(body: Any, operator: Any = sp.Sum) -> Any:
    names = {s.name for s in body.atoms(sp.Symbol)}
    index = next(s for s in (sp.Symbol(f"j_{c}" if c else "j", integer=True) for c in range(50)) if s.name not in names)
    return operator(body * image[index, k], (index, 0, M - 1))


def expressions(depth: int = 3) -> st.SearchStrategy[Any]:
    """Any of them."""
    return st.one_of(scalars(depth), *(matrices(shape, depth) for shape in SHAPES))
