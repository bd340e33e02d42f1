"""Dual numbers: forward-mode derivatives, several directions at once, nested for higher orders.

Source: Griewank and Walther, Evaluating Derivatives, chapter 3. A `Dual` is `value + sum_k parts[k] eps_k` with `eps_k eps_l = 0`
within one level. A dual number of a later level carries those of earlier levels inside, which keeps nested derivatives apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Dual:
    """`value` with first-order `parts`, one for each direction; both are numbers of earlier levels."""

    __slots__ = ("level", "value", "parts")

    def __init__(self, level: int, value: Any, parts: dict[int, Any]) -> None:
        self.level, self.value, self.parts = level, value, parts

    def __repr__(self) -> str:
        return f"Dual({self.level}, {self.value}, {self.parts})"

    def __neg__(self) -> Dual:
        return Dual(self.level, -self.value, {k: -p for k, p in self.parts.items()})

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual) and other.level >= self.level:
            if other.level > self.level:
                return Dual(other.level, self + other.value, other.parts)
            parts = dict(self.parts)
            for k, part in other.parts.items():
                parts[k] = parts[k] + part if k in parts else part
            return Dual(self.level, self.value + other.value, parts)
        return Dual(self.level, self.value + other, self.parts)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Dual:
        return self + (-other)

    def __rsub__(self, other: Any) -> Dual:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Dual) and other.level >= self.level:
            if other.level > self.level:
                return Dual(other.level, self * other.value, {k: self * p for k, p in other.parts.items()})
            parts = {k: p * other.value for k, p in self.parts.items()}
            for k, part in other.parts.items():
                product = self.value * part
                parts[k] = parts[k] + product if k in parts else product
            return Dual(self.level, self.value * other.value, parts)
        if isinstance(other, int) and other == 0:
            return 0
        return Dual(self.level, self.value * other, {k: p * other for k, p in self.parts.items()})

    __rmul__ = __mul__

    def lift(self, function: Callable[[Any], Any], derivative: Callable[[Any], Any]) -> Dual:
        """`function` at this number, given its derivative: the chain rule."""
        slope = derivative(self.value)
        return Dual(self.level, function(self.value), {k: slope * p for k, p in self.parts.items()})


def part(x: Any, level: int, direction: int) -> Any:
    """The coefficient of one direction of one level; 0 where the number does not depend on it."""
    return x.parts.get(direction, 0) if isinstance(x, Dual) and x.level == level else 0


def real(x: Any) -> Any:
    """The number without its perturbations."""
    while isinstance(x, Dual):
        x = x.value
    return x


def is_constant(x: Any) -> bool:
    """True where no perturbation can change the number."""
    while isinstance(x, Dual):
        if any(not is_constant(p) or real(p) != 0 for p in x.parts.values()):
            return False
        x = x.value
    return True
