"""One judged claim as HTML for a page: a bar with its badge, and what unfolds below it. Pure functions, no MkDocs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import inf, isnan

from cnnsym.claim import Claim, ClaimResult, Measurement, in_language
from cnnsym.report.copies import copies
from cnnsym.report.elements import badge, reference, state_of, why_not, worst
from cnnsym.report.numpy_source import numpy_source
from cnnsym.report.site_words import SITE_WORDS, State
from cnnsym.report.sympy_code import sympy_code
from cnnsym.report.unfolded import details, section
from cnnsym.report.words import said
from cnnsym.verdict import Verdict

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Correction:
    """An erratum as plain data; pairs hold Chinese and English. `counterexample` is empty where what is printed was not
    judged itself."""

    kind: str
    printed: tuple[str, str]
    corrected: tuple[str, str]
    explanation: tuple[str, str]
    counterexample: tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """What the pages say of one claim, as plain data: it can cross processes.

    `links` holds id and state of each equality; `near_misses` how many were refuted, of how many; `error` is the largest numeric
    error and its tolerance; `details` the HTML to unfold, by language; `faults` what is not as it should be; `uses` the ids of
    the claims it rests on; `forms` the formula as code, such as `("SymPy", "import sympy ...")`.
    """

    id: str
    section: str
    title: tuple[str, str]
    file: str
    line: int
    expected: str
    state: State
    links: tuple[tuple[str, State], ...]
    scope: str
    method: str
    steps: int
    near_misses: tuple[int, int]
    measurements: int
    error: tuple[float, float] | None
    details: tuple[str, str]
    faults: tuple[str, ...]
    erratum: Correction | None = None
    uses: tuple[str, ...] = ()
    forms: tuple[tuple[str, str], ...] = ()

    def titled(self, lang: str) -> str:
        return self.title[LANGUAGES.index(lang)]

    def detailed(self, lang: str) -> str:
        return self.details[LANGUAGES.index(lang)]


def judged(result: ClaimResult, gaps: Sequence[str] = ()) -> Judged:
    """The account of a result. `gaps` is what the claim lacks to count as checked."""
    claim = result.claim
    checks = (result.steps, result.near_misses, result.measurements)
    sound = all(part.ok for parts in checks for part in parts) and not gaps
    links = tuple((link.id, state_of(link.verdict, sound)) for link in result.links)
    leading = next((link.verdict for link in result.links if not link.ok), result.links[0].verdict)
    largest = max(result.measurements, key=_size, default=None)
    return Judged(
        id=claim.id,
        section=claim.section,
        title=(claim.title.zh, claim.title.en),
        file=claim.file,
        line=claim.line,
        expected=claim.expected,
        state=worst(state for _, state in links),
        links=links,
        scope=leading.scope,
        method=leading.method,
        steps=len(result.steps),
        near_misses=(sum(near.ok for near in result.near_misses), len(result.near_misses)),
        measurements=len(result.measurements),
        error=(largest.error, largest.tolerance) if largest else None,
        details=(details(result, "zh"), details(result, "en")),
        faults=(*result.faults, *(f"{claim.id}: {gap}" for gap in gaps)),
        erratum=_correction(claim, leading),
        uses=rests_on(claim),
        forms=tuple((form, text) for form, text in (("SymPy", sympy_code(claim)), ("NumPy", numpy_source(claim))) if text),
    )


def unjudged(claim: Claim, reason: str) -> Judged:
    """The account of a claim that could not be judged: it took too long, or something in it is not well formed."""
    text = f"<p>{escape(reason)}</p>"
    return Judged(
        id=claim.id,
        section=claim.section,
        title=(claim.title.zh, claim.title.en),
        file=claim.file,
        line=claim.line,
        expected=claim.expected,
        state="unknown",
        links=tuple((identifier, "unknown") for identifier, _, _ in claim.links),
        scope="undecided",
        method="none",
        steps=len(claim.steps),
        near_misses=(0, len(claim.near_misses)),
        measurements=0,
        error=None,
        details=(text, text),
        faults=(f"{claim.id}: {reason}",),
        erratum=_correction(claim, None),
        uses=rests_on(claim),
    )


def rests_on(claim: Claim) -> tuple[str, ...]:
    """The ids of the claims that a claim uses, itself or in a step, each once."""
    return tuple(dict.fromkeys((*claim.using, *(name for step in claim.steps for name in step.using))))


def bar(identifier: str, state: State, scope: str, remark: str, lang: str, anchor: bool = True) -> str:
    """One line under a formula: badge, remark (HTML), permalink. `anchor`: it bears the id itself."""
    name = escape(identifier, quote=True)
    id_ = f' id="{name}"' if anchor else ""
    title = escape(SITE_WORDS[lang]["permalink"].format(identifier), quote=True)
    return (
        f'<div class="cnnsym-claim__bar"{id_}>{badge(state, lang, scope)}<span class="cnnsym-claim__scope">{remark}</span>'
        f'<a class="cnnsym-claim__link" href="#{name}" title="{title}">{name}</a></div>'
    )


def claim_part(
    account: Judged,
    state: State,
    lang: str,
    *,
    problem: str = "",
    named: bool = False,
    latex: str = "",
    used_by: Sequence[str] = (),
    source: str = "",
) -> str:
    """Bars and details of one label. `problem`: why the formula on the page was not confirmed; `named`: several labels share
    the formula, so that the first bar bears the anchor and the details are called by the label. `latex` is the formula as the
    page writes it, `used_by` the ids of the claims that rest on this one, `source` the address of its derivation.

    A claim of several equalities has a bar for each.
    """
    words = SITE_WORDS[lang]
    remark = _remark(account, state, problem, lang)
    several, stop = len(account.links) > 1, "；" if lang == "zh" else "; "
    bars = "" if several and not named else bar(account.id, state, account.scope, remark, lang, anchor=named)
    if several:
        for k, (identifier, link_state) in enumerate(account.links, 1):
            text = escape(words["link"].format(k=k)) + ("" if named or k > 1 else f"{stop}{remark}")
            bars += bar(identifier, state if problem or state == "corrected" else link_state, account.scope, text, lang)
    summary = words["details of"].format(account.id) if named else words["details"]
    return (
        f'{bars}<details data-search-exclude="1"><summary>{escape(summary)}</summary>'
        + (section(words["verdict why"], f"<p>{escape(problem)}</p>") if problem else "")
        + account.detailed(lang)
        + _rests(account.uses, "uses head", lang)
        + _rests(used_by, "used by", lang)
        + _code(account, latex, source, lang)
        + "</details>"
    )


def _rests(identifiers: Sequence[str], head: str, lang: str) -> str:
    links = ("、" if lang == "zh" else ", ").join(reference(identifier) for identifier in identifiers)
    return section(SITE_WORDS[lang][head], f"<p>{links}</p>" if links else "")


def _code(account: Judged, latex: str, source: str, lang: str) -> str:
    words = SITE_WORDS[lang]
    place = escape(words["code at"].format(account.file, account.line))
    link = f'<a href="{escape(source, quote=True)}">{place}</a>' if source else place
    return section(words["code"], f"<p>{link}</p>\n" + copies(account.id, (("LaTeX", latex), *account.forms), lang))


def unknown_part(identifier: str, problem: str, lang: str, *, named: bool = False) -> str:
    """The bar of a label that no claim has."""
    remark = escape(SITE_WORDS[lang]["scope problem"].format(problem))
    return bar(identifier, "unchecked", "", remark, lang, anchor=named)


def block(formula: str, parts: Sequence[str], state: State, anchor: str = "", claims: Sequence[str] = ()) -> str:
    """A formula (HTML) with what is known of it below; scripts find it by the ids of its `claims`."""
    id_ = f' id="{escape(anchor, quote=True)}"' if anchor else ""
    id_ += f' data-claims="{escape(" ".join(claims), quote=True)}"' if claims else ""
    return f'<div class="cnnsym-claim cnnsym-claim--{state}"{id_}>\n{formula}\n{"".join(parts)}</div>'


def unchecked_block(formula: str, lang: str) -> str:
    """A formula without a label: nothing is claimed of it, and it says so."""
    remark, name = escape(SITE_WORDS[lang]["scope unlabelled"]), escape(SITE_WORDS[lang]["unlabelled"])
    return (
        f'<div class="cnnsym-claim cnnsym-claim--unchecked cnnsym-claim--compact">\n{formula}\n'
        f'<div class="cnnsym-claim__bar"><span class="cnnsym-badge cnnsym-badge--unchecked">{name}</span>'
        f'<span class="cnnsym-claim__scope">{remark}</span></div></div>'
    )


def _remark(account: Judged, state: State, problem: str, lang: str) -> str:
    words, stop = SITE_WORDS[lang], "；" if lang == "zh" else "; "
    if problem:
        return escape(words["scope problem"].format(problem.splitlines()[0]))
    said_so = [escape(account.titled(lang))]
    if state == "unchecked":
        said_so.append(escape(words["scope unsound"]))
    if state == "corrected":
        said_so.append(words["corrected by"].format(reference(f"{account.id}-corrected")))
    if state in ("proved", "refuted", "corrected"):
        said_so.append(escape(words["by"].format(said(account.method, lang))))
    good, of_all = account.near_misses
    if of_all:
        said_so.append(escape(words["misses refuted"].format(good=good, all=of_all)))
    return stop.join(said_so)


def _correction(claim: Claim, verdict: Verdict | None) -> Correction | None:
    """What is printed has a counterexample where it is the claim itself."""
    erratum = claim.erratum
    if erratum is None:
        return None
    against = ("", "")
    if claim.expected == "refuted" and verdict is not None:
        against = (why_not(verdict, "zh"), why_not(verdict, "en"))
    return Correction(
        erratum.kind,
        (in_language(erratum.printed, "zh"), in_language(erratum.printed, "en")),
        (in_language(erratum.corrected, "zh"), in_language(erratum.corrected, "en")),
        (erratum.explanation.zh, erratum.explanation.en),
        against,
    )


def _size(m: Measurement) -> float:
    return inf if isnan(m.error) else m.error
