"""Tricky false statements, one or more for each feature: none may be proved. Beside them true ones that must still be."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy.tensor.indexed import Idx

from cnnsym import Maximum, dims, elementwise, indicator, signal
from cnnsym.affine_form import same_form
from cnnsym.affine_form.lower import Lowering
from cnnsym.affine_form.nested import Registry
from cnnsym.affine_form.simplify import all_simplified
from cnnsym.affine_form.solver import Solver
from cnnsym.affine_form.term import Constraint
from cnnsym.atoms import apart
from cnnsym.calculus.entrywise import partial
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.prover import prove
from cnnsym.verdict import Unknown

a, b, n, t, u, v, q = sp.symbols("a b n t u v q", integer=True)
r = sp.Symbol("r", real=True)
K, P, N, M, s = dims("K P N M s")
x, y = signal("x", K), signal("y", P)
line, other = signal("z", sp.oo), signal("w", sp.oo)
circle, wheel = signal("c", N, grid="circular"), signal("d", M, grid="circular")
long = signal("e", s * N, grid="circular")
six, twelve = signal("p", 6, grid="circular"), signal("r", 12, grid="circular")
f = elementwise("f")
Eq, Mod, Sum, oo = sp.Eq, sp.Mod, sp.Sum, sp.oo


def turn(e):
    return sp.exp(2 * sp.pi * sp.I * e)


def piecewise(value, condition):
    return sp.Piecewise((value, condition), (0, True))


index = Idx("i", (K, P))
integers = sp.IndexedBase("I", shape=(K,), integer=True)
shared = f(circle[a] * line[a - b])
near = sp.And(a - b >= 0, a - b <= K)

FALSE = {
    # A nested form is a function of what it takes from outside, where a name occurs twice in it.
    "two positions share a name": (
        Sum(shared, (a, 0, N - 1), (b, 0, K - 1)),
        Sum(shared, (a, t, t + N - 1), (b, 0, K - 1)),
        (),
    ),
    "a period that a triangular number has not": (
        Sum(f(circle[a * (a - 1) / 2]), (a, 0, N - 1)),
        Sum(f(circle[a * (a - 1) / 2]), (a, t, t + N - 1)),
        (),
    ),
    "a period that an array of integers has not": (
        Sum(f(circle[integers[a]]), (a, 0, N - 1)),
        Sum(f(circle[integers[a]]), (a, t, t + N - 1)),
        (),
    ),
    "a period that a power has not": (
        Sum(f(circle[2 ** (a**2)]), (a, 0, N - 1)),
        Sum(f(circle[2 ** (a**2)]), (a, t, t + N - 1)),
        (),
    ),
    "two periods at once": (
        Sum(f(circle[a] * wheel[a]), (a, 0, N - 1)),
        Sum(f(circle[a] * wheel[a]), (a, t, t + N - 1)),
        (),
    ),
    "a nested sum whose length is the outer index": (
        Sum(f(Sum(line[b], (b, 0, a))), (a, 0, K - 1)),
        Sum(f(Sum(line[b], (b, 0, K - 1))), (a, 0, K - 1)),
        (),
    ),
    # Circular axes.
    "a period shorter than the array's": (Sum(long[a], (a, 0, N - 1)), Sum(long[a], (a, t, t + N - 1)), ()),
    "a stride along a circle": (Sum(circle[2 * a], (a, 0, N - 1)), Sum(circle[a], (a, 0, N - 1)), ()),
    "a length that varies": (Sum(1, (u, 0, a**2), (a, 0, N - 1)), Sum(1, (u, 0, a**2), (a, t, t + N - 1)), ()),
    "an index that is no residue": (Sum(a * circle[a], (a, 0, N - 1)), Sum(a * circle[a], (a, 1, N)), ()),
    "a remainder by another length": (circle[Mod(n, M)], circle[n], ()),
    "a bracket modulo another length": (
        Sum(circle[a] * indicator(Eq(Mod(a, s), 0)), (a, 0, N - 1)),
        Sum(circle[a] * indicator(Eq(Mod(a, s), 0)), (a, t, t + N - 1)),
        (),
    ),
    "a geometric sum that does not vanish": (Sum(turn(a * n / N), (a, 0, N - 1)), sp.S.Zero, ()),
    "a square in the phase": (
        Sum(turn(u * v / N) * indicator(Eq(Mod(u + v, N), 0)), (u, 0, N - 1), (v, 0, N - 1)),
        sp.S.Zero,
        (),
    ),
    "half a turn over an odd circle": (
        Sum((-1) ** a * circle[a], (a, 0, N - 1)),
        Sum((-1) ** a * circle[a], (a, 1, N)),
        (),
    ),
    # Quotients and conditions.
    "the quotient of a negative number": (sp.floor(-n / s), -sp.floor(n / s), ()),
    "a quotient shared by two positions": (line[sp.floor(n / s)] * other[sp.floor((n + 1) / s)], line[0] * other[0], ()),
    "halves between bounds": (Sum(indicator(sp.And(v >= n / 2, v <= n / 2 + 1)), (v, -oo, oo)), sp.Integer(2), ()),
    "halves strictly between bounds": (
        Sum(indicator(sp.And(v > n / 2, v < n / 2 + 2)), (v, -oo, oo)),
        sp.Integer(1),
        (),
    ),
    "halves as limits": (Sum(1, (v, n / 2, n / 2 + 1)), sp.Integer(2), ()),
    "an empty range counts nothing": (Sum(1, (a, 0, n - 1)), n, ()),
    "a range that ends long before it begins": (Sum(1, (a, K, P)), P - K + 1, ()),
    "a disjunction counts once": (
        indicator(sp.Or(Eq(n, 0), Eq(t, 0))),
        indicator(Eq(n, 0)) + indicator(Eq(t, 0)),
        (),
    ),
    "a negation of a remainder": (indicator(sp.Ne(Mod(n, s), 0)), indicator(Eq(Mod(n, s), 1)), ()),
    "limits that are extrema": (Sum(line[a], (a, sp.Max(0, n), K)), Sum(line[a], (a, 0, K)), ()),
    "a denominator that is zero where its bracket is": (
        piecewise(1 / n, n >= 1) + piecewise(1, Eq(n, 0)),
        piecewise(1 / n, n >= 2) + piecewise(1, Eq(n, 1)),
        (),
    ),
    "a sum over nothing of what has no value": (
        Sum(1 / n, (a, 0, t)),
        Sum(1 / n, (a, 0, t)) * indicator(sp.Ne(n, 0)) + indicator(sp.And(Eq(n, 0), Eq(t, -1))),
        (),
    ),
    "the larger of a half and an integer": (2 * sp.Max(n / 2, t) * indicator(sp.Max(n, 2 * t) > 1), sp.S.Zero, ()),
    "the distance from a half": (sp.floor(sp.Abs(n - sp.Rational(1, 2)) + sp.Rational(1, 2)), sp.S.Zero, ()),
    "a sum over infinitely many pairs": (
        Sum((line[a] * other[b] - line[a + 1] * other[b + 1]) * indicator(near), (a, -oo, oo), (b, -oo, oo)),
        sp.S.Zero,
        (),
    ),
    # Bound names.
    "an inner limit hides an outer one": (Sum(x[a], (a, 0, 2), (a, 0, P - 1)), 3 * Sum(x[a], (a, 0, P - 1)), ()),
    "an equation for a name that is bound": (
        Sum(line[t + n], (t, 0, K - 1)),
        Sum(line[2 * n], (n, 0, K - 1)),
        (Eq(t, n),),
    ),
    "an equation that puts in a name that is bound": (
        Sum(line[t + n], (n, 0, K - 1)),
        Sum(line[2 * n], (n, 0, K - 1)),
        (Eq(t, n),),
    ),
    "the range of an index that is bound": (Sum(1, (index, K, P)), P - K + 1, ()),
    "a length that is bound": (Sum(x[K], (K, 0, 3)), sp.S.Zero, ()),
    "the square of a sum": (Sum(line[a], (a, 0, K - 1)) ** 2, Sum(line[a] ** 2, (a, 0, K - 1)), ()),
    "an outer index in a limit": (
        Sum(line[b], (b, 0, a), (a, 0, K - 1)),
        Sum(line[b], (b, 0, K - 1), (a, 0, K - 1)),
        (),
    ),
    # Numbers.
    "the conjugate of a root": (
        sp.conjugate(sp.Pow(-1, sp.Rational(1, 3)) * f(x[n])) * sp.Pow(-1, sp.Rational(1, 3)),
        sp.Pow(-1, sp.Rational(2, 3)) * f(x[n]),
        (),
    ),
    "the conjugate of what is complex": (
        sp.conjugate(Sum(x[a] * sp.Symbol("C", complex=True), (a, 0, K - 1))),
        Sum(x[a] * sp.Symbol("C", complex=True), (a, 0, K - 1)),
        (),
    ),
    "the root of a square": (sp.sqrt(f(n) ** 2), f(n), ()),
    "the conjugate of what may be complex": (sp.conjugate(sp.Symbol("C")) * x[n], sp.Symbol("C") * x[n], ()),
    "a power of two": (Sum(2**a * line[a], (a, 0, K - 1)), Sum(2**a * line[a + 1], (a, 1, K)), ()),
    # Maxima.
    "a maximum over fewer": (Maximum(line[a], (a, 0, K - 1)), Maximum(line[a], (a, 0, K - 2)), ()),
    "an inner limit of a maximum hides an outer one": (
        Maximum(line[a], (a, 0, 2), (a, 0, P - 1)),
        Maximum(line[a], (b, 0, 2), (a, 0, P - 1)),
        (),
    ),
    "a maximum of a product": (
        Maximum(line[a] * other[a], (a, 0, K - 1)),
        Maximum(line[a], (a, 0, K - 1)) * Maximum(other[a], (a, 0, K - 1)),
        (),
    ),
    # Arrays and facts.
    "one name for two arrays": (signal("x", K)[n], signal("x", P)[n], ()),
    "one name on two grids": (signal("c", N)[n], circle[n], ()),
    "a hypothesis about a remainder": (long[n], long[0], (Eq(Mod(n, s), 0),)),
    "a hypothesis on one side of a bracket": (x[n] * indicator(n >= 0), x[n] * indicator(n >= 1), (n <= K,)),
    "a size that another replaces stays positive only": (Sum(1, (a, 0, N - 2)), N, (Eq(N, K),)),
    "the square of a residue": (Mod(n, s) ** 2, Mod(n**2, s), ()),
    "a range of a Kronecker delta": (sp.KroneckerDelta(n, t, (0, 3)), sp.KroneckerDelta(n, t), ()),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_is_not_proved(name):
    left, right, facts = FALSE[name]
    for one, two in ((left, right), (right, left)):
        try:
            proved = same_form(one, two, facts)
        except (UnsupportedError, LimitError):
            proved = False
        assert not proved


TRUE = {
    "two positions share a name": (
        Sum(shared, (a, 0, N - 1), (b, 0, K - 1)),
        Sum(f(circle[u] * line[u - v]), (v, 0, K - 1), (u, 0, N - 1)),
        (),
    ),
    "a variable of the nested sum multiplies an outer one": (
        Sum(f(Sum(line[a * u], (a, 0, K - 1))), (u, 0, P - 1)),
        Sum(f(Sum(line[b * v], (b, 0, K - 1))), (v, 0, P - 1)),
        (),
    ),
    "an inner limit hides an outer one": (Sum(x[a], (a, 0, 2), (a, 0, P - 1)), P * Sum(x[a], (a, 0, 2)), ()),
    "a limit does not bind its own bounds": (Sum(line[a], (a, 0, a)), Sum(line[b], (b, 0, a)), ()),
    "an equation leaves bound names alone": (
        Sum(line[t + n], (t, 0, K - 1)),
        Sum(line[u + 3], (u, 0, K - 1)),
        (Eq(n, 3), Eq(t, 7)),
    ),
    "a free index is in its range": (indicator(index >= K), sp.S.One, ()),
    "halves between bounds": (
        Sum(line[v] * indicator(v > n / 2), (v, 0, K)),
        Sum(line[v] * indicator(2 * v >= n + 1), (v, 0, K)),
        (),
    ),
    "one denominator": (
        piecewise(1 / n, n >= 1),
        piecewise(1 / n, n >= 2) + piecewise(1, Eq(n, 1)),
        (),
    ),
    "a conjugate of real numbers": (sp.conjugate(sp.I * r * x[n]), -sp.I * r * x[n], ()),
    "a sum over nothing of what has a value": (Sum(x[n] / K, (a, 0, t)), (t + 1) * x[n] / K * indicator(t >= 0), ()),
    "residues that meet modulo a divisor of both lengths": (
        Sum(six[2 * u + v] * twelve[v] * indicator(Eq(Mod(u + v, 3), 0)), (u, 0, 5), (v, 0, 11)),
        2 * Sum(six[-v] * twelve[v], (v, 0, 11)),
        (),
    ),
    "denominators of sizes": (x[n] / K - x[n] / P, x[n] * (P - K) / (K * P), ()),
    "a length that is a sum of sizes": (
        Sum(f(signal("h", N + K, grid="circular")[a]), (a, 0, N + K - 1)),
        Sum(f(signal("h", N + K, grid="circular")[a + t]), (a, 0, N + K - 1)),
        (),
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_statement_beside_them_is_proved(name):
    left, right, facts = TRUE[name]
    assert same_form(left, right, facts)


def test_facts_that_contradict_each_other_prove_nothing():
    with pytest.raises(UnsupportedError, match="no integers satisfy"):
        same_form(x[0], sp.S.Zero, [Eq(n, 1), Eq(n, 2)])


def test_inexact_numbers_are_refused_in_phases_and_positions():
    for e in (turn(0.5 * n), line[2.0 * n]):
        with pytest.raises(UnsupportedError):
            same_form(e, e)


def test_quotients_that_undo_each_other_come_to_an_end():
    def total(i, j):
        condition = sp.And(i + j + 1 >= 0, sp.Ne(Mod(i + j * s, K), i * s + j * s + n))
        return Sum(f(circle[i - j] * indicator(condition)), (a, 0, P - 1), (b, 0, K - 1))

    assert not same_form(total(a, b), total(b, a))


def test_a_derivative_leaves_a_name_alone_that_a_sum_only_ends_at():
    found = partial(Sum(line[b], (b, 0, b)), line[b])
    (own, _, high) = found.limits[0]
    assert high == b
    assert own != b
    assert same_form(found, 1, [b >= 0])


def test_there_is_a_limit_for_all_questions_of_a_statement(monkeypatch):
    monkeypatch.setattr("cnnsym.affine_form.solver.SECONDS", 0.0)
    with pytest.raises(LimitError, match="questions about integers"):
        Solver(()).contradicts([Constraint(n * t - 7)])


@pytest.mark.parametrize("order", [((u, 0, 5), (v, 0, 11)), ((v, 0, 11), (u, 0, 5))])
@pytest.mark.parametrize("slope", [1, -1, 5])
def test_every_residue_stays_one(order, slope):
    meet = indicator(Eq(Mod(slope * u + v, 3), 0))
    solver = Solver(())
    form = Lowering(Registry(solver, frozenset())).scalar(Sum(six[v] * twelve[v] * six[u] * meet, *order))
    (term,) = all_simplified(form, solver)
    assert len(term.circular) == 2
    for name, length in term.circular:
        for factor in term.factors:
            for slot, period in zip(factor.slots, factor.periods, strict=True):
                assert slot.coeff(name) * length % period == 0


def test_there_is_a_limit_of_time_for_a_statement(monkeypatch):
    left, right = Sum(line[a], (a, 0, K - 1)), Sum(line[a - 1], (a, 1, K))
    monkeypatch.setattr("cnnsym.affine_form.clock.SECONDS", 0.0)
    with pytest.raises(LimitError, match="time limit: the statement takes over 0 seconds"):
        same_form(left, right)


GROUPED = Sum(line[u] * indicator(Eq(sp.floor(u / s), sp.floor(n / s))), (u, 0, s * N - 1))
IN_RANGE = (n >= 0, n < s * N)


@pytest.mark.parametrize(("seconds", "in_time"), [(1, False), (8, False), (1_000, True)])
def test_the_limit_of_time_is_looked_at_on_the_way(monkeypatch, seconds, in_time):
    looks = iter(range(10_000))
    monkeypatch.setattr("cnnsym.affine_form.clock.time.process_time", lambda: float(next(looks)))
    monkeypatch.setattr("cnnsym.affine_form.clock.SECONDS", float(seconds))
    if in_time:
        assert same_form(GROUPED, GROUPED.xreplace({u: v}), IN_RANGE)
    else:
        with pytest.raises(LimitError, match="time limit"):
            same_form(GROUPED, GROUPED.xreplace({u: v}), IN_RANGE)
        assert next(looks) == seconds + 1


def test_a_statement_out_of_time_is_unknown(monkeypatch):
    monkeypatch.setattr("cnnsym.affine_form.clock.SECONDS", 0.0)
    verdict = prove(GROUPED, GROUPED.xreplace({u: v}), IN_RANGE)
    assert isinstance(verdict, Unknown)
    assert any("affine form: time limit" in one for one in verdict.tried)


def test_bound_names_are_set_apart():
    inner = Sum(line[a + b], (a, 0, b), (b, 0, a))
    made = apart(inner)
    (first, _, up), (second, _, last) = made.limits
    assert (up, last) == (second, a)
    assert made.function == line[first + second]
    assert made.free_symbols & {a, b, first, second} == {a}
