"""Global average pooling against sums written out, autograd, slopes, and its laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import gap

DTYPES = [np.float32, np.float64]
SHAPES = [(1, 1, 1, 1), (2, 3, 1, 4), (1, 2, 5, 1), (3, 1, 4, 5)]
TOL = {np.float32: 2e-6, np.float64: 1e-13}


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape).astype(dtype)
    return x, rng.normal(size=shape[:2]).astype(dtype)


def autograd_gradient(grad_g, x):
    def cost(x):
        return anp.einsum("bc,bchw->", grad_g, x) / (x.shape[2] * x.shape[3])

    return autograd.grad(cost)(x.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype] / 10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_sum_over_the_count(shape, dtype):
    x, _ = example(shape, dtype)
    B, C, H, W = shape
    wanted = np.array(
        [
            [sum(map(float, x[k, c].ravel())) / (H * W) for c in range(C)]
            for k in range(B)
        ]
    )
    check(gap.forward(x), wanted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    x, grad_g = example(shape, dtype)
    check(gap.backward(grad_g, shape[2:]), autograd_gradient(grad_g, x), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape):
    x, grad_g = example(shape, np.float64)
    direction, _ = example(shape, np.float64, seed=1)
    step = 1e-3
    up = np.vdot(grad_g, gap.forward(x + step * direction))
    down = np.vdot(grad_g, gap.forward(x - step * direction))
    along = np.vdot(gap.backward(grad_g, shape[2:]), direction)
    np.testing.assert_allclose(along, (up - down) / (2 * step), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_g, size: 1.001 * gap.backward(grad_g, size),
        lambda grad_g, size: size[0] * size[1] * gap.backward(grad_g, size),
        lambda grad_g, size: gap.backward(grad_g, size[::-1]),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    x, grad_g = example((3, 1, 4, 5), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_g, (4, 5)).astype(dtype), autograd_gradient(grad_g, x), dtype)


sizes = st.integers(1, 5)


@given(sizes, sizes, sizes, sizes, st.integers(0, 999))
def test_backward_is_the_adjoint(B, C, H, W, seed):
    x, y = example((B, C, H, W), np.float64, seed)
    left, right = np.vdot(gap.forward(x), y), np.vdot(x, gap.backward(y, (H, W)))
    np.testing.assert_allclose(left, right, rtol=1e-10, atol=1e-12)


@given(sizes, sizes, st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 999))
def test_forward_is_linear(H, W, a, b, seed):
    x, _ = example((2, 3, H, W), np.float64, seed)
    y, _ = example((2, 3, H, W), np.float64, seed + 1)
    wanted = a * gap.forward(x) + b * gap.forward(y)
    np.testing.assert_allclose(gap.forward(a * x + b * y), wanted, atol=1e-13)


@given(sizes, sizes, st.integers(0, 999))
def test_the_order_of_the_pixels_does_not_matter(H, W, seed):
    x, _ = example((2, 3, H, W), np.float64, seed)
    order = np.random.default_rng(seed).permutation(H * W)
    shuffled = x.reshape(2, 3, -1)[:, :, order].reshape(x.shape)
    np.testing.assert_allclose(gap.forward(shuffled), gap.forward(x), atol=1e-14)


def test_each_pixel_of_the_gradient_can_be_written():
    grad = gap.backward(np.ones((1, 1)), (2, 2))
    grad[0, 0, 0, 0] = 5
    np.testing.assert_array_equal(grad[0, 0], [[5, 0.25], [0.25, 0.25]])


def test_shapes_and_dtypes_that_do_not_agree():
    with pytest.raises(ValueError, match=r"`x` .*\(B, C, H, W\), got \(2, 3\)"):
        gap.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match="with H at least 1"):
        gap.forward(np.ones((2, 3, 0, 4)))
    with pytest.raises(ValueError, match=r"`grad_g` .*\(B, C\), got \(2, 3, 4, 5\)"):
        gap.backward(np.ones((2, 3, 4, 5)), (4, 5))
    with pytest.raises(ValueError, match=r"`size` must be \(H, W\), .* got \(0, 5\)"):
        gap.backward(np.ones((2, 3)), (0, 5))
    with pytest.raises(TypeError, match="`x` must be a NumPy array .* dtype int64"):
        gap.forward(np.ones((1, 1, 2, 2), np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    x, grad_g = np.ones((1, 2, 2, 2)), np.array([[1.0, bad]])
    x[0, 1, 1, 0] = bad
    with pytest.raises(ValueError, match=rf"`x` must be finite, got {bad} at \(0, 1, 1, 0\)"):
        gap.forward(x)
    with pytest.raises(ValueError, match=rf"`grad_g` must be finite, got {bad} at \(0, 1\)"):
        gap.backward(grad_g, (2, 2))
