"""Checks many claims: each on its own, within a time limit, over the processes of an executor.

What crosses between processes is plain data: a file and an id go out, a finished report comes back. Reports may be kept in a
cache; what comes from there says so.
"""

from __future__ import annotations

import faulthandler
import functools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from cnnsym.cache import Cache
from cnnsym.check import check_claim
from cnnsym.claim import Claim, ClaimResult, Entailment, Integers, Text
from cnnsym.collect import Collected, Entry, collect, displayed, entries, every_file, find_derivations, load, unique
from cnnsym.errors import ClaimError, CnnsymError, InternalError, LimitError
from cnnsym.pages import check_page
from cnnsym.report import experiment_row, line, measured_line, measured_page, page, page_row, rows, unjudged_rows
from cnnsym.report.html import Correction, Judged, judged, unjudged
from cnnsym.report.results import read_results
from cnnsym.report.text import mark

_GRACE = 5.0  # seconds after the limit, in which Python code is expected to notice it; then the process is ended


@dataclass(frozen=True)
class Task:
    """A claim to be judged, named in a way that every process understands."""

    path: str
    id: str
    links: tuple[str, ...]
    seconds: float
    lang: str = "en"
    pages: tuple[str, ...] | None = None  # not None: the full page is wanted, with these places of the formula
    for_site: bool = False  # what the pages of the site say is wanted as well

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.id, self.links, self.seconds, self.lang)


@dataclass(frozen=True)
class Report:
    """What was found out about a claim, as plain data: JSON rows and text for a terminal. `gaps`: what it lacks.

    `account` is what the site says of it, where that was asked for. `cached`: it was found out in an earlier run.
    """

    id: str
    rows: tuple[dict[str, Any], ...]
    ok: bool
    line: str
    faults: tuple[str, ...]
    page: str = ""
    gaps: tuple[str, ...] = ()
    account: Judged | None = None
    cached: bool = False

    @property
    def is_final(self) -> bool:
        """Whether judging it again could find nothing else: it ran out of no time, and nothing is left open."""
        return self.ok and not self.faults


def listing(paths: Iterable[Path], cache: Cache | None = None) -> tuple[Entry, ...]:
    """What can be asked for in the derivations at the paths; modules that did not change are not imported.

    ClaimError for the first module that is broken, and for an id that is used twice.
    """
    return unique(entry for path in every_file(paths) for entry in _listed(path, cache))


def _listed(path: Path, cache: Cache | None) -> tuple[Entry, ...]:
    if cache is None:
        return entries(loaded(str(path)))
    shelf = cache.shelf(path)
    if shelf.entries is None:
        found = entries(loaded(str(path)))
        shelf.loaded([asdict(entry) for entry in found])
        return found
    return tuple(Entry(**{**e, "title": Text(*e["title"]), "links": tuple(e["links"])}) for e in shelf.entries)


def check_all(
    selected: Iterable[Entry],
    *,
    seconds: float = 60.0,
    jobs: int | None = None,
    lang: str = "en",
    executor: Executor | None = None,
    cache: Cache | None = None,
    for_site: bool = False,
) -> Iterator[Report]:
    """Judge claims, and yield their reports in the order given, each as soon as it and those before it are there.

    `jobs` is a number of processes (default: one for each core); with 1, everything happens in this process. An
    `executor` of any kind takes the place of the processes. A claim that takes longer than `seconds` is unknown. What a
    `cache` holds is not judged again; what is final is kept there. Of an experiment the results are read, always.
    """
    selected = tuple(selected)
    # What is kept is complete, so that the command and the site judge once between them.
    complete = for_site or cache is not None
    tasks = {e: Task(e.path, e.id, e.links, seconds, lang, for_site=complete) for e in selected if not e.is_experiment}
    kept = {entry: report for entry, task in tasks.items() if cache and (report := _kept(cache, task))}
    trusted = True
    try:
        with closing(_judge_all([tasks[e] for e in tasks if e not in kept], jobs, executor)) as judging:
            for entry in selected:
                if entry.is_experiment:
                    yield experiment_report(entry, lang)
                elif entry in kept:
                    yield kept[entry]
                else:
                    report = next(judging)
                    if cache and report.is_final:
                        cache.shelf(Path(entry.path)).keep(tasks[entry].key, asdict(report))
                    yield report
    except InternalError:  # a decider is wrong: nothing that was found out may be kept
        trusted = False
        raise
    finally:
        if cache and trusted:
            cache.save()


