"""The transposed convolution: the adjoint of the convolution, its backward pass, its output sizes; it is no inverse."""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Text
from cnnsym.layers import conv2d, conv_transpose2d
from cnnsym.measurement import compared
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import conv_transpose2d as transposed_layer

CONTEXT = r"""
let c, d, H, W, K, L, P, Q, s, \rho : size   # channels in and out, image, kernel, output, stride, dilation
let r : integer nonnegative                  # padding
let x : signal(c, H, W); V : signal(c, d, K, L)
let g : signal(d, P, Q)                      # an image of the size of the output
let l : index(c); o : index(d); \alpha : index(K); \beta : index(L)
let u : index(H); v : index(W)
let i, j : integer
where y_{o,i,j} = \sum_{l=0}^{c-1}\sum_{u=0}^{H-1}\sum_{v=0}^{W-1}\sum_{a=0}^{K-1}\sum_{b=0}^{L-1} V_{l,o,a,b}\,x_{l,u,v}\,[su+\rho a-r=i \land sv+\rho b-r=j]
where z_{l,u,v} = \sum_{o=0}^{d-1}\sum_{a=0}^{K-1}\sum_{b=0}^{L-1} V_{l,o,a,b}\,g_{o,su+\rho a-r,sv+\rho b-r}
where J = \sum_{o=0}^{d-1}\sum_{i=0}^{P-1}\sum_{j=0}^{Q-1} g_{o,i,j}\,y_{o,i,j}
let m, k, n : size                           # sizes of one direction
let e, p : integer nonnegative
let w : signal(k); \xi : signal(m); q : signal(n); t : integer; \nu : index(m)
"""

c, d, H, W, K, L, P, Q, s, rho = dims("c d H W K L P Q s rho")
r = sp.Symbol("r", integer=True, nonnegative=True)
x, V, g = signal("x", c, H, W), signal("V", c, d, K, L), signal("g", d, P, Q)
l, o, alpha, beta = sp.Idx("l", c), sp.Idx("o", d), sp.Idx("alpha", K), sp.Idx("beta", L)
u, v = sp.Idx("u", H), sp.Idx("v", W)
i, j = sp.symbols("i j", integer=True)
l_, o_, u_, v_, a, b, i_, j_ = sp.symbols("l_1 o_1 u_1 v_1 a b i_1 j_1", integer=True)  # summation indices

OPTIONS = {"stride": s, "dilation": rho, "padding": r}
PIXELS = ((j_, 0, Q - 1), (i_, 0, P - 1))


def convolved(l, u, v):
    """The convolution of g at (u, v), from the d channels of g to channel l."""
    return conv2d.forward(g, V, l, u, v, **OPTIONS)


J = sp.Sum(g[o_, i_, j_] * conv_transpose2d.forward(x, V, o_, i_, j_, **OPTIONS), *PIXELS, (o_, 0, d - 1))
inner = sp.Sum(x[l_, u_, v_] * convolved(l_, u_, v_), (v_, 0, W - 1), (u_, 0, H - 1), (l_, 0, c - 1))
by_x = sp.Derivative(J, x[l, u, v])
by_V = sp.Derivative(J, V[l, o, alpha, beta])
row, column = conv2d.position(u_, v_, alpha, beta, s, rho, r)
correlation = sp.Sum(x[l, u_, v_] * g[o, row, column], (v_, 0, W - 1), (u_, 0, H - 1))

# One direction, one channel, for near misses that need no more.
m, k, n = dims("m k n")
w, line, q = signal("w", k), signal("xi", m), signal("q", n)
t, nu = sp.Symbol("t", integer=True), sp.Idx("nu", m)


def spread(at, size=m):
    """Every entry of the line lays down the kernel."""
    return sp.Sum(w[a] * line[u_] * indicator(sp.Eq(s * u_ + a, at)), (a, 0, k - 1), (u_, 0, size - 1))


def gathered(at):
    return sp.Sum(w[b] * spread(s * at + b), (b, 0, k - 1))  # a is bound in spread


