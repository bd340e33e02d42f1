"""Flattening: the entries of an image in one row, the last axis fastest, as they lie in memory.

Pixel `(l, i, j)` of an image of shape `(c, H, W)` comes to place `(l H + i) W + j`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def forward(x: Any, r: Any) -> sp.Expr:
    """Entry `r`, counted from 0, of `x` of shape `(c, H, W)` in a row.

    >>> import cnnsym
    >>> c = cnnsym.dims("c")
    >>> forward(cnnsym.signal("x", c, 2, 3), sp.Integer(7))
    x[1, 0, 1]
    """
    _, height, width = x.shape
    across = sp.floor(r / width)
    return x[sp.floor(across / height), sp.Mod(across, height), sp.Mod(r, width)]


def place(l: Any, i: Any, j: Any, shape: Any) -> Any:
    """Where pixel `(l, i, j)` of an image of shape `(c, H, W)` comes to.

    >>> place(1, 0, 1, (5, 2, 3))
    7
    """
    _, height, width = shape
    return (l * height + i) * width + j
