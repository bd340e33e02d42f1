"""Find formulas in rendered HTML, and say where they came from.

Two dialects arrive here. Markdown pages hold what pymdownx.arithmatex made of a formula, an element of
class ``arithmatex`` whose text is TeX in ``\\( \\)`` or ``\\[ \\]``. Notebook pages hold the dollar signs as the
author typed them. Both become `Formula`: TeX without its labels, and the span of HTML that it replaces.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

# The text of an arithmatex element is escaped, so no "<" can end it early.
_ARITHMATEX = re.compile(r'<(?P<tag>span|div) class="arithmatex">(?P<body>[^<]*)</(?P=tag)>')

_NOTEBOOK = re.compile(
    r"\$\$(?P<dollars>.+?)\$\$"
    r"|\\\[(?P<square>.+?)\\\]"
    r"|(?P<env>\\begin\{(?P<name>equation|align|gather|multline)\*?\}.+?\\end\{(?P=name)\*?\})"
    r"|\\\((?P<round>.+?)\\\)"
    r"|(?<![\\$])\$(?P<dollar>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\d)",
    re.DOTALL,
)

_LABEL = re.compile(r"\\label\{([^{}]*)\}")

# Traces of a formula that Markdown did not recognise, for instance for want of a blank line before it.
_RESIDUE = re.compile(r"\$\$|\\begin\{|\\label\{|\\\[|\\\(")

_LITERAL = frozenset({"code", "pre", "script", "style", "textarea", "svg", "math"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_NOTEBOOK_PROSE = frozenset({"jp-RenderedMarkdown", "jp-RenderedLatex"})


@dataclass(frozen=True)
class Formula:
    """One formula of one page; ``start`` and ``end`` delimit the HTML that it replaces."""

    source: str
    display: bool
    start: int
    end: int

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(_LABEL.findall(self.source))

    def tex(self, taken: frozenset[str] = frozenset()) -> str:
        """The TeX to render. Several labels (rows of ``aligned``) become anchors inside the formula,
        except those whose id the page already holds; a single label is the id of the whole block."""
        if len(self.labels) < 2:
            return _LABEL.sub("", self.source).strip()
        return _LABEL.sub(lambda m: "" if m[1] in taken else rf"\htmlId{{{m[1]}}}{{}}", self.source).strip()


def in_markdown(page: str) -> Iterator[Formula]:
    """Formulas in HTML that Python-Markdown made."""
    for match in _ARITHMATEX.finditer(page):
        body = html.unescape(match["body"]).strip()
        display = body.startswith(r"\[")
        yield Formula(body[2:-2], display, match.start(), match.end())


def in_notebook(page: str) -> Iterator[Formula]:
    """Formulas in the Markdown cells and LaTeX outputs of a notebook that nbconvert made."""
    for start, end in _text_runs(page, within=_NOTEBOOK_PROSE):
        for match in _NOTEBOOK.finditer(page, start, end):
            display = match["dollar"] is None and match["round"] is None
            body = next(match[name] for name in ("dollars", "square", "env", "round", "dollar") if match[name])
            yield Formula(html.unescape(body), display, match.start(), match.end())


def residue(page: str) -> Iterator[str]:
    """Excerpts of visible text that look like TeX: formulas that nothing recognised."""
    for start, end in _text_runs(page):
        if match := _RESIDUE.search(page, start, end):
            yield html.unescape(page[match.start() : min(end, match.start() + 60)]).strip()


def line_of(formula: Formula, source: str) -> int | None:
    """The line at which the formula begins in the page's source file, if its text stands there."""
    needle = formula.source.strip().splitlines()[:1]
    if not needle:
        return None
    offset = source.find(formula.source.strip())
    if offset < 0:  # indented in the source, for instance inside an admonition
        offset = source.find(needle[0].strip())
    return None if offset < 0 else source.count("\n", 0, offset) + 1


def _text_runs(page: str, within: frozenset[str] | None = None) -> Iterator[tuple[int, int]]:
    """Spans of consecutive text outside code; only inside elements of a class in `within`, if that is given."""
    scanner = _TextRuns(page, within)
    scanner.feed(page)
    scanner.close()
    return iter(scanner.runs)


class _TextRuns(HTMLParser):
    """Offsets instead of a tree: what is not a formula must reach the page byte for byte."""

    def __init__(self, page: str, within: frozenset[str] | None) -> None:
        super().__init__(convert_charrefs=False)
        self.runs: list[tuple[int, int]] = []
        self._within = within
        self._lines = [0] + [match.end() for match in re.finditer("\n", page)]
        self._stack: list[tuple[str, bool, bool]] = []  # tag, literal, prose
        self._open: int | None = None
        self._end = len(page)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _break(self) -> None:
        if self._open is not None:
            self.runs.append((self._open, self._here()))
            self._open = None

    def _text(self) -> None:
        literal, prose = self._stack[-1][1:] if self._stack else (False, self._within is None)
        if prose and not literal and self._open is None:
            self._open = self._here()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break()
        if tag in _VOID:
            return
        literal, prose = self._stack[-1][1:] if self._stack else (False, self._within is None)
        if self._within is not None:
            prose = prose or not self._within.isdisjoint((dict(attrs).get("class") or "").split())
        self._stack.append((tag, literal or tag in _LITERAL, prose))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break()

    def handle_endtag(self, tag: str) -> None:
        self._break()
        for depth in range(len(self._stack) - 1, -1, -1):
            if self._stack[depth][0] == tag:
                del self._stack[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._text()

    def handle_entityref(self, name: str) -> None:
        self._text()

    def handle_charref(self, name: str) -> None:
        self._text()

    def handle_comment(self, data: str) -> None:
        self._break()

    def close(self) -> None:
        super().close()
        if self._open is not None:
            self.runs.append((self._open, self._end))
            self._open = None
