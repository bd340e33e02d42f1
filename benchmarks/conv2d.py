"""The convolution layer, forward and backward, against PyTorch on the CPU.

    OMP_NUM_THREADS=1 python benchmarks/conv2d.py

Kernels of 3 x 3, padding 1, single precision. Times are medians of alternating repetitions in one run, both sides with the
threads of OMP_NUM_THREADS. With more than one, the threads of either library wait busily while it is the other's turn:
then only one thread measures what is meant.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from cnnsym.reference import conv2d

# (B, c, d, size), stride
CASES = [
    ((8, 3, 16, 8), 1),
    ((8, 16, 32, 32), 1),
    ((4, 32, 32, 56), 1),
    ((2, 32, 64, 112), 1),
    ((1, 16, 32, 224), 1),
    ((4, 32, 32, 56), 2),
]


def layers(B: int, c: int, d: int, size: int, stride: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """One step of PyTorch and one of ours: the output and the three gradients."""
    rng = np.random.default_rng(0)
    shapes = [(B, c, size, size), (d, c, 3, 3), (d,)]
    x, W, b = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, W, b)]

    def layer() -> Any:
        return torch.nn.functional.conv2d(*leaves, stride=stride, padding=1)

    grad_s = rng.normal(size=tuple(layer().shape)).astype(np.float32)
    grad_output = torch.tensor(grad_s)

    def theirs() -> Any:
        s = layer()
        return s, *torch.autograd.grad(s, leaves, grad_output)

    def ours() -> Any:
        s = conv2d.forward(x, W, b, stride=stride, padding=1)
        return s, *conv2d.backward(grad_s, x, W, stride=stride, padding=1)

    return theirs, ours


def milliseconds(calls: tuple[Callable[[], Any], ...], repetitions: int = 25) -> list[float]:
    """The median time of each call, taken in turns; the first three rounds are not counted."""
    times: list[list[float]] = [[] for _ in calls]
    for round_ in range(repetitions + 3):
        for call, found in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            if round_ >= 3:
                found.append(1000 * (time.perf_counter() - start))
    return [statistics.median(found) for found in times]


def main() -> None:
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    print(f"conv2d forward and backward, 3 x 3, float32, {torch.get_num_threads()} thread(s)")
    print(f"  {'(B, c, d, H x W)':24s} stride   torch ms    ours ms   ratio")
    for (B, c, d, size), stride in CASES:
        theirs, ours = layers(B, c, d, size, stride)
        for found, wanted in zip(ours(), theirs(), strict=True):
            expected = wanted.detach().numpy()
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())
        torch_ms, ours_ms = milliseconds((theirs, ours))
        shape = f"({B}, {c}, {d}, {size} x {size})"
        print(f"  {shape:24s} {stride:6d} {torch_ms:10.3f} {ours_ms:10.3f} {ours_ms / torch_ms:7.2f}")


if __name__ == "__main__":
    main()
