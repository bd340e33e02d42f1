"""Questions to an SMT solver (Z3): can polynomial relations between integers and reals hold together?

Products of unknowns are asked about twice. First each product is a variable of its own, and the solver is told instances of
laws that hold for products (monotonicity, the sign of a square): that question is linear, quickly decided, and if nothing
satisfies it, nothing satisfies the relations. Only then are the products themselves handed to the solver, within a time limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal, NamedTuple

import sympy as sp
import z3

from cnnsym.errors import UnsupportedError

MILLISECONDS = 10_000  # for one question to the solver
COFACTORS = 10  # for one factor
LAWS = 3_000  # instances in one question

_RELATIONS = {sp.Eq: eq, sp.Ne: ne, sp.Lt: lt, sp.Le: le, sp.Gt: gt, sp.Ge: ge}

Monomial = tuple[tuple[Any, int], ...]  # symbols with their exponents
Polynomial = Mapping[Monomial, Any]


class Answer(NamedTuple):
    """The answer "unsat" is a proof; "sat" comes with values, to be checked by the caller; "unknown" says nothing."""

    kind: Literal["sat", "unsat", "unknown"]
    values: Mapping[Any, Any] | None = None


def satisfiable(relations: Iterable[Any], milliseconds: int | None = None) -> Answer:
    """Whether values of the symbols exist at which all relations hold, integers for integer symbols and reals for others.

    A relation is a SymPy relational between polynomials with rational coefficients, or And, Or, Not, Implies, Equivalent of
    such. UnsupportedError for anything else.

    >>> x, y = sp.symbols("x y", integer=True)
    >>> satisfiable([x > 0, y > 0, x * y < x]).kind
    'unsat'
    """
    milliseconds = MILLISECONDS if milliseconds is None else milliseconds
    kept, solved = _solve_equations(list(relations))
    question = _Question(kept)
    first = question.ask(products=False, milliseconds=milliseconds)
    if first.kind == "unsat" or (first.kind == "sat" and not question.products):
        return _completed(first, solved)
    for tactic in ("", "qfnra-nlsat" if question.is_real else "qfnia"):
        answer = question.ask(products=True, milliseconds=milliseconds // 2, tactic=tactic)
        if answer.kind != "unknown":
            return _completed(answer, solved)
    return Answer("unknown")


def _completed(answer: Answer, solved: Sequence[tuple[Any, Any]]) -> Answer:
    if answer.values is None:
        return answer
    values = dict(answer.values)
    for symbol, value in reversed(solved):
        free = {s: values.get(s, sp.S.Zero) for s in value.free_symbols}
        values[symbol] = value.xreplace(free)
    return Answer(answer.kind, values)


def _solve_equations(relations: list[Any]) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """The relations with every symbol replaced that an equation among them gives as a polynomial in the others."""
    relations = [part for r in relations for part in sp.And.make_args(r)]
    solved: list[tuple[Any, Any]] = []
    while found := next(filter(None, map(_solution, relations)), None):
        solved.append(found)
        symbol, value = found
        relations = [part for r in relations for part in sp.And.make_args(r.xreplace({symbol: value}))]
        relations += [relation(value, 0) for relation in _sign(symbol)]
    return [r for r in relations if r != sp.true], solved


def _sign(symbol: Any) -> list[Any]:
    """What the assumptions of a symbol say about its sign, as relations to 0."""
    known = {
        sp.Gt: symbol.is_positive,
        sp.Lt: symbol.is_negative,
        sp.Ge: symbol.is_nonnegative,
        sp.Le: symbol.is_nonpositive,
    }
    return [relation for relation, holds in known.items() if holds][:1]


def _solution(relation: Any) -> tuple[Any, Any] | None:
    if not isinstance(relation, sp.Eq):
        return None
    terms = polynomial(relation.lhs - relation.rhs)
    for monomial, c in sorted(terms.items(), key=str):
        if len(monomial) == 1 and monomial[0][1] == 1:
            symbol = monomial[0][0]
            if any(symbol == s for other in terms if other != monomial for s, _ in other):
                continue
            rest = [-d / c for other, d in terms.items() if other != monomial]
            if symbol.is_integer and not all(r.is_Integer for r in rest):
                continue
            if symbol.is_integer and not all(s.is_integer for other in terms for s, _ in other):
                continue
            return symbol, sp.Add(*(-d / c * _product(other) for other, d in terms.items() if other != monomial))
    return None


def _product(monomial: Monomial) -> Any:
    return sp.Mul(*(s**k for s, k in monomial))


def polynomial(e: Any) -> Polynomial:
    """The polynomial as a map from monomials to rational coefficients; UnsupportedError where it is none."""
    terms: dict[Monomial, Any] = {}
    for term in sp.Add.make_args(sp.expand(e)):
        coefficient, rest = term.as_coeff_Mul(rational=True)
        if not coefficient.is_Rational:
            raise UnsupportedError(f"{coefficient} in a relation")
        powers: dict[Any, int] = {}
        for factor in sp.Mul.make_args(rest):
            base, exponent = factor.as_base_exp()
            if factor == 1:
                continue
            if not (base.is_Symbol and base.is_real and exponent.is_Integer and exponent > 0):
                raise UnsupportedError(f"{factor} in a relation between polynomials of real symbols")
            powers[base] = powers.get(base, 0) + int(exponent)
        key = tuple(sorted(powers.items(), key=lambda item: (str(item[0]), item[0].sort_key())))
        terms[key] = terms.get(key, sp.S.Zero) + coefficient
    return {key: c for key, c in terms.items() if c != 0}


class _Question:
    """The relations as formulas for the solver, whose variables are numbered: two symbols of one name are two."""

    def __init__(self, relations: list[Any]) -> None:
        self._relations = relations
        self._polynomials: dict[Any, Polynomial] = {}
        for relation in relations:
            self._collect(relation)
        terms = {m for p in self._polynomials.values() for m in p}
        symbols = sorted({s for m in terms for s, _ in m}, key=lambda s: (str(s), s.sort_key()))
        self._variables = {s: (z3.Int if s.is_integer else z3.Real)(f"v{k}") for k, s in enumerate(symbols)}
        self.is_real = not any(s.is_integer for s in symbols)
        self.products = any(sum(k for _, k in m) > 1 for m in terms)
        self._opaque: dict[Monomial, Any] = {}

    def _collect(self, e: Any) -> None:
        if isinstance(e, sp.core.relational.Relational):
            if e not in self._polynomials:
                self._polynomials[e] = polynomial(e.lhs - e.rhs)
        elif isinstance(e, (sp.And, sp.Or, sp.Not, sp.Implies, sp.Equivalent)):
            for a in e.args:
                self._collect(a)
        elif e not in (sp.true, sp.false):
            raise UnsupportedError(f"{type(e).__name__} in a statement about numbers")

    def ask(self, *, products: bool, milliseconds: int, tactic: str = "") -> Answer:
        solver = z3.Tactic(tactic).solver() if tactic else z3.Solver()
        solver.set("timeout", max(milliseconds, 1))
        if not tactic:
            solver.set("random_seed", 0)
        solver.add(*(self._boolean(r, products) for r in self._relations))
        for symbol, variable in self._variables.items():
            for relation in _sign(symbol):
                solver.add(_RELATIONS[relation](variable, 0))
        if self.products and not tactic:
            solver.add(*self._laws(products))
        try:
            answer = solver.check()
        except z3.Z3Exception:  # a tactic that does not apply
            return Answer("unknown")
        if answer == z3.unsat:
            return Answer("unsat")
        if answer != z3.sat:
            return Answer("unknown")
        return Answer("sat", self._values(solver.model()))

    def _values(self, model: Any) -> Mapping[Any, Any] | None:
        values = {}
        for s, v in self._variables.items():
            value = model.eval(v, model_completion=True)
            if z3.is_int_value(value):
                values[s] = sp.Integer(value.as_long())
            elif z3.is_rational_value(value):
                values[s] = sp.Rational(value.numerator_as_long(), value.denominator_as_long())
            else:  # an algebraic number
                return None
        return values

    def _boolean(self, e: Any, products: bool) -> Any:
        if e in (sp.true, sp.false):
            return z3.BoolVal(e == sp.true)
        if isinstance(e, (sp.And, sp.Or, sp.Not, sp.Implies)):
            join = {sp.And: z3.And, sp.Or: z3.Or, sp.Not: z3.Not, sp.Implies: z3.Implies}[type(e)]
            return join(*(self._boolean(a, products) for a in e.args))
        if isinstance(e, sp.Equivalent):
            first, *others = (self._boolean(a, products) for a in e.args)
            return z3.And(*(first == other for other in others))
        return _RELATIONS[type(e)](self._sum(self._polynomials[e], products), 0)

    def _sum(self, p: Polynomial, products: bool) -> Any:
        scale = reduce(sp.ilcm, (c.q for c in p.values()), 1)  # positive, so that the relation stays
        parts = [int(c * scale) * self._term(m, products) for m, c in sorted(p.items(), key=str)]
        return z3.Sum(*parts) if parts else z3.IntVal(0)

    def _term(self, m: Monomial, products: bool) -> Any:
        if not m:
            return z3.IntVal(1)
        factors = [self._variables[s] for s, k in m for _ in range(k)]
        if products or len(factors) == 1:
            return reduce(lambda a, b: a * b, factors)
        if m not in self._opaque:
            kind = z3.Int if all(s.is_integer for s, _ in m) else z3.Real
            self._opaque[m] = kind(f"p{len(self._opaque)}")
        return self._opaque[m]

    def _laws(self, products: bool) -> list[Any]:
        """Instances of laws of products that may help; each holds for all numbers."""
        found: list[Any] = []
        for factor in self._variables:
            for law in self._monotonicity(factor, products):
                if len(found) >= LAWS:
                    return found
                found.append(law)
        for m in sorted({m for p in self._polynomials.values() for m in p}, key=str):
            if m and all(k % 2 == 0 for _, k in m):
                found.append(self._term(m, products) >= 0)
            if len(m) == 2 and all(k == 1 for _, k in m):  # (x + y)^2 and (x - y)^2
                (x, _), (y, _) = m
                squares = self._term(((x, 2),), products) + self._term(((y, 2),), products)
                found += [squares >= 2 * self._term(m, products), squares >= -2 * self._term(m, products)]
        return found

    def _monotonicity(self, factor: Any, products: bool) -> Iterator[Any]:
        """`s*a <= s*b` for s >= 0 and a <= b, and more of the kind, for the cofactors a, b of the factor s."""
        s = self._variables[factor]
        cofactors = _cofactors(factor, self._polynomials.values())
        if not cofactors:
            return
        zero, one = {}, {(): sp.S.One}  # type: tuple[Polynomial, Polynomial]
        for a, b in combinations([zero, one, *cofactors], 2):
            difference = _minus(a, b)
            if not any(difference):  # a number
                continue
            times = {m: c for m, c in _times(factor, difference).items() if c}
            d, sd = self._sum(difference, products), self._sum(times, products)
            scale = reduce(sp.ilcm, (c.q for c in difference.values()), 1)
            yield z3.Implies(z3.Or(s == 0, d == 0), sd == 0)
            for positive, sign in [(s > 0, 1)] + [(s < 0, -1)] * (not factor.is_nonnegative):
                yield z3.Implies(z3.And(positive, d > 0), sign * sd > 0)
                yield z3.Implies(z3.And(positive, d < 0), sign * sd < 0)
                # For d >= c also s*d >= s*c: with c = 1 and 2 that is what makes windows and quotients meet.
                for c in (1, 2):
                    bound = int(c * scale)
                    yield z3.Implies(z3.And(positive, d >= bound), sign * sd >= sign * bound * s)
                    yield z3.Implies(z3.And(positive, d <= -bound), sign * sd <= -sign * bound * s)


def _cofactors(factor: Any, polynomials: Iterable[Polynomial]) -> list[Polynomial]:
    """What a symbol is multiplied by: `q` and `n + 1` for s in `s*q - e` and `s*n + s`; first whole sums, then single terms."""
    whole: list[Polynomial] = []
    single: list[Polynomial] = []
    for p in polynomials:
        collected: dict[Monomial, Any] = {}
        for m, c in p.items():
            exponents = dict(m)
            if factor in exponents:
                rest = tuple((s, k - (s == factor)) for s, k in m if s != factor or k > 1)
                collected[rest] = c
                if rest:
                    single.append({rest: sp.S.One})
        if any(collected):
            leading = collected[min((m for m in collected if m), key=str)]
            whole.append({m: -c if leading < 0 else c for m, c in collected.items()})
    distinct = {str(sorted(p.items(), key=str)): p for p in [*whole, *single]}
    return list(distinct.values())[:COFACTORS]


def _minus(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for m, c in b.items():
        total[m] = total.get(m, sp.S.Zero) - c
    return {m: c for m, c in total.items() if c}


def _times(factor: Any, p: Polynomial) -> Polynomial:
    scaled = {}
    for m, c in p.items():
        powers = dict(m)
        powers[factor] = powers.get(factor, 0) + 1
        scaled[tuple(sorted(powers.items(), key=lambda item: (str(item[0]), item[0].sort_key())))] = c
    return scaled
