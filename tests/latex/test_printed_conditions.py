"""Signals, conditions and operators over indices: printing and reading back give the same expression."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy.logic.boolalg import BooleanAtom

from cnnsym.atoms import ForAll, Maximum, elementwise, indicator, signal
from cnnsym.errors import UnsupportedError
from cnnsym.latex import Context, from_latex, to_latex
from cnnsym.latex.formula import read_statement
from cnnsym.sizes import dims

M, N, S = dims("m n s")
t, r, a, b = sp.symbols("t r a b", integer=True)
p = sp.Symbol("p", integer=True, nonnegative=True)
alpha, lam = sp.symbols("alpha lambda", real=True)
x, X, v = signal("x", M), signal("X", M, N), signal("v", sp.oo)
z, w = signal("z", N, grid="circular"), signal("w_i", M, N, grid=("zero", "circular"))
f = elementwise("f")
CONTEXT = Context.of(M, N, S, t, r, a, b, p, alpha, lam, x, X, v, z, w, f).extend(r"let \mathrm{i} : imaginary")

INTEGERS = st.recursive(
    st.sampled_from([t, r, a, p, M, N, S, sp.S.Zero, sp.S.One, sp.Integer(3), sp.Integer(-2)]),
    lambda inner: st.one_of(
        st.builds(lambda c, d: c + d, inner, inner),
        st.builds(lambda c, d: c - d, inner, inner),
        st.builds(lambda c, d: c * d, inner, inner),
        st.builds(lambda c: sp.Mod(c, S), inner),
        st.builds(lambda c: sp.floor(c / S), inner),
        st.builds(lambda c: sp.ceiling(c / N), inner),
        st.builds(lambda c, d: sp.Max(c, d), inner, inner),
        st.builds(lambda c, d: sp.Min(c, d), inner, inner),
        st.builds(sp.Abs, inner),
    ),
    max_leaves=3,
)
RELATIONS = st.builds(
    lambda kind, c, d: kind(c, d, evaluate=False),
    st.sampled_from([sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge]),
    INTEGERS,
    INTEGERS,
)
DIVISIONS = st.builds(lambda kind, c: kind(sp.Mod(c, S), 0, evaluate=False), st.sampled_from([sp.Eq, sp.Ne]), INTEGERS)
CONDITIONS = st.recursive(
    st.one_of(RELATIONS, DIVISIONS),
    lambda inner: st.one_of(
        st.builds(sp.And, inner, inner),
        st.builds(sp.Or, inner, inner),
        st.builds(sp.And, inner, inner, inner),
        inner.map(lambda c: sp.Not(c, evaluate=False)),
        st.builds(lambda c, d: sp.Implies(c, d, evaluate=False), inner, inner),
        st.builds(lambda c, d: sp.Equivalent(c, d, evaluate=False), inner, inner),
        inner.map(lambda c: ForAll(t, c)),
    ),
    max_leaves=4,
).filter(lambda c: not c.atoms(BooleanAtom) and sum(isinstance(e, ForAll) for e in sp.preorder_traversal(c)) < 2)
ENTRIES = st.one_of(
    st.builds(lambda array, c: array[c], st.sampled_from([x, v, z]), INTEGERS),
    st.builds(lambda array, c, d: array[c, d], st.sampled_from([X, w]), INTEGERS, INTEGERS),
)
SCALARS = st.recursive(
    st.one_of(ENTRIES, INTEGERS, st.sampled_from([alpha, lam, sp.I])),
    lambda inner: st.one_of(
        st.builds(lambda c, d: c + d, inner, inner),
        st.builds(lambda c, d: c * d, inner, inner),
        st.builds(lambda c, d: c * indicator(d), inner, CONDITIONS),
        st.builds(lambda c, d: sp.Sum(c, (b, 0, d)), inner, INTEGERS),
        inner.map(lambda c: sp.Sum(c, (b, -sp.oo, sp.oo))),
        st.builds(lambda c, d: Maximum(c, (b, d, d + 2)), inner, INTEGERS),
        st.builds(lambda c: sp.Derivative(c * x[r], x[a]), inner),
        inner.map(sp.conjugate),
        inner.map(lambda c: sp.exp(sp.I * sp.pi * c)),
        inner.map(f),
    ),
    max_leaves=3,
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(CONDITIONS)
def test_statements(condition: Any) -> None:
    text = to_latex(condition)
    assert read_statement(text, CONTEXT) == condition, text


@settings(max_examples=120, deadline=None, derandomize=True)
@given(SCALARS)
def test_expressions(expression: Any) -> None:
    # Read back, an index within another of its name has a name of its own.
    assume(sum(len(e.limits) for e in sp.preorder_traversal(expression) if isinstance(e, (sp.Sum, Maximum))) < 2)
    text = to_latex(expression)
    assert from_latex(text, CONTEXT) == expression, text


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (indicator(sp.And(sp.Le(0, t), t < M)), r"\left[0 \le t \land t < m\right]"),
        (sp.Eq(sp.Mod(t, S), 0), r"s \mid t"),
        (Maximum(x[S * t + a], (a, 0, p - 1)), r"\max_{0 \le a \le p - 1} x_{a + s t}"),
        (sp.ceiling(M / S), r"\left\lceil \frac{m}{s}\right\rceil"),
        (w[t, r], r"w_{i}\left[t, r\right]"),
        (sp.Derivative(x[t] ** 2, x[a]), r"\frac{\partial}{\partial x_{a}} \left(x_{t}^{2}\right)"),
        (sp.Limit(lam * alpha, lam, sp.oo), r"\lim_{\lambda \to \infty} \alpha \lambda"),
        (sp.Sum(v[t], (t, -sp.oo, sp.oo)), r"\sum_{t=-\infty}^{\infty} v_{t}"),
        (sp.conjugate(z[t]), r"\operatorname{conj}\left(z_{t}\right)"),
        (ForAll(t, sp.Eq(x[t], 0)), r"\forall t:\; x_{t} = 0"),
        (sp.Implies(t < r, t <= r), r"t < r \Rightarrow t \le r"),
        (
            sp.Piecewise((x[t], t >= 0), (0, True)),
            r"\begin{cases} x_{t} & \text{if } t \ge 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_the_notation(expression: Any, text: str) -> None:
    assert to_latex(expression) == text
    read = (
        read_statement
        if isinstance(expression, sp.logic.boolalg.Boolean) and not isinstance(expression, sp.Expr)
        else from_latex
    )
    assert read(text, CONTEXT) == expression


def test_a_limit_of_a_sum_of_maxima() -> None:
    expression = sp.Limit(sp.Sum(Maximum(lam * X[a, b], (b, 0, N - 1)), (a, 0, M - 1)) / lam, lam, sp.oo) + 1
    assert from_latex(to_latex(expression), CONTEXT) == expression


@pytest.mark.parametrize(
    "expression",
    [
        sp.oo,
        alpha + sp.zoo,
        sp.true,
        indicator(t < r).xreplace({t: sp.S.Zero}) + sp.nan,
        sp.Integral(alpha, alpha),
        sp.Derivative(sp.Function("g")(alpha), alpha),
        sp.Xor(t < r, r < a, evaluate=False),
        sp.Limit(lam, lam, 0, "+"),
    ],
)
def test_what_has_no_notation_is_refused(expression: Any) -> None:
    with pytest.raises(UnsupportedError, match="no notation"):
        to_latex(expression)
