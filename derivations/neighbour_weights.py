"""Section 1.4: what the weights of a convolution layer are, seen as those of a fully connected one.

The weight between output `i` and input `j` is the derivative of the one by the other; it is taken from the definition of the
layer, `cnnsym.layers.conv1d`.
"""

import numpy as np
import sympy as sp

from cnnsym import dims, indicator, signal
from cnnsym.atoms import ForAll
from cnnsym.claim import Claim, Derivation, Entailment, Erratum, Integers, NearMiss, Step, Text
from cnnsym.layers import conv1d
from cnnsym.measurement import compared
from cnnsym.reference import conv1d as conv1d_layer

CONTEXT = r"""
let k, m, n, s, d : size
let i, l : integer; let j : index(m)
let x : signal(m); let w : signal(k)
let C : signal(n, m); let T : signal(infinite, infinite)
where y_i = \sum_{a=0}^{k-1} w_a x_{i+a}
where \hat{y}_i = \sum_{a=0}^{k-1} w_a x_{si+a}
where \check{y}_i = \sum_{a=0}^{k-1} w_a x_{i+da}
"""

k, m, n, s, d = dims("k m n s d")
a, i, l, t = sp.symbols("a i l t", integer=True)
j = sp.Idx("j", m)
x, w = signal("x", m), signal("w", k)


def layer(at, **options):
    return conv1d.correlation(x, w, at, **options)


def weight(row, column, **options):
    """The weight of a convolution layer seen as a fully connected one: the derivative of an output by an input."""
    return sp.Derivative(layer(row, **options), x[column])


# --- numbers ---------------------------------------------------------------------------------------------------------


def _jacobian(m, kernel, **options):
    """The reference convolution layer as a matrix: its outputs at the unit inputs."""
    units = np.eye(m, dtype=kernel.dtype)[:, None]
    return conv1d_layer.forward(units, kernel[None, None], **options)[:, 0].T


GOODFELLOW = "Goodfellow, Bengio and Courville, Deep Learning, section 9.4"

# --- neighbours ------------------------------------------------------------------------------------------------------

OUTPUTS = (sp.Ge(i, 0), sp.Le(i + 1, m - k))

neighbours = Claim(
    id="1.4-neighbour-weights",
    section="1.4",
    title=Text("照字面: 相邻隐藏单元的权重相同", "as printed: the weights of neighbouring units are the same"),
    chain=(weight(i + 1, j), weight(i, j)),
    hypotheses=OUTPUTS,
    expected="refuted",
    conditions=Text("i 与 i + 1 都是输出, 0 ≤ i ≤ m - k - 1.", "i and i + 1 are both outputs, 0 ≤ i ≤ m - k - 1."),
    erratum=Erratum(
        printed=Text(
            "一个隐藏单元的权重必须与它的邻居的权重相同, 但可以在空间中连续",
            "the weights of a hidden unit must be the same as those of its neighbour, but may be continuous in space",
        ),
        corrected=Text(
            r"一个隐藏单元的权重必须与它的邻居的权重相同, 但要在空间中**平移**: $W_{i+1,j+1} = W_{i,j}$",
            r"the weights of a hidden unit must be the same as those of its neighbour, but **shifted** in space: $W_{i+1,j+1} = W_{i,j}$",
        ),
        explanation=Text(
            "“连续”应为“平移”(shifted). 核 (1, 2) 作用于宽 3 的输入, 权重矩阵的两行是 (1, 2, 0) 与 (0, 1, 2). "
            "若各行真的相同, 再加上带外为零, 输出多于 k 个时整个矩阵就是零 (1.4-neighbour-weights-equal-rows).",
            "“Continuous” should be “shifted”. For the kernel (1, 2) and an input of width 3 the rows of the weight matrix are (1, 2, 0) and "
            "(0, 1, 2). Were the rows truly equal, with zeros outside of the band, then the matrix would be zero as soon as there are more "
            "than k outputs (1.4-neighbour-weights-equal-rows).",
        ),
        kind="unclear",
    ),
)

