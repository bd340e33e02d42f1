"""Small models: integers, fractions, signals and functions given by a few numbers, at which statements have a truth.

A signal is a table over a form of its indices, such as i, j - i or nothing: all entries free, constant along diagonals,
constant. The table is finite with one value elsewhere, or periodic. A function is a polynomial.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from cnnsym.atoms import grids
from cnnsym.errors import UnsupportedError

ENTRIES = (0, 1, -1, 2, -2, 3, Fraction(1, 2))
REALS = (1, 0, 2, -1, Fraction(1, 2), 3, Fraction(-3, 2), 5)
WINDOW = range(-1, 4)  # of the places of an infinite axis that have entries of their own
_KINDS = ("integer", "real")
_SIGNS: tuple[dict[str, bool], ...] = ({}, {"positive": True}, {"nonnegative": True})


@dataclass(frozen=True)
class Table:
    """The values over `form`, rows of integers: at the place `e` stands the value at the numbers `row · e`."""

    form: tuple[tuple[int, ...], ...]
    period: int  # 0 where there is none
    values: Mapping[tuple[int, ...], Any]
    elsewhere: Any
    grids: tuple[str, ...]
    lengths: tuple[int, ...]

    def at(self, place: Sequence[int]) -> Any:
        """The entry at a place."""
        reduced = []
        for e, grid, length in zip(place, self.grids, self.lengths, strict=True):
            if e != int(e):
                raise ArithmeticError("an entry between the integers")
            if grid == "zero" and not 0 <= e < length:
                return 0
            reduced.append(int(e) % length if grid == "circular" else int(e))
        key = tuple(sum(a * e for a, e in zip(row, reduced, strict=True)) for row in self.form)
        key = tuple(k % self.period for k in key) if self.period else key
        return self.values.get(key, self.elsewhere)

    def term(self, place: Sequence[Any]) -> Any:
        """The entry at symbolic places, as cases."""
        inside, reduced = [], []
        for e, grid, length in zip(place, self.grids, self.lengths, strict=True):
            if grid == "zero":
                inside += [sp.Ge(e, 0), sp.Lt(e, length)]
            reduced.append(sp.Mod(e, length) if grid == "circular" else e)
        keys = [sp.Add(*(a * e for a, e in zip(row, reduced, strict=True))) for row in self.form]
        keys = [sp.Mod(k, self.period) for k in keys] if self.period else keys
        cases = [(sp.S.Zero, sp.Not(sp.And(*inside)))] if inside else []
        for key, value in self.values.items():
            if value != self.elsewhere:
                here = sp.And(*(sp.Eq(k, number) for k, number in zip(keys, key, strict=True)))
                cases.append((_number(value), here))
        return sp.Piecewise(*cases, (_number(self.elsewhere), True))

    def __str__(self) -> str:
        lengths = [range(n) if g != "infinite" else WINDOW for g, n in zip(self.grids, self.lengths, strict=True)]
        shown = "; ".join(f"{list(place)}: {value}" for place in product(*lengths) if (value := self.at(place)))
        return shown if shown else "zero"


@dataclass(frozen=True)
class Polynomial:
    """A real function of one variable: its coefficients, the constant one first."""

    coefficients: tuple[Any, ...]

    def at(self, t: Any, order: int) -> Any:
        """The value, or that of a derivative."""
        coefficients: list[Any] = list(self.coefficients)
        for _ in range(order):
            coefficients = [k * c for k, c in enumerate(coefficients)][1:]
        return sum(c * t**k for k, c in enumerate(coefficients))

    def __str__(self) -> str:
        return " + ".join(f"{c} t^{k}" for k, c in enumerate(self.coefficients))


@dataclass
class Model:
    """Values for what is free in some statements."""

    numbers: dict[Any, Any] = field(default_factory=dict)
    tables: dict[Any, Table] = field(default_factory=dict)
    functions: dict[str, Polynomial] = field(default_factory=dict)

    def as_dict(self) -> dict[str, str]:
        """The values as text, by name."""
        parts: dict[Any, Any] = {**self.numbers, **self.tables, **self.functions}
        return {str(getattr(name, "label", name)): str(value) for name, value in parts.items()}


def _number(value: Any) -> Any:
    return sp.Rational(value.numerator, value.denominator)


def draw(generator: random.Random, symbols: Sequence[Any], bases: Mapping[Any, int], functions: Sequence[str]) -> Model:
    """A random model; `bases` maps each signal to its number of axes. Some models are trivial, most are not."""
    model = Model()
    for s in symbols:
        model.numbers[s] = _draw_number(generator, s)
    for base, rank in bases.items():
        model.tables[base] = _draw_table(generator, base, rank, model.numbers)
    for name in functions:
        degree = generator.randint(0, 2)
        model.functions[name] = Polynomial(tuple(generator.choice((0, 1, -1, 2)) for _ in range(degree + 1)))
    return model


def _draw_number(generator: random.Random, s: Any) -> Any:
    if not any(s.assumptions0 == sp.Dummy(**{kind: True}, **sign).assumptions0 for kind in _KINDS for sign in _SIGNS):
        raise UnsupportedError(f"{s}: expected an integer or real symbol without assumptions other than its sign")
    if s.is_integer:
        return generator.randint(1 if s.is_positive else 0 if s.is_nonnegative else -3, 4)
    value: Any = generator.choice(REALS)
    value = abs(value) if s.is_nonnegative else value
    return value or 1 if s.is_positive else value


def _draw_table(generator: random.Random, base: Any, rank: int, numbers: Mapping[Any, Any]) -> Table:
    kinds = ("infinite",) * rank if base.shape is None else grids(base)
    lengths = tuple(_length(n, numbers) for n in base.shape or (sp.oo,) * rank)
    few: Sequence[Any] = generator.choice((ENTRIES[:1], ENTRIES[:2], ENTRIES[:3], ENTRIES))
    style = generator.choice(("free", "free", "sparse", "sparse", "form", "form", "constant"))
    if style == "constant":
        return Table((), 0, {}, generator.choice(few), kinds, lengths)
    if style == "sparse":
        form = tuple(tuple(int(k == axis) for k in range(rank)) for axis in range(rank))
        places = [range(n) if kind != "infinite" else range(3) for n, kind in zip(lengths, kinds, strict=True)]
        few_places = {tuple(generator.choice(p) for p in places): generator.choice(ENTRIES[1:]) for _ in range(2)}
        return Table(form, 0, few_places, 0, kinds, lengths)
    if style == "free":
        form = tuple(tuple(int(k == axis) for k in range(rank)) for axis in range(rank))
        places = [range(n) if kind != "infinite" else WINDOW for n, kind in zip(lengths, kinds, strict=True)]
        period = generator.choice((0, 0, 0, 1, 2, 3))
    else:
        row = tuple(generator.choice((-1, 0, 1)) for _ in range(rank))
        form, places, period = (row,), [range(-4, 5)], generator.choice((0, 0, 1, 2, 3, *(n for n in lengths if n)))
    keys = product(*((range(period),) * len(form) if period else places))
    elsewhere = generator.choice((0, 0, 0, 1))
    return Table(form, period, {key: generator.choice(few) for key in keys}, elsewhere, kinds, lengths)


def _length(n: Any, numbers: Mapping[Any, Any]) -> int:
    if n is sp.oo:
        return 0
    value = n.xreplace({s: sp.Integer(v) for s, v in numbers.items() if s.is_integer})
    if not value.is_Integer or value <= 0:
        raise ArithmeticError(f"no signal of length {value}")
    return int(value)
