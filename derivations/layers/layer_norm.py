"""Layer normalisation: the backward pass. Each example stands for itself, and each entry has its own scale.

The cost is J = sum g y over one example: with g the gradient by the output its derivatives are those of the cost, by the chain
rule, and no other example takes part.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import layer_norm, standardization
from cnnsym.measurement import compared
from cnnsym.reference import layer_norm as norm_layer

CONTEXT = r"""
let B, n : size                           # examples, entries of each
let \epsilon : scalar positive
let x, g : signal(B, n)                   # the input, and the gradient by the output
let \gamma, \beta : signal(n)
let b : index(B); i : index(n)
where \mu_b = \frac{1}{n}\sum_{k=0}^{n-1} x_{b,k}
where v_b = \frac{1}{n}\sum_{k=0}^{n-1} (x_{b,k}-\mu_b)^2
where \sigma_b = \sqrt{v_b+\epsilon}
where \hat{x}_{b,i} = \frac{x_{b,i}-\mu_b}{\sigma_b}
where y_{b,i} = \gamma_i \hat{x}_{b,i} + \beta_i
where s_{b,i} = \gamma_i\, g_{b,i}
where \bar{s}_b = \frac{1}{n}\sum_{k=0}^{n-1} s_{b,k}
where J_b = \sum_{k=0}^{n-1} g_{b,k}\, y_{b,k}
where L = \sum_{a=0}^{B-1}\sum_{k=0}^{n-1} g_{a,k}\, y_{a,k}
"""

B, n = dims("B n")
epsilon = sp.Symbol("epsilon", positive=True)
x, g, gamma, beta = signal("x", B, n), signal("g", B, n), signal("gamma", n), signal("beta", n)
b, i = sp.Idx("b", B), sp.Idx("i", n)
k, a = sp.symbols("k a", integer=True)  # summation indices


def values(example):
    return lambda k: x[example, k]


def sigma(example, power=1):
    """A power of the deviation, the root of the variance plus epsilon."""
    return (standardization.variance(values(example), n) + epsilon) ** sp.Rational(power, 2)


def standard(example, k):
    return (x[example, k] - standardization.mean(values(example), n)) * sigma(example, -1)


def mean(entry):
    return sp.Sum(entry(k), (k, 0, n - 1)) / n


def scaled_grad(k):
    """The gradient by the standardised entry."""
    return gamma[k] * g[b, k]


def layer(example, k):
    return layer_norm.forward(x, example, k, gamma, beta, epsilon)


mu = standardization.mean(values(b), n)
of_example = sp.Sum(g[b, k] * layer(b, k), (k, 0, n - 1))
of_batch = sp.Sum(g[a, k] * layer(a, k), (a, 0, B - 1), (k, 0, n - 1))
by_x = sp.Derivative(of_example, x[b, i])
by_powers = sigma(b, -1) * (scaled_grad(i) - mean(scaled_grad)) - sigma(b, -3) * (x[b, i] - mu) * mean(
    lambda k: scaled_grad(k) * (x[b, k] - mu)
)


def formula(i):
    product = mean(lambda k: scaled_grad(k) * standard(b, k))
    return sigma(b, -1) * (scaled_grad(i) - mean(scaled_grad) - standard(b, i) * product)


TOLERANCE = {"float64": 1e-11, "float32": 1e-4}
CASES = ({"B": 1, "n": 2}, {"B": 3, "n": 5}, {"B": 4, "n": 16})


def _both(random, dtype, B, n):
    """The formulas written plainly against the reference layer."""
    rows, grad = (random.normal(size=(B, n)).astype(dtype) for _ in range(2))
    scale = random.normal(size=n).astype(dtype)
    deviation = np.sqrt(rows.var(axis=1, keepdims=True) + 1e-5)
    unit = (rows - rows.mean(axis=1, keepdims=True)) / deviation
    s = scale * grad
    by_x = (s - s.mean(axis=1, keepdims=True) - unit * (s * unit).mean(axis=1, keepdims=True)) / deviation
    ours = by_x, (grad * unit).sum(axis=0), grad.sum(axis=0)
    return _row(ours), _row(norm_layer.backward(grad, rows, scale))


def _row(arrays):
    return np.concatenate([np.ravel(each) for each in arrays])


CONDITIONS = Text(
    "方差是有偏的; ε > 0; 统计量在一个样本的全部元素上取.",
    "The variance is the biased one; ε > 0; the statistics are over all entries of one example.",
)

backward = Claim(
    id="layer-layer-norm-backward",
    section="layers",
    title=Text("层归一化的反向传播", "backpropagation through layer normalisation"),
    chain=(by_x, by_powers, formula(i)),
    steps=(
        Step(
            sp.Derivative(standardization.variance(values(b), n), x[b, i]),
            2 * (x[b, i] - mu) / n,
            Text("方差的导数", "the derivative of the variance"),
        ),
        Step(
            sp.Derivative(sigma(b, -1), x[b, i]),
            -sigma(b, -3) * (x[b, i] - mu) / n,
            Text("1/σ 的导数, 链式法则", "the derivative of 1/σ, by the chain rule"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("γ 放在外面, 像批量归一化那样", "γ in front, as in batch normalisation"),
            lambda: (
                by_x,
                gamma[i]
                * sigma(b, -1)
                * (g[b, i] - mean(lambda k: g[b, k]) - standard(b, i) * mean(lambda k: g[b, k] * standard(b, k))),
            ),
        ),
        NearMiss(
            Text("漏掉 x̂ 一项", "the term with x̂ left out"),
            lambda: (by_x, sigma(b, -1) * (scaled_grad(i) - mean(scaled_grad))),
        ),
    ),
    numeric=compared(
        Text("对 x, γ, β 的梯度, 对照参考层", "the gradients by x, γ and β, against the reference layer"),
        CASES,
        _both,
        TOLERANCE,
    ),
    conditions=CONDITIONS,
    source="Ba, Kiros and Hinton 2016, section 3",
)

parameters = Claim(
    id="layer-layer-norm-parameters",
    section="layers",
    title=Text("对缩放与平移的梯度: 在批量上求和", "the gradients by scale and shift: sums over the batch"),
    chain=(sp.Derivative(of_batch, gamma[i]), sp.Sum(g[a, i] * standard(a, i), (a, 0, B - 1))),
    also=((sp.Derivative(of_batch, beta[i]), sp.Sum(g[a, i], (a, 0, B - 1))),),
    near_misses=(
        NearMiss(
            Text("也在元素上求和", "summed over the entries as well"),
            lambda: (sp.Derivative(of_batch, beta[i]), sp.Sum(g[a, k], (a, 0, B - 1), (k, 0, n - 1))),
        ),
        NearMiss(
            Text("在批量上取平均", "a mean over the batch"),
            lambda: (sp.Derivative(of_batch, beta[i]), sp.Sum(g[a, i], (a, 0, B - 1)) / B),
        ),
    ),
    numeric=compared(
        Text("对 x, γ, β 的梯度, 对照参考层", "the gradients by x, γ and β, against the reference layer"),
        CASES,
        _both,
        TOLERANCE,
    ),
    conditions=CONDITIONS,
    source="Ba, Kiros and Hinton 2016, section 3",
)


def _sums(random, dtype, B, n):
    rows, grad = (random.normal(size=(B, n)).astype(dtype) for _ in range(2))
    return norm_layer.backward(grad, rows, random.normal(size=n).astype(dtype))[0].sum(axis=1), np.zeros(B)


sums_to_zero = Claim(
    id="layer-layer-norm-sum",
    section="layers",
    title=Text("每个样本的梯度之和是 0", "the gradient of an example sums to 0"),
    chain=(sp.Sum(formula(a), (a, 0, n - 1)), sp.S.Zero),
    near_misses=(
        NearMiss(
            Text("用 g 的平均代替 γg 的平均", "the mean of g instead of that of γg"),
            lambda: (sp.Sum(scaled_grad(a) - mean(lambda k: g[b, k]), (a, 0, n - 1)), sp.S.Zero),
        ),
        NearMiss(
            Text("γg 之和是 0", "γg sums to 0"),
            lambda: (sp.Sum(scaled_grad(a), (a, 0, n - 1)), sp.S.Zero),
        ),
    ),
    numeric=compared(
        Text("参考层的梯度之和", "the sums of the gradients of the reference layer"), CASES, _sums, TOLERANCE
    ),
    conditions=CONDITIONS,
)

DERIVATION = Derivation(
    title=Text("层归一化", "layer normalisation"),
    context=CONTEXT,
    claims=(backward, parameters, sums_to_zero),
    source="cnnsym.layers.layer_norm",
)
