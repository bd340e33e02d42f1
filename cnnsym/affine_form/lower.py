"""From SymPy expressions to forms: what each operation means, entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.affine_form.conditions import between, bracket, cases
from cnnsym.affine_form.nested import Registry
from cnnsym.affine_form.term import (
    ONE,
    Constraint,
    Factor,
    Form,
    Term,
    expanded,
    fresh,
    guarded,
    over,
    scaled,
    times,
    variable,
)
from cnnsym.atoms import EntryValue, Indicator, Maximum, grids, relu, sigmoid, step
from cnnsym.errors import UnsupportedError

FUNCTIONS = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.erf, sp.Abs, sp.sign, relu, sigmoid, step)
HIGHEST_POWER = 12


class Lowering:
    """One statement's way to affine form. `registry` knows which nested forms are equal."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def scalar(self, e: Any) -> Form:
        """The form of a scalar expression without declared indices."""
        self.registry.clock.look()
        rule = RULES.get(e.func)
        if rule is not None:
            return rule(self, e)
        if e.is_Rational or e is sp.pi or e is sp.I:
            return scaled(ONE, e) if e != 0 else []
        if e.is_Symbol:
            return scaled(ONE, e)
        if e.func in FUNCTIONS:
            return self._function(e)
        if e.is_Float:
            raise UnsupportedError(f"the inexact number {e}; write it as a fraction")
        if e.is_Boolean:
            return bracket(e)
        raise UnsupportedError(f"{e.func.__name__} has no affine form")

    def _function(self, e: Any) -> Form:
        return self.registry.factor(("function", e.func.__name__), self.scalar(e.args[0]))

    def _sum_of(self, e: Any) -> Form:
        return [t for a in e.args for t in self.scalar(a)]

    def _product_of(self, e: Any) -> Form:
        return times(*(self.scalar(a) for a in e.args))

    def _power(self, e: Any) -> Form:
        base, exponent = e.base, e.exp
        if base.is_negative and base.is_Rational and exponent.is_integer is False:
            raise UnsupportedError(f"the complex number {e}; write it as an exponential")
        if base == -1 and exponent.is_integer:  # (-1)^e = e^(2 pi i e/2)
            return [replace(case, phase=case.phase + value / 2) for value, case in cases(exponent)]
        form = self.scalar(base)
        if exponent.is_Integer and 0 < exponent <= HIGHEST_POWER:
            return times(*([fresh(t) for t in form] for _ in range(int(exponent))))
        if base.is_Symbol or base.is_Rational:
            if exponent.is_Rational or (exponent.is_integer and base.is_positive):
                return scaled(ONE, e)
            raise UnsupportedError(f"the power {e}")
        if len(form) == 1 and not (form[0].factors or form[0].variables or form[0].guard or form[0].phase):
            return scaled(ONE, form[0].coefficient**exponent)
        if exponent.is_Rational:
            # As a function of its base: x^-1 for one base is one function, wherever it is defined.
            return self.registry.factor(("power", str(exponent)), form)
        raise UnsupportedError(f"the power {e}")

    def _exponential(self, e: Any) -> Form:
        turns = _turns(e.args[0])
        return self._function(e) if turns is None else turns

    def _cosine(self, e: Any) -> Form:
        up, down = (_turns(sign * sp.I * e.args[0]) for sign in (1, -1))
        if up is None or down is None:
            return self._function(e)
        if isinstance(e, sp.cos):
            return scaled(up, sp.Rational(1, 2)) + scaled(down, sp.Rational(1, 2))
        return scaled(up, -sp.I / 2) + scaled(down, sp.I / 2)

    def _summation(self, e: Any) -> Form:
        body, limits = e.function, list(e.limits)
        outer: list[tuple[Any, Any, Any]] = []
        while limits:  # the last is the outermost
            v, *bounds = limits.pop()
            if len(bounds) != 2:
                raise UnsupportedError(f"a sum over {v} without limits")
            own = variable()
            outer.append((own, *bounds))
            # The name is bound in the summand and in the limits of inner sums, and nowhere else.
            body = body.xreplace({v: own})
            limits = [(w, *(sp.sympify(b).xreplace({v: own}) for b in bs)) for w, *bs in limits]
        form = self.scalar(body)
        for own, low, high in reversed(outer):
            form = over(times(form, between(own, low, high)), own)
        return form

    def _maximum(self, e: Any) -> Form:
        """The largest value over a range: a factor whose parameter is the set of its arguments."""
        body, limits = e.function, list(e.limits)
        domain = [Term()]
        while limits:
            v, low, high = limits.pop()
            own = variable()
            body = body.xreplace({v: own})
            limits = [(w, *(sp.sympify(b).xreplace({v: own}) for b in bs)) for w, *bs in limits]
            domain = over(times(domain, between(own, low, high)), own)
        if len(domain) != 1:
            raise UnsupportedError("a maximum over a range that is a union of ranges")
        return self.registry.maximum(self.scalar(body), domain[0])

    def _entry(self, e: Any) -> Form:
        base = e.base
        if base.shape is None:
            raise UnsupportedError(f"the array {base} has no shape")
        form: Form = [Term()]
        slots, periods = [], []
        for index, length, grid in zip(e.indices, base.shape, grids(base), strict=True):
            if grid == "circular" and isinstance(index, sp.Mod) and index.args[1] == length:
                index = index.args[0]  # read modulo the length anyway
            options = cases(index)
            if len(options) != 1:
                raise UnsupportedError(f"the index {index}, which distinguishes cases")
            value, case = options[0]
            if grid == "zero":
                case = guarded([case], [Constraint(value), Constraint(expanded(length - 1 - value))])[0]
            form = times(form, [case])
            slots.append(value)
            periods.append(length if grid == "circular" else None)
        factor = Factor(("array", base), tuple(slots), tuple(periods))
        return [replace(t, factors=(*t.factors, factor)) for t in form]

    def _element(self, e: Any) -> Form:
        matrix, *place = e.args
        if isinstance(matrix, sp.FunctionMatrix):
            return self.scalar(matrix.lamda(*place))
        if not isinstance(matrix, sp.MatrixSymbol):
            raise UnsupportedError(f"an entry of {type(matrix).__name__}")
        return self._entry(sp.IndexedBase(matrix.name, shape=matrix.shape)[tuple(place)])

    def _kronecker(self, e: Any) -> Form:
        if len(e.args) > 2:
            raise UnsupportedError(f"a Kronecker delta with a range, {e}; write the range as a bracket")
        return bracket(sp.Eq(e.args[0], e.args[1], evaluate=False))

    def _piecewise(self, e: Any) -> Form:
        found: Form = []
        rest: Form = ONE
        for value, condition in e.args:
            here = bracket(condition)
            found += times([fresh(t) for t in rest], here, self.scalar(value))
            rest = times(rest, [Term(), *scaled([fresh(t) for t in here], -1)])
        return found

    def _bracket(self, e: Any) -> Form:
        return bracket(e.condition)

    def _integer(self, e: Any) -> Form:
        return [replace(case, coefficient=value) for value, case in cases(e)]

    def _extremum(self, e: Any) -> Form:
        if all(s.is_integer for s in e.free_symbols) and e.is_integer:
            return self._integer(e)
        raise UnsupportedError(f"{e}: a maximum of real numbers")

    def _absolute(self, e: Any) -> Form:
        a = e.args[0]
        return self._integer(e) if a.is_integer and not a.has(sp.Indexed) else self._function(e)

    def _value(self, e: Any) -> Form:
        function, argument = e.args
        if not function.is_abstract:
            return self.scalar(function.value(argument))
        return self.registry.factor(("entrywise", function.label, function.order), self.scalar(argument))

    def _conjugate(self, e: Any) -> Form:
        # Entries and values of functions are real, and so is every power and logarithm where it is defined at all.
        labels = {base.label for base in e.atoms(sp.IndexedBase)}
        for s in sorted(e.free_symbols, key=str):
            if s.is_Symbol and s not in labels and not s.is_real:
                raise UnsupportedError(f"a conjugate or a real part of {s}, which is not declared real")
        return self.scalar(e.args[0].xreplace({sp.I: -sp.I}))

    def _real_part(self, e: Any) -> Form:
        both = self.scalar(e.args[0]), self._conjugate(e)
        return [t for form in both for t in scaled(form, sp.Rational(1, 2))]


