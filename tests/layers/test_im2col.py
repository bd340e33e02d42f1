"""im2col and col2im by entries are what the NumPy layer computes; its rows and columns are windows in the stated order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp

from cnnsym import reference
from cnnsym.atoms import signal
from cnnsym.evaluate import evaluate_at
from cnnsym.layers import im2col
from cnnsym.prover import prove
from cnnsym.sizes import dims

# channels, window, stride, dilation, padding, image: per direction where there are two.
CASES = [
    (2, (2, 3), (2, 1), (1, 2), (1, 0), (3, 6)),
    (1, (1, 2), (3, 2), (1, 1), (0, 2), (4, 3)),
    (2, (2, 2), (1, 1), (2, 1), (2, 1), (2, 2)),
]


def arrays(case: Any) -> tuple[Any, Any, dict[str, Any]]:
    channels, size, stride, dilation, padding, image = case
    options = {"stride": stride, "dilation": dilation, "padding": padding}
    x = np.random.default_rng(sum(image)).integers(-4, 5, (channels, *image))
    columns = reference.im2col.forward(x[None].astype(float), size, **options)[0]
    return x, columns, options


def count(case: Any) -> tuple[int, int]:
    _, size, stride, dilation, padding, image = case
    rows, columns = (
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, p, d, k, s in zip(image, padding, dilation, size, stride, strict=True)
    )
    return rows, columns


@pytest.mark.parametrize("case", CASES)
def test_every_entry_of_the_matrix(case: Any) -> None:
    x, expected, options = arrays(case)
    image = signal("x", *x.shape)
    for r, q in np.ndindex(*expected.shape):
        entry = im2col.forward(image, sp.Integer(r), sp.Integer(q), case[1], sp.Integer(count(case)[1]), **options)
        value = entry if entry.is_Number else evaluate_at(entry, {}, {"x": x.tolist()})
        assert value == int(expected[r, q])


@pytest.mark.parametrize("case", CASES)
def test_every_pixel_of_the_adjoint(case: Any) -> None:
    x, columns, options = arrays(case)
    shape = (len(x), *case[1], *count(case))
    z = np.random.default_rng(3).integers(-4, 5, shape)
    given = z.reshape(1, *columns.shape).astype(float)
    expected = reference.im2col.backward(given, x.shape[1:], case[1], **options)[0]
    windows = signal("z", *shape)
    for l, i, j in np.ndindex(*x.shape):
        pixel = im2col.adjoint(windows, sp.Integer(l), sp.Integer(i), sp.Integer(j), **options)
        assert evaluate_at(pixel, {}, {"z": z.tolist()}) == int(expected[l, i, j])


def test_the_place_of_a_tap_and_of_a_window_for_all_sizes() -> None:
    c, k, m, rows, columns, s, d = dims("c k m P Q s d")
    x = signal("x", c, m, m)
    l, a, b = sp.Idx("l", c), sp.Idx("a", k), sp.Idx("b", k)
    u, v = sp.Idx("u", rows), sp.Idx("v", columns)
    options = {"stride": s, "dilation": d}
    patch = im2col.patch(x, l, a, b, u, v, **options)
    entry = im2col.forward(x, (l * k + a) * k + b, columns * u + v, (k, k), columns, **options)
    assert prove(entry, patch).name == "proved"
    swapped = im2col.forward(x, (l * k + b) * k + a, columns * u + v, (k, k), columns, **options)
    assert prove(swapped, patch).name == "refuted"


def test_names_of_bound_indices_keep_clear_of_what_is_given() -> None:
    c, k, n = dims("c k n")
    a, u = sp.symbols("a u", integer=True)
    pixel = im2col.adjoint(signal("z", c, k, k, n, n), 0, a, u)
    assert {a, u} <= pixel.free_symbols
