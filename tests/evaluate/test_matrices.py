"""Every matrix expression against NumPy on integers, or against its definition entry by entry."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from cnnsym import atoms
from cnnsym.errors import LimitError, ShapeError, UnsupportedError
from cnnsym.evaluate import evaluate_at
from cnnsym.evaluate.arithmetic import differ, exp
from cnnsym.evaluate.array import Mat, determinant, inverse, multiply
from cnnsym.sizes import dims

m, n, p = dims("m n p")
A, B, C = atoms.matrix("A", m, n), atoms.matrix("B", n, p), atoms.matrix("C", m, n)
S, T = atoms.matrix("S", n, n), atoms.matrix("T", n, n)
x, y = atoms.vector("x", n), atoms.vector("y", m)
SIZES = {m: 2, n: 3, p: 2}
a = np.array([[1, -2, 3], [4, 0, -1]])
b = np.array([[2, 1], [0, 5], [-3, 1]])
c = np.array([[5, 1, 1], [-2, 2, 7]])
s = np.array([[2, 0, 1], [1, 3, 0], [-1, 1, 1]])
t = np.array([[0, 1, 4], [2, 2, 0], [1, 0, 3]])
u, v = np.array([[1], [-2], [4]]), np.array([[3], [7]])
VALUES = {A: a.tolist(), B: b.tolist(), C: c.tolist(), S: s.tolist(), T: t.tolist(), x: u.tolist(), y: v.tolist()}

CASES: list[tuple[Any, Any]] = [
    (A * B, a @ b),
    (2 * A - C, 2 * a - c),
    (A.T, a.T),
    (sp.Adjoint(A), a.T),
    (S**3, s @ s @ s),
    (S**m, s @ s),
    (S**0, np.eye(3, dtype=int)),
    (sp.Identity(n) + S, np.eye(3, dtype=int) + s),
    (sp.ZeroMatrix(m, n), np.zeros((2, 3), dtype=int)),
    (sp.OneMatrix(m, n) * B, np.ones((2, 3), dtype=int) @ b),
    (atoms.ones(n), np.ones((3, 1), dtype=int)),
    (sp.HadamardProduct(A, C), a * c),
    (atoms.hadamard(A, C, A), a * c * a),
    (sp.HadamardPower(A, 2), a**2),
    (sp.KroneckerProduct(A, B), np.kron(a, b)),
    (atoms.kron(A, B, y), np.kron(np.kron(a, b), v)),
    (atoms.vec(A), a.reshape(-1, 1, order="F")),
    (atoms.unvec(atoms.vec(A), m, n), a),
    (atoms.unvec(atoms.vec(A), n, m), a.reshape((3, 2), order="F")),
    (atoms.diag(x), np.diag(u[:, 0])),
    (sp.DiagMatrix(x), np.diag(u[:, 0])),
    (atoms.diag(S), np.diag(s).reshape(3, 1)),
    (sp.DiagonalOf(S), np.diag(s).reshape(3, 1)),
    (sp.DiagonalMatrix(S), np.diag(np.diag(s))),
    (atoms.basis(2, n), np.array([[0], [1], [0]])),
    (atoms.basis(m, n), np.array([[0], [1], [0]])),
    (atoms.commutation(m, n) * atoms.vec(A), a.T.reshape(-1, 1, order="F")),
    (atoms.relu(x[0, 0]) * A, a),
    (atoms.elementwise(atoms.relu)(A), np.maximum(a, 0)),
    (atoms.elementwise(sp.Lambda(m, m**2 + 1))(A), a**2 + 1),
    (A.applyfunc(atoms.relu), np.maximum(a, 0)),
    (A.applyfunc(sp.Lambda(n, n**2 + 1)), a**2 + 1),
    (sp.FunctionMatrix(m, n, sp.Lambda((p, n), 3 * p + n)), np.array([[0, 1, 2], [3, 4, 5]])),
    (sp.ImmutableDenseMatrix([[1, n], [m, 2]]) * A, np.array([[1, 3], [2, 2]]) @ a),
    (sp.Matrix([[1, n], [m, 2]]), np.array([[1, 3], [2, 2]])),
    (sp.SparseMatrix([[0, n], [m, 0]]), np.array([[0, 3], [2, 0]])),
    (sp.Trace(S * T), np.trace(s @ t)),
    (A[1, 2], -1),
    ((x.T * S * x)[0, 0], (u.T @ s @ u)[0, 0]),
    (sp.Sum(S**p, (p, 0, 2)), np.eye(3, dtype=int) + s + s @ s),
]


def integers(found: Any) -> Any:
    return np.array(found.tolist(), dtype=object).astype(int) if isinstance(found, sp.MatrixBase) else int(found)


@pytest.mark.parametrize(("expr", "expected"), CASES, ids=lambda e: str(e)[:60])
def test_an_expression_has_the_value_that_numpy_finds(expr: Any, expected: Any) -> None:
    assert np.array_equal(integers(evaluate_at(expr, SIZES, VALUES)), expected)


def test_inverse_and_determinant() -> None:
    found = evaluate_at(S.I, SIZES, VALUES)
    assert found * sp.Matrix(s.tolist()) == sp.eye(3)
    assert evaluate_at(S**-2, SIZES, VALUES) == found * found
    assert evaluate_at(sp.Determinant(S), SIZES, VALUES) == sp.Matrix(s.tolist()).det()
    assert evaluate_at(S.I, SIZES, {S: [[1, 2, 3], [2, 4, 6], [0, 1, 1]]}) is None


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_determinants_and_inverses_of_random_matrices(size: int) -> None:
    entries = np.random.default_rng(size).integers(-4, 5, (size, size)).tolist()
    mat = Mat(size, size, tuple(q for row in entries for q in row))
    assert determinant(mat) == sp.Matrix(entries).det()
    irrational = mat.map(lambda q: exp(q))
    product = multiply(irrational, inverse(irrational))
    for i in range(size):
        for j in range(size):
            assert differ(product[i, j], int(i == j)) is not True
            assert differ(product[i, j], int(i == j) + Fraction(1, 10**30)) is True


def test_abstract_functions_act_by_their_tables() -> None:
    f, J = atoms.elementwise("f"), atoms.objective("J")
    given = {"x": [[1], [1], [2]], "f'(1)": 5, "f'(2)": "7/2", "f(1)": 0}
    assert evaluate_at(f.diff()(x), {n: 3}, given) == sp.Matrix([5, 5, sp.Rational(7, 2)])
    assert evaluate_at(f(x[0, 0]), {n: 3}, given) == 0
    given |= {f"J'[{k},1]([[1], [1], [2]])": k for k in (1, 2, 3)}
    assert evaluate_at(atoms.ObjectiveGradient(J, 0, x), {n: 3}, given) == sp.Matrix([1, 2, 3])
    hessian = evaluate_at(atoms.ObjectiveHessian(J, 0, 1, S, T), SIZES, VALUES)
    other = evaluate_at(atoms.ObjectiveHessian(J, 1, 0, S, T), SIZES, VALUES)
    assert hessian == other.T
    assert len(set(hessian)) > 1


def test_signals_count_from_zero_and_vanish_outside() -> None:
    H, W = dims("H W")
    X = sp.IndexedBase("X", shape=(H, W))
    i, j = sp.symbols("i j", integer=True)
    values = {X: [[1, 2, 3], [4, 5, 6]]}
    sizes = {H: 2, W: 3}
    assert evaluate_at(X[0, 2], sizes, values) == 3
    for outside in ((-1, 0), (2, 0), (0, 3)):
        assert evaluate_at(X[outside], sizes, values) == 0
    assert evaluate_at(sp.Sum(X[i - 1, j + 1], (i, 0, H), (j, -1, W)), sizes, values) == 21
    first = sp.Derivative(sp.Sum(X[i, 0] * X[i + 1, 1] * X[i, 0], (i, -1, H)), X[0, 0])
    assert evaluate_at(first, sizes, values) == 10
    y = sp.IndexedBase("y")
    assert evaluate_at(y[2] - y[-1], {}, {"y(2)": 5, "y(-1)": 3}) == 2
    with pytest.raises(UnsupportedError):
        evaluate_at(X[0, 0], sizes, {})


def test_entries_outside_a_matrix_are_undefined() -> None:
    k = sp.Symbol("k", integer=True)
    assert evaluate_at(A[k, 0], SIZES, {**VALUES, k: 1}) == 4
    for outside in (-1, 2):
        assert evaluate_at(A[k, 0], SIZES, {**VALUES, k: outside}) is None
        assert evaluate_at(atoms.basis(k, 1), {}, {k: outside}) is None


def test_shapes_that_disagree_at_concrete_sizes_raise() -> None:
    for expr in (A * A, A + A.T, sp.Trace(A), sp.Determinant(A), A.I, sp.HadamardProduct(A, A.T), A**2):
        with pytest.raises(ShapeError):
            evaluate_at(expr, SIZES, VALUES)
    with pytest.raises(ShapeError):
        evaluate_at(A, SIZES, {A: [[1, 2], [3, 4]]})
    with pytest.raises(ShapeError):
        evaluate_at(sp.log(A), SIZES, VALUES)


def test_a_scalar_and_a_matrix_of_one_entry_stand_for_each_other() -> None:
    assert evaluate_at(sp.log(x.T * x), {n: 1}, {x: [[1]]}) == 0


def test_sizes_are_positive_integers() -> None:
    assert evaluate_at(sp.Identity(m - n), {m: 2, n: 2}) is None
    assert evaluate_at(sp.Identity(m / n), {m: 3, n: 2}) is None
    assert evaluate_at(sp.Identity(m / n), {m: 4, n: 2}) == sp.eye(2)


def test_what_is_too_large_is_a_limit() -> None:
    k = sp.Symbol("k", integer=True)
    for expr in (sp.OneMatrix(n, n), sp.Sum(k, (k, 1, n**3)), sp.Integer(3) ** (n**3), sp.Determinant(sp.Identity(n))):
        with pytest.raises(LimitError):
            evaluate_at(expr, {n: 300})
