"""Linear cost: counted in distinct subexpressions and evaluations of rules, never timed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import sympy as sp

from cnnsym.atoms import elementwise, matrix, objective, trace, vector
from cnnsym.calculus import differential, gradient, jacobian, sweep
from cnnsym.calculus.normal import normal
from cnnsym.sizes import dims


def network(depth: int, name: str) -> tuple[Any, list[Any]]:
    f, x = elementwise("f"), vector(f"{name}x", dims(f"{name}n0"))
    current, parameters = x, [x]
    for layer in range(depth):
        rows = dims(f"{name}n{layer + 1}")
        w, b = matrix(f"{name}W{layer}", rows, current.shape[0]), vector(f"{name}b{layer}", rows)
        current = f(w * current + b)
        parameters += [w, b]
    return objective("J")(current), parameters


def distinct(exprs: Any) -> int:
    """The number of distinct nodes of expressions; an explicit stack, since they are deep."""
    seen: set[Any] = set()
    stack = list(exprs)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return len(seen)


def test_distinct_nodes_of_all_gradients_grow_linearly() -> None:
    counts = []
    for depth in (20, 40, 60, 80):
        value, parameters = network(depth, f"d{depth}_")
        counts.append(distinct(gradient(value, parameters)))
    steps = [b - a for a, b in pairwise(counts)]
    assert len(set(steps)) == 1, counts


def test_each_node_has_its_rule_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    original = sweep.rule_of
    monkeypatch.setattr(sweep, "rule_of", lambda node: read.append(node) or original(node))
    value, parameters = network(40, "once_")
    gradient(value, parameters)
    assert len(read) == len(set(read))
    assert len(read) == 1 + 3 * 40  # the objective; sum, product and f of each layer


def test_doubling_is_not_exponential() -> None:
    # each step uses the one before twice: 2**60 paths through 60 nodes
    n = dims("n")
    x = matrix("double_x", n, n)
    f, current = elementwise("f"), x
    for _ in range(60):
        current = f(current) * f(current)
    value = trace(current)
    assert distinct([gradient(value, x)]) < 4000
    assert distinct([differential(value, x)]) < 4000


def test_deep_networks_do_not_recurse() -> None:
    value, parameters = network(700, "deep_")
    found = gradient(value, parameters)
    assert [g.shape for g in found] == [p.shape for p in parameters]
    value, (x, *_) = network(200, "less_deep_")
    assert jacobian(value, x).shape == (1, x.shape[0])
    assert not getattr(differential(value, x), "is_Matrix", False)


def test_cotangents_are_shared_objects() -> None:
    value, (_, _, b, _, b2) = network(2, "shared_")
    over_b, over_b2 = gradient(value, [b, b2])
    assert any(node is over_b2 for node in sp.preorder_traversal(over_b))


def test_equal_parts_become_one_object() -> None:
    n = dims("n")
    x, a = vector("one_x", n), matrix("one_A", n, n)
    f = elementwise("f")
    first, second = f(a * x), f(sp.MatMul(a, x))
    assert first is not second
    expr = normal(sp.MatAdd(sp.MatMul(a, first), second))
    inner = [node for node in sp.preorder_traversal(expr) if node == first]
    assert len(inner) == 2
    assert inner[0] is inner[1]
