"""MkDocs plugin: judges every claim once in a build, and puts at each labelled formula what was found out about it.

Formulas are read from the Markdown files and held against their derivations; what does not agree is a warning that names
file and line, so that `mkdocs build --strict` fails.
"""

from __future__ import annotations

import faulthandler
import functools
import html
import json
import multiprocessing
import os
import re
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils import get_relative_url

from cnnsym.campaign import missing_evidence, time_limit
from cnnsym.check import check_claim
from cnnsym.collect import Collected, claims, collect, displayed, load
from cnnsym.errors import CnnsymError, InternalError, LimitError
from cnnsym.pages import Display, PageFormula, check_page, displays
from cnnsym.report import document, rows, unjudged_rows
from cnnsym.report.elements import with_references, worst
from cnnsym.report.html import LANGUAGES, Judged, block, claim_part, judged, unchecked_block, unjudged, unknown_part
from cnnsym.report.overview import Section, overview
from cnnsym.report.site_words import State

log = get_plugin_logger("cnnsym")

REPORT = "<!-- cnnsym: report -->"
_DOCUMENT = "report.json"
_FORMULA = re.compile(r'<(?P<tag>div|span) class="arithmatex">(?P<body>[^<]*)</(?P=tag)>')
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)\s+(.*)")
# What may follow the group of a brace: a note in words, or none.
_GRACE = 5.0  # seconds after the limit, in which Python code is expected to notice it; then the process is ended

Row = dict[str, Any]
Written = list[tuple[Display, tuple[PageFormula, ...]]]


class CnnsymConfig(Config):  # type: ignore[no-untyped-call]
    """`derivations`: the folder of derivations, beside mkdocs.yml. `jobs`: processes, by default one for each core.
    `seconds`: the limit for each claim. `plain`: pages whose formulas without a label need not say that they are unchecked."""

    derivations = config_options.Type(str, default="derivations")
    jobs = config_options.Optional(config_options.Type(int))
    seconds = config_options.Type(float, default=60.0)
    plain = config_options.ListOfItems(config_options.Type(str), default=[])


