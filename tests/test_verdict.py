"""A verdict is a value: frozen, never a truth value, and it says why."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown

EXAMPLE = Counterexample({"n": 2}, {"A": (("0", "1"), ("0", "0")), "s": "1/2"}, "1", "0", (1, 2))
VERDICTS = [Proved(), Refuted(EXAMPLE), Refuted(None, why="shapes"), Unknown(("this", "that"))]


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.name)
def test_no_truth_value(verdict: Any) -> None:
    for use in (bool, lambda v: not v, lambda v: v and 1, lambda v: 1 if v else 2, lambda v: any([v])):
        with pytest.raises(TypeError, match=type(verdict).__name__):
            use(verdict)


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.name)
def test_frozen_and_of_one_name(verdict: Any) -> None:
    assert verdict.name == type(verdict).__name__.lower()
    with pytest.raises(FrozenInstanceError):
        verdict.name = "proved"
    with pytest.raises(TypeError):
        type(verdict)(name="proved")


def test_what_a_verdict_says() -> None:
    assert Proved(scope="all sizes", method="Z3").reason == "for all sizes, by Z3"
    assert Refuted(EXAMPLE).reason == "n=2; A = [[0, 1], [0, 0]]; s = 1/2: left side 1, right side 0 at entry (1, 2)"
    assert Refuted(None, why="shapes").reason == "shapes"
    assert Unknown(("this", "that")).reason == "this; that"
    assert str(Counterexample({}, {}, "1", "0")) == ": left side 1, right side 0"


def test_a_counterexample_as_data() -> None:
    assert EXAMPLE.as_dict() == {
        "sizes": {"n": 2},
        "values": {"A": (("0", "1"), ("0", "0")), "s": "1/2"},
        "lhs": "1",
        "rhs": "0",
        "place": [1, 2],
    }
