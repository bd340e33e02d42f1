"""Frequency channel attention against its definition, autograd, slopes, SciPy's transform, and its own laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import fca_attention, squeeze_excitation

DTYPES = [np.float32, np.float64]
SIZES = [(1, 1, 1, 1, 1), (2, 3, 1, 4, 2), (3, 4, 5, 2, 1), (1, 2, 3, 3, 5)]  # B, C, H, W, r
TOL = {np.float32: 5e-5, np.float64: 1e-12}

with_and_without_biases = pytest.mark.parametrize("biases", [False, True])


def basis(H, W, h, w):
    """The basis image of the definition, entry by entry."""
    return np.array(
        [
            [np.cos(np.pi * h / H * (i + 0.5)) * np.cos(np.pi * w / W * (j + 0.5)) for j in range(W)]
            for i in range(H)
        ]
    )


def example(size, biases, dtype, seed=0):
    """`grad_y`, `x`, the frequencies and the parameters; some unit active, none near 0."""
    B, C, H, W, r = size
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt])
        x, grad_y = rng.normal(size=(B, C, H, W)), rng.normal(size=(B, C, H, W))
        frequencies = np.stack([rng.integers(H, size=C), rng.integers(W, size=C)], axis=1)
        parameters = [rng.normal(size=(r, C)) / 4, rng.normal(size=(C, r)) / 4]
        if biases:
            parameters += [rng.normal(size=r), rng.normal(size=C)]
        z = np.stack([np.vdot(x[k, c], basis(H, W, *frequencies[c])) for k in range(B) for c in range(C)])
        hidden = z.reshape(B, C) @ parameters[0].T + (parameters[2] if biases else 0)
        if (hidden > 0.1).any() and (np.abs(hidden) > 1e-3).all():
            grad_y, x, *parameters = (a.astype(dtype) for a in (grad_y, x, *parameters))
            return grad_y, x, frequencies, parameters
    raise AssertionError("no example has an active unit")


def definition(x, frequencies, W1, W2, b1=0.0, b2=0.0):
    images = np.stack([basis(*x.shape[2:], h, w) for h, w in frequencies])
    z = anp.einsum("bchw,chw->bc", x, images)
    hidden = anp.einsum("rc,bc->br", W1, z) + b1
    t = anp.einsum("cr,br->bc", W2, anp.where(hidden > 0, hidden, 0.0)) + b2
    return anp.einsum("bchw,bc->bchw", x, 1 / (1 + anp.exp(-t)))


def autograd_gradients(grad_y, x, frequencies, *parameters):
    def cost(x, *parameters):
        return anp.sum(grad_y * definition(x, frequencies, *parameters))

    inputs = (a.astype(np.float64) for a in (x, *parameters))
    return autograd.grad(cost, tuple(range(1 + len(parameters))))(*inputs)


def check(found, wanted, dtype):
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@with_and_without_biases
def test_forward_is_the_definition(biases, size, dtype):
    _, x, frequencies, parameters = example(size, biases, dtype)
    doubles = [a.astype(np.float64) for a in parameters]
    wanted = definition(x.astype(np.float64), frequencies, *doubles)
    check([fca_attention.forward(x, frequencies, *parameters)], [wanted], dtype)


def test_values_by_hand():
    # The second frequency of two pixels is (x_0 - x_1) / sqrt(2) = log(3), so the gate is 3/4.
    root = np.sqrt(0.5)
    x, one = np.array([[[[np.log(3) / root, 0.0]]]]), np.ones((1, 1))
    frequency = np.array([[0, 1]])
    y = fca_attention.forward(x, frequency, one, one)
    np.testing.assert_allclose(y, 0.75 * x, rtol=1e-15)
    # By the logit: x_0 g_0 3/16, which meets the pixels by the basis image (1, -1) / sqrt(2).
    grad_x, grad_W1, grad_W2 = fca_attention.backward(np.array([[[[16.0, 0.0]]]]), x, frequency, one, one)
    logit = 3 * np.log(3) / root
    np.testing.assert_allclose(grad_x, [[[[12 + logit * root, -logit * root]]]], rtol=1e-14)
    np.testing.assert_allclose([grad_W1, grad_W2], np.full((2, 1, 1), logit * np.log(3)), rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@with_and_without_biases
def test_backward_agrees_with_autograd(biases, size, dtype):
    grad_y, x, frequencies, parameters = example(size, biases, dtype)
    found = fca_attention.backward(grad_y, x, frequencies, *parameters)
    check(found, autograd_gradients(grad_y, x, frequencies, *parameters), dtype)


@pytest.mark.parametrize("size", SIZES)
@with_and_without_biases
def test_backward_agrees_with_central_differences(biases, size):
    grad_y, x, frequencies, parameters = example(size, biases, np.float64)
    _, dx, _, directions = example(size, biases, np.float64, seed=1)

    def cost(t):
        moved = (a + t * v for a, v in zip(parameters, directions, strict=True))
        return np.vdot(grad_y, fca_attention.forward(x + t * dx, frequencies, *moved))

    found = fca_attention.backward(grad_y, x, frequencies, *parameters)
    along = sum(np.vdot(g, v) for g, v in zip(found, (dx, *directions), strict=True))
    np.testing.assert_allclose(along, (cost(1e-6) - cost(-1e-6)) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("wrong", ["gate constant", "mean for frequency", "axes swapped", "orthonormal", "scaled"])
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    grad_y, x, _, parameters = example((2, 3, 4, 4, 3), True, dtype)
    frequencies = np.array([[1, 0], [2, 3], [0, 0]])
    # So many biases that a unit is active at these frequencies too.
    parameters[2] = np.full(3, 5, dtype)
    found = list(fca_attention.backward(grad_y, x, frequencies, *parameters))
    y = fca_attention.forward(x, frequencies, *parameters)
    path = found[0] - grad_y * (y / x)
    if wrong == "gate constant":
        found[0] = found[0] - path
    elif wrong == "mean for frequency":
        found = squeeze_excitation.backward(grad_y, x, *parameters)
    elif wrong == "axes swapped":
        found = fca_attention.backward(grad_y, x, frequencies[:, ::-1], *parameters)
    elif wrong == "orthonormal":
        found[0] = found[0] - path + path / 4
    else:
        found[2] = (1.001 * found[2]).astype(dtype)
    with pytest.raises(AssertionError):
        check(found, autograd_gradients(grad_y, x, frequencies, *parameters), dtype)


sizes = st.sampled_from(SIZES)


@given(sizes, st.integers(0, 999))
def test_the_lowest_frequency_is_squeeze_and_excitation_with_weights_scaled(size, seed):
    grad_y, x, frequencies, (W1, W2, b1, b2) = example(size, True, np.float64, seed)
    lowest, pixels = np.zeros_like(frequencies), size[2] * size[3]
    found = fca_attention.forward(x, lowest, W1, W2, b1, b2)
    wanted = squeeze_excitation.forward(x, pixels * W1, W2, b1, b2)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    grads = list(fca_attention.backward(grad_y, x, lowest, W1, W2, b1, b2))
    grads[1] = grads[1] / pixels
    for a, b in zip(grads, squeeze_excitation.backward(grad_y, x, pixels * W1, W2, b1, b2), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)


def test_without_the_scale_it_is_not():
    _, x, frequencies, parameters = example((2, 3, 4, 2, 3), True, np.float64)
    found = fca_attention.forward(x, np.zeros_like(frequencies), *parameters)
    assert not np.allclose(found, squeeze_excitation.forward(x, *parameters))


@given(sizes, st.integers(0, 999))
def test_the_squeeze_is_a_coefficient_of_scipy_s_transform(size, seed):
    _, x, frequencies, parameters = example(size, True, np.float64, seed)
    # SciPy's unnormalised transform has a factor 2 on each axis.
    f = scipy.fft.dctn(x, type=2, axes=(-2, -1)) / 4
    z = np.stack([f[:, c, h, w] for c, (h, w) in enumerate(frequencies)], axis=1)
    s = squeeze_excitation.gate(z, *parameters)
    found = fca_attention.forward(x, frequencies, *parameters)
    np.testing.assert_allclose(found, x * s[:, :, None, None], atol=1e-12)


def test_any_integers_will_do_for_frequencies():
    grad_y, x, frequencies, parameters = example((2, 3, 4, 2, 3), True, np.float64)
    wanted = fca_attention.backward(grad_y, x, frequencies, *parameters)
    for dtype in (np.uint8, np.int32):
        found = fca_attention.backward(grad_y, x, frequencies.astype(dtype), *parameters)
        np.testing.assert_array_equal(found[0], wanted[0])


CALLS = {
    "forward": lambda a: fca_attention.forward(a["x"], a["frequencies"], *(a[n] for n in PARAMETERS)),
    "backward": lambda a: fca_attention.backward(a["grad_y"], a["x"], a["frequencies"], *(a[n] for n in PARAMETERS)),
}
PARAMETERS = ["W1", "W2", "b1", "b2"]


def arguments():
    grad_y, x, frequencies, parameters = example((2, 3, 2, 4, 4), True, np.float64)
    features = {"grad_y": grad_y, "x": x, "frequencies": frequencies}
    return features | dict(zip(PARAMETERS, parameters, strict=True))


ARRAYS = [(call, name) for call in CALLS for name in ["grad_y", "x", *PARAMETERS] if (call, name) != ("forward", "grad_y")]


@pytest.mark.parametrize(("call", "name"), ARRAYS)
def test_what_is_refused_of_each_argument(call, name):
    good = arguments()
    CALLS[call](good)
    for bad in (np.nan, np.inf):
        wrong = good[name].copy()
        wrong[-1] = bad
        with pytest.raises(ValueError, match=rf"`{name}` must be finite, got {bad} at \("):
            CALLS[call](good | {name: wrong})
    fewer = good[name][:, :1] if good[name].ndim > 1 else good[name][:1]
    with pytest.raises(ValueError, match="must have shape"):
        CALLS[call](good | {name: fewer})
    with pytest.raises(TypeError, match="must have dtype float"):
        CALLS[call](good | {name: good[name].astype(np.float32)})
    with pytest.raises(TypeError, match=f"`{name}` must be a NumPy array .* got dtype int64"):
        CALLS[call](good | {name: good[name].astype(np.int64)})


@pytest.mark.parametrize("call", CALLS)
def test_what_is_refused_of_the_frequencies(call):
    good = arguments()

    def given_frequencies(frequencies):
        CALLS[call](good | {"frequencies": frequencies})

    for h, w in ((2, 0), (0, 4), (-1, 0), (0, -1)):
        with pytest.raises(ValueError) as caught:
            given_frequencies(np.array([[0, 0], [h, w], [1, 1]]))
        wanted = f"`frequencies` must be (h, w) with 0 <= h < H = 2 and 0 <= w < W = 4, got ({h}, {w}) for channel 1"
        assert str(caught.value) == wanted
    with pytest.raises(ValueError, match=r"`frequencies` must have shape \(C, 2\) with C = 3 as in `x`, got \(2, 2\)"):
        given_frequencies(np.zeros((2, 2), int))
    with pytest.raises(TypeError, match="`frequencies` must be a NumPy array of integers, got dtype float64"):
        given_frequencies(np.zeros((3, 2)))
    with pytest.raises(TypeError, match="`frequencies` must be a NumPy array of integers, got list"):
        given_frequencies([(0, 0)] * 3)


@pytest.mark.parametrize("call", CALLS)
def test_one_bias_and_an_empty_batch_are_refused(call):
    good = arguments()
    with pytest.raises(ValueError, match="`b1` and `b2` must be given both or neither, got `b1` only"):
        CALLS[call](good | {"b2": None})
    with pytest.raises(ValueError, match="B at least 1"):
        CALLS[call](good | {"x": good["x"][:0], "grad_y": good["grad_y"][:0]})
