"""Functions of forms: powers, exp and log, sin and cos, relu, abstract functions; and the rewrites that keep them canonical.

The laws, each wherever both sides are defined (over the reals):
  exp(a + b) = exp(a) exp(b);  log|a b| = log|a| + log|b| (log stands for log|.|: where log is defined they agree);
  (a b)^n = a^n b^n for integers n, and for any exponent where a is known to be positive;  a^m a^n = a^(m+n);
  sin(-a) = -sin(a), cos(-a) = cos(a), sin^2 = 1 - cos^2;  relu(a) = a step(a), step(a)^2 = step(a), step(c a) = step(a), c > 0;
  t/S = 1/c - (r/c)/S for S = c t + r: a numerator is reduced by its denominator.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from cnnsym.errors import LimitError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.index_form.canonical import close
from cnnsym.index_form.division import cancel_component, common, components, content, divide_once, is_positive, signed
from cnnsym.index_form.index import Index, Slot, constant
from cnnsym.index_form.reduce import plain, reduce_term
from cnnsym.index_form.term import (
    MAX_FACTORS,
    ONE,
    Factor,
    Form,
    Key,
    Term,
    factor,
    fresh,
    indices,
    instantiate,
    number,
    scaled,
    times,
)

MAX_DIVISIONS = 2_000  # steps of reducing numerators in one form


def reduced(form: Form) -> Form:
    """Each term reduced, like terms collected, numerators reduced by their denominators."""
    terms = [small for term in form for small in reduce_term(term, rewrite, size_form)]
    if any(head[0] == "S" for _, fs, _ in terms for head, _, _ in fs):
        terms = _divided(terms)
    return terms


def size_form(length: Any) -> Form:
    """A size, a polynomial with rational coefficients, as a form."""
    if isinstance(length, sp.Symbol):
        return factor(("n", length))
    total: Form = []
    for monomial, coefficient in expression(length).as_coefficients_dict().items():
        product = number(coefficient)
        for base, exponent in monomial.as_powers_dict().items():
            if base != 1:
                product = times(product, factor(("n", base), exponent=int(exponent)))
        total += product
    return total


def _divided(terms: Form) -> Form:
    waiting: Form = list(terms)
    done: Form = []
    for _ in range(MAX_DIVISIONS):
        if not waiting:
            return done
        term = waiting.pop()
        smaller = cancel_component(term) or divide_once(term)
        if smaller is None:
            done.append(term)
        else:
            waiting += [t for s in smaller for t in reduce_term(s, rewrite, size_form)]
    return done + waiting


# --- powers ----------------------------------------------------------------------------------------------------------


def power(form: Form, exponent: Any) -> Form:
    """`form**exponent`; exponent an int, a Fraction, or a SymPy expression without indices."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        exponent = int(exponent)
    if exponent == 0:
        return ONE
    if isinstance(exponent, int) and exponent > 0:
        return _repeated(form, exponent)
    terms = reduced(form)
    key, slots = close(terms)
    terms = instantiate(key, slots)
    if not terms:
        raise UnsupportedError("division by an expression that is zero for all values")
    return _single_power(terms[0], exponent) if len(terms) == 1 else _sum_power(terms, exponent)


def _repeated(form: Form, exponent: int) -> Form:
    if len(form) == 1 and not form[0][2]:
        c, fs, _ = form[0]
        return [(c**exponent, tuple((h, s, e * exponent) for h, s, e in fs), ())]
    if sum(len(fs) for _, fs, _ in form) * exponent > MAX_FACTORS:
        raise LimitError(f"a power has over {MAX_FACTORS} factors (the limit)")
    product = ONE
    for _ in range(exponent):
        product = times(product, fresh(form))
        if len(product) > 1:
            product = _gathered(product)
    return product


def _gathered(form: Form) -> Form:
    key, slots = close(reduced(form))
    return instantiate(key, slots)


def _single_power(term: Term, exponent: Any) -> Form:
    c, fs, bound = term
    inside = set(bound)
    out, rest = [], []
    for one in fs:
        head, slots, e = one
        apart = not inside.intersection(indices([one]))
        if head[0] == "delta" and isinstance(exponent, int):
            raise UnsupportedError("division by entries that are zero wherever two indices differ")
        if apart and (isinstance(exponent, int) or is_positive(head)):
            out.append((head, slots, e * exponent))
        else:
            rest.append(one)
    result: Form = [(Fraction(1), tuple(out), ())]
    if isinstance(exponent, int):
        result = scaled(result, c**exponent)
        for part in components(tuple(rest), bound):
            result = times(result, _base([part], exponent))
        return result
    if c > 0:
        result, c = times(result, _rational_power(c, exponent)), Fraction(1)
    if not rest and c == 1:
        return result
    if len(rest) == 1 and c == 1 and not bound and rest[0][2] == 1 and rest[0][0][0] == "S":
        head, slots, _ = rest[0]
        return times(result, [(Fraction(1), ((head, slots, exponent),), ())])
    return times(result, _base([(c, tuple(rest), bound)], exponent))


