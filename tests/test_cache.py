"""The cache: what is unchanged is not judged again, whatever changed is, and no damaged file is ever believed."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnnsym.cache as cache_module
import cnnsym.campaign as campaign
from cnnsym.cache import FORMAT, Cache
from cnnsym.campaign import check_all, listing
from cnnsym.collect import select
from cnnsym.errors import InternalError
from cnnsym.verdict import Unknown

OTHER = "8.1-product", "8.2-erratum"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A stand-in for the source of cnnsym, changed long ago: the real one may be worked at while the tests run."""
    folder = tmp_path / "package"
    (folder / "inner").mkdir(parents=True)
    for name in ("a.py", "inner/g.lark", "notes.txt"):
        (folder / name).write_text("1", "utf-8")
        os.utime(folder / name, (1e9, 1e9))
    return folder


@pytest.fixture
def other(sample: Path) -> Path:
    """A second derivation beside the sample."""
    path = sample.with_name("other.py")
    path.write_text(sample.read_text("utf-8").replace("9.1-", "8.1-").replace("9.2-", "8.2-"), "utf-8")
    return path


class Runs:
    """`runs()` checks everything anew with a cache of its own; what was judged and warned stands in the lists."""

    def __init__(self, folder: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.package = folder, package
        self.judged: list[str] = []
        self.loaded: list[str] = []
        self.warnings: list[str] = []
        judge, load = campaign.judge, campaign.load
        monkeypatch.setattr(campaign, "judge", lambda task: (self.judged.append(task.id), judge(task))[1])
        monkeypatch.setattr(campaign, "load", lambda path: (self.loaded.append(path.name), load(path))[1])

    @property
    def kept(self) -> Path:
        return self.folder / "cache"

    @property
    def files(self) -> list[Path]:
        return sorted(self.kept.glob("*.jsonl"))

    def __call__(self, *patterns: str, **options: object) -> list[campaign.Report]:
        for seen in (self.judged, self.loaded, self.warnings):
            seen.clear()
        campaign._loaded_as_of.cache_clear()  # each run stands for a process of its own
        cache = Cache(self.kept, self.warnings.append, self.package)
        selected = select(listing([self.folder / "derivations"], cache), patterns)
        return list(check_all(selected, jobs=1, cache=cache, **options))


@pytest.fixture
def runs(sample: Path, other: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(sample.parent.parent, package, monkeypatch)


def plain(report: campaign.Report) -> object:
    """A report without the mark of having been kept, as JSON has it."""
    rows = [{key: value for key, value in row.items() if key != "cached"} for row in report.rows]
    return json.loads(json.dumps([rows, report.id, report.ok, report.line, report.faults, report.gaps, report.page]))


def test_what_is_unchanged_is_neither_imported_nor_judged(runs) -> None:
    first = runs()
    assert sorted(runs.judged) == [*sorted(OTHER), "9.1-product", "9.2-erratum"]
    assert runs.loaded == ["other.py", "sample.py"]
    second = runs()
    assert (runs.judged, runs.loaded, runs.warnings) == ([], [], [])
    assert [plain(report) for report in second] == [plain(report) for report in first]
    assert [report.account for report in second] == [report.account for report in first]
    assert not any(report.cached for report in first) and all(report.cached for report in second)
    assert all(row["cached"] is True for report in second for row in report.rows)


def test_a_change_of_one_derivation_touches_no_other(runs, other) -> None:
    runs()
    other.write_text(other.read_text("utf-8") + "\n", "utf-8")
    runs()
    assert (sorted(runs.judged), runs.loaded) == (sorted(OTHER), ["other.py"])
    runs()
    assert runs.judged == []


def test_a_claim_that_became_false_is_found_false(runs, sample) -> None:
    assert all(report.ok for report in runs())
    sample.write_text(sample.read_text("utf-8").replace("B.T * A.T, B.T * A.T)", "B.T * A.T, A.T * B.T)"), "utf-8")
    assert [report.id for report in runs() if not report.ok] == ["9.1-product"]
    assert [report.id for report in runs() if not report.ok] == ["9.1-product"]
    assert runs.judged == ["9.1-product"], "a failure is looked at again in each run"


def test_what_a_derivation_imports_counts(runs, sample, monkeypatch) -> None:
    shared = sample.parent / "_shared_measure_xyz.py"
    shared.write_text("ERROR = 1e-16\n", "utf-8")
    monkeypatch.syspath_prepend(str(sample.parent))
    text = sample.read_text("utf-8").replace('"float64", 0, 1e-16', '"float64", 0, ERROR')
    sample.write_text(f"from _shared_measure_xyz import ERROR\n{text}", "utf-8")
    try:
        assert all(report.ok for report in runs())
        runs()
        assert runs.judged == []
        shared.write_text("ERROR = 1.0\n", "utf-8")
        del sys.modules["_shared_measure_xyz"]
        assert [report.id for report in runs() if not report.ok] == ["9.1-product"]
    finally:
        sys.modules.pop("_shared_measure_xyz", None)


@pytest.mark.parametrize("name", ["a.py", "inner/g.lark", "inner/new.py"])
def test_any_change_of_the_source_of_cnnsym_counts(runs, package, name: str) -> None:
    runs()
    (package / name).write_text("2", "utf-8")
    os.utime(package / name, (1e9, 1e9))
    runs()
    assert len(runs.judged) == 4
    (package / "notes.txt").write_text("2", "utf-8")
    runs()
    assert runs.judged == []


def test_source_that_was_just_changed_keeps_nothing(runs, package) -> None:
    """Who knows which of the two is running: what was imported, or what stands on the disk now."""
    (package / "a.py").write_text("2", "utf-8")
    runs()
    assert runs.files == []


@pytest.mark.parametrize("library", ["sympy", "numpy", "z3-solver", "mpmath", "lark"])
def test_the_version_of_each_deciding_library_counts(runs, monkeypatch, library: str) -> None:
    runs()
    version = cache_module._version
    monkeypatch.setattr(cache_module, "_version", lambda name: "0" if name == library else version(name))
    runs()
    assert len(runs.judged) == 4


def test_the_version_of_python_counts(runs, monkeypatch) -> None:
    runs()
    monkeypatch.setattr(sys, "version", "4.0")
    runs()
    assert len(runs.judged) == 4


def test_other_imports_count_with_their_versions_or_nothing_is_kept(runs, sample, monkeypatch) -> None:
    text = sample.read_text("utf-8")
    sample.write_text("import yaml\n" + text, "utf-8")
    runs()
    runs()
    assert runs.judged == []
    version = cache_module._version
    monkeypatch.setattr(cache_module, "_version", lambda name: "0" if name == "PyYAML" else version(name))
    runs()
    assert runs.judged == ["9.1-product", "9.2-erratum"]
    monkeypatch.setitem(sys.modules, "of_no_distribution", sys)
    sample.write_text("import of_no_distribution\n" + text, "utf-8")
    runs()
    runs()
    assert runs.judged == ["9.1-product", "9.2-erratum"]


@pytest.mark.parametrize("options", [{"lang": "zh"}, {"seconds": 7.0}])
def test_another_question_has_its_own_answer(runs, options: dict[str, object]) -> None:
    runs()
    runs(**options)
    assert len(runs.judged) == 4
    runs(**options)
    assert runs.judged == []
    runs()
    assert runs.judged == []


def test_the_ids_that_are_asked_for_count(runs) -> None:
    runs("9.1-product.2")
    assert [row["id"] for report in runs("9.1-product.2") for row in report.rows] == ["9.1-product.2"]
    assert runs.judged == []
    assert [row["id"] for report in runs("9.1-product") for row in report.rows] == ["9.1-product.1", "9.1-product.2"]
    assert runs.judged == ["9.1-product"]


def test_what_ran_out_of_time_is_not_kept(runs, sample) -> None:
    slow = "def measure():\n    import time\n    time.sleep(30)\n"
    sample.write_text(sample.read_text("utf-8").replace("def measure():\n", slow), "utf-8")
    for _ in range(2):
        found = {report.id: report.rows[0]["verdict"] for report in runs(seconds=0.2)}
        assert found["9.1-product"] == "unknown"
        assert "9.1-product" in runs.judged
    assert all("time limit" not in file.read_text("utf-8") for file in runs.files)


def test_what_is_left_open_is_not_kept(runs, monkeypatch) -> None:
    monkeypatch.setattr("cnnsym.check.decide", lambda *equation: Unknown(("stuck",)))
    runs()
    runs()
    assert len(runs.judged) == 4


def test_deciders_that_disagree_leave_nothing_behind(runs, sample) -> None:
    def disagree(text: str) -> str:
        wrong = "def measure():\n    from cnnsym.errors import InternalError\n    raise InternalError('they disagree')\n"
        return text.replace("def measure():\n", wrong)

    sample.write_text(disagree(sample.read_text("utf-8")), "utf-8")
    with pytest.raises(InternalError):
        runs()
    assert "8.1-product" in runs.judged and runs.files == []


def test_a_file_that_changes_during_the_run_is_not_kept(runs, sample, package) -> None:
    cache = Cache(runs.kept, runs.warnings.append, package)
    selected = listing([sample], cache)
    later = time.time() + 5
    os.utime(sample, (later, later))
    assert all(report.ok for report in check_all(selected, jobs=1, cache=cache))
    assert runs.files == []
    cache = Cache(runs.kept, runs.warnings.append, package)
    sample.write_text(sample.read_text("utf-8"), "utf-8")
    os.utime(sample, (1e9, 1e9))
    reports = check_all(listing([sample], cache), jobs=1, cache=cache)
    next(reports)
    sample.write_text("# something else\n", "utf-8")
    os.utime(sample, (1e9, 1e9))  # as tools do that keep the times of files
    list(reports)
    assert runs.files == []


def body_of(file: Path) -> tuple[dict[str, object], dict[str, object]]:
    head, body = file.read_text("utf-8").splitlines()
    return json.loads(head), json.loads(body)


def write(file: Path, head: dict[str, object], body: object) -> None:
    text = json.dumps(body)
    file.write_text(f"{json.dumps({**head, 'digest': cache_module._digest(text.encode())})}\n{text}\n", "utf-8")


def falsify(file: Path) -> None:
    """A verdict changed by hand, with the digest left as it was."""
    text = file.read_text("utf-8")
    assert '"verdict": "refuted"' in text
    file.write_text(text.replace('"verdict": "refuted"', '"verdict": "proved"'), "utf-8")


DAMAGES = {
    "empty": lambda file: file.write_text("", "utf-8"),
    "truncated": lambda file: file.write_bytes(file.read_bytes()[:-500]),
    "the head alone": lambda file: file.write_bytes(file.read_bytes().splitlines()[0]),
    "no UTF-8": lambda file: file.write_bytes(b"\xff\xfe\x00"),
    "something else": lambda file: file.write_text("[1, 2, 3]\n[]\n", "utf-8"),
    "nested too deeply": lambda file: file.write_text("[" * 100_000, "utf-8"),
    "a verdict changed": falsify,
    "an old format": lambda file: write(file, {**body_of(file)[0], "format": FORMAT - 1}, body_of(file)[1]),
    "no format": lambda file: write(file, {k: v for k, v in body_of(file)[0].items() if k != "format"}, {}),
    "of another module": lambda file: write(file, {**body_of(file)[0], "path": "/elsewhere.py"}, body_of(file)[1]),
    "no reports": lambda file: write(file, body_of(file)[0], {"entries": []}),
    "reports of nothing": lambda file: write(
        file, body_of(file)[0], {**body_of(file)[1], "reports": {key: {"id": 1} for key in body_of(file)[1]["reports"]}}
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_one_warning_then_replaced(runs, damage: str) -> None:
    first = runs()
    (file,) = [f for f in runs.files if f.name.startswith("sample")]
    DAMAGES[damage](file)
    again = runs()
    assert [plain(r)[0] for r in again if r.id in OTHER] == [plain(r)[0] for r in first if r.id in OTHER]
    assert [[row["verdict"] for row in r.rows] for r in again] == [[row["verdict"] for row in r.rows] for r in first]
    assert runs.judged == ["9.1-product", "9.2-erratum"]
    assert len(runs.warnings) == 1 and str(file) in runs.warnings[0] and "ignored" in runs.warnings[0]
    runs()
    assert (runs.judged, runs.warnings) == ([], [])


def test_a_folder_in_place_of_the_file(runs) -> None:
    runs()
    file = runs.files[1]
    file.unlink()
    file.mkdir()
    runs()
    assert len(runs.warnings) == 2 and all(str(runs.kept) in warning for warning in runs.warnings)  # neither read nor written


def test_a_folder_that_cannot_be_made_is_one_warning(runs) -> None:
    runs.kept.write_text("a file", "utf-8")
    assert all(report.ok for report in runs())
    assert any("cannot be written" in warning for warning in runs.warnings)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 600) | st.integers(0, 10**6), byte=st.integers(0, 255), cut=st.integers(0, 200))
def test_no_changed_byte_changes_an_answer(runs, at: int, byte: int, cut: int) -> None:
    """Whatever happens to a file: the answer is the same, judged again or not."""

    def answer() -> list[object]:
        found = [row for report in runs("9.*") for row in plain(report)[0]]
        return [{**row, "milliseconds": 0} for row in found]

    if not hasattr(runs, "whole"):
        runs.truth = answer()
        runs.whole = runs.files[1], runs.files[1].read_bytes()
    file, content = runs.whole
    at %= len(content)
    file.write_bytes(content[:at] + (b"" if cut else bytes([byte])) + content[at + (cut or 1) :])
    assert answer() == runs.truth


def test_two_processes_keep_what_both_found(runs, sample, package) -> None:
    caches = [Cache(runs.kept, runs.warnings.append, package) for _ in range(2)]
    for cache, pattern in zip(caches, ("9.1-*", "9.2-*"), strict=True):
        selected = select(listing([sample], cache), [pattern])
        assert len(list(check_all(selected, jobs=1, cache=cache))) == 1
    runs("9.*")
    assert runs.judged == []


def test_writing_at_once_leaves_a_whole_file(runs, sample, package) -> None:
    (report, _) = runs("9.*")
    data = campaign.asdict(replace(report, cached=False))

    def work(number: int) -> list[str]:
        warnings: list[str] = []
        for k in range(20):
            shelf = Cache(runs.kept, warnings.append, package).shelf(sample)
            assert shelf.entries is not None
            shelf.keep((number, k), data)
            shelf.save()
        return warnings

    with ThreadPoolExecutor(8) as pool:
        assert [warning for warnings in pool.map(work, range(8)) for warning in warnings] == []
    names = sorted(path.name for path in runs.kept.iterdir())
    assert [name.partition("-")[0] for name in names] == [".gitignore", "other", "sample"], "temporary files are left"
    runs("9.*")
    assert (runs.judged, runs.warnings) == ([], [])
