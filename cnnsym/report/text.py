"""Reports for a terminal: one line for each claim, a page for one, a summary. Symbol and word, never colour alone."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from cnnsym.claim import (
    ClaimResult,
    IndexForm,
    LinkResult,
    Measurement,
    Method,
    NearMissResult,
    StepResult,
    in_language,
)
from cnnsym.report.as_json import MEASUREMENT, VERDICTS, Row
from cnnsym.report.plain import plain, plain_sides
from cnnsym.report.words import WORDS, said, why

_WIDTH = 100


def line(result: ClaimResult, lang: str = "en") -> str:
    """A claim in one line: the verdict, the id, how much is as it should be, how long it took."""
    counted = [
        _share(result.links, "links", lang) if len(result.links) > 1 else "",
        _share(result.steps, "steps", lang),
        _share(result.near_misses, "misses", lang),
        _share(result.measurements, "numbers", lang),
    ]
    counts = ", ".join(part for part in counted if part)
    return f"{mark(_verdict(result), result.ok, result.claim.expected, lang)}  {result.claim.id}  {counts}".rstrip() + (
        f"  {result.milliseconds:.0f} ms"
    )


def mark(verdict: str, ok: bool, expected: str, lang: str = "en") -> str:
    """Symbol and word for a verdict: `✓ proved`, `✗ refuted`, `? unknown`, `! error`, `- skipped`."""
    words = WORDS[lang]
    if ok:
        return f"✓ {words['refuted as expected' if expected == 'refuted' else verdict]}"
    if verdict == expected:  # the verdict is right, but something that must support it is not
        return f"✗ {words[verdict]}, {words['not sound']}"
    symbol = {"unknown": "?", "error": "!", "skipped": "-"}.get(verdict, "✗")
    return f"{symbol} {words[verdict]}"


def summary(rows: Sequence[Row], claims: int, seconds: float, lang: str = "en", cached: int = 0) -> str:
    """The last line of a check: how many claims and equalities, how many of each verdict; how many come from a cache.

    `claims` does not count experiments, which are told apart by their rows.
    """
    words = WORDS[lang]
    judged = [row for row in rows if row["method"] != MEASUREMENT]
    experiments = [row for row in rows if row["method"] == MEASUREMENT]
    wrong = sum(not row["ok"] for row in rows)
    verdict = words["not ok"].format(wrong) if wrong else words["all ok"]
    kept = words["cached of"].format(cached) if cached else ""
    counted = words["counted"].format(
        claims=claims, cached=kept, equalities=len(judged), verdicts=_verdicts(judged, lang)
    )
    if experiments:
        counted += words["experiments of"].format(len(experiments), _verdicts(experiments, lang))
    return f"{counted}; {verdict}; {words['in'].format(seconds)}"


def page(result: ClaimResult, pages: Iterable[str] = (), lang: str = "en") -> str:
    """Everything about one claim, to be read from top to bottom."""
    claim, words = result.claim, WORDS[lang]
    places = [f"{claim.file}:{claim.line}", words["section"].format(claim.section)]
    head = [f"{claim.id}  {getattr(claim.title, lang)}", "  ".join(places)]
    head += [words["pages"].format(place) for place in pages]
    if claim.source:
        head.append(words["source"].format(claim.source))
    result = result.as_written()
    parts = ["\n".join(head), _section("statement", [_link(link, claim.method, lang) for link in result.links], lang)]
    assumed = dict.fromkeys(text for r in result.links for text in getattr(r.verdict, "assumed", ()))
    conditions = [getattr(claim.conditions, lang)] if getattr(claim.conditions, lang) else []
    conditions += [f"{plain(symbol)} = {plain(whole)}" for symbol, whole in claim.stands_for]
    conditions += [words["assumed"].format(", ".join(assumed))] if assumed else []
    parts.append(_section("conditions", conditions, lang))
    parts.append(_section("derivation", [_step(k, r, lang) for k, r in enumerate(result.steps, 1)], lang))
    parts.append(_section("near misses", [_near_miss(r, claim.method, lang) for r in result.near_misses], lang))
    parts.append(_section("numeric", [_measurement(m, lang) for m in result.measurements], lang))
    if claim.erratum:
        erratum = claim.erratum
        shown = [words["printed"].format(in_language(erratum.printed, lang))]
        shown.append(words["corrected"].format(in_language(erratum.corrected, lang)))
        parts.append(_section("erratum", [words[erratum.kind], *shown, getattr(erratum.explanation, lang)], lang))
    return "\n\n".join(part for part in parts if part)


def _verdicts(rows: Sequence[Row], lang: str) -> str:
    counts = Counter(row["verdict"] for row in rows)
    return ", ".join(f"{WORDS[lang][verdict]} {counts[verdict]}" for verdict in VERDICTS if counts[verdict]) or "-"


def _verdict(result: ClaimResult) -> str:
    """The verdict on a chain: that of the first link that is not as expected, else of all."""
    wrong = [link for link in result.links if not link.ok]
    return (wrong or list(result.links))[0].verdict.name


def _share(parts: Sequence[LinkResult | StepResult | NearMissResult | Measurement], noun: str, lang: str) -> str:
    if not parts:
        return ""
    good = sum(part.ok for part in parts)
    return f"{WORDS[lang][noun]} {good}/{len(parts)}"


def _section(title: str, items: Sequence[str], lang: str) -> str:
    if not items:
        return ""
    return "\n".join([WORDS[lang][title], *(textwrap.indent(item, "  ") for item in items)])


def _equation(left: object, right: object, method: Method) -> str:
    before, sign, after = plain_sides(left, right, method)
    if not sign:
        return after
    if len(before) + len(after) + 3 <= _WIDTH:
        return f"{before} {sign} {after}"
    return f"  {before}\n{sign} {after}"


def _link(link: LinkResult, method: Method, lang: str) -> str:
    verdict = mark(link.verdict.name, link.ok, link.expected, lang)
    return f"{_equation(link.left, link.right, method)}\n    {verdict}  {why(link.verdict, lang)}"


def _step(k: int, result: StepResult, lang: str) -> str:
    step, words = result.step, WORDS[lang]
    rule = getattr(step.rule, lang) + (f" ({step.source})" if step.source else "")
    formula = textwrap.indent(_equation(step.left, step.right, step.method), "   ")
    verdict = mark(result.verdict.name, result.ok, "proved", lang)
    reason = "" if result.ok else f"  {why(result.verdict, lang)}"
    by_default = isinstance(step.method, IndexForm)
    method = "" if by_default else f"; {words['by'].format(said(result.verdict.method, lang))}"
    return f"{k}. {rule}{method}\n{formula}\n   {verdict}{reason}"


def _near_miss(result: NearMissResult, method: Method, lang: str) -> str:
    name = getattr(result.near_miss.name, lang)
    # That a near miss is refuted is how it should be, hence no mark of failure.
    symbol = f"✓ {WORDS[lang]['refuted']}" if result.ok else mark(result.verdict.name, False, "refuted", lang)
    if result.left is None:
        return f"{symbol}  {name}\n    {WORDS[lang]['shapes']}: {why(result.verdict, lang)}"
    formula = textwrap.indent(_equation(result.left, result.right, method), "    ")
    return f"{symbol}  {name}\n{formula}\n    {why(result.verdict, lang)}"


def _measurement(m: Measurement, lang: str) -> str:
    values = {"what": in_language(m.what, lang), "shape": m.shape, "dtype": m.dtype, "seed": m.seed, "error": m.error}
    return f"{'✓' if m.ok else '✗'} {WORDS[lang]['measurement'].format(**values, tolerance=m.tolerance)}"
