"""The leaky rectified linear unit, entry by entry: `s` above 0 and `slope s` below.

Source: Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models (2013).
"""

from __future__ import annotations

from typing import Any

from cnnsym.atoms import relu
from cnnsym.layers._entrywise import each_entry


def entry(t: Any, slope: Any) -> Any:
    """The function of one number: its positive part less `slope` times its negative part.

    >>> import sympy as sp
    >>> t, a = sp.symbols("t a", real=True)
    >>> entry(t, a)
    -a*relu(-t) + relu(t)
    """
    return relu(t) - slope * relu(-t)


def forward(s: Any, slope: Any) -> Any:
    """The output, of the shape of `s`, by its entries; ShapeError where `s` is no matrix.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> forward(cnnsym.vector("s", n), cnnsym.scalar("a")).shape
    (n, 1)
    """
    return each_entry("leaky_relu", lambda t: entry(t, slope), s)
