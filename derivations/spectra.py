"""Convolution seen through the discrete Fourier transform, and how convolutions compose.

Everything stands on two facts: on a circle of `N` points a sum does not change when its index is shifted, and the sum of
`exp(2 pi i m n/N)` over `n` is `N` where `N` divides `m`, else 0. Signals are real; `N` is any length.
"""

from operator import itemgetter

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.claim import Claim, Derivation, Integers, Measurement, NearMiss, Step, Text, Trigonometric
from cnnsym.layers import conv1d, conv2d
from cnnsym.measurement import compared_on
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import conv2d as conv2d_layer

CONTEXT = r"""
let N, M, m, K, P, s, L, C, D : size
let n, t, h, q, d, i, j, u, v : integer
let \mathrm{i} : imaginary
# On a circle: an image, a kernel, an image of s L points; kernels from C to D channels, weights, a kernel of two dimensions.
let x, k : signal(circular(N)); let y : signal(circular(s L))
let g : signal(D, C, circular(N)); let \gamma : signal(C); let \rho : signal(circular(N), circular(M))
where \hat{x}_h = \sum_{n=0}^{N-1} x_n e^{-2\pi\mathrm{i} h n/N}
where \hat{k}_h = \sum_{n=0}^{N-1} k_n e^{-2\pi\mathrm{i} h n/N}
where \hat{y}_h = \sum_{n=0}^{sL-1} y_n e^{-2\pi\mathrm{i} h n/(sL)}
where \hat{g}_{d,c,h} = \sum_{a=0}^{N-1} g_{d,c,a} e^{-2\pi\mathrm{i} h a/N}
where \hat{\rho}_{h,q} = \sum_{a=0}^{N-1} \sum_{b=0}^{M-1} \rho_{a,b} e^{-2\pi\mathrm{i} h a/N} e^{-2\pi\mathrm{i} q b/M}
# On all integers: a signal, an image, and what is zero outside of its range: kernels, a short signal.
let z : signal(infinite); let Z : signal(infinite, infinite); let w : signal(m)
let \kappa, \mu : signal(K); let \lambda, \nu : signal(P); let G : signal(K, P)
let r : integer; let A, \theta, \phi : scalar
"""

N, M, m, K, P, s, L, C, D = dims("N M m K P s L C D")
n, t, h, q, d, i, j, u, v, r = sp.symbols("n t h q d i j u v r", integer=True)
a, b, c, e = sp.symbols("a b c e", integer=True)  # summation indices
x, k = signal("x", N, grid="circular"), signal("k", N, grid="circular")
y = signal("y", s * L, grid="circular")
kernels, weights = signal("g", D, C, N, grid=("zero", "zero", "circular")), signal("gamma", C)
plane_kernel = signal("rho", N, M, grid="circular")
z, image, short = signal("z", sp.oo), signal("Z", sp.oo, sp.oo), signal("w", m)
kappa, column, lam, row = signal("kappa", K), signal("mu", K), signal("lambda", P), signal("nu", P)
full_kernel = signal("G", K, P)
theta, phi, A = sp.symbols("theta phi A", real=True)


def turn(fraction):
    """e^(2 pi i fraction)."""
    return sp.exp(2 * sp.pi * sp.I * fraction)


def spectrum(x, frequency, length=N):
    """The discrete Fourier transform at one frequency."""
    return sp.Sum(x[e] * turn(-frequency * e / length), (e, 0, length - 1))


def convolution(k, x, position, length=N):
    """The circular convolution: the kernel flipped."""
    return sp.Sum(k[a] * x[position - a], (a, 0, length - 1))


def of(entries):
    """The transform of a signal given by its entries."""
    return sp.Sum(entries(n) * turn(-h * n / N), (n, 0, N - 1))


X_HAT, K_HAT = spectrum(x, h), spectrum(k, h)
named = sp.Symbol  # complex; its name is what reports write
ABBREVIATIONS = (
    (sp.conjugate(K_HAT), sp.conjugate(named(r"\hat{k}_h"))),
    (K_HAT, named(r"\hat{k}_h")),
)
correlated = sp.Sum(k[a] * x[n + a], (a, 0, N - 1))
PERIODIC = Text("圆上的和不随下标平移改变: n → n + a", "a sum over the circle does not change under n → n + a")
EXCHANGE = Text("交换求和次序", "the order of the sums exchanged")
CHARACTER = Text("e^{-2πi h(n+a)/N} 拆成两个因子", "e^{-2πi h(n+a)/N} is a product of two factors")
GEOMETRIC = Text("单位根之和: N 整除时为 N, 否则为 0", "the sum of roots of unity: N where N divides, else 0")
ANY = Text("圆上任意实信号, 任意 N ≥ 1, 任意整数频率 h.", "any real signals on the circle, any N ≥ 1, any integer frequency h.")
OPPENHEIM = "Oppenheim and Schafer, Discrete-Time Signal Processing, chapter 8"
SEDGHI = "Sedghi, Gupta and Long, The singular values of convolutional layers (2019)"
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}


