"""The transposed convolution: the adjoint of `conv2d`, with which small images become larger ones.

    s[o, s_h u + d_h i - p_h, s_w v + d_w j - p_w] sums W[l, o, i, j] x[l, u, v] over l, u, v, i, j, and b[o]

that is, each pixel lays down a kernel multiplied by it; what falls on the padding is dropped. It is not the inverse of
the convolution.

Several sizes of image have the same size of output under a convolution with stride; `output_padding` says which of them
is meant, as the rows and columns to add to the smallest.

Source:
    Zeiler, Krishnan, Taylor and Fergus 2010, Deconvolutional networks. Dumoulin and Visin 2016, A guide to convolution
    arithmetic for deep learning, chapter 4, relationship 14.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.correlation import adjoint, agree_groups, by_kernels, correlate
from cnnsym.reference.windows import Pair, Windows, extent, pair

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float],
    W: NDArray[Float],
    b: NDArray[Float] | None = None,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> NDArray[Float]:
    """The output `s` of the layer.

    Args:
        x: the images, `(B, c, H, W)`.
        W: the kernels, `(c, d / groups, kh, kw)`.
        b: the bias, `(d,)`; none if it is not given.
        stride: at least 1; an integer or a pair `(height, width)`, as the next three.
        padding: rows and columns to drop on each side.
        output_padding: rows and columns to add at the end; less than the stride or the dilation.
        dilation: at least 1.
        groups: a divisor of `c` and `d`.

    Returns:
        `s`, `(B, d, oh, ow)` with `oh = (H - 1) s_h - 2 p_h + d_h (kh - 1) + output_padding_h + 1`, `ow` likewise.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, an option is out of its range, or the padding
            leaves nothing of the output.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[[1.0, 3.0]]]]), np.array([[[[10.0, 1.0]]]])
        >>> forward(x, W)
        array([[[[10., 31.,  3.]]]])
        >>> forward(x, W, stride=(1, 3))
        array([[[[10.,  1.,  0., 30.,  3.]]]])
    """
    agree(("x", x, "B c H W"), ("W", W, "c n kh kw"))
    groups = agree_groups(groups, c=len(W))
    windows = _lay(x, W, stride, padding, output_padding, dilation)
    if b is not None:
        agree(("x", x, "B c H W"), ("b", b, "d"))
        if len(b) != groups * W.shape[1]:
            raise ValueError(f"`b` must have shape (d,) with d = {groups * W.shape[1]} as in `W`, got {b.shape}")
        finite(("b", b))
    finite(("x", x), ("W", W))
    s = adjoint(x, W, windows, groups)
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
    output_padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `W` and `b`; that by `x` is a convolution.

    Args:
        grad_s: the gradient of the cost by the output, `(B, d, oh, ow)`.
        x: the images given to `forward`, `(B, c, H, W)`.
        W: the kernels given to `forward`, `(c, d / groups, kh, kw)`.
        stride: as given to `forward`, like all that follow.
        padding: see `stride`.
        output_padding: see `stride`.
        dilation: see `stride`.
        groups: see `stride`.

    Returns:
        `grad_x` `(B, c, H, W)`, `grad_W` `(c, d / groups, kh, kw)` and `grad_b` `(d,)`.

    Raises:
        ValueError: as `forward`, or the shape of `grad_s` is not that of the output.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[[1.0, 3.0]]]]), np.array([[[[10.0, 1.0]]]])
        >>> grad_x, grad_W, grad_b = backward(np.array([[[[1.0, 2.0, 4.0]]]]), x, W)
        >>> print(grad_x, grad_W, grad_b)
        [[[[12. 24.]]]] [[[[ 7. 14.]]]] [7.]
    """
    agree(("x", x, "B c H W"), ("W", W, "c n kh kw"), ("grad_s", grad_s, "B d oh ow"))
    groups = agree_groups(groups, c=len(W))
    windows = _lay(x, W, stride, padding, output_padding, dilation)
    output = (len(x), groups * W.shape[1], windows.image[0], windows.image[1])
    if grad_s.shape != output:
        raise ValueError(f"`grad_s` must have the shape of the output, {output}, got {grad_s.shape}")
    finite(("x", x), ("W", W), ("grad_s", grad_s))
    grad_x = correlate(grad_s, W, windows, groups)
    # <correlate(s), x> = <s, forward(x)>: the two arguments of the gradient by the kernels change places.
    grad_W = by_kernels(x, grad_s, windows, groups)
    return grad_x, grad_W, np.sum(grad_s, axis=(0, 2, 3))


def _lay(
    x: NDArray[Float],
    W: NDArray[Float],
    stride: int | Pair,
    padding: int | Pair,
    output_padding: int | Pair,
    dilation: int | Pair,
) -> Windows:
    """The windows of the convolution that takes the output back to the size of `x`."""
    stride, padding, dilation = pair("stride", stride, 1), pair("padding", padding, 0), pair("dilation", dilation, 1)
    more = pair("output_padding", output_padding, 0)
    if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation, strict=True)):
        raise ValueError(
            f"`output_padding` must be less than the stride {stride} or the dilation {dilation}, got {more}"
        )
    count, size = (x.shape[2], x.shape[3]), (W.shape[2], W.shape[3])
    reach = extent(size, dilation)
    oh, ow = ((count[a] - 1) * stride[a] - 2 * padding[a] + reach[a] + more[a] for a in (0, 1))
    if oh < 1 or ow < 1:
        raise ValueError(
            f"`padding` must leave at least one pixel of the output, got {padding} and so the size {(oh, ow)}"
        )
    return Windows((oh, ow), size, stride, padding, dilation, count)
