"""Bound names: renaming changes nothing, and what is called alike has one value, by an evaluator of three lines."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.atoms import Maximum, alike, apart, elementwise
from cnnsym.errors import UnsupportedError

i, j, k, o, n, m = sp.symbols("i j k o n m", integer=True)
x, y = sp.IndexedBase("x"), sp.IndexedBase("y")


def value(e: Any, at: dict[Any, int]) -> sp.Expr:
    """By the definition of a sum: the last limit is the outermost. Entries become numbers of no pattern."""
    if isinstance(e, (sp.Sum, Maximum)):
        *inner, (v, first, last) = e.limits
        rest = e.func(e.function, *inner) if inner else e.function
        terms = [value(rest, {**at, v: t}) for t in range(int(first.subs(at)), int(last.subs(at)) + 1)]
        return sp.Max(*terms) if isinstance(e, Maximum) else sp.Add(*terms)
    if isinstance(e, sp.Indexed):
        place = [int(index.subs(at)) for index in e.indices]
        return sp.Integer(hash((str(e.base), *place)) % 97)  # of integers and of a name of this process: one in one run
    return e.func(*(value(part, at) for part in e.args)) if e.args else e.subs(at)


AT = {n: 2, m: 1, o: 1, i: 5, j: 6, k: 7}  # i, j and k are free here and there


@st.composite
def sums(draw: st.DrawFn, depth: int = 2) -> Any:
    index = st.sampled_from([i, j, k, o, n, i + j, j - k])
    entry = st.builds(lambda a, b: x[a, b], index, index) | st.builds(lambda a: y[a], index)
    if depth == 0:
        return draw(entry)
    inner = sums(depth=depth - 1)
    kind = draw(st.sampled_from(["entry", "product", "sum", "binder", "binder", "binder"]))
    if kind == "entry":
        return draw(entry)
    if kind == "product":
        return draw(inner) * draw(inner)
    if kind == "sum":
        return draw(inner) + 2 * draw(inner)
    names = draw(st.lists(st.sampled_from([i, j, k, o]), min_size=1, max_size=2, unique=True))
    last = st.sampled_from([sp.Integer(1), n, m, j - 5])
    binder = draw(st.sampled_from([sp.Sum, sp.Sum, Maximum]))
    limits = [(name, 0, draw(last if binder is sp.Sum else st.sampled_from([sp.Integer(1), m]))) for name in names]
    return binder(draw(inner), *limits)


@given(sums())
def test_names_set_apart_change_no_value(e: Any) -> None:
    assert value(apart(e), AT) == value(e, AT)
    assert alike(apart(apart(e)), apart(e))


@given(sums(), sums())
def test_what_is_alike_has_one_value(a: Any, b: Any) -> None:
    if alike(a, b):
        assert value(a, AT) == value(b, AT)


@given(sums(), st.permutations([i, j, k, o]))
def test_permuted_names_are_alike_only_where_the_value_stays(e: Any, names: list[Any]) -> None:
    swapped = e.xreplace(dict(zip([i, j, k, o], names, strict=True)))
    if alike(e, swapped):
        assert value(e, AT) == value(swapped, AT)


def test_the_order_of_independent_indices_is_no_difference() -> None:
    body = x[i, j] * y[k] * x[j, o]
    limits = [(i, 0, n), (j, 0, m), (k, 0, n)]
    one = sp.Sum(body, *limits)
    for others in permutations(limits):
        assert alike(one, sp.Sum(body, *others))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (sp.Sum(x[i, o], (i, 0, n)), sp.Sum(x[o, o], (o, 0, n))),
        (sp.Sum(x[i, j], (i, 0, n), (j, 0, m)), sp.Sum(x[j, i], (i, 0, n), (j, 0, m))),
        (sp.Sum(x[i, j], (i, 0, j), (j, 0, m)), sp.Sum(x[i, j], (j, 0, m), (i, 0, j))),
        (sp.Sum(x[i, j], (i, 0, n)), sp.Sum(x[i, j], (j, 0, n))),
        (sp.Sum(x[i, j], (i, 0, n)), sp.Sum(x[i, j], (i, 1, n))),
        (sp.Sum(y[i], (i, 0, n)), Maximum(y[i], (i, 0, n))),
        (sp.Sum(y[i] * sp.Sum(y[i], (i, 0, n)), (i, 0, n)), sp.Sum(y[i] * sp.Sum(y[j], (i, 0, n)), (j, 0, n))),
        (sp.Sum(y[o] * sp.Sum(x[i, o], (i, 0, n)), (o, 0, n)), sp.Sum(y[o] * sp.Sum(x[i, i], (i, 0, n)), (o, 0, n))),
    ],
)
def test_what_differs_is_not_alike(a: Any, b: Any) -> None:
    assert not alike(a, b)


def test_infinite_sums_are_not_exchanged() -> None:
    """The sum of 1 at (i, i) and -1 at (i, i + 1) over natural numbers is 0 in one order, and 1 in the other."""
    limits = (i, 0, sp.oo), (j, 0, sp.oo)
    body = sp.KroneckerDelta(i, j) - sp.KroneckerDelta(i + 1, j)
    assert not alike(sp.Sum(body, *limits), sp.Sum(body, *reversed(limits)))
    assert alike(sp.Sum(y[i], (i, 0, sp.oo)), sp.Sum(y[j], (j, 0, sp.oo)))


def test_a_factor_beside_an_inner_sum_keeps_its_index() -> None:
    """Where SymPy's `as_dummy` gives the outer and the inner index one name."""
    body = sp.Sum(y[o] * sp.Sum(x[i, o], (i, 0, 1)), (o, 0, 1))
    t = sp.Symbol("t", real=True)
    applied = elementwise(sp.Lambda(t, t * body)).value(y[i])  # i is bound in the body, so the names are set apart
    expected = sum(y[a] * x[b, a] for a in range(2) for b in range(2)) * y[i]
    assert sp.expand(applied.doit() - expected) == 0


def test_a_bound_name_in_the_length_of_an_array_is_refused() -> None:
    short = sp.IndexedBase("z", shape=(i,))
    with pytest.raises(UnsupportedError, match="the length of z"):
        apart(sp.Sum(short[i], (i, 0, n)))
    assert not alike(sp.Sum(short[i], (i, 0, n)), sp.Sum(short[j], (j, 0, n)))
