"""What `agree` accepts, and the words with which it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.reference.agreement import agree


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
