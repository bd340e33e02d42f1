"""What other programs read of the site: citation, sitemap, list of pages, cards, versions, weight."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from cnnsym.collect import claims, collect
from cnnsym.report.digest import digest

ROOT = Path(__file__).resolve().parents[2]


def module(folder: str, name: str) -> ModuleType:
    """A hook or a script: files beside the package, which nothing installs."""
    place = str(ROOT / folder)
    if place not in sys.path:
        sys.path.insert(0, place)
    spec = importlib.util.spec_from_file_location(name, ROOT / folder / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


cards = module("docs/_hooks", "cards")
citation = module("docs/_hooks", "citation")
publishing = module("docs/_hooks", "publishing")
notebook_cache = module("docs/_hooks", "notebook_cache")
weigh = module(".ci", "weigh")
publish = module(".ci", "publish")
same_pages = module(".ci", "same_pages")


# --- claims, counted from the derivations and not from the pages ---


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_no_claim_has_vanished(site: Path, prefix: str) -> None:
    declared = sorted(claim.id for claim in claims(collect([ROOT / "derivations"])))
    assert len(declared) > 250
    found: list[str] = []
    for path in (site / prefix).rglob("*.html"):
        name = path.relative_to(site).as_posix()
        if name.startswith("en/") == bool(prefix) and not name.startswith(("code/", "assets/")):
            found += re.findall(r'<(?:div|p|section)\b[^>]*\sdata-claims="([^"]*)"', path.read_text("utf-8"))
    assert sorted(" ".join(found).split()) == declared


def test_each_page_names_the_digest_of_the_report(site: Path, pages: list[str]) -> None:
    judged = json.loads((site / "report.json").read_text("utf-8"))["claims"]
    assert judged
    short = digest(judged)[: citation.SHORT]
    for page in pages:
        foot = (site / page).read_text("utf-8").partition("cnnsym-citation")[2]
        assert f"<code>{short}</code>" in foot and digest(judged) in foot and "@misc{cnnsym-" in foot, page


def test_llms_txt_lists_every_page(site: Path, pages: list[str]) -> None:
    text = (site / "llms.txt").read_text("utf-8")
    assert sorted(re.findall(r"^- \[[^\]]+\]\(([^)]+)\)$", text, re.MULTILINE)) == sorted(pages)
    assert text.startswith("# cnnsym\n") and "## English" in text and "## 中文" in text


def test_no_page_is_too_heavy(site: Path) -> None:
    found = weigh.weights(site)
    assert len(found) > 20
    assert [(size, page) for size, page in found if size > weigh.LIMIT] == []


def test_the_heaviest_page_is_readable_within_a_second(visit, site: Path) -> None:
    """The best of five visits, each with an empty cache: what is measured is the page, not what else the machine does."""
    heaviest = next(page for _, page in weigh.weights(site) if not page.startswith("code/"))
    times = []
    for _ in range(5):
        page = visit(heaviest)
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        times.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    print(heaviest, [round(time) for time in times], "ms")
    assert min(times) < 1000, (heaviest, times)


# --- with an address ---


@pytest.fixture(scope="module")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site built as it is published: two pages in each language, at an address."""
    folder = tmp_path_factory.mktemp("addressed")
    (folder / "docs").mkdir()
    for name in ("_hooks", "assets"):
        (folder / "docs" / name).symlink_to(ROOT / "docs" / name)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    (folder / "derivations").mkdir()
    for language, title in (("zh", "池化与“平均”"), ("en", "Pooling & averages")):
        (folder / "docs" / language).mkdir()
        (folder / "docs" / language / "index.md").write_text("# Home\n", "utf-8")
        (folder / "docs" / language / "pooling.md").write_text(f"# {title}\n", "utf-8")
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    head, rest = config[: config.index("\nextra_css:")], config[config.index("\nplugins:") :]
    hooks = "".join(f"  - docs/_hooks/{name}.py\n" for name in ("katex_render", "citation", "publishing"))
    (folder / "mkdocs.yml").write_text(f"{head}\nexclude_docs: /_hooks/\nhooks:\n{hooks}{rest}", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env={
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "CNNSYM_SITE_URL": "https://example.org/notes/",
            "SOURCE_DATE_EPOCH": "1700000000",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "site"


PAGES = ("index.html", "pooling.html", "en/index.html", "en/pooling.html")


def test_the_sitemap_has_every_page_in_both_languages(addressed: Path) -> None:
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    tree = ET.parse(addressed / "sitemap.xml")
    places = {url.find("s:loc", names).text: url for url in tree.iterfind("s:url", names)}
    assert set(places) == {f"https://example.org/notes/{page}" for page in PAGES}
    twins = places["https://example.org/notes/en/pooling.html"].findall("x:link", names)
    assert {link.get("hreflang"): link.get("href") for link in twins} == {
        "zh": "https://example.org/notes/pooling.html",
        "en": "https://example.org/notes/en/pooling.html",
    }
    assert places["https://example.org/notes/pooling.html"].find("s:lastmod", names).text == "2023-11-14"
    assert "Sitemap: https://example.org/notes/sitemap.xml" in (addressed / "robots.txt").read_text("utf-8")


def test_links_between_languages_are_absolute(addressed: Path) -> None:
    for page in PAGES:
        soup = BeautifulSoup((addressed / page).read_text("utf-8"), "html.parser")
        assert soup.find("link", rel="canonical")["href"] == f"https://example.org/notes/{page}"
        bare = page.removeprefix("en/")
        found = {link["hreflang"]: link["href"] for link in soup.select("link[rel~=alternate][hreflang]")}
        assert found == {"zh": f"https://example.org/notes/{bare}", "en": f"https://example.org/notes/en/{bare}"}


def test_each_page_has_a_card(addressed: Path) -> None:
    seen = set()
    for page in PAGES:
        soup = BeautifulSoup((addressed / page).read_text("utf-8"), "html.parser")
        address = soup.find("meta", property="og:image")["content"]
        assert address.startswith("https://example.org/notes/assets/cards/")
        content = (addressed / address.removeprefix("https://example.org/notes/")).read_bytes()
        assert Image.open(io.BytesIO(content)).size == (1200, 630)
        assert len(content) < 60_000
        seen.add(content)
        assert soup.find("meta", attrs={"name": "twitter:card"})["content"] == "summary_large_image"
    assert soup.find("meta", property="og:title")["content"] == "Pooling & averages"
    assert len(seen) == 4  # the home pages have one title here, but each the description of its language


def test_without_an_address_there_is_no_sitemap(site: Path) -> None:
    assert not (site / "sitemap.xml").exists() and not (site / "robots.txt").exists()


# --- cards ---


def test_chinese_titles_are_drawn_and_not_boxed() -> None:
    font = cards._font(40)
    assert font.getmask("卷").getbbox() and bytes(font.getmask("卷")) != bytes(font.getmask("\U0010fffd"))
    assert bytes(font.getmask("卷")) != bytes(font.getmask("积"))


@pytest.mark.parametrize("size", [42, 84])
@pytest.mark.parametrize(
    "text",
    ["卷积层的梯度（权重、偏置与输入），步长与填充", "Gradients of a convolution layer, with stride and padding"],
)
def test_lines_fit_and_nothing_is_lost(text: str, size: int) -> None:
    lines = cards.broken(text, size, 500)
    assert len(lines) > 1
    assert all(cards._font(size).getlength(line) <= 500 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[0] in cards._NOT_FIRST or line[-1] in cards._NOT_LAST for line in lines)


# --- citation ---


def test_a_citation_escapes_what_tex_would_read() -> None:
    found = citation.citation(
        title="50% & {more}_", name="en/a b", url="", digest="0" * 64, date="2026-01-02", words=citation.WORDS["en"]
    )
    assert r"title = {50\% \& \{more\}\_}" in found["bibtex"]
    assert found["bibtex"].startswith("@misc{cnnsym-en-a-b,") and "url" not in found["bibtex"]


def test_the_date_is_that_of_the_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert citation.date_of(tmp_path) == "2023-11-14"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(citation.PluginError, match="SOURCE_DATE_EPOCH: expected seconds since 1970, got 'yesterday'"):
        citation.date_of(tmp_path)


# --- versions ---


def site_saying(folder: Path, words: str) -> Path:
    folder.mkdir()
    (folder / "index.html").write_text(words, "utf-8")
    return folder


def test_releases_stay_beside_the_newest_state(tmp_path: Path) -> None:
    published = tmp_path / "published"
    first, second = site_saying(tmp_path / "a", "first"), site_saying(tmp_path / "b", "second")
    (first / "old.html").write_text("gone later", "utf-8")
    assert publish.publish(first, published) == []
    assert publish.publish(first, published, "v0.9.0") == ["v0.9.0"]
    assert publish.publish(second, published, "v0.10.0") == ["v0.10.0", "v0.9.0"]
    publish.publish(second, published)
    assert (published / "index.html").read_text("utf-8") == "second" and not (published / "old.html").exists()
    assert (published / "v0.9.0" / "old.html").exists()
    listed = json.loads((published / "versions.json").read_text("utf-8"))
    assert [one["path"] for one in listed] == ["v0.10.0/", "v0.9.0/"]


@pytest.mark.parametrize(
    ("version", "message"), [("v0.9.0", "published already"), ("../x", "expected vMAJOR.MINOR.PATCH, got '../x'")]
)
def test_a_release_is_never_replaced(tmp_path: Path, version: str, message: str) -> None:
    site = site_saying(tmp_path / "a", "first")
    publish.publish(site, tmp_path / "published", "v0.9.0")
    with pytest.raises(publish.PublishingError, match=message):
        publish.publish(site, tmp_path / "published", version)


def test_a_folder_without_a_site_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(publish.PublishingError, match=r"found no index\.html"):
        publish.publish(tmp_path, tmp_path / "published")


# --- weight, and two builds compared ---


def test_a_heavy_page_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = bytes(k * k * 31 % 251 for k in range(weigh.LIMIT + 50_000))
    (tmp_path / "picture.png").write_bytes(noise)
    (tmp_path / "a.html").write_text('<img src="picture.png"><a href="b.html">b</a>', "utf-8")
    (tmp_path / "b.html").write_text("light", "utf-8")
    assert weigh.main([str(tmp_path)]) == 1
    assert "a.html: " in capsys.readouterr().out
    (tmp_path / "a.html").write_text('<script src="none.js"></script>', "utf-8")
    assert weigh.main([str(tmp_path)]) == 2
    assert "a.html: names none.js, which is not there" in capsys.readouterr().err


def test_a_claim_that_one_build_lacks_is_told(tmp_path: Path) -> None:
    one, other = site_saying(tmp_path / "a", '<div class="cnnsym-claim">'), site_saying(tmp_path / "b", "nothing")
    assert same_pages.differences(one, one) == []
    assert same_pages.differences(one, other) == ["index.html: 1 claim blocks and 0 badges, against 0 and 0"]
    assert same_pages.differences(other, other) == [f"{other}: no page has a claim"]


# --- notebooks ---


def test_a_notebook_runs_anew_when_what_it_uses_changes(tmp_path: Path) -> None:
    for name in ("cnnsym", "derivations"):
        (tmp_path / name).mkdir()
    (tmp_path / "cnnsym" / "a.py").write_text("1", "utf-8")
    notebook = tmp_path / "n.py"
    notebook.write_text("# %%", "utf-8")
    runs: list[str] = []

    def execute(path: str, **options: object) -> str:
        runs.append(path)
        if Path(path).read_text("utf-8") == "fails":
            raise RuntimeError("cell")
        return "<p>результат 卷积</p>"

    cached = notebook_cache.kept(execute)
    notebook_cache.kept.root = tmp_path
    assert [cached(str(notebook), theme="") for _ in range(3)] == ["<p>результат 卷积</p>"] * 3
    assert len(runs) == 1
    (tmp_path / "cnnsym" / "a.py").write_text("2", "utf-8")
    cached(str(notebook), theme="")
    assert len(runs) == 2
    cached(str(notebook), theme="dark")
    assert len(runs) == 3
    for file in (tmp_path / ".cache" / "notebooks").iterdir():
        file.write_text(file.read_text("utf-8").replace("<p>", "<b>"), "utf-8")
    assert cached(str(notebook), theme="dark").startswith("<p>") and len(runs) == 4
    notebook.write_text("fails", "utf-8")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="cell"):
            cached(str(notebook), theme="dark")
    assert len(runs) == 6
