"""Residual connections: the gradient of one block, of two, and of any number by induction."""

import numpy as np
import sympy as sp

from cnnsym import diag, dims, elementwise, matrix, objective, vector
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import residual
from cnnsym.measurement import compared
from cnnsym.reference import linear as linear_layer
from cnnsym.reference import residual as residual_layer
from cnnsym.reference import tanh as tanh_layer

CONTEXT = r"""
let n, h : size
let \boldsymbol{x} : vector(n)
let \boldsymbol{x}_1 : vector(n)
let U_1, U_2 : matrix(h, n); V_1, V_2 : matrix(n, h)
let \boldsymbol{a}_1, \boldsymbol{a}_2 : vector(h); \boldsymbol{b}_1, \boldsymbol{b}_2 : vector(n)
let f : elementwise
where F_1 = V_1 f(U_1\boldsymbol{x}+\boldsymbol{a}_1)+\boldsymbol{b}_1
where \boldsymbol{y} = \boldsymbol{x}+F_1                 # after one block
where \boldsymbol{w} = \boldsymbol{y}+V_2 f(U_2\boldsymbol{y}+\boldsymbol{a}_2)+\boldsymbol{b}_2   # after two
where J_1 = \frac{\partial F_1}{\partial \boldsymbol{x}^{\top}}
where J_2 = \frac{\partial}{\partial \boldsymbol{y}^{\top}}\left(V_2 f(U_2\boldsymbol{y}+\boldsymbol{a}_2)+\boldsymbol{b}_2\right)
let \mathrm{Cost} : objective(\boldsymbol{y}); \mathrm{Loss} : objective(\boldsymbol{w})
let J, S, P : matrix(n, n)
"""

n, hidden = dims("n h")
x, u, y, Cost = vector("x", n), vector("x_1", n), vector("y", n), objective("Cost")
U1, U2, V1, V2 = matrix("U_1", hidden, n), matrix("U_2", hidden, n), matrix("V_1", n, hidden), matrix("V_2", n, hidden)
a1, a2, b1, b2 = vector("a_1", hidden), vector("a_2", hidden), vector("b_1", n), vector("b_2", n)
f = elementwise("f")
I_n = sp.Identity(n)


def first_branch(x):
    return V1 * f(U1 * x + a1) + b1


def second_branch(x):
    return V2 * f(U2 * x + a2) + b2


after_one = x + first_branch(x)
after_two = after_one + second_branch(after_one)
J1 = Jacobian(first_branch(x), x)
J2 = Jacobian(second_branch(u), u, after_one)  # at what the second block is given
gradient, gradient_y = Gradient(Cost(after_one), x), Gradient(Cost(y), y, after_one)
Loss = objective("Loss")
both, both_y = Gradient(Loss(after_two), x), Gradient(Loss(y), y, after_two)

ABBREVIATIONS = ((J2, sp.MatrixSymbol("J_2", n, n)), (J1, sp.MatrixSymbol("J_1", n, n)))
SMOOTH = Text(
    "支路 F 是任意两层 (U, V 为任意矩阵, 卷积也在其中; f 任意, 在所论的点可导), Cost 可导.",
    "The branch F is any two layers: arbitrary matrices, convolutions among them, and any f that is differentiable at the points in "
    "question; Cost is differentiable.",
)


def _two_blocks(random, dtype, n, h):
    """The four terms against the reference layers, backwards through two blocks layer by layer."""

    def draw(*shape):
        return random.normal(size=shape).astype(dtype)

    blocks = [(draw(h, n), draw(h), draw(n, h), draw(n)) for _ in range(2)]
    point, grad = draw(1, n), draw(1, n)
    jacobians, saved = [], []
    for U, a, V, b in blocks:
        s = linear_layer.forward(point, U, a)
        z = tanh_layer.forward(s)
        jacobians.append(V @ np.diag(1 - np.tanh(s[0]) ** 2) @ U)
        saved.append((point, s, z))
        point = residual_layer.forward(point, linear_layer.forward(z, V, b))
    j1, j2 = jacobians
    ours = grad[0] + j1.T @ grad[0] + j2.T @ grad[0] + j1.T @ (j2.T @ grad[0])
    for (U, _a, V, _b), (point, s, z) in reversed(list(zip(blocks, saved, strict=True))):
        skip, branch = residual_layer.backward(grad)
        grad_z, _, _ = linear_layer.backward(branch, z, V)
        grad_point, _, _ = linear_layer.backward(tanh_layer.backward(grad_z, s), point, U)
        grad = skip + grad_point
    return ours, grad[0]


LAYER_BY_LAYER = compared(
    Text("两块的四项之和, 对照逐层反传", "the four terms of two blocks, against layer by layer"),
    ({"n": 3, "h": 2}, {"n": 1, "h": 4}, {"n": 6, "h": 6}),
    _two_blocks,
    {"float64": 1e-12, "float32": 5e-5},
)

