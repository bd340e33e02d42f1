"""The Gaussian error linear unit, `s Phi(s)`, entry by entry.

`Phi(s) = (1 + erf(s / sqrt(2))) / 2` is the distribution function of the standard normal
law. This is the unit itself and not its approximation by a hyperbolic tangent.

NumPy has no error function. That of the standard library is called for one entry after
another: exact to rounding, and slow.

Source:
    Hendrycks and Gimpel 2016, Gaussian error linear units (GELUs), section 2.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(s: NDArray[Float]) -> NDArray[Float]:
    """Each entry times the probability that a standard normal variable is at most it.

    Args:
        s: any shape, `(...)`.

    Returns:
        `z` of the same shape.

    Raises:
        ValueError: an entry is not finite.
        TypeError: `s` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([-100.0, 0.0, 1.0, 100.0])).round(4) + 0.0
        array([  0.    ,   0.    ,   0.8413, 100.    ])
    """
    agree(("s", s, "..."))
    finite(("s", s))
    double = s.astype(np.float64)
    z: NDArray[Float] = (double * _normal_distribution(double)).astype(s.dtype)
    return z


def backward(grad_z: NDArray[Float], s: NDArray[Float]) -> NDArray[Float]:
    """The gradient by `s`; the derivative is `Phi(s) + s phi(s)`, `phi` being the density.

    Args:
        grad_z: the gradient of the cost by the output, `(...)`.
        s: the input given to `forward`, of the same shape.

    Returns:
        `grad_s`, of the same shape.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([8.0, 8.0]), np.array([0.0, 100.0]))
        array([4., 8.])
    """
    agree(("s", s, "..."), ("grad_z", grad_z, "..."))
    finite(("grad_z", grad_z), ("s", s))
    double = s.astype(np.float64)
    # Beyond 40 the density is less than the least float64; the square of a large entry
    # would overflow before it.
    density = np.exp(-np.square(np.clip(double, -40, 40)) / 2) / math.sqrt(2 * math.pi)
    derivative = _normal_distribution(double) + double * density
    grad_s: NDArray[Float] = grad_z * derivative.astype(s.dtype)
    return grad_s


def _normal_distribution(s: NDArray[np.float64]) -> NDArray[np.float64]:
    # 1 + erf loses every digit where erf is near -1. By the symmetry of erf it is
    # erfc(-s / sqrt(2)), which does not.
    values: Any = np.vectorize(math.erfc, otypes=[np.float64])(-s / math.sqrt(2))
    half: NDArray[np.float64] = values / 2
    return half
