"""Matrix expressions as instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.hadamard import HadamardPower
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import (
    Basis,
    Commutation,
    Diag,
    Diagonal,
    Elementwise,
    EntryFunction,
    EntryValue,
    Hadamard,
    Kron,
    ObjectiveGradient,
    ObjectiveHessian,
    ObjectiveValue,
    Unvec,
    Vec,
)
from cnnsym.calculus.notation import is_matrix as _is_matrix
from cnnsym.calculus.notation import transposed
from cnnsym.errors import UnsupportedError
from cnnsym.expression import expression
from cnnsym.numpy_code import scalars
from cnnsym.numpy_code.instructions import Program
from cnnsym.sizes import same_size

Factor = tuple[Any, int | None]  # a matrix and its value, None as long as it may stay a pattern


class Lowering:
    """Expressions to instructions, each distinct expression once and without recursion over depth."""

    def __init__(self, program: Program, names: dict[Any, str], function: Callable[[str], str]) -> None:
        self.program = program
        self.function = function
        self.numbers: dict[Any, int] = {name: program.emit(text) for name, text in names.items()}

    def lower(self, root: Any) -> int:
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self.numbers:
                stack.pop()
                continue
            missing = [part for part in self._parts(node) if part not in self.numbers]
            if missing:
                stack.extend(reversed(missing))
                continue
            self.numbers[node] = self._node(node)
            stack.pop()
        return self.numbers[root]

    def _parts(self, node: Any) -> list[Any]:
        """The arguments whose values are needed first; those that are patterns (identity, ones, diag) are not."""
        if isinstance(node, (sp.MatrixSymbol, sp.MatrixBase)):
            return []
        parts: list[Any] = []
        for argument in _unfolded(node):
            if isinstance(argument, Diag) and isinstance(node, sp.MatMul):
                parts.append(argument.args[0])
            elif isinstance(argument, sp.Expr) and not isinstance(argument, (sp.Identity, sp.OneMatrix)):
                parts.append(argument)
        return parts

    def value(self, expr: Any) -> int:
        if expr not in self.numbers:
            self.numbers[expr] = self._node(expr)
        return self.numbers[expr]

    def size(self, expr: Any) -> int:
        return self.value(expression(expr))

    def _node(self, node: Any) -> int:
        emit, value, size = self.program.emit, self.value, self.size
        if not _is_matrix(node):
            return self._scalar(node)
        if isinstance(node, sp.MatrixSymbol):
            raise UnsupportedError(f"compile_numpy: {node} is no argument")
        rows, cols = node.shape
        if isinstance(node, sp.MatAdd):
            return self._sum(node)
        if isinstance(node, sp.MatMul):
            sign, number = self._product(node)
            return number if sign > 0 else emit("(-{0})", number)
        if isinstance(node, sp.Transpose):
            return emit("{0}.T", value(node.arg))
        if isinstance(node, sp.Inverse):
            return emit("np.linalg.inv({0})", value(node.arg))
        if isinstance(node, sp.MatPow):
            return emit("np.linalg.matrix_power({0}, {1})", value(node.base), value(node.exp))
        if isinstance(node, Hadamard):
            return self._chain("({0} * {1})", [value(a) for a in node.args])
        if isinstance(node, HadamardPower) and not _is_matrix(node.args[1]):
            return scalars.power(self.program, value(node.args[0]), node.args[1], value)
        if isinstance(node, Elementwise):
            return self._apply(node.function, value(node.argument))
        if isinstance(node, Kron):
            return self._chain("np.kron({0}, {1})", [value(a) for a in node.args])
        if isinstance(node, Vec):
            return emit("{0}.reshape((-1, 1), order='F')", value(node.args[0]))
        if isinstance(node, Unvec):
            return emit("{0}.reshape(({1}, {2}), order='F')", value(node.args[0]), size(rows), size(cols))
        if isinstance(node, Diag):
            return emit("np.diagflat({0})", value(node.args[0]))
        if isinstance(node, Diagonal):
            return emit("np.diagonal({0}).reshape((-1, 1))", value(node.args[0]))
        if isinstance(node, sp.Identity):
            return emit("np.eye({0}, dtype=dtype)", size(rows))
        if isinstance(node, sp.OneMatrix):
            return emit("np.ones(({0}, {1}), dtype=dtype)", size(rows), size(cols))
        if isinstance(node, sp.ZeroMatrix):
            return emit("np.zeros(({0}, {1}), dtype=dtype)", size(rows), size(cols))
        if isinstance(node, Basis):
            return emit("np.eye({0}, 1, 1 - {1}, dtype=dtype)", size(rows), value(node.args[0]))
        if isinstance(node, Commutation):
            order = "np.arange({0} * {1}).reshape(({0}, {1}), order='F').ravel()"
            m, n = (size(a) for a in node.args)
            return emit(f"np.eye({{0}} * {{1}}, dtype=dtype)[{order}]", m, n)
        if isinstance(node, ObjectiveGradient):
            return self._objective(node, "'", (node.position,))
        if isinstance(node, ObjectiveHessian):
            return self._objective(node, "''", node.positions)
        if isinstance(node, sp.MatrixBase):
            return self._explicit(node)
        raise UnsupportedError(f"compile_numpy: no NumPy code for {type(node).__name__} {node}"[:200])

    def _scalar(self, node: Any) -> int:
        emit, value = self.program.emit, self.value
        if isinstance(node, sp.Trace):
            return self._trace(node)
        if isinstance(node, sp.Determinant):
            return emit("np.linalg.det({0})", value(node.arg))
        if isinstance(node, MatrixElement):
            return emit("{0}[{1}, {2}]", *(value(a) for a in node.args))
        if isinstance(node, ObjectiveValue):
            return self._objective(node, "", ())
        if isinstance(node, EntryValue):
            return self._apply(node.args[0], value(node.args[1]))
        if isinstance(node, sp.Symbol):
            raise UnsupportedError(f"compile_numpy: {node} is neither an argument nor a size of one")
        return scalars.combine(self.program, node, value)

    def _chain(self, template: str, numbers: list[int]) -> int:
        result = numbers[0]
        for number in numbers[1:]:
            result = self.program.emit(template, result, number)
        return result

    def _apply(self, function: EntryFunction, argument: int) -> int:
        if function.is_abstract:
            return self.program.emit(f"{self.function(str(function))}({{0}})", argument)
        form = function.scalar
        if isinstance(form, sp.Lambda):
            return scalars.entrywise(self.program, form, argument)
        return scalars.named(self.program, form, argument)

    def _objective(self, node: Any, primes: str, positions: tuple[int, ...]) -> int:
        arguments = [self.value(a) for a in node.arguments]
        name = self.function(node.function.label + primes)
        called = f"{name}({', '.join(f'{{{k}}}' for k in range(len(arguments)))})"
        number = self.program.emit(called, *arguments)
        if len(arguments) > 1:
            for position in positions:
                number = self.program.emit(f"{{0}}[{position}]", number)
        return number

    def _explicit(self, node: Any) -> int:
        numbers = [self.lower(entry) for entry in node.flat()]
        places = [f"{{{k}}}" for k in range(len(numbers))]
        rows = [f"[{', '.join(places[i * node.cols : (i + 1) * node.cols])}]" for i in range(node.rows)]
        return self.program.emit(f"np.array([{', '.join(rows)}], dtype=dtype)", *numbers)

    def _sum(self, node: Any) -> int:
        terms = []
        whole = sum(not _is_spread(term) for term in node.args)
        for term in node.args:
            if whole and _is_spread(term):  # NumPy spreads the column or row over the other terms itself
                factors = [f for f in term.args if not isinstance(f, sp.OneMatrix)]
                terms.append(self._signed(factors))
            else:
                terms.append(self._product(term) if isinstance(term, sp.MatMul) else (1, self.value(term)))
        # The first term is one of the full shape, so that it can take the others in.
        return scalars.total(self.program, terms)

    def _signed(self, factors: list[Any]) -> tuple[int, int]:
        if len(factors) == 1 and _is_matrix(factors[0]):
            return 1, self.value(factors[0])
        return self._product(sp.MatMul(*factors, evaluate=False))

    def _product(self, node: Any) -> tuple[int, int]:
        """A product as its sign and the value without it."""
        emit = self.program.emit
        coefficient = sp.Mul(*(a for a in node.args if not _is_matrix(a)))
        factors = [a for a in node.args if _is_matrix(a)]
        number = self._associated(factors)
        sign, absolute = 1, coefficient
        if coefficient.is_number:
            sign, absolute = (-1, -coefficient) if coefficient.is_negative else (1, coefficient)
            if absolute == 1:
                return sign, number
            return sign, emit("({0} * {1})", emit(scalars.literal(absolute)), number)
        sign, scalar = scalars.signed(self.program, coefficient, self.lower)
        return sign, emit("({0} * {1})", scalar, number)

    def _associated(self, factors: list[Any]) -> int:
        """Vectors first: a chain is cut where the inner size is 1, and one that ends in a column is done from there."""
        for k in range(1, len(factors)):
            if same_size(factors[k].shape[0], 1):
                left, right = self._associated(factors[:k]), self._associated(factors[k:])
                return self._spread(factors, k, left, right)
        pairs: list[Factor] = [(f, None) for f in factors]
        step = -1 if same_size(factors[-1].shape[1], 1) else 1
        first, *others = pairs[::step]
        for other in others:
            first = self._times(other, first) if step < 0 else self._times(first, other)
        return self._number(first)

    def _number(self, factor: Factor) -> int:
        return self.value(factor[0]) if factor[1] is None else factor[1]

    def _spread(self, factors: list[Any], k: int, left: int, right: int) -> int:
        """A column times a row, either of which may be ones."""
        emit = self.program.emit
        if len(factors) == k + 1 and isinstance(factors[k], sp.OneMatrix):
            return emit("np.repeat({0}, {1}, axis=1)", left, self.size(factors[k].shape[1]))
        if k == 1 and isinstance(factors[0], sp.OneMatrix):
            return emit("np.repeat({0}, {1}, axis=0)", right, self.size(factors[0].shape[0]))
        return emit("({0} * {1})", left, right)

    def _times(self, left: Factor, right: Factor) -> Factor:
        """One product of two, with diag and ones as broadcasting and sums."""
        emit = self.program.emit
        shape = sp.MatrixSymbol("_", left[0].shape[0], right[0].shape[1])
        a, b = left[0], right[0]
        if left[1] is None and isinstance(a, Diag):
            number = emit("({0} * {1})", self.value(a.args[0]), self._number(right))
        elif right[1] is None and isinstance(b, Diag):
            number = emit("({0} * {1}.T)", self._number(left), self.value(b.args[0]))
        elif left[1] is None and isinstance(a, sp.OneMatrix) and same_size(a.shape[0], 1):
            number = emit("{0}.sum(axis=0, keepdims=True)", self._number(right))
        elif right[1] is None and isinstance(b, sp.OneMatrix) and same_size(b.shape[1], 1):
            number = emit("{0}.sum(axis=1, keepdims=True)", self._number(left))
        else:
            number = emit("({0} @ {1})", self._number(left), self._number(right))
        return shape, number

    def _trace(self, node: Any) -> int:
        """`tr(A'B)` as the sum of products of entries, without the matrix product."""
        emit = self.program.emit
        factors = [a for a in node.arg.args if _is_matrix(a)] if isinstance(node.arg, sp.MatMul) else [node.arg]
        scalar = (
            sp.Mul(*(a for a in node.arg.args if not _is_matrix(a))) if isinstance(node.arg, sp.MatMul) else sp.S.One
        )
        first, rest = factors[0], factors[1:]
        if not rest:
            number = emit("np.trace({0})", self.value(first))
        elif isinstance(first, sp.OneMatrix) and same_size(first.shape[0], 1):
            number = emit("{0}.sum()", self._associated(rest))
        else:
            number = emit("({0} * {1}).sum()", self.value(transposed(first)), self._associated(rest))
        return number if scalar == 1 else emit("({0} * {1})", self.lower(scalar), number)


def _unfolded(node: Any) -> list[Any]:
    """The arguments, and for a trace or a sum those of the products in it too."""
    arguments = list(node.args)
    if isinstance(node, sp.Trace) and isinstance(node.arg, sp.MatMul):
        scalars_ = [a for a in node.arg.args if not _is_matrix(a)]
        first, *rest = (a for a in node.arg.args if _is_matrix(a))
        return [*scalars_, transposed(first) if rest else first, *rest]
    if isinstance(node, sp.MatAdd):
        flat: list[Any] = []
        for term in arguments:
            flat.extend(
                (a.args[0] if isinstance(a, Diag) else a for a in term.args) if isinstance(term, sp.MatMul) else [term]
            )
        return flat
    return arguments


def _is_spread(term: Any) -> bool:
    """A column times a row of ones, or a column of ones times a row."""
    if not isinstance(term, sp.MatMul):
        return False
    matrices = [a for a in term.args if _is_matrix(a)]
    if len(matrices) < 2:
        return False
    by_row = isinstance(matrices[-1], sp.OneMatrix) and same_size(matrices[-1].shape[0], 1)
    by_column = isinstance(matrices[0], sp.OneMatrix) and same_size(matrices[0].shape[1], 1)
    return by_row != by_column
