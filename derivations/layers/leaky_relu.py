"""Leaky ReLU: the backward pass, and what the slope of the negative side may be."""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, hadamard, objective, relu, scalar, step, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import leaky_relu
from cnnsym.measurement import compared
from cnnsym.reference import leaky_relu as leaky_relu_layer

CONTEXT = r"""
let n : size
let \boldsymbol{s} : vector(n)
let \alpha, t : scalar
where \boldsymbol{z} = (t \mapsto \mathrm{relu}(t) - \alpha\,\mathrm{relu}(-t))(\boldsymbol{s})
let \mathrm{Cost} : objective(\boldsymbol{z})
"""

n, alpha = dims("n"), scalar("alpha")
s, z, Cost = vector("s", n), vector("z", n), objective("Cost")
t = sp.Symbol("t", real=True)
f = elementwise(sp.Lambda(t, leaky_relu.entry(t, alpha)))
output = f(s)
slope = elementwise(step)(s) + alpha * elementwise(step)(-s)
gradient = Gradient(Cost(output), s)
gradient_z = Gradient(Cost(z), z, output)
positive = elementwise(relu)


CASES = ({"n": 7, "percent": 1}, {"n": 12, "percent": 50}, {"n": 40, "percent": 300}, {"n": 5, "percent": 0})


def _both(random, dtype, n, percent):
    """The definition and the formula, written plainly, against the reference layer; the slope in percent."""
    slope = percent / 100
    x, grad = (random.normal(size=n).astype(dtype) for _ in range(2))
    value = np.maximum(x, 0) - slope * np.maximum(-x, 0)
    backward = ((x > 0) + slope * (x < 0)) * grad
    return np.stack((value, backward)), np.stack(
        (leaky_relu_layer.forward(x, slope), leaky_relu_layer.backward(grad, x, slope))
    )


backward = Claim(
    id="layer-leaky-relu-backward",
    section="layers",
    title=Text("leaky ReLU 的反向传播", "backpropagation through the leaky ReLU"),
    chain=(gradient, hadamard(slope, gradient_z)),
    steps=(
        Step(
            leaky_relu.forward(s, alpha),
            output,
            Text("层的定义, 逐元素", "the definition of the layer, entry by entry"),
        ),
        Step(
            gradient,
            hadamard(f.diff()(s), gradient_z),
            Text("链式法则, 逐元素函数", "the chain rule for an entrywise function"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
        Step(
            f.diff()(s),
            slope,
            Text(
                "relu(-t) 的导数是 -step(-t), 两个负号相消",
                "the derivative of relu(-t) is -step(-t); the two minus signs cancel",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("负的一侧带着负号", "a minus sign on the negative side"),
            lambda: (
                gradient,
                hadamard(elementwise(step)(s) - alpha * elementwise(step)(-s), gradient_z),
            ),
        ),
        NearMiss(
            Text("斜率用在正的一侧", "the slope on the positive side"),
            lambda: (
                gradient,
                hadamard(alpha * elementwise(step)(s) + elementwise(step)(-s), gradient_z),
            ),
        ),
        NearMiss(
            Text("漏出的部分被忘掉: 普通 ReLU", "the leak forgotten: the plain ReLU"),
            lambda: (gradient, hadamard(elementwise(step)(s), gradient_z)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=Text(
        "α 是任意实数; s 的元素都不为 0, 在那里 (除非 α = 1) 没有导数, 参考层取 α.",
        "α is any real number; no entry of s is 0, where there is no derivative (unless α = 1) and the reference layer takes α.",
    ),
    source="Maas, Hannun and Ng 2013",
)


def _three_slopes(random, dtype, n):
    x = random.normal(size=n).astype(dtype)
    theirs = [leaky_relu_layer.forward(x, slope) for slope in (0, 1, -1)]
    return np.stack((np.maximum(x, 0), x, np.abs(x))), np.stack(theirs)


special_cases = Claim(
    id="layer-leaky-relu-special",
    section="layers",
    title=Text("斜率 0, 1, -1: ReLU, 恒等, 绝对值", "slopes 0, 1 and -1: ReLU, the identity, the absolute value"),
    chain=(leaky_relu.forward(s, 0), positive(s)),
    also=(
        (leaky_relu.forward(s, 1), s),
        (hadamard(leaky_relu.forward(s, -1), leaky_relu.forward(s, -1)), hadamard(s, s)),
    ),
    near_misses=(
        NearMiss(
            Text("斜率 1 给出 ReLU", "the slope 1 gives the ReLU"), lambda: (leaky_relu.forward(s, 1), positive(s))
        ),
        NearMiss(Text("斜率 -1 给出恒等", "the slope -1 gives the identity"), lambda: (leaky_relu.forward(s, -1), s)),
    ),
    numeric=compared(
        Text("三个斜率, 对照参考层", "three slopes, against the reference layer"), ({"n": 9}, {"n": 1}), _three_slopes
    ),
    conditions=Text(
        "斜率大于 1 时, max(s, αs) 不再是这个函数; 这里按符号定义.",
        "For a slope above 1 max(s, αs) is no longer this function; here it is defined by the sign.",
    ),
)

DERIVATION = Derivation(
    title=Text("leaky ReLU", "the leaky ReLU"),
    context=CONTEXT,
    claims=(backward, special_cases),
    source="cnnsym.layers.leaky_relu",
)
