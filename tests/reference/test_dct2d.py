"""The cosine transform against SciPy, its definition, autograd, slopes, and its laws."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import dct2d, gap

DTYPES = [np.float32, np.float64]
NORMS = [None, "ortho"]
SHAPES = [(1, 1), (1, 1, 1, 1), (2, 3, 1, 5), (4, 1), (1, 2, 4, 4), (2, 1, 3, 6)]
TOL = {np.float32: 2e-5, np.float64: 1e-12}
ADJOINTS = [
    (dct2d.forward, dct2d.backward),
    (dct2d.inverse, dct2d.inverse_backward),
]


def example(shape, dtype, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def basis(H, W, norm):
    """The cosines `[h, w, i, j]` of the definition, in four nested indices."""
    h, w, i, j = np.meshgrid(*map(np.arange, (H, W, H, W)), indexing="ij")
    cosines = np.cos(np.pi * h / H * (i + 0.5)) * np.cos(np.pi * w / W * (j + 0.5))
    if norm is None:
        return cosines
    c_h, c_w = np.where(h == 0, 1, 2), np.where(w == 0, 1, 2)
    return np.sqrt(c_h * c_w / (H * W)) * cosines


def autograd_gradient(layer, g, x, norm):
    B = basis(*x.shape[-2:], norm)
    if layer is dct2d.inverse:
        # The inverse as a linear system solved, not as the formula with its weights.
        pixels = B.shape[2] * B.shape[3]
        B = np.linalg.inv(B.reshape(pixels, pixels)).reshape(B.shape)

    def cost(x):
        return anp.sum(g * anp.einsum("hwij,...ij->...hw", B, x))

    return autograd.grad(cost)(x.astype(np.float64))


def check(found, wanted, dtype):
    assert found.dtype == dtype and found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=TOL[dtype], atol=TOL[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_both_ways_agree_with_scipy(shape, norm, dtype):
    x = example(shape, dtype)
    # SciPy's unnormalised transform has a factor 2 on each axis.
    factor = 4 if norm is None else 1
    double = x.astype(np.float64)
    f = scipy.fft.dctn(double, type=2, axes=(-2, -1), norm=norm) / factor
    back = scipy.fft.idctn(double * factor, type=2, axes=(-2, -1), norm=norm)
    check(dct2d.forward(x, norm), f, dtype)
    check(dct2d.inverse(x, norm), back, dtype)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_is_the_sum_of_the_definition(shape, norm):
    x = example(shape, np.float64)
    wanted = np.einsum("hwij,...ij->...hw", basis(*shape[-2:], norm), x)
    check(dct2d.forward(x, norm), wanted, np.float64)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("layer", "adjoint"), ADJOINTS)
def test_backward_agrees_with_autograd(layer, adjoint, shape, norm, dtype):
    x, g = example(shape, dtype), example(shape, dtype, seed=1)
    check(adjoint(g, norm), autograd_gradient(layer, g, x, norm), dtype)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("layer", "adjoint"), ADJOINTS)
def test_backward_agrees_with_central_differences(layer, adjoint, shape, norm):
    x, g, v = (example(shape, np.float64, seed) for seed in range(3))
    step = 1e-3
    up = np.vdot(g, layer(x + step * v, norm))
    down = np.vdot(g, layer(x - step * v, norm))
    along = np.vdot(adjoint(g, norm), v)
    np.testing.assert_allclose(along, (up - down) / (2 * step), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda g: 1.001 * dct2d.backward(g),
        dct2d.forward,
        dct2d.inverse,
        dct2d.inverse_backward,
        lambda g: dct2d.backward(g, "ortho"),
        # Rows and columns mistaken for each other; a square would not show it.
        lambda g: dct2d.backward(g.reshape(2, 1, 6, 3)).reshape(g.shape),
    ],
)
def test_the_check_catches_a_wrong_gradient(wrong, dtype):
    x, g = example((2, 1, 3, 6), dtype), example((2, 1, 3, 6), dtype, seed=1)
    wanted = autograd_gradient(dct2d.forward, g, x, None)
    check(dct2d.backward(g), wanted, dtype)
    with pytest.raises(AssertionError):
        check(wrong(g).astype(dtype), wanted, dtype)


sizes = st.integers(1, 7)
norms = st.sampled_from(NORMS)
seeds = st.integers(0, 999)


@given(sizes, sizes, norms, seeds)
def test_the_inverse_is_exact_on_both_sides(H, W, norm, seed):
    x = example((2, H, W), np.float64, seed)
    np.testing.assert_allclose(
        dct2d.inverse(dct2d.forward(x, norm), norm), x, atol=1e-13
    )
    np.testing.assert_allclose(
        dct2d.forward(dct2d.inverse(x, norm), norm), x, atol=1e-13
    )


@given(sizes, sizes, norms, seeds, st.sampled_from(ADJOINTS))
def test_backward_is_the_adjoint(H, W, norm, seed, pair):
    layer, adjoint = pair
    x, y = (
        example((2, H, W), np.float64, seed),
        example((2, H, W), np.float64, seed + 1),
    )
    left, right = np.vdot(layer(x, norm), y), np.vdot(x, adjoint(y, norm))
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-10)


@given(sizes, sizes, norms, seeds, st.floats(-3, 3), st.floats(-3, 3))
def test_the_transform_is_linear(H, W, norm, seed, a, b):
    x, y = (
        example((2, H, W), np.float64, seed),
        example((2, H, W), np.float64, seed + 1),
    )
    for layer in (dct2d.forward, dct2d.inverse):
        wanted = a * layer(x, norm) + b * layer(y, norm)
        np.testing.assert_allclose(layer(a * x + b * y, norm), wanted, atol=1e-11)


@given(sizes, sizes, seeds)
def test_the_orthonormal_transform_keeps_lengths(H, W, seed):
    x = example((H, W), np.float64, seed)
    found = np.linalg.norm(dct2d.forward(x, "ortho"))
    np.testing.assert_allclose(found, np.linalg.norm(x), rtol=1e-13)


@given(sizes, sizes, seeds)
def test_the_lowest_frequency_is_the_average_times_the_number_of_pixels(H, W, seed):
    x = example((2, 3, H, W), np.float64, seed)
    f = dct2d.forward(x)[:, :, 0, 0]
    np.testing.assert_allclose(f, H * W * gap.forward(x), atol=1e-12)


def test_the_inverse_needs_its_weights():
    f = dct2d.forward(example((3, 4), np.float64))
    unweighted = np.einsum("hwij,hw->ij", basis(3, 4, None), f)
    assert not np.allclose(unweighted, dct2d.inverse(f))


@pytest.mark.parametrize("size", [64, 513])
def test_long_transforms_keep_their_digits(size):
    x = np.zeros((1, size))
    x[0, -1] = 1
    # cos(pi u (N - 1/2) / N), whose angle is large, is (-1)^u cos(pi u / (2 N)).
    u = np.arange(size)
    wanted = (-1.0) ** u * np.cos(np.pi * u / (2 * size))
    np.testing.assert_allclose(dct2d.forward(x)[0], wanted, rtol=0, atol=2e-15)


LAYERS = [dct2d.forward, dct2d.backward, dct2d.inverse, dct2d.inverse_backward]


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_refused(layer):
    with pytest.raises(ValueError, match=r"must have shape \(..., H, W\), got \(3,\)"):
        layer(np.ones(3))
    with pytest.raises(ValueError, match="with H at least 1"):
        layer(np.ones((0, 3)))
    with pytest.raises(
        ValueError, match='`norm` must be None or "ortho", got .forward'
    ):
        layer(np.ones((2, 3)), "forward")
    with pytest.raises(TypeError, match="must be a NumPy array .* got dtype int64"):
        layer(np.ones((2, 3), np.int64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("layer", "name"), list(zip(LAYERS, ["x", "grad_f", "f", "grad_x"], strict=True)))
def test_what_is_not_finite_is_named(layer, name, bad):
    wrong = np.array([[1.0, 2.0], [bad, 3.0]])
    with pytest.raises(ValueError, match=rf"`{name}` must be finite, got {bad} at \(1, 0\)"):
        layer(wrong)
