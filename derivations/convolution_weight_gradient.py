"""Section 5.2: the gradients of a convolution layer by its filters and its bias, for one image and for a batch.

Entry by entry from the definition of the layer, `cnnsym.layers.conv2d`. `J = sum g y` stands for the cost: with `g` the
gradient by the output, its derivatives are those of the cost, by the chain rule.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Step, Text
from cnnsym.layers import conv2d, im2col
from cnnsym.measurement import compared_on
from cnnsym.reference import conv2d as conv2d_layer

CONTEXT = r"""
let c, d, k, s, \rho, m_1, m_2, P_1, P_2 : size
let p, r : integer nonnegative
let x : signal(c, m_1, m_2)                # the input of the layer
let W : signal(d, c, k, k); b : signal(d)
let g : signal(d, P_1, P_2)                # the gradient of the cost by the output
let o : index(d); l : index(c)
let \alpha, \beta : index(k)               # taps of the kernel
let u : index(P_1); v : index(P_2)         # windows
let i : index(m_1); j : index(m_2)         # pixels
where y_{o,u,v} = \sum_{l,\alpha,\beta} W_{o,l,\alpha,\beta}\, x_{l,su+\rho\alpha-p,sv+\rho\beta-p} + b_o
where J = \sum_{o,u,v} g_{o,u,v}\, y_{o,u,v}
where \hat{g}_{o,\mu,\nu} = [s\mid\mu]\,[s\mid\nu]\,g_{o,\lfloor\mu/s\rfloor,\lfloor\nu/s\rfloor}
# One direction, for the sizes.
let m, P : size
# A batch of B examples.
let B : size
let X : signal(B, c, m_1, m_2); G : signal(B, d, P_1, P_2)
let e : index(B)
where Y_{e,o,u,v} = \sum_{l,\alpha,\beta} W_{o,l,\alpha,\beta}\, X_{e,l,su+\rho\alpha-p,sv+\rho\beta-p} + b_o
where J_B = \sum_{e,o,u,v} G_{e,o,u,v}\, Y_{e,o,u,v}
let C : signal(B, k^2*c, P); D : signal(B, d, P)
let t : index(k^2*c)
"""

c, d, k, s, rho, m1, m2, P1, P2 = dims("c d k s rho m_1 m_2 P_1 P_2")
m, P, B = dims("m P B")
p, r = sp.symbols("p r", integer=True, nonnegative=True)
x, W, b, g = signal("x", c, m1, m2), signal("W", d, c, k, k), signal("b", d), signal("g", d, P1, P2)
o, l, alpha, beta = sp.Idx("o", d), sp.Idx("l", c), sp.Idx("alpha", k), sp.Idx("beta", k)
u, v, t = sp.Idx("u", P1), sp.Idx("v", P2), sp.Idx("t", k**2 * c)
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


y = output(o, u, v)
cost = sp.Sum(g[o_, u_, v_] * output(o_, u_, v_), *WINDOWS, (o_, 0, d - 1))
filters = W[o, l, alpha, beta]


def dilated(o, mu, nu):
    """The gradient with s - 1 zeros between its entries."""
    return (
        indicator(sp.Eq(sp.Mod(mu, s), 0))
        * indicator(sp.Eq(sp.Mod(nu, s), 0))
        * g[o, sp.floor(mu / s), sp.floor(nu / s)]
    )


# --- numbers ---------------------------------------------------------------------------------------------------------

# c, d, k, stride, dilation, padding, height, width: a remainder in both directions, then in one, then windows side by side.
SHAPES = ((3, 2, 3, 2, 1, 1, 8, 6), (2, 3, 2, 3, 2, 2, 7, 9), (1, 2, 3, 1, 2, 0, 6, 5), (2, 2, 2, 2, 1, 0, 4, 6))
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


class Case:
    """One layer with random integers and halves, and what the reference layer makes of it. A batch of one, or of `images`."""

    def __init__(self, seed, dtype, images=1):
        random = np.random.default_rng(seed)
        channels, filters_, size, stride, dilation, padding, height, width = SHAPES[seed % len(SHAPES)]
        self.options = {"stride": stride, "dilation": dilation, "padding": padding}
        self.x = random.normal(size=(images, channels, height, width)).astype(dtype)
        self.W = random.normal(size=(filters_, channels, size, size)).astype(dtype)
        self.b = random.normal(size=filters_).astype(dtype)
        self.y = conv2d_layer.forward(self.x, self.W, self.b, **self.options)
        self.g = random.normal(size=self.y.shape).astype(dtype)
        self.grad_x, self.grad_W, self.grad_b = conv2d_layer.backward(self.g, self.x, self.W, **self.options)
        self.z = self._patches()

    def _patches(self):
        """`z[n, l, a, b, u, v]`, read pixel by pixel, zero outside."""
        stride, dilation, padding = self.options.values()
        size, shape = self.W.shape[2], self.x.shape
        z = np.zeros((*shape[:2], size, size, *self.y.shape[2:]), self.x.dtype)
        for at in np.ndindex(z.shape):
            n, channel, a, b, u, v = at
            i, j = stride * u + dilation * a - padding, stride * v + dilation * b - padding
            if 0 <= i < shape[2] and 0 <= j < shape[3]:
                z[at] = self.x[n, channel, i, j]
        return z


def _measure(what, formula, expected, seeds=range(4), images=1):
    """A formula in plain NumPy against the reference layers."""
    shapes = {seed: "c={}, d={}, k={}, stride {}, dilation {}, padding {}, {} x {}".format(*SHAPES[seed % len(SHAPES)]) for seed in seeds}
    return compared_on(what, lambda seed, dtype: Case(seed, dtype, images), shapes, formula, expected, TOLERANCE)


def _columns(case, n=0):
    return case.z[n].reshape(case.W[0].size, -1)


ANY = Text(
    "任意通道数, 滤波器数, 核的大小, 步幅 s, 膨胀 ρ 与补零 p; 图像以外为零.",
    "Any numbers of channels and filters, any kernel size, stride s, dilation ρ and padding p; the image is zero outside.",
)
CHAIN = Text(
    "g 是 Cost 对输出的梯度; 由链式法则, J = Σ g y 在 g 固定时的导数就是 Cost 的导数.",
    "g is the gradient of the cost by the output; by the chain rule the derivatives of J = Σ g y with g held fixed are those of the cost.",
)
CONDITIONS = Text(f"{ANY.zh} {CHAIN.zh}", f"{ANY.en} {CHAIN.en}")
LINEARITY = Text("和的导数等于导数的和", "the derivative of a sum is the sum of the derivatives")

# --- the gradients of filters and bias -------------------------------------------------------------------------------

by_weights = sp.Derivative(cost, filters)
correlation = sp.Sum(g[o, u_, v_] * patch(l, alpha, beta, u_, v_), *WINDOWS)
STRETCHED = ((nu, 0, s * (P2 - 1)), (mu, 0, s * (P1 - 1)))
stretched = sp.Sum(dilated(o, mu, nu) * x[l, mu + rho * alpha - p, nu + rho * beta - p], *STRETCHED)
output_by_weights = sp.Derivative(output(o_, u_, v_), filters)

weights = Claim(
    id="5.2c-gradW-corr",
    section="5.2",
    title=Text("权重的梯度是互相关", "the gradient of the weights is a cross-correlation"),
    chain=(by_weights, correlation, stretched),
    steps=(
        Step(
            output_by_weights,
            sp.KroneckerDelta(o_, o) * patch(l, alpha, beta, u_, v_),
            Text(
                "滤波器 o 只影响输出通道 o, 乘的是窗口的像素 (5.2-z)",
                "filter o acts on channel o only, times a pixel (5.2-z)",
            ),
        ),
        Step(by_weights, sp.Sum(g[o_, u_, v_] * output_by_weights, *WINDOWS, (o_, 0, d - 1)), LINEARITY),
        Step(
            correlation,
            stretched,
            Text(
                "g 的元素之间插入 s - 1 个零, 步幅变成 1", "s - 1 zeros between the entries of g: then the stride is 1"
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("翻转 g", "g flipped"),
            lambda: (by_weights, sp.Sum(g[o, P1 - 1 - u_, P2 - 1 - v_] * patch(l, alpha, beta, u_, v_), *WINDOWS)),
        ),
        NearMiss(
            Text("忽略步幅", "the stride ignored"),
            lambda: (
                by_weights,
                sp.Sum(g[o, u_, v_] * x[l, u_ + rho * alpha - p, v_ + rho * beta - p], *WINDOWS),
            ),
        ),
        NearMiss(
            Text("核的位置翻转", "the taps flipped"),
            lambda: (by_weights, sp.Sum(g[o, u_, v_] * patch(l, k - 1 - alpha, k - 1 - beta, u_, v_), *WINDOWS)),
        ),
        NearMiss(
            Text("忽略补零", "the padding ignored"),
            lambda: (
                by_weights,
                sp.Sum(g[o, u_, v_] * x[l, s * u_ + rho * alpha, s * v_ + rho * beta], *WINDOWS),
            ),
        ),
        NearMiss(
            Text("对位置取平均", "the mean over positions"),
            lambda: (by_weights, correlation / (P1 * P2)),
        ),
    ),
    numeric=_measure(
        Text("互相关, 与 reference.conv2d.backward 比较", "the cross-correlation against reference.conv2d.backward"),
        lambda case: np.einsum("nouv,nlabuv->olab", case.g, case.z),
        lambda case: case.grad_W,
    ),
    conditions=CONDITIONS,
)

sizes = sp.And(sp.Eq(m + 2 * p, s * (P - 1) + rho * (k - 1) + 1 + r), r <= s - 1)
positions = sp.floor((m + 2 * p - (s * (P - 1) + 1)) / rho) + 1

weights_size = Claim(
    id="5.2c-gradW-size",
    section="5.2",
    title=Text("互相关的结果要裁到 k", "the result of the cross-correlation is cropped to k"),
    chain=(sizes, sp.Eq(positions, k + sp.floor(r / rho))),
    method=Integers(),
    near_misses=(
        NearMiss(Text("总是正好 k 个", "always k"), lambda: (sizes, sp.Eq(positions, k))),
        NearMiss(Text("多出 r 个", "r too many"), lambda: (sizes, sp.Eq(positions, k + r))),
        NearMiss(
            Text("full 而不是 valid", "full instead of valid"),
            lambda: (sizes, sp.Eq(m + 2 * p + (s * (P - 1) + 1) - 1, k + sp.floor(r / rho))),
        ),
    ),
    numeric=_measure(
        Text("膨胀的 g 在补零的 x 上能放的位置数", "places of the stretched g on the padded x"),
        lambda case: np.array([_stretched_places(case)]),
        lambda case: np.array([len(range(0, _padded(case) - _stretched_width(case) + 1, case.options["dilation"]))]),
    ),
    conditions=Text(
        "输入宽 m, 补零 p, 步幅 s, 膨胀 ρ, 输出宽 P; 余数 0 ≤ r < s: m + 2p = s(P - 1) + ρ(k - 1) + 1 + r.",
        "Input width m, padding p, stride s, dilation ρ, output width P; the remainder 0 ≤ r < s: m + 2p = s(P - 1) + ρ(k - 1) + 1 + r.",
    ),
)


def _padded(case):
    return case.x.shape[2] + 2 * case.options["padding"]


def _stretched_width(case):
    return case.options["stride"] * (case.y.shape[2] - 1) + 1


def _stretched_places(case):
    stride, dilation, _ = case.options.values()
    size = case.W.shape[2]
    return size + (_padded(case) - dilation * (size - 1) - 1) % stride // dilation


by_bias = sp.Derivative(cost, b[o])

bias = Claim(
    id="5.2c-gradb-entries",
    section="5.2",
    title=Text("偏置的梯度, 逐元素", "the gradient of the bias, entry by entry"),
    chain=(by_bias, sp.Sum(g[o, u_, v_], *WINDOWS)),
    steps=(
        Step(
            sp.Derivative(output(o_, u_, v_), b[o]),
            sp.KroneckerDelta(o_, o),
            Text("偏置 o 加在通道 o 的每个位置上", "bias o is added at every position of channel o"),
        ),
        Step(
            by_bias,
            sp.Sum(g[o_, u_, v_] * sp.KroneckerDelta(o_, o), *WINDOWS, (o_, 0, d - 1)),
            LINEARITY,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("对位置取平均", "the mean over positions"),
            lambda: (by_bias, sp.Sum(g[o, u_, v_], *WINDOWS) / (P1 * P2)),
        ),
        NearMiss(
            Text("也对通道求和", "summed over channels as well"),
            lambda: (by_bias, sp.Sum(g[o_, u_, v_], *WINDOWS, (o_, 0, d - 1))),
        ),
        NearMiss(Text("只取一个位置", "one position only"), lambda: (by_bias, g[o, 0, 0])),
    ),
    numeric=_measure(
        Text("Σ g 与 reference.conv2d.backward 比较", "Σ g against reference.conv2d.backward"),
        lambda case: case.g.sum(axis=(0, 2, 3)),
        lambda case: case.grad_b,
    ),
    conditions=CONDITIONS,
)

# --- weight sharing --------------------------------------------------------------------------------------------------

n1, n2 = sp.symbols("i_1 j_1", integer=True)
PIXELS = ((n2, 0, m2 - 1), (n1, 0, m1 - 1))
T = signal("T", d, P1, P2, c, m1, m2)  # a fully connected layer between the same maps: nothing is shared
i, j = sp.Idx("i", m1), sp.Idx("j", m2)


def copy(u, v, i, j, a, b):
    """1 where weight (a, b) stands in row (u, v) and column (i, j) of the fully connected matrix."""
    return indicator(sp.Eq(s * u + rho * a - p, i)) * indicator(sp.Eq(s * v + rho * b - p, j))


connected_cost = sp.Sum(
    g[o_, u_, v_] * sp.Sum(T[o_, u_, v_, l_, n1, n2] * x[l_, n1, n2], *PIXELS, (l_, 0, c - 1)), *WINDOWS, (o_, 0, d - 1)
)
tied = (
    sp.Sum(sp.Sum(W[o, l_, a_, b_] * copy(u, v, n1, n2, a_, b_), *TAPS) * x[l_, n1, n2], *PIXELS, (l_, 0, c - 1)) + b[o]
)
copies = sp.Sum(copy(u_, v_, n1, n2, alpha, beta) * g[o, u_, v_] * x[l, n1, n2], *PIXELS, *WINDOWS)

sharing = Claim(
    id="5.2c-sharing-sum",
    section="5.2",
    title=Text("共享权值的梯度是各份之和", "the gradient of a shared weight is the sum over its copies"),
    chain=(by_weights, copies),
    steps=(
        Step(
            y,
            tied,
            Text(
                "卷积层是全连接层, 权重 (o, l, α, β) 在窗口的每个位置各出现一次",
                "the layer is fully connected, weight (o, l, α, β) standing once for every window",
            ),
        ),
        Step(
            sp.Derivative(connected_cost, T[o, u, v, l, i, j]),
            g[o, u, v] * x[l, i, j],
            Text(
                "全连接层的梯度是外积 (5.1-matrix-grad)",
                "the gradient of a fully connected layer is an outer product (5.1-matrix-grad)",
            ),
        ),
        Step(
            copies,
            correlation,
            Text("与 5.2c-gradW-corr 是同一个和", "the same sum as in 5.2c-gradW-corr"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("各份的平均 (投影而不是伴随)", "the mean over the copies (projection instead of adjoint)"),
            lambda: (by_weights, copies / (P1 * P2)),
        ),
        NearMiss(
            Text("只取第一份", "the first copy only"),
            lambda: (by_weights, g[o, 0, 0] * patch(l, alpha, beta, 0, 0)),
        ),
        NearMiss(
            Text("全连接层的梯度全部求和", "the whole gradient of the fully connected layer summed"),
            lambda: (by_weights, sp.Sum(g[o, u_, v_] * x[l, n1, n2], *PIXELS, *WINDOWS)),
        ),
    ),
    numeric=_measure(
        Text("全连接梯度 g xᵀ 在各份上求和", "the gradient g xᵀ of the dense layer summed over the copies"),
        lambda case: _summed_copies(case),
        lambda case: case.grad_W,
    ),
    conditions=CONDITIONS,
)


def _summed_copies(case):
    stride, dilation, padding = case.options.values()
    dense = np.einsum("ouv,lij->ouvlij", case.g[0], case.x[0])
    result = np.zeros_like(case.W)
    for u, v, a, b in np.ndindex(*case.y.shape[2:], *case.W.shape[2:]):
        i, j = stride * u + dilation * a - padding, stride * v + dilation * b - padding
        if 0 <= i < case.x.shape[2] and 0 <= j < case.x.shape[3]:
            result[:, :, a, b] += dense[:, u, v, :, i, j]
    return result


# --- batches ---------------------------------------------------------------------------------------------------------

X, G = signal("X", B, c, m1, m2), signal("G", B, d, P1, P2)
e = sp.Idx("e", B)
e_ = sp.Symbol("e_1", integer=True)
BATCH = (e_, 0, B - 1)


class Example:
    """One example of the batch as an input of the layer."""

    def __init__(self, number):
        self.number = number

    def __getitem__(self, at):
        return X[(self.number, *at)]


batch_cost = sp.Sum(
    G[e_, o_, u_, v_] * conv2d.forward(Example(e_), W, o_, u_, v_, b, **OPTIONS), *WINDOWS, (o_, 0, d - 1), BATCH
)
batch_by_weights = sp.Derivative(batch_cost, filters)
example_patch = im2col.patch(Example(e_), l, alpha, beta, u_, v_, **OPTIONS)
batch_sum = sp.Sum(G[e_, o, u_, v_] * example_patch, *WINDOWS, BATCH)
batch = Claim(
    id="5.2c-batch",
    section="5.2",
    title=Text(
        "一批样本: 权重的梯度再对样本求和", "a batch: the gradient of the weights is summed over the examples as well"
    ),
    chain=(batch_by_weights, batch_sum),
    also=((sp.Derivative(batch_cost / B, filters), batch_sum / B),),
    steps=(
        Step(
            sp.Derivative(
                sp.Sum(
                    G[e, o_, u_, v_] * conv2d.forward(Example(e), W, o_, u_, v_, b, **OPTIONS), *WINDOWS, (o_, 0, d - 1)
                ),
                filters,
            ),
            sp.Sum(G[e, o, u_, v_] * im2col.patch(Example(e), l, alpha, beta, u_, v_, **OPTIONS), *WINDOWS),
            Text("每个样本: 5.2c-gradW-corr", "for one example: 5.2c-gradW-corr"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("和的乘积: (Σ G)(Σ Z)ᵀ", "the product of the sums: (Σ G)(Σ Z)ᵀ"),
            lambda: (
                batch_by_weights,
                sp.Sum(
                    G[e_, o, u_, v_] * im2col.patch(Example(t_), l, alpha, beta, u_, v_, **OPTIONS),
                    *WINDOWS,
                    BATCH,
                    (t_, 0, B - 1),
                ),
            ),
        ),
        NearMiss(
            Text("平均损失也除以位置数", "the mean loss divides by the positions, too"),
            lambda: (sp.Derivative(batch_cost / B, filters), batch_sum / (B * P1 * P2)),
        ),
        NearMiss(
            Text("对样本取平均", "the mean over the examples"),
            lambda: (batch_by_weights, batch_sum / B),
        ),
    ),
    numeric=_measure(
        Text("三个样本, 与 reference.conv2d.backward 比较", "three examples against reference.conv2d.backward"),
        lambda case: (
            np.concatenate([each.reshape(len(case.W), -1) for each in case.g], axis=1)
            @ np.concatenate([_columns(case, n) for n in range(3)], axis=1).T
        ).reshape(case.W.shape),
        lambda case: case.grad_W,
        images=3,
    ),
    conditions=CONDITIONS,
)

D, C = signal("D", B, d, P), signal("C", B, k**2 * c, P)  # gradients and columns of each example
w_ = sp.Symbol("w_1", integer=True)
apart = sp.Sum(D[e_, o, w_] * C[e_, t, w_], (w_, 0, P - 1), BATCH)
joined = sp.Sum(D[sp.floor(w_ / P), o, sp.Mod(w_, P)] * C[sp.floor(w_ / P), t, sp.Mod(w_, P)], (w_, 0, B * P - 1))

batch_columns = Claim(
    id="5.2c-batch-columns",
    section="5.2",
    title=Text("一批样本的窗口并成一个矩阵", "the windows of a batch in one matrix"),
    chain=(apart, joined),
    near_misses=(
        NearMiss(
            Text("少一个样本", "one example too few"),
            lambda: (apart, joined.func(joined.function, (w_, 0, (B - 1) * P - 1))),
        ),
        NearMiss(
            Text("两个矩阵的列次序不同", "the columns of the two matrices in different orders"),
            lambda: (
                apart,
                sp.Sum(
                    D[sp.floor(w_ / P), o, sp.Mod(w_, P)] * C[sp.Mod(w_, B), t, sp.floor(w_ / B)], (w_, 0, B * P - 1)
                ),
            ),
        ),
        NearMiss(
            Text("和的乘积", "the product of the sums"),
            lambda: (apart, sp.Sum(D[e_, o, w_] * C[t_, t, w_], (w_, 0, P - 1), BATCH, (t_, 0, B - 1))),
        ),
    ),
    numeric=_measure(
        Text("并列的矩阵之积与逐个样本之和", "the product of the joined matrices against the sum over examples"),
        lambda case: sum(case.g[n].reshape(len(case.W), -1) @ _columns(case, n).T for n in range(3)),
        lambda case: (
            np.concatenate([each.reshape(len(case.W), -1) for each in case.g], axis=1)
            @ np.concatenate([_columns(case, n) for n in range(3)], axis=1).T
        ),
        images=3,
    ),
    conditions=Text(
        "任意样本数 B, 每个样本 P 个窗口; 样本 n 的窗口 w 是第 Pn + w 列.",
        "Any number B of examples with P windows each; window w of example n is column Pn + w.",
    ),
)

batch_by_input = sp.Derivative(batch_cost, X[e, l, i, j])
own_input = sp.Sum(G[e, o_, u_, v_] * W[o_, l, a_, b_] * copy(u_, v_, i, j, a_, b_), *TAPS, *WINDOWS, (o_, 0, d - 1))

batch_input = Claim(
    id="5.2c-batch-input",
    section="5.2",
    title=Text("一批样本: 输入的梯度互不相干", "a batch: the gradients of the inputs stay apart"),
    chain=(batch_by_input, own_input),
    near_misses=(
        NearMiss(
            Text("也对样本求和", "summed over the examples as well"),
            lambda: (
                batch_by_input,
                sp.Sum(
                    G[e_, o_, u_, v_] * W[o_, l, a_, b_] * copy(u_, v_, i, j, a_, b_),
                    *TAPS,
                    *WINDOWS,
                    (o_, 0, d - 1),
                    BATCH,
                ),
            ),
        ),
        NearMiss(Text("除以样本数", "divided by the number of examples"), lambda: (batch_by_input, own_input / B)),
    ),
    numeric=_measure(
        Text("每个样本单独求, 与整批的结果比较", "one example at a time against the whole batch"),
        lambda case: np.concatenate(
            [conv2d_layer.backward(case.g[[n]], case.x[[n]], case.W, **case.options)[0] for n in range(3)]
        ),
        lambda case: case.grad_x,
        images=3,
    ),
    conditions=CONDITIONS,
)

DERIVATION = Derivation(
    title=Text("权重与偏置的梯度", "the gradients of weights and bias"),
    context=CONTEXT,
    claims=(weights, weights_size, bias, sharing, batch, batch_columns, batch_input),
    source="lecture note, section 5.2",
)
