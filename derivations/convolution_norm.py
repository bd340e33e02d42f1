"""Extension: how much a convolution can enlarge its input. Young's inequality, for the maximum and for the 2-norm."""

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Inequality, NearMiss, Step, Text
from cnnsym.layers import conv1d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer

CONTEXT = r"""
let K, N, P : size
let n : integer; let \beta : scalar
let x : signal(infinite); let z : signal(circular(N)); let k : signal(K)
"""

K, N, P = dims("K N P")
n, j, a, b = sp.symbols("n j a b", integer=True)
beta = sp.Symbol("beta", real=True)
x, z, k = signal("x", sp.oo), signal("z", N, grid="circular"), signal("k", K)


class Constant:
    """The input whose entries are all equal."""

    def __getitem__(self, at):
        return beta


# --- numbers ---------------------------------------------------------------------------------------------------------


def _draw(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


def _on_circle(signal, kernel, stride=1):
    """The reference layer on a circle: the input goes on periodically as far as the last window reaches."""
    around = np.take(signal, np.arange(len(signal) + len(kernel) - 1), mode="wrap")
    return conv1d_layer.forward(around[None, None], kernel[None, None], stride=stride)[0, 0]


def _largest_singular_value(random, dtype, length, taps):
    kernel = np.abs(_draw(random, dtype, taps))
    matrix = np.array([_on_circle(row, kernel) for row in np.eye(length, dtype=dtype)]).T
    return np.array([kernel.sum()], dtype), np.linalg.norm(matrix, 2)[None]


def _excess(value, bound):
    """By how much a bound is exceeded, and 0, which it should be."""
    over = np.maximum(np.asarray(value) - bound, 0)
    return over, np.zeros_like(over)


def _maximum_norm(random, dtype, length, taps):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    return _excess(np.abs(_on_circle(signal, kernel)), np.abs(signal).max() * np.abs(kernel).sum())


def _squares(random, dtype, length, taps):
    signal, kernel = _draw(random, dtype, length), np.abs(_draw(random, dtype, taps))
    return _excess(_on_circle(signal, kernel) ** 2, kernel.sum() * _on_circle(signal**2, kernel))


def _absolute_values(random, dtype, length, taps):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    return _excess(np.abs(_on_circle(signal, kernel)), _on_circle(np.abs(signal), np.abs(kernel)))


EXCESS = Text("参考层超出这个界多少 (应为 0)", "by how much the reference layer exceeds the bound (by nothing)")
CASES = ({"length": 7, "taps": 3}, {"length": 5, "taps": 5}, {"length": 1, "taps": 1})

norm = sp.Sum(k[a], (a, 0, K - 1))
output = conv1d.correlation(z, k, n)
energy = sp.Sum(z[n] ** 2, (n, 0, N - 1))
differences = sp.Sum(k[a] * k[b] * (z[n + a] - z[n + b]) ** 2, (a, 0, K - 1), (b, 0, K - 1), (n, 0, N - 1)) / 2

young = Claim(
    id="ext-young-norm",
    section="ext",
    title=Text("圆周上卷积的 2-范数: 差多少", "the 2-norm of a convolution on a circle, and what it falls short by"),
    chain=(norm**2 * energy - sp.Sum(output**2, (n, 0, N - 1)), differences),
    also=(
        (conv1d.correlation(Constant(), k, n), beta * norm),
        (sp.Sum(sp.Integer(1) / P, (a, 0, P - 1)), sp.S.One),
    ),
    steps=(
        Step(
            sp.Sum(k[a] * k[b] * z[n + a] ** 2, (a, 0, K - 1), (b, 0, K - 1), (n, 0, N - 1)),
            norm**2 * energy,
            Text("绕圆周一圈, Σ_n z_{n+a}² 与 a 无关", "once around the circle, Σ_n z_{n+a}² does not depend on a"),
        ),
        Step(
            sp.Sum(k[a] * k[b] * z[n + a] * z[n + b], (a, 0, K - 1), (b, 0, K - 1), (n, 0, N - 1)),
            sp.Sum(output**2, (n, 0, N - 1)),
            Text("平方展开", "the square multiplied out"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("总是取等", "equality always"),
            lambda: (sp.Sum(output**2, (n, 0, N - 1)), norm**2 * energy),
        ),
        NearMiss(
            Text("以 ‖k‖₂² 代替 ‖k‖₁²", "‖k‖₂² instead of ‖k‖₁²"),
            lambda: (
                sp.Sum(k[a] ** 2, (a, 0, K - 1)) * energy - sp.Sum(output**2, (n, 0, N - 1)),
                differences,
            ),
        ),
        NearMiss(
            Text("补零的网格", "a grid with zero padding"),
            lambda: (
                norm**2 * sp.Sum(signal("z", N)[n] ** 2, (n, 0, N - 1))
                - sp.Sum(conv1d.correlation(signal("z", N), k, n) ** 2, (n, 0, N - 1)),
                differences.xreplace({z: signal("z", N)}),
            ),
        ),
    ),
    numeric=compared(
        Text("最大奇异值 (非负核) 与 ‖k‖₁", "the largest singular value (kernel without negative taps) against ‖k‖₁"),
        CASES,
        _largest_singular_value,
    ),
    conditions=Text(
        "长为 N 的圆周, 步幅 1. 核非负时右边 ≥ 0 (ext-young-norm-squares), 所以 ‖k * z‖₂ ≤ ‖k‖₁ ‖z‖₂; 常数输入取等, 因此算子的 2-范数等于 ‖k‖₁. "
        "平均核的范数是 1.",
        "a circle of length N, stride 1. For a kernel without negative taps the right side is at least 0 (ext-young-norm-squares), so "
        "‖k * z‖₂ ≤ ‖k‖₁ ‖z‖₂; a constant input attains it, so the 2-norm of the operator is ‖k‖₁. For the average kernel it is 1.",
    ),
    source="Young, On the multiplication of successions of Fourier constants (1912); the identity is Lagrange's",
)


bounded = ForAll(j, sp.Le(sp.Abs(x[j]), beta))
sizes = sp.Sum(sp.Abs(k[a]), (a, 0, K - 1))
not_negative = ForAll(j, sp.Ge(k[j], 0))

young_bounds = Claim(
    id="ext-young-norm-maximum",
    section="ext",
    title=Text("最大值范数: 输出不超过 ‖k‖₁ 倍", "the maximum norm: the output is at most ‖k‖₁ times as large"),
    chain=(bounded, sp.Le(sp.Abs(conv1d.correlation(x, k, n)), beta * sizes, evaluate=False)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("以最大的元素代替 ‖k‖₁", "the largest tap instead of ‖k‖₁"),
            lambda: (
                sp.And(bounded, ForAll(j, sp.Le(sp.Abs(k[j]), 1))),
                sp.Le(sp.Abs(conv1d.correlation(x, k, n)), beta, evaluate=False),
            ),
        ),
        NearMiss(
            Text("元素之和代替绝对值之和", "the sum of the taps instead of that of their absolute values"),
            lambda: (bounded, sp.Le(sp.Abs(conv1d.correlation(x, k, n)), beta * norm, evaluate=False)),
        ),
    ),
    numeric=compared(EXCESS, CASES, _maximum_norm),
    conditions=Text("|x_j| ≤ β 对所有 j; 步幅 1, 任意的核.", "|x_j| ≤ β for all j; stride 1, any kernel."),
)

young_squares = Claim(
    id="ext-young-norm-squares",
    section="ext",
    title=Text("平方: 逐点的不等式 (Cauchy-Schwarz)", "squares: the inequality at every position (Cauchy and Schwarz)"),
    chain=(not_negative, sp.Le(output**2, norm * sp.Sum(k[a] * z[n + a] ** 2, (a, 0, K - 1)), evaluate=False)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("少一个因子 ‖k‖₁", "a factor ‖k‖₁ left out"),
            lambda: (not_negative, sp.Le(output**2, sp.Sum(k[a] * z[n + a] ** 2, (a, 0, K - 1)), evaluate=False)),
        ),
        NearMiss(
            Text("核可以有负的元素", "the kernel may have negative taps"),
            lambda: (
                sp.true,
                sp.Le(output**2, norm * sp.Sum(k[a] * z[n + a] ** 2, (a, 0, K - 1)), evaluate=False),
            ),
        ),
    ),
    numeric=compared(EXCESS, CASES, _squares),
    conditions=Text(
        "核非负; 对 n 求和得 ‖k * z‖₂² ≤ ‖k‖₁² ‖z‖₂².",
        "a kernel without negative taps; summed over n it is ‖k * z‖₂² ≤ ‖k‖₁² ‖z‖₂².",
    ),
)

