"""MkDocs hook: formulas become KaTeX's HTML and MathML while the site is built.

Readers need no JavaScript and no other server for mathematics, and TeX that does not parse is a warning of
the build, so `mkdocs build --strict` fails. A `\\label{ID}` becomes the anchor `#ID`.

The hook works in `on_env`, when every page of a language has its HTML: one Node process serves them all, and
whatever another plugin put into the pages before is rendered too. What KaTeX made, nine tenths of a page, enters it last:
until then a comment holds its place, and nobody who reads the page meanwhile, as the search does, has to read the glyphs.
"""

from __future__ import annotations

import html
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chinese import join_lines
from formulas import Formula, in_markdown, in_notebook, line_of, residue
from jinja2 import Environment
from katex_node import KatexUnavailable, Rendered, Renderer, katex_dist
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink

log = get_plugin_logger("katex")

_NOTEBOOKS = (".ipynb", ".py")
LANGUAGES = {
    "zh": {"formula": "公式", "permalink": "本式的固定链接", "broken": "此公式未能排版"},
    "en": {
        "formula": "Formula",
        "permalink": "Permanent link to this formula",
        "broken": "This formula could not be typeset",
    },
}
_ID = re.compile(r'\sid="([^"]+)"')
_PLACE = re.compile(r"<!--katex (\d+)-->")
_HEADING_ID = re.compile(r'<h[1-6]\b[^>]*\sid="([^"]*)"')
# nbconvert writes MathJax with an address on a CDN into every notebook page. Nothing here needs it.
_MATHJAX = re.compile(
    r"<script[^>]*\bsrc=\"https?://[^\"]*\"[^>]*>\s*</script>"
    r"|<script[^>]*type=\"text/x-mathjax-config\"[^>]*>.*?</script>"
    r'|<!-- Load mathjax -->\s*<script src="[^"]*">\s*</script>'
    r"|<!-- MathJax configuration -->|<!-- End of mathjax configuration -->",
    re.DOTALL | re.IGNORECASE,
)


@event_priority(-110)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Let MkDocs see notebooks as pages again, and each know its twin in the other language.

    mkdocs-jupyter marks them, then mkdocs-static-i18n (priority -100) rebuilds every file and loses the mark;
    without it the raw notebook would be published as if it were an image, and the language switch would leave it
    for the home page.
    """
    languages = config.plugins["i18n"].config.languages
    prefixes = {language.locale: "" if language.default else f"{language.locale}/" for language in languages}
    for file in files:
        if not file.src_uri.endswith(_NOTEBOOKS) or file.inclusion.is_excluded():
            continue
        file.is_documentation_page = lambda: True
        own = prefixes[file.locale]
        for locale, prefix in prefixes.items():
            if locale != file.locale:
                twin = prefix + file.dest_uri.removeprefix(own)
                source = f"{locale}/{file.norm_src_uri}"
                file.alternates[locale] = File(
                    source, config.docs_dir, config.site_dir, config.use_directory_urls, dest_uri=twin
                )
    return files


@event_priority(-100)
def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Render the formulas of every page of the language that is being built."""
    works = [_survey(file.page) for file in files if file.page is not None and file.page.content]
    wanted = {(formula.tex(work.taken), formula.display) for work in works for formula in work.formulas}
    try:
        rendered = Renderer(_root(config)).render(sorted(wanted))
    except KatexUnavailable as error:
        raise PluginError(f"katex: {error}") from error
    words = LANGUAGES.get(str(config.theme["language"]), LANGUAGES["en"])
    for work in works:
        _replace(work, rendered, words)
        work.page.content = join_lines(work.page.content)
    _warn_of_twice_used_labels(works)
    return env


