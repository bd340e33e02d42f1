"""The search for a counterexample: both sides exactly, at small sizes, smallest first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cnnsym.errors import LimitError
from cnnsym.evaluate.draw import STYLES
from cnnsym.evaluate.machine import OutOfTime
from cnnsym.evaluate.point import Scope
from cnnsym.evaluate.question import Question, number_text, value_text
from cnnsym.evaluate.sample import Outcome, Sample, compare, draw_sample
from cnnsym.evaluate.shrink import shrink
from cnnsym.evaluate.signal import Signal
from cnnsym.evaluate.sizes import size_assignments
from cnnsym.evaluate.undefined import NoSize, Undefined
from cnnsym.evaluate.written import written
from cnnsym.sizes import shape_text
from cnnsym.verdict import Counterexample

_ATTEMPTS = 6
_FEWEST_SAMPLES = 12  # in all
_STEPS_OF_A_SAMPLE = 1200  # of evaluation, over the values of the free indices


@dataclass(frozen=True)
class Search:
    """What exact evaluation found.

    `counterexample` is None where none was found; then `agreed` lists the sizes at which both sides agreed exactly at every
    sample, `enclosed` those where they agreed, but in part only by overlapping enclosures of irrational numbers, which is no
    proof. `undefined` counts the samples at which a side had no value. `shape_mismatch` is True where the counterexample
    consists of sizes alone, at which the two sides have different shapes.
    """

    counterexample: Counterexample | None = None
    agreed: tuple[Mapping[str, int], ...] = ()
    enclosed: tuple[Mapping[str, int], ...] = ()
    undefined: int = 0
    notes: tuple[str, ...] = ()
    shape_mismatch: bool = False


def find_counterexample(
    lhs: Any, rhs: Any, assuming: Iterable[Any] = (), *, seed: int = 0, budget: float = 2.0, samples: int = 3
) -> Search:
    """Look for exact values at which two expressions, both scalars or matrices of one shape, differ.

    Free integers run over small values, 0 and those beyond the borders of the arrays among them; an Idx runs over its range.
    `assuming` holds SymPy predicates and relations (lemmas of a prover are left out); sizes and integers that satisfy them are
    searched for. The answer depends on `seed` alone,
    unless the `budget`, in seconds, runs out. `samples` is the number of samples for each choice of sizes,
    increased where there are few choices.

    Raises UnsupportedError for expressions and hypotheses that it does not cover, ShapeError where an expression combines
    shapes that disagree at concrete sizes.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> A = cnnsym.matrix("A", n, n)
    >>> found = find_counterexample(cnnsym.vec(A), cnnsym.vec(A.T)).counterexample
    >>> found.sizes, found.place, found.lhs, found.rhs
    ({'n': 2}, (2, 1), '1', '0')
    >>> find_counterexample(cnnsym.trace(A), cnnsym.trace(A.T)).agreed[:2]
    ({'n': 1}, {'n': 2})
    """
    return _Run(Question(lhs, rhs, assuming), seed, budget, samples).search()


class _Run:
    def __init__(self, question: Question, seed: int, budget: float, samples: int) -> None:
        self.question, self.seed = question, seed
        self.samples = samples
        self.varies = question.varies
        self.steps = _STEPS_OF_A_SAMPLE if self.varies else 10 * _STEPS_OF_A_SAMPLE
        self.deadline = time.process_time() + budget
        self.undefined = 0
        self.notes: list[str] = []
        self.agreed: list[Mapping[str, int]] = []
        self.enclosed: list[Mapping[str, int]] = []

    def search(self) -> Search:
        symbols = self.question.sizes

        def weight(sizes: tuple[int, ...]) -> int:
            try:
                return self.question.weight(dict(zip(symbols, sizes, strict=True)))
            except LimitError as error:
                self.notes.append(str(error))
                raise NoSize("too large") from error

        try:
            choices = size_assignments(len(symbols), weight, self.seed, self.question.fitted)
            self._spread_samples(len(choices))
            for values in choices:
                found = self._at(dict(zip(symbols, values, strict=True)))
                if found is not None:
                    return self._result(*found)
        except OutOfTime:
            self.notes.append("the time for exact evaluation ran out")
        if not self.agreed and not self.enclosed:
            self.notes.append("both sides were defined at no sample")
        return self._result(None)

    def _spread_samples(self, choices: int) -> None:
        """More samples each where there are few sizes to look at."""
        if choices:
            self.samples = max(self.samples, -(-max(_FEWEST_SAMPLES, 4 * self.samples) // choices))

    def _result(self, counterexample: Counterexample | None, shape_mismatch: bool = False) -> Search:
        notes = tuple(dict.fromkeys(self.notes))
        return Search(counterexample, tuple(self.agreed), tuple(self.enclosed), self.undefined, notes, shape_mismatch)

    def _at(self, sizes: Mapping[Any, int]) -> tuple[Counterexample, bool] | None:
        """The counterexample at these sizes, if one is found, and whether it is one of shapes."""
        named = {symbol.name: value for symbol, value in sizes.items()}
        try:
            left, right = self.question.shapes_at(sizes)
            if left != right:
                return Counterexample(named, {}, f"shape {shape_text(left)}", f"shape {shape_text(right)}"), True
            arrays, scopes = self.question.arrays_at(sizes), self.question.scopes(sizes)
            kinds = set()
            for slot in range(self.samples):
                outcome, sample = self._sample(sizes, slot, arrays, scopes)
                if outcome.kind == "refuted":
                    return self._counterexample(sample, outcome), False
                kinds.add(outcome.kind)
                if outcome.kind == "undefined" or not (self.varies or outcome.used):
                    break
        except NoSize:
            return None
        if kinds - {"undefined"}:
            (self.enclosed if "enclosed" in kinds else self.agreed).append(named)
        return None

    def _sample(
        self, sizes: Mapping[Any, int], slot: int, arrays: Mapping[Any, tuple[int | None, ...]], scopes: list[Scope]
    ) -> tuple[Outcome, Sample]:
        """The first of several draws at which both sides are defined."""
        outcome = Outcome("undefined")
        sample = Sample(sizes, {}, "", STYLES[0])
        for attempt in range(_ATTEMPTS):
            if time.process_time() > self.deadline:
                raise OutOfTime("the time for exact evaluation is used up")
            style = STYLES[(slot + attempt) % len(STYLES)]
            key = f"{self.seed} {tuple(sizes.values())} {slot} {attempt}"
            try:
                sample = draw_sample(self.question, sizes, arrays, key, style)
            except Undefined:
                continue
            try:
                outcome = compare(self.question, sample, scopes, self.deadline, self.steps)
            except OutOfTime:
                raise
            except LimitError as error:
                self.notes.append(str(error))
                continue
            if outcome.kind != "undefined":
                return outcome, sample
            self.undefined += 1
        return outcome, sample

    def _counterexample(self, sample: Sample, outcome: Outcome) -> Counterexample:
        scopes = sorted(self.question.scopes(sample.sizes), key=_simplicity)

        def judge(candidate: Sample) -> Outcome:
            found = compare(self.question, candidate, scopes)
            if found.kind == "refuted":
                del scopes[scopes.index(found.scope) + 1 :]  # from here on, at no less simple indices
            return found

        sample, outcome = shrink(sample, judge(sample), judge)
        outcome = compare(
            self.question, sample, [outcome.scope]
        )  # once more, so that only the values used here are shown
        assert outcome.sides is not None
        left, right = (side[outcome.place] for side in outcome.sides)
        values = {
            str(symbol): value_text(value, number_text)
            for symbol, value in sample.values.items()
            if not (isinstance(value, Signal) and value.is_infinite)  # of those the entries that were used are shown
        }
        values |= {str(name.expr): number_text(value) for name, (value, _) in outcome.scope.items()}
        values |= {name: number_text(value) for name, value in outcome.used.items()}
        i, j = outcome.place
        return Counterexample(
            {str(symbol): value for symbol, value in sample.sizes.items()},
            values,
            written(left),
            written(right),
            () if self.question.is_scalar else (i + 1, j + 1),
        )


def _simplicity(scope: Scope) -> tuple[int, list[tuple[int, bool]]]:
    indices = [value for value, _ in scope.values()]
    return sum(map(abs, indices)), [(abs(k), k < 0) for k in indices]
