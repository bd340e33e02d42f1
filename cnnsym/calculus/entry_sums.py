"""Sums over entries turned back into matrix notation.

SymPy writes `(x.T*A*x)[0, 0]` as a sum over i and j of `A[i, j]*x[i, 0]*x[j, 0]`. The factors of a summand form a
network: the summation indices are its vertices, a matrix is an edge, a column a weight on a vertex. Indices are
eliminated one by one: a vertex with one edge gives a matrix times a column, one with two edges a matrix product,
parallel edges a Hadamard product or a trace. That covers series-parallel networks; for others UnsupportedError is raised.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import Elementwise, EntryValue
from cnnsym.calculus.notation import (
    diagonal_column,
    diagonal_matrix,
    entrywise,
    inner_product,
    is_matrix,
    plus,
    product,
    transposed,
    unit,
)
from cnnsym.errors import UnsupportedError
from cnnsym.sizes import same_size

_LONGEST_POWER = 8


def from_entry_sum(total: sp.Sum) -> Any:
    """The scalar `total`, a sum of products of entries over full index ranges, as traces of products of matrices.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> A, x = cnnsym.matrix("A", n, n), cnnsym.vector("x", n)
    >>> from_entry_sum((x.T*A*x)[0, 0])
    Trace(x.T*A*x)
    """
    return _contract(total, {}, ())


def _unsupported(why: str) -> UnsupportedError:
    return UnsupportedError(f"a sum of entries in matrix notation: {why}")


def _bound_twice(index: Any) -> UnsupportedError:
    return _unsupported(f"the index {index} is bound twice, so that which sum it belongs to is doubtful")


@dataclass
class _Network:
    """Weights (columns) on indices and edges (matrices) between two indices, with the lengths of all indices."""

    lengths: dict[Any, Any]
    scalar: Any = sp.S.One
    weights: dict[Any, list[Any]] = field(default_factory=dict)
    edges: dict[tuple[Any, Any], list[Any]] = field(default_factory=dict)
    summed: set[Any] = field(default_factory=set)
    closed: set[Any] = field(default_factory=set)

    def weigh(self, index: Any, column: Any) -> None:
        self.weights.setdefault(index, []).append(column)

    def link(self, row: Any, col: Any, matrix: Any) -> None:
        if row == col:
            self.weigh(row, diagonal_column(matrix))
        elif (col, row) in self.edges:
            self.edges[col, row].append(transposed(matrix))
        else:
            self.edges.setdefault((row, col), []).append(matrix)

    def take_edge(self, row: Any, col: Any) -> Any:
        """Remove the edges between two indices; their Hadamard product, rows for the first index."""
        if (row, col) in self.edges:
            return entrywise(*self.edges.pop((row, col)))
        return transposed(entrywise(*self.edges.pop((col, row))))

    def take_weight(self, index: Any) -> Any | None:
        """Remove the weights of an index; their product, None where there are none."""
        columns = self.weights.pop(index, [])
        return entrywise(*columns) if columns else None

    def neighbours(self, index: Any) -> list[Any]:
        return [b if a == index else a for a, b in self.edges if index in (a, b)]

    def eliminate(self, index: Any) -> None:
        """Sum over one index."""
        around = self.neighbours(index)
        if not around:
            self._close(index)
        elif len(around) == 1 and self.neighbours(around[0]) == [index] and self._is_cycle(index, around[0]):
            self._close_cycle(index, around[0])
        elif len(around) == 1:
            edge, weight = self.take_edge(around[0], index), self.take_weight(index)
            self.weigh(around[0], product(edge, self._ones(index) if weight is None else weight))
        elif len(around) == 2:
            a, b = around
            left, right = self.take_edge(a, index), self.take_edge(index, b)
            weight = self.take_weight(index)
            self.link(a, b, product(left, None if weight is None else diagonal_matrix(weight), right))
        else:
            raise _unsupported(f"the index {index} links {len(around)} others")

    def _ones(self, index: Any) -> Any:
        return sp.OneMatrix(self.lengths[index], 1)

    def _close(self, index: Any) -> None:
        columns = self.weights.pop(index, [])
        if not columns:
            self.scalar *= self.lengths[index]
        elif len(columns) == 1:
            self.scalar *= inner_product(self._ones(index), columns[0])
        else:
            self.scalar *= inner_product(columns[0], entrywise(*columns[1:]))

    def _is_cycle(self, a: Any, b: Any) -> bool:
        parallel = self.edges.get((a, b)) or self.edges[b, a]
        return len(parallel) > 1 and a not in self.weights and b not in self.weights and {a, b} <= self.summed

    def _close_cycle(self, a: Any, b: Any) -> None:
        """The sum over i, j of A[i, j] B[i, j] is tr(A'B)."""
        parallel = self.edges.pop((a, b), None) or self.edges.pop((b, a))
        self.scalar *= inner_product(parallel[0], entrywise(*parallel[1:]))
        self.closed.update((a, b))


def _contract(total: Any, lengths: dict[Any, Any], open_: tuple[Any, ...]) -> Any:
    """A sum with none, one or two free (open) indices: a scalar, a column, or a matrix."""
    inner = dict(lengths)
    own = []
    for limits in total.limits:
        if len(limits) != 3 or limits[1] != 0:
            raise _unsupported(f"expected ranges that begin at 0, got {limits}")
        index, _, last = limits
        if index in inner:
            raise _bound_twice(index)
        inner[index] = last + 1
        own.append(index)
    nested = {limits[0] for part in total.function.atoms(sp.Sum) for limits in part.limits}
    for index in nested & set(inner):
        raise _bound_twice(index)
    terms = sp.Add.make_args(total.function)
    return plus(*(_contract_term(term, inner, own, open_) for term in terms))


def _contract_term(term: Any, lengths: dict[Any, Any], own: list[Any], open_: tuple[Any, ...]) -> Any:
    network = _Network(lengths, summed=set(own))
    for factor in sp.Mul.make_args(term):
        active = [i for i in lengths if i in factor.free_symbols]
        if len(active) > 2:
            expanded = sp.expand_mul(term)
            if expanded.is_Add:
                return plus(*(_contract_term(t, lengths, own, open_) for t in expanded.args))
            raise _unsupported(f"the factor {factor} has more than two indices")
        _place(network, factor, active)
    while left := [i for i in own if i not in network.closed]:
        index = min(reversed(left), key=lambda i: len(network.neighbours(i)))
        network.eliminate(index)
        network.closed.add(index)
    return _rest(network, open_)


def _place(network: _Network, factor: Any, active: list[Any]) -> None:
    base, exponent = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
    times = int(exponent) if exponent.is_Integer and 1 <= exponent <= _LONGEST_POWER else 0
    if not active:
        network.scalar *= factor
        return
    for _ in range(max(times, 1)):
        part = base if times else factor
        if len(active) == 1:
            network.weigh(active[0], _array(part, network.lengths, active[0], None))
        else:
            row, col = active
            if isinstance(part, MatrixElement) and part.args[1:] == (col, row):
                row, col = col, row
            network.link(row, col, _array(part, network.lengths, row, col))


def _rest(network: _Network, open_: tuple[Any, ...]) -> Any:
    if not open_:
        return network.scalar
    row = open_[0]
    weight = network.take_weight(row)
    if len(open_) == 1:
        return product(network.scalar, sp.OneMatrix(network.lengths[row], 1) if weight is None else weight)
    col = open_[1]
    other = network.take_weight(col)
    if network.neighbours(row):
        edge = network.take_edge(row, col)
        sides = [None if w is None else diagonal_matrix(w) for w in (weight, other)]
        return product(network.scalar, sides[0], edge, sides[1])
    ones = [sp.OneMatrix(network.lengths[i], 1) for i in (row, col)]
    left, right = (one if w is None else w for w, one in zip((weight, other), ones, strict=True))
    return product(network.scalar, left, transposed(right))


def _array(expr: Any, lengths: dict[Any, Any], i: Any, j: Any | None) -> Any:
    """The matrix whose entry at (i, j) is the scalar `expr`; a column where j is None."""
    shape = (lengths[i], 1 if j is None else lengths[j])
    active = {k for k in (i, j) if k is not None and k in expr.free_symbols}
    if not active:
        return product(expr, sp.OneMatrix(*shape))
    if isinstance(expr, MatrixElement):
        return _of_element(expr, lengths, i, j)
    if isinstance(expr, sp.KroneckerDelta) and j is not None and set(expr.args) == {i, j} and same_size(*shape):
        return sp.Identity(shape[0])
    if expr.is_Add:
        return plus(*(_array(a, lengths, i, j) for a in expr.args))
    if expr.is_Mul:
        scalars = [a for a in expr.args if not (a.free_symbols & active)]
        arrays = [_array(a, lengths, i, j) for a in expr.args if a.free_symbols & active]
        return product(*scalars, entrywise(*arrays))
    if isinstance(expr, sp.Pow) and not (expr.exp.free_symbols & active) and expr.exp.is_number:
        t = sp.Dummy("t", real=True)
        return Elementwise(sp.Lambda(t, t**expr.exp), _array(expr.base, lengths, i, j))
    if isinstance(expr, EntryValue):
        return Elementwise(expr.args[0], _array(expr.args[1], lengths, i, j))
    if isinstance(expr, sp.Function) and len(expr.args) == 1 and isinstance(expr.args[0], sp.Expr):
        return Elementwise(expr.func, _array(expr.args[0], lengths, i, j))
    if isinstance(expr, sp.Sum):
        return _contract(expr, lengths, (i,) if j is None else (i, j))
    raise _unsupported(f"{type(expr).__name__} with the index {i}")


def _of_element(element: Any, lengths: dict[Any, Any], i: Any, j: Any | None) -> Any:
    matrix, row, col = element.args
    if is_matrix(matrix) and matrix.free_symbols & set(lengths):
        raise _unsupported(f"the matrix {matrix} depends on an index")
    for index, length in ((row, matrix.shape[0]), (col, matrix.shape[1])):
        if index in lengths:
            if not same_size(lengths[index], length):
                raise _unsupported(f"the index {index} runs over {lengths[index]} of {length} entries")
        elif index.free_symbols & set(lengths):
            raise _unsupported(f"the index {index}")
    if (row, col) == (i, j):
        return matrix
    if (row, col) == (j, i):
        return transposed(matrix)
    if row == col:
        column, index = diagonal_column(matrix), row
    elif row in lengths:
        column, index = product(matrix, unit(col, matrix.shape[1])), row
    else:
        column, index = product(transposed(matrix), unit(row, matrix.shape[0])), col
    if j is None:
        return column
    if index == i:
        return product(column, sp.OneMatrix(1, lengths[j]))
    return product(sp.OneMatrix(lengths[i], 1), transposed(column))
