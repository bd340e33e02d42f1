"""The entrywise (Hadamard) product."""

from __future__ import annotations

from typing import Any

from cnnsym.atoms._atom import Atom, as_matrix
from cnnsym.sizes import require_same_shape


class Hadamard(Atom):
    """`A ⊙ B`: the product entry by entry of matrices of one shape. Takes any number of factors."""

    def __new__(cls, *factors: Any) -> Any:
        if not factors:
            raise TypeError("hadamard: expected at least one matrix")
        factors = tuple(as_matrix("hadamard", f, f"factor {k}") for k, f in enumerate(factors, 1))
        require_same_shape("hadamard", *((f"factor {k}", f.shape) for k, f in enumerate(factors, 1)))
        return cls._store(factors[0].shape, *factors)


def hadamard(*factors: Any) -> Any:
    """The entrywise product of matrices of one shape `(m, n)`; ShapeError names the first two that disagree."""
    return as_matrix("hadamard", factors[0]) if len(factors) == 1 else Hadamard(*factors)
