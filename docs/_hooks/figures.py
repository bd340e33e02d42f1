"""MkDocs hook: ``<!-- figure: NAME -->`` on a page becomes the figure that ``docs/_figures/NAME.py`` draws.

Dashes of the name are underscores of the module. The drawing stands in the page itself, so it is there without a script,
without a server, and in the colours of the scheme. A name without a module, a drawing that fails, a text that is missing,
a figure on one language's page only: each is a warning with file and line, and `mkdocs build --strict` fails.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from pieces import LANGUAGES, Unmade, fill, load, read_anew

log = get_plugin_logger("figures")

_PACKAGE = "cnnsym_figures"
_TEXTS = ("TITLE", "ALT", "CAPTION")
_LETTERS = re.compile(r"\*(.+?)\*")  # letters of formulas stand between asterisks, in captions as in drawings
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    read_anew(config, Path(config.docs_dir) / "_figures", _PACKAGE)
    return config


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    folder = Path(config.docs_dir) / "_figures"
    return fill(html, page, config, "figure", lambda name, lang: element(folder, name, lang), log)[0]


def element(folder: Path, name: str, lang: str) -> str:
    """The figure in a language, as HTML.

    Raises:
        Unmade: there is no such figure, a text is missing, or drawing fails.
    """
    module = _module(folder, name)
    texts = {text: _said(module, name, text) for text in _TEXTS}
    if lang not in LANGUAGES:
        raise Unmade(f"the figure {name!r} is drawn in {' and '.join(LANGUAGES)}, not in {lang!r}")
    try:
        drawn = module.draw(lang)
        caption = texts["CAPTION"][lang].format(**(module.numbers() if hasattr(module, "numbers") else {}))
    except Exception as error:  # whatever a drawing does wrong, the page and its line are what the writer needs
        raise Unmade(f"the figure {name!r} cannot be drawn: {type(error).__name__}: {error}") from error
    if not isinstance(drawn, str) or "<svg" not in drawn or not all(_filled(drawn, tag) for tag in ("title", "desc")):
        raise Unmade(f"the figure {name!r} must be SVG with a title and a description, got {str(drawn)[:60]!r}")
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
        raise Unmade(f"no figure {name!r}; there are {known}")
    try:
        return load(folder, _PACKAGE, name)
    except Exception as error:  # a module that does not import is a figure that cannot be drawn
        raise Unmade(f"the figure {name!r} cannot be drawn: {type(error).__name__}: {error}") from error


def _said(module: ModuleType, name: str, text: str) -> dict[str, str]:
    said = getattr(module, text, None)
    missing = [lang for lang in LANGUAGES if not isinstance(said, dict) or not str(said.get(lang, "")).strip()]
    if missing:
        raise Unmade(f"the figure {name!r} has no {text} in {' and '.join(missing)}")
    return said


def _filled(drawn: str, tag: str) -> bool:
    return re.search(rf"<{tag}\b[^>]*>[^<]*\S[^<]*</{tag}>", drawn) is not None
