"""Instances of universal statements: the entries of a statement are laid over the entries that occur."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.relational import Relational

from cnnsym.atoms import EntryValue, ForAll
from cnnsym.entailment.clauses import Universal

TRIES = 3_000  # of laying an entry over another, for one statement
CANDIDATES = 8  # terms for a variable that stands in no entry

Substitution = Mapping[Any, Any]


def entries(e: Any) -> list[Any]:
    """The entries `x[e]` and values `f(t)` of a statement outside of quantifiers, sums and maxima, each once.

    Inside of those, an entry has an index that means nothing outside: put in for a variable, it would be captured.
    """
    found: dict[Any, None] = {}
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, (sp.Indexed, EntryValue)):
            found[node] = None
        if not isinstance(node, (ForAll, ExprWithLimits)):
            stack += [a for a in reversed(node.args) if isinstance(a, sp.Basic)]
    return list(found)


def instances(universal: Universal, ground: Sequence[Any]) -> Iterator[Any]:
    """The matrix at values of the variables that make entries of it entries of `ground`.

    >>> i, j = sp.symbols("i j", integer=True)
    >>> x = sp.IndexedBase("x")
    >>> list(instances(Universal((i,), x[i + 1] > 0), [x[j]]))
    [x[j] > 0]
    """
    occur = {_function(entry) for entry in ground}
    patterns = [
        p for p in entries(universal.matrix) if p.free_symbols & set(universal.variables) and _function(p) in occur
    ]
    ends = {v: _ends(universal.matrix, v, universal.variables) for v in universal.variables}
    seen: dict[Any, None] = {}
    for found in _assignments(universal.variables, patterns, ground, ends, {}, [TRIES]):
        values = {v: sp.expand(found[v]) for v in universal.variables}
        key = tuple(values.values())
        if key not in seen:
            seen[key] = None
            yield universal.matrix.xreplace(values)


def _assignments(
    variables: Sequence[Any],
    patterns: Sequence[Any],
    ground: Sequence[Any],
    ends: Mapping[Any, Sequence[Any]],
    known: Substitution,
    tries: list[int],
) -> Iterator[Substitution]:
    missing = [v for v in variables if v not in known]
    if not missing:
        yield known
        return
    useful = [p for p in patterns if p.free_symbols & set(missing)]
    for k, pattern in enumerate(useful):
        for entry in ground:
            tries[0] -= 1
            if tries[0] < 0:
                return
            more = _match(pattern, entry, missing, known)
            if more is not None:
                yield from _assignments(variables, useful[k + 1 :], ground, ends, {**known, **more}, tries)
    variable = missing[0]
    values = list(ends[variable]) if known or not useful else []
    for value in values if useful else dict.fromkeys([*values, *_candidates(variable, ground)]):
        yield from _assignments(variables, useful, ground, ends, {**known, variable: value}, tries)


def _match(pattern: Any, entry: Any, missing: Sequence[Any], known: Substitution) -> Substitution | None:
    """Values of some missing variables at which the pattern is the entry as far as they decide it; None where none is decided."""
    if _function(pattern) != _function(entry):
        return None
    found: dict[Any, Any] = {}
    pairs = list(zip(_places(pattern), _places(entry), strict=True))
    for _ in missing:  # a place with two variables waits for another that decides one of them
        for one, other in pairs:
            difference = sp.expand((one - other).xreplace({**known, **found}))
            left = [v for v in missing if v not in found and v in difference.free_symbols]
            if len(left) != 1:
                continue
            value = _solution(difference, left[0])
            if value is not None:
                found[left[0]] = value
    return found or None


def _solution(difference: Any, variable: Any) -> Any | None:
    slope = difference.coeff(variable, 1)
    rest = sp.expand(difference - slope * variable)
    if variable in rest.free_symbols or not slope.is_Rational or slope == 0:
        return None
    value = sp.expand(-rest / slope)
    integral = all(c.is_Integer for c in value.as_coefficients_dict().values())
    return value if not variable.is_integer or (integral and value.is_integer) else None


def _ends(matrix: Any, variable: Any, variables: Sequence[Any]) -> list[Any]:
    """Where relations between the variable and terms free of variables change: 0 and n - 1 for `0 <= i` and `i < n`."""
    found: dict[Any, None] = {}
    bound = {limit[0] for e in matrix.atoms(ExprWithLimits) for limit in e.limits}
    for relation in sorted(matrix.atoms(Relational), key=str):
        if variable.is_integer and relation.lhs.is_integer and relation.rhs.is_integer:
            difference = sp.expand(relation.lhs - relation.rhs)
            value = _solution(difference, variable) if variable in difference.free_symbols else None
            if value is not None and not value.free_symbols & {*variables, *bound}:
                found.update(dict.fromkeys([value, value - 1, value + 1]))
    return list(found)[:CANDIDATES]


def _function(entry: Any) -> Any:
    return entry.base if isinstance(entry, sp.Indexed) else entry.args[0]


def _places(entry: Any) -> Iterable[Any]:
    return entry.indices if isinstance(entry, sp.Indexed) else entry.args[1:]


def _candidates(variable: Any, ground: Sequence[Any]) -> list[Any]:
    """Terms of the kind of the variable: 0 and the places that occur."""
    places = (p for entry in ground for p in _places(entry))
    found = dict.fromkeys([sp.S.Zero, *(p for p in places if p.is_integer or not variable.is_integer)])
    return list(found)[:CANDIDATES]
