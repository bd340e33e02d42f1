"""The one-dimensional convolution layer: the cross-correlation of an input with a kernel, as deep learning has it.

Source: Goodfellow, Bengio and Courville, Deep Learning, section 9.1, equation 9.6, with stride, dilation and padding as in
Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices


def correlation(x: Any, k: Any, n: Any, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0) -> sp.Expr:
    """The output at position `n` for one channel `x`, a signal, and a kernel `k` of shape `(K,)`.

    `y[n] = sum_a k[a] x[s n + d a - p]`; what lies outside of `x` is what its grid says: zero, or the other end of a circle.

    >>> import cnnsym
    >>> m, K = cnnsym.dims("m K")
    >>> n = sp.Symbol("n", integer=True)
    >>> correlation(cnnsym.signal("x", m), cnnsym.signal("k", K), n, stride=2).function
    k[a]*x[a + 2*n]
    """
    (a,) = summation_indices("a", n, stride, dilation, padding)
    return sp.Sum(k[a] * x[stride * n + dilation * a - padding], (a, 0, k.shape[0] - 1))


def forward(
    x: Any, W: Any, o: Any, n: Any, b: Any = None, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0
) -> sp.Expr:
    """The output of filter `o` at position `n` for `x` of shape `(c, m)`, `W` of `(d, c, K)` and a bias `b` of `(d,)`.

    >>> import cnnsym
    >>> m, c, d, K = cnnsym.dims("m c d K")
    >>> o, n = sp.symbols("o n", integer=True)
    >>> y = forward(cnnsym.signal("x", c, m), cnnsym.signal("W", d, c, K), o, n)
    >>> y.function
    W[o, e, a]*x[e, a + n]
    """
    e, a = summation_indices("e a", o, n, stride, dilation, padding)
    total = sp.Sum(
        W[o, e, a] * x[e, stride * n + dilation * a - padding], (a, 0, W.shape[2] - 1), (e, 0, W.shape[1] - 1)
    )
    return total if b is None else total + b[o]
