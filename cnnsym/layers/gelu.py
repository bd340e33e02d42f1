"""The Gaussian error linear unit, entry by entry: `s Phi(s)`, `Phi` the distribution function of the normal law.

Source: Hendrycks and Gimpel, Gaussian error linear units (2016), section 2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.layers._entrywise import each_entry


def distribution(t: Any) -> Any:
    """The probability that a standard normal variable is at most `t`: `(1 + erf(t/sqrt(2)))/2`.

    >>> distribution(sp.Integer(0))
    1/2
    """
    return (1 + sp.erf(t / sp.sqrt(2))) / 2


def density(t: Any) -> Any:
    """The density of the standard normal law: `exp(-t^2/2)/sqrt(2 pi)`.

    >>> t = sp.Symbol("t", real=True)
    >>> sp.simplify(sp.diff(distribution(t), t) - density(t))
    0
    """
    return sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi)


def forward(s: Any, distribution: Any = distribution) -> Any:
    """The output, of the shape of `s`, by its entries; ShapeError where `s` is no matrix.

    `distribution` may be an abstract function of one number in the place of the normal one.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("s", n)).shape
    (n, 1)
    """
    return each_entry("gelu", lambda t: t * distribution(t), s)
