"""What unfolds below a formula, the graph and the search, in a real browser: copying, code pages, queries with controls."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from searching import search

ROOT = Path(__file__).resolve().parents[2]
BLOCK = '[id="3.3-eq2-idct-corrected"]'
FORMS = ("LaTeX", "SymPy")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("3.3-eq2-idct-corrected", "3-3-dct.html"),  # a label
        ("逆变换", "3-3-dct.html"),  # from the Chinese title of a formula
        ("orthonormal", "en/3-3-dct.html"),  # from an English one
        ("余弦", "3-3-dct.html"),
        ("DCT", "layers/dct2d.html"),
    ],
)
def test_formulas_are_found_by_name_and_label(visit, query: str, found: str) -> None:
    page = visit("en/3-3-dct.html")
    results = search(page, query)
    assert any(f"/{found}" in address for address in results), results


@pytest.mark.parametrize("query", ["zzqqx", "薛定谔"])
def test_nonsense_is_not_found(visit, query: str) -> None:
    page = visit("3-3-dct.html")
    assert search(page, "余弦"), "the search itself works"
    assert search(page, query) == []


@pytest.mark.parametrize(("path", "copied"), [("en/3-3-dct.html", "{} copied"), ("3-3-dct.html", "{} 已复制")])
def test_a_formula_is_copied_by_keyboard(visit, path: str, copied: str) -> None:
    page = visit(path, permissions=["clipboard-read", "clipboard-write"])
    block = page.locator(BLOCK)
    block.locator("> details > summary").focus()
    page.keyboard.press("Enter")
    for form in FORMS:
        button = block.locator(f".cnnsym-tools__button:has-text('{form}')")
        button.focus()
        page.keyboard.press("Enter")
        expect(block.locator(".cnnsym-tools [role=status]")).to_have_text(copied.format(form))
        shown = block.locator(f".cnnsym-copy[data-form='{form}'] pre").text_content()
        assert page.evaluate("navigator.clipboard.readText()").replace("\r", "") == shown
    assert page.problems == []


def test_without_scripts_the_texts_are_there(visit) -> None:
    page = visit("en/3-3-dct.html", java_script_enabled=False)
    block = page.locator(BLOCK)
    block.locator("> details > summary").click()
    block.locator("details.cnnsym-copies > summary").click()
    for form in FORMS:
        expect(block.locator(f".cnnsym-copy[data-form='{form}'] pre")).to_be_visible()
    assert block.locator(".cnnsym-tools button").count() == 0


def test_a_formula_leads_to_the_line_of_its_derivation(visit) -> None:
    page = visit("en/3-3-dct.html")
    block = page.locator(BLOCK)
    block.locator("> details > summary").click()
    block.locator("a[href*='code/derivations/']").click()
    page.wait_for_url("**/code/derivations/dct.html#L*")
    line = page.locator("pre > span:target")
    expect(line).to_be_in_viewport()
    expect(line).to_contain_text("3.3-eq2-idct-corrected")
    page.locator("nav a[lang=zh]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_the_graph_shows_every_claim_and_leads_to_it(site: Path, prefix: str) -> None:
    soup = BeautifulSoup((site / prefix / "graph.html").read_text("utf-8"), "html.parser")
    marks = soup.select(".cnnsym-mark a")
    assert len(marks) == len({mark["href"] for mark in marks}) >= 15
    for mark in marks:
        file, _, anchor = mark["href"].partition("#")
        assert f'id="{anchor}"' in (site / prefix / file).read_text("utf-8"), mark["href"]
        assert mark.title.get_text().startswith(f"{anchor}: ")
    edges = soup.select(".cnnsym-graph path.cnnsym-graph__uses, .cnnsym-graph path.cnnsym-graph__corrects")
    assert 0 < len(edges) <= len(soup.find(id="table").find_next("table").select("tbody tr"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["en/graph.html", "graph.html", "code/derivations/dct.html#L20"])
def test_axe_finds_no_serious_fault_and_nothing_overflows(visit, path: str, scheme: str) -> None:
    page = visit(path, width=360, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    place = "article" if "graph" in path else "body"
    found = page.evaluate(f"axe.run({{include: ['{place}']}}, {{resultTypes: ['violations']}})")
    serious = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert not serious, [(rule["id"], [node["html"][:90] for node in rule["nodes"][:3]]) for rule in serious]


def test_a_mark_of_the_graph_is_reached_by_keyboard(visit) -> None:
    page = visit("en/graph.html")
    mark = page.locator(".cnnsym-mark a").first
    mark.focus()
    assert page.evaluate("document.activeElement.closest('.cnnsym-mark') !== null")
    target = mark.get_attribute("href").partition("#")[2]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**#{target}")
    expect(page.locator(f'[id="{target}"]')).to_be_in_viewport()