def _judge_all(tasks: Sequence[Task], jobs: int | None, executor: Executor | None) -> Generator[Report, None, None]:
    if executor is not None:
        for future in [executor.submit(judge, task) for task in tasks]:
            yield future.result()
    elif jobs == 1:
        yield from map(judge, tasks)
    elif tasks:
        yield from _in_processes(list(tasks), min(jobs or _cores(), len(tasks)))


def _kept(cache: Cache, task: Task) -> Report | None:
    shelf = cache.shelf(Path(task.path))
    data = shelf.find(task.key)
    if data is None:
        return None
    try:
        return _revived(data)
    except (TypeError, KeyError, AttributeError):
        shelf.distrust()
        return None


def _revived(data: dict[str, Any]) -> Report:
    """The report that was made plain data; rows are plain data already, but for being marked."""
    account = {key: _tuples(value) for key, value in data["account"].items()}
    if account["erratum"] is not None:
        account["erratum"] = Correction(**{key: _tuples(value) for key, value in account["erratum"].items()})
    its_rows = tuple({**row, "cached": True} for row in data["rows"])
    plain = {key: _tuples(value) for key, value in data.items() if key not in ("rows", "account")}
    return Report(**{**plain, "rows": its_rows, "account": Judged(**account), "cached": True})


def _tuples(value: Any) -> Any:
    """Lists of JSON as the tuples they were."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def judge(task: Task) -> Report:
    """Judge one claim within its time limit. What goes wrong in it becomes its report.

    Only InternalError is raised: the deciders disagree, which stops everything.
    """
    collected = loaded(task.path)
    claim = collected.derivation.claim(task.id)
    try:
        with time_limit(task.seconds):
            return reported(check_claim(claim, collected.lemmas), task)
    except LimitError as error:
        return _unjudged(claim, task, "unknown", str(error))
    except InternalError as error:
        # Not a fault of this claim: a decider is wrong, and no other verdict can be trusted either.
        raise InternalError(f"{claim.file}:{claim.line}: {claim.id}: {error}") from None
    except Exception as error:
        kind = "" if isinstance(error, CnnsymError) else f"{type(error).__name__}: "
        return _unjudged(claim, task, "error", f"{kind}{error}")


def reported(result: ClaimResult, task: Task) -> Report:
    """What was found out about a claim, as far as the task asks for it."""
    gaps = missing_evidence(result.claim)
    wanted = tuple(row for row in rows(result, task.lang) if row["id"] in task.links)
    text = page(result, task.pages, task.lang) if task.pages is not None else ""
    account = judged(result, gaps) if task.for_site else None
    ok = all(row["ok"] for row in wanted)
    return Report(result.claim.id, wanted, ok, line(result, task.lang), result.faults, text, gaps, account)


def experiment_report(entry: Entry, lang: str = "en") -> Report:
    """Whether the results of an experiment are there, whole, and those of its command. That proves nothing."""
    try:
        results = read_results(Path(displayed(Path(entry.results))), entry.id, entry.command)
    except ClaimError as error:
        text = f"{mark('error', False, 'measured', lang)}  {entry.id}"
        fault = f"{entry.file}:{entry.line}: {entry.id}: {error}"
        return Report(entry.id, (experiment_row(entry, str(error)),), False, text, (fault,))
    return Report(entry.id, (experiment_row(entry),), True, measured_line(entry.id, results, lang), ())


def experiment_page(entry: Entry, pages: tuple[str, ...], lang: str = "en") -> Report:
    """The report of an experiment with its full page; `pages` are the places that show it."""
    report = experiment_report(entry, lang)
    if not report.ok:
        return report
    experiment = next(e for e in loaded(entry.path).derivation.experiments if e.id == entry.id)
    results = read_results(Path(displayed(Path(entry.results))), entry.id, entry.command)
    return replace(report, page=measured_page(experiment, results, pages, lang))


def page_report(path: Path) -> Report:
    """The labelled formulas of a page, held against the derivations of the project it lies in."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path}: cannot be read: {error}") from error
    formulas = tuple(check_page(path, text, collect([find_derivations(path.resolve().parent)])))
    if not formulas:
        return Report(str(path), (), True, f"-  {path}: no labelled formula, so nothing was checked", ())
    faults = tuple(f"{f.place}: {f.complaint}" for f in formulas if f.problem)
    good = len(formulas) - len(faults)
    worst = next((v for v in ("error", "refuted", "unknown") if any(f.verdict == v for f in formulas)), "proved")
    text = f"{mark(worst, not faults, 'proved', 'en')}  {path}: {good} of {len(formulas)} labelled formulas say what was derived"
    return Report(str(path), tuple(page_row(f) for f in formulas), not faults, text, faults)


