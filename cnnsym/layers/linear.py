"""The fully connected layer.

Source: Goodfellow, Bengio and Courville, Deep Learning, section 6.4; written for one input as a column.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import ShapeError
from cnnsym.layers._index import summation_indices
from cnnsym.sizes import shape_text


def forward(z: Any, W: Any, b: Any) -> Any:
    """The output `s` of shape `(d, 1)` for `z` of `(n, 1)`, `W` of `(d, n)`, `b` of `(d, 1)`, by its entries.

    `s[a] = Sum(W[a, c]*z[c], c) + b[a]`: the definition, in which no matrix product occurs. ShapeError if shapes disagree.

    >>> import cnnsym
    >>> d, n = cnnsym.dims("d n")
    >>> forward(cnnsym.vector("z", n), cnnsym.matrix("W", d, n), cnnsym.vector("b", d)).shape
    (d, 1)
    """
    d, n = W.shape
    if z.shape != (n, 1) or b.shape != (d, 1):
        raise ShapeError(
            f"linear: for W of shape {shape_text(W.shape)} expected z of {shape_text((n, 1))} and b of {shape_text((d, 1))}, "
            f"got {shape_text(z.shape)} and {shape_text(b.shape)}"
        )
    # A summand that is a layer itself brings its own indices along, bound ones included.
    inside = [s for e in (z, W, b) if isinstance(e, sp.Basic) for s in e.atoms(sp.Symbol)]
    row, col, inner = summation_indices("a _ c", *inside)
    entry = sp.Sum(W[row, inner] * z[inner, 0], (inner, 0, n - 1)) + b[row, 0]
    return sp.FunctionMatrix(d, 1, sp.Lambda((row, col), entry))
