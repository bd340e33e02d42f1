"""The three products of a convolution layer: cross-correlation, its adjoint, and its gradient by the kernels.

With `Z` the columns of `im2col` the cross-correlation is `W Z`, its adjoint is col2im at `W' S`, and its gradient by the
kernels is `S Z'`, in each group of channels by itself. The layers that use them differ in what they call input: the
transposed convolution is the adjoint.

The products check nothing. The layers do, with the two functions that follow them.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.windows import CHUNK, Windows, extent, is_integer, lay

Float = TypeVar("Float", np.float32, np.float64)

# OpenBLAS multiplies small matrices at once, up to so many multiplications of numbers, and larger ones only after it has
# copied both: with the few rows that kernels have, that costs up to half of the speed. If one of them is transposed, the
# product must not have more than about a thousand entries either.
SMALL = 10**6


def correlate(x: NDArray[Float], W: NDArray[Float], windows: Windows, groups: int) -> NDArray[Float]:
    """The cross-correlation `(B, d, oh, ow)` of the images `(B, c, H, W)` with the kernels `(d, c / groups, kh, kw)`.

    Example:
        >>> windows = lay((1, 3), size=(1, 2), stride=1, padding=0, dilation=1)
        >>> correlate(np.array([[[[1.0, 2.0, 4.0]]]]), np.array([[[[10.0, 1.0]]]]), windows, groups=1)
        array([[[[12., 24.]]]])
    """
    B, d, oh, ow = len(x), len(W), *windows.count
    kernels = W.reshape(groups, d // groups, -1)
    s = np.empty((B, groups, d // groups, oh * ow), x.dtype)
    for images, positions, Z in windows.patches(x):
        columns = Z.reshape(len(Z), groups, -1, Z.shape[2])
        _multiply(kernels, columns, s[images, ..., positions])
    return s.reshape(B, d, oh, ow)


def adjoint(s: NDArray[Float], W: NDArray[Float], windows: Windows, groups: int) -> NDArray[Float]:
    """The adjoint `(B, c, H, W)` at `s`, `(B, d, oh, ow)`: `<correlate(x), s> = <x, adjoint(s)>`.

    With stride 1 it is the cross-correlation of `s` with the flipped kernels, which is faster.

    Example:
        >>> windows = lay((1, 3), size=(1, 2), stride=1, padding=0, dilation=1)
        >>> adjoint(np.array([[[[1.0, 3.0]]]]), np.array([[[[10.0, 1.0]]]]), windows, groups=1)
        array([[[[10., 31.,  3.]]]])
    """
    B, d, n = len(s), *W.shape[:2]
    grouped = W.reshape(groups, d // groups, n, *windows.size)
    back = _reverse(windows)
    if back is not None:
        flipped = grouped[..., ::-1, ::-1].swapaxes(1, 2)
        return correlate(s, flipped.reshape(groups * n, d // groups, *windows.size), back, groups)
    S = s.reshape(B, groups, d // groups, -1)
    kernels = grouped.reshape(groups, d // groups, -1).swapaxes(-1, -2)
    x = np.empty((B, groups * n, *windows.image), s.dtype)
    images = max(1, CHUNK // (W[0].size * groups * S.shape[3]))
    for first in range(0, B, images):
        chunk = S[first : first + images]
        parts = np.empty((len(chunk), groups, kernels.shape[1], S.shape[3]), s.dtype)
        _multiply(kernels, chunk, parts)
        x[first : first + images] = windows.add(parts.reshape(len(parts), groups * n, *windows.size, *windows.count))
    return x


def by_kernels(s: NDArray[Float], x: NDArray[Float], windows: Windows, groups: int) -> NDArray[Float]:
    """The gradient of `<correlate(x), s>` by the kernels, `(d, c / groups, kh, kw)`: a sum over windows and images.

    Example:
        >>> windows = lay((1, 3), size=(1, 2), stride=1, padding=0, dilation=1)
        >>> by_kernels(np.array([[[[1.0, 3.0]]]]), np.array([[[[1.0, 2.0, 4.0]]]]), windows, groups=1)
        array([[[[ 7., 14.]]]])
    """
    (B, d), n = s.shape[:2], x.shape[1] // groups
    S = s.reshape(B, groups, d // groups, -1)
    grad_W = np.zeros((groups, d // groups, n * windows.size[0] * windows.size[1]), x.dtype)
    for images, positions, Z in windows.patches(x):
        columns = Z.reshape(len(Z), groups, -1, Z.shape[2])
        products = np.empty((len(Z), groups, d // groups, columns.shape[2]), x.dtype)
        _multiply(S[images, ..., positions], columns.swapaxes(-1, -2), products, 1024 // (d // groups))
        grad_W += np.sum(products, axis=0)
    return grad_W.reshape(d, n, *windows.size)


def agree_groups(groups: Any, **channels: int) -> int:
    """The number of groups, if it divides the numbers of channels.

    Raises:
        ValueError: it is not an integer, or does not.

    Example:
        >>> agree_groups(2, c=4, d=3)
        Traceback (most recent call last):
        ValueError: `groups` must be an integer that divides c = 4 and d = 3, got 2
    """
    if not is_integer(groups) or groups < 1 or any(n % groups for n in channels.values()):
        named = " and ".join(f"{name} = {n}" for name, n in channels.items())
        raise ValueError(f"`groups` must be an integer that divides {named}, got {groups!r}")
    return int(groups)


def agree_channels(x: NDArray[Any], W: NDArray[Any], groups: Any) -> int:
    """The number of groups, if the kernels `(d, c / groups, ...)` are made for the channels of the images `(B, c, ...)`.

    Raises:
        ValueError: they are not, or `groups` does not divide both `c` and `d`.
    """
    c = x.shape[1]
    groups = agree_groups(groups, c=c, d=len(W))
    if W.shape[1] * groups != c:
        raise ValueError(
            f"`W` must have c / groups = {c // groups} input channels, with c = {c} as in `x` and groups = {groups}, "
            f"got shape {W.shape}"
        )
    return groups


def _multiply(A: NDArray[Float], B: NDArray[Float], out: NDArray[Float], widest: int = 128) -> None:
    """`out = A @ B` for stacks of matrices, in tiles of at most `widest` columns where that is faster."""
    m, k, n = *A.shape[-2:], B.shape[-1]
    width = min(SMALL // (m * k), widest) // 8 * 8
    if not 0 < width < n:
        np.matmul(A, B, out=out)
        return
    whole = n // width * width
    tiles, results = (C[..., :whole].reshape(*C.shape[:-1], -1, width).swapaxes(-2, -3) for C in (B, out))
    np.matmul(A[..., None, :, :], tiles, out=results)
    if whole < n:
        np.matmul(A, B[..., whole:], out=out[..., whole:])


def _reverse(windows: Windows) -> Windows | None:
    """The windows with which the flipped kernels take the output back to the image; None where that needs a stride."""
    reach = extent(windows.size, windows.dilation)
    padding = (reach[0] - 1 - windows.padding[0], reach[1] - 1 - windows.padding[1])
    if windows.stride != (1, 1) or min(padding) < 0:
        return None
    back = lay(windows.count, windows.size, 1, padding, windows.dilation)
    return back if back.count == windows.image else None
