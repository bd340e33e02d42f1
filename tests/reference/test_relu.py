"""The rectified linear unit against a choice, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnsym.reference import relu

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (5,), (3, 1), (2, 3, 4), (2, 1, 3, 2)]
RTOL = {np.float32: 1e-6, np.float64: 1e-14}


def example(shape, dtype, seed=0):
    """Entries at least 0.1 away from 0, where there is no derivative."""
    rng = np.random.default_rng(seed)
    s = rng.uniform(0.1, 2, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    return np.asarray(s, dtype), np.asarray(rng.normal(size=shape), dtype)


def autograd_gradient(grad_z, s):
    def cost(s):
        return anp.sum(grad_z * anp.where(s > 0, s, 0.0))

    return autograd.grad(cost)(s.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_keeps_the_positive_entries(shape, dtype):
    s, _ = example(shape, dtype)
    wanted = np.array([v if v > 0 else 0.0 for v in s.ravel()]).reshape(shape)
    check(relu.forward(s), wanted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    s, grad_z = example(shape, dtype)
    check(relu.backward(grad_z, s), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape):
    s, grad_z = example(shape, np.float64)
    # The layer acts entry by entry, so one step moves every entry at once.
    step = 1e-3
    slopes = (relu.forward(s + step) - relu.forward(s - step)) / (2 * step)
    np.testing.assert_allclose(relu.backward(grad_z, s), grad_z * slopes, rtol=1e-10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_z, s: 1.001 * relu.backward(grad_z, s),
        lambda grad_z, s: grad_z * relu.forward(s),
        lambda grad_z, s: relu.backward(grad_z, -s),
        lambda grad_z, s: grad_z,
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    s, grad_z = example((2, 3, 4), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_z, s).astype(dtype), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_subgradient_at_zero_is_zero(dtype):
    s, grad_z = np.array([0.0, -0.0], dtype), np.array([3.0, -3.0], dtype)
    check(relu.backward(grad_z, s), np.zeros(2), dtype)


@given(arrays(np.float64, (2, 3), elements=st.floats(-1e6, 1e6)))
def test_laws(s):
    z = relu.forward(s)
    np.testing.assert_array_equal(z - relu.forward(-s), s)
    np.testing.assert_array_equal(relu.forward(z), z, strict=True)
    # Homogeneous of degree 1: s f'(s) = f(s), at 0 also.
    np.testing.assert_array_equal(relu.backward(s, s), z)


def test_shapes_and_dtypes_that_do_not_agree():
    s = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`grad_z` .*\(2, 3\) as in `s`, got \(3,\)"):
        relu.backward(np.ones(3), s)
    with pytest.raises(TypeError, match="`grad_z` must have dtype float64"):
        relu.backward(s.astype(np.float32), s)
    with pytest.raises(TypeError, match="`s` must be a NumPy array .* dtype int64"):
        relu.forward(np.ones(3, np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    # A closed unit would hide what an open one shows.
    s, wrong = -np.ones(2), np.array([1.0, bad])
    for call in (lambda: relu.forward(wrong), lambda: relu.backward(s, wrong)):
        with pytest.raises(ValueError, match=rf"`s` must be finite, got {bad} at \(1,\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_z` must be finite, got {bad} at \(1,\)"):
        relu.backward(wrong, s)
