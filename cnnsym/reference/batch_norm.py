"""Batch normalisation, in training, with given statistics, and folded into the layer before.

In training each channel is standardised over the batch and its pixels, with the biased
variance (the mean of the squared deviations); afterwards, in evaluation, with statistics
that were gathered in training and are constants. `y = gamma (x - mean) / sqrt(var + eps) +
beta` in both. Inputs are images `(B, C, H, W)` or features `(B, C)`.

Source:
    Ioffe and Szegedy 2015, Batch normalization: accelerating deep network training by
    reducing internal covariate shift, algorithm 1, sections 3 and 3.1. Jacob and others
    2018, Quantization and training of neural networks for efficient
    integer-arithmetic-only inference, section 3.2, for the folding.
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
    per_channel,
    standardize,
    standardize_backward,
)

Float = TypeVar("Float", np.float32, np.float64)
AXES = ("B C", "B C H W")


def forward(
    x: NDArray[Float], gamma: NDArray[Float], beta: NDArray[Float], eps: float = 1e-5
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The layer in training.

    Args:
        x: the inputs, `(B, C, H, W)` or `(B, C)`.
        gamma: the scale of each channel, `(C,)`.
        beta: the shift of each channel, `(C,)`.
        eps: added to the variance, above 0.

    Returns:
        `y` of the shape of `x`; and the `mean` and the biased variance `var` of each
        channel, `(C,)`, of which the caller may keep running averages for `evaluate`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> y, mean, var = forward(np.array([[3.0], [5.0]]), np.array([2.0]), np.array([7.0]), eps=3.0)
        >>> y.ravel(), mean, var
        (array([6., 8.]), array([4.]), array([1.]))
    """
    agree(("x", x, either("x", x, *AXES)), ("gamma", gamma, "C"), ("beta", beta, "C"))
    finite(("x", x), ("gamma", gamma), ("beta", beta))
    eps = positive("eps", eps, x.dtype)
    standard, mean, var = standardize(x, _over(x), eps)
    return affine(standard, gamma, beta), mean.ravel(), var.ravel()


