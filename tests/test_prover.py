"""What is proved is true, what is refuted comes with values that refute it, and where the deciders disagree nothing is said."""

from __future__ import annotations

import signal as signal_module
from collections.abc import Callable, Iterator
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
import sympy as sp
from numpy.linalg import det
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct

import cnnsym.index_form.equality
import cnnsym.prover
from cnnsym.atoms import (
    Gradient,
    Jacobian,
    ObjectiveGradient,
    ObjectiveHessian,
    basis,
    commutation,
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
    step,
    trace,
    unvec,
    vec,
    vector,
)
from cnnsym.errors import CnnsymError, InternalError, ShapeError, UnsupportedError
from cnnsym.evaluate import evaluate_at
from cnnsym.index_form import Difference, difference
from cnnsym.prover import prove
from cnnsym.sizes import dims
from cnnsym.verdict import Proved, Refuted, Unknown

Q = sp.Q
d, n, m, p, q, r, u = dims("d n m p q r u")
A, X, B = matrix("A", m, n), matrix("X", n, p), matrix("B", p, q)
C, D, E = matrix("C", n, r), matrix("D", q, u), matrix("E", m, n)
S, T, U = (matrix(name, n, n) for name in "STU")
V = matrix("V", m, m)
a, b, c, x = vector("a", m), vector("b", n), vector("c", m), vector("x", n)
W, z, bias = matrix("W", d, n), vector("z", n), vector("b", d)
long = vector("v", m * n)
f, Cost = elementwise("f"), objective("Cost")
s, t, y = scalar("s"), scalar("t"), scalar("y")
h, k, l = sp.symbols("h k l", integer=True)
i, j = sp.Idx("i", n), sp.Idx("j", n)
signal = sp.IndexedBase("x", shape=(n,))
I_n, I_d = sp.Identity(n), sp.Identity(d)

# The backpropagation identity: Cost of W f(s) + b, once more with a square W.
point = vector("s", n)
output = ObjectiveGradient(Cost, 0, W * f(point) + bias)
square_W, square_bias = matrix("W", n, n), vector("b", n)
square_output = ObjectiveGradient(Cost, 0, square_W * f(point) + square_bias)
slope = f.diff()(point)
weights = ObjectiveGradient(Cost, 0, W * z + bias)


def exp(matrix_expr: Any) -> Any:
    return matrix_expr.applyfunc(sp.exp)


def softmax(column: Any) -> Any:
    return exp(column) / (ones(1, column.shape[0]) * exp(column))[0, 0]


def form(left: Any, middle: Any, right: Any) -> Any:
    """The scalar left' middle right."""
    return (left.T * middle * right)[0, 0]


