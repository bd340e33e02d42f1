"""The two-dimensional cosine transform as a layer: its backward pass is the adjoint, which is not the inverse."""

import numpy as np
import sympy as sp

from cnnsym import dims, matrix, objective, signal
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import dct2d
from cnnsym.measurement import compared
from cnnsym.reference import dct2d as transform

CONTEXT = r"""
let H, W : size
let x, g : signal(H, W)                   # one channel, and the gradient by its frequencies
let i : index(H); j : index(W)
where B_{h,w,i,j} = \cos\left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos\left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right)
where f_{h,w} = \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j} B_{h,w,i,j}
where J = \sum_{h=0}^{H-1} \sum_{w=0}^{W-1} g_{h,w} f_{h,w}
let X, F : matrix(H, W); D_H : matrix(H, H); D_W : matrix(W, W)
where Y = D_H X D_W^{\top}
let \mathrm{Cost} : objective(Y)
"""

H, W = dims("H W")
x, g = signal("x", H, W), signal("g", H, W)
i, j = sp.Idx("i", H), sp.Idx("j", W)
h, w = sp.symbols("h w", integer=True)
frequencies = ((h, 0, H - 1), (w, 0, W - 1))
J = sp.Sum(g[h, w] * dct2d.forward(x, h, w), *frequencies)
by_x = sp.Derivative(J, x[i, j])
back = sp.Sum(g[h, w] * dct2d.basis(h, w, i, j, H, W), *frequencies)
Cost = objective("Cost")
X, Y, D_H, D_W = matrix("X", H, W), matrix("Y", H, W), matrix("D_H", H, H), matrix("D_W", W, W)
output = D_H * X * D_W.T
gradient = Gradient(Cost(output), X)
gradient_y = Gradient(Cost(Y), Y, output)


def _cosines(length, dtype):
    frequency, position = np.arange(length)[:, None], np.arange(length)[None, :]
    return np.cos(np.pi * frequency / length * (position + 0.5)).astype(dtype)


CASES = ({"H": 5, "W": 7}, {"H": 1, "W": 2}, {"H": 8, "W": 8})


def _both(random, dtype, H, W):
    """The formula, written plainly, against the reference layer."""
    grad = random.normal(size=(H, W)).astype(dtype)
    return _cosines(H, dtype).T @ grad @ _cosines(W, dtype), transform.backward(grad)


backward = Claim(
    id="layer-dct2d-backward",
    section="layers",
    title=Text("二维余弦变换的反向传播", "backpropagation through the two-dimensional cosine transform"),
    chain=(by_x, back),
    steps=(
        Step(
            sp.Derivative(dct2d.forward(x, h, w), x[i, j]),
            dct2d.basis(h, w, i, j, H, W),
            Text("每个系数对像素是线性的", "every coefficient is linear in the pixels"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("频率与位置互换", "frequency and position exchanged"),
            lambda: (by_x, sp.Sum(g[h, w] * dct2d.basis(i, j, h, w, H, W), *frequencies)),
        ),
        NearMiss(
            Text("用逆变换代替伴随", "the inverse in the place of the adjoint"),
            lambda: (
                by_x,
                sp.Sum(dct2d.weight(h) * dct2d.weight(w) * g[h, w] * dct2d.basis(h, w, i, j, H, W), *frequencies)
                / (H * W),
            ),
        ),
    ),
    numeric=compared(Text("反向公式, 对照参考层", "the backward formula, against the reference layer"), CASES, _both),
    conditions=Text(
        "没有归一化的 II 型变换; 只有正交归一的变换, 伴随才是逆.",
        "The transform of type II without scale factors; the adjoint is the inverse only of the orthonormal transform.",
    ),
    source="Ahmed, Natarajan and Rao 1974",
)

matrix_form = Claim(
    id="layer-dct2d-matrix",
    section="layers",
    title=Text("矩阵形式: 行与列各一次变换", "in matrices: one transform of the rows, one of the columns"),
    chain=(gradient, D_H.T * gradient_y * D_W),
    near_misses=(
        NearMiss(
            Text("漏掉转置 (方阵)", "the transposes dropped (square)"),
            lambda: (
                gradient.xreplace({W: H}),
                (D_H * gradient_y * D_W.T).xreplace({W: H}),
            ),
        ),
        NearMiss(
            Text("两个矩阵互换 (方阵)", "the two matrices exchanged (square)"),
            lambda: (
                gradient.xreplace({W: H}),
                (D_W.T * gradient_y.T * D_H).xreplace({W: H}),
            ),
        ),
        NearMiss(
            Text("伴随把变换还原", "the adjoint undoes the transform"),
            lambda: (D_H.T * output * D_W, X),
        ),
    ),
    numeric=compared(Text("反向公式, 对照参考层", "the backward formula, against the reference layer"), CASES, _both),
    conditions=Text(
        "对任何两个矩阵 D_H, D_W 成立; 余弦变换取 D_n[u, i] = cos(πu(i + 1/2)/n).",
        "For any two matrices D_H and D_W; those of the cosine transform are D_n[u, i] = cos(πu(i + 1/2)/n).",
    ),
)

DERIVATION = Derivation(
    title=Text("余弦变换层", "the cosine transform as a layer"),
    context=CONTEXT,
    claims=(backward, matrix_form),
    source="cnnsym.layers.dct2d",
)
