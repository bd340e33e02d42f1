"""Which claim rests on which: a drawing for each chapter, and the same as tables. Pure functions.

On the left stand the layers whose definitions a derivation starts from, on the right the derivations with a mark for each claim.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from cnnsym.report.elements import badge, reference, table
from cnnsym.report.html import LANGUAGES, Judged
from cnnsym.report.site_words import BADGES, SITE_WORDS, State
from cnnsym.report.words import said

_WIDTH, _LEFT, _RIGHT = 640, 190, 290  # of the drawing; where the names of layers end; where derivations begin
_STEP, _PER_LINE, _ROW = 24, 14, 30  # between marks; marks in a line; height of a title, and of a line of marks
_LAYERS = "cnnsym.layers"
_ORDER: tuple[State, ...] = ("proved", "corrected", "refuted", "unknown", "unchecked")

# The marks, by shape: a disc, a diamond, a crossed square, a half-filled disc, a dashed ring.
_MARKS: dict[State, str] = {
    "proved": '<circle r="7"/>',
    "corrected": '<path d="M0-9 9 0 0 9-9 0z"/>',
    "refuted": '<path d="M-7-7H7V7H-7z"/><path d="M-4-4 4 4M4-4-4 4" stroke="var(--md-default-bg-color)" stroke-width="2"/>',
    "unknown": '<circle r="7" fill="none" stroke="currentColor" stroke-width="2"/><path d="M0-7a7 7 0 0 1 0 14z"/>',
    "unchecked": '<circle r="7" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/>',
    "experiment": '<path d="M0-8 8 7H-8z"/>',
}


@dataclass(frozen=True)
class Module:
    """A derivation: its title in Chinese and English, chapter, address of its code, claims, and the layers it starts from."""

    title: tuple[str, str]
    chapter: str
    url: str
    claims: tuple[str, ...]
    layers: tuple[str, ...]


def layers_of(source: str) -> tuple[str, ...]:
    """The layers that the source of a derivation imports from `cnnsym.layers`.

    >>> layers_of("from cnnsym.layers import gap, conv2d as c\\nfrom cnnsym.reference import relu")
    ('conv2d', 'gap')
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == _LAYERS:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_LAYERS}."):
            found.add(str(node.module).rpartition(".")[2])
    return tuple(sorted(found))


def graph(accounts: Sequence[tuple[Judged, State]], modules: Sequence[Module], lang: str) -> str:
    """The body of the page of the graph: legend, a drawing for each chapter, tables of the same."""
    words, states = SITE_WORDS[lang], {account.id: (account, state) for account, state in accounts}
    arrows = list(_arrows(states))
    chapters = sorted({m.chapter for m in modules if m.claims}, key=lambda c: (not c.isdigit(), c))
    between = sum(kind == "uses" for _, _, kind in arrows)
    starts = sum(len(m.layers) for m in modules)
    text = words["graph text"].format(claims=len(accounts), uses=between, corrects=len(arrows) - between, starts=starts)
    parts = [f"<p>{escape(text)}</p>", _legend({state for _, state in accounts}, lang)]
    for chapter in chapters:
        title = words["chapter"].format(chapter) if chapter.isdigit() else words[f"chapter {chapter}"]
        parts.append(f'<h2 id="chapter-{escape(chapter, quote=True)}">{escape(title)}</h2>')
        own = [m for m in modules if m.chapter == chapter and m.claims]
        drawing = _drawing(own, states, arrows, title, lang)
        label = escape(words["drawing of"].format(title), quote=True)
        parts.append(f'<div class="cnnsym-graph" tabindex="0" role="region" aria-label="{label}">\n{drawing}</div>')
    parts += [f'<h2 id="table">{escape(words["graph table"])}</h2>', _links_table(arrows, states, lang)]
    parts += [f'<h2 id="derivations">{escape(words["derivations"])}</h2>', _modules_table(modules, lang)]
    return "\n".join(parts)


def _arrows(states: Mapping[str, tuple[Judged, State]]) -> Iterable[tuple[str, str, str]]:
    """`(from, to, kind)`: a claim that uses another, and a correction of a formula as printed."""
    for identifier, (account, _) in states.items():
        for used in account.uses:
            if used in states:
                yield identifier, used, "uses"
        printed = identifier.removesuffix("-corrected")
        if printed != identifier and printed in states:
            yield identifier, printed, "corrects"


def _legend(used: set[State], lang: str) -> str:
    words = SITE_WORDS[lang]
    items = [
        f'<li><svg viewBox="-10 -10 20 20" width="20" height="20" aria-hidden="true" class="cnnsym-mark cnnsym-mark--{state}">'
        f"{_MARKS[state]}</svg> {escape(BADGES[lang][state].format(scope=said('all sizes', lang)))}</li>"
        for state in _ORDER
        if state in used
    ]
    lines = (("starts", "starts from"), ("uses", "rests on"), ("corrects", "corrects"))
    items += [
        f'<li><svg viewBox="0 0 40 20" width="40" height="20" aria-hidden="true"><path class="cnnsym-graph__{kind}"'
        f' d="M2 10H38"/></svg> {escape(words[key])}</li>'
        for kind, key in lines
    ]
    return f'<ul class="cnnsym-graph-legend" aria-label="{escape(words["legend"], quote=True)}">\n' + "\n".join(items) + "\n</ul>"


