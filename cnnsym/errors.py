"""The errors a user of cnnsym can meet; every one is a `CnnsymError`.

A message says what was attempted, what was expected and what came. Messages may be reworded; the classes are public.
"""

from __future__ import annotations


class CnnsymError(Exception):
    """Base of every error that cnnsym raises on purpose."""


class ShapeError(CnnsymError, ValueError):
    """Two shapes that must agree do not."""


class UnsupportedError(CnnsymError):
    """An expression that is well formed, but outside what the called function covers."""


class LimitError(CnnsymError):
    """A stated limit on size or time was reached before an answer was."""


class ClaimError(CnnsymError):
    """A claim, a derivation or a label that is not well formed or does not exist."""


class InternalError(CnnsymError, AssertionError):
    """The two deciders disagree: a defect of cnnsym, never of the user's input."""


class LatexError(CnnsymError):
    """LaTeX that cannot be read, with its place.

    `line` and `column` count from 1 within `text`; `str(error)` shows the line and a caret under the place.
    """

    def __init__(self, message: str, text: str = "", line: int = 1, column: int = 1) -> None:
        self.message, self.text, self.line, self.column = message, text, line, column
        super().__init__(message)

    def __str__(self) -> str:
        lines = self.text.splitlines()
        if not 1 <= self.line <= len(lines):
            return self.message
        shown = lines[self.line - 1]
        start = max(0, self.column - 1 - 70)  # a long line is cut around the place
        cut = shown[start : start + 100]
        return (
            f"{self.message}\n  line {self.line}, column {self.column}:\n  {cut}\n  {' ' * (self.column - 1 - start)}^"
        )
