"""Flattening against its index formula, and its own laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from cnnsym.reference import flatten

DTYPES = [np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_pixel_comes_to_its_place(dtype):
    B, C, H, W = 2, 3, 4, 5
    x = np.random.default_rng(0).normal(size=(B, C, H, W)).astype(dtype)
    y = flatten.forward(x)
    assert y.dtype == dtype and y.shape == (B, C * H * W)
    for b, c, i, j in np.ndindex(B, C, H, W):
        assert y[b, (c * H + i) * W + j] == x[b, c, i, j]


@given(array_shapes(min_dims=2, max_dims=5, max_side=4), st.sampled_from(DTYPES), st.integers(0, 999))
def test_backward_is_the_inverse_and_the_adjoint(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape).astype(dtype)
    y = flatten.forward(x)
    np.testing.assert_array_equal(flatten.backward(y, shape[1:]), x, strict=True)
    g = rng.normal(size=y.shape).astype(dtype)
    back = flatten.backward(g, shape[1:])
    np.testing.assert_array_equal(flatten.forward(back), g, strict=True)
    np.testing.assert_allclose(np.vdot(y, g), np.vdot(x, back), rtol=1e-4, atol=1e-4)


def test_the_layout_in_memory_does_not_matter():
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(flatten.forward(np.asfortranarray(x)), flatten.forward(x))


def test_the_results_are_copies():
    x = np.zeros((1, 2))
    flatten.forward(x)[0, 0] = 1
    flatten.backward(x, (2,))[0, 0] = 1
    assert not x.any()


@pytest.mark.parametrize("shape", [(3,), (), (0, 3), (3, 0)])
def test_shapes_that_are_refused(shape):
    with pytest.raises(ValueError) as caught:
        flatten.forward(np.ones(shape))
    wanted = f"`x` must have shape (B, ...) with two or more axes, each at least 1, got {shape}"
    assert str(caught.value) == wanted


@pytest.mark.parametrize("size", [(2, 2), (-2, -3), (), (6.0,), 6, [2, 3], (0, 6)])
def test_sizes_that_are_refused(size):
    with pytest.raises(ValueError) as caught:
        flatten.backward(np.ones((4, 6)), size)
    wanted = f"`size` must be a tuple of integers of at least 1 with product n = 6 as in `grad_y`, got {size!r}"
    assert str(caught.value) == wanted


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"`grad_y` must have shape \(B, n\), got \(6,\)"):
        flatten.backward(np.ones(6), (6,))
    with pytest.raises(ValueError, match="B at least 1"):
        flatten.backward(np.ones((0, 6)), (6,))
    with pytest.raises(TypeError, match="`x` must be a NumPy array .* dtype int64"):
        flatten.forward(np.ones((2, 3), np.int64))
    with pytest.raises(ValueError, match=r"`x` must be finite, got nan at \(0, 1\)"):
        flatten.forward(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match=r"`grad_y` must be finite, got inf at \(0, 1\)"):
        flatten.backward(np.array([[1.0, np.inf]]), (2,))
