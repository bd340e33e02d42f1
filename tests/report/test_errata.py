"""The errata page: every erratum once, in the order of the sections, what is wrong apart from what is only unclear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from cnnsym.report.elements import as_printed, with_references
from cnnsym.report.errata import errata
from cnnsym.report.html import Correction, Judged

BLANK = Judged(
    "1.1-a", "1.1", ("题", "Title"), "f.py", 1, "proved", "proved", (("1.1-a", "proved"),), "all sizes", "index form", 0,
    (2, 2), 0, None, ("", ""), (),
)  # fmt: skip


def account(identifier: str, kind: str | None = None, expected: str = "proved", printed: str = "a = b", state="proved"):
    section = identifier.partition("-")[0]
    erratum = None
    if kind:
        against = ("反例", "n = 2: left side 0") if expected == "refuted" else ("", "")
        erratum = Correction(kind, (printed, printed), (f"{printed} + 1",) * 2, ("因为", f"why {identifier}"), against)
    one = replace(BLANK, id=identifier, section=section, expected=expected, state=state, erratum=erratum)
    return replace(one, title=("题", identifier)), state


ACCOUNTS = [
    account("3.10-z", "wrong", "refuted", "z = 1", "refuted"),
    account("3.3-idct", "wrong", "refuted", "x = y", "corrected"),
    account("3.3-idct-corrected", "wrong", "proved", "x = y"),
    account("3.3-plain"),
    account("1.4-n", "unclear", "proved", "p < q"),
]


def entries(lang: str = "en"):
    soup = BeautifulSoup(errata(ACCOUNTS, lang), "html.parser")
    found = {}
    for head in soup.find_all(["h2", "h3"]):
        if head.name == "h2":
            kind = found.setdefault(head["id"], {})
        else:
            table = head.find_next("dl")
            kind[head.get_text()] = dict(
                zip([dt.get_text() for dt in table.find_all("dt")], table.find_all("dd"), strict=True)
            )
    return found


def test_errata_stand_once_by_kind_and_section() -> None:
    found = entries()
    assert list(found) == ["wrong", "unclear"]
    assert list(found["wrong"]) == ["3.3 3.3-idct", "3.10 3.10-z"]
    assert list(found["unclear"]) == ["1.4 1.4-n"]
    assert "wrong: 2; unclear or misprinted: 1" in errata(ACCOUNTS, "en")


def test_what_is_wrong_has_its_counterexample_and_the_verdict_of_its_correction() -> None:
    entry = entries()["wrong"]["3.3 3.3-idct"]
    assert list(entry) == ["As printed", "Verdict", "Counterexample", "As corrected", "Its verdict", "Why", "In the text"]
    assert entry["As printed"].get_text() == r"\[x = y\]" and entry["As corrected"].get_text() == r"\[x = y + 1\]"
    assert entry["Verdict"].span["class"][1] == "cnnsym-badge--refuted"
    assert entry["Counterexample"].get_text() == "n = 2: left side 0"
    assert entry["Its verdict"].span["class"][1] == "cnnsym-badge--proved"
    assert [a["href"] for a in entry["In the text"].find_all("a")] == ["#3.3-idct", "#3.3-idct-corrected"]


def test_without_a_proved_correction_nothing_looks_corrected() -> None:
    entry = entries()["wrong"]["3.10 3.10-z"]
    assert "Its verdict" not in entry and "proved" not in str(entry)


def test_what_is_unclear_has_only_the_verdict_of_what_is_meant() -> None:
    entry = entries()["unclear"]["1.4 1.4-n"]
    assert list(entry) == ["As printed", "As corrected", "Its verdict", "Why", "In the text"]
    assert entry["Its verdict"].span["class"][1] == "cnnsym-badge--proved"


def test_both_languages_hold_the_same() -> None:
    assert [len(kind) for kind in entries("zh").values()] == [len(kind) for kind in entries("en").values()]
    assert "因为" in errata(ACCOUNTS, "zh") and "why" not in errata(ACCOUNTS, "zh")


def test_no_errata() -> None:
    assert errata([account("1.1-a")], "en").count("None.") == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"x = \frac{a}{b}", '<div class="arithmatex">\\[x = \\frac{a}{b}\\]</div>'),
        (r"W \in \{0, \cdots, \text{W minus one here}\}", None),
        ("m-k+1", None),
        ("均值池化等价于卷积", "<p>均值池化等价于卷积</p>"),
        ("stride $s$ <skips>", '<p>stride <span class="arithmatex">\\(s\\)</span> &lt;skips&gt;</p>'),
        ("max pooling is low-pass", "<p>max pooling is low-pass</p>"),
    ],
)
def test_what_is_printed_is_tex_or_prose(text: str, shown: str | None) -> None:
    assert as_printed(text) == (shown or f'<div class="arithmatex">\\[{text}\\]</div>')


def test_a_reference_may_vanish() -> None:
    text = 'x<a class="cnnsym-ref cnnsym-ref--if-there" href="#a">a</a>'
    assert with_references(text, {}.get) == "x"
    assert with_references(text, {"a": "#a"}.get) == 'x<a class="cnnsym-ref" href="#a">a</a>'
