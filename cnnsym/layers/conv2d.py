"""The two-dimensional convolution layer: a cross-correlation in both directions, summed over the input channels.

Source: Goodfellow, Bengio and Courville, Deep Learning, section 9.5, equation 9.8; stride, dilation and padding as in
Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices


def correlation(x: Any, k: Any, u: Any, v: Any, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0) -> sp.Expr:
    """The output at `(u, v)` for one channel `x`, a signal, and a kernel `k` of shape `(K, L)`; a pair is for two directions.

    >>> import cnnsym
    >>> H, W, K = cnnsym.dims("H W K")
    >>> u, v = sp.symbols("u v", integer=True)
    >>> correlation(cnnsym.signal("x", H, W), cnnsym.signal("k", K, K), u, v).function
    k[a, b]*x[a + u, b + v]
    """
    a, b = summation_indices("a b", u, v, *_pair(stride), *_pair(dilation), *_pair(padding))
    at = position(u, v, a, b, stride, dilation, padding)
    return sp.Sum(k[a, b] * x[at], (a, 0, k.shape[0] - 1), (b, 0, k.shape[1] - 1))


def forward(
    x: Any, W: Any, o: Any, u: Any, v: Any, bias: Any = None, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0
) -> sp.Expr:
    """The output of filter `o` at `(u, v)` for `x` of shape `(c, H, W)`, `W` of `(d, c, K, L)` and a bias of `(d,)`.

    >>> import cnnsym
    >>> H, L, c, d, K = cnnsym.dims("H L c d K")
    >>> o, u, v = sp.symbols("o u v", integer=True)
    >>> forward(cnnsym.signal("x", c, H, L), cnnsym.signal("W", d, c, K, K), o, u, v).function
    W[o, e, a, b]*x[e, a + u, b + v]
    """
    e, a, b = summation_indices("e a b", o, u, v, *_pair(stride), *_pair(dilation), *_pair(padding))
    at = position(u, v, a, b, stride, dilation, padding)
    ranges = ((a, 0, W.shape[2] - 1), (b, 0, W.shape[3] - 1), (e, 0, W.shape[1] - 1))
    total = sp.Sum(W[o, e, a, b] * x[(e, *at)], *ranges)
    return total if bias is None else total + bias[o]


def position(u: Any, v: Any, a: Any, b: Any, stride: Any, dilation: Any, padding: Any) -> tuple[Any, Any]:
    """Where tap `(a, b)` of the window at `(u, v)` reads: `(s u + d a - p, s v + d b - p)`, each direction by its own numbers."""
    (s, t), (d, e), (p, q) = map(_pair, (stride, dilation, padding))
    return s * u + d * a - p, t * v + e * b - q


def _pair(z: Any) -> tuple[Any, Any]:
    return z if isinstance(z, tuple) else (z, z)
