"""Signals: arrays of one or more axes whose entries stand at integers, each axis on a grid of its own.

An axis is "zero" (entries `0 .. n-1`, zero at every other integer), "circular" (period `n`: the entry at `e` is the entry at
`e mod n`) or "infinite" (an entry at every integer). SymPy's IndexedBase with a shape is a signal whose axes are all "zero".
"""

from __future__ import annotations

from typing import Any, Literal

import sympy as sp
from sympy.core.symbol import Str

from cnnsym.errors import ShapeError
from cnnsym.expression import expression

Grid = Literal["zero", "circular", "infinite"]


class Signal(sp.IndexedBase):
    """An array with a grid for each axis; `shape` is `oo` along an infinite one."""

    def __new__(cls, label: Any, shape: Any, grids: Any) -> Any:
        obj = sp.IndexedBase.__new__(cls, label, shape=tuple(shape))
        obj._args = (obj.args[0], obj.args[1], sp.Tuple(*(Str(str(g)) for g in grids)))
        return obj

    @property
    def grids(self) -> tuple[str, ...]:
        return tuple(str(g) for g in self.args[2])


def signal(name: str, *shape: Any, grid: Grid | tuple[Grid, ...] = "zero") -> Any:
    """A signal of that shape; `sympy.oo` is the length of an infinite axis. `grid` is one for all axes or one for each.

    Raises ShapeError for a length that is not positive, and where grids and lengths do not belong together.

    >>> import cnnsym
    >>> n = cnnsym.dims("n")
    >>> signal("x", n, grid="circular").grids
    ('circular',)
    >>> grids(signal("y", n, sp.oo))
    ('zero', 'infinite')
    """
    lengths = tuple(expression(length) for length in shape)
    each = (grid,) * len(lengths) if isinstance(grid, str) else tuple(grid)
    if len(each) != len(lengths) or not lengths:
        raise ShapeError(f"signal {name}: expected a length and a grid for each axis, got {len(lengths)} and {len(each)}")
    for length, one in zip(lengths, each, strict=True):
        if one not in ("zero", "circular", "infinite"):
            raise ShapeError(f'signal {name}: expected the grid "zero", "circular" or "infinite", got {one!r}')
        if length is not sp.oo and (length.is_integer is False or length.is_positive is False):
            raise ShapeError(f"signal {name}: expected positive integer lengths, got {length}")
        if length is sp.oo and one == "circular":
            raise ShapeError(f"signal {name}: a circular axis needs a length")
    each = tuple("infinite" if length is sp.oo else g for length, g in zip(lengths, each, strict=True))
    if set(each) == {"zero"}:
        return sp.IndexedBase(name, shape=lengths)
    if any(g == "infinite" and length is not sp.oo for length, g in zip(lengths, each, strict=True)):
        raise ShapeError(f"signal {name}: an infinite axis has the length oo")
    return Signal(name, lengths, each)


def grids(base: Any) -> tuple[str, ...]:
    """The grid of each axis; a plain IndexedBase with a shape is zero outside its range."""
    return base.grids if isinstance(base, Signal) else ("zero",) * len(base.shape)
