"""Numeric comparisons of claims: a formula written plainly in NumPy against something computed in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any, TypeVar

import numpy as np

from cnnsym.claim import Measurement, Text

TOLERANCE: Mapping[str, float] = MappingProxyType({"float64": 1e-12, "float32": 1e-5})

_LAYERS = "cnnsym.reference"
_COMPILER = "cnnsym.numpy_code"
_LIBRARIES = frozenset({"cnnsym", "numpy", "sympy", "scipy"})

Both = Callable[..., tuple[Any, Any]]
Case = TypeVar("Case")


def compared(
    what: Text | str, cases: Iterable[Mapping[str, int]], both: Both, tolerance: Mapping[str, float] = TOLERANCE
) -> Callable[[], tuple[Measurement, ...]]:
    """The comparison of a claim: `both(random, dtype, **case)` gives the two arrays, for each case and each dtype.

    `random` is NumPy's generator, seeded with the number of the case. The error is the largest difference, relative to the
    largest entry of the second array where that exceeds 1; arrays of different shapes never agree. The values of both sides
    are recorded where they differ most.

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
            shape = ", ".join(f"{name}={value}" for name, value in case.items())
            for dtype, allowed in tolerance.items():
                ours, theirs = both(np.random.default_rng(seed), dtype, **case)
                found.append(comparison(what, shape, dtype, seed, ours, theirs, allowed))
        return tuple(found)

    return measure


def compared_on(
    what: Text | str,
    make: Callable[[int, str], Case],
    shapes: Mapping[int, str],
    formula: Callable[[Case], Any],
    expected: Callable[[Case], Any],
    tolerance: Mapping[str, float] = TOLERANCE,
) -> Callable[[], tuple[Measurement, ...]]:
    """As `compared`, where many comparisons share their arrays: `make(seed, dtype)` draws them for each seed of `shapes`.

    >>> make = lambda seed, dtype: np.random.default_rng(seed).normal(size=3 + seed).astype(dtype)
    >>> [(m.shape, m.seed) for m in compared_on("sums", make, {0: "n=3"}, lambda x: np.cumsum(x)[-1], np.sum)()]
    [('n=3', 0), ('n=3', 0)]
    """

    def measure() -> tuple[Measurement, ...]:
        found = []
        for seed, shape in shapes.items():
            for dtype, allowed in tolerance.items():
                case = make(seed, dtype)
                found.append(comparison(what, shape, dtype, seed, formula(case), expected(case), allowed))
        return tuple(found)

    return measure


def comparison(what: Text | str, shape: str, dtype: str, seed: int, ours: Any, theirs: Any, allowed: float) -> Measurement:
    """Two arrays, compared as `compared` says.

    >>> comparison("sums", "n=2", "float64", 0, [1.0, 2.0], [1.0, 2.0], 1e-12).ok
    True
    """
    left, right = np.asarray(ours), np.asarray(theirs)
    same = left.shape == right.shape
    error = float(np.abs(left - right).max()) / max(1.0, float(np.abs(right).max())) if same else float("nan")
    return Measurement(what, shape, dtype, seed, error, allowed, *sides(left, right))


def sides(ours: Any, theirs: Any) -> tuple[str, str]:
    """The two values where the arrays differ most, as text; of arrays of different shapes, the shapes.

    >>> sides([1.0, 2.0], [1.0, 2.5])
    ('2', '2.5')
    >>> sides([1.0], 1.0)
    ('shape (1,)', 'shape ()')
    """
    left, right = np.asarray(ours), np.asarray(theirs)
    if left.shape != right.shape:
        return f"shape {left.shape}", f"shape {right.shape}"
    place = np.unravel_index(int(np.abs(left - right).argmax()), left.shape)
    return _text(left[place]), _text(right[place])


def oracle(numeric: Callable[..., Any]) -> str:
    """The layers and compilers of this package that the code of a comparison calls; plain NumPy where it calls none.

    >>> from cnnsym.reference import gap
    >>> oracle(lambda x: gap.forward(x))
    'cnnsym.reference.gap'
    >>> oracle(lambda x: x + 1)
    'numpy'
    """
    return ", ".join(sorted(set(_called(numeric, set())))) or "numpy"


def _text(value: Any) -> str:
    return f"{complex(value):.6g}" if np.iscomplexobj(value) else f"{float(value):.6g}"


def _called(function: Any, seen: set[int]) -> Iterator[str]:
    """What the code of a function reaches, through whatever functions are not of a library."""
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    closed = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    named = [function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__]
    for value in (*closed, *named, *(function.__defaults__ or ())):
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or ""
        if name.startswith((_LAYERS, _COMPILER)):
            yield name if name.startswith(_LAYERS) else "cnnsym.compile_numpy"
        elif isinstance(value, FunctionType) and name.partition(".")[0] not in _LIBRARIES:
            yield from _called(value, seen)


def _names(code: CodeType) -> set[str]:
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # a name that is not bound yet
        return False
