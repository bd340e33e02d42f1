"""The affine form on what it is for: each true statement beside a false one that differs from it by one slip."""

from __future__ import annotations

import pytest
import sympy as sp

from cnnsym import Maximum, dims, elementwise, indicator, signal
from cnnsym.affine_form import same_form
from cnnsym.errors import UnsupportedError

a, b, n, t, j, u, v, i, q, o, c, e = sp.symbols("a b n t j u v i q o c e", integer=True)
p = sp.Symbol("p", integer=True, nonnegative=True)
m, K, s, d, N, P, Q, L, C, D, H, W = dims("m K s d N P Q L C D H W")
x, k, g = signal("x", m), signal("k", K), signal("g", P)
line = signal("z", sp.oo)
circle, kernel = signal("c", N, grid="circular"), signal("h", N, grid="circular")
long = signal("y", s * L, grid="circular")
S1, S2 = dims("S1 S2")
longer = signal("y2", S1 * S2 * L, grid="circular")
f = elementwise("f")
delta = sp.KroneckerDelta


def turn(r):
    return sp.exp(2 * sp.pi * sp.I * r)


def spectrum(signal_, frequency, length=N):
    return sp.Sum(signal_[n] * turn(-frequency * n / length), (n, 0, length - 1))


def correlation(signal_, position):
    return sp.Sum(k[a] * signal_[position + a], (a, 0, K - 1))


def mean(entry, length=N):
    return sp.Sum(entry(i), (i, 0, length - 1)) / length


def two_layers(shift, position):
    inner = f(sp.Sum(k[a] * longer[S1 * (S2 * position + b) + a - shift], (a, 0, K - 1)))
    return f(sp.Sum(g[b] * inner, (b, 0, P - 1)))


weights, image, outputs = signal("w", D, C, K, K), signal("I", C, H, W), signal("G", D, P, Q)


def conv2d(channel, row, column, pad=p):
    at = (s * row + d * a - pad, s * column + d * b - pad)
    return sp.Sum(weights[channel, c, a, b] * image[(c, *at)], (c, 0, C - 1), (a, 0, K - 1), (b, 0, K - 1))


strided = sp.Sum(g[u] * sp.Sum(k[a] * delta(s * u + d * a - p, j), (a, 0, K - 1)), (u, 0, P - 1))
at = j + p - d * a

