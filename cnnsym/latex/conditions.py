"""Conditions: relations and what joins them, as SymPy relations that stay as they are written.

SymPy decides some relations when they are made (`n >= 1` for a size). Here nothing is decided: what a formula says is kept.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from cnnsym.atoms import ForAll, elementwise, indicator, step
from cnnsym.latex.arithmetic import as_scalar, is_single
from cnnsym.latex.names import fresh
from cnnsym.latex.ranges import index_name, index_set
from cnnsym.latex.reading import Reading, is_matrix
from cnnsym.latex.syntax import (
    Cases,
    Command,
    Connective,
    Group,
    Name,
    Node,
    Product,
    Quantified,
    Relation,
    Sum,
    factors_of,
)

RELATIONS: dict[str, Any] = {
    "=": sp.Eq,
    "\\ne": sp.Ne,
    "\\neq": sp.Ne,
    "<": sp.Lt,
    "\\lt": sp.Lt,
    ">": sp.Gt,
    "\\gt": sp.Gt,
    "\\le": sp.Le,
    "\\leq": sp.Le,
    "\\leqslant": sp.Le,
    "\\ge": sp.Ge,
    "\\geq": sp.Ge,
    "\\geqslant": sp.Ge,
}
_JOINS: dict[str, Any] = {
    "IFF": sp.Equivalent,
    "IMPLIES": sp.Implies,
    "OR": sp.Or,
    "AND": sp.And,
    "NOT": sp.Not,
}


_KINDS: tuple[dict[str, bool], ...] = ({"integer": True}, {"real": True})  # what \\forall may range over
_WHOLE = ("=", "\\ne", "\\neq", "\\mid", "\\nmid", "\\equiv")  # complete in themselves
OTHER_RELATIONS = ("\\mid", "\\nmid", "\\equiv", "\\in", "\\notin")  # not between two numbers, or of three


def is_condition(node: Node) -> bool:
    """True for a relation or several joined, also in parentheses."""
    while isinstance(node, Group) and node.kind in "({" and len(node.items) == 1:
        node = node.items[0]
    return isinstance(node, (Relation, Connective, Quantified))


def in_brackets(node: Node) -> bool:
    """True for Iverson's bracket: conditions in square brackets."""
    return isinstance(node, Group) and node.kind == "[" and bool(node.items) and all(map(is_condition, node.items))


def condition(reading: Reading, node: Node) -> Any:
    """The SymPy condition that a tree states."""
    match node:
        case Connective():
            return joined(reading, node.kind, [condition(reading, part) for part in node.parts], node.at)
        case Relation():
            return _chain(reading, node)
        case Quantified():
            return _quantified(reading, node)
        case Group(kind="(" | "{", items=(only,)):
            return condition(reading, only)
    raise reading.error("expected a condition, such as 0 \\le n", node.at)


def joined(reading: Reading, kind: str, parts: list[Any], at: int) -> Any:
    """Conditions joined as `kind` says."""
    if kind in ("IFF", "IMPLIES"):
        if len(parts) != 2:
            raise reading.error("expected parentheses: more than two conditions are joined by arrows", at)
        return _JOINS[kind](*parts, evaluate=False)
    return _JOINS[kind](*parts, evaluate=False) if kind == "NOT" else _JOINS[kind](*parts)


def _chain(reading: Reading, node: Relation) -> Any:
    if str(node.operators[0]):
        raise reading.error(f"expected an expression before {node.operators[0]}", node.at)
    found = []
    for (left, right), operator in zip(pairwise(node.members), node.operators[1:], strict=True):
        found.append(stated(reading, str(operator), left, right, operator.start_pos or node.at))
    return found[0] if len(found) == 1 else sp.And(*found)


def _quantified(reading: Reading, node: Quantified) -> Any:
    """`\\forall i \\in \\{0, \\dots, n-1\\}: body`: for all integers, or all reals where the letter is declared a scalar."""
    items = node.over[0].items if len(node.over) == 1 and isinstance(node.over[0], Group) else node.over
    dummies: dict[str, Any] = {}
    bounded = []
    for item in items:
        part = item
        if isinstance(item, Relation):
            bounded.append(item)
            part = item.members[1 if len(item.members) == 3 else 0]
        name = index_name(reading, part)
        if name in dummies:
            raise reading.error("\\forall: expected different letters", part.at)
        declared = reading.scope.objects.get(name) if part is item else None
        said = getattr(declared, "assumptions0", {})
        kinds = [kind for kind in _KINDS if declared is None or said == sp.Dummy(**kind).assumptions0]
        if not kinds:
            raise reading.error(f"\\forall: {name} is declared, and neither as an integer nor as a scalar", part.at)
        dummies[name] = sp.Dummy(name, **kinds[0])
    inner = reading.binding(dummies)
    body = condition(inner, node.body)
    if bounded:
        body = sp.Implies(sp.And(*(condition(inner, item) for item in bounded)), body, evaluate=False)
    bound: list[Any] = []
    for name, dummy in dummies.items():
        taken = {s.name for s in body.atoms(sp.Symbol) if s != dummy} | {s.name for s in bound}
        bound.append(sp.Symbol(fresh(name, taken), **_KINDS[0 if dummy.is_integer else 1]))
        body = _swapped(body, {dummy: bound[-1]})
    return ForAll(tuple(bound), body)


def _swapped(e: Any, swap: dict[Any, Any]) -> Any:
    """A condition with other symbols; its relations stay undecided."""
    if isinstance(e, Relational):
        return e.func(*(a.xreplace(swap) for a in e.args), evaluate=False)
    if isinstance(e, ForAll):
        return ForAll(e.variables, _swapped(e.statement, swap))
    if isinstance(e, (sp.Not, sp.Implies, sp.Equivalent)):
        return e.func(*(_swapped(a, swap) for a in e.args), evaluate=False)
    return e.func(*(_swapped(a, swap) for a in e.args)) if isinstance(e, (sp.And, sp.Or)) else e


