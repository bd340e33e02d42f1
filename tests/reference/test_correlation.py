"""The three products of a convolution layer against its matrix written out, in both ways to its adjoint."""

import numpy as np
import pytest
from loops import correlation as by_loops

from cnnsym.reference import correlation
from cnnsym.reference.windows import Windows, lay

# (H, W), (kh, kw), stride, padding, dilation
SETTINGS = [
    ((4, 5), (3, 2), 1, 0, 1),
    ((4, 5), (3, 2), 1, 1, 1),
    ((4, 5), (3, 2), 1, (2, 1), 1),
    ((3, 4), (1, 2), 1, (2, 3), 1),  # more padding than a window reaches
    ((5, 6), (2, 3), 1, (1, 2), 2),
    ((5, 6), (2, 2), (2, 1), 1, 1),
    ((9, 10), (3, 3), 2, 1, 1),
    ((7, 8), (2, 2), (3, 2), (0, 1), (2, 3)),
]
by_setting = pytest.mark.parametrize("setting", SETTINGS, ids=str)
by_groups = pytest.mark.parametrize("groups", [1, 2])


def example(setting, groups, B=2):
    """`x`, `W`, `s`, the windows, and the matrix that takes the entries of `x` to those of the output."""
    size, window, stride, padding, dilation = setting
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(B, 2, *size)), rng.normal(size=(4, 2 // groups, *window))
    basis = np.eye(x[0].size).reshape(-1, 2, *size)
    outputs = by_loops(basis, W, stride, padding, dilation, groups)
    windows = lay(size, window, stride, padding, dilation)
    return x, W, rng.normal(size=(B, *outputs.shape[1:])), windows, outputs.reshape(len(basis), -1).T


@by_groups
@by_setting
def test_each_product_is_one_with_the_matrix(setting, groups):
    x, W, s, windows, matrix = example(setting, groups)
    wanted = x.reshape(len(x), -1) @ matrix.T
    np.testing.assert_allclose(correlation.correlate(x, W, windows, groups).reshape(len(x), -1), wanted, atol=1e-12)
    wanted = s.reshape(len(s), -1) @ matrix
    np.testing.assert_allclose(correlation.adjoint(s, W, windows, groups).reshape(len(x), -1), wanted, atol=1e-12)


@by_groups
@by_setting
def test_the_gradient_by_the_kernels_entry_by_entry(setting, groups):
    x, W, s, windows, _ = example(setting, groups)
    found = correlation.by_kernels(s, x, windows, groups)
    assert found.shape == W.shape
    for at in np.ndindex(W.shape):
        one = np.zeros(W.shape)
        one[at] = 1
        np.testing.assert_allclose(found[at], np.vdot(by_loops(x, one, *setting[2:], groups), s), atol=1e-12)


@pytest.mark.parametrize("setting", SETTINGS[:3], ids=str)
def test_both_ways_to_the_adjoint_agree(setting, monkeypatch):
    _, W, s, windows, _ = example(setting, 1)
    flipped = correlation.adjoint(s, W, windows, 1)
    monkeypatch.setattr(correlation, "_reverse", lambda windows: None)
    np.testing.assert_allclose(correlation.adjoint(s, W, windows, 1), flipped, atol=1e-12)


def test_the_last_windows_may_be_left_out():
    """As in a transposed convolution whose output padding is not less than the stride."""
    x, W, s, windows, _ = example(SETTINGS[4], 1)
    fewer = Windows(windows.image, windows.size, (1, 1), windows.padding, windows.dilation, (3, 2))
    whole = correlation.correlate(x, W, windows, 1)
    np.testing.assert_allclose(correlation.correlate(x, W, fewer, 1), whole[:, :, :3, :2], atol=1e-13)
    some = np.zeros_like(s)
    some[:, :, :3, :2] = s[:, :, :3, :2]
    part = np.ascontiguousarray(s[:, :, :3, :2])
    for one, other in [
        (correlation.adjoint(part, W, fewer, 1), correlation.adjoint(some, W, windows, 1)),
        (correlation.by_kernels(part, x, fewer, 1), correlation.by_kernels(some, x, windows, 1)),
    ]:
        np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize("small", [0, 300, 2000, 10**6])
@by_groups
@by_setting
def test_the_width_of_the_tiles_changes_nothing(setting, groups, small, monkeypatch):
    x, W, s, windows, matrix = example(setting, groups, B=3)
    kernels = correlation.by_kernels(s, x, windows, groups)
    monkeypatch.setattr(correlation, "SMALL", small)
    wanted = x.reshape(len(x), -1) @ matrix.T
    np.testing.assert_allclose(correlation.correlate(x, W, windows, groups).reshape(len(x), -1), wanted, atol=1e-12)
    wanted = s.reshape(len(s), -1) @ matrix
    np.testing.assert_allclose(correlation.adjoint(s, W, windows, groups).reshape(len(x), -1), wanted, atol=1e-12)
    np.testing.assert_allclose(correlation.by_kernels(s, x, windows, groups), kernels, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 5, 7), (3, 5, 8), (3, 5, 16), (3, 5, 67), (2, 1, 300), (60, 70, 100)])
@pytest.mark.parametrize("small", [0, 10, 150, 1000, 10**6])
def test_tiles_with_and_without_a_remainder(shape, small, monkeypatch):
    m, k, n = shape
    rng = np.random.default_rng(0)
    A, B, parent = rng.normal(size=(2, m, k)), rng.normal(size=(4, 2, k, n)), np.full((4, 2, m, n + 5), np.nan)
    monkeypatch.setattr(correlation, "SMALL", small)
    for right in (B, np.ascontiguousarray(B.swapaxes(-1, -2)).swapaxes(-1, -2)):
        parent[...] = np.nan
        correlation._multiply(A, right, parent[..., 2:-3])
        np.testing.assert_allclose(parent[..., 2:-3], A @ B, atol=1e-12)
        assert np.isnan(parent[..., :2]).all() and np.isnan(parent[..., -3:]).all()


def test_groups_and_channels_that_do_not_fit():
    with pytest.raises(ValueError) as caught:
        correlation.agree_groups(2.0, c=4)
    assert str(caught.value) == "`groups` must be an integer that divides c = 4, got 2.0"
    with pytest.raises(ValueError, match=r"`W` must have c / groups = 2 input channels, .* got shape \(2, 4, 1, 1\)"):
        correlation.agree_channels(np.ones((1, 4, 2, 2)), np.ones((2, 4, 1, 1)), 2)
    assert correlation.agree_channels(np.ones((1, 4, 2, 2)), np.ones((2, 2, 1, 1)), np.uint8(2)) == 2
