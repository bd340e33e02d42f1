"""The hyperbolic tangent, entry by entry.

Source:
    LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.4, which prefers it
    to the logistic sigmoid because its outputs are centred at 0.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(s: NDArray[Float]) -> NDArray[Float]:
    """The hyperbolic tangent of each entry.

    Args:
        s: any shape, `(...)`.

    Returns:
        `z` of the same shape, each entry between -1 and 1.

    Raises:
        ValueError: an entry is not finite.
        TypeError: `s` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([0.0, -1000.0, 1000.0]))
        array([ 0., -1.,  1.])
    """
    agree(("s", s, "..."))
    finite(("s", s))
    return np.tanh(s)


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
        array([1., 8.])
    """
    agree(("s", s, "..."), ("grad_z", grad_z, "..."))
    finite(("grad_z", grad_z), ("s", s))
    # 1 - tanh(s)^2 loses every digit where tanh(s) rounds to 1 or -1; its equal
    # sech(s)^2 does not, and exp(-|s|) cannot overflow.
    e = np.exp(-np.abs(s))
    sech = 2 * e / (1 + np.square(e))
    grad_s: NDArray[Float] = grad_z * np.square(sech)
    return grad_s
