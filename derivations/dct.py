"""Section 3.3: the discrete cosine transform, its inverse, and global average pooling.

The heart is the orthogonality of the cosines for symbolic length, by telescoping and parity; with it the index form decides
the rest. The transform, its basis and GAP are those of `cnnsym.layers`.
"""

import numpy as np
import sympy as sp

from cnnsym import dims
from cnnsym.claim import (
    Claim,
    CosineSum,
    Derivation,
    Erratum,
    Integers,
    Measurement,
    NearMiss,
    Schema,
    Step,
    Telescoping,
    Text,
    Trigonometric,
)
from cnnsym.layers import dct2d, gap
from cnnsym.measurement import compared_on
from cnnsym.reference import dct2d as transform
from cnnsym.reference import gap as pooling

CONTEXT = r"""
let H, W : size
let x^{2d} : signal(H, W)                  # one channel; entries count from 0
let h, g, i : index(H); w, v, j : index(W)
where f_{h,w}^{2d} = \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j}^{2d} \cos\left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos\left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right)
where B_{h,w}^{i,j} = \cos\left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos\left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right)
where \mathrm{GAP}(x^{2d}) = \frac{1}{HW} \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j}^{2d}
where c_u = 2 - \delta_{u0}                # c_0 = 1, c_u = 2 for u >= 1
where r_i = \sum_{j=0}^{W-1} x_{i,j}^{2d}
where q_j = \sum_{i=0}^{H-1} x_{i,j}^{2d}
where t = \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j}^{2d}
let n : size; let k, l : index(n); let p : integer; let \theta : scalar
"""

H, W, n = dims("H W n")
x = sp.IndexedBase("x^{2d}", shape=(H, W))
i, h, g = (sp.Idx(name, H) for name in "ihg")
j, w, v = (sp.Idx(name, W) for name in "jwv")
k, l = (sp.Idx(name, n) for name in "kl")
theta = sp.Symbol("theta", real=True)
p, q, r, t = sp.symbols("p q r t", integer=True)  # summation indices
HALF, delta, c, cosine = sp.Rational(1, 2), sp.KroneckerDelta, dct2d.weight, dct2d.cosine

coefficient = dct2d.forward(x, h, w)
image_entry = x[i, j]
mean = gap.forward(x)
over_frequencies = ((p, 0, H - 1), (q, 0, W - 1))
f_pq = dct2d.forward(x, p, q)
basis_pq = dct2d.basis(p, q, i, j, H, W)

printed = sp.Sum(f_pq * basis_pq, *over_frequencies)
corrected = sp.Sum(c(p) * c(q) * f_pq * basis_pq, *over_frequencies) / (H * W)
row_sum = sp.Sum(x[i, t], (t, 0, W - 1))
column_sum = sp.Sum(x[t, j], (t, 0, H - 1))
total = sp.Sum(x[r, t], (r, 0, H - 1), (t, 0, W - 1))
actual = (H * W * image_entry + H * row_sum + W * column_sum + total) / 4


def _at_zero(position, length):
    """The cosine of frequency 0 as it stands: SymPy would make it 1 at once, and nothing would be left to prove."""
    return sp.cos(sp.Mul(sp.S.Zero, sp.pi / length, position + HALF, evaluate=False), evaluate=False)


first_coefficient = sp.Sum(x[r, t] * (_at_zero(r, H) * _at_zero(t, W)), (r, 0, H - 1), (t, 0, W - 1))
first_basis = _at_zero(i, H) * _at_zero(j, W)
first = first_coefficient * first_basis
not_first = 1 - delta(p, 0) * delta(q, 0)  # 0 for the pair of frequencies (0, 0), else 1
rest = sp.Sum(not_first * f_pq * basis_pq, *over_frequencies)
weighted_rest = sp.Sum(not_first * c(p) * c(q) * f_pq * basis_pq, *over_frequencies) / (H * W)
line_three = mean * H * W + rest
line_three_corrected = mean + weighted_rest

# How reports write a coefficient of the transform, and the weight of a frequency.
WEIGHTS = sp.IndexedBase("c")
ABBREVIATIONS = ((f_pq, sp.IndexedBase("f^{2d}", shape=(H, W))[p, q]), *((c(u), WEIGHTS[u]) for u in (p, q)))
BASIS_ABBREVIATIONS = tuple((c(u), WEIGHTS[u]) for u in (h, w, g, v))

KERNEL = sp.Sum(cosine(p, k, n) * cosine(p, l, n), (p, 0, n - 1))
KERNEL_VALUE = n * delta(k, l) / 2 + HALF
ROWS = sp.Sum(cosine(k, p, n) * cosine(l, p, n), (p, 0, n - 1))
ROWS_VALUE = n * delta(k, l) * (1 + delta(k, 0)) / 2
EQUAL_OR_NOT = (sp.Eq(k, l), sp.Ne(k, l))
ROW_CASES = (sp.And(sp.Eq(k, l), sp.Eq(l, 0)), sp.And(sp.Eq(k, l), sp.Ne(l, 0)), sp.Ne(k, l))

# --- numbers ---------------------------------------------------------------------------------------------------------

SHAPES = ((5, 7), (1, 2), (8, 8), (4, 1))


