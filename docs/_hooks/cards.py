"""The picture of a page that other sites show beside a link to it, 1200 by 630 pixels, drawn without a network.

The font is Noto Serif SC, which has Latin and Chinese alike and comes as a pinned package, so that every machine draws the
same card.
"""

from __future__ import annotations

import functools
import hashlib
import io
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 630)
MARGIN = 90
_GROUND, _INK, _QUIET, _ACCENT = "#faf8f3", "#1d2733", "#5b6673", "#2f6f4f"
_PACKAGE = "pylopdf-fonts-zh-cn"
_FONT = files("pylopdf_fonts_zh_cn") / "NotoSerifSC-Regular.otf"
# No line may begin with these, nor end with those: the rule of Chinese typesetting.
_NOT_FIRST, _NOT_LAST = "，。、；：！？）》」』”’,.;:!?)", "（《「『“‘("


def draw(title: str, description: str, site: str, cache: Path) -> bytes:
    """A PNG of few colours. What was drawn before is taken from `cache`, keyed by all that determines it."""
    made_of = (
        Path(__file__).read_text(encoding="utf-8"),
        version("pillow"),
        version(_PACKAGE),
        title,
        description,
        site,
    )
    file = cache / f"{hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]}.png"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_drawn(title, description, site))
    return file.read_bytes()


def _drawn(title: str, description: str, site: str) -> bytes:
    card = Image.new("RGB", SIZE, _GROUND)
    pen = ImageDraw.Draw(card)
    width = SIZE[0] - 2 * MARGIN
    pen.rectangle((0, 0, 18, SIZE[1]), fill=_ACCENT)
    pen.text((MARGIN, 70), site, font=_font(40), fill=_ACCENT)
    for size in (84, 72, 60, 50, 42):
        lines = broken(title, size, width)
        if len(lines) * size * 1.35 <= 330:
            break
    y = 170.0
    for line in lines:
        pen.text((MARGIN, y), line, font=_font(size), fill=_INK)
        y += size * 1.35
    pen.line((MARGIN, 500, MARGIN + 160, 500), fill=_ACCENT, width=3)
    for k, line in enumerate(broken(description, 30, width)[:2]):
        pen.text((MARGIN, 518 + 42 * k), line, font=_font(30), fill=_QUIET)
    stream = io.BytesIO()
    card.quantize(32).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def broken(text: str, size: int, width: float) -> list[str]:
    """The text in lines of at most `width` pixels: between words, and between any two Chinese characters."""
    font, lines = _font(size), [""]
    for piece in _pieces(text):
        if lines[-1] and font.getlength((lines[-1] + piece).rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line for line in (line.rstrip() for line in lines) if line]


def _pieces(text: str) -> list[str]:
    """Where a line may break: after a space, beside a Chinese character, but never against the rule above."""
    found = [""]
    for character in text:
        before = found[-1][-1:]
        may = before == " " or (_han(character) or _han(before)) and character != " "
        if before and may and character not in _NOT_FIRST and before not in _NOT_LAST:
            found.append("")
        found[-1] += character
    return found


def _han(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    with _FONT.open("rb") as stream:
        return ImageFont.truetype(io.BytesIO(stream.read()), size)
