"""Flattening by entries is what the NumPy layer computes, and `place` is its inverse."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from cnnsym import reference
from cnnsym.atoms import signal
from cnnsym.layers import flatten
from cnnsym.prover import prove
from cnnsym.sizes import dims


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4), (3, 1, 2)])
def test_every_entry(shape: tuple[int, int, int]) -> None:
    x = np.arange(24)[: int(np.prod(shape))].reshape(shape)
    expected = reference.flatten.forward(x[None].astype(float))[0]
    image = signal("x", *shape)
    for r, value in enumerate(expected):
        entry = flatten.forward(image, sp.Integer(r))
        assert x[tuple(int(k) for k in entry.indices)] == int(value)
        assert flatten.place(*entry.indices, shape) == r


def test_place_and_forward_are_inverse_for_all_sizes() -> None:
    c, H, W = dims("c H W")
    x = signal("x", c, H, W)
    l, i, j = sp.Idx("l", c), sp.Idx("i", H), sp.Idx("j", W)
    assert prove(flatten.forward(x, flatten.place(l, i, j, (c, H, W))), x[l, i, j]).name == "proved"
    assert prove(flatten.forward(x, flatten.place(l, j, i, (c, W, H))), x[l, i, j]).name == "refuted"
