"""The two-dimensional convolution layer, as deep learning means it: the cross-correlation, no kernel flipped.

    s[o, u, v] = b[o] + sum_{l, i, j} W[o, l, i, j] x[l, s_h u + d_h i - p_h, s_w v + d_w j - p_w]

with zeros for the pixels of the padding. With `groups` the channels fall into that many blocks, and output channels see
the input channels of their own block only.

The sum over `(l, i, j)` is a matrix product with the columns `Z` of `im2col`: `S = W Z + b 1'`. So the gradients are
`grad_W = grad_S Z'`, `grad_b = grad_S 1`, and by `x` the adjoint of im2col at `W' grad_S`.

Source:
    LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition, section II. Krizhevsky,
    Sutskever and Hinton 2012, ImageNet classification with deep convolutional neural networks, section 3.5, for groups.
    Yu and Koltun 2016, Multi-scale context aggregation by dilated convolutions, section 2, for dilation.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.correlation import adjoint, agree_channels, by_kernels, correlate
from cnnsym.reference.windows import Pair, lay

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float],
    W: NDArray[Float],
    b: NDArray[Float] | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> NDArray[Float]:
    """The output `s` of the layer.

    Args:
        x: the images, `(B, c, H, W)`.
        W: the kernels, `(d, c / groups, kh, kw)`.
        b: the bias, `(d,)`; none if it is not given.
        stride: at least 1; an integer or a pair `(height, width)`, as the next two.
        padding: rows and columns of zeros on each side.
        dilation: at least 1; the steps between neighbouring pixels of a window.
        groups: a divisor of `c` and `d`.

    Returns:
        `s`, `(B, d, oh, ow)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, an option is out of its range, or the kernel is
            larger than the padded image.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[[1.0, 2.0, 4.0]]]]), np.array([[[[10.0, 1.0]]]])
        >>> forward(x, W, np.array([5.0]))
        array([[[[17., 29.]]]])
    """
    agree(("x", x, "B c H W"), ("W", W, "d l kh kw"), *([] if b is None else [("b", b, "d")]))
    groups = agree_channels(x, W, groups)
    finite(("x", x), ("W", W), *([] if b is None else [("b", b)]))
    s = correlate(x, W, lay(x.shape[2:], W.shape[2:], stride, padding, dilation), groups)
    if b is not None:
        s += b[:, None, None]
    return s


def backward(
    grad_s: NDArray[Float],
    x: NDArray[Float],
    W: NDArray[Float],
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `W` and `b`.

    `W` and `b` serve every window of every image, so their gradients are sums over both.

    Args:
        grad_s: the gradient of the cost by the output, `(B, d, oh, ow)`.
        x: the images given to `forward`, `(B, c, H, W)`.
        W: the kernels given to `forward`, `(d, c / groups, kh, kw)`.
        stride: as given to `forward`, like all that follow.
        padding: see `stride`.
        dilation: see `stride`.
        groups: see `stride`.

    Returns:
        `grad_x` `(B, c, H, W)`, `grad_W` `(d, c / groups, kh, kw)` and `grad_b` `(d,)`.

    Raises:
        ValueError: as `forward`, or the shape of `grad_s` is not that of the output.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[[1.0, 2.0, 4.0]]]]), np.array([[[[10.0, 1.0]]]])
        >>> grad_x, grad_W, grad_b = backward(np.array([[[[1.0, 3.0]]]]), x, W)
        >>> print(grad_x, grad_W, grad_b)
        [[[[10. 31.  3.]]]] [[[[ 7. 14.]]]] [4.]
    """
    agree(("x", x, "B c H W"), ("W", W, "d l kh kw"), ("grad_s", grad_s, "B d oh ow"))
    groups = agree_channels(x, W, groups)
    windows = lay(x.shape[2:], W.shape[2:], stride, padding, dilation)
    windows.expect("grad_s", grad_s)
    finite(("x", x), ("W", W), ("grad_s", grad_s))
    grad_x = adjoint(grad_s, W, windows, groups)
    grad_W = by_kernels(grad_s, x, windows, groups)
    return grad_x, grad_W, np.sum(grad_s, axis=(0, 2, 3))
