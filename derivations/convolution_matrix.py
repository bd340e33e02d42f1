"""Section 5.2: the convolution layer as one matrix product, and its gradients in matrix form.

The columns of Z are the windows of the input (im2col). That Z depends on the input x linearly, vec Z = M x with a matrix M of
zeros and ones, is all that is needed of it here; which entries of M are 1 is the subject of `convolution_input_gradient`.
"""

import numpy as np
import sympy as sp

from cnnsym import (
    basis,
    commutation,
    compile_numpy,
    diag,
    dims,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    unvec,
    vec,
    vector,
)
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, Erratum, NearMiss, Step, Text
from cnnsym.layers import linear
from cnnsym.measurement import compared_on, comparison
from cnnsym.reference import conv2d as conv2d_layer
from cnnsym.reference import im2col as im2col_layer
from cnnsym.reference import tanh

CONTEXT = r"""
let n, d, P, N, k, c : size                      # n = k^2 c connections, d filters, P windows, N entries of x
let W_i : matrix(d, k^2*c); \boldsymbol{z}_i : vector(k^2*c); \boldsymbol{b}_i : vector(d)
let f : elementwise
where \boldsymbol{s}_i = W_i\boldsymbol{z}_i + \boldsymbol{b}_i
# All windows at once.
let W : matrix(d, n); \boldsymbol{b} : vector(d)
let \boldsymbol{x} : vector(N); M : matrix(n*P, N)
where Z = \mathrm{unvec}_{n,P}(M\boldsymbol{x})
where S = W Z + \boldsymbol{b}\boldsymbol{1}_P^{\top}
let \mathrm{Cost} : objective(S)
where A = (I_P\otimes W)M
# Two layers.
let d_{l+1}, n_{l+1}, P_{l+1} : size
let S_l : matrix(d, P); W_{l+1} : matrix(d_{l+1}, n_{l+1}); \boldsymbol{b}_{l+1} : vector(d_{l+1})
let M_{l+1} : matrix(n_{l+1}*P_{l+1}, d*P)
where Z_{l+1} = \mathrm{unvec}_{n_{l+1},P_{l+1}}(M_{l+1}\mathrm{vec}(f(S_l)))
where S_{l+1} = W_{l+1} Z_{l+1} + \boldsymbol{b}_{l+1}\boldsymbol{1}_{P_{l+1}}^{\top}
let \mathrm{Cost}_{l+1} : objective(S_{l+1})
where A_{l+1} = (I_{P_{l+1}}\otimes W_{l+1})M_{l+1}
"""

n, d, P, N, k, c = dims("n d P N k c")
W, b, x, M = matrix("W", d, n), vector("b", d), vector("x", N), matrix("M", n * P, N)
S, windows_symbol = matrix("S", d, P), matrix("Z", n, P)
Cost, f = objective("Cost"), elementwise("f")
I_d, I_P = sp.Identity(d), sp.Identity(P)
row_of_ones = ones(1, P)

Z = unvec(M * x, n, P)  # im2col(x): any matrix whose entries are linear in x
value = W * Z + b * row_of_ones
G = Gradient(Cost(S), S, value)  # the gradient by S
G_row = Jacobian(Cost(S), S, value)
A = kron(I_P, W) * M

# How reports write these.
ABBREVIATIONS = ((value, S), (Z, windows_symbol))


def _at(e, sizes):
    """The same with sizes put equal, so that shapes do not give a wrong formula away."""
    return e.xreplace(sizes)


def _square(e):
    return _at(e, {n: d})


def _even(e):
    return _at(e, {n: d, P: d})


# --- numbers ---------------------------------------------------------------------------------------------------------

# c, d, k, stride, dilation, padding, height, width
SHAPES = ((3, 2, 3, 2, 1, 1, 8, 6), (2, 3, 2, 3, 2, 2, 7, 9), (1, 2, 3, 1, 2, 0, 6, 5), (2, 2, 2, 2, 1, 0, 4, 6))
TOLERANCE = {"float64": 1e-12, "float32": 5e-5}