def _turns(exponent: Any) -> Form | None:
    """e^exponent as a phase where the exponent is 2 pi i times a rational function of integers with a plain denominator."""
    phase = sp.cancel(exponent / (2 * sp.pi * sp.I))
    above, below = sp.fraction(sp.together(phase))
    if phase.has(sp.I, sp.pi, sp.Float) or not all(s.is_integer for s in phase.free_symbols) or phase.has(sp.Indexed):
        return None
    if not (above.is_polynomial() and (below.is_positive or below.is_Integer)):
        return None
    return [Term(phase=sp.expand(phase))]


Rule = Callable[[Lowering, Any], Form]

RULES: dict[Any, Rule] = {
    sp.Add: Lowering._sum_of,
    sp.Mul: Lowering._product_of,
    sp.Pow: Lowering._power,
    sp.exp: Lowering._exponential,
    sp.cos: Lowering._cosine,
    sp.sin: Lowering._cosine,
    sp.Sum: Lowering._summation,
    Maximum: Lowering._maximum,
    sp.Indexed: Lowering._entry,
    MatrixElement: Lowering._element,
    sp.KroneckerDelta: Lowering._kronecker,
    sp.Piecewise: Lowering._piecewise,
    Indicator: Lowering._bracket,
    sp.floor: Lowering._integer,
    sp.ceiling: Lowering._integer,
    sp.Mod: Lowering._integer,
    sp.Max: Lowering._extremum,
    sp.Min: Lowering._extremum,
    sp.Abs: Lowering._absolute,
    EntryValue: Lowering._value,
    sp.conjugate: Lowering._conjugate,
    sp.re: Lowering._real_part,
}
