"""Jacobians, differentials, second derivatives; their forms, shapes and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from oracles import Oracle

from cnnsym.atoms import (
    Gradient,
    Jacobian,
    ObjectiveGradient,
    ObjectiveHessian,
    commutation,
    diag,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    scalar,
    trace,
    unvec,
    vec,
    vector,
)
from cnnsym.calculus import differential, gradient, jacobian
from cnnsym.errors import LimitError, ShapeError, UnsupportedError
from cnnsym.sizes import dims

m, n = dims("m n")
f, g, J = elementwise("f"), elementwise("g"), objective("J")
X, A, B = (matrix(c, n, n) for c in "XAB")
W, Z = matrix("W", m, n), matrix("Z", m, n)
x, y, z = (vector(c, n) for c in "xyz")
b, t = vector("b", m), vector("t", m)
a = scalar("a")
SYMBOLS = (X, A, B, W, Z, x, y, z, b, t, a)
SIZES = [{m: 3, n: 2}, {m: 2, n: 2}, {m: 2, n: 1}]

MAPPINGS: dict[str, tuple[Callable[[], Any], Any]] = {
    "affine in z": (lambda: W * z + b, z),
    "affine in W": (lambda: W * z + b, W),
    "layer in z": (lambda: f(W * z + b), z),
    "layer in W": (lambda: f(W * z + b), W),
    "two layers": (lambda: W.T * g(W * f(z)), z),
    "two layers in W": (lambda: W.T * g(W * f(z)), W),
    "AXB": (lambda: A * X * B, X),
    "X'": (lambda: W.T, W),
    "X'X": (lambda: W.T * W, W),
    "X^-1": (lambda: X.inv(), X),
    "X^3": (lambda: X**3, X),
    "X^-2": (lambda: X**-2, X),
    "kron left": (lambda: kron(W, A), W),
    "kron right": (lambda: kron(A, W), W),
    "kron of both": (lambda: kron(W, x, W), W),
    "kron of columns": (lambda: kron(x, b), x),
    "kron of rows": (lambda: kron(b.T, x.T), x),
    "kron of column and row": (lambda: kron(x, b.T), x),
    "vec": (lambda: vec(X * W.T), W),
    "unvec": (lambda: unvec(kron(x, b), m, n), x),
    "diag": (lambda: diag(x), x),
    "diag inside": (lambda: W * diag(x) * y, x),
    "diag times matrix": (lambda: diag(x) * X, x),
    "diagonal": (lambda: diag(X * A), X),
    "hadamard": (lambda: hadamard(W, Z, W), W),
    "f of matrix": (lambda: f(X * A), X),
    "softmax": (lambda: elementwise(sp.exp)(x) / (ones(1, n) * elementwise(sp.exp)(x))[0, 0], x),
    "scalar coefficient": (lambda: trace(X) * X * A, X),
    "scalar function": (lambda: sp.exp(trace(X * A)), X),
    "objective": (lambda: J(W * f(z) + b), z),
    "a scalar variable": (lambda: a**2 * W + sp.sin(a) * Z, a),
    "scalar in scalar": (lambda: a**3 * trace(X), a),
    "commutation": (lambda: commutation(m, n) * vec(W), W),
    "gradient as a mapping": (lambda: ObjectiveGradient(J, 0, W * z), W),
    "gradient of two": (lambda: ObjectiveGradient(J, 1, W * z, z), z),
}


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", MAPPINGS)
def test_jacobian_and_differential(name: str, sizes: dict[Any, int]) -> None:
    build, wrt = MAPPINGS[name]
    oracle = Oracle(sizes, seed=11)
    point = oracle.point(*SYMBOLS)
    expr = build()
    expected = oracle.jacobian(expr, wrt, point)
    found = jacobian(expr, wrt)
    assert oracle.shape(found) == expected.shape
    assert oracle.agrees(found, expected, point)
    wrong = expected.copy()
    wrong[0, 0] += 1
    assert not oracle.agrees(found, wrong, point)

    moved = differential(expr, wrt)
    increment = matrix(f"d{wrt.name}", *wrt.shape) if wrt != a else scalar("da")
    step = oracle.point(increment)
    column = expected * _stacked(step[increment])
    rows, cols = oracle.shape(expr)
    shaped = sp.Matrix(rows, cols, lambda i, j: column[i + rows * j])
    assert oracle.agrees(moved, shaped, {**point, **step})


def _stacked(value: sp.Matrix) -> sp.Matrix:
    return sp.Matrix([value[i, j] for j in range(value.cols) for i in range(value.rows)])


def test_forms_a_reader_expects() -> None:
    s, u = vector("s", n), W * f(vector("s", n)) + b
    up = ObjectiveGradient(J, 0, u)
    assert jacobian(f(W * z + b), z) == diag(f.diff()(W * z + b)) * W
    assert gradient(J(u), s) == hadamard(f.diff()(s), W.T * up)
    assert jacobian(J(u), s) == up.T * W * diag(f.diff()(s))
    assert jacobian(W * z + b, z) == W
    assert jacobian(W * z + b, W) == kron(z.T, sp.Identity(m))
    assert jacobian(J(W * z + b), W) == kron(z.T, ObjectiveGradient(J, 0, W * z + b).T)
    assert gradient(J(W * z + b), W) == ObjectiveGradient(J, 0, W * z + b) * z.T
    assert gradient(J(W * z + b), b) == ObjectiveGradient(J, 0, W * z + b)
    assert gradient(sp.log(sp.Determinant(X)), X) == sp.Inverse(X.T)
    assert gradient((x.T * A * x)[0, 0], x) == A * x + A.T * x
    assert gradient(trace(kron(X, A)), X) == trace(A) * sp.Identity(n)
    assert jacobian(W * diag(x) * y, x) == W * diag(y)
    assert jacobian(W.T, W) == commutation(m, n)
    assert gradient(x[1, 0], x).args[0] == 2
    assert differential(X.inv(), X) == -(X.inv() * matrix("dX", n, n) * X.inv())


def test_second_derivatives() -> None:
    assert jacobian(gradient(J(W * z + b), z), z) == W.T * ObjectiveHessian(J, 0, 0, W * z + b) * W
    oracle = Oracle({m: 3, n: 2}, seed=5)
    point = oracle.point(*SYMBOLS)
    for wrt, value in (
        (z, J(f(W * z + b))),
        (X, trace(X**3) * trace(X)),
        (z, sp.log((ones(1, n) * elementwise(sp.exp)(z))[0, 0])),
    ):
        hessian = oracle.explicit(jacobian(gradient(value, wrt), wrt), point)
        unknown = oracle.symbols(wrt)
        form = oracle.scalar(value, {**point, wrt: unknown})
        expected = sp.hessian(form, _stacked(unknown)).xreplace(dict(zip(unknown, point[wrt], strict=True)))
        assert oracle.agrees(sp.ImmutableDenseMatrix(hessian), expected, {})
    with pytest.raises(UnsupportedError, match="ObjectiveHessian"):
        jacobian(ObjectiveHessian(J, 0, 0, z), z)


def test_written_derivatives_are_taken_first() -> None:
    at_point = Gradient(J(x), x, A * y)  # the gradient of J, at A y
    assert gradient(at_point.T * z, y) == A.T * ObjectiveHessian(J, 0, 0, A * y) * z
    # x is bound in it: nothing moves with x
    assert gradient(at_point.T * z, x) == sp.ZeroMatrix(n, 1)
    # ... but it is free in its own point
    assert gradient(Gradient(J(x), x, A * x).T * z, x) == A.T * ObjectiveHessian(J, 0, 0, A * x) * z
    # only the bound one is replaced: y inside the function stays
    inner = Gradient(J(hadamard(x, y)), x, A * x)
    assert differential(inner, z) == sp.ZeroMatrix(n, 1)
    oracle = Oracle({m: 3, n: 2}, seed=6)
    point = oracle.point(*SYMBOLS)
    for wrt in (x, y):
        assert oracle.agrees(jacobian(inner, wrt), oracle.jacobian(inner, wrt, point), point)
    nested = Jacobian(Gradient(trace(X**3), X), X, A)
    assert oracle.agrees(jacobian(nested * vec(A), A), oracle.jacobian(nested * vec(A), A, point), point)


def test_what_does_not_occur() -> None:
    assert gradient(trace(A), W) == sp.ZeroMatrix(m, n)
    assert gradient(trace(A), a) == 0
    assert jacobian(A, W) == sp.ZeroMatrix(n * n, m * n)
    assert jacobian(trace(A), W) == sp.ZeroMatrix(1, m * n)
    assert differential(A, W) == sp.ZeroMatrix(n, n)
    assert differential(trace(A), W) == 0
    assert gradient(trace(W * W.T), [A, W]) == [sp.ZeroMatrix(n, n), 2 * W]


def test_the_variable_itself() -> None:
    assert jacobian(W, W) == sp.Identity(m * n)
    assert differential(W, W) == matrix("dW", m, n)
    assert gradient(a, a) == 1
    assert differential(a, a) == scalar("da")


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: gradient(W, W), ShapeError),
        (lambda: gradient(trace(A), A * A), ShapeError),
        (lambda: jacobian(A, "A"), ShapeError),
        (lambda: gradient(trace(sp.Adjoint(X)), X), UnsupportedError),
        (lambda: gradient(trace(X ** sp.Symbol("k", integer=True)), X), UnsupportedError),
        (lambda: gradient(trace(sp.MatPow(X, 65)), X), LimitError),
        (lambda: gradient(sp.Max(trace(X), 0), X), UnsupportedError),
        (lambda: gradient(sp.Piecewise((trace(X), a > 0), (0, True)), X), UnsupportedError),
        (lambda: gradient(sp.Function("h")(trace(X)), X), UnsupportedError),
        (lambda: gradient(sp.sign(trace(X)), X), UnsupportedError),
        (lambda: gradient(trace(elementwise(sp.sign)(X)), X), UnsupportedError),
        (lambda: gradient(trace(elementwise(sp.Lambda(a, a * scalar("c")))(X)), scalar("c")), UnsupportedError),
        (lambda: gradient(trace(sp.HadamardPower(X, a)), a), UnsupportedError),
        (lambda: gradient(sp.Trace(sp.BlockMatrix([[X, A], [A, B]])), X), UnsupportedError),
    ],
)
def test_errors(call: Callable[[], Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def test_a_parameter_named_as_the_bound_variable_of_a_function() -> None:
    same_name = sp.Symbol("t", real=True)  # concrete functions are stored with a variable of this name
    value = same_name * trace(elementwise(sp.Lambda(a, a**2 + a))(X))
    assert gradient(value, same_name) == trace(elementwise(sp.Lambda(a, a**2 + a))(X))
