"""Compiled code against the exact values of the oracle, and what it promises: sharing, dtypes, no text of a user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from oracles import _T, Oracle, _polynomial

from cnnsym.atoms import (
    basis,
    commutation,
    diag,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    relu,
    scalar,
    sigmoid,
    step,
    trace,
    unvec,
    vec,
    vector,
)
from cnnsym.calculus import gradient, jacobian
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.numpy_code import compile_numpy
from cnnsym.sizes import dims

m, n = dims("m n")
X, A, W, Z = matrix("X", n, n), matrix("A", n, n), matrix("W", m, n), matrix("Z", m, n)
x, y, b = vector("x", n), vector("y", n), vector("b", m)
k = scalar("k")
SYMBOLS = [X, A, W, Z, x, y, b, k]
f, J = elementwise("f"), objective("J")
tanh = elementwise(sp.tanh)

EXPRESSIONS: dict[str, Any] = {
    "affine": W * x + b,
    "chain to a column": W * A * X * x,
    "chain from a row": b.T * W * A,
    "outer": 3 * W * x * y.T * A,
    "difference": W - 2 * Z + k * W,
    "negative": -(W * X),
    "spread over columns": W + b * ones(1, n),
    "spread over rows": W - ones(m, 1) * x.T,
    "spread alone": b * ones(1, n),
    "spread rows alone": ones(m, 1) * x.T,
    "row sums": W * ones(n, 1),
    "column sums": ones(1, m) * W,
    "ones": ones(m, n) + W,
    "rows scaled": diag(b) * W,
    "columns scaled": W * diag(x),
    "diag": diag(x),
    "diag of product": W * diag(A * x) * X,
    "diagonal": diag(X * A),
    "hadamard": hadamard(W, Z, W),
    "hadamard power": sp.HadamardPower(W, 5),
    "inverse": X.inv() * x,
    "power": X**3,
    "inverse power": X**-2,
    "determinant": sp.log(sp.Determinant(X * X.T)),
    "trace": trace(X),
    "trace of product": trace(W.T * Z) / 2 + trace(X * A * X),
    "scaled trace": k * trace(k * X * A),
    "entry": (W * x)[0, 0] + x[1, 0],
    "kron": kron(W, X),
    "kron of columns": kron(x, b),
    "vec": vec(W),
    "unvec": unvec(kron(x, b), m, n),
    "commutation": commutation(m, n) * vec(W),
    "basis": W * basis(2, n),
    "identity": X + 2 * sp.Identity(n),
    "transposes": W.T * Z + A.T,
    "functions": elementwise(sp.exp)(W * x) + elementwise(sp.Lambda(k, k**2 / (1 + sp.Abs(k)) - sp.sqrt(2)))(b),
    "activations": hadamard(elementwise(relu)(W), elementwise(sigmoid)(W), elementwise(step)(Z)),
    "scalars": sp.sqrt(trace(W.T * W)) + sp.exp(-(k**2)) / sp.Rational(3, 7) + sp.pi * n,
    "explicit": sp.Matrix([[k, 2], [3, sp.Rational(1, 3)]]) * sp.Matrix([[1], [x[0, 0]]]),
    "abstract": f(W * x) + f.diff()(b),
    "objective": J(W * x),
    "gradient": gradient(J(f(W * x + b)), W),
    "gradient of a net": gradient(trace((W * tanh(X * x) - b).T * (W * tanh(X * x) - b)), X),
    "jacobian": jacobian(f(W * x + b), x),
    "gradient through kron": gradient(trace(kron(W, X).T * kron(Z, A)), X),
}


def _functions(oracle: Oracle) -> dict[str, Callable[..., Any]]:
    """The oracle's polynomials as NumPy functions, by autonomous evaluation of their coefficients."""
    named: dict[str, Callable[..., Any]] = {}
    for order in range(3):
        form = sp.Poly(sp.diff(_polynomial("f", oracle.seed), _T, order), _T)
        coefficients = [float(c) for c in form.all_coeffs()]
        named["f" + "'" * order] = lambda v, c=coefficients: np.polyval(c, v)
    given = matrix("s", m, 1)

    def exact(expr: Any) -> Callable[..., Any]:
        def call(value: Any) -> Any:
            found = oracle.explicit(expr, {given: sp.Matrix(value.shape[0], 1, [sp.Rational(v) for v in value.flat])})
            array = np.array(found.tolist(), dtype=float)
            return array if getattr(expr, "is_Matrix", False) else array[0, 0]

        return call

    named["J"] = exact(J(given))
    named["J'"] = exact(gradient(J(given), given))
    return named


@pytest.mark.parametrize("sizes", [{m: 3, n: 2}, {m: 2, n: 2}], ids=str)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_value(name: str, sizes: dict[Any, int]) -> None:
    expr = EXPRESSIONS[name]
    oracle = Oracle(sizes, seed=8)
    point = oracle.point(*SYMBOLS)
    compiled = compile_numpy(expr, SYMBOLS, functions=_functions(oracle))
    arrays = [np.array(point[s].tolist(), dtype=float) for s in SYMBOLS[:-1]] + [float(point[k][0])]
    copies = [np.copy(array) for array in arrays]
    value = compiled(*arrays)
    expected = np.array(oracle.explicit(expr, point).applyfunc(lambda e: sp.N(_plain(e), 25)).tolist(), dtype=float)
    if not getattr(expr, "is_Matrix", False):
        value = np.reshape(value, (1, 1))
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-9)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def _plain(expr: Any) -> Any:
    expr = sp.sympify(expr).replace(sigmoid, lambda t: 1 / (1 + sp.exp(-t)))
    return expr.replace(relu, lambda t: sp.Max(t, 0)).replace(step, lambda t: sp.Heaviside(t))


