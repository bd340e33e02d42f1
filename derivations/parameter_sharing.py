"""Section 1.2: how often a parameter is used by a fully connected layer and by a convolution layer.

The derivative of an output by a parameter and by an input is the number of times their product occurs in it, so summed over
all outputs and inputs it is the number of uses of the parameter. Everything begins at the definitions of the layers,
`cnnsym.layers.linear` and `conv1d`.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Erratum, Integers, NearMiss, Step, Text
from cnnsym.layers import conv1d, linear
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import linear as linear_layer

CONTEXT = r"""
let m, n, k, s, B, N : size
let r : integer nonnegative
let i : index(n); let j : index(m); let e : index(N)
let \alpha, \beta : index(k); let \tau : index(2r+1)
let u, q, g : integer
let W : signal(n, m); let b : signal(n); let x : signal(m)
let w : signal(k); let v : signal(2r+1); let z : signal(circular(N))
let G : signal(B, m)                             # a batch
where S_g = \sum_{t=0}^{m-1} W_{g,t} x_t + b_g
where \hat{S}_{q,g} = \sum_{t=0}^{m-1} W_{g,t} G_{q,t} + b_g
where y_u = \sum_{a=0}^{k-1} w_a x_{u+a}
where y^{+}_u = \sum_{a=0}^{k-1} w_a x_{u+a-(k-1)}
where \zeta_u = \sum_{a=0}^{k-1} w_a z_{u+a}
"""

m, n, k, s, B, N = dims("m n k s B N")
r = sp.Symbol("r", integer=True, nonnegative=True)
a, q, t, u = sp.symbols("a q t u", integer=True)
i, j, e = sp.Idx("i", n), sp.Idx("j", m), sp.Idx("e", N)
alpha, beta, tau = sp.Idx("alpha", k), sp.Idx("beta", k), sp.Idx("tau", 2 * r + 1)
W, b, x, G = signal("W", n, m), signal("b", n), signal("x", m), signal("G", B, m)
w, v, z = signal("w", k), signal("v", 2 * r + 1), signal("z", N, grid="circular")


class Column:
    """A signal as the column that the definition of the fully connected layer takes."""

    def __init__(self, entry, length):
        self._entry, self.shape = entry, (length, sp.S.One)

    def __getitem__(self, at):
        return self._entry(at[0])


def fully_connected(at, example=None):
    """One output of the fully connected layer, by its definition: for x, or for one example of a batch."""
    given = Column(lambda place: x[place] if example is None else G[example, place], m)
    return linear.forward(given, W, Column(lambda place: b[place], n))[at, 0]


def layer(at, kernel=w, given=x, **options):
    return conv1d.correlation(given, kernel, at, **options)


def tap_at(kernel, tap, position, count, given=x, **options):
    """How often a tap meets an input in the first `count` outputs."""
    return sp.Sum(sp.Derivative(layer(u, kernel, given, **options), kernel[tap], given[position]), (u, 0, count - 1))


def tap_uses(kernel, tap, count, **options):
    """How often a tap is used in all: over the first `count` outputs and all inputs."""
    product = sp.Derivative(layer(u, kernel, **options), kernel[tap], x[t])
    return sp.Sum(product, (t, 0, m - 1), (u, 0, count - 1))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _integers(seed, dtype, *shape):
    """Integers without zero, so that nothing is rounded and no weight vanishes."""
    return np.random.default_rng(seed).integers(1, 10, size=shape).astype(dtype)


def _jacobian(dtype, m, kernel, **options):
    """The Jacobian of the reference convolution layer: its outputs at the unit inputs."""
    units = np.eye(m, dtype=dtype)[:, None]
    return conv1d_layer.forward(units, kernel[None, None], **options)[:, 0].T


def _toeplitz(m, kernel):
    """The kernel shifted by one from row to row, written out."""
    rows = m - len(kernel) + 1
    matrix = np.zeros((rows, m))
    for row in range(rows):
        matrix[row, row : row + len(kernel)] = kernel
    return matrix


def _tap_gradients(dtype, m, k, tap, **options):
    """Where the tap meets the input, over all outputs: the gradients by the tap at the unit inputs."""
    units, kernel = np.eye(m, dtype=dtype)[:, None], np.ones((1, 1, k), dtype)
    found = []
    for unit in units:
        y = conv1d_layer.forward(unit[None], kernel, **options)
        found.append(conv1d_layer.backward(np.ones_like(y), unit[None], kernel, **options)[1][0, 0, tap])
    return np.array(found)


UNITS = Text(
    "参考层在单位输入上的输出给出雅可比矩阵", "the outputs of the reference layer at unit inputs are its Jacobian"
)
MET = Text(
    "参考层在单位输入上对核元素的梯度: 该元素碰到哪些位置",
    "the gradients of the reference layer by a tap, at unit inputs: which positions the tap meets",
)
DEFINITION = Text("层的定义", "definition of the layer")
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.2"


def placed(tap, row, column):
    """The 0/1 matrix of a tap: 1 where the column is the row plus the tap."""
    return indicator(sp.Eq(column, row + tap))


tied = sp.Sum(w[a] * placed(a, u, j), (a, 0, k - 1))

sharing = Claim(
    id="1.2-def-sharing",
    section="1.2",
    title=Text(
        "绑定的权重: 矩阵是固定的 0/1 矩阵的组合", "tied weights: the matrix is a combination of fixed 0/1 matrices"
    ),
    chain=(sp.Derivative(layer(u), x[j]), tied, w[j - u]),
    also=(
        (
            sp.Sum(placed(alpha, u, t) * placed(beta, u, t), (t, 0, m - 1), (u, 0, m - k)),
            (m - k + 1) * sp.KroneckerDelta(alpha, beta),
        ),
    ),
    hypotheses=(sp.Le(k, m),),
    steps=(
        Step(
            layer(u),
            sp.Sum(w[a] * sp.Sum(placed(a, u, t) * x[t], (t, 0, m - 1)), (a, 0, k - 1)),
            Text("每个核元素取一个位置", "every tap picks one position"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("各行相同, 不平移", "equal rows, not shifted"),
            lambda: (sp.Derivative(layer(u), x[j]), sp.Sum(w[a] * indicator(sp.Eq(j, a)), (a, 0, k - 1))),
        ),
        NearMiss(
            Text("方向反了: j = i - a", "the wrong direction: j = i - a"),
            lambda: (sp.Derivative(layer(u), x[j]), sp.Sum(w[a] * indicator(sp.Eq(j, u - a)), (a, 0, k - 1))),
        ),
        NearMiss(
            Text("0/1 矩阵已是标准正交", "the 0/1 matrices are orthonormal as they are"),
            lambda: (
                sp.Sum(placed(alpha, u, t) * placed(beta, u, t), (t, 0, m - 1), (u, 0, m - k)),
                sp.KroneckerDelta(alpha, beta),
            ),
        ),
    ),
    numeric=compared(
        UNITS,
        ({"m": 5, "k": 3}, {"m": 4, "k": 4}, {"m": 6, "k": 1}),
        lambda _, dtype, m, k: (
            _toeplitz(m, _integers(4, dtype, k)),
            _jacobian(dtype, m, _integers(4, dtype, k)),
        ),
    ),
    conditions=Text(
        "m ≥ k, 不补零. 最后一式: 这 k 个 0/1 矩阵互相正交且都不为零, 所以线性无关, k 个参数张成 k 维的空间.",
        "m ≥ k, no padding. The last equation: the k matrices are orthogonal to each other and none is zero, so they are independent and "
        "the k parameters span a space of dimension k.",
    ),
    source=GOODFELLOW,
)

uses = sp.Sum(sp.Derivative(fully_connected(a), W[i, j], x[t]), (t, 0, m - 1), (a, 0, n - 1))
batch_uses = sp.Sum(sp.Derivative(fully_connected(a, q), W[i, j], G[q, t]), (t, 0, m - 1), (a, 0, n - 1), (q, 0, B - 1))
all_products = sp.Sum(sp.Derivative(fully_connected(a), W[a, t], x[t]), (t, 0, m - 1), (a, 0, n - 1))

once = Claim(
    id="1.2-fc-once",
    section="1.2",
    title=Text("全连接层的每个权重用一次", "a weight of a fully connected layer is used once"),
    chain=(uses, sp.S.One),
    also=((all_products, m * n), (batch_uses, B)),
    steps=(
        Step(
            fully_connected(a),
            sp.Sum(W[a, t] * x[t], (t, 0, m - 1)) + b[a],
            DEFINITION,
        ),
    ),
    near_misses=(
        NearMiss(Text("每个权重用 m 次", "every weight is used m times"), lambda: (uses, m)),
        NearMiss(Text("一批样本里也只用一次", "once in a batch as well"), lambda: (batch_uses, sp.S.One)),
        NearMiss(
            Text("卷积核的元素也只用一次", "a tap of a convolution is used once as well"),
            lambda: (tap_uses(w, alpha, m), sp.S.One),
        ),
    ),
    numeric=compared(
        Text(
            "输入全为 1 时, 参考层的权重梯度就是使用次数",
            "with all inputs 1 the reference layer's gradient by the weights counts the uses",
        ),
        ({"m": 4, "n": 3, "B": 1}, {"m": 1, "n": 5, "B": 4}, {"m": 6, "n": 1, "B": 2}),
        lambda _, dtype, m, n, B: (
            np.full((n, m), B),
            linear_layer.backward(np.ones((B, n), dtype), np.ones((B, m), dtype), np.ones((n, m), dtype))[1],
        ),
    ),
    conditions=Text(
        "对一个样本; 一批 B 个样本时每个权重用 B 次. 一共有 mn 次乘法.",
        "for one example; in a batch of B examples every weight is used B times. There are mn multiplications.",
    ),
    source=GOODFELLOW,
)

everywhere = Claim(
    id="1.2-tap-everywhere",
    section="1.2",
    title=Text("全卷积: 每个核元素碰到每个输入恰好一次", "full: every tap meets every input exactly once"),
    chain=(tap_at(w, alpha, j, m + k - 1, padding=k - 1), sp.S.One),
    also=((tap_at(w, alpha, e, N, given=z), sp.S.One),),
    steps=(
        Step(
            tap_at(w, alpha, j, m + k - 1, padding=k - 1),
            sp.Sum(indicator(sp.Eq(u + alpha - (k - 1), j)), (u, 0, m + k - 2)),
            Text("只有输出 u = j - α + k - 1", "only the output u = j - α + k - 1"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("补 k - 2 个零就够", "k - 2 zeros are enough"),
            lambda: (tap_at(w, alpha, j, m + k - 3, padding=k - 2), sp.S.One),
        ),
        NearMiss(
            Text("相同卷积也如此", "in a same convolution as well"),
            lambda: (tap_at(v, tau, j, m, padding=r), sp.S.One),
        ),
        NearMiss(
            Text("步幅 2 也如此", "with stride 2 as well"),
            lambda: (tap_at(w, alpha, j, m + k - 1, padding=k - 1, stride=2), sp.S.One),
        ),
    ),
    numeric=compared(
        MET,
        ({"m": 5, "k": 3, "tap": 0}, {"m": 2, "k": 4, "tap": 3}, {"m": 1, "k": 1, "tap": 0}),
        lambda _, dtype, m, k, tap: (np.ones(m), _tap_gradients(dtype, m, k, tap, padding=k - 1)),
    ),
    conditions=Text(
        "两边各补 k - 1 个零, 步幅 1, 任意 m, k ≥ 1; 或长为 N 的圆周. α 是核元素, j 与 e 是输入.",
        "k - 1 zeros on each side, stride 1, any m, k ≥ 1; or a circle of length N. α is a tap, j and e are inputs.",
    ),
    source=GOODFELLOW,
)

unpadded = tap_at(w, alpha, j, m - k + 1)

valid_printed = Claim(
    id="1.2-tap-everywhere-unpadded",
    section="1.2",
    title=Text("不补零时, 照字面的说法", "without padding, as the sentence reads"),
    chain=(unpadded, sp.S.One),
    hypotheses=(sp.Le(k, m),),
    expected="refuted",
    conditions=Text("m ≥ k, 不补零, 步幅 1.", "m ≥ k, no padding, stride 1."),
    erratum=Erratum(
        printed=Text(
            "核的每一个元素都作用在输入的每一个位置上",
            "every element of the kernel is used at every position of the input",
        ),
        corrected=Text(
            r"全卷积、圆周或无限网格上, 核的每个元素作用在输入的每个位置上; 不补零时, 元素 $w_\alpha$ 只作用在 $\alpha \le j \le \alpha+m-k$ 上",
            r"with full padding, on a circle or on an infinite grid every element of the kernel is used at every position of the input; without "
            r"padding $w_\alpha$ is used where $\alpha \le j \le \alpha+m-k$",
        ),
        explanation=Text(
            "边界附近的位置例外. 最小的例子: k = 2, m = 2 只有一个输出, w_0 碰不到 x_1, w_1 碰不到 x_0. 每个元素碰到的位置数: 不补零 m - k + 1, 相同卷积 m - |α - r|, 全卷积 m.",
            "Positions near the border are exceptions. The smallest case is k = 2, m = 2 with its single output: w_0 never meets x_1, nor w_1 "
            "x_0. The numbers of positions a tap meets are m - k + 1 without padding, m - |α - r| in a same convolution, m in a full one.",
        ),
        kind="unclear",
    ),
)

valid_exact = Claim(
    id="1.2-tap-everywhere-unpadded-corrected",
    section="1.2",
    title=Text("不补零: w_α 碰到 m - k + 1 个位置", "without padding: w_α meets m - k + 1 positions"),
    chain=(unpadded, indicator(sp.And(sp.Le(alpha, j), sp.Le(j, alpha + m - k)))),
    also=((tap_uses(w, alpha, m - k + 1), m - k + 1),),
    hypotheses=(sp.Le(k, m),),
    steps=(
        Step(
            unpadded,
            sp.Sum(indicator(sp.Eq(u + alpha, j)), (u, 0, m - k)),
            Text("只有输出 u = j - α", "only the output u = j - α"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("从 0 开始", "beginning at 0"),
            lambda: (unpadded, indicator(sp.And(sp.Le(0, j), sp.Le(j, m - k)))),
        ),
        NearMiss(Text("m 个位置", "m positions"), lambda: (tap_uses(w, alpha, m - k + 1), m)),
        NearMiss(Text("m - k 个位置", "m - k positions"), lambda: (tap_uses(w, alpha, m - k + 1), m - k)),
    ),
    numeric=compared(
        MET,
        ({"m": 5, "k": 3, "tap": 1}, {"m": 3, "k": 2, "tap": 0}, {"m": 4, "k": 4, "tap": 3}),
        lambda _, dtype, m, k, tap: (
            [tap <= at <= tap + m - k for at in range(m)],
            _tap_gradients(dtype, m, k, tap),
        ),
    ),
    conditions=Text("m ≥ k, 不补零, 步幅 1.", "m ≥ k, no padding, stride 1."),
)

same_met = sp.And(sp.Le(tau - r, t), sp.Le(t, tau - r + m - 1))
same_count = sp.Sum(indicator(same_met), (t, 0, m - 1))

same_exact = Claim(
    id="1.2-tap-everywhere-same",
    section="1.2",
    title=Text("相同卷积: v_τ 碰到 m - |τ - r| 个位置", "same: v_τ meets m - |τ - r| positions"),
    chain=(sp.true, sp.Eq(same_count, sp.Max(0, m - sp.Abs(tau - r)))),
    method=Integers(),
    steps=(
        Step(
            tap_at(v, tau, j, m, padding=r),
            indicator(same_met.subs(t, j)),
            Text("只有输出 u = j - τ + r", "only the output u = j - τ + r"),
        ),
    ),
    near_misses=(
        NearMiss(Text("m 个", "m"), lambda: (sp.true, sp.Eq(same_count, m))),
        NearMiss(Text("m - τ 个", "m - τ"), lambda: (sp.true, sp.Eq(same_count, sp.Max(0, m - tau)))),
        NearMiss(
            Text("窄图像上是负数", "negative on narrow images"),
            lambda: (sp.true, sp.Eq(same_count, m - sp.Abs(tau - r))),
        ),
    ),
    numeric=compared(
        MET,
        ({"m": 5, "r": 1, "tap": 0}, {"m": 4, "r": 2, "tap": 3}, {"m": 2, "r": 3, "tap": 6}),
        lambda _, dtype, m, r, tap: (
            max(0, m - abs(tap - r)),
            _tap_gradients(dtype, m, 2 * r + 1, tap, padding=r).sum(),
        ),
    ),
    conditions=Text("核宽 2r + 1, 每边补 r 个零, 步幅 1.", "kernel width 2r + 1, r zeros on each side, stride 1."),
)

strided_count = sp.Sum(indicator(sp.Le(s * u + k - 1, m - 1)), (u, 0, m - 1))

q, rest = sp.symbols("q c", integer=True, nonnegative=True)
longer = signal("x", s * q + k + rest)  # an input in which the window of output q lies

strided = Claim(
    id="1.2-tap-everywhere-strided",
    section="1.2",
    title=Text("步幅 s: 大约每 s 个位置碰到一个", "stride s: about one position in s"),
    chain=(sp.Le(k, m), sp.Eq(strided_count, sp.floor((m - k) / s) + 1)),
    method=Integers(),
    steps=(
        Step(
            tap_at(w, alpha, j, N, stride=s),
            sp.Sum(indicator(sp.Eq(s * u + alpha, j)), (u, 0, N - 1)),
            Text("位置 j - α 是 s 的倍数", "where j - α is a multiple of s"),
        ),
        Step(
            sp.Sum(sp.Derivative(layer(q, given=longer, stride=s), w[alpha], longer[t]), (t, 0, longer.shape[0] - 1)),
            sp.S.One,
            Text(
                "窗口在输入内的输出用每个核元素一次", "an output whose window lies within the input uses every tap once"
            ),
        ),
    ),
    near_misses=(
        NearMiss(Text("仍是 m - k + 1 个", "still m - k + 1"), lambda: (sp.Le(k, m), sp.Eq(strided_count, m - k + 1))),
        NearMiss(Text("恰好 m/s 个", "exactly m/s"), lambda: (sp.Le(k, m), sp.Eq(strided_count, sp.floor(m / s)))),
    ),
    numeric=compared(
        MET,
        ({"m": 9, "k": 3, "stride": 2, "tap": 1}, {"m": 6, "k": 2, "stride": 3, "tap": 0}),
        lambda _, dtype, m, k, stride, tap: (
            (m - k) // stride + 1,
            _tap_gradients(dtype, m, k, tap, stride=stride).sum(),
        ),
    ),
    conditions=Text("m ≥ k, 不补零: 每个输出用每个核元素一次.", "m ≥ k, no padding: every output uses every tap once."),
)

DERIVATION = Derivation(
    title=Text("参数共享", "parameter sharing"),
    context=CONTEXT,
    claims=(sharing, once, everywhere, valid_printed, valid_exact, same_exact, strided),
    source="lecture note, section 1.2",
)