def _rational_power(value: Fraction, exponent: Any) -> Form:
    """A positive rational to a power that is no integer, by its primes; 2^(3/2) = 2 * 2^(1/2)."""
    product: Form = ONE
    for base, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, count in sp.factorint(base).items():
            product = times(product, factor(("#", int(prime)), exponent=sign * count * exponent))
    return product


def _base(form: Form, exponent: Any) -> Form:
    key, slots = close(form)
    return [(Fraction(1), ((("S", key), slots, exponent),), ())]


def _sum_power(terms: Form, exponent: Any) -> Form:
    """A sum to a power: positive content in front, sign by the smaller key, the rest as one base."""
    whole = content(terms)
    shared = common(terms, only_positive=not isinstance(exponent, int))
    terms = reduced(times(scaled(terms, 1 / whole), [(Fraction(1), tuple((h, s, -e) for h, s, e in shared), ())]))
    result: Form = [(Fraction(1), tuple((h, s, e * exponent) for h, s, e in shared), ())]
    if isinstance(exponent, int):
        sign, terms = signed(terms)
        return times(scaled(result, (whole * sign) ** exponent), _base(terms, exponent))
    return times(result, _rational_power(whole, exponent), _base(terms, exponent))


# --- functions -------------------------------------------------------------------------------------------------------


def exponential(form: Form) -> Form:
    """exp of a form: one factor for each term, its coefficient as the exponent."""
    product = ONE
    key, slots = close(reduced(form))
    for c, fs, bound in instantiate(key, slots):
        inner, places = close([(Fraction(1), fs, bound)])
        product = times(product, [(Fraction(1), ((("E", inner), places, plain(c)),), ())])
    return product


def logarithm(form: Form) -> Form:
    """log of a form."""
    key, slots = close(reduced(form))
    terms = instantiate(key, slots)
    if len(terms) > 1:
        whole = content(terms)
        shared = common(terms, only_positive=False)
        terms = reduced(times(scaled(terms, 1 / whole), [(Fraction(1), tuple((h, s, -e) for h, s, e in shared), ())]))
        return _log_product(whole, shared) + _plain_function("log", signed(terms)[1])
    if not terms:
        raise UnsupportedError("the logarithm of an expression that is zero for all values")
    c, fs, bound = terms[0]
    alone = [f for f in fs if not set(bound).intersection(indices([f]))]
    total = _log_product(c, alone)
    for part in components(tuple(f for f in fs if f not in alone), bound):
        total += _plain_function("log", [part])
    return total


def _log_product(c: Fraction, fs: list[Factor]) -> Form:
    total: Form = []
    for base, sign in ((abs(c.numerator), 1), (c.denominator, -1)):
        for prime, count in sp.factorint(base).items():
            total += scaled(_plain_function("log", number(int(prime))), sign * count)
    for head, slots, e in fs:
        if isinstance(e, sp.Expr):
            raise UnsupportedError("the logarithm of a power with a symbolic exponent")
        if head[0] == "E":
            total += scaled(instantiate(head[1], slots), e)
        elif head[0] == "S":
            total += scaled(_plain_function("log", instantiate(head[1], slots)), e)
        else:
            total += scaled(_plain_function("log", [(Fraction(1), ((head, slots, 1),), ())]), e)
    return total


def _plain_function(name: str, form: Form, order: int = 0) -> Form:
    key, slots = close(form)
    return [(Fraction(1), ((("f", name, order, key), slots, 1),), ())]


def abstract(name: str, order: int, form: Form) -> Form:
    """An abstract function, or its derivative of that order, of a form; the name is kept apart from the built-in ones."""
    return _plain_function("abstract " + name, reduced(form), order)


def _sine(form: Form) -> Form:
    terms = reduced(form)
    if not close(terms)[0].content:
        return []
    sign, terms = signed(terms)
    return scaled(_plain_function("sin", terms), sign)


def _cosine(form: Form) -> Form:
    terms = reduced(form)
    return _plain_function("cos", signed(terms)[1]) if close(terms)[0].content else ONE


def _step(form: Form) -> Form:
    """The step at `c*S`, `c > 0`, is that at `S`; at `-S` it is `1 - step(S)`, as it is defined where S is not 0."""
    terms = reduced(form)
    sign, terms = signed(scaled(terms, 1 / content(terms)))
    step = _plain_function("step", terms)
    return step if sign > 0 else [*ONE, *scaled(step, -1)]


