"""The mean squared error: the mean of `(y - t)^2` over all entries.

Source: Goodfellow, Bengio and Courville, Deep Learning, section 5.1.4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.layers._index import summation_indices
from cnnsym.sizes import same_shape, shape_text


def forward(y: Any, t: Any) -> Any:
    """The loss of predictions `y` and targets `t`, both of shape `(m, n)`; ShapeError where they differ.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> forward(cnnsym.matrix("Y", m, n), cnnsym.matrix("T", m, n)).args[-1].function
    (-T[a, c] + Y[a, c])**2
    """
    if not same_shape(y.shape, t.shape):
        raise ShapeError(f"mse: expected targets of shape {shape_text(y.shape)}, got {shape_text(t.shape)}")
    (m, n), (a, c) = y.shape, summation_indices("a c", y, t)
    return sp.Sum((y[a, c] - t[a, c]) ** 2, (a, 0, m - 1), (c, 0, n - 1)) / (m * n)
