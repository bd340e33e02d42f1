"""Section 1.3: what a convolution does to a shifted input, and to a rotated or enlarged one.

The shift by `t` is `(T_t x)[e] = x[e - t]`. Every claim begins at the definition of the layers, `cnnsym.layers.conv1d` and
`conv2d`, at a shifted input. What holds "only if" is shown by impulses: at the impulse at `i` the layer gives `k[i - s n]`,
so that an equation for all inputs is an equation between kernels.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Erratum, NearMiss, Step, Text
from cnnsym.layers import conv1d, conv2d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let K, s, N, m, C, D, d, K_1, K_2, s_1, s_2 : size
let p : integer nonnegative
let n, t, \tau, \tau_1, \tau_2, i, j, q, u, v : integer; let c : scalar; let f : elementwise
let x, y, Y : signal(infinite)             # an input on Z; an output, and the output at the moved input
let k : signal(K)                          # a kernel of finite support
let z, \kappa : signal(circular(N))        # an input and a kernel on a circle
let \xi : signal(m); let h : signal(2*p+1) # an input with a border, and its kernel
let X : signal(C, infinite, infinite); let W : signal(D, C, K_1, K_2); let \beta : signal(D)
let J : signal(m, m); let G : signal(K, K)
where \hat{J}_{u,w} = J_{w,m-1-u}          # rotated by 90 degrees
where \hat{G}_{a,b} = G_{b,K-1-a}
"""

K, s, N, m, C, D, d = dims("K s N m C D d")
K1, K2, s1, s2 = dims("K_1 K_2 s_1 s_2")
n, t, tau, i, j, e, u, v = sp.symbols("n t tau i j e u v", integer=True)
a, b, q, r = sp.symbols("a b q r", integer=True)  # summation indices
t1, t2, tau1, tau2 = sp.symbols("t_1 t_2 tau_1 tau_2", integer=True)
p = sp.Symbol("p", integer=True, nonnegative=True)
c = sp.Symbol("c", real=True)
x, k = signal("x", sp.oo), signal("k", K)  # on all of Z, and a kernel of finite support
z, kappa = signal("z", N, grid="circular"), signal("kappa", N, grid="circular")
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


def impulse(at, period=None):
    """1 at one position, on a circle at one residue, and 0 elsewhere."""
    if period is None:
        return Entries(lambda e: indicator(sp.Eq(e, at, evaluate=False)))
    return Entries(lambda e: indicator(sp.Eq(sp.Mod(e - at, period), 0, evaluate=False)))


def window(kernel, signal, start):
    """The same output as a sum over the positions that the window covers, from `start` on."""
    length = kernel.shape[0]
    return sp.Sum(kernel[j - start] * signal[j], (j, start, start + length - 1))


def layer(signal, position, stride=1):
    return conv1d.correlation(signal, k, position, stride=stride)


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