def _compare(what, cases, both):
    """`both(random, dtype, *case)` gives an array by the formula and one computed in another way."""
    shapes = {seed: ", ".join(map(str, case)) for seed, case in enumerate(cases)}

    def made(seed, dtype):
        return both(np.random.default_rng(seed), dtype, *cases[seed])

    return compared_on(what, made, shapes, itemgetter(0), itemgetter(1), TOLERANCE)


def _normal(random, dtype, *shape):
    return random.normal(size=shape).astype(dtype)


def _circular(kernel, image):
    """The circular cross-correlation by the reference layer: the input goes on around the circle."""
    around = np.concatenate([image, image[: len(kernel) - 1]])
    return conv1d_layer.forward(around[None, None], kernel[None, None])[0, 0]


def _dft(x):
    """The transform from its definition."""
    f = np.arange(len(x))
    return np.exp(-2j * np.pi * np.outer(f, f) / len(x)) @ x


def _theorem(random, dtype, length):
    image, kernel = _normal(random, dtype, length), _normal(random, dtype, length)
    return np.conj(_dft(kernel)) * _dft(image), np.fft.fft(_circular(kernel, image))


theorem = Claim(
    id="ext-convolution-theorem",
    section="ext",
    title=Text("卷积定理: 圆上的卷积, 频域的乘积", "the convolution theorem: convolution on a circle, product of spectra"),
    chain=(of(lambda at: convolution(k, x, at)), K_HAT * X_HAT),
    also=((of(lambda at: correlated.xreplace({n: at})), sp.conjugate(K_HAT) * X_HAT),),
    steps=(
        Step(
            of(lambda at: convolution(k, x, at)),
            sp.Sum(k[a] * sp.Sum(x[n - a] * turn(-h * n / N), (n, 0, N - 1)), (a, 0, N - 1)),
            EXCHANGE,
        ),
        Step(
            sp.Sum(x[n - a] * turn(-h * n / N), (n, 0, N - 1)),
            sp.Sum(x[n] * turn(-h * (n + a) / N), (n, 0, N - 1)),
            PERIODIC,
        ),
        Step(sp.Sum(x[n] * turn(-h * (n + a) / N), (n, 0, N - 1)), turn(-h * a / N) * X_HAT, CHARACTER),
        Step(sp.Sum(k[a] * turn(-h * a / N) * X_HAT, (a, 0, N - 1)), K_HAT * X_HAT, Text("提出 x̂_h", "x̂_h taken out")),
    ),
    near_misses=(
        NearMiss(
            Text("互相关也不取共轭", "cross-correlation without the conjugate"),
            lambda: (of(lambda at: correlated.xreplace({n: at})), K_HAT * X_HAT),
        ),
        NearMiss(
            Text("卷积取共轭", "convolution with the conjugate"),
            lambda: (of(lambda at: convolution(k, x, at)), sp.conjugate(K_HAT) * X_HAT),
        ),
        NearMiss(
            Text("多出因子 1/N", "a factor 1/N too many"),
            lambda: (of(lambda at: convolution(k, x, at)), K_HAT * X_HAT / N),
        ),
        NearMiss(
            Text("余弦变换也有同样的定理", "the same theorem for the cosine transform"),
            lambda: (
                sp.Sum(convolution(k, x, n) * sp.cos(2 * sp.pi * h * n / N), (n, 0, N - 1)),
                sp.Sum(k[n] * sp.cos(2 * sp.pi * h * n / N), (n, 0, N - 1))
                * sp.Sum(x[n] * sp.cos(2 * sp.pi * h * n / N), (n, 0, N - 1)),
            ),
        ),
    ),
    abbreviations=((X_HAT, named(r"\hat{x}_h")), *ABBREVIATIONS),
    numeric=_compare(
        Text("按定义计算的变换之积, 与 numpy.fft 对参考层输出的变换比较", "transforms by their definition against numpy.fft of the reference layer"),
        ((5,), (8,), (1,)),
        _theorem,
    ),
    conditions=ANY,
    source=OPPENHEIM,
)

wrapped = sp.Sum(kappa[a] * short[sp.Mod(n - a, N)], (a, 0, K - 1))
straight = sp.Sum(kappa[a] * short[n - a], (a, 0, K - 1))
longer = signal("v", m + 1)
on_the_circle = (sp.Ge(n, 0), sp.Lt(n, N))

