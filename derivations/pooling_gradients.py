"""Section 5.2: the gradients of activation, pooling and flattening layers.

Average pooling and flattening are linear, so their gradients are entry derivatives from the definitions in `cnnsym.layers`. The
maximum is not differentiable where it is attained twice: there the statements are about what it does nearby, and about its
subgradients.
"""

import numpy as np
import sympy as sp

from cnnsym import (
    Maximum,
    basis,
    diag,
    dims,
    elementwise,
    hadamard,
    indicator,
    kron,
    matrix,
    objective,
    ones,
    relu,
    signal,
    step,
    vec,
)
from cnnsym.atoms import ForAll, Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, Entailment, Inequality, Measurement, NearMiss, Step, Text
from cnnsym.layers import avg_pool2d, conv2d, flatten, gap, max_pool2d
from cnnsym.reference import avg_pool2d as avg_pool2d_layer
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import flatten as flatten_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import max_pool2d as max_pool2d_layer
from cnnsym.reference import relu as relu_layer

CONTEXT = r"""
let c, d, k, s, m_1, m_2, P_1, P_2, K : size
let p : integer nonnegative
let x, z : signal(c, m_1, m_2)                  # an image, and another one nearby
let g : signal(c, P_1, P_2)                     # the gradient of the cost by the output of pooling
let \xi : signal(c, k*P_1, k*P_2)               # an image that windows tile
let \gamma : signal(c)                          # the gradient by the output of GAP
let \mu : signal(c, k, k, P_1, P_2)             # 1 at the maximum of each window, else 0
let l : index(c); i : index(m_1); j : index(m_2); u : index(P_1); v : index(P_2)
let i_1 : index(k*P_1); j_1 : index(k*P_2)
let l_2 : index(c); i_2 : index(m_1); j_2 : index(m_2)
let \alpha, \beta, \lambda, \tau, \kappa : integer
let \epsilon, t, \omega, \sigma : scalar
where y_{l,u,v} = \frac{1}{k^2}\sum_{\alpha=0}^{k-1}\sum_{\beta=0}^{k-1} x_{l,su+\alpha-p,sv+\beta-p}
where J = \sum_{l,u,v} g_{l,u,v}\,y_{l,u,v}
where \hat{J} = \sum_{l,u,v} g_{l,u,v}\frac{1}{k^2}\sum_{\alpha=0}^{k-1}\sum_{\beta=0}^{k-1} \xi_{l,ku+\alpha,kv+\beta}
where \bar{J} = \sum_{l} \gamma_l\frac{1}{m_1m_2}\sum_{i,j} x_{l,i,j}
where \check{J} = \sum_{l,u,v} g_{l,u,v}\sum_{\alpha=0}^{k-1}\sum_{\beta=0}^{k-1} \mu_{l,\alpha,\beta,u,v}\,x_{l,su+\alpha,sv+\beta}
# One window in a row, for ties: its entries, those of another point, weights.
let a, h, w : signal(K)
let q, q_2, r : integer
# Matrices: one channel tiled by windows, and activations.
let X : matrix(k*P_1, k*P_2)
where Y = \frac{1}{k^2}(I_{P_1}\otimes\boldsymbol{1}_k^{\top})X(I_{P_2}\otimes\boldsymbol{1}_k)
let \mathrm{Cost} : objective(Y)
let S : matrix(m_1, m_2)
where R = \mathrm{relu}(S)
let \mathrm{Loss} : objective(R)
# Flattening.
let V : signal(d, c*m_1*m_2); b : signal(d); \theta : signal(c*m_1*m_2)
let U : signal(d, c, 1, 1)
let o : index(d)
where \bar{x}_{t} = x_{\lfloor\lfloor t/m_2\rfloor/m_1\rfloor,\lfloor t/m_2\rfloor\bmod m_1,t\bmod m_2}
where \hat{y}_{o,i,j} = \sum_{l}\sum_{\alpha=0}^{0}\sum_{\beta=0}^{0} U_{o,l,\alpha,\beta}\,x_{l,i+\alpha,j+\beta} + b_o
"""

c, d, k, s, m1, m2, P1, P2, K = dims("c d k s m_1 m_2 P_1 P_2 K")
p = sp.Symbol("p", integer=True, nonnegative=True)
x, z, g = signal("x", c, m1, m2), signal("z", c, m1, m2), signal("g", c, P1, P2)
tiled, gamma = signal("xi", c, k * P1, k * P2), signal("gamma", c)
l, i, j = sp.Idx("l", c), sp.Idx("i", m1), sp.Idx("j", m2)
u, v, i1, j1 = sp.Idx("u", P1), sp.Idx("v", P2), sp.Idx("i_1", k * P1), sp.Idx("j_1", k * P2)
alpha, beta = sp.symbols("alpha beta", integer=True)
epsilon, t, omega, sigma = sp.symbols("epsilon t omega sigma", real=True)
# Bound indices.
l_, a_, b_, u_, v_, r_ = sp.symbols("l_2 a_2 b_2 u_2 v_2 r_2", integer=True)

TAPS = ((b_, 0, k - 1), (a_, 0, k - 1))
WINDOWS = ((v_, 0, P2 - 1), (u_, 0, P1 - 1))
CHANNELS = (l_, 0, c - 1)


class Channel:
    """One channel of an image."""

    def __init__(self, image, number):
        self.image, self.number = image, number
        self.shape = image.shape[1:]

    def __getitem__(self, at):
        return self.image[(self.number, *at)]


# --- numbers ---------------------------------------------------------------------------------------------------------