def _compare(what, ours, theirs):
    """Two ways to compute an array from a random image of shape (H, W), the one by the formula, the other by the layers."""
    shapes = {seed: "H={}, W={}".format(*shape) for seed, shape in enumerate(SHAPES)}

    def image(seed, dtype):
        return np.random.default_rng(seed).normal(size=SHAPES[seed]).astype(dtype)

    return compared_on(what, image, shapes, ours, theirs)


def _cosines(length, dtype, frequencies=None):
    """The matrix D: a row for each frequency (0 .. n-1 unless others are given), a column for each position."""
    frequency = (np.arange(length) if frequencies is None else frequencies)[:, None]
    position = np.arange(length)[None, :]
    return np.cos(np.pi * frequency / length * (position + 0.5)).astype(dtype)


def _weights(length, dtype):
    return np.where(np.arange(length) == 0, 1, 2).astype(dtype)


def _forward(image):
    return transform.forward(image[None, None])[0, 0]


def _formula_forward(image):
    return _cosines(image.shape[0], image.dtype) @ image @ _cosines(image.shape[1], image.dtype).T


def _formula_inverse(image, weighted=True):
    height, width = image.shape
    f = _forward(image)
    if weighted:
        f = f * np.outer(_weights(height, image.dtype), _weights(width, image.dtype)) / (height * width)
    return _cosines(height, image.dtype).T @ f @ _cosines(width, image.dtype)


def _inverse(image):
    return transform.inverse(transform.forward(image[None, None]))[0, 0]


def _actual(image):
    height, width = image.shape
    return (
        height * width * image
        + height * image.sum(1, keepdims=True)
        + width * image.sum(0, keepdims=True)
        + image.sum()
    ) / 4


def _gap(image):
    return pooling.forward(image[None, None])[0, 0]


def _without_mean(image):
    """The image rebuilt from all coefficients but the first, plus its mean."""
    f = transform.forward(image[None, None])
    f[0, 0, 0, 0] = 0
    return transform.inverse(f)[0, 0] + _gap(image)


def _gram(length, dtype, columns):
    d = _cosines(length, dtype)
    return d.T @ d if columns else d @ d.T


def _orthonormal(image):
    return transform.inverse(transform.forward(image[None, None], norm="ortho"), norm="ortho")[0, 0]


def _orthonormal_formula(image):
    height, width = image.shape
    scale = np.sqrt(np.outer(_weights(height, image.dtype), _weights(width, image.dtype)) / (height * width))
    return _forward(image) * scale


SIZES = Text("任意的 H, W ≥ 1; 0 ≤ i, h < H, 0 ≤ j, w < W.", "any H, W ≥ 1; 0 ≤ i, h < H and 0 ≤ j, w < W.")
INTERCHANGE = Text("有限和可以交换次序", "finite sums may be interchanged")
KERNEL_RULE = Text(
    "余弦核 3.3-cosine-kernel, 两个方向各一次", "the cosine kernel 3.3-cosine-kernel, once for each direction"
)
KNUTH = "Graham, Knuth and Patashnik, Concrete Mathematics, section 2.6"
AHMED = "Ahmed, Natarajan and Rao, Discrete cosine transform (1974)"
FCANET = "Qin et al., FcaNet (2021), section 3; its code has the factors that its text leaves out"

# --- orthogonality of the cosines ------------------------------------------------------------------------------------

half_angle = 2 * sp.sin(theta / 2)
PRODUCT_TO_SUM = Text("积化和差", "product to sum")
first_angle, second_angle = cosine(p, k, n), cosine(p, l, n)
odd, even = k + l + 1, k - l

telescoping = Claim(
    id="3.3-telescoping",
    section="3.3",
    title=Text("余弦的有限和", "a finite sum of cosines"),
    chain=(half_angle * sp.Sum(sp.cos(p * theta), (p, 0, n - 1)), sp.sin((n - HALF) * theta) + sp.sin(theta / 2)),
    method=Telescoping(n),
    steps=(
        Step(
            half_angle * sp.cos(p * theta),
            sp.sin((p + HALF) * theta) - sp.sin((p - HALF) * theta),
            PRODUCT_TO_SUM,
            method=Trigonometric(),
        ),
        Step(
            half_angle * sp.Sum(sp.cos(p * theta), (p, 0, n - 1)),
            sp.sin((n - HALF) * theta) + sp.sin(theta / 2),
            Text("裂项相消: 对 n 归纳", "telescoping: induction on n"),
            source=KNUTH,
            method=Telescoping(n),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("符号: 减 sin(θ/2)", "a sign: minus sin(θ/2)"),
            lambda: (
                half_angle * sp.Sum(sp.cos(p * theta), (p, 0, n - 1)),
                sp.sin((n - HALF) * theta) - sp.sin(theta / 2),
            ),
        ),
        NearMiss(
            Text("差一: n + 1/2", "off by one: n + 1/2"),
            lambda: (
                half_angle * sp.Sum(sp.cos(p * theta), (p, 0, n - 1)),
                sp.sin((n + HALF) * theta) + sp.sin(theta / 2),
            ),
        ),
    ),
    numeric=lambda: tuple(
        Measurement(
            Text("逐项相加与闭式比较", "the sum, term by term, against the closed form"),
            f"n={length}",
            "float64",
            seed,
            float(
                abs(
                    2 * np.sin(angle / 2) * np.cos(np.arange(length) * angle).sum()
                    - (np.sin((length - 0.5) * angle) + np.sin(angle / 2))
                )
            ),
            1e-12,
        )
        for seed, length in enumerate((1, 4, 9))
        for angle in (np.random.default_rng(seed).normal(),)
    ),
    conditions=Text("任意实数 θ, 任意 n ≥ 1.", "any real θ, any n ≥ 1."),
    source=KNUTH,
)

