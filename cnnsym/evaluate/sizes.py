"""Which sizes to look at: small, unequal, equal, and 1, each size alone at 1 included."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

from cnnsym.evaluate.undefined import NoSize

Sizes = tuple[int, ...]

_TYPICAL = 28
_FEW = 4


def size_assignments(count: int, weight: Callable[[Sizes], int], seed: int = 0) -> list[Sizes]:
    """Values for `count` sizes by increasing `weight`, the number of entries that they lead to.

    `weight` raises NoSize where a size that depends on them comes out below 1; such values are left out. Where only few
    remain, larger ones are tried.
    """
    weighed = _feasible(_candidates(count, seed), weight)
    if len(weighed) < _FEW and count:
        wider = sorted(product(range(1, 8 if count < 4 else 4), repeat=min(count, 6)), key=lambda s: (sum(s), s))
        wider = [s + (2,) * (count - len(s)) for s in wider]
        known = {s for _, s in weighed}
        for sizes in wider[:3000]:
            if sizes not in known:
                weighed += _feasible([sizes], weight)
            if len(weighed) >= 2 * _FEW:
                break
    return [sizes for _, sizes in sorted(weighed, key=lambda w: (w[0], sum(w[1]), w[1]))]


def _feasible(candidates: list[Sizes], weight: Callable[[Sizes], int]) -> list[tuple[int, Sizes]]:
    found = []
    for sizes in candidates:
        try:
            found.append((weight(sizes), sizes))
        except NoSize:
            continue
    return found


def _candidates(count: int, seed: int) -> list[Sizes]:
    if count == 0:
        return [()]
    if count == 1:
        return [(n,) for n in range(1, 6)]
    chosen: dict[Sizes, None] = {}
    if count <= 3:
        chosen.update(dict.fromkeys(product((1, 2, 3), repeat=count)))
    if count == 2:
        chosen.update(dict.fromkeys(((1, 4), (4, 1), (2, 4), (4, 2), (3, 4), (4, 3), (4, 4), (5, 2))))
    for n in (1, 2, 3):
        chosen[(n,) * count] = None
    for k in range(count):
        chosen[tuple(1 if i == k else 2 for i in range(count))] = None
        chosen[tuple(2 if i == k else 1 for i in range(count))] = None
        chosen[tuple(1 if i == k else 2 + i % 2 for i in range(count))] = None
        if count <= 6:
            chosen[tuple((i + k) % count + 1 for i in range(count))] = None  # pairwise distinct
    generator = random.Random(f"sizes {seed}")
    for _ in range(200):
        if len(chosen) >= _TYPICAL or count <= 3:
            break
        chosen[tuple(generator.randint(1, 3) for _ in range(count))] = None
    return list(chosen)
