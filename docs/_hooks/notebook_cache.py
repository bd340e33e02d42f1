"""MkDocs hook: a notebook whose inputs have not changed is not executed again.

mkdocs-jupyter's own cache is keyed by the notebook alone, so that it would publish results of a library of yesterday. Here
the key covers the notebook, every source of cnnsym and of derivations/, the installed packages and Python itself. A notebook
that fails is not kept. Notebooks must read no other file, for that would not be seen.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs_jupyter import convert

log = get_plugin_logger("notebooks")

_SOURCES = ("*.py", "*.lark", "*.json", "*.yaml")


def on_startup(command: str, dirty: bool) -> None:
    """Stand between mkdocs-jupyter and its converter."""
    if not hasattr(convert.nb2html, "__wrapped__"):
        convert.nb2html = kept(convert.nb2html)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    kept.root = Path(config.config_file_path).parent
    return config


def kept(execute: Callable[..., str]) -> Callable[..., str]:
    """The converter with a memory in `.cache/notebooks`, one file for each notebook."""

    @functools.wraps(execute)
    def remembered(path: str, **options: Any) -> str:
        file = kept.root / ".cache" / "notebooks" / f"{hashlib.sha256(path.encode()).hexdigest()[:16]}.json"
        wanted = key(Path(path), kept.root, options)
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            if found["key"] == wanted and found["digest"] == _digest(found["html"].encode()):
                log.info("unchanged, not executed again: %s", path)
                return str(found["html"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            pass  # absent or damaged: executing is always right
        html = execute(path, **options)
        if key(Path(path), kept.root, options) == wanted:  # else something was changed while it ran
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(f".{os.getpid()}.tmp")
            draft.write_text(
                json.dumps({"key": wanted, "digest": _digest(html.encode()), "html": html}), encoding="utf-8"
            )
            draft.replace(file)
        return html

    return remembered


def key(notebook: Path, root: Path, options: dict[str, Any]) -> str:
    """A digest of everything that the notebook's results may depend on."""
    folders = (root / "cnnsym", root / "derivations")
    files = sorted(file for folder in folders for kind in _SOURCES for file in folder.rglob(kind))
    parts = {
        "notebook": _digest(notebook.read_bytes()),
        "sources": [[file.relative_to(root).as_posix(), _digest(file.read_bytes())] for file in files],
        "packages": sorted(f"{one.name}=={one.version}" for one in distributions()),
        "python": [sys.version, platform.machine()],
        "options": {name: repr(value) for name, value in sorted(options.items())},
    }
    return _digest(json.dumps(parts).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
