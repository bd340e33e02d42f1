"""Flattening: each image of a batch as one row.

The order is that of the memory, the last axis fastest: pixel `(c, i, j)` comes to place
`(c H + i) W + j`.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float]) -> NDArray[Float]:
    """The entries of each example in a row.

    Args:
        x: a batch with any axes after the first, `(B, ...)`, such as `(B, C, H, W)`.

    Returns:
        `y`, `(B, n)` with `n` the product of the other sizes; a copy.

    Raises:
        ValueError: `x` has fewer than two axes, an empty one, or an entry that is not finite.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[1.0, 2.0], [3.0, 4.0]]]))
        array([[1., 2., 3., 4.]])
    """
    agree(("x", x, "..."))
    if x.ndim < 2 or x.size == 0:
        raise ValueError(f"`x` must have shape (B, ...) with two or more axes, each at least 1, got {x.shape}")
    finite(("x", x))
    return x.reshape(len(x), -1).copy()


def backward(grad_y: NDArray[Float], size: tuple[int, ...]) -> NDArray[Float]:
    """The gradient by `x`: the same entries in their old places.

    The layer is linear, so of `x` only its size is needed.

    Args:
        grad_y: the gradient of the cost by the output, `(B, n)`.
        size: the sizes of `x` after the batch, such as `(C, H, W)`.

    Returns:
        `grad_x`, `(B, *size)`; a copy.

    Raises:
        ValueError: `grad_y` does not have two axes, an entry is not finite, or `size` does
            not multiply to `n`.
        TypeError: `grad_y` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([[1.0, 2.0, 3.0, 4.0]]), (2, 2))
        array([[[1., 2.],
                [3., 4.]]])
    """
    agree(("grad_y", grad_y, "B n"))
    finite(("grad_y", grad_y))
    n = grad_y.shape[1]
    if not _is_size(size, n):
        raise ValueError(
            f"`size` must be a tuple of integers of at least 1 with product n = {n} as in `grad_y`, got {size!r}"
        )
    return grad_y.reshape(len(grad_y), *size).copy()


def _is_size(size: object, n: int) -> bool:
    if not isinstance(size, tuple) or not size:
        return False
    # Two negative sizes would multiply to n as well.
    if not all(isinstance(axis, int | np.integer) and axis >= 1 for axis in size):
        return False
    return math.prod(int(axis) for axis in size) == n
