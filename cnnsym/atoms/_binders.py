"""Bound names: what a sum or a maximum calls its index says nothing, and must be mistaken for nothing else.

SymPy's own `as_dummy` gives nested sums the same new name, and `Sum(f[o]*Sum(g[o, i], (i, 0, k)), (o, 0, n))` changes its value.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms._maximum import Maximum
from cnnsym.errors import UnsupportedError

BINDERS = (sp.Sum, Maximum)
Name = Callable[[Any, int], Any]
Order = Callable[[Sequence[Any], Any], Sequence[Any]]


def apart(e: Any) -> Any:
    """The expression with a new Dummy for every bound name, so that a replacement of free names captures nothing.

    UnsupportedError where a bound name is in the length of an array too.
    """
    return _renamed(e, lambda old, level: sp.Dummy(str(old), integer=True), lambda limits, body: limits)


def alike(a: Any, b: Any) -> bool:
    """Whether two expressions differ at most in bound names and in the order of indices whose ranges are independent.

    True is a proof that they are equal; False says nothing.

    >>> i, j, n = sp.symbols("i j n", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> alike(sp.Sum(x[i, j], (i, 0, n), (j, 0, 3)), sp.Sum(x[j, i], (i, 0, 3), (j, 0, n)))
    True
    >>> alike(sp.Sum(x[i, j], (i, 0, n)), sp.Sum(x[j, j], (j, 0, n)))
    False
    """
    try:
        return bool(a == b) or bool(_canonical(a) == _canonical(b))
    except UnsupportedError:
        return False


def _canonical(e: Any) -> Any:
    return _renamed(e, lambda old, level: _at_level(level), _ordered)


def _renamed(e: Any, name: Name, order: Order, level: int = 0) -> Any:
    """The expression with `name(old, level)` for every bound name; within a binder the level is higher than around it.

    The first limit of a sum is the innermost. A limit binds its name in the summand and in the limits before it, where no
    limit between has the same name; in its own bounds the name is free.
    """
    if not isinstance(e, sp.Basic) or isinstance(e, sp.Lambda) or not e.has(*BINDERS):
        return e
    if not isinstance(e, BINDERS):
        return e.func(*(_renamed(part, name, order, level) for part in e.args))
    inside = level + len(e.limits)
    body = _renamed(e.function, name, order, inside)
    limits: list[tuple[Any, ...]] = []
    for v, *bounds in order(e.limits, body):
        _refuse_length(v, body)
        own = {v: name(v, inside - 1 - len(limits))}
        body = body.xreplace(own)
        limits = [(w, *(b.xreplace(own) for b in bs)) for w, *bs in limits]
        limits.append((own[v], *(_renamed(sp.sympify(b), name, order, inside) for b in bounds)))
    return e.func(body, *limits)


def _ordered(limits: Sequence[Any], body: Any) -> Sequence[Any]:
    """The limits in an order that their names do not decide.

    As they are where a bound has the name of another, and where one is infinite: such sums may not be exchanged.
    """
    names = {v for v, *_ in limits}
    ends = sp.Tuple(*(end for _, *pair in limits for end in pair))
    if len(limits) == 1 or len(names) < len(limits) or names & ends.free_symbols or ends.has(sp.oo, -sp.oo):
        return limits
    return sorted(limits, key=lambda limit: _use(limit, names, body))


def _use(limit: Any, names: set[Any], body: Any) -> str:
    """How a sum uses one of its names, in words that would be the same under any other names."""
    v, *ends = limit
    return f"{ends} {body.xreplace({one: _at_level(-1 if one == v else -2) for one in names})}"


@functools.cache
def _at_level(level: int) -> Any:
    return sp.Dummy(f"b{level}", integer=True)


def _refuse_length(v: Any, body: Any) -> None:
    for base in sorted(body.atoms(sp.IndexedBase), key=str):
        if any(v in length.free_symbols for length in base.shape or ()):
            raise UnsupportedError(f"{v} is bound, and it is in the length of {base} too; give one of them another name")
