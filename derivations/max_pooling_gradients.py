"""Section 5.2: the gradient of max pooling.

The maximum is not differentiable where it is attained twice. So the statements are about what it does nearby: with a single
largest pixel it is that pixel, and the gradient of the layer follows; at a tie it has subgradients, and these are found.
"""

import numpy as np
import sympy as sp

from cnnsym import Maximum, dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Inequality, NearMiss, Step, Text
from cnnsym.layers import max_pool2d
from cnnsym.measurement import compared_on
from cnnsym.reference import max_pool2d as max_pool2d_layer

CONTEXT = r"""
let c, k, s, m_1, m_2, P_1, P_2, K : size
let x, z : signal(c, m_1, m_2)                  # an image, and another one nearby
let g : signal(c, P_1, P_2)                     # the gradient of the cost by the output of pooling
let \mu : signal(c, k, k, P_1, P_2)             # 1 at the maximum of each window, else 0
let l : index(c); i : index(m_1); j : index(m_2); u : index(P_1); v : index(P_2)
let \alpha, \beta, \lambda, \tau, \kappa : integer
where \check{J} = \sum_{l,u,v} g_{l,u,v}\sum_{\alpha=0}^{k-1}\sum_{\beta=0}^{k-1} \mu_{l,\alpha,\beta,u,v}\,x_{l,su+\alpha,sv+\beta}
# One window in a row, for ties: its entries, those of another point, weights.
let a, h, w : signal(K)
let q, q_2 : integer
let \epsilon, t, \sigma : scalar
"""

c, k, s, m1, m2, P1, P2, K = dims("c k s m_1 m_2 P_1 P_2 K")
x, z, g = signal("x", c, m1, m2), signal("z", c, m1, m2), signal("g", c, P1, P2)
l, i, j, u, v = sp.Idx("l", c), sp.Idx("i", m1), sp.Idx("j", m2), sp.Idx("u", P1), sp.Idx("v", P2)
alpha, beta = sp.symbols("alpha beta", integer=True)
epsilon, t, sigma = sp.symbols("epsilon t sigma", real=True)
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

# channels, window, stride, padding, height, width: windows that tile, that overlap, with gaps between them.
SHAPES = ((2, 2, 2, 0, 4, 6), (3, 3, 1, 0, 5, 4), (2, 2, 3, 0, 8, 5))
ALL = tuple(range(len(SHAPES)))
FIRST = (0,)
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


class Case:
    """A random image without ties, a gradient by the output, and what the reference layer makes of them."""

    def __init__(self, seed, dtype):
        random = np.random.default_rng(seed)
        channels, self.size, self.stride, self.padding, height, width = SHAPES[seed]
        self.dtype = dtype
        self.options = {"stride": self.stride, "padding": self.padding}
        self.x = random.permutation(channels * height * width).reshape(1, channels, height, width).astype(dtype) / 7
        self.y = max_pool2d_layer.forward(self.x, self.size, **self.options)
        self.g = random.normal(size=self.y.shape).astype(dtype)

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
    shapes = {seed: "c={}, window {}, stride {}, padding {}, {} x {}".format(*SHAPES[seed]) for seed in seeds}
    return compared_on(what, Case, shapes, formula, expected, TOLERANCE)


CHAIN = Text(
    "g 是 Cost 对输出的梯度; 由链式法则, J = Σ g y 在 g 固定时的导数就是 Cost 的导数.",
    "g is the gradient of the cost by the output; by the chain rule the derivatives of J = Σ g y with g held fixed are those of the cost.",
)
ROCKAFELLAR = "Rockafellar, Convex Analysis, section 23"

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
            Text(
                "窗口的输出是它最大的像素 (5.2c-maxpool-unique)",
                "the output of a window is its largest pixel (5.2c-maxpool-unique)",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("窗口重叠时覆盖而不是相加: 只留最后一个窗口", "overwritten instead of added: the last window only"),
            lambda: (
                by_selected,
                sp.Sum(
                    (g[l, u_, v_] * mu[l, a_, b_, u_, v_] * at(u_, v_, a_, b_)).subs({u_: P1 - 1, v_: P2 - 1}), *TAPS
                ),
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
                    g[l, u_, v_] * mu[l, a_, b_, u_, v_] * indicator(sp.Eq(a_, i)) * indicator(sp.Eq(b_, j)),
                    *TAPS,
                    *WINDOWS,
                ),
            ),
        ),
    ),
    numeric=_measure(
        Text(
            "加到最大的像素上, 与 reference.max_pool2d.backward 比较",
            "added to the largest pixels against reference.max_pool2d.backward",
        ),
        lambda case: _to_largest(case),
        Case.maximum,
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
        sp.And(
            sp.Le(pixel(z, a_, b_) - pixel(x, a_, b_), epsilon), sp.Le(pixel(x, a_, b_) - pixel(z, a_, b_), epsilon)
        ),
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
            Text(
                "只要是最大的像素, 不论 z 多远, 有无并列",
                "for any largest pixel, however far z is and whether or not there is a tie",
            ),
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
        Text(
            "参考层在并列处取的次梯度: 第一个最大像素",
            "the subgradient of the reference layer at a tie: the first of the largest",
        ),
        lambda case: _first_of_tie(case),
        lambda case: np.array([[[[1, 0], [0, 0]]]], case.dtype),
        seeds=FIRST,
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
        seeds=FIRST,
    ),
    conditions=Text(
        "用三种点试次梯度不等式 (t > 0): 把像素 q 降低 t 得 w_q ≥ 0; 像素 q 比最大值低至少 t 时升降它得 w_q = 0; 把所有像素升降 t 得 σ = Σw = 1.",
        "The subgradient inequality tried at three kinds of points (t > 0): lowering pixel q by t gives w_q ≥ 0; raising and lowering a pixel that is at least t below the maximum gives w_q = 0; moving all pixels by t gives σ = Σw = 1.",
    ),
    source=ROCKAFELLAR,
)

DERIVATION = Derivation(
    title=Text("最大池化的梯度", "the gradient of max pooling"),
    context=CONTEXT,
    claims=(maximum, unique, layer, kink, hull, only),
    source="lecture note, section 5.2",
)
