"""A displayed formula as chains of SymPy expressions, each link with its label and its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from cnnsym.errors import UnsupportedError
from cnnsym.latex.arithmetic import as_scalar, is_single
from cnnsym.latex.conditions import OTHER_RELATIONS, RELATIONS, condition, continued, is_condition
from cnnsym.latex.derivatives import differentiated_symbol
from cnnsym.latex.display import Row, rows
from cnnsym.latex.ranges import UPWARDS, index_set
from cnnsym.latex.reader import Reader
from cnnsym.latex.reading import Facts, is_matrix
from cnnsym.latex.scope import Scope
from cnnsym.latex.settling import guarded, index_letters, settled
from cnnsym.latex.syntax import Name, Node, Product, Relation, walk
from cnnsym.latex.tokens import Source
from cnnsym.latex.variable import shown
from cnnsym.sizes import size

_SPELT = {tex: "=" if made is sp.Eq else str(made.rel_op) for tex, made in RELATIONS.items()}
_RELATIONS = {"=": sp.Eq, "!=": sp.Ne, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}


@dataclass(frozen=True)
class Chain:
    """`members[0] relations[0] members[1] ...`; `labels[k]` and `places[k]` (line and column, from 1) are of link `k`.

    Relations are written as in Python, an equality as "=". A chain without a relation has one member: an expression, or the
    SymPy condition that conditions joined by arrows, by "and" or "or" make, or that \\mid makes.

    `label` names the whole chain: it is set where only its last row has one. `member_places` are the places of the members,
    `assumed` what was taken for granted in reading it. `alike[k]` is true where both sides of link `k` are written alike,
    spacing and styling aside: `A = A`.
    """

    members: tuple[Any, ...]
    relations: tuple[str, ...] = ()
    labels: tuple[str | None, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    member_places: tuple[tuple[int, int], ...] = ()
    label: str | None = None
    assumed: tuple[str, ...] = ()
    alike: tuple[bool, ...] = ()

    @property
    def statements(self) -> tuple[Any, ...]:
        """The SymPy relation of each link, as it is written; or the one condition that the chain is."""
        if not self.relations:
            return tuple(m for m in self.members if isinstance(m, Boolean) and not isinstance(m, sp.Expr))
        made = (
            _RELATIONS[r](*sides, evaluate=False)
            for r, sides in zip(self.relations, pairwise(self.members), strict=True)
        )
        return tuple(made)


@dataclass(frozen=True)
class Formula:
    """What a display states: its chains, and the ranges that its conditions give to free indices."""

    chains: tuple[Chain, ...]
    indices: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Draft:
    members: list[Node]
    relations: list[str]
    labels: list[str | None]
    places: list[int]
    condition: str | None = None  # the label of a formula that is one condition; "" where it has none


def read_formula(text: str, context: Scope) -> Formula:
    """A displayed formula: environments, rows, several formulas side by side, conditions.

    Rows that begin with a relation continue the chain above them. Raises LatexError with the place in `text`, and
    UnsupportedError for relations that have no meaning here.

    >>> from cnnsym.latex import Context
    >>> context = Context.read("let m, n : size; let A : matrix(m, n); let x : vector(n); let y : vector(m)")
    >>> formula = read_formula(r"y = A x", context)
    >>> formula.chains[0].members
    (y, A*x)
    """
    return read_display(Source(text), context)


def read_display(source: Source, scope: Scope) -> Formula:
    """As `read_formula`, for a part of a larger text."""
    laid_out = guarded(source, lambda: rows(source))
    indices = _conditions(source, scope, laid_out)
    return Formula(tuple(_chain(source, scope, draft, indices) for draft in drafts(source, laid_out)), indices)


def _is_condition(node: Node) -> bool:
    """True for what is one condition, and no chain of equalities and inequalities."""
    if isinstance(node, Relation) and not node.operators[0]:
        return any(str(operator) in OTHER_RELATIONS for operator in node.operators[1:])
    return not isinstance(node, Relation) and is_condition(node)


def drafts(source: Source, laid_out: Sequence[Row]) -> list[_Draft]:
    """The chains of a display as trees."""
    found: list[_Draft] = []
    for row in laid_out:
        for left, right in pairwise(row.formulas):
            if continued(left, right):
                raise source.error("ambiguous: expected \\land instead of the comma, or both limits of each", right.at)
        for node in row.formulas:
            if _is_condition(node):
                found.append(_Draft([node], [], [], [], row.label or ""))
                continue
            members = list(node.members) if isinstance(node, Relation) else [node]
            operators = list(node.operators) if isinstance(node, Relation) else [None]
            if operators[0]:
                if not found:
                    raise source.error(f"expected an expression before {operators[0]}", node.at)
                draft = found[-1]
                if draft.condition is not None:
                    raise source.error(f"expected an expression before {operators[0]}, got a condition", node.at)
            else:
                draft = _Draft([members.pop(0)], [], [], [])
                operators.pop(0)
                found.append(draft)
            for operator, member in zip(operators, members, strict=True):
                assert operator is not None
                draft.members.append(member)
                draft.relations.append(str(operator))
                draft.labels.append(row.label)
                draft.places.append(operator.start_pos or 0)
        if not row.formulas and row.label and found and found[-1].labels:
            found[-1].labels[-1] = found[-1].labels[-1] or row.label
        elif not row.formulas and row.label and found and found[-1].condition is not None:
            found[-1].condition = found[-1].condition or row.label
    return found


def _conditions(source: Source, scope: Scope, laid_out: Sequence[Row]) -> dict[str, Any]:
    """The ranges of free indices: `h \\in \\{0, 1, \\cdots, H-1\\}`, `1 \\le i \\le n`."""
    found: dict[str, Any] = {}
    waiting: list[Name] = []
    for given in (c for row in laid_out for c in row.conditions):
        if isinstance(given, Name):
            waiting.append(given)
            continue
        operators = [str(o) for o in given.operators[1:]] if isinstance(given, Relation) else []
        members = given.members if isinstance(given, Relation) else ()
        if operators == ["\\in"] and isinstance(members[0], Name):
            names, limits = [*waiting, members[0]], _limits(source, scope, members[1])
        elif len(operators) == 2 and set(operators) <= set(UPWARDS) and isinstance(members[1], Name):
            names = [*waiting, members[1]]
            strict = [UPWARDS[o] for o in operators]
            limits = _integer(source, scope, members[0]) + strict[0], _integer(source, scope, members[2]) - strict[1]
        else:
            raise source.error("expected a range such as i \\in \\{0, 1, \\cdots, n-1\\} as condition", given.at)
        waiting = []
        for name in names:
            lower, upper = limits
            if lower is -sp.oo:
                found[name.text] = sp.Symbol(name.text, integer=True)
                continue
            found[name.text] = sp.Idx(name.text, size(upper - lower + 1)) + lower
    if waiting:
        raise source.error("expected a range such as i \\in \\{0, 1, \\cdots, n-1\\} as condition", waiting[0].at)
    return found


def _limits(source: Source, scope: Scope, node: Node) -> tuple[Any, Any]:
    return settled(scope, source, Facts(), lambda reader: index_set(reader, node))


def _integer(source: Source, scope: Scope, node: Node) -> Any:
    value = settled(scope, source, Facts(), lambda reader: reader.value(node))
    if is_matrix(value) or value.is_integer is not True:
        raise source.error(f"expected an integer, got {value}", node.at)
    return value


def _chain(source: Source, scope: Scope, draft: _Draft, indices: Mapping[str, Any]) -> Chain:
    places = tuple(source.place(at) for at in draft.places)
    for relation, place in zip(draft.relations, places, strict=True):
        if relation not in RELATIONS:
            raise UnsupportedError(f"line {place[0]}, column {place[1]}: the relation {relation} is not supported")
    facts = Facts(indices=dict(indices), letters=index_letters(draft.members))
    facts.differentials.update(_differentials(scope, source, draft.members))
    if draft.condition is not None:
        (node,) = draft.members
        stated = settled(scope, source, facts, lambda reader: condition(reader, node))
        return Chain((stated,), member_places=(source.place(node.at),), label=draft.condition or None)
    members = settled(scope, source, facts, lambda reader: _members(reader, draft))
    own = draft.labels and draft.labels[-1] is not None and all(label is None for label in draft.labels[:-1])
    return Chain(
        members,
        tuple(_SPELT[relation] for relation in draft.relations),
        tuple(draft.labels),
        places,
        tuple(source.place(member.at) for member in draft.members),
        draft.labels[-1] if own else None,
        tuple(dict.fromkeys(facts.assumed)),
        tuple(a == b for a, b in pairwise(draft.members)),
    )


def _members(reader: Reader, draft: _Draft) -> tuple[Any, ...]:
    values = [reader.value(member) for member in draft.members]
    for k, at in enumerate(draft.places):
        left, right = values[k], values[k + 1]
        if draft.relations[k] != "=":
            what = f"the relation {draft.relations[k]}"
            values[k], values[k + 1] = (as_scalar(reader, side, at, what) for side in (left, right))
            continue
        if is_matrix(left) and is_matrix(right):
            if not all(reader.agree(a, b) for a, b in zip(left.shape, right.shape, strict=True)):
                raise reader.disagree("the two sides", left.shape, right.shape, at)
            continue
        for mine, other in ((k, k + 1), (k + 1, k)):
            matrix, scalar = values[mine], values[other]
            if not is_matrix(matrix) or is_single(matrix):
                continue
            if scalar != 0:
                raise reader.error(f"the two sides: {shown(left)} and {shown(right)} cannot be equal", at)
            values[other] = sp.ZeroMatrix(*matrix.shape)
            break
    return tuple(values)


def _differentials(scope: Scope, source: Source, members: Sequence[Node]) -> dict[str, Any]:
    """The symbols whose own differential, `d(X)`, stands in the formula."""
    found = {}
    reader = Reader(scope, source, Facts())
    for node in (n for member in members for n in walk(member) if isinstance(n, Product)):
        for factor, argument in zip(node.factors, node.factors[1:], strict=False):
            if isinstance(factor, Name) and factor.text == "d" and not scope.knows("d"):
                symbol = guarded(source, partial(differentiated_symbol, reader, argument))
                if symbol is not None:
                    found[symbol.name] = symbol
    return found


def from_latex(text: str, context: Scope) -> Any:
    """The SymPy expression of one formula without a relation. Raises LatexError with the place in `text`.

    >>> from cnnsym.latex import Context
    >>> from_latex(r"\\mathrm{vec}(A)^{\\top}", Context.read("let m, n : size\\nlet A : matrix(m, n)"))
    Vec(A).T
    """
    formula = read_formula(text, context)
    source = Source(text)
    if len(formula.chains) != 1 or formula.chains[0].statements:
        what = f"{len(formula.chains)} formulas" if len(formula.chains) != 1 else "a relation"
        raise source.error(f"expected one expression without a relation, got {what}", 0)
    return formula.chains[0].members[0]


def read_statement(text: str, context: Scope) -> Any:
    """The SymPy condition that one formula states, not decided. Raises LatexError with the place in `text`.

    >>> from cnnsym.latex import Context
    >>> read_statement(r"0 \\le k < m", Context.read("let m : size; let k : integer"))
    (0 <= k) & (k < m)
    """
    formula = read_formula(text, context)
    if len(formula.chains) != 1 or not formula.chains[0].statements:
        what = f"{len(formula.chains)} formulas" if len(formula.chains) != 1 else "an expression"
        raise Source(text).error(f"expected one relation or condition, got {what}", 0)
    statements = formula.chains[0].statements
    return statements[0] if len(statements) == 1 else sp.And(*statements)
