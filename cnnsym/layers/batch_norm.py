"""Batch normalisation: each channel standardised over the batch and its pixels, then scaled and shifted.

Source: Ioffe and Szegedy, Batch normalization (2015), algorithm 1 and section 3.2; for the folding Jacob and others,
Quantization and training of neural networks for efficient integer-arithmetic-only inference (2018), section 3.2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers.standardization import standardize


def forward(x: Any, at: tuple[Any, ...], gamma: Any, beta: Any, epsilon: Any) -> sp.Expr:
    """The output in training at `(b, c, ...)` for `x` of shape `(B, C, ...)`, `gamma` and `beta` of `(C,)`.

    The mean and the variance are those of channel `c` over the batch and all pixels.

    >>> import cnnsym
    >>> B, C, epsilon = cnnsym.dims("B C epsilon")
    >>> x, gamma, beta = cnnsym.signal("x", B, C), cnnsym.signal("gamma", C), cnnsym.signal("beta", C)
    >>> forward(x, (0, 1), gamma, beta, epsilon).has(x[0, 1])
    True
    """
    c = at[1]
    sizes = (x.shape[0], *x.shape[2:])
    standard = standardize(x[at], lambda b, *pixel: x[(b, c, *pixel)], *sizes, epsilon=epsilon)
    return gamma[c] * standard + beta[c]


def evaluate(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, epsilon: Any) -> Any:
    """The output in evaluation for one entry `x`, with the given numbers of its channel: an affine map.

    >>> evaluate(sp.Integer(5), 2, 7, mean=1, variance=1, epsilon=3)
    11
    """
    return gamma * (x - mean) * (variance + epsilon) ** sp.Rational(-1, 2) + beta
