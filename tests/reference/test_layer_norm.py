"""Layer normalisation against its definition, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import layer_norm

DTYPES = [np.float32, np.float64]
CASES = [((1, 1), 1), ((4, 3), 1), ((2, 3, 5), 1), ((2, 3, 5), 2), ((3, 2, 4, 5), 3), ((4, 3), 2)]  # shape, axes of gamma
TOL = {np.float32: 5e-5, np.float64: 1e-11}
EPS = 1e-3


def example(shape, k, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x, grad_y = rng.normal(1, 2, size=shape), rng.normal(size=shape)
    gamma, beta = rng.normal(1, 0.5, shape[-k:]), rng.normal(size=shape[-k:])
    return [a.astype(dtype) for a in (x, grad_y, gamma, beta)]


def autograd_gradients(grad_y, x, gamma, beta):
    n = gamma.size

    def cost(x, gamma, beta):
        rows = anp.reshape(x, (-1, n))
        mean = anp.dot(rows, np.full((n, n), 1 / n))
        var = anp.dot((rows - mean) ** 2, np.full((n, n), 1 / n))
        y = anp.reshape(gamma, -1) * (rows - mean) / anp.sqrt(var + EPS) + anp.reshape(beta, -1)
        return anp.sum(grad_y.reshape(-1, n) * y)

    return autograd.grad(cost, (0, 1, 2))(*(a.astype(np.float64) for a in (x, gamma, beta)))


def check(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "k"), CASES)
def test_forward_is_the_definition_example_by_example(shape, k, dtype):
    x, _, gamma, beta = example(shape, k, dtype)
    wanted = np.empty(shape)
    for at in np.ndindex(*shape[:-k]):
        entries = x[at].astype(np.float64)
        mean = sum(entries.ravel().tolist()) / entries.size
        var = sum((v - mean) ** 2 for v in entries.ravel().tolist()) / entries.size
        wanted[at] = gamma * (entries - mean) / np.sqrt(var + EPS) + beta
    check([layer_norm.forward(x, gamma, beta, EPS)], [wanted], dtype)


def test_values_by_hand():
    # Mean 4, biased variance 1, and eps 3.
    x, gamma = np.array([[3.0, 5.0], [0.0, 0.0]]), np.array([2.0, 4.0])
    y = layer_norm.forward(x, gamma, np.array([0.0, 1.0]), eps=3.0)
    np.testing.assert_array_equal(y, [[-1.0, 3.0], [0.0, 1.0]])
    # In the first row gamma g = (8, 0) and y^ = (-1/2, 1/2): (gamma g - 4 + 2 y^) / 2.
    grad_y = np.array([[4.0, 0.0], [0.0, 1.0]])
    grad_x, grad_gamma, grad_beta = layer_norm.backward(grad_y, x, gamma, eps=3.0)
    np.testing.assert_allclose(grad_x, [[1.5, -1.5], [-2 / np.sqrt(3), 2 / np.sqrt(3)]], rtol=1e-15)
    np.testing.assert_array_equal(grad_gamma, [-2.0, 0.0])
    np.testing.assert_array_equal(grad_beta, [4.0, 1.0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "k"), CASES)
def test_backward_agrees_with_autograd(shape, k, dtype):
    x, grad_y, gamma, beta = example(shape, k, dtype)
    check(layer_norm.backward(grad_y, x, gamma, EPS), autograd_gradients(grad_y, x, gamma, beta), dtype)


@pytest.mark.parametrize(("shape", "k"), CASES)
def test_backward_agrees_with_central_differences(shape, k):
    x, grad_y, gamma, beta = example(shape, k, np.float64)
    dx, _, dgamma, dbeta = example(shape, k, np.float64, seed=1)

    def cost(t):
        return np.vdot(grad_y, layer_norm.forward(x + t * dx, gamma + t * dgamma, beta + t * dbeta, EPS))

    found = layer_norm.backward(grad_y, x, gamma, EPS)
    along = sum(np.vdot(g, v) for g, v in zip(found, (dx, dgamma, dbeta), strict=True))
    np.testing.assert_allclose(along, (cost(1e-5) - cost(-1e-5)) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", ["over the batch", "gamma left out", "no eps", "scaled"])
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    x, grad_y, gamma, beta = example((4, 4), 1, dtype)
    found = list(layer_norm.backward(grad_y, x, gamma, EPS))
    if wrong == "over the batch":
        found = [g.T if g.ndim == 2 else g for g in layer_norm.backward(grad_y.T.copy(), x.T.copy(), gamma, EPS)]
    elif wrong == "gamma left out":
        found[0] = layer_norm.backward(grad_y, x, np.ones_like(gamma), EPS)[0]
    elif wrong == "no eps":
        found[0] = layer_norm.backward(grad_y, x, gamma, 1e-12)[0]
    else:
        found[2] = (1.001 * found[2]).astype(dtype)
    with pytest.raises(AssertionError):
        check(found, autograd_gradients(grad_y, x, gamma, beta), dtype)


cases = st.sampled_from(CASES[1:])


@given(cases, st.floats(-20, 20), st.integers(0, 999))
def test_laws(case, shift, seed):
    shape, k = case
    x, grad_y, gamma, beta = example(shape, k, np.float64, seed)
    y = layer_norm.forward(x, gamma, beta, EPS)
    np.testing.assert_allclose(layer_norm.forward(x + shift, gamma, beta, EPS), y, atol=1e-10)
    grad_x, grad_gamma, grad_beta = layer_norm.backward(grad_y, x, gamma, EPS)
    np.testing.assert_allclose(grad_x.sum(axis=tuple(range(-k, 0))), 0, atol=1e-10)
    # No example depends on another, and the parameters serve them all.
    for at in range(len(x)) if x.ndim > k else ():
        one = slice(at, at + 1)
        np.testing.assert_allclose(layer_norm.forward(x[one], gamma, beta, EPS), y[one], atol=1e-12)
        alone = layer_norm.backward(grad_y[one], x[one], gamma, EPS)
        np.testing.assert_allclose(alone[0], grad_x[one], atol=1e-11)
        grad_gamma, grad_beta = grad_gamma - alone[1], grad_beta - alone[2]
    if x.ndim > k:
        np.testing.assert_allclose(grad_gamma, 0, atol=1e-11)
        np.testing.assert_allclose(grad_beta, 0, atol=1e-11)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_constant_example_becomes_beta(dtype):
    _, _, gamma, beta = example((2, 4), 1, dtype)
    y = layer_norm.forward(np.full((2, 4), 3, dtype), gamma, beta)
    np.testing.assert_array_equal(y, np.stack([beta, beta]), strict=True)


CALLS = {
    "forward": lambda a: layer_norm.forward(a["x"], a["gamma"], a["beta"]),
    "backward": lambda a: layer_norm.backward(a["grad_y"], a["x"], a["gamma"]),
}


def arguments(call):
    x, grad_y, gamma, beta = example((4, 3), 1, np.float64)
    return {"x": x, "gamma": gamma} | ({"beta": beta} if call == "forward" else {"grad_y": grad_y})


@pytest.mark.parametrize(("call", "name"), [(c, n) for c in CALLS for n in arguments(c)])
def test_what_is_refused_of_each_argument(call, name):
    good = arguments(call)
    CALLS[call](good)
    for bad in (np.nan, np.inf):
        wrong = good[name].copy()
        wrong[-1] = bad
        with pytest.raises(ValueError, match=rf"`{name}` must be finite, got {bad} at \("):
            CALLS[call](good | {name: wrong})
    with pytest.raises(ValueError, match="must have shape"):
        CALLS[call](good | {name: good[name][..., :2]})
    with pytest.raises(TypeError, match="must have dtype float"):
        CALLS[call](good | {name: good[name].astype(np.float32)})
    with pytest.raises(TypeError, match=f"`{name}` must be a NumPy array .* got dtype int64"):
        CALLS[call](good | {name: good[name].astype(np.int64)})


def test_what_is_refused():
    x, one = np.ones((2, 3)), np.ones(3)
    with pytest.raises(ValueError, match=r"`gamma` must have at least one axis, got shape \(\)"):
        layer_norm.forward(x, np.asarray(1.0), one)
    with pytest.raises(ValueError, match=r"`x` must have an example to normalise, got shape \(0, 3\)"):
        layer_norm.forward(x[:0], one, one)
    with pytest.raises(ValueError, match="n_1 at least 1"):
        layer_norm.forward(x[:, :0], one[:0], one[:0])
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., n_1, n_2, n_3\), got \(2, 3\)"):
        layer_norm.forward(x, np.ones((1, 2, 3)), np.ones((1, 2, 3)))
    for eps in (0, -1.0):
        with pytest.raises(ValueError, match=f"`eps` must be above 0 in float64, got {eps}"):
            layer_norm.forward(x, one, one, eps)
        with pytest.raises(ValueError, match=f"`eps` must be above 0 in float64, got {eps}"):
            layer_norm.backward(x, x, one, eps)
