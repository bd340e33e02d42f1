"""The data: 1797 handwritten digits of 8x8 pixels, shipped with scikit-learn; placed on larger canvases and in mosaics.

Source: Alpaydin and Kaynak 1998, Optical recognition of handwritten digits, UCI Machine Learning Repository (its test part).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text

Array = NDArray[Any]

SIDE = 8
CLASSES = 10
SHA256 = (
    "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"  # of the pixels and then the labels, a byte each
)


@dataclass(frozen=True)
class Digits:
    """Images `(n, 8, 8)`, `float32` from 0 (paper) to 1 (ink), and their labels `(n,)`, integers from 0 to 9."""

    images: Array
    labels: Array


def load() -> Digits:
    """The digits of scikit-learn; ValueError if they are not the ones that the stored numbers come from."""
    from sklearn.datasets import load_digits  # noqa: PLC0415  # of the extra `experiments`

    found = load_digits()
    return checked(found.images, found.target)


def checked(pixels: Array, labels: Array) -> Digits:
    """Pixels from 0 to 16 and labels as digits, if they have the expected hash."""
    digest = fingerprint(pixels, labels)
    if digest != SHA256:
        raise ValueError(f"the digits have changed: expected SHA-256 {SHA256}, found {digest}")
    return Digits((pixels / 16).astype(np.float32), labels.astype(np.intp))


def fingerprint(pixels: Array, labels: Array) -> str:
    return hashlib.sha256(pixels.astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()).hexdigest()


def description() -> Text:
    """What the results say of the data."""
    return Text(
        f"scikit-learn 自带的手写数字（load_digits）：1797 幅 8×8 灰度图，十类，像素和标签的 SHA-256 为 {SHA256}。"
        "训练图像与测试图像由种子划分，没有重叠。步数、步长和通道数事先用别的种子选定。",
        f"The handwritten digits that come with scikit-learn (load_digits): 1797 grey images of 8×8 pixels in ten classes; "
        f"SHA-256 of pixels and labels {SHA256}. The seed divides them into images for training and for the test, none in "
        "both. Steps, rates and channels were chosen beforehand with other seeds.",
    )


def split(labels: Array, each: int, random: np.random.Generator) -> tuple[Array, Array]:
    """Indices for training, `each` of every class, and those of all the others, for the test; both in random order."""
    order = random.permutation(len(labels))
    chosen = np.concatenate([order[labels[order] == k][:each] for k in np.unique(labels)])
    if len(chosen) < each * len(np.unique(labels)):
        raise ValueError(f"expected at least {each} examples of each class")
    return random.permutation(chosen), order[~np.isin(order, chosen)]


def placed(images: Array, offsets: Array, side: int) -> Array:
    """Images `(n, 8, 8)` on empty canvases `(n, 1, side, side)`, with their upper left corners at `offsets`, `(n, 2)`."""
    canvases = np.zeros((len(images), 1, side, side), images.dtype)
    for canvas, image, (row, column) in zip(canvases[:, 0], images, offsets, strict=True):
        height, width = image.shape
        if not (0 <= row <= side - height and 0 <= column <= side - width):
            raise ValueError(f"an image of {height} by {width} at {(row, column)} is not within {side} by {side}")
        canvas[row : row + height, column : column + width] = image
    return canvases


def anywhere(n: int, side: int, random: np.random.Generator) -> Array:
    """Offsets `(n, 2)` for canvases of `side` by `side`, every place equally likely."""
    return random.integers(0, side - SIDE + 1, (n, 2))


def centred(n: int, side: int) -> Array:
    """Offsets `(n, 2)` of the middle."""
    return np.full((n, 2), (side - SIDE) // 2)


def mosaics(images: Array, n: int, side: int, random: np.random.Generator) -> Array:
    """Scenes `(n, side, side)` full of digits: cuttings of 3x3 digits at a random phase, so that all places are alike."""
    if side > 2 * SIDE:
        raise ValueError(f"expected a side of at most {2 * SIDE}, so that any phase fits into 3x3 digits, got {side}")
    scenes = np.empty((n, side, side), images.dtype)
    for scene, chosen in zip(scenes, random.integers(0, len(images), (n, 3, 3)), strict=True):
        whole = images[chosen].swapaxes(1, 2).reshape(3 * SIDE, 3 * SIDE)
        row, column = random.integers(0, SIDE, 2)
        scene[:] = whole[row : row + side, column : column + side]
    return scenes
