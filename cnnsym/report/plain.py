"""Formulas in plain Unicode on one line, for the terminal: `diag(f'(s_i)) W_{i+1}ᵀ ∇J(s_{i+1})`.

To be read by people, not by programs: what a machine must understand is `cnnsym.latex`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import sympy as sp
from sympy.core.sorting import default_sort_key
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from cnnsym.atoms import ForAll
from cnnsym.claim import Entailment, Inequality, Integers, Limit, Method

_GREEK = re.compile(
    r"\\(var)?(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma"
    r"|tau|upsilon|phi|chi|psi|omega)(?![a-z])",
    re.IGNORECASE,
)
_FONT = re.compile(r"\\(?:boldsymbol|mathbf|mathrm|bm|vec|operatorname|mathcal)\s*(?:\{([^{}]*)\}|([A-Za-z]))")
_RELATIONS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}

IMPLICATIONS = (Integers, Entailment, Inequality)  # whose links are (hypotheses, conclusion)

# How tightly the operations bind that SymPy does not know, or knows otherwise.
_BETWEEN = (PRECEDENCE["Mul"] + PRECEDENCE["Pow"]) // 2
_LEVELS = {
    "MatAdd": PRECEDENCE["Add"],
    "MatMul": PRECEDENCE["Mul"],
    "Hadamard": PRECEDENCE["Mul"] - 1,
    "HadamardProduct": PRECEDENCE["Mul"] - 1,
    "Kron": PRECEDENCE["Mul"] - 1,
    "KroneckerProduct": PRECEDENCE["Mul"] - 1,
    "Gradient": _BETWEEN,
    "Jacobian": _BETWEEN,
    "ObjectiveGradient": _BETWEEN,
    "ObjectiveHessian": _BETWEEN,
    "Sum": PRECEDENCE["Add"],
    "Product": PRECEDENCE["Add"],
    "Maximum": PRECEDENCE["Add"],
}


def plain(expr: Any) -> str:
    """An expression in plain Unicode; a tuple of them separated by commas.

    >>> import cnnsym.atoms as atoms
    >>> import sympy
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> A, x = atoms.matrix("A", n, n), atoms.vector("x", n)
    >>> plain(atoms.diag(x) * A.T + atoms.kron(x, x.T))
    'diag(x) Aᵀ + x ⊗ xᵀ'
    """
    if isinstance(expr, (tuple, list)):
        return ", ".join(plain(item) for item in expr)
    try:
        return str(_Printer().doprint(expr)).replace("**", "^")
    except RecursionError:
        return "(an expression too deep to be shown)"


def plain_sides(left: Any, right: Any, method: Method) -> tuple[str, str, str]:
    """What a link says: before its sign, the sign, after it. Without hypotheses only the conclusion is left.

    >>> k = sp.Symbol("k", integer=True)
    >>> plain_sides(sp.true, sp.Ge(k, 0), Integers())
    ('', '', 'k ≥ 0')
    >>> plain_sides(1 + 1 / k, 1, Limit(k, sp.oo))
    ('lim_{k→∞} (1 + 1/k)', '=', '1')
    """
    if isinstance(method, Limit):
        body = f"({plain(left)})" if isinstance(left, sp.Add | sp.Sum | sp.Product) else plain(left)
        return f"lim_{{{plain(method.variable)}→{plain(method.to)}}} {body}", "=", plain(right)
    if isinstance(method, IMPLICATIONS):
        if left in (True, sp.true):
            return "", "", plain(right)
        return _grouped(left, sp.Rel | sp.And | sp.Not), "⟹", _grouped(right, sp.Rel | sp.And | sp.Or | sp.Not | ForAll)
    return plain(left), "=", plain(right)


def _grouped(statement: Any, clear: Any) -> str:
    """A side of an implication, in parentheses unless it is of a kind whose extent is clear there."""
    return plain(statement) if isinstance(statement, clear) else f"({plain(statement)})"


def plain_statement(left: Any, right: Any, method: Method) -> str:
    """What a link says, on one line: `left = right`, `hypotheses ⟹ conclusion`, `lim left = right`."""
    return " ".join(part for part in plain_sides(left, right, method) if part)


def plain_name(name: str) -> str:
    r"""A symbol's name without LaTeX commands: `\boldsymbol{z}_i` is `z_i`, `\sigma` is `σ`."""
    while (shorter := _FONT.sub(lambda m: m[1] or m[2] or "", name)) != name:
        name = shorter
    return _GREEK.sub(_greek, name).replace("\\", "")


def _greek(match: re.Match[str]) -> str:
    name = "lamda" if match[2].lower() == "lambda" else match[2]  # as Unicode spells it
    return unicodedata.lookup(f"GREEK {'CAPITAL' if name[0].isupper() else 'SMALL'} LETTER {name.upper()}")


