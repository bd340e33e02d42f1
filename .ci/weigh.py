"""What a reader downloads for each page: HTML, styles, scripts and pictures, gzipped as a host sends them; fonts apart.

    python .ci/weigh.py site            # fails where a page is above the limit

What is loaded on demand only (the search index, Pyodide) is no part of a page. JSON and workers are not followed.
"""

from __future__ import annotations

import functools
import gzip
import posixpath
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LIMIT = 400_000
_PACKED = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"}  # compressed already
_NAMING = re.compile(r"<(?:script|img|source|iframe|link)\b[^>]*>")  # a page is mostly formulas, which name nothing
_ON_DEMAND = {"canonical", "alternate", "next", "prev", "sitemap"}


class _Needs(HTMLParser):
    """The addresses that a browser fetches to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "source", "iframe") and given.get("src"):
            self.found.append(str(given["src"]))
        elif tag == "link" and given.get("href") and not _ON_DEMAND & set((given.get("rel") or "").split()):
            self.found.append(str(given["href"]))


def weight(site: Path, page: Path) -> int:
    """Bytes of a page with everything of the site that it names."""
    needs = _Needs()
    needs.feed("".join(_NAMING.findall(page.read_text(encoding="utf-8"))))
    folder = page.relative_to(site).parent.as_posix()
    files = {page}
    for address in needs.found:
        parts = urlsplit(address)
        if not parts.scheme and not parts.netloc and parts.path:
            file = site / posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
            if not file.is_file():
                raise FileNotFoundError(f"{page.relative_to(site)}: names {address}, which is not there")
            files.add(file)
    return sum(_sent(file) for file in files)


@functools.cache
def _sent(file: Path) -> int:
    content = file.read_bytes()
    return len(content) if file.suffix in _PACKED else len(gzip.compress(content, 6, mtime=0))


def weights(site: Path) -> list[tuple[int, str]]:
    """All pages, the heaviest first; the page for dead addresses is none, for it is shown at any depth."""
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]
    found = [(weight(site, page), page.relative_to(site).as_posix()) for page in pages]
    return sorted(found, reverse=True)


def main(arguments: list[str]) -> int:
    site = Path(arguments[0]) if len(arguments) == 1 else None
    if site is None or not site.is_dir():
        print("usage: python .ci/weigh.py SITE (a folder)", file=sys.stderr)
        return 2
    try:
        found = weights(site)
    except FileNotFoundError as error:
        print(f"weigh: {error}", file=sys.stderr)
        return 2
    if not found:
        print(f"weigh: {site}: expected pages, found none", file=sys.stderr)
        return 2
    for size, page in found[:5]:
        print(f"{size / 1000:8.1f} kB  {page}")
    heavy = [f"{page}: {size} bytes, at most {LIMIT} are allowed" for size, page in found if size > LIMIT]
    print("\n".join(heavy) or f"== {len(found)} pages, none above {LIMIT // 1000} kB")
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