def _both(random, dtype, stride, padding, more, dilation):
    """Loops over taps, and a convolution of the gradient, against the reference layer: forwards, by x, by the kernel."""
    plain = {"stride": stride, "padding": padding, "dilation": dilation}
    options = {**plain, "output_padding": more}
    height, width = 5, 4
    picture, kernels = (
        random.normal(size=(1, 2, height, width)).astype(dtype),
        random.normal(size=(2, 3, 3, 2)).astype(dtype),
    )
    out = transposed_layer.forward(picture, kernels, **options)
    grad = random.normal(size=out.shape).astype(dtype)
    grad_x, grad_w, _ = transposed_layer.backward(grad, picture, kernels, **options)
    back = conv2d_layer.forward(grad, kernels, **plain)[:, :, :height, :width]
    sizes = [(n - 1) * stride + dilation * (k - 1) + 1 + more for n, k in ((height, 3), (width, 2))]
    laid, whole = np.zeros((1, 3, *sizes), dtype), np.zeros((1, 3, *(size + 2 * padding for size in sizes)), dtype)
    kept = tuple(slice(padding, padding + size) for size in out.shape[2:])
    whole[:, :, kept[0], kept[1]] = grad
    by_kernel = np.zeros_like(kernels)
    for tap in np.ndindex(3, 2):
        rows, columns = (
            slice(dilation * t, dilation * t + stride * (n - 1) + 1, stride)
            for t, n in zip(tap, (height, width), strict=True)
        )
        laid[:, :, rows, columns] += np.einsum("lo,bluv->bouv", kernels[:, :, tap[0], tap[1]], picture)
        by_kernel[:, :, tap[0], tap[1]] = np.einsum("bluv,bouv->lo", picture, whole[:, :, rows, columns])
    ours, theirs = (laid[:, :, kept[0], kept[1]], back, by_kernel), (out, grad_x, grad_w)
    return (np.concatenate([np.ravel(each) for each in arrays]) for arrays in (ours, theirs))


AGAINST_LAYERS = compared(
    Text("前向, 对 x 与核的梯度", "forwards, and the gradients by x and by the kernel"),
    (
        {"stride": 1, "padding": 0, "more": 0, "dilation": 1},
        {"stride": 2, "padding": 1, "more": 1, "dilation": 1},
        {"stride": 3, "padding": 2, "more": 2, "dilation": 1},
        {"stride": 2, "padding": 0, "more": 0, "dilation": 2},
        {"stride": 1, "padding": 2, "more": 0, "dilation": 2},
    ),
    _both,
    {"float64": 1e-12, "float32": 2e-5},
)

ANY = Text(
    "任意尺寸, 步长, 膨胀与填充; 落在输出之外的部分丢弃.",
    "Any sizes, stride, dilation and padding; what falls outside of the output is dropped.",
)

adjoint = Claim(
    id="ext-transposed",
    section="ext",
    title=Text("转置卷积是卷积的伴随", "the transposed convolution is the adjoint of the convolution"),
    chain=(J, inner),
    near_misses=(
        NearMiss(
            Text("核翻转", "the kernel flipped"),
            lambda: (
                sp.Sum(q[t] * spread(t), (t, 0, n - 1)),
                sp.Sum(line[u_] * sp.Sum(w[a] * q[s * u_ - a], (a, 0, k - 1)), (u_, 0, m - 1)),
            ),
        ),
        NearMiss(
            Text("插零之后卷积, 没有翻转核", "zeros inserted, then a convolution with the kernel not flipped"),
            lambda: (
                spread(t),
                sp.Sum(
                    w[a] * line[sp.floor((t - k + 1 + a) / s)] * indicator(sp.Eq(sp.Mod(t - k + 1 + a, s), 0)),
                    (a, 0, k - 1),
                ),
            ),
        ),
        NearMiss(
            Text("没有步长", "without the stride"),
            lambda: (
                sp.Sum(q[t] * spread(t), (t, 0, n - 1)),
                sp.Sum(line[u_] * sp.Sum(w[a] * q[u_ + a], (a, 0, k - 1)), (u_, 0, m - 1)),
            ),
        ),
    ),
    numeric=AGAINST_LAYERS,
    conditions=ANY,
    source="Dumoulin and Visin 2016, chapter 4",
)

