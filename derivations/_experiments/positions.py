"""Section 4.4: where the digits lie when the network learns and where when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from derivations._experiments.digits import SIDE, Digits, anywhere, centred, placed, split
from derivations._experiments.network import Head, Network, classifier
from derivations._experiments.study import Point, Study, generator
from derivations._experiments.training import Batch, accuracy, batches, predictions, train

Array = NDArray[Any]

CANVAS = 16
ROOM = CANVAS - SIDE  # offsets go from 0 to here
EACH = 80  # training images of each class
STEPS = 400
RATE = 1e-2

HEADS: dict[Head, Text] = {"flatten": Text("拉平", "flattened"), "gap": Text("全局平均", "global average")}


def augmented(images: Array, labels: Array, random: np.random.Generator) -> Iterator[Batch]:
    """Batches of images that lie at a new place each time."""
    for chosen, answers in batches(np.arange(len(images)), labels, random):
        yield placed(images[chosen], anywhere(len(chosen), CANVAS, random), CANVAS), answers


def origin_of_invariance(digits: Digits, seed: int) -> Iterator[Point]:
    """Which part has to learn, and from what: accuracy at any place, and how often a second place changes the decision."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels = digits.images[kept], digits.labels[kept]
    x = placed(images, centred(len(kept), CANVAS), CANVAS)
    here, there = (placed(digits.images[tested], anywhere(len(tested), CANVAS, generator(seed, k)), CANVAS) for k in (1, 2))

    def judged(network: Network) -> dict[str, float]:
        same = 100 * float(np.mean(predictions(network, here) == predictions(network, there)))
        return {"accuracy": accuracy(network, here, digits.labels[tested]), "same": same}

    for head, name in HEADS.items():
        for state in STATES:
            network = classifier(generator(seed, 3), CANVAS, head=head)
            middle, moving = batches(x, labels, generator(seed, 4)), augmented(images, labels, generator(seed, 5))
            if state == "middle":
                train(network, middle, STEPS, rate=RATE)
            elif state == "anywhere":
                train(network, moving, STEPS, rate=RATE)
            elif state == "head":
                train(network, moving, STEPS, rate=RATE, layers=network.head)
            yield Point(Text(f"{name.zh}，{STATES[state].zh}", f"{name.en}, {STATES[state].en}"), judged(network))


STATES = {
    "untrained": Text("未训练", "untrained"),
    "middle": Text("在正中训练", "trained in the middle"),
    "head": Text("只有最后一层在各处训练", "only the last layer trained, anywhere"),
    "anywhere": Text("在各处训练", "trained anywhere"),
}


def augmentation(digits: Digits, seed: int) -> Iterator[Point]:
    """Digits near the middle for training, with and without augmentation; test accuracy by the distance from the middle."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels = digits.images[kept], digits.labels[kept]
    near = centred(len(kept), CANVAS) + generator(seed, 1).binomial(2, 0.5, (len(kept), 2)) - 1
    x = placed(images, near, CANVAS)
    rings = [_ring(len(tested), r, generator(seed, 2, r)) for r in range(ROOM // 2 + 1)]
    for head, name in HEADS.items():
        for moving in (False, True):
            network = classifier(generator(seed, 3), CANVAS, head=head)
            random = generator(seed, 4)
            train(network, augmented(images, labels, random) if moving else batches(x, labels, random), STEPS, rate=RATE)
            with_it = Text("增强", "augmented") if moving else Text("不增强", "not augmented")
            for r, offsets in enumerate(rings):
                value = accuracy(network, placed(digits.images[tested], offsets, CANVAS), digits.labels[tested])
                yield Point(Text(f"{name.zh}，{with_it.zh}", f"{name.en}, {with_it.en}"), {"accuracy": value}, r)


def position_bias(digits: Digits, seed: int) -> Iterator[Point]:
    """Two photographers and a lottery: each law of positions for training against each for the test."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    images, labels = digits.images[kept], digits.labels[kept]
    canvases = [
        placed(digits.images[tested], law(len(tested), generator(seed, 1, k)), CANVAS) for k, law in enumerate(LAWS.values())
    ]
    for head, law in (("flatten", "middle"), ("flatten", "even"), ("gap", "middle")):
        x = placed(images, LAWS[law](len(kept), generator(seed, 2)), CANVAS)
        network = classifier(generator(seed, 3), CANVAS, head=head)
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
LAW_NAMES = {"middle": Text("偏正中", "near the middle"), "even": Text("均匀", "even"), "corner": Text("偏左上", "near a corner")}


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
