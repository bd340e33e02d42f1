"""The HTML of a page as text, without what only the eye needs."""

from __future__ import annotations

import re

VERBATIM = re.compile(r"<(pre|code|script|style|math)\b.*?</\1>", re.DOTALL)


def without(page: str, kind: str) -> str:
    """The HTML of a page without its spans of one class: `katex` are the formulas, `katex-html` what is drawn of them."""
    tags = re.compile(rf'<span class="{kind}"|<span\b|</span>')
    kept, position, depth = [], 0, 0
    for tag in tags.finditer(page):
        if depth:
            depth += -1 if tag[0] == "</span>" else 1
            position = tag.end()
        elif tag[0].endswith('"'):
            kept.append(page[position : tag.start()])
            depth = 1
    return "".join([*kept, page[position:]])


def prose(page: str) -> str:
    """The text of the article, without code, and without the TeX that MathML carries for the clipboard."""
    article = page[page.index("<article") : page.rindex("</article>")]
    return re.sub(r"<[^>]+>", " ", VERBATIM.sub(" ", without(article, "katex-html")))
