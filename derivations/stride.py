"""Section 2.1: the stride of a convolution layer, as downsampling of the output of the layer with stride 1.

`(D_s y)[n] = y[s n]` keeps every s-th entry. The claims begin at the definition of the layers, `cnnsym.layers.conv1d` and
`conv2d`; how many outputs there are is counted over the positions at which a window lies within the input.
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
let m, k, s, \rho, c, d, H, L, s_1, s_2, P, R, q_1, q_2 : size
let p : integer nonnegative
let o, n, i, u, v : integer
let x : signal(c, m); let W : signal(d, c, k); let b : signal(d)
let z : signal(m); let w : signal(k)                       # one channel
let X : signal(c, H, L); let K : signal(d, c, k, k)        # an image
where y_{o,n} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1} W_{o,l,a} x_{l,n+\rho a-p} + b_o
where \hat{y}_{o,n} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1} W_{o,l,a} x_{l,sn+\rho a-p} + b_o
where \hat{t}_n = \sum_{a=0}^{k-1} w_a z_{sn+a}              # one channel, no padding
where t_n = \sum_{a=0}^{k-1} w_a z_{n+a}
where \check{t}_n = \sum_{a=0}^{k-1} w_a z_{s(n+a)}        # the input thinned out first
where Y_{o,u,v} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1}\sum_{e=0}^{k-1} K_{o,l,a,e} X_{l,u+a,v+e} + b_o
where \bar{Y}_{o,u,v} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1}\sum_{e=0}^{k-1} K_{o,l,a,e} X_{l,s_1u+a,v+e} + b_o
where \tilde{Y}_{o,u,v} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1}\sum_{e=0}^{k-1} K_{o,l,a,e} X_{l,u+a,s_2v+e} + b_o
where \hat{Y}_{o,u,v} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1}\sum_{e=0}^{k-1} K_{o,l,a,e} X_{l,s_1u+a,s_2v+e} + b_o
"""

m, k, s, rho, c, d, H, L, s1, s2, P, R, q1, q2 = dims("m k s rho c d H L s_1 s_2 P R q_1 q_2")
p = sp.Symbol("p", integer=True, nonnegative=True)
o, n, u, v, a, e, i, l = sp.symbols("o n u v a e i l", integer=True)
x, W, b = signal("x", c, m), signal("W", d, c, k), signal("b", d)
z, w = signal("z", m), signal("w", k)
X, K = signal("X", c, H, L), signal("K", d, c, k, k)


def strided(at, stride=s):
    """The layer with channels, a bias, dilation and padding, by its definition."""
    return conv1d.forward(x, W, o, at, b, stride=stride, dilation=rho, padding=p)


def plain(at, stride=1, padding=0):
    """One channel."""
    return conv1d.correlation(z, w, at, stride=stride, padding=padding)


def image(row, column, stride=(1, 1)):
    return conv2d.forward(X, K, o, row, column, b, stride=stride)


def flat(row, column, stride=(1, 1)):
    """One channel of an image."""
    return conv2d.correlation(signal("Z", H, L), signal("V", k, k), row, column, stride=stride)


thinned = sp.Sum(w[a] * z[s * (n + a)], (a, 0, k - 1))  # the layer with stride 1 on every s-th input

# --- numbers ---------------------------------------------------------------------------------------------------------


def _draw(random, dtype, *shape):
    return random.integers(-9, 10, size=shape).astype(dtype)


def _layer(random, dtype, m, k, **options):
    """Input, kernels, bias and output of the reference layer with 3 channels and 2 filters."""
    given = _draw(random, dtype, 1, 3, m), _draw(random, dtype, 2, 3, k), _draw(random, dtype, 2)
    return given, conv1d_layer.forward(*given, **options)


def _sampled(random, dtype, m, k, stride, padding, dilation):
    """Every s-th output of the layer with stride 1, and the layer with stride s."""
    given, theirs = _layer(random, dtype, m, k, stride=stride, padding=padding, dilation=dilation)
    return conv1d_layer.forward(*given, padding=padding, dilation=dilation)[:, :, ::stride], theirs


def _count(m, k, stride):
    return conv1d_layer.forward(np.ones((1, 1, m)), np.ones((1, 1, k)), stride=stride).shape[2]


