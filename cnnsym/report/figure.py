"""Figures of measured numbers as plain SVG: bars or lines with error bars, in the colours of the page, light or dark.

A mark stands at the mean over the seeds, the error bar is one sample standard deviation to either side, a faint dot is one
seed. Bars begin at zero. What is drawn is also told in words, in the title and the description that screen readers read.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from html import escape

from cnnsym.claim import Text
from cnnsym.report.results import Condition, Results, mean, spread
from cnnsym.report.site_words import SITE_WORDS

_WIDTH, _SIZE, _LINE = 400, 13, 17  # of the figure, its letters and its lines of text
_MOST = 52  # Latin letters in a line; a Chinese character takes the place of two
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_ACCENT = "var(--cnnsym-experiment, currentColor)"


def measured(values: tuple[float, ...]) -> str:
    """Mean and spread over the seeds, the spread with two digits.

    >>> measured((0.91, 0.93, 0.95)), measured((2.0,)), measured((120.0, 150.0))
    ('0.930 ± 0.020', '2', '135 ± 21')
    """
    centre, around = mean(values), spread(values)
    if around is None:
        return f"{centre:.4g}"
    if around < 1e-4 or max(abs(centre), around) >= 1e6:
        return f"{centre:.4g} ± {around:.2g}"
    digits = max(0, 1 - math.floor(math.log10(around)))
    return f"{centre:.{digits}f} ± {around:.{digits}f}"


def named(condition: Condition, results: Results, lang: str) -> str:
    """What a condition is called: its name, and its place on the axis if there is one."""
    name = str(getattr(condition.name, lang))
    if condition.x is None or results.axis is None:
        return name
    return SITE_WORDS[lang]["at place"].format(name=name, axis=getattr(results.axis, lang), x=f"{condition.x:g}")


def figure(results: Results, metric: str, lang: str, number: int = 1) -> str:
    """One metric of an experiment as an SVG element. `number` keeps the ids of several figures apart."""
    draw = _lines if results.along_an_axis else _bars
    body, height = draw(results, metric, lang)
    words, label = SITE_WORDS[lang], str(getattr(results.metrics[metric], lang))
    id_ = escape(f"{results.experiment}-figure-{number}", quote=True)
    listed = "; ".join(f"{named(c, results, lang)}: {measured(c.values[metric])}" for c in results.conditions)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{id_}-title {id_}-text" font-family="inherit"'
        f' font-size="{_SIZE}" fill="currentColor" style="max-width:24rem" xmlns="http://www.w3.org/2000/svg">\n'
        f'<title id="{id_}-title">{escape(label)}</title>\n'
        f'<desc id="{id_}-text">{escape(words["figure text"].format(listed=listed, seeds=len(results.seeds)))}</desc>\n'
        f"{body}\n</svg>"
    )


def _bars(results: Results, metric: str, lang: str) -> tuple[str, int]:
    """Horizontal bars, each with its name above it, for names may be long."""
    left, right, top = 22, 122, 6
    ticks = _ticks(*_range([c.values[metric] for c in results.conditions], zero=True))
    low, high = ticks[0], ticks[-1]

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (_WIDTH - left - right)

    bars, y = [], top
    for condition in results.conditions:
        values = condition.values[metric]
        centre, names = mean(values), _wrapped(getattr(condition.name, lang))
        bars += [_text(left, y + 12 + _LINE * k, name, "start", halo=True) for k, name in enumerate(names)]
        y += _LINE * len(names)
        start, end = sorted((x(0.0), x(centre)))
        bars.append(
            f'<rect x="{start:.1f}" y="{y + 2}" width="{max(end - start, 0.5):.1f}" height="16" rx="1.5" fill="{_ACCENT}"'
            f' fill-opacity="0.3" stroke="{_ACCENT}"/>'
        )
        bars += [_dot(x(v), y + 10) for v in values]
        bars.append(_error_bar(x, centre, spread(values), y + 10))
        bars.append(_text(_WIDTH - 2, y + 15, measured(values), "end"))
        y += 28
    parts = [_line(x(t), top, x(t), y, opacity=0.18) for t in ticks]
    parts += [_text(x(t), y + 16, _short(t, ticks), "middle") for t in ticks]
    parts.append(_line(x(0.0), top, x(0.0), y))
    label, height = _label(results.metrics[metric], left, y + 38, "start", lang)
    return "\n".join([*parts, *bars, label]), height


def _lines(results: Results, metric: str, lang: str) -> tuple[str, int]:
    """A line for each name, over the axis; the axis is logarithmic where its numbers differ much."""
    label, top = _label(results.metrics[metric], 2, 14, "start", lang)
    left, right, bottom = 48, 8, top + 196
    places = [c.x for c in results.conditions if c.x is not None]
    logarithmic = min(places) > 0 and max(places) / min(places) >= 50
    ticks = _ticks(*_range([c.values[metric] for c in results.conditions], zero=False))
    low, high = ticks[0], ticks[-1]
    first, last = min(places), max(places)

    def x(place: float) -> float:
        share = (
            math.log(place / first) / math.log(last / first) if logarithmic else (place - first) / ((last - first) or 1)
        )
        return left + 12 + share * (_WIDTH - left - right - 24)

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    parts = [label, *(_line(left, y(t), _WIDTH - right, y(t), opacity=0.18) for t in ticks)]
    parts += [_text(left - 6, y(t) + 4, _short(t, ticks), "end") for t in ticks]
    shown: list[float] = []
    for place in sorted(set(places)):
        if not shown or x(place) - x(shown[-1]) >= 34:
            shown.append(place)
            parts.append(_text(x(place), bottom + 18, f"{place:g}", "middle"))
    parts += [_line(left, bottom, _WIDTH - right, bottom), _line(left, top, left, bottom)]
    axis = results.axis or Text("", "")
    suffix = SITE_WORDS[lang]["logarithmic"] if logarithmic else ""
    label, height = _label(axis, (left + _WIDTH - right) / 2, bottom + 38, "middle", lang, suffix)
    parts.append(label)
    height += 14
    for k, name in enumerate(dict.fromkeys(c.name for c in results.conditions)):
        points = sorted((c.x, c.values[metric]) for c in results.conditions if c.name == name and c.x is not None)
        dash, colour = _DASHES[k % len(_DASHES)], _ACCENT if k == 0 else "currentColor"
        path = " ".join(f"{x(place):.1f},{y(mean(values)):.1f}" for place, values in points)
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{path}" {style}/>')
        for place, values in points:
            parts += [_dot(x(place), y(v)) for v in values]
            parts.append(_error_bar(y, mean(values), spread(values), x(place), upright=True))
            parts.append(_mark(x(place), y(mean(values)), k, colour))
        parts.append(f'<polyline points="{left},{height - 4} {left + 36},{height - 4}" {style}/>')
        parts.append(_mark(left + 18, height - 4, k, colour))
        for line in _wrapped(getattr(name, lang), _MOST - 12):
            parts.append(_text(left + 44, height, line, "start"))
            height += _LINE
    return "\n".join(parts), height


def _range(groups: Sequence[tuple[float, ...]], *, zero: bool) -> tuple[float, float]:
    """What has to be in the figure: every seed, every error bar, and zero where bars begin."""
    ends = [mean(g) + sign * (spread(g) or 0.0) for g in groups for sign in (-1, 1)]
    ends += [value for group in groups for value in group] + ([0.0] if zero else [])
    return min(ends), max(ends)


def _ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers, evenly spaced, from at most `low` to at least `high`."""
    if high == low:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(m for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    return [k * step for k in range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)]


