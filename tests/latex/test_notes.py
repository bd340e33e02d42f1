"""The displayed formulas of sections 3.3 and 5.1 of the note, as printed, and what they are read as."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from cnnsym.atoms import Diag, Gradient, Hadamard, Jacobian, Kron, Vec, elementwise, matrix, objective, vector
from cnnsym.errors import LatexError
from cnnsym.latex import Context, from_latex, read_formula
from cnnsym.sizes import dims

BACKPROP = r"""
let n_i, d_i, d_{i+1} : size
let W_i : matrix(d_i, n_i); let W_{i+1} : matrix(d_{i+1}, d_i)
let \boldsymbol{z}_i : vector(n_i)
let \boldsymbol{b}_i : vector(d_i); let \boldsymbol{b}_{i+1} : vector(d_{i+1})
let f : elementwise
where \boldsymbol{s}_i = W_i \boldsymbol{z}_i + \boldsymbol{b}_i
where \boldsymbol{z}_{i+1} = f(\boldsymbol{s}_i)
where \boldsymbol{s}_{i+1} = W_{i+1} f(\boldsymbol{s}_i) + \boldsymbol{b}_{i+1}
let \mathrm{Cost} : objective(\boldsymbol{s}_{i+1})
"""
DCT = r"""
let H, W : size
let x^{2d}, f^{2d} : signal(H, W)
where B_{h,w}^{i,j} = \cos\left(\frac{\pi h}{H}\left(i+\frac12\right)\right)
                      \cos\left(\frac{\pi w}{W}\left(j+\frac12\right)\right)
