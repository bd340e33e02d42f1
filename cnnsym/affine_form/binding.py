"""Bound names set apart: every sum and every maximum gets names of its own, equal to no other name of the statement."""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import Maximum
from cnnsym.errors import UnsupportedError

BINDERS = (sp.Sum, Maximum)


def apart(e: Any) -> Any:
    """The expression with a new Dummy for every bound name, so that a replacement of free names captures nothing.

    The first limit of a sum is the innermost. A limit binds its name in the summand and in the limits before it, where no
    limit between has the same name; in its own bounds the name is free.
    """
    if not isinstance(e, sp.Basic) or isinstance(e, sp.Lambda) or not e.has(*BINDERS):
        return e
    if not isinstance(e, BINDERS):
        return e.func(*map(apart, e.args))
    body = apart(e.function)
    limits: list[tuple[Any, ...]] = []
    for v, *bounds in e.limits:
        _refuse_length(v, body)
        own = {v: sp.Dummy(str(v), integer=True)}
        body = body.xreplace(own)
        limits = [(w, *(b.xreplace(own) for b in bs)) for w, *bs in limits]
        limits.append((own[v], *(apart(sp.sympify(b)) for b in bounds)))
    return e.func(body, *limits)


def _refuse_length(v: Any, body: Any) -> None:
    for base in sorted(body.atoms(sp.IndexedBase), key=str):
        if any(v in length.free_symbols for length in base.shape or ()):
            raise UnsupportedError(f"{v} is bound, and it is in the length of {base} too; give one of them another name")
