"""The Gaussian error linear unit: the backward pass, for any gate that is a function of the entry."""

import math

import numpy as np

from cnnsym import dims, elementwise, hadamard, objective, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import gelu
from cnnsym.measurement import compared
from cnnsym.reference import gelu as gelu_layer

CONTEXT = r"""
let n : size
let \boldsymbol{s} : vector(n)
let \Phi : elementwise                       # the distribution function, with density \Phi'
where \boldsymbol{z} = \boldsymbol{s}\odot\Phi(\boldsymbol{s})
let \mathrm{Cost} : objective(\boldsymbol{z})
"""

n = dims("n")
s, z, Cost = vector("s", n), vector("z", n), objective("Cost")
Phi = elementwise("Phi")
output = hadamard(s, Phi(s))
gradient = Gradient(Cost(output), s)
gradient_z = Gradient(Cost(z), z, output)
slope = Phi(s) + hadamard(s, Phi.diff()(s))


CASES = ({"n": 7}, {"n": 1}, {"n": 100})


def _both(random, dtype, n):
    """The definition and the formula, written plainly, against the reference layer."""
    x, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    distribution = np.array([(1 + math.erf(v / math.sqrt(2))) / 2 for v in x], dtype)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    value, backward = x * distribution, (distribution + x * density) * grad
    return np.stack((value, backward)), np.stack((gelu_layer.forward(x), gelu_layer.backward(grad, x)))


backward = Claim(
    id="layer-gelu-backward",
    section="layers",
    title=Text("GELU 的反向传播", "backpropagation through GELU"),
    chain=(gradient, hadamard(slope, gradient_z)),
    steps=(
        Step(gelu.forward(s, Phi), output, Text("层的定义, 逐元素", "the definition of the layer, entry by entry")),
        Step(
            gradient,
            hadamard(slope, gradient_z),
            Text("链式法则与乘积法则", "the chain rule and the product rule"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
    ),
    near_misses=(
        NearMiss(
            Text("把门当作常数: Φ(s)", "the gate taken as a constant: Φ(s)"),
            lambda: (gradient, hadamard(Phi(s), gradient_z)),
        ),
        NearMiss(
            Text("少了因子 s: Φ + Φ'", "the factor s missing: Φ + Φ'"),
            lambda: (gradient, hadamard(Phi(s) + Phi.diff()(s), gradient_z)),
        ),
        NearMiss(
            Text("s Φ'(s), 没有 Φ(s)", "s Φ'(s), without Φ(s)"),
            lambda: (gradient, hadamard(s, Phi.diff()(s), gradient_z)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text(
        "Φ 是任意可导的函数. GELU 取标准正态的分布函数, 其导数按定义是密度 e^(-t²/2)/√(2π).",
        "Φ is any differentiable function. For GELU it is the distribution function of the standard normal law, whose "
        "derivative is by definition the density e^(-t²/2)/√(2π).",
    ),
    source="Hendrycks and Gimpel 2016, section 2",
)

DERIVATION = Derivation(title=Text("GELU", "GELU"), context=CONTEXT, claims=(backward,), source="cnnsym.layers.gelu")
