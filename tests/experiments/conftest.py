"""The package of the experiments is imported as its command does it, from the root of the project; and digits that are none."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def strokes():
    """Images that are quick to learn: of class k, a bar at a height or, from 5 on, at a width of its own; and noise."""
    from derivations._experiments.digits import Digits  # noqa: PLC0415  # found by the line above

    random = np.random.default_rng(7)
    labels = random.permutation(np.repeat(np.arange(10), 16))
    images = random.uniform(0, 0.2, (len(labels), 8, 8)).astype(np.float32)
    for image, label in zip(images, labels, strict=True):
        line = image if label < 5 else image.T
        line[label % 5 + 1] += 0.8
    return Digits(images, labels)
