"""Numeric comparisons of claims: a formula written plainly in NumPy against something computed in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from cnnsym.claim import Measurement, Text

TOLERANCE: Mapping[str, float] = MappingProxyType({"float64": 1e-12, "float32": 1e-5})

Both = Callable[..., tuple[Any, Any]]


def compared(
    what: Text | str, cases: Iterable[Mapping[str, int]], both: Both, tolerance: Mapping[str, float] = TOLERANCE
) -> Callable[[], tuple[Measurement, ...]]:
    """The comparison of a claim: `both(random, dtype, **case)` gives the two arrays, for each case and each dtype.

    `random` is NumPy's generator, seeded with the number of the case. The error is the largest difference, relative to the
    largest entry of the second array where that exceeds 1; arrays of different shapes never agree.

    >>> def both(random, dtype, n):
    ...     x = random.normal(size=n).astype(dtype)
    ...     return np.cumsum(x)[-1], x.sum()
    >>> [(m.shape, m.dtype, m.ok) for m in compared("sums", [{"n": 3}], both)()]
    [('n=3', 'float64', True), ('n=3', 'float32', True)]
    """
    given = tuple(cases)

    def measure() -> tuple[Measurement, ...]:
        found = []
        for seed, case in enumerate(given):
            for dtype in tolerance:
                ours, theirs = (np.asarray(each) for each in both(np.random.default_rng(seed), dtype, **case))
                if ours.shape == theirs.shape:
                    error = float(np.abs(ours - theirs).max()) / max(1.0, float(np.abs(theirs).max()))
                else:
                    error = float("nan")
                shape = ", ".join(f"{name}={value}" for name, value in case.items())
                found.append(Measurement(what, shape, dtype, seed, error, tolerance[dtype]))
        return tuple(found)

    return measure
