"""Proofs: how long one takes, against what SymPy does with the same statement, in the same run.

    python benchmarks/prove.py

Times are medians of alternating repetitions, SymPy's cache cleared before each. SymPy is asked in the ways it offers: `==`,
`.equals`, `doit`, `simplify`, `combine_kronecker`; an answer counts where it is True. `prove` includes the second decider,
exact evaluation.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.hadamard import HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct, combine_kronecker

from cnnsym.atoms import (
    Gradient,
    Jacobian,
    ObjectiveGradient,
    commutation,
    diag,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    trace,
    vec,
    vector,
)
from cnnsym.calculus import take_derivatives
from cnnsym.index_form import difference
from cnnsym.prover import prove
from cnnsym.sizes import dims

m, n, p, q, r, u = dims("m n p q r u")
A, X, B = matrix("A", m, n), matrix("X", n, p), matrix("B", p, q)
C, D, E = matrix("C", n, r), matrix("D", q, u), matrix("E", m, n)
F, a, b, c = matrix("F", n, m), vector("a", m), vector("b", n), vector("c", m)

f, Cost = elementwise("f"), objective("Cost")
W, s, bias = matrix("W", m, n), vector("s", n), vector("b", m)
value = Cost(W * f(s) + bias)
outer = ObjectiveGradient(Cost, 0, W * f(s) + bias)
slope = f.diff()(s)

Equation = tuple[str, Any, Any]
BACKPROP: list[Equation] = [
    ("row", Jacobian(value, s), outer.T * W * diag(slope)),
    ("column with diag", Gradient(value, s), diag(slope) * W.T * outer),
    ("column with Hadamard", Gradient(value, s), hadamard(slope, W.T * outer)),
]
LAWS: list[Equation] = [
    ("vec(AXB) = (B' kron A) vec X", vec(A * X * B), kron(B.T, A) * vec(X)),
    ("(A kron B)(C kron D) = AC kron BD", kron(A, B) * kron(C, D), kron(A * C, B * D)),
    ("K vec(A) = vec(A')", commutation(m, n) * vec(A), vec(A.T)),
    ("tr(A'E) = vec(A)' vec(E)", trace(A.T * E), vec(A).T * vec(E)),
    ("vec(ab') = b kron a", vec(a * b.T), kron(b, a)),
    ("diag(a) c = a o c", diag(a) * c, hadamard(a, c)),
    ("tr(AF) = tr(FA)", trace(A * F), trace(F * A)),
]
# The same laws in SymPy's own classes; it has no vec and no commutation matrix.
IN_SYMPY: dict[str, tuple[Any, Any]] = {
    LAWS[1][0]: (KroneckerProduct(A, B) * KroneckerProduct(C, D), KroneckerProduct(A * C, B * D)),
    LAWS[5][0]: (sp.DiagMatrix(a) * c, HadamardProduct(a, c)),
    LAWS[6][0]: (sp.Trace(A * F), sp.Trace(F * A)),
}


def sympy_proves(left: Any, right: Any) -> bool:
    """Whether SymPy finds the two sides equal in any of its ways."""
    attempts: list[Callable[[], Any]] = [
        lambda: left == right,
        lambda: left.doit() == right.doit(),
        lambda: sp.simplify(left - right) in (0, sp.ZeroMatrix(*getattr(left, "shape", (1, 1)))),
        lambda: left.equals(right) is True,
        lambda: combine_kronecker(left) == right,
        lambda: sp.simplify(left) == sp.simplify(right),
    ]
    return any(_true(attempt) for attempt in attempts)


def _true(attempt: Callable[[], Any]) -> bool:
    try:
        return attempt() is True
    except Exception:
        return False


def sympy_backprop() -> str:
    """What SymPy's own derivative of the sum of g(W f(s) + b) is; its true value is W' g'(W f(s) + b) times f'(s)."""
    entries = (W * s.applyfunc(sp.Function("f")) + bias).applyfunc(sp.Function("g"))
    return str(sp.diff((sp.OneMatrix(1, m) * entries)[0, 0], s))


def milliseconds(calls: dict[str, Callable[[], Any]], repetitions: int = 15) -> dict[str, float]:
    """The median time of each call, taken in turns; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for round_ in range(repetitions + 1):
        for name, call in calls.items():
            sp.core.cache.clear_cache()
            start = time.perf_counter()
            call()
            if round_:
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(found) for name, found in times.items()}


def canonical(equations: list[Equation]) -> Callable[[], None]:
    def run() -> None:
        for name, left, right in equations:
            assert difference(take_derivatives(left), take_derivatives(right)).is_zero, name

    return run


def both_deciders(equations: list[Equation]) -> Callable[[], None]:
    def run() -> None:
        for name, left, right in equations:
            assert prove(left, right).name == "proved", name

    return run


def by_sympy(equations: list[Equation]) -> Callable[[], int]:
    return lambda: sum(sympy_proves(*IN_SYMPY[name]) for name, *_ in equations if name in IN_SYMPY)


def test_laws(benchmark: Any) -> None:
    """For `pytest benchmarks`: the seven laws in index form."""
    benchmark(canonical(LAWS))


def test_backprop(benchmark: Any) -> None:
    benchmark(canonical(BACKPROP))


def main() -> None:
    found = milliseconds(
        {
            "backprop, 3 forms, index form": canonical(BACKPROP),
            "backprop, 3 forms, prove": both_deciders(BACKPROP),
            "7 laws, index form": canonical(LAWS),
            "7 laws, prove": both_deciders(LAWS),
            f"{len(IN_SYMPY)} of the laws, SymPy": by_sympy(LAWS),
        }
    )
    for name, each in found.items():
        print(f"  {name:34s} {each:9.2f} ms")
    sympys = found[f"{len(IN_SYMPY)} of the laws, SymPy"]
    print(
        f"  7 laws in index form against SymPy's attempts at {len(IN_SYMPY)} of them: {found['7 laws, index form'] / sympys:.2f}"
    )
    print(f"  proved: cnnsym {len(LAWS)} of {len(LAWS)}, SymPy {by_sympy(LAWS)()} of {len(LAWS)}")
    print(f"  derivative of Cost(W f(s) + b) by SymPy: {sympy_backprop()}")


if __name__ == "__main__":
    main()
