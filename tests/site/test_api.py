"""The API reference: every public name is there, in both languages, with its signature and its examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import cnnsym

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_public_name_is_listed_once(language: str) -> None:
    listed: list[str] = []
    for page in sorted((ROOT / "docs" / language / "api").glob("*.md")):
        listed += re.findall(r"^::: (\S+)$|\{ #(cnnsym\.\S+) \}$", page.read_text("utf-8"), re.MULTILINE)
    names = [first or second for first, second in listed]
    assert len(names) == len(set(names))
    wanted = {f"cnnsym.{name}" for name in cnnsym.__all__ if name not in ("layers", "reference")}
    wanted |= {f"cnnsym.layers.{name}" for name in cnnsym.layers.__all__}
    folder = ROOT / "cnnsym" / "reference"
    wanted |= {f"cnnsym.reference.{path.stem}" for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert wanted <= set(names), sorted(wanted - set(names))


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_name_has_anchor_signature_and_examples(site: Path, prefix: str) -> None:
    soup = BeautifulSoup((site / prefix / "api" / "calculus.html").read_text("utf-8"), "html.parser")
    entry = soup.find(id="cnnsym.gradient").find_parent(class_="doc-object")
    assert "gradient(function: Any, variable: Any)" in entry.select_one(".doc-signature").get_text()
    assert "2*W*z*z.T" in entry.select_one(".highlight .go").get_text()
    assert not soup.select("article blockquote"), "a doctest was taken for a quotation"


def test_doctests_become_code() -> None:
    text = (ROOT / "docs" / "_hooks" / "doctest_blocks.py").read_text("utf-8")
    space: dict[str, object] = {}
    exec(compile(text, "doctest_blocks.py", "exec"), space)
    fenced = space["fenced"]
    assert fenced("Example:\n    >>> 1\n    1\n\n    >>> 2\n    2") == (
        "Example:\n\n    ```pycon\n    >>> 1\n    1\n    ```\n\n    ```pycon\n    >>> 2\n    2\n    ```"
    )
    assert fenced("No example.") == "No example."