class Case:
    """One layer with the cost |S - Y|^2 / 2, whose gradient by S is S - Y, and what the reference layer makes of it."""

    def __init__(self, seed, dtype):
        random = np.random.default_rng(seed)
        channels, filters, size, stride, dilation, padding, height, width = SHAPES[seed % len(SHAPES)]
        self.dtype, self.size = dtype, size
        self.options = {"stride": stride, "dilation": dilation, "padding": padding}
        self.x = random.normal(size=(1, channels, height, width)).astype(dtype)
        self.W = random.normal(size=(filters, channels, size, size)).astype(dtype)
        self.b = random.normal(size=filters).astype(dtype)
        self.y = conv2d_layer.forward(self.x, self.W, self.b, **self.options)
        self.target = random.normal(size=self.y.shape).astype(dtype)
        self.g = self.y - self.target
        self.grad_x, self.grad_W, self.grad_b = conv2d_layer.backward(self.g, self.x, self.W, **self.options)

    def columns(self):
        return im2col_layer.forward(self.x, self.size, **self.options)[0]

    def selection(self):
        """M: column j is vec(im2col) of the image whose pixel j alone is 1."""
        units = np.eye(self.x.size, dtype=self.dtype).reshape(-1, *self.x.shape[1:])
        every = im2col_layer.forward(units, self.size, **self.options)
        return np.stack([each.reshape(-1, order="F") for each in every], axis=1)

    def of(self, expression):
        """The value of a derived expression, by compiled NumPy code."""
        target = self.target[0].reshape(len(self.W), -1)
        functions = {"Cost": lambda s: ((s - target) ** 2).sum() / 2, "Cost'": lambda s: s - target}
        known = {W: _as_matrix(self.W), windows_symbol: self.columns(), b: self.b[:, None]}
        derived = expression.xreplace({Z: windows_symbol})
        return compile_numpy(derived, list(known), functions=functions)(*known.values())

    def back(self):
        """M' vec(W' G), the formula in plain NumPy."""
        columns = _as_matrix(self.W).T @ _as_matrix(self.g[0])
        return self.selection().T @ columns.reshape(-1, 1, order="F")

    def back_by_matrix(self):
        """A' vec(G) with A = (I ⊗ W) M."""
        windows_ = self.y[0, 0].size
        layer = np.kron(np.eye(windows_, dtype=self.dtype), _as_matrix(self.W)) @ self.selection()
        return layer.T @ _as_matrix(self.g[0]).reshape(-1, 1, order="F")


def _measure(what, formula, expected):
    """A formula against the reference layers."""
    shapes = {seed: "c={}, d={}, k={}, stride {}, dilation {}, padding {}, {} x {}".format(*shape) for seed, shape in enumerate(SHAPES)}
    return compared_on(what, Case, shapes, formula, expected, TOLERANCE)


def _as_matrix(array):
    return array.reshape(len(array), -1)


AGAINST = Text("推导出的公式与 reference.conv2d 比较", "derived formula against reference.conv2d")
CHAIN_RULE = Text("链式法则", "chain rule")
DEFINITION = Text("线性层的定义, 逐元素", "definition of the linear layer, entry by entry")
MAGNUS = "Magnus and Neudecker, Matrix Differential Calculus"
SMOOTH = Text(
    "任意 n, d, P; Z 的元素线性依赖于输入 x: vec Z = M x, M 任意. Cost 是 S 的可导函数, 只通过 S 依赖于 W, b 与 x. 对卷积层 n = k²c.",
    "Any n, d, P; the entries of Z are linear in the input x: vec Z = M x with any M. Cost is a differentiable function of S and depends on W, b and x through S only. For a convolution layer n = k²c.",
)
LINEAR_IN_X = Text(
    "vec Z = M x, M 是任意 nP × N 矩阵; 对 im2col 它由 0 和 1 组成. Cost 可导.",
    "vec Z = M x with any nP × N matrix M; for im2col it consists of zeros and ones. Cost is differentiable.",
)

# --- the model as printed --------------------------------------------------------------------------------------------

W_i, z_i, b_i = matrix("W_i", d, k**2 * c), vector("z_i", k**2 * c), vector("b_i", d)
window_layer = linear.forward(z_i, W_i, b_i)
ALIKE = {k: sp.S.One, c: d}

