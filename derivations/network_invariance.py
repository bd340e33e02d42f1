"""Section 4.4: shifts through a whole network.

Layers of strides s_1, s_2 together are equivariant to the multiples of s_1 s_2; global average pooling then makes them
invariant to these. Depth as such loses nothing.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, indicator, signal
from cnnsym.claim import Claim, Derivation, Erratum, Inequality, Integers, NearMiss, Step, Text
from cnnsym.layers import conv1d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import relu, tanh

CONTEXT = r"""
let N, L, K, K_2, s, S, s_1, s_2 : size
let n, t, \tau, j, h, u, v : integer; let \beta, \eta : scalar; let f : elementwise
let x, y : signal(infinite)                    # an input on Z; features on Z
let k : signal(K); let \kappa : signal(K_2)    # the kernels of two layers
let z, \mu, \nu : signal(circular(N))          # an input on a circle; kernels around it
let \omega : signal(circular(s_1 s_2 L)); let w : signal(circular(2 L)); let \zeta : signal(circular(s L))
let \xi : signal(circular(S L)); let g : signal(circular(S)); let G : signal(circular(S), circular(S))
where p_e = f(\sum_{a=0}^{K-1} k_a x_{s_1 e+a} + \beta)            # the first layer on Z
where \tilde{p}_e = f(\sum_{a=0}^{K-1} k_a x_{s_1 e+a-s_1 s_2\tau} + \beta)
where q_e = f(\sum_{a=0}^{K-1} k_a \omega_{s_1 e+a} + \beta)       # and on a circle
where \tilde{q}_e = f(\sum_{a=0}^{K-1} k_a \omega_{s_1 e+a-s_1 s_2\tau} + \beta)
where \bar{g} = \frac{1}{S}\sum_{r=0}^{S-1} g_r
"""

N, L, K, K2, s, S, s1, s2 = dims("N L K K_2 s S s_1 s_2")
n, t, tau, j, e, u, v, h = sp.symbols("n t tau j e u v h", integer=True)
q, r = sp.symbols("q r", integer=True)  # summation indices
beta = sp.Symbol("beta", real=True)
x, z = signal("x", sp.oo), signal("z", N, grid="circular")
k = signal("k", K)
f = elementwise("f")


class Entries:
    """An input given by its entries: `Entries(lambda e: x[e - t])` is the shifted `x`."""

    def __init__(self, entry):
        self._entry = entry

    def __getitem__(self, at):
        return self._entry(*at) if isinstance(at, tuple) else self._entry(at)


def shifted(signal, by):
    """`(T_t x)[e] = x[e - t]`."""
    return Entries(lambda e: signal[e - by])


# --- numbers ---------------------------------------------------------------------------------------------------------


def _draw(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


def _on_circle(signal, kernel, stride=1):
    """The reference layer on a circle: the input goes on periodically as far as the last window reaches."""
    around = np.take(signal, np.arange(len(signal) + len(kernel) - 1), mode="wrap")
    return conv1d_layer.forward(around[None, None], kernel[None, None], stride=stride)[0, 0]


def _two_layers(random, dtype, strides, outputs, taps, shift):
    factor = strides[0] * strides[1]
    signal = _draw(random, dtype, factor * outputs)
    kernels = [_draw(random, dtype, count) for count in taps]
    theirs = np.roll(signal, factor * shift)
    for kernel, stride in zip(kernels, strides, strict=True):
        theirs = tanh.forward(_on_circle(theirs, kernel, stride))
    ours = np.zeros(())
    for n in range(outputs):
        inner = [
            np.tanh(
                sum(
                    kernels[0][a] * signal[(strides[0] * (strides[1] * n + b) + a) % len(signal)]
                    for a in range(taps[0])
                )
            )
            for b in range(taps[1])
        ]
        ours = ours + np.tanh(np.dot(kernels[1], inner)) / outputs
    return np.array([ours], dtype), gap_layer.forward(theirs[None, None, None])[0]


def _one_more(random, dtype, length, taps, stride, shift):
    below, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    theirs = relu.forward(_on_circle(np.roll(below, stride * shift), kernel, stride))
    ours = [
        max(0, sum(kernel[a] * below[(stride * (n - shift) + a) % length] for a in range(taps)))
        for n in range(length // stride)
    ]
    return np.array(ours, dtype), theirs


def _pairs(random, dtype, outputs, shift):
    signal = _draw(random, dtype, 2 * outputs)
    theirs = _on_circle(np.roll(signal, shift), np.ones(2, dtype), 2)
    ours = sum(signal[2 * n] + signal[2 * n + 1] for n in range(outputs)) / outputs
    return np.array([ours], dtype), gap_layer.forward(theirs[None, None, None])[0]


def _ten_layers(random, dtype, length, taps, shift):
    signal = _draw(random, dtype, length)
    kernels = [_draw(random, dtype, taps) for _ in range(10)]
    theirs, plain = np.roll(signal, shift), signal
    for kernel in kernels:
        theirs = relu.forward(_on_circle(theirs, kernel))
        plain = np.array(
            [max(0, sum(kernel[a] * plain[(n + a) % length] for a in range(taps))) for n in range(length)], dtype
        )
    return np.array([plain[(n - shift) % length] for n in range(length)]), theirs


def _no_head(random, dtype, length, taps, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    theirs = gap_layer.forward(relu.forward(_on_circle(np.roll(signal, shift), kernel))[None, None, None])[0]
    ours = sum(max(0, sum(kernel[a] * signal[(n + a) % length] for a in range(taps))) for n in range(length)) / length
    return np.array([ours], dtype), theirs


def _over_phases(random, dtype, stride, outputs, taps, shift):
    """The mean over all phases of a strided net is that of the net without a stride."""
    signal, kernel = _draw(random, dtype, stride * outputs), _draw(random, dtype, taps)
    theirs = [
        gap_layer.forward(tanh.forward(_on_circle(np.roll(signal, shift + r), kernel, stride))[None, None, None])[0]
        for r in range(stride)
    ]
    ours = np.mean(
        [np.tanh(sum(kernel[a] * signal[(n + a) % len(signal)] for a in range(taps))) for n in range(len(signal))]
    )
    return np.array([ours], dtype), np.mean(theirs, axis=0)


def _risk(random, dtype, stride, outputs, taps, shift):
    """By how much the squared error of the average exceeds the mean squared error, and 0, which it should be."""
    signal, kernel, target = _draw(random, dtype, stride * outputs), _draw(random, dtype, taps), _draw(random, dtype, 1)
    answers = np.array(
        [
            gap_layer.forward(tanh.forward(_on_circle(np.roll(signal, shift + r), kernel, stride))[None, None, None])[0]
            for r in range(stride)
        ]
    )
    over = np.maximum((answers.mean(axis=0) - target) ** 2 - np.mean((answers - target) ** 2, axis=0), 0)
    return over, np.zeros_like(over)


PERIOD = Text("整整一圈, 从哪里开始都一样", "once around the circle, wherever it begins")
COLLECT = Text("下标合并同类项", "the terms of the index collected")

# --- 4.4 -------------------------------------------------------------------------------------------------------------

features, head = signal("Y", N, grid="circular"), signal("A", N, grid="circular")


def signal_of(name, length):
    return signal(name, length, grid="circular")


# Two convolution layers with a bias and an activation, of strides s_1 and s_2.
bottom, top = signal("k", K), signal("kappa", K2)
total = s1 * s2
torus = signal_of("omega", total * L)


def first(signal, at):
    return f(conv1d.correlation(signal, bottom, at, stride=s1) + beta)


def stack(signal, at):
    return f(conv1d.correlation(Entries(lambda e: first(signal, e)), top, at, stride=s2) + beta)


total_stride = Claim(
    id="4.4-multiples-of-total-stride",
    section="4.4",
    title=Text(
        "步幅相乘; 全局池化之后对其倍数不变", "strides multiply; global pooling makes invariant to the multiples"
    ),
    chain=(stack(shifted(x, total * tau), n), stack(x, n - tau)),
    also=(
        (
            sp.Sum(stack(shifted(torus, total * tau), n), (n, 0, L - 1)) / L,
            sp.Sum(stack(torus, n), (n, 0, L - 1)) / L,
        ),
    ),
    steps=(
        Step(
            first(shifted(x, total * tau), n),
            first(x, n - s2 * tau),
            Text("第一层: 移动 s_2 τ", "the first layer: moved by s_2 τ"),
        ),
        Step(
            f(conv1d.correlation(shifted(x, s2 * tau), top, n, stride=s2) + beta),
            f(conv1d.correlation(x, top, n - tau, stride=s2) + beta),
            Text("第二层: 移动 τ", "the second layer: moved by τ"),
        ),
        Step(
            sp.Sum(stack(torus, n - tau), (n, 0, L - 1)),
            sp.Sum(stack(torus, n), (n, 0, L - 1)),
            PERIOD,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("总步幅是步幅之和", "the total stride is the sum of the strides"),
            lambda: (stack(shifted(x, (s1 + s2) * tau), n), stack(x, n - tau)),
        ),
        NearMiss(
            Text("总步幅是第一层的步幅", "the total stride is that of the first layer"),
            lambda: (
                sp.Sum(stack(shifted(torus, s1 * tau), n), (n, 0, L - 1)) / L,
                sp.Sum(stack(torus, n), (n, 0, L - 1)) / L,
            ),
        ),
        NearMiss(
            Text("输出移动 s_1 τ", "the output moves by s_1 τ"),
            lambda: (stack(shifted(x, total * tau), n), stack(x, n - s1 * tau)),
        ),
    ),
    numeric=compared(
        Text(
            "两层带步幅的循环卷积, tanh, 全局平均池化: 移动前后",
            "two strided circular layers, tanh, global average pooling: before and after",
        ),
        (
            {"strides": (2, 2), "outputs": 3, "taps": (3, 2), "shift": 1},
            {"strides": (3, 2), "outputs": 2, "taps": (2, 4), "shift": -1},
            {"strides": (1, 1), "outputs": 5, "taps": (3, 3), "shift": 2},
        ),
        _two_layers,
    ),
    conditions=Text(
        "两层卷积, 步幅 s_1, s_2, 带偏置, f 是任意逐元素函数; 第一式在 Z 上, 第二式在长为 s_1 s_2 L 的圆周上. τ 是任意整数. "
        "L 层: 用 4.4-multiples-of-total-stride-step 归纳.",
        "two convolution layers of strides s_1 and s_2 with a bias, any entrywise function f; the first equation on Z, the second on a "
        "circle of length s_1 s_2 L. τ is any integer. For more layers: induction by 4.4-multiples-of-total-stride-step.",
    ),
)


below = signal("y", sp.oo)

induction = Claim(
    id="4.4-multiples-of-total-stride-step",
    section="4.4",
    title=Text(
        "归纳一步: 再加一层, 总步幅乘以 s", "the step of the induction: one more layer multiplies the total stride by s"
    ),
    chain=(
        f(conv1d.correlation(shifted(below, s * tau), k, n, stride=s) + beta),
        f(conv1d.correlation(below, k, n - tau, stride=s) + beta),
    ),
    steps=(
        Step(
            conv1d.correlation(shifted(below, s * tau), k, n, stride=s),
            conv1d.correlation(below, k, n - tau, stride=s),
            COLLECT,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("特征移动 τ, 输出也移动 τ", "features moved by τ move the output by τ"),
            lambda: (
                f(conv1d.correlation(shifted(below, tau), k, n, stride=s) + beta),
                f(conv1d.correlation(below, k, n - tau, stride=s) + beta),
            ),
        ),
        NearMiss(
            Text("每个位置有自己的偏置", "a bias of its own at every position"),
            lambda: (
                f(conv1d.correlation(shifted(below, s * tau), k, n, stride=s) + x[n]),
                f(conv1d.correlation(below, k, n - tau, stride=s) + x[n - tau]),
            ),
        ),
    ),
    numeric=compared(
        Text("参考层在移动后的特征上与公式比较", "the reference layer at moved features against the formula"),
        (
            {"length": 12, "taps": 3, "stride": 4, "shift": 2},
            {"length": 6, "taps": 5, "stride": 2, "shift": -1},
            {"length": 3, "taps": 1, "stride": 1, "shift": 1},
        ),
        _one_more,
    ),
    conditions=Text(
        "y 是前面各层的输出, 总步幅 S: 输入移动 Ssτ 时 y 移动 sτ (归纳假设); 再过步幅 s 的一层, 移动 τ. 所以总步幅是 Ss.",
        "y is the output of the layers below, of total stride S: where the input moves by Ssτ, y moves by sτ (the hypothesis of the "
        "induction); one more layer of stride s, and it is τ. So the total stride is Ss.",
    ),
)


even = signal_of("w", 2 * L)


def pairs(by):
    """Global average pooling of a linear layer of stride 2 with the kernel (1, 1), the input moved by `by`."""
    return sp.Sum(even[2 * n - by] + even[2 * n + 1 - by], (n, 0, L - 1)) / L


ring = signal_of("zeta", s * L)


def by_residue(position):
    """The sum of the taps whose places leave one remainder modulo the stride."""
    return sp.Sum(k[q] * indicator(sp.Eq(sp.Mod(q - position, s), 0)), (q, 0, K - 1))


linear_exception = Claim(
    id="4.4-multiples-of-total-stride-exception",
    section="4.4",
    title=Text(
        "“只有”的例外: 线性层 k = (1, 1), 步幅 2", "an exception to “only”: a linear layer with k = (1, 1) and stride 2"
    ),
    chain=(pairs(2 * h - 1), pairs(0)),
    also=(
        (pairs(2 * h), pairs(0)),
        (
            sp.Sum(conv1d.correlation(ring, k, n, stride=s), (n, 0, L - 1)),
            sp.Sum(ring[j] * by_residue(j), (j, 0, s * L - 1)),
        ),
    ),
    steps=(
        Step(
            sp.Sum(even[2 * n - (2 * h - 1)], (n, 0, L - 1)),
            sp.Sum(even[2 * n + 1], (n, 0, L - 1)),
            Text("奇数格: 偶数位置换成奇数位置", "an odd shift takes even positions to odd ones"),
        ),
        Step(
            sp.Sum(even[2 * n + 1 - (2 * h - 1)], (n, 0, L - 1)),
            sp.Sum(even[2 * n], (n, 0, L - 1)),
            Text("奇数位置换成偶数位置", "and odd positions to even ones"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("核 (1, 2) 也不变", "the kernel (1, 2) is invariant as well"),
            lambda: (
                sp.Sum(even[2 * n - 1] + 2 * even[2 * n], (n, 0, L - 1)) / L,
                sp.Sum(even[2 * n] + 2 * even[2 * n + 1], (n, 0, L - 1)) / L,
            ),
        ),
        NearMiss(
            Text("有激活函数时也不变", "invariant with an activation as well"),
            lambda: (
                sp.Sum(f(even[2 * n - 1] + even[2 * n]), (n, 0, L - 1)) / L,
                sp.Sum(f(even[2 * n] + even[2 * n + 1]), (n, 0, L - 1)) / L,
            ),
        ),
        NearMiss(
            Text("每个输入的权重都是所有元素之和", "every input counts with the sum of all taps"),
            lambda: (
                sp.Sum(conv1d.correlation(ring, k, n, stride=s), (n, 0, L - 1)),
                sp.Sum(ring[j], (j, 0, s * L - 1)) * sp.Sum(k[q], (q, 0, K - 1)),
            ),
        ),
        NearMiss(
            Text("步幅 3 时也不变", "invariant with stride 3 as well"),
            lambda: (
                sp.Sum(signal_of("w", 3 * L)[3 * n - 1] + signal_of("w", 3 * L)[3 * n], (n, 0, L - 1)) / L,
                sp.Sum(signal_of("w", 3 * L)[3 * n] + signal_of("w", 3 * L)[3 * n + 1], (n, 0, L - 1)) / L,
            ),
        ),
    ),
    numeric=compared(
        Text(
            "参考层移动以后的全局平均, 与公式比较",
            "the global average of the reference layer after a shift, against the formula",
        ),
        ({"outputs": 3, "shift": 1}, {"outputs": 5, "shift": 2}, {"outputs": 1, "shift": -3}),
        _pairs,
    ),
    conditions=Text(
        "没有激活函数. 长为 2L 的圆周, 移动奇数格 2h - 1 或偶数格 2h, 而总步幅是 2. 一般地 (第三式), 步幅 s 的线性层经过全局池化, "
        "输入 j 的权重是核中位置与 j 同余 (模 s) 的元素之和: 这些和全都相等时, 输出对每个平移不变.",
        "no activation. On a circle of length 2L an odd shift 2h - 1 or an even one 2h, while the total stride is 2. In general (the "
        "third equation), through a linear layer of stride s and global pooling, input j counts with the sum of the taps whose places are "
        "j modulo s: where these sums are all equal, the output is invariant to every shift.",
    ),
)


# Two layers of stride 1 around a circle, their kernels as long as the circle.
inner, outer = signal_of("mu", N), signal_of("nu", N)


def hidden(signal, at):
    return f(sp.Sum(inner[j - at] * signal[j], (j, 0, N - 1)))


def deep(signal, at):
    return f(sp.Sum(outer[e - at] * hidden(signal, e), (e, 0, N - 1)))


equivariant_shifts = sp.Sum(indicator(sp.Eq(deep(shifted(z, t), n), deep(z, n - t), evaluate=False)), (t, 0, N - 1))
ACCUMULATED = Text(
    "由于前面叠加的多层卷积层的累计效应, 全局池化层输入也基本上不具有平移等变性",
    "by the accumulated effect of many convolution layers the input of the global pooling is basically no longer equivariant",
)
ACCUMULATED_CORRECTED = Text(
    "累积的是步幅和补零, 不是卷积: 总步幅为 $S$ 时, 全局池化的输入对 $S$ 的倍数等变",
    "it is strides and zero padding that accumulate, not convolutions: with total stride $S$ the input of the global pooling is "
    "equivariant to the multiples of $S$",
)
ACCUMULATED_WHY = Text(
    "照字面读作: 叠加两层卷积之后, 除了不动 (t = 0) 以外没有平移保持等变. 事实上步幅为 1 的循环卷积无论叠多少层, 对每个平移都等变.",
    "Read literally: after two convolutions no shift but t = 0 is equivariant. In fact circular convolutions of stride 1, however many, are "
    "equivariant to every shift.",
)

accumulated = Claim(
    id="4.4-accumulated-conv",
    section="4.4",
    title=Text("照字面: 叠加卷积层失去等变性", "as printed: stacked convolutions lose their equivariance"),
    chain=(equivariant_shifts, sp.S.One),
    expected="refuted",
    conditions=Text(
        "长为 N 的圆周, 两层步幅为 1 的卷积, 左边数出保持等变的平移 t 有多少个.",
        "a circle of length N, two convolutions of stride 1; the left side counts the shifts t to which they are equivariant.",
    ),
    erratum=Erratum(printed=ACCUMULATED, corrected=ACCUMULATED_CORRECTED, explanation=ACCUMULATED_WHY),
)

accumulated_corrected = Claim(
    id="4.4-accumulated-conv-corrected",
    section="4.4",
    title=Text("步幅为 1 的层叠起来仍然等变", "layers of stride 1 stay equivariant when stacked"),
    chain=(deep(shifted(z, t), n), deep(z, n - t)),
    steps=(
        Step(hidden(shifted(z, t), n), hidden(z, n - t), Text("第一层等变", "the first layer is equivariant")),
        Step(
            f(sp.Sum(outer[e - n] * features[e - t], (e, 0, N - 1))),
            f(sp.Sum(outer[e - (n - t)] * features[e], (e, 0, N - 1))),
            Text("第二层在移动后的特征上同样如此", "so is the second at moved features"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("其中一层步幅为 2", "one of the layers of stride 2"),
            lambda: (
                stack(shifted(x, 1), n).xreplace({s1: sp.Integer(2), s2: sp.S.One}),
                stack(x, n - 1).xreplace({s1: sp.Integer(2), s2: sp.S.One}),
            ),
        ),
        NearMiss(
            Text("输出移动 2t (每层 t)", "the output moves by 2t, t for each layer"),
            lambda: (deep(shifted(z, t), n), deep(z, n - 2 * t)),
        ),
        NearMiss(
            Text("各位置的激活函数不同", "another activation at every position"),
            lambda: (z[n] * hidden(shifted(features, t), n), z[n - t] * hidden(features, n - t)),
        ),
    ),
    numeric=compared(
        Text(
            "十层循环卷积加 ReLU: 移动后的输入, 与移动后的输出",
            "ten circular convolutions with ReLU: at the moved input, and the output moved",
        ),
        (
            {"length": 7, "taps": 3, "shift": 2},
            {"length": 5, "taps": 2, "shift": -1},
            {"length": 1, "taps": 1, "shift": 4},
        ),
        _ten_layers,
    ),
    conditions=Text(
        "长为 N 的圆周, 步幅 1, 任意的逐元素函数 f, 任意整数 t; 再加一层时重复第二步.",
        "a circle of length N, stride 1, any entrywise function f, any integer t; for one more layer the second step is repeated.",
    ),
    erratum=Erratum(printed=ACCUMULATED, corrected=ACCUMULATED_CORRECTED, explanation=ACCUMULATED_WHY),
)


multiple = indicator(sp.Eq(sp.Mod(u, S), 0, evaluate=False)) * indicator(sp.Eq(sp.Mod(v, S), 0, evaluate=False))
good_shifts = sp.Sum(multiple, (u, 0, S * L - 1), (v, 0, S * L - 1))

rare = Claim(
    id="4.4-probability-low",
    section="4.4",
    title=Text("恰为总步幅倍数的平移占 1/S²", "the share of shifts that are multiples of the total stride is 1/S²"),
    chain=(sp.true, sp.Eq(good_shifts, L**2, evaluate=False)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("1/S: SL² 个", "1/S: SL² of them"), lambda: (sp.true, sp.Eq(good_shifts, S * L**2, evaluate=False))
        ),
        NearMiss(
            Text("2/S: 2SL² 个", "2/S: 2SL² of them"),
            lambda: (sp.true, sp.Eq(good_shifts, 2 * S * L**2, evaluate=False)),
        ),
        NearMiss(
            Text("只要一个方向是倍数", "a multiple in one direction is enough"),
            lambda: (
                sp.true,
                sp.Eq(
                    sp.Sum(indicator(sp.Eq(sp.Mod(u, S), 0)), (u, 0, S * L - 1), (v, 0, S * L - 1)),
                    L**2,
                    evaluate=False,
                ),
            ),
        ),
    ),
    numeric=compared(
        Text("数出两个方向都是 S 的倍数的平移", "the shifts that are multiples of S in both directions, counted"),
        ({"stride": 32, "periods": 2}, {"stride": 3, "periods": 4}, {"stride": 1, "periods": 5}),
        lambda random, dtype, stride, periods: (
            np.array([1 / stride**2], dtype),
            np.mean(np.logical_and(*(grid % stride == 0 for grid in np.indices((stride * periods,) * 2))), dtype=dtype)[
                None
            ],
        ),
    ),
    conditions=Text(
        "边长 N = SL 的环面上共 (SL)² 个平移, 好的有 L² 个, 占 1/S² (S = 32 时 1/1024). 平移均匀分布是一个假设.",
        "of the (SL)² shifts on a torus of side N = SL, L² are good, a share of 1/S² (1/1024 for S = 32). That shifts are evenly "
        "distributed is an assumption.",
    ),
)


def pooled(signal):
    """Global average pooling of an activated convolution of stride 1: no fully connected layer."""
    return sp.Sum(f(conv1d.correlation(signal, k, n)), (n, 0, N - 1)) / N


invariant_shifts = sp.Sum(indicator(sp.Eq(pooled(shifted(z, t)), pooled(z), evaluate=False)), (t, 0, N - 1))
NEEDED = Text(
    "没有全连接层的卷积神经网络很难有这种性质 (平移不变性)",
    "a convolutional network without a fully connected layer can hardly have this property (translation invariance)",
)
NEEDED_CORRECTED = Text(
    "全连接层可以从数据学到近似的不变性; 全卷积网络加全局池化按构造就有 (步幅与边界除外)",
    "a fully connected layer can learn an approximate invariance from data; a fully convolutional network with global pooling has it "
    "by construction, up to strides and borders",
)
NEEDED_WHY = Text(
    "照字面读作: 没有全连接层时, 除了 t = 0 没有平移保持输出不变. 循环卷积 (步幅 1), ReLU, 全局平均池化: 对每个平移严格不变. "
    "4.2 节自己也这样说. 至于训练好的网络主要靠哪一层, 那是经验问题.",
    "Read literally: without a fully connected layer no shift but t = 0 leaves the output unchanged. A circular convolution of stride 1, "
    "ReLU and global average pooling are invariant to every shift, as section 4.2 itself says. On which layer a trained network relies is "
    "a matter of experience.",
)

needed = Claim(
    id="4.4-fc-needed",
    section="4.4",
    title=Text("照字面: 没有全连接层就没有不变性", "as printed: no invariance without a fully connected layer"),
    chain=(invariant_shifts, sp.S.One),
    expected="refuted",
    conditions=Text(
        "长为 N 的圆周, 一层步幅为 1 的卷积, 激活函数, 全局平均池化; 左边数出保持输出不变的平移 t 有多少个.",
        "a circle of length N, a convolution of stride 1, an activation, global average pooling; the left side counts the shifts t that "
        "leave the output unchanged.",
    ),
    erratum=Erratum(printed=NEEDED, corrected=NEEDED_CORRECTED, explanation=NEEDED_WHY),
)

needed_corrected = Claim(
    id="4.4-fc-needed-corrected",
    section="4.4",
    title=Text("没有全连接层的网络可以严格不变", "a network without a fully connected layer can be exactly invariant"),
    chain=(pooled(shifted(z, t)), pooled(z)),
    also=((sp.Sum(deep(shifted(z, t), n), (n, 0, N - 1)) / N, sp.Sum(deep(z, n), (n, 0, N - 1)) / N),),
    steps=(
        Step(
            pooled(shifted(z, t)),
            sp.Sum(f(conv1d.correlation(z, k, n)), (n, -t, N - 1 - t)) / N,
            Text("卷积等变", "the convolution is equivariant"),
        ),
        Step(sp.Sum(f(conv1d.correlation(z, k, n)), (n, -t, N - 1 - t)) / N, pooled(z), PERIOD),
    ),
    near_misses=(
        NearMiss(
            Text("全连接层代替全局池化", "a fully connected layer instead of global pooling"),
            lambda: (
                sp.Sum(head[n] * f(conv1d.correlation(shifted(z, t), k, n)), (n, 0, N - 1)),
                sp.Sum(head[n] * f(conv1d.correlation(z, k, n)), (n, 0, N - 1)),
            ),
        ),
        NearMiss(
            Text("补零", "zero padding"),
            lambda: (
                sp.Sum(f(conv1d.correlation(shifted(signal("z", N), 1), k, n)), (n, 0, N - 1)) / N,
                sp.Sum(f(conv1d.correlation(signal("z", N), k, n)), (n, 0, N - 1)) / N,
            ),
        ),
    ),
    numeric=compared(
        Text(
            "循环卷积, ReLU, 全局平均池化: 移动前后",
            "circular convolution, ReLU, global average pooling: before and after a shift",
        ),
        (
            {"length": 5, "taps": 3, "shift": 2},
            {"length": 6, "taps": 2, "shift": -1},
            {"length": 1, "taps": 1, "shift": 1},
        ),
        _no_head,
    ),
    conditions=Text(
        "长为 N 的圆周, 步幅 1, 一层或两层, 任意逐元素函数 f, 任意整数 t.",
        "a circle of length N, stride 1, one layer or two, any entrywise function f, any integer t.",
    ),
    erratum=Erratum(printed=NEEDED, corrected=NEEDED_CORRECTED, explanation=NEEDED_WHY),
)


# --- averages over phases ---------------------------------------------------------------------------------------------

strided = signal_of("xi", S * L)
phases = signal_of("g", S)
both_phases = signal("G", S, S, grid="circular")
target = sp.Symbol("eta", real=True)


def reduced(signal):
    """A strided layer, an activation, global average pooling: invariant to the multiples of S only."""
    return sp.Sum(f(conv1d.correlation(signal, k, n, stride=S)), (n, 0, L - 1)) / L


phase_mean = sp.Sum(phases[r], (r, 0, S - 1)) / S
spread = sp.Sum((phases[r] - phase_mean) ** 2, (r, 0, S - 1)) / S

phase_average = Claim(
    id="ext-polyphase-average",
    section="ext",
    title=Text("对各个相位取平均, 得到严格的不变性", "the average over the phases is exactly invariant"),
    chain=(reduced(shifted(strided, t + S)), reduced(shifted(strided, t))),
    also=(
        (sp.Sum(phases[r + u], (r, 0, S - 1)) / S, phase_mean),
        (
            sp.Sum(both_phases[r + u, q + v], (r, 0, S - 1), (q, 0, S - 1)) / S**2,
            sp.Sum(both_phases[r, q], (r, 0, S - 1), (q, 0, S - 1)) / S**2,
        ),
        (sp.Sum((phases[r] - target) ** 2, (r, 0, S - 1)) / S - (phase_mean - target) ** 2, spread),
    ),
    steps=(
        Step(
            f(conv1d.correlation(shifted(strided, t + S), k, n, stride=S)),
            f(conv1d.correlation(shifted(strided, t), k, n - 1, stride=S)),
            Text("移动 S 格, 输出移动一格", "moved by S, the output moves by one"),
        ),
        Step(sp.Sum(phases[r + u], (r, 0, S - 1)), sp.Sum(phases[r], (r, 0, S - 1)), PERIOD),
        Step(
            sp.Sum((phases[r] - phase_mean) ** 2, (r, 0, S - 1)),
            sp.Sum(phases[r] ** 2, (r, 0, S - 1)) - S * phase_mean**2,
            Text("方差的两种写法", "two ways to write a variance"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("网络本身就不变", "the network is invariant by itself"),
            lambda: (reduced(shifted(strided, t + 1)), reduced(shifted(strided, t))),
        ),
        NearMiss(
            Text("少平均一个相位", "the average over one phase less"),
            lambda: (
                sp.Sum(phases[r + u], (r, 0, S - 2)) / (S - 1),
                sp.Sum(phases[r], (r, 0, S - 2)) / (S - 1),
            ),
        ),
        NearMiss(
            Text("二维时只平均对角线", "in two directions, the average over the diagonal"),
            lambda: (
                sp.Sum(both_phases[r + u, r + v], (r, 0, S - 1)) / S,
                sp.Sum(both_phases[r, r], (r, 0, S - 1)) / S,
            ),
        ),
        NearMiss(
            Text("平均之后误差不变", "the average does not change the error"),
            lambda: (sp.Sum((phases[r] - target) ** 2, (r, 0, S - 1)) / S, (phase_mean - target) ** 2),
        ),
    ),
    numeric=compared(
        Text(
            "对各相位平均的参考网络, 输入移动前后",
            "the reference network averaged over phases, before and after a shift",
        ),
        (
            {"stride": 2, "outputs": 4, "taps": 3, "shift": 1},
            {"stride": 3, "outputs": 2, "taps": 2, "shift": -2},
            {"stride": 1, "outputs": 5, "taps": 1, "shift": 3},
        ),
        _over_phases,
    ),
    conditions=Text(
        "长为 SL 的圆周. g_r = f(T_r x) 以 S 为周期 (第一式是这样的一个网络); 平均 (1/S) Σ g_r 对每个平移 u 不变, 二维时对 S² 个相位平均. "
        "最后一式: 目标 η 不随平移变时, 平均之后的平方误差不会更大 (右边 ≥ 0).",
        "a circle of length SL. g_r = f(T_r x) has the period S (the first equation is such a network); the average (1/S) Σ g_r is "
        "invariant to every shift u; in two directions it is over S² phases. The last equation: for a target η that does not depend on the "
        "shift, the squared error of the average is no larger (the right side is at least 0).",
    ),
)


jensen = Claim(
    id="ext-polyphase-average-risk",
    section="ext",
    title=Text("平均之后平方误差不更大", "the average has no larger squared error"),
    chain=(
        sp.true,
        sp.Le((phase_mean - target) ** 2, sp.Sum((phases[r] - target) ** 2, (r, 0, S - 1)) / S, evaluate=False),
    ),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("总是更大", "always larger"),
            lambda: (
                sp.true,
                sp.Ge((phase_mean - target) ** 2, sp.Sum((phases[r] - target) ** 2, (r, 0, S - 1)) / S, evaluate=False),
            ),
        ),
        NearMiss(
            Text("总是严格更小", "always strictly smaller"),
            lambda: (
                sp.true,
                sp.Lt((phase_mean - target) ** 2, sp.Sum((phases[r] - target) ** 2, (r, 0, S - 1)) / S, evaluate=False),
            ),
        ),
    ),
    numeric=compared(
        Text(
            "参考网络各相位的回答: 平均之后的误差超出多少 (应为 0)",
            "the answers of a reference network at all phases: by how much the bound is exceeded (by nothing)",
        ),
        (
            {"stride": 2, "outputs": 4, "taps": 3, "shift": 1},
            {"stride": 3, "outputs": 2, "taps": 2, "shift": -2},
            {"stride": 1, "outputs": 5, "taps": 1, "shift": 3},
        ),
        _risk,
    ),
    conditions=Text("S 个相位上的输出 g_r, 同一个目标 η.", "the outputs g_r at S phases, one target η."),
)

DERIVATION = Derivation(
    title=Text("整个网络与平移", "whole networks and shifts"),
    context=CONTEXT,
    claims=(
        total_stride,
        induction,
        linear_exception,
        accumulated,
        accumulated_corrected,
        rare,
        needed,
        needed_corrected,
        phase_average,
        jensen,
    ),
    source="lecture note, section 4.4",
)
