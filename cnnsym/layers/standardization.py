"""Standardising: the mean over some entries taken away, then the root of the variance divided out.

The normalisations differ in the entries over which mean and variance are taken. The variance is the biased one, the mean of
the squared deviations.

Source: Ioffe and Szegedy, Batch normalization (2015), algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from cnnsym.layers._index import summation_indices


def mean(values: Callable[..., Any], *sizes: Any) -> sp.Expr:
    """The mean of `values(i, j, ...)` over all `0 <= i < sizes[0]`, `0 <= j < sizes[1]`, ...

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> x = cnnsym.signal("x", n)
    >>> mean(lambda k: x[k], n)
    Sum(x[i], (i, 0, n - 1))/n
    """
    probe = sp.symbols(f"_0:{len(sizes)}", cls=sp.Dummy, integer=True)
    # Clear of every name in the summand, bound ones as well: no sum is inside another over the same name.
    inside = sp.sympify(values(*probe)).atoms(sp.Symbol)
    own = summation_indices("i j k l"[: 2 * len(sizes)], *inside, *sizes)
    limits = [(v, 0, size - 1) for v, size in zip(own, sizes, strict=True)]
    return sp.Sum(values(*own), *limits) / sp.Mul(*sizes)


def variance(values: Callable[..., Any], *sizes: Any) -> sp.Expr:
    """The mean of the squared deviations of `values` from their mean.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> x = cnnsym.signal("x", n)
    >>> variance(lambda k: x[k], n)
    Sum((x[i'] - Sum(x[i], (i, 0, n - 1))/n)**2, (i', 0, n - 1))/n
    """
    middle = mean(values, *sizes)
    return mean(lambda *at: (values(*at) - middle) ** 2, *sizes)


def standardize(value: Any, values: Callable[..., Any], *sizes: Any, epsilon: Any) -> sp.Expr:
    """`(value - mean) / sqrt(variance + epsilon)` with the mean and the variance of `values`.

    >>> import cnnsym
    >>> x = cnnsym.signal("x", 1)
    >>> standardize(x[0], lambda k: x[k], 1, epsilon=sp.Integer(4)).doit()
    0
    """
    return (value - mean(values, *sizes)) * (variance(values, *sizes) + epsilon) ** sp.Rational(-1, 2)
