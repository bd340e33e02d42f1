"""Makes a refuting sample simpler while it keeps refuting: zeros first, then ones, then smaller numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from cnnsym.errors import CnnsymError
from cnnsym.evaluate.arithmetic import Number
from cnnsym.evaluate.array import Mat, Value
from cnnsym.evaluate.enclosure import Enclosure
from cnnsym.evaluate.sample import Outcome, Sample
from cnnsym.evaluate.signal import Signal

_MOST_STEPS = 60_000
_STEPS_OF_A_TRIAL = 100

Judge = Callable[[Sample], Outcome]


def shrink(sample: Sample, outcome: Outcome, judge: Judge) -> tuple[Sample, Outcome]:
    """A simpler sample that still refutes, and what it says. `judge` compares both sides at a sample."""
    effort = 0  # counted in steps of evaluation, not in seconds, so that the same search ends the same way
    seen: set[Any] = set()
    stages = iter(_STAGES)
    stage = next(stages)
    while effort < _MOST_STEPS:
        for mark, candidate in stage(sample, outcome):
            if mark in seen:
                continue
            seen.add(mark)
            effort += outcome.steps + _STEPS_OF_A_TRIAL
            found = _try(judge, candidate)
            if found is not None:
                sample, outcome = candidate, found
                break
            if effort >= _MOST_STEPS:
                break
        else:
            following = next(stages, None)
            if following is None:
                break
            stage = following
    return sample, outcome


def _try(judge: Judge, candidate: Sample) -> Outcome | None:
    try:
        found = judge(candidate)
    except CnnsymError:
        return None
    return found if found.kind == "refuted" else None


def _arrays(sample: Sample, _outcome: Outcome) -> Iterator[tuple[Any, Sample]]:
    for symbol, value in sample.values.items():
        if isinstance(value, Mat):
            n, m = value.shape
            for name, simple in (
                ("zero", Mat.build(n, m, lambda i, j: 0)),
                ("ones", Mat.build(n, m, lambda i, j: 1)),
                ("identity", Mat.build(n, m, lambda i, j: int(i == j))),
            ):
                if _cost(simple) < _cost(value):
                    yield (symbol, name), sample.with_value(symbol, simple)
        elif isinstance(value, Signal) and any(value.entries.values()):
            yield (symbol, "zero"), sample.with_value(symbol, replace(value, entries=dict.fromkeys(value.entries, 0)))


def _entries(sample: Sample, _outcome: Outcome) -> Iterator[tuple[Any, Sample]]:
    for symbol, value in sample.values.items():
        if isinstance(value, Mat):
            for k, x in enumerate(value.entries):
                for y in _simpler(x):
                    entries = (*value.entries[:k], y, *value.entries[k + 1 :])
                    yield (symbol, k, y, value), sample.with_value(symbol, Mat(value.rows, value.cols, entries))
        elif isinstance(value, Signal):
            for place, x in value.entries.items():
                for y in _simpler(x):
                    yield (symbol, place, x, y), sample.with_value(symbol, value.with_entry(place, y))
        elif not isinstance(value, Enclosure):
            for y in _simpler(value):
                if symbol.is_integer is not True or y.denominator == 1:
                    yield (symbol, value, y), sample.with_value(symbol, y)


def _functions(sample: Sample, outcome: Outcome) -> Iterator[tuple[Any, Sample]]:
    for name, x in outcome.used.items():
        for y in _simpler(x):
            yield (name, x, y), sample.with_given(name, y)


def _simpler(x: Number) -> tuple[Number, ...]:
    """Numbers simpler than a rational one, the simplest first."""
    candidates = (0, 1, -1, 2, Fraction(x).numerator // Fraction(x).denominator)
    rank = _rank(x)
    return tuple(c for c in dict.fromkeys(candidates) if _rank(c) < rank)


def _rank(x: Number) -> tuple[int, int, int]:
    return x.denominator, abs(x.numerator), int(x < 0)


def _cost(value: Value) -> tuple[int, int]:
    return sum(1 for x in value.entries if x), sum(sum(_rank(x)) for x in value.entries)


_STAGES = (_arrays, _entries, _functions, _entries)
