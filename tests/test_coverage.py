"""Every statement of the note has what it needs: a claim or an experiment, an erratum where it is false. No exceptions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cnnsym.claim import Claim, Erratum, Experiment, NearMiss, Text
from cnnsym.collect import collect
from cnnsym.coverage import Statement, missing, owner, read_statements
from cnnsym.errors import ClaimError

ROOT = Path(__file__).resolve().parents[1]
LISTED = {statement.id: statement for statement in read_statements(ROOT / "derivations" / "statements.yaml")}
COLLECTED = collect([ROOT / "derivations"])
CLAIMS = [claim for one in COLLECTED for claim in one.derivation.claims]
EXPERIMENTS = [experiment for one in COLLECTED for experiment in one.derivation.experiments]
MISSING: dict[str, list[str]] = {}
for _statement, _what in missing(LISTED.values(), CLAIMS, EXPERIMENTS):
    MISSING.setdefault(_statement.id, []).append(_what)


@pytest.mark.parametrize("identifier", LISTED)
def test_the_statement_has_what_it_needs(identifier: str) -> None:
    assert MISSING.get(identifier, []) == []


def test_the_list_is_whole() -> None:
    assert Counter(statement.origin for statement in LISTED.values()) == {"note": 93, "continuation": 18, "extension": 21}
    of_note = Counter(statement.verdict for statement in LISTED.values() if statement.origin == "note")
    assert of_note == {"true": 22, "conditional": 41, "ambiguous": 13, "false": 7, "experience": 10}
    for statement in LISTED.values():
        assert (statement.kind == "experience") == (statement.verdict == "experience")
        assert statement.id.startswith(f"{statement.section}{'c' if statement.origin == 'continuation' else ''}-")


X = Text("甲", "x")
MISS = NearMiss(X, lambda: (1, 2))
WRONG = Erratum("a", "b", X)


def statement(verdict: str, identifier: str = "1.1-a") -> Statement:
    return Statement(identifier, "1.1", "statement", "note", verdict)


def claim(identifier: str, misses: int = 1, **more: object) -> Claim:
    return Claim(identifier, "1.1", X, (1, 2), near_misses=(MISS,) * misses, **more)


def experiment(identifier: str) -> Experiment:
    return Experiment(identifier, "1.1", X, X, X, X, "r.json", "run")


@pytest.mark.parametrize(
    ("verdict", "claims", "experiments", "lacks"),
    [
        ("true", [], [], ["no claim"]),
        ("true", [claim("1.1-a")], [], []),
        ("true", [claim("1.1-a-corrected")], [], []),
        ("true", [claim("1.1-ab")], [], ["no claim"]),
        ("true", [claim("1.1")], [], ["no claim"]),
        ("true", [claim("1.1-b-1")], [], ["no claim"]),  # that belongs to another statement of the list
        ("conditional", [], [experiment("1.1-a")], ["no claim"]),
        ("conditional", [claim("1.1-a", 0)], [], ["no near miss of 1.1-a"]),
        ("conditional", [claim("1.1-a"), claim("1.1-a-2", 0)], [], ["no near miss of 1.1-a-2"]),
        ("false", [claim("1.1-a")], [], ["no erratum"]),
        ("false", [claim("1.1-a", 0, expected="refuted", erratum=WRONG)], [], []),
        ("ambiguous", [claim("1.1-a"), claim("1.1-a-2", erratum=WRONG)], [], []),
        ("ambiguous", [], [], ["no claim", "no erratum"]),
        ("experience", [], [], ["no experiment"]),
        ("experience", [claim("1.1-a")], [], ["no experiment"]),
        ("experience", [], [experiment("1.1-a")], []),
        ("experience", [], [experiment("1.1-a-small")], []),
    ],
)
def test_what_is_lacking(verdict: str, claims: list, experiments: list, lacks: list[str]) -> None:
    listed = [statement(verdict), statement("true", "1.1-b")]
    found = [what for one, what in missing(listed, [*claims, claim("1.1-b")], experiments) if one.id == "1.1-a"]
    assert found == lacks


def test_a_claim_belongs_to_the_longest_id_it_extends() -> None:
    known = {"5.1-vec": 0, "5.1-vec-grad-1": 0}
    assert [owner(i, known) for i in ("5.1-vec", "5.1-vec-grad-1", "5.1-vec-grad-2", "5.1-vec-grad-1-x", "5.1-vector", "5")] == [
        "5.1-vec", "5.1-vec-grad-1", "5.1-vec", "5.1-vec-grad-1", None, None
    ]  # fmt: skip


GOOD = '- {id: 1.1-a, section: "1.1", kind: equation, origin: note, verdict: true}\n'


def test_true_and_false_are_words_here(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(GOOD + GOOD.replace("1.1-a", "1.1-b").replace("true", '"false"'), "utf-8")
    assert [one.verdict for one in read_statements(path)] == ["true", "false"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a list of statements, found NoneType"),
        ("a: 1\n", "expected a list of statements, found dict"),
        ("- [\n", "cannot be read"),
        ("- 3\n", "entry 1: expected the keys id, section, kind, origin, verdict, found 3"),
        (GOOD + "- {id: 1.1-b}\n", "entry 2: expected the keys"),
        (GOOD.replace("verdict: true", "verdict: true, more: 1"), "entry 1: expected the keys"),
        (GOOD + GOOD, "entry 2: the id 1.1-a is used twice"),
        (GOOD.replace('"1.1"', "1.1"), "entry 1: section: expected a text, found 1.1"),
        (GOOD.replace("equation", "equations"), "entry 1: kind: expected one of equation, definition"),
        (GOOD.replace("note", "notes"), "entry 1: origin: expected one of note, continuation, extension, found 'notes'"),
        (GOOD.replace("true", "proved"), "entry 1: verdict: expected one of true"),
        ("- !!python/object/apply:os.getcwd []\n", "cannot be read"),
    ],
)
def test_a_list_that_is_not_one_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ClaimError) as caught:
        read_statements(path)
    assert str(caught.value).startswith(f"{path}: ") and message in str(caught.value)


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match="cannot be read"):
        read_statements(tmp_path / "none.yaml")
