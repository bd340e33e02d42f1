"""What applies to an argument: declared functions and objectives, entrywise functions, vec, diag, tr, det."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from cnnsym.atoms import EntryFunction, ObjectiveGradient, ObjectiveHessian, diag, elementwise, unvec, vec
from cnnsym.latex.arithmetic import as_scalar, as_square, finite, power, transpose
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.scope import Definition, Objective
from cnnsym.latex.symbols import TRANSPOSES, Reference, find, read_definition
from cnnsym.latex.syntax import Command, Mapping, Name, Node, Number, Script, factors_of, split_scripts
from cnnsym.latex.vocabulary import ENTRY_FUNCTIONS, MATRIX_OPERATIONS
from cnnsym.sizes import same_size, shape_text

Items = Sequence[Node]


@dataclass(frozen=True)
class Callee:
    """Something that wants an argument; `bare` where parentheses may be left out, as in `\\log x`."""

    name: str
    apply: Callable[[Items, int], Any]
    bare: bool = False


def primes(script: Script) -> int:
    """How many primes a script is made of; 0 where it is something else."""
    if script.kind == "'":
        return 1
    if script.kind != "^" or len(script.items) != 1:
        return 0
    factors, operators = factors_of(script.items[0])
    all_primes = all(isinstance(f, Command) and f.text == "\\prime" for f in factors) and not any(operators)
    return len(factors) if all_primes else 0


def is_transpose(script: Script) -> bool:
    """`^\\top`, `^T`, `^{\\mathsf T}`; a prime is judged elsewhere, for it may be a derivative."""
    if script.kind != "^" or len(script.items) != 1:
        return False
    item = script.items[0]
    return (isinstance(item, Command) and item.text in TRANSPOSES) or (isinstance(item, Name) and item.text == "T")


def callee(reading: Reading, node: Node) -> Callee | None:
    """The function that a factor names; None where it is a value."""
    base, scripts = split_scripts(node)
    reference = find(reading, node)
    if reference is not None:
        return _declared(reading, reference)
    if not isinstance(base, Name):
        return None
    if base.text in ENTRY_FUNCTIONS:
        return _entrywise(reading, base.text, EntryFunction(ENTRY_FUNCTIONS[base.text]), scripts, bare=True)
    operation = MATRIX_OPERATIONS.get(base.text)
    return _operation(reading, operation, scripts, node.at) if operation else None


def _only(reading: Reading, name: str, items: Items, at: int) -> Node:
    if len(items) != 1:
        raise reading.error(f"{name}: expected one argument, got {len(items)}", at)
    return items[0]


def _declared(reading: Reading, reference: Reference) -> Callee | None:
    match reference.meant:
        case EntryFunction():
            return _entrywise(reading, reference.name, reference.meant, reference.rest, bare=False)
        case Objective() as objective:
            if reference.rest:
                return None
            return Callee(
                reference.name, lambda items, at: objective.function(*arguments(reading, objective, items, at))
            )
        case Definition(parameter=parameter) as definition if parameter:
            return Callee(reference.name, lambda items, at: _call(reading, definition, items, at))
    return None


def _entrywise(reading: Reading, name: str, function: EntryFunction, scripts: Sequence[Script], bare: bool) -> Callee:
    transposed, exponent = False, None
    for script in scripts:
        if count := primes(script):
            function = function.diff(count)
        elif is_transpose(script):
            transposed = not transposed
        elif bare and script.kind == "^" and len(script.items) == 1 and isinstance(script.items[0], Number):
            exponent = sp.Integer(script.items[0].text)
        else:
            raise reading.error(f"{name}: expected an argument, a prime or a power, got a script", script.at)

    def apply(items: Items, at: int) -> Any:
        node = _only(reading, name, items, at)
        argument = reading.value(node)
        taken = function
        if exponent is not None:
            if not is_matrix(argument):
                return power(reading, finite(reading, function(argument), at), exponent, at)
            variable = sp.Symbol("t", real=True)
            taken = elementwise(sp.Lambda(variable, function.value(variable) ** exponent))
        value = finite(reading, taken(argument), at)
        return transpose(value) if transposed else value

    return Callee(name, apply, bare)


def _call(reading: Reading, definition: Definition, items: Items, at: int) -> Any:
    node = _only(reading, definition.name, items, at)
    declared = reading.scope.objects[definition.parameter]
    reference = find(reading, node)
    given: Any
    if isinstance(declared, sp.IndexedBase):
        if reference is None or reference.rest or not isinstance(reference.meant, (sp.IndexedBase, Definition)):
            raise reading.error(f"{definition.name}: expected the name of a signal as its argument", node.at)
        given = reading.scope.objects.get(reference.name, reference.meant)
        shape = getattr(given, "shape", declared.shape)
        if reference.name in reading.bound:
            given = reference.meant
        elif (defined := reading.scope.definitions.get(reference.name)) is not None:
            given = defined
    else:
        given = reading.value(node)
        if is_matrix(given) != is_matrix(declared):
            raise reading.error(f"{definition.name}: expected an argument like {declared}, got {given}", node.at)
        shape = getattr(given, "shape", ())
    expected = getattr(declared, "shape", ())
    if len(shape) != len(expected) or not all(same_size(a, b) for a, b in zip(shape, expected, strict=True)):
        raise reading.error(
            f"{definition.name}: expected an argument of shape {_dims(expected)}, got {_dims(shape)}", node.at
        )
    return read_definition(reading, definition, {definition.parameter: given}, at)


def _dims(shape: Sequence[Any]) -> str:
    return " x ".join(str(s) for s in shape)


def arguments(reading: Reading, objective: Objective, items: Items | None, at: int) -> tuple[Any, ...]:
    """The arguments of an objective: those it is declared with where `items` is None, else as written."""
    inner = reading.inside(Definition("", objective.arguments[0], objective.source), {}, at)
    declared = tuple(inner.value(argument) for argument in objective.arguments)
    if items is None:
        return declared
    name = objective.function.label
    if len(items) != len(declared):
        raise reading.error(f"{name}: expected {len(declared)} arguments, got {len(items)}", at)
    values = tuple(reading.value(item) for item in items)
    for value, wanted, item in zip(values, declared, items, strict=True):
        if not is_matrix(value):
            raise reading.error(f"{name}: expected an array {shape_text(wanted.shape)}, got a scalar", item.at)
        if not all(reading.agree(a, b) for a, b in zip(value.shape, wanted.shape, strict=True)):
            raise reading.disagree(f"argument of {name}", value.shape, wanted.shape, item.at)
    return values


def objective_derivative(
    reading: Reading, objective: Objective, order: int, below: Script | None, items: Items, at: int
) -> Any:
    """`\\nabla J(x)`, `\\nabla_{2} J(x, y)`: derivatives by the number of the argument, from 1; `\\nabla^{2}_{1,2} J(x, y)`."""
    values = arguments(reading, objective, items, at)
    numbers = [int(n.text) for n in below.items if isinstance(n, Number)] if below else [1] * order
    if len(numbers) != order or not all(1 <= n <= len(values) for n in numbers) or (not below and len(values) > 1):
        raise reading.error(
            f"expected {order} numbers of arguments, from 1 to {len(values)}", below.at if below else at
        )
    if order == 1:
        return ObjectiveGradient(objective.function, numbers[0] - 1, *values)
    return ObjectiveHessian(objective.function, numbers[0] - 1, numbers[1] - 1, *values)


def _operation(reading: Reading, name: str, scripts: Sequence[Script], at: int) -> Callee:
    transposed = False
    sizes: list[Any] = []
    for script in scripts:
        if is_transpose(script) or primes(script) == 1:
            transposed = not transposed
        elif script.kind == "_" and name == "unvec" and len(script.items) == 2:
            sizes = [reading.size_of(item) for item in script.items]
        else:
            raise reading.error(f"{name}: expected an argument, got a script", script.at)
    if name == "unvec" and not sizes:
        raise reading.error("unvec: expected two sizes, as in \\mathrm{unvec}_{m,n}", at)

    def apply(items: Items, place: int) -> Any:
        node = _only(reading, name, items, place)
        argument = reading.value(node)
        value = _applied(reading, name, argument, sizes, node.at)
        return transpose(value) if transposed else value

    return Callee(name, apply, bare=True)


def _applied(reading: Reading, name: str, argument: Any, sizes: Sequence[Any], at: int) -> Any:
    if name in ("tr", "det"):
        square = as_square(reading, argument, at, name)
        return sp.Trace(square) if name == "tr" else sp.Determinant(square)
    if name == "conj":
        return sp.conjugate(as_scalar(reading, argument, at, name))
    if not is_matrix(argument):
        raise reading.error(f"{name}: expected a matrix, got a scalar", at)
    rows, cols = argument.shape
    if name == "vec":
        return vec(argument)
    if name == "unvec":
        if not (reading.agree(cols, 1) and reading.agree(rows, sizes[0] * sizes[1])):
            raise reading.disagree("unvec", argument.shape, (sizes[0] * sizes[1], sp.S.One), at)
        return unvec(argument, *sizes)
    if not same_size(cols, 1) and not reading.agree(rows, cols):
        raise reading.error(f"diag: expected a column or a square matrix, got shape {shape_text(argument.shape)}", at)
    return diag(argument)


def mapping_applied(reading: Reading, mapping: Mapping, items: Items, at: int) -> Any:
    """`(t \\mapsto body)(X)`: a function without a name, applied entry by entry."""
    variable = sp.Dummy("t", real=True)
    name = getattr(mapping.variable, "text", "")
    body = as_scalar(reading, reading.binding({name: variable}).value(mapping.body), mapping.body.at, "function")
    argument = reading.value(_only(reading, "function", items, at))
    return elementwise(sp.Lambda(variable, body))(argument)