backward = Claim(
    id="ext-transposed-backward",
    section="ext",
    title=Text("转置卷积的反向传播: 对输入是卷积", "backpropagation through a transposed convolution: a convolution"),
    chain=(by_x, convolved(l, u, v)),
    also=((by_V, correlation),),
    near_misses=(
        NearMiss(
            Text("又是转置卷积", "a transposed convolution again"),
            lambda: (
                sp.Derivative(sp.Sum(q[t] * spread(t), (t, 0, n - 1)), line[nu]),
                sp.Sum(w[a] * q[t] * indicator(sp.Eq(s * t + a, nu)), (a, 0, k - 1), (t, 0, n - 1)),
            ),
        ),
        NearMiss(
            Text("对核的梯度没有步长", "the gradient by the kernel without the stride"),
            lambda: (
                sp.Derivative(sp.Sum(q[t] * spread(t), (t, 0, n - 1)), w[sp.Idx("alpha", k)]),
                sp.Sum(line[u_] * q[u_ + sp.Idx("alpha", k)], (u_, 0, m - 1)),
            ),
        ),
    ),
    numeric=AGAINST_LAYERS,
    conditions=ANY,
    source="Dumoulin and Visin 2016, chapter 4",
)

unflipped = sp.Sum(
    w[k - 1 - a] * line[sp.floor((t - k + 1 + a) / s)] * indicator(sp.Eq(sp.Mod(t - k + 1 + a, s), 0)), (a, 0, k - 1)
)


def _with_zeros(random, dtype, m, k, s):
    entries, kernel = random.normal(size=m).astype(dtype), random.normal(size=k).astype(dtype)
    wide = np.zeros(s * (m - 1) + 1, dtype)
    wide[::s] = entries
    ours = np.correlate(np.pad(wide, k - 1), kernel[::-1], "valid")
    return ours, transposed_layer.forward(entries[None, None, None], kernel[None, None, None], stride=(1, s))[0, 0, 0]


zeros_inserted = Claim(
    id="ext-transposed-zeros",
    section="ext",
    title=Text("插零, 再用翻转的核卷积", "zeros inserted, then a convolution with the flipped kernel"),
    chain=(spread(t), unflipped),
    near_misses=(
        NearMiss(
            Text("核不翻转", "the kernel not flipped"),
            lambda: (
                spread(t),
                sp.Sum(
                    w[a] * line[sp.floor((t - k + 1 + a) / s)] * indicator(sp.Eq(sp.Mod(t - k + 1 + a, s), 0)),
                    (a, 0, k - 1),
                ),
            ),
        ),
        NearMiss(
            Text("不插零: 每个元素重复 s 次", "no zeros: each entry repeated s times"),
            lambda: (
                spread(t),
                sp.Sum(w[k - 1 - a] * line[sp.floor((t - k + 1 + a) / s)], (a, 0, k - 1)),
            ),
        ),
    ),
    numeric=compared(
        Text("插零再用翻转的核, 对照参考层", "zeros and the flipped kernel, against the reference layer"),
        ({"m": 4, "k": 3, "s": 1}, {"m": 4, "k": 3, "s": 2}, {"m": 3, "k": 2, "s": 3}),
        _with_zeros,
    ),
    conditions=Text(
        "一个方向, 一个通道; 输入的元素之间插入 s - 1 个零, 两端各填 k - 1 个零.",
        "One direction, one channel: s - 1 zeros between neighbouring entries of the input and k - 1 on each side.",
    ),
    source="Dumoulin and Visin 2016, section 4.5",
)

# --- sizes -----------------------------------------------------------------------------------------------------------

e, p = sp.symbols("e p", integer=True, nonnegative=True)
size = conv_transpose2d.output_size(m, k, stride=s, padding=p, more=e)
valid = sp.And(e < s, sp.Ge(size, 1))

