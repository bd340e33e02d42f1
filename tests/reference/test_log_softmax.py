"""The logarithm of the softmax against SciPy, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import log_softmax, softmax

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1), (1, 4), (5, 1), (4, 7)]  # B, d
TOL = {np.float32: 5e-6, np.float64: 1e-13}


def example(size, dtype, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(scale=2, size=size).astype(dtype), rng.normal(size=size).astype(dtype)


def autograd_gradient(grad_log_p, logits):
    def cost(logits):
        return anp.sum(grad_log_p * (logits - anp.log(anp.sum(anp.exp(logits), axis=1, keepdims=True))))

    return autograd.grad(cost)(logits.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_forward_agrees_with_scipy(size, dtype):
    logits, _ = example(size, dtype)
    check(log_softmax.forward(logits), scipy.special.log_softmax(logits.astype(np.float64), axis=1), dtype)


def test_values_by_hand():
    logits = np.log([[1.0, 1.0, 2.0]])
    np.testing.assert_allclose(log_softmax.forward(logits), np.log([[0.25, 0.25, 0.5]]), rtol=1e-15)
    # g - p sum(g) with p = (1/4, 1/4, 1/2) and sum(g) = 4.
    found = log_softmax.backward(np.array([[3.0, 0.0, 1.0]]), logits)
    np.testing.assert_allclose(found, [[2.0, -1.0, -1.0]], rtol=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_autograd(size, dtype):
    logits, g = example(size, dtype)
    check(log_softmax.backward(g, logits), autograd_gradient(g, logits), dtype)


@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_central_differences(size):
    logits, g = example(size, np.float64)
    v, _ = example(size, np.float64, seed=1)
    up, down = (np.vdot(g, log_softmax.forward(logits + t * v)) for t in (1e-5, -1e-5))
    along = np.vdot(log_softmax.backward(g, logits), v)
    np.testing.assert_allclose(along, (up - down) / 2e-5, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, x: 1.001 * log_softmax.backward(g, x),
        # Right only when the gradient of a row sums to 1.
        lambda g, x: g - softmax.forward(x),
        lambda g, x: g,
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    logits, g = example((4, 7), dtype)
    with pytest.raises(AssertionError):
        check(wrong(g, logits).astype(dtype), autograd_gradient(g, logits), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_far_logits_keep_their_digits(dtype):
    logits = np.array([[1e4, 0.0], [-1e4, -1e4]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        log_p = log_softmax.forward(logits)
    # The logarithm of the softmax would be the logarithm of 0 in the first row.
    check(log_p, np.array([[0, -1e4], [-np.log(2), -np.log(2)]]), dtype)


@given(st.integers(1, 4), st.integers(1, 5), st.floats(-50, 50), st.integers(0, 999))
def test_laws(B, d, shift, seed):
    logits, g = example((B, d), np.float64, seed)
    log_p = log_softmax.forward(logits)
    np.testing.assert_allclose(np.exp(log_p), softmax.forward(logits), rtol=1e-12)
    np.testing.assert_allclose(log_softmax.forward(logits + shift), log_p, atol=1e-12)
    np.testing.assert_allclose(log_softmax.forward(log_p), log_p, atol=1e-13)
    np.testing.assert_allclose(log_softmax.backward(g, logits).sum(axis=1), 0, atol=1e-13)
    # The chain rule through the logarithm.
    wanted = softmax.backward(g / softmax.forward(logits), logits)
    np.testing.assert_allclose(log_softmax.backward(g, logits), wanted, rtol=1e-9, atol=1e-12)


def test_what_is_refused():
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`logits` must have shape \(B, d\), got \(3,\)"):
        log_softmax.forward(x[0])
    with pytest.raises(ValueError, match="B at least 1"):
        log_softmax.forward(x[:0])
    with pytest.raises(ValueError, match=r"`grad_log_p` .* B = 2 as in `logits`"):
        log_softmax.backward(x[:1], x)
    with pytest.raises(TypeError, match="`logits` must be a NumPy array .* got list"):
        log_softmax.forward([[1.0, 2.0]])
    with pytest.raises(TypeError, match="`grad_log_p` must have dtype float64"):
        log_softmax.backward(x.astype(np.float32), x)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    x, wrong = np.ones((2, 3)), np.ones((2, 3))
    wrong[0, 1] = bad
    for call in (lambda: log_softmax.forward(wrong), lambda: log_softmax.backward(x, wrong)):
        with pytest.raises(ValueError, match=rf"`logits` must be finite, got {bad} at \(0, 1\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_log_p` must be finite, got {bad} at \(0, 1\)"):
        log_softmax.backward(wrong, x)
