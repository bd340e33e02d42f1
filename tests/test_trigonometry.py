"""Trigonometric identities and closed forms of sums: the true ones hold, near misses do not."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnsym import trigonometry
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.prover import prove_by_telescoping, prove_trigonometric
from cnnsym.sizes import dims
from cnnsym.trigonometry import canonical, equal, telescopes, wave_sum, waves
from cnnsym.verdict import Proved, Refuted

a, b = sp.symbols("a b", real=True)
n, M = dims("n M")
h, k = sp.symbols("h k", integer=True)
cos, sin, pi, half = sp.cos, sp.sin, sp.pi, sp.Rational(1, 2)

IDENTITIES = {
    "product to sum": (cos(a) * cos(b), (cos(a - b) + cos(a + b)) / 2),
    "Pythagoras": (sin(a) ** 2 + cos(a) ** 2, sp.Integer(1)),
    "addition": (cos(a + b), cos(a) * cos(b) - sin(a) * sin(b)),
    "double angle": (sin(2 * a), 2 * sin(a) * cos(a)),
    "a whole turn": (cos(a + 2 * pi * k), cos(a)),
    "a half turn": (cos(a + pi * k), (-1) ** k * cos(a)),
    "a quarter turn": (cos(a + pi / 2), -sin(a)),
    "cos of k pi": (cos(pi * k), (-1) ** k),
    "sin of k pi": (sin(pi * k * (k + 1)), sp.Integer(0)),
    "sign of a square": ((-1) ** (2 * k), sp.Integer(1)),
    "rational coefficients": (cos(a) * n / (n + 1) + cos(a) / (n + 1), cos(a)),
    "cube": (cos(a) ** 3, (3 * cos(a) + cos(3 * a)) / 4),
}
NEAR_MISSES = {
    "sign": (cos(a) * cos(b), (cos(a - b) - cos(a + b)) / 2),
    "factor": (cos(a) * cos(b), cos(a - b) + cos(a + b)),
    "addition, sign": (cos(a + b), cos(a) * cos(b) + sin(a) * sin(b)),
    "no whole turn": (cos(a + pi * k), cos(a)),
    "b is no integer": (cos(pi * b), (-1) ** k),
    "half an integer": (cos(pi * k / 2), (-1) ** k),
    "parity": ((-1) ** k, sp.Integer(1)),
    "double angle, cosine": (cos(2 * a), 2 * cos(a)),
}


@pytest.mark.parametrize(("left", "right"), IDENTITIES.values(), ids=IDENTITIES)
def test_identities(left: Any, right: Any) -> None:
    assert equal(left, right)
    assert isinstance(prove_trigonometric(left, right), Proved)


@pytest.mark.parametrize(("left", "right"), NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_near_misses(left: Any, right: Any) -> None:
    assert not equal(left, right)
    assert isinstance(prove_trigonometric(left, right), Refuted)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.booleans()), min_size=1, max_size=4), st.data())
def test_equal_forms_are_equal_functions(factors: list[tuple[int, int, bool]], data: Any) -> None:
    """A product of waves against its expansion, with one coefficient perhaps wrong, by floats that were drawn once."""
    product = sp.Mul(*((cos if even else sin)(p * a + q * b + pi * p / 2) for p, q, even in factors))
    form = canonical(product)
    wrong = data.draw(st.booleans())
    if wrong:
        assume(form)
        argument = sorted(form, key=str)[0]
        form = {**form, argument: form[argument] + 1}
    value, expanded = (
        complex(e.xreplace({a: sp.Float(0.7310585), b: sp.Float(0.2689414)}).evalf())
        for e in (product, sp.Add(*(c * sp.exp(sp.I * x) for x, c in form.items())))
    )
    assert math.isclose(abs(value - expanded), 1 if wrong else 0, abs_tol=1e-9)


def test_what_is_not_trigonometric() -> None:
    for e in (sp.exp(a), sp.Abs(cos(a)), 1 / cos(a), 0.5 * cos(a), sp.Sum(cos(h), (h, 0, n)), cos(a) ** half):
        with pytest.raises(UnsupportedError):
            canonical(e)


def test_too_many_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trigonometry, "MAX_TERMS", 10)
    with pytest.raises(LimitError, match="10"):
        canonical(cos(a) ** 4 * cos(b) ** 4)


DIRICHLET = 2 * sin(a / 2) * sp.Sum(cos(a * h + b), (h, 0, n - 1))
SUMS = {
    "numbers": (sp.Sum(h, (h, 0, n - 1)), n * (n - 1) / 2),
    "numbers from 1": (sp.Sum(h, (h, 1, n - 1)), n * (n - 1) / 2),
    "squares": (sp.Sum(h**2, (h, 0, n - 1)), n * (n - 1) * (2 * n - 1) / 6),
    "signs": (sp.Sum((-1) ** h, (h, 0, n - 1)), (1 - (-1) ** n) / 2),
    "Dirichlet kernel": (DIRICHLET, sin(a * n - a / 2 + b) - sin(b - a / 2)),
}
WRONG_SUMS = {
    "one summand too many": (sp.Sum(h, (h, 0, n - 1)), n * (n + 1) / 2),
    "a constant off": (sp.Sum(h, (h, 0, n - 1)), n * (n - 1) / 2 + 1),
    "grows right, begins wrong": (sp.Sum(h**2, (h, 0, n - 1)), n * (n - 1) * (2 * n - 1) / 6 - 1),
    "begins right, grows wrong": (sp.Sum(h**2, (h, 0, n - 1)), n * (n - 1) / 2),
    "sign": (sp.Sum((-1) ** h, (h, 0, n - 1)), (1 + (-1) ** n) / 2),
    "half an angle": (DIRICHLET, sin(a * n + b) - sin(b)),
}


@pytest.mark.parametrize(("total", "closed"), SUMS.values(), ids=SUMS)
def test_closed_forms(total: Any, closed: Any) -> None:
    assert telescopes(total, closed, n)
    assert isinstance(prove_by_telescoping(total, closed, n), Proved)


@pytest.mark.parametrize(("total", "closed"), WRONG_SUMS.values(), ids=WRONG_SUMS)
def test_wrong_closed_forms(total: Any, closed: Any) -> None:
    assert not telescopes(total, closed, n)
    assert isinstance(prove_by_telescoping(total, closed, n), Refuted)


@pytest.mark.parametrize(
    "total",
    [
        sp.Sum(h, (h, 0, n)),
        sp.Sum(h, (h, 0, n - 2)),
        sp.Sum(h * n, (h, 0, n - 1)),
        n * sp.Sum(h, (h, 0, n - 1)),
        sp.Sum(h, (h, -n, n - 1)),
        sp.Sum(h * k, (h, 0, n - 1), (k, 0, n - 1)),
        sp.Sum(h, (h, 2, n - 1)),  # at n = 1 there is no such sum
        sp.Sum(h, (h, k, n - 1)),
        sp.Integer(3),
    ],
    ids=str,
)
def test_sums_that_cannot_be_telescoped(total: Any) -> None:
    with pytest.raises(UnsupportedError, match="telescoping"):
        telescopes(total, n, n)


def test_waves_are_found() -> None:
    summand = 3 + 2 * cos(a * h + b) * cos(a * h)
    found = waves(summand, h)
    assert len(found) == 3
    assert equal(sp.Add(*(amplitude * cos(slope * h + phase) for amplitude, slope, phase in found)), summand)
    assert not any(part.has(h) for wave in found for part in wave)


@pytest.mark.parametrize("summand", [sin(a * h), cos(a * h**2), h * cos(a * h), h, sin(a * h) + cos(a * h)], ids=str)
def test_what_is_no_sum_of_waves(summand: Any) -> None:
    with pytest.raises(UnsupportedError):
        waves(summand, h)


@pytest.mark.parametrize("frequency", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("length", [2, 3, 4])
def test_the_sum_of_a_wave(frequency: int, length: int) -> None:
    if frequency % (2 * length):
        slope = pi * frequency / length
        explicit = sum(cos(slope * position + slope / 2) for position in range(length))
        assert sp.simplify(explicit - wave_sum(slope, slope / 2, length)) == 0


def test_the_sum_of_a_wave_of_symbolic_length() -> None:
    assert wave_sum(pi * M / n, pi * M / (2 * n), n) == 0
    with pytest.raises(UnsupportedError, match="integer"):
        wave_sum(pi * a / n, sp.S.Zero, n)
    with pytest.raises(UnsupportedError, match="closed form"):
        wave_sum(pi * M / n, a, n)
