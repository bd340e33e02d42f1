"""The nodes of the pytest plugin: a file of claims, a claim, and one item for each thing in it that is judged.

Nothing here comes from a cache. With `--cnnsym-keep` the first item of a claim judges all of it, for the others as well. An
experiment has one item: that its results are there and whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnsym.campaign import experiment_report, missing_evidence, time_limit
from cnnsym.check import check_link, check_near_miss, check_step
from cnnsym.claim import Claim, ClaimResult, Method, in_language
from cnnsym.collect import Collected, Entry, entries, find_label, load
from cnnsym.errors import CnnsymError
from cnnsym.pytest_keep import KEEPER
from cnnsym.report import plain_statement
from cnnsym.report.words import why
from cnnsym.verdict import Verdict


class FailedClaimError(Exception):
    """An item of a claim is not as it should be; the message is all that is shown."""


class DerivationFile(pytest.File):
    """A derivation module; a node for each claim."""

    def collect(self) -> Iterator[ClaimNode | ExperimentItem]:
        collected = load(self.path)
        for claim in collected.derivation.claims:
            yield ClaimNode.from_parent(self, name=claim.id, claim=claim, collected=collected)
        for entry in entries(collected):
            if entry.is_experiment:
                yield ExperimentItem.from_parent(self, name=entry.id, entry=entry)

    def repr_failure(  # type: ignore[override]  # as in pytest's own Collector
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, CnnsymError) else super().repr_failure(excinfo)


class ClaimNode(pytest.Collector):
    """A claim; an item for each thing that is judged."""

    def __init__(self, claim: Claim, collected: Collected, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim, self.collected = claim, collected
        self._judged: ClaimResult | None = None
        self._begun = False

    def collect(self) -> Iterator[ClaimItem]:
        claim = self.claim
        if missing_evidence(claim):
            yield self._item("evidence", self._evidence)
        for k in range(len(claim.links)):
            yield self._item("proof" if len(claim.links) == 1 else f"proof.{k + 1}", self._link, k)
        for k in range(len(claim.steps)):
            yield self._item(f"step {k + 1}", self._step, k)
        seen: dict[str, int] = {}
        for k, near in enumerate(claim.near_misses):
            name = near.name.en.replace("::", ":")
            seen[name] = seen.get(name, 0) + 1
            yield self._item(f"near-miss: {name}{f' #{seen[name]}' * (seen[name] > 1)}", self._near_miss, k)
        if claim.numeric is not None:
            yield self._item("numeric", self._numeric)

    def _item(self, name: str, judge: Callable[..., Iterator[str]], *arguments: Any) -> ClaimItem:
        item: ClaimItem = ClaimItem.from_parent(self, name=name, judge=lambda: judge(*arguments))
        return item

    def _evidence(self) -> Iterator[str]:
        yield from missing_evidence(self.claim)

    def _whole(self) -> ClaimResult | None:
        """The result of the whole claim where it is to be kept. What fails or takes too long fails one item only."""
        keeper = self.config.stash.get(KEEPER, None)
        if keeper is not None and not self._begun:
            self._begun = True
            self._judged = keeper.judged(self.claim, self.collected)
        return self._judged

    def _link(self, k: int) -> Iterator[str]:
        whole = self._whole()
        result = whole.links[k] if whole else check_link(self.claim, k, self.collected.lemmas)
        if not result.ok:
            yield from _found(result.left, result.right, self.claim.method, result.verdict, result.expected)

    def _step(self, k: int) -> Iterator[str]:
        whole, step = self._whole(), self.claim.steps[k]
        verdict = whole.steps[k].verdict if whole else check_step(step, self.claim, self.collected.lemmas)
        if verdict.name != "proved":
            yield f"rule:     {step.rule.en}{f' ({step.source})' * bool(step.source)}"
            yield from _found(step.left, step.right, step.method, verdict, "proved")

    def _near_miss(self, k: int) -> Iterator[str]:
        whole, near = self._whole(), self.claim.near_misses[k]
        result = whole.near_misses[k] if whole else check_near_miss(near, self.claim, self.collected.lemmas)
        if not result.ok:
            yield f"near miss '{near.name.en}' was not refuted, so the claim is not checked"
            yield from _found(result.left, result.right, self.claim.method, result.verdict, "refuted")

    def _numeric(self) -> Iterator[str]:
        whole = self._whole()
        measurements = whole.measurements if whole else self.claim.numeric() if self.claim.numeric else ()
        if not measurements:
            yield "vacuous: the numeric check compared nothing"
        for m in measurements:
            if not m.ok:
                what = f"{in_language(m.what, 'en')}, {m.shape} {m.dtype}, seed {m.seed}"
                yield f"{what}: error {m.error:.3g}, tolerance {m.tolerance:.3g}"


class ClaimItem(pytest.Item):
    """One thing that is judged; `judge` yields the lines of the failure, none if there is no failure."""

    parent: ClaimNode

    def __init__(self, judge: Callable[[], Iterator[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._judge = judge

    def runtest(self) -> None:
        with time_limit(float(self.config.getini("cnnsym_timeout"))):
            lines = list(self._judge())
        if lines:
            raise FailedClaimError("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, (FailedClaimError, CnnsymError)):
            return super().repr_failure(excinfo, style)
        claim = self.parent.claim
        places = [f"{claim.file}:{claim.line}: {claim.id}: {claim.title.en}"]
        places += [f"on the page {place}" for place in find_label(self.config.rootpath / "docs", claim.id)]
        return "\n".join([*places, *(f"  {line}" for line in str(excinfo.value).splitlines())])

    def reportinfo(self) -> tuple[Path, int, str]:
        claim = self.parent.claim
        return self.path, max(claim.line - 1, 0), f"{claim.id}: {self.name}"


class ExperimentItem(pytest.Item):
    """The results of an experiment."""

    def __init__(self, entry: Entry, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._entry = entry

    def runtest(self) -> None:
        report = experiment_report(self._entry)
        if not report.ok:
            raise FailedClaimError("\n".join(report.faults))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return (
            str(excinfo.value) if isinstance(excinfo.value, FailedClaimError) else super().repr_failure(excinfo, style)
        )

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, max(self._entry.line - 1, 0), f"{self._entry.id}: results"


def _found(left: object, right: object, method: Method, verdict: Verdict, expected: str) -> Iterator[str]:
    yield f"formula:  {plain_statement(left, right, method)}"
    yield f"expected: {expected}"
    yield f"found:    {verdict.name}: {why(verdict, 'en')}"
