"""The command: what it prints, and its exit codes."""

import json
import os
import re
import subprocess
import sys
from functools import partial
from textwrap import dedent

import pytest

from cnnsym.cache import Cache
from cnnsym.cli import main
from cnnsym.verdict import Unknown

KEYS = "id file line latex verdict expected ok scope method reason counterexample milliseconds near_misses".split()


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in this process; gives exit code, standard output, standard error.

    The source that its cache goes by is a stand-in, for the real one may be worked at while the tests run.
    """
    source = tmp_path / "package"
    source.mkdir()
    (source / "a.py").write_text("", encoding="utf-8")
    os.utime(source / "a.py", (1e9, 1e9))
    monkeypatch.setattr("cnnsym.cli.Cache", partial(Cache, package=source))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["cnnsym", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


def falsify(path, old="B.T * A.T, B.T * A.T)", new="B.T * A.T, A.T * B.T)"):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_one_line_for_each_claim_and_a_summary(sample, run):
    code, out, err = run("check", "--jobs", "1")
    assert (code, err) == (0, "")
    first, second, last = out.splitlines()
    counts = "equalities 2/2, steps 1/1, near misses 2/2, numeric checks 1/1"
    assert re.fullmatch(rf"✓ proved  9\.1-product  {counts}  \d+ ms", first)
    assert re.fullmatch(r"✓ refuted, as expected  9\.2-erratum  \d+ ms", second)
    assert last.startswith("claims: 2; equalities: 3 (proved 2, refuted 1); all as they should be; ")


def test_a_false_claim_is_exit_1_with_its_counterexample(sample, run):
    falsify(sample)
    code, out, _ = run("check", "--jobs", "1")
    assert code == 1
    assert out.startswith("✗ refuted  9.1-product  equalities 1/2")
    assert "    9.1-product.2: expected proved, found refuted (n=2; A = [[0, 1], [0, 0]]: left side 1, right side 0" in out


def test_a_near_miss_that_survives_is_exit_1(sample, run):
    falsify(sample, "((A * B).T, A.T * B.T)),", "((A * B).T, B.T * A.T)),")
    code, out, _ = run("check", "--jobs", "1", "--format", "json", "9.1-product")
    assert code == 1
    for row in json.loads(out)["claims"]:
        assert (row["verdict"], row["ok"]) == ("proved", False)
        assert row["near_misses"][0] == {"name": "order kept", "verdict": "proved"}
        assert "near miss 'order kept'" in row["reason"]
    _, text, _ = run("check", "--jobs", "1", "9.1-product")
    assert text.startswith("✗ proved, not sound  9.1-product")


def test_json_keeps_the_contract(sample, run):
    code, out, err = run("check", "--format", "json", "--jobs", "1")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert list(document) == ["version", "claims", "summary"] and document["version"] == 1
    assert [list(row) for row in document["claims"]] == [KEYS] * 3
    assert document["summary"] == {"proved": 2, "refuted": 1, "unknown": 0, "skipped": 0, "error": 0, "measured": 0, "ok": 3}
    first, _, erratum = document["claims"]
    assert (first["id"], first["file"], first["scope"]) == ("9.1-product.1", "derivations/sample.py", "all sizes")
    assert first["near_misses"] == [
        {"name": "order kept", "verdict": "refuted"},
        {"name": "shapes disagree", "verdict": "refuted"},
    ]
    assert (erratum["verdict"], erratum["expected"], erratum["ok"]) == ("refuted", "refuted", True)
    assert erratum["counterexample"] == {
        "sizes": {"n": 2}, "values": {"A": [["0", "1"], ["0", "0"]]}, "lhs": "1", "rhs": "0", "place": [1, 2]
    }


def test_a_claim_without_evidence_is_told_as_vacuous(sample, run):
    falsify(sample, "    numeric=measure,\n", "")
    code, out, _ = run("check", "--jobs", "1")
    assert (code, out.splitlines()[1]) == (0, "    vacuous: it has no numeric check")


def test_one_link_of_a_chain(sample, run):
    falsify(sample)
    assert run("check", "--jobs", "1", "9.1-product.1")[0] == 0
    assert run("check", "--jobs", "1", "9.1-product.2")[0] == 1


def test_the_report_speaks_chinese(sample, run):
    _, out, _ = run("check", "--jobs", "1", "--lang", "zh")
    assert out.startswith("✓ 已证明  9.1-product") and "✓ 已否证（正如所料）  9.2-erratum" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "9.1-prodct"], "did you mean 9.1-product"),
        (["check", "no/such/folder"], "no such file or folder"),
        (["check", "page.md"], "page.md: cannot be read"),
        (["check", "note.tex"], "expected a page (.md)"),
        (["show", "nothing-like-it"], "no claim nothing-like-it"),
        (["check", "--format", "yaml"], "Invalid value for '--format'"),
        (["check", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["chek"], "No such command"),
    ],
)
def test_wrong_usage_is_exit_2_and_silent_on_standard_output(sample, run, arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err and "Traceback" not in err


def test_a_broken_module_is_exit_2(sample, run):
    (sample.parent / "broken.py").write_text("1 / 0\n", encoding="utf-8")
    code, out, err = run("check")
    assert (code, out) == (2, "")
    assert err == "cnnsym: derivations/broken.py:1: ZeroDivisionError: division by zero\n"


def test_a_lemma_that_does_not_exist_is_exit_2(sample, run):
    falsify(sample, "numeric=measure,", "numeric=measure, using=('9.0-none',),")
    code, out, _ = run("check", "--jobs", "1")
    assert code == 2
    assert "! error  9.1-product" in out and "it uses 9.0-none, which is not a lemma" in out


def test_without_derivations(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    code, _, err = run("check")
    assert code == 2 and "no folder named derivations" in err


def test_list(sample, run):
    code, out, _ = run("list")
    assert code == 0
    assert re.fullmatch(r"9\.1-product  derivations/sample\.py:\d+  The transpose of a product", out.splitlines()[0])
    assert run("list", "9.2-*", "--lang", "zh")[1].endswith("印错的式子\n")


def test_show(sample, run):
    docs = sample.parent.parent / "docs" / "en"
    docs.mkdir(parents=True)
    (docs / "9.md").write_text(r"$$ x \label{9.1-product} $$", encoding="utf-8")
    code, out, _ = run("show", "9.1-product")
    assert code == 0
    for part in (
        "on the page: docs/en/9.md#9.1-product",
        "square matrices",
        "assumed: n >= 1",
        "1. a transpose reverses the order (textbook)",
        "✓ refuted  order kept",
        "n=2; A = [[0, 1], [0, 0]]: left side 1, right side 0 at entry (1, 2)",
        "the shapes cannot be combined: diag: expected a column or a square matrix, got shape 2 x 3",
        "✓ numpy, 3 x 3 float64, seed 0: error 1e-16, tolerance 1e-12",
    ):
        assert part in out
    assert "as corrected: (AB)'=B'A'" in run("show", "9.2-erratum")[1]


def test_what_comes_from_the_cache_says_so(sample, run):
    _, first, _ = run("check", "--jobs", "1")
    code, again, err = run("check", "--jobs", "1")
    assert (code, err) == (0, "")
    assert (sample.parent.parent / ".cnnsym_cache" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert "cached" not in first
    *lines, last = again.splitlines()
    assert [line.endswith("  (cached)") for line in lines] == [True, True]
    assert [line.removesuffix("  (cached)") for line in lines] == first.splitlines()[:-1]
    assert last.startswith("claims: 2 (2 cached); equalities: 3 (proved 2, refuted 1); all as they should be; ")
    assert "其中 2 个取自缓存" not in run("check", "--jobs", "1", "--lang", "zh")[1]
    assert "命题：2（其中 2 个取自缓存）" in run("check", "--jobs", "1", "--lang", "zh")[1]
    rows = json.loads(run("check", "--jobs", "1", "--format", "json")[1])["claims"]
    assert [row["cached"] for row in rows] == [True] * 3
    assert "cached" not in run("check", "--jobs", "1", "--no-cache")[1]


def test_the_cache_may_lie_elsewhere_or_nowhere(sample, run):
    root = sample.parent.parent
    run("check", "--jobs", "1", "--no-cache")
    assert not (root / ".cnnsym_cache").exists()
    run("check", "--jobs", "1", "--cache", "kept/here")
    assert (root / "kept" / "here").is_dir() and not (root / ".cnnsym_cache").exists()
    assert "(2 cached)" in run("check", "--jobs", "1", "--cache", "kept/here")[1]


def test_list_and_show_import_only_what_they_must(sample, run, monkeypatch):
    run("check", "--jobs", "1")
    listed = run("list")
    with monkeypatch.context() as nothing_is_loaded:
        nothing_is_loaded.setattr("cnnsym.campaign.loaded", None)
        assert run("list") == listed and "9.1-product" in listed[1]
    sample.write_text(sample.read_text(encoding="utf-8").replace("The transpose of", "The first of"), encoding="utf-8")
    assert "The first of a product" in run("list")[1]


def test_show_judges_anew(sample, run, monkeypatch):
    assert run("check", "--jobs", "1")[0] == 0
    monkeypatch.setattr("cnnsym.check.decide", lambda *equation: Unknown(("stuck",)))
    assert run("show", "9.1-product")[0] == 1


def test_what_became_false_is_not_taken_from_the_cache(sample, run):
    assert run("check", "--jobs", "1")[0] == 0
    falsify(sample)
    assert run("check", "--jobs", "1")[0] == 1
    assert run("check", "--jobs", "1")[0] == 1


def test_a_damaged_cache_is_one_line_on_standard_error(sample, run):
    run("check", "--jobs", "1")
    (kept,) = (sample.parent.parent / ".cnnsym_cache").glob("*.jsonl")
    kept.write_text("{}", encoding="utf-8")
    code, out, err = run("check", "--jobs", "1")
    assert code == 0 and "cached" not in out
    assert err == f"cnnsym: warning: {kept}: it is damaged or no file of this cache; it is ignored\n"


EXPERIMENT = dedent(
    """
    from cnnsym.claim import Derivation, Experiment, Text

    one = Experiment(
        "9.3-measured", "9.3", Text("测得的", "Measured"), Text("讲义", "the note"), Text("做法", "what was done"),
        Text("发现", "what was found"), "results/9.3-measured.json", "python run.py",
    )
    DERIVATION = Derivation(Text("", ""), "", (), (one,))
    """
)
RESULTS = {
    "experiment": "9.3-measured",
    "command": "python run.py",
    "versions": {"python": "3.12"},
    "seeds": [1, 2],
    "data": "none",
    "metrics": {"m": {"zh": "数", "en": "number"}},
    "conditions": [{"name": {"zh": "甲", "en": "one"}, "values": {"m": [1, 3]}}],
}


@pytest.fixture
def results(sample):
    """An experiment in a folder below the derivations; its results."""
    folder = sample.parent / "layers"
    (folder / "results").mkdir(parents=True)
    (folder / "measured.py").write_text(EXPERIMENT, encoding="utf-8")
    path = folder / "results" / "9.3-measured.json"
    path.write_text(json.dumps(RESULTS), encoding="utf-8")
    return path


def test_an_experiment_is_measured_and_never_proved(results, run):
    code, out, err = run("check", "--jobs", "1")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "≈ measured  9.3-measured  conditions 1, metrics 1, seeds 2"
    counted = "claims: 2; equalities: 3 (proved 2, refuted 1); experiments: 1 (measured 1); all as they should be; "
    assert out.splitlines()[-1].startswith(counted)
    assert "≈ 实测  9.3-measured" in run("check", "--lang", "zh", "9.3-*")[1]
    document = json.loads(run("check", "--format", "json", "9.3-measured")[1])
    (row,) = document["claims"]
    assert list(row) == KEYS
    assert (row["verdict"], row["expected"], row["ok"], row["method"]) == ("measured", "measured", True, "measurement")
    assert document["summary"]["measured"] == 1 and document["summary"]["proved"] == 0
    assert run("list", "9.3-measured")[1] == "9.3-measured  derivations/layers/measured.py:5  Measured  (experiment)\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.unlink(), "no results there; this command writes them: python run.py"),
        (lambda path: path.write_text("{", encoding="utf-8"), "9.3-measured.json:1:2: not JSON"),
        (lambda path: path.write_text(json.dumps({**RESULTS, "seeds": []}), encoding="utf-8"), "seeds: expected a list with"),
        (lambda path: path.write_text(json.dumps({**RESULTS, "versions": {}}), encoding="utf-8"), "versions: expected"),
    ],
)
def test_an_experiment_without_good_results_is_exit_2(results, run, change, message):
    run("check", "--jobs", "1")  # that the listing is kept does not hide what is wrong with the results
    change(results)
    code, out, err = run("check", "--jobs", "1")
    assert (code, err) == (2, "")
    fault = "    derivations/layers/measured.py:5: 9.3-measured: derivations/layers/results/9.3-measured.json"
    assert out.startswith(f"! error  9.3-measured\n{fault}") and message in out
    assert "experiments: 1 (error 1); 1 not as they should be" in out
    code, out, _ = run("show", "9.3-measured")
    assert code == 2 and message in out and "Traceback" not in out


def test_show_an_experiment(results, run):
    docs = results.parents[3] / "docs" / "en"
    docs.mkdir(parents=True)
    (docs / "9.md").write_text("<!-- cnnsym: experiment 9.3-measured -->", encoding="utf-8")
    code, out, _ = run("show", "9.3-measured")
    assert code == 0
    for part in ("on the page: docs/en/9.md#9.3-measured", "2.0 ± 1.4  one", "what was found", "prove nothing", "python run.py"):
        assert part in out


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0 and re.fullmatch(r"cnnsym \d+\.\d+\.\d+\n", out)


def test_a_stream_that_knows_no_greek_does_not_end_the_program(sample):
    command = [sys.executable, "-m", "cnnsym", "show", "9.1-product"]
    done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii"}, timeout=120)
    assert b"Traceback" not in done.stderr and b"9.1-product" in done.stdout


def test_a_page_is_held_against_its_derivations(sample, run):
    page = sample.parent.parent / "page.md"
    text = "Text.\n\n$$\nn n = n n = n n \\label{9.1-product}\n$$\n\n$$ n = n \\label{9.1-prodct} $$\n"
    page.write_text(text, encoding="utf-8")
    code, out, _ = run("check", str(page))
    assert code == 2
    assert "0 of 2 labelled formulas say what was derived" in out
    assert f"{page}:7: 9.1-prodct: no claim 9.1-prodct; did you mean 9.1-product?" in out


def test_a_page_without_labels_is_not_called_proved(sample, run):
    page = sample.parent.parent / "page.md"
    page.write_text("Text, and $$ n = n $$ without a label.\n", encoding="utf-8")
    code, out, _ = run("check", str(page))
    assert code == 0
    assert f"-  {page}: no labelled formula, so nothing was checked" in out
    assert "proved" not in out
