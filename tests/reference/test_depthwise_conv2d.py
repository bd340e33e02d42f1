"""The depthwise convolution against loops channel by channel, its adjoint, slopes, and its place beside the pools."""

import numpy as np
import pytest
from loops import correlation, slope

from cnnsym.reference import avg_pool2d, depthwise_conv2d

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-4, np.float64: 1e-12}
# (H, W), (kh, kw), C, options
SETTINGS = [
    ((4, 5), (3, 3), 3, {}),
    ((1, 1), (1, 1), 1, {}),
    ((9, 10), (3, 2), 2, {"stride": 2, "padding": 1}),
    ((7, 8), (2, 3), 4, {"dilation": (3, 2), "stride": (1, 2), "padding": (0, 1)}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, W, **options):
    """One channel after the other, each by itself."""
    channels = [correlation(x[:, [c]], W[[c]][:, None], **options) for c in range(len(W))]
    return np.concatenate(channels, axis=1)


def example(setting, dtype=np.float64, seed=0):
    size, window, C, options = setting
    rng = np.random.default_rng(seed)
    x, W, b = (rng.normal(size=shape).astype(dtype) for shape in [(2, C, *size), (C, *window), (C,)])
    return x, W, b, rng.normal(size=definition(x, W, **options).shape).astype(dtype), options


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, W, b, _, options = example(setting, dtype)
    wanted = definition(x, W, **options)
    for found, plus in [
        (depthwise_conv2d.forward(x, W, **options), 0),
        (depthwise_conv2d.forward(x, W, b, **options), b.astype(np.float64)[:, None, None]),
    ]:
        assert found.dtype == dtype and found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted + plus, rtol=TOL[dtype], atol=TOL[dtype])


@by_dtype
@by_setting
def test_backward_is_the_adjoint_of_loops(setting, dtype):
    x, W, b, grad_s, options = example(setting, dtype)
    dx, dW, db, _, _ = example(setting, dtype, seed=1)
    found = depthwise_conv2d.backward(grad_s, x, W, **options)
    changes = [definition(dx, W, **options), definition(x, dW, **options), np.ones(grad_s.shape) * db[:, None, None]]
    for g, like, direction, change in zip(found, (x, W, b), (dx, dW, db), changes, strict=True):
        assert g.dtype == dtype and g.shape == like.shape
        along = np.vdot(g.astype(np.float64), direction)
        np.testing.assert_allclose(along, np.vdot(change, grad_s), rtol=10 * TOL[dtype], atol=10 * TOL[dtype])


def test_backward_agrees_with_central_differences():
    x, W, b, grad_s, options = example(SETTINGS[2])
    dx, dW, db, _, _ = example(SETTINGS[2], seed=2)

    def cost(t):
        return np.vdot(depthwise_conv2d.forward(x + t * dx, W + t * dW, b + t * db, **options), grad_s)

    found = depthwise_conv2d.backward(grad_s, x, W, **options)
    along = sum(np.vdot(g, direction) for g, direction in zip(found, (dx, dW, db), strict=True))
    np.testing.assert_allclose(along, slope(cost, 0, 1), rtol=1e-6)


def test_no_channel_sees_another():
    x, W, _, _, _ = example(SETTINGS[0])
    s = depthwise_conv2d.forward(x, W)
    x[:, 1] = 0
    changed = depthwise_conv2d.forward(x, W)
    np.testing.assert_array_equal(changed[:, [0, 2]], s[:, [0, 2]])
    np.testing.assert_array_equal(changed[:, 1], 0)


def test_average_pooling_is_the_constant_kernel():
    x, _, _, _, _ = example(((9, 10), (3, 2), 4, {}))
    kernel = np.full((4, 3, 2), 1 / 6)
    pooled = avg_pool2d.forward(x, (3, 2), stride=2, padding=1)
    np.testing.assert_allclose(depthwise_conv2d.forward(x, kernel, stride=2, padding=1), pooled, atol=1e-13)


def test_what_does_not_fit_is_named():
    x, W = np.ones((2, 3, 4, 5)), np.ones((3, 2, 2))
    with pytest.raises(ValueError, match=r"`W` must have shape \(C, kh, kw\) with C = 3 as in `x`, got \(2, 2, 2\)"):
        depthwise_conv2d.forward(x, W[:2])
    with pytest.raises(ValueError, match=r"`W` must have shape \(C, kh, kw\) .*got \(3, 1, 2, 2\)"):
        depthwise_conv2d.forward(x, W[:, None])
    with pytest.raises(ValueError, match=r"`b` must have shape \(C,\) .*got \(2,\)"):
        depthwise_conv2d.forward(x, W, np.ones(2))
    with pytest.raises(ValueError, match="`stride` .* at least 1, got 0"):
        depthwise_conv2d.forward(x, W, stride=0)
    with pytest.raises(ValueError, match=r"`x` must be finite, got nan at \(0, 0, 0, 0\)"):
        depthwise_conv2d.forward(x * np.nan, W)
    with pytest.raises(ValueError, match=r"`W` must be finite, got inf at \(0, 0, 0\)"):
        depthwise_conv2d.forward(x, W * np.inf)
    with pytest.raises(ValueError, match=r"`grad_s` .* C = 3 as in `x`, got \(2, 2, 3, 4\)"):
        depthwise_conv2d.backward(np.ones((2, 2, 3, 4)), x, W)
    with pytest.raises(ValueError, match="`grad_s` .* oh = 3 and ow = 4"):
        depthwise_conv2d.backward(x, x, W)
    with pytest.raises(TypeError, match="`W` must have dtype float64"):
        depthwise_conv2d.forward(x, W.astype(np.float32))
