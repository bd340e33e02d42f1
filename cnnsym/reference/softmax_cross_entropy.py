"""Softmax and cross-entropy in one: the cost at the end of a classifier.

For each row, `-sum_k t_k log p_k` with `p = softmax(logits)`; then the mean over the batch.
The targets are weights: one-hot, soft, or of any sum. A label, the number of a class, stands
for the weight 1 of that class.

Source:
    Bridle 1990, Training stochastic model recognition algorithms as networks can lead to
    maximum mutual information estimation of parameters. Goodfellow, Bengio and Courville
    2016, Deep Learning, section 6.2.2.3.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import log_softmax
from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)
Labels = NDArray[np.integer[Any]]


def forward(logits: NDArray[Float], targets: NDArray[Float] | Labels) -> Float:
    """The mean over the batch of the cross-entropy of each row.

    Args:
        logits: the scores before the softmax, `(B, d)`.
        targets: the weight of each class, `(B, d)`; or the label of each row, integers from
            0 to `d - 1`, `(B,)`.

    Returns:
        The loss, a scalar of the dtype of the inputs.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or a label is not that
            of a class.
        TypeError: the dtypes are not both `float32` or both `float64`, nor are the targets
            integers.

    Example:
        >>> logits, targets = np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]])
        >>> bool(np.isclose(forward(logits, targets), np.log(2)))
        True
    """
    weights = _weights(logits, targets)
    loss: Float = -np.sum(weights * log_softmax.forward(logits)) / len(logits)
    return loss


def backward(logits: NDArray[Float], targets: NDArray[Float] | Labels) -> NDArray[Float]:
    """The gradient of the mean loss by the logits.

    Args:
        logits: the scores given to `forward`, `(B, d)`.
        targets: the weights or labels given to `forward`, `(B, d)` or `(B,)`.

    Returns:
        `grad_logits`, `(B, d)`; every row sums to 0.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or a label is not that
            of a class.
        TypeError: the dtypes are not both `float32` or both `float64`, nor are the targets
            integers.

    Example:
        >>> backward(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))
        array([[-0.5,  0.5]])
        >>> backward(np.array([[0.0, 0.0]]), np.array([1]))
        array([[ 0.5, -0.5]])
    """
    weights = _weights(logits, targets)
    # The well-known softmax - targets holds only for targets that sum to 1: the softmax
    # enters once for each unit of weight.
    total = np.sum(weights, axis=1, keepdims=True)
    grad_rows = total * np.exp(log_softmax.forward(logits)) - weights
    grad_logits: NDArray[Float] = grad_rows / len(logits)
    return grad_logits


def _weights(logits: NDArray[Float], targets: NDArray[Any]) -> NDArray[Float]:
    """The weight of each class in each row, `(B, d)`."""
    agree(("logits", logits, "B d"))
    finite(("logits", logits))
    if not np.issubdtype(getattr(targets, "dtype", float), np.integer):
        agree(("logits", logits, "B d"), ("targets", targets, "B d"))
        finite(("targets", targets))
        return targets
    B, d = logits.shape
    if targets.shape != (B,):
        raise ValueError(
            f"`targets`, being integers, must be labels of shape (B,) with B = {B} as in `logits`, got {targets.shape}"
        )
    wrong = (targets < 0) | (targets >= d)
    if np.any(wrong):
        at = int(np.argmax(wrong))
        raise ValueError(f"`targets` must be labels from 0 to d - 1 = {d - 1}, got {targets[at]} at ({at},)")
    weights = np.zeros_like(logits)
    weights[np.arange(B), targets] = 1
    return weights
