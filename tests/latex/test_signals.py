"""Signals in formulas: grids, entries with affine indices, sums and maxima over them, derivatives by an entry."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from cnnsym.atoms import Maximum, elementwise, indicator, signal, step
from cnnsym.errors import LatexError
from cnnsym.latex import Context, from_latex
from cnnsym.sizes import dims

CONTEXT = Context.read(
    r"""
    let C, O, H, W, N, k, m, P, s, d : size; let p : integer nonnegative
    let x : signal(m); let X : signal(C, H, W); let K : signal(O, C, k, k); let \kappa : signal(k); let w_i : signal(k, k)
    let z : signal(circular(N)); let Y : signal(C, circular(N)); let v : signal(infinite)
    let \mathrm{i} : imaginary; let \sigma : elementwise; let A : matrix(m, m); let \lambda, \alpha : scalar
    let f, t : integer
    where y_n = \sum_{a=0}^{k-1} \kappa_a x_{sn+da-p}
    where g[n] = x_{n+1}
    where \mathrm{Cost} = \sum_{n=0}^{P-1} y_n^2
    """
)
C, O, H, W, N, K, M, P, S, D = dims("C O H W N k m P s d")
p = sp.Symbol("p", integer=True, nonnegative=True)
a, b, c, f, h, j, n, o, t, u = (sp.Symbol(letter, integer=True) for letter in "abcfhjnotu")
lam, alpha = sp.symbols("lambda alpha", real=True)
x, X, kernel, kappa = signal("x", M), signal("X", C, H, W), signal("K", O, C, K, K), signal("kappa", K)
z, Y, v = signal("z", N, grid="circular"), signal("Y", C, N, grid=("zero", "circular")), signal("v", sp.oo)
w = signal("w_i", K, K)
output = sp.Sum(kappa[a] * x[S * n + D * a - p], (a, 0, K - 1))


def read(text: str) -> Any:
    return from_latex(text, CONTEXT)


def test_grids_are_declared() -> None:
    assert CONTEXT.objects["X"] == X
    assert CONTEXT.objects["z"] == z
    assert CONTEXT.objects["Y"] == Y
    assert CONTEXT.objects["v"] == v
    assert (CONTEXT.objects["Y"].grids, CONTEXT.objects["v"].shape) == (("zero", "circular"), (sp.oo,))


def test_what_is_said_of_a_number() -> None:
    context = Context.read(
        "let q : integer nonnegative; let r : integer positive; let b : scalar positive; let n : size"
    )
    assert context.objects["q"] == sp.Symbol("q", integer=True, nonnegative=True)
    assert context.objects["r"] == dims("r")
    assert context.objects["b"] == sp.Symbol("b", positive=True)
    assert context.objects["q"] != sp.Symbol("q", integer=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("let x : signal", "expected 1 to 9 axes"),
        ("let x : signal()", "expected 1 to 9 axes"),
        ("let n : size\nlet x : signal(n,)", "expected the length of an axis"),
        ("let x : signal(circular())", "got the end of the formula"),
        ("let x : signal(circular(-1))", "expected a positive integer size"),
        ("let x : signal(infinite(3))", "unknown symbol"),
        ("let x : signal(infinite) symmetric", "after a matrix"),
        ("let k : integer negative", "expected one of positive, nonnegative"),
        ("let k : integer positive nonnegative", "expected one of positive, nonnegative"),
        ("let i : imaginary", "expected an upright letter"),
        (r"let \mathrm{i} : imaginary(3)", "expected 0 arguments"),
    ],
)
def test_faulty_declarations(text: str, said: str) -> None:
    with pytest.raises(LatexError, match=said):
        Context.read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"x_{su+da-p}", x[S * u + D * a - p]),
        (r"x_{s(u+1)+d a-p}", x[S * (u + 1) + D * a - p]),
        (r"X_{c,\,su+a-p,\,sj+b-p}", X[c, S * u + a - p, S * j + b - p]),
        (r"K_{o,c,a,b}", kernel[o, c, a, b]),
        (r"\kappa_{a}", kappa[a]),
        (r"x_{{{s}u}+{a}}", x[S * u + a]),
        (r"z_{(n+a) \bmod N}", z[sp.Mod(n + a, N)]),
        (r"z_{(n+a) \operatorname{mod} N}", z[sp.Mod(n + a, N)]),
        (r"v_{n-t} v_{-n}", v[n - t] * v[-n]),
        (r"x[n]", x[n]),
        (r"X[c, su+a, j]^2", X[c, S * u + a, j] ** 2),
        (r"\mathrm{x}[n+1]", x[n + 1]),
        (r"w_{i}[a, b]", w[a, b]),
        (r"\alpha [n - 1] x_n", alpha * (n - 1) * x[n]),
        (r"g_{n} + g[2]", x[n + 1] + x[3]),
        (r"\sigma(x_n)", elementwise("sigma")(x[n])),
        (r"x_n^2", x[n] ** 2),
    ],
)
def test_entries(text: str, expected: Any) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"z_{n+a \bmod N}", "ambiguous"),
        (r"z_{n \bmod 2 N}", "ambiguous"),
        (r"z_{-n \bmod N}", "ambiguous"),
        (r"X_{c,u}", "expected 3 indices"),
        (r"X[c,u]", "expected 3 indices in the brackets, got 2"),
        (r"x_{n/2}", "expected an integer index"),
        (r"x", "expected 1 indices"),
        (r"x_{\alpha}", "expected an integer index"),
        (r"x_n[a]", "stand in its subscript already"),
        (r"A[1]", "an entry of A stands in a subscript"),
        (r"A[n,t+1]", "an entry of A stands in a subscript"),
        (r"\alpha^{*}", "a star makes another name"),
        (r"A^{*}", "a star makes another name"),
    ],
)
def test_faulty_entries(text: str, said: str) -> None:
    with pytest.raises(LatexError, match=said):
        read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\sum_{a=0}^{k-1}\sum_{b=0}^{k-1} w_{i}[a,b]", sp.Sum(w[a, b], (b, 0, K - 1), (a, 0, K - 1))),
        (r"\sum_{a,b=0}^{k-1} w_{i}[a,b]", sp.Sum(w[a, b], (b, 0, K - 1), (a, 0, K - 1))),
        (r"\sum_{0\le a,b<k} w_{i}[a,b]", sp.Sum(w[a, b], (b, 0, K - 1), (a, 0, K - 1))),
        (r"\sum_{0\le a<k,\;0<b\le m} w_{i}[a,b]", sp.Sum(w[a, b], (b, 1, M), (a, 0, K - 1))),
        (r"\sum_{a,b \in \{0,\dots,3\}} w_{i}[a,b]", sp.Sum(w[a, b], (b, 0, 3), (a, 0, 3))),
        (r"\sum_{a=0,\dots,p-1} x_a", sp.Sum(x[a], (a, 0, p - 1))),
        (r"\frac{1}{p}\sum_{0\le a<p} x_{sn+a}", sp.Sum(x[S * n + a], (a, 0, p - 1)) / p),
        (r"\sum_{n} v_n", sp.Sum(v[n], (n, -sp.oo, sp.oo))),
        (r"\sum_{n\in\mathbb{Z}} v_n \kappa_{t-n}", sp.Sum(v[n] * kappa[t - n], (n, -sp.oo, sp.oo))),
        (r"\sum_{n=-\infty}^{\infty} v_n", sp.Sum(v[n], (n, -sp.oo, sp.oo))),
        (r"\sum_{n} z_n", sp.Sum(z[n], (n, 0, N - 1))),
        (r"\sum_{0\le u<P:\; s\mid u} x_u", sp.Sum(x[u] * indicator(sp.Eq(sp.Mod(u, S), 0)), (u, 0, P - 1))),
        (r"\sum_{0\le u<P,\; s\mid u} x_u", sp.Sum(x[u] * indicator(sp.Eq(sp.Mod(u, S), 0)), (u, 0, P - 1))),
        (
            r"\sum_{u:\; 0\le j-su<k} x_u \kappa_{j-su}",
            sp.Sum(
                x[u] * kappa[j - S * u] * indicator(sp.And(sp.Le(0, j - S * u), sp.Lt(j - S * u, K))), (u, 0, M - 1)
            ),
        ),
        (r"\max_{0\le a<p} x_{sn+a}", Maximum(x[S * n + a], (a, 0, p - 1))),
        (r"\max_{a=0,\dots,p-1} x_{sn+a} + 1", Maximum(x[S * n + a], (a, 0, p - 1)) + 1),
        (r"\max_{a} \kappa_a", Maximum(kappa[a], (a, 0, K - 1))),
        (r"\min_{0\le a<p} x_{a}", -Maximum(-x[a], (a, 0, p - 1))),
        (r"\max_{0\le a,b<k} w_{i}[a,b]", Maximum(w[a, b], (b, 0, K - 1), (a, 0, K - 1))),
        (
            r"\sum_{n=0}^{N-1} z_n e^{-2\pi\mathrm{i} f n/N}",
            sp.Sum(z[n] * sp.exp(-2 * sp.pi * sp.I * f * n / N), (n, 0, N - 1)),
        ),
        (
            r"\sum_{i=0}^{N-1} e^{\mathrm{i} i}",
            sp.Sum(sp.exp(sp.I * sp.Symbol("i", integer=True)), (sp.Symbol("i", integer=True), 0, N - 1)),
        ),
        (
            r"\lim_{\lambda\to\infty} \frac{\lambda}{1+\lambda} \alpha + 1",
            sp.Limit(lam * alpha / (1 + lam), lam, sp.oo) + 1,
        ),
        (r"\lim_{\lambda\to 0} \lambda", sp.Limit(lam, lam, 0, "+-")),
        (r"\operatorname{conj}(e^{2\pi\mathrm{i} t/N})", sp.exp(-2 * sp.pi * sp.I * t / N)),
        (r"(\alpha + \mathrm{i})^{*}", alpha - sp.I),
        (r"z_t^{*} z_n", sp.conjugate(z[t]) * z[n]),
    ],
)
def test_operators(text: str, expected: Any) -> None:
    value = read(text)
    assert value == expected or value.dummy_eq(expected), value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"\sum_{i,j\le m} x_i x_j", "expected limits"),
        (r"\sum_{0\le a<k, b \le a} x_a x_b", "expected limits"),  # b may be meant as a second index
        (r"\sum_{0\le i<m, 0\le j<i} x_i x_j", "depends on the index i"),
        (r"\sum_{0\le a<k}^{m} x_a", "expected a lower limit"),
        (r"\sum_{a<k} x_a", "expected limits"),
        (r"\sum_{a=0} x_a", "expected limits"),
        (r"\sum_{a \ne t} x_a", "left out of a sum|as many numbers"),
        (r"\sum_{0\le a<k:\; t} x_a", "expected a condition"),
        (r"\max_{0\le a<k:\; a \ne t} x_a", "without further conditions"),
        (r"\max_{n} v_n", "finite limits"),
        (r"\prod_{n} v_n", "finite limits"),
        (r"\max_{0\le a<k}", "expected something"),
        (r"\max", "not supported here"),
        (r"\lim_{\lambda=0} \lambda", "expected a limit"),
        (r"\lim_{q\to 0} \lambda", "expected a declared scalar"),
        (r"\sum_{\mathrm{i}=0}^{3} \mathrm{i}", "imaginary unit"),
        (r"\max(A, 1)", "expected a scalar"),
        (r"\operatorname{conj}(A)", "expected a scalar"),
    ],
)
def test_faulty_operators(text: str, said: str) -> None:
    with pytest.raises(LatexError, match=said):
        read(text)


def test_a_case_distinction_in_a_sum_stays_in_it() -> None:
    """SymPy would move a Piecewise out of the inner sum, whose index its condition names."""
    value = read(r"\sum_{b=0}^{m-1} \sum_{a=0}^{k-1} \begin{cases} x_a & a > b \\ 1 & \text{otherwise} \end{cases}")
    expected = sp.Sum(x[a] * indicator(a > b) + indicator(sp.Not(a > b)), (a, 0, K - 1), (b, 0, M - 1))
    assert value.dummy_eq(expected)
    with pytest.raises(LatexError, match="needs an"):
        read(r"\sum_{a=0}^{k-1} \begin{cases} x_a & a > 1 \end{cases}")


class TestDerivatives:
    @pytest.mark.parametrize(
        ("text", "function", "entry"),
        [
            (r"\frac{\partial y_{n}}{\partial x_{j}}", output, x[j]),
            (r"\dfrac{\partial y_{n}}{\partial x[j]}", output, x[j]),
            (r"\frac{\partial\,\mathrm{Cost}}{\partial x_j}", sp.Sum(output**2, (n, 0, P - 1)), x[j]),
            (r"\frac{\partial}{\partial x_{j}} (x_j^2)", x[j] ** 2, x[j]),
            (r"\frac{\partial y_{n}}{\partial \kappa_b}", output, kappa[b]),
            (r"\frac{\partial (X_{c,a,b} + \alpha)}{\partial X_{c,u,t}}", X[c, a, b] + alpha, X[c, u, t]),
        ],
    )
    def test_by_an_entry(self, text: str, function: Any, entry: Any) -> None:
        assert read(text) == sp.Derivative(function, entry)

    @pytest.mark.parametrize(
        "text", [r"\frac{\partial}{\partial x_{a}} \sum_{a=0}^{m-1} x_a^2", r"\frac{\partial y_n}{\partial x_a}"]
    )
    def test_the_index_of_a_sum_is_another_than_that_of_the_entry(self, text: str) -> None:
        value = read(text)
        assert value.variables == (x[a],)
        assert all(limits[0] != a for total in value.atoms(sp.Sum) for limits in total.limits)
        assert not any(i == a for total in value.expr.atoms(sp.Sum) for e in total.atoms(sp.Indexed) for i in e.indices)

    def test_the_index_of_an_outer_sum_is_another_too(self) -> None:
        value = read(r"\sum_{a=0}^{m-1} \frac{\partial y_n}{\partial x_a}")
        inner = {limits[0] for total in value.function.atoms(sp.Sum) for limits in total.limits}
        assert value.limits[0][0] not in inner
        (entry,) = value.function.variables
        assert entry.indices == (value.limits[0][0],)

    def test_by_what_is_defined_by_others(self) -> None:
        with pytest.raises(LatexError, match="entry of y, which is defined by others, is not supported"):
            read(r"\frac{\partial \mathrm{Cost}}{\partial y_{n}}")

    def test_of_a_matrix(self) -> None:
        with pytest.raises(LatexError, match="expected a scalar"):
            read(r"\frac{\partial A}{\partial x_{j}}")


def test_a_star_is_a_conjugate_only_where_numbers_are_complex() -> None:
    with pytest.raises(LatexError, match="a star makes another name"):
        from_latex("x_1^{*}", Context.read("let m : size; let x : signal(m)"))
    context = Context.read("let m : size; let x, x^{*} : signal(m)")
    assert from_latex("x_1^{*}", context) == signal("x^*", dims("m"))[1]


def test_a_bracket_of_a_matrix_is_taken_entry_by_entry() -> None:
    assert read(r"\mathbf{1}[A > 0]") == elementwise(step)(CONTEXT.objects["A"])
    with pytest.raises(LatexError, match="expected a scalar"):
        read(r"\mathbf{1}[A \ge 0]")


@pytest.mark.parametrize(
    ("text", "near_miss"),
    [
        (r"x_{sn+a-p}", r"x_{sn+a+p}"),
        (r"\sum_{0\le a<k} x_a", r"\sum_{0\le a\le k} x_a"),
        (r"\sum_{0\le a<k} x_a", r"\sum_{0<a<k} x_a"),
        (r"\max_{0\le a<p} x_a", r"\min_{0\le a<p} x_a"),
        (r"\max_{0\le a<p} x_a", r"\sum_{0\le a<p} x_a"),
        (r"z_n", r"z_n^{*}"),
        (r"e^{\mathrm{i} t}", r"e^{-\mathrm{i} t}"),
        (r"\lim_{\lambda\to\infty} \lambda", r"\lim_{\lambda\to 0} \lambda"),
        (r"\sum_{a=0}^{k-1} x_a", r"\sum_{a=0,\dots,k} x_a"),
    ],
)
def test_near_misses_are_read_as_something_else(text: str, near_miss: str) -> None:
    assert read(text) != read(near_miss)
