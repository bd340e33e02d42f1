"""The words of the notation: what each LaTeX command stands for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import sympy as sp

from cnnsym.atoms import relu, sigmoid, step

STYLES: Final = frozenset(
    "\\boldsymbol \\mathbf \\bm \\pmb \\bf \\vec \\mathrm \\mathsf \\mathit \\rm \\operatorname \\text".split()
)
ACCENTS: Final = frozenset(
    "\\hat \\tilde \\bar \\check \\widehat \\widetilde \\dot \\ddot \\overline \\mathcal \\mathfrak \\mathscr \\mathbb".split()
)
IGNORED: Final = frozenset(
    """\\, \\; \\: \\! \\> \\quad \\qquad \\displaystyle \\textstyle \\scriptstyle \\limits \\nolimits \\notag \\nonumber
    \\boxed \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\biggl \\biggr \\Biggl \\Biggr \\bigm \\Bigm \\middle
    \\mathstrut \\strut \\null \\thinspace \\medspace \\thickspace \\negthinspace \\allowbreak ~""".split()
    + ["\\ ", "\\\n", "\\\t"]
)
GREEK: Final = frozenset(
    "\\" + name
    for name in """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho
    varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    ell""".split()
)
RELATIONS: Final = frozenset(
    """= < > : \\colon \\in \\notin \\ne \\neq \\le \\leq \\leqslant \\ge \\geq \\geqslant \\lt \\gt \\mid \\nmid \\approx
    \\equiv \\propto \\sim \\simeq \\cong \\to \\rightarrow \\coloneqq \\subset \\subseteq \\ll \\gg \\prec \\preceq
    \\succ \\succeq""".split()
)
# What joins conditions; the loosest first.
CONNECTIVES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "\\iff": "IFF",
        "\\Leftrightarrow": "IFF",
        "\\Longleftrightarrow": "IFF",
        "\\implies": "IMPLIES",
        "\\Rightarrow": "IMPLIES",
        "\\Longrightarrow": "IMPLIES",
        "\\lor": "OR",
        "\\vee": "OR",
        "\\land": "AND",
        "\\wedge": "AND",
        "\\lnot": "NOT",
        "\\neg": "NOT",
    }
)
# Words within a case distinction: before a condition, instead of one, and between two.
CASE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("if", "for", "when", "若", "如果", "当"), "WHEN")
    | dict.fromkeys(("otherwise", "else", "否则", "其他", "其它"), "OTHERWISE")
    | dict.fromkeys(("and", "且"), "AND")
    | dict.fromkeys(("or", "或"), "OR")
)
OPERATORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "+": "SIGN",
        "-": "SIGN",
        "*": "TIMES",
        "\\cdot": "TIMES",
        "\\times": "TIMES",
        "\\bmod": "TIMES",
        "/": "TIMES",
        "\\odot": "MATOP",
        "\\circ": "MATOP",
        "\\oslash": "MATOP",
        "\\otimes": "MATOP",
        ",": "COMMA",
        ";": "COMMA",
        ".": "STOP",
        "_": "SUB",
        "^": "SUP",
        "'": "PRIME",
        "\\frac": "FRAC",
        "\\dfrac": "FRAC",
        "\\tfrac": "FRAC",
        "\\cfrac": "FRAC",
        "\\sqrt": "SQRT",
        "\\top": "TOP",
        "\\intercal": "TOP",
        "\\mapsto": "MAPSTO",
    }
)

# Scalar functions, applied entry by entry on arrays. Their names are LaTeX commands or words in roman type.
ENTRY_FUNCTIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "exp": sp.exp,
        "log": sp.log,
        "ln": sp.log,
        "sin": sp.sin,
        "cos": sp.cos,
        "tan": sp.tan,
        "cot": sp.cot,
        "sec": sp.sec,
        "csc": sp.csc,
        "sinh": sp.sinh,
        "cosh": sp.cosh,
        "tanh": sp.tanh,
        "coth": sp.coth,
        "arcsin": sp.asin,
        "arccos": sp.acos,
        "arctan": sp.atan,
        "erf": sp.erf,
        "sign": sp.sign,
        "relu": relu,
        "sigmoid": sigmoid,
        "step": step,
    }
)
# How the words of operations on matrices, and on a complex number, may be spelt, and the one name each has here.
MATRIX_OPERATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vec": "vec",
        "unvec": "unvec",
        "diag": "diag",
        "Diag": "diag",
        "tr": "tr",
        "Tr": "tr",
        "trace": "tr",
        "det": "det",
        "conj": "conj",
    }
)
FUNCTIONS: Final = frozenset("\\" + name for name in [*ENTRY_FUNCTIONS, "det"])
DOTS: Final = frozenset({"\\cdots", "\\dots", "\\ldots", "\\dotsb", "\\dotsc"})
