"""What divides out of a term or a sum: common content, equal parts of numerator and denominator.

Everything here holds wherever both sides are defined.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import Any

import sympy as sp

from cnnsym.index_form.canonical import close
from cnnsym.index_form.index import Index
from cnnsym.index_form.term import Factor, Form, Term, indices, instantiate, scaled

POSITIVE = frozenset({"#", "pi", "E"})  # kinds of factors that are positive: primes, pi, exponentials


def is_positive(head: Any) -> bool:
    return head[0] in POSITIVE or (head[0] == "n" and bool(head[1].is_positive))


def content(terms: Form) -> Fraction:
    """The greatest rational number that divides every coefficient; 1 for the empty form."""
    if not terms:
        return Fraction(1)
    return Fraction(gcd(*(abs(c.numerator) for c, _, _ in terms)), lcm(*(c.denominator for c, _, _ in terms)))


def common(terms: Form, only_positive: bool) -> list[Factor]:
    """The factors without bound indices that every term has, to the lowest exponent; and negative exponents anywhere."""
    exponents: list[dict[Any, Any]] = []
    for _, fs, bound in terms:
        inside = set(bound)
        exponents.append(
            {
                (h, s): e
                for h, s, e in fs
                if not inside.intersection(indices([(h, s, e)])) and not isinstance(e, sp.Expr)
            }
        )
    common: list[Factor] = []
    for place in dict.fromkeys(p for each in exponents for p in each):
        if only_positive and not is_positive(place[0]):
            continue
        if place[0][0] == "delta":
            continue
        lowest = min(each.get(place, 0) for each in exponents)
        if lowest:
            common.append((*place, lowest))
    return common


def signed(terms: Form) -> tuple[int, Form]:
    """The form or its negative, whichever has the smaller key: the same choice for both."""
    negative = scaled(terms, -1)
    return (1, terms) if close(terms)[0].digest <= close(negative)[0].digest else (-1, negative)


def components(fs: tuple[Factor, ...], bound: tuple[Index, ...]) -> list[Term]:
    """The product as independent sums: factors that share a bound index belong together."""
    groups: list[tuple[set[Any], list[Factor]]] = []
    for one in fs:
        mine = {c for c in indices([one]) if c in bound}
        joined = [g for g in groups if g[0] & mine]
        for g in joined:
            groups.remove(g)
            mine |= g[0]
        groups.append((mine, [f for g in joined for f in g[1]] + [one]))
    return [(Fraction(1), tuple(members), tuple(i for i in bound if i in mine)) for mine, members in groups]


def _denominators(term: Term) -> list[Factor]:
    return [f for f in term[1] if f[0][0] == "S" and isinstance(f[2], int) and f[2] < 0]


def cancel_component(term: Term) -> Form | None:
    """(sum_i g_i) / (sum_i g_i) = 1, where the sum is an independent part of the term."""
    c, fs, bound = term
    for one in _denominators(term):
        head, slots, e = one
        if len(head[1].content) != 1:
            continue
        rest = tuple(f for f in fs if f is not one)
        for part in components(rest, bound):
            if not part[2]:
                continue
            key, places = close([part])
            if key == head[1] and places == slots:
                members = set(part[1])
                left = tuple(f for f in rest if f not in members) + ((head, slots, e + 1),)
                return [(c, left, tuple(i for i in bound if i not in part[2]))]
    return None


def divide_once(term: Term) -> Form | None:
    """t S^-k = (1/c) (S^-(k-1) - r S^-k) for S = c t + r, where t is the leading monomial of S."""
    c, fs, bound = term
    for one in _denominators(term):
        head, slots, e = one
        monomials = instantiate(head[1], slots)
        if len(monomials) < 2 or any(inner for _, _, inner in monomials):
            continue
        lead = max(monomials, key=_degree)
        if _degree(lead) == 0:
            continue
        rest = _without(fs, lead[1])
        if rest is None:
            continue
        others = tuple(f for f in rest if f is not one)
        by: Form = [(c / lead[0], (*others, (head, slots, e + 1)), bound)]
        remainder = [(-m[0] * c / lead[0], (*rest, *m[1]), bound) for m in monomials if m is not lead]
        return by + remainder
    return None


def _degree(term: Term) -> int:
    return (
        sum(e for _, _, e in term[1] if isinstance(e, int))
        if all(isinstance(e, int) and e > 0 for _, _, e in term[1])
        else 0
    )


def _without(fs: tuple[Factor, ...], monomial: tuple[Factor, ...]) -> tuple[Factor, ...] | None:
    """The factors with the monomial divided out; None where it does not divide them."""
    left = list(fs)
    for head, slots, e in monomial:
        for k, (h, s, have) in enumerate(left):
            if h == head and s == slots and isinstance(have, (int, Fraction)) and have >= e:
                left[k] = (h, s, have - e)
                break
        else:
            return None
    return tuple(f for f in left if f[2] != 0)
