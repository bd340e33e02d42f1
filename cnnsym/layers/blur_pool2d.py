"""Blur pooling: a channel filtered with a binomial kernel and then sampled, against aliasing.

The kernel `k` of a direction has order `n`, `k[i] = binom(n, i)/2^n`, and stands with its entry `floor(n/2)` on the pixel
that is sampled. Beyond the border the image is what its grid says.

Source: Zhang, Making convolutional networks shift-invariant again (2019), section 3.3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices


def weight(order: Any, i: Any) -> Any:
    """The weight of tap `i` of the binomial kernel.

    >>> [weight(2, i) for i in range(3)]
    [1/4, 1/2, 1/4]
    """
    return sp.binomial(order, i) / 2 ** sp.sympify(order, strict=True)


def forward(x: Any, k: Any, u: Any, v: Any, *, stride: Any = 2, padding: Any) -> sp.Expr:
    """The output at `(u, v)` for `x` of shape `(H, W)` and the kernel `k` of shape `(n + 1,)`, the same in both directions.

    `padding` is `floor(n/2)`, the tap that stands on the sampled pixel.

    >>> import cnnsym
    >>> H, W, n = cnnsym.dims("H W n")
    >>> u, v = sp.symbols("u v", integer=True)
    >>> forward(cnnsym.signal("x", H, W), cnnsym.signal("k", n), u, v, padding=1).function
    k[a]*k[b]*x[a + 2*u - 1, b + 2*v - 1]
    """
    a, b = summation_indices("a b", u, v, stride, padding)
    taps = k.shape[0] - 1
    read = x[stride * u + a - padding, stride * v + b - padding]
    return sp.Sum(k[a] * k[b] * read, (a, 0, taps), (b, 0, taps))
