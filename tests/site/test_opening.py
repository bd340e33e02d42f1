"""The prose pages: the opening page's numbers are those of the report, the glossary's links lead to formulas, and both languages
of every page are built alike."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from cnnsym.collect import claims, collect

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = (("zh", ""), ("en", "en/"))
languages = pytest.mark.parametrize(("language", "prefix"), LANGUAGES)


def numbers(soup: BeautifulSoup) -> list[int]:
    """The numbers of the opening page in their order; a pair "good of all" counts by its good ones."""
    return [int(re.findall(r"\d+", one.get_text())[0]) for one in soup.select(".cnnsym-counts dd")]


@languages
def test_the_numbers_are_those_of_the_claims(
    soups: dict[str, BeautifulSoup], site: Path, language: str, prefix: str
) -> None:
    page = soups[f"{prefix}index.html"]
    found = list(claims(collect([ROOT / "derivations"])))
    document = json.loads((site / "report.json").read_text("utf-8"))
    measured = document["summary"]["measured"]
    large = [int(one.get_text()) for one in page.select(".cnnsym-counts__large dd")]
    assert sum(large) == len(found) + measured and large[2] == measured
    proved, printed = (sum(claim.expected == verdict for claim in found) for verdict in ("proved", "refuted"))
    assert large[0] == proved and sum(large) - large[0] - large[2] == printed
    links, steps, misses, _ = numbers(page)[len(large) :]
    assert links == sum(len(claim.links) for claim in found)
    assert steps == sum(len(claim.steps) for claim in found)
    assert misses == sum(len(claim.near_misses) for claim in found)


@languages
def test_the_contents_add_up_and_lead_somewhere(soups: dict[str, BeautifulSoup], language: str, prefix: str) -> None:
    page = soups[f"{prefix}index.html"]
    large = [int(one.get_text()) for one in page.select(".cnnsym-counts__large dd")]
    assert [int(cell.get_text()) for cell in page.select(".cnnsym-contents tfoot td")] == large
    rows = page.select(".cnnsym-contents tbody tr")
    numbered = [row.td.get_text() for row in rows if row.td.get_text()]
    assert numbered == "1.1 1.2 1.3 1.4 2.1 2.2 3.1 3.2 3.3 4.1 4.2 4.3 4.4 5.1 5.2".split()
    assert all(row.a and row.a.get("href") and row.a.get_text(strip=True) for row in rows)


@languages
def test_the_showpiece_wears_the_badge_of_its_own_page(
    soups: dict[str, BeautifulSoup], language: str, prefix: str
) -> None:
    piece = soups[f"{prefix}index.html"].select_one(".cnnsym-showpiece")
    assert piece.select_one(".katex") and not piece.select("[id]")
    address, _, label = piece.figcaption.a["href"].partition("#")
    there = soups[f"{prefix}{address}"].find(id=label)
    badge = (there if "cnnsym-claim" in there["class"] else there.find_parent(class_="cnnsym-claim")).select_one(
        ".cnnsym-badge"
    )
    assert piece.select_one(".cnnsym-badge")["class"] == badge["class"]
    assert piece.select_one(".cnnsym-badge").get_text() == badge.get_text()


@languages
def test_the_glossary_leads_to_formulas(soups: dict[str, BeautifulSoup], language: str, prefix: str) -> None:
    source = (ROOT / "docs" / language / "glossary.md").read_text("utf-8")
    wanted = re.findall(r'class="cnnsym-ref" href="#([^"]+)"', source)
    assert len(wanted) >= 50
    found = [link["href"].partition("#") for link in soups[f"{prefix}glossary.html"].select("article a.cnnsym-ref")]
    assert [label for _, _, label in found] == wanted  # a reference without its formula would be left as words
    assert all(page for page, _, _ in found)


def shape(soup: BeautifulSoup) -> dict[str, object]:
    article = soup.find("article")
    parts = {
        "headings": "h1, h2, h3, h4",
        "tables": "table",
        "figures": "figure",
        "admonitions": ".admonition",
        "code blocks": "pre:not(.jp-OutputArea pre)",  # what a cell prints may come in pieces
        "definitions": "dt",
        "items": "li",
    }
    counted: dict[str, object] = {name: len(article.select(selector)) for name, selector in parts.items()}
    counted["levels"] = [head.name for head in article.select("h1, h2, h3, h4")]
    counted["labels"] = [link.get_text() for link in article.select(".cnnsym-formula__link")]
    return counted


def test_both_languages_of_a_page_are_built_alike(soups: dict[str, BeautifulSoup]) -> None:
    compared = 0
    for page in soups:
        if not page.startswith("en/"):
            assert shape(soups[page]) == shape(soups[f"en/{page}"]), page
            compared += 1
    assert compared >= 15


def test_tutorials_hold_the_same_code_in_both_languages() -> None:
    def cells(language: str) -> dict[str, list[str]]:
        folder = ROOT / "docs" / language / "tutorials"
        texts = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}
        return {
            name: re.findall(r"^# %%\n(.*?)(?=^# %%|\Z)", text, re.DOTALL | re.MULTILINE)
            for name, text in texts.items()
        }

    chinese, english = cells("zh"), cells("en")
    assert chinese.keys() == english.keys() and len(chinese) >= 3
    for name in chinese:
        assert len(chinese[name]) >= 5
        assert [_code(cell) for cell in chinese[name]] == [_code(cell) for cell in english[name]], name


def _code(cell: str) -> str:
    """A cell without what is said in words: texts and comments may be in either language."""
    return re.sub(r"#.*|\"[^\"\n]*\"", "", cell).strip()


@pytest.mark.parametrize(
    "path", ["index.html", "en/index.html", "verification.html", "en/glossary.html", "en/check-your-notes.html"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(visit, path: str, scheme: str) -> None:
    page: Page = visit(path, color_scheme=scheme)
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run({include: ['article'], exclude: [['.katex']]}, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 5
    serious = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in serious] == []


@pytest.mark.parametrize("path", ["index.html", "en/index.html", "en/verification.html", "glossary.html"])
def test_prose_fits_a_telephone(visit, path: str) -> None:
    page: Page = visit(path, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
