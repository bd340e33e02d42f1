"""Concrete signals: an array of numbers, each axis on the grid that the claim puts it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """An array with integer indices; `shape` holds None along an infinite axis, `grids` is empty where all are "zero".

    Along a "zero" axis entries beyond `0 .. n-1` are 0, along a "circular" one they repeat. A signal with an infinite axis
    has an entry at every integer there; `entries` then holds only those that were set, the others come from a table.
    """

    shape: tuple[int | None, ...]
    entries: Mapping[Place, Any]
    grids: tuple[str, ...] = ()

    @property
    def is_infinite(self) -> bool:
        return None in self.shape

    def place(self, indices: Place) -> Place | None:
        """Where the entry is stored that these indices name; None where they leave a zero axis, and it is 0."""
        if not self.grids:
            return indices if indices in self.entries else None
        stored = []
        for k, length, grid in zip(indices, self.shape, self.grids, strict=True):
            if grid == "zero" and length is not None and not 0 <= k < length:
                return None
            stored.append(k % length if grid == "circular" and length is not None else k)
        return tuple(stored)

    def places(self) -> Iterator[Place]:
        """Every place of a signal without infinite axes."""
        return product(*(range(length) for length in self.shape if length is not None))

    def with_entry(self, place: Place, number: Any) -> Signal:
        """The signal with another number at one place."""
        return replace(self, entries={**self.entries, place: number})
