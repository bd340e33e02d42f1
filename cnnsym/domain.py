"""Where an expression is defined: what a statement takes for granted, in words for its verdict.

A claim says "wherever both sides are defined". That is only honest if the reader is told where that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from cnnsym.atoms import Elementwise, step

MAX_CONDITIONS = 12


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
            stack.extend(a for a in node.args if isinstance(a, sp.Basic))


def _of(node: Any) -> Iterator[str]:
    if isinstance(node, sp.Inverse):
        yield f"{_short(node.arg)} invertible"
    elif isinstance(node, sp.MatPow) and not node.exp.is_nonnegative:
        yield f"{_short(node.base)} invertible"
    elif isinstance(node, sp.log):
        yield from _positive(node.args[0])
    elif isinstance(node, sp.Pow):
        if node.exp.is_negative and not node.base.is_nonzero:
            yield f"{_short(node.base)} != 0"
        if node.exp.is_integer is False and not node.base.is_nonnegative:
            yield f"{_short(node.base)} >= 0"
    elif isinstance(node, Elementwise) and not node.function.is_abstract:
        t = node.function.args[0].variables[0]
        for inner in conditions(node.function.args[0].expr):
            yield f"{inner} for each entry {t} of {_short(node.argument)}"
        if node.function.args[0].expr.has(step, sp.sign):
            yield f"no entry of {_short(node.argument)} is 0"


def _positive(argument: Any) -> Iterator[str]:
    if not argument.is_positive:
        yield f"{_short(argument)} > 0"


def _short(e: Any) -> str:
    written = str(e)
    return written if len(written) <= 60 else written[:57] + "..."