# channels, window, stride, padding, height, width: windows that tile, that overlap, with padding, with gaps between them.
SHAPES = ((2, 2, 2, 0, 4, 6), (3, 3, 1, 0, 5, 4), (1, 3, 2, 1, 6, 7), (2, 2, 3, 0, 8, 5))
ALL = tuple(range(len(SHAPES)))
TILING = (0,)
UNPADDED = (0, 1, 3)
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


class Case:
    """A random image, gradients by the outputs of pooling layers, and what the reference layers make of them."""

    def __init__(self, seed, dtype):
        self.random = np.random.default_rng(seed)
        channels, self.size, self.stride, self.padding, height, width = SHAPES[seed]
        self.dtype = dtype
        self.options = {"stride": self.stride, "padding": self.padding}
        self.x = self.random.permutation(channels * height * width).reshape(1, channels, height, width).astype(dtype) / 7
        self.y = avg_pool2d_layer.forward(self.x, self.size, **self.options)
        self.g = self.normal(*self.y.shape)

    def normal(self, *shape):
        return self.random.normal(size=shape).astype(self.dtype)

    def average(self):
        return avg_pool2d_layer.backward(self.g, self.x.shape[2:], self.size, **self.options)

    def maximum(self):
        return max_pool2d_layer.backward(self.g, self.x, self.size, **self.options)

    def windows(self):
        """For each window its place, and the rows and columns it reads."""
        for u, v in np.ndindex(*self.y.shape[2:]):
            top, left = self.stride * u - self.padding, self.stride * v - self.padding
            rows = slice(max(top, 0), top + self.size)
            columns = slice(max(left, 0), left + self.size)
            yield (u, v), rows, columns


def _measure(what, formula, expected, seeds=ALL):
    """A formula in plain NumPy against the reference layers."""

    def measure():
        found = []
        for seed in seeds:
            for dtype in ("float64", "float32"):
                case = Case(seed, dtype)
                value, wanted = formula(case), expected(case)
                size = max(1.0, float(np.abs(wanted).max()))
                error = float(np.abs(value - wanted).max()) / size if value.shape == wanted.shape else float("nan")
                shape = "c={}, window {}, stride {}, padding {}, {} x {}".format(*SHAPES[seed])
                found.append(Measurement(what, shape, dtype, seed, error, TOLERANCE[dtype]))
        return tuple(found)

    return measure


CHAIN = Text(
    "g 是 Cost 对输出的梯度; 由链式法则, J = Σ g y 在 g 固定时的导数就是 Cost 的导数.",
    "g is the gradient of the cost by the output; by the chain rule the derivatives of J = Σ g y with g held fixed are those of the cost.",
)
MAGNUS = "Magnus and Neudecker, Matrix Differential Calculus"
ROCKAFELLAR = "Rockafellar, Convex Analysis, section 23"

# --- ReLU ------------------------------------------------------------------------------------------------------------

S, R_, Loss = matrix("S", m1, m2), matrix("R", m1, m2), objective("Loss")
rectified = elementwise(relu)(S)
by_S = Gradient(Loss(rectified), S)
by_R = Gradient(Loss(R_), R_, rectified)
mask = elementwise(step)(S)

activation = Claim(
    id="5.2c-relu",
    section="5.2",
    title=Text("ReLU 的梯度", "the gradient of ReLU"),
    chain=(by_S, hadamard(mask, by_R)),
    steps=(
        Step(
            Jacobian(rectified, S),
            diag(vec(mask)),
            Text("逐元素函数的雅可比矩阵是对角矩阵", "the Jacobian of an entrywise function is diagonal"),
            source=f"{MAGNUS}, section 5.4",
        ),
        Step(vec(by_S), diag(vec(mask)) * vec(by_R), Text("链式法则", "chain rule"), source=f"{MAGNUS}, theorem 5.8"),
    ),
    near_misses=(
        NearMiss(Text("梯度是 ReLU 的值", "the gradient is the value of ReLU"), lambda: (by_S, hadamard(rectified, by_R))),
        NearMiss(Text("没有掩码", "no mask"), lambda: (by_S, by_R)),
        NearMiss(
            Text("掩码取自梯度的符号", "the mask from the sign of the gradient"),
            lambda: (by_S, hadamard(elementwise(step)(by_R), by_R)),
        ),
    ),
    numeric=_measure(
        Text("1[S > 0] ⊙ ∇ 与 reference.relu.backward 比较", "1[S > 0] ⊙ ∇ against reference.relu.backward"),
        lambda case: np.where(case.x - 1 > 0, case.x, 0),
        lambda case: relu_layer.backward(case.x, case.x - 1),
    ),
    conditions=Text(
        "S 的元素都不为零: 在 0 处 ReLU 没有导数 (见 5.2c-relu-subgradient).",
        "No entry of S is zero: at 0 ReLU has no derivative (see 5.2c-relu-subgradient).",
    ),
)

subgradient = Claim(
    id="5.2c-relu-subgradient",
    section="5.2",
    title=Text("ReLU 在零点的次梯度: [0, 1] 中的数", "the subgradients of ReLU at zero: the numbers in [0, 1]"),
    chain=(sp.And(omega >= 0, omega <= 1), sp.Ge(sp.Max(t, 0), omega * t)),
    also=(
        (
            sp.And(t > 0, sp.Ge(sp.Max(t, 0), omega * t), sp.Ge(sp.Max(-t, 0), -omega * t)),
            sp.And(omega >= 0, omega <= 1),
        ),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("大于 1 的数也是", "a number above 1 as well"),
            lambda: (sp.And(omega >= 0, omega <= 2), sp.Ge(sp.Max(t, 0), omega * t)),
        ),
        NearMiss(
            Text("负数也是", "a negative number as well"),
            lambda: (sp.And(omega >= -1, omega <= 1), sp.Ge(sp.Max(t, 0), omega * t)),
        ),
        NearMiss(
            Text("只有 0", "0 only"),
            lambda: (sp.And(t > 0, sp.Ge(sp.Max(t, 0), omega * t), sp.Ge(sp.Max(-t, 0), -omega * t)), sp.Eq(omega, 0)),
        ),
    ),
    numeric=_measure(
        Text("reference.relu.backward 在 0 取 0", "reference.relu.backward takes 0 at 0"),
        lambda case: np.zeros_like(case.x),
        lambda case: relu_layer.backward(case.x, np.zeros_like(case.x)),
    ),
    conditions=Text(
        "第一式: 0 ≤ ω ≤ 1 时对所有实数 t. 第二式: 反过来, 若对某个 t > 0 与 -t 不等式成立, 则 0 ≤ ω ≤ 1.",
        "First: for 0 ≤ ω ≤ 1 and all real t. Second, conversely: if the inequality holds for some t > 0 and for -t, then 0 ≤ ω ≤ 1.",
    ),
    source=ROCKAFELLAR,
)

