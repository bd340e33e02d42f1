"""The elements that claim blocks and the report page are made of: badges, formulas, tables, references, counterexamples.

Formulas are left as TeX in elements of class `arithmatex`, as pymdownx.arithmatex leaves them, for the site to typeset. A
reference to a claim is `<a class="cnnsym-ref" href="#ID">`; `with_references` gives it its address once the pages are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

from cnnsym.report.plain import plain_name
from cnnsym.report.site_words import BADGES, SITE_WORDS, State
from cnnsym.report.words import said
from cnnsym.verdict import Counterexample, Proved, Refuted, Verdict

_REFERENCE = re.compile(r'<a class="cnnsym-ref( cnnsym-ref--if-there)?" href="#([^"]*)">(.*?)</a>')

# Chinese, a formula between dollars, or three words in a row: what TeX in display mode does not hold outside of braces.
_PROSE = re.compile(r"[\u3400-\u9fff$]|(?<![\\A-Za-z])[A-Za-z]{2,}(?: [A-Za-z]+){2}")
_BRACED = re.compile(r"\{[^{}]*\}")

_MADE = re.compile(r"(?<![\w\]})])_(?=[A-Za-z])")
_MOST_ENTRIES = 6

_BY_CONCERN: tuple[State, ...] = ("refuted", "unknown", "unchecked", "corrected", "experiment", "proved")


def badge(state: State, lang: str, scope: str = "all sizes") -> str:
    """The badge of a state; a proof names its scope."""
    words = BADGES[lang][state].format(scope=said(scope, lang))
    return f'<span class="cnnsym-badge cnnsym-badge--{state}">{escape(words)}</span>'


def worst(states: Iterable[State]) -> State:
    """The state of a block that holds several claims: the one that needs the reader's attention most."""
    return min(states, key=_BY_CONCERN.index, default="unchecked")


def state_of(verdict: Verdict, sound: bool) -> State:
    """The state of one verdict. A refutation needs no safeguards; a proof without them does not count."""
    if isinstance(verdict, Proved):
        return "proved" if sound else "unchecked"
    return "refuted" if isinstance(verdict, Refuted) else "unknown"


def reference(identifier: str, *, if_there: bool = False) -> str:
    """A link to another claim, to be resolved by `with_references`; `if_there`: nothing at all where no page has it."""
    name, more = escape(identifier, quote=True), " cnnsym-ref--if-there" if if_there else ""
    return f'<a class="cnnsym-ref{more}" href="#{name}">{name}</a>'


def with_references(html: str, address: Callable[[str], str | None]) -> str:
    """The same HTML with each reference to a claim leading to `address(id)`, or no link where that is None."""

    def resolve(match: re.Match[str]) -> str:
        optional, identifier, text = match.groups()
        target = address(identifier)
        if target is None:
            return "" if optional else text
        return f'<a class="cnnsym-ref" href="{escape(target, quote=True)}">{text}</a>'

    return _REFERENCE.sub(resolve, html)


def display(tex: str) -> str:
    """TeX as a displayed formula of its own."""
    return f'<div class="arithmatex">\\[{escape(tex)}\\]</div>'


def inline(tex: str) -> str:
    """TeX within a line."""
    return f'<span class="arithmatex">\\({escape(tex)}\\)</span>'


def table(name: str, head: Sequence[str], body: Iterable[Sequence[str]], numbers: frozenset[int] = frozenset()) -> str:
    """A table that scrolls in its own block; cells are HTML, `numbers` the columns aligned to the right."""

    def cell(tag: str, k: int, text: str) -> str:
        align = ' class="cnnsym-number"' if k in numbers else ""
        return f"<{tag}{align}>{text}</{tag}>"

    headings = "".join(cell("th", k, escape(text)) for k, text in enumerate(head))
    rows = "".join(f"<tr>{''.join(cell('td', k, text) for k, text in enumerate(row))}</tr>\n" for row in body)
    return (
        f'<div class="cnnsym-table" tabindex="0" role="region" aria-label="{escape(name, quote=True)}">'
        f'<table class="cnnsym-grid"><thead><tr>{headings}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>"
    )


def definitions(entries: Iterable[tuple[str, str]]) -> str:
    """Terms and what belongs to them, as in an erratum; the terms are text, the rest is HTML."""
    body = "".join(f"<dt>{escape(term)}</dt><dd>{text}</dd>\n" for term, text in entries)
    return f'<div class="cnnsym-erratum"><dl>\n{body}</dl></div>'


