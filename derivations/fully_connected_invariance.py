"""Section 4.3: shifts through a fully connected layer.

It is equivariant if and only if its matrix is circulant, invariant if and only if the columns are equal; both by impulses.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, NearMiss, Step, Text
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let N : size
let t, \tau, i, j, l, c : integer; let \beta : scalar
let z, y : signal(circular(N))                 # an input on a circle; equivariant features
let W : signal(circular(N), circular(N))       # the weights; positions modulo N
let \kappa, a, A : signal(circular(N))         # a circulant row; one number for each row; one output of a head
"""

N = dims("N")
t, tau, i, j, l, c = sp.symbols("t tau i j l c", integer=True)
beta = sp.Symbol("beta", real=True)
z, W = signal("z", N, grid="circular"), signal("W", N, N, grid="circular")
delta = sp.KroneckerDelta


class Entries:
    """An input given by its entries: `Entries(lambda e: x[e - t])` is the shifted `x`."""

    def __init__(self, entry):
        self._entry = entry

    def __getitem__(self, at):
        return self._entry(*at) if isinstance(at, tuple) else self._entry(at)


def shifted(signal, by):
    """`(T_t x)[e] = x[e - t]`."""
    return Entries(lambda e: signal[e - by])


def impulse(at, period):
    """1 at one residue of a circle, 0 elsewhere."""
    return Entries(lambda e: indicator(sp.Eq(sp.Mod(e - at, period), 0, evaluate=False)))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _draw(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


def _on_circle(signal, kernel, stride=1):
    """The reference layer on a circle: the input goes on periodically as far as the last window reaches."""
    around = np.take(signal, np.arange(len(signal) + len(kernel) - 1), mode="wrap")
    return conv1d_layer.forward(around[None, None], kernel[None, None], stride=stride)[0, 0]


def _dense(signal, matrix):
    """The reference layer without a bias."""
    return linear_layer.forward(signal[None], matrix, np.zeros(len(matrix), signal.dtype))[0]


def _circulant(random, dtype, length, shift):
    signal, kernel = _draw(random, dtype, length), _draw(random, dtype, length)
    matrix = np.array([[kernel[(j - i) % length] for j in range(length)] for i in range(length)], dtype)
    ours = [sum(kernel[(j - i + shift) % length] * signal[j] for j in range(length)) for i in range(length)]
    return np.array(ours, dtype), _dense(np.roll(signal, shift), matrix)


def _columns(random, dtype, length, shift):
    matrix, basis = _draw(random, dtype, length, length), np.eye(length, dtype=dtype)
    ours = np.array([matrix[:, (at + shift) % length] for at in range(length)])
    return ours, np.array([_dense(np.roll(basis[at], shift), matrix) for at in range(length)])


def _signs(random, dtype, length, shift):
    """Over all matrices of one row with entries ±1 the expectation of w_j w_l is δ_{jl} exactly."""
    signal = _draw(random, dtype, length)
    signs = np.array(list(np.ndindex(*[2] * length)), dtype) * 2 - 1
    change = _dense(np.roll(signal, shift), signs) - _dense(signal, signs)
    ours = sum((signal[(j - shift) % length] - signal[j]) ** 2 for j in range(length))
    return np.array([ours], dtype), np.mean(change**2)[None]


def _head(random, dtype, length, taps, outputs, shift):
    signal, kernel, matrix = (
        _draw(random, dtype, length),
        _draw(random, dtype, taps),
        _draw(random, dtype, outputs, length),
    )
    before, after = (tanh.forward(_on_circle(np.roll(signal, by), kernel)) for by in (0, shift))
    ours = [
        sum((matrix[o, (h + shift) % length] - matrix[o, h]) * before[h] for h in range(length)) for o in range(outputs)
    ]
    return np.array(ours, dtype), _dense(after, matrix) - _dense(before, matrix)


PERIOD = Text("整整一圈, 从哪里开始都一样", "once around the circle, wherever it begins")
# --- 4.3 -------------------------------------------------------------------------------------------------------------


def connected(signal, at):
    """A fully connected layer on a circle of N positions, without a bias."""
    return sp.Sum(W[at, j] * signal[j], (j, 0, N - 1))


def circulant(signal, at):
    ring = signal_of("kappa", N)
    return sp.Sum(ring[j - at] * signal[j], (j, 0, N - 1))


def signal_of(name, length):
    return signal(name, length, grid="circular")


rows = signal_of("a", N)
CIRCLE = Text(
    "长为 N 的圆周, 下标模 N; 矩阵 N × N, 没有偏置.",
    "a circle of length N with positions modulo N; an N × N matrix, no bias.",
)

neither = Claim(
    id="4.3-fc-neither",
    section="4.3",
    title=Text("循环矩阵等变, 各列相等的矩阵不变", "circulant: equivariant; equal columns: invariant"),
    chain=(circulant(shifted(z, t), i), circulant(z, i - t)),
    also=(
        (
            sp.Sum(rows[i] * z[j - t], (j, 0, N - 1)),
            sp.Sum(rows[i] * z[j], (j, 0, N - 1)),
        ),
    ),
    steps=(
        Step(
            circulant(shifted(z, t), i),
            sp.Sum(signal_of("kappa", N)[j + t - i] * z[j], (j, -t, N - 1 - t)),
            Text("换 j 为 j + t", "j + t for j"),
        ),
        Step(
            sp.Sum(signal_of("kappa", N)[j + t - i] * z[j], (j, -t, N - 1 - t)),
            circulant(z, i - t),
            PERIOD,
        ),
        Step(sp.Sum(z[j - t], (j, 0, N - 1)), sp.Sum(z[j], (j, 0, N - 1)), PERIOD),
    ),
    near_misses=(
        NearMiss(
            Text("任何矩阵都等变", "every matrix is equivariant"),
            lambda: (connected(shifted(z, t), i), connected(z, i - t)),
        ),
        NearMiss(
            Text("任何矩阵都不变", "every matrix is invariant"),
            lambda: (connected(shifted(z, t), i), connected(z, i)),
        ),
        NearMiss(
            Text("各行相等就不变", "equal rows give invariance"),
            lambda: (
                sp.Sum(rows[j] * z[j - t], (j, 0, N - 1)),
                sp.Sum(rows[j] * z[j], (j, 0, N - 1)),
            ),
        ),
        NearMiss(
            Text("对称就等变", "symmetry gives equivariance"),
            lambda: (
                sp.Sum((W[i, j] + W[j, i]) * z[j - t], (j, 0, N - 1)),
                sp.Sum((W[i - t, j] + W[j, i - t]) * z[j], (j, 0, N - 1)),
            ),
        ),
    ),
    numeric=compared(
        Text(
            "循环矩阵经过参考全连接层, 与公式比较",
            "a circulant matrix in the reference fully connected layer, against the formula",
        ),
        ({"length": 6, "shift": 2}, {"length": 5, "shift": -1}, {"length": 1, "shift": 3}),
        _circulant,
    ),
    conditions=CIRCLE,
    source="Davis, Circulant matrices (1979), section 3.1: circulant if and only if it commutes with the cyclic shift",
)


fc_impulse = Claim(
    id="4.3-fc-neither-impulse",
    section="4.3",
    title=Text("冲激把等变与不变化为矩阵的方程", "impulses turn both properties into equations for the matrix"),
    chain=(connected(shifted(impulse(l, N), 1), i), W[i, l + 1]),
    also=((connected(impulse(l, N), i - 1), W[i - 1, l]), (connected(impulse(l, N), i), W[i, l])),
    steps=(
        Step(
            connected(shifted(z, 1), i),
            sp.Sum(W[i, j + 1] * z[j], (j, 0, N - 1)),
            Text("换 j 为 j + 1, 绕圆周一圈", "j + 1 for j, once around the circle"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("平移的方向反了", "shifted the other way"),
            lambda: (connected(shifted(impulse(l, N), 1), i), W[i, l - 1]),
        ),
        NearMiss(
            Text("行与列互换", "row and column swapped"),
            lambda: (connected(impulse(l, N), i), W[l, i]),
        ),
    ),
    numeric=compared(
        Text(
            "参考层对移动后的冲激的响应, 与矩阵的列",
            "the response of the reference layer to a shifted impulse, and columns",
        ),
        ({"length": 4, "shift": 1}, {"length": 3, "shift": 1}, {"length": 1, "shift": 1}),
        _columns,
    ),
    conditions=Text(
        "等变 (对 T_1, 于是对每个 T_t) 当且仅当 W_{i,l+1} = W_{i-1,l} 对所有 i, l; 不变当且仅当 W_{i,l+1} = W_{i,l}.",
        "equivariant (to T_1, hence to every T_t) if and only if W_{i,l+1} = W_{i-1,l} for all i and l; invariant if and only if "
        "W_{i,l+1} = W_{i,l}.",
    ),
)


diagonals = ForAll((i, j), sp.Eq(W[i, j + 1], W[i - 1, j]))
columns = ForAll((i, j), sp.Eq(W[i, j + 1], W[i, j]))

necessity = Claim(
    id="4.3-fc-neither-necessity",
    section="4.3",
    title=Text("等变的必要性: 归纳一步", "necessity for equivariance: the step of the induction"),
    chain=(
        sp.And(diagonals, ForAll((i, j), sp.Eq(W[i, j], W[i + c, j + c]))),
        ForAll((i, j), sp.Eq(W[i, j], W[i + c + 1, j + c + 1])),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("只有归纳假设", "the hypothesis of the induction alone"),
            lambda: (
                ForAll((i, j), sp.Eq(W[i, j], W[i + c, j + c])),
                ForAll((i, j), sp.Eq(W[i, j], W[i + c + 1, j + c + 1])),
            ),
        ),
        NearMiss(Text("循环矩阵各列相等", "a circulant matrix has equal columns"), lambda: (diagonals, columns)),
    ),
    conditions=Text(
        "c 是任意整数; c = 0 时显然. 归纳得 W_{i,j} = W_{i+c,j+c} 对每个 c ≥ 0 成立, 绕圆周也就对每个整数 c 成立.",
        "c is any integer; for c = 0 there is nothing to show. By induction W_{i,j} = W_{i+c,j+c} for every c ≥ 0, hence, around the "
        "circle, for every integer c.",
    ),
)

necessity_invariant = Claim(
    id="4.3-fc-neither-necessity-invariant",
    section="4.3",
    title=Text("不变的必要性: 归纳一步", "necessity for invariance: the step of the induction"),
    chain=(
        sp.And(columns, ForAll((i, j), sp.Eq(W[i, j + c], W[i, j]))),
        ForAll((i, j), sp.Eq(W[i, j + c + 1], W[i, j])),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("各列相等则各行也相等", "equal columns are equal rows"),
            lambda: (columns, ForAll((i, j), sp.Eq(W[i + 1, j], W[i, j]))),
        ),
        NearMiss(Text("各列相等就是循环矩阵", "equal columns make a circulant matrix"), lambda: (columns, diagonals)),
    ),
    conditions=Text(
        "c 是任意整数; 归纳得 W_{i,j+c} = W_{i,j} 对每个 c 成立.",
        "c is any integer; by induction W_{i,j+c} = W_{i,j} for every c.",
    ),
)

