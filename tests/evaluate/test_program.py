"""Shared subexpressions are one node; depth is no recursion; names that are bound are told from free ones."""

from __future__ import annotations

import sys
import time

import sympy as sp

from cnnsym import atoms
from cnnsym.evaluate import evaluate_at, find_counterexample
from cnnsym.evaluate.machine import Machine
from cnnsym.evaluate.point import Point
from cnnsym.evaluate.program import Program
from cnnsym.evaluate.table import Table
from cnnsym.prover import prove
from cnnsym.sizes import dims
from cnnsym.verdict import Proved

n = dims("n")
f, J = atoms.elementwise("f"), atoms.objective("J")


def network(depth: int) -> sp.MatrixExpr:
    z = atoms.vector("x", n)
    for k in range(depth):
        z = f(atoms.matrix(f"W{k}", n, n) * z + atoms.vector(f"b{k}", n))
    return z


def test_the_identity_function_has_a_body_though_sympy_gives_it_no_arguments() -> None:
    t = sp.Symbol("t")
    identity = atoms.elementwise(sp.Lambda(t, t))
    x = atoms.vector("x", n)
    assert find_counterexample(identity(x), x).counterexample is None
    assert find_counterexample(identity(x), 2 * x).counterexample is not None
    assert isinstance(prove(identity(x), x), Proved)


def test_equal_subexpressions_are_one_node() -> None:
    x = atoms.vector("x", n)
    program = Program()
    first, second = program.node(f(x)), program.node(f(atoms.vector("x", n)))
    assert first is second
    before = len(program.nodes)
    program.node(f(f(x)))
    assert len(program.nodes) == before + 1


def test_doubling_costs_one_evaluation_each() -> None:
    """A tower of 200 doublings is 2**200 nodes as a tree."""
    x = atoms.matrix("X", 1, 1)
    for _ in range(200):
        x = atoms.kron(x, atoms.ones(1)) + atoms.kron(atoms.ones(1), x)
    assert evaluate_at(x, {}, {"X": [[3]]})[0, 0] == 3 * 2**200


def test_depth_beyond_the_recursion_limit() -> None:
    deep = network(2 * sys.getrecursionlimit())
    found = find_counterexample(deep, deep + sp.ZeroMatrix(n, 1), samples=1, budget=60)
    assert found.counterexample is None
    assert {"n": 1} in found.agreed and {"n": 2} in found.agreed


def test_a_gradient_through_a_deep_network() -> None:
    deep = J(network(300))
    first = atoms.matrix("W0", n, n)
    assert find_counterexample(atoms.Gradient(deep, first), 2 * atoms.Gradient(deep, first), budget=60).counterexample


def test_free_and_bound_names() -> None:
    i, j = sp.symbols("i j", integer=True)
    x = sp.IndexedBase("x", shape=(n,))
    program = Program()
    node = program.node(sp.Sum(x[i] * j, (i, 0, n - 1)))
    assert {str(leaf.expr) for leaf in node.free} == {"x", "n", "j"}
    function = program.node(sp.Lambda(i, i * j))
    assert {str(leaf.expr) for leaf in function.free} == {"j"}
    shadowed = program.node(sp.Sum(i, (i, 0, i)))
    assert {str(leaf.expr) for leaf in shadowed.free} == {"i"}
    variable, point = atoms.vector("s", n), atoms.vector("t", n)
    gradient = program.node(atoms.Gradient(J(variable), variable, point))
    assert {str(leaf.expr) for leaf in gradient.free} == {"t", "n"}


def test_values_under_bound_names_are_kept_apart() -> None:
    i, j = sp.symbols("i j", integer=True)
    body = i * j
    program = Program()
    root = program.node(body)
    names = [program.node(i), program.node(j)]
    program.close(names)
    values = Machine(program).values(Point({}, Table("t")))
    table = {(a, b): values.at(root, {names[0]: (a, a), names[1]: (b, b)}) for a in range(4) for b in range(4)}
    assert all(value == a * b for (a, b), value in table.items())


def test_the_clock_stops_an_evaluation() -> None:
    i, j, k = sp.symbols("i j k", integer=True)
    slow = sp.Sum(sp.Sum(sp.Sum(sp.cos(i * j * k), (i, 0, 20)), (j, 0, 20)), (k, 0, 20))
    start = time.monotonic()
    found = find_counterexample(slow, slow + 0 * n, budget=0.03)
    assert time.monotonic() - start < 3
    assert any("time" in note for note in found.notes)
