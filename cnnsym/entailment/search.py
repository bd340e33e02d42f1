"""The search for a small model in which the hypotheses hold and the conclusion fails.

Quantifiers are first tried on a window of values. What fails there fails; what holds there counts for a counterexample only
if it is certified for all values, which in a model is a question of linear arithmetic.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import sympy as sp

from cnnsym.atoms import EntryFunction, EntryValue, ForAll, Maximum
from cnnsym.entailment.clauses import clauses
from cnnsym.entailment.definitions import without_definitions
from cnnsym.entailment.models import Model, draw
from cnnsym.errors import UnsupportedError
from cnnsym.integers.evaluation import Compiled, Compiler, Place, Values
from cnnsym.purification import Purification
from cnnsym.solver import satisfiable

DRAWS = 400
REACH = {1: 7, 2: 4, 3: 2}  # of the window of a quantifier, by the number of its variables
FRACTIONS = tuple(map(Fraction, (0, 1, -1, 2, -2, 3))) + (Fraction(1, 2), Fraction(-1, 3))
MILLISECONDS = 2_000
CERTIFIED = 12  # models looked at closely
WORK = 400_000  # values tried for variables, in one search


class Search(NamedTuple):
    """A model that refutes, if one was found, and in how many the hypotheses were seen to hold."""

    counterexample: Model | None
    met: int


def search_models(hypotheses: Sequence[Any], conclusion: Any, draws: int = DRAWS, seed: int = 0) -> Search:
    """Look for a model of the hypotheses in which the conclusion fails; the answer depends on the seed alone.

    >>> i = sp.Symbol("i", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> found = search_models([ForAll(i, sp.Eq(x[i], x[i + 2]))], ForAll(i, sp.Eq(x[i], x[i + 1])))
    >>> found.counterexample is not None
    True
    """
    hypotheses, conclusion = without_definitions(hypotheses, conclusion)
    vocabulary = _Vocabulary([*hypotheses, conclusion])
    given = [_Statement(h, vocabulary) for h in hypotheses]
    goal = _Statement(conclusion, vocabulary)
    generator = random.Random(seed)
    met = examined = 0
    for _ in range(draws):
        if sum(s.meter[0] for s in (*given, goal)) < -WORK:
            break
        try:
            model = draw(generator, vocabulary.symbols, vocabulary.bases, vocabulary.functions)
            if not all(h.holds(model) for h in given):
                continue
            fails = not goal.holds(model)
        except ArithmeticError:
            continue
        met += 1
        if fails:
            examined += 1
            if all(s.certain(model) for s in (*given, goal)):
                return Search(model, met)
            if examined >= CERTIFIED:
                break
    return Search(None, met)


class _Vocabulary:
    """What is free in the statements."""

    def __init__(self, statements: Iterable[Any]) -> None:
        nodes = [node for s in statements for node in _free_nodes(s, frozenset())]
        self.symbols = sorted({n for n in nodes if n.is_Symbol}, key=lambda s: (str(s), s.sort_key()))
        self.bases: dict[Any, int] = {n.base: len(n.indices) for n in sorted(
            (n for n in nodes if isinstance(n, sp.Indexed)), key=str)}  # fmt: skip
        self.functions = sorted({f.label for f in nodes if isinstance(f, EntryFunction)})


def _free_nodes(e: Any, bound: frozenset[Any]) -> Iterator[Any]:
    if isinstance(e, ForAll):
        yield from _free_nodes(e.statement, bound | set(e.variables))
    elif isinstance(e, (sp.Sum, Maximum)):
        inner = bound | {limit[0] for limit in e.limits}
        yield from _free_nodes(e.function, inner)
        for limit in e.limits:
            for end in limit[1:]:
                yield from _free_nodes(end, inner)
    elif e.is_Symbol:
        if e not in bound:
            yield e
    elif isinstance(e, sp.Indexed):
        yield e
        for part in (*e.indices, *(n for n in e.base.shape or () if n is not sp.oo)):
            yield from _free_nodes(part, bound)
    elif isinstance(e, EntryFunction):
        if not e.is_abstract:
            raise UnsupportedError(f"the function {e} in a small model")
        yield e
    else:
        for a in e.args:
            yield from _free_nodes(a, bound)


class _Statement(Compiler):
    """A statement compiled for all models of a vocabulary."""

    def __init__(self, statement: Any, vocabulary: _Vocabulary) -> None:
        super().__init__()
        self._statement, self._symbols = statement, vocabulary.symbols
        self._model = Model()
        self._truth = self.compiled(statement, {s: k for k, s in enumerate(vocabulary.symbols)})

    def holds(self, model: Model) -> bool:
        """The truth in a model, with quantifiers over windows."""
        self._model = model
        return bool(self._truth([model.numbers[s] for s in self._symbols]))

    def certain(self, model: Model) -> bool:
        """True where every quantifier that holds on its window is known to hold; what fails on a window does fail."""
        quantified = list(_outermost(self._statement))
        return not any(_alternates(q.statement) for q in quantified) and all(
            _certified(q, model) or not self._on_window(q, model) for q in quantified
        )

    def _on_window(self, quantified: Any, model: Model) -> bool:
        truth = self.compiled(quantified, {s: k for k, s in enumerate(self._symbols)})
        return bool(truth([model.numbers[s] for s in self._symbols]))

    def compiled(self, e: Any, place: Place) -> Compiled:
        if isinstance(e, ForAll):
            return self._quantified(e, place)
        if isinstance(e, Maximum):
            inner, each = self.scopes(e.limits, place)
            value = self.compiled(e.function, inner)
            return lambda v: _largest([value(scope) for scope in each(v)])
        if isinstance(e, sp.Indexed):
            base, places = e.base, [self.compiled(i, place) for i in e.indices]
            return lambda v: self._model.tables[base].at([p(v) for p in places])
        if isinstance(e, EntryValue):
            name, order, argument = e.args[0].label, e.args[0].order, self.compiled(e.args[1], place)
            return lambda v: self._model.functions[name].at(argument(v), order)
        return super().compiled(e, place)

    def _quantified(self, e: Any, place: Place) -> Compiled:
        start = max(place.values(), default=-1) + 1
        truth = self.compiled(e.statement, {**place, **{v: start + k for k, v in enumerate(e.variables)}})
        reach = REACH.get(len(e.variables), 1)
        windows = [range(-reach, reach + 1) if v.is_integer else FRACTIONS for v in e.variables]

        def everywhere(v: Values) -> bool:
            for values in product(*windows):
                self.meter[0] -= 1
                if not truth([*v, *values]):
                    return False
            return True

        return everywhere


def _largest(values: Values) -> Any:
    if not values:
        raise ArithmeticError("a maximum over nothing")
    return max(values)


def _outermost(e: Any) -> Iterator[Any]:
    if isinstance(e, ForAll):
        yield e
    else:
        for a in e.args:
            if isinstance(a, sp.logic.boolalg.Boolean):
                yield from _outermost(a)


def _alternates(e: Any, positive: bool = True) -> bool:
    """Whether a quantifier stands in the statement where it may be denied."""
    if isinstance(e, ForAll):
        return not positive or _alternates(e.statement)
    return any(_alternates(a, positive and isinstance(e, (sp.And, sp.Or))) for a in e.args)


def _certified(quantified: Any, model: Model) -> bool:
    """Whether it holds in the model for all values of its variables."""
    names = Purification()
    try:
        denied = list(clauses(sp.Not(_concrete(quantified, model))))
        if any(clause.variables for clause in denied):  # a quantifier within a quantifier
            return False
        relations = [names.boolean(clause.matrix) for clause in denied]
    except UnsupportedError:
        return False
    needed = [satisfiable([*names.definitions[:known], sp.Not(c)], MILLISECONDS).kind for c, known in names.conditions]
    return set(needed) <= {"unsat"} and satisfiable([*relations, *names.definitions], MILLISECONDS).kind == "unsat"


def _concrete(e: Any, model: Model, bound: frozenset[Any] = frozenset()) -> Any:
    """The statement with the numbers, entries and values of the model; only variables are left."""
    if isinstance(e, ForAll):
        return ForAll(e.variables, _concrete(e.statement, model, bound | set(e.variables)))
    if isinstance(e, (Maximum, sp.Sum)):
        raise UnsupportedError(f"{e} under a quantifier")
    if e.is_Symbol and e not in bound:
        value = model.numbers[e]
        return sp.Rational(value.numerator, value.denominator)
    if isinstance(e, sp.Indexed):
        return model.tables[e.base].term([_concrete(i, model, bound) for i in e.indices])
    if isinstance(e, EntryValue):
        return sp.expand(model.functions[e.args[0].label].at(_concrete(e.args[1], model, bound), e.args[0].order))
    return e.func(*(_concrete(a, model, bound) for a in e.args)) if e.args else e
