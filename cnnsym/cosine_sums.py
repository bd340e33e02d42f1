"""Finite sums of cosines of symbolic length: the orthogonality of the discrete cosine transform.

A statement `Sum(...) = right` is split into cases that cover all values of its free indices. In each case every wave of the
summand is either constant, or has a frequency for which the telescoped closed form holds (`trigonometry.wave_sum`); which of
the two is a statement about integers, and goes to the solver. Both sides are then compared as trigonometric polynomials.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from cnnsym.errors import UnsupportedError
from cnnsym.expression import expression
from cnnsym.integers import prove_integers
from cnnsym.trigonometry import equal, wave_sum, waves

MAX_CASES = 16


def cosine_sum_holds(lhs: Any, rhs: Any, cases: Sequence[Any]) -> bool:
    """Whether `lhs = rhs`, a trigonometric sum over one index, in each of the cases, which must cover everything.

    A case is a relation between indices, or an And of such; an `Eq(a, b)` in it is used to replace `a` by `b`. False says
    that some case was not established; UnsupportedError says why.
    """
    if len(cases) > MAX_CASES:
        raise UnsupportedError(f"over {MAX_CASES} cases (the limit)")
    if prove_integers((), sp.Or(*cases)).name != "proved":
        raise UnsupportedError(f"the cases {list(map(str, cases))} are not known to cover all indices")
    return all(_holds(lhs, rhs, case) for case in cases)


def _holds(lhs: Any, rhs: Any, case: Any) -> bool:
    equations = [e for e in sp.And.make_args(case) if isinstance(e, sp.Eq)]
    # The solver sees the case; the expressions are simplified by it.
    swap = [{e.lhs: e.rhs} for e in equations]
    values = [_value(side, case, swap) for side in (lhs, rhs)]
    open_ = {d for value in values for d in value.atoms(sp.KroneckerDelta)}
    if open_:
        raise UnsupportedError(f"whether {min(map(str, open_))} is 0 or 1 where {case}")
    return equal(*values)


def _value(e: Any, case: Any, swap: list[dict[Any, Any]]) -> sp.Expr:
    e = sp.expand(expression(e))
    for d in e.atoms(sp.KroneckerDelta):
        e = e.xreplace({d: _delta(d, case)})
    for equation in swap * len(swap):  # a = b, b = 0 makes a 0, whichever comes first
        e = e.xreplace(equation)
    return e.xreplace({s: _sum(s, case) for s in e.atoms(sp.Sum)})


def _delta(d: Any, case: Any) -> sp.Expr:
    a, b = d.args[:2]
    for relation, value in ((sp.Eq(a, b), sp.S.One), (sp.Ne(a, b), sp.S.Zero)):
        if prove_integers((case,), relation).name == "proved":
            return value
    return d  # it may stand beside a factor that vanishes


def _sum(s: Any, case: Any) -> sp.Expr:
    if len(s.limits) != 1 or s.limits[0][1] != 0:
        raise UnsupportedError("a cosine sum over more than one index, or not from 0")
    index, _, high = s.limits[0]
    length = high + 1
    total: sp.Expr = sp.S.Zero
    for amplitude, slope, phase in waves(s.function, index):
        if slope == 0 or _is_zero(slope * length / sp.pi, case):
            # The frequency is 0 in this case, so the phase is taken at slope 0.
            if slope != 0:
                raise UnsupportedError(
                    f"the frequency {slope * length / sp.pi} vanishes; state the case as an equation"
                )
            total += amplitude * length * sp.cos(phase)
        elif _no_multiple(sp.expand(slope * length / sp.pi), 2 * length, case):
            total += amplitude * wave_sum(slope, phase, length)
        else:
            raise UnsupportedError(f"whether {slope * length / sp.pi} is a multiple of {2 * length} where {case}")
    return total


def _is_zero(frequency: Any, case: Any) -> bool:
    return prove_integers((case,), sp.Eq(sp.expand(frequency), 0)).name == "proved"


def _no_multiple(frequency: Any, of: Any, case: Any) -> bool:
    """`frequency` is no multiple of the even number `of`: it lies strictly between -of and of and is not 0, or it is odd.

    Both are linear in the indices, which a solver decides at once; `frequency = q*of` with unknown `q` is not.
    """
    between = sp.And(sp.Lt(-of, frequency), sp.Lt(frequency, of), sp.Ne(frequency, 0))
    odd = sp.Eq(sp.Mod(frequency, 2, evaluate=False), 1)
    return any(prove_integers((case,), statement).name == "proved" for statement in (between, odd))
