"""The cross entropy of targets with the softmax of scores: `-sum_k y[k] log p[k]`.

The targets are weights of any sum: one-hot, a distribution ("soft"), or neither.

Source: Goodfellow, Bengio and Courville, Deep Learning, sections 3.13 and 6.2.2.3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.layers import softmax
from cnnsym.layers._index import summation_indices
from cnnsym.sizes import same_shape, shape_text


def forward(x: Any, y: Any) -> Any:
    """The loss of scores `x` and targets `y`, both of shape `(d, 1)`; ShapeError where they are not.

    >>> import cnnsym
    >>> d = cnnsym.dims("d")
    >>> forward(cnnsym.vector("x", d), cnnsym.vector("y", d)).args[1].limits
    ((k, 0, d - 1),)
    """
    if not same_shape(x.shape, y.shape):
        raise ShapeError(
            f"softmax_cross_entropy: expected targets of shape {shape_text(x.shape)} as the scores, got {shape_text(y.shape)}"
        )
    p = softmax.forward(x)
    (k,) = summation_indices("k", x, y)
    return -sp.Sum(y[k, 0] * sp.log(p[k, 0]), (k, 0, x.shape[0] - 1))
