"""The notation of conditions, of what is made of them, and of derivatives by an entry of a signal."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.sorting import default_sort_key

from cnnsym.atoms import ForAll
from cnnsym.latex.scalar_printer import ScalarPrinter

_SIGNS = {"==": "=", "!=": "\\ne", "<": "<", "<=": "\\le", ">": ">", ">=": "\\ge"}
_JOINED = (sp.Equivalent, sp.Implies, sp.Or, sp.And)  # the loosest first


class ConditionPrinter(ScalarPrinter):
    """Relations, the words that join them, Iverson's bracket, case distinctions."""

    def _print_Relational(self, expr: Any) -> str:
        left, right = expr.args
        if isinstance(expr, (sp.Eq, sp.Ne)) and isinstance(left, sp.Mod) and right == 0 and left.args[1].is_nonzero:
            sign = "\\mid" if isinstance(expr, sp.Eq) else "\\nmid"
            return f"{self._print(left.args[1])} {sign} {self._print(left.args[0])}"
        return f"{self._print(left)} {_SIGNS[expr.rel_op]} {self._print(right)}"

    def _joined(self, sign: str, expr: Any, args: Any) -> str:
        """Parts that hold together less tightly, or alike where that matters, in parentheses."""
        rank = _JOINED.index(type(expr))
        texts = []
        for part in args:
            inner = next((k for k, kind in enumerate(_JOINED) if isinstance(part, kind)), len(_JOINED))
            grouped = inner <= max(rank, 1) or isinstance(part, (sp.Or, ForAll))
            texts.append(f"\\left({self._print(part)}\\right)" if grouped else self._print(part))
        return f" {sign} ".join(texts)

    def _print_And(self, expr: Any) -> str:
        return self._joined("\\land", expr, sorted(expr.args, key=default_sort_key))

    def _print_Or(self, expr: Any) -> str:
        return self._joined("\\lor", expr, sorted(expr.args, key=default_sort_key))

    def _print_Implies(self, expr: Any, altchar: Any = None) -> str:
        return self._joined("\\Rightarrow", expr, expr.args)

    def _print_Equivalent(self, expr: Any, altchar: Any = None) -> str:
        if len(expr.args) != 2:
            return self.emptyPrinter(expr)
        return self._joined("\\iff", expr, sorted(expr.args, key=default_sort_key))

    def _print_Not(self, expr: Any) -> str:
        return f"\\lnot \\left({self._print(expr.args[0])}\\right)"

    def _print_ForAll(self, expr: Any) -> str:
        names = ", ".join(self._print(variable) for variable in expr.variables)
        return f"\\forall {names}:\\; {self._print(expr.statement)}"

    def _print_BooleanTrue(self, expr: Any) -> str:
        return self.emptyPrinter(expr)

    _print_BooleanFalse = _print_BooleanTrue

    def _print_Indicator(self, expr: Any) -> str:
        return f"\\left[{self._print(expr.args[0])}\\right]"

    def _print_Piecewise(self, expr: Any) -> str:
        rows = []
        for value, condition in expr.args:
            words = "\\text{otherwise}" if condition == sp.true else f"\\text{{if }} {self._print(condition)}"
            rows.append(f"{self._print(value)} & {words}")
        return "\\begin{cases} " + " \\\\ ".join(rows) + " \\end{cases}"

    def _print_Derivative(self, expr: Any) -> str:
        text = f"\\left({self._print(expr.expr)}\\right)"
        for variable, count in expr.variable_count:
            if not isinstance(variable, sp.Indexed) or not count.is_Integer or count > 4:
                return self.emptyPrinter(expr)
            operator = f"\\frac{{\\partial}}{{\\partial {self._print(variable)}}}"
            for _ in range(int(count)):
                text = f"{operator} {text}" if text.startswith("\\left(") else f"{operator} \\left({text}\\right)"
        return text
