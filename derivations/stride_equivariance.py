"""Section 4.1: stride and shifts, and how much a shift can change the output at most.

The shift by `t` is `(T_t x)[e] = x[e - t]`, `f_s` the layer of stride s. Equivariance says `f_s T_t = T_tau f_s`. That this
needs t = s tau is shown by impulses, which turn an equation for all inputs into one between kernels.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Erratum, Inequality, NearMiss, Step, Text
from cnnsym.layers import conv1d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer

CONTEXT = r"""
let K, s, N, L, m, C, D, \rho : size
let p : integer nonnegative
let n, t, \tau, i, j, o : integer; let c : scalar
let x : signal(infinite); let k : signal(K)     # an input on Z, a kernel of finite support
let w, \chi : signal(circular(s L))             # an input and a kernel on a circle
let \xi : signal(m); let g : signal(2)
let X : signal(C, infinite); let U : signal(D, C, K); let \beta : signal(D)
"""

K, s, N, L, m, C, D, d = dims("K s N L m C D d")
n, t, tau, i, j, e = sp.symbols("n t tau i j e", integer=True)
a, o = sp.symbols("a o", integer=True)
p = sp.Symbol("p", integer=True, nonnegative=True)
c = sp.Symbol("c", real=True)
x, k = signal("x", sp.oo), signal("k", K)  # on all of Z, and a kernel of finite support
z, kappa = signal("z", N, grid="circular"), signal("kappa", N, grid="circular")
w, chi = signal("w", s * L, grid="circular"), signal("chi", s * L, grid="circular")
y = signal("y", sp.oo)


class Entries:
    """An input given by its entries: `Entries(lambda e: x[e - t])` is the shifted `x`."""

    def __init__(self, entry):
        self._entry = entry

    def __getitem__(self, at):
        return self._entry(*at) if isinstance(at, tuple) else self._entry(at)


def shifted(signal, by):
    """`(T_t x)[e] = x[e - t]`."""
    return Entries(lambda e: signal[e - by])


def impulse(at, period=None):
    """1 at one position, on a circle at one residue, and 0 elsewhere."""
    if period is None:
        return Entries(lambda e: indicator(sp.Eq(e, at, evaluate=False)))
    return Entries(lambda e: indicator(sp.Eq(sp.Mod(e - at, period), 0, evaluate=False)))


def layer(signal, position, stride=1):
    return conv1d.correlation(signal, k, position, stride=stride)


def displaced(signal, by):
    """Every channel moved by the same."""
    return Entries(lambda channel, e: signal[channel, e - by])


# --- numbers ---------------------------------------------------------------------------------------------------------


def _draw(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


def _on_circle(signal, kernel, stride=1):
    """The reference layer on a circle: the input goes on periodically as far as the last window reaches."""
    around = np.take(signal, np.arange(len(signal) + len(kernel) - 1), mode="wrap")
    return conv1d_layer.forward(around[None, None], kernel[None, None], stride=stride)[0, 0]


def _formula(signal, kernel, position, length):
    """`sum_a k[a] x[position(n) + a]` on a circle, for n < length."""
    taps = range(len(kernel))
    return [sum(kernel[a] * signal[(position(n) + a) % len(signal)] for a in taps) for n in range(length)]


def _strided(random, dtype, length, taps, stride, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    ours = _formula(signal, kernel, lambda n: stride * (n - shift), length // stride)
    return ours, _on_circle(np.roll(signal, stride * shift), kernel, stride)


def _response(random, dtype, taps, shift):
    """The impulse at K - 1, moved by `shift`, at every output, against k[i - n] with zeros around the kernel."""
    kernel = _draw(random, dtype, taps)
    margin = taps + abs(shift)
    line = np.zeros(2 * margin + taps, dtype)  # position e of the line stands at e + margin
    at = taps - 1 + shift
    line[at + margin] = 1
    outputs = range(-margin, margin + 1)
    ours = [kernel[at - n] if 0 <= at - n < taps else 0 for n in outputs]
    return np.array(ours, dtype), conv1d_layer.forward(line[None, None], kernel[None, None])[0, 0]


def _flipped(random, dtype, length, taps, shift):
    """An input moved to the right by `shift`: numpy.convolve gives the outputs of the unmoved one, `shift` positions later."""
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    line = np.concatenate([np.zeros(taps - 1 + shift, dtype), signal, np.zeros(taps - 1, dtype)])
    ours = np.concatenate([np.zeros(shift, dtype), np.convolve(signal, kernel)])
    return ours, conv1d_layer.forward(line[None, None], kernel[::-1][None, None].copy())[0, 0]


def _stride_kernel_moved(random, dtype, length, stride, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, length)
    turned = [kernel[(a + shift) % length] for a in range(length)]
    return (
        _formula(signal, turned, lambda n: stride * n, length // stride),
        _on_circle(np.roll(signal, shift), kernel, stride),
    )


def _on_line(random, dtype, length, taps, shift):
    """An input with margins of zeros, so wide that the shift wraps nothing around; a kernel; the change of the output."""
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    margin = taps + abs(shift)
    line = np.zeros(length + 2 * margin, dtype)
    line[margin : margin + length] = signal
    after, before = (conv1d_layer.forward(np.roll(line, by)[None, None], kernel[None, None])[0, 0] for by in (shift, 0))
    return line, kernel, after - before


def _tap(kernel, at):
    return kernel[at] if 0 <= at < len(kernel) else 0


def _changed(random, dtype, length, taps, shift):
    """sum over j of (k[j - n + t] - k[j - n]) x[j] at every output n."""
    line, kernel, change = _on_line(random, dtype, length, taps, shift)
    ours = [
        sum((_tap(kernel, h - g + shift) - _tap(kernel, h - g)) * line[h] for h in range(len(line)))
        for g in range(len(change))
    ]
    return np.array(ours, dtype), change


def _excess(value, bound):
    """By how much a bound is exceeded, and 0, which it should be."""
    over = np.maximum(np.asarray(value) - bound, 0)
    return over, np.zeros_like(over)


def _smooth_input(random, dtype, length, taps, shift):
    line, kernel, change = _on_line(random, dtype, length, taps, shift)
    return _excess(np.abs(change), np.abs(np.roll(line, shift) - line).max() * np.abs(kernel).sum())


def _smooth_kernel(random, dtype, length, taps, shift):
    line, kernel, change = _on_line(random, dtype, length, taps, shift)
    reach = abs(shift)
    norm = sum(abs(_tap(kernel, h + shift) - _tap(kernel, h)) for h in range(-reach, taps + reach))
    return _excess(np.abs(change), np.abs(line).max() * norm)


MOVED = Text("移动后的输入经过参考层, 与公式比较", "the reference layer at the moved input against the formula")
COLLECT = Text("下标合并同类项", "the terms of the index collected")
SIFT = Text("括号 [·] 只留下一项", "the bracket leaves one term")
EXCESS = Text("参考层超出这个界多少 (应为 0)", "by how much the reference layer exceeds the bound (by nothing)")
LINES = (
    {"length": 8, "taps": 3, "shift": 1},
    {"length": 9, "taps": 4, "shift": -2},
    {"length": 3, "taps": 1, "shift": 1},
)
LINE = Text(
    "无限网格 Z 上的任意输入 x, 任意长为 K 的核; n, t, τ 是任意整数.",
    "any input x on the infinite grid Z, any kernel of length K; n, t, τ are any integers.",
)


finite = signal("xi", m)

both_kinds = Claim(
    id="4.1-conv-corr-equivariant",
    section="4.1",
    title=Text("卷积与互相关都等变", "convolution and correlation are both equivariant"),
    chain=(
        sp.Sum(k[a] * shifted(x, t)[n - a], (a, 0, K - 1)),
        sp.Sum(k[n - t - j] * x[j], (j, n - t - K + 1, n - t)),
        sp.Sum(k[a] * x[(n - t) - a], (a, 0, K - 1)),
    ),
    also=(
        (layer(x, n), sp.Sum(k[K - 1 - a] * x[n + K - 1 - a], (a, 0, K - 1))),
        (sp.Sum(k[a] * finite[n - a], (a, 0, K - 1)), sp.Sum(finite[a] * k[n - a], (a, 0, m - 1))),
    ),
    steps=(
        Step(
            sp.Sum(k[a] * shifted(x, t)[n - a], (a, 0, K - 1)),
            sp.Sum(k[n - t - j] * x[j], (j, n - t - K + 1, n - t)),
            Text("令 j = n - t - a", "put j = n - t - a"),
        ),
        Step(
            layer(x, n),
            sp.Sum(k[K - 1 - a] * x[n + K - 1 - a], (a, 0, K - 1)),
            Text("翻转核: a 换成 K - 1 - a", "the kernel flipped: K - 1 - a for a"),
        ),
        Step(
            sp.Sum(k[a] * finite[n - a], (a, 0, K - 1)),
            sp.Sum(finite[a] * k[n - a], (a, 0, m - 1)),
            Text("卷积可交换: 令 a 为 n - a", "convolution is commutative: n - a for a"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("互相关 = 卷积, 核不翻转", "correlation is convolution, without the flip"),
            lambda: (layer(x, n), sp.Sum(k[a] * x[n + K - 1 - a], (a, 0, K - 1))),
        ),
        NearMiss(
            Text("互相关可交换", "correlation is commutative"),
            lambda: (
                sp.Sum(k[a] * finite[n + a], (a, 0, K - 1)),
                sp.Sum(finite[a] * k[n + a], (a, 0, m - 1)),
            ),
        ),
        NearMiss(
            Text("卷积朝反方向移动", "the convolution moves the other way"),
            lambda: (
                sp.Sum(k[a] * shifted(x, t)[n - a], (a, 0, K - 1)),
                sp.Sum(k[a] * x[(n + t) - a], (a, 0, K - 1)),
            ),
        ),
    ),
    numeric=compared(
        Text("numpy.convolve 与翻转核的参考层", "numpy.convolve and the reference layer with the kernel flipped"),
        (
            {"length": 7, "taps": 3, "shift": 2},
            {"length": 4, "taps": 6, "shift": 1},
            {"length": 1, "taps": 1, "shift": 5},
        ),
        _flipped,
    ),
    conditions=Text(
        "Z 上的任意输入; 可交换一式中输入 ξ 长为 m, 在范围外为零.",
        "any input on Z; in the equation of commutativity the input ξ has length m and is zero outside.",
    ),
    source="Goodfellow, Bengio and Courville, Deep Learning, section 9.1, equations 9.4 to 9.6",
)


rho = sp.Symbol("rho", integer=True, positive=True)
channels = signal("X", C, sp.oo)
bank, offsets = signal("U", D, C, K), signal("beta", D)
options = {"stride": s, "dilation": rho, "padding": p}


def strided(image, at):
    """A layer with everything: channels, a bias, stride, dilation, padding."""
    return conv1d.forward(image, bank, o, at, offsets, **options)


stride_equivariance = Claim(
    id="4.1-stride-equivariance",
    section="4.1",
    title=Text("步幅 s: 平移 s 的倍数时严格等变", "stride s: equivariant to the multiples of s"),
    chain=(strided(displaced(channels, s * tau), n), strided(channels, n - tau)),
    also=(
        (
            conv1d.correlation(shifted(w, s * tau), k, n, stride=s),
            conv1d.correlation(w, k, n - tau, stride=s),
        ),
    ),
    steps=(Step(strided(displaced(channels, s * tau), n), strided(channels, n - tau), COLLECT),),
    near_misses=(
        NearMiss(
            Text("任何平移都行", "every shift does"),
            lambda: (layer(shifted(x, t), n, stride=s), layer(x, n - t, stride=s)),
        ),
        NearMiss(
            Text("输出移动 t = sτ 而不是 τ", "the output moves by t = sτ instead of τ"),
            lambda: (layer(shifted(x, s * tau), n, stride=s), layer(x, n - s * tau, stride=s)),
        ),
        NearMiss(
            Text("t 整除 s 就够了", "it is enough that t divides s"),
            lambda: (layer(shifted(x, d), n, stride=2 * d), layer(x, n - 1, stride=2 * d)),
        ),
        NearMiss(
            Text("圆周长度不被步幅整除", "a circle whose length the stride does not divide"),
            lambda: (
                conv1d.correlation(z, k, n + sp.floor(N / s), stride=s),
                conv1d.correlation(z, k, n, stride=s),
            ),
        ),
    ),
    numeric=compared(
        MOVED,
        (
            {"length": 12, "taps": 3, "stride": 4, "shift": 2},
            {"length": 6, "taps": 5, "stride": 2, "shift": -1},
            {"length": 9, "taps": 1, "stride": 3, "shift": 1},
        ),
        _strided,
    ),
    conditions=Text(
        "Z 上 C 个通道, 步幅 s, 空洞 ρ, 填充 p, 带偏置; 或长为 sL 的圆周. τ 是任意整数.",
        "C channels on Z with stride s, dilation ρ, padding p and a bias; or a circle of length sL. τ is any integer.",
    ),
)

impulses = Claim(
    id="4.1-stride-equivariance-impulse",
    section="4.1",
    title=Text("冲激把等变性化为核的方程", "impulses turn equivariance into an equation between kernels"),
    chain=(layer(shifted(impulse(i), t), n, stride=s), k[i + t - s * n]),
    also=((layer(impulse(i), n - tau, stride=s), k[i + s * tau - s * n]),),
    steps=(Step(layer(impulse(i), n, stride=s), k[i - s * n], SIFT),),
    near_misses=(
        NearMiss(
            Text("移动的方向反了", "moved the other way"),
            lambda: (layer(shifted(impulse(i), t), n, stride=s), k[i - t - s * n]),
        ),
        NearMiss(
            Text("输出移动 sτ", "the output moved by sτ"),
            lambda: (layer(impulse(i), n - s * tau, stride=s), k[i + s * tau - s * n]),
        ),
    ),
    numeric=compared(
        Text("参考层对冲激的响应与核比较", "the response of the reference layer to an impulse against the kernel"),
        ({"taps": 4, "shift": 1}, {"taps": 2, "shift": -3}, {"taps": 5, "shift": 0}),
        _response,
    ),
    conditions=Text(
        "f_s T_t = T_τ f_s 对所有输入成立, 当且仅当对所有 i, n 有 k_{i+t-sn} = k_{i+sτ-sn}, 也就是对所有 j 有 k_{j+t} = k_{j+sτ}.",
        "f_s T_t = T_τ f_s for all inputs if and only if k_{i+t-sn} = k_{i+sτ-sn} for all i and n, that is k_{j+t} = k_{j+sτ} for all j.",
    ),
)

kernels_agree = ForAll(j, sp.Eq(k[j + t], k[j + s * tau]))

necessity = Claim(
    id="4.1-stride-equivariance-necessity",
    section="4.1",
    title=Text("非零的有限核: 只有 t = sτ", "a finite kernel that is not zero: only t = sτ"),
    chain=(sp.And(kernels_agree, sp.Ne(k[0], 0)), sp.Eq(t, s * tau)),
    method=Entailment(),
    near_misses=(
        NearMiss(Text("核可以为零", "the kernel may be zero"), lambda: (kernels_agree, sp.Eq(t, s * tau))),
        NearMiss(
            Text("核绕在圆周上", "a kernel on a circle"),
            lambda: (
                sp.And(ForAll(j, sp.Eq(kappa[j + t], kappa[j + s * tau])), sp.Ne(kappa[0], 0)),
                sp.Eq(t, s * tau),
            ),
        ),
        NearMiss(
            Text("核没有有限支撑", "a kernel without finite support"),
            lambda: (
                sp.And(ForAll(j, sp.Eq(y[j + t], y[j + s * tau])), sp.Ne(y[0], 0)),
                sp.Eq(t, s * tau),
            ),
        ),
    ),
    conditions=Text(
        "Z 上长为 K 的核, 第一个元素不为零 (去掉开头的零即可); 于是 s 整除 t, τ = t/s.",
        "a kernel of length K on Z whose first tap is not zero (cut off the zeros at its beginning); so s divides t and τ = t/s.",
    ),
)

M = s * L
wrapped = sp.Sum(chi[a] * w[s * n + a - t], (a, 0, M - 1))

stride_circle = Claim(
    id="4.1-stride-equivariance-circle",
    section="4.1",
    title=Text("圆周上的判据: 核以 t - sτ 为周期", "on a circle: the kernel has the period t - sτ"),
    chain=(wrapped, sp.Sum(chi[a + t] * w[s * n + a], (a, 0, M - 1))),
    also=(
        (
            sp.Sum(chi[a] * w[s * (n - tau) + a], (a, 0, M - 1)),
            sp.Sum(chi[a + s * tau] * w[s * n + a], (a, 0, M - 1)),
        ),
        (sp.Sum(chi[a] * impulse(i + t, M)[s * n + a], (a, 0, M - 1)), chi[i + t - s * n]),
        (sp.Sum(c * w[s * n + a - t], (a, 0, M - 1)), c * sp.Sum(w[e], (e, 0, M - 1))),
    ),
    steps=(
        Step(
            sp.Sum(chi[a] * impulse(i, M)[s * n + a], (a, 0, M - 1)),
            chi[i - s * n],
            Text("括号 [·] 只留下一项", "the bracket leaves one term"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("对任何核、任何 t 等变", "equivariant to every t, whatever the kernel"),
            lambda: (wrapped, sp.Sum(chi[a] * w[s * (n - tau) + a], (a, 0, M - 1))),
        ),
        NearMiss(
            Text("平移后输出不变", "the output stands still"),
            lambda: (wrapped, sp.Sum(chi[a] * w[s * n + a], (a, 0, M - 1))),
        ),
    ),
    numeric=compared(
        MOVED,
        (
            {"length": 6, "stride": 2, "shift": 1},
            {"length": 4, "stride": 2, "shift": 3},
            {"length": 3, "stride": 3, "shift": -2},
        ),
        _stride_kernel_moved,
    ),
    conditions=Text(
        "长为 sL 的圆周, 核 χ 绕在其上. f_s T_t = T_τ f_s 当且仅当 χ_{a+t} = χ_{a+sτ} 对所有 a 成立. 常数核的输出与 n, t 都无关, 所以对每个 t 等变, 尽管 s 不整除 t.",
        "a circle of length sL with the kernel χ around it. f_s T_t = T_τ f_s if and only if χ_{a+t} = χ_{a+sτ} for all a. A constant "
        "kernel gives an output that depends on neither n nor t, so it is equivariant to every t, though s does not divide it.",
    ),
)


two = signal("g", 2)
change = layer(shifted(x, t), n) - layer(x, n)
reach = sp.Abs(t)

weak = Claim(
    id="4.1-weak-invariance",
    section="4.1",
    title=Text(
        "照字面: 输出不变, 则核均匀而且输入均匀",
        "as printed: where the output stands still, kernel and input are uniform",
    ),
    chain=(
        sp.And(
            ForAll(n, sp.Eq(two[0] * x[n - 1] + two[1] * x[n], two[0] * x[n] + two[1] * x[n + 1])), sp.Ne(two[0], 0)
        ),
        sp.And(sp.Eq(two[0], two[1]), ForAll(n, sp.Eq(x[n], x[n + 1]))),
    ),
    method=Entailment(),
    expected="refuted",
    conditions=Text(
        "核长 2, 步幅 1, 平移 1 格; 核的第一个元素不为零.",
        "a kernel of length 2, stride 1, a shift by 1; the first tap is not zero.",
    ),
    erratum=Erratum(
        printed=Text(
            "仅仅在卷积核比较均匀而且输入也有很多均匀区域的时候才有比较弱的平移不变性",
            "there is a weak translation invariance only where the kernel is rather uniform and the input has many uniform regions",
        ),
        corrected=r"\lvert f(T_t x)_n - f(x)_n\rvert \le \min\{\lVert k\rVert_1 \lVert T_t x - x\rVert_\infty,\ "
        r"\lVert T_t k - k\rVert_1 \lVert x\rVert_\infty\}",
        explanation=Text(
            "“而且”应为“或者”. 输入处处相等时, 无论核怎样不均匀, 输出都不变: 例如 x = (3, 3, 3, 3), k = (1, -2, 5). 反过来, "
            "长为 4 的圆周上核 (1, 1, 1, 1) 对任何输入都不变. 偏差不超过两个界中较小的一个, 不是两者之积.",
            "“And” should be “or”. For a constant input the output stands still however uneven the kernel is: x = (3, 3, 3, 3), "
            "k = (1, -2, 5). Conversely, on a circle of length 4, the kernel (1, 1, 1, 1) gives an output that no shift changes, whatever the "
            "input. The change is at most the smaller of two bounds, and not their product.",
        ),
    ),
)

difference = Claim(
    id="4.1-weak-invariance-change",
    section="4.1",
    title=Text("输出的变化, 两种写法", "the change of the output, written in two ways"),
    chain=(
        change,
        sp.Sum(k[a] * (x[n + a - t] - x[n + a]), (a, 0, K - 1)),
        sp.Sum((k[j - n + t] - k[j - n]) * x[j], (j, n - reach, n + K - 1 + reach)),
    ),
    also=((layer(Entries(lambda e: c), n), c * sp.Sum(k[a], (a, 0, K - 1))),),
    steps=(
        Step(change, sp.Sum(k[a] * (x[n + a - t] - x[n + a]), (a, 0, K - 1)), Text("和的差", "a difference of sums")),
        Step(
            layer(shifted(x, t), n),
            sp.Sum(k[j - n + t] * x[j], (j, n - reach, n + K - 1 + reach)),
            Text("令 j = n + a - t; 核在范围外为零", "put j = n + a - t; the kernel is zero outside of its range"),
        ),
        Step(
            layer(x, n),
            sp.Sum(k[j - n] * x[j], (j, n - reach, n + K - 1 + reach)),
            Text("令 j = n + a", "put j = n + a"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("两个差相乘", "both differences at once"),
            lambda: (
                change,
                sp.Sum((k[j - n + t] - k[j - n]) * (x[j - t] - x[j]), (j, n - reach, n + K - 1 + reach)),
            ),
        ),
        NearMiss(
            Text("漏掉核的一端", "one end of the kernel left out"),
            lambda: (change, sp.Sum((k[j - n + t] - k[j - n]) * x[j], (j, n, n + K - 1))),
        ),
        NearMiss(
            Text("核朝另一方向移动", "the kernel moved the other way"),
            lambda: (change, sp.Sum((k[j - n - t] - k[j - n]) * x[j], (j, n - reach, n + K - 1 + reach))),
        ),
    ),
    numeric=compared(
        Text("参考层移动前后之差与公式比较", "the reference layer after the move minus before, against the formula"),
        LINES,
        _changed,
    ),
    conditions=LINE,
)


smooth_input = ForAll(e, sp.Le(sp.Abs(x[e - t] - x[e]), c))
bounded_input = ForAll(e, sp.Le(sp.Abs(x[e]), c))
taps_norm = sp.Sum(sp.Abs(k[a]), (a, 0, K - 1))
taps_change = sp.Sum(sp.Abs(k[j + t] - k[j]), (j, -reach, K - 1 + reach))
by_kernel = sp.Sum((k[j - n + t] - k[j - n]) * x[j], (j, n - reach, n + K - 1 + reach))
step_change = sp.Sum((k[j + 1] - k[j]) * x[n + j], (j, -1, K - 1))

weak_bound = Claim(
    id="4.1-weak-invariance-corrected",
    section="4.1",
    title=Text("弱不变性: 输入变化小就够了", "weak invariance: an input that changes little is enough"),
    chain=(smooth_input, sp.Le(sp.Abs(change), c * taps_norm, evaluate=False)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("元素之和代替绝对值之和", "the sum of the taps instead of that of their absolute values"),
            lambda: (smooth_input, sp.Le(sp.Abs(change), c * sp.Sum(k[a], (a, 0, K - 1)), evaluate=False)),
        ),
        NearMiss(
            Text("输入大小有界就够了", "it is enough that the input is bounded"),
            lambda: (bounded_input, sp.Le(sp.Abs(change), c * taps_norm, evaluate=False)),
        ),
    ),
    numeric=compared(EXCESS, LINES, _smooth_input),
    conditions=Text("|x_{e-t} - x_e| ≤ c 对所有 e; 任意的核.", "|x_{e-t} - x_e| ≤ c for all e; any kernel."),
    erratum=weak.erratum,
)

kernel_bound = Claim(
    id="4.1-weak-invariance-kernel",
    section="4.1",
    title=Text("弱不变性: 核变化小也够了", "weak invariance: a kernel that changes little is enough as well"),
    chain=(bounded_input, sp.Le(sp.Abs(by_kernel), c * taps_change, evaluate=False)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("与输入的大小无关", "however large the input"),
            lambda: (
                sp.true,
                sp.Le(sp.Abs(step_change), sp.Sum(sp.Abs(k[j + 1] - k[j]), (j, -1, K - 1)), evaluate=False),
            ),
        ),
        NearMiss(
            Text(
                "两种均匀程度之积: 全 1 的核, 斜坡 x_e = e, 平移 1 格",
                "the product of both kinds of smoothness: a kernel of ones, the ramp x_e = e, a shift by 1",
            ),
            lambda: (sp.true, sp.Le(sp.Abs(sp.Sum((n + a - 1) - (n + a), (a, 0, K - 1))), 2 * 1, evaluate=False)),
        ),
        NearMiss(
            Text("不计核的末端", "the end of the kernel not counted"),
            lambda: (
                ForAll(e, sp.Le(sp.Abs(x[e]), 1)),
                sp.Le(sp.Abs(step_change), sp.Sum(sp.Abs(k[j + 1] - k[j]), (j, -1, K - 2)), evaluate=False),
            ),
        ),
    ),
    numeric=compared(EXCESS, LINES, _smooth_kernel),
    conditions=Text(
        "|x_e| ≤ c 对所有 e; 左边是 4.1-weak-invariance-change 中输出的变化.",
        "|x_e| ≤ c for all e; the left side is the change of the output as in 4.1-weak-invariance-change.",
    ),
)

DERIVATION = Derivation(
    title=Text("步幅与平移", "stride and shifts"),
    context=CONTEXT,
    claims=(
        both_kinds,
        stride_equivariance,
        impulses,
        necessity,
        stride_circle,
        weak,
        difference,
        weak_bound,
        kernel_bound,
    ),
    source="lecture note, section 4.1",
)