def as_printed(text: str) -> str:
    """What a source prints, TeX or prose: prose is known by its words, and its formulas stand between dollars.

    >>> as_printed("x = 1"), as_printed("最大池化 $p$ 也低通")
    ('<div class="arithmatex">\\\\[x = 1\\\\]</div>', '<p>最大池化 <span class="arithmatex">\\\\(p\\\\)</span> 也低通</p>')
    """
    if not _PROSE.search(_BRACED.sub("", text)):
        return display(text)
    pieces = text.split("$")
    return "<p>" + "".join(inline(piece) if k % 2 else escape(piece) for k, piece in enumerate(pieces)) + "</p>"


def number(value: float) -> str:
    """A measured error: two significant digits."""
    return f"{value:.2g}"


def counterexample(found: Counterexample, lang: str) -> str:
    """Exact values at which the two sides differ, in the language; plain text.

    >>> counterexample(Counterexample({"n": 2}, {"x": (("0",), ("1",))}, "0", "1", (2, 1)), "en")
    'n = 2; x = (0, 1): left side 0, right side 1 at entry (2, 1)'
    >>> counterexample(Counterexample({}, {"_i": "0", "x": ((("0", "1"),), (("0", "0"),))}, "0", "1"), "en")
    'i = 0, x = 0 but for x[0,0,1] = 1: left side 0, right side 1'
    """
    words = SITE_WORDS[lang]
    stop, comma, colon = ("；", "，", "：") if lang == "zh" else ("; ", ", ", ": ")
    sizes = ", ".join(f"{plain_name(name)} = {value}" for name, value in found.sizes.items())
    values = ", ".join(_valued(_unbound(plain_name(name)), value, lang) for name, value in found.values.items())
    where = stop.join(part for part in (sizes, values) if part)
    place = words["at"].format(", ".join(map(str, found.place))) if found.place else ""
    sides = words["left"].format(_unbound(found.lhs)) + comma + words["right"].format(_unbound(found.rhs))
    if found.rhs == "true":  # a statement that is true or false, not two sides
        sides = words["false there"]
    elif lang == "zh":
        sides = f"{place}{'，' if place else ''}{sides}"
    elif place:
        sides = f"{sides} {place}"
    return f"{where}{colon}{sides}" if where else sides


def why_not(verdict: Verdict, lang: str) -> str:
    """What stands against an equation: a counterexample, or why the shapes do not fit; else what was tried."""
    if isinstance(verdict, Refuted):
        if verdict.counterexample is None or verdict.method == "shapes":
            return SITE_WORDS[lang]["no shape"].format(verdict.why)
        return counterexample(verdict.counterexample, lang)
    return "" if isinstance(verdict, Proved) else verdict.reason


def _unbound(text: str) -> str:
    """Without the underscore that SymPy puts before symbols it made anew."""
    return _MADE.sub("", text)


def _valued(name: str, value: object, lang: str) -> str:
    """What a symbol is; of arrays of three axes or more, which are hard to read nested, the entries that are not zero."""
    entries = _entries(value)
    if max((len(place) for place, _ in entries), default=0) < 3:
        return f"{name} = {_value(value)}"
    others = [f"{name}[{','.join(map(str, place))}] = {entry}" for place, entry in entries if entry != "0"]
    if len(others) > _MOST_ENTRIES:
        return f"{name} = {_nested(value)}"
    if len(others) == len(entries):
        return ", ".join(others)
    return SITE_WORDS[lang]["zero but"].format(name, ", ".join(others)) if others else f"{name} = 0"


def _entries(value: object, place: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], str]]:
    if not isinstance(value, (tuple, list)):
        return [(place, str(value))]
    return [entry for k, inner in enumerate(value) for entry in _entries(inner, (*place, k))]


def _nested(value: object) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, (tuple, list)) else str(value)


def _value(value: object) -> str:
    """A number as it is, a column as (a, b), a matrix as [a b; c d]."""
    if not isinstance(value, (tuple, list)):
        return str(value)
    rows = [row if isinstance(row, (tuple, list)) else (row,) for row in value]
    if all(len(row) == 1 for row in rows):
        return "(" + ", ".join(str(row[0]) for row in rows) + ")" if len(rows) > 1 else str(rows[0][0])
    return "[" + "; ".join(" ".join(map(str, row)) for row in rows) + "]"
