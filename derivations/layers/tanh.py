"""The hyperbolic tangent: the backward pass from exponentials, and how it is a sigmoid."""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, hadamard, objective, ones, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import sigmoid, tanh
from cnnsym.measurement import compared
from cnnsym.reference import sigmoid as sigmoid_layer
from cnnsym.reference import tanh as tanh_layer

CONTEXT = r"""
let n : size
let t : scalar
let \boldsymbol{s} : vector(n)
where \boldsymbol{z} = \tanh(\boldsymbol{s})
where \sigma(\boldsymbol{s}) = (t \mapsto \frac{1}{1+e^{-t}})(\boldsymbol{s})
let \mathrm{Cost} : objective(\boldsymbol{z})
"""

n = dims("n")
s, z, Cost, one = vector("s", n), vector("z", n), objective("Cost"), ones(n)
t = sp.Symbol("t", real=True)
f = elementwise(sp.tanh)
logistic = elementwise(sp.Lambda(t, sigmoid.entry(t)))
output = f(s)
gradient = Gradient(Cost(output), s)
gradient_z = Gradient(Cost(z), z, output)


CASES = ({"n": 7}, {"n": 1}, {"n": 100})


def _both(random, dtype, n):
    """The definition and the formula, written plainly, against the reference layer."""
    x, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    value = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
    backward = (1 - value**2) * grad
    return np.stack((value, backward)), np.stack((tanh_layer.forward(x), tanh_layer.backward(grad, x)))


backward = Claim(
    id="layer-tanh-backward",
    section="layers",
    title=Text("tanh 的反向传播", "backpropagation through tanh"),
    chain=(gradient, hadamard(one - hadamard(output, output), gradient_z)),
    steps=(
        Step(
            tanh.forward(s),
            output,
            Text("层的定义: 两个指数之比", "the definition of the layer: a ratio of exponentials"),
        ),
        Step(
            gradient,
            hadamard(f.diff()(s), gradient_z),
            Text("链式法则, 逐元素函数", "the chain rule for an entrywise function"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
        Step(
            elementwise(sp.Lambda(t, tanh.entry(t))).diff()(s),
            one - hadamard(output, output),
            Text("商的导数; 平方差", "the derivative of a quotient; a difference of squares"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("1 - z 而不是 1 - z²", "1 - z instead of 1 - z²"),
            lambda: (gradient, hadamard(one - output, gradient_z)),
        ),
        NearMiss(
            Text("与 sigmoid 混淆: z(1 - z)", "confused with the sigmoid: z(1 - z)"),
            lambda: (gradient, hadamard(output, one - output, gradient_z)),
        ),
        NearMiss(
            Text("1 + z²", "1 + z²"),
            lambda: (gradient, hadamard(one + hadamard(output, output), gradient_z)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text("形状任意, 这里写成一列.", "Any shape; written as one column."),
    source="LeCun, Bottou, Orr and Müller 1998, section 4.4",
)


def _stretched(random, dtype, n):
    x = random.normal(size=n).astype(dtype)
    return 2 * sigmoid_layer.forward(2 * x) - 1, tanh_layer.forward(x)


as_sigmoid = Claim(
    id="layer-tanh-sigmoid",
    section="layers",
    title=Text("tanh 是拉伸过的 sigmoid", "tanh is a stretched sigmoid"),
    chain=(tanh.forward(s), 2 * logistic(2 * s) - one),
    near_misses=(
        NearMiss(Text("自变量没有加倍", "the argument not doubled"), lambda: (tanh.forward(s), 2 * logistic(s) - one)),
        NearMiss(
            Text("没有移到以 0 为中心", "not shifted to be centred at 0"),
            lambda: (tanh.forward(s), 2 * logistic(2 * s)),
        ),
    ),
    numeric=compared(
        Text("sigmoid 的参考层, 对照 tanh 的", "the reference layer of the sigmoid against that of tanh"),
        CASES,
        _stretched,
    ),
    conditions=Text("对所有实数成立.", "For all real numbers."),
)

DERIVATION = Derivation(
    title=Text("tanh", "tanh"), context=CONTEXT, claims=(backward, as_sigmoid), source="cnnsym.layers.tanh"
)
