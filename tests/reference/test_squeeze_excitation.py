"""Squeeze and excitation against its definition, autograd, slopes, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import squeeze_excitation

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1, 1, 1, 1), (2, 3, 1, 4, 2), (3, 4, 5, 2, 1), (1, 2, 3, 3, 5)]  # B, C, H, W, r
TOL = {np.float32: 2e-5, np.float64: 1e-12}

with_and_without_biases = pytest.mark.parametrize("biases", [False, True])


def example(size, biases, dtype, seed=0):
    """`grad_y`, `x` and the parameters, with entries of no activation near 0 and some active."""
    B, C, H, W, r = size
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt])
        x, grad_y = rng.normal(0.5, 2, size=(B, C, H, W)), rng.normal(size=(B, C, H, W))
        parameters = [rng.normal(size=(r, C)), rng.normal(size=(C, r))]
        if biases:
            parameters += [rng.normal(size=r), rng.normal(size=C)]
        hidden = x.mean(axis=(2, 3)) @ parameters[0].T + (parameters[2] if biases else 0)
        # With every unit dead the gate is a constant, and a gradient without its path would
        # pass; at 0 the activation has no derivative.
        if (hidden > 0.1).any() and (np.abs(hidden) > 1e-3).all():
            return [a.astype(dtype) for a in (grad_y, x, *parameters)]
    raise AssertionError("no example has an active unit")


def definition(x, W1, W2, b1=0.0, b2=0.0):
    z = anp.einsum("bchw->bc", x) / (x.shape[2] * x.shape[3])
    h = anp.einsum("rc,bc->br", W1, z) + b1
    t = anp.einsum("cr,br->bc", W2, anp.where(h > 0, h, 0.0)) + b2
    return anp.einsum("bchw,bc->bchw", x, 1 / (1 + anp.exp(-t)))


def autograd_gradients(grad_y, *inputs):
    def cost(*inputs):
        return anp.sum(grad_y * definition(*inputs))

    return autograd.grad(cost, tuple(range(len(inputs))))(*(a.astype(np.float64) for a in inputs))


def check(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@with_and_without_biases
def test_forward_is_the_definition_channel_by_channel(biases, size, dtype):
    _, x, W1, W2, *b = example(size, biases, dtype)
    B, C, _, _, r = size
    b1, b2 = b or (np.zeros(r), np.zeros(C))
    wanted = np.empty(x.shape)
    for k in range(B):
        z = [float(np.mean(x[k, c], dtype=np.float64)) for c in range(C)]
        hidden = [max(0.0, sum(float(W1[i, c]) * z[c] for c in range(C)) + float(b1[i])) for i in range(r)]
        for c in range(C):
            t = sum(float(W2[c, i]) * hidden[i] for i in range(r)) + float(b2[c])
            wanted[k, c] = x[k, c] / (1 + np.exp(-t))
    check([squeeze_excitation.forward(x, W1, W2, *b)], [wanted], dtype)


def test_values_by_hand():
    # The mean is 2 and the hidden unit 2 - 1 = 1; the gate's logit is 1 log 3, its value 3/4.
    x, W1, W2 = np.array([[[[1.0, 3.0]]]]), np.ones((1, 1)), np.full((1, 1), np.log(3))
    b1, b2 = np.array([-1.0]), np.zeros(1)
    np.testing.assert_allclose(squeeze_excitation.forward(x, W1, W2, b1, b2), [[[[0.75, 2.25]]]], rtol=1e-15)
    # By the logit: (1 + 3) 3/16 = 3/4, so by the mean 3/4 log 3, of which each pixel has half.
    found = squeeze_excitation.backward(np.ones_like(x), x, W1, W2, b1, b2)
    path = 0.75 * np.log(3)
    wanted = [[[[0.75 + path / 2] * 2]]], [[2 * path]], [[0.75]], [path], [0.75]
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@with_and_without_biases
def test_backward_agrees_with_autograd(biases, size, dtype):
    grad_y, *inputs = example(size, biases, dtype)
    found = squeeze_excitation.backward(grad_y, *inputs)
    assert len(found) == len(inputs)
    check(found, autograd_gradients(grad_y, *inputs), dtype)


@pytest.mark.parametrize("size", SIZES)
@with_and_without_biases
def test_backward_agrees_with_central_differences(biases, size):
    grad_y, *inputs = example(size, biases, np.float64)
    _, *directions = example(size, biases, np.float64, seed=1)

    def cost(t):
        moved = (a + t * v for a, v in zip(inputs, directions, strict=True))
        return np.vdot(grad_y, squeeze_excitation.forward(*moved))

    found = squeeze_excitation.backward(grad_y, *inputs)
    along = sum(np.vdot(g, v) for g, v in zip(found, directions, strict=True))
    np.testing.assert_allclose(along, (cost(1e-5) - cost(-1e-5)) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", ["gate constant", "sum for mean", "scaled", "biases swapped"])
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    size = (2, 3, 2, 4, 3)
    grad_y, *inputs = example(size, True, dtype)
    x, *parameters = inputs
    found = list(squeeze_excitation.backward(grad_y, *inputs))
    s = squeeze_excitation.gate(x.mean(axis=(2, 3)), *parameters)[:, :, None, None]
    if wrong == "gate constant":
        found[0] = grad_y * s
    elif wrong == "sum for mean":
        found[0] = grad_y * s + 8 * (found[0] - grad_y * s)
    elif wrong == "scaled":
        found[1] = (1.001 * found[1]).astype(dtype)
    else:
        found[3], found[4] = found[4], found[3]
    with pytest.raises(AssertionError):
        check(found, autograd_gradients(grad_y, *inputs), dtype)


sizes = st.sampled_from(SIZES)


@given(sizes, st.integers(0, 999))
def test_biases_of_zero_are_no_biases(size, seed):
    grad_y, *inputs = example(size, False, np.float64, seed)
    zeros = np.zeros(size[4]), np.zeros(size[1])
    np.testing.assert_array_equal(squeeze_excitation.forward(*inputs, *zeros), squeeze_excitation.forward(*inputs))
    found = squeeze_excitation.backward(grad_y, *inputs, *zeros)[:3]
    for a, b in zip(found, squeeze_excitation.backward(grad_y, *inputs), strict=True):
        np.testing.assert_array_equal(a, b)


@given(sizes, st.integers(0, 999))
def test_the_gate_lies_between_0_and_1_and_the_pixels_have_no_order(size, seed):
    _, x, *parameters = example(size, True, np.float64, seed)
    y = squeeze_excitation.forward(x, *parameters)
    assert (np.abs(y) <= np.abs(x)).all() and (y * x >= 0).all()
    order = np.random.default_rng(seed).permutation(size[2] * size[3])

    def shuffled(images):
        return images.reshape(*images.shape[:2], -1)[:, :, order].reshape(images.shape)

    np.testing.assert_allclose(squeeze_excitation.forward(shuffled(x), *parameters), shuffled(y), rtol=1e-12)


@given(sizes, st.integers(0, 999))
def test_without_weights_half_of_the_image_passes(size, seed):
    grad_y, x, W1, W2 = example(size, False, np.float64, seed)
    np.testing.assert_array_equal(squeeze_excitation.forward(x, W1, 0 * W2), x / 2)
    np.testing.assert_array_equal(squeeze_excitation.backward(grad_y, x, W1, 0 * W2)[0], grad_y / 2)


CALLS = {
    squeeze_excitation.forward: ["x"],
    squeeze_excitation.backward: ["grad_y", "x"],
    squeeze_excitation.gate: ["z"],
    squeeze_excitation.gate_backward: ["grad_s", "z"],
}
PARAMETERS = ["W1", "W2", "b1", "b2"]


def arguments(function):
    grad_y, x, *parameters = example((2, 3, 2, 4, 4), True, np.float64)
    features = {"z": x[:, :, 0, 0], "grad_s": grad_y[:, :, 0, 0], "x": x, "grad_y": grad_y}
    return {name: features[name] for name in CALLS[function]} | dict(zip(PARAMETERS, parameters, strict=True))


@pytest.mark.parametrize(("function", "name"), [(f, n) for f, names in CALLS.items() for n in names + PARAMETERS])
def test_what_is_refused_of_each_argument(function, name):
    good = arguments(function)
    function(**good)
    for bad in (np.nan, np.inf):
        wrong = good[name].copy()
        wrong[-1] = bad
        with pytest.raises(ValueError, match=rf"`{name}` must be finite, got {bad} at \("):
            function(**good | {name: wrong})
    fewer = good[name][:, :1] if good[name].ndim > 1 else good[name][:1]
    with pytest.raises(ValueError, match="must have shape"):
        function(**good | {name: fewer})
    with pytest.raises(ValueError, match=f"`{name}` must have shape"):
        function(**good | {name: good[name][None]})
    with pytest.raises(TypeError, match="must have dtype float"):
        function(**good | {name: good[name].astype(np.float32)})
    with pytest.raises(TypeError, match=f"`{name}` must be a NumPy array .* got dtype int64"):
        function(**good | {name: good[name].astype(np.int64)})


@pytest.mark.parametrize("function", CALLS)
def test_one_bias_alone_is_refused(function):
    good = arguments(function)
    for left, out in (("b1", "b2"), ("b2", "b1")):
        with pytest.raises(ValueError, match=f"`b1` and `b2` must be given both or neither, got `{left}` only"):
            function(**good | {out: None})


@pytest.mark.parametrize("function", CALLS)
def test_an_empty_batch_is_refused(function):
    good = arguments(function)
    with pytest.raises(ValueError, match="B at least 1"):
        function(**good | {name: good[name][:0] for name in CALLS[function]})
