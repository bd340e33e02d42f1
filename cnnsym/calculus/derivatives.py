"""The public derivatives: `differential`, `jacobian`, `gradient`.

Conventions: vec stacks columns; the Jacobian has a row for each entry of F and a column for each entry of X; the
gradient has the shape of its variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.calculus.normal import normal
from cnnsym.calculus.notation import is_matrix
from cnnsym.calculus.reverse import gradients, jacobian_of
from cnnsym.calculus.sweep import forward, zero_like
from cnnsym.errors import ShapeError
from cnnsym.expression import expression
from cnnsym.sizes import shape_text


def differential(function: Any, variable: Any) -> Any:
    """`dF` where `X` moves by `dX`: of the shape of `F`, and linear in the symbol named `d` and the name of `X`.

    `function` is a matrix or scalar expression, `variable` a matrix symbol (then `dX` is one of the same shape) or a
    scalar symbol. Raises ShapeError where `variable` is neither, UnsupportedError where an operation has no rule.

    Source: Magnus and Neudecker, Matrix Differential Calculus, chapters 5 and 8.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> X, A = cnnsym.matrix("X", m, n), cnnsym.matrix("A", n, n)
    >>> differential(X*A*X.T, X)
    X*A*dX.T + dX*A*X.T
    """
    variable = _variable("differential", variable)
    if is_matrix(variable):
        increment = sp.MatrixSymbol(f"d{variable.name}", *variable.shape)
    else:
        increment = sp.Symbol(f"d{variable.name}", **variable.assumptions0)
    expr = normal(expression(function))
    moved = forward(expr, variable, increment)
    return zero_like(expr) if moved is None else moved


def jacobian(function: Any, variable: Any) -> Any:
    """`d vec(F) / d vec(X)'` of shape `(numel F, numel X)`, both in vec (column-major) order.

    A scalar `function` gives one row, a scalar symbol as `variable` one column. Raises ShapeError where `variable` is
    no symbol, UnsupportedError where an operation has no rule.

    Source: Magnus and Neudecker, Matrix Differential Calculus, chapter 9.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> W, b, z = cnnsym.matrix("W", m, n), cnnsym.vector("b", m), cnnsym.vector("z", n)
    >>> jacobian(W*z + b, z)
    W
    >>> jacobian(W*z + b, W).shape
    (m, m*n)
    """
    return jacobian_of(normal(expression(function)), _variable("jacobian", variable))


def gradient(function: Any, variable: Any) -> Any:
    """The gradient of a scalar, of the shape of the variable: `dJ = tr(gradient' dX)`.

    `function` is a scalar or a matrix of shape `(1, 1)`; `variable` a matrix symbol, a scalar symbol (then the result
    is a scalar), or a sequence of them: then a list, from one sweep, in which common parts are common objects. Raises
    ShapeError where `function` is no scalar or `variable` no symbol, UnsupportedError where an operation has no rule.

    Source: Griewank and Walther, Evaluating Derivatives, chapter 3; Magnus and Neudecker, chapter 9.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> W, z = cnnsym.matrix("W", m, n), cnnsym.vector("z", n)
    >>> gradient(cnnsym.trace(W*z*z.T*W.T), W)
    2*W*z*z.T
    """
    function = expression(function)
    if is_matrix(function) and function.shape != (1, 1):
        raise ShapeError(f"gradient: expected a scalar, got shape {shape_text(function.shape)}")
    many = isinstance(variable, Sequence) and not isinstance(variable, str)
    variables = [_variable("gradient", v) for v in (variable if many else (variable,))]
    found = gradients(normal(function), variables)
    return found if many else found[0]


def _variable(operation: str, variable: Any) -> Any:
    if not isinstance(variable, (sp.MatrixSymbol, sp.Symbol)):
        raise ShapeError(f"{operation}: expected a matrix symbol or a scalar symbol as variable, got {variable}")
    return variable
