"""The softmax: its Jacobian, what the Jacobian kills, why it is semidefinite, and the backward pass."""

import numpy as np
import sympy as sp

from cnnsym import diag, dims, elementwise, hadamard, objective, ones, scalar, trace, vector
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import softmax
from cnnsym.measurement import compared
from cnnsym.reference import softmax as softmax_layer

CONTEXT = r"""
let d : size
let t, c : scalar
let \boldsymbol{x}, \boldsymbol{v} : vector(d)
where \mathrm{softmax}(\boldsymbol{x}) = \frac{1}{\mathbf{1}^{\top}\exp(\boldsymbol{x})}\exp(\boldsymbol{x})
where \boldsymbol{p} = \mathrm{softmax}(\boldsymbol{x})
where \bar{v} = \boldsymbol{p}^{\top}\boldsymbol{v}
let \mathrm{Cost} : objective(\boldsymbol{p})
"""

d, c = dims("d"), scalar("c")
x, v, P, Cost, one = vector("x", d), vector("v", d), vector("p", d), objective("Cost"), ones(d)
powers = elementwise(sp.exp)(x)
total = trace(one.T * powers)
p = powers / total
J = diag(p) - p * p.T
gradient = Gradient(Cost(p), x)
gradient_p = Gradient(Cost(P), P, p)
mean_v = trace(p.T * v)

ABBREVIATIONS = ((p, P),)
ANY = Text("任意 d >= 1.", "Any d >= 1.")


CASES = ({"B": 1, "d": 1}, {"B": 3, "d": 5}, {"B": 8, "d": 10})


def _both(random, dtype, B, d):
    """The definition and the formula, written plainly, against the reference layer."""
    scores, grad = (random.normal(size=(B, d)).astype(dtype) for _ in range(2))
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    backward = probabilities * grad - probabilities * (probabilities * grad).sum(axis=1, keepdims=True)
    theirs = softmax_layer.forward(scores), softmax_layer.backward(grad, scores)
    return np.stack((probabilities, backward)), np.stack(theirs)


def _columns(random, dtype, d):
    scores = random.normal(size=(1, d)).astype(dtype)
    probabilities = softmax_layer.forward(scores)[0]
    theirs = softmax_layer.backward(np.eye(d, dtype=dtype), np.repeat(scores, d, axis=0))
    return np.diag(probabilities) - np.outer(probabilities, probabilities), theirs


jacobian = Claim(
    id="layer-softmax-jacobian",
    section="layers",
    title=Text("softmax 的雅可比矩阵", "the Jacobian of the softmax"),
    chain=(Jacobian(p, x), J),
    steps=(
        Step(softmax.forward(x), p, Text("层的定义, 逐元素", "the definition of the layer, entry by entry")),
        Step(
            Jacobian(p, x),
            diag(powers) / total - powers * Jacobian(total, x) / total**2,
            Text("商的导数", "the derivative of a quotient"),
            source="Magnus and Neudecker, Matrix Differential Calculus, section 5.4",
        ),
        Step(
            Jacobian(total, x),
            powers.T,
            Text("指数之和的导数是各指数", "the sum of exponentials has them as its derivatives"),
        ),
        Step(diag(powers) / total - powers * powers.T / total**2, J, Text("除以总和", "divided by the total")),
    ),
    near_misses=(
        NearMiss(
            Text(
                "对角矩阵 diag(p ⊙ (1 - p)), 像逐元素函数那样",
                "a diagonal matrix diag(p ⊙ (1 - p)), as of an entrywise function",
            ),
            lambda: (Jacobian(p, x), diag(hadamard(p, one - p))),
        ),
        NearMiss(Text("漏掉 pp'", "pp' left out"), lambda: (Jacobian(p, x), diag(p))),
        NearMiss(Text("符号相反", "the sign reversed"), lambda: (Jacobian(p, x), p * p.T - diag(p))),
        NearMiss(Text("加号", "a plus sign"), lambda: (Jacobian(p, x), diag(p) + p * p.T)),
    ),
    numeric=compared(
        Text("单位向量的反向传播", "backpropagation of unit vectors"), ({"d": 1}, {"d": 4}, {"d": 10}), _columns
    ),
    conditions=ANY,
    abbreviations=ABBREVIATIONS,
    source="Bridle 1990",
)

