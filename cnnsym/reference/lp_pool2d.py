"""Lp pooling: the power mean of the absolute values in each window, channel by channel.

    y = ((1 / (kh kw)) sum |x|^q)^(1/q)

With `q = 1` it is average pooling of `|x|`; as `q` grows it tends to max pooling of `|x|`. The factor `1 / (kh kw)` makes it
a mean: some libraries leave it out, and their result is larger by `(kh kw)^(1/q)`.

Source:
    Sermanet, Chintala and LeCun 2012, Convolutional neural networks applied to house numbers digit classification,
    whose weights are here all `1 / (kh kw)`. Hardy, Littlewood and Pólya 1934, Inequalities, chapter II, for the mean.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.hyperparameters import real
from cnnsym.reference.windows import Pair, lay_pool

Float = TypeVar("Float", np.float32, np.float64)


def forward(x: NDArray[Float], q: float, window: int | Pair, *, stride: int | Pair | None = None) -> NDArray[Float]:
    """The power mean of each window; no power overflows.

    Args:
        x: the images, `(B, C, H, W)`.
        q: the exponent, at least 1.
        window: `(kh, kw)`, an integer or a pair, as `stride`.
        stride: at least 1; the window itself where it is not given.

    Returns:
        `y`, `(B, C, oh, ow)`, each entry at least 0.

    Raises:
        ValueError: `x` does not have four axes of size at least 1 or is not finite; `q` or an option is out of its
            range; a window is larger than the image.
        TypeError: `x` is neither `float32` nor `float64`, or `q` is not a number.

    Example:
        >>> forward(np.array([[[[1.0, -7.0, 0.0, 0.0]]]]), 2, (1, 2))
        array([[[[5., 0.]]]])
    """
    agree(("x", x, "B C H W"))
    finite(("x", x))
    exponent = _exponent(q, x)
    windows = lay_pool(x.shape[2:], window, stride, 0)
    largest, scaled = _scale(windows.read(np.abs(x)))
    y: NDArray[Float] = largest * np.power(_mean_power(scaled, exponent), 1 / exponent)
    return y


def backward(
    grad_y: NDArray[Float],
    x: NDArray[Float],
    q: float,
    window: int | Pair,
    *,
    stride: int | Pair | None = None,
) -> NDArray[Float]:
    """The gradient by `x`: of a window, `sign(x) (|x| / y)^(q - 1) / (kh kw)` times that by `y`.

    A window of zeros, where there is no derivative, has the subgradient 0, and so has a 0 in any window for `q = 1`.

    Args:
        grad_y: the gradient of the cost by the output, `(B, C, oh, ow)`.
        x: the images given to `forward`, `(B, C, H, W)`.
        q: as given to `forward`, like all that follow.
        window: see `q`.
        stride: see `q`.

    Returns:
        `grad_x`, `(B, C, H, W)`.

    Raises:
        ValueError: as `forward`, or the shape of `grad_y` is not that of the output.
        TypeError: the dtypes are not both `float32` or both `float64`, or `q` is not a number.

    Example:
        >>> backward(np.array([[[[10.0, 1.0]]]]), np.array([[[[1.0, -7.0, 0.0, 0.0]]]]), 2, (1, 2))
        array([[[[ 1., -7.,  0.,  0.]]]])
    """
    agree(("x", x, "B C H W"), ("grad_y", grad_y, "B C oh ow"))
    finite(("x", x), ("grad_y", grad_y))
    exponent = _exponent(q, x)
    windows = lay_pool(x.shape[2:], window, stride, 0)
    windows.expect("grad_y", grad_y)
    read = windows.read(x)
    _, scaled = _scale(np.abs(read))
    # (|x| / y)^(q - 1) with both divided by the largest: |x| / y itself has an error that a high power would magnify.
    ratio = np.power(scaled, exponent - 1) * np.power(_mean_power(scaled, exponent), 1 / exponent - 1)[:, :, None, None]
    share = np.divide(grad_y, windows.size[0] * windows.size[1])[:, :, None, None]
    return windows.add(np.sign(read) * ratio * share)


def _scale(size: NDArray[Float]) -> tuple[NDArray[Float], NDArray[Float]]:
    """The largest of each window `(B, C, oh, ow)`, and the windows `(B, C, kh, kw, oh, ow)` divided by it.

    No power of a quotient overflows, and that of the largest is 1, so that the mean cannot vanish.
    """
    largest: NDArray[Float] = np.max(size, axis=(2, 3))
    zero = largest[:, :, None, None] == 0
    # A window of zeros counts as one of ones: its mean is 0 all the same, and its gradient has the signs 0.
    scaled: NDArray[Float] = np.where(zero, 1, size / np.where(zero, 1, largest[:, :, None, None]))
    return largest, scaled


def _mean_power(scaled: NDArray[Float], q: float) -> NDArray[Float]:
    mean: NDArray[Float] = np.mean(np.power(scaled, q), axis=(2, 3))
    return mean


def _exponent(q: float, x: NDArray[Float]) -> float:
    number = real("q", q, x.dtype)
    # Below 1 the mean has an infinite slope wherever a pixel is 0.
    if number < 1:
        raise ValueError(f"`q` must be at least 1, got {q}")
    return number
