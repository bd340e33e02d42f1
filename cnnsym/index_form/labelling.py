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

    def components(self, edges: list[_Edge], free: set[Index], labels: Labels) -> tuple[Any, list[Index]]:
        """Certificate and order for edges whose indices in `free` have no label yet; each component on its own."""
        parts = _connected(edges, free)
        ground = sorted(_certificate(e, labels) for e in parts.pop(None, ()))
        solved = sorted(
            (
                self.component(part, {c for e in part for s in e.slots for c in s if c in free}, labels)
                for part in parts.values()
            ),
            key=lambda pair: pair[0],
        )
        return (tuple(ground), tuple(cert for cert, _ in solved)), [i for _, order in solved for i in order]

    def component(self, edges: list[_Edge], free: set[Index], labels: Labels) -> tuple[Any, list[Index]]:
        cells = _refine(edges, free, labels)
        single = [cell[0] for cell in cells if len(cell) == 1]
        if single:
            for index in single:
                labels = {**labels, index: ("single", len(labels))}
            certificate, order = self.components(edges, free.difference(single), labels)
            return (("s", *(str(i.size) for i in single)), certificate), single + order
        cell = min(cells, key=len)
        best: tuple[Any, list[Index]] | None = None
        orbit = {index: index for index in cell}
        tried: list[tuple[Index, tuple[Any, list[Index]]]] = []
        for index in cell:
            if any(_root(orbit, index) is _root(orbit, other) for other, _ in tried):
                continue
            self.choices += 1
            if self.choices > MAX_CHOICES:
                raise LimitError(f"a term has more symmetry than {MAX_CHOICES} comparisons (the limit) can resolve")
            certificate, order = self.component_rest(edges, free, labels, index)
            for _, (known, known_order) in tried:
                if known == certificate:  # an automorphism: position by position
                    for a, b in zip(known_order, order, strict=True):
                        if a in orbit and b in orbit:
                            orbit[_root(orbit, b)] = _root(orbit, a)
                    break
            tried.append((index, (certificate, order)))
            if best is None or certificate < best[0]:
                best = certificate, order
        assert best is not None
        return best

    def component_rest(
        self, edges: list[_Edge], free: set[Index], labels: Labels, index: Index
    ) -> tuple[Any, list[Index]]:
        chosen = {**labels, index: ("chosen", len(labels))}
        certificate, order = self.components(edges, free - {index}, chosen)
        return (("i", str(index.size)), certificate), [index, *order]


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
