"""Functions that act entry by entry: abstract (`f`, `f'`, `f''`) or given by a SymPy scalar function (`tanh`, a Lambda)."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import FunctionClass
from sympy.core.symbol import Str

from cnnsym.atoms._atom import Atom, as_matrix
from cnnsym.atoms._binders import apart
from cnnsym.errors import UnsupportedError
from cnnsym.expression import expression


class EntryFunction(sp.Basic):
    """A real function of one real variable: a name with an order of derivative, or a SymPy function.

    Calling it with a matrix applies it entry by entry, with a scalar it gives the scalar value. `f.diff()` is its derivative.
    """

    def __new__(cls, function: Any, order: Any = 0) -> Any:
        order = sp.Integer(order)
        if isinstance(function, (str, Str)):
            return sp.Basic.__new__(cls, Str(str(function)), order)
        if isinstance(function, FunctionClass):
            variable = sp.Dummy("t", real=True)
            function = sp.Lambda(variable, function(variable))
        if not isinstance(function, sp.Lambda) or len(function.signature) != 1:
            raise TypeError(
                f"elementwise: expected a name, a SymPy function or a Lambda of one variable, got {function!r}"
            )
        if order:
            return EntryFunction(function).diff(int(order))
        # Always a Lambda: SymPy cannot traverse an expression that holds a function class.
        return sp.Basic.__new__(cls, _with_fixed_variable(function), order)

    @property
    def is_abstract(self) -> bool:
        return isinstance(self.args[0], Str)

    @property
    def scalar(self) -> Any:
        """The SymPy function of a concrete one: `cos` where it is `t -> cos(t)`, else the Lambda."""
        expr, variables = self.args[0].expr, self.args[0].variables
        return expr.func if isinstance(expr, sp.Function) and expr.args == tuple(variables) else self.args[0]

    @property
    def label(self) -> str:
        """The name of an abstract function, without its order."""
        return str(self.args[0])

    @property
    def order(self) -> int:
        return int(self.args[1])

    def diff(self, times: int = 1) -> EntryFunction:
        """The derivative function, taken `times` times."""
        if self.is_abstract:
            return EntryFunction(self.args[0], self.order + times)
        variable = sp.Dummy("t", real=True)
        return EntryFunction(sp.Lambda(variable, sp.diff(self.value(variable), variable, times)))

    def value(self, argument: sp.Expr) -> sp.Expr:
        """The scalar value at a scalar expression."""
        return EntryValue(self, argument) if self.is_abstract else _applied(self.args[0], argument)

    def __call__(self, argument: Any) -> Any:
        argument = expression(argument)
        return Elementwise(self, argument) if getattr(argument, "is_Matrix", False) else self.value(argument)

    def __str__(self) -> str:
        return self.label + "'" * self.order if self.is_abstract else str(self.scalar)


def _applied(function: sp.Lambda, argument: sp.Expr) -> Any:
    """The value of the Lambda; an index that its body sums over is not mistaken for a symbol of that name outside."""
    if _bound(function.expr) & argument.free_symbols:
        function = sp.Lambda(function.variables, apart(function.expr))
        if clash := _bound(function.expr) & argument.free_symbols:
            raise UnsupportedError(f"elementwise: {function} binds {clash}, which {argument} has")
    return function(argument)


def _bound(expr: Any) -> set[Any]:
    return {symbol for node in sp.preorder_traversal(expr) for symbol in getattr(node, "bound_symbols", ())}


def _with_fixed_variable(function: sp.Lambda) -> Any:
    """The Lambda with one fixed variable, so that equal functions are equal."""
    (variable,) = function.variables
    fixed = sp.Symbol("t", real=True)
    if variable == fixed or function.expr.has(fixed):
        return function
    return sp.Lambda(fixed, function.expr.xreplace({variable: fixed}))


class EntryValue(sp.Expr):
    """The value of an abstract function at a scalar expression."""

    is_commutative = True
    is_extended_real = True

    def __new__(cls, function: EntryFunction, argument: Any) -> Any:
        return sp.Expr.__new__(cls, function, expression(argument))

    def _eval_derivative(self, symbol: Any) -> Any:
        function, argument = self.args
        return EntryValue(function.diff(), argument) * argument.diff(symbol)


class Elementwise(Atom):
    """`f(X)` entry by entry: the shape of `X`."""

    def __new__(cls, function: Any, x: Any) -> Any:
        if not isinstance(function, EntryFunction):
            function = EntryFunction(function)
        x = as_matrix(f"elementwise {function}", x)
        return cls._store(x.shape, function, x)

    @property
    def function(self) -> EntryFunction:
        return self.args[0]

    @property
    def argument(self) -> Any:
        return self.args[1]

    def _eval_transpose(self) -> Any:
        # f acts entry by entry, so f(X)' = f(X'); written with the transpose outside, which is how notes write it.
        return sp.Transpose(self)


def elementwise(function: Any) -> EntryFunction:
    """A function that acts entry by entry: `elementwise("f")` is abstract, `elementwise(sympy.tanh)` concrete.

    >>> import cnnsym
    >>> f = elementwise("f")
    >>> n = cnnsym.dims("n")
    >>> f(cnnsym.vector("x", n)).shape
    (n, 1)
    """
    return EntryFunction(function)