TRUE_AND_FALSE = {
    "the kernel is flipped in the gradient": (
        sp.Sum(g[u] * k[j - u + p], (u, 0, P - 1)),
        sp.Sum(k[a] * g[j - a + p], (a, 0, K - 1)),
        sp.Sum(k[a] * g[j + a + p], (a, 0, K - 1)),
    ),
    "zero insertion by a bracket": (
        strided,
        sp.Sum(k[a] * sp.Sum(g[u] * indicator(sp.Eq(s * u, at)), (u, 0, P - 1)), (a, 0, K - 1)),
        sp.Sum(k[a] * sp.Sum(g[u] * indicator(sp.Eq(u, at)), (u, 0, P - 1)), (a, 0, K - 1)),
    ),
    "zero insertion by a quotient": (
        strided,
        sp.Sum(k[a] * indicator(sp.Eq(sp.Mod(at, s), 0)) * g[sp.floor(at / s)], (a, 0, K - 1)),
        sp.Sum(k[a] * g[sp.floor(at / s)], (a, 0, K - 1)),
    ),
    "equivariance on the integers": (
        sp.Sum(k[a] * line[n + a - t], (a, 0, K - 1)),
        correlation(line, n - t),
        correlation(line, n + t),
    ),
    "equivariance on a circle": (
        sp.Sum(k[a] * circle[n + a - t], (a, 0, K - 1)),
        correlation(circle, n - t),
        correlation(circle, n),
    ),
    "a stride commutes with its multiples": (
        sp.Sum(k[a] * long[s * n + a - s * t], (a, 0, K - 1)),
        sp.Sum(k[a] * long[s * (n - t) + a], (a, 0, K - 1)),
        sp.Sum(k[a] * long[s * n + a - t], (a, 0, K - 1)),
    ),
    "a mean over the circle is invariant": (
        mean(lambda at: f(sp.Sum(k[a] * circle[at + a - t], (a, 0, K - 1)))),
        mean(lambda at: f(correlation(circle, at))),
        mean(lambda at: f(correlation(circle, -at))) * 2,
    ),
    "zero padding breaks the invariance": (
        mean(lambda at: f(correlation(x, at))),
        mean(lambda at: f(correlation(x, at + K - K))),
        mean(lambda at: f(correlation(x, at - t))),
    ),
    "a mean over a strided circle": (
        mean(lambda at: f(sp.Sum(k[a] * long[s * at + a - s * t], (a, 0, K - 1))), L),
        mean(lambda at: f(sp.Sum(k[a] * long[s * at + a], (a, 0, K - 1))), L),
        mean(lambda at: f(sp.Sum(k[a] * long[s * at + a - t], (a, 0, K - 1))), L),
    ),
    "strides multiply": (two_layers(S1 * S2 * t, n), two_layers(0, n - t), two_layers(S1 * t, n - t)),
    "a mean after two strides": (
        mean(lambda at: two_layers(S1 * S2 * t, at), L),
        mean(lambda at: two_layers(0, at), L),
        mean(lambda at: two_layers(S2 * t, at), L),
    ),
    "a maximum over a shifted window": (
        Maximum(line[n + a], (a, 0, K - 1)),
        Maximum(line[a], (a, n, n + K - 1)),
        Maximum(line[a], (a, n, n + K)),
    ),
    "convolution is associative": (
        sp.Sum(k[a] * sp.Sum(g[b] * line[n - a - b], (b, 0, P - 1)), (a, 0, K - 1)),
        sp.Sum(line[n - u] * sp.Sum(k[a] * g[u - a], (a, 0, K - 1)), (u, 0, K + P - 2)),
        sp.Sum(line[n - u] * sp.Sum(k[a] * g[u - a], (a, 0, K - 1)), (u, 0, K + P - 3)),
    ),
    "Parseval": (
        sp.Sum(spectrum(circle, j) * sp.conjugate(spectrum(circle, j)), (j, 0, N - 1)) / N,
        sp.Sum(circle[n] ** 2, (n, 0, N - 1)),
        sp.Sum(circle[n] * circle[-n], (n, 0, N - 1)),
    ),
    "the convolution theorem": (
        sp.Sum(sp.Sum(kernel[a] * circle[n - a], (a, 0, N - 1)) * turn(-j * n / N), (n, 0, N - 1)),
        spectrum(kernel, j) * spectrum(circle, j),
        sp.conjugate(spectrum(kernel, j)) * spectrum(circle, j),
    ),
    "the inverse transform": (
        sp.Sum(spectrum(circle, j) * turn(j * t / N), (j, 0, N - 1)) / N,
        circle[t],
        circle[-t],
    ),
    "aliasing": (
        sp.Sum(long[s * n] * turn(-j * n / L), (n, 0, L - 1)),
        sp.Sum(spectrum(long, j + q * L, s * L), (q, 0, s - 1)) / s,
        sp.Sum(spectrum(long, j + q * s, s * L), (q, 0, s - 1)) / s,
    ),
    "a double sum read as one": (
        sp.Sum(image[c, a, b], (b, 0, K - 1), (a, 0, P - 1)),
        sp.Sum(image[c, sp.floor(u / K), sp.Mod(u, K)], (u, 0, K * P - 1)),
        sp.Sum(image[c, sp.floor(u / K), sp.Mod(u, K)], (u, 0, K * P)),
    ),
    "the adjoint in two dimensions": (
        sp.Sum(outputs[o, u, v] * conv2d(o, u, v), (o, 0, D - 1), (u, 0, P - 1), (v, 0, Q - 1)),
        sp.Sum(
            image[c, i, j]
            * sp.Sum(
                weights[o, c, a, b]
                * outputs[o, u, v]
                * indicator(sp.And(sp.Eq(s * u + d * a - p, i), sp.Eq(s * v + d * b - p, j))),
                *((o, 0, D - 1), (a, 0, K - 1), (b, 0, K - 1), (u, 0, P - 1), (v, 0, Q - 1)),
            ),
            *((c, 0, C - 1), (i, 0, H - 1), (j, 0, W - 1)),
        ),
        sp.Sum(outputs[o, u, v] * conv2d(o, v, u), (o, 0, D - 1), (u, 0, P - 1), (v, 0, Q - 1)),
    ),
    "an autocorrelation does not depend on the direction": (
        sp.Sum(kernel[i - e] * kernel[j - e], (e, 0, N - 1)),
        sp.Sum(kernel[e - i] * kernel[e - j], (e, 0, N - 1)),
        sp.Sum(kernel[e + i] * kernel[e - j], (e, 0, N - 1)),
    ),
    "every s-th entry, by a remainder": (
        sp.Sum(long[n] * turn(-j * n / (s * L)) * indicator(sp.Eq(sp.Mod(n, s), 0)), (n, 0, s * L - 1)),
        sp.Sum(long[s * n] * turn(-j * n / L), (n, 0, L - 1)),
        sp.Sum(long[s * n + 1] * turn(-j * n / L), (n, 0, L - 1)),
    ),
    "multiples below a multiple": (
        sp.Sum(line[s * u] * indicator(sp.And(sp.Ge(s * u, 0), sp.Lt(s * u, s * L))), (u, -L, L)),
        sp.Sum(line[s * u], (u, 0, L - 1)),
        sp.Sum(line[s * u], (u, 0, L)),
    ),
    "a count": (sp.Sum(sp.S.One, (a, 0, K - 1), (b, 0, P - 1)), K * P, K * P - 1),
    "a sign that alternates": (
        sp.Sum((-1) ** (n + a) * k[a], (a, 0, K - 1)),
        (-1) ** n * sp.Sum((-1) ** a * k[a], (a, 0, K - 1)),
        sp.Sum((-1) ** a * k[a], (a, 0, K - 1)),
    ),
    "two factors of one array": (
        sp.Sum(x[a] * x[b] * indicator(sp.Lt(a, b)), (a, 0, m - 1), (b, 0, m - 1)),
        sp.Sum(x[a] * x[b] * indicator(sp.Gt(a, b)), (a, 0, m - 1), (b, 0, m - 1)),
        sp.Sum(x[a] * x[b] * indicator(sp.Ge(a, b)), (a, 0, m - 1), (b, 0, m - 1)),
    ),
}


