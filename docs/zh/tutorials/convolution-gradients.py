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
# # 卷积的梯度
#
# 从九个像素的图像，到对任意步幅成立的公式，再回到程序。先读[第一个证明](first-proof.html)为好。
#
# ## 九个像素
#
# 四个权重的核在 $3\times3$ 的图像上移动，与底下的像素相乘再相加，得到四个输出。

# %%
import numpy as np

from cnnsym.reference import conv2d

x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
k = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
y = conv2d.forward(x, k)
print(x[0, 0], k[0, 0], y[0, 0], sep="\n\n")

# %% [markdown]
# 设代价依赖于这些输出，$g$ 是它对输出的导数。正中的像素分到 $g$ 的哪些部分？它在四个窗口之下，每次对着另一个权重，所
# 以它的导数是四个乘积之和：

# %%
g = np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
outputs, taps = g[0, 0], k[0, 0]
middle = (
    outputs[0, 0] * taps[1, 1] + outputs[0, 1] * taps[1, 0] + outputs[1, 0] * taps[0, 1] + outputs[1, 1] * taps[0, 0]
)

grad_x, grad_k, grad_b = conv2d.backward(g, x, k)
print(grad_x[0, 0])
assert grad_x[0, 0, 1, 1] == middle

# %% [markdown]
# 权重与输出的次序**相反**：第一个输出碰到最后一个权重。这就是与翻转的核作卷积。
#
# ## 任意尺寸，任意步幅
#
# 现在换成符号。图像有 $m\times r$ 个像素，核有 $K\times K$ 个权重，步幅 $s$，扩张 $d$，都是未知的。

# %%
import sympy as sp

import cnnsym
from cnnsym.layers import conv2d as layer

m, r, K, P, Q, s, d = cnnsym.dims("m r K P Q s d")
X, W, G = cnnsym.signal("x", m, r), cnnsym.signal("w", K, K), cnnsym.signal("g", P, Q)
u, v, a, b = sp.symbols("u v a b", integer=True)
i, j = sp.Idx("i", m), sp.Idx("j", r)

output = layer.correlation(X, W, u, v, stride=s, dilation=d)
J = sp.Sum(G[u, v] * output, (u, 0, P - 1), (v, 0, Q - 1))  # its derivatives are those of the cost

# %% [markdown]
# 窗口 $(u,v)$ 的抽头 $(a,b)$ 读到像素 $(i,j)$，当且仅当 $su+da=i$ 且 $sv+db=j$。谁读了它，谁就把自己的一份送回来：
#
# $$
# \frac{\partial J}{\partial x_{i,j}} = \sum_{u,v}\sum_{a,b} g_{u,v}\,w_{a,b}\,[su+da=i]\,[sv+db=j] .
# $$

# %%
reads = cnnsym.indicator(sp.And(sp.Eq(s * u + d * a, i), sp.Eq(s * v + d * b, j)))
ranges = (a, 0, K - 1), (b, 0, K - 1), (u, 0, P - 1), (v, 0, Q - 1)
by_pixel = sp.Sum(G[u, v] * W[a, b] * reads, *ranges)

verdict = cnnsym.prove(sp.Derivative(J, X[i, j]), by_pixel)
assert verdict.name == "proved"
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# 权重更简单。抽头 $(a,b)$ 在每个窗口里都用到，它的导数就是对所有窗口求和：

# %%
p, q = sp.Idx("p", K), sp.Idx("q", K)
by_tap = sp.Sum(G[u, v] * X[s * u + d * p, s * v + d * q], (u, 0, P - 1), (v, 0, Q - 1))

verdict = cnnsym.prove(sp.Derivative(J, W[p, q]), by_tap)
assert verdict.name == "proved"
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# ## 常见的错误
#
# 步幅与扩张很容易对调，而两者都是 1 时，什么测试也发现不了。检验程序发现得了：

# %%
exchanged = sp.Sum(G[u, v] * X[d * u + s * p, d * v + s * q], (u, 0, P - 1), (v, 0, Q - 1))

verdict = cnnsym.prove(sp.Derivative(J, W[p, q]), exchanged)
assert verdict.name == "refuted"
print(verdict.name, verdict.counterexample, sep=": ")

# %% [markdown]
# ## 回到程序
#
# 把对像素的公式照样写成程序，与层的反向传播、与差商比较。输出对 $x$ 是线性的，所以宽度为 1 的差商除舍入外就是精确的。

# %%
SEED, STRIDE, DILATION = 7, 2, 1
random = np.random.default_rng(SEED)
x, k = random.normal(size=(1, 1, 7, 6)), random.normal(size=(1, 1, 3, 3))
y = conv2d.forward(x, k, stride=STRIDE, dilation=DILATION)
g = random.normal(size=y.shape)

plain = np.zeros_like(x)
for window in np.ndindex(y.shape[2:]):
    for tap in np.ndindex(k.shape[2:]):
        pixel = tuple(STRIDE * n + DILATION * t for n, t in zip(window, tap, strict=True))
        plain[0, 0][pixel] += g[0, 0][window] * k[0, 0][tap]

grad_x, _, _ = conv2d.backward(g, x, k, stride=STRIDE, dilation=DILATION)
step = np.zeros_like(x)
step[0, 0, 4, 3] = 1.0
quotient = (g * (conv2d.forward(x + step, k, stride=STRIDE) - y)).sum()

print(f"seed {SEED}, output {y.shape[2:]}, largest difference {np.abs(plain - grad_x).max():.1e}")
assert np.abs(plain - grad_x).max() < 1e-12
assert abs(quotient - grad_x[0, 0, 4, 3]) < 1e-12

# %% [markdown]
# 这张图像的最后一列，步幅为 2 时没有一个窗口读到，它的梯度为零：

# %%
print(grad_x[0, 0, :, -1])
assert not grad_x[0, 0, :, -1].any()

# %% [markdown]
# ## 接下来
#
# - [5.2](../5-2-convolution-gradients.html)：带上通道、填充与批，写成矩阵，也写成卷积。
# - [检验自己的笔记](../check-your-notes.html)：对你自己的公式做同样的事。
