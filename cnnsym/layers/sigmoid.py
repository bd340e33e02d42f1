"""The logistic sigmoid, entry by entry: `1/(1 + exp(-s))`.

Source: Rumelhart, Hinton and Williams, Learning representations by back-propagating errors (1986), equation 2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._entrywise import each_entry


def entry(t: Any) -> Any:
    """The function of one number.

    >>> entry(sp.Symbol("t", real=True))
    1/(1 + exp(-t))
    """
    return 1 / (1 + sp.exp(-t))


def forward(s: Any) -> Any:
    """The output, of the shape of `s`, by its entries; ShapeError where `s` is no matrix.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("s", n))[0, 0]
    1/(1 + exp(-s[0, 0]))
    """
    return each_entry("sigmoid", entry, s)