linear = Claim(
    id="ext-convolution-theorem-linear",
    section="ext",
    title=Text("补零到 N ≥ m + K - 1 后, 圆上的卷积就是普通卷积", "with zeros up to N ≥ m + K - 1 points, circular convolution is ordinary convolution"),
    chain=(wrapped, straight),
    hypotheses=(sp.Ge(N, m + K - 1), *on_the_circle),
    steps=(Step(wrapped, straight, Text("0 ≤ n < N, 0 ≤ a < K: 绕回的下标落在 m 之外", "for 0 ≤ n < N and 0 ≤ a < K what wraps around lies beyond m")),),
    near_misses=(
        NearMiss(
            Text("N = m 就够", "N = m is enough"),
            lambda: (wrapped.xreplace({N: m}), straight),
            assuming=(sp.Lt(n, m),),
        ),
        NearMiss(
            Text("少一个点也够: 长 m + 1 的信号, m + K - 1 个点", "one point fewer is enough: a signal of length m + 1, m + K - 1 points"),
            lambda: (
                sp.Sum(kappa[a] * longer[sp.Mod(n - a, m + K - 1)], (a, 0, K - 1)),
                sp.Sum(kappa[a] * longer[n - a], (a, 0, K - 1)),
            ),
            assuming=(sp.Lt(n, m + K - 1),),
        ),
    ),
    numeric=_compare(
        Text("numpy.fft 的乘积与参考层比较", "the product of numpy.fft transforms against the reference layer"),
        ((5, 3, 7), (8, 4, 16), (1, 1, 1)),
        lambda random, dtype, length, taps, points: _by_fft(random, dtype, length, taps, points),
    ),
    conditions=Text("长为 m 的信号, 长为 K 的核, N ≥ m + K - 1, 0 ≤ n < N.", "a signal of length m, a kernel of length K, N ≥ m + K - 1, 0 ≤ n < N."),
    source=OPPENHEIM,
)


def _by_fft(random, dtype, length, taps, points):
    image, kernel = _normal(random, dtype, length), _normal(random, dtype, taps)
    full = conv1d_layer.forward(image[None, None], kernel[::-1].copy()[None, None], padding=taps - 1)[0, 0]
    product = np.fft.ifft(np.fft.fft(image, points) * np.fft.fft(kernel, points)).real
    return product[: length + taps - 1], full


# --- the convolution as a circulant matrix ---------------------------------------------------------------------------

WAVE = turn(h * j / N)
applied = sp.Sum(k[n - j] * WAVE, (j, 0, N - 1))
resolved = sp.Sum(turn(h * n / N) * K_HAT * turn(-h * j / N), (h, 0, N - 1)) / N
circulant = Claim(
    id="ext-circulant-svd",
    section="ext",
    title=Text("循环矩阵: 波是特征向量, 频谱是特征值", "circulant matrices: waves are eigenvectors, the spectrum holds the eigenvalues"),
    chain=(applied, K_HAT * turn(h * n / N)),
    also=((k[n - j], resolved),),  # C = F* diag(k^) F / N
    steps=(
        Step(applied, sp.Sum(k[a] * turn(h * (n - a) / N), (a, 0, N - 1)), Text("令 a = n - j", "a = n - j")),
        Step(
            sp.Sum(k[a] * turn(h * (n - a) / N), (a, 0, N - 1)),
            turn(h * n / N) * K_HAT,
            Text("提出 e^{2πi h n/N}", "e^{2πi h n/N} taken out"),
        ),
        Step(
            resolved,
            sp.Sum(k[a] * indicator(sp.Eq(sp.Mod(n - j - a, N), 0)), (a, 0, N - 1)),
            GEOMETRIC,
        ),
    ),
    near_misses=(
        NearMiss(
            Text("特征值是核的元素", "the eigenvalues are the entries of the kernel"), lambda: (applied, k[h] * turn(h * n / N))
        ),
        NearMiss(
            Text("特征值取共轭", "the eigenvalues conjugated"), lambda: (applied, sp.conjugate(K_HAT) * turn(h * n / N))
        ),
        NearMiss(
            Text("零填充的 (Toeplitz) 矩阵也以波为特征向量", "zero padding (a Toeplitz matrix) has waves as eigenvectors too"),
            lambda: (
                sp.Sum(kappa[n - j] * WAVE, (j, 0, N - 1)),
                sp.Sum(kappa[a] * turn(-h * a / N), (a, 0, K - 1)) * turn(h * n / N),
            ),
            assuming=(sp.Le(K, N), sp.Ge(n, 0), sp.Lt(n, N)),
        ),
        NearMiss(Text("漏掉 1/N", "the 1/N left out"), lambda: (k[n - j], N * resolved)),
    ),
    abbreviations=ABBREVIATIONS,
    numeric=_compare(
        Text("循环矩阵与 numpy.fft 拼出的 F*·diag(k̂)·F/N 比较", "the circulant matrix against F* diag(k̂) F / N made with numpy.fft"),
        ((6,), (7,), (1,)),
        lambda random, dtype, length: _diagonalised(random, dtype, length),
    ),
    conditions=Text(
        "任意实核, 任意 N ≥ 1, 任意整数频率 h, 任意位置 n, j.",
        "any real kernel, any N ≥ 1, any integer frequency h, any places n and j.",
    ),
    source=SEDGHI,
)


