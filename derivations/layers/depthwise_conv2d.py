"""Grouped and depthwise convolution: a dense convolution with a block-diagonal kernel, its size, its backward pass.

G groups of e channels and f filters each: channel e h + l and filter f h + o belong to group h. The cost is J = sum g y: with g
the gradient by the output its derivatives are those of the cost, by the chain rule.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import conv2d, depthwise_conv2d
from cnnsym.measurement import compared
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import depthwise_conv2d as depthwise_layer

CONTEXT = r"""
let G, e, f, C : size                     # groups, channels and filters of each; channels of the depthwise layer
let H, W, K, L, P_1, P_2, s, \rho : size  # image, kernel, output, stride, dilation
let r : integer nonnegative               # padding
let x : signal(G*e, H, W); V : signal(G*f, e, K, L); g : signal(G*f, P_1, P_2)
let X : signal(C, H, W); D : signal(C, K, L); q : signal(C, P_1, P_2)
let h : index(G); o : index(f); l : index(e); k : index(C)
let i : index(H); j : index(W); \alpha : index(K); \beta : index(L)
let u, v : integer
where y_{h,o,u,v} = \sum_{l=0}^{e-1}\sum_{a=0}^{K-1}\sum_{b=0}^{L-1} V_{fh+o,l,a,b}\,x_{eh+l,su+\rho a-r,sv+\rho b-r}
where M_{h,o,c,a,b} = [eh \le c < eh+e]\,V_{fh+o,c-eh,a,b}
where J = \sum_{m=0}^{G-1}\sum_{n=0}^{f-1}\sum_{u=0}^{P_1-1}\sum_{v=0}^{P_2-1} g_{fm+n,u,v}\,y_{m,n,u,v}
where Y_{c,u,v} = \sum_{a=0}^{K-1}\sum_{b=0}^{L-1} D_{c,a,b}\,X_{c,su+\rho a-r,sv+\rho b-r}
where J_D = \sum_{c=0}^{C-1}\sum_{u=0}^{P_1-1}\sum_{v=0}^{P_2-1} q_{c,u,v}\,Y_{c,u,v}
"""

G, e, f, C, H, W, K, L, P1, P2, s, rho = dims("G e f C H W K L P_1 P_2 s rho")
r = sp.Symbol("r", integer=True, nonnegative=True)
x, V, g = signal("x", G * e, H, W), signal("V", G * f, e, K, L), signal("g", G * f, P1, P2)
X, D, q = signal("X", C, H, W), signal("D", C, K, L), signal("q", C, P1, P2)
h, o, l, k = sp.Idx("h", G), sp.Idx("o", f), sp.Idx("l", e), sp.Idx("k", C)
i, j, alpha, beta = sp.Idx("i", H), sp.Idx("j", W), sp.Idx("alpha", K), sp.Idx("beta", L)
u, v = sp.symbols("u v", integer=True)
c, m, n, a, b, u_, v_ = sp.symbols("c m n a b u_1 v_1", integer=True)  # summation indices

OPTIONS = {"stride": s, "dilation": rho, "padding": r}
TAPS = ((b, 0, L - 1), (a, 0, K - 1))
WINDOWS = ((v_, 0, P2 - 1), (u_, 0, P1 - 1))

output = depthwise_conv2d.grouped(x, V, h, o, u, v, G, **OPTIONS)


def block(h, o, c):
    """The kernel of the dense layer: that of the group where channel c belongs to it, else 0."""
    return indicator(sp.And(c >= e * h, c < e * h + e)) * V[f * h + o, c - e * h, a, b]


def read(image, channel, u, v, tap=(a, b)):
    return image[(channel, *conv2d.position(u, v, *tap, s, rho, r))]


def lands(i, j):
    """Whether tap (a, b) of the window at (u_, v_) is at (i, j)."""
    row, column = conv2d.position(u_, v_, a, b, s, rho, r)
    return indicator(sp.And(sp.Eq(row, i), sp.Eq(column, j)))


dense = sp.Sum(block(h, o, c) * read(x, c, u, v), *TAPS, (c, 0, G * e - 1))
J = sp.Sum(
    g[f * m + n, u_, v_] * depthwise_conv2d.grouped(x, V, m, n, u_, v_, G, **OPTIONS),
    *WINDOWS,
    (n, 0, f - 1),
    (m, 0, G - 1),
)
by_x = sp.Derivative(J, x[e * h + l, i, j])
back = sp.Sum(V[f * h + n, l, a, b] * g[f * h + n, u_, v_] * lands(i, j), *TAPS, *WINDOWS, (n, 0, f - 1))
by_V = sp.Derivative(J, V[f * h + o, l, alpha, beta])
correlation = sp.Sum(g[f * h + o, u_, v_] * read(x, e * h + l, u_, v_, (alpha, beta)), *WINDOWS)

J_D = sp.Sum(q[c, u_, v_] * depthwise_conv2d.forward(X, D, c, u_, v_, **OPTIONS), *WINDOWS, (c, 0, C - 1))
by_X = sp.Derivative(J_D, X[k, i, j])
back_X = sp.Sum(D[k, a, b] * q[k, u_, v_] * lands(i, j), *TAPS, *WINDOWS)
by_D = sp.Derivative(J_D, D[k, alpha, beta])
correlation_D = sp.Sum(q[k, u_, v_] * read(X, k, u_, v_, (alpha, beta)), *WINDOWS)


TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


def _dense_kernel(weights, groups):
    """The block-diagonal kernel (d, c, kh, kw) of grouped weights (d, c / G, kh, kw)."""
    filters, channels = len(weights), weights.shape[1]
    full = np.zeros((filters, groups * channels, *weights.shape[2:]), weights.dtype)
    for number in range(filters):
        group = number // (filters // groups)
        full[number, group * channels : (group + 1) * channels] = weights[number]
    return full


def _grouped(random, dtype, G, e, f, stride, dilation, padding):
    """Dense layers with a block-diagonal kernel against grouped ones: forwards, by x, by the kernel."""
    options = {"stride": stride, "dilation": dilation, "padding": padding}
    picture = random.normal(size=(2, G * e, 9, 8)).astype(dtype)
    weights = random.normal(size=(G * f, e, 3, 2)).astype(dtype)
    full = _dense_kernel(weights, G)
    apart = conv2d_layer.forward(picture, weights, groups=G, **options)
    grad = random.normal(size=apart.shape).astype(dtype)
    grad_x, grad_w, _ = conv2d_layer.backward(grad, picture, weights, groups=G, **options)
    dense_x, dense_w, _ = conv2d_layer.backward(grad, picture, full, **options)
    blocks = dense_w[_dense_kernel(np.ones_like(weights), G) == 1]
    return _row(conv2d_layer.forward(picture, full, **options), dense_x, blocks), _row(apart, grad_x, grad_w)


def _row(*arrays):
    return np.concatenate([np.ravel(each) for each in arrays])


def _depthwise(random, dtype, C, stride, dilation, padding):
    """The formulas, written as loops over taps, against the reference layer."""
    options = {"stride": stride, "dilation": dilation, "padding": padding}
    picture, weights = random.normal(size=(1, C, 8, 7)).astype(dtype), random.normal(size=(C, 3, 2)).astype(dtype)
    out = depthwise_layer.forward(picture, weights, **options)
    grad = random.normal(size=out.shape).astype(dtype)
    padded = np.pad(picture, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    by_picture, by_kernel = np.zeros_like(padded), np.zeros_like(weights)
    for tap in np.ndindex(3, 2):
        rows, columns = (
            slice(dilation * t, dilation * t + stride * (size - 1) + 1, stride)
            for t, size in zip(tap, out.shape[2:], strict=True)
        )
        by_picture[:, :, rows, columns] += weights[:, tap[0], tap[1]][None, :, None, None] * grad
        by_kernel[:, tap[0], tap[1]] = (grad * padded[:, :, rows, columns]).sum(axis=(0, 2, 3))
    inside = slice(padding, -padding or None)
    theirs = depthwise_layer.backward(grad, picture, weights, **options)
    return _row(by_picture[:, :, inside, inside], by_kernel), _row(*theirs[:2])


AGAINST_DENSE = compared(
    Text("块对角核的稠密层, 对照分组层", "dense layers with a block-diagonal kernel, against grouped ones"),
    (
        {"G": 1, "e": 2, "f": 3, "stride": 2, "dilation": 1, "padding": 0},
        {"G": 2, "e": 3, "f": 2, "stride": 1, "dilation": 2, "padding": 1},
        {"G": 3, "e": 1, "f": 2, "stride": 2, "dilation": 1, "padding": 2},
    ),
    _grouped,
    TOLERANCE,
)

ANY = Text(
    "任意尺寸, 步长, 膨胀与填充; c = Ge, d = Gf, 通道与滤波器按次序分组.",
    "Any sizes, stride, dilation and padding; c = Ge and d = Gf, channels and filters grouped in order.",
)

as_dense = Claim(
    id="ext-grouped-depthwise",
    section="ext",
    title=Text("分组卷积是块对角核的稠密卷积", "grouped convolution is dense convolution with a block-diagonal kernel"),
    chain=(output, dense),
    near_misses=(
        NearMiss(
            Text("交错分组: 通道 Gl + h", "interleaved groups: channel G l + h"),
            lambda: (
                depthwise_conv2d.grouped(x, V, h, o, u, v, G),
                sp.Sum(V[f * h + o, c, a, b] * x[G * c + h, u + a, v + b], *TAPS, (c, 0, e - 1)),
            ),
        ),
        NearMiss(
            Text("同样的权重看到所有组的通道", "the same weights see the channels of all groups"),
            lambda: (
                depthwise_conv2d.grouped(x, V, h, o, u, v, G),
                sp.Sum(V[f * h + o, sp.Mod(c, e), a, b] * x[c, u + a, v + b], *TAPS, (c, 0, G * e - 1)),
            ),
        ),
        NearMiss(
            Text(
                "块的位置按滤波器数取: f h 而不是 e h", "the block placed by the number of filters: f h instead of e h"
            ),
            lambda: (
                depthwise_conv2d.grouped(x, V, h, o, u, v, G),
                sp.Sum(V[f * h + o, c, a, b] * x[f * h + c, u + a, v + b], *TAPS, (c, 0, e - 1)),
            ),
        ),
    ),
    numeric=AGAINST_DENSE,
    conditions=ANY,
    source="Krizhevsky, Sutskever and Hinton 2012, section 3.5",
)

belongs = indicator(sp.Eq(sp.floor(n / f), sp.floor(c / e)))
filters_and_channels = ((n, 0, G * f - 1), (c, 0, G * e - 1))
count = K**2 * sp.Sum(belongs, *filters_and_channels)


def _counted(random, dtype, G, e, f, k):
    full = _dense_kernel(np.ones((G * f, e, k, k), dtype), G)
    return np.count_nonzero(full), k**2 * (G * e) * (G * f) / G


parameters = Claim(
    id="ext-grouped-depthwise-count",
    section="ext",
    title=Text("参数个数是 k²cd/G", "the number of parameters is k²cd/G"),
    chain=(count, K**2 * (G * e) * (G * f) / G),
    near_misses=(
        NearMiss(
            Text("与稠密层相同: k²cd", "that of the dense layer: k²cd"), lambda: (count, K**2 * (G * e) * (G * f))
        ),
        NearMiss(Text("k²cd/G²", "k²cd/G²"), lambda: (count, K**2 * e * f)),
        NearMiss(Text("k²c/G", "k²c/G"), lambda: (count, K**2 * e)),
    ),
    numeric=compared(
        Text("块对角核中不为零的权重", "the weights of a block-diagonal kernel that are not zero"),
        ({"G": 1, "e": 2, "f": 3, "k": 2}, {"G": 3, "e": 2, "f": 1, "k": 3}, {"G": 4, "e": 1, "f": 1, "k": 3}),
        _counted,
    ),
    conditions=Text(
        "左边数同组的 (滤波器, 通道) 对, 每对有 k² 个权重; c = Ge, d = Gf. 深度卷积: G = c = d, 参数 k²c 个.",
        "The left side counts the pairs of a filter and a channel in one group; each has k² weights; c = Ge, d = Gf. Depthwise: "
        "G = c = d, and k²c parameters.",
    ),
)

input_gradient = Claim(
    id="ext-grouped-depthwise-input",
    section="ext",
    title=Text("分组卷积对输入的梯度", "the gradient of grouped convolution by its input"),
    chain=(by_x, back),
    near_misses=(
        NearMiss(
            Text("方向相反: 抽头 a 到像素 u - a", "the other direction: tap a reaches pixel u - a"),
            lambda: (
                sp.Derivative(depthwise_conv2d.grouped(x, V, h, o, u, v, G), x[e * h + l, i, j]),
                sp.Sum(V[f * h + o, l, a, b] * indicator(sp.And(sp.Eq(u - a, i), sp.Eq(v - b, j))), *TAPS),
            ),
        ),
        NearMiss(
            Text("别组的通道也有梯度", "a channel of another group has a gradient as well"),
            lambda: (
                sp.Derivative(depthwise_conv2d.grouped(x, V, h, o, u, v, G), x[l, i, j]),
                sp.Sum(V[f * h + o, l, a, b] * indicator(sp.And(sp.Eq(u + a, i), sp.Eq(v + b, j))), *TAPS),
            ),
        ),
    ),
    numeric=AGAINST_DENSE,
    conditions=ANY,
)

kernel_gradient = Claim(
    id="ext-grouped-depthwise-kernel",
    section="ext",
    title=Text(
        "分组卷积对核的梯度: 稠密梯度限制在块上",
        "the gradient by the kernel: that of the dense layer, restricted to the blocks",
    ),
    chain=(by_V, correlation),
    near_misses=(
        NearMiss(
            Text("用了第一组的通道", "the channels of the first group used"),
            lambda: (
                sp.Derivative(depthwise_conv2d.grouped(x, V, h, o, u, v, G), V[f * h + o, l, alpha, beta]),
                x[l, u + alpha, v + beta],
            ),
        ),
        NearMiss(
            Text("窗口翻转", "the window flipped"),
            lambda: (
                sp.Derivative(depthwise_conv2d.grouped(x, V, h, o, u, v, G), V[f * h + o, l, alpha, beta]),
                x[e * h + l, u - alpha, v - beta],
            ),
        ),
    ),
    numeric=AGAINST_DENSE,
    conditions=ANY,
)

depthwise = Claim(
    id="layer-depthwise-conv2d-backward",
    section="layers",
    title=Text("深度卷积的反向传播", "backpropagation through a depthwise convolution"),
    chain=(by_X, back_X),
    also=((by_D, correlation_D),),
    steps=(
        Step(
            depthwise_conv2d.forward(X, D, k, u, v, **OPTIONS),
            sp.Sum(D[k, a, b] * read(X, k, u, v), *TAPS),
            Text("层的定义, 逐元素", "the definition of the layer, entry by entry"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("所有通道的梯度相加", "the gradients of all channels added"),
            lambda: (
                sp.Derivative(sp.Sum(q[c, 0, 0] * depthwise_conv2d.forward(X, D, c, 0, 0), (c, 0, C - 1)), X[k, i, j]),
                sp.Sum(q[c, 0, 0], (c, 0, C - 1)) * D[k, i, j],
            ),
        ),
        NearMiss(
            Text("核没有翻转", "the kernel not flipped"),
            lambda: (
                sp.Derivative(sp.Sum(q[k, u_, v_] * depthwise_conv2d.forward(X, D, k, u_, v_), *WINDOWS), X[k, i, j]),
                sp.Sum(D[k, a, b] * q[k, i + a, j + b], *TAPS),
            ),
        ),
    ),
    numeric=compared(
        Text("对 x 与核的梯度", "the gradients by x and by the kernel"),
        (
            {"C": 1, "stride": 1, "dilation": 1, "padding": 0},
            {"C": 3, "stride": 2, "dilation": 1, "padding": 1},
            {"C": 2, "stride": 1, "dilation": 2, "padding": 2},
        ),
        _depthwise,
        TOLERANCE,
    ),
    conditions=Text("任意尺寸, 步长, 膨胀与填充.", "Any sizes, stride, dilation and padding."),
    source="Howard and others 2017, section 3.1",
)

DERIVATION = Derivation(
    title=Text("分组卷积与深度卷积", "grouped and depthwise convolution"),
    context=CONTEXT,
    claims=(as_dense, parameters, input_gradient, kernel_gradient, depthwise),
    source="cnnsym.layers.depthwise_conv2d",
)
