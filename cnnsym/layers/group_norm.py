"""Group normalisation: each example standardised over groups of its channels.

The `C = G K` channels are split in order into `G` groups of `K`: channel `c` is number `c mod K` of group `floor(c/K)`. One
group is layer normalisation but for the parameters; as many groups as channels is instance normalisation.

Source: Wu and He, Group normalization (2018), section 3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers.standardization import standardize


def forward(x: Any, b: Any, h: Any, k: Any, p: Any, gamma: Any, beta: Any, epsilon: Any) -> sp.Expr:
    """The output in channel `k` of group `h` at pixel `p` of example `b`.

    `x` has the shape `(B, G, K, P)`, its channels by groups and its `P` pixels in a row; `gamma` and `beta` have `(G, K)`.

    >>> import cnnsym
    >>> B, G, K, P, epsilon = cnnsym.dims("B G K P epsilon")
    >>> x, gamma, beta = cnnsym.signal("x", B, G, K, P), cnnsym.signal("gamma", G, K), cnnsym.signal("beta", G, K)
    >>> forward(x, 0, 1, 2, 3, gamma, beta, epsilon).has(gamma[1, 2])
    True
    """
    standard = standardize(x[b, h, k, p], lambda other, at: x[b, h, other, at], x.shape[2], x.shape[3], epsilon=epsilon)
    return gamma[h, k] * standard + beta[h, k]
