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
# 这一页是一个真正运行过的笔记本：网站每次构建时都会从头执行它，任何一个单元出错，构建就失败。
# 页面右上角的按钮可以下载它的源文件。
#
# 先从一个具体的小例子开始。设 $W$ 是 $2\times 3$ 矩阵，$\boldsymbol{z}$ 是三维列向量，则
#
# $$
# W\boldsymbol{z} = (\boldsymbol{z}^{\top} \otimes I_2)\,\mathrm{vec}(W).
# $$
#
# 对这一种尺寸，SymPy 就可以逐项核对。

# %%
import sympy as sp
from sympy.physics.quantum import TensorProduct

W = sp.Matrix(2, 3, sp.symbols("w11 w12 w13 w21 w22 w23"))
z = sp.Matrix(sp.symbols("z1:4"))

vec_W = W.T.reshape(6, 1)  # 按列堆叠：SymPy 的 reshape 按行读，所以先转置
right = TensorProduct(z.T, sp.eye(2)) * vec_W
(W * z - right).expand()

# %% [markdown]
# 差是零向量，但这只说明 $2\times 3$ 的情形成立。对所有 $m$ 和 $n$ 都成立，需要一个证明。
#
# 再看一张图：函数 $\sigma(x) = \tanh x$ 和它的导数 $\sigma'(x) = 1 - \tanh^2 x$。

# %%
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(-4, 4, 400)
fig, ax = plt.subplots(figsize=(6, 3))
ax.plot(x, np.tanh(x), label=r"$\sigma(x)$")
ax.plot(x, 1 - np.tanh(x) ** 2, "--", label=r"$\sigma'(x)$")
ax.set_xlabel("$x$")
ax.legend()
plt.show()
