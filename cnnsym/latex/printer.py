"""SymPy expressions in the notation of the notes, such that reading them back gives the same expression.

`from_latex(to_latex(e), context) == e` holds for a context that declares the symbols of `e`. SymPy's own spellings of our
atoms (`HadamardProduct`, `KroneckerProduct`, `DiagMatrix`, ...) are printed alike and so are read back as our atoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sympy as sp
from sympy.printing.latex import LatexPrinter

from cnnsym.atoms import EntryFunction, Vec
from cnnsym.dims import same_size
from cnnsym.errors import UnsupportedError
from cnnsym.latex.names import base_latex, name_latex
from cnnsym.latex.vocabulary import ENTRY_FUNCTIONS, FUNCTIONS

_SPELT: Final = {function: name for name, function in reversed(ENTRY_FUNCTIONS.items())}
_SUM, _TERM, _PRODUCT, _FACTOR, _ATOM = range(5)


def to_latex(expr: Any) -> str:
    """The LaTeX of an expression, in the notation of the notes. Raises UnsupportedError for what has no notation.

    >>> import cnnsym.atoms as a
    >>> from cnnsym.dims import dims
    >>> m, n = dims("m n")
    >>> print(to_latex(a.matrix("W_{i+1}", m, n).T * a.vector("s", m)))
    W_{i+1}^{\\top} \\boldsymbol{s}
    """
    return NotePrinter().doprint(sp.sympify(expr))


class NotePrinter(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer for scalars, with everything on arrays written as the notes write it."""

    def __init__(self) -> None:
        super().__init__({"inv_trig_style": "full", "order": None})

    def doprint(self, expr: Any) -> str:
        for part in sp.preorder_traversal(expr):
            if isinstance(part, sp.Function) and part.func not in _SPELT and not isinstance(part, _SCALAR_FUNCTIONS):
                return self.emptyPrinter(part)
            if isinstance(part, _REFUSED):
                return self.emptyPrinter(part)
        return str(super().doprint(expr))

    def emptyPrinter(self, expr: Any) -> str:  # noqa: N802 - named by SymPy
        raise UnsupportedError(f"to_latex: there is no notation for {type(expr).__name__} {expr}")

    # How tightly a printed form holds together.

    def _level(self, expr: Any) -> int:
        match expr:
            case sp.MatAdd() | sp.Add():
                return _SUM
            case sp.MatMul() | sp.Mul():
                return _SUM if expr.could_extract_minus_sign() else _PRODUCT
            case sp.Sum() | sp.Product():
                return _SUM
            case sp.HadamardProduct() | sp.KroneckerProduct():
                return _TERM
        name = type(expr).__name__
        if name in ("Hadamard", "Kron"):
            return _TERM
        if expr.is_number and (expr.could_extract_minus_sign() or not expr.is_Integer):
            return _SUM if expr.could_extract_minus_sign() else _FACTOR
        if isinstance(expr, (sp.MatrixSymbol, sp.Identity, sp.Symbol)) or name in ("Commutation", "Indexed"):
            return _ATOM
        return _FACTOR

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

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:  # noqa: N802
        return name_latex(expr.name)

    def _print_Dummy(self, expr: Any) -> str:  # noqa: N802
        return name_latex(expr.name)

    def _print_Idx(self, expr: Any) -> str:  # noqa: N802
        return name_latex(str(expr.label))

    def _print_MatrixSymbol(self, expr: Any) -> str:  # noqa: N802
        return name_latex(expr.name, bold=same_size(expr.shape[1], 1))

    def _print_IndexedBase(self, expr: Any) -> str:  # noqa: N802
        return name_latex(str(expr.label))

    def _print_Indexed(self, expr: Any) -> str:  # noqa: N802
        name = name_latex(str(expr.base.label))
        name = f"\\left({name}\\right)" if "_{" in name else name
        return name + "_{" + ", ".join(self._print(index) for index in expr.indices) + "}"

    def _print_Identity(self, expr: Any) -> str:  # noqa: N802
        return f"I_{{{self._print(expr.shape[0])}}}"

    def _print_OneMatrix(self, expr: Any) -> str:  # noqa: N802
        return self._constant("1", expr)

    def _print_ZeroMatrix(self, expr: Any) -> str:  # noqa: N802
        return self._constant("0", expr)

    def _constant(self, digit: str, expr: Any) -> str:
        rows, cols = expr.shape
        sizes = [rows] if cols == 1 else [rows, cols]
        return f"\\boldsymbol{{{digit}}}_{{{', '.join(self._print(s) for s in sizes)}}}"

    def _print_Basis(self, expr: Any) -> str:  # noqa: N802
        return f"\\boldsymbol{{e}}_{{{self._print(expr.args[0])}}}^{{({self._print(expr.args[1])})}}"

    def _print_Commutation(self, expr: Any) -> str:  # noqa: N802
        return f"K_{{{self._print(expr.args[0])}, {self._print(expr.args[1])}}}"

    def _print_KroneckerDelta(self, expr: Any) -> str:  # noqa: N802
        return f"\\delta_{{{self._print(expr.args[0])}, {self._print(expr.args[1])}}}"

    # Arithmetic of matrices.

    def _print_MatAdd(self, expr: Any) -> str:  # noqa: N802
        text = ""
        for term in sorted(expr.args, key=_is_negative):  # a sum does not begin with a minus where it need not
            negative = _is_negative(term)
            shown = self._within(-term if negative else term, _TERM)
            text += (" - " if negative else " + " if text else "") + shown
        return text.strip()

    def _print_MatMul(self, expr: Any) -> str:  # noqa: N802
        scalars = [a for a in expr.args if not a.is_Matrix]
        matrices = [a for a in expr.args if a.is_Matrix]
        coefficient = sp.Mul(*scalars)
        sign = ""
        if coefficient.could_extract_minus_sign():
            sign, coefficient = "- ", -coefficient
        shown = [] if coefficient == 1 else [self._within(coefficient, _PRODUCT)]
        shown += [self._within(m, _FACTOR) for m in matrices]
        return sign + " ".join(shown)

    def _print_MatPow(self, expr: Any) -> str:  # noqa: N802
        return f"{self._base(expr.args[0])}^{{{self._print(expr.args[1])}}}"

    def _print_Inverse(self, expr: Any) -> str:  # noqa: N802
        return f"{self._base(expr.args[0])}^{{-1}}"

    def _print_Transpose(self, expr: Any) -> str:  # noqa: N802
        return f"{self._base(expr.args[0])}^{{\\top}}"

    def _print_Hadamard(self, expr: Any) -> str:  # noqa: N802
        return " \\odot ".join(self._within(a, _PRODUCT) for a in expr.args)

    def _print_Kron(self, expr: Any) -> str:  # noqa: N802
        return " \\otimes ".join(self._within(a, _PRODUCT) for a in expr.args)

    _print_HadamardProduct = _print_Hadamard
    _print_KroneckerProduct = _print_Kron

    def _print_HadamardPower(self, expr: Any) -> str:  # noqa: N802
        return f"{self._base(expr.args[0])}^{{\\circ {self._within(expr.args[1], _PRODUCT)}}}"

    def _print_MatrixElement(self, expr: Any) -> str:  # noqa: N802
        array, *positions = expr.args
        if array.shape[1] == 1:
            positions = positions[:1]
        elif array.shape[0] == 1:
            positions = positions[1:]
        name = self._print(array)
        simple = isinstance(array, sp.MatrixSymbol) and "_{" not in name
        shown = ", ".join(self._print(position + 1) for position in positions)
        return f"{name if simple else self._base_always(array)}_{{{shown}}}"

    def _base_always(self, expr: Any) -> str:
        return f"\\left({self._print(expr)}\\right)"

    # Operations.

    def _print_Vec(self, expr: Any) -> str:  # noqa: N802
        return self._call("\\mathrm{vec}", expr.args[0])

    def _print_Unvec(self, expr: Any) -> str:  # noqa: N802
        x, rows, cols = expr.args
        return self._call(f"\\mathrm{{unvec}}_{{{self._print(rows)}, {self._print(cols)}}}", x)

    def _print_Diag(self, expr: Any) -> str:  # noqa: N802
        return f"\\mathrm{{diag}}\\{{{self._print(expr.args[0])}\\}}"

    _print_Diagonal = _print_DiagMatrix = _print_DiagonalMatrix = _print_DiagonalOf = _print_Diag

    def _print_Trace(self, expr: Any) -> str:  # noqa: N802
        return self._call("\\mathrm{tr}", expr.args[0])

    def _print_Determinant(self, expr: Any) -> str:  # noqa: N802
        return self._call("\\det", expr.args[0])

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

    def _print_Elementwise(self, expr: Any) -> str:  # noqa: N802
        return self._call(self._function(expr.args[0]), expr.args[1])

    def _print_EntryValue(self, expr: Any) -> str:  # noqa: N802
        return self._call(self._function(expr.args[0]), expr.args[1])

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:  # noqa: N802
        return self._call(self._function(EntryFunction(expr.function)), expr.expr)

    def _print_Function(self, expr: Any, exp: Any = None) -> str:  # noqa: N802
        if expr.func not in _SPELT or len(expr.args) != 1:
            return self.emptyPrinter(expr)
        text = self._call(self._spelt(expr.func), expr.args[0])
        return text if exp is None else f"\\left({text}\\right)^{{{exp}}}"

    _print_ExpBase = _print_exp = _print_log = _print_sign = _print_Function

    def _print_Exp1(self, expr: Any) -> str:  # noqa: N802
        return "\\exp\\left(1\\right)"

    def _print_floor(self, expr: Any, exp: Any = None) -> str:  # noqa: N802
        text = f"\\left\\lfloor {self._print(expr.args[0])}\\right\\rfloor"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _print_Mod(self, expr: Any, exp: Any = None) -> str:  # noqa: N802
        left, right = (self._within(a, _FACTOR) for a in expr.args)
        text = f"\\left({left} \\bmod {right}\\right)"
        return text if exp is None else f"{text}^{{{exp}}}"

    # Objectives and derivatives.

    def _print_ObjectiveValue(self, expr: Any) -> str:  # noqa: N802
        return self._call(name_latex(expr.function.label), *expr.arguments)

    def _print_ObjectiveGradient(self, expr: Any) -> str:  # noqa: N802
        below = "" if len(expr.arguments) == 1 else f"_{{{expr.position + 1}}}"
        return f"\\nabla{below} {self._call(name_latex(expr.function.label), *expr.arguments)}"

    def _print_ObjectiveHessian(self, expr: Any) -> str:  # noqa: N802
        below = "" if len(expr.arguments) == 1 else f"_{{{', '.join(str(p + 1) for p in expr.positions)}}}"
        return f"\\nabla^{{2}}{below} {self._call(name_latex(expr.function.label), *expr.arguments)}"

    def _print_Gradient(self, expr: Any) -> str:  # noqa: N802
        function, variable, point = expr.args
        operand = self._print(function) if type(function).__name__ == "ObjectiveValue" else self._base_always(function)
        return self._at(f"\\nabla_{{{self._print(variable)}}} {operand}", variable, point)

    def _print_Jacobian(self, expr: Any) -> str:  # noqa: N802
        function, variable, point = expr.args
        matrix = getattr(function, "is_Matrix", False)
        if matrix and (not same_size(function.shape[1], 1) or isinstance(function, Vec)):
            above = self._call("\\mathrm{vec}", function)
        else:
            above = self._print(function)
        if same_size(variable.shape[1], 1):
            below = f"{self._print(variable)}^{{\\top}}"
        else:
            below = self._call("\\mathrm{vec}^{\\top}", variable)
        return self._at(f"\\frac{{\\partial {self._grouped(above, function)}}}{{\\partial {below}}}", variable, point)

    def _grouped(self, text: str, function: Any) -> str:
        return f"\\left({text}\\right)" if self._level(function) <= _TERM else text

    def _at(self, text: str, variable: Any, point: Any) -> str:
        if point == variable:
            return text
        return f"\\left. {text} \\right|_{{{self._print(variable)} = {self._print(point)}}}"

    # Sums.

    def _print_Sum(self, expr: Any) -> str:  # noqa: N802
        return self._big("\\sum", expr)

    def _print_Product(self, expr: Any) -> str:  # noqa: N802
        return self._big("\\prod", expr)

    def _big(self, operator: str, expr: Any) -> str:
        text = ""
        for limits in reversed(expr.limits):
            if len(limits) != 3:
                raise UnsupportedError(f"to_latex: there is no notation for a sum without limits: {expr}")
            index, lower, upper = (self._print(part) for part in limits)
            text += f"{operator}_{{{index}={lower}}}^{{{upper}}} "
        return text + self._within(expr.function, _TERM)

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        if isinstance(expr, (sp.Sum, sp.Product)):
            return True
        return bool(super()._needs_mul_brackets(expr, first, last))

    def _print_tuple(self, expr: Sequence[Any]) -> str:
        return self.emptyPrinter(expr)


def _is_negative(term: Any) -> bool:
    coefficient = term.args[0] if isinstance(term, sp.MatMul) else sp.S.One
    return not coefficient.is_Matrix and bool(coefficient.could_extract_minus_sign())


_SCALAR_FUNCTIONS = (sp.Abs, sp.floor, sp.Mod, sp.KroneckerDelta)
_REFUSED = (
    type(sp.I),
    type(sp.oo),
    type(-sp.oo),
    type(sp.zoo),
    type(sp.nan),
    sp.Float,
    sp.Derivative,
    sp.Integral,
    sp.Subs,
    sp.logic.boolalg.BooleanFunction,
    sp.logic.boolalg.BooleanAtom,
    sp.core.relational.Relational,
)
_WORDS = frozenset({"relu", "sigmoid", "step", "sign", "erf"})