def stated(reading: Reading, operator: str, left: Node, right: Node, at: int) -> Any:
    """The relation between two expressions, not decided even where SymPy could."""
    if operator in ("\\in", "\\notin"):
        value = _integer(reading, left)
        lower, upper = index_set(reading, right)
        inside = [sp.Ge(value, lower, evaluate=False)] if lower is not -sp.oo else []
        inside += [sp.Le(value, upper, evaluate=False)] if upper is not sp.oo else []
        whole = sp.And(*inside)
        return whole if operator == "\\in" else sp.Not(whole, evaluate=False)
    if operator in ("\\mid", "\\nmid"):
        remainder = _divided(reading, reading.value(right), reading.value(left), left.at)
        return (sp.Eq if operator == "\\mid" else sp.Ne)(remainder, 0, evaluate=False)
    if operator == "\\equiv":
        return _congruent(reading, left, right, at)
    return compared(reading, operator, reading.value(left), reading.value(right), at)


def compared(reading: Reading, operator: str, left: Any, right: Any, at: int) -> Any:
    """A relation between two values."""
    if operator not in RELATIONS:
        raise reading.error(f"the relation {operator} is not supported here", at)
    left, right = (as_scalar(reading, side, at, f"relation {operator}") for side in (left, right))
    return RELATIONS[operator](left, right, evaluate=False)


def _integer(reading: Reading, node: Node) -> Any:
    value = reading.value(node)
    if is_matrix(value) or value.is_integer is not True:
        raise reading.error(f"expected an integer, got {value}", node.at)
    return value


def _divided(reading: Reading, value: Any, by: Any, at: int) -> Any:
    if any(is_matrix(v) or v.is_integer is not True for v in (value, by)):
        raise reading.error("divisibility: expected integers", at)
    if by.is_nonzero is not True:
        raise reading.error(f"divisibility by {by}, which may be 0: declare it as a size or a positive integer", at)
    return sp.Mod(value, by)


def _congruent(reading: Reading, left: Node, right: Node, at: int) -> Any:
    """`a \\equiv b \\pmod{n}`."""
    last = right.terms[-1] if isinstance(right, Sum) else right
    factors, operators = factors_of(last)
    if len(factors) < 3 or not (isinstance(factors[-2], Command) and factors[-2].text == "\\pmod"):
        raise reading.error("the relation \\equiv: expected \\pmod{n} at the end", at)
    value: Node = Product(last.at, factors[:-2], operators[:-2])
    if isinstance(right, Sum):
        value = Sum(right.at, right.signs, (*right.terms[:-1], value))
    modulus = reading.value(factors[-1])
    difference = reading.value(left) - reading.value(value)
    return sp.Eq(_divided(reading, difference, modulus, factors[-1].at), 0, evaluate=False)


def bracket(reading: Reading, group: Group) -> Any:
    """Iverson's bracket: 1 where all conditions in it hold, else 0; of a column or a matrix `[S > 0]`, entry by entry."""
    (only, *others) = group.items
    if not others and isinstance(only, Relation) and len(only.members) == 2 and str(only.operators[1]) in (">", "\\gt"):
        left, right = (reading.value(member) for member in only.members)
        if is_matrix(left) and not is_single(left) and right == 0:
            return elementwise(step)(left)
        return indicator(compared(reading, ">", left, right, only.at))
    if others and any(_open(item) for item in group.items):
        raise reading.error("ambiguous: expected \\land instead of the comma, or ranges such as 0 \\le a < n", group.at)
    return indicator(sp.And(*(condition(reading, item) for item in group.items)))


def _open(node: Node) -> bool:
    """True for a relation that what stands beyond a comma may continue, as in `0 \\le a, b < n`."""
    operators = [str(o) for o in node.operators[1:]] if isinstance(node, Relation) else []
    return not isinstance(node, Relation) or (len(operators) == 1 and operators[0] not in _WHOLE)


def continued(left: Node, right: Node) -> bool:
    """True where two formulas with a comma between them may be meant as one: `0 \\le a, b < n`."""
    if not isinstance(left, Relation) or not isinstance(right, Relation):
        return False
    if not (isinstance(left.members[-1], Name) and isinstance(right.members[0], Name)):
        return False
    return str(left.operators[-1]) not in _WHOLE and str(right.operators[1]) not in _WHOLE


def cases_value(reading: Reading, node: Cases) -> Any:
    """A case distinction; undefined where none of its conditions holds."""
    values = [as_scalar(reading, reading.value(value), value.at, "case") for value in node.values]
    conditions = [condition(reading, part) for part in node.conditions] + [sp.true]
    return sp.Piecewise(*zip(values, conditions, strict=False))


def without_cases(reading: Reading, value: Any, at: int) -> Any:
    """The value with Iverson brackets for its case distinctions, as it has to be within a sum.

    SymPy moves a Piecewise out of a sum although its condition may name the index of a sum inside.
    """
    while found := [p for p in value.atoms(sp.Piecewise) if not any(part.has(sp.Piecewise) for part in p.args)]:
        value = value.xreplace({p: _in_brackets(reading, p, at) for p in found})
    return value


def _in_brackets(reading: Reading, cases: Any, at: int) -> Any:
    total: Any = sp.S.Zero
    earlier: list[Any] = []
    for value, holds in cases.args:
        total += value * indicator(sp.And(holds, *(sp.Not(other, evaluate=False) for other in earlier)))
        earlier.append(holds)
    if cases.args[-1][1] != sp.true:
        raise reading.error("a case distinction within a sum needs an \\text{otherwise}", at)
    return total
