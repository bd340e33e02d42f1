"""Abstract functions as seeded random tables: a value for each argument, drawn when it is first asked for.

Some smooth function takes any given values, with any given derivatives, at finitely many distinct points (Hermite
interpolation); second derivatives are symmetric. So a table is a legitimate abstract function, and what it refutes is refuted.
The same argument must give the same value: rationals are compared exactly, enclosures by overlap, where an argument that
overlaps two earlier ones is Undefined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from cnnsym.evaluate.arithmetic import Number, differ, is_rational, is_real, rational
from cnnsym.evaluate.dual import Dual
from cnnsym.evaluate.enclosure import Enclosure, exact_expression
from cnnsym.evaluate.undefined import Undefined

Position = tuple[int, int, int]  # number of the argument, row, column; from 0
Shape = tuple[int, int] | None  # None for a scalar argument
_Function = tuple[str, tuple[Shape, ...], tuple[Position, ...]]


class Table:
    """The values of all abstract functions at one sample, and the entries of infinite signals.

    `given` fixes values by the names under which `used` reports them, such as `f'(2)` and `x[-1]`. `style` is "integers",
    "positive" or "rationals".
    """

    def __init__(self, seed: str, style: str = "integers", given: Mapping[str, Number] | None = None) -> None:
        self.seed, self.style, self.given = seed, style, dict(given or {})
        self.by_overlap = False  # whether some value rests on arguments that overlap, and may not be equal
        self.used: dict[str, Number] = {}
        self._values: dict[str, Number] = {}
        self._known: dict[_Function, dict[tuple[Number, ...], str]] = {}
        self._inexact: dict[_Function, list[tuple[tuple[Number, ...], str]]] = {}

    def value(
        self, label: str, shapes: tuple[Shape, ...], orders: tuple[Position, ...], arguments: tuple[Number, ...]
    ) -> Number:
        """The derivative of function `label` by the entries `orders`; `arguments` holds all entries of its arguments."""
        if not all(map(is_real, arguments)):
            raise Undefined("an abstract function of a real variable at a complex number")
        level = max((a.level for a in arguments if isinstance(a, Dual)), default=None)
        if level is None:
            return self._plain(label, shapes, tuple(sorted(orders)), arguments)
        moving = [(k, a) for k, a in enumerate(arguments) if isinstance(a, Dual) and a.level == level]
        base = list(arguments)
        for k, a in moving:
            base[k] = a.value
        at = tuple(base)
        positions = _positions(shapes)
        parts: dict[int, Number] = {}
        for k, a in moving:
            slope = self.value(label, shapes, (*orders, positions[k]), at)
            for direction, p in a.parts.items():
                parts[direction] = parts.get(direction, 0) + slope * p
        return Dual(level, self.value(label, shapes, orders, at), parts)

    def entry(self, label: str, place: tuple[int, ...]) -> Number:
        """The entry of the infinite signal `label` at a place."""
        return self._of(f"{label}[{', '.join(map(str, place))}]")

    def _plain(
        self, label: str, shapes: tuple[Shape, ...], orders: tuple[Position, ...], arguments: tuple[Number, ...]
    ) -> Number:
        function = (label, shapes, orders)
        if function in self._inexact or not all(is_rational(a) for a in arguments):
            name = self._overlapping(function, arguments)
        else:
            known = self._known.setdefault(function, {})
            name = known.get(arguments) or known.setdefault(arguments, _name(function, arguments))
        return self._of(name)

    def _of(self, name: str) -> Number:
        if name not in self._values:
            self._values[name] = self._draw(name)
        self.used[name] = self._values[name]
        return self._values[name]

    def _overlapping(self, function: _Function, arguments: tuple[Number, ...]) -> str:
        if function not in self._inexact:  # from here on all arguments of this function are compared by overlap
            self._inexact[function] = list(self._known.get(function, {}).items())
        seen = self._inexact[function]
        near = [
            k
            for k, (other, _) in enumerate(seen)
            if not any(differ(a, b) for a, b in zip(arguments, other, strict=True))
        ]
        if len(near) > 1:
            raise Undefined("arguments of an abstract function that cannot be told apart")
        if not near:
            name = _name(function, arguments)
            seen.append((arguments, name))
            return name
        other, name = seen[near[0]]
        self.by_overlap = True
        seen[near[0]] = (tuple(_hull(b, a) for a, b in zip(arguments, other, strict=True)), name)
        return name

    def _draw(self, name: str) -> Number:
        if name in self.given:
            return self.given[name]
        number = int.from_bytes(hashlib.blake2b(f"{self.seed}|{name}".encode(), digest_size=8).digest(), "big")
        value = 1 + number % 7 if self.style == "positive" else (-3, -2, -1, 1, 2, 3, 4, 5)[number % 8]
        return rational(value, 1 + (number >> 8) % 4) if self.style == "rationals" else value


def _hull(a: Number, b: Number) -> Number:
    if isinstance(a, Enclosure):
        return a.hull(b)
    return Enclosure(b.hull(a).bounds, lambda: exact_expression(a), ()) if isinstance(b, Enclosure) else a


def _positions(shapes: Sequence[Shape]) -> list[Position]:
    return [(k, i, j) for k, s in enumerate(shapes) for i in range(s[0] if s else 1) for j in range(s[1] if s else 1)]


def _name(function: _Function, arguments: tuple[Number, ...]) -> str:
    """`f'(2)`; for matrix arguments `J([[1], [2]])`, derivatives `J'[2,1]`, with the argument's number in front if several."""
    label, shapes, orders = function
    entries = iter(str(a if is_rational(a) else exact_expression(a)) for a in arguments)
    texts = []
    for shape in shapes:
        if shape is None:
            texts.append(next(entries))
        else:
            rows = ("[" + ", ".join(next(entries) for _ in range(shape[1])) + "]" for _ in range(shape[0]))
            texts.append("[" + ", ".join(rows) + "]")
    if len(shapes) == 1 and shapes[0] is None:
        mark = "'" * len(orders)
    elif all(s is None for s in shapes):
        mark = "'" * len(orders) + "".join(f"[{k + 1}]" for k, _, _ in orders)
    else:
        several = len(shapes) > 1
        mark = "'" * len(orders) + "".join(
            (f"[{k + 1};" if several else "[") + f"{i + 1},{j + 1}]" for k, i, j in orders
        )
    return f"{label}{mark}({', '.join(texts)})"
