"""Statements that look true and are not: none may be called proved, and each has a counterexample at small sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

from cnnsym import Maximum, commutation, diag, dims, hadamard, indicator, kron, matrix, prove, signal, vec, vector
from cnnsym.atoms import Gradient

n, m, k, s = dims("n m k s")
p = sp.Symbol("p", integer=True, nonnegative=True)
q = sp.Symbol("q", integer=True)
i, j, a, u = sp.symbols("i j a u", integer=True)
w, x, y, X = signal("w", k), signal("x", n), signal("y", m), signal("X", n, n)
A, B, C, v = matrix("A", n, n), matrix("B", n, n), matrix("C", n, n), vector("v", n)
HALF = sp.Rational(1, 2)


def over(e: Any, *limits: Any) -> Any:
    return sp.Sum(e, *limits)


FALSE: dict[str, Callable[[], tuple[Any, Any]]] = {
    "a shift of the summand": lambda: (over(x[i + 1], (i, 0, n - 1)), over(x[i], (i, 0, n - 1))),
    "a reversal, off by one": lambda: (over(x[n - i], (i, 0, n - 1)), over(x[i], (i, 0, n - 1))),
    "a split beyond the end": lambda: (over(1, (i, 0, n - 1)), over(1, (i, 0, p - 1)) + over(1, (i, p, n - 1))),
    "a stride that covers all": lambda: (over(x[s * i], (i, 0, n - 1)), over(x[i], (i, 0, n - 1))),
    "floor for ceiling": lambda: (sp.floor(n / s), sp.ceiling(n / s)),
    "floor of a sum": lambda: (sp.floor(n / s) + sp.floor(m / s), sp.floor((n + m) / s)),
    "mod of a sum": lambda: (sp.Mod(i + j, s), sp.Mod(i, s) + sp.Mod(j, s)),
    "mod of a mod": lambda: (sp.Mod(sp.Mod(i, s), k), sp.Mod(i, s * k)),
    "quotient and another remainder": lambda: (s * sp.floor(i / s) + sp.Mod(i, k), i),
    "convolution for correlation": lambda: (
        over(w[a] * x[i + a], (a, 0, k - 1)),
        over(w[k - 1 - a] * x[i + a], (a, 0, k - 1)),
    ),
    "an adjoint that shifts the same way": lambda: (
        over(y[i] * over(w[a] * x[i + a], (a, 0, k - 1)), (i, 0, m - 1)),
        over(x[j] * over(w[a] * y[j + a], (a, 0, k - 1)), (j, 0, n - 1)),
    ),
    "the sum of a valid convolution": lambda: (
        over(w[a] * x[i + a], (a, 0, k - 1), (i, 0, n - k)),
        over(w[a], (a, 0, k - 1)) * over(x[i], (i, 0, n - 1)),
    ),
    "stride without zeros between": lambda: (
        over(y[i] * x[s * i], (i, 0, m - 1)),
        over(x[j] * y[sp.floor(j / s)], (j, 0, n - 1)),
    ),
    "the square of a sum": lambda: (over(x[i] * x[i], (i, 0, n - 1)), over(x[i], (i, 0, n - 1)) ** 2),
    "one name for two indices": lambda: (
        over(x[i] * over(w[i], (i, 0, k - 1)), (i, 0, n - 1)),
        over(x[i] * w[i], (i, 0, n - 1)),
    ),
    "a free index captured": lambda: (
        over(x[i] * over(w[j], (j, 0, k - 1)), (i, 0, n - 1)),
        over(x[j] * over(w[j], (j, 0, k - 1)), (i, 0, n - 1)),
    ),
    "a triangle, exchanged": lambda: (over(X[i, j], (j, 0, i), (i, 0, n - 1)), over(X[i, j], (i, 0, j), (j, 0, n - 1))),
    "at most for less": lambda: (indicator(sp.Le(i, j)), indicator(sp.Lt(i, j))),
    "a window wider by one": lambda: (Maximum(x[i + a], (a, 0, k - 1)), Maximum(x[i + a], (a, 0, k))),
    "the maximum of a sum": lambda: (
        Maximum(x[i] + w[i], (i, 0, k - 1)),
        Maximum(x[i], (i, 0, k - 1)) + Maximum(w[i], (i, 0, k - 1)),
    ),
    "a maximum times any number": lambda: (Maximum(q * x[i], (i, 0, n - 1)), q * Maximum(x[i], (i, 0, n - 1))),
    "a mean of one more": lambda: (over(x[i], (i, 0, p - 1)) / p, over(x[i], (i, 0, p)) / (p + 1)),
    "a derivative out of range": lambda: (sp.Derivative(over(x[a], (a, 0, m - 1)), x[i]), sp.S.One),
    "a derivative with a stride": lambda: (
        sp.Derivative(over(x[s * a], (a, 0, m - 1)), x[i]),
        indicator(sp.Eq(sp.Mod(i, s), 0)),
    ),
    "half of a product rule": lambda: (sp.Derivative(x[i] * x[j], x[a]), indicator(sp.Eq(a, i)) * x[j]),
    "a cosine sum at multiples": lambda: (
        over(sp.cos(2 * sp.pi * i * u / n), (i, 0, n - 1)),
        n * indicator(sp.Eq(u, 0)),
    ),
    "the norm of the constant cosine": lambda: (over(sp.cos(sp.pi * (i + HALF) * u / n) ** 2, (i, 0, n - 1)), n / 2),
    "a root of a square": lambda: (sp.sqrt(x[i] ** 2), x[i]),
    "factors of a Kronecker product": lambda: (kron(A, B), kron(B, A)),
    "vec of a product, untransposed": lambda: (vec(A * B * C), kron(C, A) * vec(B)),
    "vec of a transpose": lambda: (vec(A.T), vec(A)),
    "a trace, not cyclic": lambda: (sp.Trace(A * B * C), sp.Trace(A * C * B)),
    "a trace of entrywise products": lambda: (sp.Trace(hadamard(A, B)), sp.Trace(A * B)),
    "the gradient of log det": lambda: (Gradient(sp.log(sp.Determinant(A)), A, A), A.inv()),
    "the gradient of a quadratic form": lambda: (Gradient((v.T * A * v)[0, 0], v, v), 2 * A * v),
    "the inverse of a product": lambda: ((A * B).inv(), A.inv() * B.inv()),
    "a commutation that is idempotent": lambda: (commutation(n, n) * commutation(n, n), commutation(n, n)),
    "a diagonal on the other side": lambda: (diag(v) * A, A * diag(v)),
}


@pytest.mark.parametrize("name", FALSE)
def test_it_is_refuted(name: str) -> None:
    verdict = prove(*FALSE[name]())
    assert verdict.name == "refuted", verdict
    assert verdict.counterexample is not None
