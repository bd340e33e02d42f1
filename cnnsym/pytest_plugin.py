"""The pytest plugin: `pytest derivations/` has an item for each link, step, near miss and numeric check of each claim.

Files are taken for derivations where they stand in a folder of that name, or bind `DERIVATION` at top level. pytest loads
this module in every run of every project, so what judges claims is imported only when there is a derivation.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("cnnsym_timeout", "Seconds for each item of a claim.", default="60")
    text = "Keep what is found out about claims in this folder, as `cnnsym check` does; nothing is taken from there."
    parser.getgroup("cnnsym").addoption("--cnnsym-keep", metavar="FOLDER", help=text)


def pytest_configure(config: pytest.Config) -> None:
    if folder := config.getoption("--cnnsym-keep"):
        from cnnsym.pytest_keep import KEEPER, Keeper  # noqa: PLC0415

        seconds = float(config.getini("cnnsym_timeout"))
        config.stash[KEEPER] = keeper = Keeper(config.invocation_params.dir / folder, seconds)
        config.pluginmanager.register(keeper)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if is_derivation(file_path) and not _python_collects(file_path, parent):
        return _derivation_file(file_path, parent)
    return None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A derivation that is named on the command line comes this way: pytest would import it as a test module."""
    return _derivation_file(module_path, parent) if is_derivation(module_path) else None


def is_derivation(path: Path) -> bool:
    """Whether a file is a derivation module; told from its name and text, without importing it."""
    if path.suffix != ".py" or path.name.startswith(("_", "test_", "conftest.")):
        return False
    inner = path.parent
    while inner.name != "derivations" and not inner.name.startswith("_") and inner != inner.parent:
        inner = inner.parent
    if inner.name == "derivations":
        return True
    try:
        source = path.read_text(encoding="utf-8")
        body = ast.parse(source).body if "DERIVATION" in source else []
    except (OSError, SyntaxError, ValueError):
        return False
    targets = [t for node in body if isinstance(node, ast.Assign) for t in node.targets]
    targets += [node.target for node in body if isinstance(node, ast.AnnAssign)]
    return any(isinstance(target, ast.Name) and target.id == "DERIVATION" for target in targets)


def _derivation_file(path: Path, parent: pytest.Collector) -> pytest.Collector:
    from cnnsym.pytest_items import DerivationFile  # noqa: PLC0415

    return DerivationFile.from_parent(parent, path=path)


def _python_collects(path: Path, parent: pytest.Collector) -> bool:
    """Whether pytest itself takes the file for a test module; then `pytest_pycollect_makemodule` is asked as well."""
    patterns = parent.config.getini("python_files")
    return parent.session.isinitpath(path) or any(path.match(pattern) for pattern in patterns)
