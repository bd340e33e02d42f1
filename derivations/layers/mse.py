"""The mean squared error: its gradient."""

import numpy as np
import sympy as sp

from cnnsym import dims, matrix, ones, signal, trace
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import mse
from cnnsym.measurement import compared
from cnnsym.reference import mse as mse_layer

CONTEXT = r"""
let m, n : size
let Y, T : matrix(m, n)
let a : scalar
let \tau : signal(m, n)                   # the targets, counted from 0
where \bar{\tau} = \frac{1}{mn}\sum_{i=0}^{m-1}\sum_{j=0}^{n-1} \tau_{i,j}
where \mathrm{MSE} = \frac{1}{mn}\mathrm{tr}\left((Y-T)^{\top}(Y-T)\right)
"""

m, n = dims("m n")
Y, T = matrix("Y", m, n), matrix("T", m, n)
value = trace((Y - T).T * (Y - T)) / (m * n)
gradient = Gradient(value, Y)
formula = 2 * (Y - T) / (m * n)


CASES = ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 2, "n": 12})


def _both(random, dtype, m, n):
    """The definition and the formula, written plainly, against the reference layer."""
    y, t = (random.normal(size=(m, n)).astype(dtype) for _ in range(2))
    ours = np.append(2 * (y - t) / y.size, ((y - t) ** 2).mean())
    return ours, np.append(mse_layer.backward(y, t), mse_layer.forward(y, t))


backward = Claim(
    id="layer-mse-backward",
    section="layers",
    title=Text("均方误差的梯度", "the gradient of the mean squared error"),
    chain=(gradient, formula),
    also=((Gradient(value, T), -formula),),
    steps=(
        Step(mse.forward(Y, T), value, Text("损失的定义, 逐元素", "the definition of the loss, entry by entry")),
        Step(
            gradient,
            formula,
            Text("平方的导数, 除以元素个数", "the derivative of a square, divided by the number of entries"),
        ),
    ),
    near_misses=(
        NearMiss(Text("漏掉因子 2", "the factor 2 left out"), lambda: (gradient, (Y - T) / (m * n))),
        NearMiss(Text("只除以行数", "divided by the number of rows only"), lambda: (gradient, 2 * (Y - T) / m)),
        NearMiss(Text("没有取平均", "no mean taken"), lambda: (gradient, 2 * (Y - T))),
        NearMiss(Text("符号相反", "the sign reversed"), lambda: (gradient, 2 * (T - Y) / (m * n))),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text("任意尺寸; 没有因子 1/2.", "Any sizes; there is no factor 1/2."),
    source="Goodfellow, Bengio and Courville, Deep Learning, section 5.1.4",
)

i, j, k, l = sp.symbols("i j k l", integer=True)
constant = sp.Symbol("a", real=True)
tau = signal("tau", m, n)
mean_target = sp.Sum(tau[i, j], (i, 0, m - 1), (j, 0, n - 1)) / (m * n)
spread = sp.Sum((tau[k, l] - mean_target) ** 2, (k, 0, m - 1), (l, 0, n - 1)) / (m * n)


def _constant(random, dtype, m, n):
    targets, a = random.normal(size=(m, n)).astype(dtype), np.dtype(dtype).type(random.normal())
    return (a - targets.mean()) ** 2 + targets.var(), mse_layer.forward(np.full_like(targets, a), targets)


best_constant = Claim(
    id="layer-mse-best-constant",
    section="layers",
    title=Text("最好的常数预测是平均值", "the best constant prediction is the mean"),
    chain=(mse.forward(constant * ones(m, n), tau), (constant - mean_target) ** 2 + spread),
    near_misses=(
        NearMiss(
            Text("没有方差一项", "without the variance"),
            lambda: (mse.forward(constant * ones(m, n), tau), (constant - mean_target) ** 2),
        ),
        NearMiss(
            Text("平均值的符号相反", "the mean with the other sign"),
            lambda: (mse.forward(constant * ones(m, n), tau), (constant + mean_target) ** 2 + spread),
        ),
    ),
    numeric=compared(
        Text("平方差加方差, 对照参考层", "squared difference and variance, against the reference layer"),
        CASES,
        _constant,
    ),
    conditions=Text(
        "第二项不含 a, 所以 a 取目标的平均值时损失最小, 余下的是目标的方差.",
        "The second term does not contain a: the loss is least where a is the mean of the targets, and what is left is their variance.",
    ),
)

DERIVATION = Derivation(
    title=Text("均方误差", "the mean squared error"),
    context=CONTEXT,
    claims=(backward, best_constant),
    source="cnnsym.layers.mse",
)
