"""Lp pooling: between the mean and the maximum; how it grows with the exponent; its backward pass.

One window is a column x of P positive entries; S_q is the mean of their q-th powers and M_q = S_q^(1/q).
"""

import numpy as np
import sympy as sp

from cnnsym import dims, elementwise, hadamard, ones, signal, trace, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, Entailment, Inequality, Limit, NearMiss, Step, Text
from cnnsym.layers import lp_pool2d
from cnnsym.measurement import compared
from cnnsym.reference import lp_pool2d as pool_layer
from cnnsym.reference import max_pool2d as max_layer

CONTEXT = r"""
let P, H, W, k, s : size                  # entries of a window; image, window, stride
let t : scalar
let q : scalar positive
let \boldsymbol{x} : vector(P)
where T = \mathbf{1}^{\top}(t \mapsto t^q)(\boldsymbol{x})
where M = \left(\frac{1}{P}T\right)^{1/q}
let a, y : signal(P)
let X : signal(H, W)
let u, v, n : integer
let \alpha, \beta, \gamma : scalar
let x_1, x_2, x_3, x_4 : scalar positive
"""

P, H, W, k, s = dims("P H W k s")
q = sp.Symbol("q", positive=True)
t = sp.Symbol("t", real=True)
x, one = vector("x", P), ones(P)


def powers(exponent):
    return elementwise(sp.Lambda(t, t**exponent))(x)


total = trace(one.T * powers(q))
mean_power = (total / P) ** (1 / q)
reciprocal = elementwise(sp.Lambda(t, 1 / t))(x)
gradient = Gradient(mean_power, x)
formula = mean_power / total * hadamard(powers(q), reciprocal)


def _layer(random, dtype, H, W, k, q):
    """The gradient window by window, for positive entries."""
    image = (random.random((1, 1, H, W)) + 0.1).astype(dtype)
    out = pool_layer.forward(image, q, k)
    grad = random.normal(size=out.shape).astype(dtype)
    ours = np.zeros_like(image)
    for u, v in np.ndindex(out.shape[2:]):
        at = (0, 0, slice(k * u, k * u + k), slice(k * v, k * v + k))
        window = image[at]
        value = (window**q).mean() ** (1 / q)
        ours[at] += grad[0, 0, u, v] * value / window * window**q / (window**q).sum()
    return ours, pool_layer.backward(grad, image, q, k)


