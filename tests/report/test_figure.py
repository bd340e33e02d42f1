"""Figures: what is drawn is where the numbers say, SVG is well formed and safe, and says in words what it shows."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.claim import Text
from cnnsym.report.figure import _ticks, _wrapped, figure, measured, named
from cnnsym.report.results import Condition, Results

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>&\"'</b>"


def results(*conditions: Condition, axis: Text | None = None, seeds: int = 3) -> Results:
    return Results(
        "3.2-x", "run", {"python": "3"}, tuple(range(seeds)), Text("数据", "data"), {"m": Text("正确率", "accuracy")},
        conditions, axis,
    )  # fmt: skip


def condition(name: str, *values: float, x: float | None = None) -> Condition:
    return Condition(Text(f"名{name}", name), {"m": tuple(map(float, values))}, x)


BARS = results(condition("one", 1, 2, 3), condition("two", 4, 4, 4), condition(NASTY, -1, -1, -4))
LINES = results(
    *(condition(name, y, y + 1, y + 2, x=x) for name, shift in (("a", 0), ("b", 5)) for x, y in ((1, 1 + shift), (3, 2 + shift))),
    axis=Text("样本数", "examples"),
)


def drawn(found: Results, lang: str = "en") -> ET.Element:
    return ET.fromstring(figure(found, "m", lang))


def test_a_bar_begins_at_zero_and_ends_at_the_mean() -> None:
    root = drawn(BARS)
    rects = [{key: float(rect.get(key)) for key in ("x", "width")} for rect in root.iter(f"{SVG}rect")]
    zero, scale = rects[0]["x"], rects[0]["width"] / 2  # the mean of the first is 2
    assert math.isclose(rects[1]["x"], zero) and math.isclose(rects[1]["width"], 4 * scale, abs_tol=0.2)
    assert math.isclose(rects[2]["x"] + rects[2]["width"], zero, abs_tol=0.2)
    assert math.isclose(rects[2]["width"], 2 * scale, abs_tol=0.2)
    dots = [float(dot.get("cx")) for dot in root.iter(f"{SVG}circle")]
    assert [round((x - zero) / scale, 1) for x in dots] == [1, 2, 3, 4, 4, 4, -1, -1, -4]
    bars = [line for line in root.iter(f"{SVG}line") if line.get("stroke-width") == "1.4"]
    assert len(bars) == 2 * 3  # none where nothing varies
    ends = sorted(round((float(bars[0].get(key)) - zero) / scale, 1) for key in ("x1", "x2"))
    assert ends == [1, 3]  # mean 2, standard deviation 1


def test_lines_stand_where_the_numbers_say() -> None:
    root = drawn(LINES)
    one, _, two, _ = root.findall(f"{SVG}polyline")  # after each comes its sample in the legend
    points = [[tuple(map(float, p.split(","))) for p in line.get("points").split()] for line in (one, two)]
    assert [x for x, _ in points[0]] == [x for x, _ in points[1]]
    unit = points[0][0][1] - points[0][1][1]  # from mean 2 to mean 3
    assert unit > 0 and math.isclose(points[0][0][1] - points[1][0][1], 5 * unit, abs_tol=0.3)
    assert one.get("stroke-dasharray") != two.get("stroke-dasharray")
    assert len(root.findall(f"{SVG}polygon")) == 3, "the second line has other marks than the first"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"examples", "accuracy", "a", "b", "1", "3"} <= set(texts)
    assert "样本数" in [text.text for text in drawn(LINES, "zh").iter(f"{SVG}text")]


def test_a_wide_axis_is_logarithmic_and_says_so() -> None:
    wide = results(*(condition("a", 1, 2, 3, x=x) for x in (1, 10, 100)), axis=Text("数", "size"))
    points = [float(p.split(",")[0]) for p in drawn(wide).find(f"{SVG}polyline").get("points").split()]
    assert math.isclose(points[1] - points[0], points[2] - points[1], abs_tol=0.2)
    assert "size (logarithmic)" in figure(wide, "m", "en") and "数（对数坐标）" in figure(wide, "m", "zh")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("found", [BARS, LINES], ids=["bars", "lines"])
def test_the_figure_is_told_in_words_and_has_no_colour_of_its_own(found, lang) -> None:
    text = figure(found, "m", lang, 2)
    root = ET.fromstring(text)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    ids = ["3.2-x-figure-2-title", "3.2-x-figure-2-text"]
    assert root.get("aria-labelledby").split() == [title.get("id"), desc.get("id")] == ids
    assert title.text == ("正确率" if lang == "zh" else "accuracy")
    for one in found.conditions:
        assert f"{named(one, found, lang)}: {measured(one.values['m'])}" in desc.text
    halo = {"var(--md-default-bg-color, Canvas)"} if found is BARS else set()
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', text))
    assert colours - halo == {"currentColor", "var(--cnnsym-experiment, currentColor)"} | ({"none"} if found is LINES else set())
    assert "<script" not in text and "<b>" not in text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((1.0,), "1"),
        ((0.123456,), "0.1235"),
        ((1.0, 1.0), "1 ± 0"),
        ((0.91, 0.93, 0.95), "0.930 ± 0.020"),
        ((1e-9, 3e-9), "2e-09 ± 1.4e-09"),
        ((1e8, 3e8), "2e+08 ± 1.4e+08"),
        ((-5.0, 5.0), "0.0 ± 7.1"),
        ((99.0, 101.0, 130.0), "110 ± 17"),
    ],
)
def test_a_mean_with_its_spread(values, text) -> None:
    assert measured(values) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_enclose_the_range_and_are_few(low, width) -> None:
    ticks = _ticks(low, low + width)
    slack = (ticks[1] - ticks[0]) * 1e-6
    assert 2 <= len(ticks) <= 13 and ticks[0] <= low + slack and ticks[-1] >= low + width - slack


@given(st.lists(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=2), min_size=1, max_size=5), st.booleans())
def test_any_numbers_can_be_drawn(groups, along) -> None:
    axis = Text("轴", "axis") if along else None
    found = results(*(condition(str(k), *g, x=k + 1 if along else None) for k, g in enumerate(groups)), axis=axis, seeds=2)
    text = figure(found, "m", "en")
    assert "nan" not in text and "inf" not in text
    root = ET.fromstring(text)
    _, _, width, height = map(float, root.get("viewBox").split())
    for element in root.iter():
        for key in ("x", "x1", "x2", "cx"):
            assert -1 <= float(element.get(key, 0)) <= width + 1, ET.tostring(element)
        for key in ("y", "y1", "y2", "cy"):
            assert -1 <= float(element.get(key, 0)) <= height + 1, ET.tostring(element)


def test_long_names_are_broken_into_lines_that_fit() -> None:
    words = " ".join(f"word{k}" for k in range(40))
    assert " ".join(_wrapped(words)) == words and max(map(len, _wrapped(words))) <= 52
    chinese = "池化" * 60
    assert "".join(_wrapped(chinese)) == chinese and max(map(len, _wrapped(chinese))) <= 26
    assert "".join(_wrapped("x" * 200)) == "x" * 200
    assert _wrapped("") == [""] and _wrapped("two words") == ["two words"]
    root = drawn(results(condition(words, 1, 2, 3), condition("b", 1, 2, 3)))
    places = [(float(text.get("y")), text.text) for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "start"]
    assert len({y for y, _ in places}) == len(places), "no line stands on another"


def test_one_condition_and_one_seed() -> None:
    single = results(condition("a", 5), seeds=1)
    assert measured(single.conditions[0].values["m"]) == "5" and "1.4" not in figure(single, "m", "en")
    point = results(replace(condition("a", 5), x=2.0), axis=Text("轴", "axis"), seeds=1)
    assert len(drawn(point).findall(f"{SVG}polyline")) == 2
