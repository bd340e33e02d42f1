"""Sums of roots of unity: a field, exactly; and what the discrete Fourier transform says, at symbolic length."""

from __future__ import annotations

import cmath
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.atoms import elementwise, signal
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate import evaluate_at, find_counterexample
from cnnsym.evaluate.arithmetic import differ, divide, power, sign
from cnnsym.evaluate.cyclotomic import IMAGINARY_UNIT, LARGEST_ORDER, Cyclotomic, root
from cnnsym.evaluate.dual import Dual
from cnnsym.evaluate.functions import conjugate, imaginary_part, magnitude, real_part
from cnnsym.evaluate.undefined import Undefined
from cnnsym.sizes import dims

ORDERS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15)


@st.composite
def sums(draw: st.DrawFn) -> Any:
    """A sum of a few roots of unity with rational coefficients."""
    total: Any = 0
    for _ in range(draw(st.integers(1, 4))):
        order = draw(st.sampled_from(ORDERS))
        coefficient = draw(st.fractions(-3, 3, max_denominator=4))
        total = total + coefficient * root(Fraction(draw(st.integers(0, order - 1)), order))
    return total


def near(z: Any) -> complex:
    """For the tests only: the number in floating point, from its coefficients."""
    if not isinstance(z, Cyclotomic):
        return complex(z)
    return sum(complex(c) * cmath.exp(2j * cmath.pi * k / z.order) for k, c in enumerate(z.coefficients))