model = Claim(
    id="5.2-model",
    section="5.2",
    title=Text("一个窗口上的卷积层", "the layer on one window"),
    chain=(window_layer, W_i * z_i + b_i),
    steps=(Step(window_layer, W_i * z_i + b_i, DEFINITION),),
    near_misses=(
        NearMiss(
            Text("偏置有 n 个元素", "a bias of length n"),
            lambda: (window_layer, linear.forward(z_i, W_i, vector("b_i", k**2 * c))),
        ),
        NearMiss(
            Text("W 转置 (方阵)", "W transposed (square W)"),
            lambda: (_at(window_layer, ALIKE), _at(W_i, ALIKE).T * _at(z_i, ALIKE) + b_i),
        ),
        NearMiss(
            Text("b 是一个数, 每个滤波器相同", "one number b for all filters"),
            lambda: (window_layer, W_i * z_i + ones(d, 1) * (basis(1, d).T * b_i)),
        ),
    ),
    numeric=_measure(
        Text("第一个窗口: W z + b 与 reference.conv2d 比较", "the first window: W z + b against reference.conv2d"),
        lambda case: _as_matrix(case.W) @ case.columns()[:, 0] + case.b,
        lambda case: case.y[0, :, 0, 0],
    ),
    conditions=Text(
        "z_i 是一个窗口, k × k 个像素, c 个通道; W 与 b 对所有窗口相同.",
        "z_i is one window, k × k pixels in c channels; W and b are the same for all windows.",
    ),
    erratum=Erratum(
        printed=r"\boldsymbol{s}_i = W_i\boldsymbol{z}_{i}+ b_i",
        corrected=r"\boldsymbol{s}_q = W\boldsymbol{z}_q + \boldsymbol{b},\quad q=1,\dots,P",
        explanation=Text(
            "i 是层号, 但紧接着的 z_ij 有两个下标: 缺的是窗口的位置. b_i 是 d 个元素的向量, 应为粗体.",
            "i counts layers, but z_ij in the next sentence has two subscripts: the window is what is missing. b_i is a vector of d entries and should be bold.",
        ),
        kind="unclear",
    ),
)

# --- one product for all windows -------------------------------------------------------------------------------------

row, col, inner = sp.symbols("a q_1 c_1", integer=True)
by_entries = sp.FunctionMatrix(
    d, P, sp.Lambda((row, col), sp.Sum(W[row, inner] * Z[inner, col], (inner, 0, n - 1)) + b[row, 0])
)
q = sp.Idx("q", P)
e_q = basis(q + 1, P)  # vectors count from 1

product = Claim(
    id="5.2c-im2col-columns",
    section="5.2",
    title=Text("所有窗口, 一次乘法", "all windows in one product"),
    chain=(value * e_q, W * Z * e_q + b),
    steps=(
        Step(by_entries, value, DEFINITION),
        Step(b * row_of_ones * e_q, b, Text("1' 的每一列是 1", "every column of 1' is 1")),
    ),
    near_misses=(
        NearMiss(
            Text("偏置沿位置相加: 1 bᵀ (d = P)", "the bias added along positions: 1 bᵀ (d = P)"),
            lambda: (_even(value), _even(W) * _even(Z) + ones(d, 1) * b.T),
        ),
        NearMiss(
            Text("Zᵀ Wᵀ 而不转置 (d = n = P)", "Zᵀ Wᵀ without a transpose (d = n = P)"),
            lambda: (_even(W) * _even(Z), _even(Z).T * _even(W).T),
        ),
        NearMiss(Text("偏置乘 P", "P times the bias"), lambda: (value * e_q, W * Z * e_q + P * b)),
    ),
    numeric=_measure(AGAINST, lambda case: case.of(value), lambda case: _as_matrix(case.y[0])),
    conditions=Text("任意 n, d, P; q = 1, …, P. e_q 取出第 q 列.", "Any n, d, P; q = 1, …, P. e_q picks column q."),
    abbreviations=ABBREVIATIONS,
)

