"""Which sizes to look at: small, unequal, equal, and 1, each size alone at 1 included."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import product

from cnnsym.evaluate.undefined import NoSize

Sizes = tuple[int, ...]

_TYPICAL = 28
_FEW = 4
_HEAVIEST = 300  # entries in all; heavier sizes only where fewer than half of the typical number are lighter


def size_assignments(
    count: int, weight: Callable[[Sizes], int], seed: int = 0, fit: Callable[[Sizes], Sizes | None] = tuple
) -> list[Sizes]:
    """Values for `count` sizes by increasing `weight`, the number of entries that they lead to.

    `fit` moves values to the nearest ones that the hypotheses allow; where it has to, more are looked for. `weight` raises
    NoSize where a size that depends on them comes out below 1; such values are left out. Where only few remain, larger ones
    are tried.
    """
    candidates = _candidates(count, seed)
    fitted = _fitted(candidates, fit)
    if count and fitted != candidates:
        fitted = list(dict.fromkeys((*fitted, *_fitted(_mixes(count, 6, _TYPICAL, seed), fit))))
    weighed = _feasible(fitted, weight)
    if len(weighed) < _FEW and count:
        wider = sorted(product(range(1, 8 if count < 4 else 4), repeat=min(count, 6)), key=lambda s: (sum(s), s))
        wider = [s + (2,) * (count - len(s)) for s in wider]
        known = {s for _, s in weighed}
        for sizes in wider[:3000]:
            if sizes not in known:
                weighed += _feasible([sizes], weight)
            if len(weighed) >= 2 * _FEW:
                break
    weighed.sort(key=lambda w: (w[0], sum(w[1]), w[1]))
    return [sizes for k, (heavy, sizes) in enumerate(weighed) if heavy <= _HEAVIEST or k < _TYPICAL // 2]


def _fitted(candidates: Iterable[Sizes], fit: Callable[[Sizes], Sizes | None]) -> list[Sizes]:
    return list(dict.fromkeys(s for s in map(fit, candidates) if s is not None))


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
        return [(n,) for n in range(1, 7)]
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
    if count > 3:
        for mix in _mixes(count, 3, max(_TYPICAL - len(chosen), _FEW), seed):
            chosen[mix] = None
    return list(chosen)


def _mixes(count: int, largest: int, number: int, seed: int) -> list[Sizes]:
    generator = random.Random(f"sizes {seed}")
    return [tuple(generator.randint(1, largest) for _ in range(count)) for _ in range(number)]