class CnnsymPlugin(BasePlugin[CnnsymConfig]):  # type: ignore[no-untyped-call]
    """One build may have several passes, one for each language (static-i18n); they share what was judged."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._passes = 0
        self._collected: tuple[Collected, ...] = ()
        self._pool: ProcessPoolExecutor | None = None
        self._asked: list[Future[tuple[Judged, list[Row]]]] = []
        self._accounts: dict[str, Judged] = {}
        self._rows: list[Row] = []
        self._read: dict[str, tuple[PageFormula, ...]] = {}
        self._unconfirmed: set[str] = set()  # labels of formulas of this pass that are not what was derived
        self.problems: list[str] = []

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        folder = self._folder(config)
        if folder.exists() and str(folder) not in config.watch:
            config.watch.append(str(folder))
        return config

    def on_pre_build(self, config: MkDocsConfig) -> None:
        self._passes += 1
        if self._passes > 1:
            return
        try:
            self._collected = collect([self._folder(config)])
        except CnnsymError as error:
            self._reset()
            raise PluginError(f"cnnsym: {error}") from error
        self._ask()

    def on_page_markdown(self, markdown: str, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Read the labelled formulas of the page, while other processes judge the claims."""
        if page.file.src_uri.endswith(".md"):
            for shown in displays(_source(page)):
                self._check(shown)

    @event_priority(-50)  # before the formulas are typeset
    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> None:
        self._answer()
        self._unconfirmed = set()
        lang = str(config.theme.get("language", "en"))
        lang = lang if lang in LANGUAGES else "en"
        pages = [file.page for file in files.documentation_pages() if file.page is not None and file.page.content]
        notes = [page for page in pages if page.file.src_uri.endswith(".md")]
        written = {page.url: [(shown, self._check(shown)) for shown in displays(_source(page))] for page in notes}
        places = {label: page for page in notes for shown, _ in written[page.url] for label in shown.labels}
        for page in notes:
            page.content = self._page(page, written[page.url], lang)
        for page in notes:
            content = page.content or ""
            if REPORT in content:
                body = overview(self._states(), _sections(notes, page), lang, get_relative_url(_DOCUMENT, page.url))
                content = content.replace(REPORT, body)
            page.content = _with_addresses(content, page, places)
        for claim in claims(self._collected):
            if claim.id not in places:
                self._problem(f"{claim.file}:{claim.line}: {claim.id}: no page in the language {lang} has this formula")
                for fault in self._accounts[claim.id].faults:
                    self._problem(f"{claim.file}:{claim.line}: {fault}")

    @event_priority(-200)  # after static-i18n, which builds the other languages in this event
    def on_post_build(self, config: MkDocsConfig) -> None:
        self._passes -= 1
        if self._passes == 0:
            target = Path(config.site_dir) / _DOCUMENT
            target.write_text(json.dumps(document(self._rows), ensure_ascii=False, indent=1), encoding="utf-8")
        problems = tuple(self.problems)
        if self._passes == 0:
            self._reset()
        if problems and config.strict:  # not left to MkDocs alone: with -q it does not count warnings
            raise PluginError("\n  ".join([f"cnnsym: problems: {len(problems)}", *problems]))

    def on_build_error(self, error: Exception) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._reset()

    # --- claims ---

    def _folder(self, config: MkDocsConfig) -> Path:
        return Path(config.config_file_path).parent / self.config.derivations

    def _ask(self) -> None:
        known = frozenset(claim.id for claim in claims(self._collected))
        tasks = [(one, claim) for one in self._collected for claim in one.derivation.claims]
        jobs = self.config.jobs or _cores()
        if jobs == 1 or len(tasks) < 2:
            for one, claim in tasks:
                with _stopping_on_disagreement():
                    self._keep(*_judge_loaded(one, claim.id, known, self.config.seconds))
            return
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            min(jobs, len(tasks)), context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_DFL)
        )
        self._asked = [
            self._pool.submit(_judge, one.path, claim.id, known, self.config.seconds) for one, claim in tasks
        ]

    def _answer(self) -> None:
        """Wait for what was asked."""
        if self._pool is None:
            return
        for future, claim in zip(self._asked, claims(self._collected), strict=True):
            try:
                with _stopping_on_disagreement():
                    self._keep(*future.result())
            except BrokenProcessPool:
                reason = "the process that checked it, or one beside it, died or took too long"
                self._keep(unjudged(claim, reason), unjudged_rows(claim, "error", reason))
        self._pool.shutdown()
        self._pool, self._asked = None, []

    def _keep(self, account: Judged, its_rows: list[Row]) -> None:
        self._accounts[account.id] = account
        self._rows += its_rows

    def _state(self, account: Judged) -> State:
        """A formula that is wrong as printed is corrected where its correction is proved."""
        correction = self._accounts.get(f"{account.id}-corrected")
        as_expected = account.state == account.expected == "refuted"
        return "corrected" if as_expected and correction and correction.state == "proved" else account.state

    def _states(self) -> list[tuple[Judged, State]]:
        found = [self._accounts[claim.id] for claim in claims(self._collected)]
        return [(one, "unchecked" if one.id in self._unconfirmed else self._state(one)) for one in found]

    # --- pages ---

    def _check(self, shown: Display) -> tuple[PageFormula, ...]:
        """What the labels of a display say; lines count within the display. Languages share their formulas."""
        if not shown.labels:
            return ()
        if shown.latex not in self._read:
            try:
                self._read[shown.latex] = tuple(check_page(Path(), f"$${shown.latex}$$", self._collected))
            except CnnsymError as error:  # not of the formula: of the declarations it is read with
                raise PluginError(f"cnnsym: {error}") from error
        return self._read[shown.latex]

    def _problem(self, text: str) -> None:
        self.problems.append(text)
        log.warning(text)

    def _page(self, page: Page, written: Written, lang: str) -> str:
        """The HTML of a page, with a block around each formula: what is known of its labels, or that it has none."""
        path = displayed(Path(page.file.abs_src_path or page.file.src_uri))
        self._report_on(path, written)
        owners = {label: shown for shown, _ in reversed(written) for label in shown.labels}
        named = {formula.label: formula for _, formulas in written for formula in formulas}
        marked = not any(page.file.src_uri.endswith(name) for name in self.config.plain)
        seen: set[str] = set()

        def dress(match: re.Match[str]) -> str:
            tex = html.unescape(match["body"]).strip()[2:-2]
            labels = tuple(dict.fromkeys(Display(tex, 0).labels))
            if not labels:
                return unchecked_block(match[0], lang) if marked and match["tag"] == "div" else match[0]
            for label in labels:
                if label not in owners:
                    self._problem(f"{path}: {label}: not checked, for it does not stand between $$ and $$")
                    return match[0]
                if _words(owners[label].latex) != _words(tex):
                    at = owners[label].line
                    self._problem(f"{path}:{at}: {label}: what the page shows is not what its source says")
                    return match[0]
            if not seen.isdisjoint(labels):  # the label stands twice, and that is reported already
                return match[0]
            seen.update(labels)
            return self._block(match[0], [named[label] for label in labels], lang)

        content = _FORMULA.sub(dress, page.content or "")
        for label, shown in owners.items():
            if label not in seen:
                self._problem(
                    f"{path}:{shown.line}: {label}: no block shows this formula; is a blank line missing before it?"
                )
        return content

    def _report_on(self, path: str, written: Written) -> None:
        """Everything that is wrong with the formulas of a page, each with its line."""
        first: dict[str, int] = {}
        for shown, formulas in written:
            for label in shown.labels:
                if first.setdefault(label, shown.line) != shown.line or shown.labels.count(label) > 1:
                    self._problem(
                        f"{path}:{shown.line}: {label}: this label stands twice, first at line {first[label]}"
                    )
            for formula in formulas:
                if formula.problem:
                    column = f":{formula.column}" if formula.column else ""
                    place = f"{path}:{shown.line + formula.line - 1}{column}"
                    says_whose = formula.problem.startswith(formula.label)
                    self._problem(
                        f"{place}: {formula.problem if says_whose else f'{formula.label}: {formula.problem}'}"
                    )
                    self._unconfirmed.add(formula.label)
                for fault in self._accounts[formula.label].faults if formula.claim else ():
                    self._problem(f"{path}:{shown.line}: {fault}")

    def _block(self, formula: str, found: list[PageFormula], lang: str) -> str:
        parts: list[str] = []
        states: list[State] = []
        for one in found:
            account = self._accounts.get(one.label)
            state: State = "unchecked" if one.problem or account is None else self._state(account)
            states.append(state)
            several = len(found) > 1
            parts.append(
                claim_part(account, state, lang, problem=one.problem, named=several)
                if account
                else unknown_part(one.label, one.problem, lang, named=several)
            )
        return block(formula, parts, worst(states), found[0].label if len(found) == 1 else "")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _source(page: Page) -> str:
    """The file as it is: MkDocs and plugins shift its lines, and may change its words."""
    path = page.file.abs_src_path
    return Path(path).read_text(encoding="utf-8-sig") if path else page.file.content_string


