"""Whether the numbers that set up a layer, and are not learnt, lie in their ranges."""

from __future__ import annotations

from typing import Any

import numpy as np


def real(name: str, value: float, dtype: np.dtype[Any]) -> float:
    """The number as a Python float, which leaves an array of `dtype` in its dtype.

    Args:
        name: the argument, as the message is to call it.
        value: the number given for it.
        dtype: that of the arrays the number will meet.

    Returns:
        `value`.

    Raises:
        TypeError: `value` is not a number.
        ValueError: `value` is nan, infinite or too large for `dtype`.

    Example:
        >>> real("slope", 1e300, np.dtype(np.float32))
        Traceback (most recent call last):
        ValueError: `slope` must be a finite float32, got 1e+300
    """
    # True is an int in Python, and a flag in a number's place is a mistake.
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"`{name}` must be a number, got {type(value).__name__}")
    # No comparison with nan holds.
    if not abs(value) <= float(np.finfo(dtype).max):
        raise ValueError(f"`{name}` must be a finite {dtype}, got {value}")
    return float(value)


def positive(name: str, value: float, dtype: np.dtype[Any]) -> float:
    """The number as `real` gives it, if it is above 0, and remains so in `dtype`.

    Raises:
        TypeError: `value` is not a number.
        ValueError: `value` is not a positive finite number of `dtype`.

    Example:
        >>> positive("eps", 0, np.dtype(np.float64))
        Traceback (most recent call last):
        ValueError: `eps` must be above 0 in float64, got 0
    """
    number = real(name, value, dtype)
    # 1e-50 is above 0, but not as a float32.
    if not dtype.type(number) > 0:
        raise ValueError(f"`{name}` must be above 0 in {dtype}, got {value}")
    return number
