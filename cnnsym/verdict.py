"""What a check can answer: Proved, Refuted or Unknown.

A verdict is a value, not a truth value: `bool(verdict)` raises, so that an `Unknown` is never taken for a "no" nor a
`Refuted` for a "yes".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn


@dataclass(frozen=True)
class Counterexample:
    """Exact values at which the two sides differ.

    `sizes` maps a size symbol to its integer, `values` a symbol to its entries (nested tuples of exact numbers as text),
    `place` is the entry looked at (indices from 1; empty for a scalar), `lhs` and `rhs` are the exact values there.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, object]
    lhs: str
    rhs: str
    place: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "sizes": dict(self.sizes),
            "values": dict(self.values),
            "lhs": self.lhs,
            "rhs": self.rhs,
            "place": list(self.place),
        }

    def __str__(self) -> str:
        sizes = ", ".join(f"{name}={value}" for name, value in self.sizes.items())
        values = "; ".join(f"{name} = {_entries(value)}" for name, value in self.values.items())
        place = f" at entry {self.place}" if self.place else ""
        where = "; ".join(part for part in (sizes, values) if part)
        return f"{where}: left side {self.lhs}, right side {self.rhs}{place}"


def _entries(value: object) -> str:
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_entries(item) for item in value) + "]"
    return str(value)


@dataclass(frozen=True)
class _Verdict:
    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"a verdict is not a truth value (this one is {type(self).__name__}); compare its type or .name instead"
        )


@dataclass(frozen=True)
class Proved(_Verdict):
    """True in the stated scope; `method` says by what means, `assumed` which domains and hypotheses were used."""

    scope: str = "all sizes"
    method: str = "index form"
    assumed: tuple[str, ...] = field(default=())
    name: Literal["proved"] = field(default="proved", init=False)

    @property
    def reason(self) -> str:
        return f"for {self.scope}, by {self.method}"


@dataclass(frozen=True)
class Refuted(_Verdict):
    """False: an exact counterexample, evaluated independently of the prover.

    `counterexample` is None only where the two sides do not even have the same shape; `why` then says so.
    """

    counterexample: Counterexample | None
    why: str = ""
    method: str = "exact evaluation"
    name: Literal["refuted"] = field(default="refuted", init=False)

    @property
    def scope(self) -> str:
        return "a counterexample"

    @property
    def reason(self) -> str:
        return self.why or str(self.counterexample)


@dataclass(frozen=True)
class Unknown(_Verdict):
    """Neither proved nor refuted; `tried` says what was tried and where it stopped."""

    tried: tuple[str, ...] = ()
    method: str = "none"
    name: Literal["unknown"] = field(default="unknown", init=False)

    @property
    def scope(self) -> str:
        return "undecided"

    @property
    def reason(self) -> str:
        return "; ".join(self.tried)


Verdict = Proved | Refuted | Unknown
