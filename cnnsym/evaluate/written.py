"""Numbers in writing: a rational as it is, an irrational one as an exact expression, never as a decimal."""

from __future__ import annotations

import sympy as sp

from cnnsym.errors import CnnsymError
from cnnsym.evaluate.arithmetic import Number, differ
from cnnsym.evaluate.enclosure import Enclosure, exact_expression
from cnnsym.evaluate.machine import Machine
from cnnsym.evaluate.point import Point
from cnnsym.evaluate.program import Program
from cnnsym.evaluate.table import Table
from cnnsym.evaluate.undefined import Undefined

_LONGEST = 200


def simplest(x: Number) -> sp.Expr:
    """The number as a short exact SymPy expression; rewritten forms count only where their enclosure meets that of `x`."""
    plain = exact_expression(x)
    if not isinstance(x, Enclosure) or sp.count_ops(plain) > _LONGEST:
        return plain
    expanded = sp.expand(plain)
    forms = [form for form in (plain, expanded, sp.radsimp(expanded)) if form is plain or _meets(form, x)]
    return min(forms, key=lambda form: (sp.count_ops(form), str(form)))


def written(x: Number) -> str:
    """The number as text."""
    return str(simplest(x))


def _meets(form: sp.Expr, x: Number) -> bool:
    program = Program()
    node = program.node(form)
    program.close()
    try:
        value = Machine(program).values(Point({}, Table("none"))).at(node, {})
    except (CnnsymError, Undefined):
        return False
    return differ(value, x) is not True
