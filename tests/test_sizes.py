"""Sizes are polynomials: equal where their values are, divisible where the quotient is one with integer coefficients."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.errors import ShapeError
from cnnsym.sizes import dims, quotient, require_same_shape, same_shape, same_size, shape_text, size

m, n = dims("m n")
POLYNOMIALS = st.builds(
    lambda a, b, c, d: a * m + b * n + c * m * n + d, *(st.integers(0, 3) for _ in range(3)), st.integers(1, 5)
)


def test_sizes_are_positive_integers() -> None:
    assert dims("k").is_integer and dims("k").is_positive
    assert isinstance(dims("a b c"), tuple) and len(dims("a b c")) == 3
    assert dims("n") == n


@given(POLYNOMIALS, POLYNOMIALS)
def test_same_size_means_equal_values(left: Any, right: Any) -> None:
    points = [{m: a, n: b} for a in (1, 2, 5, 7) for b in (1, 3, 4, 11)]
    agree = all(sp.sympify(left).xreplace(at) == sp.sympify(right).xreplace(at) for at in points)
    assert same_size(left, right) == agree


@given(POLYNOMIALS, POLYNOMIALS)
def test_a_product_can_be_divided_again(left: Any, right: Any) -> None:
    assert same_size(quotient(size(left * right), size(left)), right)


@pytest.mark.parametrize(
    ("whole", "part", "expected"),
    [
        (6, 4, None), (6, 3, 2), (m * n, m, n), (m, n, None), (m, m * n, None), (n * (n + 1), 2, None),
        (n**2 + n, n + 1, n), (2 * n, 4, None), (n, 1, n), (1, n, None),
    ],
)  # fmt: skip
def test_quotient(whole: Any, part: Any, expected: Any) -> None:
    assert quotient(size(whole), size(part)) == expected


def test_the_message_names_the_first_that_disagrees() -> None:
    require_same_shape("sum", ("A", (m, n)), ("B", (m, n)))
    with pytest.raises(ShapeError, match=r"sum: .* A is m x n, C is n x m"):
        require_same_shape("sum", ("A", (m, n)), ("B", (m, n)), ("C", (n, m)), ("D", (1, 1)))
    assert shape_text((m, 2)) == "m x 2"
    assert not same_shape((m, n), (n, m))
    assert same_shape((m * (n + 1), n), (m * n + m, n))
