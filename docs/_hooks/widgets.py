"""MkDocs hook: ``<!-- widget: NAME -->`` on a page becomes the interactive piece of ``docs/_widgets/NAME.py``.

Dashes of the name are underscores of the module. What the module makes can be read without a script; the script of the
same name in assets/javascripts/widgets adds the controls, and only pages with a piece load it. A name without a module, one
that has no script, markup that fails, a piece on one language's page only: each is a warning with file and line, and
`mkdocs build --strict` fails.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

log = get_plugin_logger("widgets")

LANGUAGES = ("zh", "en")
SCRIPTS = "assets/javascripts/widgets"
_SHARED = ("arithmetic", "panel")
_PACKAGE = "cnnsym_widgets"
_MARKER = re.compile(r"<!--\s*widget:\s*(.*?)\s*-->")


class Unmade(Exception):
    """A piece that cannot be shown; the message says why."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the modules anew, as a writer expects of `mkdocs serve`."""
    folder = Path(config.docs_dir) / "_widgets"
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    if folder.is_dir() and str(folder) not in config.watch:
        config.watch.append(str(folder))
    return config


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the pieces in place of their markers, and their scripts at the end."""
    if not _MARKER.search(html):
        return html
    docs = Path(config.docs_dir)
    source = page.file.abs_src_path or ""
    text = Path(source).read_text(encoding="utf-8") if source.endswith(".md") else ""
    lang = str(config.theme["language"])
    shown: list[str] = []

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        place = f"{page.file.src_uri}:{_line(text, name, shown.count(name))}"
        if name in shown:
            log.warning("%s: the widget %r stands twice on this page", place, name)
            return ""
        shown.append(name)
        try:
            return element(docs, name, lang)
        except Unmade as problem:
            log.warning("%s: %s", place, problem)
            return ""

    filled = _MARKER.sub(fill, html)
    for other in LANGUAGES:
        for name in _missing(docs, page.file.src_uri, other, shown):
            place = f"{page.file.src_uri}:{_line(text, name, 0)}"
            log.warning("%s: the widget %r is missing on the page in the language %s", place, name, other)
    addresses = [get_relative_url(f"{SCRIPTS}/{name}.js", page.url) for name in (*_SHARED, *shown)]
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
        made = _module(folder, name.replace("-", "_")).markup(lang)
    except Exception as error:  # whatever a module does wrong, the page and its line are what the writer needs
        raise Unmade(f"the widget {name!r} cannot be made: {type(error).__name__}: {error}") from error
    return str(made)


def _module(folder: Path, stem: str):
    if _PACKAGE not in sys.modules:
        init = folder / "__init__.py"
        package = importlib.util.spec_from_file_location(_PACKAGE, init, submodule_search_locations=[str(folder)])
        sys.modules[_PACKAGE] = importlib.util.module_from_spec(package)
    return importlib.import_module(f"{_PACKAGE}.{stem}")


def _line(text: str, name: str, earlier: int) -> int | str:
    """The line of a marker in the source, after so many others of that name."""
    places = [match.start() for match in _MARKER.finditer(text) if match[1] == name]
    return text.count("\n", 0, places[earlier]) + 1 if len(places) > earlier else "?"


def _missing(docs: Path, source: str, other: str, shown: list[str]) -> list[str]:
    """What the twin of the page in another language lacks."""
    lang, _, rest = source.partition("/")
    if lang not in LANGUAGES or lang == other:
        return []
    twin = docs / other / rest
    theirs = _MARKER.findall(twin.read_text(encoding="utf-8")) if twin.is_file() else []
    return [name for name in shown if name not in theirs]