# --- average pooling -------------------------------------------------------------------------------------------------


def average_cost(image, **options):
    return sp.Sum(g[l_, u_, v_] * avg_pool2d.forward(Channel(image, l_), u_, v_, k, **options), *WINDOWS, CHANNELS)


by_x = sp.Derivative(average_cost(x, stride=s, padding=p), x[l, i, j])


def covers(window, at):
    """1 where the window contains the position, along one direction."""
    start = s * window - p
    return indicator(sp.And(sp.Ge(at - start, 0), sp.Le(at - start, k - 1)))


covering = sp.Sum(g[l, u_, v_] * covers(u_, i) * covers(v_, j), *WINDOWS)
by_tile = sp.Derivative(average_cost(tiled, stride=k), tiled[l, i1, j1])
upsampled = g[l, sp.floor(i1 / k), sp.floor(j1 / k)] / k**2

average = Claim(
    id="5.2c-avgpool",
    section="5.2",
    title=Text("平均池化的梯度", "the gradient of average pooling"),
    chain=(by_x, covering / k**2),
    also=((by_tile, upsampled),),
    steps=(
        Step(
            sp.Derivative(avg_pool2d.forward(Channel(x, l_), u_, v_, k, stride=s, padding=p), x[l, i, j]),
            sp.KroneckerDelta(l_, l) * covers(u_, i) * covers(v_, j) / k**2,
            Text("每个像素在每个含有它的窗口里占 1/k²", "a pixel has the share 1/k² of each window that contains it"),
        ),
        Step(
            sp.Sum(g[l, u_, v] * indicator(sp.And(sp.Ge(i1 - k * u_, 0), sp.Le(i1 - k * u_, k - 1))), (u_, 0, P1 - 1)),
            g[l, sp.floor(i1 / k), v],
            Text("铺满时每个像素只在一个窗口里", "where windows tile, every pixel is in one of them"),
        ),
    ),
    near_misses=(
        NearMiss(Text("没有 1/k²", "no 1/k²"), lambda: (by_x, covering)),
        NearMiss(
            Text("除以覆盖的次数", "divided by the number of windows that cover it"),
            lambda: (
                by_x,
                covering / (1 + sp.Sum(covers(u_, i) * covers(v_, j), *WINDOWS)),
            ),
        ),
        NearMiss(
            Text("Kronecker 次序颠倒: 1 ⊗ ∇", "the Kronecker factors swapped: 1 ⊗ ∇"),
            lambda: (by_tile, g[l, sp.Mod(i1, P1), sp.Mod(j1, P2)] / k**2),
        ),
        NearMiss(
            Text("窗口重叠时也只取一个窗口", "one window only, although they overlap"),
            lambda: (by_x, g[l, sp.floor((i + p) / s), sp.floor((j + p) / s)] / k**2),
        ),
    ),
    numeric=_measure(
        Text("含像素的窗口之和, 与 reference.avg_pool2d.backward 比较", "the sum over windows against reference.avg_pool2d.backward"),
        lambda case: _shared(case),
        Case.average,
    ),
    conditions=Text(
        f"第一式: 任意窗口 k, 步幅 s, 补零 p. 第二式: s = k, p = 0, 图像 kP₁ × kP₂. {CHAIN.zh}",
        f"First: any window k, stride s, padding p. Second: s = k, p = 0, an image of kP₁ × kP₂. {CHAIN.en}",
    ),
)


def _shared(case):
    result = np.zeros_like(case.x)
    for (u, v), rows, columns in case.windows():
        result[0, :, rows, columns] += case.g[0, :, u, v, None, None] / case.size**2
    return result


X, Y, Cost = matrix("X", k * P1, k * P2), matrix("Y", P1, P2), objective("Cost")
pooled = kron(sp.Identity(P1), ones(1, k)) * X * kron(sp.Identity(P2), ones(k, 1)) / k**2
by_pooled = Gradient(Cost(Y), Y, pooled)
by_X = Gradient(Cost(pooled), X)
e_u, e_v, e_a, e_b = (basis(q, n) for q, n in zip(sp.symbols("u_3 v_3 a_3 b_3", integer=True), (P1, P2, k, k), strict=True))

