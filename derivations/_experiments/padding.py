"""Section 2.2: what padding does to a classifier, and to one kernel that has to serve every position of a full map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from cnnsym.reference import im2col
from derivations._experiments.digits import CLASSES, SIDE, Digits, mosaics, split
from derivations._experiments.network import Convolution, Flatten, Layer, Linear, MaxPooling, Network, ReLU, ZeroPadding
from derivations._experiments.study import Point, Study, generator
from derivations._experiments.training import accuracy, batches, train

Array = NDArray[Any]

EACH = 50  # training images of each class
STEPS = 400
RATE = 1e-2

KERNEL = 5
SCENE = 16  # pixels of a side; what lies beyond the input of 12 pixels is hidden
NOISE = 0.3  # standard deviation
SCENES = 2000
FITTED = 90  # digits of each class for the scenes of the fit


def padded(random: np.random.Generator, total: int) -> Network:
    """Two 3x3 convolutions with `total` rows and columns of zeros each: 0 is valid, 2 same, 4 full.

    An odd number lies before in the first layer and after in the second. Whatever the padding, the maps are pooled to 2x2,
    so that all these networks have equally many parameters.
    """
    less, more = total // 2, total - total // 2
    body: list[Layer] = []
    for (c, d), sides in (((1, 8), (more, less)), ((8, 16), (less, more))):
        body += [ZeroPadding(*sides), Convolution(random, c, d, padding=0), ReLU()]
    body.append(MaxPooling((SIDE + 2 * total - 4) // 2))
    return Network(body, [Flatten(), Linear(random, 16 * 4, CLASSES)])


def optimal_padding(digits: Digits, seed: int) -> Iterator[Point]:
    """Test accuracy for each padding; with the paper as 0, which zeros continue, and as 1, which they frame."""
    kept, tested = split(digits.labels, EACH, generator(seed, 0))
    for name, images in (
        (Text("纸面为 0", "paper is 0"), digits.images),
        (Text("纸面为 1", "paper is 1"), 1 - digits.images),
    ):
        x = images[:, None]
        for total in range(5):
            network = padded(generator(seed, 1), total)
            train(network, batches(x[kept], digits.labels[kept], generator(seed, 2)), STEPS, rate=RATE)
            yield Point(name, {"accuracy": accuracy(network, x[tested], digits.labels[tested])}, total / 2)


def single_kernel(digits: Digits, seed: int) -> Iterator[Point]:
    """The error of the best kernel in full mode, by the distance of the output from the border of the map.

    A noisy cutting of 12x12 pixels is given; wanted is the clean scene under the middle of each window, also where that lies
    beyond the cutting. Of a linear kernel the best is known without training: it solves the normal equations.
    """
    kept, tested = split(digits.labels, FITTED, generator(seed, 0))
    fitted = _moments(digits.images[kept], generator(seed, 1))
    judged = _moments(digits.images[tested], generator(seed, 2))
    products, mixed, squares = judged
    positions = len(products)
    side = int(np.sqrt(positions))
    row, column = np.divmod(np.arange(positions), side)
    ring = np.minimum(np.minimum(row, side - 1 - row), np.minimum(column, side - 1 - column))
    within = ring >= KERNEL - 1
    every = np.ones(positions, bool)
    kernels = (
        (Text("一个核，在全部位置上拟合", "one kernel, fitted at all positions"), _best(fitted, every)),
        (Text("一个核，只在完整窗口上拟合", "one kernel, fitted at complete windows only"), _best(fitted, within)),
        (
            Text("每个位置一个核", "a kernel for each position"),
            np.stack([_best(fitted, p) for p in np.eye(positions, dtype=bool)]),
        ),
    )
    for name, kernel in kernels:
        kernel = np.broadcast_to(kernel, mixed.shape)
        errors = (
            squares - 2 * np.einsum("pn,pn->p", kernel, mixed) + np.einsum("pn,pnm,pm->p", kernel, products, kernel)
        )
        variance = squares - mixed[:, -1] ** 2  # the last input is the constant 1
        for r in range(ring.max() + 1):
            share = 100 * errors[ring == r].sum() / variance[ring == r].sum()
            yield Point(name, {"error": float(share)}, r)


def _moments(images: Array, random: np.random.Generator) -> tuple[Array, Array, Array]:
    """Means over scenes, at each of the positions `P`: `Z Z'` `(P, n, n)`, `Z y` `(P, n)` and `y^2` `(P,)`.

    `Z` are the pixels of the window and a 1, `y` is what is wanted.
    """
    clean = mosaics(images, SCENES, SCENE, random).astype(np.float64)
    hidden = KERNEL // 2
    seen = clean[:, None, hidden:-hidden, hidden:-hidden]
    noisy = seen + random.normal(0, NOISE, seen.shape)
    windows = im2col.forward(noisy, KERNEL, padding=KERNEL - 1)
    Z = np.concatenate([windows, np.ones_like(windows[:, :1])], axis=1).transpose(2, 1, 0)
    y = clean.reshape(SCENES, -1).T
    return Z @ Z.swapaxes(1, 2) / SCENES, np.einsum("pns,ps->pn", Z, y) / SCENES, np.mean(y**2, axis=1)


def _best(moments: tuple[Array, Array, Array], where: Array) -> Array:
    """The kernel and bias with the least squared error over the chosen positions together."""
    products, mixed, _ = moments
    # Pixels that are always padding make the equations singular; of their solutions the smallest is taken.
    return np.linalg.lstsq(products[where].sum(axis=0), mixed[where].sum(axis=0), rcond=1e-10)[0]


STUDIES = (
    Study(
        "2.2-full-single-kernel-hard",
        {"error": Text("均方误差，占目标方差的百分比", "mean squared error, % of the target's variance")},
        single_kernel,
        axis=Text("输出位置到特征图边缘的距离", "distance of the output from the border of the map"),
    ),
    Study(
        "2.2-optimal-padding",
        {"accuracy": Text("测试正确率（%）", "test accuracy (%)")},
        optimal_padding,
        seeds=tuple(range(10)),
        axis=Text("每侧平均补零宽度（0 有效，1 相同，2 全）", "zeros on each side, mean (0 valid, 1 same, 2 full)"),
    ),
)
