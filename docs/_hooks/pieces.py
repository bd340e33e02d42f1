"""What figures and widgets have in common: a marker on a page, ``<!-- WORD: NAME -->``, that a module of that name fills.

Dashes of the name are underscores of the module. A piece twice on a page, or on one language's page only, is a warning with
file and line, and so is whatever goes wrong in making it.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

LANGUAGES = ("zh", "en")


class Unmade(Exception):
    """A piece that cannot be shown; the message says why."""


def read_anew(config: MkDocsConfig, folder: Path, package: str) -> None:
    """Forget the modules of a folder, as a writer expects of `mkdocs serve`, and have it watched."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    if folder.is_dir() and str(folder) not in config.watch:
        config.watch.append(str(folder))


def load(folder: Path, package: str, name: str) -> ModuleType:
    """The module of a piece; raises what its import raises."""
    if package not in sys.modules:
        init = folder / "__init__.py"
        found = importlib.util.spec_from_file_location(package, init, submodule_search_locations=[str(folder)])
        sys.modules[package] = importlib.util.module_from_spec(found)
    return importlib.import_module(f"{package}.{name.replace('-', '_')}")


def fill(
    html: str, page: Page, config: MkDocsConfig, word: str, make: Callable[[str, str], str], log: logging.LoggerAdapter
) -> tuple[str, list[str]]:
    """The HTML with `make(name, language)` in place of each marker, and the names; Unmade becomes a warning."""
    marker = re.compile(rf"<!--\s*{word}:\s*(.*?)\s*-->")
    if not marker.search(html):
        return html, []
    source = page.file.abs_src_path or ""
    text = Path(source).read_text(encoding="utf-8") if source.endswith(".md") else ""
    lang = str(config.theme["language"])
    shown: list[str] = []

    def place(name: str, earlier: int = 0) -> str:
        starts = [match.start() for match in marker.finditer(text) if match[1] == name]
        return f"{page.file.src_uri}:{text.count(chr(10), 0, starts[earlier]) + 1 if len(starts) > earlier else '?'}"

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name in shown:
            log.warning("%s: the %s %r stands twice on this page", place(name, shown.count(name)), word, name)
            return ""
        shown.append(name)
        try:
            return make(name, lang)
        except Unmade as problem:
            log.warning("%s: %s", place(name), problem)
            return ""

    made = marker.sub(filled, html)
    here, _, rest = page.file.src_uri.partition("/")
    for other in LANGUAGES if here in LANGUAGES else ():
        twin = Path(config.docs_dir) / other / rest
        theirs = marker.findall(twin.read_text(encoding="utf-8")) if twin.is_file() else []
        for name in sorted(set(shown) - set(theirs)) if other != here else ():
            log.warning("%s: the %s %r stands here, but not in %s/%s", place(name), word, name, other, rest)
    return made, shown
