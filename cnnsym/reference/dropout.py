"""Inverted dropout: entries are dropped by a given mask, and the others scaled.

Each entry is kept with probability `1 - p` and then divided by `1 - p`, so that its
expectation stays as it is and nothing need be done outside training. The mask is an
argument: drawn by the caller, it makes the layer a function.

Source:
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, Dropout: a simple way
    to prevent neural networks from overfitting, section 10 for the scaling in training.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.hyperparameters import real

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float], mask: NDArray[Any], p: float) -> NDArray[Float]:
    """`x mask / (1 - p)`, entry by entry.

    Args:
        x: any shape, `(...)`.
        mask: 1 where an entry is kept and 0 where it is dropped, of the same shape; of
            the dtype of `x`, or `bool`.
        p: the probability with which entries are dropped, at least 0 and below 1.

    Returns:
        `y` of the same shape.

    Raises:
        ValueError: the shapes differ, an entry of `x` is not finite, `mask` has an entry
            other than 0 and 1, or `p` is outside its range.
        TypeError: the dtypes do not agree, or `p` is not a number.

    Example:
        >>> forward(np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 1.0]), p=0.5)
        array([2., 0., 6.])
    """
    return _drop("x", x, mask, p)


def backward(grad_y: NDArray[Float], mask: NDArray[Any], p: float) -> NDArray[Float]:
    """The gradient by `x`.

    The layer is linear in `x`, whose value is not needed, and its own adjoint.

    Args:
        grad_y: the gradient of the cost by the output, `(...)`.
        mask: the mask given to `forward`.
        p: the probability given to `forward`.

    Returns:
        `grad_x`, of the same shape.

    Raises:
        ValueError: the shapes differ, an entry of `grad_y` is not finite, `mask` has an
            entry other than 0 and 1, or `p` is outside its range.
        TypeError: the dtypes do not agree, or `p` is not a number.

    Example:
        >>> backward(np.array([1.0, 1.0]), np.array([True, False]), p=0.75)
        array([4., 0.])
    """
    return _drop("grad_y", grad_y, mask, p)


def _drop(name: str, array: NDArray[Float], mask: NDArray[Any], p: float) -> NDArray[Float]:
    agree((name, array, "..."))
    if getattr(mask, "dtype", None) == np.bool_:
        mask = mask.astype(array.dtype)
    agree((name, array, "..."), ("mask", mask, "..."))
    finite((name, array))
    wrong = (mask != 0) & (mask != 1)
    if np.any(wrong):
        at = tuple(int(i) for i in np.unravel_index(np.argmax(wrong), wrong.shape))
        raise ValueError(f"`mask` must be 0 or 1, got {mask[at]} at {at}")
    if not 0 <= real("p", p, array.dtype) < 1:
        raise ValueError(f"`p` must be at least 0 and below 1, got {p}")
    kept: NDArray[Float] = array * mask / (1 - float(p))
    return kept
