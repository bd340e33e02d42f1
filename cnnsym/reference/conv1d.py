"""The one-dimensional convolution layer, as deep learning means it: the cross-correlation of signals.

    s[o, u] = b[o] + sum_{l, i} W[o, l, i] x[l, stride u + dilation i - padding]

with zeros for the padding. It is the two-dimensional layer for images of height 1.

Source:
    Waibel et al. 1989, Phoneme recognition using time-delay neural networks.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.correlation import adjoint, agree_channels, by_kernels, correlate
from cnnsym.reference.windows import Windows, integer, lay

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float],
    W: NDArray[Float],
    b: NDArray[Float] | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> NDArray[Float]:
    """The output `s` of the layer.

    Args:
        x: the signals, `(B, c, n)`.
        W: the kernels, `(d, c / groups, k)`.
        b: the bias, `(d,)`; none if it is not given.
        stride: at least 1.
        padding: zeros at each end.
        dilation: at least 1.
        groups: a divisor of `c` and `d`.

    Returns:
        `s`, `(B, d, o)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, an option is out of its range, or the kernel is
            longer than the padded signal.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[1.0, 2.0, 4.0]]]), np.array([[[10.0, 1.0]]])
        >>> forward(x, W, np.array([5.0]))
        array([[[17., 29.]]])
    """
    agree(("x", x, "B c n"), ("W", W, "d l k"), *([] if b is None else [("b", b, "d")]))
    groups = agree_channels(x, W, groups)
    windows = _lay(x, W, stride, padding, dilation)
    finite(("x", x), ("W", W), *([] if b is None else [("b", b)]))
    s = correlate(x[:, :, None], W[:, :, None], windows, groups)[:, :, 0]
    if b is not None:
        s += b[:, None]
    return s


def backward(
    grad_s: NDArray[Float],
    x: NDArray[Float],
    W: NDArray[Float],
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `x`, `W` and `b`.

    Args:
        grad_s: the gradient of the cost by the output, `(B, d, o)`.
        x: the signals given to `forward`, `(B, c, n)`.
        W: the kernels given to `forward`, `(d, c / groups, k)`.
        stride: as given to `forward`, like all that follow.
        padding: see `stride`.
        dilation: see `stride`.
        groups: see `stride`.

    Returns:
        `grad_x` `(B, c, n)`, `grad_W` `(d, c / groups, k)` and `grad_b` `(d,)`.

    Raises:
        ValueError: as `forward`, or the shape of `grad_s` is not that of the output.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, W = np.array([[[1.0, 2.0, 4.0]]]), np.array([[[10.0, 1.0]]])
        >>> grad_x, grad_W, grad_b = backward(np.array([[[1.0, 3.0]]]), x, W)
        >>> print(grad_x, grad_W, grad_b)
        [[[10. 31.  3.]]] [[[ 7. 14.]]] [4.]
    """
    agree(("x", x, "B c n"), ("W", W, "d l k"), ("grad_s", grad_s, "B d o"))
    groups = agree_channels(x, W, groups)
    windows = _lay(x, W, stride, padding, dilation)
    if grad_s.shape[2] != windows.count[1]:
        raise ValueError(f"`grad_s` must have shape (B, d, o) with o = {windows.count[1]}, got {grad_s.shape}")
    finite(("x", x), ("W", W), ("grad_s", grad_s))
    rows, images = grad_s[:, :, None], x[:, :, None]
    grad_x = adjoint(rows, W[:, :, None], windows, groups)[:, :, 0]
    grad_W = by_kernels(rows, images, windows, groups)[:, :, 0]
    return grad_x, grad_W, np.sum(grad_s, axis=(0, 2))


def _lay(x: NDArray[Float], W: NDArray[Float], stride: int, padding: int, dilation: int) -> Windows:
    """The windows on images of height 1, once the options are known to be single integers."""
    stride, padding, dilation = (
        integer("stride", stride, 1),
        integer("padding", padding, 0),
        integer("dilation", dilation, 1),
    )
    reach, padded = dilation * (W.shape[2] - 1) + 1, x.shape[2] + 2 * padding
    if reach > padded:
        raise ValueError(f"`x` with its padding must be at least as long as a window, {reach}, got {padded}")
    return lay((1, x.shape[2]), (1, W.shape[2]), (1, stride), (0, padding), (1, dilation))