def _moved(random, dtype, length, taps, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    ours = [
        sum(kernel[j - n + shift] * signal[j % length] for j in range(n - shift, n - shift + taps))
        for n in range(length)
    ]
    return ours, _on_circle(np.roll(signal, shift), kernel)


def _away_from_border(random, dtype, length, padding, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, 2 * padding + 1)
    moved = np.array([signal[e - shift] if 0 <= e - shift < length else 0 for e in range(length)], dtype)
    theirs = conv1d_layer.forward(moved[None, None], kernel[None, None], padding=padding)[0, 0]
    places = [n for n in range(padding, length - padding) if 0 <= n - shift < length]

    def read(e):
        return signal[e] if 0 <= e < length else 0

    ours = [sum(kernel[a] * read(n - shift + a - padding) for a in range(len(kernel))) for n in places]
    return np.array(ours, dtype), theirs[places]


def _still(random, dtype, length, shift):
    """On a circle: equal taps on every position give an output that moves along and stands still at once."""
    signal = _draw(random, dtype, length)
    constant = np.full(length, 2, dtype)
    return np.full(length, 2 * signal.sum(dtype="float64")).astype(dtype), _on_circle(np.roll(signal, shift), constant)


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


def _kernel_moved(random, dtype, length, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, length)
    turned = [kernel[(a + shift) % length] for a in range(length)]
    return _formula(signal, turned, lambda n: n, length), _on_circle(np.roll(signal, shift), kernel)


def _pattern(random, dtype, channels, filters, size, stride, shift):
    """A pattern of 2 x 2 pixels on a large empty image; the reference layer after the move, and its output before, moved."""
    image = np.zeros((1, channels, 24, 24), dtype)
    image[:, :, 11:13, 11:13] = _draw(random, dtype, 1, channels, 2, 2)
    kernels, offset = _draw(random, dtype, filters, channels, *size), _draw(random, dtype, filters)
    pixels = [stride[g] * shift[g] for g in (0, 1)]
    theirs = tanh.forward(conv2d_layer.forward(np.roll(image, pixels, (2, 3)), kernels, offset, stride=stride))
    rows, columns = theirs.shape[2:]
    ours = np.empty_like(theirs)
    for o, u, v in np.ndindex(filters, rows, columns):
        top, left = stride[0] * (u - shift[0]), stride[1] * (v - shift[1])
        total = float(offset[o])
        for e, g, h in np.ndindex(channels, *size):
            if 0 <= top + g < 24 and 0 <= left + h < 24:  # zero elsewhere
                total += float(kernels[o, e, g, h]) * float(image[0, e, top + g, left + h])
        ours[0, o, u, v] = np.tanh(total)
    return ours, theirs


def _rotated(random, dtype, size, taps):
    image, kernel = _draw(random, dtype, size, size), _draw(random, dtype, taps, taps)
    count = size - taps + 1
    ours = np.zeros((count, count), dtype)
    for g, h, at, across in np.ndindex(count, count, taps, taps):
        ours[g, h] += kernel[at, across] * image[h + at, size - taps - g + across]
    # rot90 turns anticlockwise: entry (u, v) is x[v, size - 1 - u].
    both = (np.rot90(array)[None, None].copy() for array in (image, kernel))
    return ours, conv2d_layer.forward(*both)[0, 0]


def _enlarged(random, dtype, length, taps, factor):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, taps)
    kernels = [kernel[factor * h : factor * (h + 1)].sum() for h in range(taps)]
    ours = _formula(signal, np.array(kernels, dtype), lambda n: n, length)
    return ours, _on_circle(np.repeat(signal, factor), kernel, factor)


MOVED = Text("移动后的输入经过参考层, 与公式比较", "the reference layer at the moved input against the formula")
COLLECT = Text("下标合并同类项", "the terms of the index collected")
SUBSTITUTE = Text("换求和变量: 位置 j = 起点 + a", "the sum over positions, j = start + a")
SIFT = Text("括号 [·] 只留下一项", "the bracket leaves one term")
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.2"
COHEN = "Cohen and Welling, Group equivariant convolutional networks (2016), equation 1"
LINE = Text(
    "无限网格 Z 上的任意输入 x, 任意长为 K 的核; n, t, τ 是任意整数.",
    "any input x on the infinite grid Z, any kernel of length K; n, t, τ are any integers.",
)

# --- 1.3 -------------------------------------------------------------------------------------------------------------

start = s * (n - tau)

definition = Claim(
    id="1.3-def-equivariance",
    section="1.3",
    title=Text("等变: 输入与输出各有各的平移", "equivariance: a shift of the input, and its own shift of the output"),
    chain=(
        layer(shifted(x, s * tau), n, stride=s),
        window(k, x, start),
        layer(x, n - tau, stride=s),
    ),
    steps=(
        Step(layer(shifted(x, s * tau), n, stride=s), window(k, x, start), SUBSTITUTE),
        Step(window(k, x, start), layer(x, n - tau, stride=s), SUBSTITUTE),
    ),
    near_misses=(
        NearMiss(
            Text("不变性的定义: f(g(x)) = f(x)", "the definition of invariance: f(g(x)) = f(x)"),
            lambda: (layer(shifted(x, s * tau), n, stride=s), layer(x, n, stride=s)),
        ),
        NearMiss(
            Text("步幅 2: 输出也移动 2 格", "stride 2: the output moves by 2 as well"),
            lambda: (layer(shifted(x, 2), n, stride=2), layer(x, n - 2, stride=2)),
        ),
        NearMiss(
            Text("反射代替平移", "a reflection instead of a shift"),
            lambda: (layer(Entries(lambda e: x[-e]), n), layer(x, -n)),
        ),
    ),
    numeric=compared(
        MOVED,
        (
            {"length": 12, "taps": 5, "stride": 3, "shift": 2},
            {"length": 7, "taps": 3, "stride": 1, "shift": -3},
            {"length": 8, "taps": 1, "stride": 4, "shift": 1},
        ),
        _strided,
    ),
    conditions=LINE,
    source=COHEN,
)


