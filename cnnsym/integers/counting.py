"""How many integers meet a condition: sums of indicators over ranges as closed forms with floor, Max and Min.

The condition bounds the variable, `s*n <= e` for s > 0 by `n <= floor(e/s)`; the number of integers from `a` to `b` is
`Max(0, b - a + 1)`. A divisibility `s | n + b` is counted by the quotients.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from cnnsym.atoms import Indicator, indicator
from cnnsym.errors import UnsupportedError


def counted(e: Any) -> Any:
    """The expression or statement with every sum over ranges replaced by its closed form; UnsupportedError where none is known.

    Indicators outside of sums become cases.

    >>> n, m = sp.symbols("n m", integer=True)
    >>> counted(sp.Sum(indicator(2 * n <= m), (n, 0, m)))
    Max(0, Min(m, floor(m/2)) + 1)
    """
    return _cases(_sums(e))


def _sums(e: Any) -> Any:
    """The same without sums, the indicators left."""
    if not e.has(sp.Sum):
        return e
    if not isinstance(e, sp.Sum):
        return e.func(*(_sums(a) for a in e.args))
    summand, limits = _with_plain_indices(e)
    total = _sums(summand)
    for variable, first, last in limits:  # the first is the innermost
        total = _over(total, variable, _sums(first), _sums(last))
    return total


def _with_plain_indices(e: Any) -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """The summand and the limits of a sum with plain integers for its indices.

    An index takes all values of its range: from what its assumptions say of its sign, SymPy would draw false conclusions.
    """
    summand = e.function
    limits: list[tuple[Any, Any, Any]] = []
    for variable, *bounds in e.limits:
        own = {variable: sp.Dummy(str(variable), integer=True)}
        summand = summand.xreplace(own)
        limits = [(v, first.xreplace(own), last.xreplace(own)) for v, first, last in limits]
        limits.append((own[variable], *bounds))
    return summand, limits


def _cases(e: Any) -> Any:
    """The same without indicators."""
    if isinstance(e, Indicator):
        return sp.Piecewise((1, _cases(e.condition)), (0, True))
    return e.func(*(_cases(a) for a in e.args)) if e.has(Indicator) else e


def _over(e: Any, n: Any, first: Any, last: Any) -> Any:
    """The sum of `e` for n from first to last."""
    if isinstance(e, sp.Add):
        return sp.Add(*(_over(term, n, first, last) for term in e.args))
    free: list[Any] = []
    brackets: list[Any] = []
    for factor in sp.Mul.make_args(e):
        (brackets if n in factor.free_symbols else free).append(factor)
    conditions = []
    for bracket in brackets:
        value, condition = _case(bracket, n)
        free.append(value)
        conditions += sp.And.make_args(condition)
    within = [c for c in conditions if n in c.free_symbols]
    without = [c for c in conditions if n not in c.free_symbols]
    return sp.Mul(*free, indicator(sp.And(*without)), _number(within, n, first, last))


def _case(factor: Any, n: Any) -> tuple[Any, Any]:
    """`(value, condition)` of a factor that is the value where the condition holds and 0 elsewhere."""
    if isinstance(factor, Indicator):
        return sp.S.One, factor.condition
    if isinstance(factor, sp.KroneckerDelta):
        return sp.S.One, sp.Eq(factor.args[0], factor.args[1])
    if isinstance(factor, sp.Piecewise) and len(factor.args) == 2 and factor.args[1] == (sp.S.Zero, sp.true):
        value, condition = factor.args[0]
        if n not in value.free_symbols:
            return value, condition
    raise UnsupportedError(f"{factor} in a sum over {n}, which only counts")


@dataclass
class _Bounds:
    lower: list[Any]
    upper: list[Any]
    divisibility: list[tuple[Any, Any]] = field(default_factory=list)  # (s, b): s divides n + b


def _number(conditions: list[Any], n: Any, first: Any, last: Any) -> Any:
    if not (first.is_integer and last.is_integer):
        raise UnsupportedError(f"a sum over {n} from {first} to {last}, which are not known to be integers")
    bounds = _Bounds([first], [last])
    for condition in conditions:
        _restrict(bounds, condition, n)
    lower, upper = sp.Max(*bounds.lower), sp.Min(*bounds.upper)
    if len(bounds.divisibility) > 1:
        raise UnsupportedError(f"several divisibilities of {n}")
    for s, b in bounds.divisibility:
        lower, upper = sp.ceiling((lower + b) / s), sp.floor((upper + b) / s)
    return sp.Max(0, upper - lower + 1)


def _restrict(bounds: _Bounds, condition: Any, n: Any) -> None:
    if isinstance(condition, sp.And):
        for part in condition.args:
            _restrict(bounds, part, n)
        return
    if not isinstance(condition, Relational):
        raise UnsupportedError(f"{condition} in a condition on {n} that is counted")
    left, right = condition.lhs, condition.rhs
    if isinstance(condition, sp.Eq) and isinstance(left, sp.Mod) and right == 0:
        slope, offset = _linear(left.args[0], n)
        if abs(slope) != 1 or n in left.args[1].free_symbols:
            raise UnsupportedError(f"the divisibility {condition}")
        bounds.divisibility.append((left.args[1], sp.expand(slope * offset)))
        return
    for one, other in ((left, right), (right, left)):  # |u| <= v says u <= v and -u <= v
        if isinstance(one, sp.Abs) and isinstance(condition, (sp.Le, sp.Lt) if one == left else (sp.Ge, sp.Gt)):
            relation = sp.Lt if isinstance(condition, (sp.Lt, sp.Gt)) else sp.Le
            _restrict(bounds, relation(one.args[0], other), n)
            _restrict(bounds, relation(-one.args[0], other), n)
            return
    slope, offset = _linear(left - right, n)
    if not (slope.is_positive or slope.is_negative):
        raise UnsupportedError(f"{condition}: the sign of the factor of {n} is not known")
    if slope.is_negative and not isinstance(condition, sp.Eq):
        condition = condition.reversed
    _bound(bounds, condition, *((slope, offset) if slope.is_positive else (-slope, -offset)))


def _bound(bounds: _Bounds, condition: Any, slope: Any, offset: Any) -> None:
    """`slope*n + offset` in the relation of `condition` to 0, for integers, slope > 0."""
    match condition:
        case sp.Le():
            bounds.upper.append(sp.floor(-offset / slope))
        case sp.Lt():
            bounds.upper.append(sp.floor((-offset - 1) / slope))
        case sp.Ge():
            bounds.lower.append(sp.ceiling(-offset / slope))
        case sp.Gt():
            bounds.lower.append(sp.ceiling((-offset + 1) / slope))
        case sp.Eq():
            bounds.upper.append(sp.floor(-offset / slope))
            bounds.lower.append(sp.ceiling(-offset / slope))
        case _:
            raise UnsupportedError(f"{condition} in a condition that is counted")


def _linear(e: Any, n: Any) -> tuple[Any, Any]:
    """`(a, b)` with `e = a*n + b`, both free of n and integers."""
    e = sp.expand(e)
    slope = e.coeff(n, 1)
    offset = sp.expand(e - slope * n)
    if n in offset.free_symbols or n in slope.free_symbols or not (slope.is_integer and offset.is_integer):
        raise UnsupportedError(f"{e}, which is not linear in {n} with integer coefficients")
    return slope, offset
