"""Inverted dropout with a given mask: `x mask / (1 - p)`.

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout (2014), section 10, for the scaling in training.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


def forward(x: Any, mask: Any, p: Any, *at: Any) -> sp.Expr:
    """The output at a position; `mask` is 1 where an entry of `x` is kept, else 0, and `p` the probability of dropping one.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> i = sp.Symbol("i", integer=True)
    >>> forward(cnnsym.signal("x", n), cnnsym.signal("m", n), sp.Rational(1, 2), i)
    2*m[i]*x[i]
    """
    return x[at] * mask[at] / (1 - p)
