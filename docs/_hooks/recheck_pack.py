"""What the reader's browser downloads to check a formula: Pyodide, SymPy and what it needs, Z3, cnnsym and the derivations.

Pyodide comes from node_modules. The libraries are those that this build itself runs with; Z3 is a wheel for Pyodide's
platform, whose version and digest stand in recheck_requirements.txt. Everything is kept in .cache under the digest of what it was
made from, so that only a change costs time.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from katex_node import KatexUnavailable, node

PLATFORM = ("pyemscripten_2026_0_wasm32", "3.14")  # of Pyodide: it must be that of its pyodide-lock.json
LIBRARIES = ("sympy", "mpmath", "lark")
# Parts of SymPy that no decider imports; without them the download is smaller.
LEFT_OUT = ("tests", "benchmarks", "physics", "stats", "sandbox", "autolev", "testing", "galgebra", "__pycache__")
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
# Hosts differ in whether they compress it, so it is compressed already, and the browser unpacks it.
COMPRESSED = "pyodide.asm.wasm"
_BROWSER = Path(__file__).with_name("recheck_browser")
_REQUIREMENTS = Path(__file__).with_name("recheck_requirements.txt")


class RecheckUnavailable(Exception):
    """Something that the check in the browser needs is missing; the message says what to do."""


def packed(root: Path, derivations: Path) -> dict[str, Path]:
    """The files to serve, by name, made or taken from the cache."""
    cache = root / ".cache" / "recheck"
    cache.mkdir(parents=True, exist_ok=True)
    pyodide = root / "node_modules" / "pyodide"
    if not pyodide.is_dir():
        raise RecheckUnavailable("Pyodide is not installed: run `npm ci` in the project's root")
    release = json.loads((pyodide / "package.json").read_text("utf-8"))["version"]
    files = {name: pyodide / name for name in PYODIDE}
    files[LOCK] = _lock(pyodide / LOCK, cache / f"lock-{release}.json")
    files[f"{COMPRESSED}.packed"] = _compressed(pyodide / COMPRESSED, cache / f"wasm-{release}.packed")
    files["z3.zip"] = _z3(cache)
    libraries = list(_libraries())
    project = list(_project(root, derivations))
    wanted = []
    for name, sources, kept, stamp in (
        ("libraries.zip", libraries, "", [f"{library}-{version(library)}" for library in LIBRARIES]),
        ("project.zip", project, "project/", [_digest(path.read_bytes()) for path, _ in project]),
    ):
        made_by = [release, *(_digest((_BROWSER / tool).read_bytes()) for tool in ("compiled.py", "pack.mjs"))]
        key = _digest(json.dumps([made_by, stamp, sorted(place for _, place in sources)]).encode())[:16]
        files[name] = cache / f"{Path(name).stem}-{key}.zip"
        if not files[name].is_file():
            wanted.append((sources, files[name], kept))
    if wanted:
        _compile(root, wanted)
    return files


def size(files: dict[str, Path]) -> int:
    """How many bytes the reader's browser fetches."""
    return sum(path.stat().st_size for path in files.values())


def _libraries() -> Iterator[tuple[Path, str]]:
    for library in LIBRARIES:
        yield from _tree(Path(import_module(library).__file__ or "").parent, library)


def _project(root: Path, derivations: Path) -> Iterator[tuple[Path, str]]:
    yield from _tree(Path(import_module("cnnsym").__file__ or "").parent, "cnnsym")
    yield from _tree(derivations, f"project/{derivations.name}")
    yield _BROWSER / "start.py", "start.py"


def _tree(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    """The Python files and grammars of a package, and where they go."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix in (".py", ".lark", ".typed") and not any(part in LEFT_OUT for part in inside.parts):
            yield path, f"{name}/{inside.as_posix()}"


def _compressed(source: Path, target: Path) -> Path:
    if not target.is_file():
        _write(target, gzip.compress(source.read_bytes(), 9, mtime=0))
    return target


def _lock(source: Path, target: Path) -> Path:
    """The list of the packages that Pyodide may fetch elsewhere: none."""
    lock = json.loads(source.read_text("utf-8"))
    python, abi = lock["info"]["python"], lock["info"]["abi_version"]
    if (f"pyemscripten_{abi}_wasm32", python.rpartition(".")[0]) != PLATFORM:
        raise RecheckUnavailable(f"Pyodide is for {abi} and Python {python}, expected {PLATFORM}: choose another wheel of Z3")
    if not target.is_file():
        _write(target, json.dumps(lock | {"packages": {}}).encode())
    return target


def _z3(cache: Path) -> Path:
    """The wheel for Pyodide with one copy of its library, which it holds twice, and nothing but what is run."""
    target = cache / f"z3-{_digest(_REQUIREMENTS.read_bytes())[:16]}.zip"
    if target.is_file():
        return target
    platform, python = PLATFORM
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
                *("--only-binary", ":all:", "--platform", platform, "--python-version", python, "--require-hashes"),
                *("--requirement", str(_REQUIREMENTS), "--dest", folder),
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            last = done.stderr.strip()[-600:]
            raise RecheckUnavailable(f"pip cannot fetch what {_REQUIREMENTS.name} names for {platform}:\n{last}")
        (wheel,) = Path(folder).glob("*.whl")
        draft = Path(folder) / "z3.zip"
        with zipfile.ZipFile(wheel) as full, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as slim:
            for name in sorted(full.namelist()):
                if name.endswith((".py", "/libz3.so")):
                    info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                    info.compress_type = zipfile.ZIP_DEFLATED
                    slim.writestr(info, full.read(name))
        _write(target, draft.read_bytes())
    return target


def _compile(root: Path, wanted: Iterable[tuple[list[tuple[Path, str]], Path, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archives = []
        for k, (sources, target, kept) in enumerate(wanted):
            source = Path(folder) / f"{k}.zip"
            with zipfile.ZipFile(source, "w") as archive:
                for path, place in sources:
                    archive.write(path, place)
            draft = Path(folder) / f"{k}-done.zip"
            archives.append(({"source": str(source), "target": str(draft), "kept": kept}, target))
        request = {"script": str(_BROWSER / "compiled.py"), "archives": [archive for archive, _ in archives]}
        try:
            program = node()
        except KatexUnavailable as error:
            raise RecheckUnavailable(str(error)) from error
        done = subprocess.run(
            [program, str(_BROWSER / "pack.mjs")],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=root,
            timeout=600,
            check=False,
        )
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip()[-600:]
            raise RecheckUnavailable(f"pack.mjs failed:\n{last}")
        for archive, target in archives:
            _write(target, Path(archive["target"]).read_bytes())


def _write(target: Path, data: bytes) -> None:
    """In one step, so that a build at the same time never reads half a file."""
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
        draft.write(data)
    shutil.move(draft.name, target)
    target.chmod(0o644)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
