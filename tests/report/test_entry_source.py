"""Source of equations between entries: run on random arrays, the sides of a proved claim agree, loop by loop."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from cnnsym import Maximum, dims, elementwise, indicator, signal
from cnnsym.atoms import EntryFunction, grids
from cnnsym.claim import Claim
from cnnsym.collect import claims, collect
from cnnsym.errors import UnsupportedError
from cnnsym.report.entry_source import entry_source
from cnnsym.report.numpy_source import numpy_source
from cnnsym.report.sympy_code import identifier

ROOT = Path(__file__).resolve().parents[2]
LOOPED = [
    one
    for one in claims(collect([ROOT / "derivations"]))
    if one.expected == "proved" and not one.hypotheses and "def at(" in numpy_source(one)
]
n, m, k, s = dims("n m k s")
i, j, a = sp.symbols("i j a", integer=True)
x, w = signal("x", n), signal("w", k)


def sides(source: str) -> dict[int, Callable[..., Any]]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "<copied>", "exec"), namespace)
    return {int(name[4:]): found for name, found in namespace.items() if re.fullmatch(r"side\d+", name)}


def values(one: Claim) -> dict[str, Any]:
    """Something for every name that a claim has: arrays and numbers that are positive, sizes above every index."""
    random = np.random.default_rng(7)
    members = [sp.sympify(member) for chain in one.chains for member in chain]
    bases = sorted(set().union(*(member.atoms(sp.IndexedBase) for member in members)), key=str)
    lengths = {size for base in bases for length in base.shape or () for size in length.free_symbols}
    symbols = set().union(*(member.free_symbols for member in members)) | lengths
    positive = sorted({one for one in symbols if one.is_integer and one.is_positive} | lengths, key=str)
    sizes = {size: 2 + position % 2 for position, size in enumerate(positive)}
    found: dict[str, Any] = {}
    for symbol in symbols:
        if isinstance(symbol, (sp.Symbol, sp.Idx)):
            found[identifier(str(symbol))] = sizes.get(symbol, 1 if symbol.is_integer else 0.7)
    for base in bases:
        if "infinite" in grids(base):
            found[identifier(str(base))] = lambda *index: math.sin(sum((p + 1.3) * v for p, v in enumerate(index)))
        else:
            shape = [int(sp.sympify(length).xreplace(sizes)) for length in base.shape]
            found[identifier(str(base))] = random.uniform(0.5, 2, size=shape)
    for function in set().union(*(member.atoms(EntryFunction) for member in members)):
        name = identifier(str(function).replace("'", "_prime"))
        found[name] = np.tanh if function.order == 0 else lambda t: 1 - np.tanh(t) ** 2
    return found


def test_many_claims_are_written_as_loops() -> None:
    assert len(LOOPED) > 60


@pytest.mark.parametrize("one", LOOPED, ids=lambda one: one.id)
def test_the_sides_of_a_proved_claim_agree(one: Claim) -> None:
    functions, given = sides(numpy_source(one)), values(one)
    members = list(dict.fromkeys(sp.sympify(member) for chain in one.chains for member in chain))
    numbers = {member: position for position, member in enumerate(members, 1)}
    for _, left, right in one.links:
        pair = [functions.get(numbers[sp.sympify(side)]) for side in (left, right)]
        if None not in pair:
            first, second = (side(*(given[name] for name in inspect.signature(side).parameters)) for side in pair)
            np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-9)


def test_a_false_equation_shows() -> None:
    given = np.array([1.0, 2.0, 4.0])
    functions = sides(entry_source({1: sp.Sum(x[i], (i, 0, n - 1)), 2: sp.Sum(x[i + 1], (i, 0, n - 1))}))
    assert [functions[1](given), functions[2](given)] == [7.0, 6.0]


def test_arrays_are_zero_outside_or_go_round() -> None:
    y = signal("y", n, grid="circular")
    functions = sides(entry_source({1: x[i - 1] + 0 * y[i], 2: y[i - 1] + 0 * x[i], 5: x[n] + y[n]}))
    u, v = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert list(inspect.signature(functions[1]).parameters) == ["x", "y", "i"]
    assert [functions[number](u, v, 0) for number in (1, 2, 5)] == [0.0, 4.0, 3.0]


def test_floors_maxima_conditions_and_functions() -> None:
    f = elementwise("f")
    e = Maximum(f(x[i]), (i, 0, n - 1)) + sp.floor(i / s) + sp.Mod(i, s) + sp.ceiling(i / s) + indicator(sp.Lt(i, s))
    (function,) = sides(entry_source({3: e})).values()
    assert list(inspect.signature(function).parameters) == ["x", "i", "s", "f"]
    assert function(np.array([1.0, 3.0]), 7, 3, lambda t: -t) == -1 + 2 + 1 + 3 + 0


@pytest.mark.parametrize(
    "e",
    [
        sp.Derivative(x[i] ** 2, x[j]),
        x[i / 2],
        sp.Sum(x[i], (i, 0, n / 2)),
        sp.Sum(x[i], (i, 0, sp.oo)),
        sp.Function("g")(x[i]),
        sp.MatrixSymbol("A", n, n),
    ],
)
def test_what_has_no_code_is_refused(e: Any) -> None:
    with pytest.raises((UnsupportedError, NotImplementedError)):
        entry_source({1: e})
