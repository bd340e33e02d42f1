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
# # 找出一个错误
#
# 印出来的公式是错的。怎样发现，错在哪里，正确的又是什么？我们拿本讲义的原文所印的余弦逆变换来看，只取一维。
#
# ## 照原样
#
# $x_0,\dots,x_{n-1}$ 的余弦变换是
#
# $$
# f_h = \sum_{i=0}^{n-1} x_i \cos\frac{\pi h(i+\frac12)}{n} ,
# $$
#
# 据说用同样的余弦就能变回来：
#
# $$
# x_i = \sum_{h=0}^{n-1} f_h \cos\frac{\pi h(i+\frac12)}{n} .
# $$
#
# 把前一式代入后一式，它说的就是：这些余弦之和在 $i=j$ 时为 1，否则为 0：
#
# $$
# \sum_{h=0}^{n-1} \cos\frac{\pi h(i+\frac12)}{n}\,\cos\frac{\pi h(j+\frac12)}{n} = \delta_{ij} .
# $$

# %%
import sympy as sp

import cnnsym

n = cnnsym.dims("n")
i, j = sp.Idx("i", n), sp.Idx("j", n)
h = sp.Symbol("h", integer=True)


def wave(h, i):
    return sp.cos(sp.pi * h * (i + sp.Rational(1, 2)) / n)


kernel = sp.Sum(wave(h, i) * wave(h, j), (h, 0, n - 1))
printed = cnnsym.prove(kernel, sp.KroneckerDelta(i, j))
assert printed.name == "refuted"
print(printed.name, printed.counterexample, sep=": ")

# %% [markdown]
# 不成立，反例小得可以用笔验算：在这里，印出来的和不是它该是的数。
#
# ## 那么它等于什么？
#
# 多看几个精确值，浮点数不参与：


# %%
def exact(size, row, column):
    terms = kernel.function.subs({i: row, j: column, n: size}, simultaneous=True)
    return sp.nsimplify(sp.simplify(sum(terms.subs(h, order) for order in range(size))))


for size in (1, 2, 3):
    print(size, [[exact(size, row, column) for column in range(size)] for row in range(size)])

# %% [markdown]
# 对角线上是 $\frac{n+1}{2}$ 而不是 1，别处是 $\frac12$ 而不是 0。所以这个核是 $\frac{n}{2}\delta_{ij}+\frac12$。两处
# 毛病同出一源：频率 $h=0$ 处处贡献 1，是它应得的两倍；其余的则要除以 $n/2$。
#
# ## 更正
#
# 让频率 0 的权重减半，再除以 $n/2$：
#
# $$
# \frac{2}{n}\sum_{h=0}^{n-1} c_h \cos\frac{\pi h(i+\frac12)}{n}\,\cos\frac{\pi h(j+\frac12)}{n} = \delta_{ij},
# \qquad c_0=\tfrac12,\quad \text{其余 } c_h=1 .
# $$

# %%
for size in range(1, 6):
    for row in range(size):
        for column in range(size):
            half = sp.Rational(1, 2)  # what the frequency 0 has too much
            mended = sp.Rational(2, size) * (exact(size, row, column) - half)
            assert mended == (row == column), (size, row, column)
print("sizes 1 to 5: as it should be")

# %% [markdown]
# 五个尺寸不是证明。要一次对所有尺寸成立，就得求出和的闭形式。两个余弦之积是另外两个余弦之和的一半，而余弦之和可以裂项
# 相消；$i=j$ 与 $i\ne j$ 两种情形逐一解决：

# %%
from cnnsym.prover import prove_cosine_sum

half = sp.Rational(1, 2)
cases = sp.Eq(i, j), sp.Ne(i, j)  # together they must cover everything, which is checked too

verdict = prove_cosine_sum(kernel, n * sp.KroneckerDelta(i, j) / 2 + half, cases)
assert verdict.name == "proved"
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# 减去二分之一，乘以 $2/n$，就得到对每个 $n$ 都成立的更正。这个证明可信吗？检验程序还必须拒绝差一点就对的式子：

# %%
nearly = {
    "no half": n * sp.KroneckerDelta(i, j) / 2,
    "n instead of n/2": n * sp.KroneckerDelta(i, j) + half,
}
for name, value in nearly.items():
    verdict = prove_cosine_sum(kernel, value, cases)
    assert verdict.name == "refuted"
    print(name, verdict.counterexample, sep=": ")

# %% [markdown]
# ## 接下来
#
# - [3.3](../3-3-dct.html)：二维的情形，每一步都写出。
# - [勘误](../errata.html)：原文里查出的全部错误，各附反例。
# - [检验是怎样进行的](../verification.html)：为什么要两种方法和近似错误。
