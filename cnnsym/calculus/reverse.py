"""Gradients and Jacobians by one backward sweep, of expressions already in the vocabulary of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.calculus.notation import is_matrix, numel, product
from cnnsym.calculus.sweep import backward, zero_like


def gradients(function: Any, variables: Sequence[Any]) -> list[Any]:
    """The gradient of a scalar (or 1 x 1 matrix) with respect to each variable, cotangents shared."""
    seed = sp.Identity(1) if is_matrix(function) else sp.S.One
    found = backward(function, frozenset(variables), seed, lambda linear, g: linear.adjoint(g))
    return [found.get(variable, zero_like(variable)) for variable in variables]


def jacobian_of(function: Any, variable: Any) -> Any:
    """`d vec(F) / d vec(X)'`: the identity pushed from the left through the matrices of the linear maps."""
    rows = numel(function.shape) if is_matrix(function) else sp.S.One
    cols = numel(variable.shape) if is_matrix(variable) else sp.S.One
    found = backward(function, frozenset((variable,)), sp.Identity(rows), lambda linear, left: linear.after(left))
    return product(found[variable]) if variable in found else sp.ZeroMatrix(rows, cols)