V = signal("V", sp.oo, K)  # a kernel of its own at every position
odd, image = signal("h", 2 * p + 1), signal("xi", m)
within = (sp.Ge(n, 0), sp.Le(n, m - 1))  # the output positions there are


def inside(e):
    """1 for the positions of an input of length m."""
    return indicator(sp.And(sp.Ge(e, 0), sp.Le(e, m - 1)))


def filled(entry, by):
    """A finite signal moved by `by`: zeros come in, and what leaves is lost."""
    return Entries(lambda e: entry(e - by) * inside(e))


def same(signal, at):
    """The "same" convolution: padding p for a kernel of length 2p + 1."""
    return conv1d.correlation(signal, odd, at, padding=p)


def cut(at):
    """The output on the m positions there are, 0 elsewhere."""
    return same(image, at) * inside(at)


any_translation = Claim(
    id="1.3-conv-any-translation",
    section="1.3",
    title=Text("步幅为 1 的卷积对每个平移等变", "a convolution of stride 1 is equivariant to every shift"),
    chain=(layer(shifted(x, t), n), window(k, x, n - t), layer(x, n - t)),
    also=((conv1d.correlation(shifted(z, t), k, n), window(k, z, n - t), conv1d.correlation(z, k, n - t)),),
    steps=(
        Step(layer(shifted(x, t), n), window(k, x, n - t), SUBSTITUTE),
        Step(
            conv1d.correlation(shifted(z, t), k, n),
            window(k, z, n - t),
            Text("圆周上同样如此, 下标模 N", "the same on a circle, with positions modulo N"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("输出朝反方向移动", "the output moves the other way"),
            lambda: (layer(shifted(x, t), n), layer(x, n + t)),
        ),
        NearMiss(
            Text("权重不共享的局部连接层", "a locally connected layer, whose weights are not shared"),
            lambda: (
                sp.Sum(V[n, a] * x[n + a - t], (a, 0, K - 1)),
                sp.Sum(V[n - t, a] * x[n - t + a], (a, 0, K - 1)),
            ),
        ),
        NearMiss(
            Text("补零的有限网格", "a finite grid with zero padding"),
            lambda: (same(filled(lambda e: image[e], 1), n), cut(n - 1)),
            assuming=within,
        ),
        NearMiss(
            Text("圆周的长度是 N, 平移后却补零", "a circle, with zeros moved in"),
            lambda: (
                conv1d.correlation(Entries(lambda e: z[e - t] * indicator(sp.Ge(sp.Mod(e, N), 1))), k, n),
                conv1d.correlation(z, k, n - t),
            ),
        ),
    ),
    numeric=compared(
        MOVED,
        (
            {"length": 7, "taps": 3, "shift": 2},
            {"length": 5, "taps": 1, "shift": -4},
            {"length": 4, "taps": 6, "shift": 9},
        ),
        _moved,
    ),
    conditions=Text(
        "步幅 1; 网格是无限的 Z 或长为 N 的圆周; t 是任意整数.",
        "stride 1; the grid is Z or a circle of length N; t is any integer.",
    ),
    source=GOODFELLOW,
)

padded = Claim(
    id="1.3-conv-any-translation-padded",
    section="1.3",
    title=Text("补零的网格上, 照字面的说法", "with zero padding, as the sentence reads"),
    chain=(same(filled(lambda e: image[e], t), n), cut(n - t)),
    hypotheses=within,
    expected="refuted",
    conditions=Text(
        "长为 m 的输入, 核长 2p + 1, 两边各补 p 个零; 平移时移入的是零.",
        "an input of length m, a kernel of length 2p + 1 and p zeros on each side; zeros are moved in.",
    ),
    erratum=Erratum(
        printed=Text(
            "如果令 $g$ 是输入的任何平移函数, 那么卷积函数对于 $g$ 具有等变性",
            "a convolution is equivariant to $g$ where $g$ is any translation of the input",
        ),
        corrected=Text(
            "步幅为 1, 网格为 $\\mathbb{Z}$ 或圆周时, $f(T_t x) = T_t f(x)$",
            "$f(T_t x) = T_t f(x)$ for stride 1 on $\\mathbb{Z}$ or on a circle",
        ),
        explanation=Text(
            "“任何平移”要求步幅为 1, 且网格没有边界 (无限或首尾相接). 补零时, 等式只在窗口碰不到边界处成立.",
            "“Any translation” needs stride 1 and a grid without a border, infinite or circular. With zero padding the equation holds "
            "only where no window touches the border.",
        ),
        kind="unclear",
    ),
)

border = Claim(
    id="1.3-conv-any-translation-padded-corrected",
    section="1.3",
    title=Text("补零的网格上, 远离边界处", "with zero padding, away from the border"),
    chain=(same(filled(lambda e: image[e], t), n), same(image, n - t)),
    hypotheses=(sp.Ge(n - p, 0), sp.Le(n + p, m - 1), sp.Ge(n - t, 0), sp.Le(n - t, m - 1)),
    steps=(
        Step(
            same(filled(lambda e: image[e], t), n),
            same(image, n - t),
            Text(
                "窗口在图像之内, 移入的零不被读到", "the window lies within the image, so no zero that came in is read"
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("窗口少留一格", "the window one position too wide"),
            lambda: (
                conv1d.correlation(filled(lambda e: image[e], t), signal("h", 2 * p + 2), n, padding=p),
                conv1d.correlation(image, signal("h", 2 * p + 2), n - t, padding=p),
            ),
        ),
        NearMiss(
            Text("朝反方向移动", "moved the other way"),
            lambda: (same(filled(lambda e: image[e], t), n), same(image, n + t)),
        ),
    ),
    numeric=compared(
        Text("补零的参考层, 远离边界处", "the reference layer with zero padding, away from the border"),
        (
            {"length": 9, "padding": 1, "shift": 2},
            {"length": 8, "padding": 2, "shift": -1},
            {"length": 3, "padding": 0, "shift": 1},
        ),
        _away_from_border,
    ),
    conditions=Text(
        "窗口整个落在图像内 (p ≤ n ≤ m - 1 - p), 且 0 ≤ n - t ≤ m - 1.",
        "the window lies within the image (p ≤ n ≤ m - 1 - p), and 0 ≤ n - t ≤ m - 1.",
    ),
)


y, moved = signal("y", sp.oo), signal("Y", sp.oo)  # the output of a layer, and its output at the moved input
equivariant = ForAll(n, sp.Eq(moved[n], y[n - t]))
invariant = ForAll(n, sp.Eq(moved[n], y[n]))
still = ForAll(n, sp.Eq(y[n - t], y[n]))

invariance = Claim(
    id="1.3-invariance-def",
    section="1.3",
    title=Text("等变与不变: 何时两者兼有", "equivariance and invariance: when both hold"),
    chain=(equivariant, sp.Equivalent(invariant, still, evaluate=False)),
    method=Entailment(),
    near_misses=(
        NearMiss(Text("等变推出不变", "equivariance implies invariance"), lambda: (equivariant, invariant)),
        NearMiss(Text("不变推出等变", "invariance implies equivariance"), lambda: (invariant, equivariant)),
        NearMiss(
            Text("两者兼有时输出是常数", "where both hold the output is constant"),
            lambda: (still, ForAll(n, sp.Eq(y[n], y[0]))),
        ),
    ),
    numeric=compared(
        Text(
            "常数核 (不变) 与冲激: 移动后的输出与公式比较",
            "a constant kernel (invariant) and an impulse: the output after the shift against the formula",
        ),
        ({"length": 6, "shift": 1}, {"length": 5, "shift": -2}, {"length": 1, "shift": 3}),
        _still,
    ),
    conditions=Text(
        "y 是层在 x 上的输出, Y 是它在 T_t x 上的输出; n 取遍所有整数.",
        "y is the output of the layer at x, Y its output at T_t x; n runs over all integers.",
    ),
)


BUMP = Text("冲激响应: 一次代入一个位置", "the response to an impulse, one position at a time")
OUTSIDE = Text("落在核的范围之外, 核在那里为零", "outside of the kernel, where it is zero")

not_invariant = Claim(
    id="1.3-conv-not-invariant",
    section="1.3",
    title=Text(
        "卷积层不是平移不变的: 一个冲激就能看出来", "a convolution layer is not invariant: one impulse shows it"
    ),
    chain=(layer(impulse(K - 1), 0), k[K - 1]),
    also=(
        (layer(shifted(impulse(K - 1), d), 0), sp.S.Zero),
        (layer(impulse(0), 0), k[0]),
        (layer(shifted(impulse(0), -d), 0), sp.S.Zero),
    ),
    steps=(
        Step(layer(impulse(i), n), k[i - n], BUMP),
        Step(layer(shifted(impulse(i), t), n), k[i - n + t], BUMP),
        Step(k[K - 1 + d], sp.S.Zero, OUTSIDE),
        Step(k[-d], sp.S.Zero, OUTSIDE),
    ),
    near_misses=(
        NearMiss(
            Text("移动后输出不变", "the output is the same after the shift"),
            lambda: (layer(shifted(impulse(K - 1), d), 0), k[K - 1]),
        ),
        NearMiss(
            Text("对称的核也不变", "a symmetric kernel is invariant"),
            lambda: (
                sp.Sum((k[a] + k[K - 1 - a]) * x[n + a - d], (a, 0, K - 1)),
                sp.Sum((k[a] + k[K - 1 - a]) * x[n + a], (a, 0, K - 1)),
            ),
        ),
        NearMiss(
            Text("常数核在 Z 上也不变", "a constant kernel is invariant on Z"),
            lambda: (sp.Sum(c * x[n + a - d], (a, 0, K - 1)), sp.Sum(c * x[n + a], (a, 0, K - 1))),
        ),
    ),
    numeric=compared(
        Text("参考层对冲激的响应与核比较", "the response of the reference layer to an impulse against the kernel"),
        ({"taps": 4, "shift": 1}, {"taps": 1, "shift": 3}, {"taps": 3, "shift": -2}),
        _response,
    ),
    conditions=Text(
        "无限网格 Z, 步幅 1, 平移量 d ≥ 1 (向右或向左). 去掉两端的零以后 k_0 与 k_{K-1} 都不为零, 所以每个非零的核都被冲激识破.",
        "the infinite grid Z, stride 1, a shift by d ≥ 1 to the right or to the left. Once zeros at its ends are cut off, k_0 and "
        "k_{K-1} are not zero, so that an impulse betrays every kernel but zero.",
    ),
)


periodic = ForAll(j, sp.Eq(k[j + d], k[j]))
after = ForAll(j, sp.Eq(k[j + q * d], k[j]))

multiples = Claim(
    id="1.3-conv-not-invariant-multiples",
    section="1.3",
    title=Text("周期的倍数也是周期 (归纳步骤)", "a multiple of a period is a period (the induction step)"),
    chain=(sp.And(periodic, after), ForAll(j, sp.Eq(k[j + (q + 1) * d], k[j]))),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("倍数是周期, 则它自己也是", "if a multiple is a period, so is the number itself"),
            lambda: (ForAll(j, sp.Eq(y[j + 2 * t], y[j])), ForAll(j, sp.Eq(y[j + t], y[j]))),
        ),
        NearMiss(
            Text("周期加一也是周期", "a period plus one is a period"),
            lambda: (ForAll(j, sp.Eq(y[j + d], y[j])), ForAll(j, sp.Eq(y[j + d + 1], y[j]))),
        ),
    ),
    conditions=Text(
        "q 是任意整数; q = 0 时显然, 于是对 q 归纳, d 的每个倍数都是 k 的周期.",
        "q is any integer; for q = 0 there is nothing to show, so by induction on q every multiple of d is a period of k.",
    ),
)

