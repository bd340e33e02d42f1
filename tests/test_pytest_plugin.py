"""The pytest plugin, run by pytest itself on small folders of derivations."""

import pytest

from cnnsym.cache import Cache
from cnnsym.campaign import check_all, listing
from cnnsym.pytest_plugin import is_derivation
from cnnsym.verdict import Unknown

ITEMS = [
    "derivations/sample.py::9.1-product::proof.1",
    "derivations/sample.py::9.1-product::proof.2",
    "derivations/sample.py::9.1-product::step 1",
    "derivations/sample.py::9.1-product::near-miss: order kept",
    "derivations/sample.py::9.1-product::near-miss: shapes disagree",
    "derivations/sample.py::9.1-product::numeric",
    "derivations/sample.py::9.2-erratum::proof",
]


@pytest.fixture
def folder(sample, pytester, monkeypatch):
    """The sample as a pytest project of its own."""
    pytester.mkdir("derivations")
    path = pytester.path / "derivations" / "sample.py"
    path.write_text(sample.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(pytester.path)
    return path


def collected(result):
    return [line for line in result.outlines if "::" in line]


@pytest.mark.parametrize("target", ["derivations", "derivations/sample.py", "."])
def test_an_item_for_each_thing_that_is_judged(folder, pytester, target):
    assert collected(pytester.runpytest_inprocess("--collect-only", "-q", target)) == ITEMS


def test_all_is_well(folder, pytester):
    pytester.runpytest_inprocess("derivations").assert_outcomes(passed=len(ITEMS))


def test_selection_by_word(folder, pytester):
    result = pytester.runpytest_inprocess("derivations", "-k", "product and near")
    result.assert_outcomes(passed=2, deselected=5)


def test_selection_by_node_id(folder, pytester):
    pytester.runpytest_inprocess("derivations/sample.py::9.1-product::proof.2").assert_outcomes(passed=1)


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_failure_tells_formula_verdict_counterexample_and_places(folder, pytester):
    replace(folder, "B.T * A.T, B.T * A.T)", "B.T * A.T, A.T * B.T)")
    docs = pytester.mkdir("docs")
    (docs / "9.md").write_text(r"$$ x \label{9.1-product} $$", encoding="utf-8")
    result = pytester.runpytest_inprocess("derivations")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(
        [
            "derivations/sample.py:*: 9.1-product: The transpose of a product",
            "on the page docs/9.md#9.1-product",
            "  formula:  Bᵀ Aᵀ = Aᵀ Bᵀ",
            "  expected: proved",
            "  found:    refuted: n=2; A = *: left side 1, right side 0 at entry (1, 2)",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*runtest*")


def test_a_near_miss_that_survives_fails(folder, pytester):
    replace(folder, "((A * B).T, A.T * B.T)),", "((A * B).T, B.T * A.T)),")
    result = pytester.runpytest_inprocess("derivations")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*near miss 'order kept' was not refuted, so the claim is not checked"])


def test_a_wrong_step_fails_and_is_named(folder, pytester):
    replace(folder, "Step((A * B).T, B.T * A.T", "Step((A * B).T, A.T * B.T")
    result = pytester.runpytest_inprocess("derivations")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["  rule:     a transpose reverses the order (textbook)"])


def test_a_measurement_beyond_its_tolerance_fails(folder, pytester):
    replace(folder, "1e-16, 1e-12", "float('nan'), 1e-12")
    result = pytester.runpytest_inprocess("derivations")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["  numpy, 3 x 3 float64, seed 0: error nan, tolerance 1e-12"])


def test_a_numeric_check_that_compares_nothing_fails(folder, pytester):
    replace(folder, 'return (Measurement("numpy", "3 x 3", "float64", 0, 1e-16, 1e-12),)', "return ()")
    pytester.runpytest_inprocess("derivations").assert_outcomes(passed=6, failed=1)


def test_a_claim_without_evidence_fails(folder, pytester):
    replace(folder, 'NearMiss(Text("次序未变", "order kept"), lambda: ((A * B).T, A.T * B.T)),', "")
    replace(folder, "    numeric=measure,\n", "")
    result = pytester.runpytest_inprocess("derivations")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["  vacuous: it has 1 near miss, expected at least 2", "  vacuous: it has no numeric check"])


def test_a_module_that_cannot_be_imported_is_one_message(folder, pytester):
    replace(folder, "n = dims(", "n = dimensions(")
    result = pytester.runpytest_inprocess("derivations")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["derivations/sample.py:*: NameError: name 'dimensions' is not defined"])
    result.stdout.no_fnmatch_line("*Traceback*")


EXPERIMENT = """
from cnnsym.claim import Derivation, Experiment, Text
one = Experiment("9.3-m", "9.3", *[Text("", "")] * 4, "results/9.3-m.json", "python run.py")
DERIVATION = Derivation(Text("", ""), "", (), (one,))
"""
RESULTS = """{"experiment": "9.3-m", "command": "python run.py", "versions": {"python": "3"}, "seeds": [1], "data": "none",
"metrics": {"m": {"zh": "数", "en": "m"}}, "conditions": [{"name": {"zh": "甲", "en": "one"}, "values": {"m": [1]}}]}"""


