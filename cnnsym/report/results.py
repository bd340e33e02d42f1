"""The numbers of an experiment: one JSON file, written by the command of the experiment and read here, strictly.

    {"experiment": "3.2-overfit",                      the id of the experiment
     "command": "python experiments/overfit.py",       what writes this file anew
     "versions": {"python": "3.12.4", "numpy": "2.1"}, of everything that matters for the numbers
     "seeds": [0, 1, 2],                               each used once in every condition
     "data": {"zh": "...", "en": "..."},               which data; one text where it serves both languages
     "metrics": {"accuracy": {"zh": "测试正确率", "en": "test accuracy"}},
     "axis": {"zh": "样本数", "en": "examples"},         what `x` is, where the conditions have one
     "conditions": [{"name": {"zh": "GAP", "en": "GAP"}, "x": 100, "values": {"accuracy": [0.91, 0.9, 0.92]}}]}

Each condition has one finite number for each seed under each metric, in the order of the seeds. Either every condition has a
number `x`, and those of one name are the points of a line, or none has, and each is a bar. Further keys are an error: they
would be read by nobody.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cnnsym.claim import Text
from cnnsym.errors import ClaimError

_LARGEST = 1_000_000  # bytes

T = TypeVar("T")


@dataclass(frozen=True)
class Condition:
    """One thing that was tried. `values` has for each metric a number for each seed; `x` is its place on the axis."""

    name: Text
    values: Mapping[str, tuple[float, ...]]
    x: float | None = None


@dataclass(frozen=True)
class Results:
    """What an experiment measured; `metrics` maps the names of the numbers to what they are called."""

    experiment: str
    command: str
    versions: Mapping[str, str]
    seeds: tuple[int, ...]
    data: Text
    metrics: Mapping[str, Text]
    conditions: tuple[Condition, ...]
    axis: Text | None = None

    @property
    def along_an_axis(self) -> bool:
        """Whether the conditions are points on a numeric axis."""
        return all(condition.x is not None for condition in self.conditions)


def mean(values: tuple[float, ...]) -> float:
    return statistics.fmean(values)


def spread(values: tuple[float, ...]) -> float | None:
    """The sample standard deviation, with n - 1; None for a single value.

    >>> spread((1.0, 2.0, 3.0))
    1.0
    """
    return statistics.stdev(values) if len(values) > 1 else None


def read_results(path: Path, identifier: str, command: str) -> Results:
    """Read and check the results of the experiment `identifier`, which `command` writes.

    ClaimError names the file, the place in it, what was expected there and what was found.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ClaimError(f"{path}: expected at most {_LARGEST} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ClaimError(f"{path}: no results there; this command writes them: {command}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path}: cannot be read: {error}") from error
    try:
        document = json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_constant)
        return _results(document, identifier, command)
    except json.JSONDecodeError as error:
        raise ClaimError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (_Fault, ValueError) as error:  # ValueError: an integer of thousands of digits
        raise ClaimError(f"{path}: {error}") from None
    except RecursionError:
        raise ClaimError(f"{path}: nested too deeply") from None


class _Fault(Exception):
    """What is wrong in a document, with its place."""


