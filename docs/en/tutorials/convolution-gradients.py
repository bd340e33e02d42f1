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
# # Gradients of a convolution
#
# From an image of nine pixels to a formula for every stride, and back to a program. The
# [first proof](first-proof.html) comes before.
#
# ## Nine pixels
#
# A kernel of four weights moves over an image of $3\times3$ pixels and is multiplied with what lies under it. That
# gives four outputs.

# %%
import numpy as np

from cnnsym.reference import conv2d

x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
k = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
y = conv2d.forward(x, k)
print(x[0, 0], k[0, 0], y[0, 0], sep="\n\n")

# %% [markdown]
# Let the cost depend on the outputs, and let $g$ be its derivatives by them. Which share of $g$ does the pixel in the
# middle receive? It lies under all four windows, each time under another weight. So its derivative is the sum of four
# products:

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
# The weights run **backwards** against the outputs: the first output meets the last weight. That is a convolution
# with the flipped kernel.
#
# ## Every size, every stride
#
# Now with symbols. An image of $m$ by $r$ pixels, a kernel of $K$ by $K$ weights, a stride $s$ and a dilation $d$:
# all of them unknown.

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
# Pixel $(i,j)$ is read by tap $(a,b)$ of window $(u,v)$ exactly if $su+da=i$ and $sv+db=j$. Whoever reads it sends
# its share back:
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
# The weights are simpler. Tap $(a,b)$ is used in every window, and its derivative is the sum over all of them:

# %%
p, q = sp.Idx("p", K), sp.Idx("q", K)
by_tap = sp.Sum(G[u, v] * X[s * u + d * p, s * v + d * q], (u, 0, P - 1), (v, 0, Q - 1))

verdict = cnnsym.prove(sp.Derivative(J, W[p, q]), by_tap)
assert verdict.name == "proved"
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# ## The usual mistake
#
# It is easy to exchange the stride and the dilation, and with both equal to 1 no test would notice. The checker does:

# %%
exchanged = sp.Sum(G[u, v] * X[d * u + s * p, d * v + s * q], (u, 0, P - 1), (v, 0, Q - 1))

verdict = cnnsym.prove(sp.Derivative(J, W[p, q]), exchanged)
assert verdict.name == "refuted"
print(verdict.name, verdict.counterexample, sep=": ")

# %% [markdown]
# ## Back to a program
#
# The formula by pixels, written as plainly as it stands, against the layer and against a difference quotient. The
# output is linear in $x$, so a difference of width 1 is exact up to rounding.

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
# The last column of this image is read by no window of stride 2, and its gradient is zero:

# %%
print(grad_x[0, 0, :, -1])
assert not grad_x[0, 0, :, -1].any()

# %% [markdown]
# ## How to go on
#
# - [5.2](../5-2-convolution-gradients.html): the same with channels, padding and batches, as matrices and as convolutions.
# - [Check your own notes](../check-your-notes.html): the same for a formula of yours.
