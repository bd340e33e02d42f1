"""Derivations are found, loaded and selected; what is wrong with one is told in one line."""

from pathlib import Path

import pytest

from cnnsym.campaign import listing
from cnnsym.collect import collect, derivation_files, entries, find_derivations, find_label, load, project_of, select
from cnnsym.errors import ClaimError


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_claims_know_their_file_and_line(sample):
    (collected,) = collect([sample.parent])
    lines = sample.read_text(encoding="utf-8").splitlines()
    for claim in collected.derivation.claims:
        assert claim.file == "derivations/sample.py"
        assert claim.id in lines[claim.line - 1]
    product = collected.derivation.claim("9.1-product")
    assert lines[product.line - 2] == "product = Claim("  # not the line of NAMES, where the same text stands
    assert collected.lemmas == {}


def test_a_claim_with_a_schema_is_a_lemma(tmp_path):
    source = """
import sympy as sp
from cnnsym.claim import Claim, Derivation, Schema, Text
n = sp.Symbol("n", integer=True, positive=True)
DERIVATION = Derivation(Text("", ""), "", (Claim("a", "", Text("", ""), (n, n), lemma=Schema(n, ())),))
"""
    (collected,) = collect([write(tmp_path, "lemma.py", source)])
    assert list(collected.lemmas) == ["a"]


def test_the_folder_is_searched_upwards(sample):
    inner = sample.parent.parent / "a" / "b"
    inner.mkdir(parents=True)
    assert find_derivations(inner) == sample.parent.resolve()


def test_no_folder_is_an_error_that_says_so(tmp_path):
    with pytest.raises(ClaimError, match="no folder named derivations"):
        find_derivations(tmp_path)


def test_tests_and_private_modules_are_no_derivations(sample):
    for name in ("_shared.py", "test_sample.py", "conftest.py", "notes.md"):
        write(sample.parent, name, "raise SystemExit")
    assert derivation_files(sample.parent) == (sample,)


def test_derivations_may_lie_in_folders_below(sample, monkeypatch):
    layers = sample.parent / "layers"
    inner = layers / "norms"
    inner.mkdir(parents=True)
    text = sample.read_text(encoding="utf-8")
    one = write(layers, "conv.py", text.replace("9.1-", "8.1-").replace("9.2-", "8.2-"))
    two = write(inner, "batch.py", text.replace("9.1-", "7.1-").replace("9.2-", "7.2-"))
    for folder in ("__pycache__", "_drafts", ".hidden"):
        (layers / folder).mkdir()
        write(layers / folder, "no.py", "raise SystemExit")
    assert derivation_files(sample.parent) == (one, two, sample)
    assert [entry.id for entry in listing([sample.parent])] == [
        "8.1-product", "8.2-erratum", "7.1-product", "7.2-erratum", "9.1-product", "9.2-erratum"
    ]  # fmt: skip
    assert [claim.file for claim in load(two).derivation.claims] == ["derivations/layers/norms/batch.py"] * 2
    monkeypatch.chdir(inner)
    assert find_derivations(inner) == project_of(two) / "derivations" == sample.parent.resolve()


def test_an_id_is_unique_over_the_folders_below(sample):
    (sample.parent / "layers").mkdir()
    write(sample.parent / "layers", "twin.py", sample.read_text(encoding="utf-8"))
    with pytest.raises(ClaimError, match=r"sample\.py:\d+: the id 9\.1-product is used twice, first at .*layers/twin\.py:\d+"):
        collect([sample.parent])


def test_a_broken_module_in_a_folder_below_is_told_with_its_line(sample):
    (sample.parent / "layers").mkdir()
    write(sample.parent / "layers", "broken.py", "x = 1\n\ny = missing\n")
    with pytest.raises(ClaimError, match=r"^derivations/layers/broken\.py:3: NameError: name 'missing' is not defined$"):
        collect([sample.parent])