kernel = Claim(
    id="3.3-cosine-kernel",
    section="3.3",
    title=Text("余弦核: 对频率求和", "the cosine kernel: summed over frequencies"),
    chain=(KERNEL, KERNEL_VALUE),
    method=CosineSum(EQUAL_OR_NOT),
    lemma=Schema(n, (k, l)),
    steps=(
        Step(
            first_angle * second_angle,
            sp.cos(sp.pi * p * even / n) / 2 + sp.cos(sp.pi * p * odd / n) / 2,
            PRODUCT_TO_SUM,
            method=Trigonometric(),
        ),
        Step(
            half_angle * sp.Sum(sp.cos(p * theta), (p, 0, n - 1)),
            sp.sin((n - HALF) * theta) + sp.sin(theta / 2),
            Text("裂项相消 (3.3-telescoping)", "telescoping (3.3-telescoping)"),
            source=KNUTH,
            method=Telescoping(n),
        ),
        Step(
            sp.sin(sp.pi * t - theta / 2) + sp.sin(theta / 2),
            (1 - (-1) ** t) / 2 * half_angle,
            Text(
                "取 θ = πt/n, t 为整数: 和等于 (1 - (-1)^t)/2, 只要 sin(θ/2) ≠ 0",
                "at θ = πt/n, t an integer: the sum is (1 - (-1)^t)/2, where sin(θ/2) ≠ 0",
            ),
            method=Trigonometric(),
        ),
        Step(
            sp.Ne(k, l),
            sp.And(sp.Lt(-2 * n, even), sp.Lt(even, 2 * n), sp.Ne(even, 0)),
            Text("k ≠ l 时 2n 不整除 k - l, 因此 sin(θ/2) ≠ 0", "for k ≠ l, 2n does not divide k - l, so sin(θ/2) ≠ 0"),
            method=Integers(),
        ),
        Step(
            sp.true,
            sp.And(sp.Lt(0, odd), sp.Lt(odd, 2 * n)),
            Text("2n 不整除 k + l + 1", "2n does not divide k + l + 1"),
            method=Integers(),
        ),
        Step(
            (-1) ** even + (-1) ** odd,
            sp.S.Zero,
            Text("k - l 与 k + l + 1 奇偶不同", "k - l and k + l + 1 have opposite parity"),
            method=Trigonometric(),
        ),
        Step(
            KERNEL,
            KERNEL_VALUE,
            Text("分情形: k = l 与 k ≠ l", "by cases: k = l and k ≠ l"),
            method=CosineSum(EQUAL_OR_NOT),
        ),
    ),
    near_misses=(
        NearMiss(Text("漏掉 1/2", "the 1/2 left out"), lambda: (KERNEL, n * delta(k, l) / 2)),
        NearMiss(Text("n 代替 n/2", "n instead of n/2"), lambda: (KERNEL, n * delta(k, l) + HALF)),
        NearMiss(
            Text("没有半个单位的平移", "without the shift by one half"),
            lambda: (sp.Sum(sp.cos(sp.pi * p * k / n) * sp.cos(sp.pi * p * l / n), (p, 0, n - 1)), KERNEL_VALUE),
        ),
    ),
    numeric=_compare(
        Text("DᵀD 与 (n/2) I + (1/2) 11ᵀ 比较", "DᵀD against (n/2) I + (1/2) 11ᵀ"),
        lambda image: _gram(image.shape[0], image.dtype, columns=True),
        lambda image: image.shape[0] / 2 * np.eye(image.shape[0]) + 0.5,
    ),
    conditions=Text("任意 n ≥ 1, 0 ≤ k, l < n.", "any n ≥ 1, 0 ≤ k, l < n."),
    source=AHMED,
)

rows = Claim(
    id="3.3-cosine-rows",
    section="3.3",
    title=Text("余弦的正交性: 对位置求和", "orthogonality of the cosines: summed over positions"),
    chain=(ROWS, ROWS_VALUE),
    method=CosineSum(ROW_CASES),
    lemma=Schema(n, (k, l)),
    steps=(
        Step(
            cosine(k, p, n) * cosine(l, p, n),
            sp.cos(sp.pi * even / n * (p + HALF)) / 2 + sp.cos(sp.pi * (k + l) / n * (p + HALF)) / 2,
            PRODUCT_TO_SUM,
            method=Trigonometric(),
        ),
        Step(
            half_angle * sp.Sum(sp.cos((p + HALF) * theta), (p, 0, n - 1)),
            sp.sin(n * theta),
            Text("裂项相消: 对 n 归纳", "telescoping: induction on n"),
            source=KNUTH,
            method=Telescoping(n),
        ),
        Step(
            sp.sin(sp.pi * t, evaluate=False),
            sp.S.Zero,
            Text("取 θ = πt/n, t 为整数", "at θ = πt/n, t an integer"),
            method=Trigonometric(),
        ),
        Step(
            sp.And(sp.Eq(k, l), sp.Ne(l, 0)),
            sp.And(sp.Lt(0, k + l), sp.Lt(k + l, 2 * n)),
            Text("k = l ≠ 0 时 2n 不整除 k + l", "for k = l ≠ 0, 2n does not divide k + l"),
            method=Integers(),
        ),
        Step(ROWS, ROWS_VALUE, Text("分三种情形", "by three cases"), method=CosineSum(ROW_CASES)),
    ),
    near_misses=(
        NearMiss(Text("已经标准正交", "already orthonormal"), lambda: (ROWS, delta(k, l))),
        NearMiss(
            Text("漏掉零频率的因子 2", "the factor 2 at frequency zero left out"), lambda: (ROWS, n * delta(k, l) / 2)
        ),
        NearMiss(Text("列也正交", "the columns are orthogonal as well"), lambda: (KERNEL, ROWS_VALUE)),
    ),
    numeric=_compare(
        Text("DDᵀ 与 diag(n, n/2, ..., n/2) 比较", "DDᵀ against diag(n, n/2, ..., n/2)"),
        lambda image: _gram(image.shape[0], image.dtype, columns=False),
        lambda image: np.diag(image.shape[0] / _weights(image.shape[0], image.dtype)),
    ),
    conditions=Text("任意 n ≥ 1, 0 ≤ k, l < n.", "any n ≥ 1, 0 ≤ k, l < n."),
    source=AHMED,
)

