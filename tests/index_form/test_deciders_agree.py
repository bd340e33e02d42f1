"""Random expressions, rewritten rightly or wrongly: the two deciders never contradict each other, nor a textbook law."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from index_form.strategies import pair

from cnnsym.evaluate import find_counterexample
from cnnsym.prover import prove
from cnnsym.verdict import Proved, Refuted


@settings(max_examples=220, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.integers(0, 10**9), st.sampled_from([2, 2, 3]))
def test_the_two_deciders_never_contradict_each_other(seed: int, depth: int) -> None:
    drawn = pair(random.Random(seed), depth)
    if drawn is None:
        return
    note(str(drawn))
    # InternalError, the contradiction, is what this test is about; no other error may come either.
    verdict = prove(drawn.left, drawn.right, drawn.assuming, seconds=0.3)
    event(f"{'right' if drawn.kept else 'wrong'} rewrites: {verdict.name}")
    if drawn.kept:
        assert not isinstance(verdict, Refuted), verdict
    if isinstance(verdict, Proved):  # other samples than those that prove() itself looked at
        search = find_counterexample(drawn.left, drawn.right, drawn.assuming, seed=seed + 1, samples=2, budget=0.2)
        assert search.counterexample is None


def test_the_strategies_reach_every_verdict() -> None:
    """A generator whose rewrites are all harmless, or never proved, would test nothing."""
    found: dict[tuple[bool, str], int] = {}
    for seed in range(60):
        drawn = pair(random.Random(seed), 2)
        if drawn is not None and drawn.rewrites:
            key = (drawn.kept, prove(drawn.left, drawn.right, drawn.assuming, seconds=0.2).name)
            found[key] = found.get(key, 0) + 1
    assert found[True, "proved"] > 10
    assert found[False, "refuted"] > 5
