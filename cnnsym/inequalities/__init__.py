"""Inequalities between real expressions with sums over ranges, for all sizes."""

from cnnsym.inequalities.prove import prove_inequality

__all__ = ["prove_inequality"]