@given(a=sums(), b=sums(), c=sums())
def test_the_laws_of_a_field(a: Any, b: Any, c: Any) -> None:
    assert a + b == b + a and a * b == b * a
    assert (a + b) + c == a + (b + c) and (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a - a == 0 and a + (-a) == 0 and a - b == -(b - a)
    assert conjugate(a * b) == conjugate(a) * conjugate(b) and conjugate(conjugate(a)) == a
    if a:
        assert divide(a, a) == 1 and divide(b, a) * a == b
        assert power(a, -2) * a * a == 1
    assert power(a, 3) == a * a * a


@given(a=sums(), b=sums())
def test_operations_agree_with_complex_numbers(a: Any, b: Any) -> None:
    for exact, approximate in (
        (a + b, near(a) + near(b)),
        (a - b, near(a) - near(b)),
        (a * b, near(a) * near(b)),
        (conjugate(a), near(a).conjugate()),
        (real_part(a), complex(near(a).real)),
        (imaginary_part(a), complex(near(a).imag)),
    ):
        assert abs(near(exact) - approximate) < 1e-9
    assert (a == b) is (abs(near(a) - near(b)) < 1e-9)
    if isinstance(a, Cyclotomic):
        assert a.is_real is (abs(near(a).imag) < 1e-9)
        assert abs(complex(a.expression()) - near(a)) < 1e-9


@given(a=sums())
def test_the_square_of_the_absolute_value_is_exact(a: Any) -> None:
    assert power(magnitude(a), 2) == real_part(a * conjugate(a))
    assert power(magnitude(a), 4) == power(a * conjugate(a), 2)


def test_roots_of_unity() -> None:
    for n in range(1, 31):
        roots = [root(Fraction(k, n)) for k in range(n)]
        assert all(power(z, n) == 1 for z in roots)
        assert sum(roots[1:], roots[0]) == (1 if n == 1 else 0)
        assert len({str(z) for z in roots}) == n
        assert root(Fraction(-1, n)) == roots[-1] == root(Fraction(n - 1 + 5 * n, n))
    assert root(Fraction(1, 2)) == -1
    assert root(Fraction(1, 4)) == IMAGINARY_UNIT and IMAGINARY_UNIT * IMAGINARY_UNIT == -1
    assert root(Fraction(1, 5)) + root(Fraction(4, 5)) != 0


def test_orders_have_a_limit() -> None:
    assert power(root(Fraction(1, LARGEST_ORDER)), LARGEST_ORDER) == 1
    with pytest.raises(LimitError, match="order"):
        root(Fraction(1, LARGEST_ORDER + 1))
    with pytest.raises(LimitError):
        root(Fraction(1, 49)) * root(Fraction(1, 25))


def test_real_ones_are_ordered_and_others_are_not() -> None:
    golden = root(Fraction(1, 5)) + root(Fraction(4, 5))  # (sqrt(5) - 1)/2
    assert sign(golden) == 1 and sign(golden - 1) == -1 and sign(golden - Fraction(6, 10)) == 1
    assert magnitude(-golden) == golden
    assert power(2 * golden + 1, 2) == 5
    for z in (IMAGINARY_UNIT, golden + IMAGINARY_UNIT, Dual(1, 1, {0: IMAGINARY_UNIT})):
        with pytest.raises(Undefined):
            sign(z)
    assert differ(golden, power(5, Fraction(1, 2)) * Fraction(1, 2) - Fraction(1, 2)) is None  # by enclosures only
    assert differ(golden, power(5, Fraction(1, 2))) is True
    assert differ(IMAGINARY_UNIT, power(5, Fraction(1, 2))) is True


def test_derivatives_of_absolute_values_are_those_of_real_functions() -> None:
    assert real_part(Dual(1, 0, {0: IMAGINARY_UNIT})).parts == {0: 0}
    assert imaginary_part(Dual(1, 0, {0: IMAGINARY_UNIT})).parts == {0: 1}
    assert magnitude(Dual(1, 2, {0: IMAGINARY_UNIT})).parts == {0: 0}  # |2 + it| is flat at t = 0
    assert magnitude(Dual(1, 3 + 4 * IMAGINARY_UNIT, {0: 5})).parts == {0: 3}


x, y, z = sp.symbols("x y z", real=True)
EXACT = [
    (sp.I * x, {x: 2}, 2 * sp.I),
    (sp.exp(2 * sp.pi * sp.I * x), {x: "1/4"}, sp.I),
    (sp.exp(2 * sp.pi * sp.I * x) ** 3, {x: "1/3"}, 1),
    (sp.exp(sp.pi * sp.I * x / 3 - sp.pi * sp.I * y), {x: 3, y: 2}, -1),
    (sp.exp(sp.I * (sp.pi * x + sp.pi * y)), {x: 1, y: "1/2"}, -sp.I),
    (sp.exp(2 * sp.pi * sp.I * x), {x: 0}, 1),
    (sp.Abs(x + sp.I * y), {x: 3, y: 4}, 5),
    (sp.conjugate(x + sp.I * y), {x: 3, y: 4}, 3 - 4 * sp.I),
    (sp.re((x + sp.I * y) ** 2), {x: 3, y: 4}, -7),
    (sp.im((x + sp.I * y) ** 2), {x: 3, y: 4}, 24),
    (1 / (x + sp.I * y), {x: 1, y: 1}, (1 - sp.I) / 2),
    (sp.cos(2 * sp.pi * x) + sp.I * sp.sin(2 * sp.pi * x) - sp.exp(2 * sp.pi * sp.I * x), {x: "1/5"}, 0),
    (sp.Piecewise((1, sp.Eq(x * sp.I, y * sp.I)), (2, True)), {x: 1, y: 1}, 1),
    (sp.Piecewise((1, sp.Eq(x * sp.I, y)), (2, True)), {x: 1, y: 1}, 2),
]


@pytest.mark.parametrize(("expr", "values", "expected"), EXACT, ids=str)
def test_a_complex_expression_has_its_exact_value(expr: Any, values: Any, expected: Any) -> None:
    assert evaluate_at(expr, {}, values) == expected


REFUSED = [
    sp.exp(sp.I * x),
    sp.exp(x + sp.pi * sp.I * y),
    sp.sqrt(2) * sp.exp(sp.pi * sp.I * y),
    sp.sqrt(sp.I) * x,
    (sp.I * x) ** y,
    2 ** (sp.pi * sp.I * x),
    1 / (sp.pi * sp.I * x),
    x + sp.pi * sp.I * y,
]


@pytest.mark.parametrize("expr", REFUSED, ids=str)
def test_other_complex_numbers_are_refused(expr: Any) -> None:
    with pytest.raises(UnsupportedError, match="roots of unity"):
        evaluate_at(expr, {}, {x: 1, y: "1/3"})


def test_real_functions_of_complex_numbers_are_undefined() -> None:
    f = elementwise("f")
    for expr in (sp.Max(x, y), sp.floor(x + sp.I * y, evaluate=False), sp.log(x + sp.I * y), f(x + sp.I * y)):
        complexly = expr.xreplace({x: sp.I * z}) if expr.has(sp.Max) else expr
        assert evaluate_at(complexly, {}, {x: 1, y: 1, z: 1}) is None


N, M, K = dims("N M K")
f, g, j, k, l, n, t = sp.symbols("f g j k l n t", integer=True)
u, v = (signal(name, N, grid="circular") for name in "uv")
fine = signal("w", M * N, grid="circular")


def turn(numerator: Any, length: Any = N) -> Any:
    return sp.exp(2 * sp.pi * sp.I * numerator / length)


def dft(place: Any, entry: Any, length: Any = N) -> Any:
    """The sum over `n` of an entry times the conjugate of a root of unity."""
    return sp.Sum(entry * turn(-place * n, length), (n, 0, length - 1))


def convolved(sign_: int) -> Any:
    return sp.Sum(u[k] * v[n - k if sign_ > 0 else n + k], (k, 0, N - 1))


U, V = dft(f, u[n]), dft(f, v[n])


@given(values=st.lists(st.integers(-9, 9), min_size=1, max_size=8))
def test_the_transform_agrees_with_numpy(values: list[int]) -> None:
    for place, expected in enumerate(np.fft.fft(values)):
        found = evaluate_at(U, {N: len(values)}, {"u": values, "f": place})
        assert abs(complex(found) - expected) < 1e-9


inverse = sp.Sum(sp.Sum(u[n] * turn(f * (t - n)), (n, 0, N - 1)), (f, 0, N - 1)) / N
TRUE: list[tuple[str, Any, Any]] = [
    ("orthogonality", sp.Sum(turn((f - g) * n), (n, 0, N - 1)), N * sp.KroneckerDelta(sp.Mod(f - g, N), 0)),
    ("inverse", inverse, u[t]),
    ("Parseval", sp.Sum(sp.Abs(U) ** 2, (f, 0, N - 1)), N * sp.Sum(u[n] ** 2, (n, 0, N - 1))),
    ("Plancherel", sp.Sum(U * sp.conjugate(V), (f, 0, N - 1)), N * sp.Sum(u[n] * v[n], (n, 0, N - 1))),
    ("convolution", dft(f, convolved(1)), U * V),
    ("correlation", dft(f, convolved(-1)), sp.conjugate(U) * V),
    ("shift", dft(f, u[n - t]), turn(-f * t) * U),
    ("symmetry", dft(-f, u[n]), sp.conjugate(U)),
    ("aliasing", dft(f, fine[M * n]), sp.Sum(dft(f + N * g, fine[n], M * N), (g, 0, M - 1)) / M),
    ("eigenvector", sp.Sum(u[t - n] * turn(f * n), (n, 0, N - 1)), U * turn(f * t)),
    ("real part", sp.re(U), sp.Sum(u[n] * sp.cos(2 * sp.pi * f * n / N), (n, 0, N - 1))),
    ("imaginary part", sp.im(U), -sp.Sum(u[n] * sp.sin(2 * sp.pi * f * n / N), (n, 0, N - 1))),
    ("geometric sum", sp.Sum(turn(f * n), (n, 0, K - 1)), (1 - turn(f * K)) / (1 - turn(f))),
    ("derivative", sp.Derivative(U, u[j]), turn(-f * j)),
    ("derivative of the energy", sp.Derivative(sp.Sum(U * sp.conjugate(U), (f, 0, N - 1)), u[j]), 2 * N * u[j]),
]
FALSE: list[tuple[str, Any, Any]] = [
    ("orthogonality without the modulus", sp.Sum(turn((f - g) * n), (n, 0, N - 1)), N * sp.KroneckerDelta(f, g)),
    ("inverse without 1/N", inverse * N, u[t]),
    ("Parseval without N", sp.Sum(sp.Abs(U) ** 2, (f, 0, N - 1)), sp.Sum(u[n] ** 2, (n, 0, N - 1))),
    ("Plancherel without conjugate", sp.Sum(U * V, (f, 0, N - 1)), N * sp.Sum(u[n] * v[n], (n, 0, N - 1))),
    ("convolution with conjugate", dft(f, convolved(1)), sp.conjugate(U) * V),
    ("correlation without conjugate", dft(f, convolved(-1)), U * V),
    ("shift the other way", dft(f, u[n - t]), turn(f * t) * U),
    ("symmetry without conjugate", dft(-f, u[n]), U),
    ("aliasing of neighbours", dft(f, fine[M * n]), sp.Sum(dft(f + g, fine[n], M * N), (g, 0, M - 1)) / M),
    ("eigenvector of the other sign", sp.Sum(u[t - n] * turn(f * n), (n, 0, N - 1)), U * turn(-f * t)),
    ("a sine for a cosine", sp.re(U), sp.Sum(u[n] * sp.sin(2 * sp.pi * f * n / N), (n, 0, N - 1))),
    ("the wrong sign of a sine", sp.im(U), sp.Sum(u[n] * sp.sin(2 * sp.pi * f * n / N), (n, 0, N - 1))),
    ("geometric sum, one too many", sp.Sum(turn(f * n), (n, 0, K)), (1 - turn(f * K)) / (1 - turn(f))),
    ("derivative with the other sign", sp.Derivative(U, u[j]), turn(f * j)),
]


@pytest.mark.parametrize(("lhs", "rhs"), [law[1:] for law in TRUE], ids=[law[0] for law in TRUE])
def test_theorems_on_the_transform_hold_at_all_lengths_tried(lhs: Any, rhs: Any) -> None:
    found = find_counterexample(lhs, rhs, budget=20)
    assert found.counterexample is None, found.counterexample
    lengths = {sizes["N"] for sizes in found.agreed + found.enclosed}
    assert len(lengths) >= 3 and 3 in lengths


@pytest.mark.parametrize(("lhs", "rhs"), [miss[1:] for miss in FALSE], ids=[miss[0] for miss in FALSE])
def test_near_misses_on_the_transform_are_refuted(lhs: Any, rhs: Any) -> None:
    example = find_counterexample(lhs, rhs, budget=20).counterexample
    assert example is not None and max(example.sizes.values()) <= 3
    redone = [str(evaluate_at(side, example.sizes, example.values)) for side in (lhs, rhs)]
    assert redone == [example.lhs, example.rhs]


def test_the_transform_as_a_matrix() -> None:
    matrix = sp.FunctionMatrix(N, N, sp.Lambda((k, l), turn(-k * l)))
    assert find_counterexample(matrix * matrix.adjoint(), N * sp.Identity(N)).agreed
    transposed = find_counterexample(matrix * matrix.T, N * sp.Identity(N)).counterexample
    assert transposed is not None and transposed.sizes == {"N": 3}
    assert find_counterexample(matrix.I, matrix.adjoint() / N).agreed
