"""The report page: how many claims have which verdict, every claim in a table, and which sections are not covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from cnnsym.report.elements import badge, number, reference, table
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
    accounts: Sequence[tuple[Judged, State]], sections: Sequence[Section], lang: str, document: str = ""
) -> str:
    """The body of the report page. `accounts` are the claims, each with the state that its page shows; `document` is the
    address of the same as JSON."""
    words = SITE_WORDS[lang]
    return "\n".join(
        (
            _heading(words["summary"], "summary"),
            _summary([account for account, _ in accounts], lang, document),
            _counts([state for _, state in accounts], lang),
            _heading(words["coverage"], "coverage"),
            f"<p>{escape(words['coverage text'])}</p>",
            _coverage(accounts, sections, lang),
            _heading(words["claims"], "claims"),
            _claims(accounts, lang),
        )
    )


def _heading(text: str, anchor: str) -> str:
    return f'<h2 id="{anchor}">{escape(text)}</h2>'


def _summary(accounts: Sequence[Judged], lang: str, document: str) -> str:
    text = escape(SITE_WORDS[lang]["summary text"]).format(
        claims=len(accounts),
        links=sum(len(account.links) for account in accounts),
        steps=sum(account.steps for account in accounts),
        misses=sum(account.near_misses[1] for account in accounts),
        numbers=sum(account.measurements for account in accounts),
        json=f'<a href="{escape(document, quote=True)}">report.json</a>',
    )
    return f"<p>{text}</p>"


def _counts(states: Sequence[State], lang: str) -> str:
    words, counts = SITE_WORDS[lang], Counter(states)
    body = [(badge(state, lang), str(counts[state])) for state in _STATES if counts[state]]
    return table(words["summary"], [words["badge"], words["count"]], body, frozenset({1}))


def _coverage(accounts: Sequence[tuple[Judged, State]], sections: Sequence[Section], lang: str) -> str:
    words = SITE_WORDS[lang]
    body = []
    for section in sections:
        counts = Counter(state for account, state in accounts if account.section == section.number)
        shown = " ".join(f"{badge(state, lang)} × {counts[state]}" for state in _STATES if counts[state])
        link = f'<a href="{escape(section.url, quote=True)}">{escape(section.number)} {escape(section.title)}</a>'
        of_all = sum(counts.values())
        amount = (
            words["none"] if not of_all else words["covered one"] if of_all == 1 else words["covered"].format(of_all)
        )
        body.append((link, escape(amount), shown or badge("unchecked", lang)))
    return table(words["coverage"], [words[key] for key in ("section", "id", "badge")], body)


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
