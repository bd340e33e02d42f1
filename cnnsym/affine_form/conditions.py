"""Integer expressions and conditions, made of polynomials and constraints.

A floor or a remainder brings in its quotient: `q = floor(e/n)` is the one integer with `n q <= e < n q + n`. A case
distinction becomes a sum of disjoint cases. An `Or` or a `Not` becomes a sum with signs: the form of Iverson's bracket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp

from cnnsym.affine_form.term import (
    Constraint,
    Form,
    Term,
    expanded,
    fresh,
    guarded,
    is_integer,
    scaled,
    times,
    variable,
)
from cnnsym.errors import UnsupportedError

Case = tuple[Any, Term]  # an integer polynomial, and the term (guard, quotients) under which it is the value


def cases(e: Any) -> list[Case]:
    """The values of an integer expression: disjoint cases that cover everything."""
    inner = _innermost(e)
    if inner is None:
        return [(_polynomial(e), Term())]
    found: list[Case] = []
    for value, condition in _RULES[inner.func](inner):
        for whole, rest in cases(e.xreplace({inner: value})):
            found.append((whole, times([condition], [rest])[0]))
    return found


def _innermost(e: Any) -> Any:
    """A part that is no polynomial and has no such part inside."""
    parts = [p for p in sp.preorder_traversal(e) if isinstance(p, tuple(_RULES))]
    return parts[-1] if parts else None


def _polynomial(e: Any) -> Any:
    """The expression multiplied out, where it is a polynomial in integers with integer coefficients."""
    plain = all(s.is_Symbol for s in e.free_symbols) and e.is_polynomial(*e.free_symbols)
    if not plain or not is_integer(expanded(e)):
        raise UnsupportedError(f"the index expression {e}, which is no polynomial with integer coefficients")
    return expanded(e)


def _whole(e: Any) -> tuple[int, Any]:
    """The least positive integer that makes the coefficients of e integers, and e times it."""
    terms = sp.Add.make_args(expanded(e))
    by = sp.ilcm(1, *(t.as_coeff_Mul()[0].q for t in terms if t.as_coeff_Mul()[0].is_Rational))
    return by, sp.Add(*(by * t for t in terms))


def _quotient(e: Any, n: Any) -> tuple[Any, Term]:
    if not n.is_positive:
        raise UnsupportedError(f"a quotient by {n}, which is not known to be positive")
    e, n, q = _polynomial(e), _polynomial(n), variable()
    return q, Term(bound=(q,), guard=(Constraint(expanded(e - n * q)), Constraint(expanded(n * q + n - 1 - e))))


def _floor(e: Any) -> list[Case]:
    return [_quotient(*sp.fraction(sp.together(e.args[0])))]


def _ceiling(e: Any) -> list[Case]:
    q, condition = _floor(sp.floor(-e.args[0], evaluate=False))[0]
    return [(-q, condition)]


def _remainder(e: Any) -> list[Case]:
    value, n = e.args
    q, condition = _quotient(value, n)
    return [(expanded(value - n * q), condition)]


def _extremum(e: Any) -> list[Case]:
    """The first argument that no later one beats, and that beats all before it."""
    _require_integers(e.args)
    found = []
    sign = 1 if isinstance(e, sp.Max) else -1
    for k, a in enumerate(e.args):
        guard = [
            Constraint(expanded(sign * (a - b) - (1 if j < k else 0))) for j, b in enumerate(e.args) if j != k
        ]
        found.append((a, Term(guard=tuple(guard))))
    return found


def _absolute(e: Any) -> list[Case]:
    (a,) = e.args
    _require_integers(e.args)
    return [(a, Term(guard=(Constraint(expanded(a)),))), (-a, Term(guard=(Constraint(expanded(-a - 1)),)))]


def _require_integers(values: Iterable[Any]) -> None:
    """Between two values that differ, one is greater by 1 at least: for integers only."""
    for value in values:
        _polynomial(value)


_RULES: dict[Any, Callable[[Any], list[Case]]] = {
    sp.floor: _floor,
    sp.ceiling: _ceiling,
    sp.Mod: _remainder,
    sp.Max: _extremum,
    sp.Min: _extremum,
    sp.Abs: _absolute,
}


def bracket(condition: Any) -> Form:
    """The form that is 1 where the condition holds, and 0 elsewhere."""
    if condition in (sp.true, sp.false):
        return [Term()] if condition == sp.true else []
    if isinstance(condition, sp.And):
        return times(*map(bracket, condition.args))
    if isinstance(condition, sp.Not):
        return [Term(), *scaled(bracket(condition.args[0]), -1)]
    if isinstance(condition, sp.Or):
        return bracket(sp.Not(sp.And(*map(sp.Not, condition.args)), evaluate=False))
    if isinstance(condition, sp.Ne):
        return [Term(), *scaled(bracket(sp.Eq(*condition.args, evaluate=False)), -1)]
    if isinstance(condition, (sp.Eq, sp.Ge, sp.Gt, sp.Le, sp.Lt)):
        left, right = condition.args
        if isinstance(condition, (sp.Le, sp.Lt)):
            left, right = right, left
        strict = 1 if isinstance(condition, (sp.Gt, sp.Lt)) else 0
        if isinstance(condition, sp.Eq):
            for one, other in ((left, right), (right, left)):
                if isinstance(one, sp.Mod) and other == 0:
                    return _divides(*one.args)
        return [
            made
            for value, case in cases(_whole(left - right)[1])
            for made in guarded([case], [Constraint(expanded(value - strict), isinstance(condition, sp.Eq))])
        ]
    raise UnsupportedError(f"the condition {condition}")


def _divides(e: Any, n: Any) -> Form:
    """`[n | e]`: the one quotient there is, with `n q = e`."""
    if not n.is_positive:
        raise UnsupportedError(f"divisibility by {n}, which is not known to be positive")
    found: Form = []
    for value, case in cases(e):
        q = variable()
        found += times([case], [Term(bound=(q,), guard=(Constraint(expanded(value - n * q), True),))])
    return found


def between(v: Any, low: Any, high: Any) -> Form:
    """`[low <= v <= high]`: bounds that are a maximum or a minimum of others are so many bounds."""
    lows = low.args if isinstance(low, sp.Max) else (low,)
    highs = high.args if isinstance(high, sp.Min) else (high,)
    found = [Term()]
    for sign, bound in [(1, e) for e in lows] + [(-1, e) for e in highs]:
        if bound in (sp.oo, -sp.oo):
            if bound != -sign * sp.oo:
                raise UnsupportedError(f"the limit {bound} of a sum")
            continue
        by, whole = _whole(bound)
        bounded = [(Constraint(expanded(sign * (by * v - value))), case) for value, case in cases(whole)]
        found = times(found, [made for constraint, case in bounded for made in guarded([case], [constraint])])
    return [fresh(t) if t.bound else t for t in found]