def missing_evidence(claim: Claim) -> tuple[str, ...]:
    """What a claim lacks to count as checked.

    A formula as printed that is wrong needs nothing but its refutation; where a conclusion follows or does not, floats are
    not needed.
    """
    if claim.expected == "refuted":
        return ()
    needs_numbers = not isinstance(claim.method, (Integers, Entailment))
    few = len(claim.near_misses)
    missing = [f"vacuous: it has {few} near miss{'es' * (few != 1)}, expected at least 2"] if few < 2 else []
    return (*missing, *(["vacuous: it has no numeric check"] if needs_numbers and claim.numeric is None else []))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise LimitError in the body after so many seconds, where the platform has alarms and this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(_number: int, _frame: FrameType | None) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, expire)
    # It rings again every second, for a handler somewhere below might swallow the first.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    except _TimeIsUp:
        raise LimitError(f"time limit: no answer within {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _TimeIsUp(BaseException):
    """Not an Exception, so that `except Exception` does not stop it."""


def _in_processes(tasks: list[Task], jobs: int) -> Iterator[Report]:
    done = 0
    with _pool(jobs) as pool:
        try:
            futures = [pool.submit(_judge_or_end, task) for task in tasks]
            for future in futures:
                yield future.result()
                done += 1
        except BrokenProcessPool:
            pass  # one of the claims took its process down; which one shows when each has a process to itself
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    while done < len(tasks):
        with _pool(1) as pool:
            for task in tasks[done:]:
                done += 1
                start = time.perf_counter()
                future = pool.submit(_judge_or_end, task)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    yield _ended(task, time.perf_counter() - start)
                    break


def _pool(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_quietly_on_interrupt)


def _end_quietly_on_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _judge_or_end(task: Task) -> Report:
    """Judge in a process that belongs to a pool: where even the alarm is not heard, the process is ended."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(task.seconds + _GRACE, exit=True, file=nowhere)
        try:
            return judge(task)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _ended(task: Task, seconds: float) -> Report:
    claim = loaded(task.path).derivation.claim(task.id)
    if seconds >= task.seconds + _GRACE:
        reason = f"time limit: no answer within {task.seconds:g} s; the process was ended"
        return _unjudged(claim, task, "unknown", reason)
    return _unjudged(claim, task, "error", "the process that checked it died")


def _unjudged(claim: Claim, task: Task, verdict: Literal["unknown", "error"], reason: str) -> Report:
    wanted = tuple(row for row in unjudged_rows(claim, verdict, reason) if row["id"] in task.links)
    text = f"{mark(verdict, False, claim.expected, task.lang)}  {claim.id}"
    fault = f"{claim.file}:{claim.line}: {claim.id}: {reason}"
    account = unjudged(claim, reason) if task.for_site else None
    return Report(claim.id, wanted, False, text, (fault,), account=account)


def loaded(path: str) -> Collected:
    """The derivation module at a path, imported once as long as it does not change."""
    return _loaded_as_of(path, os.stat(path).st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _loaded_as_of(path: str, _changed: int) -> Collected:
    return load(Path(path))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
