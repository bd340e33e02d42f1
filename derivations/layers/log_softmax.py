"""The logarithm of the softmax: its value and the backward pass."""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, hadamard, objective, ones, trace, vector
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import log_softmax
from cnnsym.measurement import compared
from cnnsym.reference import log_softmax as log_softmax_layer
from cnnsym.reference import softmax as softmax_layer

CONTEXT = r"""
let d : size
let t : scalar
let \boldsymbol{x} : vector(d)
where \boldsymbol{p} = \frac{1}{\mathbf{1}^{\top}\exp(\boldsymbol{x})}\exp(\boldsymbol{x})
where \boldsymbol{\ell} = \boldsymbol{x} - \log(\mathbf{1}^{\top}\exp(\boldsymbol{x}))\,\mathbf{1}
let \mathrm{Cost} : objective(\boldsymbol{\ell})
"""

d = dims("d")
x, P, L, Cost, one = vector("x", d), vector("p", d), vector("\\ell", d), objective("Cost"), ones(d)
powers = elementwise(sp.exp)(x)
total = trace(one.T * powers)
p = powers / total
logarithms = x - sp.log(total) * one
gradient = Gradient(Cost(logarithms), x)
gradient_l = Gradient(Cost(L), L, logarithms)
I_d = sp.Identity(d)

ABBREVIATIONS = ((logarithms, L), (p, P))
ANY = Text("任意 d >= 1.", "Any d >= 1.")


CASES = ({"B": 1, "d": 1}, {"B": 3, "d": 5}, {"B": 8, "d": 10})


def _both(random, dtype, B, d):
    """The definition and the formula, written plainly, against the reference layer."""
    scores, grad = (random.normal(size=(B, d)).astype(dtype) for _ in range(2))
    sums = np.exp(scores).sum(axis=1, keepdims=True)
    backward = grad - np.exp(scores) / sums * grad.sum(axis=1, keepdims=True)
    theirs = log_softmax_layer.forward(scores), log_softmax_layer.backward(grad, scores)
    return np.stack((scores - np.log(sums), backward)), np.stack(theirs)


def _logarithms(random, dtype, B, d):
    scores = random.normal(size=(B, d)).astype(dtype)
    return np.log(softmax_layer.forward(scores)), log_softmax_layer.forward(scores)


value = Claim(
    id="layer-log-softmax-value",
    section="layers",
    title=Text("softmax 的对数", "the logarithm of the softmax"),
    chain=(elementwise(sp.log)(p), logarithms),
    steps=(
        Step(
            log_softmax.forward(x), logarithms, Text("层的定义, 逐元素", "the definition of the layer, entry by entry")
        ),
    ),
    near_misses=(
        NearMiss(
            Text("减去各对数之和, 而不是和的对数", "less the sum of logarithms, not the logarithm of the sum"),
            lambda: (elementwise(sp.log)(p), x - trace(one.T * x) * one),
        ),
        NearMiss(
            Text("加上和的对数", "plus the logarithm of the sum"),
            lambda: (elementwise(sp.log)(p), x + sp.log(total) * one),
        ),
    ),
    numeric=compared(
        Text("参考层的对数, 对照参考层", "the logarithm of one reference layer against the other"), CASES, _logarithms
    ),
    conditions=ANY,
)

backward = Claim(
    id="layer-log-softmax-backward",
    section="layers",
    title=Text("log-softmax 的反向传播", "backpropagation through log-softmax"),
    chain=(gradient, gradient_l - p * (one.T * gradient_l)),
    steps=(
        Step(
            Jacobian(sp.log(total), x),
            p.T,
            Text("log-sum-exp 的导数是 softmax", "the derivative of log-sum-exp is the softmax"),
        ),
        Step(Jacobian(logarithms, x), I_d - one * p.T, Text("逐项求导", "term by term")),
        Step(
            gradient,
            (I_d - one * p.T).T * gradient_l,
            Text("链式法则", "the chain rule"),
            source="Magnus and Neudecker, Matrix Differential Calculus, theorem 5.8",
        ),
        Step(
            (I_d - one * p.T).T * gradient_l,
            gradient_l - p * (one.T * gradient_l),
            Text("转置后乘开", "transposed and multiplied out"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("漏掉转置: g - 1 (p'g)", "the transpose dropped: g - 1 (p'g)"),
            lambda: (gradient, gradient_l - one * (p.T * gradient_l)),
        ),
        NearMiss(
            Text("与 softmax 混淆", "confused with the softmax"),
            lambda: (gradient, hadamard(p, gradient_l) - p * (p.T * gradient_l)),
        ),
        NearMiss(
            Text("g 的元素不求和", "the entries of g not summed"),
            lambda: (gradient, gradient_l - hadamard(p, gradient_l)),
        ),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=ANY,
    abbreviations=ABBREVIATIONS,
    source="Bridle 1990",
)

DERIVATION = Derivation(
    title=Text("log-softmax", "log-softmax"),
    context=CONTEXT,
    claims=(value, backward),
    source="cnnsym.layers.log_softmax",
)
