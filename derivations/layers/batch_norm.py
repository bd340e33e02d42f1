"""Batch normalisation: the backward pass in training and in evaluation, and how it folds into the layer before.

The cost is J = sum g y over one channel: with g the gradient by the output its derivatives are those of the cost, by the chain
rule, and no other channel takes part.
"""

import numpy as np
import sympy as sp

from cnnsym import diag, dims, indicator, matrix, scalar, signal, vector
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import batch_norm, conv2d, standardization
from cnnsym.measurement import compared
from cnnsym.reference import batch_norm as norm_layer
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import linear as linear_layer

CONTEXT = r"""
let B, C, P : size                        # examples, channels, pixels of a picture
let \epsilon : scalar positive
let \gamma, \beta : signal(C)
let b : index(B); c : index(C); p : index(P)
let x, g : signal(B, C)                   # features, and the gradient by the output
where \mu_c = \frac{1}{B}\sum_{n=0}^{B-1} x_{n,c}
where \sigma_c = \sqrt{\frac{1}{B}\sum_{n=0}^{B-1} (x_{n,c}-\mu_c)^2+\epsilon}
where \hat{x}_{b,c} = \frac{x_{b,c}-\mu_c}{\sigma_c}
where \bar{g}_c = \frac{1}{B}\sum_{n=0}^{B-1} g_{n,c}
where J = \sum_{b=0}^{B-1} g_{b,c}(\gamma_c \hat{x}_{b,c} + \beta_c)
let X, G : signal(B, C, P)                # pictures, and the gradient by the output
where \tilde{\mu}_c = \frac{1}{BP}\sum_{n=0}^{B-1}\sum_{q=0}^{P-1} X_{n,c,q}
where \tilde{\sigma}_c = \sqrt{\frac{1}{BP}\sum_{n=0}^{B-1}\sum_{q=0}^{P-1} (X_{n,c,q}-\tilde{\mu}_c)^2+\epsilon}
where \hat{X}_{b,c,p} = \frac{X_{b,c,p}-\tilde{\mu}_c}{\tilde{\sigma}_c}
where \bar{G}_c = \frac{1}{BP}\sum_{n=0}^{B-1}\sum_{q=0}^{P-1} G_{n,c,q}
where \tilde{J} = \sum_{b=0}^{B-1}\sum_{p=0}^{P-1} G_{b,c,p}(\gamma_c \hat{X}_{b,c,p} + \beta_c)
let m, w : signal(C)                      # given statistics: the mean, the variance
where \tau_c = \sqrt{w_c+\epsilon}
let e, k, s, \rho, H, L : size            # a convolution before: channels, kernel, stride, dilation, image
let r : integer nonnegative               # padding
let u, j : integer
let V : signal(C, e, k, k); a : signal(C); Y : signal(e, H, L)
where z_{c,u,j} = \sum_{l=0}^{e-1}\sum_{t=0}^{k-1}\sum_{y=0}^{k-1} V_{c,l,t,y}\,Y_{l,su+\rho t-r,sj+\rho y-r}+a_c
let d, N : size                           # a fully connected layer before
let W : matrix(d, N); \boldsymbol{f} : vector(N); \boldsymbol{h}, \boldsymbol{\alpha}, \boldsymbol{\eta}, \boldsymbol{\zeta} : vector(d)
"""

B, C, P = dims("B C P")
epsilon = sp.Symbol("epsilon", positive=True)
n, q, n_, q_ = sp.symbols("n q n_1 q_1", integer=True)  # summation indices


