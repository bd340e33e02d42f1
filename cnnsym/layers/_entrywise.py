"""A scalar function applied to each entry of a matrix: the matrix given by its entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from cnnsym.atoms import as_matrix
from cnnsym.layers._index import summation_indices


def each_entry(layer: str, function: Callable[[Any], Any], s: Any) -> Any:
    """The matrix with entries `function(s[a, c])`, of the shape of `s`; ShapeError where `s` is no matrix.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> each_entry("square", lambda t: t**2, cnnsym.matrix("A", m, n)).shape
    (m, n)
    """
    s = as_matrix(layer, s)
    # Clear of every name in s, bound ones as well: SymPy puts an index into a sum over the same name without a word.
    a, c = summation_indices("a c", *s.atoms(sp.Symbol))
    return sp.FunctionMatrix(*s.shape, sp.Lambda((a, c), function(s[a, c])))
