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
# # A first proof
#
# This page is a notebook that was really run: every build of the site executes it from the top, and a cell that
# fails makes the build fail. The button at the top right downloads its source.
#
# We begin with one small concrete case. Let $W$ be a $2\times 3$ matrix and $\boldsymbol{z}$ a column with three
# entries. Then
#
# $$
# W\boldsymbol{z} = (\boldsymbol{z}^{\top} \otimes I_2)\,\mathrm{vec}(W).
# $$
#
# For this one size, SymPy can compare the two sides entry by entry.

# %%
import sympy as sp
from sympy.physics.quantum import TensorProduct

W = sp.Matrix(2, 3, sp.symbols("w11 w12 w13 w21 w22 w23"))
z = sp.Matrix(sp.symbols("z1:4"))

vec_W = W.T.reshape(6, 1)  # stacks columns: SymPy's reshape reads rows, so transpose first
right = TensorProduct(z.T, sp.eye(2)) * vec_W
(W * z - right).expand()

# %% [markdown]
# The difference is the zero vector, but that settles size $2\times 3$ only. For every $m$ and $n$ we need a proof.
#
# And a picture: the function $\sigma(x) = \tanh x$ with its derivative $\sigma'(x) = 1 - \tanh^2 x$.

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
