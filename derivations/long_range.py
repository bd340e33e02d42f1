"""Section 1.4: a task that combines what is far apart cannot be learnt by a layer that does not see it: it underfits."""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Entailment, Inequality, NearMiss, Step, Text
from cnnsym.layers import conv1d
from cnnsym.measurement import compared

CONTEXT = r"""
let k, m, L, U, V : size
let i : integer
let x : signal(m); let w : signal(k); let X : signal(infinite)
let h : signal(U)                          # what a function of the window gives, in U equally likely states
let y : signal(V)                          # the target, in V states of its own
let \xi, \eta_1, \eta_2, \upsilon_1, \upsilon_2 : scalar
where \bar{y} = \frac{1}{V}\sum_{r=0}^{V-1} y_r
"""

k, m, L, U, V = dims("k m L U V")
e, i, r, t, u = sp.symbols("e i r t u", integer=True)
x, w, X = signal("x", m), signal("w", k), signal("X", sp.oo)
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.4"


def layer(at, given):
    return conv1d.correlation(given, w, at)


h, y = signal("h", U), signal("y", V)
mean_y = sp.Sum(y[r], (r, 0, V - 1)) / V
STATES = ((r, 0, V - 1), (u, 0, U - 1))
error = sp.Sum((h[u] - y[r]) ** 2, *STATES) / (U * V)
variance = sp.Sum((y[r] - mean_y.xreplace({r: e})) ** 2, (r, 0, V - 1)) / V
own = sp.Sum((h[u] - mean_y) ** 2, (u, 0, U - 1)) / U


class Entries:
    """An input given by its entries."""

    def __init__(self, entry):
        self._entry = entry

    def __getitem__(self, at):
        return self._entry(at)


xi = sp.Symbol("xi", real=True)
changed = Entries(lambda at: X[at] + xi * indicator(sp.Eq(at, i + L, evaluate=False)))

underfit = Claim(
    id="1.4-underfit-longrange",
    section="1.4",
    title=Text(
        "看不见目标所依赖的输入: 误差不低于目标的方差",
        "where the input that matters is out of sight the error is at least the variance of the target",
    ),
    chain=(error, own + variance),
    steps=(
        Step(
            layer(i, given=changed),
            layer(i, given=X),
            Text("L ≥ k: 输出看不见 x_{i+L}", "L ≥ k: the output does not see x_{i+L}"),
        ),
        Step(
            sp.Sum(h[u] * y[r], *STATES) / (U * V),
            sp.Sum(h[u], (u, 0, U - 1)) / U * mean_y,
            Text("独立: 乘积的期望等于期望的乘积", "independence: the mean of the product is the product of the means"),
        ),
        Step(
            sp.true,
            sp.Le(0, sp.Sum((h[u] - xi) ** 2, (u, 0, U - 1)) / U),
            Text("E(h - ξ)² ≥ 0, 这里 ξ = E y", "E(h - ξ)² ≥ 0, here with ξ = E y"),
            method=Inequality(),
        ),
    ),
    hypotheses=(sp.Le(k, L),),
    near_misses=(
        NearMiss(Text("误差可以为零", "the error may be zero"), lambda: (error, sp.S.Zero)),
        NearMiss(Text("没有第一项", "without the first term"), lambda: (error, variance)),
        NearMiss(Text("减去 h 的方差", "less the variance of h"), lambda: (error, variance - own)),
        NearMiss(
            Text("k ≤ L 的卷积就能取到目标", "a convolution with k ≤ L attains the target"),
            lambda: (layer(i, given=X), X[i + L]),
        ),
    ),
    numeric=compared(
        Text("随机的 h 与 y, 所有状态的平均", "random h and y, the mean over all states"),
        ({"states": (5, 3)}, {"states": (1, 4)}, {"states": (6, 1)}),
        lambda random, dtype, states: _decomposed(random, dtype, *states),
        {"float64": 1e-12, "float32": 1e-5},
    ),
    conditions=Text(
        "h 是窗口的任意函数, 取 U 个等可能的值; 目标 y = x_{i+L} 与窗口独立, 取 V 个等可能的值; L ≥ k. 右边第一项不为负, 所以 E(h - y)² ≥ Var y. "
        "任意分布见 1.4-underfit-longrange-moments.",
        "h is any function of the window, with U equally likely values; the target y = x_{i+L} is independent of the window, with V equally "
        "likely values; L ≥ k. The first term on the right is not negative, so E(h - y)² ≥ Var y. For any distribution see "
        "1.4-underfit-longrange-moments.",
    ),
    source=GOODFELLOW,
)


def _decomposed(random, dtype, first, second):
    h, y = random.normal(size=first).astype(dtype), random.normal(size=second).astype(dtype)
    return ((h - y.mean()) ** 2).mean() + y.var(), ((h[:, None] - y[None]) ** 2).mean()


eta1, eta2, ups1, ups2 = sp.symbols("eta_1 eta_2 upsilon_1 upsilon_2", real=True)

