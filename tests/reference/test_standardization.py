"""Standardising against sums written out, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference.standardization import (
    affine,
    affine_backward,
    per_channel,
    standardize,
    standardize_backward,
)

CASES = [((1, 1), (1,)), ((4, 3), (0,)), ((4, 3), (1,)), ((2, 3, 4, 5), (0, 2, 3)), ((2, 3, 4), (-2, -1))]
EPS = 0.1


def example(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(3, 2, size=shape), rng.normal(size=shape)


def autograd_gradient(g, x, axes):
    def cost(x):
        deviation = x - anp.mean(x, axis=axes, keepdims=True)
        return anp.sum(g * deviation / anp.sqrt(anp.mean(deviation**2, axis=axes, keepdims=True) + EPS))

    return autograd.grad(cost)(x)


@pytest.mark.parametrize(("shape", "axes"), CASES)
def test_forward_is_numpy_s_mean_and_variance(shape, axes):
    x, _ = example(shape)
    y, mean, var = standardize(x, axes, EPS)
    np.testing.assert_allclose(mean, x.mean(axis=axes, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(var, x.var(axis=axes, ddof=0, keepdims=True), rtol=1e-14, atol=1e-30)
    np.testing.assert_allclose(y * np.sqrt(var + EPS) + mean, x, rtol=1e-13)


@pytest.mark.parametrize(("shape", "axes"), CASES)
def test_backward_agrees_with_autograd_and_with_central_differences(shape, axes):
    x, g = example(shape)
    found = standardize_backward(g, x, axes, EPS)
    np.testing.assert_allclose(found, autograd_gradient(g, x, axes), rtol=1e-11, atol=1e-13)
    v, _ = example(shape, seed=1)
    up, down = (np.vdot(g, standardize(x + t * v, axes, EPS)[0]) for t in (1e-5, -1e-5))
    np.testing.assert_allclose(np.vdot(found, v), (up - down) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "wrong",
    [
        # The mean, or the variance, taken for a constant.
        lambda g, y, root: (g - y * np.mean(y * g, axis=0)) / root,
        lambda g, y, root: (g - np.mean(g, axis=0)) / root,
        lambda g, y, root: g / root,
    ],
)
def test_the_check_catches_a_gradient_that_leaves_out_a_path(wrong):
    x, g = example((4, 3))
    y, _, var = standardize(x, (0,), EPS)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(wrong(g, y, np.sqrt(var + EPS)), autograd_gradient(g, x, (0,)), rtol=1e-3)


@given(st.integers(2, 6), st.integers(1, 4), st.floats(-50, 50), st.integers(0, 999))
def test_a_shift_changes_nothing_and_the_gradient_sums_to_0(n, k, shift, seed):
    x, g = example((n, k), seed)
    y = standardize(x, (0,), EPS)[0]
    np.testing.assert_allclose(standardize(x + shift, (0,), EPS)[0], y, atol=1e-11)
    np.testing.assert_allclose(y.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(standardize_backward(g, x, (0,), EPS).sum(axis=0), 0, atol=1e-12)


def test_a_large_mean_costs_no_more_digits_than_the_input_has():
    x = np.array([1e8 + 1, 1e8 - 1, 1e8 + 1, 1e8 - 1])
    y, _, var = standardize(x, (0,), 3.0)
    np.testing.assert_array_equal(var, [1.0])
    np.testing.assert_array_equal(y, [0.5, -0.5, 0.5, -0.5])


@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 4, 5)])
def test_the_affine_map_of_each_channel_and_its_gradients(shape):
    y, g = example(shape)
    gamma, beta = np.array([2.0, -1.0, 0.5]), np.array([0.0, 1.0, 3.0])
    for c in range(3):
        np.testing.assert_allclose(affine(y, gamma, beta)[:, c], gamma[c] * y[:, c] + beta[c], rtol=1e-15)
    grad_y, grad_gamma, grad_beta = affine_backward(g, y, gamma)
    for c in range(3):
        np.testing.assert_allclose(grad_y[:, c], gamma[c] * g[:, c])
        np.testing.assert_allclose(grad_gamma[c], np.vdot(g[:, c], y[:, c]), rtol=1e-12)
        np.testing.assert_allclose(grad_beta[c], g[:, c].sum(), rtol=1e-12, atol=1e-14)


def test_each_entry_meets_its_own_channel():
    assert per_channel(np.ones(3), np.ones((2, 3, 4, 5))).shape == (3, 1, 1)
    assert per_channel(np.ones(3), np.ones((2, 3))).shape == (3,)
