"""Gradients of scalar functions, each judged entry by entry by the oracle: the value right and the shape right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from oracles import Oracle
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct

from cnnsym.atoms import (
    diag,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    relu,
    scalar,
    sigmoid,
    trace,
    unvec,
    vec,
    vector,
)
from cnnsym.calculus import gradient
from cnnsym.sizes import dims

m, n = dims("m n")
SIZES = {m: 3, n: 2}
f, g, J = elementwise("f"), elementwise("g"), objective("J")
k = scalar("k")


class Names:
    """The symbols of the battery, for sizes as symbols or as numbers."""

    def __init__(self, m: Any, n: Any) -> None:
        self.m, self.n = m, n
        self.X, self.A, self.B = (matrix(c, n, n) for c in "XAB")
        self.W, self.Z, self.Y = matrix("W", m, n), matrix("Z", m, n), matrix("Y", m, m)
        self.x, self.y, self.z = (vector(c, n) for c in "xyz")
        self.V = matrix("V", 2, 2)
        self.t, self.b, self.c = (vector(c, m) for c in "tbc")

    @property
    def symbols(self) -> list[Any]:
        return [v for v in vars(self).values() if isinstance(v, sp.MatrixSymbol)] + [k]


def square(r: Any) -> Any:
    return trace(r.T * r)


def softmax_loss(s: Names) -> Any:
    total = (sp.OneMatrix(1, s.n) * s.x.applyfunc(sp.exp))[0, 0]
    return -(s.y.T * s.x)[0, 0] + (sp.OneMatrix(1, s.n) * s.y)[0, 0] * sp.log(total)


CASES: dict[str, tuple[Callable[[Names], Any], str]] = {
    "tr X + 1": (lambda s: trace(s.X) + 1, "X"),
    "tr X'X + k tr X": (lambda s: square(s.X) + k * trace(s.X), "X"),
    "the same in k": (lambda s: square(s.X) + k * trace(s.X), "k"),
    "exp tr X": (lambda s: sp.exp(trace(s.X)), "X"),
    "log tr X'X": (lambda s: sp.log(square(s.X)), "X"),
    "log det X": (lambda s: sp.log(sp.Determinant(s.X)), "X"),
    "det X": (lambda s: sp.Determinant(s.X), "X"),
    "log det X'X": (lambda s: sp.log(sp.Determinant(s.W.T * s.W)), "W"),
    "x'x": (lambda s: (s.x.T * s.x)[0, 0], "x"),
    "(x'Ax)^2": (lambda s: (s.x.T * s.A * s.x)[0, 0] ** 2, "x"),
    "x'Ax": (lambda s: s.x.T * s.A * s.x, "x"),
    "x'Ax in A": (lambda s: (s.x.T * s.A * s.x)[0, 0], "A"),
    "x'A'Ax": (lambda s: (s.x.T * s.A.T * s.A * s.x)[0, 0], "x"),
    "x'(A + A')x": (lambda s: (s.x.T * (s.A + s.A.T) * s.x)[0, 0], "x"),
    "x0 x1": (lambda s: s.x[0, 0] * s.x[1, 0], "x"),
    "entry of Ax": (lambda s: (s.A * s.x)[1, 0] ** 3, "x"),
    "log-sum-exp": (lambda s: sp.log((sp.OneMatrix(1, s.n) * s.x.applyfunc(sp.exp))[0, 0]), "x"),
    "-y' log softmax x": (softmax_loss, "x"),
    "tr AXBX'": (lambda s: trace(s.A * s.X * s.B * s.X.T), "X"),
    "|ZX - W|^2": (lambda s: square(s.Z * s.X - s.W), "X"),
    "ridge": (lambda s: square(s.Z * s.X - s.W) + k * square(s.X), "X"),
    "|ZX - W|^2 + 1": (lambda s: square(s.Z * s.X - s.W) + 1, "X"),
    "x'diag(y)x in x": (lambda s: (s.x.T * DiagMatrix(s.y) * s.x)[0, 0], "x"),
    "x'diag(y)x in y": (lambda s: (s.x.T * diag(s.y) * s.x)[0, 0], "y"),
    "x'diag(x)y": (lambda s: s.x.T * DiagMatrix(s.x) * s.y, "x"),
    "1'(x⊙x)": (lambda s: (sp.OneMatrix(1, s.n) * HadamardProduct(s.x, s.x))[0, 0], "x"),
    "1'x^∘3": (lambda s: sp.OneMatrix(1, s.n) * HadamardPower(s.x, 3), "x"),
    "1'x^∘5": (lambda s: (sp.OneMatrix(1, s.n) * HadamardPower(s.x, 5))[0, 0], "x"),
    "1'(x⊙f(Ax))": (lambda s: (ones(s.n).T * hadamard(s.x, f(s.A * s.x)))[0, 0], "x"),
    "|f(Wx) - t|^2 in x": (lambda s: square(f(s.W * s.x) - s.t), "x"),
    "|f(Wx) - t|^2 in W": (lambda s: square((s.W * s.x).applyfunc(sp.Function("f")) - s.t), "W"),
    "tr X⊗A": (lambda s: trace(KroneckerProduct(s.X, s.A)), "X"),
    "tr (W⊗Z)'(W⊗Z)": (lambda s: square(kron(s.W, s.Z)), "W"),
    "J(W⊗X) in W": (lambda s: J(kron(s.W, s.x)), "W"),
    "J(x⊗W) in W": (lambda s: J(kron(s.x, s.W)), "W"),
    "J(W⊗X') in X": (lambda s: trace(kron(s.W, s.X.T).T * f(kron(s.W, s.A))), "X"),
    "c'g(W f(Bx))": (lambda s: s.c.T * g(s.W * f(s.B * s.x)), "x"),
    "c'g(W f(Bx)) in B": (lambda s: (s.c.T * g(s.W * f(s.B * s.x)))[0, 0], "B"),
    "tr sin X": (lambda s: trace(s.X.applyfunc(sp.sin)), "X"),
    "tr X⊙X": (lambda s: trace(HadamardProduct(s.X, s.X)), "X"),
    "tr(X)^2 tr(AX)": (lambda s: trace(s.X) ** 2 * trace(s.A * s.X), "X"),
    "tr X^-1": (lambda s: trace(s.X.inv()), "X"),
    "tr X^-1 A": (lambda s: trace(s.X**-1 * s.A), "X"),
    "tr X^-2": (lambda s: trace(s.X**-2), "X"),
    "tr X^3": (lambda s: trace(s.X**3), "X"),
    "norm": (lambda s: sp.sqrt((s.x.T * s.x)[0, 0]), "x"),
    "two norms": (lambda s: sp.sqrt(square(s.W)) + sp.sqrt(square(s.W - s.Z)), "W"),
    "quotient": (lambda s: (s.x.T * s.A * s.x)[0, 0] / (s.x.T * s.x)[0, 0], "x"),
    "sigmoid net": (lambda s: square(elementwise(sigmoid)(s.W * s.x + s.b) - s.t), "W"),
    "tanh net": (lambda s: square(s.Y * (s.W * s.x + s.b).applyfunc(sp.tanh) - s.t), "b"),
    "relu net": (lambda s: square(s.Y * elementwise(relu)(s.W * s.x + s.b) - s.t), "W"),
    "objective": (lambda s: J(s.W * f(s.x) + s.b), "x"),
    "objective in W": (lambda s: J(s.W * f(s.x) + s.b), "W"),
    "objective of two": (lambda s: J(s.W * s.x, s.x) * trace(s.X), "x"),
    "vec and unvec": (lambda s: J(unvec(s.Y * vec(s.W.T)[0, 0] * s.W * s.x, s.m, 1) + s.b), "W"),
    "vec(W)'vec(Z)": (lambda s: vec(f(s.W)).T * vec(s.Z), "W"),
    "diagonal": (lambda s: diag(s.X * s.A).T * s.y, "X"),
    "diag matrix": (lambda s: trace(s.A * diag(f(s.x)) * s.B), "x"),
    "scalar times matrix": (lambda s: trace(trace(s.X) * s.X.T * s.A), "X"),
    "entry of f": (lambda s: f(s.W * s.X)[1, 0] ** 2, "X"),
    "f of a scalar": (lambda s: f(trace(s.X * s.A)), "X"),
    "explicit": (lambda s: trace(s.V * sp.Matrix([[1, 2], [3, 5]]) * s.V.T), "V"),
    "explicit with entries": (lambda s: trace(sp.Matrix([[s.x[0, 0], 2], [s.x[1, 0] ** 2, 1]]) * s.V), "x"),
}


@pytest.mark.parametrize("concrete", [False, True], ids=["symbolic", "concrete"])
@pytest.mark.parametrize("name", CASES)
def test_gradient(name: str, concrete: bool) -> None:
    build, variable = CASES[name]
    names = Names(3, 2) if concrete else Names(m, n)
    oracle = Oracle({} if concrete else SIZES, seed=7)
    wrt = k if variable == "k" else getattr(names, variable)
    point = oracle.point(*names.symbols)
    if name.startswith("log det X'X"):  # keep det > 0: it is, W'W being positive definite
        assert oracle.scalar(sp.Determinant(names.W.T * names.W), point) > 0
    found = gradient(build(names), wrt)
    if variable == "k":
        assert not getattr(found, "is_Matrix", False)
    else:
        assert found.shape == wrt.shape
    expected = oracle.gradient(build(names), wrt, point)
    assert oracle.agrees(found, expected, point)
    assert not oracle.agrees(found * 2 if any(expected) else found, expected + sp.ones(*expected.shape), point)


def test_the_battery_has_its_cases() -> None:
    assert len(CASES) >= 44