by_W, by_b = (Gradient(Cost(value), variable) for variable in (W, b))
o, t = sp.Idx("o", d), sp.Idx("t", n)
q_ = sp.Symbol("q_1", integer=True)
entry_sum = sp.Sum(G[o, q_] * Z[t, q_], (q_, 0, P - 1))
shift = sp.FunctionMatrix(P, P, sp.Lambda((row, col), sp.KroneckerDelta(row, col + 1)))

weights = Claim(
    id="5.2c-gradW",
    section="5.2",
    title=Text("权重的梯度", "the gradient of the weights"),
    chain=(by_W, G * Z.T),
    also=((by_W[o, t], entry_sum),),
    steps=(
        Step(
            Jacobian(value, W),
            kron(Z.T, I_d),
            Text("vec S 是 vec W 的线性函数 (5.2c-vec)", "vec S is a linear function of vec W (5.2c-vec)"),
        ),
        Step(
            by_W,
            unvec((G_row * kron(Z.T, I_d)).T, d, n),
            Text("链式法则, 再折成 W 的形状", "the chain rule, folded into the shape of W"),
            source=f"{MAGNUS}, theorem 5.8",
        ),
        Step(
            unvec((G_row * kron(Z.T, I_d)).T, d, n),
            G * Z.T,
            Text("(Z ⊗ I) vec G = vec(G Zᵀ)", "(Z ⊗ I) vec G = vec(G Zᵀ)"),
            source=f"{MAGNUS}, theorem 2.2",
        ),
    ),
    near_misses=(
        NearMiss(Text("对位置取平均", "the mean over positions"), lambda: (by_W, G * Z.T / P)),
        NearMiss(
            Text("Z Gᵀ (d = n)", "Z Gᵀ (d = n)"),
            lambda: (_square(by_W), _square(Z) * _square(G).T),
        ),
        NearMiss(
            Text("只有一个位置", "one position only"),
            lambda: (by_W, G * basis(1, P) * basis(1, P).T * Z.T),
        ),
        NearMiss(
            Text("与相邻位置的窗口配对", "paired with the windows of the next position"),
            lambda: (by_W, G * shift * Z.T),
        ),
        NearMiss(
            Text("和的乘积: (G 1)(Z 1)ᵀ", "the product of the sums: (G 1)(Z 1)ᵀ"),
            lambda: (by_W, G * ones(P, 1) * (Z * ones(P, 1)).T),
        ),
    ),
    numeric=_measure(AGAINST, lambda case: case.of(G * Z.T), lambda case: _as_matrix(case.grad_W)),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

bias = Claim(
    id="5.2c-gradb",
    section="5.2",
    title=Text("偏置的梯度", "the gradient of the bias"),
    chain=(by_b, G * ones(P, 1)),
    steps=(
        Step(Jacobian(value, b), kron(ones(P, 1), I_d), Text("vec(b 1') = (1 ⊗ I) b", "vec(b 1') = (1 ⊗ I) b")),
        Step(by_b, kron(ones(P, 1), I_d).T * vec(G), CHAIN_RULE, source=f"{MAGNUS}, theorem 5.8"),
        Step(
            kron(ones(P, 1), I_d).T * vec(G),
            G * ones(P, 1),
            Text("vec(AXB) = (Bᵀ ⊗ A) vec X", "vec(AXB) = (Bᵀ ⊗ A) vec X"),
        ),
    ),
    near_misses=(
        NearMiss(Text("对位置取平均", "the mean over positions"), lambda: (by_b, G * ones(P, 1) / P)),
        NearMiss(
            Text("对通道求和 (d = P)", "summed over channels (d = P)"),
            lambda: (_at(by_b, {P: d}), _at(G, {P: d}).T * ones(d, 1)),
        ),
        NearMiss(
            Text("每个位置一个偏置: 只取第一列", "a bias for each position: the first column only"),
            lambda: (by_b, G * basis(1, P)),
        ),
    ),
    numeric=_measure(AGAINST, lambda case: case.of(G * ones(P, 1)), lambda case: case.grad_b[:, None]),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

ones_d = kron(ones(P, 1), I_d)

vectorised = Claim(
    id="5.2c-vec",
    section="5.2",
    title=Text("向量化的卷积层", "the layer, vectorised"),
    chain=(vec(value), kron(Z.T, I_d) * vec(W) + ones_d * b),
    also=(
        (vec(value), kron(I_P, W) * vec(Z) + ones_d * b),
        (Jacobian(Cost(value), W), G_row * kron(Z.T, I_d)),
    ),
    steps=(
        Step(vec(value), vec(I_d * W * Z) + vec(I_d * b * row_of_ones), Text("vec 是线性的", "vec is linear")),
        Step(
            vec(I_d * W * Z),
            kron(Z.T, I_d) * vec(W),
            Text("vec(AXB) = (Bᵀ ⊗ A) vec X, 取 X = W", "vec(AXB) = (Bᵀ ⊗ A) vec X with X = W"),
            source=f"{MAGNUS}, theorem 2.2",
        ),
        Step(
            vec(W * Z * I_P),
            kron(I_P, W) * vec(Z),
            Text("vec(AXB) = (Bᵀ ⊗ A) vec X, 取 X = Z", "vec(AXB) = (Bᵀ ⊗ A) vec X with X = Z"),
            source=f"{MAGNUS}, theorem 2.2",
        ),
        Step(vec(b * row_of_ones), ones_d * b, Text("vec(b 1') = (1 ⊗ I) b", "vec(b 1') = (1 ⊗ I) b")),
        Step(
            vec(value).xreplace({P: sp.S.One}),
            kron(Z.xreplace({P: sp.S.One}).T, I_d) * vec(W) + b,
            Text("P = 1 时就是 5.1-vec", "for P = 1 this is 5.1-vec"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("I ⊗ Zᵀ (d = n = P)", "I ⊗ Zᵀ (d = n = P)"),
            lambda: (_even(vec(W * Z)), kron(I_d, _even(Z).T) * vec(_even(W))),
        ),
        NearMiss(
            Text("(W ⊗ I) vec Z", "(W ⊗ I) vec Z"),
            lambda: (vec(W * Z), kron(W, I_P) * vec(Z)),
        ),
        NearMiss(Text("(I ⊗ 1) b", "(I ⊗ 1) b"), lambda: (vec(b * row_of_ones), kron(I_d, ones(P, 1)) * b)),
        NearMiss(
            Text("按行展平 (C 次序的 reshape)", "flattened by rows (a reshape in C order)"),
            lambda: (_even(vec((W * Z).T)), kron(I_d, _even(W)) * vec(_even(Z).T)),
        ),
    ),
    numeric=_measure(
        AGAINST,
        lambda case: case.of(kron(Z.T, I_d) * vec(W) + ones_d * b),
        lambda case: _as_matrix(case.y[0]).reshape(-1, 1, order="F"),
    ),
    conditions=Text(
        "任意 n, d, P; vec 按列堆叠; Cost 可导.", "Any n, d, P; vec stacks columns; Cost is differentiable."
    ),
    abbreviations=ABBREVIATIONS,
)

# --- the gradient by the input ---------------------------------------------------------------------------------------

by_x = Gradient(Cost(value), x)
by_Z = Gradient(Cost(W * windows_symbol + b * row_of_ones), windows_symbol, Z)

input_columns = Claim(
    id="5.2c-gradx-col2im",
    section="5.2",
    title=Text("输入的梯度: col2im", "the gradient by the input: col2im"),
    chain=(by_Z, W.T * G),
    also=((by_x, M.T * vec(W.T * G)),),
    steps=(
        Step(
            Jacobian(W * windows_symbol + b * row_of_ones, windows_symbol),
            kron(I_P, W),
            Text("vec S 是 vec Z 的线性函数", "vec S is a linear function of vec Z"),
        ),
        Step(by_Z, unvec(kron(I_P, W).T * vec(G), n, P), CHAIN_RULE, source=f"{MAGNUS}, theorem 5.8"),
        Step(
            unvec(kron(I_P, W).T * vec(G), n, P),
            W.T * G,
            Text("(I ⊗ W)ᵀ vec G = vec(Wᵀ G)", "(I ⊗ W)ᵀ vec G = vec(Wᵀ G)"),
            source=f"{MAGNUS}, theorem 2.2",
        ),
        Step(Jacobian(Z, x), M, Text("vec Z = M x", "vec Z = M x")),
    ),
    near_misses=(
        NearMiss(Text("W G (d = n)", "W G (d = n)"), lambda: (_square(by_Z), _square(W) * _square(G))),
        NearMiss(
            Text("重叠处取平均 (两份)", "overlaps averaged (two copies)"),
            lambda: (by_x, M.T * vec(W.T * G) / 2),
        ),
        NearMiss(
            Text("M 代替 Mᵀ (N = nP)", "M instead of Mᵀ (N = nP)"),
            lambda: (_at(by_x, {N: n * P}), _at(M, {N: n * P}) * vec(W.T * _at(G, {N: n * P}))),
        ),
    ),
    numeric=_measure(AGAINST, Case.back, lambda case: case.grad_x.reshape(-1, 1)),
    conditions=LINEAR_IN_X,
    abbreviations=ABBREVIATIONS,
)

sparse = Claim(
    id="5.2c-sparse-matrix",
    section="5.2",
    title=Text("卷积层是权值相连的稀疏线性层", "the layer is linear, with a sparse matrix of tied weights"),
    chain=(vec(W * Z), A * x),
    also=(
        (by_x, A.T * vec(G)),
        (vec((W * Z).T), kron(W, I_P) * commutation(n, P) * M * x),
    ),
    steps=(
        Step(vec(W * Z), kron(I_P, W) * vec(Z), Text("5.2c-vec", "5.2c-vec")),
        Step(vec(Z), M * x, Text("vec Z = M x", "vec Z = M x")),
        Step(
            Jacobian(value, x),
            A,
            Text("线性映射的雅可比矩阵是它自身的矩阵", "the Jacobian of a linear map is its matrix"),
        ),
        Step(
            commutation(d, P) * kron(I_P, W),
            kron(W, I_P) * commutation(n, P),
            Text(
                "换成按行展平: 交换矩阵换 Kronecker 因子",
                "flattened by rows: the commutation matrix swaps Kronecker factors",
            ),
            source=f"{MAGNUS}, theorem 3.9",
        ),
    ),
    near_misses=(
        NearMiss(
            Text("反向用 A 而不是 Aᵀ (N = dP)", "A instead of Aᵀ in the backward pass (N = dP)"),
            lambda: (_at(by_x, {N: d * P}), _at(A, {N: d * P}) * vec(_at(G, {N: d * P}))),
        ),
        NearMiss(
            Text("按行展平却用 I ⊗ W (d = n = P)", "flattened by rows, yet with I ⊗ W (d = n = P)"),
            lambda: (_even(vec((W * Z).T)), _even(kron(I_P, W) * commutation(n, P) * M * x)),
        ),
        NearMiss(
            Text("W ⊗ I 与按列的 vec", "W ⊗ I with vec by columns"),
            lambda: (vec(W * Z), kron(W, I_P) * M * x),
        ),
    ),
    numeric=_measure(AGAINST, Case.back_by_matrix, lambda case: case.grad_x.reshape(-1, 1)),
    conditions=LINEAR_IN_X,
    abbreviations=ABBREVIATIONS,
)

# --- two layers ------------------------------------------------------------------------------------------------------

d1, n1, P1 = dims("d_{l+1} n_{l+1} P_{l+1}")
S_l, W1, b1 = matrix("S_l", d, P), matrix("W_{l+1}", d1, n1), vector("b_{l+1}", d1)
M1, S1 = matrix("M_{l+1}", n1 * P1, d * P), matrix("S_{l+1}", d1, P1)
J = objective("Cost_{l+1}")
Z1 = unvec(M1 * vec(f(S_l)), n1, P1)  # im2col(f(S_l))
above = W1 * Z1 + b1 * ones(1, P1)
G1 = Gradient(J(S1), S1, above)
by_S = Gradient(J(above), S_l)
slope = f.diff()(S_l)
returned = unvec(M1.T * vec(W1.T * G1), d, P)  # col2im(W' G)
A1 = kron(sp.Identity(P1), W1) * M1
X = matrix("X", d, P)
by_map = Gradient(J(W1 * unvec(M1 * vec(X), n1, P1) + b1 * ones(1, P1)), X, f(S_l))

SAME = {d1: d, P1: P, n1: d}


def _two_layers():
    """conv, tanh, conv with stride 2 and padding, against the reference layers."""
    what, found = AGAINST, []
    for seed, dtype in ((0, "float64"), (0, "float32"), (2, "float64"), (2, "float32")):
        case = Case(seed, dtype)
        random = np.random.default_rng(seed + 10)
        weights_ = random.normal(size=(3, len(case.W), 2, 2)).astype(dtype)
        options = {"stride": 2, "padding": 1}
        feature_map = tanh.forward(case.y)
        grad = random.normal(size=conv2d_layer.forward(feature_map, weights_, **options).shape).astype(dtype)
        wanted = tanh.backward(conv2d_layer.backward(grad, feature_map, weights_, **options)[0], case.y)
        columns = weights_.reshape(3, -1).T @ grad.reshape(3, -1)
        back = im2col_layer.backward(columns[None], feature_map.shape[2:], 2, **options)
        computed = (1 - np.tanh(case.y) ** 2) * back
        shape = f"{case.y.shape} to {grad.shape}"
        found.append(comparison(what, shape, dtype, seed, computed, wanted, TOLERANCE[dtype]))
    return tuple(found)


recursion = Claim(
    id="5.2c-recursion",
    section="5.2",
    title=Text("逐层递推", "from layer to layer"),
    chain=(by_S, hadamard(slope, returned)),
    also=((vec(by_S), diag(vec(slope)) * A1.T * vec(G1)),),
    steps=(
        Step(
            Jacobian(f(S_l), S_l),
            diag(vec(slope)),
            Text("逐元素函数的雅可比矩阵是对角矩阵", "the Jacobian of an entrywise function is diagonal"),
            source=f"{MAGNUS}, section 5.4",
        ),
        Step(by_S, hadamard(slope, by_map), CHAIN_RULE, source=f"{MAGNUS}, theorem 5.8"),
        Step(by_map, returned, Text("5.2c-gradx-col2im", "5.2c-gradx-col2im")),
    ),
    near_misses=(
        NearMiss(Text("漏掉 f'", "f' left out"), lambda: (by_S, returned)),
        NearMiss(Text("f 而不是 f'", "f instead of f'"), lambda: (by_S, hadamard(f(S_l), returned))),
        NearMiss(
            Text("W 没有转置 (方阵)", "W without a transpose (square W)"),
            lambda: (
                _at(by_S, {n1: d1}),
                hadamard(slope, unvec(_at(M1, {n1: d1}).T * vec(_at(W1 * G1, {n1: d1})), d, P)),
            ),
        ),
        NearMiss(
            Text("f' 在传回之前相乘 (同样大小)", "f' multiplied before the way back (equal sizes)"),
            lambda: (
                _at(by_S, SAME),
                unvec(_at(M1, SAME).T * vec(_at(W1, SAME).T * hadamard(_at(slope, SAME), _at(G1, SAME))), d, P),
            ),
        ),
    ),
    numeric=_two_layers,
    conditions=Text(
        "两层之间只有逐元素的可导函数 f; S_{l+1} = W_{l+1} im2col(f(S_l)) + b 1'; 代价可导, 只通过 S_{l+1} 依赖于 S_l.",
        "Nothing but an entrywise differentiable f stands between the layers; S_{l+1} = W_{l+1} im2col(f(S_l)) + b 1'; the cost is differentiable and depends on S_l through S_{l+1} only.",
    ),
    abbreviations=((above, S1), (Z1, matrix("Z_{l+1}", n1, P1))),
)


DERIVATION = Derivation(
    title=Text("卷积层的矩阵形式", "the convolution layer in matrix form"),
    context=CONTEXT,
    claims=(
        model,
        product,
        weights,
        bias,
        vectorised,
        input_columns,
        sparse,
        recursion,
    ),
    source="lecture note, section 5.2",
)
