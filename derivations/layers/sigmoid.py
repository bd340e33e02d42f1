"""The logistic sigmoid: the backward pass from exponentials, and its symmetry."""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, hadamard, objective, ones, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import sigmoid
from cnnsym.measurement import compared
from cnnsym.reference import sigmoid as sigmoid_layer

CONTEXT = r"""
let n : size
let t : scalar
let \boldsymbol{s} : vector(n)
where \sigma(\boldsymbol{s}) = (t \mapsto \frac{1}{1+e^{-t}})(\boldsymbol{s})
where \boldsymbol{z} = \sigma(\boldsymbol{s})
let \mathrm{Cost} : objective(\boldsymbol{z})
"""

n = dims("n")
s, z, Cost, one = vector("s", n), vector("z", n), objective("Cost"), ones(n)
t = sp.Symbol("t", real=True)
f = elementwise(sp.Lambda(t, sigmoid.entry(t)))
output = f(s)
tail = elementwise(sp.Lambda(t, sp.exp(-t) / (1 + sp.exp(-t)) ** 2))(s)
gradient = Gradient(Cost(output), s)
gradient_z = Gradient(Cost(z), z, output)


CASES = ({"n": 7}, {"n": 1}, {"n": 100})


def _both(random, dtype, n):
    """The definition and the formula, written plainly, against the reference layer."""
    x, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    value = 1 / (1 + np.exp(-x))
    backward = value * (1 - value) * grad
    return np.stack((value, backward)), np.stack((sigmoid_layer.forward(x), sigmoid_layer.backward(grad, x)))


backward = Claim(
    id="layer-sigmoid-backward",
    section="layers",
    title=Text("sigmoid 的反向传播", "backpropagation through the sigmoid"),
    chain=(gradient, hadamard(output, one - output, gradient_z)),
    steps=(
        Step(sigmoid.forward(s), output, Text("层的定义, 逐元素", "the definition of the layer, entry by entry")),
        Step(
            gradient,
            hadamard(tail, gradient_z),
            Text("链式法则; 1/(1 + e^-t) 的导数", "the chain rule; the derivative of 1/(1 + e^-t)"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
        Step(tail, hadamard(output, one - output), Text("e^-t/(1 + e^-t) = 1 - σ(t)", "e^-t/(1 + e^-t) = 1 - σ(t)")),
    ),
    near_misses=(
        NearMiss(
            Text("1 + z 而不是 1 - z", "1 + z instead of 1 - z"),
            lambda: (gradient, hadamard(output, one + output, gradient_z)),
        ),
        NearMiss(
            Text("与 tanh 混淆: 1 - z²", "confused with tanh: 1 - z²"),
            lambda: (gradient, hadamard(one - hadamard(output, output), gradient_z)),
        ),
        NearMiss(
            Text("用 s(1 - s) 代替 z(1 - z)", "s(1 - s) in the place of z(1 - z)"),
            lambda: (gradient, hadamard(s, one - s, gradient_z)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text("形状任意, 这里写成一列.", "Any shape; written as one column."),
    source="Rumelhart, Hinton and Williams 1986",
)


def _mirrored(random, dtype, n):
    x = random.normal(size=n).astype(dtype)
    return 1 - sigmoid_layer.forward(x), sigmoid_layer.forward(-x)


symmetry = Claim(
    id="layer-sigmoid-symmetry",
    section="layers",
    title=Text("sigmoid 的对称性", "the symmetry of the sigmoid"),
    chain=(f(-s), one - output),
    near_misses=(
        NearMiss(Text("奇函数", "an odd function"), lambda: (f(-s), -output)),
        NearMiss(Text("偶函数", "an even function"), lambda: (f(-s), output)),
    ),
    numeric=compared(Text("参考层在 -s 处", "the reference layer at -s"), CASES, _mirrored),
    conditions=Text(
        "因此导数 σ(t)σ(-t) 是偶函数; 参考层用它避免 1 - z 丢失数位.",
        "So the derivative σ(t)σ(-t) is even; the reference layer uses that, and does not lose the digits of 1 - z.",
    ),
)

DERIVATION = Derivation(
    title=Text("sigmoid", "the sigmoid"),
    context=CONTEXT,
    claims=(backward, symmetry),
    source="cnnsym.layers.sigmoid",
)
