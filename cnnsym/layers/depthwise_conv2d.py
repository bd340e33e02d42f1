"""Grouped convolution, and its extreme, the depthwise convolution: a channel sees the channels of its own group only.

Source: Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks (2012), section 3.5,
for groups; Howard and others, MobileNets (2017), section 3.1, for one channel each.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices
from cnnsym.layers.conv2d import position


def forward(
    x: Any, W: Any, c: Any, u: Any, v: Any, bias: Any = None, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0
) -> sp.Expr:
    """The output of channel `c` at `(u, v)` for `x` of shape `(C, H, W)`, kernels `W` of `(C, K, L)`, a bias of `(C,)`.

    >>> import cnnsym
    >>> C, H, K = cnnsym.dims("C H K")
    >>> c, u, v = sp.symbols("c u v", integer=True)
    >>> forward(cnnsym.signal("x", C, H, H), cnnsym.signal("W", C, K, K), c, u, v, stride=2).function
    W[c, a, b]*x[c, a + 2*u, b + 2*v]
    """
    a, b = summation_indices("a b", c, u, v, *_numbers(stride, dilation, padding))
    row, column = position(u, v, a, b, stride, dilation, padding)
    total = sp.Sum(W[c, a, b] * x[c, row, column], (a, 0, W.shape[1] - 1), (b, 0, W.shape[2] - 1))
    return total if bias is None else total + bias[c]


def grouped(
    x: Any,
    W: Any,
    group: Any,
    o: Any,
    u: Any,
    v: Any,
    groups: Any,
    *,
    stride: Any = 1,
    dilation: Any = 1,
    padding: Any = 0,
) -> sp.Expr:
    """The output of filter `o` of a group at `(u, v)`, for `groups` groups of filters and channels, each in order.

    `x` has the shape `(groups*e, H, W)` and `W` the shape `(groups*d, e, K, L)`: filter `o` of the group is filter
    `d*group + o` in all, and sees the channels `e*group .. e*group + e - 1`.

    >>> import cnnsym
    >>> G, d, e, H, K = cnnsym.dims("G d e H K")
    >>> g, o, u, v = sp.symbols("g o u v", integer=True)
    >>> grouped(cnnsym.signal("x", G * e, H, H), cnnsym.signal("W", G * d, e, K, K), g, o, u, v, G).function
    W[d*g + o, l, a, b]*x[e*g + l, a + u, b + v]
    """
    l, a, b = summation_indices("l a b", group, o, u, v, *W.shape, *_numbers(stride, dilation, padding))
    row, column = position(u, v, a, b, stride, dilation, padding)
    filters, channels = W.shape[0] / groups, W.shape[1]
    summand = W[filters * group + o, l, a, b] * x[channels * group + l, row, column]
    return sp.Sum(summand, (a, 0, W.shape[2] - 1), (b, 0, W.shape[3] - 1), (l, 0, channels - 1))


def _numbers(*pairs: Any) -> tuple[Any, ...]:
    return tuple(n for pair in pairs for n in (pair if isinstance(pair, tuple) else (pair,)))
