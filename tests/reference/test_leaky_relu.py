"""The leaky rectified linear unit against a choice, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnsym.reference import leaky_relu, relu

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (5,), (3, 1), (2, 3, 4), (2, 1, 3, 2), (0, 3)]
SLOPES = [0.01, 0, 0.25, 1, 3, -0.5, np.float64(0.2)]
RTOL = {np.float32: 1e-6, np.float64: 1e-14}


def example(shape, dtype, seed=0):
    """Entries at least 0.1 away from 0, where there is no derivative."""
    rng = np.random.default_rng(seed)
    s = rng.uniform(0.1, 2, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    return np.asarray(s, dtype), np.asarray(rng.normal(size=shape), dtype)


def autograd_gradient(grad_z, s, slope):
    def cost(s):
        return anp.sum(grad_z * anp.where(s > 0, s, slope * s))

    return autograd.grad(cost)(s.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_scales_the_negative_entries(shape, slope, dtype):
    s, _ = example(shape, dtype)
    wanted = np.array([v if v > 0 else slope * v for v in s.ravel().tolist()]).reshape(shape)
    check(leaky_relu.forward(s, slope), wanted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, slope, dtype):
    s, grad_z = example(shape, dtype)
    check(leaky_relu.backward(grad_z, s, slope), autograd_gradient(grad_z, s, slope), dtype)


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape, slope):
    s, grad_z = example(shape, np.float64)
    step = 1e-3
    slopes = (leaky_relu.forward(s + step, slope) - leaky_relu.forward(s - step, slope)) / (2 * step)
    np.testing.assert_allclose(leaky_relu.backward(grad_z, s, slope), grad_z * slopes, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_z, s: 1.001 * leaky_relu.backward(grad_z, s, 0.25),
        lambda grad_z, s: leaky_relu.backward(grad_z, s),
        lambda grad_z, s: leaky_relu.backward(grad_z, -s, 0.25),
        lambda grad_z, s: relu.backward(grad_z, s),
        # The slope of a negative gradient instead of a negative input.
        lambda grad_z, s: leaky_relu.backward(grad_z, grad_z, 0.25),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    s, grad_z = example((2, 3, 4), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_z, s).astype(dtype), autograd_gradient(grad_z, s, 0.25), dtype)


def test_values_by_hand():
    s = np.array([-100.0, -0.0, 0.0, 5.0])
    np.testing.assert_array_equal(leaky_relu.forward(s), [-1.0, 0.0, 0.0, 5.0])
    # At 0, of either sign, the slope of the negative side.
    np.testing.assert_array_equal(leaky_relu.backward(np.full(4, 8.0), s, 0.25), [2.0, 2.0, 2.0, 8.0])


@given(arrays(np.float64, (2, 3), elements=st.floats(-1e6, 1e6)), st.floats(-2, 2))
def test_laws(s, slope):
    z = leaky_relu.forward(s, slope)
    # A mixture of the unit that does not leak and the identity.
    np.testing.assert_allclose(z, (1 - slope) * relu.forward(s) + slope * s, rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(leaky_relu.forward(s, 0), relu.forward(s))
    np.testing.assert_array_equal(leaky_relu.backward(s, s, 0), relu.backward(s, s))
    np.testing.assert_array_equal(leaky_relu.forward(s, 1), s)
    # Homogeneous of degree 1: s f'(s) = f(s), at 0 also.
    np.testing.assert_array_equal(leaky_relu.backward(s, s, slope), z)


def test_a_large_slope_overflows_only_where_it_acts():
    with np.errstate(over="raise"):
        np.testing.assert_array_equal(leaky_relu.forward(np.array([1e300]), 1e300), [1e300])


def test_what_is_refused():
    s = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`grad_z` .*\(2, 3\) as in `s`, got \(3,\)"):
        leaky_relu.backward(np.ones(3), s)
    with pytest.raises(TypeError, match="`grad_z` must have dtype float64"):
        leaky_relu.backward(s.astype(np.float32), s)
    with pytest.raises(TypeError, match="`s` must be a NumPy array .* dtype int64"):
        leaky_relu.forward(np.ones(3, np.int64))
    for call in (lambda slope: leaky_relu.forward(s, slope), lambda slope: leaky_relu.backward(s, s, slope)):
        with pytest.raises(ValueError, match="`slope` must be a finite float64, got nan"):
            call(np.nan)
        with pytest.raises(TypeError, match="`slope` must be a number, got ndarray"):
            call(np.ones(3))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    s, wrong = np.ones(2), np.array([1.0, bad])
    for call in (lambda: leaky_relu.forward(wrong), lambda: leaky_relu.backward(s, wrong)):
        with pytest.raises(ValueError, match=rf"`s` must be finite, got {bad} at \(1,\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_z` must be finite, got {bad} at \(1,\)"):
        leaky_relu.backward(wrong, s)
