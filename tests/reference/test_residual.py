"""The residual connection around a branch, against autograd and slopes of the whole."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import linear, residual, tanh

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (4, 3), (2, 3, 4, 5)]
RTOL = {np.float32: 5e-6, np.float64: 1e-12}


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    draw = rng.normal(size=(3, *shape)).astype(dtype)
    return [np.asarray(a) for a in draw]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_sum_and_its_gradients(shape, dtype):
    x, branch, grad_y = example(shape, dtype)
    y = residual.forward(x, branch)
    assert y.dtype == dtype and y.shape == shape
    wanted = [a + b for a, b in zip(x.ravel(), branch.ravel(), strict=True)]
    np.testing.assert_array_equal(y, np.reshape(wanted, shape))
    for found in residual.backward(grad_y):
        np.testing.assert_array_equal(found, grad_y, strict=True)


def test_the_gradients_are_two_copies():
    grad_y = np.zeros(2)
    grad_x, grad_branch = residual.backward(grad_y)
    grad_x += 1
    grad_branch += 2
    np.testing.assert_array_equal([grad_y, grad_x, grad_branch], [[0, 0], [1, 1], [2, 2]])


def block(x, W, b):
    """`x + tanh(W x + b)`, out of the layers."""
    return residual.forward(x, tanh.forward(linear.forward(x, W, b)))


def block_gradient(grad_y, x, W, b):
    grad_x, grad_branch = residual.backward(grad_y)
    grad_s = tanh.backward(grad_branch, linear.forward(x, W, b))
    return grad_x + linear.backward(grad_s, x, W)[0]


def autograd_gradient(grad_y, x, W, b):
    def cost(x):
        return anp.sum(grad_y * (x + anp.tanh(anp.dot(x, W.T) + b)))

    return autograd.grad(cost)(x.astype(np.float64))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("B", "n"), [(1, 1), (4, 3)])
def test_a_block_agrees_with_autograd(B, n, dtype):
    x, _, grad_y = example((B, n), dtype)
    W, b = example((n, n), dtype, seed=1)[0], example((n,), dtype, seed=2)[0]
    found, wanted = block_gradient(grad_y, x, W, b), autograd_gradient(grad_y, x, W, b)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, wanted, rtol=RTOL[dtype], atol=RTOL[dtype])
    # Without the skip the gradient is another.
    assert not np.allclose(found - grad_y, wanted)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 999))
def test_a_block_agrees_with_central_differences(B, n, seed):
    x, v, grad_y = example((B, n), np.float64, seed)
    W, b = example((n, n), np.float64, seed + 1)[0], example((n,), np.float64, seed + 2)[0]
    up, down = (np.vdot(grad_y, block(x + t * v, W, b)) for t in (1e-5, -1e-5))
    along = np.vdot(block_gradient(grad_y, x, W, b), v)
    np.testing.assert_allclose(along, (up - down) / 2e-5, rtol=1e-6, atol=1e-7)


def test_what_is_refused():
    x = np.ones((2, 3))
    # NumPy would broadcast this branch without a word.
    with pytest.raises(ValueError, match=r"`branch` .*\(2, 3\) as in `x`, got \(3,\)"):
        residual.forward(x, x[0])
    with pytest.raises(TypeError, match="`branch` must have dtype float64"):
        residual.forward(x, x.astype(np.float32))
    with pytest.raises(TypeError, match="`grad_y` must be a NumPy array .* dtype int64"):
        residual.backward(np.ones(3, np.int64))
    wrong = np.array([[1.0, np.inf, 1.0]] * 2)
    with pytest.raises(ValueError, match=r"`x` must be finite, got inf at \(0, 1\)"):
        residual.forward(wrong, x)
    with pytest.raises(ValueError, match=r"`branch` must be finite, got inf at \(0, 1\)"):
        residual.forward(x, wrong)
    with pytest.raises(ValueError, match=r"`grad_y` must be finite, got inf at \(0, 1\)"):
        residual.backward(wrong)
