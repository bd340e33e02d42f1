"""What a reader does: search, switch the language and the colours, use the keyboard, read on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect


def search(page: Page, words: str) -> int:
    """The number of results; waits until the search has answered."""
    page.locator("label.md-header__button[for=__search]").first.dispatch_event("click")
    box = page.locator(".md-search__input")
    box.click()
    box.fill(words)
    # Setting text does not release a key, which is what the search listens to: without this every query finds nothing.
    box.press("End")
    meta = page.locator(".md-search-result__meta")
    expect(meta).not_to_have_text(INITIAL[page.evaluate("document.documentElement.lang")], timeout=15000)
    page.wait_for_timeout(300)
    return page.locator(".md-search-result__item").count()


INITIAL = {"zh": "键入以开始搜索", "en": "Type to start searching"}


@pytest.mark.parametrize("home", ["index.html", "en/index.html"])
@pytest.mark.parametrize("word", ["backpropagation", "equivariant", "池化", "克罗内克积", "5.1-grad-column"])
def test_search_finds(visit, home: str, word: str) -> None:
    assert search(visit(home), word) > 0


@pytest.mark.parametrize("home", ["index.html", "en/index.html"])
@pytest.mark.parametrize("word", ["zzqqxv", "饕餮"])
def test_search_does_not_find_what_is_not_there(visit, home: str, word: str) -> None:
    assert search(visit(home), word) == 0


def test_the_search_index_holds_no_glyphs_of_formulas(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text("utf-8")
    assert "katex" not in index
    assert "boldsymbol" not in index


def test_the_language_switch_works(visit) -> None:
    page = visit("5-1-fully-connected.html")
    assert page.evaluate("document.documentElement.lang") == "zh"
    page.locator(".md-select > button").hover()
    page.locator('.md-select__link[hreflang="en"]').click()
    page.wait_for_url("**/en/5-1-fully-connected.html")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_no_page_is_wider_than_the_window(visit, address: str, pages: list[str]) -> None:
    page = visit("index.html", reduced_motion="reduce")  # else the drawer still slides when it is measured
    for path in pages:
        page.goto(address + path)
        page.evaluate("document.fonts.ready")
        for width in (1280, 768, 390, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(50)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_colours_follow_the_system_and_the_toggle(visit) -> None:
    def background(page: Page) -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])

    assert background(visit("index.html", color_scheme="light")) > 700
    dark = visit("index.html", color_scheme="dark")
    assert background(dark) < 150
    assert dark.evaluate("getComputedStyle(document.querySelector('.md-typeset')).color") != "rgb(0, 0, 0)"
    dark.locator("form[data-md-component=palette] label:visible").click()
    expect(dark.locator("body")).to_have_attribute("data-md-color-scheme", "default")
    assert background(dark) > 700


def test_the_keyboard_reaches_and_scrolls_a_wide_formula(visit) -> None:
    page = visit("5-1-fully-connected.html", width=390)
    page.evaluate("document.activeElement.blur()")
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        if focused and focused.endswith("5.1-grad-column"):
            break
    else:
        pytest.fail("80 times Tab did not reach the formula 5.1-grad-column")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_formulas_that_fit_are_no_stops_of_the_keyboard(visit) -> None:
    page = visit("5-1-fully-connected.html", width=1280)
    page.wait_for_function("document.querySelectorAll('.cnnsym-formula__scroll[tabindex]').length === 0")


def test_the_first_stop_is_a_skip_link(visit) -> None:
    page = visit("5-1-fully-connected.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('md-skip')")
    page.keyboard.press("Enter")
    assert "#" in page.url


def test_printing_hides_what_only_a_screen_can_do(visit) -> None:
    page = visit("5-1-fully-connected.html")
    page.emulate_media(media="print")
    expect(page.locator(".cnnsym-formula__links").first).to_be_hidden()
    expect(page.locator('[id="5.1-vec"]')).to_be_visible()