def _relu(form: Form) -> Form:
    return times(fresh(form), _step(form))


def _absolute(form: Form) -> Form:
    return _plain_function("abs", signed(reduced(form))[1])


def _sigmoid(form: Form) -> Form:
    return power(ONE + exponential(scaled(form, -1)), -1)


def _tanh(form: Form) -> Form:
    square = exponential(scaled(form, 2))
    return times(square + number(-1), power(number(1) + square, -1))


def _hyperbolic(sign: int) -> Callable[[Form], Form]:
    return lambda form: scaled([*exponential(form), *scaled(exponential(scaled(form, -1)), sign)], Fraction(1, 2))


FUNCTIONS: dict[str, Callable[[Form], Form]] = {
    "exp": exponential,
    "log": logarithm,
    "sin": _sine,
    "cos": _cosine,
    "tan": lambda form: times(_sine(form), power(_cosine(form), -1)),
    "tanh": _tanh,
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
    "sigmoid": _sigmoid,
    "relu": _relu,
    "step": _step,
    "Abs": _absolute,
}


# --- rewrites of one factor ------------------------------------------------------------------------------------------


def rewrite(one: Factor) -> Form | None:
    """What a factor becomes once its slots or its exponent are known; None where it stays as it is."""
    head, slots, e = one
    kind = head[0]
    if kind == "val" and all(not isinstance(c, Index) for c in slots[0]):
        return _constant_value(slots[0], e)
    if kind == "#" and isinstance(e, Fraction) and not 0 < e < 1:
        whole = e.numerator // e.denominator
        rest = factor(head, exponent=e - whole) if e != whole else ONE
        return scaled(rest, Fraction(head[1]) ** whole)
    if kind == "#" and isinstance(e, int):
        return number(Fraction(head[1]) ** e)
    if kind in ("f", "E", "S") and _collapsed(slots):
        return _again(head, slots, e)
    if kind == "S":
        return _rewrite_base(head[1], slots, e)
    if kind == "f" and head[1] == "step" and isinstance(e, int) and e > 1:
        return [(Fraction(1), ((head, slots, 1),), ())]
    if kind == "f" and head[1] == "sin" and isinstance(e, int) and e > 1:
        cosine: Form = [(Fraction(-1), ((("f", "cos", 0, head[3]), slots, 2),), ())]
        return times(power(ONE + cosine, e // 2), [(Fraction(1), ((head, slots, 1),), ())] if e % 2 else ONE)
    return None


def _constant_value(slot: Slot, e: Any) -> Form:
    if not slot:
        return [] if e > 0 else power([], e)
    value = constant(slot)
    if value.is_Rational:
        return power(number(value), e)
    return power(size_form(value), e)


def _collapsed(slots: tuple[Slot, ...]) -> bool:
    """A hole filled by a constant, or two holes filled alike: the nested form may simplify."""
    if any(not slot or any(not isinstance(c, Index) for c in slot) for slot in slots):
        return True
    return len(set(slots)) < len(slots)


def _again(head: Any, slots: tuple[Slot, ...], e: Any) -> Form | None:
    kind, key = head[0], head[-1]
    inner = instantiate(key, slots)
    if kind == "E":
        result = exponential(scaled(inner, e))
    elif kind == "S":
        result = power(inner, e)
    elif head[1].startswith("abstract "):
        result = power(_plain_function(head[1], reduced(inner), head[2]), e)
    else:
        result = power(FUNCTIONS["Abs" if head[1] == "abs" else head[1]](inner), e)
    # A constant in a hole that stays is already as simple as it gets: stop rather than rebuild it for ever.
    return None if _unchanged(result, head, slots) else result


def _unchanged(form: Form, head: Any, slots: tuple[Slot, ...]) -> bool:
    if len(form) != 1 or form[0][0] != 1 or len(form[0][1]) != 1:
        return False
    ((found, places, _),) = form[0][1]
    return bool(found == head and sorted(map(repr, places)) == sorted(map(repr, slots)))


def _rewrite_base(key: Key, slots: tuple[Slot, ...], e: Any) -> Form | None:
    """A base to a positive integer power is expanded; to 3/2, as the base times its root; one factor alone is no base."""
    if isinstance(e, int) and e > 0:
        return power(instantiate(key, slots), e)
    if isinstance(e, Fraction) and e > 1:
        whole = e.numerator // e.denominator
        root: Form = [(Fraction(1), ((("S", key), slots, e - whole),), ())]
        return times(power(instantiate(key, slots), whole), root)
    if isinstance(e, int) and len(key.content) == 1 and not key.content[0][1]:
        return power(instantiate(key, slots), e)
    return None
