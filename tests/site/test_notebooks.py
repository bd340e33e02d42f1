"""Notebooks are executed by the build, and a cell that fails is not published."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("cell", "code"), [("print(6 * 7)", 0), ("assert 6 * 7 == 41, 'wrong product'", 1)])
def test_a_failing_cell_fails_the_build(tmp_path: Path, cell: str, code: int) -> None:
    """Even without --strict; what else is in the docs does not matter here, and no claim is judged."""
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "docs" / "_hooks", tmp_path / "docs" / "_hooks")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "derivations").mkdir()
    for language in ("zh", "en"):
        folder = tmp_path / "docs" / language / "tutorials"
        folder.mkdir(parents=True)
        (folder.parent / "index.md").write_text("# Home\n", "utf-8")
        (folder / "first-proof.py").write_text(f"# %% [markdown]\n# # Title\n\n# %%\n{cell}\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tmp_path,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr[-3000:]
    if code:
        assert "wrong product" in done.stderr
    else:
        assert "42" in (tmp_path / "site" / "tutorials" / "first-proof.html").read_text("utf-8")
