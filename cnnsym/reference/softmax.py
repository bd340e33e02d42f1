"""The softmax, row by row: `p_k = exp(x_k) / sum_l exp(x_l)`.

Source:
    Bridle 1990, Training stochastic model recognition algorithms as networks can lead to
    maximum mutual information estimation of parameters. Blanchard, Higham and Higham 2021,
    Accurately computing the log-sum-exp and softmax functions, for the shift by the maximum.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(logits: NDArray[Float]) -> NDArray[Float]:
    """The probabilities; no exponential overflows.

    Args:
        logits: the scores, `(B, d)`.

    Returns:
        `p`, `(B, d)`; every row sums to 1.

    Raises:
        ValueError: `logits` does not have two axes of size at least 1, or is not finite.
        TypeError: `logits` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[0.0, 0.0], [0.0, 1000.0]]))
        array([[0.5, 0.5],
               [0. , 1. ]])
    """
    agree(("logits", logits, "B d"))
    finite(("logits", logits))
    # The shift cancels in the quotient, and the largest exponential is then exp(0).
    e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    p: NDArray[Float] = e / np.sum(e, axis=1, keepdims=True)
    return p


def backward(grad_p: NDArray[Float], logits: NDArray[Float]) -> NDArray[Float]:
    """The gradient by the logits: `(diag(p) - p p') grad_p` for each row.

    Args:
        grad_p: the gradient of the cost by the output, `(B, d)`.
        logits: the scores given to `forward`, `(B, d)`.

    Returns:
        `grad_logits`, `(B, d)`; every row sums to 0.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([[4.0, 0.0]]), np.array([[0.0, 0.0]]))
        array([[ 1., -1.]])
    """
    agree(("logits", logits, "B d"), ("grad_p", grad_p, "B d"))
    finite(("grad_p", grad_p))
    p = forward(logits)
    mean = np.sum(p * grad_p, axis=1, keepdims=True)
    grad_logits: NDArray[Float] = p * (grad_p - mean)
    return grad_logits
