"""Average pooling: the mean of each window; what lies outside of the input counts as the zeros that it is.

Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition (1998), section II.B.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices


def window(x: Any, n: Any, size: Any, *, stride: Any = 1, padding: Any = 0) -> sp.Expr:
    """The mean over the window `n` of a one-dimensional signal: entries `s n - p .. s n - p + size - 1`.

    >>> import cnnsym
    >>> m, p = cnnsym.dims("m p")
    >>> n = sp.Symbol("n", integer=True)
    >>> window(cnnsym.signal("x", m), n, p, stride=p).args[1].function
    x[a + n*p]
    """
    (a,) = summation_indices("a", n, size, stride, padding)
    return sp.Sum(x[stride * n + a - padding], (a, 0, size - 1)) / size


def forward(x: Any, u: Any, v: Any, size: Any, *, stride: Any = 1, padding: Any = 0) -> sp.Expr:
    """The mean over the window `(u, v)`, of `size` times `size` entries, of one channel.

    >>> import cnnsym
    >>> H, W, p = cnnsym.dims("H W p")
    >>> u, v = sp.symbols("u v", integer=True)
    >>> forward(cnnsym.signal("x", H, W), u, v, p).args[1].function
    x[a + u, b + v]
    """
    a, b = summation_indices("a b", u, v, size, stride, padding)
    at = (stride * u + a - padding, stride * v + b - padding)
    return sp.Sum(x[at], (a, 0, size - 1), (b, 0, size - 1)) / size**2
