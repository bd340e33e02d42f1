"""Section 4.2: pooling layers and shifts.

Average pooling is a convolution with a fixed kernel; max pooling is equivariant to the same shifts. Which of the two is
"more invariant" depends on what is counted. Global pooling forgets positions, so that it makes what is equivariant invariant.
"""

from itertools import permutations

import numpy as np
import sympy as sp

from cnnsym import Maximum, dims, elementwise, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Erratum, Inequality, NearMiss, Step, Text
from cnnsym.layers import avg_pool2d, conv2d, gap, max_pool2d
from cnnsym.measurement import compared
from cnnsym.reference import avg_pool2d as average_layer
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import max_pool2d as maximum_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let p, s, H, W, C, D, N, L, h, w, K_1, K_2, N_1, N_2 : size
let q : integer nonnegative                          # padding
let n, t, \tau, u, v, \tau_1, \tau_2, t_1, t_2, o : integer; let R : scalar
let X : signal(C, H, W); let c : index(C)            # an image, zero outside
let x : signal(infinite); let Y : signal(infinite, infinite); let \omega : signal(circular(s L))
let J : signal(H, W); let i, g : index(H); let j, l : index(W)
let z : signal(circular(H), circular(W))             # an image on a torus
let y : signal(circular(N_1), circular(N_2))         # a feature map on a torus
let Z : signal(C, circular(N_1), circular(N_2)); let V : signal(D, C, K_1, K_2); let \beta : signal(D)
let f : elementwise
where \hat{J}_{u,v} = J_{u,v} + \delta_{ui}\delta_{vj}(J_{g,l} - J_{i,j}) + \delta_{ug}\delta_{vl}(J_{i,j} - J_{g,l})
"""

p, s, H, W, C, D, N, L, m = dims("p s H W C D N L m")
h, w = dims("h w")
K, K1, K2, N1, N2 = dims("K K_1 K_2 N_1 N_2")
n, u, v, tau, i, j, e = sp.symbols("n u v tau i j e", integer=True)
a, b = sp.symbols("a b", integer=True)  # summation indices
t1, t2, tau1, tau2 = sp.symbols("t_1 t_2 tau_1 tau_2", integer=True)
t = sp.Symbol("t", integer=True)
q = sp.Symbol("q", integer=True, nonnegative=True)
x, plane = signal("x", sp.oo), signal("Y", sp.oo, sp.oo)
image = signal("X", C, H, W)  # zero outside: what the padding reads
f = elementwise("f")
delta = sp.KroneckerDelta


class Entries:
    """An input given by its entries: `Entries(lambda e: x[e - t])` is the shifted `x`."""

    def __init__(self, entry, *shape):
        self._entry, self.shape = entry, shape

    def __getitem__(self, at):
        return self._entry(*at) if isinstance(at, tuple) else self._entry(at)


def shifted(signal, *by):
    """`(T_t x)[e] = x[e - t]`, in one direction or several."""
    if len(by) == 1:
        return Entries(lambda e: signal[e - by[0]])
    return Entries(lambda *at: signal[tuple(e - h for e, h in zip(at, by, strict=True))])


R = sp.Symbol("R", real=True)
bump = Entries(lambda e: indicator(sp.Eq(e, p - 1, evaluate=False)))


def between(low, e, high):
    return indicator(sp.And(sp.Ge(e, low), sp.Le(e, high)))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _draw(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


def _around(array, window, axes=(2, 3)):
    """A circular array that goes on as far as the last window reaches."""
    for axis in axes:
        array = np.take(array, np.arange(array.shape[axis] + window - 1), axis=axis, mode="wrap")
    return array


def _pooled(random, dtype, channels, size, window, stride, padding):
    images = _draw(random, dtype, 2, channels, *size)
    kernel = np.zeros((channels, channels, window, window), dtype)
    kernel[range(channels), range(channels)] = 1 / window**2
    return (
        conv2d_layer.forward(images, kernel, stride=stride, padding=padding),
        average_layer.forward(images, window, stride=stride, padding=padding),
    )


def _average_change(random, dtype, length, window, shift):
    signal = _draw(random, dtype, length)
    before, after = (
        average_layer.forward(_around(np.roll(signal, by)[None, None, None], window, (3,)), (1, window), stride=1)[
            0, 0, 0
        ]
        for by in (0, shift)
    )
    ours = [
        sum(signal[(g - shift + h) % length] - signal[(g - shift + window + h) % length] for h in range(shift)) / window
        for g in range(length)
    ]
    return np.array(ours, dtype), after - before


def _mean_change(random, dtype, length, window, shift):
    """By how much the change exceeds t/p of the spread, and 0, which it should be."""
    signal = _draw(random, dtype, length)
    before, after = (
        average_layer.forward(_around(np.roll(signal, by)[None, None, None], window, (3,)), (1, window), stride=1)
        for by in (0, shift)
    )
    over = np.maximum(np.abs(after - before) - (signal.max() - signal.min()) * shift / window, 0)
    return over, np.zeros_like(over)


def _maxima(random, dtype, size, window, stride, shift):
    image = _draw(random, dtype, *size)
    moved = np.roll(image, [stride * each for each in shift], (0, 1))
    theirs = maximum_layer.forward(_around(moved[None, None], window), window, stride=stride)[0, 0]
    ours = np.empty_like(theirs)
    for g, h in np.ndindex(*theirs.shape):
        rows, columns = (
            (stride * (at - by) + np.arange(window)) % length
            for at, by, length in zip((g, h), shift, size, strict=True)
        )
        ours[g, h] = image[np.ix_(rows, columns)].max()
    return ours, theirs


def _orders(_, dtype, window, shift):
    """The share of all orders of p + t values in which the two windows have one maximum."""
    orders = np.array(list(permutations(range(window + shift))), dtype)
    before, after = orders[:, :window].max(axis=1), orders[:, shift:].max(axis=1)
    ours = np.array([(window - shift) / (window + shift)], dtype)
    return ours, np.mean(before == after, dtype="float64").astype(dtype)[None]


def _global(random, dtype, channels, size):
    images = _draw(random, dtype, 2, channels, *size)
    return average_layer.forward(images, size, stride=1)[:, :, 0, 0], gap_layer.forward(images)


def _shuffled(random, dtype, size):
    images = _draw(random, dtype, 1, 2, *size)
    mixed = random.permutation(images.reshape(2, -1).T).T.reshape(images.shape)
    return mixed.reshape(1, 2, -1).sum(axis=2) / np.array(size[0] * size[1], dtype), gap_layer.forward(images)


def _invariant(random, dtype, channels, filters, size, taps, shift):
    image = _draw(random, dtype, 1, channels, *size)
    kernels, offset = _draw(random, dtype, filters, channels, taps, taps), _draw(random, dtype, filters)
    moved = _around(np.roll(image, shift, (2, 3)), taps)
    theirs = gap_layer.forward(tanh.forward(conv2d_layer.forward(moved, kernels, offset)))[0]
    ours = np.zeros(filters, "float64")
    for o, g, h in np.ndindex(filters, *size):
        total = float(offset[o])
        for e, at, across in np.ndindex(channels, taps, taps):
            total += float(kernels[o, e, at, across]) * float(image[0, e, (g + at) % size[0], (h + across) % size[1]])
        ours[o] += np.tanh(total) / (size[0] * size[1])
    return ours.astype(dtype), theirs


COLLECT = Text("下标合并同类项", "the terms of the index collected")
PERIOD = Text("整整一圈, 从哪里开始都一样", "once around the circle, wherever it begins")
LECUN = (
    "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition (1998), section II.B"
)

# --- average pooling -------------------------------------------------------------------------------------------------

channel = sp.Idx("c", C)
pooled = avg_pool2d.forward(Entries(lambda g, h: image[channel, g, h]), u, v, p, stride=s, padding=q)
square = ((a, 0, p - 1), (b, 0, p - 1))


def correlation(kernel, stride=s):
    """A convolution layer on all channels, its kernel given entry by entry."""
    at = (stride * u + a - q, stride * v + b - q)
    return sp.Sum(kernel(e, a, b) * image[(e, *at)], *square, (e, 0, C - 1))


depthwise = sp.Sum(image[channel, s * u + a - q, s * v + b - q] / p**2, *square)
read = sp.Sum(between(0, s * u + a - q, H - 1) * between(0, s * v + b - q, W - 1), *square)

average_is_convolution = Claim(
    id="4.2-avgpool-conv",
    section="4.2",
    title=Text("平均池化是核固定的卷积", "average pooling is a convolution with a fixed kernel"),
    chain=(pooled, correlation(lambda e, a, b: delta(channel, e) / p**2), depthwise),
    steps=(Step(pooled, depthwise, Text("1/p² 移到和号里面", "1/p² brought into the sum")),),
    near_misses=(
        NearMiss(
            Text("核 1/p² 跨越所有通道", "the kernel 1/p² across all channels"),
            lambda: (pooled, correlation(lambda e, a, b: 1 / p**2)),
        ),
        NearMiss(
            Text("核为 1/p", "the kernel 1/p"),
            lambda: (pooled, correlation(lambda e, a, b: delta(channel, e) / p)),
        ),
        NearMiss(
            Text("步幅为 1 的卷积", "a convolution of stride 1"),
            lambda: (pooled, correlation(lambda e, a, b: delta(channel, e) / p**2, stride=1)),
        ),
        NearMiss(
            Text("除数只数图像内的像素", "the divisor counts the pixels within the image only"),
            lambda: (pooled, p**2 * depthwise / read),
        ),
    ),
    numeric=compared(
        Text(
            "卷积参考层 (核 δ/p²) 与池化参考层",
            "the reference convolution with the kernel δ/p² and the reference pooling",
        ),
        (
            {"channels": 3, "size": (6, 7), "window": 2, "stride": 2, "padding": 0},
            {"channels": 1, "size": (5, 5), "window": 3, "stride": 1, "padding": 1},
            {"channels": 2, "size": (4, 6), "window": 3, "stride": 2, "padding": 1},
        ),
        _pooled,
    ),
    conditions=Text(
        "C 个通道, 窗口 p × p, 步幅 s, 两边各补 q 个零; 除数总是 p². 只数图像内的像素时, 边界上的权重不同.",
        "C channels, windows of p × p, stride s, q zeros on each side; the divisor is always p². Where only the pixels within the "
        "image are counted, the weights at the border are others.",
    ),
    source=LECUN,
)


def mean(signal, at, stride=1):
    return avg_pool2d.window(signal, at, p, stride=stride)


def tap(at):
    """p times the kernel of average pooling."""
    return between(0, at, p - 1)


entering = sp.Sum(x[n - t + a] - x[n - t + p + a], (a, 0, t - 1)) / p

average_properties = Claim(
    id="4.2-avg-same-properties",
    section="4.2",
    title=Text("平均池化的平移性质", "average pooling and shifts"),
    chain=(mean(shifted(x, s * tau), n, stride=s), mean(x, n - tau, stride=s)),
    also=(
        (mean(shifted(x, t), n) - mean(x, n), entering),
        (sp.Sum((tap(j + t) - tap(j)) ** 2, (j, -t, p - 1)) / p, 2 * t / p),
    ),
    hypotheses=(sp.Ge(t, 0), sp.Le(t, p)),
    steps=(
        Step(mean(shifted(x, s * tau), n, stride=s), mean(x, n - tau, stride=s), COLLECT),
        Step(
            mean(shifted(x, t), n) - mean(x, n),
            entering,
            Text("两个窗口公共的部分抵消", "what both windows share cancels"),
        ),
        Step(
            sp.Sum((tap(j + t) - tap(j)) ** 2, (j, -t, p - 1)),
            sp.Sum(tap(j + t) + tap(j) - 2 * tap(j) * tap(j + t), (j, -t, p - 1)),
            Text("[·]² = [·]", "[·]² = [·]"),
        ),
        Step(
            sp.Sum(tap(j) * tap(j + t), (j, -t, p - 1)),
            p - t,
            Text("两个窗口公共的位置有 p - t 个", "the windows share p - t positions"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("p = s = 2 时对 t = 1 等变", "equivariant to t = 1 with p = s = 2"),
            lambda: (
                avg_pool2d.window(shifted(x, 1), n, 2, stride=2),
                avg_pool2d.window(x, n - 1, 2, stride=2),
            ),
        ),
        NearMiss(
            Text("对 t = s 不变", "invariant to t = s"),
            lambda: (mean(shifted(x, s), n, stride=s), mean(x, n, stride=s)),
        ),
        NearMiss(
            Text("核的变化只有 t/p", "the kernel changes by t/p only"),
            lambda: (sp.Sum((tap(j + t) - tap(j)) ** 2, (j, -t, p - 1)) / p, t / p),
        ),
        NearMiss(
            Text("进来的比离开的早一格", "what enters is one position early"),
            lambda: (
                mean(shifted(x, t), n) - mean(x, n),
                sp.Sum(x[n - t + a] - x[n - t + p - 1 + a], (a, 0, t - 1)) / p,
            ),
        ),
    ),
    numeric=compared(
        Text("参考层移动前后之差与公式比较", "the reference layer after the shift minus before, against the formula"),
        (
            {"length": 9, "window": 3, "shift": 2},
            {"length": 6, "window": 4, "shift": 1},
            {"length": 5, "window": 2, "shift": 2},
        ),
        _average_change,
    ),
    conditions=Text(
        "Z 上的任意输入, 窗口 p; 后两式步幅为 1, 0 ≤ t ≤ p. 第三式是 ‖T_t k - k‖₁, 而 ‖k‖₁ = 1.",
        "any input on Z, windows of p; the last two equations for stride 1 and 0 ≤ t ≤ p. The third is ‖T_t k - k‖₁, while ‖k‖₁ = 1.",
    ),
)


# --- max pooling -----------------------------------------------------------------------------------------------------


def largest(signal, at, stride=1):
    return max_pool2d.window(signal, at, p, stride=stride)


strides = {"stride": s}
plane_moved = max_pool2d.forward(shifted(plane, s * tau1, s * tau2), u, v, p, **strides)
circle = signal("omega", s * L, grid="circular")

max_equivariance = Claim(
    id="4.2-maxpool-equivariance",
    section="4.2",
    title=Text("最大池化: 对步幅的倍数等变", "max pooling: equivariant to the multiples of its stride"),
    chain=(largest(shifted(x, s * tau), n, stride=s), largest(x, n - tau, stride=s)),
    also=(
        (plane_moved, max_pool2d.forward(plane, u - tau1, v - tau2, p, **strides)),
        (largest(shifted(circle, s * tau), n, stride=s), largest(circle, n - tau, stride=s)),
    ),
    steps=(Step(largest(shifted(x, s * tau), n, stride=s), largest(x, n - tau, stride=s), COLLECT),),
    near_misses=(
        NearMiss(
            Text("对任何 t 等变", "equivariant to every t"),
            lambda: (largest(shifted(x, t), n, stride=s), largest(x, n - t, stride=s)),
        ),
        NearMiss(
            Text("输出移动 t 而不是 t/s", "the output moves by t instead of t/s"),
            lambda: (largest(shifted(x, s * tau), n, stride=s), largest(x, n - s * tau, stride=s)),
        ),
        NearMiss(
            Text("不变", "invariant"),
            lambda: (largest(shifted(x, s * tau), n, stride=s), largest(x, n, stride=s)),
        ),
    ),
    numeric=compared(
        Text("参考层在移动后的输入上与公式比较", "the reference layer at the shifted input against the formula"),
        (
            {"size": (6, 8), "window": 3, "stride": 2, "shift": (1, -2)},
            {"size": (6, 3), "window": 2, "stride": 3, "shift": (1, 0)},
            {"size": (4, 4), "window": 1, "stride": 1, "shift": (3, 2)},
        ),
        _maxima,
    ),
    conditions=Text(
        "Z, Z² 上的任意输入, 或长为 sL 的圆周; 窗口 p, 步幅 s, τ 是任意整数.",
        "any input on Z, on Z² or on a circle of length sL; windows of p, stride s, any integer τ.",
    ),
)


ramp_moved = Maximum(s * n + a - t, (a, 0, p - 1))
ramp = Maximum(s * (n - tau) + a, (a, 0, p - 1))

on_ramp = Claim(
    id="4.2-maxpool-equivariance-ramp",
    section="4.2",
    title=Text("斜坡 x_e = e 上的最大池化", "max pooling of the ramp x_e = e"),
    chain=(sp.true, sp.Eq(ramp_moved, s * n + p - 1 - t)),
    also=((sp.true, sp.Eq(ramp, s * (n - tau) + p - 1)),),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("最大值在窗口的开头", "the maximum is at the beginning of the window"),
            lambda: (sp.true, sp.Eq(ramp_moved, s * n - t)),
        ),
        NearMiss(
            Text("窗口多一格", "the window one position too wide"),
            lambda: (sp.true, sp.Eq(ramp_moved, s * n + p - t)),
        ),
    ),
    conditions=Text(
        "窗口 p, 步幅 s; 斜坡移动 t 以后第 e 个位置上是 e - t.",
        "windows of p, stride s; the ramp moved by t has e - t at position e.",
    ),
)

max_necessity = Claim(
    id="4.2-maxpool-equivariance-necessity",
    section="4.2",
    title=Text("最大池化: 只对步幅的倍数等变", "max pooling: equivariant to the multiples of its stride only"),
    chain=(sp.Eq(ramp_moved, ramp), sp.Eq(t, s * tau)),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("任何一个输入都能识破", "any one input is enough"),
            lambda: (
                sp.Eq(Maximum(x[s * n + a - t], (a, 0, p - 1)), Maximum(x[s * (n - tau) + a], (a, 0, p - 1))),
                sp.Eq(t, s * tau),
            ),
        ),
        NearMiss(
            Text("t = τ", "t = τ"),
            lambda: (sp.Eq(ramp_moved, ramp), sp.Eq(t, tau)),
        ),
    ),
    conditions=Text(
        "窗口 p, 步幅 s; 斜坡移动 t 以后, 输出等于移动 τ 的原输出, 只有 t = sτ.",
        "windows of p, stride s; after the ramp has moved by t, the output is the old one moved by τ only where t = sτ.",
    ),
)

three = [x[e] for e in range(5)]
averages_agree = sp.Eq(three[0] + three[1] + three[2], three[2] + three[3] + three[4])
maxima_agree = sp.Eq(sp.Max(*three[:3]), sp.Max(*three[2:]))
MAX_PRINTED = Text(
    "取最大值的操作使其相对于均值带有更强的平移不变性",
    "taking the maximum makes it more strongly translation invariant than the mean",
)
MAX_CORRECTED = Text(
    "最大池化恰好不变的机会更大 (概率 $\\frac{p-t}{p+t}$, 平均池化为 0), 但一旦改变, 改变可以更大",
    "max pooling is more often exactly unchanged (with probability $\\frac{p-t}{p+t}$, average pooling with 0), but where it "
    "changes, it may change by more",
)

more_invariant = Claim(
    id="4.2-max-more-invariant",
    section="4.2",
    title=Text("照字面: 平均不变时最大值也不变", "as printed: where the average stands still, so does the maximum"),
    chain=(averages_agree, maxima_agree),
    method=Entailment(),
    expected="refuted",
    conditions=Text("窗口 p = 3, 平移 t = 2, 步幅 1.", "windows of p = 3, a shift by t = 2, stride 1."),
    erratum=Erratum(
        printed=MAX_PRINTED,
        corrected=MAX_CORRECTED,
        explanation=Text(
            "“更强”要看标准. 例: 窗口 3, 平移 2, x = (2, 0, 0, 1, 1): 平均值两次都是 2/3, 最大值从 2 变为 1. 反过来 "
            "p = 2, t = 1, x = (1, 3, 2): 最大值不变而平均值改变. t = 1 时平均不变确实推出最大值不变.",
            "“More strongly” depends on what is counted. With windows of 3, a shift by 2 and x = (2, 0, 0, 1, 1) the average is 2/3 "
            "both times, while the maximum drops from 2 to 1. Conversely, for p = 2, t = 1 and x = (1, 3, 2) the maximum stands still and the "
            "average does not. For t = 1 an unchanged average does imply an unchanged maximum.",
        ),
        kind="unclear",
    ),
)

shared = sp.Sum(between(t, j, p - 1), (j, 0, p + t - 1))

probability = Claim(
    id="4.2-max-more-invariant-corrected",
    section="4.2",
    title=Text("最大池化恰好不变的概率", "the probability that max pooling is exactly unchanged"),
    chain=(shared / (p + t), (p - t) / (p + t)),
    hypotheses=(sp.Ge(t, 0), sp.Le(t, p)),
    steps=(
        Step(
            sp.Sum(sp.Integer(1), (j, 0, p + t - 1)),
            p + t,
            Text("两个窗口共有 p + t 个位置", "both windows have p + t positions"),
        ),
        Step(shared, p - t, Text("其中公共的有 p - t 个", "p - t of them are shared")),
    ),
    near_misses=(
        NearMiss(Text("(p - t)/p", "(p - t)/p"), lambda: (shared / (p + t), (p - t) / p)),
        NearMiss(Text("总是不变", "always unchanged"), lambda: (shared / (p + t), sp.S.One)),
        NearMiss(
            Text("公共的位置多一个", "one more shared position"), lambda: (shared / (p + t), (p - t + 1) / (p + t))
        ),
    ),
    numeric=compared(
        Text("枚举 p + t 个值的所有大小次序", "all orders of p + t values enumerated"),
        (
            {"window": 2, "shift": 1},
            {"window": 3, "shift": 1},
            {"window": 4, "shift": 2},
            {"window": 3, "shift": 3},
            {"window": 5, "shift": 2},
        ),
        _orders,
    ),
    conditions=Text(
        "p + t 个独立同分布的连续随机变量, 0 ≤ t ≤ p. 最大者落在每个位置的机会相等, 都是 1/(p + t); "
        "最大值不变当且仅当它落在公共部分 (4.2-max-more-invariant-event). 平均值不变的概率为 0.",
        "p + t independent continuous random variables of one distribution, 0 ≤ t ≤ p. The largest is equally likely to stand at each "
        "position, with probability 1/(p + t); the maximum is unchanged if and only if it stands in what the windows share "
        "(4.2-max-more-invariant-event). The average is unchanged with probability 0.",
    ),
    erratum=Erratum(
        printed=MAX_PRINTED, corrected=MAX_CORRECTED, explanation=more_invariant.erratum.explanation, kind="unclear"
    ),
)


distinct = ForAll((i, j), sp.Implies(sp.And(sp.Ge(i, 0), sp.Lt(i, j), sp.Le(j, p + t - 1)), sp.Ne(x[i], x[j])))
first_window, second_window = Maximum(x[a], (a, 0, p - 1)), Maximum(x[a + t], (a, 0, p - 1))
both_windows, overlap = Maximum(x[a], (a, 0, p + t - 1)), Maximum(x[a], (a, t, p - 1))

event = Claim(
    id="4.2-max-more-invariant-event",
    section="4.2",
    title=Text(
        "最大值不变, 当且仅当最大者是两个窗口公共的", "the maximum is unchanged if and only if both windows share it"
    ),
    chain=(
        sp.And(sp.Ge(t, 1), sp.Lt(t, p), distinct),
        sp.Equivalent(sp.Eq(first_window, second_window), sp.Eq(both_windows, overlap), evaluate=False),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("允许相等的值", "with ties"),
            lambda: (
                sp.And(sp.Ge(t, 1), sp.Lt(t, p)),
                sp.Equivalent(sp.Eq(first_window, second_window), sp.Eq(both_windows, overlap), evaluate=False),
            ),
        ),
        NearMiss(
            Text("最大值总是不变", "the maximum is always unchanged"),
            lambda: (sp.And(sp.Ge(t, 1), sp.Lt(t, p), distinct), sp.Eq(first_window, second_window)),
        ),
    ),
    conditions=Text(
        "1 ≤ t < p, p + t 个值两两不同. 两个窗口是 0, ..., p-1 与 t, ..., p+t-1.",
        "1 ≤ t < p and p + t values of which no two are equal. The windows are 0, ..., p-1 and t, ..., p+t-1.",
    ),
)

one_step = Claim(
    id="4.2-max-more-invariant-one",
    section="4.2",
    title=Text("t = 1: 平均不变推出最大值不变", "t = 1: an unchanged average implies an unchanged maximum"),
    chain=(sp.Eq(x[0], x[p]), sp.Eq(Maximum(x[a], (a, 0, p - 1)), Maximum(x[a + 1], (a, 0, p - 1)))),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("任何输入", "any input"),
            lambda: (sp.true, sp.Eq(Maximum(x[a], (a, 0, p - 1)), Maximum(x[a + 1], (a, 0, p - 1)))),
        ),
        NearMiss(
            Text("反过来: 最大值不变推出平均不变", "conversely: an unchanged maximum implies an unchanged average"),
            lambda: (sp.Eq(Maximum(x[a], (a, 0, p - 1)), Maximum(x[a + 1], (a, 0, p - 1))), sp.Eq(x[0], x[p])),
        ),
    ),
    conditions=Text(
        "窗口 p, 步幅 1. 由 4.2-avg-same-properties 第二式, 平均不变就是离开的值等于进来的值: x_0 = x_p.",
        "windows of p, stride 1. By the second equation of 4.2-avg-same-properties the average is unchanged where what leaves equals "
        "what enters: x_0 = x_p.",
    ),
)

spread = ForAll((i, j), sp.Le(x[i] - x[j], R))
few = sp.And(spread, sp.Ge(t, 0), sp.Le(t, p))
mean_change = sp.Abs(mean(shifted(x, t), n) - mean(x, n))
maximum_change = sp.Abs(largest(shifted(x, t), n) - largest(x, n))

mean_moves_less = Claim(
    id="4.2-max-more-invariant-mean",
    section="4.2",
    title=Text("改变的幅度: 平均值最多改变 t/p 倍的起伏", "by how much: the mean changes by at most t/p of the spread"),
    chain=(few, sp.Le(mean_change, R * t / p, evaluate=False)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("界的一半", "half of the bound"), lambda: (few, sp.Le(mean_change, R * t / p / 2, evaluate=False))
        ),
        NearMiss(
            Text("最大值也有这个界", "the same bound for the maximum"),
            lambda: (few, sp.Le(maximum_change, R * t / p, evaluate=False)),
        ),
    ),
    numeric=compared(
        Text("参考层超出这个界多少 (应为 0)", "by how much the reference layer exceeds the bound (by nothing)"),
        (
            {"length": 9, "window": 3, "shift": 2},
            {"length": 6, "window": 4, "shift": 1},
            {"length": 5, "window": 2, "shift": 2},
        ),
        _mean_change,
    ),
    conditions=Text(
        "输入的起伏至多 R: x_i - x_j ≤ R; 0 ≤ t ≤ p, 步幅 1.",
        "an input whose spread is at most R: x_i - x_j ≤ R; 0 ≤ t ≤ p, stride 1.",
    ),
)

maximum_moves_more = Claim(
    id="4.2-max-more-invariant-maximum",
    section="4.2",
    title=Text("最大值的改变以整个起伏为界", "the maximum changes by at most the whole spread"),
    chain=(few, sp.Le(maximum_change, R)),
    method=Entailment(),
    near_misses=(
        NearMiss(Text("至多一半的起伏", "at most half of the spread"), lambda: (few, sp.Le(maximum_change, R / 2))),
        NearMiss(
            Text("至多 t/p 倍的起伏", "at most t/p of the spread"), lambda: (few, sp.Le(maximum_change, R * t / p))
        ),
    ),
    conditions=Text("输入的起伏至多 R; 0 ≤ t ≤ p, 步幅 1.", "an input whose spread is at most R; 0 ≤ t ≤ p, stride 1."),
)

bump_leaves = Claim(
    id="4.2-max-more-invariant-impulse",
    section="4.2",
    title=Text("这个界达得到: 一个离开窗口的冲激", "the bound is attained: an impulse that leaves the window"),
    chain=(sp.true, sp.Eq(largest(bump, 0) - largest(shifted(bump, 1), 0), 1)),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("最大值不变", "the maximum stays"),
            lambda: (sp.true, sp.Eq(largest(bump, 0), largest(shifted(bump, 1), 0))),
        ),
        NearMiss(
            Text("与平均值一样, 只改变 1/p", "it changes by 1/p, as the mean does"),
            lambda: (sp.true, sp.Eq(largest(bump, 0) - largest(shifted(bump, 1), 0), 1 / p)),
        ),
    ),
    conditions=Text(
        "窗口 0, ..., p-1; 冲激在最后一个位置 p - 1, 移动一格就离开窗口, 最大值从 1 变为 0, 而平均值只改变 1/p.",
        "the window 0, ..., p-1; an impulse at its last position p - 1 leaves it with a shift by 1. The maximum drops from 1 to 0, the mean "
        "by 1/p only.",
    ),
)

# --- global pooling --------------------------------------------------------------------------------------------------

whole = ((u, 0, H - 1), (v, 0, W - 1))
one_channel = Entries(lambda g, h: image[channel, g, h], H, W)
pixels = signal("J", H, W)
positions = sp.Sum(indicator(sp.Le(u + h, H, evaluate=False)) * indicator(sp.Le(v + w, W, evaluate=False)), *whole)
only = positions.xreplace({h: H, w: W})

single = Claim(
    id="4.2-gap-1x1",
    section="4.2",
    title=Text("全局池化: 每个通道只剩一个数", "global pooling: one number for each channel"),
    chain=(positions, (H - h + 1) * (W - w + 1)),
    also=(
        (only, sp.S.One),
        (
            gap.forward(one_channel),
            sp.Sum(delta(channel, e) / (H * W) * image[e, a, b], (a, 0, H - 1), (b, 0, W - 1), (e, 0, C - 1)),
        ),
    ),
    hypotheses=(sp.Le(h, H), sp.Le(w, W)),
    steps=(
        Step(
            sp.Sum(indicator(sp.Le(u + h, H)), (u, 0, H - 1)),
            H - h + 1,
            Text("窗口的起点 u 从 0 到 H - h", "a window begins at u from 0 to H - h"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("所有通道合成一个数", "one number for all channels together"),
            lambda: (
                gap.forward(one_channel),
                sp.Sum(image[e, a, b] / (C * H * W), (a, 0, H - 1), (b, 0, W - 1), (e, 0, C - 1)),
            ),
        ),
        NearMiss(
            Text("H ≠ W 时窗口取 H × H", "windows of H × H where H ≠ W"),
            lambda: (positions.xreplace({h: H, w: H}), sp.S.One),
        ),
        NearMiss(
            Text("少除一个 W", "not divided by W"),
            lambda: (
                gap.forward(one_channel),
                sp.Sum(delta(channel, e) / H * image[e, a, b], (a, 0, H - 1), (b, 0, W - 1), (e, 0, C - 1)),
            ),
        ),
    ),
    numeric=compared(
        Text(
            "窗口为 H × W 的平均池化, 与全局平均池化",
            "average pooling with windows of H × W, and global average pooling",
        ),
        ({"channels": 3, "size": (4, 5)}, {"channels": 1, "size": (1, 6)}, {"channels": 2, "size": (3, 3)}),
        _global,
    ),
    conditions=Text(
        "窗口 h × w 在 H × W 的图像上有 (H - h + 1)(W - w + 1) 个位置 (步幅 1, 不补零); h = H, w = W 时只有一个.",
        "a window of h × w has (H - h + 1)(W - w + 1) places on an image of H × W (stride 1, no padding); with h = H and w = W, one.",
    ),
    source="Lin, Chen and Yan, Network in network (2013), section 3.2",
)


row, other_row = sp.Idx("i", H), sp.Idx("g", H)
column, other_column = sp.Idx("j", W), sp.Idx("l", W)


def at(place, of):
    return delta(place[0], of[0]) * delta(place[1], of[1])


here, there = (row, column), (other_row, other_column)
exchanged = (
    pixels[u, v]
    + at((u, v), here) * (pixels[there] - pixels[here])
    + at((u, v), there) * (pixels[here] - pixels[there])
)
average = sp.Sum(pixels[u, v], *whole) / (H * W)
torus = signal("z", H, W, grid="circular")
torus_average = sp.Sum(torus[u, v], *whole) / (H * W)
ring = signal("z", N, grid="circular")

no_position = Claim(
    id="4.2-gap-ignores-position",
    section="4.2",
    title=Text("全局池化忽略位置", "global pooling ignores positions"),
    chain=(sp.Sum(exchanged, *whole) / (H * W), gap.forward(pixels)),
    also=(
        (sp.Sum(torus[u - t1, v - t2], *whole) / (H * W), torus_average),
        (sp.Sum(pixels[v, W - 1 - u], (u, 0, W - 1), (v, 0, H - 1)) / (H * W), gap.forward(pixels)),
        (
            Maximum(pixels[H - 1 - u, W - 1 - v], *whole),
            Maximum(pixels[u, v], *whole),
        ),
    ),
    steps=(
        Step(
            sp.Sum(at((u, v), here) * (pixels[there] - pixels[here]), *whole),
            pixels[there] - pixels[here],
            Text("δ 只留下一个位置", "δ leaves one position"),
        ),
        Step(
            sp.Sum(torus[u - t1, v - t2], *whole),
            sp.Sum(torus[u, v], *whole),
            PERIOD,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("两个通道互换也看不出来", "an exchange of channels goes unnoticed too"),
            lambda: (
                sp.Sum(image[0, u, v], *whole) / (H * W),
                sp.Sum(image[C - 1, u, v], *whole) / (H * W),
            ),
        ),
        NearMiss(
            Text("移入零的平移", "a shift with zeros moved in"),
            lambda: (sp.Sum(pixels[u - 1, v], *whole) / (H * W), average),
        ),
        NearMiss(
            Text("只换一半: 复制而不是互换", "half of the exchange: a copy"),
            lambda: (
                sp.Sum(pixels[u, v] + at((u, v), here) * (pixels[there] - pixels[here]), *whole) / (H * W),
                average,
            ),
        ),
    ),
    numeric=compared(
        Text("像素随机重排前后的全局平均池化", "global average pooling before and after the pixels are shuffled"),
        ({"size": (4, 5)}, {"size": (1, 7)}, {"size": (3, 3)}),
        _shuffled,
    ),
    conditions=Text(
        "H × W 的图像. 第一式交换任意两个位置, 而每个重排都是这种交换的乘积; 其余是循环平移, 旋转 90°, 以及最大池化在旋转 180° 之下.",
        "an image of H × W. The first equation exchanges any two positions, and every permutation is a product of such exchanges; the "
        "others are circular shifts, a rotation by 90°, and the maximum under a rotation by 180°.",
    ),
)


recurring = ForAll(j, sp.Eq(x[j + N], x[j]))

max_no_position = Claim(
    id="4.2-gap-ignores-position-max",
    section="4.2",
    title=Text("全局最大池化: 循环平移不改变最大值", "global max pooling: a circular shift leaves the maximum"),
    chain=(
        sp.And(recurring, sp.Ge(t, 0), sp.Lt(t, N)),
        sp.Eq(Maximum(x[a - t], (a, 0, N - 1)), Maximum(x[a], (a, 0, N - 1))),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("没有周期", "without the period"),
            lambda: (
                sp.And(sp.Ge(t, 0), sp.Lt(t, N)),
                sp.Eq(Maximum(x[a - t], (a, 0, N - 1)), Maximum(x[a], (a, 0, N - 1))),
            ),
        ),
        NearMiss(
            Text("少看一个位置", "over one position less"),
            lambda: (
                sp.And(sp.Ge(t, 0), sp.Lt(t, N), sp.Ge(N, 2)),
                sp.Eq(Maximum(ring[a - t], (a, 0, N - 2)), Maximum(ring[a], (a, 0, N - 2))),
            ),
        ),
    ),
    conditions=Text("周期为 N 的输入, 0 ≤ t < N.", "an input of period N, 0 ≤ t < N."),
)

torus_image = signal("Z", C, N1, N2, grid=("zero", "circular", "circular"))
filters, bias = signal("V", D, C, K1, K2), signal("beta", D)
o = sp.Symbol("o", integer=True)
around = ((u, 0, N1 - 1), (v, 0, N2 - 1))


def feature(image, *at):
    return f(conv2d.forward(image, filters, o, *at, bias))


moved_image = Entries(lambda e, g, h: torus_image[e, g - t1, h - t2])
feature_map = signal("y", N1, N2, grid="circular")
line, kernel = signal("r", m), signal("k", K)
steps_of_two = signal("r", 2 * L, grid="circular")
weights = signal("A", L)


def cut(signal, at):
    """A feature of a zero-padded layer on m positions."""
    return f(sp.Sum(kernel[a] * signal[at + a], (a, 0, K - 1)))


def by_two(signal, at):
    return f(sp.Sum(kernel[a] * signal[2 * at + a], (a, 0, K - 1)))


gap_invariance = Claim(
    id="4.2-gap-equivariant-invariant",
    section="4.2",
    title=Text("等变的特征经过全局池化, 成为不变的", "global pooling makes equivariant features invariant"),
    chain=(
        sp.Sum(feature_map[u - tau1, v - tau2], *around) / (N1 * N2),
        sp.Sum(feature_map[u, v], *around) / (N1 * N2),
    ),
    also=(
        (
            sp.Sum(feature(moved_image, u, v), *around) / (N1 * N2),
            sp.Sum(feature(torus_image, u, v), *around) / (N1 * N2),
        ),
    ),
    steps=(
        Step(
            sp.Sum(feature(torus_image, u - t1, v - t2), *around),
            sp.Sum(feature(torus_image, u, v), *around),
            PERIOD,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("补零的卷积", "a convolution with zero padding"),
            lambda: (
                sp.Sum(cut(shifted(line, t), n), (n, 0, m - 1)) / m,
                sp.Sum(cut(line, n), (n, 0, m - 1)) / m,
            ),
        ),
        NearMiss(
            Text("拉平后接全连接层", "flattened, then a fully connected layer"),
            lambda: (
                sp.Sum(weights[n] * signal("y", L, grid="circular")[n - tau], (n, 0, L - 1)),
                sp.Sum(weights[n] * signal("y", L, grid="circular")[n], (n, 0, L - 1)),
            ),
        ),
        NearMiss(
            Text("步幅 2 的层, 移动奇数格", "an odd shift through a layer of stride 2"),
            lambda: (
                sp.Sum(by_two(shifted(steps_of_two, 1), n), (n, 0, L - 1)) / L,
                sp.Sum(by_two(steps_of_two, n), (n, 0, L - 1)) / L,
            ),
        ),
    ),
    numeric=compared(
        Text(
            "循环卷积, tanh, 全局平均池化: 移动前后",
            "circular convolution, tanh, global average pooling: before and after a shift",
        ),
        (
            {"channels": 2, "filters": 3, "size": (5, 6), "taps": 3, "shift": (2, -1)},
            {"channels": 1, "filters": 1, "size": (4, 1), "taps": 2, "shift": (1, 0)},
            {"channels": 3, "filters": 2, "size": (3, 3), "taps": 1, "shift": (1, 1)},
        ),
        _invariant,
    ),
    conditions=Text(
        "输出的平移 τ 是圆周 (环面) 上的平移; F 可以是任意的, 只要 F T_t = T_τ F. 第二式是这样的一层: C 个通道, 步幅 1, f 是任意逐元素函数.",
        "the output moves by τ around the circle (the torus); F may be anything with F T_t = T_τ F. The second equation is such a "
        "layer: C channels, stride 1, any entrywise function f.",
    ),
)


DERIVATION = Derivation(
    title=Text("池化与平移", "pooling and shifts"),
    context=CONTEXT,
    claims=(
        average_is_convolution,
        average_properties,
        max_equivariance,
        on_ramp,
        max_necessity,
        more_invariant,
        probability,
        event,
        one_step,
        mean_moves_less,
        maximum_moves_more,
        bump_leaves,
        single,
        no_position,
        max_no_position,
        gap_invariance,
    ),
    source="lecture note, section 4.2",
)
