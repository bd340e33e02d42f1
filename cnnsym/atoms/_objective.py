"""An abstract differentiable scalar function of one or more matrices, its gradient and its Hessian."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.symbol import Str

from cnnsym.atoms._atom import Atom, as_matrix, digest
from cnnsym.errors import ShapeError


class ObjectiveFunction(sp.Basic):
    """The name of an abstract objective; calling it with matrices gives its scalar value."""

    def __new__(cls, name: Any) -> Any:
        return sp.Basic.__new__(cls, Str(str(name)))

    @property
    def label(self) -> str:
        return str(self.args[0])

    def __call__(self, *arguments: Any) -> Any:
        return ObjectiveValue(self, *arguments)

    def __str__(self) -> str:
        return self.label


class ObjectiveValue(sp.Expr):
    """`J(s, ...)`: a real scalar."""

    is_commutative = True
    is_extended_real = True
    _digest: str

    def __new__(cls, function: ObjectiveFunction, *arguments: Any) -> Any:
        if not arguments:
            raise ShapeError(f"objective {function}: expected at least one matrix argument")
        matrices = [as_matrix(f"objective {function}", a, f"argument {k}") for k, a in enumerate(arguments, 1)]
        value = sp.Expr.__new__(cls, function, *matrices)
        value._digest = digest("ObjectiveValue", function, *matrices)
        return value

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, ObjectiveValue) and self._digest == other._digest)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._digest)

    @property
    def function(self) -> ObjectiveFunction:
        return self.args[0]

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.args[1:]

    def doit(self, **_hints: Any) -> Any:
        return self

    def sort_key(self, order: Any = None) -> Any:
        return self.class_key(), (1, (self._digest,)), sp.S.One.sort_key(), sp.S.One


class ObjectiveGradient(Atom):
    """The gradient of `J` with respect to its argument number `k` (from 0), of that argument's shape, at the arguments."""

    def __new__(cls, function: ObjectiveFunction, k: Any, *arguments: Any) -> Any:
        k = sp.Integer(k)
        arguments = tuple(as_matrix(f"gradient of {function}", a) for a in arguments)
        return cls._store(arguments[int(k)].shape, function, k, *arguments)

    @property
    def function(self) -> ObjectiveFunction:
        return self.args[0]

    @property
    def position(self) -> int:
        return int(self.args[1])

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.args[2:]


class ObjectiveHessian(Atom):
    """Second derivatives of `J` by its arguments `k` and `l`: shape `(numel k, numel l)`, in vec order; symmetric."""

    def __new__(cls, function: ObjectiveFunction, k: Any, l: Any, *arguments: Any) -> Any:
        k, l = sp.Integer(k), sp.Integer(l)
        arguments = tuple(as_matrix(f"Hessian of {function}", a) for a in arguments)
        lengths = tuple(sp.expand(arguments[int(p)].shape[0] * arguments[int(p)].shape[1]) for p in (k, l))
        return cls._store(lengths, function, k, l, *arguments)

    @property
    def function(self) -> ObjectiveFunction:
        return self.args[0]

    @property
    def positions(self) -> tuple[int, int]:
        return int(self.args[1]), int(self.args[2])

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.args[3:]

    def _eval_transpose(self) -> Any:
        k, l = self.positions
        return ObjectiveHessian(self.function, l, k, *self.arguments)


def objective(name: str) -> ObjectiveFunction:
    """An abstract differentiable scalar function of matrices.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> J = objective("J")
    >>> J(cnnsym.vector("s", n)).is_commutative
    True
    """
    return ObjectiveFunction(name)