def _circulant(kernel):
    return np.stack([np.roll(kernel, shift) for shift in range(len(kernel))], axis=1)


def _diagonalised(random, dtype, length):
    kernel = _normal(random, dtype, length)
    return np.fft.ifft(_dft(kernel)[:, None] * np.fft.fft(np.eye(length), axis=0), axis=0), _circulant(kernel)


forwards = sp.Sum(k[n - j] * k[t - j], (j, 0, N - 1))
backwards = sp.Sum(k[j - n] * k[j - t], (j, 0, N - 1))
squared = sp.Sum(k[j - n] * sp.Sum(k[j - b] * turn(h * b / N), (b, 0, N - 1)), (j, 0, N - 1))
normal = Claim(
    id="ext-circulant-svd-normal",
    section="ext",
    title=Text("循环矩阵是正规的, 奇异值是频谱的绝对值", "circulant matrices are normal, and their singular values are the moduli of the spectrum"),
    chain=(forwards, backwards),
    also=((squared, sp.conjugate(K_HAT) * K_HAT * turn(h * n / N)),),
    steps=(
        Step(
            forwards,
            sp.Sum(k[a] * k[a + t - n], (a, 0, N - 1)),
            Text("令 a = n - j", "a = n - j"),
        ),
        Step(
            backwards,
            sp.Sum(k[a] * k[a + t - n], (a, 0, N - 1)),
            Text("令 a = j - t", "a = j - t"),
        ),
        Step(
            squared,
            sp.Sum(k[j - n] * K_HAT * WAVE, (j, 0, N - 1)),
            Text("里面的和: 波是特征向量", "the sum inside: the wave is an eigenvector"),
        ),
        Step(
            sp.Sum(k[j - n] * WAVE, (j, 0, N - 1)),
            sp.conjugate(K_HAT) * turn(h * n / N),
            Text("转置矩阵的特征值是共轭", "the transpose has the conjugate eigenvalue"),
        ),
    ),
    near_misses=(
        NearMiss(Text("C 是对称的", "C is symmetric"), lambda: (k[n - j], k[j - n])),
        NearMiss(
            Text("零填充的 (Toeplitz) 矩阵也正规", "zero padding gives a normal (Toeplitz) matrix too"),
            lambda: (
                sp.Sum(kappa[n - j] * kappa[t - j], (j, 0, m - 1)),
                sp.Sum(kappa[j - n] * kappa[j - t], (j, 0, m - 1)),
            ),
            assuming=(sp.Ge(n, 0), sp.Lt(n, m), sp.Ge(t, 0), sp.Lt(t, m)),
        ),
        NearMiss(
            Text("平方不取绝对值", "the square without the modulus"), lambda: (squared, K_HAT**2 * turn(h * n / N))
        ),
    ),
    abbreviations=ABBREVIATIONS,
    numeric=_compare(
        Text("循环矩阵的奇异值与 |k̂| 比较 (numpy.linalg.svd)", "singular values of the circulant matrix against |k̂| (numpy.linalg.svd)"),
        ((6,), (7,), (1,)),
        lambda random, dtype, length: _singular_values(random, dtype, length),
    ),
    conditions=Text(
        "任意实核, 任意 N ≥ 1. CᵀC 在波上的特征值是 |k̂_h|², 所以奇异值是 |k̂_h|.",
        "any real kernel, any N ≥ 1. The eigenvalues of CᵀC, on the waves, are |k̂_h|², so the singular values are |k̂_h|.",
    ),
    source=SEDGHI,
)


def _singular_values(random, dtype, length):
    kernel = _normal(random, dtype, length)
    return np.sort(np.abs(_dft(kernel))), np.sort(np.linalg.svd(_circulant(kernel), compute_uv=False))


