"""One pass over an expression in each direction: each distinct subexpression once, without recursion.

Forward carries differentials from the variables to the root; backward carries cotangents (or left factors of the
Jacobian) from the root to the variables, adding those of one node before they go on. So the cost is linear in the
number of distinct subexpressions, whatever the depth.

Source: Griewank and Walther, Evaluating Derivatives, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import sympy as sp

from cnnsym.atoms import EntryFunction
from cnnsym.calculus.linear_maps import LinearMap
from cnnsym.calculus.notation import is_matrix, plus
from cnnsym.calculus.rules import arguments_of, rule_of
from cnnsym.errors import UnsupportedError


def dependent_nodes(root: Any, variables: Collection[Any]) -> list[Any]:
    """The distinct subexpressions of `root` in which a variable occurs, arguments before what they are arguments of."""
    depends: dict[Any, bool] = {}
    order: list[Any] = []
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node in depends:
            continue
        if node in variables:
            found = True
        elif isinstance(node, (sp.MatrixSymbol, sp.Symbol)) or not isinstance(node, sp.Basic):
            found = False
        elif isinstance(node, EntryFunction):  # its own variable is bound
            found = not node.is_abstract and not node.args[0].free_symbols.isdisjoint(variables)
        elif not ready:
            stack.append((node, True))
            stack.extend((argument, False) for argument in arguments_of(node))
            continue
        else:
            found = any(depends[argument] for argument in arguments_of(node))
        depends[node] = found
        if found:
            order.append(node)
    return order


def _maps(node: Any, dependent: Collection[Any]) -> Iterator[tuple[Any, LinearMap]]:
    rule = rule_of(node)
    if rule is None:
        raise UnsupportedError(f"derivative of {type(node).__name__}: no rule for it")
    covered = set()
    for argument, make in rule(node):
        if argument in dependent:
            covered.add(argument)
            yield argument, make()
    for argument in arguments_of(node):
        if argument in dependent and argument not in covered:
            raise UnsupportedError(f"derivative of {type(node).__name__}: the variable occurs in {argument}")


def backward(root: Any, variables: Collection[Any], seed: Any, pull: Callable[[LinearMap, Any], Any]) -> dict[Any, Any]:
    """The cotangent of each variable that occurs; `pull(map, cotangent of a node)` is that of its argument."""
    order = dependent_nodes(root, variables)
    dependent = set(order)
    waiting: dict[Any, list[Any]] = {root: [seed]}
    found: dict[Any, Any] = {}
    for node in reversed(order):
        cotangent = _hashed(plus(*waiting.pop(node)))
        if node in variables:
            found[node] = cotangent
            continue
        for argument, linear in _maps(node, dependent):
            waiting.setdefault(argument, []).append(pull(linear, cotangent))
    return found


def forward(root: Any, variable: Any, increment: Any) -> Any | None:
    """The differential of `root` where that of `variable` is `increment`; None where the variable does not occur."""
    order = dependent_nodes(root, (variable,))
    dependent = set(order)
    differentials: dict[Any, Any] = {variable: increment}
    for node in order:
        if node != variable:
            parts = [linear.apply(differentials[argument]) for argument, linear in _maps(node, dependent)]
            differentials[node] = _hashed(plus(*parts))
    return differentials.get(root) if order else None


def _hashed(expr: Any) -> Any:
    """The expression, its hash taken: SymPy keeps it, so that taking that of a deep expression never recurses."""
    hash(expr)
    return expr


def zero_like(expr: Any) -> Any:
    """The zero of the shape of a matrix, 0 for a scalar."""
    return sp.ZeroMatrix(*expr.shape) if is_matrix(expr) else sp.S.Zero
