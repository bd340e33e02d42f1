"""Max pooling: the largest entry of each window.

Source: Goodfellow, Bengio and Courville, Deep Learning, section 9.3.
"""

from __future__ import annotations

from typing import Any

from cnnsym.atoms import Maximum
from cnnsym.layers._index import summation_indices


def window(x: Any, n: Any, size: Any, *, stride: Any = 1) -> Any:
    """The maximum over the window `n` of a one-dimensional signal: entries `s n .. s n + p - 1`.

    >>> import cnnsym
    >>> import sympy as sp
    >>> m, p = cnnsym.dims("m p")
    >>> n = sp.Symbol("n", integer=True)
    >>> window(cnnsym.signal("x", m), n, p, stride=p).function
    x[a + n*p]
    """
    (a,) = summation_indices("a", n, size, stride)
    return Maximum(x[stride * n + a], (a, 0, size - 1))


def forward(x: Any, u: Any, v: Any, size: Any, *, stride: Any = 1) -> Any:
    """The maximum over the window `(u, v)`, of `size` times `size` entries, of one channel.

    >>> import cnnsym
    >>> import sympy as sp
    >>> H, W, p = cnnsym.dims("H W p")
    >>> u, v = sp.symbols("u v", integer=True)
    >>> forward(cnnsym.signal("x", H, W), u, v, p).function
    x[a + u, b + v]
    """
    a, b = summation_indices("a b", u, v, size, stride)
    return Maximum(x[stride * u + a, stride * v + b], (a, 0, size - 1), (b, 0, size - 1))