KEPT = Text("每隔 s 个取一个参考层 (步幅 1) 的输出", "every s-th output of the reference layer with stride 1")
NUMBER = Text("参考层输出的个数与公式比较", "the number of outputs of the reference layer against the formula")
DEFINITION = Text("层的定义", "definition of the layer")
DUMOULIN = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016)"
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5, equation 9.8"
CASES = (
    {"m": 11, "k": 3, "stride": 2, "padding": 1, "dilation": 2},
    {"m": 8, "k": 2, "stride": 3, "padding": 0, "dilation": 1},
    {"m": 5, "k": 4, "stride": 4, "padding": 3, "dilation": 3},
)

# --- downsampling ----------------------------------------------------------------------------------------------------

# (D_s y)[n] for the P outputs of the layer with stride 1.
sampled = sp.Sum(indicator(sp.Eq(i, s * n)) * strided(i, stride=1), (i, 0, P - 1))

downsample = Claim(
    id="2.1-stride-downsample",
    section="2.1",
    title=Text("步幅为 s 的卷积是步幅 1 的卷积再下采样", "stride s is stride 1, downsampled"),
    chain=(strided(n), sampled, strided(s * n, stride=1)),
    hypotheses=(sp.Ge(n, 0), sp.Le(s * n, P - 1)),
    steps=(
        Step(
            strided(n),
            sp.Sum(W[o, l, a] * x[l, s * n + rho * a - p], (a, 0, k - 1), (l, 0, c - 1)) + b[o],
            DEFINITION,
        ),
        Step(
            sampled,
            sp.Sum(W[o, l, a] * x[l, s * n + rho * a - p], (a, 0, k - 1), (l, 0, c - 1)) + b[o],
            Text("括号 [·] 只留下位置 i = sn", "the bracket leaves the position i = sn only"),
        ),
    ),
    near_misses=(
        NearMiss(Text("先把输入抽稀", "the input thinned out first"), lambda: (plain(n, stride=s), thinned)),
        NearMiss(
            Text("从第 1 个取起: y[sn + 1]", "beginning at 1: y[sn + 1]"),
            lambda: (strided(n), strided(s * n + 1, stride=1)),
        ),
        NearMiss(
            Text("对补满零的 (full) 输出下采样", "the output with full padding, downsampled"),
            lambda: (plain(n, stride=s), plain(s * n, padding=k - 1)),
        ),
        NearMiss(
            Text("步幅乘在核上", "the stride at the taps"),
            lambda: (plain(n, stride=s), sp.Sum(w[a] * z[n + s * a], (a, 0, k - 1))),
        ),
    ),
    numeric=compared(KEPT, CASES, _sampled),
    conditions=Text(
        "c 个输入通道, d 个滤波器, 偏置, 空洞 ρ, 补零 p, 两边相同的选项; 步幅 1 时有 P 个输出, 0 ≤ sn ≤ P - 1.",
        "c input channels, d filters, a bias, dilation ρ and padding p, the same on both sides; there are P "
        "outputs with stride 1, and 0 ≤ sn ≤ P - 1.",
    ),
    source=GOODFELLOW,
    erratum=Erratum(
        printed=Text("对全卷积函数输出的下采样", "downsampling of the output of the full convolution function"),
        corrected=Text("对步幅为 1 的卷积的输出下采样", "downsampling of the output of the convolution with stride 1"),
        explanation=Text(
            "这里的“全”指不跳过任何位置, 不是 2.2 节补 k - 1 个零的全卷积; 后者在位置 sn 读的是另一个窗口.",
            "“Full” means here that no position is skipped, not the padding with k - 1 zeros of section 2.2, which has another window at "
            "position sn.",
        ),
        kind="unclear",
    ),
)

kept = sp.Sum(indicator(sp.Le(s * n, m - k)), (n, 0, m - k))

