"""Claim blocks: the HTML of claim_blocks.html, rendered by the site's hook, in the site's own page."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs" / "_hooks"))  # hooks are files beside the site, not a package

from formulas import in_markdown  # noqa: E402
from katex_node import Renderer  # noqa: E402
from katex_render import LANGUAGES, wrap  # noqa: E402

STATES = ("proved", "corrected", "experiment", "unchecked", "refuted", "unknown")

CONTRAST = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  let ground = element, colour;
  do { colour = getComputedStyle(ground).backgroundColor; ground = ground.parentElement; }
  while (ground && (channels(colour)[3] ?? 1) < 1);
  const [a, b] = [light(getComputedStyle(element).color), light(colour)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
})"""


@pytest.fixture(scope="module")
def sample(site: Path) -> str:
    """The sample page's address within the site: a built page whose article is replaced."""
    article = Path(__file__).with_name("claim_blocks.html").read_text("utf-8")
    taken = frozenset(re.findall(r'\sid="([^"]+)"', article))
    found = list(in_markdown(article))
    assert len(found) > 10
    rendered = Renderer(ROOT).render([(formula.tex(taken), formula.display) for formula in found])
    for formula in reversed(found):
        result = rendered[formula.tex(taken), formula.display]
        assert result.html and not result.problems, result
        block = wrap(formula, result.html, taken, LANGUAGES["en"])
        article = article[: formula.start] + block + article[formula.end :]
    page = (site / "en" / "5-1-fully-connected.html").read_text("utf-8")
    page = re.sub(
        r"(<article\b[^>]*>).*(</article>)", lambda m: m[1] + "<h1>Samples</h1>" + article + m[2], page, flags=re.DOTALL
    )
    target = site / "en" / "_claim_blocks.html"
    target.write_text(page, "utf-8")
    yield "en/_claim_blocks.html"
    target.unlink()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(visit, sample: str, scheme: str) -> None:
    page = visit(sample, color_scheme=scheme)
    for selector in (
        *(f".cnnsym-badge--{state}" for state in STATES),
        ".cnnsym-claim__scope",
        ".cnnsym-claim__link",
        ".cnnsym-step__cite",
        ".cnnsym-erratum dt",
    ):
        ratios = page.evaluate(CONTRAST, selector)
        assert ratios and min(ratios) >= 4.5, (selector, ratios)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["index.html", "en/3-pooling.html", "5-1-fully-connected.html"])
def test_pages_have_contrast(visit, path: str, scheme: str) -> None:
    page = visit(path, color_scheme=scheme)
    for selector in (
        "article p",
        "article a:not(.headerlink)",
        ".admonition-title",
        ".cnnsym-badge",
        ".cnnsym-formula__link",
    ):
        ratios = page.evaluate(CONTRAST, selector)
        assert not ratios or min(ratios) >= 4.5, (selector, min(ratios))


def test_states_differ_in_shape_and_words(visit, sample: str) -> None:
    page = visit(sample)
    icons, words = set(), set()
    for state in STATES:
        badge = page.locator(f".cnnsym-badge--{state}").first
        icons.add(badge.evaluate("(element) => getComputedStyle(element, '::before').maskImage"))
        words.add(badge.inner_text())
    assert len(icons) == len(words) == len(STATES)
    assert "none" not in icons


@pytest.mark.parametrize("width", [360, 1280])
def test_blocks_fit(visit, sample: str, width: int) -> None:
    assert visit(sample, width=width).evaluate("document.documentElement.scrollWidth") <= width


def test_a_claim_shows_its_permalink_once(visit, sample: str) -> None:
    page = visit(sample)
    claim = page.locator('[id="3.3-eq2-idct"]')
    assert claim.count() == 1
    assert claim.locator(".cnnsym-formula__link").first.is_hidden()
    assert claim.locator(".cnnsym-claim__link").is_visible()