class Setting:
    """One channel of a batch of shape `(B, C)`, or `(B, C, P)` with `P` pixels: the layer, its statistics, the cost, the formulas.

    A position of the channel is `(b,)` or `(b, p)`.
    """

    def __init__(self, *pixels):
        self.sizes = (B, *pixels)
        names = "XG" if pixels else "xg"
        self.x, self.g = (signal(name, B, C, *pixels) for name in names)
        self.gamma, self.beta = signal("gamma", C), signal("beta", C)
        self.c = sp.Idx("c", C)
        self.at = tuple(sp.Idx(name, size) for name, size in zip("bp", self.sizes, strict=False))
        self.bound = (n, q)[: len(self.sizes)]
        self.limits = tuple((v, 0, size - 1) for v, size in zip(self.bound, self.sizes, strict=True))
        self.mu = standardization.mean(self.input, *self.sizes)
        self.variance = standardization.variance(self.input, *self.sizes)
        output = batch_norm.forward(self.x, self._place(*self.bound), self.gamma, self.beta, epsilon)
        self.J = sp.Sum(self.grad(*self.bound) * output, *self.limits)
        self.by_x = sp.Derivative(self.J, self.input(*self.at))

    def _place(self, b, *pixel):
        return (b, self.c, *pixel)

    def input(self, *at):
        return self.x[self._place(*at)]

    def grad(self, *at):
        return self.g[self._place(*at)]

    def mean(self, values):
        return sp.Sum(values(*self.bound), *self.limits) / sp.Mul(*self.sizes)

    def sigma(self, power=1):
        """A power of the deviation, the root of the variance plus epsilon."""
        return (self.variance + epsilon) ** sp.Rational(power, 2)

    def standard(self, *at):
        return (self.input(*at) - self.mu) * self.sigma(-1)

    @property
    def scale(self):
        return self.gamma[self.c] * self.sigma(-1)

    @property
    def mean_grad(self):
        return self.mean(self.grad)

    @property
    def mean_product(self):
        return self.mean(lambda *at: self.grad(*at) * self.standard(*at))

    def by_powers(self, *at):
        """The gradient with the power -3/2 that differentiation gives."""
        correlation = self.mean(lambda *other: self.grad(*other) * (self.input(*other) - self.mu))
        through = self.gamma[self.c] * self.sigma(-3) * (self.input(*at) - self.mu) * correlation
        return self.scale * (self.grad(*at) - self.mean_grad) - through

    def formula(self, *at):
        return self.scale * (self.grad(*at) - self.mean_grad - self.standard(*at) * self.mean_product)


features, images = Setting(), Setting(P)


TOLERANCE = {"float64": 1e-11, "float32": 1e-4}
CASES = ({"B": 6, "C": 3, "H": 1, "W": 1}, {"B": 4, "C": 2, "H": 5, "W": 3}, {"B": 2, "C": 1, "H": 4, "W": 4})


def _both(random, dtype, B, C, H, W):
    """The formulas written plainly against the reference layer."""
    x, g = (random.normal(size=(B, C, H, W)).astype(dtype) for _ in range(2))
    gamma, axes = random.normal(size=C).astype(dtype), (0, 2, 3)
    sigma = np.sqrt(x.var(axis=axes, keepdims=True) + 1e-5)
    standard = (x - x.mean(axis=axes, keepdims=True)) / sigma
    inner = (g * standard).mean(axis=axes, keepdims=True)
    by_x = gamma[:, None, None] / sigma * (g - g.mean(axis=axes, keepdims=True) - standard * inner)
    ours = by_x, (g * standard).sum(axis=axes), g.sum(axis=axes)
    return _row(ours), _row(norm_layer.backward(g, x, gamma))


def _row(arrays):
    return np.concatenate([np.ravel(each) for each in arrays])


VARIANCE = Text(
    "方差是有偏的 (除以个数); ε > 0; 统计量在批量与全部像素上取, 每个通道各自.",
    "The variance is the biased one (divided by the number of entries); ε > 0; the statistics are over the batch and all "
    "pixels, for each channel by itself.",
)
IOFFE = "Ioffe and Szegedy 2015, section 3"


def _backward(identifier, title, setting, near_misses):
    entry = setting.input(*setting.at)
    return Claim(
        id=identifier,
        section="ext",
        title=title,
        chain=(setting.by_x, setting.by_powers(*setting.at), setting.formula(*setting.at)),
        steps=(
            Step(
                sp.Derivative(setting.mu, entry),
                1 / sp.Mul(*setting.sizes),
                Text("平均值的导数", "the derivative of the mean"),
            ),
            Step(
                sp.Derivative(setting.variance, entry),
                2 * (entry - setting.mu) / sp.Mul(*setting.sizes),
                Text(
                    "方差的导数: 经过平均值的部分抵消",
                    "the derivative of the variance: the part through the mean cancels",
                ),
            ),
            Step(
                sp.Derivative(setting.sigma(-1), entry),
                -setting.sigma(-3) * (entry - setting.mu) / sp.Mul(*setting.sizes),
                Text("1/σ 的导数, 链式法则", "the derivative of 1/σ, by the chain rule"),
            ),
        ),
        near_misses=near_misses,
        numeric=compared(
            Text("对 x, γ, β 的梯度, 对照参考层", "the gradients by x, γ and β, against the reference layer"),
            CASES,
            _both,
            TOLERANCE,
        ),
        conditions=VARIANCE,
        source=IOFFE,
    )


def _near(zh, en, left, right):
    return NearMiss(Text(zh, en), lambda: (left(), right()))


