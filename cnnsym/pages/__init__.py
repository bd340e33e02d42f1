"""Pages: labelled formulas of a Markdown page, read from the page and held against the claims of those labels.

What a reader reads is what is judged: the LaTeX between the dollars is parsed with the declarations of the derivation, and
each member of its chain must equal, for all sizes, the member of the chain that was derived. A claim that a relation follows
from hypotheses must stand on the page as that relation, or as "hypotheses \\Rightarrow relation": the same relations between
sides that are equal, no weaker and no stronger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnsym.claim import Claim, Entailment, Inequality, Integers
from cnnsym.collect import Collected, unknown_id
from cnnsym.errors import CnnsymError, LatexError
from cnnsym.latex import Context, read_formula
from cnnsym.pages.displays import Display, displays, unread
from cnnsym.pages.equalities import compare_equalities
from cnnsym.pages.relations import compare_relations

__all__ = ["Display", "PageFormula", "check_page", "displays", "unread"]


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

    @property
    def complaint(self) -> str:
        """What is wrong, with the label in front, unless the problem begins with it."""
        return self.problem if self.problem.startswith(self.label) else f"{self.label}: {self.problem}"


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
    follows = isinstance(claim.method, (Integers, Entailment, Inequality))  # from hypotheses
    return (compare_relations if follows else compare_equalities)(display, label, claim, formula)
