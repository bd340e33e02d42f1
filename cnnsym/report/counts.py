"""The opening page: one formula with its badge, what was found in numbers, and the contents with counts. Pure functions.

Every number is counted from what was judged, every badge from the state that the formula has on its own page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from cnnsym.report.elements import badge, display
from cnnsym.report.experiments import Measured
from cnnsym.report.html import Judged
from cnnsym.report.overview import Section
from cnnsym.report.site_words import State

_ORDER: tuple[State, ...] = ("proved", "corrected", "experiment", "refuted", "unknown", "unchecked")
_USUAL = frozenset[State]({"proved", "corrected", "experiment"})  # the others are told only where there are any
_LABEL = re.compile(r"\s*\\label\{[^{}]*\}")

COUNT_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "counts": "What was checked, in numbers",
        "proved": "statements proved",
        "corrected": "false as printed, corrected",
        "experiment": "questions measured",
        "refuted": "refuted",
        "unknown": "undecided",
        "unchecked": "not checked yet",
        "proved head": "proved",
        "corrected head": "corrected",
        "experiment head": "measured",
        "refuted head": "refuted",
        "unknown head": "undecided",
        "unchecked head": "unchecked",
        "links": "equalities and statements",
        "steps": "derivation steps",
        "misses": "near misses refuted",
        "of": "{good} of {all}",
        "numbers": "numeric comparisons",
        "contents": "Contents",
        "section": "section",
        "ext": "Beyond the source",
        "layers": "The layers, one by one",
        "total": "Total",
    },
    "zh": {
        "counts": "检验了什么：数字",
        "proved": "条结论已证明",
        "corrected": "条原文不成立，已更正",
        "experiment": "个问题靠测量",
        "refuted": "条不成立",
        "unknown": "条未定",
        "unchecked": "条尚未检验",
        "proved head": "证明",
        "corrected head": "更正",
        "experiment head": "测量",
        "refuted head": "不成立",
        "unknown head": "未定",
        "unchecked head": "未检验",
        "links": "等式与命题",
        "steps": "推导步骤",
        "misses": "推翻的近似错误",
        "of": "{good}/{all}",
        "numbers": "数值比较",
        "contents": "目录",
        "section": "节",
        "ext": "原文之外",
        "layers": "逐层细说",
        "total": "合计",
    },
}

Accounts = Sequence[tuple[Judged, State]]


def showpiece(latex: str, account: Judged, state: State, lang: str) -> str:
    """A formula that stands on another page, with the badge that it has there. `latex` is that page's own source, whose
    labels are left out, since an anchor belongs to one place."""
    name = escape(account.id, quote=True)
    return (
        f'<figure class="cnnsym-showpiece">\n{display(_LABEL.sub("", latex).strip())}\n'
        f"<figcaption>{badge(state, lang, account.scope)} "
        f'<a class="cnnsym-ref" href="#{name}">{escape(account.titled(lang))}</a></figcaption></figure>'
    )


def counts(accounts: Accounts, experiments: Sequence[Measured], lang: str) -> str:
    """The numbers of the whole note: claims by state, then what was judged along with them."""
    words = COUNT_WORDS[lang]
    states = Counter([state for _, state in accounts] + [one.state for one in experiments])
    judged = [account for account, _ in accounts]
    good, of_all = (sum(account.near_misses[k] for account in judged) for k in (0, 1))
    small = (
        ("links", str(sum(len(account.links) for account in judged))),
        ("steps", str(sum(account.steps for account in judged))),
        ("misses", words["of"].format(good=good, all=of_all)),
        ("numbers", str(sum(account.measurements for account in judged))),
    )
    large = [(state, str(states[state])) for state in _shown(states)]
    name = escape(words["counts"], quote=True)
    return (
        f'<div class="cnnsym-counts" role="group" aria-label="{name}">\n'
        + _figures("large", ((words[state], n) for state, n in large))
        + _figures("small", ((words[key], n) for key, n in small))
        + "</div>"
    )


def contents(accounts: Accounts, sections: Sequence[Section], experiments: Sequence[Measured], lang: str) -> str:
    """The sections with their titles; beside each, how many of its results have which state, as numbers and as a bar.

    What belongs to no numbered section comes last, under the first of its formulas.
    """
    words = COUNT_WORDS[lang]
    found = [(account.id, account.section.partition(" ")[0], state) for account, state in accounts]
    found += [(one.experiment.id, one.experiment.section.partition(" ")[0], one.state) for one in experiments]
    by_section: dict[str, Counter[State]] = {}
    for _, number, state in found:
        by_section.setdefault(number, Counter())[state] += 1
    names = {number: identifier for identifier, number, _ in reversed(found)}
    total: Counter[State] = Counter(state for *_, state in found)
    columns = _shown(total)
    most = max((sum(own.values()) for own in by_section.values()), default=1)

    rows, chapter = [], ""
    for section in sections:
        own = by_section.pop(section.number, Counter())
        if not own and "." in section.number:
            continue  # a numbered heading of which the note states nothing
        first, _, _ = section.number.partition(".")
        link = f'<a href="{escape(section.url, quote=True)}">{escape(section.title)}</a>'
        rows.append(_row(section.number, link, own, columns, most, first != chapter))
        chapter = first
    for number, own in by_section.items():
        text, leading = escape(words.get(number, number)), escape(names[number], quote=True)
        link = f'<a class="cnnsym-ref" href="#{leading}">{text}</a>'
        rows.append(_row("", link, own, columns, most, chapter != "rest"))
        chapter = "rest"
    head = "".join(f'<th scope="col" class="cnnsym-number">{escape(words[f"{state} head"])}</th>' for state in columns)
    foot = "".join(f'<td class="cnnsym-number">{total[state]}</td>' for state in columns)
    return (
        f'<table class="cnnsym-contents"><caption>{escape(words["contents"])}</caption>\n'
        f'<thead><tr><th scope="col" colspan="2">{escape(words["section"])}</th>{head}</tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n"
        f'<tfoot><tr><th scope="row" colspan="2">{escape(words["total"])}</th>{foot}</tr></tfoot></table>'
    )


def _shown(states: Mapping[State, int]) -> list[State]:
    return [state for state in _ORDER if state in _USUAL or states.get(state)]


def _figures(size: str, entries: Iterable[tuple[str, str]]) -> str:
    """Numbers with what they count; read aloud the name comes first."""
    body = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(n)}</dd></div>\n" for name, n in entries)
    return f'<dl class="cnnsym-counts__{size}">\n{body}</dl>\n'


def _row(number: str, link: str, own: Mapping[State, int], columns: Sequence[State], most: int, opens: bool) -> str:
    """One line of the contents; `opens`: the first of its chapter."""
    parts = "".join(
        f'<span class="cnnsym-bar__part cnnsym-bar__part--{state}" style="width:{100 * own[state] / most:.2f}%"></span>'
        for state in columns
        if own.get(state)
    )
    cells = "".join(f'<td class="cnnsym-number">{own.get(state) or "–"}</td>' for state in columns)
    kind = ' class="cnnsym-contents__opens"' if opens else ""
    return (
        f'<tr{kind}><td class="cnnsym-contents__number">{escape(number)}</td>'
        f'<th scope="row"><span class="cnnsym-contents__line">{link}'
        f'<span class="cnnsym-bar" aria-hidden="true">{parts}</span></span></th>{cells}</tr>\n'
    )