f, at = features, features.at
backward = _backward(
    "ext-batchnorm",
    Text(
        "批量归一化的反向传播 (一个通道的 B 个数)",
        "backpropagation through batch normalisation (B numbers of one channel)",
    ),
    features,
    (
        _near(
            "漏掉 g 的平均",
            "the mean of g left out",
            lambda: f.by_x,
            lambda: f.scale * (f.grad(*at) - f.standard(*at) * f.mean_product),
        ),
        _near(
            "漏掉 x̂ 一项 (方差当作常数)",
            "the term with x̂ left out (the variance taken as constant)",
            lambda: f.by_x,
            lambda: f.scale * (f.grad(*at) - f.mean_grad),
        ),
        _near(
            "训练时用求值的公式",
            "the formula of evaluation, in training",
            lambda: f.by_x,
            lambda: f.scale * f.grad(*at),
        ),
        _near(
            "方差除以 B - 1 (无偏)",
            "the variance divided by B - 1 (unbiased)",
            lambda: sp.Derivative(f.variance * B / (B - 1), f.input(*at)),
            lambda: 2 * (f.input(*at) - f.mu) / B,
        ),
    ),
)

i = images
for_images = _backward(
    "ext-batchnorm-images",
    Text("卷积层之后的批量归一化: 统计量包括像素", "batch normalisation after a convolution: pixels count as examples"),
    images,
    (
        _near(
            "平均只在批量上取",
            "the mean over the batch only",
            lambda: sp.Derivative(i.mu, i.input(*i.at)),
            lambda: 1 / B,
        ),
        _near(
            "方差的导数没有因子 2",
            "the derivative of the variance without the factor 2",
            lambda: sp.Derivative(i.variance, i.input(*i.at)),
            lambda: (i.input(*i.at) - i.mu) / (B * P),
        ),
    ),
)

parameters = Claim(
    id="ext-batchnorm-parameters",
    section="ext",
    title=Text("对缩放与平移的梯度", "the gradients by scale and shift"),
    chain=(
        sp.Derivative(i.J, i.gamma[i.c]),
        sp.Sum(i.grad(n, q) * i.standard(n, q), *i.limits),
    ),
    also=((sp.Derivative(i.J, i.beta[i.c]), sp.Sum(i.grad(n, q), *i.limits)),),
    near_misses=(
        _near(
            "用未标准化的 x",
            "with x as it is, not standardised",
            lambda: sp.Derivative(f.J, f.gamma[f.c]),
            lambda: sp.Sum(f.grad(n) * f.input(n), *f.limits),
        ),
        _near(
            "取平均而不是求和",
            "a mean instead of a sum",
            lambda: sp.Derivative(f.J, f.beta[f.c]),
            lambda: f.mean_grad,
        ),
    ),
    numeric=compared(
        Text("对 x, γ, β 的梯度, 对照参考层", "the gradients by x, γ and β, against the reference layer"),
        CASES,
        _both,
        TOLERANCE,
    ),
    conditions=VARIANCE,
    source=IOFFE,
)


def _sums(random, dtype, B, C, H, W):
    x, g = (random.normal(size=(B, C, H, W)).astype(dtype) for _ in range(2))
    by_x = norm_layer.backward(g, x, random.normal(size=C).astype(dtype))[0]
    return by_x.sum(axis=(0, 2, 3)), np.zeros(C)


sums_to_zero = Claim(
    id="ext-batchnorm-sum",
    section="ext",
    title=Text("一个通道的梯度之和是 0", "the gradient of a channel sums to 0"),
    chain=(sp.Sum(i.formula(n_, q_), (n_, 0, B - 1), (q_, 0, P - 1)), sp.S.Zero),
    steps=(
        Step(
            sp.Sum(i.input(n, q) - i.mu, *i.limits),
            sp.S.Zero,
            Text("离差之和是 0", "the deviations from the mean sum to 0"),
        ),
    ),
    near_misses=(
        _near(
            "求值时也是 0",
            "in evaluation as well",
            lambda: sp.Sum(f.scale * f.grad(n), *f.limits),
            lambda: sp.S.Zero,
        ),
        _near(
            "不减去 g 的平均也是 0",
            "without the mean of g taken away as well",
            lambda: sp.Sum(f.scale * (f.grad(n_) - f.standard(n_) * f.mean_product), (n_, 0, B - 1)),
            lambda: sp.S.Zero,
        ),
    ),
    numeric=compared(
        Text("参考层的梯度之和", "the sums of the gradients of the reference layer"), CASES, _sums, TOLERANCE
    ),
    conditions=Text(
        "因为给一个通道的所有输入加上同一个数, 输出不变.",
        "For adding one number to all inputs of a channel leaves the output as it is.",
    ),
    source=IOFFE,
)

