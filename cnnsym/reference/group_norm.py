"""Group normalisation: each example standardised over groups of its channels.

The `C` channels are split in order into `groups` of equal size; the mean and the biased
variance are over the channels and the pixels of a group, the scale and the shift are those
of a channel. One group is layer normalisation but for the parameters; as many groups as
channels is instance normalisation. No example depends on another.

Source:
    Wu and He 2018, Group normalization, section 3.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, either, finite
from cnnsym.reference.hyperparameters import positive
from cnnsym.reference.standardization import (
    affine,
    affine_backward,
    standardize,
    standardize_backward,
)

Float = TypeVar("Float", np.float32, np.float64)
AXES = ("B C", "B C H W")


def forward(
    x: NDArray[Float], gamma: NDArray[Float], beta: NDArray[Float], groups: int, eps: float = 1e-5
) -> NDArray[Float]:
    """The standardised groups, each channel with its own scale and shift.

    Args:
        x: the inputs, `(B, C, H, W)` or `(B, C)`.
        gamma: the scale of each channel, `(C,)`.
        beta: the shift of each channel, `(C,)`.
        groups: the number of groups, a divisor of `C`.
        eps: added to the variance, above 0.

    Returns:
        `y`, of the shape of `x`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, `groups` does not
            divide the channels, or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, `groups` is not an
            integer, or `eps` is not a number.

    Example:
        >>> x, one = np.array([[3.0, 5.0, 0.0, 0.0]]), np.ones(4)
        >>> forward(x, gamma=2 * one, beta=7 * one, groups=2, eps=3.0)
        array([[6., 8., 7., 7.]])
    """
    agree(("x", x, either("x", x, *AXES)), ("gamma", gamma, "C"), ("beta", beta, "C"))
    finite(("x", x), ("gamma", gamma), ("beta", beta))
    eps = positive("eps", eps, x.dtype)
    standard, _, _ = standardize(_grouped(x, groups), (2,), eps)
    return affine(standard.reshape(x.shape), gamma, beta)


def backward(
    grad_y: NDArray[Float], x: NDArray[Float], gamma: NDArray[Float], groups: int, eps: float = 1e-5
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `gamma` and `beta`.

    The gradient of each group of an example sums to 0. The value of `beta` is not needed.

    Args:
        grad_y: the gradient of the cost by the output, of the shape of `x`.
        x: the inputs given to `forward`, `(B, C, H, W)` or `(B, C)`.
        gamma: the scale given to `forward`, `(C,)`.
        groups: the number given to `forward`.
        eps: the number given to `forward`.

    Returns:
        `grad_x` of the shape of `x`, `grad_gamma` `(C,)` and `grad_beta` `(C,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, `groups` does not
            divide the channels, or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, `groups` is not an
            integer, or `eps` is not a number.

    Example:
        >>> grad_y, x = np.array([[8.0, 0.0, 1.0, 1.0]]), np.array([[3.0, 5.0, 0.0, 0.0]])
        >>> grad_x, grad_gamma, grad_beta = backward(grad_y, x, np.ones(4), groups=2, eps=3.0)
        >>> grad_x, grad_gamma
        (array([[ 1.5, -1.5,  0. ,  0. ]]), array([-4.,  0.,  0.,  0.]))
    """
    pattern = either("x", x, *AXES)
    agree(("x", x, pattern), ("gamma", gamma, "C"), ("grad_y", grad_y, pattern))
    finite(("grad_y", grad_y), ("x", x), ("gamma", gamma))
    eps = positive("eps", eps, x.dtype)
    grouped = _grouped(x, groups)
    standard, _, _ = standardize(grouped, (2,), eps)
    grad_standard, grad_gamma, grad_beta = affine_backward(grad_y, standard.reshape(x.shape), gamma)
    grad_grouped = standardize_backward(grad_standard.reshape(grouped.shape), grouped, (2,), eps)
    return grad_grouped.reshape(x.shape), grad_gamma, grad_beta


def _grouped(x: NDArray[Float], groups: int) -> NDArray[Float]:
    """Every group of every example in a row, `(B, groups, n)`."""
    if isinstance(groups, bool) or not isinstance(groups, int | np.integer):
        raise TypeError(f"`groups` must be an integer, got {type(groups).__name__}")
    B, C = x.shape[:2]
    if groups < 1 or C % groups:
        raise ValueError(f"`groups` must divide the C = {C} channels of `x`, got {groups}")
    return x.reshape(B, groups, -1)