def _results(document: Any, identifier: str, command: str) -> Results:
    required = ("experiment", "command", "versions", "seeds", "data", "metrics", "conditions")
    _object(document, "the document", required, ("axis",))
    for key, wanted in (("experiment", identifier), ("command", command)):
        if document[key] != wanted:
            raise _Fault(f"{key}: expected {wanted!r}, as the derivation says, found {document[key]!r}")
    versions = _mapping(document["versions"], "versions", _string)
    if "python" not in versions:
        raise _Fault("versions: expected that of python among them")
    seeds = _list(document["seeds"], "seeds", _integer)
    if len(set(seeds)) < len(seeds):
        raise _Fault("seeds: expected different ones")
    metrics = _mapping(document["metrics"], "metrics", _text)
    conditions = _list(
        document["conditions"], "conditions", lambda item, place: _condition(item, place, tuple(metrics), len(seeds))
    )
    for lang in range(2):
        if len({(condition.name[lang], condition.x) for condition in conditions}) < len(conditions):
            raise _Fault("conditions: two of them have the same name and the same x")
    with_x = sum(condition.x is not None for condition in conditions)
    if with_x not in (0, len(conditions)):
        raise _Fault(f"conditions: expected x in each of them or in none, found it in {with_x} of {len(conditions)}")
    if bool(with_x) != ("axis" in document):
        raise _Fault("axis: expected where the conditions have x, and nowhere else")
    axis = _text(document["axis"], "axis") if "axis" in document else None
    data = _text(document["data"], "data", plain=True)
    return Results(identifier, command, versions, seeds, data, metrics, conditions, axis)


def _condition(item: Any, place: str, metrics: tuple[str, ...], seeds: int) -> Condition:
    _object(item, place, ("name", "values"), ("x",))
    _object(item["values"], f"{place}.values", metrics)
    values = {}
    for metric in metrics:
        numbers = _list(item["values"][metric], f"{place}.values.{metric}", _number)
        if len(numbers) != seeds:
            raise _Fault(f"{place}.values.{metric}: expected {seeds} numbers, one for each seed, found {len(numbers)}")
        values[metric] = numbers
    x = _number(item["x"], f"{place}.x") if "x" in item else None
    return Condition(_text(item["name"], f"{place}.name"), values, x)


def _object(item: Any, place: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    if not isinstance(item, dict):
        raise _Fault(f"{place}: expected an object with {', '.join(required)}, found {_kind(item)}")
    for key in required:
        if key not in item:
            raise _Fault(f"{place}: expected the key {key!r}, found {', '.join(map(repr, item)) or 'none'}")
    for key in item:
        if key not in required + optional:
            raise _Fault(f"{place}: the key {key!r} is not known, expected {', '.join(required + optional)}")


def _mapping(item: Any, place: str, read: Callable[[Any, str], T]) -> dict[str, T]:
    if not isinstance(item, dict) or not item:
        raise _Fault(f"{place}: expected an object with at least one key, found {_kind(item)}")
    return {key: read(value, f"{place}.{key}") for key, value in item.items()}


def _list(item: Any, place: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(item, list) or not item:
        raise _Fault(f"{place}: expected a list with at least one item, found {_kind(item)}")
    return tuple(read(value, f"{place}[{k}]") for k, value in enumerate(item))


def _text(item: Any, place: str, plain: bool = False) -> Text:
    if plain and isinstance(item, str):
        return Text(_string(item, place), item)
    _object(item, place, ("zh", "en"))
    return Text(_string(item["zh"], f"{place}.zh"), _string(item["en"], f"{place}.en"))


def _string(item: Any, place: str) -> str:
    if not isinstance(item, str) or not item.strip():
        raise _Fault(f"{place}: expected a text, found {_kind(item)}")
    return item


def _integer(item: Any, place: str) -> int:
    if not isinstance(item, int) or isinstance(item, bool):
        raise _Fault(f"{place}: expected an integer, found {_kind(item)}")
    return item


def _number(item: Any, place: str) -> float:
    if isinstance(item, (int, float)) and not isinstance(item, bool) and abs(item) <= sys.float_info.max:
        return float(item)
    raise _Fault(f"{place}: expected a finite number, found {_kind(item)}")


def _kind(item: Any) -> str:
    empty = "" if item else "empty "
    if isinstance(item, dict):
        return f"an {empty}object"
    if isinstance(item, list):
        return f"a list of {len(item)}"
    return f"the text {item!r:.40}" if isinstance(item, str) else json.dumps(item)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Fault(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def _no_constant(name: str) -> float:
    raise _Fault(f"expected finite numbers, found {name}")
