"""Faulty input: the message, the place and the caret; and nothing but LatexError for any input at all."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsym.errors import LatexError, UnsupportedError
from cnnsym.latex import Context, from_latex, read_formula

GOLDEN = yaml.safe_load((Path(__file__).parents[1] / "golden" / "latex" / "errors.yml").read_text(encoding="utf-8"))
CONTEXT = Context.read(GOLDEN["context"])


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_message(case: dict[str, str]) -> None:
    with pytest.raises(LatexError) as caught:
        read_formula(case["formula"], CONTEXT)
    assert "\n".join(line.rstrip() for line in str(caught.value).splitlines()) == case["message"]


PIECES = st.sampled_from(
    r"""A S x y \alpha f J W_i W_{i+1} u v s n m H W I I_n \mathbf{1} \mathbf{0} e_i K_{m,n} \delta_{ij} 0 1 2 12 0.5 9999
    + - * / = , . ; : ( ) [ ] { } \{ \} | \| \left( \right) \left. \right| _ ^ ' _i _{ij}
    ^{2} ^{-1} ^\top ^{\prime} ^{\circ 2} ^{(2)}
    \odot \otimes \oslash \circ \cdot \times \bmod
    \frac \frac{1}{2} \sqrt \sqrt[3] \sum \sum_{i=1}^n \prod_i \cdots \dots \in \ne
    \nabla \nabla_x \nabla^2 \partial \frac{\partial}{\partial x^\top} \frac{\partial J}{\partial x} d \mathrm{d} \log \det \exp
    \mathrm{vec} \mathrm{diag} \mathrm{tr} \mathrm{unvec}_{m,n} \text{s.t.} \text{for} \label{a} \\ & \begin{align} \end{align}
    \hat \hat{x} \boldsymbol \mathrm \mathrm{I} \pi e^ \infty \lfloor \rfloor t \mapsto \underbrace \left \right
    ~ \, $ $$ \[ \]""".split()
)


@settings(max_examples=1500)
@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_only_latex_errors_escape_from_formulas(text: str) -> None:
    with suppress(LatexError, UnsupportedError):
        read_formula(text, CONTEXT)


WIDER = CONTEXT.extend(
    r"""
    let k, p : integer nonnegative; let z : signal(circular(n)); let q : signal(infinite); let X : signal(H, circular(W))
    let \mathrm{i} : imaginary
    where r_k = \max_{0 \le j < n} u_{dk+j-p}
    """
)
READ = (
    r"\sum_{a=0}^{n-1}\sum_{b=0}^{m-1} X_{da+p,\,b} u_{(a+b) \bmod n} = \sum_{a, b = 0}^{n-1} X[a, b]",
    r"\sum_{0 \le a, b < n:\; d \mid a} u_{a} u_{b} [a \ne b] \le \max_{a = 0, \dots, n-1} u_{a}^{2} < \min(m, n)",
    r"r_k = \begin{cases} u_{k}, & \text{if } 0 \le k < n, \\ z_{k-1}, & \text{otherwise} \end{cases} \label{a}",
    r"\forall j:\; q_{j} = 0 \iff \lnot \left( d \nmid k \land k > 0 \right) \lor \left\lceil \frac{k}{d} \right\rceil = 1",
    r"\frac{\partial r_k}{\partial u_{j}} + \frac{\partial}{\partial u_{j}} \sum_{j} u_{j}^{2} = \mathbf{1}[\alpha > 0]",
    r"\lim_{\alpha \to \infty} \frac{\alpha}{1 + \alpha} = 1, \quad z_{j}^{*} = e^{-2 \pi \mathrm{i} j/n}, j \in \{0,\dots,n-1\}",
    r"k \equiv p \pmod{d} \Rightarrow \left|k - p\right| \ge \left\lfloor \frac{k}{d} \right\rfloor \implies k = p",
)
TOKEN = re.compile(r"\\(?:begin|end|text|mathrm|mathbf|label)\{[^{}]*\}|\\[A-Za-z]+|\\.|\S")


@pytest.mark.parametrize("text", READ[:-1])
def test_what_is_broken_below_can_be_read(text: str) -> None:
    assert read_formula(text, WIDER).chains


@settings(max_examples=600, deadline=None)
@given(st.data(), st.sampled_from(READ))
def test_only_latex_errors_escape_from_what_was_cut_or_shuffled(data: st.DataObject, text: str) -> None:
    tokens = TOKEN.findall(text)
    how = data.draw(st.sampled_from(["cut", "window", "shuffled", "dropped", "mixed"]))
    first = data.draw(st.integers(0, len(tokens)))
    last = data.draw(st.integers(0, len(tokens)))
    match how:
        case "cut":
            tokens = tokens[:last]
        case "window":
            tokens = tokens[min(first, last) : max(first, last)]
        case "shuffled":
            tokens = tokens[:first] + data.draw(st.permutations(tokens[first : first + 6])) + tokens[first + 6 :]
        case "dropped":
            tokens = tokens[:first] + tokens[first + 1 :]
        case "mixed":
            other = TOKEN.findall(data.draw(st.sampled_from(READ)))
            tokens = tokens[:first] + other[last:]
    with suppress(LatexError, UnsupportedError):
        read_formula(" ".join(tokens), WIDER)


NEWER = st.one_of(
    PIECES,
    st.sampled_from(
        r"""\begin{cases} \end{cases} \text{if} \text{otherwise} \text{or} \forall \mid \nmid \equiv \pmod \pmod{d}
        \land \lor \lnot \iff \implies \Rightarrow \le < > \ge \max \min \max_{0\le{}a<n} \lim \lim_{\alpha\to\infty}
        \to \infty \mathbb{Z} \mathbb{1} \mathrm{i} e^{\mathrm{i}k} u_{k} u[k] X[k,j] z_{j} q_{-j} r_k k j p [k>0] [ ]
        \lceil \rceil \operatorname{mod} \operatorname{conj} ^{*} \sum_{k:} \sum_{0\le{}a,b<n} \sum_{a\in\mathbb{Z}}
        \frac{\partial}{\partial{}u_j} \frac{\partial{}r_k}{\partial{}u_j} \colon""".split()
    ),
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(NEWER, max_size=10).map(" ".join))
def test_only_latex_errors_escape_from_the_notation_of_signals(text: str) -> None:
    with suppress(LatexError, UnsupportedError):
        read_formula(text, WIDER)


@settings(max_examples=500)
@given(st.text(max_size=40))
def test_only_latex_errors_escape_from_text(text: str) -> None:
    with suppress(LatexError, UnsupportedError):
        read_formula(text, CONTEXT)


@settings(max_examples=500)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=5),
            PIECES,
            st.sampled_from(
                [
                    "let ",
                    "where ",
                    " : ",
                    ": matrix(n, n)",
                    "size",
                    "scalar",
                    "\n",
                    "#",
                    "; ",
                    "signal(n)",
                    "signal(circular(n), infinite)",
                    "circular(",
                    "integer nonnegative",
                    "imaginary",
                    "\\mathrm{i}",
                    "objective(",
                    "index(n)",
                ]
            ),
        ),
        max_size=10,
    ).map("".join)
)
def test_only_latex_errors_escape_from_declarations(text: str) -> None:
    with suppress(LatexError):
        CONTEXT.extend(text)


@pytest.mark.parametrize("text", ["x" * 20_001, "A x + " * 4_000 + "A x"])
def test_length_is_limited(text: str) -> None:
    with pytest.raises(LatexError, match="the limit is 20000"):
        read_formula(text, CONTEXT)


@pytest.mark.parametrize(
    "piece",
    [
        ("(", ")"),
        ("{", "}"),
        (r"\mathrm{vec}(", ")"),
        (r"\sqrt{", "}"),
        (r"\{", r"\}"),
        ("[", ">0]"),
        (r"\lceil ", r"\rceil "),
        (r"\max(", ",1)"),
        (r"\begin{cases}", r" & n > 0 \end{cases}"),
        (r"\lnot(", ")"),
    ],
)
def test_depth_is_limited(piece: tuple[str, str]) -> None:
    text = piece[0] * 501 + "x" + piece[1] * 501
    with pytest.raises(LatexError, match="500"):
        read_formula(text, CONTEXT)


def test_parentheses_nested_within_the_limit_are_read() -> None:
    assert from_latex("(" * 499 + "x" + ")" * 499, CONTEXT) == CONTEXT.objects["x"]


@pytest.mark.parametrize(
    "prefix", [r"\log ", r"\nabla_x ", r"\sum_{i=1}^n ", "-", r"\cos ", r"\max_{0\le i<n} ", r"\lnot ", r"\forall i: "]
)
def test_a_long_row_of_prefixes_is_no_traceback(prefix: str) -> None:
    with pytest.raises(LatexError):
        read_formula(prefix * 1_000 + r"\alpha", CONTEXT)


def test_other_relations_are_unsupported() -> None:
    with pytest.raises(UnsupportedError, match=r"line 1, column 8.*\\approx"):
        read_formula(r"\alpha \approx 1", CONTEXT)


def test_the_place_is_in_the_whole_text() -> None:
    with pytest.raises(LatexError) as caught:
        Context.read("let n : size\nlet A : matrix(n, n)\n# remark\nlet x : vector(q)")
    assert (caught.value.line, caught.value.column) == (4, 16)


def test_what_depends_on_a_faulty_declaration_says_so() -> None:
    context, errors = Context.read("let n : size").collect("let A : matrix(n, q)\nlet x : vector(n)")
    assert len(errors) == 1
    assert from_latex("x", context) == context.objects["x"]
    with pytest.raises(LatexError, match="the declaration of A is faulty"):
        from_latex("A x", context)
