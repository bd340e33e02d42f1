"""Patches as columns against loops and small numbers, col2im as their adjoint, and the convolution as their product."""

import numpy as np
import pytest
from loops import correlation, inside, windows

from cnnsym.reference import conv2d, im2col

DTYPES = [np.float32, np.float64]
# (H, W), window, options
SETTINGS = [
    ((4, 5), (2, 3), {}),
    ((1, 1), 1, {}),
    ((9, 10), 3, {"stride": 2}),
    ((4, 4), 3, {"padding": 1, "stride": 2}),
    ((5, 6), (2, 1), {"padding": (1, 2), "stride": (2, 1), "dilation": (3, 2)}),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_dtype = pytest.mark.parametrize("dtype", DTYPES)


def example(setting, dtype=np.float64, seed=0):
    """`x`, the columns that loops make of it, and columns of the same shape."""
    size, window, options = setting
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 3, *size)).astype(dtype)
    columns = [
        [[x[k, l, y, z] if inside(size, y, z) else 0 for l in range(3) for _, _, y, z in pixels] for k in range(2)]
        for _, pixels in windows(size, window, **options)
    ]
    Z = np.array(columns, dtype).transpose(1, 2, 0)
    return x, Z, rng.normal(size=Z.shape).astype(dtype)


def visits(size, window, **options):
    """How many windows read each pixel."""
    count = np.zeros(size)
    for _, pixels in windows(size, window, **options):
        for _, _, y, z in pixels:
            if inside(size, y, z):
                count[y, z] += 1
    return count


@by_dtype
@by_setting
def test_the_columns_are_the_windows(setting, dtype):
    x, Z, _ = example(setting, dtype)
    _, window, options = setting
    np.testing.assert_array_equal(im2col.forward(x, window, **options), Z, strict=True)


def test_numbers_worked_by_hand():
    x = np.array([[[[1.0, 2, 3], [4, 5, 6]]]])
    Z = im2col.forward(x, 2)
    np.testing.assert_array_equal(Z, [[[1, 2], [2, 3], [4, 5], [5, 6]]])
    np.testing.assert_array_equal(im2col.backward(Z, (2, 3), 2), [[[[1, 4, 3], [4, 10, 6]]]])
    np.testing.assert_array_equal(im2col.backward(np.ones((1, 4, 2)), (2, 3), 2), [[[[1, 2, 1], [1, 2, 1]]]])


@by_dtype
@by_setting
def test_col2im_is_the_adjoint(setting, dtype):
    x, Z, grad_Z = example(setting, dtype)
    size, window, options = setting
    grad_x = im2col.backward(grad_Z, size, window, **options)
    assert grad_x.dtype == dtype and grad_x.shape == x.shape
    np.testing.assert_allclose(np.vdot(Z, grad_Z), np.vdot(x, grad_x), rtol=1e-4 if dtype == np.float32 else 1e-11)
    # And entry by entry: the gradient of one pixel is the sum over the entries that are copies of it.
    for at in [(0, 0, 0, 0), tuple(n - 1 for n in x.shape)]:
        one = np.zeros_like(x)
        one[at] = 1
        copies = im2col.forward(one, window, **options)
        np.testing.assert_allclose(grad_x[at], grad_Z[copies == 1].sum(), rtol=1e-5, atol=1e-6)


@by_setting
def test_there_and_back_a_pixel_comes_once_for_each_window_that_reads_it(setting):
    x, Z, _ = example(setting)
    size, window, options = setting
    back = im2col.backward(Z, size, window, **options)
    np.testing.assert_allclose(back, visits(size, window, **options) * x, atol=1e-13)


def test_there_and_back_is_not_the_identity():
    x, Z, grad_Z = example(SETTINGS[0])
    assert not np.allclose(im2col.backward(Z, (4, 5), (2, 3)), x)
    assert not np.allclose(im2col.forward(im2col.backward(grad_Z, (4, 5), (2, 3)), (2, 3)), grad_Z)


@by_setting
def test_the_convolution_is_a_matrix_product_with_the_columns(setting):
    x, Z, _ = example(setting)
    _, window, options = setting
    kh, kw = window if isinstance(window, tuple) else (window, window)
    W = np.random.default_rng(3).normal(size=(4, 3, kh, kw))
    product = W.reshape(4, -1) @ Z
    np.testing.assert_allclose(product, correlation(x, W, **options).reshape(2, 4, -1), atol=1e-12)
    np.testing.assert_allclose(product, conv2d.forward(x, W, **options).reshape(2, 4, -1), atol=1e-12)


def test_the_columns_can_be_written():
    x = np.ones((1, 1, 1, 1))
    im2col.forward(x, 1)[...] = 5
    np.testing.assert_array_equal(x, 1)


def test_what_does_not_fit_is_named():
    x = np.ones((1, 2, 4, 5))
    with pytest.raises(ValueError, match=r"`x` must have shape \(B, c, H, W\), got \(4, 5\)"):
        im2col.forward(x[0, 0], 2)
    with pytest.raises(ValueError, match=r"`x` with its padding .* \(5, 5\), got \(4, 5\)"):
        im2col.forward(x, 5)
    with pytest.raises(ValueError, match="`stride` .* got 0"):
        im2col.forward(x, 2, stride=0)
    with pytest.raises(ValueError, match=r"`x` must be finite, got nan at \(0, 0, 0, 0\)"):
        im2col.forward(x * np.nan, 2)
    with pytest.raises(TypeError, match="`x` .* dtype int64"):
        im2col.forward(np.ones((1, 1, 2, 2), np.int64), 1)
    with pytest.raises(ValueError, match=r"`grad_Z` must .* kh kw = 4 and oh ow = 12, got \(1, 8, 11\)"):
        im2col.backward(np.ones((1, 8, 11)), (4, 5), 2)
    with pytest.raises(ValueError, match=r"`grad_Z` must .* kh kw = 4 and oh ow = 12, got \(1, 7, 12\)"):
        im2col.backward(np.ones((1, 7, 12)), (4, 5), 2)
    with pytest.raises(ValueError, match=r"`grad_Z` must have shape \(B, n, P\), got \(8, 12\)"):
        im2col.backward(np.ones((8, 12)), (4, 5), 2)
    with pytest.raises(ValueError, match="`size` .* got 'all'"):
        im2col.backward(np.ones((1, 8, 12)), "all", 2)
    with pytest.raises(ValueError, match=r"`grad_Z` must be finite, got -inf at \(0, 0, 0\)"):
        im2col.backward(np.full((1, 8, 12), -np.inf), (4, 5), 2)
