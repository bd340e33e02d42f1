"""Dropout with a given mask: the backward pass, and what the scaling keeps."""

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import dropout
from cnnsym.measurement import compared
from cnnsym.reference import dropout as dropout_layer

CONTEXT = r"""
let n : size
let \rho : scalar                         # the probability of dropping an entry, not 1
let x, g, m : signal(n)                   # the input, the gradient by the output, the mask
let i, j : index(n)
where y_i = \frac{m_i x_i}{1-\rho}
where J = \sum_{k=0}^{n-1} g_k y_k
let N : size                              # masks that may be drawn
let w, \hat{m} : signal(N)                # the probability of each, and its entry
"""

n, rho = dims("n"), sp.Symbol("rho", real=True)
x, g, m = signal("x", n), signal("g", n), signal("m", n)
i, j, k = sp.Idx("i", n), sp.Idx("j", n), sp.Symbol("k", integer=True)
J = sp.Sum(g[k] * dropout.forward(x, m, rho, k), (k, 0, n - 1))
by_x = sp.Derivative(J, x[j])
by_indices = sp.Sum(g[k] * m[k] * sp.KroneckerDelta(k, j) / (1 - rho), (k, 0, n - 1))


CASES = ({"n": 7, "percent": 50}, {"n": 12, "percent": 20}, {"n": 40, "percent": 0})


def _both(random, dtype, n, percent):
    """The definition and the formula, written plainly, against the reference layer; the probability in percent."""
    p = percent / 100
    entries, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    mask = (random.random(n) >= p).astype(dtype)
    ours = np.stack((entries, grad)) * mask / (1 - p)
    return ours, np.stack((dropout_layer.forward(entries, mask, p), dropout_layer.backward(grad, mask, p)))


backward = Claim(
    id="layer-dropout-backward",
    section="layers",
    title=Text("dropout 的反向传播, 掩码给定", "backpropagation through dropout, for a given mask"),
    chain=(by_x, g[j] * m[j] / (1 - rho)),
    steps=(
        Step(by_x, by_indices, Text("每项只含自己的输入", "each term contains its own input only")),
        Step(by_indices, g[j] * m[j] / (1 - rho), Text("δ 留下第 j 项", "δ leaves term j")),
    ),
    near_misses=(
        NearMiss(Text("忘掉缩放", "the scaling forgotten"), lambda: (by_x, g[j] * m[j])),
        NearMiss(Text("忘掉掩码", "the mask forgotten"), lambda: (by_x, g[j] / (1 - rho))),
        NearMiss(Text("除以 ρ", "divided by ρ"), lambda: (by_x, g[j] * m[j] / rho)),
        NearMiss(Text("乘以 1 - ρ", "times 1 - ρ"), lambda: (by_x, g[j] * m[j] * (1 - rho))),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text(
        "ρ 不等于 1; 掩码是给定的数 (反向时用前向的同一个掩码). 形状任意, 这里写成一列.",
        "ρ is not 1; the mask holds given numbers (the backward pass uses that of the forward pass). Any shape; written as one row.",
    ),
    source="Srivastava and others 2014, section 10",
)

# A law of masks: N of them, mask t with the probability w[t]; an entry is kept with probability 1 - rho.
N = dims("N")
w, mask = signal("w", N), signal("\\hat{m}", N)
t, u = sp.symbols("t u", integer=True)
keeping = sp.Sum(w[u] * mask[u], (u, 0, N - 1))
expectation = sp.Sum(w[t] * (mask[t] * x[i] / keeping), (t, 0, N - 1))


def _every_mask(random, dtype, n, percent):
    """Every mask of n entries, each kept independently with probability 1 - p."""
    p, entries = percent / 100, random.normal(size=n).astype(dtype)
    total = np.zeros(n)
    for bits in np.ndindex(*(2,) * n):
        kept = np.array(bits, dtype)
        weight = (1 - p) ** kept.sum() * p ** (n - kept.sum())
        total += weight * dropout_layer.forward(entries, kept, p)
    return total, entries


unbiased = Claim(
    id="layer-dropout-mean",
    section="layers",
    title=Text("缩放使期望不变", "the scaling keeps the expectation"),
    chain=(expectation, x[i]),
    near_misses=(
        NearMiss(
            Text("不缩放也不变", "kept without the scaling as well"),
            lambda: (sp.Sum(w[t] * mask[t] * x[i], (t, 0, N - 1)), x[i]),
        ),
        NearMiss(
            Text("平方的期望也不变", "the expectation of the square is kept as well"),
            lambda: (sp.Sum(w[t] * (mask[t] * x[i] / keeping) ** 2, (t, 0, N - 1)), x[i] ** 2),
        ),
    ),
    numeric=compared(
        Text("对全部掩码加权平均", "the weighted mean over every mask"),
        ({"n": 1, "percent": 50}, {"n": 4, "percent": 30}),
        _every_mask,
    ),
    conditions=Text(
        "有 N 个可能的掩码, 第 t 个的概率是 w_t, 它在这个元素上是 m_t (0 或 1); 保留的概率 1 - ρ = Σ w_t m_t 不为 0.",
        "There are N possible masks; mask t has the probability w_t and is m_t (0 or 1) at this entry; the probability of keeping, "
        "1 - ρ = Σ w_t m_t, is not 0.",
    ),
    source="Srivastava and others 2014, section 10",
)

DERIVATION = Derivation(
    title=Text("dropout", "dropout"),
    context=CONTEXT,
    claims=(backward, unbiased),
    source="cnnsym.layers.dropout",
)
