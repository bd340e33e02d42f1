"""Dilated convolution: a kernel with zeros between its taps, and one ordinary convolution for each phase."""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Text
from cnnsym.layers import conv1d, conv2d
from cnnsym.measurement import compared
from cnnsym.reference import conv2d as conv2d_layer

CONTEXT = r"""
let m, n, k, l, d, K, L, H, W : size      # sizes, dilation d
let s : size; p : integer nonnegative     # stride, padding
let x : signal(m); w : signal(k)          # one direction
let X : signal(H, W); V : signal(K, L)    # one channel of an image
let i, u, v : integer
let \rho, \tau : index(d)                 # phases
where y_i = \sum_{a=0}^{k-1} w_a x_{i+da}
where \hat{w}_t = [d\mid t]\,w_{\lfloor t/d\rfloor}
where k_e = d(k-1)+1
where Y_{u,v} = \sum_{a=0}^{K-1}\sum_{b=0}^{L-1} V_{a,b}\,X_{u+da,v+db}
where \hat{V}_{t,r} = [d\mid t]\,[d\mid r]\,V_{\lfloor t/d\rfloor,\lfloor r/d\rfloor}
"""

m, k, d, K, L, H, W, s = dims("m k d K L H W s")
p = sp.Symbol("p", integer=True, nonnegative=True)
x, w = signal("x", m), signal("w", k)
X, V = signal("X", H, W), signal("V", K, L)
i, u, v, t, r, a, b = sp.symbols("i u v t r a b", integer=True)
rho, tau = sp.Idx("rho", d), sp.Idx("tau", d)
reach = d * (k - 1) + 1  # the size of the kernel with its zeros


def divides(t):
    return indicator(sp.Eq(sp.Mod(t, d), 0))


def inserted(t):
    """The kernel with d - 1 zeros between neighbouring taps."""
    return divides(t) * w[sp.floor(t / d)]


def inserted_2d(t, r):
    return divides(t) * divides(r) * V[sp.floor(t / d), sp.floor(r / d)]


output = conv1d.correlation(x, w, i, dilation=d)
output_2d = conv2d.correlation(X, V, u, v, dilation=d)


def phase(at, offset):
    return x[d * at + offset]


def _both(random, dtype, d, K, L):
    """A kernel with zeros, and ordinary layers on every phase, against the dilated layer."""
    picture, kernels = random.normal(size=(1, 2, 12, 12)).astype(dtype), random.normal(size=(3, 2, K, L)).astype(dtype)
    dilated = conv2d_layer.forward(picture, kernels, dilation=d)
    wide = np.zeros((3, 2, d * (K - 1) + 1, d * (L - 1) + 1), dtype)
    wide[:, :, ::d, ::d] = kernels
    phases = np.empty_like(dilated)
    for one, other in np.ndindex(d, d):
        part = np.ascontiguousarray(picture[:, :, one::d, other::d])
        target = phases[:, :, one::d, other::d]
        target[...] = conv2d_layer.forward(part, kernels)[:, :, : target.shape[2], : target.shape[3]]
    return np.stack((conv2d_layer.forward(picture, wide), phases)), np.stack((dilated, dilated))


AGAINST_LAYER = compared(
    Text("插零的核, 与各相位的普通卷积", "a kernel with zeros, and an ordinary layer on every phase"),
    ({"d": 1, "K": 3, "L": 3}, {"d": 2, "K": 3, "L": 2}, {"d": 3, "K": 2, "L": 3}),
    _both,
    {"float64": 1e-12, "float32": 2e-5},
)

zeros = Claim(
    id="ext-dilated",
    section="ext",
    title=Text(
        "膨胀卷积: 核的元素之间插入 d - 1 个零",
        "dilated convolution: d - 1 zeros between neighbouring taps of the kernel",
    ),
    chain=(output, sp.Sum(inserted(t) * x[i + t], (t, 0, reach - 1))),
    also=(
        (
            output_2d,
            sp.Sum(inserted_2d(t, r) * X[u + t, v + r], (t, 0, d * (K - 1)), (r, 0, d * (L - 1))),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("插入 d 个零", "d zeros inserted"),
            lambda: (
                output,
                sp.Sum(
                    indicator(sp.Eq(sp.Mod(t, d + 1), 0)) * w[sp.floor(t / (d + 1))] * x[i + t],
                    (t, 0, (d + 1) * (k - 1)),
                ),
            ),
        ),
        NearMiss(
            Text("大小是 k + d - 1", "the size is k + d - 1"),
            lambda: (output, sp.Sum(inserted(t) * x[i + t], (t, 0, k + d - 2))),
        ),
        NearMiss(
            Text("每个元素重复 d 次而不是插零", "each tap repeated d times, no zeros"),
            lambda: (output, sp.Sum(w[sp.floor(t / d)] * x[i + t], (t, 0, reach - 1))),
        ),
    ),
    numeric=AGAINST_LAYER,
    conditions=Text("任意尺寸; 一个方向, 以及两个方向.", "Any sizes; in one direction, and in two."),
    source="Yu and Koltun 2016, section 2",
)

