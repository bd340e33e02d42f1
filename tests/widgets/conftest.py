"""The arithmetic of the interactive pieces, run by Node, and their modules."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOOKS = ROOT / "docs" / "_hooks"
ARITHMETIC = ROOT / "docs" / "assets" / "javascripts" / "widgets" / "arithmetic.js"

# What it reads are names of functions and their arguments; what it writes are the results, one list for all calls.
_RUN = """
const { readFileSync } = require("node:fs");
(0, eval)(readFileSync(process.argv[1], "utf-8"));
const calls = JSON.parse(readFileSync(0, "utf-8"));
const route = (name) => name.split(".").reduce((found, part) => found[part], globalThis.cnnsymArithmetic);
process.stdout.write(JSON.stringify(calls.map(([name, args]) => route(name)(...args))));
"""

Call = tuple[str, list[Any]]


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def compute() -> Callable[[list[Call]], list[Any]]:
    """``compute([("count", [6, 3, 1, 0, 1])])`` gives the results of the script's functions, in one process."""
    node = load(HOOKS / "katex_node.py", "katex_node_for_widgets").node()

    def run(calls: list[Call]) -> list[Any]:
        done = subprocess.run(
            [node, "-e", _RUN, str(ARITHMETIC)],
            input=json.dumps(calls),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def hook() -> Iterator[ModuleType]:
    """The hook, with the modules of the pieces read anew."""
    forget()
    yield load(HOOKS / "widgets.py", "widgets_hook")
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cnnsym_widgets"]:
        del sys.modules[name]
