"""Section 3.1: networks with and without pooling on digits that lie anywhere on a larger canvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from derivations._experiments.digits import SIDE, Digits, anywhere, centred, placed, split
from derivations._experiments.network import REDUCTIONS, Network, classifier
from derivations._experiments.study import Point, Study, generator
from derivations._experiments.training import STATES, accuracy, batches, in_parts, predictions, train, wandering

Array = NDArray[Any]

CANVAS = 12
PLACES = CANVAS - SIDE + 1  # in each direction
EACH = 80  # training images of each class
SIZES = (5, 12, 30, 80)  # or so many of them
STEPS = 400
RATE = 1e-2


def useful_invariance(digits: Digits, seed: int) -> Iterator[Point]:
    """The same canvases and two questions: which digit, and where it lies."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    x, places = _scattered(digits, kept, generator(seed, 1))
    fresh, fresh_places = _scattered(digits, tested, generator(seed, 2))
    for reduction, name in REDUCTIONS.items():
        values = {}
        for question, answers, right, classes in (
            ("digit", digits.labels[kept], digits.labels[tested], 10),
            ("place", places, fresh_places, PLACES**2),
        ):
            network = classifier(generator(seed, 3), CANVAS, reduction=reduction, classes=classes)
            train(network, batches(x, answers, generator(seed, 4)), STEPS, rate=RATE)
            values[question] = accuracy(network, fresh, right)
        yield Point(name, values)


def learning_curves(digits: Digits, seed: int) -> Iterator[Point]:
    """Test accuracy against the number of training images, each at one place; test images at other places."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    x, _ = _scattered(digits, kept, generator(seed, 1))
    fresh, _ = _scattered(digits, tested, generator(seed, 2))
    labels = digits.labels[kept]
    for reduction, name in REDUCTIONS.items():
        for each in SIZES:
            first = np.concatenate([np.flatnonzero(labels == k)[:each] for k in range(10)])
            network = classifier(generator(seed, 3), CANVAS, reduction=reduction)
            train(network, batches(x[first], labels[first], generator(seed, 4)), STEPS, rate=RATE)
            values = {
                "test": accuracy(network, fresh, digits.labels[tested]),
                "training": accuracy(network, x[first], labels[first]),
            }
            yield Point(name, values, 10 * each)


def sensitivity(digits: Digits, seed: int) -> Iterator[Point]:
    """What a step of one pixel changes, before training, after training in the middle, and after training anywhere."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels, right = digits.images[kept], digits.labels[kept], digits.labels[tested]
    middle = centred(len(tested), CANVAS)
    still = placed(digits.images[tested], middle, CANVAS)
    steps = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])
    moved = placed(digits.images[tested], middle + steps[generator(seed, 1).integers(0, 4, len(tested))], CANVAS)
    for state in ("untrained", "middle", "anywhere"):
        for reduction, name in REDUCTIONS.items():
            if reduction == "average":
                continue
            network = classifier(generator(seed, 3), CANVAS, reduction=reduction)
            if state == "middle":
                x = placed(images, centred(len(kept), CANVAS), CANVAS)
                train(network, batches(x, labels, generator(seed, 4)), STEPS, rate=RATE)
            elif state == "anywhere":
                train(network, wandering(images, labels, CANVAS, generator(seed, 4)), STEPS, rate=RATE)
            values = {
                "features": _relative_change(network, still, moved),
                "flips": 100 * float(np.mean(predictions(network, still) != predictions(network, moved))),
                "accuracy": accuracy(network, moved, right),
            }
            yield Point(Text(f"{name.zh}，{STATES[state].zh}", f"{name.en}, {STATES[state].en}"), values)


def _scattered(digits: Digits, chosen: Array, random: np.random.Generator) -> tuple[Array, Array]:
    """Canvases with the chosen digits, each at one place, and the numbers of the places."""
    offsets = anywhere(len(chosen), CANVAS, random)
    return placed(digits.images[chosen], offsets, CANVAS), offsets @ np.array([PLACES, 1])


def _relative_change(network: Network, x: Array, moved: Array) -> float:
    """The mean distance of the features of an image and the moved one, in percent of that of two different images."""
    a, b = in_parts(network.features, x), in_parts(network.features, moved)

    def distance(one: Array, other: Array) -> float:
        return float(np.mean(np.sqrt(np.sum((one - other) ** 2, axis=(1, 2, 3), dtype=np.float64))))

    return 100 * distance(a, b) / distance(a, np.roll(a, 1, axis=0))


STUDIES = (
    Study(
        "3.1-local-invariance-useful",
        {
            "digit": Text("“是哪个数字”的测试正确率（%）", "test accuracy, which digit (%)"),
            "place": Text("“在哪个位置”的测试正确率（%）", "test accuracy, which place (%)"),
        },
        useful_invariance,
    ),
    Study(
        "3.1-statistical-efficiency",
        {
            "test": Text("测试正确率（%）", "test accuracy (%)"),
            "training": Text("训练正确率（%）", "training accuracy (%)"),
        },
        learning_curves,
        axis=Text("训练图像数", "training images"),
    ),
    Study(
        "3.1-invariance-not-from-pool",
        {
            "features": Text("移动一像素后特征的相对变化（%）", "change of the features by one pixel's shift (%)"),
            "flips": Text("移动一像素后判断改变的比例（%）", "decisions that change by one pixel's shift (%)"),
            "accuracy": Text("移动后的测试正确率（%）", "test accuracy after the shift (%)"),
        },
        sensitivity,
    ),
)