support = Claim(
    id="1.3-conv-not-invariant-support",
    section="1.3",
    title=Text("有限支撑的周期核是零", "a periodic kernel of finite support is zero"),
    chain=(ForAll(j, sp.Eq(k[j + K * d], k[j])), ForAll(j, sp.Eq(k[j], 0))),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("没有有限支撑", "without finite support"),
            lambda: (ForAll(j, sp.Eq(y[j + K * d], y[j])), ForAll(j, sp.Eq(y[j], 0))),
        ),
        NearMiss(
            Text("圆周上的核", "a kernel on a circle"),
            lambda: (ForAll(j, sp.Eq(kappa[j + N], kappa[j])), ForAll(j, sp.Eq(kappa[j], 0))),
        ),
    ),
    conditions=Text(
        "k 在 0, ..., K-1 之外为零, d ≥ 1; 由 1.3-conv-not-invariant-multiples, Kd 是周期.",
        "k is zero outside of 0, ..., K-1, and d ≥ 1; by 1.3-conv-not-invariant-multiples Kd is a period.",
    ),
)

around = sp.Sum(kappa[a] * z[n + a - t], (a, 0, N - 1))

circle = Claim(
    id="1.3-conv-not-invariant-circle",
    section="1.3",
    title=Text("圆周上: 平移输入等于平移核", "on a circle: to move the input is to move the kernel"),
    chain=(around, sp.Sum(kappa[a + t] * z[n + a], (a, 0, N - 1))),
    also=(
        (sp.Sum(kappa[a] * impulse(i + t, N)[n + a], (a, 0, N - 1)), kappa[i - n + t]),
        (sp.Sum(c * z[n + a - t], (a, 0, N - 1)), c * sp.Sum(z[e], (e, 0, N - 1))),
    ),
    steps=(
        Step(around, sp.Sum(kappa[j + t] * z[n + j], (j, -t, N - 1 - t)), Text("令 a = j + t", "put a = j + t")),
        Step(
            sp.Sum(kappa[j + t] * z[n + j], (j, -t, N - 1 - t)),
            sp.Sum(kappa[a + t] * z[n + a], (a, 0, N - 1)),
            Text("整整一圈, 从哪里开始都一样", "once around the circle, wherever it begins"),
        ),
        Step(sp.Sum(kappa[a] * impulse(i + t, N)[n + a], (a, 0, N - 1)), kappa[i - n + t], SIFT),
    ),
    near_misses=(
        NearMiss(
            Text("任何核都不变", "every kernel is invariant"),
            lambda: (around, sp.Sum(kappa[a] * z[n + a], (a, 0, N - 1))),
        ),
        NearMiss(
            Text("常数核少一个元素", "a constant kernel one tap short"),
            lambda: (
                sp.Sum(c * z[n + a - t], (a, 0, N - 2)),
                sp.Sum(c * z[n + a], (a, 0, N - 2)),
            ),
        ),
        NearMiss(
            Text("核朝另一方向移动", "the kernel moves the other way"),
            lambda: (around, sp.Sum(kappa[a - t] * z[n + a], (a, 0, N - 1))),
        ),
    ),
    numeric=compared(
        MOVED,
        ({"length": 6, "shift": 2}, {"length": 5, "shift": -1}, {"length": 1, "shift": 4}),
        _kernel_moved,
    ),
    conditions=Text(
        "长为 N 的圆周, 核 κ 也绕在圆周上. 对所有输入不变, 当且仅当 κ_{a+t} = κ_a 对所有 a 成立 (必要性用冲激); t = 1 时就是常数核.",
        "a circle of length N, around which the kernel κ goes as well. Invariant for all inputs if and only if κ_{a+t} = κ_a for all a "
        "(necessary by the impulses); for t = 1 that is a constant kernel.",
    ),
)