one_block = Claim(
    id="ext-residual",
    section="ext",
    title=Text("残差块的反向传播", "backpropagation through a residual block"),
    chain=(gradient, (I_n + J1).T * gradient_y, gradient_y + J1.T * gradient_y),
    steps=(
        Step(
            residual.forward(x, first_branch(x)),
            after_one,
            Text("层的定义, 逐元素", "the definition of the layer, entry by entry"),
        ),
        Step(
            Jacobian(after_one, x), I_n + J1, Text("导数是线性的, dx/dx' = I", "the derivative is linear, dx/dx' = I")
        ),
        Step(
            gradient,
            Jacobian(after_one, x).T * gradient_y,
            Text("链式法则", "the chain rule"),
            source="Magnus and Neudecker, Matrix Differential Calculus, theorem 5.8",
        ),
        Step(
            J1,
            V1 * diag(f.diff()(U1 * x + a1)) * U1,
            Text("支路自身的雅可比矩阵", "the Jacobian of the branch itself"),
        ),
    ),
    near_misses=(
        NearMiss(Text("只有支路: J'g", "the branch only: J'g"), lambda: (gradient, J1.T * gradient_y)),
        NearMiss(Text("没有转置: (I + J)g", "not transposed: (I + J)g"), lambda: (gradient, (I_n + J1) * gradient_y)),
        NearMiss(Text("只有捷径: g", "the shortcut only: g"), lambda: (gradient, gradient_y)),
        NearMiss(
            Text("梯度在 x 处而不是在 y 处取", "the gradient of Cost taken at x instead of y"),
            lambda: (gradient, (I_n + J1).T * Gradient(Cost(x), x)),
        ),
    ),
    numeric=LAYER_BY_LAYER,
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
    source="He, Zhang, Ren and Sun 2016, equation 1",
)

two_blocks = Claim(
    id="ext-residual-two",
    section="ext",
    title=Text("两个残差块: 对块的所有子集求和", "two residual blocks: a sum over all subsets of the blocks"),
    chain=(
        both,
        (I_n + J1).T * (I_n + J2).T * both_y,
        both_y + J1.T * both_y + J2.T * both_y + J1.T * J2.T * both_y,
    ),
    near_misses=(
        NearMiss(
            Text("漏掉经过两块的路", "the path through both blocks left out"),
            lambda: (both, both_y + J1.T * both_y + J2.T * both_y),
        ),
        NearMiss(
            Text("次序相反: J2'J1'", "the other order: J2'J1'"),
            lambda: (both, both_y + J1.T * both_y + J2.T * both_y + J2.T * J1.T * both_y),
        ),
        NearMiss(
            Text("J2 在 x 处取值", "J2 taken at x"),
            lambda: (both, (I_n + J1).T * (I_n + Jacobian(second_branch(x), x)).T * both_y),
        ),
    ),
    numeric=LAYER_BY_LAYER,
    conditions=SMOOTH,
    abbreviations=ABBREVIATIONS,
    source="He and others, Identity mappings in deep residual networks (2016)",
)

# The induction: P stands for the product of the first blocks, S for the sum over their subsets.
J, S, P = (matrix(name, n, n) for name in "JSP")


def _subsets(random, dtype, n, L):
    jacobians = random.normal(size=(L, n, n)).astype(dtype) / n
    whole, total = np.eye(n, dtype=dtype), np.zeros((n, n), dtype)
    for jacobian in jacobians:
        whole = (np.eye(n, dtype=dtype) + jacobian) @ whole
    for chosen in np.ndindex(*(2,) * L):
        path = np.eye(n, dtype=dtype)
        for jacobian, taken in zip(jacobians, chosen, strict=True):
            path = jacobian @ path if taken else path
        total += path
    return total, whole


induction = Claim(
    id="ext-residual-induction",
    section="ext",
    title=Text("归纳一步: 再加一块, 子集数加倍", "one step of the induction: one more block, twice as many subsets"),
    chain=((I_n + J) * S, S + J * S),
    also=(((I_n + J) * (I_n + P) - I_n, P + J + J * P),),
    near_misses=(
        NearMiss(Text("只多一个子集", "one subset more, no more than that"), lambda: ((I_n + J) * S, S + J)),
        NearMiss(Text("乘在另一侧", "multiplied from the other side"), lambda: ((I_n + J) * S, S + S * J)),
    ),
    numeric=compared(
        Text("连乘积与全部子集之和", "the product and the sum over all subsets"),
        ({"n": 2, "L": 3}, {"n": 3, "L": 5}),
        _subsets,
    ),
    conditions=Text(
        "S 是前 L 块所有子集的乘积之和 (空集给出 I), J 是第 L+1 块的雅可比矩阵: 不含它的子集给出 S, 含它的给出 JS. 对 L 归纳, 连乘积 "
        "(I + J_L)...(I + J_1) 是 2^L 项之和.",
        "S is the sum over all subsets of the first L blocks of their products (I for the empty one), J the Jacobian of block L+1: the "
        "subsets without it give S, those with it JS. By induction on L the product (I + J_L)...(I + J_1) is a sum of 2^L terms.",
    ),
    source="He and others, Identity mappings in deep residual networks (2016)",
)

DERIVATION = Derivation(
    title=Text("残差连接", "residual connections"),
    context=CONTEXT,
    claims=(one_block, two_blocks, induction),
    source="cnnsym.layers.residual",
)
