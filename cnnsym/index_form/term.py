"""Terms: a rational coefficient times factors, summed over bound indices. A form is a list of terms, their sum.

A factor is `(head, slots, exponent)`. The head says what the factor is, with every parameter it has; two factors are the
same function of their slots exactly when their heads are equal. Heads are tuples whose first element is the kind:

    ("A", symbol)            entry of an array symbol; ("A", symbol, "symmetric") where the order of slots is immaterial
    ("n", symbol)            a scalar or a size            ("#", p), ("pi",)   a prime, pi
    ("val",)                 the integer value of its slot
    ("delta",)               1 where its two slots agree, else 0
    ("f", name, order, key)  a function of a nested form   ("E", key)          exp of a nested term
    ("S", key)               a nested form as base of a power that is not expanded
    ("inv", key) ("det", key) ("matpow", key, exponent)    of a nested matrix
    ("J", name, keys, rows) ("dJ", name, k, keys, rows) ("ddJ", name, k, l, keys, rows)   an objective and its
                             derivatives; rows counts the holes of each key that are parts of the row

`key` is a `Key`: a nested form in canonical form, whose free indices are holes, filled by the slots of the factor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from cnnsym.errors import LimitError
from cnnsym.index_form.index import Index, Slot, joined, resolve, substituted

MAX_TERMS = 10_000  # of one form: beyond it a statement is reported as too large, never half-compared
MAX_FACTORS = 20_000  # of one term

Head = tuple[Any, ...]
Factor = tuple[Head, tuple[Slot, ...], Any]
Term = tuple[Fraction, tuple[Factor, ...], tuple[Index, ...]]
Form = list[Term]
Env = Mapping[Any, Any]  # symbol -> a form, or (slot, offset) of a summation index

ONE: Form = [(Fraction(1), (), ())]


class Key:
    """A nested form in canonical form: equal keys are equal functions of their holes.

    `content` is a tuple of `(coefficient, sizes of the bound indices, factors)`; an index is `("b", k)` or `("h", k)` there.
    Anything else is itself: `("c", constant)`, `("i", index)`.
    `sizes` are the sizes of the holes, `symmetries` the permutations of the holes that leave the form as it is.
    """

    __slots__ = ("content", "digest", "sizes", "symmetries")

    def __init__(self, content: Any, sizes: tuple[Any, ...], symmetries: tuple[tuple[int, ...], ...] = ()) -> None:
        self.content, self.sizes, self.symmetries = content, sizes, symmetries
        self.digest = hashlib.blake2b(text((content, sizes)).encode(), digest_size=12).hexdigest()

    @property
    def is_identity(self) -> bool:
        """Whether this is the form of an identity matrix, with one hole for the row and one for the column."""
        return self.content == ((1, (), ((("delta",), ((("h", 0),), (("h", 1),)), 1),)),)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        # The digest only makes inequality fast; equality is decided on the content.
        return (
            isinstance(other, Key)
            and self.digest == other.digest
            and self.sizes == other.sizes
            and self.content == other.content
        )


def text(part: Any) -> str:
    """A text that orders heads and factors the same way in every run; equality is never decided on it."""
    if type(part) is tuple:
        return "(" + ",".join(map(text, part)) + ")"
    if isinstance(part, Key):
        return part.digest
    if isinstance(part, (str, int, Fraction)):
        return str(part)
    return _expression_text(part)


@lru_cache(maxsize=16384)
def _expression_text(part: Any) -> str:
    return str(getattr(part, "name", part))


def symmetries(head: Head) -> tuple[tuple[int, ...], ...]:
    """The permutations of slots, other than the identity, that leave a factor of this head as it is."""
    kind = head[0]
    if kind == "delta" or (kind == "A" and len(head) == 3):
        return ((1, 0),)
    if kind in ("f", "S", "E"):
        return head[-1].symmetries
    if kind == "ddJ" and head[2] == head[3]:
        half = len(head[4][head[2]].sizes)
        return ((*range(half, 2 * half), *range(half)),)
    return ()


def factor(head: Head, *slots: Slot, exponent: Any = 1) -> Form:
    """The form that is one factor."""
    return [(Fraction(1), ((head, slots, exponent),), ())]


def number(value: Any) -> Form:
    """A rational number as a form."""
    value = Fraction(int(value.p), int(value.q)) if isinstance(value, sp.Rational) else Fraction(value)
    return [(value, (), ())] if value else []


def times(*forms: Form) -> Form:
    """The product of forms that share no bound index."""
    product = ONE
    for form in forms:
        if len(product) * len(form) > MAX_TERMS:
            raise LimitError(f"expanding gives over {MAX_TERMS} terms (the limit)")
        product = [(a * b, fs + gs, i + j) for a, fs, i in product for b, gs, j in form]
    return product


def scaled(form: Form, by: Any) -> Form:
    """The form times a rational number."""
    return [(c * by, fs, bound) for c, fs, bound in form] if by else []


def over(form: Form, slot: Slot) -> Form:
    """The sum of the form over the indices of a fresh slot."""
    return [(c, fs, bound + slot) for c, fs, bound in form] if slot else form


def renamed(form: Form, swap: dict[Any, Slot]) -> Form:
    """The form with indices replaced by slots."""
    return [
        (
            c,
            tuple((h, tuple(substituted(s, swap) for s in slots), e) for h, slots, e in fs),
            tuple(i for i in bound if i not in swap),
        )
        for c, fs, bound in form
    ]


def fresh(form: Form) -> Form:
    """A copy of the form with bound indices of its own."""
    copied: Form = []
    for term in form:
        swap: dict[Any, Slot] = {i: (Index(i.size),) for i in bound_indices(term)}
        if not swap:
            copied.append(term)
            continue
        ((c, fs, _),) = renamed([resolved(term)], swap)
        copied.append((c, fs, tuple(i for (i,) in swap.values())))
    return copied


def resolved(term: Term) -> Term:
    """The term with every composite index replaced by its parts."""
    c, fs, bound = term
    return c, tuple((h, tuple(map(resolve, slots)), e) for h, slots, e in fs), resolve(bound)


def bound_indices(term: Term) -> tuple[Index, ...]:
    return resolve(term[2])


def indices(fs: Iterable[Factor]) -> Iterator[Any]:
    """Every component that occurs in the slots of the factors, with repetition."""
    for _, slots, _ in fs:
        for slot in slots:
            yield from slot


def instantiate(key: Key, slots: tuple[Slot, ...]) -> Form:
    """The form of a key with its holes filled and fresh bound indices."""
    form: Form = []
    for c, sizes, fs in key.content:
        bound = tuple(Index(length) for length in sizes)

        def part(component: Any, bound: tuple[Index, ...] = bound) -> tuple[Slot, Any]:
            tag, value = component
            if tag == "h":
                return slots[value], key.sizes[value]
            placed = bound[value] if tag == "b" else value
            return (placed,), getattr(placed, "size", 2)  # a constant has no size only at the end, where it needs none

        def fill(slot: Any, part: Callable[[Any], tuple[Slot, Any]] = part) -> Slot:
            return part(slot[0])[0] if len(slot) == 1 else joined(map(part, slot))

        form.append((c, tuple((h, tuple(map(fill, ss)), e) for h, ss, e in fs), bound))
    return form
