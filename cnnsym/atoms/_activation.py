"""Activation functions that SymPy does not have: sigmoid, relu and its derivative, the unit step."""

from __future__ import annotations

from typing import Any

import sympy as sp


class sigmoid(sp.Function):  # noqa: N801 - named as SymPy names functions
    """The logistic function `1/(1 + exp(-t))`."""

    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        (t,) = self.args
        return sigmoid(t) * (1 - sigmoid(t))


class step(sp.Function):  # noqa: N801
    """1 for positive, 0 for negative arguments; not defined at 0, where relu has no derivative."""

    is_real = True

    @classmethod
    def eval(cls, t: Any) -> Any:
        if t.is_positive:
            return sp.S.One
        if t.is_negative:
            return sp.S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> Any:
        return sp.S.Zero


class relu(sp.Function):  # noqa: N801
    """`max(t, 0)`; its derivative is `step`, and there is none at 0."""

    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return step(self.args[0])
