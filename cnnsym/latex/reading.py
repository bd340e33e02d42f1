"""The state of reading one formula: what is bound, which definitions are held back, which sizes are still to be found.

A size that the formula leaves out (`I`, `\\mathbf{1}`) starts as an unknown. When two shapes that must agree tell what it is,
the reading starts over with that size known (`Restart`); so expressions are only ever built of known sizes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from cnnsym.errors import LatexError
from cnnsym.latex.scope import Definition, Scope
from cnnsym.latex.syntax import Node, Script
from cnnsym.latex.tokens import Source
from cnnsym.sizes import quotient, same_size, shape_text, size

_MAX_SIZE_DEGREE = 12


class Restart(Exception):
    """A size or the range of an index became known."""


@dataclass
class Facts:
    """What is learnt while reading, kept across restarts."""

    unknown: dict[sp.Dummy, str] = field(default_factory=dict)
    dummies: dict[Any, sp.Dummy] = field(default_factory=dict)
    solved: dict[sp.Dummy, Any] = field(default_factory=dict)
    indices: dict[str, Any] = field(default_factory=dict)
    open: dict[str, tuple[sp.Symbol, int]] = field(default_factory=dict)
    uses: dict[Any, list[tuple[str, Any, int]]] = field(default_factory=dict)
    letters: frozenset[str] = frozenset()
    differentials: dict[str, Any] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    shifted: set[Any] = field(default_factory=set)
    expansions: dict[Any, Any] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)

    def begin(self) -> None:
        self.expansions.clear()
        self.busy.clear()
        self.open.clear()
        self.shifted.clear()
        self.assumed.clear()
        self.uses.clear()


@dataclass(frozen=True)
class Reading(ABC):
    """One formula being read. `bound` maps names to values (indices of sums, parameters of definitions); `held` names the
    symbols whose definitions are not looked through; `frame` tells the uses of one definition apart; `avoided` are names that
    no index of a sum may get, since a derivative is taken by an entry at them."""

    scope: Scope
    source: Source
    facts: Facts
    bound: Mapping[str, Any] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    frame: tuple[int, ...] = ()
    outer: bool = True
    avoided: frozenset[str] = frozenset()

    @abstractmethod
    def value(self, node: Node) -> Any:
        """The SymPy expression that a tree stands for."""

    @abstractmethod
    def scripted(self, value: Any, scripts: Sequence[Script], at: int) -> Any:
        """A value with entries, powers and transposes taken."""

    def expanded(self, name: str, at: int) -> Any:
        """The definition of a plain symbol, read with the symbols held that are held here."""
        key = (name, self.held, self.avoided)
        if key not in self.facts.expansions:
            if name in self.facts.busy:
                raise self.error(f"the definition of {name} goes through itself", at)
            self.facts.busy.add(name)
            definition = self.scope.definitions[name]
            inner = replace(self, source=definition.source, bound={}, frame=(), outer=False)
            self.facts.expansions[key] = inner.value(definition.body)
            self.facts.busy.discard(name)
        return self.facts.expansions[key]

    def binding(self, names: Mapping[str, Any]) -> Reading:
        """This reading with more names bound."""
        return replace(self, bound={**self.bound, **names})

    def holding(self, *names: str) -> Reading:
        """This reading with more symbols whose definitions are not looked through."""
        return replace(self, held=self.held | set(names))

    def avoiding(self, *names: str) -> Reading:
        """This reading with more names that sums must not give to their indices."""
        return replace(self, avoided=self.avoided | set(names))

    def inside(self, definition: Definition, bound: Mapping[str, Any], at: int) -> Reading:
        """The reading of a definition's right side: its parameters are bound, nothing else of the place of use is visible."""
        return replace(self, source=definition.source, bound=dict(bound), frame=(*self.frame, at), outer=False)

    def error(self, message: str, at: int) -> LatexError:
        return self.source.error(message, at)

    def missing_size(self, what: str, at: int) -> Any:
        """The size of a constant that the formula leaves out: known by now, or an unknown."""
        key = (self.source.text, at, self.frame)
        dummy = self.facts.dummies.get(key)
        if dummy is None:
            dummy = self.facts.dummies[key] = sp.Dummy("n", integer=True, positive=True)
            self.facts.unknown[dummy] = what
        return self._known(dummy)

    def _known(self, value: Any) -> Any:
        while True:
            found = {d: self.facts.solved[d] for d in sp.sympify(value).atoms(sp.Dummy) if d in self.facts.solved}
            if not found:
                return value
            value = size(value.xreplace(found))

    def unknowns(self, *values: Any) -> list[sp.Dummy]:
        return [d for value in values for d in sp.sympify(value).atoms(sp.Dummy) if d in self.facts.unknown]

    def agree(self, left: Any, right: Any) -> bool:
        """True when two sizes are equal; learns an unknown size from the other one and starts over."""
        if same_size(left, right):
            return True
        unknown = sorted(set(self.unknowns(left, right)), key=lambda d: d.dummy_index)
        if len(unknown) == 2 and {left, right} == set(unknown):
            self.facts.solved[unknown[1]] = unknown[0]
            raise Restart
        if len(unknown) != 1:
            return False
        difference = sp.Poly(size(left) - size(right), unknown[0])
        if difference.degree() != 1:
            return False
        slope, rest = difference.all_coeffs()
        found = quotient(size(-rest), size(slope)) if rest != 0 else None
        if found is None or found.is_positive is False or (found.is_number and not found.is_Integer):
            return False
        self.facts.solved[unknown[0]] = found
        raise Restart

    def require_known(self, at: int, *values: Any) -> None:
        for dummy in self.unknowns(*values):
            raise self.error(
                f"the size of {self.facts.unknown[dummy]} cannot be inferred here: write it as a subscript", at
            )

    def disagree(self, operation: str, left: Any, right: Any, at: int) -> LatexError:
        """The error for two shapes that do not agree."""
        for dummy in self.unknowns(*left, *right):
            return self.error(
                f"{operation}: the size of {self.facts.unknown[dummy]} cannot be inferred from "
                f"{_shown(left, self.facts)} and {_shown(right, self.facts)}; write it as a subscript",
                at,
            )
        return self.error(f"{operation}: the shapes do not agree: {shape_text(left)} and {shape_text(right)}", at)

    def size_of(self, node: Node) -> Any:
        """A size written in the formula: a polynomial in declared sizes."""
        value = self.value(node)
        if getattr(value, "is_Matrix", True) or value.is_integer is False or value.is_positive is False:
            raise self.error(f"expected a positive integer size, got {value}", node.at)
        if any(p.exp.is_Integer and abs(p.exp) > _MAX_SIZE_DEGREE for p in value.atoms(sp.Pow)):
            raise self.error(f"a size of degree beyond {_MAX_SIZE_DEGREE}, which is the limit", node.at)
        bad = [s for s in value.free_symbols if not s.is_integer]
        if bad or not value.is_polynomial(*value.free_symbols):
            raise self.error(f"expected a size (a polynomial in declared sizes), got {value}", node.at)
        return value

    def used(self, index: Any, kind: str, length: Any, at: int) -> None:
        """Records that a bare index runs over `length` entries: from 1 (`entry`) or from 0 (`signal`), `oo` over all integers."""
        if kind == "signal":
            self.facts.shifted |= index.atoms(sp.Symbol)
        if isinstance(index, sp.Symbol):
            self.facts.uses.setdefault(index, []).append((kind, length, at))

    def range_of(self, index: Any, name: str, at: int) -> tuple[Any, Any]:
        """First and last value of an index, from the arrays whose entries it counts."""
        found: list[tuple[Any, Any]] = []
        for kind, length, _place in self.facts.uses.get(index, []):
            limits = (sp.S.One, length) if kind == "entry" else (sp.S.Zero, length - 1)
            limits = (-sp.oo, sp.oo) if length is sp.oo else limits
            if not any(same_size(limits[0], f[0]) and same_size(limits[1], f[1]) for f in found):
                found.append(limits)
        if len(found) != 1:
            why = "no array is indexed by it alone" if not found else "the arrays it indexes have different ranges"
            raise self.error(f"the range of the index {name} cannot be inferred: {why}; write limits or declare it", at)
        return found[0]


def _shown(shape: Any, facts: Facts) -> str:
    rows, cols = ("?" if s in facts.unknown else str(s) for s in shape)
    return shape_text((rows, cols))


def is_matrix(value: Any) -> bool:
    return bool(getattr(value, "is_Matrix", False))
