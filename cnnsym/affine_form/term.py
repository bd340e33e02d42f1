"""Terms: a coefficient times entries of arrays at affine integer positions, summed over the integer points of a guard.

A form is a list of terms, their sum. A term is

    coefficient * e^(2 pi i phase) * product of factors,   summed over all integers `bound` that satisfy the `guard`.

Every bound variable runs over all integers; what limits it stands in the guard, a tuple of constraints. An array that is zero
outside its range brings that range into the guard, so that nothing is ever read outside an array. The variables of a
`circular` pair `(v, n)` run over the residues modulo n instead.

This is the iteration domain and the access functions of the polyhedral model (Feautrier, Dataflow analysis of array and
scalar references, 1991), with coefficients that may be symbolic: strides, dilations, sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import sympy as sp

from cnnsym.errors import LimitError

MAX_TERMS = 2_000  # of one form
MAX_FACTORS = 200  # of one term
UNNAMED = "v"  # how a variable prints before it has a canonical name


class Name(sp.Symbol):
    """The canonical name of a bound variable. A class of its own, so that no symbol of a statement is equal to it."""


class Hole(sp.Symbol):
    """An integer that a nested form takes from outside."""


class Constraint(NamedTuple):
    """`value >= 0`, or `value = 0` where `equal`; the value is an integer polynomial."""

    value: Any
    equal: bool = False


class Factor(NamedTuple):
    """An array or a function of integers, at positions: `head` holds every parameter it has.

    `periods` has the period of each slot, None along an axis that is not circular.
    """

    head: tuple[Any, ...]
    slots: tuple[Any, ...]
    periods: tuple[Any, ...]


@dataclass(frozen=True)
class Term:
    coefficient: Any = sp.S.One
    factors: tuple[Factor, ...] = ()
    bound: tuple[Any, ...] = ()
    guard: tuple[Constraint, ...] = ()
    phase: Any = sp.S.Zero
    circular: tuple[tuple[Any, Any], ...] = ()

    def __post_init__(self) -> None:
        if len(self.factors) > MAX_FACTORS:
            raise LimitError(f"a product of over {MAX_FACTORS} factors (the limit)")

    @property
    def variables(self) -> tuple[Any, ...]:
        return self.bound + tuple(v for v, _ in self.circular)


Form = list[Term]
ONE: Form = [Term()]


def variable() -> Any:
    """A new bound variable."""
    return sp.Dummy(UNNAMED, integer=True)


@lru_cache(maxsize=65536)
def expanded(e: Any) -> Any:
    """The polynomial multiplied out, so that equal polynomials are equal expressions."""
    return sp.expand(e)


@lru_cache(maxsize=65536)
def is_integer(e: Any) -> bool:
    """Whether a polynomial with rational coefficients, over another, is an integer polynomial."""
    parts = sp.Add.make_args(e)
    if all(_is_integer_monomial(t) for t in parts):
        return True
    if all(map(_is_monomial, parts)):
        return False  # and one of them is none of an integer polynomial
    above, below = sp.fraction(sp.cancel(e))
    return bool(below == 1 and above.is_integer and not above.has(sp.I, sp.pi))


def _is_monomial(t: Any) -> bool:
    """Whether t is a product of powers of symbols and a number."""
    return all(f.is_Symbol or f.is_Rational or (f.is_Pow and f.base.is_Symbol) for f in sp.Mul.make_args(t))


def _is_integer_monomial(t: Any) -> bool:
    for f in sp.Mul.make_args(t):
        power = f.is_Pow and f.exp.is_Integer and f.exp > 0 and f.base.is_Symbol and f.base.is_integer
        if not (f.is_Integer or power or (f.is_Symbol and f.is_integer)):
            return False
    return True


@lru_cache(maxsize=65536)
def ratio(e: Any, n: Any) -> Any:
    """`e / n` in lowest terms, term by term where that is enough."""
    plain = sp.Add(*(t / n for t in sp.Add.make_args(e)))
    return plain if all(map(_is_monomial, sp.Add.make_args(plain))) else sp.cancel(e / n)


@lru_cache(maxsize=65536)
def linear(e: Any, v: Any) -> tuple[Any, Any] | None:
    """`(a, b)` with `e = a*v + b` and v in neither; None where e is not linear in v."""
    e = expanded(e)
    if v not in e.free_symbols:
        return sp.S.Zero, e
    a = e.coeff(v, 1)
    b = expanded(e - a * v)
    return None if v in b.free_symbols or v in a.free_symbols else (a, b)


def substituted(term: Term, swap: Mapping[Any, Any]) -> Term:
    """The term with variables replaced by integer expressions, and taken from those that are summed over."""
    return replace(
        renamed(term, swap),
        bound=tuple(v for v in term.bound if v not in swap),
        circular=tuple(pair for pair in term.circular if pair[0] not in swap),
    )


def renamed(term: Term, swap: Mapping[Any, Any]) -> Term:
    """The term with symbols replaced everywhere but in the lists of its own variables."""

    def put(e: Any) -> Any:
        return expanded(e.xreplace(swap)) if not swap.keys().isdisjoint(e.free_symbols) else e

    return replace(
        term,
        coefficient=put(term.coefficient),
        factors=tuple(f._replace(slots=tuple(map(put, f.slots))) for f in term.factors),
        guard=tuple(c._replace(value=put(c.value)) for c in term.guard),
        phase=put(term.phase),
    )


def fresh(term: Term) -> Term:
    """A copy with variables of its own."""
    swap = {v: variable() for v in term.variables}
    if not swap:
        return term
    copy = renamed(term, swap)
    return replace(
        copy,
        bound=tuple(swap[v] for v in term.bound),
        circular=tuple((swap[v], n) for v, n in term.circular),
    )


def times(*forms: Form) -> Form:
    """The product of forms that share no variable."""
    result = ONE
    for form in forms:
        if len(result) * len(form) > MAX_TERMS:
            raise LimitError(f"expanding gives over {MAX_TERMS} terms (the limit)")
        result = [_product(a, b) for a in result for b in form]
    return result


def _product(a: Term, b: Term) -> Term:
    return Term(
        a.coefficient * b.coefficient,
        a.factors + b.factors,
        a.bound + b.bound,
        tuple(dict.fromkeys(a.guard + b.guard)),
        a.phase + b.phase,
        a.circular + b.circular,
    )


def scaled(form: Form, by: Any) -> Form:
    return [replace(t, coefficient=t.coefficient * by) for t in form]


def guarded(form: Form, constraints: Iterable[Constraint]) -> Form:
    """The form where the constraints hold, zero elsewhere."""
    more = tuple(constraints)
    return [replace(t, guard=tuple(dict.fromkeys(t.guard + more))) for t in form]


def over(form: Form, *variables: Any) -> Form:
    """The sum of the form over all integer values of free variables."""
    return [replace(t, bound=t.bound + variables) for t in form]


def symbols(term: Term) -> set[Any]:
    """Every symbol that occurs in a term, its own variables included."""
    parts = (term.coefficient, term.phase, *(c.value for c in term.guard))
    slots = chain.from_iterable(f.slots for f in term.factors)
    return set().union(*(e.free_symbols for e in (*parts, *slots)))