length = Claim(
    id="2.1-stride-downsample-length",
    section="2.1",
    title=Text("下采样后剩下几个输出", "how many outputs are left"),
    chain=(sp.Le(k, m), sp.Eq(kept, sp.ceiling((m - k + 1) / s))),
    also=((sp.Le(k, m), sp.Eq(sp.ceiling((m - k + 1) / s), sp.floor((m - k) / s) + 1)),),
    method=Integers(),
    near_misses=(
        NearMiss(Text("向下取整", "rounded down"), lambda: (sp.Le(k, m), sp.Eq(kept, sp.floor((m - k + 1) / s)))),
        NearMiss(
            Text("⌈(m - k)/s⌉ + 1", "⌈(m - k)/s⌉ + 1"), lambda: (sp.Le(k, m), sp.Eq(kept, sp.ceiling((m - k) / s) + 1))
        ),
        NearMiss(Text("⌈m/s⌉", "⌈m/s⌉"), lambda: (sp.Le(k, m), sp.Eq(kept, sp.ceiling(m / s)))),
    ),
    numeric=compared(
        NUMBER,
        ({"m": 11, "k": 3, "stride": 2}, {"m": 10, "k": 3, "stride": 3}, {"m": 4, "k": 4, "stride": 5}),
        lambda random, dtype, m, k, stride: (-(-(m - k + 1) // stride), _count(m, k, stride)),
    ),
    conditions=Text(
        "m ≥ k, 不补零; 步幅 1 时有 m - k + 1 个输出.", "m ≥ k, no padding; there are m - k + 1 outputs with stride 1."
    ),
)

# --- what is sampled -------------------------------------------------------------------------------------------------

interval = Claim(
    id="2.1-interval-s",
    section="2.1",
    title=Text("照字面: 在输入上每间隔 s 个像素采样", "as printed: the input is sampled at intervals of s pixels"),
    chain=(plain(n, stride=s), thinned),
    also=((plain(n, stride=s), plain((s + 1) * n)),),
    hypotheses=(sp.Ge(n, 0), sp.Le(s * n + k, m)),  # the window lies within the input
    expected="refuted",
    conditions=Text(
        "两种读法: 先把输入抽稀再卷积; 或者每次跳过 s 个像素, 即步长 s + 1. 两种都不是步幅 s. 窗口落在输入内: n ≥ 0, sn + k ≤ m.",
        "two readings: the input is thinned out before the convolution; or s pixels are left out each time, which is a step of s + 1. "
        "Neither is stride s. The window lies within the input: n ≥ 0 and sn + k ≤ m.",
    ),
    erratum=Erratum(
        printed=Text(
            "在输入的每个方向上每间隔 $s$ 个像素进行采样", "we sample every $s$ pixels in each direction of the input"
        ),
        corrected=Text(
            "在步幅为 1 的卷积的**输出**上, 每个方向每 $s$ 个位置取一个; 也就是窗口在输入上每次移动 $s$ 个像素",
            "we keep every $s$-th position, in each direction, of the **output** of the convolution with stride 1; that is, the window moves "
            "by $s$ pixels of the input",
        ),
        explanation=Text(
            "x = (1, 2, 3, 4, 5), w = (1, 1), s = 2: 步幅 2 的卷积给出 (3, 7), 先抽稀输入再卷积给出 (4, 8). 每次跳过 s 个像素则是步长 s + 1.",
            "x = (1, 2, 3, 4, 5), w = (1, 1), s = 2: stride 2 gives (3, 7), while thinning out the input first gives (4, 8). Leaving out s "
            "pixels each time is a step of s + 1.",
        ),
        kind="unclear",
    ),
)

window = sp.Sum(w[a] * z[s * n + a + s], (a, 0, k - 1))
skipped = sp.Sum(indicator(sp.And(sp.Lt(s * n, i), sp.Lt(i, s * n + s))), (i, s * n, s * n + s))


def _both_readings(dtype, m):
    ramp, ones = np.arange(1, m + 1, dtype=dtype)[None, None], np.ones((1, 1, 2), dtype)
    theirs = conv1d_layer.forward(ramp, ones, stride=2), conv1d_layer.forward(ramp[:, :, ::2], ones)
    ours = [[4 * at + first for at in range((m - 1) // 2)] for first in (3, 4)]
    return np.array(ours), np.concatenate([each[0] for each in theirs])


interval_corrected = Claim(
    id="2.1-interval-s-corrected",
    section="2.1",
    title=Text(
        "下一个输出: 窗口移动 s 个像素, 跳过 s - 1 个位置",
        "the next output: the window moves by s pixels and skips s - 1 positions",
    ),
    chain=(plain(n + 1, stride=s), window),
    also=((skipped, s - 1),),
    steps=(
        Step(
            plain(n + 1, stride=s),
            plain(s * n + s),
            Text("2.1-stride-downsample 在 n + 1", "2.1-stride-downsample at n + 1"),
        ),
    ),
    near_misses=(
        NearMiss(Text("跳过 s 个位置", "s positions are skipped"), lambda: (skipped, s)),
        NearMiss(
            Text("窗口移动 s + 1 个像素", "the window moves by s + 1 pixels"),
            lambda: (plain(n + 1, stride=s), sp.Sum(w[a] * z[s * n + a + s + 1], (a, 0, k - 1))),
        ),
        NearMiss(
            Text("窗口移动一个像素", "the window moves by one pixel"),
            lambda: (plain(n + 1, stride=s), sp.Sum(w[a] * z[s * n + a + 1], (a, 0, k - 1))),
        ),
    ),
    numeric=compared(
        Text(
            "x = (1, ..., m), 核 (1, 1), s = 2: 参考层给出 3, 7, ...; 先抽稀输入给出 4, 8, ...",
            "x = (1, ..., m), kernel (1, 1), s = 2: the reference layer gives 3, 7, ...; with the input thinned out 4, 8, ...",
        ),
        ({"m": 5}, {"m": 9}, {"m": 3}),
        lambda random, dtype, m: _both_readings(dtype, m),
    ),
    conditions=Text("单个通道, 不补零; n 是任意整数.", "one channel, no padding; n is any integer."),
    source=GOODFELLOW,
)

# --- cost ------------------------------------------------------------------------------------------------------------

cost = Claim(
    id="2.1-cost",
    section="2.1",
    title=Text("步幅 s 时输出的个数", "the number of outputs with stride s"),
    chain=(sp.Le(k, m), sp.Eq(kept, sp.floor((m - k) / s) + 1)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("⌈(m - k)/s⌉ + 1", "⌈(m - k)/s⌉ + 1"), lambda: (sp.Le(k, m), sp.Eq(kept, sp.ceiling((m - k) / s) + 1))
        ),
        NearMiss(Text("漏掉 + 1", "+ 1 forgotten"), lambda: (sp.Le(k, m), sp.Eq(kept, sp.floor((m - k) / s)))),
        NearMiss(Text("恰好是 1/s", "exactly one in s"), lambda: (sp.Le(k, m), sp.Eq(s * kept, m - k + 1))),
    ),
    numeric=compared(
        NUMBER,
        ({"m": 11, "k": 3, "stride": 2}, {"m": 10, "k": 3, "stride": 3}, {"m": 4, "k": 4, "stride": 5}),
        lambda random, dtype, m, k, stride: ((m - k) // stride + 1, _count(m, k, stride)),
    ),
    conditions=Text("m ≥ k ≥ 1, s ≥ 1, 不补零.", "m ≥ k ≥ 1, s ≥ 1, no padding."),
    source=f"{DUMOULIN}, relationship 5",
)

ratio = Claim(
    id="2.1-cost-ratio",
    section="2.1",
    title=Text(
        "与步幅 1 之比介于 1/s 与 1/s 加零头之间", "compared with stride 1: between 1/s and 1/s plus a remainder"
    ),
    chain=(sp.Le(k, m), sp.And(sp.Le(m - k + 1, s * kept), sp.Le(s * kept, m - k + s))),
    method=Integers(),
    near_misses=(
        NearMiss(Text("至多 1/s", "at most 1/s"), lambda: (sp.Le(k, m), sp.Le(s * kept, m - k + 1))),
        NearMiss(Text("零头更小一格", "a smaller remainder"), lambda: (sp.Le(k, m), sp.Le(s * kept, m - k + s - 1))),
        NearMiss(Text("至少 1/s 再加一格", "at least one more"), lambda: (sp.Le(k, m), sp.Le(m - k + 2, s * kept))),
    ),
    numeric=compared(
        Text("s 倍的输出个数落在两界之间", "s times the number of outputs lies between the bounds"),
        ({"m": 11, "k": 3, "stride": 2}, {"m": 10, "k": 3, "stride": 3}, {"m": 4, "k": 4, "stride": 5}),
        lambda random, dtype, m, k, stride: (1, m - k + 1 <= stride * _count(m, k, stride) <= m - k + stride),
    ),
    conditions=Text(
        "m ≥ k; 步幅 1 有 m - k + 1 个输出. 两边除以 s(m - k + 1), 比值在 m 增大时趋于 1/s.",
        "m ≥ k; with stride 1 there are m - k + 1 outputs. Divided by s(m - k + 1) the ratio tends to 1/s as m grows.",
    ),
)

products = sp.Sum(sp.Derivative(plain(n, stride=s), w[a], z[i]), (i, 0, m - 1), (a, 0, k - 1), (n, 0, P - 1))
o_, u_, v_ = sp.symbols("o_1 u_1 v_1", integer=True)
multiplications = sp.Sum(1, (e, 0, k - 1), (a, 0, k - 1), (l, 0, c - 1), (v_, 0, L - 1), (u_, 0, H - 1), (o_, 0, d - 1))

macs = Claim(
    id="2.1-cost-products",
    section="2.1",
    title=Text("每个输出 k 次乘法", "k multiplications for each output"),
    chain=(products, k * P),
    also=((multiplications, d * c * k**2 * H * L),),
    hypotheses=(sp.Le(s * (P - 1), m - k),),
    steps=(
        Step(
            products,
            sp.Sum(1, (a, 0, k - 1), (n, 0, P - 1)),
            Text("窗口整个落在输入内, 每个乘积出现一次", "the windows lie within the input, every product occurs once"),
        ),
    ),
    near_misses=(
        NearMiss(Text("每个输出 m 次", "m for each output"), lambda: (products, m * P)),
        NearMiss(Text("不随步幅减少", "not fewer with a stride"), lambda: (products, k * (m - k + 1))),
        NearMiss(
            Text("二维时漏掉一个 k", "one k forgotten in two directions"), lambda: (multiplications, d * c * k * H * L)
        ),
    ),
    numeric=compared(
        Text(
            "全 1 的输入与核: 参考层输出之和就是乘法的次数",
            "with all inputs and taps 1 the outputs of the reference layer add up to the number of multiplications",
        ),
        ({"m": 11, "k": 3, "stride": 2}, {"m": 10, "k": 4, "stride": 3}, {"m": 4, "k": 4, "stride": 5}),
        lambda random, dtype, m, k, stride: (
            k * ((m - k) // stride + 1),
            conv1d_layer.forward(np.ones((1, 1, m), dtype), np.ones((1, 1, k), dtype), stride=stride).sum(),
        ),
    ),
    conditions=Text(
        "P 个输出, 最后一个窗口仍在输入内: s(P - 1) ≤ m - k. 二维时 d 个滤波器, c 个通道, k × k 的核, H × L 个输出.",
        "P outputs, of which the last window still lies within the input: s(P - 1) ≤ m - k. In two directions d filters, c channels, k × k "
        "taps and H × L outputs.",
    ),
)

rows = sp.Sum(indicator(sp.Lt(s1 * u, s1 * q1)), (u, 0, s1 * q1 - 1))
columns = sp.Sum(indicator(sp.Lt(s2 * v, s2 * q2)), (v, 0, s2 * q2 - 1))

cost_2d = Claim(
    id="2.1-cost-2d",
    section="2.1",
    title=Text("二维: 输出减为 1/(s₁s₂)", "two directions: one output in s₁s₂ is left"),
    chain=(s1 * s2 * rows * columns, sp.Sum(1, (v, 0, s2 * q2 - 1), (u, 0, s1 * q1 - 1))),
    also=((rows, q1),),
    near_misses=(
        NearMiss(
            Text("步幅 s 时减为 1/s", "one in s with stride s"),
            lambda: (s1 * (rows * columns).subs(s2, s1), sp.Sum(1, (v, 0, s1 * q2 - 1), (u, 0, s1 * q1 - 1))),
        ),
        NearMiss(
            Text("减为 1/(s₁ + s₂)", "one in s₁ + s₂"),
            lambda: ((s1 + s2) * rows * columns, sp.Sum(1, (v, 0, s2 * q2 - 1), (u, 0, s1 * q1 - 1))),
        ),
    ),
    numeric=compared(
        NUMBER,
        ({"outputs": (3, 4), "stride": (2, 3), "k": 2}, {"outputs": (1, 5), "stride": (4, 1), "k": 3}),
        lambda random, dtype, outputs, stride, k: (
            outputs,
            conv2d_layer.forward(
                np.ones((1, 1, *(s * q + k - 1 for s, q in zip(stride, outputs, strict=True))), dtype),
                np.ones((1, 1, k, k), dtype),
                stride=stride,
            ).shape[2:],
        ),
    ),
    conditions=Text(
        "步幅 1 的输出有 s₁q₁ × s₂q₂ 个; 不能整除时用 2.1-cost-ratio, 每个方向一次.",
        "with stride 1 there are s₁q₁ × s₂q₂ outputs; where s does not divide their number see 2.1-cost-ratio, once for each direction.",
    ),
)

# --- two directions --------------------------------------------------------------------------------------------------


def by_rows(output):
    """D of the rows: of the outputs at rows i = 0 .. P - 1, that at s_1 u."""
    return sp.Sum(indicator(sp.Eq(i, s1 * u)) * output, (i, 0, P - 1))


def by_columns(output):
    return sp.Sum(indicator(sp.Eq(l, s2 * v)) * output, (l, 0, R - 1))


per_axis = Claim(
    id="2.1-per-axis",
    section="2.1",
    title=Text("两个方向的步幅互不相干", "the strides of the two directions are independent"),
    chain=(image(u, v, (s1, s2)), by_rows(image(i, v, (1, s2))), by_rows(by_columns(image(i, l)))),
    also=((image(u, v, (s1, s2)), by_columns(image(u, l, (s1, 1)))),),
    hypotheses=(sp.Ge(u, 0), sp.Le(s1 * u, P - 1), sp.Ge(v, 0), sp.Le(s2 * v, R - 1)),
    steps=(
        Step(image(u, v, (s1, 1)), by_rows(image(i, v)), Text("按行下采样", "downsampling of the rows")),
        Step(image(u, v, (1, s2)), by_columns(image(u, l)), Text("按列下采样", "downsampling of the columns")),
    ),
    near_misses=(
        NearMiss(Text("两个方向互换", "the directions swapped"), lambda: (flat(u, v, (2, 3)), flat(3 * u, 2 * v))),
        NearMiss(
            Text("(2, 3) 等于一个方向的步幅 6", "(2, 3) is stride 6 in one direction"),
            lambda: (flat(u, v, (2, 3)), flat(6 * u, v)),
        ),
        NearMiss(
            Text("两个方向都用 s₁", "s₁ in both directions"), lambda: (flat(u, v, (s1, s2)), flat(s1 * u, s1 * v))
        ),
    ),
    numeric=compared(
        KEPT,
        ({"size": (7, 9), "stride": (2, 3)}, {"size": (5, 4), "stride": (1, 2)}, {"size": (6, 6), "stride": (4, 3)}),
        lambda random, dtype, size, stride: _sampled_2d(random, dtype, size, stride),
    ),
    conditions=Text(
        "c 个通道, d 个滤波器, 偏置; 先按行还是先按列都一样. 步幅 1 时有 P × R 个输出, s₁u 与 s₂v 在其中.",
        "c channels, d filters, a bias; rows or columns first, it is the same. With stride 1 there are P × R outputs, s₁u and s₂v among them.",
    ),
    source=GOODFELLOW,
)


def _sampled_2d(random, dtype, size, stride):
    given = _draw(random, dtype, 1, 3, *size), _draw(random, dtype, 2, 3, 2, 2), _draw(random, dtype, 2)
    ours = conv2d_layer.forward(*given)[:, :, :: stride[0], :: stride[1]]
    return ours, conv2d_layer.forward(*given, stride=stride)


DERIVATION = Derivation(
    title=Text("步幅", "stride"),
    context=CONTEXT,
    claims=(
        downsample,
        length,
        interval,
        interval_corrected,
        cost,
        ratio,
        macs,
        cost_2d,
        per_axis,
    ),
    source="lecture note, section 2.1",
)
