"""Gradients: how the time to derive grows with depth, and compiled code against hand-written NumPy.

    python benchmarks/gradients.py

Ratios within one run; alternating repetitions and medians, so that other load on the machine falls on both sides alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from cnnsym.atoms import elementwise, matrix, objective, ones, trace, vector
from cnnsym.calculus import gradient
from cnnsym.numpy_code import compile_numpy
from cnnsym.sizes import dims

DEPTHS = (1, 4, 16, 64, 256, 1024)


def network(depth: int) -> tuple[Any, list[Any]]:
    """`x_{l+1} = f(W_l x_l + b_l)` with abstract f and symbolic widths under an abstract objective."""
    f, x = elementwise("f"), vector(f"x_{depth}", dims(f"n_{depth}_0"))
    current, parameters = x, [x]
    for layer in range(depth):
        rows = dims(f"n_{depth}_{layer + 1}")
        w, b = matrix(f"W_{depth}_{layer}", rows, current.shape[0]), vector(f"b_{depth}_{layer}", rows)
        current = f(w * current + b)
        parameters += [w, b]
    return objective("J")(current), parameters


def growth() -> None:
    print("all gradients of a network, abstract f, symbolic widths")
    previous = None
    for depth in DEPTHS:
        start = time.perf_counter()
        value, parameters = network(depth)
        built = time.perf_counter()
        gradient(value, parameters)
        seconds = time.perf_counter() - built
        per_layer = seconds / depth
        ratio = "" if previous is None else f"   per layer {per_layer / previous:5.2f} x the row before"
        print(f"  L={depth:5d}   build {built - start:7.4f} s   gradients {seconds:7.4f} s{ratio}")
        previous = per_layer


def by_hand(x: Any, t: Any, *parameters: Any) -> tuple[Any, ...]:
    """The gradients of |z_L - T|^2 / 2 for a tanh network, as one would write them."""
    values = [x]
    for w, b in zip(parameters[::2], parameters[1::2], strict=True):
        values.append(np.tanh(w @ values[-1] + b))
    g = values[-1] - t
    found: list[Any] = []
    for layer in reversed(range(len(parameters) // 2)):
        z = values[layer + 1]
        g = g * (1 - z * z)
        found += [g.sum(axis=1, keepdims=True), g @ values[layer].T]
        if layer:
            g = parameters[2 * layer].T @ g
    return tuple(reversed(found))


def tanh_network(depth: int) -> tuple[Any, list[Any], list[Any]]:
    batch, tanh = dims("B"), elementwise(sp.tanh)
    sizes = [dims(f"d{layer}") for layer in range(depth + 1)]
    x, t = matrix("X", sizes[0], batch), matrix("T", sizes[-1], batch)
    current, parameters = x, []
    for layer in range(depth):
        w, b = matrix(f"W{layer}", sizes[layer + 1], sizes[layer]), vector(f"b{layer}", sizes[layer + 1])
        current = tanh(w * current + b * ones(1, batch))
        parameters += [w, b]
    residual = current - t
    return trace(residual.T * residual) / 2, [x, t], parameters


def compiled_against_hand(width: int = 64, batch: int = 128, repetitions: int = 300) -> None:
    print(f"compiled gradient step against hand-written NumPy: tanh, width {width}, batch {batch} as columns")
    rng = np.random.default_rng(0)
    for depth in (1, 2, 4, 8, 16, 32):
        value, inputs, parameters = tanh_network(depth)
        step = compile_numpy(gradient(value, parameters), [*inputs, *parameters])
        shapes = [(width, batch)] * 2 + [(width, width), (width, 1)] * depth
        arrays = [rng.standard_normal(shape) / 8 for shape in shapes]
        for ours, theirs in zip(step(*arrays), by_hand(*arrays), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)
        ours_s, hand_s = alternate(lambda: step(*arrays), lambda: by_hand(*arrays), repetitions)  # noqa: B023
        print(f"  L={depth:3d}   {ours_s * 1e6:8.0f} us against {hand_s * 1e6:8.0f} us   ratio {ours_s / hand_s:5.3f}")


def alternate(first: Callable[[], Any], second: Callable[[], Any], repetitions: int) -> tuple[float, float]:
    """The median seconds of each, taken in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repetitions):
        for call, seconds in zip((first, second), times, strict=True):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    growth()
    compiled_against_hand()
