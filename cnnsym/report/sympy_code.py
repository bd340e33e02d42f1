"""The equalities of a claim as Python code that builds them anew with SymPy and this package; checked by running it.

Whatever comes from a name is written as a quoted text, so that the code holds nothing but constructors of this package and of
SymPy. Code that does not give the very same expressions is not shown at all.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.function import FunctionClass
from sympy.matrices.expressions.matexpr import MatrixElement

import cnnsym.atoms as atoms
from cnnsym.claim import Claim, IndexForm
from cnnsym.errors import UnsupportedError

_FONT = re.compile(r"\\(?:boldsymbol|mathbf|mathrm|bm|vec|operatorname|mathcal)\b")
_RESERVED = frozenset({"sp", "cnnsym", "links", "left", "right", "print", *keyword.kwlist})
_SIZE = (("integer", True), ("positive", True))
_LEAF, _POWER, _PRODUCT, _SUM = 4, 3, 2, 1  # how tightly a text binds
_SHORT = frozenset({"Hadamard", "Kron", "Diag", "Vec", "Unvec", "Basis", "Commutation", "Indicator", "Trace"})
_WITH_LIMITS = (sp.Sum, sp.Product, atoms.Maximum)
_RELATIONS = {sp.Eq: "Eq", sp.Ne: "Ne", sp.Le: "Le", sp.Lt: "Lt", sp.Ge: "Ge", sp.Gt: "Gt"}
_NUMBERS = {
    sp.oo: "sp.oo", -sp.oo: "-sp.oo", sp.pi: "sp.pi", sp.I: "sp.I", sp.E: "sp.E", sp.true: "sp.true", sp.false: "sp.false"
}  # fmt: skip


def sympy_code(claim: Claim) -> str:
    """Python code whose `links` are the pairs of expressions of the claim; empty where there is none that gives the very same.

    >>> from cnnsym.claim import Text
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> A = sp.MatrixSymbol("A", n, n)
    >>> print(sympy_code(Claim("1-a", "1", Text("", ""), (sp.Trace(A), sp.Trace(A.T)))))
    import cnnsym
    import sympy as sp
    <BLANKLINE>
    n = cnnsym.dims("n")
    A = cnnsym.matrix("A", n, n)
    <BLANKLINE>
    e1 = cnnsym.trace(A)
    e2 = cnnsym.trace(A.T)
    links = [(e1, e2)]
    <BLANKLINE>
    for left, right in links:
        print(cnnsym.prove(left, right))
    """
    wanted = [(sp.sympify(left), sp.sympify(right)) for _, left, right in claim.links]
    try:
        code = _Code()
        texts = {member: code.text(member)[0] for pair in wanted for member in pair}
        lines = code.declarations()
    except (UnsupportedError, RecursionError):
        return ""
    names = {member: f"e{k}" for k, member in enumerate(texts, 1)}
    lines += ["", *(f"{names[member]} = {text}" for member, text in texts.items())]
    lines.append(f"links = [{', '.join(f'({names[a]}, {names[b]})' for a, b in wanted)}]")
    text = "\n".join(["import cnnsym", "import sympy as sp", "", *lines])
    if not _gives(text, wanted):
        return ""
    if isinstance(claim.method, IndexForm) and not claim.using and not claim.hypotheses:
        text += "\n\nfor left, right in links:\n    print(cnnsym.prove(left, right))"
    return text


def identifier(name: str) -> str:
    r"""A name as a Python identifier: `\boldsymbol{z}_i` is `z_i`.

    >>> identifier(r"\boldsymbol{z}_{i+1}"), identifier("lambda"), identifier("2")
    ('z_i_1', 'lambda_', 'v2')
    """
    plain = re.sub(r"[^0-9A-Za-z]+", "_", _FONT.sub("", name)).strip("_") or "v"
    plain = f"v{plain}" if plain[0].isdigit() else plain
    return f"{plain}_" if plain in _RESERVED or re.fullmatch(r"e\d+", plain) else plain


def _gives(text: str, wanted: list[tuple[Any, Any]]) -> bool:
    namespace: dict[str, Any] = {}
    try:
        exec(compile(text, "<sympy_code>", "exec"), namespace)
        found = [(sp.sympify(left), sp.sympify(right)) for left, right in namespace["links"]]
    except Exception:  # what a constructor refuses has no code
        return False
    return found == wanted


class _Code:
    """Expressions as code; symbols get a name and a declaration where they are first met."""

    def __init__(self) -> None:
        self._names: dict[Any, str] = {}
        self._taken: set[str] = set(_RESERVED)
        self._symbols: dict[tuple[tuple[str, Any], ...], list[sp.Symbol]] = {}
        self._later: list[str] = []

    def declarations(self) -> list[str]:
        lines = []
        for assumed, symbols in self._symbols.items():
            maker = "cnnsym.dims({0})" if assumed == _SIZE else f"sp.symbols({{0}}{_keywords(assumed)})"
            together = [s for s in symbols if re.fullmatch(r"[0-9A-Za-z_^{}+*/-]+", s.name)]
            if together:
                names = " ".join(s.name for s in together)
                lines.append(f"{', '.join(self._names[s] for s in together)} = {maker.format(_quoted(names))}")
            for symbol in symbols:
                if symbol not in together:
                    lines.append(f"{self._names[symbol]} = sp.Symbol({_quoted(symbol.name)}{_keywords(assumed)})")
        return lines + self._later

    def text(self, e: Any) -> tuple[str, int]:
        """The code of an expression, and how tightly it binds."""
        for kinds, write in (
            ((sp.Dummy, sp.Wild), self._none),
            (sp.Symbol, self._symbol),
            ((sp.Idx, sp.IndexedBase, sp.MatrixSymbol, atoms.EntryFunction, atoms.ObjectiveFunction), self._declared),
            ((sp.Rational, sp.NumberSymbol, sp.core.numbers.ImaginaryUnit, sp.core.numbers.Infinity), self._number),
            ((sp.core.numbers.NegativeInfinity, sp.logic.boolalg.BooleanAtom), self._number),
            ((sp.Add, sp.MatAdd), self._sum),
            (sp.MatMul, self._matrix_product),
            (sp.Mul, self._product),
            (sp.Pow, self._power),
            (sp.Transpose, self._transpose),
            ((sp.Indexed, MatrixElement), self._entry),
            (_WITH_LIMITS, self._with_limits),
            (sp.Tuple, self._tuple),
            (sp.Derivative, self._derivative),
            ((atoms.Elementwise, atoms.EntryValue, atoms.ObjectiveValue), self._value),
        ):
            if isinstance(e, kinds):
                written: tuple[str, int] = write(e)
                return written
        return self._call(e)

    def _at(self, e: Any, level: int) -> str:
        text, binds = self.text(e)
        return f"({text})" if binds < level else text

    def _list(self, args: Iterable[Any]) -> str:
        return ", ".join(self.text(a)[0] for a in args)

    def _none(self, e: Any) -> tuple[str, int]:
        raise UnsupportedError(f"no code for {type(e).__name__} {e}")

    def _fresh(self, e: Any, name: str) -> str:
        own, k = identifier(name), 1
        while own in self._taken:
            k += 1
            own = f"{identifier(name)}_{k}"
        self._taken.add(own)
        self._names[e] = own
        return own

    def _symbol(self, e: Any) -> tuple[str, int]:
        if e not in self._names:
            self._fresh(e, e.name)
            self._symbols.setdefault(tuple(sorted(e._assumptions_orig.items())), []).append(e)
        return self._names[e], _LEAF

    def _declared(self, e: Any) -> tuple[str, int]:
        if isinstance(e, atoms.EntryFunction):
            return self._function(e)
        if e not in self._names:
            if isinstance(e, sp.Idx):
                label, made = e.label.name, f"sp.Idx({_quoted(e.label.name)}{self._range(e)})"
            elif isinstance(e, atoms.Signal):
                grid = e.grids[0] if len(set(e.grids)) == 1 else e.grids
                label = str(e.label)
                shown = _quoted(grid) if isinstance(grid, str) else f"({', '.join(map(_quoted, grid))})"
                made = f"cnnsym.signal({_quoted(label)}, {self._list(e.shape)}, grid={shown})"
            elif isinstance(e, sp.IndexedBase):
                label = str(e.label)
                shape = f", shape=({self._list(e.shape)},)" if e.shape is not None else ""
                made = f"sp.IndexedBase({_quoted(label)}{shape})".replace(",)", ")" if len(e.shape or ()) > 1 else ",)")
            elif isinstance(e, sp.MatrixSymbol):
                label, made = e.name, f"cnnsym.matrix({_quoted(e.name)}, {self._list(e.shape)})"
            else:
                label, made = e.label, f"cnnsym.objective({_quoted(e.label)})"
            own = self._fresh(e, label)
            self._later.append(f"{own} = {made}")
        return self._names[e], _LEAF

    def _range(self, e: Any) -> str:
        if e.lower is None:
            return ""
        if e.lower == 0:
            return f", {self.text(e.upper + 1)[0]}"
        return f", ({self._list((e.lower, e.upper))})"

    def _function(self, e: Any) -> tuple[str, int]:
        if e.is_abstract:
            base = atoms.elementwise(e.label)
            if base not in self._names:
                own = self._fresh(base, e.label)
                self._later.append(f"{own} = cnnsym.elementwise({_quoted(e.label)})")
            return self._names[base] + (f".diff({e.order if e.order > 1 else ''})" if e.order else ""), _LEAF
        function = e.scalar
        name = str(getattr(function, "__name__", "")) if isinstance(function, FunctionClass) else ""
        if name and getattr(sp, name, None) is function:
            inside = f"sp.{name}"
        elif name and getattr(atoms, name, None) is function:
            inside = f"cnnsym.atoms.{name}"
        else:
            inside = self.text(e.args[0])[0]
        return f"cnnsym.elementwise({inside})", _LEAF

    def _number(self, e: Any) -> tuple[str, int]:
        if isinstance(e, sp.Rational):
            whole = str(e.p) if e.q == 1 else f"sp.Rational({e.p}, {e.q})"
            return whole, _LEAF if e.p >= 0 or e.q != 1 else _SUM
        if e not in _NUMBERS:
            return self._none(e)
        return _NUMBERS[e], _LEAF if e != -sp.oo else _SUM

    def _again(self, e: Any) -> bool:
        """Whether SymPy makes the same of the same parts; else it was kept from computing."""
        return bool(e.func(*e.args) == e)

    def _sum(self, e: Any) -> tuple[str, int]:
        if not self._again(e):
            return self._kept(e)
        terms = e.as_ordered_terms() if isinstance(e, sp.Add) else e.args
        text = ""
        for term in terms:
            part = self._at(term, _SUM)
            text += (f" - {part[1:]}" if part.startswith("-") and _is_term(term) else f" + {part}") if text else part
        return text, _SUM

    def _product(self, e: Any) -> tuple[str, int]:
        if not self._again(e):
            return self._kept(e)
        number, rest = e.as_coeff_mul()
        above = [a for a in rest if not _is_reciprocal(a)]
        below = [a.base for a in rest if _is_reciprocal(a)]
        sign = "-" if number.is_Rational and number < 0 else ""
        number = -number if sign else number
        factors = [self._at(a, _PRODUCT) for a in above]
        if number.is_Rational and (above or number.q == 1):
            factors = ([str(number.p)] if number.p != 1 or not factors else []) + factors
            divisors = ([str(number.q)] if number.q != 1 else []) + [self._at(a, _POWER) for a in below]
        else:
            factors = [self._at(number, _LEAF), *factors]
            divisors = [self._at(a, _POWER) for a in below]
        return sign + "*".join(factors) + "".join(f"/{d}" for d in divisors), _SUM if sign else _PRODUCT

    def _matrix_product(self, e: Any) -> tuple[str, int]:
        text = "*".join(self._at(a, _PRODUCT + (k > 0)) for k, a in enumerate(e.args))
        return text, _PRODUCT

    def _power(self, e: Any) -> tuple[str, int]:
        if not self._again(e):
            return self._kept(e)
        if e.base.is_Integer and e.exp.is_Number:
            return self._call(e)
        return f"{self._at(e.base, _LEAF)}**{self._at(e.exp, _LEAF)}", _POWER

    def _transpose(self, e: Any) -> tuple[str, int]:
        if e == e.arg.T:
            return f"{self._at(e.arg, _LEAF)}.T", _LEAF
        return self._call(e)

    def _entry(self, e: Any) -> tuple[str, int]:
        base, indices = (e.base, e.indices) if isinstance(e, sp.Indexed) else (e.parent, e.indices)
        return f"{self._at(base, _LEAF)}[{self._list(indices)}]", _LEAF

    def _with_limits(self, e: Any) -> tuple[str, int]:
        owner = "cnnsym" if isinstance(e, atoms.Maximum) else "sp"
        return f"{owner}.{type(e).__name__}({self.text(e.function)[0]}, {self._list(e.limits)})", _LEAF

    def _tuple(self, e: Any) -> tuple[str, int]:
        return f"({self._list(e)}{',' if len(e) == 1 else ''})", _LEAF

    def _derivative(self, e: Any) -> tuple[str, int]:
        by = [self.text(v)[0] if times == 1 else f"({self._list((v, times))})" for v, times in e.variable_count]
        return f"sp.Derivative({', '.join([self.text(e.expr)[0], *by])})", _LEAF

    def _value(self, e: Any) -> tuple[str, int]:
        return f"{self.text(e.args[0])[0]}({self._list(e.args[1:])})", _LEAF

    def _kept(self, e: Any) -> tuple[str, int]:
        return f"sp.{type(e).__name__}({self._list(e.args)}, evaluate=False)", _LEAF

    def _call(self, e: Any) -> tuple[str, int]:
        name, args = type(e).__name__, self._list(e.args)
        if type(e) in _RELATIONS:
            name = _RELATIONS[type(e)]
        if name in _SHORT and _same(getattr(atoms, name.lower()), e):
            return f"cnnsym.{name.lower()}({args})", _LEAF
        if getattr(atoms, name, None) is type(e):
            return f"cnnsym.atoms.{name}({args})", _LEAF
        if getattr(sp, name, None) is type(e) or type(e) in _RELATIONS:
            return f"sp.{name}({args}{'' if self._again(e) else ', evaluate=False'})", _LEAF
        return self._none(e)


def _same(short: Any, e: Any) -> bool:
    try:
        return bool(short(*e.args) == e)
    except Exception:  # another number of arguments, or other shapes
        return False


def _is_reciprocal(e: Any) -> bool:
    return isinstance(e, sp.Pow) and e.exp == -1 and not e.base.is_Number and bool(e.base.is_commutative)


def _is_term(e: Any) -> bool:
    return isinstance(e, sp.Mul | sp.MatMul | sp.Number)


def _quoted(text: str) -> str:
    """A Python text between double quotes: JSON's escapes are Python's too."""
    return json.dumps(text, ensure_ascii=False)


def _keywords(assumed: Iterable[tuple[str, Any]]) -> str:
    return "".join(f", {name}={value}" for name, value in assumed)
