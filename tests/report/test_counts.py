"""The opening page's numbers: counted, not typed; nothing left out, nothing that looks proved and is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.claim import Experiment, Text
from cnnsym.report.counts import COUNT_WORDS, contents, counts, showpiece
from cnnsym.report.experiments import Measured
from cnnsym.report.html import Judged
from cnnsym.report.overview import Section

BLANK = Judged(
    "1.1-a", "1.1", ("题", "Title"), "f.py", 1, "proved", "proved", (("1.1-a", "proved"),), "all sizes", "index form", 2,
    (3, 4), 5, None, ("", ""), (),
)  # fmt: skip
SECTIONS = [Section("1.1", "Sparse & small", "one.html#1.1"), Section("1.2", "Shared", "one.html#1.2"),
            Section("4.5", "Empty", "four.html#4.5"), Section("5.1", "Dense", "five.html")]  # fmt: skip
STATES = ("proved", "corrected", "refuted", "unknown", "unchecked")


def account(section: str, state: str = "proved", name: str = "a"):
    return replace(BLANK, id=f"{section}-{name}", section=section, state=state), state


def experiment(section: str) -> Measured:
    text = Text("文", "text")
    one = Experiment(f"{section}-e", section, text, text, text, text, "x.json", "make experiments")
    return Measured(one, Path("x.json"), None, "no file")


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def rows(html: str) -> list[list[str]]:
    return [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in soup(html).select("tbody tr")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_are_there_in_both_languages(lang: str) -> None:
    assert COUNT_WORDS[lang].keys() == COUNT_WORDS["en"].keys()
    assert all(COUNT_WORDS[lang].values())


def test_counts_add_up() -> None:
    accounts = [account("1.1"), account("1.1", "corrected", "b"), account("5.1")]
    text = soup(counts(accounts, [], "en"))
    found = {div.dt.get_text(): div.dd.get_text() for div in text.select("dl > div")}
    assert found == {
        "statements proved": "2", "false as printed, corrected": "1", "questions measured": "0",
        "equalities and statements": "3", "derivation steps": "6", "near misses refuted": "9 of 12",
        "numeric comparisons": "15",
    }  # fmt: skip


def test_what_went_wrong_is_told() -> None:
    """An experiment whose results cannot be read counts as unchecked, not as measured."""
    accounts = [account("1.1", "refuted"), account("1.2", "unknown"), account("5.1")]
    text = soup(counts(accounts, [experiment("5.1")], "en")).get_text(" ", strip=True)
    assert "refuted 1" in text and "undecided 1" in text and "not checked yet 1" in text
    assert "statements proved 1" in text and "questions measured 0" in text


def test_contents_hold_every_section_and_the_rest() -> None:
    accounts = [account("1.1"), account("1.1", "corrected", "b"), account("ext"), account("5.1"), account("odd<x>")]
    html = contents(accounts, SECTIONS, [], "en")
    assert rows(html) == [
        ["1.1", "Sparse & small", "1", "1", "–"],
        ["5.1", "Dense", "1", "–", "–"],
        ["", "Beyond the source", "1", "–", "–"],
        ["", "odd<x>", "1", "–", "–"],
    ]  # 1.2 and 4.5 state nothing
    assert [link["href"] for link in soup(html).select("a")] == ["one.html#1.1", "five.html", "#ext-a", "#odd<x>-a"]
    assert [cell.get_text() for cell in soup(html).select("tfoot td")] == ["4", "1", "0"]
    lone = contents([], [], [experiment("9")], "en")
    assert [link["href"] for link in soup(lone).select("a")] == ["#9-e"]


@given(st.lists(st.tuples(st.sampled_from(["1.1", "1.2", "5.1", "ext"]), st.sampled_from(STATES)), max_size=30))
def test_rows_add_up_to_the_totals_and_bars_to_the_rows(drawn) -> None:
    accounts = [account(section, state, str(k)) for k, (section, state) in enumerate(drawn)]
    html = contents(accounts, SECTIONS, [], "zh")
    body, table = rows(html), soup(html)
    totals = [int(cell.get_text()) for cell in table.select("tfoot td")]
    assert sum(totals) == len(drawn)
    for k, total in enumerate(totals):
        assert sum(0 if row[2 + k] == "–" else int(row[2 + k]) for row in body) == total
    widths = [
        sum(float(part["style"].removeprefix("width:").removesuffix("%")) for part in row.select(".cnnsym-bar__part"))
        for row in table.select("tbody tr")
    ]
    sizes = [sum(0 if cell == "–" else int(cell) for cell in row[2:]) for row in body]
    assert max(widths, default=100) == pytest.approx(100, abs=0.1)
    for width, size in zip(widths, sizes, strict=True):
        assert width == pytest.approx(100 * size / max(sizes), abs=0.1)


@pytest.mark.parametrize("state", ["proved", "corrected", "unchecked"])
def test_a_showpiece_bears_the_state_it_was_given_and_no_anchor(state: str) -> None:
    html = showpiece(r"a < b \label{1.1-a}", replace(BLANK, title=("题<", "T<")), state, "en")
    found = soup(html)
    assert found.select_one(".arithmatex").get_text() == r"\[a < b\]"
    assert found.select_one(".cnnsym-badge")["class"] == ["cnnsym-badge", f"cnnsym-badge--{state}"]
    assert not found.select("[id]") and found.a["href"] == "#1.1-a" and found.a.get_text() == "T<"
