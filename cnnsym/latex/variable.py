"""What a derivative is taken with respect to: a symbol, its vec, an entry of it, or an expression that stands for a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.latex.functions import callee, is_transpose, primes
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.scope import Definition
from cnnsym.latex.symbols import Reference, entry, find
from cnnsym.latex.syntax import Group, Node, Product, Scripted, factors_of, split_scripts
from cnnsym.sizes import shape_text


@dataclass(frozen=True)
class Variable:
    """`symbol` is bound in the derivative; `name` is its canonical name where it is declared. It may be the entry of a signal.

    `point` is its value, where that is not the symbol itself; occurrences of `point` stand for the symbol as well.
    `position` is the entry (from 0) of a derivative with respect to one.
    """

    symbol: Any
    name: str = ""
    point: Any = None
    transposed: bool = False
    vectorised: bool = False
    position: tuple[Any, Any] | None = None

    @property
    def is_scalar(self) -> bool:
        return not is_matrix(self.symbol)

    def occurrences(self, reading: Reading, function: Any, at: int) -> Any:
        """The function with the symbol in place of the expression it stands for.

        LatexError where it does not depend on the variable visibly, yet shares symbols with its definition: then it
        cannot be told what is meant to vary.
        """
        if self.point is None:
            return function
        function = sp.sympify(function).xreplace({self.point: self.symbol})
        if not function.has(self.symbol):
            shared = function.free_symbols & self.point.free_symbols
            if any(is_matrix(s) or not s.is_integer for s in shared):
                what = self.name or str(self.point)
                raise reading.error(
                    f"expected a function of {what}, which does not occur in it although "
                    f"{', '.join(sorted(map(str, shared)))} does: define what it is a function of",
                    at,
                )
        return function


def variable(reading: Reading, node: Node) -> Variable:
    """The variable that stands after a ∂ or under a ∇."""
    if isinstance(node, Group) and node.kind in "({" and len(node.items) == 1:
        return variable(reading, node.items[0])
    stripped, transposes = without_transposes(node)
    if transposes:
        inner = variable(reading, stripped)
        return replace(inner, transposed=inner.transposed != bool(transposes % 2))
    factors, operators = factors_of(node)
    if len(factors) == 2 and not any(operators):
        head = callee(reading, factors[0])
        _, scripts = split_scripts(factors[0])
        if head is not None and head.name == "vec" and isinstance(factors[1], Group) and len(factors[1].items) == 1:
            inner = variable(reading, factors[1].items[0])
            odd = sum(is_transpose(s) or primes(s) == 1 for s in scripts) % 2 == 1
            return replace(inner, vectorised=True, transposed=inner.transposed != odd)
    if len(factors) == 1:
        found = _symbol(reading, factors[0])
        if found is not None:
            return found
    return _expression(reading, node)


def _symbol(reading: Reading, node: Node) -> Variable | None:
    reference = find(reading, node)
    if reference is None or reference.name in reading.bound:
        return None
    symbol = reference.meant
    if isinstance(symbol, sp.IndexedBase) or (isinstance(symbol, Definition) and symbol.is_entry):
        return _signal_entry(reading, reference, node)
    if not isinstance(symbol, (sp.MatrixSymbol, sp.Symbol)) or isinstance(symbol, sp.Idx):
        return None
    subscripts = [s for s in reference.rest if s.kind == "_"]
    if len(subscripts) != len(reference.rest) or len(subscripts) > 1:
        return None
    if symbol.is_integer:
        raise reading.error(f"expected a real variable, got the integer {reference.name}", node.at)
    point = None
    if reference.name in reading.scope.definitions and reference.name not in reading.held:
        point = reading.expanded(reference.name, node.at)
    result = Variable(symbol, reference.name, point)
    if not subscripts:
        return result
    element = entry(reading, symbol, subscripts[0].items, node.at)
    assert isinstance(element, MatrixElement)
    return replace(result, position=(element.args[1], element.args[2]))


def _signal_entry(reading: Reading, reference: Reference, node: Node) -> Variable:
    if reference.name in reading.scope.definitions and reference.name not in reading.held:
        raise reading.error(
            f"a derivative by an entry of {reference.name}, which is defined by others, is not supported", node.at
        )
    value = reading.value(node)
    if not isinstance(value, sp.Indexed):
        raise reading.error(f"expected an entry of {reference.name} to differentiate by, got {value}", node.at)
    return Variable(value, reference.name)


def _expression(reading: Reading, node: Node) -> Variable:
    point = reading.value(node)
    if isinstance(point, sp.Indexed):
        return Variable(point, str(point.base.label))
    if not is_matrix(point):
        raise reading.error(f"expected a symbol or an array to differentiate by, got {point}", node.at)
    reading.require_known(node.at, *point.shape)
    taken = {getattr(s, "name", "") for s in point.free_symbols} | set(reading.scope.objects)
    name = next(f"u{suffix}" for suffix in ("", *(f"_{k}" for k in range(1, 10_000))) if f"u{suffix}" not in taken)
    return Variable(sp.MatrixSymbol(name, *point.shape), "", point)


def without_transposes(node: Node) -> tuple[Node, int]:
    """A node without the `^\\top` at its end, and how many there were."""
    factors, operators = factors_of(node)
    last = factors[-1]
    if not isinstance(last, Scripted):
        return node, 0
    kept = tuple(s for s in last.scripts if not is_transpose(s))
    count = len(last.scripts) - len(kept)
    if not count:
        return node, 0
    bare: Node = Scripted(last.at, last.base, kept) if kept else last.base
    return (bare if len(factors) == 1 else Product(node.at, (*factors[:-1], bare), operators)), count


def shown(value: Any) -> str:
    """A shape for messages."""
    return f"a matrix {shape_text(value.shape)}" if is_matrix(value) else "a scalar"


def rest_of(factors: Sequence[Node], operators: Sequence[str]) -> Node:
    """Factors as one node."""
    return factors[0] if len(factors) == 1 else Product(factors[0].at, tuple(factors), ("", *operators[1:]))
