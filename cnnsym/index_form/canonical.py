"""Canonical form of a sum of reduced terms: like terms collected, every term under its canonical key.

`close` makes a nested form into a `Key`: its free indices become holes, in an order that does not depend on their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations, product
from typing import Any

from cnnsym.errors import InternalError
from cnnsym.index_form.index import Index, Slot
from cnnsym.index_form.labelling import order_bound
from cnnsym.index_form.reduce import fuse
from cnnsym.index_form.term import Factor, Form, Key, Term, indices, resolved, symmetries, text

MAX_ARRANGEMENTS = (
    720  # of the free indices of one nested form; beyond it their first order is taken (sound, less complete)
)

Names = Mapping[Any, tuple[str, Any]]
TermKey = tuple[tuple[Any, ...], tuple[Any, ...]]


def term_key(term: Term, names: Names) -> TermKey:
    """`(sizes of the bound indices, factors)` with every index named; equal keys are equal terms, coefficients aside.

    `names` gives the names of the free indices; a constant is named by itself.
    """
    _, fs, bound = resolved(term)
    known: dict[Any, Any] = dict(names)
    inside = set(bound)
    for c in indices(fs):
        if c not in known and c not in inside:
            known[c] = _own_name(c)
    order = order_bound(fs, bound, {c: (tag, str(value)) for c, (tag, value) in known.items()})
    known.update({index: ("b", k) for k, index in enumerate(order)})
    named = [_named(f, known) for f in fs]
    named.sort(key=text)
    return tuple(i.size for i in order), tuple(named)


def _own_name(component: Any) -> tuple[str, Any]:
    if isinstance(component, Index) and component.name:
        return ("i", component)  # named by the statement; it stands in the argument of an objective, as a parameter
    if isinstance(component, Index):
        raise InternalError(f"the index {component} is neither bound nor free: a rewrite has lost it")
    return ("c", component)


def _named(factor: Factor, known: Mapping[Any, Any]) -> Factor:
    head, slots, exponent = factor
    filled = tuple(tuple(known[c] for c in slot) for slot in slots)
    extra = symmetries(head)
    if extra:
        filled = min((tuple(filled[k] for k in order) for order in (tuple(range(len(slots))), *extra)), key=text)
    return head, filled, exponent


def combine(form: Form, names: Names) -> dict[TermKey, Fraction]:
    """Like terms collected; a term whose coefficients cancel is gone. The empty dictionary is zero."""
    total: dict[TermKey, Fraction] = {}
    for term in form:
        key = term_key(term, names)
        value = total.get(key, 0) + term[0]
        if value:
            total[key] = Fraction(value)
        else:
            total.pop(key, None)
    return total


def free_components(form: Form) -> list[Any]:
    """Indices that are not bound, and constants, in order of occurrence."""
    found: dict[Any, None] = {}
    for _, fs, bound in form:
        inside = set(bound)
        found.update((c, None) for c in indices(fs) if c not in inside)
    return list(found)


def close(form: Form, order: Sequence[Slot] | None = None) -> tuple[Key, tuple[Slot, ...]]:
    """A reduced form as a key, and the slots that fill its holes.

    With `order` the holes are those slots, in that order (the row and the column of a matrix). Without it every free index
    is a hole, and the holes are put in a canonical order.
    """
    if order is not None:
        return _closed(form, list(order)), tuple(order)
    outer = tuple(c for c in free_components(form) if isinstance(c, Index))
    groups, outer, parts = fuse([fs for _, fs, _ in form], outer)
    form = [(c, fs, bound) for (c, _, bound), fs in zip(form, groups, strict=True)]
    best: tuple[str, Key, tuple[Index, ...]] | None = None
    same: list[tuple[Index, ...]] = []
    for arrangement in _arrangements(form, outer):
        key = _closed(form, [(c,) for c in arrangement])
        rank = key.digest
        if best is None or rank < best[0]:
            best, same = (rank, key, arrangement), []
        elif key == best[1]:
            same.append(arrangement)
    assert best is not None
    _, key, chosen = best
    if same:
        place = {c: k for k, c in enumerate(chosen)}
        key = Key(key.content, key.sizes, tuple(tuple(place[c] for c in other) for other in same))
    return key, tuple(parts[c] for c in chosen)


def _closed(form: Form, holes: list[Slot]) -> Key:
    names: dict[Any, tuple[str, Any]] = {}
    for k, slot in enumerate(holes):
        (component,) = slot
        names[component] = ("h", k)
    total = combine(form, names)
    content = tuple((total[key], *key) for key in sorted(total, key=text))
    return Key(content, tuple(slot[0].size for slot in holes))


def _arrangements(form: Form, outer: tuple[Index, ...]) -> list[tuple[Index, ...]]:
    """Orders of the free indices to compare: those that agree with what tells them apart at first sight."""
    if len(outer) < 2:
        return [outer]
    sight: dict[Index, list[str]] = {c: [] for c in outer}
    for value, fs, bound in form:
        size = f"{value};{len(fs)};{len(bound)};"
        for head, slots, e in fs:
            extra = symmetries(head)
            for k, slot in enumerate(slots):
                for p, c in enumerate(slot):
                    if c in sight:
                        sight[c].append(f"{size}{text(head)};{e};{0 if extra else k};{p}")
    classes: dict[str, list[Index]] = {}
    for c in outer:
        classes.setdefault(text((str(c.size), *sorted(sight[c]))), []).append(c)
    groups = [classes[name] for name in sorted(classes)]
    count = 1
    for group in groups:
        for k in range(2, len(group) + 1):
            count *= k
    if count > MAX_ARRANGEMENTS:
        return [tuple(c for group in groups for c in group)]
    return [tuple(c for part in choice for c in part) for choice in product(*(permutations(g) for g in groups))]
