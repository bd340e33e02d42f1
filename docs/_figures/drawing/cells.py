"""Arrays as grids of cells: a heat map whose numbers can be read, and pictures in shades of gray."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .sheet import INK, Sheet, number, signed

# Letters on top of the darkest shade have a contrast of more than 4.5 in both schemes.
DARKEST = 0.42


def grid(
    sheet: Sheet,
    x: float,
    y: float,
    values: NDArray[np.float64],
    side: float,
    *,
    ink: str = INK[0],
    most: float | None = None,
    shown: bool = True,
    hide_zeros: bool = False,
    size: float | None = None,
) -> None:
    """The matrix as cells of `side` units, the darker the larger a value is in size.

    `most` is the value of the darkest shade, by default the largest there is. With `shown` the numbers stand in the
    cells, so that nobody needs the shade.
    """
    rows, columns = values.shape
    most = float(np.abs(values).max()) if most is None else most
    for i in range(rows):
        for j in range(columns):
            share = abs(float(values[i, j])) / most if most else 0.0
            if share:
                sheet.rect(x + j * side, y + i * side, side, side, fill=ink, shade=round(DARKEST * share, 3))
    lattice(sheet, x, y, rows, columns, side)
    if shown:
        letters = size or min(13.0, side * 0.52)
        sheet.add(f'<g text-anchor="middle" font-size="{number(letters)}">')
        for i in range(rows):
            for j in range(columns):
                if values[i, j] or not hide_zeros:
                    at = f'x="{number(x + (j + 0.5) * side)}" y="{number(y + (i + 0.5) * side + letters * 0.36)}"'
                    sheet.add(f"<text {at}>{signed(float(values[i, j]))}</text>")
        sheet.add("</g>")


def lattice(
    sheet: Sheet,
    x: float,
    y: float,
    rows: int,
    columns: int,
    side: float,
    *,
    ink: str = "currentColor",
    opacity: float = 0.35,
    dash: str = "",
) -> None:
    """The lines between cells."""
    path = "".join(f"M{number(x)} {number(y + i * side)}h{number(columns * side)}" for i in range(rows + 1))
    path += "".join(f"M{number(x + j * side)} {number(y)}v{number(rows * side)}" for j in range(columns + 1))
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    sheet.add(f'<path d="{path}" fill="none" stroke="{ink}" stroke-opacity="{number(opacity)}"{dashes}/>')


def gray(
    sheet: Sheet, x: float, y: float, values: NDArray[np.float64], width: float, *, low: float, high: float
) -> None:
    """The matrix as a picture `width` units wide, black at `low` and white at `high`, in both schemes alike.

    A picture of many pixels is lighter than as many cells; sixteen shades are enough to see what there is.
    """
    shades = np.clip(np.rint((values - low) / (high - low) * 15), 0, 15).astype(np.uint8)
    picture = Image.frombytes("P", shades.shape[::-1], shades.tobytes())
    picture.putpalette([level * 17 for level in range(16) for _ in range(3)])
    stream = io.BytesIO()
    picture.save(stream, "PNG", bits=4, optimize=True)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    height = width * shades.shape[0] / shades.shape[1]
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    sheet.add(f'<image {place} class="cnnsym-figure__pixels" href="data:image/png;base64,{data}"/>')
