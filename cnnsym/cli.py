"""The command `cnnsym`: check claims, list them, show one.

Exit codes: 0 all is as it should be; 1 a claim is not; 2 an error: no such id, a file that cannot be read, wrong usage.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cnnsym.cache import Cache
from cnnsym.campaign import Report, Task, check_all, experiment_page, judge, listing, page_report
from cnnsym.collect import Entry, displayed, find_derivations, find_label, project_of, select
from cnnsym.errors import ClaimError, CnnsymError
from cnnsym.report import document, summary
from cnnsym.report.words import WORDS

_NOTES = {".ipynb", ".tex"}

app = typer.Typer(
    help="Machine-checked matrix calculus: the claims of derivations/ and what was found out about them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    text = "text"
    json = "json"


class Lang(StrEnum):
    en = "en"
    zh = "zh"


_What = Annotated[
    list[str] | None,
    typer.Argument(
        help="Ids (5.1-vec, its link 5.1-vec.2, '5.1-*') or paths: derivations, pages (.md). Default: every claim."
    ),
]
_Lang = Annotated[Lang, typer.Option("--lang", envvar="CNNSYM_LANG", help="The language of the report.")]
_Timeout = Annotated[float, typer.Option(min=0.001, help="Seconds for each claim.")]


@app.command()
def check(
    what: _What = None,
    format: Annotated[Format, typer.Option(help="text, or json: plain data on standard output.")] = Format.text,
    jobs: Annotated[int | None, typer.Option(min=1, help="Number of processes. Default: one for each core.")] = None,
    timeout: _Timeout = 60.0,
    lang: _Lang = Lang.en,
    cache: Annotated[
        Path | None, typer.Option(help="Folder for what was found out. Default: .cnnsym_cache beside derivations.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Judge every claim anew, and keep nothing.")] = False,
) -> None:
    """Check claims: every equality, step, near miss and numeric comparison. What has not changed is not judged again."""
    start = time.perf_counter()
    pages = [Path(item) for item in what or [] if Path(item).suffix == ".md"]
    rest = [item for item in what or [] if Path(item).suffix != ".md"]
    paths, patterns = _paths_and_patterns(rest) if rest or not pages else ([], [])
    kept = None if no_cache or not paths else _cache(paths, cache)
    selected = _select(paths, patterns, kept) if paths else ()
    reports: list[Report] = []
    with _progress(len(selected) + len(pages)) as advance:
        checked = check_all(selected, seconds=timeout, jobs=jobs, lang=lang, cache=kept)
        for report in chain(map(page_report, pages), checked):
            advance()
            reports.append(report)
            if format is Format.text:
                _print_report(report, lang)
    all_rows = [row for report in reports for row in report.rows]
    if format is Format.json:
        typer.echo(json.dumps(document(all_rows), ensure_ascii=False, indent=2))
    else:
        judged = len(reports) - sum(entry.is_experiment for entry in selected)
        from_cache = sum(report.cached for report in reports)
        typer.echo(summary(all_rows, judged, time.perf_counter() - start, lang, from_cache))
    raise typer.Exit(_exit_code(reports))


@app.command(name="list")
def list_claims(what: _What = None, lang: _Lang = Lang.en) -> None:
    """List claims and experiments: id, title, and where they stand."""
    paths, patterns = _paths_and_patterns(what or [])
    chosen = _select(paths, patterns, _cache(paths))
    width = max((len(entry.id) for entry in chosen), default=0)
    for entry in chosen:
        kind = f"  ({WORDS[lang]['experiment']})" if entry.is_experiment else ""
        typer.echo(f"{entry.id:{width}}  {entry.file}:{entry.line}  {getattr(entry.title, lang)}{kind}")


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The id of a claim or of one of its links.")],
    timeout: _Timeout = 60.0,
    lang: _Lang = Lang.en,
) -> None:
    """Show everything about a claim: formula, conditions, derivation, near misses, numbers, erratum; or an experiment."""
    reports = []
    paths, patterns = _paths_and_patterns([identifier])
    for entry in _select(paths, patterns, _cache(paths)):
        pages = find_label(project_of(Path(entry.path)) / "docs", entry.id)
        if entry.is_experiment:
            reports.append(experiment_page(entry, pages, lang))
        else:
            reports.append(judge(Task(entry.path, entry.id, entry.links, timeout, lang, pages)))
    typer.echo("\n\n\n".join(report.page or "\n".join([report.line, *report.faults]) for report in reports))
    raise typer.Exit(_exit_code(reports))


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    if show_version:
        typer.echo(f"cnnsym {version('cnnsym')}")
        raise typer.Exit


def main() -> None:
    """The console script: errors of cnnsym become one message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:  # a terminal that knows no Greek shows `?` and does not end the program
            reconfigure(errors="replace")
    try:
        app()
    except CnnsymError as error:
        typer.echo(f"cnnsym: {error}", err=True)
        sys.exit(2)


def _paths_and_patterns(what: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Where derivations are looked for, and which ids."""
    paths = [Path(item) for item in what if _is_path(item)]
    notes = [path for path in paths if path.suffix in _NOTES]
    if notes:
        raise ClaimError(f"{notes[0]}: expected a page (.md), a derivation (.py), a folder of these, or an id")
    return paths or [find_derivations(Path.cwd())], [item for item in what if not _is_path(item)]


def _select(paths: Sequence[Path], patterns: Sequence[str], cache: Cache | None = None) -> tuple[Entry, ...]:
    listed = listing(paths, cache)
    if not listed:
        raise ClaimError(f"no claims in {', '.join(map(displayed, paths))}")
    return select(listed, patterns)


def _cache(paths: Sequence[Path], folder: Path | None = None) -> Cache:
    return Cache(folder or project_of(paths[0]) / ".cnnsym_cache", _warn)


def _warn(fault: str) -> None:
    typer.echo(f"cnnsym: warning: {fault}", err=True)


def _is_path(item: str) -> bool:
    return Path(item).exists() or "/" in item or Path(item).suffix in {".py", ".md", *_NOTES}


def _print_report(report: Report, lang: str) -> None:
    measured = any(row["verdict"] == "measured" for row in report.rows)
    colour = typer.colors.MAGENTA if measured else typer.colors.GREEN if report.ok else typer.colors.RED
    head, _, rest = report.line.partition("  ")
    kept = f"  {WORDS[lang]['cached']}" if report.cached else ""
    typer.echo(f"{typer.style(head, fg=colour)}  {rest}{kept}")
    for remark in (*(() if report.ok else report.faults), *report.gaps):
        typer.echo(f"    {remark}")


def _exit_code(reports: Sequence[Report]) -> int:
    if any(row["verdict"] == "error" for report in reports for row in report.rows):
        return 2
    return 0 if all(report.ok for report in reports) else 1


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """A bar on standard error, where that is a terminal; yields what is to be called after each claim."""
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("checking", total=total)
        yield lambda: progress.advance(task)
