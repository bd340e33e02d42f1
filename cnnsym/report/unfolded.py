"""What unfolds below a formula: erratum, conditions, derivation, near misses and numbers of one judged claim, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from cnnsym.claim import ClaimResult, Erratum, Measurement, Method, NearMissResult, StepResult, in_language
from cnnsym.errors import UnsupportedError
from cnnsym.measurement import oracle
from cnnsym.report.elements import (
    as_printed,
    badge,
    definitions,
    display,
    inline,
    number,
    reference,
    state_of,
    table,
    why_not,
)
from cnnsym.report.notation import equation
from cnnsym.report.plain import plain_statement
from cnnsym.report.site_words import SITE_WORDS
from cnnsym.report.words import said


def details(result: ClaimResult, lang: str) -> str:
    """Everything about a claim but its bar."""
    claim, words = result.claim, SITE_WORDS[lang]
    result = result.as_written()
    steps = "".join(_step(step, lang) for step in result.steps)
    return "".join(
        (
            section(words["verdict why"], "".join(f"<p>{escape(fault)}</p>" for fault in result.faults)),
            section(words["smallest"], _counterexample(result, lang)),
            section(words["erratum"], _erratum(claim.erratum, result, lang) if claim.erratum else ""),
            section(words["conditions"], _conditions(result, lang)),
            section(words["derivation"], f'<ol class="cnnsym-steps">\n{steps}</ol>' if steps else ""),
            section(words["near misses"], _near_misses(result.near_misses, claim.method, lang)),
            section(words["numeric"], _measurements(result.measurements, claim.numeric, lang)),
        )
    )


def section(title: str, body: str) -> str:
    """A part with its title; nothing where it is empty."""
    return f'<p class="cnnsym-claim__head">{escape(title)}</p>\n{body}\n' if body else ""


def _counterexample(result: ClaimResult, lang: str) -> str:
    """Why a formula as printed is wrong, where no erratum says it."""
    if result.claim.expected != "refuted" or result.claim.erratum:
        return ""
    return "".join(
        f"<p>{escape(why_not(link.verdict, lang))}</p>" for link in result.links if why_not(link.verdict, lang)
    )


def _conditions(result: ClaimResult, lang: str) -> str:
    claim, words = result.claim, SITE_WORDS[lang]
    assumed = dict.fromkeys(text for link in result.links for text in getattr(link.verdict, "assumed", ()))
    lines = [getattr(claim.conditions, lang)]
    lines += [words["assumed"].format(", ".join(assumed))] if assumed else []
    lines += [words["source"].format(claim.source)] if claim.source else []
    where = [inline(equation(symbol, whole, claim.method)) for symbol, whole in claim.stands_for]
    said_so = f"<p>{escape(words['where'])} {', '.join(where)}</p>" if where else ""
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line) + said_so


def _step(result: StepResult, lang: str) -> str:
    step, words = result.step, SITE_WORDS[lang]
    cite = [escape(step.source)] if step.source else []
    uses = ", ".join(reference(name) for name in step.using)
    cite += [f"{words['uses']} {uses}"] if uses else []
    method = "" if result.verdict.method == "none" else escape(words["by"].format(said(result.verdict.method, lang)))
    if step.left == step.right:
        method += f"{'；' if lang == 'zh' else '; '}{escape(words['alike'])}"
    reason = "" if result.ok else f" {escape(why_not(result.verdict, lang))}"
    return (
        f'<li><span class="cnnsym-step__rule">{escape(getattr(step.rule, lang))}</span>'
        + (f' <span class="cnnsym-step__cite">{"; ".join(cite)}</span>' if cite else "")
        + f"\n{_equation(step.left, step.right, step.method)}\n"
        + f'<p class="cnnsym-step__verdict">{badge(state_of(result.verdict, True), lang, result.verdict.scope)}'
        + (f' <span class="cnnsym-step__cite">{method}</span>' if method else "")
        + f"{reason}</p></li>\n"
    )


def _equation(left: object, right: object, method: Method, *, within: bool = False) -> str:
    try:
        tex = equation(left, right, method)
    except (UnsupportedError, RecursionError):  # no notation: the plain text of the terminal, then
        return f"<code>{escape(plain_statement(left, right, method))}</code>"
    return inline(rf"\displaystyle {tex}") if within else display(tex)


def _near_misses(results: Sequence[NearMissResult], method: Method, lang: str) -> str:
    if not results:
        return ""
    words = SITE_WORDS[lang]
    body = [
        (
            f'<span class="cnnsym-grid__name">{escape(getattr(near.near_miss.name, lang))}</span>',
            badge(state_of(near.verdict, True), lang, near.verdict.scope),
            f'<span class="cnnsym-grid__text">{escape(why_not(near.verdict, lang))}</span>',
            escape(words["no formula"]) if near.left is None else _equation(near.left, near.right, method, within=True),
        )
        for near in results
    ]
    head = [words[key] for key in ("name", "verdict", "counterexample", "formula")]
    return f"<p>{escape(words['near misses intro'])}</p>\n" + table(words["near misses"], head, body)


def _measurements(results: Sequence[Measurement], numeric: Callable[..., object] | None, lang: str) -> str:
    """The comparisons; a column that no row has is left out."""
    if not results:
        return ""
    words = SITE_WORDS[lang]
    default = oracle(numeric) if numeric else ""
    columns = (
        ("what", [f'<span class="cnnsym-grid__name">{escape(in_language(m.what, lang))}</span>' for m in results]),
        ("shape", [f'<span class="cnnsym-grid__short">{escape(m.shape)}</span>' for m in results]),
        ("dtype", [f"<code>{escape(m.dtype)}</code>" for m in results]),
        ("seed", [str(m.seed) for m in results]),
        ("lhs", [f'<span class="cnnsym-grid__short">{escape(m.lhs)}</span>' if m.lhs else "" for m in results]),
        ("rhs", [f'<span class="cnnsym-grid__short">{escape(m.rhs)}</span>' if m.rhs else "" for m in results]),
        ("error", [number(m.error) if m.ok else f"<strong>{number(m.error)}</strong>" for m in results]),
        ("tolerance", [number(m.tolerance) for m in results]),
        ("oracle", [_oracle(m.oracle or default) for m in results]),
    )
    kept = [(key, cells) for key, cells in columns if any(cells)]
    right = frozenset(k for k, (key, _) in enumerate(kept) if key in ("seed", "lhs", "rhs", "error", "tolerance"))
    body = list(zip(*(cells for _, cells in kept), strict=True))
    intro = words["numeric intro"] + (words["numeric sides"] if any(m.lhs for m in results) else "")
    head = [words[key] for key, _ in kept]
    return f"<p>{escape(intro)}</p>\n" + table(words["numeric"], head, body, right)


def _oracle(names: str) -> str:
    return " ".join(f"<code>{escape(name)}</code>" for name in names.split(", ") if name)


def _erratum(erratum: Erratum, result: ClaimResult, lang: str) -> str:
    """What is printed was judged only where the claim is that formula itself: only there it has a verdict."""
    words, claim = SITE_WORDS[lang], result.claim
    entries = [(words["printed"], as_printed(in_language(erratum.printed, lang)))]
    if claim.expected == "refuted":
        verdict = result.links[0].verdict
        entries.append((words["found"], badge(state_of(verdict, True), lang, verdict.scope)))
        entries.append((words["smallest"], escape(why_not(verdict, lang))))
    link = reference(f"{claim.id}-corrected", if_there=True)
    entries.append((words["corrected"], as_printed(in_language(erratum.corrected, lang)) + link))
    entries.append((words["why"], escape(getattr(erratum.explanation, lang))))
    return definitions(entries)
