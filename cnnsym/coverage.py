"""Which statements of the note there are, as data, and which of them have what they need: a claim, an erratum, an experiment.

The list is a YAML file beside the derivations, a sequence of

    {id: 3.3-eq2-idct, section: "3.3", kind: equation, origin: note, verdict: false}

with a `kind` (equation, definition, quantity, statement, experience), an `origin` (note, continuation, extension) and what an
audit found (`true`, `conditional`, `ambiguous`, `false`, `experience`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from cnnsym.claim import Claim, Experiment
from cnnsym.errors import ClaimError

_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "kind": ("equation", "definition", "quantity", "statement", "experience"),
    "origin": ("note", "continuation", "extension"),
    "verdict": ("true", "conditional", "ambiguous", "false", "experience"),
}


@dataclass(frozen=True)
class Statement:
    """A statement of the note, of its continuation or of the extensions; `verdict` is what an audit says of it."""

    id: str
    section: str
    kind: str
    origin: str
    verdict: str

    @property
    def is_empirical(self) -> bool:
        return self.verdict == "experience"


def read_statements(path: Path) -> tuple[Statement, ...]:
    """The statements in their order. ClaimError names the file, the entry, what was expected and what was found."""
    try:
        items = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ClaimError(f"{path}: cannot be read: {error}") from error
    if not isinstance(items, list) or not items:
        raise ClaimError(f"{path}: expected a list of statements, found {type(items).__name__}")
    found: dict[str, Statement] = {}
    for number, item in enumerate(items, 1):
        statement = _statement(item, f"{path}: entry {number}")
        if statement.id in found:
            raise ClaimError(f"{path}: entry {number}: the id {statement.id} is used twice")
        found[statement.id] = statement
    return tuple(found.values())


def owner(identifier: str, statements: Mapping[str, Any]) -> str | None:
    """The statement that a claim or experiment belongs to: the longest id that it is, or that it extends by `-...`.

    >>> owner("3.3-eq2-idct-corrected", {"3.3-eq2": 0, "3.3-eq2-idct": 0}), owner("3.3-eq20", {"3.3-eq2": 0})
    ('3.3-eq2-idct', None)
    """
    while identifier not in statements:
        identifier, separator, _ = identifier.rpartition("-")
        if not separator:
            return None
    return identifier


def missing(
    statements: Iterable[Statement], claims: Iterable[Claim], experiments: Iterable[Experiment]
) -> Iterator[tuple[Statement, str]]:
    """Each statement that lacks something, with what it lacks.

    An empirical statement needs an experiment; every other needs a claim, and an experiment does not stand in for it. What
    is false or ambiguous needs an erratum. Every claim that is to be proved needs near misses.
    """
    listed = {statement.id: statement for statement in statements}
    of_claims = _by_owner(claims, listed)
    of_experiments = _by_owner(experiments, listed)
    for identifier, statement in listed.items():
        own = of_claims.get(identifier, [])
        if statement.is_empirical:
            if identifier not in of_experiments:
                yield statement, "no experiment"
        elif not own:
            yield statement, "no claim"
        if statement.verdict in ("false", "ambiguous") and not any(claim.erratum for claim in own):
            yield statement, "no erratum"
        for claim in own:
            if claim.expected == "proved" and not claim.near_misses:
                yield statement, f"no near miss of {claim.id}"


def _by_owner(items: Iterable[Any], statements: Mapping[str, Statement]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        if (identifier := owner(item.id, statements)) is not None:
            found.setdefault(identifier, []).append(item)
    return found


def _statement(item: Any, place: str) -> Statement:
    keys = [field.name for field in fields(Statement)]
    if not isinstance(item, dict) or sorted(map(str, item)) != sorted(keys):
        raise ClaimError(f"{place}: expected the keys {', '.join(keys)}, found {item}")
    texts: dict[str, Any] = {
        key: {True: "true", False: "false"}.get(value, value) for key, value in item.items()
    }  # YAML's own words
    for key, value in texts.items():
        if not isinstance(value, str) or not value:
            raise ClaimError(f"{place}: {key}: expected a text, found {value!r}")
    for key, allowed in _ALLOWED.items():
        if texts[key] not in allowed:
            raise ClaimError(f"{place}: {key}: expected one of {', '.join(allowed)}, found {texts[key]!r}")
    return Statement(**texts)
