"""LaTeX for the eye: what `to_latex` writes, and beyond it what only has to be read by people, not read back."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from cnnsym.atoms import ForAll
from cnnsym.claim import Limit, Method
from cnnsym.latex.printer import NotePrinter
from cnnsym.report.plain import IMPLICATIONS

_WIDTH = 260  # characters of LaTeX; a longer equation is broken before its relation


def shown(expr: Any) -> str:
    """The LaTeX of an expression; UnsupportedError where even for the eye there is no notation.

    >>> import sympy
    >>> m, n = sympy.symbols("m n", integer=True)
    >>> shown(sympy.Ne(m, n))
    'm \\\\ne n'
    """
    return _Printer().doprint(sp.sympify(expr))


def equation(left: Any, right: Any, method: Method, *, broken: bool = True) -> str:
    """What a link says in LaTeX: `left = right`, `hypotheses ⟹ conclusion`, `lim left = right`.

    Where it is long it stands on two lines, unless it must not be `broken`.
    """
    if isinstance(method, Limit):
        one = rf"\lim_{{{shown(method.variable)} \to {shown(method.to)}}} "
        one += _grouped(left, isinstance(left, sp.Add | sp.Sum | sp.Product))
        return _joined(one, "= ", shown(right), broken)
    if not isinstance(method, IMPLICATIONS):
        return _joined(shown(left), "= ", shown(right), broken)
    if left in (True, sp.true):
        return shown(right)
    hypotheses = _grouped(left, not isinstance(left, sp.Rel | sp.And | sp.Not))
    conclusion = _grouped(right, not isinstance(right, sp.Rel | sp.And | sp.Or | sp.Not | ForAll))
    return _joined(hypotheses, r"\implies ", conclusion, broken)


def _grouped(expr: Any, group: bool) -> str:
    return rf"\left({shown(expr)}\right)" if group else shown(expr)


def _joined(one: str, relation: str, other: str, broken: bool) -> str:
    if not broken or len(one) + len(other) <= _WIDTH:
        return f"{one} {relation}{other}"
    return rf"\begin{{aligned}}&{one}\\&\quad {relation}{other}\end{{aligned}}"


class _Printer(NotePrinter):
    def doprint(self, expr: Any) -> str:
        # Not NotePrinter's: it refuses relations and whatever else cannot be read back.
        return str(LatexPrinter.doprint(self, expr))

    def _helper_print_standard_power(self, expr: Any, template: str) -> str:
        base = self._print(expr.base)
        if isinstance(expr.base, sp.Indexed) and "^" in base:  # the power of an entry of x^{2d}: TeX takes no second superscript
            return template % (rf"\left({base}\right)", self._print(expr.exp))
        return str(super()._helper_print_standard_power(expr, template))

    def _print_FunctionMatrix(self, expr: Any) -> str:
        variables, function = expr.lamda.variables, expr.lamda.expr
        below = variables[:1] if expr.shape[1] == 1 else variables
        entry = _from_one(function.xreplace({v: v - 1 for v in variables}))  # on a page entries count from 1
        return rf"\left[{self._print(entry)}\right]_{{{', '.join(self._print(v) for v in below)}}}"

    def _print_BooleanTrue(self, _expr: Any) -> str:
        return r"\mathrm{true}"

    def _print_BooleanFalse(self, _expr: Any) -> str:
        return r"\mathrm{false}"


def _from_one(e: Any) -> Any:
    """Sums over the entries of matrices, which count from 0 in SymPy, counted from 1 as the entries themselves are."""
    swap = {}
    for total in e.atoms(sp.Sum):
        if total.function.atoms(sp.Indexed):
            continue
        body, limits = total.function, []
        for index, low, high in total.limits:
            body = body.xreplace({index: index - 1})
            limits.append((index, low + 1, high + 1))
        swap[total] = sp.Sum(body, *limits)
    return e.xreplace(swap)
