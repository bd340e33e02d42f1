"""The sigmoid linear unit, entry by entry: `s/(1 + exp(-s))`, also called swish.

Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function approximation in reinforcement
learning (2018).
"""

from __future__ import annotations

from typing import Any

from cnnsym.layers import sigmoid
from cnnsym.layers._entrywise import each_entry


def entry(t: Any) -> Any:
    """The function of one number.

    >>> import sympy as sp
    >>> entry(sp.Symbol("t", real=True))
    t/(1 + exp(-t))
    """
    return t * sigmoid.entry(t)


def forward(s: Any) -> Any:
    """The output, of the shape of `s`, by its entries; ShapeError where `s` is no matrix.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("s", n))[0, 0]
    s[0, 0]/(1 + exp(-s[0, 0]))
    """
    return each_entry("silu", entry, s)
