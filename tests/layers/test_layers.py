"""The symbolic layers mean what the NumPy layers compute: evaluated exactly, on integers, they are equal."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from cnnsym import layers, reference
from cnnsym.atoms import matrix, vector
from cnnsym.errors import ShapeError
from cnnsym.evaluate import evaluate_at
from cnnsym.prover import prove
from cnnsym.sizes import dims

PACKAGE = Path(layers.__file__).resolve().parents[1]
H, W = dims("H W")
d, n = dims("d n")
image = sp.IndexedBase("x", shape=(H, W))
SIZES = [(1, 1), (2, 3), (3, 2), (4, 4)]


def stems(folder: str) -> set[str]:
    return {path.stem for path in (PACKAGE / folder).glob("*.py") if not path.name.startswith("_")}


def test_every_layer_has_a_reference_of_the_same_name() -> None:
    assert stems("layers") <= stems("reference")
    assert set(layers.__all__) == stems("layers")
    assert all(hasattr(reference, stem) for stem in stems("layers"))


def integers(shape: tuple[int, ...], seed: int) -> Any:
    return np.random.default_rng(seed).integers(-4, 5, shape)


@pytest.mark.parametrize("size", SIZES)
def test_linear(size: tuple[int, int]) -> None:
    rows, cols = size
    weights, z, b = integers(size, 1), integers((cols,), 2), integers((rows,), 3)
    s = layers.linear.forward(vector("z", n), matrix("W", d, n), vector("b", d))
    values = {"W": weights.tolist(), "z": z[:, None].tolist(), "b": b[:, None].tolist()}
    exact = evaluate_at(s, {d: rows, n: cols}, values)
    expected = reference.linear.forward(*(a.astype(float) for a in (z[None], weights, b)))
    assert [int(e) for e in exact] == expected[0].tolist()


def test_linear_is_the_matrix_product_for_all_sizes() -> None:
    z, w, b = vector("z", n), matrix("W", d, n), vector("b", d)
    assert prove(layers.linear.forward(z, w, b), w * z + b).name == "proved"
    assert prove(layers.linear.forward(z, w, b), w * z - b).name == "refuted"


@pytest.mark.parametrize(
    "arguments",
    [
        (vector("z", d), matrix("W", d, n), vector("b", d)),
        (vector("z", n), matrix("W", d, n), vector("b", n)),
        (vector("z", n).T, matrix("W", d, n), vector("b", d)),
    ],
)
def test_linear_refuses_shapes_that_disagree(arguments: Any) -> None:
    with pytest.raises(ShapeError, match="linear: for W of shape d x n"):
        layers.linear.forward(*arguments)


@pytest.mark.parametrize("size", SIZES)
def test_gap(size: tuple[int, int]) -> None:
    x = integers(size, 4)
    exact = evaluate_at(layers.gap.forward(image), {H: size[0], W: size[1]}, {"x": x.tolist()})
    assert Fraction(int(exact.p), int(exact.q)) == Fraction(int(x.sum()), x.size)
    assert float(exact) == pytest.approx(reference.gap.forward(x[None, None].astype(float))[0, 0], rel=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_dct(size: tuple[int, int]) -> None:
    x = integers(size, 5)
    expected = reference.dct2d.forward(x.astype(float))
    for h in range(size[0]):
        for w in range(size[1]):
            coefficient = layers.dct2d.forward(image, sp.Integer(h), sp.Integer(w))
            exact = explicit(coefficient, size, x)
            assert abs(float(sp.N(exact, 30)) - expected[h, w]) < 1e-9


@pytest.mark.parametrize("size", SIZES[:3])
def test_the_inverse_dct_gives_the_image_back_exactly(size: tuple[int, int]) -> None:
    x = integers(size, 6)
    for i in range(size[0]):
        for j in range(size[1]):
            entry = explicit(layers.dct2d.inverse(image, sp.Integer(i), sp.Integer(j)), size, x)
            assert sp.simplify(sp.expand(entry)) == x[i, j]


def explicit(e: Any, size: tuple[int, int], x: Any) -> Any:
    """The value with the sums written out, by substitution alone."""
    e = e.xreplace({H: sp.Integer(size[0]), W: sp.Integer(size[1])}).doit()
    return e.replace(sp.Indexed, lambda _base, i, j: sp.Integer(int(x[int(i), int(j)])))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_the_transform_matrix(length: int) -> None:
    matrix_ = layers.dct2d.transform_matrix(sp.Integer(length))
    columns = [reference.dct2d.forward(np.eye(length)[:, [k]].copy()) for k in range(length)]
    for h in range(length):
        for k in range(length):
            assert float(matrix_[h, k]) == pytest.approx(columns[k][h, 0], abs=1e-12)


def test_the_weights() -> None:
    assert layers.dct2d.weight(sp.Integer(0)) == 1
    assert [layers.dct2d.weight(sp.Integer(k)) for k in (1, 2)] == [2, 2]
