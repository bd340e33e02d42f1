"""The evaluator: an explicit stack, and each shared subexpression once for each set of bound values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.core.symbol import Str

from cnnsym.atoms import EntryFunction, ObjectiveFunction
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate import binder_rules, matrix_rules, scalar_rules
from cnnsym.evaluate.arithmetic import check_magnitude
from cnnsym.evaluate.array import LARGEST_ENTRIES, Mat, Value
from cnnsym.evaluate.binder_rules import BinderRule, Steps
from cnnsym.evaluate.point import Point, Scope
from cnnsym.evaluate.program import Node, Program
from cnnsym.evaluate.scalar_rules import Rule

_UNVALUED = (Str, EntryFunction, ObjectiveFunction, sp.Lambda, sp.core.function.UndefinedFunction, type)
_DIRECT: Mapping[Any, Rule] = {**scalar_rules.RULES, **matrix_rules.RULES}
_SMALL = 1 << 64
_MISSING: Any = object()
_QUICK_DEPTH = 4
_STEPS_BETWEEN_LOOKS_AT_THE_CLOCK = 512


class OutOfTime(LimitError):
    """The time that was given is used up."""


class Machine:
    """Evaluates nodes of one program; raises UnsupportedError at once if it holds an expression that no rule covers."""

    def __init__(self, program: Program) -> None:
        self._rules: list[tuple[Rule | None, BinderRule | None]] = [_rule(node) for node in program.nodes]

    def values(self, point: Point, deadline: float | None = None) -> Values:
        """An evaluation at a point; what it computes is kept."""
        return Values(self._rules, point, deadline)


class Values:
    """The values of the nodes of a program at one point."""

    def __init__(
        self, rules: list[tuple[Rule | None, BinderRule | None]], point: Point, deadline: float | None = None
    ) -> None:
        self._rules, self._point, self._deadline = rules, point, deadline
        self._known: dict[tuple[Any, ...], Value] = {}
        self.steps = 0

    def at(self, node: Node, scope: Scope) -> Value:
        """The value of a node under bound names; Undefined, ShapeError, LimitError or UnsupportedError where it has none."""
        known = self._known
        result = self._quick(node, scope)
        if result is not _MISSING:
            return result
        stack = [(_key(node, scope), self._start(node, scope))]
        result = None
        while stack:
            self._tick()
            key, steps = stack[-1]
            try:
                request, inner = steps.send(result)
            except StopIteration as done:
                result = known[key] = _checked(done.value)
                stack.pop()
                continue
            result = self._quick(request, inner)
            if result is _MISSING:
                stack.append((_key(request, inner), self._start(request, inner)))
                result = None
        return result

    def _quick(self, node: Node, scope: Scope, depth: int = _QUICK_DEPTH) -> Value:
        """The value if it is known or a few steps away, without generators: most of a sum's terms are so."""
        if node.is_leaf:
            if node in scope:
                return scope[node][0]
            value = self._point.values.get(node.expr)
            if value is not None:
                return value
        key = _key(node, scope)
        if key in self._known:
            return self._known[key]
        rule = self._rules[node.index][0]
        if rule is None or not depth:
            return _MISSING
        values = []
        for a in node.args:
            value = self._quick(a, scope, depth - 1)
            if value is _MISSING:
                return _MISSING
            values.append(value)
        self._tick()
        found = self._known[key] = _checked(rule(node, values, self._point))
        return found

    def _start(self, node: Node, scope: Scope) -> Steps:
        direct, binder = self._rules[node.index]
        if binder is not None:
            return binder(node, scope, self._point)
        return self._direct(node, scope, direct)

    def _direct(self, node: Node, scope: Scope, rule: Rule | None) -> Steps:
        if rule is None:
            return None
        values = []
        for a in node.args:
            values.append((yield a, scope))
        return rule(node, values, self._point)

    def _tick(self) -> None:
        self.steps += 1
        if self._deadline is not None and not self.steps % _STEPS_BETWEEN_LOOKS_AT_THE_CLOCK:
            if time.process_time() > self._deadline:
                raise OutOfTime("the time for exact evaluation is used up")


def _key(node: Node, scope: Scope) -> tuple[Any, ...]:
    names = node.names
    if not names:
        return (node.index,)
    if len(names) == 1:
        return (node.index, scope[names[0]][1] if names[0] in scope else None)
    return (node.index, *[scope[name][1] if name in scope else None for name in names])


def _checked(value: Value) -> Value:
    if value.__class__ is int and -_SMALL < value < _SMALL:
        return value
    if isinstance(value, Mat):
        if len(value.entries) > LARGEST_ENTRIES:
            raise LimitError(f"a matrix of shape {value.rows} x {value.cols} has more than {LARGEST_ENTRIES} entries")
        for x in value.entries:
            if x.__class__ is not int or not -_SMALL < x < _SMALL:
                check_magnitude(x)
    else:
        check_magnitude(value)
    return value


def _rule(node: Node) -> tuple[Rule | None, BinderRule | None]:
    expr = node.expr
    if isinstance(expr, _UNVALUED) or type(expr).__name__ == "ExprCondPair":
        return None, None
    for kind in type(expr).__mro__:
        if kind in binder_rules.RULES:
            return None, binder_rules.RULES[kind]
        if kind in _DIRECT:
            return _DIRECT[kind], None
    raise UnsupportedError(f"exact evaluation does not cover {type(expr).__name__}{'' if expr.args else f' {expr}'}")
