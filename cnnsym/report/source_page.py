"""A derivation as a page of its own: its source with line numbers, each line a place to link to. No script, no server."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

_LIGHT, _DARK = "xcode", "github-dark"
_PAGE = """:root { color-scheme: light dark; }
body { background: #fff; color: #1b1f24; font: 0.9rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; }
h1 { font-size: 1.1rem; overflow-wrap: anywhere; }
a { color: #0f5c9c; }
pre { counter-reset: line; overflow-x: auto; }
pre { font: 0.8rem/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre > span { counter-increment: line; display: block; min-height: 1.5em; padding-left: 4.5em; }
pre > span { position: relative; scroll-margin-top: 30vh; }
pre > span::before { color: #5a6570; content: counter(line); left: 0; position: absolute; text-align: right; width: 3.2em; }
pre > span:target { background: #fff3c4; }
a:focus-visible, pre:focus-visible { outline: 0.15rem solid #b04a12; }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e3e7eb; }
  a { color: #7fbcf5; }
  pre > span::before { color: #a2adb8; }
  pre > span:target { background: #3b2f10; }
}"""


def source_page(name: str, source: str, homes: Sequence[tuple[str, str, str]]) -> str:
    """The page of a source file called `name`; `homes` are language, words and address of the pages that lead back.

    Line 12 is the place `#L12`.

    >>> '<span id="L2">' in source_page("a.py", "x = 1\\ny = 2\\n", [("en", "Home", "../index.html")])
    True
    """
    lines = str(highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))).rstrip("\n").split("\n")
    body = "".join(f'<span id="L{k}">{line}</span>' for k, line in enumerate(lines, 1))
    back = " · ".join(
        f'<a href="{escape(url, quote=True)}" lang="{lang}" hreflang="{lang}">{escape(words)}</a>' for lang, words, url in homes
    )
    title = escape(name)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title} – cnnsym</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{_PAGE}\n{_colours()}\n</style></head>\n"
        f"<body><nav aria-label=\"cnnsym\">{back}</nav>\n<main><h1>{title}</h1>\n"
        f'<pre tabindex="0" role="region" aria-label="{escape(name, quote=True)}">{body}</pre></main></body>\n</html>\n'
    )


def _colours() -> str:
    light, dark = (HtmlFormatter(style=style) for style in (_LIGHT, _DARK))
    plain = [line for line in light.get_style_defs("pre").splitlines() if line.startswith("pre .")]
    night = [line for line in dark.get_style_defs("pre").splitlines() if line.startswith("pre .")]
    return "\n".join([*plain, "@media (prefers-color-scheme: dark) {", *night, "}"])
