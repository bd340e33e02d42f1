"""Scalar expressions as instructions: of numbers, and of arrays entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms import relu, sigmoid, step
from cnnsym.errors import UnsupportedError
from cnnsym.numpy_code.instructions import Program

# Constants are Python numbers, which leave the dtype of an array as it is.
_FUNCTIONS: dict[type, str] = {
    sp.exp: "np.exp({0})",
    sp.log: "np.log({0})",
    sp.sin: "np.sin({0})",
    sp.cos: "np.cos({0})",
    sp.tan: "np.tan({0})",
    sp.asin: "np.arcsin({0})",
    sp.acos: "np.arccos({0})",
    sp.atan: "np.arctan({0})",
    sp.sinh: "np.sinh({0})",
    sp.cosh: "np.cosh({0})",
    sp.tanh: "np.tanh({0})",
    sp.Abs: "np.abs({0})",
    sp.sign: "np.sign({0})",
    sigmoid: "(0.5 * np.tanh(0.5 * {0}) + 0.5)",  # no overflow, whatever the argument
    relu: "np.maximum({0}, 0)",
    step: "np.greater({0}, 0).astype(dtype)",
}
_MOST_FACTORS = 4


def literal(number: Any) -> str:
    """A constant as Python text: an int, or a float."""
    if number.is_Integer:
        return str(int(number)) if number >= 0 else f"({int(number)})"
    if not number.is_extended_real or not number.is_finite:
        raise UnsupportedError(f"compile_numpy: expected a finite real constant, got {number}")
    return f"({float(number)!r})"


def total(program: Program, terms: Sequence[tuple[int, int]]) -> int:
    """A sum of values with signs: `a - b` rather than `a + (-1)*b`."""
    (sign, first), *others = sorted(terms, key=lambda term: -term[0])
    result = first if sign > 0 else program.emit("(-{0})", first)
    for sign, term in others:
        result = program.emit("({0} + {1})" if sign > 0 else "({0} - {1})", result, term)
    return result


def power(program: Program, base: int, exponent: Any, value: Callable[[Any], int]) -> int:
    """A power: squares and roots by name."""
    if exponent == sp.Rational(1, 2):
        return program.emit("np.sqrt({0})", base)
    if exponent.is_Integer and 1 <= exponent <= _MOST_FACTORS:
        result = base
        for _ in range(int(exponent) - 1):
            result = program.emit("({0} * {1})", result, base)
        return result
    if exponent.is_Number and exponent < 0:
        return program.emit("(1 / {0})", power(program, base, -exponent, value))
    return program.emit("({0} ** {1})", base, value(exponent))


def combine(program: Program, node: Any, value: Callable[[Any], int]) -> int:
    """The instruction for a scalar operation, `value` giving the numbers of its arguments."""
    if node.is_number:
        return program.emit(literal(node))
    if isinstance(node, sp.Add):
        return total(program, [signed(program, term, value) for term in node.args])
    if isinstance(node, sp.Mul):
        sign, number = signed(program, node, value)
        return number if sign > 0 else program.emit("(-{0})", number)
    if isinstance(node, sp.Pow):
        return power(program, value(node.base), node.exp, value)
    if isinstance(node, (sp.Max, sp.Min)):
        name = "np.maximum({0}, {1})" if isinstance(node, sp.Max) else "np.minimum({0}, {1})"
        result = value(node.args[0])
        for other in node.args[1:]:
            result = program.emit(name, result, value(other))
        return result
    template = _FUNCTIONS.get(type(node))
    if template is None:
        raise UnsupportedError(f"compile_numpy: no NumPy code for {type(node).__name__}")
    return program.emit(template, value(node.args[0]))


def signed(program: Program, term: Any, value: Callable[[Any], int]) -> tuple[int, int]:
    """A term as its sign and the value without it."""
    if not isinstance(term, sp.Mul):
        return 1, value(term)
    coefficient, factors = term.as_coeff_mul()
    sign = -1 if coefficient.is_negative else 1
    above = [program.emit(literal(abs(coefficient)))] if abs(coefficient) != 1 else []
    below: list[int] = []
    for factor in factors:
        if isinstance(factor, sp.Pow) and factor.exp.is_Number and factor.exp < 0:
            below.append(power(program, value(factor.base), -factor.exp, value))
        else:
            above.append(value(factor))
    result = above[0] if above else program.emit("1")
    for number in above[1:]:
        result = program.emit("({0} * {1})", result, number)
    for number in below:
        result = program.emit("({0} / {1})", result, number)
    return sign, result


def entrywise(program: Program, function: sp.Lambda, argument: int) -> int:
    """The body of a Lambda on an array; its parts are shared with all that is computed from that array."""
    (variable,) = function.variables

    def value(node: Any) -> int:
        return argument if node == variable else combine(program, node, value)

    return value(function.expr)


def named(program: Program, function: Any, argument: int) -> int:
    """A SymPy function on an array."""
    if function not in _FUNCTIONS:
        raise UnsupportedError(f"compile_numpy: no NumPy code for {function}")
    return program.emit(_FUNCTIONS[function], argument)
