"""Equations written entry by entry, with sums over indices, as Python functions of NumPy arrays that stand on their own.

Nothing is vectorised: a sum is a loop over its range, an array is zero outside of its range or goes round, as the claim says.
So the code can be read beside the formula, and is slow on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter

from cnnsym.atoms import EntryFunction, apart, grids
from cnnsym.errors import UnsupportedError
from cnnsym.report.sympy_code import identifier

_HEAD = '''import numpy as np


def at(array, *index):
    """An entry; zero outside of the array."""
    inside = all(0 <= i < n for i, n in zip(index, array.shape, strict=True))
    return array[index] if inside else 0.0
'''
_TAKEN = frozenset({"at", "np", "array", "index", "sum", "max", "min", "abs", "range", "all", "zip", "math"})
_FUNCTIONS = {name: f"np.{name}" for name in ("exp", "log", "cos", "sin", "tan", "tanh")} | {"conjugate": "np.conj"}


def entry_source(members: Mapping[int, Any]) -> str:
    """Source with a function `side1`, `side2`, ... for each expression, by its number, of the same arguments.

    An array on an infinite grid is a function of its indices. UnsupportedError for what has no such code, such as a matrix.

    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> i, x = sp.Symbol("i", integer=True), sp.IndexedBase("x", shape=(n,))
    >>> print(entry_source({1: sp.Sum(x[i], (i, 0, n - 1))}).splitlines()[-3])
    def side1(x):
    """
    writer = _Writer()
    for one in _named(tuple(members.values())):  # before any bound name, so that these keep their letters
        writer.name(one)
    bodies = {k: writer.doprint(apart(member)) for k, member in members.items()}
    arrays = sorted(writer.arrays, key=str)
    shapes = _shapes(arrays, writer.name)
    own = sorted((s for s in writer.symbols if s not in shapes and s not in writer.bound), key=str)
    arguments = [writer.name(one) for one in (*arrays, *own, *writer.functions)]
    if not arguments:
        raise UnsupportedError("nothing to be given")
    parts = [_HEAD, "", *(f"# {writer.name(array)}: {_kind(array)}" for array in arrays)]
    for k, body in bodies.items():
        sizes = [(writer.name(s), place) for s, place in shapes.items() if s in writer.symbols]
        known = [f"    {name} = {place}" for name, place in sizes if re.search(rf"\b{name}\b", body)]
        parts += ["", f"def side{k}({', '.join(arguments)}):", *known, f"    return {body}", ""]
    source = "\n".join(parts).rstrip()
    return f"import math\n\n{source}" if "math." in source else source


def _named(members: tuple[Any, ...]) -> list[Any]:
    """Arrays, functions and free indices, and other letters that no array or index has."""
    found: list[Any] = []
    for kind in (sp.IndexedBase, EntryFunction, sp.Idx, sp.Symbol):
        every = set().union(*(m.atoms(kind) if kind is not sp.Symbol else m.free_symbols for m in members))
        letters = {str(one) for one in found}
        found += [one for one in sorted(every, key=str) if isinstance(one, kind) and str(one) not in letters]
    return found


def _kind(array: Any) -> str:
    if sp.oo in array.shape:
        return f"a function of {len(array.shape)} integer{'s' * (len(array.shape) > 1)}"
    return f"shape ({', '.join(map(str, array.shape))}{',' * (len(array.shape) == 1)})"


def _shapes(arrays: Iterable[Any], name: Callable[[Any], str]) -> dict[Any, str]:
    """The sizes that are the length of an axis, each with the code that reads it."""
    found: dict[Any, str] = {}
    for array in arrays:
        for axis, length in enumerate(array.shape):
            if isinstance(length, sp.Symbol) and sp.oo not in array.shape:
                found.setdefault(length, f"{name(array)}.shape[{axis}]")
    return found


class _Writer(PythonCodePrinter):
    """SymPy's printer of Python code, for what SymPy does not know; remembers what it names."""

    def __init__(self) -> None:
        super().__init__({"user_functions": _FUNCTIONS, "strict": True})
        self.arrays: set[Any] = set()
        self.symbols: set[Any] = set()
        self.bound: set[Any] = set()
        self.functions: list[Any] = []
        self._own_names: dict[Any, str] = {}

    def name(self, one: Any) -> str:
        """A name of its own for an array, a symbol or a function."""
        if one not in self._own_names:
            plain = identifier(str(one).replace("''", "_second").replace("'", "_prime").lstrip("_"))
            plain, k = f"{plain}_" if plain in _TAKEN else plain, 1
            while (own := plain if k == 1 else f"{plain}_{k}") in self._own_names.values():
                k += 1
            self._own_names[one] = own
        return self._own_names[one]

    def _whole(self, e: Any) -> str:
        """The text of an index or an end of a range, which must come out as an integer."""
        if not e.is_integer:
            raise UnsupportedError(f"{e} may be no integer")
        return self._print(e)

    def _over(self, e: Any) -> str:
        """The terms and their ranges; the last limit is the outermost, as the first `for` is."""
        ranges = []
        for v, first, last in reversed(e.limits):
            self.bound.add(v)
            ranges.append(f"for {self.name(v)} in range({self._whole(first)}, {self._whole(last + 1)})")
        return " ".join([self._print(e.function), *ranges])

    def _print_Symbol(self, e: Any) -> str:
        self.symbols.add(e)
        return self.name(e)

    _print_Dummy = _print_Idx = _print_Symbol

    def _print_Indexed(self, e: Any) -> str:
        base, axes = e.base, grids(e.base) if e.base.shape else ()
        self.arrays.add(base)
        places = [self._whole(index) for index in e.indices]
        if axes and set(axes) == {"infinite"}:
            return f"{self.name(base)}({', '.join(places)})"
        if "infinite" in axes or not axes:
            raise UnsupportedError("an array with and without an end")
        circular = [f"({text}) % {self.name(base)}.shape[{axis}]" for axis, text in enumerate(places)]
        chosen = [ring if grid == "circular" else text for grid, text, ring in zip(axes, places, circular, strict=True)]
        return f"at({', '.join([self.name(base), *chosen])})"

    def _print_Derivative(self, e: Any) -> str:
        raise UnsupportedError("no code for a derivative")

    def _print_Sum(self, e: Any) -> str:
        return f"sum({self._over(e)})"

    def _print_Maximum(self, e: Any) -> str:
        return f"max({self._over(e)})"

    def _print_Pow(self, e: Any, rational: bool = False) -> str:
        return self._hprint_Pow(e, rational=rational, sqrt="np.sqrt")

    def _print_floor(self, e: Any) -> str:
        """In integers, where SymPy's printer would divide floats."""
        over, under = sp.together(e.args[0]).as_numer_denom()
        if not (over.is_integer and under.is_integer):
            raise UnsupportedError(f"{e} is no quotient of integers")
        return f"({' // '.join(self.parenthesize(part, PRECEDENCE['Atom']) for part in (over, under))})"

    def _print_ceiling(self, e: Any) -> str:
        return f"(-{self._print_floor(sp.floor(-e.args[0], evaluate=False))})"

    def _print_Indicator(self, e: Any) -> str:
        return f"int({self._print(e.args[0])})"

    def _print_KroneckerDelta(self, e: Any) -> str:
        return f"int({self._print(e.args[0])} == {self._print(e.args[1])})"

    def _print_EntryValue(self, e: Any) -> str:
        function, argument = e.args
        if not function.is_abstract:
            raise UnsupportedError("no code for this function")
        if function not in self.functions:
            self.functions.append(function)
        return f"{self.name(function)}({self._print(argument)})"

    def _print_relu(self, e: Any) -> str:
        return f"max({self._print(e.args[0])}, 0)"

    def _print_sigmoid(self, e: Any) -> str:
        return f"(1/(1 + np.exp(-({self._print(e.args[0])}))))"
