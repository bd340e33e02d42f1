"""Squeeze and excitation: the backward pass through both ways in which the input acts.

A picture is a matrix X of shape (C, P): a row for each channel, a column for each pixel.
"""

import numpy as np

from cnnsym import diag, dims, elementwise, hadamard, matrix, objective, ones, relu, sigmoid, step, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import squeeze_excitation
from cnnsym.measurement import compared
from cnnsym.reference import squeeze_excitation as se_layer

CONTEXT = r"""
let C, P, r : size                        # channels, pixels, entries of the hidden layer
let t : scalar
let X : matrix(C, P)
let W_1 : matrix(r, C); \boldsymbol{b}_1 : vector(r); W_2 : matrix(C, r); \boldsymbol{b}_2 : vector(C)
where \boldsymbol{z} = \frac{1}{P} X \mathbf{1}_{P}
where \boldsymbol{a} = W_1\boldsymbol{z}+\boldsymbol{b}_1
where \boldsymbol{s} = \mathrm{sigmoid}(W_2\,\mathrm{relu}(\boldsymbol{a})+\boldsymbol{b}_2)
where Y = \mathrm{diag}\{\boldsymbol{s}\} X
let \mathrm{Cost} : objective(Y)
where \boldsymbol{\delta}_2 = \boldsymbol{s}\odot(\mathbf{1}_{C}-\boldsymbol{s})\odot\left((\nabla_Y\mathrm{Cost}\odot X)\mathbf{1}_{P}\right)
where \boldsymbol{\delta}_1 = \mathrm{step}(\boldsymbol{a})\odot W_2^{\top}\boldsymbol{\delta}_2
"""

C, P, r = dims("C P r")
X, Y = matrix("X", C, P), matrix("Y", C, P)
W1, b1, W2, b2 = matrix("W_1", r, C), vector("b_1", r), matrix("W_2", C, r), vector("b_2", C)
one = ones(P)
z = X * one / P  # the mean of each channel
a = W1 * z + b1
s = elementwise(sigmoid)(W2 * elementwise(relu)(a) + b2)
output = diag(s) * X
Cost = objective("Cost")
G = Gradient(Cost(Y), Y, output)
by_X = Gradient(Cost(output), X)

by_s = hadamard(G, X) * one
delta_2 = hadamard(s, ones(C) - s, by_s)  # before the sigmoid
delta_1 = hadamard(elementwise(step)(a), W2.T * delta_2)  # before the ReLU
by_z = W1.T * delta_1
formula = diag(s) * G + by_z * one.T / P

ABBREVIATIONS = (
    (delta_1, vector("delta_1", r)),
    (delta_2, vector("delta_2", C)),
    (s, vector("s", C)),
    (a, vector("a", r)),
)


def _both(random, dtype, C, r, H, W):
    """The formulas, written plainly for one example, against the reference layer; most hidden units are active."""

    def draw(*size):
        return random.normal(size=size).astype(dtype)

    x, g = draw(1, C, H, W), draw(1, C, H, W)
    w1, w2, c1, c2 = draw(r, C), draw(C, r), np.abs(draw(r)) + 1, draw(C)
    flat, grad = x.reshape(C, -1), g.reshape(C, -1)
    squeezed = flat.mean(axis=1)
    first = w1 @ squeezed + c1
    hidden = np.maximum(first, 0)
    gate = 1 / (1 + np.exp(-(w2 @ hidden + c2)))
    second_delta = gate * (1 - gate) * (grad * flat).sum(axis=1)
    first_delta = (first > 0) * (w2.T @ second_delta)
    by_x = gate[:, None] * grad + (w1.T @ first_delta)[:, None] / flat.shape[1]
    ours = by_x, np.outer(first_delta, squeezed), np.outer(second_delta, hidden), first_delta, second_delta
    theirs = se_layer.backward(g, x, w1, w2, c1, c2)
    return (np.concatenate([np.ravel(each) for each in arrays]) for arrays in (ours, theirs))


AGAINST_LAYER = compared(
    Text("对 x 与全部参数的梯度", "the gradients by x and by all parameters"),
    ({"C": 3, "r": 2, "H": 4, "W": 5}, {"C": 1, "r": 1, "H": 2, "W": 2}, {"C": 8, "r": 4, "H": 3, "W": 3}),
    _both,
    {"float64": 1e-12, "float32": 2e-5},
)

CONDITIONS = Text(
    "W_1 z + b_1 的元素都不为 0, 在那里 ReLU 没有导数. 每个样本各自独立.",
    "No entry of W_1 z + b_1 is 0, where the ReLU has no derivative. Every example by itself.",
)

backward = Claim(
    id="ext-se-fca-backward-se",
    section="ext",
    title=Text("挤压激励的反向传播", "backpropagation through squeeze and excitation"),
    chain=(by_X, formula),
    steps=(
        Step(squeeze_excitation.squeeze(X), z, Text("各通道的平均值", "the mean of each channel")),
        Step(
            squeeze_excitation.forward(X, W1, W2, b1, b2),
            output,
            Text("层的定义, 逐元素", "the definition of the layer, entry by entry"),
        ),
        Step(by_X, formula, Text("乘积法则与链式法则", "the product rule and the chain rule")),
    ),
    near_misses=(
        NearMiss(
            Text("忘掉经过门的路: diag(s) G", "the way through the gate forgotten: diag(s) G"),
            lambda: (by_X, diag(s) * G),
        ),
        NearMiss(
            Text("平均值的导数当作 1 而不是 1/P", "the derivative of the mean taken as 1 instead of 1/P"),
            lambda: (by_X, diag(s) * G + by_z * one.T),
        ),
        NearMiss(
            Text("只有经过门的路", "the way through the gate only"),
            lambda: (by_X, by_z * one.T / P),
        ),
    ),
    numeric=AGAINST_LAYER,
    conditions=CONDITIONS,
    abbreviations=ABBREVIATIONS,
    source="Hu, Shen and Sun 2018, equations 2 to 4",
)

parameters = Claim(
    id="ext-se-fca-backward-gate",
    section="ext",
    title=Text("对门的参数的梯度", "the gradients by the parameters of the gate"),
    chain=(Gradient(Cost(output), W2), delta_2 * elementwise(relu)(a).T),
    also=(
        (Gradient(Cost(output), W1), delta_1 * z.T),
        (Gradient(Cost(output), b1), delta_1),
        (Gradient(Cost(output), b2), delta_2),
    ),
    near_misses=(
        NearMiss(
            Text("忘掉 ReLU 的导数", "the derivative of the ReLU forgotten"),
            lambda: (Gradient(Cost(output), b1), W2.T * delta_2),
        ),
        NearMiss(
            Text("忘掉 sigmoid 的导数", "the derivative of the sigmoid forgotten"),
            lambda: (Gradient(Cost(output), b2), by_s),
        ),
    ),
    numeric=AGAINST_LAYER,
    conditions=CONDITIONS,
    abbreviations=ABBREVIATIONS,
    source="Hu, Shen and Sun 2018, equations 2 to 4",
)

DERIVATION = Derivation(
    title=Text("挤压激励", "squeeze and excitation"),
    context=CONTEXT,
    claims=(backward, parameters),
    source="cnnsym.layers.squeeze_excitation",
)
