"""Random pairs of expressions for the two deciders: an expression, and the same one rewritten, rightly or wrongly.

`pair(rng)` builds everything from one source of randomness, so that hypothesis can shrink what it draws. Sizes are
symbols, products and small numbers, for mixed radices; every node is well formed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import (
    Elementwise,
    Kron,
    ObjectiveGradient,
    ObjectiveHessian,
    basis,
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
    sigmoid,
    step,
    trace,
    unvec,
    vec,
)
from cnnsym.errors import CnnsymError
from cnnsym.sizes import dims

m, n = dims("m n")
ONE, TWO, THREE, FOUR, SIX = map(sp.Integer, (1, 2, 3, 4, 6))
SMALL = (m, n, ONE, TWO, THREE)
SIZES = (*SMALL, m, n, m * n, 2 * n, FOUR, SIX)
# How a size can be written as a product.
PRODUCTS: dict[Any, list[tuple[Any, Any]]] = {
    m * n: [(m, n), (n, m)],
    2 * n: [(TWO, n), (n, TWO)],
    FOUR: [(TWO, TWO)],
    SIX: [(TWO, THREE), (THREE, TWO)],
}
f, g = elementwise("f"), elementwise("g")
J, L = objective("J"), objective("L")
t = sp.Symbol("t", real=True)
k, l = sp.symbols("k l", integer=True)
FUNCTIONS = (
    *(f, g, f.diff(), f.diff(2)),
    *map(elementwise, (sp.exp, sp.tanh, sp.sin, sp.cos, sp.Abs, relu, sigmoid, step)),
    *(elementwise(sp.Lambda(t, e)) for e in (t**2, 1 / (1 + t**2), sp.sqrt(1 + t**2), sp.log(2 + t**2), t * sp.exp(t))),
)


@dataclass(frozen=True)
class Pair:
    """Two expressions of one shape, the rewrites between them, and whether every rewrite keeps the value."""

    left: Any
    right: Any
    rewrites: tuple[str, ...]
    kept: bool
    assuming: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.left}   ==   {self.right}   ({', '.join(self.rewrites)})"


def products(size: Any) -> list[tuple[Any, Any]]:
    return PRODUCTS.get(size, [])


def symbol(rng: random.Random, r: Any, c: Any) -> Any:
    return matrix(f"{rng.choice('AB')}_{r}_{c}".replace("*", ""), r, c)


def build(rng: random.Random, r: Any, c: Any, depth: int) -> Any:
    """A matrix expression of shape `(r, c)`."""
    if depth <= 0:
        return symbol(rng, r, c) if rng.random() < 0.8 else _constant(rng, r, c)
    inner = lambda rows, cols: build(rng, rows, cols, depth - 1)  # noqa: E731
    options: list[Callable[[], Any]] = [
        lambda: symbol(rng, r, c),
        lambda: _product(rng, r, c, depth),
        lambda: _product(rng, r, c, depth),
        lambda: inner(r, c) + rng.choice((1, -1, 2)) * inner(r, c),
        lambda: inner(c, r).T,
        lambda: rng.choice((hadamard, HadamardProduct))(inner(r, c), inner(r, c)),
        lambda: rng.choice(FUNCTIONS)(inner(r, c)),
        lambda: inner(r, c).applyfunc(rng.choice((sp.exp, sp.tanh, relu, step))),
        lambda: build_scalar(rng, depth - 1) * inner(r, c),
        lambda: _constant(rng, r, c),
        lambda: ObjectiveGradient(J, 0, inner(r, c)),
        lambda: ObjectiveGradient(L, 1, inner(n, ONE), inner(r, c)),
        lambda: HadamardPower(inner(r, c), rng.choice((2, -1, sp.Rational(1, 2), 3))),
        lambda: kron(inner(r, ONE), inner(ONE, c)),
        lambda: kron(inner(ONE, c), inner(r, ONE)),
        lambda: _function_matrix(rng, r, c, depth),
    ]
    if r == c:
        options += [
            lambda: sp.Inverse(inner(r, r)),
            lambda: inner(r, r) ** rng.choice((2, 3, -1, -2)),
            lambda: sp.Inverse(inner(r, r)).T,
        ]
    if r == c and r != 1:
        options += [
            lambda: diag(inner(r, ONE)),
            lambda: DiagMatrix(inner(r, ONE)),
            lambda: ObjectiveHessian(J, 0, 0, inner(r, ONE)),
        ]
    if c == 1 and r != 1:
        options += [lambda: diag(inner(r, r)), lambda: DiagonalOf(inner(r, r)), lambda: inner(r, r) * inner(r, ONE)]
    for a, b in products(r):
        options += [
            lambda a=a, b=b: rng.choice((kron, KroneckerProduct))(inner(a, c), inner(b, ONE)),
            lambda a=a, b=b: kron(inner(a, ONE), inner(b, c)),
        ]
        if c == 1:
            options += [lambda a=a, b=b: vec(inner(a, b)), lambda a=a, b=b: commutation(a, b) * inner(r, ONE)]
        if r == c:
            options += [lambda a=a, b=b: commutation(a, b), lambda a=a, b=b: kron(inner(a, a), inner(b, b))]
            options += [lambda a=a, b=b: ObjectiveHessian(J, 0, 0, inner(a, b))]
        for p, q in products(c):
            options += [lambda a=a, b=b, p=p, q=q: kron(inner(a, p), inner(b, q))]
    for a, b in products(c):
        options += [lambda a=a, b=b: kron(inner(r, a), inner(ONE, b))]
    for whole, ways in PRODUCTS.items():
        if (r, c) in ways:
            options += [lambda whole=whole: unvec(inner(whole, ONE), r, c)] * 3
    if all(x.is_Integer and x <= 3 for x in (r, c)):
        options += [lambda: _explicit(rng, r, c, depth)]
    return rng.choice(options)()


def _product(rng: random.Random, r: Any, c: Any, depth: int) -> Any:
    between = rng.choice(SIZES)
    return build(rng, r, between, depth - 1) * build(rng, between, c, depth - 1)


def _constant(rng: random.Random, r: Any, c: Any) -> Any:
    if r == c and rng.random() < 0.5:
        return sp.Identity(r)
    if c == 1 and rng.random() < 0.5:
        return basis(1, r)
    return ones(r, c)


def _explicit(rng: random.Random, r: Any, c: Any, depth: int) -> Any:
    entries = [
        build_scalar(rng, min(depth - 2, 1)) if rng.random() < 0.5 else rng.choice((0, 1, 2)) for _ in range(r * c)
    ]
    return sp.ImmutableDenseMatrix(int(r), int(c), entries)


def _function_matrix(rng: random.Random, r: Any, c: Any, depth: int) -> Any:
    inner, other = build(rng, r, c, depth - 1), symbol(rng, c, r)
    body = rng.choice(
        (MatrixElement(inner, k, l), MatrixElement(inner, k, l) + 2, MatrixElement(other, l, k), k + l * l)
    )
    return sp.FunctionMatrix(r, c, sp.Lambda((k, l), body))


def build_scalar(rng: random.Random, depth: int) -> Any:
    """A real scalar expression."""
    if depth <= 0:
        return rng.choice((scalar("a"), scalar("b"), m, sp.Rational(2, 3), sp.Integer(-2)))
    r, c = rng.choice(SMALL), rng.choice(SMALL)
    inner = lambda rows, cols: build(rng, rows, cols, depth - 1)  # noqa: E731
    part = lambda: build_scalar(rng, depth - 1)  # noqa: E731
    return rng.choice(
        (
            lambda: trace(inner(r, r)),
            lambda: trace(inner(r, c) * inner(c, r)),
            lambda: (inner(ONE, r) * inner(r, ONE))[0, 0],
            lambda: part() + rng.choice((1, -2)) * part(),
            lambda: part() * part(),
            lambda: part() ** rng.choice((2, -1, 3, sp.Rational(1, 2), -2)),
            lambda: J(inner(r, c)),
            lambda: L(inner(n, ONE), inner(r, c)),
            lambda: sp.Determinant(inner(r, r)),
            lambda: rng.choice((sp.exp, sp.log, sp.cos, sp.sin, relu, sp.Abs, sigmoid, sp.tanh))(part()),
            lambda: f(part()),
            lambda: _sum(rng, depth),
            lambda: _sum(rng, depth),
            lambda: MatrixElement(inner(n, c), sp.Idx("i", n), 0),
            lambda: MatrixElement(inner(n, m), sp.Idx("i", n), sp.Idx("i", m)),
            lambda: MatrixElement(inner(n, n), sp.Idx("i", n), sp.Idx("j", n)),
        )
    )()


def _sum(rng: random.Random, depth: int) -> Any:
    a, b = sp.IndexedBase("u", shape=(n,)), sp.IndexedBase("w", shape=(n, n))
    i = sp.Idx("i", n)
    column = build(rng, n, ONE, depth - 1)
    body = rng.choice(
        (
            a[k] ** 2,
            a[k] * b[k, i],
            a[k] * sp.KroneckerDelta(k, i),
            a[k] * sp.KroneckerDelta(k, 0) * k,
            a[k] * sp.cos(sp.pi * k / n),
            MatrixElement(column, k, 0) * a[k],
            f.value(a[k]) * sp.exp(a[k]),
            k * a[k],
            sp.Sum(b[k, l] * a[l], (l, 0, n - 1)),
            sp.Sum(b[k, l] * sp.KroneckerDelta(l, k), (l, 0, n - 1)),
        )
    )
    return sp.Sum(body, (k, 0, n - 1))


# --- rewrites --------------------------------------------------------------------------------------------------------


def _symbolic(x: Any) -> bool:
    return bool(getattr(x, "is_Matrix", False)) and not isinstance(x, sp.MatrixBase)


def right_rewrite(rng: random.Random, x: Any) -> tuple[str, Any] | None:
    """The same matrix, written otherwise, by a law from the textbook."""
    r, c = x.shape
    a, b = sp.Symbol("a_", integer=True), sp.Symbol("b_", integer=True)
    square_part = [p for p in x.args if _symbolic(p)] if isinstance(x, sp.MatMul) else []
    options: list[tuple[str, Callable[[], Any]]] = [
        ("unvec of vec", lambda: unvec(vec(x), r, c)),
        ("unvec of commuted vec", lambda: unvec(commutation(c, r) * vec(x.T), r, c)),
        ("Hadamard with ones", lambda: hadamard(x, ones(r, c))),
        ("product with identities", lambda: sp.MatMul(sp.Identity(r), x, sp.Identity(c))),
        ("transposed twice", lambda: sp.Transpose(sp.Transpose(x))),
        ("kron with one", lambda: kron(x, ones(1, 1))),
        ("one kron", lambda: kron(ones(1, 1), x)),
        ("twice minus once", lambda: 2 * x - x),
        ("by its entries", lambda: sp.FunctionMatrix(r, c, sp.Lambda((a, b), MatrixElement(x, a, b)))),
        ("vec of a product", lambda: unvec(kron(sp.Identity(c), x) * vec(sp.Identity(c)), r, c)),
        ("two commutations", lambda: unvec(commutation(c, r) * commutation(r, c) * vec(x), r, c)),
        ("diag of ones", lambda: diag(ones(r)) * x if r != 1 else x),
    ]
    if isinstance(x, Elementwise):
        options += [("function of vec", lambda: unvec(x.function(vec(x.argument)), r, c))] * 3
        options += [("function of the transpose", lambda: x.function(x.argument.T).T)] * 3
    if isinstance(x, sp.Transpose) and isinstance(x.arg, sp.MatMul):
        options += [("transpose of a product", lambda: sp.MatMul(*(p.T for p in reversed(x.arg.args))))] * 3
    if isinstance(x, (Kron, KroneckerProduct)) and len(x.args) == 2:
        (p, q), (s, u) = x.args[0].shape, x.args[1].shape
        options += [("kron swapped", lambda: commutation(p, s) * kron(*x.args[::-1]) * commutation(u, q))] * 3
    if isinstance(x, sp.Inverse):
        options += [("inverse of the transpose", lambda: sp.Inverse(x.arg.T).T)] * 3
        options += [("inverse of the double", lambda: 2 * sp.Inverse(2 * x.arg))] * 3
    if len(square_part) == 2 and len(x.args) == 2:
        left, right = square_part
        options += [("vec of AXB", lambda: unvec(kron(right.T, sp.Identity(r)) * vec(left), r, c))] * 2
    return _tried(*rng.choice(options))


def wrong_rewrite(rng: random.Random, x: Any) -> tuple[str, Any] | None:
    """A matrix of the same shape that is another one, except by coincidence."""
    r, c = x.shape
    options: list[tuple[str, Callable[[], Any]]] = [
        ("sign", lambda: -x),
        ("factor 2", lambda: 2 * x),
        ("squared entries", lambda: hadamard(x, x)),
    ]
    if 1 not in (r, c):
        options += [
            ("vec as rows", lambda: unvec(vec(x.T), r, c)),
            ("commutation left out", lambda: unvec(commutation(r, c) * vec(x), r, c)),
        ]
    if r == c:
        options += [("transposed", lambda: x.T)] * 3
    if isinstance(x, Elementwise):
        options += [("another derivative", lambda: x.function.diff()(x.argument))] * 3
    if isinstance(x, (sp.MatMul, Kron, KroneckerProduct)):
        options += [("factors swapped", lambda: x.func(*reversed(x.args)))] * 3
    return _tried(*rng.choice(options))


def _tried(name: str, make: Callable[[], Any]) -> tuple[str, Any] | None:
    try:
        return name, make()
    except (CnnsymError, ValueError, TypeError):  # SymPy refuses shapes by ValueError
        return None


def pair(rng: random.Random, depth: int = 3) -> Pair | None:
    """A pair; None where SymPy's own constructors fail at building or rewriting it."""
    try:
        return _pair(rng, depth)
    except (ValueError, TypeError, AttributeError, NotImplementedError, IndexError):
        return None