kronecker = Claim(
    id="5.2c-avgpool-kron",
    section="5.2",
    title=Text("铺满时: 与常数块的 Kronecker 积", "where windows tile: a Kronecker product with a constant block"),
    chain=(by_X, kron(by_pooled, ones(k, k)) / k**2),
    steps=(
        Step(
            by_X,
            kron(sp.Identity(P1), ones(k, 1)) * by_pooled * kron(sp.Identity(P2), ones(1, k)) / k**2,
            Text("AXB 的伴随是 AᵀGBᵀ", "the adjoint of AXB is AᵀGBᵀ"),
            source=f"{MAGNUS}, section 2.4",
        ),
        Step(
            kron(sp.Identity(P1), ones(k, 1)) * by_pooled * kron(sp.Identity(P2), ones(1, k)),
            kron(by_pooled, ones(k, k)),
            Text("(A ⊗ B)(C ⊗ D) = AC ⊗ BD", "(A ⊗ B)(C ⊗ D) = AC ⊗ BD"),
            source=f"{MAGNUS}, section 2.2, equation 4",
        ),
        Step(
            kron(e_u, e_a).T * kron(by_pooled, ones(k, k)) * kron(e_v, e_b),
            e_u.T * by_pooled * e_v,
            Text("像素 (ku + α, kv + β) 取到 g 的元素 (u, v)", "pixel (ku + α, kv + β) takes entry (u, v) of the gradient"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("次序颠倒: 1 ⊗ ∇", "the order swapped: 1 ⊗ ∇"), lambda: (by_X, kron(ones(k, k), by_pooled) / k**2)
        ),
        NearMiss(Text("没有 1/k²", "no 1/k²"), lambda: (by_X, kron(by_pooled, ones(k, k)))),
        NearMiss(Text("除以 k", "divided by k"), lambda: (by_X, kron(by_pooled, ones(k, k)) / k)),
    ),
    numeric=_measure(
        Text("np.kron 与 reference.avg_pool2d.backward 比较", "np.kron against reference.avg_pool2d.backward"),
        lambda case: np.stack([np.kron(each, np.ones((case.size, case.size), each.dtype)) for each in case.g[0]])[None]
        / case.size**2,
        Case.average,
        seeds=TILING,
    ),
    conditions=Text(
        "一个通道, 步幅等于窗口 k, 不补零, X 为 kP₁ × kP₂; Cost 可导.",
        "One channel, the stride equals the window k, no padding, X is kP₁ × kP₂; Cost is differentiable.",
    ),
)

gap_cost = sp.Sum(gamma[l_] * gap.forward(Channel(x, l_)), CHANNELS)
by_gap = sp.Derivative(gap_cost, x[l, i, j])

global_average = Claim(
    id="5.2c-gap",
    section="5.2",
    title=Text("全局平均池化的梯度", "the gradient of global average pooling"),
    chain=(by_gap, gamma[l] / (m1 * m2)),
    steps=(
        Step(
            sp.Derivative(gap.forward(Channel(x, l)), x[l, i, j]),
            1 / (m1 * m2),
            Text("每个像素占 1/(m₁m₂)", "every pixel has the share 1/(m₁m₂)"),
        ),
    ),
    near_misses=(
        NearMiss(Text("没有 1/(m₁m₂)", "no 1/(m₁m₂)"), lambda: (by_gap, gamma[l])),
        NearMiss(Text("除以 c m₁m₂", "divided by c m₁m₂"), lambda: (by_gap, gamma[l] / (c * m1 * m2))),
        NearMiss(
            Text("所有通道的梯度之和", "the gradients of all channels summed"),
            lambda: (by_gap, sp.Sum(gamma[l_], CHANNELS) / (m1 * m2)),
        ),
    ),
    numeric=_measure(
        Text("∇/(m₁m₂) 与 reference.gap.backward 比较", "∇/(m₁m₂) against reference.gap.backward"),
        lambda case: np.zeros_like(case.x) + case.g[:, :, :1, :1] / (case.x.shape[2] * case.x.shape[3]),
        lambda case: gap_layer.backward(case.g[:, :, 0, 0], case.x.shape[2:]),
    ),
    conditions=Text(
        "任意通道数与图像大小; γ 是 Cost 对每个通道的均值的梯度.",
        "Any number of channels and any image size; γ is the gradient of the cost by the mean of each channel.",
    ),
)

# --- max pooling -----------------------------------------------------------------------------------------------------

mu = signal("mu", c, k, k, P1, P2)
selected = sp.Sum(
    g[l_, u_, v_] * sp.Sum(mu[l_, a_, b_, u_, v_] * x[l_, s * u_ + a_, s * v_ + b_], *TAPS), *WINDOWS, CHANNELS
)
by_selected = sp.Derivative(selected, x[l, i, j])


def at(u, v, a, b):
    return indicator(sp.Eq(s * u + a, i)) * indicator(sp.Eq(s * v + b, j))


scattered = sp.Sum(g[l, u_, v_] * mu[l, a_, b_, u_, v_] * at(u_, v_, a_, b_), *TAPS, *WINDOWS)

maximum = Claim(
    id="5.2c-maxpool",
    section="5.2",
    title=Text("最大池化的梯度", "the gradient of max pooling"),
    chain=(by_selected, scattered),
    steps=(
        Step(
            sp.Derivative(sp.Sum(mu[l_, a_, b_, u_, v_] * x[l_, s * u_ + a_, s * v_ + b_], *TAPS), x[l, i, j]),
            sp.KroneckerDelta(l_, l) * sp.Sum(mu[l_, a_, b_, u_, v_] * at(u_, v_, a_, b_), *TAPS),
            Text("窗口的输出是它最大的像素 (5.2c-maxpool-unique)", "the output of a window is its largest pixel (5.2c-maxpool-unique)"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("窗口重叠时覆盖而不是相加: 只留最后一个窗口", "overwritten instead of added: the last window only"),
            lambda: (
                by_selected,
                sp.Sum((g[l, u_, v_] * mu[l, a_, b_, u_, v_] * at(u_, v_, a_, b_)).subs({u_: P1 - 1, v_: P2 - 1}), *TAPS),
            ),
        ),
        NearMiss(
            Text("在窗口里平分", "shared equally over the window"),
            lambda: (by_selected, sp.Sum(g[l, u_, v_] * at(u_, v_, a_, b_), *TAPS, *WINDOWS) / k**2),
        ),
        NearMiss(
            Text("窗口里的位置当作图像里的位置", "the place in the window taken for the place in the image"),
            lambda: (
                by_selected,
                sp.Sum(
                    g[l, u_, v_] * mu[l, a_, b_, u_, v_] * indicator(sp.Eq(a_, i)) * indicator(sp.Eq(b_, j)), *TAPS, *WINDOWS
                ),
            ),
        ),
    ),
    numeric=_measure(
        Text("加到最大的像素上, 与 reference.max_pool2d.backward 比较", "added to the largest pixels against reference.max_pool2d.backward"),
        lambda case: _to_largest(case),
        Case.maximum,
        seeds=UNPADDED,
    ),
    conditions=Text(
        f"每个窗口的最大值只有一个像素取到, μ 在那里为 1, 其余为 0; 任意窗口 k 与步幅 s. {CHAIN.zh}",
        f"In each window one pixel alone is the largest; μ is 1 there and 0 elsewhere; any window k and stride s. {CHAIN.en}",
    ),
    source="Goodfellow, Bengio and Courville, Deep Learning, section 9.3",
)


def _to_largest(case):
    result = np.zeros_like(case.x)
    for (u, v), rows, columns in case.windows():
        for channel in range(case.x.shape[1]):
            patch = case.x[0, channel, rows, columns]
            a, b = np.unravel_index(patch.argmax(), patch.shape)
            result[0, channel, rows.start + a, columns.start + b] += case.g[0, channel, u, v]
    return result


# One window as a row of K pixels.
a, h, w = signal("a", K), signal("h", K), signal("w", K)
q, q2 = sp.symbols("q q_2", integer=True)
RANGE = (r_, 0, K - 1)


def in_row(r):
    return sp.And(sp.Ge(r, 0), sp.Le(r, K - 1))


def everywhere(statement):
    """For all r from 0 to K - 1."""
    return ForAll(r_, sp.Implies(in_row(r_), statement))


largest, other_largest = Maximum(a[r_], RANGE), Maximum(h[r_], RANGE)
separated = ForAll(r_, sp.Implies(sp.And(in_row(r_), sp.Ne(r_, q)), sp.Le(a[r_] + 2 * epsilon, a[q])))
nearby = everywhere(sp.And(sp.Le(h[r_] - a[r_], epsilon), sp.Le(a[r_] - h[r_], epsilon)))
not_below = everywhere(sp.Le(a[r_], a[q]))

unique = Claim(
    id="5.2c-maxpool-unique",
    section="5.2",
    title=Text("唯一的最大值: 附近就是那个像素", "a single maximum: nearby it is that pixel"),
    chain=(sp.And(in_row(q), epsilon > 0, separated, nearby), sp.Eq(other_largest - largest, h[q] - a[q])),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("并列时也成立", "valid at a tie as well"),
            lambda: (sp.And(in_row(q), epsilon > 0, not_below, nearby), sp.Eq(other_largest - largest, h[q] - a[q])),
        ),
        NearMiss(
            Text("离得远也成立", "valid far away as well"),
            lambda: (sp.And(in_row(q), epsilon > 0, separated), sp.Eq(other_largest - largest, h[q] - a[q])),
        ),
        NearMiss(
            Text("一半的变化", "half of the change"),
            lambda: (
                sp.And(in_row(q), epsilon > 0, separated, nearby),
                sp.Eq(other_largest - largest, (h[q] - a[q]) / 2),
            ),
        ),
    ),
    numeric=_measure(
        Text("最大池化的有限变化与最大像素的变化", "a finite change of max pooling against that of the largest pixels"),
        lambda case: _moved(case)[0],
        lambda case: _moved(case)[1],
        seeds=UNPADDED,
    ),
    conditions=Text(
        "一个窗口排成一行, K 个像素 a. 像素 q 比其余各像素至少大 2ε, 而 h 与 a 处处相差不超过 ε. 因此最大值在 a 附近就是第 q 个像素, 导数是单位向量 e_q.",
        "One window in a row, K pixels a. Pixel q exceeds every other by at least 2ε, and h differs from a by at most ε everywhere. So near a the maximum is just pixel q, and its derivative is the unit vector e_q.",
    ),
)


