"""The depthwise convolution: each channel is filtered by a kernel of its own, and none sees another.

It is `conv2d` with a group for each channel.

Source:
    Howard et al. 2017, MobileNets: efficient convolutional neural networks for mobile vision applications, section 3.1.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import conv2d
from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.windows import Pair

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float],
    W: NDArray[Float],
    b: NDArray[Float] | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> NDArray[Float]:
    """The output `s` of the layer: cross-correlation channel by channel.

    Args:
        x: the images, `(B, C, H, W)`.
        W: the kernels, `(C, kh, kw)`.
        b: the bias, `(C,)`; none if it is not given.
        stride: at least 1; an integer or a pair `(height, width)`, as all that follow.
        padding: rows and columns of zeros on each side.
        dilation: at least 1.

    Returns:
        `s`, `(B, C, oh, ow)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, an option is out of its range, or the kernel is
            larger than the padded image.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x = np.array([[[[1.0, 2.0, 4.0]], [[1.0, 1.0, 1.0]]]])
        >>> forward(x, W=np.array([[[1.0, -1.0]], [[2.0, 3.0]]]))
        array([[[[-1., -2.]],
        <BLANKLINE>
                [[ 5.,  5.]]]])
    """
    agree(("x", x, "B C H W"), ("W", W, "C kh kw"), *([] if b is None else [("b", b, "C")]))
    finite(("x", x), ("W", W))
    return conv2d.forward(x, W[:, None], b, stride=stride, padding=padding, dilation=dilation, groups=len(W))


def backward(
    grad_s: NDArray[Float],
    x: NDArray[Float],
    W: NDArray[Float],
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `W` and `b`.

    Args:
        grad_s: the gradient of the cost by the output, `(B, C, oh, ow)`.
        x: the images given to `forward`, `(B, C, H, W)`.
        W: the kernels given to `forward`, `(C, kh, kw)`.
        stride: as given to `forward`, like all that follow.
        padding: see `stride`.
        dilation: see `stride`.

    Returns:
        `grad_x` `(B, C, H, W)`, `grad_W` `(C, kh, kw)` and `grad_b` `(C,)`.

    Raises:
        ValueError: as `forward`, or the shape of `grad_s` is not that of the output.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[[1.0, 2.0, 4.0]]]]), np.array([[[1.0, -1.0]]])
        >>> grad_x, grad_W, grad_b = backward(np.array([[[[1.0, 3.0]]]]), x, W)
        >>> print(grad_x, grad_W, grad_b)
        [[[[ 1.  2. -3.]]]] [[[ 7. 14.]]] [4.]
    """
    agree(("x", x, "B C H W"), ("W", W, "C kh kw"), ("grad_s", grad_s, "B C oh ow"))
    finite(("x", x), ("W", W))
    grad_x, grad_W, grad_b = conv2d.backward(
        grad_s, x, W[:, None], stride=stride, padding=padding, dilation=dilation, groups=len(W)
    )
    return grad_x, grad_W[:, 0], grad_b