# --- the formulas of the note ----------------------------------------------------------------------------------------

image = sp.FunctionMatrix(H, W, sp.Lambda((r, t), x[r, t]))
separable = (dct2d.transform_matrix(H) * image * dct2d.transform_matrix(W).T)[h, w]

definition = Claim(
    id="3.3-eq1-dct",
    section="3.3",
    title=Text("二维余弦变换", "the two-dimensional cosine transform"),
    chain=(separable, coefficient),
    steps=(Step(separable, coefficient, Text("F = D_H x D_Wᵀ, 逐元素写出", "F = D_H x D_Wᵀ, written by entries")),),
    near_misses=(
        NearMiss(
            Text("i 代替 i + 1/2", "i instead of i + 1/2"),
            lambda: (
                coefficient,
                sp.Sum(x[r, t] * sp.cos(sp.pi * h * r / H) * sp.cos(sp.pi * w * t / W), (r, 0, H - 1), (t, 0, W - 1)),
            ),
        ),
        NearMiss(
            Text("等于带因子 4 的变换", "equal to the transform with a factor 4"),
            lambda: (coefficient, 4 * coefficient),
        ),
        NearMiss(
            Text("等于标准正交的变换", "equal to the orthonormal transform"),
            lambda: (coefficient, sp.sqrt(c(h) * c(w) / (H * W)) * coefficient),
        ),
        NearMiss(
            Text("πh/(2H)", "πh/(2H)"),
            lambda: (
                coefficient,
                sp.Sum(x[r, t] * cosine(h, r, 2 * H) * cosine(w, t, 2 * W), (r, 0, H - 1), (t, 0, W - 1)),
            ),
        ),
    ),
    numeric=_compare(
        Text("D_H x D_Wᵀ 与 reference.dct2d 比较", "D_H x D_Wᵀ against reference.dct2d"), _formula_forward, _forward
    ),
    conditions=SIZES,
    source=AHMED,
)

frequency_range = Claim(
    id="3.3-eq1-range",
    section="3.3",
    title=Text("频率的范围到 n - 1 为止", "the range of frequencies ends at n - 1"),
    chain=(cosine(n + p, k, n), -cosine(n - p, k, n)),
    method=Trigonometric(),
    steps=(
        Step(
            sp.cos(sp.pi * (n + p) / n * (k + HALF), evaluate=False),
            -sp.sin(sp.pi * k + sp.pi * p / n * (k + HALF), evaluate=False),
            Text("频率 n 的相位是 πk + π/2", "the phase of frequency n is πk + π/2"),
            method=Trigonometric(),
        ),
        Step(
            -sp.sin(sp.pi * k + theta, evaluate=False),
            sp.sin(sp.pi * k - theta, evaluate=False),
            Text("sin πk = 0, 所以正弦在此处是奇的", "sin πk = 0, so the sine is odd about it"),
            method=Trigonometric(),
        ),
        Step(
            sp.sin(sp.pi * k - sp.pi * p / n * (k + HALF), evaluate=False),
            -sp.cos(sp.pi * (n - p) / n * (k + HALF), evaluate=False),
            Text("频率 n - p 的相位, 反过来", "the phase of frequency n - p, read backwards"),
            method=Trigonometric(),
        ),
    ),
    near_misses=(
        NearMiss(Text("符号相同", "the same sign"), lambda: (cosine(n + p, k, n), cosine(n - p, k, n))),
        NearMiss(
            Text("从频率 n - 1 起就重复", "repetition from frequency n - 1 on"),
            lambda: (cosine(n - 1 + p, k, n), -cosine(n - 1 - p, k, n)),
        ),
    ),
    numeric=_compare(
        Text("频率 n, n + 1, ... 与频率 n, n - 1, ... 比较", "frequencies n, n + 1, ... against n, n - 1, ..."),
        lambda image: _cosines(image.shape[0], image.dtype, image.shape[0] + np.arange(image.shape[0])),
        lambda image: -_cosines(image.shape[0], image.dtype, image.shape[0] - np.arange(image.shape[0])),
    ),
    conditions=Text("任意 n ≥ 1, 0 ≤ k < n; 用于 n = H 与 n = W.", "any n ≥ 1, 0 ≤ k < n; used for n = H and n = W."),
    erratum=Erratum(
        printed=r"w \in\{0,1, \cdots, W-\mathrm{I}\}",
        corrected=r"w \in\{0,1, \cdots, W-1\}",
        explanation=Text(
            "上限里的罗马字母 I 是数字 1 的误印.", "The roman I in the upper limit is a misprint of the digit 1."
        ),
        kind="unclear",
    ),
)

