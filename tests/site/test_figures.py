"""Figures on their pages: in both languages, on every screen, in both schemes, without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(
    path.stem.replace("_", "-") for path in (ROOT / "docs" / "_figures").glob("*.py") if path.stem != "__init__"
)

# Words that leave their sheet, and pairs of words that lie upon each other.
MISPLACED = """() => [...document.querySelectorAll(".cnnsym-drawn svg")].flatMap((sheet) => {
  const edge = sheet.getBoundingClientRect();
  const words = [...sheet.querySelectorAll("text")].map((text) =>
    [text.textContent, text.getBBox(), text.getBoundingClientRect()]);
  const found = words
    .filter(([, , at]) => at.left < edge.left - 1 || at.right > edge.right + 1
      || at.top < edge.top - 1 || at.bottom > edge.bottom + 1)
    .map(([text]) => "outside: " + text);
  words.forEach(([text, a], k) => words.slice(k + 1).forEach(([other, b]) => {
    const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
    const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
    if (across > 1 && down > 4) found.push(`upon each other: ${text} and ${other}`);
  }));
  return found;
})"""


@pytest.fixture(scope="session")
def places(soups: dict[str, BeautifulSoup]) -> dict[str, list[str]]:
    """The figures of each page that has some."""
    found = {page: [one["id"] for one in soup.select("figure.cnnsym-drawn")] for page, soup in soups.items()}
    return {page: figures for page, figures in found.items() if figures}


def test_every_figure_is_shown_in_both_languages(places: dict[str, list[str]]) -> None:
    for prefix in ("", "en/"):
        shown = [name for page, names in places.items() if page.startswith("en/") == bool(prefix) for name in names]
        assert sorted(shown) == [f"figure-{name}" for name in NAMES]
    for page, names in places.items():
        if not page.startswith("en/"):
            assert places[f"en/{page}"] == names


def test_a_figure_says_what_it_shows(soups: dict[str, BeautifulSoup], places: dict[str, list[str]]) -> None:
    for page, names in places.items():
        for name in names:
            figure = soups[page].find(id=name)
            drawn = figure.select_one("[role=img]")
            for attribute in ("aria-labelledby", "aria-describedby"):
                assert figure.find(id=drawn[attribute]).get_text(strip=True), (page, name)
            title = figure.find(id=drawn["aria-labelledby"]).get_text()
            assert figure.select_one("figcaption").get_text().startswith(title)


SHEETS = """() => [...document.querySelectorAll(".cnnsym-drawn svg")].map((sheet) =>
  [sheet.getBoundingClientRect().right, sheet.getBoundingClientRect().width / sheet.viewBox.baseVal.width])"""


def test_no_word_is_cut_off_or_covered_and_letters_keep_their_size_on_a_telephone(
    visit, places: dict[str, list[str]]
) -> None:
    for path in places:
        page = visit(path, light=True)
        assert page.evaluate(MISPLACED) == [], path
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate(MISPLACED) == [], (path, 360)
        sheets = page.evaluate(SHEETS)
        assert sheets
        for right, scale in sheets:
            assert right <= 360, path
            assert scale > 0.98, path
        page.context.close()


def test_inks_and_letters_follow_the_scheme(visit) -> None:
    def colours(scheme: str) -> list[str]:
        page = visit("2-convolution.html", light=True, color_scheme=scheme)
        parts = [page.locator(f"#figure-padding-visits {tag}").first for tag in ("text", "rect[fill*=ink]")]
        return [part.evaluate("part => getComputedStyle(part).fill") for part in parts]

    for light, dark in zip(colours("light"), colours("dark"), strict=True):
        assert light != dark


def test_figures_need_no_script(visit) -> None:
    page = visit("2-convolution.html", light=True, java_script_enabled=False)
    assert page.locator("#figure-padding-visits text").first.is_visible()
    ink = page.locator("#figure-padding-visits rect[fill*=ink]").first
    assert ink.evaluate("ink => getComputedStyle(ink).fill") == "rgb(20, 89, 143)"


def test_captions_are_found_by_the_search_and_drawings_are_not(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text("utf-8")
    assert "Two weights with" in index
    assert "other numbers" in (site / "en" / "4-invariance.html").read_text("utf-8")
    assert "moved by 1" not in index
    assert "data:image" not in index
