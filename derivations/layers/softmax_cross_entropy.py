"""Cross entropy with softmax: the gradient for targets of any sum, for distributions, and for one class."""

import numpy as np
import sympy as sp

from cnnsym import basis, diag, dims, elementwise, hadamard, ones, trace, vector
from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, Derivation, NearMiss, Step, Text
from cnnsym.layers import softmax, softmax_cross_entropy
from cnnsym.measurement import compared
from cnnsym.reference import softmax_cross_entropy as loss_layer

CONTEXT = r"""
let d : size
let t : scalar
let k : index(d)
let \boldsymbol{z}, \boldsymbol{y}, \boldsymbol{u} : vector(d)
where \boldsymbol{p} = \frac{1}{\mathbf{1}^{\top}\exp(\boldsymbol{z})}\exp(\boldsymbol{z})
where \mathrm{CE} = -\boldsymbol{y}^{\top}\log(\boldsymbol{p})
where \boldsymbol{q} = \frac{1}{\mathbf{1}^{\top}\boldsymbol{y}}\boldsymbol{y}
"""

d = dims("d")
z, y, P, one = vector("z", d), vector("y", d), vector("p", d), ones(d)
k, t = sp.Idx("k", d), sp.Symbol("t", real=True)
powers = elementwise(sp.exp)(z)
total = trace(one.T * powers)
p = powers / total
log_p = elementwise(sp.log)(p)
weight = trace(one.T * y)


def loss(targets):
    return -trace(targets.T * log_p)


gradient = Gradient(loss(y), z)
share = y / weight
chosen = basis(k + 1, d)  # e_k: the class k, counted from 0

ABBREVIATIONS = ((p, P),)


CASES = ({"B": 1, "d": 2}, {"B": 3, "d": 5}, {"B": 8, "d": 10})
FORMULA = Text("公式, 对照参考层", "the formula, against the reference layer")


def _for(draw):
    """The formula (1'y) p - y for targets that `draw` gives, against the reference layer, whose loss is the mean over the rows."""

    def both(random, dtype, B, d):
        scores = random.normal(size=(B, d)).astype(dtype)
        weights, given = draw(random, dtype, B, d)
        probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        ours = (weights.sum(axis=1, keepdims=True) * probabilities - weights) / B
        return ours, loss_layer.backward(scores, given)

    return both


def _any_weights(random, dtype, B, d):
    weights = random.normal(size=(B, d)).astype(dtype)
    return weights, weights


def _distribution(random, dtype, B, d):
    weights = random.random((B, d)).astype(dtype) + np.dtype(dtype).type(0.1)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights, weights


def _one_class(random, dtype, B, d):
    labels = random.integers(0, d, B)
    return np.eye(d, dtype=dtype)[labels], labels


gradient_claim = Claim(
    id="ext-softmax-ce",
    section="ext",
    title=Text(
        "softmax 加交叉熵的梯度, 目标的和任意", "the gradient of cross entropy with softmax, for targets of any sum"
    ),
    chain=(gradient, weight * p - y),
    steps=(
        Step(softmax.forward(z), p, Text("softmax 的定义", "the definition of the softmax")),
        Step(
            softmax_cross_entropy.forward(z, y),
            loss(y),
            Text("损失的定义, 逐元素", "the definition of the loss, entry by entry"),
        ),
        Step(
            loss(y),
            -trace(y.T * z) + weight * sp.log(total),
            Text("log p = z - log-sum-exp", "log p = z - log-sum-exp"),
        ),
        Step(
            Gradient(sp.log(total), z),
            p,
            Text("log-sum-exp 的梯度是 softmax", "the gradient of log-sum-exp is the softmax"),
        ),
        Step(gradient, weight * p - y, Text("逐项求导", "term by term")),
    ),
    near_misses=(
        NearMiss(
            Text("目标不归一时仍写 p - y", "p - y for targets that are not normalised"), lambda: (gradient, p - y)
        ),
        NearMiss(Text("符号相反: y - p", "the sign reversed: y - p"), lambda: (gradient, y - weight * p)),
        NearMiss(
            Text("再乘以对角的 softmax 导数", "times a diagonal derivative of the softmax once more"),
            lambda: (gradient, hadamard(p, one - p, weight * p - y)),
        ),
        NearMiss(
            Text("对 p 的梯度 -y/p", "the gradient by p, -y/p"),
            lambda: (gradient, -hadamard(y, elementwise(sp.Lambda(t, 1 / t))(p))),
        ),
    ),
    numeric=compared(FORMULA, CASES, _for(_any_weights)),
    conditions=Text("y 任意, 不必非负, 和也任意.", "y is arbitrary: of any sum, not even nonnegative."),
    abbreviations=ABBREVIATIONS,
    source="Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3; Bridle 1990",
)

