"""Max pooling: the largest pixel of each window, channel by channel. Padding is never the largest.

Source:
    Zhou and Chellappa 1988, Computation of optical flow using a neural network. Goodfellow, Bengio and Courville 2016,
    Deep Learning, section 9.3.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.windows import Pair, lay_pool

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float],
    window: int | Pair,
    *,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> NDArray[Float]:
    """The maximum over the pixels of each window.

    Args:
        x: the images, `(B, C, H, W)`.
        window: `(kh, kw)`, as all that follow an integer or a pair.
        stride: at least 1; the window itself where it is not given.
        padding: at most half a window.
        dilation: at least 1.

    Returns:
        `y`, `(B, C, oh, ow)`.

    Raises:
        ValueError: `x` does not have four axes of size at least 1 or is not finite; an option is out of its range;
            a window is larger than the padded image.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[[1.0, 2.0, 5.0, 4.0]]]]), (1, 2))
        array([[[[2., 5.]]]])
    """
    agree(("x", x, "B C H W"))
    finite(("x", x))
    windows = lay_pool(x.shape[2:], window, stride, padding, dilation)
    return _maxima(windows.read(x, fill=-np.inf))


def backward(
    grad_y: NDArray[Float],
    x: NDArray[Float],
    window: int | Pair,
    *,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> NDArray[Float]:
    """The gradient by `x`: that of each output goes to the maximum of its window.

    Where several pixels of a window are its maximum there is no derivative. The first of them, row by row, then takes
    all of it: one subgradient of several.

    Args:
        grad_y: the gradient of the cost by the output, `(B, C, oh, ow)`.
        x: the images given to `forward`, `(B, C, H, W)`.
        window: as given to `forward`, like all that follow.
        stride: see `window`.
        padding: see `window`.
        dilation: see `window`.

    Returns:
        `grad_x`, `(B, C, H, W)`.

    Raises:
        ValueError: as `forward`, or the shape of `grad_y` is not that of the output.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([[[[7.0, 8.0]]]]), np.array([[[[1.0, 2.0, 5.0, 5.0]]]]), (1, 2))
        array([[[[0., 7., 8., 0.]]]])
    """
    agree(("x", x, "B C H W"), ("grad_y", grad_y, "B C oh ow"))
    finite(("x", x), ("grad_y", grad_y))
    windows = lay_pool(x.shape[2:], window, stride, padding, dilation)
    windows.expect("grad_y", grad_y)
    read = windows.read(x, fill=-np.inf)
    y = _maxima(read)
    parts = np.zeros(read.shape, x.dtype)
    found = np.zeros(y.shape, bool)
    for i, j in np.ndindex(windows.size):
        first = (read[:, :, i, j] == y) & ~found
        parts[:, :, i, j] = np.where(first, grad_y, 0)
        found |= first
    return windows.add(parts)


def _maxima(read: NDArray[Float]) -> NDArray[Float]:
    """The largest pixel of each window, `(B, C, oh, ow)`; the windows are as `Windows.read` gives them."""
    y: NDArray[Float] = np.array(read[:, :, 0, 0])
    # Pixel by pixel of all windows at once: NumPy's maximum over two short axes is several times slower.
    for i, j in np.ndindex(read.shape[2:4]):
        np.maximum(y, read[:, :, i, j], out=y)
    return y