def _short(tick: float, ticks: Sequence[float]) -> str:
    digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    return f"{tick:.{digits}f}" if digits <= 6 and abs(ticks[-1]) < 1e6 else f"{tick:.3g}"


def _error_bar(
    scale: Callable[[float], float], centre: float, around: float | None, across: float, *, upright: bool = False
) -> str:
    if not around:
        return ""
    one, other = scale(centre - around), scale(centre + around)
    ends = [(one, across, other, across), *((end, across - 4, end, across + 4) for end in (one, other))]
    return "".join(_line(*((b, a, d, c) if upright else (a, b, c, d)), width=1.4) for a, b, c, d in ends)


def _line(x1: float, y1: float, x2: float, y2: float, *, opacity: float = 1.0, width: float = 1.0) -> str:
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    faint = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<line {place} stroke="currentColor" stroke-width="{width:g}"{faint}/>'


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False, halo: bool = False) -> str:
    look = ' font-weight="600"' if bold else ""
    if halo:  # grid lines do not cross the letters
        look += ' paint-order="stroke" stroke="var(--md-default-bg-color, Canvas)" stroke-width="4"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{look}>{escape(text)}</text>'


def _label(text: Text, x: float, y: int, anchor: str, lang: str, suffix: str = "") -> tuple[str, int]:
    """The name of an axis, and where the figure goes on below it."""
    lines = _wrapped(str(getattr(text, lang)) + suffix, _MOST - 6)
    shown = [_text(x, y + _LINE * k, line, anchor, bold=True) for k, line in enumerate(lines)]
    return "\n".join(shown), y + _LINE * len(lines) - 4


def _wrapped(text: str, most: int = _MOST) -> list[str]:
    """The text in lines that fit, broken at spaces where there are any; Chinese breaks anywhere."""
    lines, line, wide = [], "", 0
    for character in text:
        wide += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        line += character
        if wide > most:
            head, space, tail = line.rpartition(" ")
            head, tail = (head, tail) if space and head else (line[:-1], character)
            lines.append(head)
            line, wide = tail, sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in tail)
    return [*lines, line]


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.8" fill-opacity="0.4"/>'


def _mark(x: float, y: float, k: int, colour: str) -> str:
    """Marks differ in shape, so that nobody needs the colour: a disc, a square, a triangle, a diamond."""
    corners = (
        "",
        f"{x - 4:.1f},{y - 4:.1f} {x + 4:.1f},{y - 4:.1f} {x + 4:.1f},{y + 4:.1f} {x - 4:.1f},{y + 4:.1f}",
        f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y + 4:.1f} {x - 5:.1f},{y + 4:.1f}",
        f"{x:.1f},{y - 5:.1f} {x + 5:.1f},{y:.1f} {x:.1f},{y + 5:.1f} {x - 5:.1f},{y:.1f}",
    )[k % 4]
    if not corners:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    return f'<polygon points="{corners}" fill="{colour}"/>'
