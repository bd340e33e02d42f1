"""What the rules of single operations may ask of the statement they belong to; `lower.Lowering` is the one that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Protocol

from cnnsym.index_form.index import Slot
from cnnsym.index_form.term import Env, Form, Key


class Statement(Protocol):
    """A statement on its way to index form."""

    symmetric: frozenset[Any]
    diagonal: frozenset[Any]
    orthogonal: frozenset[Any]

    def matrix(self, e: Any, row: Slot, col: Slot, env: Env | None = None) -> Form: ...

    def scalar(self, e: Any, env: Env | None = None) -> Form: ...

    def slot(self, e: Any, length: Any, env: Env) -> Slot: ...

    def signal_slot(self, e: Any, env: Env) -> Slot: ...

    def independent(self, what: str, parts: Iterable[Any], env: Env) -> None: ...

    def nested(self, x: Any) -> tuple[Key, tuple[Slot, ...], Slot, Slot]: ...

    def closed_matrix(self, x: Any) -> tuple[Key, Slot, Slot]: ...

    def either_way(self, x: Any) -> tuple[Key, bool, Fraction]: ...

    def aligned(self, row: Slot, col: Slot, rows: Slot, cols: Slot, build: Callable[[Any], Form]) -> Form: ...
