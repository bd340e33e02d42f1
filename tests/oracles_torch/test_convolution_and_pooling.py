"""The layers with windows against PyTorch on the CPU, forward and backward.

Like the rest of this folder it is run by `make oracles`, and a missing PyTorch fails here instead of skipping.
"""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnsym.reference import (
    avg_pool2d,
    blur_pool2d,
    conv1d,
    conv2d,
    conv_transpose2d,
    depthwise_conv2d,
    global_max_pool,
    im2col,
    lp_pool2d,
    max_pool2d,
)

TOL = {np.float32: 1e-4, np.float64: 1e-10}

# The tensors are small: more threads would mostly wait for each other.
torch.set_num_threads(1)

by_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def draw(dtype, *shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def torch_run(function, inputs, dtype):
    """The output of `function`, a gradient by it, and PyTorch's gradients by the inputs, as NumPy arrays."""
    leaves = [torch.tensor(a, requires_grad=True) for a in inputs]
    output = function(*leaves)
    (grad_output,) = draw(dtype, tuple(output.shape))
    output.backward(torch.tensor(grad_output))
    return output.detach().numpy(), grad_output, [leaf.grad.numpy() for leaf in leaves]


def check(found, wanted, dtype):
    assert found.dtype == wanted.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


def check_all(found, wanted, dtype):
    for one, other in zip(found, wanted, strict=True):
        check(one, other, dtype)


@by_dtype
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("window", [(1, 1), (3, 3), (2, 3)])
@pytest.mark.parametrize("dilation", [1, 2, (1, 3)])
@pytest.mark.parametrize("padding", [0, 1, (3, 2)])
@pytest.mark.parametrize("stride", [1, 2, (3, 1)])
def test_conv2d(stride, padding, dilation, window, groups, dtype):
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    inputs = draw(dtype, (2, 4, 9, 10), (8, 4 // groups, *window), (8,))
    s, grad_s, grads = torch_run(lambda x, W, b: F.conv2d(x, W, b, **options), inputs, dtype)
    check(conv2d.forward(*inputs, **options), s, dtype)
    check_all(conv2d.backward(grad_s, *inputs[:2], **options), grads, dtype)


@pytest.mark.parametrize(("B", "c", "d", "size"), [(8, 3, 16, 8), (2, 16, 32, 56), (1, 16, 8, 112)])
def test_conv2d_of_the_size_of_networks(B, c, d, size):
    """Large enough for several chunks of patches; tolerances as sums of thousands of float32 products need them."""
    inputs = draw(np.float32, (B, c, size, size), (d, c, 3, 3), (d,))
    s, grad_s, grads = torch_run(lambda x, W, b: F.conv2d(x, W, b, padding=1), inputs, np.float32)
    np.testing.assert_allclose(conv2d.forward(*inputs, padding=1), s, rtol=1e-4, atol=1e-4)
    for found, wanted in zip(conv2d.backward(grad_s, *inputs[:2], padding=1), grads, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-5 * np.abs(wanted).max())


@by_dtype
def test_conv2d_with_the_kernel_as_large_as_the_image(dtype):
    inputs = draw(dtype, (1, 1, 4, 5), (2, 1, 4, 5), (2,))
    s, grad_s, grads = torch_run(F.conv2d, inputs, dtype)
    check(conv2d.forward(*inputs), s, dtype)
    check_all(conv2d.backward(grad_s, *inputs[:2]), grads, dtype)


@by_dtype
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    ("k", "stride", "padding", "dilation"), [(1, 1, 0, 1), (3, 1, 1, 1), (3, 2, 0, 1), (4, 3, 2, 2), (2, 2, 3, 4)]
)
def test_conv1d(k, stride, padding, dilation, groups, dtype):
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    inputs = draw(dtype, (2, 4, 10), (6, 4 // groups, k), (6,))
    s, grad_s, grads = torch_run(lambda x, W, b: F.conv1d(x, W, b, **options), inputs, dtype)
    check(conv1d.forward(*inputs, **options), s, dtype)
    check_all(conv1d.backward(grad_s, *inputs[:2], **options), grads, dtype)


@by_dtype
@pytest.mark.parametrize(
    ("window", "options"),
    [
        ((3, 3), {}),
        ((3, 2), {"stride": 2, "padding": 1}),
        ((2, 3), {"stride": (1, 3), "padding": (0, 2), "dilation": (3, 2)}),
    ],
)
def test_depthwise_conv2d(window, options, dtype):
    x, W, b = draw(dtype, (2, 5, 9, 10), (5, *window), (5,))

    def layer(x, W, b):
        return F.conv2d(x, W[:, None], b, groups=5, **options)

    s, grad_s, grads = torch_run(layer, [x, W, b], dtype)
    check(depthwise_conv2d.forward(x, W, b, **options), s, dtype)
    check_all(depthwise_conv2d.backward(grad_s, x, W, **options), grads, dtype)


@by_dtype
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    ("window", "options"),
    [
        ((3, 3), {}),
        ((1, 1), {"stride": 2}),
        ((3, 3), {"padding": 1}),
        ((3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
        ((2, 3), {"stride": (3, 2), "padding": (0, 1), "output_padding": (2, 0), "dilation": (1, 2)}),
        ((2, 2), {"dilation": 3, "output_padding": 2, "padding": 1}),
        ((2, 2), {"dilation": 3, "output_padding": (2, 1), "stride": 2}),
        ((2, 1), {"padding": (1, 0), "stride": (1, 2)}),
    ],
)
def test_conv_transpose2d(window, options, groups, dtype):
    inputs = draw(dtype, (2, 4, 4, 5), (4, 6 // groups, *window), (6,))
    s, grad_s, grads = torch_run(lambda x, W, b: F.conv_transpose2d(x, W, b, groups=groups, **options), inputs, dtype)
    check(conv_transpose2d.forward(*inputs, groups=groups, **options), s, dtype)
    check_all(conv_transpose2d.backward(grad_s, *inputs[:2], groups=groups, **options), grads, dtype)


POOLS = [
    (window, stride, padding)
    for window, stride, padding in itertools.product([2, 3, (3, 2)], [None, 1, 2, (2, 3)], [0, 1, (1, 0)])
]


@by_dtype
@pytest.mark.parametrize("dilation", [1, 2, (1, 3)])
@pytest.mark.parametrize(("window", "stride", "padding"), POOLS)
def test_max_pool2d(window, stride, padding, dilation, dtype):
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    (x,) = draw(dtype, (2, 3, 9, 10))
    for images in (x, x - 10):
        y, grad_y, (grad_x,) = torch_run(lambda x: F.max_pool2d(x, window, **options), [images], dtype)
        check(max_pool2d.forward(images, window, **options), y, dtype)
        check(max_pool2d.backward(grad_y, images, window, **options), grad_x, dtype)


@by_dtype
def test_max_pool2d_at_ties(dtype):
    x = np.random.default_rng(0).integers(0, 2, size=(2, 3, 9, 10)).astype(dtype)
    y, grad_y, (grad_x,) = torch_run(lambda x: F.max_pool2d(x, 3, 2, 1), [x], dtype)
    check(max_pool2d.forward(x, 3, stride=2, padding=1), y, dtype)
    check(max_pool2d.backward(grad_y, x, 3, stride=2, padding=1), grad_x, dtype)


@by_dtype
@pytest.mark.parametrize(("window", "stride", "padding"), POOLS)
def test_avg_pool2d(window, stride, padding, dtype):
    options = {"stride": stride, "padding": padding}
    (x,) = draw(dtype, (2, 3, 9, 10))
    y, grad_y, (grad_x,) = torch_run(lambda x: F.avg_pool2d(x, window, **options, count_include_pad=True), [x], dtype)
    check(avg_pool2d.forward(x, window, **options), y, dtype)
    check(avg_pool2d.backward(grad_y, (9, 10), window, **options), grad_x, dtype)


@by_dtype
@pytest.mark.parametrize("q", [1, 2, 2.5, 7])
@pytest.mark.parametrize(("window", "stride"), [(2, None), (3, 2), ((2, 3), (1, 2))])
def test_lp_pool2d(window, stride, q, dtype):
    """PyTorch takes no absolute value, and a sum where this layer takes a mean."""
    (x,) = draw(dtype, (2, 3, 9, 10))
    count = np.prod(window) if isinstance(window, tuple) else window**2

    def layer(x):
        return F.lp_pool2d(x.abs(), q, window, stride) / float(count) ** (1 / q)

    y, grad_y, (grad_x,) = torch_run(layer, [x], dtype)
    check(lp_pool2d.forward(x, q, window, stride=stride), y, dtype)
    check(lp_pool2d.backward(grad_y, x, q, window, stride=stride), grad_x, dtype)


@by_dtype
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 3, 1, 4), (2, 3, 8, 9)])
def test_global_max_pool(shape, dtype):
    (x,) = draw(dtype, shape)
    g, grad_g, (grad_x,) = torch_run(lambda x: F.adaptive_max_pool2d(x, 1).flatten(1), [x], dtype)
    check(global_max_pool.forward(x), g, dtype)
    check(global_max_pool.backward(grad_g, x), grad_x, dtype)


@by_dtype
@pytest.mark.parametrize("padding", ["zero", "circular"])
@pytest.mark.parametrize("stride", [1, 2, (3, 2)])
@pytest.mark.parametrize("order", range(6))
def test_blur_pool2d(order, stride, padding, dtype):
    (x,) = draw(dtype, (2, 3, 9, 10))
    row = np.poly(-np.ones(order)) / 2.0**order  # (z + 1)^order has the binomial coefficients
    kernel = torch.tensor(np.outer(row, row).astype(dtype)).expand(3, 1, order + 1, order + 1)
    sides = [order // 2, order - order // 2] * 2

    def layer(x):
        padded = F.pad(x, sides, mode="circular") if padding == "circular" else F.pad(x, sides)
        return F.conv2d(padded, kernel, stride=stride, groups=3)

    y, grad_y, (grad_x,) = torch_run(layer, [x], dtype)
    check(blur_pool2d.forward(x, order, stride=stride, padding=padding), y, dtype)
    check(blur_pool2d.backward(grad_y, (9, 10), order, stride=stride, padding=padding), grad_x, dtype)


@by_dtype
@pytest.mark.parametrize("dilation", [1, (1, 2)])
@pytest.mark.parametrize(("window", "stride", "padding"), POOLS)
def test_im2col(window, stride, padding, dilation, dtype):
    options = {"stride": stride or 1, "padding": padding, "dilation": dilation}
    (x,) = draw(dtype, (2, 3, 9, 10))
    Z, grad_Z, (grad_x,) = torch_run(lambda x: F.unfold(x, window, **options), [x], dtype)
    check(im2col.forward(x, window, **options), Z, dtype)
    check(im2col.backward(grad_Z, (9, 10), window, **options), grad_x, dtype)
    folded = F.fold(torch.tensor(grad_Z), (9, 10), window, **options).numpy()
    check(im2col.backward(grad_Z, (9, 10), window, **options), folded, dtype)


@by_dtype
def test_the_check_catches_a_scaled_and_a_flipped_gradient(dtype):
    inputs = draw(dtype, (2, 2, 5, 6), (3, 2, 3, 3), (3,))
    _, grad_s, grads = torch_run(F.conv2d, inputs, dtype)
    grad_x, grad_W, _ = conv2d.backward(grad_s, *inputs[:2])
    with pytest.raises(AssertionError):
        check((1.001 * grad_x).astype(dtype), grads[0], dtype)
    with pytest.raises(AssertionError):
        check(grad_W[..., ::-1, ::-1], grads[1], dtype)
