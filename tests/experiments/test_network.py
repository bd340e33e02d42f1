"""The networks of the experiments: every gradient against finite differences, and the sizes that are compared."""

from __future__ import annotations

import numpy as np
import pytest

from cnnsym.reference import softmax_cross_entropy
from derivations._experiments.global_pooling import class_maps
from derivations._experiments.network import HEADS, REDUCTIONS, Flatten, Linear, Network, ZeroPadding, classifier
from derivations._experiments.padding import padded

SIDE = 8
LABELS = np.array([3, 0, 7])


def doubled(network: Network) -> Network:
    """The network in float64, with biases that are not zero, so that a lost one is missed."""
    random = np.random.default_rng(5)
    for layer in network.layers:
        layer.parameters = [
            p.astype(np.float64) + (p.ndim == 1) * random.normal(0, 0.1, p.shape) for p in layer.parameters
        ]
    return network


def images() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(len(LABELS), 1, SIDE, SIDE))


def largest_gap(network: Network) -> float:
    """Between the directional derivatives that `backward` gives, by each parameter and the images, and central differences."""
    x = images()
    scores = network.forward(x)
    grad_x = network.backward(softmax_cross_entropy.backward(scores, LABELS))
    pairs = [(x, grad_x)]
    for layer in network.layers:
        pairs += zip(layer.parameters, layer.gradients, strict=True)
    random, step, gaps = np.random.default_rng(2), 1e-6, []
    for values, gradient in pairs:
        assert gradient.shape == values.shape and gradient.dtype == np.float64
        for _ in range(3):
            direction, ends = random.normal(size=values.shape), []
            for sign in (1, -1):
                values += sign * step * direction
                ends.append(softmax_cross_entropy.forward(network.forward(x), LABELS))
                values -= sign * step * direction
            gaps.append(abs((ends[0] - ends[1]) / (2 * step) - np.sum(gradient * direction)))
    return max(gaps)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_gradients_of_a_whole_network(reduction, head) -> None:
    network = doubled(classifier(np.random.default_rng(0), SIDE, reduction=reduction, head=head, channels=(3, 4)))
    assert largest_gap(network) < 1e-8


@pytest.mark.parametrize("total", range(5))
def test_the_gradients_with_every_padding(total) -> None:
    assert largest_gap(doubled(padded(np.random.default_rng(0), total))) < 1e-8


def test_a_wrong_gradient_is_noticed(monkeypatch) -> None:
    network = doubled(classifier(np.random.default_rng(0), SIDE, channels=(3, 4)))
    backward = network.body[0].backward

    def half_a_bias(grad):
        grad_x = backward(grad)
        network.body[0].gradients[1] = network.body[0].gradients[1] / 2
        return grad_x

    monkeypatch.setattr(network.body[0], "backward", half_a_bias)
    assert largest_gap(network) > 1e-4


def test_pooling_and_stride_are_compared_at_equal_size() -> None:
    nets = {r: classifier(np.random.default_rng(0), 12, reduction=r) for r in REDUCTIONS}
    shapes = {r: net.features(np.zeros((1, 1, 12, 12), np.float32)).shape for r, net in nets.items()}
    assert shapes["max"] == shapes["average"] == shapes["stride"] == (1, 16, 3, 3) and shapes["none"] == (1, 16, 12, 12)
    assert nets["max"].size() == nets["average"].size() == nets["stride"].size() == 80 + 1168 + 1450
    assert nets["none"].size() > nets["max"].size()


def test_all_paddings_have_the_same_number_of_parameters() -> None:
    nets = [padded(np.random.default_rng(0), total) for total in range(5)]
    assert len({net.size() for net in nets}) == 1
    sides = []
    for net in nets:
        maps = np.zeros((1, 1, 8, 8), np.float32)
        for layer in net.body[:-1]:
            maps = layer.forward(maps)
        sides.append(maps.shape[2])
    assert sides == [4, 6, 8, 10, 12], "from valid by same to full, twice"


def test_zeros_before_and_after() -> None:
    layer = ZeroPadding(1, 2)
    padded_image = layer.forward(np.ones((1, 1, 2, 2)))
    assert padded_image[0, 0].tolist() == [[0] * 5, [0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0] * 5, [0] * 5]
    assert layer.backward(np.arange(25.0).reshape(1, 1, 5, 5))[0, 0].tolist() == [[6, 7], [11, 12]]


@pytest.mark.parametrize("head", HEADS)
def test_the_maps_of_a_class_sum_to_its_score(head) -> None:
    network = doubled(classifier(np.random.default_rng(0), SIDE, head=head))
    maps, bias = class_maps(network, images()), network.head[-1].parameters[1]
    assert maps.shape == (3, 10, 2, 2)
    np.testing.assert_allclose(maps.sum(axis=(2, 3)) + bias, network.forward(images()), rtol=1e-12)


def test_the_weights_of_a_flattened_map_belong_to_its_places() -> None:
    network = classifier(np.random.default_rng(0), SIDE)
    assert isinstance(network.head[0], Flatten) and isinstance(network.head[1], Linear)
    W = network.head[1].parameters[0]
    W[:] = 0
    W[4, (2 * 2 + 1) * 2] = 1  # channel 2, row 1, column 0
    x = images().astype(np.float32)
    maps, features = class_maps(network, x), network.features(x)
    np.testing.assert_array_equal(maps[:, 4, 1, 0], features[:, 2, 1, 0])
    assert np.count_nonzero(maps[:, 4]) == np.count_nonzero(features[:, 2, 1, 0])
