"""The convolution of signals against NumPy's own, numbers worked by hand, its adjoint, and the layer of images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import correlation, slope

from cnnsym.reference import conv1d

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-4, np.float64: 1e-12}
# n, k, c, d, options
SETTINGS = [
    (5, 3, 2, 3, {}),
    (1, 1, 1, 1, {}),
    (9, 3, 2, 2, {"stride": 2}),
    (10, 4, 1, 2, {"stride": 3, "padding": 2}),
    (8, 3, 2, 1, {"dilation": 3, "padding": 1}),
    (6, 2, 4, 2, {"groups": 2, "stride": 2, "dilation": 2}),
    (3, 1, 2, 2, {"padding": 2}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, W, **options):
    """The layer in loops, on images of height 1."""
    flat = {name: value if name == "groups" else (name != "padding", value) for name, value in options.items()}
    return correlation(x[:, :, None], W[:, :, None], **flat)[:, :, 0]


def example(setting, dtype=np.float64, seed=0):
    n, k, c, d, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, c, n)).astype(dtype)
    W = rng.normal(size=(d, c // options.get("groups", 1), k)).astype(dtype)
    b = rng.normal(size=d).astype(dtype)
    return x, W, b, rng.normal(size=definition(x, W, **options).shape).astype(dtype), options


def test_numbers_worked_by_hand():
    x, W = np.array([[[1.0, 2, 3, 4]]]), np.array([[[1.0, 0, -2]]])
    np.testing.assert_array_equal(conv1d.forward(x, W), [[[-5, -6]]])
    np.testing.assert_array_equal(conv1d.forward(x, W, np.array([7.0]), stride=2, padding=1), [[[3, 1]]])
    grad_x, grad_W, grad_b = conv1d.backward(np.array([[[1.0, 10]]]), x, W)
    np.testing.assert_array_equal(grad_x, [[[1, 10, -2, -20]]])
    np.testing.assert_array_equal(grad_W, [[[21, 32, 43]]])
    np.testing.assert_array_equal(grad_b, [11])


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, W, b, _, options = example(setting, dtype)
    wanted = definition(x, W, **options)
    for found, plus in [
        (conv1d.forward(x, W, **options), 0),
        (conv1d.forward(x, W, b, **options), b.astype(np.float64)[:, None]),
    ]:
        assert found.dtype == dtype and found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted + plus, rtol=TOL[dtype], atol=TOL[dtype])


def test_one_channel_is_what_numpy_calls_correlate():
    x, W, _, _, _ = example((9, 3, 1, 1, {}))
    np.testing.assert_allclose(conv1d.forward(x, W)[0, 0], np.correlate(x[0, 0], W[0, 0], "valid"), atol=1e-13)
    # NumPy's convolve flips the kernel; this layer does not.
    assert not np.allclose(conv1d.forward(x, W)[0, 0], np.convolve(x[0, 0], W[0, 0], "valid"))


@by_dtype
@by_setting
def test_backward_is_the_adjoint_of_loops(setting, dtype):
    x, W, b, grad_s, options = example(setting, dtype)
    dx, dW, db, _, _ = example(setting, dtype, seed=1)
    found = conv1d.backward(grad_s, x, W, **options)
    changes = [definition(dx, W, **options), definition(x, dW, **options), np.ones(grad_s.shape) * db[:, None]]
    for g, like, direction, change in zip(found, (x, W, b), (dx, dW, db), changes, strict=True):
        assert g.dtype == dtype and g.shape == like.shape
        along = np.vdot(g.astype(np.float64), direction)
        np.testing.assert_allclose(along, np.vdot(change, grad_s), rtol=10 * TOL[dtype], atol=10 * TOL[dtype])


@by_setting
def test_backward_agrees_with_central_differences(setting):
    x, W, b, grad_s, options = example(setting)
    dx, dW, db, _, _ = example(setting, seed=2)

    def cost(t):
        return np.vdot(conv1d.forward(x + t * dx, W + t * dW, b + t * db, **options), grad_s)

    found = conv1d.backward(grad_s, x, W, **options)
    along = sum(np.vdot(g, direction) for g, direction in zip(found, (dx, dW, db), strict=True))
    np.testing.assert_allclose(along, slope(cost, 0, 1), rtol=1e-6, atol=1e-6)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(1, 3), st.integers(0, 5))
def test_the_output_has_the_length_of_the_formula(k, stride, padding, dilation, more):
    n = max(1, dilation * (k - 1) + 1 - 2 * padding) + more
    s = conv1d.forward(np.ones((1, 1, n)), np.ones((1, 1, k)), stride=stride, padding=padding, dilation=dilation)
    assert s.shape == (1, 1, (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1)


X, KERNELS = np.ones((2, 4, 7)), np.ones((6, 4, 3))


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((X[0], KERNELS), {}, ValueError, "`x` must have shape (B, c, n), got (4, 7)"),
        ((X, KERNELS[0]), {}, ValueError, "`W` must have shape (d, l, k), got (4, 3)"),
        ((X[:0], KERNELS), {}, ValueError, "`x` must have shape (B, c, n) with B at least 1, got (0, 4, 7)"),
        (
            (X, KERNELS[:, :3]),
            {},
            ValueError,
            "`W` must have c / groups = 4 input channels, with c = 4 as in `x` and groups = 1, got shape (6, 3, 3)",
        ),
        ((X, KERNELS), {"groups": 4}, ValueError, "`groups` must be an integer that divides c = 4 and d = 6, got 4"),
        ((X, KERNELS), {"stride": 0}, ValueError, "`stride` must be an integer, at least 1, got 0"),
        ((X, KERNELS), {"stride": (1, 1)}, ValueError, "`stride` must be an integer, at least 1, got (1, 1)"),
        ((X, KERNELS), {"padding": -1}, ValueError, "`padding` must be an integer, at least 0, got -1"),
        (
            (X, KERNELS),
            {"dilation": 4},
            ValueError,
            "`x` with its padding must be at least as long as a window, 9, got 7",
        ),
        ((X * np.nan, KERNELS), {}, ValueError, "`x` must be finite, got nan at (0, 0, 0)"),
        ((X, KERNELS.astype(np.float32)), {}, TypeError, "`W` must have dtype float64 as `x` has, got float32"),
    ],
)
def test_what_does_not_fit_is_named(arguments, options, error, message):
    for layer in (conv1d.forward, lambda *a, **o: conv1d.backward(np.ones((2, len(a[1]), 5)), *a, **o)):
        with pytest.raises(error) as caught:
            layer(*arguments, **options)
        assert str(caught.value) == message


def test_a_bias_or_gradient_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"`b` .* d = 6 as in `W`, got \(4,\)"):
        conv1d.forward(X, KERNELS, np.ones(4))
    with pytest.raises(ValueError, match=r"`grad_s` must have shape \(B, d, o\) with o = 5, got \(2, 6, 7\)"):
        conv1d.backward(np.ones((2, 6, 7)), X, KERNELS)
    with pytest.raises(ValueError, match=r"`grad_s` must be finite, got inf at \(0, 0, 0\)"):
        conv1d.backward(np.full((2, 6, 5), np.inf), X, KERNELS)
