"""What the affine form proves, exact evaluation never refutes: random statements, rewritten rightly and wrongly."""

from __future__ import annotations

import random

import pytest
from affine_form.strategies import n, rewritten, statement, t

from cnnsym.affine_form import same_form
from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.evaluate import find_counterexample


@pytest.mark.parametrize("seed", range(120))
def test_no_proof_is_contradicted(seed):
    draw = random.Random(seed)
    left = statement(draw, [n, t])
    right = rewritten(draw, left)
    try:
        proved = same_form(left, right)
    except (UnsupportedError, LimitError):
        return
    if proved:
        try:
            found = find_counterexample(left, right, samples=2, budget=1.0)
        except (UnsupportedError, LimitError):
            return
        assert found.counterexample is None, (left, right, found.counterexample)
