"""The fully connected layer, `s = W z + b` for each `z` of a batch.

A batch holds a `z` in each row, so the column formula `W z` reads `z W'` here.

Source:
    Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating
    errors. Goodfellow, Bengio and Courville 2016, Deep Learning, algorithms 6.3 and 6.4.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(z: NDArray[Float], W: NDArray[Float], b: NDArray[Float]) -> NDArray[Float]:
    """The output `s` of the layer.

    Args:
        z: the inputs, `(B, n)`.
        W: the weights, `(d, n)`.
        b: the bias, `(d,)`.

    Returns:
        `s` with `s[k] = W z[k] + b`, `(B, d)`.

    Raises:
        ValueError: the shapes do not agree, or an entry is not finite.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> z = np.array([[1.0, 2.0]])
        >>> forward(z, W=np.array([[3.0, 4.0], [5.0, 6.0]]), b=np.array([0.0, 1.0]))
        array([[11., 18.]])
    """
    agree(("z", z, "B n"), ("W", W, "d n"), ("b", b, "d"))
    finite(("z", z), ("W", W), ("b", b))
    return z @ W.T + b


def backward(
    grad_s: NDArray[Float], z: NDArray[Float], W: NDArray[Float]
) -> tuple[NDArray[Float], NDArray[Float], NDArray[Float]]:
    """The gradients by `z`, `W` and `b`.

    `W` and `b` serve every row of the batch, so their gradients are sums over it. The
    value of `b` is not needed.

    Args:
        grad_s: the gradient of the cost by the output, `(B, d)`.
        z: the inputs given to `forward`, `(B, n)`.
        W: the weights given to `forward`, `(d, n)`.

    Returns:
        `grad_z` `(B, n)`, `grad_W` `(d, n)` and `grad_b` `(d,)`.

    Raises:
        ValueError: the shapes do not agree, or an entry is not finite.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> z, W = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
        >>> backward(np.array([[10.0]]), z, W)
        (array([[30., 40.]]), array([[10., 20.]]), array([10.]))
    """
    agree(("z", z, "B n"), ("W", W, "d n"), ("grad_s", grad_s, "B d"))
    finite(("grad_s", grad_s), ("z", z), ("W", W))
    grad_z = grad_s @ W
    # The product sums the outer products grad_s[k] z[k]' over the batch in one go.
    grad_W = grad_s.T @ z
    grad_b = np.sum(grad_s, axis=0)
    return grad_z, grad_W, grad_b