PROVED: list[tuple[str, Any, Any]] = [
    # section 5.1
    ("layer by vec(W)", kron(z.T, I_d) * vec(W) + bias, W * z + bias),
    ("layer by its entries", sp.FunctionMatrix(d, 1, sp.Lambda((k, l), sp.Sum(W[k, h] * z[h, 0], (h, 0, n - 1)))), W * z),
    ("vec of the gradient", kron(z, I_d) * weights, vec(weights * z.T)),
    ("gradient as a matrix", unvec(kron(z, I_d) * weights, d, n), weights * z.T),
    ("gradient by W", Gradient(Cost(W * z + bias), W), weights * z.T),
    ("gradient by b", Gradient(Cost(W * z + bias), bias), weights),
    ("backprop: row", Jacobian(Cost(W * f(point) + bias), point), output.T * W * diag(slope)),
    ("backprop: diag column", Gradient(Cost(W * f(point) + bias), point), diag(slope) * W.T * output),
    ("backprop: Hadamard column", Gradient(Cost(W * f(point) + bias), point), hadamard(slope, W.T * output)),
    ("backprop: row and Hadamard column", (output.T * W * diag(slope)).T, hadamard(W.T * output, slope)),
    # vec, Kronecker, commutation
    ("vec(AXB)", vec(A * X * B), kron(B.T, A) * vec(X)),
    ("mixed product", kron(A, B) * kron(C, D), kron(A * C, B * D)),
    ("mixed product, SymPy's class", KroneckerProduct(A, B) * KroneckerProduct(C, D), kron(A * C, B * D)),
    ("K vec(A)", commutation(m, n) * vec(A), vec(A.T)),
    ("K K = I", commutation(n, m) * commutation(m, n), sp.Identity(m * n)),
    ("K' = K", commutation(m, n).T, commutation(n, m)),
    ("K (A kron B) K", commutation(p, m) * kron(A, B) * commutation(n, q), kron(B, A)),
    ("tr(A'B)", trace(A.T * E), vec(A).T * vec(E)),
    ("vec(ab')", vec(a * b.T), kron(b, a)),
    ("a' kron b = b a'", kron(a.T, b), b * a.T),
    ("kron is associative", kron(kron(A, B), C), kron(A, kron(B, C))),
    ("kron of transposes", kron(A, B).T, kron(A.T, B.T)),
    ("kron of inverses", sp.Inverse(kron(S, V)), kron(S.I, V.I)),
    ("trace of kron", trace(kron(S, V)), trace(S) * trace(V)),
    ("determinant of kron", sp.Determinant(kron(S, V)), sp.Determinant(S) ** m * sp.Determinant(V) ** n),
    ("unvec of vec", unvec(vec(A), m, n), A),
    ("vec of unvec", vec(unvec(long, m, n)), long),
    ("objective of vec of unvec", Cost(vec(unvec(long, m, n))), Cost(long)),
    ("numeric radices", commutation(2, 3) * vector("v", 6), vec(unvec(vector("v", 6), 2, 3).T)),
    ("Hadamard of krons", hadamard(kron(a, b), kron(c, x)), kron(hadamard(a, c), hadamard(b, x))),
    # diag and Hadamard
    ("diag(a) b", diag(a) * c, hadamard(a, c)),
    ("SymPy's diag and Hadamard", DiagMatrix(a) * c, HadamardProduct(a, c)),
    ("vec of Hadamard", vec(hadamard(A, E)), diag(vec(A)) * vec(E)),
    ("diagonal of a product", diag(S * T), hadamard(S, T.T) * ones(n)),
    ("diagonal of diag", DiagonalOf(DiagMatrix(b)), b),
    ("Hadamard power", HadamardPower(A, 3), hadamard(A, A, A)),
    ("f of vec", f(vec(A)), vec(f(A))),
    ("f of the transpose", f(A.T), f(A).T),
    ("unit vectors", basis(1, n).T * S * basis(k + 1, n), S[0, k]),
    ("sum of e_k e_k'", sp.FunctionMatrix(n, n, sp.Lambda((k, l), sp.KroneckerDelta(k, l))), I_n),
    # trace, determinant, inverse
    ("tr(AB) = tr(BA)", trace(A * matrix("F", n, m)), trace(matrix("F", n, m) * A)),
    ("tr(ABC), cyclic", trace(S * T * U), trace(U * S * T)),
    ("tr(ABC), transposed", trace(S * T * U), trace(U.T * T.T * S.T)),
    ("determinant of a product", sp.Determinant(S * T), sp.Determinant(S) * sp.Determinant(T)),
    ("determinant of the transpose", sp.Determinant(S.T), sp.Determinant(S)),
    ("determinant of a sum's transpose", sp.Determinant(S + T), sp.Determinant(T.T + S.T)),
    ("determinant of a multiple", sp.Determinant(2 * S), 2**n * sp.Determinant(S)),
    ("determinant of the inverse", sp.Determinant(S.I) * sp.Determinant(S), sp.Integer(1)),
    ("inverse of a product", (S * T).I, T.I * S.I),
    ("inverse of the transpose", S.T.I, S.I.T),
    ("inverse of a disguised identity", sp.Inverse(diag(ones(n))), I_n),
    ("inverse of 1 x 1", sp.Inverse(x.T * x) * x.T * x, ones(1, 1)),
    ("an objective of a diagonal matrix", Cost(diag(b)), Cost(sp.MatMul(I_n, diag(b), I_n))),
    ("inverse of a sum's transpose", sp.Inverse(S.T + T.T), sp.Inverse(S + T).T),
    ("a matrix and its inverse", sp.Inverse(S * T) * S * T, I_n),
    ("a sum and its inverse", (S + T) * sp.Inverse(S + T), I_n),
    ("projection", A * sp.Inverse(A.T * A) * A.T * A, A),
    ("projection twice", (A * sp.Inverse(A.T * A) * A.T) ** 2, A * sp.Inverse(A.T * A) * A.T),
    ("powers", S**3 * S**2, S**5),
    ("a power of the inverse", S**-2 * S**3, S),
    # scalars
    ("quadratic form to the 6th, transposes mixed", form(x, S, x) ** 6, form(x, S, x) ** 2 * form(x, S.T, x) ** 4),
    ("softmax sums to 1", ones(1, n) * softmax(x), ones(1, 1)),
    ("softmax is shift invariant", softmax(x + s * ones(n)), softmax(x)),
    ("sigmoid of -s", sigmoid(-s), 1 - sigmoid(s)),
    ("sigmoid's derivative", sp.exp(-s) / (1 + sp.exp(-s)) ** 2, sigmoid(s) * (1 - sigmoid(s))),
    ("tanh by sigmoid", sp.tanh(s), 2 * sigmoid(2 * s) - 1),
    ("tanh entrywise", x.applyfunc(sp.tanh), 2 * elementwise(sigmoid)(2 * x) - ones(n)),
    ("tanh's derivative", elementwise(sp.tanh).diff()(x), ones(n) - HadamardPower(x.applyfunc(sp.tanh), 2)),
    ("cosh^2 - sinh^2", sp.cosh(s) ** 2 - sp.sinh(s) ** 2, sp.Integer(1)),
    ("relu(s) - relu(-s)", relu(s) - relu(-s), s),
    ("relu by step", relu(s), s * step(s)),
    ("log of a product", sp.log(sp.exp(s) * (1 + t**2)), s + sp.log(1 + t**2)),
    ("root of a square of a root", sp.sqrt(1 + s**2) ** 3, (1 + s**2) * sp.sqrt(1 + s**2)),
    ("fractions", 1 / (s - t) - 1 / (s + t), 2 * t / (s**2 - t**2)),
    ("a ratio of sums", form(x, S, x) / form(2 * x, S.T, x), sp.Rational(1, 2)),
    # sums, signals, entries
    ("sum of entries", sp.Sum(signal[k] * signal[l], (k, 0, n - 1), (l, 0, n - 1)), sp.Sum(signal[k], (k, 0, n - 1)) ** 2),
    ("a delta picks", sp.Sum(signal[k] * sp.KroneckerDelta(k, i), (k, 0, n - 1)), signal[i]),
    ("a sum from 1", sp.Sum(signal[k], (k, 1, n - 1)) + signal[0], sp.Sum(signal[k], (k, 0, n - 1))),
    ("entry of a product", (S * T)[i, j], sp.Sum(S[i, k] * T[k, j], (k, 0, n - 1))),
    ("explicit matrices", sp.Matrix([[s, t], [1, 2]]) * sp.Matrix([[1], [y]]), sp.Matrix([[s + t * y], [1 + 2 * y]])),
    ("vec of an explicit matrix", vec(sp.Matrix([[1, 2, 3], [4, 5, 6]])), sp.Matrix([1, 4, 2, 5, 3, 6])),
    ("Hessian is symmetric", ObjectiveHessian(Cost, 0, 0, A).T, ObjectiveHessian(Cost, 0, 0, A)),
    ("1 x 1 matrix and scalar", x.T * S * x, trace(S * x * x.T)),
]  # fmt: skip

