"""Global max pooling: near a single largest pixel the layer is that pixel, and so its gradient."""

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Inequality, NearMiss, Text
from cnnsym.layers import global_max_pool
from cnnsym.measurement import compared
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import global_max_pool as pool_layer

CONTEXT = r"""
let P : size                              # pixels of a channel, in a row
let x, z : signal(P)                      # a channel, and another one near it
let q, i : integer
let \epsilon : scalar
"""

P = dims("P")
x, z = signal("x", P), signal("z", P)
q, i = sp.symbols("q i", integer=True)
epsilon = sp.Symbol("epsilon", real=True)


def inside(i):
    return sp.And(sp.Ge(i, 0), sp.Le(i, P - 1))


def everywhere(statement, condition=sp.true):
    """For all i from 0 to P - 1 for which the condition holds."""
    return ForAll(i, sp.Implies(sp.And(inside(i), condition), statement))


separated = everywhere(sp.Le(x[i] + 2 * epsilon, x[q]), sp.Ne(i, q))
nearby = everywhere(sp.And(sp.Le(z[i] - x[i], epsilon), sp.Le(x[i] - z[i], epsilon)))
not_below = everywhere(sp.Le(x[i], x[q]))
given = sp.And(inside(q), epsilon > 0, separated, nearby)
largest_x, largest_z = global_max_pool.forward(x), global_max_pool.forward(z)
total = sp.Sum(x[i], (i, 0, P - 1))


def _gradient(random, dtype, B, C, H, W):
    """All of the gradient to the largest pixel of each channel, by a loop."""
    images, grad = random.normal(size=(B, C, H, W)).astype(dtype), random.normal(size=(B, C)).astype(dtype)
    ours = np.zeros_like(images)
    for n, c in np.ndindex(B, C):
        row, column = divmod(int(images[n, c].argmax()), W)
        ours[n, c, row, column] = grad[n, c]
    return ours, pool_layer.backward(grad, images)


CASES = ({"B": 1, "C": 1, "H": 1, "W": 2}, {"B": 2, "C": 3, "H": 4, "W": 5}, {"B": 3, "C": 1, "H": 6, "W": 2})

backward = Claim(
    id="layer-global-max-pool-backward",
    section="layers",
    title=Text("全局最大池化: 附近就是最大的那个像素", "global max pooling: nearby it is the largest pixel"),
    chain=(given, sp.Eq(largest_z - largest_x, z[q] - x[q])),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("并列时也成立", "valid at a tie as well"),
            lambda: (
                sp.And(inside(q), epsilon > 0, not_below, nearby),
                sp.Eq(largest_z - largest_x, z[q] - x[q]),
            ),
        ),
        NearMiss(
            Text("离得远也成立", "valid far away as well"),
            lambda: (sp.And(inside(q), epsilon > 0, separated), sp.Eq(largest_z - largest_x, z[q] - x[q])),
        ),
        NearMiss(
            Text("一半的变化", "half of the change"),
            lambda: (given, sp.Eq(largest_z - largest_x, (z[q] - x[q]) / 2)),
        ),
    ),
    numeric=compared(Text("反向公式与参考层", "the backward formula and the reference layer"), CASES, _gradient),
    conditions=Text(
        "像素 q 比其余各像素至少大 2ε, z 与 x 处处相差不超过 ε. 因此在 x 附近, 输出就是像素 q: 对它的导数是 1, 对其余的是 0. "
        "并列时没有导数, 参考层取第一个最大的像素.",
        "Pixel q exceeds every other by at least 2ε, and z differs from x by at most ε everywhere. So near x the output is pixel "
        "q: the derivative by it is 1, and 0 by every other. At a tie there is no derivative; the reference layer takes the first "
        "of the largest.",
    ),
    source="Oquab, Bottou, Laptev and Sivic 2015, section 3",
)


def _below_mean(random, dtype, B, C, H, W):
    images = random.normal(size=(B, C, H, W)).astype(dtype)
    below = np.maximum(gap_layer.forward(images) - pool_layer.forward(images), 0)
    return below, np.zeros((B, C))


above_mean = Claim(
    id="layer-global-max-pool-mean",
    section="layers",
    title=Text("最大值不小于平均值", "the maximum is no less than the mean"),
    chain=(sp.true, sp.Ge(P * largest_x, total)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("严格大于", "strictly above"),
            lambda: (sp.true, sp.Gt(P * largest_x, total)),
        ),
        NearMiss(
            Text("不小于总和", "no less than the sum"),
            lambda: (sp.true, sp.Ge(largest_x, total)),
        ),
    ),
    numeric=compared(Text("低于平均值的差", "how far it is below the mean"), CASES, _below_mean),
    conditions=Text(
        "乘以像素个数 P 来写. 所有像素相等时取等号.", "Written times the number of pixels. Equal where all pixels are."
    ),
)

DERIVATION = Derivation(
    title=Text("全局最大池化", "global max pooling"),
    context=CONTEXT,
    claims=(backward, above_mean),
    source="cnnsym.layers.global_max_pool",
)
