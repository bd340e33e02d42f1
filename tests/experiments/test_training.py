"""Training: it learns, it is a function of its seed, and it shows every example equally often."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from derivations._experiments.network import classifier
from derivations._experiments.training import Adam, accuracy, batches, train, wandering


def trained(strokes, seed: int, steps: int = 60):
    random = np.random.default_rng(seed)
    network = classifier(random, 8, channels=(4, 8))
    losses = train(network, batches(strokes.images[:, None], strokes.labels, random), steps, rate=1e-2)
    return network, losses


def test_the_loss_falls_and_the_classes_are_learnt(strokes) -> None:
    network, losses = trained(strokes, 0, 150)
    before = classifier(np.random.default_rng(0), 8, channels=(4, 8))
    x = strokes.images[:, None]
    assert np.mean(losses[:5]) > 1.5 and np.mean(losses[-10:]) < 0.3
    assert accuracy(before, x, strokes.labels) < 40 and accuracy(network, x, strokes.labels) > 95


def test_one_epoch_twice_gives_the_same_numbers(strokes) -> None:
    one, other, different = trained(strokes, 3, 5), trained(strokes, 3, 5), trained(strokes, 4, 5)
    assert one[1] == other[1] != different[1]
    for a, b in zip(one[0].layers, other[0].layers, strict=True):
        for p, q in zip(a.parameters, b.parameters, strict=True):
            np.testing.assert_array_equal(p, q)


def test_only_the_layers_that_are_named_learn(strokes) -> None:
    network = classifier(np.random.default_rng(0), 8, channels=(4, 8))
    before = [[p.copy() for p in layer.parameters] for layer in network.layers]
    source = batches(strokes.images[:, None], strokes.labels, np.random.default_rng(1))
    train(network, source, 3, rate=1e-2, layers=network.head)
    for layer, old in zip(network.layers, before, strict=True):
        for p, q in zip(layer.parameters, old, strict=True):
            assert np.array_equal(p, q) == (layer in network.body)


def test_adam_against_its_definition() -> None:
    """Algorithm 1 of Kingma and Ba, with the corrections written out; the faster order has its epsilon elsewhere."""
    network = classifier(np.random.default_rng(0), 8, channels=(2, 2))
    layer = network.body[0]
    layer.parameters = [p.astype(np.float64) for p in layer.parameters]
    expected, m, v, random = layer.parameters[0].copy(), 0.0, 0.0, np.random.default_rng(1)
    adam = Adam([layer], 0.1)
    for t in range(1, 6):
        g = random.choice([-1, 1], expected.shape) * random.uniform(0.5, 2, expected.shape)
        layer.gradients = [g, np.zeros(2)]
        adam.step()
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        expected -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(layer.parameters[0], expected, atol=1e-6)
    assert not layer.parameters[1].any()


def test_every_example_comes_once_in_each_round() -> None:
    x = np.arange(50)
    drawn = np.concatenate([images for images, _ in islice(batches(x, 2 * x, np.random.default_rng(0), 20), 5)])
    assert sorted(drawn[:50]) == sorted(drawn[50:]) == list(range(50)) and list(drawn[:50]) != list(drawn[50:])
    images, labels = next(batches(x, 2 * x, np.random.default_rng(0), 20))
    np.testing.assert_array_equal(labels, 2 * images)


def test_augmentation_moves_an_image_and_keeps_its_label(strokes) -> None:
    source = wandering(strokes.images[:1], strokes.labels[:1], 10, np.random.default_rng(0))
    canvases, labels = next(source)
    assert canvases.shape == (32, 1, 10, 10) and set(labels) == {strokes.labels[0]}
    np.testing.assert_allclose(canvases.sum(axis=(1, 2, 3)), strokes.images[0].sum(), rtol=1e-5)
    assert len(np.unique(canvases, axis=0)) == 9


@pytest.mark.parametrize("n", [1, 255, 257])
def test_accuracy_counts_every_image(strokes, n) -> None:
    network = classifier(np.random.default_rng(0), 8)
    network.head[-1].parameters[0][:] = 0
    network.head[-1].parameters[1][:] = np.arange(10) == 3
    x, labels = np.zeros((n, 1, 8, 8), np.float32), np.full(n, 3)
    labels[-1] = 4
    assert accuracy(network, x, labels) == pytest.approx(100 * (n - 1) / n)
