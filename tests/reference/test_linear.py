"""The linear layer against sums written out, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import linear

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1, 1), (1, 4, 3), (5, 1, 2), (3, 2, 1), (4, 6, 5)]  # B, n, d
RTOL = {np.float32: 2e-5, np.float64: 1e-12}


def example(size, dtype, seed=0):
    B, n, d = size
    rng = np.random.default_rng(seed)
    shapes = [(B, n), (d, n), (d,), (B, d)]
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def autograd_gradients(z, W, b, grad_s):
    """The gradients of <grad_s, s>, with s from an index formula."""

    def cost(z, W, b):
        return anp.sum(grad_s * (anp.einsum("bn,dn->bd", z, W) + b[None, :]))

    return autograd.grad(cost, (0, 1, 2))(z, W, b)


def check(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=RTOL[dtype], atol=RTOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_forward_is_the_sum_over_the_inputs(size, dtype):
    z, W, b, _ = example(size, dtype)
    B, n, d = size
    wanted = np.array(
        [
            [sum(float(W[i, j]) * float(z[k, j]) for j in range(n)) for i in range(d)]
            for k in range(B)
        ]
    ) + b.astype(np.float64)
    check([linear.forward(z, W, b)], [wanted], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_autograd(size, dtype):
    z, W, b, grad_s = example(size, dtype)
    doubles = [a.astype(np.float64) for a in (z, W, b, grad_s)]
    check(linear.backward(grad_s, z, W), autograd_gradients(*doubles), dtype)


@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_central_differences(size):
    z, W, b, grad_s = example(size, np.float64)
    dz, dW, db, _ = example(size, np.float64, seed=1)

    def cost(t):
        return np.vdot(grad_s, linear.forward(z + t * dz, W + t * dW, b + t * db))

    slope = (cost(1e-5) - cost(-1e-5)) / 2e-5
    found = linear.backward(grad_s, z, W)
    along = sum(np.vdot(g, v) for g, v in zip(found, (dz, dW, db), strict=True))
    np.testing.assert_allclose(along, slope, rtol=1e-7)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("wrong", [lambda g: g * 1.001, lambda g: -g, np.zeros_like])
def test_the_check_catches_a_wrong_gradient(which, wrong, dtype):
    z, W, b, grad_s = example((4, 6, 5), dtype)
    found = list(linear.backward(grad_s, z, W))
    found[which] = wrong(found[which]).astype(dtype)
    with pytest.raises(AssertionError):
        check(found, autograd_gradients(z, W, b, grad_s), dtype)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(0, 999))
def test_backward_is_the_adjoint_in_each_argument(B, n, d, seed):
    z, W, b, y = example((B, n, d), np.float64, seed)
    grad_z, grad_W, grad_b = linear.backward(y, z, W)
    product = np.vdot(linear.forward(z, W, np.zeros_like(b)), y)
    bias = np.vdot(linear.forward(np.zeros_like(z), W, b), y)
    np.testing.assert_allclose(np.vdot(z, grad_z), product, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.vdot(W, grad_W), product, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.vdot(b, grad_b), bias, rtol=1e-9, atol=1e-9)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(0, 999))
def test_parameter_gradients_are_sums_over_the_batch(B, n, d, seed):
    z, W, _, grad_s = example((B, n, d), np.float64, seed)
    rows = [linear.backward(grad_s[k, None], z[k, None], W) for k in range(B)]
    _, grad_W, grad_b = linear.backward(grad_s, z, W)
    np.testing.assert_allclose(grad_W, sum(r[1] for r in rows), atol=1e-12)
    np.testing.assert_allclose(grad_b, sum(r[2] for r in rows), atol=1e-12)


def test_shapes_that_do_not_agree():
    z, W, b, grad_s = example((4, 3, 2), np.float64)
    with pytest.raises(ValueError, match=r"`W` .* n = 3 as in `z`, got \(3, 2\)"):
        linear.forward(z, W.T, b)
    # NumPy would broadcast this bias without a word.
    with pytest.raises(ValueError, match=r"`b` .* d = 2 as in `W`, got \(1,\)"):
        linear.forward(z, W, b[:1])
    with pytest.raises(ValueError, match=r"`grad_s` .* B = 4 .* got \(2, 4\)"):
        linear.backward(grad_s.T, z, W)


def test_mixed_dtypes_are_refused():
    z, W, b, _ = example((4, 3, 2), np.float32)
    with pytest.raises(TypeError, match="`W` must have dtype float32 as `z` has"):
        linear.forward(z, W.astype(np.float64), b)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad):
    good = dict(zip(["z", "W", "b", "grad_s"], example((4, 3, 2), np.float64), strict=True))
    for layer, names in ((linear.forward, ["z", "W", "b"]), (linear.backward, ["grad_s", "z", "W"])):
        for name in names:
            wrong = good[name].copy()
            wrong[1] = bad
            with pytest.raises(ValueError, match=rf"`{name}` must be finite, got {bad} at \(1,"):
                layer(*((good | {name: wrong})[n] for n in names))
