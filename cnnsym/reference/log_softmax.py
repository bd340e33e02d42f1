"""The logarithm of the softmax, row by row: `log p_k = x_k - log(sum_l exp(x_l))`.

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
    """The logarithms of the probabilities; none overflows, and none is the logarithm of 0.

    Args:
        logits: the scores, `(B, d)`.

    Returns:
        `log_p`, `(B, d)`; the exponentials of a row sum to 1.

    Raises:
        ValueError: `logits` does not have two axes of size at least 1, or is not finite.
        TypeError: `logits` is neither `float32` nor `float64`.

    Example:
        >>> forward(np.array([[0.0, 1000.0]]))
        array([[-1000.,     0.]])
    """
    agree(("logits", logits, "B d"))
    finite(("logits", logits))
    # The shift leaves the value as it is and makes the largest exponential exp(0): the
    # sum can neither overflow nor be 0.
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    log_p: NDArray[Float] = shifted - log_sum
    return log_p


def backward(grad_log_p: NDArray[Float], logits: NDArray[Float]) -> NDArray[Float]:
    """The gradient by the logits.

    Args:
        grad_log_p: the gradient of the cost by the output, `(B, d)`.
        logits: the scores given to `forward`, `(B, d)`.

    Returns:
        `grad_logits`, `(B, d)`; every row sums to 0.

    Raises:
        ValueError: the shapes differ, or an entry is not finite.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]]))
        array([[ 0.5, -0.5]])
    """
    agree(("logits", logits, "B d"), ("grad_log_p", grad_log_p, "B d"))
    finite(("grad_log_p", grad_log_p))
    total = np.sum(grad_log_p, axis=1, keepdims=True)
    grad_logits: NDArray[Float] = grad_log_p - np.exp(forward(logits)) * total
    return grad_logits