# --- evaluation: given statistics ------------------------------------------------------------------------------------

m, w = signal("m", C), signal("w", C)
given = (m[i.c], w[i.c], epsilon)
tau = (w[i.c] + epsilon) ** sp.Rational(1, 2)
J_given = sp.Sum(i.grad(n, q) * batch_norm.evaluate(i.input(n, q), i.gamma[i.c], i.beta[i.c], *given), *i.limits)


def _in_evaluation(random, dtype, B, C, H, W):
    x, g = (random.normal(size=(B, C, H, W)).astype(dtype) for _ in range(2))
    gamma_, mean_ = (random.normal(size=C).astype(dtype) for _ in range(2))
    var = random.random(C).astype(dtype)
    ours = (gamma_ / np.sqrt(var + 1e-5))[:, None, None] * g
    return ours, norm_layer.evaluate_backward(g, x, gamma_, mean_, var)[0]


in_evaluation = Claim(
    id="ext-batchnorm-eval",
    section="ext",
    title=Text("求值时: 统计量给定, 层是仿射的", "in evaluation: the statistics are given, the layer is affine"),
    chain=(
        sp.Derivative(J_given, i.input(*i.at)),
        i.gamma[i.c] * i.grad(*i.at) / tau,
    ),
    near_misses=(
        _near(
            "仍减去 g 的平均",
            "the mean of g still taken away",
            lambda: sp.Derivative(J_given, i.input(*i.at)),
            lambda: i.gamma[i.c] * (i.grad(*i.at) - i.mean_grad) / tau,
        ),
        _near(
            "除以方差而不是它的根",
            "divided by the variance, not by its root",
            lambda: sp.Derivative(J_given, i.input(*i.at)),
            lambda: i.gamma[i.c] * i.grad(*i.at) / tau**2,
        ),
    ),
    numeric=compared(
        Text("反向公式, 对照参考层", "the backward formula, against the reference layer"), CASES, _in_evaluation
    ),
    conditions=Text("给定的方差不小于 0; ε > 0.", "The given variance is at least 0; ε > 0."),
    source="Ioffe and Szegedy 2015, section 3.1",
)

# --- folding ---------------------------------------------------------------------------------------------------------

e, k, s, rho, H, L = dims("e k s rho H L")
r = sp.Symbol("r", integer=True, nonnegative=True)
u, j, l, t1, t2 = sp.symbols("u j l t_1 t_2", integer=True)
Y, V, a = signal("Y", e, H, L), signal("V", C, e, k, k), signal("a", C)
options = {"stride": s, "dilation": rho, "padding": r}
after_convolution = batch_norm.evaluate(
    conv2d.forward(Y, V, i.c, u, j, a, **options), i.gamma[i.c], i.beta[i.c], *given
)
ratio = i.gamma[i.c] / tau
read = Y[(l, *conv2d.position(u, j, t1, t2, s, rho, r))]
taps = ((t1, 0, k - 1), (t2, 0, k - 1), (l, 0, e - 1))
folded = sp.Sum(ratio * V[i.c, l, t1, t2] * read, *taps) + ratio * (a[i.c] - m[i.c]) + i.beta[i.c]

rows, columns = dims("d N")
W, z, bias = matrix("W", rows, columns), vector("f", columns), vector("h", rows)
scale, shift, middle = vector("alpha", rows), vector("eta", rows), vector("zeta", rows)


def _folded(random, dtype, B, c, d, H, W):
    """The folded convolution, by the formula and by the reference, against the convolution and what follows it."""
    picture, kernels = random.normal(size=(B, c, H, W)).astype(dtype), random.normal(size=(d, c, 3, 3)).astype(dtype)
    b, gamma, beta, mean = (random.normal(size=d).astype(dtype) for _ in range(4))
    var = random.random(d).astype(dtype)
    factor = gamma / np.sqrt(var + 1e-5).astype(dtype)
    plain = factor[:, None, None, None] * kernels, factor * (b - mean) + beta
    by_reference = norm_layer.fold(kernels, b, gamma, beta, mean, var)
    ours = [conv2d_layer.forward(picture, *parts, padding=1) for parts in (plain, by_reference)]
    apart = norm_layer.evaluate(conv2d_layer.forward(picture, kernels, b, padding=1), gamma, beta, mean, var)
    return np.stack(ours), np.stack((apart, apart))