ASSUMING: list[tuple[str, Any, Any, Any]] = [
    ("orthogonal", S.T * S, I_n, Q.orthogonal(S)),
    ("orthogonal, the other way", S * S.T, I_n, Q.orthogonal(S)),
    ("orthogonal: inverse", S.I, S.T, Q.orthogonal(S)),
    ("orthogonal: norm", form(x, S.T * S, x), x.T * x, Q.orthogonal(S)),
    ("orthogonal: squares of a row", diag(HadamardPower(S, 2) * ones(n)), I_n, Q.orthogonal(S)),
    ("symmetric", S * b, (b.T * S).T, Q.symmetric(S)),
    ("symmetric: trace", trace(S * T), trace(S * T.T), Q.symmetric(S)),
    ("diagonal", S, diag(diag(S)), Q.diagonal(S)),
    ("diagonal commutes with diag", S * diag(b), diag(b) * S, Q.diagonal(S)),
]


@pytest.mark.parametrize(("lhs", "rhs"), [law[1:] for law in PROVED], ids=[law[0] for law in PROVED])
def test_proved_for_all_sizes(lhs: Any, rhs: Any) -> None:
    verdict = prove(lhs, rhs)
    assert isinstance(verdict, Proved), verdict
    assert (verdict.scope, verdict.method) == ("all sizes", "index form")


