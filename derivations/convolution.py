"""Section 5.2: the convolution layer as windows times filters, and all windows as the columns of a matrix (im2col).

Everything is entry by entry and begins at the definition of the layer, `cnnsym.layers.conv2d`: for every number of channels and
filters, every kernel size, stride, dilation and padding.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, indicator, signal
from cnnsym.claim import Claim, Derivation, Erratum, NearMiss, Step, Text
from cnnsym.layers import conv2d, im2col
from cnnsym.measurement import compared_on
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import im2col as im2col_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let c, d, k, s, \rho, m_1, m_2, P_1, P_2 : size
let p : integer nonnegative
let x : signal(c, m_1, m_2)                # the input of the layer
let W : signal(d, c, k, k); b : signal(d)
let o : index(d); l : index(c)
let \alpha, \beta : index(k)               # taps of the kernel
let u : index(P_1); v : index(P_2)         # windows
let i : index(m_1); j : index(m_2)         # pixels
where z_{l,\alpha,\beta,u,v} = x_{l,su+\rho\alpha-p,sv+\rho\beta-p}
where y_{o,u,v} = \sum_{l,\alpha,\beta} W_{o,l,\alpha,\beta}\, x_{l,su+\rho\alpha-p,sv+\rho\beta-p} + b_o
# Filters and windows in a row: t = (l k + alpha) k + beta.
let \xi : signal(c, k, k)                  # any window
where \bar{W}_{o,t} = W_{o,\lfloor\lfloor t/k\rfloor/k\rfloor,\lfloor t/k\rfloor\bmod k,t\bmod k}
where \bar{\xi}_{t} = \xi_{\lfloor\lfloor t/k\rfloor/k\rfloor,\lfloor t/k\rfloor\bmod k,t\bmod k}
where \bar{z}_{t,u,v} = z_{\lfloor\lfloor t/k\rfloor/k\rfloor,\lfloor t/k\rfloor\bmod k,t\bmod k,u,v}
where Z_{t,q} = \bar{z}_{t,\lfloor q/P_2\rfloor,q\bmod P_2}
# The layer above: filters V, bias h, the feature map of this layer with an activation f.
let d_2 : size
let f : elementwise
let V : signal(d_2, d, k, k); h : signal(d_2)
let o_2 : index(d_2)
where \bar{y}_{o,i,j} = [0\le i<P_1]\,[0\le j<P_2]\,f(y_{o,i,j})
where z^{+}_{o,\alpha,\beta,u,v} = \bar{y}_{o,su+\rho\alpha-p,sv+\rho\beta-p}
where y^{+}_{o_2,u,v} = \sum_{o,\alpha,\beta} V_{o_2,o,\alpha,\beta}\, \bar{y}_{o,su+\rho\alpha-p,sv+\rho\beta-p} + h_{o_2}
"""

c, d, k, s, rho, m1, m2, P1, P2 = dims("c d k s rho m_1 m_2 P_1 P_2")
p = sp.Symbol("p", integer=True, nonnegative=True)
x, W, b = signal("x", c, m1, m2), signal("W", d, c, k, k), signal("b", d)
o, l, alpha, beta = sp.Idx("o", d), sp.Idx("l", c), sp.Idx("alpha", k), sp.Idx("beta", k)
u, v, q = sp.Idx("u", P1), sp.Idx("v", P2), sp.Idx("q", P1 * P2)
# Bound indices.
o_, l_, a_, b_, u_, v_, t_ = sp.symbols("o_1 l_1 a_1 b_1 u_1 v_1 t_1", integer=True)
mu, nu = sp.symbols("mu nu", integer=True)

OPTIONS = {"stride": s, "dilation": rho, "padding": p}
TAPS = ((b_, 0, k - 1), (a_, 0, k - 1))
WINDOWS = ((v_, 0, P2 - 1), (u_, 0, P1 - 1))


def output(o, u, v):
    """The layer, by its definition."""
    return conv2d.forward(x, W, o, u, v, b, **OPTIONS)


def patch(l, a, b, u, v):
    return im2col.patch(x, l, a, b, u, v, **OPTIONS)


def digits(t):
    """Channel and tap of place `t` in a flattened filter: `t = (l k + a) k + b`."""
    across = sp.floor(t / k)
    return sp.floor(across / k), sp.Mod(across, k), sp.Mod(t, k)


def window_place(q):
    return sp.floor(q / P2), sp.Mod(q, P2)


y = output(o, u, v)
filters = W[o, l, alpha, beta]