class _Printer(StrPrinter):
    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        own = next((_LEVELS[c.__name__] for c in type(item).__mro__ if c.__name__ in _LEVELS), None)
        own = precedence(item) if own is None else own
        text: str = self._print(item)
        return f"({text})" if own < level or (not strict and own <= level) else text

    def _print_Symbol(self, expr: Any) -> str:
        return plain_name(expr.name)

    _print_MatrixSymbol = _print_Dummy = _print_Symbol

    def _print_Pi(self, _expr: Any) -> str:
        return "π"

    def _print_Infinity(self, _expr: Any) -> str:
        return "∞"

    def _print_IndexedBase(self, expr: Any) -> str:
        return plain_name(str(expr.label))

    def _print_Idx(self, expr: Any) -> str:
        return plain_name(str(expr.label))

    def _print_MatMul(self, expr: Any) -> str:
        coefficient, factors = expr.as_coeff_matrices()
        sign = "-" if coefficient.could_extract_minus_sign() else ""
        coefficient = -coefficient if sign else coefficient
        parts = [self.parenthesize(f, PRECEDENCE["Mul"], strict=True) for f in factors]
        if coefficient != 1:
            parts.insert(0, self.parenthesize(coefficient, PRECEDENCE["Mul"]))
        return sign + " ".join(parts)

    def _print_MatAdd(self, expr: Any) -> str:
        text = ""
        for term in expr.args:
            part = self.parenthesize(term, PRECEDENCE["Add"], strict=True)
            text += (" - " + part[1:] if part.startswith("-") else " + " + part) if text else part
        return text

    def _print_MatPow(self, expr: Any) -> str:
        return f"{self.parenthesize(expr.base, PRECEDENCE['Pow'])}^{self.parenthesize(expr.exp, PRECEDENCE['Pow'])}"

    def _print_Transpose(self, expr: Any) -> str:
        return self.parenthesize(expr.arg, PRECEDENCE["Pow"]) + "ᵀ"

    def _print_Inverse(self, expr: Any) -> str:
        return self.parenthesize(expr.arg, PRECEDENCE["Pow"]) + "⁻¹"

    def _infix(self, expr: Any, sign: str) -> str:
        return f" {sign} ".join(self.parenthesize(f, _BETWEEN, strict=True) for f in expr.args)

    def _print_Hadamard(self, expr: Any) -> str:
        return self._infix(expr, "⊙")

    _print_HadamardProduct = _print_Hadamard

    def _print_Kron(self, expr: Any) -> str:
        return self._infix(expr, "⊗")

    _print_KroneckerProduct = _print_Kron

    def _print_HadamardPower(self, expr: Any) -> str:
        return f"{self.parenthesize(expr.base, PRECEDENCE['Pow'])}^⊙{self.parenthesize(expr.exp, PRECEDENCE['Pow'])}"

    def _call(self, name: str, *arguments: Any) -> str:
        return f"{name}({', '.join(self._print(a) for a in arguments)})"

    def _print_Vec(self, expr: Any) -> str:
        return self._call("vec", *expr.args)

    def _print_Unvec(self, expr: Any) -> str:
        return self._call("unvec", *expr.args)

    def _print_Diag(self, expr: Any) -> str:
        return self._call("diag", *expr.args)

    _print_Diagonal = _print_DiagMatrix = _print_DiagonalOf = _print_DiagonalMatrix = _print_Diag

    def _print_Trace(self, expr: Any) -> str:
        return self._call("tr", *expr.args)

    def _print_Determinant(self, expr: Any) -> str:
        return self._call("det", *expr.args)

    def _print_KroneckerDelta(self, expr: Any) -> str:
        return self._call("δ", *expr.args[:2])

    def _print_Commutation(self, expr: Any) -> str:
        return f"K_{{{self.stringify(expr.args, ',')}}}"

    def _print_Basis(self, expr: Any) -> str:
        return f"e_{self._subscript(expr.args[0])}"

    def _print_Identity(self, expr: Any) -> str:
        return f"I_{self._subscript(expr.shape[0])}"

    def _print_OneMatrix(self, expr: Any) -> str:
        return f"1_{self._shape(expr)}"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return f"0_{self._shape(expr)}"

    def _print_EntryFunction(self, expr: Any) -> str:
        if expr.is_abstract:
            return plain_name(expr.label) + "'" * expr.order
        function = expr.scalar
        return f"({self._print(function)})" if isinstance(function, sp.Lambda) else str(function)

    def _print_Elementwise(self, expr: Any) -> str:
        return self._call(self._print(expr.args[0]), expr.args[1])

    _print_EntryValue = _print_Elementwise

    def _print_ElementwiseApplyFunction(self, expr: Any) -> str:
        function = expr.function
        named = isinstance(function, sp.Lambda) and function.expr.args == tuple(function.variables)
        return self._call(str(function.expr.func) if named else f"({self._print(function)})", expr.expr)

    def _print_Lambda(self, expr: Any) -> str:
        return f"{self.stringify(expr.variables, ', ')} ↦ {self._print(expr.expr)}"

    def _print_ObjectiveFunction(self, expr: Any) -> str:
        return plain_name(expr.label)

    def _print_ObjectiveValue(self, expr: Any) -> str:
        return self._call(self._print(expr.function), *expr.arguments)

    def _print_ObjectiveGradient(self, expr: Any) -> str:
        which = f"_{expr.position + 1}" if len(expr.arguments) > 1 else ""
        return self._call(f"∇{which}{self._print(expr.function)}", *expr.arguments)

    def _print_ObjectiveHessian(self, expr: Any) -> str:
        which = "_{{{},{}}}".format(*(k + 1 for k in expr.positions)) if len(expr.arguments) > 1 else ""
        return self._call(f"∇²{which}{self._print(expr.function)}", *expr.arguments)

    def _print_Gradient(self, expr: Any) -> str:
        function, variable, point = expr.args
        below = self._subscript(variable)
        return f"∇_{below} {self.parenthesize(function, PRECEDENCE['Pow'])}{self._at(variable, point)}"

    def _print_Jacobian(self, expr: Any) -> str:
        function, variable, point = expr.args
        below = self._print(variable) if variable.shape[1] == 1 else f"vec({self._print(variable)})"
        return f"∂{self.parenthesize(function, PRECEDENCE['Pow'])}/∂{below}ᵀ{self._at(variable, point)}"

    def _at(self, variable: Any, point: Any) -> str:
        return "" if point == variable else f"|_{{{self._print(variable)} = {self._print(point)}}}"

    def _print_MatrixElement(self, expr: Any) -> str:
        if expr.parent.shape == (1, 1):
            return self.parenthesize(expr.parent, PRECEDENCE["Atom"])
        i, j = (self._print(index + 1) for index in expr.indices)  # MatrixElement counts from 0, mathematics from 1
        matrix = self._print(expr.parent)
        simple = isinstance(expr.parent, sp.MatrixSymbol) and "_" not in matrix
        return f"{matrix if simple else f'({matrix})'}_{{{i if expr.parent.shape[1] == 1 else f'{i},{j}'}}}"

    def _print_FunctionMatrix(self, expr: Any) -> str:
        variables, function = expr.lamda.variables, expr.lamda.expr
        shown = variables[:1] if expr.shape[1] == 1 else variables
        entry = function.xreplace({v: v - 1 for v in variables})  # its variables count from 0 as well
        return f"[{self._print(entry)}]_{{{','.join(self._print(v) for v in shown)}}}"

    def _print_Sum(self, expr: Any) -> str:
        return self._binder("Σ", expr)

    def _print_Product(self, expr: Any) -> str:
        return self._binder("Π", expr)

    def _print_Maximum(self, expr: Any) -> str:
        return self._binder("max", expr)

    def _print_ForAll(self, expr: Any) -> str:
        return f"∀ {', '.join(map(self._print, expr.variables))}: {self._print(expr.statement)}"

    def _binder(self, sign: str, expr: Any) -> str:
        limits = [
            f"{sign}_{{{self._print(v)}={self._print(low)}}}^{{{self._print(high)}}}"
            for v, low, high in reversed(expr.limits)
        ]
        return f"{' '.join(limits)} {self.parenthesize(expr.function, PRECEDENCE['Mul'], strict=True)}"

    def _print_Relational(self, expr: Any) -> str:
        sign = _RELATIONS.get(expr.rel_op, expr.rel_op)
        return f"{self._print(expr.lhs)} {sign} {self._print(expr.rhs)}"

    def _logic(self, parts: Any, sign: str) -> str:
        shown = (self._print(a) if isinstance(a, sp.Rel | sp.Not) else f"({self._print(a)})" for a in parts)
        return f" {sign} ".join(shown)

    def _print_And(self, expr: Any) -> str:
        return self._logic(sorted(expr.args, key=default_sort_key), "∧")

    def _print_Or(self, expr: Any) -> str:
        return self._logic(sorted(expr.args, key=default_sort_key), "∨")

    def _print_Implies(self, expr: Any) -> str:
        return self._logic(expr.args, "⟹")

    def _print_Equivalent(self, expr: Any) -> str:
        return self._logic(sorted(expr.args, key=default_sort_key), "⟺")

    def _print_Not(self, expr: Any) -> str:
        return f"¬({self._print(expr.args[0])})"

    def _print_Indicator(self, expr: Any) -> str:
        return f"[{self._print(expr.condition)}]"

    def _print_floor(self, expr: Any) -> str:
        return f"⌊{self._print(expr.args[0])}⌋"

    def _print_ceiling(self, expr: Any) -> str:
        return f"⌈{self._print(expr.args[0])}⌉"

    def _print_Max(self, expr: Any) -> str:
        return self._call("max", *expr.args)

    def _print_Min(self, expr: Any) -> str:
        return self._call("min", *expr.args)

    def _print_MatrixBase(self, expr: Any) -> str:
        rows = (", ".join(self._print(x) for x in expr.row(i)) for i in range(expr.rows))
        return "[" + "; ".join(rows) + "]"

    _print_ImmutableMatrix = _print_ImmutableDenseMatrix = _print_MatrixBase

    def _subscript(self, expr: Any) -> str:
        text: str = self._print(expr)
        return text if len(text) == 1 else f"{{{text}}}"

    def _shape(self, expr: Any) -> str:
        rows, cols = expr.shape
        return self._subscript(rows) if cols == 1 else f"{{{self._print(rows)}×{self._print(cols)}}}"
