"""The report page: how many claims have which verdict, every claim in a table, and which sections are not covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from cnnsym.coverage import Statement, owner
from cnnsym.report.elements import badge, number, reference, table
from cnnsym.report.experiments import Measured, experiments_table
from cnnsym.report.html import Judged
from cnnsym.report.site_words import SITE_WORDS, State
from cnnsym.report.words import said

_STATES: tuple[State, ...] = ("proved", "corrected", "experiment", "refuted", "unknown", "unchecked")


@dataclass(frozen=True)
class Section:
    """A numbered section of the note: `5.1`, its title without the number, and where it is."""

    number: str
    title: str
    url: str


def overview(
    accounts: Sequence[tuple[Judged, State]],
    sections: Sequence[Section],
    lang: str,
    document: str = "",
    experiments: Sequence[Measured] = (),
    statements: Sequence[Statement] = (),
    cached: int = 0,
) -> str:
    """The body of the report page. `accounts` are the claims, each with the state that its page shows; `document` is the
    address of the same as JSON; `statements` is what the note is known to state; `cached` claims were judged earlier."""
    words = SITE_WORDS[lang]
    covered = _coverage(accounts, sections, lang, experiments, statements)
    parts = [
        _heading(words["summary"], "summary"),
        _summary([account for account, _ in accounts], lang, document, cached),
        _counts([state for _, state in accounts] + [one.state for one in experiments], lang),
        _heading(words["routes"], "routes"),
        f"<p>{escape(words['routes text'])}</p>",
        _routes([account for account, _ in accounts], lang),
        _heading(words["coverage"], "coverage"),
        f"<p>{escape(words['coverage text'])}</p>",
        covered,
        f"<p>{escape(words['coverage gaps'])}</p>" if badge("unchecked", lang) in covered else "",
        _heading(words["claims"], "claims"),
        _claims(accounts, lang),
    ]
    if experiments:
        parts += [_heading(words["experiments"], "experiments"), f"<p>{escape(words['experiments text'])}</p>"]
        parts.append(experiments_table(experiments, lang))
    return "\n".join(parts)


def _heading(text: str, anchor: str) -> str:
    return f'<h2 id="{anchor}">{escape(text)}</h2>'


def _summary(accounts: Sequence[Judged], lang: str, document: str, cached: int) -> str:
    words = SITE_WORDS[lang]
    text = escape(words["summary text"]).format(
        claims=len(accounts),
        links=sum(len(account.links) for account in accounts),
        steps=sum(account.steps for account in accounts),
        misses=sum(account.near_misses[1] for account in accounts),
        numbers=sum(account.measurements for account in accounts),
        json=f'<a href="{escape(document, quote=True)}">report.json</a>',
    )
    return f"<p>{text}{escape(words['summary cached'].format(cached)) if cached else ''}</p>"


def _counts(states: Sequence[State], lang: str) -> str:
    words, counts = SITE_WORDS[lang], Counter(states)
    body = [(badge(state, lang), str(counts[state])) for state in _STATES if counts[state]]
    return table(words["summary"], [words["badge"], words["count"]], body, frozenset({1}))


def _routes(accounts: Sequence[Judged], lang: str) -> str:
    """How many claims, equalities, near misses and numbers were settled by which method."""
    words = SITE_WORDS[lang]
    grouped: dict[str, list[Judged]] = {}
    for account in accounts:
        grouped.setdefault(account.method, []).append(account)
    body = [
        (
            escape(said(method, lang)) if method else f"<strong>{escape(words['all of them'])}</strong>",
            str(len(those)),
            str(sum(len(account.links) for account in those)),
            "{}/{}".format(*(sum(account.near_misses[k] for account in those) for k in (0, 1))),
            str(sum(account.measurements for account in those)),
        )
        for method, those in (*sorted(grouped.items(), key=lambda item: -len(item[1])), ("", list(accounts)))
    ]
    head = [words[key] for key in ("route", "id", "links head", "misses head", "numbers head")]
    return table(words["routes"], head, body, frozenset({1, 2, 3, 4}))


def _coverage(
    accounts: Sequence[tuple[Judged, State]],
    sections: Sequence[Section],
    lang: str,
    experiments: Sequence[Measured],
    statements: Sequence[Statement],
) -> str:
    words = SITE_WORDS[lang]
    found = [(account.id, account.section, state) for account, state in accounts]
    found += [(one.experiment.id, one.experiment.section, one.state) for one in experiments]
    listed = {statement.id: statement for statement in statements}
    reached = {owner(identifier, listed) for identifier, _, _ in found}
    body = []
    for section in sections:
        counts = Counter(state for _, number, state in found if number.partition(" ")[0] == section.number)
        shown = " ".join(f"{badge(state, lang)} × {counts[state]}" for state in _STATES if counts[state])
        link = f'<a href="{escape(section.url, quote=True)}">{escape(section.number)} {escape(section.title)}</a>'
        of_all = sum(counts.values())
        amount = (
            words["none"] if not of_all else words["covered one"] if of_all == 1 else words["covered"].format(of_all)
        )
        row = [link, escape(amount), shown or badge("unchecked", lang)]
        if statements:
            own = [s.id for s in statements if s.section == section.number]
            row.insert(1, f"{sum(identifier in reached for identifier in own)}/{len(own)}")
        body.append(tuple(row))
    if statements:  # extensions among them, which have no section of the note
        amount = words["covered"].format(len(found))
        body.append(
            (
                f"<strong>{escape(words['all of them'])}</strong>",
                f"{len(reached & set(listed))}/{len(listed)}",
                amount,
                "",
            )
        )
    head = [words[key] for key in ("section", *(("statements",) if statements else ()), "id", "badge")]
    return table(words["coverage"], head, body)


def _claims(accounts: Sequence[tuple[Judged, State]], lang: str) -> str:
    words = SITE_WORDS[lang]
    keys = ("id", "title", "section", "badge", "scope", "method", "steps head", "misses head", "largest error")
    body = [
        (
            f'<span class="cnnsym-grid__short">{reference(account.id)}</span>',
            f'<span class="cnnsym-grid__name">{escape(account.titled(lang))}</span>',
            escape(account.section),
            badge(state, lang, account.scope),
            escape(said(account.scope, lang)) if state == "proved" else "–",
            f'<span class="cnnsym-grid__name">{escape(said(account.method, lang))}</span>',
            str(account.steps),
            "{}/{}".format(*account.near_misses),
            number(account.error[0]) if account.error else "–",
        )
        for account, state in accounts
    ]
    return table(words["claims"], [words[key] for key in keys], body, frozenset({6, 7, 8}))
