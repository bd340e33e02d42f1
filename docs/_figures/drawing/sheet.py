"""A sheet is one SVG element; a figure is one sheet or several side by side, and they stack on a narrow screen.

A unit is a pixel at the usual size of letters, and no sheet is wider than a telephone's page: letters never shrink.
Colours are variables of the site's stylesheet, with one value for each scheme.
"""

from __future__ import annotations

import re
from html import escape

WIDEST = 328
INK = ("var(--cnnsym-ink-1)", "var(--cnnsym-ink-2)", "var(--cnnsym-ink-3)")
GROUND = "var(--md-default-bg-color)"
MUTED = "var(--cnnsym-muted)"

_LETTERS = re.compile(r"\*(.+?)\*")


class Sheet:
    """One SVG element that is being drawn, `width` by `height` units."""

    def __init__(self, width: float, height: float) -> None:
        if width > WIDEST:
            raise ValueError(f"a sheet must be at most {WIDEST} wide, so that it fits on a telephone, got {width}")
        self.width, self.height = width, height
        self._parts: list[str] = []

    def add(self, element: str) -> None:
        """An element as it stands."""
        self._parts.append(element)

    def text(
        self,
        x: float,
        y: float,
        words: object,
        *,
        anchor: str = "start",
        size: float = 13,
        bold: bool = False,
        ink: str = "",
        halo: bool = False,
    ) -> None:
        """Words, their base line at `y`. What stands between asterisks is a letter of a formula."""
        look = f' text-anchor="{anchor}"' if anchor != "start" else ""
        look += f' font-size="{number(size)}"' if size != 13 else ""
        look += ' font-weight="600"' if bold else ""
        look += f' fill="{ink}"' if ink else ""
        if halo:  # lines do not cross the letters
            look += f' paint-order="stroke" stroke="{GROUND}" stroke-width="4" stroke-linejoin="round"'
        shown = _LETTERS.sub(r'<tspan class="cnnsym-figure__letter">\1</tspan>', escape(str(words), quote=False))
        self.add(f'<text x="{number(x)}" y="{number(y)}"{look}>{shown}</text>')

    def lines(self, x: float, y: float, words: list[str], *, leading: float = 18, **look: object) -> None:
        """Several lines of words, one below the other."""
        for k, line in enumerate(words):
            self.text(x, y + leading * k, line, **look)  # type: ignore[arg-type]

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        ink: str = "currentColor",
        width: float = 1,
        dash: str = "",
        opacity: float = 1,
    ) -> None:
        place = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
        self.add(f"<line {place}{_stroke(ink, width, dash, opacity)}/>")

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        shade: float = 1,
        ink: str = "",
        stroke: float = 1,
        dash: str = "",
        opacity: float = 1,
    ) -> None:
        """A rectangle; `shade` is the opacity of its filling, `stroke` the width of its edge."""
        place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        filled = f' fill="{fill}"' + (f' fill-opacity="{number(shade)}"' if shade < 1 and fill != "none" else "")
        self.add(f"<rect {place}{filled}{_stroke(ink, stroke, dash, opacity) if ink else ''}/>")

    def circle(self, x: float, y: float, r: float, *, fill: str = "none", ink: str = "", width: float = 1) -> None:
        edge = _stroke(ink, width, "", 1) if ink else ""
        self.add(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" fill="{fill}"{edge}/>')

    def curve(
        self,
        points: list[tuple[float, float]],
        *,
        ink: str = "currentColor",
        width: float = 2,
        dash: str = "",
        opacity: float = 1,
    ) -> None:
        """A line through the points."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self.add(f'<polyline points="{path}" fill="none"{_stroke(ink, width, dash, opacity)}/>')

    def arrow(
        self, x1: float, y1: float, x2: float, y2: float, *, ink: str = "currentColor", width: float = 1.4
    ) -> None:
        """An arrow from the first point to the second."""
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        a, b = (x2 - x1) / length, (y2 - y1) / length
        self.line(x1, y1, x2 - 4 * a, y2 - 4 * b, ink=ink, width=width)
        corners = ((x2, y2), (x2 - 7 * a - 3.5 * b, y2 - 7 * b + 3.5 * a), (x2 - 7 * a + 3.5 * b, y2 - 7 * b - 3.5 * a))
        path = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
        self.add(f'<polygon points="{path}" fill="{ink}"/>')

    def svg(self, head: str = "") -> str:
        """The element; `head` comes first in it. It is hidden from screen readers, who are told what the figure says."""
        style = f"width:{number(self.width / 20)}rem"
        return (
            f'<svg viewBox="0 0 {number(self.width)} {number(self.height)}" style="{style}" font-family="inherit"'
            f' font-size="13" fill="currentColor" xmlns="http://www.w3.org/2000/svg">{head}\n'
            + "\n".join(self._parts)
            + "\n</svg>"
        )


def figure(name: str, title: str, alt: str, *sheets: Sheet) -> str:
    """The sheets of a figure as one picture, with its title and its description.

    >>> drawn = figure("dot", "A dot", "One dot.", Sheet(10, 10), Sheet(20, 10))
    >>> drawn.count("<svg"), '<title id="figure-dot-title">A dot</title>' in drawn
    (2, True)
    """
    id_ = escape(f"figure-{name}", quote=True)
    head = f'<title id="{id_}-title">{escape(title)}</title><desc id="{id_}-text">{escape(alt)}</desc>'
    drawn = "\n".join(sheet.svg("" if k else head) for k, sheet in enumerate(sheets))
    return (
        f'<div class="cnnsym-figure__sheets" role="img" aria-labelledby="{id_}-title" aria-describedby="{id_}-text">\n'
        f"{drawn}\n</div>"
    )


def number(value: float) -> str:
    """A coordinate: a tenth of a unit is finer than a pixel of any screen, shares have three digits.

    >>> number(12.0), number(3.14159), number(0.05)
    ('12', '3.1', '0.05')
    """
    digits = 3 if abs(value) < 1 else 1
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if "." in f"{value:.{digits}f}" else f"{value:.0f}"


def signed(value: float) -> str:
    """A number as one writes it, with a minus sign and not a hyphen.

    >>> signed(-3.0), signed(0.25)
    ('−3', '0.25')
    """
    return f"{value:g}".replace("-", "−")


def _stroke(ink: str, width: float, dash: str, opacity: float) -> str:
    look = f' stroke="{ink}"' + (f' stroke-width="{number(width)}"' if width != 1 else "")
    look += f' stroke-dasharray="{dash}"' if dash else ""
    return look + (f' stroke-opacity="{number(opacity)}"' if opacity < 1 else "")
