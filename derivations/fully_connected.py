"""Section 5.1: backpropagation through fully connected layers.

Every claim begins at the forward definition of the layers, `cnnsym.layers.linear`, entry by entry, and reaches the formula
of the note by named steps.
"""

import numpy as np
import sympy as sp

from cnnsym import (
    compile_numpy,
    diag,
    dims,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    trace,
    unvec,
    vec,
    vector,
)
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, Erratum, NearMiss, Step, Text
from cnnsym.layers import linear
from cnnsym.measurement import comparison
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import softmax_cross_entropy, tanh

CONTEXT = r"""
let n_i, d_i, d_{i+1} : size        # entries of z_i, of s_i, of s_{i+1}
let \boldsymbol{z}_i : vector(n_i)
let W_i : matrix(d_i, n_i); \boldsymbol{b}_i : vector(d_i)
let W_{i+1} : matrix(d_{i+1}, d_i); \boldsymbol{b}_{i+1} : vector(d_{i+1})
let f : elementwise
where \boldsymbol{s}_i = W_i\boldsymbol{z}_i+\boldsymbol{b}_i
where \boldsymbol{z}_{i+1} = f(\boldsymbol{s}_i)
where \boldsymbol{s}_{i+1} = W_{i+1}f(\boldsymbol{s}_i)+\boldsymbol{b}_{i+1}
where W = W_i              # the note drops the subscript once
let \mathrm{Cost} : objective(\boldsymbol{s}_{i+1})
"""

n, d, e = dims("n_i d_i d_{i+1}")
f, Cost = elementwise("f"), objective("Cost")
z, W, b = vector("z_i", n), matrix("W_i", d, n), vector("b_i", d)
W1, b1 = matrix("W_{i+1}", e, d), vector("b_{i+1}", e)
s, s1 = vector("s_i", d), vector("s_{i+1}", e)  # the outputs as variables to differentiate by

layer = linear.forward(z, W, b)  # the definition, by entries
layer_value = W * z + b
next_layer = linear.forward(f(layer_value), W1, b1)
next_value = W1 * f(s) + b1  # s_{i+1} as a function of s_i
next_point = W1 * f(layer_value) + b1
I_d = sp.Identity(d)

row = Jacobian(Cost(next_value), s, layer_value)  # dCost/ds_i'
next_row = Jacobian(Cost(s1), s1, next_point)  # dCost/ds_{i+1}'
step_jacobian = Jacobian(next_value, s, layer_value)  # ds_{i+1}/ds_i'
u = vector("u", d)
linear_jacobian = Jacobian(W1 * u, u, f(layer_value))  # dW f(s)/df(s)'
entry_jacobian = Jacobian(f(s), s, layer_value)  # df(s)/ds'
gradient_s = Gradient(Cost(next_value), s, layer_value)
next_gradient = Gradient(Cost(s1), s1, next_point)
slope = f.diff()(layer_value)

# Cost as a function of s_i itself, for the derivatives by W_i and b_i.
cost_row = Jacobian(Cost(W1 * f(s) + b1), s, layer_value)
row_by_weights = Jacobian(Cost(next_point), W)
gradient_weights = Gradient(Cost(next_point), W)
gradient_bias = Gradient(Cost(next_point), b)

# Square sizes, at which a dropped transpose is not caught by shapes.
square = {e: d, n: d}


def _square(expression):
    """The same expression with all three sizes equal."""
    return expression.xreplace(square)


# How reports write these; s_i and s_{i+1} stand for what the layers compute.
_PAIRS = ((next_point, s1), (layer_value, s), (next_value, s1))
ABBREVIATIONS = (*_PAIRS, *((_square(whole), _square(symbol)) for whole, symbol in _PAIRS))

# --- numbers ---------------------------------------------------------------------------------------------------------

SHAPES = ((5, 4, 3), (1, 3, 2), (4, 1, 1))
TOLERANCE = {"float64": 1e-12, "float32": 2e-5}


def _network(shape, dtype, seed):
    """Random parameters and one input for a net z -> tanh(W z + b) -> W' . + b', and a target distribution."""
    random = np.random.default_rng(seed)
    sizes_n, sizes_d, sizes_e = shape
    arrays = [
        random.normal(size=each).astype(dtype)
        for each in ((1, sizes_n), (sizes_d, sizes_n), (sizes_d,), (sizes_e, sizes_d), (sizes_e,))
    ]
    target = random.random((1, sizes_e)).astype(dtype)
    return *arrays, target / target.sum()


