"""The hyperbolic tangent against exponentials, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnsym.reference import tanh

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (5,), (3, 1), (2, 3, 4), (2, 1, 3, 2)]
RTOL = {np.float32: 5e-6, np.float64: 1e-13}


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    draw = rng.normal(scale=2, size=(2, *shape)).astype(dtype)
    return np.asarray(draw[0]), np.asarray(draw[1])


def autograd_gradient(grad_z, s):
    def cost(s):
        return anp.sum(grad_z * (anp.exp(2 * s) - 1) / (anp.exp(2 * s) + 1))

    return autograd.grad(cost)(s.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_a_quotient_of_exponentials(shape, dtype):
    s, _ = example(shape, dtype)
    up, down = np.exp(s.astype(np.float64)), np.exp(-s.astype(np.float64))
    check(tanh.forward(s), (up - down) / (up + down), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    s, grad_z = example(shape, dtype)
    check(tanh.backward(grad_z, s), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape):
    s, grad_z = example(shape, np.float64)
    # The layer acts entry by entry, so one step moves every entry at once.
    step = 1e-5
    slopes = (tanh.forward(s + step) - tanh.forward(s - step)) / (2 * step)
    np.testing.assert_allclose(tanh.backward(grad_z, s), grad_z * slopes, rtol=1e-7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda grad_z, s: 1.001 * tanh.backward(grad_z, s),
        lambda grad_z, s: grad_z * tanh.forward(s),
        lambda grad_z, s: tanh.backward(grad_z, tanh.forward(s)),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    s, grad_z = example((2, 3, 4), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_z, s).astype(dtype), autograd_gradient(grad_z, s), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_entries_neither_overflow_nor_lose_their_digits(dtype):
    s = np.array([-1e4, -20.0, 20.0, 1e4], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        z, slope = tanh.forward(s), tanh.backward(np.ones_like(s), s)
    np.testing.assert_array_equal(z, np.array([-1, -1, 1, 1], dtype), strict=True)
    tail = 4 * np.exp(-40.0)
    np.testing.assert_allclose(slope, [0, tail, tail, 0], rtol=RTOL[dtype])


@given(arrays(np.float64, (2, 3), elements=st.floats(-50, 50)))
def test_symmetry(s):
    np.testing.assert_array_equal(tanh.forward(-s), -tanh.forward(s), strict=True)
    ones = np.ones_like(s)
    np.testing.assert_array_equal(
        tanh.backward(ones, s), tanh.backward(ones, -s), strict=True
    )


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 999))
def test_backward_is_linear_in_the_gradient(a, b, seed):
    s, g = example((2, 3), np.float64, seed)
    _, h = example((2, 3), np.float64, seed + 1)
    np.testing.assert_allclose(
        tanh.backward(a * g + b * h, s),
        a * tanh.backward(g, s) + b * tanh.backward(h, s),
        atol=1e-14,
    )


def test_shapes_and_dtypes_that_do_not_agree():
    s = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`grad_z` .*\(2, 3\) as in `s`, got \(3,\)"):
        tanh.backward(np.ones(3), s)
    with pytest.raises(TypeError, match="`grad_z` must have dtype float64"):
        tanh.backward(s.astype(np.float32), s)
    with pytest.raises(TypeError, match="`s` must be a NumPy array .* dtype int64"):
        tanh.forward(np.ones(3, np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    s, wrong = -np.ones(2), np.array([1.0, bad])
    for call in (lambda: tanh.forward(wrong), lambda: tanh.backward(s, wrong)):
        with pytest.raises(ValueError, match=rf"`s` must be finite, got {bad} at \(1,\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_z` must be finite, got {bad} at \(1,\)"):
        tanh.backward(wrong, s)
