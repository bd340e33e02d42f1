"""Derivatives as a formula writes them, as unevaluated `Gradient` and `Jacobian`.

With respect to a symbol `v` that is defined, definitions are looked through down to `v` and not below it; the derivative
is then taken at the value of `v`. What the definition of `v` does not reach is constant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import Basis, Gradient, Jacobian, Kron, Vec, unvec, vec
from cnnsym.latex.arithmetic import as_scalar, is_single
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.symbols import find
from cnnsym.latex.syntax import Command, Fraction, Group, Node, Relation, Script, Scripted, factors_of
from cnnsym.latex.variable import Variable, rest_of, shown, variable
from cnnsym.sizes import same_size

Function = Callable[[Reading], Any]


def is_partial(node: Node) -> bool:
    """True for a fraction with ∂ (or ∂ squared) at the beginning of its numerator."""
    return isinstance(node, Fraction) and _partial(factors_of(node.above)[0][0])


def _partial(node: Node) -> bool:
    base = node.base if isinstance(node, Scripted) else node
    return isinstance(base, Command) and base.text == "\\partial"


def is_operator(node: Node) -> bool:
    """True for `\\frac{\\partial}{\\partial x}`, which wants something to act on."""
    return isinstance(node, Fraction) and is_partial(node) and len(factors_of(node.above)[0]) == 1


def partial(reading: Reading, node: Fraction, operand: Node | None = None) -> Any:
    """The value of `\\frac{\\partial F}{\\partial x^\\top}`, or of the operator applied to an operand."""
    above, operators = factors_of(node.above)
    below, below_operators = factors_of(node.below)
    if isinstance(above[0], Scripted):
        raise reading.error("higher derivatives in a fraction are not supported: nest them", above[0].at)
    if not _partial(below[0]) or isinstance(below[0], Scripted) or len(below) < 2:
        raise reading.error("expected \\partial and a variable in the denominator", node.below.at)
    if any(_partial(factor) for factor in below[1:]):
        raise reading.error("expected one variable in the denominator", node.below.at)
    by = variable(reading, rest_of(below[1:], below_operators[1:]))
    numerator = operand if operand is not None else rest_of(above[1:], operators[1:])
    return taken(reading, lambda inner: inner.value(numerator), by, numerator.at)


def nabla(reading: Reading, below: Script, function: Function, at: int) -> Any:
    """`\\nabla_x J`, of the shape of x."""
    if len(below.items) != 1:
        raise reading.error("expected one variable under \\nabla", below.at)
    return taken(reading, function, variable(reading, below.items[0]), at, gradient=True)


def _function(reading: Reading, function: Function, by: Variable, at: int) -> Any:
    inner = reading.holding(by.name) if by.name else reading
    if isinstance(by.symbol, sp.Indexed):
        # An index of a sum must not be taken for one of the entry: d/dx_j of a sum over j.
        inner = inner.avoiding(*(s.name for i in by.symbol.indices for s in i.atoms(sp.Symbol, sp.Idx)))
    return by.occurrences(reading, function(inner), at)


def taken(reading: Reading, function: Function, by: Variable, at: int, gradient: bool = False) -> Any:
    """The derivative of a function by a variable, in the form that the transposes of both ask for."""
    value = _function(reading, function, by, at)
    if gradient and is_matrix(value) and not is_single(value):
        raise reading.error(
            f"\\nabla: expected a scalar, got {shown(value)}; the Jacobian is \\frac{{\\partial F}}{{\\partial x^\\top}}",
            at,
        )
    if isinstance(by.symbol, sp.Indexed):
        return sp.Derivative(as_scalar(reading, value, at, "derivative by an entry of a signal"), by.symbol)
    if by.is_scalar:
        return _by_scalar(reading, value, by, at)
    scalar = not is_matrix(value) or is_single(value)
    if is_matrix(value):
        reading.require_known(at, *value.shape)
    symbol, point = by.symbol, by.point
    if by.position is not None:
        return _by_entry(value, by, scalar)
    column = same_size(symbol.shape[1], 1)
    if scalar:
        if not by.transposed:
            gradient = Gradient(value, symbol, point)
            return vec(gradient) if by.vectorised else gradient
        if by.vectorised or column:
            return Jacobian(value, symbol, point)
        return Gradient(value, symbol, point).T
    if not by.transposed:
        if same_size(value.shape[0], 1) and (column or by.vectorised):
            return Jacobian(value.T, symbol, point).T
        raise reading.error(
            f"the derivative of {shown(value)} by an untransposed array is not defined: write \\partial x^{{\\top}} "
            "for the Jacobian",
            at,
        )
    if isinstance(value, Vec):
        value = value.args[0]
    elif not same_size(value.shape[1], 1):
        raise reading.error(f"expected a column to differentiate, got {shown(value)}: write \\mathrm{{vec}}(...)", at)
    if not (column or by.vectorised):
        raise reading.error(
            f"expected a column to differentiate by, got {shown(symbol)}: write \\partial \\mathrm{{vec}}^{{\\top}}(...)",
            at,
        )
    return Jacobian(value, symbol, point)


def _by_entry(value: Any, by: Variable, scalar: bool) -> Any:
    row, col = by.position or (0, 0)
    if scalar:
        return MatrixElement(Gradient(value, by.symbol, by.point), row, col)
    rows, cols = by.symbol.shape
    unit = Kron(Basis(col + 1, cols), Basis(row + 1, rows)) if not same_size(cols, 1) else Basis(row + 1, rows)
    change = Jacobian(value, by.symbol, by.point) * unit
    return change if same_size(value.shape[1], 1) else unvec(change, *value.shape)


def _by_scalar(reading: Reading, value: Any, by: Variable, at: int) -> Any:
    if by.point is not None:
        raise reading.error(f"a derivative by the defined scalar {by.name} is not supported", at)
    if not is_matrix(value) and not value.has(sp.MatrixExpr, sp.Sum, sp.Product, sp.Indexed, sp.Idx):
        return sp.diff(value, by.symbol)
    single = sp.MatrixSymbol(by.name, 1, 1)
    value = value.xreplace({by.symbol: MatrixElement(single, 0, 0)})
    point = sp.ImmutableDenseMatrix([[by.symbol]])
    if not is_matrix(value) or is_single(value):
        return sp.Trace(Gradient(value, single, point))
    change = Jacobian(value, single, point)
    return change if same_size(value.shape[1], 1) else unvec(change, *value.shape)


def evaluated_at(reading: Reading, group: Group, scripts: tuple[Script, ...]) -> tuple[Any, tuple[Script, ...]]:
    """`\\left. \\nabla_X F \\right|_{X = P}`: a derivative at a point."""
    relation = scripts[0].items[0] if scripts and scripts[0].kind == "_" and len(scripts[0].items) == 1 else None
    if not isinstance(relation, Relation) or len(relation.members) != 2 or relation.operators[1] != "=":
        raise reading.error("expected the point, as in \\right|_{X = A}", scripts[0].at if scripts else group.at)
    if len(group.items) != 1:
        raise reading.error("expected one expression", group.at)
    reference = find(reading, relation.members[0])
    if reference is None or reference.rest or not isinstance(reference.meant, sp.MatrixSymbol):
        raise reading.error("expected a declared symbol before the =", relation.members[0].at)
    value = reading.holding(reference.name).value(group.items[0])
    point = reading.value(relation.members[1])
    symbol = reference.meant
    if not isinstance(value, (Gradient, Jacobian)) or value.args[1:] != (symbol, symbol):
        raise reading.error(f"expected a derivative by {reference.name} in front of the bar", group.at)
    if not is_matrix(point) or not all(reading.agree(a, b) for a, b in zip(point.shape, symbol.shape, strict=True)):
        raise reading.error(f"expected a point of the shape of {reference.name}, got {shown(point)}", relation.at)
    return type(value)(value.args[0], symbol, point), scripts[1:]


def differential(reading: Reading, node: Node, at: int) -> Any:
    """`d(F)`. The symbols whose own differential the formula mentions vary; all of them, where it mentions none."""
    symbol = differentiated_symbol(reading, node)
    if symbol is not None:
        name = f"d{symbol.name}"
        if reading.scope.knows(name):
            raise reading.error(f"{name} is declared, so that d({symbol.name}) has no name of its own", at)
        return sp.MatrixSymbol(name, *symbol.shape)
    value = reading.value(node)
    mentioned = reading.facts.differentials
    symbols = sorted(
        (s for s in value.atoms(sp.MatrixSymbol) if not mentioned or s.name in mentioned), key=lambda s: str(s.name)
    )
    if not mentioned and any(isinstance(s, sp.Symbol) and not s.is_integer for s in value.free_symbols):
        raise reading.error("d(...) of declared scalars is not supported", at)
    constant = sorted(s.name for s in value.atoms(sp.MatrixSymbol) if s not in symbols)
    reading.facts.assumed.extend(f"{name} is constant under d" for name in constant)
    changes = [(s, sp.MatrixSymbol(f"d{s.name}", *s.shape)) for s in symbols]
    if not is_matrix(value) or is_single(value):
        return sp.Add(*(sp.Trace(Gradient(value, s).T * change) for s, change in changes))
    if not changes:
        return sp.ZeroMatrix(*value.shape)
    first, *others = [Jacobian(value, s) * (c if same_size(s.shape[1], 1) else vec(c)) for s, c in changes]
    total = first
    for other in others:
        total = total + other
    return total if same_size(value.shape[1], 1) else unvec(total, *value.shape)


def differentiated_symbol(reading: Reading, node: Node) -> Any:
    """The matrix symbol in `d(X)`; None where something else stands there."""
    if isinstance(node, Group) and len(node.items) == 1:
        return differentiated_symbol(reading, node.items[0])
    reference = find(reading, node)
    if reference is None or reference.rest or not isinstance(reference.meant, sp.MatrixSymbol):
        return None
    return None if reference.name in reading.scope.definitions else reference.meant
