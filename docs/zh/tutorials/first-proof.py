# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 第一个证明
#
# 这一页是一个真正运行过的笔记本：构建网站时会从头执行它，任何一个单元出错，构建就失败。
# 页面右上角的按钮可以下载它的源文件。
#
# ## 尺寸与矩阵
#
# 尺寸是一个符号，代表某个没有指定的正整数。矩阵有名字和两个尺寸。

# %%
from sympy import Identity

from cnnsym import dims, kron, matrix, prove, vec, vector

m, n = dims("m n")
W, z = matrix("W", m, n), vector("z", n)

left = W * z
right = kron(z.T, Identity(m)) * vec(W)
print(left.shape, right.shape)

# %% [markdown]
# `vec` 把矩阵按列堆叠，`kron` 是克罗内克积。两个表达式相等吗？对于符号尺寸，SymPy 没有判断它的办法；
# `prove` 有，而且一次就对**所有** $m$ 和 $n$ 作出判断：
#
# $$
# W\boldsymbol{z} = (\boldsymbol{z}^{\top} \otimes I_m)\,\mathrm{vec}(W).
# $$

# %%
verdict = prove(left, right)
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# ## 近似错误
#
# 一个对什么都说“对”的程序也会这样回答。所以要给它看差一点就对的式子。把克罗内克积的两个因子对调，形状仍然相配，
# 式子却不成立：

# %%
mistake = prove(left, kron(Identity(m), z.T) * vec(W))
print(mistake.name)
print(mistake.counterexample)

# %% [markdown]
# 回答是一个用精确数写成的反例，尺寸尽量小，你可以用笔验算。判定只有三种：`Proved`、`Refuted`、`Unknown`。
# 它不是真假值，拿它当真假值用会报错：

# %%
try:
    if mistake:
        print("true?")
except TypeError as error:
    print(error)

assert verdict.name == "proved"
assert mistake.name == "refuted"

# %% [markdown]
# ## 一个梯度
#
# SymPy 也会对矩阵求导，但并不总对。$\log\det X$ 的梯度是 $X^{-\top}$，SymPy 却说是零。

# %%
import sympy as sp

from cnnsym import gradient

X = matrix("X", n, n)
log_det = sp.log(sp.Determinant(X))

print("SymPy: ", log_det.diff(X))
print("cnnsym:", gradient(log_det, X))
print(prove(gradient(log_det, X), X.T.inverse(), assuming=sp.Q.invertible(X)).name)

# %% [markdown]
# ## 穿过一层的反向传播
#
# 一层先计算 $\boldsymbol{s} = W\boldsymbol{z} + \boldsymbol{b}$，再把 $f(\boldsymbol{s})$ 交给代价函数。
# 关于 $f$ 只知道它逐元素作用，关于 $\mathrm{Cost}$ 只知道它是可微的标量。

# %%
from IPython.display import Math, display

from cnnsym import elementwise, hadamard, objective, to_latex

f, Cost = elementwise("f"), objective("Cost")
b = vector("b", m)
s = W * z + b
loss = Cost(f(s))

by_W = gradient(loss, W)
display(Math(to_latex(by_W)))

# %% [markdown]
# [5.1 节](../5-1-fully-connected.html)用手推出的也是它：先求对 $\boldsymbol{s}$ 的梯度，再右乘
# $\boldsymbol{z}^{\top}$。对任意尺寸、任意 $f$、任意代价函数，两者一致：

# %%
y = vector("y", m)  # 代价函数的自变量
delta = hadamard(f.diff()(s), gradient(Cost(y), y).subs(y, f(s)))
by_hand = delta * z.T

final = prove(by_W, by_hand)
assert final.name == "proved"
print(final.name, final.reason, sep=": ")

# %% [markdown]
# ## 从公式到程序
#
# `compile_numpy` 把表达式变成一个普通的 NumPy 函数。这里取 $f = \tanh$，
# $\mathrm{Cost}(\boldsymbol{y}) = \tfrac12\|\boldsymbol{y}\|^2$，并与中心差分比较：后者对这里的推导一无所知。

# %%
import numpy as np

from cnnsym import compile_numpy

functions = {
    "f": np.tanh,
    "f'": lambda t: 1 - np.tanh(t) ** 2,
    "Cost": lambda y: 0.5 * float((y * y).sum()),
    "Cost'": lambda y: y,
}
derived = compile_numpy(by_W, [W, z, b], functions=functions)

SEED = 20
random = np.random.default_rng(SEED)
W0, z0, b0 = random.normal(size=(3, 4)), random.normal(size=(4, 1)), random.normal(size=(3, 1))


def cost(weights):
    return functions["Cost"](np.tanh(weights @ z0 + b0))


def central_difference(h):
    result = np.zeros_like(W0)
    for place in np.ndindex(W0.shape):
        step = np.zeros_like(W0)
        step[place] = h
        result[place] = (cost(W0 + step) - cost(W0 - step)) / (2 * h)
    return result


exact = derived(W0, z0, b0)
print(f"seed {SEED}, shape {exact.shape}")
print(f"h = 1e-5: {np.abs(exact - central_difference(1e-5)).max():.1e}")
assert np.abs(exact - central_difference(1e-5)).max() < 1e-8

# %% [markdown]
# 换用别的步长 $h$，中心差分的误差有多大？假如公式是错的，曲线会停在错误的大小上，不再下降；公式正确时，误差像 $h^2$ 一样下降，
# 直到舍入误差占了上风，又像 $1/h$ 一样上升：

# %%
import matplotlib.pyplot as plt

steps = np.logspace(-9, -1, 33)
errors = [np.abs(exact - central_difference(h)).max() for h in steps]

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.loglog(steps, errors, "o-", markersize=3, label="max error")
ax.loglog(steps, errors[-1] * (steps / steps[-1]) ** 2, "--", label=r"$\propto h^2$")
ax.set_xlabel("$h$")
ax.set_ylabel("max error")
ax.set_ylim(1e-13, 1)
ax.legend()
plt.show()

# %% [markdown]
# 这样的数值不是证明：它只说了一种尺寸、一个随机种子，而上面的判定说的是全部。之所以列出，是因为定义本身若写错了，
# 会在这里露出来。
#
# ## 接下来
#
# - [5.1](../5-1-fully-connected.html)：同一个梯度，一步一步推导，并附近似错误。
# - [记号](../notation.html)：每个记号的意思，导数怎样摆放。
# - [结构](../architecture.html)：判定是怎样得来的。