channel = sp.Sum(kernels[d, c, n - j] * weights[c] * WAVE, (j, 0, N - 1), (c, 0, C - 1))
moved = sp.Sum(kernels[d, c, a] * weights[c] * turn(h * (n - a) / N), (a, 0, N - 1), (c, 0, C - 1))
small = lambda sign: sp.Sum(kernels[d, c, a] * turn(-sign * h * a / N), (a, 0, N - 1))  # noqa: E731 - a formula
block = sp.Sum(small(1) * weights[c], (c, 0, C - 1)) * turn(h * n / N)
plane_spectrum = sp.Sum(plane_kernel[a, b] * turn(-h * a / N) * turn(-q * b / M), (a, 0, N - 1), (b, 0, M - 1))
doubly = Claim(
    id="ext-circulant-svd-channels",
    section="ext",
    title=Text("多通道: 每个频率一个小矩阵; 二维: 双重循环", "several channels: one small matrix per frequency; two dimensions: doubly circulant"),
    chain=(channel, block),
    also=(
        (
            sp.Sum(plane_kernel[n - j, u - v] * WAVE * turn(q * v / M), (j, 0, N - 1), (v, 0, M - 1)),
            plane_spectrum * turn(h * n / N) * turn(q * u / M),
        ),
    ),
    steps=(
        Step(channel, moved, Text("令 a = n - j", "a = n - j")),
        Step(moved, block, Text("提出波", "the wave taken out")),
    ),
    near_misses=(
        NearMiss(
            Text("先对通道求和", "the channels summed first"),
            lambda: (
                channel,
                sp.Sum(small(1), (c, 0, C - 1)) * sp.Sum(weights[c], (c, 0, C - 1)) * turn(h * n / N),
            ),
        ),
        NearMiss(
            Text("频率的符号", "the sign of the frequency"),
            lambda: (channel, sp.Sum(small(-1) * weights[c], (c, 0, C - 1)) * turn(h * n / N)),
        ),
    ),
    abbreviations=((small(1), named(r"\hat{g}_{d,c,h}")), (plane_spectrum, named(r"\hat{\rho}_{h,q}"))),
    numeric=_compare(
        Text("整层的奇异值与每个频率的奇异值之并比较", "singular values of the whole layer against those of all frequencies"),
        ((2, 3, 5), (3, 2, 4)),
        lambda random, dtype, d, c, length: _all_singular_values(random, dtype, d, c, length),
    ),
    conditions=Text(
        "g 有 D × C 个核. 层在波上作用为小矩阵 ĝ_h (D × C), 所以奇异值是所有 ĝ_h 的奇异值之并.",
        "g holds D × C kernels. On a wave the layer acts as the small matrix ĝ_h (D × C), so its singular values are those of all ĝ_h together.",
    ),
    source=SEDGHI,
)


def _all_singular_values(random, dtype, d, c, length):
    kernel = _normal(random, dtype, d, c, length)
    whole = np.block([[np.stack([np.roll(kernel[o, e], r) for r in range(length)], axis=1) for e in range(c)] for o in range(d)])
    each = np.moveaxis(np.fft.fft(kernel, axis=2), 2, 0)
    found = np.concatenate([np.linalg.svd(one, compute_uv=False) for one in each])
    direct = np.linalg.svd(whole, compute_uv=False)
    return np.sort(found), np.sort(direct)


# --- sampling --------------------------------------------------------------------------------------------------------

sampled = sp.Sum(y[s * n] * turn(-h * n / L), (n, 0, L - 1))
folded = sp.Sum(spectrum(y, h + q * L, s * L), (q, 0, s - 1)) / s
aliasing = Claim(
    id="ext-aliasing",
    section="ext",
    title=Text("抽样: 相隔 L 的 s 个频率叠在一起", "subsampling folds s frequencies, L apart, into one"),
    chain=(sampled, folded),
    steps=(
        Step(
            folded,
            sp.Sum(y[n] * turn(-h * n / (s * L)) * indicator(sp.Eq(sp.Mod(n, s), 0)), (n, 0, s * L - 1)),
            GEOMETRIC,
        ),
        Step(
            sp.Sum(y[n] * turn(-h * n / (s * L)) * indicator(sp.Eq(sp.Mod(n, s), 0)), (n, 0, s * L - 1)),
            sampled,
            Text("只留下 n = s n'", "only n = s n' is left"),
        ),
    ),
    near_misses=(
        NearMiss(Text("漏掉 1/s", "the 1/s left out"), lambda: (sampled, folded * s)),
        NearMiss(Text("只有 q = 0 一项", "only the term q = 0"), lambda: (sampled, spectrum(y, h, s * L) / s)),
        NearMiss(
            Text("频率相隔 s", "frequencies s apart"),
            lambda: (sampled, sp.Sum(spectrum(y, h + q * s, s * L), (q, 0, s - 1)) / s),
        ),
    ),
    numeric=_compare(
        Text("numpy.fft: 抽样后的频谱与叠加比较", "numpy.fft: the spectrum after sampling against the folded one"),
        ((3, 4), (2, 5), (1, 3)),
        lambda random, dtype, step, length: _folded(random, dtype, step, length),
    ),
    conditions=Text("周期为 sL 的信号, 每 s 个取一个.", "a signal of period sL, every s-th entry of it."),
    source="Oppenheim and Schafer, Discrete-Time Signal Processing, section 4.6",
)


def _folded(random, dtype, step, length):
    whole = _normal(random, dtype, step * length)
    return np.fft.fft(whole).reshape(step, length).mean(axis=0), np.fft.fft(whole[::step])


# --- composition -----------------------------------------------------------------------------------------------------

twice = sp.Sum(kappa[a] * sp.Sum(lam[b] * z[n - a - b], (b, 0, P - 1)), (a, 0, K - 1))
composed = sp.Sum(kappa[a] * lam[u - a], (a, 0, K - 1))
once = sp.Sum(composed * z[n - u], (u, 0, K + P - 2))
corr_twice = sp.Sum(kappa[a] * conv1d.correlation(z, lam, n + a), (a, 0, K - 1))
corr_once = sp.Sum(composed * z[n + u], (u, 0, K + P - 2))


