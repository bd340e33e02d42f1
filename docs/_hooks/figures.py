"""MkDocs hook: ``<!-- figure: NAME -->`` on a page becomes the figure that ``docs/_figures/NAME.py`` draws.

Dashes of the name are underscores of the module. The drawing stands in the page itself, so it is there without a script,
without a server, and in the colours of the scheme. A name without a module, a drawing that fails, a text that is missing,
a figure on one language's page only: each is a warning with file and line, and `mkdocs build --strict` fails.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from html import escape
from pathlib import Path
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

log = get_plugin_logger("figures")

LANGUAGES = ("zh", "en")
_PACKAGE = "cnnsym_figures"
_TEXTS = ("TITLE", "ALT", "CAPTION")
_MARKER = re.compile(r"<!--\s*figure:\s*(.*?)\s*-->")
_LETTERS = re.compile(r"\*(.+?)\*")  # letters of formulas stand between asterisks, in captions as in drawings
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Undrawn(Exception):
    """A figure that cannot be shown; the message says why."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the modules anew, as an editor of a figure expects of `mkdocs serve`."""
    folder = Path(config.docs_dir) / "_figures"
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    if folder.is_dir() and str(folder) not in config.watch:
        config.watch.append(str(folder))
    return config


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the figures in place of their markers."""
    if not _MARKER.search(html):
        return html
    source = page.file.abs_src_path or ""
    text = Path(source).read_text(encoding="utf-8") if source.endswith(".md") else ""
    lang = str(config.theme["language"])
    shown: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        place = f"{page.file.src_uri}:{_line(text, match[0], name in shown)}"
        if name in shown:
            log.warning("%s: the figure %r stands twice on this page", place, name)
            return ""
        shown.add(name)
        try:
            return element(Path(config.docs_dir) / "_figures", name, lang)
        except Undrawn as problem:
            log.warning("%s: %s", place, problem)
            return ""

    filled = _MARKER.sub(fill, html)
    for twin, here, name in _elsewhere(Path(config.docs_dir), page.file.src_uri, shown):
        line = _line(text, name, False)
        log.warning("%s:%s: the figure %r stands here, but not in %s", here, line, name, twin)
    return filled


def element(folder: Path, name: str, lang: str) -> str:
    """The figure in a language, as HTML.

    Raises:
        Undrawn: there is no such figure, a text is missing, or drawing fails.
    """
    module = _module(folder, name)
    texts = {text: _said(module, name, text) for text in _TEXTS}
    if lang not in LANGUAGES:
        raise Undrawn(f"the figure {name!r} is drawn in {' and '.join(LANGUAGES)}, not in {lang!r}")
    try:
        drawn = module.draw(lang)
        caption = texts["CAPTION"][lang].format(**(module.numbers() if hasattr(module, "numbers") else {}))
    except Exception as error:  # whatever a drawing does wrong, the page and its line are what the writer needs
        raise Undrawn(f"the figure {name!r} cannot be drawn: {type(error).__name__}: {error}") from error
    if not isinstance(drawn, str) or "<svg" not in drawn or not all(_filled(drawn, tag) for tag in ("title", "desc")):
        raise Undrawn(f"the figure {name!r} must be SVG with a title and a description, got {str(drawn)[:60]!r}")
    said = _LETTERS.sub(r'<i class="cnnsym-figure__letter">\1</i>', escape(caption, quote=False))
    title = texts["TITLE"][lang] + {"zh": "。", "en": ". "}[lang]
    return (
        f'<figure class="cnnsym-drawn" id="figure-{name}">\n<div data-search-exclude="1">{drawn}</div>\n'
        f"<figcaption><b>{escape(title)}</b>{said}</figcaption>\n</figure>"
    )


def _module(folder: Path, name: str) -> ModuleType:
    stems = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    if not _NAME.fullmatch(name) or name.replace("-", "_") not in stems:
        known = ", ".join(stem.replace("_", "-") for stem in stems) or "none"
        raise Undrawn(f"no figure {name!r}; there are {known}")
    if _PACKAGE not in sys.modules:
        package = importlib.util.spec_from_file_location(
            _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[_PACKAGE] = importlib.util.module_from_spec(package)
    try:
        return importlib.import_module(f"{_PACKAGE}.{name.replace('-', '_')}")
    except Exception as error:  # a module that does not import is a figure that cannot be drawn
        raise Undrawn(f"the figure {name!r} cannot be drawn: {type(error).__name__}: {error}") from error


def _said(module: ModuleType, name: str, text: str) -> dict[str, str]:
    said = getattr(module, text, None)
    missing = [lang for lang in LANGUAGES if not isinstance(said, dict) or not str(said.get(lang, "")).strip()]
    if missing:
        raise Undrawn(f"the figure {name!r} has no {text} in {' and '.join(missing)}")
    return said


def _filled(drawn: str, tag: str) -> bool:
    return re.search(rf"<{tag}\b[^>]*>[^<]*\S[^<]*</{tag}>", drawn) is not None


def _line(text: str, wanted: str, second: bool) -> int | str:
    at = text.find(wanted)
    if second:
        at = text.find(wanted, at + 1)
    return text.count("\n", 0, at) + 1 if at >= 0 else "?"


def _elsewhere(docs: Path, source: str, shown: set[str]) -> list[tuple[str, str, str]]:
    """The figures of the page that its twin in another language lacks."""
    lang, _, rest = source.partition("/")
    if lang not in LANGUAGES:
        return []
    found = []
    for other in LANGUAGES:
        twin = docs / other / rest
        if other != lang:
            theirs = set(_MARKER.findall(twin.read_text(encoding="utf-8"))) if twin.is_file() else set()
            found += [(f"{other}/{rest}", source, name) for name in sorted(shown - theirs)]
    return found
