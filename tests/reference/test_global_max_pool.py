"""Global max pooling against loops, the pool of one window, slopes, ties, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import slope

from cnnsym.reference import global_max_pool, max_pool2d

DTYPES = [np.float32, np.float64]
SHAPES = [(1, 1, 1, 1), (2, 3, 1, 4), (1, 2, 5, 1), (3, 2, 4, 5)]
by_shape = pytest.mark.parametrize("shape", SHAPES)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def example(shape, dtype=np.float64, seed=0):
    """`x` without ties, and a gradient."""
    rng = np.random.default_rng(seed)
    x = rng.permutation(int(np.prod(shape))).reshape(shape).astype(dtype) - 50
    return x, rng.normal(size=shape[:2]).astype(dtype)


@by_dtype
@by_shape
def test_forward_is_the_largest_of_all(shape, dtype):
    x, _ = example(shape, dtype)
    wanted = np.array([[max(x[k, c].ravel().tolist()) for c in range(shape[1])] for k in range(shape[0])], dtype)
    np.testing.assert_array_equal(global_max_pool.forward(x), wanted, strict=True)


@by_dtype
@by_shape
def test_backward_goes_to_the_largest(shape, dtype):
    x, grad_g = example(shape, dtype)
    wanted = np.zeros_like(x)
    for k, c in np.ndindex(shape[:2]):
        at = max(np.ndindex(shape[2:]), key=lambda at: x[k, c, *at])
        wanted[k, c, *at] = grad_g[k, c]
    np.testing.assert_array_equal(global_max_pool.backward(grad_g, x), wanted, strict=True)


@by_shape
def test_it_is_max_pooling_with_one_window(shape):
    x, grad_g = example(shape)
    np.testing.assert_array_equal(global_max_pool.forward(x), max_pool2d.forward(x, shape[2:])[:, :, 0, 0])
    wanted = max_pool2d.backward(grad_g[:, :, None, None], x, shape[2:])
    np.testing.assert_array_equal(global_max_pool.backward(grad_g, x), wanted)


@by_shape
def test_backward_agrees_with_central_differences(shape):
    x, grad_g = example(shape)
    direction = np.random.default_rng(1).normal(size=shape)
    along = np.vdot(global_max_pool.backward(grad_g, x), direction)
    cost = slope(lambda x: np.vdot(global_max_pool.forward(x), grad_g), x, direction)
    np.testing.assert_allclose(along, cost, rtol=1e-6)


def test_of_equal_pixels_the_first_takes_all():
    x = np.array([[[[1.0, 3], [3, 3]], [[2, 2], [2, 2]]]])
    grad_x = global_max_pool.backward(np.array([[5.0, 7.0]]), x)
    np.testing.assert_array_equal(grad_x, [[[[0, 5], [0, 0]], [[7, 0], [0, 0]]]])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 999))
def test_the_order_of_the_pixels_does_not_matter(H, W, seed):
    x, _ = example((2, 3, H, W), seed=seed)
    order = np.random.default_rng(seed).permutation(H * W)
    shuffled = x.reshape(2, 3, -1)[:, :, order].reshape(x.shape)
    np.testing.assert_array_equal(global_max_pool.forward(shuffled), global_max_pool.forward(x))


def test_what_does_not_fit_is_named():
    x = np.ones((2, 3, 4, 5))
    with pytest.raises(ValueError, match=r"`x` .*\(B, C, H, W\), got \(2, 3\)"):
        global_max_pool.forward(x[:, :, 0, 0])
    with pytest.raises(ValueError, match="with H at least 1"):
        global_max_pool.forward(np.ones((2, 3, 0, 4)))
    with pytest.raises(ValueError, match=r"`x` must be finite, got nan at \(0, 0, 0, 0\)"):
        global_max_pool.forward(x * np.nan)
    with pytest.raises(ValueError, match=r"`grad_g` .* C = 3 as in `x`, got \(2, 4\)"):
        global_max_pool.backward(np.ones((2, 4)), x)
    with pytest.raises(ValueError, match=r"`grad_g` must be finite, got inf at \(0, 0\)"):
        global_max_pool.backward(np.full((2, 3), np.inf), x)
    with pytest.raises(TypeError, match="`grad_g` must have dtype float64"):
        global_max_pool.backward(np.ones((2, 3), np.float32), x)