# Two directions, channels, strides, a bias and an activation.
plane = signal("X", C, sp.oo, sp.oo)
filters, bias = signal("W", D, C, K1, K2), signal("beta", D)
o = sp.Symbol("o", integer=True)


def feature(image, at):
    """An activated feature map: filter o, stride (s_1, s_2)."""
    return f(conv2d.forward(image, filters, o, *at, bias, stride=(s1, s2)))


def displaced(image, *by):
    return Entries(lambda channel, *at: image[(channel, *(e - h for e, h in zip(at, by, strict=True)))])


moves_same = Claim(
    id="1.3-example-moves-same",
    section="1.3",
    title=Text("物体移动, 特征图跟着移动", "the feature map moves with the object"),
    chain=(feature(displaced(plane, s1 * tau1, s2 * tau2), (u, v)), feature(plane, (u - tau1, v - tau2))),
    steps=(
        Step(
            conv2d.forward(displaced(plane, s1 * tau1, s2 * tau2), filters, o, u, v, bias, stride=(s1, s2)),
            conv2d.forward(plane, filters, o, u - tau1, v - tau2, bias, stride=(s1, s2)),
            COLLECT,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("步幅 2 的层也移动 t", "a layer of stride 2 moves by t as well"),
            lambda: (
                f(conv2d.forward(displaced(plane, t1, t2), filters, o, u, v, bias, stride=2)),
                f(conv2d.forward(plane, filters, o, u - t1, v - t2, bias, stride=2)),
            ),
        ),
        NearMiss(
            Text("特征图移动 2t", "the feature map moves by 2t"),
            lambda: (
                f(conv2d.forward(displaced(plane, t1, t2), filters, o, u, v, bias)),
                f(conv2d.forward(plane, filters, o, u - 2 * t1, v - 2 * t2, bias)),
            ),
        ),
        NearMiss(
            Text("两个方向互换", "the two directions swapped"),
            lambda: (
                feature(displaced(plane, s1 * tau1, s2 * tau2), (u, v)),
                feature(plane, (u - tau2, v - tau1)),
            ),
        ),
    ),
    numeric=compared(
        Text("图案移动前后的特征图", "feature maps before and after a pattern is moved"),
        (
            {"channels": 3, "filters": 2, "size": (3, 2), "stride": (1, 1), "shift": (2, 3)},
            {"channels": 1, "filters": 4, "size": (2, 3), "stride": (2, 3), "shift": (1, -1)},
            {"channels": 2, "filters": 1, "size": (1, 1), "stride": (1, 2), "shift": (0, 1)},
        ),
        _pattern,
    ),
    conditions=Text(
        "无限的二维网格, C 个输入通道, 步幅 (s_1, s_2); f 是任意的逐元素函数; τ_1, τ_2 是任意整数. 步幅 1 时移动的格数相同.",
        "the infinite grid in two directions, C input channels, stride (s_1, s_2); f is any entrywise function, τ_1 and τ_2 are any "
        "integers. With stride 1 the map moves by as much as the object.",
    ),
)


