"""Global max pooling: the largest pixel of each channel.

Source:
    Oquab, Bottou, Laptev and Sivic 2015, Is object localization for free? Weakly-supervised learning with convolutional
    neural networks.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float]) -> NDArray[Float]:
    """The maximum over the pixels of each channel.

    Args:
        x: the images, `(B, C, H, W)`.

    Returns:
        `g`, `(B, C)`.

    Raises:
        ValueError: `x` does not have four axes of size at least 1, or is not finite.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[[1.0, 2.0], [6.0, 3.0]]]]))
        array([[6.]])
    """
    agree(("x", x, "B C H W"))
    finite(("x", x))
    g: NDArray[Float] = np.max(x, axis=(2, 3))
    return g


def backward(grad_g: NDArray[Float], x: NDArray[Float]) -> NDArray[Float]:
    """The gradient by `x`: the maximum of each channel takes all, every other pixel nothing.

    Where several pixels are the maximum there is no derivative. The first of them, row by row, is then taken: one
    subgradient of several.

    Args:
        grad_g: the gradient of the cost by the output, `(B, C)`.
        x: the images given to `forward`, `(B, C, H, W)`.

    Returns:
        `grad_x`, `(B, C, H, W)`.

    Raises:
        ValueError: the shapes do not agree, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([[5.0]]), np.array([[[[1.0, 6.0], [6.0, 3.0]]]]))
        array([[[[0., 5.],
                 [0., 0.]]]])
    """
    agree(("x", x, "B C H W"), ("grad_g", grad_g, "B C"))
    finite(("x", x), ("grad_g", grad_g))
    pixels = x.reshape(*grad_g.shape, -1)
    grad_x = np.zeros_like(pixels)
    np.put_along_axis(grad_x, np.argmax(pixels, axis=2, keepdims=True), grad_g[:, :, None], axis=2)
    return grad_x.reshape(x.shape)
