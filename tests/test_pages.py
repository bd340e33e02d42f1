"""What a page says is held against what was derived: every change of meaning is found, and told with its place."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
import sympy as sp

from cnnsym.atoms import ForAll, Gradient, diag, elementwise, hadamard, matrix, objective, signal, vector
from cnnsym.claim import Claim, Derivation, Entailment, Inequality, Integers, Limit, Text
from cnnsym.collect import Collected, collect
from cnnsym.latex import Context, read_formula
from cnnsym.pages import Display, PageFormula, check_page, displays, unread
from cnnsym.sizes import dims

ROOT = Path(__file__).resolve().parents[1]
T = Text("题", "title")
n = dims("n")
W, v = matrix("W", n, n), matrix("V", n, n)
s, x = vector("s", n), vector("x", n)
f, J = elementwise("f"), objective("J")

CONTEXT = r"""
let n : size
let W, V : matrix(n, n)
let s, x : vector(n)
let f : elementwise
let J : objective(s)
"""
DERIVATION = Derivation(
    T,
    CONTEXT,
    (
        Claim("1.1-product", "1.1", T, ((W * v).T, v.T * W.T)),
        Claim("1.1-square", "1.1", T, ((x.T * W * x)[0, 0] / 2, (x.T * (W + W.T) * x)[0, 0] / 4)),
        Claim("1.1-diag", "1.1", T, (diag(x) * s, hadamard(x, s), hadamard(s, x))),
        Claim("1.1-f", "1.1", T, (f(W * x).T, f((x.T * W.T).T).T)),
        Claim("1.1-gradient", "1.1", T, (Gradient(J(s), s), Gradient(J(s), s))),
    ),
)


@pytest.fixture
def collected() -> tuple[Collected, ...]:
    return (Collected(Path("derivations/page.py"), DERIVATION),)


def check(latex: str, collected: tuple[Collected, ...]) -> PageFormula:
    (found,) = check_page(Path("docs/page.md"), f"text\n\n$$\n{latex}\n$$\n", collected)
    return found


RIGHT = {
    "as derived": r"(WV)^{\top} = V^{\top}W^{\top} \label{1.1-product}",
    "a fraction": r"\frac{1}{2}x^{\top}Wx = \frac14 x^{\top}(W+W^{\top})x \label{1.1-square}",
    "a chain": r"\mathrm{diag}(x)\,s = x \odot s = s\odot x \label{1.1-diag}",
    "aligned": "\\begin{aligned}\\mathrm{diag}(x) s &= x \\odot s \\\\ &= s\\odot x \\end{aligned} \\label{1.1-diag}",
}
WRONG = {
    "a transpose dropped": (r"(WV)^{\top} = V W^{\top} \label{1.1-product}", "refuted", "right side"),
    "the order kept": (r"(WV)^{\top} = W^{\top}V^{\top} \label{1.1-product}", "refuted", "right side"),
    "the left side": (r"(VW)^{\top} = V^{\top}W^{\top} \label{1.1-product}", "refuted", "left side"),
    "a half dropped": (r"x^{\top}Wx = \frac14 x^{\top}(W+W^{\top})x \label{1.1-square}", "refuted", "left side"),
    "a product for a Hadamard product": (
        r"\mathrm{diag}(x)s = x + s = s\odot x \label{1.1-diag}",
        "refuted",
        "1.1-diag.1",
    ),
    "the second link": (r"\mathrm{diag}(x)s = x\odot s = s \odot s \label{1.1-diag}", "refuted", "1.1-diag.2"),
}


@pytest.mark.parametrize("latex", RIGHT.values(), ids=RIGHT)
def test_the_right_formula(latex: str, collected: tuple[Collected, ...]) -> None:
    found = check(latex, collected)
    assert (found.verdict, found.problem) == ("proved", "")
    assert found.place == "docs/page.md:3"
    assert found.claim is not None and found.claim.id == found.label


@pytest.mark.parametrize(("latex", "verdict", "said"), WRONG.values(), ids=WRONG)
def test_a_changed_formula_is_found(latex: str, verdict: str, said: str, collected: tuple[Collected, ...]) -> None:
    found = check(latex, collected)
    assert found.verdict == verdict
    assert said in found.problem
    assert "left side " in found.problem and "right side " in found.problem  # the counterexample's values


def test_an_equality_that_says_nothing(collected: tuple[Collected, ...]) -> None:
    found = check(r"\nabla_{s} J = \nabla_{s} J \label{1.1-gradient}", collected)
    assert found.verdict == "error"
    assert "says nothing" in found.problem


@pytest.mark.parametrize(
    "latex",
    [
        r"(WV)^{\top} \label{1.1-product}",
        r"(WV)^{\top} = V^{\top}W^{\top} = V^{\top}W^{\top} \label{1.1-product}",
        r"\mathrm{diag}(x)s = x\odot s \label{1.1-diag}",
    ],
)
def test_the_number_of_equalities_must_agree(latex: str, collected: tuple[Collected, ...]) -> None:
    found = check(latex, collected)
    assert found.verdict == "error"
    assert found.problem


def test_an_unknown_label_comes_with_a_suggestion(collected: tuple[Collected, ...]) -> None:
    found = check(r"(WV)^{\top} = V^{\top}W^{\top} \label{1.1-prodct}", collected)
    assert (found.verdict, found.claim) == ("error", None)
    assert "1.1-prodct" in found.problem and "1.1-product" in found.problem


def test_unreadable_latex_is_located(collected: tuple[Collected, ...]) -> None:
    text = "one\n\n$$\n(WV)^{\\top}\n= V^{\\top}\\unheardof W \\label{1.1-product}\n$$\n"
    (found,) = check_page(Path("p.md"), text, collected)
    assert found.verdict == "error"
    assert found.place.startswith("p.md:5:")
    assert found.column == text.splitlines()[4].index("\\unheardof") + 1
    assert "unheardof" in found.problem


def test_a_name_that_was_not_declared(collected: tuple[Collected, ...]) -> None:
    found = check(r"(WU)^{\top} = U^{\top}W^{\top} \label{1.1-product}", collected)
    assert found.verdict == "error"
    assert "U" in found.problem


def test_a_shape_that_does_not_fit(collected: tuple[Collected, ...]) -> None:
    found = check(r"x W = V^{\top}W^{\top} \label{1.1-product}", collected)
    assert found.verdict != "proved"
    assert found.problem


# --- which formulas a page has ---------------------------------------------------------------------------------------


def labels(text: str) -> list[str]:
    return [label for display in displays(dedent(text)) for label in display.labels]


def test_displays_and_their_lines() -> None:
    text = "a\n$$\nx\n$$\n\n    $$y \\label{one}$$ and $$z$$\n\n$$ u\n\\label{two} $$\n"
    assert [(d.line, d.labels) for d in displays(text)] == [(2, ()), (6, ("one",)), (6, ()), (8, ("two",))]


@pytest.mark.parametrize(
    "code",
    [
        "```\n$$ a \\label{hidden} $$\n```",
        "```latex\n$$\n```",
        "~~~\n$$\n~~~",
        "````\n```\n$$\n```\n````",
        "```\n```python\n$$\n```",
        "!!! note\n\n    ```\n    $$\n    ```",
        "Formulas stand between `$$` and the next.",
        "Or ``a ` $$`` so.",
    ],
    ids=range(8),
)
def test_code_is_no_formula_and_hides_none(code: str) -> None:
    """Two dollars in code, opening and never closing, would hide every formula that follows."""
    assert labels(f"{code}\n\n$$ x \\label{{seen}} $$\n\ntext\n\n$$\ny \\label{{also}}\n$$\n") == ["seen", "also"]


def test_labels_of_several_rows() -> None:
    assert labels(r"$$ a \label{one} \\ b \label{ two } \\ c \tag{3}$$") == ["one", "two", "3"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/*/*.md")), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_label_of_the_note_is_seen(path: Path) -> None:
    """By plain counting: as many labels as the text has outside of fences."""
    text = path.read_text(encoding="utf-8")
    counted = sum(part.count(r"\label{") for part in text.split("```")[::2])
    assert sum(d.latex.count(r"\label{") for d in displays(text)) == counted


def test_the_note_itself_and_one_change_of_it() -> None:
    collected = tuple(collect([ROOT / "derivations"]))
    text = (ROOT / "docs" / "en" / "5-1-fully-connected.md").read_text(encoding="utf-8")
    (layer,) = (d for d in displays(text) if "5.1-vec" in d.labels)
    right, wrong = (
        tuple(check_page(Path("p.md"), f"$${latex}$$", collected))
        for latex in (layer.latex, layer.latex.replace(r"\otimes I", r"\otimes 2 I"))
    )
    assert [f.verdict for f in right] == ["proved"]
    assert [f.verdict for f in wrong] == ["refuted"]
    assert "left side" in wrong[0].problem


NOTED = (
    (r"{B^{\top} A^{\top}}_{\text{a product}}", True),
    (r" {B^{\top} \left\{A\right\}^{\top}} _ { \text {a product} }", True),
    (r"{B^{\top} A^{\top}}", True),
    (r"{B^{\top} A^{\top}} \label{9.1-product}", True),
    (r"{B^{\top} A^{\top}}_{= A B}", False),
    (r"{B^{\top} A^{\top}}_{\text{that is $A B$}}", False),
    (r"{B^{\top} A^{\top}}_\text{a product}", False),
    (r"{B^{\top} A^{\top}}\limits_{= A B}", False),
    (r" B_{\text{a product}}", False),
)


@pytest.mark.parametrize(("noted", "allowed"), NOTED)
def test_only_words_may_stand_at_a_brace(noted: str, allowed: bool) -> None:
    """The reader of formulas drops what stands there, so a formula would be shown that nobody checks."""
    reason = unread(Display(rf"(AB)^{{\top}} = \underbrace{noted}", 1))
    assert (reason == "") == allowed, reason


def test_an_equality_without_a_label_between_labelled_ones_is_an_error() -> None:
    """It would be read by people and by nobody else."""
    collected = collect([Path(__file__).parents[1] / "derivations" / "fully_connected.py"])
    rows = r"""\begin{aligned}
