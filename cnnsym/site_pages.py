"""Pages of MkDocs: their sources, their addresses from one another, their numbered sections; and the sources of derivations."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils import get_relative_url

from cnnsym.collect import Collected, displayed
from cnnsym.report.elements import with_references
from cnnsym.report.graph import Module, layers_of
from cnnsym.report.overview import Section
from cnnsym.report.site_words import SITE_WORDS
from cnnsym.report.source_page import source_page

_CODE = "code"  # the folder of the site with the sources
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)\s+(.*)")


def source_of(page: Page) -> str:
    """The file as it is: MkDocs and plugins shift its lines, and may change its words."""
    path = page.file.abs_src_path
    return Path(path).read_text(encoding="utf-8-sig") if path else page.file.content_string


def place_of(page: Page, marker: str) -> str:
    """File and line of a marker, the last of its kind."""
    path, offset = displayed(Path(page.file.abs_src_path or page.file.src_uri)), source_of(page).rfind(marker)
    return path if offset < 0 else f"{path}:{source_of(page).count(chr(10), 0, offset) + 1}"


def way(here: Page, there: Page) -> str:
    """The address of a page relative to another."""
    way = get_relative_url(there.url, here.url)
    return f"{way}/" if way.endswith(".") else way


def with_addresses(content: str, page: Page, places: dict[str, Page]) -> str:
    def address(label: str) -> str | None:
        place = places.get(label)
        if place is None:
            return None
        return f"#{label}" if place is page else f"{way(page, place)}#{label}"

    return with_references(content, address)


def numbered_sections(notes: list[Page], here: Page) -> list[Section]:
    """The numbered headings of the pages, in their order; a chapter that has numbered sections is left to these."""
    found: dict[tuple[int, ...], Section] = {}
    for page in notes:
        for entry in _entries(page.toc):
            text = html.unescape(re.sub(r"<[^>]+>", "", entry.title))
            if match := _NUMBERED.fullmatch(text.strip()):
                number = tuple(int(part) for part in match[1].split("."))
                url = f"{way(here, page)}#{entry.id}"
                found[number] = Section(match[1], match[2], url)
    return [found[number] for number in sorted(found) if not any(other[:-1] == number for other in found)]


def _entries(toc: Iterable[AnchorLink]) -> Iterator[AnchorLink]:
    for entry in toc:
        yield entry
        yield from _entries(entry.children)


def code_address(path: Path, folder: Path) -> str:
    """The page of a derivation, from the root of the site."""
    return f"{_CODE}/{folder.name}/{path.resolve().relative_to(folder.resolve()).with_suffix('.html').as_posix()}"


def write_sources(site: Path, folder: Path, collected: Iterable[Collected], homes: Mapping[str, str]) -> None:
    """The source of every derivation as a page of the site, with a way back to the home page of each language."""
    for one in collected:
        address = code_address(one.path, folder)
        back = [(lang, SITE_WORDS[lang]["back"], get_relative_url(home, address)) for lang, home in homes.items()]
        target = site / address
        target.parent.mkdir(parents=True, exist_ok=True)
        name = f"{folder.name}/{one.path.resolve().relative_to(folder.resolve()).as_posix()}"
        target.write_text(source_page(name, one.path.read_text(encoding="utf-8"), back), encoding="utf-8")


def modules(page: Page, folder: Path, collected: Iterable[Collected]) -> list[Module]:
    """The derivations for the graph, with their addresses from a page."""
    found = []
    for one in collected:
        claims = one.derivation.claims
        first = claims[0].section[:1] if claims else ""
        chapter = "layers" if one.path.parent.name == "layers" else first if first.isdigit() else "ext"
        url = get_relative_url(code_address(one.path, folder), page.url)
        layers = layers_of(one.path.read_text(encoding="utf-8"))
        title = (one.derivation.title.zh, one.derivation.title.en)
        found.append(Module(title, chapter, url, tuple(claim.id for claim in claims), layers))
    return found


def in_one_language(pages: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What to say of each page that another language lacks; `pages` are the paths below `docs`, by language.

    >>> list(in_one_language({"zh": ["zh/a.md", "zh/b.md"], "en": ["en/a.md"]}))
    ['docs/zh/b.md: this page is missing in the language en: expected docs/en/b.md']
    """
    names = {lang: [path.removeprefix(f"{lang}/") for path in paths] for lang, paths in pages.items()}
    for lang, own in names.items():
        for name in own:
            for other in names:
                if name not in names[other]:
                    yield f"docs/{lang}/{name}: this page is missing in the language {other}: expected docs/{other}/{name}"
