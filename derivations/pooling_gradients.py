"""Section 5.2: the gradients of activation, pooling and flattening layers.

Average pooling and flattening are linear, so their gradients are entry derivatives from the definitions in `cnnsym.layers`.
ReLU has none at 0, and subgradients instead. Max pooling has a module of its own, `max_pooling_gradients`.
"""

import numpy as np
import sympy as sp

from cnnsym import (
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
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, Entailment, NearMiss, Step, Text
from cnnsym.layers import avg_pool2d, conv2d, flatten, gap
from cnnsym.measurement import compared_on
from cnnsym.reference import avg_pool2d as avg_pool2d_layer
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import flatten as flatten_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import relu as relu_layer

CONTEXT = r"""
let c, d, k, s, m_1, m_2, P_1, P_2 : size
let p : integer nonnegative
let x : signal(c, m_1, m_2)                     # an image
let g : signal(c, P_1, P_2)                     # the gradient of the cost by the output of pooling
let \xi : signal(c, k*P_1, k*P_2)               # an image that windows tile
let \gamma : signal(c)                          # the gradient by the output of GAP
let l : index(c); i : index(m_1); j : index(m_2); u : index(P_1); v : index(P_2)
let i_1 : index(k*P_1); j_1 : index(k*P_2)
let l_2 : index(c); i_2 : index(m_1); j_2 : index(m_2)
let t, \omega : scalar
where y_{l,u,v} = \frac{1}{k^2}\sum_{\alpha=0}^{k-1}\sum_{\beta=0}^{k-1} x_{l,su+\alpha-p,sv+\beta-p}
where J = \sum_{l,u,v} g_{l,u,v}\,y_{l,u,v}
where \hat{J} = \sum_{l,u,v} g_{l,u,v}\frac{1}{k^2}\sum_{\alpha=0}^{k-1}\sum_{\beta=0}^{k-1} \xi_{l,ku+\alpha,kv+\beta}
where \bar{J} = \sum_{l} \gamma_l\frac{1}{m_1m_2}\sum_{i,j} x_{l,i,j}
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

c, d, k, s, m1, m2, P1, P2 = dims("c d k s m_1 m_2 P_1 P_2")
p = sp.Symbol("p", integer=True, nonnegative=True)
x, g = signal("x", c, m1, m2), signal("g", c, P1, P2)
tiled, gamma = signal("xi", c, k * P1, k * P2), signal("gamma", c)
l, i, j = sp.Idx("l", c), sp.Idx("i", m1), sp.Idx("j", m2)
u, v, i1, j1 = sp.Idx("u", P1), sp.Idx("v", P2), sp.Idx("i_1", k * P1), sp.Idx("j_1", k * P2)
t, omega = sp.symbols("t omega", real=True)
# Bound indices.
l_, u_, v_, r_ = sp.symbols("l_2 u_2 v_2 r_2", integer=True)

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
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


class Case:
    """A random image, gradients by the outputs of pooling layers, and what the reference layers make of them."""

    def __init__(self, seed, dtype):
        random = np.random.default_rng(seed)
        channels, self.size, self.stride, self.padding, height, width = SHAPES[seed]
        self.dtype = dtype
        self.options = {"stride": self.stride, "padding": self.padding}
        self.x = random.permutation(channels * height * width).reshape(1, channels, height, width).astype(dtype) / 7
        self.y = avg_pool2d_layer.forward(self.x, self.size, **self.options)
        self.g = random.normal(size=self.y.shape).astype(dtype)

    def average(self):
        return avg_pool2d_layer.backward(self.g, self.x.shape[2:], self.size, **self.options)

    def windows(self):
        """For each window its place, and the rows and columns it reads."""
        for u, v in np.ndindex(*self.y.shape[2:]):
            top, left = self.stride * u - self.padding, self.stride * v - self.padding
            rows = slice(max(top, 0), top + self.size)
            columns = slice(max(left, 0), left + self.size)
            yield (u, v), rows, columns


def _measure(what, formula, expected, seeds=ALL):
    """A formula in plain NumPy against the reference layers."""
    shapes = {seed: "c={}, window {}, stride {}, padding {}, {} x {}".format(*SHAPES[seed]) for seed in seeds}
    return compared_on(what, Case, shapes, formula, expected, TOLERANCE)


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
        NearMiss(
            Text("梯度是 ReLU 的值", "the gradient is the value of ReLU"), lambda: (by_S, hadamard(rectified, by_R))
        ),
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
        Text(
            "含像素的窗口之和, 与 reference.avg_pool2d.backward 比较",
            "the sum over windows against reference.avg_pool2d.backward",
        ),
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
e_u, e_v, e_a, e_b = (
    basis(q, n) for q, n in zip(sp.symbols("u_3 v_3 a_3 b_3", integer=True), (P1, P2, k, k), strict=True)
)

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
            Text(
                "像素 (ku + α, kv + β) 取到 g 的元素 (u, v)",
                "pixel (ku + α, kv + β) takes entry (u, v) of the gradient",
            ),
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
        lambda case: (
            np.stack([np.kron(each, np.ones((case.size, case.size), each.dtype)) for each in case.g[0]])[None]
            / case.size**2
        ),
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
    title=Text(
        "展平后的全连接层是核与图像一样大的卷积",
        "a fully connected layer on the flattened image is a convolution with kernels of its size",
    ),
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
                sp.Sum(V[o, (i_ * m2 + j_) * c + l_] * x[l_, i_, j_], (j_, 0, m2 - 1), (i_, 0, m1 - 1), CHANNELS)
                + b[o],
            ),
        ),
        NearMiss(
            Text("1 × 1 卷积就是展平后的全连接层", "a 1 × 1 convolution is the layer on the flattened image"),
            lambda: (connected, sp.Sum(V[o, l_] * x[l_, 0, 0], CHANNELS) + b[o]),
        ),
    ),
    numeric=_measure(
        Text(
            "reference.linear 在 reference.flatten 之后, 与 reference.conv2d 比较",
            "reference.linear after reference.flatten against reference.conv2d",
        ),
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
    conditions=Text(
        "θ 是 Cost 对展平后各元素的梯度.", "θ is the gradient of the cost by the entries of the flattened image."
    ),
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
    title=Text(
        "1 × 1 卷积: 每个位置同一个全连接层", "a 1 × 1 convolution: one fully connected layer at every position"
    ),
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
        Text(
            "每个像素上的 reference.linear, 与 reference.conv2d 比较",
            "reference.linear at every pixel against reference.conv2d",
        ),
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
    title=Text("激活, 平均池化与展平的梯度", "gradients of activation, average pooling and flattening"),
    context=CONTEXT,
    claims=(
        activation,
        subgradient,
        average,
        kronecker,
        global_average,
        flattened,
        unflattened,
        pointwise_layer,
    ),
    source="lecture note, section 5.2",
)
