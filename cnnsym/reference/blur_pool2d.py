"""Blur pooling: each channel is filtered with a binomial kernel and then sampled, against aliasing.

The filter of order `n` is `binom(n, i) / 2^n`, `i = 0..n`, in each direction: `[1, 2, 1] / 4` for `n = 2`. It is placed
with its entry `floor(n / 2)` on the pixel that is sampled, so the output has `ceil(H / stride)` rows. Beyond the border
the image is zero or, on a circular grid, itself again.

The layer is linear and separable, `y = A_H x A_W'` with a matrix for each direction.

Source:
    Zhang 2019, Making convolutional networks shift-invariant again.
"""

from __future__ import annotations

import math
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.windows import Pair, integer, pair

Float = TypeVar("Float", np.float32, np.float64)
Padding = Literal["zero", "circular"]

# Wider than any image, and 2^1024 is no float.
LARGEST_ORDER = 1000


def forward(x: NDArray[Float], order: int, *, stride: int | Pair = 2, padding: Padding = "zero") -> NDArray[Float]:
    """The filtered images, at every `stride`-th pixel.

    Args:
        x: the images, `(B, C, H, W)`.
        order: of the binomial filter, 0 to 1000; its length is `order + 1`.
        stride: at least 1; an integer or a pair `(height, width)`.
        padding: `"zero"` or `"circular"`.

    Returns:
        `y`, `(B, C, ceil(H / s_h), ceil(W / s_w))`.

    Raises:
        ValueError: `x` does not have four axes of size at least 1 or is not finite; an option is out of its range.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[[4.0, 8.0, 4.0]]]]), order=2, stride=(1, 2), padding="circular")
        array([[[[5., 5.]]]])
    """
    agree(("x", x, "B C H W"))
    finite(("x", x))
    rows, columns = _matrices(x.shape[2:], order, stride, padding, x.dtype)
    return _sandwich(rows, x, columns.T)


def backward(
    grad_y: NDArray[Float], size: Pair, order: int, *, stride: int | Pair = 2, padding: Padding = "zero"
) -> NDArray[Float]:
    """The gradient by `x`: the adjoint of `forward`.

    The layer is linear, so of `x` only its size is needed.

    Args:
        grad_y: the gradient of the cost by the output, `(B, C, oh, ow)`.
        size: `(H, W)` of the images given to `forward`.
        order: as given to `forward`, like all that follow.
        stride: see `order`.
        padding: see `order`.

    Returns:
        `grad_x`, `(B, C, H, W)`.

    Raises:
        ValueError: the shape of `grad_y` is not that of the output, or it is not finite; an option is out of its
            range.
        TypeError: `grad_y` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([[[[4.0, 8.0]]]]), (1, 3), order=2, stride=(1, 2), padding="circular")
        array([[[[4., 3., 5.]]]])
    """
    agree(("grad_y", grad_y, "B C oh ow"))
    finite(("grad_y", grad_y))
    rows, columns = _matrices(size, order, stride, padding, grad_y.dtype)
    if grad_y.shape[2:] != (len(rows), len(columns)):
        raise ValueError(
            f"`grad_y` must have shape (B, C, oh, ow) with oh = {len(rows)} and ow = {len(columns)}, got {grad_y.shape}"
        )
    return _sandwich(rows.T, grad_y, columns)


def _sandwich(left: NDArray[Float], middle: NDArray[Float], right: NDArray[Float]) -> NDArray[Float]:
    product: NDArray[Float] = left @ middle
    return product @ right


def _matrices(
    size: tuple[int, ...], order: int, stride: int | Pair, padding: Padding, dtype: np.dtype[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The filter and the sampling of each direction, `(oh, H)` and `(ow, W)`."""
    (H, W), (sh, sw) = pair("size", size, 1), pair("stride", stride, 1)
    if integer("order", order, 0) > LARGEST_ORDER:
        raise ValueError(f"`order` must be at most {LARGEST_ORDER}, got {order}")
    if padding not in ("zero", "circular"):
        raise ValueError(f'`padding` must be "zero" or "circular", got {padding!r}')
    circular = padding == "circular"
    return _matrix(H, order, sh, circular).astype(dtype), _matrix(W, order, sw, circular).astype(dtype)


def _matrix(n: int, order: int, stride: int, circular: bool) -> NDArray[np.float64]:
    """Row `u` takes a line of `n` pixels to its filtered value at pixel `stride u`."""
    A = np.zeros((math.ceil(n / stride), n))
    for i in range(order + 1):
        weight = math.comb(order, i) / 2**order
        for u in range(len(A)):
            at = stride * u + i - order // 2
            if circular or 0 <= at < n:
                # Not =: a filter longer than the circle reads a pixel more than once.
                A[u, at % n] += weight
    return A
