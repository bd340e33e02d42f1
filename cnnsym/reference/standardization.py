"""Standardising: the mean over some axes taken away, then the root of the variance divided out.

The three normalisations differ in the axes only. This is the part that they have in common,
with the affine map of each channel; what they are given, they have checked.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Float = TypeVar("Float", np.float32, np.float64)


def standardize(
    x: NDArray[Float], axes: tuple[int, ...], eps: float
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """`(x - mean) / sqrt(var + eps)` with the mean and the biased variance over `axes`.

    Args:
        x: any shape.
        axes: the axes over which the mean is taken.
        eps: above 0, so that what is constant over the axes becomes 0.

    Returns:
        The standardised entries, of the shape of `x`; `mean` and `var`, of the same number
        of axes, those of `axes` having size 1.

    Example:
        >>> standardize(np.array([[3.0, 5.0]]), (1,), eps=3.0)
        (array([[-0.5,  0.5]]), array([[4.]]), array([[1.]]))
    """
    mean = np.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    # Not the mean square less the square of the mean: that loses the digits they share.
    var = np.mean(np.square(centred), axis=axes, keepdims=True)
    return centred / np.sqrt(var + eps), mean, var


def standardize_backward(
    grad: NDArray[Float], x: NDArray[Float], axes: tuple[int, ...], eps: float
) -> NDArray[Float]:
    """The gradient by `x`, of its shape, given that by the standardised entries.

    With the standardised `y`, it is `(g - mean(g) - y mean(y g)) / sqrt(var + eps)`: `x`
    acts also through the mean and through the variance.

    Source:
        Ioffe and Szegedy 2015, Batch normalization: accelerating deep network training by
        reducing internal covariate shift, section 3.

    Example:
        >>> standardize_backward(np.array([[8.0, 0.0]]), np.array([[3.0, 5.0]]), (1,), eps=3.0)
        array([[ 1.5, -1.5]])
    """
    y, _, var = standardize(x, axes, eps)
    through_mean = np.mean(grad, axis=axes, keepdims=True)
    through_var = y * np.mean(y * grad, axis=axes, keepdims=True)
    return (grad - through_mean - through_var) / np.sqrt(var + eps)


def per_channel(v: NDArray[Float], x: NDArray[Float]) -> NDArray[Float]:
    """The entries of `v`, `(C,)`, so shaped that each meets its own channel of `x`.

    Example:
        >>> per_channel(np.array([1.0, 2.0]), np.ones((5, 2, 4, 4))).shape
        (2, 1, 1)
    """
    return v.reshape(-1, *[1] * (x.ndim - 2))


def affine(y: NDArray[Float], gamma: NDArray[Float], beta: NDArray[Float]) -> NDArray[Float]:
    """`gamma_c y + beta_c` in each channel `c`; the shape of `y`.

    Example:
        >>> affine(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]), np.array([0.0, 1.0]))
        array([[3., 9.]])
    """
    return per_channel(gamma, y) * y + per_channel(beta, y)


def affine_backward(
    grad: NDArray[Float], y: NDArray[Float], gamma: NDArray[Float]
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `y`, by `gamma` and by `beta`, each in the shape of its own.

    Example:
        >>> affine_backward(np.array([[5.0]]), np.array([[2.0]]), np.array([3.0]))
        (array([[15.]]), array([10.]), array([5.]))
    """
    outside = (0, *range(2, y.ndim))
    grad_gamma = np.sum(grad * y, axis=outside)
    grad_beta = np.sum(grad, axis=outside)
    return per_channel(gamma, y) * grad, grad_gamma, grad_beta
