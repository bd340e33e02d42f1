"""The windows that a layer lays over an image: where they lie, what they read, and the way back.

A window of `(kh, kw)` pixels moves over the padded image in steps of `stride`; its pixels are `dilation` apart. Output
`(u, v)` reads the pixels `(s_h u + d_h i - p_h, s_w v + d_w j - p_w)` for `i < kh`, `j < kw`.

Source:
    Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning, relationships 6 and 15.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Float = TypeVar("Float", np.float32, np.float64)
Pair = tuple[int, int]

# Entries of a chunk of patches: half a megabyte of float32.
CHUNK = 2**17


@dataclass(frozen=True)
class Windows:
    """All windows of a layer. Every pair is `(height, width)`.

    Attributes:
        image: the image without padding.
        size: the window in pixels, `(kh, kw)`.
        stride: the steps between neighbouring windows.
        padding: rows and columns added on each side.
        dilation: the steps between neighbouring pixels of a window.
        count: how many windows there are, `(oh, ow)`.
    """

    image: Pair
    size: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    count: Pair

    def read(self, x: NDArray[Float], fill: float = 0) -> NDArray[Float]:
        """What the windows read: a view `(B, C, kh, kw, oh, ow)` of the images `(B, C, H, W)`, padded with `fill`.

        Example:
            >>> windows = lay((1, 3), size=2, stride=1, padding=(1, 0), dilation=1)
            >>> windows.read(np.array([[[[1.0, 2.0, 3.0]]]]))[0, 0, 1]
            array([[[1., 2.],
                    [0., 0.]],
            <BLANKLINE>
                   [[2., 3.],
                    [0., 0.]]])
        """
        (sh, sw), (dh, dw), (oh, ow) = self.stride, self.dilation, self.count
        every = sliding_window_view(self.pad(x, fill), extent(self.size, self.dilation), axis=(2, 3))
        return every[:, :, ::sh, ::sw, ::dh, ::dw][:, :, :oh, :ow].transpose(0, 1, 4, 5, 2, 3)

    def add(self, parts: NDArray[Float]) -> NDArray[Float]:
        """The adjoint of `read`: each pixel `(B, C, H, W)` is the sum of the `parts` of all windows that read it.

        Args:
            parts: a number for each pixel of each window, `(B, C, kh, kw, oh, ow)`.

        Example:
            >>> windows = lay((1, 3), size=(1, 2), stride=1, padding=0, dilation=1)
            >>> windows.add(np.ones((1, 1, 1, 2, 1, 2)))
            array([[[[1., 2., 1.]]]])
        """
        (H, W), (sh, sw), (ph, pw), (dh, dw) = self.image, self.stride, self.padding, self.dilation
        oh, ow = self.count
        padded = np.zeros((*parts.shape[:2], H + 2 * ph, W + 2 * pw), parts.dtype)
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                # Windows overlap, but no two read the same pixel at the same place (i, j): += loses nothing.
                rows = slice(dh * i, dh * i + sh * (oh - 1) + 1, sh)
                columns = slice(dw * j, dw * j + sw * (ow - 1) + 1, sw)
                padded[:, :, rows, columns] += parts[:, :, i, j]
        return padded[:, :, ph : ph + H, pw : pw + W]

    def patches(self, x: NDArray[Float]) -> Iterator[tuple[slice, slice, NDArray[Float]]]:
        """What the windows read, copied in chunks that stay in the cache while they are worked on.

        Yields:
            Which images, which positions `o_w u + v`, and for these a contiguous array `(images, C kh kw, positions)`.
        """
        read = self.read(x)
        (B, C), (kh, kw), (oh, ow) = x.shape[:2], self.size, self.count
        rows = max(1, CHUNK // (C * kh * kw * ow))
        images = max(1, rows // oh)
        # Chunks of one height: a product with a small remainder is slow.
        rows = math.ceil(oh / math.ceil(oh / rows))
        for first in range(0, B, images):
            for u in range(0, oh, rows):
                chunk = np.ascontiguousarray(read[first : first + images, ..., u : u + rows, :])
                columns = chunk.reshape(len(chunk), C * kh * kw, -1)
                yield slice(first, first + images), slice(ow * u, ow * u + columns.shape[2]), columns

    def expect(self, name: str, grad: NDArray[Float]) -> None:
        """Raise ValueError unless the images `grad` are as large as the output, `(..., oh, ow)`."""
        if grad.shape[2:] != self.count:
            oh, ow = self.count
            raise ValueError(f"`{name}` must have shape (B, C, oh, ow) with oh = {oh} and ow = {ow}, got {grad.shape}")

    def pad(self, x: NDArray[Float], fill: float = 0) -> NDArray[Float]:
        """The images `(B, C, H, W)` with their padding, `(B, C, H + 2 p_h, W + 2 p_w)`."""
        (H, W), (ph, pw) = self.image, self.padding
        if ph == pw == 0:
            return x
        padded = np.full((*x.shape[:2], H + 2 * ph, W + 2 * pw), fill, x.dtype)
        padded[:, :, ph : ph + H, pw : pw + W] = x
        return padded


def lay(image: tuple[int, ...], size: Any, stride: Any, padding: Any, dilation: Any, *, named: str = "x") -> Windows:
    """As many windows as fit on the padded image. Each argument is an integer, for both directions, or a pair.

    Args:
        image: `(H, W)` without padding.
        size: `(kh, kw)`.
        stride: at least 1.
        padding: at least 0.
        dilation: at least 1.
        named: the argument that `image` is the size of, for the message.

    Raises:
        ValueError: an argument is out of its range, or a window is larger than the padded image.

    Example:
        >>> lay((9, 10), size=3, stride=2, padding=1, dilation=1).count
        (5, 5)
        >>> lay((2, 2), size=3, stride=1, padding=0, dilation=1)
        Traceback (most recent call last):
        ValueError: `x` with its padding must be at least as large as a window, (3, 3), got (2, 2)
    """
    image = pair(named, image, 1)
    size, dilation = pair("window", size, 1), pair("dilation", dilation, 1)
    stride, padding = pair("stride", stride, 1), pair("padding", padding, 0)
    reach = extent(size, dilation)
    padded = (image[0] + 2 * padding[0], image[1] + 2 * padding[1])
    if padded[0] < reach[0] or padded[1] < reach[1]:
        raise ValueError(f"`{named}` with its padding must be at least as large as a window, {reach}, got {padded}")
    count = ((padded[0] - reach[0]) // stride[0] + 1, (padded[1] - reach[1]) // stride[1] + 1)
    return Windows(image, size, stride, padding, dilation, count)


def lay_pool(
    image: tuple[int, ...], size: Any, stride: Any, padding: Any, dilation: Any = 1, *, named: str = "x"
) -> Windows:
    """The windows of a pooling layer: they stand side by side unless `stride` is given, and none is empty.

    Raises:
        ValueError: as `lay`; or the padding is more than half a window, or a dilated window reads no pixel.

    Example:
        >>> lay_pool((6, 6), size=2, stride=None, padding=0).count
        (3, 3)
        >>> lay_pool((6, 6), size=2, stride=None, padding=2)
        Traceback (most recent call last):
        ValueError: `padding` must be at most half a window of (2, 2), got (2, 2)
    """
    windows = lay(image, size, size if stride is None else stride, padding, dilation, named=named)
    reach = extent(windows.size, windows.dilation)
    if any(2 * p > r for p, r in zip(windows.padding, reach, strict=True)):
        raise ValueError(f"`padding` must be at most half a window of {reach}, got {windows.padding}")
    # Without dilation a window that is at least half in the image reads some of it.
    for n, k, step, apart, p, count in zip(
        image, windows.size, windows.stride, windows.dilation, windows.padding, windows.count, strict=True
    ):
        if apart > 1 and not all(any(0 <= step * u + apart * i - p < n for i in range(k)) for u in range(count)):
            raise ValueError(
                f"`dilation` must let every window read a pixel of the image {image}, got {windows.dilation} "
                f"for windows of {windows.size} with padding {windows.padding}"
            )
    return windows


def pair(name: str, value: Any, least: int) -> Pair:
    """The two integers that `value` stands for: one for both directions, or `(height, width)`.

    Raises:
        ValueError: `value` is neither, or less than `least`.

    Example:
        >>> pair("stride", 2, least=1)
        (2, 2)
        >>> pair("stride", (2, 0), least=1)
        Traceback (most recent call last):
        ValueError: `stride` must be an integer or a pair of integers, at least 1, got (2, 0)
    """
    both = (value, value) if is_integer(value) else value
    if not (isinstance(both, tuple | list) and len(both) == 2 and all(is_integer(v) and v >= least for v in both)):
        raise ValueError(f"`{name}` must be an integer or a pair of integers, at least {least}, got {value!r}")
    return int(both[0]), int(both[1])


def integer(name: str, value: Any, least: int) -> int:
    """The integer `value`.

    Raises:
        ValueError: `value` is no integer, or less than `least`.

    Example:
        >>> integer("stride", 1.5, least=1)
        Traceback (most recent call last):
        ValueError: `stride` must be an integer, at least 1, got 1.5
    """
    if not (is_integer(value) and value >= least):
        raise ValueError(f"`{name}` must be an integer, at least {least}, got {value!r}")
    return int(value)


def is_integer(value: Any) -> bool:
    """Whether `value` is an integer of Python or NumPy; `True` is not."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def extent(size: Pair, dilation: Pair) -> Pair:
    """The rows and columns from the first to the last pixel of a window."""
    return dilation[0] * (size[0] - 1) + 1, dilation[1] * (size[1] - 1) + 1