INVERSE_ERRATUM = Erratum(
    printed=r"x_{i, j}^{2 d}=\sum_{h=0}^{H-1} \sum_{w=0}^{W-1} f_{h, w}^{2 d} \cos \left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos \left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right)",
    corrected=r"x_{i,j}^{2d}=\frac{1}{HW}\sum_{h=0}^{H-1}\sum_{w=0}^{W-1} c_h c_w f_{h,w}^{2d}\cos\left(\frac{\pi h}{H}\left(i+\frac12\right)\right)\cos\left(\frac{\pi w}{W}\left(j+\frac12\right)\right)",
    explanation=Text(
        "没有归一化的 DCT 的逆需要权重 c_h c_w/(HW), 其中 c_0 = 1, 其余为 2. FcaNet 的作者说明, 论文为简洁略去了这些因子.",
        "The inverse of the DCT without scale factors needs the weights c_h c_w/(HW), with c_0 = 1 and 2 otherwise. The authors "
        "of FcaNet say that the paper leaves these factors out for simplicity.",
    ),
)


def _of_ones(expression):
    """The expression for the image whose pixels are all 1."""
    return expression.xreplace(dict.fromkeys(expression.atoms(sp.Indexed), sp.S.One))


inverse_printed = Claim(
    id="3.3-eq2-idct",
    section="3.3",
    title=Text("逆变换, 照原样", "the inverse transform, as printed"),
    chain=(image_entry, printed),
    expected="refuted",
    using=("3.3-cosine-kernel",),
    steps=(
        Step(
            printed,
            actual,
            Text("右边实际等于什么 (3.3-eq2-idct-actual)", "what the right side really equals (3.3-eq2-idct-actual)"),
            using=("3.3-cosine-kernel",),
        ),
        Step(
            _of_ones(printed),
            H * W,
            Text("对全 1 图像, 右边是 HW, 左边是 1", "for an image of ones the right side is HW, the left side is 1"),
            using=("3.3-cosine-kernel",),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("只加 1/(HW), 不加 c", "only 1/(HW), without c"),
            lambda: (image_entry, printed / (H * W)),
        ),
        NearMiss(
            Text("处处 4/(HW)", "4/(HW) everywhere"),
            lambda: (image_entry, 4 * printed / (H * W)),
        ),
    ),
    numeric=_compare(
        Text("印出的右边与它实际的值比较", "the printed right side against what it really equals"),
        lambda a: _formula_inverse(a, weighted=False),
        _actual,
    ),
    conditions=SIZES,
    abbreviations=ABBREVIATIONS,
    erratum=INVERSE_ERRATUM,
)

swapped = sp.Sum(
    x[r, t]
    * sp.Sum(cosine(p, r, H) * cosine(p, i, H), (p, 0, H - 1))
    * sp.Sum(cosine(q, t, W) * cosine(q, j, W), (q, 0, W - 1)),
    (r, 0, H - 1),
    (t, 0, W - 1),
)
kernels = sp.Sum(
    x[r, t] * (H * delta(r, i) / 2 + HALF) * (W * delta(t, j) / 2 + HALF),
    (r, 0, H - 1),
    (t, 0, W - 1),
)

inverse_actual = Claim(
    id="3.3-eq2-idct-actual",
    section="3.3",
    title=Text("照原样的右边实际等于什么", "what the printed right side really equals"),
    chain=(printed, actual),
    using=("3.3-cosine-kernel",),
    steps=(
        Step(printed, swapped, INTERCHANGE),
        Step(swapped, kernels, KERNEL_RULE, using=("3.3-cosine-kernel",)),
        Step(kernels, actual, Text("展开, 用 δ 消去求和", "multiplied out; the deltas remove their sums")),
    ),
    near_misses=(
        NearMiss(Text("等于 HW 倍", "HW times the image"), lambda: (printed, H * W * image_entry)),
        NearMiss(
            Text("行和与列和的系数对调", "the factors of row and column sums swapped"),
            lambda: (printed, (H * W * image_entry + W * row_sum + H * column_sum + total) / 4),
        ),
        NearMiss(
            Text("漏掉总和", "the total left out"),
            lambda: (printed, (H * W * image_entry + H * row_sum + W * column_sum) / 4),
        ),
    ),
    numeric=_compare(
        Text("印出的右边与闭式比较", "the printed right side against the closed form"),
        lambda a: _formula_inverse(a, weighted=False),
        _actual,
    ),
    conditions=SIZES,
)

weighted = sp.Sum(
    c(p) * c(q) * x[r, t] * cosine(p, r, H) * cosine(p, i, H) * cosine(q, t, W) * cosine(q, j, W),
    (r, 0, H - 1),
    (t, 0, W - 1),
    *over_frequencies,
) / (H * W)
unit = sp.Sum(x[r, t] * delta(r, i) * delta(t, j), (r, 0, H - 1), (t, 0, W - 1))
weighted_kernel = sp.Sum(c(p) * cosine(p, k, n) * cosine(p, l, n), (p, 0, n - 1)) / n

