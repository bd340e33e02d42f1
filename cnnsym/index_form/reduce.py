"""One term made smaller: deltas eliminated, equal factors joined, unused indices summed, nested forms kept in step.

Every rewrite here is an identity wherever both sides are defined; each function says which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from cnnsym.index_form.index import Index, Slot, resolve, substituted
from cnnsym.index_form.term import Factor, Form, Term, indices, renamed, resolved, times
from cnnsym.sizes import quotient

# Rewrites of one factor that depend on its slots or exponent; given by `functions`, which builds on this module.
Rewrite = Callable[[Factor], "Form | None"]
SizeForm = Callable[[Any], Form]


def reduce_term(term: Term, rewrite: Rewrite, size_form: SizeForm) -> Form:
    """The term as a form without the redundancies named above; usually one term, none where it is zero."""
    waiting, done = [term], []
    while waiting:
        current: Term | None = _without_deltas(resolved(waiting.pop()))
        if current is None:
            continue
        current = _joined(current)
        c, fs, bound = current
        for k, one in enumerate(fs):
            replaced = rewrite(one)
            if replaced is not None:
                rest: Form = [(c, fs[:k] + fs[k + 1 :], bound)]
                waiting.extend(times(rest, replaced))
                break
        else:
            done.extend(_summed(current, size_form))
    return done


def _without_deltas(term: Term) -> Term | None:
    """Use each delta: sum_i delta(i, s) g(i) = g(s) for a bound index i and a slot s of the same range.

    delta(i + m k, j + m l) = delta(i, j) delta(k, l) for i, j < m. What cannot be used stays as a factor.
    """
    c, fs, bound = term
    kept: list[tuple[Slot, Slot]] = []
    queue = [(slots[0], slots[1]) for head, slots, _ in fs if head[0] == "delta"]
    if not queue:
        return term
    rest: tuple[Factor, ...] = tuple(f for f in fs if f[0][0] != "delta")
    free = set(bound)
    while queue:
        a, b = (resolve(s) for s in queue.pop())
        while a and b and a[0] == b[0]:
            a, b = a[1:], b[1:]
        if not a and not b:
            continue
        swap = _match(a, b, free)
        if swap is None:
            if _never_equal(a, b):
                return None
            kept.append((a, b))
            continue
        pairs, replaced = swap
        if replaced is not None:
            index, by = replaced
            free.discard(index)
            put = {index: by}
            ((c, rest, _),) = renamed([(c, rest, ())], put)
            # The rest of this very delta may name the index again: delta((i, i), (j, k)).
            queue = [(substituted(resolve(x), put), substituted(resolve(y), put)) for x, y in queue + kept + pairs]
            kept = []
        else:
            queue.extend(pairs)
            # Matching may have found an index to be composite; nowhere may it stand beside its parts.
            ((c, rest, _),) = [resolved((c, rest, ()))]
    classes, others = _classes(kept)
    if classes is None:
        return None
    for first, *rest_of_class in classes:
        put = {c: (first,) for c in rest_of_class if isinstance(c, Index)}
        ((c, rest, _),) = renamed([(c, rest, ())], put)
        rest += tuple((("delta",), ((first,), (x,)), 1) for x in rest_of_class)
    rest += tuple((("delta",), pair, 1) for pair in others)
    return c, rest, tuple(i for i in resolve(bound) if i in free)


def _classes(kept: list[tuple[Slot, Slot]]) -> tuple[list[list[Any]] | None, list[tuple[Slot, Slot]]]:
    """Deltas that stay, between named indices and constants, as classes of equals, each with its first member in front.

    A constant comes first, else the first name: so delta(h, g) delta(g, 0) and delta(g, h) delta(h, 0) come out alike, and
    the other factors are written with the first member. None where a class holds two different numbers.
    """
    classes: list[set[Any]] = []
    others: dict[Any, tuple[Slot, Slot]] = {}
    for a, b in kept:
        single = len(a) == len(b) == 1 and _alike(a[0], b[0])
        if single and all(not isinstance(x, Index) or x.name for x in (a[0], b[0])):
            joined = {a[0], b[0]}
            for old in [each for each in classes if each & joined]:
                classes.remove(old)
                joined |= old
            classes.append(joined)
        else:
            others[frozenset((a, b))] = (a, b)
    if any(sum(isinstance(x, sp.Integer) for x in each) > 1 for each in classes):
        return None, []
    return [sorted(each, key=_first_constant) for each in classes], list(others.values())


def _alike(a: Any, b: Any) -> bool:
    """Whether one may replace the other in a composite slot: two indices of different size may not."""
    return not (isinstance(a, Index) and isinstance(b, Index)) or bool(a.size == b.size)


def _first_constant(component: Any) -> tuple[int, str]:
    return (1, component.name) if isinstance(component, Index) else (0, str(component))


def _never_equal(a: Slot, b: Slot) -> bool:
    """Two different integer constants."""
    return len(a) == len(b) == 1 and all(isinstance(s, sp.Integer) for s in (a[0], b[0])) and a[0] != b[0]


Match = tuple[list[tuple[Slot, Slot]], "tuple[Index, Slot] | None"]


def _match(a: Slot, b: Slot, free: set[Index]) -> Match | None:
    """One step on delta(a, b), as (deltas that remain, index -> what it equals); None where there is none."""
    if not a or not b:  # the slot of a range of one
        return [(a or (sp.S.Zero,), b or (sp.S.Zero,))], None
    x, y = a[0], b[0]
    for one, slow, number in ((x, a[1:], b), (y, b[1:], a)):
        digits = _digits(one, number) if slow else None
        if digits is not None:
            return [((one,), (digits[0],)), (slow, (digits[1],))], None
    for one, other, rest_one, rest_other in ((x, y, a[1:], b[1:]), (y, x, b[1:], a[1:])):
        if not isinstance(one, Index) or one not in free:
            continue
        if isinstance(other, Index):
            if one.size == other.size:
                return [(rest_one, rest_other)], (one, (other,))
        elif not rest_one and not rest_other:
            return [], (one, (other,))  # an entry or a unit vector names it: it lies within the range
    if isinstance(x, Index) and isinstance(y, Index):
        if x.size == y.size:
            return None if not a[1:] and not b[1:] else ([(a[1:], b[1:]), ((x,), (y,))], None)
        for one, other, slots in ((x, y, (a, b)), (y, x, (b, a))):
            more = quotient(one.size, other.size)
            if more is not None:
                one.parts = parts = one.split_into(other.size, more)
                if one in free:
                    free.discard(one)
                    free.update(parts)
                return [(resolve(slots[0]), resolve(slots[1]))], None
    return None


def _joined(term: Term) -> Term:
    """Factors with equal head and equal slots become one; their exponents add. A delta is its own square."""
    c, fs, bound = term
    exponents: dict[tuple[Any, tuple[Slot, ...]], Any] = {}
    for head, slots, e in fs:
        place = (head, slots)
        exponents[place] = e if head[0] == "delta" else exponents.get(place, 0) + e
    if len(exponents) == len(fs) and all(exponents.values()):
        return term
    return c, tuple((head, slots, plain(e)) for (head, slots), e in exponents.items() if plain(e) != 0), bound


def plain(e: Any) -> Any:
    """An exponent as int or Fraction where it is a number."""
    if isinstance(e, sp.Expr):
        e = sp.expand(e)
        if e.is_Rational:
            e = Fraction(int(e.p), int(e.q))
    return int(e) if isinstance(e, Fraction) and e.denominator == 1 else e


def _summed(term: Term, size_form: SizeForm) -> Form:
    """A bound index that occurs nowhere is summed: a factor of its size. Pairs that only occur together become one index."""
    c, fs, bound = resolved(term)
    used = set(indices(fs))
    form: Form = [(c, fs, tuple(i for i in bound if i in used))]
    for index in bound:
        if index not in used:
            form = times(form, size_form(index.size))
    return [_fused(_joined(t)) for t in form]  # the size may cancel against a power of itself


def _fused(term: Term) -> Term:
    c, fs, bound = term
    ((fs,), bound, _) = fuse([fs], bound)
    return c, fs, bound


Fused = tuple[list[tuple[Factor, ...]], tuple[Index, ...], dict[Index, Slot]]


def fuse(groups: list[tuple[Factor, ...]], candidates: tuple[Index, ...]) -> Fused:
    """Join indices (i, j) that occur in all the factors only as the neighbours i, j of one slot: i + m j runs over m*n.

    Gives the factors, the indices, and for each of these the slot it stands for.
    """
    stands: dict[Index, Slot] = {c: (c,) for c in candidates}
    while True:
        pair = _neighbours(groups, set(candidates))
        if pair is None:
            return groups, candidates, stands
        i, j = pair
        whole = Index(i.size * j.size)
        stands[whole] = stands.pop(i) + stands.pop(j)
        groups = [tuple((h, tuple(_join(s, i, j, whole) for s in slots), e) for h, slots, e in fs) for fs in groups]
        candidates = tuple(whole if k is i else k for k in candidates if k is not j)


def fuse_slot(form: Form, slot: Slot) -> tuple[Form, Slot]:
    """Join the indices of one slot that the form only has together, in the order of the slot, or has not at all."""
    k = 0
    while k + 1 < len(slot):
        i, j = slot[k : k + 2]
        groups, found, stands = fuse([fs for _, fs, _ in form], (i, j))
        if not any(c is i or c is j for fs in groups for c in indices(fs)) and stands.get(found[0]) != (j, i):
            whole = found[0] if len(found) == 1 else Index(i.size * j.size)
            form = [(c, fs, bound) for (c, _, bound), fs in zip(form, groups, strict=True)]
            slot, k = (*slot[:k], whole, *slot[k + 2 :]), max(k - 1, 0)
        else:
            k += 1
    return form, slot


def _neighbours(groups: list[tuple[Factor, ...]], candidates: set[Index]) -> tuple[Index, Index] | None:
    if not any(len(slot) > 1 for fs in groups for _, slots, _ in fs for slot in slots):
        return None
    occurrences = Counter(c for fs in groups for c in indices(fs))
    together: Counter[tuple[Any, Any]] = Counter()
    for fs in groups:
        for _, slots, _ in fs:
            for slot in slots:
                together.update(pairwise(slot))
    for (i, j), count in together.items():
        if i in candidates and j in candidates and i is not j and count == occurrences[i] == occurrences[j]:
            return i, j
    return None


def _digits(one: Any, number: Slot) -> tuple[sp.Expr, sp.Expr] | None:
    """A constant slot as `(fast, slow)` beside an index: 0 is (0, 0) for any radix, a number needs a number as radix."""
    if not isinstance(one, Index) or len(number) != 1 or not isinstance(number[0], sp.Integer):
        return None
    if number[0] == 0:
        return sp.S.Zero, sp.S.Zero
    return (number[0] % one.size, number[0] // one.size) if one.size.is_Integer else None


def _join(slot: Slot, i: Index, j: Index, whole: Index) -> Slot:
    joined: list[Any] = []
    for c in slot:
        if c is i:
            joined.append(whole)
        elif c is not j:
            joined.append(c)
    return tuple(joined)
