"""Group normalisation against its definition, autograd, slopes, its special cases and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import batch_norm, group_norm, layer_norm

DTYPES = [np.float32, np.float64]
CASES = [((1, 1), 1), ((3, 4), 2), ((2, 6), 6), ((2, 6, 3, 2), 3), ((2, 4, 1, 5), 1), ((1, 2, 3, 4), 2)]  # shape, groups
TOL = {np.float32: 5e-5, np.float64: 1e-11}
EPS = 1e-3


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x, grad_y = rng.normal(1, 2, size=shape), rng.normal(size=shape)
    gamma, beta = rng.normal(1, 0.5, shape[1]), rng.normal(size=shape[1])
    return [a.astype(dtype) for a in (x, grad_y, gamma, beta)]


def autograd_gradients(grad_y, x, gamma, beta, groups):
    """Each channel of its own, with the sums of all the channels of its group."""
    B, C = x.shape[:2]
    size = C // groups
    together = np.kron(np.eye(groups), np.ones((size, size)))

    def cost(x, gamma, beta):
        flat = anp.reshape(x, (B, C, -1))
        count = size * flat.shape[2]
        mean = anp.einsum("cd,bdp->bc", together, flat) / count
        deviation = flat - mean[:, :, None]
        var = anp.einsum("cd,bdp->bc", together, deviation**2) / count
        y = gamma[:, None] * deviation / anp.sqrt(var[:, :, None] + EPS) + beta[:, None]
        return anp.sum(grad_y.reshape(B, C, -1) * y)

    return autograd.grad(cost, (0, 1, 2))(*(a.astype(np.float64) for a in (x, gamma, beta)))


def check(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_forward_is_the_definition_group_by_group(shape, groups, dtype):
    x, _, gamma, beta = example(shape, dtype)
    size = shape[1] // groups
    wanted = np.empty(shape)
    for b in range(shape[0]):
        for c in range(shape[1]):
            first = c // size * size
            entries = x[b, first : first + size].astype(np.float64).ravel().tolist()
            mean = sum(entries) / len(entries)
            var = sum((v - mean) ** 2 for v in entries) / len(entries)
            wanted[b, c] = gamma[c] * (x[b, c] - mean) / np.sqrt(var + EPS) + beta[c]
    check([group_norm.forward(x, gamma, beta, groups, EPS)], [wanted], dtype)


def test_values_by_hand():
    # Two groups with mean 4 and 0, biased variance 1 and 0, and eps 3.
    x, one = np.array([[3.0, 5.0, 0.0, 0.0]]), np.ones(4)
    np.testing.assert_array_equal(group_norm.forward(x, 2 * one, 7 * one, 2, eps=3.0), [[6.0, 8.0, 7.0, 7.0]])
    grads = group_norm.backward(np.array([[8.0, 0.0, 1.0, 1.0]]), x, one, 2, eps=3.0)
    wanted = [[1.5, -1.5, 0.0, 0.0]], [-4.0, 0.0, 0.0, 0.0], [8.0, 0.0, 1.0, 1.0]
    for found, value in zip(grads, wanted, strict=True):
        np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_backward_agrees_with_autograd(shape, groups, dtype):
    x, grad_y, gamma, beta = example(shape, dtype)
    found = group_norm.backward(grad_y, x, gamma, groups, EPS)
    check(found, autograd_gradients(grad_y, x, gamma, beta, groups), dtype)


@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_backward_agrees_with_central_differences(shape, groups):
    x, grad_y, gamma, beta = example(shape, np.float64)
    dx, _, dgamma, dbeta = example(shape, np.float64, seed=1)

    def cost(t):
        return np.vdot(grad_y, group_norm.forward(x + t * dx, gamma + t * dgamma, beta + t * dbeta, groups, EPS))

    found = group_norm.backward(grad_y, x, gamma, groups, EPS)
    along = sum(np.vdot(g, v) for g, v in zip(found, (dx, dgamma, dbeta), strict=True))
    np.testing.assert_allclose(along, (cost(1e-5) - cost(-1e-5)) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", ["other groups", "strided groups", "no eps", "scaled"])
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    x, grad_y, gamma, beta = example((2, 6, 3, 2), dtype)
    found = list(group_norm.backward(grad_y, x, gamma, 3, EPS))
    if wrong == "other groups":
        found = group_norm.backward(grad_y, x, gamma, 2, EPS)
    elif wrong == "strided groups":
        order = np.array([0, 3, 1, 4, 2, 5])
        grad_x = group_norm.backward(grad_y[:, order], x[:, order], gamma[order], 3, EPS)[0]
        found[0] = grad_x[:, np.argsort(order)]
    elif wrong == "no eps":
        found[0] = group_norm.backward(grad_y, x, gamma, 3, 1e-12)[0]
    else:
        found[1] = (1.001 * found[1]).astype(dtype)
    with pytest.raises(AssertionError):
        check(found, autograd_gradients(grad_y, x, gamma, beta, 3), dtype)


cases = st.sampled_from(CASES[1:])


@given(cases, st.floats(-20, 20), st.integers(0, 999))
def test_laws(case, shift, seed):
    shape, groups = case
    x, grad_y, gamma, beta = example(shape, np.float64, seed)
    y = group_norm.forward(x, gamma, beta, groups, EPS)
    np.testing.assert_allclose(group_norm.forward(x + shift, gamma, beta, groups, EPS), y, atol=1e-10)
    grad_x = group_norm.backward(grad_y, x, gamma, groups, EPS)[0]
    np.testing.assert_allclose(grad_x.reshape(shape[0], groups, -1).sum(axis=2), 0, atol=1e-10)
    last = slice(shape[0] - 1, None)
    np.testing.assert_allclose(group_norm.forward(x[last], gamma, beta, groups, EPS), y[last], atol=1e-12)


@given(st.integers(1, 4), st.integers(0, 999))
def test_one_group_is_layer_normalisation(B, seed):
    x, grad_y, gamma, beta = example((B, 4, 3, 2), np.float64, seed)
    spread = [np.broadcast_to(v[:, None, None], x.shape[1:]) for v in (gamma, beta)]
    found, wanted = group_norm.forward(x, gamma, beta, 1, EPS), layer_norm.forward(x, *spread, EPS)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    grad_x, grad_gamma, grad_beta = group_norm.backward(grad_y, x, gamma, 1, EPS)
    layer = layer_norm.backward(grad_y, x, spread[0], EPS)
    np.testing.assert_allclose(grad_x, layer[0], atol=1e-12)
    # A channel's parameter is layer normalisation's at all its pixels.
    np.testing.assert_allclose(grad_gamma, layer[1].sum(axis=(1, 2)), atol=1e-11)
    np.testing.assert_allclose(grad_beta, layer[2].sum(axis=(1, 2)), atol=1e-11)


@given(st.integers(0, 999))
def test_a_group_for_each_channel_is_batch_normalisation_of_each_example(seed):
    x, grad_y, gamma, beta = example((3, 4, 3, 2), np.float64, seed)
    y = group_norm.forward(x, gamma, beta, 4, EPS)
    grad_x = group_norm.backward(grad_y, x, gamma, 4, EPS)[0]
    for b in range(3):
        one = slice(b, b + 1)
        np.testing.assert_allclose(batch_norm.forward(x[one], gamma, beta, EPS)[0], y[one], atol=1e-12)
        np.testing.assert_allclose(batch_norm.backward(grad_y[one], x[one], gamma, EPS)[0], grad_x[one], atol=1e-12)


CALLS = {
    "forward": lambda a: group_norm.forward(a["x"], a["gamma"], a["beta"], 2),
    "backward": lambda a: group_norm.backward(a["grad_y"], a["x"], a["gamma"], 2),
}


def arguments(call):
    x, grad_y, gamma, beta = example((3, 4), np.float64)
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
    x, one = np.ones((2, 6, 3, 3)), np.ones(6)
    calls = (
        lambda groups, eps=1e-5: group_norm.forward(x, one, one, groups, eps),
        lambda groups, eps=1e-5: group_norm.backward(x, x, one, groups, eps),
    )
    for call in calls:
        for groups in (4, 0, -2, 7):
            with pytest.raises(ValueError) as caught:
                call(groups)
            assert str(caught.value) == f"`groups` must divide the C = 6 channels of `x`, got {groups}"
        for groups in (2.0, True, None):
            with pytest.raises(TypeError, match=f"`groups` must be an integer, got {type(groups).__name__}"):
                call(groups)
        with pytest.raises(ValueError, match="`eps` must be above 0 in float64, got 0"):
            call(3, 0)
    with pytest.raises(ValueError, match=r"`x` must have shape \(B, C\) or \(B, C, H, W\), got \(6, 3, 3\)"):
        group_norm.forward(x[0], one, one, 2)
    with pytest.raises(ValueError, match="B at least 1"):
        group_norm.forward(x[:0], one, one, 2)
