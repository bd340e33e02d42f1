"""Matrix calculus for neural networks on SymPy, with machine-checked identities."""

from cnnsym import layers, reference
from cnnsym.atoms import (
    Maximum,
    basis,
    commutation,
    diag,
    elementwise,
    hadamard,
    indicator,
    kron,
    matrix,
    objective,
    ones,
    relu,
    scalar,
    sigmoid,
    signal,
    step,
    trace,
    unvec,
    vec,
    vector,
)
from cnnsym.calculus import differential, gradient, jacobian
from cnnsym.claim import Claim, Derivation
from cnnsym.errors import (
    ClaimError,
    CnnsymError,
    InternalError,
    LatexError,
    LimitError,
    ShapeError,
    UnsupportedError,
)
from cnnsym.latex import Context, from_latex, to_latex
from cnnsym.numpy_code import compile_numpy
from cnnsym.prover import prove
from cnnsym.sizes import dims
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown

__version__ = "0.1.0"

__all__ = [
    "Claim",
    "ClaimError",
    "CnnsymError",
    "Context",
    "Counterexample",
    "Derivation",
    "InternalError",
    "LatexError",
    "LimitError",
    "Maximum",
    "Proved",
    "Refuted",
    "ShapeError",
    "Unknown",
    "UnsupportedError",
    "basis",
    "commutation",
    "compile_numpy",
    "diag",
    "differential",
    "dims",
    "elementwise",
    "from_latex",
    "gradient",
    "hadamard",
    "indicator",
    "jacobian",
    "kron",
    "layers",
    "matrix",
    "objective",
    "ones",
    "prove",
    "reference",
    "relu",
    "scalar",
    "sigmoid",
    "signal",
    "step",
    "to_latex",
    "trace",
    "unvec",
    "vec",
    "vector",
]
