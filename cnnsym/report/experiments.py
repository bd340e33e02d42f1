"""An experiment as HTML for a page: what the note says, figures and numbers, what they support, how to repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from cnnsym.claim import Experiment
from cnnsym.collect import displayed, results_file
from cnnsym.errors import ClaimError
from cnnsym.report.elements import badge, reference, table
from cnnsym.report.figure import figure, measured, named
from cnnsym.report.html import bar
from cnnsym.report.results import Results, read_results
from cnnsym.report.site_words import SITE_WORDS, State
from cnnsym.report.unfolded import section


@dataclass(frozen=True)
class Measured:
    """An experiment with its results, or with what is wrong with them."""

    experiment: Experiment
    path: Path
    results: Results | None
    problem: str = ""

    @property
    def state(self) -> State:
        return "experiment" if self.results else "unchecked"


def read_experiment(experiment: Experiment, derivation: Path) -> Measured:
    """The experiment of the derivation module at the path, with its results."""
    path = results_file(derivation, experiment)
    try:
        return Measured(experiment, path, read_results(Path(displayed(path)), experiment.id, experiment.command))
    except ClaimError as error:
        return Measured(experiment, path, None, str(error))


def experiment_block(one: Measured, lang: str, data: str) -> str:
    """The block of an experiment. `data` is the address of its results."""
    words, e = SITE_WORDS[lang], one.experiment
    remark = escape(getattr(e.title, lang))
    parts = [bar(e.id, one.state, "", remark, lang, anchor=False)]
    parts.append(_said(words["note says"], getattr(e.statement, lang)))
    if one.results is None:
        parts.append(f"<p>{escape(words['no results'].format(one.problem))}</p>")
    else:
        parts += [_figure(one.results, metric, k, lang) for k, metric in enumerate(one.results.metrics, 1)]
        parts.append(_said(words["finding"], getattr(e.finding, lang)))
        parts.append(_details(one, one.results, lang, data))
    name = escape(e.id, quote=True)
    body = "\n".join(parts)
    return f'<div class="cnnsym-claim cnnsym-claim--{one.state}" id="{name}">\n{body}\n</div>'


def experiments_table(found: Sequence[Measured], lang: str) -> str:
    """All experiments, for the report page."""
    words = SITE_WORDS[lang]
    body = [
        (
            f'<span class="cnnsym-grid__short">{reference(one.experiment.id)}</span>',
            f'<span class="cnnsym-grid__name">{escape(getattr(one.experiment.title, lang))}</span>',
            escape(one.experiment.section),
            badge(one.state, lang),
            str(len(one.results.seeds)) if one.results else "–",
            f'<span class="cnnsym-grid__text">{escape(getattr(one.experiment.finding, lang))}</span>',
        )
        for one in found
    ]
    head = [words[key] for key in ("experiment", "title", "section", "badge", "seeds", "finding")]
    return table(words["experiments"], head, body, frozenset({4}))


def _said(title: str, text: str) -> str:
    return f"<p><strong>{escape(title)}</strong> {escape(text)}</p>"


def _figure(results: Results, metric: str, number: int, lang: str) -> str:
    words = SITE_WORDS[lang]
    label = getattr(results.metrics[metric], lang)
    caption = words["caption" if len(results.seeds) > 1 else "caption one"].format(
        metric=label, seeds=len(results.seeds)
    )
    return (
        f'<figure class="cnnsym-figure">\n{figure(results, metric, lang, number)}\n'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _details(one: Measured, results: Results, lang: str, data: str) -> str:
    words, e = SITE_WORDS[lang], one.experiment
    body = [
        (
            f'<span class="cnnsym-grid__name">{escape(named(condition, results, lang))}</span>',
            *(f'<span class="cnnsym-grid__short">{measured(condition.values[m])}</span>' for m in results.metrics),
        )
        for condition in results.conditions
    ]
    head = [words["condition"], *(str(getattr(label, lang)) for label in results.metrics.values())]
    numbers = f"<p>{escape(words['spread'].format(seeds=len(results.seeds)))}</p>\n"
    numbers += table(words["numeric"], head, body, frozenset(range(1, len(head))))
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    seeds = words["seeds used"].format(", ".join(map(str, results.seeds)))
    link = f'<a href="{escape(data, quote=True)}">{escape(one.path.name)}</a>'
    repeat = f"<p><code>{escape(results.command)}</code></p>\n<p>{escape(versions)}</p>\n<p>{escape(seeds)}</p>\n<p>{link}</p>"
    source = f"<p>{escape(words['source'].format(e.source))}</p>" if e.source else ""
    return (
        f'<details data-search-exclude="1"><summary>{escape(words["experiment details"])}</summary>'
        + section(words["setup"], f"<p>{escape(getattr(e.setup, lang))}</p>{source}")
        + section(words["data"], f"<p>{escape(getattr(results.data, lang))}</p>")
        + section(words["numeric"], numbers)
        + section(words["repeat"], repeat)
        + "</details>"
    )
