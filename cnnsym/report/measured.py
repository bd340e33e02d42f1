"""Experiments for a terminal: one line for each, a page for one. What was measured is called measured, never proved."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from cnnsym.claim import Experiment
from cnnsym.report.figure import measured, named
from cnnsym.report.results import Results
from cnnsym.report.words import WORDS


def measured_line(identifier: str, results: Results, lang: str = "en") -> str:
    """An experiment in one line: that it was measured, and how much of what."""
    words = WORDS[lang]
    counts = (
        (words["conditions of"], len(results.conditions)),
        (words["metrics"], len(results.metrics)),
        (words["seeds"], len(results.seeds)),
    )
    return f"≈ {words['measured']}  {identifier}  {', '.join(f'{name} {count}' for name, count in counts)}"


def measured_page(experiment: Experiment, results: Results, pages: Sequence[str] = (), lang: str = "en") -> str:
    """Everything about one experiment, to be read from top to bottom."""
    words = WORDS[lang]
    head = [f"{experiment.id}  {getattr(experiment.title, lang)}"]
    head.append(f"{experiment.file}:{experiment.line}  {words['section'].format(experiment.section)}")
    head += [words["pages"].format(place) for place in pages]
    head += [words["source"].format(experiment.source)] if experiment.source else []
    parts = ["\n".join(head), f"≈ {words['measured']}: {words['no proof']}"]
    for title, body in (
        ("the note says", getattr(experiment.statement, lang)),
        ("setup", getattr(experiment.setup, lang)),
        ("data", getattr(results.data, lang)),
    ):
        parts.append(_section(words[title], [body]))
    for metric, label in results.metrics.items():
        names = [named(condition, results, lang) for condition in results.conditions]
        rows = [
            f"{measured(condition.values[metric])}  {name}"
            for name, condition in zip(names, results.conditions, strict=True)
        ]
        title = words["numbers of"].format(metric=getattr(label, lang), seeds=len(results.seeds))
        parts.append(_section(title, rows))
    parts.append(_section(words["finding"], [getattr(experiment.finding, lang)]))
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    seeds = words["seeds used"].format(", ".join(map(str, results.seeds)))
    parts.append(_section(words["repeat"], [results.command, versions, seeds, experiment.results]))
    return "\n\n".join(parts)


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(textwrap.indent(line, "  ") for line in lines)])
