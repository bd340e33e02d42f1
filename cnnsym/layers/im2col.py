"""The patches of an image as the columns of a matrix, and the adjoint that adds them back (col2im).

Column `q = w u + v` is the window of output position `(u, v)`, with `w` windows side by side; row `r = (K l + a) L + b` is
tap `(a, b)` of channel `l`, for windows of `K` times `L` taps. So the last axis is the fastest, as in memory.

Source: Chellapilla, Puri and Simard, High performance convolutional neural networks for document processing (2006).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import indicator
from cnnsym.layers._index import summation_indices
from cnnsym.layers.conv2d import position


def patch(
    x: Any, l: Any, a: Any, b: Any, u: Any, v: Any, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0
) -> sp.Expr:
    """What tap `(a, b)` of the window at `(u, v)` reads in channel `l` of `x`, of shape `(c, H, W)`.

    >>> import cnnsym
    >>> c, H, W = cnnsym.dims("c H W")
    >>> l, a, b, u, v = sp.symbols("l a b u v", integer=True)
    >>> patch(cnnsym.signal("x", c, H, W), l, a, b, u, v, stride=2, padding=1)
    x[l, a + 2*u - 1, b + 2*v - 1]
    """
    return x[(l, *position(u, v, a, b, stride, dilation, padding))]


def forward(
    x: Any, r: Any, q: Any, size: Any, columns: Any, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0
) -> sp.Expr:
    """Row `r` and column `q` of the matrix, for windows of `size = (K, L)` taps, `columns` of them in a row of the output.

    >>> import cnnsym
    >>> c, H, W, w = cnnsym.dims("c H W w")
    >>> forward(cnnsym.signal("x", c, H, W), sp.Integer(7), sp.Integer(0), (2, 3), w)
    x[1, 0, 1]
    """
    rows, fast = size
    across = sp.floor(r / fast)
    place = (sp.floor(across / rows), sp.Mod(across, rows), sp.Mod(r, fast))
    return patch(
        x, *place, sp.floor(q / columns), sp.Mod(q, columns), stride=stride, dilation=dilation, padding=padding
    )


def adjoint(z: Any, l: Any, i: Any, j: Any, *, stride: Any = 1, dilation: Any = 1, padding: Any = 0) -> sp.Expr:
    """Pixel `(l, i, j)` of col2im of `z`, of shape `(c, K, L, h, w)`: the sum over all places to which it was copied.

    >>> import cnnsym
    >>> c, K, h = cnnsym.dims("c K h")
    >>> l, i, j = sp.symbols("l i j", integer=True)
    >>> adjoint(cnnsym.signal("z", c, K, K, h, h), l, i, j, padding=1).function.args[0]
    z[l, a, b, u, v]
    """
    a, b, u, v = summation_indices("a b u v", l, i, j, *z.shape, *_numbers(stride, dilation, padding))
    row, column = position(u, v, a, b, stride, dilation, padding)
    _, taps, more_taps, rows, columns = z.shape
    return sp.Sum(
        z[l, a, b, u, v] * indicator(sp.And(sp.Eq(row, i), sp.Eq(column, j))),
        (b, 0, more_taps - 1),
        (a, 0, taps - 1),
        (v, 0, columns - 1),
        (u, 0, rows - 1),
    )


def _numbers(*pairs: Any) -> tuple[Any, ...]:
    return tuple(n for pair in pairs for n in (pair if isinstance(pair, tuple) else (pair,)))
