"""False statements are refuted at small exact values; true ones never are; the answer is reproducible and can be redone."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnsym import atoms
from cnnsym.atoms import Gradient, Jacobian, commutation, diag, hadamard, kron, trace, vec
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.evaluate import Search, evaluate_at, find_counterexample
from cnnsym.sizes import dims

m, n, p, q, r = dims("m n p q r")
A, X, B = atoms.matrix("A", m, n), atoms.matrix("X", n, p), atoms.matrix("B", p, q)
C, D = atoms.matrix("C", n, r), atoms.matrix("D", q, r)
P, Q, R = (atoms.matrix(name, n, n) for name in "PQR")
a, b = atoms.vector("a", m), atoms.vector("b", n)
f, J = atoms.elementwise("f"), atoms.objective("J")
W, s, c = atoms.matrix("W", m, n), atoms.vector("s", n), atoms.vector("c", m)
V, d = atoms.matrix("V", n, n), atoms.vector("d", n)
t, u, x = (atoms.scalar(name) for name in "tux")
H, L = dims("H W")
i, j = sp.Idx("i", H), sp.Idx("j", L)
h, w, g, e = sp.symbols("h w g e", integer=True)
signal = sp.IndexedBase("x", shape=(H, L))


def cosine(k: Any, place: Any, length: Any) -> Any:
    return sp.cos(sp.pi * k / length * (place + sp.Rational(1, 2)))


dct = sp.Sum(signal[g, e] * cosine(h, g, H) * cosine(w, e, L), (g, 0, H - 1), (e, 0, L - 1))


def inverse_dct(weight: Any) -> Any:
    return sp.Sum(weight * dct * cosine(h, i, H) * cosine(w, j, L), (h, 0, H - 1), (w, 0, L - 1))


def once(k: Any) -> Any:
    return sp.Piecewise((1, sp.Eq(k, 0)), (2, True))


outer = atoms.ObjectiveGradient(J, 0, W * f(s) + c)
square_outer = atoms.ObjectiveGradient(J, 0, V * f(s) + d)
LAWS: list[tuple[str, Any, Any]] = [
    ("vec of a product", vec(A * X * B), kron(B.T, A) * vec(X)),
    ("mixed product", kron(A, B) * kron(C, D), kron(A * C, B * D)),
    ("commutation", commutation(m, n) * vec(A), vec(A.T)),
    ("commutation and kron", commutation(p, m) * kron(A, B), kron(B, A) * commutation(q, n)),
    ("trace as vec", trace(A.T * W), vec(A).T * vec(W)),
    ("cyclic trace", trace(P * Q * R), trace(R * P * Q)),
    ("vec of an outer product", vec(a * b.T), kron(b, a)),
    ("diag and hadamard", diag(a) * c, hadamard(a, c)),
    ("diagonal of a product", diag(P * Q), hadamard(P, Q.T) * atoms.ones(n)),
    ("backprop, row", Jacobian(J(W * f(s) + c), s), outer.T * W * diag(f.diff()(s))),
    ("backprop, column", Gradient(J(W * f(s) + c), s), hadamard(f.diff()(s), W.T * outer)),
    ("backprop, weights", Gradient(J(W * f(s) + c), W), outer * f(s).T),
    ("log det", Gradient(sp.log(sp.Determinant(P)), P), P.I.T),
    ("inverse", Jacobian(P.I, P), -kron(P.I.T, P.I)),
    ("trace of a power", Gradient(trace(P**3), P), 3 * (P * P).T),
    ("hessian", Jacobian(Gradient(J(s), s), s), atoms.ObjectiveHessian(J, 0, 0, s)),
    ("shift of a sum", sp.Sum(signal[g, 0], (g, 0, H - 1)), sp.Sum(signal[g - 1, 0], (g, 1, H))),
    ("reversal", sp.Sum(signal[g, 0], (g, 0, H - 1)), sp.Sum(signal[H - 1 - g, 0], (g, 0, H - 1))),
    ("delta", sp.Sum(sp.KroneckerDelta(g, i) * signal[g, j], (g, 0, H - 1)), signal[i, j]),
    ("geometric sum", sp.Sum(2**g, (g, 0, n - 1)), 2**n - 1),
    ("relu", atoms.relu(x), x * (1 + sp.sign(x)) / 2),
    ("derivative of relu", sp.Derivative(atoms.relu(x), x), atoms.step(x)),
]
ENCLOSED: list[tuple[str, Any, Any]] = [
    ("exp", sp.exp(t + u), sp.exp(t) * sp.exp(u, evaluate=False)),
    ("square of sine", sp.sin(t) ** 2 + sp.cos(t) ** 2, 1),
    ("log of exp", sp.log(sp.exp(t, evaluate=False), evaluate=False), t),
    ("inverse DCT", signal[i, j], inverse_dct(once(h) * once(w) / H / L)),
    ("an abstract function of equal arguments", f(sp.exp(t + u)), f(sp.exp(t) * sp.exp(u, evaluate=False))),
    ("sigmoid", sp.Derivative(atoms.sigmoid(t), t), atoms.sigmoid(t) - atoms.sigmoid(t) ** 2),
    ("norm", Gradient(sp.sqrt((s.T * s)[0, 0]), s), s / sp.sqrt((s.T * s)[0, 0])),
]
MISSES: list[tuple[str, Any, Any, dict[str, int]]] = [
    ("vec of the transpose", vec(A), vec(A.T), {"m": 2, "n": 2}),
    ("vec of the transpose, square", vec(P), vec(P.T), {"n": 2}),
    ("kron commutes", kron(a, b), kron(b, a), {"m": 2, "n": 2}),
    ("trace of a swapped product", trace(P * Q * R), trace(P * R * Q), {"n": 2}),
    ("commutation the other way", commutation(n, m) * vec(A), vec(A.T), {"m": 2, "n": 3}),
    ("transpose dropped", Gradient(J(V * f(s) + d), s), hadamard(f.diff()(s), V * square_outer), {"n": 2}),
    ("factor 2", Gradient(trace(P * P), P), P.T, {"n": 1}),
    ("f for f'", Gradient(J(V * f(s)), s), hadamard(f(s), V.T * atoms.ObjectiveGradient(J, 0, V * f(s))), {"n": 1}),
    ("log det without transpose", Gradient(sp.log(sp.Determinant(P)), P), P.I, {"n": 2}),
    ("off by one", sp.Sum(signal[g, 0], (g, 0, H - 1)), sp.Sum(signal[g, 0], (g, 1, H)), {"H": 1, "W": 1}),
    ("DCT inverted without weights", signal[i, j], inverse_dct(1), {"H": 1, "W": 2}),
    ("exp of a product", sp.exp(t * u), sp.exp(t) * sp.exp(u), {}),
    ("a sum inside f", f(t + u), f(t) + f(u), {}),
]


@pytest.mark.parametrize(("lhs", "rhs"), [law[1:] for law in LAWS], ids=[law[0] for law in LAWS])
def test_a_law_is_never_refuted_and_agrees_exactly(lhs: Any, rhs: Any) -> None:
    found = find_counterexample(lhs, rhs, budget=20)
    assert found.counterexample is None, found.counterexample
    assert found.agreed and not found.enclosed
    assert not found.notes


@pytest.mark.parametrize(("lhs", "rhs"), [law[1:] for law in ENCLOSED], ids=[law[0] for law in ENCLOSED])
def test_irrational_values_agree_by_enclosures_only(lhs: Any, rhs: Any) -> None:
    found = find_counterexample(lhs, rhs, budget=20)
    assert found.counterexample is None, found.counterexample
    assert found.enclosed


@pytest.mark.parametrize(("lhs", "rhs", "sizes"), [miss[1:] for miss in MISSES], ids=[miss[0] for miss in MISSES])
def test_a_near_miss_is_refuted_at_the_smallest_sizes_and_can_be_redone(lhs: Any, rhs: Any, sizes: Any) -> None:
    example = find_counterexample(lhs, rhs, budget=20).counterexample
    assert example is not None
    assert example.sizes == sizes
    assert example.lhs != example.rhs
    for side, text in ((lhs, example.lhs), (rhs, example.rhs)):
        value = evaluate_at(side, example.sizes, example.values)
        if isinstance(value, sp.MatrixBase):
            row, col = example.place or (1, 1)
            value = value[row - 1, col - 1]
        assert str(value) == text


def test_the_values_are_exact_and_small() -> None:
    example = find_counterexample(kron(a, b), kron(b, a)).counterexample
    assert example is not None
    assert example.values == {"a": (("1",), ("0",)), "b": (("0",), ("1",))}
    assert (example.place, example.lhs, example.rhs) == ((2, 1), "1", "0")
    assert len(str(example)) < 200
    roots = find_counterexample(sp.Sum(cosine(1, h, n), (h, 0, n - 2)), 0).counterexample
    assert roots is not None
    assert (roots.sizes, roots.lhs, roots.rhs) == ({"n": 2}, "sqrt(2)/2", "0")


def test_what_was_used_of_abstract_functions_is_told() -> None:
    example = find_counterexample(Gradient(J(f(s)), s), atoms.ObjectiveGradient(J, 0, f(s))).counterexample
    assert example is not None
    assert example.sizes == {"n": 1}
    assert {"s", "f(0)", "f'(0)"} <= set(example.values)
    assert any(name.startswith("J'[1,1]([[") for name in example.values)


def test_the_same_search_gives_the_same_answer() -> None:
    for lhs, rhs in ((vec(A * X), vec((A * X).T)), (f(t + u), f(t) + f(u)), (trace(P * Q), trace(Q * P))):
        first, second = (find_counterexample(lhs, rhs, seed=5, budget=30) for _ in range(2))
        assert first == second


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_ring_laws_hold_for_every_seed_and_their_violations_are_found(seed: int) -> None:
    assert find_counterexample(P * (Q + R), P * Q + P * R, seed=seed).counterexample is None
    assert find_counterexample((P * Q) * R, P * (Q * R), seed=seed).counterexample is None
    assert find_counterexample((P * Q).T, Q.T * P.T, seed=seed).counterexample is None
    for lhs, rhs in ((P * Q, Q * P), ((P + Q) ** 2, P**2 + 2 * P * Q + Q**2), ((P * Q).T, P.T * Q.T)):
        found = find_counterexample(lhs, rhs, seed=seed).counterexample
        assert found is not None and found.sizes == {"n": 2}


def test_shapes_that_differ_are_told_with_their_sizes() -> None:
    found = find_counterexample(A, A.T)
    assert found.shape_mismatch and found.counterexample is not None
    assert found.counterexample.sizes == {"m": 1, "n": 2}
    assert (found.counterexample.lhs, found.counterexample.rhs) == ("shape 1 x 2", "shape 2 x 1")
    assert find_counterexample(trace(P), P[0, 0]).counterexample is not None
    with pytest.raises(ShapeError):
        find_counterexample(trace(A), trace(A))


def test_scalars_and_matrices_of_one_entry_are_compared() -> None:
    assert find_counterexample(s.T * s, (s.T * s)[0, 0]).counterexample is None
    assert find_counterexample(s.T * s, trace(s * s.T)).agreed


def test_a_statement_about_nothing_says_so() -> None:
    found = find_counterexample(sp.log(-(t**2) - 1), 0)
    assert (found.counterexample, found.agreed, found.enclosed) == (None, (), ())
    assert found.undefined > 0
    assert "both sides were defined at no sample" in found.notes


def test_where_a_side_is_undefined_nothing_is_refuted() -> None:
    assert find_counterexample(t / t**2 * t, 1).counterexample is None
    assert find_counterexample(sp.sqrt(t) ** 2, t).counterexample is None
    undefined_at_zero = find_counterexample(sp.Derivative(atoms.relu(t), t), sp.Heaviside(t))
    assert undefined_at_zero.counterexample is None


def test_free_indices_run_through_their_ranges() -> None:
    found = find_counterexample(signal[i, j], signal[i, j] * (1 - sp.KroneckerDelta(i, 2)))
    assert found.counterexample is not None
    assert found.counterexample.sizes == {"H": 3, "W": 1}
    assert found.counterexample.values["i"] == "2"
    k = sp.Symbol("k", integer=True)
    negative = find_counterexample(sp.Abs(k), k).counterexample
    assert negative is not None and int(str(negative.values["k"])) < 0


def test_all_required_sizes_are_looked_at() -> None:
    found = find_counterexample(vec(A * X * B), kron(B.T, A) * vec(X), budget=60)
    seen = [tuple(sizes[name] for name in "mnpq") for sizes in found.agreed]
    assert {(1,) * 4, (2,) * 4, (3,) * 4, (1, 2, 2, 2), (2, 1, 2, 2), (2, 2, 1, 2), (2, 2, 2, 1)} <= set(seen)
    assert any(len(set(sizes)) == 4 for sizes in seen)


def test_a_size_that_comes_out_below_one_is_left_out() -> None:
    narrow = atoms.matrix("N", m - n + 1, 1)
    found = find_counterexample(narrow.T.T, narrow)
    assert found.agreed
    assert all(sizes["m"] >= sizes["n"] for sizes in found.agreed)
    far = atoms.vector("F", m - n - 4)
    assert find_counterexample(far + far, 2 * far).agreed


def test_the_budget_ends_a_search() -> None:
    big = atoms.matrix("Z", n**2, n**2)
    found = find_counterexample(big**9, big**4 * big**5, budget=0)
    assert found == Search(notes=("the time for exact evaluation ran out", "both sides were defined at no sample"))


def test_unsupported_expressions_are_named() -> None:
    with pytest.raises(UnsupportedError, match="gamma"):
        find_counterexample(sp.gamma(t), t)
    with pytest.raises(UnsupportedError):
        find_counterexample(t * sp.Float(0.5), t / 2)
