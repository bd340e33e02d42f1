"""Lp pooling against loops, slopes, the pools at both of its ends, and the inequality of power means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import pool, slope

from cnnsym.reference import avg_pool2d, lp_pool2d, max_pool2d

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-5, np.float64: 1e-12}
# (H, W), q, window, options
SETTINGS = [
    ((4, 6), 2, 2, {}),
    ((1, 1), 3, 1, {}),
    ((9, 10), 1.5, 3, {"stride": 2}),
    ((5, 7), 4, (2, 3), {"stride": 1}),
    ((5, 7), 1, (3, 2), {"stride": (1, 2)}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, q, window, stride=None):
    return pool(
        x,
        lambda pixels: (sum(abs(a) ** q for a in pixels) / len(pixels)) ** (1 / q),
        window,
        0,
        stride=window if stride is None else stride,
    )


def example(setting, dtype=np.float64, seed=0):
    size, q, window, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    return x, rng.normal(size=definition(x, q, window, **options).shape).astype(dtype)


def test_numbers_worked_by_hand():
    x = np.array([[[[1.0, -7], [5, 5]]]])
    np.testing.assert_allclose(lp_pool2d.forward(x, 2, 2), [[[[5]]]], rtol=1e-15)
    np.testing.assert_allclose(lp_pool2d.forward(x, 1, 2), [[[[4.5]]]], rtol=1e-15)
    # x / (4 y) with y = 5.
    grad = lp_pool2d.backward(np.array([[[[20.0]]]]), x, 2, 2)
    np.testing.assert_allclose(grad, [[[[1, -7], [5, 5]]]], rtol=1e-14)


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, _ = example(setting, dtype)
    _, q, window, options = setting
    found, wanted = lp_pool2d.forward(x, q, window, **options), definition(x, q, window, **options)
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype])


@by_setting
def test_backward_agrees_with_central_differences(setting):
    x, grad_y = example(setting)
    _, q, window, options = setting
    direction = np.random.default_rng(1).normal(size=x.shape)
    along = np.vdot(lp_pool2d.backward(grad_y, x, q, window, **options), direction)
    cost = slope(lambda x: np.vdot(definition(x, q, window, **options), grad_y), x, direction)
    np.testing.assert_allclose(along, cost, rtol=1e-6)


@by_setting
def test_the_gradient_in_single_precision_is_near_that_in_double(setting):
    x, grad_y = example(setting, np.float32)
    _, q, window, options = setting
    found = lp_pool2d.backward(grad_y, x, q, window, **options)
    assert found.dtype == np.float32 and found.shape == x.shape
    wanted = lp_pool2d.backward(grad_y.astype(float), x.astype(float), q, window, **options)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_y, x: 1.001 * lp_pool2d.backward(grad_y, x, 4, (2, 3), stride=1),
        lambda grad_y, x: 6 * lp_pool2d.backward(grad_y, x, 4, (2, 3), stride=1),  # without 1 / (kh kw)
        lambda grad_y, x: lp_pool2d.backward(grad_y, np.abs(x), 4, (2, 3), stride=1),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong):
    x, grad_y = example(SETTINGS[3])
    direction = np.random.default_rng(1).normal(size=x.shape)
    cost = slope(lambda x: np.vdot(definition(x, 4, (2, 3), 1), grad_y), x, direction)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(np.vdot(wrong(grad_y, x), direction), cost, rtol=1e-6)


def test_at_one_end_is_the_average_and_at_the_other_the_maximum():
    x, grad_y = example(SETTINGS[0])
    np.testing.assert_allclose(lp_pool2d.forward(x, 1, 2), avg_pool2d.forward(np.abs(x), 2), rtol=1e-14)
    np.testing.assert_allclose(lp_pool2d.forward(x, 1e6, 2), max_pool2d.forward(np.abs(x), 2), rtol=1e-5)
    # Far out the gradient is that of the maximum; its power must not magnify the rounding of the mean.
    for q in (1e6, 1e15, 1e300):
        wanted = np.sign(x) * max_pool2d.backward(grad_y, np.abs(x), 2)
        np.testing.assert_allclose(lp_pool2d.backward(grad_y, x, q, 2), wanted, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_power_overflows_or_vanishes(dtype):
    tiny, huge = float(np.finfo(dtype).tiny), float(np.finfo(dtype).max) / 4
    for scale in (tiny, huge):
        x = np.array([[[[scale, -scale]]]], dtype)
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            y = lp_pool2d.forward(x, 50, (1, 2))
            grad_x = lp_pool2d.backward(np.ones_like(y), x, 50, (1, 2))
        np.testing.assert_allclose(y, [[[[scale]]]], rtol=1e-5)
        np.testing.assert_allclose(grad_x, [[[[0.5, -0.5]]]], rtol=1e-5)


@pytest.mark.parametrize("q", [1, 2, 3.5])
def test_a_window_of_zeros_has_the_subgradient_zero(q):
    x = np.zeros((1, 1, 2, 2))
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(lp_pool2d.forward(x, q, 2), [[[[0]]]])
        np.testing.assert_array_equal(lp_pool2d.backward(np.ones((1, 1, 1, 1)), x, q, 2), x)


@given(st.floats(1, 8), st.floats(1, 8), st.integers(0, 999))
def test_the_mean_grows_with_the_exponent(q, r, seed):
    x = np.random.default_rng(seed).normal(size=(1, 2, 4, 4))
    low, high = sorted((q, r))
    assert np.all(lp_pool2d.forward(x, low, 2) <= lp_pool2d.forward(x, high, 2) * (1 + 1e-12))
    assert np.all(lp_pool2d.forward(x, high, 2) <= max_pool2d.forward(np.abs(x), 2) * (1 + 1e-12))


@given(st.floats(1, 8), st.floats(-5, 5), st.integers(0, 999))
def test_it_is_homogeneous(q, a, seed):
    x = np.random.default_rng(seed).normal(size=(1, 2, 4, 4))
    y = lp_pool2d.forward(x, q, 2)
    np.testing.assert_allclose(lp_pool2d.forward(a * x, q, 2), abs(a) * y, atol=1e-13)
    # Euler: <x, gradient> = y for a function of degree 1.
    ones = np.ones_like(y)
    np.testing.assert_allclose(np.vdot(x, lp_pool2d.backward(ones, x, q, 2)), y.sum(), rtol=1e-11)


X = np.ones((1, 2, 4, 5))


@pytest.mark.parametrize(
    ("x", "q", "window", "options", "error", "message"),
    [
        (X[0], 2, 2, {}, ValueError, "`x` must have shape (B, C, H, W), got (2, 4, 5)"),
        (X, 0.5, 2, {}, ValueError, "`q` must be at least 1, got 0.5"),
        (X, np.inf, 2, {}, ValueError, "`q` must be a finite float64, got inf"),
        (X, np.nan, 2, {}, ValueError, "`q` must be a finite float64, got nan"),
        (X, "2", 2, {}, TypeError, "`q` must be a number, got str"),
        (X, True, 2, {}, TypeError, "`q` must be a number, got bool"),
        (X, 2, 6, {}, ValueError, "`x` with its padding must be at least as large as a window, (6, 6), got (4, 5)"),
        (X, 2, 2, {"stride": 0}, ValueError, "`stride` must be an integer or a pair of integers, at least 1, got 0"),
        (X * np.nan, 2, 2, {}, ValueError, "`x` must be finite, got nan at (0, 0, 0, 0)"),
    ],
)
def test_what_does_not_fit_is_named(x, q, window, options, error, message):
    for layer in (lp_pool2d.forward, lambda *a, **o: lp_pool2d.backward(np.ones((1, 2, 2, 2)), *a, **o)):
        with pytest.raises(error) as caught:
            layer(x, q, window, **options)
        assert str(caught.value) == message


def test_a_gradient_that_is_not_of_the_output_is_named():
    with pytest.raises(ValueError, match=r"`grad_y` .* oh = 2 and ow = 2, got \(1, 2, 2, 3\)"):
        lp_pool2d.backward(np.ones((1, 2, 2, 3)), X, 2, 2)
    with pytest.raises(TypeError, match="`grad_y` must have dtype float64"):
        lp_pool2d.backward(np.ones((1, 2, 2, 2), np.float32), X, 2, 2)