backward = Claim(
    id="layer-lp-pool2d-backward",
    section="layers",
    title=Text("Lp 池化的反向传播", "backpropagation through Lp pooling"),
    chain=(gradient, formula),
    steps=(
        Step(
            lp_pool2d.power_mean(x, q),
            mean_power,
            Text("层的定义, 逐元素", "the definition of the layer, entry by entry"),
        ),
        Step(Gradient(total, x), q * hadamard(powers(q), reciprocal), Text("幂的导数", "the derivative of a power")),
        Step(
            gradient,
            mean_power / (q * total) * Gradient(total, x),
            Text("链式法则", "the chain rule"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("少除以 x: 份额本身", "not divided by x: the shares themselves"),
            lambda: (gradient, mean_power / total * powers(q)),
        ),
        NearMiss(
            Text("没有 1/q 次方 (只是幂的平均)", "without the root (a mean of powers)"),
            lambda: (gradient, q / P * hadamard(powers(q), reciprocal)),
        ),
        NearMiss(
            Text("多出因子 q", "a factor q too many"),
            lambda: (gradient, q * formula),
        ),
    ),
    numeric=compared(
        Text("反向公式与参考层", "the backward formula and the reference layer"),
        ({"H": 4, "W": 6, "k": 2, "q": 2}, {"H": 6, "W": 6, "k": 3, "q": 3}, {"H": 3, "W": 3, "k": 3, "q": 1}),
        _layer,
    ),
    conditions=Text(
        "q > 0, x 的元素都大于 0 (对 |x| 的池化再乘以 sign(x)). 像素 j 得到 M_q/x_j 乘以它在幂之和中的份额.",
        "q > 0, and all entries of x are above 0 (pooling of |x| has the factor sign(x) besides). Pixel j receives M_q/x_j times its "
        "share in the sum of powers.",
    ),
    source="Sermanet, Chintala and LeCun 2012, section 2.2",
)

# --- between the mean and the maximum -----------------------------------------------------------------------------------

entries = sp.symbols("x_1:5", positive=True)
of_four = (sum(e**q for e in entries) / 4) ** (1 / q)


def _at_large_exponent(random, dtype, H, W):
    """M_q lies between max/4^(1/q) and max: at q = 10^6 it falls short of the maximum by less than 2e-6 of it."""
    image = (random.random((1, 1, H, W)) + 0.1).astype(dtype)
    return pool_layer.forward(image, 1e6, 2), max_layer.forward(image, 2)


to_maximum = Claim(
    id="ext-lp-pooling",
    section="ext",
    title=Text("q 趋于无穷时成为最大池化", "max pooling as q tends to infinity"),
    chain=(of_four, sp.Max(*entries)),
    method=Limit(q, sp.oo),
    near_misses=(
        NearMiss(Text("趋于最小值", "it tends to the minimum"), lambda: (of_four, sp.Min(*entries))),
        NearMiss(Text("趋于平均值", "it tends to the mean"), lambda: (of_four, sum(entries) / 4)),
        NearMiss(
            Text("没有 1/4 时趋于 4 倍的最大值", "without the factor 1/4 it tends to four times the maximum"),
            lambda: (sum(e**q for e in entries) ** (1 / q), 4 * sp.Max(*entries)),
        ),
    ),
    numeric=compared(
        Text("q = 10^6 时离最大值多远", "how far from the maximum at q = 10^6"),
        ({"H": 4, "W": 6}, {"H": 2, "W": 2}),
        _at_large_exponent,
        {"float64": 1e-5, "float32": 1e-5},
    ),
    conditions=Text(
        "一个 2×2 的窗口, 四个正的元素. 因为 max/4^(1/q) <= M_q <= max; 任意大小的窗口同理.",
        "A window of 2×2, four positive entries. For max/4^(1/q) <= M_q <= max; likewise for a window of any size.",
    ),
    source="Hardy, Littlewood and Pólya, Inequalities, section 2.3",
)

X = signal("X", H, W)
u, v = sp.symbols("u v", integer=True)


a, y = signal("a", P), signal("y", P)
i, j, l = sp.symbols("i j l", integer=True)


def over_window(summand):
    return sp.Sum(summand(i), (i, 0, P - 1))


weighted = (
    over_window(lambda i: a[i]) * over_window(lambda i: a[i] * y[i] ** 2) - over_window(lambda i: a[i] * y[i]) ** 2
)
pairs = sp.Sum(a[i] * a[j] * (y[i] - y[j]) ** 2, (i, 0, P - 1), (j, 0, P - 1)) / 2


def _squares(random, dtype, P):
    weights, values = random.random(P).astype(dtype), random.normal(size=P).astype(dtype)
    left = weights.sum() * (weights * values**2).sum() - (weights * values).sum() ** 2
    return left, (np.outer(weights, weights) * np.subtract.outer(values, values) ** 2).sum() / 2


convexity = Claim(
    id="ext-lp-pooling-convexity",
    section="ext",
    title=Text("S_q² <= S_{q-1} S_{q+1}: 差是平方和", "S_q² <= S_{q-1} S_{q+1}: the difference is a sum of squares"),
    chain=(weighted, pairs),
    near_misses=(
        NearMiss(
            Text("没有因子 1/2", "without the factor 1/2"),
            lambda: (weighted, 2 * pairs),
        ),
        NearMiss(
            Text("平方和没有权重", "squares without weights"),
            lambda: (weighted, sp.Sum((y[i] - y[j]) ** 2, (i, 0, P - 1), (j, 0, P - 1)) / 2),
        ),
    ),
    numeric=compared(Text("两边", "the two sides"), ({"P": 1}, {"P": 4}, {"P": 9}), _squares),
    conditions=Text(
        "取 a_i = y_i^(q-1), y_i > 0: 左边是 P² (S_{q-1} S_{q+1} - S_q²), 右边不小于 0.",
        "With a_i = y_i^(q-1), y_i > 0, the left side is P² (S_{q-1} S_{q+1} - S_q²); the right side is at least 0.",
    ),
    source="Hardy, Littlewood and Pólya, Inequalities, section 2.9",
)


def _excess(random, dtype, H, W, k):
    image = random.random((1, 1, H, W)).astype(dtype)
    excess = np.maximum(pool_layer.forward(image, 1, k) - pool_layer.forward(image, 2, k), 0)
    return excess, np.zeros_like(excess)


base = Claim(
    id="ext-lp-pooling-base",
    section="ext",
    title=Text("M_1 <= M_2 (平方之后)", "M_1 <= M_2, squared"),
    chain=(
        sp.true,
        sp.Le((over_window(lambda i: y[i]) / P) ** 2, over_window(lambda i: y[i] ** 2) / P),
    ),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("M_q 随 q 递减", "M_q decreases with q"),
            lambda: (
                sp.true,
                sp.Ge((over_window(lambda i: y[i]) / P) ** 2, over_window(lambda i: y[i] ** 2) / P),
            ),
        ),
        NearMiss(
            Text("严格小于", "strictly below"),
            lambda: (
                sp.true,
                sp.Lt((over_window(lambda i: y[i]) / P) ** 2, over_window(lambda i: y[i] ** 2) / P),
            ),
        ),
    ),
    numeric=compared(
        Text("M_1 超出 M_2 多少", "how far M_1 exceeds M_2"),
        ({"H": 4, "W": 6, "k": 2}, {"H": 6, "W": 6, "k": 3}),
        _excess,
    ),
    conditions=Text("任意 P 个实数; 全相等时取等号.", "Any P real numbers; equal where all of them are."),
    source="Hardy, Littlewood and Pólya, Inequalities, section 2.9",
)