def _moved(case):
    """The change of the output, and that of the largest pixels, under a change smaller than half of any gap."""
    random = np.random.default_rng(case.size)
    moved = case.x + (0.05 * random.uniform(-1, 1, case.x.shape)).astype(case.dtype)
    options = {"stride": case.stride, "padding": case.padding}
    output = [max_pool2d_layer.forward(each, case.size, **options) for each in (moved, case.x)]
    change = np.zeros_like(case.g)
    for (u, v), rows, columns in case.windows():
        for channel in range(case.x.shape[1]):
            patch = case.x[0, channel, rows, columns]
            largest = np.unravel_index(patch.argmax(), patch.shape)
            change[0, channel, u, v] = moved[0, channel, rows, columns][largest] - patch[largest]
    return output[0] - output[1], change


# The same from the definition of the layer: window (tau, kappa) of channel lambda.
channel, tau, kappa = sp.symbols("lambda tau kappa", integer=True)


def pixel(image, a, b):
    return image[channel, s * tau + a, s * kappa + b]


def in_window(a, b):
    return sp.And(sp.Ge(a, 0), sp.Le(a, k - 1), sp.Ge(b, 0), sp.Le(b, k - 1))


pooled_x, pooled_z = (max_pool2d.forward(Channel(image, channel), tau, kappa, k, stride=s) for image in (x, z))
window_separated = ForAll(
    (a_, b_),
    sp.Implies(
        sp.And(in_window(a_, b_), sp.Or(sp.Ne(a_, alpha), sp.Ne(b_, beta))),
        sp.Le(pixel(x, a_, b_) + 2 * epsilon, pixel(x, alpha, beta)),
    ),
)
window_nearby = ForAll(
    (a_, b_),
    sp.Implies(
        in_window(a_, b_),
        sp.And(sp.Le(pixel(z, a_, b_) - pixel(x, a_, b_), epsilon), sp.Le(pixel(x, a_, b_) - pixel(z, a_, b_), epsilon)),
    ),
)

