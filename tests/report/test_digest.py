"""The digest of judged claims: it changes with what was found out, and with nothing else."""

from __future__ import annotations

import hashlib

import pytest

from cnnsym.report.digest import digest

ROW = {
    "id": "5.1-vec",
    "file": "derivations/linear.py",
    "line": 12,
    "latex": "a = b",
    "verdict": "proved",
    "scope": "all sizes",
    "milliseconds": 3.5,
    "counterexample": None,
    "near_misses": [{"name": "transpose dropped", "verdict": "refuted"}],
}
OTHER = ROW | {"id": "5.1-other"}


def test_is_the_sha256_of_the_documented_text() -> None:
    assert digest([{"b": "雅", "a": 1, "line": 9}]) == hashlib.sha256('{"a":1,"b":"雅"}'.encode()).hexdigest()
    assert digest([]) == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("change", [{"milliseconds": 99.0}, {"line": 13}, {"file": "elsewhere.py"}])
def test_passing_facts_do_not_count(change: dict[str, object]) -> None:
    assert digest([ROW | change, OTHER]) == digest([OTHER, ROW])


@pytest.mark.parametrize(
    "change",
    [
        {"id": "5.1-vec2"},
        {"latex": "a = c"},
        {"verdict": "unknown"},
        {"scope": "small sizes"},
        {"counterexample": {"n": 1}},
        {"near_misses": [{"name": "transpose dropped", "verdict": "unknown"}]},
    ],
)
def test_every_finding_counts(change: dict[str, object]) -> None:
    assert digest([ROW | change, OTHER]) != digest([ROW, OTHER])


def test_a_claim_that_vanishes_counts() -> None:
    assert len({digest([ROW, OTHER]), digest([ROW]), digest([ROW, ROW])}) == 3
