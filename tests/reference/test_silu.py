"""The sigmoid linear unit against SciPy, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnsym.reference import silu

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (5,), (3, 1), (2, 3, 4), (2, 1, 3, 2), (0, 3)]
RTOL = {np.float32: 5e-6, np.float64: 1e-13}


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    draw = rng.normal(scale=2, size=(2, *shape)).astype(dtype)
    return np.asarray(draw[0]), np.asarray(draw[1])


def autograd_gradient(grad_z, s):
    def cost(s):
        return anp.sum(grad_z * s / (1 + anp.exp(-s)))

    return autograd.grad(cost)(s.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype], atol=RTOL[dtype] / 10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_agrees_with_scipy(shape, dtype):
    s, _ = example(shape, dtype)
    double = s.astype(np.float64)
    check(silu.forward(s), double * scipy.special.expit(double), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    s, grad_z = example(shape, dtype)
    check(silu.backward(grad_z, s), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape):
    s, grad_z = example(shape, np.float64)
    step = 1e-5
    slopes = (silu.forward(s + step) - silu.forward(s - step)) / (2 * step)
    np.testing.assert_allclose(silu.backward(grad_z, s), grad_z * slopes, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("value", [-700.0, -40.0, -3.0, -1e-9, 0.5, 40.0, 700.0])
def test_every_digit_down_the_tail(value):
    with mpmath.workdps(60):
        x = mpmath.mpf(value)
        z = x / (1 + mpmath.exp(-x))
        slope = (1 + mpmath.exp(-x) * (1 + x)) / (1 + mpmath.exp(-x)) ** 2
    s = np.array([value])
    np.testing.assert_allclose(silu.forward(s), [float(z)], rtol=1e-14)
    np.testing.assert_allclose(silu.backward(np.ones(1), s), [float(slope)], rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_z, s: 1.001 * silu.backward(grad_z, s),
        lambda grad_z, s: grad_z * scipy.special.expit(s),
        # s (1 - s) in the place of z (1 - z).
        lambda grad_z, s: grad_z * (scipy.special.expit(s) + s * s * (1 - s)),
        lambda grad_z, s: silu.backward(grad_z, -s),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    s, grad_z = example((2, 3, 4), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_z, s).astype(dtype), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_entries_do_not_overflow(dtype):
    largest = np.finfo(dtype).max
    s = np.array([-largest, largest], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        z, slope = silu.forward(s), silu.backward(np.ones_like(s), s)
    np.testing.assert_array_equal(z, np.array([0, largest], dtype), strict=True)
    np.testing.assert_array_equal(slope, np.array([0, 1], dtype), strict=True)


@given(arrays(np.float64, (2, 3), elements=st.floats(-50, 50)))
def test_symmetry(s):
    # sigmoid(s) + sigmoid(-s) = 1, so the unit differs from its reflection by the identity.
    np.testing.assert_allclose(silu.forward(s) - silu.forward(-s), s, rtol=1e-14, atol=1e-300)
    ones = np.ones_like(s)
    np.testing.assert_allclose(silu.backward(ones, s) + silu.backward(ones, -s), 1, rtol=1e-14)


def test_what_is_refused():
    s = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`grad_z` .*\(2, 3\) as in `s`, got \(3,\)"):
        silu.backward(np.ones(3), s)
    with pytest.raises(TypeError, match="`grad_z` must have dtype float64"):
        silu.backward(s.astype(np.float32), s)
    with pytest.raises(TypeError, match="`s` must be a NumPy array .* dtype int64"):
        silu.forward(np.ones(3, np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    s, wrong = np.ones(2), np.array([1.0, bad])
    for call in (lambda: silu.forward(wrong), lambda: silu.backward(s, wrong)):
        with pytest.raises(ValueError, match=rf"`s` must be finite, got {bad} at \(1,\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_z` must be finite, got {bad} at \(1,\)"):
        silu.backward(wrong, s)