def _words(tex: str) -> list[str]:
    return tex.split()


def _way(here: Page, there: Page) -> str:
    """The address of a page relative to another."""
    way = get_relative_url(there.url, here.url)
    return f"{way}/" if way.endswith(".") else way


def _with_addresses(content: str, page: Page, places: dict[str, Page]) -> str:
    def address(label: str) -> str | None:
        place = places.get(label)
        if place is None:
            return None
        return f"#{label}" if place is page else f"{_way(page, place)}#{label}"

    return with_references(content, address)


def _sections(notes: list[Page], here: Page) -> list[Section]:
    """The numbered headings of the pages, in their order; a chapter that has numbered sections is left to these."""
    found: dict[tuple[int, ...], Section] = {}
    for page in notes:
        for entry in _entries(page.toc):
            text = html.unescape(re.sub(r"<[^>]+>", "", entry.title))
            if match := _NUMBERED.fullmatch(text.strip()):
                number = tuple(int(part) for part in match[1].split("."))
                url = f"{_way(here, page)}#{entry.id}"
                found[number] = Section(match[1], match[2], url)
    return [found[number] for number in sorted(found) if not any(other[:-1] == number for other in found)]


def _entries(toc: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    for entry in toc:
        yield entry
        yield from _entries(entry.children)


# --- in other processes ----------------------------------------------------------------------------------------------

_load = functools.cache(load)


@contextmanager
def _stopping_on_disagreement() -> Iterator[None]:
    """Deciders that disagree end the build, strict or not: no verdict could be trusted."""
    try:
        yield
    except InternalError as error:
        raise PluginError(f"cnnsym: {error}") from error


def _judge(path: Path, identifier: str, known: frozenset[str], seconds: float) -> tuple[Judged, list[Row]]:
    """Judge a claim in a process of the pool: where even the alarm is not heard, the process is ended."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds + _GRACE, exit=True, file=nowhere)
        try:
            return _judge_loaded(_load(path), identifier, known, seconds)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _judge_loaded(one: Collected, identifier: str, known: frozenset[str], seconds: float) -> tuple[Judged, list[Row]]:
    """Judge a claim, and render it. What goes wrong in it becomes its account; only InternalError is raised."""
    claim = one.derivation.claim(identifier)
    try:
        with time_limit(seconds):
            result = check_claim(claim, one.lemmas)
            return judged(result, missing_evidence(claim), known), rows(result)
    except LimitError as error:
        return unjudged(claim, str(error)), unjudged_rows(claim, "unknown", str(error))
    except InternalError as error:
        raise InternalError(f"{claim.file}:{claim.line}: {claim.id}: {error}") from None
    except Exception as error:
        reason = f"{'' if isinstance(error, CnnsymError) else type(error).__name__ + ': '}{error}"
        return unjudged(claim, reason), unjudged_rows(claim, "error", reason)