conclusion = Claim(
    id="4.3-fc-neither-conclusion",
    section="4.3",
    title=Text("等变的矩阵是循环矩阵", "an equivariant matrix is circulant"),
    chain=(
        ForAll((i, j, c), sp.Eq(W[i, j], W[i + c, j + c])),
        ForAll((i, j), sp.Eq(W[i, j], W[0, j - i])),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("对角线的另一方向", "the other diagonals"),
            lambda: (
                ForAll((i, j, c), sp.Eq(W[i, j], W[i + c, j + c])),
                ForAll((i, j), sp.Eq(W[i, j], W[0, i + j])),
            ),
        ),
        NearMiss(
            Text("只有主对角线为常数", "with a constant main diagonal only"),
            lambda: (
                ForAll(c, sp.Eq(W[0, 0], W[c, c])),
                ForAll((i, j), sp.Eq(W[i, j], W[0, j - i])),
            ),
        ),
    ),
    conditions=Text(
        "于是等变的矩阵由第 0 行的 N 个数决定; N ≥ 2 时它们是 N² 维空间的 N 维真子空间, 一般的矩阵不在其中.",
        "so an equivariant matrix is given by the N numbers of row 0; for N ≥ 2 these are a proper subspace of dimension N of all matrices, of "
        "dimension N², in which a generic matrix does not lie.",
    ),
)