inverse_corrected = Claim(
    id="3.3-eq2-idct-corrected",
    section="3.3",
    title=Text("逆变换, 改正后", "the inverse transform, corrected"),
    chain=(image_entry, corrected),
    using=("3.3-cosine-kernel",),
    steps=(
        Step(corrected, weighted, INTERCHANGE),
        Step(
            weighted_kernel,
            delta(k, l),
            Text("加权的余弦核: 2(n/2 δ + 1/2) - 1 = n δ", "the weighted kernel: 2(n/2 δ + 1/2) - 1 = n δ"),
            using=("3.3-cosine-kernel",),
        ),
        Step(weighted, unit, KERNEL_RULE, using=("3.3-cosine-kernel",)),
        Step(unit, image_entry, Text("用 δ 消去求和", "the deltas remove the sums")),
    ),
    near_misses=(
        NearMiss(Text("没有权重", "no weights"), lambda: (image_entry, printed)),
        NearMiss(Text("只有 1/(HW)", "only 1/(HW)"), lambda: (image_entry, printed / (H * W))),
        NearMiss(Text("处处 4/(HW)", "4/(HW) everywhere"), lambda: (image_entry, 4 * printed / (H * W))),
        NearMiss(
            Text("c_0 = 1/√2 (只用在一边的标准正交因子)", "c_0 = 1/√2 (the orthonormal factor on one side only)"),
            lambda: (
                image_entry,
                2
                * sp.Sum(
                    (1 + (1 / sp.sqrt(2) - 1) * delta(p, 0))
                    * (1 + (1 / sp.sqrt(2) - 1) * delta(q, 0))
                    * f_pq
                    * basis_pq,
                    *over_frequencies,
                )
                / (H * W),
            ),
        ),
        NearMiss(
            Text("c 依赖于 i, j", "c depends on i, j"),
            lambda: (image_entry, c(i) * c(j) * printed / (H * W)),
        ),
    ),
    numeric=_compare(
        Text("改正后的公式与原图像比较", "the corrected formula against the image"),
        _formula_inverse,
        lambda image: image,
    ),
    conditions=SIZES,
    abbreviations=ABBREVIATIONS,
    source=AHMED,
    erratum=INVERSE_ERRATUM,
)

expansion = Claim(
    id="3.3-eq2-B",
    section="3.3",
    title=Text("第二行: 用 B 展开", "the second line: written out with B"),
    chain=(printed, first + rest),
    steps=(Step(printed, first + rest, Text("把 (0, 0) 项分出来", "the term (0, 0) set apart")),),
    near_misses=(
        NearMiss(
            Text("B_{0,0} = 1/(HW)", "B_{0,0} = 1/(HW)"),
            lambda: (printed, first / (H * W) + rest),
        ),
        NearMiss(
            Text("B 对 (i,j) 与 (h,w) 对称", "B symmetric in (i,j) and (h,w)"),
            lambda: (
                dct2d.basis(k, k, l, l, n, n),
                dct2d.basis(l, l, k, k, n, n),
            ),
        ),
    ),
    numeric=_compare(
        Text("分出首项后的和", "the sum with the first term apart"),
        lambda a: _first_apart(a),
        lambda a: _formula_inverse(a, weighted=False),
    ),
    conditions=SIZES,
    abbreviations=ABBREVIATIONS,
    erratum=Erratum(
        printed=r"f_{0,0}^{2 d} B_{0,0}^{i, j}+f_{0,1}^{2 d} B_{0,1}^{i, j}+\cdots",
        corrected=r"B_{h,w}^{i,j}=\cos\left(\frac{\pi h}{H}\left(i+\frac12\right)\right)\cos\left(\frac{\pi w}{W}\left(j+\frac12\right)\right)",
        explanation=Text("原文没有定义 B.", "The source does not define B."),
        kind="unclear",
    ),
)


def _first_apart(image):
    f = _forward(image)
    rest = f.copy()
    rest[0, 0] = 0
    d_h, d_w = (_cosines(length, image.dtype) for length in image.shape)
    return f[0, 0] + d_h.T @ rest @ d_w


gap_coefficient = Claim(
    id="3.3-gap-f00",
    section="3.3",
    title=Text("零频率系数是 GAP 的 HW 倍", "the coefficient of frequency zero is HW times GAP"),
    chain=(first, mean * H * W),
    steps=(
        Step(first_basis, sp.S.One, Text("cos 0 = 1", "cos 0 = 1")),
        Step(first_coefficient, total, Text("f_{0,0} 是全体像素之和", "f_{0,0} is the sum of all pixels")),
        Step(
            total,
            mean * H * W,
            Text("GAP 的定义", "the definition of GAP"),
            source="Lin, Chen and Yan, Network in network, section 3.2",
        ),
    ),
    near_misses=(
        NearMiss(Text("f_{0,0} = GAP", "f_{0,0} = GAP"), lambda: (first, mean)),
        NearMiss(
            Text("√(HW) 倍 (标准正交时才对)", "√(HW) times (true for the orthonormal basis)"),
            lambda: (first, mean * sp.sqrt(H * W)),
        ),
        NearMiss(
            Text("f_{0,1} 也与均值成比例", "f_{0,1} is proportional to the mean too"),
            lambda: (dct2d.forward(x, 0, 1), mean * H * W),
        ),
    ),
    numeric=_compare(
        Text(
            "reference.dct2d 的 f[0, 0] 与 H W reference.gap 比较",
            "f[0, 0] of reference.dct2d against H W reference.gap",
        ),
        lambda image: _forward(image)[0, 0],
        lambda image: image.size * _gap(image),
    ),
    conditions=SIZES,
)

