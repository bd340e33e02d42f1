"""Flattening: the backward pass puts every entry back in its place."""

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Step, Text
from cnnsym.layers import flatten
from cnnsym.measurement import compared
from cnnsym.reference import flatten as flatten_layer

CONTEXT = r"""
let c, H, W : size
let x : signal(c, H, W)
let g : signal(c*H*W)                     # the gradient by the output
let l : index(c); i : index(H); j : index(W)
let r, m, a, b : integer
where y_r = x_{\lfloor\lfloor r/W\rfloor/H\rfloor,\lfloor r/W\rfloor\bmod H,r\bmod W}
where J = \sum_{l=0}^{c-1}\sum_{i=0}^{H-1}\sum_{j=0}^{W-1} g_{(lH+i)W+j}\,x_{l,i,j}
"""

c, H, W = dims("c H W")
shape = (c, H, W)
x, g = signal("x", c, H, W), signal("g", c * H * W)
l, i, j = sp.Idx("l", c), sp.Idx("i", H), sp.Idx("j", W)
r, m, a, b = sp.symbols("r m a b", integer=True)
everywhere = ((m, 0, c - 1), (a, 0, H - 1), (b, 0, W - 1))
row = sp.Sum(g[r] * flatten.forward(x, r), (r, 0, c * H * W - 1))
picture = sp.Sum(g[flatten.place(m, a, b, shape)] * x[m, a, b], *everywhere)
place = flatten.place(l, i, j, shape)


CASES = ({"c": 1, "H": 1, "W": 1}, {"c": 2, "H": 3, "W": 4}, {"c": 3, "H": 2, "W": 5})


def _both(random, dtype, c, H, W):
    """The formula, a loop over the places, against the reference layer."""
    grad = random.normal(size=(2, c * H * W)).astype(dtype)
    ours = np.empty((2, c, H, W), dtype)
    for l, i, j in np.ndindex(c, H, W):
        ours[:, l, i, j] = grad[:, (l * H + i) * W + j]
    return ours, flatten_layer.backward(grad, (c, H, W))


backward = Claim(
    id="layer-flatten-backward",
    section="layers",
    title=Text("拉平的反向传播", "backpropagation through flattening"),
    chain=(row, picture),
    also=((sp.Derivative(picture, x[l, i, j]), g[place]),),
    steps=(
        Step(
            flatten.forward(x, place),
            x[l, i, j],
            Text("层的定义, 在像素 (l, i, j) 的位置", "the layer at the place of pixel (l, i, j)"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("第一个轴最快", "the first axis fastest"),
            lambda: (sp.Derivative(picture, x[l, i, j]), g[(j * H + i) * c + l]),
        ),
        NearMiss(
            Text("H 与 W 互换", "H and W exchanged"),
            lambda: (sp.Derivative(picture, x[l, i, j]), g[(l * W + i) * H + j]),
        ),
    ),
    numeric=compared(Text("反向公式, 对照参考层", "the backward formula, against the reference layer"), CASES, _both),
    conditions=Text(
        "最后一个轴最快, 与内存中的次序相同. 层是线性的, 左边的和对 x 的梯度就是右边 x 的系数.",
        "The last axis is the fastest, the order in memory. The layer is linear: the gradient of the sum on the left by x is what "
        "stands with x on the right.",
    ),
)

order = Claim(
    id="layer-flatten-order",
    section="layers",
    title=Text("每个像素恰有一个位置", "every pixel has a place of its own"),
    chain=(
        sp.And(sp.Ge(m, 0), sp.Lt(m, c), sp.Ge(a, 0), sp.Lt(a, H), sp.Ge(b, 0), sp.Lt(b, W)),
        sp.And(
            sp.Ge(flatten.place(m, a, b, shape), 0),
            sp.Eq(sp.Mod(flatten.place(m, a, b, shape), W), b),
            sp.Eq(sp.floor(flatten.place(m, a, b, shape) / W), m * H + a),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("位置 (lH + i)W + j 除以 W 的商是 i", "the quotient of the place by W is i"),
            lambda: (
                sp.And(sp.Ge(m, 0), sp.Ge(a, 0), sp.Lt(a, H), sp.Ge(b, 0), sp.Lt(b, W)),
                sp.Eq(sp.floor(flatten.place(m, a, b, shape) / W), a),
            ),
        ),
        NearMiss(
            Text("位置 lHW + iH + j 也行", "the place lHW + iH + j does as well"),
            lambda: (
                sp.And(sp.Ge(m, 0), sp.Ge(a, 0), sp.Lt(a, H), sp.Ge(b, 0), sp.Lt(b, W)),
                sp.Eq(sp.Mod(m * H * W + a * H + b, W), b),
            ),
        ),
    ),
    method=Integers(),
    conditions=Text("下标从 0 数起.", "Indices count from 0."),
)

DERIVATION = Derivation(
    title=Text("拉平", "flattening"),
    context=CONTEXT,
    claims=(backward, order),
    source="cnnsym.layers.flatten",
)
