"""Products of matrices as blocks with their sizes: each block is as many cells high and wide as the matrix."""

from __future__ import annotations

from dataclasses import dataclass

from .cells import lattice
from .sheet import INK, Sheet


@dataclass(frozen=True)
class Block:
    """A matrix by its name and its shape; `ink` is 0 for what goes forward, 1 for gradients, 2 for parameters."""

    name: str
    shape: tuple[int, int]
    ink: int = 0


def row(sheet: Sheet, x: float, middle: float, parts: list[Block | str], cell: float) -> None:
    """Blocks and signs from left to right, centred at the height `middle`; the name stands above, the size below.

    Names may be wider than a block that is one cell wide, so no block takes less than 34 units.
    """
    for part in parts:
        if isinstance(part, str):
            sheet.text(x + 8, middle + 5, part, anchor="middle", size=15)
            x += 17
            continue
        height, width = part.shape[0] * cell, part.shape[1] * cell
        taken = max(width, 34.0)
        left, top = x + (taken - width) / 2, middle - height / 2
        sheet.rect(left, top, width, height, fill=INK[part.ink], shade=0.22)
        lattice(sheet, left, top, *part.shape, cell, ink=INK[part.ink], opacity=0.7)
        sheet.text(x + taken / 2, top - 7, part.name, anchor="middle")
        sheet.text(x + taken / 2, top + height + 15, f"{part.shape[0]}×{part.shape[1]}", anchor="middle", size=11)
        x += taken + 3
