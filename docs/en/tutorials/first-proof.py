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
# This page is a notebook that was really run: the build of the site executes it from the top, and a cell that
# fails makes the build fail. The button at the top right downloads its source.
#
# ## Sizes and matrices
#
# A size is a symbol, a positive integer that nobody fixes. A matrix has a name and two sizes.

# %%
from sympy import Identity

from cnnsym import dims, kron, matrix, prove, vec, vector

m, n = dims("m n")
W, z = matrix("W", m, n), vector("z", n)

left = W * z
right = kron(z.T, Identity(m)) * vec(W)
print(left.shape, right.shape)

# %% [markdown]
# `vec` stacks the columns of a matrix, `kron` is the Kronecker product. Are the two expressions equal? SymPy offers no
# procedure that decides it for symbolic sizes. `prove` does, for **all** $m$ and $n$ at once:
#
# $$
# W\boldsymbol{z} = (\boldsymbol{z}^{\top} \otimes I_m)\,\mathrm{vec}(W).
# $$

# %%
verdict = prove(left, right)
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# ## A near miss
#
# A checker that says yes to everything would have said the same. So give it something that is almost right. With the two
# factors of the Kronecker product swapped, the shapes still fit, but the formula is false:

# %%
mistake = prove(left, kron(Identity(m), z.T) * vec(W))
print(mistake.name)
print(mistake.counterexample)

# %% [markdown]
# The answer is a witness in exact numbers, as small as could be found. Verify it with a pencil. A verdict is one of
# three: `Proved`, `Refuted`, `Unknown`. It is not a truth value, and using it as one is an error:

# %%
try:
    if mistake:
        print("true?")
except TypeError as error:
    print(error)

assert verdict.name == "proved"
assert mistake.name == "refuted"

# %% [markdown]
# ## A gradient
#
# SymPy differentiates by matrices too, but not always. The gradient of $\log\det X$ is $X^{-\top}$; SymPy says zero.

# %%
import sympy as sp

from cnnsym import gradient

X = matrix("X", n, n)
log_det = sp.log(sp.Determinant(X))

print("SymPy: ", log_det.diff(X))
print("cnnsym:", gradient(log_det, X))
print(prove(gradient(log_det, X), X.T.inverse(), assuming=sp.Q.invertible(X)).name)

# %% [markdown]
# ## Back through one layer
#
# One layer computes $\boldsymbol{s} = W\boldsymbol{z} + \boldsymbol{b}$ and hands $f(\boldsymbol{s})$ on to a cost.
# Nothing is known of $f$ but that it acts entry by entry, nothing of $\mathrm{Cost}$ but that it is a
# differentiable scalar.

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
# Section [5.1](../5-1-fully-connected.html) derives the same by hand: take the gradient with respect to $\boldsymbol{s}$, times
# $\boldsymbol{z}^{\top}$. The two agree for every size, every $f$ and every cost:

# %%
y = vector("y", m)  # what the cost takes in
delta = hadamard(f.diff()(s), gradient(Cost(y), y).subs(y, f(s)))
by_hand = delta * z.T

final = prove(by_W, by_hand)
assert final.name == "proved"
print(final.name, final.reason, sep=": ")

# %% [markdown]
# ## From the formula to a program
#
# `compile_numpy` turns an expression into a plain NumPy function. Here $f = \tanh$ and
# $\mathrm{Cost}(\boldsymbol{y}) = \tfrac12\|\boldsymbol{y}\|^2$. We compare with central differences, a method that
# knows nothing of any of this.

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
print(f"largest difference at h = 1e-5: {np.abs(exact - central_difference(1e-5)).max():.1e}")
assert np.abs(exact - central_difference(1e-5)).max() < 1e-8

# %% [markdown]
# How large is the error of central differences for other steps $h$? With a wrong formula the curve would stay flat at
# the size of the mistake. With the right one it falls like $h^2$, until rounding takes over and it rises like $1/h$:

# %%
import matplotlib.pyplot as plt

steps = np.logspace(-9, -1, 33)
errors = [np.abs(exact - central_difference(h)).max() for h in steps]

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.loglog(steps, errors, "o-", markersize=3, label="measured")
ax.loglog(steps, errors[-1] * (steps / steps[-1]) ** 2, "--", label=r"slope of $h^2$")
ax.set_xlabel("step $h$")
ax.set_ylabel("largest error")
ax.set_ylim(1e-13, 1)
ax.legend()
plt.show()

# %% [markdown]
# Numbers like these are no proof: they speak of one size and one seed. The verdict above speaks of all. They are shown because a
# mistake in the definitions themselves would be noticed here.
#
# ## How to go on
#
# - [5.1](../5-1-fully-connected.html): the same gradient, step by step, with its near misses.
# - [Notation](../notation.html): what every symbol means, and how derivatives are laid out.
# - [Architecture](../architecture.html): how the verdicts come about.
