"""Activations, normalisations, losses and attention against PyTorch on the CPU, forward and backward."""

import numpy as np
import pytest
import scipy.fft
import torch
import torch.nn.functional as F

from cnnsym.reference import (
    batch_norm,
    dropout,
    fca_attention,
    flatten,
    gelu,
    group_norm,
    layer_norm,
    leaky_relu,
    log_softmax,
    mse,
    residual,
    silu,
    softmax,
    softmax_cross_entropy,
    squeeze_excitation,
)

TOL = {np.float32: 5e-5, np.float64: 1e-10}
EPS = 1e-3

by_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def draw(dtype, *shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(scale=2, size=shape), dtype) for shape in shapes]


def torch_run(function, inputs, grad_output):
    """The output of `function` and the gradients by its inputs, as NumPy arrays."""
    leaves = [torch.tensor(a, requires_grad=True) for a in inputs]
    output = function(*leaves)
    output.backward(torch.tensor(grad_output))
    return output.detach().numpy(), [leaf.grad.numpy() for leaf in leaves]


def check(found, wanted, dtype):
    assert found.dtype == wanted.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


def check_all(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        check(a, b, dtype)


@by_dtype
@pytest.mark.parametrize("shape", [(), (1,), (5,), (3, 1), (2, 3, 4, 5)])
@pytest.mark.parametrize(
    ("layer", "function"),
    [(gelu, F.gelu), (silu, F.silu), (leaky_relu, F.leaky_relu)],
    ids=["gelu", "silu", "leaky_relu"],
)
def test_activation(layer, function, shape, dtype):
    s, grad_z = draw(dtype, shape, shape)
    z, (grad_s,) = torch_run(function, [s], grad_z)
    check(layer.forward(s), z, dtype)
    check(layer.backward(grad_z, s), grad_s, dtype)


@by_dtype
@pytest.mark.parametrize("slope", [0, 0.2, 1, 2.5])
def test_slope_of_leaky_relu(slope, dtype):
    (s,), grad_z = draw(dtype, (20,)), np.ones(20, dtype)
    s[:2] = 0.0, -0.0
    z, (grad_s,) = torch_run(lambda s: F.leaky_relu(s, slope), [s], grad_z)
    check(leaky_relu.forward(s, slope), z, dtype)
    check(leaky_relu.backward(grad_z, s, slope), grad_s, dtype)


@by_dtype
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (5, 1), (6, 10)])
@pytest.mark.parametrize(
    ("layer", "function"), [(softmax, F.softmax), (log_softmax, F.log_softmax)], ids=["softmax", "log_softmax"]
)
def test_softmax(layer, function, size, dtype):
    logits, grad = draw(dtype, size, size)
    wanted, (grad_logits,) = torch_run(lambda logits: function(logits, dim=1), [logits], grad)
    check(layer.forward(logits), wanted, dtype)
    check(layer.backward(grad, logits), grad_logits, dtype)


@by_dtype
@pytest.mark.parametrize("size", [(1, 1), (1, 4), (5, 1), (6, 10)])
def test_cross_entropy_of_labels(size, dtype):
    (logits,) = draw(dtype, size)
    labels = np.random.default_rng(1).integers(size[1], size=size[0])
    loss, (grad_logits,) = torch_run(
        lambda logits: F.cross_entropy(logits, torch.tensor(labels)), [logits], dtype(1)
    )
    check(softmax_cross_entropy.forward(logits, labels), loss, dtype)
    check(softmax_cross_entropy.backward(logits, labels), grad_logits, dtype)


@by_dtype
@pytest.mark.parametrize("shape", [(1,), (4, 3), (2, 3, 4, 5)])
def test_mse(shape, dtype):
    y, t = draw(dtype, shape, shape)
    loss, (grad_y,) = torch_run(lambda y: F.mse_loss(y, torch.tensor(t)), [y], dtype(1))
    check(mse.forward(y, t), loss, dtype)
    check(mse.backward(y, t), grad_y, dtype)