def backward(
    grad_y: NDArray[Float], x: NDArray[Float], gamma: NDArray[Float], eps: float = 1e-5
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `gamma` and `beta` in training.

    The mean and the variance are functions of `x`: every entry of a channel has a part in
    the gradient of every other, and the gradient of a channel sums to 0. They are computed
    anew, so that running averages cannot come in their place. The value of `beta` is not
    needed.

    Args:
        grad_y: the gradient of the cost by the output, of the shape of `x`.
        x: the inputs given to `forward`, `(B, C, H, W)` or `(B, C)`.
        gamma: the scale given to `forward`, `(C,)`.
        eps: the number given to `forward`.

    Returns:
        `grad_x` of the shape of `x`, `grad_gamma` `(C,)` and `grad_beta` `(C,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> grad_y, x = np.array([[8.0], [0.0]]), np.array([[3.0], [5.0]])
        >>> grad_x, grad_gamma, grad_beta = backward(grad_y, x, np.array([2.0]), eps=3.0)
        >>> grad_x.ravel(), grad_gamma, grad_beta
        (array([ 3., -3.]), array([-4.]), array([8.]))
    """
    pattern = either("x", x, *AXES)
    agree(("x", x, pattern), ("gamma", gamma, "C"), ("grad_y", grad_y, pattern))
    finite(("grad_y", grad_y), ("x", x), ("gamma", gamma))
    eps = positive("eps", eps, x.dtype)
    standard, _, _ = standardize(x, _over(x), eps)
    grad_standard, grad_gamma, grad_beta = affine_backward(grad_y, standard, gamma)
    return standardize_backward(grad_standard, x, _over(x), eps), grad_gamma, grad_beta


def evaluate(
    x: NDArray[Float],
    gamma: NDArray[Float],
    beta: NDArray[Float],
    mean: NDArray[Float],
    var: NDArray[Float],
    eps: float = 1e-5,
) -> NDArray[Float]:
    """The layer in evaluation, with given statistics: an affine map of each channel.

    Args:
        x: the inputs, `(B, C, H, W)` or `(B, C)`.
        gamma: the scale of each channel, `(C,)`.
        beta: the shift of each channel, `(C,)`.
        mean: the mean of each channel, `(C,)`.
        var: the variance of each channel, at least 0, `(C,)`.
        eps: added to the variance, above 0.

    Returns:
        `y` of the shape of `x`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, a variance is below 0,
            or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> one = np.ones(1)
        >>> evaluate(np.array([[3.0], [5.0]]), 2 * one, 7 * one, mean=one, var=one, eps=3.0)
        array([[ 9.],
               [11.]])
    """
    agree(("x", x, either("x", x, *AXES)), *((n, v, "C") for n, v in _named(gamma, beta, mean, var)))
    finite(("x", x), *_named(gamma, beta, mean, var))
    eps = positive("eps", eps, x.dtype)
    return affine(_evaluated(x, mean, var, eps), gamma, beta)


def evaluate_backward(
    grad_y: NDArray[Float],
    x: NDArray[Float],
    gamma: NDArray[Float],
    mean: NDArray[Float],
    var: NDArray[Float],
    eps: float = 1e-5,
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `gamma` and `beta` in evaluation, the statistics being constants.

    Args:
        grad_y: the gradient of the cost by the output, of the shape of `x`.
        x: the inputs given to `evaluate`, `(B, C, H, W)` or `(B, C)`.
        gamma: the scale given to `evaluate`, `(C,)`.
        mean: the means given to `evaluate`, `(C,)`.
        var: the variances given to `evaluate`, `(C,)`.
        eps: the number given to `evaluate`.

    Returns:
        `grad_x` of the shape of `x`, `grad_gamma` `(C,)` and `grad_beta` `(C,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, a variance is below 0,
            or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> one, x, grad_y = np.ones(1), np.array([[3.0], [5.0]]), np.array([[8.0], [0.0]])
        >>> evaluate_backward(grad_y, x, gamma=2 * one, mean=one, var=one, eps=3.0)[0]
        array([[8.],
               [0.]])
    """
    pattern = either("x", x, *AXES)
    statistics = (("mean", mean), ("var", var))
    agree(
        ("x", x, pattern),
        ("gamma", gamma, "C"),
        *((n, v, "C") for n, v in statistics),
        ("grad_y", grad_y, pattern),
    )
    finite(("grad_y", grad_y), ("x", x), ("gamma", gamma), *statistics)
    eps = positive("eps", eps, x.dtype)
    standard = _evaluated(x, mean, var, eps)
    grad_standard, grad_gamma, grad_beta = affine_backward(grad_y, standard, gamma)
    return grad_standard / per_channel(_root(var, eps), x), grad_gamma, grad_beta


def fold(
    W: NDArray[Float],
    b: NDArray[Float],
    gamma: NDArray[Float],
    beta: NDArray[Float],
    mean: NDArray[Float],
    var: NDArray[Float],
    eps: float = 1e-5,
) -> tuple[NDArray[Float], NDArray[Float]]:
    """The weights and the bias of the one layer that is a layer followed by `evaluate`.

    A zero padding stays as it is: it stands before the layer. A batch normalisation before
    a padded convolution could not be folded so, for it would also move the padding.

    Args:
        W: the weights of a convolution, `(d, c, kh, kw)`, or of a linear layer, `(d, n)`.
        b: the bias, `(d,)`; zeros if there is none.
        gamma: the scale of each output channel, `(d,)`.
        beta: the shift of each output channel, `(d,)`.
        mean: the mean of each output channel, `(d,)`.
        var: the variance of each output channel, at least 0, `(d,)`.
        eps: added to the variance, above 0.

    Returns:
        The folded weights, of the shape of `W`, and the folded bias, `(d,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, a variance is below 0,
            or `eps` is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> W, one = np.array([[4.0, 6.0]]), np.ones(1)
        >>> fold(W, 3 * one, gamma=one, beta=5 * one, mean=one, var=one, eps=3.0)
        (array([[2., 3.]]), array([6.]))
    """
    pattern = either("W", W, "d n", "d c kh kw")
    agree(("W", W, pattern), ("b", b, "d"), *((n, v, "d") for n, v in _named(gamma, beta, mean, var)))
    finite(("W", W), ("b", b), *_named(gamma, beta, mean, var))
    eps = positive("eps", eps, W.dtype)
    scale = gamma / _root(var, eps)
    return scale.reshape(-1, *[1] * (W.ndim - 1)) * W, scale * (b - mean) + beta


def _over(x: NDArray[Float]) -> tuple[int, ...]:
    """Every axis but that of the channels."""
    return (0, *range(2, x.ndim))


def _named(
    gamma: NDArray[Float], beta: NDArray[Float], mean: NDArray[Float], var: NDArray[Float]
) -> tuple[tuple[str, NDArray[Float]], ...]:
    return ("gamma", gamma), ("beta", beta), ("mean", mean), ("var", var)


def _evaluated(x: NDArray[Float], mean: NDArray[Float], var: NDArray[Float], eps: float) -> NDArray[Float]:
    return (x - per_channel(mean, x)) / per_channel(_root(var, eps), x)


def _root(var: NDArray[Float], eps: float) -> NDArray[Float]:
    if np.any(var < 0):
        at = int(np.argmax(var < 0))
        raise ValueError(f"`var` must be at least 0, got {var[at]} at ({at},)")
    root: NDArray[Float] = np.sqrt(var + eps)
    return root
