"""ReLU: the backward pass, from the definition of the layer entry by entry."""

import numpy as np

from cnnsym import dims, elementwise, hadamard, objective, ones, step, vector
from cnnsym import relu as positive_part
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import relu
from cnnsym.measurement import compared
from cnnsym.reference import relu as relu_layer

CONTEXT = r"""
let n : size
let \boldsymbol{s} : vector(n)
where \boldsymbol{z} = \mathrm{relu}(\boldsymbol{s})
let \mathrm{Cost} : objective(\boldsymbol{z})
"""

n = dims("n")
s, z, Cost = vector("s", n), vector("z", n), objective("Cost")
f = elementwise(positive_part)
output, slope = f(s), elementwise(step)(s)
gradient = Gradient(Cost(output), s)
gradient_z = Gradient(Cost(z), z, output)


CASES = ({"n": 7}, {"n": 1}, {"n": 100})


def _both(random, dtype, n):
    """The definition and the formula, written plainly, against the reference layer."""
    x, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    value, backward = x * (x > 0), (x > 0) * grad
    return np.stack((value, backward)), np.stack((relu_layer.forward(x), relu_layer.backward(grad, x)))


backward = Claim(
    id="layer-relu-backward",
    section="layers",
    title=Text("ReLU 的反向传播", "backpropagation through ReLU"),
    chain=(gradient, hadamard(slope, gradient_z)),
    steps=(
        Step(relu.forward(s), output, Text("层的定义, 逐元素", "the definition of the layer, entry by entry")),
        Step(
            gradient,
            hadamard(f.diff()(s), gradient_z),
            Text("链式法则, 逐元素函数", "the chain rule for an entrywise function"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
    ),
    near_misses=(
        NearMiss(
            Text("乘以输出 z 而不是导数", "times the output z instead of the derivative"),
            lambda: (gradient, hadamard(output, gradient_z)),
        ),
        NearMiss(
            Text("不看符号, 梯度原样通过", "no look at the sign: the gradient passes unchanged"),
            lambda: (gradient, gradient_z),
        ),
        NearMiss(
            Text("通过的是负的元素", "the negative entries pass"),
            lambda: (gradient, hadamard(ones(n) - slope, gradient_z)),
        ),
        NearMiss(
            Text("看梯度的符号, 而不是输入的符号", "by the sign of the gradient, not of the input"),
            lambda: (gradient, hadamard(elementwise(step)(gradient_z), gradient_z)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text(
        "s 的元素都不为 0: 在 0 处没有导数, 参考层在那里取次梯度 0. 形状任意, 这里写成一列.",
        "No entry of s is 0: there is no derivative there, and the reference layer takes the subgradient 0. Any shape; "
        "written as one column.",
    ),
    source="Nair and Hinton 2010; Glorot, Bordes and Bengio 2011",
)

DERIVATION = Derivation(title=Text("ReLU", "ReLU"), context=CONTEXT, claims=(backward,), source="cnnsym.layers.relu")
