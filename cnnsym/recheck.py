"""Judges a claim again, piece by piece, and formulas that a reader has changed: what the site runs in the browser.

The deciders are those of every other front end; here is only what to ask them. A formula that is changed is judged as it
stands, with the method, the hypotheses and the lemmas of its claim; it need not be what was derived. Findings are plain data,
ready for JSON, and come one by one, so that a long check shows its progress.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import sympy as sp

from cnnsym.check import check_link, check_near_miss, check_step
from cnnsym.claim import Claim, Entailment, Inequality, Integers, Limit, in_language
from cnnsym.collect import Collected
from cnnsym.errors import ClaimError, CnnsymError, InternalError, LatexError
from cnnsym.latex import Context, read_formula
from cnnsym.latex.formula import Chain, Formula
from cnnsym.pages import Display, check_page, unread
from cnnsym.report.elements import why_not
from cnnsym.report.words import said
from cnnsym.verdict import Verdict

LONGEST = 4000  # characters of a formula

_TOLD = {
    "en": {
        "long": "expected a formula of at most {} characters, got {}",
        "empty": "expected a formula, got nothing",
        "nothing": "expected an equality or a relation, got an expression that states nothing",
        "unnamed": "this relation has no \\label, so it is not told which claim it belongs to",
        "missing": "no relation has the label {}",
        "equalities": "this claim is decided as equalities, so expected =, got {}",
        "limit": "expected a limit for {} to {} on the left side",
        "premises": "this claim has {} relations, each with premises of its own: write {} of them, or premises with \\Rightarrow",
        "decided": "this is always {}: it states nothing about the symbols",
        "nested": "the formula is nested too deeply",
    },
    "zh": {
        "long": "公式最多 {} 个字符，现有 {} 个",
        "empty": "这里需要一个公式，现在是空的",
        "nothing": "这里需要等式或关系式，现在只是一个表达式，没有断言什么",
        "unnamed": "这个关系式没有 \\label，无从得知它属于哪个命题",
        "missing": "没有关系式带有标签 {}",
        "equalities": "这个命题按等式判定，因此这里需要 =，现在是 {}",
        "limit": "左边应当是 {} 趋于 {} 的极限",
        "premises": "这个命题由 {} 个关系式组成，各有前提：请写出 {} 个关系式，或用 \\Rightarrow 写明前提",
        "decided": "这个式子总是 {}，对其中的符号没有断言什么",
        "nested": "公式嵌套太深",
    },
}

Finding = dict[str, Any]


def recheck(collected: Collected, identifier: str, lang: str, shown: str = "") -> Iterator[Finding]:
    """The findings on a claim: its equalities, what the page shows, its steps, its near misses.

    `shown` is the LaTeX of the page, held against the derivation. Numeric comparisons are left out. A finding has `part`
    ("link", "page", "step" or "near miss"), `id`, `expected`, `verdict`, `ok`, `text` and `milliseconds`. ClaimError where the
    derivation has no such claim; where the deciders contradict each other, InternalError.

    >>> from pathlib import Path
    >>> from cnnsym.collect import load
    >>> one = load(Path("derivations/fully_connected.py"))
    >>> [(f["part"], f["verdict"]) for f in recheck(one, "5.1-model", "en")][0]
    ('link', 'proved')
    """
    claim = _claim(collected, identifier)
    for k, (name, *_) in enumerate(claim.links):
        yield _timed("link", name, claim.expected, lang, lambda k=k: check_link(claim, k, collected.lemmas).verdict)
    if shown:
        yield _page(collected, identifier, shown)
    for k, step in enumerate(claim.steps, 1):
        verdict = _timed("step", str(k), "proved", lang, lambda step=step: check_step(step, claim, collected.lemmas))
        yield verdict | {"name": in_language(step.rule, lang)}
    for k, near in enumerate(claim.near_misses, 1):
        verdict = _timed(
            "near miss", str(k), "refuted", lang, lambda near=near: check_near_miss(near, claim, collected.lemmas).verdict
        )
        yield verdict | {"name": in_language(near.name, lang)}


def recheck_formula(collected: Collected, identifier: str, latex: str, lang: str) -> Iterator[Finding]:
    """The findings on a formula in place of that of the claim: one "link" for each equality or relation.

    What cannot be read gives one finding of the verdict "error", with `line` and `column` where they are known. Where several
    labels stand in the formula, only what bears that of the claim is judged.

    >>> from pathlib import Path
    >>> from cnnsym.collect import load
    >>> one = load(Path("derivations/fully_connected.py"))
    >>> changed = r"\\boldsymbol{s}_i = W_i\\boldsymbol{z}_i - \\boldsymbol{b}_i"
    >>> [f["verdict"] for f in recheck_formula(one, "5.1-model", changed, "en")]
    ['refuted']
    """
    claim, told = _claim(collected, identifier), _TOLD[lang]
    if len(latex) > LONGEST:
        yield _fault(identifier, told["long"].format(LONGEST, len(latex)))
        return
    if not latex.strip():
        yield _fault(identifier, told["empty"], 1, 1)
        return
    try:
        formula = read_formula(latex, Context.read(collected.derivation.context))
        if problem := unread(Display(latex, 1)):
            yield _fault(identifier, problem)
            return
        changed = list(_changed(claim, formula, len(Display(latex, 1).labels) > 1, told))
    except LatexError as error:
        yield _fault(identifier, str(error), error.line, error.column)
        return
    except InternalError:
        raise
    except CnnsymError as error:
        yield _fault(identifier, str(error))
        return
    except RecursionError:
        yield _fault(identifier, told["nested"])
        return
    for k, (new, place, taken) in enumerate(changed, 1):
        name = identifier if len(changed) == 1 else f"{identifier}.{k}"
        found = _timed("link", name, "", lang, lambda new=new: check_link(new, 0, collected.lemmas).verdict)
        found["assumed"] = [*taken, *found.get("assumed", ())]
        yield found | {"line": place[0], "column": place[1]}


Place = tuple[int, int]
# A claim that states one relation of the formula, the place of that, and what was taken for granted in reading it.
Changed = tuple[Claim, Place, tuple[str, ...]]


def _changed(claim: Claim, formula: Formula, several: bool, told: dict[str, str]) -> Iterator[Changed]:
    """The claim with each relation of the formula in its place."""
    if isinstance(claim.method, (Integers, Entailment, Inequality)):
        yield from _relations(claim, formula, several, told)
        return
    found = 0
    for chain in formula.chains:
        for k, relation in enumerate(chain.relations):
            if not _belongs(chain.labels[k], claim, several, told, chain.places[k]):
                continue
            if relation != "=":
                raise _at(told["equalities"].format(relation), chain.places[k])
            left, right = chain.members[k], chain.members[k + 1]
            if isinstance(claim.method, Limit):
                left = _under_limit(left, claim.method, told, chain.places[k])
            found += 1
            yield replace(claim, chain=(left, right), also=()), chain.places[k], chain.assumed
        if not chain.relations and chain.statements:
            raise _at(told["equalities"].format(chain.statements[0]), chain.member_places[0])
    if not found:
        raise ClaimError(told["missing"].format(claim.id) if several else told["nothing"])


def _relations(claim: Claim, formula: Formula, several: bool, told: dict[str, str]) -> Iterator[Changed]:
    found = [
        (statement, place, chain.assumed)
        for chain in formula.chains
        for statement, label, place in _stated(chain)
        if _belongs(label, claim, several, told, place)
    ]
    if not found:
        raise ClaimError(told["missing"].format(claim.id) if several else told["nothing"])
    premises = [given for _, given, _ in claim.links]
    for k, (statement, place, taken) in enumerate(found):
        if statement in (sp.true, sp.false):
            raise _at(told["decided"].format(str(statement).lower()), place)
        if isinstance(statement, sp.Implies):
            given, statement = statement.args
        elif len(set(premises)) == 1:
            given = premises[0]
        elif len(found) == len(premises):
            given = premises[k]
        else:
            raise _at(told["premises"].format(len(premises), len(premises)), place)
        yield replace(claim, chain=(given, statement), also=()), place, taken


def _stated(chain: Chain) -> Iterator[tuple[Any, str | None, Place]]:
    """What a chain states under each of its labels, with its place."""
    if not chain.relations:
        yield from ((statement, chain.label, chain.member_places[0]) for statement in chain.statements)
        return
    links = zip(chain.statements, chain.labels, chain.places, strict=True)
    for label, group in groupby(links, key=lambda link: chain.label or link[1]):
        (first, *others) = list(group)  # `0 \le a < k` is one statement
        yield sp.And(first[0], *(other[0] for other in others)) if others else first[0], label, first[2]


def _belongs(label: str | None, claim: Claim, several: bool, told: dict[str, str], place: Place) -> bool:
    if several and label is None:
        raise _at(told["unnamed"], place)
    return not several or label == claim.id


def _under_limit(left: Any, method: Limit, told: dict[str, str], place: Place) -> Any:
    if not isinstance(left, sp.Limit) or left.args[1:3] != (method.variable, method.to):
        raise _at(told["limit"].format(method.variable, method.to), place)
    return left.args[0]


def _at(message: str, place: Place) -> LatexError:
    return LatexError(message, line=place[0], column=place[1])


def _claim(collected: Collected, identifier: str) -> Claim:
    return collected.derivation.claim(identifier)


def _page(collected: Collected, identifier: str, shown: str) -> Finding:
    """What the page shows, held against the derivation."""
    start = time.perf_counter()
    of_page = check_page(collected.path, f"$${shown}$$", [collected])
    found = next((each for each in of_page if each.label == identifier), None)
    verdict = found.verdict if found else "error"
    problem = found.problem if found else f"no label {identifier}"
    return _finding("page", identifier, "proved", verdict, problem, start)


def _timed(part: str, name: str, expected: str, lang: str, judge: Any) -> Finding:
    start = time.perf_counter()
    try:
        verdict: Verdict = judge()
    except InternalError:
        raise
    except CnnsymError as error:
        return _finding(part, name, expected, "error", str(error), start)
    except RecursionError:
        return _finding(part, name, expected, "error", _TOLD[lang]["nested"], start)
    found = _finding(part, name, expected, verdict.name, why_not(verdict, lang), start)
    assumed = getattr(verdict, "assumed", ())
    return found | {
        "scope": said(verdict.scope, lang),
        "method": said(verdict.method, lang),
        "assumed": [str(one) for one in assumed],
    }


def _finding(part: str, name: str, expected: str, verdict: str, text: str, start: float) -> Finding:
    return {
        "part": part,
        "id": name,
        "expected": expected,
        "verdict": verdict,
        "ok": verdict == expected,
        "text": text,
        "milliseconds": 1000 * (time.perf_counter() - start),
    }


def _fault(name: str, message: str, line: int = 0, column: int = 0) -> Finding:
    found = _finding("link", name, "", "error", message, time.perf_counter())
    return found | {"line": line, "column": column}


def outcome(findings: Sequence[Finding]) -> str:
    """The verdict on all equalities: the worst of them; "error" where there are none."""
    order = ("error", "unknown", "refuted", "proved")
    verdicts = [f["verdict"] for f in findings if f["part"] == "link"]
    return min(verdicts, key=order.index, default="error")