def _pair(rng: random.Random, depth: int) -> Pair:
    whole = build(rng, rng.choice(SIZES), rng.choice(SIZES), depth) if rng.random() < 0.8 else build_scalar(rng, depth)
    changed, rewrites, kept = whole, [], True
    for _ in range(rng.choice((1, 1, 2))):
        places = [x for x in sp.preorder_traversal(changed) if _symbolic(x) and not x.has(k, l)]
        if not places:
            break
        place, right = rng.choice(places), rng.random() < 0.6
        found = (right_rewrite if right else wrong_rewrite)(rng, place)
        if found is not None and _symbolic(found[1]) and found[1].shape == place.shape:
            changed = changed.xreplace({place: found[1]})
            rewrites.append(found[0])
            kept = kept and right
    return Pair(whole, changed, tuple(rewrites), kept, _hypotheses(rng, whole))


def _hypotheses(rng: random.Random, e: Any) -> tuple[Any, ...]:
    square = sorted((s for s in e.atoms(sp.MatrixSymbol) if s.shape[0] == s.shape[1] and s.shape[0] != 1), key=str)
    if not square or rng.random() < 0.6:
        return ()
    chosen = rng.choice(square)
    return (rng.choice((sp.Q.symmetric, sp.Q.orthogonal, sp.Q.diagonal))(chosen),)
