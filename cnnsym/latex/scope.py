"""What the names of a formula stand for: declared objects, definitions, hypotheses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnsym.atoms import ObjectiveFunction
from cnnsym.errors import LatexError
from cnnsym.latex.syntax import Node
from cnnsym.latex.tokens import Source


@dataclass(frozen=True)
class Objective:
    """A declared objective: its function, and the arguments that its bare name stands for."""

    function: ObjectiveFunction
    arguments: tuple[Node, ...]
    source: Source


@dataclass(frozen=True)
class Definition:
    """`where name = body`; read anew at each use, so that indices and held symbols have the values they have there.

    `below` and `above` are the names of its subscript and superscript indices; `parameter` is the canonical name of the
    argument of a function such as GAP(x). A plain symbol has none of them.
    """

    name: str
    body: Node
    source: Source
    below: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    parameter: str = ""

    @property
    def is_entry(self) -> bool:
        """True where the name takes indices: it is defined entry by entry."""
        return bool(self.below or self.above)


@dataclass(frozen=True)
class Scope:
    """Canonical names and what they stand for.

    `objects` holds SymPy symbols, `IndexedBase` for signals, `EntryFunction`, `Objective`; `definitions` what `where` says;
    `hypotheses` predicates such as `Q.symmetric(A)`; `faulty` the names whose declaration could not be read.
    """

    objects: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    hypotheses: tuple[Any, ...] = ()
    faulty: Mapping[str, LatexError] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        return name in self.objects or name in self.definitions or name in self.faulty
