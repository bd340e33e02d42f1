"""What holds of every page: no other server, no TeX left over, no dead link, both languages alike."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

from bs4 import BeautifulSoup
from page_text import prose
from walking import Walk

ROOT = Path(__file__).resolve().parents[2]
EXTERNAL = re.compile(r"^(?:https?:)?//")
LABEL = re.compile(r"\\label\{([^{}]+)\}")
FENCED = re.compile(r"^(```+).*?^\1$", re.DOTALL | re.MULTILINE)
DISPLAY = re.compile(r"^\$\$\n(.*?)^\$\$$", re.DOTALL | re.MULTILINE)


def sources(language: str) -> dict[str, str]:
    folder = ROOT / "docs" / language
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.md"))}
    return {page: FENCED.sub("", text) for page, text in texts.items()}  # a formula in a block of code is no formula


def test_every_page_exists_in_both_languages(pages: list[str]) -> None:
    chinese = {page for page in pages if not page.startswith("en/")}
    english = {page.removeprefix("en/") for page in pages if page.startswith("en/")}
    assert chinese == english
    assert len(chinese) >= 12


def test_both_languages_hold_the_same_formulas() -> None:
    chinese, english = sources("zh"), sources("en")
    assert chinese.keys() == english.keys()
    for page in chinese:
        assert LABEL.findall(chinese[page]) == LABEL.findall(english[page]), page
        assert DISPLAY.findall(chinese[page]) == DISPLAY.findall(english[page]), page
    assert sum(len(DISPLAY.findall(text)) for text in chinese.values()) >= 20


def test_both_languages_show_the_same_number_of_formulas(soups: dict[str, BeautifulSoup]) -> None:
    def shown(page: str) -> tuple[int, list[str]]:
        displays = soups[page].select(".cnnsym-formula")
        return len(displays), [link.get_text() for link in soups[page].select(".cnnsym-formula__link")]

    for page in soups:
        if not page.startswith("en/"):
            assert shown(page) == shown(f"en/{page}"), page


def test_every_label_is_an_anchor(soups: dict[str, BeautifulSoup]) -> None:
    for language, prefix in (("zh", ""), ("en", "en/")):
        for page, text in sources(language).items():
            address = prefix + page.removesuffix(".md") + ".html"
            ids = [element["id"] for element in soups[address].select("[id]")]
            for label in LABEL.findall(text):
                assert ids.count(label) == 1, (address, label)


def test_no_id_is_used_twice(soups: dict[str, BeautifulSoup]) -> None:
    for page, soup in soups.items():
        ids = [element["id"] for element in soup.select("article [id]")]
        assert len(ids) == len(set(ids)), (page, sorted({name for name in ids if ids.count(name) > 1}))


def test_every_internal_link_leads_somewhere(soups: dict[str, BeautifulSoup], site: Path) -> None:
    root = "http://site/"
    ids = {page: {element["id"] for element in soup.select("[id]")} for page, soup in soups.items()}
    checked = 0
    for page, soup in soups.items():
        for link in soup.select("a[href]"):
            target, fragment = urldefrag(urljoin(root + page, link["href"]))
            if not target.startswith(root):
                continue
            path = unquote(target.removeprefix(root))
            assert path in soups or (site / path).is_file(), (page, link["href"])
            if fragment and path in soups:
                assert unquote(fragment) in ids[path], (page, link["href"])
            checked += 1
    assert checked > 100


def test_nothing_is_loaded_from_another_server(soups: dict[str, BeautifulSoup]) -> None:
    for page, soup in soups.items():
        for element in soup.select("script[src], link[href], img[src], iframe[src]"):
            if element.get("rel") in (["canonical"], ["alternate"]):
                continue
            assert not EXTERNAL.match(element.get("src") or element.get("href") or ""), (page, str(element)[:200])


def test_the_browser_asks_no_other_server(walk: Walk, address: str, pages: list[str]) -> None:
    assert walk.visited == pages
    assert len(walk.requests) > 3 * len(pages)
    assert [url for url in walk.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert walk.problems == []


def test_no_page_is_wider_than_the_window(walk: Walk, pages: list[str]) -> None:
    assert walk.visited == pages
    assert walk.too_wide == []


def test_no_tex_is_left_in_the_text(soups: dict[str, BeautifulSoup], site: Path) -> None:
    formulas = 0
    for page, soup in soups.items():
        assert not soup.select(".katex-error, .cnnsym-formula__broken, .arithmatex"), page
        formulas += len(soup.select(".katex"))
        text = prose((site / page).read_text("utf-8"))
        assert not re.search(r"\$\$|\\label|\\begin|\\\[|\\\(|\\frac|\\boldsymbol", text), page
    assert formulas > 200


def test_what_is_looked_for_would_be_found() -> None:
    page = r'<article><p>a</p><code>\frac</code><span class="katex-html"><span>b</span></span> \frac </article>'
    assert prose(page).split() == ["a", r"\frac"]


def test_the_language_switch_leads_to_the_twin_page(soups: dict[str, BeautifulSoup]) -> None:
    root = "http://site/"
    for page, soup in soups.items():
        bare = page.removeprefix("en/")
        for language, twin in (("zh", bare), ("en", "en/" + bare)):
            link = soup.select_one(f'.md-select__link[hreflang="{language}"]')
            assert urljoin(root + page, link["href"]) == root + twin, (page, language)


def test_every_link_says_where_it_leads(soups: dict[str, BeautifulSoup]) -> None:
    for page, soup in soups.items():
        for link in soup.select("a[href]"):
            said = link.get_text(strip=True) or link.get("aria-label") or link.get("title")
            assert said or link.select_one("img[alt], svg title, math"), (page, str(link)[:200])
        assert len(soup.select("nav.md-nav--primary a.md-nav__link")) > 20, page


def test_no_section_is_left_unchecked(soups: dict[str, BeautifulSoup]) -> None:
    for page, soup in soups.items():
        assert not soup.select("article > .admonition.unchecked"), page


def test_formulas_look_like_formulas_without_javascript(visit) -> None:
    page = visit("5-1-fully-connected.html", java_script_enabled=False)
    formula = page.locator('[id="5.1-grad-column"] > .cnnsym-formula .katex-html')
    assert formula.is_visible()
    assert page.locator("math").count() > 20