moved = pixel(z, alpha, beta) - pixel(x, alpha, beta)

layer = Claim(
    id="5.2c-maxpool-layer",
    section="5.2",
    title=Text("二维的层: 附近就是那个像素", "the two-dimensional layer: nearby it is that pixel"),
    chain=(
        sp.And(in_window(alpha, beta), epsilon > 0, window_separated, window_nearby),
        sp.Eq(pooled_z - pooled_x, moved),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("对窗口的任何像素", "for any pixel of the window"),
            lambda: (in_window(alpha, beta), sp.Eq(pooled_z - pooled_x, moved)),
        ),
        NearMiss(
            Text("只要是最大的像素, 不论 z 多远, 有无并列", "for any largest pixel, however far z is and whether or not there is a tie"),
            lambda: (
                sp.And(
                    in_window(alpha, beta),
                    ForAll((a_, b_), sp.Implies(in_window(a_, b_), sp.Le(pixel(x, a_, b_), pixel(x, alpha, beta)))),
                ),
                sp.Eq(pooled_z - pooled_x, moved),
            ),
        ),
    ),
    numeric=_measure(
        Text("最大池化的有限变化与最大像素的变化", "a finite change of max pooling against that of the largest pixels"),
        lambda case: _moved(case)[0],
        lambda case: _moved(case)[1],
        seeds=UNPADDED,
    ),
    conditions=Text(
        "通道 λ 的窗口 (τ, κ), 任意大小 k 与步幅 s: 像素 (α, β) 比其余各像素至少大 2ε, 而 z 与 x 在窗口里相差不超过 ε.",
        "Window (τ, κ) of channel λ, any size k and stride s: pixel (α, β) exceeds every other by at least 2ε, and z differs from x by at most ε in the window.",
    ),
)

raised = Maximum(a[r_] + t * indicator(sp.Eq(r_, q)), RANGE)
lowered = Maximum(a[r_] - t * indicator(sp.Eq(r_, q)), RANGE)
tie = sp.And(in_row(q), in_row(q2), sp.Ne(q, q2), sp.Eq(a[q], a[q2]), not_below)

kink = Claim(
    id="5.2c-maxpool-tie",
    section="5.2",
    title=Text("并列的最大值: 没有导数", "a tie: no derivative"),
    chain=(tie, sp.Eq(raised - largest, sp.Max(t, 0))),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("变化是 t: 导数为 1", "the change is t: derivative 1"),
            lambda: (tie, sp.Eq(raised - largest, t)),
        ),
        NearMiss(
            Text("变化是 t/2: 平分", "the change is t/2: shared"),
            lambda: (tie, sp.Eq(raised - largest, t / 2)),
        ),
        NearMiss(
            Text("不并列时也是 max(t, 0)", "max(t, 0) without a tie as well"),
            lambda: (sp.And(in_row(q), in_row(q2), sp.Ne(q, q2), not_below), sp.Eq(raised - largest, sp.Max(t, 0))),
        ),
    ),
    numeric=_measure(
        Text("并列时的单边变化", "one-sided changes at a tie"),
        lambda case: np.array([_at_tie(case, 0.25), _at_tie(case, -0.25)]),
        lambda case: np.array([0.25, 0.0], case.dtype),
        seeds=UNPADDED,
    ),
    conditions=Text(
        "窗口的最大值在两个不同的像素 q 与 q₂ 取到; 像素 q 改变 t. 右边在 t = 0 处左导数为 0, 右导数为 1.",
        "Two different pixels q and q₂ of the window are its maximum; pixel q changes by t. At t = 0 the right side has left derivative 0 and right derivative 1.",
    ),
)


def _at_tie(case, step_):
    image = np.zeros((1, 1, case.size, case.size), case.dtype)
    image[0, 0, 0, 0] = image[0, 0, -1, -1] = 1
    before = max_pool2d_layer.forward(image, case.size)
    image[0, 0, 0, 0] += step_
    return (max_pool2d_layer.forward(image, case.size) - before).item()


weights = everywhere(sp.And(sp.Ge(w[r_], 0), sp.Or(sp.Eq(w[r_], 0), sp.Eq(a[r_], largest))))
weight = sp.Sum(w[r_], RANGE)
linearised = sp.Sum(w[r_] * (h[r_] - a[r_]), RANGE)
supported = sp.Ge(weight * other_largest, weight * largest + linearised)