# --- numbers ---------------------------------------------------------------------------------------------------------

# c, d, k, stride, dilation, padding, height, width: a remainder in both directions, then in one, then windows side by side.
SHAPES = ((3, 2, 3, 2, 1, 1, 8, 6), (2, 3, 2, 3, 2, 2, 7, 9), (1, 2, 3, 1, 2, 0, 6, 5), (2, 2, 2, 2, 1, 0, 4, 6))
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


class Case:
    """One layer with random numbers, and what the reference layer makes of it."""

    def __init__(self, seed, dtype):
        random = np.random.default_rng(seed)
        channels, filters_, size, stride, dilation, padding, height, width = SHAPES[seed]
        self.options = {"stride": stride, "dilation": dilation, "padding": padding}
        self.x = random.normal(size=(1, channels, height, width)).astype(dtype)
        self.W = random.normal(size=(filters_, channels, size, size)).astype(dtype)
        self.b = random.normal(size=filters_).astype(dtype)
        self.y = conv2d_layer.forward(self.x, self.W, self.b, **self.options)
        self.z = self._patches()

    def _patches(self):
        """`z[l, a, b, u, v]`, read pixel by pixel, zero outside."""
        stride, dilation, padding = self.options.values()
        size, (channels, height, width) = self.W.shape[2], self.x.shape[1:]
        z = np.zeros((channels, size, size, *self.y.shape[2:]), self.x.dtype)
        for channel, a, b, u, v in np.ndindex(z.shape):
            i, j = stride * u + dilation * a - padding, stride * v + dilation * b - padding
            if 0 <= i < height and 0 <= j < width:
                z[channel, a, b, u, v] = self.x[0, channel, i, j]
        return z


def _measure(what, formula, expected, seeds=(0, 1, 2, 3)):
    """A formula in plain NumPy against the reference layers."""
    shapes = {seed: "c={}, d={}, k={}, stride {}, dilation {}, padding {}, {} x {}".format(*SHAPES[seed]) for seed in seeds}
    return compared_on(what, Case, shapes, formula, expected, TOLERANCE)


def _flat_filters(case):
    return case.W.reshape(len(case.W), -1)


def _columns(case):
    return case.z.reshape(_flat_filters(case).shape[1], -1)


ANY = Text(
    "任意通道数, 滤波器数, 核的大小, 步幅 s, 膨胀 ρ 与补零 p; 图像以外为零.",
    "Any numbers of channels and filters, any kernel size, stride s, dilation ρ and padding p; the image is zero outside.",
)
DEFINITION = Text("卷积层的定义", "definition of the convolution layer")
SOURCE = "Chellapilla, Puri and Simard, High performance convolutional neural networks for document processing (2006)"

# --- the model -------------------------------------------------------------------------------------------------------

fan_in = sp.Sum(1, *TAPS, (l_, 0, c - 1))
connections = Claim(
    id="5.2-n",
    section="5.2",
    title=Text("一个输出的连接数", "the number of inputs of one output"),
    chain=(fan_in, k**2 * c),
    also=((sp.Sum(1, *TAPS, (l_, 0, c - 1), *WINDOWS, (o_, 0, d - 1)), k**2 * c * d * P1 * P2),),
    steps=(
        Step(sp.Sum(1, *TAPS), k**2, Text("一个通道的窗口有 k × k 个像素", "a window has k × k pixels in one channel")),
        Step(fan_in, c * sp.Sum(1, *TAPS), Text("每个通道一样多", "as many in every channel")),
    ),
    near_misses=(
        NearMiss(Text("漏掉一个方向: kc", "one direction only: kc"), lambda: (fan_in, k * c)),
        NearMiss(Text("漏掉通道: k²", "the channels forgotten: k²"), lambda: (fan_in, k**2)),
        NearMiss(Text("滤波器数代替通道数: k²d", "filters instead of channels: k²d"), lambda: (fan_in, k**2 * d)),
        NearMiss(
            Text("整层也只有 k²c 个连接", "k²c connections of the whole layer"),
            lambda: (sp.Sum(1, *TAPS, (l_, 0, c - 1), *WINDOWS, (o_, 0, d - 1)), k**2 * c),
        ),
    ),
    numeric=_measure(
        Text("im2col 的行数与 k²c 比较", "the rows of im2col against k²c"),
        lambda case: np.array([case.W.shape[2] ** 2 * case.W.shape[1]]),
        lambda case: np.array([im2col_layer.forward(case.x, case.W.shape[2], **case.options).shape[1]]),
    ),
    conditions=ANY,
)

