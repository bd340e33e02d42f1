"""What scripts do to a value: entries, transposes, powers, inverses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.atoms import elementwise
from cnnsym.latex.arithmetic import as_scalar, power, transpose
from cnnsym.latex.functions import is_transpose, primes
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.symbols import entry
from cnnsym.latex.syntax import Command, Group, Name, Script, Sum
from cnnsym.sizes import same_size


def with_scripts(reading: Reading, value: Any, scripts: Sequence[Script], at: int) -> Any:
    """The entry that a subscript names, then powers and transposes in the order written."""
    below = [s for s in scripts if s.kind == "_"]
    above = [s for s in scripts if s.kind != "_"]
    if len(below) > 1:
        raise reading.error("expected one subscript", below[1].at)
    if below:
        if above and is_matrix(value) and not any(same_size(s, 1) for s in value.shape):
            if any(is_transpose(s) or primes(s) or _is_inverse(s) for s in above):
                raise reading.error("ambiguous: expected parentheses, as in (A^{\\top})_{ij}", below[0].at)
        value = entry(reading, value, below[0].items, below[0].at)
    for script in above:
        value = _raised(reading, value, script)
    return value


def _raised(reading: Reading, value: Any, script: Script) -> Any:
    if is_transpose(script) and (
        is_matrix(value) or not isinstance(script.items[0], Name) or not reading.scope.knows("T")
    ):
        return transpose(value)
    if count := primes(script):
        if not is_matrix(value):
            raise reading.error(
                "a prime transposes a matrix or derives a declared function; this is a scalar", script.at
            )
        return transpose(value) if count % 2 else value
    if len(script.items) != 1:
        raise reading.error("expected one exponent", script.at)
    (item,) = script.items
    if isinstance(item, Sum) and item.signs == ("-",) and is_transpose(Script(0, "^", item.terms)):
        return transpose(power(reading, value, sp.Integer(-1), script.at))
    if isinstance(item, Group) and item.kind == "(" and is_matrix(value):
        raise reading.error("a superscript in parentheses is part of a name, and no such name is declared", script.at)
    if isinstance(item, Command) and item.text in ("*", "\\ast"):
        return _starred(reading, value, script)
    if isinstance(item, Command):
        raise reading.error(f"{item.text} is not supported as an exponent", script.at)
    exponent = as_scalar(reading, reading.value(item), item.at, "exponent")
    if script.kind in ("^\\circ", "^\\odot") and is_matrix(value):
        variable = sp.Symbol("t", real=True)
        return elementwise(sp.Lambda(variable, variable**exponent))(value)
    return power(reading, value, exponent, script.at)


def _starred(reading: Reading, value: Any, script: Script) -> Any:
    """A complex conjugate. Where nothing is complex, a star is part of a name, and no such name is declared."""
    if sp.I in reading.scope.objects.values() and not is_matrix(value):
        conjugate = sp.conjugate(as_scalar(reading, value, script.at, "conjugate"))
        if conjugate != value:
            return conjugate
    raise reading.error("a star makes another name of this, and no such name is declared", script.at)


def _is_inverse(script: Script) -> bool:
    item = script.items[0] if len(script.items) == 1 else None
    return isinstance(item, Sum) and item.signs == ("-",)