neighbours_corrected = Claim(
    id="1.4-neighbour-weights-corrected",
    section="1.4",
    title=Text(
        "相邻隐藏单元的权重相同, 只是平移一格", "the weights of neighbouring units are the same, shifted by one"
    ),
    chain=(weight(i + 1, j + 1), weight(i, j)),
    hypotheses=(*OUTPUTS, sp.Le(j + 1, m - 1)),
    steps=(
        Step(weight(i, j), w[j - i], Text("只依赖于 j - i", "it depends on j - i only")),
        Step(weight(i + 1, j + 1), w[j - i], Text("(j + 1) - (i + 1) = j - i", "(j + 1) - (i + 1) = j - i")),
    ),
    near_misses=(
        NearMiss(Text("不平移", "not shifted"), lambda: (weight(i + 1, j), weight(i, j))),
        NearMiss(
            Text("反方向平移 (Hankel)", "shifted the other way (Hankel)"),
            lambda: (sp.Derivative(layer(i + 1), x[j]), sp.Derivative(layer(i), x[j + 1])),
        ),
        NearMiss(
            Text("步幅 2 的层也平移一格", "shifted by one for stride 2 as well"),
            lambda: (weight(i + 1, j + 1, stride=2), weight(i, j, stride=2)),
        ),
    ),
    numeric=compared(
        Text(
            "参考层的雅可比矩阵: J[1:, 1:] 与 J[:-1, :-1]",
            "the Jacobian of the reference layer: J[1:, 1:] and J[:-1, :-1]",
        ),
        ({"m": 7, "k": 3}, {"m": 5, "k": 2}, {"m": 4, "k": 1}),
        lambda random, dtype, m, k: _shifted_rows(random, dtype, m, k),
    ),
    conditions=Text("步幅 1, 不补零.", "stride 1, no padding."),
    source=GOODFELLOW,
)


def _shifted_rows(random, dtype, m, k):
    jacobian = _jacobian(m, random.normal(size=k).astype(dtype))
    return jacobian[1:, 1:], jacobian[:-1, :-1]


def _from_first_row(random, dtype, m, k):
    theirs = _jacobian(m, random.normal(size=k).astype(dtype))
    first = theirs[0]
    ours = [[first[column - row] if column >= row else 0 for column in range(m)] for row in range(len(theirs))]
    return ours, theirs


C = signal("C", n, m)
zero_outside = ForAll((i, l), sp.Implies(sp.Not(sp.And(sp.Le(0, l - i), sp.Lt(l - i, k))), sp.Eq(C[i, l], 0)))
equal_rows = ForAll((i, l), sp.Implies(sp.And(sp.Le(0, i), sp.Lt(i, n)), sp.Eq(C[i, l], C[0, l])))
all_zero = ForAll((i, l), sp.Eq(C[i, l], 0))

equal_rows_vanish = Claim(
    id="1.4-neighbour-weights-equal-rows",
    section="1.4",
    title=Text("各行相同且带外为零, 则全为零", "equal rows with zeros outside of the band: everything is zero"),
    chain=(sp.And(zero_outside, equal_rows, sp.Lt(k, n)), all_zero),
    method=Entailment(),
    near_misses=(
        NearMiss(
            Text("恰有 k 个输出", "exactly k outputs"),
            lambda: (sp.And(zero_outside, equal_rows, sp.Eq(k, n)), all_zero),
        ),
        NearMiss(Text("只要求各行相同", "equal rows only"), lambda: (sp.And(equal_rows, sp.Lt(k, n)), all_zero)),
        NearMiss(
            Text("只要求带外为零", "zeros outside of the band only"),
            lambda: (sp.And(zero_outside, sp.Lt(k, n)), all_zero),
        ),
    ),
    numeric=compared(
        Text(
            "参考层的雅可比矩阵中, 每一行都不为零的列数",
            "columns that are non-zero in every row of the Jacobian of the reference layer",
        ),
        ({"n": 4, "k": 3}, {"n": 3, "k": 3}, {"n": 2, "k": 5}),
        lambda random, dtype, n, k: (
            max(0, k - n + 1),
            np.count_nonzero((_jacobian(n + k - 1, np.ones(k, dtype)) != 0).all(axis=0)),
        ),
    ),
    conditions=Text(
        "n 个输出, n > k: 第 0 行在 k 列之后为零, 第 n - 1 行在 n - 1 列之前为零, 合起来没有剩下的列.",
        "n outputs, n > k: row 0 vanishes from column k on, row n - 1 before column n - 1, and no column is left.",
    ),
)

T = signal("T", sp.oo, sp.oo)
shift_one = ForAll((i, l), sp.Eq(T[i + 1, l + 1], T[i, l]))
shift_by_t = ForAll((i, l), sp.Eq(T[i + t, l + t], T[i, l]))
shifts = ForAll((i, l, t), sp.Eq(T[i + t, l + t], T[i, l]))
banded = ForAll((i, l), sp.Implies(sp.Not(sp.And(sp.Le(0, l - i), sp.Lt(l - i, k))), sp.Eq(T[i, l], 0)))
first_row = ForAll(a, sp.Implies(sp.And(sp.Le(0, a), sp.Lt(a, k)), sp.Eq(w[a], T[0, a])))
by_first_row = ForAll((i, l), sp.Eq(T[i, l], T[0, l - i]))

