"""Plain evaluation: statements compiled to closures on a list of values, by walking their tree; no solver, no simplification.

Values are integers and fractions, so that every answer is exact. What is undefined raises an ArithmeticError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, prod
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import sympy as sp

from cnnsym.atoms import Indicator
from cnnsym.errors import UnsupportedError

LONGEST_SUM = 2_000

Number = int | Fraction
Values = list[Any]
Compiled = Callable[[Values], Any]
Place = Mapping[Any, int]  # where in the list each symbol stands

_RELATIONS = {sp.Eq: eq, sp.Ne: ne, sp.Lt: lt, sp.Le: le, sp.Gt: gt, sp.Ge: ge}
_NUMBERS: Mapping[Any, Callable[..., Number]] = {
    sp.Add: lambda *a: sum(a),
    sp.Mul: lambda *a: prod(a),
    sp.floor: floor,
    sp.ceiling: ceil,
    sp.Max: max,
    sp.Min: min,
    sp.Abs: abs,
    sp.Mod: lambda a, b: a - b * floor(Fraction(a) / b),
    sp.KroneckerDelta: lambda a, b: int(a == b),
    Indicator: int,
}


def holds(statement: Any, values: Mapping[Any, Any]) -> bool | None:
    """The truth of a statement at integers; None where it is undefined.

    >>> n = sp.Symbol("n", integer=True)
    >>> holds(sp.floor(n / 2) > 1, {n: 4}), holds(1 / n > 0, {n: 0})
    (True, None)
    """
    symbols = list(values)
    try:
        return bool(
            Compiler().compiled(statement, {s: k for k, s in enumerate(symbols)})([int(values[s]) for s in symbols])
        )
    except ArithmeticError:
        return None


class Compiler:
    """Makes closures; each term of a sum that one of them evaluates takes one from the number in `meter`."""

    def __init__(self, meter: list[int] | None = None) -> None:
        self.meter = [0] if meter is None else meter

    def compiled(self, e: Any, place: Place) -> Compiled:
        """A function of the list of values; UnsupportedError for what cannot be evaluated."""
        if e in place:
            k = place[e]
            return lambda v: v[k]
        if e in (sp.true, sp.false) or e.is_Rational:
            constant = (
                bool(e) if e in (sp.true, sp.false) else (int(e) if e.is_Integer else Fraction(int(e.p), int(e.q)))
            )
            return lambda v: constant
        if isinstance(e, sp.Sum):
            return self._sum(e, place)
        if isinstance(e, sp.Piecewise):
            cases = [(self.compiled(case, place), self.compiled(condition, place)) for case, condition in e.args]
            return lambda v: _first(cases, v)
        parts = [self.compiled(a, place) for a in e.args]
        if type(e) in _NUMBERS:
            operation = _NUMBERS[type(e)]
            return lambda v: operation(*[part(v) for part in parts])
        if type(e) in _RELATIONS:
            relation = _RELATIONS[type(e)]
            left, right = parts
            return lambda v: relation(left(v), right(v))
        if isinstance(e, sp.Pow) and e.exp.is_Integer:
            base, exponent = parts[0], int(e.exp)
            return lambda v: Fraction(base(v)) ** exponent if exponent < 0 else base(v) ** exponent
        return _connective(e, parts)

    def scopes(self, limits: Sequence[Any], place: Place) -> tuple[Place, Callable[[Values], Iterator[Values]]]:
        """Where the indices of ranges stand, and the values with each of theirs; the last range is the outermost."""
        inner = dict(place)
        ranges: list[tuple[Compiled, Compiled]] = []
        for variable, first, last in reversed(limits):
            ranges.append((self.compiled(first, inner), self.compiled(last, inner)))
            inner = {**inner, variable: max(inner.values(), default=-1) + 1}

        def each(v: Values, depth: int) -> Iterator[Values]:
            if depth == len(ranges):
                yield v
                return
            first, last = (bound(v) for bound in ranges[depth])
            if last - first > LONGEST_SUM or first != int(first) or last != int(last):
                raise ArithmeticError("a long range, or one that does not run over integers")
            self.meter[0] -= max(0, int(last - first) + 1)
            for value in range(int(first), int(last) + 1):
                yield from each([*v, value], depth + 1)

        return inner, lambda v: each(v, 0)

    def _sum(self, e: Any, place: Place) -> Compiled:
        inner, each = self.scopes(e.limits, place)
        summand = self.compiled(e.function, inner)
        return lambda v: sum(summand(scope) for scope in each(v))


def _connective(e: Any, parts: Sequence[Compiled]) -> Compiled:
    """Every part is evaluated: where one is undefined, so is the whole."""

    def truths(v: Values) -> list[bool]:
        return [bool(part(v)) for part in parts]

    match e:
        case sp.And():
            return lambda v: all(truths(v))
        case sp.Or():
            return lambda v: any(truths(v))
        case sp.Not():
            return lambda v: not truths(v)[0]
        case sp.Implies():
            return lambda v: truths(v) != [True, False]
        case sp.Equivalent():
            return lambda v: len(set(truths(v))) == 1
        case sp.ITE():
            return lambda v: truths(v)[1 if truths(v)[0] else 2]
    raise UnsupportedError(f"{e} in a statement that is to be evaluated")


def _first(cases: Sequence[tuple[Compiled, Compiled]], v: Values) -> Number:
    for case, condition in cases:
        if condition(v):
            return case(v)
    raise ArithmeticError("no case applies")
