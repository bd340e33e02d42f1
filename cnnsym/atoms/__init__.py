"""Matrix atoms: what SymPy lacks or has wrong, one concept a file. They store; they never compute."""

from sympy import Trace as trace

from cnnsym.atoms._activation import relu, sigmoid, step
from cnnsym.atoms._atom import Atom, as_matrix, digest
from cnnsym.atoms._binders import alike, apart
from cnnsym.atoms._commutation import Commutation, commutation
from cnnsym.atoms._constant import Basis, basis, ones
from cnnsym.atoms._derivative import Gradient, Jacobian
from cnnsym.atoms._diag import Diag, Diagonal, diag
from cnnsym.atoms._elementwise import Elementwise, EntryFunction, EntryValue, elementwise
from cnnsym.atoms._forall import ForAll
from cnnsym.atoms._hadamard import Hadamard, hadamard
from cnnsym.atoms._kron import Kron, kron
from cnnsym.atoms._maximum import Indicator, Maximum, indicator
from cnnsym.atoms._objective import ObjectiveFunction, ObjectiveGradient, ObjectiveHessian, ObjectiveValue, objective
from cnnsym.atoms._signal import Signal, grids, signal
from cnnsym.atoms._symbol import matrix, scalar, vector
from cnnsym.atoms._vec import Unvec, Vec, unvec, vec

__all__ = [
    "Atom",
    "Basis",
    "Commutation",
    "Diag",
    "Diagonal",
    "Elementwise",
    "EntryFunction",
    "EntryValue",
    "ForAll",
    "Gradient",
    "Hadamard",
    "Indicator",
    "Jacobian",
    "Kron",
    "Maximum",
    "ObjectiveFunction",
    "ObjectiveGradient",
    "ObjectiveHessian",
    "ObjectiveValue",
    "Signal",
    "Unvec",
    "Vec",
    "alike",
    "apart",
    "as_matrix",
    "basis",
    "commutation",
    "diag",
    "digest",
    "elementwise",
    "grids",
    "hadamard",
    "indicator",
    "kron",
    "matrix",
    "objective",
    "ones",
    "relu",
    "scalar",
    "sigmoid",
    "signal",
    "step",
    "trace",
    "unvec",
    "vec",
    "vector",
]
