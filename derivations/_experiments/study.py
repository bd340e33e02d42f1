"""A study: what is measured for one experiment with one seed, and its results over all seeds as a JSON document."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnnsym.claim import Text
from cnnsym.report.results import read_results
from derivations._experiments.digits import Digits

PLACES = 4  # decimals that are kept


class Point(NamedTuple):
    """What one condition gave with one seed: its name, a number under each metric, its place on the axis."""

    name: Text
    values: Mapping[str, float]
    x: float | None = None


@dataclass(frozen=True)
class Study:
    """An experiment that can be run. `measure` gives the points of one seed, and with every seed the same conditions."""

    id: str
    metrics: Mapping[str, Text]
    measure: Callable[[Digits, int], Iterable[Point]]
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    axis: Text | None = None

    @property
    def command(self) -> str:
        return f"python -m derivations._experiments {self.id}"


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """A generator for one purpose of a seed: what is drawn for one does not move what is drawn for another.

    NumPy does not count zeros at the end of a key: (1, 0) is the same purpose as (1,).
    """
    return np.random.default_rng([seed, *purpose])


def document(study: Study, digits: Digits, data: Text, versions: Mapping[str, str]) -> dict[str, Any]:
    """The results of all seeds, as `cnnsym.report.results` reads them."""
    rows = [list(study.measure(digits, seed)) for seed in study.seeds]
    places = [[(point.name, point.x) for point in row] for row in rows]
    if any(other != places[0] for other in places):
        raise ValueError(f"{study.id}: the conditions differ from seed to seed")
    conditions = []
    for column in zip(*rows, strict=True):
        values = {m: [round(float(point.values[m]), PLACES) for point in column] for m in study.metrics}
        x = {} if column[0].x is None else {"x": column[0].x}
        conditions.append({"name": column[0].name._asdict(), **x, "values": values})
    return {
        "experiment": study.id,
        "command": study.command,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, **versions},
        "seeds": list(study.seeds),
        "data": data._asdict(),
        "metrics": {name: label._asdict() for name, label in study.metrics.items()},
        **({"axis": study.axis._asdict()} if study.axis else {}),
        "conditions": conditions,
    }


def write(study: Study, results: Mapping[str, Any], folder: Path) -> Path:
    """Store the results as `ID.json`, readable by people and by `cnnsym`; ClaimError if they are not."""
    path = folder / f"{study.id}.json"
    text = json.dumps(results, ensure_ascii=False, indent=1)
    path.write_text(_numbers_on_one_line(text) + "\n", encoding="utf-8")
    read_results(path, study.id, study.command)
    return path


def _numbers_on_one_line(text: str) -> str:
    """Lists of numbers are read across, not down."""
    return re.sub(
        r"\[\n[-+.eE\d,\s]+\]",
        lambda found: "[" + ", ".join(found[0].strip("[]").replace(",", " ").split()) + "]",
        text,
    )