# PyTorch refuses to train on one entry of a channel.
@by_dtype
@pytest.mark.parametrize("shape", [(2, 1), (7, 3), (1, 2, 3, 4), (3, 4, 1, 5), (8, 6, 5, 4)])
def test_batch_norm_in_training(shape, dtype):
    x, gamma, beta, grad_y = draw(dtype, shape, shape[1:2], shape[1:2], shape)
    kept_mean, kept_var = torch.zeros(shape[1]), torch.ones(shape[1])
    kept_mean, kept_var = (v.to(torch.tensor(x).dtype) for v in (kept_mean, kept_var))

    def layer(x, gamma, beta):
        return F.batch_norm(x, kept_mean, kept_var, gamma, beta, training=True, momentum=1.0, eps=EPS)

    wanted, grads = torch_run(layer, [x, gamma, beta], grad_y)
    y, mean, var = batch_norm.forward(x, gamma, beta, EPS)
    check(y, wanted, dtype)
    check(mean, kept_mean.numpy(), dtype)
    # PyTorch normalises with the biased variance, and keeps the unbiased one.
    m = x.size // shape[1]
    check(var * dtype(m / (m - 1)), kept_var.numpy(), dtype)
    check_all(batch_norm.backward(grad_y, x, gamma, EPS), grads, dtype)


@by_dtype
@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (3, 4, 1, 5)])
def test_batch_norm_in_evaluation(shape, dtype):
    x, gamma, beta, mean, var, grad_y = draw(dtype, shape, *[shape[1:2]] * 4, shape)
    var = np.abs(var)

    def layer(x, gamma, beta):
        return F.batch_norm(x, torch.tensor(mean), torch.tensor(var), gamma, beta, training=False, eps=EPS)

    wanted, grads = torch_run(layer, [x, gamma, beta], grad_y)
    check(batch_norm.evaluate(x, gamma, beta, mean, var, EPS), wanted, dtype)
    check_all(batch_norm.evaluate_backward(grad_y, x, gamma, mean, var, EPS), grads, dtype)