hull = Claim(
    id="5.2c-maxpool-subgradient",
    section="5.2",
    title=Text("次梯度: 最大像素上的凸组合", "subgradients: convex combinations over the largest pixels"),
    chain=(weights, supported),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("不在最大像素上的权重也行", "weights away from the largest pixels as well"),
            lambda: (everywhere(sp.Ge(w[r_], 0)), supported),
        ),
        NearMiss(
            Text("任意权重都行", "any weights"),
            lambda: (sp.Eq(epsilon, 0), supported),
        ),
        NearMiss(
            Text("每个并列的像素都得到全部梯度", "every tied pixel receives the whole gradient"),
            lambda: (everywhere(sp.Eq(a[r_], 0)), sp.Ge(other_largest, sp.Sum(h[r_], RANGE))),
        ),
        NearMiss(
            Text("最大值唯一时也在窗口里平分", "shared equally over the window, although one is larger"),
            lambda: (sp.Eq(epsilon, 0), sp.Ge(K * other_largest, K * largest + sp.Sum(h[r_] - a[r_], RANGE))),
        ),
    ),
    numeric=_measure(
        Text("参考层在并列处取的次梯度: 第一个最大像素", "the subgradient of the reference layer at a tie: the first of the largest"),
        lambda case: _first_of_tie(case),
        lambda case: np.array([[[[1, 0], [0, 0]]]], case.dtype),
        seeds=TILING,
    ),
    conditions=Text(
        "一个窗口排成一行, K 个像素 a; h 是任意另一点. w ≥ 0, 只在最大的像素上不为零; 除以 Σw 即 conv{e_q : a_q = max a} 中的任一点: 取第一个最大像素, 或在并列的像素间平分, 都是次梯度.",
        "One window in a row, K pixels a; h is any other point. w ≥ 0, and it vanishes but on the largest pixels; divided by Σw it is any point of conv{e_q : a_q = max a}: to take the first of the largest, or to share equally among them, both are subgradients.",
    ),
    source=ROCKAFELLAR,
)


def _first_of_tie(case):
    image = np.array([[[[3, 3], [1, 3]]]], case.dtype)
    return max_pool2d_layer.backward(np.ones((1, 1, 1, 1), case.dtype), image, 2)


lifted, sunk = Maximum(a[r_] + t, RANGE), Maximum(a[r_] - t, RANGE)

only = Claim(
    id="5.2c-maxpool-subgradient-only",
    section="5.2",
    title=Text("没有别的次梯度", "there are no other subgradients"),
    chain=(
        sp.And(in_row(q), t > 0, sp.Ge(lowered, largest - t * w[q])),
        sp.Ge(w[q], 0),
    ),
    also=(
        (
            sp.And(
                in_row(q),
                t > 0,
                sp.Le(a[q] + t, largest),
                sp.Ge(raised, largest + t * w[q]),
                sp.Ge(lowered, largest - t * w[q]),
            ),
            sp.Eq(w[q], 0),
        ),
        (
            sp.And(t > 0, sp.Ge(lifted, largest + t * sigma), sp.Ge(sunk, largest - t * sigma)),
            sp.Eq(sigma, 1),
        ),
    ),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("权重一定为零", "the weight must be zero"),
            lambda: (sp.And(in_row(q), t > 0, sp.Ge(lowered, largest - t * w[q])), sp.Eq(w[q], 0)),
        ),
        NearMiss(
            Text("权重一定为 1", "the weight must be 1"),
            lambda: (
                sp.And(in_row(q), t > 0, sp.Ge(raised, largest + t * w[q]), sp.Ge(lowered, largest - t * w[q])),
                sp.Eq(w[q], 1),
            ),
        ),
        NearMiss(
            Text("和可以是 2", "the sum may be 2"),
            lambda: (
                sp.And(t > 0, sp.Ge(lifted, largest + t * sigma), sp.Ge(sunk, largest - t * sigma)),
                sp.Eq(sigma, 2),
            ),
        ),
    ),
    numeric=_measure(
        Text("参考层的次梯度: 非负, 和为 1", "the subgradient of the reference layer: nonnegative with sum 1"),
        lambda case: np.array([_first_of_tie(case).sum(), _first_of_tie(case).min()]),
        lambda case: np.array([1, 0], case.dtype),
        seeds=TILING,
    ),
    conditions=Text(
        "用三种点试次梯度不等式 (t > 0): 把像素 q 降低 t 得 w_q ≥ 0; 像素 q 比最大值低至少 t 时升降它得 w_q = 0; 把所有像素升降 t 得 σ = Σw = 1.",
        "The subgradient inequality tried at three kinds of points (t > 0): lowering pixel q by t gives w_q ≥ 0; raising and lowering a pixel that is at least t below the maximum gives w_q = 0; moving all pixels by t gives σ = Σw = 1.",
    ),
    source=ROCKAFELLAR,
)

# --- flattening ------------------------------------------------------------------------------------------------------

V, b, theta = signal("V", d, c * m1 * m2), signal("b", d), signal("theta", c * m1 * m2)
o = sp.Idx("o", d)
i_, j_ = sp.symbols("i_2 j_2", integer=True)


class WholeImage:
    """The weights of a fully connected layer on the flattened image, as filters as large as the image."""

    shape = (d, c, m1, m2)

    def __getitem__(self, at):
        o, l, i, j = at
        return V[o, flatten.place(l, i, j, (c, m1, m2))]


connected = sp.Sum(V[o, r_] * flatten.forward(x, r_), (r_, 0, c * m1 * m2 - 1)) + b[o]
one_window = conv2d.forward(x, WholeImage(), o, 0, 0, b)

flattened = Claim(
    id="5.2c-flatten",
    section="5.2",
    title=Text("展平后的全连接层是核与图像一样大的卷积", "a fully connected layer on the flattened image is a convolution with kernels of its size"),
    chain=(connected, one_window),
    near_misses=(
        NearMiss(
            Text("核翻转", "the kernels flipped"),
            lambda: (
                connected,
                sp.Sum(
                    V[o, flatten.place(l_, m1 - 1 - i_, m2 - 1 - j_, (c, m1, m2))] * x[l_, i_, j_],
                    (j_, 0, m2 - 1),
                    (i_, 0, m1 - 1),
                    CHANNELS,
                )
                + b[o],
            ),
        ),
        NearMiss(
            Text("通道在最后展平", "flattened with the channel last"),
            lambda: (
                connected,
                sp.Sum(V[o, (i_ * m2 + j_) * c + l_] * x[l_, i_, j_], (j_, 0, m2 - 1), (i_, 0, m1 - 1), CHANNELS) + b[o],
            ),
        ),
        NearMiss(
            Text("1 × 1 卷积就是展平后的全连接层", "a 1 × 1 convolution is the layer on the flattened image"),
            lambda: (connected, sp.Sum(V[o, l_] * x[l_, 0, 0], CHANNELS) + b[o]),
        ),
    ),
    numeric=_measure(
        Text("reference.linear 在 reference.flatten 之后, 与 reference.conv2d 比较", "reference.linear after reference.flatten against reference.conv2d"),
        lambda case: _dense(case)[0],
        lambda case: _dense(case)[1],
    ),
    conditions=Text(
        "图像 c × m₁ × m₂, 像素 (l, i, j) 在第 (l m₁ + i) m₂ + j 位; 不补零, 只有一个窗口.",
        "An image of c × m₁ × m₂ with pixel (l, i, j) at place (l m₁ + i) m₂ + j; no padding, a single window.",
    ),
)


