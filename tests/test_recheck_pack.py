"""What the browser downloads: compiled without docstrings, with every assertion; nothing stale, nothing of another version."""

from __future__ import annotations

import importlib.util
import json
import marshal
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

HOOKS = Path(__file__).resolve().parents[1] / "docs" / "_hooks"


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tested_{path.stem}", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def packing():
    sys.path.insert(0, str(HOOKS))
    try:
        yield module(HOOKS / "recheck_pack.py")
    finally:
        sys.path.remove(str(HOOKS))


@pytest.fixture(scope="module")
def compiled():
    return module(HOOKS / "recheck_browser" / "compiled.py")


SOURCE = '''"""Of the module."""
from __future__ import annotations

def checked(x):
    """Of the function."""
    assert x > 0, "positive"
    return "no docstring"

class Empty:
    """Of the class."""
'''


def test_docstrings_go_and_assertions_stay(compiled):
    data = compiled.pyc(SOURCE, "a.py")
    assert data[:4] == importlib.util.MAGIC_NUMBER
    names = {"__name__": "a"}
    exec(marshal.loads(data[16:]), names)
    assert names.get("__doc__") is None
    assert names["checked"].__doc__ is None and names["Empty"].__doc__ is None
    assert names["checked"](1) == "no docstring"
    with pytest.raises(AssertionError, match="positive"):
        names["checked"](0)


def test_files_whose_text_is_read_keep_it(compiled, tmp_path):
    root = tmp_path / "in"
    for name in ("package/a.py", "kept/b.py", "package/rules.lark"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x = 1\n")
    compiled.pack(root, tmp_path / "out.zip", "kept/")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = set(archive.namelist())
    beside = f"kept/__pycache__/b.{sys.implementation.cache_tag}.pyc"
    assert names == {"package/a.pyc", "package/rules.lark", "kept/b.py", beside}


def test_the_same_sources_make_the_same_archive(compiled, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.py").write_text("x = 1\n")
    for name in ("one.zip", "two.zip"):
        compiled.pack(tmp_path / "in", tmp_path / name, "")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_without_pyodide_it_says_what_to_do(packing, tmp_path):
    with pytest.raises(packing.RecheckUnavailable, match="npm ci"):
        packing.packed(tmp_path, tmp_path)


@pytest.mark.parametrize("info", [{"python": "3.13.2", "abi_version": "2026_0"}, {"python": "3.14.2", "abi_version": "2027_0"}])
def test_a_pyodide_that_the_wheel_of_z3_is_not_for_is_refused(packing, tmp_path, info):
    source = tmp_path / "pyodide-lock.json"
    source.write_text(json.dumps({"info": info, "packages": {"numpy": {}}}))
    with pytest.raises(packing.RecheckUnavailable, match="choose another wheel"):
        packing._lock(source, tmp_path / "lock.json")


def test_no_package_can_be_fetched_from_elsewhere(packing, tmp_path):
    source = tmp_path / "pyodide-lock.json"
    source.write_text(json.dumps({"info": {"python": "3.14.2", "abi_version": "2026_0"}, "packages": {"numpy": {}}}))
    assert json.loads(packing._lock(source, tmp_path / "lock.json").read_text())["packages"] == {}


def test_every_grammar_and_derivation_is_packed(packing):
    root = HOOKS.parents[1]
    places = {place for _, place in packing._project(root, root / "derivations")}
    assert {"start.py", "cnnsym/recheck.py", "cnnsym/latex/grammar.lark", "project/derivations/dct.py"} <= places
    assert len([place for place in places if place.startswith("project/")]) > 40
    libraries = {place for _, place in packing._libraries()}
    assert {"sympy/__init__.py", "mpmath/__init__.py", "lark/__init__.py"} <= libraries
    assert not [place for place in libraries if "/tests/" in place]
