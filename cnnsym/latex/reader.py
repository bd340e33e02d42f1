"""From the syntax tree to SymPy: what stands side by side, and what applies to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp

from cnnsym.atoms import EntryFunction
from cnnsym.latex import derivatives
from cnnsym.latex.arithmetic import (
    add,
    as_scalar,
    divide,
    entrywise,
    finite,
    kronecker,
    multiply,
)
from cnnsym.latex.brackets import group_value, root_value, with_brackets
from cnnsym.latex.conditions import cases_value, in_brackets
from cnnsym.latex.constants import constant
from cnnsym.latex.dots import dotted, has_dots
from cnnsym.latex.functions import (
    Callee,
    arguments,
    callee,
    mapping_applied,
    objective_derivative,
)
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.scope import Definition, Objective
from cnnsym.latex.scripts import with_scripts
from cnnsym.latex.sums import big, is_big
from cnnsym.latex.symbols import Reference, find, signal_entry, unknown_symbol
from cnnsym.latex.syntax import (
    Cases,
    Command,
    Connective,
    Fraction,
    Group,
    Name,
    Node,
    Number,
    Product,
    Quantified,
    Relation,
    Root,
    Script,
    Sum,
    Term,
    factors_of,
    split_scripts,
)
from cnnsym.latex.syntax import (
    Mapping as Arrow,
)
from cnnsym.latex.variable import rest_of
from cnnsym.latex.vocabulary import DOTS

_MAX_PREFIXES = 20
_BRACKETS = ("(", "{", "[", "\\{")


@dataclass(frozen=True)
class Reader(Reading):
    """Reads trees; see `Reading` for its state."""

    def value(self, node: Node) -> Any:
        match node:
            case Sum():
                return self._sum(node)
            case Term():
                return self._term(node.products, node.operators)
            case Product():
                return self._product(node.factors, node.operators)
            case Relation() | Connective() | Quantified():
                raise self.error("expected an expression, got a relation", node.at)
            case Arrow():
                raise self.error("expected an argument after a function without a name", node.at)
        return self._product((node,), ("",))

    def _sum(self, node: Sum) -> Any:
        if has_dots(node):
            beside, run, first = dotted(self, node)
            signs = [*(sign for sign, _ in beside), "+"]
            values = [*(self.value(term) for _, term in beside), run]
            return add(self, signs, values, [*(term.at for _, term in beside), first.at])
        for term in node.terms:
            _, operators = factors_of(term)
            if "\\bmod" in operators:
                raise self.error("ambiguous: expected parentheses around what stands before or with \\bmod", term.at)
        values = [self.value(term) for term in node.terms]
        return add(self, node.signs, values, [term.at for term in node.terms])

    def _term(self, products: Sequence[Node], operators: Sequence[str]) -> Any:
        for k, part in enumerate(products[:-1]):
            factors, inner = factors_of(part)
            start = next((j for j, factor in enumerate(factors) if is_big(factor)), None)
            if start is None:
                continue
            if len(factors) == start + 1:
                raise self.error("expected something to sum", factors[start].at)
            # the sum extends over the entrywise products that follow
            first = rest_of(factors[start + 1 :], inner[start + 1 :])
            body = Term(part.at, (first, *products[k + 1 :]), ("", *operators[k + 1 :]))
            summed = big(self, factors[start], partial(_read, body))
            if start:
                summed = multiply(self, self._product(factors[:start], inner[:start]), summed, factors[start].at)
            return self._joined([*(self.value(p) for p in products[:k]), summed], products, operators[: k + 1])
        return self._joined([self.value(p) for p in products], products, operators)

    def _joined(self, values: Sequence[Any], products: Sequence[Node], operators: Sequence[str]) -> Any:
        kinds = {operator == "\\otimes" for operator in operators[1:]}
        if len(kinds) > 1:
            raise self.error("expected parentheses where \\otimes and \\odot meet", products[1].at)
        if kinds == {True}:
            return kronecker(values)
        return entrywise(self, operators, values, [p.at for p in products]) if kinds else values[0]

    def _product(self, factors: Sequence[Node], operators: Sequence[str]) -> Any:
        scalars, array = self._gathered(factors, operators)
        scalar = finite(self, sp.Mul(*scalars), factors[0].at)
        if array is None:
            return scalar
        return scalar * array if scalars else array

    def _gathered(self, factors: Sequence[Node], operators: Sequence[str]) -> tuple[list[Any], Any]:
        """The scalar factors of a product, and the product of the arrays among them (None without one).

        They are multiplied at once: step by step, SymPy would distribute a number over the sum next to it.
        """
        scalars: list[Any] = []
        array: Any = None
        k = 0
        while k < len(factors):
            operator, node = operators[k], factors[k]
            if isinstance(node, Fraction) and not operator and not derivatives.is_partial(node):
                over, value = self._gathered(*factors_of(node.above))
                scalars += [*over, *self._reciprocals(node.below)]
                after = k + 1
            else:
                value, after = self._item(factors, operators, k)
            if operator == "/":
                if after < len(factors) and not operators[after]:
                    raise self.error(
                        "ambiguous: expected parentheses around the quotient or its denominator", factors[after].at
                    )
                scalars.append(divide(self, sp.S.One, value, node.at))
            elif operator == "\\bmod":
                if array is not None:
                    raise self.error("\\bmod: expected integers", node.at)
                if after < len(factors):
                    raise self.error("ambiguous: expected parentheses around what follows \\bmod", factors[after].at)
                scalars = [self._remainder(sp.Mul(*scalars), value, node.at)]
            elif operator == "\\times" and array is not None and is_matrix(value):
                raise self.error("\\times between matrices is not defined: write them side by side", node.at)
            elif is_matrix(value):
                array = value if array is None else multiply(self, array, value, node.at)
            elif value is not None:
                scalars.append(value)
            k = after
        return scalars, array

    def _reciprocals(self, node: Node) -> list[Any]:
        scalars, array = self._gathered(*factors_of(node))
        if array is not None:
            scalars.append(as_scalar(self, array, node.at, "denominator"))
        return [divide(self, sp.S.One, scalar, node.at) for scalar in scalars]

    def _remainder(self, left: Any, right: Any, at: int) -> Any:
        if any(is_matrix(v) or not v.is_integer for v in (left, right)) or right == 0:
            raise self.error("\\bmod: expected integers", at)
        return sp.Mod(left, right)

    def _item(self, factors: Sequence[Node], operators: Sequence[str], k: int) -> tuple[Any, int]:
        """The value of what begins at factor `k`, and the index after it."""
        node = factors[k]
        if is_big(node):
            if sum(map(is_big, factors[k : k + _MAX_PREFIXES + 1])) > _MAX_PREFIXES:
                raise self.error(f"more than {_MAX_PREFIXES} sums in a row, which is the limit", node.at)
            if k + 1 == len(factors):
                raise self.error("expected something to sum", node.at)
            body = rest_of(factors[k + 1 :], operators[k + 1 :])
            return big(self, node, lambda reading: reading.value(body)), len(factors)
        base, scripts = split_scripts(node)
        following = self._group_after(factors, operators, k)
        if k + 1 < len(factors) and not operators[k + 1]:
            taken = with_brackets(self, node, factors[k + 1])
            if taken is not None:
                return taken, k + 2
        if isinstance(base, Command) and base.text == "\\nabla":
            return self._nabla(factors, operators, k)
        if derivatives.is_operator(node) and isinstance(node, Fraction):
            if following is None and k + 1 < len(factors) and not operators[k + 1] and is_big(factors[k + 1]):
                # The sum extends over the product, and so does the derivative.
                body = rest_of(factors[k + 1 :], operators[k + 1 :])
                return derivatives.partial(self, node, body), len(factors)
            if following is None:
                raise self.error("expected parentheses after \\frac{\\partial}{\\partial x}", node.at)
            return self._after(derivatives.partial(self, node, following[0]), following, k + 1)
        if self._is_differential(base, scripts, node) and k + 1 < len(factors) and not operators[k + 1]:
            assert isinstance(base, Name)
            if following is not None:
                return self._after(derivatives.differential(self, following[0], node.at), following, k + 1)
            if base.roman:
                return derivatives.differential(self, factors[k + 1], node.at), k + 2
        if isinstance(base, Group) and len(base.items) == 1 and isinstance(base.items[0], Arrow) and not scripts:
            if following is None:
                raise self.error("expected an argument in parentheses after the function", node.at)
            return self._after(mapping_applied(self, base.items[0], following[0].items, node.at), following, k + 1)
        function = callee(self, node)
        if function is not None and (following is not None or not self._is_objective(node)):
            return self._application(function, factors, operators, k)
        return self._factor(base, scripts, node), k + 1

    def _is_differential(self, base: Node, scripts: Sequence[Script], node: Node) -> bool:
        return isinstance(base, Name) and base.text == "d" and not scripts and find(self, node) is None

    def _is_objective(self, node: Node) -> bool:
        reference = find(self, node)
        return reference is not None and isinstance(reference.meant, Objective)

    @staticmethod
    def _group_after(
        factors: Sequence[Node], operators: Sequence[str], k: int
    ) -> tuple[Group, tuple[Script, ...]] | None:
        if k + 1 >= len(factors) or operators[k + 1]:
            return None
        base, scripts = split_scripts(factors[k + 1])
        if not isinstance(base, Group) or base.kind not in _BRACKETS or in_brackets(base):
            return None
        return base, scripts

    def _after(self, value: Any, following: tuple[Group, tuple[Script, ...]], k: int) -> tuple[Any, int]:
        return self.scripted(value, following[1], following[0].at), k + 1

    def _span(self, factors: Sequence[Node], operators: Sequence[str], k: int) -> int:
        """The index after the prefix functions at `k` with their argument."""
        start = k
        while k < len(factors):
            if k - start > _MAX_PREFIXES:
                raise self.error(f"more than {_MAX_PREFIXES} functions in a row, which is the limit", factors[start].at)
            if callee(self, factors[k]) is None:
                return k + 1
            if self._group_after(factors, operators, k) is not None:
                return k + 2
            k += 1
        return k

    def _application(
        self, function: Callee, factors: Sequence[Node], operators: Sequence[str], k: int
    ) -> tuple[Any, int]:
        following = self._group_after(factors, operators, k)
        if following is not None:
            return self._after(function.apply(following[0].items, following[0].at), following, k + 1)
        at = factors[k].at
        if not function.bare or k + 1 >= len(factors) or operators[k + 1]:
            raise self.error(f"{function.name}: expected an argument in parentheses", at)
        after = self._span(factors, operators, k + 1)
        if after < len(factors) and not operators[after] and not self._is_prefix(factors[after]):
            raise self.error(
                f"ambiguous: expected parentheses around the argument of {function.name}", factors[after].at
            )
        operand = rest_of(factors[k + 1 : after], operators[k + 1 : after])
        return function.apply((operand,), operand.at), after

    def _is_prefix(self, node: Node) -> bool:
        base, _ = split_scripts(node)
        return is_big(node) or (isinstance(base, Command) and base.text == "\\nabla") or callee(self, node) is not None

    def _nabla(self, factors: Sequence[Node], operators: Sequence[str], k: int) -> tuple[Any, int]:
        _, scripts = split_scripts(factors[k])
        at = factors[k].at
        if k + 1 >= len(factors) or operators[k + 1]:
            raise self.error("expected something after \\nabla", at)
        below = next((s for s in scripts if s.kind == "_"), None)
        square = [s for s in scripts if s.kind == "^" and s.items == (Number(0, "2"),)]
        if len(scripts) != (below is not None) + len(square):
            raise self.error("expected a variable under \\nabla, got another script", scripts[0].at)
        reference = find(self, factors[k + 1])
        following = self._group_after(factors, operators, k + 1)
        objective = reference.meant if reference is not None and isinstance(reference.meant, Objective) else None
        numbered = below is None or all(isinstance(item, Number) for item in below.items)
        if numbered and objective is not None and following is not None:
            value = objective_derivative(self, objective, 1 + len(square), below, following[0].items, at)
            return self._after(value, following, k + 2)
        if below is None or square:
            raise self.error("expected \\nabla_{x}, with a variable", at)
        after = k + 2 if objective is not None and following is None else self._span(factors, operators, k + 1)
        operand = rest_of(factors[k + 1 : after], operators[k + 1 : after])
        group, trailing = split_scripts(factors[after - 1])
        if after - 1 > k and isinstance(group, Group) and trailing and after == k + 2:
            # scripts after the parentheses belong to the gradient: \nabla_x (...)^\top
            value = derivatives.nabla(self, below, lambda reading: reading.value(group), operand.at)
            return self.scripted(value, trailing, at), after
        clear = objective is not None or isinstance(group, (Group, Fraction))
        if not clear and after < len(factors) and not operators[after]:
            raise self.error("ambiguous: expected parentheses around what \\nabla acts on", factors[after].at)
        if isinstance(operand, Number) or (
            isinstance(operand, Fraction) and after < len(factors) and not operators[after]
        ):
            raise self.error("expected parentheses around what \\nabla acts on", operand.at)
        return derivatives.nabla(self, below, lambda reading: reading.value(operand), operand.at), after

    def _factor(self, base: Node, scripts: tuple[Script, ...], node: Node) -> Any:
        match base:
            case Number():
                return self.scripted(_number(base), scripts, node.at)
            case Name():
                return self._name(node)
            case Group():
                return group_value(self, base, scripts)
            case Fraction() if derivatives.is_partial(base):
                return self.scripted(derivatives.partial(self, base), scripts, node.at)
            case Fraction():
                value = divide(self, self.value(base.above), self.value(base.below), base.below.at)
                return self.scripted(value, scripts, node.at)
            case Root():
                return self.scripted(root_value(self, base), scripts, node.at)
            case Cases():
                return self.scripted(cases_value(self, base), scripts, node.at)
            case Command(text=text) if text in DOTS:
                raise self.error("dots are understood between the terms of a sum only", node.at)
            case Command(text=text):
                raise self.error(f"{text} is not supported here", node.at)
        return self.scripted(self.value(base), scripts, node.at)

    def _name(self, node: Node) -> Any:
        reference = find(self, node)
        if reference is not None:
            return self._declared(reference, node)
        found = constant(self, node)
        if found is not None:
            return self.scripted(found[0], found[1], node.at)
        base, scripts = split_scripts(node)
        if isinstance(base, Name) and self.outer and base.text in self.facts.letters and not base.roman:
            symbol = sp.Symbol(base.text, integer=True)
            self.facts.open.setdefault(base.text, (symbol, node.at))
            return self.scripted(symbol, scripts, node.at)
        raise unknown_symbol(self, node)

    def _declared(self, reference: Reference, node: Node) -> Any:
        meant = reference.meant
        match meant:
            case EntryFunction():
                raise self.error(f"{reference.name} is a function: expected an argument in parentheses", node.at)
            case Objective():
                value = meant.function(*arguments(self, meant, None, node.at))
                return self.scripted(value, reference.rest, node.at)
            case sp.IndexedBase():
                value, rest = signal_entry(self, reference)
                return self.scripted(value, rest, node.at)
            case Definition():
                if meant.parameter:
                    raise self.error(f"{meant.name} is a function: expected an argument in parentheses", node.at)
                value, rest = (
                    signal_entry(self, reference) if meant.is_entry else (self.value(meant.body), reference.rest)
                )
                return self.scripted(value, rest, node.at)
        if any(s.kind == "_" for s in reference.rest) and not is_matrix(meant) and isinstance(meant, sp.Symbol):
            raise unknown_symbol(self, node)
        defined = reference.name in self.scope.definitions and reference.name not in self.bound
        if defined and reference.name not in self.held:
            meant = self.expanded(reference.name, node.at)
        return self.scripted(meant, reference.rest, node.at)

    def scripted(self, value: Any, scripts: Sequence[Script], at: int) -> Any:
        return with_scripts(self, value, scripts, at)


def _read(node: Node, reading: Reading) -> Any:
    return reading.value(node)


def _number(node: Number) -> Any:
    return sp.Rational(node.text)
