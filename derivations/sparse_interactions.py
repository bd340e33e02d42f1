"""Section 1.1: which inputs reach which outputs of a fully connected layer and of a convolution layer.

A linear layer is a sum of products "parameter times input". The derivative of an output by a parameter and by an input is the
number of times their product occurs in it: that is what "a parameter describes an interaction" is taken to mean. Everything
begins at the definitions of the layers, `cnnsym.layers.linear` and `conv1d`.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, NearMiss, Step, Text
from cnnsym.layers import conv1d, linear
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import linear as linear_layer

CONTEXT = r"""
let m, n, k, c, d : size
let i, g : index(n); let j, h : index(m)         # an output and an input of the fully connected layer
let \alpha : index(k); let o : index(d)
let u, p, a : integer
let W : signal(n, m); let b : signal(n); let x : signal(m)
let w : signal(k); let X : signal(c, m); let V : signal(d, c, k)
where S_g = \sum_{t=0}^{m-1} W_{g,t} x_t + b_g
where y_u = \sum_{a=0}^{k-1} w_a x_{u+a}
where Y_{o,u} = \sum_{l=0}^{c-1}\sum_{a=0}^{k-1} V_{o,l,a} X_{l,u+a}
"""

m, n, k, c, d = dims("m n k c d")
a, f, p, t, u = sp.symbols("a f p t u", integer=True)
i, g, j, h = sp.Idx("i", n), sp.Idx("g", n), sp.Idx("j", m), sp.Idx("h", m)
alpha, o = sp.Idx("alpha", k), sp.Idx("o", d)
W, b, x, w = signal("W", n, m), signal("b", n), signal("x", m), signal("w", k)
X, V = signal("X", c, m), signal("V", d, c, k)


class Column:
    """A signal as the column that the definition of the fully connected layer takes."""

    def __init__(self, entry, length):
        self._entry, self.shape = entry, (length, sp.S.One)

    def __getitem__(self, at):
        return self._entry(at[0])


def fully_connected(at):
    """One output of the fully connected layer, by its definition."""
    return linear.forward(Column(lambda place: x[place], m), W, Column(lambda place: b[place], n))[at, 0]


def layer(at):
    return conv1d.correlation(x, w, at)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _integers(seed, dtype, *shape):
    """Integers without zero, so that nothing is rounded and no weight vanishes."""
    return np.random.default_rng(seed).integers(1, 10, size=shape).astype(dtype)


def _jacobian(dtype, m, kernel, **options):
    """The Jacobian of the reference convolution layer: its outputs at the unit inputs."""
    units = np.eye(m, dtype=dtype)[:, None]
    return conv1d_layer.forward(units, kernel[None, None], **options)[:, 0].T


UNITS = Text(
    "参考层在单位输入上的输出给出雅可比矩阵", "the outputs of the reference layer at unit inputs are its Jacobian"
)
DEFINITION = Text("层的定义", "definition of the layer")
LINEAR = Text("线性函数的导数是它的系数", "the derivative of a linear function is its coefficient")
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.2"

# --- 1.1 -------------------------------------------------------------------------------------------------------------

output = fully_connected(i)
pair = sp.Derivative(fully_connected(g), W[i, j], x[h])
only = sp.KroneckerDelta(g, i) * sp.KroneckerDelta(h, j)
square = signal("W", m, m)

interaction = Claim(
    id="1.1-fc-interaction",
    section="1.1",
    title=Text("一个权重管一对输入与输出", "one weight for one pair of an input and an output"),
    chain=(sp.Derivative(output, x[j]), W[i, j]),
    also=((pair, only),),
    steps=(
        Step(output, sp.Sum(W[i, t] * x[t], (t, 0, m - 1)) + b[i], DEFINITION),
        Step(sp.Derivative(fully_connected(g), x[h]), W[g, h], LINEAR),
        Step(
            sp.Sum(sp.Derivative(fully_connected(a), W[i, j], x[t]), (t, 0, m - 1), (a, 0, n - 1)),
            sp.S.One,
            Text(
                "于是每个权重只出现在一对 (输出, 输入) 中",
                "so every weight occurs in one pair of output and input only",
            ),
        ),
        Step(
            sp.Sum(sp.Derivative(output, W[a, t], x[j]), (t, 0, m - 1), (a, 0, n - 1)),
            sp.S.One,
            Text("每一对也只有一个权重: 一一对应", "and every pair has one weight only: a bijection"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("转置: W[j, i]", "transposed: W[j, i]"),
            lambda: (sp.Derivative(sp.Sum(square[h, t] * x[t], (t, 0, m - 1)), x[j]), square[j, h]),
        ),
        NearMiss(
            Text("同一列的权重也有份", "the weights of the same column take part as well"),
            lambda: (pair, sp.KroneckerDelta(h, j)),
        ),
        NearMiss(
            Text("卷积核的元素也只管一对", "a tap of a convolution has one pair as well"),
            lambda: (sp.Derivative(layer(u), w[alpha], x[j]), sp.KroneckerDelta(u, 0) * sp.KroneckerDelta(j, alpha)),
        ),
    ),
    numeric=compared(
        UNITS,
        ({"m": 4, "n": 3}, {"m": 1, "n": 5}, {"m": 6, "n": 1}),
        lambda _, dtype, m, n: _fully_connected_jacobian(dtype, m, n),
    ),
    conditions=Text(
        "权重互不绑定的全连接层, n 个输出, m 个输入; i, g 是输出, j, h 是输入.",
        "a fully connected layer whose weights are not tied, n outputs and m inputs; i, g are outputs, j, h are inputs.",
    ),
    source=GOODFELLOW,
)


def _fully_connected_jacobian(dtype, m, n):
    """The unit inputs are the rows of a batch; the bias is added to every column of the weights."""
    weights, offset = _integers(0, dtype, n, m), _integers(1, dtype, n)
    return weights + offset[:, None], linear_layer.forward(np.eye(m, dtype=dtype), weights, offset).T


band = sp.Sum(indicator(sp.And(sp.Le(0, t - u), sp.Lt(t - u, k))), (t, 0, m - 1), (u, 0, m - k))

sparse = Claim(
    id="1.1-sparse",
    section="1.1",
    title=Text("卷积矩阵每行至多 k 个非零元, 共 k(m - k + 1) 个", "at most k non-zeros in a row, k(m - k + 1) in all"),
    chain=(band, k * (m - k + 1)),
    also=((m * band, k * (m * (m - k + 1))),),
    hypotheses=(sp.Le(k, m),),
    steps=(
        Step(
            sp.Derivative(layer(u), x[j]),
            w[j - u],
            Text("第 u 行是核, 从第 u 列开始", "row u is the kernel, beginning at column u"),
        ),
        Step(
            sp.Sum(sp.Derivative(layer(u), w[a], x[t]), (t, 0, m - 1), (a, 0, k - 1), (u, 0, m - k)),
            band,
            Text("数每行里的核元素", "the taps in every row counted"),
        ),
        Step(
            band.xreplace({k: m}),
            m,
            Text("k = m 时只有一行, 一个零也没有", "for k = m there is one row, without a zero"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("km 个: 把边上的窗口也当成完整的", "km: as if the windows at the border were whole"),
            lambda: (band, k * m),
        ),
        NearMiss(Text("每行 k² 个", "k² in a row"), lambda: (band, k**2 * (m - k + 1))),
        NearMiss(
            Text("密度 k/n 而不是 k/m", "a density of k/n instead of k/m"),
            lambda: ((m - k + 1) * band, k * (m * (m - k + 1))),
        ),
    ),
    numeric=compared(
        Text("参考层雅可比矩阵的非零元个数", "the non-zeros of the Jacobian of the reference layer"),
        ({"m": 8, "k": 3}, {"m": 5, "k": 5}, {"m": 6, "k": 1}),
        lambda _, dtype, m, k: (
            [k * (m - k + 1), k],
            _non_zeros(_jacobian(dtype, m, _integers(2, dtype, k))),
        ),
    ),
    conditions=Text(
        "m ≥ k, 不补零, 步幅 1, m - k + 1 个输出. 第二式除以 m²(m - k + 1), 就是非零元所占的比例 k/m.",
        "m ≥ k, no padding, stride 1, m - k + 1 outputs. The second equation, divided by m²(m - k + 1), says that the share of non-zeros "
        "is k/m.",
    ),
    source=GOODFELLOW,
)


def _non_zeros(jacobian):
    return [np.count_nonzero(jacobian), np.count_nonzero(jacobian, axis=1).max()]


generic = ForAll(a, sp.Implies(sp.And(sp.Le(0, a), sp.Lt(a, k)), sp.Ne(w[a], 0)))
within = sp.And(sp.Le(0, p - u), sp.Lt(p - u, k))

support = Claim(
    id="1.1-sparse-support",
    section="1.1",
    title=Text("没有零元素的核: 非零恰好在窗口内", "a kernel without zeros: non-zero exactly within the window"),
    chain=(generic, sp.Equivalent(sp.Ne(w[p - u], 0), within)),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("任何核都如此", "for every kernel"), lambda: (sp.true, sp.Equivalent(sp.Ne(w[p - u], 0), within))
        ),
        NearMiss(
            Text("两边都有: |p - u| < k", "on both sides: |p - u| < k"),
            lambda: (generic, sp.Equivalent(sp.Ne(w[p - u], 0), sp.Lt(sp.Abs(p - u), k))),
        ),
        NearMiss(
            Text("多一个: 0 ≤ p - u ≤ k", "one more: 0 ≤ p - u ≤ k"),
            lambda: (generic, sp.Equivalent(sp.Ne(w[p - u], 0), sp.And(sp.Le(0, p - u), sp.Le(p - u, k)))),
        ),
    ),
    numeric=compared(
        UNITS,
        ({"m": 7, "k": 3}, {"m": 4, "k": 4}, {"m": 5, "k": 1}),
        lambda _, dtype, m, k: (
            [[int(0 <= column - row < k) for column in range(m)] for row in range(m - k + 1)],
            (_jacobian(dtype, m, _integers(3, dtype, k)) != 0).astype(int),
        ),
    ),
    conditions=Text(
        "核的 k 个元素都不为零; u 是输出, p 是输入的位置, 任意整数.",
        "none of the k taps is zero; u is an output and p the position of an input, any integers.",
    ),
)

channel_pairs = sp.Sum(
    sp.Derivative(conv1d.forward(X, V, o, u), V[o, f, a], X[f, t]), (t, 0, m - 1), (a, 0, k - 1), (f, 0, c - 1)
)

channels = Claim(
    id="1.1-sparse-channels",
    section="1.1",
    title=Text("c 个通道时每个输出有 kc 个连接", "with c channels an output has kc connections"),
    chain=(channel_pairs, k * c),
    hypotheses=(sp.Ge(u, 0), sp.Le(u, m - k)),
    near_misses=(
        NearMiss(Text("漏掉通道", "the channels forgotten"), lambda: (channel_pairs, k)),
        NearMiss(Text("滤波器也算", "the filters counted too"), lambda: (channel_pairs, k * c * d)),
    ),
    numeric=compared(
        Text("输入与核全为 1 时参考层的输出", "the reference layer where all inputs and taps are 1"),
        ({"m": 7, "k": 3, "c": 2}, {"m": 4, "k": 4, "c": 1}, {"m": 5, "k": 1, "c": 6}),
        lambda _, dtype, m, k, c: (
            np.full(m - k + 1, k * c),
            conv1d_layer.forward(np.ones((1, c, m), dtype), np.ones((1, c, k), dtype))[0, 0],
        ),
    ),
    conditions=Text("窗口整个落在输入内: 0 ≤ u ≤ m - k.", "the window lies within the input: 0 ≤ u ≤ m - k."),
)

DERIVATION = Derivation(
    title=Text("稀疏交互", "sparse interactions"),
    context=CONTEXT,
    claims=(interaction, sparse, support, channels),
    source="lecture note, section 1.1",
)
