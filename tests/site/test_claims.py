"""Claim blocks on the real pages: every label has its badge, nothing looks checked that is not, and everyone can read it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect

from cnnsym.collect import claims, collect

ROOT = Path(__file__).resolve().parents[2]
LABEL = re.compile(r"\\label\{([^{}]+)\}")
CHECKED = (
    "1-motivation",
    "2-convolution",
    "3-pooling",
    "3-3-dct",
    "4-invariance",
    "5-1-fully-connected",
    "5-2-convolution-gradients",
    "5-2-layer-to-layer",
    "spectra",
    *sorted(f"layers/{path.stem}" for path in (ROOT / "docs" / "en" / "layers").glob("*.md")),
)
LANGUAGES = (("zh", ""), ("en", "en/"))


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """The ids of all claims, each with what it is expected to be."""
    return {claim.id: claim.expected for claim in claims(collect([ROOT / "derivations"]))}


@pytest.mark.parametrize(("language", "prefix"), LANGUAGES)
def test_every_label_has_its_badge(
    soups: dict[str, BeautifulSoup], expected: dict[str, str], language: str, prefix: str
) -> None:
    seen = []
    for page in CHECKED:
        soup = soups[f"{prefix}{page}.html"]
        for label in LABEL.findall((ROOT / "docs" / language / f"{page}.md").read_text("utf-8")):
            place = soup.find(id=label)
            block = place if "cnnsym-claim" in place["class"] else place.find_parent(class_="cnnsym-claim")
            assert block.select_one(":scope > .cnnsym-formula"), label
            bars = [place] if place is not block else block.select(":scope > .cnnsym-claim__bar")
            mended = "corrected" if f"{label}-corrected" in expected else "refuted"
            wanted = "proved" if expected[label] == "proved" else mended
            assert bars and all(bar.select_one(f".cnnsym-badge--{wanted}") for bar in bars), label
            assert bars[-1].find_next_sibling("details"), label
            seen.append(label)
    assert sorted(seen) == sorted(expected)


def test_details_hold_steps_near_misses_and_numbers(soups: dict[str, BeautifulSoup]) -> None:
    details = [
        d
        for _, prefix in LANGUAGES
        for page in CHECKED
        for d in soups[f"{prefix}{page}.html"].select(".cnnsym-claim:not(.cnnsym-claim--experiment) > details")
    ]
    assert len(details) >= 500
    for one in details:
        assert all(step.get_text(strip=True) for step in one.select("ol.cnnsym-steps > li")), one.parent
        if not one.select("table"):  # what is printed and false needs nothing but its counterexample
            assert one.parent.select_one(".cnnsym-badge--refuted, .cnnsym-badge--corrected"), one.parent
            continue
        near, *numbers = one.select("table")
        rows = near.select("tbody tr")
        assert rows and all(row.select_one(".cnnsym-badge--refuted") for row in rows)
        assert all(row.find_all("td")[2].get_text(strip=True) for row in rows), "a near miss without its reason"
        assert all(table.select("tbody tr") for table in numbers)


def test_details_do_not_flood_the_search(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text("utf-8")
    assert "5.1-vec-grad-1" in index
    for inside in ("multiplied from the left", "用上一层的权重"):
        assert index.count(inside) == 0, inside


def test_every_displayed_formula_of_the_note_has_a_badge(soups: dict[str, BeautifulSoup]) -> None:
    for name, soup in soups.items():
        if name.removesuffix(".html").endswith(CHECKED) and "layers/" not in name:  # definitions bear no badge there
            for formula in soup.select("article .cnnsym-formula"):
                assert formula.find_parent(class_="cnnsym-claim"), (name, formula.get_text()[:40])


def test_nothing_looks_proved_that_is_not(soups: dict[str, BeautifulSoup]) -> None:
    for _, prefix in LANGUAGES:
        for page in ("notation", "architecture"):
            assert not soups[f"{prefix}{page}.html"].select("[class*='--proved'], [class*='--corrected']"), (prefix, page)


@pytest.mark.parametrize(("language", "prefix"), LANGUAGES)
def test_the_report_lists_all_claims_and_sections(
    soups: dict[str, BeautifulSoup], expected: dict[str, str], language: str, prefix: str
) -> None:
    page = soups[f"{prefix}report.html"]
    counts, routes, coverage, table = (
        page.find(id=part).find_next("table") for part in ("summary", "routes", "coverage", "claims")
    )
    experiments = page.find(id="experiments")
    measured = experiments.find_next("table").select("tbody tr") if experiments else []
    assert sum(int(row.find_all("td")[1].get_text()) for row in counts.select("tbody tr")) == len(expected) + len(measured)
    *methods, of_all = (int(row.find_all("td")[1].get_text()) for row in routes.select("tbody tr"))
    assert sum(methods) == of_all == len(expected)
    assert [row.td.get_text() for row in table.select("tbody tr")] == list(expected)
    links = [row.td.a["href"] for row in table.select("tbody tr")]
    assert all(re.fullmatch(r"[-0-9a-z_/]+\.html#[-.0-9A-Za-z]+", link) for link in links)
    rows = [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in coverage.select("tbody tr")]
    numbers = "1.1 1.2 1.3 1.4 2.1 2.2 3.1 3.2 3.3 4.1 4.2 4.3 4.4 4.5 5.1 5.2".split()
    assert [row[0].split()[0] for row in rows][: len(numbers)] == numbers
    sections = {claim.section.split()[0] for claim in claims(collect([ROOT / "derivations"]))}
    sections |= {row.find_all("td")[2].get_text().split()[0] for row in measured}
    for row in rows[:-1]:
        assert (row[2] not in ("none", "无")) == (row[0].split()[0] in sections), row
        reached, listed = map(int, row[1].split("/"))
        assert reached <= listed
    assert rows[-1][1].endswith("/132")


@pytest.mark.parametrize(("language", "prefix"), LANGUAGES)
def test_the_errata_page_lists_every_erratum(soups: dict[str, BeautifulSoup], language: str, prefix: str) -> None:
    found = [claim for claim in claims(collect([ROOT / "derivations"])) if claim.erratum]
    printed = {(claim.erratum.printed, claim.erratum.corrected): claim.erratum.kind for claim in found}
    page = soups[f"{prefix}errata.html"]
    entries = page.select("article .cnnsym-erratum")
    assert len(entries) == len(printed) > 0
    kinds = [head["id"] for entry in entries for head in [entry.find_previous("h2")]]
    assert sorted(kinds) == sorted(printed.values())
    for entry in entries:
        assert entry.select("dd .cnnsym-badge") and entry.select("dd a.cnnsym-ref"), entry.get_text()[:80]


def test_the_report_is_there_for_machines_too(site: Path, expected: dict[str, str]) -> None:
    document = json.loads((site / "report.json").read_text("utf-8"))
    judged = [row["id"] for row in document["claims"] if row["verdict"] != "measured"]
    assert list(dict.fromkeys(re.sub(r"\.\d+$", "", identifier) for identifier in judged)) == list(expected)
    assert all(row["ok"] for row in document["claims"])


def test_the_legend_shows_the_badges_that_the_checker_sets(soups: dict[str, BeautifulSoup]) -> None:
    for prefix in ("", "en/"):
        legend = soups[f"{prefix}index.html"].select(".cnnsym-badge")
        words = {badge["class"][1]: badge.get_text() for badge in legend}
        assert len(words) == 5
        for page in CHECKED:
            for badge in soups[f"{prefix}{page}.html"].select(".cnnsym-badge"):
                if badge.find_parent(class_="cnnsym-claim--compact"):  # without a label: no claim, and no state
                    continue
                text, kind = badge.get_text(), badge["class"][1]
                other_scope = kind.endswith("--proved") and text.startswith(("Proved for ", "已证明（"))
                assert words[kind] == text or other_scope


def test_the_keyboard_opens_the_derivation(visit) -> None:
    page: Page = visit("en/5-1-fully-connected.html")
    details = page.locator('[id="5.1-matrix-grad"] > details')
    step = details.locator("ol.cnnsym-steps > li").first
    expect(step).to_be_hidden()
    page.locator('[id="5.1-matrix-grad"] .cnnsym-claim__link').last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    expect(step).to_be_visible()
    page.keyboard.press("Enter")
    expect(step).to_be_hidden()


def test_a_correction_is_one_click_away(visit) -> None:
    page: Page = visit("3-3-dct.html")
    page.locator('[id="3.3-eq2-idct"] .cnnsym-claim__bar .cnnsym-ref').click()
    expect(page.locator('[id="3.3-eq2-idct-corrected"]')).to_be_in_viewport()


@pytest.mark.parametrize("path", ["5-1-fully-connected.html", "en/3-3-dct.html", "errata.html", "en/report.html"])
def test_open_blocks_fit_a_telephone(visit, path: str) -> None:
    page: Page = visit(path, width=360)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["en/5-1-fully-connected.html", "report.html", "errata.html"])
def test_axe_finds_no_serious_fault(visit, path: str, scheme: str) -> None:
    page: Page = visit(path, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('.cnnsym-claim > details').forEach((one, k) => { one.open = k < 2 })")
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    # Our own part of the page; what is inside a formula is KaTeX's.
    found = page.evaluate("axe.run({include: ['article'], exclude: [['.katex']]}, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    serious = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in serious] == []
