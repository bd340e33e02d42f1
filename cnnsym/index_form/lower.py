"""From SymPy expressions to forms: what each operation means, entry by entry.

`Lowering.matrix(expr, row, col)` is the entry of a matrix expression at two slots, `Lowering.scalar(expr)` a scalar. The
rules, in `matrix_rules` and `scalar_rules`, are the definitions of the operations and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.assumptions.assume import AppliedPredicate
from sympy.tensor.indexed import Idx

from cnnsym import atoms
from cnnsym.atoms import relu, sigmoid, step
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.index_form.canonical import close
from cnnsym.index_form.division import content
from cnnsym.index_form.functions import FUNCTIONS, reduced
from cnnsym.index_form.index import Index, Slot, fresh_slot, resolve, split
from cnnsym.index_form.matrix_rules import MATRIX
from cnnsym.index_form.reduce import fuse_slot
from cnnsym.index_form.scalar_rules import SCALAR
from cnnsym.index_form.term import ONE, Env, Form, Key, factor, fresh, number, over, scaled, times
from cnnsym.sizes import same_size, shape_text

# By class, not by name: a function that a user calls "exp" is not exp.
BUILT_IN = {
    cls: cls.__name__
    for cls in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.Abs, sigmoid, relu, step)
}


class Lowering:
    """One statement's way to index form. `facts` are SymPy predicates; symmetric, diagonal and orthogonal matter here."""

    def __init__(self, facts: tuple[Any, ...] = ()) -> None:
        self.symmetric = _named(facts, "symmetric")
        self.diagonal = _named(facts, "diagonal")
        self.orthogonal = _named(facts, "orthogonal")
        self.named: dict[Any, Index] = {}
        self._keys: dict[Any, tuple[Key, tuple[Slot, ...], Slot, Slot]] = {}
        self._closed: dict[Any, tuple[Key, Slot, Slot]] = {}

    # --- matrices ----------------------------------------------------------------------------------------------------

    def matrix(self, e: Any, row: Slot, col: Slot, env: Env | None = None) -> Form:
        """The entry of `e` at the slots `row` and `col`."""
        env = env or {}
        if env:
            self.independent(f"the shape of {type(e).__name__}", e.shape, env)
        rule = MATRIX.get(type(e))
        if rule is None:
            rule = next((r for cls, r in MATRIX.items() if isinstance(e, cls)), None)
        if rule is None:
            raise UnsupportedError(f"{type(e).__name__} has no index form")
        return rule(self, e, row, col, env)

    def _open(self, x: Any) -> tuple[Form, Slot, Slot]:
        rows, cols = fresh_slot(x.shape[0], "row"), fresh_slot(x.shape[1], "column")
        form = self._settled(lambda: self.matrix(x, rows, cols), rows + cols)
        form, rows = fuse_slot(form, resolve(rows))
        form, cols = fuse_slot(form, resolve(cols))
        return form, rows, cols

    def _settled(self, build: Any, watched: Slot) -> Form:
        """Reduce until reducing no longer finds an outer index to be composite."""
        form = reduced(build())
        before = None
        while before != resolve(watched):
            before = resolve(watched)
            form = reduced(form)
        return form

    def independent(self, what: str, parts: Iterable[Any], env: Env) -> None:
        """UnsupportedError where one of the parts depends on a bound variable: they become keys, which know of none."""
        if env and any(s in env for part in map(expression, parts) for s in part.free_symbols | part.atoms(Idx)):
            raise UnsupportedError(f"{what} depends on a summation index")

    def nested(self, x: Any) -> tuple[Key, tuple[Slot, ...], Slot, Slot]:
        if x not in self._keys:
            form, rows, cols = self._open(x)
            self._keys[x] = (*close(form), rows, cols)
        return self._keys[x]

    def closed_matrix(self, x: Any) -> tuple[Key, Slot, Slot]:
        """A key whose holes are the parts of the row, then of the column: for matrices as a whole."""
        if x not in self._closed:
            form, rows, cols = self._open(x)
            key, _ = close(form, [(c,) for c in rows + cols])
            self._closed[x] = key, rows, cols
        return self._closed[x]

    def aligned(self, row: Slot, col: Slot, rows: Slot, cols: Slot, build: Any) -> Form:
        """`build(put)` where `put` sends each index of a nested matrix to what stands for it outside."""
        put: dict[Any, Slot] = {}
        deltas: list[Form] = []
        bound: Slot = ()
        for outer, parts in ((row, rows), (col, cols)):
            rest: Slot | None = outer
            for part in parts:
                cut = split(rest, part.size) if rest is not None else None
                if cut is None:
                    rest = None
                    break
                put[part], rest = cut
            if rest is None:
                own = tuple(Index(part.size) for part in parts)
                put.update({part: (mine,) for part, mine in zip(parts, own, strict=True)})
                deltas.append(factor(("delta",), own, outer))
                bound += own
        return over(times(*deltas, build(put)), bound)

    def either_way(self, x: Any) -> tuple[Key, bool, Fraction]:
        """One key for X, X' and their positive multiples: `(key, whether of X', factor)`."""
        form, rows, cols = self._open(x)
        factor_out = content(form)
        form = scaled(form, 1 / factor_out)
        keys = [close(form, [(c,) for c in order])[0] for order in (rows + cols, cols + rows)]
        flipped = keys[1].digest < keys[0].digest
        return keys[flipped], flipped, factor_out

    def prepare(self, e: Any) -> None:
        """Make the keys of nested matrices from the inside out, so that no rule has to recurse through a deep network."""
        for node in _inner_first(e):
            if isinstance(node, atoms.Elementwise) and node.function.is_abstract:
                self.nested(node.argument)
            elif isinstance(node, (atoms.ObjectiveValue, atoms.ObjectiveGradient, atoms.ObjectiveHessian)):
                for a in node.arguments:
                    self.closed_matrix(a)

    # --- scalars -----------------------------------------------------------------------------------------------------

    def scalar(self, e: Any, env: Env | None = None) -> Form:
        """A scalar expression; a matrix of shape (1, 1) is taken as its entry."""
        env = env or {}
        e = expression(e)
        if getattr(e, "is_Matrix", False):
            if not (same_size(e.shape[0], 1) and same_size(e.shape[1], 1)):
                raise ShapeError(f"expected a scalar, got a matrix of shape {shape_text(e.shape)}")
            return self.matrix(e, (), (), env)
        if e.is_Rational:
            return number(e)
        if e.is_Symbol or isinstance(e, Idx):
            return self._variable(e, env)
        if e is sp.pi:
            return factor(("pi",))
        if e is sp.E:
            return FUNCTIONS["exp"](ONE)
        for cls, rule in SCALAR.items():
            if isinstance(e, cls):
                return rule(self, e, env)
        if type(e) in BUILT_IN:
            return FUNCTIONS[BUILT_IN[type(e)]](self.scalar(e.args[0], env))
        if e.is_Float:
            raise UnsupportedError(f"the inexact number {e}; write it as a fraction")
        raise UnsupportedError(f"{type(e).__name__} has no index form")

    def _variable(self, e: Any, env: Env) -> Form:
        if e in env:
            known = env[e]
            if isinstance(known, list):
                return fresh(known)
            slot, offset = known
            return factor(("val",), slot) + self.scalar(offset) if slot else self.scalar(offset)
        if isinstance(e, Idx):
            return factor(("val",), self.free(e))
        return factor(("n", e))

    def free(self, e: Any) -> Slot:
        """The slot of a free index with a declared range `0 .. H-1`."""
        if e not in self.named:
            if e.lower is None or e.lower != 0:
                raise UnsupportedError(f"the free index {e} needs a range that begins at 0")
            # The range is part of the name: i in 0 .. H-1 and i in 0 .. W-1 are two indices; so are two of one name and
            # range that SymPy tells apart, by their assumptions.
            name = f"{e.name} < {e.upper + 1}"
            while any(index.name == name for index in self.named.values()):
                name += "'"
            self.named[e] = Index(e.upper + 1, name)
        return (self.named[e],) if self.named[e].size != 1 else ()

    def slot(self, e: Any, length: Any, env: Env) -> Slot:
        """The slot of an array of that length for an index expression, counted from 0."""
        if same_size(length, 1):
            return ()
        found = self.signal_slot(e, env)
        if len(found) == 1 and isinstance(found[0], Index) and not same_size(found[0].size, length):
            raise UnsupportedError(f"the index {e} has range {found[0].size}, the array has length {length}")
        if not found:  # a sum over one element
            return (sp.S.Zero,)
        return found

    def signal_slot(self, e: Any, env: Env) -> Slot:
        e = sp.expand(e)
        if isinstance(e, Idx) and e not in env:
            return self.free(e) or (sp.S.Zero,)
        inside = [s for s in e.atoms(sp.Symbol, Idx) if s in env or isinstance(s, Idx)]
        if not inside:
            return (e,)
        if len(inside) == 1 and inside[0] in env and not isinstance(env[inside[0]], list):
            slot, offset = env[inside[0]]
            if sp.expand(e - inside[0] + offset) == 0:
                return slot or (sp.S.Zero,)
        raise UnsupportedError(f"the index expression {e}")


def _named(facts: tuple[Any, ...], predicate: str) -> frozenset[Any]:
    return frozenset(
        f.arguments[0] for f in facts if isinstance(f, AppliedPredicate) and str(f.function.name) == predicate
    )


def _inner_first(e: Any) -> list[Any]:
    """Every node of an expression once, arguments before what they are arguments of."""
    order: list[Any] = []
    done: set[int] = set()
    stack: list[tuple[Any, bool]] = [(e, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in done:
            done.add(id(node))
            stack.append((node, True))
            stack.extend((a, False) for a in node.args if isinstance(a, sp.Basic))
    return order
