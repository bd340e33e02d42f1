"""Random entrywise statements: sums of products of entries at affine positions, with brackets, quotients and maxima."""

from __future__ import annotations

import random

import sympy as sp

from cnnsym import Maximum, dims, elementwise, indicator, signal

K, P, N, s = dims("K P N s")
n, t = sp.symbols("n t", integer=True)
a, b, u = sp.symbols("a b u", integer=True)
f = elementwise("f")
ARRAYS = (
    signal("x", K),
    signal("y", P),
    signal("z", sp.oo),
    signal("c", N, grid="circular"),
    signal("g", s * N, grid="circular"),
)
LENGTHS = (K, P, N, s * N, sp.Integer(2))


def position(draw: random.Random, variables: list[sp.Symbol]) -> sp.Expr:
    """An affine position, now and then with a stride, a quotient or a remainder."""
    e = sp.S.Zero
    for v in variables:
        e += draw.choice((0, 0, 1, 1, -1, s, 2)) * v
    e += draw.choice((0, 0, 0, 1, -1, K - 1, N))
    form = draw.random()
    if form < 0.08:
        return sp.floor(e / s)
    if form < 0.14:
        return sp.Mod(e, N)
    return sp.sympify(e)


def condition(draw: random.Random, variables: list[sp.Symbol]) -> sp.Basic:
    left, right = position(draw, variables), position(draw, variables)
    return draw.choice((sp.Ge, sp.Eq, sp.Le, sp.Ne))(left, right)


def product(draw: random.Random, variables: list[sp.Symbol], depth: int) -> sp.Expr:
    result = sp.sympify(draw.choice((1, 1, 2, -1)))
    for _ in range(draw.choice((1, 1, 2, 2, 3))):
        array = draw.choice(ARRAYS)
        result *= array[position(draw, variables)]
    if draw.random() < 0.25:
        result *= indicator(condition(draw, variables))
    if draw.random() < 0.1:
        result *= draw.choice(variables)
    if depth and draw.random() < 0.25:
        result *= f(statement(draw, variables, depth - 1))
    if draw.random() < 0.1:
        inner = draw.choice([v for v in (a, b, u) if v not in variables] or [sp.Symbol("w", integer=True)])
        result *= Maximum(draw.choice(ARRAYS)[position(draw, [*variables, inner])], (inner, 0, draw.choice(LENGTHS) - 1))
    return result


def statement(draw: random.Random, free: list[sp.Symbol], depth: int = 1) -> sp.Expr:
    """A sum of one or two sums of products."""
    total = sp.S.Zero
    for _ in range(draw.choice((1, 1, 2))):
        own = [v for v in (a, b, u) if v not in free][: draw.choice((0, 1, 1, 2))]
        body = product(draw, free + own, depth)
        for v in own:
            length = draw.choice(LENGTHS)
            low = draw.choice((0, 0, 0, 1, n))
            body = sp.Sum(body, (v, low, low + length - 1))
        total += body
    return total


def rewritten(draw: random.Random, e: sp.Expr) -> sp.Expr:
    """The statement with its sums shifted, reversed or exchanged; now and then wrongly."""

    def rewrite(total: sp.Sum) -> sp.Expr:
        body, ((v, low, high), *rest) = total.function, total.limits
        kind = draw.random()
        slip = draw.choice((0, 0, 0, 1)) if draw.random() < 0.5 else 0
        shift = draw.choice((1, n, K, -t))
        if kind < 0.4:
            return sp.Sum(body.xreplace({v: v - shift}), (v, low + shift, high + shift - slip), *rest)
        if kind < 0.8:
            return sp.Sum(body.xreplace({v: low + high - v + slip}), (v, low, high), *rest)
        return sp.Sum(body, (v, low, high - slip), *rest)

    return e.replace(lambda p: isinstance(p, sp.Sum), rewrite)
