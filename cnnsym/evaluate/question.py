"""A question to decide by evaluation: do two expressions agree wherever both are defined and the hypotheses hold?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import sympy as sp

from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate.arithmetic import Number, differ, integer
from cnnsym.evaluate.array import Mat, Value, as_mat, require_shape
from cnnsym.evaluate.constraints import Constraints, Known, conjuncts
from cnnsym.evaluate.draw import allows
from cnnsym.evaluate.hypotheses import holds, read_hypotheses
from cnnsym.evaluate.machine import Machine, Values
from cnnsym.evaluate.matrix_rules import shape_of, size
from cnnsym.evaluate.point import Point, Scope
from cnnsym.evaluate.program import OVER_RANGES, Node, Program
from cnnsym.evaluate.signal import Signal
from cnnsym.evaluate.table import Table
from cnnsym.evaluate.undefined import NoSize, Undefined

LARGEST_INPUT = 50_000
_MOST_INDEX_VALUES = 60  # more where nothing else varies
_INTEGERS = 8  # values of each free integer
_FARTHEST = 12
_FEW = 6
_LARGEST_SIZE = 8  # that is tried for a size under a hypothesis


class Question:
    """`lhs = rhs` under hypotheses, compiled: what is free in it, and how both sides compare at a point."""

    def __init__(self, lhs: Any, rhs: Any, assuming: Iterable[Any] = ()) -> None:
        lhs, rhs = as_expression(lhs), as_expression(rhs)
        hypotheses = read_hypotheses(assuming)
        self.predicates: Mapping[Any, frozenset[str]] = {m: frozenset(p) for m, p in hypotheses.predicates.items()}
        self._program = Program()
        self._sides = (self._program.node(lhs), self._program.node(rhs))
        self._shapes = tuple(self._shape(side) for side in (lhs, rhs))
        self._conditions = [self._program.node(c) for one in hypotheses.conditions for c in conjuncts(one)]
        roots = (*self._sides, *(n for shape in self._shapes for n in shape), *self._conditions)
        self._classify(roots)
        sizes = [self._program.node(s) for s in self.sizes]
        names = [self._program.node(s) for s in (*self.indices, *self.integers)]
        self._of_sizes = Constraints(sizes, [*self._conditions, *self._room(sizes)])
        self._of_indices = Constraints(names, self._conditions, given=sizes)
        self._program.close(names)
        self._machine = Machine(self._program)

    def _shape(self, side: Any) -> tuple[Node, Node]:
        rows, cols = side.shape if getattr(side, "is_Matrix", False) else (1, 1)
        return self._program.node(sp.sympify(rows)), self._program.node(sp.sympify(cols))

    def _classify(self, roots: Iterable[Node]) -> None:
        free = self._program.symbols(roots)
        in_sizes: set[Any] = set()
        for node in self._program.nodes:
            if isinstance(
                node.expr, (sp.MatrixSymbol, sp.IndexedBase, sp.Idx, sp.Identity, sp.ZeroMatrix, sp.OneMatrix)
            ):
                in_sizes.update(n.expr for a in node.args for n in a.free)
            elif isinstance(node.expr, OVER_RANGES):
                bounds = (a for limit in node.args[1:] for a in limit.args[1:])
                in_sizes.update(n.expr for a in bounds for n in a.free if n.expr.is_integer is None)
        symbols = [s for s in free if isinstance(s, sp.Symbol)]
        self.sizes: list[Any] = [s for s in symbols if s in in_sizes or (s.is_integer and s.is_positive)]
        self.integers = [s for s in symbols if s.is_integer and s not in self.sizes]
        self.scalars = [s for s in symbols if not s.is_integer and s not in self.sizes]
        self.indices = [s for s in free if isinstance(s, sp.Idx)]
        self.matrices = [s for s in free if isinstance(s, sp.MatrixSymbol)]
        self._size_conditions = [c for c in self._conditions if all(n.expr in self.sizes for n in c.free)]
        self.signals = [s for s in free if isinstance(s, sp.IndexedBase) and s.shape is not None]
        names = [str(s) for s in self.signals]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UnsupportedError(f"two signals are called {twice[0]}: expected one shape and grid for each name")

    @property
    def varies(self) -> bool:
        """Whether there is more to draw than integers."""
        return bool(self.scalars or self.matrices or self.signals)

    def _room(self, sizes: Iterable[Node]) -> list[Node]:
        """That every array has a length of at least 1 along each axis, and every Idx a value."""
        known = frozenset(sizes)
        found: dict[Any, None] = {}
        for symbol in (*self.matrices, *self.signals):
            found.update(dict.fromkeys(sp.Ge(n.expr, 1) for n in self._program.node(symbol).args if n.free <= known))
        for symbol in self.indices:
            if symbol.upper is not None:
                found[sp.Ge(symbol.upper, symbol.lower)] = None
        return [self._program.node(condition) for condition in found if condition is not sp.true]

    def fitted(self, sizes: Sequence[int]) -> tuple[int, ...] | None:
        """The sizes nearest to these that the hypotheses allow, as far as a short search finds any.

        A size that may be 0 counts from 0: padding 0 where others are 1.
        """
        nodes = self._of_sizes.names
        target = {n: k - _below(n) for n, k in zip(nodes, sizes, strict=True)}
        if not self._of_sizes.conditions:
            return tuple(target.values())
        domains = {n: range(1 - _below(n), max(_LARGEST_SIZE, k) + 1) for n, k in target.items()}
        found = self._of_sizes.near(target, domains, self._at_sizes)
        return None if found is None else tuple(found[n] for n in nodes)

    def _at_sizes(self, node: Node, known: Known) -> Value:
        return self._machine.values(Point({n.expr: k for n, k in known.items()}, Table("sizes"))).at(node, {})

    def arrays_at(self, sizes: Mapping[Any, int]) -> dict[Any, tuple[int | None, ...]]:
        """The shape of each free matrix and signal; NoSize where one has none, LimitError where they are too large."""
        values = self._machine.values(Point(sizes, Table("sizes")))
        shapes = {
            symbol: shape_of(self._program.node(symbol), lambda length: values.at(length, {}))
            for symbol in (*self.matrices, *self.signals)
        }
        if _entries(shapes) > LARGEST_INPUT:
            raise LimitError(f"more than {LARGEST_INPUT} entries in all")
        return shapes

    def weight(self, sizes: Mapping[Any, int]) -> int:
        """The number of entries of everything that takes a value; NoSize where a hypothesis on the sizes fails."""
        values = self._machine.values(Point(sizes, Table("sizes")))
        if not all(allows(s, k) and k >= 1 - _below(self._program.node(s)) for s, k in sizes.items()):
            raise NoSize("a size outside the assumptions of its symbol")
        try:
            met = all(values.at(condition, {}) for condition in self._size_conditions)
        except Undefined:
            met = False
        if not met:
            raise NoSize("a hypothesis on the sizes does not hold")
        return _entries(self.arrays_at(sizes)) + len(self.scalars)

    def shapes_at(self, sizes: Mapping[Any, int]) -> tuple[tuple[int, int], tuple[int, int]]:
        """The shapes of both sides; NoSize where one has none."""
        values = self._machine.values(Point(sizes, Table("sizes")))
        left, right = (tuple(size(values.at(n, {})) for n in shape) for shape in self._shapes)
        return (left[0], left[1]), (right[0], right[1])

    def scopes(self, sizes: Mapping[Any, int]) -> list[Scope]:
        """Values of the free indices that satisfy the hypotheses: an Idx runs through its range, another integer symbol through
        small values and those next to the border of the longest axis. Of many only some are taken, spread over all of them.

        NoSize where there are none.
        """
        names = self._of_indices.names
        values = self._machine.values(Point(sizes, Table("sizes")))
        lengths = [length for shape in self.arrays_at(sizes).values() for length in shape if length is not None]
        border = min(max((*lengths, *sizes.values()), default=1), _FARTHEST - 1)

        def evaluate(node: Node, known: Known) -> Value:
            return values.at(node, {name: (k, k) for name, k in known.items()})

        most = _MOST_INDEX_VALUES if self.varies else 4 * _MOST_INDEX_VALUES
        chosen: list[dict[Node, int]] = []
        for count in (_INTEGERS, 2 * _FARTHEST):  # more where few of the usual ones satisfy the hypotheses
            domains = {name: _range(name, values, border, count) for name in names}
            found = self._of_indices.spread(domains, evaluate, most, str(tuple(sizes.values())))
            chosen += [each for each in found if each not in chosen]
            if len(chosen) >= _FEW or not self._of_indices.conditions:
                break
        if not chosen:
            raise NoSize("no indices satisfy the hypotheses")
        return [{name: (found[name], found[name]) for name in names} for found in chosen]

    def values(self, point: Point, deadline: float | None) -> Values:
        """An evaluation at a point; Undefined where a matrix does not meet its predicates."""
        for symbol, predicates in self.predicates.items():
            value = point.of(symbol)
            if value is not None and not holds(predicates, value):
                raise Undefined(f"{symbol} does not meet its hypotheses")
        if not all(allows(symbol, point.values[symbol]) for symbol in self.scalars):
            raise Undefined("a scalar outside the assumptions of its symbol")
        return self._machine.values(point, deadline)

    def sides(self, values: Values, scope: Scope) -> tuple[Mat, Mat]:
        """Both sides; Undefined where one has no value or a hypothesis fails."""
        for condition in self._conditions:
            if not values.at(condition, scope):
                raise Undefined("a hypothesis does not hold")
        left, right = (as_mat(values.at(side, scope)) for side in self._sides)
        require_shape("an equation", left.shape, right.shape)
        return left, right

    @property
    def is_scalar(self) -> bool:
        """True where a side is a scalar, so that an entry needs no place."""
        return not all(getattr(side.expr, "is_Matrix", False) for side in self._sides)


def as_expression(value: Any) -> Any:
    """A SymPy expression; explicit matrices of every kind as immutable dense ones."""
    if isinstance(value, str):
        raise UnsupportedError("expected a SymPy expression, got text")
    value = sp.sympify(value)
    if isinstance(value, sp.MatrixBase):
        return sp.ImmutableDenseMatrix(value)
    if not isinstance(value, sp.Basic):
        raise UnsupportedError(f"expected a matrix or scalar expression, got {type(value).__name__}")
    return value


def first_difference(left: Mat, right: Mat) -> tuple[tuple[int, int] | None, bool]:
    """The first place where two matrices certainly differ, or None; and whether all entries are exactly equal."""
    exact = True
    for k, (a, b) in enumerate(zip(left.entries, right.entries, strict=True)):
        found = differ(a, b)
        if found:
            return divmod(k, left.cols), False
        exact = exact and found is False
    return None, exact


def _below(name: Node) -> int:
    """1 where the symbol may be 0, as a padding may, else 0: by how much its values lie lower than those of sizes."""
    return int(name.expr.is_nonnegative is True and name.expr.is_positive is not True)


def _entries(shapes: Mapping[Any, tuple[int | None, ...]]) -> int:
    return sum(prod(length or 1 for length in shape) for shape in shapes.values())


def _range(name: Node, values: Values, border: int, count: int) -> Sequence[int]:
    if isinstance(name.expr, sp.Idx) and len(name.args) == 2:
        first, last = (integer(values.at(a, {})) for a in name.args)
        if last < first:
            raise NoSize(f"an empty range for {name.expr}")
        return range(first, last + 1)
    near = (0, 1, -1, 2, -2, border, border - 1, border + 1, 3, 4)
    each = dict.fromkeys((*near, *range(5, _FARTHEST), *range(-3, -_FARTHEST, -1)))
    return sorted([k for k in each if allows(name.expr, k)][:count])


def signal_text(signal: Signal, text: Any, prefix: tuple[int, ...] = ()) -> Any:
    """The entries of a signal as nested tuples."""
    if len(prefix) == len(signal.shape):
        return text(signal.entries[prefix])
    return tuple(signal_text(signal, text, (*prefix, k)) for k in range(signal.shape[len(prefix)] or 0))


def value_text(value: Value, text: Any) -> Any:
    """A value with its numbers written by `text`: matrices as a tuple of rows, signals as nested tuples."""
    if isinstance(value, Mat):
        return tuple(tuple(text(value[i, j]) for j in range(value.cols)) for i in range(value.rows))
    return signal_text(value, text) if isinstance(value, Signal) else text(value)


def number_text(x: Number) -> str:
    """A rational number as text: `-3/2`."""
    return str(x)
