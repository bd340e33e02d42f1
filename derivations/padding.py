"""Section 2.2: how many zeros are put around the input, and how wide the output is then.

An output exists for every position of the window within the padded input, so widths are counts of such positions.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Integers, NearMiss, Step, Text
from cnnsym.layers import conv1d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer

CONTEXT = r"""
let m, k, s, d : size
let p, p_l, p_r, r : integer nonnegative
let i, a : integer
"""

m, k, s, d = dims("m k s d")
p, r, left, right = sp.symbols("p r p_l p_r", integer=True, nonnegative=True)
i, n, a = sp.symbols("i n a", integer=True)
x, w = signal("x", m), signal("w", k)


def outputs(zeros, *, stride=1, dilation=1, taps=k):
    """How many positions the window has in an input of width m with so many zeros in all: its last tap lies within."""
    last = m + zeros - 1
    return sp.Sum(indicator(sp.Le(stride * n + dilation * (taps - 1), last)), (n, 0, last))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _width(dtype, m, k, **options):
    """The width of what the reference layer puts out."""
    return conv1d_layer.forward(np.ones((1, 1, m), dtype), np.ones((1, 1, k), dtype), **options).shape[2]


def _width_if_any(dtype, m, k):
    try:
        return _width(dtype, m, k)
    except ValueError:  # the kernel is longer than the input
        return 0


WIDTH = Text("参考层输出的宽度与公式比较", "the width of the output of the reference layer against the formula")
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
            sp.Sum(w[n - i] * x[n], (n, i, i + k - 1)),
            Text(
                "窗口盖住的是 i, ..., i + k - 1; 补零只是给位置重新编号",
                "the window covers i, ..., i + k - 1; padding renumbers the positions and no more",
            ),
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
    numeric=compared(
        Text("参考层的输出与 numpy.correlate 比较", "the reference layer against numpy.correlate"),
        ({"m": 7, "k": 3}, {"m": 4, "k": 4}, {"m": 5, "k": 1}),
        lambda _, dtype, m, k: _correlated(dtype, m, k),
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
    numeric=compared(
        WIDTH,
        ({"m": 7, "k": 3}, {"m": 4, "k": 4}, {"m": 9, "k": 1}),
        lambda _, dtype, m, k: (m - k + 1, _width(dtype, m, k)),
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
    numeric=compared(
        Text(
            "参考层输出的个数; 它拒绝太宽的核",
            "the number of outputs of the reference layer, which refuses kernels that are too wide",
        ),
        ({"m": 7, "k": 3}, {"m": 4, "k": 4}, {"m": 3, "k": 5}, {"m": 1, "k": 2}),
        lambda _, dtype, m, k: (max(0, m - k + 1), _width_if_any(dtype, m, k)),
    ),
    conditions=Text("任意正整数 m, k; 步幅 1.", "any positive integers m and k; stride 1."),
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
    numeric=compared(
        WIDTH,
        ({"m": 7, "k": 4, "sides": (1, 2)}, {"m": 5, "k": 3, "sides": (1, 1)}, {"m": 2, "k": 5, "sides": (4, 0)}),
        lambda _, dtype, m, k, sides: (m, _width(dtype, m + sum(sides), k)),
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
    numeric=compared(
        WIDTH,
        ({"m": 7, "k": 5}, {"m": 4, "k": 1}, {"m": 2, "k": 7}),
        lambda _, dtype, m, k: (m, _width(dtype, m, k, padding=(k - 1) // 2)),
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
    numeric=compared(
        Text("宽度与 m 之差是奇数", "the width differs from m by an odd number"),
        ({"m": 7, "k": 4, "padding": 1}, {"m": 7, "k": 4, "padding": 2}, {"m": 3, "k": 2, "padding": 0}),
        lambda _, dtype, m, k, padding: (1, (_width(dtype, m, k, padding=padding) - m) % 2),
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
    numeric=compared(
        WIDTH,
        ({"m": 7, "k": 3, "dilation": 2}, {"m": 5, "k": 5, "dilation": 3}),
        lambda _, dtype, m, k, dilation: (m, _width(dtype, m, k, dilation=dilation, padding=dilation * (k - 1) // 2)),
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
    numeric=compared(
        WIDTH,
        ({"m": 7, "k": 3, "stride": 2}, {"m": 9, "k": 5, "stride": 3}, {"m": 4, "k": 1, "stride": 5}),
        lambda _, dtype, m, k, stride: (-(-m // stride), _width(dtype, m, k, stride=stride, padding=(k - 1) // 2)),
    ),
    conditions=Text("总共补 k - 1 个零, 步幅 s.", "k - 1 zeros in all, stride s."),
)

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
    numeric=compared(
        WIDTH,
        ({"m": 7, "k": 3}, {"m": 2, "k": 5}, {"m": 1, "k": 1}),
        lambda _, dtype, m, k: (len(np.convolve(np.ones(m), np.ones(k))), _width(dtype, m, k, padding=k - 1)),
    ),
    conditions=Text(
        "任意 m, k ≥ 1; 两边各补 k - 1 个零, 步幅 1, 不带空洞.",
        "any m, k ≥ 1; k - 1 zeros on each side, stride 1, no dilation.",
    ),
    source=f"{DUMOULIN}, relationship 4",
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
    numeric=compared(
        WIDTH,
        (
            {"m": 11, "k": 3, "stride": 2, "padding": 1, "dilation": 2},
            {"m": 8, "k": 2, "stride": 3, "padding": 0, "dilation": 1},
            {"m": 5, "k": 4, "stride": 4, "padding": 3, "dilation": 3},
        ),
        lambda _, dtype, m, k, stride, padding, dilation: (
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


DERIVATION = Derivation(
    title=Text("零填充与输出宽度", "zero padding and the output width"),
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
        full_width,
        general_size,
    ),
    source="lecture note, section 2.2",
)
