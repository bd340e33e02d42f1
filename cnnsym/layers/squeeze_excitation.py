"""Squeeze and excitation: each channel scaled by a gate that has seen the means of all.

A picture of `C` channels is a matrix of shape `(C, P)`, its pixels in a row.

Source: Hu, Shen and Sun, Squeeze-and-excitation networks (2018), equations 2 to 4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import relu
from cnnsym.layers import sigmoid
from cnnsym.layers._index import summation_indices


def squeeze(X: Any) -> Any:
    """The mean of each channel, a column of shape `(C, 1)`, for `X` of shape `(C, P)`.

    >>> import cnnsym
    >>> C, P = cnnsym.dims("C P")
    >>> squeeze(cnnsym.matrix("X", C, P))[0, 0]
    Sum(X[0, p], (p, 0, P - 1))/P
    """
    c, col, p = summation_indices("c k p", *_names(X))
    channels, pixels = X.shape
    return sp.FunctionMatrix(channels, 1, sp.Lambda((c, col), sp.Sum(X[c, p], (p, 0, pixels - 1)) / pixels))


def gate(z: Any, W1: Any, W2: Any, b1: Any, b2: Any) -> Any:
    """The scale of each channel for `z` of shape `(C, 1)`, `W1` of `(r, C)` and `W2` of `(C, r)`, by its entries.

    `s[k] = sigmoid(sum_a W2[k, a] relu(sum_c W1[a, c] z[c] + b1[a]) + b2[k])`

    >>> import cnnsym
    >>> C, r = cnnsym.dims("C r")
    >>> W1, W2 = cnnsym.matrix("W_1", r, C), cnnsym.matrix("W_2", C, r)
    >>> gate(cnnsym.vector("z", C), W1, W2, cnnsym.vector("b_1", r), cnnsym.vector("b_2", C)).shape
    (C, 1)
    """
    k, col, a, c = summation_indices("k j a c", *_names(z, W1, W2, b1, b2))
    hidden = relu(sp.Sum(W1[a, c] * z[c, 0], (c, 0, W1.shape[1] - 1)) + b1[a, 0])
    total = sp.Sum(W2[k, a] * hidden, (a, 0, W1.shape[0] - 1)) + b2[k, 0]
    return sp.FunctionMatrix(W2.shape[0], 1, sp.Lambda((k, col), sigmoid.entry(total)))


def scaled(X: Any, s: Any) -> Any:
    """Each channel of `X` times its entry of `s`, of shape `(C, 1)`.

    >>> import cnnsym
    >>> C, P = cnnsym.dims("C P")
    >>> scaled(cnnsym.matrix("X", C, P), cnnsym.vector("s", C))[0, 1]
    X[0, 1]*s[0, 0]
    """
    c, p = summation_indices("c p", *_names(X, s))
    return sp.FunctionMatrix(*X.shape, sp.Lambda((c, p), X[c, p] * s[c, 0]))


def forward(X: Any, W1: Any, W2: Any, b1: Any, b2: Any) -> Any:
    """The output, of the shape of `X`, by its entries.

    >>> import cnnsym
    >>> C, P, r = cnnsym.dims("C P r")
    >>> W1, W2 = cnnsym.matrix("W_1", r, C), cnnsym.matrix("W_2", C, r)
    >>> forward(cnnsym.matrix("X", C, P), W1, W2, cnnsym.vector("b_1", r), cnnsym.vector("b_2", C)).shape
    (C, P)
    """
    return scaled(X, gate(squeeze(X), W1, W2, b1, b2))


def _names(*matrices: Any) -> set[Any]:
    """Every name in the matrices, bound ones as well: an index must not come under a sum over the same name."""
    return set().union(*(e.atoms(sp.Symbol) for e in matrices))
