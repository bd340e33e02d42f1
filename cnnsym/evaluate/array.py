"""Concrete matrices over the numbers of an evaluation, and the linear algebra on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnsym.errors import LimitError, ShapeError
from cnnsym.evaluate.arithmetic import Number, divide, is_rational
from cnnsym.evaluate.dual import real
from cnnsym.evaluate.enclosure import Enclosure
from cnnsym.evaluate.undefined import Undefined

LARGEST_ENTRIES = 10_000
LARGEST_POWER = 1000
LARGEST_DETERMINANT = 12


@dataclass(frozen=True, slots=True)
class Mat:
    """A matrix of shape `(rows, cols)`; its entries row by row."""

    rows: int
    cols: int
    entries: tuple[Number, ...]

    @staticmethod
    def build(rows: int, cols: int, entry: Callable[[int, int], Number]) -> Mat:
        """The matrix whose entry at `(i, j)`, from 0, is `entry(i, j)`; LimitError if it is too large."""
        if rows * cols > LARGEST_ENTRIES:
            raise LimitError(f"a matrix of shape {rows} x {cols} has more than {LARGEST_ENTRIES} entries")
        return Mat(rows, cols, tuple(entry(i, j) for i in range(rows) for j in range(cols)))

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.cols

    def __getitem__(self, place: tuple[int, int]) -> Number:
        return self.entries[place[0] * self.cols + place[1]]

    def map(self, function: Callable[[Number], Number]) -> Mat:
        return Mat(self.rows, self.cols, tuple(map(function, self.entries)))

    def vec(self) -> tuple[Number, ...]:
        """The entries column by column."""
        return tuple(self.entries[i * self.cols + j] for j in range(self.cols) for i in range(self.rows))


Value = Any  # Number | bool | Mat | Signal


def as_scalar(x: Value) -> Number:
    """A number; of a matrix of shape (1, 1) its entry. ShapeError for other matrices."""
    if isinstance(x, Mat):
        if x.shape != (1, 1):
            raise ShapeError(f"expected a scalar, got a matrix of shape {x.rows} x {x.cols}")
        return x.entries[0]
    return x


def as_mat(x: Value) -> Mat:
    """A matrix; of a number the matrix of shape (1, 1)."""
    return x if isinstance(x, Mat) else Mat(1, 1, (x,))


def require_shape(operation: str, left: tuple[int, int], right: tuple[int, int]) -> None:
    if left != right:
        raise ShapeError(f"{operation}: shapes {left[0]} x {left[1]} and {right[0]} x {right[1]} disagree")


def require_square(operation: str, a: Mat) -> None:
    if a.rows != a.cols:
        raise ShapeError(f"{operation}: expected a square matrix, got shape {a.rows} x {a.cols}")


def add(a: Mat, b: Mat) -> Mat:
    require_shape("a sum", a.shape, b.shape)
    return Mat(a.rows, a.cols, tuple(x + y for x, y in zip(a.entries, b.entries, strict=True)))


def entrywise(a: Mat, b: Mat) -> Mat:
    require_shape("an entrywise product", a.shape, b.shape)
    return Mat(a.rows, a.cols, tuple(x * y for x, y in zip(a.entries, b.entries, strict=True)))


def multiply(a: Mat, b: Mat) -> Mat:
    """The matrix product; ShapeError where the inner sizes disagree."""
    if a.cols != b.rows:
        raise ShapeError(f"a product: shapes {a.rows} x {a.cols} and {b.rows} x {b.cols} do not fit together")
    columns = [b.entries[j :: b.cols] for j in range(b.cols)]
    rows = [a.entries[i * a.cols : (i + 1) * a.cols] for i in range(a.rows)]
    return Mat(a.rows, b.cols, tuple(dot(r, c) for r in rows for c in columns))


def dot(a: tuple[Number, ...], b: tuple[Number, ...]) -> Number:
    return sum((x * y for x, y in zip(a, b, strict=True)), 0)


def transpose(a: Mat) -> Mat:
    return Mat(a.cols, a.rows, a.vec())


def kron(a: Mat, b: Mat) -> Mat:
    """Block `(i, j)` is `a[i, j]*b`."""
    return Mat.build(
        a.rows * b.rows, a.cols * b.cols, lambda i, j: a[i // b.rows, j // b.cols] * b[i % b.rows, j % b.cols]
    )


def identity(n: int) -> Mat:
    return Mat.build(n, n, lambda i, j: int(i == j))


def trace(a: Mat) -> Number:
    require_square("a trace", a)
    return sum((a[i, i] for i in range(a.rows)), 0)


def determinant(a: Mat) -> Number:
    """The determinant by expansion along rows, sharing the minors: no division, so it is right over every kind of number."""
    require_square("a determinant", a)
    if a.rows > LARGEST_DETERMINANT:
        raise LimitError(f"a determinant of more than {LARGEST_DETERMINANT} rows")
    minors: dict[int, Number] = {0: 1}  # by the set of columns, for the first rows
    for i in range(a.rows):
        longer: dict[int, Number] = {}
        for columns, minor in minors.items():
            for j in range(a.cols):
                if not columns >> j & 1:
                    swaps = (columns >> j).bit_count()
                    term = a[i, j] * minor
                    key = columns | 1 << j
                    longer[key] = longer.get(key, 0) + (-term if swaps & 1 else term)
        minors = longer
    return minors[(1 << a.rows) - 1]


def inverse(a: Mat) -> Mat:
    """The inverse by elimination; Undefined where no pivot is certainly non-zero."""
    require_square("an inverse", a)
    n = a.rows
    table = [[a[i, j] for j in range(n)] + [int(i == j) for j in range(n)] for i in range(n)]
    for j in range(n):
        pivot = next((i for i in range(j, n) if _nonzero(table[i][j])), None)
        if pivot is None:
            raise Undefined("the inverse of a singular matrix")
        table[j], table[pivot] = table[pivot], table[j]
        head = table[j][j]
        table[j] = [divide(x, head) for x in table[j]]
        for i in range(n):
            factor = table[i][j]
            if i != j and not (is_rational(factor) and not factor):
                table[i] = [x - factor * y for x, y in zip(table[i], table[j], strict=True)]
    return Mat(n, n, tuple(x for row in table for x in row[n:]))


def _nonzero(x: Number) -> bool:
    base = real(x)
    return base.sign is not None if isinstance(base, Enclosure) else bool(base)


def matrix_power(a: Mat, exponent: int) -> Mat:
    """An integer power of a square matrix; a negative one through the inverse."""
    require_square("a power", a)
    if exponent < 0:
        return matrix_power(inverse(a), -exponent)
    if exponent > LARGEST_POWER:
        raise LimitError(f"a matrix power beyond {LARGEST_POWER}")
    result = identity(a.rows)
    for _ in range(exponent):
        result = multiply(result, a)
    return result


def commutation(rows: int, cols: int) -> Mat:
    """`K` with `K vec(A) = vec(A')` for `A` of shape `(rows, cols)`."""
    return Mat.build(rows * cols, rows * cols, lambda i, j: int(j == i // cols + rows * (i % cols)))
