"""The softmax of a column: `p[k] = exp(x[k]) / sum_l exp(x[l])`.

Source: Bridle, Training stochastic model recognition algorithms as networks can lead to maximum mutual information
estimation of parameters (1990).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.layers._index import summation_indices
from cnnsym.sizes import same_size, shape_text


def partition(x: Any) -> Any:
    """The sum of the exponentials of a column `x` of shape `(d, 1)`; ShapeError where it is none.

    >>> import cnnsym
    >>> d = cnnsym.dims("d")
    >>> partition(cnnsym.vector("x", d)).function
    exp(x[l, 0])
    """
    if not same_size(x.shape[1], 1):
        raise ShapeError(f"softmax: expected a column, got shape {shape_text(x.shape)}")
    (l,) = summation_indices("l", x)
    return sp.Sum(sp.exp(x[l, 0]), (l, 0, x.shape[0] - 1))


def forward(x: Any) -> Any:
    """The probabilities, a column of the shape of `x`, by their entries; ShapeError where `x` is no column.

    >>> import cnnsym
    >>> d = cnnsym.dims("d")
    >>> forward(cnnsym.vector("x", d)).shape
    (d, 1)
    """
    total = partition(x)
    k, col = summation_indices("k c", x)
    return sp.FunctionMatrix(x.shape[0], 1, sp.Lambda((k, col), sp.exp(x[k, 0]) / total))
