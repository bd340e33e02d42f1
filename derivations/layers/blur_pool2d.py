"""Blur pooling: the backward pass on both grids, and what the binomial kernel keeps and removes."""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, NearMiss, Text
from cnnsym.layers import blur_pool2d
from cnnsym.measurement import compared
from cnnsym.reference import blur_pool2d as pool_layer

CONTEXT = r"""
let H, W, P_1, P_2, s, n : size           # image, output, stride, order of the kernel
let p : integer nonnegative               # the tap on the sampled pixel, floor(n/2)
let x : signal(H, W); z : signal(circular(H), circular(W))
let k : signal(n+1); g : signal(P_1, P_2)
let i : index(H); j : index(W)
let u, v : integer
let c : scalar
where y_{u,v} = \sum_{a=0}^{n}\sum_{b=0}^{n} k_a k_b\, x_{su+a-p,sv+b-p}
where J = \sum_{u=0}^{P_1-1}\sum_{v=0}^{P_2-1} g_{u,v}\, y_{u,v}
where \hat{y}_{u,v} = \sum_{a=0}^{n}\sum_{b=0}^{n} k_a k_b\, z_{su+a-p,sv+b-p}
where \hat{J} = \sum_{u=0}^{P_1-1}\sum_{v=0}^{P_2-1} g_{u,v}\, \hat{y}_{u,v}
where h_a = \frac{1}{2}(k_a+k_{a-1})      # the kernel of the next order
"""

H, W, P1, P2, s, n = dims("H W P_1 P_2 s n")
p = sp.Symbol("p", integer=True, nonnegative=True)
x, z = signal("x", H, W), signal("z", H, W, grid="circular")
k, g = signal("k", n + 1), signal("g", P1, P2)
i, j = sp.Idx("i", H), sp.Idx("j", W)
a, b, u, v = sp.symbols("a b u v", integer=True)
WINDOWS, TAPS = ((v, 0, P2 - 1), (u, 0, P1 - 1)), ((b, 0, n), (a, 0, n))


def cost(image):
    return sp.Sum(g[u, v] * blur_pool2d.forward(image, k, u, v, stride=s, padding=p), *WINDOWS)


by_x, by_z = sp.Derivative(cost(x), x[i, j]), sp.Derivative(cost(z), z[i, j])
back = sp.Sum(g[u, v] * k[i + p - s * u] * k[j + p - s * v], *WINDOWS)
lands = indicator(sp.And(sp.Eq(sp.Mod(s * u + a - p - i, H), 0), sp.Eq(sp.Mod(s * v + b - p - j, W), 0)))
back_circular = sp.Sum(g[u, v] * k[a] * k[b] * lands, *TAPS, *WINDOWS)