xi = signal("xi", c, k, k)  # any window
product = sp.Sum(W[o, l_, a_, b_] * xi[l_, a_, b_], *TAPS, (l_, 0, c - 1))
flat = sp.Sum(W[(o, *digits(t_))] * xi[digits(t_)], (t_, 0, k**2 * c - 1))

filter_matrix = Claim(
    id="5.2-W",
    section="5.2",
    title=Text("每个滤波器是 W 的一行", "every filter is a row of W"),
    chain=(product, flat),
    also=((sp.Sum(1, (t_, 0, k**2 * c - 1), (o_, 0, d - 1)), d * (k**2 * c)),),
    steps=(
        Step(
            sp.Sum(W[o, l, a_, b_] * xi[l, a_, b_], *TAPS),
            sp.Sum(
                W[o, l, sp.floor(t_ / k), sp.Mod(t_, k)] * xi[l, sp.floor(t_ / k), sp.Mod(t_, k)], (t_, 0, k**2 - 1)
            ),
            Text(
                "t = αk + β 把 (α, β) 一一对应到 0 .. k² - 1; 通道同理",
                "t = αk + β is a bijection from (α, β) to 0 .. k² - 1; the channel likewise",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("只有滤波器按列展开 (α, β 互换)", "only the filter flattened by columns (α and β swapped)"),
            lambda: (product, sp.Sum(W[o, l_, a_, b_] * xi[l_, b_, a_], *TAPS, (l_, 0, c - 1))),
        ),
        NearMiss(
            Text("每个通道少一行", "one row too few in every channel"),
            lambda: (
                product,
                sp.Sum(W[o, l_, a_, b_] * xi[l_, a_, b_], (b_, 0, k - 1), (a_, 0, k - 2), (l_, 0, c - 1)),
            ),
        ),
        NearMiss(
            Text("翻转滤波器", "the filter flipped"),
            lambda: (product, sp.Sum(W[o, l_, k - 1 - a_, k - 1 - b_] * xi[l_, a_, b_], *TAPS, (l_, 0, c - 1))),
        ),
        NearMiss(
            Text("每个窗口有自己的权重: d × nP 个", "weights of its own for every window: d × nP"),
            lambda: (sp.Sum(1, (t_, 0, k**2 * c - 1), *WINDOWS, (o_, 0, d - 1)), d * (k**2 * c)),
        ),
    ),
    numeric=_measure(
        Text("W 的行与窗口的内积, 与 reference.conv2d 比较", "rows of W times windows against reference.conv2d"),
        lambda case: (_flat_filters(case) @ _columns(case) + case.b[:, None]).reshape(case.y.shape[1:]),
        lambda case: case.y[0],
    ),
    conditions=Text(
        "任意 c, d, k; ξ 是任意的 c × k × k 数组. 滤波器与窗口用同一种次序展开即可, 这里通道最慢, 列最快.",
        "Any c, d, k; ξ is any c × k × k array. Any order will do if filters and windows share it; here the channel is slowest, the column fastest.",
    ),
)

by_filter = sp.Derivative(y, filters)
row_major = (l * k + alpha) * k + beta

window = Claim(
    id="5.2-z",
    section="5.2",
    title=Text("窗口的列向量", "the column of a window"),
    chain=(patch(l, alpha, beta, u, v), by_filter),
    also=((xi[digits(row_major)], xi[l, alpha, beta]),),
    steps=(
        Step(
            sp.floor(row_major / k),
            l * k + alpha,
            Text("(lk + α)k + β 的各位数字是 l, α, β", "the digits of (lk + α)k + β are l, α, β"),
        ),
        Step(
            by_filter,
            sp.Derivative(sp.Sum(W[o, l_, a_, b_] * patch(l_, a_, b_, u, v), *TAPS, (l_, 0, c - 1)), filters),
            Text("偏置是常数", "the bias is constant"),
        ),
        Step(
            by_filter,
            patch(l, alpha, beta, u, v),
            Text("W 的每个元素只乘一个像素", "every entry of W multiplies one pixel"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("通道在最后: (αk + β)c + l", "the channel last: (αk + β)c + l"),
            lambda: (xi[digits((alpha * k + beta) * c + l)], xi[l, alpha, beta]),
        ),
        NearMiss(
            Text("窗口按列展开: (lk + β)k + α", "the window flattened by columns: (lk + β)k + α"),
            lambda: (xi[digits((l * k + beta) * k + alpha)], xi[l, alpha, beta]),
        ),
        NearMiss(
            Text("行与列的位置互换", "rows and columns of windows swapped"),
            lambda: (by_filter, x[l, s * v + rho * alpha - p, s * u + rho * beta - p]),
        ),
        NearMiss(
            Text("真正的卷积: 翻转", "a true convolution: flipped"),
            lambda: (by_filter, x[l, s * u - rho * alpha + p, s * v - rho * beta + p]),
        ),
        NearMiss(
            Text("步幅乘在核上", "the stride at the taps"),
            lambda: (by_filter, x[l, u + s * rho * alpha - p, v + s * rho * beta - p]),
        ),
    ),
    numeric=_measure(
        Text("z 按定义取像素, 与 reference.im2col 比较", "z pixel by pixel against reference.im2col"),
        _columns,
        lambda case: im2col_layer.forward(case.x, case.W.shape[2], **case.options)[0],
    ),
    conditions=ANY,
)


f = elementwise("f")
d2 = dims("d_2")
V, h = signal("V", d2, d, k, k), signal("h", d2)
o2 = sp.Idx("o_2", d2)
row, column = s * u + rho * a_ - p, s * v + rho * b_ - p  # what tap (a, b) of the layer above reads


def within(i, j):
    return indicator(sp.And(i >= 0, i <= P1 - 1)) * indicator(sp.And(j >= 0, j <= P2 - 1))


class FeatureMap:
    """f of the output of the layer, zero outside of its positions."""

    def __getitem__(self, at):
        o, i, j = at
        return f(output(o, i, j)) * within(i, j)


above = conv2d.forward(FeatureMap(), V, o2, u, v, h, **OPTIONS)
ABOVE = (*TAPS, (o_, 0, d - 1))

model_corrected = Claim(
    id="5.2-model-next-corrected",
    section="5.2",
    title=Text("上一层从特征图取窗口", "the next layer takes its windows from the feature map"),
    chain=(above, sp.Sum(V[o2, o_, a_, b_] * within(row, column) * f(output(o_, row, column)), *ABOVE) + h[o2]),
    steps=(
        Step(
            output(o_, row, column),
            sp.Sum(W[o_, l_, mu, nu] * patch(l_, mu, nu, row, column), (nu, 0, k - 1), (mu, 0, k - 1), (l_, 0, c - 1))
            + b[o_],
            DEFINITION,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("先补零再激活: f(0) 不一定是 0", "padded before the activation: f(0) need not be 0"),
            lambda: (
                above,
                sp.Sum(V[o2, o_, a_, b_] * f(within(row, column) * output(o_, row, column)), *ABOVE) + h[o2],
            ),
        ),
        NearMiss(
            Text("窗口里只有同一个位置", "the same position throughout the window"),
            lambda: (above, sp.Sum(V[o2, o_, a_, b_] * f(output(o_, u, v)), *ABOVE) + h[o2]),
        ),
        NearMiss(
            Text("先取窗口再卷积, 没有激活", "no activation in between"),
            lambda: (above, sp.Sum(V[o2, o_, a_, b_] * within(row, column) * output(o_, row, column), *ABOVE) + h[o2]),
        ),
    ),
    numeric=_measure(
        Text("两层卷积, 中间 tanh, 与参考层比较", "two layers with tanh in between against the reference layers"),
        lambda case: _above(case),
        lambda case: conv2d_layer.forward(tanh.forward(case.y), _weights_above(case), padding=case.W.shape[2] - 1)[0],
    ),
    conditions=ANY,
)

next_window = (within(row, column) * f(output(o, row, column))).xreplace({a_: alpha, b_: beta})

model_next = Claim(
    id="5.2-model-next",
    section="5.2",
    title=Text("照原文: 激活层的输出就是下一层的窗口", "as printed: the output of the activation is the next window"),
    chain=(next_window, f(output(o, u, v))),
    expected="refuted",
    near_misses=(
        NearMiss(
            Text("步幅 1, 不补零时也成立", "valid at least for stride 1 without padding"),
            lambda: (
                next_window.xreplace({s: sp.S.One, p: sp.S.Zero}),
                f(output(o, u, v)).xreplace({s: sp.S.One, p: sp.S.Zero}),
            ),
        ),
    ),
    conditions=Text(
        "上一层的核, 步幅与补零和这一层相同.", "The layer above has the kernel size, stride and padding of this one."
    ),
    erratum=Erratum(
        printed=r"\boldsymbol{z}_{i+1} = f(\boldsymbol{s}_i)",
        corrected=r"Z_{i+1} = \mathrm{im2col}(f(S_i))",
        explanation=Text(
            "f(s_i) 有 d 个元素, 下一层的窗口有 k²d 个 (d = 2, k = 3: 2 与 18). 即使只看一个抽头, 它读到的也是别的位置. 缺的一步: 先把所有位置拼成特征图, 再取窗口 (5.2-model-next-corrected).",
            "f(s_i) has d entries, a window of the next layer k²d (2 and 18 for d = 2, k = 3). Even a single tap reads another position. The missing step: assemble all positions into a feature map, then take windows (5.2-model-next-corrected).",
        ),
    ),
)


def _weights_above(case):
    return np.flip(case.W, axis=(1, 2)).swapaxes(0, 1).copy()


def _above(case):
    """The layer above with as much padding as is useful, window by window: activation first, zeros afterwards."""
    weights, y = _weights_above(case), np.tanh(case.y[0])
    (filters_, _, size, _), (height, width) = weights.shape, y.shape[1:]
    padding = size - 1
    result = np.zeros((filters_, height + 2 * padding - size + 1, width + 2 * padding - size + 1), y.dtype)
    for u, v, a, b in np.ndindex(*result.shape[1:], size, size):
        i, j = u + a - padding, v + b - padding
        if 0 <= i < height and 0 <= j < width:
            result[:, u, v] += weights[:, :, a, b] @ y[:, i, j]
    return result


# --- im2col ----------------------------------------------------------------------------------------------------------


def entry(l, a, b, q):
    """Row (l k + a) k + b and column q of Z = im2col(x)."""
    return im2col.forward(x, (l * k + a) * k + b, q, (k, k), P2, **OPTIONS)


total = sp.Sum(W[o, l_, a_, b_] * entry(l_, a_, b_, P2 * u + v), *TAPS, (l_, 0, c - 1))
columns = Claim(
    id="5.2c-im2col",
    section="5.2",
    title=Text("卷积层是矩阵乘积", "the layer as a product of matrices"),
    chain=(y, total + b[o]),
    steps=(
        Step(y, sp.Sum(W[o, l_, a_, b_] * patch(l_, a_, b_, u, v), *TAPS, (l_, 0, c - 1)) + b[o], DEFINITION),
        Step(sp.floor((P2 * u + v) / P2), u, Text("第 P₂u + v 列是窗口 (u, v)", "column P₂u + v is window (u, v)")),
        Step(sp.Mod(P2 * u + v, P2), v, Text("第 P₂u + v 列是窗口 (u, v)", "column P₂u + v is window (u, v)")),
    ),
    near_misses=(
        NearMiss(
            Text("翻转核: 真正的卷积", "the kernel flipped: a true convolution"),
            lambda: (
                y,
                sp.Sum(W[o, l_, a_, b_] * patch(l_, k - 1 - a_, k - 1 - b_, u, v), *TAPS, (l_, 0, c - 1)) + b[o],
            ),
        ),
        NearMiss(
            Text("窗口按列排序: q = P₁ v + u", "windows counted by columns: q = P₁ v + u"),
            lambda: (y, output(o, *(e.subs(q, P1 * v + u) for e in window_place(q)))),
        ),
        NearMiss(
            Text("每行有 P₁ 个窗口: q = P₁ u + v", "P₁ windows side by side: q = P₁ u + v"),
            lambda: (y, output(o, *(e.subs(q, P1 * u + v) for e in window_place(q)))),
        ),
        NearMiss(Text("漏掉偏置", "the bias left out"), lambda: (y, y - b[o])),
    ),
    numeric=_measure(
        Text("W im2col(x) + b 1' 与 reference.conv2d 比较", "W im2col(x) + b 1' against reference.conv2d"),
        lambda case: (
            _flat_filters(case) @ im2col_layer.forward(case.x, case.W.shape[2], **case.options)[0] + case.b[:, None]
        ).reshape(case.y.shape[1:]),
        lambda case: case.y[0],
    ),
    conditions=ANY,
    source=SOURCE,
)

DERIVATION = Derivation(
    title=Text("卷积层与 im2col", "the convolution layer and im2col"),
    context=CONTEXT,
    claims=(connections, filter_matrix, window, model_next, model_corrected, columns),
    source="lecture note, section 5.2",
)
