"""Results of experiments are read strictly: what is wrong is told with its place, what is expected and what was found."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.claim import Text
from cnnsym.errors import ClaimError
from cnnsym.report.results import mean, read_results, spread

COMMAND = "python run.py"
GOOD = {
    "experiment": "3.2-overfit",
    "command": COMMAND,
    "versions": {"python": "3.12.1", "numpy": "2.1.0"},
    "seeds": [0, 1, 7],
    "data": "digits",
    "metrics": {"accuracy": {"zh": "正确率", "en": "accuracy"}, "gap": {"zh": "差距", "en": "gap"}},
    "conditions": [
        {"name": {"zh": "甲", "en": "GAP"}, "values": {"accuracy": [0.9, 0.92, 0.94], "gap": [1, 2, 3]}},
        {"name": {"zh": "乙", "en": "FC"}, "values": {"accuracy": [0.8, 0.8, 0.8], "gap": [4, 5.5, -6]}},
    ],
}


def with_axis() -> dict:
    document = copy.deepcopy(GOOD)
    document["axis"] = {"zh": "样本数", "en": "examples"}
    for k, condition in enumerate(document["conditions"]):
        condition |= {"x": 100 * k, "name": {"zh": "甲", "en": "GAP"}}
    return document


def read(tmp_path: Path, document: object, identifier: str = "3.2-overfit", command: str = COMMAND):
    path = tmp_path / "r.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return read_results(path, identifier, command)


def test_good_results(tmp_path) -> None:
    results = read(tmp_path, GOOD)
    assert (results.seeds, results.data, results.axis) == ((0, 1, 7), Text("digits", "digits"), None)
    assert results.metrics["gap"] == Text("差距", "gap")
    assert [c.name.en for c in results.conditions] == ["GAP", "FC"]
    assert results.conditions[1].values == {"accuracy": (0.8, 0.8, 0.8), "gap": (4.0, 5.5, -6.0)}
    assert not results.along_an_axis
    along = read(tmp_path, with_axis())
    assert along.along_an_axis and [c.x for c in along.conditions] == [0.0, 100.0]


def broken(path: str, value: object) -> dict:
    """GOOD with one place changed; a value of `...` removes it."""
    document = copy.deepcopy(GOOD)
    *keys, last = [int(key) if key.isdigit() else key for key in path.split("/")]
    place = document
    for key in keys:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


FAULTS = [
    ("experiment", "3.2-other", "experiment: expected '3.2-overfit', as the derivation says, found '3.2-other'"),
    ("command", "python other.py", "command: expected 'python run.py', as the derivation says"),
    ("seeds", ..., "the document: expected the key 'seeds'"),
    ("seeds", [], "seeds: expected a list with at least one item, found a list of 0"),
    ("seeds", [0, 1, 1], "seeds: expected different ones"),
    ("seeds", [0, 1, True], "seeds[2]: expected an integer, found true"),
    ("seeds", [0, 1, 2.0], "seeds[2]: expected an integer, found 2.0"),
    ("versions", {}, "versions: expected an object with at least one key, found an empty object"),
    ("versions", {"numpy": "2"}, "versions: expected that of python among them"),
    ("versions/numpy", 2, "versions.numpy: expected a text, found 2"),
    ("data", " ", "data: expected a text, found the text ' '"),
    ("data", None, "data: expected an object with zh, en, found null"),
    ("data", {"zh": "甲"}, "data: expected the key 'en', found 'zh'"),
    ("metrics", [], "metrics: expected an object with at least one key, found a list of 0"),
    ("metrics/gap", "gap", "metrics.gap: expected an object with zh, en, found the text 'gap'"),
    ("metrics/gap/de", "x", "metrics.gap: the key 'de' is not known, expected zh, en"),
    ("note", "x", "the document: the key 'note' is not known"),
    ("conditions", {}, "conditions: expected a list with at least one item, found an empty object"),
    ("conditions/1/name/zh", "", "conditions[1].name.zh: expected a text, found the text ''"),
    ("conditions/1/name/zh", "甲", "conditions: two of them have the same name and the same x"),
    ("conditions/1/values", {"gap": [1, 2, 3]}, "conditions[1].values: expected the key 'accuracy', found 'gap'"),
    ("conditions/1/values/loss", [1, 2, 3], "conditions[1].values: the key 'loss' is not known"),
    ("conditions/1/values/gap", [1, 2], "conditions[1].values.gap: expected 3 numbers, one for each seed, found 2"),
    ("conditions/1/values/gap", [1, 2, "3"], "conditions[1].values.gap[2]: expected a finite number, found the text '3'"),
    ("conditions/1/values/gap", [1, 2, False], "conditions[1].values.gap[2]: expected a finite number, found false"),
    ("conditions/1/values/gap", [1, 2, float("nan")], "expected finite numbers, found NaN"),
    ("conditions/1/values/gap", [1, 2, float("-inf")], "expected finite numbers, found -Infinity"),
    ("conditions/1/values/gap", [1, 2, 10**400], "conditions[1].values.gap[2]: expected a finite number"),
    ("conditions/1/x", 3, "conditions: expected x in each of them or in none, found it in 1 of 2"),
    ("axis", {"zh": "轴", "en": "axis"}, "axis: expected where the conditions have x, and nowhere else"),
]


@pytest.mark.parametrize(("place", "value", "message"), FAULTS)
def test_what_is_wrong_is_told_with_its_place(tmp_path, place: str, value: object, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        read(tmp_path, broken(place, value))
    assert str(caught.value).startswith(f"{tmp_path / 'r.json'}: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "r.json:1:1: not JSON"),
        ('{"a": 1,\n}', "r.json:2:1: not JSON"),
        ("3", "the document: expected an object with experiment, command"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice in one object"),
        ("1" * 10_000, "r.json: "),
        (json.dumps(GOOD).replace("0.94", "1e999"), "expected a finite number"),
        (" " * 1_000_001, "expected at most 1000000 bytes"),
    ],
)
def test_text_that_is_no_document(tmp_path, text: str, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_names_the_command(tmp_path) -> None:
    with pytest.raises(ClaimError, match=r"none\.json: no results there; this command writes them: python run\.py"):
        read_results(tmp_path / "none.json", "3.2-overfit", COMMAND)
    with pytest.raises(ClaimError, match="cannot be read"):
        read_results(tmp_path, "3.2-overfit", COMMAND)
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(ClaimError, match="cannot be read"):
        read_results(tmp_path / "latin.json", "3.2-overfit", COMMAND)


def test_x_in_an_axis_without_its_name(tmp_path) -> None:
    document = with_axis()
    del document["axis"]
    with pytest.raises(ClaimError, match="axis: expected where the conditions have x"):
        read(tmp_path, document)
    document = with_axis()
    document["conditions"][1]["x"] = 0
    with pytest.raises(ClaimError, match="the same name and the same x"):
        read(tmp_path, document)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9).map(tuple))
def test_mean_and_spread_by_their_definition(values) -> None:
    centre = sum(values) / len(values)
    assert math.isclose(mean(values), centre, rel_tol=1e-9, abs_tol=1e-6)
    squares = sum((value - centre) ** 2 for value in values)
    assert math.isclose(spread(values), math.sqrt(squares / (len(values) - 1)), rel_tol=1e-6, abs_tol=1e-6)
    assert spread(values[:1]) is None
