"""Extensions: how far a stack of convolution layers sees, and what a layer costs.

A stack of layers without activations is one linear layer. If an output of the layers below reads `r` inputs from `j n` on (`r` is
the receptive field, `j` the jump), then one more layer with `k` taps and stride `s` reads `r + (k - 1) j` inputs from `j s n` on.
Costs are counted by the layers themselves: where every number is 1, the output is the number of products.
"""

import math

import numpy as np
import sympy as sp

from cnnsym import dims, signal
from cnnsym.claim import Claim, Derivation, Integers, NearMiss, Step, Text
from cnnsym.layers import conv1d, conv2d, depthwise_conv2d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import depthwise_conv2d as depthwise_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let r, j, k, s, k_1, k_2, k_3, s_1, s_2, s_3, L, M : size
let c, d, H, W : size
let n, a, b : integer
let x : signal(infinite); let w : signal(k)
let \rho : signal(r)                                    # the layers below, as one layer
let w^{1} : signal(k_1); let w^{2} : signal(k_2); let w^{3} : signal(k_3)
let K, J : signal(infinite)                             # kernel sizes and jumps, layer by layer
where \kappa_e = \sum_{b=0}^{k-1} w_b \rho_{e-jb}
where y_i = \sum_{a=0}^{r-1} \rho_a x_{ji+a}
where y^{1}_i = \sum_{a=0}^{k_1-1} w^{1}_a x_{s_1i+a}
where y^{2}_i = \sum_{a=0}^{k_2-1} w^{2}_a y^{1}_{s_2i+a}
"""

r, j, k, s, k1, k2, k3, s1, s2, s3, L, M = dims("r j k s k_1 k_2 k_3 s_1 s_2 s_3 L M")
c, d, H, W = dims("c d H W")
n, a, b, e, i, l, o, t, u, v = sp.symbols("n a b e i l o t u v", integer=True)
x, w, rho = signal("x", sp.oo), signal("w", k), signal("rho", r)
w1, w2, w3 = signal("w^1", k1), signal("w^2", k2), signal("w^3", k3)


class Entries:
    """An array given by its entries: the output of a layer as the input of the next, or an array of ones with a shape."""

    def __init__(self, entry, *shape):
        self._entry, self.shape = entry, shape

    def __getitem__(self, at):
        return self._entry(at)


def ones(*shape):
    return Entries(lambda at: sp.S.One, *shape)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _seen(dtype, kernels, strides, at=3, activation=None):
    """First and last input that output number `at` of a stack of reference layers depends on: the support of the gradient.

    Every layer is a mean, and `activation`, a reference layer, stands behind each where it is given.
    """
    layers = [(np.full((1, 1, size), 1 / size, dtype), stride) for size, stride in zip(kernels, strides, strict=True)]
    value, tape = np.ones((1, 1, 200), dtype), []
    for kernel, stride in layers:
        below, value = value, conv1d_layer.forward(value, kernel, stride=stride)
        tape.append((below, value))
        value = value if activation is None else activation.forward(value)
    gradient = np.zeros_like(value)
    gradient[0, 0, at] = 1
    for (kernel, stride), (below, output) in zip(reversed(layers), reversed(tape), strict=True):
        gradient = gradient if activation is None else activation.backward(gradient, output)
        gradient = conv1d_layer.backward(gradient, below, kernel, stride=stride)[0]
    places = np.flatnonzero(gradient[0, 0])
    return places[0], places[-1]


def _predicted(kernels, strides, at=3):
    field, jump = 1, 1
    for size, stride in zip(kernels, strides, strict=True):
        field, jump = field + (size - 1) * jump, jump * stride
    return jump * at, jump * at + field - 1


STACKS = (
    {"kernels": (3, 3), "strides": (1, 1)},
    {"kernels": (3, 2, 5), "strides": (2, 3, 1)},
    {"kernels": (1, 4, 2, 3), "strides": (3, 1, 2, 2)},
)
SUPPORT = Text(
    "第 3 个输出的梯度在参考层叠上的支撑: 第一个与最后一个位置",
    "the support of the gradient of output number 3 through the reference layers: its first and its last position",
)
SUBSTITUTE = Text("令 e = jb + a", "put e = jb + a")
ARAUJO = "Araujo, Norris and Sim, Computing receptive fields of convolutional neural networks (2019)"

# --- receptive field -------------------------------------------------------------------------------------------------

below = Entries(lambda at: sp.Sum(rho[t] * x[j * at + t], (t, 0, r - 1)))  # t: the layer above sums over a
above = conv1d.correlation(below, w, n, stride=s)


def merged(at):
    """The kernel of both together."""
    return sp.Sum(w[b] * rho[at - j * b], (b, 0, k - 1))


field = r + (k - 1) * j
whole = sp.Sum(merged(e) * x[j * s * n + e], (e, 0, field - 1))

receptive_field = Claim(
    id="ext-receptive-field",
    section="ext",
    title=Text("再加一层: 感受野 r + (k - 1)j, 跳距 js", "one more layer: receptive field r + (k - 1)j, jump js"),
    chain=(above, whole),
    also=((merged(sp.S.Zero), w[0] * rho[0]), (merged(field - 1), w[k - 1] * rho[r - 1])),
    steps=(
        Step(
            above,
            sp.Sum(w[b] * rho[a] * x[j * (s * n + b) + a], (a, 0, r - 1), (b, 0, k - 1)),
            Text("代入下面各层", "the layers below put in"),
        ),
        Step(
            sp.Sum(w[b] * rho[a] * x[j * (s * n + b) + a], (a, 0, r - 1), (b, 0, k - 1)),
            whole,
            SUBSTITUTE,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("感受野 r + k - 1", "a receptive field of r + k - 1"),
            lambda: (above, sp.Sum(merged(e) * x[j * s * n + e], (e, 0, r + k - 2))),
        ),
        NearMiss(
            Text("少一个", "one too few"),
            lambda: (above, sp.Sum(merged(e) * x[j * s * n + e], (e, 0, field - 2))),
        ),
        NearMiss(
            Text("乘积包括自己的步幅", "the product includes the stride of the layer itself"),
            lambda: (merged(r + (k - 1) * j * s - 1), w[k - 1] * rho[r - 1]),
        ),
        NearMiss(Text("核的大小相乘", "kernel sizes multiplied"), lambda: (merged(k * r - 1), w[k - 1] * rho[r - 1])),
        NearMiss(
            Text("跳距 j + s", "a jump of j + s"),
            lambda: (above, sp.Sum(merged(e) * x[(j + s) * n + e], (e, 0, field - 1))),
        ),
    ),
    numeric=compared(SUPPORT, STACKS, lambda _, dtype, **stack: (_predicted(**stack), _seen(dtype, **stack))),
    conditions=Text(
        "下面各层合起来是核 ρ, 有 r 个元素, 跳距 j; 这一层 k 个元素, 步幅 s; Z 上的任意输入. 后两式: 两端的系数是两端元素之积, 所以范围不能再小. "
        "从 r = j = 1 开始归纳, 得 r_L = 1 + Σ (k_l - 1) Π_{i<l} s_i, j_L = Π s_l.",
        "the layers below are together a kernel ρ of r taps with jump j; this layer has k taps and stride s; any input on Z. The last two "
        "equations: the coefficients at both ends are products of taps at the ends, so that the range cannot be smaller. By induction from "
        "r = j = 1, r_L = 1 + Σ (k_l - 1) Π_{i<l} s_i and j_L = Π s_l.",
    ),
    source=ARAUJO,
)

first_layer = Entries(lambda at: conv1d.correlation(x, w1, at, stride=s1))
second_layer = Entries(lambda at: conv1d.correlation(first_layer, w2, at, stride=s2))
three_layers = conv1d.correlation(second_layer, w3, n, stride=s3)
last = (k1 - 1) + (k2 - 1) * s1 + (k3 - 1) * s1 * s2


def merged_three(at):
    return sp.Sum(w3[b] * w2[a] * w1[at - s1 * a - s1 * s2 * b], (a, 0, k2 - 1), (b, 0, k3 - 1))


def three_as_one(end, jump=s1 * s2 * s3):
    return sp.Sum(merged_three(e) * x[jump * n + e], (e, 0, end))


three = Claim(
    id="ext-receptive-field-three",
    section="ext",
    title=Text("三层写开", "three layers, written out"),
    chain=(three_layers, three_as_one(last)),
    near_misses=(
        NearMiss(Text("少一个", "one too few"), lambda: (three_layers, three_as_one(last - 1))),
        NearMiss(
            Text("核的大小之和减二", "the sum of the kernel sizes less two"),
            lambda: (three_layers, three_as_one(k1 + k2 + k3 - 3)),
        ),
        NearMiss(
            Text("跳距漏掉最后的步幅", "the last stride left out of the jump"),
            lambda: (three_layers, three_as_one(last, jump=s1 * s2)),
        ),
    ),
    numeric=compared(
        SUPPORT,
        ({"kernels": (3, 2, 5), "strides": (2, 3, 1)}, {"kernels": (2, 2, 2), "strides": (1, 2, 3)}),
        lambda _, dtype, **stack: (_predicted(**stack), _seen(dtype, **stack)),
    ),
    conditions=Text(
        "三层, 任意核与步幅: 感受野 1 + (k₁ - 1) + (k₂ - 1)s₁ + (k₃ - 1)s₁s₂, 跳距 s₁s₂s₃.",
        "three layers, any kernels and strides: receptive field 1 + (k₁ - 1) + (k₂ - 1)s₁ + (k₃ - 1)s₁s₂, jump s₁s₂s₃.",
    ),
)

reach = sp.And(sp.Le(0, j * (s * n + b) + a - j * s * n), sp.Lt(j * (s * n + b) + a - j * s * n, field))
taps = sp.And(sp.Le(0, b), sp.Lt(b, k), sp.Le(0, a), sp.Lt(a, r))

positions = Claim(
    id="ext-receptive-field-positions",
    section="ext",
    title=Text(
        "读到的位置都在窗口内, 不论中间有什么激活函数", "whatever the activations: all that is read lies in the window"
    ),
    chain=(taps, reach),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("窗口小一格", "a window smaller by one"),
            lambda: (taps, sp.Lt(j * (s * n + b) + a - j * s * n, field - 1)),
        ),
        NearMiss(
            Text("窗口 r + k - 1", "a window of r + k - 1"),
            lambda: (taps, sp.Lt(j * (s * n + b) + a - j * s * n, r + k - 1)),
        ),
        NearMiss(
            Text("步幅大时窗口里没有空隙", "no gaps in the window, however large the jump"),
            lambda: (taps, sp.Le(field, k * r)),
        ),
    ),
    numeric=compared(
        Text("中间有 tanh 时梯度的支撑", "the support of the gradient with tanh in between"),
        STACKS,
        lambda _, dtype, **stack: (_predicted(**stack), _seen(dtype, **stack, activation=tanh)),
    ),
    conditions=Text(
        "第 n 个输出读下层的 sn + b (0 ≤ b < k), 它们又读 j(sn + b) + a (0 ≤ a < r). 这里只说读哪些位置, 与激活函数、池化无关. j > r 时窗口里有读不到的位置.",
        "output n reads the outputs sn + b below it (0 ≤ b < k), and these read j(sn + b) + a (0 ≤ a < r). This is about positions only and holds "
        "for any activation or pooling. For j > r some positions of the window are not read.",
    ),
)

K, J = signal("K", sp.oo), signal("J", sp.oo)


def total(first, end):
    return sp.Sum((K[l] - 1) * J[l - 1], (l, first, end))


accumulated = Claim(
    id="ext-receptive-field-sum",
    section="ext",
    title=Text("逐层累加", "added up, layer by layer"),
    chain=(1 + total(1, M), (1 + total(1, L)) + total(L + 1, M)),
    hypotheses=(sp.Le(L, M),),
    near_misses=(
        NearMiss(
            Text("一层算两次", "one layer counted twice"), lambda: (1 + total(1, M), (1 + total(1, L)) + total(L, M))
        ),
        NearMiss(
            Text("每段都加 1", "1 added for both parts"),
            lambda: (1 + total(1, M), (1 + total(1, L)) + (1 + total(L + 1, M))),
        ),
    ),
    numeric=compared(
        Text(
            "参考层叠上感受野的宽度, 在第 1 层之后分开相加",
            "the width of the receptive field of the reference layers, added up in two parts after layer 1",
        ),
        STACKS,
        lambda _, dtype, kernels, strides: (
            kernels[0] + sum((size - 1) * math.prod(strides[:at]) for at, size in enumerate(kernels) if at),
            np.ptp(_seen(dtype, kernels, strides)) + 1,
        ),
    ),
    conditions=Text(
        "K_l 是第 l 层核的大小, J_l 是前 l 层的跳距 (步幅之积), J_0 = 1. M 层的感受野是前 L 层的感受野加上其余各层的贡献.",
        "K_l is the kernel size of layer l, J_l the jump of the first l layers, the product of their strides, J_0 = 1. The receptive field of M "
        "layers is that of the first L plus what the other layers add.",
    ),
)

# --- cost ------------------------------------------------------------------------------------------------------------


def over_outputs(products, channels):
    """The products of all outputs: H x W positions in each of the channels."""
    return sp.Sum(products, (v, 0, W - 1), (u, 0, H - 1), (l, 0, channels - 1))


full = conv2d.forward(ones(c, H, W), ones(d, c, k, k), o, u, v)
depthwise = depthwise_conv2d.forward(ones(c, H, W), ones(c, k, k), o, u, v)
pointwise = conv2d.forward(ones(c, H, W), ones(d, c, 1, 1), o, u, v)
all_products = over_outputs(full, d)
separable_products = over_outputs(depthwise, c) + over_outputs(pointwise, d)
parameters = sp.Sum(1, (b, 0, k - 1), (a, 0, k - 1), (l, 0, c - 1), (o, 0, d - 1)) + sp.Sum(1, (o, 0, d - 1))

cost = Claim(
    id="ext-flop-param",
    section="ext",
    title=Text(
        "参数个数, 乘法次数, 深度可分离卷积之比",
        "parameters, multiplications, and the share of a depthwise separable convolution",
    ),
    chain=(parameters, k**2 * c * d + d),
    also=(
        (all_products, k**2 * c * d * H * W),
        (separable_products, k**2 * c * H * W + c * d * H * W),
        ((k**2 * c * H * W + c * d * H * W) / (k**2 * c * d * H * W), 1 / d + 1 / k**2),
    ),
    steps=(
        Step(full, k**2 * c, Text("一个输出用 k²c 个乘积", "an output takes k²c products")),
        Step(depthwise, k**2, Text("逐通道卷积: k² 个", "depthwise: k²")),
        Step(pointwise, c, Text("1 × 1 的卷积: c 个", "1 × 1: c")),
        Step(
            separable_products,
            (1 / d + 1 / k**2) * all_products,
            Text("两者之比", "both compared"),
        ),
    ),
    near_misses=(
        NearMiss(Text("1/c + 1/k²", "1/c + 1/k²"), lambda: (separable_products, (1 / c + 1 / k**2) * all_products)),
        NearMiss(Text("1/d + 1/k", "1/d + 1/k"), lambda: (separable_products, (1 / d + 1 / k) * all_products)),
        NearMiss(Text("漏掉偏置", "the biases forgotten"), lambda: (parameters, k**2 * c * d)),
        NearMiss(
            Text("参数随图像变大", "parameters that grow with the image"),
            lambda: (parameters, (k**2 * c * d + d) * H * W),
        ),
        NearMiss(Text("漏掉通道", "the channels forgotten"), lambda: (all_products, k**2 * d * H * W)),
    ),
    numeric=compared(
        Text(
            "数组的大小; 全 1 时参考层输出之和",
            "the sizes of the arrays; the sum of the outputs of the reference layers where everything is 1",
        ),
        (
            {"c": 3, "d": 4, "k": 3, "size": (5, 6)},
            {"c": 1, "d": 2, "k": 2, "size": (3, 3)},
            {"c": 5, "d": 1, "k": 1, "size": (2, 4)},
        ),
        lambda _, dtype, c, d, k, size: _costs(dtype, c, d, k, size),
    ),
    conditions=Text(
        "c 个输入通道, d 个滤波器, k × k 的核, H × W 个输出. 可分离: 先逐通道 k × k, 再 1 × 1.",
        "c input channels, d filters, k × k kernels, H × W outputs. Separable: k × k channel by channel, then 1 × 1.",
    ),
    source="Howard and others, MobileNets (2017), section 3.1",
)


def _costs(dtype, c, d, k, size):
    image = np.ones((1, c, size[0] + k - 1, size[1] + k - 1), dtype)
    filters, biases = np.ones((d, c, k, k), dtype), np.zeros(d, dtype)
    channels = np.ones((c, k, k), dtype)
    after = depthwise_layer.forward(image, channels)
    mixing = conv2d_layer.forward(np.ones_like(after), np.ones((d, c, 1, 1), dtype))
    outputs = size[0] * size[1]
    ours = [k**2 * c * d + d, k**2 * c * d * outputs, (k**2 * c + c * d) * outputs]
    theirs = [
        filters.size + biases.size,
        conv2d_layer.forward(image, filters, biases).sum(),
        after.sum() + mixing.sum(),
    ]
    return ours, theirs


DERIVATION = Derivation(
    title=Text("感受野与代价", "receptive fields and costs"),
    context=CONTEXT,
    claims=(
        receptive_field,
        three,
        positions,
        accumulated,
        cost,
    ),
    source="extensions of the lecture note",
)
