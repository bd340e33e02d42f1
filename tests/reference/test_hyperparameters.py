"""Which numbers pass, and the words with which others are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference.hyperparameters import positive, real

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


@given(st.one_of(st.floats(-3e38, 3e38), st.integers(-(10**30), 10**30)))
def test_a_number_comes_back_as_a_python_float(value):
    for dtype in (SINGLE, DOUBLE):
        found = real("slope", value, dtype)
        assert type(found) is float and found == float(value)
        # The reason for a Python float: an np.float64 would widen the array.
        assert (np.ones(2, dtype) + found).dtype == dtype


@pytest.mark.parametrize("value", [np.float32(0.5), np.float64(0.5), np.int64(2), 2])
def test_numbers_of_numpy_are_numbers(value):
    assert real("p", value, SINGLE) == float(value)
    assert positive("p", value, SINGLE) == float(value)


@pytest.mark.parametrize("check", [real, positive])
@pytest.mark.parametrize(("value", "came"), [("1", "str"), (None, "NoneType"), (True, "bool"), (1j, "complex")])
def test_what_is_no_number(check, value, came):
    with pytest.raises(TypeError) as caught:
        check("eps", value, DOUBLE)
    assert str(caught.value) == f"`eps` must be a number, got {came}"


@pytest.mark.parametrize("check", [real, positive])
@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (float("nan"), DOUBLE, "`eps` must be a finite float64, got nan"),
        (float("-inf"), DOUBLE, "`eps` must be a finite float64, got -inf"),
        (1e39, SINGLE, "`eps` must be a finite float32, got 1e+39"),
        (-1e39, SINGLE, "`eps` must be a finite float32, got -1e+39"),
        (10**400, DOUBLE, f"`eps` must be a finite float64, got {10**400}"),
    ],
)
def test_what_is_not_finite(check, value, dtype, message):
    with pytest.raises(ValueError) as caught:
        check("eps", value, dtype)
    assert str(caught.value) == message


def test_what_is_not_positive():
    for value in (0, -0.0, -1, 1e-50):
        with pytest.raises(ValueError) as caught:
            positive("eps", value, SINGLE)
        assert str(caught.value) == f"`eps` must be above 0 in float32, got {value}"
    assert positive("eps", 1e-50, DOUBLE) == 1e-50