def _same(kernel, image, half):
    return lambda at: sp.Sum(kernel[a] * image(at + a - half), (a, 0, 2 * half))


def _cropped(entry):
    """Zero outside of 0 .. m-1, as padding makes the output of a layer."""
    return lambda at: entry(at) * indicator(sp.And(sp.Ge(at, 0), sp.Lt(at, m)))


three, five = signal("kappa", 3), signal("lambda", 3)
same_twice = _same(three, _cropped(lambda at: sp.Sum(five[b] * short[at + b - 1], (b, 0, 2))), 1)(n)
same_once = sp.Sum(sp.Sum(three[a] * five[u - a], (a, 0, 2)) * short[n + u - 2], (u, 0, 4))

associativity = Claim(
    id="ext-associativity",
    section="ext",
    title=Text("两次卷积等于一次: 核长 K + P - 1", "two convolutions are one, with a kernel of length K + P - 1"),
    chain=(twice, once),
    also=((corr_twice, corr_once),),
    steps=(
        Step(
            twice,
            sp.Sum(kappa[a] * lam[u - a] * z[n - u], (a, 0, K - 1), (u, 0, K + P - 2)),
            Text("令 u = a + b", "u = a + b"),
        ),
        Step(sp.Sum(kappa[a] * lam[u - a] * z[n - u], (a, 0, K - 1), (u, 0, K + P - 2)), once, EXCHANGE),
    ),
    near_misses=(
        NearMiss(
            Text("合成的核短一个元素", "the composed kernel one entry shorter"),
            lambda: (twice, sp.Sum(composed * z[n - u], (u, 0, K + P - 3))),
        ),
        NearMiss(
            Text("互相关: 合成核也用互相关", "cross-correlation: the composed kernel by cross-correlation too"),
            lambda: (corr_twice, sp.Sum(sp.Sum(kappa[a] * lam[u + a], (a, 0, K - 1)) * z[n + u], (u, 0, K + P - 2))),
        ),
        NearMiss(
            Text("零填充的 same 卷积在边界也成立", "same convolution with zero padding, at the border too"),
            lambda: (same_twice, same_once),
        ),
    ),
    numeric=_compare(
        Text("两层与一层 (参考层) 比较", "two reference layers against one"),
        ((9, 3, 2), (12, 3, 3), (5, 1, 4)),
        lambda random, dtype, length, first, second: _composed(random, dtype, length, first, second),
    ),
    conditions=Text(
        "无限网格, 或不填充 (valid). 中间没有非线性. 零填充时在边界不成立.",
        "the infinite grid, or no padding (valid); no nonlinearity in between. With zero padding it fails at the border.",
    ),
    source=OPPENHEIM,
)


def _composed(random, dtype, length, first, second):
    image, one, other = (_normal(random, dtype, size) for size in (length, first, second))
    layer = lambda w, v: conv1d_layer.forward(v[None, None], w[None, None])[0, 0]  # noqa: E731 - a formula
    return layer(np.convolve(one, other), image), layer(other, layer(one, image))


kernel_cost = Claim(
    id="ext-associativity-cost",
    section="ext",
    title=Text("两个 3×3 与一个 5×5: 18c² 对 25c²", "two 3×3 against one 5×5: 18c² against 25c²"),
    chain=(sp.true, sp.Lt(2 * 3**2 * C**2, 5**2 * C**2, evaluate=False)),
    method=Integers(),
    steps=(
        Step(
            sp.true,
            sp.Gt(C**2, 0, evaluate=False),
            Text("18c² 与 25c² 只差一个正数 7c²", "18c² and 25c² differ by the positive number 7c²"),
            method=Integers(),
        ),
    ),
    near_misses=(
        NearMiss(Text("一样多", "equally many"), lambda: (sp.true, sp.Eq(18 * C**2, 25 * C**2, evaluate=False))),
        NearMiss(Text("两个 3×3 更多", "two 3×3 have more"), lambda: (sp.true, sp.Gt(18 * C**2, 25 * C**2, evaluate=False))),
    ),
    numeric=lambda: tuple(
        Measurement(
            Text("数出参考层的权重", "the weights of the reference layers, counted"),
            f"c={c}",
            "float64",
            0,
            abs(2 * np.ones((c, c, 3, 3)).size - 18 * c * c) + abs(np.ones((c, c, 5, 5)).size - 25 * c * c),
            0.0,
        )
        for c in (1, 4)
    ),
    conditions=Text("c 个输入与输出通道, 不计偏置.", "c input and output channels, biases left out."),
)

product = sp.Sum(column[a] * row[b] * image[i + a, j + b], (a, 0, K - 1), (b, 0, P - 1))
two_passes = sp.Sum(column[a] * sp.Sum(row[b] * image[i + a, j + b], (b, 0, P - 1)), (a, 0, K - 1))
impulse = conv2d.correlation(image, full_kernel, i, j)

