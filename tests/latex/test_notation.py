"""The page on notation: what its tables show is read, alike in both languages, and means what stands beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from cnnsym.atoms import Maximum, indicator, signal
from cnnsym.latex import Context, read_formula
from cnnsym.sizes import dims

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ("signals", "sums", "conditions", "complex")
CONTEXT = Context.read(
    r"""
    let k, m, n, s, r, d, P, N, C : size; let a, b, p, t, u : integer; let \alpha, \lambda : scalar
    let x : signal(m); let X : signal(C, m, m); let z : signal(circular(N)); let v : signal(infinite)
    let h : signal(k); let w : signal(k, k); let \mathrm{i} : imaginary
    where y_n = \sum_{a=0}^{k-1} h_a x_{n+a}
    """
)
K, M, S, R, P, N = dims("k m s r P N")
a, b, c, t, u = (sp.Symbol(letter, integer=True) for letter in "abctu")
x, h, w, v = signal("x", M), signal("h", K), signal("w", K, K), signal("v", sp.oo)


def rows(language: str) -> dict[str, list[list[str]]]:
    """The formulas in the first column of each table, by section."""
    text = (ROOT / "docs" / language / "notation.md").read_text(encoding="utf-8")
    found: dict[str, list[list[str]]] = {}
    section = ""
    for line in text.splitlines():
        if heading := re.match(r"##.*\{ #(\S+) \}", line):
            section = heading[1]
        elif line.startswith(("| $", "| `")):
            found.setdefault(section, []).append(re.findall(r"(?:\$|`)(.+?)(?:\$|`)", line.split(" | ")[0]))
    return found


ENGLISH, CHINESE = rows("en"), rows("zh")
FORMULAS = [formula for section in SECTIONS for row in ENGLISH[section] for formula in row]


def test_both_languages_show_the_same() -> None:
    assert ENGLISH == CHINESE
    assert set(SECTIONS) < set(ENGLISH)
    assert len(FORMULAS) > 35


@pytest.mark.parametrize("formula", FORMULAS)
def test_it_is_read(formula: str) -> None:
    displayed = read_formula(formula, CONTEXT)
    assert displayed.chains or displayed.indices  # a range alone is the condition on an index


@pytest.mark.parametrize("formula", [f for row in ENGLISH["derivatives"] for f in row if "y_{a}" in f])
def test_derivatives_by_entries_are_read(formula: str) -> None:
    (value,) = read_formula(formula, CONTEXT).chains[0].members
    entry = x[sp.Symbol("j", integer=True)]
    assert value.variables == (entry,)
    assert value.expr.dummy_eq(sp.Sum(h[b] * x[a + b], (b, 0, K - 1)))


SIZES = Context.read("let C, H, W, N, m, n, k : size; let x : signal(n); let h : signal(k); let s : vector(n)")
PROPERTIES = ("symmetric", "invertible", "orthogonal", "diagonal")


@pytest.mark.parametrize("row", ENGLISH["declarations"], ids=lambda row: row[0])
def test_declarations_are_read(row: list[str]) -> None:
    first = row[0].replace("x", "q") if "x :" in row[0] else row[0]
    for written in row:
        if written.startswith(("let", "where")):
            context = SIZES.extend(written.replace("x :", "q :").replace("m, n : size", "m, o : size"))
        elif written in PROPERTIES:
            context = SIZES.extend(f"let A : matrix(n, n) {written}")
        else:  # another kind for the letter of the row
            context = SIZES.extend(f"{first.partition(':')[0]}: {written}")
        assert len(context.objects) + len(context.definitions) > len(SIZES.objects)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\sum_{0\le a,b<k} w_{a,b}", sp.Sum(w[a, b], (b, 0, K - 1), (a, 0, K - 1))),
        (r"\sum_{a} h_a", sp.Sum(h[a], (a, 0, K - 1))),
        (r"\sum_{0\le u<P:\, s\mid u} x_u", sp.Sum(x[u] * indicator(sp.Eq(sp.Mod(u, S), 0)), (u, 0, P - 1))),
        (r"\sum_{n\in\mathbb{Z}} v_n", sp.Sum(v[t], (t, -sp.oo, sp.oo))),
        (r"\max_{0\le a<r} x_{st+a}", Maximum(x[S * t + a], (a, 0, R - 1))),
        (r"a \bmod s", sp.Mod(a, S)),
        (r"[0 \le a < m]", indicator(sp.And(sp.Le(0, a), sp.Lt(a, M)))),
    ],
)
def test_it_means_what_stands_beside_it(formula: str, expected: Any) -> None:
    (value,) = read_formula(formula, CONTEXT).chains[0].members
    assert value == expected or value.dummy_eq(expected)
