"""Max pooling against loops, slopes away from ties, the subgradient at ties, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import inside, pool, slope, windows

from cnnsym.reference import max_pool2d

DTYPES = [np.float32, np.float64]
# (H, W), window, options
SETTINGS = [
    ((4, 6), 2, {}),
    ((1, 1), 1, {}),
    ((9, 10), 3, {"stride": 2}),
    ((5, 7), (2, 3), {"stride": 1, "padding": 1}),
    ((7, 7), 3, {"stride": 2, "padding": 1}),
    ((6, 8), (3, 2), {"stride": (2, 1), "padding": (1, 0), "dilation": 2}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def definition(x, window, stride=None, **options):
    return pool(x, max, window, -np.inf, stride=window if stride is None else stride, **options)


def definition_of_gradient(grad_y, x, window, stride=None, **options):
    """Each output's gradient goes to the pixel that comes first among the largest of its window."""
    grad_x, size = np.zeros(x.shape), x.shape[2:]
    for (u, v), pixels in windows(size, window, window if stride is None else stride, **options):
        seen = [(y, z) for _, _, y, z in pixels if inside(size, y, z)]
        for k, c in np.ndindex(x.shape[:2]):
            y, z = max(seen, key=lambda at: x[k, c, *at])  # Python's max is the first of equals
            grad_x[k, c, y, z] += grad_y[k, c, u, v]
    return grad_x


def example(setting, dtype=np.float64, seed=0):
    """`x` without ties, its distances at least 1, and a gradient of the size of the output."""
    size, window, options = setting
    rng = np.random.default_rng(seed)
    x = rng.permutation(6 * size[0] * size[1]).reshape(2, 3, *size).astype(dtype) - 10
    return x, rng.normal(size=definition(x, window, **options).shape).astype(dtype)


def test_numbers_worked_by_hand():
    x = np.array([[[[1.0, 5, 2], [-3, 4, 5]]]])
    np.testing.assert_array_equal(max_pool2d.forward(x, 2, stride=1), [[[[5, 5]]]])
    np.testing.assert_array_equal(max_pool2d.forward(-x, 2, stride=1), [[[[3, -2]]]])
    np.testing.assert_array_equal(
        max_pool2d.backward(np.array([[[[10.0, 1]]]]), x, 2, stride=1), [[[[0, 11, 0], [0] * 3]]]
    )


@by_dtype
@by_setting
def test_forward_agrees_with_loops(setting, dtype):
    x, _ = example(setting, dtype)
    _, window, options = setting
    # Padding with zeros instead of nothing would show: every entry is negative.
    for images in (x, -np.abs(x) - 1):
        wanted = definition(images, window, **options).astype(dtype)
        np.testing.assert_array_equal(max_pool2d.forward(images, window, **options), wanted, strict=True)


@by_dtype
@by_setting
def test_backward_agrees_with_loops(setting, dtype):
    x, grad_y = example(setting, dtype)
    _, window, options = setting
    found = max_pool2d.backward(grad_y, x, window, **options)
    assert found.dtype == dtype and found.shape == x.shape
    np.testing.assert_allclose(found, definition_of_gradient(grad_y, x, window, **options), rtol=1e-5, atol=1e-5)


@by_setting
def test_backward_agrees_with_central_differences(setting):
    x, grad_y = example(setting)
    _, window, options = setting
    direction = np.random.default_rng(1).normal(size=x.shape)
    along = np.vdot(max_pool2d.backward(grad_y, x, window, **options), direction)
    cost = slope(lambda x: np.vdot(max_pool2d.forward(x, window, **options), grad_y), x, direction)
    np.testing.assert_allclose(along, cost, rtol=1e-6, atol=1e-7)


@by_setting
def test_of_equal_pixels_the_first_takes_all(setting):
    size, window, options = setting
    rng = np.random.default_rng(0)
    x = rng.integers(-2, 0, size=(2, 3, *size)).astype(np.float64)
    grad_y = rng.normal(size=definition(x, window, **options).shape)
    found = max_pool2d.backward(grad_y, x, window, **options)
    np.testing.assert_allclose(found, definition_of_gradient(grad_y, x, window, **options), atol=1e-12)
    # Nothing of the gradient is lost, and none counted twice.
    np.testing.assert_allclose(found.sum(axis=(2, 3)), grad_y.sum(axis=(2, 3)), atol=1e-12)