def _backward(shape, dtype, seed):
    """The gradients that the reference layers give, layer by layer."""
    z0, w0, b0, w1, b1_, target = _network(shape, dtype, seed)
    s0 = linear_layer.forward(z0, w0, b0)
    z1 = tanh.forward(s0)
    s1_ = linear_layer.forward(z1, w1, b1_)
    grad_s1 = softmax_cross_entropy.backward(s1_, target)
    grad_z1, _, _ = linear_layer.backward(grad_s1, z1, w1)
    grad_s0 = tanh.backward(grad_z1, s0)
    _, grad_w0, grad_b0 = linear_layer.backward(grad_s0, z0, w0)
    forward = {"s_i": s0.T, "s_{i+1}": s1_.T}
    return forward | {
        "grad s_{i+1}": grad_s1.T,
        "grad s_i": grad_s0.T,
        "grad W_i": grad_w0,
        "grad b_i": grad_b0[:, None],
    }


def _compare(what, expression, expected):
    """The derived expression, compiled, against what the reference layers compute."""

    def measure():
        found = []
        for seed, shape in enumerate(SHAPES):
            for dtype in ("float64", "float32"):
                z0, w0, b0, w1, b1_, target = _network(shape, dtype, seed)
                functions = {
                    "f": np.tanh,
                    "f'": lambda t: 1 - np.tanh(t) ** 2,
                    "Cost": lambda y, target=target: softmax_cross_entropy.forward(y.T.copy(), target),
                    "Cost'": lambda y, target=target: softmax_cross_entropy.backward(y.T.copy(), target).T,
                }
                function = compile_numpy(expression, [z, W, b, W1, b1], functions=functions)
                value = function(z0.T, w0, b0[:, None], w1, b1_[:, None])
                wanted = expected(_backward(shape, dtype, seed))
                sizes = "n={}, d={}, next d={}".format(*shape)
                found.append(comparison(what, sizes, dtype, seed, value, wanted, TOLERANCE[dtype]))
        return tuple(found)

    return measure


BACKWARD = Text("推导出的公式与参考层比较", "derived formula against the reference layers")
CHAIN_RULE = Text("链式法则", "chain rule")
DEFINITION = Text("线性层的定义, 逐元素", "definition of the linear layer, entry by entry")
LINEAR = Text("线性映射的雅可比矩阵是它自身的矩阵", "the Jacobian of a linear map is its matrix")
ENTRYWISE = Text("逐元素函数的雅可比矩阵是对角矩阵", "the Jacobian of an entrywise function is diagonal")
TRANSPOSE = Text("梯度是行向量的转置", "the gradient is the transposed row")
DIAGONAL = Text("diag(a) b = a ⊙ b", "diag(a) b = a ⊙ b")
MAGNUS = "Magnus and Neudecker, Matrix Differential Calculus"
SMOOTH = Text(
    "f 逐元素作用, 在所论的点可导; Cost 可导, 且只通过 s_{i+1} 依赖于 s_i.",
    "f acts entry by entry and is differentiable at the points in question; Cost is differentiable and depends on s_i through s_{i+1} only.",
)
ANY = Text("任意尺寸; vec 按列堆叠.", "any sizes; vec stacks columns.")

model = Claim(
    id="5.1-model",
    section="5.1",
    title=Text("一层的前向定义", "the forward definition of a layer"),
    chain=(layer, layer_value),
    also=((f(layer), f(layer_value)),),
    steps=(
        Step(layer, layer_value, DEFINITION),
        Step(f(layer), f(layer_value), Text("f 逐元素作用", "f acts entry by entry")),
    ),
    near_misses=(
        NearMiss(
            Text("W 转置 (方阵)", "W transposed (square W)"),
            lambda: (_square(layer_value), _square(W).T * _square(z) + b),
        ),
        NearMiss(
            Text("f 作用于 z 而不是 s", "f applied to z instead of s"), lambda: (_square(f(layer_value)), f(_square(z)))
        ),
    ),
    numeric=_compare(
        Text("W z + b 与 reference.linear 比较", "W z + b against reference.linear"), layer_value, lambda v: v["s_i"]
    ),
    conditions=SMOOTH,
)

