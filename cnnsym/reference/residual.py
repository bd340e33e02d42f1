"""The residual connection, `y = x + F(x)`: the sum where a branch meets what it left.

The branch `F` is layers of its own, and so is its backward pass; here stands the sum.

Source:
    He, Zhang, Ren and Sun 2016, Deep residual learning for image recognition, equation 1.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float], branch: NDArray[Float]) -> NDArray[Float]:
    """The input and the output of the branch, added entry by entry.

    Args:
        x: the input, any shape, `(...)`.
        branch: `F(x)`, the output of the branch, of the same shape.

    Returns:
        `y`, of the same shape.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> forward(np.array([1.0, 2.0]), np.array([10.0, 20.0]))
        array([11., 22.])
    """
    agree(("x", x, "..."), ("branch", branch, "..."))
    finite(("x", x), ("branch", branch))
    return x + branch


def backward(grad_y: NDArray[Float]) -> tuple[NDArray[Float], NDArray[Float]]:
    """The gradients by `x` and by `branch`, as the two inputs of the sum.

    Neither value is needed. The branch takes its gradient on to `x`: that of `x` in all is
    `grad_x` and what the backward pass of the branch makes of `grad_branch`.

    Args:
        grad_y: the gradient of the cost by the output, `(...)`.

    Returns:
        `grad_x` and `grad_branch`, of the same shape; two copies.

    Raises:
        ValueError: an entry is not finite.
        TypeError: `grad_y` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([5.0, 6.0]))
        (array([5., 6.]), array([5., 6.]))
    """
    agree(("grad_y", grad_y, "..."))
    finite(("grad_y", grad_y))
    return grad_y.copy(), grad_y.copy()
