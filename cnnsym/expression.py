"""The one door through which values become SymPy expressions. Text does not pass: SymPy would execute it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import UnsupportedError


def expression(value: Any) -> Any:
    """A SymPy object as it is, a Python number as a SymPy number; UnsupportedError for text and anything else.

    >>> expression(2) + 1
    3
    """
    try:
        return sp.sympify(value, strict=True)
    except sp.SympifyError:
        raise UnsupportedError(f"expected an expression or a number, got {type(value).__name__} {value!r:.60}") from None
