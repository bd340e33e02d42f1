"""Claims as HTML: what stands in the fragments, that text stays text, and that nothing looks checked that is not."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
import sympy as sp

import cnnsym
from cnnsym.claim import (
    Claim,
    ClaimResult,
    Entailment,
    Erratum,
    Inequality,
    Integers,
    Limit,
    LinkResult,
    Measurement,
    NearMiss,
    NearMissResult,
    Step,
    StepResult,
    Text,
)
from cnnsym.errors import UnsupportedError
from cnnsym.report import page, rows
from cnnsym.report.elements import badge, counterexample, table, with_references, worst
from cnnsym.report.html import block, claim_part, judged, unchecked_block, unjudged
from cnnsym.report.notation import equation, shown
from cnnsym.report.overview import Section, overview
from cnnsym.report.words import why
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown

m, n = cnnsym.dims("m n")
A, x = cnnsym.matrix("A", m, n), cnnsym.vector("x", n)
FALSE = Refuted(Counterexample({"n": 2}, {"x": (("0",), ("1",))}, "0", "1", (2, 1)))
HOLDS = Proved(assumed=("n < 3",))
NASTY = "<b>&\"'</b>"
CLAIM = Claim(
    "9.1-a", "9.1", Text(f"题{NASTY}", f"Title {NASTY}"), (A * x, A * x), conditions=Text("任意", f"any {NASTY}")
)


def result(claim=CLAIM, *, link=HOLDS, step=HOLDS, near=FALSE, error=1e-16, links=1) -> ClaimResult:
    rule = Step(
        A * x, cnnsym.kron(x.T, sp.Identity(m)) * cnnsym.vec(A), Text("规则", f"rule {NASTY}"), NASTY, using=("9.1-l",)
    )
    miss = NearMiss(Text("错", f"miss {NASTY}"), lambda: (A, A))
    ids = [claim.id] if links == 1 else [f"{claim.id}.{k + 1}" for k in range(links)]
    return ClaimResult(
        claim,
        tuple(LinkResult(i, A * x, A * x, link, claim.expected, 1.0) for i in ids),
        (StepResult(rule, step),),
        (NearMissResult(miss, A * x, -A * x, near),),
        (Measurement(f"what {NASTY}", "2 x 3", "float64", 5, error, 1e-12),),
        1.0,
    )


class Tags(HTMLParser):
    """Opened and closed elements must match; no element may come from the text of a claim."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_text_is_escaped_and_elements_are_closed(lang) -> None:
    erratum = Erratum("a<b", "a&b", Text(NASTY, NASTY))
    account = judged(result(replace(CLAIM, erratum=erratum)), [f"gap {NASTY}"])
    part = claim_part(account, account.state, lang, problem=f"problem {NASTY}")
    tags = Tags(block("<div>formula</div>", [part], account.state, NASTY))
    assert "b" not in tags.seen
    assert tags.seen <= {"div", "span", "a", "details", "summary", "p", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
                         "code", "dl", "dt", "dd", "figure", "figcaption", "pre"}  # fmt: skip
    assert "a&lt;b" in part and "a&amp;b" in part
    Tags(overview([(account, account.state)], [Section("9.1", NASTY, f"x/{NASTY}")], lang, "report.json"))


def test_a_bar_to_the_letter() -> None:
    account = replace(judged(result()), title=("题", "Title"))
    part = claim_part(account, "proved", "en", named=True)
    assert part.startswith(
        '<div class="cnnsym-claim__bar" id="9.1-a"><span class="cnnsym-badge cnnsym-badge--proved">Proved for all sizes</span>'
        '<span class="cnnsym-claim__scope">Title; by index form; near misses refuted: 1/1</span>'
        '<a class="cnnsym-claim__link" href="#9.1-a" title="Permanent link to 9.1-a">9.1-a</a></div>'
        '<details data-search-exclude="1"><summary>Derivation and checks of 9.1-a</summary>'
    )


def test_the_id_is_on_the_block_unless_labels_share_it() -> None:
    account = judged(result())
    assert ' id="9.1-a"' not in claim_part(account, "proved", "en")
    assert block("F", [], "proved", "9.1-a") == '<div class="cnnsym-claim cnnsym-claim--proved" id="9.1-a">\nF\n</div>'


def test_each_equality_has_a_bar() -> None:
    part = claim_part(judged(result(links=2)), "proved", "zh")
    assert 'id="9.1-a.1"' in part and 'id="9.1-a.2"' in part and 'id="9.1-a"' not in part
    assert "第 1 个等号；题" in part and "第 2 个等号<" in part
    assert part.count("已证明（所有尺寸）</span><span") == 2


