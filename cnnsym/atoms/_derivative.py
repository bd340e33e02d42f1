"""Derivatives as they are written, not yet taken: what a parsed formula holds.

`Gradient(J, X, point)` is the gradient of `J` with respect to the matrix symbol `X`, evaluated at `X = point`; `Jacobian`
likewise. Inside, `X` is a bound name wherever `point` is not `X` itself. `cnnsym.gradient` and `cnnsym.jacobian` take them.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms._atom import Atom
from cnnsym.errors import ShapeError
from cnnsym.expression import expression
from cnnsym.sizes import require_same_shape


def _variable(operation: str, variable: Any, point: Any) -> tuple[Any, Any]:
    if not isinstance(variable, sp.MatrixSymbol):
        raise ShapeError(f"{operation}: expected a matrix symbol as variable, got {variable}")
    point = variable if point is None else point
    require_same_shape(operation, (f"variable {variable}", variable.shape), ("the point", point.shape))
    return variable, point


class Gradient(Atom):
    """`∇_X J` at `point`, of the shape of `X`; `J` is scalar (an Expr, or a matrix of shape `(1, 1)`)."""

    def __new__(cls, function: Any, variable: Any, point: Any = None) -> Any:
        variable, point = _variable("gradient", variable, point)
        function = expression(function)
        if getattr(function, "is_Matrix", False) and function.shape != (1, 1):
            raise ShapeError(f"gradient: expected a scalar, got shape {function.shape[0]} x {function.shape[1]}")
        return cls._store(variable.shape, function, variable, point)


class Jacobian(Atom):
    """`∂ vec(F) / ∂ vec(X)'` at `point`: a row for each entry of `F`, a column for each entry of `X`, both in vec order."""

    def __new__(cls, function: Any, variable: Any, point: Any = None) -> Any:
        variable, point = _variable("jacobian", variable, point)
        function = expression(function)
        rows = function.shape[0] * function.shape[1] if getattr(function, "is_Matrix", False) else 1
        cols = variable.shape[0] * variable.shape[1]
        return cls._store((sp.expand(rows), sp.expand(cols)), function, variable, point)
