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

from cnnsym.campaign import Report, Task, check_all, judge, page_report
from cnnsym.collect import Selected, claims, collect, displayed, find_derivations, find_label, select
from cnnsym.errors import ClaimError, CnnsymError
from cnnsym.report import document, summary

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
) -> None:
    """Check claims: every equality, step, near miss and numeric comparison."""
    pages = [Path(item) for item in what or [] if Path(item).suffix == ".md"]
    rest = [item for item in what or [] if Path(item).suffix != ".md"]
    selected = _selected(rest) if rest or not pages else ()
    start = time.perf_counter()
    reports: list[Report] = []
    with _progress(len(selected) + len(pages)) as advance:
        checked = check_all(selected, seconds=timeout, jobs=jobs, lang=lang)
        for report in chain(map(page_report, pages), checked):
            advance()
            reports.append(report)
            if format is Format.text:
                _print_report(report)
    all_rows = [row for report in reports for row in report.rows]
    if format is Format.json:
        typer.echo(json.dumps(document(all_rows), ensure_ascii=False, indent=2))
    else:
        typer.echo(summary(all_rows, len(reports), time.perf_counter() - start, lang))
    raise typer.Exit(_exit_code(reports))


@app.command(name="list")
def list_claims(what: _What = None, lang: _Lang = Lang.en) -> None:
    """List claims: id, title, and where they stand."""
    chosen = [s.claim for s in _selected(what or [])]
    width = max((len(claim.id) for claim in chosen), default=0)
    for claim in chosen:
        typer.echo(f"{claim.id:{width}}  {claim.file}:{claim.line}  {getattr(claim.title, lang)}")


@app.command()
def show(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The id of a claim or of one of its links.")],
    timeout: _Timeout = 60.0,
    lang: _Lang = Lang.en,
) -> None:
    """Show everything about a claim: formula, conditions, derivation, near misses, numbers, erratum."""
    reports = []
    for chosen in _selected([identifier]):
        folder = chosen.collected.path.parent.parent
        pages = find_label(folder / "docs", chosen.claim.id)
        reports.append(judge(Task(str(chosen.collected.path), chosen.claim.id, chosen.links, timeout, lang, pages)))
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


def _selected(what: Sequence[str]) -> tuple[Selected, ...]:
    paths = [Path(item) for item in what if _is_path(item)]
    patterns = [item for item in what if not _is_path(item)]
    notes = [path for path in paths if path.suffix in _NOTES]
    if notes:
        raise ClaimError(f"{notes[0]}: expected a page (.md), a derivation (.py), a folder of these, or an id")
    collected = collect(paths or [find_derivations(Path.cwd())])
    if not any(True for _ in claims(collected)):
        raise ClaimError(f"no claims in {', '.join(displayed(p) for p in paths) or 'derivations'}")
    return select(collected, patterns)


def _is_path(item: str) -> bool:
    return Path(item).exists() or "/" in item or Path(item).suffix in {".py", ".md", *_NOTES}


def _print_report(report: Report) -> None:
    colour = typer.colors.GREEN if report.ok else typer.colors.RED
    head, _, rest = report.line.partition("  ")
    typer.echo(f"{typer.style(head, fg=colour)}  {rest}")
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
