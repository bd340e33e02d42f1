"""NumPy code for expressions."""

from cnnsym.numpy_code.function import compile_numpy

__all__ = ["compile_numpy"]
