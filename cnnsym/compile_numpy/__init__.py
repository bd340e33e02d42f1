"""NumPy code for expressions."""

from cnnsym.compile_numpy.function import compile_numpy

__all__ = ["compile_numpy"]
