"""Symbolic layers: the forward definition of each, entry by entry, for all sizes. One layer a file.

The stems are those of `cnnsym.reference`, where the same layers are NumPy code.
"""

from cnnsym.layers import avg_pool2d, conv1d, conv2d, dct2d, gap, linear, max_pool2d

__all__ = ["avg_pool2d", "conv1d", "conv2d", "dct2d", "gap", "linear", "max_pool2d"]
