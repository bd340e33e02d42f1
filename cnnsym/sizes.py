"""Symbolic sizes: positive integers, products and sums of them, and when two of them agree for all values."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.expression import expression


def dims(names: str) -> Any:
    """Sizes as SymPy symbols: positive integers.

    `names` is written as for `sympy.symbols`; one name gives one symbol, several give a tuple.

    >>> m, n = dims("m n")
    >>> m.is_positive and m.is_integer
    True
    """
    return sp.symbols(names, integer=True, positive=True)


@lru_cache(maxsize=4096)
def size(expr: Any) -> sp.Expr:
    """A size in expanded form, so that equal polynomials are equal expressions."""
    return sp.expand(expression(expr))


def same_size(left: Any, right: Any) -> bool:
    """True when the two sizes are equal for all values of their symbols."""
    return bool(left == right or size(left) == size(right))


def same_shape(left: tuple[Any, Any], right: tuple[Any, Any]) -> bool:
    """True when both sizes of two shapes agree."""
    return same_size(left[0], right[0]) and same_size(left[1], right[1])


@lru_cache(maxsize=4096)
def quotient(whole: sp.Expr, part: sp.Expr) -> sp.Expr | None:
    """`whole / part` where that is a polynomial with integer coefficients in the sizes, else None.

    >>> m, n = dims("m n")
    >>> quotient(size(m*n), m), quotient(size(m*n), size(m + 1))
    (n, None)
    """
    ratio = sp.cancel(expression(whole) / part)
    if not ratio.is_polynomial(*ratio.free_symbols):
        return None
    expanded = size(ratio)
    coefficients = sp.Poly(expanded, *expanded.free_symbols).coeffs() if expanded.free_symbols else [expanded]
    return expanded if all(c.is_integer for c in coefficients) else None


def shape_text(shape: tuple[Any, Any]) -> str:
    """A shape as it is written in messages: `m x n`."""
    return f"{shape[0]} x {shape[1]}"


def require_same_shape(operation: str, *named: tuple[str, tuple[Any, Any]]) -> None:
    """Raise ShapeError unless all shapes agree; the message names the first pair that does not."""
    first_name, first = named[0]
    for name, shape in named[1:]:
        if not same_shape(first, shape):
            raise ShapeError(
                f"{operation}: expected arguments of one shape; "
                f"{first_name} is {shape_text(first)}, {name} is {shape_text(shape)}"
            )
