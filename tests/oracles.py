"""An independent judge of derivatives: every operation by its definition, entry by entry, at small concrete sizes.

Nothing of what it judges is imported: no `cnnsym.calculus`, no index form, only the atoms' classes. Matrices are
explicit, derivatives are SymPy's scalar derivatives of entries. An abstract function is a seeded polynomial, so that its
values at rational points, and those of its derivatives, are exact rationals.
"""

from __future__ import annotations

import random
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym import atoms as at

_T = sp.Symbol("oracle_t", real=True)


def _polynomial(label: str, seed: int) -> sp.Expr:
    """A polynomial of degree 4 for an abstract function: none of its first four derivatives vanishes."""
    rng = random.Random(f"{label}:{seed}")
    return sum(sp.Rational(rng.randint(1, 9), rng.randint(2, 7)) * _T**k for k in range(5))


def _concrete(expr: Any) -> Any:
    """The activations by their definition."""
    expr = expr.replace(at.sigmoid, lambda t: 1 / (1 + sp.exp(-t)))
    expr = expr.replace(at.relu, lambda t: sp.Piecewise((t, t > 0), (0, True)))
    return expr.replace(at.step, lambda t: sp.Piecewise((1, t > 0), (0, True)))


class Oracle:
    """Explicit values and entrywise derivatives, for sizes and matrices given by name."""

    def __init__(self, sizes: dict[Any, int] | None = None, seed: int = 0) -> None:
        self.sizes = sizes or {}
        self.seed = seed

    def integer(self, length: Any) -> int:
        return int(sp.sympify(length).xreplace({k: sp.Integer(v) for k, v in self.sizes.items()}))

    def shape(self, expr: Any) -> tuple[int, int]:
        return (self.integer(expr.shape[0]), self.integer(expr.shape[1])) if self.is_matrix(expr) else (1, 1)

    @staticmethod
    def is_matrix(expr: Any) -> bool:
        return bool(getattr(expr, "is_Matrix", False))

    def symbols(self, x: Any) -> sp.Matrix:
        """A matrix of distinct real symbols in place of a matrix symbol (1 x 1 in place of a scalar symbol)."""
        rows, cols = self.shape(x)
        name = str(x)
        return sp.Matrix(rows, cols, lambda i, j: sp.Dummy(f"{name}[{i},{j}]", real=True))

    def point(self, *symbols: Any) -> dict[Any, sp.Matrix]:
        """Seeded rational entries, none of them 0, for matrix symbols and scalar symbols."""
        rng = random.Random(f"point:{self.seed}")
        drawn = {}
        for x in symbols:
            rows, cols = self.shape(x)
            drawn[x] = sp.Matrix(
                rows, cols, lambda i, j: sp.Rational(rng.choice([-1, 1]) * rng.randint(1, 12), rng.randint(3, 8))
            )
        return drawn

    def jacobian(self, f: Any, x: Any, at_point: dict[Any, sp.Matrix]) -> sp.Matrix:
        """`d vec(F) / d vec(X)'` at a point, entry by entry."""
        unknown = self.symbols(x)
        values = self.explicit(f, {**at_point, x: unknown})
        rows = [_concrete(sp.sympify(e)) for e in _stack(values)]
        here = dict(zip(_stack(unknown), _stack(at_point[x]), strict=True))
        return sp.Matrix(len(rows), len(here), lambda i, j: sp.diff(rows[i], list(here)[j]).xreplace(here))

    def gradient(self, f: Any, x: Any, at_point: dict[Any, sp.Matrix]) -> sp.Matrix:
        rows, cols = self.shape(x)
        row = self.jacobian(f, x, at_point)
        assert row.rows == 1
        return sp.Matrix(rows, cols, lambda i, j: row[0, i + rows * j])

    def agrees(self, expr: Any, expected: sp.Matrix, at_point: dict[Any, sp.Matrix]) -> bool:
        """Whether an expression has the expected shape and value, exactly (to 40 digits where it is not rational)."""
        value = self.explicit(expr, at_point).applyfunc(_concrete)
        return value.shape == expected.shape and all(_is_zero(a - b) for a, b in zip(value, expected, strict=True))

    def scalar(self, expr: Any, env: dict[Any, Any]) -> Any:
        return self.explicit(expr, env)[0, 0]

    def explicit(self, e: Any, env: dict[Any, Any]) -> sp.Matrix:
        """An explicit matrix, 1 x 1 for a scalar; `env` holds explicit values of symbols and of bound indices."""
        e = sp.sympify(e)
        if e in env:
            return env[e]
        if isinstance(e, sp.MatrixBase):
            return sp.Matrix(e.rows, e.cols, lambda i, j: self.scalar(e[i, j], env))
        matrix = self._matrix(e, env) if self.is_matrix(e) else None
        if matrix is not None:
            return sp.Matrix(matrix)
        return sp.Matrix([[self._scalar(e, env)]])

    def _index(self, i: Any, env: dict[Any, Any]) -> int:
        return self.integer(sp.sympify(i).xreplace({k: v[0, 0] for k, v in env.items() if isinstance(k, sp.Symbol)}))

    def _scalar(self, e: Any, env: dict[Any, Any]) -> Any:
        if e in self.sizes:
            return sp.Integer(self.sizes[e])
        if isinstance(e, sp.Trace):
            m = self.explicit(e.arg, env)
            return sum(m[i, i] for i in range(m.rows))
        if isinstance(e, sp.Determinant):
            return self.explicit(e.arg, env).det()
        if isinstance(e, MatrixElement):
            m = self.explicit(e.args[0], env)
            return m[self._index(e.args[1], env), self._index(e.args[2], env)]
        if isinstance(e, sp.Sum):
            (index, low, high), *others = e.limits
            inner = sp.Sum(e.function, *others) if others else e.function
            steps = range(self._index(low, env), self._index(high, env) + 1)
            return sum(self.scalar(inner, {**env, index: sp.Matrix([[k]])}) for k in steps)
        if isinstance(e, at.ObjectiveValue):
            return self._objective(e.function, e.arguments, env)[0]
        if isinstance(e, at.EntryValue):
            return self._function(e.args[0], self.scalar(e.args[1], env))
        if not e.args:
            return e
        return e.func(*(self.scalar(a, env) for a in e.args))

    def _function(self, function: at.EntryFunction, argument: Any) -> Any:
        if function.is_abstract:
            return sp.diff(_polynomial(function.label, self.seed), _T, function.order).xreplace({_T: argument})
        return function.args[0](argument)

    def _named(self, value: Any, argument: Any) -> Any:
        if isinstance(value, AppliedUndef):
            return _polynomial(value.func.__name__, self.seed).xreplace({_T: argument})
        return value

    def _objective(
        self, function: Any, arguments: Any, env: dict[Any, Any]
    ) -> tuple[Any, list[list[Any]], dict[Any, Any]]:
        """A polynomial of third degree in all entries; its value, its unknowns by argument, and their values."""
        rng = random.Random(f"{function}:{self.seed}")
        values = [self.explicit(a, env) for a in arguments]
        unknowns = [[sp.Symbol(f"u{k}_{i}", real=True) for i in range(len(v))] for k, v in enumerate(values)]
        flat = [u for us in unknowns for u in us]
        form = sp.Integer(0)
        for _ in range(3):
            linear = sum(sp.Rational(rng.randint(1, 9), 4) * u for u in flat)
            form += linear**2 * sp.Rational(rng.randint(1, 9), 3) + linear**3 / rng.randint(2, 5)
        form += sum(sp.Rational(rng.randint(1, 5)) * u**2 for u in flat)
        here = {u: v for us, m in zip(unknowns, values, strict=True) for u, v in zip(us, _stack(m), strict=True)}
        return form.xreplace(here), [[form, u] for u in unknowns], here

    def _matrix(self, e: Any, env: dict[Any, Any]) -> Any:
        sub = lambda a: self.explicit(a, env)  # noqa: E731
        rows, cols = self.shape(e)
        if isinstance(e, sp.MatAdd):
            parts = [sub(a) for a in e.args]
            return sp.Matrix(rows, cols, lambda i, j: sum(p[i, j] for p in parts))
        if isinstance(e, sp.MatMul):
            scale, result = sp.Integer(1), None
            for a in e.args:
                if self.is_matrix(a):
                    result = sub(a) if result is None else _times(result, sub(a))
                else:
                    scale *= self.scalar(a, env)
            return result.applyfunc(lambda v: scale * v)
        if isinstance(e, sp.MatPow):
            base, k = sub(e.base), self._index(e.exp, env)
            base = base.adjugate() / base.det() if k < 0 else base
            result = sp.eye(rows)
            for _ in range(abs(k)):
                result = _times(result, base)
            return result
        if isinstance(e, sp.Transpose):
            return sub(e.arg).T
        if isinstance(e, sp.Identity):
            return sp.eye(rows)
        if isinstance(e, sp.ZeroMatrix):
            return sp.zeros(rows, cols)
        if isinstance(e, sp.OneMatrix):
            return sp.ones(rows, cols)
        if isinstance(e, (at.Kron, KroneckerProduct)):
            result = sp.ones(1, 1)
            for a in e.args:
                result = _kron(result, sub(a))
            return result
        if isinstance(e, (at.Hadamard, HadamardProduct)):
            parts = [sub(a) for a in e.args]
            return sp.Matrix(rows, cols, lambda i, j: sp.Mul(*(p[i, j] for p in parts)))
        if isinstance(e, HadamardPower):
            return sub(e.args[0]).applyfunc(lambda v: v ** self.scalar(e.args[1], env))
        if isinstance(e, (at.Diag, DiagMatrix)):
            x = sub(e.args[0])
            return sp.Matrix(rows, cols, lambda i, j: x[i] if i == j else 0)
        if isinstance(e, DiagonalMatrix):
            x = sub(e.arg)
            return sp.Matrix(rows, cols, lambda i, j: x[i, i] if i == j else 0)
        if isinstance(e, (at.Diagonal, DiagonalOf)):
            x = sub(e.args[0])
            return sp.Matrix(rows, 1, lambda i, _: x[i, i])
        if isinstance(e, at.Elementwise):
            return sub(e.argument).applyfunc(lambda v: self._function(e.function, v))
        if isinstance(e, ElementwiseApplyFunction):
            return sub(e.expr).applyfunc(lambda v: self._named(e.function(v), v))
        if isinstance(e, at.Vec):
            return sp.Matrix(_stack(sub(e.args[0])))
        if isinstance(e, at.Unvec):
            x = sub(e.args[0])
            return sp.Matrix(rows, cols, lambda i, j: x[i + rows * j])
        if isinstance(e, at.Commutation):
            m, n = (self.integer(a) for a in e.args)
            return sp.Matrix(rows, cols, lambda r, c: int((r // n, r % n) == (c % m, c // m)))
        if isinstance(e, at.Basis):
            k = self._index(e.args[0], env)
            return sp.Matrix(rows, 1, lambda i, _: int(i + 1 == k))
        if isinstance(e, at.ObjectiveGradient):
            _, by_argument, here = self._objective(e.function, e.arguments, env)
            form, unknowns = by_argument[e.position]
            return sp.Matrix(rows, cols, lambda i, j: sp.diff(form, unknowns[i + rows * j]).xreplace(here))
        if isinstance(e, at.ObjectiveHessian):
            _, by_argument, here = self._objective(e.function, e.arguments, env)
            (form, first), (_, second) = (by_argument[p] for p in e.positions)
            return sp.Matrix(rows, cols, lambda i, j: sp.diff(form, first[i], second[j]).xreplace(here))
        if isinstance(e, (at.Gradient, at.Jacobian)):
            function, variable, point = e.args
            inner = {**env, variable: sub(point)}
            return (self.gradient if isinstance(e, at.Gradient) else self.jacobian)(function, variable, inner)
        raise NotImplementedError(type(e).__name__)


def _stack(m: Any) -> list[Any]:
    return [m[i, j] for j in range(m.cols) for i in range(m.rows)]


def _times(a: Any, b: Any) -> Any:
    assert a.cols == b.rows
    return sp.Matrix(a.rows, b.cols, lambda i, j: sum(a[i, k] * b[k, j] for k in range(a.cols)))


def _kron(a: Any, b: Any) -> Any:
    return sp.Matrix(
        a.rows * b.rows,
        a.cols * b.cols,
        lambda i, j: a[i // b.rows, j // b.cols] * b[i % b.rows, j % b.cols],
    )


def _is_zero(value: Any) -> bool:
    value = _concrete(sp.sympify(value))
    if value.is_Rational:
        return bool(value == 0)
    expanded = sp.expand(value)
    if expanded.is_Rational:
        return bool(expanded == 0)
    number = sp.N(value, 50, maxn=400)
    return bool(abs(number) < sp.Float(10) ** -40)
