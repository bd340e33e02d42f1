"""The canonical form depends on what is said, not on how it is written down."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsym.atoms import (
    commutation,
    diag,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    relu,
    scalar,
    trace,
    unvec,
    vector,
)
from cnnsym.errors import InternalError, LimitError, ShapeError
from cnnsym.index_form import canonical, difference, labelling, term
from cnnsym.index_form.canonical import close, term_key
from cnnsym.index_form.functions import reduced
from cnnsym.index_form.index import Digit, Index, constant, joined, split, substituted
from cnnsym.index_form.lower import Lowering
from cnnsym.index_form.term import Form, Term, factor, fresh, instantiate
from cnnsym.sizes import dims

m, n = dims("m n")
A, B, C = matrix("A", m, n), matrix("B", n, n), matrix("C", n, m)
x, y, w = vector("x", n), vector("y", m), vector("w", m * n)
f, J = elementwise("f"), objective("J")
s = scalar("s")
k, l = sp.symbols("k l", integer=True)
signal = sp.IndexedBase("u", shape=(n,))

SCALARS: dict[str, Any] = {
    "trace": trace(A * B * C * A * C),
    "trace of a power": trace(B**6),
    "quadratic form squared": (x.T * B * x)[0, 0] ** 2 * trace(B),
    "Hadamard of equal columns": (ones(1, n) * hadamard(x, x, x, f(x)))[0, 0],
    "sum over pairs": sp.Sum(signal[k] * signal[l] * B[k, l], (k, 0, n - 1), (l, 0, n - 1)),
    "nested": J(f(A * f(B * x))) + trace(sp.Inverse(B + B.T)) ** 2,
    "Kronecker": trace(kron(A, C) * kron(C, A)),
    "softmax": sp.log((ones(1, n) * x.applyfunc(sp.exp))[0, 0]),
    "vec": trace(unvec(commutation(m, n) * w, n, m) * A * C * A),
    "explicit": sp.Determinant(B) * trace(diag(f(x)) * B) * relu(s - 1),
}


def lowered(e: Any) -> Form:
    return reduced(Lowering().scalar(e))


def shuffled(terms: Form, rng: random.Random) -> Form:
    """The same form with other bound indices, in another order of terms, factors and indices."""
    result = []
    for c, fs, bound in fresh(terms):
        factors, indices = list(fs), list(bound)
        rng.shuffle(factors)
        rng.shuffle(indices)
        result.append((c, tuple(factors), tuple(indices)))
    rng.shuffle(result)
    return result


@pytest.mark.parametrize("e", SCALARS.values(), ids=SCALARS)
@settings(max_examples=15)
@given(rng=st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(e: Any, rng: random.Random) -> None:
    terms = lowered(e)
    expected, _ = close(terms)
    found, _ = close(shuffled(terms, rng))
    assert found == expected
    assert found.digest == expected.digest


@settings(max_examples=60)
@given(st.data())
def test_equal_keys_come_from_equal_graphs_of_indices(data: Any) -> None:
    """Random contractions of one matrix: relabelled they have the same key; with an edge turned, one graph in two has not."""
    count = data.draw(st.integers(2, 6))
    edges = data.draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), min_size=2, max_size=8))
    order = data.draw(st.permutations(range(count)))
    assert _key(edges, count) == _key([(order[a], order[b]) for a, b in edges], count)
    turned = [(b, a) if k == 0 else (a, b) for k, (a, b) in enumerate(edges)]
    assert (_key(edges, count) == _key(turned, count)) == _isomorphic(edges, turned, count)


def _key(edges: list[tuple[int, int]], count: int) -> Any:
    indices = [Index(n) for _ in range(count)]
    fs = tuple((("A", B), ((indices[a],), (indices[b],)), 1) for a, b in edges)
    used = tuple(i for k, i in enumerate(indices) if any(k in edge for edge in edges))
    return term_key((Fraction(1), fs, used), {})


def _isomorphic(left: list[tuple[int, int]], right: list[tuple[int, int]], count: int) -> bool:
    """By trying every relabelling."""
    wanted = sorted(left)
    return any(sorted((p[a], p[b]) for a, b in right) == wanted for p in permutations(range(count)))


WRITINGS: dict[str, tuple[Any, Any]] = {
    "association": (sp.MatMul(A, sp.MatMul(B, C)), sp.MatMul(sp.MatMul(A, B), C)),
    "order of terms": (sp.MatAdd(B, B.T, 2 * B), sp.MatAdd(2 * B, B, B.T)),
    "order of scalars": (sp.MatMul(s, 2, A), 2 * A * s),
    "order of summation": (
        sp.Sum(signal[k] * B[k, l], (k, 0, n - 1), (l, 0, n - 1)),
        sp.Sum(signal[k] * B[k, l], (l, 0, n - 1), (k, 0, n - 1)),
    ),
    "nested sums": (
        sp.Sum(signal[k] * sp.Sum(B[k, l], (l, 0, n - 1)), (k, 0, n - 1)),
        sp.Sum(signal[k] * B[k, l], (k, 0, n - 1), (l, 0, n - 1)),
    ),
    "names of summation indices": (
        sp.Sum(signal[k] * B[k, l], (k, 0, n - 1), (l, 0, n - 1)),
        sp.Sum(signal[l] * B[l, k], (l, 0, n - 1), (k, 0, n - 1)),
    ),
    "one name in two sums": (
        sp.Sum(signal[k], (k, 0, n - 1)) * sp.Sum(signal[k], (k, 0, n - 1)),
        sp.Sum(signal[k] * signal[l], (k, 0, n - 1), (l, 0, n - 1)),
    ),
}


@pytest.mark.parametrize(("left", "right"), WRITINGS.values(), ids=WRITINGS)
def test_writing_does_not_matter(left: Any, right: Any) -> None:
    assert difference(left, right).is_zero


SCRIPT = """
import sympy as sp
from cnnsym import commutation, dims, elementwise, hadamard, kron, matrix, objective, trace, vec, vector
from cnnsym.index_form.canonical import close
from cnnsym.index_form.lower import Lowering
m, n = dims("m n")
A, B, x = matrix("A", m, n), matrix("B", n, n), vector("x", n)
f, J = elementwise("f"), objective("J")
for e in (
    trace(kron(A, B) * kron(A.T, B.T)), (x.T * B * x)[0, 0] ** 3, J(f(A * f(B * x) + A * x)),
    trace(commutation(m, n) * kron(B, A * A.T) * commutation(n, m)), sp.log(1 + trace(B * B) ** 2) / trace(B + B.T),
    trace(hadamard(B, B.T, B)) * sp.exp(trace(B)) * sp.Determinant(B + 2 * B.T),
):
    print(close(Lowering().scalar(e))[0].digest)
