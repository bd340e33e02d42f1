"""Limits: of rational functions by degrees and leading coefficients, of power means by a squeeze; with parameters, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp
from mpmath import iv, mpf

from cnnsym.atoms import Maximum
from cnnsym.entailment import Facts, search_models
from cnnsym.errors import InternalError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.verdict import Counterexample, Proved, Refuted, Unknown, Verdict

FAR = sp.Integer(10) ** 40  # where a function is looked at to check its limit
CLOSE = sp.Rational(1, 10**12)
DEGREE = 40
DRAWS = 60  # small models
MANY = 2_000  # where neither proof nor counterexample was found
SCOPE = "all values of the parameters"


def prove_limit(left: Any, right: Any, variable: Any, to: Any, assuming: Iterable[Any] = ()) -> Verdict:
    """Whether `left` tends to `right` as the variable tends to `to`: oo, -oo or a real number (from both sides).

    `left` is a rational function of the variable, whose coefficients may be anything that is free of it: symbols, entries,
    sums over ranges; or a power mean `(c1*x1**q + c2*x2**q + ...)**(1/q)` with positive parameters, as q tends to oo.
    `assuming` holds relations between the parameters. `right` may be oo or -oo.

    A Proved is checked by exact evaluation close to the limit. UnsupportedError for functions that are not covered.

    Source of the limit of power means: Hardy, Littlewood and Polya, Inequalities, section 2.3.

    >>> t = sp.Symbol("t", real=True)
    >>> s, a, b = sp.symbols("s a b", positive=True)
    >>> prove_limit((s*a + t*b) / (s + t), b, t, sp.oo).name, prove_limit((s*a + t*b) / (s + t), a, t, sp.oo).name
    ('proved', 'refuted')
    """
    left, right, to = (expression(e) for e in (left, right, to))
    given = [expression(h) for h in assuming if h != sp.true]
    if not isinstance(variable, sp.Symbol) or not variable.is_real or variable in right.free_symbols | to.free_symbols:
        raise UnsupportedError(f"a limit in {variable}: expected a real symbol that is not in the limit")
    mean = _power_mean(left, variable) if to is sp.oo else None
    if mean is not None:
        limit, method = sp.Max(*mean), "a squeeze between powers of the largest"
        _check_power_mean(left, mean, variable)
    else:
        limit, method = _rational_limit(left, variable, to, given), "degrees and leading coefficients"
        if not _checked(left, limit, variable, to, given):
            return Unknown(("no parameters were found at which the function has values close to the limit",), method)
    return _compared(limit, right, given, method)


def _compared(limit: Any, right: Any, given: Sequence[Any], method: str) -> Verdict:
    assumed, why = tuple(map(str, given)), f"the limit is {limit}, not {right}"
    if limit.is_infinite or right.is_infinite:
        if limit == right:
            return Proved(SCOPE, method, assumed)
        return Refuted(Counterexample({}, {}, str(limit), str(right)), why)
    found = search_models(given, sp.Eq(limit, right), draws=DRAWS)
    names: dict[Any, Any] = {}
    same = sp.Eq(*(_with_names(e, None, names) for e in (limit, right)))
    if Facts([*(h.xreplace(names) for h in given), sp.Not(same)]).contradictory():
        if found.counterexample is not None:
            raise InternalError(f"{limit} = {right} is proved, but fails where {found.counterexample.as_dict()}")
        if not found.met:
            return Unknown(("no parameters were found that are as assumed",), method)
        return Proved(SCOPE, method, assumed)
    if found.counterexample is None:
        found = search_models(given, sp.Eq(limit, right), draws=MANY, seed=1)
    if found.counterexample is not None:
        return Refuted(Counterexample({}, found.counterexample.as_dict(), str(limit), str(right)), why)
    return Unknown((f"the limit is {limit}, which was neither seen to be {right} nor to differ from it",), method)


# --- rational functions ------------------------------------------------------------------------------------------------


def _rational_limit(e: Any, x: Any, to: Any, given: Sequence[Any]) -> Any:
    if (to.is_extended_negative and x.is_nonnegative) or (to.is_extended_positive and x.is_nonpositive):
        raise UnsupportedError(f"the limit of {x}, which is {'not negative' if x.is_nonnegative else 'not positive'}, to {to}")
    if to is sp.S.NegativeInfinity:
        flipped = sp.Dummy("x", real=True)
        return _rational_limit(e.xreplace({x: -flipped}), flipped, sp.oo, given)
    names: dict[Any, Any] = {}
    numerator, denominator = sp.fraction(sp.cancel(sp.together(_with_names(e, x, names))))
    try:
        top, bottom = sp.Poly(numerator, x), sp.Poly(denominator, x)
    except sp.PolynomialError:
        raise UnsupportedError(f"{e} is no rational function of {x}") from None
    if any(x in c.free_symbols for poly in (top, bottom) for c in poly.coeffs()):
        raise UnsupportedError(f"{e} is no rational function of {x}")
    back = {name: term for term, name in names.items()}
    known = [h.xreplace(names) for h in given]
    if to is not sp.oo:
        if x.is_integer or not to.is_real:
            raise UnsupportedError(f"the limit of {x} to {to}")
        values = [sp.expand(poly.as_expr().xreplace({x: to})) for poly in (top, bottom)]
        _require_nonzero(values[1], known, back)
        return (values[0] / values[1]).xreplace(back)
    leading = sp.expand(bottom.LC())
    _require_nonzero(leading, known, back)
    if top.degree() <= bottom.degree():
        return (top.coeff_monomial(x ** bottom.degree()) / leading).xreplace(back)
    quotient = sp.expand(top.LC() * leading)
    for sign, limit in ((sp.Le, sp.oo), (sp.Ge, -sp.oo)):
        if Facts([*known, sign(quotient, 0)]).contradictory():
            return limit
    raise UnsupportedError(f"the sign of {quotient.xreplace(back)}, which decides between oo and -oo")


def _with_names(e: Any, x: Any, names: dict[Any, Any]) -> Any:
    """The function with a real symbol for what is free of the variable and no rational number or symbol."""
    if e.is_Rational or e == x:
        return e
    if isinstance(e, (sp.Add, sp.Mul, sp.Max, sp.Min, sp.Abs)) and (x is None or x not in e.free_symbols):
        return e.func(*(_with_names(a, x, names) for a in e.args))
    if isinstance(e, (sp.Add, sp.Mul)) or (isinstance(e, sp.Pow) and e.exp.is_Integer and abs(e.exp) <= DEGREE):
        return e.func(*(_with_names(a, x, names) for a in e.args))
    if x is not None and x in e.free_symbols:
        raise UnsupportedError(f"{e}, which is no rational function of {x}")
    if e.is_Symbol:
        if not e.is_real:
            raise UnsupportedError(f"{e} is not known to be real")
        return e
    if not isinstance(e, (sp.Indexed, sp.Sum, Maximum)) and not e.is_real:
        raise UnsupportedError(f"{e} is not known to be real")
    return names.setdefault(e, sp.Dummy("c", positive=True) if e.is_positive else sp.Dummy("c", real=True))


def _require_nonzero(e: Any, known: Sequence[Any], back: dict[Any, Any]) -> None:
    if e.is_zero:
        raise UnsupportedError("a limit at a pole")
    if not (e.is_nonzero or Facts([*known, sp.Eq(e, 0)]).contradictory()):
        raise UnsupportedError(f"{e.xreplace(back)} may be 0")


def _checked(e: Any, limit: Any, x: Any, to: Any, given: Sequence[Any]) -> bool:
    """Whether the function was evaluated close to the place, at some parameters; InternalError if it is far from the limit."""
    met = 0
    steps = [FAR] if to is sp.oo else [-FAR] if to is sp.S.NegativeInfinity else [to + 1 / FAR, to - 1 / FAR]
    for step in steps:
        value = e.xreplace({x: step})
        if limit.is_infinite:
            statement = sp.Gt(value * (1 if limit is sp.oo else -1), 1 / CLOSE)
        else:
            statement = sp.Le(sp.Abs(value - limit), CLOSE * (1 + sp.Abs(limit)))
        found = search_models(given, statement, draws=DRAWS)
        if found.counterexample is not None:
            raise InternalError(f"{e} is far from {limit} at {x} = {step} where {found.counterexample.as_dict()}")
        met += found.met
    return met > 0


# --- power means -------------------------------------------------------------------------------------------------------


def _power_mean(e: Any, q: Any) -> list[Any] | None:
    """The x of `(c1*x1**q + ... )**(1/q)`, with positive c and x; None where the expression is none.

    The largest x, to the power q and times its c, is no more than the sum, and the sum no more than the largest x to the
    power q times the sum of the c; the q-th root of a positive number tends to 1.
    """
    if not isinstance(e, sp.Pow) or e.exp != 1 / q:
        return None
    found = []
    for term in sp.Add.make_args(sp.expand(e.base, power_base=False, power_exp=False)):
        c, power = term.as_independent(q, as_Add=False)
        if not (isinstance(power, sp.Pow) and power.exp == q and power.base.is_positive and c.is_positive):
            raise UnsupportedError(
                f"{term} in a power mean: expected a positive factor, and a positive number to the power {q}"
            )
        found.append(power.base)
    return found


def _check_power_mean(e: Any, bases: Sequence[Any], q: Any) -> None:
    """InternalError where an enclosure of the mean, at one large q and different parameters, is far from the largest."""
    symbols = sorted(e.free_symbols - {q}, key=str)
    values = {s: sp.Integer(k + 2) for k, s in enumerate(symbols)}
    far = 10**7
    total = iv.mpf(0)
    for term in sp.Add.make_args(sp.expand(e.base, power_base=False, power_exp=False)):
        c, power = term.as_independent(q, as_Add=False)
        total += _interval(c.xreplace(values)) * _interval(power.base.xreplace(values)) ** far
    mean = iv.exp(iv.log(total) / far)
    largest = max(_interval(b.xreplace(values)).b for b in bases)
    if abs(mean.mid - largest) > mpf("1e-4"):
        raise InternalError(f"the power mean {e} is far from {largest} at {q} = {far}, {values}")


def _interval(e: Any) -> Any:
    if not e.is_Rational:
        raise UnsupportedError(f"{e} in a power mean")
    return iv.mpf(int(e.p)) / iv.mpf(int(e.q))
