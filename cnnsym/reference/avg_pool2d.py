"""Average pooling: the mean of each window, channel by channel.

The divisor is the number of pixels of the window everywhere, so zeros of the padding count. The layer is then the
depthwise convolution with the constant kernel `1 / (kh kw)`, at the border too.

Source:
    LeCun et al. 1990, Handwritten digit recognition with a back-propagation network. Goodfellow, Bengio and Courville
    2016, Deep Learning, section 9.3.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.windows import Pair, lay_pool

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float], window: int | Pair, *, stride: int | Pair | None = None, padding: int | Pair = 0
) -> NDArray[Float]:
    """The mean over the pixels of each window, padding included.

    Args:
        x: the images, `(B, C, H, W)`.
        window: `(kh, kw)`, as all that follow an integer or a pair.
        stride: at least 1; the window itself where it is not given.
        padding: at most half a window.

    Returns:
        `y`, `(B, C, oh, ow)`.

    Raises:
        ValueError: `x` does not have four axes of size at least 1 or is not finite; an option is out of its range;
            a window is larger than the padded image.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[[1.0, 3.0, 5.0, 4.0]]]]), (1, 2))
        array([[[[2. , 4.5]]]])
    """
    agree(("x", x, "B C H W"))
    finite(("x", x))
    windows = lay_pool(x.shape[2:], window, stride, padding)
    y: NDArray[Float] = np.mean(windows.read(x), axis=(2, 3))
    return y


def backward(
    grad_y: NDArray[Float],
    size: Pair,
    window: int | Pair,
    *,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
) -> NDArray[Float]:
    """The gradient by `x`: every pixel has an equal share of each window that reads it.

    The layer is linear, so of `x` only its size is needed.

    Args:
        grad_y: the gradient of the cost by the output, `(B, C, oh, ow)`.
        size: `(H, W)` of the images given to `forward`.
        window: as given to `forward`, like all that follow.
        stride: see `window`.
        padding: see `window`.

    Returns:
        `grad_x`, `(B, C, H, W)`.

    Raises:
        ValueError: the shape of `grad_y` is not that of the output, or it is not finite; an option is out of its
            range.
        TypeError: `grad_y` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([[[[2.0, 4.0]]]]), (1, 4), (1, 2))
        array([[[[1., 1., 2., 2.]]]])
    """
    agree(("grad_y", grad_y, "B C oh ow"))
    finite(("grad_y", grad_y))
    windows = lay_pool(size, window, stride, padding, named="size")
    windows.expect("grad_y", grad_y)
    kh, kw = windows.size
    share = np.divide(grad_y, kh * kw)
    B, C, oh, ow = grad_y.shape
    return windows.add(np.broadcast_to(share[:, :, None, None], (B, C, kh, kw, oh, ow)))
