"""Orthogonality of the cosines, case by case; cases that do not cover everything prove nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import sympy as sp

from cnnsym.cosine_sums import MAX_CASES, cosine_sum_holds
from cnnsym.errors import CnnsymError, UnsupportedError
from cnnsym.prover import prove_cosine_sum
from cnnsym.sizes import dims
from cnnsym.verdict import Proved, Refuted, Unknown

n = dims("n")
i, j = sp.Idx("i", n), sp.Idx("j", n)
h = sp.Symbol("h", integer=True)
cos, pi, half, delta = sp.cos, sp.pi, sp.Rational(1, 2), sp.KroneckerDelta


def product(first: Any, second: Any) -> Any:
    """Sum over the positions of the cosines of two frequencies."""
    wave = lambda frequency: cos(pi * frequency * (h + half) / n)  # noqa: E731
    return sp.Sum(wave(first) * wave(second), (h, 0, n - 1))


EQUAL, DIFFERENT = sp.Eq(i, j), sp.Ne(i, j)
CASES = (sp.And(EQUAL, sp.Eq(j, 0)), sp.And(EQUAL, sp.Gt(j, 0)), DIFFERENT)
VALUE = n * delta(i, j) * (1 + delta(j, 0)) / 2


def test_the_cosines_are_orthogonal() -> None:
    assert cosine_sum_holds(product(i, j), VALUE, CASES)
    assert isinstance(prove_cosine_sum(product(i, j), VALUE, CASES), Proved)


WRONG = {
    "norm of the constant": n * delta(i, j) / 2,
    "norm of the others": n * delta(i, j),
    "weights swapped": n * delta(i, j) * (2 - delta(j, 0)) / 2,
    "not orthogonal": VALUE + 1 - delta(i, j),
    "sign": -VALUE,
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_wrong_values_are_refuted(value: Any) -> None:
    assert isinstance(prove_cosine_sum(product(i, j), value, CASES), Refuted)
    with suppress(UnsupportedError):  # it is not established either
        assert not cosine_sum_holds(product(i, j), value, CASES)


@pytest.mark.parametrize("left_out", range(3))
def test_cases_must_cover_everything(left_out: int) -> None:
    cases = CASES[:left_out] + CASES[left_out + 1 :]
    with pytest.raises(UnsupportedError, match="cover"):
        cosine_sum_holds(product(i, j), VALUE, cases)
    verdict = prove_cosine_sum(product(i, j), VALUE, cases)
    assert isinstance(verdict, Unknown)
    assert "cover" in verdict.reason


def test_cases_must_be_fine_enough() -> None:
    # Where i = j the frequency i + j is 0 or not: undecided without the further cases.
    with pytest.raises(UnsupportedError):
        cosine_sum_holds(product(i, j), VALUE, (EQUAL, DIFFERENT))


@pytest.mark.parametrize(
    "total",
    [
        sp.Sum(cos(pi * i * (h + half) / n) * cos(pi * j * (h + half) / n), (h, 0, n)),
        sp.Sum(cos(pi * i * (h + half) / n) * cos(pi * j * (h + half) / n), (h, 1, n - 1)),
        sp.Sum(cos(pi * i * h / n) * cos(pi * j * h / n), (h, 0, n - 1)),
        sp.Sum(cos(pi * i * (h + 1) / n) * cos(pi * j * (h + half) / n), (h, 0, n - 1)),
    ],
    ids=["one too many", "one too few", "shifted by a half", "one of them shifted"],
)
def test_other_sums_are_not_proved(total: Any) -> None:
    assert not isinstance(prove_cosine_sum(total, VALUE, CASES), Proved)
    with suppress(CnnsymError):
        assert not cosine_sum_holds(total, VALUE, CASES)


def test_an_amplitude_that_depends_on_the_index_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="amplitude"):
        cosine_sum_holds(sp.Sum(h * cos(pi * h), (h, 0, n - 1)), sp.Integer(0), (sp.true,))


def test_too_many_cases() -> None:
    with pytest.raises(UnsupportedError, match=str(MAX_CASES)):
        cosine_sum_holds(product(i, j), VALUE, CASES * MAX_CASES)
