"""The leaky rectified linear unit: `s` above 0 and `slope s` below, entry by entry.

Source:
    Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network acoustic
    models, where the slope is 0.01.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite
from cnnsym.reference.hyperparameters import real

Float = TypeVar("Float", np.float32, np.float64)


def forward(s: NDArray[Float], slope: float = 0.01) -> NDArray[Float]:
    """Each entry as it is where it is positive, `slope` times it elsewhere.

    Args:
        s: any shape, `(...)`.
        slope: the factor of the negative entries; any number, 0 giving the unit that does
            not leak.

    Returns:
        `z` of the same shape.

    Raises:
        ValueError: an entry or `slope` is not finite.
        TypeError: `s` is neither `float32` nor `float64`, or `slope` is not a number.

    Example:
        >>> forward(np.array([-2.0, 0.0, 2.0]), slope=0.25)
        array([-0.5,  0. ,  2. ])
    """
    agree(("s", s, "..."))
    finite(("s", s))
    return _factor(s, slope) * s


def backward(grad_z: NDArray[Float], s: NDArray[Float], slope: float = 0.01) -> NDArray[Float]:
    """The gradient by `s`.

    At 0, where there is no derivative unless `slope` is 1, `slope` is taken: 0 counts as
    not positive, as it does for `relu`.

    Args:
        grad_z: the gradient of the cost by the output, `(...)`.
        s: the input given to `forward`, of the same shape.
        slope: the slope given to `forward`.

    Returns:
        `grad_s`, of the same shape.

    Raises:
        ValueError: the shapes differ, or an entry or `slope` is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`, or `slope` is not a
            number.

    Example:
        >>> backward(np.array([4.0, 8.0, 7.0]), np.array([-1.0, 0.0, 2.0]), slope=0.25)
        array([1., 2., 7.])
    """
    agree(("s", s, "..."), ("grad_z", grad_z, "..."))
    finite(("grad_z", grad_z), ("s", s))
    return _factor(s, slope) * grad_z


def _factor(s: NDArray[Float], slope: float) -> NDArray[Float]:
    # A choice by the sign: the maximum of s and slope s is another function for a slope
    # above 1.
    factor: NDArray[Float] = np.where(s > 0, 1, real("slope", slope, s.dtype)).astype(s.dtype)
    return factor