the_set = Claim(
    id="1.4-conv-as-fc-prior-set",
    section="1.4",
    title=Text(
        "每一行都是第 0 行的平移: 权重只依赖于 j - i", "every row is row 0, shifted: a weight depends on j - i only"
    ),
    chain=(shifts, by_first_row),
    method=Entailment(),
    steps=(
        Step(
            sp.And(shift_one, shift_by_t),
            ForAll((i, l), sp.Eq(T[i + t + 1, l + t + 1], T[i, l])),
            Text(
                "归纳步骤: 相邻的行平移一格, 则隔 t + 1 行平移 t + 1 格",
                "the induction step: from rows one apart to rows t + 1 apart",
            ),
            method=Entailment(),
        ),
        Step(
            sp.And(shift_one, shift_by_t),
            ForAll((i, l), sp.Eq(T[i + t - 1, l + t - 1], T[i, l])),
            Text("向另一个方向也一样", "and in the other direction"),
            method=Entailment(),
        ),
        Step(
            sp.And(by_first_row, banded, first_row),
            sp.Eq(T[i, l], w[l - i]),
            Text(
                "再加上带外为零: 第 0 行就是核, T 是卷积",
                "with zeros outside of the band row 0 is a kernel, and T a convolution",
            ),
            method=Entailment(),
        ),
    ),
    near_misses=(
        NearMiss(Text("各行相同", "equal rows"), lambda: (shifts, ForAll((i, l), sp.Eq(T[i, l], T[0, l])))),
        NearMiss(
            Text("只依赖于 i + j", "it depends on i + j only"),
            lambda: (shifts, ForAll((i, l), sp.Eq(T[i, l], T[0, i + l]))),
        ),
        NearMiss(
            Text("由第 0 列给出, 方向不变", "given by column 0, in the same direction"),
            lambda: (shifts, ForAll((i, l), sp.Eq(T[i, l], T[l - i, 0]))),
        ),
    ),
    numeric=compared(
        Text("参考层的雅可比矩阵由它的第 0 行给出", "the Jacobian of the reference layer is given by its row 0"),
        ({"m": 7, "k": 3}, {"m": 5, "k": 2}, {"m": 4, "k": 1}),
        lambda random, dtype, m, k: _from_first_row(random, dtype, m, k),
    ),
    conditions=Text(
        "T 是无限网格上的权重矩阵, 对所有整数 i, j, t 有 T_{i+t,j+t} = T_{i,j}; 由相邻两行的情形归纳而得.",
        "T is a matrix of weights on the infinite grid with T_{i+t,j+t} = T_{i,j} for all integers i, j, t, which follows from the case of "
        "neighbouring rows by induction.",
    ),
    source=GOODFELLOW,
)

# --- zeros outside of the receptive field ----------------------------------------------------------------------------

inside = sp.And(sp.Le(0, j - s * i), sp.Lt(j - s * i, k))
connections = sp.Sum(sp.Derivative(layer(i, stride=s), w[a], x[t]), (a, 0, k - 1), (t, 0, m - 1))

