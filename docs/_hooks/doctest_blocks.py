"""Griffe extension: the doctests of docstrings become code blocks; Markdown would take `>>>` for quotations."""

from __future__ import annotations

import re
from typing import Any

import griffe

_PROMPT = re.compile(r"^( *)>>> ")


class DoctestBlocks(griffe.Extension):
    """Rewrites each docstring when its object has been read, before mkdocstrings looks for sections in it."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """The text with a fence of kind `pycon` around each example; one ends, as in doctest, at an empty line.

    >>> print(fenced("Adds.\\n\\n>>> 1 + 1\\n2\\n\\nMore."))
    Adds.
    <BLANKLINE>
    ```pycon
    >>> 1 + 1
    2
    ```
    <BLANKLINE>
    More.
    """
    found: list[str] = []
    indent: str | None = None
    for line in text.splitlines():
        start = _PROMPT.match(line)
        if indent is None and start:
            indent = start[1]
            if found and found[-1].strip():  # a fence would be taken into the paragraph above
                found.append("")
            found.append(f"{indent}```pycon")
        elif indent is not None and not line.strip():
            found.append(f"{indent}```")
            indent = None
        found.append(line)
    if indent is not None:
        found.append(f"{indent}```")
    return "\n".join(found)
