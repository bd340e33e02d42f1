"""An expression as a list of shared nodes, children first, with the names each of them depends on.

Equal subexpressions become one node, found from their children's nodes, so that neither hashing nor comparing ever walks down
an expression: a deep network is thousands of atoms deep.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.core.symbol import Str
from sympy.matrices.expressions.matexpr import MatrixElement

from cnnsym.atoms import EntryFunction, Gradient, Jacobian, Maximum, ObjectiveFunction

LEAVES = (sp.Symbol, sp.MatrixSymbol, sp.Idx, sp.IndexedBase)
OVER_RANGES = (sp.Sum, sp.Product, Maximum)
_BINDING = (*OVER_RANGES, sp.Lambda, Gradient, Jacobian, sp.Subs, sp.Derivative)


class Node:
    """A subexpression: its children and, once the program is closed, the bindable names it depends on."""

    __slots__ = ("index", "expr", "args", "free", "names", "is_leaf")

    def __init__(self, index: int, expr: Any, args: tuple[Node, ...]) -> None:
        self.index, self.expr, self.args = index, expr, args
        self.free: frozenset[Node] = frozenset()
        self.names: tuple[Node, ...] = ()
        self.is_leaf = isinstance(expr, LEAVES)

    def __repr__(self) -> str:
        return f"Node({self.index}, {type(self.expr).__name__})"


class Program:
    """Several expressions over one list of nodes."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._by_key: dict[tuple[Any, ...], Node] = {}
        self._by_id: dict[int, tuple[Any, Node]] = {}  # keeps the object, so that its id stays its own

    def node(self, root: Any) -> Node:
        """The node of an expression, entered with all it contains."""
        stack: list[tuple[Any, tuple[Any, ...] | None]] = [(root, None)]
        while stack:
            expr, children = stack.pop()
            if id(expr) in self._by_id:
                continue
            if children is None:
                children = _children(expr)  # asked for once: some classes make their arguments anew each time
                stack.append((expr, children))
                stack.extend((child, None) for child in children)
            else:
                args = tuple(self._by_id[id(child)][1] for child in children)
                self._by_id[id(expr)] = (expr, self._enter(expr, args))
        return self._by_id[id(root)][1]

    def _enter(self, expr: Any, args: tuple[Node, ...]) -> Node:
        payload = expr if isinstance(expr, LEAVES) or not args else None
        key = (type(expr), payload, tuple(a.index for a in args))
        known = self._by_key.get(key)
        if known is None:
            known = self._by_key[key] = Node(len(self.nodes), expr, args)
            known.free = _free(known)
            self.nodes.append(known)
        return known

    def close(self, variables: Iterable[Node] = ()) -> None:
        """Find for each node the bound names, and those of `variables`, that its value depends on."""
        bindable = set(variables)
        for node in self.nodes:
            bindable.update(bound_names(node))
        for node in self.nodes:
            node.names = tuple(sorted(node.free & bindable, key=lambda n: n.index))

    def symbols(self, roots: Iterable[Node]) -> list[Any]:
        """The free leaves of the roots, in the order of their names."""
        leaves = frozenset().union(*(root.free for root in roots))
        return [n.expr for n in sorted(leaves, key=lambda n: (str(n.expr), n.index))]


def _children(expr: Any) -> tuple[Any, ...]:
    if isinstance(expr, sp.Idx):
        return tuple(bound for bound in (expr.lower, expr.upper) if bound is not None)
    if isinstance(expr, sp.MatrixSymbol):
        return tuple(expr.shape)
    if isinstance(expr, sp.IndexedBase):
        return tuple(length for length in expr.shape or () if length is not sp.oo)
    if isinstance(expr, EntryFunction):
        return () if expr.is_abstract else (expr.args[0],)
    if isinstance(expr, sp.Lambda):
        return expr.signature, expr.expr  # SymPy's identity function is a Lambda without arguments
    if isinstance(expr, (sp.Symbol, Str, ObjectiveFunction)) or not isinstance(expr, sp.Basic):
        return ()
    return tuple(expr.args)


def bound_names(node: Node) -> tuple[Node, ...]:
    """The leaves to which the node gives a value inside."""
    expr, args = node.expr, node.args
    if isinstance(expr, sp.Derivative):
        return tuple(_base(variable.args[0]) for variable in args[1:])
    if isinstance(expr, OVER_RANGES):
        return tuple(limit.args[0] for limit in args[1:])
    if isinstance(expr, sp.Lambda):
        return args[0].args
    if isinstance(expr, sp.Subs):
        return args[1].args
    return (args[1],) if isinstance(expr, (Gradient, Jacobian)) else ()


def _base(variable: Node) -> Node:
    """What a derivative perturbs: the symbol, or the array of which the variable is an entry."""
    return variable.args[0] if isinstance(variable.expr, (sp.Indexed, MatrixElement)) else variable


def _free(node: Node) -> frozenset[Node]:
    expr, args = node.expr, node.args
    if isinstance(expr, LEAVES):
        return frozenset((node,)).union(*(a.free for a in args))
    if not isinstance(expr, _BINDING) or isinstance(expr, sp.Derivative):
        if len(args) == 1:
            return args[0].free
        return frozenset().union(*(a.free for a in args))
    if isinstance(expr, OVER_RANGES):
        free = args[0].free
        for limit in args[1:]:
            variable = limit.args[0]
            free = ((free | variable.free) - {variable}).union(*(a.free for a in limit.args[1:]))
        return free
    if isinstance(expr, sp.Lambda):
        return args[1].free - set(args[0].args)
    if isinstance(expr, sp.Subs):
        return (args[0].free - set(args[1].args)) | args[2].free
    function, variable, point = args
    return (function.free - {variable}) | (variable.free - {variable}) | point.free
