"""The mean squared error: the mean of `(y - t)^2` over all entries.

The mean is over the batch and over the entries of each example; there is no factor 1/2.

Source:
    Goodfellow, Bengio and Courville 2016, Deep Learning, section 5.1.4.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(y: NDArray[Float], t: NDArray[Float]) -> Float:
    """The mean of the squared errors.

    Args:
        y: the predictions, any shape that is not empty, such as `(B, d)`.
        t: the targets, of the same shape.

    Returns:
        The loss, a scalar of the dtype of the inputs.

    Raises:
        ValueError: the shapes differ or are empty, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> float(forward(np.array([[1.0, 2.0]]), np.array([[4.0, 1.0]])))
        5.0
    """
    _check(y, t)
    loss: Float = np.sum(np.square(y - t)) / y.size
    return loss


def backward(y: NDArray[Float], t: NDArray[Float]) -> NDArray[Float]:
    """The gradient of the loss by the predictions; that by the targets is its negative.

    Args:
        y: the predictions given to `forward`.
        t: the targets given to `forward`, of the same shape.

    Returns:
        `grad_y`, of the same shape.

    Raises:
        ValueError: the shapes differ or are empty, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([[1.0, 2.0]]), np.array([[4.0, 1.0]]))
        array([[-3.,  1.]])
    """
    _check(y, t)
    return np.asarray(2 * (y - t) / y.size)


def _check(y: NDArray[Float], t: NDArray[Float]) -> None:
    agree(("y", y, "..."), ("t", t, "..."))
    if y.size == 0:
        raise ValueError(f"`y` must have an entry to take the mean of, got shape {y.shape}")
    finite(("y", y), ("t", t))
