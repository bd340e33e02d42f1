"""From SymPy expressions to forms: what each operation means, entry by entry.

`Lowering.matrix(expr, row, col)` is the entry of a matrix expression at two slots, `Lowering.scalar(expr)` a scalar. Each
rule is the definition of its operation and nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import sympy as sp
from sympy.assumptions.assume import AppliedPredicate
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct
from sympy.matrices.expressions.kronecker import KroneckerProduct
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Idx, Indexed

from cnnsym import atoms
from cnnsym.dims import require_same_shape, same_size, shape_text, size
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.index_form.canonical import close
from cnnsym.index_form.functions import FUNCTIONS, abstract, power, reduced, size_form
from cnnsym.index_form.index import Index, Slot, fresh_slot, split
from cnnsym.index_form.term import ONE, Form, Key, factor, fresh, instantiate, number, over, scaled, times

MAX_POWER = 2_000  # factors of one matrix power that are written out

Env = Mapping[Any, Any]  # symbol -> a form, or (slot, offset) of a summation index


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
        rule = _MATRIX.get(type(e))
        if rule is None:
            rule = next((r for cls, r in _MATRIX.items() if isinstance(e, cls)), None)
        if rule is None:
            raise UnsupportedError(f"{type(e).__name__} has no index form")
        return rule(self, e, row, col, env)  # type: ignore[no-any-return]

    def _symbol(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        if e in self.diagonal:
            return times(factor(("A", e), row, row), factor(("delta",), row, col))
        head = ("A", e, "symmetric") if e in self.symmetric else ("A", e)
        return factor(head, row, col)

    def _function_matrix(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        i, j = e.lamda.variables
        zero = sp.S.Zero
        return self.scalar(e.lamda.expr, {**env, i: (row, zero), j: (col, zero)})

    def _explicit(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        total: Form = []
        for i in range(e.rows):
            for j in range(e.cols):
                entry = self.scalar(e[i, j], env)
                for slot, k, length in ((row, i, e.rows), (col, j, e.cols)):
                    entry = times(entry, ONE if length == 1 else factor(("delta",), slot, (sp.Integer(k),)))
                total += entry
        return total

    def _sum(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        require_same_shape("sum", *((f"term {k} ({_short(a)})", a.shape) for k, a in enumerate(e.args, 1)))
        return [term for a in e.args for term in self.matrix(a, row, col, env)]

    def _product(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        result = ONE
        chain = [a for a in e.args if getattr(a, "is_Matrix", False)]
        for a in e.args:
            if not getattr(a, "is_Matrix", False):
                result = times(result, self.scalar(a, env))
        return times(result, self._chain(chain, row, col, env))

    def _chain(self, chain: list[Any], row: Slot, col: Slot, env: Env) -> Form:
        for left, right in zip(chain, chain[1:], strict=False):
            if not same_size(left.shape[1], right.shape[0]):
                raise ShapeError(
                    f"matrix product: {_short(left)} is {shape_text(left.shape)}, {_short(right)} is {shape_text(right.shape)}; "
                    f"expected {left.shape[1]} rows, got {right.shape[0]}"
                )
        product, at = ONE, row
        for k, a in enumerate(chain):
            following = col if k == len(chain) - 1 else fresh_slot(a.shape[1])
            product = times(product, self.matrix(a, at, following, env))
            if following is not col:
                product = over(product, following)
            at = following
            if len(product) > 64:  # collect while it grows, not after
                product = reduced(product)
        return product

    def _matpow(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        base, exponent = e.base, e.exp
        if not same_size(*base.shape):
            raise ShapeError(f"matrix power: expected a square matrix, got shape {shape_text(base.shape)}")
        if exponent.is_Integer and abs(exponent) <= MAX_POWER:
            if exponent == 0:
                return factor(("delta",), row, col)
            return self._chain([base if exponent > 0 else sp.Inverse(base)] * abs(int(exponent)), row, col, env)
        key, *_ = self._closed_matrix(base)
        return factor(("matpow", key, size(exponent)), row, col)

    def _transpose(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return self.matrix(e.arg, col, row, env)

    def _inverse(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        inner = e.arg
        if not same_size(*inner.shape):
            raise ShapeError(f"inverse: expected a square matrix, got shape {shape_text(inner.shape)}")
        if inner in self.orthogonal:
            return self.matrix(inner, col, row, env)
        if isinstance(inner, sp.Transpose):
            return self._inverse(sp.Inverse(inner.arg), col, row, env)
        if isinstance(inner, sp.MatMul):
            scalars = [a for a in inner.args if not getattr(a, "is_Matrix", False)]
            matrices = [a for a in inner.args if getattr(a, "is_Matrix", False)]
            if (len(matrices) > 1 or scalars) and all(same_size(*a.shape) for a in matrices):
                chain = self._chain([sp.Inverse(a) for a in reversed(matrices)], row, col, env)
                return times(power(times(*(self.scalar(a, env) for a in scalars)), -1), chain)
        if isinstance(inner, (atoms.Kron, KroneckerProduct)) and all(same_size(*a.shape) for a in inner.args):
            return self.matrix(atoms.kron(*(sp.Inverse(a) for a in inner.args)), row, col, env)
        if isinstance(inner, (sp.Identity, sp.Inverse)):
            return self.matrix(inner.arg if isinstance(inner, sp.Inverse) else inner, row, col, env)
        key, flipped, content = self._either_way(inner)
        entry = factor(("inv", key), *((col, row) if flipped else (row, col)))
        return scaled(entry, 1 / content)

    def _either_way(self, x: Any) -> tuple[Key, bool, Fraction]:
        """One key for X, X' and their positive multiples: `(key, whether of X', factor)`."""
        form, rows, cols = self._open(x)
        content = Fraction(gcd(*(abs(c.numerator) for c, _, _ in form)) or 1, lcm(*(c.denominator for c, _, _ in form)))
        form = scaled(form, 1 / content)
        keys = [close(form, [(c,) for c in order])[0] for order in (rows + cols, cols + rows)]
        flipped = keys[1].digest < keys[0].digest
        return keys[flipped], flipped, content

    def _vec(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return self._cut(row, e.args[0].shape[0], lambda i, j: self.matrix(e.args[0], i, j, env))

    def _unvec(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return self.matrix(e.args[0], row + col, (), env)

    def _kron(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        *first, last = e.args
        rest = atoms.kron(*first) if first else None
        if rest is None:
            return self.matrix(last, row, col, env)
        return self._cut(
            row,
            last.shape[0],
            lambda r, p: self._cut(
                col, last.shape[1], lambda c, q: times(self.matrix(rest, p, q, env), self.matrix(last, r, c, env)), rest.shape[1]
            ),
            rest.shape[0],
        )

    def _cut(self, slot: Slot, fast_length: Any, build: Any, slow_length: Any = None) -> Form:
        """`build(fast, slow)` on the two parts of a slot; where its radices do not allow the cut, through a delta."""
        parts = split(slot, fast_length)
        if parts is not None:
            return build(*parts)  # type: ignore[no-any-return]
        whole = sp.Mul(*(c.size for c in slot)) if all(isinstance(c, Index) for c in slot) else None
        if slow_length is None:
            if whole is None:
                raise UnsupportedError("an entry of vec at a symbolic position")
            slow_length = sp.cancel(whole / fast_length)
        fast, slow = fresh_slot(fast_length), fresh_slot(slow_length)
        form = times(factor(("delta",), fast + slow, slot), build(fast, slow))
        return over(form, fast + slow)

    def _hadamard(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return times(*(self.matrix(a, row, col, env) for a in e.args))

    def _hadamard_power(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return power(self.matrix(e.base, row, col, env), _exponent(e.exp))

    def _diag(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        x = e.args[0]
        entry = self.matrix(x, row, (), env) if x.shape[1] == 1 else self.matrix(x, (), row, env)
        return times(entry, factor(("delta",), row, col))

    def _diagonal_part(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return times(self.matrix(e.arg, row, col, env), factor(("delta",), row, col))

    def _diagonal(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return self.matrix(e.args[0], row, row, env)

    def _commutation(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        m, n = e.args
        # Row j + n i takes A[i, j], which stands at column i + m j.
        return self._cut(
            row,
            n,
            lambda j, i: self._cut(
                col, m, lambda k, l: times(factor(("delta",), i, k), factor(("delta",), j, l)), n  # noqa: E741
            ),
            m,
        )

    def _basis(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        if not row:
            return ONE
        return factor(("delta",), row, self.slot(e.args[0] - 1, e.shape[0], env))

    def _elementwise(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        if not e.function.is_abstract:
            return self._applied(e.function.scalar, e.argument, row, col, env)
        if env:
            return abstract(e.function.label, e.function.order, self.matrix(e.argument, row, col, env))
        key, slots, rows, cols = self._nested(e.argument)
        head = ("f", "abstract " + e.function.label, e.function.order, key)
        return self._aligned(rows + cols, row, col, rows, cols, lambda put: factor(head, *(_filled(s, put) for s in slots)))

    def _applied(self, function: Any, x: Any, row: Slot, col: Slot, env: Env) -> Form:
        entry = self.matrix(x, row, col, env)
        variable = sp.Dummy("t")
        return self.scalar(function(variable), {**env, variable: reduced(entry)})

    def _apply_function(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        return self._applied(e.function, e.expr, row, col, env)

    def _objective_gradient(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        arguments = [self._closed_matrix(a) for a in e.arguments]
        keys = tuple(key for key, *_ in arguments)
        head = ("dJ", e.function.label, e.position, keys)
        _, rows, cols = arguments[e.position]
        return self._aligned(rows + cols, row, col, rows, cols, lambda put: factor(head, *(put[c] for c in rows + cols)))

    def _objective_hessian(self, e: Any, row: Slot, col: Slot, env: Env) -> Form:
        k, l = e.positions  # noqa: E741
        if k > l:
            return self._objective_hessian(atoms.ObjectiveHessian(e.function, l, k, *e.arguments), col, row, env)
        arguments = [self._closed_matrix(a) for a in e.arguments]
        keys = tuple(key for key, *_ in arguments)
        first = sum(arguments[k][1:], ())
        second = sum(arguments[l][1:], ())
        head = ("ddJ", e.function.label, k, l, keys)
        return self._aligned(
            first,
            row,
            (),
            first,
            (),
            lambda left: self._aligned(
                second, col, (), second, (), lambda right: factor(head, *(left[c] for c in first), *(right[c] for c in second))
            ),
        )

    # --- nested matrices ---------------------------------------------------------------------------------------------

    def _open(self, x: Any) -> tuple[Form, Slot, Slot]:
        rows, cols = fresh_slot(x.shape[0]), fresh_slot(x.shape[1])
        form = self._settled(lambda: self.matrix(x, rows, cols), rows + cols)
        return form, _flat(rows), _flat(cols)

    def _settled(self, build: Any, watched: Slot) -> Form:
        """Reduce until reducing no longer finds an outer index to be composite."""
        form = reduced(build())
        before = None
        while before != _flat(watched):
            before = _flat(watched)
            form = reduced(form)
        return form

    def _nested(self, x: Any) -> tuple[Key, tuple[Slot, ...], Slot, Slot]:
        if x not in self._keys:
            form, rows, cols = self._open(x)
            self._keys[x] = (*close(form), rows, cols)
        return self._keys[x]

    def _closed_matrix(self, x: Any) -> tuple[Key, Slot, Slot]:
        """A key whose holes are the parts of the row, then of the column: for matrices as a whole."""
        if x not in self._closed:
            form, rows, cols = self._open(x)
            key, _ = close(form, [(c,) for c in rows + cols])
            self._closed[x] = key, rows, cols
        return self._closed[x]

    def _aligned(self, inner: Slot, row: Slot, col: Slot, rows: Slot, cols: Slot, build: Any) -> Form:
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

    # --- scalars -----------------------------------------------------------------------------------------------------

    def scalar(self, e: Any, env: Env | None = None) -> Form:
        """A scalar expression; a matrix of shape (1, 1) is taken as its entry."""
        env = env or {}
        e = sp.sympify(e)
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
        for cls, rule in _SCALAR.items():
            if isinstance(e, cls):
                return rule(self, e, env)  # type: ignore[no-any-return]
        name = type(e).__name__
        if isinstance(e, sp.Function) and name in FUNCTIONS and len(e.args) == 1:
            return FUNCTIONS[name](self.scalar(e.args[0], env))
        if e.is_Float:
            raise UnsupportedError(f"the inexact number {e}; write it as a fraction")
        raise UnsupportedError(f"{name} has no index form")

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
            self.named[e] = Index(e.upper + 1, str(e.name))
        return (self.named[e],) if self.named[e].size != 1 else ()

    def _added(self, e: Any, env: Env) -> Form:
        return [term for a in e.args for term in self.scalar(a, env)]

    def _multiplied(self, e: Any, env: Env) -> Form:
        product = ONE
        for a in e.args:
            product = times(product, self.scalar(a, env))
            if len(product) > 64:
                product = reduced(product)
        return product

    def _power(self, e: Any, env: Env) -> Form:
        if e.base is sp.E:
            return FUNCTIONS["exp"](self.scalar(e.exp, env))
        return power(self.scalar(e.base, env), _exponent(e.exp, env))

    def _trace(self, e: Any, env: Env) -> Form:
        if not same_size(*e.arg.shape):
            raise ShapeError(f"trace: expected a square matrix, got shape {shape_text(e.arg.shape)}")
        slot = fresh_slot(e.arg.shape[0])
        return over(self.matrix(e.arg, slot, slot, env), slot)

    def _determinant(self, e: Any, env: Env) -> Form:
        inner = e.arg
        if not same_size(*inner.shape):
            raise ShapeError(f"determinant: expected a square matrix, got shape {shape_text(inner.shape)}")
        length = inner.shape[0]
        if same_size(length, 1):
            return self.matrix(inner, (), (), env)
        if isinstance(inner, (sp.Transpose, sp.Inverse)):
            return power(self.scalar(sp.Determinant(inner.arg), env), 1 if isinstance(inner, sp.Transpose) else -1)
        if isinstance(inner, sp.Identity):
            return ONE
        if isinstance(inner, sp.MatMul):
            matrices = [a for a in inner.args if getattr(a, "is_Matrix", False)]
            if all(same_size(*a.shape) for a in matrices) and (len(matrices) > 1 or len(inner.args) > 1):
                scalars = times(*(self.scalar(a, env) for a in inner.args if not getattr(a, "is_Matrix", False)))
                scale = power(scalars, _exponent(length)) if scalars != ONE else ONE
                return times(scale, *(self.scalar(sp.Determinant(a), env) for a in matrices))
        if isinstance(inner, (atoms.Kron, KroneckerProduct)) and all(same_size(*a.shape) for a in inner.args):
            return times(
                *(power(self.scalar(sp.Determinant(a), env), _exponent(sp.cancel(length / a.shape[0]))) for a in inner.args)
            )
        key, _, content = self._either_way(inner)
        scale = power(number(content), _exponent(length)) if content != 1 else ONE
        return times(scale, factor(("det", key)))

    def _entry(self, e: Any, env: Env) -> Form:
        row, col = (self.slot(k, length, env) for k, length in zip(e.indices, e.parent.shape, strict=True))
        return self.matrix(e.parent, row, col, env)

    def slot(self, e: Any, length: Any, env: Env) -> Slot:
        """The slot of an array of that length for an index expression, counted from 0."""
        if same_size(length, 1):
            return ()
        found = self._signal_slot(e, env)
        if len(found) == 1 and isinstance(found[0], Index) and not same_size(found[0].size, length):
            raise UnsupportedError(f"the index {e} has range {found[0].size}, the array has length {length}")
        if not found:  # a sum over one element
            return (sp.S.Zero,)
        return found

    def _signal_slot(self, e: Any, env: Env) -> Slot:
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

    def _indexed(self, e: Any, env: Env) -> Form:
        return factor(("A", e.base), *(self._signal_slot(k, env) for k in e.indices))

    def _kronecker_delta(self, e: Any, env: Env) -> Form:
        first, second = (self._signal_slot(k, env) for k in e.args[:2])
        ranges = [s[0].size for s in (first, second) if isinstance(s[0], Index)]
        constants = [s[0] for s in (first, second) if not isinstance(s[0], Index)]
        if len(ranges) == 2 and ranges[0] == ranges[1]:
            return factor(("delta",), first, second)
        if constants == [sp.S.Zero]:
            return factor(("delta",), first, second)  # 0 lies in every range
        if len(constants) == 2 and all(c.is_Integer for c in constants):
            return number(int(constants[0] == constants[1]))
        raise UnsupportedError(f"{e}: its two indices have different ranges")

    def _summation(self, e: Any, env: Env) -> Form:
        *inner, (variable, low, high) = e.limits
        body = sp.Sum(e.function, *inner) if inner else e.function
        if any(s in env or isinstance(s, Idx) for s in (low.free_symbols | high.free_symbols)):
            raise UnsupportedError("a sum whose limits depend on another index")
        if low == 1 and (high + 1).is_Symbol or (low == 1 and sp.expand(high + 1).is_Symbol):
            # sum_{1}^{N-1} g = sum_{0}^{N-1} g - g(0), true as N >= 1
            whole = self._range(body, variable, sp.S.Zero, high, env)
            first = self.scalar(body, {**env, variable: ((), sp.S.Zero)})
            return whole + scaled(first, -1)
        return self._range(body, variable, low, high, env)

    def _range(self, body: Any, variable: Any, low: Any, high: Any, env: Env) -> Form:
        length = size(high - low + 1)
        if length == 1:
            return self.scalar(body, {**env, variable: ((), low)})
        if not (length.is_positive or (length.is_Symbol and length.is_integer)):
            if not all(s.is_positive for s in length.free_symbols):
                raise UnsupportedError(f"a sum from {low} to {high}, which may be empty")
            if length.is_positive is None:
                raise UnsupportedError(f"a sum from {low} to {high}, which may be empty")
        slot = fresh_slot(length)
        return over(self.scalar(body, {**env, variable: (slot, low)}), slot)

    def _objective(self, e: Any, env: Env) -> Form:
        return factor(("J", e.function.label, tuple(self._closed_matrix(a)[0] for a in e.arguments)))

    def _entry_value(self, e: Any, env: Env) -> Form:
        function, argument = e.args
        return abstract(function.label, function.order, self.scalar(argument, env))


def _named(facts: tuple[Any, ...], predicate: str) -> frozenset[Any]:
    return frozenset(
        f.arguments[0] for f in facts if isinstance(f, AppliedPredicate) and str(f.function.name) == predicate
    )


def _flat(slot: Slot) -> Slot:
    from_parts: list[Any] = []
    for c in slot:
        from_parts += _flat(c.parts) if isinstance(c, Index) and c.parts is not None else [c]
    return tuple(from_parts)


def _filled(slot: Slot, put: Mapping[Any, Slot]) -> Slot:
    return tuple(piece for c in slot for piece in put.get(c, (c,)))


def _exponent(e: Any, env: Env | None = None) -> Any:
    e = sp.sympify(e)
    if e.is_Rational:
        value = Fraction(int(e.p), int(e.q))
        return int(value) if value.denominator == 1 else value
    if any(s in (env or {}) or isinstance(s, Idx) for s in e.free_symbols) or e.has(MatrixElement, Indexed, sp.MatrixSymbol):
        raise UnsupportedError(f"the exponent {e}, which depends on an index or an array")
    if not e.is_real and not all(s.is_real for s in e.free_symbols):
        raise UnsupportedError(f"the exponent {e}, which is not known to be real")
    return sp.expand(e)


def _short(e: Any) -> str:
    written = str(e)
    return written if len(written) <= 60 else written[:57] + "..."


_MATRIX: dict[type, Any] = {
    sp.MatrixSymbol: Lowering._symbol,
    sp.Identity: lambda self, e, row, col, env: factor(("delta",), row, col),
    sp.ZeroMatrix: lambda self, e, row, col, env: [],
    sp.OneMatrix: lambda self, e, row, col, env: ONE,
    sp.MatAdd: Lowering._sum,
    sp.MatMul: Lowering._product,
    sp.Transpose: Lowering._transpose,
    sp.Inverse: Lowering._inverse,
    sp.MatPow: Lowering._matpow,
    atoms.Vec: Lowering._vec,
    atoms.Unvec: Lowering._unvec,
    atoms.Kron: Lowering._kron,
    KroneckerProduct: Lowering._kron,
    atoms.Hadamard: Lowering._hadamard,
    HadamardProduct: Lowering._hadamard,
    HadamardPower: Lowering._hadamard_power,
    atoms.Diag: Lowering._diag,
    DiagMatrix: Lowering._diag,
    DiagonalMatrix: Lowering._diagonal_part,
    atoms.Diagonal: Lowering._diagonal,
    DiagonalOf: Lowering._diagonal,
    atoms.Commutation: Lowering._commutation,
    atoms.Basis: Lowering._basis,
    atoms.Elementwise: Lowering._elementwise,
    ElementwiseApplyFunction: Lowering._apply_function,
    atoms.ObjectiveGradient: Lowering._objective_gradient,
    atoms.ObjectiveHessian: Lowering._objective_hessian,
    sp.MatrixBase: Lowering._explicit,
    sp.FunctionMatrix: Lowering._function_matrix,
}
_SCALAR: dict[type, Any] = {
    sp.Add: Lowering._added,
    sp.Mul: Lowering._multiplied,
    sp.Pow: Lowering._power,
    sp.Trace: Lowering._trace,
    sp.Determinant: Lowering._determinant,
    MatrixElement: Lowering._entry,
    Indexed: Lowering._indexed,
    sp.Sum: Lowering._summation,
    sp.KroneckerDelta: Lowering._kronecker_delta,
    atoms.ObjectiveValue: Lowering._objective,
    atoms.EntryValue: Lowering._entry_value,
}
