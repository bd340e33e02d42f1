"""Softmax with cross-entropy against SciPy, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import softmax_cross_entropy

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1), (1, 4), (5, 1), (4, 7)]  # B, d
KINDS = ["one-hot", "soft", "any sum"]
TOL = {np.float32: 5e-6, np.float64: 1e-12}


def example(size, kind, dtype, seed=0):
    rng = np.random.default_rng(seed)
    B, d = size
    targets = rng.uniform(0.1, 1, size=size)
    if kind == "one-hot":
        targets = np.eye(d)[rng.integers(d, size=B)]
    elif kind == "soft":
        targets /= targets.sum(axis=1, keepdims=True)
    return rng.normal(scale=2, size=size).astype(dtype), targets.astype(dtype)


def autograd_gradient(logits, targets):
    def cost(logits):
        p = anp.exp(logits) / anp.sum(anp.exp(logits), axis=1, keepdims=True)
        return anp.mean(-anp.sum(targets * anp.log(p), axis=1))

    return autograd.grad(cost)(logits.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype] / 10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_forward_agrees_with_scipy(size, kind, dtype):
    logits, targets = example(size, kind, dtype)
    log_p = scipy.special.log_softmax(logits.astype(np.float64), axis=1)
    wanted = np.mean([-np.dot(t, row) for t, row in zip(targets, log_p, strict=True)])
    check(softmax_cross_entropy.forward(logits, targets), wanted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_autograd(size, kind, dtype):
    logits, targets = example(size, kind, dtype)
    found = softmax_cross_entropy.backward(logits, targets)
    check(found, autograd_gradient(logits, targets), dtype)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_backward_agrees_with_central_differences(size, kind):
    logits, targets = example(size, kind, np.float64)
    direction, _ = example(size, kind, np.float64, seed=1)

    def cost(t):
        return softmax_cross_entropy.forward(logits + t * direction, targets)

    slope = (cost(1e-5) - cost(-1e-5)) / 2e-5
    along = np.vdot(softmax_cross_entropy.backward(logits, targets), direction)
    np.testing.assert_allclose(along, slope, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, t: 1.001 * softmax_cross_entropy.backward(x, t),
        lambda x, t: len(x) * softmax_cross_entropy.backward(x, t),
        # Right only when every row of targets sums to 1.
        lambda x, t: (scipy.special.softmax(x, axis=1) - t) / len(x),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    logits, targets = example((4, 7), "any sum", dtype)
    found = wrong(logits, targets).astype(dtype)
    with pytest.raises(AssertionError):
        check(found, autograd_gradient(logits, targets), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_logits_neither_overflow_nor_vanish(dtype):
    logits = np.array([[1e4, 0.0], [-1e4, 0.0]], dtype)
    targets = np.array([[0.0, 1.0], [1.0, 0.0]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss = softmax_cross_entropy.forward(logits, targets)
        grad = softmax_cross_entropy.backward(logits, targets)
    assert loss == dtype(1e4)
    wanted = np.array([[0.5, -0.5], [-0.5, 0.5]], dtype)
    np.testing.assert_array_equal(grad, wanted, strict=True)


@given(st.integers(1, 4), st.integers(1, 5), st.floats(-50, 50), st.integers(0, 999))
def test_a_common_shift_of_the_logits_changes_nothing(B, d, shift, seed):
    logits, targets = example((B, d), "any sum", np.float64, seed)
    np.testing.assert_allclose(
        softmax_cross_entropy.forward(logits + shift, targets),
        softmax_cross_entropy.forward(logits, targets),
        rtol=1e-11,
        atol=1e-12,
    )
    grad = softmax_cross_entropy.backward(logits, targets)
    np.testing.assert_allclose(grad.sum(axis=1), 0, atol=1e-14)


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 999))
def test_loss_and_gradient_are_linear_in_the_targets(a, b, seed):
    logits, t = example((3, 4), "any sum", np.float64, seed)
    _, u = example((3, 4), "soft", np.float64, seed + 1)
    for layer in (softmax_cross_entropy.forward, softmax_cross_entropy.backward):
        np.testing.assert_allclose(
            layer(logits, a * t + b * u),
            a * layer(logits, t) + b * layer(logits, u),
            atol=1e-12,
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("integers", [np.int64, np.int32, np.uint8])
@pytest.mark.parametrize("size", SIZES)
def test_a_label_stands_for_the_weight_1_of_its_class(size, integers, dtype):
    logits, _ = example(size, "soft", dtype)
    labels = np.random.default_rng(1).integers(size[1], size=size[0]).astype(integers)
    targets = np.eye(size[1], dtype=dtype)[labels]
    for layer in (softmax_cross_entropy.forward, softmax_cross_entropy.backward):
        found, wanted = layer(logits, labels), layer(logits, targets)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, wanted, strict=True)


def test_values_by_hand():
    # The softmax is (1/4, 3/4) in both rows.
    logits = np.log([[1.0, 3.0], [2.0, 6.0]])
    loss = softmax_cross_entropy.forward(logits, np.array([0, 1]))
    np.testing.assert_allclose(loss, (np.log(4) + np.log(4 / 3)) / 2, rtol=1e-15)
    grad = softmax_cross_entropy.backward(logits, np.array([0, 1]))
    np.testing.assert_allclose(grad, [[-0.375, 0.375], [0.125, -0.125]], rtol=1e-15)


LAYERS = [softmax_cross_entropy.forward, softmax_cross_entropy.backward]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("label", [3, -1, 100])
def test_labels_of_no_class_are_refused(layer, label):
    with pytest.raises(ValueError) as caught:
        layer(np.ones((2, 3)), np.array([0, label]))
    assert str(caught.value) == f"`targets` must be labels from 0 to d - 1 = 2, got {label} at (1,)"


@pytest.mark.parametrize("layer", LAYERS)
def test_labels_that_are_no_row_of_integers_are_refused(layer):
    logits = np.ones((2, 3))
    for shape in ((2, 3), (3,), (2, 1), ()):
        with pytest.raises(ValueError) as caught:
            layer(logits, np.zeros(shape, int))
        assert str(caught.value) == (
            f"`targets`, being integers, must be labels of shape (B,) with B = 2 as in `logits`, got {shape}"
        )
    # Labels in floats could be weights as well.
    with pytest.raises(ValueError, match=r"`targets` must have shape \(B, d\) .* got \(2,\)"):
        layer(logits, np.zeros(2))
    for wrong in (np.array([True, False]), [0, 1]):
        with pytest.raises(TypeError, match="`targets` must be a NumPy array of float32 or float64"):
            layer(logits, wrong)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(layer, bad):
    good, wrong = np.ones((2, 3)), np.ones((2, 3))
    wrong[1, 0] = bad
    for targets in (good, np.array([0, 1])):
        with pytest.raises(ValueError, match=rf"`logits` must be finite, got {bad} at \(1, 0\)"):
            layer(wrong, targets)
    with pytest.raises(ValueError, match=rf"`targets` must be finite, got {bad} at \(1, 0\)"):
        layer(good, wrong)


def test_shapes_and_dtypes_that_do_not_agree():
    logits = np.ones((2, 3))
    for layer in (softmax_cross_entropy.forward, softmax_cross_entropy.backward):
        with pytest.raises(ValueError, match=r"`targets` .* B = 2 .* got \(1, 3\)"):
            layer(logits, logits[:1])
        with pytest.raises(ValueError, match="B at least 1"):
            layer(logits[:0], logits[:0])
        with pytest.raises(TypeError, match="`targets` must have dtype float64"):
            layer(logits, logits.astype(np.float32))
