"""Indices, and the slots they stand in.

An index runs over `0 .. size-1`. A slot, the place of an index in an array, holds a tuple of indices in *ordered*
mixed radix, fastest first: `(i, j)` is `i + size(i)*j`. So the row of `vec(A)` is the slot `(row of A, column of A)`, and
the order is part of what the slot is. A slot of length one is the empty tuple. A constant may stand for an index; before
the end of a slot it keeps the size of what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from cnnsym.errors import UnsupportedError
from cnnsym.sizes import quotient, same_size, size


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


@dataclass(frozen=True)
class Digit:
    """A constant before the end of a slot. Its radix is part of what the slot means: `0 + m*j` is not `0 + n*j`."""

    value: Any
    size: Any


Component = Any  # an Index, a Digit, or at the end a constant: a SymPy integer expression without bound indices
Slot = tuple[Component, ...]


def joined(parts: Iterable[tuple[Slot, Any]]) -> Slot:
    """One slot of slots, fastest first, each with its length; where nothing but constants is left, one constant."""
    found: list[Component] = []
    for slot, length in parts:
        found.extend(slot or (() if same_size(length, 1) else (sp.S.Zero,)))
        if found and not isinstance(found[-1], (Index, Digit)):
            radix = quotient(size(length), size(sp.Mul(*(c.size for c in slot[:-1]))))
            if radix is None:
                raise UnsupportedError("a constant in a composite index of unknown range")
            found[-1] = Digit(found[-1], radix)
    if found and isinstance(found[-1], Digit):
        found[-1] = found[-1].value
    return tuple(found) if any(isinstance(c, Index) for c in found) or not found else (constant(tuple(found)),)


def constant(slot: Slot) -> sp.Expr:
    """The value of a slot without an index."""
    total, radix = sp.S.Zero, sp.S.One
    for c in slot:
        total += radix * (c.value if isinstance(c, Digit) else c)
        radix *= c.size if isinstance(c, Digit) else 1
    return sp.expand(total)


def substituted(slot: Slot, put: Mapping[Any, Slot]) -> Slot:
    """The slot with indices replaced by slots of their range."""
    if not any(c in put for c in slot):
        return slot
    if len(slot) == 1:
        return put[slot[0]]
    if all(isinstance(x, Index) for c in slot for x in put.get(c, (c,))):
        return tuple(x for c in slot for x in put.get(c, (c,)))
    return joined((put.get(c, (c,)), _radix(slot, c)) for c in slot)


def _radix(slot: Slot, component: Component) -> Any:
    # A constant at the end stays there: its range does not matter.
    return component.size if isinstance(component, (Index, Digit)) else 2


def fresh_slot(length: Any, name: str = "") -> Slot:
    """A new index of that range, as a slot; empty where the range has one element."""
    return () if size(length) == 1 else (Index(length, name),)


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
