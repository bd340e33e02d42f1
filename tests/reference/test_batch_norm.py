"""Batch normalisation against its definition, autograd, slopes, plain matrix products, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import batch_norm

DTYPES = [np.float32, np.float64]
SHAPES = [(1, 1), (4, 3), (6, 1), (2, 3, 1, 4), (3, 2, 4, 5)]
TOL = {np.float32: 5e-5, np.float64: 1e-11}
EPS = 1e-3


def example(shape, dtype, seed=0):
    """`x` and the gradient; `gamma`, `beta`, `mean` and `var`."""
    rng = np.random.default_rng(seed)
    C = shape[1]
    x, grad_y = rng.normal(1, 2, size=shape), rng.normal(size=shape)
    gamma, beta, mean, var = rng.normal(1, 0.5, C), rng.normal(size=C), rng.normal(size=C), rng.uniform(0.5, 2, C)
    return [a.astype(dtype) for a in (x, grad_y, gamma, beta, mean, var)]


def axes(x):
    return (0, *range(2, x.ndim))


def over(v, x):
    return v.reshape(1, -1, *[1] * (x.ndim - 2))


def normalised(x, gamma, beta, mean, var):
    """The definition, in any array library that spells as NumPy does."""
    return over(gamma, x) * (x - over(mean, x)) / anp.sqrt(over(var, x) + EPS) + over(beta, x)


def autograd_gradients(grad_y, x, gamma, beta, statistics=None):
    def cost(x, gamma, beta):
        mean = anp.mean(x, axis=axes(x))
        var = anp.mean(x**2, axis=axes(x)) - mean**2
        return anp.sum(grad_y * normalised(x, gamma, beta, *(statistics or (mean, var))))

    return autograd.grad(cost, (0, 1, 2))(*(a.astype(np.float64) for a in (x, gamma, beta)))


def check(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_definition_channel_by_channel(shape, dtype):
    x, _, gamma, beta, _, _ = example(shape, dtype)
    double = x.astype(np.float64)
    y, means, variances = np.empty(shape), np.empty(shape[1]), np.empty(shape[1])
    for c in range(shape[1]):
        entries = double[:, c].ravel().tolist()
        m = len(entries)
        means[c] = sum(entries) / m
        variances[c] = sum((v - means[c]) ** 2 for v in entries) / m
        y[:, c] = gamma[c] * (double[:, c] - means[c]) / np.sqrt(variances[c] + EPS) + beta[c]
    check(batch_norm.forward(x, gamma, beta, EPS), (y, means, variances), dtype)


def test_values_by_hand():
    # Mean 4, biased variance 1 (the unbiased one would be 2), and eps 3.
    x, gamma, beta = np.array([[3.0], [5.0]]), np.array([2.0]), np.array([7.0])
    y, mean, var = batch_norm.forward(x, gamma, beta, eps=3.0)
    np.testing.assert_array_equal(y, [[6.0], [8.0]])
    assert (mean.tolist(), var.tolist()) == ([4.0], [1.0])
    # With y^ = -1/2 and 1/2 and 2 g = 16 and 0: (2 g - 8 + 4 y^) / 2.
    grads = batch_norm.backward(np.array([[8.0], [0.0]]), x, gamma, eps=3.0)
    for found, wanted in zip(grads, ([[3.0], [-3.0]], [-4.0], [8.0]), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_backward_agrees_with_autograd(shape, dtype):
    x, grad_y, gamma, beta, _, _ = example(shape, dtype)
    found = batch_norm.backward(grad_y, x, gamma, EPS)
    check(found, autograd_gradients(grad_y, x, gamma, beta), dtype)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_backward_agrees_with_central_differences(shape, training):
    x, grad_y, gamma, beta, mean, var = example(shape, np.float64)
    dx, _, dgamma, dbeta, _, _ = example(shape, np.float64, seed=1)

    def cost(t):
        moved = (x + t * dx, gamma + t * dgamma, beta + t * dbeta)
        y = batch_norm.forward(*moved, EPS)[0] if training else batch_norm.evaluate(*moved, mean, var, EPS)
        return np.vdot(grad_y, y)

    found = (
        batch_norm.backward(grad_y, x, gamma, EPS)
        if training
        else batch_norm.evaluate_backward(grad_y, x, gamma, mean, var, EPS)
    )
    along = sum(np.vdot(g, v) for g, v in zip(found, (dx, dgamma, dbeta), strict=True))
    np.testing.assert_allclose(along, (cost(1e-5) - cost(-1e-5)) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_evaluation_is_the_definition_with_constants(shape, dtype):
    x, grad_y, gamma, beta, mean, var = example(shape, dtype)
    doubles = [a.astype(np.float64) for a in (x, gamma, beta, mean, var)]
    check([batch_norm.evaluate(x, gamma, beta, mean, var, EPS)], [normalised(*doubles)], dtype)
    found = batch_norm.evaluate_backward(grad_y, x, gamma, mean, var, EPS)
    check(found, autograd_gradients(grad_y, x, gamma, beta, (doubles[3], doubles[4])), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", ["statistics constant", "scaled", "no eps", "unbiased"])
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    x, grad_y, gamma, beta, _, _ = example((4, 3), dtype)
    grad_x, grad_gamma, grad_beta = batch_norm.backward(grad_y, x, gamma, EPS)
    mean, var = x.mean(axis=0), x.var(axis=0)
    if wrong == "statistics constant":
        grad_x = batch_norm.evaluate_backward(grad_y, x, gamma, mean, var, EPS)[0]
    elif wrong == "scaled":
        grad_gamma = (1.001 * grad_gamma).astype(dtype)
    elif wrong == "no eps":
        grad_x = batch_norm.backward(grad_y, x, gamma, 1e-12)[0]
    else:
        standard = (x - mean) / np.sqrt(x.var(axis=0, ddof=1) + dtype(EPS))
        grad_gamma = np.sum(grad_y * standard, axis=0)
    with pytest.raises(AssertionError):
        check((grad_x, grad_gamma, grad_beta), autograd_gradients(grad_y, x, gamma, beta), dtype)


shapes = st.sampled_from([(2, 1), (5, 3), (3, 2, 2, 4), (1, 2, 3, 3)])


@given(shapes, st.integers(0, 999))
def test_in_training_the_gradient_of_a_channel_sums_to_0(shape, seed):
    x, grad_y, gamma, *_ = example(shape, np.float64, seed)
    grad_x, _, _ = batch_norm.backward(grad_y, x, gamma, EPS)
    np.testing.assert_allclose(grad_x.sum(axis=axes(x)), 0, atol=1e-11)
    # A gradient that is constant on each channel sees its mean only, which beta fixes.
    constant = batch_norm.backward(np.ones_like(x), x, gamma, EPS)[0]
    np.testing.assert_allclose(constant, 0, atol=1e-11)


@given(shapes, st.floats(-20, 20), st.floats(0.1, 10), st.integers(0, 999))
def test_in_training_shift_and_scale_of_the_input_do_not_matter(shape, shift, scale, seed):
    x, _, gamma, beta, *_ = example(shape, np.float64, seed)
    y, mean, var = batch_norm.forward(x, gamma, beta, 1e-5)
    # The scale is without effect when eps is scaled along with the variance.
    moved, moved_mean, moved_var = batch_norm.forward(scale * x + shift, gamma, beta, scale**2 * 1e-5)
    np.testing.assert_allclose(moved, y, atol=1e-8)
    np.testing.assert_allclose(moved_mean, scale * mean + shift, atol=1e-11)
    np.testing.assert_allclose(moved_var, scale**2 * var, rtol=1e-9, atol=1e-11)


@given(shapes, st.integers(0, 999))
def test_evaluation_with_the_batch_s_own_statistics_is_training(shape, seed):
    x, _, gamma, beta, *_ = example(shape, np.float64, seed)
    y, mean, var = batch_norm.forward(x, gamma, beta, EPS)
    np.testing.assert_allclose(batch_norm.evaluate(x, gamma, beta, mean, var, EPS), y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_single_entry_becomes_beta_and_has_no_gradient(dtype):
    x, grad_y, gamma, beta, _, _ = example((1, 3), dtype)
    y, mean, var = batch_norm.forward(x, gamma, beta)
    np.testing.assert_array_equal(y, beta[None], strict=True)
    np.testing.assert_array_equal(mean, x[0], strict=True)
    assert not var.any()
    assert not batch_norm.backward(grad_y, x, gamma)[0].any()


def convolution(x, W, b):
    """A 3 by 3 window at every pixel that has one, each as a row of a matrix product."""
    B, _, H, Wd = x.shape
    d, _, kh, kw = W.shape
    s = np.empty((B, d, H - kh + 1, Wd - kw + 1), x.dtype)
    for i in range(s.shape[2]):
        for j in range(s.shape[3]):
            s[:, :, i, j] = x[:, :, i : i + kh, j : j + kw].reshape(B, -1) @ W.reshape(d, -1).T + b
    return s


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_convolution_and_its_normalisation_fold_into_one_convolution(dtype):
    rng = np.random.default_rng(1)
    x, W, b = (rng.normal(size=shape).astype(dtype) for shape in [(2, 2, 5, 6), (4, 2, 3, 3), (4,)])
    _, _, gamma, beta, mean, var = example((1, 4), dtype)
    folded_W, folded_b = batch_norm.fold(W, b, gamma, beta, mean, var, EPS)
    assert folded_W.shape == W.shape and folded_b.shape == b.shape
    wanted = normalised(convolution(x, W, b), gamma, beta, mean, var)
    check([convolution(x, folded_W, folded_b)], [wanted], dtype)
    # The bias of the convolution goes through the scale as well.
    naive = convolution(x, folded_W, b + beta - gamma * mean / np.sqrt(var + EPS))
    assert not np.allclose(naive, wanted, rtol=1e-2)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(0, 999))
def test_a_linear_layer_folds_too(B, d, n, seed):
    rng = np.random.default_rng(seed)
    z, W, b = rng.normal(size=(B, n)), rng.normal(size=(d, n)), rng.normal(size=d)
    _, _, gamma, beta, mean, var = example((1, d), np.float64, seed)
    folded_W, folded_b = batch_norm.fold(W, b, gamma, beta, mean, var, EPS)
    wanted = batch_norm.evaluate(z @ W.T + b, gamma, beta, mean, var, EPS)
    np.testing.assert_allclose(z @ folded_W.T + folded_b, wanted, atol=1e-11)


ARGUMENTS = {
    batch_norm.forward: "x gamma beta",
    batch_norm.backward: "grad_y x gamma",
    batch_norm.evaluate: "x gamma beta mean var",
    batch_norm.evaluate_backward: "grad_y x gamma mean var",
    batch_norm.fold: "W b gamma beta mean var",
}
FUNCTIONS = [(function, name) for function, names in ARGUMENTS.items() for name in names.split()]


def arguments(function):
    x, grad_y, gamma, beta, mean, var = example((4, 3), np.float64)
    given = {"x": x, "grad_y": grad_y, "gamma": gamma, "beta": beta, "mean": mean, "var": var}
    given |= {"W": x[:3], "b": beta}
    return {name: given[name].copy() for name in ARGUMENTS[function].split()}


@pytest.mark.parametrize(("function", "name"), FUNCTIONS)
def test_what_is_refused_of_each_argument(function, name):
    good = arguments(function)
    function(**good)
    for bad in (np.nan, np.inf):
        wrong = good[name].copy()
        wrong[-1] = bad
        with pytest.raises(ValueError, match=rf"`{name}` must be finite, got {bad} at \("):
            function(**good | {name: wrong})
    # Of W the inputs are no channels.
    fewer = good[name][:2] if name == "W" else good[name][..., :2]
    with pytest.raises(ValueError, match="must have shape"):
        function(**good | {name: fewer})
    with pytest.raises(ValueError, match="must have shape"):
        function(**good | {name: good[name][None, None, None]})
    with pytest.raises(TypeError, match="must have dtype float"):
        function(**good | {name: good[name].astype(np.float32)})
    with pytest.raises(TypeError, match=f"`{name}` must be a NumPy array .* got dtype int64"):
        function(**good | {name: good[name].astype(np.int64)})


@pytest.mark.parametrize("function", ARGUMENTS)
def test_what_is_refused_of_eps_and_of_variances(function):
    good = arguments(function)
    for eps in (0, -1e-5):
        with pytest.raises(ValueError, match=f"`eps` must be above 0 in float64, got {eps}"):
            function(**good, eps=eps)
    with pytest.raises(TypeError, match="`eps` must be a number, got NoneType"):
        function(**good, eps=None)
    if "var" in good:
        good["var"][1] = -0.5
        with pytest.raises(ValueError, match=r"`var` must be at least 0, got -0.5 at \(1,\)"):
            function(**good)


def test_an_empty_batch_is_refused():
    one = np.ones(3)
    with pytest.raises(ValueError, match="`x` must have shape .* with B at least 1"):
        batch_norm.forward(np.ones((0, 3)), one, one)
    with pytest.raises(ValueError, match="`x` must have shape .* with H at least 1"):
        batch_norm.forward(np.ones((2, 3, 0, 4)), one, one)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4)])
def test_other_numbers_of_axes_are_refused(shape):
    with pytest.raises(ValueError) as caught:
        batch_norm.forward(np.ones(shape), np.ones(3), np.ones(3))
    assert str(caught.value) == f"`x` must have shape (B, C) or (B, C, H, W), got {shape}"
