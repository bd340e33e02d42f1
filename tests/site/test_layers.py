"""The built pages of the layers: badges on statements only, the source files as they are, and a map one can walk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "docs" / "en" / "layers").glob("*.md"))
PREFIXES = {"zh": "", "en": "en/"}
INCLUDED = re.compile(r'^    --8<-- "(.+)"$', re.MULTILINE)
# Shown because it is false: the transposed convolution is no inverse.
FALSE = "ext-transposed-inverse"
LABEL = re.compile(r"\\label\{([^{}]+)\}")


def source(name: str, language: str) -> str:
    return (ROOT / "docs" / language / "layers" / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("language", PREFIXES)
def test_labels_bear_badges_and_definitions_none(soups: dict[str, BeautifulSoup], language: str) -> None:
    statements = definitions = 0
    for name in NAMES:
        soup = soups[f"{PREFIXES[language]}layers/{name}.html"]
        labels = LABEL.findall(source(name, language))
        for label in labels:
            place = soup.find(id=label)
            block = place if "cnnsym-claim" in place["class"] else place.find_parent(class_="cnnsym-claim")
            wanted = "refuted" if label == FALSE else "proved"
            assert block.select_one(f":scope > .cnnsym-claim__bar .cnnsym-badge--{wanted}"), (name, label)
        formulas = soup.select("article .cnnsym-formula")
        plain = [one for one in formulas if one.find_parent(class_="cnnsym-claim") is None]
        assert not soup.select(".cnnsym-claim--compact"), name
        for one in plain:
            assert one.find_previous("h2")["id"] == "definition", name
        statements += len(labels)
        definitions += len(plain)
    assert statements >= 75
    assert definitions >= 30


@pytest.mark.parametrize("language", PREFIXES)
def test_the_source_files_are_shown_as_they_are(soups: dict[str, BeautifulSoup], language: str) -> None:
    for name in set(NAMES) - {"index"}:
        blocks = soups[f"{PREFIXES[language]}layers/{name}.html"].select("article details.abstract")
        paths = INCLUDED.findall(source(name, language))
        assert len(blocks) == len(paths) >= 2, name
        for block, path in zip(blocks, paths, strict=True):
            assert not block.has_attr("open")
            assert path in block.summary.get_text()
            shown = block.select_one("pre code").get_text()
            assert shown.strip() == (ROOT / path).read_text("utf-8").strip(), (name, path)


@pytest.mark.parametrize("language", PREFIXES)
def test_the_map_leads_to_every_page(soups: dict[str, BeautifulSoup], language: str) -> None:
    chart = soups[f"{PREFIXES[language]}layers/index.html"].select_one(".layer-map")
    assert chart["role"] == "group" and chart["aria-label"]
    links = [link["href"] for link in chart.select("li a")]
    assert sorted(links) == sorted(f"{name}.html" for name in NAMES if name not in ("index", "weight_scale"))
    assert len(chart.select(".layer-map__kind")) == 6


def test_the_way_to_a_formula_by_keyboard(visit) -> None:
    page: Page = visit("en/layers/index.html")
    page.locator(".layer-map li a", has_text="Leaky ReLU").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Leaky ReLU"))
    code = page.locator("article details.abstract").first
    expect(code.locator("pre")).to_be_hidden()
    code.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(code.locator("pre")).to_be_visible()
    assert page.problems == []


@pytest.mark.parametrize("path", ["index", "conv2d", "batch_norm", "conv_transpose2d", "lp_pool2d", "fca_attention"])
@pytest.mark.parametrize("prefix", PREFIXES.values())
def test_a_page_fits_a_telephone(visit, prefix: str, path: str) -> None:
    page: Page = visit(f"{prefix}layers/{path}.html", width=360)
    page.evaluate("document.querySelectorAll('article details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["layers/index.html", "en/layers/softmax.html"])
def test_axe_finds_no_serious_fault(visit, path: str, scheme: str) -> None:
    page: Page = visit(path, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('article details.abstract').forEach((one) => { one.open = true })")
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    # Our own part of the page; what is inside a formula is KaTeX's.
    found = page.evaluate("axe.run({include: ['article'], exclude: [['.katex']]}, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 10
    serious = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert not serious, [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in serious]
