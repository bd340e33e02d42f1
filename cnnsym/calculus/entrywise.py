"""Derivatives of entrywise expressions by one entry of a signal.

`d x[e] / d x[j]` is 1 where `e = j`, on a circular axis where `e = j` modulo its length, and 0 elsewhere; an entry outside the
range of a signal is the constant 0. Everything else is the sum, product and chain rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from cnnsym.atoms import EntryValue, Indicator, grids, indicator
from cnnsym.errors import UnsupportedError


def partial(e: Any, entry: sp.Indexed) -> Any:
    """The derivative of a scalar expression by `entry`, such as `x[j]`; its index is free in the result.

    Raises UnsupportedError for a function that has no derivative here, such as a maximum.

    >>> n, j = sp.symbols("n j", integer=True)
    >>> x = sp.IndexedBase("x", shape=(4,))
    >>> partial(x[n] ** 2, x[j]).subs({n: 1, j: 1})
    2*x[1]
    """
    if not e.has(entry.base):
        return sp.S.Zero
    rule = _RULES.get(e.func)
    if rule is not None:
        return rule(e, entry)
    if isinstance(e, sp.Function) and len(e.args) == 1:
        outer = e.fdiff(1)
        if not outer.has(sp.Derivative, sp.Subs):
            return outer * partial(e.args[0], entry)
    raise UnsupportedError(f"the derivative of {e.func.__name__} by {entry}")


def _sum(e: Any, entry: sp.Indexed) -> Any:
    return sp.Add(*(partial(a, entry) for a in e.args))


def _product(e: Any, entry: sp.Indexed) -> Any:
    factors = e.args
    return sp.Add(*(partial(a, entry) * sp.Mul(*factors[:k], *factors[k + 1 :]) for k, a in enumerate(factors)))


def _power(e: Any, entry: sp.Indexed) -> Any:
    if e.exp.has(entry.base):
        raise UnsupportedError(f"the derivative of {e} by {entry}, which is in an exponent")
    return e.exp * e.base ** (e.exp - 1) * partial(e.base, entry)


def _summation(e: Any, entry: sp.Indexed) -> Any:
    bound = [limit[0] for limit in e.limits]
    if any(sp.sympify(p).has(entry.base) for limit in e.limits for p in limit[1:]):
        raise UnsupportedError(f"the derivative by {entry} of a sum whose range depends on {entry.base}")
    if any(v in entry.free_symbols for v in bound):
        e = _under_new_names(e)
    return sp.Sum(partial(e.function, entry), *e.limits)


def _under_new_names(e: Any) -> Any:
    """A sum with new names: a limit binds its name in the summand and in the limits before it, not in its own bounds."""
    body = e.function
    limits: list[tuple[Any, ...]] = []
    for v, *bounds in e.limits:
        own = {v: sp.Dummy(str(v), integer=True)}
        body = body.xreplace(own)
        limits = [(w, *(b.xreplace(own) for b in bs)) for w, *bs in limits]
        limits.append((own[v], *bounds))
    return sp.Sum(body, *limits)


def _entry(e: Any, entry: sp.Indexed) -> Any:
    if e.base != entry.base or any(sp.sympify(at).has(entry.base) for at in e.indices):
        raise UnsupportedError(f"the derivative by {entry} of {e}, whose position depends on {entry.base}")
    conditions = []
    for at, moved, length, grid in zip(e.indices, entry.indices, e.base.shape, grids(e.base), strict=True):
        if grid == "circular":
            conditions.append(sp.Eq(sp.Mod(at - moved, length), 0))
            continue
        conditions.append(sp.Eq(at, moved))
        if grid == "zero":
            conditions += [sp.Ge(moved, 0), sp.Le(moved, length - 1)]
    return indicator(sp.And(*conditions))


def _value(e: Any, entry: sp.Indexed) -> Any:
    function, argument = e.args
    return EntryValue(function.diff(), argument) * partial(argument, entry)


def _constant(e: Any, entry: sp.Indexed) -> Any:
    raise UnsupportedError(f"the derivative by {entry} of a condition that depends on {entry.base}")


_RULES: Mapping[Any, Callable[[Any, sp.Indexed], Any]] = {
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.Sum: _summation,
    sp.Indexed: _entry,
    EntryValue: _value,
    Indicator: _constant,
    sp.Piecewise: _constant,
}