@by_dtype
@pytest.mark.parametrize(("groups", "padding", "stride"), [(1, 0, 1), (1, 2, 2), (2, 1, 1)])
def test_a_folded_convolution(groups, padding, stride, dtype):
    x, W, b = draw(dtype, (2, 4, 6, 7), (6, 4 // groups, 3, 2), (6,))
    gamma, beta, mean, var = draw(dtype, *[(6,)] * 4, seed=1)
    var = np.abs(var)

    def convolve(W, b):
        return F.conv2d(*map(torch.tensor, (x, W, b)), stride=stride, padding=padding, groups=groups)

    statistics = map(torch.tensor, (mean, var, gamma, beta))
    wanted = F.batch_norm(convolve(W, b), *statistics, training=False, eps=EPS)
    found = convolve(*batch_norm.fold(W, b, gamma, beta, mean, var, EPS))
    check(found.numpy(), wanted.numpy(), dtype)


@by_dtype
@pytest.mark.parametrize(("shape", "k"), [((4, 3), 1), ((2, 3, 5), 2), ((3, 2, 4, 5), 3), ((3, 2, 4, 5), 1)])
def test_layer_norm(shape, k, dtype):
    x, gamma, beta, grad_y = draw(dtype, shape, shape[-k:], shape[-k:], shape)
    wanted, grads = torch_run(lambda x, g, b: F.layer_norm(x, shape[-k:], g, b, EPS), [x, gamma, beta], grad_y)
    check(layer_norm.forward(x, gamma, beta, EPS), wanted, dtype)
    check_all(layer_norm.backward(grad_y, x, gamma, EPS), grads, dtype)


@by_dtype
@pytest.mark.parametrize(("shape", "groups"), [((3, 4), 2), ((2, 6, 3, 2), 3), ((2, 4, 1, 5), 1), ((1, 4, 3, 4), 4)])
def test_group_norm(shape, groups, dtype):
    x, gamma, beta, grad_y = draw(dtype, shape, shape[1:2], shape[1:2], shape)
    wanted, grads = torch_run(lambda x, g, b: F.group_norm(x, groups, g, b, EPS), [x, gamma, beta], grad_y)
    check(group_norm.forward(x, gamma, beta, groups, EPS), wanted, dtype)
    check_all(group_norm.backward(grad_y, x, gamma, groups, EPS), grads, dtype)


@by_dtype
@pytest.mark.parametrize("p", [0.0, 0.3, 0.9])
def test_dropout_with_the_mask_that_pytorch_drew(p, dtype):
    x, grad_y = draw(dtype, (40, 5), (40, 5))
    torch.manual_seed(0)
    y, (grad_x,) = torch_run(lambda x: F.dropout(x, p, training=True), [x], grad_y)
    mask = (y != 0).astype(dtype)
    assert p == 0 or 0 < mask.mean() < 1
    check(dropout.forward(x, mask, p), y, dtype)
    check(dropout.backward(grad_y, mask, p), grad_x, dtype)


@by_dtype
@pytest.mark.parametrize("shape", [(1, 1), (4, 3, 2), (2, 3, 4, 5)])
def test_flatten(shape, dtype):
    x, grad_y = draw(dtype, shape, (shape[0], int(np.prod(shape[1:]))))
    y, (grad_x,) = torch_run(lambda x: torch.flatten(x, 1), [x], grad_y)
    check(flatten.forward(x), y, dtype)
    check(flatten.backward(grad_y, shape[1:]), grad_x, dtype)


@by_dtype
def test_a_residual_block(dtype):
    x, grad_y = draw(dtype, (2, 3, 4, 5), (2, 3, 4, 5))
    y, (wanted,) = torch_run(lambda x: x + F.silu(x), [x], grad_y)
    check(residual.forward(x, silu.forward(x)), y, dtype)
    grad_x, grad_branch = residual.backward(grad_y)
    check(grad_x + silu.backward(grad_branch, x), wanted, dtype)


def gate(z, W1, W2, b1=None, b2=None):
    return torch.sigmoid(F.linear(F.relu(F.linear(z, W1, b1)), W2, b2))[:, :, None, None]


def parameters(C, r, biases, dtype):
    shapes = [(r, C), (C, r), *([(r,), (C,)] if biases else [])]
    return [a / 4 for a in draw(dtype, *shapes, seed=1)]


@by_dtype
@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize(("shape", "r"), [((2, 3, 1, 4), 4), ((3, 8, 5, 2), 2), ((4, 6, 7, 7), 3)])
def test_squeeze_excitation(shape, r, biases, dtype):
    x, grad_y = draw(dtype, shape, shape)
    inputs = [x, *parameters(shape[1], r, biases, dtype)]

    def attend(x, *gated):
        return x * gate(F.adaptive_avg_pool2d(x, 1).flatten(1), *gated)

    y, grads = torch_run(attend, inputs, grad_y)
    assert all(np.abs(g).max() > 1e-3 for g in grads), "no path may be dead"
    check(squeeze_excitation.forward(*inputs), y, dtype)
    check_all(squeeze_excitation.backward(grad_y, *inputs), grads, dtype)


@by_dtype
@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize(("shape", "r"), [((2, 3, 1, 4), 4), ((3, 8, 5, 2), 2), ((4, 6, 7, 7), 3)])
def test_fca_attention(shape, r, biases, dtype):
    """The basis images by SciPy: outer products of rows of its transform, which has a factor 2."""
    _, C, H, W = shape
    x, grad_y = draw(dtype, shape, shape, seed=3)
    x = x / 4
    rng = np.random.default_rng(2)
    frequencies = np.stack([rng.integers(H, size=C), rng.integers(W, size=C)], axis=1)
    images = np.zeros((C, H, W))
    for c, (h, w) in enumerate(frequencies):
        rows = scipy.fft.dct(np.eye(H), type=2, axis=0)[h] / 2
        columns = scipy.fft.dct(np.eye(W), type=2, axis=0)[w] / 2
        images[c] = np.outer(rows, columns)
    inputs = [x, *parameters(C, r, biases, dtype)]

    def attend(x, *gated):
        return x * gate(torch.einsum("bchw,chw->bc", x, torch.tensor(images.astype(dtype))), *gated)

    y, grads = torch_run(attend, inputs, grad_y)
    assert all(np.abs(g).max() > 1e-3 for g in grads), "no path may be dead"
    check(fca_attention.forward(x, frequencies, *inputs[1:]), y, dtype)
    check_all(fca_attention.backward(grad_y, x, frequencies, *inputs[1:]), grads, dtype)


@by_dtype
def test_the_check_catches_a_gradient_without_the_gate(dtype):
    x, grad_y = draw(dtype, (3, 8, 5, 2), (3, 8, 5, 2))
    inputs = [x, *parameters(8, 4, True, dtype)]

    def attend(x, *gated):
        return x * gate(F.adaptive_avg_pool2d(x, 1).flatten(1), *gated)

    y, (wanted, *_) = torch_run(attend, inputs, grad_y)
    with pytest.raises(AssertionError):
        check((grad_y * (y / x)).astype(dtype), wanted, dtype)
