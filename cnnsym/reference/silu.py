"""The sigmoid linear unit, `s / (1 + exp(-s))`, entry by entry; also called swish.

Source:
    Elfwing, Uchibe and Doya 2018, Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning. Hendrycks and Gimpel 2016, Gaussian error
    linear units (GELUs), section 2, for the name.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import sigmoid
from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(s: NDArray[Float]) -> NDArray[Float]:
    """Each entry times its sigmoid; no entry overflows.

    Args:
        s: any shape, `(...)`.

    Returns:
        `z` of the same shape.

    Raises:
        ValueError: an entry is not finite.
        TypeError: `s` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([-1000.0, 0.0, 1000.0])) + 0.0
        array([   0.,    0., 1000.])
    """
    agree(("s", s, "..."))
    finite(("s", s))
    return s * sigmoid.forward(s)


def backward(grad_z: NDArray[Float], s: NDArray[Float]) -> NDArray[Float]:
    """The gradient by `s`; the derivative is `sigmoid(s) + s sigmoid'(s)`.

    Args:
        grad_z: the gradient of the cost by the output, `(...)`.
        s: the input given to `forward`, of the same shape.

    Returns:
        `grad_s`, of the same shape.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([8.0, 8.0]), np.array([0.0, 1000.0]))
        array([4., 8.])
    """
    agree(("s", s, "..."), ("grad_z", grad_z, "..."))
    finite(("grad_z", grad_z), ("s", s))
    # The backward pass of the sigmoid, given s, is s times its derivative.
    grad_s: NDArray[Float] = grad_z * (sigmoid.forward(s) + sigmoid.backward(s, s))
    return grad_s
