"""The table of differentials: for each operation, dF as a sum of linear maps of the differentials of its arguments.

`differential`, `gradient` and `jacobian` all read this table, so they cannot disagree with each other.

Source: Magnus and Neudecker, Matrix Differential Calculus, chapters 8 and 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.hadamard import HadamardPower
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import (
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
from cnnsym.calculus.linear_maps import (
    DiagonalColumnOf,
    DiagonalMatrixOf,
    HadamardWith,
    KronLeft,
    KronRight,
    LeftRight,
    LinearMap,
    Matricised,
    ScaledBy,
    ThroughVec,
    TimesMatrix,
    TraceWith,
    Transposed,
    Vectorised,
)
from cnnsym.calculus.notation import entrywise, is_matrix, product, transposed, unit
from cnnsym.errors import LimitError, UnsupportedError

# An argument and its linear map; the map is made only where the argument depends on the variable.
Term = tuple[Any, Callable[[], LinearMap]]
_LONGEST_POWER = 64


def _sum(node: Any) -> Iterator[Term]:
    """d(A + B) = dA + dB"""
    for argument in node.args:
        yield argument, lambda: ScaledBy(sp.S.One)


def _product(node: Any) -> Iterator[Term]:
    """d(c A X B) = dc A X B + c A dX B"""
    scalars = [a for a in node.args if not is_matrix(a)]
    factors = [a for a in node.args if is_matrix(a)]
    for k, scalar in enumerate(scalars):
        yield scalar, lambda k=k: TimesMatrix(product(*scalars[:k], *scalars[k + 1 :], *factors))  # type: ignore[misc]
    for k, factor in enumerate(factors):
        yield factor, lambda k=k, x=factor: _between(sp.Mul(*scalars), factors[:k], x, factors[k + 1 :])  # type: ignore[misc]


def _between(scalar: Any, before: list[Any], x: Any, after: list[Any]) -> LinearMap:
    return LeftRight(scalar, product(*before) if before else None, product(*after) if after else None, *x.shape)


def _inverse(node: Any) -> Iterator[Term]:
    """d(X^-1) = -X^-1 dX X^-1"""
    yield node.arg, lambda: LeftRight(sp.S.NegativeOne, node, node, *node.shape)


def _power(node: Any) -> Iterator[Term]:
    """d(X^k) = sum over j < k of X^j dX X^(k-1-j)"""
    x, k = node.base, node.exp
    if not (k.is_Integer and k >= 0):
        raise UnsupportedError(f"derivative of a matrix power: expected an integer exponent, got {k}")
    if k > _LONGEST_POWER:
        raise LimitError(f"derivative of a matrix power: expected an exponent up to {_LONGEST_POWER}, got {k}")

    def power(j: int) -> Any:
        return None if j == 0 else x if j == 1 else sp.MatPow(x, j)

    for j in range(int(k)):
        yield x, lambda j=j: LeftRight(sp.S.One, power(j), power(int(k) - 1 - j), *x.shape)  # type: ignore[misc]


def _transpose(node: Any) -> Iterator[Term]:
    """d(X') = (dX)'"""
    yield node.arg, lambda: Transposed(*node.arg.shape)


def _hadamard(node: Any) -> Iterator[Term]:
    """d(A ⊙ B) = B ⊙ dA + A ⊙ dB"""
    for k, factor in enumerate(node.args):
        others = node.args[:k] + node.args[k + 1 :]
        yield factor, lambda o=others: HadamardWith(entrywise(*o)) if o else ScaledBy(sp.S.One)  # type: ignore[misc]


def _hadamard_power(node: Any) -> Iterator[Term]:
    """d(X^∘p) = p X^∘(p-1) ⊙ dX, for a constant scalar p"""
    x, p = node.args
    if is_matrix(p) or not is_matrix(x):
        raise UnsupportedError("derivative of HadamardPower: expected a matrix to the power of a scalar")
    yield x, lambda: HadamardWith(product(p, Elementwise(sp.Lambda(_T, _T ** (p - 1)), x)))


_T = sp.Symbol("t", real=True)


def _elementwise(node: Any) -> Iterator[Term]:
    """d f(X) = f'(X) ⊙ dX"""
    yield node.argument, lambda: HadamardWith(Elementwise(_derivative(node.function), node.argument))


def _derivative(function: EntryFunction) -> EntryFunction:
    derived = function.diff()
    body = derived.args[0]
    if isinstance(body, sp.Lambda) and _is_formal(body.expr):
        raise UnsupportedError(f"derivative of {function}: SymPy knows no derivative function of it")
    return derived


def _is_formal(expr: Any) -> bool:
    """Whether SymPy only wrote the derivative down, or needed a distribution for it."""
    return bool(expr.has(sp.Derivative, sp.Subs, sp.DiracDelta, AppliedUndef))


def _kron(node: Any) -> Iterator[Term]:
    """d(A ⊗ B) = dA ⊗ B + A ⊗ dB"""
    if len(node.args) != 2:
        raise UnsupportedError(f"derivative of Kron: expected two factors, got {len(node.args)}")
    a, b = node.args
    yield a, lambda: KronLeft(b, *a.shape)
    yield b, lambda: KronRight(a, *b.shape)


def _diag(node: Any) -> Iterator[Term]:
    """d diag(x) = diag(dx)"""
    yield node.args[0], lambda: DiagonalMatrixOf(node.shape[0])


def _diagonal(node: Any) -> Iterator[Term]:
    """d diag(X) = diag(dX), the column on the diagonal"""
    yield node.args[0], lambda: DiagonalColumnOf(node.shape[0])


def _vec(node: Any) -> Iterator[Term]:
    """d vec(X) = vec(dX)"""
    yield node.args[0], lambda: Vectorised(*node.args[0].shape)


def _unvec(node: Any) -> Iterator[Term]:
    """d unvec(x) = unvec(dx)"""
    yield node.args[0], lambda: Matricised(*node.shape)


def _trace(node: Any) -> Iterator[Term]:
    """d tr(X) = tr(dX)"""
    yield node.arg, lambda: TraceWith(sp.Identity(node.arg.shape[0]))


def _determinant(node: Any) -> Iterator[Term]:
    """d det(X) = det(X) tr(X^-1 dX)"""
    yield node.arg, lambda: TraceWith(product(node, sp.Inverse(transposed(node.arg))))


def _entry(node: Any) -> Iterator[Term]:
    """d X[i, j] = e_i' dX e_j"""
    x, i, j = node.args
    yield x, lambda: TraceWith(product(unit(i, x.shape[0]), transposed(unit(j, x.shape[1]))))


def _explicit(node: Any) -> Iterator[Term]:
    """dA = sum over the entries of dA[i, j] e_i e_j'"""
    for i in range(node.rows):
        for j in range(node.cols):
            unit = sp.ImmutableDenseMatrix(node.rows, node.cols, lambda r, c, i=i, j=j: int((r, c) == (i, j)))
            yield node[i, j], lambda unit=unit: TimesMatrix(unit)  # type: ignore[misc]


def _objective(node: Any) -> Iterator[Term]:
    """d J(X, ...) = tr((∇J)' dX) + ..."""
    for k, argument in enumerate(node.arguments):
        gradient = ObjectiveGradient(node.function, k, *node.arguments)
        yield argument, lambda g=gradient: TraceWith(g)  # type: ignore[misc]


def _objective_gradient(node: Any) -> Iterator[Term]:
    """d vec(∇_k J) = sum over l of H_kl vec(dX_l)"""
    for l, argument in enumerate(node.arguments):
        hessian = ObjectiveHessian(node.function, node.position, l, *node.arguments)
        yield argument, lambda h=hessian, x=argument: ThroughVec(h, *x.shape, *node.shape)  # type: ignore[misc]


def _objective_hessian(_node: Any) -> Iterator[Term]:
    raise UnsupportedError("derivative of ObjectiveHessian: third derivatives of an objective are not covered")


def _entry_value(node: Any) -> Iterator[Term]:
    """d f(c) = f'(c) dc"""
    function, argument = node.args
    yield argument, lambda: ScaledBy(function.diff().value(argument))


def _scalar_product(node: Any) -> Iterator[Term]:
    """d(a b) = b da + a db"""
    for k, factor in enumerate(node.args):
        yield factor, lambda k=k: ScaledBy(sp.Mul(*node.args[:k], *node.args[k + 1 :]))  # type: ignore[misc]


def _scalar_function(node: Any) -> Iterator[Term]:
    """d g(a, b) = g_a(a, b) da + g_b(a, b) db, the partial derivatives by SymPy's scalar calculus"""
    if isinstance(node, (sp.Piecewise, sp.KroneckerDelta)) or not all(isinstance(a, sp.Expr) for a in node.args):
        raise UnsupportedError(f"derivative of {type(node).__name__}: not covered")
    places = [a if a.is_Number else sp.Dummy(real=True) for a in node.args]
    values = {place: a for place, a in zip(places, node.args, strict=True) if place is not a}
    form = node.func(*places)

    def partial(place: Any) -> LinearMap:
        derived = sp.diff(form, place)
        if _is_formal(derived):
            raise UnsupportedError(f"derivative of {type(node).__name__}: SymPy knows no derivative function of it")
        return ScaledBy(derived.xreplace(values))

    for place, argument in zip(places, node.args, strict=True):
        if place is not argument:
            yield argument, lambda p=place: partial(p)  # type: ignore[misc]


RULES: dict[type, Callable[[Any], Iterator[Term]]] = {
    sp.MatAdd: _sum,
    sp.MatMul: _product,
    sp.Inverse: _inverse,
    sp.MatPow: _power,
    sp.Transpose: _transpose,
    Hadamard: _hadamard,
    HadamardPower: _hadamard_power,
    Elementwise: _elementwise,
    Kron: _kron,
    Diag: _diag,
    Diagonal: _diagonal,
    Vec: _vec,
    Unvec: _unvec,
    sp.Trace: _trace,
    sp.Determinant: _determinant,
    MatrixElement: _entry,
    sp.MatrixBase: _explicit,
    ObjectiveValue: _objective,
    ObjectiveGradient: _objective_gradient,
    ObjectiveHessian: _objective_hessian,
    EntryValue: _entry_value,
    sp.Add: _sum,
    sp.Mul: _scalar_product,
    sp.Pow: _scalar_function,
    sp.Function: _scalar_function,
}


def rule_of(node: Any) -> Callable[[Any], Iterator[Term]] | None:
    """The rule for a node, by its class or the nearest base class; None where there is none."""
    return next((RULES[cls] for cls in type(node).__mro__ if cls in RULES), None)


def arguments_of(node: Any) -> tuple[Any, ...]:
    """What a node is made of; each part that depends on the variable must occur in the rule."""
    return tuple(node.flat()) if isinstance(node, sp.MatrixBase) else tuple(node.args)
