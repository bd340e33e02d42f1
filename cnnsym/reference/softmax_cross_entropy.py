"""Softmax and cross-entropy in one: the cost at the end of a classifier.

For each row, `-sum_k t_k log p_k` with `p = softmax(logits)`; then the mean over the batch.
The targets are weights: one-hot, soft, or of any sum.

Source:
    Bridle 1990, Training stochastic model recognition algorithms as networks can lead to
    maximum mutual information estimation of parameters. Goodfellow, Bengio and Courville
    2016, Deep Learning, section 6.2.2.3. Blanchard, Higham and Higham 2021, Accurately
    computing the log-sum-exp and softmax functions, for the shift by the maximum.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference.agreement import agree

Float = TypeVar("Float", np.float32, np.float64)


def forward(logits: NDArray[Float], targets: NDArray[Float]) -> Float:
    """The mean over the batch of the cross-entropy of each row.

    Args:
        logits: the scores before the softmax, `(B, d)`.
        targets: the weight of each class, `(B, d)`.

    Returns:
        The loss, a scalar of the dtype of the inputs.

    Raises:
        ValueError: the shapes do not agree.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> logits, targets = np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])
        >>> bool(np.isclose(forward(logits, targets), np.log(2)))
        True
    """
    agree(("logits", logits, "B d"), ("targets", targets, "B d"))
    loss: Float = -np.sum(targets * _log_softmax(logits)) / len(logits)
    return loss


def backward(logits: NDArray[Float], targets: NDArray[Float]) -> NDArray[Float]:
    """The gradient of the mean loss by the logits.

    Args:
        logits: the scores given to `forward`, `(B, d)`.
        targets: the weights given to `forward`, `(B, d)`.

    Returns:
        `grad_logits`, `(B, d)`; every row sums to 0.

    Raises:
        ValueError: the shapes do not agree.
        TypeError: the dtypes are not both `float32` or both `float64`.

    Example:
        >>> backward(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))
        array([[-0.5,  0.5]])
    """
    agree(("logits", logits, "B d"), ("targets", targets, "B d"))
    # The well-known softmax - targets holds only for targets that sum to 1: the softmax
    # enters once for each unit of weight.
    weight = np.sum(targets, axis=1, keepdims=True)
    grad_rows = weight * np.exp(_log_softmax(logits)) - targets
    grad_logits: NDArray[Float] = grad_rows / len(logits)
    return grad_logits


def _log_softmax(logits: NDArray[Float]) -> NDArray[Float]:
    # The shift leaves the value as it is and makes the largest exponential exp(0): the
    # sum can neither overflow nor be 0.
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    log_p: NDArray[Float] = shifted - log_sum
    return log_p
