"""The plain notation of the terminal."""

import pytest
import sympy as sp

import cnnsym.atoms as atoms
from cnnsym.claim import Entailment, IndexForm, Inequality, Integers, Limit
from cnnsym.report.plain import plain, plain_name, plain_statement
from cnnsym.sizes import dims

m, n = dims("m n")
i, j = sp.symbols("i j", integer=True)
theta = atoms.scalar(r"\theta")
W, A = atoms.matrix("W_{i+1}", m, n), atoms.matrix("A", n, n)
s, t = atoms.vector(r"\boldsymbol{s}_i", n), atoms.vector("t", m)
f, J = atoms.elementwise("f"), atoms.objective("Cost")
g = atoms.ObjectiveGradient(J, 0, t)
x = sp.IndexedBase("x", shape=(m, n))


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (atoms.diag(f.diff()(s)) * W.T * g, "diag(f'(s_i)) W_{i+1}ᵀ ∇Cost(t)"),
        (atoms.hadamard(f.diff(2)(s), W.T * g), "f''(s_i) ⊙ (W_{i+1}ᵀ ∇Cost(t))"),
        (2 * atoms.kron(s.T, W * s), "2 (s_iᵀ ⊗ (W_{i+1} s_i))"),
        (atoms.kron(s.T, sp.Identity(n)) * atoms.vec(A), "(s_iᵀ ⊗ I_n) vec(A)"),
        (atoms.kron(A, A).T, "(A ⊗ A)ᵀ"),
        ((A + A.T) * s, "(A + Aᵀ) s_i"),
        (A.T - 2 * A, "-2 A + Aᵀ"),
        (-s, "-s_i"),
        (sp.Inverse(A + A.T), "(A + Aᵀ)⁻¹"),
        (A**2, "A^2"),
        (sp.HadamardPower(A, 2), "A^⊙2"),
        (atoms.scalar(r"\alpha") * A, "α A"),
        (atoms.Gradient(J(s), s), "∇_{s_i} Cost(s_i)"),
        (atoms.Gradient(J(s), s, A * s), "∇_{s_i} Cost(s_i)|_{s_i = A s_i}"),
        (atoms.Jacobian(W * s, s), "∂(W_{i+1} s_i)/∂s_iᵀ"),
        (atoms.Jacobian(A * s, A), "∂(A s_i)/∂vec(A)ᵀ"),
        (atoms.ObjectiveHessian(J, 0, 1, s, t), "∇²_{1,2}Cost(s_i, t)"),
        (atoms.commutation(m, n), "K_{m,n}"),
        (atoms.unvec(atoms.vec(W), m, n), "unvec(vec(W_{i+1}), m, n)"),
        (atoms.basis(2, n), "e_2"),
        (atoms.ones(m, n), "1_{m×n}"),
        (sp.ZeroMatrix(m, 1), "0_m"),
        (sp.log(sp.Determinant(A)) + atoms.trace(A), "log(det(A)) + tr(A)"),
        (A[0, i], "A_{1,i + 1}"),  # MatrixElement counts from 0, mathematics from 1
        (s[0, 0], "(s_i)_{1}"),
        (sp.FunctionMatrix(m, n, sp.Lambda((i, j), A[j, i] + x[i, j])), "[x[i - 1, j - 1] + A_{j,i}]_{i,j}"),
        (x[i, j], "x[i, j]"),
        (1 + sp.Sum(x[i, j], (i, 0, m - 1), (j, 0, n - 1)), "Σ_{j=0}^{n - 1} Σ_{i=0}^{m - 1} x[i, j] + 1"),
        (2 * sp.Sum(x[i, 0], (i, 0, sp.oo)), "2*(Σ_{i=0}^{∞} x[i, 0])"),
        (sp.cos(sp.pi * theta) ** 2, "cos(π*θ)^2"),
        (sp.KroneckerDelta(i, j), "δ(i, j)"),
        (atoms.elementwise(sp.tanh)(s), "tanh(s_i)"),
        (atoms.elementwise(sp.tanh).diff()(s), "(t ↦ 1 - tanh(t)^2)(s_i)"),
        (A.applyfunc(sp.tanh), "tanh(A)"),
        (sp.ImmutableDenseMatrix([[1, i], [0, 2]]), "[1, i; 0, 2]"),
        ((sp.Le(i, j), sp.Eq(m, n)), "i ≤ j, m = n"),
        (sp.Or(sp.And(i > 0, j > 1), sp.Ne(i, j)), "(i > 0 ∧ j > 1) ∨ i ≠ j"),
        (True, "True"),
        (sp.Implies(i > 0, sp.And(i > 1, sp.Ne(i, j))), "i > 0 ⟹ (i > 1 ∧ i ≠ j)"),
        (sp.Not(sp.Or(i > 0, j > 1), evaluate=False), "¬(i > 0 ∨ j > 1)"),
        (atoms.ForAll(i, sp.Eq(x[i, 0], 0)), "∀ i: x[i, 0] = 0"),
        (atoms.ForAll((i, j), x[i, j] >= 0), "∀ i, j: x[i, j] ≥ 0"),
        (sp.floor((m - 1) / n) + sp.ceiling(m / 2), "⌈m/2⌉ + ⌊(m - 1)/n⌋"),
        (sp.Max(i, 0) - sp.Min(j, 3), "max(0, i) - min(3, j)"),
        (2 * atoms.Maximum(x[i + j, 0], (j, 0, n - 1)), "2*(max_{j=0}^{n - 1} x[i + j, 0])"),
        (atoms.indicator(sp.And(i >= 0, i < n)) * x[i, 0], "x[i, 0]*[i ≥ 0 ∧ i < n]"),
    ],
)
def test_notation(expr, text):
    assert plain(expr) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (r"\boldsymbol{z}_{i+1}", "z_{i+1}"),
        (r"\mathbf W_i", "W_i"),
        (r"\sigma", "σ"),
        (r"\lambda_1", "λ_1"),
        (r"\Delta", "Δ"),
        (r"\boldsymbol{\mu}", "μ"),
        ("pipeline", "pipeline"),
    ],
)
def test_names(name, text):
    assert plain_name(name) == text


def test_different_groupings_look_different():
    assert len({plain(e) for e in (A * (A + A), A * A + A, atoms.kron(A, A) * atoms.kron(A, A), (A * A).T * A)}) == 4


def test_what_is_too_deep_is_said_to_be():
    deep = s
    for _ in range(3000):
        deep = atoms.hadamard(deep, s)
    assert "too deep" in plain(deep)


@pytest.mark.parametrize(
    ("left", "right", "method", "text"),
    [
        (i, j, IndexForm(), "i = j"),
        (sp.true, i > j, Integers(), "i > j"),
        (True, i > j, Inequality(), "i > j"),
        (sp.And(i > 0, j > i), j > 0, Integers(), "i > 0 ∧ j > i ⟹ j > 0"),
        (atoms.ForAll(i, sp.Eq(x[i, 0], 0)), sp.Eq(x[j, 0], 0), Entailment(), "(∀ i: x[i, 0] = 0) ⟹ x[j, 0] = 0"),
        (sp.Or(i > 0, j > 0), sp.Implies(i > j, i > 0), Integers(), "(i > 0 ∨ j > 0) ⟹ (i > j ⟹ i > 0)"),
        (1 / n, 0, Limit(n, sp.oo), "lim_{n→∞} 1/n = 0"),
        (1 + theta, 1, Limit(theta, 0), "lim_{θ→0} (θ + 1) = 1"),
    ],
)
def test_what_a_link_says(left, right, method, text):
    assert plain_statement(left, right, method) == text
