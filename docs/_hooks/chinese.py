"""Chinese has no spaces between words, but a line break in the source becomes one on the screen."""

from __future__ import annotations

import re

_HAN = r"[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u2014\u2018-\u201d\u2026]"
_INLINE = r"(?:</?(?:strong|em|a|b|i)\b[^>]*>)*"
_BREAK = re.compile(rf"(?<={_HAN})({_INLINE})\n({_INLINE})(?={_HAN})")
_VERBATIM = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2>)", re.DOTALL)


def join_lines(page: str) -> str:
    """Remove line breaks between Chinese characters, except in code."""
    parts = _VERBATIM.split(page)  # text, verbatim, its tag's name, text, ...
    return "".join(_BREAK.sub(r"\1\2", part) if i % 3 == 0 else part for i, part in enumerate(parts) if i % 3 != 2)