@event_priority(100)
def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Put in what KaTeX made, and keep the theme's script from asking for a sitemap beside every page.

    static-i18n links each page to its twin, and the script takes those addresses for the roots of sites. It looks for
    the exact value of the attribute; browsers and crawlers read words.
    """
    output = output.replace('<link rel="alternate" ', '<link rel="alternate " ')
    bodies = getattr(page, "formulas_html", [])  # none on a page without text
    return _PLACE.sub(lambda match: bodies[int(match[1])], output)


def on_post_build(config: MkDocsConfig) -> None:
    """Copy KaTeX's stylesheet and its fonts; woff2 alone, which every browser of the last years reads."""
    try:
        dist = katex_dist(_root(config))
    except KatexUnavailable as error:
        raise PluginError(f"katex: {error}") from error
    target = Path(config.site_dir) / "assets" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    for font in (dist / "fonts").glob("*.woff2"):
        shutil.copyfile(font, target / "fonts" / font.name)
    css = (dist / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\(fonts/[^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)', "", css)
    (target / "katex.min.css").write_text(css, encoding="utf-8")
    # Whoever copies a formula out of a page receives its TeX.
    shutil.copyfile(dist / "contrib" / "copy-tex.min.js", target / "copy-tex.min.js")


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent


@dataclass(frozen=True)
class _Work:
    """A page, its formulas, and the ids it has already: an anchor that a claim block bears is not made twice."""

    page: Page
    formulas: list[Formula]
    taken: frozenset[str]


def _survey(page: Page) -> _Work:
    notebook = page.file.src_uri.endswith(_NOTEBOOKS)
    if notebook:
        page.content = _MATHJAX.sub("", page.content)
        _align_contents(page)
    found = in_notebook(page.content) if notebook else in_markdown(page.content)
    return _Work(page, list(found), frozenset(_ID.findall(page.content)))


def _align_contents(page: Page) -> None:
    """Give headings of a notebook and the entries of its table of contents the same ids: mkdocs-jupyter computes the two
    by different rules, which disagree on anything but ASCII, and leaves headings in Chinese with an empty id."""
    ids = _HEADING_ID.findall(page.content)
    entries = list(_entries(page.toc))
    if len(ids) != len(entries):
        log.warning("%s: %d headings, but %d in the contents", page.file.src_uri, len(ids), len(entries))
        return
    for k, (entry, id_) in enumerate(zip(entries, ids, strict=True), 1):
        entry.id = html.unescape(id_) or f"part-{k}"
    names = iter(entries)
    page.content = _HEADING_ID.sub(
        lambda m: m[0][: m.start(1) - m.start()] + html.escape(next(names).id, quote=True) + '"', page.content
    )


def _entries(toc: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    for entry in toc:
        yield entry
        yield from _entries(entry.children)


def _replace(work: _Work, rendered: dict[tuple[str, bool], Rendered], words: dict[str, str]) -> None:
    page, source = work.page, _source(work.page)
    pieces, position = [], 0
    page.formulas_html = []  # a name that the theme does not read
    for formula in work.formulas:
        result = rendered[formula.tex(work.taken), formula.display]
        for problem in result.problems:
            log.warning("%s: %s in %s", _place(page, formula, source, result.position), problem, _excerpt(formula))
        body = result.html or (
            f'<code class="cnnsym-formula__broken" title="{words["broken"]}">{html.escape(formula.source)}</code>'
        )
        place = f"<!--katex {len(page.formulas_html)}-->"
        page.formulas_html.append(body)
        pieces += [page.content[position : formula.start], wrap(formula, place, work.taken, words)]
        position = formula.end
    page.content = "".join([*pieces, page.content[position:]])
    for excerpt in residue(page.content):
        log.warning("%s: TeX left as text; is a blank line missing before it? %r", page.file.src_uri, excerpt)


def wrap(formula: Formula, body: str, taken: frozenset[str], words: dict[str, str]) -> str:
    """The block around a formula. `data-search-exclude` keeps glyphs and MathML out of the search index;
    the label stays in it, so that a formula is found by its name."""
    if not formula.display:
        return f'<span class="cnnsym-inline" data-search-exclude="1">{body}</span>'
    labels = [html.escape(label, quote=True) for label in formula.labels]
    anchor = f' id="{labels[0]}"' if len(labels) == 1 and formula.labels[0] not in taken else ""
    name = " ".join([words["formula"], *labels])
    links = "".join(
        f'<a class="cnnsym-formula__link" href="#{label}" title="{words["permalink"]}">{label}</a>' for label in labels
    )
    return (
        f'<div class="cnnsym-formula"{anchor}>'
        f'<div class="cnnsym-formula__scroll" tabindex="0" role="region" aria-label="{name}"'
        f' data-search-exclude="1">{body}</div>'
        + (f'<div class="cnnsym-formula__links">{links}</div>' if links else "")
        + "</div>"
    )


def _warn_of_twice_used_labels(works: list[_Work]) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for work in works:
        for formula in work.formulas:
            for label in formula.labels:
                places[label].append(work.page.file.src_uri)
    for label, pages in places.items():
        if len(pages) > 1:
            log.warning("label %r is defined %d times: %s", label, len(pages), ", ".join(sorted(set(pages))))


def _source(page: Page) -> str:
    path = page.file.abs_src_path
    return Path(path).read_text(encoding="utf-8") if path and path.endswith(".md") else ""


def _place(page: Page, formula: Formula, source: str, position: int | None) -> str:
    line = line_of(formula, source)
    if line is None:
        return page.file.src_uri
    return f"{page.file.src_uri}:{line + formula.source.strip().count(chr(10), 0, position or 0)}"


def _excerpt(formula: Formula) -> str:
    text = " ".join(formula.source.split())
    return repr(text if len(text) <= 80 else text[:77] + "...")
