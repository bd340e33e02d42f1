"""Sections 3.1 and 3.2: what pooling does to a signal, and global average pooling before a classifier.

Windows are those of `cnnsym.layers.avg_pool2d` and `max_pool2d` in one direction; the spectrum of average pooling is a
geometric sum, closed by telescoping.
"""

import numpy as np
import sympy as sp

from cnnsym import Maximum, dims, indicator, kron, matrix, ones, signal, vec
from cnnsym.atoms import ForAll, relu
from cnnsym.claim import (
    Claim,
    Derivation,
    Entailment,
    Erratum,
    Inequality,
    Integers,
    Measurement,
    NearMiss,
    Step,
    Telescoping,
    Text,
    Trigonometric,
)
from cnnsym.layers import avg_pool2d, gap, max_pool2d
from cnnsym.measurement import compared
from cnnsym.reference import avg_pool2d as average_layer
from cnnsym.reference import flatten as flatten_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import max_pool2d as maximum_layer

CONTEXT = r"""
let p : size
let n, c, k : integer; let t : integer nonnegative
let i, j : index(p)                        # places within a window
let x : signal(infinite)
let \alpha, \beta, \theta, \phi, y_1, y_2, h : scalar
where v_a = x_{n+a} + \left([a=i]-[a=j]\right)\left(x_{n+j}-x_{n+i}\right)
# Section 3.2: one channel, C channels, the weights of a classifier with K classes; with matrices, m = HW pixels a channel.
let C, H, W, K, m : size
let z : signal(H, W); let X : signal(C, H, W); let w : signal(K, C)
let Z : matrix(m, C); let V : matrix(K, C)
where \mathrm{GAP}(z) = \frac{1}{HW}\sum_{u=0}^{H-1}\sum_{v=0}^{W-1} z_{u,v}
# Two convolution layers, 1 to 2, whose last one has C channels: their parameters.
let k_1, k_2, c_0, c_1 : size
where P = k_1^2 c_0 c_1 + c_1 + k_2^2 c_1 C + C
"""

p, H, W, C, K, m, N = dims("p H W C K m N")
n, c, k, e, l = sp.symbols("n c k e l", integer=True)
a, u, v = sp.symbols("a u v", integer=True)  # summation indices
t = sp.Symbol("t", integer=True, nonnegative=True)
i, j = sp.Idx("i", p), sp.Idx("j", p)  # places within a window
alpha, beta, theta, phi, h, y1, y2 = sp.symbols("alpha beta theta phi h y_1 y_2", real=True)
x = signal("x", sp.oo)
z, image = signal("z", H, W), signal("X", C, H, W)  # one channel, and C of them
HALF = sp.Rational(1, 2)


def average(position, at=x):
    return avg_pool2d.window(at, position, p)


def largest(position, at=x):
    return max_pool2d.window(at, position, p)


def equal(left, right):
    """An equation, as it stands: SymPy decides nothing."""
    return sp.Eq(left, right, evaluate=False)


def inside(place, size):
    """That an index lies in its range."""
    return sp.Ge(place, 0), sp.Lt(place, size)


