"""The hook that puts interactive pieces into pages: what it does, and what it says about mistakes."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from cnnsym.report.elements import with_references

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "docs" / "assets" / "javascripts" / "widgets"
NAMES = sorted(path.stem for path in SCRIPTS.glob("*.js") if path.stem not in ("arithmetic", "panel"))
MARKUP = "def markup(lang):\n    return f'<div class=\"cnnsym-widget\">{lang}</div>'\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with one piece, `sample`, and a page with it in either language."""
    for folder in ("zh", "en", "_widgets", "assets/javascripts/widgets"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_widgets" / "__init__.py").write_text("")
    piece(tmp_path, "sample", MARKUP)
    for lang in ("zh", "en"):
        (tmp_path / lang / "a.md").write_text("# Title\n\n<!-- widget: sample -->\n", encoding="utf-8")
    return tmp_path


def piece(docs: Path, name: str, module: str) -> None:
    (docs / "_widgets" / f"{name}.py").write_text(module, encoding="utf-8")
    (docs / "assets" / "javascripts" / "widgets" / f"{name}.js").write_text("", encoding="utf-8")


def made(hook: ModuleType, docs: Path, source: str, lang: str = "en", text: str | None = None) -> str:
    path = docs / source
    if text is not None:
        path.write_text(text, encoding="utf-8")
    url = ("en/" if lang == "en" else "") + "a.html"
    page = SimpleNamespace(file=SimpleNamespace(abs_src_path=str(path), src_uri=source), url=url)
    config = SimpleNamespace(docs_dir=str(docs), theme={"language": lang}, watch=[])
    hook.on_config(config)
    assert config.watch == [str(docs / "_widgets")]
    return hook.on_page_content(path.read_text("utf-8"), page, config, None)


def test_a_marker_becomes_the_piece_and_its_scripts(hook, docs: Path, caplog) -> None:
    caplog.set_level(logging.WARNING)
    page = made(hook, docs, "en/a.md")
    assert '<div class="cnnsym-widget">en</div>' in page and "<!--" not in page
    sources = re.findall(r'<script src="([^"]+)" defer></script>', page)
    assert sources == [f"../assets/javascripts/widgets/{name}.js" for name in ("arithmetic", "panel", "sample")]
    assert '<div class="cnnsym-widget">zh</div>' in made(hook, docs, "zh/a.md", "zh")
    assert caplog.messages == []


def test_a_page_without_a_piece_loads_nothing(hook, docs: Path) -> None:
    assert made(hook, docs, "en/b.md", text="# Title\n") == "# Title\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n\n<!-- widget: smaple -->", r"en/a\.md:3: no widget 'smaple'; there are sample"),
        ("\n<!-- widget: -->", r"en/a\.md:2: no widget ''; there are sample"),
        ("<!-- widget: ../sample -->", r"en/a\.md:1: no widget '\.\./sample'; there are sample"),
        ("<!-- widget: panel -->", r"en/a\.md:1: no widget 'panel'; there are sample"),
        (
            "<!-- widget: sample -->\n\n<!-- widget: sample -->",
            r"en/a\.md:3: the widget 'sample' stands twice on this page",
        ),
    ],
)
def test_a_wrong_marker_is_a_warning_with_its_line(hook, docs: Path, caplog, text: str, expected: str) -> None:
    caplog.set_level(logging.WARNING)
    page = made(hook, docs, "en/a.md", text=text)
    assert re.search(expected, caplog.messages[0]), caplog.messages
    assert page.count("cnnsym-widget") <= 1


def test_a_piece_that_fails_is_a_warning(hook, docs: Path, caplog) -> None:
    caplog.set_level(logging.WARNING)
    piece(docs, "broken", "def markup(lang):\n    return 1 / 0\n")
    piece(docs, "missing", "import no_such_module\n")
    for lang in ("zh", "en"):
        (docs / lang / "a.md").write_text("\n<!-- widget: broken -->\n<!-- widget: missing -->\n", encoding="utf-8")
    made(hook, docs, "en/a.md")
    assert caplog.messages == [
        "widgets: en/a.md:2: the widget 'broken' cannot be made: ZeroDivisionError: division by zero",
        "widgets: en/a.md:3: the widget 'missing' cannot be made: ModuleNotFoundError: No module named 'no_such_module'",
    ]