@pytest.mark.parametrize(("lhs", "rhs", "given"), [law[1:] for law in ASSUMING], ids=[law[0] for law in ASSUMING])
def test_proved_under_a_hypothesis_and_refuted_without(lhs: Any, rhs: Any, given: Any) -> None:
    verdict = prove(lhs, rhs, assuming=given)
    assert isinstance(verdict, Proved), verdict
    assert str(given) in verdict.assumed
    assert isinstance(prove(lhs, rhs), Refuted)


# --- refuted ---------------------------------------------------------------------------------------------------------

# With the two sides in NumPy, at integers, where they can be written there.
Arrays = dict[str, Any]
Sides = Callable[[Arrays], tuple[Any, Any]]


def stacked(array: Any) -> Any:
    return array.reshape(-1, 1, order="F")


REFUTED: list[tuple[str, Any, Any, Sides | None]] = [
    ("vec(A) = vec(A')", vec(S), vec(S.T), lambda v: (stacked(v["S"]), stacked(v["S"].T))),
    ("vec(A) = vec(A'), rectangular", vec(A), vec(A.T), lambda v: (stacked(v["A"]), stacked(v["A"].T))),
    ("a kron b = b kron a", kron(a, b), kron(b, a), lambda v: (np.kron(v["a"], v["b"]), np.kron(v["b"], v["a"]))),
    ("vec(ab') = a kron b", vec(a * b.T), kron(a, b), lambda v: (stacked(v["a"] @ v["b"].T), np.kron(v["a"], v["b"]))),
    ("tr(ABC) = tr(ACB)", trace(S * T * U), trace(S * U * T),
     lambda v: (np.trace(v["S"] @ v["T"] @ v["U"]), np.trace(v["S"] @ v["U"] @ v["T"]))),
    ("(AB)' = A'B'", (S * T).T, S.T * T.T, lambda v: ((v["S"] @ v["T"]).T, v["S"].T @ v["T"].T)),
    ("det(A+B) = det A + det B", sp.Determinant(S + T), sp.Determinant(S) + sp.Determinant(T),
     lambda v: (round(det(v["S"] + v["T"])), round(det(v["S"])) + round(det(v["T"])))),
    ("det(-A) = -det A", sp.Determinant(-S), -sp.Determinant(S), lambda v: (round(det(-v["S"])), -round(det(v["S"])))),
    ("Kronecker factors swapped", vec(S * T * U), kron(S, U.T) * vec(T),
     lambda v: (stacked(v["S"] @ v["T"] @ v["U"]), np.kron(v["S"], v["U"].T) @ stacked(v["T"]))),
    ("Kronecker factor not transposed", vec(S * T * U), kron(U, S) * vec(T),
     lambda v: (stacked(v["S"] @ v["T"] @ v["U"]), np.kron(v["U"], v["S"]) @ stacked(v["T"]))),
    ("K the other way round", commutation(n, m) * vec(A), vec(A.T), None),
    ("K is symmetric", commutation(m, n), commutation(n, m), None),
    ("a factor 2", trace(S.T * S), trace(2 * S.T * S), lambda v: (np.trace(v["S"].T @ v["S"]), 2 * np.trace(v["S"].T @ v["S"]))),
    ("a sign", S * T - T * S, T * S - S * T,
     lambda v: (v["S"] @ v["T"] - v["T"] @ v["S"], v["T"] @ v["S"] - v["S"] @ v["T"])),
    ("products commute", S * T, T * S, lambda v: (v["S"] @ v["T"], v["T"] @ v["S"])),
    ("A o B = AB", hadamard(S, T), S * T, lambda v: (v["S"] * v["T"], v["S"] @ v["T"])),
    ("unvec by rows", unvec(long, m, n), unvec(long, n, m).T, None),
    ("the constant's radix",
     unvec(unvec(vector("w", m * n * p), m * n, p) * basis(1, p), m, n).T * basis(1, m),
     unvec(unvec(vector("w", m * n * p), p * n, m) * basis(1, m), p, n).T * basis(1, p), None),
    ("sqrt(x^2) = x", sp.sqrt(s**2), s, lambda v: (abs(v["s"]), v["s"])),
    ("sqrt(x)^2 = |x| - 1", (s**2 + 1) ** sp.Rational(3, 2), s**2 + 1, None),
    ("log(xy) with a wrong sign", sp.log(sp.exp(s) * sp.exp(t), evaluate=False), s - t, None),
    ("exp of a sum", sp.exp(s + t), sp.exp(s) + sp.exp(t), None),
    ("an abstract function called exp", sp.Function("exp")(s), sp.exp(s), None),
    ("relu is linear", relu(s + t), relu(s) + relu(t), lambda v: (max(v["s"] + v["t"], 0), max(v["s"], 0) + max(v["t"], 0))),
    ("sum of squares", sp.Sum(signal[k] ** 2, (k, 0, n - 1)), sp.Sum(signal[k], (k, 0, n - 1)) ** 2,
     lambda v: ((v["x"] ** 2).sum(), v["x"].sum() ** 2)),
    ("another index", signal[i], signal[j], None),
    ("an objective of vec(A)", Cost(A), Cost(vec(A)), None),
    ("backprop without transpose", Gradient(Cost(square_W * f(point) + square_bias), point),
     hadamard(slope, square_W * square_output), None),
    ("backprop, f for f'", Gradient(Cost(W * f(point) + bias), point), hadamard(f(point), W.T * output), None),
    ("backprop, f'' for f'", Gradient(Cost(W * f(point) + bias), point),
     hadamard(f.diff(2)(point), W.T * output), None),
    ("backprop, sign", Gradient(Cost(W * f(point) + bias), point), -hadamard(slope, W.T * output), None),
    ("backprop, gradient of the input", Gradient(Cost(W * f(point) + bias), point),
     hadamard(slope, W.T * ObjectiveGradient(Cost, 0, W * point + bias)), None),
    ("vec gradient, factors swapped", kron(I_d, z) * weights, vec(weights * z.T), None),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "rhs", "sides"), [miss[1:] for miss in REFUTED], ids=[miss[0] for miss in REFUTED])
