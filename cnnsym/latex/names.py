"""Names of symbols: one canonical text for every way to write a name, and its LaTeX.

The canonical text carries no styling: `\\boldsymbol{s}_{i}` and `s_i` are both `s_i`, `W_{i+1}` is itself, `\\alpha` is
`alpha` (as SymPy names it), `\\mathrm{Cost}` is `Cost`, `x_{}^{2 d}` is `x^{2d}`. `\\hat{x}` keeps its accent.
"""

from __future__ import annotations

from collections.abc import Set

from cnnsym.latex.vocabulary import GREEK


def base_name(text: str) -> str:
    """The canonical text of a letter, a Greek letter or a word."""
    if text.startswith("\\mathrm{"):
        return text[len("\\mathrm{") : -1]
    if text.startswith("\\") and text[1:].isalpha():
        return text[1:]
    return text


def joined(base: str, sub: str = "", sup: str = "") -> str:
    """The canonical text of a name with its subscript and superscript."""
    return base + _script("_", sub) + _script("^", sup)


def _script(mark: str, text: str) -> str:
    if not text:
        return ""
    return mark + (text if len(text) == 1 else "{" + text + "}")


def parts(name: str) -> tuple[str, str, str]:
    """Base, subscript and superscript of a canonical name.

    >>> parts("W_{i+1}"), parts("x^{2d}"), parts("s_i")
    (('W', 'i+1', ''), ('x', '', '2d'), ('s', 'i', ''))
    """
    found = {"": "", "_": "", "^": ""}
    mark, depth = "", 0
    for character in name:
        if character in "_^" and depth == 0:
            mark = character
            continue
        depth += (character == "{") - (character == "}")
        found[mark] += character
    sub, sup = (
        text[1:-1] if text.startswith("{") and text.endswith("}") else text for text in (found["_"], found["^"])
    )
    return found[""], sub, sup


def fresh(name: str, taken: Set[str]) -> str:
    """The name itself where it is free, else its letter with a number.

    >>> fresh("i", {"i", "i_1"})
    'i_2'
    """
    letter = parts(name)[0]
    return next(c for c in (name, *(joined(letter, str(k)) for k in range(1, len(taken) + 2))) if c not in taken)


def base_latex(base: str) -> str:
    """The LaTeX of a base: a letter, a Greek letter, a word in roman type, or an accent as it is."""
    if len(base) == 1 or base.startswith("\\"):
        return base
    return "\\" + base if "\\" + base in GREEK else f"\\mathrm{{{base}}}"


def name_latex(name: str, bold: bool = False) -> str:
    """The LaTeX of a canonical name; `bold` for columns.

    >>> print(name_latex("s_i", bold=True), name_latex("W_{i+1}"), name_latex("Cost"))
    \\boldsymbol{s}_{i} W_{i+1} \\mathrm{Cost}
    """
    base, sub, sup = parts(name)
    text = f"\\boldsymbol{{{base}}}" if bold and len(base) == 1 else base_latex(base)
    return text + (f"^{{{sup}}}" if sup else "") + (f"_{{{sub}}}" if sub else "")
