"""Section 2.2: how many zeros are put around the input, how wide the output is then, and how often a pixel is read.

An output exists for every position of the window within the padded input, so widths are counts of such positions. How often
`x[j]` is read is counted by the layer itself: `y` is a sum of products `w[a] x[j]`, so the derivative of `y[n]` by `w[a]` and
by `x[j]` is the number of times this product occurs in it. Summed over all outputs and taps that is the number of visits.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Erratum, Integers, Measurement, NearMiss, Step, Text
from cnnsym.layers import conv1d, conv2d
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import conv2d as conv2d_layer

CONTEXT = r"""
let m, k, s, d, H, L : size
let p, p_l, p_r, r, e, q : integer nonnegative
let i : integer
let j : index(m); g : index(H); h : index(L)
let x : signal(m); let w : signal(k); let v : signal(2r+1)     # v: a kernel of odd width
let X : signal(H, L); let K : signal(k, k); let V : signal(2r+1, 2r+1)
where y^{0}_i = \sum_{a=0}^{k-1} w_a x_{i+a}                   # no padding
where y^{p}_n = \sum_{a=0}^{k-1} w_a x_{n+a-p}                 # padding p on both sides
where y^{=}_n = \sum_{a=0}^{2r} v_a x_{n+a-r}                  # same
where y^{+}_n = \sum_{a=0}^{k-1} w_a x_{n+a-(k-1)}             # full
where Y^{=}_{g,h} = \sum_{a=0}^{2r}\sum_{b=0}^{2r} V_{a,b} X_{g+a-r,h+b-r}
where Y^{+}_{g,h} = \sum_{a=0}^{k-1}\sum_{b=0}^{k-1} K_{a,b} X_{g+a-(k-1),h+b-(k-1)}
"""

m, k, s, d, H, L = dims("m k s d H L")
p, r, e, q, left, right = sp.symbols("p r e q p_l p_r", integer=True, nonnegative=True)
i, n, a, b, c = sp.symbols("i n a b c", integer=True)
o, u = sp.symbols("o u", integer=True)  # positions of the window in two directions
j, g, h = sp.Idx("j", m), sp.Idx("g", H), sp.Idx("h", L)
x, w, v = signal("x", m), signal("w", k), signal("v", 2 * r + 1)
X, K, V = signal("X", H, L), signal("K", k, k), signal("V", 2 * r + 1, 2 * r + 1)


def outputs(zeros, *, stride=1, dilation=1, taps=k):
    """How many positions the window has in an input of width m with so many zeros in all: its last tap lies within."""
    last = m + zeros - 1
    return sp.Sum(indicator(sp.Le(stride * n + dilation * (taps - 1), last)), (n, 0, last))


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


def _compare(what, cases, both):
    """`both(dtype, **case)` gives an array by the formula, in plain NumPy, and one by the reference layers."""

    def measure():
        found = []
        for seed, case in enumerate(cases):
            for dtype in ("float64", "float32"):
                ours, theirs = (np.asarray(each, float) for each in both(dtype, **case))
                error = float(np.abs(ours - theirs).max()) if ours.shape == theirs.shape else float("nan")
                shape = ", ".join(f"{name}={value}" for name, value in case.items())
                found.append(Measurement(what, shape, dtype, seed, error, 0.0))
        return tuple(found)

    return measure


def _ones(dtype, *shape):
    return np.ones(shape, dtype)


def _width(dtype, m, k, **options):
    """The width of what the reference layer puts out."""
    return conv1d_layer.forward(_ones(dtype, 1, 1, m), _ones(dtype, 1, 1, k), **options).shape[2]


def _read(dtype, m, k, padding, stride=1):
    """How often the reference layer reads each pixel: the gradient of the sum of its outputs where every tap is 1."""
    image, kernel = _ones(dtype, 1, 1, m), _ones(dtype, 1, 1, k)
    y = conv1d_layer.forward(image, kernel, padding=padding, stride=stride)
    return conv1d_layer.backward(np.ones_like(y), image, kernel, padding=padding, stride=stride)[0][0, 0]


def _read_2d(dtype, size, k, padding):
    image, kernel = _ones(dtype, 1, 1, *size), _ones(dtype, 1, 1, k, k)
    y = conv2d_layer.forward(image, kernel, padding=padding)
    return conv2d_layer.backward(np.ones_like(y), image, kernel, padding=padding)[0][0, 0]


WIDTH = Text("参考层输出的宽度与公式比较", "the width of the output of the reference layer against the formula")
READ = Text(
    "核与输出梯度全为 1 时, 参考层的输入梯度就是访问次数",
    "with all taps and output gradients 1 the reference layer's gradient by the input counts the visits",
)
DEFINITION = Text("层的定义, 逐项数乘积", "the definition of the layer, its products counted")
INTERVAL = Text("数一个区间里的整数", "the integers of an interval counted")
DUMOULIN = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016)"
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5"

# --- valid -----------------------------------------------------------------------------------------------------------

inside = ForAll(a, sp.Implies(sp.And(sp.Le(0, a), sp.Lt(a, k)), sp.And(sp.Le(0, i + a), sp.Lt(i + a, m))))


def starts(last):
    return sp.And(sp.Le(0, i), sp.Le(i, last))


valid = Claim(
    id="2.2-valid-def",
    section="2.2",
    title=Text("有效卷积: 窗口整个落在图像内", "valid: the window lies entirely within the image"),
    chain=(sp.true, sp.Equivalent(inside, starts(m - k))),
    method=Entailment(),
    steps=(
        Step(
            conv1d.correlation(x, w, i + p, padding=p),
            conv1d.correlation(x, w, i),
            Text("补零只是给位置重新编号", "padding renumbers the positions and no more"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("起点 m - k + 1 也行", "the start m - k + 1 is admissible as well"),
            lambda: (sp.true, sp.Equivalent(inside, starts(m - k + 1))),
        ),
        NearMiss(
            Text("只要起点在图像内", "it is enough that the start lies within the image"),
            lambda: (sp.true, sp.Equivalent(inside, starts(m - 1))),
        ),
        NearMiss(
            Text("起点从 1 数起", "the starts count from 1"),
            lambda: (sp.true, sp.Equivalent(inside, sp.And(sp.Le(1, i), sp.Le(i, m - k)))),
        ),
    ),
    numeric=_compare(
        Text("参考层的输出与 numpy.correlate 比较", "the reference layer against numpy.correlate"),
        ({"m": 7, "k": 3}, {"m": 4, "k": 4}, {"m": 5, "k": 1}),
        lambda dtype, m, k: _correlated(dtype, m, k),
    ),
    conditions=Text(
        "核宽 k, 输入宽 m, 步幅 1; i 是窗口的起点, 任意整数.",
        "kernel width k, input width m, stride 1; the start i is any integer.",
    ),
    source=GOODFELLOW,
)


def _correlated(dtype, m, k):
    """Integers, so that both are exact."""
    random = np.random.default_rng(m)
    image, kernel = (random.integers(-9, 10, size=size).astype(dtype) for size in (m, k))
    ours = [sum(kernel[tap] * image[start + tap] for tap in range(k)) for start in range(m - k + 1)]
    theirs = conv1d_layer.forward(image[None, None], kernel[None, None])[0, 0]
    return [ours, np.correlate(image, kernel, "valid")], [theirs, theirs]


positions = sp.Sum(indicator(sp.Lt(i + k - 1, m)), (i, 0, m - 1))

valid_width = Claim(
    id="2.2-valid-width",
    section="2.2",
    title=Text("有效卷积的输出宽度", "the output width of a valid convolution"),
    chain=(sp.Le(k, m), sp.Eq(positions, m - k + 1)),
    method=Integers(),
    near_misses=(
        NearMiss(Text("m - k", "m - k"), lambda: (sp.Le(k, m), sp.Eq(positions, m - k))),
        NearMiss(Text("m - k + 2", "m - k + 2"), lambda: (sp.Le(k, m), sp.Eq(positions, m - k + 2))),
        NearMiss(Text("m + k - 1", "m + k - 1"), lambda: (sp.Le(k, m), sp.Eq(positions, m + k - 1))),
        NearMiss(
            Text("核比输入宽时也是 m - k + 1", "also for a kernel that is wider than the input"),
            lambda: (sp.true, sp.Eq(positions, m - k + 1)),
        ),
        NearMiss(
            Text(
                "核比输入宽时与交换两者相同 (scipy 如此)", "with a wider kernel as if both were swapped, as SciPy does"
            ),
            lambda: (sp.true, sp.Eq(positions, sp.Abs(m - k) + 1)),
        ),
    ),
    numeric=_compare(
        WIDTH,
        ({"m": 7, "k": 3}, {"m": 4, "k": 4}, {"m": 9, "k": 1}),
        lambda dtype, m, k: (m - k + 1, _width(dtype, m, k)),
    ),
    conditions=Text("m ≥ k ≥ 1, 步幅 1, 不带空洞.", "m ≥ k ≥ 1, stride 1, no dilation."),
    source=f"{DUMOULIN}, relationship 1",
)

valid_empty = Claim(
    id="2.2-valid-width-empty",
    section="2.2",
    title=Text("核比输入宽时没有输出", "no output where the kernel is wider than the input"),
    chain=(sp.true, sp.Eq(positions, sp.Max(0, m - k + 1))),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("至少有一个输出", "at least one output"), lambda: (sp.true, sp.Eq(positions, sp.Max(1, m - k + 1)))
        ),
        NearMiss(Text("少一个", "one too few"), lambda: (sp.true, sp.Eq(positions, sp.Max(0, m - k)))),
    ),
    conditions=Text("任意正整数 m, k; 步幅 1.", "any positive integers m and k; stride 1."),
)

# --- the general size ------------------------------------------------------------------------------------------------

fits = sp.Le(d * (k - 1) + 1, m + 2 * p)
anywhere = outputs(2 * p, stride=s, dilation=d)
general_size = Claim(
    id="2.2-general-size",
    section="2.2",
    title=Text("输出宽度的一般公式", "the output width in general"),
    chain=(fits, sp.Eq(anywhere, sp.floor((m + 2 * p - d * (k - 1) - 1) / s) + 1)),
    method=Integers(),
    steps=(
        Step(
            sp.Le(k, m),
            sp.Eq(outputs(0), positions),
            Text("p = 0, s = d = 1: 有效卷积", "p = 0, s = d = 1: valid"),
            method=Integers(),
        ),
        Step(
            sp.true,
            sp.Eq(outputs(2 * r, taps=2 * r + 1), m),
            Text("k = 2r + 1, p = r, s = d = 1: 相同卷积", "k = 2r + 1, p = r, s = d = 1: same"),
            method=Integers(),
        ),
        Step(
            sp.true,
            sp.Eq(outputs(2 * (k - 1)), m + k - 1),
            Text("p = k - 1, s = d = 1: 全卷积", "p = k - 1, s = d = 1: full"),
            method=Integers(),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("向上取整", "rounded up"),
            lambda: (fits, sp.Eq(anywhere, sp.ceiling((m + 2 * p - d * (k - 1) - 1) / s) + 1)),
        ),
        NearMiss(
            Text("不计空洞", "the dilation ignored"),
            lambda: (fits, sp.Eq(anywhere, sp.floor((m + 2 * p - k) / s) + 1)),
        ),
        NearMiss(
            Text("补零只算一边", "the padding counted once"),
            lambda: (fits, sp.Eq(anywhere, sp.floor((m + p - d * (k - 1) - 1) / s) + 1)),
        ),
        NearMiss(
            Text("dk 代替 d(k - 1) + 1", "dk instead of d(k - 1) + 1"),
            lambda: (fits, sp.Eq(anywhere, sp.floor((m + 2 * p - d * k) / s) + 1)),
        ),
        NearMiss(
            Text("窗口放不下时也对", "also where the window does not fit"),
            lambda: (sp.true, sp.Eq(anywhere, sp.floor((m + 2 * p - d * (k - 1) - 1) / s) + 1)),
        ),
    ),
    numeric=_compare(
        WIDTH,
        (
            {"m": 11, "k": 3, "stride": 2, "padding": 1, "dilation": 2},
            {"m": 8, "k": 2, "stride": 3, "padding": 0, "dilation": 1},
            {"m": 5, "k": 4, "stride": 4, "padding": 3, "dilation": 3},
        ),
        lambda dtype, m, k, stride, padding, dilation: (
            (m + 2 * padding - dilation * (k - 1) - 1) // stride + 1,
            _width(dtype, m, k, stride=stride, padding=padding, dilation=dilation),
        ),
    ),
    conditions=Text(
        "两边各补 p 个零, 步幅 s, 空洞 d; 窗口放得下: m + 2p ≥ d(k - 1) + 1.",
        "p zeros on each side, stride s, dilation d; the window fits: m + 2p ≥ d(k - 1) + 1.",
    ),
    source=f"{DUMOULIN}, relationships 6 and 15",
)

# --- same ------------------------------------------------------------------------------------------------------------


def keeps(zeros, dilation=1):
    return sp.Eq(outputs(left + right, dilation=dilation), m), sp.Eq(left + right, zeros)


same_size = Claim(
    id="2.2-same-size",
    section="2.2",
    title=Text(
        "输出与输入同宽, 当且仅当总共补 k - 1 个零", "the width is kept exactly if there are k - 1 zeros in all"
    ),
    chain=(sp.true, sp.Equivalent(*keeps(k - 1))),
    method=Integers(),
    near_misses=(
        NearMiss(Text("总共补 k 个", "k zeros in all"), lambda: (sp.true, sp.Equivalent(*keeps(k)))),
        NearMiss(
            Text("每边补 ⌊k/2⌋ 个总行", "⌊k/2⌋ on each side always does"),
            lambda: (sp.true, sp.Eq(outputs(2 * sp.floor(k / 2)), m)),
        ),
        NearMiss(
            Text("步幅 2 也保持宽度", "stride 2 keeps the width as well"),
            lambda: (sp.true, sp.Eq(outputs(k - 1, stride=2), m)),
        ),
    ),
    numeric=_compare(
        WIDTH,
        ({"m": 7, "k": 4, "sides": (1, 2)}, {"m": 5, "k": 3, "sides": (1, 1)}, {"m": 2, "k": 5, "sides": (4, 0)}),
        lambda dtype, m, k, sides: (m, _width(dtype, m + sum(sides), k)),
    ),
    conditions=Text(
        "左边补 p_l 个零, 右边补 p_r 个; 步幅 1, 不带空洞.",
        "p_l zeros on the left and p_r on the right; stride 1, no dilation.",
    ),
    source=f"{DUMOULIN}, relationship 3",
)

same_odd = Claim(
    id="2.2-same-size-odd",
    section="2.2",
    title=Text("奇数宽的核: 两边可以补得一样多", "odd kernels: both sides can get the same"),
    chain=(sp.Eq(sp.Mod(k, 2), 1), sp.Eq(outputs(2 * sp.floor((k - 1) / 2)), m)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("偶数宽的核也行", "even kernels as well"),
            lambda: (sp.Eq(sp.Mod(k, 2), 0), sp.Eq(outputs(2 * sp.floor((k - 1) / 2)), m)),
        ),
        NearMiss(
            Text("每边补 (k + 1)/2 个", "(k + 1)/2 on each side"),
            lambda: (sp.Eq(sp.Mod(k, 2), 1), sp.Eq(outputs(2 * sp.floor((k + 1) / 2)), m)),
        ),
    ),
    numeric=_compare(
        WIDTH,
        ({"m": 7, "k": 5}, {"m": 4, "k": 1}, {"m": 2, "k": 7}),
        lambda dtype, m, k: (m, _width(dtype, m, k, padding=(k - 1) // 2)),
    ),
    conditions=Text("k 是奇数, 步幅 1.", "k is odd, stride 1."),
)

same_even = Claim(
    id="2.2-same-size-even",
    section="2.2",
    title=Text("偶数宽的核: 两边不能补得一样多", "even kernels: both sides cannot get the same"),
    chain=(sp.Eq(sp.Mod(k, 2), 0), sp.Ne(outputs(2 * p), m)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("奇数宽的核也不能", "neither can odd ones"), lambda: (sp.Eq(sp.Mod(k, 2), 1), sp.Ne(outputs(2 * p), m))
        ),
        NearMiss(
            Text("不对称也不行", "not even with unequal sides"),
            lambda: (sp.Eq(sp.Mod(k, 2), 0), sp.Ne(outputs(2 * p + 1), m)),
        ),
    ),
    numeric=_compare(
        Text("宽度与 m 之差是奇数", "the width differs from m by an odd number"),
        ({"m": 7, "k": 4, "padding": 1}, {"m": 7, "k": 4, "padding": 2}, {"m": 3, "k": 2, "padding": 0}),
        lambda dtype, m, k, padding: (1, (_width(dtype, m, k, padding=padding) - m) % 2),
    ),
    conditions=Text("k 是偶数, 步幅 1; p 是任意非负整数.", "k is even, stride 1; p is any nonnegative integer."),
)

same_dilated = Claim(
    id="2.2-same-size-dilated",
    section="2.2",
    title=Text("带空洞时要补 d(k - 1) 个零", "with dilation d there must be d(k - 1) zeros"),
    chain=(sp.true, sp.Equivalent(*keeps(d * (k - 1), dilation=d))),
    method=Integers(),
    near_misses=(
        NearMiss(Text("仍是 k - 1 个", "still k - 1"), lambda: (sp.true, sp.Equivalent(*keeps(k - 1, dilation=d)))),
        NearMiss(Text("dk - 1 个", "dk - 1"), lambda: (sp.true, sp.Equivalent(*keeps(d * k - 1, dilation=d)))),
    ),
    numeric=_compare(
        WIDTH,
        ({"m": 7, "k": 3, "dilation": 2}, {"m": 5, "k": 5, "dilation": 3}),
        lambda dtype, m, k, dilation: (m, _width(dtype, m, k, dilation=dilation, padding=dilation * (k - 1) // 2)),
    ),
    conditions=Text("步幅 1, 空洞 d.", "stride 1, dilation d."),
)

same_stride = Claim(
    id="2.2-same-size-stride",
    section="2.2",
    title=Text("步幅 s 时同样的补零给出 ⌈m/s⌉ 个输出", "with stride s the same padding gives ⌈m/s⌉ outputs"),
    chain=(sp.true, sp.Eq(outputs(k - 1, stride=s), sp.ceiling(m / s))),
    method=Integers(),
    near_misses=(
        NearMiss(Text("⌊m/s⌋", "⌊m/s⌋"), lambda: (sp.true, sp.Eq(outputs(k - 1, stride=s), sp.floor(m / s)))),
        NearMiss(Text("仍是 m", "still m"), lambda: (sp.true, sp.Eq(outputs(k - 1, stride=s), m))),
    ),
    numeric=_compare(
        WIDTH,
        ({"m": 7, "k": 3, "stride": 2}, {"m": 9, "k": 5, "stride": 3}, {"m": 4, "k": 1, "stride": 5}),
        lambda dtype, m, k, stride: (-(-m // stride), _width(dtype, m, k, stride=stride, padding=(k - 1) // 2)),
    ),
    conditions=Text("总共补 k - 1 个零, 步幅 s.", "k - 1 zeros in all, stride s."),
)

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
    numeric=_compare(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 2}, {"m": 3, "r": 4}, {"m": 5, "r": 0}),
        lambda dtype, m, r: (
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
    numeric=_compare(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 2}, {"m": 3, "r": 4}),
        lambda dtype, m, r: (np.full(2, min(r + 1, m)), _read(dtype, m, 2 * r + 1, padding=r)[[0, -1]]),
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
    numeric=_compare(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 2}, {"m": 9, "r": 4}),
        lambda dtype, m, r: (np.full(m - 2 * r, 2 * r + 1), _read(dtype, m, 2 * r + 1, padding=r)[r : m - r]),
    ),
    conditions=Text("r ≤ j ≤ m - 1 - r.", "r ≤ j ≤ m - 1 - r."),
)

same_fewer = Claim(
    id="2.2-same-border-fewer",
    section="2.2",
    title=Text("边界像素的代表性不足, 当且仅当 k > 1", "the border is under-represented exactly if k > 1"),
    chain=(sp.true, sp.Equivalent(sp.Lt(near(sp.S.Zero), 2 * r + 1), sp.Lt(1, 2 * r + 1))),
    also=((sp.true, sp.Le(near(sp.S.Zero), near(j))),),
    method=Integers(),
    near_misses=(
        NearMiss(Text("总是更少", "always fewer"), lambda: (sp.true, sp.Lt(near(sp.S.Zero), 2 * r + 1))),
        NearMiss(
            Text("严格少于其它每个像素", "strictly fewer than every other pixel"),
            lambda: (sp.Le(1, j), sp.Lt(near(sp.S.Zero), near(j))),
        ),
    ),
    numeric=_compare(
        READ,
        ({"m": 7, "r": 1}, {"m": 6, "r": 0}, {"m": 2, "r": 3}),
        lambda dtype, m, r: ([r > 0, True], _border(_read(dtype, m, 2 * r + 1, padding=r), 2 * r + 1)),
    ),
    conditions=Text(
        "核宽 k = 2r + 1; 边界上的次数也不多于任何其它像素.",
        "kernel width k = 2r + 1; nor is the border read more often than any other pixel.",
    ),
)


def _border(read, k):
    return [read[0] < k, (read >= read[0]).all()]


corner = visits_2d(V, (H, L), (0, 0), padding=r)
rows = sp.Sum(indicator(sp.Le(sp.Abs(o - g), r)), (o, 0, H - 1))
columns = sp.Sum(indicator(sp.Le(sp.Abs(u - h), r)), (u, 0, L - 1))
WIDE = (sp.Le(r + 1, H), sp.Le(r + 1, L))

same_corner = Claim(
    id="2.2-same-border-corner",
    section="2.2",
    title=Text("二维: 角上的像素被读 (r + 1)² 次", "two directions: a corner is read (r + 1)² times"),
    chain=(corner, (r + 1) ** 2),
    also=((visits_2d(V, (H, L), (g, h), padding=r), rows * columns),),
    hypotheses=WIDE,
    near_misses=(
        NearMiss(Text("2(r + 1)", "2(r + 1)"), lambda: (corner, 2 * (r + 1))),
        NearMiss(Text("k²", "k²"), lambda: (corner, (2 * r + 1) ** 2)),
        NearMiss(Text("r + 1", "r + 1"), lambda: (corner, r + 1)),
    ),
    numeric=_compare(
        READ,
        ({"size": (5, 4), "r": 1}, {"size": (3, 6), "r": 2}, {"size": (1, 1), "r": 0}),
        lambda dtype, size, r: ((r + 1) ** 2, _read_2d(dtype, size, 2 * r + 1, r)[0, 0]),
    ),
    conditions=Text(
        "H × L 的图像, 核 k × k, k = 2r + 1, H, L ≥ r + 1. 两个方向的次数相乘.",
        "an H × L image, a k × k kernel with k = 2r + 1, H, L ≥ r + 1. The counts of the two directions multiply.",
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
    numeric=_compare(
        READ,
        ({"m": 7, "k": 3}, {"m": 6, "k": 5}, {"m": 3, "k": 3}, {"m": 5, "k": 1}),
        lambda dtype, m, k: ([min(at + 1, k, m - k + 1, m - at) for at in range(m)], _read(dtype, m, k, padding=0)),
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
    numeric=_compare(
        READ,
        ({"m": 7, "k": 3}, {"m": 2, "k": 5}, {"m": 1, "k": 1}),
        lambda dtype, m, k: (np.full(m, k), _read(dtype, m, k, padding=k - 1)),
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
    numeric=_compare(
        READ,
        ({"size": (5, 4), "k": 3}, {"size": (1, 2), "k": 4}, {"size": (3, 3), "k": 1}),
        lambda dtype, size, k: (np.full(size, k**2), _read_2d(dtype, size, k, k - 1)),
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
    numeric=_compare(
        READ,
        ({"m": 7, "k": 3, "padding": 1}, {"m": 7, "k": 3, "padding": 2}, {"m": 4, "k": 2, "padding": 3}),
        lambda dtype, m, k, padding: (padding >= k - 1, _read(dtype, m, k, padding=padding)[0] == k),
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
        (conv1d.correlation(x, w, n + e, padding=more), conv1d.correlation(x, w, n, padding=k - 1)),
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
    numeric=_compare(
        Text("补 k - 1 + e 个零时参考层的输出", "the reference layer with padding k - 1 + e"),
        ({"m": 4, "k": 3, "extra": 2}, {"m": 1, "k": 2, "extra": 1}, {"m": 5, "k": 1, "extra": 3}),
        lambda dtype, m, k, extra: _wider(dtype, m, k, extra),
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


full_width = Claim(
    id="2.2-full-width",
    section="2.2",
    title=Text("全卷积的输出宽度", "the output width of a full convolution"),
    chain=(sp.true, sp.Eq(outputs(2 * (k - 1)), m + k - 1)),
    method=Integers(),
    near_misses=(
        NearMiss(Text("m + k", "m + k"), lambda: (sp.true, sp.Eq(outputs(2 * (k - 1)), m + k))),
        NearMiss(Text("m + 2k - 1", "m + 2k - 1"), lambda: (sp.true, sp.Eq(outputs(2 * (k - 1)), m + 2 * k - 1))),
        NearMiss(Text("m + k - 2", "m + k - 2"), lambda: (sp.true, sp.Eq(outputs(2 * (k - 1)), m + k - 2))),
        NearMiss(Text("m - k + 1", "m - k + 1"), lambda: (sp.true, sp.Eq(outputs(2 * (k - 1)), m - k + 1))),
        NearMiss(Text("只补一边", "zeros on one side only"), lambda: (sp.true, sp.Eq(outputs(k - 1), m + k - 1))),
    ),
    numeric=_compare(
        WIDTH,
        ({"m": 7, "k": 3}, {"m": 2, "k": 5}, {"m": 1, "k": 1}),
        lambda dtype, m, k: (len(np.convolve(np.ones(m), np.ones(k))), _width(dtype, m, k, padding=k - 1)),
    ),
    conditions=Text(
        "任意 m, k ≥ 1; 两边各补 k - 1 个零, 步幅 1, 不带空洞.",
        "any m, k ≥ 1; k - 1 zeros on each side, stride 1, no dilation.",
    ),
    source=f"{DUMOULIN}, relationship 4",
)

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
    numeric=_compare(
        Text(
            "输入与核全为 1 时, 参考层的输出就是所读像素的个数",
            "with all pixels and taps 1 the output of the reference layer counts the pixels it reads",
        ),
        ({"m": 5, "k": 3}, {"m": 2, "k": 4}, {"m": 1, "k": 1}),
        lambda dtype, m, k: (
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
    title=Text("零填充", "zero padding"),
    context=CONTEXT,
    claims=(
        valid,
        valid_width,
        valid_empty,
        same_size,
        same_odd,
        same_even,
        same_dilated,
        same_stride,
        same_border,
        same_edge,
        same_interior,
        same_fewer,
        same_corner,
        valid_border,
        full_visits,
        full_visits_2d,
        full_least,
        full_zeros,
        full_width,
        full_border,
        general_size,
    ),
    source="lecture note, section 2.2",
)