def _before_padded():
    """A normalisation before a padded convolution, of one channel, and what folding it would give."""
    line, kernel, gain, offset = signal("x", H), signal("k", k), scalar("alpha"), scalar("beta")
    at = u + t1 - r
    inner = gain * line[at] + offset * indicator(sp.And(at >= 0, at <= H - 1))
    total = sp.Sum(kernel[t1] * line[at], (t1, 0, k - 1))
    return sp.Sum(kernel[t1] * inner, (t1, 0, k - 1)), gain * total + offset * sp.Sum(kernel[t1], (t1, 0, k - 1))


fold = Claim(
    id="ext-bn-fold",
    section="ext",
    title=Text(
        "求值时的批量归一化并入前面的卷积", "batch normalisation in evaluation folds into the convolution before it"
    ),
    chain=(after_convolution, folded),
    near_misses=(
        NearMiss(
            Text("忘掉平均值: b' = γb/τ + β", "the mean forgotten: b' = γb/τ + β"),
            lambda: (after_convolution, folded + ratio * m[i.c]),
        ),
        NearMiss(
            Text("偏置没有缩放", "the bias not scaled"),
            lambda: (after_convolution, folded - ratio * a[i.c] + a[i.c]),
        ),
        NearMiss(
            Text(
                "归一化在加了填充的卷积之前时也照样并入",
                "folded the same way where it stands before a padded convolution",
            ),
            _before_padded,
        ),
    ),
    numeric=compared(
        Text("并入后的卷积, 对照两层", "the folded convolution, against the two layers"),
        ({"B": 2, "c": 3, "d": 4, "H": 6, "W": 5}, {"B": 1, "c": 1, "d": 2, "H": 4, "W": 4}),
        _folded,
        TOLERANCE,
    ),
    conditions=Text(
        "任意核, 步长, 膨胀与填充; 统计量是给定的数 (训练时不能并入). 归一化若在有填充的卷积之前, 填充的零也会被移动, 不能并入.",
        "Any kernel, stride, dilation and padding; the statistics are given numbers (in training there is no folding). A "
        "normalisation before a padded convolution does not fold: it would move the zeros of the padding as well.",
    ),
    source="Jacob and others 2018, section 3.2",
)


def _folded_linear(random, dtype, B, n, d):
    inputs, weights = random.normal(size=(B, n)).astype(dtype), random.normal(size=(d, n)).astype(dtype)
    b, gamma_, beta_, mean_ = (random.normal(size=d).astype(dtype) for _ in range(4))
    var = random.random(d).astype(dtype)
    factor = gamma_ / np.sqrt(var + 1e-5).astype(dtype)
    ours = inputs @ (factor[:, None] * weights).T + factor * (b - mean_) + beta_
    apart = norm_layer.evaluate(linear_layer.forward(inputs, weights, b), gamma_, beta_, mean_, var)
    return ours, apart


fold_matrix = Claim(
    id="ext-bn-fold-matrix",
    section="ext",
    title=Text("并入线性层: 缩放的是行", "folded into a linear layer: the rows are scaled"),
    chain=(
        diag(scale) * (W * z + bias - middle) + shift,
        (diag(scale) * W) * z + (diag(scale) * (bias - middle) + shift),
    ),
    near_misses=(
        NearMiss(
            Text("缩放输入通道 (列)", "the input channels (columns) scaled"),
            lambda: (
                (diag(scale) * W * z).xreplace({columns: rows}),
                (W.xreplace({columns: rows}) * diag(scale)) * z.xreplace({columns: rows}),
            ),
        ),
        NearMiss(
            Text("忘掉平均值", "the mean forgotten"),
            lambda: (
                diag(scale) * (W * z + bias - middle) + shift,
                (diag(scale) * W) * z + (diag(scale) * bias + shift),
            ),
        ),
    ),
    numeric=compared(
        Text("并入后的线性层, 对照两层", "the folded linear layer, against the two layers"),
        ({"B": 3, "n": 4, "d": 2}, {"B": 1, "n": 1, "d": 5}),
        _folded_linear,
        TOLERANCE,
    ),
    conditions=Text("α = γ/τ, 每个输出一个.", "α = γ/τ, one number for each output."),
    source="Jacob and others 2018, section 3.2",
)

DERIVATION = Derivation(
    title=Text("批量归一化", "batch normalisation"),
    context=CONTEXT,
    claims=(backward, for_images, parameters, sums_to_zero, in_evaluation, fold, fold_matrix),
    source="cnnsym.layers.batch_norm",
)
