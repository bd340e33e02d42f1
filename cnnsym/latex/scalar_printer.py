"""The notation of scalars: symbols, functions, sums, and when parentheses are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sympy as sp
from sympy.core.sorting import default_sort_key
from sympy.printing.latex import LatexPrinter

from cnnsym.atoms import EntryFunction, Indicator, Maximum
from cnnsym.errors import UnsupportedError
from cnnsym.latex.names import base_latex, name_latex
from cnnsym.latex.vocabulary import ENTRY_FUNCTIONS, FUNCTIONS
from cnnsym.sizes import same_size

_SPELT: Final = {function: name for name, function in reversed(list(ENTRY_FUNCTIONS.items()))}
SUM, TERM, PRODUCT, FACTOR, ATOM = range(5)  # how tightly a printed form holds together
_SCALAR_FUNCTIONS = (
    sp.Abs,
    sp.floor,
    sp.ceiling,
    sp.Mod,
    sp.KroneckerDelta,
    sp.Max,
    sp.Min,
    sp.Piecewise,
    sp.conjugate,
)
_REFUSED = (
    type(sp.oo),
    type(-sp.oo),
    type(sp.zoo),
    type(sp.nan),
    sp.Float,
    sp.Integral,
    sp.Subs,
    sp.logic.boolalg.Xor,
    sp.logic.boolalg.ITE,
)
_WORDS = frozenset({"relu", "sigmoid", "step", "sign", "erf"})


class ScalarPrinter(LatexPrinter):
    """SymPy's printer, restricted to what the notes can read back."""

    def __init__(self) -> None:
        super().__init__({"inv_trig_style": "full", "order": None, "imaginary_unit": "ri"})

    def _print_Identity(self, expr: Any) -> str:
        return f"I_{{{self._print(expr.shape[0])}}}"

    def _print_OneMatrix(self, expr: Any) -> str:
        return self._constant("1", expr)

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return self._constant("0", expr)

    def _constant(self, digit: str, expr: Any) -> str:
        rows, cols = expr.shape
        sizes = [rows] if cols == 1 else [rows, cols]
        return f"\\boldsymbol{{{digit}}}_{{{', '.join(self._print(s) for s in sizes)}}}"

    def _print_Basis(self, expr: Any) -> str:
        return f"\\boldsymbol{{e}}_{{{self._print(expr.args[0])}}}^{{({self._print(expr.args[1])})}}"

    def _print_Commutation(self, expr: Any) -> str:
        return f"K_{{{self._print(expr.args[0])}, {self._print(expr.args[1])}}}"

    def _print_KroneckerDelta(self, expr: Any) -> str:
        return f"\\delta_{{{self._print(expr.args[0])}, {self._print(expr.args[1])}}}"

    def doprint(self, expr: Any) -> str:
        for part in _parts(expr):
            if isinstance(part, sp.Function) and part.func not in _SPELT and not isinstance(part, _SCALAR_FUNCTIONS):
                return self.emptyPrinter(part)
            if isinstance(part, _REFUSED):
                return self.emptyPrinter(part)
        return str(super().doprint(expr))

    def emptyPrinter(self, expr: Any) -> str:  # noqa: N802
        raise UnsupportedError(f"to_latex: there is no notation for {type(expr).__name__} {expr}")

    # How tightly a printed form holds together.

    def _level(self, expr: Any) -> int:
        match expr:
            case sp.MatAdd() | sp.Add():
                return SUM
            case sp.MatMul() | sp.Mul():
                return SUM if expr.could_extract_minus_sign() else PRODUCT
            case sp.Sum() | sp.Product() | Maximum() | sp.Limit():
                return SUM
            case sp.HadamardProduct() | sp.KroneckerProduct():
                return TERM
        name = type(expr).__name__
        if name in ("Hadamard", "Kron"):
            return TERM
        if expr.is_number and (expr.could_extract_minus_sign() or not expr.is_Integer):
            return SUM if expr.could_extract_minus_sign() else FACTOR
        if isinstance(expr, (sp.MatrixSymbol, sp.Identity, sp.Symbol)) or name in ("Commutation", "Indexed"):
            return ATOM
        return FACTOR

    def _within(self, expr: Any, level: int) -> str:
        """An operand, in parentheses unless it holds together at least as tightly as asked for."""
        text = self._print(expr)
        return text if self._level(expr) >= level else f"\\left({text}\\right)"

    def _base(self, expr: Any) -> str:
        """What scripts can be put to: a plain symbol, or anything in parentheses."""
        if isinstance(expr, sp.MatrixSymbol):
            return str(self._print(expr))
        return f"\\left({self._print(expr)}\\right)"

    def _call(self, name: str, *arguments: Any) -> str:
        return f"{name}\\left({', '.join(self._print(a) for a in arguments)}\\right)"

    # Symbols.

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        return name_latex(expr.name)

    def _print_Dummy(self, expr: Any) -> str:
        return name_latex(expr.name)

    def _print_Idx(self, expr: Any) -> str:
        return name_latex(str(expr.label))

    def _print_MatrixSymbol(self, expr: Any) -> str:
        return name_latex(expr.name, bold=same_size(expr.shape[1], 1))

    def _print_IndexedBase(self, expr: Any) -> str:
        return name_latex(str(expr.label))

    def _print_Indexed(self, expr: Any) -> str:
        name, indices = name_latex(str(expr.base.label)), ", ".join(self._print(index) for index in expr.indices)
        return f"{name}\\left[{indices}\\right]" if "_{" in name else f"{name}_{{{indices}}}"

    # Functions.

    def _function(self, function: EntryFunction) -> str:
        if function.is_abstract:
            order = function.order
            primes = " ".join(["\\prime"] * order)
            return name_latex(function.label) + (f"^{{{primes}}}" if order else "")
        given = function.args[0]
        if given in _SPELT:
            return self._spelt(given)
        (variable,) = given.variables
        return f"\\left({self._print(variable)} \\mapsto {self._print(given.expr)}\\right)"

    def _spelt(self, function: Any) -> str:
        name = _SPELT[function]
        return "\\" + name if "\\" + name in FUNCTIONS and name not in _WORDS else base_latex(name)

    def _print_Elementwise(self, expr: Any) -> str:
        return self._call(self._function(expr.args[0]), expr.args[1])

    def _print_EntryValue(self, expr: Any) -> str:
        return self._call(self._function(expr.args[0]), expr.args[1])

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        return self._call(self._function(EntryFunction(expr.function)), expr.expr)

    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if expr.func not in _SPELT or len(expr.args) != 1:
            return self.emptyPrinter(expr)
        text = self._call(self._spelt(expr.func), expr.args[0])
        return text if exp is None else f"\\left({text}\\right)^{{{exp}}}"

    _print_ExpBase = _print_exp = _print_log = _print_sign = _print_Function

    def _print_conjugate(self, expr: Any, exp: Any = None) -> str:
        text = self._call("\\operatorname{conj}", expr.args[0])
        return text if exp is None else f"\\left({text}\\right)^{{{exp}}}"

    def _print_Exp1(self, expr: Any) -> str:
        return "\\exp\\left(1\\right)"

    def _print_floor(self, expr: Any, exp: Any = None) -> str:
        text = f"\\left\\lfloor {self._print(expr.args[0])}\\right\\rfloor"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _print_ceiling(self, expr: Any, exp: Any = None) -> str:
        text = f"\\left\\lceil {self._print(expr.args[0])}\\right\\rceil"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _print_Max(self, expr: Any, exp: Any = None) -> str:
        text = self._call("\\max" if isinstance(expr, sp.Max) else "\\min", *sorted(expr.args, key=default_sort_key))
        return text if exp is None else f"\\left({text}\\right)^{{{exp}}}"

    _print_Min = _print_Max

    def _print_Mod(self, expr: Any, exp: Any = None) -> str:
        left, right = (self._within(a, FACTOR) for a in expr.args)
        text = f"\\left({left} \\bmod {right}\\right)"
        return text if exp is None else f"{text}^{{{exp}}}"

    # Sums.

    def _print_Sum(self, expr: Any) -> str:
        return self._big("\\sum", expr)

    def _print_Product(self, expr: Any) -> str:
        return self._big("\\prod", expr)

    def _print_Maximum(self, expr: Any) -> str:
        text = ""
        for limits in reversed(expr.limits):
            index, lower, upper = (self._print(part) for part in limits)
            text += f"\\max_{{{lower} \\le {index} \\le {upper}}} "
        return text + self._within(expr.function, TERM)

    def _print_Limit(self, expr: Any) -> str:
        function, variable, to, direction = expr.args
        if str(direction) != ("-" if to is sp.oo else "+" if to is -sp.oo else "+-"):
            return self.emptyPrinter(expr)
        return f"\\lim_{{{self._print(variable)} \\to {self._print(to)}}} {self._within(function, TERM)}"

    def _big(self, operator: str, expr: Any) -> str:
        text = ""
        for limits in reversed(expr.limits):
            if len(limits) != 3:
                raise UnsupportedError(f"to_latex: there is no notation for a sum without limits: {expr}")
            index, lower, upper = (self._print(part) for part in limits)
            text += f"{operator}_{{{index}={lower}}}^{{{upper}}} "
        return text + self._within(expr.function, TERM)

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        if isinstance(expr, (sp.Sum, sp.Product, Maximum, sp.Limit)):
            return True
        if isinstance(expr, Indicator):
            return False
        return bool(super()._needs_mul_brackets(expr, first, last))

    def _print_tuple(self, expr: Sequence[Any]) -> str:
        return self.emptyPrinter(expr)


def _parts(expr: Any) -> Iterator[Any]:
    """An expression and what it is made of, but for the infinite limits that a sum and a limit may have."""
    traversal = sp.preorder_traversal(expr)
    for part in traversal:
        yield part
        if isinstance(part, sp.IndexedBase):
            traversal.skip()
        elif isinstance(part, (sp.Sum, sp.Limit)):
            traversal.skip()
            inner = part.args[1:] if isinstance(part, sp.Limit) else [e for limits in part.limits for e in limits]
            for each in (part.args[0], *(e for e in inner if e not in (sp.oo, -sp.oo))):
                yield from _parts(each)