def test_refuted_by_values_that_refute_it(lhs: Any, rhs: Any, sides: Sides | None) -> None:
    verdict = prove(lhs, rhs)
    assert isinstance(verdict, Refuted), verdict
    example = verdict.counterexample
    assert example is not None
    values = [evaluate_at(side, example.sizes, example.values) for side in (lhs, rhs)]
    place = tuple(k - 1 for k in example.place) or (0, 0)
    found = [value[place] if isinstance(value, sp.MatrixBase) else value for value in values]
    assert [str(value) for value in found] == [example.lhs, example.rhs]
    assert found[0] != found[1]
    if sides is not None:
        left, right = sides({name: _array(value) for name, value in example.values.items()})
        assert not np.array_equal(left, right)


def _array(value: Any) -> Any:
    """The entries of a counterexample, which are integers in these cases."""
    return np.vectorize(int)(np.array(value))


def test_a_counterexample_is_small() -> None:
    verdict = prove(vec(S), vec(S.T))
    assert isinstance(verdict, Refuted) and verdict.counterexample is not None
    assert verdict.counterexample.sizes == {"n": 2}
    assert sum(abs(int(e)) for row in verdict.counterexample.values["S"] for e in row) == 1  # type: ignore[attr-defined]


# --- neither ---------------------------------------------------------------------------------------------------------

