"""Proofs about convolution: how long one takes, what SymPy does with it, and how the time grows with the number of factors.

    python benchmarks/affine_form.py

Times are medians of alternating repetitions, SymPy's cache cleared before each. SymPy is asked in the ways it offers for sums:
`==`, `doit`, `simplify`, `equals`; an answer counts where it is True.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import sympy as sp

from cnnsym import dims, elementwise, indicator, prove, signal
from cnnsym.affine_form import same_form
from cnnsym.calculus import take_derivatives
from cnnsym.layers import conv2d

a, b, n, t, j, u, v, i, o, c, e = sp.symbols("a b n t j u v i o c e", integer=True)
p = sp.Symbol("p", integer=True, nonnegative=True)
m, K, s, d, N, P, Q, L, C, D, H, W = dims("m K s d N P Q L C D H W")
x, k, g = signal("x", m), signal("k", K), signal("g", P)
circle, long = signal("c", N, grid="circular"), signal("y", s * L, grid="circular")
weights, image, outputs = signal("w", D, C, K, K), signal("I", C, H, W), signal("G", D, P, Q)
f = elementwise("f")
settings: dict[str, Any] = {"stride": s, "dilation": d, "padding": p}
layer = conv2d.forward(image, weights, o, u, v, **settings)
cost = sp.Sum(outputs[o, u, v] * layer, (o, 0, D - 1), (u, 0, P - 1), (v, 0, Q - 1))
row, column = conv2d.position(u, v, a, b, s, d, p)
pixel = image[sp.Idx("e", C), sp.Idx("i", H), sp.Idx("j", W)]
weight = weights[sp.Idx("o", D), sp.Idx("e", C), sp.Idx("a", K), sp.Idx("b", K)]

STATEMENTS: dict[str, tuple[Any, Any]] = {
    "a shift on a circle": (
        sp.Sum(k[a] * circle[n + a - t], (a, 0, K - 1)),
        sp.Sum(k[a] * circle[n - t + a], (a, 0, K - 1)),
    ),
    "flip: input gradient, stride 1": (
        sp.Derivative(sp.Sum(g[u] * sp.Sum(k[a] * x[u + a - p], (a, 0, K - 1)), (u, 0, P - 1)), x[sp.Idx("j", m)]),
        sp.Sum(k[a] * g[sp.Idx("j", m) - a + p], (a, 0, K - 1)),
    ),
    "input gradient, stride s, dilation d": (
        sp.Derivative(sp.Sum(g[u] * sp.Sum(k[a] * x[s * u + d * a - p], (a, 0, K - 1)), (u, 0, P - 1)), x[sp.Idx("j", m)]),
        sp.Sum(k[a] * g[u] * indicator(sp.Eq(s * u, sp.Idx("j", m) + p - d * a)), (a, 0, K - 1), (u, 0, P - 1)),
    ),
    "conv2d: gradient by a weight": (
        sp.Derivative(cost, weight),
        sp.Sum(
            outputs[weight.indices[0], u, v]
            * image[
                weight.indices[1], s * u + d * weight.indices[2] - p, s * v + d * weight.indices[3] - p
            ],
            (u, 0, P - 1),
            (v, 0, Q - 1),
        ),
    ),
    "conv2d: gradient by a pixel": (
        sp.Derivative(cost, pixel),
        sp.Sum(
            weights[o, pixel.indices[0], a, b]
            * outputs[o, u, v]
            * indicator(sp.And(sp.Eq(row, pixel.indices[1]), sp.Eq(column, pixel.indices[2]))),
            *((o, 0, D - 1), (a, 0, K - 1), (b, 0, K - 1), (u, 0, P - 1), (v, 0, Q - 1)),
        ),
    ),
    "GAP of two nonlinear layers": (
        sp.Sum(f(sp.Sum(k[a] * f(sp.Sum(k[b] * circle[i + a + b - t], (b, 0, K - 1))), (a, 0, K - 1))), (i, 0, N - 1)),
        sp.Sum(f(sp.Sum(k[a] * f(sp.Sum(k[b] * circle[i + a + b], (b, 0, K - 1))), (a, 0, K - 1))), (i, 0, N - 1)),
    ),
}


def many_factors(count: int, alike: bool) -> tuple[Any, Any]:
    """A product of `count` entries summed over all positions, and the same with every index shifted and reversed."""
    arrays = [signal("y" if alike else f"y{r}", m) for r in range(count)]
    places = sp.symbols(f"i0:{count}", integer=True)
    body = sp.Mul(*(array[place] for array, place in zip(arrays, places, strict=True)))
    kernels = [k if alike else signal(f"k{r}", K) for r in range(count)]
    chained = sp.Mul(*(h[b - a] for h, a, b in zip(kernels, places, places[1:], strict=False)))
    total = sp.Sum(body * chained, *((place, 0, m - 1) for place in places))
    other = {place: m - 1 - place + t for place in places}
    return total, sp.Sum((body * chained).xreplace(other), *((place, t, m - 1 + t) for place in places))


def median(call: Callable[[], Any], repetitions: int) -> float:
    found = []
    for round_ in range(repetitions + 1):
        sp.core.cache.clear_cache()
        start = time.perf_counter()
        call()
        if round_:
            found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def sympy_proves(left: Any, right: Any) -> bool:
    attempts: list[Callable[[], Any]] = [
        lambda: left == right,
        lambda: left.doit() == right.doit(),
        lambda: sp.simplify(left - right) == 0,
        lambda: left.equals(right) is True,
    ]
    return any(_true(attempt) for attempt in attempts)


def _true(attempt: Callable[[], Any]) -> bool:
    try:
        return bool(attempt())
    except Exception:
        return False


def main() -> None:
    print(f"  {'':40s} affine form      prove   SymPy proves it")
    for name, (left, right) in STATEMENTS.items():
        taken = take_derivatives(left)
        form = median(lambda taken=taken, right=right: _proved(same_form(taken, right)), 5)
        whole = median(lambda left=left, right=right: _proved(prove(left, right).name == "proved"), 5)
        print(f"  {name:40s} {form:8.1f} ms {whole:7.1f} ms   {sympy_proves(taken, right)}")
    print("  factors in a chain                   different arrays   one array")
    for count in (2, 4, 8, 16):
        times = []
        for alike in (False, True):
            left, right = many_factors(count, alike)
            times.append(median(lambda left=left, right=right: _proved(same_form(left, right)), 1))
        print(f"  {count:3d} {times[0]:42.0f} ms {times[1]:8.0f} ms")


def _proved(answer: bool) -> None:
    assert answer


if __name__ == "__main__":
    main()
