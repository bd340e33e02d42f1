"""The two-dimensional discrete cosine transform (type II, without scale factors) of one channel.

Source: Ahmed, Natarajan and Rao, Discrete cosine transform (1974); without scale factors as in Qin et al., FcaNet (2021), eq. 4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def cosine(frequency: Any, position: Any, length: Any) -> sp.Expr:
    """The weight `cos(pi*h/n*(i + 1/2))` of frequency `h` at position `i` on a grid of `n` points."""
    return sp.cos(sp.pi * frequency / length * (position + sp.Rational(1, 2)))


def transform_matrix(length: Any) -> Any:
    """The matrix `D` of shape `(n, n)`: a row for each frequency, a column for each position."""
    h, i = sp.symbols("h i", integer=True)
    return sp.FunctionMatrix(length, length, sp.Lambda((h, i), cosine(h, i, length)))


def forward(x: Any, h: Any, w: Any) -> sp.Expr:
    """The coefficient `f[h, w]` of an image `x`, an IndexedBase of shape `(H, W)`.

    >>> import cnnsym
    >>> H, W = cnnsym.dims("H W")
    >>> f00 = forward(sp.IndexedBase("x", shape=(H, W)), 0, 0)
    >>> f00.function
    x[k, l]
    """
    height, width = x.shape
    k, l = sp.symbols("k l", integer=True)
    weight = cosine(h, k, height) * cosine(w, l, width)
    return sp.Sum(x[k, l] * weight, (k, 0, height - 1), (l, 0, width - 1))


def basis(h: Any, w: Any, i: Any, j: Any, height: Any, width: Any) -> sp.Expr:
    """The entry `(i, j)` of the basis image of frequencies `(h, w)`."""
    return cosine(h, i, height) * cosine(w, j, width)


def weight(frequency: Any) -> sp.Expr:
    """The weight `c` of a frequency in the inverse: 1 for frequency 0, else 2."""
    return 2 - sp.KroneckerDelta(frequency, 0)


def inverse(x: Any, i: Any, j: Any) -> sp.Expr:
    """The inverse transform at `(i, j)` of the transform of `x`, with the weights that make it one."""
    height, width = x.shape
    h, w = sp.symbols("h w", integer=True)
    summand = weight(h) * weight(w) * forward(x, h, w) * basis(h, w, i, j, height, width)
    return sp.Sum(summand, (h, 0, height - 1), (w, 0, width - 1)) / (height * width)
