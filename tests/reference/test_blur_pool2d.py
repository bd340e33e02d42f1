"""Blur pooling against sums written out, its adjoint, its frequencies, and shifts on a circular grid."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import both, inside

from cnnsym.reference import blur_pool2d, depthwise_conv2d

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-5, np.float64: 1e-13}
# (H, W), order, options
SETTINGS = [
    ((4, 6), 2, {}),
    ((1, 1), 0, {}),
    ((1, 2), 3, {"padding": "circular"}),
    ((5, 7), 1, {"stride": (1, 3)}),
    ((5, 7), 3, {"stride": 1, "padding": "circular"}),
    ((6, 5), 4, {"stride": (3, 2), "padding": "circular"}),
    ((2, 3), 7, {"stride": 1, "padding": "zero"}),
    ((2, 3), 7, {"stride": 1, "padding": "circular"}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, order, stride=2, padding="zero"):
    """The two-dimensional sum, window by window."""
    size, (sh, sw) = x.shape[2:], both(stride)
    y = np.zeros((*x.shape[:2], -(-size[0] // sh), -(-size[1] // sw)))
    for u, v in np.ndindex(y.shape[2:]):
        for i, j in np.ndindex(order + 1, order + 1):
            at = (sh * u + i - order // 2, sw * v + j - order // 2)
            if padding == "circular":
                at = (at[0] % size[0], at[1] % size[1])
            if inside(size, *at):
                y[:, :, u, v] += math.comb(order, i) * math.comb(order, j) / 4**order * x[:, :, *at]
    return y


def example(setting, dtype=np.float64, seed=0):
    size, order, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    return x, rng.normal(size=definition(x, order, **options).shape).astype(dtype)


def test_numbers_worked_by_hand():
    x = np.array([[[[0.0, 16, 0, 32]]]])
    options = {"stride": (1, 1)}
    # Zeros above and below leave half of each pixel: the filter is [1, 2, 1] / 4 in both directions.
    np.testing.assert_array_equal(blur_pool2d.forward(x, 2, **options), [[[[2, 4, 6, 8]]]])
    np.testing.assert_array_equal(blur_pool2d.forward(x, 2, padding="circular", **options), [[[[12, 8, 12, 16]]]])
    np.testing.assert_array_equal(blur_pool2d.forward(x, 2, stride=(1, 2)), [[[[2, 6]]]])
    grad = blur_pool2d.backward(np.array([[[[8.0, 16]]]]), (1, 4), 2, stride=(1, 2))
    np.testing.assert_array_equal(grad, [[[[2, 3, 4, 2]]]])


@by_dtype
@by_setting
def test_forward_agrees_with_the_sum(setting, dtype):
    x, _ = example(setting, dtype)
    _, order, options = setting
    found, wanted = blur_pool2d.forward(x, order, **options), definition(x, order, **options)
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


@by_dtype
@by_setting
def test_backward_is_the_adjoint_of_the_sum(setting, dtype):
    x, grad_y = example(setting, dtype)
    size, order, options = setting
    grad_x = blur_pool2d.backward(grad_y, size, order, **options)
    assert grad_x.dtype == dtype and grad_x.shape == x.shape
    for seed in range(5):
        direction, _ = example(setting, seed=seed)
        change = definition(direction, order, **options)
        left, right = np.vdot(grad_x.astype(np.float64), direction), np.vdot(grad_y, change)
        np.testing.assert_allclose(left, right, rtol=10 * TOL[dtype], atol=10 * TOL[dtype])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g: 1.001 * blur_pool2d.backward(g, (6, 5), 4, stride=(3, 2), padding="circular"),
        lambda g: blur_pool2d.backward(g, (6, 5), 4, stride=(3, 2), padding="zero"),
        lambda g: blur_pool2d.backward(g, (6, 5), 3, stride=(3, 2), padding="circular"),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong):
    x, g = example(SETTINGS[5])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(np.vdot(wrong(g), x), np.vdot(g, definition(x, 4, (3, 2), "circular")), rtol=1e-6)


def test_it_is_a_depthwise_convolution_with_the_binomial_kernel():
    x, _ = example(((6, 7), 2, {}))
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    wanted = depthwise_conv2d.forward(x, np.stack([kernel] * 3), stride=2, padding=1)
    np.testing.assert_allclose(blur_pool2d.forward(x, 2), wanted, atol=1e-14)


@pytest.mark.parametrize("order", range(7))
def test_a_wave_is_scaled_by_a_power_of_the_cosine(order):
    """|H(w)| = cos(w / 2)^order, and a constant passes unchanged."""
    n = 12
    for k in range(n // 2 + 1):
        wave = np.exp(2j * np.pi * k * np.arange(n) / n)
        parts = [
            blur_pool2d.forward(part.reshape(1, 1, 1, n), order, stride=1, padding="circular")
            for part in (wave.real, wave.imag)
        ]
        np.testing.assert_allclose(np.abs(parts[0] + 1j * parts[1]), np.cos(np.pi * k / n) ** order, atol=1e-13)


@given(st.integers(0, 4), st.integers(1, 3), st.integers(-6, 6), st.integers(0, 999))
def test_a_circular_shift_by_a_multiple_of_the_stride_shifts_the_output(order, stride, t, seed):
    x = np.random.default_rng(seed).normal(size=(1, 2, 6, 12))
    y = blur_pool2d.forward(x, order, stride=stride, padding="circular")
    moved = blur_pool2d.forward(np.roll(x, stride * t, axis=3), order, stride=stride, padding="circular")
    np.testing.assert_allclose(moved, np.roll(y, t, axis=3), atol=1e-13)


def test_order_zero_only_samples():
    x, _ = example(((5, 6), 0, {}))
    np.testing.assert_array_equal(blur_pool2d.forward(x, 0, stride=(2, 3)), x[:, :, ::2, ::3])


def test_the_largest_order_is_still_an_average():
    x = np.ones((1, 1, 3, 3))
    y = blur_pool2d.forward(x, blur_pool2d.LARGEST_ORDER, stride=1, padding="circular")
    np.testing.assert_allclose(y, x, rtol=1e-12)


@pytest.mark.parametrize(
    ("order", "options", "message"),
    [
        (-1, {}, "`order` must be an integer, at least 0, got -1"),
        (1.0, {}, "`order` must be an integer, at least 0, got 1.0"),
        ((2, 2), {}, "`order` must be an integer, at least 0, got (2, 2)"),
        (1001, {}, "`order` must be at most 1000, got 1001"),
        (2, {"stride": 0}, "`stride` must be an integer or a pair of integers, at least 1, got 0"),
        (2, {"padding": "reflect"}, '`padding` must be "zero" or "circular", got \'reflect\''),
        (2, {"padding": 1}, '`padding` must be "zero" or "circular", got 1'),
        (2, {"padding": ["zero"]}, '`padding` must be "zero" or "circular", got [\'zero\']'),
    ],
)
def test_options_out_of_range_are_named(order, options, message):
    for call in (
        lambda: blur_pool2d.forward(np.ones((1, 1, 4, 4)), order, **options),
        lambda: blur_pool2d.backward(np.ones((1, 1, 2, 2)), (4, 4), order, **options),
    ):
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == message


def test_arrays_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"`x` must have shape \(B, C, H, W\), got \(3, 3\)"):
        blur_pool2d.forward(np.ones((3, 3)), 2)
    with pytest.raises(ValueError, match=r"`x` must be finite, got nan at \(0, 0, 0, 0\)"):
        blur_pool2d.forward(np.full((1, 1, 2, 2), np.nan), 2)
    with pytest.raises(ValueError, match=r"`grad_y` .* oh = 2 and ow = 3, got \(1, 1, 2, 2\)"):
        blur_pool2d.backward(np.ones((1, 1, 2, 2)), (4, 5), 2)
    with pytest.raises(ValueError, match=r"`size` .* got \(0, 5\)"):
        blur_pool2d.backward(np.ones((1, 1, 2, 2)), (0, 5), 2)
    with pytest.raises(TypeError, match="`x` must be a NumPy array .* dtype int64"):
        blur_pool2d.forward(np.ones((1, 1, 2, 2), np.int64), 2)
