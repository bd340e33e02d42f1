"""The softmax against SciPy, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import softmax

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1), (1, 4), (5, 1), (4, 7)]  # B, d
TOL = {np.float32: 2e-6, np.float64: 1e-13}


def example(size, dtype, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(scale=2, size=size).astype(dtype), rng.normal(size=size).astype(dtype)


def autograd_gradient(grad_p, logits):
    def cost(logits):
        return anp.sum(grad_p * anp.exp(logits) / anp.sum(anp.exp(logits), axis=1, keepdims=True))

    return autograd.grad(cost)(logits.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_forward_agrees_with_scipy(size, dtype):
    logits, _ = example(size, dtype)
    check(softmax.forward(logits), scipy.special.softmax(logits.astype(np.float64), axis=1), dtype)


def test_values_by_hand():
    logits = np.log([[1.0, 2.0, 5.0], [4.0, 4.0, 8.0]])
    np.testing.assert_allclose(softmax.forward(logits), [[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]], rtol=1e-15)
    # p (g - <p, g>) with p = (1/4, 1/4, 1/2) and g = (4, 0, 2): <p, g> = 2.
    found = softmax.backward(np.array([[4.0, 0.0, 2.0]]), logits[1:])
    np.testing.assert_allclose(found, [[0.5, -0.5, 0.0]], atol=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_autograd(size, dtype):
    logits, grad_p = example(size, dtype)
    check(softmax.backward(grad_p, logits), autograd_gradient(grad_p, logits), dtype)


@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_central_differences(size):
    logits, grad_p = example(size, np.float64)
    v, _ = example(size, np.float64, seed=1)
    up, down = (np.vdot(grad_p, softmax.forward(logits + t * v)) for t in (1e-5, -1e-5))
    along = np.vdot(softmax.backward(grad_p, logits), v)
    np.testing.assert_allclose(along, (up - down) / 2e-5, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, x: 1.001 * softmax.backward(g, x),
        # The diagonal of the Jacobian alone, as if the layer acted entry by entry.
        lambda g, x: g * softmax.forward(x) * (1 - softmax.forward(x)),
        lambda g, x: softmax.backward(g, softmax.forward(x)),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    logits, grad_p = example((4, 7), dtype)
    with pytest.raises(AssertionError):
        check(wrong(grad_p, logits).astype(dtype), autograd_gradient(grad_p, logits), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_logits_do_not_overflow(dtype):
    logits = np.array([[1e4, 0.0], [-1e4, -1e4]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        p = softmax.forward(logits)
    np.testing.assert_array_equal(p, np.array([[1, 0], [0.5, 0.5]], dtype), strict=True)


@given(st.integers(1, 4), st.integers(1, 5), st.floats(-50, 50), st.integers(0, 999))
def test_laws(B, d, shift, seed):
    logits, grad_p = example((B, d), np.float64, seed)
    p = softmax.forward(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax.forward(logits + shift), p, rtol=1e-11)
    grad = softmax.backward(grad_p, logits)
    np.testing.assert_allclose(grad.sum(axis=1), 0, atol=1e-14)
    # A gradient constant on a row sees only the sum of the row, which is 1.
    np.testing.assert_allclose(softmax.backward(grad_p + shift, logits), grad, atol=1e-12)


def test_what_is_refused():
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`logits` must have shape \(B, d\), got \(3,\)"):
        softmax.forward(x[0])
    with pytest.raises(ValueError, match="B at least 1"):
        softmax.forward(x[:0])
    with pytest.raises(ValueError, match="d at least 1"):
        softmax.forward(x[:, :0])
    with pytest.raises(ValueError, match=r"`grad_p` .* B = 2 as in `logits`"):
        softmax.backward(x[:1], x)
    with pytest.raises(TypeError, match="`logits` must be a NumPy array .* dtype int64"):
        softmax.forward(np.ones((2, 3), np.int64))
    with pytest.raises(TypeError, match="`grad_p` must have dtype float64"):
        softmax.backward(x.astype(np.float32), x)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    x, wrong = np.ones((2, 3)), np.ones((2, 3))
    wrong[1, 2] = bad
    for call in (lambda: softmax.forward(wrong), lambda: softmax.backward(x, wrong)):
        with pytest.raises(ValueError, match=rf"`logits` must be finite, got {bad} at \(1, 2\)"):
            call()
    with pytest.raises(ValueError, match=rf"`grad_p` must be finite, got {bad} at \(1, 2\)"):
        softmax.backward(wrong, x)
