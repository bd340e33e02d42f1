"""Statements with quantifiers taken apart: ground facts, and matrices that hold for all values of their variables.

An existence ("not for all") becomes a fresh symbol where it stands outside of every quantifier; inside of one it waits until
an instance has brought it outside. Source: any textbook of automated reasoning, under negation normal form, Skolem constants,
prenex form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from cnnsym.atoms import ForAll
from cnnsym.errors import UnsupportedError


@dataclass(frozen=True)
class Universal:
    """The matrix holds for all values of the variables, which are fresh symbols; with no variables it is a ground fact."""

    variables: tuple[Any, ...]
    matrix: Any


def clauses(statement: Any) -> Iterator[Universal]:
    """The statement, which is taken to hold, as universal statements that hold together.

    >>> i = sp.Symbol("i", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> [c.matrix for c in clauses(sp.Not(ForAll(i, sp.And(x[i] > 0, x[i] < 1))))]
    [(x[_i] >= 1) | (x[_i] <= 0)]
    """
    yield from _split(_normal(statement, positive=True))


def _normal(e: Any, positive: bool) -> Any:
    """Negation normal form, with fresh symbols for existences and fresh variables for quantifiers."""
    if e in (sp.true, sp.false):
        return e if positive else sp.Not(e)
    if isinstance(e, ForAll):
        if not positive:
            return _normal(e.renamed().statement, positive=False)
        quantified = e.renamed()
        return ForAll(quantified.variables, _inner(quantified.statement, positive=True))
    return _connective(e, positive, _normal)


def _inner(e: Any, positive: bool) -> Any:
    """The same under a quantifier, where an existence stays."""
    if e in (sp.true, sp.false):
        return e if positive else sp.Not(e)
    if isinstance(e, ForAll):
        quantified = e.renamed()
        return ForAll(quantified.variables, _inner(quantified.statement, True)) if positive else sp.Not(quantified)
    return _connective(e, positive, _inner)


def _connective(e: Any, positive: bool, normal: Any) -> Any:
    match e:
        case sp.And() | sp.Or():
            join = sp.And if isinstance(e, sp.And) == positive else sp.Or
            return join(*(normal(a, positive) for a in e.args))
        case sp.Not():
            return normal(e.args[0], not positive)
        case sp.Implies():
            return normal(sp.Or(sp.Not(e.args[0]), e.args[1]), positive)
        case sp.Equivalent():
            first, *others = e.args
            both = [sp.Or(*pair) for o in others for pair in ((sp.Not(first), o), (first, sp.Not(o)))]
            return normal(sp.And(*both), positive)
        case sp.ITE():
            condition, yes, no = e.args
            return normal(sp.And(sp.Or(sp.Not(condition), yes), sp.Or(condition, no)), positive)
        case Relational():
            return e if positive else sp.Not(e)
    raise UnsupportedError(f"{e} in a statement to be proved")


def _split(e: Any) -> Iterator[Universal]:
    if isinstance(e, sp.And):
        for a in e.args:
            yield from _split(a)
    elif e != sp.true:
        variables, matrix = _pulled(e)
        if variables and isinstance(matrix, sp.And):
            for part in matrix.args:
                used = tuple(v for v in variables if v in part.free_symbols)
                yield Universal(used, part)
        else:
            yield Universal(variables, matrix)


def _pulled(e: Any) -> tuple[tuple[Any, ...], Any]:
    """All quantifiers in front; their variables are fresh, so none meets another."""
    if isinstance(e, ForAll):
        variables, matrix = _pulled(e.statement)
        return (*e.variables, *variables), matrix
    if isinstance(e, (sp.And, sp.Or)):
        parts = [_pulled(a) for a in e.args]
        return tuple(v for variables, _ in parts for v in variables), e.func(*(matrix for _, matrix in parts))
    return (), e
