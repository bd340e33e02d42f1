"""MkDocs plugin: judges every claim once in a build, and puts at each labelled formula what was found out about it.

Formulas are read from the Markdown files and held against their derivations; what does not agree is a warning that names
file and line, so that `mkdocs build --strict` fails.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from cnnsym.cache import Cache
from cnnsym.campaign import check_all, listing, loaded
from cnnsym.collect import Collected, claims, displayed, every_file, project_of
from cnnsym.coverage import Statement, read_statements
from cnnsym.errors import CnnsymError
from cnnsym.pages import Display, PageFormula, check_page, displays
from cnnsym.report import document
from cnnsym.report.counts import contents, counts, showpiece
from cnnsym.report.digest import digest
from cnnsym.report.elements import worst
from cnnsym.report.errata import errata
from cnnsym.report.experiments import Measured, experiment_block, read_experiment
from cnnsym.report.graph import graph
from cnnsym.report.html import LANGUAGES, Judged, block, claim_part, rests_on, unchecked_block, unknown_part
from cnnsym.report.overview import Section, overview
from cnnsym.report.site_words import State
from cnnsym.site_pages import (
    code_address,
    in_one_language,
    modules,
    numbered_sections,
    place_of,
    source_of,
    with_addresses,
    write_sources,
)

log = get_plugin_logger("cnnsym")

_DOCUMENT = "report.json"
_RESULTS = "results"
_STATEMENTS = "statements.yaml"
# What the plugin puts in place of a comment; the other words are those of checked notes.
_MARKER = re.compile(r"<!--\s*cnnsym:\s*(\S+)\s*(.*?)\s*-->", re.DOTALL)
_OF_NOTES = {"define", "skip", "expect", "check", "reset"}
_LABEL = re.compile(r"\s*\\label\{[^{}]*\}")
_FORMULA = re.compile(r'<(?P<tag>div|span) class="arithmatex">(?P<body>[^<]*)</(?P=tag)>')

Row = dict[str, Any]
Written = list[tuple[Display, tuple[PageFormula, ...]]]


class CnnsymConfig(Config):  # type: ignore[no-untyped-call]
    """`derivations`: the folder of derivations, beside mkdocs.yml. `jobs`: processes, by default one for each core.
    `seconds`: the limit for each claim. `cache`: what has not changed is not judged again. `plain`: pages, or
    folders such as `/layers/`, whose formulas without a label need not say that they are unchecked."""

    derivations = config_options.Type(str, default="derivations")
    jobs = config_options.Optional(config_options.Type(int))
    seconds = config_options.Type(float, default=60.0)
    cache = config_options.Type(bool, default=True)
    plain = config_options.ListOfItems(config_options.Type(str), default=[])


class CnnsymPlugin(BasePlugin[CnnsymConfig]):  # type: ignore[no-untyped-call]
    """One build may have several passes, one for each language (static-i18n); they share what was judged."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._passes = 0
        self._collected: tuple[Collected, ...] = ()
        self._accounts: dict[str, Judged] = {}
        self._experiments: dict[str, Measured] = {}
        self._statements: tuple[Statement, ...] = ()
        self._rows: list[Row] = []
        self._cached = 0
        self._read: dict[str, tuple[PageFormula, ...]] = {}
        self._unconfirmed: set[str] = set()  # labels of formulas of this pass that are not what was derived
        self.problems: list[str] = []
        self._sources: dict[str, str] = {}  # the page of the source of each claim, from the root of the site
        self._used_by: dict[str, list[str]] = {}
        self._files: dict[str, list[str]] = {}  # the pages by language
        self._homes: dict[str, str] = {}

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
            self._judge(self._folder(config))
        except CnnsymError as error:  # among them deciders that disagree: strict or not, no verdict could be trusted
            self._reset()
            raise PluginError(f"cnnsym: {error}") from error

    @event_priority(-50)  # before the formulas are typeset
    def on_env(self, env: Any, config: MkDocsConfig, files: Files) -> None:
        self._unconfirmed = set()
        config.extra["claims_digest"] = digest(self._rows)  # for the foot of each page
        lang = str(config.theme.get("language", "en"))
        lang = lang if lang in LANGUAGES else "en"
        pages = [file.page for file in files.documentation_pages() if file.page is not None and file.page.content]
        notes = [page for page in pages if page.file.src_uri.endswith(".md")]
        self._files[lang] = [file.src_uri for file in files.documentation_pages()]
        self._homes.update((lang, page.file.dest_uri) for page in pages if page.is_homepage)
        written = {page.url: [(shown, self._check(shown)) for shown in displays(source_of(page))] for page in notes}
        places = {label: page for page in notes for shown, _ in written[page.url] for label in shown.labels}
        for page in notes:
            page.content = self._page(page, written[page.url], lang)
        sections = {page.url: numbered_sections(notes, page) for page in notes}
        for page in notes:
            page.content = self._marked(page, places, sections[page.url], lang, self._folder(config))
        for page in notes:
            page.content = with_addresses(page.content or "", page, places)
        for name, one in self._experiments.items():
            e = one.experiment
            if name not in places:
                self._problem(f"{e.file}:{e.line}: {name}: no page in the language {lang} shows this experiment")
            if one.problem:
                self._problem(f"{e.file}:{e.line}: {name}: {one.problem}")
        for claim in claims(self._collected):
            if claim.id not in places:
                self._problem(f"{claim.file}:{claim.line}: {claim.id}: no page in the language {lang} has this formula")
                for fault in self._accounts[claim.id].faults:
                    self._problem(f"{claim.file}:{claim.line}: {fault}")

    @event_priority(-200)  # after static-i18n, which builds the other languages in this event
    def on_post_build(self, config: MkDocsConfig) -> None:
        self._passes -= 1
        if self._passes == 0:
            site = Path(config.site_dir)
            write_sources(site, self._folder(config), self._collected, self._homes)
            if len(self._files) > 1:
                for problem in in_one_language(self._files):
                    self._problem(problem)
            text = json.dumps(document(self._rows), ensure_ascii=False, indent=1)
            (site / _DOCUMENT).write_text(text, encoding="utf-8")
            for name, one in self._experiments.items():
                if one.results:
                    (site / _RESULTS).mkdir(exist_ok=True)
                    (site / _RESULTS / f"{name}.json").write_bytes(one.path.read_bytes())
        problems = tuple(self.problems)
        if self._passes == 0:
            self._reset()
        if problems and config.strict:  # not left to MkDocs alone: with -q it does not count warnings
            raise PluginError("\n  ".join([f"cnnsym: problems: {len(problems)}", *problems]))

    def on_build_error(self, error: Exception) -> None:
        self._reset()

    # --- claims ---

    def _folder(self, config: MkDocsConfig) -> Path:
        return Path(config.config_file_path).parent / self.config.derivations

    def _judge(self, folder: Path) -> None:
        """Every claim and experiment of the folder, once for all passes."""
        # A damaged cache is told, but not as a warning, for the site is none the worse: it must not fail a strict build.
        cache = Cache(project_of(folder) / ".cnnsym_cache", log.info) if self.config.cache else None
        listed = listing([folder], cache)
        self._collected = tuple(loaded(str(path)) for path in every_file([folder]))
        for one in self._collected:
            for claim in one.derivation.claims:
                self._sources[claim.id] = f"{code_address(one.path, folder)}#L{claim.line}"
                for used in rests_on(claim):
                    self._used_by.setdefault(used, []).append(claim.id)
            for experiment in one.derivation.experiments:
                self._experiments[experiment.id] = read_experiment(experiment, one.path)
        if (folder / _STATEMENTS).is_file():
            self._statements = read_statements(folder / _STATEMENTS)
        judging = check_all(listed, seconds=self.config.seconds, jobs=self.config.jobs, cache=cache, for_site=True)
        for report in judging:
            self._rows += report.rows
            if report.account is not None:
                self._accounts[report.id] = report.account
            self._cached += report.cached

    def _state(self, account: Judged) -> State:
        """A formula that is wrong as printed is corrected where its correction is proved."""
        correction = self._accounts.get(f"{account.id}-corrected")
        as_expected = account.state == account.expected == "refuted"
        return "corrected" if as_expected and correction and correction.state == "proved" else account.state

    def _states(self) -> list[tuple[Judged, State]]:
        found = [self._accounts[claim.id] for claim in claims(self._collected)]
        return [(one, "unchecked" if one.id in self._unconfirmed else self._state(one)) for one in found]

    # --- pages ---

    def _marked(self, page: Page, places: dict[str, Page], sections: list[Section], lang: str, folder: Path) -> str:
        """The HTML of a page with what its markers ask for; `places` learns where the experiments are."""

        def fill(match: re.Match[str]) -> str:
            word, name = match.groups()
            if word == "report" and not name:
                states, url = self._states(), get_relative_url(_DOCUMENT, page.url)
                experiments = list(self._experiments.values())
                return overview(states, sections, lang, url, experiments, self._statements, self._cached)
            if word == "graph" and not name:
                return graph(self._states(), modules(page, folder, self._collected), lang)
            if word == "errata" and not name:
                return errata(self._states(), lang)
            if word == "counts" and not name:
                return counts(self._states(), list(self._experiments.values()), lang)
            if word == "contents" and not name:
                return contents(self._states(), sections, list(self._experiments.values()), lang)
            if word == "showpiece":
                return self._showpiece(page, name, match[0], places, lang)
            if word == "experiment":
                return self._experiment(page, name, match[0], places, lang)
            if word not in _OF_NOTES:
                expected = "report, errata, graph, counts, contents, showpiece ID or experiment ID"
                self._problem(f"{place_of(page, match[0])}: expected {expected}, found {f'{word} {name}'.strip()!r}")
            return match[0]

        return _MARKER.sub(fill, page.content or "")

    def _showpiece(self, page: Page, name: str, marker: str, places: dict[str, Page], lang: str) -> str:
        """A formula of another page, as that page writes it, with the badge that it has there."""
        shown = [one for one in displays(source_of(places[name])) if one.labels == (name,)] if name in places else []
        for account, state in self._states():
            if account.id == name and shown:
                return showpiece(shown[0].latex, account, state, lang)
        self._problem(f"{place_of(page, marker)}: no formula has the label {name!r} alone")
        return ""

    def _experiment(self, page: Page, name: str, marker: str, places: dict[str, Page], lang: str) -> str:
        one = self._experiments.get(name)
        if one is None:
            self._problem(
                f"{place_of(page, marker)}: no experiment {name!r}; there are {', '.join(self._experiments) or 'none'}"
            )
            return ""
        if name in places:
            self._problem(f"{place_of(page, marker)}: {name}: this experiment is shown twice")
            return ""
        places[name] = page
        return experiment_block(one, lang, get_relative_url(f"{_RESULTS}/{name}.json", page.url))

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
        here = page.file.src_uri
        marked = not any(name in here if name.endswith("/") else here.endswith(name) for name in self.config.plain)
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
                if owners[label].latex.split() != tex.split():
                    at = owners[label].line
                    self._problem(f"{path}:{at}: {label}: what the page shows is not what its source says")
                    return match[0]
            if not seen.isdisjoint(labels):  # the label stands twice, and that is reported already
                return match[0]
            seen.update(labels)
            return self._block(match[0], [named[label] for label in labels], page, tex, lang)

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
                    self._problem(f"{place}: {formula.complaint}")
                    self._unconfirmed.add(formula.label)
                for fault in self._accounts[formula.label].faults if formula.claim else ():
                    self._problem(f"{path}:{shown.line}: {fault}")

    def _block(self, formula: str, found: list[PageFormula], page: Page, tex: str, lang: str) -> str:
        parts: list[str] = []
        states: list[State] = []
        for one in found:
            account = self._accounts.get(one.label)
            state: State = "unchecked" if one.problem or account is None else self._state(account)
            states.append(state)
            several = len(found) > 1
            if account is None:
                parts.append(unknown_part(one.label, one.problem, lang, named=several))
                continue
            code, _, line = self._sources[one.label].partition("#")
            parts.append(
                claim_part(
                    account,
                    state,
                    lang,
                    problem=one.problem,
                    named=several,
                    latex=_LABEL.sub("", tex).strip(),
                    used_by=self._used_by.get(one.label, ()),
                    source=f"{get_relative_url(code, page.url)}#{line}",
                )
            )
        ids = [one.label for one in found if one.label in self._accounts]
        return block(formula, parts, worst(states), found[0].label if len(found) == 1 else "", ids)
