"""Layer normalisation: each example standardised over its entries, each entry with its own scale and shift.

Source: Ba, Kiros and Hinton, Layer normalization (2016), section 3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers.standardization import standardize


def forward(x: Any, b: Any, i: Any, gamma: Any, beta: Any, epsilon: Any) -> sp.Expr:
    """Entry `i` of example `b` for `x` of shape `(B, n)`, `gamma` and `beta` of shape `(n,)`.

    >>> import cnnsym
    >>> B, n, epsilon = cnnsym.dims("B n epsilon")
    >>> x, gamma, beta = cnnsym.signal("x", B, n), cnnsym.signal("gamma", n), cnnsym.signal("beta", n)
    >>> forward(x, 0, 1, gamma, beta, epsilon).has(gamma[1])
    True
    """
    standard = standardize(x[b, i], lambda k: x[b, k], x.shape[1], epsilon=epsilon)
    return gamma[i] * standard + beta[i]