def _dense(case):
    random = np.random.default_rng(7)
    n = case.x[0].size
    weights_, bias = random.normal(size=(3, n)).astype(case.dtype), random.normal(size=3).astype(case.dtype)
    dense = linear_layer.forward(flatten_layer.forward(case.x), weights_, bias)
    return dense, conv2d_layer.forward(case.x, weights_.reshape(3, *case.x.shape[1:]), bias)[:, :, 0, 0]


flat_cost = sp.Sum(theta[r_] * flatten.forward(x, r_), (r_, 0, c * m1 * m2 - 1))
placed_cost = sp.Sum(
    theta[flatten.place(l_, i_, j_, (c, m1, m2))] * x[l_, i_, j_], (j_, 0, m2 - 1), (i_, 0, m1 - 1), CHANNELS
)
by_pixel = sp.Derivative(placed_cost, x[l, i, j])

unflattened = Claim(
    id="5.2c-flatten-backward",
    section="5.2",
    title=Text("展平的梯度: 放回原处", "the gradient of flattening: back in place"),
    chain=(flat_cost, placed_cost),
    also=((by_pixel, theta[flatten.place(l, i, j, (c, m1, m2))]),),
    near_misses=(
        NearMiss(
            Text("按列放回", "put back by columns"),
            lambda: (by_pixel, theta[(l * m2 + j) * m1 + i]),
        ),
        NearMiss(
            Text("通道在最后", "the channel last"),
            lambda: (by_pixel, theta[(i * m2 + j) * c + l]),
        ),
        NearMiss(
            Text("除以元素个数", "divided by the number of entries"),
            lambda: (by_pixel, theta[flatten.place(l, i, j, (c, m1, m2))] / (c * m1 * m2)),
        ),
    ),
    numeric=_measure(
        Text("θ 放回原处, 与 reference.flatten.backward 比较", "θ put back against reference.flatten.backward"),
        lambda case: _placed(case),
        lambda case: flatten_layer.backward(np.arange(case.x.size, dtype=case.dtype)[None], case.x.shape[1:]),
    ),
    conditions=Text("θ 是 Cost 对展平后各元素的梯度.", "θ is the gradient of the cost by the entries of the flattened image."),
)


def _placed(case):
    result = np.zeros_like(case.x)
    for l, i, j in np.ndindex(*case.x.shape[1:]):
        result[0, l, i, j] = (l * case.x.shape[2] + i) * case.x.shape[3] + j
    return result


U = signal("U", d, c, 1, 1)
pointwise = conv2d.forward(x, U, o, i, j, b)

pointwise_layer = Claim(
    id="5.2c-flatten-1x1",
    section="5.2",
    title=Text("1 × 1 卷积: 每个位置同一个全连接层", "a 1 × 1 convolution: one fully connected layer at every position"),
    chain=(pointwise, sp.Sum(U[o, l_, 0, 0] * x[l_, i, j], CHANNELS) + b[o]),
    near_misses=(
        NearMiss(
            Text("在展平的图像上的全连接层", "the layer on the flattened image"),
            lambda: (
                pointwise,
                sp.Sum(U[o, l_, 0, 0] * x[l_, i_, j_], (j_, 0, m2 - 1), (i_, 0, m1 - 1), CHANNELS) + b[o],
            ),
        ),
        NearMiss(
            Text("不混合通道", "channels not mixed"),
            lambda: (pointwise, U[o, 0, 0, 0] * x[0, i, j] + b[o]),
        ),
    ),
    numeric=_measure(
        Text("每个像素上的 reference.linear, 与 reference.conv2d 比较", "reference.linear at every pixel against reference.conv2d"),
        lambda case: _by_pixel(case)[0],
        lambda case: _by_pixel(case)[1],
    ),
    conditions=Text("步幅 1, 不补零; 任意 c, d 与图像大小.", "Stride 1, no padding; any c, d and image size."),
)


def _by_pixel(case):
    random = np.random.default_rng(8)
    channels = case.x.shape[1]
    weights_, bias = random.normal(size=(3, channels)).astype(case.dtype), random.normal(size=3).astype(case.dtype)
    pixels = np.moveaxis(case.x[0], 0, -1).reshape(-1, channels).copy()
    dense = linear_layer.forward(pixels, weights_, bias).T.reshape(1, 3, *case.x.shape[2:])
    return dense, conv2d_layer.forward(case.x, weights_[:, :, None, None], bias)


DERIVATION = Derivation(
    title=Text("激活, 池化与展平的梯度", "gradients of activation, pooling and flattening"),
    context=CONTEXT,
    claims=(
        activation,
        subgradient,
        average,
        kronecker,
        global_average,
        maximum,
        unique,
        layer,
        kink,
        hull,
        only,
        flattened,
        unflattened,
        pointwise_layer,
    ),
    source="lecture note, section 5.2",
)
