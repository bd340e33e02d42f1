"""The transposed convolution against kernels laid down in loops, the convolution whose adjoint it is, and slopes."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import both, correlation, inside, slope

from cnnsym.reference import conv2d, conv_transpose2d

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-4, np.float64: 1e-12}
# (H, W), (kh, kw), c, d, options
SETTINGS = [
    ((3, 4), (3, 2), 2, 3, {}),
    ((1, 1), (1, 1), 1, 1, {}),
    ((3, 4), (3, 3), 2, 1, {"padding": 1}),
    ((3, 4), (1, 1), 1, 2, {"stride": 2}),
    ((5, 5), (3, 3), 2, 2, {"stride": 2, "padding": 1, "output_padding": 1}),
    ((3, 2), (2, 3), 1, 2, {"stride": (3, 2), "padding": (0, 1), "output_padding": (2, 0), "dilation": (1, 2)}),
    ((3, 3), (2, 2), 4, 6, {"groups": 2, "stride": 2}),
    ((4, 3), (2, 2), 2, 2, {"dilation": 3, "output_padding": 2, "padding": 1}),
    ((4, 4), (2, 2), 2, 2, {"dilation": 3, "output_padding": (2, 1), "stride": 2, "groups": 2}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, W, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """Each pixel lays its kernel down on the output, in loops."""
    (B, c, H, V), (_, n, kh, kw) = x.shape, W.shape
    (sh, sw), (ph, pw), (mh, mw), (dh, dw) = (both(v) for v in (stride, padding, output_padding, dilation))
    size = ((H - 1) * sh - 2 * ph + dh * (kh - 1) + mh + 1, (V - 1) * sw - 2 * pw + dw * (kw - 1) + mw + 1)
    s = np.zeros((B, n * groups, *size))
    for l, o, u, v, i, j in itertools.product(range(c), range(n), range(H), range(V), range(kh), range(kw)):
        y, z = sh * u + dh * i - ph, sw * v + dw * j - pw
        if inside(size, y, z):
            s[:, n * (l // (c // groups)) + o, y, z] += x[:, l, u, v].astype(np.float64) * W[l, o, i, j]
    return s


def example(setting, dtype=np.float64, seed=0):
    size, window, c, d, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, c, *size)).astype(dtype)
    W = rng.normal(size=(c, d // options.get("groups", 1), *window)).astype(dtype)
    b = rng.normal(size=d).astype(dtype)
    return x, W, b, rng.normal(size=definition(x, W, **options).shape).astype(dtype), options


def test_numbers_worked_by_hand():
    x, W = np.array([[[[1.0, 2], [3, 4]]]]), np.array([[[[1.0, 10], [100, 1000]]]])
    wanted = [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]]
    np.testing.assert_array_equal(conv_transpose2d.forward(x, W), [[wanted]])
    np.testing.assert_array_equal(conv_transpose2d.forward(x, W, np.array([5.0]), padding=1), [[[[1239]]]])
    wanted = [[1, 10, 2, 20], [100, 1000, 200, 2000], [3, 30, 4, 40], [300, 3000, 400, 4000]]
    np.testing.assert_array_equal(conv_transpose2d.forward(x, W, stride=2), [[wanted]])
    larger = conv_transpose2d.forward(x, W, stride=2, output_padding=(1, 0))
    np.testing.assert_array_equal(larger, [[[*wanted, [0, 0, 0, 0]]]])


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, W, b, _, options = example(setting, dtype)
    wanted = definition(x, W, **options)
    for found, plus in [
        (conv_transpose2d.forward(x, W, **options), 0),
        (conv_transpose2d.forward(x, W, b, **options), b.astype(np.float64)[:, None, None]),
    ]:
        assert found.dtype == dtype and found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted + plus, rtol=TOL[dtype], atol=TOL[dtype])


@by_dtype
@by_setting
def test_backward_is_the_adjoint_of_loops(setting, dtype):
    x, W, b, grad_s, options = example(setting, dtype)
    dx, dW, db, _, _ = example(setting, dtype, seed=1)
    found = conv_transpose2d.backward(grad_s, x, W, **options)
    changes = [definition(dx, W, **options), definition(x, dW, **options), np.ones(grad_s.shape) * db[:, None, None]]
    for g, like, direction, change in zip(found, (x, W, b), (dx, dW, db), changes, strict=True):
        assert g.dtype == dtype and g.shape == like.shape
        along = np.vdot(g.astype(np.float64), direction)
        np.testing.assert_allclose(along, np.vdot(change, grad_s), rtol=10 * TOL[dtype], atol=10 * TOL[dtype])


@by_setting
def test_backward_agrees_with_central_differences(setting):
    x, W, b, grad_s, options = example(setting)
    dx, dW, db, _, _ = example(setting, seed=2)

    def cost(t):
        return np.vdot(conv_transpose2d.forward(x + t * dx, W + t * dW, b + t * db, **options), grad_s)

    found = conv_transpose2d.backward(grad_s, x, W, **options)
    along = sum(np.vdot(g, direction) for g, direction in zip(found, (dx, dW, db), strict=True))
    np.testing.assert_allclose(along, slope(cost, 0, 1), rtol=1e-6)


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 3), st.integers(0, 6), st.integers(0, 99)
)
def test_it_is_the_adjoint_of_the_convolution(k, stride, padding, dilation, more, seed):
    """<conv(y), x> = <y, conv_transpose(x)> for images y of every size, each with its output padding."""
    reach = dilation * (k - 1) + 1
    size = max(1, reach - 2 * padding) + more
    rng = np.random.default_rng(seed)
    y, W = rng.normal(size=(1, 3, size, size)), rng.normal(size=(2, 3, k, k))
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    forward = correlation(y, W, **options)
    x = rng.normal(size=forward.shape)
    rest = (size + 2 * padding - reach) % stride
    back = conv_transpose2d.forward(x, W, output_padding=rest, **options)
    assert back.shape == y.shape
    np.testing.assert_allclose(np.vdot(forward, x), np.vdot(y, back), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(conv2d.backward(x, y, W, **options)[0], back, atol=1e-11)


def test_it_is_not_the_inverse():
    x, W, _, _, _ = example(SETTINGS[0])
    assert not np.allclose(conv2d.forward(conv_transpose2d.forward(x, W), W), x)


X, KERNELS = np.ones((2, 4, 3, 3)), np.ones((4, 3, 2, 2))


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((X[0], KERNELS), {}, ValueError, "`x` must have shape (B, c, H, W), got (4, 3, 3)"),
        (
            (X, KERNELS[:3]),
            {},
            ValueError,
            "`W` must have shape (c, n, kh, kw) with c = 4 as in `x`, got (3, 3, 2, 2)",
        ),
        ((X, KERNELS), {"groups": 3}, ValueError, "`groups` must be an integer that divides c = 4, got 3"),
        ((X, KERNELS, np.ones(4)), {}, ValueError, "`b` must have shape (d,) with d = 3 as in `W`, got (4,)"),
        (
            (X, KERNELS, np.ones(3)),
            {"groups": 2},
            ValueError,
            "`b` must have shape (d,) with d = 6 as in `W`, got (3,)",
        ),
        ((X, KERNELS, np.full(3, np.nan)), {}, ValueError, "`b` must be finite, got nan at (0,)"),
        (
            (X, KERNELS),
            {"stride": 0},
            ValueError,
            "`stride` must be an integer or a pair of integers, at least 1, got 0",
        ),
        (
            (X, KERNELS),
            {"padding": (0, -1)},
            ValueError,
            "`padding` must be an integer or a pair of integers, at least 0, got (0, -1)",
        ),
        (
            (X, KERNELS),
            {"output_padding": 1},
            ValueError,
            "`output_padding` must be less than the stride (1, 1) or the dilation (1, 1), got (1, 1)",
        ),
        (
            (X, KERNELS),
            {"stride": 2, "output_padding": -1},
            ValueError,
            "`output_padding` must be an integer or a pair of integers, at least 0, got -1",
        ),
        (
            (X, KERNELS),
            {"padding": 2},
            ValueError,
            "`padding` must leave at least one pixel of the output, got (2, 2) and so the size (0, 0)",
        ),
        ((X, KERNELS * np.inf), {}, ValueError, "`W` must be finite, got inf at (0, 0, 0, 0)"),
        ((X, KERNELS.astype(np.float32)), {}, TypeError, "`W` must have dtype float64 as `x` has, got float32"),
    ],
)
def test_what_does_not_fit_is_named(arguments, options, error, message):
    with pytest.raises(error) as caught:
        conv_transpose2d.forward(*arguments, **options)
    assert str(caught.value) == message
    if len(arguments) == 2:
        with pytest.raises(error) as caught:
            conv_transpose2d.backward(np.ones((2, 3, 4, 4)), *arguments, **options)
        assert str(caught.value) == message


def test_a_gradient_that_is_not_of_the_output_is_named():
    with pytest.raises(ValueError) as caught:
        conv_transpose2d.backward(np.ones((2, 3, 4, 3)), X, KERNELS)
    assert str(caught.value) == "`grad_s` must have the shape of the output, (2, 3, 4, 4), got (2, 3, 4, 3)"
    with pytest.raises(ValueError, match=r"`grad_s` must be finite, got nan at \(0, 0, 0, 0\)"):
        conv_transpose2d.backward(np.full((2, 3, 4, 4), np.nan), X, KERNELS)
