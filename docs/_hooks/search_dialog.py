"""MkDocs hook: the search has a name for screen readers, and looks for its index in vain nowhere.

Opened from a folder, a page cannot fetch JSON; the theme then looks for the same index as a script.
"""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority, get_plugin_logger
from mkdocs.structure.pages import Page

log = get_plugin_logger("search")

NAMES = {"zh": "搜索", "en": "Search"}
_DIALOG = '<div class="md-search" data-md-component="search" role="dialog">'


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name the dialog in the language of the page."""
    if output.count(_DIALOG) != 1:
        log.warning("%s: the theme's search dialog is not as it was; does it have a name by now?", page.file.src_uri)
    name = NAMES.get(str(config.theme["language"]), NAMES["en"])
    return output.replace(_DIALOG, f'{_DIALOG[:-1]} aria-label="{name}">')


@event_priority(-300)  # after static-i18n has joined the indexes of all languages
def on_post_build(config: MkDocsConfig) -> None:
    index = Path(config.site_dir) / "search" / "search_index.json"
    if index.is_file():
        index.with_suffix(".js").write_text(f"var __index = {index.read_text(encoding='utf-8')}", encoding="utf-8")
