"""Questions to the solver: "unsat" is never contradicted by values, and the laws it is told hold for all numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
import sympy as sp
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsym.errors import UnsupportedError
from cnnsym.purification import Purification
from cnnsym.solver import _Question, polynomial, satisfiable

x, y, z = sp.symbols("x y z", integer=True)
s, t = sp.symbols("s t", integer=True, positive=True)
u, v = sp.symbols("u v", real=True)

UNSAT: dict[str, list[Any]] = {
    "a product that is too small": [x > 0, y > 0, x * y < x],
    "windows": [s * x <= z, s * y > z - s, y < x - 1, z >= 0],
    "a square": [u * u + v * v < 2 * u * v],
    "no root of 2": [sp.Eq(x * x, 2 * 4), x > -10, x < 10],
    "parity": [sp.Eq(2 * x, 2 * y + 1)],
    "an equation is used": [sp.Eq(x, s * y), sp.Ne(x * t, s * y * t)],
    "an equation keeps the sign": [sp.Eq(s, x + 1), x < 0],
    "fractions": [sp.Eq(x / 2 + sp.Rational(1, 3), sp.Rational(1, 2))],
    "cases": [sp.Equivalent(x > 0, y > 0), x > 0, y <= 0],
    "reals between integers": [sp.Eq(u, x), x < u],
}
SAT: dict[str, list[Any]] = {
    "reals are no integers": [sp.Eq(2 * u, 1)],
    "a product": [x > 1, y > 1, x * y < 5],
    "equations": [sp.Eq(x, 3 * y + 1), sp.Eq(y, z - 7), x > 10],
    "signs": [sp.Eq(s, x), x < 2],
    "a root": [sp.Eq(u * u, 2)],
}


@pytest.mark.parametrize("relations", UNSAT.values(), ids=UNSAT)
def test_unsat(relations: list[Any]) -> None:
    assert satisfiable(relations).kind == "unsat"


@pytest.mark.parametrize("relations", SAT.values(), ids=SAT)
def test_sat_with_values_that_do(relations: list[Any]) -> None:
    answer = satisfiable(relations)
    assert answer.kind == "sat"
    if answer.values is not None:
        assert all(r.subs(answer.values) == sp.true for r in relations)
        assert all(e > 0 for symbol, e in answer.values.items() if symbol.is_positive)


POLYNOMIALS = st.lists(
    st.tuples(st.integers(-2, 2), st.integers(0, 2), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=3
).map(lambda terms: sum((c * x**i * y**j * s**k for c, i, j, k in terms), sp.S.Zero))
RELATIONS = st.builds(
    lambda relation, p, c: relation(p, c),
    st.sampled_from([sp.Le, sp.Lt, sp.Eq, sp.Ne]),
    POLYNOMIALS,
    st.integers(-3, 3),
)


@settings(max_examples=40)
@given(st.lists(RELATIONS, min_size=2, max_size=4))
def test_no_values_contradict_unsat(relations: list[Any]) -> None:
    answer = satisfiable(relations, 300)
    if answer.kind == "unsat":
        for a, b, c in product(range(-4, 5), range(-4, 5), range(1, 5)):
            assert not all(r == sp.true or r.subs({x: a, y: b, s: c}) == sp.true for r in relations)
    elif answer.kind == "sat" and answer.values is not None:
        assert all(r == sp.true or r.subs(answer.values) == sp.true for r in relations)


@settings(max_examples=15)
@given(POLYNOMIALS, POLYNOMIALS, st.integers(-6, 6), st.integers(-6, 6), st.integers(1, 6), st.booleans())
def test_the_laws_hold(p: Any, q: Any, a: int, b: int, c: int, real: bool) -> None:
    """Each law that the solver is told, at integers and at fractions."""
    swap = {x: u, y: v, s: sp.Symbol("w", positive=True)} if real else {}
    question = _Question([sp.Le(e.xreplace(swap), z.xreplace(swap)) for e in (p, q) if e.free_symbols])
    at = {swap.get(k, k): Fraction(e, 2) if real else Fraction(e) for k, e in ((x, a), (y, b), (s, c), (z, 5))}
    at[z] = Fraction(5)
    numbers = {variable: at[symbol] for symbol, variable in question._variables.items()}
    for law in question._laws(products=True):
        where = [variable == z3.Q(n.numerator, n.denominator) for variable, n in numbers.items()]
        solver = z3.Solver()
        solver.add(*where, z3.Not(law))
        assert solver.check() == z3.unsat, law


@pytest.mark.parametrize(
    "relation",
    [sp.Eq(2**x, 4), sp.Eq(sp.floor(u), 1), sp.Symbol("a") > 0, sp.Xor(x > 0, y > 0), sp.pi * x > 3],
    ids=str,
)
def test_what_is_no_relation_between_polynomials(relation: Any) -> None:
    with pytest.raises(UnsupportedError):
        satisfiable([relation])


def test_polynomial() -> None:
    assert polynomial((x + y) * (x - y)) == {((x, 2),): 1, ((y, 2),): -1}
    assert polynomial(x - x) == {}
    assert polynomial(x / 2 + 3) == {((x, 1),): sp.Rational(1, 2), (): 3}


# --- names for floor, Mod, Max and cases -----------------------------------------------------------------------------------

TERMS: dict[str, Any] = {
    "floor": sp.floor((2 * x - y) / s),
    "ceiling": sp.ceiling(x / (s * t)),
    "remainder": sp.Mod(x * y, s),
    "nested": sp.floor(sp.ceiling(x / s) / t) + sp.Mod(sp.floor(y / 2), 3),
    "largest": sp.Max(x, y, s - t),
    "smallest of absolute values": sp.Min(sp.Abs(x - y), sp.Abs(x)),
    "cases": sp.Piecewise((x, x > y), (sp.floor(y / s), x > 0), (-1, True)),
    "delta": sp.KroneckerDelta(x, y) * x,
    "quotient": x / s + y / t,
}


@pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)
def test_a_name_has_the_value_that_is_named_and_no_other(term: Any) -> None:
    for values in (
        {x: 5, y: -3, s: 2, t: 3},
        {x: -7, y: 4, s: 3, t: 1},
        {x: 0, y: 0, s: 1, t: 2},
        {x: 6, y: 6, s: 4, t: 5},
    ):
        value = term.subs(values)
        for number, kind in ((value, "sat"), (value + 1, "unsat"), (value - 1, "unsat")):
            purification = Purification()
            relation = purification.boolean(sp.Eq(term, number))
            facts = [r.subs(values) for r in [relation, *purification.definitions]]
            assert satisfiable(facts).kind == kind
            assert all(condition.subs(values) == sp.true for condition, _ in purification.conditions)


def test_conditions_name_what_must_be_positive() -> None:
    purification = Purification()
    purification.boolean(sp.Eq(sp.floor(x / y), sp.Mod(x, z)))
    assert [condition for condition, _ in purification.conditions] == [y > 0, z > 0]
    assert [known for _, known in purification.conditions] == [0, 2]


@pytest.mark.parametrize(
    "term", [sp.floor(u), sp.floor(u / 2 + x), sp.sqrt(x), sp.Mod(x, -2, evaluate=False), sp.cos(u)], ids=str
)
def test_what_has_no_name(term: Any) -> None:
    with pytest.raises(UnsupportedError):
        Purification().boolean(sp.Eq(term, y))
