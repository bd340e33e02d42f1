"""The reference layers against PyTorch on the CPU, forward and backward.

PyTorch is a test oracle, in an extra of its own. This folder is run by `make oracles`
and not by an ordinary test run, so a missing PyTorch fails here instead of skipping.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnsym.reference import (
    gap,
    linear,
    relu,
    sigmoid,
    softmax_cross_entropy,
    tanh,
)

TOL = {np.float32: 1e-5, np.float64: 1e-12}
ACTIVATIONS = [(sigmoid, torch.sigmoid), (tanh, torch.tanh), (relu, F.relu)]

by_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def draw(dtype, *shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(scale=2, size=shape).astype(dtype) for shape in shapes]


def torch_run(function, inputs, grad_output):
    """The output of `function` and the gradients by its inputs, as NumPy arrays."""
    leaves = [torch.tensor(a, requires_grad=True) for a in inputs]
    output = function(*leaves)
    output.backward(torch.tensor(grad_output))
    return output.detach().numpy(), [leaf.grad.numpy() for leaf in leaves]


def check(found, wanted, dtype):
    assert found.dtype == wanted.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


@by_dtype
@pytest.mark.parametrize(
    ("B", "n", "d"), [(1, 1, 1), (1, 4, 3), (5, 1, 2), (3, 2, 1), (8, 20, 10)]
)
def test_linear(B, n, d, dtype):
    z, W, b, grad_s = draw(dtype, (B, n), (d, n), (d,), (B, d))
    s, grads = torch_run(F.linear, [z, W, b], grad_s)
    check(linear.forward(z, W, b), s, dtype)
    for found, wanted in zip(linear.backward(grad_s, z, W), grads, strict=True):
        check(found, wanted, dtype)


@by_dtype
@pytest.mark.parametrize("shape", [(1,), (5,), (3, 1), (2, 3, 4, 5)])
@pytest.mark.parametrize(
    ("layer", "function"), ACTIVATIONS, ids=["sigmoid", "tanh", "relu"]
)
def test_activation(layer, function, shape, dtype):
    s, grad_z = draw(dtype, shape, shape)
    z, (grad_s,) = torch_run(function, [s], grad_z)
    check(layer.forward(s), z, dtype)
    check(layer.backward(grad_z, s), grad_s, dtype)


@by_dtype
def test_relu_at_zero(dtype):
    s, grad_z = np.zeros(3, dtype), np.ones(3, dtype)
    _, (grad_s,) = torch_run(F.relu, [s], grad_z)
    check(relu.backward(grad_z, s), grad_s, dtype)


@by_dtype
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (5, 1), (6, 10)])
@pytest.mark.parametrize("kind", ["one-hot", "soft", "any sum"])
def test_softmax_cross_entropy(kind, size, dtype):
    logits, targets = draw(dtype, size, size)
    targets = np.abs(targets)
    if kind == "one-hot":
        targets = np.eye(size[1], dtype=dtype)[np.argmax(targets, axis=1)]
    elif kind == "soft":
        targets /= targets.sum(axis=1, keepdims=True)

    def cost(logits):
        return F.cross_entropy(logits, torch.tensor(targets), reduction="mean")

    loss, (grad_logits,) = torch_run(cost, [logits], dtype(1))
    check(softmax_cross_entropy.forward(logits, targets), loss, dtype)
    check(softmax_cross_entropy.backward(logits, targets), grad_logits, dtype)


@by_dtype
@pytest.mark.parametrize(
    "shape", [(1, 1, 1, 1), (2, 3, 1, 4), (1, 2, 5, 1), (2, 3, 8, 9)]
)
def test_gap(shape, dtype):
    x, grad_g = draw(dtype, shape, shape[:2])

    def pool(x):
        return F.adaptive_avg_pool2d(x, 1).flatten(1)

    g, (grad_x,) = torch_run(pool, [x], grad_g)
    check(gap.forward(x), g, dtype)
    check(gap.backward(grad_g, shape[2:]), grad_x, dtype)


@by_dtype
def test_the_check_catches_a_scaled_gradient(dtype):
    s, grad_z = draw(dtype, (3, 4), (3, 4))
    _, (grad_s,) = torch_run(torch.tanh, [s], grad_z)
    with pytest.raises(AssertionError):
        check((1.001 * tanh.backward(grad_z, s)).astype(dtype), grad_s, dtype)
