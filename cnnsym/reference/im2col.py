"""The patches of an image as the columns of a matrix, and the adjoint that adds them back.

Column `p = o_w u + v` is the window of output position `(u, v)`; row `(kh l + i) kw + j` is pixel `(i, j)` of channel `l`
in it. With `Z` so made, the convolution layer is `S = W Z + b 1'`.

The adjoint, col2im, is not the inverse: a pixel that several windows read comes back several times.

Source:
    Chellapilla, Puri and Simard 2006, High performance convolutional neural networks for document processing.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.windows import Pair, lay

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float], window: int | Pair, *, stride: int | Pair = 1, padding: int | Pair = 0, dilation: int | Pair = 1
) -> NDArray[Float]:
    """The patches as columns (im2col).

    Args:
        x: the images, `(B, c, H, W)`.
        window: `(kh, kw)`, as all that follow an integer or a pair.
        stride: at least 1.
        padding: rows and columns of zeros on each side.
        dilation: at least 1.

    Returns:
        `Z`, `(B, c kh kw, oh ow)`.

    Raises:
        ValueError: `x` does not have four axes of size at least 1 or is not finite; an option is out of its range;
            a window is larger than the padded image.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[[[1.0, 2.0, 3.0]]]]), (1, 2))
        array([[[1., 2.],
                [2., 3.]]])
    """
    agree(("x", x, "B c H W"))
    finite(("x", x))
    windows = lay(x.shape[2:], window, stride, padding, dilation)
    (kh, kw), (oh, ow) = windows.size, windows.count
    return np.array(windows.read(x), order="C").reshape(x.shape[0], x.shape[1] * kh * kw, oh * ow)


def backward(
    grad_Z: NDArray[Float],
    size: Pair,
    window: int | Pair,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> NDArray[Float]:
    """The gradient by `x`: the sum over the places to which each pixel was copied (col2im).

    The layer is linear, so of `x` only its size is needed.

    Args:
        grad_Z: the gradient of the cost by the output, `(B, c kh kw, oh ow)`.
        size: `(H, W)` of the images given to `forward`.
        window: as given to `forward`, like all that follow.
        stride: see `window`.
        padding: see `window`.
        dilation: see `window`.

    Returns:
        `grad_x`, `(B, c, H, W)`.

    Raises:
        ValueError: `grad_Z` is not what `forward` gives for these options, or is not finite; an option is out of its
            range.
        TypeError: `grad_Z` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([[[1.0, 2.0], [2.0, 3.0]]]), (1, 3), (1, 2))
        array([[[[1., 4., 3.]]]])
    """
    agree(("grad_Z", grad_Z, "B n P"))
    finite(("grad_Z", grad_Z))
    windows = lay(size, window, stride, padding, dilation, named="size")
    (kh, kw), (oh, ow) = windows.size, windows.count
    B, n, P = grad_Z.shape
    if n % (kh * kw) or oh * ow != P:
        raise ValueError(
            f"`grad_Z` must have shape (B, c kh kw, oh ow) with kh kw = {kh * kw} and oh ow = {oh * ow}, got {grad_Z.shape}"
        )
    return windows.add(grad_Z.reshape(B, n // (kh * kw), kh, kw, oh, ow))
