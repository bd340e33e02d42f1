"""LaTeX both ways: declared notation to SymPy, and SymPy to the notation of the notes."""

from cnnsym.latex.context import Context
from cnnsym.latex.formula import Chain, Formula, from_latex, read_formula
from cnnsym.latex.printer import to_latex

__all__ = ["Chain", "Context", "Formula", "from_latex", "read_formula", "to_latex"]