triangle = Claim(
    id="ext-young-norm-triangle",
    section="ext",
    title=Text("任意的核化为非负的核", "any kernel comes down to one without negative taps"),
    chain=(sp.true, sp.Le(sp.Abs(output), sp.Sum(sp.Abs(k[a]) * sp.Abs(z[n + a]), (a, 0, K - 1)), evaluate=False)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("绝对值只取在输入上", "the absolute value of the input only"),
            lambda: (sp.true, sp.Le(sp.Abs(output), sp.Sum(k[a] * sp.Abs(z[n + a]), (a, 0, K - 1)), evaluate=False)),
        ),
        NearMiss(
            Text("反过来的不等式", "the inequality the other way"),
            lambda: (
                sp.true,
                sp.Ge(sp.Abs(output), sp.Sum(sp.Abs(k[a]) * sp.Abs(z[n + a]), (a, 0, K - 1)), evaluate=False),
            ),
        ),
    ),
    numeric=compared(EXCESS, CASES, _absolute_values),
    conditions=Text(
        "任意的核; 右边是非负的核 |k| 作用于 |z|, 范数相同.",
        "any kernel; the right side is the kernel |k|, which has no negative taps, at |z|, with the same norms.",
    ),
)

DERIVATION = Derivation(
    title=Text("卷积的范数", "the norm of a convolution"),
    context=CONTEXT,
    claims=(
        young,
        young_bounds,
        young_squares,
        triangle,
    ),
    source="extensions",
)
