"""Rewrites of a product by a known equation: inverses, orthogonal matrices, and lemmas proved elsewhere.

A rule replaces a product of factors summed over bound indices by a form in the indices that stay. It applies where its
factors occur, and where the indices it sums over occur in them only: then it is the equation itself, under the sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import sympy as sp

from cnnsym.errors import UnsupportedError
from cnnsym.index_form.functions import reduced
from cnnsym.index_form.index import Index, Slot
from cnnsym.index_form.lower import Lowering
from cnnsym.index_form.term import (
    Factor,
    Form,
    Key,
    Term,
    factor,
    fresh,
    indices,
    instantiate,
    renamed,
    resolved,
    symmetries,
    times,
)
from cnnsym.sizes import size

MAX_REWRITES = 2_000


@dataclass(frozen=True)
class Lemma:
    """An equation proved elsewhere: `lhs`, a sum of products, equals `rhs`, for every size `size` and all `indices`.

    `indices` are free `Idx` with range `0 .. size-1`. `name` is the id of the claim that proves it.
    """

    name: str
    lhs: Any
    rhs: Any
    size: Any
    indices: tuple[Any, ...]
    is_lemma: Final = True

    def at(self, length: Any) -> tuple[Any, Any]:
        """Both sides for one size."""
        swap = {self.size: length}
        return self.lhs.xreplace(swap), self.rhs.xreplace(swap)


@dataclass(frozen=True)
class Rule:
    """`factors`, summed over `bound`, equal `replacement`; their other indices are placeholders."""

    factors: tuple[Factor, ...]
    bound: tuple[Index, ...]
    replacement: Form


def orthogonal(q: Any) -> tuple[Rule, ...]:
    """Q'Q = I and QQ' = I."""
    rules = []
    for first in (True, False):
        k, i, j = (Index(q.shape[0]) for _ in range(3))
        entry = [(("A", q), ((k,), (x,)) if first else ((x,), (k,)), 1) for x in (i, j)]
        rules.append(Rule(tuple(entry), (k,), factor(("delta",), (i,), (j,))))
        square = (("A", q), ((k,), (i,)) if first else ((i,), (k,)), 2)
        rules.append(Rule((square,), (k,), [(Fraction(1), (), ())]))
    return tuple(rules)


def inverse(head: Any, row: Slot) -> tuple[Rule, ...]:
    """M M^-1 = I and M^-1 M = I for a nested matrix M whose entry is one term."""
    key: Key = head[1]
    if len(key.content) != 1:
        return ()
    # The row and the column have one length, but may be composite in different ways.
    count = next(k for k in range(len(key.sizes) + 1) if _length(key.sizes[:k]) == _length(key.sizes[k:]))
    rules = []
    for left in (True, False):
        rows, cols = (tuple(map(Index, sizes)) for sizes in (key.sizes[:count], key.sizes[count:]))
        outer, inner = (rows, cols) if left else (cols, rows)
        far = (Index(_length(key.sizes[:count])),)
        ((c, fs, bound),) = instantiate(key, tuple((x,) for x in (*rows, *cols)))
        if not set(rows + cols) <= set(indices(fs)):
            return ()  # equal rows or columns: nothing names the index that stays, and there is no inverse
        slots = (inner, far) if left else (far, inner)
        rules.append(Rule((*fs, (head, slots, 1)), (*bound, *inner), [(1 / c, ((("delta",), (outer, far), 1),), ())]))
    return tuple(rules)


def _length(sizes: tuple[Any, ...]) -> Any:
    return size(sp.Mul(*sizes))


def from_lemma(lemma: Lemma, length: Any) -> tuple[Rule, ...]:
    """The rule of a lemma at one size; UnsupportedError where its left side is not a single sum of products."""
    lhs, rhs = lemma.at(length)
    lowering = Lowering()
    terms = reduced(lowering.scalar(lhs))
    if len(terms) != 1:
        raise UnsupportedError(f"lemma {lemma.name}: expected one sum of products on the left")
    ((c, fs, bound),) = terms
    replacement = [(value / c, gs, inner) for value, gs, inner in reduced(lowering.scalar(rhs))]
    rules = [Rule(fs, bound, replacement)]
    placeholders = tuple(lowering.named.values())
    if len(placeholders) == 2:  # both indices may name the same entry: their factors are then one square
        first, second = placeholders
        ((c, fs, bound),) = renamed([(Fraction(1), fs, bound)], {second: (first,)})
        for merged in reduced([(c, fs, bound)]):
            rules.append(Rule(merged[1], merged[2], reduced(renamed(replacement, {second: (first,)}))))
    return tuple(rules)


class Rules:
    """The rules in force for one statement."""

    def __init__(self, orthogonals: frozenset[Any], lemmas: tuple[Lemma, ...]) -> None:
        self.fixed = tuple(rule for q in sorted(orthogonals, key=str) for rule in orthogonal(q))
        self.lemmas = lemmas
        self._made: dict[Any, tuple[Rule, ...]] = {}

    def apply(self, form: Form) -> Form:
        """The form rewritten until no rule applies."""
        done: Form = []
        waiting = list(form)
        for _ in range(MAX_REWRITES):
            if not waiting:
                return done
            term = waiting.pop()
            changed = self._once(term)
            if changed is None:
                done.append(term)
            else:
                waiting.extend(reduced(changed))
        return done + waiting

    def _once(self, term: Term) -> Form | None:
        for rule in self._rules(term):
            changed = rewrite_by(rule, term)
            if changed is not None:
                return changed
        return None

    def _rules(self, term: Term) -> Iterator[Rule]:
        yield from self.fixed
        for head, slots, _ in term[1]:
            if head[0] == "inv":
                if head not in self._made:
                    self._made[head] = inverse(head, slots[0])
                yield from self._made[head]
        for lemma in self.lemmas:
            for length in dict.fromkeys(i.size for i in term[2]):
                if (lemma.name, length) not in self._made:
                    self._made[lemma.name, length] = from_lemma(lemma, length)
                yield from self._made[lemma.name, length]


def rewrite_by(rule: Rule, term: Term) -> Form | None:
    """The term with one occurrence of the rule replaced; None where it does not occur."""
    c, fs, bound = resolved(term)
    summed = set(bound)
    total = Counter(indices(fs))
    for used, put in _matches(rule.factors, fs, (), {}):
        inner = [put[i] for i in rule.bound]
        members = [x for slot in inner for x in slot]
        chosen = tuple(fs[k] for k in used)
        if not all(x in summed for x in members) or len(set(members)) < len(members):
            continue
        inside = Counter(indices(chosen))
        if any(inside[x] != total[x] for x in members):
            continue
        if any(x in slot for x in members for i, slot in put.items() if i not in rule.bound):
            continue
        rest = tuple(one for k, one in enumerate(fs) if k not in used)
        left: Form = [(c, rest, tuple(i for i in bound if i not in members))]
        return times(left, renamed(fresh(rule.replacement), put))
    return None


Put = dict[Any, Slot]


def _matches(
    pattern: tuple[Factor, ...], fs: tuple[Factor, ...], used: tuple[int, ...], put: Put
) -> Iterator[tuple[tuple[int, ...], Put]]:
    if not pattern:
        yield used, put
        return
    head, slots, e = pattern[0]
    for k, (h, s, have) in enumerate(fs):
        if k in used or have != e or h != head:
            continue
        for order in (tuple(range(len(s))), *symmetries(h)):
            extended = _extended(put, slots, tuple(s[p] for p in order))
            if extended is not None:
                yield from _matches(pattern[1:], fs, (*used, k), extended)


def _extended(put: Put, pattern: tuple[Slot, ...], slots: tuple[Slot, ...]) -> Put | None:
    put = dict(put)
    for p, s in zip(pattern, slots, strict=True):
        pieces = [s] if len(p) == 1 else [(c,) for c in s]
        if len(pieces) != len(p):
            return None
        for variable, piece in zip(p, pieces, strict=True):
            if variable in put:
                if put[variable] != piece:
                    return None
            elif isinstance(variable, Index):
                if not _fits(piece, variable.size):
                    return None
                put[variable] = piece
            elif piece != (variable,):
                return None
    return put


def _fits(slot: Slot, length: Any) -> bool:
    """The slot runs over the range `0 .. length-1`; the constant 0 lies in every range."""
    if all(isinstance(c, Index) for c in slot):
        return bool(_length(tuple(c.size for c in slot)) == length)
    return slot == (sp.S.Zero,)
