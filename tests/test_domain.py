"""What a statement takes for granted is said, and nothing that is always so."""

import pytest
import sympy as sp

from cnnsym.atoms import elementwise, matrix, relu, vector
from cnnsym.domain import conditions
from cnnsym.sizes import dims

n = dims("n")
a, b = sp.symbols("a b", real=True)
i, j = (sp.Idx(name, n) for name in "ij")
A, x = matrix("A", n, n), vector("x", n)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (a + b, ()),
        (1 / n, ()),
        (1 / a, ("a != 0",)),
        (sp.sqrt(a), ("a >= 0",)),
        (sp.sqrt(n), ()),
        (1 / sp.sqrt(a), ("a != 0", "a >= 0")),
        (sp.log(a), ("a > 0",)),
        (sp.log(n), ()),
        (sp.Inverse(A), ("A invertible",)),
        (sp.log(sp.Determinant(A)), ("Determinant(A) > 0",)),
        (sp.sqrt(2 - sp.KroneckerDelta(i, 0)), ()),
        (sp.sqrt(sp.KroneckerDelta(i, j) - sp.Rational(1, 2)), ("KroneckerDelta(i, j) - 1/2 >= 0",)),
        (elementwise(sp.log)(x), ("t > 0 for each entry t of x",)),
        (elementwise(relu).diff()(x), ("no entry of x is 0",)),
    ],
    ids=str,
)
def test_conditions_of_an_expression(expression, expected):
    assert conditions(expression) == expected


def test_each_condition_is_said_once():
    assert conditions(1 / a, b / a) == ("a != 0",)
