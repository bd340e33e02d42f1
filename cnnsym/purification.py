"""Statements with floor, Mod, Max, Abs, cases as polynomial relations: each such term is named, and the name defined.

A name is a fresh symbol. Its definition holds for exactly one value of it, whatever the values of the other symbols are, so
nothing more follows with it than without. Where a definition needs something for that (a positive divisor), that is a
condition, which has to follow from the hypotheses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from cnnsym.errors import UnsupportedError


@dataclass
class Purification:
    """Names for the terms of one question; `definitions` may be used once their `conditions` are known to hold.

    `conditions` holds pairs: a relation, and how many definitions may be used to show it. `divisions` counts the relations
    that were multiplied by a divisor: such a relation says what it said only if the conditions hold, so it must not be used
    to show them.

    >>> n, s = sp.symbols("n s", integer=True, positive=True)
    >>> purification = Purification()
    >>> purification.boolean(sp.Ge(sp.floor(n / s), 1))
    _q - 1 >= 0
    >>> purification.definitions
    [-_q*s + n >= 0, _q*s - n + s > 0]
    """

    definitions: list[Any] = field(default_factory=list)
    conditions: list[tuple[Any, int]] = field(default_factory=list)
    divisions: int = 0
    _names: dict[Any, Any] = field(default_factory=dict)

    def boolean(self, e: Any) -> Any:
        """The same statement with polynomial relations to 0 only; UnsupportedError where there is no such statement."""
        if e in (sp.true, sp.false):
            return e
        if isinstance(e, sp.ITE):
            condition, yes, no = (self.boolean(a) for a in e.args)
            return sp.Or(sp.And(condition, yes), sp.And(sp.Not(condition), no))
        if isinstance(e, (sp.And, sp.Or, sp.Not, sp.Implies, sp.Equivalent)):
            return e.func(*(self.boolean(a) for a in e.args))
        if isinstance(e, Relational) and type(e) in (sp.Eq, sp.Ne, sp.Lt, sp.Le, sp.Gt, sp.Ge):
            return self._relation(type(e), *e.args)
        raise UnsupportedError(f"{e} in a statement about numbers")

    def _relation(self, relation: Any, left: Any, right: Any = sp.S.Zero) -> Any:
        numerator, denominator = self._fraction(self.term(left) - self.term(right))
        if not denominator.is_Rational:
            condition = (sp.Ne if relation in (sp.Eq, sp.Ne) else sp.Gt)(denominator, 0)
            self._condition(condition)
            self.divisions += condition != sp.true
        return relation(numerator, 0)

    def _require(self, positive: Any) -> None:
        if not positive.is_Rational:
            self._condition(sp.Gt(positive, 0))

    def _condition(self, condition: Any) -> None:
        if condition != sp.true and condition not in [c for c, _ in self.conditions]:
            self.conditions.append((condition, len(self.definitions)))

    @staticmethod
    def _fraction(e: Any) -> tuple[Any, Any]:
        """Numerator and denominator, expanded; a numeric denominator is positive."""
        numerator, denominator = sp.fraction(sp.together(e))
        numerator, denominator = sp.expand(numerator), sp.expand(denominator)
        if denominator.is_Rational and denominator < 0 or denominator.could_extract_minus_sign():
            numerator, denominator = -numerator, -denominator
        return sp.expand(numerator), sp.expand(denominator)

    def term(self, e: Any) -> Any:
        """The same number with names for what is no sum, product, quotient or power."""
        if e.is_Rational or e.is_Symbol:
            return e
        if isinstance(e, (sp.Add, sp.Mul)) or (isinstance(e, sp.Pow) and e.exp.is_Integer and abs(e.exp) <= 8):
            return e.func(*(self.term(a) for a in e.args))
        if isinstance(e, sp.floor):
            return self._quotient(self.term(e.args[0]))
        if isinstance(e, sp.ceiling):
            return -self._quotient(-self.term(e.args[0]))
        if isinstance(e, sp.Mod):
            whole, by = (self.term(a) for a in e.args)
            if not by.is_Rational:
                self._require(by)
            elif by <= 0:
                raise UnsupportedError(f"a remainder by {by}")
            return whole - by * self._quotient(whole / by)
        if isinstance(e, (sp.Max, sp.Min)):
            relation = sp.Ge if isinstance(e, sp.Max) else sp.Le
            return reduce(lambda a, b: self._extreme(relation, a, b), (self.term(a) for a in e.args))
        if isinstance(e, sp.Abs):
            inner = self.term(e.args[0])
            return self._extreme(sp.Ge, inner, -inner)
        if isinstance(e, sp.KroneckerDelta):
            return self.term(sp.Piecewise((1, sp.Eq(e.args[0], e.args[1])), (0, True)))
        if isinstance(e, sp.Piecewise):
            return self._cases([(self.term(value), self.boolean(condition)) for value, condition in e.args])
        raise UnsupportedError(f"{e} in a statement about numbers")

    def _quotient(self, e: Any) -> Any:
        """`floor(e)`: of a quotient of integers whose divisor is positive."""
        numerator, denominator = self._fraction(e)
        for part in (numerator, denominator):
            integral = all(c.is_Integer for c in part.as_coefficients_dict().values())
            if not integral or not all(s.is_integer for s in part.free_symbols):
                raise UnsupportedError(f"floor({e}), which is no quotient of integers")
        if denominator == 1:
            return numerator
        self._require(denominator)
        return self._named(
            ("floor", numerator, denominator),
            sp.Dummy("q", integer=True),
            lambda q: [
                sp.Ge(sp.expand(numerator - denominator * q), 0),
                sp.Gt(sp.expand(denominator * q + denominator - numerator), 0),
            ],
        )

    def _extreme(self, relation: Any, a: Any, b: Any) -> Any:
        def define(v: Any) -> list[Any]:
            equal = sp.Or(self._relation(sp.Eq, v, a), self._relation(sp.Eq, v, b))
            return [self._relation(relation, v, a), self._relation(relation, v, b), equal]

        return self._named((relation.__name__, a, b), _fresh("v", [a, b]), define)

    def _cases(self, cases: list[tuple[Any, Any]]) -> Any:
        """The value of the first case whose condition holds; that there is one is a condition."""
        self._condition(sp.Or(*(condition for _, condition in cases)))

        def define(v: Any) -> list[Any]:
            found, before = [], sp.true
            for value, condition in cases:
                found.append(sp.Implies(sp.And(before, condition), self._relation(sp.Eq, v, value)))
                before = sp.And(before, sp.Not(condition))
            return found

        return self._named(("cases", *cases), _fresh("v", [value for value, _ in cases]), define)

    def known(self, statements: Iterable[Any]) -> tuple[list[Any], list[Any]]:
        """The statements in relations to 0, and those of them that may be used to show the conditions."""
        every, plain = [], []
        for part in (part for s in statements for part in sp.And.make_args(s)):
            before = self.divisions
            every.append(self.boolean(part))
            if self.divisions == before:
                plain.append(every[-1])
        return every, plain

    def _named(self, key: Any, name: Any, define: Callable[[Any], list[Any]]) -> Any:
        if key not in self._names:
            self._names[key] = name
            self.definitions += define(name)
        return self._names[key]


def _fresh(name: str, values: list[Any]) -> Any:
    """A symbol for one of the values: an integer where all of them are."""
    return sp.Dummy(name, integer=True) if all(v.is_integer for v in values) else sp.Dummy(name, real=True)
