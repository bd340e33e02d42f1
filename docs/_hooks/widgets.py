"""MkDocs hook: ``<!-- widget: NAME -->`` on a page becomes the interactive piece of ``docs/_widgets/NAME.py``.

Dashes of the name are underscores of the module. What the module makes can be read without a script; the script of the
same name in assets/javascripts/widgets adds the controls, and only pages with a piece load it. A name without a module, one
that has no script, markup that fails, a piece on one language's page only: each is a warning with file and line, and
`mkdocs build --strict` fails.
"""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from pieces import LANGUAGES, Unmade, fill, load, read_anew

log = get_plugin_logger("widgets")

SCRIPTS = "assets/javascripts/widgets"
_SHARED = ("arithmetic", "panel")
_PACKAGE = "cnnsym_widgets"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    read_anew(config, Path(config.docs_dir) / "_widgets", _PACKAGE)
    return config


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the pieces in place of their markers, and their scripts at the end."""
    docs = Path(config.docs_dir)
    filled, shown = fill(html, page, config, "widget", lambda name, lang: element(docs, name, lang), log)
    needed = (*_SHARED, *shown) if shown else ()
    addresses = [get_relative_url(f"{SCRIPTS}/{name}.js", page.url) for name in needed]
    return filled + "".join(f'\n<script src="{address}" defer></script>' for address in addresses)


def element(docs: Path, name: str, lang: str) -> str:
    """The markup of a piece in a language.

    Raises:
        Unmade: there is no such piece, it has no script, or making it fails.
    """
    if lang not in LANGUAGES:
        raise Unmade(f"the widget {name!r} speaks {' and '.join(LANGUAGES)}, not {lang!r}")
    folder, scripts = docs / "_widgets", docs / SCRIPTS
    names = sorted(path.stem for path in scripts.glob("*.js") if path.stem not in _SHARED)
    if name not in names or not (folder / f"{name.replace('-', '_')}.py").is_file():
        raise Unmade(f"no widget {name!r}; there are {', '.join(names) or 'none'}")
    try:
        made = load(folder, _PACKAGE, name).markup(lang)
    except Exception as error:  # whatever a module does wrong, the page and its line are what the writer needs
        raise Unmade(f"the widget {name!r} cannot be made: {type(error).__name__}: {error}") from error
    return str(made)
