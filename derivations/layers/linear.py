"""The fully connected layer on a batch: its backward pass; and the moments of its output, which set the scale of the weights."""

import numpy as np
import sympy as sp

from cnnsym import basis, diag, dims, elementwise, hadamard, matrix, objective, ones, relu, signal, trace, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import linear
from cnnsym.measurement import compared
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import relu as relu_layer

CONTEXT = r"""
let B, n, d : size                        # examples, entries of each before and after
let t : scalar
let Z : matrix(B, n); W : matrix(d, n); \boldsymbol{b} : vector(d)
where S = ZW^{\top} + \mathbf{1}\boldsymbol{b}^{\top}
let \mathrm{Cost} : objective(S)
let v, q : scalar positive                # the variances of a weight and of an entry before the ReLU
let m : signal(n, n)                      # second moments of the entries of z
let N, R : size                           # laws with finitely many values: a row of A, of Y for each
let A : matrix(N, n); Y : matrix(R, n); \boldsymbol{\alpha} : vector(N); \boldsymbol{\beta} : vector(R)
let \boldsymbol{y} : vector(R)
let c, k : size
"""

B, n, d = dims("B n d")
Z, W, b, S = matrix("Z", B, n), matrix("W", d, n), vector("b", d), matrix("S", B, d)
Cost, one = objective("Cost"), ones(B)
output = Z * W.T + one * b.T
G = Gradient(Cost(S), S, output)
by_Z, by_W, by_b = (Gradient(Cost(output), variable) for variable in (Z, W, b))
chosen = basis(sp.Idx("i", B) + 1, B)  # of example i, counted from 0: its row of Z is Z' e_i


CASES = ({"B": 1, "n": 1, "d": 1}, {"B": 5, "n": 3, "d": 4}, {"B": 2, "n": 6, "d": 2})


def _both(random, dtype, B, n, d):
    """The formulas, written plainly, against the reference layer."""
    z, w, grad = (random.normal(size=size).astype(dtype) for size in ((B, n), (d, n), (B, d)))
    ours = grad @ w, grad.T @ z, grad.T @ np.ones(B, dtype)
    theirs = linear_layer.backward(grad, z, w)
    return (np.concatenate([np.ravel(each) for each in arrays]) for arrays in (ours, theirs))