line_three_printed = Claim(
    id="3.3-eq2-line3",
    section="3.3",
    title=Text("第三行, 照原样", "the third line, as printed"),
    chain=(image_entry, line_three),
    expected="refuted",
    using=("3.3-cosine-kernel",),
    steps=(
        Step(
            line_three,
            actual,
            Text("第三行等于第一行的右边, 不等于 x", "the third line equals the right side of the first, not x"),
            using=("3.3-cosine-kernel",),
        ),
    ),
    near_misses=(
        NearMiss(Text("首项 GAP/(HW)", "leading term GAP/(HW)"), lambda: (image_entry, mean / (H * W) + rest)),
        NearMiss(
            Text("改正其余各项, 首项仍为 GAP·HW", "the other terms corrected, the leading one still GAP·HW"),
            lambda: (image_entry, mean * H * W + weighted_rest),
        ),
    ),
    numeric=_compare(
        Text("印出的一行与它实际的值比较", "the printed line against what it really equals"),
        lambda image: image.size * _gap(image) + _formula_inverse(image, weighted=False) - _forward(image)[0, 0],
        _actual,
    ),
    conditions=SIZES,
    abbreviations=ABBREVIATIONS,
    erratum=Erratum(
        printed=r"\mathrm{GAP}\left(x^{2 d}\right) H W+f_{0,1}^{2 d} B_{0,1}^{i, j}+\cdots+f_{H-1, W-1}^{2 d} B_{H-1, W-1}^{i, j}",
        corrected=r"\mathrm{GAP}\left(x^{2d}\right)+\frac{1}{HW}\sum_{(h,w)\ne(0,0)} c_hc_w f_{h,w}^{2d}B_{h,w}^{i,j}",
        explanation=Text("首项应是均值 GAP(x), 不是 GAP(x)·HW.", "The leading term is the mean GAP(x), not GAP(x)·HW."),
    ),
)

line_three_fixed = Claim(
    id="3.3-eq2-line3-corrected",
    section="3.3",
    title=Text("第三行, 改正后: 首项是均值", "the third line, corrected: the leading term is the mean"),
    chain=(image_entry, line_three_corrected),
    using=("3.3-cosine-kernel",),
    steps=(
        Step(image_entry, corrected, Text("改正后的逆变换", "the corrected inverse"), using=("3.3-cosine-kernel",)),
        Step(
            first / (H * W),
            mean,
            Text(
                "(0, 0) 项: c_0 = 1, f_{0,0}/(HW) = GAP (3.3-gap-f00)",
                "the term (0, 0): c_0 = 1, f_{0,0}/(HW) = GAP (3.3-gap-f00)",
            ),
        ),
        Step(corrected, first / (H * W) + weighted_rest, Text("把 (0, 0) 项分出来", "the term (0, 0) set apart")),
    ),
    near_misses=(
        NearMiss(
            Text("首项 GAP·HW", "leading term GAP·HW"),
            lambda: (image_entry, mean * H * W + weighted_rest),
        ),
        NearMiss(
            Text("首项 GAP/(HW)", "leading term GAP/(HW)"),
            lambda: (image_entry, mean / (H * W) + weighted_rest),
        ),
    ),
    numeric=_compare(
        Text("均值加其余各项与原图像比较", "the mean plus the rest against the image"),
        _without_mean,
        lambda image: image,
    ),
    conditions=SIZES,
)

two_bases = sp.Sum(dct2d.basis(h, w, r, t, H, W) * dct2d.basis(g, v, r, t, H, W), (r, 0, H - 1), (t, 0, W - 1))
split_rows = sp.Sum(cosine(h, r, H) * cosine(g, r, H), (r, 0, H - 1)) * sp.Sum(
    cosine(w, t, W) * cosine(v, t, W), (t, 0, W - 1)
)
two_deltas = delta(h, g) * delta(w, v)

basis_expansion = Claim(
    id="3.3-basis-expansion",
    section="3.3",
    title=Text("基图像两两正交", "the basis images are orthogonal"),
    chain=(two_bases, H * W / (c(h) * c(w)) * two_deltas),
    using=("3.3-cosine-rows",),
    steps=(
        Step(two_bases, split_rows, Text("二重和分成两个和的乘积", "the double sum is a product of two")),
        Step(
            split_rows,
            H * delta(h, g) * (1 + delta(h, 0)) / 2 * W * delta(w, v) * (1 + delta(w, 0)) / 2,
            Text(
                "余弦的正交性 3.3-cosine-rows, 两个方向各一次", "orthogonality 3.3-cosine-rows, once for each direction"
            ),
            using=("3.3-cosine-rows",),
        ),
        Step((1 + delta(h, 0)) / 2, 1 / c(h), Text("(1 + δ)(2 - δ) = 2", "(1 + δ)(2 - δ) = 2")),
    ),
    near_misses=(
        NearMiss(Text("标准正交", "orthonormal"), lambda: (two_bases, two_deltas)),
        NearMiss(
            Text("漏掉零频率: HW/4", "frequency zero forgotten: HW/4"), lambda: (two_bases, H * W * two_deltas / 4)
        ),
        NearMiss(Text("c 乘在上面", "c in the numerator"), lambda: (two_bases, H * W * c(h) * c(w) * two_deltas / 4)),
    ),
    numeric=_compare(
        Text("基图像的 Gram 矩阵", "the Gram matrix of the basis images"),
        lambda image: np.kron(_gram(image.shape[0], image.dtype, False), _gram(image.shape[1], image.dtype, False)),
        lambda image: np.diag(
            image.size / np.outer(_weights(image.shape[0], image.dtype), _weights(image.shape[1], image.dtype)).ravel()
        ),
    ),
    conditions=SIZES,
    abbreviations=BASIS_ABBREVIATIONS,
    source=AHMED,
)


