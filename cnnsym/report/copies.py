"""A formula to be copied: as LaTeX, as SymPy, as NumPy. A script adds the buttons; without it the texts are there to be read."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from cnnsym.report.site_words import SITE_WORDS


def copies(identifier: str, forms: Iterable[tuple[str, str]], lang: str) -> str:
    """A toolbar, empty until a script fills it, and the texts; `forms` are pairs such as `("LaTeX", "x = 1")`.

    >>> copies("1-a", [("LaTeX", "x < 1"), ("NumPy", "")], "en").count("<pre")
    1
    """
    words, there = SITE_WORDS[lang], [(form, text) for form, text in forms if text]
    if not there:
        return ""
    name = escape(identifier, quote=True)
    label = escape(words["tools"].format(identifier), quote=True)
    # Not <pre><code>: the theme would lay out each of these, hundreds on a page, to see whether it needs a button.
    blocks = "".join(
        f'<figure class="cnnsym-copy" data-form="{form}"><figcaption>{form}</figcaption>'
        f'<pre tabindex="0" role="region" aria-label="{form}: {name}">{escape(text)}</pre></figure>\n'
        for form, text in there
    )
    summary = escape(words["as code"].format(", ".join(form for form, _ in there)))
    return (
        f'<div class="cnnsym-tools" role="group" aria-label="{label}" data-claim="{name}"></div>\n'
        f'<details class="cnnsym-copies"><summary>{summary}</summary>\n{blocks}</details>\n'
    )
