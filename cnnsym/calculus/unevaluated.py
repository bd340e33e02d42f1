"""Derivatives as they are written, taken: every Gradient and Jacobian atom, and derivatives by entries of signals."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import Gradient, Jacobian
from cnnsym.calculus.derivatives import gradient, jacobian
from cnnsym.calculus.entrywise import partial


def take_derivatives(e: Any) -> Any:
    """The expression with its derivative atoms taken, innermost first; all else stays as it is written.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> x = cnnsym.vector("x", n)
    >>> take_derivatives(Jacobian(2 * x, x)).has(Jacobian)
    False
    """
    while True:
        found = _derivatives(e)
        if not found:
            return e
        innermost = [d for d in found if not any(_derivatives(a) for a in d.args)]
        e = e.xreplace({d: _taken(d) for d in innermost})


def _derivatives(e: Any) -> set[Any]:
    """The derivative atoms in an expression, found without recursion: networks are deeper than Python's stack."""
    found, seen, stack = set(), set(), [e]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, (Gradient, Jacobian)) or _by_entries(node):
            found.add(node)
        stack.extend(node.args)
    return found


def _by_entries(node: Any) -> bool:
    return isinstance(node, sp.Derivative) and all(isinstance(v, sp.Indexed) for v in node.variables)


def _taken(derivative: Any) -> Any:
    if isinstance(derivative, sp.Derivative):
        value = derivative.expr
        for entry in derivative.variables:
            value = partial(value, entry)
        return value
    function, variable, point = derivative.args
    value = (gradient if isinstance(derivative, Gradient) else jacobian)(function, variable)
    # Nothing inside is a derivative any more, so each occurrence of the variable is the bound one.
    return value if point == variable else value.xreplace({variable: point})
