"""A factor of a formula as a declared symbol: which of its scripts belong to the name, and what the others mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.latex.names import joined
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.scope import Definition
from cnnsym.latex.syntax import (
    Command,
    Group,
    Name,
    Node,
    Number,
    Product,
    Script,
    Scripted,
    Sum,
    factors_of,
    split_scripts,
)
from cnnsym.latex.vocabulary import GREEK
from cnnsym.sizes import same_size

TRANSPOSES = ("\\top", "\\intercal")


def script_text(items: Sequence[Node]) -> str | None:
    """The canonical text of a script as part of a name; None where it cannot be one."""
    texts = [_text(item) for item in items]
    return None if None in texts else ",".join(str(text) for text in texts)


def _text(node: Node) -> str | None:
    match node:
        case Number():
            return node.text
        case Name():
            return "\\" + node.text if node.command and "\\" + node.text in GREEK else node.text
        case Command():
            return node.text if node.text in ("*", "+", "-", "\\star", "\\dagger") else None
        case Group(kind="(") | Group(kind="["):
            inner = script_text(node.items)
            return None if inner is None else node.kind + inner + {"(": ")", "[": "]"}[node.kind]
        case Product():
            if any(node.operators):
                return None
            texts = [_text(factor) for factor in node.factors]
            return None if None in texts else "".join(str(text) for text in texts)
        case Sum():
            texts = [_text(term) for term in node.terms]
            if None in texts:
                return None
            text = "".join(f"{sign}{term}" for sign, term in zip(node.signs, texts, strict=True))
            return text.removeprefix("+")
        case Scripted():
            base = _text(node.base)
            scripts = [(s.kind, script_text(s.items)) for s in node.scripts]
            if base is None or any(kind not in "_^" or not text for kind, text in scripts):
                return None
            return base + "".join(f"{kind}{{{text}}}" for kind, text in scripts)
    return None


@dataclass(frozen=True)
class Reference:
    """A name that was found: what it stands for, and the scripts that do not belong to the name."""

    name: str
    meant: Any
    rest: tuple[Script, ...]
    at: int


def candidates(node: Node) -> Iterator[tuple[str, tuple[Script, ...]]]:
    """The names a factor can be read as, longest first, each with the scripts left over."""
    base, scripts = split_scripts(node)
    if not isinstance(base, Name):
        return
    below = next((s for s in scripts if s.kind == "_"), None)
    above = next((s for s in scripts if s.kind == "^"), None)
    for down, up in ((below, above), (below, None), (None, above), (None, None)):
        texts = [script_text(s.items) if s else "" for s in (down, up)]
        if None in texts:
            continue
        rest = tuple(s for s in scripts if s is not down and s is not up)
        yield joined(base.text, str(texts[0]), str(texts[1])), rest


def find(reading: Reading, node: Node) -> Reference | None:
    """The longest declared or bound name that a factor begins with; None where there is none."""
    base, scripts = split_scripts(node)
    upright = f"\\mathrm{{{base.text}}}" if isinstance(base, Name) and base.roman else ""
    if upright in reading.scope.objects:  # the imaginary unit; an index of that letter is another symbol
        return Reference(upright, reading.scope.objects[upright], scripts, node.at)
    found: list[Reference] = []
    for name, rest in candidates(node):
        if any(name == other.name for other in found):
            continue
        if name in reading.scope.faulty:
            raise reading.error(f"the declaration of {name} is faulty", node.at)
        meant = reading.bound.get(name)
        if meant is None:
            meant = reading.facts.indices.get(name) if reading.outer else None
        if meant is None:
            meant = reading.scope.objects.get(name, reading.scope.definitions.get(name))
        if meant is not None:
            found.append(Reference(name, meant, rest, node.at))
    if not found:
        return None
    _check_ambiguity(reading, found, node)
    return found[0]


def _check_ambiguity(reading: Reading, found: list[Reference], node: Node) -> None:
    if len(found) > 1 and {len(found[0].rest), len(found[1].rest)} == {len(found[0].rest)} and found[0].rest:
        raise reading.error(f"ambiguous: {found[0].name} and {found[1].name} are both declared", node.at)
    _, scripts = split_scripts(node)
    for script in scripts:
        if script in found[0].rest or script.kind != "_" or reading.scope.knows(found[0].name) is False:
            continue
        for item in script.items:
            names = [n.text for n in factors_of(item)[0] if isinstance(n, Name)]
            for letter in names:
                if isinstance(reading.bound.get(letter), sp.Dummy) and found[0].name not in reading.bound:
                    raise reading.error(
                        f"{found[0].name} is declared as one symbol, but its index {letter} is bound by a sum", node.at
                    )


def unknown_symbol(reading: Reading, node: Node) -> Exception:
    """The error for a name that nothing declares; it suggests close ones."""
    name = next(candidates(node), (str(getattr(node, "text", "?")), ()))[0]
    known = [*reading.scope.objects, *reading.scope.definitions]
    close = [k for k in difflib.get_close_matches(name, known, n=3, cutoff=0.4) if k != name]
    base, _ = split_scripts(node)
    close = close or [k for k in known if isinstance(base, Name) and k.startswith(base.text + "_")][:3]
    hint = f"; declared are {', '.join(close)}" if close else ""
    return reading.error(f"unknown symbol {name}: expected a name that the context declares{hint}", node.at)


def index_values(reading: Reading, items: Sequence[Node], count: int) -> list[tuple[Any, Node]]:
    """The indices in a script: separated by commas, or side by side as in `x_{ij}` and `x_{12}`."""
    nodes = list(items)
    if len(nodes) == 1 and count == 2:
        factors, operators = factors_of(nodes[0])
        if len(factors) == 2 and not any(operators):
            nodes = list(factors)
        elif isinstance(nodes[0], Number) and len(nodes[0].text) == 2:
            nodes = [Number(nodes[0].at + k, digit) for k, digit in enumerate(nodes[0].text)]
    result = []
    for node in nodes:
        value = reading.value(node)
        if is_matrix(value) or value.is_integer is not True:
            raise reading.error(f"expected an integer index, got {value}", node.at)
        result.append((value, node))
    return result


def entry(reading: Reading, array: Any, items: Sequence[Node], at: int) -> Any:
    """An entry of a matrix or a vector; counted from 1."""
    if not is_matrix(array):
        raise reading.error("expected no subscript here: it is neither an array nor part of a declared name", at)
    rows, cols = array.shape
    column, row = same_size(cols, 1), same_size(rows, 1)
    wanted = 1 if column or row else 2
    indices = index_values(reading, items, wanted)
    if len(indices) != wanted and not (wanted == 1 and len(indices) == 2):
        raise reading.error(f"expected {wanted} indices for an array {rows} x {cols}, got {len(indices)}", at)
    if len(indices) == 1:
        lengths = [rows if column else cols]
    else:
        lengths = [rows, cols]
    positions = []
    for (value, node), length in zip(indices, lengths, strict=True):
        if value.is_Integer and (value < 1 or (length.is_Integer and value > length)):
            raise reading.error(f"entries count from 1 to {length}, got {value}", node.at)
        if isinstance(value, sp.Idx):
            raise reading.error(
                f"the index {value} begins at 0, but entries of vectors and matrices count from 1: write {value}+1",
                node.at,
            )
        reading.used(value, "entry", length, node.at)
        positions.append(value - 1)
    if len(positions) == 1:
        positions = [positions[0], sp.S.Zero] if column else [sp.S.Zero, positions[0]]
    return MatrixElement(array, *positions)


def signal_entry(
    reading: Reading, reference: Reference, brackets: Group | None = None
) -> tuple[Any, tuple[Script, ...]]:
    """An entry of a signal, counted from 0; or of what is defined entry by entry. With the scripts left over.

    The indices stand in a subscript, or in `brackets` after the name.
    """
    meant, rest = reference.meant, list(reference.rest)
    definition = meant if isinstance(meant, Definition) else None
    if definition is None and reference.name not in reading.bound:
        definition = reading.scope.definitions.get(reference.name)
    shape = () if isinstance(meant, Definition) else meant.shape
    if definition is not None and (not definition.is_entry or definition.name in reading.held):
        definition = None
    wanted = {"_": len(definition.below), "^": len(definition.above)} if definition else {"_": len(shape), "^": 0}
    values: dict[str, list[tuple[Any, Node]]] = {"_": [], "^": []}
    for kind, count in wanted.items():
        if not count:
            continue
        script = next((s for s in rest if s.kind == kind), None)
        given: Script | Group | None = script
        if kind == "_" and brackets is not None:
            given = brackets
        elif script is not None:
            rest.remove(script)
        if given is None:
            raise reading.error(f"{reference.name}: expected {count} indices in a {_place(kind)}", reference.at)
        values[kind] = index_values(reading, given.items, count)
        if len(values[kind]) != count:
            place = "the brackets" if given is brackets else f"the {_place(kind)}"
            raise reading.error(
                f"{reference.name}: expected {count} indices in {place}, got {len(values[kind])}", given.at
            )
    for (value, node), length in zip(values["_"], shape, strict=False):
        reading.used(value, "signal", length, node.at)
    if definition is None:
        return meant[tuple(value for value, _ in values["_"])], tuple(rest)
    names = definition.below + definition.above
    bound = dict(zip(names, (value for value, _ in values["_"] + values["^"]), strict=True))
    return read_definition(reading, definition, bound, reference.at), tuple(rest)


def takes_brackets(reference: Reference) -> bool:
    """True for a signal without a subscript, which takes its indices in brackets: `x[n+1]`."""
    if any(s.kind == "_" for s in reference.rest):
        return False
    meant = reference.meant
    return isinstance(meant, sp.IndexedBase) or (isinstance(meant, Definition) and bool(meant.below))


def _place(kind: str) -> str:
    return "subscript" if kind == "_" else "superscript"


def read_definition(reading: Reading, definition: Definition, bound: dict[str, Any], at: int) -> Any:
    """The right side of a definition with its parameters bound; nothing of the place of use is visible in it."""
    if len(reading.frame) > 60:
        raise reading.error(f"the definition of {definition.name} goes through itself", at)
    return reading.inside(definition, bound, at).value(definition.body)