zero_outside_field = Claim(
    id="1.4-zero-outside-rf",
    section="1.4",
    title=Text("接受域之外的权重为零", "the weights outside of the receptive field are zero"),
    chain=(weight(i, j, stride=s), indicator(inside) * w[j - s * i]),
    also=((connections, k),),
    hypotheses=(sp.Ge(i, 0), sp.Le(s * i, m - k)),
    steps=(
        Step(
            weight(i, j, stride=s),
            sp.Sum(w[a] * indicator(sp.Eq(a, j - s * i)), (a, 0, k - 1)),
            Text("y_i 只读 x_{si}, ..., x_{si+k-1}", "y_i reads x_{si}, ..., x_{si+k-1} only"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("两边都有: |j - i| < k", "on both sides: |j - i| < k"),
            lambda: (weight(i, j, stride=s), indicator(sp.Lt(sp.Abs(j - s * i), k)) * w[sp.Abs(j - s * i)]),
        ),
        NearMiss(Text("k + 1 个连接", "k + 1 connections"), lambda: (connections, k + 1)),
        NearMiss(
            Text("忘了步幅: j - i", "the stride forgotten: j - i"),
            lambda: (weight(i, j, stride=s), indicator(sp.And(sp.Le(0, j - i), sp.Lt(j - i, k))) * w[j - i]),
        ),
        NearMiss(
            Text("窗口居中", "a window around its output"),
            lambda: (
                weight(i, j, stride=s),
                indicator(sp.And(sp.Le(0, j - s * i + 1), sp.Lt(j - s * i + 1, k))) * w[j - s * i + 1],
            ),
        ),
    ),
    numeric=compared(
        Text("参考层的雅可比矩阵", "the Jacobian of the reference layer"),
        ({"m": 8, "k": 3, "stride": 1}, {"m": 9, "k": 2, "stride": 3}, {"m": 4, "k": 4, "stride": 2}),
        lambda random, dtype, m, k, stride: _band(random, dtype, m, k, stride),
    ),
    conditions=Text(
        "不补零, 步幅 s, 窗口在输入内: 0 ≤ si ≤ m - k.",
        "no padding, stride s, the window within the input: 0 ≤ si ≤ m - k.",
    ),
    source=GOODFELLOW,
)


def _band(random, dtype, m, k, stride):
    kernel = random.normal(size=k).astype(dtype)
    theirs = _jacobian(m, kernel, stride=stride)
    ours = [
        [kernel[column - stride * row] if 0 <= column - stride * row < k else 0 for column in range(m)]
        for row in range(len(theirs))
    ]
    return ours, theirs


holes = weight(i, j, dilation=d)

dilated = Claim(
    id="1.4-zero-outside-rf-dilated",
    section="1.4",
    title=Text("带空洞时接受域不再连续", "with dilation the receptive field has holes"),
    chain=(holes, indicator(sp.Eq(sp.Mod(j - i, d), 0)) * w[sp.floor((j - i) / d)]),
    near_misses=(
        NearMiss(Text("仍是连续的", "still contiguous"), lambda: (holes, w[j - i])),
        NearMiss(Text("空洞处取相邻的权重", "the next weight in the holes"), lambda: (holes, w[sp.floor((j - i) / d)])),
    ),
    numeric=compared(
        Text("参考层的雅可比矩阵", "the Jacobian of the reference layer"),
        ({"m": 8, "k": 3, "dilation": 2}, {"m": 9, "k": 2, "dilation": 3}, {"m": 4, "k": 4, "dilation": 1}),
        lambda random, dtype, m, k, dilation: _holes(random, dtype, m, k, dilation),
    ),
    conditions=Text("空洞 d, 步幅 1, i 是任意输出.", "dilation d, stride 1, i is any output."),
)


def _holes(random, dtype, m, k, dilation):
    kernel = random.normal(size=k).astype(dtype)
    theirs = _jacobian(m, kernel, dilation=dilation)
    ours = np.zeros_like(theirs)
    for row, column in np.ndindex(ours.shape):
        tap, left = divmod(column - row, dilation)
        if left == 0 and 0 <= tap < k:
            ours[row, column] = kernel[tap]
    return ours, theirs


def _gapless(dtype, k, dilation):
    seen = np.flatnonzero(_jacobian(dilation * k, np.ones(k, dtype), dilation=dilation)[0])
    return int(len(seen) == seen[-1] - seen[0] + 1)


contiguous = Claim(
    id="1.4-zero-outside-rf-contiguous",
    section="1.4",
    title=Text(
        "接受域连续, 当且仅当没有空洞 (或只有一个元素)", "contiguous exactly without dilation, or with a single tap"
    ),
    chain=(sp.true, sp.Equivalent(sp.Eq(d * (k - 1) + 1, k), sp.Or(sp.Eq(d, 1), sp.Eq(k, 1)))),
    method=Integers(),
    near_misses=(
        NearMiss(
            Text("当且仅当没有空洞", "exactly without dilation"),
            lambda: (sp.true, sp.Equivalent(sp.Eq(d * (k - 1) + 1, k), sp.Eq(d, 1))),
        ),
        NearMiss(
            Text("跨度是 dk", "a span of dk"),
            lambda: (sp.true, sp.Equivalent(sp.Eq(d * k, k), sp.Or(sp.Eq(d, 1), sp.Eq(k, 1)))),
        ),
    ),
    numeric=compared(
        Text("参考层的一个输出读到的位置有没有空隙", "whether what an output of the reference layer reads has gaps"),
        ({"k": 3, "dilation": 2}, {"k": 1, "dilation": 4}, {"k": 4, "dilation": 1}),
        lambda random, dtype, k, dilation: (int(dilation == 1 or k == 1), _gapless(dtype, k, dilation)),
    ),
    conditions=Text(
        "k 个元素散布在跨度 d(k - 1) + 1 之内; 两者相等才没有空隙.",
        "k taps are spread over a span of d(k - 1) + 1; there are no gaps where both are equal.",
    ),
)

DERIVATION = Derivation(
    title=Text("卷积层的权重矩阵", "the weight matrix of a convolution layer"),
    context=CONTEXT,
    claims=(
        neighbours,
        neighbours_corrected,
        equal_rows_vanish,
        the_set,
        zero_outside_field,
        dilated,
        contiguous,
    ),
    source="lecture note, section 1.4",
)