def _layer(random, dtype, H, W, order, stride, circular):
    """Each output pixel hands its gradient to the pixels it read, by a loop."""
    kernel = np.array([float(blur_pool2d.weight(order, t)) for t in range(order + 1)])
    shape = (1, 1, -(-H // stride), -(-W // stride))
    grad = random.normal(size=shape).astype(dtype)
    ours = np.zeros((1, 1, H, W), dtype)
    for u, v, a, b in np.ndindex(*shape[2:], order + 1, order + 1):
        row, column = stride * u + a - order // 2, stride * v + b - order // 2
        if circular or (0 <= row < H and 0 <= column < W):
            ours[0, 0, row % H, column % W] += kernel[a] * kernel[b] * grad[0, 0, u, v]
    padding = "circular" if circular else "zero"
    return ours, pool_layer.backward(grad, (H, W), order, stride=stride, padding=padding)


CASES = tuple(
    {"H": height, "W": width, "order": order, "stride": stride, "circular": circular}
    for height, width, order, stride in ((4, 5, 2, 2), (3, 3, 1, 1), (6, 4, 3, 2))
    for circular in (0, 1)
)

backward = Claim(
    id="layer-blur-pool2d-backward",
    section="layers",
    title=Text("模糊池化的反向传播", "backpropagation through blur pooling"),
    chain=(by_x, back),
    also=((by_z, back_circular),),
    near_misses=(
        NearMiss(
            Text("核翻转", "the kernel flipped"),
            lambda: (by_x, sp.Sum(g[u, v] * k[s * u - p - i] * k[s * v - p - j], *WINDOWS)),
        ),
        NearMiss(
            Text("没有步长", "without the stride"),
            lambda: (by_x, sp.Sum(g[u, v] * k[i + p - u] * k[j + p - v], *WINDOWS)),
        ),
        NearMiss(
            Text("环形网格上不绕回", "not around the circle"),
            lambda: (by_z, sp.Sum(g[u, v] * k[i + p - s * u] * k[j + p - s * v], *WINDOWS)),
        ),
    ),
    numeric=compared(Text("反向公式与参考层", "the backward formula and the reference layer"), CASES, _layer),
    conditions=Text(
        "任意核 k, 步长与尺寸; 第一式边界之外是零, 第二式在环形网格上.",
        "Any kernel k, stride and sizes; zeros beyond the border in the first equation, a circular grid in the second.",
    ),
    source="Zhang 2019, section 3.3",
)


def following(a):
    """The kernel of the next order: each binomial coefficient is the sum of two of the order before."""
    return (k[a] + k[a - 1]) / 2


def _constant(random, dtype, order):
    image = np.full((1, 1, 4, 6), random.normal(), dtype)
    return image[:, :, ::2, ::2], pool_layer.forward(image, order, stride=2, padding="circular")


gain = Claim(
    id="layer-blur-pool2d-gain",
    section="layers",
    title=Text("常数不变: 核的和保持为 1", "constants are kept: the sum of the kernel stays 1"),
    chain=(sp.Sum(following(a), (a, 0, n + 1)), sp.Sum(k[a], (a, 0, n))),
    near_misses=(
        NearMiss(
            Text("不除以 2", "not divided by 2"),
            lambda: (sp.Sum(k[a] + k[a - 1], (a, 0, n + 1)), sp.Sum(k[a], (a, 0, n))),
        ),
        NearMiss(
            Text("忘掉最后一个元素", "the last tap forgotten"),
            lambda: (sp.Sum(following(a), (a, 0, n)), sp.Sum(k[a], (a, 0, n))),
        ),
    ),
    numeric=compared(
        Text("常数图像经过参考层", "a constant image through the reference layer"),
        ({"order": 0}, {"order": 1}, {"order": 2}, {"order": 5}),
        _constant,
    ),
    conditions=Text(
        "k 是 n 阶的二项核, 下一阶是 (k_a + k_{a-1})/2 (帕斯卡法则). 0 阶的和是 1, 由归纳每一阶都是 1, 常数图像 (环形网格, 或远离边界处) 不变.",
        "k is the binomial kernel of order n, (k_a + k_{a-1})/2 that of the next (Pascal's rule). Order 0 sums to 1, so by induction every "
        "order does, and a constant image is kept (on a circular grid, or away from the border).",
    ),
    source="Zhang 2019, section 3.3",
)

# Every even and every odd tap: beyond its range the kernel is 0.
even = sp.Sum(following(2 * a), (a, 0, n + 1))
odd = sp.Sum(following(2 * a - 1), (a, 0, n + 1))


def _alternating(random, dtype, order):
    image = (random.normal() * (-1.0) ** np.arange(6) * np.ones((1, 1, 4, 1))).astype(dtype)
    filtered = pool_layer.forward(image, order, stride=1, padding="circular")
    return np.zeros_like(filtered), filtered


nyquist = Claim(
    id="layer-blur-pool2d-nyquist",
    section="layers",
    title=Text(
        "最高频率被去掉: 偶数位与奇数位的和相等", "the highest frequency is removed: even and odd taps sum to the same"
    ),
    chain=(even, odd),
    near_misses=(
        NearMiss(
            Text("对任何核成立 (不平均)", "true for any kernel, without the averaging"),
            lambda: (sp.Sum(k[2 * a], (a, 0, n)), sp.Sum(k[2 * a - 1], (a, 0, n + 1))),
        ),
        NearMiss(
            Text("模 3 的各类也相等", "the classes modulo 3 are equal as well"),
            lambda: (sp.Sum(following(3 * a), (a, 0, n + 1)), sp.Sum(following(3 * a + 1), (a, 0, n + 1))),
        ),
    ),
    numeric=compared(
        Text("+1, -1, ... 经过参考层变为 0", "+1, -1, ... becomes 0 in the reference layer"),
        ({"order": 1}, {"order": 2}, {"order": 5}),
        _alternating,
    ),
    conditions=Text(
        "对任何 k, 平均之后的核把 (-1)^a 变为 0; 所以 1 阶以上的二项核去掉 +1, -1, +1, -1 ... 这一频率, 步长 2 时正是它会混叠成常数.",
        "For any k: the averaged kernel takes (-1)^a to 0. So binomial kernels of order 1 and above remove +1, -1, +1, -1, ..., which with "
        "stride 2 would appear as a constant.",
    ),
    source="Zhang 2019, section 3.3",
)

DERIVATION = Derivation(
    title=Text("模糊池化", "blur pooling"),
    context=CONTEXT,
    claims=(backward, gain, nyquist),
    source="cnnsym.layers.blur_pool2d",
)
