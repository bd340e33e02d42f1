"""Sums with dots: `a_1 + a_2 + \\cdots + a_n`, and in row-major order `f_{0,0} + f_{0,1} + \\cdots + f_{H-1,W-1}`.

Read only where there is no other way to read it; everything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import sympy as sp

from cnnsym.latex.ranges import Index
from cnnsym.latex.reading import Reading
from cnnsym.latex.sums import over
from cnnsym.latex.syntax import Command, Name, Node, Number, Script, Sum
from cnnsym.latex.vocabulary import DOTS

Path = tuple[tuple[str, int], ...]
_UNDERSTOOD = (
    "understood are a_{1} + a_{2} + \\cdots + a_{n} and, row by row, f_{0,0} + f_{0,1} + \\cdots + f_{H-1,W-1} "
    "(also with another term in place of the one at 0,0)"
)


def has_dots(node: Sum) -> bool:
    return any(_is_dots(term) for term in node.terms)


def _is_dots(node: Node) -> bool:
    return isinstance(node, Command) and node.text in DOTS


def differences(left: Any, right: Any, path: Path = (), index: bool = False) -> dict[Path, tuple[Node, Node]] | None:
    """Where two trees differ, if they do so in indices only; None where their forms differ."""
    if left == right:
        return {}
    if index:
        return {path: (left, right)}
    if type(left) is not type(right):
        return None
    found: dict[Path, tuple[Node, Node]] = {}
    for name in (f.name for f in fields(left) if f.compare):
        mine, other = getattr(left, name), getattr(right, name)
        if isinstance(mine, Node):
            mine, other = (mine,), (other,)
        if not isinstance(mine, tuple) or len(mine) != len(other):
            if mine != other:
                return None
            continue
        for k, (a, b) in enumerate(zip(mine, other, strict=True)):
            if not (isinstance(a, Node) and isinstance(b, Node)):
                if a != b:
                    return None
                continue
            inner = differences(a, b, (*path, (name, k)), isinstance(left, Script))
            if inner is None:
                return None
            found |= inner
    return found


def _at(node: Any, path: Path) -> Node:
    for name, k in path:
        value = getattr(node, name)
        node = value[k] if isinstance(value, tuple) else value
    return node


def _with(node: Any, path: Path, new: Node) -> Any:
    if not path:
        return new
    (name, k), rest = path[0], path[1:]
    value = getattr(node, name)
    if isinstance(value, tuple):
        return replace(node, **{name: (*value[:k], _with(value[k], rest, new), *value[k + 1 :])})
    return replace(node, **{name: _with(value, rest, new)})


def dotted(reading: Reading, node: Sum) -> tuple[list[tuple[str, Node]], Any, Node]:
    """The terms that stand beside the run, the value of the run, and its first term."""
    (position, *more) = [k for k, term in enumerate(node.terms) if _is_dots(term)]
    at = node.terms[position].at
    if more or position in (0, len(node.terms) - 1):
        raise reading.error(f"these dots are not understood: {_UNDERSTOOD}", at)
    last = node.terms[position + 1]
    start = position
    while start > 0 and differences(node.terms[start - 1], last):
        start -= 1
    run = node.terms[start:position]
    if not run or any(sign != "+" for sign in node.signs[start + 1 : position + 2]) or node.signs[start] != "+":
        raise reading.error(f"the terms before and after these dots are not of one form: {_UNDERSTOOD}", at)
    indices, slots, from_second = _indices(reading, run, last, start > 0, at)
    template = last
    for path, name in slots.items():
        template = _with(template, path, Name(_at(last, path).at, name))
    whole = over(reading, indices, lambda inner: inner.value(template), "\\sum", at)
    if from_second:
        zero = reading.binding({index.name: index.lower for index in indices})
        whole = whole - zero.value(template)
    beside = [(sign, term) for k, (sign, term) in enumerate(zip(node.signs, node.terms, strict=True)) if k < start]
    beside += list(zip(node.signs[position + 2 :], node.terms[position + 2 :], strict=True))
    return beside, whole, run[0]


def _indices(
    reading: Reading, run: tuple[Node, ...], last: Node, preceded: bool, at: int
) -> tuple[list[Index], Mapping[Path, str], bool]:
    """The running indices, where they stand, and whether the run begins at the second term of the whole sum."""
    paths = dict.fromkeys(path for term in run for path in differences(term, last) or {})
    groups: dict[tuple[Any, ...], list[Path]] = {}
    for path in paths:
        values = tuple(_integer(reading, _at(term, path), at) for term in run)
        groups.setdefault((*values, _at(last, path)), []).append(path)
    steps = {key: [b - a for a, b in pairwise(key[:-1])] for key in groups}
    refusal = reading.error(f"these dots are not understood: {_UNDERSTOOD}", at)
    slow = [key for key in groups if len(run) > 1 and not any(steps[key])]
    fast = [key for key in groups if len(run) > 1 and all(step == 1 for step in steps[key])]
    if len(run) == 1:  # only a run that begins at (0, 1), after a term that stands for the one at (0, 0)
        slow, fast = ([key for key in groups if key[0] == first] for first in (0, 1))
        if not (len(slow) == len(fast) == 1 and preceded):
            raise refusal
    if len(fast) != 1 or len(slow) > 1 or len(slow) + len(fast) != len(groups):
        raise refusal
    from_second = False
    if slow and slow[0][0] != fast[0][0]:
        from_second = preceded and (slow[0][0], fast[0][0]) == (0, 1)
        if not from_second:
            raise refusal
    indices: list[Index] = []
    slots: dict[Path, str] = {}
    for name, key in zip(("h", "w") if slow else ("k",), [*slow, *fast], strict=True):
        lower = sp.Integer(0 if from_second else key[0])
        upper = reading.value(key[-1])
        if not getattr(upper, "is_integer", False):
            raise reading.error(f"expected an integer as last index, got {upper}", key[-1].at)
        marked = f"\\{name}"  # no name of a formula begins with a backslash and has one letter
        indices.append(Index(marked, at, lower, upper))
        slots |= dict.fromkeys(groups[key], marked)
    return indices, slots, from_second


def _integer(reading: Reading, node: Node, at: int) -> int:
    if not (isinstance(node, Number) and node.text.isdigit()):
        raise reading.error(f"expected numbers as the indices before these dots: {_UNDERSTOOD}", at)
    return int(node.text)
