"""The rectified linear unit, `max(s, 0)`, entry by entry.

Source:
    Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    Glorot, Bordes and Bengio 2011, Deep sparse rectifier neural networks.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(s: NDArray[Float]) -> NDArray[Float]:
    """The positive part of each entry.

    Args:
        s: any shape, `(...)`.

    Returns:
        `z` of the same shape, each entry at least 0.

    Raises:
        ValueError: an entry is not finite.
        TypeError: `s` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([-1.0, 0.0, 2.0]))
        array([0., 0., 2.])
    """
    agree(("s", s, "..."))
    finite(("s", s))
    return np.maximum(s, 0)


def backward(grad_z: NDArray[Float], s: NDArray[Float]) -> NDArray[Float]:
    """The gradient by `s`.

    At 0, where there is no derivative, the subgradient 0 is taken.

    Args:
        grad_z: the gradient of the cost by the output, `(...)`.
        s: the input given to `forward`, of the same shape.

    Returns:
        `grad_s`, of the same shape.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([5.0, 6.0, 7.0]), np.array([-1.0, 0.0, 2.0]))
        array([0., 0., 7.])
    """
    agree(("s", s, "..."), ("grad_z", grad_z, "..."))
    finite(("grad_z", grad_z), ("s", s))
    return np.where(s <= 0, 0, grad_z)
