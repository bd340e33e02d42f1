"""The errata page: every erratum that a claim bears, as printed and as corrected, in the order of the sections."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from cnnsym.report.elements import as_printed, badge, definitions, reference
from cnnsym.report.html import LANGUAGES, Correction, Judged
from cnnsym.report.site_words import SITE_WORDS, State

_KINDS = ("wrong", "unclear")

Accounts = Sequence[tuple[Judged, State]]


def errata(accounts: Accounts, lang: str) -> str:
    """The body of the errata page. `accounts` are the claims, each with the state that its page shows.

    What is wrong stands apart from what is only unclear or misprinted. An erratum that several claims bear stands once.
    """
    words = SITE_WORDS[lang]
    found = {kind: _of_kind(accounts, kind) for kind in _KINDS}
    counts = {kind: len(found[kind]) for kind in _KINDS}
    parts = [f"<p>{escape(words['errata text'].format(**counts))}</p>"]
    states = {account.id: (account, state) for account, state in accounts}
    for kind in _KINDS:
        parts.append(f'<h2 id="{kind}">{escape(words[kind])}</h2>')
        parts += [_entry(account, erratum, states, lang) for account, erratum in found[kind]]
        parts += [] if found[kind] else [f"<p>{escape(words['errata none'])}</p>"]
    return "\n".join(parts)


def _of_kind(accounts: Accounts, kind: str) -> list[tuple[Judged, Correction]]:
    """The errata of a kind; of claims that share one, the formula as printed comes first, for it has the counterexample."""
    found: dict[object, tuple[Judged, Correction]] = {}
    for account, _ in sorted(accounts, key=lambda pair: pair[0].expected != "refuted"):
        erratum = account.erratum
        if erratum is not None and erratum.kind == kind:
            found.setdefault((erratum.printed, erratum.corrected), (account, erratum))
    order = {account.id: k for k, (account, _) in enumerate(accounts)}
    return sorted(found.values(), key=lambda pair: (_section(pair[0].section), order[pair[0].id]))


def _section(text: str) -> tuple[tuple[int, ...], str]:
    """Sections by number: 3.10 after 3.2, and what has no number last."""
    number = re.match(r"\d+(?:\.\d+)*", text)
    return (tuple(map(int, number[0].split("."))) if number else (10**6,), text)


def _entry(account: Judged, erratum: Correction, states: Mapping[str, tuple[Judged, State]], lang: str) -> str:
    words, which = SITE_WORDS[lang], LANGUAGES.index(lang)
    own = states[account.id][1]
    was_judged = account.expected == "refuted"
    entries = [(words["printed"], as_printed(erratum.printed[which]))]
    if was_judged:  # else the claim is what was meant, and what is printed has no verdict of its own
        entries.append((words["found"], badge("refuted" if own == "corrected" else own, lang)))
        if erratum.counterexample[which]:
            entries.append((words["smallest"], escape(erratum.counterexample[which])))
    entries.append((words["corrected"], as_printed(erratum.corrected[which])))
    links = [reference(account.id)]
    correction = states.get(f"{account.id}-corrected") if was_judged else states[account.id]
    if correction is not None:
        meant, state = correction
        entries.append((words["correction"], badge(state, lang, meant.scope)))
        links += [reference(meant.id)] if meant is not account else []
    entries.append((words["why"], escape(erratum.explanation[which])))
    entries.append((words["in the text"], f"{escape(words['section'])} {escape(account.section)}: {', '.join(links)}"))
    return f"<h3>{escape(account.section)} {escape(account.titled(lang))}</h3>\n{definitions(entries)}"
