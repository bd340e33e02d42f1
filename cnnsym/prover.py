"""prove(lhs, rhs): two deciders that share no code, and what follows from both.

The index form proves, for all sizes; exact evaluation at small sizes refutes, and must agree with every proof. Where they
contradict each other one of them is wrong: that is an InternalError, and no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.assumptions.assume import AppliedPredicate
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from cnnsym.affine_form import same_form
from cnnsym.calculus import take_derivatives
from cnnsym.cosine_sums import cosine_sum_holds
from cnnsym.domain import conditions
from cnnsym.errors import InternalError, LimitError, UnsupportedError
from cnnsym.evaluate import Search, find_counterexample
from cnnsym.expression import expression
from cnnsym.index_form import Lemma, difference
from cnnsym.sizes import same_shape, shape_text
from cnnsym.trigonometry import equal, telescopes
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown, Verdict

SECONDS = 5.0  # for exact evaluation of one equation


def prove(lhs: Any, rhs: Any, assuming: Any = (), *, seconds: float = SECONDS) -> Verdict:
    """Decide `lhs = rhs` for all sizes and all values in the domain where both sides are defined.

    Both are matrix expressions of one shape or scalars; a matrix of shape (1, 1) may stand for a scalar. `assuming` holds
    SymPy predicates such as `Q.symmetric(A)`, `Q.orthogonal(A)`, `Q.diagonal(A)`, `Q.invertible(A)`, and lemmas.

    Proved says that both sides have the same canonical index form, and that exact evaluation agrees at small sizes. Refuted
    carries exact values at which they differ. Unknown says what was tried. ShapeError is raised where an expression is ill
    formed in itself.

    >>> import cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> A = cnnsym.matrix("A", m, n)
    >>> prove(cnnsym.commutation(m, n) * cnnsym.vec(A), cnnsym.vec(A.T)).name
    'proved'
    >>> B = cnnsym.matrix("B", n, n)
    >>> prove(cnnsym.vec(B), cnnsym.vec(B.T)).counterexample.sizes
    {'n': 2}
    """
    lhs, rhs = _expression(lhs), _expression(rhs)
    facts, lemmas = _assumptions(assuming)
    if not same_shape(_shape(lhs), _shape(rhs)):
        return _shapes_differ(lhs, rhs)

    def index_form() -> bool:
        return difference(take_derivatives(lhs), take_derivatives(rhs), facts, lemmas).is_zero

    def affine_form() -> bool:
        if getattr(lhs, "is_Matrix", False) or getattr(rhs, "is_Matrix", False):
            raise UnsupportedError("a matrix")
        return same_form(take_derivatives(lhs), take_derivatives(rhs), [f for f in facts if not isinstance(f, AppliedPredicate)])

    assumed = (*map(str, facts), *(lemma.name for lemma in lemmas), *conditions(lhs, rhs))
    return _decide(lhs, rhs, facts, {"index form": index_form, "affine form": affine_form}, assumed, seconds)


def prove_trigonometric(lhs: Any, rhs: Any) -> Verdict:
    """Decide an identity between trigonometric polynomials with symbolic arguments.

    >>> a, b = sp.symbols("a b", real=True)
    >>> prove_trigonometric(sp.cos(a) * sp.cos(b), (sp.cos(a - b) + sp.cos(a + b)) / 2).name
    'proved'
    """
    lhs, rhs = expression(lhs), expression(rhs)
    return _decide(lhs, rhs, (), {"Euler's formula": lambda: equal(lhs, rhs)})


def prove_by_telescoping(total: Any, closed: Any, variable: Any) -> Verdict:
    """Decide `factor * Sum(g(h), (h, a, n - 1)) = closed(n)` for all `n >= a`, by induction on `n = variable`."""
    return _decide(total, closed, (), {"telescoping": lambda: telescopes(total, closed, variable)})


def prove_cosine_sum(lhs: Any, rhs: Any, cases: Sequence[Any]) -> Verdict:
    """Decide an equation with a cosine sum of symbolic length, case by case; see `cnnsym.cosine_sums`."""
    routes = {"telescoping and parity, case by case": lambda: cosine_sum_holds(lhs, rhs, cases)}
    return _decide(lhs, rhs, (), routes)


def _decide(
    lhs: Any,
    rhs: Any,
    facts: tuple[Any, ...],
    routes: Mapping[str, Callable[[], bool]],
    assumed: tuple[str, ...] = (),
    seconds: float = SECONDS,
) -> Verdict:
    tried: list[str] = []
    holds, method = bool(lhs == rhs), next(iter(routes))
    left = dict(routes)
    while left and not holds:
        method = next(iter(left))
        answer = _tried(left.pop(method), method, tried)
        holds = answer is True
        if answer is False:
            break  # a form that covers both sides tells them apart: first see whether they are
    try:
        # A proof needs agreement at a few sizes; only where there is none is the search for a counterexample long.
        search = find_counterexample(
            lhs, rhs, facts, samples=1 if holds else 8, budget=min(seconds, 0.5) if holds else seconds
        )
    except (UnsupportedError, LimitError) as error:
        return Unknown((*tried, f"exact evaluation: {error}"), method=method)
    if search.counterexample is None:
        for route, canonical in left.items():
            if not holds and _tried(canonical, route, tried):
                holds, method = True, route
    if search.counterexample is not None:
        if holds:
            raise InternalError(f"{method} proves {lhs} = {rhs}, but {search.counterexample}")
        return Refuted(search.counterexample)
    if not holds:
        return Unknown((*tried, _agreement(search)), method=method)
    if not search.agreed and not search.enclosed:
        return Unknown((f"{method}: equal", "; ".join(("exact evaluation: no sample", *search.notes))), method=method)
    return Proved(method=method, assumed=(*assumed, *_narrow(search)))


def _tried(canonical: Callable[[], bool], route: str, tried: list[str]) -> bool | None:
    """Whether the canonical forms are equal, None where there are none; what keeps them from it is added to `tried`."""
    try:
        holds = canonical()
    except (UnsupportedError, LimitError) as error:
        tried.append(f"{route}: {error}")
        return None
    except RecursionError:
        tried.append(f"{route}: the expression is nested too deeply")
        return None
    if not holds:
        tried.append(f"{route}: the two canonical forms differ")
    return holds


def _narrow(search: Search) -> tuple[str, ...]:
    """A warning where both sides were defined at size 1 only: (x x')^-1 exists for vectors of one entry and no others."""
    seen = search.agreed + search.enclosed
    names = [name for name in seen[0] if all(sizes[name] == 1 for sizes in seen)] if search.undefined else []
    return (f"both sides were found defined only where {', '.join(f'{name} = 1' for name in names)}",) if names else ()


def _agreement(search: Search) -> str:
    sizes = [
        ", ".join(f"{name}={value}" for name, value in each.items()) or "the only size"
        for each in search.agreed + search.enclosed
    ]
    found = "; ".join(sizes[:4]) + (" and more" if len(sizes) > 4 else "") if sizes else "no sizes"
    return f"exact evaluation: no counterexample, the sides agree at {found}" + "".join(
        f"; {note}" for note in search.notes
    )


def _expression(e: Any) -> Any:
    e = expression(e)
    if isinstance(e, sp.MatrixBase):
        return e.as_immutable()
    if not isinstance(e, (sp.Expr, sp.MatrixExpr)):
        raise UnsupportedError(f"prove: expected a matrix expression or a scalar, got {type(e).__name__}")
    return e


def _shape(e: Any) -> tuple[Any, Any]:
    return e.shape if getattr(e, "is_Matrix", False) else (sp.S.One, sp.S.One)


def _shapes_differ(lhs: Any, rhs: Any) -> Refuted:
    """Sizes at which the shapes differ: distinct small numbers for the symbols, until they do."""
    left, right = _shape(lhs), _shape(rhs)
    symbols = sorted(set().union(*(expression(s).free_symbols for s in (*left, *right))), key=str)
    for start in range(1, 8):
        sizes = {s: start + k for k, s in enumerate(symbols)}
        shapes = [tuple(expression(s).xreplace(sizes) for s in shape) for shape in (left, right)]
        if shapes[0] != shapes[1]:
            one, other = (f"a matrix of shape {shape_text(shape)}" for shape in shapes)
            found = Counterexample({str(s): v for s, v in sizes.items()}, {}, one, other)
            return Refuted(
                found,
                why=f"the left side has shape {shape_text(left)}, the right side {shape_text(right)}",
                method="shapes",
            )
    return Refuted(
        None, why=f"the left side has shape {shape_text(left)}, the right side {shape_text(right)}", method="shapes"
    )


def _assumptions(assuming: Any) -> tuple[tuple[Any, ...], tuple[Lemma, ...]]:
    given = tuple(assuming) if isinstance(assuming, Iterable) else (assuming,)
    facts, lemmas = [], []
    for one in given:
        if isinstance(one, Lemma):
            lemmas.append(one)
        elif isinstance(one, (AppliedPredicate, Relational, Boolean)):
            facts.append(one)
        else:
            raise UnsupportedError(
                f"assuming: expected a predicate such as Q.symmetric(A), a relation or a lemma, got {one}"
            )
    return tuple(facts), tuple(lemmas)
