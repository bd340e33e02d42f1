"""Channel attention with any weights of the pixels: the backward pass, and how the mean and the cosines are special cases.

A picture is a matrix X of shape (C, P): a row for each channel, a column for each pixel; Q holds the weights with which each
channel is squeezed to a number.
"""

import numpy as np
import sympy as sp

from cnnsym import diag, dims, elementwise, hadamard, matrix, objective, ones, relu, sigmoid, signal, step, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import dct2d, fca_attention, gap, squeeze_excitation
from cnnsym.measurement import compared
from cnnsym.reference import dct2d as transform
from cnnsym.reference import fca_attention as fca_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import squeeze_excitation as se_layer

CONTEXT = r"""
let C, P, r, H, W : size                  # channels, pixels, entries of the hidden layer; height and width
let t : scalar
let X, Q : matrix(C, P)
let W_1 : matrix(r, C); \boldsymbol{b}_1 : vector(r); W_2 : matrix(C, r); \boldsymbol{b}_2 : vector(C)
where \boldsymbol{z} = (Q\odot X)\mathbf{1}_{P}
where \boldsymbol{a} = W_1\boldsymbol{z}+\boldsymbol{b}_1
where \boldsymbol{s} = \mathrm{sigmoid}(W_2\,\mathrm{relu}(\boldsymbol{a})+\boldsymbol{b}_2)
where Y = \mathrm{diag}\{\boldsymbol{s}\} X
let \mathrm{Cost} : objective(Y)
where \boldsymbol{\delta}_2 = \boldsymbol{s}\odot(\mathbf{1}_{C}-\boldsymbol{s})\odot\left((\nabla_Y\mathrm{Cost}\odot X)\mathbf{1}_{P}\right)
where \boldsymbol{\delta}_1 = \mathrm{step}(\boldsymbol{a})\odot W_2^{\top}\boldsymbol{\delta}_2
where \hat{Y} = \mathrm{diag}\{\mathrm{sigmoid}(W_2\,\mathrm{relu}(\frac{1}{P}W_1 X\mathbf{1}_{P}+\boldsymbol{b}_1)+\boldsymbol{b}_2)\} X
let x : signal(H, W)
let h, i : index(H); w, j : index(W)
where B_{h,w,i,j} = \cos\left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos\left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right)
where f_{h,w} = \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j} B_{h,w,i,j}
where \mathrm{GAP}(x) = \frac{1}{HW} \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j}
"""

C, P, r, H, W = dims("C P r H W")
X, Q, Y = matrix("X", C, P), matrix("Q", C, P), matrix("Y", C, P)
W1, b1, W2, b2 = matrix("W_1", r, C), vector("b_1", r), matrix("W_2", C, r), vector("b_2", C)
one = ones(P)
z = hadamard(Q, X) * one
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
formula = diag(s) * G + diag(by_z) * Q

ABBREVIATIONS = (
    (delta_1, vector("delta_1", r)),
    (delta_2, vector("delta_2", C)),
    (s, vector("s", C)),
    (a, vector("a", r)),
)


def _both(random, dtype, C, r, H, W):
    """The formula, written plainly for one example, against the reference layer, whose weights are cosines."""

    def draw(*size):
        return random.normal(size=size).astype(dtype)

    x, g = draw(1, C, H, W), draw(1, C, H, W)
    w1, w2, c1, c2 = draw(r, C), draw(C, r), np.abs(draw(r)) + 1, draw(C)
    frequencies = np.stack((random.integers(0, H, C), random.integers(0, W, C)), axis=1)
    rows, columns = np.arange(H)[:, None] + 0.5, np.arange(W)[None, :] + 0.5
    images = [np.cos(np.pi * h / H * rows) * np.cos(np.pi * w / W * columns) for h, w in frequencies]
    weights = np.stack(images).astype(dtype).reshape(C, -1)
    flat, grad = x.reshape(C, -1), g.reshape(C, -1)
    first = w1 @ (weights * flat).sum(axis=1) + c1
    gate = 1 / (1 + np.exp(-(w2 @ np.maximum(first, 0) + c2)))
    inside = (first > 0) * (w2.T @ (gate * (1 - gate) * (grad * flat).sum(axis=1)))
    ours = gate[:, None] * grad + (w1.T @ inside)[:, None] * weights
    return ours.reshape(x.shape), fca_layer.backward(g, x, frequencies, w1, w2, c1, c2)[0]


backward = Claim(
    id="ext-se-fca-backward",
    section="ext",
    title=Text(
        "通道注意力的反向传播, 像素权重任意", "backpropagation through channel attention, for any weights of the pixels"
    ),
    chain=(by_X, formula),
    steps=(
        Step(fca_attention.squeeze(X, Q), z, Text("每个通道挤压成一个数", "each channel squeezed to one number")),
        Step(
            fca_attention.forward(X, Q, W1, W2, b1, b2),
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
            Text("权重写成平均值的 1/P", "the weights 1/P of the mean in the place of Q"),
            lambda: (by_X, diag(s) * G + by_z * one.T / P),
        ),
        NearMiss(
            Text("忘掉 sigmoid 的导数", "the derivative of the sigmoid forgotten"),
            lambda: (by_X, diag(s) * G + diag(W1.T * hadamard(elementwise(step)(a), W2.T * by_s)) * Q),
        ),
    ),
    numeric=compared(
        Text("反向公式, 对照参考层", "the backward formula, against the reference layer"),
        ({"C": 3, "r": 2, "H": 4, "W": 5}, {"C": 1, "r": 1, "H": 2, "W": 2}, {"C": 8, "r": 4, "H": 3, "W": 3}),
        _both,
        {"float64": 1e-12, "float32": 2e-5},
    ),
    conditions=Text(
        "W_1 z + b_1 的元素都不为 0, 在那里 ReLU 没有导数. Q 是给定的数, 每个样本各自独立.",
        "No entry of W_1 z + b_1 is 0, where the ReLU has no derivative. Q holds given numbers; every example by itself.",
    ),
    abbreviations=ABBREVIATIONS,
    source="Qin, Zhang, Wu and Li 2021, section 3; Hu, Shen and Sun 2018",
)


