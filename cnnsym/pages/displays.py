"""The displayed formulas of a Markdown text, and what in them nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cnnsym.latex.vocabulary import CASE_WORDS

_FENCE = re.compile(r"^\s*(```+|~~~+)")  # indented as well: within a list or an admonition
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_NOTE = re.compile(r"\s*(?:[_^]\s*\{\s*\\text\s*\{[^{}$\\]*\}\s*\}|(?!\\(?:no)?limits)[^\s_^]|$)")
_TEXT = re.compile(r"\\(?:text(?:rm|bf|it|sf|tt|normal)?|mbox|hbox)\s*\{([^{}]*)\}")
_BRACED_TEXT = re.compile(r"[_^]\s*\{\s*\\text\s*\{[^{}$\\]*\}\s*\}")
_CASES = re.compile(r"\\begin\s*\{d?cases\}.*?\\end\s*\{d?cases\}", re.DOTALL)
_CONNECTIVES = {
    "",
    ",",
    "s.t.",
    "and",
    "with",
    "where",
    "for",
    "且",
    "其中",
}  # before a range of indices, which is read
_LABEL = re.compile(r"\\(?:label|tag)\s*\{([^{}]*)\}")


@dataclass(frozen=True)
class Display:
    """A displayed formula: the LaTeX between `$$` and `$$`, and the line of the page (from 1) where that begins."""

    latex: str
    line: int

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in _LABEL.findall(self.latex))


def displays(text: str) -> Iterator[Display]:
    """The displayed formulas of a Markdown text, code left out."""
    lines, fence, begin, body = text.splitlines(), "", 0, ""
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if begin == 0 and mark:
            closes = fence and line.strip().startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if closes else fence or mark.group(1)
            continue
        if fence:
            continue
        pieces = (line if begin else _CODE.sub("", line)).split("$$")
        for k, piece in enumerate(pieces):
            if k:
                if begin:
                    yield Display(body, begin)
                    begin = 0
                else:
                    begin, body = number, ""
            if begin:
                body += piece if k or number == begin else f"\n{piece}"


def unread(display: Display) -> str:
    """What a reader would take for part of the formula, though nobody reads it; empty where there is no such thing."""
    for brace in re.finditer(r"\\(?:under|over)brace(?![A-Za-z])", display.latex):
        if not _NOTE.match(_after_group(display.latex[brace.end() :])):
            return "what is written at a brace is not checked, so it may only be \\text{...} without formulas"
    plain = _BRACED_TEXT.sub("", display.latex)
    cases = [found.span() for found in _CASES.finditer(plain)]
    for words in _TEXT.finditer(plain):
        # Within a case distinction the reader of formulas knows a few words, and refuses all others.
        known = (
            any(start < words.start() < end for start, end in cases) and words[1].strip(" .,;:，。；：") in CASE_WORDS
        )
        if not known and words[1].strip() not in _CONNECTIVES:
            return f"the words {words[1].strip()!r} in the formula are not checked; write them outside"
    return ""


def _after_group(tex: str) -> str:
    """What follows a group in braces; "_" where there is no group."""
    if not tex.lstrip().startswith("{"):
        return "_"
    depth = 0
    for token in re.finditer(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return tex[token.end() :]
    return ""
