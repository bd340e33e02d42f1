"""Squeeze and excitation: each channel scaled by a gate that has seen the means of all.

`y = x s` channel by channel, with `s = sigmoid(W2 relu(W1 z + b1) + b2)` and `z` the global
average pooling of `x`. The biases may be left out, both at once. The gate stands by itself,
for attention whose squeeze is another.

Source:
    Hu, Shen and Sun 2018, Squeeze-and-excitation networks, equations 2 to 4, where there
    are no biases.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import gap, linear, relu, sigmoid
from cnnsym.reference.agreement import agree, finite

Float = TypeVar("Float", np.float32, np.float64)


def forward(
    x: NDArray[Float],
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None = None,
    b2: NDArray[Float] | None = None,
) -> NDArray[Float]:
    """The images with each channel scaled by its gate.

    Args:
        x: the images, `(B, C, H, W)`.
        W1: the weights of the first layer of the gate, `(r, C)`.
        W2: the weights of the second, `(C, r)`.
        b1: the bias of the first, `(r,)`, or None.
        b2: the bias of the second, `(C,)`, or None.

    Returns:
        `y`, `(B, C, H, W)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or only one of the
            biases is given.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, one = np.array([[[[1.0, 3.0]]]]), np.ones((1, 1))
        >>> forward(x, W1=one, W2=0 * one)
        array([[[[0.5, 1.5]]]])
    """
    check_gate(("x", x, "B C H W"), W1, W2, b1, b2)
    return x * gate(gap.forward(x), W1, W2, b1, b2)[:, :, None, None]


def backward(
    grad_y: NDArray[Float],
    x: NDArray[Float],
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None = None,
    b2: NDArray[Float] | None = None,
) -> tuple[NDArray[Float], ...]:
    """The gradients by `x`, `W1` and `W2`, and by `b1` and `b2` if they are there.

    `x` acts twice: as what is scaled, and through the gate.

    Args:
        grad_y: the gradient of the cost by the output, `(B, C, H, W)`.
        x: the images given to `forward`, `(B, C, H, W)`.
        W1: the weights given to `forward`, `(r, C)`.
        W2: the weights given to `forward`, `(C, r)`.
        b1: the bias given to `forward`, `(r,)`, or None.
        b2: the bias given to `forward`, `(C,)`, or None.

    Returns:
        `grad_x` `(B, C, H, W)`, `grad_W1` `(r, C)` and `grad_W2` `(C, r)`; with biases then
        `grad_b1` `(r,)` and `grad_b2` `(C,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or only one of the
            biases is given.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> x, one = np.array([[[[1.0, 3.0]]]]), np.ones((1, 1))
        >>> grad_x, grad_W1, grad_W2 = backward(np.ones_like(x), x, W1=one, W2=0 * one)
        >>> grad_x, grad_W1, grad_W2
        (array([[[[0.5, 0.5]]]]), array([[0.]]), array([[2.]]))
    """
    check_gate(("x", x, "B C H W"), W1, W2, b1, b2)
    agree(("x", x, "B C H W"), ("grad_y", grad_y, "B C H W"))
    finite(("grad_y", grad_y))
    z = gap.forward(x)
    s = gate(z, W1, W2, b1, b2)
    grad_s = np.sum(grad_y * x, axis=(2, 3))
    grad_z, *grad_parameters = gate_backward(grad_s, z, W1, W2, b1, b2)
    grad_x = grad_y * s[:, :, None, None] + gap.backward(grad_z, x.shape[2:])
    return grad_x, *grad_parameters


def gate(
    z: NDArray[Float],
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None = None,
    b2: NDArray[Float] | None = None,
) -> NDArray[Float]:
    """The scale of each channel, given what each was squeezed to.

    Args:
        z: a number for each channel, `(B, C)`.
        W1, W2, b1, b2: as for `forward`.

    Returns:
        `s` with `s[k] = sigmoid(W2 relu(W1 z[k] + b1) + b2)`, `(B, C)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or only one of the
            biases is given.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> gate(np.array([[2.0]]), W1=np.ones((1, 1)), W2=np.zeros((1, 1)))
        array([[0.5]])
    """
    check_gate(("z", z, "B C"), W1, W2, b1, b2)
    hidden = relu.forward(linear.forward(z, W1, _or_zeros(b1, W1)))
    return sigmoid.forward(linear.forward(hidden, W2, _or_zeros(b2, W2)))


def gate_backward(
    grad_s: NDArray[Float],
    z: NDArray[Float],
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None = None,
    b2: NDArray[Float] | None = None,
) -> tuple[NDArray[Float], ...]:
    """The gradients by `z`, `W1` and `W2`, and by `b1` and `b2` if they are there.

    Args:
        grad_s: the gradient of the cost by the scales, `(B, C)`.
        z: the numbers given to `gate`, `(B, C)`.
        W1, W2, b1, b2: as for `forward`.

    Returns:
        `grad_z` `(B, C)`, `grad_W1` `(r, C)` and `grad_W2` `(C, r)`; with biases then
        `grad_b1` `(r,)` and `grad_b2` `(C,)`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or only one of the
            biases is given.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> z, one = np.array([[2.0]]), np.ones((1, 1))
        >>> gate_backward(4 * one, z, W1=one, W2=0 * one)
        (array([[0.]]), array([[0.]]), array([[2.]]))
    """
    check_gate(("z", z, "B C"), W1, W2, b1, b2)
    agree(("z", z, "B C"), ("grad_s", grad_s, "B C"))
    finite(("grad_s", grad_s))
    first = linear.forward(z, W1, _or_zeros(b1, W1))
    hidden = relu.forward(first)
    second = linear.forward(hidden, W2, _or_zeros(b2, W2))
    grad_hidden, grad_W2, grad_b2 = linear.backward(sigmoid.backward(grad_s, second), hidden, W2)
    grad_z, grad_W1, grad_b1 = linear.backward(relu.backward(grad_hidden, first), z, W1)
    return (grad_z, grad_W1, grad_W2) if b1 is None else (grad_z, grad_W1, grad_W2, grad_b1, grad_b2)


def check_gate(
    inputs: tuple[str, NDArray[Float], str],
    W1: NDArray[Float],
    W2: NDArray[Float],
    b1: NDArray[Float] | None,
    b2: NDArray[Float] | None,
) -> None:
    """Raise unless the parameters of a gate agree with the inputs, and all are finite.

    Args:
        inputs: `(name, array, pattern)` with the axes `B` and `C` in the pattern.
        W1, W2, b1, b2: as for `forward`.

    Raises:
        ValueError: the shapes do not agree, an entry is not finite, or only one of the
            biases is given.
        TypeError: the dtypes are not all `float32` or all `float64`.

    Example:
        >>> one = np.ones((1, 1))
        >>> check_gate(("z", one, "B C"), one, one, np.ones(1), None)
        Traceback (most recent call last):
        ValueError: `b1` and `b2` must be given both or neither, got `b1` only
    """
    biases: tuple[tuple[str, NDArray[Float], str], ...] = ()
    if b1 is not None and b2 is not None:
        biases = ("b1", b1, "r"), ("b2", b2, "C")
    elif b1 is not None or b2 is not None:
        given = "b2" if b1 is None else "b1"
        raise ValueError(f"`b1` and `b2` must be given both or neither, got `{given}` only")
    arguments: list[tuple[str, NDArray[Any], str]] = [inputs, ("W1", W1, "r C"), ("W2", W2, "C r"), *biases]
    agree(*arguments)
    finite(*((name, array) for name, array, _ in arguments))


def _or_zeros(b: NDArray[Float] | None, W: NDArray[Float]) -> NDArray[Float]:
    return np.zeros(len(W), W.dtype) if b is None else b