def test_details_tell_everything() -> None:
    text = judged(result()).detailed("en")
    for piece in (
        '<div class="arithmatex">\\[A \\boldsymbol{x} = \\left(',
        'uses <a class="cnnsym-ref" href="#9.1-l">9.1-l</a>',
        "Assumed: n &lt; 3",
        "n = 2; x = (0, 1): left side 0, right side 1 at entry (2, 1)",
        '<span class="arithmatex">\\(\\displaystyle A \\boldsymbol{x} = - A \\boldsymbol{x}\\)</span>',
        '<td class="cnnsym-number">1e-16</td>',
        '<div class="cnnsym-table" tabindex="0" role="region" aria-label="Near misses"><table class="cnnsym-grid">',
    ):
        assert piece in text, piece
    assert "uses 9.1-l" in with_references(text, {}.get)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (judged(result()), "proved"),
        (judged(result(link=FALSE)), "refuted"),
        (judged(result(link=Unknown(("index form",)))), "unknown"),
        (judged(result(near=Proved())), "unchecked"),
        (judged(result(step=FALSE)), "unchecked"),
        (judged(result(error=1.0)), "unchecked"),
        (judged(result(error=float("nan"))), "unchecked"),
        (judged(result(), ["vacuous"]), "unchecked"),
        (judged(result(replace(CLAIM, expected="refuted"), link=FALSE)), "refuted"),
        (unjudged(CLAIM, "time limit"), "unknown"),
    ],
)
def test_only_what_is_sound_is_proved(found, state) -> None:
    assert found.state == state
    assert bool(found.faults) == (state != "proved" and not (state == "refuted" and found.expected == "refuted"))
    bars = claim_part(found, found.state, "en").partition("<details")[0]
    assert ("badge--proved" in bars) == (state == "proved")


def test_a_problem_of_the_page_is_told_and_takes_the_badge() -> None:
    part = claim_part(judged(result(links=2)), "unchecked", "en", problem="refuted, n=2")
    assert "was not confirmed: refuted, n=2" in part
    assert "badge--proved" not in part.partition("<details")[0]


def test_an_erratum_has_a_verdict_only_where_the_claim_is_what_is_printed() -> None:
    erratum = Erratum("A", "B", Text("因", "reason"))
    assert "Verdict" not in judged(result(replace(CLAIM, erratum=erratum))).detailed("en")
    wrong = replace(CLAIM, erratum=erratum, expected="refuted")
    text = judged(result(wrong, link=FALSE)).detailed("en")
    assert "<dt>Verdict</dt>" in text and "<dt>Counterexample</dt><dd>n = 2; x = (0, 1)" in text
    assert 'href="x/#9.1-a-corrected"' in with_references(text, {"9.1-a-corrected": "x/#9.1-a-corrected"}.get)
    assert "9.1-a-corrected" not in with_references(text, {}.get), "no claim corrects it"


def test_shapes_that_do_not_fit_are_the_reason() -> None:
    near = Refuted(None, why="the left side has shape 1 x n", method="shapes")
    assert "形状不相配：the left side has shape 1 x n" in judged(result(near=near)).detailed("zh")


def test_what_is_refuted_for_another_reason_is_told_by_its_values() -> None:
    off = Refuted(Counterexample({}, {}, "1/2", "1"), why="the limit is 1/2, not 1", method="degrees and leading coefficients")
    assert "左边 1/2，右边 1" in judged(result(near=off)).detailed("zh")
    assert "形状不相配" not in judged(result(near=off)).detailed("zh")


def test_references_get_addresses() -> None:
    html = '<a class="cnnsym-ref" href="#a">a</a> <a class="cnnsym-ref" href="#b">b</a> <a href="#c">c</a>'
    found = with_references(html, {"a": "../x/#a"}.get)
    assert found == '<a class="cnnsym-ref" href="../x/#a">a</a> b <a href="#c">c</a>'


def test_counterexamples_in_both_languages() -> None:
    found = Counterexample({"d_i": 1}, {"W_{i+1}": (("0", "1"),), "x": (("3",),)}, "1/2", "0")
    assert counterexample(found, "en") == "d_i = 1; W_{i+1} = [0 1], x = 3: left side 1/2, right side 0"
    assert (
        counterexample(replace(found, place=(1,)), "zh")
        == "d_i = 1；W_{i+1} = [0 1], x = 3：在第 (1) 个元素处，左边 1/2，右边 0"
    )
    assert counterexample(Counterexample({}, {}, "0", "1"), "en") == "left side 0, right side 1"


def test_the_block_takes_the_most_urgent_state() -> None:
    assert worst(["proved", "corrected"]) == "corrected"
    assert worst(["proved", "refuted", "unchecked"]) == "refuted"
    assert worst([]) == "unchecked"


