"""The hyperbolic tangent, entry by entry: `(exp(s) - exp(-s))/(exp(s) + exp(-s))`.

Source: LeCun, Bottou, Orr and Müller, Efficient BackProp (1998), section 4.4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._entrywise import each_entry


def entry(t: Any) -> Any:
    """The function of one number, by its exponentials.

    >>> entry(sp.Symbol("t", real=True))
    (exp(t) - exp(-t))/(exp(t) + exp(-t))
    """
    return (sp.exp(t) - sp.exp(-t)) / (sp.exp(t) + sp.exp(-t))


def forward(s: Any) -> Any:
    """The output, of the shape of `s`, by its entries; ShapeError where `s` is no matrix.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("s", n)).shape
    (n, 1)
    """
    return each_entry("tanh", entry, s)
