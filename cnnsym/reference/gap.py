"""Global average pooling: the mean of each channel.

Source:
    Lin, Chen and Yan 2013, Network in network, section 3.2.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float]) -> NDArray[Float]:
    """The mean over the pixels of each channel.

    Args:
        x: the images, `(B, C, H, W)`.

    Returns:
        `g`, `(B, C)`.

    Raises:
        ValueError: `x` does not have four axes of size at least 1, or is not finite.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[[1.0, 2.0], [3.0, 6.0]]]]))
        array([[3.]])
    """
    agree(("x", x, "B C H W"))
    finite(("x", x))
    mean: NDArray[Float] = np.mean(x, axis=(2, 3))
    return mean


def backward(grad_g: NDArray[Float], size: tuple[int, int]) -> NDArray[Float]:
    """The gradient by `x`: every pixel of a channel has an equal share.

    The layer is linear, so of `x` only its size is needed.

    Args:
        grad_g: the gradient of the cost by the output, `(B, C)`.
        size: `(H, W)` of the images given to `forward`.

    Returns:
        `grad_x`, `(B, C, H, W)`.

    Raises:
        ValueError: `grad_g` does not have two axes or is not finite, or `size` is not two
            sizes of at least 1.
        TypeError: `grad_g` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([[8.0]]), (2, 2))
        array([[[[2., 2.],
                 [2., 2.]]]])
    """
    agree(("grad_g", grad_g, "B C"))
    finite(("grad_g", grad_g))
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"`size` must be (H, W), each at least 1, got {size}")
    share: NDArray[Float] = np.divide(grad_g, size[0] * size[1])
    # A copy: the broadcast view is read-only, and its pixels are one number in memory.
    return np.broadcast_to(share[:, :, None, None], (*grad_g.shape, *size)).copy()
