"""The two-dimensional discrete cosine transform (DCT-II) and its inverse.

Unnormalised (`norm=None`), `f = D_H x D_W'` with `D_N[u, i] = cos(pi u (i + 1/2) / N)`,
so that `f[0, 0]` is the sum of the pixels. Its inverse has the weights `c_h c_w / (H W)`,
with `c_0 = 1` and `c_u = 2` for all other `u`. With `norm="ortho"` the rows of `D_N` are
scaled by `sqrt(c_u / N)`; they are then orthonormal, and the inverse is the transpose.

The transform acts on the last two axes; any axes before them, as in `(B, C, H, W)`, are
a batch.

Source:
    Ahmed, Natarajan and Rao 1974, Discrete cosine transform. Qin, Zhang, Wu and Li 2021,
    FcaNet: frequency channel attention networks, section 3.1, whose code scales the basis
    as `norm="ortho"` does.
"""

from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)
Norm = Literal["ortho"] | None


def forward(x: NDArray[Float], norm: Norm = None) -> NDArray[Float]:
    """The frequencies `f` of the images `x`, both `(..., H, W)`.

    Raises:
        ValueError: `x` has fewer than two axes, an empty image or an entry that is not
            finite, or `norm` is unknown.
        TypeError: `x` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.ones((2, 3))).round(12) + 0.0
        array([[6., 0., 0.],
               [0., 0., 0.]])
    """
    agree(("x", x, "... H W"))
    finite(("x", x))
    return _sandwich(_analysis(x, -2, norm), x, _analysis(x, -1, norm).T)


def backward(grad_f: NDArray[Float], norm: Norm = None) -> NDArray[Float]:
    """The gradient by `x`, given that by `f`: the adjoint of `forward`.

    It is the inverse for `norm="ortho"` only. Shapes `(..., H, W)`.

    Raises:
        ValueError: `grad_f` has fewer than two axes, an empty image or an entry that is not
            finite, or `norm` is unknown.
        TypeError: `grad_f` is neither `float32` nor `float64`.

    Example:
        >>> backward(np.array([[5.0, 0.0]]))
        array([[5., 5.]])
    """
    agree(("grad_f", grad_f, "... H W"))
    finite(("grad_f", grad_f))
    rows, columns = _analysis(grad_f, -2, norm), _analysis(grad_f, -1, norm)
    return _sandwich(rows.T, grad_f, columns)


def inverse(f: NDArray[Float], norm: Norm = None) -> NDArray[Float]:
    """The images `x` with the frequencies `f`, both `(..., H, W)`.

    Raises:
        ValueError: `f` has fewer than two axes, an empty image or an entry that is not
            finite, or `norm` is unknown.
        TypeError: `f` is neither `float32` nor `float64`.

    Example:
        >>> inverse(np.array([[6.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
        array([[1., 1., 1.],
               [1., 1., 1.]])
    """
    agree(("f", f, "... H W"))
    finite(("f", f))
    return _sandwich(_synthesis(f, -2, norm), f, _synthesis(f, -1, norm).T)


def inverse_backward(grad_x: NDArray[Float], norm: Norm = None) -> NDArray[Float]:
    """The gradient by `f`, given that by `x`: the adjoint of `inverse`.

    Shapes `(..., H, W)`.

    Raises:
        ValueError: `grad_x` has fewer than two axes, an empty image or an entry that is not
            finite, or `norm` is unknown.
        TypeError: `grad_x` is neither `float32` nor `float64`.

    Example:
        >>> inverse_backward(np.array([[4.0, 4.0]])).round(12) + 0.0
        array([[4., 0.]])
    """
    agree(("grad_x", grad_x, "... H W"))
    finite(("grad_x", grad_x))
    rows, columns = _synthesis(grad_x, -2, norm), _synthesis(grad_x, -1, norm)
    return _sandwich(rows.T, grad_x, columns)


def _sandwich(
    left: NDArray[Float], middle: NDArray[Float], right: NDArray[Float]
) -> NDArray[Float]:
    product: NDArray[Float] = left @ middle
    return product @ right


def _analysis(like: NDArray[Float], axis: int, norm: Norm) -> NDArray[Float]:
    """The matrix that takes pixels to frequencies along `axis` of `like`."""
    size = like.shape[axis]
    scale = np.sqrt(_weights(size)) if _is_ortho(norm) else np.ones(size)
    return (scale[:, None] * _cosines(size)).astype(like.dtype)


def _synthesis(like: NDArray[Float], axis: int, norm: Norm) -> NDArray[Float]:
    """The matrix that takes frequencies back to pixels along `axis` of `like`."""
    size = like.shape[axis]
    weights = _weights(size)
    scale = np.sqrt(weights) if _is_ortho(norm) else weights
    return (scale[:, None] * _cosines(size)).T.astype(like.dtype)


def _is_ortho(norm: Norm) -> bool:
    if norm not in (None, "ortho"):
        raise ValueError(f'`norm` must be None or "ortho", got {norm!r}')
    return norm == "ortho"


def _weights(size: int) -> NDArray[np.float64]:
    """`c_u / N` for each `u`."""
    weights = np.full(size, 2 / size)
    weights[0] = 1 / size
    return weights


def _cosines(size: int) -> NDArray[np.float64]:
    u = np.arange(size)[:, None]
    i = np.arange(size)[None, :]
    # The angle is pi u (2 i + 1) / (2 N). Its numerator is taken modulo a whole turn
    # while it is an exact integer: a large angle would cost digits.
    return np.cos(np.pi * (u * (2 * i + 1) % (4 * size)) / (2 * size))