backward = Claim(
    id="layer-softmax-backward",
    section="layers",
    title=Text("softmax 的反向传播", "backpropagation through the softmax"),
    chain=(gradient, hadamard(p, gradient_p) - p * (p.T * gradient_p)),
    steps=(
        Step(
            gradient,
            Jacobian(p, x).T * gradient_p,
            Text("链式法则", "the chain rule"),
            source="Magnus and Neudecker, Matrix Differential Calculus, theorem 5.8",
        ),
        Step(Jacobian(p, x).T * gradient_p, J * gradient_p, Text("雅可比矩阵对称", "the Jacobian is symmetric")),
        Step(J * gradient_p, hadamard(p, gradient_p) - p * (p.T * gradient_p), Text("乘开", "multiplied out")),
    ),
    near_misses=(
        NearMiss(
            Text("当作逐元素函数: p ⊙ (1 - p) ⊙ g", "taken as entrywise: p ⊙ (1 - p) ⊙ g"),
            lambda: (gradient, hadamard(p, one - p, gradient_p)),
        ),
        NearMiss(
            Text("减去 g 的平均而不是按 p 加权的平均", "the plain mean of g taken away, not the one weighted by p"),
            lambda: (gradient, hadamard(p, gradient_p - trace(one.T * gradient_p) / d * one)),
        ),
        NearMiss(Text("漏掉第二项", "the second term left out"), lambda: (gradient, hadamard(p, gradient_p))),
    ),
    numeric=compared(
        Text("定义与反向公式, 对照参考层", "the definition and the backward formula, against the reference layer"),
        CASES,
        _both,
    ),
    conditions=ANY,
    abbreviations=ABBREVIATIONS,
    source="Bridle 1990",
)


def _shifted(random, dtype, B, d):
    scores = random.normal(size=(B, d)).astype(dtype)
    moved = softmax_layer.forward(scores + np.dtype(dtype).type(3)), np.zeros_like(scores)
    return np.stack(moved), np.stack(
        (softmax_layer.forward(scores), softmax_layer.backward(np.ones_like(scores), scores))
    )


shift = Claim(
    id="layer-softmax-shift",
    section="layers",
    title=Text("加上常数不改变 softmax", "adding a constant does not change the softmax"),
    chain=(softmax.forward(x + c * one), p),
    also=((J * one, sp.ZeroMatrix(d, 1)),),
    steps=(Step(trace(one.T * p), sp.S.One, Text("概率之和是 1", "the probabilities sum to 1")),),
    near_misses=(
        NearMiss(
            Text("乘以常数也不改变", "nor does a factor"),
            lambda: (softmax.forward(2 * x), softmax.forward(x)),
        ),
        NearMiss(Text("J 把 p 变为 0", "J takes p to 0"), lambda: (J * p, sp.ZeroMatrix(d, 1))),
    ),
    numeric=compared(Text("平移后的得分; 全 1 的梯度", "shifted scores; a gradient of ones"), CASES, _shifted),
    conditions=Text(
        "所以雅可比矩阵把全 1 向量变为 0, 梯度的元素之和是 0, 先减去最大值不会改变结果.",
        "So the Jacobian takes the vector of ones to 0, the entries of the gradient sum to 0, and taking the maximum away "
        "first changes nothing.",
    ),
    abbreviations=ABBREVIATIONS,
    source="Blanchard, Higham and Higham 2021",
)


def _variance(random, dtype, B, d):
    scores, vectors = (random.normal(size=(B, d)).astype(dtype) for _ in range(2))
    probabilities = softmax_layer.forward(scores)
    deviations = vectors - (probabilities * vectors).sum(axis=1, keepdims=True)
    return (probabilities * deviations**2).sum(axis=1), (vectors * softmax_layer.backward(vectors, scores)).sum(axis=1)


semidefinite = Claim(
    id="layer-softmax-semidefinite",
    section="layers",
    title=Text(
        "雅可比矩阵半正定: 二次型是方差", "the Jacobian is positive semidefinite: its quadratic form is a variance"
    ),
    chain=(trace(v.T * J * v), trace(p.T * hadamard(v - mean_v * one, v - mean_v * one))),
    near_misses=(
        NearMiss(
            Text("没有减去平均", "the mean not taken away"), lambda: (trace(v.T * J * v), trace(p.T * hadamard(v, v)))
        ),
        NearMiss(
            Text("没有权重 p", "without the weights p"),
            lambda: (trace(v.T * J * v), trace((v - mean_v * one).T * (v - mean_v * one))),
        ),
    ),
    numeric=compared(Text("方差, 对照参考层", "the variance, against the reference layer"), CASES, _variance),
    conditions=Text(
        "右边是 p_i 与平方的乘积之和, p_i > 0: 它不小于 0, 只有 v 的元素全相等时是 0. 所以核是全 1 向量的倍数.",
        "The right side is a sum of squares times p_i > 0: at least 0, and 0 only where all entries of v are equal. So the kernel "
        "consists of the multiples of the vector of ones.",
    ),
    abbreviations=ABBREVIATIONS,
)

DERIVATION = Derivation(
    title=Text("softmax", "the softmax"),
    context=CONTEXT,
    claims=(jacobian, backward, shift, semidefinite),
    source="cnnsym.layers.softmax",
)
