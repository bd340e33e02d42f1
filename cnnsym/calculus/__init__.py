"""Matrix calculus: one table of rules (`rules`), read forward and backward."""

from cnnsym.calculus.derivatives import differential, gradient, jacobian
from cnnsym.calculus.unevaluated import take_derivatives

__all__ = ["differential", "gradient", "jacobian", "take_derivatives"]