square, grid = signal("G", K, K), signal("J", m, m)
taps2 = ((a, 0, K - 1), (b, 0, K - 1))


def turned(array, size):
    """Rotated by 90 degrees: `(R x)[u, v] = x[v, size - 1 - u]`."""
    return Entries(lambda u, v: array[v, size - 1 - u])


def correlated(image, kernel):
    return sp.Sum(kernel[a, b] * image[u + a, v + b], *taps2)


def answer(image, at):
    """The output of the unrotated layer."""
    return conv2d.correlation(image, square, *at)


point = Entries(lambda g, h: indicator(sp.And(sp.Eq(g, i, evaluate=False), sp.Eq(h, j, evaluate=False))))

rotation = Claim(
    id="1.3-not-rot-scale",
    section="1.3",
    title=Text("旋转: 输入转了, 核也要跟着转", "rotation: the kernel has to turn with the input"),
    chain=(correlated(turned(grid, m), turned(square, K)), answer(grid, (v, m - K - u))),
    also=(
        (correlated(turned(point, m), square), square[m - 1 - u - j, i - v]),
        (answer(point, (v, m - K - u)), square[i - v, K - 1 - (m - 1 - u - j)]),
        (sp.Sum(c * grid[v + b, m - 1 - u - a], *taps2), sp.Sum(c * grid[v + a, m - K - u + b], *taps2)),
    ),
    hypotheses=(sp.Ge(u, 0), sp.Le(u, m - K), sp.Ge(v, 0), sp.Le(v, m - K)),
    steps=(
        Step(
            correlated(turned(grid, m), turned(square, K)),
            sp.Sum(square[b, q] * grid[v + b, m - K - u + q], (q, 0, K - 1), (b, 0, K - 1)),
            Text("令 q = K - 1 - a", "put q = K - 1 - a"),
        ),
        Step(
            sp.Sum(square[b, q] * grid[v + b, m - K - u + q], (q, 0, K - 1), (b, 0, K - 1)),
            answer(grid, (v, m - K - u)),
            Text("换名: 这正是未旋转的输出在旋转后的位置", "renamed: the unrotated output at the rotated position"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("任何核都与旋转可交换", "every kernel commutes with the rotation"),
            lambda: (correlated(turned(grid, m), square), answer(grid, (v, m - K - u))),
        ),
        NearMiss(
            Text("核朝另一方向转", "the kernel turned the other way"),
            lambda: (
                correlated(turned(grid, m), Entries(lambda g, h: square[K - 1 - h, g])),
                answer(grid, (v, m - K - u)),
            ),
        ),
        NearMiss(
            Text("对称的核 (K = Kᵀ) 可交换", "a kernel that is symmetric as a matrix commutes"),
            lambda: (
                correlated(turned(grid, m), Entries(lambda g, h: square[g, h] + square[h, g])),
                sp.Sum((square[a, b] + square[b, a]) * grid[v + a, m - K - u + b], *taps2),
            ),
        ),
    ),
    numeric=compared(
        Text("numpy.rot90 与参考层", "numpy.rot90 and the reference layer"),
        ({"size": 6, "taps": 3}, {"size": 4, "taps": 2}, {"size": 1, "taps": 1}),
        _rotated,
    ),
    conditions=Text(
        "m × m 的图像, K × K 的核, 输出位置 0 ≤ u, v ≤ m - K. 对所有图像可交换, 当且仅当核转 90° 不变: k_{a,b} = k_{b,K-1-a} "
        "(必要性用冲激, 取 a = m-1-u-j, b = i-v); 常数核是一例.",
        "an m × m image, a K × K kernel, output positions 0 ≤ u, v ≤ m - K. It commutes for all images if and only if the kernel is its own "
        "rotation, k_{a,b} = k_{b,K-1-a} (necessary by the impulses, a = m-1-u-j, b = i-v); a constant kernel is one.",
    ),
)


zoomed = Entries(lambda e: x[sp.floor(e / s)])
merged = sp.Sum(k[s * b + r] * x[n + b], (r, 0, s - 1), (b, 0, K - 1))

scaling = Claim(
    id="1.3-not-rot-scale-zoom",
    section="1.3",
    title=Text("放缩: 放大输入等于合并核的相邻元素", "scaling: to enlarge the input is to merge neighbouring taps"),
    chain=(layer(zoomed, s * n), merged),
    steps=(
        Step(
            layer(zoomed, s * n),
            sp.Sum(sp.Sum(k[a] * indicator(sp.Eq(sp.floor(a / s), b)), (a, 0, K - 1)) * x[n + b], (b, 0, K - 1)),
            Text("⌊(sn + a)/s⌋ = n + ⌊a/s⌋; 按 b = ⌊a/s⌋ 归并", "⌊(sn + a)/s⌋ = n + ⌊a/s⌋; collected by b = ⌊a/s⌋"),
        ),
        Step(
            sp.Sum(sp.Sum(k[a] * indicator(sp.Eq(sp.floor(a / s), b)), (a, 0, K - 1)) * x[n + b], (b, 0, K - 1)),
            merged,
            Text("⌊a/s⌋ = b 就是 a = sb + r, 0 ≤ r < s", "⌊a/s⌋ = b says a = sb + r with 0 ≤ r < s"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("放大之后卷积 = 卷积之后放大", "enlarging commutes with the convolution"),
            lambda: (layer(zoomed, n), Entries(lambda e: layer(x, sp.floor(e / s)))[n]),
        ),
        NearMiss(
            Text("在取样点上相等", "equal at the sampled positions"),
            lambda: (layer(zoomed, s * n), layer(x, n)),
        ),
        NearMiss(
            Text("合并时隔着取 (k_b + k_{b+s} + ...)", "taps s apart merged instead of neighbours"),
            lambda: (layer(zoomed, s * n), sp.Sum(k[b + s * r] * x[n + b], (r, 0, s - 1), (b, 0, K - 1))),
        ),
    ),
    numeric=compared(
        Text("numpy.repeat 与参考层", "numpy.repeat and the reference layer"),
        (
            {"length": 5, "taps": 4, "factor": 2},
            {"length": 4, "taps": 5, "factor": 3},
            {"length": 3, "taps": 1, "factor": 1},
        ),
        _enlarged,
    ),
    conditions=Text(
        "最近邻放大 s 倍, Z 上的任意输入. 与 y_n 相比: 核不变的只有 s = 1 或特殊的核.",
        "enlarged s times by nearest neighbours, any input on Z. That is another kernel than k, unless s = 1 or k is special.",
    ),
)


DERIVATION = Derivation(
    title=Text("卷积与平移", "convolution and shifts"),
    context=CONTEXT,
    claims=(
        definition,
        any_translation,
        padded,
        border,
        invariance,
        not_invariant,
        multiples,
        support,
        circle,
        moves_same,
        rotation,
        scaling,
    ),
    source="lecture note, section 1.3",
)
