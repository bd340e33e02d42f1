"""Global average pooling of one channel.

Source: Lin, Chen and Yan, Network in network (2013), section 3.2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def forward(x: Any) -> sp.Expr:
    """The mean of an image `x`, an IndexedBase of shape `(H, W)`.

    >>> import cnnsym
    >>> H, W = cnnsym.dims("H W")
    >>> forward(sp.IndexedBase("x", shape=(H, W))).free_symbols >= {H, W}
    True
    """
    height, width = x.shape
    k, l = sp.symbols("k l", integer=True)
    return sp.Sum(x[k, l], (k, 0, height - 1), (l, 0, width - 1)) / (height * width)
