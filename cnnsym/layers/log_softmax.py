"""The logarithm of the softmax of a column: `x[k] - log(sum_l exp(x[l]))`.

Source: Bridle, Training stochastic model recognition algorithms as networks can lead to maximum mutual information
estimation of parameters (1990).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices
from cnnsym.layers.softmax import partition


def forward(x: Any) -> Any:
    """The logarithms, a column of the shape of `x`, by their entries; ShapeError where `x` is no column.

    >>> import cnnsym
    >>> d = cnnsym.dims("d")
    >>> forward(cnnsym.vector("x", d)).shape
    (d, 1)
    """
    total = partition(x)
    k, col = summation_indices("k c", x)
    return sp.FunctionMatrix(x.shape[0], 1, sp.Lambda((k, col), x[k, 0] - sp.log(total)))
