"""Training: Adam on the mean cross-entropy of batches; accuracy; everything a function of the generator it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from cnnsym.reference import softmax_cross_entropy
from derivations._experiments.digits import anywhere, placed
from derivations._experiments.network import Layer, Network

Array = NDArray[Any]
Batch = tuple[Array, Array]

STATES = {
    "untrained": Text("未训练", "untrained"),
    "middle": Text("在正中训练", "trained in the middle"),
    "head": Text("只有最后一层在各处训练", "last layer only, trained anywhere"),
    "anywhere": Text("在各处训练", "trained anywhere"),
}


class Adam:
    """Adam with its usual constants.

    Source: Kingma and Ba 2015, Adam: a method for stochastic optimization, algorithm 1, in the order of its section 2.
    """

    def __init__(self, layers: list[Layer], rate: float) -> None:
        self._layers = [layer for layer in layers if layer.parameters]
        self.rate, self._step = rate, 0
        self._means = [[np.zeros_like(p) for p in layer.parameters] for layer in self._layers]
        self._squares = [[np.zeros_like(p) for p in layer.parameters] for layer in self._layers]

    def step(self) -> None:
        """Move every parameter by the gradient of the last `backward`."""
        self._step += 1
        rate = self.rate * np.sqrt(1 - 0.999**self._step) / (1 - 0.9**self._step)
        for layer, means, squares in zip(self._layers, self._means, self._squares, strict=True):
            for p, g, m, v in zip(layer.parameters, layer.gradients, means, squares, strict=True):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= (rate * m / (np.sqrt(v) + 1e-8)).astype(p.dtype)


def batches(x: Array, labels: Array, random: np.random.Generator, size: int = 32) -> Iterator[Batch]:
    """Batches without end: all examples in a new order, again and again. A rest smaller than a batch opens the next round."""
    order = np.empty(0, np.intp)
    while True:
        while len(order) < size:
            order = np.concatenate([order, random.permutation(len(x))])
        chosen, order = order[:size], order[size:]
        yield x[chosen], labels[chosen]


def wandering(images: Array, labels: Array, side: int, random: np.random.Generator) -> Iterator[Batch]:
    """Batches of images `(n, 8, 8)` that lie at a new place of a canvas of `side` by `side` each time: augmentation."""
    for chosen, answers in batches(np.arange(len(images)), labels, random):
        yield placed(images[chosen], anywhere(len(chosen), side, random), side), answers


def train(
    network: Network, source: Iterator[Batch], steps: int, *, rate: float = 3e-3, layers: list[Layer] | None = None
) -> list[float]:
    """The loss of each step. Trains `layers`, or all; the rate falls to a tenth for the last quarter of the steps."""
    trained = network.layers if layers is None else layers
    adam, losses = Adam(trained, rate), []
    for step in range(steps):
        if step == steps - steps // 4:
            adam.rate = rate / 10
        x, labels = next(source)
        scores = network.forward(x)
        losses.append(float(softmax_cross_entropy.forward(scores, labels)))
        network.backward(softmax_cross_entropy.backward(scores, labels))
        adam.step()
    return losses


def in_parts(f: Callable[[Array], Array], x: Array, size: int = 256) -> Array:
    """`f` of all examples, few at a time."""
    return np.concatenate([f(x[first : first + size]) for first in range(0, len(x), size)])


def predictions(network: Network, x: Array) -> Array:
    """The class with the highest score for each image."""
    return in_parts(network.forward, x).argmax(axis=1)


def accuracy(network: Network, x: Array, labels: Array) -> float:
    """The share of images with the right class, in percent."""
    return 100 * float(np.mean(predictions(network, x) == labels))
