"""Reads until everything that a formula leaves out is known; turns whatever SymPy raises into an error with a place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

import sympy as sp

from cnnsym.errors import CnnsymError, ShapeError
from cnnsym.latex.conditions import in_brackets
from cnnsym.latex.reader import Reader
from cnnsym.latex.reading import Facts, Restart
from cnnsym.latex.scope import Scope
from cnnsym.latex.syntax import Group, Name, Node, Product, Script, split_scripts, walk
from cnnsym.latex.tokens import MAX_DEPTH, Source

T = TypeVar("T")
_MAX_RESTARTS = 500
_FRAMES_PER_LEVEL = 12


def guarded(source: Source, read: Callable[[], T]) -> T:
    """The result of `read`; LatexError instead of what Python or SymPy raise on input that is no formula."""
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(max(limit, MAX_DEPTH * _FRAMES_PER_LEVEL))
        return read()
    except ShapeError as error:
        raise source.error(str(error), source.start) from None
    except CnnsymError:
        raise
    except RecursionError:
        raise source.error(
            f"the formula is nested too deeply; at most {MAX_DEPTH} levels are read", source.start
        ) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, NotImplementedError) as error:
        raise source.error(f"this has no meaning that could be read: {error}", source.start) from None
    finally:
        sys.setrecursionlimit(limit)


def settled(
    scope: Scope,
    source: Source,
    facts: Facts,
    read: Callable[[Reader], Any],
    bound: dict[str, Any] | None = None,
    outer: bool = True,
) -> Any:
    """The value of `read`, read again whenever a size or the range of a free index has become known."""
    for _ in range(_MAX_RESTARTS):
        facts.begin()
        reader = Reader(scope, source, facts, bound or {}, outer=outer)
        try:
            value = guarded(source, partial(read, reader))
            _close_indices(reader)
        except Restart:
            continue
        _check_sizes(source, facts, value)
        return value
    raise source.error("the sizes that the formula leaves out cannot be inferred", source.start)


def _close_indices(reader: Reader) -> None:
    """Gives each free index that counts entries of a matrix its range."""
    facts = reader.facts
    for name, (symbol, at) in facts.open.items():
        kinds = {kind for kind, _, _ in facts.uses.get(symbol, [])}
        if kinds == {"signal"}:
            continue  # it ranges over all integers
        if not kinds and symbol in facts.shifted:
            continue  # it shifts a signal, and so ranges over all integers
        lower, upper = reader.range_of(symbol, name, at)
        facts.indices[name] = sp.Idx(name, sp.expand(upper - lower + 1)) + lower
        raise Restart


def _check_sizes(source: Source, facts: Facts, value: Any) -> None:
    if not facts.unknown:
        return
    values: Iterable[Any] = value if isinstance(value, (tuple, list)) else (value,)
    for expression in values:
        for dummy in getattr(expression, "atoms", lambda _: ())(sp.Dummy):
            if dummy in facts.unknown:
                at = next(key[1] for key, known in facts.dummies.items() if known is dummy)
                raise source.error(
                    f"the size of {facts.unknown[dummy]} cannot be inferred here: write it as a subscript", at
                )


def index_letters(nodes: Iterable[Node]) -> frozenset[str]:
    """The letters that stand in subscripts, or in brackets after a name: undeclared, they are free indices."""
    found: set[str] = set()
    for part in (part for node in nodes for part in walk(node)):
        if isinstance(part, Script) and part.kind == "_":
            found |= _letters(part)
        elif isinstance(part, Product):
            for factor, after in pairwise(part.factors):
                (name, _), (group, _) = split_scripts(factor), split_scripts(after)
                indexed = isinstance(name, Name) and isinstance(group, Group) and group.kind == "["
                if indexed and not in_brackets(group):
                    found |= _letters(group)
    return frozenset(found)


def _letters(node: Node) -> set[str]:
    return {n.text for n in walk(node) if isinstance(n, Name) and len(n.text) == 1}
