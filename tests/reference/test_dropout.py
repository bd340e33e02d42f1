"""Dropout against a choice of entries, its expectation, and its own laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference import dropout

DTYPES = [np.float32, np.float64]
SHAPES = [(), (1,), (5,), (3, 1), (2, 3, 4)]
RTOL = {np.float32: 1e-6, np.float64: 1e-14}
LAYERS = [dropout.forward, dropout.backward]


def example(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    x, mask = rng.normal(size=shape), rng.integers(2, size=shape)
    return np.asarray(x, dtype), np.asarray(mask, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [0, 0.25, np.float64(0.9)])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layer", LAYERS)
def test_an_entry_is_dropped_or_scaled(layer, shape, p, dtype):
    x, mask = example(shape, dtype)
    kept = [v / (1 - p) if m else 0.0 for v, m in zip(x.ravel().tolist(), mask.ravel(), strict=True)]
    found = layer(x, mask, p)
    assert found.dtype == dtype and found.shape == shape
    np.testing.assert_allclose(found, np.reshape(kept, shape), rtol=RTOL[dtype])
    np.testing.assert_array_equal(layer(x, mask.astype(bool), p), found, strict=True)


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5])
def test_the_expectation_over_all_masks_is_the_input(p):
    x = np.array([1.0, -2.0, 4.0])
    mean = np.zeros(3)
    for bits in itertools.product([0.0, 1.0], repeat=3):
        mask = np.array(bits)
        mean += np.prod(np.where(mask == 1, 1 - p, p)) * dropout.forward(x, mask, p)
    np.testing.assert_allclose(mean, x, rtol=1e-15)


@given(st.floats(0, 0.99), st.integers(0, 999))
def test_backward_is_the_adjoint_and_has_the_slopes(p, seed):
    x, mask = example((3, 4), np.float64, seed)
    g, v = example((3, 4), np.float64, seed + 1)[0], example((3, 4), np.float64, seed + 2)[0]
    back = dropout.backward(g, mask, p)
    np.testing.assert_allclose(np.vdot(dropout.forward(x, mask, p), g), np.vdot(x, back), rtol=1e-10, atol=1e-10)
    up, down = (np.vdot(g, dropout.forward(x + t * v, mask, p)) for t in (1e-3, -1e-3))
    np.testing.assert_allclose(np.vdot(back, v), (up - down) / 2e-3, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("p", [1, 1.0, -0.1, 1.5, np.nextafter(0, -1)])
def test_probabilities_that_are_refused(layer, p):
    with pytest.raises(ValueError) as caught:
        layer(np.ones(2), np.ones(2), p)
    assert str(caught.value) == f"`p` must be at least 0 and below 1, got {p}"


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("bad", [2.0, -1.0, 0.5, np.nan, np.inf])
def test_masks_that_are_refused(layer, bad):
    mask = np.ones((2, 3))
    mask[1, 0] = bad
    with pytest.raises(ValueError) as caught:
        layer(np.ones((2, 3)), mask, 0.5)
    assert str(caught.value) == f"`mask` must be 0 or 1, got {bad} at (1, 0)"


@pytest.mark.parametrize(("layer", "name"), [(dropout.forward, "x"), (dropout.backward, "grad_y")])
def test_what_is_refused(layer, name):
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match=rf"`mask` .*\(2, 3\) as in `{name}`, got \(3,\)"):
        layer(x, x[0], 0.5)
    with pytest.raises(ValueError, match=rf"`mask` .*\(2, 3\) as in `{name}`, got \(3,\)"):
        layer(x, x[0] > 0, 0.5)
    with pytest.raises(TypeError, match=f"`mask` must have dtype float64 as `{name}` has"):
        layer(x, x.astype(np.float32), 0.5)
    with pytest.raises(TypeError, match="`mask` must be a NumPy array .* got list"):
        layer(x, [[1, 1, 1]] * 2, 0.5)
    with pytest.raises(TypeError, match=f"`{name}` must be a NumPy array .* got dtype int64"):
        layer(x.astype(np.int64), x, 0.5)
    with pytest.raises(TypeError, match="`p` must be a number, got str"):
        layer(x, x, "0.5")
    with pytest.raises(ValueError, match="`p` must be a finite float64, got nan"):
        layer(x, x, np.nan)
    # Dropped or not: what is no number is no input.
    wrong = np.array([1.0, np.nan])
    with pytest.raises(ValueError, match=rf"`{name}` must be finite, got nan at \(1,\)"):
        layer(wrong, np.array([1.0, 0.0]), 0.5)