def _drawing(
    modules: Sequence[Module],
    states: Mapping[str, tuple[Judged, State]],
    arrows: Sequence[tuple[str, str, str]],
    title: str,
    lang: str,
) -> str:
    where, heads, y = _placed(modules)
    left = _columns(modules, heads)
    height = max([y, *(level + 20 for level in left.values())])
    which = LANGUAGES.index(lang)
    parts = [
        f'<path class="cnnsym-graph__starts" d="M{_LEFT} {left[layer]:.0f}C{(_LEFT + _RIGHT) // 2} {left[layer]:.0f}'
        f' {(_LEFT + _RIGHT) // 2} {heads[k]:.0f} {_RIGHT - 6} {heads[k]:.0f}"/>'
        for k, module in enumerate(modules)
        for layer in module.layers
    ]
    for one, other, kind in arrows:
        if one in where and other in where:
            (x1, y1), (x2, y2) = where[one], where[other]
            low = max(y1, y2) + min(44, 12 + abs(x1 - x2) // 6)  # below the marks, the further the lower
            parts.append(f'<path class="cnnsym-graph__{kind}" d="M{x1} {y1}Q{(x1 + x2) // 2} {low} {x2} {y2}"/>')
    parts += [
        f'<text x="{_LEFT - 8}" y="{level + 4:.0f}" text-anchor="end">{escape(layer)}</text>' for layer, level in left.items()
    ]
    for k, module in enumerate(modules):
        name = escape(module.title[which])
        parts.append(f'<a href="{escape(module.url, quote=True)}"><text x="{_RIGHT}" y="{heads[k] + 4}">{name}</text></a>')
        parts += [_mark(*states[claim], where[claim], lang) for claim in module.claims if claim in states]
    body = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" height="{height:.0f}" role="group"'
        f' aria-label="{escape(title, quote=True)}">\n{body}\n</svg>\n'
    )


def _placed(modules: Sequence[Module]) -> tuple[dict[str, tuple[int, int]], list[int], int]:
    """Where each claim's mark stands, the height of each derivation's title, and where all that ends."""
    where: dict[str, tuple[int, int]] = {}
    heads, y = [], 18
    for module in modules:
        heads.append(y)
        for k, claim in enumerate(module.claims):
            where[claim] = (_RIGHT + 10 + _STEP * (k % _PER_LINE), y + _ROW * (1 + k // _PER_LINE) - 3)
        y += _ROW * (1 + -(-len(module.claims) // _PER_LINE)) + 12
    return where, heads, y


def _columns(modules: Sequence[Module], heads: Sequence[int]) -> dict[str, float]:
    """The height of each layer: that of the derivations that start from it in the mean, as far as there is room."""
    starts: dict[str, list[int]] = {}
    for module, y in zip(modules, heads, strict=True):
        for layer in module.layers:
            starts.setdefault(layer, []).append(y)
    placed: dict[str, float] = {}
    lowest = 18.0
    for layer in sorted(starts, key=lambda one: (sum(starts[one]) / len(starts[one]), one)):
        placed[layer] = max(lowest, sum(starts[layer]) / len(starts[layer]))
        lowest = placed[layer] + 20
    return placed


def _mark(account: Judged, state: State, place: tuple[int, int], lang: str) -> str:
    says = f"{account.id}: {account.titled(lang)} – {BADGES[lang][state].format(scope=said(account.scope, lang))}"
    x, y = place
    return (
        f'<g transform="translate({x} {y})" class="cnnsym-mark cnnsym-mark--{state}">'
        f'<a class="cnnsym-ref" href="#{escape(account.id, quote=True)}">'
        f'<title>{escape(says)}</title><circle class="cnnsym-mark__halo" r="11"/>{_MARKS[state]}</a></g>'
    )


def _links_table(arrows: Sequence[tuple[str, str, str]], states: Mapping[str, tuple[Judged, State]], lang: str) -> str:
    words = SITE_WORDS[lang]
    verb = {"uses": "rests on", "corrects": "corrects"}
    body = [
        (reference(one), badge(states[one][1], lang, states[one][0].scope), escape(words[verb[kind]]), reference(other))
        for one, other, kind in arrows
    ]
    return table(words["graph table"], [words[key] for key in ("from claim", "badge", "relation", "to claim")], body)


def _modules_table(modules: Sequence[Module], lang: str) -> str:
    words, which = SITE_WORDS[lang], LANGUAGES.index(lang)
    body = [
        (
            f'<a href="{escape(m.url, quote=True)}">{escape(m.title[which])}</a>',
            " ".join(f"<code>{escape(layer)}</code>" for layer in m.layers) or "–",
            str(len(m.claims)),
        )
        for m in modules
        if m.claims
    ]
    return table(words["derivations"], [words[key] for key in ("derivation of", "starts from", "id")], body, frozenset({2}))
