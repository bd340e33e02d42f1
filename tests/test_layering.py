"""The house keeps its order: imports point down, modules stay small, the three faces of a layer have one name.

Imports are read with `ast`, so a module that does not import at all is judged too.
"""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cnnsym"

# What stands on what: a part may import parts of lower levels only.
LEVELS = {
    "errors": 0,
    "verdict": 0,
    "reference": 0,
    "expression": 1,
    "sizes": 2,
    "atoms": 3,
    "domain": 4,
    "solver": 2,
    "purification": 2,
    "integers": 4,
    "entailment": 5,
    "inequalities": 6,
    "limits": 6,
    "trigonometry": 3,
    "cosine_sums": 5,
    "affine_form": 4,
    "index_form": 4,
    "calculus": 4,
    "evaluate": 4,
    "latex": 4,
    "layers": 4,
    "numpy_code": 5,
    "claim": 4,
    "measurement": 5,
    "prover": 6,
    "check": 7,
    "collect": 6,
    "cache": 7,
    "coverage": 7,
    "pages": 8,
    "report": 9,
    "recheck": 10,
    "campaign": 10,
    "cli": 11,
    "pytest_keep": 11,
    "pytest_items": 12,
    "pytest_plugin": 13,
    "site_pages": 10,
    "mkdocs_plugin": 11,
    "__main__": 12,
}
FRONT_ENDS = 11
LONGEST = 400

# Imports inside functions that have a reason: (module, what it imports).
LATE_IMPORTS = {
    ("cnnsym.pytest_plugin", "cnnsym.pytest_items"): "pytest loads the plugin in every run of every project",
    ("cnnsym.pytest_plugin", "cnnsym.pytest_keep"): "pytest loads the plugin in every run of every project",
}

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
every_module = pytest.mark.parametrize("module", MODULES)


def part(module: str) -> str:
    """`cnnsym.atoms._vec` belongs to `atoms`; the package itself is the empty part."""
    return module.partition(".")[2].partition(".")[0]


def imported(module: str, nodes: list[ast.stmt] | None = None) -> list[str]:
    """Every module that a module imports, with its full name."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    names = []
    for node in ast.walk(tree) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, *([base] if base else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                names.append(full if full in MODULES else base)
    return names


def own_imports(module: str) -> list[str]:
    return [name for name in imported(module) if name == "cnnsym" or name.startswith("cnnsym.")]


@every_module
def test_imports_point_down(module):
    here = part(module)
    if not here:  # the package itself re-exports
        assert all(LEVELS[part(name)] < FRONT_ENDS for name in own_imports(module))
        return
    assert here in LEVELS, f"give {here} a level in LEVELS: which parts does it stand on?"
    for name in own_imports(module):
        there = part(name)
        assert there, f"{module} imports the package itself; name the module that defines what it needs"
        assert there == here or LEVELS[there] < LEVELS[here], f"{module} (level {LEVELS[here]}) imports {name}"


def test_there_are_no_cycles_not_even_within_a_part():
    graph = {module: {name for name in own_imports(module) if name in MODULES and name != module} for module in MODULES}
    for module in MODULES:  # `from cnnsym.atoms import x` inside atoms would hide a cycle behind __init__
        graph[module].discard("cnnsym")
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(("one", "other"), [("evaluate", "index_form"), ("evaluate", "calculus"), ("evaluate", "latex")])
def test_the_deciders_share_no_code(one, other):
    for module in MODULES:
        if part(module) in (one, other):
            forbidden = other if part(module) == one else one
            assert forbidden not in [part(name) for name in own_imports(module)], module


@every_module
def test_reference_layers_import_numpy_only(module):
    if part(module) == "reference":
        outside = {name.partition(".")[0] for name in imported(module)} - {"cnnsym"}
        assert outside <= {"numpy", "__future__", "collections", "typing", "math", "dataclasses"}
        assert {part(name) for name in own_imports(module)} <= {"reference"}


@every_module
def test_imports_stand_at_the_top(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
    late = [node for f in functions for node in ast.walk(f) if isinstance(node, ast.Import | ast.ImportFrom)]
    for name in imported(module, late):
        assert (module, name) in LATE_IMPORTS, f"{module} imports {name} inside a function"


@every_module
def test_modules_are_short_enough_to_be_read(module):
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{module} has {lines} lines: split it by concept"


@every_module
def test_modules_say_what_they_are_for(module):
    assert ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8"))), f"{module} has no docstring"


@every_module
def test_names_say_what_is_inside(module):
    assert module.rpartition(".")[2].strip("_") not in {"utils", "util", "helpers", "misc", "common", "core", "base"}


def test_a_layer_has_three_faces():
    """Symbolic and numeric under one name, `layers/x.py` and `reference/x.py`, and used by a derivation."""

    def stems(folder: Path) -> set[str]:
        return {path.stem for path in folder.glob("*.py") if not path.name.startswith("_")}

    layers = stems(PACKAGE / "layers")
    assert layers, "there is no layer"
    assert layers <= stems(PACKAGE / "reference"), "layers without a NumPy reference"
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "derivations").rglob("*.py")]
    froms = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    used = {alias.name for node in froms if node.module == "cnnsym.layers" for alias in node.names}
    assert layers <= used, "layers that no derivation uses"


def test_derivations_import_nothing_but_the_library():
    for path in sorted((ROOT / "derivations").rglob("*.py")):
        if any(folder.startswith("_") for folder in path.relative_to(ROOT).parts[:-1]):
            continue  # programs that run the experiments, no derivations
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        roots = {name.partition(".")[0] for name in names}
        assert roots <= {"cnnsym", "sympy", "numpy", *sys.stdlib_module_names}, path.name
        front_ends = {part(name) for name in names if LEVELS.get(part(name), 0) >= FRONT_ENDS}
        assert not front_ends, f"{path.name} imports {front_ends}"
