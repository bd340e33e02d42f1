"""The sigmoid linear unit (swish): the backward pass, from the definition of the layer entry by entry."""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, hadamard, objective, ones, relu, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import sigmoid, silu
from cnnsym.measurement import compared
from cnnsym.reference import silu as silu_layer

CONTEXT = r"""
let n : size
let t : scalar
let \boldsymbol{s} : vector(n)
where \sigma(\boldsymbol{s}) = (t \mapsto \frac{1}{1+e^{-t}})(\boldsymbol{s})
where \boldsymbol{z} = \boldsymbol{s}\odot\sigma(\boldsymbol{s})
let \mathrm{Cost} : objective(\boldsymbol{z})
"""

n = dims("n")
s, z, Cost, one = vector("s", n), vector("z", n), objective("Cost"), ones(n)
t = sp.Symbol("t", real=True)
f = elementwise(sp.Lambda(t, silu.entry(t)))
gate = elementwise(sp.Lambda(t, sigmoid.entry(t)))
output = hadamard(s, gate(s))
gradient = Gradient(Cost(output), s)
gradient_z = Gradient(Cost(z), z, output)
slope = output + hadamard(gate(s), one - output)


CASES = ({"n": 7}, {"n": 1}, {"n": 100})


def _both(random, dtype, n):
    """The definition and the formula, written plainly, against the reference layer."""
    x, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    gate = 1 / (1 + np.exp(-x))
    value = x * gate
    backward = (value + gate * (1 - value)) * grad
    return np.stack((value, backward)), np.stack((silu_layer.forward(x), silu_layer.backward(grad, x)))


backward = Claim(
    id="layer-silu-backward",
    section="layers",
    title=Text("SiLU (swish) 的反向传播", "backpropagation through SiLU (swish)"),
    chain=(gradient, hadamard(slope, gradient_z)),
    steps=(
        Step(silu.forward(s), output, Text("层的定义, 逐元素", "the definition of the layer, entry by entry")),
        Step(
            gradient,
            hadamard(f.diff()(s), gradient_z),
            Text("链式法则, 逐元素函数", "the chain rule for an entrywise function"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
        Step(
            f.diff()(s),
            gate(s) + hadamard(s, gate(s), one - gate(s)),
            Text("乘积法则; σ' = σ(1 - σ)", "the product rule; σ' = σ(1 - σ)"),
        ),
        Step(
            gate(s) + hadamard(s, gate(s), one - gate(s)), slope, Text("写成输出 z 的式子", "written with the output z")
        ),
    ),
    near_misses=(
        NearMiss(
            Text("把门当作常数", "the gate taken as a constant"), lambda: (gradient, hadamard(gate(s), gradient_z))
        ),
        NearMiss(
            Text("少了因子 s: σ + σ(1 - σ)", "the factor s missing: σ + σ(1 - σ)"),
            lambda: (gradient, hadamard(gate(s) + hadamard(gate(s), one - gate(s)), gradient_z)),
        ),
        NearMiss(
            Text("门只是 0 或 1: ReLU 的导数", "a gate that is 0 or 1: the derivative of the ReLU"),
            lambda: (gradient, hadamard(elementwise(relu).diff()(s), gradient_z)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text("形状任意, 这里写成一列.", "Any shape; written as one column."),
    source="Elfwing, Uchibe and Doya 2018; Hendrycks and Gimpel 2016, section 2",
)

DERIVATION = Derivation(title=Text("SiLU", "SiLU"), context=CONTEXT, claims=(backward,), source="cnnsym.layers.silu")
