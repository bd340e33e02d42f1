"""The residual connection: `y = x + F(x)`, the sum where a branch meets what it left.

Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2016), equation 1.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.layers._index import summation_indices
from cnnsym.sizes import same_shape, shape_text


def forward(x: Any, branch: Any) -> Any:
    """The output, by its entries, for `x` and the output `F(x)` of the branch, of one shape; ShapeError where they differ.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("x", n), cnnsym.vector("F", n))[0, 0]
    F[0, 0] + x[0, 0]
    """
    if not same_shape(x.shape, branch.shape):
        raise ShapeError(f"residual: expected a branch of shape {shape_text(x.shape)}, got {shape_text(branch.shape)}")
    a, c = summation_indices("a c", x, branch)
    return sp.FunctionMatrix(*x.shape, sp.Lambda((a, c), x[a, c] + branch[a, c]))
