"""What a run of pytest finds out about claims, kept for `cnnsym check` and the site: `pytest --cnnsym-keep=.cnnsym_cache`.

Nothing is taken from there: every claim is judged in this run, whole, within the time limit of one item. With pytest-xdist
a module should stay in one process (`--dist loadfile`): of two that finish at once, one may overwrite what the other kept.
"""

from __future__ import annotations

import warnings
from dataclasses import asdict
from pathlib import Path

import pytest

from cnnsym.cache import Cache
from cnnsym.campaign import Task, reported
from cnnsym.check import check_claim
from cnnsym.claim import Claim, ClaimResult
from cnnsym.collect import Collected, entries
from cnnsym.errors import InternalError


class Keeper:
    """Judges claims whole, and keeps the reports that are final. To be made before a derivation is imported."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._cache = Cache(folder, lambda text: warnings.warn(pytest.PytestWarning(text), stacklevel=1))
        self._seconds = seconds
        self._trusted = True

    def judged(self, claim: Claim, collected: Collected) -> ClaimResult:
        """The result of a claim; raises what `check_claim` raises."""
        try:
            result = check_claim(claim, collected.lemmas)
        except InternalError:  # a decider is wrong: nothing that was found out may be kept
            self._trusted = False
            raise
        listed = entries(collected)
        entry = next(e for e in listed if e.id == claim.id)
        task = Task(entry.path, entry.id, entry.links, self._seconds, for_site=True)
        report = reported(result, task)
        if report.is_final:
            shelf = self._cache.shelf(collected.path)
            if shelf.entries is None:
                shelf.loaded([asdict(e) for e in listed])
            shelf.keep(task.key, asdict(report))
        return result

    def pytest_sessionfinish(self) -> None:
        if self._trusted:
            self._cache.save()


KEEPER = pytest.StashKey[Keeper]()
