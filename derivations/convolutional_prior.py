"""Section 1.4: a convolution layer as a fully connected layer under an infinitely strong prior.

The prior says that the weight matrix lies in the set S of the banded Toeplitz matrices, `W[i, j] = k[j - i]`. A prior of finite
strength is a density `exp(-lambda/2 |(I - P) vec W|^2)`, with P the projection on S, so the estimate minimises the loss plus a
penalty. Written in orthonormal bases B of S and Q of what is orthogonal to it, `vec W = B kappa + Q c`, the penalty is
`lambda/2 c'c`: the estimate is computed here by elimination, for all sizes, and its limit follows with a bound.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, matrix, signal, trace, vector
from cnnsym.atoms import Gradient
from cnnsym.claim import Claim, Derivation, Inequality, Limit, NearMiss, Step, Text
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer

CONTEXT = r"""
let p, q, k, P, n_1, n_2 : size
let i, t : integer
let \alpha : index(k)
let A : matrix(p, p) symmetric; let B : matrix(p, k); let Q : matrix(p, q); let \boldsymbol{b} : vector(p)
let \boldsymbol{\kappa} : vector(k); let \boldsymbol{c} : vector(q)
let \lambda : scalar positive
where \boldsymbol{w} = B\boldsymbol{\kappa} + Q\boldsymbol{c}
where \hat{\boldsymbol{\kappa}} = (B^{\top}AB)^{-1}(B^{\top}\boldsymbol{b} - B^{\top}AQ\boldsymbol{c})
where M = Q^{\top}AQ - Q^{\top}AB(B^{\top}AB)^{-1}B^{\top}AQ
where \boldsymbol{d} = Q^{\top}\boldsymbol{b} - Q^{\top}AB(B^{\top}AB)^{-1}B^{\top}\boldsymbol{b}
where \boldsymbol{u} = Q\boldsymbol{c} - B(B^{\top}AB)^{-1}B^{\top}AQ\boldsymbol{c}
let \gamma, \delta : signal(q)             # c and d by entries
let s_1, s_2 : scalar positive
let a_1, a_2 : scalar
let W : signal(P, P+k-1); let v : signal(k)
let Z : matrix(n_1, n_2); let X : matrix(n_2, n_2) orthogonal; let Y : matrix(n_1, n_2)
"""

p, q, k, P = dims("p q k P")
a, i, l, t, u = sp.symbols("a i l t u", integer=True)
alpha = sp.Idx("alpha", k)
lam = sp.Symbol("lambda", positive=True)

# --- numbers ---------------------------------------------------------------------------------------------------------

TOLERANCE = {"float64": 1e-9, "float32": 5e-3}


def _jacobian(m, kernel, **options):
    """The reference convolution layer as a matrix: its outputs at the unit inputs."""
    units = np.eye(m, dtype=kernel.dtype)[:, None]
    return conv1d_layer.forward(units, kernel[None, None], **options)[:, 0].T


def _tied(outputs, k, dtype):
    """The orthonormal basis of the banded Toeplitz matrices, and one of its orthogonal complement, as columns."""
    inputs = outputs + k - 1
    units = np.eye(k, dtype=dtype)
    tied = np.stack([_jacobian(inputs, unit).reshape(-1) for unit in units], axis=1) / np.sqrt(outputs)
    whole = np.linalg.qr(np.concatenate([tied, np.eye(outputs * inputs)], axis=1))[0]
    return tied.astype(dtype), whole[:, k:].astype(dtype)


def _problem(random, dtype, outputs, k):
    """A least-squares problem for the weights: A and b of the normal equations, and both bases."""
    inputs = outputs + k - 1
    given = random.normal(size=(inputs, 3 * inputs))
    wanted = random.normal(size=(outputs, 3 * inputs))
    quadratic = np.kron(np.eye(outputs), given @ given.T) / (3 * inputs)
    linear = (wanted @ given.T).reshape(-1) / (3 * inputs)
    return quadratic.astype(dtype), linear.astype(dtype), *_tied(outputs, k, dtype)


def _solved(random, dtype, outputs, k, strength):
    """The estimate by elimination, and by solving the whole penalised problem at once."""
    quadratic, linear, tied, free = _problem(random, dtype, outputs, k)
    inner = tied.T @ quadratic @ tied
    mixed = free.T @ quadratic @ tied
    schur = free.T @ quadratic @ free - mixed @ np.linalg.solve(inner, mixed.T)
    right = free.T @ linear - mixed @ np.linalg.solve(inner, tied.T @ linear)
    c = np.linalg.solve(schur + strength * np.eye(len(schur), dtype=dtype), right)
    kappa = np.linalg.solve(inner, tied.T @ linear - mixed.T @ c)
    whole = np.linalg.solve(quadratic + strength * free @ free.T, linear)
    return tied @ kappa + free @ c, whole


CASES = ({"outputs": 4, "k": 2}, {"outputs": 3, "k": 3}, {"outputs": 2, "k": 1})
GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.4"

# --- the estimate ----------------------------------------------------------------------------------------------------

A, B, Q, b = matrix("A", p, p), matrix("B", p, k), matrix("Q", p, q), vector("b", p)
kappa, c = vector("kappa", k), vector("c", q)
weights = B * kappa + Q * c
penalised = trace(weights.T * A * weights) / 2 - trace(b.T * weights) + lam / 2 * trace(c.T * c)
inner, mixed = B.T * A * B, Q.T * A * B
M = Q.T * A * Q - mixed * inner.I * mixed.T
D = Q.T * b - mixed * inner.I * B.T * b
best = inner.I * (B.T * b - mixed.T * c)  # kappa for a given c
tied_best = inner.I * B.T * b  # least squares among the tied weights
residual = (M + lam * sp.Identity(q)) * c - D
GIVEN = (sp.Q.symmetric(A), sp.Q.invertible(inner))


def at_best(expression):
    return expression.xreplace({kappa: best})


as_prior = Claim(
    id="1.4-conv-as-fc-prior",
    section="1.4",
    title=Text("强度为 λ 的先验下的估计", "the estimate under a prior of strength λ"),
    chain=(Gradient(penalised, kappa, best), sp.ZeroMatrix(k, 1)),
    also=(
        (at_best(Q.T * (A * weights - b)) + lam * c, residual),
        (best - tied_best, -inner.I * mixed.T * c),
    ),
    hypotheses=GIVEN,
    steps=(
        Step(
            Gradient(penalised, kappa),
            B.T * (A * weights - b),
            Text("对 κ 的梯度: 惩罚项不含 κ", "the gradient by κ: the penalty does not contain it"),
        ),
        Step(Gradient(penalised, c), Q.T * (A * weights - b) + lam * c, Text("对 c 的梯度", "the gradient by c")),
        Step(
            at_best(Q.T * (A * weights - b)) + lam * c,
            residual,
            Text("代入第二个方程: Schur 补 M", "put into the second: the Schur complement M"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("不用 Schur 补", "without the Schur complement"),
            lambda: (
                at_best(Q.T * (A * weights - b)) + lam * c,
                (Q.T * A * Q + lam * sp.Identity(q)) * c - D,
            ),
        ),
        NearMiss(Text("符号相反", "the sign reversed"), lambda: (best - tied_best, inner.I * mixed.T * c)),
        NearMiss(
            Text("对任何设计, κ 都是欧氏投影 Bᵀb", "κ is the Euclidean projection B'b for every design"),
            lambda: (at_best(kappa), B.T * b),
        ),
        NearMiss(
            Text("κ 也受惩罚", "κ is penalised as well"),
            lambda: (Gradient(penalised + lam / 2 * trace(kappa.T * kappa), kappa, best), sp.ZeroMatrix(k, 1)),
        ),
    ),
    numeric=compared(
        Text(
            "消元所得与直接解整个方程组比较; 基由 reference.conv1d 给出",
            "by elimination, and by solving for all weights at once; the basis comes from reference.conv1d",
        ),
        tuple({**case, "strength": strength} for case, strength in zip(CASES, (0.5, 10.0, 100.0), strict=True)),
        _solved,
    ),
    conditions=Text(
        "任意大小. 损失为 ½wᵀAw - bᵀw + 常数 (最小二乘), A 对称, BᵀAB 可逆; w = Bκ + Qc, B 与 Q 的列合起来是标准正交基, B 张成带状 Toeplitz 矩阵; "
        "先验的负对数是 ½λ|c|². 梯度为零当且仅当 κ 如第一式, 且 (M + λI)c = d.",
        "Any sizes. The loss is ½w'Aw - b'w + const. (least squares), A is symmetric, B'AB invertible; w = Bκ + Qc, where the columns of B and "
        "Q together are an orthonormal basis and B spans the banded Toeplitz matrices; minus the logarithm of the prior is ½λ|c|². The "
        "gradient vanishes exactly if κ is as in the first equation and (M + λI)c = d.",
    ),
    source=GOODFELLOW,
)

off = Q * c - B * inner.I * mixed.T * c

semidefinite = Claim(
    id="1.4-conv-as-fc-prior-semidefinite",
    section="1.4",
    title=Text("Schur 补是半正定的", "the Schur complement is positive semidefinite"),
    chain=(trace(c.T * M * c), trace(off.T * A * off)),
    also=((trace(c.T * ((M + lam * sp.Identity(q)) * c)), trace(c.T * M * c) + lam * trace(c.T * c)),),
    hypotheses=GIVEN,
    near_misses=(
        NearMiss(
            Text("QᵀAQ 代替 M", "Q'AQ instead of M"),
            lambda: (trace(c.T * Q.T * A * Q * c), trace(off.T * A * off)),
        ),
        NearMiss(
            Text("加号代替减号", "plus instead of minus"),
            lambda: (trace(c.T * (Q.T * A * Q + mixed * inner.I * mixed.T) * c), trace(off.T * A * off)),
        ),
    ),
    numeric=compared(
        Text("随机的 A: 两个二次型", "a random A: both quadratic forms"),
        CASES,
        lambda random, dtype, **case: _forms(random, dtype, **case),
    ),
    conditions=Text(
        "右边是 A 在 Qc - B(BᵀAB)⁻¹BᵀAQc 处的二次型; A 半正定 (最小二乘的 A 总是) 时不为负.",
        "On the right stands the quadratic form of A at Qc - B(B'AB)⁻¹B'AQc, which is not negative where A is positive semidefinite, as it is "
        "for least squares.",
    ),
    source="Horn and Johnson, Matrix Analysis, section 7.7",
)


def _forms(random, dtype, outputs, k):
    quadratic, _, tied, free = _problem(random, dtype, outputs, k)
    inner, mixed = tied.T @ quadratic @ tied, free.T @ quadratic @ tied
    c = random.normal(size=free.shape[1]).astype(dtype)
    rest = free @ c - tied @ np.linalg.solve(inner, mixed.T @ c)
    schur = free.T @ quadratic @ free - mixed @ np.linalg.solve(inner, mixed.T)
    return c @ schur @ c, rest @ quadratic @ rest


def _excess(random, dtype, outputs, k, strength):
    quadratic, linear, tied, free = _problem(random, dtype, outputs, k)
    inner, mixed = tied.T @ quadratic @ tied, free.T @ quadratic @ tied
    schur = free.T @ quadratic @ free - mixed @ np.linalg.solve(inner, mixed.T)
    right = free.T @ linear - mixed @ np.linalg.solve(inner, tied.T @ linear)
    c = np.linalg.solve(schur + np.asarray(strength, dtype) * np.eye(len(schur), dtype=dtype), right)
    return max(0.0, strength * float(np.linalg.norm(c)) - float(np.linalg.norm(right))), 0.0


def _strong(random, dtype, outputs, k):
    """A prior of precision 10^12 (10^6 in single precision) against least squares among the banded Toeplitz matrices."""
    quadratic, linear, tied, free = _problem(random, dtype, outputs, k)
    strength = 1e12 if dtype == "float64" else 1e6
    inner = tied.T @ quadratic @ tied
    mixed = free.T @ quadratic @ tied
    schur = free.T @ quadratic @ free - mixed @ np.linalg.solve(inner, mixed.T)
    right = free.T @ linear - mixed @ np.linalg.solve(inner, tied.T @ linear)
    c = np.linalg.solve(schur + np.asarray(strength, dtype) * np.eye(len(schur), dtype=dtype), right)
    kappa = np.linalg.solve(inner, tied.T @ linear - mixed.T @ c)
    kernel = np.linalg.solve(inner, tied.T @ linear) / np.sqrt(outputs)
    return (tied @ kappa + free @ c).reshape(outputs, -1), _jacobian(outputs + k - 1, kernel.astype(dtype))


def _numeric_rate():
    """The bound, and the limit itself."""
    bound = compared(
        Text("λ|c| 超出 |d| 多少", "by how much λ|c| exceeds |d|"),
        tuple({**case, "strength": strength} for case, strength in zip(CASES, (0.1, 10.0, 1000.0), strict=True)),
        _excess,
        TOLERANCE,
    )
    limit = compared(
        Text(
            "很强的先验下的估计, 与绑定权重的最小二乘解 (由 reference.conv1d 写成矩阵) 比较",
            "the estimate under a very strong prior, and least squares among tied weights, made a matrix by reference.conv1d",
        ),
        CASES,
        _strong,
        TOLERANCE,
    )
    return (*bound(), *limit())


gamma, delta = signal("gamma", q), signal("delta", q)
inner_product = sp.Sum(gamma[a] * delta[a], (a, 0, q - 1))
length_c, length_d = (sp.Sum(each[a] ** 2, (a, 0, q - 1)) for each in (gamma, delta))
at_least = sp.Le(lam * length_c, inner_product)

rate = Claim(
    id="1.4-conv-as-fc-prior-rate",
    section="1.4",
    title=Text("偏离绑定权重的部分以 1/λ 的速度消失", "what deviates from tied weights vanishes as fast as 1/λ"),
    chain=(at_least, sp.Le(lam**2 * length_c, length_d)),
    method=Inequality(),
    near_misses=(
        NearMiss(
            Text("M 不是半正定的", "M is not semidefinite"),
            lambda: (sp.Ge(lam * length_c, inner_product), sp.Le(lam**2 * length_c, length_d)),
        ),
        NearMiss(
            Text("以 1/λ² 的速度", "as fast as 1/λ²"),
            lambda: (at_least, sp.Le(lam**4 * length_c, length_d)),
        ),
        NearMiss(
            Text("界再小一半", "half of that bound"),
            lambda: (at_least, sp.Le(4 * lam**2 * length_c, length_d)),
        ),
    ),
    numeric=_numeric_rate,
    conditions=Text(
        "由 (M + λI)c = d 与 c 的内积: cᵀMc + λ|c|² = cᵀd, 而 cᵀMc ≥ 0. 所以 λ|c|² ≤ cᵀd, 再用 Cauchy-Schwarz 不等式; 这里 γ = c, δ = d, 按元素写出. "
        "d 与 λ 无关, 所以 |c| ≤ |d|/λ → 0; 再由上面的第三式, κ 与绑定权重的最小二乘解之差也至多是 |d|/λ 的常数倍.",
        "From (M + λI)c = d, multiplied by c: c'Mc + λ|c|² = c'd, and c'Mc ≥ 0. Hence λ|c|² ≤ c'd; the rest is the Cauchy-Schwarz inequality. "
        "Here γ = c and δ = d by entries. Since d does not depend on λ, |c| ≤ |d|/λ → 0; by the third equation above κ, too, differs from least squares among tied weights by at most a constant times "
        "|d|/λ.",
    ),
)


# --- two weights -----------------------------------------------------------------------------------------------------

s1, s2 = sp.symbols("s_1 s_2", positive=True)
a1, a2 = sp.symbols("a_1 a_2", real=True)
bottom = s1 * s2 + lam / 2 * (s1 + s2)
first = (s1 * s2 * a1 + lam / 2 * (s1 * a1 + s2 * a2)) / bottom
second = (s1 * s2 * a2 + lam / 2 * (s1 * a1 + s2 * a2)) / bottom
together = (s1 * a1 + s2 * a2) / (s1 + s2)

two_weights = Claim(
    id="1.4-conv-as-fc-prior-two-weights",
    section="1.4",
    title=Text(
        "两个绑定的权重: 极限是按精度加权的平均", "two tied weights: the limit is their mean, weighted by precision"
    ),
    chain=(first, together),
    also=((second, together),),
    method=Limit(lam, sp.oo),
    steps=(
        Step(
            s1 * (first - a1) + lam / 2 * (first - second),
            0,
            Text("对 w₁ 的导数在此为零", "the derivative by w₁ vanishes here"),
        ),
        Step(
            s2 * (second - a2) - lam / 2 * (first - second),
            0,
            Text("对 w₂ 的导数在此为零", "the derivative by w₂ vanishes here"),
        ),
        Step(
            first - together,
            s2 * s1 * s2 * (a1 - a2) / ((s1 + s2) * bottom),
            Text("与极限之差的阶是 1/λ", "the distance from the limit is of the order 1/λ"),
        ),
    ),
    near_misses=(
        NearMiss(Text("普通平均", "the plain mean"), lambda: (first, (a1 + a2) / 2)),
        NearMiss(Text("权重互换", "the precisions swapped"), lambda: (first, (s2 * a1 + s1 * a2) / (s1 + s2))),
        NearMiss(Text("先验不起作用", "the prior has no effect"), lambda: (first, a1)),
    ),
    numeric=compared(
        Text("λ = 10⁹: 直接解方程组", "λ = 10⁹: the equations solved at once"),
        ({"precisions": (1.0, 3.0), "means": (0.0, 4.0)}, {"precisions": (2.0, 0.5), "means": (-1.0, 2.0)}),
        lambda random, dtype, precisions, means: _two(dtype, precisions, means),
        {"float64": 1e-6, "float32": 1e-2},
    ),
    conditions=Text(
        "损失 ½s₁(w₁ - a₁)² + ½s₂(w₂ - a₂)², 先验的负对数 ¼λ(w₁ - w₂)²; s₁, s₂ > 0. λ → 0 时估计是 (a₁, a₂). 例: s = (1, 3), a = (0, 4), 极限是 3.",
        "The loss is ½s₁(w₁ - a₁)² + ½s₂(w₂ - a₂)², minus the logarithm of the prior ¼λ(w₁ - w₂)²; s₁, s₂ > 0. As λ → 0 the estimate is "
        "(a₁, a₂). An example: s = (1, 3) and a = (0, 4) give 3.",
    ),
)


def _two(dtype, precisions, means, strength=1e9):
    """In double precision, whatever the dtype of the data: with this prior the system is close to singular."""
    (s, t), (v, w) = np.array(precisions, dtype).astype(float), np.array(means, dtype).astype(float)
    half = strength / 2
    solved = np.linalg.solve([[s + half, -half], [-half, t + half]], [s * v, t * w])
    return np.full(2, (s * v + t * w) / (s + t)), solved


without = Claim(
    id="1.4-conv-as-fc-prior-no-prior",
    section="1.4",
    title=Text("先验的精度趋于零: 权重各自为政", "the precision of the prior to zero: every weight for itself"),
    chain=(first, a1),
    also=((second, a2),),
    method=Limit(lam, sp.S.Zero),
    near_misses=(
        NearMiss(Text("也是绑定的权重", "tied weights as well"), lambda: (first, together)),
        NearMiss(Text("普通平均", "the plain mean"), lambda: (first, (a1 + a2) / 2)),
    ),
    numeric=compared(
        Text("λ = 10⁻⁹: 直接解方程组", "λ = 10⁻⁹: the equations solved at once"),
        ({"precisions": (1.0, 3.0), "means": (0.0, 4.0)}, {"precisions": (2.0, 0.5), "means": (-1.0, 2.0)}),
        lambda random, dtype, precisions, means: (means, _two(dtype, precisions, means, 1e-9)[1]),
        {"float64": 1e-6, "float32": 1e-2},
    ),
    conditions=Text("同上, λ → 0.", "as above, λ → 0."),
)

# --- the set of the prior --------------------------------------------------------------------------------------------

W, v = signal("W", P, P + k - 1), signal("v", k)
ENTRIES = ((t, 0, P + k - 2), (i, 0, P - 1))
distance = sp.Sum((W[i, t] - v[t - i]) ** 2, *ENTRIES)


def diagonal_mean(tap):
    return sp.Sum(W[i, i + tap], (i, 0, P - 1)) / P


def tap_matrix(tap, row, column):
    return indicator(sp.Eq(column, row + tap))


beta = sp.Idx("beta", k)
projected = sp.Sum(diagonal_mean(l).xreplace({i: u}) * tap_matrix(l, i, t), (l, 0, k - 1))
n_outer, n_inner = dims("n_1 n_2")
Z, X, Y = matrix("Z", n_outer, n_inner), matrix("X", n_inner, n_inner), matrix("Y", n_outer, n_inner)


def squared(array):
    return trace(array.T * array)


projection = Claim(
    id="1.4-conv-as-fc-prior-projection",
    section="1.4",
    title=Text("输入白化时, 极限是沿对角线的平均", "whitened inputs: the limit is the mean along the diagonals"),
    chain=(sp.Derivative(distance, v[alpha]), 2 * P * (v[alpha] - diagonal_mean(alpha))),
    also=((sp.Sum(tap_matrix(alpha, i, t) * (W[i, t] - projected), *ENTRIES), sp.S.Zero),),
    steps=(
        Step(
            sp.Sum(tap_matrix(alpha, i, t) * tap_matrix(beta, i, t), *ENTRIES),
            P * sp.KroneckerDelta(alpha, beta),
            Text("带状 Toeplitz 矩阵的基是正交的", "the basis of the banded Toeplitz matrices is orthogonal"),
        ),
        Step(
            sp.Sum(tap_matrix(alpha, i, t) * W[i, t], *ENTRIES) / P,
            diagonal_mean(alpha),
            Text("坐标是内积除以长度的平方", "a coordinate is an inner product over a squared length"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("除以 k 而不是 P", "divided by k instead of P"),
            lambda: (
                sp.Derivative(distance, v[alpha]),
                2 * P * (v[alpha] - sp.Sum(W[i, i + alpha], (i, 0, P - 1)) / k),
            ),
        ),
        NearMiss(
            Text("沿行平均", "the mean along rows"),
            lambda: (
                sp.Derivative(distance, v[alpha]),
                2 * P * (v[alpha] - sp.Sum(W[alpha, t], (t, 0, P + k - 2)) / P),
            ),
        ),
        NearMiss(
            Text("沿反对角线平均", "the mean along antidiagonals"),
            lambda: (
                sp.Derivative(distance, v[alpha]),
                2 * P * (v[alpha] - sp.Sum(W[i, P - 1 - i + alpha], (i, 0, P - 1)) / P),
            ),
        ),
        NearMiss(
            Text("与带外的权重也正交", "orthogonal without the other weights being cut off"),
            lambda: (sp.Sum(W[i, t] - projected, *ENTRIES), sp.S.Zero),
        ),
    ),
    numeric=compared(
        Text("对角线平均与最小二乘所得的核比较", "the mean along the diagonals and the kernel by least squares"),
        CASES,
        lambda random, dtype, **case: _diagonals(random, dtype, **case),
        {"float64": 1e-12, "float32": 1e-5},
    ),
    conditions=Text(
        "P 个输出, P + k - 1 个输入, W 是任意矩阵 (白化时是不受约束的最小二乘解). 导数在沿对角线的平均处为零; 二阶导数是常数 2P > 0, 所以那里是唯一的最小值. "
        "第二式: 余下的部分与每个 E_α 正交.",
        "P outputs, P + k - 1 inputs, W is any matrix (with whitened inputs the unconstrained least-squares solution). The derivative vanishes at "
        "the means along the diagonals; the second derivative is the constant 2P > 0, so that is the only minimum. The second equation: what is "
        "left is orthogonal to every E_α.",
    ),
)


def _diagonals(random, dtype, outputs, k):
    array = random.normal(size=(outputs, outputs + k - 1)).astype(dtype)
    tied, _ = _tied(outputs, k, dtype)
    kernel = np.linalg.lstsq(tied * np.sqrt(outputs), array.reshape(-1), rcond=None)[0]
    return [np.diagonal(array, tap)[:outputs].mean() for tap in range(k)], kernel


whitened = Claim(
    id="1.4-conv-as-fc-prior-whitened",
    section="1.4",
    title=Text(
        "白化的输入: 损失就是到最小二乘解的距离",
        "whitened inputs: the loss is the distance from the least-squares solution",
    ),
    chain=(squared(Z * X - Y), squared(Z - Y * X.T)),
    hypotheses=(sp.Q.orthogonal(X),),
    near_misses=(
        NearMiss(Text("漏掉转置", "the transpose dropped"), lambda: (squared(Z * X - Y), squared(Z - Y * X))),
        NearMiss(Text("YXᵀ 换成 Y", "Y instead of YXᵀ"), lambda: (squared(Z * X - Y), squared(Z - Y))),
    ),
    numeric=compared(
        Text("随机的正交矩阵", "a random orthogonal matrix"),
        ({"rows": 3, "columns": 4}, {"rows": 1, "columns": 2}, {"rows": 5, "columns": 1}),
        lambda random, dtype, rows, columns: _whitened(random, dtype, rows, columns),
        {"float64": 1e-12, "float32": 1e-5},
    ),
    conditions=Text(
        "X 的列是样本, 这里取正交的方阵, 即 XXᵀ = I; YXᵀ 是最小二乘解.",
        "the columns of X are examples; it is taken to be square and orthogonal here, X' = I; YX' is the least-squares solution.",
    ),
)


def _whitened(random, dtype, rows, columns):
    examples = np.linalg.qr(random.normal(size=(columns, columns)))[0].astype(dtype)
    array, wanted = (random.normal(size=(rows, columns)).astype(dtype) for _ in range(2))
    return np.sum((array @ examples - wanted) ** 2), np.sum((array - wanted @ examples.T) ** 2)


DERIVATION = Derivation(
    title=Text("卷积作为先验", "convolution as a prior"),
    context=CONTEXT,
    claims=(as_prior, semidefinite, rate, two_weights, without, projection, whitened),
    source="lecture note, section 1.4",
)
