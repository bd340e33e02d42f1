"""The pages of the layers: one for each layer in both languages, whose examples run and whose claims exist."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import cnnsym.reference
from cnnsym.collect import claims, collect

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("zh", "en")
PAGES = sorted(path.stem for path in (ROOT / "docs" / "en" / "layers").glob("*.md") if path.stem != "index")
# Pages that show the modules of another layer, or a subject beside the layers.
SHOWS = {"dilated_conv2d": "conv2d", "weight_scale": "linear"}

EXAMPLE = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DISPLAY = re.compile(r"^\$\$\n(.*?)^\$\$$", re.DOTALL | re.MULTILINE)
LABEL = re.compile(r"\\label\{([^{}]+)\}")
HEADING = re.compile(r"^## .*\{ #([-a-z0-9]+) \}$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)]+)\)")
NAMED = re.compile(r"\[`([^`]+)`\]\(([^)#]*)#([^)]+)\)")
CLAIMS = {"zh": ("**本页检验：**", "**别处检验：**"), "en": ("**Checked here:**", "**Checked elsewhere:**")}


def source(name: str, language: str) -> str:
    return (ROOT / "docs" / language / "layers" / f"{name}.md").read_text("utf-8")


def layers() -> list[str]:
    """The modules of the reference that are layers: those that go forward and backward."""
    names = [module.name for module in pkgutil.iter_modules(cnnsym.reference.__path__)]
    modules = {name: importlib.import_module(f"cnnsym.reference.{name}") for name in names}
    return [name for name, one in modules.items() if hasattr(one, "forward") and hasattr(one, "backward")]


def failures(example: str) -> list[str]:
    """What an example prints differently from what stands beneath it, one text for each."""
    test = doctest.DocTestParser().get_doctest(example, {}, "example", None, 0)
    assert test.examples
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return said


def named(name: str, language: str, which: int) -> list[tuple[str, str, str]]:
    """The claims of the line that begins with these words: name, page, anchor."""
    found = [line for line in source(name, language).splitlines() if line.startswith(CLAIMS[language][which])]
    assert len(found) <= 1, (name, language)
    return NAMED.findall(found[0]) if found else []


@pytest.fixture(scope="module")
def ids() -> set[str]:
    return {claim.id for claim in claims(collect([ROOT / "derivations"]))}


def test_every_layer_has_a_page_in_both_languages() -> None:
    assert len(layers()) >= 30
    assert set(PAGES) == set(layers()) | SHOWS.keys()
    chinese = {path.stem for path in (ROOT / "docs" / "zh" / "layers").glob("*.md")}
    assert chinese == {*PAGES, "index"}


def test_the_navigation_lists_every_page_once() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    nav = text[text.index("\nnav:\n") : text.index("\nplugins:\n")]
    assert sorted(re.findall(r"^ +- layers/(\w+)\.md$", nav, re.MULTILINE)) == sorted([*PAGES, "index"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_has_every_layer_in_its_map_and_its_tables(language: str) -> None:
    text = source("index", language)
    chart = text[text.index('<div class="layer-map"') : text.index("!!! assumptions")]
    of_layers = sorted(set(PAGES) - {"weight_scale"})
    assert sorted(re.findall(r"^- \[[^]]+\]\((\w+)\.md\)$", chart, re.MULTILINE)) == of_layers
    assert sorted(re.findall(r"^\| \[[^]]+\]\((\w+)\.md\) \|", text, re.MULTILINE)) == of_layers


@pytest.mark.parametrize("name", PAGES)
def test_the_example_says_what_it_prints(name: str) -> None:
    chinese, english = (EXAMPLE.findall(source(name, language)) for language in LANGUAGES)
    assert chinese == english
    assert len(english) == (0 if name == "weight_scale" else 1)
    for example in english:
        assert f"{SHOWS.get(name, name)}.forward(" in example or f"{name}.backward(" in example
        assert failures(example) == []


def test_an_example_that_says_something_else_is_found() -> None:
    (example,) = EXAMPLE.findall(source("relu", "en"))
    assert failures(example.replace("array([0., 0., 7.])", "array([0., 0., 8.])"))
    assert failures(example.replace("relu.forward", "relu.onward"))


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_parts(name: str) -> None:
    chinese, english = (source(name, language) for language in LANGUAGES)
    assert HEADING.findall(chinese) == HEADING.findall(english)
    assert DISPLAY.findall(chinese) == DISPLAY.findall(english)
    assert sorted(LINK.findall(chinese)) == sorted(LINK.findall(english))
    parts = {"definition", "backward", "example"} if name != "weight_scale" else set()
    assert parts | {"proof", "use", "code", "neighbours"} <= set(HEADING.findall(english))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_the_claims_it_rests_on(name: str, language: str, ids: set[str]) -> None:
    text = source(name, language)
    here, elsewhere = named(name, language, 0), named(name, language, 1)
    assert here or elsewhere
    assert [claim for claim, _, _ in here] == LABEL.findall(text)
    for claim, page, anchor in here + elsewhere:
        assert claim == anchor and claim in ids
        place = (
            ROOT / "docs" / language / "layers" / page if page else ROOT / "docs" / language / "layers" / f"{name}.md"
        )
        assert claim in LABEL.findall(place.resolve().read_text("utf-8")), (claim, page)
    assert not {claim for claim, _, _ in elsewhere} & set(LABEL.findall(text))


@pytest.mark.parametrize("name", PAGES)
def test_only_definitions_have_no_label(name: str) -> None:
    """These pages bear no remark "unchecked", so whatever states something has to have a label."""
    for part in re.split(r"^(?=## )", source(name, "en"), flags=re.MULTILINE):
        for formula in DISPLAY.findall(part):
            assert LABEL.search(formula) or part.startswith("## Definition "), formula


def test_every_claim_about_a_layer_is_on_one_of_the_pages() -> None:
    of_layers = {claim.id for claim in claims(collect([ROOT / "derivations" / "layers"]))}
    for language in LANGUAGES:
        labels = [label for name in PAGES for label in LABEL.findall(source(name, language))]
        assert len(labels) == len(set(labels))
        assert set(labels) == of_layers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_code_is_taken_from_its_files(name: str, language: str) -> None:
    text = source(name, language)
    included = re.findall(r'^    --8<-- "(cnnsym/[\w/]+\.py)"$', text, re.MULTILINE)
    module = SHOWS.get(name, name)
    assert {f"cnnsym/layers/{module}.py", f"cnnsym/reference/{module}.py"} <= set(included)
    assert all((ROOT / path).is_file() for path in included)
    assert not re.search(r"^ *(def|import|from|class) ", text, re.MULTILINE)