conclusion_invariant = Claim(
    id="4.3-fc-neither-conclusion-invariant",
    section="4.3",
    title=Text("不变的矩阵各列相等", "an invariant matrix has equal columns"),
    chain=(
        ForAll((i, j, c), sp.Eq(W[i, j + c], W[i, j])),
        ForAll((i, j), sp.Eq(W[i, j], W[i, 0])),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("由第 0 行决定", "given by row 0"),
            lambda: (
                ForAll((i, j, c), sp.Eq(W[i, j + c], W[i, j])),
                ForAll((i, j), sp.Eq(W[i, j], W[0, j])),
            ),
        ),
        NearMiss(
            Text("所有元素相等", "all entries are equal"),
            lambda: (
                ForAll((i, j, c), sp.Eq(W[i, j + c], W[i, j])),
                ForAll((i, j), sp.Eq(W[i, j], W[0, 0])),
            ),
        ),
    ),
    conditions=Text(
        "于是不变的矩阵由 N 个数 (每行一个) 决定; N ≥ 2 时也是真子空间.",
        "so an invariant matrix is given by N numbers, one for each row; for N ≥ 2 that is a proper subspace as well.",
    ),
)

moved_input = sp.Sum(W[i, j] * (z[j - t] - z[j]), (j, 0, N - 1))
unit = sp.Sum(delta(j, l) * (z[j - t] - z[j]) * (z[l - t] - z[l]), (j, 0, N - 1), (l, 0, N - 1))

