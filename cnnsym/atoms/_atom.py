"""The base of the matrix atoms: what SymPy lacks, as `MatrixExpr` classes that store and never compute.

`type(e)(*e.args) == e` holds for each of them; `doit` leaves them alone, and their sort key does not walk into the
arguments. Both matter: SymPy calls `doit` and sorts at every `+` and `*`, and a network of a thousand layers is an
expression a thousand atoms deep.
"""

from __future__ import annotations

import hashlib
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from cnnsym.errors import ShapeError
from cnnsym.expression import expression


class Atom(MatrixExpr):
    """A matrix-valued operation; subclasses compute `_shape` in `__new__` through `_store`."""

    is_commutative = False
    is_Identity = False
    _digest: str
    _size: tuple[sp.Expr, sp.Expr]

    # Structure is compared by digest: SymPy's own comparison recurses, and a deep network is deeper than Python's stack.
    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self._digest == other._digest)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._digest)

    @classmethod
    def _store(cls, shape: tuple[Any, Any], *args: Any) -> Any:
        atom = sp.Basic.__new__(cls, *args)
        atom._size = (expression(shape[0]), expression(shape[1]))
        atom._digest = digest(cls.__name__, *args)
        return atom

    @property
    def shape(self) -> tuple[sp.Expr, sp.Expr]:
        return self._size

    def doit(self, **_hints: Any) -> Any:
        return self

    def sort_key(self, order: Any = None) -> Any:
        return self.class_key(), (1, (self._digest,)), sp.S.One.sort_key(), sp.S.One

    def _entry(self, i: Any, j: Any, **_kwargs: Any) -> Any:
        return MatrixElement(self, i, j)

    def _eval_transpose(self) -> Any:
        return sp.Transpose(self)

    def _eval_derivative(self, _symbol: Any) -> Any:
        raise TypeError(
            "use cnnsym.gradient or cnnsym.jacobian: SymPy's matrix .diff is not sound on matrix expressions"
        )


def digest(*parts: Any) -> str:
    """256 bits that identify an expression by its structure; it stops at atoms, whose digest is already known."""
    content = hashlib.blake2b(digest_size=32)
    stack = list(reversed(parts))
    while stack:
        part = stack.pop()
        known = getattr(part, "_digest", None)
        if known is not None:
            content.update(known.encode())
        elif isinstance(part, sp.Basic) and part.args:
            content.update(f"{type(part).__name__}{len(part.args)}(".encode())
            stack.extend(reversed(part.args))
        else:
            # A symbol is more than its name: its assumptions tell x from a positive x.
            inner = part._hashable_content() if isinstance(part, sp.Symbol) else part
            content.update(f"{type(part).__name__}:{inner!r};".encode())
    return content.hexdigest()


def as_matrix(operation: str, value: Any, argument: str = "its argument") -> Any:
    """The value as a SymPy matrix expression; ShapeError where it is none."""
    value = expression(value)
    if isinstance(value, sp.MatrixBase):
        return value.as_immutable()
    if not getattr(value, "is_Matrix", False):
        raise ShapeError(f"{operation}: expected a matrix for {argument}, got {type(value).__name__} {value}")
    return value
