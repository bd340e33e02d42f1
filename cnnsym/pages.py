"""Pages: labelled formulas of a Markdown page, read from the page and held against the claims of those labels.

What a reader reads is what is judged: the LaTeX between the dollars is parsed with the declarations of the derivation, and
each member of its chain must equal, for all sizes, the member of the chain that was derived.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnsym.claim import Claim
from cnnsym.collect import Collected, unknown_id
from cnnsym.errors import CnnsymError, LatexError
from cnnsym.latex import Context, read_formula
from cnnsym.prover import prove

_FENCE = re.compile(r"^\s*(```+|~~~+)")  # indented as well: within a list or an admonition
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_NOTE = re.compile(r"\s*(?:[_^]\s*\{\s*\\text\s*\{[^{}$\\]*\}\s*\}|(?!\\(?:no)?limits)[^\s_^]|$)")
_TEXT = re.compile(r"\\(?:text(?:rm|bf|it|sf|tt|normal)?|mbox|hbox)\s*\{([^{}]*)\}")
_BRACED_TEXT = re.compile(r"[_^]\s*\{\s*\\text\s*\{[^{}$\\]*\}\s*\}")
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


@dataclass(frozen=True)
class PageFormula:
    """A labelled formula of a page, held against its claim.

    `verdict` is "proved" where the page says what was derived, "refuted" or "unknown" where a side is not equal to what was
    derived, "error" where the formula cannot be read or compared; `problem` then says what is wrong.
    """

    path: str
    line: int
    column: int
    label: str
    latex: str
    claim: Claim | None
    verdict: str = "proved"
    problem: str = ""

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" + (f":{self.column}" if self.column else "")


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


def check_page(path: Path, text: str, collected: Iterable[Collected]) -> Iterator[PageFormula]:
    """Every labelled formula of a page, with what is wrong with it."""
    claims = {claim.id: (claim, one) for one in collected for claim in one.derivation.claims}
    contexts: dict[Path, Any] = {}
    for display in displays(text):
        for label in dict.fromkeys(display.labels):
            found = claims.get(label)
            if found is None:
                yield PageFormula(
                    str(path), display.line, 0, label, display.latex, None, "error", unknown_id(label, claims)
                )
                continue
            claim, one = found
            if one.path not in contexts:
                contexts[one.path] = Context.read(one.derivation.context)
            line, column, verdict, problem = _compare(display, label, claim, contexts[one.path])
            yield PageFormula(str(path), display.line + line, column, label, display.latex, claim, verdict, problem)


def _compare(display: Display, label: str, claim: Claim, context: Any) -> tuple[int, int, str, str]:
    """Line (counted from that of the display), column, verdict and problem."""
    try:
        formula = read_formula(display.latex, context)
    except LatexError as error:
        return error.line - 1, error.column, "error", str(error)
    except CnnsymError as error:
        return 0, 0, "error", str(error)
    unseen = unread(display)
    if unseen:
        return 0, 0, "error", unseen
    links = [link for chain in formula.chains for link in _links(chain)]
    if len(display.labels) > 1:
        nameless = next((link for link in links if link[2] is None), None)
        if nameless is not None:
            line, column = nameless[3]
            return line - 1, column, "error", "this equality has no label, so what it says would not be checked"
        links = [link for link in links if link[2] == label]
    derived = claim.links
    if len(links) != len(derived):
        count = f"the formula has {len(links)} equalities under this label, its derivation has {len(derived)}"
        return 0, 0, "error", count
    for (left, right, _, (line, column), _), (identifier, *sides) in zip(links, derived, strict=True):
        for side, read, wanted in (("left", left, sides[0]), ("right", right, sides[1])):
            verdict, reason = _equal(read, wanted, claim)
            if verdict != "proved":
                problem = f"{identifier}: the {side} side is not what was derived: {verdict}, {reason}"
                return line - 1, column, verdict, problem
    if any(link[4] for link in links):
        return 0, 0, "error", "both sides of an equality are written alike: it says nothing"
    return 0, 0, "proved", ""


Link = tuple[Any, Any, "str | None", tuple[int, int], bool]  # sides, label, place, whether both are written alike


def _links(chain: Any) -> list[Link]:
    return [
        (chain.members[k], chain.members[k + 1], chain.labels[k], chain.places[k], chain.alike[k])
        for k in range(len(chain.relations))
    ]


def _equal(read: Any, wanted: Any, claim: Claim) -> tuple[str, str]:
    try:
        verdict = prove(read, wanted, assuming=claim.hypotheses)
    except CnnsymError as error:
        return "error", str(error)
    return verdict.name, verdict.reason


def unread(display: Display) -> str:
    """What a reader would take for part of the formula, though nobody reads it; empty where there is no such thing."""
    for brace in re.finditer(r"\\(?:under|over)brace(?![A-Za-z])", display.latex):
        if not _NOTE.match(_after_group(display.latex[brace.end() :])):
            return "what is written at a brace is not checked, so it may only be \\text{...} without formulas"
    for words in _TEXT.finditer(_BRACED_TEXT.sub("", display.latex)):
        if words[1].strip() not in _CONNECTIVES:
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
