"""When two expressions have the same canonical index form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnnsym.errors import ShapeError
from cnnsym.index_form.canonical import TermKey, combine
from cnnsym.index_form.functions import reduced
from cnnsym.index_form.index import Index, Slot, resolve
from cnnsym.index_form.lower import Lowering
from cnnsym.index_form.rules import Lemma, Rules
from cnnsym.index_form.term import Form, indices, scaled, times
from cnnsym.sizes import same_shape, shape_text

MAX_CLEARED = 8  # different denominators multiplied out at the end,
MAX_CLEARED_TERMS = 300  # while there are at most so many terms


@dataclass(frozen=True)
class Difference:
    """The canonical form of `lhs - rhs`: equal when no term is left."""

    terms: tuple[tuple[Fraction, TermKey], ...]

    @property
    def is_zero(self) -> bool:
        return not self.terms


def difference(lhs: Any, rhs: Any, facts: tuple[Any, ...] = (), lemmas: tuple[Lemma, ...] = ()) -> Difference:
    """Lower both sides with one row and one column index, rewrite by what is known, and collect terms.

    Raises ShapeError where shapes disagree, UnsupportedError or LimitError where there is no index form.
    """
    lowering = Lowering(facts)
    rules = Rules(lowering.orthogonal, lemmas)
    shape = _shape(lhs)
    if not same_shape(shape, _shape(rhs)):
        raise ShapeError(f"equation: the left side is {shape_text(shape)}, the right side is {shape_text(_shape(rhs))}")
    lowering.prepare(lhs)
    lowering.prepare(rhs)
    row = () if shape[0] == 1 else (Index(shape[0], "row"),)
    col = () if shape[1] == 1 else (Index(shape[1], "column"),)
    form = _entry(lowering, lhs, row, col) + scaled(_entry(lowering, rhs, row, col), -1)
    total: dict[TermKey, Fraction] = {}
    watched = row + col + tuple(lowering.named.values())
    before: Slot | None = None
    while before != resolve(watched):
        before = resolve(watched)
        form = rules.apply(reduced(form))
    for _ in range(MAX_CLEARED):
        total = combine(form, _names(row + col, lowering))
        denominator = _denominator(form) if total else None
        if denominator is None or len(total) > MAX_CLEARED_TERMS:
            break
        form = rules.apply(reduced(times(form, denominator)))
    return Difference(tuple((total[key], key) for key in total))


def _shape(e: Any) -> tuple[Any, Any]:
    return e.shape if getattr(e, "is_Matrix", False) else (1, 1)


def _entry(lowering: Lowering, e: Any, row: Slot, col: Slot) -> Form:
    return lowering.matrix(e, row, col) if getattr(e, "is_Matrix", False) else lowering.scalar(e)


def _names(outer: Slot, lowering: Lowering) -> dict[Any, tuple[str, Any]]:
    free = tuple(lowering.named.values())
    return {index: ("i", index.name) for index in resolve(outer) + resolve(free)}


def _denominator(form: Form) -> Form | None:
    """A base with a negative whole exponent and no bound index in its slots: the form is zero where its multiple is."""
    for _, fs, bound in form:
        inside = set(bound)
        for one in fs:
            head, slots, e = one
            if head[0] == "S" and isinstance(e, int) and e < 0 and not inside.intersection(indices([one])):
                # As a factor, not expanded: where the base stands in a denominator it cancels as a whole.
                return [(Fraction(1), ((head, slots, -e),), ())]
    return None
