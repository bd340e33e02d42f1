"""NumPy source of claims: it runs by itself, its sides agree where the claim is true, and differ where it is false."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import cnnsym
from cnnsym.claim import Claim, Integers, Text
from cnnsym.collect import claims, collect
from cnnsym.report.numpy_source import numpy_source

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = list(claims(collect([ROOT / "derivations"])))


def claim(*chain, **more) -> Claim:
    return Claim("1-a", "1", Text("", ""), chain, **more)


def numbered(source: str) -> dict:
    """The functions of a source, by their numbers."""
    namespace: dict[str, object] = {}
    exec(compile(source, "<copied>", "exec"), namespace)
    return {int(name[4:]): found for name, found in namespace.items() if re.fullmatch(r"side\d+", name)}


def sides(source: str) -> list:
    return list(numbered(source).values())


def matrices(one: Claim) -> list:
    members = (sp.sympify(member) for chain in one.chains for member in chain)
    return sorted(set().union(*(member.atoms(sp.MatrixSymbol) for member in members)), key=str)


def arrays(one: Claim) -> list[np.ndarray]:
    """Random arrays of the shapes of the claim's matrices, every size a number of its own."""
    random = np.random.default_rng(5)
    letters = sorted({s for m in matrices(one) for length in m.shape for s in length.free_symbols}, key=str)
    sizes = {letter: k for k, letter in enumerate(letters, 2)}
    return [random.normal(size=tuple(int(length.xreplace(sizes)) for length in m.shape)) for m in matrices(one)]


WITH_ARRAYS_ONLY = [
    one
    for one in CLAIMS
    if not one.hypotheses  # which random arrays would not fulfil
    and (source := numpy_source(one))
    and "def at(" not in source  # those are tested with the loops
    and len(inspect.signature(sides(source)[0]).parameters) == len(matrices(one))
]


def test_some_claims_have_source() -> None:
    assert sum(bool(numpy_source(one)) for one in CLAIMS) >= 160
    assert len(WITH_ARRAYS_ONLY) >= 5


@pytest.mark.parametrize("one", WITH_ARRAYS_ONLY, ids=lambda one: one.id)
def test_the_sides_of_a_claim_agree(one) -> None:
    source, given = numpy_source(one), arrays(one)
    members = dict.fromkeys(sp.sympify(member) for chain in one.chains for member in chain)
    functions = {member: numbered(source).get(k) for k, member in enumerate(members, 1)}
    for _, left, right in one.links:
        pair = [functions[sp.sympify(side)] for side in (left, right)]
        if None in pair:  # a derivative has no source
            continue
        first, second = (np.asarray(side(*given)) for side in pair)
        if first.size == second.size == 1:  # a matrix of shape (1, 1) may stand for a scalar
            first, second = first.reshape(()), second.reshape(())
        agree = first.shape == second.shape and np.allclose(first, second, rtol=1e-9, atol=1e-9)
        assert agree == (one.expected == "proved"), one.id


def test_every_source_runs_by_itself() -> None:
    for one in CLAIMS:
        if source := numpy_source(one):
            assert sides(source), one.id


def test_values_are_those_of_numpy() -> None:
    m, n = cnnsym.dims("m n")
    W, z, f = cnnsym.matrix("W_{i+1}", m, n), cnnsym.vector("a1", n), cnnsym.elementwise("f")
    source = numpy_source(claim(f(W * z), cnnsym.hadamard(f(W * z), f.diff()(W * z))))
    first, second = sides(source)
    assert list(inspect.signature(first).parameters) == ["W_i_1", "a1_", "f", "f_prime"]
    random = np.random.default_rng(1)
    w, x = random.normal(size=(2, 3)), random.normal(size=(3, 1))
    given = (w, x, np.tanh, np.cos)
    np.testing.assert_allclose(first(*given), np.tanh(w @ x))
    np.testing.assert_allclose(second(*given), np.tanh(w @ x) * np.cos(w @ x))
    with pytest.raises(ValueError, match="does not fit"):
        first(w, x.T, np.tanh, np.cos)


def test_what_has_no_source_has_none() -> None:
    k = sp.Symbol("k", integer=True)
    assert numpy_source(claim(sp.true, sp.Ge(k * k, 0), method=Integers())) == ""
    g = sp.Function("g")
    assert numpy_source(claim(sp.Sum(g(k), (k, 0, 2)), g(0) + g(1) + g(2))) == ""