output_size = Claim(
    id="ext-transposed-size",
    section="ext",
    title=Text(
        "输出的大小: 卷积把它带回输入的大小",
        "the size of the output: the convolution takes it back to that of the input",
    ),
    chain=(valid, sp.Eq(sp.floor((size + 2 * p - k) / s) + 1, m)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("s i + k - 2p", "s i + k - 2p"),
            lambda: (valid, sp.Eq(sp.floor((s * m + k - 2 * p + 2 * p - k) / s) + 1, m)),
        ),
        NearMiss(
            Text("输出填充可以等于步长", "the output padding may equal the stride"),
            lambda: (sp.Le(e, s), sp.Eq(sp.floor((size + 2 * p - k) / s) + 1, m)),
        ),
        NearMiss(
            Text("步长大于 1 时只有一个大小", "there is only one size, whatever the stride"),
            lambda: (sp.And(e < s), sp.Eq(size, s * (m - 1) + k - 2 * p)),
        ),
    ),
    conditions=Text(
        "m 是输入的大小, k 核, s 步长, p 填充, e 输出填充, 0 <= e < s: 输出 s(m - 1) + k - 2p + e.",
        "m is the size of the input, k the kernel, s the stride, p the padding, e the output padding with 0 <= e < s: the output is "
        "s(m - 1) + k - 2p + e.",
    ),
    source="Dumoulin and Visin 2016, relationship 14",
)

size_necessity = Claim(
    id="ext-transposed-size-necessity",
    section="ext",
    title=Text("卷积把哪些大小带到 m: 恰好 s 个", "the sizes that a convolution takes to m: these s and no others"),
    chain=(
        sp.Eq(sp.floor((n + 2 * p - k) / s) + 1, m),
        sp.And(sp.Ge(n - (s * (m - 1) + k - 2 * p), 0), n - (s * (m - 1) + k - 2 * p) < s),
    ),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("只有最小的那个", "the smallest only"),
            lambda: (
                sp.Eq(sp.floor((n + 2 * p - k) / s) + 1, m),
                sp.Eq(n, s * (m - 1) + k - 2 * p),
            ),
        ),
        NearMiss(
            Text("差可以是 s", "the difference may be s, too"),
            lambda: (
                sp.Ge(n - (s * (m - 1) + k - 2 * p), 0) & sp.Le(n - (s * (m - 1) + k - 2 * p), s),
                sp.Eq(sp.floor((n + 2 * p - k) / s) + 1, m),
            ),
        ),
    ),
    conditions=Text("n 是大小, m >= 1 是卷积的输出.", "n is the size, m >= 1 the output of the convolution."),
    source="Dumoulin and Visin 2016, relationship 14",
)

no_inverse = Claim(
    id="ext-transposed-inverse",
    section="ext",
    title=Text(
        '转置卷积不是逆 ("反卷积" 是误称)', 'the transposed convolution is no inverse ("deconvolution" is a misnomer)'
    ),
    chain=(gathered(nu), line[nu]),
    expected="refuted",
    near_misses=(
        NearMiss(
            Text("差一个常数因子 Σ w²", "but for the constant factor Σ w²"),
            lambda: (gathered(nu), sp.Sum(w[a] ** 2, (a, 0, k - 1)) * line[nu]),
        ),
        NearMiss(
            Text(
                "核的和是 1 时就是逆: k = 2, w = (1/2, 1/2), s = 1",
                "the inverse where the kernel sums to 1: k = 2, w = (1/2, 1/2), s = 1",
            ),
            lambda: (
                (line[t - 1] + 2 * line[t] + line[t + 1]) / 4,
                line[t],
            ),
        ),
    ),
    conditions=Text(
        "先转置卷积再卷积, 一个方向, 一个通道, 没有填充.",
        "Transposed convolution, then convolution: one direction, one channel, no padding.",
    ),
)

DERIVATION = Derivation(
    title=Text("转置卷积", "the transposed convolution"),
    context=CONTEXT,
    claims=(adjoint, backward, zeros_inserted, output_size, size_necessity, no_inverse),
    source="cnnsym.layers.conv_transpose2d",
)