reason = Claim(
    id="4.3-reason",
    section="4.3",
    title=Text("独立的权重: 平移后的变化", "independent weights: the change after a shift"),
    chain=(connected(shifted(z, t), i) - connected(z, i), moved_input),
    also=((unit, sp.Sum((z[j - t] - z[j]) ** 2, (j, 0, N - 1))),),
    steps=(
        Step(connected(shifted(z, t), i) - connected(z, i), moved_input, Text("和的差", "a difference of sums")),
        Step(
            connected(shifted(z, t), i) - connected(z, i),
            sp.Sum((W[i, j + t] - W[i, j]) * z[j], (j, 0, N - 1)),
            Text("也就是相隔 t 的两列之差", "which is the difference of columns t apart"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("方差是 ‖x‖²", "the variance is ‖x‖²"),
            lambda: (unit, sp.Sum(z[j] ** 2, (j, 0, N - 1))),
        ),
        NearMiss(
            Text("变化总是零", "the change is always zero"),
            lambda: (connected(shifted(z, t), i) - connected(z, i), sp.S.Zero),
        ),
        NearMiss(
            Text("方差是 2‖x‖²", "the variance is 2‖x‖²"),
            lambda: (unit, 2 * sp.Sum(z[j] ** 2, (j, 0, N - 1))),
        ),
    ),
    numeric=compared(
        Text(
            "对全部 ±1 权重取平均的平方变化, 与公式比较",
            "the squared change, averaged over all weights ±1, against the formula",
        ),
        ({"length": 5, "shift": 1}, {"length": 4, "shift": 2}, {"length": 1, "shift": 1}),
        _signs,
    ),
    conditions=Text(
        "第二式是方差 E[(Σ_j w_j v_j)²] = Σ_{j,l} E[w_j w_l] v_j v_l, v = T_t x - x, 权重独立, 均值 0, 方差 1: E[w_j w_l] = δ_{jl}.",
        "the second equation is the variance E[(Σ_j w_j v_j)²] = Σ_{j,l} E[w_j w_l] v_j v_l for v = T_t x - x and independent weights of "
        "mean 0 and variance 1: E[w_j w_l] = δ_{jl}.",
    ),
)


# --- 4.4: networks ---------------------------------------------------------------------------------------------------

features = signal_of("y", N)
head = signal("A", N, grid="circular")

fc_head = Claim(
    id="4.4-fc-head-not-invariant",
    section="4.4",
    title=Text("等变的特征之后接全连接层", "a fully connected layer after equivariant features"),
    chain=(
        sp.Sum(head[j] * features[j - tau], (j, 0, N - 1)) - sp.Sum(head[j] * features[j], (j, 0, N - 1)),
        sp.Sum((head[j + tau] - head[j]) * features[j], (j, 0, N - 1)),
    ),
    also=(
        (
            sp.Sum((head[j + tau] - head[j]) * impulse(l, N)[j], (j, 0, N - 1)),
            head[l + tau] - head[l],
        ),
        (
            sp.Sum(beta * features[j - tau], (j, 0, N - 1)),
            sp.Sum(beta * features[j], (j, 0, N - 1)),
        ),
    ),
    steps=(
        Step(
            sp.Sum(head[j] * features[j - tau], (j, 0, N - 1)),
            sp.Sum(head[j + tau] * features[j], (j, 0, N - 1)),
            Text("换 j 为 j + τ, 绕圆周一圈", "j + τ for j, once around the circle"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("等变的特征加任意全连接层就不变", "equivariant features and any fully connected layer are invariant"),
            lambda: (
                sp.Sum(head[j] * features[j - tau], (j, 0, N - 1)),
                sp.Sum(head[j] * features[j], (j, 0, N - 1)),
            ),
        ),
        NearMiss(
            Text("权重朝另一方向移动", "the weights move the other way"),
            lambda: (
                sp.Sum(head[j] * features[j - tau], (j, 0, N - 1)),
                sp.Sum(head[j - tau] * features[j], (j, 0, N - 1)),
            ),
        ),
    ),
    numeric=compared(
        Text(
            "循环卷积, tanh, 参考全连接层: 移动前后之差",
            "circular convolution, tanh, the reference layer: the change after a shift",
        ),
        (
            {"length": 6, "taps": 3, "outputs": 4, "shift": 1},
            {"length": 5, "taps": 2, "outputs": 1, "shift": -2},
            {"length": 1, "taps": 1, "outputs": 2, "shift": 1},
        ),
        _head,
    ),
    conditions=Text(
        "y = F(x) 在圆周上, F(T_t x) = T_τ y; A 是一个输出的权重. 特征取遍一切值时, 不变当且仅当 A_{l+τ} = A_l 对所有 l 成立 (冲激); "
        "τ = 1 时就是权重全部相等, 也就是全局平均池化.",
        "y = F(x) on a circle with F(T_t x) = T_τ y; A are the weights of one output. Where the features take all values, it is "
        "invariant if and only if A_{l+τ} = A_l for all l (impulses); for τ = 1 all weights are equal, which is global average pooling.",
    ),
)


DERIVATION = Derivation(
    title=Text("全连接层与平移", "fully connected layers and shifts"),
    context=CONTEXT,
    claims=(
        neither,
        fc_impulse,
        necessity,
        necessity_invariant,
        conclusion,
        conclusion_invariant,
        reason,
        fc_head,
    ),
    source="lecture note, sections 4.3 and 4.4",
)
