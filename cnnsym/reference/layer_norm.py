"""Layer normalisation: each example standardised over its last axes.

`y = gamma (x - mean) / sqrt(var + eps) + beta`, the mean and the biased variance being over
the axes that `gamma` and `beta` have. No example depends on another.

Source:
    Ba, Kiros and Hinton 2016, Layer normalization, section 3.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.hyperparameters import positive
from cnnsym.reference.standardization import standardize, standardize_backward

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float], gamma: NDArray[Float], beta: NDArray[Float], eps: float = 1e-5) -> NDArray[Float]:
    """The standardised examples, each entry with its own scale and shift.

    Args:
        x: the inputs, `(..., n_1, ..., n_k)`; the axes before the last `k` are a batch.
        gamma: the scales, `(n_1, ..., n_k)` with `k` at least 1.
        beta: the shifts, of the shape of `gamma`.
        eps: added to the variance, above 0.

    Returns:
        `y`, of the shape of `x`.

    Raises:
        ValueError: the shapes do not agree or are empty, an entry is not finite, or `eps`
            is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> forward(np.array([[3.0, 5.0]]), np.array([2.0, 4.0]), np.array([0.0, 1.0]), eps=3.0)
        array([[-1.,  3.]])
    """
    axes = _axes(x, ("gamma", gamma), ("beta", beta))
    finite(("x", x), ("gamma", gamma), ("beta", beta))
    eps = positive("eps", eps, x.dtype)
    standard, _, _ = standardize(x, axes, eps)
    return gamma * standard + beta


def backward(
    grad_y: NDArray[Float], x: NDArray[Float], gamma: NDArray[Float], eps: float = 1e-5
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `gamma` and `beta`.

    The gradient of each example sums to 0. The value of `beta` is not needed.

    Args:
        grad_y: the gradient of the cost by the output, of the shape of `x`.
        x: the inputs given to `forward`, `(..., n_1, ..., n_k)`.
        gamma: the scales given to `forward`, `(n_1, ..., n_k)`.
        eps: the number given to `forward`.

    Returns:
        `grad_x` of the shape of `x`; `grad_gamma` and `grad_beta` of that of `gamma`, sums
        over the batch.

    Raises:
        ValueError: the shapes do not agree or are empty, an entry is not finite, or `eps`
            is not above 0.
        TypeError: the dtypes are not all `float32` or all `float64`, or `eps` is not a
            number.

    Example:
        >>> grad_y, x, gamma = np.array([[4.0, 0.0]]), np.array([[3.0, 5.0]]), np.array([2.0, 4.0])
        >>> backward(grad_y, x, gamma, eps=3.0)
        (array([[ 1.5, -1.5]]), array([-2.,  0.]), array([4., 0.]))
    """
    axes = _axes(x, ("gamma", gamma))
    agree(("x", x, "..."), ("grad_y", grad_y, "..."))
    finite(("grad_y", grad_y), ("x", x), ("gamma", gamma))
    eps = positive("eps", eps, x.dtype)
    standard, _, _ = standardize(x, axes, eps)
    batch = tuple(range(x.ndim - len(axes)))
    grad_gamma = np.sum(grad_y * standard, axis=batch)
    grad_beta = np.sum(grad_y, axis=batch)
    return standardize_backward(gamma * grad_y, x, axes, eps), grad_gamma, grad_beta


def _axes(x: NDArray[Float], *parameters: tuple[str, NDArray[Float]]) -> tuple[int, ...]:
    """The last axes, as many as the parameters have; the shapes have been compared."""
    agree(("x", x, "..."))
    count = np.ndim(parameters[0][1])
    names = " ".join(f"n_{k + 1}" for k in range(count))
    if count == 0:
        raise ValueError("`gamma` must have at least one axis, got shape ()")
    agree(("x", x, f"... {names}"), *((name, array, names) for name, array in parameters))
    if x.size == 0:
        raise ValueError(f"`x` must have an example to normalise, got shape {x.shape}")
    return tuple(range(-count, 0))