UNKNOWN: list[tuple[str, Any, Any, str]] = [
    ("no common domain", sp.log(s - t), sp.log(t - s), "defined at no sample"),
    ("log x^2 = 2 log(-x), positive only", sp.log(s) + sp.log(-s), 2 * sp.log(s), "defined at no sample"),
    ("a function without index form", sp.gamma(s), sp.gamma(s + 0), "gamma"),
    ("floats", 0.5 * s, s / 2, "0.5"),
    ("floats in a matrix", 0.5 * S, S / 2, "0.5"),
    ("a determinant under a sum", sp.Sum(sp.Determinant(k * S + T), (k, 1, n)), sp.Sum(sp.Determinant(l * S + T), (l, 1, n)),
     "depends on a summation index"),
    ("entries that divide by zero", HadamardPower(I_n, -1), I_n, "division"),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "rhs", "said"), [case[1:] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
def test_never_proved_and_never_a_crash(lhs: Any, rhs: Any, said: str) -> None:
    verdict = prove(lhs, rhs, seconds=1)
    assert isinstance(verdict, Unknown), verdict
    assert said in verdict.reason


def test_roots_of_unity() -> None:
    h = sp.Symbol("h", integer=True)
    x = sp.IndexedBase("x", shape=(n,))
    spectrum = sp.Sum(x[k] * sp.exp(-2 * sp.pi * sp.I * h * k / n), (k, 0, n - 1))
    energy = sp.Sum(x[k] ** 2, (k, 0, n - 1))
    parseval = sp.Sum(spectrum * sp.conjugate(spectrum), (h, 0, n - 1)) / n
    assert isinstance(prove(parseval, energy), Proved)
    assert isinstance(prove(parseval * n, energy), Refuted)
    assert isinstance(prove(sp.Sum(spectrum**2, (h, 0, n - 1)) / n, energy), Refuted)


def test_true_only_where_both_sides_are_defined() -> None:
    # log(s^2) = 2 log(s) where s > 0; the other sign is another half line, on which it is refuted by nothing.
    assert isinstance(prove(sp.log(s**2), 2 * sp.log(s)), Proved)
    verdict = prove(sp.log(s**2), sp.log(s))
    assert isinstance(verdict, Refuted)


@pytest.mark.parametrize(
    ("lhs", "rhs", "sizes"),
    [
        (A, A.T, {"m": 1, "n": 2}),
        (a, a.T, {"m": 2}),
        (vec(A), A, {"m": 1, "n": 2}),
        (kron(A, B), A, {"m": 1, "n": 2, "p": 3, "q": 4}),
        (sp.Matrix([[1, 2]]), sp.Matrix([[1], [2]]), {}),
    ],
    ids=str,
)
def test_different_shapes_are_refuted_by_sizes(lhs: Any, rhs: Any, sizes: dict[str, int]) -> None:
    verdict = prove(lhs, rhs)
    assert isinstance(verdict, Refuted)
    assert verdict.method == "shapes"
    assert verdict.counterexample is not None
    assert verdict.counterexample.sizes == sizes
    assert verdict.counterexample.lhs != verdict.counterexample.rhs
    assert "shape" in verdict.reason


ILL_FORMED: list[tuple[str, Callable[[], Any], str]] = [
    ("Hadamard", lambda: prove(hadamard(A, A.T), A), "factor 1 is m x n, factor 2 is n x m"),
    ("product", lambda: prove(sp.Basic.__new__(sp.MatMul, A, B), ones(m, q)), "expected n rows, got p"),
    ("sum", lambda: prove(sp.Basic.__new__(sp.MatAdd, A, A.T), A), "term 2 .* is n x m"),
    ("unvec", lambda: prove(unvec(long, m, p), A), "a column of m.p entries"),
    ("diag", lambda: prove(diag(A), A), "expected a column or a square matrix"),
    ("basis", lambda: prove(basis(3, 2), basis(1, 2)), "index from 1 to 2, got 3"),
]


@pytest.mark.parametrize(("build", "said"), [case[1:] for case in ILL_FORMED], ids=[case[0] for case in ILL_FORMED])
def test_an_ill_formed_expression_raises(build: Callable[[], Any], said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        build()


@pytest.mark.parametrize(
    "value", ["A*B", None, object(), [1, 2], {"A": 1}, sp.Eq(s, t), True], ids=lambda e: type(e).__name__
)
def test_what_is_no_expression_is_refused(value: Any) -> None:
    with pytest.raises((CnnsymError, sp.SympifyError, TypeError)):
        prove(value, s)


def test_an_unknown_hypothesis_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="predicate"):
        prove(S, S, assuming="symmetric")
    with pytest.raises(UnsupportedError, match="predicate"):
        prove(S, S, assuming=[S])


# --- the deciders watch each other -----------------------------------------------------------------------------------


def test_a_broken_index_form_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnnsym.prover, "difference", lambda *_args: Difference(()))
    with pytest.raises(InternalError, match="proves"):
        prove(S, S.T)


