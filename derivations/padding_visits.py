"""Section 2.2: how often a pixel is read, and how many pixels an output reads, under each kind of padding.

The layer itself counts: `y` is a sum of products `w[a] x[j]`, so the derivative of `y[n]` by `w[a]` and by `x[j]` is the number
of times this product occurs in it. Summed over all outputs and taps that is the number of visits of a pixel.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Erratum, Integers, NearMiss, Step, Text
from cnnsym.layers import conv1d, conv2d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import conv2d as conv2d_layer

CONTEXT = r"""
let m, k, H, L : size
let p, r, e, q : integer nonnegative
let i, n : integer
let j : index(m); let g : index(H); let h : index(L)
let x : signal(m); let w : signal(k); let v : signal(2r+1)     # v: a kernel of odd width
let X : signal(H, L); let K : signal(k, k); let V : signal(2r+1, 2r+1)
where \bar{y}_n = \sum_{a=0}^{2r} v_a x_{n+a-r}                  # same
where y^{+}_n = \sum_{a=0}^{k-1} w_a x_{n+a-(k-1)}             # full
where \tilde{y}_n = \sum_{a=0}^{k-1} w_a x_{n+a-(k-1+e)}           # e more zeros on each side
where \bar{Y}_{u,v} = \sum_{a=0}^{2r}\sum_{b=0}^{2r} V_{a,b} X_{u+a-r,v+b-r}
where Y^{+}_{u,v} = \sum_{a=0}^{k-1}\sum_{b=0}^{k-1} K_{a,b} X_{u+a-(k-1),v+b-(k-1)}
"""

m, k, H, L = dims("m k H L")
p, r, e, q = sp.symbols("p r e q", integer=True, nonnegative=True)
i, n, a, b, c = sp.symbols("i n a b c", integer=True)
o, u = sp.symbols("o u", integer=True)  # positions of the window in two directions
j, g, h = sp.Idx("j", m), sp.Idx("g", H), sp.Idx("h", L)
x, w, v = signal("x", m), signal("w", k), signal("v", 2 * r + 1)
X, K, V = signal("X", H, L), signal("K", k, k), signal("V", 2 * r + 1, 2 * r + 1)


def visits(kernel, position, count, padding, stride=1):
    """How often `x[position]` is read, by the first `count` outputs: the derivatives of the layer by a tap and by the pixel."""
    y = conv1d.correlation(x, kernel, n, padding=padding, stride=stride)
    product = sp.Derivative(y, kernel[b], x[position])
    return sp.Sum(product, (b, 0, kernel.shape[0] - 1), (n, 0, count - 1))


def visits_2d(kernel, size, position, padding):
    """The same for an image, with outputs of a given size."""
    y = conv2d.correlation(X, kernel, o, u, padding=padding)
    product = sp.Derivative(y, kernel[b, c], X[position])
    taps = kernel.shape[0]
    return sp.Sum(product, (c, 0, taps - 1), (b, 0, taps - 1), (u, 0, size[1] - 1), (o, 0, size[0] - 1))


def near(position):
    """The outputs of a same convolution that read a position: those at most r away."""
    return sp.Sum(indicator(sp.Le(sp.Abs(n - position), r)), (n, 0, m - 1))


def covering(position, count, padding=0):
    """The outputs whose window covers a position."""
    inside = sp.And(sp.Le(n - padding, position), sp.Le(position, n - padding + k - 1))
    return sp.Sum(indicator(inside), (n, 0, count - 1))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _ones(dtype, *shape):
    return np.ones(shape, dtype)


def _read(dtype, m, k, padding, stride=1):
    """How often the reference layer reads each pixel: the gradient of the sum of its outputs where every tap is 1."""
    image, kernel = _ones(dtype, 1, 1, m), _ones(dtype, 1, 1, k)
    y = conv1d_layer.forward(image, kernel, padding=padding, stride=stride)
    return conv1d_layer.backward(np.ones_like(y), image, kernel, padding=padding, stride=stride)[0][0, 0]


def _read_2d(dtype, size, k, padding):
    image, kernel = _ones(dtype, 1, 1, *size), _ones(dtype, 1, 1, k, k)
    y = conv2d_layer.forward(image, kernel, padding=padding)
    return conv2d_layer.backward(np.ones_like(y), image, kernel, padding=padding)[0][0, 0]


READ = Text(
    "核与输出梯度全为 1 时, 参考层的输入梯度就是访问次数",
    "with all taps and output gradients 1 the reference layer's gradient by the input counts the visits",
)
DEFINITION = Text("层的定义, 逐项数乘积", "the definition of the layer, its products counted")
INTERVAL = Text("数一个区间里的整数", "the integers of an interval counted")
DUMOULIN = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016)"
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5"

# --- same ------------------------------------------------------------------------------------------------------------

same_visits = visits(v, j, m, padding=r)
same_closed = sp.Min(j + r, m - 1) - sp.Max(j - r, 0) + 1

same_border = Claim(
    id="2.2-same-border",
    section="2.2",
    title=Text("相同卷积: 每个像素被几个输出读到", "same: how many outputs read a pixel"),
    chain=(sp.true, sp.Eq(near(j), same_closed)),
    method=Integers(),
    steps=(
        Step(same_visits, near(j), DEFINITION),
        Step(sp.true, sp.Eq(near(j), same_closed), INTERVAL, method=Integers()),
    ),
    near_misses=(
        NearMiss(
            Text("边界与中间一样, 都是 k", "k at the border as well"), lambda: (sp.true, sp.Eq(near(j), 2 * r + 1))
        ),
        NearMiss(
            Text("漏掉 + 1", "+ 1 forgotten"),
            lambda: (sp.true, sp.Eq(near(j), sp.Min(j + r, m - 1) - sp.Max(j - r, 0))),
        ),
        NearMiss(Text("只看左边界", "only the left border"), lambda: (sp.true, sp.Eq(near(j), sp.Min(r, j) + r + 1))),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 2}, {"m": 3, "r": 4}, {"m": 5, "r": 0}),
        lambda _, dtype, m, r: (
            [min(at + r, m - 1) - max(at - r, 0) + 1 for at in range(m)],
            _read(dtype, m, 2 * r + 1, padding=r),
        ),
    ),
    conditions=Text(
        "核宽 k = 2r + 1, 每边补 r 个零, 步幅 1; j 是输入像素.",
        "kernel width k = 2r + 1, r zeros on each side, stride 1; j is an input pixel.",
    ),
    source=GOODFELLOW,
)

same_edge = Claim(
    id="2.2-same-border-edge",
    section="2.2",
    title=Text("最边上的像素", "the pixels at the very border"),
    chain=(sp.true, sp.Eq(near(sp.S.Zero), sp.Min(r + 1, m))),
    also=((sp.true, sp.Eq(near(m - 1), sp.Min(r + 1, m))),),
    method=Integers(),
    steps=(
        Step(
            same_visits,
            near(j),
            Text(
                "层的定义, 逐项数乘积; 取 j = 0 与 j = m - 1",
                "the definition of the layer, its products counted; now put j = 0 and j = m - 1",
            ),
        ),
    ),
    near_misses=(
        NearMiss(Text("r 次", "r times"), lambda: (sp.true, sp.Eq(near(sp.S.Zero), sp.Min(r, m)))),
        NearMiss(Text("k 次", "k times"), lambda: (sp.true, sp.Eq(near(sp.S.Zero), sp.Min(2 * r + 1, m)))),
        NearMiss(
            Text("窄图像上也是 r + 1", "r + 1 on narrow images as well"),
            lambda: (sp.true, sp.Eq(near(sp.S.Zero), r + 1)),
        ),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 2}, {"m": 3, "r": 4}),
        lambda _, dtype, m, r: (np.full(2, min(r + 1, m)), _read(dtype, m, 2 * r + 1, padding=r)[[0, -1]]),
    ),
    conditions=Text(
        "核宽 k = 2r + 1, 每边补 r 个零, 步幅 1.", "kernel width k = 2r + 1, r zeros on each side, stride 1."
    ),
)

interior = sp.And(sp.Le(r, j), sp.Le(j + r, m - 1))

same_interior = Claim(
    id="2.2-same-border-interior",
    section="2.2",
    title=Text("中间的像素被读 k 次", "a pixel in the middle is read k times"),
    chain=(interior, sp.Eq(near(j), 2 * r + 1)),
    method=Integers(),
    steps=(Step(same_visits, near(j), DEFINITION),),
    near_misses=(
        NearMiss(
            Text("多算一个边界像素", "one pixel too close to the border"),
            lambda: (sp.And(sp.Le(r, j + 1), sp.Le(j + r, m - 1)), sp.Eq(near(j), 2 * r + 1)),
        ),
        NearMiss(Text("r + 1 次", "r + 1 times"), lambda: (interior, sp.Eq(near(j), r + 1))),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 2}, {"m": 9, "r": 4}),
        lambda _, dtype, m, r: (np.full(m - 2 * r, 2 * r + 1), _read(dtype, m, 2 * r + 1, padding=r)[r : m - r]),
    ),
    conditions=Text("r ≤ j ≤ m - 1 - r.", "r ≤ j ≤ m - 1 - r."),
)

same_fewer = Claim(
    id="2.2-same-border-fewer",
    section="2.2",
    title=Text("边界像素的代表性不足, 当且仅当 k > 1", "the border is under-represented exactly if k > 1"),
    chain=(sp.true, sp.Equivalent(sp.Lt(near(sp.S.Zero), 2 * r + 1), sp.Lt(1, 2 * r + 1))),
    method=Integers(),
    near_misses=(
        NearMiss(Text("总是更少", "always fewer"), lambda: (sp.true, sp.Lt(near(sp.S.Zero), 2 * r + 1))),
        NearMiss(
            Text("只在 k > 3 时", "for k > 3 only"),
            lambda: (sp.true, sp.Equivalent(sp.Lt(near(sp.S.Zero), 2 * r + 1), sp.Lt(3, 2 * r + 1))),
        ),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 0}, {"m": 2, "r": 3}),
        lambda _, dtype, m, r: (int(r > 0), int(_read(dtype, m, 2 * r + 1, padding=r)[0] < 2 * r + 1)),
    ),
    conditions=Text("核宽 k = 2r + 1, m 任意.", "kernel width k = 2r + 1, any m."),
)

same_least = Claim(
    id="2.2-same-border-least",
    section="2.2",
    title=Text("没有像素比边界上的更少被读", "no pixel is read less often than the border"),
    chain=(sp.true, sp.Le(near(sp.S.Zero), near(j))),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("严格少于其它每个像素", "strictly fewer than every other pixel"),
            lambda: (sp.Le(1, j), sp.Lt(near(sp.S.Zero), near(j))),
        ),
        NearMiss(Text("中间的更少", "fewer in the middle"), lambda: (sp.true, sp.Le(near(j), near(sp.S.Zero)))),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 0}, {"m": 2, "r": 3}),
        lambda _, dtype, m, r: (min(r + 1, m), _read(dtype, m, 2 * r + 1, padding=r).min()),
    ),
    conditions=Text("核宽 k = 2r + 1, j 是任意像素.", "kernel width k = 2r + 1, j is any pixel."),
)


corner = visits_2d(V, (H, L), (0, 0), padding=r)
rows = sp.Sum(indicator(sp.Le(sp.Abs(o - g), r)), (o, 0, H - 1))
columns = sp.Sum(indicator(sp.Le(sp.Abs(u - h), r)), (u, 0, L - 1))
WIDE = (sp.Le(r + 1, H), sp.Le(r + 1, L))

same_corner = Claim(
    id="2.2-same-border-corner",
    section="2.2",
    title=Text("二维: 角上的像素被读 (r + 1)² 次", "two directions: a corner is read (r + 1)² times"),
    chain=(corner, (r + 1) ** 2),
    hypotheses=WIDE,
    near_misses=(
        NearMiss(Text("2(r + 1)", "2(r + 1)"), lambda: (corner, 2 * (r + 1))),
        NearMiss(Text("k²", "k²"), lambda: (corner, (2 * r + 1) ** 2)),
        NearMiss(Text("r + 1", "r + 1"), lambda: (corner, r + 1)),
    ),
    numeric=compared(
        READ,
        ({"size": (5, 4), "r": 1}, {"size": (3, 6), "r": 2}, {"size": (1, 1), "r": 0}),
        lambda _, dtype, size, r: ((r + 1) ** 2, _read_2d(dtype, size, 2 * r + 1, r)[0, 0]),
    ),
    conditions=Text(
        "H × L 的图像, 核 k × k, k = 2r + 1, H, L ≥ r + 1.",
        "an H × L image, a k × k kernel with k = 2r + 1, H, L ≥ r + 1.",
    ),
)

plane = visits_2d(V, (H, L), (g, h), padding=r)

same_plane = Claim(
    id="2.2-same-border-2d",
    section="2.2",
    title=Text("二维: 两个方向的次数相乘", "two directions: the counts multiply"),
    chain=(plane, rows * columns),
    near_misses=(
        NearMiss(Text("相加", "they add up"), lambda: (plane, rows + columns)),
        NearMiss(Text("处处 k²", "k² everywhere"), lambda: (plane, (2 * r + 1) ** 2)),
    ),
    numeric=compared(
        READ,
        ({"size": (5, 4), "r": 1}, {"size": (3, 6), "r": 2}, {"size": (1, 1), "r": 0}),
        lambda _, dtype, size, r: (
            np.outer(*([min(at + r, each - 1) - max(at - r, 0) + 1 for at in range(each)] for each in size)),
            _read_2d(dtype, size, 2 * r + 1, r),
        ),
    ),
    conditions=Text(
        "H × L 的图像, 核 k × k, k = 2r + 1, 每边补 r 个零; (g, h) 是任意像素.",
        "an H × L image, a k × k kernel with k = 2r + 1, r zeros on each side; (g, h) is any pixel.",
    ),
)

valid_visits = covering(j, m - k + 1)
valid_closed = sp.Min(j + 1, k, m - k + 1, m - j)

valid_border = Claim(
    id="2.2-same-border-valid",
    section="2.2",
    title=Text("有效卷积更不均匀", "valid is more uneven still"),
    chain=(sp.Le(k, m), sp.Eq(valid_visits, valid_closed)),
    method=Integers(),
    steps=(Step(visits(w, j, m - k + 1, padding=0), valid_visits, DEFINITION),),
    near_misses=(
        NearMiss(Text("边界也是 k 次", "k times at the border as well"), lambda: (sp.Le(k, m), sp.Eq(valid_visits, k))),
        NearMiss(
            Text("忘了输出只有 m - k + 1 个", "only m - k + 1 outputs, forgotten"),
            lambda: (sp.Le(k, m), sp.Eq(valid_visits, sp.Min(j + 1, k, m - j))),
        ),
        NearMiss(
            Text("与相同卷积一样: 边界 r + 1 次", "r + 1 at the border, as in same"),
            lambda: (sp.Le(k, m), sp.Eq(covering(sp.S.Zero, m - k + 1), sp.floor((k - 1) / 2) + 1)),
        ),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "k": 3}, {"m": 6, "k": 5}, {"m": 3, "k": 3}, {"m": 5, "k": 1}),
        lambda _, dtype, m, k: ([min(at + 1, k, m - k + 1, m - at) for at in range(m)], _read(dtype, m, k, padding=0)),
    ),
    conditions=Text(
        "m ≥ k, 步幅 1, 不补零. 最边上的像素只被读一次.",
        "m ≥ k, stride 1, no padding. A pixel at the very border is read once.",
    ),
)

# --- full ------------------------------------------------------------------------------------------------------------

full_visits_of = visits(w, j, m + k - 1, padding=k - 1)

full_visits = Claim(
    id="2.2-full-visits",
    section="2.2",
    title=Text("全卷积: 每个像素恰好被读 k 次", "full: every pixel is read exactly k times"),
    chain=(full_visits_of, k),
    steps=(
        Step(full_visits_of, covering(j, m + k - 1, padding=k - 1), DEFINITION),
        Step(
            covering(j, m + k - 1, padding=k - 1),
            sp.Sum(1, (n, j, j + k - 1)),
            Text("j ≤ n ≤ j + k - 1 都是输出的位置", "every n from j to j + k - 1 is the position of an output"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("补 k - 2 个就够", "k - 2 zeros are enough"), lambda: (visits(w, j, m + k - 3, padding=k - 2), k)
        ),
        NearMiss(
            Text("步幅 2 时也是 k 次", "k times with stride 2 as well"),
            lambda: (visits(w, j, m + k - 1, padding=k - 1, stride=2), k),
        ),
        NearMiss(Text("k - 1 次", "k - 1 times"), lambda: (full_visits_of, k - 1)),
        NearMiss(Text("2k - 1 次", "2k - 1 times"), lambda: (full_visits_of, 2 * k - 1)),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "k": 3}, {"m": 2, "k": 5}, {"m": 1, "k": 1}),
        lambda _, dtype, m, k: (np.full(m, k), _read(dtype, m, k, padding=k - 1)),
    ),
    conditions=Text(
        "任意 m, k ≥ 1; 两边各补 k - 1 个零, 步幅 1, 不带空洞; j 是任意像素.",
        "any m, k ≥ 1; k - 1 zeros on each side, stride 1, no dilation; j is any pixel.",
    ),
    source=f"{DUMOULIN}, relationship 4",
)

full_visits_2d_of = visits_2d(K, (H + k - 1, L + k - 1), (g, h), padding=k - 1)

full_visits_2d = Claim(
    id="2.2-full-visits-2d",
    section="2.2",
    title=Text("二维: 每个像素被读 k² 次", "two directions: every pixel is read k² times"),
    chain=(full_visits_2d_of, k**2),
    near_misses=(
        NearMiss(Text("k 次", "k times"), lambda: (full_visits_2d_of, k)),
        NearMiss(Text("2k 次", "2k times"), lambda: (full_visits_2d_of, 2 * k)),
    ),
    numeric=compared(
        READ,
        ({"size": (5, 4), "k": 3}, {"size": (1, 2), "k": 4}, {"size": (3, 3), "k": 1}),
        lambda _, dtype, size, k: (np.full(size, k**2), _read_2d(dtype, size, k, k - 1)),
    ),
    conditions=Text(
        "H × L 的图像, k × k 的核: 每个方向 k 次, 合起来 k² 次.",
        "an H × L image and a k × k kernel: k times in each direction, k² times in all.",
    ),
)

first = covering(sp.S.Zero, m + 2 * p - k + 1, padding=p)

full_least = Claim(
    id="2.2-full-visits-least",
    section="2.2",
    title=Text("k - 1 是足够的最小补零数", "k - 1 is the least padding that does"),
    chain=(sp.true, sp.Equivalent(sp.Eq(first, k), sp.Le(k - 1, p))),
    method=Integers(),
    steps=(Step(visits(w, 0, m + 2 * p - k + 1, padding=p), first, DEFINITION),),
    near_misses=(
        NearMiss(
            Text("k - 2 就够", "k - 2 is enough"),
            lambda: (sp.true, sp.Equivalent(sp.Eq(first, k), sp.Le(k - 2, p))),
        ),
        NearMiss(
            Text("相同卷积的补零就够", "the padding of same is enough"),
            lambda: (sp.true, sp.Equivalent(sp.Eq(first, k), sp.Le(k - 1, 2 * p))),
        ),
    ),
    numeric=compared(
        READ,
        ({"m": 7, "k": 3, "padding": 1}, {"m": 7, "k": 3, "padding": 2}, {"m": 4, "k": 2, "padding": 3}),
        lambda _, dtype, m, k, padding: (int(padding >= k - 1), int(_read(dtype, m, k, padding=padding)[0] == k)),
    ),
    conditions=Text(
        "每边补 p 个零; 看最左边的像素 x_0. 补得更多也不会再多读一次.",
        "p zeros on each side; look at the leftmost pixel x_0. More zeros do not make it read more often.",
    ),
)

more = k - 1 + e
full_zeros = Claim(
    id="2.2-full-visits-zeros",
    section="2.2",
    title=Text("补得更多只添上恒为零的输出", "more padding only adds outputs that are always zero"),
    chain=(conv1d.correlation(x, w, e - 1 - q, padding=more), sp.S.Zero),
    also=(
        (conv1d.correlation(x, w, m + k - 1 + e + q, padding=more), sp.S.Zero),
        (conv1d.correlation(x, w, n + e, padding=more), sp.Sum(w[a - n + k - 1] * x[a], (a, n - k + 1, n))),
    ),
    near_misses=(
        NearMiss(
            Text("第 e 个输出也是零", "output number e is zero as well"),
            lambda: (conv1d.correlation(x, w, e - q, padding=more), sp.S.Zero),
        ),
        NearMiss(
            Text("右边早一个就是零", "on the right one position earlier"),
            lambda: (conv1d.correlation(x, w, m + k - 2 + e + q, padding=more), sp.S.Zero),
        ),
        NearMiss(
            Text("输出个数仍是 m + k - 1", "there are still m + k - 1 outputs"),
            lambda: (sp.Sum(indicator(sp.Le(n + k - 1, m + 2 * k - 1)), (n, 0, m + 2 * k - 1)), m + k - 1),
        ),
    ),
    numeric=compared(
        Text("补 k - 1 + e 个零时参考层的输出", "the reference layer with padding k - 1 + e"),
        ({"m": 4, "k": 3, "extra": 2}, {"m": 1, "k": 2, "extra": 1}, {"m": 5, "k": 1, "extra": 3}),
        lambda _, dtype, m, k, extra: _wider(dtype, m, k, extra),
    ),
    conditions=Text(
        "每边补 k - 1 + e 个零, e ≥ 0; q ≥ 0. 下标小于 e 或大于 m + k - 2 + e 的输出恒为零, 其余就是全卷积.",
        "k - 1 + e zeros on each side, e ≥ 0; q ≥ 0. Outputs before number e and after number m + k - 2 + e are always zero, and the rest "
        "is the full convolution.",
    ),
)


def _wider(dtype, m, k, extra):
    random = np.random.default_rng(k)
    image, kernel = (random.integers(1, 10, size=(1, 1, size)).astype(dtype) for size in (m, k))
    full, wide = (conv1d_layer.forward(image, kernel, padding=k - 1 + more)[0, 0] for more in (0, extra))
    return np.pad(full, extra), wide


here = sp.And(sp.Le(0, i), sp.Le(i, m + k - 2))
reached = sp.Sum(indicator(sp.And(sp.Le(i - k + 1, a), sp.Le(a, i))), (a, 0, m - 1))
reads = sp.Sum(sp.Derivative(conv1d.correlation(x, w, i, padding=k - 1), w[b], x[a]), (b, 0, k - 1), (a, 0, m - 1))
full_border = Claim(
    id="2.2-full-border-outputs",
    section="2.2",
    title=Text("全卷积: 边界处的输出是较少像素的函数", "full: outputs near the border are functions of fewer pixels"),
    chain=(here, sp.Eq(reached, sp.Min(i + 1, k, m, m + k - 1 - i))),
    method=Integers(),
    steps=(Step(reads, reached, DEFINITION),),
    near_misses=(
        NearMiss(Text("每个输出都读 k 个像素", "every output reads k pixels"), lambda: (here, sp.Eq(reached, k))),
        NearMiss(Text("min(n, k, m)", "min(n, k, m)"), lambda: (here, sp.Eq(reached, sp.Min(i, k, m)))),
        NearMiss(
            Text("忘了右边界", "the right border forgotten"),
            lambda: (here, sp.Eq(reached, sp.Min(i + 1, k, m))),
        ),
        NearMiss(
            Text("忘了核可以比输入宽", "a kernel wider than the input, forgotten"),
            lambda: (here, sp.Eq(reached, sp.Min(i + 1, k, m + k - 1 - i))),
        ),
    ),
    numeric=compared(
        Text(
            "输入与核全为 1 时, 参考层的输出就是所读像素的个数",
            "with all pixels and taps 1 the output of the reference layer counts the pixels it reads",
        ),
        ({"m": 5, "k": 3}, {"m": 2, "k": 4}, {"m": 1, "k": 1}),
        lambda _, dtype, m, k: (
            [min(at + 1, k, m, m + k - 1 - at) for at in range(m + k - 1)],
            conv1d_layer.forward(_ones(dtype, 1, 1, m), _ones(dtype, 1, 1, k), padding=k - 1)[0, 0],
        ),
    ),
    conditions=Text(
        "两边各补 k - 1 个零, 步幅 1; 0 ≤ i ≤ m + k - 2 是输出的位置.",
        "k - 1 zeros on each side, stride 1; 0 ≤ i ≤ m + k - 2 is the position of an output.",
    ),
    erratum=Erratum(
        printed=Text(
            "输出像素中靠近边界的部分相比于中间的部分是更少的像素",
            "the output pixels near the border are fewer pixels than those in the middle",
        ),
        corrected=Text(
            r"靠近边界的输出像素是更少的输入像素的函数: 恰好 $\min(i+1, k, m, m+k-1-i)$ 个",
            r"output pixels near the border are functions of fewer input pixels: of $\min(i+1, k, m, m+k-1-i)$, exactly",
        ),
        explanation=Text(
            "漏了“的函数”三个字: 输出像素并没有变少, 是它们所依赖的输入像素变少了. m = 5, k = 3 时依次是 1, 2, 3, 3, 3, 2, 1 个.",
            "The words “functions of” are missing: the outputs are not fewer, they depend on fewer inputs. For m = 5 and k = 3 these "
            "are 1, 2, 3, 3, 3, 2, 1.",
        ),
        kind="unclear",
    ),
    source=GOODFELLOW,
)

DERIVATION = Derivation(
    title=Text("零填充与像素的访问次数", "zero padding and how often pixels are read"),
    context=CONTEXT,
    claims=(
        same_border,
        same_edge,
        same_interior,
        same_fewer,
        same_least,
        same_corner,
        same_plane,
        valid_border,
        full_visits,
        full_visits_2d,
        full_least,
        full_zeros,
        full_border,
    ),
    source="lecture note, section 2.2",
)
