"""What a reader does: search, switch the language and the colours, use the keyboard, read on a telephone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from searching import search


@pytest.mark.parametrize("home", ["index.html", "en/index.html"])
@pytest.mark.parametrize("word", ["backpropagation", "equivariant", "池化", "克罗内克积", "5.1-grad-column"])
def test_search_finds(visit, home: str, word: str) -> None:
    assert search(visit(home), word)


@pytest.mark.parametrize("home", ["index.html", "en/index.html"])
@pytest.mark.parametrize("word", ["zzqqxv", "饕餮"])
def test_search_does_not_find_what_is_not_there(visit, home: str, word: str) -> None:
    page = visit(home)
    assert search(page, "5.1-grad-column"), "the search itself works"
    assert search(page, word) == []


def test_the_search_index_holds_no_glyphs_of_formulas(site: Path) -> None:
    entries = json.loads((site / "search" / "search_index.json").read_text("utf-8"))["docs"]
    texts = [re.sub(r"<code>.*?</code>", "", entry["text"], flags=re.DOTALL) for entry in entries]  # TeX may be shown
    assert len(texts) > 500
    assert [text for text in texts if "katex" in text or "boldsymbol" in text or "<!--" in text] == []


def test_the_language_switch_works(visit) -> None:
    page = visit("5-1-fully-connected.html")
    assert page.evaluate("document.documentElement.lang") == "zh"
    page.locator(".md-select > button").hover()
    page.locator('.md-select__link[hreflang="en"]').click()
    page.wait_for_url("**/en/5-1-fully-connected.html")
    assert page.evaluate("document.documentElement.lang") == "en"


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
    page = visit("5-1-fully-connected.html#5.1-chain-final", width=390)  # Tab goes on from where the address leads
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        if focused and focused.endswith("5.1-grad-column"):
            break
    else:
        pytest.fail("40 times Tab did not reach the formula 5.1-grad-column")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_formulas_that_fit_are_no_stops_of_the_keyboard(visit) -> None:
    page = visit("5-1-fully-connected.html", width=1280)
    seen = "[...document.querySelectorAll('.cnnsym-formula__scroll')].filter((box) => box.checkVisibility())"
    stops = f"{seen}.filter((box) => box.hasAttribute('tabindex') && box.scrollWidth <= box.clientWidth + 1).length"
    page.wait_for_function(f"{seen}.length > 0 && {stops} === 0")
    before = page.evaluate(f"{seen}.length")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_function(f"{seen}.length > {before} && {stops} === 0")  # also where details have been opened


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
