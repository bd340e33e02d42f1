"""Summation indices that keep clear of what a layer is given."""

from __future__ import annotations

from typing import Any

import sympy as sp


def summation_indices(names: str, *given: Any) -> tuple[sp.Symbol, ...]:
    """Integer symbols of these names, with primes where a name already occurs in what is given.

    >>> n, a = sp.symbols("n a", integer=True)
    >>> summation_indices("a b", n + a)
    (a', b)
    """
    used = {str(s) for e in given for s in sp.sympify(e).free_symbols}
    found = []
    for name in names.split():
        while name in used:
            name += "'"
        used.add(name)
        found.append(sp.Symbol(name, integer=True))
    return tuple(found)
