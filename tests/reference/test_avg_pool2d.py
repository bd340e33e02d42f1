"""Average pooling against loops, its adjoint, its place as a convolution, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import pool

from cnnsym.reference import avg_pool2d, conv2d, gap

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-5, np.float64: 1e-13}
# (H, W), window, options
SETTINGS = [
    ((4, 6), 2, {}),
    ((1, 1), 1, {}),
    ((9, 10), 3, {"stride": 2}),
    ((5, 7), (2, 3), {"stride": 1, "padding": 1}),
    ((7, 7), 3, {"stride": (2, 3), "padding": (1, 0)}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, window, stride=None, padding=0):
    return pool(
        x,
        lambda pixels: sum(pixels) / len(pixels),
        window,
        0,
        stride=window if stride is None else stride,
        padding=padding,
    )


def example(setting, dtype=np.float64, seed=0):
    size, window, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    return x, rng.normal(size=definition(x, window, **options).shape).astype(dtype)


def test_numbers_worked_by_hand():
    x = np.array([[[[1.0, 5, 2], [-3, 4, 5]]]])
    np.testing.assert_array_equal(avg_pool2d.forward(x, 2, stride=1), [[[[1.75, 4]]]])
    # A corner window holds one pixel and three zeros, and is divided by four.
    np.testing.assert_array_equal(avg_pool2d.forward(x, 2, padding=1), [[[[0.25, 1.75], [-0.75, 2.25]]]])
    grad = avg_pool2d.backward(np.array([[[[4.0, 8]]]]), (2, 3), 2, stride=1)
    np.testing.assert_array_equal(grad, [[[[1, 3, 2], [1, 3, 2]]]])


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, _ = example(setting, dtype)
    _, window, options = setting
    found, wanted = avg_pool2d.forward(x, window, **options), definition(x, window, **options)
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


@by_dtype
@by_setting
def test_backward_is_the_adjoint_of_loops(setting, dtype):
    x, grad_y = example(setting, dtype)
    size, window, options = setting
    grad_x = avg_pool2d.backward(grad_y, size, window, **options)
    assert grad_x.dtype == dtype and grad_x.shape == x.shape
    for seed in range(5):
        direction, _ = example(setting, seed=seed)
        left, right = (
            np.vdot(grad_x.astype(np.float64), direction),
            np.vdot(grad_y, definition(direction, window, **options)),
        )
        np.testing.assert_allclose(left, right, rtol=10 * TOL[dtype], atol=10 * TOL[dtype])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_y: 1.001 * avg_pool2d.backward(grad_y, (5, 7), (2, 3), stride=1, padding=1),
        lambda grad_y: 6 * avg_pool2d.backward(grad_y, (5, 7), (2, 3), stride=1, padding=1),
        lambda grad_y: avg_pool2d.backward(grad_y[..., ::-1], (5, 7), (2, 3), stride=1, padding=1),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong):
    x, grad_y = example(SETTINGS[3])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(np.vdot(wrong(grad_y), x), np.vdot(grad_y, definition(x, (2, 3), 1, 1)), rtol=1e-6)


@by_setting
def test_it_is_a_convolution_with_a_constant_kernel_for_each_channel(setting):
    x, _ = example(setting)
    _, window, options = setting
    kh, kw = window if isinstance(window, tuple) else (window, window)
    kernels = np.full((3, 1, kh, kw), 1 / (kh * kw))
    convolution = conv2d.forward(x, kernels, groups=3, **({"stride": window} | options))
    np.testing.assert_allclose(avg_pool2d.forward(x, window, **options), convolution, atol=1e-13)


def test_one_window_is_global_average_pooling():
    x, _ = example(SETTINGS[2])
    np.testing.assert_allclose(avg_pool2d.forward(x, (9, 10))[:, :, 0, 0], gap.forward(x), atol=1e-14)


@given(st.integers(1, 3), st.integers(1, 3), st.floats(-3, 3), st.integers(0, 999))
def test_a_constant_passes_and_pools_add(k, stride, a, seed):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, 1, 2, 5, 6))
    y = avg_pool2d.forward(x, k, stride=stride)
    np.testing.assert_allclose(avg_pool2d.forward(x + a, k, stride=stride), y + a, atol=1e-13)
    np.testing.assert_allclose(
        avg_pool2d.forward(x + a * z, k, stride=stride), y + a * avg_pool2d.forward(z, k, stride=stride), atol=1e-13
    )


def test_what_does_not_fit_is_named():
    x = np.ones((1, 2, 4, 5))
    with pytest.raises(ValueError, match=r"`x` must have shape \(B, C, H, W\), got \(4, 5\)"):
        avg_pool2d.forward(x[0, 0], 2)
    with pytest.raises(ValueError, match="`padding` must be at most half a window"):
        avg_pool2d.forward(x, 2, padding=2)
    with pytest.raises(ValueError, match=r"`window` .* got \(2, 0\)"):
        avg_pool2d.forward(x, (2, 0))
    with pytest.raises(ValueError, match=r"`x` with its padding .* \(2, 6\), got \(4, 5\)"):
        avg_pool2d.forward(x, (2, 6))
    with pytest.raises(ValueError, match=r"`x` must be finite, got -inf at \(0, 0, 0, 0\)"):
        avg_pool2d.forward(x * -np.inf, 2)
    with pytest.raises(ValueError, match=r"`size` with its padding .* \(2, 2\), got \(1, 5\)"):
        avg_pool2d.backward(np.ones((1, 2, 1, 2)), (1, 5), 2)
    with pytest.raises(ValueError, match="`size` must be an integer or a pair of integers, at least 1, got None"):
        avg_pool2d.backward(np.ones((1, 2, 1, 2)), None, 2)
    with pytest.raises(ValueError, match=r"`grad_y` .* oh = 2 and ow = 2, got \(1, 2, 4, 5\)"):
        avg_pool2d.backward(x, (4, 5), 2)
    with pytest.raises(ValueError, match="`grad_y` must be finite, got nan"):
        avg_pool2d.backward(np.full((1, 2, 2, 2), np.nan), (4, 5), 2)
    with pytest.raises(TypeError, match="`x` must be a NumPy array .* dtype int64"):
        avg_pool2d.forward(x.astype(int), 2)
