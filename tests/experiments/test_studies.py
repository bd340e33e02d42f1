"""Every study on a small scale: the same numbers twice, a document that is read, and the conditions that are stored."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnsym.claim import Text
from cnnsym.errors import ClaimError
from cnnsym.report.results import read_results
from derivations._experiments import __main__ as command
from derivations._experiments import global_pooling, padding, pooling, positions
from derivations._experiments.digits import CLASSES
from derivations._experiments.study import Point, Study, document, generator, write

ROOT = Path(__file__).resolve().parents[2]
DATA, VERSIONS = Text("数据", "data"), {"scikit-learn": "0"}


@pytest.fixture
def small(monkeypatch) -> None:
    for part in (padding, pooling, global_pooling, positions):
        monkeypatch.setattr(part, "EACH", 4)
        monkeypatch.setattr(part, "STEPS", 2)
    monkeypatch.setattr(padding, "FITTED", 4)
    monkeypatch.setattr(padding, "SCENES", 60)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("identifier", command.STUDIES)
def test_a_study_twice_gives_the_same_numbers(strokes, tmp_path, identifier) -> None:
    study = replace(command.STUDIES[identifier], seeds=(0, 1))
    one, other = (document(study, strokes, DATA, VERSIONS) for _ in range(2))
    assert one == other
    results = read_results(write(study, one, tmp_path), identifier, study.command)
    assert [c.values for c in results.conditions] == [
        {metric: tuple(values) for metric, values in c["values"].items()} for c in one["conditions"]
    ]
    assert any(len(set(values)) > 1 for c in results.conditions for values in c.values.values()), "the seed matters"
    stored = json.loads((command.RESULTS / f"{identifier}.json").read_text(encoding="utf-8"))
    assert stored["metrics"] == one["metrics"] and stored.get("axis") == one.get("axis")
    conditions = [[(c["name"], c.get("x")) for c in found["conditions"]] for found in (stored, one)]
    assert conditions[0] == conditions[1], "the stored results are those of another version of the study"


def test_generators_of_different_purposes_are_independent() -> None:
    keys = [(0, 1), (0, 2), (1, 1), (0, 1, 1), (0, 1, 2), (1, 2, 1)]
    drawn = [tuple(generator(*key).integers(0, 2**60, 2)) for key in keys]
    assert len({number for pair in drawn for number in pair}) == 2 * len(keys)
    assert drawn[0] == tuple(generator(0, 1).integers(0, 2**60, 2)) == tuple(generator(0, 1, 0).integers(0, 2**60, 2))


def test_the_blas_that_is_named_is_that_of_numpy() -> None:
    def library(path: str, version: str, api: str = "blas") -> dict[str, str]:
        return {"user_api": api, "internal_api": "openblas", "version": version, "architecture": "A", "filepath": path}

    numpys, scipys = library("/x/numpy.libs/a.so", "1"), library("/x/scipy.libs/b.so", "2")
    threads = library("/x/numpy.libs/gomp.so", "3", api="openmp")
    assert command._blas([numpys, scipys, threads]) == command._blas([scipys, numpys]) == {"openblas": "1 (A)"}
    assert command._blas([scipys]) == {"openblas": "2 (A)"}


def toy(measure) -> Study:
    return Study("9.9-toy", {"a": Text("甲", "a")}, measure, seeds=(3, 5))


def test_the_document_holds_what_was_measured(tmp_path, strokes) -> None:
    study = toy(lambda digits, seed: [Point(Text("乙", "b"), {"a": seed / 7}), Point(Text("丙", "c"), {"a": -1})])
    path = write(study, document(study, strokes, DATA, VERSIONS), tmp_path)
    results = read_results(path, "9.9-toy", "python -m derivations._experiments 9.9-toy")
    assert [c.values["a"] for c in results.conditions] == [(0.4286, 0.7143), (-1.0, -1.0)]
    assert (results.seeds, results.data, results.versions["scikit-learn"]) == ((3, 5), DATA, "0")
    assert results.versions["numpy"] == np.__version__ and results.axis is None
    assert '"a": [0.4286, 0.7143]' in path.read_text(encoding="utf-8"), "numbers are read across"


def test_conditions_must_not_depend_on_the_seed(strokes) -> None:
    study = toy(lambda digits, seed: [Point(Text("乙", f"b{seed}"), {"a": 1})])
    with pytest.raises(ValueError, match="9.9-toy: the conditions differ from seed to seed"):
        document(study, strokes, DATA, VERSIONS)


def test_what_is_not_finite_is_not_stored_unnoticed(tmp_path, strokes) -> None:
    study = toy(lambda digits, seed: [Point(Text("乙", "b"), {"a": float("nan")})])
    with pytest.raises(ClaimError, match="expected finite numbers, found NaN"):
        write(study, document(study, strokes, DATA, VERSIONS), tmp_path)


def test_the_best_kernel_against_least_squares_on_the_data_themselves(monkeypatch) -> None:
    """The normal equations from moments, and one long system of equations, give the same kernel."""
    monkeypatch.setattr(padding, "SCENES", 40)
    random = np.random.default_rng(0)
    images = random.uniform(size=(30, 8, 8))
    products, mixed, squares = padding._moments(images, np.random.default_rng(1))
    n = products.shape[1]
    assert (products.shape, mixed.shape, squares.shape) == ((256, n, n), (256, n), (256,)) and n == 26
    where = np.zeros(256, bool)
    where[[7 * 16 + 7, 7 * 16 + 8]] = True
    kernel = padding._best((products, mixed, squares), where)
    again = np.random.default_rng(1)
    clean = padding.mosaics(images, 40, 16, again).astype(float)
    noisy = clean[:, 2:-2, 2:-2] + again.normal(0, padding.NOISE, (40, 1, 12, 12))[:, 0]
    # Output (u, v) of the full map has its window at rows u - 4 .. u of what is seen, and its middle at (u, v) of the scene.
    rows = [[*noisy[s, 3:8, v - 4 : v + 1].ravel(), 1.0] for s in range(40) for v in (7, 8)]
    wanted = [clean[s, 7, v] for s in range(40) for v in (7, 8)]
    np.testing.assert_allclose(kernel, np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0], atol=1e-8)
    residual = np.array(rows) @ kernel - np.array(wanted)
    parts = zip(products[where], mixed[where], squares[where], strict=True)
    quadratic = [s - 2 * kernel @ m + kernel @ p @ kernel for p, m, s in parts]
    assert np.mean(quadratic) == pytest.approx(np.mean(residual**2))


def test_two_digits_lie_apart_and_are_named_by_their_side(strokes) -> None:
    scenes, left, right = global_pooling._pairs(strokes, np.arange(len(strokes.labels)), np.random.default_rng(0))
    assert np.all(left != right) and 0 < len(scenes) == len(left)
    halves = [half.sum(axis=(1, 2, 3)) for half in np.split(scenes, 2, axis=3)]
    for side, classes in zip(halves, (left, right), strict=True):
        sums = {k: {round(float(i.sum()), 3) for i in strokes.images[strokes.labels == k]} for k in range(CLASSES)}
        assert all(round(float(total), 3) in sums[k] for total, k in zip(side, classes, strict=True))


def test_rings_and_laws_of_positions() -> None:
    random = np.random.default_rng(0)
    for r in range(5):
        offsets = positions._ring(400, r, random)
        assert set(np.abs(offsets - 4).max(axis=1)) == {r} and len(np.unique(offsets, axis=0)) == (8 * r or 1)
    drawn = {name: law(4000, random) for name, law in positions.LAWS.items()}
    assert all(offsets.min() >= 0 and offsets.max() <= positions.ROOM for offsets in drawn.values())
    means = [float(drawn[name].mean()) for name in ("middle", "even", "corner")]
    np.testing.assert_allclose(means, [4, 4, 1], atol=0.1)
    assert drawn["middle"].std() < 0.7 * drawn["even"].std()


def test_an_unknown_id_is_one_line(capsys) -> None:
    assert command.main(["9.9-none"]) == 2
    said = capsys.readouterr()
    assert not said.out and said.err.startswith("no experiment 9.9-none; there are 2.2-full-single-kernel-hard, ")


def test_a_missing_package_is_one_line(capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert command.main(["3.2-overfit"]) == 2
    assert "threadpoolctl is missing: pip install" in capsys.readouterr().err


def test_the_command_runs_from_the_root_of_the_project() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "derivations._experiments", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "3.2-overfit" in said.stdout
