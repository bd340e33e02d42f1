"""Figures as they are drawn: their words and shapes, read back from the SVG."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "_figures"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="session")
def hook() -> ModuleType:
    """The hook of the site, as MkDocs loads it."""
    spec = importlib.util.spec_from_file_location("figures_hook", ROOT / "docs" / "_hooks" / "figures.py")
    module = sys.modules["figures_hook"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def figure() -> Callable[[str], ModuleType]:
    """``figure("im2col")`` is the module of a figure, ``figure("drawing.sheet")`` one that figures are drawn with."""
    package = "figures_under_test"
    spec = importlib.util.spec_from_file_location(
        package, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
    )
    sys.modules[package] = importlib.util.module_from_spec(spec)
    return lambda name: importlib.import_module(f"{package}.{name}")


@pytest.fixture(scope="session")
def sheets(figure: Callable[[str], ModuleType]) -> Callable[..., list[ET.Element]]:
    """``sheets("im2col")`` are the SVG elements of a figure, parsed."""
    return lambda name, lang="en": ET.fromstring(figure(name).draw(lang)).findall(f"{SVG}svg")
