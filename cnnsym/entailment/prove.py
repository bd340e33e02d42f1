"""prove_entailment: instances prove, small models refute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sympy as sp
from sympy.tensor.indexed import Idx

from cnnsym.entailment.facts import ROUNDS, Facts
from cnnsym.entailment.search import search_models
from cnnsym.errors import InternalError
from cnnsym.expression import expression
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown, Verdict

SCOPE = "all integers, reals and signals"
METHOD = "instances and Z3"
MANY = 2_000  # small models


def prove_entailment(hypotheses: Iterable[Any], conclusion: Any) -> Verdict:
    """Whether the conclusion follows from the hypotheses, for all integers, reals, signals and abstract functions.

    Both are relations, `ForAll`s, or And, Or, Not, Implies, Equivalent, ITE of such. A symbol is an integer or a real number
    by its assumptions. An entry `x[e]` is a real number; what the axes of the signal say of it (zero outside a range,
    circular) is known. `f(t)` is the value of an abstract real function. `Maximum` is one of its values, and no smaller than
    any. Polynomials, floor, Mod, Max, Abs and cases are as for `prove_integers`.

    A Proved needs a small model in which the hypotheses hold, and that no small model refutes. UnsupportedError for what is
    no such statement.

    >>> from cnnsym.atoms import ForAll
    >>> j, q, r = sp.symbols("j q r", integer=True)
    >>> k = sp.IndexedBase("k")
    >>> one, many = ForAll(j, sp.Eq(k[j + q], k[j])), ForAll(j, sp.Eq(k[j + q*r], k[j]))
    >>> prove_entailment([one, many], ForAll(j, sp.Eq(k[j + q*(r + 1)], k[j]))).name
    'proved'
    >>> prove_entailment([many], one).name
    'refuted'
    """
    stated = [expression(h) for h in hypotheses if h != sp.true]
    given, conclusion = in_plain_integers(stated, expression(conclusion))
    # Few models are looked at before the proof, so that what is false is seen to be early, and many where there is none.
    search = search_models(given, conclusion)
    refuted = search.counterexample is not None
    follows = _follows(given, conclusion, rounds=1 if refuted else ROUNDS)
    if not follows and not refuted:
        search = search_models(given, conclusion, draws=MANY, seed=1)
    if search.counterexample is not None:
        if follows:
            raise InternalError(f"{METHOD} prove {conclusion}, but it fails where {search.counterexample.as_dict()}")
        return Refuted(Counterexample({}, search.counterexample.as_dict(), f"{conclusion} is false", "true"))
    if not follows:
        return Unknown(("no contradiction among instances of the hypotheses", "no counterexample among small models"))
    if not search.met:
        return Unknown(
            ("it follows, but no small model was found in which the hypotheses hold, so that anything may follow",)
        )
    return Proved(SCOPE, METHOD, tuple(map(str, stated)))


def _follows(given: Sequence[Any], conclusion: Any, rounds: int) -> bool:
    return all(Facts([*given, *more, sp.Not(part)]).contradictory(rounds) for more, part in _parts(conclusion))


def in_plain_integers(given: Sequence[Any], conclusion: Any) -> tuple[list[Any], Any]:
    """The statements with an integer for each free index of a range, and that range as a fact."""
    ranged = sorted({s for e in (*given, conclusion) for s in e.free_symbols if isinstance(s, Idx)}, key=str)
    swap = {i: sp.Dummy(str(i.label), integer=True) for i in ranged}
    facts = [fact for i in ranged for fact in (sp.Ge(swap[i], i.lower), sp.Le(swap[i], i.upper))]
    return [*(e.xreplace(swap) for e in given), *facts], conclusion.xreplace(swap)


def _parts(goal: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """`(facts, part)`: the goal says that each part follows from its facts."""
    if isinstance(goal, sp.And):
        for a in goal.args:
            yield from _parts(a)
    elif isinstance(goal, sp.Equivalent):
        first, *others = goal.args
        for other in others:
            yield from (((first, *more), part) for more, part in _parts(other))
            yield from (((other, *more), part) for more, part in _parts(first))
    elif isinstance(goal, sp.Implies):
        yield from (((goal.args[0], *more), part) for more, part in _parts(goal.args[1]))
    else:
        yield (), goal
