"""The convolution layer against loops, adjoints, slopes, numbers worked by hand, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import correlation, slope

from cnnsym.reference import conv2d

DTYPES = [np.float32, np.float64]
TOL = {np.float32: 1e-4, np.float64: 1e-12}
# (H, W), (kh, kw), c, d, options
SETTINGS = [
    ((4, 5), (3, 3), 2, 3, {}),
    ((1, 1), (1, 1), 1, 1, {}),
    ((4, 4), (4, 4), 2, 1, {}),
    ((5, 4), (2, 3), 2, 3, {"padding": (1, 2)}),
    ((3, 4), (1, 1), 3, 2, {"padding": 1}),
    ((3, 4), (2, 1), 2, 2, {"padding": (1, 3)}),
    ((9, 10), (3, 3), 2, 2, {"stride": 2}),
    ((9, 10), (3, 2), 1, 2, {"stride": (2, 3), "padding": (1, 0)}),
    ((7, 8), (3, 3), 2, 1, {"dilation": 2, "padding": 2}),
    ((7, 8), (2, 3), 1, 2, {"dilation": (3, 1), "stride": (1, 2)}),
    ((4, 5), (3, 3), 4, 6, {"groups": 2, "padding": 1}),
    ((5, 5), (3, 3), 3, 3, {"groups": 3, "stride": 2}),
    ((6, 5), (2, 2), 2, 4, {"groups": 2, "dilation": 2, "stride": (3, 1), "padding": (0, 1)}),
    ((2, 2), (1, 1), 1, 1, {"stride": 3}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def example(setting, dtype=np.float64, seed=0, B=2):
    """`x`, `W`, `b`, `grad_s` and the options."""
    size, window, c, d, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(B, c, *size)).astype(dtype)
    W = rng.normal(size=(d, c // options.get("groups", 1), *window)).astype(dtype)
    b = rng.normal(size=d).astype(dtype)
    s = correlation(x, W, **options)
    return x, W, b, rng.normal(size=s.shape).astype(dtype), options


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


def check_gradients(gradients, setting, dtype=np.float64):
    """The layer is linear in each argument: along any direction the cost changes by the layer of the direction."""
    x, W, b, grad_s, options = example(setting, dtype)
    dx, dW, db, _, _ = example(setting, dtype, seed=1)
    for found, like in zip(gradients, (x, W, b), strict=True):
        assert found.dtype == dtype and found.shape == like.shape
    changes = [correlation(dx, W, **options), correlation(x, dW, **options), np.ones(grad_s.shape) * db[:, None, None]]
    for found, direction, change in zip(gradients, (dx, dW, db), changes, strict=True):
        left, right = np.vdot(found.astype(np.float64), direction), np.vdot(change, grad_s)
        np.testing.assert_allclose(left, right, rtol=10 * TOL[dtype], atol=10 * TOL[dtype])


def test_numbers_worked_by_hand():
    x = np.array([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])
    W = np.array([[[[1.0, 0], [0, -2]]]])
    # 1 - 2*5, 2 - 2*6, 4 - 2*8, 5 - 2*9; a flipped kernel would give 5 - 2*1 = 3 first.
    np.testing.assert_array_equal(conv2d.forward(x, W), [[[[-9, -10], [-12, -13]]]])
    np.testing.assert_array_equal(conv2d.forward(x, W, np.array([10.0]), stride=2), [[[[1]]]])
    padded = conv2d.forward(x, W, padding=1)
    np.testing.assert_array_equal(padded[0, 0], [[-2, -4, -6, 0], [-8, -9, -10, 3], [-14, -12, -13, 6], [0, 7, 8, 9]])
    grad_x, grad_W, grad_b = conv2d.backward(np.array([[[[1.0, 10], [100, 1000]]]]), x, W)
    np.testing.assert_array_equal(grad_x, [[[[1, 10, 0], [100, 998, -20], [0, -200, -2000]]]])
    np.testing.assert_array_equal(grad_W, [[[[5421, 6532], [8754, 9865]]]])
    np.testing.assert_array_equal(grad_b, [1111])


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, W, b, _, options = example(setting, dtype)
    s = correlation(x, W, **options)
    check(conv2d.forward(x, W, **options), s, dtype)
    check(conv2d.forward(x, W, b, **options), s + b[:, None, None], dtype)


@by_dtype
@by_setting
def test_backward_is_the_adjoint_of_loops(setting, dtype):
    x, W, _, grad_s, options = example(setting, dtype)
    check_gradients(conv2d.backward(grad_s, x, W, **options), setting, dtype)


@by_setting
def test_backward_agrees_with_central_differences(setting):
    x, W, b, grad_s, options = example(setting)
    dx, dW, db, _, _ = example(setting, seed=2)
    found = conv2d.backward(grad_s, x, W, **options)

    def cost(step):
        s = conv2d.forward(x + step * dx, W + step * dW, b + step * db, **options)
        return np.vdot(np.sin(s - conv2d.forward(x, W, b, **options)), grad_s)

    along = sum(np.vdot(g, direction) for g, direction in zip(found, (dx, dW, db), strict=True))
    np.testing.assert_allclose(along, slope(cost, 0, 1), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, x, W: (1.001 * g[0], g[1], g[2]),
        lambda g, x, W: (g[0], g[1][..., ::-1, ::-1], g[2]),
        lambda g, x, W: (g[0], g[1] / len(x), g[2]),
        lambda g, x, W: (g[0], g[1], g[2] / len(x)),
        lambda g, x, W: (np.roll(g[0], 1, axis=-1), g[1], g[2]),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong):
    x, W, _, grad_s, options = example(SETTINGS[3])
    gradients = conv2d.backward(grad_s, x, W, **options)
    check_gradients(gradients, SETTINGS[3])
    with pytest.raises(AssertionError):
        check_gradients(wrong(gradients, x, W), SETTINGS[3])


@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.integers(0, 4), st.integers(0, 999)
)
def test_backward_is_the_adjoint_for_any_setting(k, stride, padding, dilation, more, seed):
    size = dilation * (k - 1) + 1 + more
    setting = ((size, size + 1), (k, k), 2, 3, {"stride": stride, "padding": padding, "dilation": dilation})
    x, W, _, grad_s, options = example(setting, seed=seed, B=1)
    grad_x, grad_W, _ = conv2d.backward(grad_s, x, W, **options)
    cost = np.vdot(conv2d.forward(x, W, **options), grad_s)
    np.testing.assert_allclose([np.vdot(grad_x, x), np.vdot(grad_W, W)], cost, rtol=1e-10, atol=1e-10)


def test_groups_are_convolutions_side_by_side():
    x, W, _, _, options = example(((4, 5), (3, 3), 4, 6, {"groups": 2, "padding": 1}))
    halves = [conv2d.forward(x[:, 2 * h : 2 * h + 2], W[3 * h : 3 * h + 3], padding=1) for h in (0, 1)]
    np.testing.assert_allclose(conv2d.forward(x, W, **options), np.concatenate(halves, axis=1), atol=1e-13)


def test_dilation_is_a_kernel_with_zeros_between():
    x, W, _, _, _ = example(((7, 8), (2, 3), 2, 3, {}))
    sparse = np.zeros((3, 2, 3, 5))
    sparse[:, :, ::2, ::2] = W
    np.testing.assert_allclose(conv2d.forward(x, W, dilation=2), conv2d.forward(x, sparse), atol=1e-13)


def test_stride_keeps_every_second_position():
    x, W, b, _, _ = example(((9, 10), (3, 3), 2, 3, {}))
    every = conv2d.forward(x, W, b)
    np.testing.assert_allclose(conv2d.forward(x, W, b, stride=(2, 3)), every[:, :, ::2, ::3], atol=1e-13)


def test_a_shifted_image_has_a_shifted_output():
    x, W, _, _, _ = example(((9, 10), (3, 3), 2, 3, {}))
    moved = conv2d.forward(np.roll(x, (2, 1), axis=(2, 3)), W)
    np.testing.assert_allclose(moved[:, :, 2:, 1:], conv2d.forward(x, W)[:, :, :-2, :-1], atol=1e-13)


@pytest.mark.parametrize("chunk", [1, 100, 1000])
@by_setting
def test_the_size_of_the_chunks_changes_nothing(setting, chunk, monkeypatch):
    x, W, b, grad_s, options = example(setting, B=3)
    whole = [conv2d.forward(x, W, b, **options), *conv2d.backward(grad_s, x, W, **options)]
    monkeypatch.setattr("cnnsym.reference.windows.CHUNK", chunk)
    monkeypatch.setattr("cnnsym.reference.correlation.CHUNK", chunk)
    for one, other in zip(
        whole, [conv2d.forward(x, W, b, **options), *conv2d.backward(grad_s, x, W, **options)], strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_arrays_of_any_layout_are_read_and_none_is_changed():
    x, W, b, grad_s, options = example(SETTINGS[3])
    turned = [np.asfortranarray(a) for a in (x, W, grad_s)]
    for a in turned:
        a.flags.writeable = False
    np.testing.assert_allclose(
        conv2d.forward(turned[0], turned[1], b, **options), conv2d.forward(x, W, b, **options), atol=1e-13
    )
    pairs = zip(
        conv2d.backward(turned[2], *turned[:2], **options), conv2d.backward(grad_s, x, W, **options), strict=True
    )
    for one, other in pairs:
        np.testing.assert_allclose(one, other, atol=1e-13)
        one[...] = 0  # each gradient is an array of its own


X, KERNELS = np.ones((2, 4, 5, 6)), np.ones((6, 4, 3, 3))
HALVES = np.ones((6, 2, 3, 3))
SPOILT = np.where(np.arange(240).reshape(X.shape) == 7, np.nan, 1.0)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((X[0], KERNELS), {}, ValueError, "`x` must have shape (B, c, H, W), got (4, 5, 6)"),
        ((X[:0], KERNELS), {}, ValueError, "`x` must have shape (B, c, H, W) with B at least 1, got (0, 4, 5, 6)"),
        ((X, KERNELS[0]), {}, ValueError, "`W` must have shape (d, l, kh, kw), got (4, 3, 3)"),
        (
            (X, HALVES),
            {},
            ValueError,
            "`W` must have c / groups = 4 input channels, with c = 4 as in `x` and groups = 1, got shape (6, 2, 3, 3)",
        ),
        ((X, KERNELS, np.ones(5)), {}, ValueError, "`b` must have shape (d,) with d = 6 as in `W`, got (5,)"),
        ((X, HALVES), {"groups": 3}, ValueError, "`groups` must be an integer that divides c = 4 and d = 6, got 3"),
        ((X, HALVES[:5]), {"groups": 2}, ValueError, "`groups` must be an integer that divides c = 4 and d = 5, got 2"),
        ((X, KERNELS), {"groups": 0}, ValueError, "`groups` must be an integer that divides c = 4 and d = 6, got 0"),
        (
            (X, KERNELS),
            {"groups": True},
            ValueError,
            "`groups` must be an integer that divides c = 4 and d = 6, got True",
        ),
        (
            (X, KERNELS),
            {"stride": 0},
            ValueError,
            "`stride` must be an integer or a pair of integers, at least 1, got 0",
        ),
        (
            (X, KERNELS),
            {"stride": (1, -1)},
            ValueError,
            "`stride` must be an integer or a pair of integers, at least 1, got (1, -1)",
        ),
        (
            (X, KERNELS),
            {"stride": 1.5},
            ValueError,
            "`stride` must be an integer or a pair of integers, at least 1, got 1.5",
        ),
        (
            (X, KERNELS),
            {"stride": (1, 1, 1)},
            ValueError,
            "`stride` must be an integer or a pair of integers, at least 1, got (1, 1, 1)",
        ),
        (
            (X, KERNELS),
            {"padding": -1},
            ValueError,
            "`padding` must be an integer or a pair of integers, at least 0, got -1",
        ),
        (
            (X, KERNELS),
            {"padding": "same"},
            ValueError,
            "`padding` must be an integer or a pair of integers, at least 0, got 'same'",
        ),
        (
            (X, KERNELS),
            {"dilation": 0},
            ValueError,
            "`dilation` must be an integer or a pair of integers, at least 1, got 0",
        ),
        (
            (X, KERNELS),
            {"dilation": 3},
            ValueError,
            "`x` with its padding must be at least as large as a window, (7, 7), got (5, 6)",
        ),
        (
            (X[:, :, :1], KERNELS),
            {"padding": (0, 1)},
            ValueError,
            "`x` with its padding must be at least as large as a window, (3, 3), got (1, 8)",
        ),
        ((SPOILT, KERNELS), {}, ValueError, "`x` must be finite, got nan at (0, 0, 1, 1)"),
        ((X, np.inf * KERNELS), {}, ValueError, "`W` must be finite, got inf at (0, 0, 0, 0)"),
        ((X, KERNELS, np.array([0, 0, -np.inf, 0, 0, 0])), {}, ValueError, "`b` must be finite, got -inf at (2,)"),
        ((X, KERNELS.astype(np.float32)), {}, TypeError, "`W` must have dtype float64 as `x` has, got float32"),
        (
            (X.astype(np.float16), KERNELS),
            {},
            TypeError,
            "`x` must be a NumPy array of float32 or float64, got dtype float16",
        ),
        (([[1.0]], KERNELS), {}, TypeError, "`x` must be a NumPy array of float32 or float64, got list"),
    ],
)
def test_what_does_not_fit_is_named(arguments, options, error, message):
    with pytest.raises(error) as caught:
        conv2d.forward(*arguments, **options)
    assert str(caught.value) == message
    if len(arguments) == 2:  # no bias: the gradient refuses the same
        with pytest.raises(error) as caught:
            conv2d.backward(np.ones((2, len(arguments[1]), 3, 4)), *arguments, **options)
        assert str(caught.value) == message


def test_a_gradient_that_is_not_of_the_output_is_named():
    with pytest.raises(ValueError, match=r"`grad_s` .* with oh = 3 and ow = 4, got \(2, 6, 4, 4\)"):
        conv2d.backward(np.ones((2, 6, 4, 4)), X, KERNELS)
    with pytest.raises(ValueError, match=r"`grad_s` .* d = 6 as in `W`, got \(2, 5, 3, 4\)"):
        conv2d.backward(np.ones((2, 5, 3, 4)), X, KERNELS)
    with pytest.raises(ValueError, match=r"`grad_s` must be finite, got inf at \(0, 0, 0, 0\)"):
        conv2d.backward(np.full((2, 6, 3, 4), np.inf), X, KERNELS)
    with pytest.raises(TypeError, match="`grad_s` must have dtype float64"):
        conv2d.backward(np.ones((2, 6, 3, 4), np.float32), X, KERNELS)
