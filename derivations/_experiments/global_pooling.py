"""Section 3.2: a head on the global average against a head on the flattened maps: overfitting, and where the evidence lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from derivations._experiments.digits import SIDE, Digits, anywhere, centred, placed, split
from derivations._experiments.network import HEADS, Linear, Network, classifier
from derivations._experiments.study import Point, Study, generator
from derivations._experiments.training import STATES, accuracy, batches, in_parts, train, wandering

Array = NDArray[Any]

CANVAS = 12
SCENE = 16  # two digits side by side
EACH = 80  # training images of each class
SIZES = (5, 12, 30, 80)  # or so many of them
CHANNELS = (8, 32)
STEPS = 600
RATE = 2e-2


def overfitting(digits: Digits, seed: int) -> Iterator[Point]:
    """Training and test accuracy of both heads against the number of training images, in the middle and anywhere."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    labels, right = digits.labels[kept], digits.labels[tested]
    for where in (Text("数字在正中", "digits in the middle"), Text("数字在各处", "digits anywhere")):
        if where.en == "digits in the middle":
            places = [centred(len(chosen), CANVAS) for chosen in (kept, tested)]
        else:
            places = [anywhere(len(chosen), CANVAS, generator(seed, 1, k)) for k, chosen in enumerate((kept, tested))]
        x, fresh = (placed(digits.images[c], p, CANVAS) for c, p in zip((kept, tested), places, strict=True))
        for head, name in HEADS.items():
            for each in SIZES:
                first = np.concatenate([np.flatnonzero(labels == k)[:each] for k in range(10)])
                network = classifier(generator(seed, 2), CANVAS, head=head, channels=CHANNELS)
                train(network, batches(x[first], labels[first], generator(seed, 3)), STEPS, rate=RATE)
                learnt, found = accuracy(network, x[first], labels[first]), accuracy(network, fresh, right)
                values = {"gap": learnt - found, "test": found}
                yield Point(Text(f"{name.zh}，{where.zh}", f"{name.en}, {where.en}"), values, 10 * each)


def localisation(digits: Digits, seed: int) -> Iterator[Point]:
    """Trained on one digit anywhere on the canvas; shown two of different classes; does the map of a class lie on its digit?"""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    alone = placed(digits.images[tested], anywhere(len(tested), SCENE, generator(seed, 1)), SCENE)
    scenes, left, right = _pairs(digits, tested, generator(seed, 2))
    for state in ("untrained", "anywhere"):
        for head, name in HEADS.items():
            network = classifier(generator(seed, 3), SCENE, head=head, channels=CHANNELS)
            if state == "anywhere":
                source = wandering(digits.images[kept], digits.labels[kept], SCENE, generator(seed, 4))
                train(network, source, STEPS, rate=RATE)
            maps = in_parts(lambda part, n=network: class_maps(n, part), scenes)
            of_left, of_right = (maps[np.arange(len(maps)), classes] for classes in (left, right))
            # Mirrored, the digit of the class on the right is on the left too.
            halves = np.stack(np.split(np.concatenate([of_left, of_right[..., ::-1]]), 2, axis=2))
            own, other = np.maximum(halves, 0).sum(axis=(2, 3), dtype=np.float64)
            share = np.where(own + other > 0, own / np.maximum(own + other, 1e-30), 0.5)
            more = halves[0].sum(axis=(1, 2)) > halves[1].sum(axis=(1, 2))
            values = {
                "mass": 100 * float(np.mean(share)),
                "side": 100 * float(np.mean(more)),
                "accuracy": accuracy(network, alone, digits.labels[tested]),
            }
            yield Point(Text(f"{name.zh}，{STATES[state].zh}", f"{name.en}, {STATES[state].en}"), values)


def class_maps(network: Network, x: Array) -> Array:
    """What each place of the features adds to the score of each class, `(B, classes, h, w)`.

    For the global average this is the class activation map over `h w`; for the flattened maps it is the same sum with weights
    that depend on the place. In both cases its sum and the bias are the score.
    """
    features = network.features(x)
    C, h, w = features.shape[1:]
    head = network.head[-1]
    assert isinstance(head, Linear)
    W = head.parameters[0]
    if W.shape[1] == C:
        return np.einsum("kc,bchw->bkhw", W, features) / (h * w)
    return np.einsum("kchw,bchw->bkhw", W.reshape(-1, C, h, w), features)


def _pairs(digits: Digits, chosen: Array, random: np.random.Generator) -> tuple[Array, Array, Array]:
    """Scenes with two digits of different classes, one in each half, each at any height; the classes left and right."""
    other = random.permutation(chosen)
    different = digits.labels[chosen] != digits.labels[other]
    left, right = chosen[different], other[different]
    heights = random.integers(0, SCENE - SIDE + 1, (2, len(left)))
    scenes = placed(digits.images[left], np.stack([heights[0], np.zeros_like(heights[0])], axis=1), SCENE)
    scenes += placed(digits.images[right], np.stack([heights[1], np.full_like(heights[1], SIDE)], axis=1), SCENE)
    return scenes, digits.labels[left], digits.labels[right]


STUDIES = (
    Study(
        "3.2-overfit",
        {
            "gap": Text("训练正确率减测试正确率（百分点）", "training minus test accuracy (percentage points)"),
            "test": Text("测试正确率（%）", "test accuracy (%)"),
        },
        overfitting,
        axis=Text("训练图像数", "training images"),
    ),
    Study(
        "3.2-interpretable-cam",
        {
            "mass": Text(
                "类别图落在本类数字一侧的正值份额（%）", "positive part of a class's map on the side of its digit (%)"
            ),
            "side": Text(
                "本类数字一侧对该类得分贡献更大的比例（%）",
                "scores of a class to which the side of its digit adds more (%)",
            ),
            "accuracy": Text("单个数字的测试正确率（%）", "test accuracy, one digit (%)"),
        },
        localisation,
    ),
)
