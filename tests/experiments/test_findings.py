"""What is said of the numbers agrees with the numbers: every quoted decimal, and every comparison that is drawn in words."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cnnsym.claim import Experiment
from cnnsym.collect import load, results_file
from cnnsym.coverage import read_statements
from cnnsym.report.results import Results, read_results
from derivations._experiments import global_pooling, padding, pooling, positions
from derivations._experiments.__main__ import STUDIES
from derivations._experiments.digits import SHA256
from derivations._experiments.network import classifier

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "derivations" / "experience.py"
EXPERIMENTS: dict[str, Experiment] = {e.id: e for e in load(PATH).derivation.experiments}
every_experiment = pytest.mark.parametrize("identifier", EXPERIMENTS)


def results_of(identifier: str) -> Results:
    experiment = EXPERIMENTS[identifier]
    return read_results(results_file(PATH, experiment), identifier, experiment.command)


def numbers(identifier: str, metric: str, name: str, x: float | None = None) -> np.ndarray:
    """The number of each seed."""
    (found,) = (c for c in results_of(identifier).conditions if (c.name.en, c.x) == (name, x))
    return np.array(found.values[metric])


# The quoted decimals in their order, each as (metric, condition) or (metric, condition, place on the axis).
MAX, AVG, STRIDE, NONE = "max pooling", "average pooling", "stride 2, no pooling", "neither"
ALL, OWN = "one kernel, fitted at all positions", "a kernel for each position"
INSIDE = "one kernel, fitted at complete windows only"
NEAR = "training near the middle, test "
QUOTED: dict[str, list[tuple]] = {
    "2.2-full-single-kernel-hard": [
        ("error", ALL, 4), ("error", INSIDE, 4), ("error", ALL, 0), ("error", OWN, 0), ("error", INSIDE, 0),
    ],
    "2.2-optimal-padding": [
        ("accuracy", "paper is 0", 0), ("accuracy", "paper is 0", 1), ("accuracy", "paper is 0", 2),
        ("accuracy", "paper is 0", 1),
        ("accuracy", "paper is 1", 0), ("accuracy", "paper is 1", 2), ("accuracy", "paper is 1", 1),
    ],
    "3.1-local-invariance-useful": [
        ("digit", MAX), ("digit", STRIDE), ("digit", NONE), ("place", MAX), ("place", AVG), ("place", STRIDE), ("place", NONE),
    ],
    "3.1-statistical-efficiency": [
        ("test", MAX, 300), ("test", STRIDE, 800), ("test", MAX, 800), ("test", NONE, 800), ("training", AVG, 800),
    ],
    "3.1-invariance-not-from-pool": [
        *(("flips", f"{name}, trained in the middle") for name in (MAX, STRIDE, NONE)),
        *(("flips", f"{name}, trained anywhere") for name in (MAX, STRIDE, NONE)),
        ("features", f"{NONE}, trained anywhere"),
    ],
    "3.2-overfit": [
        *(("gap", f"{head}, digits anywhere", n) for n in (800, 120) for head in ("flattened", "global average")),
        *(("test", f"{head}, digits anywhere", 800) for head in ("flattened", "global average")),
        *((m, f"{head}, digits in the middle", 800) for m in ("gap", "test") for head in ("flattened", "global average")),
    ],
    "3.2-interpretable-cam": [
        (metric, f"{head}, trained anywhere")
        for metric in ("side", "mass", "accuracy")
        for head in ("global average", "flattened")
    ],
    "4.4-invariance-from-parameters": [
        *((m, f"flattened, trained {where}") for where in ("in the middle", "anywhere") for m in ("accuracy", "same")),
        ("accuracy", "flattened, last layer only, trained anywhere"),
        *((m, "global average, no downsampling, trained in the middle") for m in ("accuracy", "same")),
        ("accuracy", "global average, trained in the middle"),
    ],
    "4.4-augmentation-necessary": [
        *(("accuracy", "flattened, not augmented", x) for x in (0, 2, 4)),
        *(("accuracy", "flattened, augmented", x) for x in (4, 0)),
        ("accuracy", "global average, not augmented", 4), ("accuracy", "global average, augmented", 4),
    ],
    "4.4-photographer-bias": [
        *(("accuracy", f"flattened, {NEAR}{law}") for law in ("near the middle", "even", "near a corner")),
        ("accuracy", "flattened, training even, test even"), ("accuracy", "flattened, training even, test near the middle"),
        *(("accuracy", f"global average, {NEAR}{law}") for law in ("near the middle", "even", "near a corner")),
    ],
}  # fmt: skip


def mean(identifier: str, *where) -> float:
    return float(numbers(identifier, *where).mean())


def ahead(identifier: str, one: tuple, other: tuple) -> bool:
    """Whether the first is larger with every seed."""
    return bool(np.all(numbers(identifier, *one) > numbers(identifier, *other)))


@every_experiment
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_decimal_in_a_finding_is_measured(identifier, lang) -> None:
    quoted = re.findall(r"\d+\.\d+", getattr(EXPERIMENTS[identifier].finding, lang))
    assert quoted == [f"{mean(identifier, *where):.1f}" for where in QUOTED[identifier]]


@every_experiment
def test_an_experiment_is_told_in_both_languages(identifier) -> None:
    e = EXPERIMENTS[identifier]
    for text in (e.title, e.statement, e.setup, e.finding):
        assert re.search(r"[\u4e00-\u9fff]", text.zh) and not re.search(r"[\u4e00-\u9fff]", text.en)
        assert sorted(re.findall(r"\d+", text.zh)) == sorted(re.findall(r"\d+", text.en)) or text is not e.finding
        assert not re.search(r"(?i)\bprove[sdn]?\b|证明", text.zh + text.en)


def test_there_is_one_for_every_empirical_statement_of_the_note() -> None:
    statements = read_statements(ROOT / "derivations" / "statements.yaml")
    assert set(EXPERIMENTS) == {s.id for s in statements if s.is_empirical} == set(STUDIES) == set(QUOTED)
    sections = {s.id: s.section for s in statements}
    assert all(e.section == sections[e.id] for e in EXPERIMENTS.values())


@every_experiment
def test_the_results_are_those_of_the_study(identifier) -> None:
    results, study = results_of(identifier), STUDIES[identifier]
    assert results.seeds == study.seeds and len(results.seeds) >= 5
    assert EXPERIMENTS[identifier].command == study.command
    assert SHA256 in results.data.zh and SHA256 in results.data.en
    assert {"python", "numpy", "scikit-learn", "openblas"} <= set(results.versions)
    for condition in results.conditions:
        for metric, values in condition.values.items():  # of a variance or a distance there may be more than all
            assert min(values) >= 0 and (max(values) <= 100 or metric in ("error", "features"))


def test_the_setups_name_the_settings_of_the_code() -> None:
    def told(identifier: str, *words: str) -> None:
        setup = EXPERIMENTS[identifier].setup
        for word in words:
            assert re.search(rf"(?<!\d){word}(?!\d)", setup.zh) and re.search(rf"(?<!\d){word}(?!\d)", setup.en), word

    told("2.2-full-single-kernel-hard", f"{padding.KERNEL}×{padding.KERNEL}", f"{padding.SCENE - 4}×{padding.SCENE - 4}",
         str(padding.SCENES), str(padding.KERNEL - 1))  # fmt: skip
    assert padding.NOISE == 3 / 10
    told("2.2-optimal-padding", str(padding.EACH), str(1797 - 10 * padding.EACH), str(padding.STEPS))
    pooled = ("3.1-local-invariance-useful", "3.1-statistical-efficiency", "3.1-invariance-not-from-pool")
    rest = set(EXPERIMENTS) - {*pooled, "2.2-full-single-kernel-hard", "2.2-optimal-padding"}
    for identifier in pooled:
        told(identifier, "12×12", "800", "997", str(pooling.STEPS))
    for identifier in rest:
        told(identifier, "8", "32", "800", "997", "600")
    assert pooling.CANVAS == global_pooling.CANVAS == positions.SMALL == 12 and positions.CANVAS == global_pooling.SCENE == 16
    assert pooling.EACH == global_pooling.EACH == positions.EACH == 80 and 10 * 80 == 800 and 1797 - 800 == 997
    assert global_pooling.STEPS == positions.STEPS == 600 and global_pooling.CHANNELS == positions.CHANNELS == (8, 32)
    assert min(pooling.SIZES) == min(global_pooling.SIZES) == 5 and max(pooling.SIZES) == max(global_pooling.SIZES) == 80
    heads = {h: classifier(np.random.default_rng(0), 12, head=h, channels=(8, 32)).head[-1] for h in ("flatten", "gap")}
    told("3.2-overfit", *(str(sum(p.size for p in heads[h].parameters)) for h in ("flatten", "gap")))
    sizes = {r: classifier(np.random.default_rng(0), 12, reduction=r).size() for r in ("stride", "none")}
    assert round(sizes["none"] / sizes["stride"]) == 9


# --- the comparisons in words ----------------------------------------------------------------------------------------


def test_single_kernel() -> None:
    i = "2.2-full-single-kernel-hard"
    for ring in range(8):
        assert ahead(i, ("error", ALL, ring), ("error", OWN, ring))
        assert ring < 3 or ahead(i, ("error", ALL, ring), ("error", INSIDE, ring))
    assert ahead(i, ("error", INSIDE, 0), ("error", ALL, 0))
    assert mean(i, "error", OWN, 0) > 0.5 * mean(i, "error", ALL, 0), "most of the error there is missing information"


def test_padding() -> None:
    i, places = "2.2-optimal-padding", (0, 0.5, 1, 1.5, 2)
    assert ahead(i, ("accuracy", "paper is 0", 1), ("accuracy", "paper is 0", 0))
    for paper in ("paper is 0", "paper is 1"):
        means = [mean(i, "accuracy", paper, x) for x in places]
        assert np.argmax(means) == 2 and np.argmin(means) == 0
    some = [numbers(i, "accuracy", "paper is 0", x) for x in places[1:]]
    assert np.ptp([s.mean() for s in some]) < min(s.std(ddof=1) for s in some)
    assert {round(float(s.mean()), 1) for s in some} <= {96.9, 97.0, 97.1}
    best = np.array([numbers(i, "accuracy", "paper is 1", x) for x in places]).argmax(axis=0)
    assert set(best) == set(range(5)), "spread over all amounts"
    # The digits reach the 97 percent that one expects of a network of this size.
    assert mean("3.2-overfit", "test", "flattened, digits in the middle", 800) >= 97


def test_useful_invariance() -> None:
    i = "3.1-local-invariance-useful"
    for pooled in (MAX, AVG):
        assert f"{mean(i, 'digit', pooled):.1f}" == "87.9", "quoted once, for both"
        for other in (STRIDE, NONE):
            assert ahead(i, ("digit", pooled), ("digit", other))
            assert mean(i, "place", pooled) > mean(i, "place", other)


def test_statistical_efficiency() -> None:
    i, sizes = "3.1-statistical-efficiency", (50, 120, 300, 800)
    for pooled in (MAX, AVG):
        for n in sizes:
            assert all(mean(i, "test", pooled, n) > mean(i, "test", other, n) for other in (STRIDE, NONE))
        for few, many in pairwise(sizes):
            assert 2 * few < many and mean(i, "test", pooled, few) > mean(i, "test", STRIDE, many)
    fits = [mean(i, "training", name, n) for name in (MAX, AVG, STRIDE, NONE) for n in sizes]
    assert min(fits) == mean(i, "training", AVG, 800)
    assert abs(np.mean([mean(i, "test", MAX, n) - mean(i, "test", AVG, n) for n in sizes])) < 3, "the average does as well"


def test_invariance_and_pooling() -> None:
    i = "3.1-invariance-not-from-pool"
    for name in (MAX, STRIDE, NONE):
        assert ahead(i, ("flips", f"{name}, trained in the middle"), ("flips", f"{name}, trained anywhere"))
    for state in ("trained in the middle", "trained anywhere"):
        assert all(mean(i, "flips", f"{STRIDE}, {state}") > mean(i, "flips", f"{name}, {state}") for name in (MAX, NONE))
    assert ahead(i, ("flips", f"{NONE}, trained in the middle"), ("flips", f"{MAX}, trained in the middle"))
    assert mean(i, "flips", f"{NONE}, trained anywhere") < mean(i, "flips", f"{MAX}, trained anywhere")
    assert all(numbers(i, "flips", f"{name}, untrained").std(ddof=1) > 10 for name in (MAX, STRIDE, NONE))


def test_overfitting() -> None:
    i = "3.2-overfit"
    for n in (50, 120, 300, 800):
        assert ahead(i, ("gap", "flattened, digits anywhere", n), ("gap", "global average, digits anywhere", n))
        assert ahead(i, ("test", "global average, digits anywhere", n), ("test", "flattened, digits anywhere", n))
        here = [numbers(i, "gap", f"{head}, digits in the middle", n) for head in ("flattened", "global average")]
        assert abs(here[0].mean() - here[1].mean()) < max(g.std(ddof=1) for g in here)


def test_class_maps() -> None:
    i = "3.2-interpretable-cam"
    for metric in ("side", "mass"):
        assert ahead(i, (metric, "global average, trained anywhere"), (metric, "flattened, trained anywhere"))
        assert all(abs(mean(i, metric, f"{head}, untrained") - 50) < 3 for head in ("flattened", "global average"))


def test_origin_of_invariance() -> None:
    i = "4.4-invariance-from-parameters"
    for head in ("flattened", "global average"):
        for metric in ("accuracy", "same"):
            assert ahead(i, (metric, f"{head}, trained anywhere"), (metric, f"{head}, trained in the middle"))
    free, pooled = "global average, no downsampling", "global average"
    assert ahead(i, ("accuracy", f"{free}, trained in the middle"), ("accuracy", f"{pooled}, trained in the middle"))
    gained = mean(i, "accuracy", "flattened, last layer only, trained anywhere") - mean(i, "accuracy", "flattened, untrained")
    whole = mean(i, "accuracy", "flattened, trained anywhere") - mean(i, "accuracy", "flattened, untrained")
    assert gained > 0.5 * whole, "the last layer can do most of it"
    for name in ("flattened", pooled, free):
        assert mean(i, "same", f"{name}, untrained") > 50 and mean(i, "accuracy", f"{name}, untrained") < 15


def test_augmentation() -> None:
    i = "4.4-augmentation-necessary"
    for head in ("flattened", "global average"):
        assert ahead(i, ("accuracy", f"{head}, augmented", 4), ("accuracy", f"{head}, not augmented", 4))
    assert mean(i, "accuracy", "flattened, augmented", 0) < mean(i, "accuracy", "flattened, not augmented", 0)
    assert mean(i, "accuracy", "flattened, not augmented", 4) < 15, "guessing"


def test_position_bias() -> None:
    i = "4.4-photographer-bias"
    same, even, corner = (("accuracy", f"flattened, {NEAR}{law}") for law in ("near the middle", "even", "near a corner"))
    assert ahead(i, same, even) and ahead(i, even, corner)
    own, other = (("accuracy", f"flattened, training even, test {law}") for law in ("even", "near the middle"))
    assert ahead(i, own, even) and ahead(i, other, own)
    found = [mean(i, "accuracy", f"global average, {NEAR}{law}") for law in ("near the middle", "even", "near a corner")]
    assert np.ptp(found) < 2, "hardly matters"
