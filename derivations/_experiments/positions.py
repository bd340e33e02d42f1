"""Section 4.4: where the digits lie when the network learns and where when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from derivations._experiments.digits import SIDE, Digits, anywhere, centred, placed, split
from derivations._experiments.network import HEADS, classifier
from derivations._experiments.study import Point, Study, generator
from derivations._experiments.training import STATES, accuracy, batches, predictions, train, wandering

Array = NDArray[Any]

SMALL = 12
CANVAS = 16
ROOM = CANVAS - SIDE  # offsets go from 0 to here
EACH = 80  # training images of each class
CHANNELS = (8, 32)
STEPS = 600
RATE = 2e-2


def origin_of_invariance(digits: Digits, seed: int) -> Iterator[Point]:
    """What is invariant, by which training: accuracy at any place, and how often a second place gives the same decision."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels = digits.images[kept], digits.labels[kept]
    x = placed(images, centred(len(kept), SMALL), SMALL)
    here, there = (
        placed(digits.images[tested], anywhere(len(tested), SMALL, generator(seed, k)), SMALL) for k in (1, 2)
    )
    for name, head, reduction, states in (
        (HEADS["flatten"], "flatten", "max", ("untrained", "middle", "head", "anywhere")),
        (HEADS["gap"], "gap", "max", ("untrained", "middle", "anywhere")),
        (Text("全局平均，无下采样", "global average, no downsampling"), "gap", "none", ("untrained", "middle")),
    ):
        for state in states:
            network = classifier(generator(seed, 3), SMALL, head=head, reduction=reduction, channels=CHANNELS)
            middle, moving = (
                batches(x, labels, generator(seed, 4)),
                wandering(images, labels, SMALL, generator(seed, 5)),
            )
            if state != "untrained":
                layers = network.head if state == "head" else None
                train(network, middle if state == "middle" else moving, STEPS, rate=RATE, layers=layers)
            values = {
                "accuracy": accuracy(network, here, digits.labels[tested]),
                "same": 100 * float(np.mean(predictions(network, here) == predictions(network, there))),
            }
            yield Point(Text(f"{name.zh}，{STATES[state].zh}", f"{name.en}, {STATES[state].en}"), values)


def augmentation(digits: Digits, seed: int) -> Iterator[Point]:
    """Digits near the middle for training, with and without augmentation; test accuracy by the distance from the middle."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels = digits.images[kept], digits.labels[kept]
    near = centred(len(kept), CANVAS) + generator(seed, 1).binomial(2, 0.5, (len(kept), 2)) - 1
    x = placed(images, near, CANVAS)
    rings = [_ring(len(tested), r, generator(seed, 2, r)) for r in range(ROOM // 2 + 1)]
    for head, name in HEADS.items():
        for moving in (False, True):
            network = classifier(generator(seed, 3), CANVAS, head=head, channels=CHANNELS)
            random = generator(seed, 4)
            train(
                network,
                wandering(images, labels, CANVAS, random) if moving else batches(x, labels, random),
                STEPS,
                rate=RATE,
            )
            with_it = Text("增强", "augmented") if moving else Text("不增强", "not augmented")
            for r, offsets in enumerate(rings):
                value = accuracy(network, placed(digits.images[tested], offsets, CANVAS), digits.labels[tested])
                yield Point(Text(f"{name.zh}，{with_it.zh}", f"{name.en}, {with_it.en}"), {"accuracy": value}, r)


def position_bias(digits: Digits, seed: int) -> Iterator[Point]:
    """Two photographers and a lottery: each law of positions for training against each for the test."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels = digits.images[kept], digits.labels[kept]
    canvases = [
        placed(digits.images[tested], law(len(tested), generator(seed, 1, k)), CANVAS)
        for k, law in enumerate(LAWS.values())
    ]
    for head, law in (("flatten", "middle"), ("flatten", "even"), ("gap", "middle")):
        x = placed(images, LAWS[law](len(kept), generator(seed, 2)), CANVAS)
        network = classifier(generator(seed, 3), CANVAS, head=head, channels=CHANNELS)
        train(network, batches(x, labels, generator(seed, 4)), STEPS, rate=RATE)
        for asked, canvas in zip(LAWS, canvases, strict=True):
            name = Text(
                f"{HEADS[head].zh}，训练{LAW_NAMES[law].zh}，测试{LAW_NAMES[asked].zh}",
                f"{HEADS[head].en}, training {LAW_NAMES[law].en}, test {LAW_NAMES[asked].en}",
            )
            yield Point(name, {"accuracy": accuracy(network, canvas, digits.labels[tested])})


def _middle(n: int, random: np.random.Generator) -> Array:
    return random.binomial(ROOM, 0.5, (n, 2))


def _corner(n: int, random: np.random.Generator) -> Array:
    return random.binomial(ROOM, 0.125, (n, 2))


def _even(n: int, random: np.random.Generator) -> Array:
    return anywhere(n, CANVAS, random)


LAWS = {"middle": _middle, "even": _even, "corner": _corner}
LAW_NAMES = {
    "middle": Text("偏正中", "near the middle"),
    "even": Text("均匀", "even"),
    "corner": Text("偏左上", "near a corner"),
}


def _ring(n: int, r: int, random: np.random.Generator) -> Array:
    """Offsets whose larger distance from the middle, by row or by column, is `r`."""
    steps = np.array([(i, j) for i in range(-r, r + 1) for j in range(-r, r + 1) if max(abs(i), abs(j)) == r])
    return centred(n, CANVAS) + steps[random.integers(0, len(steps), n)]


STUDIES = (
    Study(
        "4.4-invariance-from-parameters",
        {
            "accuracy": Text("任意位置的测试正确率（%）", "test accuracy at any place (%)"),
            "same": Text("两个任意位置上判断相同的比例（%）", "same decision at two places (%)"),
        },
        origin_of_invariance,
    ),
    Study(
        "4.4-augmentation-necessary",
        {"accuracy": Text("测试正确率（%）", "test accuracy (%)")},
        augmentation,
        axis=Text("测试时离正中的距离（像素）", "distance from the middle in the test (pixels)"),
    ),
    Study("4.4-photographer-bias", {"accuracy": Text("测试正确率（%）", "test accuracy (%)")}, position_bias),
)
