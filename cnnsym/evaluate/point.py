"""A point: values for everything that is free in an expression, and the abstract functions' tables there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnsym.evaluate.arithmetic import Number
from cnnsym.evaluate.array import Value
from cnnsym.evaluate.program import Node
from cnnsym.evaluate.table import Table

Scope = Mapping[Node, tuple[Value, Any]]  # a bound name's value, and a key that tells it from other values


class Point:
    """Values by symbol (sizes, scalars, indices, matrices, signals), and a table of abstract functions."""

    def __init__(self, values: Mapping[Any, Value], table: Table) -> None:
        self.values, self.table = values, table
        self._fresh = 0

    def fresh(self) -> int:
        """A number larger than any given before: the level of a dual number, or the key of a bound value."""
        self._fresh += 1
        return self._fresh

    def bind(self, scope: Scope, name: Node, value: Value) -> Scope:
        """The scope with one more bound name."""
        key: Any = value if isinstance(value, int) else (self.fresh(),)
        return {**scope, name: (value, key)}

    def of(self, symbol: Any) -> Number | Value | None:
        """The value of a free symbol, None if it has none."""
        return self.values.get(symbol)