def test_a_broken_evaluator_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    refuting = cnnsym.prover.find_counterexample(S, S.T)
    assert refuting.counterexample is not None
    monkeypatch.setattr(cnnsym.prover, "find_counterexample", lambda *_args, **_named: refuting)
    with pytest.raises(InternalError, match="proves"):
        prove(S, S)


def test_nothing_is_proved_that_was_never_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nowhere:
        counterexample, agreed, enclosed, notes = None, (), (), ()

    monkeypatch.setattr(cnnsym.prover, "find_counterexample", lambda *_args, **_named: Nowhere())
    verdict = prove(S, S)
    assert isinstance(verdict, Unknown)
    assert "no sample" in verdict.reason


# --- no blow-up ------------------------------------------------------------------------------------------------------


def grid(names: str) -> Any:
    """A scalar whose indices form a 4 x 4 grid: the trace of four layers of four factors, all joined."""
    row = [matrix(f"{names}{k}", n, n) for k in range(4)]
    line = [hadamard(*(row[(k + h) % 4] for h in range(2))) for k in range(4)]
    across = kron(line[0] * line[1], line[2] * line[3])
    down = kron(line[3] * line[0], line[1] * line[2])
    return trace(across * commutation(n, n) * down * commutation(n, n) * across.T * down)


@pytest.fixture
def hang_guard() -> Iterator[None]:
    """Far more time than any of this takes."""

    def fail(_signal: int, _frame: Any) -> None:
        raise TimeoutError("60 s")

    before = signal_module.signal(signal_module.SIGALRM, fail)
    signal_module.alarm(60)
    yield
    signal_module.alarm(0)
    signal_module.signal(signal_module.SIGALRM, before)


