"""The rectified linear unit, entry by entry: `max(s, 0)`.

Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010).
"""

from __future__ import annotations

from typing import Any

from cnnsym.atoms import relu
from cnnsym.layers._entrywise import each_entry


def forward(s: Any) -> Any:
    """The output, of the shape of `s`, by its entries; ShapeError where `s` is no matrix.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("s", n))[0, 0]
    relu(s[0, 0])
    """
    return each_entry("relu", relu, s)
