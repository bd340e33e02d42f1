"""Trigonometric identities with symbolic arguments, and finite cosine sums of symbolic length.

A trigonometric polynomial is written by Euler's formula as a sum of `coefficient * cis(argument)`, `cis(a) = exp(i a)`.
Arguments are expanded polynomials; where a monomial takes only integer values its coefficient counts modulo 2 pi. Equal
forms are equal functions. Sums over an index are not expanded here: a closed form is proved by telescoping, that is, by
induction on the upper limit.
Source: Graham, Knuth and Patashnik, Concrete Mathematics, section 2.6 (finite calculus).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.expression import expression

MAX_TERMS = 4_000

Polynomial = dict[sp.Expr, sp.Expr]  # argument -> coefficient


def canonical(e: Any) -> Polynomial:
    """The canonical form of an expression in sin, cos, powers of -1, and polynomial coefficients; {} is zero."""
    e = expression(e)
    if isinstance(e, sp.Add):
        return _sum(canonical(a) for a in e.args)
    if isinstance(e, sp.Mul):
        product: Polynomial = {sp.S.Zero: sp.S.One}
        for a in e.args:
            product = _product(product, canonical(a))
        return product
    if isinstance(e, sp.cos):
        a, b = _phase(e.args[0]), _phase(-e.args[0])
        return _sum(_unit(x, sp.Rational(1, 2)) for x in (a, b))
    if isinstance(e, sp.sin):
        a, b = _phase(e.args[0]), _phase(-e.args[0])
        return _sum((_unit(a, -sp.I / 2), _unit(b, sp.I / 2)))
    if isinstance(e, sp.Pow):
        if e.base == -1 and e.exp.is_integer:
            return _unit(_phase(sp.pi * e.exp), sp.S.One)
        if e.exp.is_Integer and e.exp > 0 and e.base.has(sp.sin, sp.cos):
            product = {sp.S.Zero: sp.S.One}
            for _ in range(int(e.exp)):
                product = _product(product, canonical(e.base))
            return product
    if e.has(sp.sin, sp.cos, sp.Sum, sp.Function) or e.is_Float:
        raise UnsupportedError(f"{type(e).__name__} in a trigonometric identity")
    return _clean({sp.S.Zero: e})


def _unit(phase: tuple[sp.Expr, sp.Expr], coefficient: Any) -> Polynomial:
    argument, factor = phase
    return {argument: sp.expand(coefficient * factor)}


def _phase(argument: Any) -> tuple[sp.Expr, sp.Expr]:
    """`cis(argument)` as `(argument', factor)`: whole multiples of 2 pi removed, multiples of pi/2 as a factor."""
    kept = []
    factor: sp.Expr = sp.S.One
    for monomial, coefficient in sp.expand(argument).as_coefficients_dict().items():
        rest = monomial / sp.pi
        if rest.has(sp.pi) or not _whole(rest):
            kept.append(coefficient * monomial)
            continue
        turns = coefficient % 2
        if rest == 1 and (2 * turns).is_integer:
            factor *= sp.I ** int(2 * turns)
        elif turns:
            kept.append(turns * monomial)
    return sp.Add(*kept), factor


def _whole(monomial: sp.Expr) -> bool:
    """A product of integer symbols with non-negative exponents, or 1."""
    return all(b.is_integer and x.is_Integer and x >= 0 for b, x in monomial.as_powers_dict().items())


def _sum(parts: Any) -> Polynomial:
    total: Polynomial = {}
    for part in parts:
        for argument, coefficient in part.items():
            total[argument] = total.get(argument, sp.S.Zero) + coefficient
    return _clean(total)


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) * len(right) > MAX_TERMS:
        raise LimitError(f"a trigonometric identity has over {MAX_TERMS} terms (the limit)")
    return _sum(_unit(_phase(a + b), x * y) for a, x in left.items() for b, y in right.items())


def _clean(p: Polynomial) -> Polynomial:
    # cancel, not expand: coefficients are rational functions of the sizes, such as n/2 or 1/(H W).
    found = {argument: sp.cancel(coefficient) for argument, coefficient in p.items()}
    return {argument: coefficient for argument, coefficient in found.items() if coefficient != 0}


def equal(lhs: Any, rhs: Any) -> bool:
    """True when both sides are the same trigonometric polynomial; False says only that the forms differ."""
    return not canonical(expression(lhs) - expression(rhs))


def telescopes(total: Any, closed: Any, variable: Any) -> bool:
    """Whether `P * Sum(g(h), (h, a, n - 1))` equals `closed`, by induction on `n = variable >= a`.

    `closed` must vanish at `n = a`, where the sum is empty, and grow by `P g(n)` from `n` to `n + 1`. Neither `P` nor `g`
    may depend on `n`.
    """
    prefactor, sums = expression(total).as_independent(sp.Sum)
    if not isinstance(sums, sp.Sum) or len(sums.limits) != 1:
        raise UnsupportedError("telescoping: expected a factor times one sum over one index")
    index, low, high = sums.limits[0]
    if sp.expand(high - variable + 1) != 0:
        raise UnsupportedError(f"telescoping: expected the upper limit {variable} - 1, got {high}")
    if not (variable - low).is_nonnegative:
        raise UnsupportedError(f"telescoping: {variable} >= {low} is not known, below which the sum is not defined")
    if variable in prefactor.free_symbols | sums.function.free_symbols | low.free_symbols:
        raise UnsupportedError(f"telescoping: the summand must not depend on {variable}")
    closed = expression(closed)
    growth = closed.xreplace({variable: variable + 1}) - closed
    return equal(closed.xreplace({variable: low}), 0) and equal(
        growth, prefactor * sums.function.xreplace({index: variable})
    )


def waves(summand: Any, index: Any) -> list[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """A trigonometric polynomial as a sum of `amplitude * cos(slope*index + phase)`; UnsupportedError where it is none."""
    found = []
    left = dict(canonical(summand))
    while left:
        argument, coefficient = next(iter(left.items()))
        opposite, factor = _phase(-argument)
        if coefficient.has(index):
            raise UnsupportedError(f"the amplitude {coefficient} depends on {index}")
        if argument == 0:
            del left[argument]
            found.append((coefficient, sp.S.Zero, sp.S.Zero))
            continue
        partner = left.pop(opposite, None)
        left.pop(argument, None)
        if partner is None or factor != 1 or sp.cancel(partner - coefficient) != 0:
            raise UnsupportedError("a sum with sines or with unpaired waves")
        slope = sp.expand(argument).coeff(index, 1)
        phase = sp.expand(argument - slope * index)
        if phase.has(index):
            raise UnsupportedError(f"the argument {argument} is not linear in {index}")
        found.append((2 * coefficient, slope, phase))
    return found


def wave_sum(slope: Any, phase: Any, length: Any) -> sp.Expr:
    """`Sum(cos(slope*h + phase), (h, 0, length - 1))` where `slope = pi*M/length`, `M` an integer, no multiple of `2*length`.

    By telescoping, `2 sin(slope/2)` times the sum is `sin(pi*M - slope/2 + phase) - sin(phase - slope/2)`; `sin(slope/2)` is
    not zero. The value is guessed among two candidates, and accepted only when that equation holds for it.
    """
    frequency = sp.expand(slope * length / sp.pi)
    if not frequency.is_integer:
        raise UnsupportedError(f"the frequency {frequency} is not known to be an integer")
    ends = sp.sin(sp.pi * frequency - slope / 2 + phase) - sp.sin(phase - slope / 2)
    for value in (sp.S.Zero, (1 - (-1) ** frequency) / 2):
        if equal(2 * sp.sin(slope / 2) * value, ends):
            return value
    raise UnsupportedError(f"no closed form is known for the sum of cos({slope}*h + {phase})")
