"""The data: the very digits that were measured, a fair split, canvases and mosaics."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from derivations._experiments import digits


def test_other_digits_are_refused(monkeypatch) -> None:
    """scikit-learn is not needed for the tests; what stands in for it has the right shape and the wrong pixels."""
    found = SimpleNamespace(images=np.zeros((1797, 8, 8)), target=np.zeros(1797, int))
    monkeypatch.setitem(sys.modules, "sklearn", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "sklearn.datasets", SimpleNamespace(load_digits=lambda: found))
    with pytest.raises(ValueError, match=f"expected SHA-256 {digits.SHA256}, found [0-9a-f]{{64}}"):
        digits.load()
    monkeypatch.setattr(digits, "SHA256", digits.fingerprint(found.images, found.target))
    assert digits.load().images.dtype == np.float32


def test_a_pixel_a_label_or_the_order_changes_the_hash() -> None:
    pixels, labels = np.arange(128.0).reshape(2, 8, 8) % 17, np.array([1, 2])
    one = digits.fingerprint(pixels, labels)
    assert one == digits.fingerprint(pixels.astype(np.float32), labels.astype(np.int32))
    assert len({one, digits.fingerprint(pixels[::-1], labels), digits.fingerprint(pixels, labels[::-1])}) == 3


def test_a_split_is_even_complete_and_of_its_seed() -> None:
    labels = np.random.default_rng(0).integers(0, 10, 300)
    kept, tested = digits.split(labels, 9, np.random.default_rng(1))
    assert np.bincount(labels[kept]).tolist() == [9] * 10
    assert sorted([*kept, *tested]) == list(range(300))
    again, other = (digits.split(labels, 9, np.random.default_rng(s))[0] for s in (1, 2))
    assert np.array_equal(kept, again) and set(kept) != set(other)
    assert not np.all(np.diff(labels[kept]) >= 0), "classes come mixed"
    with pytest.raises(ValueError, match="at least 100 examples of each class"):
        digits.split(labels, 100, np.random.default_rng(1))


def test_an_image_stands_where_it_is_placed() -> None:
    images = np.arange(1.0, 129.0).reshape(2, 8, 8)
    canvases = digits.placed(images, np.array([[0, 3], [3, 0]]), 11)
    assert canvases.shape == (2, 1, 11, 11)
    np.testing.assert_array_equal(canvases[0, 0, :8, 3:], images[0])
    np.testing.assert_array_equal(canvases[1, 0, 3:, :8], images[1])
    np.testing.assert_allclose(canvases.sum(), images.sum())


@pytest.mark.parametrize("offset", [(-1, 0), (0, 4)])
def test_an_image_may_not_leave_the_canvas(offset) -> None:
    with pytest.raises(ValueError, match="is not within 11 by 11"):
        digits.placed(np.ones((1, 8, 8)), np.array([offset]), 11)


def test_places() -> None:
    drawn = digits.anywhere(2000, 12, np.random.default_rng(0))
    assert {tuple(p) for p in drawn} == {(i, j) for i in range(5) for j in range(5)}
    assert digits.centred(2, 12).tolist() == [[2, 2], [2, 2]]


def test_all_places_of_a_mosaic_are_alike() -> None:
    """One image with one bright pixel: every place of the scenes sees it equally often."""
    image = np.zeros((1, 8, 8))
    image[0, 2, 5] = 1
    scenes = digits.mosaics(image, 6400, 16, np.random.default_rng(0))
    assert scenes.shape == (6400, 16, 16)
    np.testing.assert_array_equal(scenes.sum(axis=(1, 2)), 4)
    assert np.abs(scenes.mean(axis=0) - 1 / 64).max() < 5 * np.sqrt(1 / 64 / 6400)
    with pytest.raises(ValueError, match="at most 16"):
        digits.mosaics(image, 1, 17, np.random.default_rng(0))
