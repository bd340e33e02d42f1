"""A digest of what was found out about all claims: a page that shows it can be cited as it was proved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

# Neither how long a decision took, nor where its source stands, changes what was found out.
_PASSING = frozenset({"milliseconds", "file", "line"})


def digest(rows: Iterable[dict[str, Any]]) -> str:
    """SHA-256, as 64 hexadecimal digits, of the rows of the JSON document (`cnnsym.report.rows`).

    The order of the rows, times, and the places of the derivations do not count; statements, verdicts, scopes, methods,
    counterexamples and near misses do. Whoever has the document computes the same:

    >>> row = {"id": "5.1-vec", "verdict": "proved", "milliseconds": 3.5, "line": 7}
    >>> digest([row]) == digest([row | {"milliseconds": 80.0}])
    True
    >>> digest([row]) == digest([row | {"verdict": "unknown"}])
    False
    """
    kept = [{name: value for name, value in row.items() if name not in _PASSING} for row in rows]
    lines = sorted(json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for row in kept)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