def test_the_project_of_a_module(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    assert project_of(write(tmp_path / "elsewhere", "one.py", "")) == tmp_path / "elsewhere"
    assert project_of(tmp_path / "elsewhere") == tmp_path / "elsewhere"


EXPERIMENT = """
from cnnsym.claim import Derivation, Experiment, Text
NAMES = {"3.2-overfit": "not the place"}
E = Experiment(
    "3.2-overfit", "3.2", Text("过拟合", "overfitting"), Text("", ""), Text("", ""), Text("", ""),
    "results/3.2-overfit.json", "python run.py")
DERIVATION = Derivation(Text("", ""), "", (), (E,))
"""


def test_experiments_are_listed_with_their_place_and_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (entry,) = entries(load(write(tmp_path, "measured.py", EXPERIMENT)))
    assert (entry.id, entry.links, entry.is_experiment) == ("3.2-overfit", ("3.2-overfit",), True)
    assert (entry.file, entry.line, entry.command) == ("measured.py", 5, "python run.py")
    assert entry.results == str(tmp_path / "results" / "3.2-overfit.json")
    with pytest.raises(ClaimError, match=r"3\.2-overfit is used twice"):
        load(write(tmp_path, "twice.py", EXPERIMENT.replace("(E,))", "(E, E))")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import sympy\nx = missing\n", r"broken\.py:2: NameError"),
        ("x = 1\ny = (\n", r"broken\.py:2: SyntaxError"),
        ("x = 1\n", r"broken\.py: expected DERIVATION to be a Derivation, found none"),
        ("DERIVATION = 3\n", r"broken\.py: expected DERIVATION to be a Derivation, found int"),
        ("\n\nraise SystemExit(3)\n", r"broken\.py:3: SystemExit"),
        ("import cnnsym.atoms as a\ndef f():\n    a.diag(a.matrix('A', 2, 3))\nf()\n", r"broken\.py:3: ShapeError: diag"),
    ],
)
def test_a_broken_module_is_one_message_with_its_line(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, "broken.py", text)
    with pytest.raises(ClaimError, match=message) as caught:
        load(path)
    assert "Traceback" not in str(caught.value)


def test_bytes_that_are_not_utf8(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes(b"# caf\xe9\n")
    with pytest.raises(ClaimError, match=r"latin\.py: cannot be read"):
        load(path)


def test_an_id_may_be_used_once_in_all_modules(sample):
    write(sample.parent, "twin.py", sample.read_text(encoding="utf-8"))
    with pytest.raises(ClaimError, match=r"twin\.py:\d+: the id 9\.1-product is used twice, first at .*sample\.py:\d+"):
        collect([sample.parent])


def test_a_file_named_twice_is_loaded_once(sample):
    assert len(collect([sample, sample.parent])) == 1


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], ["9.1-product.1", "9.1-product.2", "9.2-erratum"]),
        (["9.1-product"], ["9.1-product.1", "9.1-product.2"]),
        (["9.1-product.2"], ["9.1-product.2"]),
        (["9.*"], ["9.1-product.1", "9.1-product.2", "9.2-erratum"]),
        (["9.2-erratum", "9.2-*"], ["9.2-erratum"]),
    ],
)
def test_selection(sample, patterns, expected):
    assert [link for entry in select(listing([sample]), patterns) for link in entry.links] == expected


def test_an_unknown_id_names_those_that_come_near(sample):
    with pytest.raises(ClaimError, match=r"no claim 9\.1-prodct; did you mean .*9\.1-product"):
        select(listing([sample]), ["9.1-prodct"])


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(ClaimError, match="no such file or folder"):
        derivation_files(tmp_path / "nothing")


def test_labels_are_found_in_the_pages(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for lang in ("zh", "en"):
        (tmp_path / "docs" / lang).mkdir(parents=True)
        write(tmp_path / "docs" / lang, "9.md", r"$$ x = x \label{9.1-x} $$ and $$ y \tag{9.1-xy} $$")
    assert find_label(tmp_path / "docs", "9.1-x") == ("docs/en/9.md#9.1-x", "docs/zh/9.md#9.1-x")
    assert find_label(tmp_path / "docs", "9.1") == ()
    write(tmp_path / "docs" / "en", "9.md", "<!-- cnnsym: experiment 9.1-e -->")
    assert find_label(tmp_path / "docs", "9.1-e") == ("docs/en/9.md#9.1-e",)
    assert find_label(tmp_path / "none", "9.1-x") == ()