separable = Claim(
    id="ext-separable",
    section="ext",
    title=Text("秩一的核: 先按行, 再按列", "a kernel of rank one: first along rows, then along columns"),
    chain=(product, two_passes),
    steps=(Step(product, two_passes, Text("提出与 b 无关的因子", "what does not depend on b taken out")),),
    near_misses=(
        NearMiss(
            Text("任何核都是行和乘列和 (除以总和)", "every kernel is the product of its row and column sums (over the total)"),
            lambda: (
                impulse * sp.Sum(full_kernel[c, e], (c, 0, K - 1), (e, 0, P - 1)),
                sp.Sum(
                    sp.Sum(full_kernel[a, e], (e, 0, P - 1)) * sp.Sum(full_kernel[c, b], (c, 0, K - 1)) * image[i + a, j + b],
                    (a, 0, K - 1),
                    (b, 0, P - 1),
                ),
            ),
        ),
        NearMiss(
            Text("行核与列核交换", "the kernels of rows and columns exchanged"),
            lambda: (product, sp.Sum(column[a] * sp.Sum(row[b] * image[i + b, j + a], (b, 0, P - 1)), (a, 0, K - 1))),
        ),
    ),
    numeric=_compare(
        Text("两次一维卷积与一次二维卷积 (参考层) 比较", "two passes against one two-dimensional pass of the reference layer"),
        ((6, 7, 3, 2), (5, 5, 1, 4)),
        lambda random, dtype, height, width, rows, columns: _passes(random, dtype, height, width, rows, columns),
    ),
    conditions=Text("核 G = μνᵀ, 即 G[a,b] = μ[a]ν[b]; 任意 K, P.", "the kernel G = μνᵀ, that is G[a,b] = μ[a]ν[b]; any K, P."),
)


def _passes(random, dtype, height, width, rows, columns):
    picture, down, across = (_normal(random, dtype, *shape) for shape in ((height, width), (rows,), (columns,)))
    layer = lambda w, v: conv2d_layer.forward(v[None, None], w[None, None])[0, 0]  # noqa: E731 - a formula
    return layer(down[:, None], layer(across[None, :], picture)), layer(np.outer(down, across), picture)


pulse = indicator(sp.And(sp.Eq(i + a, t), sp.Eq(j + b, v)))
at_impulse = sp.Sum(full_kernel[a, b] * pulse, (a, 0, K - 1), (b, 0, P - 1))
separated_impulse = sp.Sum(column[a] * sp.Sum(row[b] * pulse, (b, 0, P - 1)), (a, 0, K - 1))
only_if = Claim(
    id="ext-separable-necessity",
    section="ext",
    title=Text("反过来: 能分两次做的核秩为一", "and conversely: a kernel that can be done in two passes has rank one"),
    chain=(at_impulse, full_kernel[t - i, v - j]),
    also=((separated_impulse, column[t - i] * row[v - j]),),
    steps=(
        Step(
            sp.Sum(row[b] * pulse, (b, 0, P - 1)),
            indicator(sp.Eq(i + a, t)) * row[v - j],
            Text("里面的和: 只剩 b = v - j", "the sum inside: only b = v - j is left"),
        ),
        Step(
            sp.Sum(column[a] * indicator(sp.Eq(i + a, t)) * row[v - j], (a, 0, K - 1)),
            column[t - i] * row[v - j],
            Text("外面的和: 只剩 a = t - i", "the sum outside: only a = t - i is left"),
        ),
    ),
    near_misses=(
        NearMiss(Text("核被翻转", "the kernel flipped"), lambda: (at_impulse, full_kernel[i - t, j - v])),
        NearMiss(Text("行列交换", "rows and columns exchanged"), lambda: (separated_impulse, column[v - j] * row[t - i])),
    ),
    numeric=_compare(
        Text("脉冲响应 (参考层) 与翻转的核比较", "the impulse response of the reference layer against the flipped kernel"),
        ((3, 2), (1, 4)),
        lambda random, dtype, rows, columns: _impulse(random, dtype, rows, columns),
    ),
    conditions=Text(
        "若两种算法对一切图像相等, 就对 (t, v) 处的脉冲相等: 于是 G[a,b] = μ[a]ν[b].",
        "if both ways agree for all images they agree for impulses at (t, v): so G[a,b] = μ[a]ν[b].",
    ),
)


def _impulse(random, dtype, rows, columns):
    kernel = _normal(random, dtype, rows, columns)
    picture = np.zeros((2 * rows - 1, 2 * columns - 1), dtype)
    picture[rows - 1, columns - 1] = 1
    return kernel[::-1, ::-1], conv2d_layer.forward(picture[None, None], kernel[None, None])[0, 0]


# --- blur ------------------------------------------------------------------------------------------------------------