SINGLE = {
    name: expr for name, expr in EXPRESSIONS.items() if name not in ("abstract", "objective", "gradient", "jacobian")
}


@pytest.mark.parametrize("name", SINGLE)
def test_float32_stays(name: str) -> None:
    rng = np.random.default_rng(1)
    shapes = [(2, 2), (2, 2), (3, 2), (3, 2), (2, 1), (2, 1), (3, 1)]
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    value = compile_numpy(SINGLE[name], SYMBOLS)(*arrays, 0.5)
    assert np.asarray(value).dtype == np.float32


def test_common_subexpressions_are_computed_once() -> None:
    calls: list[int] = []

    def counted(v: Any) -> Any:
        calls.append(1)
        return v

    s = f(W * x + b)
    compiled = compile_numpy(
        [s.T * s, trace(s * s.T), gradient(trace(s.T * s), W)], [W, x, b], {"f": counted, "f'": np.ones_like}
    )
    compiled(np.ones((3, 2)), np.ones((2, 1)), np.ones((3, 1)))
    assert len(calls) == 1
    assert compiled.source.count("@ a1") == 1
    # tanh' = 1 - tanh**2 takes the tanh of the forward pass
    source = compile_numpy(gradient(trace(tanh(W * x).T * tanh(W * x)), W), [W, x]).source
    assert source.count("np.tanh") == 1


def test_diag_is_never_built_in_a_product() -> None:
    for expr in (diag(b) * W, W * diag(x), diag(b) * W * diag(x)):
        source = compile_numpy(expr, [W, x, b]).source
        assert "diagflat" not in source
        assert "@" not in source


def test_a_chain_that_ends_in_a_column_has_only_products_with_columns() -> None:
    source = compile_numpy(W * A * X * x, [W, A, X, x]).source
    assert "(a0 @ (a1 @ (a2 @ a3)))" in source


def test_no_text_of_a_user_is_compiled() -> None:
    evil = sp.MatrixSymbol("__import__('os').abort()", n, n)
    named = elementwise("x); raise SystemExit(")
    objective_ = objective("'; raise SystemExit; '")
    length = sp.Symbol("n]; raise SystemExit", integer=True, positive=True)
    other = sp.MatrixSymbol("Z", length, 1)
    functions = {"x); raise SystemExit(": np.sin, "'; raise SystemExit; '": lambda v: v.sum()}
    compiled = compile_numpy([named(evil), objective_(evil), other * 2], [evil, other], functions)
    values = compiled(np.ones((2, 2)), np.ones((3, 1)))
    np.testing.assert_allclose(values[0], np.sin(np.ones((2, 2))))
    assert "SystemExit" not in compiled.source
    assert "import" not in compiled.source


def test_stable_sigmoid() -> None:
    compiled = compile_numpy(elementwise(sigmoid)(x), [x])
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(compiled(np.array([[1e4], [-1e4]])), [[1.0], [0.0]])


def test_errors() -> None:
    with pytest.raises(ShapeError, match="W m x n"):
        compile_numpy(W * x, [x, W])(np.ones((2, 1)), np.ones((3, 3)))
    with pytest.raises(ShapeError):
        compile_numpy(2 * x, [x])(np.ones(2))
    with pytest.raises(UnsupportedError, match="no argument"):
        compile_numpy(W * x, [W])
    with pytest.raises(UnsupportedError, match="size"):
        compile_numpy(k * x, [x])
    with pytest.raises(UnsupportedError, match="functions"):
        compile_numpy(f(x), [x])
    with pytest.raises(UnsupportedError, match="gamma"):
        compile_numpy(elementwise(sp.gamma)(x), [x])
    with pytest.raises(UnsupportedError, match="twice"):
        compile_numpy(x, [x, x])
    with pytest.raises(UnsupportedError, match="arguments"):
        compile_numpy(W * x, [W * x])


def test_deep_networks_compile() -> None:
    current, parameters = x, [x]
    for layer in range(300):
        w = matrix(f"deepW{layer}", n, n)
        current = tanh(w * current)
        parameters.append(w)
    found = compile_numpy(gradient(trace(current.T * current), parameters[1:]), parameters)
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((3, 1))] + [rng.standard_normal((3, 3)) for _ in range(300)]
    values = found(*arrays)
    assert all(v.shape == (3, 3) for v in values)
    assert found.source.count("np.tanh") == 300


def test_concrete_sizes_and_one_by_one() -> None:
    c, r = matrix("c", 3, 1), matrix("r", 1, 3)
    compiled = compile_numpy([r * c, c * r, r * c * r], [r, c])
    rv, cv = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0], [0.5], [2.0]])
    for value, expected in zip(compiled(rv, cv), (rv @ cv, cv @ rv, rv @ cv @ rv), strict=True):
        np.testing.assert_allclose(value, expected)


def test_sizes_that_are_products() -> None:
    n, q, m = dims("n q m")
    tall, small = matrix("X", n * q, m), matrix("Y", n, q)
    compiled = compile_numpy(tall.T * tall + trace(small * small.T) * sp.Identity(m), [small, tall])
    assert compiled(np.ones((2, 3)), np.ones((6, 2))).tolist() == [[12, 6], [6, 12]]
    with pytest.raises(ShapeError, match=r"expected X n\*q x m"):
        compiled(np.ones((2, 3)), np.ones((5, 2)))
