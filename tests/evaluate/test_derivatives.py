"""`Gradient` and `Jacobian` by dual numbers, against SymPy's scalar derivatives of the expanded entries."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy as sp

from cnnsym import atoms
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.evaluate import evaluate_at
from cnnsym.sizes import dims

n = dims("n")
X, A = atoms.matrix("X", 2, 3), atoms.matrix("A", 2, 2)
S = atoms.matrix("S", 2, 2)
x = atoms.vector("x", 3)


def entries(name: str, rows: int, cols: int) -> sp.Matrix:
    return sp.Matrix(rows, cols, lambda i, j: sp.Symbol(f"{name}{i}{j}", real=True))


def draw(symbol: Any, seed: int) -> sp.Matrix:
    generator = random.Random(f"{symbol} {seed}")
    return sp.Matrix(*symbol.shape, lambda i, j: sp.Rational(generator.randint(1, 9), generator.randint(1, 4)))


# The same function twice: as a matrix expression, and of explicit entries.
CASES: list[tuple[Any, Any, Any]] = [
    (A * X, lambda s, a, u: a * s, X),
    (X.T * A * X, lambda s, a, u: s.T * a * s, X),
    (sp.Trace(X.T * A * X), lambda s, a, u: sp.Matrix([[(s.T * a * s).trace()]]), X),
    (atoms.hadamard(X, X), lambda s, a, u: s.multiply_elementwise(s), X),
    (atoms.vec(X), lambda s, a, u: sp.Matrix(6, 1, [s[i, j] for j in range(3) for i in range(2)]), X),
    (atoms.kron(X, A), lambda s, a, u: sp.kronecker_product(s, a), X),
    (X.applyfunc(sp.exp), lambda s, a, u: s.applyfunc(sp.exp), X),
    (atoms.elementwise(atoms.sigmoid)(X), lambda s, a, u: s.applyfunc(lambda q: 1 / (1 + sp.exp(-q))), X),
    (sp.log(sp.Determinant(X * X.T)), lambda s, a, u: sp.Matrix([[sp.log((s * s.T).det())]]), X),
    (A * (X * X.T).I, lambda s, a, u: a * (s * s.T).inv(), X),
    (atoms.diag(x) * X.T, lambda s, a, u: sp.diag(*u) * s.T, x),
    ((x.T * x) * (x.T * X.T * A * X * x), lambda s, a, u: (u.T * u) * (u.T * s.T * a * s * u), x),
    (sp.sqrt((x.T * x)[0, 0]), lambda s, a, u: sp.Matrix([[sp.sqrt((u.T * u)[0, 0])]]), x),
]


@pytest.mark.parametrize(("expr", "explicit", "variable"), CASES, ids=lambda e: None if callable(e) else str(e)[:50])
def test_a_jacobian_has_a_row_for_each_entry_and_a_column_for_each_variable(
    expr: Any, explicit: Any, variable: Any
) -> None:
    s, a, u = entries("X", 2, 3), entries("A", 2, 2), entries("x", 3, 1)
    values = {symbol: draw(symbol, 1) for symbol in (X, A, x)}
    at = {q: value for mat, symbol in ((s, X), (a, A), (u, x)) for q, value in zip(mat, values[symbol], strict=True)}
    rows = explicit(s, a, u)
    variables = s if variable is X else u
    columns = [variables[i, j] for j in range(variables.cols) for i in range(variables.rows)]
    stacked = [rows[i, j] for j in range(rows.cols) for i in range(rows.rows)]
    expected = sp.Matrix([[sp.diff(f, q).xreplace(at) for q in columns] for f in stacked])
    found = evaluate_at(Jacobian(expr, variable), {}, values)
    assert found.shape == expected.shape
    assert all(sp.simplify(d) == 0 for d in found - expected)
    if len(stacked) == 1:
        gradient = evaluate_at(Gradient(expr, variable), {}, values)
        assert gradient.shape == variable.shape
        assert [gradient[i, j] for j in range(gradient.cols) for i in range(gradient.rows)] == list(found)


def test_the_variable_is_bound_where_the_point_is_another() -> None:
    values = {S: [[1, 2], [3, 4]], A: [[5, 0], [1, 2]]}
    square = Gradient(sp.Trace(S * S * A), S, A)  # A' S' + S' A' at S = A
    a = sp.Matrix(values[A])
    assert evaluate_at(square, {}, values) == 2 * (a * a).T
    assert evaluate_at(Gradient(sp.Trace(S * S), S, 2 * S + A), {}, values) == 2 * (2 * sp.Matrix(values[S]) + a).T


def test_second_derivatives_by_nesting() -> None:
    y = atoms.vector("y", 2)
    f = (y.T * A * y)[0, 0] ** 2
    hessian = evaluate_at(Jacobian(Gradient(f, y), y), {}, {y: [[1], [2]], A: [[1, 2], [3, 4]]})
    p, q = sp.symbols("p q")
    explicit = (p**2 + 5 * p * q + 4 * q**2) ** 2
    assert hessian == sp.hessian(explicit, (p, q)).subs({p: 1, q: 2})


def test_abstract_functions_are_differentiated_by_their_own_tables() -> None:
    f, J = atoms.elementwise("f"), atoms.objective("J")
    y = atoms.vector("y", 2)
    given = {y: [[1], [2]], "f'(1)": 3, "f'(2)": 5, "f''(1)": 7, "f''(2)": 11}
    assert evaluate_at(Jacobian(f(y), y), {}, given) == sp.diag(3, 5)
    assert evaluate_at(Jacobian(Jacobian(f(y), y) * atoms.ones(2), y), {}, given) == sp.diag(7, 11)
    given |= {"J'[1,1]([[1], [2]])": 2, "J'[2,1]([[1], [2]])": 4}
    given |= {"J''[1,1][1,1]([[1], [2]])": 1, "J''[1,1][2,1]([[1], [2]])": 6, "J''[2,1][2,1]([[1], [2]])": 9}
    assert evaluate_at(Gradient(J(y), y), {}, given) == sp.Matrix([2, 4])
    assert evaluate_at(Jacobian(Gradient(J(y), y), y), {}, given) == sp.Matrix([[1, 6], [6, 9]])
    assert evaluate_at(
        Jacobian(atoms.ObjectiveGradient(J, 0, 2 * y), y), {}, {y: [["1/2"], [1]], **_named(given)}
    ) == sp.Matrix([[2, 12], [12, 18]])


def _named(given: Any) -> Any:
    return {name: value for name, value in given.items() if isinstance(name, str)}


def test_a_derivative_by_an_entry_of_a_matrix() -> None:
    expr = sp.Derivative(A[0, 1] ** 2 * A[1, 1], A[0, 1])
    assert evaluate_at(expr, {}, {A: [[1, 2], [3, 4]]}) == 16
