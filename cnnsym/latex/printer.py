"""SymPy expressions in the notation of the notes, such that reading them back gives the same expression.

`from_latex(to_latex(e), context) == e` holds for a context that declares the symbols of `e`. SymPy's own spellings of our
atoms (`HadamardProduct`, `KroneckerProduct`, `DiagMatrix`, ...) are printed alike and so are read back as our atoms.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cnnsym.atoms import Vec
from cnnsym.latex.condition_printer import ConditionPrinter
from cnnsym.latex.names import name_latex
from cnnsym.latex.scalar_printer import FACTOR, PRODUCT, TERM
from cnnsym.sizes import same_size


def to_latex(expr: Any) -> str:
    """The LaTeX of an expression, in the notation of the notes. Raises UnsupportedError for what has no notation.

    >>> import cnnsym.atoms as a
    >>> from cnnsym.sizes import dims
    >>> m, n = dims("m n")
    >>> print(to_latex(a.matrix("W_{i+1}", m, n).T * a.vector("s", m)))
    W_{i+1}^{\\top} \\boldsymbol{s}
    """
    return NotePrinter().doprint(sp.sympify(expr))


class NotePrinter(ConditionPrinter):
    """Scalars and conditions as the printers below have them, and everything on arrays as the notes write it."""

    # Arithmetic of matrices.

    def _print_MatAdd(self, expr: Any) -> str:
        text = ""
        for term in sorted(expr.args, key=_is_negative):  # a sum does not begin with a minus where it need not
            negative = _is_negative(term)
            shown = self._within(-term if negative else term, TERM)
            text += (" - " if negative else " + " if text else "") + shown
        return text.strip()

    def _print_MatMul(self, expr: Any) -> str:
        scalars = [a for a in expr.args if not a.is_Matrix]
        matrices = [a for a in expr.args if a.is_Matrix]
        coefficient = sp.Mul(*scalars)
        sign = ""
        if coefficient.could_extract_minus_sign():
            sign, coefficient = "- ", -coefficient
        shown = [] if coefficient == 1 else [self._within(coefficient, PRODUCT)]
        shown += [self._within(m, FACTOR) for m in matrices]
        return sign + " ".join(shown)

    def _print_MatPow(self, expr: Any) -> str:
        return f"{self._base(expr.args[0])}^{{{self._print(expr.args[1])}}}"

    def _print_Inverse(self, expr: Any) -> str:
        return f"{self._base(expr.args[0])}^{{-1}}"

    def _print_Transpose(self, expr: Any) -> str:
        return f"{self._base(expr.args[0])}^{{\\top}}"

    def _print_Hadamard(self, expr: Any) -> str:
        return " \\odot ".join(self._within(a, PRODUCT) for a in expr.args)

    def _print_Kron(self, expr: Any) -> str:
        return " \\otimes ".join(self._within(a, PRODUCT) for a in expr.args)

    _print_HadamardProduct = _print_Hadamard
    _print_KroneckerProduct = _print_Kron

    def _print_HadamardPower(self, expr: Any) -> str:
        return f"{self._base(expr.args[0])}^{{\\circ {self._within(expr.args[1], PRODUCT)}}}"

    def _print_MatrixElement(self, expr: Any) -> str:
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

    def _print_Vec(self, expr: Any) -> str:
        return self._call("\\mathrm{vec}", expr.args[0])

    def _print_Unvec(self, expr: Any) -> str:
        x, rows, cols = expr.args
        return self._call(f"\\mathrm{{unvec}}_{{{self._print(rows)}, {self._print(cols)}}}", x)

    def _print_Diag(self, expr: Any) -> str:
        return f"\\mathrm{{diag}}\\{{{self._print(expr.args[0])}\\}}"

    _print_Diagonal = _print_DiagMatrix = _print_DiagonalMatrix = _print_DiagonalOf = _print_Diag

    def _print_Trace(self, expr: Any) -> str:
        return self._call("\\mathrm{tr}", expr.args[0])

    def _print_Determinant(self, expr: Any) -> str:
        return self._call("\\det", expr.args[0])

    # Objectives and derivatives.

    def _print_ObjectiveValue(self, expr: Any) -> str:
        return self._call(name_latex(expr.function.label), *expr.arguments)

    def _print_ObjectiveGradient(self, expr: Any) -> str:
        below = "" if len(expr.arguments) == 1 else f"_{{{expr.position + 1}}}"
        return f"\\nabla{below} {self._call(name_latex(expr.function.label), *expr.arguments)}"

    def _print_ObjectiveHessian(self, expr: Any) -> str:
        below = "" if len(expr.arguments) == 1 else f"_{{{', '.join(str(p + 1) for p in expr.positions)}}}"
        return f"\\nabla^{{2}}{below} {self._call(name_latex(expr.function.label), *expr.arguments)}"

    def _print_Gradient(self, expr: Any) -> str:
        function, variable, point = expr.args
        operand = self._print(function) if type(function).__name__ == "ObjectiveValue" else self._base_always(function)
        return self._at(f"\\nabla_{{{self._print(variable)}}} {operand}", variable, point)

    def _print_Jacobian(self, expr: Any) -> str:
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
        return f"\\left({text}\\right)" if self._level(function) <= TERM else text

    def _at(self, text: str, variable: Any, point: Any) -> str:
        if point == variable:
            return text
        return f"\\left. {text} \\right|_{{{self._print(variable)} = {self._print(point)}}}"


def _is_negative(term: Any) -> bool:
    coefficient = term.args[0] if isinstance(term, sp.MatMul) else sp.S.One
    return not coefficient.is_Matrix and bool(coefficient.could_extract_minus_sign())