"""


def test_digests_do_not_depend_on_the_hash_seed() -> None:
    seen = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "77")
    }
    assert len(seen) == 1
    assert len(seen.pop().split()) == 6


# --- slots -----------------------------------------------------------------------------------------------------------


def test_a_slot_is_cut_in_order() -> None:
    i, j = Index(m), Index(n)
    assert split((i, j), m) == ((i,), (j,))
    assert split((i, j), n) is None
    assert split((j, i), n) == ((j,), (i,))
    whole = Index(m * n)
    fast, slow = split((whole,), m) or ((), ())
    assert [c.size for c in fast + slow] == [m, n]
    assert whole.parts == fast + slow


def test_a_constant_keeps_its_radix_before_the_end() -> None:
    i, j = Index(m), Index(n)
    zero = (sp.S.Zero,)
    assert substituted((i, j), {i: zero}) == (Digit(0, m), j)
    assert substituted((j, i), {j: zero}) == (Digit(0, n), i)
    assert substituted((i, j), {j: zero}) == (i, 0)
    assert substituted((i, j), {i: (sp.Integer(2),), j: (sp.Integer(3),)}) == (2 + 3 * m,)
    assert joined([((sp.Integer(1),), 2), ((sp.Integer(2),), 3)]) == (5,)
    assert constant((Digit(1, m), Digit(2, n), sp.Integer(1))) == 1 + 2 * m + m * n


# --- what may not go wrong silently ----------------------------------------------------------------------------------


def test_a_lost_index_is_an_error() -> None:
    lost: Term = (Fraction(1), ((("A", x), ((Index(n),), ()), 1),), ())
    with pytest.raises(InternalError, match="neither bound nor free"):
        term_key(lost, {})


def test_shapes_must_agree() -> None:
    with pytest.raises(ShapeError, match="m x n.*n x m"):
        difference(A, C)


LIMITS: list[tuple[str, Any, str, int, Callable[[], Any]]] = [
    ("terms", term, "MAX_TERMS", 50, lambda: difference((s + trace(B) + trace(B * B)) ** 8, s)),
    ("branches", labelling, "MAX_CHOICES", 3, lambda: difference(_ring(9), _ring(9))),
]


def _ring(length: int) -> Any:
    """Equal symmetric factors in a ring, and every index with one more factor: nothing tells the indices apart."""
    b = sp.HadamardProduct(B, B.T)
    return trace(sp.MatMul(*([b] * length)))


@pytest.mark.parametrize(("module", "name", "value", "run"), [c[1:] for c in LIMITS], ids=[c[0] for c in LIMITS])
def test_a_limit_is_an_error(
    module: Any, name: str, value: int, run: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setattr(module, name, value)
    with pytest.raises(LimitError, match=str(value)):
        run()


def test_without_arrangements_the_form_is_still_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "MAX_ARRANGEMENTS", 1)
    assert not difference(f(B), f(B.T)).is_zero
    assert not difference(f(x * x.T + B), f(x * x.T + B.T)).is_zero
    assert difference(f(B), f(B)).is_zero


@pytest.mark.parametrize("length", [3, 6, 12])
def test_automorphisms_are_found_on_the_way(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """12 equal factors on one index, and rings: linear in the symmetry, not its factorial."""
    monkeypatch.setattr(labelling, "MAX_CHOICES", 2 * length * length)
    assert difference(_ring(length), _ring(length)).is_zero
    star = (ones(1, n) * hadamard(*[B * x] * length))[0, 0]
    assert difference(star, star).is_zero


def test_a_key_filled_is_the_form_again() -> None:
    for e in SCALARS.values():
        key, slots = close(lowered(e))
        assert close(instantiate(key, slots))[0] == key


def test_the_empty_form_is_zero() -> None:
    assert difference(A - A, sp.ZeroMatrix(m, n)).is_zero
    assert close([])[0].content == ()
    assert close(factor(("n", s)))[0].content != ()
