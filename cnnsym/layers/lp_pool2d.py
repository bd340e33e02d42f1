"""Lp pooling: the power mean of the entries of each window.

The entries are taken to be positive, as they are after an absolute value where none vanishes. Some libraries leave the
factor `1/P` out.

Source: Sermanet, Chintala and LeCun, Convolutional neural networks applied to house numbers digit classification (2012),
section 2.2, with equal weights; Hardy, Littlewood and Pólya, Inequalities (1934), chapter II, for the mean.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices


def power_mean(x: Any, q: Any) -> sp.Expr:
    """The power mean `(mean of x^q)^(1/q)` of a column `x`, the `P` entries of a window.

    >>> import cnnsym
    >>> P = cnnsym.dims("P")
    >>> power_mean(cnnsym.vector("x", P), 2)
    sqrt(Sum(x[i, 0]**2, (i, 0, P - 1)))/sqrt(P)
    """
    (i,) = summation_indices("i", x, q)
    return (sp.Sum(x[i, 0] ** q, (i, 0, x.shape[0] - 1)) / x.shape[0]) ** (sp.S.One / q)


def forward(x: Any, u: Any, v: Any, size: Any, q: Any, *, stride: Any = 1) -> sp.Expr:
    """The power mean over the window `(u, v)`, of `size` times `size` entries, of one channel `x`, a signal.

    >>> import cnnsym
    >>> H, W, p = cnnsym.dims("H W p")
    >>> u, v = sp.symbols("u v", integer=True)
    >>> forward(cnnsym.signal("x", H, W), u, v, p, 1).args[1].function
    x[a + u, b + v]
    """
    a, b = summation_indices("a b", u, v, size, stride, q)
    total = sp.Sum(x[stride * u + a, stride * v + b] ** q, (a, 0, size - 1), (b, 0, size - 1))
    return (total / size**2) ** (sp.S.One / q)
