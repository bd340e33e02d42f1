"""One vocabulary before differentiation: SymPy's classes as atoms, sums of entries as traces, derivatives taken.

A single pass from the leaves up, without recursion; equal subexpressions come out as one object, so that later passes
meet each of them once and compare by identity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.symbol import Str
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct

from cnnsym.atoms import (
    Diag,
    Diagonal,
    Elementwise,
    EntryFunction,
    Gradient,
    Hadamard,
    Jacobian,
    Kron,
    ObjectiveFunction,
    Unvec,
    Vec,
)
from cnnsym.calculus.entry_sums import from_entry_sum
from cnnsym.calculus.notation import (
    diagonal_column,
    diagonal_matrix,
    entrywise,
    is_column,
    is_row,
    matricised,
    plus,
    product,
    transposed,
    vectorised,
)
from cnnsym.calculus.reverse import gradients, jacobian_of
from cnnsym.calculus.rules import rule_of
from cnnsym.errors import UnsupportedError
from cnnsym.sizes import same_size

Rewrite = Callable[[Any], Any]


def normal(expr: Any) -> Any:
    """The same value in the vocabulary of the rules, equal subexpressions shared.

    What is not understood stays as it is; it matters only if a variable occurs in it.
    """
    return normal_all((expr,))[0]


def normal_all(exprs: Sequence[Any]) -> list[Any]:
    """The same for several expressions, sharing what they have in common."""
    return _fold(exprs, _entry_sums, _tidy)


def substitute(expr: Any, variable: Any, value: Any) -> Any:
    """`expr` with a matrix for a matrix symbol, in the same single pass."""

    def before(node: Any) -> Any:
        if node == variable:
            return value
        return node.xreplace({variable: value}) if not _is_open(node) and node.args else node

    # What was put in is not looked into: the value may hold the variable itself.
    return normal(_fold((expr,), before, lambda node: node, into_new=False)[0])


def _is_open(node: Any) -> bool:
    """Whether the pass goes into the arguments of a node."""
    if isinstance(node, (sp.MatrixSymbol, sp.Symbol, sp.MatrixBase, EntryFunction, ObjectiveFunction, Str)):
        return False
    if isinstance(node, (sp.Sum, sp.Piecewise, sp.KroneckerDelta)):
        return False
    return bool(node.args) and (rule_of(node) is not None or type(node) in _REWRITES)


def _fold(roots: Sequence[Any], before: Rewrite, after: Rewrite, into_new: bool = True) -> list[Any]:
    done: dict[int, Any] = {}
    started: dict[int, Any] = {}  # also keeps the nodes alive, so that an id stays theirs
    shared: dict[Any, Any] = {}
    stack = list(roots)
    while stack:
        node = stack[-1]
        key = id(node)
        if key in done:
            stack.pop()
            continue
        if key not in started:
            started[key] = (node, before(node))
        target = started[key][1]
        if target is not node:
            # `before` has had its say: its result is looked into, but not rewritten by `before` again at the top.
            started.setdefault(id(target), (target, target))
            if not into_new:
                done[key] = shared.setdefault(target, target)
                stack.pop()
                continue
        if id(target) not in done:
            arguments = target.args if _is_open(target) else ()
            missing = [a for a in arguments if id(a) not in done]
            if missing:
                stack.extend(missing)
                continue
            result = after(_rebuilt(target, [done[id(a)] for a in arguments]))
            done[id(target)] = shared.setdefault(result, result)
        done[key] = done[id(target)]
        stack.pop()
    return [done[id(root)] for root in roots]


def _rebuilt(node: Any, arguments: list[Any]) -> Any:
    if all(new is old for new, old in zip(arguments, node.args, strict=False)):
        return node
    if isinstance(node, sp.MatMul):
        return product(*arguments)
    if isinstance(node, sp.MatAdd):
        return plus(*arguments)
    return node.func(*arguments)


def _entry_sums(node: Any) -> Any:
    if not isinstance(node, sp.Sum):
        return node
    try:
        return from_entry_sum(node)
    except UnsupportedError:
        return node  # it may be constant; the rules say no where it is not


def _tidy(node: Any) -> Any:
    rewrite = _REWRITES.get(type(node))
    return node if rewrite is None else rewrite(node)


def _elementwise(node: Any) -> Any:
    function = node.function
    body = function.expr if isinstance(function, sp.Lambda) else None
    if isinstance(body, AppliedUndef) and body.args == function.variables:
        function = body.func
    if isinstance(function, UndefinedFunction):
        function = function.name
    return Elementwise(function, node.expr)


def _kron(node: Any) -> Any:
    """Two factors at a time; a ⊗ b' = a b' and a ⊗ b = vec(b a') for columns."""
    first, *others = node.args
    if not others:
        return first
    second = others[0] if len(others) == 1 else _kron(Kron(*others))
    if is_column(first) and is_row(second):
        return product(first, second)
    if is_row(first) and is_column(second):
        return product(second, first)
    if is_column(first) and is_column(second):
        return Vec(product(second, transposed(first)))
    if is_row(first) and is_row(second):
        return transposed(Vec(product(transposed(second), first)))
    return Kron(first, second)


def _trace(node: Any) -> Any:
    """tr(A ⊗ B) = tr(A) tr(B) for square factors."""
    if isinstance(node.arg, Kron) and all(same_size(*f.shape) for f in node.arg.args):
        return sp.Mul(*(sp.Trace(f) for f in node.arg.args))
    return node


def _product(node: Any) -> Any:
    needs = any(isinstance(a, (Diag, sp.Identity, sp.MatMul, sp.ZeroMatrix)) for a in node.args)
    return product(*node.args) if needs else node


def _power(node: Any) -> Any:
    if node.exp == 1:
        return node.base
    if node.exp.is_Integer and node.exp < 0:
        return sp.Inverse(node.base if node.exp == -1 else sp.MatPow(node.base, -node.exp))
    return node


def _hadamard_power(node: Any) -> Any:
    return entrywise(*[node.args[0]] * int(node.args[1])) if node.args[1] in (1, 2, 3) else node


def _derivative(node: Any) -> Any:
    function, variable, point = node.args
    taken = gradients(function, (variable,))[0] if isinstance(node, Gradient) else jacobian_of(function, variable)
    return normal(taken) if point == variable else substitute(taken, variable, point)


_REWRITES: dict[type, Rewrite] = {
    sp.MatMul: _product,
    sp.MatPow: _power,
    sp.Transpose: lambda node: transposed(node.arg),
    sp.Trace: _trace,
    Kron: _kron,
    KroneckerProduct: _kron,
    Hadamard: lambda node: entrywise(*node.args),
    HadamardProduct: lambda node: entrywise(*node.args),
    HadamardPower: _hadamard_power,
    ElementwiseApplyFunction: _elementwise,
    Diag: lambda node: diagonal_matrix(node.args[0]),
    DiagMatrix: lambda node: diagonal_matrix(node.args[0]),
    Diagonal: lambda node: diagonal_column(node.args[0]),
    DiagonalOf: lambda node: diagonal_column(node.arg) if same_size(*node.arg.shape) else node,
    DiagonalMatrix: lambda node: diagonal_matrix(diagonal_column(node.arg)) if same_size(*node.arg.shape) else node,
    Vec: lambda node: vectorised(node.args[0]),
    Unvec: lambda node: matricised(*node.args),
    Gradient: _derivative,
    Jacobian: _derivative,
}
