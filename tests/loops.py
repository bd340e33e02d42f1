"""Windows by their definition, pixel by pixel in plain loops: what the window layers of `cnnsym.reference` are held to.

Nothing of what it judges is imported.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def both(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def starts(n: int, k: int, stride: int, padding: int, dilation: int) -> list[int]:
    """The first pixel of each window along one direction; the padding has the indices below 0 and from `n` on."""
    last = n + padding - 1
    return [start for start in range(-padding, last + 1, stride) if start + dilation * (k - 1) <= last]


def windows(
    size: tuple[int, int], window: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> Iterator[tuple[tuple[int, int], list[tuple[int, int, int, int]]]]:
    """For each output `(u, v)` the pixels of its window, as `(i, j, y, x)`: at `(i, j)` of the window, `(y, x)` of the image."""
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = both(window), both(stride), both(padding), both(dilation)
    rows, columns = starts(size[0], kh, sh, ph, dh), starts(size[1], kw, sw, pw, dw)
    for (u, top), (v, left) in itertools.product(enumerate(rows), enumerate(columns)):
        yield (u, v), [(i, j, top + dh * i, left + dw * j) for i in range(kh) for j in range(kw)]


def inside(size: tuple[int, int], y: int, x: int) -> bool:
    return 0 <= y < size[0] and 0 <= x < size[1]


def correlation(
    x: Any, W: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> np.ndarray[Any, Any]:
    """The convolution layer without bias."""
    size, (d, n) = x.shape[2:], W.shape[:2]
    found = {}
    for (u, v), pixels in windows(size, W.shape[2:], stride, padding, dilation):
        for k, o in itertools.product(range(len(x)), range(d)):
            first = n * (o // (d // groups))
            found[k, o, u, v] = sum(
                float(W[o, l, i, j]) * float(x[k, first + l, y, z])
                for i, j, y, z in pixels
                if inside(size, y, z)
                for l in range(n)
            )
    return gather(found)


def pool(
    x: Any, over: Callable[[list[float]], float], window: Any, fill: float, **options: Any
) -> np.ndarray[Any, Any]:
    """`over` the pixels of each window, `fill` being those of the padding."""
    size = x.shape[2:]
    found = {}
    for (u, v), pixels in windows(size, window, **options):
        for k, c in itertools.product(range(len(x)), range(x.shape[1])):
            found[k, c, u, v] = over([float(x[k, c, y, z]) if inside(size, y, z) else fill for _, _, y, z in pixels])
    return gather(found)


def gather(entries: dict[tuple[int, ...], float]) -> np.ndarray[Any, Any]:
    shape = tuple(1 + max(index) for index in zip(*entries, strict=True))
    array = np.full(shape, np.nan)
    for index, value in entries.items():
        array[index] = value
    return array


def slope(function: Callable[[Any], Any], x: Any, direction: Any, step: float = 1e-6) -> float:
    """The derivative of the scalar `function` at `x` along `direction`, by central differences."""
    return float((function(x + step * direction) - function(x - step * direction)) / (2 * step))
