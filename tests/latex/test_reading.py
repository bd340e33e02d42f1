"""What formulas are read as: names, products, derivatives, sums, sizes; near misses of each are other expressions or errors."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import (
    Basis,
    Commutation,
    Diag,
    Gradient,
    Hadamard,
    Jacobian,
    Kron,
    Unvec,
    Vec,
    elementwise,
    matrix,
    objective,
    scalar,
    vector,
)
from cnnsym.errors import LatexError
from cnnsym.latex import Context, from_latex, read_formula
from cnnsym.sizes import dims

CONTEXT = Context.read(
    r"""
    let m, n, d : size                       # positive integers
    let A, X, Y : matrix(m, n); let S : matrix(n, n) symmetric
    let \boldsymbol{x}, z : vector(n); let y : vector(m)
    let \alpha, b : scalar
    let f, \sigma : elementwise
    let J : objective(x)
    let u, v : signal(n); let w : signal(m, n)
    let s_i, s_{i+1} : vector(n)
    let k : integer
    """
)
M, N, D = dims("m n d")
A, X, Y, S = matrix("A", M, N), matrix("X", M, N), matrix("Y", M, N), matrix("S", N, N)
x, z, y = vector("x", N), vector("z", N), vector("y", M)
a, b = scalar("alpha"), scalar("b")
f, sigma, J = elementwise("f"), elementwise("sigma"), objective("J")
u, v, w = sp.IndexedBase("u", shape=(N,)), sp.IndexedBase("v", shape=(N,)), sp.IndexedBase("w", shape=(M, N))
i, j, k = (sp.Symbol(name, integer=True) for name in "ijk")
FREE_I = sp.Idx("i", N)


def read(text: str, context: Context = CONTEXT) -> Any:
    return from_latex(text, context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the twelve inputs that SymPy's parse_latex cannot read
        (r"A^{\top}", A.T),
        (r"\nabla_{X} \mathrm{tr}(A^\top X)", Gradient(sp.Trace(A.T * X), X)),
        (r"A \odot X", Hadamard(A, X)),
        (r"A \otimes X", Kron(A, X)),
        (r"\mathrm{vec}(A)", Vec(A)),
        (r"\mathrm{diag}\{x\}", Diag(x)),
        (r"\dfrac{\partial J}{\partial x^{\top}}", Jacobian(J(x), x)),
        (r"\frac{\partial J}{\partial x}", Gradient(J(x), x)),
        (r"A f(x) + y", A * f(x) + y),
        (r"\|A S - X\|_F^2", sp.Trace((A * S - X).T * (A * S - X))),
        (r"\mathbf{A}^{\top}\mathbf{y}", A.T * y),
        (r"\mathrm{vec}(A S X^\top)", Vec(A * S * X.T)),
        (r"\operatorname{tr}(S)", sp.Trace(S)),
        (r"\det(S)", sp.Determinant(S)),
        # spelling
        (r"A^T", A.T),
        (r"A^{\mathsf T}", A.T),
        (r"A^\mathrm{T}", A.T),
        (r"A'", A.T),
        (r"A^{\prime}", A.T),
        (r"{A}^{{\top}}", A.T),
        (r"s_{i + 1}", vector("s_{i+1}", N)),
        (r"\boldsymbol{\boldsymbol{s}_i}^{\top}", vector("s_i", N).T),
        (r"\boldsymbol{s_i}", vector("s_i", N)),
        (r"f'(x)", f.diff()(x)),
        (r"f^{\prime\prime}(x)^\top", f.diff(2)(x).T),
        (r"\sigma''(\alpha)", sigma.diff(2)(a)),
        (r"\left( A \cdot x \right)", A * x),
        (r"\underbrace{A x}_{\text{linear}} + \boxed{y}", A * x + y),
        (r"\frac12 x^\top \!x\, z", sp.Trace(x.T * x / 2) * z),
        # products and powers
        (r"d(x + z)", D * (x + z)),
        (r"S^{-1} x", S.inv() * x),
        (r"S^{-\top}", S.inv().T),
        (r"S^2", S**2),
        (r"x^\top S x + b", sp.Trace(x.T * S * x) + b),
        (r"\alpha x^\top", a * x.T),
        (r"A x \odot y", Hadamard(A * x, y)),
        (r"A S \otimes X S", Kron(A * S, X * S)),
        (r"x \odot z \odot x", Hadamard(x, z, x)),
        (r"\exp(x)", elementwise(sp.exp)(x)),
        (r"\cos^2 \alpha \sin b", sp.cos(a) ** 2 * sp.sin(b)),
        (r"\log\det S", sp.log(sp.Determinant(S))),
        (r"|S|", sp.Determinant(S)),
        (r"|b|", sp.Abs(b)),
        (r"\|x\|^2", sp.Trace(x.T * x)),
        (r"\frac{1}{mn}", 1 / (M * N)),
        (r"\mathrm{unvec}_{m,n}(\mathrm{vec}(A))", Unvec(Vec(A), M, N)),
        (r"K_{m,n} \mathrm{vec}(A)", Commutation(M, N) * Vec(A)),
        # entries count from 1 in matrices, from 0 in signals
        (r"A_{1,2}", MatrixElement(A, 0, 1)),
        (r"A_{12}", MatrixElement(A, 0, 1)),
        (r"x_n^2", MatrixElement(x, N - 1, 0) ** 2),
        (r"(A x)_1", MatrixElement(A * x, 0, 0)),
        (r"u_0 w_{1,0}", u[0] * w[1, 0]),
        (r"x_i", MatrixElement(x, FREE_I, 0)),
        (r"A_{ij} x_j", MatrixElement(A, sp.Idx("i", M), sp.Idx("j", N)) * MatrixElement(x, sp.Idx("j", N), 0)),
        (r"u_i", u[i]),
        (r"\frac{\partial J}{\partial x_i}", MatrixElement(Gradient(J(x), x), FREE_I, 0)),
        # sizes that are left out
        (r"(S + I) x", (S + sp.Identity(N)) * x),
        (r"\mathbf{1}^\top A", sp.OneMatrix(M, 1).T * A),
        (r"(x^\top \otimes I) \mathrm{vec}(A)", Kron(x.T, sp.Identity(M)) * Vec(A)),
        (r"e_2^\top x", Basis(2, N).T * x),
        # derivatives
        (r"\frac{\partial}{\partial x^\top} (A x)", Jacobian(A * x, x)),
        (r"\frac{\partial \mathrm{vec}(A X^\top)}{\partial \mathrm{vec}^\top(X)}", Jacobian(A * X.T, X)),
        (r"\frac{\partial y^\top}{\partial x}", Jacobian(y, x).T),
        (r"\nabla_x J \cdot z^\top", Gradient(J(x), x) * z.T),
        (r"\nabla_{x} \log \det S", Gradient(sp.log(sp.Determinant(S)), x)),
        (r"\frac{\partial f(\alpha)}{\partial \alpha}", f.diff()(a)),
        # sums
        (r"\sum_{i=1}^{n} x_i", sp.Sum(MatrixElement(x, i - 1, 0), (i, 1, N))),
        (r"\sum_i x_i", sp.Sum(MatrixElement(x, i - 1, 0), (i, 1, N))),
        (r"\sum_{i} u_i v_i", sp.Sum(u[i] * v[i], (i, 0, N - 1))),
        (r"\sum_{0 \le i < n} u_i", sp.Sum(u[i], (i, 0, N - 1))),
        (r"\sum_{i \in \{0, 1, \dots, n-1\}} u_i", sp.Sum(u[i], (i, 0, N - 1))),
        (r"\sum_{ij} w_{ij}", sp.Sum(w[i, j], (j, 0, N - 1), (i, 0, M - 1))),
        (r"\prod_{i=1}^{n} x_i", sp.Product(MatrixElement(x, i - 1, 0), (i, 1, N))),
        (r"\sum_{(i,j)\neq(0,0)} w_{i,j}", sp.Sum(w[i, j], (j, 0, N - 1), (i, 0, M - 1)) - w[0, 0]),
        (r"x_1 + x_2 + \cdots + x_n", sp.Sum(MatrixElement(x, k - 1, 0), (k, 1, N))),
        (r"b + u_0 + u_1 + u_2 + \cdots + u_{n-1}", b + sp.Sum(u[k], (k, 0, N - 1))),
    ],
)
def test_read(text: str, expected: Any) -> None:
    value = read(text)
    if isinstance(expected, sp.Sum) and "cdots" in text:
        assert value.dummy_eq(expected)
    elif "cdots" in text:
        assert sp.simplify(value.replace(sp.Symbol("k_1", integer=True), k) - expected) == 0
    else:
        assert value == expected


def test_a_display_is_laid_out_in_rows_with_labels() -> None:
    formula = read_formula(
        r"""\begin{align}
        A x &= y + y \label{first} \\
            &= 2 y,  \label{second} \\
        S   &= S^\top \notag \\
            &= S \tag{third}
        \end{align}""",
        CONTEXT,
    )
    first, second = formula.chains
    assert first.members == (A * x, y + y, 2 * y)
    assert first.labels == ("first", "second")
    assert first.label is None
    assert [line for line, _ in first.places] == [2, 3]
    assert (second.labels, second.label) == ((None, "third"), "third")


def test_rows_may_break_in_the_middle_of_a_sum() -> None:
    chains = read_formula(r"\begin{multline} A x = y \\ + y \end{multline}", CONTEXT).chains
    assert chains[0].members == (A * x, 2 * y)
    chains = read_formula(r"$$\begin{aligned} A x &= y \\ &\quad - y \end{aligned}.$$", CONTEXT).chains
    assert len(chains) == 1
    assert chains[0].members[1].is_ZeroMatrix


def test_zero_stands_for_the_zero_matrix_of_the_other_side() -> None:
    assert read_formula("A x = 0", CONTEXT).chains[0].members == (A * x, sp.ZeroMatrix(M, 1))


def test_differentials_vary_what_the_formula_mentions() -> None:
    dx = vector("dx", N)
    context = Context.of(M, N, A, x)
    (chain,) = read_formula(r"d(A x) = A d(x)", context).chains
    assert chain.members == (Jacobian(A * x, x) * dx, A * dx)
    assert chain.assumed == ("A is constant under d",)
    (value,) = read_formula(r"\mathrm{d}(A x)", context).chains[0].members
    assert value == Jacobian(A * x, A) * Vec(matrix("dA", M, N)) + Jacobian(A * x, x) * dx


class TestDefinitions:
    def test_a_bound_index_is_not_captured(self) -> None:
        context = CONTEXT.extend(r"where g_h = \sum_{i=0}^{n-1} u_i v_{i+h}")
        assert read(r"g_k", context) == sp.Sum(u[i] * v[i + k], (i, 0, N - 1))
        # the i of the place of use is another one than the i that the definition sums over
        inner = sp.Symbol("i_1", integer=True)
        value = read(r"\sum_{i=0}^{m-1} g_i", context)
        expected = sp.Sum(sp.Sum(u[inner] * v[inner + i], (inner, 0, N - 1)), (i, 0, M - 1))
        assert value.subs({M: 2, N: 2}).doit() == expected.subs({M: 2, N: 2}).doit()
        assert len({limit[0] for limit in value.limits}) == 2

    def test_a_free_index_is_not_captured(self) -> None:
        context = CONTEXT.extend(r"where g_h = \sum_{k=0}^{n-1} u_k v_{k+h}")
        value = read(r"g_k", context)
        assert value.subs(N, 2).doit() == (u[0] * v[k] + u[1] * v[1 + k]).subs(N, 2)

    def test_a_global_symbol_in_a_definition_is_not_captured(self) -> None:
        context = CONTEXT.extend(r"where c = u_k")
        value = read(r"\sum_{k=0}^{n-1} c v_k", context)
        assert sp.expand(value.subs(N, 2).doit() - (u[k] * v[0] + u[k] * v[1]).subs(N, 2)) == 0

    def test_a_definition_is_looked_through_down_to_the_variable(self) -> None:
        context = CONTEXT.extend("where p = A x\nlet L : objective(p)")
        p, L = vector("p", M), objective("L")
        assert read(r"\nabla_p L", context) == Gradient(L(p), p, A * x)
        assert read(r"\nabla_x L", context) == Gradient(L(A * x), x)
        assert read(r"\frac{\partial p}{\partial x^\top}", context) == Jacobian(A * x, x)
        assert read(r"\frac{\partial (A x \odot p)}{\partial p^\top}", context) == Jacobian(Hadamard(p, p), p, A * x)

    def test_a_definition_cannot_go_through_itself(self) -> None:
        with pytest.raises(LatexError, match="through itself"):
            Context.read("let n : size\nlet q, r : vector(n)\nwhere q = r + r\nwhere r = q")

    def test_a_subscript_that_is_no_index_makes_another_name(self) -> None:
        context = CONTEXT.extend(r"where b_J = b + 1").extend(r"where A_{l+1} = 2 A")
        assert read(r"b_J \alpha + b", context) == (b + 1) * a + b
        assert read(r"A_{l+1} x", context) == 2 * A * x
        assert read("A_{1,2}", context) == MatrixElement(A, 0, 1)
        for entry in ("y_j = b", "y_1 = b", "y_{k+1} = b"):
            with pytest.raises(LatexError, match="entries of y cannot be defined"):
                CONTEXT.extend(f"where {entry}")

    def test_shapes_of_both_sides_must_agree(self) -> None:
        with pytest.raises(LatexError, match="y and its definition: the shapes do not agree: m x 1 and n x 1"):
            CONTEXT.extend("where y = x")

    def test_a_function_wants_an_argument_of_its_shape(self) -> None:
        context = CONTEXT.extend(r"where \mathrm{mean}(u) = \frac1n \sum_i u_i")
        assert read(r"\mathrm{mean}(v)", context) == sp.Sum(v[i], (i, 0, N - 1)) / N
        with pytest.raises(LatexError, match="expected an argument of shape n, got m x n"):
            read(r"\mathrm{mean}(w)", context)

    def test_many_layers_are_read_without_growth(self) -> None:
        lines = ["let n : size", "let x_0 : vector(n)"] + [
            f"where x_{{{t + 1}}} = x_{{{t}}} \\odot x_{{{t}}}" for t in range(30)
        ]
        assert read("x_{30}", Context.read("\n".join(lines))).shape == (N, 1)


def test_an_ambiguous_name_is_an_error() -> None:
    context = CONTEXT.extend("let p_i : vector(n)\nlet p^{2d} : vector(n)")
    with pytest.raises(LatexError, match="ambiguous: p_i and p"):
        read("p_i^{2d}", context)


def test_a_declared_name_wins_over_built_in_notation() -> None:
    context = Context.read("let n : size; let I, K, e, T : matrix(n, n)")
    assert read("I K e T^T", context) == matrix("I", N, N) * matrix("K", N, N) * matrix("e", N, N) * matrix("T", N, N).T


def test_hypotheses_are_kept() -> None:
    assert CONTEXT.hypotheses == (sp.Q.symmetric(S),)


def test_a_range_counts_from_where_it_says() -> None:
    formula = read_formula(r"u_i = v_i \text{ for } i \in \{1, 2, \cdots, n-1\}", CONTEXT)
    shifted = sp.Idx("i", N - 1) + 1
    assert formula.chains[0].members == (u[shifted], v[shifted])


@pytest.mark.parametrize(
    ("text", "near_miss"),
    [
        ("A^{\\top} A", "A A^{\\top}"),
        ("x^\\top \\otimes y", "y \\otimes x^\\top"),
        ("f'(x)", "f(x)"),
        ("\\sum_{i=0}^{n-1} u_i", "\\sum_{i=1}^{n-1} u_i"),
        ("\\frac{\\partial J}{\\partial x^\\top}", "\\frac{\\partial J}{\\partial x}"),
        ("x_1", "x_2"),
        ("K_{m,n}", "K_{n,m}"),
    ],
)
def test_near_misses_are_read_as_something_else(text: str, near_miss: str) -> None:
    assert read(text) != read(near_miss)
