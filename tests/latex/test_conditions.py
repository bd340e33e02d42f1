"""Conditions in formulas: relations, what joins them, Iverson's bracket, case distinctions; nothing is decided in reading."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from cnnsym.atoms import ForAll, indicator, signal
from cnnsym.errors import LatexError, UnsupportedError
from cnnsym.latex import Context, from_latex, read_formula
from cnnsym.latex.formula import read_statement
from cnnsym.sizes import dims

CONTEXT = Context.read(
    r"""
    let m, n, s, k : size; let t, r, j : integer; let p : integer nonnegative; let \alpha : scalar
    let x : signal(m); let A : matrix(m, n)
    """
)
M, N, S, K = dims("m n s k")
t, r, j = sp.symbols("t r j", integer=True)
p = sp.Symbol("p", integer=True, nonnegative=True)
alpha = sp.Symbol("alpha", real=True)
x = signal("x", M)
RANGE = sp.And(sp.Le(0, t), sp.Lt(t, M))


def kept(relation: Any, left: Any, right: Any) -> Any:
    return relation(left, right, evaluate=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"t < r", sp.Lt(t, r)),
        (r"t \lt r", sp.Lt(t, r)),
        (r"t \le r", sp.Le(t, r)),
        (r"t \leq r", sp.Le(t, r)),
        (r"t > r", sp.Gt(t, r)),
        (r"t \ge r", sp.Ge(t, r)),
        (r"t \geqslant r", sp.Ge(t, r)),
        (r"t = r", sp.Eq(t, r)),
        (r"t \ne r", sp.Ne(t, r)),
        (r"t \neq r", sp.Ne(t, r)),
        (r"0 \le t < m", RANGE),
        (r"s \mid t", sp.Eq(sp.Mod(t, S), 0)),
        (r"s \nmid t + 1", sp.Ne(sp.Mod(t + 1, S), 0)),
        (r"t \equiv r \pmod{s}", sp.Eq(sp.Mod(t - r, S), 0)),
        (r"t \equiv r + 1 \pmod s", sp.Eq(sp.Mod(t - r - 1, S), 0)),
        (r"m \ge 1", kept(sp.Ge, M, 1)),  # true of every size, and kept
        (r"p \ge 0", kept(sp.Ge, p, 0)),
        (r"m \ge -1", kept(sp.Ge, M, -1)),
        (r"t < r \land r < j", sp.And(t < r, r < j)),
        (r"t < r \wedge r < j", sp.And(t < r, r < j)),
        (r"t < r \lor r < j \land j < 3", sp.Or(t < r, sp.And(r < j, j < 3))),
        (r"(t < r \lor r < j) \land j < 3", sp.And(sp.Or(t < r, r < j), j < 3)),
        (r"\lnot (t < r)", sp.Not(t < r, evaluate=False)),
        (r"\neg (t < r) \land r < j", sp.And(sp.Not(t < r, evaluate=False), r < j)),
        (r"0 \le t < m \Rightarrow t \ne m", sp.Implies(RANGE, sp.Ne(t, M))),
        (r"t < r \implies t \le r", sp.Implies(t < r, t <= r)),
        (r"t < r \iff s \mid t", sp.Equivalent(t < r, sp.Eq(sp.Mod(t, S), 0))),
        (r"t < r \Leftrightarrow t \le j", sp.Equivalent(t < r, t <= j)),
        (r"t < r \Rightarrow (r < j \Rightarrow t < j)", sp.Implies(t < r, sp.Implies(r < j, t < j))),
        (r"\forall t:\; x_t = 0", ForAll(t, sp.Eq(x[t], 0))),
        (r"\forall t, r: x_t = x_r", ForAll((t, r), sp.Eq(x[t], x[r]))),
        (r"\forall 0 \le t < m: x_t = 0", ForAll(t, sp.Implies(RANGE, sp.Eq(x[t], 0)))),
        (r"(\forall t: x_t = 0) \iff x_r = 0", sp.Equivalent(ForAll(t, sp.Eq(x[t], 0)), sp.Eq(x[r], 0))),
        (r"\forall \alpha: \alpha < 1", ForAll(alpha, alpha < 1)),
        (r"\lvert t - r\rvert \le 1", sp.Le(sp.Abs(t - r), 1)),
        (r"\left\lfloor \frac{m-k}{s}\right\rfloor = t", sp.Eq(sp.floor((M - K) / S), t)),
    ],
)
def test_statements(text: str, expected: Any) -> None:
    assert read_statement(text, CONTEXT) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"t \mid r", "which may be 0"),
        (r"p \mid r", "which may be 0"),
        (r"\alpha \mid r", "expected integers"),
        (r"t \equiv r", r"expected \\pmod"),
        (r"A \le A", "expected a scalar"),
        (r"t < r \Rightarrow r < j \Rightarrow t < j", "expected parentheses"),
        (r"t < r \iff r < j \iff t < j", "expected parentheses"),
        (r"t + (r < j)", "expected one expression|expected an expression"),
        (r"\lnot t", "expected a condition"),
        (r"t \land r", "expected a condition"),
        (r"\forall t x_t = 0", "expected a range"),
        (r"\forall t, t: x_t = 0", "different letters"),
        (r"\forall s: s = s", "is declared, and neither"),
        (r"\forall A: t = r", "is declared, and neither"),
        (r"[0 \le t, r < m] = 1", "ambiguous"),
        (r"0 \le t, r < m", "ambiguous"),
        (r"[t, r < m] = 1", "expected one expression"),
        (r"t < r \text{ or } r < j", "expected \\\\lor"),
        (r"t < ", "expected an expression"),
        (r"< t", "expected an expression before <"),
        (r"t < r \\ \iff", "got the end of the formula"),
        (r"[t < r", "never closed"),
    ],
)
def test_faulty_statements(text: str, said: str) -> None:
    with pytest.raises(LatexError, match=said):
        read_statement(text, CONTEXT)


def test_a_chain_keeps_its_links() -> None:
    (chain,) = read_formula(r"0 \le t = r < m", CONTEXT).chains
    assert chain.relations == ("<=", "=", "<")
    assert chain.members == (0, t, r, M)
    assert chain.statements == (sp.Le(0, t), sp.Eq(t, r), sp.Lt(r, M))


def test_rows_with_labels() -> None:
    text = (
        r"\begin{aligned} t &\le r \label{one} \\ &< m \label{two} \\ t \ge 0 &\iff r \ge 0 \label{three} \end{aligned}"
    )
    first, second = read_formula(text, CONTEXT).chains
    assert (first.relations, first.labels) == (("<=", "<"), ("one", "two"))
    assert (second.relations, second.label) == ((), "three")
    assert second.statements == (sp.Equivalent(t >= 0, r >= 0),)


def test_a_row_may_begin_with_an_arrow() -> None:
    (chain,) = read_formula("t \\ge 0 \\\\ \\Rightarrow t > -1 \\label{one}", CONTEXT).chains
    assert chain.statements == (sp.Implies(t >= 0, t > -1),)
    assert chain.label == "one"


def test_an_equality_after_a_condition_has_no_left_side() -> None:
    with pytest.raises(LatexError, match="got a condition"):
        read_formula("t < r \\iff t < j \\\\ = r", CONTEXT)


def test_relations_without_a_meaning_here() -> None:
    for relation in ("\\approx", "\\propto", "\\ll", "\\subset"):
        with pytest.raises(UnsupportedError, match="not supported"):
            read_formula(f"t {relation} r", CONTEXT)


def test_expressions_are_no_statements_and_the_other_way_round() -> None:
    with pytest.raises(LatexError, match="expected one relation or condition, got an expression"):
        read_statement("t", CONTEXT)
    for text in ("t < r", r"s \mid t", r"\lnot (t<r)"):
        with pytest.raises(LatexError, match="expected one expression without a relation"):
            from_latex(text, CONTEXT)
    assert from_latex("t", CONTEXT) == t  # SymPy counts a symbol among the conditions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"[0 \le t < m]", indicator(RANGE)),
        (r"[s \mid t] x_t", indicator(sp.Eq(sp.Mod(t, S), 0)) * x[t]),
        (r"x_t [t = r]^2", x[t] * indicator(sp.Eq(t, r)) ** 2),
        (r"[0 \le t < m, s \mid t]", indicator(sp.And(RANGE, sp.Eq(sp.Mod(t, S), 0)))),
        (r"[t = r, r \ne j]", indicator(sp.And(sp.Eq(t, r), sp.Ne(r, j)))),
        (r"[t < r \lor r < j]", indicator(sp.Or(t < r, r < j))),
        (r"[t \in \{0, 1, \dots, m-1\}]", indicator(sp.And(sp.Ge(t, 0), sp.Le(t, M - 1)))),
        (r"\mathbf{1}[\alpha > 0]", indicator(alpha > 0)),
        (r"\mathbb{1}[\alpha \ge 0] \alpha", indicator(alpha >= 0) * alpha),
        (r"2 [t]", 2 * t),  # no condition: brackets as they are
        (r"\lceil \frac{m}{s} \rceil", sp.ceiling(M / S)),
        (r"m \bmod s", sp.Mod(M, S)),
        (r"2 t \bmod s", sp.Mod(2 * t, S)),
        (r"r + (t \bmod s)", r + sp.Mod(t, S)),
        (r"\max(t, r - 1)", sp.Max(t, r - 1)),
        (r"\min\{t, r, 3\}^2", sp.Min(t, r, 3) ** 2),
        (r"\max(0, m-k+1) + 1", sp.Max(0, M - K + 1) + 1),
        (r"|t|", sp.Abs(t)),
    ],
)
def test_in_expressions(text: str, expected: Any) -> None:
    assert from_latex(text, CONTEXT) == expected


CASES = sp.Piecewise((x[t], t >= 0), (r, sp.And(t < -3, r < 0)), (0, True))
BOTH = (
    r"\begin{cases} x_t, & \text{if } t\ge 0, \\ r, & \text{if } t<-3 \text{ and } r<0, \\ 0, & \text{otherwise.} \end{cases}",
    r"\begin{cases} x_t & t \ge 0 \\ r & t < -3 \land r < 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{cases} x_t, & \text{若} t \ge 0 \\ r, & \text{如果 }t<-3 \text{ 且 } r<0 \\ 0, & \text{否则。} \\ \end{cases}",
    r"\begin{dcases} x_t \text{ if } t \ge 0 \\ r, \text{ when } t < -3, & r < 0 \\ 0 \text{ else} \end{dcases}",
)


@pytest.mark.parametrize("text", BOTH[:3])
def test_case_distinctions(text: str) -> None:
    assert from_latex(text, CONTEXT) == CASES
    assert from_latex(f"1 + 2 {text}", CONTEXT) == 1 + 2 * CASES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOTH[3], "expected"),
        (r"\begin{cases} x_t & \text{unless } t \ge 0 \\ 0 & \text{otherwise} \end{cases}", "expected"),
        (r"\begin{cases} x_t & \text{if and only if } t \ge 0 \\ 0 & \text{otherwise} \end{cases}", "expected"),
        (r"\begin{cases} x_t & \text{if not } t \ge 0 \\ 0 & \text{otherwise} \end{cases}", "expected"),
        (r"\begin{cases} x_t \\ 0 & \text{otherwise} \end{cases}", "expected"),
        (r"\begin{cases} 0 & \text{otherwise} \\ x_t & t > 0 \end{cases}", "expected"),
        (r"\begin{cases} x_t & t \end{cases}", "expected a condition"),
        (r"\begin{cases} \end{cases}", "expected"),
        (r"\begin{cases} x_t & t > 0", "never closed"),
        (r"\begin{cases} x_t & t > 0 \end{aligned}", "expected"),
        (r"\begin{cases} A & t > 0 \\ 0 & \text{otherwise} \end{cases}", "expected a scalar"),
    ],
)
def test_faulty_case_distinctions(text: str, said: str) -> None:
    with pytest.raises(LatexError, match=said):
        from_latex(text, CONTEXT)


def test_nested_brackets_take_no_longer_than_their_length() -> None:
    text = "t"
    for _ in range(60):
        text = f"[{text} > 0]"
    assert from_latex(text, CONTEXT).has(indicator(t > 0))


@pytest.mark.parametrize(
    ("text", "near_miss"),
    [
        (r"t \le r", r"t < r"),
        (r"t \le r", r"r \le t"),
        (r"0 \le t < m", r"0 < t < m"),
        (r"0 \le t < m", r"0 \le t < m - 1"),
        (r"s \mid t", r"s \nmid t"),
        (r"t < r \land r < j", r"t < r \lor r < j"),
        (r"t < r \Rightarrow r < j", r"r < j \Rightarrow t < r"),
        (r"t < r \Rightarrow r < j", r"t < r \iff r < j"),
        (r"[t < r] = 1", r"[t \le r] = 1"),
        (r"\lfloor \frac{m}{s} \rfloor = t", r"\lceil \frac{m}{s} \rceil = t"),
        (r"\max(t, r) = j", r"\min(t, r) = j"),
        (r"\forall t: x_t = x_r", r"\forall r: x_t = x_r"),
        (r"m \ge 1", r"m \ge 0"),
    ],
)
def test_near_misses_are_read_as_something_else(text: str, near_miss: str) -> None:
    assert read_statement(text, CONTEXT) != read_statement(near_miss, CONTEXT)