def test_an_experiment_is_an_item(folder, pytester):
    (folder.parent / "layers" / "results").mkdir(parents=True)
    (folder.parent / "layers" / "measured.py").write_text(EXPERIMENT, encoding="utf-8")
    results = folder.parent / "layers" / "results" / "9.3-m.json"
    results.write_text(RESULTS, encoding="utf-8")
    pytester.runpytest_inprocess("derivations").assert_outcomes(passed=len(ITEMS) + 1)
    results.write_text(RESULTS.replace("[1]", "[1, 2]", 1), encoding="utf-8")
    result = pytester.runpytest_inprocess("derivations/layers")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["derivations/layers/measured.py:3: 9.3-m: *values.m: expected 2 numbers, one for each*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_nothing_comes_from_a_cache(folder, pytester):
    pytester.runpytest_inprocess("derivations")
    assert not (folder.parent.parent / ".cnnsym_cache").exists()


@pytest.fixture(autouse=True)
def cnnsym_is_not_edited_meanwhile(monkeypatch):
    """Nothing is kept where the source of cnnsym changed after its import, as it may while somebody works on it."""
    monkeypatch.setattr("cnnsym.cache._IMPORTED", float("inf"))


def kept(folder):
    return list((folder.parent.parent / "kept").glob("*.jsonl"))


def test_what_is_found_out_may_be_kept_for_the_command(folder, pytester, monkeypatch):
    pytester.runpytest_inprocess("derivations", "--cnnsym-keep", "kept").assert_outcomes(passed=len(ITEMS))
    listed = listing([folder], Cache(pytester.path / "kept", pytest.fail))
    monkeypatch.setattr("cnnsym.campaign.check_claim", None)
    reports = list(check_all(listed, jobs=1, cache=Cache(pytester.path / "kept", pytest.fail)))
    assert [(report.id, report.cached, report.ok) for report in reports] == [
        ("9.1-product", True, True),
        ("9.2-erratum", True, True),
    ]


def test_nothing_is_taken_from_what_was_kept(folder, pytester, monkeypatch):
    pytester.runpytest_inprocess("derivations", "--cnnsym-keep", "kept")
    monkeypatch.setattr("cnnsym.check.decide", lambda *equation: Unknown(("stuck",)))
    result = pytester.runpytest_inprocess("derivations", "--cnnsym-keep", "kept")
    result.assert_outcomes(failed=5, passed=2)  # shapes refute one near miss, and the numbers agree
    result.stdout.fnmatch_lines(["  found:    unknown: *stuck*"])


def test_what_failed_is_not_kept(folder, pytester):
    replace(folder, "B.T * A.T, B.T * A.T)", "B.T * A.T, A.T * B.T)")
    result = pytester.runpytest_inprocess("derivations", "--cnnsym-keep", "kept")
    result.assert_outcomes(passed=6, failed=1)
    (file,) = kept(folder)
    assert "9.2-erratum" in file.read_text("utf-8") and '"line": "✗' not in file.read_text("utf-8")
    reports = check_all(listing([folder]), jobs=1, cache=Cache(pytester.path / "kept", pytest.fail))
    assert {report.id: report.cached for report in reports} == {"9.1-product": False, "9.2-erratum": True}


def test_deciders_that_disagree_keep_nothing(folder, pytester):
    wrong = "    from cnnsym.errors import InternalError\n    raise InternalError('no')\n"
    replace(folder, "def measure():\n", f"def measure():\n{wrong}")
    pytester.runpytest_inprocess("derivations", "--cnnsym-keep", "kept")
    assert kept(folder) == []


def test_a_whole_claim_has_the_time_of_an_item(folder, pytester):
    replace(folder, "def measure():\n", "def measure():\n    import time\n    time.sleep(30)\n")
    (pytester.path / "pytest.ini").write_text("[pytest]\ncnnsym_timeout = 4\n", encoding="utf-8")
    result = pytester.runpytest_inprocess("derivations", "--cnnsym-keep", "kept")
    result.assert_outcomes(failed=2, passed=5)
    assert "9.1-product" not in [r.id for r in check_all(listing([folder]), jobs=1, cache=None, seconds=1) if r.ok]


def test_it_works_with_xdist(folder, pytester):
    result = pytester.runpytest_inprocess("-n", "1", "derivations", "-k", "numeric or shapes")
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("derivations/anything.py", "", True),
        ("derivations/layers/broken.py", "DERIVATION = (", True),
        ("derivations/_experiments/train.py", "", False),
        ("derivations/_private.py", "", False),
        ("derivations/test_it.py", "DERIVATION = 1", False),
        ("derivations/conftest.py", "DERIVATION = 1", False),
        ("notes/own.py", "x = 1\nDERIVATION = x", True),
        ("notes/typed.py", "DERIVATION: object = 1", True),
        ("notes/text.py", "'''\nDERIVATION = 1\n'''", False),
        ("notes/inner.py", "def f():\n    DERIVATION = 1", False),
        ("notes/broken.py", "DERIVATION = (", False),
        ("notes/own.md", "DERIVATION = 1", False),
    ],
)
def test_what_is_taken_for_a_derivation(tmp_path, name, text, expected):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert is_derivation(path) is expected