moments = Claim(
    id="1.4-underfit-longrange-moments",
    section="1.4",
    title=Text("任意分布: 用矩写出", "any distribution: written by moments"),
    chain=(sp.Le(eta1**2, eta2), sp.Le(ups2 - ups1**2, eta2 - 2 * eta1 * ups1 + ups2)),
    method=Entailment(),
    steps=(
        Step(
            eta2 - 2 * eta1 * ups1 + ups2,
            (eta2 - eta1**2) + (ups2 - ups1**2) + (eta1 - ups1) ** 2,
            Text("方差加偏差的平方", "variances and a squared bias"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("不低于 E y²", "at least E y²"),
            lambda: (sp.Le(eta1**2, eta2), sp.Le(ups2, eta2 - 2 * eta1 * ups1 + ups2)),
        ),
        NearMiss(
            Text("严格大于", "strictly greater"),
            lambda: (sp.Le(eta1**2, eta2), sp.Lt(ups2 - ups1**2, eta2 - 2 * eta1 * ups1 + ups2)),
        ),
        NearMiss(
            Text("h 与 y 相关时也对", "also where h and y are correlated"),
            lambda: (
                sp.And(sp.Le(eta1**2, eta2), sp.Le(ups1**2, ups2), sp.Le(xi**2, eta2 * ups2)),
                sp.Le(ups2 - ups1**2, eta2 - 2 * xi + ups2),
            ),
        ),
    ),
    numeric=compared(
        Text(
            "任意概率的独立的 h 与 y: 用矩写出的误差",
            "independent h and y with any probabilities: the error by moments",
        ),
        ({"states": (5, 3)}, {"states": (1, 4)}, {"states": (6, 1)}),
        lambda random, dtype, states: _by_moments(random, dtype, *states),
    ),
    conditions=Text(
        "η₁ = E h, η₂ = E h², υ₁ = E y, υ₂ = E y²; h 与 y 独立, 所以 E hy = η₁υ₁, 而 η₂ ≥ η₁². 期望是线性的, 于是 E(h - y)² = η₂ - 2η₁υ₁ + υ₂.",
        "η₁ = E h, η₂ = E h², υ₁ = E y, υ₂ = E y²; h and y are independent, so E hy = η₁υ₁, and η₂ ≥ η₁². The expectation is linear, so "
        "E(h - y)² = η₂ - 2η₁υ₁ + υ₂.",
    ),
)


def _by_moments(random, dtype, first, second):
    h, y = random.normal(size=first).astype(dtype), random.normal(size=second).astype(dtype)
    p, q = (random.dirichlet(np.ones(size)) for size in (first, second))
    ours = p @ h**2 - 2 * (p @ h) * (q @ y) + q @ y**2
    return ours, np.sum(np.outer(p, q) * (h[:, None] - y[None]) ** 2)


attained = Claim(
    id="1.4-underfit-longrange-attained",
    section="1.4",
    title=Text("全连接层的误差是零", "a fully connected layer has no error"),
    chain=(sp.Sum(indicator(sp.Eq(t, i + L)) * x[t], (t, 0, m - 1)), x[i + L]),
    near_misses=(
        NearMiss(
            Text("权重放错一列", "the weight in the next column"),
            lambda: (sp.Sum(indicator(sp.Eq(t, i + L + 1)) * x[t], (t, 0, m - 1)), x[i + L]),
        ),
        NearMiss(
            Text("全连接层也取不到", "not even a fully connected layer attains it"),
            lambda: (sp.Sum(indicator(sp.Eq(t, i + L)) * x[t], (t, 0, m - 1)), sp.S.Zero),
        ),
    ),
    numeric=compared(
        Text(
            "目标 x_9, 接受域 {0, 1, 2}: 最小二乘的误差不低于 0.9 倍方差",
            "target x_9, receptive field {0, 1, 2}: the least-squares error is at least 0.9 of the variance",
        ),
        ({"examples": 4000, "L": 9, "k": 3}, {"examples": 4000, "L": 5, "k": 4}),
        lambda random, dtype, examples, L, k: _fitted(random, dtype, examples, L, k),
        {"float64": 1e-9, "float32": 1e-3},
    ),
    conditions=Text("第 i 个输出的权重只在第 i + L 列为 1.", "output i has the weight 1 at column i + L and no other."),
)


def _fitted(random, dtype, examples, L, k):
    """The fully connected fit has no error; whether the fit of the window keeps nine tenths of the variance."""
    given = random.normal(size=(examples, L + 1)).astype(dtype)
    target = given[:, L]
    misfit = [
        np.mean((seen @ np.linalg.lstsq(seen, target, rcond=None)[0] - target) ** 2) for seen in (given, given[:, :k])
    ]
    return [0.0, 1.0], [misfit[0], float(misfit[1] >= 0.9 * target.var())]


DERIVATION = Derivation(
    title=Text("相隔很远的信息", "information that is far apart"),
    context=CONTEXT,
    claims=(underfit, moments, attained),
    source="lecture note, section 1.4",
)
