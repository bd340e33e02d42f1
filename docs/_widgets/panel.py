"""What interactive pieces are made of: the frame, controls that only a script shows, and tables of numbers."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Words = Mapping[str, str]
Entry = float | str


def number(value: float) -> str:
    """An integer with a true minus sign. Halves round up, as in the script.

    Example:
        >>> number(-3.0), number(2.5)
        ('−3', '3')
    """
    return str(int((value + 0.5) // 1)).replace("-", "−")


def cells(
    name: str,
    caption: str,
    rows: Iterable[Iterable[Entry]],
    *,
    marks: Callable[[int, int], str] | None = None,
    shade: Callable[[int, int], float] | None = None,
    span: int = 1,
    more: str = "",
) -> str:
    """A table of numbers or signs; the script finds it by its name.

    Args:
        name: unique within the piece.
        caption: says what the table shows.
        rows: numbers, which `number` writes, or text.
        marks: the classes of the cell at `(i, j)`.
        shade: between 0 and 1, how dark the cell at `(i, j)` is.
        span: how many cells' width one of these has.
        more: further classes of the figure around it.
    """
    body = "".join(
        "<tr>" + "".join(_cell(entry, i, j, marks, shade) for j, entry in enumerate(row)) + "</tr>"
        for i, row in enumerate(rows)
    )
    width = f' style="--span:{span}"' if span != 1 else ""
    # A caption of the table would be as narrow as the table.
    return (
        f'<figure class="cnnsym-cells{" " + more if more else ""}"><figcaption>{html.escape(caption)}</figcaption>'
        f'<table class="cnnsym-cells__table" data-cells="{name}"{width}><tbody>{body}</tbody></table></figure>'
    )


def _cell(
    entry: Entry, i: int, j: int, marks: Callable[[int, int], str] | None, shade: Callable[[int, int], float] | None
) -> str:
    names = marks(i, j).strip() if marks else ""
    text = entry if isinstance(entry, str) else number(entry)
    attributes = f' class="{names}"' if names else ""
    if shade:
        attributes += f' style="--v:{shade(i, j):.2f}"'
    return f"<td{attributes}>{html.escape(text)}</td>"


def choice(name: str, legend: str, options: Mapping[str, str] | Sequence[int], chosen: str | int) -> str:
    """One of several, as radio buttons in a row."""
    pairs = options.items() if isinstance(options, Mapping) else [(str(value), number(value)) for value in options]
    buttons = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{" checked" if value == str(chosen) else ""}>'
        f"<span>{html.escape(text)}</span></label>"
        for value, text in pairs
    )
    return f'<fieldset class="cnnsym-widget__choice"><legend>{html.escape(legend)}</legend>{buttons}</fieldset>'


def slider(name: str, label: str, least: int, most: int, value: int) -> str:
    """A whole number from a range, with the number beside it."""
    return (
        f'<label class="cnnsym-widget__slider"><span>{html.escape(label)}</span>'
        f'<input type="range" name="{name}" min="{least}" max="{most}" step="1" value="{value}">'
        f"<output>{number(value)}</output></label>"
    )


def row(*tables: str) -> str:
    return f'<div class="cnnsym-widget__row">{"".join(tables)}</div>'


def line(name: str, text: str) -> str:
    """A sentence that the script keeps up to date."""
    return f'<p data-line="{name}">{html.escape(text)}</p>'


def legend(text: str) -> str:
    """What the frames of the cells mean."""
    return f'<p class="cnnsym-widget__legend">{html.escape(text)}</p>'


def reference(claim: str) -> str:
    """A link to a claim, in the form that the plugin leads to its page."""
    return f'<a class="cnnsym-ref" href="#{claim}">{claim}</a>'


def frame(
    name: str, words: Words, controls: Iterable[str], body: Iterable[str], result: str, data: Any, rule: str
) -> str:
    """The whole piece.

    Args:
        name: of the piece and of its script.
        words: in the language of the page, with `title` and `hint`; the script receives them all.
        controls: hidden until the script is there.
        body: what is to be seen.
        result: the sentence that a screen reader hears when it changes.
        data: the numbers, for the script.
        rule: HTML with what is proved about all this, and where.
    """
    given = json.dumps({"words": dict(words), "data": data}, ensure_ascii=False).replace("<", "\\u003c")
    title = html.escape(words["title"])
    return (
        f'<div class="cnnsym-widget" data-widget="{name}" role="group" aria-label="{title}" data-search-exclude="1">'
        f'<p class="cnnsym-widget__title">{title}</p>'
        f'<form class="cnnsym-widget__controls" hidden>{"".join(controls)}'
        f'<p class="cnnsym-widget__hint">{html.escape(words["hint"])}</p></form>'
        f"{''.join(body)}"
        f'<p class="cnnsym-widget__result" role="status">{html.escape(result)}</p>'
        f'<p class="cnnsym-widget__rule">{rule}</p>'
        f'<script type="application/json">{given}</script></div>'
    )
