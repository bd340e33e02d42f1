"""Section 5.2: the gradient of a convolution layer by its input.

Three forms of one sum: col2im, the adjoint of im2col; for stride 1 a convolution with the same filters; for any stride that
convolution after zeros are inserted. Entry by entry from the definition of the layer, `cnnsym.layers.conv2d`.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Step, Text
from cnnsym.layers import conv2d, im2col
from cnnsym.measurement import compared_on
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import conv_transpose2d as conv_transpose2d_layer
from cnnsym.reference import im2col as im2col_layer

CONTEXT = r"""
let c, d, k, s, \rho, m_1, m_2, P_1, P_2 : size
let m, P : size
let p, r, \tau : integer nonnegative
let x : signal(c, m_1, m_2)                # the input of the layer
let W : signal(d, c, k, k); b : signal(d)
let g : signal(d, P_1, P_2)                # the gradient of the cost by the output
let \zeta : signal(c, k, k, P_1, P_2)      # any array of windows
let o : index(d); l : index(c)
let \alpha, \beta, \alpha_2, \beta_2 : index(k)
let i : index(m_1); j : index(m_2)         # a pixel
let u, u_2 : index(P_1); v, v_2 : index(P_2)   # windows
let w : signal(c, m_1, m_2)
let \xi : signal(c, k*P_1, k*P_2)          # an image that windows tile
where z_{l,\alpha,\beta,u,v} = x_{l,su+\rho\alpha-p,sv+\rho\beta-p}
where y_{o,u,v} = \sum_{l,\alpha,\beta} W_{o,l,\alpha,\beta} x_{l,su+\rho\alpha-p,sv+\rho\beta-p} + b_o
where J = \sum_{o,u,v} g_{o,u,v} y_{o,u,v}
where y^{1}_{o,u,v} = \sum_{l,\alpha,\beta} W_{o,l,\alpha,\beta} x_{l,u+\rho\alpha-p,v+\rho\beta-p} + b_o    # stride 1
where J_1 = \sum_{o,u,v} g_{o,u,v} y^{1}_{o,u,v}
where \hat{g}_{o,\mu,\nu} = [s\mid\mu]\,[s\mid\nu]\,g_{o,\lfloor\mu/s\rfloor,\lfloor\nu/s\rfloor}
where \bar{\zeta}_{l,i,j} = \sum_{\alpha,\beta,u,v} \zeta_{l,\alpha,\beta,u,v}\,[ku+\alpha=i]\,[kv+\beta=j]   # col2im for windows that tile
where \tilde{W}_{l,o,\alpha,\beta} = W_{o,l,k-1-\alpha,k-1-\beta}
"""

c, d, k, s, rho, m1, m2, P1, P2 = dims("c d k s rho m_1 m_2 P_1 P_2")
m, P = dims("m P")
p, r, tau = sp.symbols("p r tau", integer=True, nonnegative=True)
x, W, b, g = signal("x", c, m1, m2), signal("W", d, c, k, k), signal("b", d), signal("g", d, P1, P2)
zeta = signal("zeta", c, k, k, P1, P2)
o, l, alpha, beta = sp.Idx("o", d), sp.Idx("l", c), sp.Idx("alpha", k), sp.Idx("beta", k)
i, j, u, v = sp.Idx("i", m1), sp.Idx("j", m2), sp.Idx("u", P1), sp.Idx("v", P2)
# Bound indices.
o_, l_, a_, b_, u_, v_, i_, j_ = sp.symbols("o_2 l_2 a_2 b_2 u_2 v_2 i_2 j_2", integer=True)

OPTIONS = {"stride": s, "dilation": rho, "padding": p}
UNSTRIDED = {"dilation": rho, "padding": p}
TAPS = ((b_, 0, k - 1), (a_, 0, k - 1))
WINDOWS = ((v_, 0, P2 - 1), (u_, 0, P1 - 1))
PIXELS = ((j_, 0, m2 - 1), (i_, 0, m1 - 1))
FILTERS = (o_, 0, d - 1)
CHANNELS = (l_, 0, c - 1)


def cost(**options):
    """J = sum g y for the layer with these options."""
    return sp.Sum(g[o_, u_, v_] * conv2d.forward(x, W, o_, u_, v_, b, **options), *WINDOWS, FILTERS)


def reads(u, v, a, b, i, j):
    """1 where tap (a, b) of window (u, v) reads pixel (i, j)."""
    return indicator(sp.Eq(s * u + rho * a - p, i)) * indicator(sp.Eq(s * v + rho * b - p, j))


def dilated(o, mu, nu):
    """The gradient with s - 1 zeros between its entries."""
    return (
        indicator(sp.Eq(sp.Mod(mu, s), 0))
        * indicator(sp.Eq(sp.Mod(nu, s), 0))
        * g[o, sp.floor(mu / s), sp.floor(nu / s)]
    )


class Flipped:
    """The filters flipped, their input and output channels exchanged: entry (l, o, a, b) is W[o, l, k-1-a, k-1-b]."""

    shape = (c, d, k, k)

    def __getitem__(self, at):
        l, o, a, b = at
        return W[o, l, k - 1 - a, k - 1 - b]


class Dilated:
    """The dilated gradient as the input of a layer."""

    def __getitem__(self, at):
        return dilated(*at)


# --- numbers ---------------------------------------------------------------------------------------------------------

# c, d, k, stride, dilation, padding, height, width: remainders in both directions, in one, windows that tile,
# padding > k - 1, a remainder without padding.
SHAPES = (
    (3, 2, 3, 2, 1, 1, 8, 6),
    (2, 3, 2, 3, 2, 2, 7, 9),
    (1, 2, 3, 1, 2, 0, 6, 5),
    (2, 2, 2, 2, 1, 0, 4, 6),
    (2, 2, 2, 1, 1, 3, 4, 3),
    (2, 2, 2, 3, 1, 0, 7, 6),
)
ALL = tuple(range(len(SHAPES)))
STRIDE_ONE = (2, 4)
TILING = (3,)
UNREAD = (5,)  # without padding, and with a remainder
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


class Case:
    """One random layer, and what the reference layer makes of it."""

    def __init__(self, seed, dtype):
        random = np.random.default_rng(seed)
        channels, filters, self.size, self.stride, self.dilation, self.padding, height, width = SHAPES[seed]
        self.options = {"stride": self.stride, "dilation": self.dilation, "padding": self.padding}
        self.x = random.normal(size=(1, channels, height, width)).astype(dtype)
        self.W = random.normal(size=(filters, channels, self.size, self.size)).astype(dtype)
        self.b = random.normal(size=filters).astype(dtype)
        self.y = conv2d_layer.forward(self.x, self.W, self.b, **self.options)
        self.g = random.normal(size=self.y.shape).astype(dtype)
        self.grad_x, _, _ = conv2d_layer.backward(self.g, self.x, self.W, **self.options)

    def columns(self):
        return self.W.reshape(len(self.W), -1).T @ self.g[0].reshape(len(self.W), -1)

    def scattered(self):
        """col2im(W' G), tap by tap and window by window, adding up."""
        parts = self.columns().reshape(*self.W.shape[1:], *self.y.shape[2:])
        result = np.zeros_like(self.x)
        for a, b, u, v in np.ndindex(*parts.shape[1:]):
            i, j = (self.stride * w + self.dilation * t - self.padding for w, t in ((u, a), (v, b)))
            if 0 <= i < self.x.shape[2] and 0 <= j < self.x.shape[3]:
                result[0, :, i, j] += parts[:, a, b, u, v]
        return result

    def convolved(self):
        """Zeros inserted, padded, r zeros at the end, and correlated with the flipped filters."""
        (_, filters, rows, columns), (_, _, height, width) = self.y.shape, self.x.shape
        stretched = np.zeros((filters, self.stride * (rows - 1) + 1, self.stride * (columns - 1) + 1), self.x.dtype)
        stretched[:, :: self.stride, :: self.stride] = self.g[0]
        reach = self.dilation * (self.size - 1)
        before = reach - self.padding  # negative where it crops
        flipped = self.W[:, :, ::-1, ::-1].swapaxes(0, 1)
        result = np.zeros_like(self.x)
        for a, b in np.ndindex(self.size, self.size):
            for i, j in np.ndindex(height, width):
                at = (i + self.dilation * a - before, j + self.dilation * b - before)
                if all(0 <= n < w for n, w in zip(at, stretched.shape[1:], strict=True)):
                    result[0, :, i, j] += flipped[:, :, a, b] @ stretched[:, at[0], at[1]]
        widths = [w + 2 * before + end - reach for w, end in zip(stretched.shape[1:], self.remainders(), strict=True)]
        return result if widths == [height, width] else np.full_like(result, np.nan)

    def remainders(self):
        """What the stride leaves over in each direction."""
        reach = self.dilation * (self.size - 1)
        return tuple((n + 2 * self.padding - reach - 1) % self.stride for n in self.x.shape[2:])

    def transposed(self):
        """The transposed convolution of the reference, with the remainders as output padding."""
        return conv_transpose2d_layer.forward(self.g, self.W, output_padding=self.remainders(), **self.options)


def _measure(what, formula, expected, seeds=ALL):
    """A formula in plain NumPy against the reference layers."""
    shapes = {seed: "c={}, d={}, k={}, stride {}, dilation {}, padding {}, {} x {}".format(*SHAPES[seed]) for seed in seeds}
    return compared_on(what, Case, shapes, formula, expected, TOLERANCE)


ANY = Text(
    "任意通道数, 滤波器数, 核的大小, 步幅 s, 膨胀 ρ 与补零 p; 图像与梯度在范围以外为零.",
    "Any numbers of channels and filters, any kernel size, stride s, dilation ρ and padding p; image and gradient are zero outside.",
)
CHAIN = Text(
    "g 是 Cost 对输出的梯度; 由链式法则, J = Σ g y 在 g 固定时的导数就是 Cost 的导数.",
    "g is the gradient of the cost by the output; by the chain rule the derivatives of J = Σ g y with g held fixed are those of the cost.",
)
CONDITIONS = Text(f"{ANY.zh} {CHAIN.zh}", f"{ANY.en} {CHAIN.en}")
DUMOULIN = "Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016)"

# --- col2im ----------------------------------------------------------------------------------------------------------

by_x = sp.Derivative(cost(**OPTIONS), x[l, i, j])
by_column = sp.Sum(W[o_, l, a_, b_] * g[o_, u_, v_], FILTERS)
col2im = sp.Sum(by_column * reads(u_, v_, a_, b_, i, j), *TAPS, *WINDOWS)
output_by_x = sp.Derivative(conv2d.forward(x, W, o_, u_, v_, b, **OPTIONS), x[l, i, j])

columns = Claim(
    id="5.2c-gradx-col2im-entries",
    section="5.2",
    title=Text("输入的梯度, 逐元素", "the gradient by the input, entry by entry"),
    chain=(by_x, col2im),
    steps=(
        Step(
            output_by_x,
            sp.Sum(W[o_, l, a_, b_] * reads(u_, v_, a_, b_, i, j), *TAPS),
            Text(
                "像素 (i, j) 的系数: 读它的每个抽头的权重",
                "the coefficient of pixel (i, j): the weight of each tap that reads it",
            ),
        ),
        Step(
            by_x,
            sp.Sum(g[o_, u_, v_] * output_by_x, *WINDOWS, FILTERS),
            Text("和的导数等于导数的和", "the derivative of a sum is the sum of the derivatives"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("漏掉补零", "the padding forgotten"),
            lambda: (
                by_x,
                sp.Sum(by_column * reads(u_, v_, a_, b_, i - p, j - p), *TAPS, *WINDOWS),
            ),
        ),
        NearMiss(
            Text("重叠处取平均 (按窗口的像素数)", "overlaps averaged (over the pixels of a window)"),
            lambda: (by_x, col2im / k**2),
        ),
        NearMiss(
            Text("重叠处只留最后一个窗口", "only the last window where they overlap"),
            lambda: (
                by_x,
                sp.Sum((by_column * reads(u_, v_, a_, b_, i, j)).subs({u_: P1 - 1, v_: P2 - 1}), *TAPS),
            ),
        ),
        NearMiss(
            Text("步幅乘在抽头上", "the stride at the taps"),
            lambda: (
                by_x,
                sp.Sum(
                    by_column * indicator(sp.Eq(u_ + s * a_ - p, i)) * indicator(sp.Eq(v_ + s * b_ - p, j)),
                    *TAPS,
                    *WINDOWS,
                ),
            ),
        ),
    ),
    numeric=_measure(
        Text(
            "col2im(Wᵀ G) 逐项相加, 与 reference.conv2d.backward 比较",
            "col2im(Wᵀ G) term by term against reference.conv2d.backward",
        ),
        Case.scattered,
        lambda case: case.grad_x,
    ),
    conditions=CONDITIONS,
)

im2col_product = sp.Sum(
    im2col.patch(x, l_, a_, b_, u_, v_, **OPTIONS) * zeta[l_, a_, b_, u_, v_], *TAPS, *WINDOWS, CHANNELS
)
col2im_product = sp.Sum(x[l_, i_, j_] * im2col.adjoint(zeta, l_, i_, j_, **OPTIONS), *PIXELS, CHANNELS)

adjoint = Claim(
    id="5.2c-im2col-adjoint",
    section="5.2",
    title=Text("col2im 是 im2col 的伴随", "col2im is the adjoint of im2col"),
    chain=(im2col_product, col2im_product),
    steps=(
        Step(
            im2col.patch(x, l, alpha, beta, u, v, **OPTIONS),
            sp.Sum(x[l, i_, j_] * reads(u, v, alpha, beta, i_, j_), *PIXELS),
            Text("窗口的元素是图像的一个像素, 或是零", "an entry of a window is one pixel of the image, or zero"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("补零的方向相反", "the padding the other way round"),
            lambda: (
                im2col_product,
                sp.Sum(
                    x[l_, i_, j_] * im2col.adjoint(zeta, l_, i_, j_, stride=s, dilation=rho, padding=-p),
                    *PIXELS,
                    CHANNELS,
                ),
            ),
        ),
        NearMiss(
            Text("伴随带翻转", "the adjoint with a flip"),
            lambda: (
                im2col_product,
                sp.Sum(
                    x[l_, i_, j_] * zeta[l_, k - 1 - a_, k - 1 - b_, u_, v_] * reads(u_, v_, a_, b_, i_, j_),
                    *TAPS,
                    *WINDOWS,
                    *PIXELS,
                    CHANNELS,
                ),
            ),
        ),
        NearMiss(
            Text("漏掉膨胀", "the dilation forgotten"),
            lambda: (
                im2col_product,
                sp.Sum(x[l_, i_, j_] * im2col.adjoint(zeta, l_, i_, j_, stride=s, padding=p), *PIXELS, CHANNELS),
            ),
        ),
    ),
    numeric=_measure(
        Text("两个内积, reference.im2col", "both inner products, reference.im2col"),
        lambda case: np.array([(im2col_layer.forward(case.x, case.size, **case.options)[0] * case.columns()).sum()]),
        lambda case: np.array(
            [(case.x * im2col_layer.backward(case.columns()[None], case.x.shape[2:], case.size, **case.options)).sum()]
        ),
    ),
    conditions=ANY,
)


def visits(at, count, windows):
    """How many pairs of a window and a tap read position `at` along one direction."""
    w, t = sp.symbols("w_2 t_2", integer=True)
    return sp.Sum(indicator(sp.Eq(s * w + rho * t - p, at)), (t, 0, count - 1), (w, 0, windows - 1))


w = signal("w", c, m1, m2)
both = sp.Sum(
    im2col.patch(x, l_, a_, b_, u_, v_, **OPTIONS) * im2col.patch(w, l_, a_, b_, u_, v_, **OPTIONS),
    *TAPS,
    *WINDOWS,
    CHANNELS,
)
visited = sp.Sum(x[l_, i_, j_] * w[l_, i_, j_] * visits(i_, k, P1) * visits(j_, k, P2), *PIXELS, CHANNELS)

counts = Claim(
    id="5.2c-im2col-visits",
    section="5.2",
    title=Text("im2col 之后 col2im: 乘上访问次数", "im2col, then col2im: times the visits"),
    chain=(both, visited),
    near_misses=(
        NearMiss(
            Text("col2im 是逆", "col2im is the inverse"),
            lambda: (both, sp.Sum(x[l_, i_, j_] * w[l_, i_, j_], *PIXELS, CHANNELS)),
        ),
        NearMiss(
            Text("每个像素 k² 次", "k² times for every pixel"),
            lambda: (both, k**2 * sp.Sum(x[l_, i_, j_] * w[l_, i_, j_], *PIXELS, CHANNELS)),
        ),
        NearMiss(
            Text("两个方向的次数相加", "the visits of both directions added"),
            lambda: (
                both,
                sp.Sum(x[l_, i_, j_] * w[l_, i_, j_] * (visits(i_, k, P1) + visits(j_, k, P2)), *PIXELS, CHANNELS),
            ),
        ),
    ),
    numeric=_measure(
        Text("reference.im2col 的来回与计数", "there and back by reference.im2col against the counts"),
        lambda case: case.x * np.outer(_visits(case, 2), _visits(case, 3)),
        lambda case: im2col_layer.backward(
            im2col_layer.forward(case.x, case.size, **case.options), case.x.shape[2:], case.size, **case.options
        ),
    ),
    conditions=Text(
        f"{ANY.zh} 对所有 x 与 w 成立, 因此由 5.2c-im2col-adjoint, col2im(im2col x) 在像素 (i, j) 是 x 乘以读它的 (窗口, 抽头) 对数.",
        f"{ANY.en} It holds for all x and w; so by 5.2c-im2col-adjoint col2im(im2col x) is, at pixel (i, j), x times the number of (window, tap) pairs that read it.",
    ),
)


def _visits(case, axis):
    found = np.zeros(case.x.shape[axis], int)
    for w, t in np.ndindex(case.y.shape[axis], case.size):
        at = case.stride * w + case.dilation * t - case.padding
        if 0 <= at < len(found):
            found[at] += 1
    return found


tiled = signal("xi", c, k * P1, k * P2)
TILES = {"stride": k}


class Tiles:
    """im2col of an image that the windows tile."""

    shape = (c, k, k, P1, P2)

    def __getitem__(self, at):
        return im2col.patch(tiled, *at, **TILES)


class Image:
    """col2im of any windows, as an image."""

    def __getitem__(self, at):
        return im2col.adjoint(zeta, *at, **TILES)


class Patches:
    """im2col(x) as an array of windows."""

    shape = (c, k, k, P1, P2)

    def __getitem__(self, at):
        return im2col.patch(x, *at, **OPTIONS)


pixel = (l, k * u + alpha, k * v + beta)  # every pixel, by its window and its place in it
tiles_back = im2col.adjoint(Tiles(), *pixel, **TILES)
tiles_there = im2col.patch(Image(), l, alpha, beta, u, v, **TILES)

tiles = Claim(
    id="5.2c-im2col-tiles",
    section="5.2",
    title=Text("窗口铺满图像时互为逆", "inverse to each other where the windows tile the image"),
    chain=(tiles_back, tiled[pixel]),
    also=((tiles_there, zeta[l, alpha, beta, u, v]),),
    near_misses=(
        NearMiss(
            Text("窗口重叠时 col2im(im2col x) = x", "col2im(im2col x) = x for windows that overlap"),
            lambda: (im2col.adjoint(Patches(), l, i, j, **OPTIONS), x[l, i, j]),
        ),
        NearMiss(
            Text("窗口重叠时 im2col(col2im Z) = Z", "im2col(col2im Z) = Z for windows that overlap"),
            lambda: (im2col.adjoint(zeta, l, u_ + a_, v_ + b_), zeta[l, a_, b_, u_, v_]),
        ),
    ),
    numeric=_measure(
        Text("铺满时的来回", "there and back with windows that tile"),
        lambda case: im2col_layer.backward(
            im2col_layer.forward(case.x, case.size, **case.options), case.x.shape[2:], case.size, **case.options
        ),
        lambda case: case.x,
        seeds=TILING,
    ),
    conditions=Text(
        "步幅等于核的大小, 不补零, 不膨胀, 图像为 kP₁ × kP₂.",
        "The stride is the kernel size, no padding, no dilation, an image of kP₁ × kP₂.",
    ),
)

# --- the sparse matrix -----------------------------------------------------------------------------------------------

layer_by_x = sp.Derivative(conv2d.forward(x, W, o, u, v, b, **OPTIONS), x[l, i, j])
entry = sp.Sum(W[o, l, a_, b_] * reads(u, v, a_, b_, i, j), *TAPS)
window_by_x = sp.Derivative(im2col.patch(x, l, alpha, beta, u, v, **OPTIONS), x[l, i, j])

matrix = Claim(
    id="5.2c-sparse-matrix-entries",
    section="5.2",
    title=Text("稀疏矩阵的元素", "the entries of the sparse matrix"),
    chain=(layer_by_x, entry),
    also=((window_by_x, reads(u, v, alpha, beta, i, j)),),
    steps=(
        Step(
            entry.subs({u: u + tau, i: i + s * tau}),
            entry,
            Text(
                "只依赖于 i - su 与 j - sv: 向下 τ 个窗口, 向右 sτ 个像素, 元素不变 (Toeplitz)",
                "it depends on i - su and j - sv only: τ windows on and sτ pixels on it is the same (Toeplitz)",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("元素只依赖于 i - u", "the entries depend on i - u only"),
            lambda: (entry, entry.subs({u: u + tau, i: i + tau})),
        ),
        NearMiss(
            Text("每个抽头都读每个像素", "every tap reads every pixel"),
            lambda: (layer_by_x, sp.Sum(W[o, l, a_, b_], *TAPS)),
        ),
        NearMiss(
            Text("im2col 把像素相加: 元素大于 1", "im2col adds pixels: entries above 1"),
            lambda: (window_by_x, 2 * reads(u, v, alpha, beta, i, j)),
        ),
    ),
    numeric=_measure(
        Text("矩阵乘 x 与 reference.conv2d 比较", "the matrix times x against reference.conv2d"),
        lambda case: _by_matrix(case),
        lambda case: case.y,
    ),
    conditions=ANY,
)


def _by_matrix(case):
    """The output as a dense matrix times the pixels."""
    y = np.zeros_like(case.y) + case.b[:, None, None]
    for u, v, i, j in np.ndindex(*case.y.shape[2:], *case.x.shape[2:]):
        a, b = i - case.stride * u + case.padding, j - case.stride * v + case.padding
        if a % case.dilation == b % case.dilation == 0:
            a, b = a // case.dilation, b // case.dilation
            if 0 <= a < case.size and 0 <= b < case.size:
                y[0, :, u, v] += case.W[:, :, a, b] @ case.x[0, :, i, j]
    return y


# --- stride 1: a full convolution ------------------------------------------------------------------------------------

by_x_unstrided = sp.Derivative(cost(**UNSTRIDED), x[l, i, j])
convolution = sp.Sum(W[o_, l, a_, b_] * g[o_, i + p - rho * a_, j + p - rho * b_], *TAPS, FILTERS)
reach = rho * (k - 1)
correlation = conv2d.forward(g, Flipped(), l, i, j, dilation=rho, padding=reach - p)
same = {d: c}  # as many filters as channels: an exchange of channels is no error of shapes
EQUAL_CHANNELS = {"W": signal("W", c, c, k, k), "g": signal("g", c, P1, P2)}


def _equal(e):
    """The same with as many filters as channels."""
    return e.xreplace(same).xreplace({W.xreplace(same): EQUAL_CHANNELS["W"], g.xreplace(same): EQUAL_CHANNELS["g"]})


full = Claim(
    id="5.2c-gradx-full",
    section="5.2",
    title=Text("步幅 1: 与同一个核的卷积", "stride 1: a convolution with the same kernel"),
    chain=(by_x_unstrided, convolution, correlation),
    steps=(
        Step(
            by_x_unstrided,
            sp.Sum(
                W[o_, l, a_, b_]
                * g[o_, u_, v_]
                * indicator(sp.Eq(u_ + rho * a_ - p, i))
                * indicator(sp.Eq(v_ + rho * b_ - p, j)),
                *TAPS,
                *WINDOWS,
                FILTERS,
            ),
            Text("在 5.2c-gradx-col2im-entries 中取 s = 1", "5.2c-gradx-col2im-entries with s = 1"),
        ),
        Step(
            convolution,
            correlation,
            Text(
                "换 α 为 k - 1 - α: 卷积是与翻转的核的互相关",
                "put k - 1 - α for α: a convolution is a correlation with the flipped kernel",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("核没有翻转", "the kernel not flipped"),
            lambda: (
                by_x_unstrided,
                sp.Sum(W[o_, l, a_, b_] * g[o_, i + rho * a_ - reach + p, j + rho * b_ - reach + p], *TAPS, FILTERS),
            ),
        ),
        NearMiss(
            Text("valid 而不是 full: 不补零", "valid instead of full: no padding"),
            lambda: (by_x_unstrided, conv2d.forward(g, Flipped(), l, i, j, dilation=rho)),
        ),
        NearMiss(
            Text("通道没有交换 (c = d)", "the channels not exchanged (c = d)"),
            lambda: (
                _equal(by_x_unstrided),
                sp.Sum(
                    EQUAL_CHANNELS["W"][l, o_, a_, b_] * EQUAL_CHANNELS["g"][o_, i + p - rho * a_, j + p - rho * b_],
                    *TAPS,
                    (o_, 0, c - 1),
                ),
            ),
        ),
        NearMiss(
            Text("p > 0 时仍补 ρ(k - 1)", "padding ρ(k - 1) although p > 0"),
            lambda: (by_x_unstrided, conv2d.forward(g, Flipped(), l, i, j, dilation=rho, padding=reach)),
        ),
    ),
    numeric=_measure(
        Text(
            "补零后与翻转的核互相关, 与 reference.conv2d.backward 比较",
            "padded and correlated with the flipped kernel against reference.conv2d.backward",
        ),
        Case.convolved,
        lambda case: case.grad_x,
        seeds=STRIDE_ONE,
    ),
    conditions=Text(
        f"步幅 1, 其余任意. 补零 ρ(k - 1) - p 为负时表示裁剪. {CHAIN.zh}",
        f"Stride 1, all else arbitrary. A negative padding ρ(k - 1) - p crops. {CHAIN.en}",
    ),
    source=f"{DUMOULIN}, relationship 9",
)

# --- any stride ------------------------------------------------------------------------------------------------------

inserted = sp.Sum(W[o_, l, a_, b_] * dilated(o_, i + p - rho * a_, j + p - rho * b_), *TAPS, FILTERS)
transposed = conv2d.forward(Dilated(), Flipped(), l, i, j, dilation=rho, padding=reach - p)

strided = Claim(
    id="5.2c-gradx-stride",
    section="5.2",
    title=Text("任意步幅: 先插零再卷积", "any stride: zeros inserted, then a convolution"),
    chain=(by_x, inserted, transposed),
    steps=(
        Step(
            sp.Sum(g[o, u_, v] * indicator(sp.Eq(s * u_, i_)), (u_, 0, P1 - 1)),
            indicator(sp.Eq(sp.Mod(i_, s), 0)) * g[o, sp.floor(i_ / s), v],
            Text("抽样的伴随是插零", "the adjoint of sampling is the insertion of zeros"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("没有插零", "no zeros inserted"),
            lambda: (by_x, convolution),
        ),
        NearMiss(
            Text("插 s 个零而不是 s - 1 个", "s zeros instead of s - 1"),
            lambda: (by_x, inserted.xreplace({s: s + 1})),
        ),
        NearMiss(
            Text("不插零而重复 g (最近邻放大)", "g repeated instead of zeros (nearest neighbour)"),
            lambda: (
                by_x,
                sp.Sum(
                    W[o_, l, a_, b_] * g[o_, sp.floor((i + p - rho * a_) / s), sp.floor((j + p - rho * b_) / s)],
                    *TAPS,
                    FILTERS,
                ),
            ),
        ),
        NearMiss(
            Text("核没有翻转", "the kernel not flipped"),
            lambda: (
                by_x,
                sp.Sum(
                    W[o_, l, a_, b_] * dilated(o_, i + rho * a_ - reach + p, j + rho * b_ - reach + p), *TAPS, FILTERS
                ),
            ),
        ),
    ),
    numeric=_measure(
        Text(
            "插零, 补零, 末端 r 个零; 与 reference.conv2d.backward, reference.conv_transpose2d 比较",
            "zeros inserted, padding, r zeros at the end; against reference.conv2d.backward and reference.conv_transpose2d",
        ),
        lambda case: np.concatenate([case.convolved(), case.convolved()]),
        lambda case: np.concatenate([case.grad_x, case.transposed()]),
    ),
    conditions=CONDITIONS,
    source=f"{DUMOULIN}, relationship 14",
)

total = m + 2 * p - reach - 1
fits = sp.And(sp.Ge(total, 0), sp.Eq(P, sp.floor(total / s) + 1), sp.Eq(r, sp.Mod(total, s)))
width = (s * (P - 1) + 1) + 2 * (reach - p) + r - reach

size = Claim(
    id="5.2c-gradx-stride-size",
    section="5.2",
    title=Text("末端的 r 个零", "the r zeros at the end"),
    chain=(fits, sp.Eq(width, m)),
    method=Integers(),
    steps=(
        Step(
            sp.And(sp.Ge(total, 0), sp.Eq(P, sp.floor(total / s) + 1), sp.Eq(r, sp.Mod(total, s))),
            sp.Eq(total, s * (P - 1) + r),
            Text("带余除法: 商 P - 1, 余数 r", "division with remainder: the quotient P - 1, the remainder r"),
            method=Integers(),
        ),
    ),
    near_misses=(
        NearMiss(Text("漏掉 r", "r left out"), lambda: (fits, sp.Eq(width - r, m))),
        NearMiss(Text("r 个零加在两端", "r zeros at both ends"), lambda: (fits, sp.Eq(width + r, m))),
        NearMiss(
            Text("插 s 个零", "s zeros inserted"),
            lambda: (fits, sp.Eq(width + P - 1, m)),
        ),
        NearMiss(
            Text("补 p 个零而不是 ρ(k - 1) - p", "p zeros of padding instead of ρ(k - 1) - p"),
            lambda: (fits, sp.Eq((s * (P - 1) + 1) + 2 * p + r - reach, m)),
        ),
    ),
    numeric=_measure(
        Text(
            "reference.conv_transpose2d 的输出与输入一样大",
            "reference.conv_transpose2d gives an image as large as the input",
        ),
        lambda case: np.array(case.transposed().shape[2:]),
        lambda case: np.array(case.x.shape[2:]),
    ),
    conditions=Text(
        "窗口至少放得下一个: m + 2p ≥ ρ(k - 1) + 1; P = ⌊(m + 2p - ρ(k - 1) - 1)/s⌋ + 1, r 是同一个除法的余数.",
        "At least one window fits: m + 2p ≥ ρ(k - 1) + 1; P = ⌊(m + 2p - ρ(k - 1) - 1)/s⌋ + 1, and r is the remainder of that division.",
    ),
    source=f"{DUMOULIN}, relationship 14",
)


beyond = x[l, m1 + p - r + tau, j]
unread_sizes = sp.Eq(m1 + 2 * p, s * (P1 - 1) + reach + 1 + r)

unread = Claim(
    id="5.2c-gradx-stride-unread",
    section="5.2",
    title=Text("没有窗口读到的像素", "pixels that no window reads"),
    chain=(sp.Derivative(cost(**OPTIONS), beyond), sp.S.Zero),
    hypotheses=(unread_sizes,),
    steps=(
        Step(
            indicator(sp.Eq(s * u + rho * alpha - p, m1 + p - r + tau)),
            sp.S.Zero,
            Text(
                "最后一个窗口的最后一个抽头读 s(P₁ - 1) + ρ(k - 1) - p = m₁ + p - r - 1",
                "the last tap of the last window reads s(P₁ - 1) + ρ(k - 1) - p = m₁ + p - r - 1",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("早一个像素也没有", "nor the pixel before"),
            lambda: (sp.Derivative(cost(**OPTIONS), x[l, m1 + p - r - 1, j]), sp.S.Zero),
        ),
        NearMiss(
            Text("开头的像素也没有", "nor the first pixels"),
            lambda: (sp.Derivative(cost(**OPTIONS), x[l, tau, j]), sp.S.Zero),
        ),
    ),
    numeric=_measure(
        Text("reference.conv2d.backward 在末端的行为零", "the last rows of reference.conv2d.backward are zero"),
        lambda case: case.grad_x[:, :, case.x.shape[2] + case.padding - case.remainders()[0] :],
        lambda case: np.zeros_like(case.grad_x[:, :, case.x.shape[2] + case.padding - case.remainders()[0] :]),
        seeds=UNREAD,
    ),
    conditions=Text(
        f"m₁ + 2p = s(P₁ - 1) + ρ(k - 1) + 1 + r, τ ≥ 0: 补零后最后 r 个位置. {CHAIN.zh}",
        f"m₁ + 2p = s(P₁ - 1) + ρ(k - 1) + 1 + r, τ ≥ 0: the last r positions with padding. {CHAIN.en}",
    ),
)

DERIVATION = Derivation(
    title=Text("卷积层对输入的梯度", "the gradient of a convolution layer by its input"),
    context=CONTEXT,
    claims=(
        columns,
        adjoint,
        counts,
        tiles,
        matrix,
        full,
        strided,
        size,
        unread,
    ),
    source="lecture note, section 5.2",
)