def test_small_pieces() -> None:
    assert (
        badge("proved", "en", "all integers")
        == '<span class="cnnsym-badge cnnsym-badge--proved">Proved for all integers</span>'
    )
    assert "不是结论" in unchecked_block("F", "zh") and "<details" not in unchecked_block("F", "zh")
    assert 'aria-label="a &quot;b&quot;"' in table('a "b"', ["<"], [["x"]]) and "<th>&lt;</th>" in table("", ["<"], [])


def test_notation_for_the_eye() -> None:
    k, l = sp.symbols("k l", integer=True)
    entries = sp.FunctionMatrix(m, 1, sp.Lambda((k, l), A[k, 0]))
    assert shown(entries) == r"\left[A_{k, 1}\right]_{k}"
    assert equation(sp.true, sp.Ge(k, l), Integers()) == r"k \ge l"
    assert equation(sp.Ne(k, l), sp.Gt(k, 0), Integers()) == r"k \ne l \implies k > 0"
    wide = equation(sum(sp.symbols("alpha:40")), sp.Symbol("y"), CLAIM.method)
    assert wide.startswith(r"\begin{aligned}&") and r"\\&\quad = y" in wide


def test_statements_of_each_kind_for_the_eye() -> None:
    k, l, m_ = sp.symbols("k l m_", integer=True)
    for method in (Entailment(), Inequality()):
        assert equation(sp.true, sp.Ge(k, l), method) == r"k \ge l"
        assert equation(sp.Gt(l, 0), sp.Ge(k, l), method).startswith("l > 0 \\implies ")
        assert equation(sp.Or(k > 0, l > 0), k > l, method).startswith(r"\left(")
        assert equation(k > l, cnnsym.atoms.ForAll(m_, sp.Ge(m_, 0)), method).startswith(r"k > l \implies \forall")
    assert equation(1 / k, sp.S.Zero, Limit(k, sp.oo)).replace(" ", "") == r"\lim_{k\to\infty}\frac{1}{k}=0"
    assert r"\left(" in equation(1 + 1 / k, sp.S.One, Limit(k, sp.oo))
    wide = sum(sp.symbols("alpha:40"))
    assert "aligned" in equation(wide, wide, CLAIM.method) and "aligned" not in equation(wide, wide, CLAIM.method, broken=False)


class Unheard(sp.Expr):
    """An expression that no notation knows."""

    def __new__(cls):
        return sp.Expr.__new__(cls)

    def _latex(self, printer):
        raise UnsupportedError("no notation")


@pytest.mark.parametrize("method", [Entailment(), Inequality(), Integers(), Limit(m, sp.oo)])
def test_what_has_no_latex_is_told_in_plain_text(method) -> None:
    claim = replace(CLAIM, method=method)
    k = sp.Symbol("k", integer=True)
    hypotheses = k if isinstance(method, Limit) else sp.Gt(k, 0)
    link = LinkResult("9.1-a", hypotheses, sp.Eq(Unheard(), k, evaluate=False), HOLDS, "proved", 1.0)
    step = StepResult(Step(link.left, link.right, Text("规则", "rule"), method=method), HOLDS)
    found = replace(result(claim), links=(link,), steps=(step,))
    (row,) = rows(found)
    assert row["ok"] and "Unheard() = k" in row["latex"]
    assert "<code>" in judged(found).detailed("en") and "Unheard() = k" in judged(found).detailed("en")
    assert "Unheard() = k" in page(found)


def test_a_statement_that_is_false_has_no_sides() -> None:
    found = Counterexample({}, {"m": "2", "k": "3"}, "Eq(m, k) is false", "true")
    assert counterexample(found, "en") == "m = 2, k = 3: the statement is false"
    assert counterexample(found, "zh") == "m = 2, k = 3：命题不成立"
    assert why(Refuted(found), "en") == "false for m = 2; k = 3"
    assert why(Refuted(Counterexample({"n": 1}, {}, "0", "1")), "en") == "n=1: left side 0, right side 1"


def test_the_report_lists_claims_and_what_is_not_covered() -> None:
    accounts = [(judged(result()), "proved"), (replace(judged(result()), id="9.1-b"), "unchecked")]
    text = overview(accounts, [Section("9.1", "One", "a/"), Section("9.2", "Two", "b/")], "en", "../report.json")
    assert '<a href="../report.json">report.json</a>' in text
    assert "2 claims with 2 equalities, 2 derivation steps, 2 near misses and 2 numeric comparisons" in text
    assert (
        "2 claims" in text
        and '<a href="b/">9.2 Two</a></td><td>none</td><td><span class="cnnsym-badge cnnsym-badge--unchecked">' in text
    )
    assert text.index("#9.1-a") < text.index("#9.1-b")
