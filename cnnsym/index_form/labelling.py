"""Canonical names for the bound indices of one term.

A term is a hypergraph: its indices are vertices, its factors hyperedges with ordered slots. Colour refinement tells the
indices apart as far as it can; an index that has become unique is fixed, which lets the rest fall into independent
components; only inside a component in which symmetry remains is one index singled out and the choices compared. Choices
that an automorphism found on the way maps onto each other are tried once.

Soundness does not rest on this file: the key of a term lists all of its factors under the names chosen here, so terms
with equal keys are equal whatever the names are. A poor choice could only make equal terms look different.
Source: B. D. McKay, Practical graph isomorphism (1981), for refinement and automorphism pruning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnsym.errors import LimitError
from cnnsym.index_form.index import Index, Slot
from cnnsym.index_form.term import Factor, symmetries, text

MAX_CHOICES = 20_000  # branches of the search in one term

Labels = dict[Any, Any]
Found = tuple[Any, "list[Index]"]  # a certificate, and the indices in its order


class _Edge:
    """A factor, prepared: its invariant text, its slots, and the class of each slot under the symmetries of its head."""

    __slots__ = ("classes", "orders", "rank", "slots")

    def __init__(self, factor: Factor) -> None:
        head, slots, exponent = factor
        self.rank = text((head, str(exponent)))
        self.slots = slots
        extra = symmetries(head)
        self.orders: tuple[tuple[int, ...], ...] = (tuple(range(len(slots))), *extra)
        self.classes = tuple(min(order.index(k) for order in self.orders) for k in range(len(slots)))


def order_bound(factors: Sequence[Factor], bound: Sequence[Index], given: Mapping[Any, Any]) -> list[Index]:
    """The bound indices in a canonical order. `given` names the other components, by tuples of strings and numbers."""
    if len(bound) < 2:
        return list(bound)
    search = _Search()
    return search.components([_Edge(f) for f in factors], set(bound), dict(given))[1]


class _Search:
    def __init__(self) -> None:
        self.choices = 0

    def components(self, edges: list[_Edge], free: set[Index], labels: Labels, first_only: bool = False) -> Found:
        """Certificate and order for edges whose indices in `free` have no label yet; each component on its own.

        With `first_only` the first choice is taken everywhere: a certificate too, but one that depends on the input order.
        """
        labels, named = _propagated(edges, free, labels)
        free = free.difference(named)
        parts = _connected(edges, free)
        ground = sorted(_certificate(e, labels) for e in parts.pop(None, ()))
        solved = sorted(
            (self.component(part, _free_of(part, free), labels, first_only) for part in parts.values()),
            key=lambda pair: pair[0],
        )
        sizes = tuple(str(i.size) for i in named)
        return (sizes, tuple(ground), tuple(cert for cert, _ in solved)), named + [
            i for _, order in solved for i in order
        ]

    def component(self, edges: list[_Edge], free: set[Index], labels: Labels, first_only: bool) -> Found:
        cells = _refine(edges, free, labels)
        single = [cell[0] for cell in cells if len(cell) == 1]
        if single:
            for index in single:
                labels = {**labels, index: ("single", len(labels))}
            certificate, order = self.components(edges, free.difference(single), labels, first_only)
            return (("s", *(str(i.size) for i in single)), certificate), single + order
        cell = min(cells, key=len)
        if first_only:
            return self.chosen(edges, free, labels, cell[0], True)
        return self.best(edges, free, labels, cell)

    def best(self, edges: list[_Edge], free: set[Index], labels: Labels, cell: list[Index]) -> Found:
        """The smallest certificate over the choices from a cell, those that an automorphism relates tried once."""
        orbit = {index: index for index in cell}
        tried: list[tuple[Index, Found]] = []
        best: Found | None = None
        for index in cell:
            if any(_root(orbit, index) is _root(orbit, other) for other, _ in tried):
                continue
            self.choices += 1
            if self.choices > MAX_CHOICES:
                raise LimitError(f"a term has more symmetry than {MAX_CHOICES} comparisons (the limit) can resolve")
            leaf = self.chosen(edges, free, labels, index, True)
            same = next((order for _, (known, order) in tried if known == leaf[0]), None)
            if same is not None:  # an automorphism: position by position
                for a, b in zip(same, leaf[1], strict=True):
                    if a in orbit and b in orbit:
                        orbit[_root(orbit, b)] = _root(orbit, a)
                continue
            tried.append((index, leaf))
            found = self.chosen(edges, free, labels, index, False)
            if best is None or found[0] < best[0]:
                best = found
        assert best is not None
        return best

    def chosen(self, edges: list[_Edge], free: set[Index], labels: Labels, index: Index, first_only: bool) -> Found:
        with_it = {**labels, index: ("chosen", len(labels))}
        certificate, order = self.components(edges, free - {index}, with_it, first_only)
        return (("i", str(index.size)), certificate), [index, *order]


def _free_of(edges: list[_Edge], free: set[Index]) -> set[Index]:
    return {c for e in edges for s in e.slots for c in s if c in free}


def _propagated(edges: list[_Edge], free: set[Index], labels: Labels) -> tuple[Labels, list[Index]]:
    """Name what the named indices determine: along the factor whose look, with what is named so far, no other has.

    It walks a chain of matrices from its ends in linear time, where refinement would go through it round after round.
    """
    if not any(c in labels for e in edges for s in e.slots for c in s):
        return labels, []
    labels, named = dict(labels), []
    at: dict[Index, list[_Edge]] = {}
    for edge in edges:
        for index in {c for s in edge.slots for c in s if c in free}:
            at.setdefault(index, []).append(edge)
    waiting = {id(e): e for e in edges if len(e.orders) == 1 and any(c in labels for s in e.slots for c in s)}
    while waiting:
        looks: dict[Any, list[_Edge]] = {}
        for key, edge in list(waiting.items()):
            if all(c in labels for s in edge.slots for c in s):
                del waiting[key]
            else:
                look = (edge.rank, tuple(tuple(labels.get(c, ("?", 0)) for c in s) for s in edge.slots))
                looks.setdefault(look, []).append(edge)
        unique = sorted(look for look, members in looks.items() if len(members) == 1)
        if not unique:
            break
        (edge,) = looks[unique[0]]
        for index in dict.fromkeys(c for s in edge.slots for c in s if c not in labels):
            labels[index] = ("walked", len(labels))
            named.append(index)
            waiting.update({id(e): e for e in at[index] if len(e.orders) == 1})
    return labels, named


def _root(orbit: dict[Index, Index], index: Index) -> Index:
    while orbit[index] is not index:
        index = orbit[index]
    return index


def _connected(edges: list[_Edge], free: set[Index]) -> dict[Any, list[_Edge]]:
    """The edges by connected component of the free indices; under None those without a free index."""
    parent: dict[Index, Index] = {}
    for edge in edges:
        inside = [c for s in edge.slots for c in s if c in free]
        for c in inside:
            parent.setdefault(c, c)
        for c in inside[1:]:
            a, b = _root(parent, inside[0]), _root(parent, c)
            if a is not b:
                parent[b] = a
    parts: dict[Any, list[_Edge]] = {}
    for edge in edges:
        first = next((c for s in edge.slots for c in s if c in free), None)
        parts.setdefault(None if first is None else _root(parent, first), []).append(edge)
    return parts


def _certificate(edge: _Edge, labels: Labels) -> tuple[Any, ...]:
    options = (tuple(tuple(labels[c] for c in edge.slots[k]) for k in order) for order in edge.orders)
    return (edge.rank, min(options))


def _refine(edges: list[_Edge], free: set[Index], labels: Labels) -> list[list[Index]]:
    """The coarsest stable partition of the free indices, its cells in an order that does not depend on names."""
    incident: dict[Index, list[tuple[_Edge, int, int]]] = {i: [] for i in free}
    for edge in edges:
        for k, slot in enumerate(edge.slots):
            for position, c in enumerate(slot):
                if c in incident:
                    incident[c].append((edge, k, position))
    colour: dict[Any, Any] = dict.fromkeys(free, 0)
    cells = _cells({i: str(i.size) for i in free}, colour)
    while len(cells) < len(free):
        seen = {id(edge): _colours(edge, labels, colour) for edge in edges}
        signature = {
            i: (colour[i], tuple(sorted((seen[id(e)], e.classes[k], p) for e, k, p in places)))
            for i, places in incident.items()
        }
        refined = _cells(signature, colour)
        if len(refined) == len(cells):
            return refined
        cells = refined
    return cells


def _cells(signature: dict[Index, Any], colour: dict[Any, Any]) -> list[list[Index]]:
    groups: dict[Any, list[Index]] = {}
    for index, value in signature.items():
        groups.setdefault(value, []).append(index)
    cells = [groups[value] for value in sorted(groups)]
    start = 0
    for cell in cells:
        for index in cell:
            colour[index] = start
        start += len(cell)
    return cells


def _colours(edge: _Edge, labels: Labels, colour: dict[Any, Any]) -> tuple[Any, ...]:
    def name(c: Any) -> tuple[Any, ...]:
        return labels[c] if c in labels else ("colour", colour[c])

    slots: list[tuple[int, Slot]] = [(edge.classes[k], tuple(name(c) for c in s)) for k, s in enumerate(edge.slots)]
    return (edge.rank, tuple(sorted(slots) if len(edge.orders) > 1 else slots))
