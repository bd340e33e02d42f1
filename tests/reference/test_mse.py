"""The mean squared error against sums written out, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import mse

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1, 1), (5,), (4, 3), (2, 3, 4, 5)]
RTOL = {np.float32: 5e-6, np.float64: 1e-13}


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    draw = rng.normal(scale=2, size=(2, *shape)).astype(dtype)
    return np.asarray(draw[0]), np.asarray(draw[1])


def autograd_gradient(y, t):
    def cost(y):
        return anp.sum((y - t) ** 2) / t.size

    return autograd.grad(cost)(y.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == np.shape(wanted)
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype], atol=RTOL[dtype] / 10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_sum_over_the_count(shape, dtype):
    y, t = example(shape, dtype)
    pairs = list(zip(y.ravel().tolist(), t.ravel().tolist(), strict=True))
    check(mse.forward(y, t), np.float64(sum((a - b) ** 2 for a, b in pairs) / len(pairs)), dtype)


def test_values_by_hand():
    y, t = np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([[4.0, 1.0], [0.0, 1.0]])
    # The errors are -3, 1, 0 and 2.
    assert mse.forward(y, t) == 14 / 4
    np.testing.assert_array_equal(mse.backward(y, t), [[-1.5, 0.5], [0.0, 1.0]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    y, t = example(shape, dtype)
    check(mse.backward(y, t), autograd_gradient(y, t), dtype)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_central_differences(shape):
    y, t = example(shape, np.float64)
    v, _ = example(shape, np.float64, seed=1)
    # A quadratic has central differences without error.
    slope = (mse.forward(y + v, t) - mse.forward(y - v, t)) / 2
    np.testing.assert_allclose(np.vdot(mse.backward(y, t), v), slope, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda y, t: 1.001 * mse.backward(y, t),
        lambda y, t: mse.backward(y, t) / 2,
        lambda y, t: y.shape[1] * mse.backward(y, t),
        lambda y, t: mse.backward(t, y),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    y, t = example((4, 3), dtype)
    with pytest.raises(AssertionError):
        check(wrong(y, t).astype(dtype), autograd_gradient(y, t), dtype)


@given(st.integers(1, 4), st.integers(1, 5), st.floats(-5, 5), st.integers(0, 999))
def test_laws(B, d, shift, seed):
    y, t = example((B, d), np.float64, seed)
    loss = mse.forward(y, t)
    assert loss >= 0 and mse.forward(y, y) == 0
    np.testing.assert_allclose(mse.forward(t, y), loss)
    np.testing.assert_allclose(mse.forward(y + shift, t + shift), loss, rtol=1e-10)
    # Homogeneous of degree 2 in the errors: <grad, y - t> is twice the loss.
    np.testing.assert_allclose(np.vdot(mse.backward(y, t), y - t), 2 * loss, rtol=1e-12)


@pytest.mark.parametrize("layer", [mse.forward, mse.backward])
def test_what_is_refused(layer):
    y = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"`t` .*\(2, 3\) as in `y`, got \(3,\)"):
        layer(y, y[0])
    for empty in (y[:0], y[:, :0]):
        with pytest.raises(ValueError, match="`y` must have an entry to take the mean of, got shape"):
            layer(empty, empty)
    with pytest.raises(TypeError, match="`t` must have dtype float64"):
        layer(y, y.astype(np.float32))
    with pytest.raises(TypeError, match="`y` must be a NumPy array .* dtype int64"):
        layer(y.astype(np.int64), y)
    wrong = np.array([[1.0, np.nan, 1.0]] * 2)
    with pytest.raises(ValueError, match=r"`y` must be finite, got nan at \(0, 1\)"):
        layer(wrong, y)
    with pytest.raises(ValueError, match=r"`t` must be finite, got nan at \(0, 1\)"):
        layer(y, wrong)
