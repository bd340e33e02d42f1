"""The Gaussian error linear unit against mpmath, SciPy, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
import scipy.special
from autograd.scipy.special import erf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnsym.reference import gelu

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (5,), (3, 1), (2, 3, 4), (2, 1, 3, 2), (0, 3)]
RTOL = {np.float32: 2e-6, np.float64: 1e-13}


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    draw = rng.normal(scale=2, size=(2, *shape)).astype(dtype)
    return np.asarray(draw[0]), np.asarray(draw[1])


def autograd_gradient(grad_z, s):
    def cost(s):
        return anp.sum(grad_z * s * (1 + erf(s / np.sqrt(2))) / 2)

    return autograd.grad(cost)(s.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype], atol=RTOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_agrees_with_scipy(shape, dtype):
    s, _ = example(shape, dtype)
    double = s.astype(np.float64)
    check(gelu.forward(s), double * scipy.special.ndtr(double), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    s, grad_z = example(shape, dtype)
    check(gelu.backward(grad_z, s), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape):
    s, grad_z = example(shape, np.float64)
    # The layer acts entry by entry, so one step moves every entry at once.
    step = 1e-5
    slopes = (gelu.forward(s + step) - gelu.forward(s - step)) / (2 * step)
    np.testing.assert_allclose(gelu.backward(grad_z, s), grad_z * slopes, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("value", [-30.0, -8.5, -3.0, -0.75, -1e-9, 1e-9, 0.5, 2.0, 6.0, 30.0])
def test_every_digit_down_the_tail(value):
    """1 + erf would be 0 from -8.5 on; what is left is the rounding of the argument."""
    with mpmath.workdps(60):
        x = mpmath.mpf(value)
        wanted = x * mpmath.ncdf(x), mpmath.ncdf(x) + x * mpmath.npdf(x)
    s = np.array([value])
    rtol = 1e-15 * max(4, value**2)
    np.testing.assert_allclose(gelu.forward(s), [float(wanted[0])], rtol=rtol)
    # The derivative has a zero near -0.7518, where its digits go.
    np.testing.assert_allclose(gelu.backward(np.ones(1), s), [float(wanted[1])], rtol=10 * rtol, atol=1e-16)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_z, s: 1.001 * gelu.backward(grad_z, s),
        # The derivative of the approximation by a hyperbolic tangent.
        lambda grad_z, s: (
            autograd.elementwise_grad(
                lambda v: v * (1 + anp.tanh(np.sqrt(2 / np.pi) * (v + 0.044715 * v**3))) / 2,
            )(s.astype(np.float64))
            * grad_z
        ),
        lambda grad_z, s: grad_z * scipy.special.ndtr(s),
        lambda grad_z, s: gelu.backward(grad_z, -s),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    s, grad_z = example((2, 3, 4), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_z, s).astype(dtype), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_entries_do_not_overflow(dtype):
    largest = np.finfo(dtype).max
    s = np.array([-largest, -100, 100, largest], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        z, slope = gelu.forward(s), gelu.backward(np.ones_like(s), s)
    np.testing.assert_array_equal(z, np.array([0, 0, 100, largest], dtype), strict=True)
    np.testing.assert_array_equal(slope, np.array([0, 0, 1, 1], dtype), strict=True)


@given(arrays(np.float64, (2, 3), elements=st.floats(-50, 50)))
def test_symmetry(s):
    # Phi(s) + Phi(-s) = 1, so the unit differs from its reflection by the identity.
    np.testing.assert_allclose(gelu.forward(s) - gelu.forward(-s), s, rtol=1e-14, atol=1e-300)
    ones = np.ones_like(s)
    np.testing.assert_allclose(gelu.backward(ones, s) + gelu.backward(ones, -s), 1, rtol=1e-14)


def test_what_is_refused():
    s = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`grad_z` .*\(2, 3\) as in `s`, got \(3,\)"):
        gelu.backward(np.ones(3), s)
    with pytest.raises(TypeError, match="`grad_z` must have dtype float64"):
        gelu.backward(s.astype(np.float32), s)
    with pytest.raises(TypeError, match="`s` must be a NumPy array .* dtype int64"):
        gelu.forward(np.ones(3, np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    s, wrong = np.ones(2), np.array([1.0, bad])
    for call in (lambda: gelu.forward(wrong), lambda: gelu.backward(s, wrong)):
        with pytest.raises(ValueError, match=rf"`s` must be finite, got {bad} at \(1,\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_z` must be finite, got {bad} at \(1,\)"):
        gelu.backward(wrong, s)