layer_index = Claim(
    id="5.1-layer-index",
    section="5.1",
    title=Text("相邻两层的关系", "two successive layers"),
    chain=(next_layer, next_point),
    steps=(Step(next_layer, next_point, DEFINITION),),
    near_misses=(
        NearMiss(
            Text("用上一层的权重", "the weights of the layer before"),
            lambda: (_square(next_point), _square(W) * f(_square(layer_value)) + _square(b1)),
        ),
        NearMiss(
            Text("f 作用于 z_i", "f applied to z_i"),
            lambda: (_square(next_point), _square(W1) * f(_square(z)) + _square(b1)),
        ),
    ),
    numeric=_compare(
        Text(
            "W f(s) + b 与 reference.linear, reference.tanh 比较",
            "W f(s) + b against reference.linear and reference.tanh",
        ),
        next_point,
        lambda v: v["s_{i+1}"],
    ),
    conditions=SMOOTH,
)

chain_row = Claim(
    id="5.1-chain-row",
    section="5.1",
    title=Text("链式法则, 行向量形式", "the chain rule, as rows"),
    chain=(row, next_row * step_jacobian),
    steps=(
        Step(linear.forward(f(s), W1, b1), next_value, DEFINITION),
        Step(row, next_row * step_jacobian, CHAIN_RULE, source=f"{MAGNUS}, theorem 5.8"),
    ),
    near_misses=(
        NearMiss(
            Text("因子次序颠倒", "factors in the other order"),
            lambda: (_square(row), _square(step_jacobian) * _square(next_row)),
        ),
        NearMiss(
            Text("有跨层连接时少一项", "with a skip connection a term is missing"),
            lambda: (
                Jacobian(Cost(next_value + matrix("V", e, d) * s), s),
                Jacobian(Cost(s1), s1, next_value + matrix("V", e, d) * s) * Jacobian(next_value, s),
            ),
        ),
    ),
    numeric=_compare(BACKWARD, next_row * step_jacobian, lambda v: v["grad s_i"].T),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

chain_expand = Claim(
    id="5.1-chain-expand",
    section="5.1",
    title=Text("链式法则经过 z_{i+1} = f(s_i)", "the chain rule through z_{i+1} = f(s_i)"),
    chain=(next_row * step_jacobian, next_row * linear_jacobian * entry_jacobian),
    steps=(
        Step(
            step_jacobian,
            Jacobian(W1 * f(s), s, layer_value),
            Text("偏置是常数, 导数为零", "the bias is constant, its derivative is zero"),
        ),
        Step(
            Jacobian(W1 * f(s), s, layer_value),
            linear_jacobian * entry_jacobian,
            CHAIN_RULE,
            source=f"{MAGNUS}, theorem 5.8",
        ),
    ),
    near_misses=(
        NearMiss(
            Text("两个雅可比矩阵交换", "the two Jacobians swapped"),
            lambda: (
                _square(next_row * step_jacobian),
                _square(next_row) * _square(entry_jacobian) * _square(linear_jacobian),
            ),
        ),
        NearMiss(
            Text("漏掉 f 的雅可比矩阵", "the Jacobian of f left out"),
            lambda: (next_row * step_jacobian, next_row * linear_jacobian),
        ),
    ),
    numeric=_compare(BACKWARD, next_row * linear_jacobian * entry_jacobian, lambda v: v["grad s_i"].T),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

chain_final = Claim(
    id="5.1-chain-final",
    section="5.1",
    title=Text("行向量形式的反向传播", "backpropagation, as rows"),
    chain=(next_row * linear_jacobian * entry_jacobian, next_row * W1 * diag(slope)),
    steps=(
        Step(linear_jacobian, W1, LINEAR, source=f"{MAGNUS}, section 5.4"),
        Step(entry_jacobian, diag(slope), ENTRYWISE, source=f"{MAGNUS}, section 5.4"),
        Step(
            next_row * linear_jacobian * entry_jacobian,
            next_row * W1 * diag(slope),
            Text("代入两个雅可比矩阵", "both Jacobians put in"),
        ),
    ),
    near_misses=(
        NearMiss(
            Text("W 转置 (方阵)", "W transposed (square W)"),
            lambda: (_square(row), _square(next_row) * _square(W1).T * diag(_square(slope))),
        ),
        NearMiss(
            Text("diag 在 W 之前", "diag before W"),
            lambda: (_square(row), _square(next_row) * diag(_square(slope)) * _square(W1)),
        ),
        NearMiss(Text("f 而不是 f'", "f instead of f'"), lambda: (row, next_row * W1 * diag(f(layer_value)))),
        NearMiss(
            Text("在 s_{i+1} 处取值", "evaluated at s_{i+1}"),
            lambda: (_square(row), _square(next_row) * _square(W1) * diag(f.diff()(_square(next_point)))),
        ),
        NearMiss(
            Text("对 softmax 也成立", "valid for softmax too"),
            lambda: (Jacobian(_softmax(s), s), diag(hadamard(_softmax(s), ones(d) - _softmax(s)))),
        ),
    ),
    numeric=_compare(BACKWARD, next_row * W1 * diag(slope), lambda v: v["grad s_i"].T),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)


def _softmax(x):
    """exp(x) / sum(exp(x)): not an entrywise function."""
    powers = x.applyfunc(sp.exp)
    return powers / trace(ones(1, d) * powers)


grad_column = Claim(
    id="5.1-grad-column",
    section="5.1",
    title=Text("列向量形式的反向传播", "backpropagation, as columns"),
    chain=(gradient_s, diag(slope) * W1.T * next_gradient, hadamard(slope, W1.T * next_gradient)),
    steps=(
        Step(gradient_s, row.T, TRANSPOSE),
        Step(
            row.T, (next_row * W1 * diag(slope)).T, Text("行向量形式 5.1-chain-final", "the row form, 5.1-chain-final")
        ),
        Step(
            (next_row * W1 * diag(slope)).T,
            diag(slope) * W1.T * next_row.T,
            Text("乘积的转置反序; 对角矩阵对称", "a transposed product reverses; a diagonal matrix is symmetric"),
        ),
        Step(diag(slope) * W1.T * next_row.T, diag(slope) * W1.T * next_gradient, TRANSPOSE),
        Step(diag(slope) * W1.T * next_gradient, hadamard(slope, W1.T * next_gradient), DIAGONAL),
    ),
    near_misses=(
        NearMiss(
            Text("漏掉转置 (方阵)", "the transpose dropped (square W)"),
            lambda: (_square(gradient_s), diag(_square(slope)) * _square(W1) * _square(next_gradient)),
        ),
        NearMiss(
            Text("⊙ 放在 Wᵀ 里面", "the entrywise product inside Wᵀ"),
            lambda: (_square(gradient_s), _square(W1).T * hadamard(_square(slope), _square(next_gradient))),
        ),
        NearMiss(
            Text("外积代替 ⊙", "an outer product instead of ⊙"),
            lambda: (gradient_s, slope * (W1.T * next_gradient).T),
        ),
        NearMiss(
            Text("W_i 代替 W_{i+1}", "W_i instead of W_{i+1}"),
            lambda: (_square(gradient_s), hadamard(_square(slope), _square(W).T * _square(next_gradient))),
        ),
    ),
    numeric=_compare(BACKWARD, hadamard(slope, W1.T * next_gradient), lambda v: v["grad s_i"]),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
    erratum=Erratum(
        printed=r"\mathrm{diag}\{f^{\prime}(\boldsymbol{s}_i)\}\cdot W^{\prime}_{i+1}",
        corrected=r"\mathrm{diag}\{f^{\prime}(\boldsymbol{s}_i)\}\, W_{i+1}^{\top}",
        explanation=Text(
            "同一行里撇号有两个意思: 在 f 上是导数, 在 W 上是转置.",
            "The prime has two meanings on one line: on f the derivative, on W the transpose.",
        ),
        kind="unclear",
    ),
)

vec_form = Claim(
    id="5.1-vec",
    section="5.1",
    title=Text("线性层写成 vec(W) 的线性函数", "the layer as a linear function of vec(W)"),
    chain=(layer_value, kron(z.T, I_d) * vec(W) + b),
    steps=(
        Step(layer, layer_value, DEFINITION),
        Step(W * z, vec(I_d * W * z), Text("列向量的 vec 是它自身", "the vec of a column is itself")),
        Step(
            vec(I_d * W * z),
            kron(z.T, I_d) * vec(W),
            Text("vec(AXB) = (Bᵀ ⊗ A) vec X", "vec(AXB) = (Bᵀ ⊗ A) vec X"),
            source=f"{MAGNUS}, theorem 2.2",
        ),
    ),
    near_misses=(
        NearMiss(
            Text("Kronecker 因子交换", "Kronecker factors swapped"),
            lambda: (_square(layer_value), kron(I_d, _square(z).T) * vec(_square(W)) + b),
        ),
        NearMiss(Text("z 而不是 zᵀ", "z instead of zᵀ"), lambda: (layer_value, kron(z, I_d) * vec(W) + b)),
        NearMiss(
            Text("按行堆叠的 vec", "vec stacking rows"),
            lambda: (_square(layer_value), kron(_square(z).T, I_d) * vec(_square(W).T) + b),
        ),
        NearMiss(
            Text("I_n 而不是 I_d", "I_n instead of I_d"), lambda: (layer_value, kron(z.T, sp.Identity(n)) * vec(W) + b)
        ),
    ),
    numeric=_compare(
        Text("(z' ⊗ I) vec W + b 与 reference.linear 比较", "(z' ⊗ I) vec W + b against reference.linear"),
        kron(z.T, I_d) * vec(W) + b,
        lambda v: v["s_i"],
    ),
    conditions=ANY,
    erratum=Erratum(
        printed=r"\boldsymbol{s}_i = (\boldsymbol{z}_i^{\top} \otimes I)\mathrm{vec}(W)+\boldsymbol{b_i}",
        corrected=r"\boldsymbol{s}_i = (\boldsymbol{z}_i^{\top} \otimes I_{d})\mathrm{vec}(W_i)+\boldsymbol{b}_i",
        explanation=Text(
            "W 缺下标 i; I 的阶数 d 没有写出; vec 必须按列堆叠.",
            "W lacks its subscript i; the size d of I is not stated; vec must stack columns.",
        ),
        kind="unclear",
    ),
)

vec_grad_1 = Claim(
    id="5.1-vec-grad-1",
    section="5.1",
    title=Text("对 vec(W) 的行向量导数", "the row of derivatives by vec(W)"),
    chain=(row_by_weights, cost_row * kron(z.T, I_d)),
    steps=(
        Step(
            Jacobian(layer_value, W),
            kron(z.T, I_d),
            Text("s 是 vec(W) 的线性函数 (5.1-vec)", "s is a linear function of vec(W) (5.1-vec)"),
        ),
        Step(row_by_weights, cost_row * Jacobian(layer_value, W), CHAIN_RULE, source=f"{MAGNUS}, theorem 5.8"),
        Step(cost_row * Jacobian(layer_value, W), cost_row * kron(z.T, I_d), Text("代入", "put in")),
    ),
    near_misses=(
        NearMiss(
            Text("Kronecker 因子交换", "Kronecker factors swapped"),
            lambda: (_square(row_by_weights), _square(cost_row) * kron(I_d, _square(z).T)),
        ),
        NearMiss(Text("左乘", "multiplied from the left"), lambda: (row_by_weights, kron(z.T, I_d) * cost_row)),
        NearMiss(
            Text("按行展平", "flattened by rows"),
            lambda: (_square(row_by_weights), vec(unvec((_square(cost_row) * kron(_square(z).T, I_d)).T, d, d).T).T),
        ),
    ),
    numeric=_compare(BACKWARD, cost_row * kron(z.T, I_d), lambda v: v["grad W_i"].reshape(1, -1, order="F")),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

vec_grad_2 = Claim(
    id="5.1-vec-grad-2",
    section="5.1",
    title=Text("混合积法则", "the mixed-product rule"),
    chain=(cost_row * kron(z.T, I_d), kron(z.T, cost_row)),
    steps=(
        Step(
            cost_row * kron(z.T, I_d), kron(sp.Identity(1), cost_row) * kron(z.T, I_d), Text("g = 1 ⊗ g", "g = 1 ⊗ g")
        ),
        Step(
            kron(sp.Identity(1), cost_row) * kron(z.T, I_d),
            kron(z.T, cost_row * I_d),
            Text("(A ⊗ B)(C ⊗ D) = AC ⊗ BD", "(A ⊗ B)(C ⊗ D) = AC ⊗ BD"),
            source=f"{MAGNUS}, section 2.2, equation 4",
        ),
    ),
    near_misses=(
        NearMiss(
            Text("次序交换: g ⊗ zᵀ", "the order swapped: g ⊗ zᵀ"),
            lambda: (_square(cost_row) * kron(_square(z).T, I_d), kron(_square(cost_row), _square(z).T)),
        ),
        NearMiss(
            Text("漏掉转置: z ⊗ g", "no transpose: z ⊗ g"), lambda: (cost_row * kron(z.T, I_d), kron(z, cost_row))
        ),
        NearMiss(Text("zᵀ ⊗ gᵀ", "zᵀ ⊗ gᵀ"), lambda: (cost_row * kron(z.T, I_d), kron(z.T, cost_row.T))),
    ),
    numeric=_compare(BACKWARD, kron(z.T, cost_row), lambda v: v["grad W_i"].reshape(1, -1, order="F")),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

matrix_grad = Claim(
    id="5.1-matrix-grad",
    section="5.1",
    title=Text("权重矩阵的梯度", "the gradient of the weight matrix"),
    chain=(gradient_weights, kron(z.T, gradient_s), gradient_s * z.T),
    steps=(
        Step(
            gradient_weights,
            unvec(row_by_weights.T, d, n),
            Text(
                "梯度有 W 的形状: 行向量转置后去 vec",
                "the gradient has the shape of W: the row, transposed and unstacked",
            ),
        ),
        Step(
            unvec(row_by_weights.T, d, n),
            unvec(kron(z.T, cost_row).T, d, n),
            Text("5.1-vec-grad-1 与 5.1-vec-grad-2", "5.1-vec-grad-1 and 5.1-vec-grad-2"),
        ),
        Step(
            unvec(kron(z.T, cost_row).T, d, n),
            gradient_s * z.T,
            Text("vec(abᵀ) = b ⊗ a", "vec(abᵀ) = b ⊗ a"),
            source=f"{MAGNUS}, section 2.4",
        ),
        Step(gradient_s * z.T, kron(z.T, gradient_s), Text("行 ⊗ 列 = 外积", "a row ⊗ a column is the outer product")),
    ),
    near_misses=(
        NearMiss(
            Text("整体转置 (方阵)", "transposed (square W)"),
            lambda: (_square(gradient_weights), _square(z) * _square(gradient_s).T),
        ),
        NearMiss(Text("z ⊗ g, 没有转置", "z ⊗ g, no transpose"), lambda: (gradient_weights, kron(z, gradient_s))),
        NearMiss(Text("zᵀ ⊗ gᵀ", "zᵀ ⊗ gᵀ"), lambda: (gradient_weights, kron(z.T, gradient_s.T))),
        NearMiss(
            Text("逐元素乘积", "an entrywise product"),
            lambda: (_square(gradient_weights), diag(hadamard(_square(gradient_s), _square(z)))),
        ),
    ),
    numeric=_compare(BACKWARD, gradient_s * z.T, lambda v: v["grad W_i"]),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

bias_grad = Claim(
    id="5.1-bias-grad-missing",
    section="5.1",
    title=Text("偏置的梯度", "the gradient of the bias"),
    chain=(gradient_bias, gradient_s),
    steps=(
        Step(Jacobian(layer_value, b), I_d, LINEAR),
        Step(gradient_bias, (cost_row * Jacobian(layer_value, b)).T, CHAIN_RULE, source=f"{MAGNUS}, theorem 5.8"),
        Step((cost_row * I_d).T, gradient_s, TRANSPOSE),
    ),
    near_misses=(
        NearMiss(
            Text("多乘了 Wᵀ", "multiplied by Wᵀ"),
            lambda: (_square(gradient_bias), _square(W).T * _square(gradient_s)),
        ),
        NearMiss(
            Text("各分量之和", "the sum of the entries"),
            lambda: (gradient_bias, ones(d, d) * gradient_s),
        ),
    ),
    numeric=_compare(BACKWARD, gradient_s, lambda v: v["grad b_i"]),
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
)

DERIVATION = Derivation(
    title=Text("全连接网络的梯度", "gradients of a fully connected network"),
    context=CONTEXT,
    claims=(
        model,
        layer_index,
        chain_row,
        chain_expand,
        chain_final,
        grad_column,
        vec_form,
        vec_grad_1,
        vec_grad_2,
        matrix_grad,
        bias_grad,
    ),
    source="lecture note, section 5.1",
)
