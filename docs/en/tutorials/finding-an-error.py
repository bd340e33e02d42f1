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
# # Finding an error
#
# A formula is wrong in print. How does one notice, where exactly does it fail, and what is right? We take the inverse
# cosine transform that the source of this note prints, in one dimension.
#
# ## As printed
#
# The cosine transform of $x_0,\dots,x_{n-1}$ is
#
# $$
# f_h = \sum_{i=0}^{n-1} x_i \cos\frac{\pi h(i+\frac12)}{n} ,
# $$
#
# and back, it is said, the same cosines lead:
#
# $$
# x_i = \sum_{h=0}^{n-1} f_h \cos\frac{\pi h(i+\frac12)}{n} .
# $$
#
# Put the first into the second. Then it says that these sums of cosines are 1 for $i=j$ and 0 otherwise:
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
# Refuted, by numbers small enough for a pencil. At these the printed sum is not what it should be.
#
# ## What is it instead?
#
# Look at more values, exactly. No float takes part:


# %%
def exact(size, row, column):
    terms = kernel.function.subs({i: row, j: column, n: size}, simultaneous=True)
    return sp.nsimplify(sp.simplify(sum(terms.subs(h, order) for order in range(size))))


for size in (1, 2, 3):
    print(size, [[exact(size, row, column) for column in range(size)] for row in range(size)])

# %% [markdown]
# The diagonal is $\frac{n+1}{2}$ instead of 1, and elsewhere there is $\frac12$ instead of 0. So the kernel is
# $\frac{n}{2}\delta_{ij}+\frac12$. Both blemishes have one cause: the frequency $h=0$ contributes 1 everywhere, twice
# its due, and the rest must be divided by $n/2$.
#
# ## The correction
#
# Give the frequency 0 half the weight, and divide by $n/2$:
#
# $$
# \frac{2}{n}\sum_{h=0}^{n-1} c_h \cos\frac{\pi h(i+\frac12)}{n}\,\cos\frac{\pi h(j+\frac12)}{n} = \delta_{ij},
# \qquad c_0=\tfrac12,\quad c_h=1 \text{ otherwise.}
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
# Five sizes are no proof. For all of them at once the sum has to be found in closed form. The product of two cosines
# is half the sum of two others, and a sum of cosines telescopes; the cases $i=j$ and $i\ne j$ are settled one by one:

# %%
from cnnsym.prover import prove_cosine_sum

half = sp.Rational(1, 2)
cases = sp.Eq(i, j), sp.Ne(i, j)  # together they must cover everything, which is checked too

verdict = prove_cosine_sum(kernel, n * sp.KroneckerDelta(i, j) / 2 + half, cases)
assert verdict.name == "proved"
print(verdict.name, verdict.reason, sep=": ")

# %% [markdown]
# Subtract the half and multiply by $2/n$, and the correction is there for every $n$. Is the proof worth anything? A
# checker must also reject what is nearly right:

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
# ## How to go on
#
# - [3.3](../3-3-dct.html): the same in two dimensions, with every step.
# - [Errata](../errata.html): everything in the source that was found wrong, each with its counterexample.
# - [How verification works](../verification.html): why two methods and near misses.
