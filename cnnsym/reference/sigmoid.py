"""The logistic sigmoid, `1 / (1 + exp(-s))`, entry by entry.

Source:
    Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating
    errors, equation 2.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(s: NDArray[Float]) -> NDArray[Float]:
    """The sigmoid of each entry; no entry overflows.

    Args:
        s: any shape, `(...)`.

    Returns:
        `z` of the same shape, each entry between 0 and 1.

    Raises:
        ValueError: an entry is not finite.
        TypeError: `s` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([0.0, -1000.0, 1000.0]))
        array([0.5, 0. , 1. ])
    """
    agree(("s", s, "..."))
    finite(("s", s))
    # exp(-s) overflows for s far below 0; of -|s| it is at most 1.
    e = np.exp(-np.abs(s))
    return np.where(s >= 0, 1 / (1 + e), e / (1 + e))


def backward(grad_z: NDArray[Float], s: NDArray[Float]) -> NDArray[Float]:
    """The gradient by `s`.

    Args:
        grad_z: the gradient of the cost by the output, `(...)`.
        s: the input given to `forward`, of the same shape.

    Returns:
        `grad_s`, of the same shape.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([1.0, 8.0]), np.array([0.0, 0.0]))
        array([0.25, 2.  ])
    """
    agree(("s", s, "..."), ("grad_z", grad_z, "..."))
    finite(("grad_z", grad_z), ("s", s))
    # z (1 - z) loses every digit where z rounds to 1. The derivative is even, so the
    # tail that does not cancel serves both signs.
    e = np.exp(-np.abs(s))
    grad_s: NDArray[Float] = grad_z * (e / np.square(1 + e))
    return grad_s
