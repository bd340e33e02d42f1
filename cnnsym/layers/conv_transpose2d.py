"""The transposed convolution: every entry lays down a kernel multiplied by it, and what overlaps is added.

Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import indicator
from cnnsym.layers._index import summation_indices
from cnnsym.layers.conv2d import position


def forward(
    x: Any, W: Any, o: Any, i: Any, j: Any, bias: Any = None, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0
) -> sp.Expr:
    """The output of channel `o` at `(i, j)` for `x` of shape `(c, H, W)`, kernels `W` of `(c, d, K, L)`, a bias of `(d,)`.

    Entry `(l, u, v)` of `x` reaches `(s u + d a - p, s v + d b - p)` by tap `(a, b)`.

    >>> import cnnsym
    >>> c, d, H, K = cnnsym.dims("c d H K")
    >>> o, i, j = sp.symbols("o i j", integer=True)
    >>> y = forward(cnnsym.signal("x", c, H, H), cnnsym.signal("W", c, d, K, K), o, i, j, stride=2)
    >>> sorted(y.function.atoms(sp.Eq), key=str)
    [Eq(a + 2*u, i), Eq(b + 2*v, j)]
    """
    numbers = tuple(n for z in (stride, dilation, padding) for n in (z if isinstance(z, tuple) else (z,)))
    l, u, v, a, b = summation_indices("l u v a b", o, i, j, *x.shape, *W.shape, *numbers)
    row, column = position(u, v, a, b, stride, dilation, padding)
    laid = W[l, o, a, b] * x[l, u, v] * indicator(sp.And(sp.Eq(row, i), sp.Eq(column, j)))
    ranges = zip((b, a, v, u, l), (W.shape[3], W.shape[2], x.shape[2], x.shape[1], x.shape[0]), strict=True)
    total = sp.Sum(laid, *((index, 0, size - 1) for index, size in ranges))
    return total if bias is None else total + bias[o]


def output_size(size: Any, kernel: Any, *, stride: Any = 1, padding: Any = 0, more: Any = 0) -> Any:
    """The number of rows of the output for `size` rows of the input: `s (i - 1) + k - 2 p + more`.

    `more` is the output padding, from 0 to `s - 1`: it says which of the sizes is meant that a convolution with that stride
    takes to `size`.

    >>> output_size(3, 3, stride=2, padding=1, more=1)
    6
    """
    return stride * (size - 1) + kernel - 2 * padding + more
