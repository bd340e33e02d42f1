"""One sample: values for everything free at given sizes, and how both sides compare there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cnnsym.evaluate import draw
from cnnsym.evaluate.arithmetic import Number
from cnnsym.evaluate.array import Mat, Value
from cnnsym.evaluate.hypotheses import draw_matrix
from cnnsym.evaluate.matrix_rules import grids_of
from cnnsym.evaluate.point import Point, Scope
from cnnsym.evaluate.question import Question, first_difference
from cnnsym.evaluate.table import Table
from cnnsym.evaluate.undefined import Undefined

_FEWEST_SCOPES = 6


@dataclass(frozen=True)
class Sample:
    """Values by symbol at given sizes; the abstract functions come from `key` and `style`, where `given` does not fix them."""

    sizes: Mapping[Any, int]
    values: Mapping[Any, Value]
    key: str
    style: str
    given: Mapping[str, Number] = field(default_factory=dict)

    def point(self) -> Point:
        """The point of this sample, its tables not yet asked."""
        style = {"rationals": "rationals", "fractions": "rationals"}.get(self.style, "integers")
        style = "positive" if self.style in ("positive", "dominant") else style
        return Point({**self.sizes, **self.values}, Table(self.key, style, self.given))

    def with_value(self, symbol: Any, value: Value) -> Sample:
        return replace(self, values={**self.values, symbol: value})

    def with_given(self, name: str, value: Number) -> Sample:
        return replace(self, given={**self.given, name: value})


@dataclass(frozen=True)
class Outcome:
    """What a sample says: a refuting place with its index values, or how well the sides agreed."""

    kind: str  # "refuted" | "agreed" | "enclosed" | "undefined"
    scope: Scope = field(default_factory=dict)
    place: tuple[int, int] = (0, 0)
    sides: tuple[Mat, Mat] | None = None
    used: Mapping[str, Number] = field(default_factory=dict)
    steps: int = 0


def draw_sample(
    question: Question, sizes: Mapping[Any, int], arrays: Mapping[Any, tuple[int | None, ...]], key: str, style: str
) -> Sample:
    """A random sample, the same for the same key; Undefined where the hypotheses leave no matrix."""
    generator = random.Random(key)
    values: dict[Any, Value] = {}
    for symbol in question.scalars:
        values[symbol] = draw.scalar(generator, style, symbol)
    for symbol in question.matrices:
        rows, cols = (length or 1 for length in arrays[symbol])
        values[symbol] = draw_matrix(generator, style, rows, cols, question.predicates.get(symbol, frozenset()))
    for symbol in question.signals:
        values[symbol] = draw.signal(generator, style, arrays[symbol], grids_of(symbol))
    return Sample(sizes, values, key, style)


def compare(
    question: Question,
    sample: Sample,
    scopes: Sequence[Scope],
    deadline: float | None = None,
    most_steps: int | None = None,
) -> Outcome:
    """Both sides at a sample, for each value of the free indices; the first certain difference ends it.

    After `most_steps` of evaluation no further values of the indices are looked at, unless they are still few.
    """
    point = sample.point()
    try:
        values = question.values(point, deadline)
    except Undefined:
        return Outcome("undefined")
    defined, exact = False, True
    for k, scope in enumerate(scopes):
        if most_steps is not None and k >= _FEWEST_SCOPES and values.steps > most_steps:
            break
        try:
            left, right = question.sides(values, scope)
        except Undefined:
            continue
        place, equal = first_difference(left, right)
        if place is not None:
            return Outcome("refuted", scope, place, (left, right), dict(point.table.used), values.steps)
        defined, exact = True, exact and equal
    if not defined:
        return Outcome("undefined", steps=values.steps)
    return Outcome(
        "agreed" if exact and not point.table.by_overlap else "enclosed",
        used=dict(point.table.used),
        steps=values.steps,
    )
