"""Where windows lie, what they read and the way back, against loops; and options out of range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loops import inside
from loops import windows as by_loops

from cnnsym.reference.windows import Windows, extent, integer, lay, lay_pool, pair

few = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def layouts(draw):
    size, stride, dilation = draw(few), draw(few), draw(few)
    padding = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    reach = extent(size, dilation)
    image = tuple(max(1, reach[a] - 2 * padding[a]) + draw(st.integers(0, 4)) for a in (0, 1))
    return image, size, stride, padding, dilation


@given(layouts(), st.sampled_from([0.0, -np.inf]))
def test_windows_read_what_the_definition_says(layout, fill):
    image = layout[0]
    x = np.random.default_rng(0).normal(size=(2, 2, *image))
    windows = lay(*layout)
    read = windows.read(x, fill)
    wanted = list(by_loops(*layout))
    assert read.shape == (2, 2, *windows.size, *windows.count) and len(wanted) == np.prod(windows.count)
    for (u, v), pixels in wanted:
        for i, j, y, z in pixels:
            expected = x[:, :, y, z] if inside(image, y, z) else np.full((2, 2), fill)
            np.testing.assert_array_equal(read[:, :, i, j, u, v], expected)


@given(layouts(), st.integers(0, 999))
def test_add_is_the_adjoint_of_read(layout, seed):
    rng = np.random.default_rng(seed)
    windows = lay(*layout)
    x = rng.normal(size=(2, 2, *windows.image))
    parts = rng.normal(size=(2, 2, *windows.size, *windows.count))
    np.testing.assert_allclose(np.vdot(windows.read(x), parts), np.vdot(x, windows.add(parts)), atol=1e-11)


@given(layouts(), st.integers(1, 200))
def test_patches_are_the_windows_in_order(layout, chunk):
    windows = lay(*layout)
    x = np.random.default_rng(0).normal(size=(3, 2, *windows.image))
    whole = windows.read(x).reshape(3, 2 * windows.size[0] * windows.size[1], -1)
    found, times = np.full(whole.shape, np.nan), np.zeros((3, whole.shape[2]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnsym.reference.windows.CHUNK", chunk)
        for images, positions, columns in windows.patches(x):
            found[images, :, positions] = columns
            times[images, positions] += 1
            assert columns.flags.c_contiguous
            rows = columns.shape[2] // windows.count[1]
            assert columns.size <= chunk or (len(columns) == 1 and rows == 1)
    np.testing.assert_array_equal(found, whole)
    assert np.all(times == 1)


def test_what_is_read_is_no_copy_and_may_not_be_written():
    x = np.ones((1, 1, 4, 4))
    read = lay((4, 4), 2, 1, 0, 1).read(x)
    assert np.shares_memory(read, x)
    with pytest.raises(ValueError, match="read-only"):
        read[...] = 0


@given(layouts())
def test_as_many_windows_as_fit_and_no_more(layout):
    (H, _), (kh, _), (sh, _), (ph, _), (dh, _) = layout
    oh = lay(*layout).count[0]
    assert sh * (oh - 1) + dh * (kh - 1) + 1 <= H + 2 * ph < sh * oh + dh * (kh - 1) + 1


def test_far_strides_and_dilations_are_no_more_work():
    far = 10**30
    assert lay((3, 3), 1, far, 0, far).count == (1, 1)
    np.testing.assert_array_equal(lay((3, 3), 1, far, 0, far).read(np.ones((1, 1, 3, 3))), np.ones((1, 1, 1, 1, 1, 1)))
    assert lay_pool((3, 3), 1, far, 0, far).count == (1, 1)


def test_numpy_integers_and_lists_are_options_too():
    assert lay((np.int8(100), 5), [3, 3], np.int8(100), np.uint8(1), 1) == Windows(
        (100, 5), (3, 3), (100, 100), (1, 1), (1, 1), (1, 1)
    )
    assert type(pair("stride", np.int8(3), 1)[0]) is int


def test_pooling_windows_stand_side_by_side():
    assert lay_pool((7, 9), (2, 3), None, 0) == lay((7, 9), (2, 3), (2, 3), 0, 1)
    assert lay_pool((7, 9), (2, 3), 1, 0) == lay((7, 9), (2, 3), 1, 0, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: lay((2, 2), 3, 1, 0, 1),
            "`x` with its padding must be at least as large as a window, (3, 3), got (2, 2)",
        ),
        (
            lambda: lay((2, 9), 3, 1, 0, 2, named="size"),
            "`size` with its padding must be at least as large as a window, (5, 5), got (2, 9)",
        ),
        (lambda: lay((2, 2), 0, 1, 0, 1), "`window` must be an integer or a pair of integers, at least 1, got 0"),
        (lambda: lay((2, 2), 1, "2", 0, 1), "`stride` must be an integer or a pair of integers, at least 1, got '2'"),
        (lambda: lay((2, 2), 1, 1, -1, 1), "`padding` must be an integer or a pair of integers, at least 0, got -1"),
        (
            lambda: lay((2, 2), 1, 1, None, 1),
            "`padding` must be an integer or a pair of integers, at least 0, got None",
        ),
        (lambda: lay((2, 2), 1, 1, 0, 0.0), "`dilation` must be an integer or a pair of integers, at least 1, got 0.0"),
        (lambda: lay((2, 2), (1,), 1, 0, 1), "`window` must be an integer or a pair of integers, at least 1, got (1,)"),
        (
            lambda: lay((2, 2), (1, True), 1, 0, 1),
            "`window` must be an integer or a pair of integers, at least 1, got (1, True)",
        ),
        (
            lambda: lay((2, 0), 1, 1, 1, 1, named="size"),
            "`size` must be an integer or a pair of integers, at least 1, got (2, 0)",
        ),
        (lambda: lay_pool((4, 4), 3, 1, 2), "`padding` must be at most half a window of (3, 3), got (2, 2)"),
        (
            lambda: lay_pool((1, 1), 2, 1, 2, 3),
            "`dilation` must let every window read a pixel of the image (1, 1), got (3, 3) for windows of (2, 2) with "
            "padding (2, 2)",
        ),
        (lambda: integer("stride", 0, 1), "`stride` must be an integer, at least 1, got 0"),
        (lambda: integer("stride", (1, 1), 1), "`stride` must be an integer, at least 1, got (1, 1)"),
    ],
)
def test_options_out_of_range_are_named(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


def test_a_gradient_of_another_size_is_named():
    with pytest.raises(ValueError) as caught:
        lay((4, 4), 2, 1, 0, 1).expect("grad_y", np.ones((1, 2, 3, 4)))
    assert str(caught.value) == "`grad_y` must have shape (B, C, oh, ow) with oh = 3 and ow = 3, got (1, 2, 3, 4)"
