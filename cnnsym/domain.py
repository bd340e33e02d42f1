"""Where an expression is defined: what a statement takes for granted, in words for its verdict.

A claim says "wherever both sides are defined". That is only honest if the reader is told where that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from cnnsym.atoms import Elementwise, EntryFunction, step

MAX_CONDITIONS = 12
MAX_DELTAS = 6


def conditions(*expressions: Any) -> tuple[str, ...]:
    """What has to hold for the expressions to be defined: each condition once, in order of occurrence.

    >>> conditions(sp.log(sp.Symbol("x")) / sp.Symbol("y"))
    ('x > 0', 'y != 0')
    """
    found = dict.fromkeys(c for e in expressions for node in _nodes(e) for c in _of(node))
    return tuple(sorted(found)[:MAX_CONDITIONS])


def _nodes(e: Any) -> Iterator[Any]:
    """Each node once, without recursion: networks are deep."""
    stack, seen = [e], set()
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            # The body of a function is not part of the expression; its conditions are said for the entries it is applied to.
            stack.extend(a for a in node.args if isinstance(a, sp.Basic) and not isinstance(a, (EntryFunction, sp.Lambda)))


def _of(node: Any) -> Iterator[str]:
    if isinstance(node, sp.Inverse):
        yield f"{_short(node.arg)} invertible"
    elif isinstance(node, sp.MatPow) and not node.exp.is_nonnegative:
        yield f"{_short(node.base)} invertible"
    elif isinstance(node, sp.log):
        yield from _positive(node.args[0])
    elif isinstance(node, sp.Pow):
        if node.exp.is_negative and not _known(node.base, "is_nonzero"):
            yield f"{_short(node.base)} != 0"
        if node.exp.is_integer is False and not _known(node.base, "is_nonnegative"):
            yield f"{_short(node.base)} >= 0"
    elif isinstance(node, Elementwise) and not node.function.is_abstract:
        yield from _of_entries(node.function.args[0], node.argument)
    elif isinstance(node, ElementwiseApplyFunction) and isinstance(node.function, sp.Lambda):
        yield from _of_entries(node.function, node.expr)


def _of_entries(function: sp.Lambda, argument: Any) -> Iterator[str]:
    for inner in conditions(function.expr):
        yield f"{inner} for each entry {function.variables[0]} of {_short(argument)}"
    if function.expr.has(step, sp.sign):
        yield f"no entry of {_short(argument)} is 0"


def _known(e: Any, property_: str) -> bool:
    """Whether a property holds by the assumptions of the symbols, whichever of its Kronecker deltas are 0 and which 1."""
    deltas = sorted(e.atoms(sp.KroneckerDelta), key=str)
    if len(deltas) > MAX_DELTAS:
        return False
    values = (dict(zip(deltas, each, strict=True)) for each in product((sp.S.Zero, sp.S.One), repeat=len(deltas)))
    return all(getattr(e.xreplace(value), property_) is True for value in values)


def _positive(argument: Any) -> Iterator[str]:
    if not argument.is_positive:
        yield f"{_short(argument)} > 0"


def _short(e: Any) -> str:
    written = str(e)
    return written if len(written) <= 60 else written[:57] + "..."
