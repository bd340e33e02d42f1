"""Indices, and the slots they stand in.

An index runs over `0 .. size-1`. A slot, the place of an index in an array, holds a tuple of indices in *ordered*
mixed radix, fastest first: `(i, j)` is `i + size(i)*j`. So the row of `vec(A)` is the slot `(row of A, column of A)`, and
the order is part of what the slot is. A slot of length one is the empty tuple.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.dims import quotient, size


class Index:
    """An index variable: identity is what matters, never the name.

    `name` is set for a free index that the statement itself names. `parts` is set once the index has been found to be
    composite: from then on it stands for those parts, wherever it occurs. That is a change of variable (a bijection),
    for a bound index and for a free one.
    """

    __slots__ = ("name", "parts", "size")

    def __init__(self, length: Any, name: str = "") -> None:
        self.size: sp.Expr = size(length)
        self.name = name
        self.parts: tuple[Index, ...] | None = None

    def split_into(self, fast: Any, slow: Any) -> tuple[Index, Index]:
        """Two indices for the parts, named after this one where it has a name."""
        return (Index(fast, self.name and self.name + ".0"), Index(slow, self.name and self.name + ".1"))

    def __repr__(self) -> str:
        return f"{self.name or 'i' + str(id(self) % 997)}:{self.size}"


Component = Any  # an Index, or a constant: a SymPy integer expression without bound indices
Slot = tuple[Component, ...]


def fresh_slot(length: Any) -> Slot:
    """A new index of that range, as a slot; empty where the range has one element."""
    return () if size(length) == 1 else (Index(length),)


def resolve(slot: Slot) -> Slot:
    """The slot with every composite index replaced by its parts."""
    if all(not isinstance(c, Index) or c.parts is None for c in slot):
        return slot
    found: list[Component] = []
    for component in slot:
        if isinstance(component, Index) and component.parts is not None:
            found.extend(resolve(component.parts))
        else:
            found.append(component)
    return tuple(found)


def split(slot: Slot, length: Any) -> tuple[Slot, Slot] | None:
    """The slot as `(fast, slow)` where `fast` has that length; None where its radices do not allow it.

    An index whose size is a multiple of what is missing becomes composite.
    """
    target, slot = size(length), resolve(slot)
    taken: list[Component] = []
    have: sp.Expr = sp.S.One
    rest = list(slot)
    while have != target:
        if not rest:
            return None
        component = rest.pop(0)
        if not isinstance(component, Index):
            return _split_constant(component, taken, rest, target)
        if quotient(target, size(have * component.size)) is not None:
            taken.append(component)
            have = size(have * component.size)
            continue
        missing = quotient(target, have)
        remaining = None if missing is None else quotient(component.size, missing)
        if missing is None or remaining is None:
            return None
        component.parts = component.split_into(missing, remaining)
        taken.append(component.parts[0])
        rest.insert(0, component.parts[1])
        have = target
    return tuple(taken), tuple(rest)


def _split_constant(value: Any, taken: list[Any], rest: list[Any], target: Any) -> tuple[Slot, Slot] | None:
    if taken or rest or not (value.is_Integer and target.is_Integer):
        return None
    slow, fast = divmod(int(value), int(target))
    return (sp.Integer(fast),), (sp.Integer(slow),)
