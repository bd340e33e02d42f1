"""Group normalisation: the backward pass, with statistics over the channels of a group and all pixels of one example.

The cost is J = sum g y over one group of one example: with g the gradient by the output its derivatives are those of the cost,
by the chain rule, and no other group takes part.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Step, Text
from cnnsym.layers import group_norm, standardization
from cnnsym.measurement import compared
from cnnsym.reference import group_norm as norm_layer

CONTEXT = r"""
let G, K, P : size                        # groups, channels of a group, pixels
let \epsilon : scalar positive
let B : size                              # examples
let x, g : signal(B, G, K, P)             # the input, its channels by groups, and the gradient by the output
let \gamma, \beta : signal(G, K)
let b : index(B)
let h : index(G); i : index(K); p : index(P)
where \mu_{b,h} = \frac{1}{KP}\sum_{k=0}^{K-1}\sum_{q=0}^{P-1} x_{b,h,k,q}
where v_{b,h} = \frac{1}{KP}\sum_{k=0}^{K-1}\sum_{q=0}^{P-1} (x_{b,h,k,q}-\mu_{b,h})^2
where \sigma_{b,h} = \sqrt{v_{b,h}+\epsilon}
where \hat{x}_{b,h,i,p} = \frac{x_{b,h,i,p}-\mu_{b,h}}{\sigma_{b,h}}
where y_{b,h,i,p} = \gamma_{h,i}\, \hat{x}_{b,h,i,p} + \beta_{h,i}
where s_{b,h,i,p} = \gamma_{h,i}\, g_{b,h,i,p}
where \bar{s}_{b,h} = \frac{1}{KP}\sum_{k=0}^{K-1}\sum_{q=0}^{P-1} s_{b,h,k,q}
where J_{b,h} = \sum_{k=0}^{K-1}\sum_{q=0}^{P-1} g_{b,h,k,q}\, y_{b,h,k,q}
let c : integer
"""

B, G, K, P = dims("B G K P")
epsilon = sp.Symbol("epsilon", positive=True)
x, g = signal("x", B, G, K, P), signal("g", B, G, K, P)
gamma, beta = signal("gamma", G, K), signal("beta", G, K)
b, h, i, p = sp.Idx("b", B), sp.Idx("h", G), sp.Idx("i", K), sp.Idx("p", P)
k, q = sp.symbols("k q", integer=True)  # summation indices
limits = ((k, 0, K - 1), (q, 0, P - 1))


def entry(k, q):
    return x[b, h, k, q]


def scaled_grad(k, q):
    """The gradient by the standardised entry."""
    return gamma[h, k] * g[b, h, k, q]


def mean(values):
    return sp.Sum(values(k, q), *limits) / (K * P)


mu = standardization.mean(entry, K, P)
variance = standardization.variance(entry, K, P)


def sigma(power=1):
    """A power of the deviation, the root of the variance plus epsilon."""
    return (variance + epsilon) ** sp.Rational(power, 2)


def standard(k, q):
    return (entry(k, q) - mu) * sigma(-1)


J = sp.Sum(g[b, h, k, q] * group_norm.forward(x, b, h, k, q, gamma, beta, epsilon), *limits)
by_x = sp.Derivative(J, entry(i, p))
by_powers = sigma(-1) * (scaled_grad(i, p) - mean(scaled_grad)) - sigma(-3) * (entry(i, p) - mu) * mean(
    lambda k, q: scaled_grad(k, q) * (entry(k, q) - mu)
)
product = mean(lambda k, q: scaled_grad(k, q) * standard(k, q))
formula = sigma(-1) * (scaled_grad(i, p) - mean(scaled_grad) - standard(i, p) * product)


TOLERANCE = {"float64": 1e-11, "float32": 1e-4}
CASES = (
    {"B": 2, "C": 6, "H": 2, "W": 3, "G": 3},
    {"B": 1, "C": 4, "H": 3, "W": 3, "G": 1},
    {"B": 3, "C": 4, "H": 2, "W": 2, "G": 4},
)


def _both(random, dtype, B, C, H, W, G):
    """The formulas written plainly against the reference layer."""
    pictures, grad = (random.normal(size=(B, C, H, W)).astype(dtype) for _ in range(2))
    scale = random.normal(size=C).astype(dtype)
    rows, s = pictures.reshape(B, G, -1), (scale[:, None, None] * grad).reshape(B, G, -1)
    deviation = np.sqrt(rows.var(axis=2, keepdims=True) + 1e-5)
    unit = (rows - rows.mean(axis=2, keepdims=True)) / deviation
    by_x = (s - s.mean(axis=2, keepdims=True) - unit * (s * unit).mean(axis=2, keepdims=True)) / deviation
    ours = by_x, (grad * unit.reshape(grad.shape)).sum(axis=(0, 2, 3)), grad.sum(axis=(0, 2, 3))
    return _row(ours), _row(norm_layer.backward(grad, pictures, scale, G))


def _row(arrays):
    return np.concatenate([np.ravel(each) for each in arrays])


backward = Claim(
    id="layer-group-norm-backward",
    section="layers",
    title=Text("组归一化的反向传播", "backpropagation through group normalisation"),
    chain=(by_x, by_powers, formula),
    steps=(
        Step(
            sp.Derivative(variance, entry(i, p)),
            2 * (entry(i, p) - mu) / (K * P),
            Text("方差的导数", "the derivative of the variance"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("平均只在像素上取", "the mean over the pixels only"),
            lambda: (sp.Derivative(mu, entry(i, p)), 1 / P),
        ),
        NearMiss(
            Text("方差的导数没有因子 2", "the derivative of the variance without the factor 2"),
            lambda: (sp.Derivative(variance, entry(i, p)), (entry(i, p) - mu) / (K * P)),
        ),
    ),
    numeric=compared(
        Text("对 x, γ, β 的梯度, 对照参考层", "the gradients by x, γ and β, against the reference layer"),
        CASES,
        _both,
        TOLERANCE,
    ),
    conditions=Text(
        "C = GK 个通道按次序分成 G 组; 方差是有偏的; ε > 0. 每个样本, 每一组各自独立.",
        "C = GK channels, split in order into G groups; the variance is the biased one; ε > 0. Every example and every group by "
        "itself.",
    ),
    source="Wu and He 2018, section 3",
)

c = sp.Symbol("c", integer=True)
group_of = Claim(
    id="layer-group-norm-group",
    section="layers",
    title=Text("一个通道属于一组", "a channel belongs to one group"),
    chain=(
        sp.And(sp.Ge(c, 0), sp.Lt(c, G * K)),
        sp.And(
            sp.Ge(sp.floor(c / K), 0),
            sp.Lt(sp.floor(c / K), G),
            sp.Eq(c, K * sp.floor(c / K) + sp.Mod(c, K)),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("组号是 c mod G", "the group is c mod G"),
            lambda: (sp.And(sp.Ge(c, 0), sp.Lt(c, G * K)), sp.Eq(sp.floor(c / K), sp.Mod(c, G))),
        ),
        NearMiss(
            Text("组号是 c 除以 G 的商", "the group is the quotient of c by G"),
            lambda: (sp.And(sp.Ge(c, 0), sp.Lt(c, G * K)), sp.Eq(sp.floor(c / K), sp.floor(c / G))),
        ),
    ),
    method=Integers(),
    conditions=Text("c 从 0 数到 GK - 1.", "c counts from 0 to GK - 1."),
)

DERIVATION = Derivation(
    title=Text("组归一化", "group normalisation"),
    context=CONTEXT,
    claims=(backward, group_of),
    source="cnnsym.layers.group_norm",
)
