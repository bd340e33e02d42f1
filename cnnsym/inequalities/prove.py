"""prove_inequality: sums compared term by term or as numbers, small models refute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import sympy as sp

from cnnsym.atoms import ForAll, indicator
from cnnsym.entailment import DRAWS, Facts, in_plain_integers, search_models
from cnnsym.errors import InternalError, LimitError, UnsupportedError
from cnnsym.evaluate import find_counterexample
from cnnsym.expression import expression
from cnnsym.inequalities.sums import Sums, Total
from cnnsym.inequalities.termwise import at_least_zero
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown, Verdict

SCOPE = "all sizes, reals and signals"
METHOD = "comparison of sums term by term and Z3"
MANY = 2_000  # small models, where no proof is found
SECONDS = 3.0  # for evaluation


def prove_inequality(hypotheses: Iterable[Any], relation: Any) -> Verdict:
    """Whether the relation, one of `<=`, `<`, `>=`, `>`, follows from the hypotheses, for all sizes and real numbers.

    Both sides are real: symbols, entries of signals, `cos` and `sin`, sums over ranges, and what `prove_entailment` covers;
    the hypotheses are as there, and may contain sums as well. Chains of inequalities are several claims.

    A Proved is tried in small models, or by exact evaluation where those do not reach. UnsupportedError for what is no such
    statement.

    >>> a, j, n = sp.symbols("a j n", integer=True)
    >>> m, M = sp.Symbol("m", integer=True, positive=True), sp.Symbol("M", real=True)
    >>> from cnnsym.atoms import ForAll, indicator
    >>> k, x = sp.IndexedBase("k"), sp.IndexedBase("x")
    >>> convolution = sp.Sum(k[a] * x[n + a], (a, 0, m - 1))
    >>> bound = M * sp.Sum(sp.Abs(k[a]), (a, 0, m - 1))
    >>> prove_inequality([ForAll(j, sp.Abs(x[j]) <= M)], sp.Abs(convolution) <= bound).name
    'proved'
    >>> prove_inequality([ForAll(j, x[j] <= M)], sp.Abs(convolution) <= bound).name
    'refuted'
    """
    stated = [expression(h) for h in hypotheses if h != sp.true]
    relation = expression(relation)
    if relation in (sp.true, sp.false):
        raise UnsupportedError(f"an inequality that SymPy takes for {relation}")
    if not isinstance(relation, (sp.Le, sp.Lt, sp.Ge, sp.Gt)):
        raise UnsupportedError(f"{relation}: expected one of <=, <, >=, >")
    given, plain = in_plain_integers(stated, relation)
    tried = _tried(stated, relation, given, plain, DRAWS)
    follows = _follows(given, plain)
    if not follows and tried.counterexample is None:
        tried = _tried(stated, relation, given, plain, MANY)
    if tried.counterexample is not None:
        if follows:
            raise InternalError(f"{METHOD} proves {relation}, but {tried.counterexample}")
        return Refuted(tried.counterexample)
    if not follows:
        return Unknown(("the sums were not seen to compare, term by term or as numbers", *tried.notes))
    if not tried.agreed:
        return Unknown(("it follows, but nothing was found at which the hypotheses hold", *tried.notes))
    return Proved(SCOPE, METHOD, tuple(map(str, stated)))


class _Tried(NamedTuple):
    counterexample: Counterexample | None
    agreed: bool = False  # the inequality was seen to hold somewhere
    notes: tuple[str, ...] = ("no counterexample was found",)


def _tried(stated: Sequence[Any], relation: Any, given: Sequence[Any], plain: Any, draws: int) -> _Tried:
    """A counterexample: among small models, or by exact evaluation for what those do not know, as cosines."""
    try:
        search = search_models(given, plain, draws=draws)
    except UnsupportedError as error:
        if any(h.has(ForAll) for h in stated):
            return _Tried(None, notes=(f"small models: {error}",))
        return _evaluated(stated, relation)
    if search.counterexample is None:
        return _Tried(None, search.met > 0)
    return _Tried(Counterexample({}, search.counterexample.as_dict(), f"{relation} is false", "true"))


def _evaluated(stated: Sequence[Any], relation: Any) -> _Tried:
    conditions = [part for h in stated for part in sp.And.make_args(h)]
    try:
        found = find_counterexample(indicator(sp.Not(relation)), sp.S.Zero, conditions, budget=SECONDS)
    except (UnsupportedError, LimitError) as error:
        return _Tried(None, notes=(f"exact evaluation: {error}",))
    if found.counterexample is None:
        return _Tried(None, bool(found.agreed or found.enclosed))
    c = found.counterexample
    return _Tried(Counterexample(c.sizes, c.values, f"{relation} is false", "true"))


def _follows(given: Sequence[Any], relation: Any) -> bool:
    sums = Sums()
    facts = [sums.named(h) for h in given]
    larger, smaller = (relation.gts, relation.lts)
    difference = sums.named(larger) - sums.named(smaller)
    known = [*facts, *_laws(sums, facts)]
    if Facts([*known, sp.Not(relation.func(*map(sums.named, relation.args)))]).contradictory():
        return True
    strict = isinstance(relation, (sp.Lt, sp.Gt))
    return not strict and at_least_zero(difference, sums, known)


def _laws(sums: Sums, facts: Sequence[Any]) -> list[Any]:
    """What is known of the sums themselves: their sign, and the inequality of Cauchy and Schwarz."""
    positive = [(name, t) for name, t in sums.totals if _nonnegative(t, facts)]
    found = [sp.Ge(name, 0) for name, _ in positive]
    for name, total in sums.totals:
        ones = [(sp.Mul(*(sp.Max(0, last + 1) for last in total.lasts)), Total(sp.S.One, total.indices, total.lasts))]
        like = [(s, t) for s, t in [*ones, *positive] if t.lasts == total.lasts]
        for (one, f), (other, g) in combinations_with_replacement(like, 2):
            if name not in (one, other) and sp.expand(total.summand**2 - f.summand * g.summand) == 0:
                found.append(sp.Le(name**2, one * other))
    return found


def _nonnegative(total: Total, facts: Sequence[Any]) -> bool:
    return Facts([*facts, *total.inside, sp.Lt(total.summand, 0)]).contradictory(rounds=1)
