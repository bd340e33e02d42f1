"""Frequency channel attention: squeeze and excitation with a weighted sum of the pixels in the mean's place.

The weights `Q`, of shape `(C, P)`, are a cosine image for each channel, `dct2d.basis` at its frequencies, its pixels in a row.

Source: Qin, Zhang, Wu and Li, FcaNet: frequency channel attention networks (2021), section 3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices
from cnnsym.layers.squeeze_excitation import gate, scaled


def squeeze(X: Any, Q: Any) -> Any:
    """The sum of the pixels of each channel times their weights, a column of shape `(C, 1)`.

    >>> import cnnsym
    >>> C, P = cnnsym.dims("C P")
    >>> squeeze(cnnsym.matrix("X", C, P), cnnsym.matrix("Q", C, P))[0, 0].function
    Q[0, p]*X[0, p]
    """
    c, col, p = summation_indices("c k p", X, Q)
    return sp.FunctionMatrix(X.shape[0], 1, sp.Lambda((c, col), sp.Sum(Q[c, p] * X[c, p], (p, 0, X.shape[1] - 1))))


def forward(X: Any, Q: Any, W1: Any, W2: Any, b1: Any, b2: Any) -> Any:
    """The output, of the shape of `X`, by its entries; the gate is that of squeeze and excitation.

    >>> import cnnsym
    >>> C, P, r = cnnsym.dims("C P r")
    >>> W1, W2 = cnnsym.matrix("W_1", r, C), cnnsym.matrix("W_2", C, r)
    >>> X, Q = cnnsym.matrix("X", C, P), cnnsym.matrix("Q", C, P)
    >>> forward(X, Q, W1, W2, cnnsym.vector("b_1", r), cnnsym.vector("b_2", C)).shape
    (C, P)
    """
    return scaled(X, gate(squeeze(X, Q), W1, W2, b1, b2))