backward = Claim(
    id="layer-linear-backward",
    section="layers",
    title=Text("一批样本的全连接层的反向传播", "backpropagation through a fully connected layer, for a batch"),
    chain=(by_Z, G * W),
    also=((by_W, G.T * Z), (by_b, G.T * one)),
    steps=(
        Step(
            linear.forward(Z.T * chosen, W, b),
            output.T * chosen,
            Text("第 i 个样本: 层的定义, 逐元素", "example i: the definition of the layer, entry by entry"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("W 转置 (方阵)", "W transposed (square)"),
            lambda: (by_Z.xreplace({d: n}), (G * W.T).xreplace({d: n})),
        ),
        NearMiss(
            Text("对 W 的梯度转置 (方阵)", "the gradient by W transposed (square)"),
            lambda: (by_W.xreplace({d: n}), (Z.T * G).xreplace({d: n})),
        ),
        NearMiss(Text("对批量取平均", "a mean over the batch"), lambda: (by_b, G.T * one / B)),
    ),
    numeric=compared(Text("反向公式, 对照参考层", "the backward formula, against the reference layer"), CASES, _both),
    conditions=Text(
        "每行是一个样本; 梯度对批量求和.", "A row for each example; the gradients are sums over the batch."
    ),
    source="Goodfellow, Bengio and Courville, Deep Learning, algorithm 6.4",
)

# --- the scale of the weights ------------------------------------------------------------------------------------------

v, q = sp.symbols("v q", positive=True)
M = signal("m", n, n)
i, j = sp.symbols("i j", integer=True)
delta = sp.KroneckerDelta
everywhere = ((i, 0, n - 1), (j, 0, n - 1))


def second_moment(diagonal):
    """E[z_i z_j]: given where i = j, arbitrary elsewhere."""
    return delta(i, j) * diagonal + (1 - delta(i, j)) * M[i, j]


# Var(s) = E[s^2] = sum over i, j of E[w_i w_j] E[z_i z_j], with E[w_i w_j] = v delta_ij.
variance = sp.Sum(v * delta(i, j) * second_moment(q / 2), *everywhere)
of_any = sp.Sum(v * delta(i, j) * second_moment(q), *everywhere)


def _variance(random, dtype, n):
    """The variance over every sign of every weight and of every entry before the ReLU, against n v q / 2."""
    signs = np.array(list(np.ndindex(*(2,) * n)), dtype) * 2 - 1
    v_, q_ = (random.random(2) + 0.5).astype(dtype)
    weights, before = np.sqrt(v_) * signs, np.sqrt(q_) * signs
    return ((weights @ np.maximum(before, 0).T) ** 2).mean(), n * v_ * q_ / 2


HE = "He, Zhang, Ren and Sun, Delving deep into rectifiers (2015), section 2.2"

variance_of_output = Claim(
    id="ext-he-init",
    section="ext",
    title=Text("一层输出的方差: (n/2) Var(w) Var(y)", "the variance of the output of a layer: (n/2) Var(w) Var(y)"),
    chain=(variance, n * v * q / 2),
    also=((of_any, n * v * q),),
    steps=(
        Step(
            variance,
            sp.Sum(v * q / 2, (i, 0, n - 1)),
            Text(
                "只有 i = j 的项不为 0: z 的元素之间可以相关",
                "only the terms with i = j are not 0: the entries of z may be correlated",
            ),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("权重之间相关 (E[w_i w_j] = v)", "the weights correlated (E[w_i w_j] = v)"),
            lambda: (sp.Sum(v * second_moment(q / 2), *everywhere), n * v * q / 2),
        ),
        NearMiss(Text("忘掉 ReLU 的一半", "the half of the ReLU forgotten"), lambda: (variance, n * v * q)),
        NearMiss(Text("n² 项都算", "all n² terms counted"), lambda: (variance, n**2 * v * q / 2)),
    ),
    conditions=Text(
        "s = Σ w_i z_i, z_i = relu(y_i). w_i 的均值是 0, 两两不相关, 方差 v, 且与 z 独立, 所以 E[s] = 0, Var(s) = Σ E[w_i w_j] E[z_i z_j] "
        "(ext-he-init-independent). y_i 的分布对称, 方差 q, 所以 E[z_i²] = q/2 (ext-he-init-relu). 第二个等式: 任意 E[z_i²] = q.",
        "s = Σ w_i z_i with z_i = relu(y_i). The w_i have mean 0, are uncorrelated, have the variance v and are independent of z: so "
        "E[s] = 0 and Var(s) = Σ E[w_i w_j] E[z_i z_j] (ext-he-init-independent). The law of y_i is symmetric with variance q, so "
        "E[z_i²] = q/2 (ext-he-init-relu). The second equation is for any z with E[z_i²] = q.",
    ),
    numeric=compared(Text("穷举全部符号", "every combination of signs"), ({"n": 1}, {"n": 2}, {"n": 4}), _variance),
    source=HE,
)

N, R = dims("N R")
A, Y, alpha, beta, y = matrix("A", N, n), matrix("Y", R, n), vector("alpha", N), vector("beta", R), vector("y", R)


def expected_square(A, Y, alpha, beta):
    """E[s^2]: the squares of s for every pair of values of w and z, weighted."""
    return alpha.T * hadamard(A * Y.T, A * Y.T) * beta


def moments(A, alpha):
    """E[w w'] for w equal to row t of A with the probability alpha_t."""
    return A.T * diag(alpha) * A


def _square_of_mean():
    w_mean, z_mean = A.T * ones(N) / N, Y.T * ones(R) / R
    return expected_square(A, Y, ones(N) / N, ones(R) / R), (w_mean.T * z_mean) * (w_mean.T * z_mean)


def _one_draw():
    """Row t of A and row t of the same number of rows, drawn together, each with the probability 1/N."""
    V = matrix("Y", N, n)
    together = trace(hadamard(A * V.T, A * V.T)) / N
    return together, trace(moments(A, ones(N) / N) * moments(V, ones(N) / N))


def _every_pair(random, dtype, N, R, n):
    weights, inputs = random.normal(size=(N, n)).astype(dtype), random.normal(size=(R, n)).astype(dtype)
    a, b = (random.dirichlet(np.ones(size)).astype(dtype) for size in (N, R))
    ours = sum(
        a[t] * b[r] * linear_layer.forward(inputs[r : r + 1], weights[t : t + 1], np.zeros(1, dtype))[0, 0] ** 2
        for t, r in np.ndindex(N, R)
    )
    return ours, np.trace((weights.T * a) @ weights @ (inputs.T * b) @ inputs)


independent = Claim(
    id="ext-he-init-independent",
    section="ext",
    title=Text("独立时 E[s²] 由二阶矩给出", "for independent w and z, E[s²] is given by second moments"),
    chain=(expected_square(A, Y, alpha, beta), trace(moments(A, alpha) * moments(Y, beta))),
    near_misses=(
        NearMiss(
            Text("平方的期望是期望的平方", "the expectation of the square is the square of the expectation"),
            _square_of_mean,
        ),
        NearMiss(
            Text("一次抽取同时决定 w 与 z 时也成立", "true also where one draw decides both w and z"),
            _one_draw,
        ),
    ),
    numeric=compared(
        Text("穷举每对取值", "every pair of values"), ({"N": 2, "R": 3, "n": 2}, {"N": 4, "R": 2, "n": 5}), _every_pair
    ),
    conditions=Text(
        "w 以概率 α_t 取 A 的第 t 行, z 以概率 β_r 取 Y 的第 r 行, 两者独立; 取有限个值, 一般的分布同样按双线性.",
        "w is row t of A with the probability α_t, z row r of Y with β_r, independently: laws with finitely many values. It is the same "
        "bilinearity for any law with second moments.",
    ),
    source=HE,
)

positive = elementwise(relu)
mirrored = (hadamard(positive(y), positive(y)) + hadamard(positive(-y), positive(-y))) / 2


def _both_signs(random, dtype, R):
    values, chances = random.normal(size=R).astype(dtype), random.dirichlet(np.ones(R)).astype(dtype)
    squares = (relu_layer.forward(values) ** 2 + relu_layer.forward(-values) ** 2) / 2
    return chances @ squares, chances @ values**2 / 2


half = Claim(
    id="ext-he-init-relu",
    section="ext",
    title=Text("对称分布经过 ReLU, 二阶矩减半", "a symmetric law keeps half of its second moment through the ReLU"),
    chain=(beta.T * mirrored, beta.T * hadamard(y, y) / 2),
    steps=(
        Step(
            hadamard(positive(y), positive(y)) + hadamard(positive(-y), positive(-y)),
            hadamard(y, y),
            Text("逐点: relu(t)² + relu(-t)² = t²", "point by point: relu(t)² + relu(-t)² = t²"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("分布不对称也成立", "true also for a law that is not symmetric"),
            lambda: (beta.T * hadamard(positive(y), positive(y)), beta.T * hadamard(y, y) / 2),
        ),
        NearMiss(
            Text("用 Var(z) 代替 E[z²]", "Var(z) in the place of E[z²]"),
            lambda: (
                beta.T * mirrored
                - hadamard(beta.T * (positive(y) + positive(-y)) / 2, beta.T * (positive(y) + positive(-y)) / 2),
                beta.T * hadamard(y, y) / 2,
            ),
        ),
        NearMiss(
            Text("二阶矩不变", "the second moment is kept"),
            lambda: (beta.T * mirrored, beta.T * hadamard(y, y)),
        ),
    ),
    numeric=compared(Text("两个符号各半", "both signs, half each"), ({"R": 1}, {"R": 6}), _both_signs),
    conditions=Text(
        "对称的分布: y_r 与 -y_r 的概率各是 β_r/2. 均值是 0, 所以 E[y²] = Var(y).",
        "A symmetric law: y_r and -y_r with the probability β_r/2 each. Its mean is 0, so E[y²] = Var(y).",
    ),
    source=HE,
)


def _kept(random, dtype, n):
    """Over every sign of every weight and of every entry before the ReLU."""
    signs = np.array(list(np.ndindex(*(2,) * n)), dtype) * 2 - 1
    before = np.dtype(dtype).type(random.random() + 0.5)
    s = linear_layer.forward(
        relu_layer.forward(before * signs), np.sqrt(2 / np.dtype(dtype).type(n)) * signs, np.zeros(len(signs), dtype)
    )
    return (s**2).mean(), before**2


preserved = Claim(
    id="ext-he-init-preserved",
    section="ext",
    title=Text("方差不变当且仅当 Var(w) = 2/n", "the variance is kept if and only if Var(w) = 2/n"),
    chain=(n * v * q / 2 - q, n * q / 2 * (v - 2 / n)),
    near_misses=(
        NearMiss(
            Text("Var(w) = 1/n 使方差不变", "Var(w) = 1/n keeps the variance"),
            lambda: (n * (1 / n) * q / 2, q),
        ),
        NearMiss(
            Text("Var(w) = 4/n 使方差不变", "Var(w) = 4/n keeps the variance"),
            lambda: (n * (4 / n) * q / 2, q),
        ),
    ),
    numeric=compared(
        Text("v = 2/n 时方差不变", "the variance is kept for v = 2/n"), ({"n": 1}, {"n": 2}, {"n": 4}), _kept
    ),
    conditions=Text(
        "右边的第一个因子大于 0: 差为 0 恰好在 v = 2/n 时.",
        "The first factor on the right is above 0: the difference is 0 exactly where v = 2/n.",
    ),
    source=HE,
)

channels, filters, k, H, L = dims("c d k H L")
l, a, e, o = sp.symbols("l a e o", integer=True)
fan_in = sp.Sum(v * q / 2, (a, 0, k - 1), (e, 0, k - 1), (l, 0, channels - 1))
fan_out = sp.Sum(v * q / 2, (a, 0, k - 1), (e, 0, k - 1), (o, 0, filters - 1))


def _terms(random, dtype, c, d, k):
    """A convolution of ones counts its terms: forwards, and backwards at an entry away from the border."""
    size = 3 * k
    picture, kernels = np.ones((1, c, size, size), dtype), np.ones((d, c, k, k), dtype)
    out = conv2d_layer.forward(picture, kernels)
    by_x = conv2d_layer.backward(np.ones_like(out), picture, kernels)[0]
    return np.array([k**2 * c, k**2 * d]), np.array([out[0, 0, k, k], by_x[0, 0, k, k]])


convolution = Claim(
    id="ext-he-init-convolution",
    section="ext",
    title=Text("卷积层: 前向 n = k²c, 反向 k²d", "a convolution layer: n = k²c forwards, k²d backwards"),
    chain=(fan_in, k**2 * channels * v * q / 2),
    also=((fan_out, k**2 * filters * v * q / 2),),
    near_misses=(
        NearMiss(Text("前向用 k²d", "k²d forwards"), lambda: (fan_in, k**2 * filters * v * q / 2)),
        NearMiss(Text("忘掉核的大小", "the size of the kernel forgotten"), lambda: (fan_in, channels * v * q / 2)),
    ),
    numeric=compared(
        Text("用全 1 的卷积数项数", "the terms counted by a convolution of ones"),
        ({"c": 1, "d": 2, "k": 3}, {"c": 3, "d": 2, "k": 2}),
        _terms,
    ),
    conditions=Text(
        "前向: 一个输出是 k²c 项之和, 窗口完整地在输入之内. 反向: 内部的一个输入 (步长 1) 到达 k²d 个 (输出, 滤波器).",
        "Forwards: an output is a sum of k²c terms, its window within the input. Backwards: an inner entry of the input (stride 1) reaches "
        "k²d pairs of an output and a filter.",
    ),
    source=HE,
)

DERIVATION = Derivation(
    title=Text("全连接层与权重的尺度", "the fully connected layer, and the scale of weights"),
    context=CONTEXT,
    claims=(backward, variance_of_output, independent, half, preserved, convolution),
    source="cnnsym.layers.linear",
)
