"""Global max pooling: the largest pixel of a channel.

Source: Oquab, Bottou, Laptev and Sivic, Is object localization for free? (2015), section 3.
"""

from __future__ import annotations

from typing import Any

from cnnsym.atoms import Maximum
from cnnsym.layers._index import summation_indices


def forward(x: Any) -> Any:
    """The maximum over all entries of a signal `x` of any shape, such as `(H, W)`.

    >>> import cnnsym
    >>> H, W = cnnsym.dims("H W")
    >>> forward(cnnsym.signal("x", H, W)).function
    x[i, j]
    """
    at = summation_indices("i j k l"[: 2 * len(x.shape)], *x.shape)
    return Maximum(x[at], *((index, 0, size - 1) for index, size in zip(at, x.shape, strict=True)))