def _zero_frequency(random, dtype, C, r, H, W):
    def draw(*size):
        return random.normal(size=size).astype(dtype)

    x, w1, w2, c1, c2 = draw(1, C, H, W), draw(r, C), draw(C, r), draw(r), draw(C)
    ours = fca_layer.forward(x, np.zeros((C, 2), int), w1 / (H * W), w2, c1, c2)
    return ours, se_layer.forward(x, w1, w2, c1, c2)


special_case = Claim(
    id="ext-se-fca-backward-mean",
    section="ext",
    title=Text("挤压激励是权重全为 1/P 的情形", "squeeze and excitation is the case of weights 1/P"),
    chain=(
        fca_attention.forward(X, ones(C, P) / P, W1, W2, b1, b2),
        squeeze_excitation.forward(X, W1, W2, b1, b2),
    ),
    near_misses=(
        NearMiss(
            Text(
                "权重全为 1 (零频率) 也一样, 不必缩放 W_1",
                "weights 1 (the frequency zero) do as well, without scaling W_1",
            ),
            lambda: (
                fca_attention.forward(X, ones(C, P), W1, W2, b1, b2),
                squeeze_excitation.forward(X, W1, W2, b1, b2),
            ),
        ),
        NearMiss(
            Text("权重 1, W_1 乘以 P", "weights 1, W_1 times P"),
            lambda: (
                fca_attention.forward(X, ones(C, P), P * W1, W2, b1, b2),
                squeeze_excitation.forward(X, W1, W2, b1, b2),
            ),
        ),
    ),
    also=(
        (
            fca_attention.forward(X, ones(C, P), W1 / P, W2, b1, b2),
            squeeze_excitation.forward(X, W1, W2, b1, b2),
        ),
    ),
    numeric=compared(
        Text("零频率与缩小的 W1, 对照挤压激励", "the frequency zero with smaller W1, against squeeze and excitation"),
        ({"C": 3, "r": 2, "H": 4, "W": 5}, {"C": 1, "r": 1, "H": 1, "W": 2}),
        _zero_frequency,
    ),
    conditions=Text("任意通道数与像素数.", "Any number of channels and pixels."),
    source="Qin, Zhang, Wu and Li 2021, section 3.2",
)

x = signal("x", H, W)
h, w = sp.Idx("h", H), sp.Idx("w", W)
i, j = sp.Idx("i", H), sp.Idx("j", W)
p, q = sp.symbols("p q", integer=True)
zero_frequency = sp.Sum(x[p, q] * dct2d.basis(sp.S.Zero, sp.S.Zero, p, q, H, W), (p, 0, H - 1), (q, 0, W - 1))


def _descriptors(random, dtype, H, W):
    """The adjoint of the transform at each unit image of frequencies; the coefficient at frequency zero."""
    rows, columns = np.arange(H)[:, None] + 0.5, np.arange(W)[None, :] + 0.5
    images = [np.cos(np.pi * h / H * rows) * np.cos(np.pi * w / W * columns) for h, w in np.ndindex(H, W)]
    adjoint = transform.backward(np.eye(H * W, dtype=dtype).reshape(-1, H, W))
    x = random.normal(size=(1, 1, H, W)).astype(dtype)
    ours = np.append(np.ravel(images), H * W * gap_layer.forward(x)[0, 0])
    return ours, np.append(adjoint, transform.forward(x)[0, 0, 0, 0])


descriptor = Claim(
    id="ext-se-fca-backward-descriptor",
    section="ext",
    title=Text(
        "余弦权重: 它的导数是基图像, 零频率是 HW 倍的 GAP",
        "cosine weights: the derivative is the basis image; the frequency zero is HW times GAP",
    ),
    chain=(sp.Derivative(dct2d.forward(x, h, w), x[i, j]), dct2d.basis(h, w, i, j, H, W)),
    also=((dct2d.forward(x, 0, 0), H * W * gap.forward(x)),),
    near_misses=(
        NearMiss(Text("零频率就是 GAP", "the frequency zero is GAP"), lambda: (dct2d.forward(x, 0, 0), gap.forward(x))),
        NearMiss(
            Text("导数是 1/(HW)", "the derivative is 1/(HW)"),
            lambda: (sp.Derivative(dct2d.forward(x, h, w), x[i, j]), 1 / (H * W)),
        ),
    ),
    numeric=compared(
        Text("基图像与零频率, 对照参考层", "the basis images and the frequency zero, against the reference layers"),
        ({"H": 4, "W": 5}, {"H": 1, "W": 2}, {"H": 3, "W": 3}),
        _descriptors,
    ),
    conditions=Text(
        "没有归一化的变换; 正交归一时, 零频率是 √(HW) 倍的 GAP.",
        "For the transform without scale factors; for the orthonormal one the frequency zero is √(HW) times GAP.",
    ),
    source="Qin, Zhang, Wu and Li 2021, section 3.1",
)

DERIVATION = Derivation(
    title=Text("频率通道注意力", "frequency channel attention"),
    context=CONTEXT,
    claims=(backward, special_case, descriptor),
    source="cnnsym.layers.fca_attention",
)
