"""The two sides of each equality of a claim as functions of NumPy arrays, in source that stands on its own.

The statements are those of `compile_numpy`; around them come parameters with readable names and the check of shapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import sympy as sp

from cnnsym.atoms import Gradient, Jacobian
from cnnsym.claim import Claim, CosineSum, IndexForm, Trigonometric
from cnnsym.errors import CnnsymError
from cnnsym.numpy_code import compile_numpy
from cnnsym.report.entry_source import entry_source
from cnnsym.report.sympy_code import identifier
from cnnsym.sizes import shape_text

_EQUATIONS = (IndexForm, Trigonometric, CosineSum)
_NAME = re.compile(r"\b[af]\d+\b")
_OF_CODE = re.compile(r"[anvf]\d+|np|dtype|mismatch|side\d+")  # names that the source has already
_HEAD = '''import numpy as np


def mismatch(name, shape):
    raise ValueError(f"{name}: the array of shape {shape} does not fit the others")
'''


def numpy_source(claim: Claim) -> str:
    """Source with a function `side1`, `side2`, ... for each member of the claim, of the same arguments.

    Members with derivatives yet to be taken are left out; empty where another has no code. Columns are arrays of shape
    `(n, 1)`. Abstract functions are arguments too. What is written entry by entry is looped over entry by entry.

    >>> from cnnsym.claim import Text
    >>> n = sp.Symbol("n", integer=True, positive=True)
    >>> A = sp.MatrixSymbol("A", n, n)
    >>> source = numpy_source(Claim("1-a", "1", Text("", ""), (A.T * A, (A.T * A).T)))
    >>> "def side1(A):" in source
    True
    """
    if not isinstance(claim.method, _EQUATIONS) or claim.expected == "refuted" and claim.hypotheses:
        return ""
    every = enumerate(dict.fromkeys(sp.sympify(member) for chain in claim.chains for member in chain), 1)
    members = {k: member for k, member in every if not member.has(sp.Derivative, Gradient, Jacobian)}
    for source in (_source, entry_source):
        try:
            found = source(members)
        except (CnnsymError, RecursionError, TypeError, AttributeError, NotImplementedError):  # no code for something in it
            continue
        if found:
            return found
    return ""


def _source(members: Mapping[int, Any]) -> str:
    matrices = sorted(set().union(*(m.atoms(sp.MatrixSymbol) for m in members.values())), key=str)
    if not matrices:
        return ""
    sizes = {s for m in matrices for length in m.shape for s in length.free_symbols}
    free = set().union(*(m.free_symbols for m in members.values())) - set(matrices)
    scalars = sorted((s for s in free if isinstance(s, sp.Symbol) and s not in sizes), key=str)
    if any(not isinstance(s, sp.Symbol) for s in free):
        return ""
    arguments = [*matrices, *scalars]
    needed = _Needed()
    compiled: dict[int, Any] = {k: compile_numpy(member, arguments, needed) for k, member in members.items()}
    names = _distinct([a.name for a in arguments] + [_function_name(label) for label in needed.labels])
    lines = [f"# {name}: {shape_text(m.shape)}" for name, m in zip(names, matrices, strict=False)]
    lines += [f"# {name}: {label}" for name, label in zip(names[len(arguments) :], needed.labels, strict=True)]
    parts = [_HEAD, "", *lines]
    for k, function in compiled.items():
        body = function.source.rstrip().split("\n")[1:]
        own = _own_functions(members[k], arguments)
        named = {f"a{j}": name for j, name in enumerate(names[: len(arguments)])}
        named |= {f"f{j}": names[len(arguments) + needed.labels.index(label)] for j, label in enumerate(own)}
        lines = [_NAME.sub(partial(_renamed, named), line) for line in body]
        parts += ["", f"def side{k}({', '.join(names)}):", *lines, ""]
    return "\n".join(parts).rstrip()


def _renamed(names: Mapping[str, str], found: re.Match[str]) -> str:
    return names.get(found[0], found[0])


def _own_functions(member: Any, arguments: list[Any]) -> list[str]:
    """The labels of the abstract functions of one side, in the order in which its code names them."""
    asked = _Needed()
    compile_numpy(member, arguments, asked)
    return asked.labels


def _function_name(label: str) -> str:
    return label.replace("'", "_prime") if label.count("'") < 2 else label.replace("''", "_second")


def _distinct(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in map(identifier, names):
        name = f"{name}_" if _OF_CODE.fullmatch(name) else name
        k, own = 1, name
        while own in found:
            k, own = k + 1, f"{name}_{k + 1}"
        found.append(own)
    return found


class _Needed(Mapping[str, Callable[..., Any]]):
    """Stands for every function, and remembers which were asked for."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    def __getitem__(self, label: str) -> Callable[..., Any]:
        if label not in self.labels:
            self.labels.append(label)
        return print  # never called: the source is taken, not the function

    def __contains__(self, _label: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)
