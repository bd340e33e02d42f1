"""Hypotheses: predicates on matrices are met by construction, conditions on scalars and sizes by trial.

Source for orthogonal matrices: Cayley's transform, Horn and Johnson, Matrix Analysis, section 2.5.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy.assumptions import AppliedPredicate
from sympy.core.relational import Relational

from cnnsym.errors import UnsupportedError
from cnnsym.evaluate import array, draw
from cnnsym.evaluate.arithmetic import sign
from cnnsym.evaluate.array import Mat
from cnnsym.evaluate.undefined import Undefined


def _leading_minors_positive(a: Mat) -> bool:
    def minor(k: int) -> Mat:
        return Mat.build(k, k, lambda i, j: a[i, j])

    return all(sign(array.determinant(minor(k))) > 0 for k in range(1, a.rows + 1))


def _zero_where(a: Mat, outside: Callable[[int, int], bool]) -> bool:
    return all(not a[i, j] for i in range(a.rows) for j in range(a.cols) if outside(i, j))


def _symmetric(a: Mat) -> bool:
    return a.rows == a.cols and array.transpose(a) == a


_HOLDS: Mapping[str, Callable[[Mat], bool]] = {
    "square": lambda a: a.rows == a.cols,
    "symmetric": _symmetric,
    "diagonal": lambda a: _zero_where(a, lambda i, j: i != j),
    "lower_triangular": lambda a: _zero_where(a, lambda i, j: i < j),
    "upper_triangular": lambda a: _zero_where(a, lambda i, j: i > j),
    "orthogonal": lambda a: a.rows == a.cols and array.multiply(a, array.transpose(a)) == array.identity(a.rows),
    "invertible": lambda a: a.rows == a.cols and bool(array.determinant(a)),
    "positive_definite": lambda a: _symmetric(a) and _leading_minors_positive(a),
}

_ON_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "positive": lambda x: sp.Gt(x, 0),
    "negative": lambda x: sp.Lt(x, 0),
    "nonnegative": lambda x: sp.Ge(x, 0),
    "nonpositive": lambda x: sp.Le(x, 0),
    "nonzero": lambda x: sp.Ne(x, 0),
    "zero": lambda x: sp.Eq(x, 0),
    "even": lambda x: sp.Eq(sp.Mod(x, 2), 0),
    "odd": lambda x: sp.Eq(sp.Mod(x, 2), 1),
    "integer": lambda x: sp.Eq(sp.Mod(x, 1), 0),
}
_VOID = ("real", "finite", "real_elements")


@dataclass
class Hypotheses:
    """What is assumed: the predicates of each matrix symbol, and conditions that a sample must meet."""

    predicates: dict[Any, set[str]] = field(default_factory=dict)
    conditions: list[Any] = field(default_factory=list)


def read_hypotheses(assuming: Iterable[Any]) -> Hypotheses:
    """SymPy predicates and relations, sorted; lemmas are left out, for what is proved constrains nothing.

    Raises UnsupportedError for anything else.
    """
    found = Hypotheses()
    for item in assuming:
        if getattr(item, "is_lemma", False) or item is sp.true or item is True:
            continue
        if isinstance(item, AppliedPredicate):
            _read_predicate(found, item)
        elif isinstance(item, (Relational, sp.And, sp.Or, sp.Not)) or item is sp.false:
            found.conditions.append(item)
        else:
            raise UnsupportedError(f"exact evaluation does not know the hypothesis {item}")
    return found


def _read_predicate(found: Hypotheses, item: AppliedPredicate) -> None:
    name = str(item.function).removeprefix("Q.")
    subject = item.arguments[0]
    if isinstance(subject, sp.MatrixSymbol) and name in _HOLDS:
        found.predicates.setdefault(subject, set()).add(name)
    elif getattr(subject, "is_Matrix", False) and name == "invertible":
        found.conditions.append(sp.Ne(sp.Determinant(subject), 0))
    elif not getattr(subject, "is_Matrix", False) and name in _ON_SCALARS:
        found.conditions.append(_ON_SCALARS[name](subject))
    elif name not in _VOID:
        raise UnsupportedError(f"exact evaluation does not know the hypothesis {item}")


def holds(predicates: Iterable[str], a: Mat) -> bool:
    """True where the matrix meets all the predicates, exactly."""
    return all(_HOLDS[name](a) for name in sorted(predicates))


def draw_matrix(generator: random.Random, style: str, rows: int, cols: int, predicates: frozenset[str]) -> Mat:
    """A random matrix that meets the predicates; Undefined if none was found."""
    for attempt in range(12):
        used = style if attempt < 6 else draw.STYLES[attempt % len(draw.STYLES)]
        candidate = draw.matrix(generator, used, rows, cols)
        if not predicates:
            return candidate
        if rows == cols:
            candidate = _shaped(generator, candidate, predicates)
        if holds(predicates, candidate):
            return candidate
    raise Undefined(f"no matrix of shape {rows} x {cols} is {', '.join(sorted(predicates))}")


def _shaped(generator: random.Random, a: Mat, predicates: frozenset[str]) -> Mat:
    n = a.rows
    lower, upper = "lower_triangular" in predicates, "upper_triangular" in predicates
    diagonal = "diagonal" in predicates or (lower and upper) or ((lower or upper) and "symmetric" in predicates)
    signs = Mat.build(n, n, lambda i, j: generator.choice((-1, 1)) if i == j else 0)
    if "orthogonal" in predicates:
        if "positive_definite" in predicates:
            return array.identity(n)
        if diagonal or lower or upper:
            return signs
        turned = _orthogonal(generator, a)
        if "symmetric" in predicates:
            return array.multiply(array.multiply(turned, signs), array.transpose(turned))
        return turned
    if "positive_definite" in predicates:
        if diagonal or lower or upper:
            return Mat.build(n, n, lambda i, j: abs(a[i, i]) + 1 if i == j else 0)
        return array.add(array.multiply(a, array.transpose(a)), array.identity(n))
    if diagonal:
        return Mat.build(n, n, lambda i, j: a[i, j] if i == j else 0)
    if lower:
        return Mat.build(n, n, lambda i, j: a[i, j] if i >= j else 0)
    if upper:
        return Mat.build(n, n, lambda i, j: a[i, j] if i <= j else 0)
    return Mat.build(n, n, lambda i, j: a[min(i, j), max(i, j)]) if "symmetric" in predicates else a


def _orthogonal(generator: random.Random, a: Mat) -> Mat:
    """Rational: `(I - S)(I + S)^-1` for skew S, its rows permuted and with random signs."""
    n = a.rows
    skew = Mat.build(n, n, lambda i, j: a[i, j] if i < j else (-a[j, i] if i > j else 0))
    one = array.identity(n)
    turned = array.multiply(array.add(one, skew.map(lambda x: -x)), array.inverse(array.add(one, skew)))
    order = generator.sample(range(n), n)
    flips = [generator.choice((-1, 1)) for _ in range(n)]
    return Mat.build(n, n, lambda i, j: flips[i] * turned[order[i], j])
