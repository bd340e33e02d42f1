"""Symbolic layers by their entries against the NumPy layers, evaluated exactly at small sizes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import sympy as sp

from cnnsym import layers, reference
from cnnsym.atoms import matrix, signal, vector
from cnnsym.errors import ShapeError
from cnnsym.evaluate import evaluate_at
from cnnsym.sizes import dims

n, d, C, H, W, B = dims("n d C H W B")
EPSILON = sp.Rational(1, 2)


def integers(*shape: int, seed: int = 0) -> Any:
    """Small integers but 0, at which some layers have no derivative, and a power mean no logarithm."""
    values = np.random.default_rng(seed).integers(1, 5, shape)
    return values * np.random.default_rng(seed + 1).choice([-1, 1], shape)


def floats(found: Any) -> Any:
    return np.array([[float(sp.N(e, 30)) for e in row] for row in found.tolist()])


def column(values: Any) -> list[list[int]]:
    return [[int(v)] for v in values]


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "silu"])
def test_activations(name: str) -> None:
    x = integers(6)
    found = evaluate_at(getattr(layers, name).forward(vector("s", n)), {n: 6}, {"s": column(x)})
    expected = getattr(reference, name).forward(x.astype(float))
    assert floats(found)[:, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("slope", [0, 1, 3, -2])
def test_leaky_relu(slope: int) -> None:
    x = integers(6)
    found = evaluate_at(layers.leaky_relu.forward(vector("s", n), slope), {n: 6}, {"s": column(x)})
    assert floats(found)[:, 0].tolist() == reference.leaky_relu.forward(x.astype(float), slope).tolist()


def test_gelu() -> None:
    x = [-3, -1, 0, 2]
    entries = [layers.gelu.forward(sp.Matrix([[v]]))[0, 0].doit() for v in x]
    expected = reference.gelu.forward(np.array(x, float))
    assert [float(sp.N(e, 30)) for e in entries] == pytest.approx(expected.tolist(), abs=1e-12)


@pytest.mark.parametrize("name", ["relu", "softmax", "residual"])
def test_entries_of_a_layer_of_a_layer(name: str) -> None:
    """A layer applied to one given by its entries: no name of the inner one is captured by the outer one."""
    x = integers(4)
    inner = layers.softmax.forward(vector("x", n))
    outer = {
        "relu": layers.relu.forward,
        "softmax": layers.softmax.forward,
        "residual": lambda p: layers.residual.forward(p, p),
    }
    p = reference.softmax.forward(x[None].astype(float))
    expected = {"relu": p, "softmax": reference.softmax.forward(p), "residual": 2 * p}[name][0]
    found = evaluate_at(outer[name](inner), {n: 4}, {"x": column(x)})
    assert floats(found)[:, 0] == pytest.approx(expected, abs=1e-12)


def test_softmax_and_its_logarithm() -> None:
    x = integers(5)
    for name in ("softmax", "log_softmax"):
        found = evaluate_at(getattr(layers, name).forward(vector("x", n)), {n: 5}, {"x": column(x)})
        expected = getattr(reference, name).forward(x[None].astype(float))[0]
        assert floats(found)[:, 0] == pytest.approx(expected, abs=1e-12)


def test_losses() -> None:
    x, y = integers(5), integers(5, seed=3)
    values = {"x": column(x), "y": column(y)}
    loss = layers.softmax_cross_entropy.forward(vector("x", n), vector("y", n))
    found = float(sp.N(evaluate_at(loss, {n: 5}, values), 30))
    assert found == pytest.approx(reference.softmax_cross_entropy.forward(x[None].astype(float), y[None].astype(float)))
    x, y = integers(2, 3), integers(2, 3, seed=3)
    loss = layers.mse.forward(matrix("Y", d, n), matrix("T", d, n))
    found = float(evaluate_at(loss, {d: 2, n: 3}, {"Y": x.tolist(), "T": y.tolist()}))
    assert found == pytest.approx(reference.mse.forward(x.astype(float), y.astype(float)))


def test_normalisations() -> None:
    x = integers(2, 4, 3)
    gamma, beta = integers(4, seed=5), integers(4, seed=7)
    picture, f = x[..., None].astype(float), np.float64
    values = {"x": x.tolist(), "gamma": gamma.tolist(), "beta": beta.tolist()}
    image, scale, shift = signal("x", B, C, W), signal("gamma", C), signal("beta", C)
    batch = reference.batch_norm.forward(picture, gamma.astype(f), beta.astype(f), eps=0.5)[0]
    for at in itertools.product(range(2), range(4), range(3)):
        e = layers.batch_norm.forward(image, tuple(map(sp.Integer, at)), scale, shift, EPSILON)
        found = float(sp.N(evaluate_at(e, {B: 2, C: 4, W: 3}, values), 30))
        assert found == pytest.approx(batch[(*at, 0)], abs=1e-12)
    group = reference.group_norm.forward(picture, gamma.astype(f), beta.astype(f), groups=2, eps=0.5)
    grouped, scales = signal("x", B, 2, 2, W), (signal("gamma", 2, 2), signal("beta", 2, 2))
    apart = {key: np.reshape(v, (2, 2, 2, 3) if key == "x" else (2, 2)).tolist() for key, v in values.items()}
    for b, h, k, p in itertools.product(range(2), range(2), range(2), range(3)):
        e = layers.group_norm.forward(grouped, *map(sp.Integer, (b, h, k, p)), *scales, EPSILON)
        found = float(sp.N(evaluate_at(e, {B: 2, W: 3}, apart), 30))
        assert found == pytest.approx(group[b, 2 * h + k, p, 0], abs=1e-12)


def test_layer_norm_and_the_affine_map_of_evaluation() -> None:
    x, gamma, beta = integers(2, 4), integers(4, seed=5), integers(4, seed=7)
    values = {"x": x.tolist(), "gamma": gamma.tolist(), "beta": beta.tolist()}
    expected = reference.layer_norm.forward(*(a.astype(float) for a in (x, gamma, beta)), eps=0.5)
    for b, i in np.ndindex(2, 4):
        e = layers.layer_norm.forward(
            signal("x", B, n), sp.Integer(b), sp.Integer(i), signal("gamma", n), signal("beta", n), EPSILON
        )
        assert float(sp.N(evaluate_at(e, {B: 2, n: 4}, values), 30)) == pytest.approx(expected[b, i], abs=1e-12)
    one = np.ones(1)
    expected = reference.batch_norm.evaluate(np.array([[5.0]]), 2 * one, 7 * one, mean=3 * one, var=1.5 * one, eps=0.5)
    e = layers.batch_norm.evaluate(sp.Integer(5), 2, 7, 3, sp.Rational(3, 2), EPSILON)
    assert float(sp.N(e, 30)) == pytest.approx(expected[0, 0], abs=1e-12)


def test_dropout() -> None:
    x, mask = integers(6), np.array([1, 0, 1, 1, 0, 1])
    expected = reference.dropout.forward(x.astype(float), mask.astype(float), 0.25)
    for i in range(6):
        e = layers.dropout.forward(signal("x", n), signal("m", n), sp.Rational(1, 4), sp.Integer(i))
        assert float(evaluate_at(e, {n: 6}, {"x": x.tolist(), "m": mask.tolist()})) == pytest.approx(expected[i])


@pytest.mark.parametrize("frequencies", [False, True])
def test_attention(frequencies: bool) -> None:
    x, w1, w2 = integers(3, 2, 2), integers(2, 3, seed=2), integers(3, 2, seed=4)
    b1, b2 = np.array([9, -1]), integers(3, seed=8)
    X, W1, W2, c1, c2 = matrix("X", 3, 4), matrix("W", 2, 3), matrix("V", 3, 2), vector("b", 2), vector("c", 3)
    values = {"X": x.reshape(3, 4).tolist(), "W": w1.tolist(), "V": w2.tolist(), "b": column(b1), "c": column(b2)}
    arrays = [a.astype(float) for a in (w1, w2, b1, b2)]
    if frequencies:
        chosen = np.array([[0, 0], [1, 0], [0, 1]])
        places = list(itertools.product(range(2), repeat=2))
        Q = sp.Matrix(3, 4, lambda c, p: layers.dct2d.basis(*map(int, chosen[c]), *places[p], 2, 2))
        found = evaluate_at(layers.fca_attention.forward(X, Q, W1, W2, c1, c2), {}, values)
        expected = reference.fca_attention.forward(x[None].astype(float), chosen, *arrays)
    else:
        found = evaluate_at(layers.squeeze_excitation.forward(X, W1, W2, c1, c2), {}, values)
        expected = reference.squeeze_excitation.forward(x[None].astype(float), *arrays)
    assert floats(found) == pytest.approx(expected.reshape(3, 4), abs=1e-12)


OPTIONS = (
    {"stride": 1, "padding": 0, "dilation": 1},
    {"stride": 2, "padding": 1, "dilation": 1},
    {"stride": 1, "padding": 2, "dilation": 2},
)


WIDE = {"stride": 1, "padding": 1, "dilation": 2}


@pytest.mark.parametrize("options", OPTIONS)
def test_depthwise_and_grouped_convolution(options: dict[str, int]) -> None:
    x, single, kernels = integers(4, 5, 4), integers(4, 3, 2, seed=1), integers(6, 2, 3, 2, seed=2)
    values = {"x": x.tolist(), "D": single.tolist(), "V": kernels.tolist()}
    image = signal("x", 4, 5, 4)
    apart = reference.depthwise_conv2d.forward(x[None].astype(float), single.astype(float), **options)[0]
    grouped = reference.conv2d.forward(x[None].astype(float), kernels.astype(float), groups=2, **options)[0]
    for u, v in np.ndindex(*apart.shape[1:]):
        for c in range(4):
            e = layers.depthwise_conv2d.forward(image, signal("D", 4, 3, 2), sp.Integer(c), u, v, **options)
            assert int(evaluate_at(e, {}, values)) == apart[c, u, v]
        for h, o in np.ndindex(2, 3):
            e = layers.depthwise_conv2d.grouped(image, signal("V", 6, 2, 3, 2), h, o, u, v, 2, **options)
            assert int(evaluate_at(e, {}, values)) == grouped[3 * h + o, u, v]


@pytest.mark.parametrize(("options", "more"), [(OPTIONS[0], 0), (OPTIONS[1], 0), (OPTIONS[1], 1), (WIDE, 0)])
def test_transposed_convolution(options: dict[str, int], more: int) -> None:
    x, kernels = integers(2, 3, 2), integers(2, 3, 3, 2, seed=2)
    expected = reference.conv_transpose2d.forward(
        x[None].astype(float), kernels.astype(float), output_padding=more, **options
    )[0]
    if options["dilation"] == 1:
        sizes = {"stride": options["stride"], "padding": options["padding"], "more": more}
        found = tuple(layers.conv_transpose2d.output_size(a, k, **sizes) for a, k in ((3, 3), (2, 2)))
        assert found == expected.shape[1:]
    for o, i, j in np.ndindex(*expected.shape):
        e = layers.conv_transpose2d.forward(signal("x", 2, 3, 2), signal("V", 2, 3, 3, 2), o, i, j, **options)
        assert int(evaluate_at(e, {}, {"x": x.tolist(), "V": kernels.tolist()})) == expected[o, i, j]


def test_global_max_pool() -> None:
    x = integers(3, 4)
    found = evaluate_at(layers.global_max_pool.forward(signal("x", H, W)), {H: 3, W: 4}, {"x": x.tolist()})
    assert int(found) == reference.global_max_pool.forward(x[None, None].astype(float))[0, 0]


@pytest.mark.parametrize("q", [1, 2, 3])
def test_lp_pool(q: int) -> None:
    x = abs(integers(4, 6))
    expected = reference.lp_pool2d.forward(x[None, None].astype(float), q, 2)[0, 0]
    for u, v in np.ndindex(2, 3):
        e = layers.lp_pool2d.forward(signal("x", H, W), sp.Integer(u), sp.Integer(v), 2, q, stride=2)
        found = evaluate_at(e, {H: 4, W: 6}, {"x": x.tolist()})
        assert float(sp.N(found, 30)) == pytest.approx(expected[u, v], abs=1e-12)
        window = x[2 * u : 2 * u + 2, 2 * v : 2 * v + 2].reshape(4)
        mean = evaluate_at(layers.lp_pool2d.power_mean(vector("y", n), q), {n: 4}, {"y": column(window)})
        assert float(sp.N(mean, 30)) == pytest.approx(expected[u, v], abs=1e-12)


@pytest.mark.parametrize(("order", "stride"), [(0, 1), (1, 2), (2, 2), (3, 1)])
@pytest.mark.parametrize("grid", ["zero", "circular"])
def test_blur_pool(order: int, stride: int, grid: Any) -> None:
    x = integers(4, 5)
    kernel = [layers.blur_pool2d.weight(order, i) for i in range(order + 1)]
    assert sum(kernel) == 1
    expected = reference.blur_pool2d.forward(x[None, None].astype(float), order, stride=stride, padding=grid)[0, 0]
    for u, v in np.ndindex(*expected.shape):
        e = layers.blur_pool2d.forward(
            signal("x", 4, 5, grid=grid), signal("k", order + 1), u, v, stride=stride, padding=order // 2
        )
        assert float(evaluate_at(e, {}, {"x": x.tolist(), "k": kernel})) == pytest.approx(expected[u, v], abs=1e-12)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: layers.relu.forward(sp.Symbol("s")), "relu: expected a matrix"),
        (lambda: layers.softmax.forward(matrix("X", d, n)), "softmax: expected a column"),
        (
            lambda: layers.softmax_cross_entropy.forward(vector("x", n), vector("y", d)),
            "expected targets of shape n x 1",
        ),
        (lambda: layers.mse.forward(matrix("Y", d, n), matrix("T", n, d)), "mse: expected targets of shape d x n"),
        (lambda: layers.residual.forward(vector("x", n), vector("F", d)), "residual: expected a branch of shape n x 1"),
    ],
)
def test_shapes_that_disagree(build: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        build()
