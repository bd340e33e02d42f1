"""MkDocs hook: what search engines, other programs and other sites read.

Always `llms.txt`, a list of all pages. Where the address of the site is known (CNNSYM_SITE_URL), also the sitemap with every
page in every language, robots.txt, absolute links between the languages, and a card for each page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

from cards import draw
from citation import plain
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.pages import Page

_ALTERNATE = re.compile(r'<link rel="alternate ?" href="([^"]*)" hreflang="([^"]*)">')
LANGUAGES = {"zh": "中文", "en": "English"}


@dataclass(frozen=True)
class Entry:
    """A page of one language; `url` is relative to the site."""

    lang: str
    url: str
    title: str
    twins: dict[str, str] = field(default_factory=dict)


@dataclass
class Build:
    """static-i18n builds the other languages within the first build, so there are several passes."""

    passes: int = 0
    entries: list[Entry] = field(default_factory=list)
    name: dict[str, str] = field(default_factory=dict)


_build = Build()


def on_pre_build(config: MkDocsConfig) -> None:
    if _build.passes == 0:
        _build.entries, _build.name = [], {}
    _build.passes += 1


def on_build_error(error: Exception) -> None:
    _build.passes = 0


@event_priority(-90)
def on_page_context(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Any) -> dict[str, Any]:
    """Remember the page; tell the theme whether there will be cards."""
    config.extra["cards"] = bool(config.site_url)
    lang = str(config.theme["language"])
    twins = {lang: page.url} | {other: file.url for other, file in getattr(page.file, "alternates", {}).items()}
    _build.entries.append(Entry(lang, page.url, plain(str(page.title)), dict(sorted(twins.items()))))
    _build.name[lang] = str(config.site_description)
    return context


@event_priority(-50)
def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Links to the other languages must be absolute to count; the attribute is written as katex_render.py wants it."""
    if not config.site_url:
        return output
    base = str(page.canonical_url)
    return _ALTERNATE.sub(lambda m: f'<link rel="alternate " href="{urljoin(base, m[1])}" hreflang="{m[2]}">', output)


@event_priority(-300)  # after static-i18n has built the other languages
def on_post_build(config: MkDocsConfig) -> None:
    _build.passes -= 1
    if _build.passes:
        return
    site, address = Path(config.site_dir), str(config.site_url or "")
    (site / "llms.txt").write_text(llms(_build.entries, _build.name, config.site_name, address), encoding="utf-8")
    for name in ("sitemap.xml", "sitemap.xml.gz"):  # MkDocs writes it without addresses, and for one language
        (site / name).unlink(missing_ok=True)
    if not address:
        return
    (site / "sitemap.xml").write_text(sitemap(_build.entries, address, config.extra["date"]), encoding="utf-8")
    (site / "robots.txt").write_text(
        f"User-agent: *\nAllow: /\n\nSitemap: {urljoin(address, 'sitemap.xml')}\n", encoding="utf-8"
    )
    cache = Path(config.config_file_path).parent / ".cache" / "cards"
    for entry in _build.entries:
        file = site / "assets" / "cards" / Path(entry.url).with_suffix(".png")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(draw(entry.title, _build.name[entry.lang], config.site_name, cache))


def llms(entries: list[Entry], descriptions: dict[str, str], name: str, address: str) -> str:
    """The title, and for each language a heading and one line with a link for each page."""
    lines = [f"# {name}", ""]
    lines += [f"> {text}" for text in descriptions.values()]
    for lang in descriptions:
        lines += ["", f"## {LANGUAGES.get(lang, lang)}", ""]
        lines += [f"- [{one.title}]({urljoin(address, quote(one.url))})" for one in entries if one.lang == lang]
    return "\n".join(lines) + "\n"


def sitemap(entries: list[Entry], address: str, date: str) -> str:
    """Every page of every language, each with its twins."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for entry in entries:
        lines += ["  <url>", f"    <loc>{_absolute(address, entry.url)}</loc>", f"    <lastmod>{date}</lastmod>"]
        lines += [
            f'    <xhtml:link rel="alternate" hreflang="{lang}" href="{_absolute(address, url)}"/>'
            for lang, url in entry.twins.items()
        ]
        lines += ["  </url>"]
    return "\n".join([*lines, "</urlset>", ""])


def _absolute(address: str, url: str) -> str:
    return escape(urljoin(address, quote(url)), {'"': "&quot;"})
