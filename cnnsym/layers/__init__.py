"""Symbolic layers: the forward definition of each, entry by entry, for all sizes. One layer a file.

The stems are those of `cnnsym.reference`, where the same layers are NumPy code.
"""

from cnnsym.layers import dct2d, gap, linear

__all__ = ["dct2d", "gap", "linear"]