def _draw(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.3"
LIN = "Lin, Chen and Yan, Network in network (2013), section 3.2"
OPPENHEIM = "Oppenheim and Schafer, Discrete-Time Signal Processing, section 2.6"

# --- 3.1: how much a shift changes ------------------------------------------------------------------------------------

moved = sp.Sum(x[n + a - t], (a, 0, p - 1)) / p
left_over = (sp.Sum(x[n - a], (a, 1, t)) - sp.Sum(x[n + p - a], (a, 1, t))) / p
bounded = ForAll((l,), sp.And(sp.Le(alpha, x[l]), sp.Le(x[l], beta)))

prior = Claim(
    id="3.1-pool-prior",
    section="3.1",
    title=Text("小平移下平均池化改变多少", "how much average pooling changes under a small shift"),
    chain=(moved - average(n), left_over),
    steps=(
        Step(moved, sp.Sum(x[e], (e, n - t, n + p - 1 - t)) / p, Text("令 e = n + a - t", "e = n + a - t")),
        Step(average(n), sp.Sum(x[e], (e, n, n + p - 1)) / p, Text("令 e = n + a", "e = n + a")),
        Step(
            sp.Sum(x[e], (e, n - t, n + p - 1 - t)) / p - sp.Sum(x[e], (e, n, n + p - 1)) / p,
            left_over,
            Text("公共的部分消去: 进来 t 个, 出去 t 个", "what both windows share cancels: t entries come in, t go out"),
        ),
    ),
    near_misses=(
        NearMiss(Text("什么都不变: 严格不变", "nothing changes: exact invariance"), lambda: (moved - average(n), sp.S.Zero)),
        NearMiss(
            Text("只差一个元素", "one entry only"), lambda: (moved - average(n), (x[n - t] - x[n + p - 1]) / p)
        ),
        NearMiss(Text("除以 p²", "divided by p²"), lambda: (moved - average(n), left_over / p)),
        NearMiss(
            Text("步长 2, 窗口 2 的最大池化在平移 1 下不变", "max pooling with stride and window 2 does not change under a shift by 1"),
            lambda: (Maximum(x[2 * n + a - 1], (a, 0, 1)), Maximum(x[2 * n + a], (a, 0, 1))),
        ),
    ),
    numeric=compared(
        Text("参考层在平移前后之差, 与进出的元素比较", "the reference layer before and after a shift against what comes in and goes out"),
        ({"p": 3, "t": 1}, {"p": 4, "t": 4}, {"p": 2, "t": 0}, {"p": 2, "t": 5}),
        lambda random, dtype, p, t: _in_and_out(random, dtype, p, t),
    ),
    conditions=Text(
        "任意窗口 p ≥ 1, 任意平移 t ≥ 0, 任意信号. 改变因此有界, 见 3.1-pool-prior-bound.",
        "any window p ≥ 1, any shift t ≥ 0, any signal. So the change is bounded, see 3.1-pool-prior-bound.",
    ),
    erratum=Erratum(
        printed=Text("这一层学得的函数必须具有对少量平移的不变性", "the function that this layer learns must be invariant to small translations"),
        corrected=r"\frac{1}{p}\sum_{a=0}^{p-1}x_{n+a-t}-\frac{1}{p}\sum_{a=0}^{p-1}x_{n+a}=\frac{1}{p}\left(\sum_{a=1}^{t}x_{n-a}-\sum_{a=1}^{t}x_{n+p-a}\right)",
        explanation=Text(
            "只是近似不变: 平均池化的改变量不为零, 但至多是值域宽度的 t/p (3.1-pool-prior-bound). 窗口与步长为 2 的最大池化把 (0,1,0,0) 变成 (1,0), 平移一格后是 (0,1).",
            "The invariance is approximate only: average pooling changes, though by at most t/p of the range of the values (3.1-pool-prior-bound). Max pooling with window and stride 2 takes (0,1,0,0) "
            "to (1,0), and shifted by one to (0,1).",
        ),
        kind="unclear",
    ),
    source=GOODFELLOW,
)


def _in_and_out(random, dtype, p, t):
    signal_ = _draw(random, dtype, 12)
    moved_ = np.concatenate([_draw(random, dtype, t), signal_])[: len(signal_)]
    layer = lambda z: average_layer.forward(z[None, None, None], window=(1, p), stride=1)[0, 0, 0]  # noqa: E731 - a formula
    whole = np.concatenate([moved_[:t], signal_])
    ours = [(whole[m : m + t].sum() - whole[m + p : m + p + t].sum()) / p for m in range(len(signal_) - p + 1)]
    return np.array(ours), layer(moved_) - layer(signal_)


entered = sp.Sum(x[n - a], (a, 1, t)) - sp.Sum(x[n + p - a], (a, 1, t))
most = t * (beta - alpha)
prior_bound = Claim(
    id="3.1-pool-prior-bound",
    section="3.1",
    title=Text("改变至多为值域宽度的 t/p", "the change is at most t/p of the range of the values"),
    chain=(sp.And(sp.Le(t, p), bounded), sp.Le(sp.Abs(moved - average(n)), most / p)),
    method=Inequality(),
    steps=(
        Step(
            bounded,
            sp.Le(entered, most),
            Text("逐项: 每个差至多 β - α", "term by term: each difference is at most β - α"),
            method=Inequality(),
        ),
        Step(
            bounded,
            sp.Ge(entered, -most),
            Text("同样地, 每个差至少 α - β", "likewise, each difference is at least α - β"),
            method=Inequality(),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("分母为 p²", "p² in the denominator"),
            lambda: (sp.And(sp.Le(t, p), bounded), sp.Le(sp.Abs(moved - average(n)), most / p**2)),
        ),
        NearMiss(
            Text("一半的界", "half the bound"),
            lambda: (sp.And(sp.Le(t, p), bounded), sp.Le(sp.Abs(moved - average(n)), most / (2 * p))),
        ),
        NearMiss(
            Text("最大池化也有同样的界", "max pooling obeys the same bound"),
            lambda: (
                sp.And(sp.Le(t, p), bounded),
                sp.Le(sp.Abs(Maximum(x[n + a - t], (a, 0, p - 1)) - Maximum(x[n + a], (a, 0, p - 1))), most / p),
            ),
        ),
    ),
    numeric=lambda: tuple(
        Measurement(
            Text("最大改变减去界 (为负或零)", "the largest change less the bound (negative or zero)"),
            f"p={p}, t={t}",
            "float64",
            seed,
            max(0.0, _excess(np.random.default_rng(seed), p, t)),
            1e-12,
        )
        for seed, (p, t) in enumerate(((3, 1), (4, 2), (5, 5)))
    ),
    conditions=Text("信号的值都在 α 与 β 之间; 任意 p ≥ 1, 0 ≤ t ≤ p.", "all values of the signal lie between α and β; any p ≥ 1, 0 ≤ t ≤ p."),
)


def _excess(random, p, t):
    signal_ = random.normal(size=60)
    sums = np.convolve(signal_, np.ones(p) / p, "valid")
    return float(np.abs(sums[t:] - sums[: len(sums) - t]).max() - t / p * np.ptp(signal_))


# --- 3.1: the spectrum of average pooling ------------------------------------------------------------------------------

wave = sp.cos(theta * (p - 1) / 2 + phi)
total = sp.Sum(sp.cos(a * theta + phi), (a, 0, p - 1))
lowpass = Claim(
    id="3.1-avg-lowpass",
    section="3.1",
    title=Text("平均池化的频率响应: Dirichlet 核", "the frequency response of average pooling: the Dirichlet kernel"),
    chain=(2 * sp.sin(theta / 2) * total, 2 * sp.sin(p * theta / 2) * wave),
    method=Telescoping(p),
    steps=(
        Step(
            2 * sp.sin(theta / 2) * sp.cos(a * theta + phi),
            sp.sin((a + HALF) * theta + phi) - sp.sin((a - HALF) * theta + phi),
            Text("积化和差", "product to sum"),
            method=Trigonometric(),
        ),
        Step(
            2 * sp.sin(theta / 2) * total,
            sp.sin((p - HALF) * theta + phi) - sp.sin(phi - theta / 2),
            Text("裂项相消: 对 p 归纳", "telescoping: induction on p"),
            method=Telescoping(p),
        ),
        Step(
            sp.sin((p - HALF) * theta + phi) - sp.sin(phi - theta / 2),
            2 * sp.sin(p * theta / 2) * wave,
            Text("和差化积", "sum to product"),
            method=Trigonometric(),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("没有半角", "the half angles dropped"),
            lambda: (sp.sin(theta) * total, sp.sin(p * theta) * wave),
        ),
        NearMiss(
            Text("高频完全消失: p = 3, θ = π", "high frequencies vanish altogether: p = 3, θ = π"),
            lambda: (total.xreplace({p: sp.Integer(3), theta: sp.pi}), sp.S.Zero),
        ),
        NearMiss(
            Text("没有延迟", "no delay"), lambda: (2 * sp.sin(theta / 2) * total, 2 * sp.sin(p * theta / 2) * sp.cos(phi))
        ),
    ),
    numeric=compared(
        Text("参考层作用于余弦波, 与 Dirichlet 核比较", "the reference layer on cosine waves against the Dirichlet kernel"),
        ({"p": 2}, {"p": 3}, {"p": 7}),
        lambda random, dtype, p: _dirichlet(random, dtype, p),
        {"float64": 1e-11, "float32": 1e-4},
    ),
    conditions=Text(
        "任意 p ≥ 1, 任意频率 θ 与相位. 除以 2p·sin(θ/2) 得响应 sin(pθ/2)/(p·sin(θ/2)): θ → 0 时为 1, 零点在 2πm/p (p 不整除 m), 旁瓣不为零, p 为奇数时 |H(π)| = 1/p.",
        "any p ≥ 1, any frequency θ and phase. Divided by 2p·sin(θ/2) the response is sin(pθ/2)/(p·sin(θ/2)): 1 as θ → 0, zeros at 2πm/p (p not dividing m), side lobes that are not zero, |H(π)| = 1/p for odd p.",
    ),
    source=OPPENHEIM,
)


def _dirichlet(random, dtype, p):
    angle, phase = random.uniform(0.1, 3.1), random.uniform(0, 6)
    positions = np.arange(20)
    signal_ = np.cos(angle * positions + phase).astype(dtype)
    gain = np.sin(p * angle / 2) / (p * np.sin(angle / 2))
    ours = gain * np.cos(angle * (positions[: 21 - p] + (p - 1) / 2) + phase)
    return ours, average_layer.forward(signal_[None, None, None], window=(1, p), stride=1)[0, 0, 0]


attenuates = Claim(
    id="3.1-avg-lowpass-bound",
    section="3.1",
    title=Text("平均池化不放大任何频率", "average pooling amplifies no frequency"),
    chain=(sp.true, sp.Le(sp.Abs(total), p)),
    method=Inequality(),
    steps=(
        Step(
            sp.true,
            sp.Le(total, sp.Sum(1, (a, 0, p - 1))),
            Text("每一项至多为 1", "each term is at most 1"),
            method=Inequality(),
        ),
        Step(
            sp.true,
            sp.Ge(total, -sp.Sum(1, (a, 0, p - 1))),
            Text("每一项至少为 -1", "each term is at least -1"),
            method=Inequality(),
        ),
        Step(sp.Sum(1, (a, 0, p - 1)), p, Text("共有 p 项", "there are p terms")),
    ),
    near_misses=(
        NearMiss(
            Text("严格小于, 对一切频率", "strictly less, for every frequency"), lambda: (sp.true, sp.Lt(sp.Abs(total), p))
        ),
        NearMiss(Text("至多一半", "at most one half"), lambda: (sp.true, sp.Le(sp.Abs(total), p / 2))),
    ),
    numeric=lambda: tuple(
        Measurement(
            Text("响应的最大绝对值减 1 (为负或零)", "the largest response less 1 (negative or zero)"),
            f"p={p}",
            "float64",
            0,
            max(0.0, float(np.abs(np.exp(1j * np.outer(np.linspace(0, np.pi, 400), np.arange(p))).mean(1)).max() - 1)),
            1e-12,
        )
        for p in (2, 3, 9)
    ),
    conditions=Text("任意 p, 任意频率.", "any p, any frequency."),
)

# --- 3.1: max pooling ---------------------------------------------------------------------------------------------------

circle = signal("x", 2 * N, grid="circular")
max_lowpass = Claim(
    id="3.1-max-lowpass",
    section="3.1",
    title=Text("最大池化像平均池化一样滤掉最高频率, 照原样", "max pooling filters the highest frequency as average pooling does, as printed"),
    chain=(Maximum((-1) ** (n + a), (a, 0, 1)), sp.Sum((-1) ** (n + a), (a, 0, 1)) / 2),
    expected="refuted",
    steps=(
        Step(
            sp.Sum((-1) ** (n + a), (a, 0, 1)) / 2,
            sp.S.Zero,
            Text("平均: (-1)ⁿ 与 (-1)ⁿ⁺¹ 相消", "the mean: (-1)ⁿ and (-1)ⁿ⁺¹ cancel"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("最大池化是线性的", "max pooling is linear"),
            lambda: (
                Maximum(x[n + a] + x[n + a + 1], (a, 0, p - 1)),
                Maximum(x[n + a], (a, 0, p - 1)) + Maximum(x[n + a + 1], (a, 0, p - 1)),
            ),
        ),
        NearMiss(
            Text("最大池化也消去 (-1)ⁿ", "max pooling annihilates (-1)ⁿ too"),
            lambda: (Maximum((-1) ** (n + a), (a, 0, 1)), sp.S.Zero),
        ),
        NearMiss(
            Text("最大池化保持均值", "max pooling keeps the mean"),
            lambda: (sp.Sum(Maximum(circle[e + a], (a, 0, 1)), (e, 0, 2 * N - 1)), sp.Sum(circle[e], (e, 0, 2 * N - 1))),
        ),
    ),
    numeric=compared(
        Text("参考层: (1,-1,1,-1,...) 的最大池化恒为 1", "the reference layer: max pooling of (1,-1,1,-1,...) is 1 throughout"),
        ({"length": 8}, {"length": 5}),
        lambda random, dtype, length: (
            np.ones(length - 1),
            maximum_layer.forward(((-1.0) ** np.arange(length)).astype(dtype)[None, None, None], window=(1, 2), stride=1)[0, 0, 0],
        ),
    ),
    conditions=Text("窗口 2, 步长 1, 信号 (-1)ⁿ.", "window 2, stride 1, the signal (-1)ⁿ."),
    erratum=Erratum(
        printed=Text(
            "平均池化的作用主要是做低通滤波, 最大池化的作用类似",
            "average pooling mainly acts as a low-pass filter, and max pooling does much the same",
        ),
        corrected=r"\max(x_n, x_{n+1}) = \frac{x_n+x_{n+1}}{2}+\frac{\left|x_n-x_{n+1}\right|}{2}",
        explanation=Text(
            "最大池化不是低通滤波: 它是非线性的, 没有频率响应, 把最高频率 (-1)ⁿ 变成常数 1 (平均池化把它变成 0). 它是形态学的膨胀, 取包络.",
            "Max pooling is no low-pass filter: it is not linear and has no frequency response, and it turns the highest frequency (-1)ⁿ into the constant 1 "
            "(average pooling turns it into 0). It is a morphological dilation, an envelope.",
        ),
    ),
    source=GOODFELLOW,
)

here, there = x[n], x[n + 1]
mean_and_half = (here + there) / 2 + sp.Abs(here - there) / 2
envelope = Claim(
    id="3.1-max-lowpass-corrected",
    section="3.1",
    title=Text("两个数的最大值: 均值加上差的一半", "the maximum of two: their mean plus half their difference"),
    chain=(sp.true, equal(sp.Max(here, there), mean_and_half)),
    method=Entailment(),
    steps=(
        Step(
            sp.Ge(here, there),
            sp.Eq(mean_and_half, here),
            Text("前一个不小于后一个时", "where the first is no smaller"),
            method=Entailment(),
        ),
        Step(
            sp.Lt(here, there),
            sp.Eq(mean_and_half, there),
            Text("前一个较小时", "where the first is smaller"),
            method=Entailment(),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("只有均值", "the mean alone"),
            lambda: (sp.true, equal(sp.Max(here, there), (here + there) / 2)),
        ),
        NearMiss(
            Text("减去差的一半", "less half the difference"),
            lambda: (sp.true, equal(sp.Max(here, there), here + there - mean_and_half)),
        ),
    ),
    numeric=compared(
        Text("参考层与公式比较", "the reference layer against the formula"),
        ({"length": 9},),
        lambda random, dtype, length: _envelope(random, dtype, length),
    ),
    conditions=Text("任意实数: 窗口 2 的最大池化 = 平均池化 + |相邻差|/2.", "any real numbers: max pooling with window 2 is average pooling plus half the absolute difference."),
)


def _envelope(random, dtype, length):
    z = _draw(random, dtype, length)
    ours = (z[:-1] + z[1:]) / 2 + np.abs(z[:-1] - z[1:]) / 2
    return ours, maximum_layer.forward(z[None, None, None], window=(1, 2), stride=1)[0, 0, 0]


def exchanged(at):
    """Entry `at` of the window with the entries at `i` and `j` exchanged."""
    return x[n + at] + (indicator(sp.Eq(at, i)) - indicator(sp.Eq(at, j))) * (x[n + j] - x[n + i])


def overwritten(at, value):
    """Entry `at` of the window with `value` at `i`."""
    return x[n + at] + indicator(sp.Eq(at, i)) * (value - x[n + i])


mean_exchanged = sp.Sum(exchanged(a), (a, 0, p - 1)) / p
ignores = Claim(
    id="3.1-ignores-position",
    section="3.1",
    title=Text("平均池化: 窗口之内的次序无关紧要", "average pooling: the order within a window does not matter"),
    chain=(mean_exchanged, average(n)),
    steps=(
        Step(
            sp.Sum(indicator(sp.Eq(a, i)) - indicator(sp.Eq(a, j)), (a, 0, p - 1)),
            sp.S.Zero,
            Text("两个位置各出现一次", "each of the two places occurs once"),
        ),
        Step(
            mean_exchanged,
            average(n) + (x[n + j] - x[n + i]) * sp.Sum(indicator(sp.Eq(a, i)) - indicator(sp.Eq(a, j)), (a, 0, p - 1)) / p,
            Text("和拆开", "the sum taken apart"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("加权的窗口 (1,2,1)", "a weighted window (1,2,1)"),
            lambda: (x[n] + 2 * x[n + 1] + x[n + 2], x[n + 1] + 2 * x[n] + x[n + 2]),
        ),
        NearMiss(
            Text("与下一个窗口交换也不变", "an exchange with the next window changes nothing either"),
            lambda: (sp.Sum(overwritten(a, x[n + p + j]), (a, 0, p - 1)) / p, average(n)),
        ),
        NearMiss(
            Text("抄过去而不交换", "copied instead of exchanged"),
            lambda: (sp.Sum(overwritten(a, x[n + j]), (a, 0, p - 1)) / p, average(n)),
        ),
    ),
    numeric=compared(
        Text("窗口之内随机打乱, 参考层的输出不变", "entries shuffled within windows: the output of the reference layer stays"),
        ({"p": 2, "windows": 4}, {"p": 5, "windows": 3}),
        lambda random, dtype, p, windows: _shuffled(random, dtype, p, windows),
    ),
    conditions=Text(
        "任意窗口 p, 窗口中任意两个位置 i, j. 任何次序都由这样的交换得到. 不同窗口之间交换就不行了.",
        "any window p, any two places i, j in it. Every order comes about by such exchanges. Exchanges across windows do change the output.",
    ),
    source=GOODFELLOW,
)
max_ignores = Claim(
    id="3.1-ignores-position-max",
    section="3.1",
    title=Text("最大池化: 窗口之内的次序无关紧要", "max pooling: the order within a window does not matter"),
    chain=(sp.true, equal(Maximum(exchanged(a), (a, 0, p - 1)), largest(n))),
    method=Entailment(),
    steps=(
        Step(
            sp.true,
            sp.Le(Maximum(exchanged(a), (a, 0, p - 1)), largest(n)),
            Text("交换后的每一个都在原来的窗口里", "each entry after the exchange was in the window before"),
            method=Entailment(),
        ),
        Step(
            sp.true,
            sp.Ge(Maximum(exchanged(a), (a, 0, p - 1)), largest(n)),
            Text("反过来也是", "and the other way round"),
            method=Entailment(),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("抄过去而不交换", "copied instead of exchanged"),
            lambda: (sp.true, equal(Maximum(overwritten(a, x[n + j]), (a, 0, p - 1)), largest(n))),
        ),
        NearMiss(
            Text("与下一个窗口交换", "an exchange with the next window"),
            lambda: (sp.true, equal(Maximum(overwritten(a, x[n + p + j]), (a, 0, p - 1)), largest(n))),
        ),
    ),
    numeric=compared(
        Text("窗口之内交换两个元素, 参考层的输出不变", "two entries of a window exchanged: the output of the reference layer stays"),
        ({"p": 3, "one": 0, "other": 2}, {"p": 5, "one": 3, "other": 1}),
        lambda random, dtype, p, one, other: _swapped(random, dtype, p, one, other),
    ),
    conditions=Text(
        "任意窗口 p, 窗口中任意两个位置 i, j.",
        "any window p, any two places i, j in it.",
    ),
    source=GOODFELLOW,
)


def _swapped(random, dtype, p, one, other):
    window = _draw(random, dtype, p)
    swapped = window.copy()
    swapped[[one, other]] = window[[other, one]]
    return tuple(maximum_layer.forward(each[None, None, None], window=(1, p), stride=1).ravel() for each in (swapped, window))


def _shuffled(random, dtype, p, windows):
    z = _draw(random, dtype, windows, p)
    mixed = random.permuted(z, axis=1)
    layers = [
        np.stack([layer.forward(y.reshape(1, 1, 1, -1), window=(1, p), stride=(1, p))[0, 0, 0] for layer in (average_layer, maximum_layer)])
        for y in (mixed, z)
    ]
    return layers[0], layers[1]


loss = ((h - y1) ** 2 + (h - y2) ** 2) / 2
underfit = Claim(
    id="3.1-precise-position-underfit",
    section="3.1",
    title=Text("池化后相同而目标不同: 误差至少 (y₁ - y₂)²/4", "equal after pooling, different targets: an error of at least (y₁ - y₂)²/4"),
    chain=(sp.true, sp.Ge(loss, (y1 - y2) ** 2 / 4)),
    method=Inequality(),
    steps=(
        Step(
            loss,
            (h - (y1 + y2) / 2) ** 2 + (y1 - y2) ** 2 / 4,
            Text("配方", "completing the square"),
        ),
    ),
    near_misses=(
        NearMiss(Text("至少 (y₁ - y₂)²/2", "at least (y₁ - y₂)²/2"), lambda: (sp.true, sp.Ge(loss, (y1 - y2) ** 2 / 2))),
        NearMiss(Text("误差可以为零: 总有严格大于", "strictly more, always"), lambda: (sp.true, sp.Gt(loss, (y1 - y2) ** 2 / 4))),
    ),
    numeric=compared(
        Text("(1,0,0,0) 与 (0,1,0,0) 池化后相同 (参考层), 最佳预测的误差与 (y₁ - y₂)²/4 比较", "(1,0,0,0) and (0,1,0,0) are equal after pooling (reference layers); the error of the best prediction against (y₁ - y₂)²/4"),
        ({"p": 2},),
        lambda random, dtype, p: _same_after_pooling(random, dtype, p),
    ),
    conditions=Text(
        "任意网络: 池化后两个输入相同, 则预测 h 相同. 前提是所有特征都被池化.",
        "any network: where two inputs are equal after pooling, the prediction h is the same. All features have to be pooled.",
    ),
    source=GOODFELLOW,
)


def _same_after_pooling(random, dtype, p):
    pair_ = np.eye(4, dtype=dtype)[:2].reshape(2, 1, 1, 4)
    pooled = [layer.forward(pair_, window=(1, p), stride=(1, p)) for layer in (average_layer, maximum_layer)]
    same = np.stack([z[0] - z[1] for z in pooled]).ravel()
    targets = np.array([0.0, 1.0])
    best = min(((g - targets) ** 2).mean() for g in np.linspace(0, 1, 101))
    return np.append(same, best), np.append(np.zeros_like(same), (targets[0] - targets[1]) ** 2 / 4)


# --- 3.2 ------------------------------------------------------------------------------------------------------------

rows_and_columns = ((v, 0, W - 1), (u, 0, H - 1))
nested = sp.Sum(sp.Sum(z[u, v], (v, 0, W - 1)) / W, (u, 0, H - 1)) / H
means = lambda c: sp.Sum(image[c, u, v], *rows_and_columns) / (H * W)  # noqa: E731 - a formula
definition = Claim(
    id="3.2-gap-def",
    section="3.2",
    title=Text("全局平均池化: 每个通道一个均值", "global average pooling: one mean for each channel"),
    chain=(gap.forward(z), sp.Sum(z[u, v], *rows_and_columns) / (H * W), nested),
    steps=(
        Step(
            sp.Sum(z[u, v], *rows_and_columns) / (H * W),
            nested,
            Text("先对每一行取平均, 再对各行取平均", "the mean of each row, then the mean of these"),
        ),
    ),
    near_misses=(
        NearMiss(Text("除以 HWC", "divided by HWC"), lambda: (gap.forward(z), sp.Sum(z[u, v], *rows_and_columns) / (H * W * C))),
        NearMiss(
            Text("每个像素处对通道取平均", "the mean over the channels at each pixel"),
            lambda: (means(c), sp.Sum(image[e, u, v], (e, 0, C - 1)) / C),
            assuming=(*inside(c, C), *inside(u, H), *inside(v, W)),
        ),
        NearMiss(
            Text("所有通道共一个均值", "one mean for all channels"),
            lambda: (means(c), sp.Sum(image[e, u, v], *rows_and_columns, (e, 0, C - 1)) / (H * W * C)),
            assuming=inside(c, C),
        ),
    ),
    numeric=compared(
        Text("按行再按列取平均, 与参考层比较", "rows and then columns averaged, against the reference layer"),
        ({"C": 3, "H": 4, "W": 5}, {"C": 1, "H": 1, "W": 1}),
        lambda random, dtype, C, H, W: _means(random, dtype, C, H, W),
    ),
    conditions=Text("任意 C, H, W ≥ 1.", "any C, H, W ≥ 1."),
    source=LIN,
)


def _means(random, dtype, C, H, W):
    z = _draw(random, dtype, 2, C, H, W)
    return z.mean(axis=3).mean(axis=2), gap_layer.forward(z)


channels, classes = equal(C, 32), equal(K, 2)
printed_shape = sp.And(channels, equal(H, 10), equal(W, 10))
printed_head = sp.And(printed_shape, classes)


def _count(identifier, title, given, statement, steps, wrong, what, counted, conditions, erratum=None):
    """A claim about how many numbers there are, where C, H, W and K are those of the note."""
    return Claim(
        id=identifier,
        section="3.2",
        title=title,
        chain=(given, statement),
        method=Integers(),
        steps=tuple(Step(given, each, rule, method=Integers()) for each, rule in steps),
        near_misses=tuple(NearMiss(name, lambda w=w: (given, w)) for name, w in wrong),
        numeric=lambda: tuple(Measurement(what, shape, "float64", 0, float(abs(found - expected)), 0.0) for shape, found, expected in counted()),
        conditions=conditions,
        erratum=erratum,
        source=LIN,
    )


def _feature_map():
    return np.zeros((1, 32, 10, 10))


def _classifier(entries):
    """How many weights the linear layer of the reference takes from so many inputs to two classes."""
    weights = np.ones((2, entries))
    scores = linear_layer.forward(np.zeros((1, entries)), weights, np.zeros(2))
    return weights.size if scores.shape == (1, 2) else 0


flatten_size = _count(
    "3.2-flatten-dim",
    Text("拉平: 3200 个数", "flattened: 3200 numbers"),
    printed_shape,
    equal(C * H * W, 3200),
    ((equal(H * W, 100), Text("每个通道 10·10 个像素", "10·10 pixels a channel")),),
    (
        (Text("32·10", "32·10"), equal(C * H, 3200)),
        (Text("32 + 100", "32 + 100"), equal(C + H * W, 3200)),
    ),
    Text("参考层拉平后的长度", "the length after the reference layer"),
    lambda: (("32×10×10", flatten_layer.forward(_feature_map()).shape[1], 3200),),
    Text("C = 32 个 H × W = 10 × 10 的通道.", "C = 32 channels of H × W = 10 × 10."),
)
fc_weights = _count(
    "3.2-fc-params",
    Text("拉平之后的全连接层: 6400 个权重", "the fully connected layer after flattening: 6400 weights"),
    printed_head,
    equal(K * C * H * W, 6400),
    ((equal(C * H * W, 3200), Text("输入的个数, 见 3.2-flatten-dim", "the number of inputs, see 3.2-flatten-dim")),),
    (
        (Text("6400 连同偏置", "6400 with the biases"), equal(K * C * H * W + K, 6400)),
        (Text("3200 + 2", "3200 + 2"), equal(C * H * W + K, 6400)),
    ),
    Text("参考层 s = Wz + b 的权重, 数出来", "the weights of the reference layer s = Wz + b, counted"),
    lambda: (("2×3200", _classifier(3200), 6400),),
    Text("C = 32, H = W = 10, K = 2 类, 不计偏置.", "C = 32, H = W = 10, K = 2 classes, biases left out."),
    Erratum(
        printed=r"3200\times 2",
        corrected=Text(r"权重矩阵是 $2\times 3200$ 的, 仍是 $6400$ 个权重", r"the weight matrix is $2\times 3200$, with $6400$ weights as before"),
        explanation=Text(
            "个数没有错. 但按第 5 节 s = Wz 的约定, 权重矩阵是 2 × 3200: 3200 × 2 的矩阵不能从左边乘长 3200 的列.",
            "The number is right. But with s = Wz as in section 5 the matrix is 2 × 3200: a 3200 × 2 matrix cannot multiply a column of length 3200 from the left.",
        ),
        kind="unclear",
    ),
)
gap_size = _count(
    "3.2-gap-dim",
    Text("全局平均之后: 32 个数", "after global averaging: 32 numbers"),
    channels,
    equal(C * H * W, 32 * H * W),
    ((equal(C * H, 32 * H), Text("每一列像素", "for each column of pixels")),),
    (
        (Text("剩 100 个", "100 are left"), equal(C * H * W, 100 * H * W)),
        (Text("剩 H 个", "H are left"), equal(C * H * W, H * H * W)),
    ),
    Text("参考层输出的长度", "the length of the output of the reference layer"),
    lambda: (("32×10×10", gap_layer.forward(_feature_map()).shape[1], 32),),
    Text(
        "C = 32, 任意 H, W. 每个通道的 HW 个数变成一个均值, 所以剩下 CHW/(HW) 个.",
        "C = 32, any H and W. The HW numbers of each channel become one mean, so CHW/(HW) are left.",
    ),
)
gap_weights = _count(
    "3.2-gap-params",
    Text("全局平均之后的全连接层: 64 个权重, 是拉平时的百分之一", "the fully connected layer after global averaging: 64 weights, 100 times fewer"),
    printed_head,
    sp.And(equal(K * C, 64), equal(K * C * H * W, 100 * K * C)),
    ((equal(K * C * H * W, 64 * H * W), Text("拉平时每个均值换成 HW 个像素", "when flattened there are HW pixels for each mean")),),
    (
        (Text("十分之一", "10 times fewer"), equal(K * C * H * W, 10 * K * C)),
        (Text("连同偏置也恰好是百分之一", "exactly 100 times with the biases too"), equal(K * C * H * W + K, 100 * (K * C + K))),
    ),
    Text("参考层的权重, 数出来", "the weights of the reference layer, counted"),
    lambda: (("2×32", _classifier(32), 64), ("2×3200", _classifier(3200), 100 * 64)),
    Text(
        "C = 32, H = W = 10, K = 2 类, 不计偏置; 一般地, 是拉平时的 1/(HW).",
        "C = 32, H = W = 10, K = 2 classes, biases left out; in general HW times fewer.",
    ),
    Erratum(
        printed=r"32\times 2",
        corrected=Text(r"权重矩阵是 $2\times 32$ 的, 仍是 $64$ 个权重", r"the weight matrix is $2\times 32$, with $64$ weights as before"),
        explanation=Text("按 s = Wz 的约定应是 2 × 32, 个数仍是 64.", "With s = Wz it is 2 × 32; the number is 64 all the same."),
        kind="unclear",
    ),
)

# --- 3.2: a head on means is a head on pixels ------------------------------------------------------------------------

weights = signal("w", K, C)
logit = sp.Sum(weights[k, c] * means(c), (c, 0, C - 1))
flat = sp.Sum(weights[k, c] / (H * W) * image[c, u, v], (c, 0, C - 1), (u, 0, H - 1), (v, 0, W - 1))
cam = sp.Sum(sp.Sum(weights[k, c] * image[c, u, v], (c, 0, C - 1)), (u, 0, H - 1), (v, 0, W - 1)) / (H * W)
Z, V, I_C = matrix("Z", m, C), matrix("V", K, C), sp.Identity(C)  # m = HW pixels for each of C channels; K classes
one = ones(m, 1)
subspace = Claim(
    id="3.2-gap-subspace",
    section="3.2",
    title=Text("均值上的分类器是像素上的分类器的特例", "a classifier on means is a special classifier on pixels"),
    chain=(V * (Z.T * one / m), kron(V, one.T / m) * vec(Z)),
    also=((logit, flat),),
    steps=(
        Step(Z.T * one / m, kron(I_C, one.T / m) * vec(Z), Text("GAP = I_C ⊗ 1ᵀ/m", "GAP = I_C ⊗ 1ᵀ/m")),
        Step(V * kron(I_C, one.T / m), kron(V, one.T / m), Text("混合积法则", "the mixed product rule")),
    ),
    near_misses=(
        NearMiss(Text("漏掉 1/m", "the 1/m left out"), lambda: (V * (Z.T * one / m), kron(V, one.T) * vec(Z))),
        NearMiss(
            Text("Kronecker 因子交换", "the Kronecker factors swapped"),
            lambda: (V * (Z.T * one / m), kron(one.T / m, V) * vec(Z)),
        ),
    ),
    numeric=compared(
        Text("参考层: 拉平 + 全连接 (权重 w/(HW)) 与 GAP + 全连接比较", "reference layers: flatten and linear (weights w/(HW)) against GAP and linear"),
        ({"C": 3, "H": 2, "W": 5, "K": 4}, {"C": 1, "H": 1, "W": 1, "K": 1}),
        lambda random, dtype, C, H, W, K: _heads(random, dtype, C, H, W, K),
    ),
    conditions=Text(
        "Z 的每一列是一个通道的 m = HW 个像素. GAP 的矩阵 I_C ⊗ 1ᵀ/m 的秩为 C: 每个通道丢掉 m - 1 维.",
        "each column of Z holds the m = HW pixels of a channel. The matrix I_C ⊗ 1ᵀ/m of GAP has rank C: m - 1 dimensions of each channel are lost.",
    ),
    source=LIN,
)


def _heads(random, dtype, C, H, W, K):
    z, w, b = _draw(random, dtype, 2, C, H, W), _draw(random, dtype, K, C), _draw(random, dtype, K)
    wide = np.repeat(w / dtype_of(dtype)(H * W), H * W, axis=1)
    return linear_layer.forward(flatten_layer.forward(z), wide, b), linear_layer.forward(gap_layer.forward(z), w, b)


def dtype_of(name):
    return {"float64": np.float64, "float32": np.float32}[name]


map_of_class = Claim(
    id="3.2-interpretable-cam-core",
    section="3.2",
    title=Text("类激活图: 得分是它的均值", "class activation maps: the score is their mean"),
    chain=(logit, cam),
    steps=(
        Step(logit, flat, Text("代入均值", "the means put in")),
        Step(flat, cam, Text("先对通道求和, 再对像素", "channels summed first, then pixels")),
    ),
    near_misses=(
        NearMiss(Text("是和, 不是均值", "their sum, not their mean"), lambda: (logit, cam * H * W)),
        NearMiss(
            Text("先取 ReLU 再平均", "a ReLU before the mean"),
            lambda: (
                logit,
                sp.Sum(relu(sp.Sum(weights[k, c] * image[c, u, v], (c, 0, C - 1))), (u, 0, H - 1), (v, 0, W - 1)) / (H * W),
            ),
        ),
    ),
    numeric=compared(
        Text("类激活图的均值与参考层 GAP + 全连接比较", "the mean of the class activation map against GAP and linear of the reference"),
        ({"C": 3, "H": 2, "W": 5, "K": 4},),
        lambda random, dtype, C, H, W, K: _maps(random, dtype, C, H, W, K),
    ),
    conditions=Text("任意 C, H, W, 类别 k.", "any C, H, W, any class k."),
    source="Zhou et al., Learning deep features for discriminative localization (2016), section 2",
)


def _maps(random, dtype, C, H, W, K):
    z, w, b = _draw(random, dtype, 2, C, H, W), _draw(random, dtype, K, C), _draw(random, dtype, K)
    maps = np.einsum("kc,bchw->bkhw", w, z)
    return maps.mean(axis=(2, 3)) + b, linear_layer.forward(gap_layer.forward(z), w, b)


k1, k2, c0, c1, H2, W2 = dims("k_1 k_2 c_0 c_1 H_2 W_2")
convolutions = k1**2 * c0 * c1 + c1 + k2**2 * c1 * C + C
with_gap = convolutions + K * C + K
with_flatten = lambda height, width: convolutions + K * C * height * width + K  # noqa: E731 - a formula
any_size = Claim(
    id="3.2-input-size",
    section="3.2",
    title=Text("参数个数与输入尺寸无关, 拉平则不然", "the number of parameters does not depend on the input size; with flattening it does"),
    chain=(sp.true, equal(with_flatten(H, W), with_gap + K * C * (H * W - 1))),
    method=Integers(),
    steps=(
        Step(
            sp.true,
            sp.Implies(sp.Gt(H * W, 1), sp.Gt(with_flatten(H, W), with_gap)),
            Text("只要像素多于一个, 拉平的参数就更多", "with more than one pixel, flattening has more parameters"),
            method=Integers(),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("拉平的参数也与 H, W 无关", "flattening does not depend on H, W either"),
            lambda: (sp.true, equal(with_flatten(H, W), with_flatten(H2, W2))),
        ),
        NearMiss(Text("一样多", "equally many"), lambda: (sp.true, equal(with_flatten(H, W), with_gap))),
    ),
    numeric=lambda: tuple(
        Measurement(
            Text("同一个全连接层接在不同尺寸的 GAP 之后: 输出都有 K 个", "one linear layer after GAP of different sizes: K outputs each time"),
            f"H={height}, W={width}",
            "float64",
            0,
            float(abs(linear_layer.forward(gap_layer.forward(np.ones((1, 3, height, width))), np.ones((2, 3)), np.zeros(2)).shape[1] - 2)),
            0.0,
        )
        for height, width in ((5, 5), (17, 9), (64, 31))
    ),
    conditions=Text(
        "两个卷积层 (k₁ × k₁, c₀ → c₁ 个通道; k₂ × k₂, c₁ → C 个通道) 与 K 类. 只要每一层的输出不空, 任何 H, W 都可以; 函数值当然与尺寸有关.",
        "two convolution layers (k₁ × k₁, c₀ → c₁ channels; k₂ × k₂, c₁ → C channels) and K classes. Any H, W will do as long as no layer's output is empty; the values of the function do depend on the size.",
    ),
    source=LIN,
)

DERIVATION = Derivation(
    title=Text("池化", "Pooling"),
    context=CONTEXT,
    claims=(
        prior,
        prior_bound,
        lowpass,
        attenuates,
        max_lowpass,
        envelope,
        ignores,
        max_ignores,
        underfit,
        definition,
        flatten_size,
        fc_weights,
        gap_size,
        gap_weights,
        subspace,
        any_size,
        map_of_class,
    ),
    source="lecture note, sections 3.1 and 3.2",
)