\dfrac{\partial \mathrm{Cost} }{\partial \mathrm{vec}^{\top} (W_i)}
&= \dfrac{\partial \mathrm{Cost} }{\partial \boldsymbol{s}_i^{\top} }(\boldsymbol{z}_i^{\top} \otimes I) \label{5.1-vec-grad-1} \\
&= 2 \boldsymbol{z}_i^{\top} \otimes \dfrac{\partial \mathrm{Cost} }{\partial \boldsymbol{s}_i^{\top} } \\
&= \boldsymbol{z}_i^{\top} \otimes \dfrac{\partial \mathrm{Cost} }{\partial \boldsymbol{s}_i^{\top} } \label{5.1-vec-grad-2}
\end{aligned}"""
    found = list(check_page(Path("page.md"), f"$$\n{rows}\n$$\n", collected))
    assert {formula.verdict for formula in found} == {"error"}
    assert all("no label" in formula.problem for formula in found)


@pytest.mark.parametrize("words", [r"\text{ is false}", r"\text{not }", r"\mbox{unless } x = 0", r"\textbf{never}"])
def test_words_in_a_formula_are_not_passed_over(words: str) -> None:
    """A reader reads them; the checker does not."""
    assert "are not checked" in unread(Display(rf"A = B {words}", 1))


def test_a_condition_may_be_introduced_by_words() -> None:
    assert unread(Display(r"x_i = y_i \\ \text { s.t. } i \in \{0, 1, \cdots, n-1\}", 1)) == ""


@pytest.mark.parametrize("right", [r"{A}", r"\boldsymbol{A}\quad", r"A\,", r"A ~ \phantom{B}"])
def test_sides_that_differ_in_spacing_and_styling_say_nothing(right: str) -> None:
    formula = read_formula(rf"A = {right}", Context.read("let n : size; let A : matrix(n, n)"))
    assert formula.chains[0].alike == (True,)


def test_sides_that_differ_say_something() -> None:
    formula = read_formula(r"(A B)^{\top} = B^{\top} A^{\top}", Context.read("let n : size; let A, B : matrix(n, n)"))
    assert formula.chains[0].alike == (False,)


# --- relations -------------------------------------------------------------------------------------------------------

m, k, stride = sp.symbols("m k s", integer=True, positive=True)
i, t = sp.symbols("i t", integer=True)
lam, a, b = sp.symbols("lambda a b", real=True)
u = sp.Symbol("n", integer=True, positive=True)
y = signal("y", sp.oo)
FITS = sp.And(i >= 0, i <= m - k)
RELATIONS = Derivation(
    T,
    r"""
    let m, k, s, n : size; let i, t : integer; let \lambda, a, b : scalar; let y : signal(infinite)
    """,
    (
        Claim("2.2-le", "2.2", T, (FITS, i + k - 1 <= m - 1), method=Integers()),
        Claim("2.2-lt", "2.2", T, (FITS, i < m - k + 1), method=Integers()),
        Claim(
            "2.2-size",
            "2.2",
            T,
            (k <= m, sp.Eq(sp.floor((m - k) / stride) + 1, sp.ceiling((m - k + 1) / stride))),
            method=Integers(),
        ),
        Claim("2.2-iff", "2.2", T, (sp.true, sp.Equivalent(sp.And(i >= 0, i + k <= m), FITS)), method=Integers()),
        Claim("2.2-width", "2.2", T, (sp.Eq(u, m - k + 1), sp.Eq(u * stride, (m - k + 1) * stride)), method=Integers()),
        Claim("2.2-max", "2.2", T, (k <= m, sp.Le(sp.Max(0, m - k), m - 1)), method=Integers()),
        Claim("2.2-div", "2.2", T, (sp.Eq(sp.Mod(t, stride), 0), sp.Eq(sp.Mod(2 * t, stride), 0)), method=Integers()),
        Claim("2.2-given", "2.2", T, (i <= m, i <= m + k), method=Integers(), hypotheses=(i > 3,)),
        Claim("2.2-two", "2.2", T, (FITS, i <= m), also=((FITS, i <= 2 * m),), method=Integers()),
        Claim("2.2-true", "2.2", T, (sp.true, m >= 1), method=Integers()),
        Claim("2.2-mean", "2.2", T, (sp.true, 2 * a * b <= a**2 + b**2), method=Inequality()),
        Claim("2.2-zero", "2.2", T, (sp.true, ForAll(t, sp.Eq(y[t], y[i]))), method=Entailment()),
        Claim("2.2-limit", "2.2", T, (lam * a / (lam + 1), a), method=Limit(lam, sp.oo)),
    ),
)


@pytest.fixture
def relations() -> tuple[Collected, ...]:
    return (Collected(Path("derivations/page.py"), RELATIONS),)


SAME = [
    r"i + k - 1 \le m - 1 \label{2.2-le}",
    r"m - 1 \ge i + k - 1 \label{2.2-le}",
    r"i - (1 - k) \le m - 1 \label{2.2-le}",
    r"\lnot (m - 1 < i + k - 1) \label{2.2-le}",
    r"0 \le i \le m - k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"i \ge 0 \land m - k \ge i \implies i + k - 1 \le m - 1 \label{2.2-le}",
    r"m \ge 1 \land 0 \le i \le m - k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",  # m is a size in any case
    r"\begin{aligned} 0 \le i \le m - k \\ \Rightarrow i + k - 1 \le m - 1 \end{aligned} \label{2.2-le}",
    r"i < m - k + 1 \label{2.2-lt}",
    r"\left\lfloor\frac{m-k}{s}\right\rfloor + 1 = \left\lceil\frac{m-k+1}{s}\right\rceil \label{2.2-size}",
    r"\left\lceil\frac{m-k+1}{s}\right\rceil = 1 + \left\lfloor\frac{m-k}{s}\right\rfloor \label{2.2-size}",
    r"k \le m \Rightarrow \left\lfloor\frac{m-k}{s}\right\rfloor + 1 = \left\lceil\frac{m-k+1}{s}\right\rceil \label{2.2-size}",
    r"0 \le i \land i + k \le m \iff 0 \le i \le m - k \label{2.2-iff}",
    r"0 \le i \le m - k \iff 0 \le i \land i + k \le m \label{2.2-iff}",
    r"n s = (m - k + 1) s \label{2.2-width}",
    r"n = m-k+1 \Rightarrow n s = (m - k + 1) s \label{2.2-width}",
    r"\max(0, m - k) \le m - 1 \label{2.2-max}",
    r"|m - k| \le m - 1 \label{2.2-max}",  # for k <= m, the same number
    r"s \mid 2t \label{2.2-div}",
    r"2t \bmod s = 0 \label{2.2-div}",
    r"s \mid t \Rightarrow s \mid 2t \label{2.2-div}",
    r"i \le m + k \label{2.2-given}",
    r"3 < i \le m \Rightarrow i \le m + k \label{2.2-given}",
    r"i \le m \\ i \le 2m \label{2.2-two}",
    r"2ab \le a^2 + b^2 \label{2.2-mean}",
    r"a^2 + b^2 \ge b a + a b \label{2.2-mean}",
    r"\forall t:\; y_t = y_i \label{2.2-zero}",
    r"\forall q: y_q = y_i \label{2.2-zero}",
    r"\lim_{\lambda\to\infty} \frac{\lambda a}{1+\lambda} = a \label{2.2-limit}",
    r"\lim_{\lambda\to\infty} \frac{\lambda}{1+\lambda} a = a \label{2.2-limit}",
]


@pytest.mark.parametrize("latex", SAME)
def test_the_relation_that_was_derived(latex: str, relations: tuple[Collected, ...]) -> None:
    found = check(latex, relations)
    assert (found.verdict, found.problem) == ("proved", "")


OTHERS = [
    # weaker or stronger by one, another relation, the other way round
    r"i + k - 1 < m - 1 \label{2.2-le}",
    r"i + k - 1 \le m \label{2.2-le}",
    r"i + k \le m - 1 \label{2.2-le}",
    r"i + k - 1 < m \label{2.2-le}",
    r"i + k - 1 \le m - 2 \label{2.2-le}",
    r"i + k - 1 \ge m - 1 \label{2.2-le}",
    r"i + k - 1 = m - 1 \label{2.2-le}",
    r"i + k - 1 \ne m - 1 \label{2.2-le}",
    r"i + k - 1 \le m - 1 \le m \label{2.2-le}",
    r"i + k + 1 \le m - 1 \label{2.2-le}",
    r"\lnot (i + k - 1 \le m - 1) \label{2.2-le}",
    r"i \le m - k \label{2.2-lt}",
    r"i < m - k \label{2.2-lt}",
    r"i \le m - k + 1 \label{2.2-lt}",
    # other hypotheses
    r"0 \le i \le m - k - 1 \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"0 \le i < m - k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"i \le m - k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"0 \le i \le m - k \land k \ge 2 \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"0 \le i \lor i \le m - k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"i + k - 1 \le m - 1 \Rightarrow 0 \le i \le m - k \label{2.2-le}",
    r"0 \le i \le m - k \iff i + k - 1 \le m - 1 \label{2.2-le}",
    r"m < k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"k < m \Rightarrow \left\lfloor\frac{m-k}{s}\right\rfloor + 1 = \left\lceil\frac{m-k+1}{s}\right\rceil \label{2.2-size}",
    r"i \le m \Rightarrow i \le m + k \label{2.2-given}",
    r"s \mid 2t \Rightarrow s \mid t \label{2.2-div}",
    # other sizes
    r"\left\lfloor\frac{m-k}{s}\right\rfloor = \left\lceil\frac{m-k}{s}\right\rceil \label{2.2-size}",
    r"\left\lfloor\frac{m-k+1}{s}\right\rfloor + 1 = \left\lceil\frac{m-k+1}{s}\right\rceil \label{2.2-size}",
    r"\left\lceil\frac{m-k}{s}\right\rceil + 1 = \left\lceil\frac{m-k+1}{s}\right\rceil \label{2.2-size}",
    r"\left\lfloor\frac{m-k}{s}\right\rfloor + 1 \le \left\lceil\frac{m-k+1}{s}\right\rceil \label{2.2-size}",
    # an equivalence is no implication, and its two sides are what they are
    r"0 \le i \le m - k \Rightarrow 0 \le i \land i + k \le m \label{2.2-iff}",
    r"0 \le i \land i + k \le m \iff 0 \le i < m - k \label{2.2-iff}",
    r"i + k \le m \iff i \le m - k \label{2.2-iff}",
    r"0 \le i \lor i + k \le m \iff 0 \le i \le m - k \label{2.2-iff}",
    r"0 \le i \le m - k \label{2.2-iff}",
    # what says nothing, or less, or the hypothesis itself
    r"n s = s n \label{2.2-width}",
    r"n s = n (s + 1) - n \label{2.2-width}",
    r"n = m - k + 1 \label{2.2-width}",
    r"s \mid t \label{2.2-div}",
    r"s \nmid 2t \label{2.2-div}",
    r"0 = 0 \label{2.2-div}",
    r"0 \le m - 1 \label{2.2-max}",
    r"\min(m, \max(0, m - k)) \le m \label{2.2-max}",
    r"m - k \le m - k \label{2.2-max}",
    r"m \ge 1 \label{2.2-true}",
    r"m \ge 0 \label{2.2-true}",
    r"t < t + 1 \iff i < i + 1 \label{2.2-iff}",
    # too few, too many
    r"i \le m \label{2.2-two}",
    r"i \le m \\ i \le 2m \\ i \le 3m \label{2.2-two}",
    r"i \le 2m \\ i \le m \label{2.2-two}",
    r"i \le m, i \le 2m \label{2.2-two}",  # it may be meant as i <= m, i <= 2m: both between
    r"i + k - 1 \le m - 1, \quad i \le m \label{2.2-le}",
    r"m \ge 1, 0 \le i \le m - k \Rightarrow i + k - 1 \le m - 1 \label{2.2-le}",
    r"i + k - 1 \label{2.2-le}",
    # real numbers, quantifiers, limits
    r"2ab < a^2 + b^2 \label{2.2-mean}",
    r"ab \le a^2 + b^2 \label{2.2-mean}",
    r"2ab \ge a^2 + b^2 \label{2.2-mean}",
    r"y_t = y_i \label{2.2-zero}",
    r"\forall i:\; y_t = y_i \label{2.2-zero}",
    r"\forall t:\; y_t = y_{i+1} \label{2.2-zero}",
    r"\forall t, i:\; y_t = y_i \label{2.2-zero}",
    r"\lnot (\forall t:\; y_t = y_i) \label{2.2-zero}",
    r"\frac{\lambda a}{1+\lambda} = a \label{2.2-limit}",
    r"\lim_{\lambda\to 0} \frac{\lambda a}{1+\lambda} = a \label{2.2-limit}",
    r"\lim_{\lambda\to -\infty} \frac{\lambda a}{1+\lambda} = a \label{2.2-limit}",
    r"\lim_{a\to\infty} \frac{\lambda a}{1+\lambda} = a \label{2.2-limit}",
    r"\lim_{\lambda\to\infty} \frac{\lambda a}{2+\lambda} = a \label{2.2-limit}",
    r"\lim_{\lambda\to\infty} \frac{\lambda a}{1+\lambda} = 2a \label{2.2-limit}",
    r"\lim_{\lambda\to\infty} \frac{\lambda a}{1+\lambda} \le a \label{2.2-limit}",
]


@pytest.mark.parametrize("latex", OTHERS)
def test_another_relation_is_found(latex: str, relations: tuple[Collected, ...]) -> None:
    found = check(latex, relations)
    assert found.verdict in ("error", "refuted")
    assert found.problem


def test_a_relation_is_no_equality(collected: tuple[Collected, ...]) -> None:
    for latex in (r"\frac{1}{2}x^{\top}Wx \le \frac14 x^{\top}(W+W^{\top})x", r"x^{\top}Wx = 1 \iff x^{\top}Wx = 1"):
        found = check(latex + r"\label{1.1-square}", collected)
        assert found.verdict == "error"
        assert "expected equalities" in found.problem


def test_a_relation_without_a_label_between_labelled_ones_is_an_error(relations: tuple[Collected, ...]) -> None:
    text = "$$\n" + r"i < m - k + 1 \label{2.2-lt} \\ i \le k \\ i + k - 1 \le m - 1 \label{2.2-le}" + "\n$$"
    found = list(check_page(Path("p.md"), text, relations))
    assert [f.verdict for f in found] == ["error", "error"]
    assert all("no label" in f.problem for f in found)
    text = text.replace(r"i \le k \\", "")
    assert [f.verdict for f in check_page(Path("p.md"), text, relations)] == ["proved", "proved"]


def test_the_place_of_a_relation(relations: tuple[Collected, ...]) -> None:
    found = check("0 \\le i \\le m - k \\\\\n\\Rightarrow i + k \\le m - 1 \\label{2.2-le}", relations)
    assert found.place.startswith("docs/page.md:")
    assert "i + k" in found.problem


CASES = r"f = \begin{cases} 1, & \text{%s} t > 0 \\ 0, & \text{otherwise} \end{cases}"


@pytest.mark.parametrize("word", ["if ", "if", "若 ", "如果", "when "])
def test_words_of_a_case_distinction_are_read(word: str) -> None:
    assert unread(Display(CASES % word, 1)) == ""


@pytest.mark.parametrize(
    "latex",
    [
        CASES % "unless ",
        CASES % "if not ",
        CASES % "if" + r" \text{ if } t > 1",
        r"\text{if } t > 0 " + CASES % "if",
        r"\begin{cases} 1 \end{cases} \text{otherwise}",
    ],
)
def test_other_words_at_a_case_distinction_are_not_passed_over(latex: str) -> None:
    assert "are not checked" in unread(Display(latex, 1))
