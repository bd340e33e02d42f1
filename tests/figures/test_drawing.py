"""What figures are drawn with: numbers, shades, axes, and the contrast of the inks in both schemes."""

from __future__ import annotations

import base64
import doctest
import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

STYLES = Path(__file__).resolve().parents[2] / "docs" / "assets" / "stylesheets"
# What the theme and the site's stylesheet say of the ground and of the letters on it.
GROUND = {"default": ("#ffffff", "#000000de"), "slate": ("#15191e", "#e3e7eb")}


@pytest.mark.parametrize("module", ["sheet", "cells", "axes", "blocks"])
def test_the_examples_of_the_docstrings_hold(figure, module: str) -> None:
    assert doctest.testmod(figure(f"drawing.{module}")).failed == 0


def test_a_coordinate_is_written_to_a_tenth(figure) -> None:
    number = figure("drawing.sheet").number

    @given(st.floats(-400, 400))
    def written(value: float) -> None:
        assert abs(float(number(value)) - value) <= 0.05 + 1e-9
        assert "e" not in number(value)

    written()


def test_a_sheet_is_no_wider_than_a_telephone(figure) -> None:
    with pytest.raises(ValueError, match="at most 328 wide, so that it fits on a telephone, got 329"):
        figure("drawing.sheet").Sheet(329, 10)


def test_words_are_escaped_and_letters_set_off(figure) -> None:
    sheet = figure("drawing.sheet").Sheet(100, 20)
    sheet.text(0, 10, "*a* < b & <script>")
    assert '<tspan class="cnnsym-figure__letter">a</tspan> &lt; b &amp; &lt;script&gt;' in sheet.svg()


def test_a_grid_shades_by_size_and_writes_every_number(figure) -> None:
    sheet = figure("drawing.sheet").Sheet(100, 40)
    figure("drawing.cells").grid(sheet, 0, 0, np.array([[0.0, -2.0, 4.0]]), 20)
    drawn = sheet.svg()
    assert re.findall(r"<text[^>]*>([^<]*)<", drawn) == ["0", "−2", "4"]
    assert [float(share) for share in re.findall(r'fill-opacity="([0-9.]+)"', drawn)] == [0.21, 0.42]


@pytest.mark.parametrize(("values", "shades"), [([0, 255], [0, 15]), ([-300, 600], [0, 15]), ([17, 127.5], [1, 8])])
def test_a_picture_holds_its_shades(figure, values: list[float], shades: list[int]) -> None:
    sheet = figure("drawing.sheet").Sheet(100, 40)
    figure("drawing.cells").gray(sheet, 0, 0, np.array([values]), 20, low=0, high=255)
    data = re.search(r"base64,([^\"]*)", sheet.svg())[1]
    shown = Image.open(io.BytesIO(base64.b64decode(data))).convert("L")
    assert [level // 17 for level in shown.tobytes()] == shades


def test_places_on_axes(figure) -> None:
    axes, sheet = figure("drawing.axes"), figure("drawing.sheet").Sheet(200, 200)
    across, up = axes.Axis(1e-2, 1e4, (), logarithmic=True), axes.Axis(-1, 1, ())
    frame = axes.Axes(sheet, 10, 20, 130, 100, across, up)
    assert frame.place(1e-2, -1) == (10, 100)
    assert frame.place(1e4, 1) == pytest.approx((130, 20))
    assert frame.place(10, 0) == pytest.approx((70, 60))


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_inks_and_letters_on_shades_have_contrast(figure, scheme: str) -> None:
    style = (STYLES / "figures.css").read_text("utf-8")
    block = style.partition(f'[data-md-color-scheme="{scheme}"]')[2].partition("}")[0]
    inks = dict(re.findall(r"(--cnnsym-ink-\d): (#[0-9a-f]{6});", block))
    assert len(inks) == len(figure("drawing.sheet").INK) == 3
    ground, letters = (_rgb(colour) for colour in GROUND[scheme])
    letters = _over(letters[:3], ground, letters[3] if len(letters) > 3 else 1)
    for ink in map(_rgb, inks.values()):
        assert _contrast(ink, ground) >= 4.5
        shade = _over(ink, ground, figure("drawing.cells").DARKEST)
        assert _contrast(letters, shade) >= 4.5


def _rgb(colour: str) -> list[float]:
    return [int(colour[k : k + 2], 16) / 255 for k in range(1, len(colour), 2)]


def _over(colour: list[float], ground: list[float], share: float) -> list[float]:
    return [share * a + (1 - share) * b for a, b in zip(colour, ground, strict=True)]


def _contrast(one: list[float], other: list[float]) -> float:
    """By the definition of WCAG 2.1."""

    def luminance(colour: list[float]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