wave = lambda at, r: A * sp.cos(theta * (at - r / 2) + phi)  # noqa: E731 - a formula
blurred = (wave(n, r) + wave(n - 1, r)) / 2
blur = Claim(
    id="ext-blurpool",
    section="ext",
    title=Text("二项式模糊: 每一次都把振幅乘以 cos(θ/2)", "binomial blur: each pass multiplies the amplitude by cos(θ/2)"),
    chain=(blurred, sp.cos(theta / 2) * wave(n, r + 1)),
    method=Trigonometric(),
    steps=(
        Step(
            blurred,
            A * sp.cos(theta / 2) * sp.cos(theta * (n - r / 2) + phi - theta / 2),
            Text("和差化积", "sum to product"),
            method=Trigonometric(),
        ),
        Step(
            sp.cos(theta * (n - r / 2) + phi - theta / 2),
            sp.cos(theta * (n - (r + 1) / 2) + phi),
            Text("再迟半个样点", "half a sample later"),
            method=Trigonometric(),
        ),
    ),
    near_misses=(
        NearMiss(Text("sin(θ/2)", "sin(θ/2)"), lambda: (blurred, sp.sin(theta / 2) * wave(n, r + 1))),
        NearMiss(Text("cos θ", "cos θ"), lambda: (blurred, sp.cos(theta) * wave(n, r + 1))),
        NearMiss(Text("没有延迟", "no delay"), lambda: (blurred, sp.cos(theta / 2) * wave(n, r))),
    ),
    numeric=_compare(
        Text("二项式核的频率响应与 cosⁿ(ω/2) 比较", "the frequency response of the binomial kernel against cosⁿ(ω/2)"),
        ((1,), (2,), (5,)),
        lambda random, dtype, order: _binomial(random, dtype, order),
    ),
    conditions=Text(
        "任意频率 θ, 任意振幅 A. 从 0 起做 r 次: 振幅 A·cosʳ(θ/2), θ = 0 时为 A, θ = π 时有 r 重零点.",
        "any frequency θ, any amplitude A. From 0 to r passes: amplitude A·cosʳ(θ/2), which is A at θ = 0 and has a zero of order r at θ = π.",
    ),
    source="Zhang, Making convolutional networks shift-invariant again (2019)",
)


def _binomial(random, dtype, order):
    kernel = np.ones(1)
    for _ in range(order):
        kernel = np.convolve(kernel, [0.5, 0.5])
    angle = random.uniform(0, np.pi, 6)
    response = np.exp(-1j * np.outer(angle, np.arange(order + 1))) @ kernel.astype(dtype)
    return np.cos(angle / 2) ** order * np.exp(-0.5j * order * angle), response


not_ideal = Claim(
    id="ext-blurpool-aliases",
    section="ext",
    title=Text("模糊减轻混叠, 但不能消除", "blurring reduces aliasing, but does not remove it"),
    chain=(sp.cos(theta / 2) ** 2, (1 + sp.cos(theta)) / 2),
    also=((sp.cos((sp.pi + theta) / 2) ** 2, (1 - sp.cos(theta)) / 2),),
    method=Trigonometric(),
    steps=(
        Step(sp.cos(theta / 2) ** 2, (1 + sp.cos(theta)) / 2, Text("半角公式", "the half-angle formula"), method=Trigonometric()),
        Step(sp.cos(sp.pi + theta, evaluate=False), -sp.cos(theta), Text("换成 π + θ", "π + θ instead"), method=Trigonometric()),
    ),
    near_misses=(
        NearMiss(Text("π/2 以上全部消失", "everything from π/2 on vanishes"), lambda: (sp.cos(sp.pi / 4, evaluate=False) ** 2, sp.S.Zero)),
        NearMiss(Text("1 + cos θ", "1 + cos θ"), lambda: (sp.cos(theta / 2) ** 2, 1 + sp.cos(theta))),
    ),
    numeric=_compare(
        Text("核 (1,2,1)/4 在 ω = π/2 与 π 处的响应", "the response of (1,2,1)/4 at ω = π/2 and π"),
        ((2,),),
        lambda random, dtype, order: (
            np.array([0.5, 0.0]),
            np.abs(np.exp(-1j * np.outer([np.pi / 2, np.pi], np.arange(3))) @ (np.array([1, 2, 1], dtype) / 4)),
        ),
    ),
    conditions=Text(
        "两次模糊, 核 (1,2,1)/4: 步长 2 把频率 π + θ 折叠到 θ 上, 它的振幅还剩 (1 - cos θ)/2.",
        "two passes, the kernel (1,2,1)/4: stride 2 folds the frequency π + θ onto θ, and (1 - cos θ)/2 of its amplitude is left.",
    ),
)

DERIVATION = Derivation(
    title=Text("频谱与卷积的合成", "Spectra, and convolutions composed"),
    context=CONTEXT,
    claims=(
        theorem,
        linear,
        circulant,
        normal,
        doubly,
        aliasing,
        associativity,
        kernel_cost,
        separable,
        only_if,
        blur,
        not_ideal,
    ),
    source=OPPENHEIM,
)
