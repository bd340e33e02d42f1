"""Checks many claims: each on its own, within a time limit, over the processes of an executor.

What crosses between processes is plain data: a file and an id go out, a finished report comes back.
"""

from __future__ import annotations

import faulthandler
import functools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from cnnsym.check import check_claim
from cnnsym.claim import Claim, Integers
from cnnsym.collect import Collected, Selected, collect, find_derivations, load
from cnnsym.errors import ClaimError, CnnsymError, InternalError, LimitError
from cnnsym.pages import check_page
from cnnsym.report import line, page, page_row, rows, unjudged_rows
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


@dataclass(frozen=True)
class Report:
    """What was found out about a claim, as plain data: JSON rows and text for a terminal. `gaps`: what it lacks."""

    id: str
    rows: tuple[dict[str, Any], ...]
    ok: bool
    line: str
    faults: tuple[str, ...]
    page: str = ""
    gaps: tuple[str, ...] = ()


def check_all(
    selected: Iterable[Selected],
    *,
    seconds: float = 60.0,
    jobs: int | None = None,
    lang: str = "en",
    executor: Executor | None = None,
) -> Iterator[Report]:
    """Judge claims, and yield their reports in the order given, each as soon as it and those before it are there.

    `jobs` is a number of processes (default: one for each core); with 1, everything happens in this process. An
    `executor` of any kind takes the place of the processes. A claim that takes longer than `seconds` is unknown.
    """
    tasks = [Task(str(s.collected.path), s.claim.id, s.links, seconds, lang) for s in selected]
    if executor is not None:
        for future in [executor.submit(judge, task) for task in tasks]:
            yield future.result()
    elif jobs == 1:
        yield from map(judge, tasks)
    else:
        yield from _in_processes(tasks, min(jobs or _cores(), max(1, len(tasks))))


def judge(task: Task) -> Report:
    """Judge one claim within its time limit. What goes wrong in it becomes its report.

    Only InternalError is raised: the deciders disagree, which stops everything.
    """
    collected = _loaded(task.path)
    claim = collected.derivation.claim(task.id)
    try:
        with time_limit(task.seconds):
            result = check_claim(claim, collected.lemmas)
            wanted = tuple(row for row in rows(result, task.lang) if row["id"] in task.links)
            text = page(result, task.pages, task.lang) if task.pages is not None else ""
    except LimitError as error:
        return _unjudged(claim, task, "unknown", str(error))
    except InternalError as error:
        # Not a fault of this claim: a decider is wrong, and no other verdict can be trusted either.
        raise InternalError(f"{claim.file}:{claim.line}: {claim.id}: {error}") from None
    except Exception as error:
        kind = "" if isinstance(error, CnnsymError) else f"{type(error).__name__}: "
        return _unjudged(claim, task, "error", f"{kind}{error}")
    ok = all(row["ok"] for row in wanted)
    return Report(claim.id, wanted, ok, line(result, task.lang), result.faults, text, missing_evidence(claim))


def page_report(path: Path) -> Report:
    """The labelled formulas of a page, held against the derivations of the project it lies in."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path}: cannot be read: {error}") from error
    formulas = tuple(check_page(path, text, collect([find_derivations(path.resolve().parent)])))
    faults = tuple(f"{f.place}: {f.label}: {f.problem}" for f in formulas if f.problem)
    good = len(formulas) - len(faults)
    worst = next((v for v in ("error", "refuted", "unknown") if any(f.verdict == v for f in formulas)), "proved")
    text = f"{mark(worst, not faults, 'proved', 'en')}  {path}: {good} of {len(formulas)} labelled formulas say what was derived"
    return Report(str(path), tuple(page_row(f) for f in formulas), not faults, text, faults)


def missing_evidence(claim: Claim) -> tuple[str, ...]:
    """What a claim lacks to count as checked.

    A formula as printed that is wrong needs nothing but its refutation; a statement about integers no floats.
    """
    if claim.expected == "refuted":
        return ()
    needs_numbers = not isinstance(claim.method, Integers)
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
    claim = _loaded(task.path).derivation.claim(task.id)
    if seconds >= task.seconds + _GRACE:
        reason = f"time limit: no answer within {task.seconds:g} s; the process was ended"
        return _unjudged(claim, task, "unknown", reason)
    return _unjudged(claim, task, "error", "the process that checked it died")


def _unjudged(claim: Claim, task: Task, verdict: Literal["unknown", "error"], reason: str) -> Report:
    wanted = tuple(row for row in unjudged_rows(claim, verdict, reason) if row["id"] in task.links)
    text = f"{mark(verdict, False, claim.expected, task.lang)}  {claim.id}"
    return Report(claim.id, wanted, False, text, (f"{claim.file}:{claim.line}: {claim.id}: {reason}",))


@functools.cache
def _loaded(path: str) -> Collected:
    return load(Path(path))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