@pytest.mark.parametrize("name", TRUE_AND_FALSE)
def test_a_true_statement_is_proved(name):
    left, right, _ = TRUE_AND_FALSE[name]
    assert same_form(left, right)


@pytest.mark.parametrize("name", TRUE_AND_FALSE)
def test_a_false_statement_is_not(name):
    left, _, wrong = TRUE_AND_FALSE[name]
    assert not same_form(left, wrong)


def test_hypotheses_are_used():
    entry, other = long[n], long[n + t]
    assert not same_form(entry, other)
    assert same_form(entry, other, [sp.Eq(t, 0)])
    inside = indicator(sp.Le(n, m - 1)) * x[n]
    assert same_form(inside, x[n])
    assert same_form(indicator(sp.Le(n, 3)), sp.S.One, [sp.Le(n, m), sp.Eq(m, 3)])


def test_an_entry_outside_its_range_is_zero():
    assert same_form(x[m], sp.S.Zero)
    assert same_form(x[-1], sp.S.Zero)
    assert not same_form(x[0], sp.S.Zero)
    assert not same_form(line[-1], sp.S.Zero)
    assert same_form(circle[N + n], circle[n])


@pytest.mark.parametrize(
    "statement",
    [
        sp.Sum(line[n], (n, -sp.oo, sp.oo)),
        sp.Sum(line[n], (n, 0, sp.oo)),
        x[sp.Symbol("r", real=True)],
        x[n / 2],
        sp.Float(0.5) * x[n],
        x[sp.floor(n / sp.Symbol("r", integer=True))],
    ],
)
def test_what_has_no_affine_form_says_so(statement):
    with pytest.raises(UnsupportedError):
        same_form(statement, statement + x[0])


def test_a_name_that_sympy_has_set_free_is_noticed():
    inner = sp.Sum(g[u] * sp.Piecewise((1, sp.Eq(s * u, a)), (0, True)), (u, 0, P - 1))
    captured = sp.Sum(k[a] * inner, (a, 0, K - 1))
    with pytest.raises(UnsupportedError, match="both free and bound"):
        same_form(captured, sp.S.Zero)


def test_symbols_of_the_statement_are_not_taken_for_canonical_names():
    own = sp.Symbol("_0", integer=True)
    hole = sp.Symbol("_h0", integer=True)
    assert not same_form(sp.Sum(k[a] * line[a + own], (a, 0, K - 1)), sp.Sum(k[a] * line[a + a], (a, 0, K - 1)))
    assert not same_form(f(line[n + hole]), f(line[n]))
