"""What `agree`, `either` and `finite` accept, and the words with which they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference.agreement import agree, either, finite


@given(st.lists(st.integers(1, 4), max_size=4), st.integers(1, 4), st.integers(1, 4))
def test_arrays_built_from_their_patterns_agree(leading, h, w):
    x = np.ones((*leading, h, w))
    agree(("x", x, "... H W"), ("y", x.swapaxes(-1, -2), "... W H"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [("z", np.ones((5, 3)), "B n"), ("W", np.ones((2, 4)), "d n")],
            "`W` must have shape (d, n) with n = 3 as in `z`, got (2, 4)",
        ),
        (
            [("z", np.ones((5, 3)), "B n"), ("g", np.ones((4, 3)), "B n")],
            (
                "`g` must have shape (B, n) with B = 5 as in `z` and n = 3 as in `z`, "
                "got (4, 3)"
            ),
        ),
        (
            [
                ("z", np.ones((5, 3)), "B n"),
                ("y", np.ones((5, 3)), "B n"),
                ("w", np.ones(4), "n"),
            ],
            "`w` must have shape (n,) with n = 3 as in `z`, got (4,)",
        ),
        ([("b", np.ones((5, 3)), "d")], "`b` must have shape (d,), got (5, 3)"),
        ([("x", np.ones(3), "... H W")], "`x` must have shape (..., H, W), got (3,)"),
        (
            [("s", np.ones((2, 3)), "..."), ("g", np.ones(3), "...")],
            "`g` must have shape (...,) with ... = (2, 3) as in `s`, got (3,)",
        ),
        (
            [("x", np.ones((2, 0)), "H W")],
            "`x` must have shape (H, W) with W at least 1, got (2, 0)",
        ),
    ],
)
def test_shapes_that_do_not_agree_are_named(arguments, message):
    with pytest.raises(ValueError) as caught:
        agree(*arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [("x", np.ones(3, dtype=np.int64), "n")],
            "`x` must be a NumPy array of float32 or float64, got dtype int64",
        ),
        (
            [("x", [1.0, 2.0], "n")],
            "`x` must be a NumPy array of float32 or float64, got list",
        ),
        (
            [("x", np.ones(3, np.float32), "n"), ("y", np.ones(3), "n")],
            "`y` must have dtype float32 as `x` has, got float64",
        ),
    ],
)
def test_dtypes_that_do_not_agree_are_named(arguments, message):
    with pytest.raises(TypeError) as caught:
        agree(*arguments)
    assert str(caught.value) == message


def test_any_number_of_leading_axes_may_be_empty():
    agree(("s", np.ones((0, 3)), "..."))


def test_the_pattern_with_as_many_axes_is_taken():
    assert either("x", np.ones((2, 3)), "B C", "B C H W") == "B C"
    assert either("x", np.ones((2, 3, 4, 5)), "B C", "B C H W") == "B C H W"
    with pytest.raises(ValueError) as caught:
        either("x", np.ones((2, 3, 4)), "B C", "B C H W")
    assert str(caught.value) == "`x` must have shape (B, C) or (B, C, H, W), got (2, 3, 4)"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (0, 3)])
def test_finite_arrays_pass(shape, dtype):
    largest = np.full(shape, np.finfo(dtype).max, dtype)
    finite(("x", largest), ("y", -largest), ("z", np.zeros(shape, dtype)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("shape", "at"), [((), ()), ((3,), (2,)), ((2, 3), (1, 0)), ((2, 2, 2), (0, 1, 1))])
def test_what_is_not_finite_is_named_with_its_place(shape, at, bad, dtype):
    wrong = np.zeros(shape, dtype)
    wrong[at] = bad
    with pytest.raises(ValueError) as caught:
        finite(("x", np.zeros(2)), ("y", wrong))
    assert str(caught.value) == f"`y` must be finite, got {bad} at {at}"


def test_the_first_of_several_is_named():
    with pytest.raises(ValueError, match=r"`x` must be finite, got inf at \(1,\)"):
        finite(("x", np.array([0.0, np.inf, np.nan])), ("y", np.array([np.nan])))
