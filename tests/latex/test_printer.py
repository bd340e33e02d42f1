"""Printing and reading back give the same expression."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from strategies import SYMBOLS, A, B, M, N, S, expressions, f, x, y

from cnnsym.atoms import Diag, Diagonal, Elementwise, Hadamard, Kron, elementwise, hadamard, kron
from cnnsym.errors import UnsupportedError
from cnnsym.latex import Context, from_latex, to_latex

CONTEXT = Context.of(*SYMBOLS)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(expressions(2))
def test_reading_what_was_printed_gives_the_same_expression(expression: Any) -> None:
    ones = (part for part in expression.atoms(sp.OneMatrix) if part.shape == (1, 1))
    assume(not any(ones))  # SymPy writes it as Identity(1) in some places and not in others
    text = to_latex(expression)
    assert from_latex(text, CONTEXT) == expression, text


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (sp.HadamardProduct(A, B), Hadamard(A, B)),
        (sp.KroneckerProduct(A, B), Kron(A, B)),
        (sp.DiagMatrix(x), Diag(x)),
        (sp.DiagonalMatrix(x), Diag(x)),
        (sp.DiagonalOf(S), Diagonal(S)),
        (A.applyfunc(sp.tanh), elementwise(sp.tanh)(A)),
        (sp.HadamardPower(A, 2), Elementwise(sp.Lambda(sp.Symbol("t", real=True), sp.Symbol("t", real=True) ** 2), A)),
    ],
)
def test_sympys_own_spelling_is_read_back_as_our_atom(theirs: Any, ours: Any) -> None:
    assert from_latex(to_latex(theirs), CONTEXT) == ours


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (hadamard(f.diff()(y), x), r"f^{\prime}\left(\boldsymbol{s}_{i}\right) \odot \boldsymbol{x}"),
        (kron(x.T, sp.Identity(M)), r"\boldsymbol{x}^{\top} \otimes I_{m}"),
        (Diag(y), r"\mathrm{diag}\{\boldsymbol{s}_{i}\}"),
        (B.T, r"W_{i+1}^{\top}"),
        (A - 2 * B, r"A - 2 W_{i+1}"),
        (
            sp.Symbol("alpha", real=True) * (x + y) / N,
            r"\frac{\alpha}{n} \left(\boldsymbol{s}_{i} + \boldsymbol{x}\right)",
        ),
    ],
)
def test_the_notation_of_the_notes(expression: Any, text: str) -> None:
    assert to_latex(expression) == text


def test_what_has_no_notation_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="no notation"):
        to_latex(sp.zeta(sp.Symbol("a")))
