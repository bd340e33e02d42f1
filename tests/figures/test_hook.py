"""The hook puts figures on pages, and what cannot be shown fails the strict build with file and line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = dedent(
    '''
    """A dot."""

    from .drawing.sheet import Sheet, figure

    TITLE = {"zh": "一点", "en": "A dot"}
    ALT = {"zh": "{n} 个点。", "en": "{n} dot."}
    CAPTION = {"zh": "半径 *r* < {n}。", "en": "The radius *r* < {n}."}


    def numbers():
        return {"n": 1}


    def draw(lang):
        sheet = Sheet(20, 20)
        sheet.circle(10, 10, 5, fill="currentColor")
        return figure("dot", TITLE[lang], ALT[lang].format(**numbers()), sheet)
    '''
)
CONFIG = """
site_name: figures
theme: {name: material, language: LANG, font: false}
plugins: []
exclude_docs: |
  /_figures/
hooks: [HOOK]
"""
PAGE = "# Title\n\nText.\n\n<!-- figure: dot -->\n\nMore.\n"


class Project:
    """A folder with pages in both languages and one figure."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.figures = folder, folder / "docs" / "_figures"
        self.figures.mkdir(parents=True)
        shutil.copytree(ROOT / "docs" / "_figures" / "drawing", self.figures / "drawing")
        (self.figures / "__init__.py").write_text('"""Figures."""\n', "utf-8")
        self.write("dot", GOOD)
        for lang in ("zh", "en"):
            self.page(lang, PAGE)

    def write(self, name: str, text: str) -> None:
        (self.figures / f"{name}.py").write_text(text, "utf-8")

    def page(self, lang: str, text: str) -> None:
        path = self.folder / "docs" / lang / "index.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def build(self, lang: str = "en") -> subprocess.CompletedProcess[str]:
        hook = ROOT / "docs" / "_hooks" / "figures.py"
        config = CONFIG.replace("LANG", lang).replace("HOOK", str(hook))
        (self.folder / "mkdocs.yml").write_text(config, "utf-8")
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict"],
            cwd=self.folder,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_figure_comes_in_the_language_of_its_page(project: Project) -> None:
    done = project.build("en")
    assert done.returncode == 0, done.stderr
    page = (project.folder / "site" / "en" / "index.html").read_text("utf-8")
    assert '<figcaption><b>A dot. </b>The radius <i class="cnnsym-figure__letter">r</i> &lt; 1.</figcaption>' in page
    assert page.count('<title id="figure-dot-title">A dot</title>') == 1
    assert "<!-- figure" not in page
    assert not (project.folder / "site" / "_figures").exists()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            lambda p: p.page("en", PAGE.replace("dot", "dott")),
            "en/index.md:5: no figure 'dott'; there are dot",
        ),
        (lambda p: p.page("en", PAGE.replace("dot", "../../x")), "en/index.md:5: no figure '../../x'; there are dot"),
        (lambda p: p.page("en", PAGE.replace("dot", "drawing")), "en/index.md:5: no figure 'drawing'; there are dot"),
        (lambda p: p.page("en", PAGE + "\n" + PAGE), "en/index.md:13: the figure 'dot' stands twice on this page"),
        (lambda p: p.page("zh", "# 标题\n"), "en/index.md:5: the figure 'dot' stands here, but not in zh/index.md"),
        (
            lambda p: p.write("dot", GOOD.replace("Sheet(20, 20)", "Sheet(1 / 0, 20)")),
            "en/index.md:5: the figure 'dot' cannot be drawn: ZeroDivisionError: division by zero",
        ),
        (
            lambda p: p.write("dot", GOOD.replace("Sheet(20, 20)", "Sheet(400, 20)")),
            "en/index.md:5: the figure 'dot' cannot be drawn: ValueError: a sheet must be at most 328 wide",
        ),
        (
            lambda p: p.write("dot", GOOD.replace('{"n": 1}', "{}")),
            "en/index.md:5: the figure 'dot' cannot be drawn: KeyError: 'n'",
        ),
        (
            lambda p: p.write("dot", GOOD + "\nimport nothing_of_this_name\n"),
            "en/index.md:5: the figure 'dot' cannot be drawn: ModuleNotFoundError",
        ),
        (
            lambda p: p.write("dot", GOOD.replace('"zh": "{n} 个点。", ', "")),
            "en/index.md:5: the figure 'dot' has no ALT in zh",
        ),
        (
            lambda p: p.write("dot", GOOD.replace("CAPTION = ", "CAPTIONS = ")),
            "en/index.md:5: the figure 'dot' has no CAPTION in zh and en",
        ),
        (
            lambda p: p.write("dot", GOOD.replace('{"zh": "一点", "en": "A dot"}', '{"zh": "一点", "en": " "}')),
            "en/index.md:5: the figure 'dot' has no TITLE in en",
        ),
        (
            lambda p: p.write("dot", GOOD.replace("return figure(", "return (")),
            "en/index.md:5: the figure 'dot' must be SVG with a title and a description",
        ),
        (
            lambda p: p.write("dot", GOOD.replace("return figure(", "return sheet.svg() or figure(")),
            "en/index.md:5: the figure 'dot' must be SVG with a title and a description",
        ),
    ],
)
def test_what_cannot_be_shown_fails_the_build(project: Project, change, complaint: str) -> None:
    change(project)
    done = project.build()
    assert done.returncode == 1, done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_marker_in_a_listing_is_text(project: Project) -> None:
    for lang in ("zh", "en"):
        project.page(lang, "# Title\n\n```\n<!-- figure: nowhere -->\n```\n")
    done = project.build()
    assert done.returncode == 0, done.stderr


def test_a_figure_knows_two_languages_only(hook: ModuleType, project: Project) -> None:
    hook.on_config(type("Config", (), {"docs_dir": str(project.folder / "docs"), "watch": []})())
    with pytest.raises(hook.Unmade, match="drawn in zh and en, not in 'fr'"):
        hook.element(project.figures, "dot", "fr")
    hook.on_config(type("Config", (), {"docs_dir": str(project.folder / "docs"), "watch": []})())


def test_an_edited_figure_is_drawn_anew(hook: ModuleType, project: Project) -> None:
    config = type("Config", (), {"docs_dir": str(project.folder / "docs"), "watch": []})()
    hook.on_config(config)
    assert "A dot" in hook.element(project.figures, "dot", "en")
    project.write("dot", GOOD.replace('"en": "A dot"', '"en": "A large dot"'))
    hook.on_config(config)
    assert "A large dot" in hook.element(project.figures, "dot", "en")
    assert config.watch == [str(project.figures)]
    hook.on_config(config)