LARGE: list[tuple[str, Callable[[], tuple[Any, Any]]]] = [
    ("(x'Cx)^6", lambda: (form(x, S, x) ** 6, form(x, S.T, x) ** 6)),
    ("product of 200 matrices", lambda: (
        trace(sp.MatMul(*(chain := [matrix(f"M{k}", n, n) for k in range(200)]))),
        trace(sp.MatMul(*(chain[77:] + chain[:77]))),
    )),
    ("trace of A^200", lambda: (trace(S**200), trace(S.T**200))),
    ("Hadamard of 6 equal columns", lambda: (
        ones(1, n) * hadamard(*[x] * 6), sp.Matrix([[trace(diag(x) ** 6)]]),
    )),
    ("Hadamard of 6 equal sums", lambda: (hadamard(*[x + b] * 6), HadamardPower(x + b, 6))),
    ("12 equal factors on one index", lambda: (
        ones(1, n) * hadamard(*[S * x] * 12), ones(1, n) * HadamardPower(S * x, 12),
    )),
    ("12 equal factors on one index, transposed", lambda: (
        trace(diag(S * x) ** 12), ones(1, n) * hadamard(*[(x.T * S.T).T] * 12),
    )),
    ("a 4 x 4 grid", lambda: (grid("G"), grid("G"))),
    ("20 nested layers", lambda: (nested(20, False), nested(20, True))),
]  # fmt: skip


def nested(depth: int, twice: bool) -> Any:
    e = x
    for _ in range(depth):
        e = f(S.T.T * e + b) if twice else f(S * e + b)
    return Cost(e)


@pytest.mark.parametrize("build", [case[1] for case in LARGE], ids=[case[0] for case in LARGE])
@pytest.mark.usefixtures("hang_guard")
def test_large_and_symmetric_statements_are_decided(build: Callable[[], tuple[Any, Any]]) -> None:
    verdict = prove(*build())
    assert isinstance(verdict, Proved), verdict


@pytest.mark.usefixtures("hang_guard")
def test_many_denominators_are_not_multiplied_out_for_ever() -> None:
    """Six different denominators to the third power: over ten thousand terms."""
    rational = elementwise(sp.Lambda(t, 1 / (1 + t**2)))
    entries = HadamardPower(rational(matrix("Y", n, 3)), 3), HadamardPower(rational(matrix("Z", n, 3)), 3)
    left, right = (e * sp.Matrix([1, 2, 3]) for e in entries)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cnnsym.index_form.equality, "MAX_CLEARED_TERMS", 100)
        assert not difference(left, right).is_zero
    assert isinstance(prove(left, right), Refuted)
    assert isinstance(prove(left, left), Proved)


def test_a_limit_is_reported_and_nothing_is_half_compared() -> None:
    wide = sp.Add(*(scalar(f"a{k}") for k in range(40)))
    verdict = prove(sp.Pow(wide, 9, evaluate=False), wide**9 + 0 * s + sp.Integer(1), seconds=1)
    assert not isinstance(verdict, Proved)
    if isinstance(verdict, Unknown):
        assert "limit" in verdict.reason


def test_the_sizes_of_the_witnesses_multiply_to_little() -> None:
    for _, lhs, rhs, _ in REFUTED[:6]:
        verdict = prove(lhs, rhs)
        assert isinstance(verdict, Refuted) and verdict.counterexample is not None
        assert prod(verdict.counterexample.sizes.values()) <= 6


def test_proofs_hold_at_concrete_sizes_too() -> None:
    for sizes in product((1, 2, 3), repeat=2):
        swap = dict(zip((m, n), sizes, strict=True))
        for lhs, rhs in ((commutation(m, n) * vec(A), vec(A.T)), (trace(A.T * E), vec(A).T * vec(E))):
            assert isinstance(prove(lhs.xreplace(swap), rhs.xreplace(swap)), Proved)


def test_a_verdict_is_no_truth_value() -> None:
    for verdict in (prove(s, s), prove(s, t), prove(sp.gamma(s), sp.gamma(s))):
        with pytest.raises(TypeError, match=type(verdict).__name__):
            bool(verdict)
