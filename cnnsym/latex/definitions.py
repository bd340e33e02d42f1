"""`where L = R`: what the left side says is being defined, and the checks that can be made at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from cnnsym.atoms import matrix, scalar
from cnnsym.latex.display import rows
from cnnsym.latex.names import joined
from cnnsym.latex.reading import Facts, Reading, is_matrix
from cnnsym.latex.scope import Definition, Scope
from cnnsym.latex.settling import guarded, settled
from cnnsym.latex.symbols import candidates, script_text
from cnnsym.latex.syntax import Group, Name, Node, Relation, Script, Scripted, factors_of, parse, split_scripts, walk
from cnnsym.latex.tokens import Source
from cnnsym.latex.variable import shown


def defined(scope: Scope, source: Source) -> Scope:
    """The scope with what `L = R` defines. Raises LatexError with the place."""
    return _defined(scope, source, guarded(source, lambda: parse(source)))


def defined_by_display(scope: Scope, source: Source) -> Scope:
    """The scope with what each formula of a display defines."""
    for row in guarded(source, lambda: rows(source)):
        for node in row.formulas:
            scope = _defined(scope, source, node)
    return scope


def _defined(scope: Scope, source: Source, node: Node) -> Scope:
    if not isinstance(node, Relation) or [str(o) for o in node.operators] != ["", "="]:
        raise source.error("expected a definition NAME = FORMULA", node.at)
    left, right = node.members
    factors, operators = factors_of(left)
    if len(factors) == 2 and operators == ("", "") and isinstance(factors[1], Group):
        if factors[1].kind == "[":  # y[n] is y_n
            entry = Scripted(left.at, factors[0], (Script(factors[1].at, "_", factors[1].items),))
            return _defined(scope, source, Relation(node.at, (entry, right), node.operators))
        return _function(scope, source, factors[0], factors[1], right)
    if len(factors) != 1 or not isinstance(split_scripts(left)[0], Name):
        raise source.error("expected a name on the left side of a definition", left.at)
    for name, rest in candidates(left):
        known = scope.objects.get(name)
        if known is None:
            continue
        if isinstance(known, sp.IndexedBase):
            return _signal(scope, source, name, known, rest, left, right)
        if rest and _labels(scope, known, rest):
            return _plain(scope, source, next(candidates(left))[0], right, left.at)
        if rest:
            raise source.error(f"entries of {name} cannot be defined: declare it as a signal", left.at)
        if not isinstance(known, (sp.Symbol, sp.MatrixSymbol)) or isinstance(known, sp.Idx):
            raise source.error(f"{name} is declared as something that has no definition", left.at)
        return _plain(scope, source, name, right, left.at)
    return _undeclared(scope, source, left, right)


def _labels(scope: Scope, known: Any, rest: tuple[Script, ...]) -> bool:
    """True where scripts cannot name an entry of what is known, so that with them it is another name: `J_B` beside `J`."""
    if [script.kind for script in rest] != ["_"] or script_text(rest[0].items) is None:
        return False
    if not isinstance(known, sp.MatrixSymbol):
        return True
    if _letters(rest[0]) is not None:
        return False
    letters = {n.text for item in rest[0].items for n in walk(item) if isinstance(n, Name)}
    return any(getattr(scope.objects.get(letter), "is_integer", None) is not True for letter in letters)


def _letters(script: Script | None) -> tuple[str, ...] | None:
    """The single letters a script consists of; None where it is something else."""
    if script is None:
        return ()
    if len(script.items) == 1:
        items, operators = factors_of(script.items[0])
        if any(operators):
            return None
    else:
        items = script.items
    names = tuple(item.text for item in items if isinstance(item, Name) and (len(item.text) == 1 or item.command))
    return names if len(names) == len(items) and len(set(names)) == len(names) else None


def _function(scope: Scope, source: Source, head: Node, group: Group, right: Node) -> Scope:
    name = next(candidates(head), ("", ()))[0]
    if not name or scope.knows(name):
        raise source.error("expected the name of a new function", head.at)
    parameter = next(candidates(group.items[0]), ("", ()))[0] if len(group.items) == 1 else ""
    if parameter not in scope.objects:
        raise source.error("expected a declared name as the parameter of the function", group.at)
    definition = Definition(name, right, source, parameter=parameter)
    bound = {parameter: scope.objects[parameter]}
    settled(scope, source, Facts(), lambda reading: reading.value(right), bound, outer=False)
    return replace(scope, definitions={**scope.definitions, name: definition})


def _signal(
    scope: Scope, source: Source, name: str, signal: Any, rest: tuple[Script, ...], left: Node, right: Node
) -> Scope:
    letters = _letters(rest[0]) if len(rest) == 1 and rest[0].kind == "_" else None
    if letters is None or len(letters) != len(signal.shape):
        raise source.error(f"expected {len(signal.shape)} different letters as indices of {name}", left.at)
    return _entries(scope, source, Definition(name, right, source, below=letters))


def _entries(scope: Scope, source: Source, definition: Definition) -> Scope:
    value = _entry_value(scope, source, definition)
    if is_matrix(value) and value.shape != (1, 1):
        raise source.error(f"expected a scalar as entry of {definition.name}, got {shown(value)}", definition.body.at)
    return replace(scope, definitions={**scope.definitions, definition.name: definition})


def _entry_value(scope: Scope, source: Source, definition: Definition) -> Any:
    bound = {letter: sp.Symbol(letter, integer=True) for letter in definition.below + definition.above}

    def read(reading: Reading) -> Any:
        return reading.holding(definition.name).value(definition.body)

    return settled(scope, source, Facts(), read, bound, outer=False)


def _plain(scope: Scope, source: Source, name: str, right: Node, at: int) -> Scope:
    result = replace(scope, definitions={**scope.definitions, name: Definition(name, right, source)})
    declared = scope.objects.get(name)

    def read(reading: Reading) -> Any:
        value = reading.expanded(name, at)
        if declared is None:
            return value
        if is_matrix(declared) and is_matrix(value):
            if not all(reading.agree(a, b) for a, b in zip(declared.shape, value.shape, strict=True)):
                raise reading.disagree(f"{name} and its definition", declared.shape, value.shape, at)
        elif is_matrix(declared) != is_matrix(value) and (value if is_matrix(value) else declared).shape != (1, 1):
            raise reading.error(f"{name} is {shown(declared)}, its definition {shown(value)}", at)
        return value

    value = settled(result, source, Facts(), read, outer=False)
    if declared is None:
        symbol = matrix(name, *value.shape) if is_matrix(value) else scalar(name)
        result = replace(result, objects={**scope.objects, name: symbol})
    return result


def _undeclared(scope: Scope, source: Source, left: Node, right: Node) -> Scope:
    """A name that no `let` declares: scripts of letters that the right side depends on are indices, others are labels."""
    base, scripts = split_scripts(left)
    assert isinstance(base, Name)
    below = next((s for s in scripts if s.kind == "_"), None)
    above = next((s for s in scripts if s.kind == "^"), None)
    if len(scripts) != (below is not None) + (above is not None):
        raise source.error("expected a name on the left side of a definition", left.at)
    down, up = _letters(below), _letters(above)
    labels = ["" if letters else script_text(s.items) if s else "" for letters, s in ((down, below), (up, above))]
    if down or up:
        name = joined(base.text, str(labels[0]), str(labels[1]))
        definition = Definition(name, right, source, down or (), up or ())
        value = _entry_value(scope, source, definition)
        if value.free_symbols & {sp.Symbol(letter, integer=True) for letter in (down or ()) + (up or ())}:
            return _entries(scope, source, definition)
    full = next(candidates(left), (None, ()))[0]
    if full is None:
        raise source.error("expected a name on the left side of a definition", left.at)
    return _plain(scope, source, full, right, left.at)