def scale(frequency, other):
    """The factor of FcaNet's orthonormal basis."""
    return sp.sqrt(c(frequency) * c(other) / (H * W))


orthonormal = sp.Sum(
    scale(h, w) * dct2d.basis(h, w, r, t, H, W) * scale(g, v) * dct2d.basis(g, v, r, t, H, W),
    (r, 0, H - 1),
    (t, 0, W - 1),
)
orthonormal_expansion = sp.Sum(scale(p, q) * f_pq * scale(p, q) * basis_pq, *over_frequencies)

fcanet = Claim(
    id="3.3-fcanet-orthonormal",
    section="3.3",
    title=Text("FcaNet 的标准正交基", "the orthonormal basis of FcaNet"),
    chain=(orthonormal, two_deltas),
    using=("3.3-cosine-rows",),
    steps=(
        Step(
            orthonormal,
            scale(h, w) * scale(g, v) * two_bases,
            Text("因子与 i, j 无关", "the factors do not depend on i, j"),
        ),
        Step(
            orthonormal,
            two_deltas,
            Text("基的正交性 3.3-basis-expansion", "orthogonality, 3.3-basis-expansion"),
            using=("3.3-cosine-rows",),
        ),
        Step(
            image_entry,
            orthonormal_expansion,
            Text("在这组基下, 原文的展开式成立", "with this basis the printed expansion holds"),
            using=("3.3-cosine-kernel",),
        ),
    ),
    near_misses=(
        NearMiss(Text("没有因子", "without the factors"), lambda: (two_bases, two_deltas)),
        NearMiss(
            Text("只有 √(1/HW)", "only √(1/HW)"),
            lambda: (two_bases / (H * W), two_deltas),
        ),
    ),
    numeric=_compare(
        Text(
            "乘上因子的系数与 reference.dct2d (norm='ortho') 比较",
            "scaled coefficients against reference.dct2d with norm='ortho'",
        ),
        _orthonormal_formula,
        lambda image: transform.forward(image[None, None], norm="ortho")[0, 0],
    ),
    conditions=SIZES,
    abbreviations=(*ABBREVIATIONS, *BASIS_ABBREVIATIONS),
    source=FCANET,
)

energy = sp.Sum(x[r, t] ** 2, (r, 0, H - 1), (t, 0, W - 1))
spectral_energy = sp.Sum(c(p) * c(q) * f_pq**2, *over_frequencies) / (H * W)


def _energy(image):
    f = _forward(image)
    weights = np.outer(_weights(image.shape[0], image.dtype), _weights(image.shape[1], image.dtype))
    return np.array([(weights * f**2).sum() / image.size])


parseval = Claim(
    id="ext-dct-parseval",
    section="ext",
    title=Text("能量守恒: 加权的系数平方和", "Parseval: the weighted sum of squared coefficients"),
    chain=(energy, spectral_energy),
    using=("3.3-cosine-kernel",),
    steps=(
        Step(spectral_energy, energy, KERNEL_RULE, source=AHMED, using=("3.3-cosine-kernel",)),
    ),
    near_misses=(
        NearMiss(
            Text("没有归一化也成立", "it holds without scale factors"),
            lambda: (energy, sp.Sum(f_pq**2, *over_frequencies)),
        ),
        NearMiss(
            Text("只有 1/(HW)", "1/(HW) only"), lambda: (energy, sp.Sum(f_pq**2, *over_frequencies) / (H * W))
        ),
        NearMiss(
            Text("处处 4/(HW)", "4/(HW) everywhere"), lambda: (energy, 4 * sp.Sum(f_pq**2, *over_frequencies) / (H * W))
        ),
    ),
    numeric=_compare(
        Text("图像的平方和与加权系数的平方和比较", "the sum of squares of the image against that of the weighted coefficients"),
        _energy,
        lambda image: np.array([(image**2).sum()]),
    ),
    abbreviations=ABBREVIATIONS,
    conditions=SIZES,
    source=AHMED,
)

DERIVATION = Derivation(
    title=Text("余弦变换与全局平均池化", "the cosine transform and global average pooling"),
    context=CONTEXT,
    claims=(
        telescoping,
        kernel,
        rows,
        definition,
        frequency_range,
        inverse_printed,
        inverse_actual,
        inverse_corrected,
        expansion,
        gap_coefficient,
        line_three_printed,
        line_three_fixed,
        basis_expansion,
        fcanet,
        parseval,
    ),
    source="lecture note, section 3.3",
)
