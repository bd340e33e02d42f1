"""Frequency channel attention: squeeze and excitation with a cosine in the mean's place.

Each channel `c` is squeezed to one frequency `(h_c, w_c)` of its unnormalised cosine
transform, the inner product with the basis image `B[i, j] = cos(pi h (i + 1/2) / H) cos(pi w
(j + 1/2) / W)`; the gate is that of `squeeze_excitation`. The frequency `(0, 0)` is the sum of
the pixels, `H W` times their mean.

Source:
    Qin, Zhang, Wu and Li 2021, FcaNet: frequency channel attention networks, section 3,
    whose code scales the basis as `norm="ortho"` of `dct2d` does.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import dct2d
from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.squeeze_excitation import check_gate, gate, gate_backward

Float = TypeVar("Float", np.float32, np.float64)
Frequencies = NDArray[np.integer[Any]]


def forward(
    x: NDArray[Float],
    frequencies: Frequencies,
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None = None,
    b2: NDArray[Float] | None = None,
) -> NDArray[Float]:
    """The images with each channel scaled by its gate.

    Args:
        x: the images, `(B, C, H, W)`.
        frequencies: `(h, w)` of each channel, integers with `0 <= h < H` and `0 <= w < W`,
            `(C, 2)`.
        W1: the weights of the first layer of the gate, `(r, C)`.
        W2: the weights of the second, `(C, r)`.
        b1: the bias of the first, `(r,)`, or None.
        b2: the bias of the second, `(C,)`, or None.

    Returns:
        `y`, `(B, C, H, W)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, a frequency is none of
            the transform, or only one of the biases is given.
        TypeError: the dtypes of the others are not all `float32` or all `float64`, or
            `frequencies` is not an array of integers.

    Example:
        >>> x, one = np.array([[[[1.0, 3.0]]]]), np.ones((1, 1))
        >>> forward(x, np.array([[0, 1]]), W1=one, W2=0 * one)
        array([[[[0.5, 1.5]]]])
    """
    check_gate(("x", x, "B C H W"), W1, W2, b1, b2)
    return x * gate(_squeeze(x, _basis(x, frequencies)), W1, W2, b1, b2)[:, :, None, None]


def backward(
    grad_y: NDArray[Float],
    x: NDArray[Float],
    frequencies: Frequencies,
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None = None,
    b2: NDArray[Float] | None = None,
) -> tuple[NDArray[Float], ...]:
    """The gradients by `x`, `W1` and `W2`, and by `b1` and `b2` if they are there.

    `x` acts twice: as what is scaled, and through the gate.

    Args:
        grad_y: the gradient of the cost by the output, `(B, C, H, W)`.
        x: the images given to `forward`, `(B, C, H, W)`.
        frequencies: the frequencies given to `forward`, `(C, 2)`.
        W1: the weights given to `forward`, `(r, C)`.
        W2: the weights given to `forward`, `(C, r)`.
        b1: the bias given to `forward`, `(r,)`, or None.
        b2: the bias given to `forward`, `(C,)`, or None.

    Returns:
        `grad_x` `(B, C, H, W)`, `grad_W1` `(r, C)` and `grad_W2` `(C, r)`; with biases then
        `grad_b1` `(r,)` and `grad_b2` `(C,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, a frequency is none of
            the transform, or only one of the biases is given.
        TypeError: the dtypes of the others are not all `float32` or all `float64`, or
            `frequencies` is not an array of integers.

    Example:
        >>> x, one = np.array([[[[1.0, 3.0]]]]), np.ones((1, 1))
        >>> grad_x, grad_W1, grad_W2 = backward(np.ones_like(x), x, np.array([[0, 0]]), W1=one, W2=0 * one)
        >>> grad_x, grad_W1, grad_W2
        (array([[[[0.5, 0.5]]]]), array([[0.]]), array([[4.]]))
    """
    check_gate(("x", x, "B C H W"), W1, W2, b1, b2)
    agree(("x", x, "B C H W"), ("grad_y", grad_y, "B C H W"))
    finite(("grad_y", grad_y))
    basis = _basis(x, frequencies)
    z = _squeeze(x, basis)
    s = gate(z, W1, W2, b1, b2)
    grad_s = np.sum(grad_y * x, axis=(2, 3))
    grad_z, *grad_parameters = gate_backward(grad_s, z, W1, W2, b1, b2)
    grad_x = grad_y * s[:, :, None, None] + grad_z[:, :, None, None] * basis
    return grad_x, *grad_parameters


def _squeeze(x: NDArray[Float], basis: NDArray[Float]) -> NDArray[Float]:
    """The inner product of each channel with its basis image, `(B, C)`."""
    z: NDArray[Float] = np.sum(x * basis, axis=(2, 3))
    return z


def _basis(x: NDArray[Float], frequencies: Frequencies) -> NDArray[Float]:
    """The basis image of each channel, `(C, H, W)`."""
    C, H, W = x.shape[1:]
    dtype = getattr(frequencies, "dtype", None)
    if dtype is None or not np.issubdtype(dtype, np.integer):
        came = type(frequencies).__name__ if dtype is None else f"dtype {dtype}"
        raise TypeError(f"`frequencies` must be a NumPy array of integers, got {came}")
    if frequencies.shape != (C, 2):
        raise ValueError(f"`frequencies` must have shape (C, 2) with C = {C} as in `x`, got {frequencies.shape}")
    unit = np.zeros((C, H, W), x.dtype)
    for c in range(C):
        h, w = int(frequencies[c, 0]), int(frequencies[c, 1])
        if not (0 <= h < H and 0 <= w < W):
            raise ValueError(
                f"`frequencies` must be (h, w) with 0 <= h < H = {H} and 0 <= w < W = {W}, got ({h}, {w}) for channel {c}"
            )
        unit[c, h, w] = 1
    # The adjoint takes one frequency to the pixels that it weighs.
    return dct2d.backward(unit)
