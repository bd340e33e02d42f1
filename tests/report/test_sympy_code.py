"""SymPy code of claims: it runs in a fresh namespace, and gives the very expressions that were judged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import sympy as sp

import cnnsym
from cnnsym.claim import Claim, Text
from cnnsym.collect import claims, collect
from cnnsym.report.sympy_code import identifier, sympy_code

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = list(claims(collect([ROOT / "derivations"])))
WITHOUT = {claim.id for claim in CLAIMS if not sympy_code(claim)}


def claim(*chain) -> Claim:
    return Claim("1-a", "1", Text("", ""), chain)


def run(code: str) -> list[tuple]:
    """The links that the definitions of the code make; what it prints is left out."""
    tree = ast.parse(code)
    tree.body = [node for node in tree.body if not isinstance(node, ast.For)]
    namespace: dict[str, object] = {}
    exec(compile(tree, "<copied>", "exec"), namespace)
    return namespace["links"]


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.id)
def test_the_code_of_every_claim_gives_its_links(one) -> None:
    code = sympy_code(one)
    if not code:
        assert one.id in WITHOUT
        return
    found = run(code)
    assert len(found) == len(one.links)
    for (left, right), (_, wanted_left, wanted_right) in zip(found, one.links, strict=True):
        for made, wanted in ((left, wanted_left), (right, wanted_right)):
            assert sp.sympify(made) == sp.sympify(wanted)
            assert sp.sympify(made).free_symbols == sp.sympify(wanted).free_symbols


def test_nearly_every_claim_has_code() -> None:
    assert len(WITHOUT) <= 1, WITHOUT


def test_what_the_code_prints_is_a_proof(capsys) -> None:
    n = cnnsym.dims("n")
    A, B = cnnsym.matrix("A", n, n), cnnsym.matrix("B", n, n)
    code = sympy_code(claim(cnnsym.trace(A * B), cnnsym.trace(B * A)))
    exec(compile(code, "<copied>", "exec"), {})
    assert "Proved" in capsys.readouterr().out


def test_names_are_text() -> None:
    """A name cannot leave its quotes, nor take the place of what the code needs."""
    for name in ('x"); raise SystemExit; ("', "a\\", "sp", "links", "e1", "lambda", "x y", "a'b", "\n"):
        symbols = sp.Symbol(name, real=True), sp.Symbol("z")
        assert run(sympy_code(claim(symbols[0] + symbols[1], symbols[1]))) == [(sum(symbols), symbols[1])]


def test_symbols_of_one_name_stay_apart() -> None:
    one, other = sp.Symbol("n", integer=True), sp.Symbol("n", positive=True)
    assert run(sympy_code(claim(one - other, other))) == [(one - other, other)]


def test_what_has_no_faithful_code_has_none() -> None:
    assert sympy_code(claim(sp.Dummy("x"), sp.S.One)) == ""


@pytest.mark.parametrize(("name", "expected"), [("W_{i+1}", "W_i_1"), (r"\boldsymbol{s}", "s"), ("", "v"), ("if", "if_")])
def test_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected
