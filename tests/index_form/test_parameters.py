"""Every parameter of every class is part of its index form: change one argument, and the form is another.

A parameter that a rule forgot would make two different expressions equal; so each class that has a rule must be listed
here, each of its arguments must vary here, and a variant that is equal by mathematics must say why.
"""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Indexed

from cnnsym import atoms
from cnnsym.atoms import (
    Basis,
    Commutation,
    Diag,
    Diagonal,
    Elementwise,
    Hadamard,
    Kron,
    ObjectiveGradient,
    ObjectiveHessian,
    Unvec,
    Vec,
    elementwise,
    matrix,
    objective,
    relu,
    scalar,
    sigmoid,
    step,
    vector,
)
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.index_form import difference
from cnnsym.index_form.lower import BUILT_IN
from cnnsym.index_form.matrix_rules import MATRIX
from cnnsym.index_form.scalar_rules import SCALAR
from cnnsym.sizes import dims

m, n, p = dims("m n p")
A, B = matrix("A", n, n), matrix("B", n, n)
R, T = matrix("R", m, n), matrix("T", m, n)
x, y = vector("x", n), vector("y", n)
v, w = vector("v", m * n), vector("w", m * n)
s, t = scalar("s"), scalar("t")
f, g = elementwise("f"), elementwise("g")
J, L = objective("J"), objective("L")
k, l, h = sp.symbols("k l h", integer=True)
i, j = sp.Idx("i", n), sp.Idx("j", n)
u, z = (sp.IndexedBase(name, shape=(n, n)) for name in "uz")
one = sp.Identity(n)

# A class, and groups of expressions of one shape: within a group any two are different functions.
GROUPS: dict[type, list[list[Any]]] = {
    sp.MatrixSymbol: [[A, B, A.T]],
    sp.Identity: [[sp.Identity(n), A, 2 * sp.Identity(n)]],
    sp.ZeroMatrix: [[sp.ZeroMatrix(n, n), sp.OneMatrix(n, n), sp.Identity(n)]],
    sp.OneMatrix: [[sp.OneMatrix(m, n), 2 * sp.OneMatrix(m, n)], [sp.Trace(sp.OneMatrix(k_, k_)) for k_ in (m, n)]],
    sp.MatAdd: [[A + B, A + B.T, A + A, A - B]],
    sp.MatMul: [[A * B, B * A, A * A, 2 * A * B, s * A * B, t * A * B, A * B * A]],
    sp.Transpose: [[A.T, B.T, A]],
    sp.Inverse: [[A.I, B.I, A.I.T, (A + B).I, (A + B.T).I]],
    sp.MatPow: [
        [A**2, A**3, A**-2, B**2, A**n, A**m, B**n, A.T**n, A ** (n + 1)],
    ],
    Vec: [[Vec(R), Vec(T), Vec(matrix("F", n, m).T)], [Vec(A), Vec(A.T)]],
    Unvec: [
        [Unvec(v, m, n), Unvec(w, m, n), Unvec(v, n, m).T],
        [sp.Trace(Unvec(vector("q", n**3), n, n**2) * matrix("F", n**2, n)),
         sp.Trace(Unvec(vector("q", n**3), n**2, n) * matrix("F", n, n**2))],
    ],
    Kron: [[Kron(A, R), Kron(B, R), Kron(A, T), Kron(A.T, R)], [Kron(A, B), Kron(B, A), Kron(B, B)]],
    KroneckerProduct: [[KroneckerProduct(A, B), KroneckerProduct(B, A), KroneckerProduct(A, A)]],
    Hadamard: [[Hadamard(A, B), Hadamard(A, A), Hadamard(A, B, A), Hadamard(A, B.T), Hadamard(B, B), A * B]],
    HadamardProduct: [[HadamardProduct(A, B), HadamardProduct(A, A), HadamardProduct(A, B, A), HadamardProduct(B, B)]],
    HadamardPower: [[HadamardPower(A, e) for e in (2, 3, -1, sp.Rational(1, 2), n, m, n + 1)] + [HadamardPower(B, 2), A**2]],
    Diag: [[Diag(x), Diag(y), Diag(x) * Diag(x)]],
    DiagMatrix: [[DiagMatrix(x), DiagMatrix(y)]],
    DiagonalMatrix: [[DiagonalMatrix(A), DiagonalMatrix(B), A]],
    Diagonal: [[Diagonal(A), Diagonal(B), Diagonal(A * A), A * sp.OneMatrix(n, 1)]],
    DiagonalOf: [[DiagonalOf(A), DiagonalOf(B)]],
    Commutation: [[Commutation(m, n), Commutation(n, m), sp.Identity(m * n)],
                  [Commutation(n, n**2), Commutation(n**2, n)]],
    Basis: [[Basis(1, n), Basis(2, n), Basis(k, n), Basis(l, n), Basis(k + 1, n)],
            [sp.Trace(Basis(1, e).T * sp.OneMatrix(e, e) * sp.OneMatrix(e, 1)) for e in (m, n)]],
    Elementwise: [
        [Elementwise(f, A), Elementwise(g, A), Elementwise(f.diff(), A), Elementwise(f.diff(2), A), Elementwise(f, B),
         Elementwise(f, A.T), Elementwise(f, f(A)), Elementwise(f, 2 * A)],
        [elementwise(function)(A) for function in BUILT_IN] + [elementwise(name)(A) for name in ("exp", "abs", "step")],
        [elementwise(sp.Lambda(h, e))(A) for e in (h**2, h**3, h + 1, 1 / h, sp.exp(h), sp.exp(2 * h), s * h, t * h)],
    ],
    ElementwiseApplyFunction: [[A.applyfunc(sp.exp), A.applyfunc(sp.cos), B.applyfunc(sp.exp), A.T.applyfunc(sp.exp)]],
    ObjectiveGradient: [
        [ObjectiveGradient(J, 0, x, A), ObjectiveGradient(L, 0, x, A), ObjectiveGradient(J, 0, y, A),
         ObjectiveGradient(J, 0, x, B), ObjectiveGradient(J, 0, x, A.T), ObjectiveGradient(J, 0, x),
         ObjectiveGradient(J, 1, A, x), ObjectiveGradient(J, 0, x, A, A)],
        [ObjectiveGradient(J, 0, x, y), ObjectiveGradient(J, 1, x, y), ObjectiveGradient(J, 0, y, x)],
        [ObjectiveGradient(J, 0, Vec(R)), Vec(ObjectiveGradient(J, 0, R)), ObjectiveGradient(J, 0, v)],
    ],
    ObjectiveHessian: [
        [ObjectiveHessian(function, *places, *arguments)
         for function, places, arguments in (
             (J, (0, 0), (x, y)), (L, (0, 0), (x, y)), (J, (0, 1), (x, y)), (J, (1, 0), (x, y)), (J, (1, 1), (x, y)),
             (J, (0, 0), (y, x)), (J, (0, 1), (y, x)), (J, (0, 0), (x,)), (J, (0, 0), (x, x)))],
        [ObjectiveHessian(J, 0, 0, R), ObjectiveHessian(J, 0, 0, Vec(R)), ObjectiveHessian(J, 0, 0, Unvec(v, m, n))],
    ],
    sp.MatrixBase: [[sp.ImmutableDenseMatrix(2, 2, e) for e in
                     ([1, 2, 3, 4], [1, 3, 2, 4], [s, 2, 3, 4], [t, 2, 3, 4], [1, 2, 3, 5], [0, 2, 3, 4])]],
    sp.FunctionMatrix: [
        [sp.FunctionMatrix(n, n, sp.Lambda((k, l), e)) for e in (A[k, l], A[l, k], B[k, l], k + l, k - l, k, l, A[k, k])],
    ],
    # scalars
    sp.Add: [[s + t, s - t, s + 2 * t, s + t + 1]],
    sp.Mul: [[s * t, s * s, 2 * s * t, s * t * n, s * t * m, sp.pi * s * t, sp.sqrt(2) * s * t, sp.sqrt(3) * s * t]],
    sp.Pow: [[s**2, s**3, s**-1, s**-2, t**2, s**n, s**m, (s + t) ** -1, (s - t) ** -1, (s + t) ** sp.Rational(1, 2),
              (s + t) ** sp.Rational(3, 2), (s + t) ** sp.Rational(-1, 2), (s + t) ** n, sp.E**s]],
    sp.Trace: [[sp.Trace(A), sp.Trace(B), sp.Trace(A * A), sp.Trace(A * A.T), sp.Trace(A) ** 2]],
    sp.Determinant: [[sp.Determinant(e) for e in (A, B, 2 * A, -A, A + B, A + B.T, A - B, A * A, A.I)]],
    MatrixElement: [[A[i, j], A[j, i], A[i, i], A[0, i], A[1, i], A[i, 0], B[i, j], A[k, i], A[k + 1, i], A[l, i]]],
    Indexed: [[u[i, j], u[j, i], z[i, j], u[0, i], u[1, i], u[i, i], u[k, i], u[l, i]]],
    sp.Sum: [
        [sp.Sum(u[k, i], (k, 0, n - 1)), sp.Sum(u[i, k], (k, 0, n - 1)), sp.Sum(z[k, i], (k, 0, n - 1)),
         sp.Sum(u[k, i], (k, 0, m - 1)), sp.Sum(u[k, i], (k, 1, n - 1)), sp.Sum(k * u[k, i], (k, 0, n - 1)),
         sp.Sum(k**2 * u[k, i], (k, 0, n - 1)), sp.Sum(u[k, i], (k, 0, n)), sp.Sum(u[k, l], (k, 0, n - 1))],
    ],
    sp.KroneckerDelta: [
        [sp.KroneckerDelta(i, j), sp.KroneckerDelta(i, 0), sp.KroneckerDelta(j, 0), sp.Integer(1),
         sp.KroneckerDelta(i, sp.Idx("h", n))],
    ],
    atoms.ObjectiveValue: [
        [J(x, A), L(x, A), J(y, A), J(x, B), J(x, A.T), J(x), J(A, x), J(x, A, A), J(2 * x, A)],
        [J(R), J(Vec(R)), J(R.T), J(Vec(R.T)), J(Vec(R).T)],
        [J(Kron(A, x.T)), J(Kron(x.T, A))],
    ],
    atoms.EntryValue: [[f(s), g(s), f.diff()(s), f.diff(2)(s), f(t), f(2 * s), f(f(s)), f(s) ** 2]],
}  # fmt: skip

CASES = [(cls.__name__, group) for cls, groups in GROUPS.items() for group in groups]


@pytest.mark.parametrize(("name", "group"), CASES, ids=[f"{name}-{k}" for k, (name, _) in enumerate(CASES)])
def test_no_two_of_a_group_have_one_form(name: str, group: list[Any]) -> None:
    assert len(group) > 1
    for place, left in enumerate(group):
        assert difference(left, left).is_zero, left
        for right in group[:place]:
            assert not _same(left, right), (left, right)


def _same(left: Any, right: Any) -> bool:
    try:
        return difference(left, right).is_zero
    except ShapeError:
        return False


def test_every_class_with_a_rule_is_listed() -> None:
    assert set(GROUPS) == set(MATRIX) | set(SCALAR)


def test_every_class_occurs_in_its_groups() -> None:
    for cls, groups in GROUPS.items():
        assert any(isinstance(part, cls) for group in groups for e in group for part in sp.preorder_traversal(e)), cls


@pytest.mark.parametrize("cls", GROUPS, ids=lambda cls: cls.__name__)
def test_every_argument_varies_within_its_groups(cls: type) -> None:
    """Of the arguments that a class always has, each takes at least two values."""
    found = [
        part.args for group in GROUPS[cls] for e in group for part in sp.preorder_traversal(e) if isinstance(part, cls)
    ]
    if issubclass(cls, sp.MatrixBase):
        return  # its entries are its parameters, and vary
    fewest = min(map(len, found))
    fixed = {
        (sp.MatrixSymbol, 1),
        (sp.MatrixSymbol, 2),
        (sp.ZeroMatrix, 0),
        (sp.ZeroMatrix, 1),
    }  # shapes, told apart by ShapeError
    fixed |= {(sp.Identity, 0), (sp.OneMatrix, 0), (sp.FunctionMatrix, 0), (sp.FunctionMatrix, 1), (sp.Inverse, 1)}
    for place in range(fewest):
        if (cls, place) not in fixed:
            assert len({args[place] for args in found}) > 1, place


BUILT = [sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.Abs, sigmoid, relu, step]


def test_every_built_in_function_is_told_apart() -> None:
    assert set(BUILT) == set(BUILT_IN)
    for place, left in enumerate(BUILT):
        for right in BUILT[:place]:
            assert not difference(left(s), right(s)).is_zero
        assert not difference(left(s), left(t)).is_zero
        with pytest.raises(UnsupportedError):
            difference(left(s), sp.Function(left.__name__)(s))


def test_indices_of_one_name_are_told_apart() -> None:
    plain, other = sp.Symbol("i", integer=True), sp.Symbol("i", integer=True, nonnegative=True)
    assert not difference(u[sp.Idx(plain, n), 0], u[sp.Idx(other, n), 0]).is_zero
    assert not difference(u[sp.Idx("i", n), 0], u[sp.Idx("i", m), 0]).is_zero
    first, second = sp.Symbol("s"), sp.Symbol("s", positive=True)
    assert not difference(first, second).is_zero


SYMMETRIC = sp.Q.symmetric(A)


def test_a_hypothesis_counts_for_its_own_symbol_only() -> None:
    assert difference(A, A.T, (SYMMETRIC,)).is_zero
    assert not difference(B, B.T, (SYMMETRIC,)).is_zero
    assert not difference(A * B, (A * B).T, (SYMMETRIC,)).is_zero
    assert difference(A.T * A, one, (sp.Q.orthogonal(A),)).is_zero
    assert not difference(B.T * B, one, (sp.Q.orthogonal(A),)).is_zero
    assert not difference(A.T * B * A, B, (sp.Q.orthogonal(A),)).is_zero
    assert not difference(A, A.T * A, (sp.Q.diagonal(A),)).is_zero