n = sp.Symbol("n", integer=True)
alpha, beta, gamma = sp.symbols("alpha beta gamma", real=True)
known = sp.And(sp.Ge(n, 2), sp.Le(n * alpha, (n - 1) * beta), sp.Le(2 * beta, alpha + gamma))

monotone = Claim(
    id="ext-lp-pooling-monotone",
    section="ext",
    title=Text("归纳一步: M_n <= M_{n+1}", "one step of the induction: M_n <= M_{n+1}"),
    chain=(known, sp.Le((n + 1) * beta, n * gamma)),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("递减", "decreasing"),
            lambda: (known, sp.Ge((n + 1) * beta, n * gamma)),
        ),
        NearMiss(
            Text("没有归纳假设", "without the hypothesis of the induction"),
            lambda: (sp.And(sp.Ge(n, 2), sp.Le(2 * beta, alpha + gamma)), sp.Le((n + 1) * beta, n * gamma)),
        ),
        NearMiss(
            Text("没有对数凸性", "without the convexity"),
            lambda: (sp.And(sp.Ge(n, 2), sp.Le(n * alpha, (n - 1) * beta)), sp.Le((n + 1) * beta, n * gamma)),
        ),
    ),
    conditions=Text(
        "α, β, γ 是 S_{n-1}, S_n, S_{n+1} 的对数. 假设: M_{n-1} <= M_n, 即 nα <= (n-1)β, 与 S_n² <= S_{n-1}S_{n+1} (ext-lp-pooling-convexity). "
        "结论: M_n <= M_{n+1}. 起点是 ext-lp-pooling-base, 所以 M_1 <= M_2 <= M_3 <= ...",
        "α, β, γ are the logarithms of S_{n-1}, S_n, S_{n+1}. Given M_{n-1} <= M_n, that is nα <= (n-1)β, and S_n² <= S_{n-1} S_{n+1} "
        "(ext-lp-pooling-convexity), it follows that M_n <= M_{n+1}. It begins with ext-lp-pooling-base: M_1 <= M_2 <= M_3 <= ...",
    ),
    source="Hardy, Littlewood and Pólya, Inequalities, section 2.9",
)

DERIVATION = Derivation(
    title=Text("Lp 池化", "Lp pooling"),
    context=CONTEXT,
    claims=(backward, to_maximum, convexity, base, monotone),
    source="cnnsym.layers.lp_pool2d",
)
