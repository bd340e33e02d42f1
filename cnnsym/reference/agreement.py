"""Whether the arrays that a layer was given agree in shape and dtype, and are finite."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def agree(*arguments: tuple[str, NDArray[Any], str]) -> None:
    """Raise unless the arrays have the shapes of their patterns and one dtype.

    An argument is `(name, array, pattern)`. The pattern names the axes, `"B n"` for
    `(B, n)`; a leading `...` stands for any number of axes. The same axis has the same
    size wherever it occurs, and every named axis at least size 1.

    Args:
        arguments: the arrays, in the order in which sizes become known.

    Raises:
        ValueError: a shape does not fit its pattern, or not the arrays before it.
        TypeError: an array is neither `float32` nor `float64`, or not as the first is.

    Example:
        >>> z, W = np.ones((5, 3)), np.ones((2, 4))
        >>> agree(("z", z, "B n"), ("W", W, "d n"))
        Traceback (most recent call last):
        ValueError: `W` must have shape (d, n) with n = 3 as in `z`, got (2, 4)
    """
    sizes: dict[str, tuple[int, ...]] = {}
    owner: dict[str, str] = {}
    for name, array, pattern in arguments:
        _agree_dtype(name, array, arguments[0])
        axes = pattern.split()
        found = _split(array.shape, axes)
        if found is None or any(sizes.get(a, found[a]) != found[a] for a in axes):
            known = " and ".join(
                f"{a} = {_show(a, sizes[a])} as in `{owner[a]}`"
                for a in axes
                if a in sizes
            )
            raise ValueError(
                f"`{name}` must have shape {_pattern(axes)}"
                f"{' with ' if known else ''}{known}, got {array.shape}"
            )
        # A mean over no entries, or a transform of length 0, has no value.
        for a in axes:
            if a != "..." and found[a] == (0,):
                raise ValueError(
                    f"`{name}` must have shape {_pattern(axes)} with {a} at least 1, "
                    f"got {array.shape}"
                )
        for a in axes:
            sizes[a] = found[a]
            owner.setdefault(a, name)


def either(name: str, array: NDArray[Any], *patterns: str) -> str:
    """The one of several patterns that has as many axes as the array, for `agree`.

    Raises:
        ValueError: none has.

    Example:
        >>> either("x", np.ones((5, 3)), "B C", "B C H W")
        'B C'
    """
    for pattern in patterns:
        if len(pattern.split()) == np.ndim(array):
            return pattern
    shapes = " or ".join(_pattern(pattern.split()) for pattern in patterns)
    raise ValueError(f"`{name}` must have shape {shapes}, got {np.shape(array)}")


def finite(*arguments: tuple[str, NDArray[Any]]) -> None:
    """Raise unless every entry of the arrays is a finite number.

    An argument is `(name, array)`. What is not finite is named with its place.

    Raises:
        ValueError: an entry is nan or infinite.

    Example:
        >>> finite(("x", np.array([[1.0, np.nan]])))
        Traceback (most recent call last):
        ValueError: `x` must be finite, got nan at (0, 1)
    """
    for name, array in arguments:
        good = np.isfinite(array)
        if not np.all(good):
            # The first of them: False sorts before True.
            at = tuple(int(i) for i in np.unravel_index(np.argmin(good), array.shape))
            raise ValueError(f"`{name}` must be finite, got {array[at]} at {at}")


def _agree_dtype(
    name: str, array: NDArray[Any], first: tuple[str, NDArray[Any], str]
) -> None:
    dtype = getattr(array, "dtype", None)
    if dtype not in (np.float32, np.float64):
        came = type(array).__name__ if dtype is None else f"dtype {dtype}"
        raise TypeError(
            f"`{name}` must be a NumPy array of float32 or float64, got {came}"
        )
    # NumPy would compute a mixture in float64, and a float32 caller would not notice.
    if dtype != first[1].dtype:
        raise TypeError(
            f"`{name}` must have dtype {first[1].dtype} as `{first[0]}` has, "
            f"got {dtype}"
        )


def _split(
    shape: tuple[int, ...], axes: list[str]
) -> dict[str, tuple[int, ...]] | None:
    """The size of each axis, that of `...` being a shape; None if the count differs."""
    named = [a for a in axes if a != "..."]
    leading = len(shape) - len(named)
    if leading < 0 or (leading > 0 and "..." not in axes):
        return None
    sizes = {a: (n,) for a, n in zip(named, shape[leading:], strict=True)}
    return sizes | {"...": shape[:leading]}


def _pattern(axes: list[str]) -> str:
    return f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"


def _show(axis: str, size: tuple[int, ...]) -> str:
    return str(size) if axis == "..." else str(size[0])