phases = Claim(
    id="ext-dilated-phases",
    section="ext",
    title=Text("每个相位是一次普通卷积", "every phase is an ordinary convolution"),
    chain=(
        conv1d.correlation(x, w, d * i + rho, dilation=d),
        sp.Sum(w[a] * phase(i + a, rho), (a, 0, k - 1)),
    ),
    also=(
        (
            conv2d.correlation(X, V, d * u + rho, d * v + tau, dilation=d),
            sp.Sum(V[a, b] * X[d * (u + a) + rho, d * (v + b) + tau], (a, 0, K - 1), (b, 0, L - 1)),
        ),
    ),
    near_misses=(
        NearMiss(
            Text(
                "偶相位的输出来自奇相位的输入 (d = 2)",
                "the even phase of the output from the odd phase of the input (d = 2)",
            ),
            lambda: (
                conv1d.correlation(x, w, 2 * i, dilation=2),
                sp.Sum(w[a] * x[2 * (i + a) + 1], (a, 0, k - 1)),
            ),
        ),
        NearMiss(
            Text("相位跟着核的元素走", "the phase moves with the taps"),
            lambda: (
                conv1d.correlation(x, w, d * i + rho, dilation=d),
                sp.Sum(w[a] * x[d * i + a + rho], (a, 0, k - 1)),
            ),
        ),
    ),
    numeric=AGAINST_LAYER,
    conditions=Text(
        "x^ρ 由间隔 d, 从 ρ 起的元素组成, 0 <= ρ < d. 两个方向共有 d² 个相位, 彼此无关.",
        "x^ρ consists of every d-th entry, from ρ on, 0 <= ρ < d. In two directions there are d² phases, which do not meet.",
    ),
)

count = sp.floor((m + 2 * p - reach) / s) + 1

size = Claim(
    id="ext-dilated-size",
    section="ext",
    title=Text("有效的核大小 k_e = d(k - 1) + 1", "the effective size of the kernel, k_e = d(k - 1) + 1"),
    chain=(
        sp.And(sp.Ge(m + 2 * p, reach), sp.Ge(i, 0)),
        sp.Equivalent(s * i + d * (k - 1) - p <= m + p - 1, i < count),
    ),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("k_e = dk", "k_e = dk"),
            lambda: (
                sp.And(sp.Ge(m + 2 * p, d * k), sp.Ge(i, 0)),
                sp.Equivalent(s * i + d * (k - 1) - p <= m + p - 1, i < sp.floor((m + 2 * p - d * k) / s) + 1),
            ),
        ),
        NearMiss(
            Text("k_e = k + d - 1", "k_e = k + d - 1"),
            lambda: (
                sp.And(sp.Ge(m, reach), sp.Ge(i, 0)),
                sp.Equivalent(i + d * (k - 1) <= m - 1, i < m - (k + d - 1) + 1),
            ),
        ),
    ),
    conditions=Text(
        "窗口 i 完整地落在填充过的输入之内, 当且仅当 i 小于输出的个数.",
        "Window i lies within the padded input if and only if i is less than the number of outputs.",
    ),
    source="Dumoulin and Visin 2016, relationship 15",
)

plain_size = Claim(
    id="ext-dilated-size-plain",
    section="ext",
    title=Text("没有步长与填充: 输出有 m - k_e + 1 个", "without stride and padding there are m - k_e + 1 outputs"),
    chain=(
        sp.And(sp.Ge(m, reach), sp.Ge(i, 0)),
        sp.Equivalent(i + d * (k - 1) <= m - 1, i < m - reach + 1),
    ),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("m - k_e", "m - k_e"),
            lambda: (
                sp.And(sp.Ge(m, reach), sp.Ge(i, 0)),
                sp.Equivalent(i + d * (k - 1) <= m - 1, i < m - reach),
            ),
        ),
        NearMiss(
            Text("m - dk + 1", "m - dk + 1"),
            lambda: (
                sp.And(sp.Ge(m, d * k), sp.Ge(i, 0)),
                sp.Equivalent(i + d * (k - 1) <= m - 1, i < m - d * k + 1),
            ),
        ),
    ),
    conditions=Text("k_e = d(k - 1) + 1 <= m.", "k_e = d(k - 1) + 1 <= m."),
    source="Dumoulin and Visin 2016, relationship 15",
)

DERIVATION = Derivation(
    title=Text("膨胀卷积", "dilated convolution"),
    context=CONTEXT,
    claims=(zeros, phases, size, plain_size),
    source="cnnsym.layers.conv2d",
)
