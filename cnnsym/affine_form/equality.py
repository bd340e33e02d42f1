"""When a form is zero for all sizes, all positions and all arrays; when two statements have the same form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.affine_form.arrange import Arranged, Skeleton, arranged
from cnnsym.affine_form.simplify import all_simplified
from cnnsym.affine_form.solver import Solver
from cnnsym.affine_form.term import Constraint, Form
from cnnsym.errors import UnsupportedError

Summand = tuple[Any, tuple[Constraint, ...]]


def vanishes(form: Form, solver: Solver) -> bool:
    """Whether the form is zero; False also where that stays undecided.

    Terms with one skeleton are one sum over the same points. It is zero when the coefficients whose guards hold add up to
    zero at each point.
    """
    groups: dict[Skeleton, list[Arranged]] = defaultdict(list)
    for term in all_simplified(form, solver):
        one = arranged(term, solver.clock)
        groups[one.skeleton].append(one)
    return all(_zero([a.alternatives[0] for a in group], solver) or _zero(_averaged(group), solver) for group in groups.values())


def _averaged(group: Sequence[Arranged]) -> list[Summand]:
    """Each term as the mean of its arrangements: what a symmetry of the skeleton exchanges is made equal."""
    return [(c / len(a.alternatives), guard) for a in group for c, guard in a.alternatives]


def _zero(summands: Sequence[Summand], solver: Solver) -> bool:
    classes: list[tuple[tuple[Constraint, ...], list[Any]]] = []
    for coefficient, guard in summands:
        solver.clock.look()
        for other, coefficients in classes:
            if guard == other or (solver.follows(guard, other) and solver.follows(other, guard)):
                coefficients.append(coefficient)
                break
        else:
            classes.append((guard, [coefficient]))
    left = [(total, guard) for guard, cs in classes if (total := _plain(sp.Add(*cs))) != 0]
    if not left:
        return True
    try:
        return solver.vanishes([(*map(sp.expand, sp.fraction(total)), guard) for total, guard in left])
    except UnsupportedError:
        return False


def _plain(e: Any) -> Any:
    """The expression in lowest terms: zero is 0."""
    e = sp.expand(e, power_exp=True)
    return e if e == 0 or e.is_Number else sp.cancel(sp.together(e))