where f_{h,w}^{2d} = \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j}^{2d} B_{h,w}^{i,j}
where c_u = 2 - \delta_{u0}
where \mathrm{GAP}(x^{2d}) = \frac{1}{HW} \sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i,j}^{2d}
"""
N0, D0, D1 = dims("n_i d_i d_{i+1}")
W0, W1 = matrix("W_i", D0, N0), matrix("W_{i+1}", D1, D0)
Z, B0, B1 = vector("z_i", N0), vector("b_i", D0), vector("b_{i+1}", D1)
S0, S1 = vector("s_i", D0), vector("s_{i+1}", D1)
F, COST = elementwise("f"), objective("Cost")
P0 = W0 * Z + B0
P1 = W1 * F(P0) + B1
ROW1 = Jacobian(COST(S1), S1, P1)
ROW0 = Jacobian(COST(W1 * F(S0) + B1), S0, P0)
COLUMN1 = Gradient(COST(S1), S1, P1)
COLUMN0 = Gradient(COST(W1 * F(S0) + B1), S0, P0)
U = vector("u", D0)


def members(text: str, context: str = BACKPROP) -> tuple[Any, ...]:
    (chain,) = read_formula(text, Context.read(context)).chains
    return chain.members


def test_the_model() -> None:
    text = r"\boldsymbol{s}_{i} = W_i\boldsymbol{z}_i+\boldsymbol{b}_i,\quad \boldsymbol{z}_{i+1} = f(\boldsymbol{s}_i)"
    first, second = read_formula(text, Context.read(BACKPROP)).chains
    assert first.members == (P0, P0)
    assert second.members == (F(P0), F(P0))
    plain = "\n".join(line for line in BACKPROP.splitlines() if "where" not in line and "Cost" not in line)
    defined = Context.read(plain).define(text)
    assert from_latex(r"\boldsymbol{z}_{i+1}", defined) == F(P0)


def test_the_chain_rule_in_rows() -> None:
    text = (
        r"\dfrac{\partial \mathrm{Cost}}{\partial \boldsymbol{\boldsymbol{s}_i^{\top}}} = "
        r"\dfrac{\partial \mathrm{Cost}}{\partial \boldsymbol{\boldsymbol{s}_{i+1}^{\top} }}"
        r"\dfrac{\partial \boldsymbol{s}_{i+1}  }{\partial \boldsymbol{s}_i^{\top} } = "
        r"\dfrac{\partial \mathrm{Cost}}{\partial \boldsymbol{\boldsymbol{s}_{i+1}^{\top} }} "
        r"\dfrac{\partial W_{i+1}f(\boldsymbol{s}_i ) }{\partial f(\boldsymbol{s}_i)^{\top} } "
        r"\dfrac{\partial f(\boldsymbol{s}_i) }{\partial \boldsymbol{s}_i^{\top} } = "
        r"\dfrac{\partial \mathrm{Cost}}{\partial \boldsymbol{\boldsymbol{s}_{i+1}^{\top} }} "
        r"W_{i+1} \mathrm{diag}\{f^{\prime}(\boldsymbol{s}_i)\}"
    )
    assert members(text) == (
        ROW0,
        ROW1 * Jacobian(W1 * F(S0) + B1, S0, P0),
        ROW1 * Jacobian(W1 * U, U, F(P0)) * Jacobian(F(S0), S0, P0),
        ROW1 * W1 * Diag(F.diff()(P0)),
    )


def test_the_gradient_in_columns() -> None:
    text = (
        r"\nabla_{\boldsymbol{s}_i} \mathrm{Cost} = \mathrm{diag}\{f^{\prime}(\boldsymbol{s}_i)\}\cdot W^{\prime}_{i+1} "
        r"\cdot \nabla_{\boldsymbol{s}_{i+1}} \mathrm{Cost} = f^{\prime}(\boldsymbol{s}_i) \odot (W^{\prime}_{i+1} "
        r"\cdot \nabla_{\boldsymbol{s}_{i+1}} \mathrm{Cost})"
    )
    slope = F.diff()(P0)
    assert members(text) == (COLUMN0, Diag(slope) * W1.T * COLUMN1, Hadamard(slope, W1.T * COLUMN1))


def test_vec_of_the_weights() -> None:
    printed = r"\boldsymbol{s}_i = (\boldsymbol{z}_i^{\top} \otimes I)\mathrm{vec}(W)+\boldsymbol{b_i}"
    with pytest.raises(LatexError, match="unknown symbol W: .*declared are W_i"):
        members(printed)
    corrected = printed.replace("(W)", "(W_i)")
    assert members(corrected) == (P0, Kron(Z.T, sp.Identity(D0)) * Vec(W0) + B0)


def test_the_gradient_by_vec_of_the_weights() -> None:
    text = (
        r"\dfrac{\partial \mathrm{Cost} }{\partial \mathrm{vec}^{\top} (W_i)} = "
        r"\dfrac{\partial \mathrm{Cost} }{\partial \boldsymbol{s}_i^{\top} } (\boldsymbol{z}_i^{\top} \otimes I) "
        r"=\boldsymbol{z}_i^{\top} \otimes \dfrac{\partial \mathrm{Cost} }{\partial \boldsymbol{s}_i^{\top} }"
    )
    assert members(text) == (Jacobian(COST(P1), W0), ROW0 * Kron(Z.T, sp.Identity(D0)), Kron(Z.T, ROW0))


def test_the_gradient_by_the_weights() -> None:
    text = (
        r"\nabla_{W_i} \mathrm{Cost} = \boldsymbol{z}_i^{\top} \otimes \nabla_{\boldsymbol{s}_i} \mathrm{Cost} = "
        r"\nabla_{\boldsymbol{s}_i} \mathrm{Cost} \cdot \boldsymbol{z}_i^{\top}"
    )
    assert members(text) == (Gradient(COST(P1), W0), Kron(Z.T, COLUMN0), COLUMN0 * Z.T)


def test_a_derivative_by_the_activation_sees_through_it() -> None:
    expected = Gradient(COST(W1 * vector("z_{i+1}", D0) + B1), vector("z_{i+1}", D0), F(P0))
    assert members(r"\nabla_{\boldsymbol{z}_{i+1}} \mathrm{Cost}") == (expected,)


# Section 3.3

H, W = dims("H W")
X = sp.IndexedBase("x^{2d}", shape=(H, W))
I, J, H_, W_ = (sp.Symbol(name, integer=True) for name in "ijhw")
RANGES = r"\text { s.t. } h \in\{0,1, \cdots, H-1\}, w \in\{0,1, \cdots, W-1\},"


def wave(h: Any, w: Any, i: Any, j: Any) -> Any:
    half = sp.Rational(1, 2)
    return sp.cos(sp.pi * h / H * (i + half)) * sp.cos(sp.pi * w / W * (j + half))


def frequency(h: Any, w: Any) -> Any:
    return sp.Sum(X[I, J] * wave(h, w, I, J), (J, 0, W - 1), (I, 0, H - 1))


DCT_PRINTED = r"""
\begin{aligned}
& f_{h, w}^{2 d}=\sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i, j}^{2 d} \underbrace{\cos \left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos \left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right)}_{\text {DCT weights }}, \\
& \text { s.t. } h \in\{0,1, \cdots, H-1\}, w \in\{0,1, \cdots, W-\mathrm{I}\},
\end{aligned}
"""  # noqa: E501
INVERSE_PRINTED = r"""
\begin{aligned}
& x_{i, j}^{2 d}=\sum_{h=0}^{H-1} \sum_{w=0}^{W-1} f_{h, w}^{2 d} \cos \left(\frac{\pi h}{H}\left(i+\frac{1}{2}\right)\right) \cos \left(\frac{\pi w}{W}\left(j+\frac{1}{2}\right)\right) \\
& = f_{0,0}^{2 d} B_{0,0}^{i, j}+f_{0,1}^{2 d} B_{0,1}^{i, j}+\cdots+f_{H-1, W-1}^{2 d} B_{H-1, W-1}^{i, j} \\
& = \mathrm{GAP}\left(x^{2 d}\right) H W+f_{0,1}^{2 d} B_{0,1}^{i, j}+\cdots+f_{H-1, W-1}^{2 d} B_{H-1, W-1}^{i, j} \\
& \text { s.t. } i \in\{0,1, \cdots, H-1\}, j \in\left\{0,1, \cdots, W-1\right\} \\
&
\end{aligned}
"""  # noqa: E501


def test_the_transform_as_printed_has_a_roman_one() -> None:
    with pytest.raises(LatexError, match="is the digit 1 meant") as caught:
        read_formula(DCT_PRINTED, Context.read(DCT))
    line = DCT_PRINTED.splitlines()[caught.value.line - 1]
    assert line[caught.value.column - 1 :].startswith(r"\mathrm{I}")


def test_the_transform() -> None:
    formula = read_formula(DCT_PRINTED.replace(r"\mathrm{I}", "1"), Context.read(DCT))
    h, w = sp.Idx("h", H), sp.Idx("w", W)
    assert formula.indices == {"h": h, "w": w}
    assert formula.chains[0].members == (frequency(h, w), frequency(h, w))


def test_the_inverse_transform() -> None:
    (chain,) = read_formula(INVERSE_PRINTED, Context.read(DCT)).chains
    i, j = sp.Idx("i", H), sp.Idx("j", W)
    whole = sp.Sum(frequency(H_, W_) * wave(H_, W_, i, j), (W_, 0, W - 1), (H_, 0, H - 1))
    zero = sp.Sum(X[I, J], (J, 0, W - 1), (I, 0, H - 1))
    assert chain.members == (X[i, j], whole, whole, whole - zero + zero / (H * W) * H * W)
    assert chain.relations == ("=", "=", "=")
    assert [line for line, _ in chain.places] == [3, 4, 5]


def test_the_corrected_inverse() -> None:
    text = (
        r"x_{i,j}^{2d} = \mathrm{GAP}(x^{2d}) + \sum_{(h,w)\ne(0,0)} \frac{c_h c_w}{HW} f_{h,w}^{2d} B_{h,w}^{i,j}"
        r"\text{ for } i \in \{0,1,\cdots,H-1\}, j \in \{0,1,\cdots,W-1\}"
    )
    _, right = members(text, DCT + "let h : index(H); let w : index(W)")
    i, j = sp.Idx("i", H), sp.Idx("j", W)
    weight = (2 - sp.KroneckerDelta(H_, 0)) * (2 - sp.KroneckerDelta(W_, 0))
    mean = sp.Sum(X[I, J], (J, 0, W - 1), (I, 0, H - 1))
    whole = sp.Sum(weight * frequency(H_, W_) * wave(H_, W_, i, j) / (H * W), (W_, 0, W - 1), (H_, 0, H - 1))
    assert sp.expand(right - whole + mean / (H * W) - mean / (H * W)) == 0


def test_the_misprinted_range_reads_once_the_letter_is_declared_to_be_the_digit():
    display = r"""\begin{aligned}
& f_{h, w}^{2 d}=\sum_{i=0}^{H-1} \sum_{j=0}^{W-1} x_{i, j}^{2 d}, \\
& \text { s.t. } h \in\{0,1, \cdots, H-1\}, w \in\{0,1, \cdots, W-\mathrm{I}\},
\end{aligned}"""
    context = Context.read("let H, W : size; let x^{2d}, f^{2d} : signal(H, W)")
    with pytest.raises(LatexError, match="is the digit 1 meant"):
        read_formula(display, context)
    formula = read_formula(display, context.extend(r"where \mathrm{I} = 1"))
    assert formula.indices["w"].upper == context.objects["W"] - 1
