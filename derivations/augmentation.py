"""Section 4.4: translations of the data. Crops, classes of shifts, and what "the same distribution" is good for."""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Erratum, Inequality, Integers, NearMiss, Step, Text
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer
from cnnsym.reference import gap as gap_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let P, M, S, R, Q, L, m : size
let o, t, i, j, o_1, o_2, t_1, t_2 : integer
let x : signal(infinite); let X : signal(infinite, infinite)      # an image in one direction, in two
let g : signal(circular(S), circular(S))      # the error after a shift
let p, q, \ell : signal(m)                    # training distribution, test distribution, loss
let \alpha, \gamma : scalar                   # the weight of the first of two points, in training and in the test
let E, D : signal(infinite)                   # the risk of each hypothesis under the test and under the training distribution
where \chi_e = [0 \le e < P]
"""

P, M, S, R, Q, L, m = dims("P M S R Q L m")
o, t, i, j, r, q, g, h = sp.symbols("o t i j r q g h", integer=True)
o1, o2, t1, t2 = sp.symbols("o_1 o_2 t_1 t_2", integer=True)
image, plane = signal("x", sp.oo), signal("X", sp.oo, sp.oo)


def inside(e):
    """1 on the P positions of a crop, 0 elsewhere."""
    return indicator(sp.And(sp.Ge(e, 0), sp.Le(e, P - 1)))


def crop(at, e):
    """`C_o(I)[i] = I[o + i]` on P positions."""
    return image[at + e] * inside(e)


def crop2(at, e):
    return plane[at[0] + e[0], at[1] + e[1]] * inside(e[0]) * inside(e[1])


# --- numbers ---------------------------------------------------------------------------------------------------------


def _crops(random, dtype, size, patch, offset, shift):
    image = random.normal(size=size).astype(dtype)
    first, second = image[offset : offset + patch], image[offset + shift : offset + shift + patch]
    shared = [e for e in range(patch) if 0 <= e + shift < patch]
    return np.array([first[e + shift] for e in shared], dtype), second[shared]


def _classes(random, dtype, stride, outputs, taps):
    signal = random.normal(size=stride * outputs).astype(dtype)
    kernel = random.normal(size=taps).astype(dtype)
    answers = []
    for by in range(len(signal)):
        around = np.take(np.roll(signal, by), np.arange(len(signal) + taps - 1), mode="wrap")
        features = tanh.forward(conv1d_layer.forward(around[None, None], kernel[None, None], stride=stride))
        answers.append(gap_layer.forward(features[:, :, None])[0, 0])
    return np.mean(answers[:stride], dtype=dtype)[None], np.mean(answers, dtype=dtype)[None]


def _laws(random, dtype, points):
    """By how much the test error exceeds training error and total variation, and 0; for random laws and losses."""
    first, second = (each / each.sum() for each in random.random((2, points)))
    losses = random.random(points)
    over = np.maximum(second @ losses - first @ losses - np.abs(second - first).sum() / 2, 0)
    return np.array([over], dtype), np.zeros(1, dtype)


# --- crops -----------------------------------------------------------------------------------------------------------

within = (sp.Ge(i, 0), sp.Le(i, P - 1), sp.Ge(i + t, 0), sp.Le(i + t, P - 1))
ANY_SHIFT = Text("任意整数 o, t", "any integers o and t")

crops = Claim(
    id="4.4-crop-translation",
    section="4.4",
    title=Text("两次裁切在公共部分差一个平移", "two crops differ by a translation where they overlap"),
    chain=(crop(o + t, i), crop(o, i + t)),
    also=((crop2((o1 + t1, o2 + t2), (i, j)), crop2((o1, o2), (i + t1, j + t2))),),
    hypotheses=(
        *within[:2],
        sp.Ge(j, 0),
        sp.Le(j, P - 1),
        *within[2:],
        sp.Ge(i + t1, 0),
        sp.Le(i + t1, P - 1),
        sp.Ge(j + t2, 0),
        sp.Le(j + t2, P - 1),
    ),
    steps=(
        Step(crop(o + t, i), image[o + t + i], Text("i 在裁切之内", "i lies within the crop")),
        Step(crop(o, i + t), image[o + t + i], Text("i + t 也在裁切之内", "so does i + t")),
    ),
    near_misses=(
        NearMiss(Text("移动的方向反了", "moved the other way"), lambda: (crop(o + t, i), crop(o - t, i + t))),
        NearMiss(
            Text("整块循环平移", "the whole patch, moved around a circle"),
            lambda: (crop(o + 1, i), crop(o, sp.Mod(i + 1, P))),
        ),
        NearMiss(
            Text("偏移也加到 i 上", "the offset added to i as well"), lambda: (crop(o + t, i), crop(o + t, i + t))
        ),
    ),
    numeric=compared(
        Text("NumPy 切片: 两次裁切的公共部分", "NumPy slices: what two crops share"),
        (
            {"size": 12, "patch": 5, "offset": 3, "shift": 2},
            {"size": 9, "patch": 4, "offset": 5, "shift": -3},
            {"size": 4, "patch": 1, "offset": 0, "shift": 0},
        ),
        _crops,
    ),
    conditions=Text(
        "i 与 i + t 都在 0, ..., P-1 之内 (二维时每个方向如此). 公共部分以外是新的内容, 不是零.",
        "i and i + t lie in 0, ..., P-1, in two directions each. Outside of what they share there is new content, not zeros.",
    ),
)


shared = sp.Sum(indicator(sp.And(sp.Ge(i + t, 0), sp.Le(i + t, P - 1))), (i, 0, P - 1))

overlap = Claim(
    id="4.4-crop-translation-overlap",
    section="4.4",
    title=Text("公共部分有多大", "how much two crops share"),
    chain=(sp.true, sp.Eq(shared, sp.Max(0, P - sp.Abs(t)), evaluate=False)),
    method=Integers(),
    near_misses=(
        NearMiss(Text("P - t", "P - t"), lambda: (sp.true, sp.Eq(shared, P - t, evaluate=False))),
        NearMiss(
            Text("P - |t|, 不取 0", "P - |t| without the 0"),
            lambda: (sp.true, sp.Eq(shared, P - sp.Abs(t), evaluate=False)),
        ),
        NearMiss(
            Text("多一个", "one more"), lambda: (sp.true, sp.Eq(shared, sp.Max(0, P + 1 - sp.Abs(t)), evaluate=False))
        ),
    ),
    conditions=ANY_SHIFT,
)

from_image = sp.Sum(indicator(sp.And(sp.Ge(o + i, 0), sp.Le(o + i, M - 1))), (i, 0, P - 1))
offsets = sp.Sum(indicator(sp.Le(o + P - 1, M - 1)), (o, 0, M - 1))
filled = P - sp.Sum(indicator(sp.And(sp.Ge(i - t, 0), sp.Le(i - t, P - 1))), (i, 0, P - 1))

no_border = Claim(
    id="4.4-crop-no-border",
    section="4.4",
    title=Text("裁切没有补出来的边", "a crop has no border that was filled in"),
    chain=(
        sp.true,
        sp.Equivalent(sp.Eq(from_image, P), sp.And(sp.Ge(o, 0), sp.Le(o, M - P)), evaluate=False),
    ),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("o = M - P + 1 也可以", "o = M - P + 1 does as well"),
            lambda: (
                sp.true,
                sp.Equivalent(sp.Eq(from_image, P), sp.And(sp.Ge(o, 0), sp.Le(o, M - P + 1)), evaluate=False),
            ),
        ),
        NearMiss(
            Text("o < 0 也可以", "o < 0 does as well"),
            lambda: (sp.true, sp.Equivalent(sp.Eq(from_image, P), sp.Le(o, M - P), evaluate=False)),
        ),
    ),
    conditions=Text(
        "图像每个方向 M 个像素, 裁切 P 个, 从 o 开始: 裁切的 P 个像素全部来自图像的条件.",
        "M pixels of the image and P of the crop in each direction, beginning at o: when all P pixels of the crop come from the image.",
    ),
)

places = Claim(
    id="4.4-crop-no-border-count",
    section="4.4",
    title=Text("这样的裁切有多少个", "how many such crops there are"),
    chain=(sp.Le(P, M), sp.Eq(offsets, M - P + 1, evaluate=False)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("每个方向 M - P 个裁切", "M - P crops in each direction"),
            lambda: (sp.Le(P, M), sp.Eq(offsets, M - P, evaluate=False)),
        ),
        NearMiss(
            Text("裁切可以比图像大", "the crop may be larger than the image"),
            lambda: (sp.true, sp.Eq(offsets, M - P + 1, evaluate=False)),
        ),
    ),
    conditions=Text("P ≤ M; 二维时是它的平方.", "P ≤ M; in two directions, its square."),
)

fill_in = Claim(
    id="4.4-crop-no-border-fill",
    section="4.4",
    title=Text("补零的平移补进多少个零", "how many zeros a zero-filled shift brings in"),
    chain=(sp.And(sp.Ge(t, 0), sp.Le(t, P)), sp.Eq(filled, t, evaluate=False)),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("补零的平移没有黑边", "a shift filled with zeros has no border"),
            lambda: (sp.And(sp.Ge(t, 0), sp.Le(t, P)), sp.Eq(filled, 0, evaluate=False)),
        ),
        NearMiss(
            Text("移动得更远时也是 t", "t also for shifts that go further"),
            lambda: (sp.Ge(t, 0), sp.Eq(filled, t, evaluate=False)),
        ),
    ),
    conditions=Text("P 个像素移动 t 格, 0 ≤ t ≤ P, 一个方向.", "P pixels moved by t with 0 ≤ t ≤ P, in one direction."),
)

# --- classes of shifts -----------------------------------------------------------------------------------------------

responses = signal("g", S, S, grid="circular")  # what the network says of an image moved by (t_1, t_2)
representative = sp.And(sp.Ge(r, 0), sp.Le(r, S - 1), sp.Ge(q, 0), sp.Le(q, S - 1))
settled = ForAll((r, q), sp.Implies(representative, sp.Eq(responses[r, q], 0)))
everywhere = ForAll((t1, t2), sp.Eq(responses[sp.Mod(t1, S), sp.Mod(t2, S)], 0))

SAMPLES = Text(
    "如果降采样的倍数是 $n$, 就需要 $O(n^2)$ 的样本数量才能保证平移不变性",
    "with a downsampling factor of $n$, $O(n^2)$ samples are needed to guarantee translation invariance",
)

samples = Claim(
    id="4.4-n2-samples",
    section="4.4",
    title=Text("平移分为 S² 类, 每类恰有一个代表", "shifts fall into S² classes, each with one representative"),
    chain=(
        sp.true,
        sp.Eq(
            sp.Sum(
                indicator(sp.Eq(sp.Mod(t1 - r, S), 0)) * indicator(sp.Eq(sp.Mod(t2 - q, S), 0)),
                (r, 0, S - 1),
                (q, 0, S - 1),
            ),
            1,
            evaluate=False,
        ),
    ),
    also=((sp.true, sp.Eq(sp.Sum(sp.Integer(1), (r, 0, S - 1), (q, 0, S - 1)), S**2, evaluate=False)),),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("S 类", "S classes"),
            lambda: (sp.true, sp.Eq(sp.Sum(sp.Integer(1), (r, 0, S - 1), (q, 0, S - 1)), S, evaluate=False)),
        ),
        NearMiss(
            Text("2S 类", "2S classes"),
            lambda: (sp.true, sp.Eq(sp.Sum(sp.Integer(1), (r, 0, S - 1), (q, 0, S - 1)), 2 * S, evaluate=False)),
        ),
        NearMiss(
            Text("少一个代表", "one representative less"),
            lambda: (sp.true, sp.Eq(sp.Sum(indicator(sp.Eq(sp.Mod(t1 - r, S), 0)), (r, 1, S - 1)), 1, evaluate=False)),
        ),
    ),
    conditions=Text(
        "总步幅 S (原文的 n), 两个方向. 对 S 的倍数不变的网络, 对同一类的平移给出同样的输出.",
        "total stride S (the n of the source), two directions. A network that is invariant to the multiples of S gives one output for "
        "all shifts of a class.",
    ),
    erratum=Erratum(
        printed=SAMPLES,
        corrected=Text(
            "每张图 $S^2$ 个平移的版本足够; 若各类之间没有泛化, 也是必要的",
            "$S^2$ shifted versions of each image suffice, and are necessary where nothing generalises from one class to another",
        ),
        explanation=Text(
            "O(n²) 只是上界, 不能表达“需要”. 必要性只在最坏情形成立: 线性层 k = (1, 1), 步幅 2, 再接全局平均池化, 一个样本就够了.",
            "O(n²) is an upper bound and cannot say “needed”. It is necessary in the worst case only: for a linear layer with k = (1, 1) and "
            "stride 2, followed by global average pooling, one sample is enough.",
        ),
        kind="unclear",
    ),
)

sufficient = Claim(
    id="4.4-n2-samples-sufficient",
    section="4.4",
    title=Text("S² 个样本足够, 少一个不行", "S² samples suffice, and one less does not"),
    chain=(settled, everywhere),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("少一个样本", "one sample less"),
            lambda: (
                ForAll(
                    (r, q),
                    sp.Implies(sp.And(representative, sp.Or(sp.Gt(r, 0), sp.Gt(q, 0))), sp.Eq(responses[r, q], 0)),
                ),
                everywhere,
            ),
        ),
        NearMiss(
            Text("只取对角线上的 S 个", "the S samples of the diagonal"),
            lambda: (
                ForAll(r, sp.Implies(sp.And(sp.Ge(r, 0), sp.Le(r, S - 1)), sp.Eq(responses[r, r], 0))),
                everywhere,
            ),
        ),
    ),
    conditions=Text(
        "g_{t_1,t_2} 是平移 (t_1, t_2) 之后的误差, 两个方向都以 S 为周期; 在 S² 个代表上为零, 则处处为零.",
        "g_{t_1,t_2} is the error after the shift (t_1, t_2), of period S in both directions; zero at the S² representatives, it is zero "
        "everywhere.",
    ),
)

samples_mean = Claim(
    id="4.4-n2-samples-average",
    section="4.4",
    title=Text(
        "对所有平移的平均误差, 是 S² 个代表的平均", "the mean error over all shifts is that over S² representatives"
    ),
    chain=(
        sp.Sum(responses[r + S * g, q + S * h], (r, 0, S - 1), (q, 0, S - 1), (g, 0, L - 1), (h, 0, L - 1))
        / (S * L) ** 2,
        sp.Sum(responses[r, q], (r, 0, S - 1), (q, 0, S - 1)) / S**2,
    ),
    steps=(Step(responses[r + S * g, q + S * h], responses[r, q], Text("g 以 S 为周期", "g has the period S")),),
    near_misses=(
        NearMiss(
            Text("只用 r = q 的代表", "over the representatives with r = q"),
            lambda: (
                sp.Sum(responses[r, q], (r, 0, S - 1), (q, 0, S - 1)) / S**2,
                sp.Sum(responses[r, r], (r, 0, S - 1)) / S,
            ),
        ),
        NearMiss(
            Text("少一个代表", "one representative left out"),
            lambda: (
                sp.Sum(responses[r, q], (r, 0, S - 1), (q, 0, S - 1)) / S**2,
                (sp.Sum(responses[r, q], (r, 0, S - 1), (q, 0, S - 1)) - responses[0, 0]) / S**2,
            ),
        ),
    ),
    numeric=compared(
        Text(
            "步幅 S 的参考网络: 对全部平移平均, 与对 S 个代表平均",
            "a reference network of stride S: averaged over all shifts, and over S of them",
        ),
        (
            {"stride": 2, "outputs": 3, "taps": 3},
            {"stride": 3, "outputs": 2, "taps": 2},
            {"stride": 1, "outputs": 4, "taps": 1},
        ),
        _classes,
    ),
    conditions=Text(
        "每个方向 SL 个平移, t = r + Sg 写成代表 r 与倍数 Sg.",
        "SL shifts in each direction, t = r + Sg with a representative r.",
    ),
)


more_classes = Claim(
    id="4.4-rot-scale-worse",
    section="4.4",
    title=Text("再加旋转与缩放: 类数相乘", "with rotations and scales the classes multiply"),
    chain=(
        sp.true,
        sp.Eq(
            sp.Sum(sp.Integer(1), (r, 0, S - 1), (q, 0, S - 1), (g, 0, R - 1), (h, 0, Q - 1)),
            S**2 * R * Q,
            evaluate=False,
        ),
    ),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("相加", "added"),
            lambda: (
                sp.true,
                sp.Eq(
                    sp.Sum(sp.Integer(1), (r, 0, S - 1), (q, 0, S - 1), (g, 0, R - 1), (h, 0, Q - 1)),
                    S**2 + R + Q,
                    evaluate=False,
                ),
            ),
        ),
        NearMiss(
            Text("仍是 S²", "S² as before"),
            lambda: (
                sp.true,
                sp.Eq(
                    sp.Sum(sp.Integer(1), (r, 0, S - 1), (q, 0, S - 1), (g, 0, R - 1), (h, 0, Q - 1)),
                    S**2,
                    evaluate=False,
                ),
            ),
        ),
    ),
    conditions=Text(
        "R 个旋转类, Q 个缩放类. 这里只数类的个数; 类与类之间可能有泛化.",
        "R classes of rotations and Q of scales. This only counts classes; something may generalise from one to another.",
    ),
)

# --- the same distribution -------------------------------------------------------------------------------------------

train, test, loss = signal("p", m), signal("q", m), signal("ell", m)


def over(term):
    return sp.Sum(term(i), (i, 0, m - 1))


train_risk, test_risk = over(lambda i: train[i] * loss[i]), over(lambda i: test[i] * loss[i])
distance = over(lambda i: sp.Abs(test[i] - train[i])) / 2
excess = (over(lambda i: test[i]) - over(lambda i: train[i])) / 2
bounded = ForAll(i, sp.And(sp.Ge(loss[i], 0), sp.Le(loss[i], 1)))
alpha, gamma = sp.symbols(
    "alpha gamma", real=True
)  # the weight of the first of two points, in training and in the test
two_points = sp.And(*(sp.And(sp.Ge(e, 0), sp.Le(e, 1)) for e in (alpha, gamma, loss[0], loss[1])))


def error(weight):
    """The expected loss on two points."""
    return weight * loss[0] + (1 - weight) * loss[1]


BEST = Text(
    "当测试集和训练集同分布时, 可以证明泛化效果最好",
    "when test set and training set are identically distributed, generalisation can be proven best",
)
BEST_CORRECTED = Text(
    "给定测试分布 $Q$, 用 $Q$ 训练在总体意义上最优; 一般地 $R_Q \\le R_P + \\mathrm{TV}(P, Q)$",
    "for a given test distribution $Q$, training on $Q$ is optimal at population level; in general $R_Q \\le R_P + \\mathrm{TV}(P, Q)$",
)
BEST_WHY = Text(
    "换一个更容易的测试分布, 误差可以更小. 例: 标签 y = [x > 0], 分类器 [x > 1/2]. 训练分布在 1/4 与 1 上各占一半时误差为 1/2; "
    "测试分布集中在 1 上时误差为 0.",
    "On an easier test distribution the error may be smaller. Let the label be y = [x > 0] and the classifier [x > 1/2]. With half of the "
    "training distribution at 1/4 and half at 1 the error is 1/2; under a test distribution concentrated at 1 it is 0.",
)

best = Claim(
    id="4.4-iid-best",
    section="4.4",
    title=Text("照字面: 同分布时误差最小", "as printed: the error is least where the distributions agree"),
    chain=(two_points, sp.Le(error(alpha), error(gamma), evaluate=False)),
    method=Entailment(),
    expected="refuted",
    conditions=Text(
        "两个点上的分布, 第一个点的权重在训练时为 α, 测试时为 γ, 损失 ℓ 在 0 与 1 之间; 左边是测试分布与训练分布相同时的误差.",
        "distributions on two points; the first has the weight α in training and γ in the test, the loss ℓ lies between 0 and 1. The left side is "
        "the error where the test distribution is that of training.",
    ),
    erratum=Erratum(printed=BEST, corrected=BEST_CORRECTED, explanation=BEST_WHY),
)

total_variation = Claim(
    id="4.4-iid-best-corrected",
    section="4.4",
    title=Text("换分布的代价不超过全变差距离", "a change of distribution costs at most the total variation"),
    chain=(bounded, sp.Le(test_risk, train_risk + distance + excess, evaluate=False)),
    method=Inequality(),
    steps=(
        Step(
            test_risk - train_risk,
            over(lambda i: (test[i] - train[i]) * (loss[i] - sp.Rational(1, 2))) + excess,
            Text("减去 1/2 的常数损失", "a constant loss of 1/2 subtracted"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("代价只有一半", "half of that"),
            lambda: (bounded, sp.Le(test_risk, train_risk + distance / 2 + excess, evaluate=False)),
        ),
        NearMiss(
            Text("损失不必有界", "the loss need not be bounded by 1"),
            lambda: (
                ForAll(i, sp.And(sp.Ge(loss[i], 0), sp.Le(loss[i], 10))),
                sp.Le(test_risk, train_risk + distance + excess, evaluate=False),
            ),
        ),
        NearMiss(
            Text("分布不同也没有代价", "no cost where the distributions differ"),
            lambda: (bounded, sp.Le(test_risk, train_risk + excess, evaluate=False)),
        ),
    ),
    numeric=compared(
        Text(
            "随机的分布与损失: 超出这个界多少 (应为 0)",
            "random laws and losses: by how much the bound is exceeded (by nothing)",
        ),
        ({"points": 2}, {"points": 7}, {"points": 1}),
        _laws,
    ),
    conditions=Text(
        "损失在 0 与 1 之间. 最后一个括号对概率分布为零 (Σp = Σq = 1), 于是 q 上的误差 ≤ p 上的误差 + TV(p, q), p = q 时没有代价.",
        "a loss between 0 and 1. The last bracket is zero for probability distributions (Σp = Σq = 1), so the error under q is at most that "
        "under p plus TV(p, q), with no cost where p = q.",
    ),
    erratum=Erratum(printed=BEST, corrected=BEST_CORRECTED, explanation=BEST_WHY),
)

risk, other_risk = signal("E", sp.oo), signal("D", sp.oo)  # the risk of each hypothesis, under q and under p

minimiser = Claim(
    id="4.4-iid-best-minimiser",
    section="4.4",
    title=Text("给定测试分布, 在它上面训练最优", "for a given test distribution, training on it is best"),
    chain=(ForAll(j, sp.Le(risk[i], risk[j])), sp.Le(risk[i], risk[o])),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("在另一分布上最优的也最优", "what is best on another distribution is best"),
            lambda: (ForAll(j, sp.Le(other_risk[o], other_risk[j])), sp.Le(risk[o], risk[i])),
        ),
        NearMiss(
            Text("严格更优", "strictly better"),
            lambda: (ForAll(j, sp.Le(risk[i], risk[j])), sp.Lt(risk[i], risk[o])),
        ),
    ),
    conditions=Text(
        "E_j 是假设 j 在测试分布上的风险, i 是使它最小的假设, o 是任意一个 (例如在别的分布上训练得到的).",
        "E_j is the risk of hypothesis j under the test distribution, i the one that minimises it, o any other, such as what training on "
        "another distribution gives.",
    ),
)

DERIVATION = Derivation(
    title=Text("数据的平移", "translations of the data"),
    context=CONTEXT,
    claims=(
        crops,
        overlap,
        no_border,
        places,
        fill_in,
        samples,
        sufficient,
        samples_mean,
        more_classes,
        best,
        total_variation,
        minimiser,
    ),
    source="lecture note, section 4.4",
)