normalised = Claim(
    id="ext-softmax-ce-normalised",
    section="ext",
    title=Text("目标是概率分布: p - q", "targets that are a distribution: p - q"),
    chain=(Gradient(loss(share), z), p - share),
    steps=(
        Step(trace(one.T * share), sp.S.One, Text("q = y/(1'y) 的和是 1", "q = y/(1'y) sums to 1")),
        Step(
            Gradient(loss(share), z),
            trace(one.T * share) * p - share,
            Text("ext-softmax-ce, 以 q 代 y", "ext-softmax-ce with q for y"),
        ),
    ),
    near_misses=(
        NearMiss(Text("q - p", "q - p"), lambda: (Gradient(loss(share), z), share - p)),
        NearMiss(Text("不归一的 y 代替 q", "y, not normalised, for q"), lambda: (Gradient(loss(share), z), p - y)),
    ),
    numeric=compared(FORMULA, CASES, _for(_distribution)),
    conditions=Text(
        "每个和为 1 的目标都是 q = y/(1'y) (取 y = q); 1'y 不为 0. 包括软标签.",
        "Every target that sums to 1 is q = y/(1'y), with y = q; 1'y is not 0. Soft labels are covered.",
    ),
    abbreviations=(*ABBREVIATIONS, (share, vector("q", d))),
    source="Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3",
)

one_hot = Claim(
    id="ext-softmax-ce-one-hot",
    section="ext",
    title=Text("一个类别 k: 损失与梯度", "one class k: loss and gradient"),
    chain=(loss(chosen), -sp.log(p[k, 0])),
    also=((Gradient(loss(chosen), z), p - chosen),),
    steps=(Step(trace(one.T * chosen), sp.S.One, Text("e_k 的和是 1", "e_k sums to 1")),),
    near_misses=(
        NearMiss(
            Text("只有第 k 个分量有梯度", "only entry k has a gradient"),
            lambda: (Gradient(loss(chosen), z), hadamard(chosen, p) - chosen),
        ),
        NearMiss(Text("损失是 1 - p_k", "the loss is 1 - p_k"), lambda: (loss(chosen), 1 - p[k, 0])),
        NearMiss(Text("符号相反", "the sign reversed"), lambda: (Gradient(loss(chosen), z), chosen - p)),
    ),
    numeric=compared(FORMULA, CASES, _for(_one_class)),
    conditions=Text("类别从 0 数到 d - 1, e_k 的第 k 个元素是 1.", "Classes count from 0 to d - 1; e_k is 1 at k."),
    abbreviations=ABBREVIATIONS,
)


def _quotients(random, dtype, d):
    scores, weights, h = random.normal(size=(1, d)).astype(dtype), random.normal(size=(1, d)).astype(dtype), 1e-5
    probabilities = np.exp(scores[0]) / np.exp(scores[0]).sum()
    ours = weights.sum() * (np.diag(probabilities) - np.outer(probabilities, probabilities))
    moves = h * np.eye(d, dtype=dtype)[:, None]
    theirs = [
        loss_layer.backward(scores + move, weights) - loss_layer.backward(scores - move, weights) for move in moves
    ]
    return ours, np.concatenate(theirs) / (2 * h)


hessian = Claim(
    id="ext-softmax-ce-hessian",
    section="ext",
    title=Text(
        "softmax 的雅可比矩阵, 与损失的二阶导数", "the Jacobian of the softmax, and the second derivatives of the loss"
    ),
    chain=(Jacobian(p, z), diag(p) - p * p.T),
    also=((Jacobian(weight * p - y, z), weight * (diag(p) - p * p.T)),),
    near_misses=(
        NearMiss(
            Text("对角的雅可比矩阵 diag(p ⊙ (1 - p))", "a diagonal Jacobian diag(p ⊙ (1 - p))"),
            lambda: (Jacobian(p, z), diag(hadamard(p, one - p))),
        ),
        NearMiss(
            Text("二阶导数不含权重", "second derivatives without the weight"),
            lambda: (Jacobian(weight * p - y, z), diag(p) - p * p.T),
        ),
    ),
    numeric=compared(
        Text("参考层梯度的差商", "difference quotients of the gradient of the reference layer"),
        ({"d": 2}, {"d": 5}),
        _quotients,
        {"float64": 1e-7},
    ),
    conditions=Text(
        "半正定见 layer-softmax-semidefinite: 权重非负时损失是凸的.",
        "Semidefinite by layer-softmax-semidefinite: with a weight that is not negative the loss is convex.",
    ),
    abbreviations=ABBREVIATIONS,
)

DERIVATION = Derivation(
    title=Text("softmax 加交叉熵", "cross entropy with softmax"),
    context=CONTEXT,
    claims=(gradient_claim, normalised, one_hot, hessian),
    source="cnnsym.layers.softmax_cross_entropy",
)
