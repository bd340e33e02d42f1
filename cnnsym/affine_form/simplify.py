"""One term made smaller: equations solved, quotients settled, unused variables counted, whole periods recognised.

Every rewrite is a change of the summation variables that is a bijection of the integer points, or counts them; each function
says which. None looks at what the arrays hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sympy as sp

from cnnsym.affine_form.solver import Solver
from cnnsym.affine_form.term import (
    Constraint,
    Form,
    Term,
    expanded,
    is_integer,
    linear,
    ratio,
    substituted,
    symbols,
    variable,
)
from cnnsym.errors import LimitError, UnsupportedError

MAX_REWRITES = 400  # of one term

Rewrite = Callable[[Term, Solver], "Term | None"]


def simplified(term: Term, solver: Solver, *, counting: bool = True) -> Term | None:
    """The term after all rewrites, None where it is zero. Without `counting` it is a set of points: none is counted twice."""
    rules = _RULES if counting else _RULES_FOR_SETS
    for _ in range(MAX_REWRITES):
        solver.clock.look()
        settled = _settled(term)
        if settled is None:
            return None
        term = settled
        for rule in rules:
            found = rule(term, solver)
            if found is not None:
                term = found
                break
        else:
            if solver.contradicts(term.guard):
                return None
            _require_finite(term)
            return term
    raise LimitError(f"a term takes over {MAX_REWRITES} rewrites (the limit)")


def _require_finite(term: Term) -> None:
    """Sums over infinitely many points are not rearranged here: each variable is bounded by others that are bounded."""
    open_ = set(term.bound)
    while open_:
        bounded = {v for v in open_ if _bounded(term, v, open_ - {v})}
        if not bounded:
            raise UnsupportedError("a sum over infinitely many integers")
        open_ -= bounded


def _bounded(term: Term, v: Any, others: set[Any]) -> bool:
    """Whether v is between two bounds that do not name the others."""
    signs = set()
    for c in term.guard:
        parts = linear(c.value, v)
        if parts is not None and not c.value.free_symbols & others:
            sign = 1 if parts[0].is_positive else -1 if parts[0].is_negative else 0
            signs |= {sign, -sign} if c.equal else {sign}
    return signs >= {1, -1}


def _settled(term: Term) -> Term | None:
    """Constraints between numbers decided, positions on circular axes and whole turns of the phase reduced."""
    guard: dict[Constraint, None] = {}
    for c in term.guard:
        if c.value.is_Integer:
            if (c.value != 0) if c.equal else (c.value < 0):
                return None
            continue
        guard[_primitive(c)] = None
    factors = tuple(
        f._replace(slots=tuple(s if n is None else modulo(s, n) for s, n in zip(f.slots, f.periods, strict=True)))
        for f in term.factors
    )
    phase = sp.Add(*(t for t in sp.Add.make_args(expanded(term.phase)) if not is_integer(t)))
    coefficient = term.coefficient
    if phase.is_Rational and 4 % phase.q == 0:
        coefficient, phase = coefficient * sp.I ** int(4 * phase), sp.S.Zero
    if coefficient == 0:
        return None
    return replace(term, coefficient=coefficient, factors=factors, guard=tuple(guard), phase=phase)


@lru_cache(maxsize=65536)
def _primitive(c: Constraint) -> Constraint:
    """An equation without its numerical factor and with a fixed sign; an inequality without a positive factor.

    `s e >= 0` is `e >= 0` for a positive s, and `s e - 1 >= 0` is `e - 1 >= 0` for integers.
    """
    if c.equal:
        content, rest = c.value.as_content_primitive()
        negative = expanded(-rest)
        return Constraint(min(expanded(rest), negative, key=sp.default_sort_key) if content else rest, True)
    terms = sp.Add.make_args(c.value)
    first = terms[-1].free_symbols
    for s in sorted((s for s in first if s.is_positive and s.is_integer), key=str):
        rest = c.value + 1 if -1 in terms else c.value
        if is_integer(quotient := ratio(rest, s)):
            return _primitive(Constraint(expanded(quotient - (1 if -1 in terms else 0))))
    return c


def modulo(e: Any, n: Any) -> Any:
    """An integer polynomial without the monomials that are multiples of n."""
    return sp.Add(*(t for t in sp.Add.make_args(expanded(e)) if not is_integer(ratio(t, n))))


def _solve(term: Term, solver: Solver) -> Term | None:
    """An equation with the coefficient 1 or -1 at a variable gives its value: the points with other values do not count."""
    for c in term.guard:
        # What holds modulo n only, for a residue, says nothing about integers.
        if not c.equal or any(v in c.value.free_symbols for v, _ in term.circular):
            continue
        for v in term.bound:
            parts = linear(c.value, v)
            if parts is not None and parts[0] in (1, -1):
                return substituted(term, {v: expanded(-parts[0] * parts[1])})
    return None


def _solve_circular(term: Term, solver: Solver) -> Term | None:
    """`v + e = n q` for a residue v modulo n m, where q is named nowhere else: v is `n w - e` for a residue w modulo m.

    A residue u that is named in e has to leave e the same modulo n m. Were it the same modulo n only, then after the rewrite
    the term would be the same for u and what follows u by a period only if w moved as well: u would be no residue any more.
    """
    for c in term.guard:
        n, q = _modulus(term, c)
        if n is None:
            continue
        for v, period in term.circular:
            parts = linear(c.value, v)
            if parts is None or parts[0] not in (1, -1) or not is_integer(ratio(period, n)):
                continue
            sign, rest = parts[0], expanded(parts[1].xreplace({q: sp.S.Zero}))
            left = _without(term, q, (c,))
            m = ratio(period, n)
            if m != 1 and not all(_periodic(rest, u, length, period) for u, length in term.circular if u != v):
                continue
            if m == 1:
                return substituted(left, {v: expanded(-sign * rest)})
            w = variable()
            found = substituted(left, {v: expanded(n * w - sign * rest)})
            return replace(found, circular=(*found.circular, (w, m)))
    return None


def _used(term: Term, v: Any) -> bool:
    """Whether a variable occurs outside the guard."""
    return v in symbols(replace(term, guard=()))


def _quotients(term: Term) -> list[tuple[Any, Any, Any, tuple[Constraint, ...]]]:
    """`(q, n, e, constraints)` for each variable q with `n q <= e < n q + n`, or with `n q = e`, for a positive n."""
    found: list[tuple[Any, Any, Any, tuple[Constraint, ...]]] = []
    for q in term.bound:
        mine = [(c, parts) for c in term.guard if (parts := linear(c.value, q)) is not None and parts[0] != 0]
        for c, (n, e) in mine:
            if c.equal:
                sign = 1 if n.is_positive else -1 if n.is_negative else 0
                if sign and abs(n) != 1:
                    found.append((q, sign * n, expanded(-sign * e), (c,)))
                continue
            for d, (m, b) in mine:
                if not d.equal and m.is_positive and n == -m and expanded(e + b - m + 1) == 0:
                    found.append((q, m, e, (c, d)))
    return found


def _absorb(term: Term, solver: Solver) -> Term | None:
    """A quotient of `e + n a` is that of `e`, plus a; a quotient that can only be 0, -1 or another one is that."""
    settled: set[Any] = set()
    for q, n, e, _ in _quotients(term):
        whole = sp.Add(*(ratio(t, n) for t in sp.Add.make_args(expanded(e)) if is_integer(ratio(t, n))))
        if whole != 0 and q not in settled:
            return _put(term, q, q + whole)
        settled.add(q)  # what is a quotient in two ways follows the first: the second could undo it without end
        for other in (sp.S.Zero, sp.S.NegativeOne, *(p for p, m, _, _ in _quotients(term) if p != q and m == n)):
            if solver.follows(term.guard, [Constraint(expanded(q - other), True)]):
                return substituted(term, {q: other})
    return None


def _put(term: Term, v: Any, value: Any) -> Term:
    """A variable replaced by a new one and what is added to it: a translation."""
    new = variable()
    found = substituted(term, {v: value.xreplace({v: new})})
    return replace(found, bound=(*found.bound, new))


def _only_quotient(term: Term, solver: Solver) -> Term | None:
    """A quotient that occurs in its own two constraints only: there is exactly one."""
    for q, _, _, own in _quotients(term):
        others = [c for c in term.guard if c not in own and q in c.value.free_symbols]
        if len(own) == 2 and not others and not _used(term, q):
            return _without(term, q, own)
    return None


def _without(term: Term, v: Any, own: tuple[Constraint, ...]) -> Term:
    return replace(
        term,
        bound=tuple(b for b in term.bound if b != v),
        guard=tuple(c for c in term.guard if c not in own),
    )


def _count(term: Term, solver: Solver) -> Term | None:
    """A variable between two bounds, used nowhere else: as many points as there are integers between them."""
    for v in term.bound:
        if _used(term, v):
            continue
        own = tuple(c for c in term.guard if v in c.value.free_symbols)
        parts = [linear(c.value, v) for c in own]
        if any(p is None or p[0] not in (1, -1) for p in parts) or any(c.equal for c in own):
            continue
        rest = tuple(c for c in term.guard if c not in own)
        low = _tightest([c for c, p in zip(own, parts, strict=True) if p and p[0] == 1], v, rest, solver)
        high = _tightest([c for c, p in zip(own, parts, strict=True) if p and p[0] == -1], v, rest, solver)
        if low is None or high is None:
            continue
        count = expanded(low.value + high.value + 1)  # (v - l) + (h - v) + 1
        found = _without(term, v, own)
        # Nothing times what has no value, as 1/n for n = 0, is 0 in a sum over nothing: such a term needs one point at least.
        least = 0 if sp.fraction(sp.together(found.coefficient))[1].is_nonzero else 1
        return replace(
            found,
            coefficient=sp.expand(found.coefficient * count),
            guard=(*found.guard, Constraint(expanded(count - least))),
        )
    return None


def _tightest(own: list[Constraint], v: Any, rest: tuple[Constraint, ...], solver: Solver) -> Constraint | None:
    """The constraint that implies the others."""
    for c in own:
        if all(d == c or solver.follows(rest, [Constraint(expanded(d.value - c.value))]) for d in own):
            return c
    return None


def _whole_period(term: Term, solver: Solver) -> Term | None:
    """A variable over `l .. l+n-1` on which everything depends modulo n only: it runs over the residues modulo n."""
    for v in term.bound:
        bounds = [
            c
            for c in term.guard
            if not c.equal and (parts := linear(c.value, v)) is not None and parts[0] in (1, -1)
        ]
        if len(bounds) != 2 or v in term.coefficient.free_symbols:
            continue
        n = expanded(bounds[0].value + bounds[1].value + 1)
        # A length made of sizes: one that a variable is in would not be the same throughout the term.
        if not n.is_positive or not all(s.is_nonnegative for s in n.free_symbols):
            continue
        turns = linear(term.phase, v)
        if turns is None or not is_integer(expanded(turns[0] * n)):
            continue
        if all(c in bounds or _periodic(c.value, v, n, _modulus(term, c)[0]) for c in term.guard) and all(
            _periodic(slot, v, n, period)
            for f in term.factors
            for slot, period in zip(f.slots, f.periods, strict=True)
        ):
            found = _without(term, v, tuple(bounds))
            return replace(found, circular=(*found.circular, (v, n)))
    return None


def _periodic(e: Any, v: Any, n: Any, modulus: Any) -> bool:
    """Whether e, which counts modulo `modulus` (exactly, where that is None), is the same for v and for v + n."""
    if v not in e.free_symbols:
        return True
    parts = linear(e, v)
    return modulus is not None and parts is not None and is_integer(ratio(expanded(parts[0] * n), modulus))


def _modulus(term: Term, c: Constraint) -> tuple[Any, Any]:
    """`(n, q)` for an equation `e = n q` whose q occurs nowhere else; `(None, None)` where it is no such equation."""
    if c.equal:
        for q in term.bound:
            parts = linear(c.value, q)
            if parts is None or parts[0] == 0 or _used(term, q):
                continue
            n = parts[0] if parts[0].is_positive else expanded(-parts[0])
            if n.is_positive and not any(q in other.value.free_symbols for other in term.guard if other != c):
                return n, q
    return None, None


def _turning(term: Term, solver: Solver) -> Term | None:
    """The sum of e^(2 pi i m v/n) over the residues v modulo n is n where n divides m, and 0 elsewhere (a geometric sum)."""
    for v, n in term.circular:
        if _used(replace(term, phase=sp.S.Zero), v) or any(v in c.value.free_symbols for c in term.guard):
            continue
        turns = linear(term.phase, v)
        if turns is None:  # another residue has been put for one that was multiplied by v
            continue
        q, m = variable(), expanded(turns[0] * n)
        return replace(
            term,
            coefficient=term.coefficient * n,
            phase=turns[1],
            bound=(*term.bound, q),
            circular=tuple(pair for pair in term.circular if pair[0] != v),
            guard=(*term.guard, Constraint(expanded(m - n * q), True)),
        )
    return None


_RULES_FOR_SETS: tuple[Rewrite, ...] = (_solve, _only_quotient, _absorb)
_RULES: tuple[Rewrite, ...] = (
    _whole_period,  # before an equation takes one of its variables away
    _solve_circular,
    _turning,
    _solve,
    _only_quotient,
    _absorb,
    _count,
)


def all_simplified(form: Form, solver: Solver) -> Form:
    """Every term simplified; those that are zero left out."""
    return [found for t in form if (found := simplified(t, solver)) is not None]