def test_at_a_tie_it_is_a_subgradient():
    """max(y) >= max(x) + <g, y - x>, at a tie too."""
    x, rng = np.zeros((1, 1, 2, 2)), np.random.default_rng(0)
    g = max_pool2d.backward(np.ones((1, 1, 1, 1)), x, 2)
    np.testing.assert_array_equal(g, [[[[1, 0], [0, 0]]]])
    for y in rng.normal(size=(20, 1, 1, 2, 2)):
        assert max_pool2d.forward(y, 2).item() >= np.vdot(g, y - x)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_y, x: max_pool2d.backward(grad_y, -x, 2),
        lambda grad_y, x: 1.001 * max_pool2d.backward(grad_y, x, 2),
        lambda grad_y, x: max_pool2d.backward(grad_y[..., ::-1], x, 2),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong):
    x, grad_y = example(SETTINGS[0])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(wrong(grad_y, x), definition_of_gradient(grad_y, x, 2), rtol=1e-5)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 999))
def test_an_increasing_function_may_come_before_or_after(k, stride, seed):
    x = np.random.default_rng(seed).normal(size=(1, 2, 5, 6))
    y = max_pool2d.forward(x, k, stride=stride)
    np.testing.assert_array_equal(max_pool2d.forward(np.exp(x), k, stride=stride), np.exp(y))
    assert np.all(max_pool2d.forward(x + 1, k, stride=stride) > y)


X = np.ones((1, 2, 4, 5))


@pytest.mark.parametrize(
    ("x", "window", "options", "error", "message"),
    [
        (X[0], 2, {}, ValueError, "`x` must have shape (B, C, H, W), got (2, 4, 5)"),
        (X[:0], 2, {}, ValueError, "`x` must have shape (B, C, H, W) with B at least 1, got (0, 2, 4, 5)"),
        (X, 0, {}, ValueError, "`window` must be an integer or a pair of integers, at least 1, got 0"),
        (X, 2.0, {}, ValueError, "`window` must be an integer or a pair of integers, at least 1, got 2.0"),
        (X, 5, {}, ValueError, "`x` with its padding must be at least as large as a window, (5, 5), got (4, 5)"),
        (X, 2, {"stride": 0}, ValueError, "`stride` must be an integer or a pair of integers, at least 1, got 0"),
        (X, 3, {"padding": 2}, ValueError, "`padding` must be at most half a window of (3, 3), got (2, 2)"),
        (X, 2, {"padding": -1}, ValueError, "`padding` must be an integer or a pair of integers, at least 0, got -1"),
        (X, 2, {"dilation": 0}, ValueError, "`dilation` must be an integer or a pair of integers, at least 1, got 0"),
        (X * np.nan, 2, {}, ValueError, "`x` must be finite, got nan at (0, 0, 0, 0)"),
        (X.astype(int), 2, {}, TypeError, "`x` must be a NumPy array of float32 or float64, got dtype int64"),
    ],
)
def test_what_does_not_fit_is_named(x, window, options, error, message):
    for layer in (max_pool2d.forward, lambda *a, **o: max_pool2d.backward(np.ones((1, 2, 2, 2), a[0].dtype), *a, **o)):
        with pytest.raises(error) as caught:
            layer(x, window, **options)
        assert str(caught.value) == message


def test_a_gradient_that_is_not_of_the_output_is_named():
    with pytest.raises(ValueError, match=r"`grad_y` .* oh = 2 and ow = 2, got \(1, 2, 2, 3\)"):
        max_pool2d.backward(np.ones((1, 2, 2, 3)), X, 2)
    with pytest.raises(ValueError, match=r"`grad_y` must be finite, got inf at \(0, 0, 0, 0\)"):
        max_pool2d.backward(np.full((1, 2, 2, 2), np.inf), X, 2)