def test_a_module_without_script_is_no_piece(hook, docs: Path, caplog) -> None:
    caplog.set_level(logging.WARNING)
    (docs / "assets" / "javascripts" / "widgets" / "sample.js").unlink()
    made(hook, docs, "en/a.md")
    assert caplog.messages == ["widgets: en/a.md:3: no widget 'sample'; there are none"]


def test_a_piece_in_one_language_only_is_a_warning(hook, docs: Path, caplog) -> None:
    caplog.set_level(logging.WARNING)
    (docs / "zh" / "a.md").write_text("# 标题\n", encoding="utf-8")
    made(hook, docs, "en/a.md")
    assert caplog.messages == ["widgets: en/a.md:3: the widget 'sample' stands here, but not in zh/a.md"]
    caplog.clear()
    (docs / "zh" / "a.md").unlink()
    made(hook, docs, "en/a.md")
    assert len(caplog.messages) == 1


# --- the pieces of the project ---


def test_each_piece_stands_on_a_page_in_both_languages() -> None:
    assert len(NAMES) == 5
    for lang in ("zh", "en"):
        text = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs" / lang).glob("*.md")))
        assert sorted(re.findall(r"<!-- widget: (\S+) -->", text)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same(hook, name: str) -> None:
    hook.element(ROOT / "docs", name, "en")
    words = hook.load(ROOT / "docs" / "_widgets", hook._PACKAGE, name).WORDS
    assert words["zh"].keys() == words["en"].keys()
    for key in words["zh"]:
        theirs, ours = (sorted(set(re.findall(r"\{\w+\}", words[lang][key]))) for lang in ("zh", "en"))
        assert theirs == ours, key
    assert not re.search(r"[\u4e00-\u9fff]", "".join(words["en"].values()))
    zh, en = (BeautifulSoup(hook.element(ROOT / "docs", name, lang), "html.parser") for lang in ("zh", "en"))
    for one, other in zip(zh.select("td"), en.select("td"), strict=True):
        assert one == other
    assert [a["href"] for a in zh.select("a")] == [a["href"] for a in en.select("a")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_piece_can_be_read_without_a_script(hook, name: str, lang: str) -> None:
    soup = BeautifulSoup(hook.element(ROOT / "docs", name, lang), "html.parser")
    assert soup.form.has_attr("hidden") and soup.form.select("input")
    for control in soup.form.select("input"):
        label = control.find_parent("label")
        assert label.get_text(strip=True)
        if control["type"] == "radio":
            assert control.find_parent("fieldset").legend.get_text(strip=True)
    assert len(soup.select("table")) >= 3
    for table in soup.select("table"):
        assert table.find_parent("figure").figcaption.get_text(strip=True)
    assert soup.select_one('[role="status"]').get_text(strip=True)
    assert "{" not in re.sub(r"<script.*?</script>", "", str(soup), flags=re.DOTALL)
    pages = "\n".join(path.read_text("utf-8") for path in (ROOT / "docs" / lang).glob("*.md"))
    for link in soup.select("a.cnnsym-ref"):
        assert f"\\label{{{link['href'].removeprefix('#')}}}" in pages
    assert soup.select("a.cnnsym-ref")


def test_scripts_are_small_and_load_nothing() -> None:
    for path in SCRIPTS.glob("*.js"):
        text = path.read_text("utf-8")
        assert path.stat().st_size < 8192, path.name
        assert not re.search(r"https?:|\bimport\b[ (]|fetch\(|XMLHttpRequest|eval\(|innerHTML|Math\.random", text), (
            path.name
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_plugin_recognises_every_reference(hook, name: str) -> None:
    made = hook.element(ROOT / "docs", name, "en")
    seen: list[str] = []
    led = with_references(made, lambda identifier: seen.append(identifier) or f"elsewhere.html#{identifier}")
    links = BeautifulSoup(led, "html.parser").select("p.cnnsym-widget__rule a")
    assert [link["href"] for link in links] == [f"elsewhere.html#{identifier}" for identifier in seen]
    assert len(seen) >= 2
