"""What holds of every figure: it draws in both languages, says what it shows, and follows the colours of the page."""

from __future__ import annotations

import re
import string
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
NAMES = sorted(path.stem for path in (ROOT / "docs" / "_figures").glob("*.py") if path.stem != "__init__")
HAN = re.compile(r"[\u4e00-\u9fff]")
HEAVIEST = 25_000


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return request.param


def test_there_are_figures() -> None:
    assert len(NAMES) >= 14


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_draws_with_title_and_description(name: str, lang: str, figure) -> None:
    drawn = ET.fromstring(figure(name).draw(lang))
    assert drawn.get("role") == "img"
    ids = {element.get("id"): "".join(element.itertext()) for element in drawn.iter() if element.get("id")}
    title, text = ids[drawn.get("aria-labelledby")], ids[drawn.get("aria-describedby")]
    assert title == figure(name).TITLE[lang]
    assert len(text) > 40
    assert "{" not in text + title
    for words in (title, text):
        assert bool(HAN.search(words)) == (lang == "zh"), words
    assert len(drawn.findall(f"{SVG}svg")) >= 1


def test_english_sheets_hold_no_chinese(name: str, sheets) -> None:
    for sheet in sheets(name, "en"):
        assert not HAN.search("".join(sheet.itertext()))


def test_both_languages_show_the_same_picture(name: str, sheets) -> None:
    """The same elements in the same places; only words differ."""

    def shapes(lang: str) -> list[tuple[str, dict[str, str]]]:
        drawn = [e for sheet in sheets(name, lang) for e in sheet.iter() if e.tag not in (f"{SVG}text", f"{SVG}tspan")]
        return [(element.tag, dict(element.attrib)) for element in drawn]

    assert shapes("zh") == shapes("en")


def test_every_number_of_the_texts_is_computed(name: str, figure) -> None:
    """Both languages speak of the same numbers, and none of them is missing."""
    module = figure(name)
    for texts in (module.ALT, module.CAPTION):
        fields = [{field for _, field, _, _ in string.Formatter().parse(texts[lang]) if field} for lang in ("zh", "en")]
        known = set(module.numbers()) if hasattr(module, "numbers") else set()
        assert set().union(*fields) <= known
        assert fields[0] == fields[1]


def test_it_fits_on_a_telephone_at_full_size(name: str, sheets) -> None:
    for sheet in sheets(name):
        left, top, width, height = (float(part) for part in sheet.get("viewBox").split())
        assert (left, top) == (0, 0)
        assert width <= 328
        assert sheet.get("style") == f"width:{width / 20:g}rem"
        for text in sheet.iter(f"{SVG}text"):
            assert 0 <= float(text.get("x")) <= width
            assert 0 <= float(text.get("y")) <= height
            assert float(text.get("font-size", 13)) >= 11


def test_its_colours_are_those_of_the_scheme(name: str, figure) -> None:
    drawn = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", figure(name).draw("en"))
    for attribute, colour in re.findall(r'\b(fill|stroke)="([^"]*)"', drawn):
        assert colour in ("none", "currentColor") or re.fullmatch(r"var\(--[a-z0-9-]+\)", colour), (attribute, colour)
    styles = "".join(path.read_text("utf-8") for path in (ROOT / "docs/assets/stylesheets").glob("*.css"))
    for variable in set(re.findall(r"var\((--cnnsym-[a-z0-9-]+)\)", drawn)):
        assert styles.count(f"{variable}:") >= 2, variable  # a value for each scheme


def test_it_is_light_and_loads_nothing(name: str, figure) -> None:
    drawn = figure(name).draw("en")
    assert len(drawn.encode()) < HEAVIEST
    assert not re.search(r"<script|<style|<foreignObject|javascript:|\son\w+=", drawn)
    for address in re.findall(r'href="([^"]*)"', drawn):
        assert address.startswith("data:image/png;base64,")


def test_it_is_drawn_alike_every_time(name: str, figure) -> None:
    assert figure(name).draw("en") == figure(name).draw("en")


def test_it_stands_on_one_page_of_each_language(name: str) -> None:
    marker = f"<!-- figure: {name.replace('_', '-')} -->"
    pages = {
        lang: [path.name for path in (ROOT / "docs" / lang).rglob("*.md") if marker in path.read_text("utf-8")]
        for lang in ("zh", "en")
    }
    assert len(pages["zh"]) == 1, f"{marker} stands on {pages['zh']}"
    assert pages["zh"] == pages["en"]
