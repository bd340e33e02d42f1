"""The sizes that are looked at: smallest first, and no required kind left out."""

from __future__ import annotations

from math import prod

import pytest

from cnnsym.evaluate.sizes import size_assignments
from cnnsym.evaluate.undefined import NoSize


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_all_kinds_of_sizes_in_the_order_of_their_weight(count: int) -> None:
    found = size_assignments(count, prod)
    assert [prod(s) for s in found] == sorted(prod(s) for s in found)
    assert len(found) == len(set(found)) <= 60
    assert {(k,) * count for k in (1, 2, 3)} <= set(found)
    assert any(len(set(s)) == count for s in found)
    if count > 1:
        for k in range(count):
            assert any(s[k] == 1 and all(x > 1 for x in s[:k] + s[k + 1 :]) for s in found)


def test_no_sizes_is_one_choice() -> None:
    assert size_assignments(0, lambda _s: 0) == [()]


def test_choices_without_a_size_are_left_out_and_larger_ones_tried() -> None:
    def weight(s: tuple[int, ...]) -> int:
        if s[0] < s[1] + 4:
            raise NoSize("too small")
        return sum(s)

    found = size_assignments(2, weight)
    assert len(found) >= 3
    assert all(a >= b + 4 for a, b in found)


def test_the_choice_is_reproducible() -> None:
    assert size_assignments(5, prod, seed=3) == size_assignments(5, prod, seed=3)
    assert size_assignments(8, sum, seed=1)


def test_many_sizes_stay_light() -> None:
    def weight(s: tuple[int, ...]) -> int:  # a batch of images with channels, and kernels
        return s[0] * s[1] * s[2] * s[3] + s[4] * s[1] * s[5] * s[6] + s[7]

    found = size_assignments(8, weight)
    assert {(1,) * 8, (2,) * 8} <= set(found)
    assert 20 <= len(found) <= 40
    assert max(map(weight, found)) <= 300
    assert any(len(set(s)) == 3 for s in found)
    heavy = size_assignments(8, lambda s: 100 * weight(s))  # too heavy all of them: then the lightest
    assert len(heavy) == 14 and heavy == found[:14]


def test_values_are_moved_to_those_that_are_allowed() -> None:
    def multiple(s: tuple[int, ...]) -> tuple[int, ...] | None:
        n = s[0] - s[0] % s[1] or s[1]
        return None if s[2] == 3 else (n, s[1], s[2])

    found = size_assignments(3, prod, fit=multiple)
    assert all(n % s == 0 and last != 3 for n, s, last in found)
    assert len(found) == len(set(found)) >= 12
    assert len({n for n, _, _ in found}) >= 4
